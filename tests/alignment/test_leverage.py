"""Which work moves a goal the most."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.explain import share_of
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.leverage import leverage
from graph_service.alignment.vertices import MANUAL, MEAN, GoalVertex, mode_of
from graph_service.models.words import Aggregate, GoalState, Measure
from tests.alignment.random_company import stir
from tests.build import Blind, aligned, goal_of, grow, key_result, objective

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def asked(graph: AlignmentGraph, id: str) -> list[tuple[str, float, float]]:
    found = leverage(graph, id)
    assert found is not None
    return [(it.goal.id, it.leverage, it.gain) for it in found]


def test_paths_add_up_and_the_largest_gain_comes_first() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("please-crews", "grow-revenue", "win-lines"),
        key_result("sign-lines", "win-lines", 80),
        key_result("daily-use", "please-crews", 0),
        key_result("ask-crews", "please-crews", measure=Measure.UNMEASURED),
    )
    assert asked(graph, "grow-revenue") == [
        ("daily-use", 0.75, 0.75),  # 1/2 + 1/2 * 1/2
        ("sign-lines", 0.25, pytest.approx(0.05)),
    ]
    assert asked(graph, "please-crews") == [("daily-use", 1.0, 1.0)]
    assert asked(graph, "sign-lines") == []  # nothing below it


def test_gain_decides_before_leverage_and_ties_stand_by_id() -> None:
    graph = grow(
        objective("grow-revenue"),
        key_result("sign-lines", "grow-revenue", 90, weight=4),
        key_result("call-more", "grow-revenue", 20, weight=3),
        key_result("ask-crews", "grow-revenue", 20, weight=3),
    )
    assert [it[0] for it in asked(graph, "grow-revenue")] == ["ask-crews", "call-more", "sign-lines"]


def test_an_aggregate_is_a_leaf_and_a_rollup_is_walked_through() -> None:
    graph = grow(
        objective("grow-revenue"),
        key_result("all-sales", "grow-revenue", aggregate=Aggregate.SUM),
        key_result("boats", None, 30),
        aligned("boats", "all-sales", 1.0),
        key_result("crews-happy", "grow-revenue", measure=Measure.ROLLUP),
        objective("please-crews", "crews-happy"),
        key_result("daily-use", "please-crews", 50),
    )
    assert asked(graph, "grow-revenue") == [("all-sales", 0.5, 0.35), ("daily-use", 0.5, 0.25)]
    assert asked(graph, "all-sales") == []
    assert asked(graph, "crews-happy") == [("daily-use", 1.0, 0.5)]


def test_what_does_not_count_has_no_leverage() -> None:
    graph = grow(
        objective("grow-revenue"),
        objective("good-spirit", "grow-revenue", given=0.5),
        key_result("ask-crews", "good-spirit", 50),
        key_result("draft-plan", "grow-revenue", 50, state=GoalState.DRAFT),
        key_result("for-show", "grow-revenue", 50, weight=0),
        key_result("sign-lines", "grow-revenue", 50),
    )
    assert asked(graph, "grow-revenue") == [("sign-lines", 0.5, 0.25)]
    assert asked(graph, "good-spirit") == []


def test_unknown_and_unseen() -> None:
    graph = grow(
        objective("grow-revenue"),
        objective("win-lines", "grow-revenue"),
        key_result("sign-lines", "win-lines", 50),
        key_result("call-more", "win-lines", 50),
    )
    assert leverage(graph, "nothing") is None
    assert leverage(graph, "grow-revenue", Blind("grow-revenue")) is None
    found = leverage(graph, "grow-revenue", Blind("call-more", "win-lines"))
    assert found is not None and [(it.goal.id, it.leverage) for it in found] == [("sign-lines", 0.5)]


def paths_below(goal: GoalVertex) -> dict[str, float]:
    """The product of shares along every path, by plain recursion."""
    found: dict[str, float] = {}
    if mode_of(goal.fact) != MEAN:
        return found
    for edge in goal.down:
        share = share_of(edge)
        if share is None:
            continue
        child = edge.child
        if mode_of(child.fact) == MEAN:
            below = paths_below(child)
        else:
            below = {} if mode_of(child.fact) == MANUAL else {child.id: 1.0}
        for id, part in below.items():
            found[id] = found.get(id, 0.0) + share * part
    return found


@settings(max_examples=80)
@given(seeds)
def test_random_companies(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=7, key_results=12, more=40)
    for goal in graph.goals():
        found = leverage(graph, goal.id)
        assert found is not None
        expected = paths_below(goal)
        assert {it.goal.id for it in found} == set(expected)
        gains = []
        for it in found:
            value = goal_of(graph, it.goal.id).value
            assert value is not None
            assert it.leverage == pytest.approx(expected[it.goal.id], abs=1e-12)
            assert it.gain == pytest.approx(expected[it.goal.id] * (1 - value), abs=1e-12)
            gains.append(it.gain)
        assert gains == pytest.approx(sorted(gains, reverse=True), abs=1e-11)
