"""Three ways to the numbers agree: exact and incremental, all at once in numpy, and plain recursion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import nan
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from graph_service.alignment.columns import rollup_all
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.numbers import GoalNumbers
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Refusal
from graph_service.models.changes import UpdateLink
from tests.alignment.random_company import (
    AS_OF,
    EVERY_FEATURE,
    features,
    ids,
    occasion,
    picture,
    rebuilt,
    stir,
    wishes,
)
from tests.naive import Naive

GRAPHS = 300
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def naive_of(graph: AlignmentGraph) -> Naive:
    check_ins = [c for goal in graph.goals() for c in goal.check_ins]
    return Naive([v.fact for v in graph.nodes.values()], graph.all_links(), check_ins, graph.workspace, AS_OF)


def near(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) <= 1e-12 * max(1.0, abs(one)))


def agree(graph: AlignmentGraph) -> None:
    naive, built, columns = naive_of(graph), rebuilt(graph), rebuilt(graph)
    for goal in columns.goals():  # so that nothing is left of what building found
        goal.value = goal.confidence = goal.amount = None
        goal.coverage, goal.held, goal.whole = 0.0, 0, 0.0
        goal.terms = [nan] * len(goal.terms) or ()
    rollup_all(list(columns.goals()))
    judge = graph.judge(AS_OF)
    for goal in sorted(graph.goals(), key=lambda g: g.id):
        answer = naive.answer(goal.id)
        at_once = columns.goal(goal.id)
        assert at_once is not None
        assert near(goal.value, answer.value), goal
        assert near(goal.raw, answer.raw), goal
        assert near(goal.coverage, answer.coverage), goal
        assert near(goal.confidence, answer.confidence), goal
        assert near(judge.expected(goal.pace), answer.expected), goal
        assert judge.status(goal.pace, goal.value, goal.held).value == answer.status, goal
        alone = built.goal(goal.id)
        assert alone is not None and numbers(goal) == numbers(alone), goal  # to the last bit
        for one, other in zip(numbers(goal), numbers(at_once), strict=True):
            assert near(one, other), goal
        assert goal.pace.facts == at_once.pace.facts, goal
        assert [(child.id, weight) for child, weight in goal.contributions] == [
            (child.id, weight) for child, weight in at_once.contributions
        ], goal


def numbers(goal: GoalVertex) -> list[float | None]:
    one = (goal.value, goal.raw, goal.coverage, goal.confidence, goal.held, goal.amount, goal.whole)
    return [*one, *goal.terms]


def test_three_ways_agree_on_random_graphs_in_which_everything_occurs() -> None:
    seen: Counter[str] = Counter()
    graphs = 0

    @settings(max_examples=GRAPHS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(seeds)
    def one(seed: int) -> None:
        nonlocal graphs
        graph = AlignmentGraph()
        reweighted = False
        new_id = ids()
        commits = []
        for change in wishes(Random(seed), objectives=7, key_results=14, more=60):
            try:
                decided, _ = graph.decide([change], occasion(new_id))
            except Refusal:
                continue
            reweighted |= isinstance(change, UpdateLink) and bool(decided[0])
            commits.append(decided[0])
        agree(graph)
        graphs += 1
        seen.update(features(graph, commits) | ({"links reweighted"} if reweighted else set()))

    one()
    rare = {name: seen[name] for name in sorted(EVERY_FEATURE) if seen[name] * 10 < graphs}
    assert not rare, f"in fewer than one of ten of {graphs} graphs: {rare}"


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_supposition_leaves_no_trace(seed: int) -> None:
    random = Random(seed)
    graph = AlignmentGraph()
    stir(graph, random, objectives=5, key_results=8, more=20)
    before = picture(graph)
    new_id = ids()
    for change in wishes(random, objectives=5, key_results=8, more=30):
        try:
            with graph.suppose([change, *list(wishes(random, more=0))[:1]], occasion(new_id)):
                pass
        except Refusal:
            pass
        try:
            with graph.suppose([change], occasion(new_id)) as moved:
                moved.changed(AS_OF)
        except Refusal:
            pass
        assert picture(graph) == before


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_what_moved_is_what_differs(seed: int) -> None:
    random = Random(seed)
    graph = AlignmentGraph()
    new_id = ids()
    waiting = list(wishes(random, objectives=5, key_results=8, more=40))
    while waiting:
        # Batches: closing a goal in one asks for numbers in the middle of it, so that a mean may move twice.
        batch = [waiting.pop(0) for _ in range(min(len(waiting), random.choice((1, 1, 2, 5))))]
        before = {goal.id: graph.numbers(goal, graph.judge(AS_OF)) for goal in graph.goals()}
        was = picture(graph)
        try:
            _, moved = graph.decide(batch, occasion(new_id))
        except Refusal:
            assert picture(graph) == was
            continue
        after = {goal.id: graph.numbers(goal, graph.judge(AS_OF)) for goal in graph.goals()}
        told = {one.goal.id: (one.before, one.after) for one in moved.changed(AS_OF)}
        differing = {
            id: (before.get(id), after.get(id))
            for id in sorted(before.keys() | after.keys())
            if id not in before or id not in after or not alike(before[id], after[id])
        }
        assert told == differing
        assert list(told) == sorted(told)
        now = picture(graph)
        graph.undo(moved)
        assert picture(graph) == was
        graph.decide(batch, occasion(again(new_id, graph)))
        assert picture(graph).keys() == now.keys()
        agree(graph)


def again(new_id: Callable[[], str], graph: AlignmentGraph) -> Callable[[], str]:
    """Ids that were not given out, also after something was taken back."""

    def make() -> str:
        made = new_id()
        while graph.used(made):
            made = new_id()
        return made

    return make


def alike(one: GoalNumbers, other: GoalNumbers) -> bool:
    return all(
        a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 1e-9)
        for a, b in zip(astuple(one), astuple(other), strict=True)
    )


@pytest.mark.parametrize("seed", range(20))
def test_heights_grow_along_every_link_that_may_close_a_ring(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), more=60)
    for goal in graph.goals():
        for edge in goal.up:
            assert not edge.ladders or edge.parent.height > goal.height
