"""Ladders, cascades and charts as SVG: what they say, where the cards stand, and that nothing breaks out of them."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.cascade import cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.org import org_chart
from graph_service.models.words import Status
from graph_service.render import cascade_svg, ladder_svg, org_svg
from graph_service.render.letters import clean
from graph_service.render.svg.cards import HEIGHT, WIDTH
from graph_service.render.svg.ink import MORE, cut, lines, room
from graph_service.render.svg.sheet import DARK, LIGHT, STYLE
from graph_service.render.svg.tidy import Grid, tidy
from tests.alignment.random_company import stir
from tests.build import AS_OF, Blind, aligned, grow, key_result, objective, person, quarter, team
from tests.render.hostile import CONTROLS, HOSTILE

MARK = " · the mark on a bar: where it should be by then"
SVG = "{http://www.w3.org/2000/svg}"


def company() -> AlignmentGraph:
    return grow(
        quarter(),
        team("apps"),
        person("ines", None, "apps", name="Inês Carvalho"),
        person("luis", "ines", name="Luís Ferreira"),
        person("rosa", "luis", dotted="ines"),
        objective("grow-revenue", top=True, owner="ines", period="2026-Q1", title='Grow "real" revenue & more'),
        key_result("more-lines", "grow-revenue", 10, owner="luis"),
        objective("calm-apps", ("more-lines", 2.0), "grow-revenue", period="2026-Q1"),
        key_result("daily-use", "calm-apps", 90),
        aligned("daily-use", "grow-revenue"),
    )


def drawn(graph: AlignmentGraph, goal: str = "daily-use", root: str = "grow-revenue", depth: int = 9) -> dict[str, str]:
    up, down, chart = ladder(graph, goal), cascade(graph, root, depth), org_chart(graph, None, depth)
    assert up is not None and down is not None and chart is not None
    return {
        "ladder": ladder_svg(up, graph, AS_OF),
        "cascade": cascade_svg(down, graph, AS_OF),
        "org": org_svg(chart, graph, AS_OF),
    }


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # what we wrote ourselves


def said(text: str) -> list[str]:
    """Every line of letters of a picture, in order."""
    return [element.text or "" for element in parsed(text).iter(f"{SVG}text")]


def test_a_cascade_shows_each_goal_as_a_card() -> None:
    text = drawn(company())["cascade"]
    assert said(text) == [
        'Cascade: Grow "real" revenue & more',
        f"4 goals · as of 2026-02-15{MARK}",
        'Grow "real" revenue & more',
        "1 KR",
        "IC",
        "Inês Carvalho",
        "50 %",
        "on track",
        "More lines",
        "LF",
        "Luís Ferreira",
        "10 %",
        "at risk",
        "Calm apps",
        "1 KR",
        "+1 up",
        "no owner",
        "90 %",
        "on track",
        "Daily use",
        "no owner",
        "90 %",
        "on track",
    ]
    told = [element.text for element in parsed(text).iter(f"{SVG}title")]
    assert told == [
        'Cascade: Grow "real" revenue & more',
        'Grow "real" revenue & more · 50 %, on track · expected 50 % · Inês Carvalho',
        "More lines · 10 %, at risk · expected 50 % · Luís Ferreira",
        "Calm apps · 90 %, on track · expected 50 % · no owner",
        "Daily use · 90 %, on track · expected 50 % · no owner",
    ]


def test_a_bar_has_the_mark_of_what_is_expected() -> None:
    graph = grow(quarter(), objective("grow", top=True, period="2026-Q1"), key_result("lines", "grow", 20))
    text = drawn(graph, "lines", "grow")["cascade"]
    bars = re.findall(r'<rect class="(rest|good|bad|mark)" x="(\S+)" y="\S+" width="(\S+)" height="(?:6|12)"', text)
    assert bars == 2 * [("rest", "14", "96"), ("bad", "14", "19.2"), ("mark", "61", "2")]


def test_what_is_hidden_is_counted() -> None:
    text = drawn(company(), depth=0)["cascade"]
    assert f"1 goal · 3 more not shown · as of 2026-02-15{MARK}" in said(text)
    assert "3 below" in said(text) and "1 KR" not in said(text)


def test_a_ladder_has_a_rung_a_goal_with_its_key_results() -> None:
    words = said(drawn(company())["ladder"])
    assert words[:2] == ["Ladder: Daily use", f"4 rungs · as of 2026-02-15{MARK}"]
    assert "parent · weight 2 · not counted: the key result has a measure of its own" in words
    assert "key result · carries 100 %" in words
    assert words.count("More lines") == 2  # a rung, and in the list of the rung above


def test_other_goals_above_stand_over_what_leads_to_them() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lakes", top=True),
        objective("calm-apps", "grow-revenue", "win-lakes"),
        key_result("daily-use", "calm-apps", 90),
        aligned("grow-revenue", "win-lakes"),
    )
    text = drawn(graph)["ladder"]
    assert f"3 rungs · 1 more goal above by other links · as of 2026-02-15{MARK}" in said(text)
    places = dict(
        re.findall(r'translate\(\S+ (\S+)\)"><title>([\w ]+) ·[^<]*</title><rect class="card" width="264"', text)
    )
    heights = {title: float(y) for y, title in places.items()}
    assert heights["Win lakes"] < heights["Grow revenue"] < heights["Calm apps"] < heights["Daily use"]


def test_informational_rings_above_end() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lakes", top=True),
        key_result("daily-use", "grow-revenue", 90),
        aligned("grow-revenue", "win-lakes"),
        aligned("win-lakes", "grow-revenue"),
    )
    assert f"2 rungs · 1 more goal above by other links · as of 2026-02-15{MARK}" in said(
        drawn(graph, "daily-use")["ladder"]
    )


def test_an_organization_chart_names_people_goals_and_further_managers() -> None:
    text = drawn(company())["org"]
    assert said(text) == [
        "Organization",
        f"3 owners · as of 2026-02-15{MARK}",
        "IC",
        "Inês Carvalho",
        "50 %",
        'Grow "real" revenue & m…',
        "LF",
        "Luís Ferreira",
        "10 %",
        "More lines",
        "R",
        "Rosa",
        "no goals of their own",
    ]
    assert text.count('<path class="dots"') == 1
    assert "also reports to Inês Carvalho" in text


def test_an_empty_organization_says_so() -> None:
    chart = org_chart(AlignmentGraph())
    assert chart is not None
    text = org_svg(chart, AlignmentGraph(), AS_OF)
    assert said(text) == ["Organization", "nobody reports to anybody, and there are no teams · as of 2026-02-15"]


def test_status_is_a_word_and_a_sign_beside_each_colour() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("past", "grow-revenue", given=0.5, start=date(2025, 1, 1), due=date(2025, 4, 1)),
        objective("unknown", "grow-revenue"),
    )
    found = cascade(graph, "grow-revenue")
    assert found is not None
    assert {graph.status(node.goal, AS_OF) for node in found.nodes} == {Status.OVERDUE, Status.NO_DATA, Status.NO_DATES}
    text = cascade_svg(found, graph, AS_OF)
    assert {"overdue", "no data", "no dates"} <= set(said(text))
    assert text.count('<path class="sign ') == 3


def test_an_owner_that_the_viewer_does_not_see_is_not_named() -> None:
    graph, viewer = company(), Blind("ines")
    up, down = ladder(graph, "daily-use", viewer), cascade(graph, "grow-revenue", viewer=viewer)
    assert up is not None and down is not None
    for text in (ladder_svg(up, graph, AS_OF, viewer), cascade_svg(down, graph, AS_OF, viewer)):
        assert "Inês" not in text and "Luís" in text


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_both_themes_can_be_read(theme: dict[str, str]) -> None:
    for paper in ("paper", "card"):
        for ink in ("ink", "quiet", "good", "warn", "bad", "calm"):
            assert contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper)
        assert contrast(theme["line"], theme[paper]) >= 3, paper
    assert contrast(theme["ink"], theme["rest"]) >= 4.5  # initials in their circle, the mark on its bar
    assert "prefers-color-scheme:dark" in STYLE


# ---------- whatever a title holds ----------


def hostile(title: str) -> AlignmentGraph:
    return grow(
        person("luis", None, name=title),
        person("rosa", "luis", name=title),
        objective("grow-revenue", top=True, title=title, owner="luis"),
        key_result("more-lines", "grow-revenue", 40, title=title),
        objective("calm-apps", "more-lines", "grow-revenue", title=title),
        aligned("calm-apps", "grow-revenue"),
    )


def shape(root: ET.Element) -> list[tuple[str, tuple[str, ...]]]:
    return [(element.tag.removeprefix(SVG), tuple(sorted(element.attrib))) for element in root.iter()]


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS, "﷽ " * 30, "\ufffe\uffff and \U0001ffff"])
def test_no_title_breaks_out_of_a_picture(title: str) -> None:
    allowed = {"svg", "title", "desc", "style", "rect", "g", "path", "circle", "text"}
    for name, text in drawn(hostile(title), "calm-apps").items():
        root = parsed(text)
        found = shape(root)
        assert {tag for tag, _ in found} <= allowed, name
        assert not [names for _, names in found if any(each.startswith(("on", "href", "{")) for each in names)]
        whole = clean(title).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
        titles = [element.text or "" for element in root.iter(f"{SVG}title")]
        assert all(whole in told or name == "org" for told in titles), name
        assert any(whole in told for told in titles)


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS])
def test_no_line_is_longer_than_its_card(title: str) -> None:
    shown = clean(title)
    for line in lines(shown, 220, 13, 2, True):
        assert room(line, 13, True) <= 220
        assert line == line.strip()
    assert room(cut(shown, 50, 11), 11) <= 50


@given(st.text(max_size=60), st.floats(20, 300))
def test_what_is_cut_is_the_beginning(text: str, width: float) -> None:
    found = cut(clean(text), width, 11)
    assert room(found, 11) <= width
    if found != clean(text):
        assert found.endswith(MORE)
        assert clean(text).startswith(found.removesuffix(MORE))


# ---------- where the cards stand ----------


@given(st.lists(st.none() | st.integers(0, 10**6), max_size=80))
def test_cards_never_overlap_and_parents_stand_over_their_children(choices: list[int | None]) -> None:
    children: list[list[int]] = [[] for _ in range(len(choices) + 1)]
    for number, choice in enumerate(choices, 1):
        if choice is not None:  # else it is a top
            children[choice % number].append(number)
    grid = Grid(WIDTH, HEIGHT)
    tree = tidy(children, grid)
    cards = list(zip(tree.x, tree.y, strict=True))
    for number, (x, y) in enumerate(cards):
        assert 0 <= x <= tree.width - WIDTH + 1e-6 and 0 <= y <= tree.height - HEIGHT
        for other_x, other_y in cards[number + 1 :]:
            assert abs(x - other_x) >= WIDTH - 1e-6 or abs(y - other_y) >= HEIGHT - 1e-6
        for child in children[number]:
            assert tree.y[child] > y


def test_a_very_deep_and_a_very_wide_tree_are_laid_out() -> None:
    deep = tidy([[number + 1] for number in range(2999)] + [[]], Grid(WIDTH, HEIGHT))
    assert deep.height == 2999 * (HEIGHT + 42) + HEIGHT
    wide = tidy([list(range(1, 1001))] + [[] for _ in range(1000)], Grid(WIDTH, HEIGHT))
    assert 0.5 < wide.width / wide.height < 2.5


def test_many_that_hang_together_with_nothing_stand_in_a_block() -> None:
    few = tidy([[]] * 6, Grid(100, 50))
    assert (few.y, few.width, few.height) == ([0.0] * 6, 6 * 100 + 5 * 28, 50)
    crowd = tidy([[]] * 400, Grid(WIDTH, HEIGHT))
    assert 0.5 < crowd.width / crowd.height < 2.5
    assert crowd.blocks == ()  # no line leads to them
    beside = tidy([[], [9], *[[]] * 8], Grid(100, 50))
    # the branch first, then the eight in two columns
    assert (beside.x[1], beside.y[1], beside.y[9]) == (8.0, 0.0, 92.0)
    assert [beside.y[place] for place in (0, 2, 3, 4, 5)] == [0.0, 64.0, 128.0, 192.0, 0.0]
    assert beside.x[0] == beside.x[2] > beside.x[1] + 100
    assert beside.x[5] == beside.x[0] + 116 + 14 - 8


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_same_answer_gives_the_same_bytes(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=6, key_results=6, more=30)
    for goal in sorted(graph.goals(), key=lambda goal: goal.id)[:5]:
        found = drawn(graph, goal.id, goal.id)
        assert found == drawn(graph, goal.id, goal.id)
        answer = cascade(graph, goal.id, 9)
        assert answer is not None
        assert found["cascade"].count('<rect class="card"') == len(answer.nodes)
