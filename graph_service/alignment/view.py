"""The goals as networkx sees them: a read-only directed graph whose mappings read the graph itself.

Nothing is copied, so the view is made in microseconds and is always current. Any algorithm of networkx works on it;
``view.copy()`` gives an ordinary graph to write in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

import networkx as nx

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import Edge, GoalVertex, counts

Data = Mapping[str, object]
Shown = TypeVar("Shown")


def view(graph: AlignmentGraph) -> nx.DiGraph[str]:
    """A frozen DiGraph of the goals' ids with an edge from each child to what it supports.

    Nodes carry ``kind`` (objective, key_result), ``title``, ``state``, ``progress``, ``coverage`` and ``height``; edges
    ``kind``, ``weight`` and ``counts`` (whether the child counts in the parent's numbers once it is measured). Two
    goals that are linked by several kinds show one edge, the first of KEY_RESULT_OF, PARENT, ALIGNED. Writing to it raises NetworkXError (to the data of a node or an edge: TypeError).

    >>> from graph_service.models.nodes import Link, Objective
    >>> from graph_service.models.words import LinkKind
    >>> graph = AlignmentGraph.build(
    ...     nodes=[(Objective("grow", "Grow revenue"), 1), (Objective("teach", "Teach crews"), 1)],
    ...     links=[Link("teach", "grow", LinkKind.PARENT, 2.0), Link("teach", "grow", LinkKind.ALIGNED, 0.0)],
    ... )
    >>> list(graph.nx.edges(data="kind"))  # one edge, the PARENT
    [('teach', 'grow', 'parent')]
    >>> list(nx.topological_sort(graph.nx))
    ['teach', 'grow']
    """
    seen: nx.DiGraph[str] = nx.DiGraph()
    # The three mappings of which a DiGraph consists; networkx keeps ``_adj`` as ``_succ`` too.
    mappings = (("_node", _Goals(graph, node_data)), ("_adj", _Goals(graph, above)), ("_pred", _Goals(graph, below)))
    for name, mapping in mappings:
        setattr(seen, name, mapping)
    nx.freeze(seen)
    return seen


def node_data(goal: GoalVertex) -> Data:
    """What a node carries."""
    return MappingProxyType(
        {
            "kind": "objective" if goal.is_objective else "key_result",
            "title": goal.fact.title,
            "state": goal.fact.state.value,
            "progress": goal.value,
            "coverage": goal.coverage,
            "height": goal.height,
        }
    )


def edge_data(edge: Edge) -> Data:
    """What an edge carries."""
    return MappingProxyType({"kind": edge.kind.value, "weight": edge.weight, "counts": counts(edge)})


def above(goal: GoalVertex) -> Mapping[str, Data]:
    """The goals right above one, with what the edges to them carry."""
    # Links stand in the order of their kinds: read backwards, the first kind is the one that stays.
    return MappingProxyType({edge.parent.fact.id: edge_data(edge) for edge in reversed(goal.up)})


def below(goal: GoalVertex) -> Mapping[str, Data]:
    """The goals right below one, with what the edges from them carry."""
    return MappingProxyType({edge.child.fact.id: edge_data(edge) for edge in reversed(goal.down)})


class _Goals(Mapping[str, Shown]):
    """By the id of each goal, what ``show`` makes of it at that moment."""

    __slots__ = ("_graph", "_show")

    def __init__(self, graph: AlignmentGraph, show: Callable[[GoalVertex], Shown]) -> None:
        self._graph = graph
        self._show = show

    def __getitem__(self, id: str) -> Shown:
        goal = self._graph.goal(id)
        if goal is None:
            raise KeyError(id)
        return self._show(goal)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self._graph.goal(id) is not None

    def __iter__(self) -> Iterator[str]:
        return (goal.fact.id for goal in self._graph.goals())

    def __len__(self) -> int:
        return sum(1 for _ in self._graph.goals())
