"""Building a graph from a whole present at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from graph_service.alignment.pace import ACTIVE, Pace
from graph_service.alignment.rollup import compute
from graph_service.alignment.vertices import (
    ALIGNED,
    KEY_RESULT_OF,
    PARENT,
    Edge,
    GoalVertex,
    Tombstone,
    Vertex,
    attach_up,
    check_in_order,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Node, Objective

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
    """Fills an empty graph with facts in any order, and computes every number. Each is walked once, ``nodes`` first,
    then ``links``, ``check_ins`` and the rest. In the order of a store (by id, by source, by goal) it is quickest."""
    places, gone = graph.nodes, graph.removed
    goals, ids, objectives = _place(graph, nodes)
    _join(graph, links, goals, ids)
    for node, revision, taken in removed:
        unset = graph.settling.pace(ACTIVE, None, None, None)
        resting = (
            GoalVertex(node, revision, unset) if isinstance(node, Objective | KeyResult) else Vertex(node, revision)
        )
        gone[node.id] = Tombstone(resting, revision, taken)
    _report(graph, check_ins, goals, ids)
    for reference in broken:
        kept = places.get(reference.node) or gone[reference.node].vertex
        kept.broken = (*kept.broken, reference)
    _pace(graph, objectives)
    _climb(graph, goals)


def _place(
    graph: AlignmentGraph, nodes: Iterable[tuple[Node, int]]
) -> tuple[list[GoalVertex], list[str], list[GoalVertex]]:
    """Gives each node its place; the goals as they came, their ids, and the objectives among them."""
    unset = graph.settling.pace(ACTIVE, None, None, None)
    places = graph.nodes
    goals: list[GoalVertex] = []
    ids: list[str] = []
    objectives: list[GoalVertex] = []
    for fact, revision in nodes:
        id = fact.id
        if type(fact) is KeyResult:
            goal = GoalVertex(fact, revision, unset)
        elif type(fact) is Objective:
            goal = GoalVertex(fact, revision, unset)
            objectives.append(goal)
        else:
            places[id] = Vertex(fact, revision)
            continue
        goals.append(goal)
        ids.append(id)
        places[id] = goal
    return goals, ids, objectives


def _join(graph: AlignmentGraph, links: Iterable[Link], goals: list[GoalVertex], ids: list[str]) -> None:
    """Links all with all. Until ``_climb`` has come to a goal, its ``held`` counts the goals right below it by links
    that may not be part of a ring."""
    places = graph.nodes
    known = cast("dict[str, GoalVertex]", places)  # what links of these kinds join
    at, many = 0, len(ids)
    source = target = ""
    child: GoalVertex | None = None
    above: GoalVertex | None = None
    for link in links:
        kind = link.kind
        start, end = link.source, link.target
        if kind is not KEY_RESULT_OF and kind is not PARENT and kind is not ALIGNED:
            out, into = places[start], places[end]
            if out.out:
                out.out.append(link)
            else:
                out.out = [link]
            if into.into:
                into.into.append(link)
            else:
                into.into = [link]
            continue
        # Sources come as goals do, and children of one goal mostly side by side: to look each up would take longer
        # than all the rest, since a large table of ids is in no cache.
        if child is None or start != source:
            source = start
            while at < many and ids[at] < source:
                at += 1
            child = goals[at] if at < many and ids[at] == source else known[source]
        if above is None or end != target:
            target = end
            above = known[target]
        weight = link.weight
        if weight == 1.0:
            weight = 1.0  # one object for all, not one for each that was read
        edge = Edge(child, above, kind, weight, link.position)
        if child.first is None:
            child.first = edge
        else:
            attach_up(edge)
        below = above.down
        if below:
            below.append(edge)
        else:
            above.down = [edge]
        if kind is not ALIGNED or weight > 0:
            above.held += 1


def _report(graph: AlignmentGraph, check_ins: Iterable[CheckIn], goals: list[GoalVertex], ids: list[str]) -> None:
    """Gives each goal, removed ones too, its check-ins in order."""
    at, many = 0, len(ids)
    id = ""
    goal: GoalVertex | None = None
    further: list[CheckIn] = []
    for check_in in check_ins:
        of = check_in.goal
        if goal is not None and of == id:
            further.append(check_in)
            continue
        if goal is not None and further:
            _add(goal, further)
            further = []
        id = of
        while at < many and ids[at] < id:
            at += 1
        goal = goals[at] if at < many and ids[at] == id else _reported(graph, id)
        if goal.check_ins:
            further.append(check_in)
        else:
            goal.check_ins = (check_in,)
    if goal is not None and further:
        _add(goal, further)


def _reported(graph: AlignmentGraph, id: str) -> GoalVertex:
    goal = graph.nodes.get(id) or graph.removed[id].vertex
    assert isinstance(goal, GoalVertex)
    return goal


def _add(goal: GoalVertex, further: list[CheckIn]) -> None:
    known = [*goal.check_ins, *further]
    known.sort(key=check_in_order)
    goal.check_ins = tuple(known)


def _pace(graph: AlignmentGraph, objectives: Sequence[GoalVertex]) -> None:
    """Paces of all objectives; a key result looks to its objective."""
    by_period: dict[str | None, Pace] = {}
    for goal in objectives:
        fact = goal.fact
        if fact.start is None and fact.due is None and fact.state is ACTIVE:  # its days are those of its period
            pace = by_period.get(fact.period)
            if pace is None:
                pace = by_period[fact.period] = graph.settling.pace_of(goal)
            goal.pace = pace
        else:
            goal.pace = graph.settling.pace_of(goal)


def _climb(graph: AlignmentGraph, goals: Sequence[GoalVertex]) -> None:
    """Order, height, numbers (and of key results the pace) of all goals, each after all that is below it: height is 0
    without anything below, else one more than the highest below.

    A goal follows the last one below it at once, while that is in the processor's cache."""
    reached = 0
    ready: list[GoalVertex] = []
    for leaf in goals:
        if leaf.height or leaf.held:  # something is below it: that brings it up
            continue
        ready.append(leaf)
        while ready:
            goal = ready.pop()
            reached += 1
            down = goal.down
            if len(down) > 1:
                order(down)
            fact = goal.fact
            if type(fact) is KeyResult:
                _pace_key_result(graph, goal, fact)
            compute(goal)
            height = goal.height + 1
            edge = goal.first
            while edge is not None:
                if edge.kind is not ALIGNED or edge.weight > 0:
                    above = edge.parent
                    above.height = max(above.height, height)
                    left = above.held - 1
                    above.held = left
                    if not left:
                        ready.append(above)
                edge = edge.then
    assert reached == len(goals), "the links hold a ring"


def _pace_key_result(graph: AlignmentGraph, goal: GoalVertex, fact: KeyResult) -> None:
    first = goal.first
    # Most key results have no days of their own: they share the pace of their objective.
    if (
        first is not None
        and first.kind is KEY_RESULT_OF
        and fact.start is None
        and fact.due is None
        and fact.state is ACTIVE
        and not fact.plan
    ):
        pace = first.parent.pace
        if pace.start is not None and pace.due is not None:
            goal.pace = pace
            return
    goal.pace = graph.settling.pace_of(goal)


def order(down: list[Edge]) -> None:
    """Brings what supports a goal in order, as ``down_order`` has it: kind by kind, by keys that are read without a
    call, and not at all where it stands in order, as what a store gives mostly does."""
    last, before, id = 0, -1, ""
    for edge in down:
        kind = edge.kind
        rank = 0 if kind is KEY_RESULT_OF else 1 if kind is PARENT else 2
        if rank < last:
            break
        if rank == 0:
            if edge.position <= before:
                break
            before = edge.position
        else:
            child = edge.child.fact.id
            if rank == last and child <= id:
                break
            id = child
        last = rank
    else:
        return
    key_results = [edge for edge in down if edge.kind is KEY_RESULT_OF]
    parents = [edge for edge in down if edge.kind is PARENT]
    aligned = [edge for edge in down if edge.kind is not PARENT and edge.kind is not KEY_RESULT_OF]
    key_results.sort(key=CHILD)
    key_results.sort(key=POSITION)
    parents.sort(key=CHILD)
    aligned.sort(key=CHILD)
    down[:] = [*key_results, *parents, *aligned]
