"""A check-in that says a value and nothing else: all above it moves as if it were computed anew."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.settling import FEW
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Refusal
from graph_service.models.changes import CheckInKeyResult
from graph_service.models.nodes import KeyResult
from graph_service.models.words import Aggregate, Measure
from tests.alignment.random_company import AS_OF, NOON, ids, occasion, picture, rebuilt, stir
from tests.build import aligned, goal_of, grow, key_result, objective

GRAPHS = 60


def deltas(graph: AlignmentGraph) -> list[GoalVertex]:
    """The key results that take a value, by id."""
    goals = [
        goal
        for goal in graph.goals()
        if isinstance(goal.fact, KeyResult) and goal.fact.measure is Measure.DELTA and goal.fact.aggregate is None
    ]
    return sorted(goals, key=lambda goal: goal.id)


def test_what_is_reported_moves_all_above_and_is_taken_back() -> None:
    seen: Counter[str] = Counter()
    for seed in range(GRAPHS):
        random, graph, new_id = Random(seed), AlignmentGraph(), ids()
        stir(graph, random, objectives=9, key_results=12, more=60)
        known = deltas(graph)
        for hour in range(6 if known else 0):
            goal, at = random.choice(known), NOON + timedelta(hours=hour)
            numbers = {one.id: graph.numbers(one, graph.judge(AS_OF)) for one in graph.goals()}
            before = picture(graph)
            report = CheckInKeyResult(id=f"report-{hour}", key_result_id=goal.id, value=random.uniform(-20, 120), at=at)
            try:
                decided, moved = graph.decide([report], occasion(new_id))
            except Refusal:  # it is closed
                continue
            seen["reports"] += 1
            seen["plain"] += bool(moved.plain)
            seen["above"] += len(moved.plain) > 1
            seen["plain and not"] += bool(moved.plain and moved.before)
            assert picture(graph) == picture(rebuilt(graph))
            told = {one.goal.id: (one.before, one.after) for one in moved.changed(AS_OF)}
            assert told.keys() == {
                one.id
                for one in graph.goals()
                if (now := graph.numbers(one, graph.judge(AS_OF))) != (was := numbers[one.id])
                and not (now.status is was.status and abs((now.value or 0) - (was.value or 0)) <= 1e-9)
            }
            for id, change in told.items():
                assert change == (numbers[id], graph.numbers(goal_of(graph, id), graph.judge(AS_OF)))
            after = picture(graph)
            graph.undo(moved)
            assert picture(graph) == before
            graph.apply(decided[0], moved.revision + 1)
            assert picture(graph) == after
    assert seen["plain"] > 100 and seen["above"] > 10 and seen["plain and not"] > 5, seen


@pytest.mark.parametrize("many", [2, FEW - 1, FEW, FEW + 1, 3 * FEW])
def test_however_many_wait_each_is_computed_once_all_below_it_are(many: int) -> None:
    names = [f"goal-{number}" for number in range(many)]
    graph = grow(
        objective("grow", top=True),
        *[objective(name, "grow") for name in names],
        objective("teach", *names),
        key_result("sales", "teach", 10),
        *[aligned("sales", name, 1.0) for name in names],
    )
    _, moved = graph.decide([CheckInKeyResult(key_result_id="sales", value=50.0)], occasion(ids()))
    assert picture(graph) == picture(rebuilt(graph))
    assert [one.goal.id for one in moved.changed(AS_OF)] == sorted(["grow", "sales", "teach", *names])


def test_an_aggregate_hears_of_a_value_that_moves_no_progress() -> None:
    graph = grow(
        objective("grow", top=True),
        key_result("sales", "grow", 100),
        key_result("total", "grow", target=400.0, aggregate=Aggregate.SUM),
        aligned("sales", "total", 1.0),
    )
    new_id = ids()
    graph.decide([CheckInKeyResult(key_result_id="sales", value=150.0)], occasion(new_id))
    _, second = graph.decide([CheckInKeyResult(key_result_id="sales", value=200.0)], occasion(new_id))
    total = graph.goal("total")
    assert total is not None and (total.amount, total.value) == (200.0, 0.5)
    assert [one.goal.id for one in second.changed(AS_OF)] == ["grow", "total"]
    graph.undo(second)
    assert (total.amount, total.value) == (150.0, 0.375)
    assert picture(graph) == picture(rebuilt(graph))
