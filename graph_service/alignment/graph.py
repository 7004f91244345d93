"""AlignmentGraph: the one truth in memory.

Nodes by id, links both ways, and exact rollup numbers kept current. Facts go in through ``apply``; everything that a
batch of facts did can be undone, which is what ``suppose`` and the deciding of waiting commits rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph_service.alignment.build import fill, undisturbed
from graph_service.alignment.moved import Moved
from graph_service.alignment.numbers import GoalNumbers
from graph_service.alignment.pace import Judge
from graph_service.alignment.rollup import EVERYTHING, VALUE
from graph_service.alignment.settling import Settling
from graph_service.alignment.titles import Titles
from graph_service.alignment.vertices import (
    ACTIVE,
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
    give,
    link_order,
    put_in,
    recount,
    take_out,
    way_up,
    weigh,
)
from graph_service.errors import Refusal
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
    BrokenReference,
    CheckIn,
    KeyResult,
    Link,
    Node,
    Objective,
    Period,
    Person,
    Workspace,
)
from graph_service.models.words import GOAL_LINKS, LinkKind, Status

if TYPE_CHECKING:
    from networkx import DiGraph

    from graph_service.alignment.decide import Occasion
    from graph_service.alignment.watch import Watch
    from graph_service.models.changes import Change

MANY = 1_000  # changes from which on a batch is decided without collections

BY_TARGET = frozenset({LinkKind.OWNS, LinkKind.CONTRIBUTES_TO})
"""Links that belong to the goal they lead to: the goal's revision counts them, not the owner's."""


class AlignmentGraph:
    """One workspace: its nodes, links and numbers.

    ``revision`` is that of the last applied commit. Reading never changes anything; writing goes through ``apply``,
    ``decide`` (a change) or ``suppose``. It is not locked: whoever shares it between threads holds a lock.
    """

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
        self._nx: DiGraph[str] | None = None
        self._titles: Titles | None = None
        self.watch: Watch | None = None
        """Hears of all that moves, if somebody wants to know."""

    # ---------- reading ----------

    def goal(self, id: str) -> GoalVertex | None:
        """The goal with this id; None if there is none (removed ones are not there)."""
        vertex = self.nodes.get(id)
        return vertex if isinstance(vertex, GoalVertex) else None

    def goals(self) -> Iterator[GoalVertex]:
        """All goals, in no promised order."""
        for vertex in self.nodes.values():
            if isinstance(vertex, GoalVertex):
                yield vertex

    def of_kind(self, *kinds: type[Node]) -> list[Vertex]:
        """All nodes of some kinds, by id."""
        return sorted((v for v in self.nodes.values() if type(v.fact) in kinds), key=lambda v: v.fact.id)

    def judge(self, as_of: date) -> Judge:
        """Judges status and expected progress on a day; the last day's judge is kept."""
        judge = self._judge
        if judge is None or judge.as_of != as_of:
            judge = self._judge = Judge(as_of, self.workspace)
        return judge

    def status(self, goal: GoalVertex, as_of: date) -> Status:
        """How a goal stands on a day."""
        return self.judge(as_of).status(goal.pace, goal.value, goal.held)

    def numbers(self, goal: GoalVertex, judge: Judge) -> GoalNumbers:
        """A goal's numbers and its status by a judge."""
        status = judge.status(goal.pace, goal.value, goal.held)
        return GoalNumbers(goal.value, goal.coverage, goal.confidence, status)

    def top_level(self, goal: GoalVertex) -> bool:
        """Whether an objective is meant to have no parent: as said, else by its level being ``organization``."""
        fact = goal.fact
        if type(fact) is not Objective:
            return False
        return fact.top_level if fact.top_level is not None else fact.level == "organization"

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

    def links(self, vertex: Vertex) -> list[Link]:
        """All links that touch a node, sorted by (source, target, kind)."""
        links: list[Link] = [*vertex.out, *vertex.into]
        if isinstance(vertex, GoalVertex):
            links += [edge.link() for edge in vertex.up]
            links += [edge.link() for edge in vertex.down]
        return sorted(links, key=link_order)

    def all_links(self) -> list[Link]:
        """Every link once, sorted by (source, target, kind)."""
        links: list[Link] = []
        for vertex in self.nodes.values():
            links += vertex.out
            if isinstance(vertex, GoalVertex):
                links += [edge.link() for edge in vertex.up]
        return sorted(links, key=link_order)

    @property
    def check_in_ids(self) -> set[str]:
        """The ids of all check-ins, those of removed goals too; gathered when first asked for."""
        if self._check_in_ids is None:
            resting = [stone.vertex for stone in self.removed.values()]
            self._check_in_ids = {
                check_in.id
                for vertex in (*self.nodes.values(), *resting)
                if isinstance(vertex, GoalVertex)
                for check_in in vertex.check_ins
            }
        return self._check_in_ids

    def used(self, id: str) -> bool:
        """Whether an id was ever given out: to a node, a removed one, or a check-in."""
        return id in self.nodes or id in self.removed or id in self.check_in_ids

    def ring(self, source: str, target: str) -> tuple[str, ...]:
        """The ring that a link from ``source`` to ``target`` would close, each id supporting the next; else empty."""
        child, parent = self.goal(source), self.goal(target)
        if child is None or parent is None:
            return ()
        if child is parent:
            return (source,)
        way = way_up(parent, child)
        return (source, *[goal.id for goal in way]) if way else ()

    @property
    def titles(self) -> Titles:
        """Ids and titles in order, for pages and searches; made when first asked for, and current ever after."""
        if self._titles is None:
            self._titles = Titles(self.nodes)
        return self._titles.settle()

    @property
    def nx(self) -> DiGraph[str]:
        """A read-only networkx view of the goals (child -> parent), always current; nothing is copied."""
        if self._nx is None:
            from graph_service.alignment.view import view  # networkx is loaded only when somebody asks for it

            self._nx = view(self)
        return self._nx

    # ---------- building ----------

    @classmethod
    def build(
        cls,
        *,
        nodes: Iterable[tuple[Node, int]],
        links: Iterable[Link] = (),
        check_ins: Iterable[CheckIn] = (),
        broken: Iterable[BrokenReference] = (),
        removed: Iterable[tuple[Node, int, tuple[Link, ...]]] = (),
        workspace: Workspace | None = None,
        revision: int = 0,
    ) -> AlignmentGraph:
        """The graph of a whole present, at once: one pass over each list, then the rollup in numpy."""
        graph = cls(workspace)
        graph.revision = revision
        with undisturbed():
            fill(graph, nodes, links, check_ins, broken, removed)
        return graph

    # ---------- writing ----------

    def apply(self, facts: Iterable[Fact], revision: int | None = None) -> Moved:
        """Takes in decided facts and brings all numbers up to date; says what moved and keeps how to take it back.

        ``revision`` is that of their commit (absent: the next)."""
        self._begin(revision)
        try:
            for fact in facts:
                self.take(fact)
            self.settle()
        except BaseException:
            self.undo(self._end())
            raise
        return self._end()

    def decide(self, changes: Iterable[Change], occasion: Occasion) -> tuple[list[list[Fact]], Moved]:
        """Decides changes one after the other, each on the graph that the ones before have left, and applies them.

        All or nothing: a refusal (its path names the change) undoes what was applied and is raised."""
        if isinstance(changes, Sequence) and len(changes) > MANY:
            with undisturbed():
                return self._decide(changes, occasion)
        return self._decide(changes, occasion)

    def _decide(self, changes: Iterable[Change], occasion: Occasion) -> tuple[list[list[Fact]], Moved]:
        from graph_service.alignment.decide import decide  # deciding stands above the graph

        self._begin(occasion.revision)
        decided: list[list[Fact]] = []
        try:
            for number, change in enumerate(changes):
                facts: list[Fact] = []
                try:
                    for fact in decide(self, change, occasion):
                        facts.append(fact)
                        self.take(fact)
                except Refusal as refusal:
                    raise refusal.under("changes", str(number), change.kind) from None
                decided.append(facts)
            self.settle()
        except BaseException:
            self.undo(self._end())
            raise
        return decided, self._end()

    @contextmanager
    def suppose(self, changes: Iterable[Change], occasion: Occasion) -> Iterator[Moved]:
        """The graph as it would be, within the block; afterwards everything is as before.

        It costs the changes, not the graph. Raises the refusal of a change that cannot be."""
        _, moved = self.decide(changes, occasion)
        try:
            yield moved
        finally:
            self.undo(moved)

    def undo(self, moved: Moved) -> None:
        """Takes back what a batch did; the last one first, if there are several."""
        if self.watch is not None:
            self.watch.note(moved)
        self.shape += 1
        for act, arguments in moved.undo[::-1]:
            act(*arguments)
        for goal, value, amount in moved.plain:
            goal.value, goal.amount = value, amount
        measured: list[GoalVertex] = []
        for goal, was in moved.before.items():
            if (goal.value is None) != (was[0] is None):
                measured.append(goal)
            goal.value, goal.coverage, goal.confidence, goal.held, goal.amount, goal.pace = was
        # Every value stands as before: now the terms that were made of them.
        for goal in moved.reshaped:
            recount(goal)
        for goal, _, _ in moved.plain:
            give(goal)
        for goal in moved.before:
            give(goal)
        for goal in measured:
            for edge in goal.up:
                weigh(edge.parent)
        self.workspace = moved.workspace
        self.revision = moved.revision
        self._judge = None
        self.settling.forget()

    def _begin(self, revision: int | None) -> None:
        assert self._moved is None, "one batch at a time"
        self._moved = Moved(self)
        self.revision = self.revision + 1 if revision is None else revision

    def _end(self) -> Moved:
        moved, self._moved = self._moved, None
        assert moved is not None
        if self.watch is not None:
            self.watch.note(moved)
        return moved

    def settle(self) -> None:
        """Brings every number up to date in the middle of a batch, for a decision that asks for one."""
        if self._moved is not None:
            self.settling.settle(self._moved)

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
                and goal.fact.measure is DELTA  # type: ignore[union-attr]  # a key result
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
