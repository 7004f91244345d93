"""Building a graph from a whole present at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING

from graph_service.alignment.pace import Pace
from graph_service.alignment.rollup import compute
from graph_service.alignment.vertices import (
    Edge,
    GoalVertex,
    Tombstone,
    Vertex,
    add,
    check_in_order,
    down_order,
    recount,
    up_order,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Node, Objective
from graph_service.models.words import GoalState, LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

POSITION = attrgetter("position")


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
        if goal.down:
            recount(goal)
        compute(goal)


def order(down: list[Edge]) -> None:
    """Brings what supports a goal in order; for key results alone by a key that is read without a call."""
    key_result_of = LinkKind.KEY_RESULT_OF
    for edge in down:
        if edge.kind is not key_result_of:
            down.sort(key=down_order)
            return
    down.sort(key=POSITION)
    before = down[0].position - 1
    for edge in down:
        if edge.position == before:  # two in one place: the id decides
            down.sort(key=down_order)
            return
        before = edge.position


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
    key_result_of, parent, aligned = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
    for link in links:
        source, target, kind = places[link.source], places[link.target], link.kind
        if kind is key_result_of or kind is parent or kind is aligned:
            assert isinstance(source, GoalVertex) and isinstance(target, GoalVertex)
            edge = Edge(source, target, kind, link.weight, link.position)
            up = source.up
            if not up:
                source.up = (edge,)
            elif kind is key_result_of:
                source.up = (edge, *up)  # there is one, and it comes first
            else:
                source.up = tuple(sorted((*up, edge), key=up_order))
            below = target.down
            if below:
                below.append(edge)
            else:
                target.down = [edge]
        else:
            add(source, "out", link)
            add(target, "into", link)


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
        below = 0
        if goal.down:
            for edge in goal.down:
                if edge.kind is not aligned or edge.weight > 0:
                    below += 1
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
