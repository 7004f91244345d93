"""Building a graph from a whole present at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from graph_service.alignment.pace import Pace
from graph_service.alignment.rollup import compute
from graph_service.alignment.vertices import (
    Edge,
    GoalVertex,
    Tombstone,
    Vertex,
    add,
    check_in_order,
    up_order,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Node, Objective
from graph_service.models.words import GoalState, LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

POSITION, CHILD = attrgetter("position"), attrgetter("child.fact.id")


@contextmanager
def undisturbed() -> Iterator[None]:
    """No collection while very many objects are made that all stay: it would cost more than making them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def fill(
    graph: AlignmentGraph,
    nodes: Iterable[tuple[Node, int]],
    links: Iterable[Link],
    check_ins: Iterable[CheckIn],
    broken: Iterable[BrokenReference],
    removed: Iterable[tuple[Node, int, tuple[Link, ...]]],
) -> None:
    """Fills an empty graph with facts in any order, and computes every number."""
    goals = _place(graph, nodes)
    _join(graph, links)
    for node, revision, taken in removed:
        unset = graph.settling.pace(GoalState.ACTIVE, None, None, None)
        resting = (
            GoalVertex(node, revision, unset) if isinstance(node, Objective | KeyResult) else Vertex(node, revision)
        )
        graph.removed[node.id] = Tombstone(resting, revision, taken)
    places, gone = graph.nodes, graph.removed
    for check_in in check_ins:
        reported = places.get(check_in.goal) or gone[check_in.goal].vertex
        assert isinstance(reported, GoalVertex)
        earlier = reported.check_ins
        if not earlier:
            reported.check_ins = (check_in,)
        elif check_in_order(earlier[-1]) < check_in_order(check_in):
            reported.check_ins = (*earlier, check_in)
        else:
            reported.check_ins = tuple(sorted((*earlier, check_in), key=check_in_order))
    for reference in broken:
        kept = places.get(reference.node) or gone[reference.node].vertex
        kept.broken = (*kept.broken, reference)
    for goal in goals:
        if len(goal.down) > 1:
            order(goal.down)
    upwards = stack(goals)
    _pace(graph, goals)
    for goal in upwards:
        compute(goal)


def order(down: list[Edge]) -> None:
    """Brings what supports a goal in order, as ``down_order`` has it: kind by kind, by keys that are read without a
    call, and not at all where it stands in order."""
    key_result_of = LinkKind.KEY_RESULT_OF
    key_results = [edge for edge in down if edge.kind is key_result_of]
    before = -1
    for edge in key_results:
        if edge.position <= before:
            key_results.sort(key=CHILD)
            key_results.sort(key=POSITION)
            break
        before = edge.position
    if len(key_results) < len(down):
        parent = LinkKind.PARENT
        parents = [edge for edge in down if edge.kind is parent]
        aligned = [edge for edge in down if edge.kind is not parent and edge.kind is not key_result_of]
        parents.sort(key=CHILD)
        aligned.sort(key=CHILD)
        key_results += parents
        key_results += aligned
    down[:] = key_results


def _place(graph: AlignmentGraph, nodes: Iterable[tuple[Node, int]]) -> list[GoalVertex]:
    unset = graph.settling.pace(GoalState.ACTIVE, None, None, None)
    places = graph.nodes
    goals: list[GoalVertex] = []
    for fact, revision in nodes:
        if type(fact) is Objective or type(fact) is KeyResult:
            goal = GoalVertex(fact, revision, unset)
            goals.append(goal)
            places[fact.id] = goal
        else:
            places[fact.id] = Vertex(fact, revision)
    return goals


def _join(graph: AlignmentGraph, links: Iterable[Link]) -> None:
    places = graph.nodes
    goals = cast("dict[str, GoalVertex]", places)  # what links of these kinds join
    key_result_of, parent, aligned = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
    for link in links:
        kind = link.kind
        if kind is key_result_of or kind is parent or kind is aligned:
            child, above = goals[link.source], goals[link.target]
            weight = link.weight
            if weight == 1.0:
                weight = 1.0  # one object for all, not one for each that was read
            edge = Edge(child, above, kind, weight, link.position)
            up = child.up
            if not up:
                child.up = (edge,)
            elif kind is key_result_of:
                child.up = (edge, *up)  # there is one, and it comes first
            else:
                child.up = tuple(sorted((*up, edge), key=up_order))
            below = above.down
            if below:
                below.append(edge)
            else:
                above.down = [edge]
        else:
            add(places[link.source], "out", link)
            add(places[link.target], "into", link)


def _pace(graph: AlignmentGraph, goals: Sequence[GoalVertex]) -> None:
    """Paces of all goals, objectives first, since a key result looks to its objective."""
    below: list[GoalVertex] = []
    active = GoalState.ACTIVE
    by_period: dict[str | None, Pace] = {}
    for goal in goals:
        fact = goal.fact
        if type(fact) is KeyResult:
            below.append(goal)
        elif fact.start is None and fact.due is None and fact.state is active:  # its days are those of its period
            pace = by_period.get(fact.period)
            if pace is None:
                pace = by_period[fact.period] = graph.settling.pace_of(goal)
            goal.pace = pace
        else:
            goal.pace = graph.settling.pace_of(goal)
    key_result_of = LinkKind.KEY_RESULT_OF
    for goal in below:
        fact, up = goal.fact, goal.up
        # Most key results have no days of their own: they share the pace of their objective.
        if (
            up
            and up[0].kind is key_result_of
            and fact.start is None
            and fact.due is None
            and fact.state is active
            and not fact.plan  # type: ignore[union-attr]  # a key result
            and (pace := up[0].parent.pace).start is not None
            and pace.due is not None
        ):
            goal.pace = pace
        else:
            goal.pace = graph.settling.pace_of(goal)


def stack(goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Heights of all goals: 0 without anything below, else one more than the highest below. The goals come back in an
    order in which each stands after all that is below it."""
    aligned = LinkKind.ALIGNED
    waiting: dict[GoalVertex, int] = {}
    ready: list[GoalVertex] = []
    for goal in goals:
        down = goal.down
        below = len(down)
        if down and down[-1].kind is aligned:  # they come last
            below = sum([edge.ladders for edge in down])
        if below:
            waiting[goal] = below
        else:
            ready.append(goal)
    for goal in ready:  # grows while it is walked
        height = goal.height + 1
        for edge in goal.up:
            if edge.kind is aligned and edge.weight <= 0:
                continue
            above = edge.parent
            above.height = max(above.height, height)
            left = waiting[above] - 1
            if left:
                waiting[above] = left
            else:
                ready.append(above)
    assert len(ready) == len(goals), "the links hold a ring"
    return ready
