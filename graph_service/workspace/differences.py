"""Where a graph that has lived differs from one that was built at once."""

from __future__ import annotations

from collections.abc import Iterator

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.checks import shown
from graph_service.stores.base import Problem

EXACTNESS = 1e-12


def differences(present: AlignmentGraph, fresh: AlignmentGraph) -> Iterator[Problem]:
    """What ``present`` says otherwise than ``fresh``, which stands at the same revision: facts (part ``memory``) and
    numbers (part ``rollup``, by more than 1e-12); by id."""
    if present.workspace != fresh.workspace:
        yield Problem("memory", None, "the facts of the workspace in memory differ from the stored ones")
    for name, ours, theirs in (
        ("", present.nodes, fresh.nodes),
        ("the removed ", _resting(present), _resting(fresh)),
    ):
        for id in sorted(ours.keys() | theirs.keys()):
            known, expected = ours.get(id), theirs.get(id)
            if known is None or expected is None:
                where = "memory but not stored" if expected is None else "the store but not in memory"
                yield Problem("memory", None, f"{name}{shown(id)} is in {where}")
            elif _facts(known) != _facts(expected):
                yield Problem("memory", None, f"{name}{shown(id)}: facts in memory differ from the stored ones")
            elif not (name or _alike(known, expected)):
                yield Problem("rollup", None, f"{shown(id)}: numbers in memory differ from a fresh rollup")
    if present.all_links() != fresh.all_links():
        yield Problem("memory", None, "the links in memory differ from the stored ones")


def _resting(graph: AlignmentGraph) -> dict[str, Vertex]:
    return {id: stone.vertex for id, stone in graph.removed.items()}


def _facts(vertex: Vertex) -> tuple[object, ...]:
    check_ins = vertex.check_ins if isinstance(vertex, GoalVertex) else ()
    return vertex.fact, vertex.revision, frozenset(vertex.broken), check_ins


def _alike(present: Vertex, fresh: Vertex) -> bool:
    """Whether two goals have the same numbers; shares may differ in what another order of adding leaves."""
    if not (isinstance(present, GoalVertex) and isinstance(fresh, GoalVertex)):
        return True
    ours, theirs = _shares(present), _shares(fresh)
    return (
        _others(present) == _others(fresh)
        and len(ours) == len(theirs)
        and all(one is other or near(one, other) for one, other in zip(ours, theirs, strict=True))
    )


def near(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same but for 1e-12."""
    return one is not None and other is not None and abs(one - other) <= EXACTNESS * max(1.0, abs(one))


def _shares(goal: GoalVertex) -> list[float | None]:
    return [goal.value, goal.coverage, goal.confidence, goal.amount, *goal.terms, goal.whole]


def _others(goal: GoalVertex) -> tuple[object, ...]:
    return goal.held, goal.pace.facts, [(child.id, weight) for child, weight in goal.contributions]
