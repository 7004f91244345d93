"""Lists that stand in order already: a page of them looks at its own rows, not at all there are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, cast

from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY
from graph_service.api.context import Ground
from graph_service.api.cursors import Key
from graph_service.models.nodes import Link, Node
from graph_service.models.words import LinkKind

V = TypeVar("V")


class Walk(Generic[V]):
    """Rows that stand in order, with their keys."""

    def __call__(self, after: Key | None, before: Key | None, backwards: bool) -> Iterator[tuple[Key, V]]:
        """The rows after the one place and before the other (None: open), in the order of the list or from its end.
        TypeError for a place that is none of this list."""
        raise NotImplementedError

    def count(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self(None, None, False))


class Nodes(Walk[Vertex]):
    """Nodes of some kinds that the viewer may see and that meet every condition, by id. Those of one kind also by title
    and then id, and also only those among some."""

    def __init__(
        self,
        on: Ground,
        *kinds: type[Node],
        among: set[str] | None = None,
        meet: Sequence[Callable[[Any], bool]] = (),
        by_title: bool = False,
        descending: bool = False,
    ) -> None:
        titles = on.graph.titles
        shelf = titles.shelf(kinds[0])
        self.on = on
        self.rows: Sequence[Any] = shelf.rows if by_title else titles.ids(*kinds)
        if among is not None:
            known = among & shelf.titles.keys()
            self.rows = sorted((shelf.titles[id], id) for id in known) if by_title else sorted(known)
        self.meet = meet
        self.by_title = by_title
        self.descending = descending

    def _key(self, row: Any) -> Key:
        # What has a title has one; in orders by what may be missing, the first part says whether it is.
        return (1 if self.descending else 0, *row) if self.by_title else (row,)

    def __call__(self, after: Key | None, before: Key | None, backwards: bool) -> Iterator[tuple[Key, Vertex]]:
        """The nodes between two places."""
        low, high = (before, after) if self.descending else (after, before)
        rows = self.rows
        begin = 0 if low is None else bisect_right(rows, low, key=self._key)
        end = len(rows) if high is None else bisect_left(rows, high, key=self._key)
        nodes, meet = self.on.graph.nodes, self.meet
        sees = None if self.on.viewer is EVERYBODY else self.on.viewer.sees
        for number in range(begin, end) if backwards is self.descending else range(end - 1, begin - 1, -1):
            row = rows[number]
            vertex = nodes[row[1] if self.by_title else row]
            if (sees is None or sees(vertex)) and all(meets(vertex) for meets in meet):
                yield self._key(row), vertex

    def count(self) -> int:
        """How many rows there are."""
        return super().count() if self.meet or self.on.viewer is not EVERYBODY else len(self.rows)


class Links(Walk[Link]):
    """Links of some kinds (None: of any) whose ends the viewer may see, by source, target and kind. No way back."""

    def __init__(self, on: Ground, kinds: frozenset[LinkKind] | None) -> None:
        self.on = on
        self.kinds = kinds

    def __call__(self, after: Key | None, before: Key | None, backwards: bool) -> Iterator[tuple[Key, Link]]:
        """The links after a place."""
        on, kinds = self.on, self.kinds
        for id in on.graph.titles.ids_from(cast("str", after[0]) if after else ""):
            vertex = on.vertex(id)
            for link in () if vertex is None else links_from(vertex):
                key = (link.source, link.target, link.kind.value)
                fits = (kinds is None or link.kind in kinds) and (after is None or key > after)
                if fits and on.vertex(link.target) is not None:
                    yield key, link


def links_from(vertex: Vertex) -> list[Link]:
    """The links that lead from a node, by target and kind."""
    links = list(vertex.out)
    if isinstance(vertex, GoalVertex):
        links += [edge.link() for edge in vertex.up]
    return links if len(links) < 2 else sorted(links, key=lambda link: (link.target, link.kind.value))


class Search(Walk[Vertex]):
    """What has every one of some folded words in its title, the nearest first. No way back."""

    def __init__(self, on: Ground, words: Sequence[str]) -> None:
        self.on = on
        self.words = words

    def __call__(self, after: Key | None, before: Key | None, backwards: bool) -> Iterator[tuple[Key, Vertex]]:
        """What was found after a place."""
        for key in self.on.graph.titles.search(self.words):
            if after is None or key > after:
                vertex = self.on.vertex(key[2])
                if vertex is not None:
                    yield key, vertex
