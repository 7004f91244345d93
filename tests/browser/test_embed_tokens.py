"""Charts of a service that asks for access tokens, in pages of another site: in a frame, and as an element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from graph_service.access import access as access_module
from graph_service.access import new_token
from graph_service.models.changes import CheckInKeyResult
from graph_service.models.words import Scope
from graph_service.sample import load_sample
from graph_service.workspace import Workspace
from tests.browser.conftest import WIKI, Open, Service, Watched, served

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

ROOT = "crossing-comfort"
FRAMING = """<!doctype html><title>Our wiki</title><link rel="icon" href="data:,">
<iframe src="{src}" title="Goals" width="900" height="600"></iframe>
<script>
window.heard = [];
addEventListener("message", (event) => window.heard.push(event.data));
</script>"""
ELEMENT = """<!doctype html><title>Our wiki</title><link rel="icon" href="data:,">
<script type="module" src="{address}/embed.js"></script>
<alignment-chart endpoint="{address}/graphql" view="{view}" root="{root}" token="{token}"></alignment-chart>"""


@dataclass
class Closed(Service):
    """A service with tokens, and what makes one."""

    def token(self, view: str, root: str | None) -> str:
        """The text of a new embed token."""
        token, text = new_token("wiki", Scope.READ, datetime.now(UTC), root=root, view=view)
        self.workspace.store.put_token(token)
        return text


@pytest.fixture(scope="module")
def closed() -> Iterator[Closed]:
    workspace = Workspace.open("sqlite://")
    load_sample(workspace, workspace.today())
    with pytest.MonkeyPatch.context() as patch, served(workspace, embed_origins=WIKI, cors_origins=WIKI) as address:
        patch.setattr(access_module, "AGE", 0.0)  # a token that was just made is known with the next request
        service = Closed(workspace, address)
        service.token("org", None)  # the first one closes the door
        yield service


Show = Callable[[str], "Page"]


@pytest.fixture
def asked() -> list[str]:
    """The addresses that pages of the wiki asked for, as they are sent: without what stands behind a #."""
    return []


@pytest.fixture
def show(open_page: Open, asked: list[str]) -> Show:
    """Opens a page of the wiki."""

    def show(html: str) -> Page:
        page = open_page("about:blank", chart=False)
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.route(f"{WIKI}/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{WIKI}/")
        return page

    return show


def framed(show: Show, src: str) -> tuple[Page, FrameLocator]:
    page = show(FRAMING.format(src=src))
    return page, page.frame_locator("iframe")


def cards(frame: FrameLocator) -> set[str]:
    """The ids of the cards that are drawn."""
    frame.locator("svg.picture [data-id]").first.wait_for(state="attached")
    return {one.get_attribute("data-id") or "" for one in frame.locator("svg.picture [data-id]").all()}


def test_a_frame_shows_its_picture_by_the_token_behind_its_address(
    closed: Closed, show: Show, asked: list[str]
) -> None:
    token = closed.token("cascade", ROOT)
    page, frame = framed(show, f"{closed.address}/embed/cascade/{ROOT}#token={token}")
    assert ROOT in cards(frame)
    assert "loved-by-crews" not in cards(frame)
    assert frame.locator(".views button").all_inner_texts() == ["Cascade", "Table"]
    frame.get_by_role("button", name="Filter").click()
    assert frame.get_by_label("orphans only").count() == 0
    # the panel: what hangs above is not there
    frame.locator(f"svg.picture [data-id='{ROOT}']").click()
    panel = frame.locator(".panel")
    panel.locator("h3", has_text="Where the progress comes from").wait_for()
    assert panel.locator("h3", has_text="Down").count() == 1
    assert panel.locator("h3", has_text="Up").count() == 0
    assert panel.get_by_role("button", name="Its cascade").count() == 1
    assert panel.get_by_role("button", name="Its ladder").count() == 0
    page.wait_for_function("() => window.heard.some((data) => data.type === 'select')")
    assert not [data for data in page.evaluate("window.heard") if data["type"] == "error"]
    assert f"{closed.address}/embed/cascade/{ROOT}" in asked
    assert f"{closed.address}/graphql" in asked
    assert not [url for url in asked if token in url]
    assert page.context.cookies() == []


def test_a_search_in_a_frame_finds_what_lies_under_its_root(closed: Closed, show: Show) -> None:
    token = closed.token("cascade", ROOT)
    _, frame = framed(show, f"{closed.address}/embed/cascade/{ROOT}#token={token}")
    cards(frame)
    frame.locator("input[type=search]").fill("set up")
    frame.locator(".hits li").first.wait_for()
    frame.locator("input[type=search]").fill("blink")  # of another branch
    frame.locator(".hits .none").wait_for()


def test_a_frame_is_live(closed: Closed, show: Show) -> None:
    token = closed.token("cascade", ROOT)
    _, frame = framed(show, f"{closed.address}/embed/cascade/{ROOT}#token={token}")
    cards(frame)
    frame.locator(".status .live").wait_for()
    title = frame.locator(f"svg.picture [data-id='{ROOT}'] > title")
    before = title.text_content() or ""
    with closed.workspace.reading() as graph:
        goal = graph.goal("kr:set-up-alone")
        assert goal is not None
        value = getattr(goal.fact, "baseline", 0.0)
    closed.workspace.commit([CheckInKeyResult(key_result_id="kr:set-up-alone", value=value)])
    frame.locator(f"svg.picture [data-id='{ROOT}'] > title", has_not_text=before).wait_for(state="attached")


@pytest.mark.parametrize(
    ("view", "root", "path"),
    [("org", None, "/embed/org"), ("ladder", "plan-in-a-blink", "/embed/ladder/plan-in-a-blink")],
)
def test_each_view_has_its_frame(closed: Closed, show: Show, view: str, root: str | None, path: str) -> None:
    token = closed.token(view, root)
    _, frame = framed(show, f"{closed.address}{path}#token={token}")
    assert len(cards(frame)) > 4
    name = {"org": "Organization", "ladder": "Ladder"}[view]
    assert frame.locator(".views button").all_inner_texts() == [name, "Table"]
    frame.get_by_role("button", name="Table").click()
    assert frame.locator(".sheet tbody tr").count() > 4


def test_a_token_of_another_picture_shows_nothing(closed: Closed, show: Show) -> None:
    for token, message in {
        closed.token("cascade", "loved-by-crews"): "Query.ladder is no part of what this token shows",
        closed.token("ladder", "plan-in-a-blink"): f"No goal has the id {ROOT}.",
    }.items():
        page, frame = framed(show, f"{closed.address}/embed/ladder/{ROOT}#token={token}")
        frame.locator("[role=alert]", has_text=message).wait_for()
        page.wait_for_function("() => window.heard.some((data) => data.type === 'error')")


def test_a_frame_without_a_token_says_what_it_needs(closed: Closed, show: Show) -> None:
    page, frame = framed(show, f"{closed.address}/embed/cascade/{ROOT}")
    frame.locator("#said").wait_for()
    assert "graph-service token create --embed" in frame.locator("#said").inner_text()
    assert frame.locator("alignment-chart").count() == 0
    page.wait_for_function("() => window.heard.some((data) => data.type === 'error')")


def test_a_withdrawn_token_shows_nothing(closed: Closed, show: Show, watched: Watched) -> None:
    watched.expected.append("401 (Unauthorized)")
    nobody = "agse_aaaaaaaaaa_" + "0" * 64
    _, frame = framed(show, f"{closed.address}/embed/cascade/{ROOT}#token={nobody}")
    frame.locator("[role=alert]", has_text="This needs a valid access token").wait_for()


def test_an_element_in_the_page_of_a_named_site(closed: Closed, show: Show) -> None:
    html = ELEMENT.format(address=closed.address, view="cascade", root=ROOT, token=closed.token("cascade", ROOT))
    page = show(html)
    page.wait_for_selector(f"alignment-chart svg.picture [data-id='{ROOT}']", state="attached")
    page.locator("alignment-chart .status .live").wait_for()
    page.get_by_role("button", name="Share").click()
    said = page.locator("alignment-chart .panel textarea")
    texts = [one.input_value() for one in said.all()]
    assert len(texts) == 3
    assert f'root="{ROOT}" view="cascade" token="EMBED_TOKEN"></alignment-chart>' in texts[0]
    assert f'src="{closed.address}/embed/cascade/{ROOT}#token=EMBED_TOKEN"' in texts[1]
    assert texts[2] == f"graph-service token create --embed --view cascade --root '{ROOT}' --name wiki"
    assert not [text for text in texts if "agse_" in text]


def test_a_page_that_is_no_part_of_it_says_so(closed: Closed, open_page: Open, watched: Watched) -> None:
    watched.expected += ["401 (Unauthorized)", "403 (Forbidden)"]
    token = closed.token("cascade", ROOT)
    page = open_page(f"{closed.address}/goals", chart=False)
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Go on").click()
    page.locator("#said", has_text="This token shows one cascade alone, and this is no part of it.").wait_for()
    # its own page is shown, and the chart asks as whoever opened it
    page.goto(f"{closed.address}/cascade/{ROOT}")
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector(f"svg.picture [data-id='{ROOT}']", state="attached")
    page.locator("alignment-chart .status .live").wait_for()
    assert page.locator("alignment-chart .views button").all_inner_texts() == ["Cascade", "Table"]
