"""How fast pictures are: SVG from Python, and the chart in a browser, each beside an anchor of the same run."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from graph_service.alignment.cascade import Cascade, cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.render import cascade_json, cascade_svg
from graph_service.web.export import chart_html
from tests.benchmarks.company import AS_OF, check_ins, goals, links
from tests.benchmarks.table import say, seconds, undisturbed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MEASURE = """async () => {
  const old = document.querySelector('alignment-chart');
  const data = old.querySelector('script[type="application/json"]').textContent;
  old.remove();
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  await painted();
  const begun = performance.now();
  JSON.parse(data);
  const parsed = performance.now() - begun;
  const chart = document.createElement('alignment-chart');
  chart.setAttribute('view', 'cascade');
  const script = document.createElement('script');
  script.type = 'application/json';
  script.textContent = data;
  chart.append(script);
  const start = performance.now();
  const ready = new Promise((done) => chart.addEventListener('ready', done, { once: true }));
  document.querySelector('main').append(chart);
  await ready;
  await painted();
  return [performance.now() - start, parsed];
}"""

PAN = """async () => {
  const svg = document.querySelector('alignment-chart').shadowRoot.querySelector('svg.picture');
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 90; step++) {
    const by = step % 30 < 15 ? 40 : -40;
    svg.dispatchEvent(new WheelEvent('wheel', { deltaX: by, deltaY: by / 2, bubbles: true, cancelable: true }));
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""


def company(size: int) -> tuple[AlignmentGraph, Cascade]:
    graph = AlignmentGraph.build(nodes=list(goals(size)), links=list(links(size)), check_ins=list(check_ins(size)))
    found = cascade(graph, "goal-0", 99, size)
    assert found is not None
    return graph, found


def test_svg_of_a_thousand_goals() -> None:
    graph, found = company(1_000)
    with undisturbed():
        drawn = seconds(lambda: cascade_svg(found, graph, AS_OF))
        anchor = seconds(lambda: cascade_json(found, graph, AS_OF))
    say(
        "cascade of 1,000 goals as SVG",
        f"{drawn * 1000:.0f} ms",
        f"as a JSON value: {anchor * 1000:.0f} ms",
        "< 100 ms",
    )


@pytest.mark.parametrize(("size", "promised"), [(5_000, "< 120 ms"), (10_000, "< 150 ms")])
def test_first_view_in_a_browser(browser: Browser, tmp_path: Path, size: int, promised: str) -> None:
    graph, found = company(size)
    file = tmp_path / "chart.html"
    file.write_text(chart_html(found, graph, AS_OF), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector("svg.picture [data-id]", state="attached")
    taken = [page.evaluate(MEASURE) for _ in range(7)]
    first, parsed = median(one[0] for one in taken), median(one[1] for one in taken)
    say(f"{size:,} goals, first painted", f"{first:.0f} ms", f"JSON.parse of the data alone: {parsed:.0f} ms", promised)
    page.locator("alignment-chart").evaluate("(chart) => chart.setAttribute('expand-depth', '99')")
    page.wait_for_timeout(500)
    frames = page.evaluate(PAN)
    slow = sum(1 for frame in frames if frame > 25)
    say(
        f"{size:,} goals open, panning",
        f"{median(frames):.1f} ms",
        f"frames over 25 ms: {slow} of {len(frames)}",
        "17 ms",
    )
    page.close()
