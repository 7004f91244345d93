"""Rules of structure: how goals hang together."""

from __future__ import annotations

from datetime import date

from graph_service.models.words import GoalState, LinkKind
from tests.alignment.audit.company import about, findings, limited, said
from tests.build import AS_OF, Blind, aligned, dangling, grow, key_result, objective, person, quarter

CANCELLED = GoalState.CANCELLED


def test_the_three_kinds_of_orphans() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("teach-crews"),
        objective("write-a-manual", "teach-crews"),
        objective("dry-gates", "storm-plan"),
        objective("storm-plan", "grow-revenue", state=CANCELLED),
        objective("new-boat"),
        dangling("new-boat", "unknown:fleet"),
        objective("sell-more", "grow-revenue"),
        key_result("tickets", "teach-crews", 10),
    )
    assert said(graph, "ORPHAN_UNALIGNED") == {"teach-crews": "'Teach crews' names no goal above it"}
    assert said(graph, "ORPHAN_ADRIFT") == {
        "write-a-manual": "'Write a manual' hangs under 'Teach crews', which reaches nothing top-level"
    }
    assert said(graph, "ORPHAN_BROKEN") == {
        "dry-gates": "'Dry gates' leads up to nothing: the goal above it is cancelled",
        "new-boat": "'New boat' leads up to nothing: it names 'unknown:fleet', which leads to no goal",
    }
    broken = {one.subject.id: one.facts for one in findings(graph, "ORPHAN_BROKEN")}
    assert broken == {
        "dry-gates": {"cancelled": ("storm-plan",), "references": ()},
        "new-boat": {"cancelled": (), "references": ("unknown:fleet",)},
    }


def test_a_reference_to_nothing_is_told_once_and_where_it_belongs() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("sell-more", "grow-revenue"),
        dangling("sell-more", "unknown:market", LinkKind.ALIGNED),
        dangling("sell-more", "person:x", LinkKind.CONTRIBUTES_TO, outgoing=False),
        objective("new-boat"),
        dangling("new-boat", "unknown:fleet"),  # told by ORPHAN_BROKEN
        dangling("grow-revenue", "person:y", LinkKind.OWNS, outgoing=False),  # told by OWNER_UNKNOWN
        objective("old-plan", "grow-revenue", state=CANCELLED),
        dangling("old-plan", "unknown:past", LinkKind.ALIGNED),
        person("ines", active=False),
        dangling("ines", "unknown:crew", LinkKind.MEMBER_OF),
    )
    assert sorted(one.message for one in findings(graph, "BROKEN_REFERENCE")) == [
        "'Sell more' is named by 'person:x' (CONTRIBUTES_TO), which does not exist",
        "'Sell more' names 'unknown:market' (ALIGNED), which does not exist",
    ]


def test_a_key_result_without_an_objective() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        key_result("sales", "grow-revenue"),
        key_result("tickets"),
        key_result("lines"),
        dangling("lines", "unknown:okr", LinkKind.KEY_RESULT_OF),
        key_result("boats", state=CANCELLED),
    )
    assert said(graph, "KEY_RESULT_LOOSE") == {
        "lines": "'Lines' belongs to no objective: it names 'unknown:okr', which does not exist",
        "tickets": "'Tickets' belongs to no objective",
    }


def test_nothing_under_the_top_or_a_department() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        key_result("sales", "grow-revenue"),
        objective("good-place", level="organization"),
        objective("hire-well", "good-place", level="department"),
        objective("sound-house", top=True),
        key_result("cash", "sound-house"),
        objective("save-fuel", "cash"),  # under a key result of it
        objective("calm-mornings", top=True),
        objective("quiet-app", level="team"),
        aligned("quiet-app", "calm-mornings"),
        objective("old-top", top=True, state=GoalState.CLOSED),
        objective("lonely-top", top=True),
        objective("dropped", "lonely-top", state=CANCELLED),
    )
    assert said(graph, "UNSUPPORTED") == {
        "grow-revenue": "nothing is aligned under the top-level objective 'Grow revenue'",
        "hire-well": "nothing is aligned under the objective of level 'department' 'Hire well'",
        "lonely-top": "nothing is aligned under the top-level objective 'Lonely top'",
    }


def test_times_that_do_not_fit() -> None:
    graph = grow(
        quarter(),
        objective("grow-revenue", top=True, period="2026-Q1"),
        objective("late", "grow-revenue", start=date(2026, 2, 1), due=date(2026, 4, 11)),
        objective("apart", "grow-revenue", start=date(2026, 5, 1), due=date(2026, 6, 1)),
        objective("within", "grow-revenue", start=date(2026, 2, 1), due=date(2026, 4, 1)),
        objective("across", start=date(2027, 1, 1), due=date(2027, 2, 1)),
        aligned("across", "grow-revenue"),
        objective("timeless", "grow-revenue"),
    )
    assert said(graph, "PERIOD_MISMATCH") == {
        "apart": "'Apart' (2026-05-01 to 2026-06-01) shares no day with 'Grow revenue' above it"
        " (2026-01-01 to 2026-04-01)",
        "late": "'Late' (2026-02-01 to 2026-04-11) ends after 'Grow revenue' above it (2026-01-01 to 2026-04-01)",
    }
    assert about(graph, "PERIOD_MISMATCH", rules=limited("PERIOD_MISMATCH", days=10)) == ["apart"]


def test_a_link_that_a_longer_way_implies() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("sell-more", "grow-revenue"),
        objective("new-shop", "sell-more", "grow-revenue"),
        objective("poster", "sell-more"),
        aligned("poster", "grow-revenue"),
        objective("fair", "sell-more"),
        aligned("fair", "sell-more"),
        objective("sound-house", top=True),
        aligned("sell-more", "sound-house"),
    )
    assert said(graph, "REDUNDANT_LINK") == {
        "fair": "'Fair' reaches 'Sell more' by PARENT too; its ALIGNED link adds nothing",
        "new-shop": "'New shop' reaches 'Grow revenue' over 'Sell more' too; its PARENT link adds nothing",
        "poster": "'Poster' reaches 'Grow revenue' over 'Sell more' too; its ALIGNED link adds nothing",
    }
    assert about(graph, "REDUNDANT_LINK") == ["fair", "new-shop", "poster"]
    assert said(graph, "REDUNDANT_LINK", viewer=Blind("sell-more")) == {}


def test_what_counts_twice_is_told_where_the_ways_meet() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("company", "grow-revenue"),
        objective("sales", "company"),
        objective("marketing", "company"),
        objective("fair", "sales", "marketing"),
        key_result("visitors", "fair", 50),
        objective("lonely", "sales", ("marketing", 0.0)),
        key_result("posters", "lonely", 50),
        objective("unmeasured", "sales", "marketing"),
    )
    assert {one.subject.id: one.facts for one in findings(graph, "DOUBLE_COUNTED")} == {"fair": {"in": ("company",)}}
    assert said(graph, "DOUBLE_COUNTED") == {"fair": "'Fair' counts by more than one way in 'Company'"}


def test_a_top_level_objective_under_another_goal() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("good-place", "grow-revenue", level="organization"),
        objective("not-the-top", "grow-revenue", level="organization", top=False),
        objective("helping", top=True),
        aligned("helping", "grow-revenue"),
    )
    assert said(graph, "TOP_LEVEL_WITH_PARENT") == {
        "good-place": "'Good place' is meant to be at the top (level 'organization') and hangs under 'Grow revenue'"
    }


def test_a_viewer_is_told_of_nothing_that_they_do_not_see() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("teach-crews"),
        objective("write-a-manual", "teach-crews"),
    )
    assert said(graph, "ORPHAN_UNALIGNED", AS_OF, viewer=Blind("teach-crews")) == {}
    hidden = said(graph, "ORPHAN_ADRIFT", viewer=Blind("teach-crews"))
    assert hidden == {"write-a-manual": "'Write a manual' hangs under other goals, which reaches nothing top-level"}
