"""Whoever may see one picture and nothing else: what it shows, and whose that is.

What a picture shows depends on the links of the moment, so it is found anew when they change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.org import org_chart
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import Viewer
from graph_service.models.nodes import Person, Team
from graph_service.models.words import LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.audit.current import Found

ALL = 1_000_000_000
"""More levels, and more nodes, than there are."""


class Within(Viewer):
    """Somebody who sees some nodes of one graph."""

    __slots__ = ("_found", "_seen")

    def __init__(self, seen: Iterable[Vertex]) -> None:
        self._seen = frozenset(seen)
        self._found: tuple[int, dict[date, Found]] = (-1, {})

    def found(self, revision: int) -> dict[date, Found]:
        """Where what an audit finds for these eyes is kept, by day, until the next revision: many ask through them."""
        if self._found[0] != revision:
            self._found = (revision, {})
        return self._found[1]

    def sees(self, vertex: Vertex) -> bool:
        """Whether it is one of them."""
        return vertex in self._seen


class Narrow(Viewer):
    """Somebody who sees a view of a root, whatever it shows at the moment: nothing before there is a graph."""

    __slots__ = ("_known", "root", "view")

    def __init__(self, view: str, root: str | None) -> None:
        self.view = view
        self.root = root
        self._known: tuple[AlignmentGraph, int, Within] | None = None

    def on(self, graph: AlignmentGraph) -> Viewer:
        """Whoever sees what the view shows in this graph as it stands."""
        known = self._known
        if known is not None and known[0] is graph and known[1] == graph.shape:
            return known[2]
        within = Within(shown_by(graph, self.view, self.root))
        self._known = (graph, graph.shape, within)
        return within

    def sees(self, vertex: Vertex) -> bool:
        """Nothing: what is seen is asked of a graph."""
        return False


@lru_cache(maxsize=256)
def narrow(view: str, root: str | None) -> Narrow:
    """Who sees a view of a root; the same one for all who may see just this."""
    return Narrow(view, root)


def shown_by(graph: AlignmentGraph, view: str, root: str | None) -> set[Vertex]:
    """All that a view of a root shows: goals, who owns them, and the periods that they are set for.

    ``cascade``: the goal and everything under it, by all links but ALIGNED. ``ladder``: the goal, everything above it,
    and the key results beside its primary path. ``org``: a person or team (None: the whole organization) and everybody
    under it, each with their live goals. Empty for a root that is not there, or of which there is no such view.

    >>> from graph_service.models.nodes import Link, Objective
    >>> graph = AlignmentGraph.build(
    ...     nodes=[(Objective(id, id.title()), 1) for id in ("grow", "learn", "teach")],
    ...     links=[Link("learn", "grow", LinkKind.PARENT), Link("teach", "learn", LinkKind.ALIGNED, 0.0)],
    ... )
    >>> [sorted(one.id for one in shown_by(graph, view, "learn")) for view in ("cascade", "ladder", "org")]
    [['learn'], ['grow', 'learn'], []]
    """
    goals: set[GoalVertex] = set()
    seen: set[Vertex] = set()
    goal = None if root is None else graph.goal(root)
    if view == "org":
        top = None if root is None else graph.nodes.get(root)
        if root is None or (top is not None and isinstance(top.fact, Person | Team)):
            chart = org_chart(graph, root, depth=ALL, limit=ALL)
            for node in () if chart is None else chart.nodes:
                seen.add(node.owner)
                goals.update(node.goals)
    elif goal is not None and view == "cascade":
        goals = _under(goal)
    elif goal is not None and view == "ladder":
        found = ladder(graph, goal.id, limit=ALL)
        assert found is not None, "the goal was found"
        goals.update(found.nodes, *[rung.key_results for rung in found.path])
    seen |= goals
    for one in goals:
        for id in (one.owner, one.fact.period):
            vertex = None if id is None else graph.nodes.get(id)
            if vertex is not None:
                seen.add(vertex)
    return seen


def _under(goal: GoalVertex) -> set[GoalVertex]:
    found = {goal}
    waiting = [goal]
    while waiting:
        for edge in waiting.pop().down:
            if edge.kind is not LinkKind.ALIGNED and edge.child not in found:
                found.add(edge.child)
                waiting.append(edge.child)
    return found
