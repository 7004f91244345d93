"""The chart in a real browser, on the pages of the sample company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from graph_service.alignment.cascade import cascade
from graph_service.api import schema_sdl
from graph_service.models.changes import CheckInKeyResult, CreateObjective, CreatePerson
from graph_service.models.words import LinkKind
from graph_service.workspace import Workspace
from tests.browser.conftest import Open, Service, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOP = "loved-by-crews"
CARD = "alignment-chart svg.picture [data-id='{}']"


def card(id: str) -> str:
    return CARD.format(id)


def told(page: Page, id: str) -> str:
    """All that a card says: its accessible name."""
    return page.locator(f"{card(id)} > title").text_content() or ""


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (f"/cascade/{TOP}", ["Become part of every crew's", "Stand beside every crew", "behind"]),
        ("/ladder/plan-in-a-blink", ["Redraw the day in a blink", "organization", "key result"]),
        ("/org", ["Inês Carvalho", "Chief executive", "Head of Product and Engineering"]),
        (f"/cascade/{TOP}?view=table", ["Become part of every crew's working day", "Tomasz Wiśniewski"]),
    ],
)
def test_each_view_shows_the_sample(sample: Service, open_page: Open, path: str, seen: list[str]) -> None:
    page = open_page(sample.address + path)
    place = "alignment-chart .sheet" if "table" in path else "alignment-chart svg.picture"
    text = page.locator(place).text_content() or ""
    for words in seen:
        assert words in text
    assert page.locator("alignment-chart .status").inner_text().split(" ", 1)[1].startswith(("goal", "owner"))


def test_the_first_view_can_be_read(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    transform = page.locator("svg.picture > g").get_attribute("transform") or ""
    scale = float(re.findall(r"scale\(([\d.]+)\)", transform)[0])
    assert 0.6 <= scale <= 1
    first = page.locator(card(TOP)).bounding_box()
    assert first is not None and first["width"] == pytest.approx(264 * scale, abs=12)


def test_the_tree_is_walked_by_the_keyboard(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")

    def here() -> str:
        return str(
            page.evaluate("document.querySelector('alignment-chart').shadowRoot.activeElement?.dataset.id ?? ''")
        )

    page.locator(card(TOP)).focus()
    assert page.locator("svg.picture [tabindex='0']").count() == 1
    page.keyboard.press("ArrowDown")
    first = here()
    assert first not in {"", TOP}
    page.keyboard.press("ArrowUp")
    assert here() == TOP
    page.keyboard.press("End")
    assert here() not in {"", TOP, first}
    page.keyboard.press("Home")
    assert here() == TOP
    page.keyboard.type("stand")
    assert here() == "crossing-comfort"
    assert page.locator(card("crossing-comfort")).get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowLeft")
    assert page.locator(card("crossing-comfort")).get_attribute("aria-expanded") == "false"
    assert here() == "crossing-comfort"
    page.keyboard.press("ArrowRight")
    assert page.locator(card("crossing-comfort")).get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowRight")
    assert page.locator(card(here())).get_attribute("aria-level") == "3"
    page.keyboard.press("ArrowLeft")
    assert here() == "crossing-comfort"
    page.keyboard.press("Enter")
    assert page.locator("alignment-chart .panel h2").inner_text() == "Stand beside every crew"
    page.keyboard.press("Escape")
    assert page.locator("alignment-chart .panel").count() == 0
    page.keyboard.press(" ")
    assert page.locator(card("crossing-comfort")).get_attribute("aria-expanded") == "false"
    name = told(page, "crossing-comfort")
    assert name.startswith("Stand beside every crew · ") and "behind" in name


def test_what_is_deeper_is_fetched_when_it_is_opened(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}?depth=1")
    page.evaluate(
        """() => { window.heard = []; document.querySelector('alignment-chart')
        .addEventListener('toggle', (event) => window.heard.push(event.detail)); }"""
    )
    assert page.locator(card("first-hour")).count() == 0
    page.locator(f"{card('crossing-comfort')} [data-act=toggle]").click()
    page.wait_for_function("() => window.heard.length === 1")
    assert page.evaluate("window.heard") == [{"id": "crossing-comfort", "open": True}]
    level = page.locator("svg.picture [aria-level='3']")
    assert level.count() >= 5


def test_a_search_opens_the_way_to_what_it_finds_and_nothing_else(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    page.locator("alignment-chart input[type=search]").fill("blink")
    page.wait_for_selector("alignment-chart .hits li:has-text('Redraw the day in a blink')")
    page.keyboard.press("Enter")
    page.wait_for_selector(card("plan-in-a-blink"))
    page.wait_for_selector("alignment-chart .panel h2:has-text('Redraw the day in a blink')")
    assert page.locator(card("crossing-comfort")).get_attribute("aria-expanded") == "false"
    assert page.locator(card("plan-in-a-blink")).get_attribute("aria-selected") == "true"
    assert page.url.endswith("?select=plan-in-a-blink")


def test_the_panel_tells_all_of_a_goal(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    page.locator(card("crossing-comfort")).click()
    panel = page.locator("alignment-chart .panel")
    panel.locator("h3", has_text="Where the progress comes from").wait_for()
    text = panel.inner_text()
    for words in ("Status", "behind", "Progress", "Expected", "How it serves the goals above", "Up", "Down"):
        assert words in text
    panel.get_by_role("button", name="Become part of every crew's working day").click()
    panel.locator("h2", has_text="Become part of every crew's working day").wait_for()
    panel.locator("h3", has_text="Down").wait_for()


def test_cards_and_the_panel_tell_of_findings(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    with sample.workspace.reading() as graph:
        found = sample.workspace.found(graph, sample.workspace.today())
        many = found.about("data-hygiene")
        assert found.about(TOP) == ()
    assert [one.severity.value for one in many] == ["ERROR", "WARNING"]
    noted = page.locator(card("data-hygiene"))
    noted.locator("title", has_text="2 findings").wait_for(state="attached")
    assert noted.locator("text.bad", has_text="2").count() == 1
    assert told(page, "data-hygiene").endswith(" · 2 findings, the gravest: error")
    assert "finding" not in (page.locator(card(TOP)).text_content() or "")
    noted.click()
    listed = page.locator("alignment-chart .panel .findings li")
    listed.nth(1).wait_for()
    assert listed.count() == 2
    for one, finding in zip(listed.all(), many, strict=True):
        text = one.inner_text()
        assert finding.message in text
        assert finding.severity.value.lower() in text


@pytest.mark.parametrize("path", [f"/cascade/{TOP}?view=table", "/ladder/refunds?view=table"])
def test_the_table_counts_findings(sample: Service, open_page: Open, path: str) -> None:
    page = open_page(sample.address + path)
    with sample.workspace.reading() as graph:
        found = sample.workspace.found(graph, sample.workspace.today())
        many = {goal.id: found.about(goal.id) for goal in graph.goals()}
    sheet = page.locator("alignment-chart .sheet")
    sheet.locator("tbody td:last-child .word").first.wait_for()
    for row in sheet.locator("tbody tr").all():
        about = many[row.locator("[data-row]").get_attribute("data-row") or ""]
        said = row.locator("td").last.inner_text().split()
        assert said == ([str(len(about)), about[0].severity.value.lower()] if about else [])
    sheet.locator("th", has_text="Findings").get_by_role("button").click()
    assert page.locator("alignment-chart th[aria-sort=descending]").inner_text().startswith("Findings")
    cells = [cell.split()[0] for cell in sheet.locator("tbody td:last-child").all_inner_texts() if cell.strip()]
    assert [int(cell) for cell in cells] == sorted(map(int, cells), reverse=True)


def test_an_owner_has_the_findings_about_their_goals(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/org")
    with sample.workspace.reading() as graph:
        many = sample.workspace.found(graph, sample.workspace.today()).by_owner["person:fatima"]
    tone = {"ERROR": "bad", "WARNING": "warn", "INFO": "quiet"}[many[0].severity.value]
    words = f"{len(many)} finding" if len(many) == 1 else f"{len(many)} findings"
    page.locator(card("person:fatima")).locator(f"text.{tone}", has_text=words).wait_for()
    page.locator(card("person:fatima")).click()
    page.locator("alignment-chart .panel .findings li").nth(len(many) - 1).wait_for()
    said = page.locator("alignment-chart .panel .findings").inner_text()
    assert [one.message for one in many if one.message not in said] == []


def test_filters_leave_what_matches_and_the_way_to_it(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("status").select_option("AT_RISK")
    page.wait_for_function("() => location.search === '?status=AT_RISK'")
    shown = page.locator("svg.picture .item:not(.dim)")
    assert shown.count() >= 2
    assert all("at risk" in (one or "") for one in shown.all_text_contents())
    assert "dim" in (page.locator(card(TOP)).get_attribute("class") or "")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("() => location.search === ''")
    assert page.locator("svg.picture .dim").count() == 0


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("status", "BEHIND", {"statuses": ["BEHIND"]}),
        ("level", "team", {"levels": ["team"]}),
        ("owner", "person:tugba", {"ownerId": "person:tugba"}),
        ("owner", "-", {"hasOwner": False}),
        ("period", "fy-q2", {"periodId": "fy-q2"}),
        ("period", "fy", {"periodId": "fy"}),  # and all that lies within the year
    ],
)
def test_each_filter_leaves_what_the_service_finds_by_it(
    sample: Service, open_page: Open, name: str, value: str, wanted: dict[str, object]
) -> None:
    """A key result is of its objective's level, and of its period where it has none."""
    page = open_page(f"{sample.address}/cascade/{TOP}?depth=9")
    with sample.workspace.reading() as graph:
        whole = cascade(graph, TOP, 9)
        assert whole is not None
        ids = [node.goal.id for node in whole.nodes]
    found = page.evaluate(
        """async ([filter]) => {
        const query = `query($filter: GoalFilter) { objectives(filter: $filter) { edges { node { id } } }
            keyResults(filter: $filter) { edges { node { id } } } }`;
        const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query, variables: { filter } }) });
        const { objectives, keyResults } = (await answer.json()).data;
        return [...objectives.edges, ...keyResults.edges].map((edge) => edge.node.id);
        }""",
        [wanted | {"ids": ids}],
    )
    assert 2 <= len(found) <= len(ids)
    page.get_by_role("button", name="Filter").click()
    place = ["status", "level", "owner", "period"].index(name)
    page.locator("alignment-chart .filters select").nth(place).select_option(value)
    page.locator("alignment-chart .status", has_text=f"{len(found)} of {len(ids)} goals match").wait_for()
    shown = {one.get_attribute("data-id") for one in page.locator("svg.picture .item:not(.dim)").all()}
    assert shown <= set(found)
    page.locator("alignment-chart .views button", has_text="Table").click()
    rows = page.locator("alignment-chart .sheet tbody tr")
    assert rows.count() == len(found)
    # the address leads to the same
    state = page.url.partition("?")[2]
    assert f"{name}={value.replace(':', '%3A')}" in state
    other = open_page(page.url)
    other.locator("alignment-chart .status", has_text=f"{len(found)} of {len(ids)} goals match").wait_for()
    assert other.locator("alignment-chart .sheet tbody tr").count() == len(found)


def test_the_chip_of_a_further_parent_leads_to_it(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}?depth=9&select=refunds")
    chip = page.locator(card("refunds")).locator("[data-act=up]")
    chip.wait_for()
    assert chip.text_content() == "+1 up"
    # the line to it is drawn while its card is selected
    page.wait_for_function(
        "() => document.querySelector('alignment-chart').shadowRoot.querySelector('.cross').getAttribute('d')"
    )
    with sample.workspace.reading() as graph:
        goal = graph.goal("refunds")
        assert goal is not None
        first, further = [edge.parent.id for edge in goal.up if edge.kind is LinkKind.PARENT]
    chip.click()
    page.wait_for_function(
        """(id) => document.querySelector('alignment-chart').shadowRoot
        .querySelector(`[data-id="${id}"]`)?.classList.contains('current')""",
        arg=further,
    )
    assert "current" not in (page.locator(card(first)).get_attribute("class") or "")


def test_lines_to_second_managers_are_dotted(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/org?select=person:zofia")
    page.wait_for_selector(card("person:zofia"), state="attached")
    page.get_by_role("button", name="Fit").click()
    drawn = page.locator("svg.picture .dotted").get_attribute("d") or ""
    assert re.fullmatch(r"M[\d.]+ [\d.]+C[-\d. ]+", drawn)  # to somebody else than her manager, whose line is straight
    assert page.locator(card("person:soren")).count() == 1


def test_many_who_report_to_nobody_stand_in_a_block(open_page: Open) -> None:
    workspace = Workspace.open("sqlite://")
    changes: list[object] = []
    for number in range(30):
        changes.append(CreatePerson(id=f"person-{number}", name=f"Captain {number}"))
        changes.append(CreateObjective(id=f"sail-{number}", title=f"Sail {number}", owner_id=f"person-{number}"))
    workspace.commit(changes)  # type: ignore[arg-type]
    with served(workspace) as address:
        page = open_page(f"{address}/org")
        page.get_by_role("button", name="Fit").click()
        places = page.locator("svg.picture .item").evaluate_all(
            "all => all.map((one) => one.getAttribute('transform'))"
        )
        assert len(places) == 30
        corners = [tuple(map(float, re.findall(r"[\d.]+", place))) for place in places]
        assert (len({x for x, _ in corners}), len({y for _, y in corners})) == (4, 8)
        page.context.close()


def test_orphans_alone_can_be_shown(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("orphans only").check()
    page.locator("alignment-chart .status", has_text="3 goals").wait_for()
    labels = page.locator("svg.picture [data-id] > title").all_text_contents()
    assert sorted(label.partition(" · ")[0] for label in labels) == [
        "Find voices worth listening to",
        "Make gates that shrug off salt spray",
        "Tell stories from the harbour wall",
    ]


def test_an_address_leads_others_to_the_same(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}?status=BEHIND&select=crossing-comfort")
    page.wait_for_selector("alignment-chart .panel h2:has-text('Stand beside every crew')")
    assert page.get_by_label("status").input_value() == "BEHIND"
    page.get_by_role("button", name="Its ladder").click()
    page.wait_for_function("() => location.pathname === '/ladder/crossing-comfort'")
    page.locator("h1", has_text="Stand beside every crew").wait_for()
    assert page.title().startswith("Ladder: Stand beside every crew")
    page.go_back()
    page.wait_for_selector("alignment-chart .panel h2:has-text('Stand beside every crew')")


def test_what_an_address_selects_is_in_view_whatever_it_filters(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    asks = "periods { id within { id } }"
    with page.expect_response(lambda response: asks in (response.request.post_data or "")) as response:
        page.evaluate("document.querySelector('alignment-chart').state = 'period=fy-q2&select=data-hygiene'")
    response.value.finished()
    # what it learns by that is drawn, and the card moved into view, within some frames
    page.evaluate("async () => { for (let n = 0; n < 9; n++) await new Promise(requestAnimationFrame); }")
    page.wait_for_function(
        """([selector]) => {
        const root = document.querySelector('alignment-chart').shadowRoot;
        const at = root.querySelector(selector)?.getBoundingClientRect();
        const stage = root.querySelector('.stage').getBoundingClientRect();
        return root.querySelector('.panel') && at && at.left >= stage.left && at.right <= stage.right;
        }""",
        arg=["[data-id='data-hygiene'] > g"],
    )
    assert page.locator("alignment-chart .filters select").nth(3).input_value() == "fy-q2"


def test_a_check_in_moves_the_bars_while_one_watches(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/crossing-comfort")
    key_result = "kr:set-up-alone"
    page.wait_for_selector(card("crossing-comfort"))
    before = told(page, "crossing-comfort")
    if "graphChanged" in schema_sdl():
        page.wait_for_selector("alignment-chart .status .live", state="attached")
    with sample.workspace.reading() as graph:
        goal = graph.goal(key_result)
        assert goal is not None
        value = getattr(goal.fact, "baseline", 0.0)
    sample.workspace.commit([CheckInKeyResult(key_result_id=key_result, value=value)])
    page.wait_for_function(
        """([path, before]) => document.querySelector('alignment-chart').shadowRoot
        .querySelector(`[data-id="${path}"]`)?.querySelector('title').textContent !== before""",
        arg=["crossing-comfort", before],
    )


def test_the_table_is_sorted_by_its_heads(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}?view=table")
    page.locator("alignment-chart .sheet th", has_text="Progress").get_by_role("button").click()
    assert page.locator("alignment-chart th[aria-sort=descending]").inner_text().startswith("Progress")
    cells = page.locator("alignment-chart .sheet tbody tr td:nth-child(4)").all_inner_texts()
    numbers = [int(cell.strip("<> %")) for cell in cells if cell != "–"]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) > 20
    assert cells[len(numbers) :] == ["–"] * (len(cells) - len(numbers))


def test_without_script_the_page_says_the_same(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}", script=False)
    assert page.locator("svg.gs").is_visible()
    assert page.locator("table tbody tr").count() == 34
    assert page.locator("table").is_visible()


def test_on_paper_stands_the_plain_picture(sample: Service, open_page: Open) -> None:
    page = open_page(f"{sample.address}/cascade/{TOP}")
    assert not page.locator("svg.gs").is_visible()
    page.emulate_media(media="print")
    assert page.locator("svg.gs").is_visible()
    assert not page.locator("alignment-chart .toolbar").is_visible()
