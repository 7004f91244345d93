"""Links of which a node has at most one and which close no ring: a team in a team, a person under a manager, a period
within a period."""

from __future__ import annotations

from graph_service.models.checks import shown
from graph_service.models.nodes import Node
from graph_service.models.words import LinkKind
from graph_service.records.form import Item
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run


class Tree:
    """One kind of such links: those that are there and those that are planned, in the order in which they are made."""

    def __init__(self, run: Run, kind: LinkKind, field: str, nodes: type[Node]) -> None:
        self.run = run
        self.kind = kind
        self.field = field
        self.nodes = nodes
        self.planned: dict[str, str | None] = {}
        self._below: set[str] = set()

    def above(self, id: str) -> str | None:
        """What a node hangs under; None at the top."""
        if id in self.planned:
            return self.planned[id]
        vertex = self.run.graph.nodes.get(id)
        if vertex is None:
            return None
        return next((link.target for link in vertex.out if link.kind is self.kind and not link.dotted), None)

    def plan(self, item: Item) -> bool:
        """Plans the link that a record gives; whether it moves the node. What cannot be is listed."""
        field = self.field
        if field not in item.given:
            return False
        id = item.id
        text = item.given[field]
        before = self.above(id)
        if text is None:
            self.planned[id] = None
            return before is not None
        assert isinstance(text, str)
        if not self.run.finds(item, field, text, (self.nodes,), self.kind):
            return False
        if text == before:
            return False
        link = (id, text, self.kind)
        if not (self.run.stands(item, "id", id, link) and self.run.stands(item, field, text, link)):
            return False
        ring = self._ring(id, text)
        if ring:
            message = f"{field} {shown(text)}: this link would close a ring: {way(ring)}; take one of them out"
            self.run.say(item, field, text, ProblemKind.RING, message, Action.QUARANTINED, link)
            return False
        self.planned[id] = text
        self._below.add(text)
        self.run.settle(id, self.kind, text)
        return True

    def _ring(self, source: str, target: str) -> list[str]:
        if source not in self._below and self.run.is_new(source):
            return []
        ring = [source]
        at: str | None = target
        while at is not None and at != source:
            ring.append(at)
            at = self.above(at)
        return ring if at == source else []


def way(ring: list[str] | tuple[str, ...]) -> str:
    """A ring in a sentence."""
    return " -> ".join(shown(id) for id in (*ring[:8], *(("...",) if len(ring) > 8 else ()), ring[0]))
