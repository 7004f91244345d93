"""Building a graph from a whole present at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graph_service.alignment.rollup import rollup_all
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
from graph_service.models.words import GOAL_LINKS, GoalState

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


def fill(
    graph: AlignmentGraph,
    nodes: Iterable[tuple[Node, int]],
    links: Iterable[Link],
    check_ins: Iterable[CheckIn],
    broken: Iterable[BrokenReference],
    removed: Iterable[tuple[Node, int, tuple[Link, ...]]],
) -> None:
    """Fills an empty graph with facts in any order, and computes every number."""
    unset = graph.pace(GoalState.ACTIVE, None, None, None)
    places = graph.nodes
    goals: list[GoalVertex] = []
    for fact, revision in nodes:
        if type(fact) is Objective or type(fact) is KeyResult:
            goal = GoalVertex(fact, revision, unset)
            goals.append(goal)
            places[fact.id] = goal
        else:
            places[fact.id] = Vertex(fact, revision)
    for link in links:
        source, target = places[link.source], places[link.target]
        if link.kind in GOAL_LINKS:
            assert isinstance(source, GoalVertex) and isinstance(target, GoalVertex)
            edge = Edge(source, target, link.kind, link.weight, link.position)
            source.up = (*source.up, edge)
            if target.down:
                target.down.append(edge)
            else:
                target.down = [edge]
        else:
            add(source, "out", link)
            add(target, "into", link)
    for node, revision, taken in removed:
        resting: Vertex
        if isinstance(node, Objective | KeyResult):
            resting = GoalVertex(node, revision, unset)
        else:
            resting = Vertex(node, revision)
        graph.removed[node.id] = Tombstone(resting, revision, taken)
    ids = graph.check_in_ids
    for check_in in check_ins:
        ids.add(check_in.id)
        reported = places.get(check_in.goal) or graph.removed[check_in.goal].vertex
        assert isinstance(reported, GoalVertex)
        reported.check_ins = (*reported.check_ins, check_in)
    for reference in broken:
        kept = places.get(reference.node) or graph.removed[reference.node].vertex
        kept.broken = (*kept.broken, reference)
    for goal in goals:
        if len(goal.up) > 1:
            goal.up = tuple(sorted(goal.up, key=up_order))
        if len(goal.down) > 1:
            goal.down.sort(key=down_order)
        if len(goal.check_ins) > 1:
            goal.check_ins = tuple(sorted(goal.check_ins, key=check_in_order))
    stack(goals)
    for goal in goals:
        if goal.down:
            recount(goal)
        if type(goal.fact) is Objective:
            goal.pace = graph.pace_of(goal)
    for goal in goals:
        if type(goal.fact) is KeyResult:
            goal.pace = graph.pace_of(goal)
    rollup_all(goals)


def stack(goals: Sequence[GoalVertex]) -> None:
    """Heights of all goals: 0 without anything below, else one more than the highest below."""
    waiting: dict[GoalVertex, int] = {}
    ready: list[GoalVertex] = []
    for goal in goals:
        below = sum(1 for edge in goal.down if edge.ladders) if goal.down else 0
        if below:
            waiting[goal] = below
        else:
            ready.append(goal)
    for goal in ready:  # grows while it is walked
        height = goal.height + 1
        for edge in goal.up:
            if not edge.ladders:
                continue
            above = edge.parent
            above.height = max(above.height, height)
            left = waiting[above] - 1
            waiting[above] = left
            if not left:
                ready.append(above)
    assert len(ready) == len(goals), "the links hold a ring"
