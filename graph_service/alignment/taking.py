"""Taking in facts: what each of them does to nodes, links and removed nodes, and how it is taken back.

Numbers do not follow at once: facts only mark what is to be settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from graph_service.alignment.moved import Moved
from graph_service.alignment.pace import ACTIVE, Judge
from graph_service.alignment.rollup import EVERYTHING, VALUE
from graph_service.alignment.settling import Settling
from graph_service.alignment.titles import Titles
from graph_service.alignment.vertices import (
    DELTA,
    KEY_RESULT_OF,
    LEAF,
    Edge,
    GoalVertex,
    Tombstone,
    Vertex,
    add,
    attach,
    broken_order,
    check_in_order,
    detach,
    edge_between,
    put_in,
    take_out,
)
from graph_service.models.facts import (
    AddCheckIn,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
)
from graph_service.models.nodes import (
    CheckIn,
    KeyResult,
    Link,
    Node,
    Objective,
    Period,
    Person,
    Workspace,
)
from graph_service.models.words import GOAL_LINKS, LinkKind

BY_TARGET = frozenset({LinkKind.OWNS, LinkKind.CONTRIBUTES_TO})
"""Links that belong to the goal they lead to: the goal's revision counts them, not the owner's."""


class Taking:
    """One workspace as its facts leave it: nodes by id, links both ways, what was removed. A fact is taken in within a
    batch, which keeps how to take it back."""

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.revision = 0
        self.shape = 0
        """Grows whenever anything but a check-in is taken in or back: until then the same nodes hang together."""
        self.workspace = workspace or Workspace()
        self.nodes: dict[str, Vertex] = {}
        self.removed: dict[str, Tombstone] = {}
        self._check_in_ids: set[str] | None = None
        self._moved: Moved | None = None
        self.settling = Settling(self.nodes)
        self._judge: Judge | None = None
        self._titles: Titles | None = None

    def goals(self) -> Iterator[GoalVertex]:
        """All goals, in no promised order."""
        for vertex in self.nodes.values():
            if isinstance(vertex, GoalVertex):
                yield vertex

    def link(self, source: str, target: str, kind: LinkKind) -> Link | None:
        """The link between two nodes of one kind; None if there is none."""
        start, end = self.nodes.get(source), self.nodes.get(target)
        if start is None or end is None:
            return None
        if kind in GOAL_LINKS:
            edge = edge_between(start, end, kind)
            return None if edge is None else edge.link()
        return next(
            (
                link
                for link in (end.into if len(end.into) < len(start.out) else start.out)
                if link.kind is kind and link.source == source and link.target == target
            ),
            None,
        )

    def take(self, fact: Fact) -> None:
        """Takes in one fact within a batch; numbers follow with ``settle``."""
        moved = self._moved
        assert moved is not None
        kind = type(fact)
        if kind is AddCheckIn:  # these three make up nearly every import, and need no matching
            self._check_in(fact.check_in, moved)  # type: ignore[union-attr]  # mypy does not narrow by `is`
            return
        self.shape += 1
        if kind is PutNode:
            self._put(fact.node, moved)  # type: ignore[union-attr, arg-type]
        elif kind is PutLink:
            self._put_link(fact.link, moved)  # type: ignore[union-attr]
        else:
            self._take_rare(fact, moved)

    def _take_rare(self, fact: Fact, moved: Moved) -> None:
        match fact:
            case RemoveLink(source, target, kind):
                self._remove_link(source, target, kind, moved)
            case RemoveNode(id, links):
                self._remove(id, links, moved)
            case RestoreNode(id):
                self._restore(id, moved)
            case PutBroken(reference):
                vertex = self.nodes[reference.node]
                self._set(vertex, "broken", tuple(sorted((*vertex.broken, reference), key=broken_order)), moved)
                self._touch_revision(vertex, moved)
            case RemoveBroken(node, kind, text, outgoing):
                vertex = self.nodes[node]
                left = tuple(
                    known
                    for known in vertex.broken
                    if not (known.kind is kind and known.reference == text and known.outgoing == outgoing)
                )
                self._set(vertex, "broken", left, moved)
                self._touch_revision(vertex, moved)
            case PutWorkspace(workspace):
                self.workspace = workspace
                self._judge = None
            case ErasePerson(id):
                person = self.nodes[id].fact
                assert isinstance(person, Person)
                blank = replace(person, name=id, email=None, attributes=None, active=False, erased=True)
                self._put(blank, moved)

    def _set(self, vertex: Vertex, slot: str, value: object, moved: Moved) -> None:
        moved.undo.append((setattr, (vertex, slot, getattr(vertex, slot))))
        setattr(vertex, slot, value)

    def _touch_revision(self, vertex: Vertex, moved: Moved) -> None:
        if vertex.revision != self.revision:
            self._set(vertex, "revision", self.revision, moved)

    def _check_in(self, check_in: CheckIn, moved: Moved) -> None:
        goal = self.nodes[check_in.goal]
        assert isinstance(goal, GoalVertex)
        before = goal.check_ins
        moved.undo.append((self._uncheck, (goal, before, goal.revision, check_in.id)))
        look = EVERYTHING
        if not before or (last := before[-1]).at < check_in.at or check_in_order(last) < check_in_order(check_in):
            goal.check_ins = (*before, check_in)
            if (  # it says all that is new
                check_in.value is not None
                and check_in.confidence is None
                and check_in.replaces is None
                and goal.value is not None
                and goal.mode == LEAF
                and type(fact := goal.fact) is KeyResult
                and fact.measure is DELTA
            ):
                look = self.settling.dirty.get(goal, 0) | VALUE
        else:
            goal.check_ins = tuple(sorted((*before, check_in), key=check_in_order))
        if self._check_in_ids is not None:
            self._check_in_ids.add(check_in.id)
        goal.revision = self.revision
        self.settling.dirty[goal] = look

    def _uncheck(self, goal: GoalVertex, before: tuple[CheckIn, ...], revision: int, id: str) -> None:
        goal.check_ins, goal.revision = before, revision
        if self._check_in_ids is not None:
            self._check_in_ids.discard(id)

    def _put(self, node: Node, moved: Moved) -> None:
        id = node.id
        vertex = self.nodes.get(id)
        if vertex is None:
            if isinstance(node, Objective | KeyResult):
                vertex = GoalVertex(node, self.revision, self.settling.pace(ACTIVE, None, None, None))
                moved.created.add(vertex)
                self.settling.repace[vertex] = None
                self.settling.dirty[vertex] = EVERYTHING
            else:
                vertex = Vertex(node, self.revision)
            self._place(id, vertex, moved)
            return
        before = vertex.fact
        self._say(vertex, node)
        moved.undo.append((self._say, (vertex, before)))
        self._touch_revision(vertex, moved)
        if isinstance(vertex, GoalVertex):
            self.settling.touch(vertex, moved)
            self.settling.reshape[vertex] = None
            self.settling.repace[vertex] = None
            if before.state is not node.state:  # type: ignore[union-attr]
                for edge in vertex.up:
                    self.settling.reshape[edge.parent] = None
        elif (
            isinstance(node, Period)
            and isinstance(before, Period)
            and (before.start, before.end) != (node.start, node.end)
        ):
            self.settling.repace.update((goal, None) for goal in self.goals() if goal.fact.period == id)

    def _place(self, id: str, vertex: Vertex, moved: Moved) -> None:
        self._hold(id, vertex)
        moved.undo.append((self._hold, (id, None)))

    def _hold(self, id: str, vertex: Vertex | None) -> None:
        """The node with this id is this one, or there is none."""
        if vertex is None:
            del self.nodes[id]
        else:
            self.nodes[id] = vertex
        if self._titles is not None:
            self._titles.touch(id)

    def _say(self, vertex: Vertex, fact: Node) -> None:
        """What is known of a node is this."""
        vertex.fact = fact
        if self._titles is not None:
            self._titles.touch(fact.id)

    def _put_link(self, link: Link, moved: Moved) -> None:
        source, target = self.nodes[link.source], self.nodes[link.target]
        undo = moved.undo
        self._touch_revision(target if link.kind in BY_TARGET else source, moved)
        if link.kind not in GOAL_LINKS:
            known = self.link(link.source, link.target, link.kind)
            if known is not None:
                self._drop(source, "out", known, moved)
                self._drop(target, "into", known, moved)
            for vertex, side in ((source, "out"), (target, "into")):
                add(vertex, side, link)
                undo.append((take_out, (vertex, side, link)))
            return
        assert isinstance(source, GoalVertex) and isinstance(target, GoalVertex)
        old = edge_between(source, target, link.kind)
        if old is not None:
            self._unlink(old, moved)
        edge = Edge(source, target, link.kind, link.weight, link.position)
        attach(edge)
        undo.append((detach, (edge,)))
        if edge.ladders:
            self._raise(target, source.height + 1, moved)
        self.settling.reshape[target] = None
        if link.kind is KEY_RESULT_OF:
            self.settling.repace[source] = None

    def _remove_link(self, source: str, target: str, kind: LinkKind, moved: Moved) -> None:
        start, end = self.nodes[source], self.nodes[target]
        self._touch_revision(end if kind in BY_TARGET else start, moved)
        if kind not in GOAL_LINKS:
            known = self.link(source, target, kind)
            assert known is not None
            self._drop(start, "out", known, moved)
            self._drop(end, "into", known, moved)
            return
        edge = edge_between(start, end, kind)
        assert edge is not None
        self._unlink(edge, moved)

    def _unlink(self, edge: Edge, moved: Moved) -> None:
        detach(edge)
        moved.undo.append((attach, (edge,)))
        self.settling.reshape[edge.parent] = None
        if edge.kind is KEY_RESULT_OF:
            self.settling.repace[edge.child] = None

    def _drop(self, vertex: Vertex, side: str, link: Link, moved: Moved) -> None:
        place = take_out(vertex, side, link)
        moved.undo.append((put_in, (vertex, side, place, link)))

    def _raise(self, goal: GoalVertex, height: int, moved: Moved) -> None:
        waiting = [(goal, height)]
        while waiting:
            goal, height = waiting.pop()
            if goal.height >= height:
                continue
            self._set(goal, "height", height, moved)
            waiting += [(edge.parent, height + 1) for edge in goal.up if edge.ladders]

    def _remove(self, id: str, links: Sequence[Link], moved: Moved) -> None:
        vertex = self.nodes[id]
        if isinstance(vertex, GoalVertex):
            self.settling.touch(vertex, moved)
            moved.removed.add(vertex)
            moved.reshaped[vertex] = None  # who counts in it, if it comes back by an undo: it may have rested otherwise
        for link in links:
            self._remove_link(link.source, link.target, link.kind, moved)
        for pending in (self.settling.dirty, self.settling.reshape, self.settling.repace):
            pending.pop(vertex, None)  # type: ignore[call-overload]
        self._hold(id, None)
        moved.undo.append((self._hold, (id, vertex)))
        self._touch_revision(vertex, moved)
        self.removed[id] = Tombstone(vertex, self.revision, tuple(links))
        moved.undo.append((self.removed.pop, (id,)))

    def _restore(self, id: str, moved: Moved) -> None:
        tombstone = self.removed.pop(id)
        moved.undo.append((self.removed.__setitem__, (id, tombstone)))
        vertex = tombstone.vertex
        self._place(id, vertex, moved)
        self._touch_revision(vertex, moved)
        if isinstance(vertex, GoalVertex):
            self.settling.touch(vertex, moved)
            if vertex in moved.removed:
                moved.removed.discard(vertex)
                moved.undo.append((moved.removed.add, (vertex,)))
            else:
                moved.created.add(vertex)
            self.settling.reshape[vertex] = None
            self.settling.repace[vertex] = None
            self.settling.dirty[vertex] = EVERYTHING
