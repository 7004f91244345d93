"""The chart outside of the service's own pages: in frames of other sites, and in a file on a disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph_service.alignment.cascade import cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.org import org_chart
from graph_service.web.export import chart_html
from tests.benchmarks.company import AS_OF, check_ins, goals, links
from tests.browser.conftest import WIKI, Open, Service, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Page

FRAMING = """<!doctype html><title>Our wiki</title><iframe src="{src}" title="Goals" width="900" height="600"></iframe>
<script>
window.heard = [];
addEventListener("message", (event) => window.heard.push([event.origin, event.data]));
</script>"""


def framed(open_page: Open, origin: str, src: str) -> Page:
    """A page of another site with a chart in a frame."""
    page = open_page("about:blank", chart=False)
    page.route(f"{origin}/", lambda route: route.fulfill(body=FRAMING.format(src=src), content_type="text/html"))
    page.goto(f"{origin}/")
    return page


def test_a_named_site_may_frame_a_chart_and_speak_with_it(sample: Service, open_page: Open) -> None:
    page = framed(open_page, WIKI, f"{sample.address}/embed/cascade/loved-by-crews")
    frame = page.frame_locator("iframe")
    frame.locator("svg.picture [data-id='crossing-comfort']").click()
    frame.locator(".panel h2", has_text="Stand beside every crew").wait_for()
    page.wait_for_function("() => window.heard.some(([, data]) => data.type === 'select')")
    heard = page.evaluate("window.heard")
    assert {origin for origin, _ in heard} == {sample.address}
    said = {data["type"]: data for _, data in heard}
    assert said["select"] == {"source": "alignment-chart", "type": "select", "id": "crossing-comfort"}
    assert said["ready"]["count"] == 34
    assert said["size"]["height"] > 100
    page.evaluate("frames[0].postMessage({ target: 'alignment-chart', type: 'select', id: 'loved-by-crews' }, '*')")
    frame.locator(".panel h2", has_text="Become part of every crew's working day").wait_for()
    page.evaluate("frames[0].postMessage({ target: 'alignment-chart', type: 'theme', theme: 'dark' }, '*')")
    frame.locator("alignment-chart[theme=dark]").wait_for()
    for odd in ("null", "'select'", "{ type: 'select', id: 'refunds' }", "{ target: 'alignment-chart', type: 'go' }"):
        page.evaluate(f"frames[0].postMessage({odd}, '*')")
    page.evaluate("frames[0].postMessage({ target: 'alignment-chart', type: 'theme', theme: 'light' }, '*')")
    frame.locator("alignment-chart[theme=light]").wait_for()
    assert frame.locator(".panel h2").inner_text() == "Become part of every crew's working day"
    assert page.context.cookies() == []


def test_any_other_site_is_shown_nothing(sample: Service, open_page: Open, watched: Watched) -> None:
    watched.expected += ["frame-ancestors", "Refused to frame", "Framing"]
    page = framed(open_page, "http://other.test", f"{sample.address}/embed/cascade/loved-by-crews")
    with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
        page.reload()
    assert page.frames[1].url in {"chrome-error://chromewebdata/", ""}
    assert page.evaluate("window.heard") == []


def test_a_page_of_the_service_is_in_no_frame_even_of_a_named_site(
    sample: Service, open_page: Open, watched: Watched
) -> None:
    watched.expected += ["frame-ancestors", "Refused to frame", "Framing"]
    page = framed(open_page, WIKI, f"{sample.address}/cascade/loved-by-crews")
    with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
        page.reload()
    assert page.frames[1].url in {"chrome-error://chromewebdata/", ""}


def company(size: int) -> AlignmentGraph:
    return AlignmentGraph.build(nodes=list(goals(size)), links=list(links(size)), check_ins=list(check_ins(size)))


@pytest.mark.parametrize("size", [5_000, 10_000])
def test_thousands_of_goals_in_a_file_from_a_disk(size: int, tmp_path: Path, open_page: Open, watched: Watched) -> None:
    graph = company(size)
    found = cascade(graph, "goal-0", 99, size)
    assert found is not None and len(found.nodes) == size
    file = tmp_path / "cascade.html"
    file.write_text(chart_html(found, graph, AS_OF), encoding="utf-8")
    page = open_page(file.as_uri())
    assert page.locator("alignment-chart .status").inner_text().startswith(f"{size} goals")
    drawn = page.locator("svg.picture [data-id]").count()
    assert 5 < drawn < 300
    page.locator("alignment-chart input[type=search]").fill(f"Measure {size - 1}")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"svg.picture [data-id='goal-{size - 1}']")
    assert page.locator("svg.picture [data-id]").count() < 300
    assert watched.hosts == {""}


def test_every_view_stands_in_a_file(sample: Service, tmp_path: Path, open_page: Open, watched: Watched) -> None:
    with sample.workspace.reading() as graph:
        today = sample.workspace.today()
        up, down, chart = ladder(graph, "plan-in-a-blink"), cascade(graph, "loved-by-crews"), org_chart(graph)
        assert up is not None and down is not None and chart is not None
        texts = {
            "ladder": chart_html(up, graph, today),
            "cascade": chart_html(down, graph, today),
            "org": chart_html(chart, graph, today),
        }
    for view, text in texts.items():
        file = tmp_path / f"{view}.html"
        file.write_text(text, encoding="utf-8")
        page = open_page(file.as_uri())
        pressed = page.locator("alignment-chart .views [aria-pressed=true]").inner_text()
        assert pressed == {"ladder": "Ladder", "cascade": "Cascade", "org": "Organization"}[view]
        page.locator("alignment-chart .views button", has_text="Table").click()
        assert page.locator("alignment-chart .sheet tbody tr").count() > 5
        assert page.locator("alignment-chart button", has_text="Share").count() == 0
    assert watched.hosts == {""}


def test_the_attributes_say_what_is_shown_at_first(sample: Service, tmp_path: Path, open_page: Open) -> None:
    with sample.workspace.reading() as graph:
        found = cascade(graph, "loved-by-crews", 9)
        assert found is not None
        text = chart_html(found, graph, sample.workspace.today())
    given = '<alignment-chart view="cascade"'
    assert text.count(given) == 1
    file = tmp_path / "cascade.html"
    file.write_text(text.replace(given, f'{given} period="fy" expand-depth="1" theme="dark"'), encoding="utf-8")
    page = open_page(file.as_uri())
    assert page.locator("svg.picture [aria-level]").evaluate_all(
        "all => [...new Set(all.map((one) => one.getAttribute('aria-level')))]"
    ) == ["1", "2"]
    assert "6 of 64 goals match" in page.locator("alignment-chart .status").inner_text()
    ground = page.locator("alignment-chart").evaluate("(chart) => getComputedStyle(chart).backgroundColor")
    assert ground == "rgb(20, 25, 27)"


def test_an_element_says_what_is_wrong_with_its_data(tmp_path: Path, open_page: Open) -> None:
    bundle = (Path(__file__).parents[2] / "graph_service/web/static/embed.js").read_text(encoding="utf-8")
    for data, message in {
        "{broken": "The data of the chart cannot be read:",
        json.dumps({"pie": 1}): "the data is no cascade, ladder or organization chart",
        "": "There is nothing to draw: give the element an endpoint, or data as JSON.",
    }.items():
        file = tmp_path / "page.html"
        file.write_text(
            f'<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><alignment-chart>'
            f'<script type="application/json">{data}</script></alignment-chart><script type="module">{bundle}</script>',
            encoding="utf-8",
        )
        page = open_page(file.as_uri(), chart=False)
        page.locator("alignment-chart [role=alert]", has_text=message).wait_for()
