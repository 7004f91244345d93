"""Where a number comes from."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.explain import Explanation, doubled, explain, paths_to, share_of
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.terms import counts
from graph_service.alignment.vertices import MEAN, mode_of
from graph_service.models.nodes import Milestone
from graph_service.models.words import Aggregate, Driver, GoalState, LinkKind, Measure
from tests.alignment.random_company import stir
from tests.build import AS_OF, Blind, aligned, check_in, goal_of, grow, ids, key_result, objective, reported

KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def asked(graph: AlignmentGraph, id: str) -> Explanation:
    found = explain(graph, id)
    assert found is not None
    return found


def test_every_contributor_is_listed_in_order_counted_or_with_the_reason_why_not() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        key_result("sign-lines", "grow-revenue", 150, weight=3),
        key_result("ask-crews", "grow-revenue", measure=Measure.UNMEASURED),
        key_result("cut-churn", "grow-revenue", -50),
        objective("win-lines", "grow-revenue", given=0.25),
        objective("draft-plan", "grow-revenue", given=0.5, state=GoalState.DRAFT),
        objective("tell-stories", given=0.5),
        aligned("tell-stories", "grow-revenue"),
        objective("visit-harbours", given=0.5),
        aligned("visit-harbours", "grow-revenue", 5.0),
    )
    found = asked(graph, "grow-revenue")
    assert [tuple(it)[1:] for it in found.contributors] == [
        (KEY_RESULT_OF, 3.0, 0.3, 1.5, 1.0, 0.3, True, None),
        (KEY_RESULT_OF, 1.0, None, None, None, None, False, "it has no progress yet"),
        (KEY_RESULT_OF, 1.0, 0.1, -0.5, 0.0, 0.0, True, None),
        (PARENT, 1.0, None, 0.5, 0.5, None, False, "it is draft"),
        (PARENT, 1.0, 0.1, 0.25, 0.25, 0.025, True, None),
        (ALIGNED, 0.0, None, 0.5, 0.5, None, False, "its weight is 0"),
        (ALIGNED, 5.0, 0.5, 0.5, 0.5, 0.25, True, None),
    ]
    assert [it.goal.id for it in found.contributors] == [
        "sign-lines",
        "ask-crews",
        "cut-churn",
        "draft-plan",
        "win-lines",
        "tell-stories",
        "visit-harbours",
    ]
    assert found.goal.value == pytest.approx(0.575, abs=1e-12)
    assert (found.check_in, found.doubled) == (None, ())


@pytest.mark.parametrize(
    ("driver", "key_result_reason", "child_reason"),
    [
        (Driver.ALL, None, None),
        (Driver.KEY_RESULTS, None, "the objective is driven by its key results only"),
        (Driver.CHILDREN, "the objective is driven by what lies under it, not by its key results", None),
    ],
)
def test_the_driver_decides_who_counts(driver: Driver, key_result_reason: str | None, child_reason: str | None) -> None:
    graph = grow(
        objective("grow-revenue", driver=driver),
        key_result("sign-lines", "grow-revenue", 50),
        objective("win-lines", "grow-revenue", given=0.25),
    )
    shares = {Driver.ALL: [0.5, 0.5], Driver.KEY_RESULTS: [1.0, None], Driver.CHILDREN: [None, 1.0]}[driver]
    found = asked(graph, "grow-revenue").contributors
    assert [it.reason for it in found] == [key_result_reason, child_reason]
    assert [it.counted for it in found] == [key_result_reason is None, child_reason is None]
    assert [it.share for it in found] == shares
    assert [share_of(edge) for edge in goal_of(graph, "grow-revenue").down] == shares


def test_a_given_progress_is_explained_by_its_check_in_and_counts_nothing() -> None:
    graph = grow(objective("good-spirit", given=0.25), key_result("ask-crews", "good-spirit", 50))
    found = asked(graph, "good-spirit")
    assert found.check_in is None  # given with the objective
    assert [it.reason for it in found.contributors] == ["the objective's progress is given by hand"]
    assert share_of(goal_of(graph, "ask-crews").up[0]) is None
    told = grow(objective("good-spirit", given=0.25), reported(check_in("good-spirit", "asked around", 0.75)))
    latest = asked(told, "good-spirit").check_in
    assert latest is not None and (latest.id, latest.value, latest.by) == ("asked around", 0.75, "ines")
    assert goal_of(told, "good-spirit").value == 0.75


def test_a_key_result_goes_down_to_the_check_in_that_counts() -> None:
    graph = grow(
        objective("grow-revenue"),
        key_result("sign-lines", "grow-revenue"),
        reported(
            check_in("sign-lines", "typo", 700),  # the latest, but replaced
            check_in("sign-lines", "corrected", 70, days_ago=1, replaces="typo"),
            check_in("sign-lines", "first", 10, days_ago=9),
            check_in("sign-lines", "only a note", None),
        ),
    )
    found = asked(graph, "sign-lines")
    assert found.check_in is not None
    assert (found.check_in.id, found.check_in.value, found.contributors) == ("corrected", 70, ())
    assert goal_of(graph, "sign-lines").value == 0.7
    assert asked(graph, "grow-revenue").check_in is None


def test_a_baseline_an_aggregate_and_text_have_no_check_in() -> None:
    graph = grow(
        objective("grow-revenue"),
        key_result("sign-lines", "grow-revenue"),
        key_result("all-sales", "grow-revenue", 3, aggregate=Aggregate.SUM),
        key_result("ask-crews", "grow-revenue", 3, measure=Measure.UNMEASURED),
    )
    assert [asked(graph, id).check_in for id in ("sign-lines", "all-sales", "ask-crews")] == [None, None, None]


def test_milestones_go_down_to_the_check_in_that_completed_one() -> None:
    steps = (Milestone("design", "Design", done_at=AS_OF), Milestone("build", "Build"))
    seen = check_in("open-site", "designed", None)
    done = type(seen)(seen.id, seen.goal, seen.at, "test", 1, by="ines", milestones_done=("design",))
    graph = grow(
        objective("front-door"),
        key_result("open-site", "front-door", measure=Measure.MILESTONES, milestones=steps),
        reported(done, check_in("open-site", "only a note", None)),
    )
    found = asked(graph, "open-site").check_in
    assert found is not None and found.id == "designed"
    assert goal_of(graph, "open-site").value == 0.5


def test_sources_of_an_aggregate_give_values_not_progress() -> None:
    pieces = [
        objective("grow-revenue"),
        key_result("boats", "grow-revenue", 30),
        key_result("trains", "grow-revenue", 60),
        key_result("buses", "grow-revenue", measure=Measure.UNMEASURED),
        objective("win-lines", given=1.0),
    ]
    for aggregate, shares in ((Aggregate.MEAN, [0.25, 0.75]), (Aggregate.SUM, [None, None])):
        graph = grow(
            *pieces,
            key_result("all-sales", "grow-revenue", aggregate=aggregate),
            *[aligned(id, "all-sales", weight) for id, weight in (("boats", 1.0), ("trains", 3.0), ("buses", 2.0))],
            aligned("win-lines", "all-sales", 1.0),
        )
        found = {it.goal.id: it for it in asked(graph, "all-sales").contributors}
        assert list(found) == ["boats", "buses", "trains", "win-lines"]
        assert [found[id].share for id in ("boats", "trains")] == shares
        assert all(it.contribution is None for it in found.values())
        assert [it.reason for it in found.values()] == [
            None,
            "it has no value yet",
            None,
            "only key results aligned to it feed an aggregate",
        ]
        assert [share_of(edge) for edge in goal_of(graph, "all-sales").down] == [shares[0], None, shares[1], None]


def test_a_key_result_with_a_measure_of_its_own_counts_nothing() -> None:
    graph = grow(
        objective("grow-revenue"),
        key_result("sign-lines", "grow-revenue", 10),
        objective("win-lines", "sign-lines", given=1.0),
    )
    assert [(it.counted, it.reason) for it in asked(graph, "sign-lines").contributors] == [
        (False, "the key result has a measure of its own")
    ]


def test_what_counts_more_than_once_is_named_with_its_paths() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("please-crews", "grow-revenue"),
        objective("welcome-crews", "please-crews", "win-lines"),
        key_result("first-hour", "welcome-crews", 50),
        key_result("shown-only", "please-crews", 50),
        aligned("shown-only", "win-lines"),  # weight 0: no second path
    )
    found = asked(graph, "grow-revenue")
    assert ids(found.doubled) == ["welcome-crews"]  # what lies below it counts twice as well, and is not named again
    top, low = goal_of(graph, "grow-revenue"), goal_of(graph, "first-hour")
    assert [ids(path) for path in paths_to(low, top)] == [
        ["grow-revenue", "please-crews", "welcome-crews", "first-hour"],
        ["grow-revenue", "win-lines", "welcome-crews", "first-hour"],
    ]
    assert len(paths_to(low, top, first=1)) == 1
    assert paths_to(top, low) == []
    assert asked(graph, "welcome-crews").doubled == ()


def test_two_links_between_the_same_goals_count_twice() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue", given=0.5),
        aligned("win-lines", "grow-revenue", 2.0),
    )
    assert ids(asked(graph, "grow-revenue").doubled) == ["win-lines"]
    assert [ids(path) for path in paths_to(goal_of(graph, "win-lines"), goal_of(graph, "grow-revenue"))] == [
        ["grow-revenue", "win-lines"],
        ["grow-revenue", "win-lines"],
    ]


def test_an_unmeasured_goal_counts_not_even_once() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("please-crews", "grow-revenue"),
        objective("welcome-crews", "please-crews", "win-lines"),
    )
    assert asked(graph, "grow-revenue").doubled == ()
    assert paths_to(goal_of(graph, "welcome-crews"), goal_of(graph, "grow-revenue")) == []


def test_what_a_viewer_does_not_see_is_not_named() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        key_result("sign-lines", "grow-revenue", 50),
        objective("win-lines", "grow-revenue", given=0.5),
        aligned("win-lines", "grow-revenue", 2.0),
    )
    viewer = Blind("win-lines")
    found = explain(graph, "grow-revenue", viewer)
    assert found is not None
    assert [(it.goal.id, it.share) for it in found.contributors] == [("sign-lines", 0.25)]  # the number is the same
    assert found.doubled == ()
    assert explain(graph, "win-lines", viewer) is None
    assert explain(graph, "nothing") is None


@settings(max_examples=80)
@given(seeds)
def test_contributions_add_up_and_shares_agree_on_random_companies(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=7, key_results=10, more=40)
    for goal in graph.goals():
        found = asked(graph, goal.id)
        assert [it.goal for it in found.contributors] == [edge.child for edge in goal.down]
        assert [it.share for it in found.contributors] == [share_of(edge) for edge in goal.down]
        given = [it.contribution for it in found.contributors if it.contribution is not None]
        if mode_of(goal.fact) == MEAN:
            assert (goal.value is None) == (not given)
            if goal.value is not None:
                assert sum(given) == pytest.approx(goal.value, abs=1e-12)
                shares = [it.share for it in found.contributors if it.share is not None]
                assert sum(shares) == pytest.approx(1.0, abs=1e-12)
        else:
            assert not given
        for it, edge in zip(found.contributors, goal.down, strict=True):
            assert it.counted == (it.reason is None)
            assert not it.counted or counts(edge)
        for below in doubled(goal):
            assert len(paths_to(below, goal, 100)) > 1
