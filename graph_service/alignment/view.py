"""The goals as networkx sees them: a read-only directed graph whose mappings read the graph itself.

Nothing is copied, so the view is made in microseconds and is always current. Any algorithm of networkx works on it;
``view.copy()`` gives an ordinary graph to write in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn, TypeVar

import networkx as nx

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.terms import counts
from graph_service.alignment.vertices import Edge, GoalVertex

Shown = TypeVar("Shown")


class Data(dict[str, object]):
    """What a node or an edge carries; to read only. Copies, deep ones too, are ordinary dictionaries."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise nx.NetworkXError("Frozen graph can't be modified")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, memo: object) -> dict[str, object]:
        return dict(self)


def view(graph: AlignmentGraph) -> nx.DiGraph[str]:
    """A frozen DiGraph of the goals' ids with an edge from each child to what it supports.

    Nodes carry ``kind`` (objective, key_result), ``title``, ``state``, ``progress``, ``coverage`` and ``height``; edges
    ``kind``, ``weight`` and ``counts`` (whether the child counts in the parent's numbers once it is measured). Two
    goals that are linked by several kinds show one edge, the first of KEY_RESULT_OF, PARENT, ALIGNED. Writing to it,
    to the data of nodes and edges too, raises NetworkXError.

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
    fact = goal.fact
    return Data(
        kind="objective" if goal.is_objective else "key_result",
        title=fact.title,
        state=fact.state.value,
        progress=goal.value,
        coverage=goal.coverage,
        height=goal.height,
    )


def edge_data(edge: Edge) -> Data:
    """What an edge carries."""
    return Data(kind=edge.kind.value, weight=edge.weight, counts=counts(edge))


def above(goal: GoalVertex) -> dict[str, Data]:
    """The goals right above one, with what the edges to them carry."""
    found: dict[str, Data] = {}
    for edge in goal.up:  # in the order of their kinds: the first to a goal is the one that shows
        id = edge.parent.fact.id
        if id not in found:
            found[id] = edge_data(edge)
    return found


def below(goal: GoalVertex) -> dict[str, Data]:
    """The goals right below one, with what the edges from them carry."""
    found: dict[str, Data] = {}
    for edge in goal.down:
        id = edge.child.fact.id
        if id not in found:
            found[id] = edge_data(edge)
    return found


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
