"""Orphans, why they are, and what they could be aligned to."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.orphans import candidates, orphan_of, orphans, reaches, reaching
from graph_service.models.nodes import Link, Objective
from graph_service.models.words import GoalState, LinkKind, OrphanKind
from tests.alignment.random_company import stir
from tests.build import (
    Blind,
    aligned,
    dangling,
    goal_of,
    grow,
    key_result,
    objective,
    period,
    person,
    team,
)

UNALIGNED, BROKEN, ADRIFT = OrphanKind.UNALIGNED, OrphanKind.BROKEN, OrphanKind.ADRIFT
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def found(graph: AlignmentGraph) -> list[tuple[str, OrphanKind, str]]:
    return [(it.goal.id, it.kind, it.reason) for it in orphans(graph)]


def test_the_three_kinds_and_their_reasons_by_id() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("old-plan", "grow-revenue", state=GoalState.CANCELLED),
        objective("tell-stories"),
        objective("find-voices", "tell-stories"),
        objective("spray-gates", "old-plan"),
        objective("lost-boat"),
        dangling("lost-boat", "kr:sunk"),
        objective("lost-crew", "old-plan"),
        dangling("lost-crew", "kr:sunk"),
        dangling("lost-crew", "kr:adrift", LinkKind.ALIGNED),
    )
    assert found(graph) == [
        ("find-voices", ADRIFT, "its links lead up to nothing top-level"),
        ("lost-boat", BROKEN, "it names 'kr:sunk', which leads to no goal"),
        (
            "lost-crew",
            BROKEN,
            "it names 'kr:adrift', 'kr:sunk', which lead to no goal; the goal above it is cancelled",
        ),
        ("spray-gates", BROKEN, "the goal above it is cancelled"),
        ("tell-stories", UNALIGNED, "it names no goal above it"),
    ]
    assert [it.goal.id for it in orphans(graph, [UNALIGNED, ADRIFT])] == ["find-voices", "tell-stories"]
    assert orphans(graph, []) == ()


@pytest.mark.parametrize("kind", [LinkKind.OWNS, LinkKind.SUPPORTS, LinkKind.WITHIN])
def test_only_references_to_goals_above_are_upward_ones(kind: LinkKind) -> None:
    graph = grow(objective("tell-stories"), dangling("tell-stories", "unknown", kind))
    assert found(graph) == [("tell-stories", UNALIGNED, "it names no goal above it")]
    incoming = grow(objective("tell-stories"), dangling("tell-stories", "unknown", LinkKind.PARENT, outgoing=False))
    assert found(incoming) == [("tell-stories", UNALIGNED, "it names no goal above it")]


def test_one_link_that_leads_up_is_enough_whatever_else_is_broken() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        key_result("sign-lines", "grow-revenue"),
        objective("win-lines"),
        dangling("win-lines", "unknown"),
        aligned("win-lines", "sign-lines"),  # weight 0 counts nothing and leads up all the same
        objective("call-more", "win-lines"),
    )
    assert orphans(graph) == ()


@pytest.mark.parametrize(
    ("between", "kind"),
    [
        (GoalState.DRAFT, None),
        (GoalState.POSTPONED, None),
        (GoalState.CLOSED, None),
        (GoalState.CANCELLED, BROKEN),
    ],
)
def test_a_way_leads_through_all_but_cancelled_goals(between: GoalState, kind: OrphanKind | None) -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue", state=between),
        objective("call-more", "win-lines"),
    )
    orphan = orphan_of(graph, goal_of(graph, "call-more"))
    assert (None if orphan is None else orphan.kind) == kind


@pytest.mark.parametrize("state", [GoalState.DRAFT, GoalState.POSTPONED, GoalState.CANCELLED])
def test_only_live_objectives_are_orphans(state: GoalState) -> None:
    graph = grow(
        objective("tell-stories", state=state),
        objective("closed-book", state=GoalState.CLOSED),
        key_result("loose"),
    )
    assert [it.goal.id for it in orphans(graph)] == ["closed-book"]
    assert orphan_of(graph, goal_of(graph, "tell-stories")) is None
    assert orphan_of(graph, goal_of(graph, "loose")) is None


def test_a_cancelled_top_is_no_top_and_the_level_makes_one() -> None:
    graph = grow(
        objective("old-plan", top=True, state=GoalState.CANCELLED),
        objective("call-more", "old-plan"),
        objective("grow-revenue", level="organization"),
        objective("not-a-top", level="organization", top=False),
    )
    assert [(it.goal.id, it.kind) for it in orphans(graph)] == [("call-more", BROKEN), ("not-a-top", UNALIGNED)]


def test_informational_rings_end() -> None:
    graph = grow(
        objective("teach"), objective("learn"), aligned("teach", "learn"), aligned("learn", "teach"), objective("write")
    )
    assert [(it.goal.id, it.kind) for it in orphans(graph)] == [
        ("learn", ADRIFT),
        ("teach", ADRIFT),
        ("write", UNALIGNED),
    ]


def test_what_a_viewer_does_not_see_is_not_listed_but_leads_up_all_the_same() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("tell-stories"),
        objective("write-book"),
    )
    assert [it.goal.id for it in orphans(graph, viewer=Blind("grow-revenue", "tell-stories"))] == ["write-book"]


@settings(max_examples=80)
@given(seeds)
def test_random_companies(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=8, key_results=8, more=40)
    tops = {goal.id for goal in graph.goals() if graph.top_level(goal) and goal.fact.state is not GoalState.CANCELLED}
    dead = {goal.id for goal in graph.goals() if goal.fact.state is GoalState.CANCELLED}
    links = [link for link in graph.all_links() if link.source not in dead and link.target not in dead]
    leading = set(tops)
    while more := {link.source for link in links if link.target in leading} - leading:
        leading |= more
    assert {goal.id for goal in reaching(graph)} == leading
    assert {goal.id for goal in graph.goals() if reaches(graph, goal)} == leading
    expected = []
    for goal in sorted(graph.goals(), key=lambda goal: goal.id):
        if not isinstance(goal.fact, Objective) or not goal.live or goal.id in leading:
            continue
        ups = [link.target for link in graph.all_links() if link.source == goal.id]
        kind = UNALIGNED if not ups else BROKEN if set(ups) <= dead else ADRIFT
        expected.append((goal.id, kind))
    assert [(it.goal.id, it.kind) for it in orphans(graph)] == expected
    each = [orphan_of(graph, goal) for goal in sorted(graph.goals(), key=lambda goal: goal.id)]
    assert [(it.goal.id, it.kind) for it in each if it is not None] == expected


# ---------- candidates ----------


def near(graph: AlignmentGraph, id: str, first: int = 9, viewer: Blind | None = None) -> list[tuple[str, str]]:
    return [(it.goal.id, it.reason) for it in candidates(graph, goal_of(graph, id), first, viewer or Blind())]


def organization() -> AlignmentGraph:
    """Two departments, one with two teams; two quarters within a year."""
    return grow(
        period("year"),
        period("first", "year"),
        period("second", "year"),
        team("ferry"),
        team("product", "ferry"),
        team("apps", "product"),
        team("market", "ferry"),
        person("ines", None, leads="ferry"),
        person("aoife", "ines", "apps"),
        person("luis", "aoife", "apps"),
        person("amara", "ines", "market"),
        objective("grow-revenue", level="organization", owner="ines", period="year"),
        objective("calm-apps", "grow-revenue", level="department", owner="product", period="first"),
        objective("plan-early", "calm-apps", level="team", owner="apps", period="first"),
        objective("plan-late", "calm-apps", level="team", owner="aoife", period="second"),
        objective("win-lines", "grow-revenue", level="department", owner="amara", period="first"),
        objective(
            "old-lines", "grow-revenue", level="department", owner="amara", state=GoalState.CLOSED, period="first"
        ),
        objective("orphan", level="individual", owner="luis", period="first"),
        objective("under-orphan", "orphan", "grow-revenue", level="individual", owner="luis", period="first"),
        objective("second-orphan", level="individual", owner="aoife", period="first"),
    )


def test_the_nearest_candidates_are_of_the_team_then_of_those_above_then_of_the_period() -> None:
    assert near(organization(), "orphan") == [
        ("plan-early", "the same team, the same period"),
        ("calm-apps", "the team above, the same period"),
        ("grow-revenue", "a team further up, a period around it"),
        ("win-lines", "the same period"),
        ("plan-late", "the same team"),  # of another period
    ]
    assert near(organization(), "orphan", first=2) == near(organization(), "orphan")[:2]
    assert near(organization(), "orphan", first=0) == []


def test_a_candidate_reaches_the_top_and_does_not_lie_under_the_orphan() -> None:
    listed = {id for id, _ in near(organization(), "orphan")}
    assert not listed & {"orphan", "second-orphan", "under-orphan", "old-lines"}


def test_the_same_owner_is_named_as_such() -> None:
    graph = grow(
        person("luis"),
        objective("grow-revenue", top=True),
        objective("plan-early", "grow-revenue", owner="luis"),
        team("apps"),
        objective("orphan", owner="luis"),
    )
    assert near(graph, "orphan") == []  # luis belongs to no team
    joined = grow(
        team("apps"),
        person("luis", None, "apps"),
        objective("grow-revenue", top=True),
        objective("plan-early", "grow-revenue", owner="luis"),
        objective("orphan", owner="luis"),
    )
    assert near(joined, "orphan") == [("plan-early", "the same owner")]


def test_a_closed_orphan_may_be_aligned_to_what_is_closed() -> None:
    graph = grow(
        period("first"),
        objective("grow-revenue", top=True, period="first", state=GoalState.CLOSED),
        objective("orphan", period="first", state=GoalState.CLOSED),
        objective("young-orphan", period="first"),
    )
    assert near(graph, "orphan") == [("grow-revenue", "the same period")]
    assert near(graph, "young-orphan") == []


def test_within_a_team_the_level_closest_above_comes_first() -> None:
    graph = grow(
        period("first"),
        *[
            objective(id, level=level, period="first", top=True)
            for id, level in (
                ("a-single", "individual"),
                ("b-team", "team"),
                ("c-department", "department"),
                ("d-organization", "organization"),
                ("e-unknown", None),
            )
        ],
        objective("orphan", level="team", period="first"),
    )
    assert [id for id, _ in near(graph, "orphan")] == [
        "c-department",
        "d-organization",
        "e-unknown",
        "b-team",
        "a-single",
    ]


def test_a_goal_of_the_same_level_comes_after_those_of_the_teams_above() -> None:
    graph = grow(
        team("product"),
        team("apps", "product"),
        person("luis", None, "apps"),
        objective("calm-apps", level="department", owner="product", top=True),
        objective("plan-early", "calm-apps", level="team", owner="apps"),
        objective("note-down", "plan-early", level="individual", owner="luis"),
        objective("orphan", level="team", owner="luis"),
    )
    assert near(graph, "orphan") == [
        ("calm-apps", "the team above"),
        ("plan-early", "the same team"),
        ("note-down", "the same owner"),
    ]


def test_nothing_is_near_an_orphan_without_owner_and_period() -> None:
    graph = grow(objective("grow-revenue", top=True), objective("orphan"))
    assert near(graph, "orphan") == []


def test_a_candidate_that_the_viewer_does_not_see_is_not_named() -> None:
    assert [id for id, _ in near(organization(), "orphan", 2, Blind("plan-early"))] == ["calm-apps", "grow-revenue"]


def test_links_to_candidates_can_be_made() -> None:
    graph = organization()
    for it in candidates(graph, goal_of(graph, "orphan"), 9):
        assert graph.ring("orphan", it.goal.id) == ()
    assert graph.link("orphan", "under-orphan", LinkKind.PARENT) is None
    assert graph.link("under-orphan", "orphan", LinkKind.PARENT) == Link("under-orphan", "orphan", LinkKind.PARENT)
