"""Links between goals: those that are there, and those that are planned, in the order in which they are made.

A link that may be part of no ring (KEY_RESULT_OF, PARENT, ALIGNED with a weight) is checked by a walk up from its
target, and only where something hangs below its source already.
"""

from __future__ import annotations

from graph_service.alignment.vertices import GoalVertex
from graph_service.models.checks import shown
from graph_service.models.words import LinkKind
from graph_service.records.form import Item
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run
from graph_service.records.trees import way

KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
Ups = dict[tuple[str, LinkKind], float]


class Ladders:
    """The upward links of goals as they are to be."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._ups: dict[str, Ups] = {}
        self._below: set[str] = set()
        self._named: set[tuple[str, str, LinkKind]] = set()

    def ups(self, id: str) -> Ups:
        """What a goal is to hang under, with weights, in order; changes to it are plans."""
        ups = self._ups.get(id)
        if ups is None:
            goal = self.run.graph.goal(id)
            ups = {} if goal is None else {(edge.parent.id, edge.kind): edge.weight for edge in goal.up}
            self._ups[id] = ups
        return ups

    def objective(self, id: str) -> str | None:
        """The objective that a key result is to belong to."""
        for target, kind in self.ups(id):
            if kind is KEY_RESULT_OF:
                return target
        return None

    def hang(self, source: str, target: str, kind: LinkKind, weight: float) -> bool:
        """Plans the only link of a new goal; False, and nothing is planned, if something hangs below it already (then
        the link has to be checked)."""
        if source in self._below:
            return False
        self._ups[source] = {(target, kind): weight}
        self._below.add(target)
        return True

    def take_away(self, source: str, target: str, kind: LinkKind) -> float:
        """A link goes; its weight."""
        return self.ups(source).pop((target, kind))

    def names(self, item: Item, field: str, source: str, target: str, kind: LinkKind) -> bool:
        """Whether the records name this link for the first time; the second of two equal links is listed."""
        link = (source, target, kind)
        if self.run.is_new(source):
            first = (target, kind) not in self.ups(source)
        else:
            first = link not in self._named
            self._named.add(link)
        if first:
            return True
        message = (
            f"{field} {shown(target)}: {shown(source)} is linked to {shown(target)} by {kind.name} twice; keep one"
        )
        self.run.say(item, field, target, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED, link)
        return False

    def add(self, item: Item, field: str, source: str, target: str, kind: LinkKind, weight: float) -> bool:
        """Plans a link, or gives it another weight; False where it would close a ring (and says so)."""
        counts = kind is not ALIGNED or weight > 0
        if counts:
            ring = self._ring(source, target)
            if ring:
                message = f"{field} {shown(target)}: this link would close a ring: {way(ring)}; take one of them out"
                link = (source, target, kind)
                self.run.say(item, field, target, ProblemKind.RING, message, Action.QUARANTINED, link)
                return False
            self._below.add(target)
        self.ups(source)[target, kind] = weight
        return True

    def _above(self, id: str) -> list[str]:
        ups = self._ups.get(id)
        if ups is not None:
            return [target for (target, kind), weight in ups.items() if kind is not ALIGNED or weight > 0]
        goal = self.run.graph.goal(id)
        return [] if goal is None else [edge.parent.id for edge in goal.up if edge.ladders]

    def _ring(self, source: str, target: str) -> list[str]:
        """The ring that a link would close, each supporting the next; empty if none."""
        if source not in self._below:
            vertex = self.run.graph.nodes.get(source)
            if not isinstance(vertex, GoalVertex) or not vertex.down:
                return []
        came: dict[str, str | None] = {target: None}
        waiting = [target]
        while waiting:
            id = waiting.pop()
            for above in self._above(id):
                if above == source:
                    ring: list[str] = []
                    step: str | None = id
                    while step is not None:
                        ring.append(step)
                        step = came[step]
                    return [source, *reversed(ring)]
                if above not in came:
                    came[above] = id
                    waiting.append(above)
        return []
