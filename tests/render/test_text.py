"""Ladders, cascades and charts for a terminal: exact pages, at every width, whatever a title holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.cascade import cascade
from graph_service.alignment.explain import explain
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.leverage import leverage
from graph_service.alignment.org import org_chart
from graph_service.alignment.orphans import orphans
from graph_service.models.nodes import KeyResult, Objective
from graph_service.models.words import Driver, GoalState, Measure
from graph_service.render import cascade_text, explain_text, ladder_text, leverage_text, org_text, orphans_text
from graph_service.render.letters import room
from tests.alignment.random_company import stir
from tests.build import (
    AS_OF,
    Blind,
    Piece,
    aligned,
    check_in,
    dangling,
    grow,
    key_result,
    objective,
    person,
    quarter,
    reported,
    team,
)
from tests.render.hostile import CONTROLS, HOSTILE

Page = Callable[[AlignmentGraph, int, bool], str]


def ladder_page(graph: AlignmentGraph, id: str, width: int = 80, ascii_only: bool = False) -> str:
    found = ladder(graph, id)
    assert found is not None
    return ladder_text(found, graph, AS_OF, width, ascii_only)


def cascade_page(graph: AlignmentGraph, id: str, width: int = 80, ascii_only: bool = False, depth: int = 9) -> str:
    found = cascade(graph, id, depth)
    assert found is not None
    return cascade_text(found, graph, AS_OF, width, ascii_only)


def org_page(graph: AlignmentGraph, width: int = 80, ascii_only: bool = False, depth: int = 9) -> str:
    found = org_chart(graph, None, depth)
    assert found is not None
    return org_text(found, graph, AS_OF, width, ascii_only)


def explain_page(graph: AlignmentGraph, id: str, width: int = 80, ascii_only: bool = False) -> str:
    found = explain(graph, id)
    assert found is not None
    return explain_text(found, graph, AS_OF, width, ascii_only)


def leverage_page(graph: AlignmentGraph, id: str, width: int = 80, ascii_only: bool = False) -> str:
    found = leverage(graph, id)
    assert found is not None
    return leverage_text(found, graph, AS_OF, width, ascii_only)


def company() -> AlignmentGraph:
    return grow(
        quarter(),
        team("apps"),
        person("ines", None, name="Inês Carvalho"),
        person("yuki", "ines", name="佐藤 由紀"),
        person("luis", "yuki", dotted="ines", name="Luís Ferreira"),
        objective(
            "first-choice",
            top=True,
            level="organization",
            owner="ines",
            title="Be the first choice of small ferry lines",
            period="2026-Q1",
        ),
        key_result("more-lines", "first-choice", 45, owner="ines", title="Forty lines sail with us"),
        key_result("less-churn", "first-choice", 10, title="Churn stays under two percent"),
        objective("calm-apps", "more-lines", owner="yuki", period="2026-Q1", title="朝の忙しい時間を静かにする"),
        key_result("daily-use", "calm-apps", 90, weight=3, owner="luis"),
        key_result("print-less", "calm-apps", measure=Measure.UNMEASURED),
        objective(
            "plan-early",
            ("calm-apps", 2.0),
            "first-choice",
            owner="apps",
            period="2026-Q1",
            title="Give tomorrow a plan before supper so that nobody has to ask in the morning who sails where",
        ),
        key_result("replan", "plan-early", 100),
        objective("sleep-well", "plan-early", state=GoalState.DRAFT),
        aligned("plan-early", "less-churn"),
        objective("tell-stories", owner="luis"),
        objective("lost-boat", "old-plan"),
        objective("old-plan", "first-choice", state=GoalState.CANCELLED),
        dangling("lost-boat", "kr:sunk"),
        reported(check_in("less-churn", "corrected", 20, replaces="less-churn seen")),
    )


def test_a_ladder_at_eighty_columns() -> None:
    assert (
        ladder_page(company(), "replan")
        == """\
● Be the first choice of small ferry lines
│ ██████████┃░░░░░░░░░   55 %  on track     Inês Carvalho · organization
│
│ ▼ ○ ███░┃░░░   45 %  behind       Forty lines sail with us
│   ○ █░░░┃░░░   20 %  at risk      Churn stays under two percent
│
▲ key result · carries 33 %
│
○ Forty lines sail with us
│ █████████░┃░░░░░░░░░   45 %  behind       Inês Carvalho
│
▲ parent · not counted: the key result has a measure of its own
│
● 朝の忙しい時間を静かにする
│ ██████████┃███████░░   94 %  on track     佐藤 由紀
│
│   ○ ████┃██░   90 %  on track     Daily use
│   ○ ░░░░┃░░░      –  no data      Print less
│
▲ parent · weight 2 · carries 40 %
│
● Give tomorrow a plan before supper so that nobody has to ask in the morning
│ who sails where
│ ██████████┃█████████  100 %  achieved     Apps
│
│ ▼ ○ ████┃███  100 %  achieved     Replan
│
▲ key result · carries 100 %
│
○ Replan
  ██████████┃█████████  100 %  achieved     no owner

as of 2026-02-15 · 1 more goal above by other links
"""
    )


def test_a_ladder_in_ascii_in_a_narrow_terminal() -> None:
    assert (
        ladder_page(company(), "calm-apps", 44, ascii_only=True)
        == """\
* Be the first choice of small ferry lines
| ####|...   55 %  on track     Inês Carval~
|
| v o   45 %  behind       Forty lines sail~
|   o   20 %  at risk      Churn stays unde~
|
^ key result - carries 33 %
|
o Forty lines sail with us
| ###.|...   45 %  behind       Inês Carval~
|
^ parent - not counted: the key result has~
|
* 朝の忙しい時間を静かにする
  ####|##.   94 %  on track     佐藤 由紀

    o   90 %  on track     Daily use
    o      -  no data      Print less

as of 2026-02-15
"""
    )


def test_a_cascade_at_eighty_columns() -> None:
    assert (
        cascade_page(company(), "first-choice")
        == """\
● Be the first choice of small ferry lines          ████┃░░░   55 %  on track
├─ ○ Forty lines sail with us                       ███░┃░░░   45 %  behind
│  └─ ● 朝の忙しい時間を静かにする                  ████┃██░   94 %  on track
│     ├─ ○ Daily use                                ████┃██░   90 %  on track
│     ├─ ○ Print less                               ░░░░┃░░░      –  no data
│     └─ ● Give tomorrow a plan before supper so    ████┃███  100 %  achieved
│        │ that nobody has to ask in the morning…
│        │   also under Be the first choice of small ferry lines
│        │   aligned to Churn stays under two percent
│        ├─ ○ Replan                                ████┃███  100 %  achieved
│        └─ ● Sleep well                            ░░░░░░░░      –  draft
├─ ○ Churn stays under two percent                  █░░░┃░░░   20 %  at risk
└─ ● Old plan                                       ░░░░░░░░      –  cancelled
   └─ ● Lost boat                                   ░░░░░░░░      –  no data

as of 2026-02-15 · 11 goals
"""
    )


def test_a_cascade_in_ascii_in_a_narrow_terminal() -> None:
    assert (
        cascade_page(company(), "first-choice", 44, ascii_only=True)
        == """\
* Be the first choice      55 %  on track
| of small ferry lines
|- o Forty lines sail      45 %  behind
|  | with us
|  `- * 朝の忙しい時間     94 %  on track
|     | を静かにする
|     |- o Daily use       90 %  on track
|     |- o Print less         -  no data
|     `- * Give           100 %  achieved
|        | tomorrow a~
|        |   also under Be the first choice~
|        |   aligned to Churn stays under t~
|        |- o Replan
|        |    100 %  achieved
|        `- * Sleep well
|             -  draft
|- o Churn stays under     20 %  at risk
|    two percent
`- * Old plan                 -  cancelled
   `- * Lost boat             -  no data

as of 2026-02-15 - 11 goals
"""
    )


def test_a_cascade_says_what_it_hides() -> None:
    assert (
        cascade_page(company(), "calm-apps", 60, depth=1)
        == """\
● 朝の忙しい時間を静かにする    ████┃██░   94 %  on track
├─ ○ Daily use                  ████┃██░   90 %  on track
├─ ○ Print less                 ░░░░┃░░░      –  no data
└─ ● Give tomorrow a plan       ████┃███  100 %  achieved
   │ before supper so that no…
   └─ … 2 more below

as of 2026-02-15 · 4 goals · 2 more not shown
"""
    )


def test_an_organization_chart() -> None:
    assert (
        org_page(company())
        == """\
■ Inês Carvalho                                                             50 %
│   ● Be the first choice of small ferry lines      ████┃░░░   55 %  on track
│   ○ Forty lines sail with us                      ███░┃░░░   45 %  behind
└─ ■ 佐藤 由紀                                                              94 %
   │   ● 朝の忙しい時間を静かにする                 ████┃██░   94 %  on track
   └─ ■ Luís Ferreira                                                       90 %
          also reports to Inês Carvalho
          ● Tell stories                            ░░░░░░░░      –  no data
          ○ Daily use                               ████┃██░   90 %  on track

as of 2026-02-15
"""
    )


def test_a_chart_says_whom_it_hides() -> None:
    assert (
        org_page(company(), 50, ascii_only=True, depth=0)
        == """\
# Inês Carvalho                               50 %
|   * Be the first choice of     55 %  on track
|     small ferry lines
|   o Forty lines sail with      45 %  behind
|     us
`- ~ 2 more below

as of 2026-02-15 - 2 more not shown
"""
    )


def test_orphans_stand_by_kind() -> None:
    assert (
        orphans_text(orphans(company()), company(), AS_OF)
        == """\
UNALIGNED (1) · names no goal above it

● Tell stories
  tell-stories · Luís Ferreira

BROKEN (1) · names goals that do not exist or are cancelled

● Lost boat
  lost-boat · no owner
  it names 'kr:sunk', which leads to no goal; the goal above it is cancelled

2 orphans · as of 2026-02-15
"""
    )


def test_an_explanation_is_a_sum() -> None:
    assert (
        explain_page(company(), "first-choice")
        == """\
● Be the first choice of small ferry lines
  ██████████┃░░░░░░░░░   55 %  on track     Inês Carvalho
  coverage 100 %

    weight   share  progress   gives  from
         1    33 %      45 %    15 %  ○ Forty lines sail with us
         1    33 %      20 %     7 %  ○ Churn stays under two percent
         1       –         –       –  ● Old plan
                                        parent, not counted: it is cancelled
         1    33 %     100 %    33 %  ● Give tomorrow a plan before supper so
                                        that nobody has to ask in the morning w…
                                55 %  progress

as of 2026-02-15
"""
    )


def test_an_explanation_goes_down_to_the_check_in() -> None:
    assert (
        explain_page(company(), "less-churn")
        == """\
○ Churn stays under two percent
  ████░░░░░░┃░░░░░░░░░   20 %  at risk      no owner
  value 20 · coverage 100 %

    weight   share  progress   gives  from
         0       –     100 %       –  ● Give tomorrow a plan before supper so
                                        that nobody has to ask in the morning w…
                                        aligned, not counted: the key result has
                                        a measure of its own
                                20 %  progress

check-in of 2026-02-15 12:00 UTC · 20 · by Inês Carvalho · from test
  id corrected

as of 2026-02-15
"""
    )


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (Driver.MANUAL, "  coverage 100 % · by hand: nobody counts it"),
        (Driver.KEY_RESULTS, "  coverage 0 % · by its key results alone: nobody counts it"),
        (Driver.ALL, "  coverage 0 %"),  # the reason is that of a choice which is taken back
    ],
)
def test_an_explanation_says_what_progress_was_chosen_to_come_from(driver: Driver, said: str) -> None:
    calm = Objective("calm", "Calm", driver=driver, manual_progress=0.5, driver_reason="nobody counts it")
    assert explain_page(AlignmentGraph.build(nodes=[(calm, 1)]), "calm").splitlines()[2] == said


def test_a_long_unit_cuts_nothing_off_an_explanation() -> None:
    unit = "lines that sailed with us on every day of the month but one"
    sails = KeyResult("sails", "Sails", measure=Measure.DELTA, baseline=0, target=10, unit=unit)
    page = explain_page(AlignmentGraph.build(nodes=[(sails, 1)]), "sails")
    assert page.splitlines()[2:4] == [f"  value 0 {unit} · coverage", "  100 %"]


def test_leverage_is_a_table() -> None:
    assert (
        leverage_page(company(), "first-choice")
        == """\
  gain  leverage     now  key result
  27 %      33 %    20 %  ○ Churn stays under two percent
                            no owner
  18 %      33 %    45 %  ○ Forty lines sail with us
                            Inês Carvalho
   0 %      33 %   100 %  ○ Replan
                            no owner

as of 2026-02-15
"""
    )


def test_a_cascade_that_the_limit_cuts() -> None:
    graph = company()
    found = cascade(graph, "plan-early", 9, 2)
    assert found is not None
    assert cascade_text(found, graph, AS_OF).splitlines()[1:] == [
        "│ nobody has to ask in the morning who sails where",
        "│  … not all below it is shown",
        "└─ ○ Replan                                         ████┃███  100 %  achieved",
        "",
        "as of 2026-02-15 · 2 goals · 1 more not shown · cut at the limit",
    ]


def test_pages_about_nothing() -> None:
    assert orphans_text((), grow(), AS_OF) == "no orphans: every live objective leads to the top · as of 2026-02-15\n"
    assert org_page(grow()) == "nobody reports to anybody, and there are no teams\n\nas of 2026-02-15\n"
    assert leverage_page(company(), "replan") == "nothing measured counts in it\n\nas of 2026-02-15\n"


def test_what_counts_twice_is_shown_with_its_paths() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("please-crews", "grow-revenue"),
        objective("welcome-crews", "please-crews", "win-lines"),
        key_result("first-hour", "welcome-crews", 50),
    )
    assert explain_page(graph, "grow-revenue").splitlines()[-5:] == [
        "counts more than once: Welcome crews",
        "  Grow revenue ▼ Please crews ▼ Welcome crews",
        "  Grow revenue ▼ Win lines ▼ Welcome crews",
        "",
        "as of 2026-02-15",
    ]


def test_candidates_are_offered() -> None:
    graph = grow(
        team("apps"),
        person("luis", None, "apps"),
        objective("grow-revenue", top=True, owner="apps"),
        objective("tell-stories", owner="luis"),
    )
    assert "  ▲ the same team: Grow revenue\n" in orphans_text(orphans(graph), graph, AS_OF)


def test_the_day_moves_status_and_mark() -> None:
    graph = company()
    found = ladder(graph, "first-choice")
    assert found is not None
    late = ladder_text(found, graph, date(2026, 4, 2)).splitlines()
    assert late[1] == "  ███████████░░░░░░░░┃   55 %  overdue      Inês Carvalho · organization"
    assert late[-1] == "as of 2026-04-02"


def test_an_owner_that_the_viewer_does_not_see_is_not_named() -> None:
    graph = company()
    viewer = Blind("ines", "luis")
    found, chart, told = (
        ladder(graph, "replan", viewer),
        org_chart(graph, "yuki", viewer=viewer),
        explain(graph, "less-churn"),
    )
    assert found is not None and chart is not None and told is not None
    pages = [
        ladder_text(found, graph, AS_OF, viewer=viewer),
        org_text(chart, graph, AS_OF, viewer=viewer),
        explain_text(told, graph, AS_OF, viewer=viewer),
        orphans_text(orphans(graph, viewer=viewer), graph, AS_OF, viewer=viewer),
    ]
    for page in pages:
        assert "Inês" not in page and "Luís" not in page


# ---------- at every width, whatever a title holds ----------


def pages(graph: AlignmentGraph, width: int, ascii_only: bool) -> list[str]:
    found = []
    for goal in list(graph.goals())[:12]:
        found += [
            ladder_page(graph, goal.id, width, ascii_only),
            cascade_page(graph, goal.id, width, ascii_only),
            cascade_page(graph, goal.id, width, ascii_only, depth=1),
            explain_page(graph, goal.id, width, ascii_only),
            leverage_page(graph, goal.id, width, ascii_only),
        ]
    return [
        *found,
        org_page(graph, width, ascii_only),
        org_page(graph, width, ascii_only, depth=0),
        orphans_text(orphans(graph), graph, AS_OF, width, ascii_only),
    ]


def check(page: str, width: int) -> None:
    assert page.endswith("\n")
    for line in page.splitlines():
        assert room(line) <= width, line
        assert line == line.rstrip()
        for char in line:
            assert char in "\u200c\u200d" or unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp"}, line
    assert page.count("\n") == len(page.splitlines())  # no other line break than ours


def hostile_company(title: str) -> AlignmentGraph:
    pieces: list[Piece] = [
        team("apps"),
        person("luis", None, "apps", name=title),
        person("rosa", "luis", name=title),
        objective("grow-revenue", top=True, title=title, owner="luis", level=title[:80]),
        key_result("more-lines", "grow-revenue", 40, title=title),
        objective("deep-0", "more-lines", "grow-revenue", title=title, owner="rosa"),
        *[objective(f"deep-{n}", f"deep-{n - 1}", title=title) for n in range(1, 12)],
        key_result("measured", "deep-11", 30, title=title),
        objective("tell-stories", title=title, owner="rosa"),
        dangling("tell-stories", title),
        aligned("deep-5", "grow-revenue"),
        reported(check_in("measured", title[:200], 12)),
    ]
    return grow(*pieces)


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS])
def test_no_title_breaks_a_page(title: str) -> None:
    graph = hostile_company(title)
    for width, ascii_only in ((80, False), (33, True)):
        for page in pages(graph, width, ascii_only):
            check(page, width)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(20, 130), st.booleans())
def test_every_page_of_a_random_company_keeps_its_width(seed: int, width: int, ascii_only: bool) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=6, key_results=8, more=30)
    written = pages(graph, width, ascii_only)
    for page in written:
        check(page, width)
    assert written == pages(graph, width, ascii_only)
    if ascii_only:
        assert all(page.isascii() for page in written)


def test_a_cascade_of_a_thousand_levels() -> None:
    graph = grow(objective("goal-0", top=True), *[objective(f"goal-{n}", f"goal-{n - 1}") for n in range(1, 1000)])
    page = cascade_page(graph, "goal-0", depth=2000)
    check(page, 80)
    assert page.endswith("as of 2026-02-15 · 1000 goals\n")
