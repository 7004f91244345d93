"""AlignmentGraph: the one truth in memory.

Nodes by id, links both ways, and exact rollup numbers kept current. Facts go in through ``apply``; everything that a
batch of facts did can be undone, which is what ``suppose`` and the deciding of waiting commits rest on.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph_service.alignment.build import fill, undisturbed
from graph_service.alignment.moved import GoalNumbers, Moved, Numbers
from graph_service.alignment.pace import Judge, Pace, plan_of
from graph_service.alignment.rollup import EVERYTHING, HELD, VALUE, recompute
from graph_service.alignment.vertices import (
    MEAN,
    Edge,
    GoalVertex,
    Tombstone,
    Vertex,
    add,
    broken_order,
    check_in_order,
    down_order,
    edge_between,
    link_order,
    put_in,
    recount,
    set_counted,
    take_out,
    up_order,
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
from graph_service.models.words import GOAL_LINKS, GoalState, LinkKind, Status

if TYPE_CHECKING:
    from networkx import DiGraph

    from graph_service.alignment.decide import Occasion
    from graph_service.models.changes import Change

MANY = 1_000
"""Changes from which on a batch is decided without collections."""

BY_TARGET = frozenset({LinkKind.OWNS, LinkKind.CONTRIBUTES_TO})
"""Links that belong to the goal they lead to: the goal's revision counts them, not the owner's."""


class AlignmentGraph:
    """One workspace: its nodes, links and numbers.

    ``revision`` is that of the last applied commit. Reading never changes anything; writing goes through ``apply``,
    ``decide`` (a change) or ``suppose``. It is not locked: whoever shares it between threads holds a lock.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.revision = 0
        self.workspace = workspace or Workspace()
        self.nodes: dict[str, Vertex] = {}
        self.removed: dict[str, Tombstone] = {}
        self._check_in_ids: set[str] | None = None
        self._paces: dict[tuple[object, ...], Pace] = {}
        self._moved: Moved | None = None
        self._dirty: dict[GoalVertex, int] = {}
        self._reshape: dict[GoalVertex, None] = {}
        self._repace: dict[GoalVertex, None] = {}
        self._judge: Judge | None = None
        self._nx: DiGraph[str] | None = None

    # ---------- reading ----------

    def goal(self, id: str) -> GoalVertex | None:
        """The goal with this id; None if there is none (removed ones are not there)."""
        vertex = self.nodes.get(id)
        return vertex if isinstance(vertex, GoalVertex) else None

    def goals(self) -> Iterator[GoalVertex]:
        """All goals, in no promised order."""
        return (vertex for vertex in self.nodes.values() if isinstance(vertex, GoalVertex))

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

    def snapshot(self, goal: GoalVertex) -> Numbers:
        """A goal's numbers and pace as they are now."""
        return (goal.value, goal.raw, goal.coverage, goal.confidence, goal.held, goal.amount, goal.pace)

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
        """The ring that a link from ``source`` up to ``target`` would close: each id supports the next; empty if none.

        Walks up from the target, and only where heights leave it possible."""
        child, parent = self.goal(source), self.goal(target)
        if child is None or parent is None:
            return ()
        if child is parent:
            return (source,)
        floor = child.height
        if floor <= parent.height:
            return ()
        came: dict[GoalVertex, GoalVertex | None] = {parent: None}
        waiting = [parent]
        while waiting:
            goal = waiting.pop()
            for edge in goal.up:
                above = edge.parent
                if above in came or not edge.ladders:
                    continue
                if above is child:
                    ring = []
                    step: GoalVertex | None = goal
                    while step is not None:
                        ring.append(step.id)
                        step = came[step]
                    return (source, *reversed(ring))
                if above.height < floor:
                    came[above] = goal
                    waiting.append(above)
        return ()

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
        for act, arguments in reversed(moved.undo):
            act(*arguments)
        for goal, value in reversed(moved.values):
            goal.value = goal.raw = value
        for goal, was in moved.before.items():
            goal.value, goal.raw, goal.coverage, goal.confidence, goal.held, goal.amount, goal.pace = was
        self.workspace = moved.workspace
        self.revision = moved.revision
        self._judge = None
        self._dirty.clear()
        self._reshape.clear()
        self._repace.clear()

    def _begin(self, revision: int | None) -> None:
        assert self._moved is None, "one batch at a time"
        self._moved = Moved(self)
        self.revision = self.revision + 1 if revision is None else revision

    def _end(self) -> Moved:
        moved, self._moved = self._moved, None
        assert moved is not None
        return moved

    def take(self, fact: Fact) -> None:
        """Takes in one fact within a batch; numbers follow with ``settle``."""
        moved = self._moved
        assert moved is not None
        kind = type(fact)
        if kind is AddCheckIn:  # these three make up nearly every import, and need no matching
            self._check_in(fact.check_in, moved)  # type: ignore[union-attr]  # mypy does not narrow by `is`
        elif kind is PutNode:
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

    def _touch(self, goal: GoalVertex, moved: Moved) -> None:
        """Remembers a goal's numbers before the batch first moves them."""
        if goal not in moved.before and goal not in moved.created:
            was = self.snapshot(goal)
            moved.before[goal] = moved.first(goal, was) if moved.values else was

    def _check_in(self, check_in: CheckIn, moved: Moved) -> None:
        goal = self.nodes[check_in.goal]
        assert isinstance(goal, GoalVertex)
        before = goal.check_ins
        moved.undo.append((self._uncheck, (goal, before, goal.revision, check_in.id)))
        if not before or before[-1].at < check_in.at:
            goal.check_ins = (*before, check_in)
        else:
            goal.check_ins = tuple(sorted((*before, check_in), key=check_in_order))
        if self._check_in_ids is not None:
            self._check_in_ids.add(check_in.id)
        goal.revision = self.revision
        self._dirty[goal] = EVERYTHING

    def _uncheck(self, goal: GoalVertex, before: tuple[CheckIn, ...], revision: int, id: str) -> None:
        goal.check_ins, goal.revision = before, revision
        if self._check_in_ids is not None:
            self._check_in_ids.discard(id)

    def _put(self, node: Node, moved: Moved) -> None:
        id = node.id
        vertex = self.nodes.get(id)
        if vertex is None:
            if isinstance(node, Objective | KeyResult):
                vertex = GoalVertex(node, self.revision, self.pace(GoalState.ACTIVE, None, None, None))
                moved.created.add(vertex)
                self._repace[vertex] = None
                self._dirty[vertex] = EVERYTHING
            else:
                vertex = Vertex(node, self.revision)
            self.nodes[id] = vertex
            moved.undo.append((self.nodes.pop, (id,)))
            return
        before = vertex.fact
        self._set(vertex, "fact", node, moved)
        self._touch_revision(vertex, moved)
        if isinstance(vertex, GoalVertex):
            self._touch(vertex, moved)
            self._reshape[vertex] = None
            self._repace[vertex] = None
            if before.state is not node.state:  # type: ignore[union-attr]
                for edge in vertex.up:
                    self._reshape[edge.parent] = None
        elif (
            isinstance(node, Period)
            and isinstance(before, Period)
            and (before.start, before.end) != (node.start, node.end)
        ):
            self._repace.update((goal, None) for goal in self.goals() if goal.fact.period == id)

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
        self._attach(edge)
        undo.append((self._detach, (edge,)))
        if edge.ladders:
            self._raise(target, source.height + 1, moved)
        self._reshape[target] = None
        if link.kind is LinkKind.KEY_RESULT_OF:
            self._repace[source] = None

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
        self._detach(edge)
        moved.undo.append((self._attach, (edge,)))
        self._reshape[edge.parent] = None
        if edge.kind is LinkKind.KEY_RESULT_OF:
            self._repace[edge.child] = None

    def _drop(self, vertex: Vertex, side: str, link: Link, moved: Moved) -> None:
        place = take_out(vertex, side, link)
        moved.undo.append((put_in, (vertex, side, place, link)))

    def _attach(self, edge: Edge) -> None:
        child, parent = edge.child, edge.parent
        child.up = tuple(sorted((*child.up, edge), key=up_order)) if child.up else (edge,)
        down = parent.down
        if not down:
            parent.down = [edge]
        elif down_order(down[-1]) < down_order(edge):
            down.append(edge)
        else:
            insort(down, edge, key=down_order)

    def _detach(self, edge: Edge) -> None:
        edge.child.up = tuple(up for up in edge.child.up if up is not edge)
        edge.parent.down.remove(edge)  # type: ignore[union-attr]
        if not edge.parent.down:
            edge.parent.down = ()

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
            self._touch(vertex, moved)
            moved.removed.add(vertex)
        for link in links:
            self._remove_link(link.source, link.target, link.kind, moved)
        for pending in (self._dirty, self._reshape, self._repace):
            pending.pop(vertex, None)  # type: ignore[call-overload]
        del self.nodes[id]
        moved.undo.append((self.nodes.__setitem__, (id, vertex)))
        self._touch_revision(vertex, moved)
        self.removed[id] = Tombstone(vertex, self.revision, tuple(links))
        moved.undo.append((self.removed.pop, (id,)))

    def _restore(self, id: str, moved: Moved) -> None:
        tombstone = self.removed.pop(id)
        moved.undo.append((self.removed.__setitem__, (id, tombstone)))
        vertex = tombstone.vertex
        self.nodes[id] = vertex
        moved.undo.append((self.nodes.pop, (id,)))
        self._touch_revision(vertex, moved)
        if isinstance(vertex, GoalVertex):
            self._touch(vertex, moved)
            if vertex in moved.removed:
                moved.removed.discard(vertex)
                moved.undo.append((moved.removed.add, (vertex,)))
            else:
                moved.created.add(vertex)
            self._reshape[vertex] = None
            self._repace[vertex] = None
            self._dirty[vertex] = EVERYTHING

    # ---------- numbers ----------

    def settle(self) -> None:
        """Brings every number up to date with the facts taken in: exact, in order of height, only where it matters."""
        moved = self._moved
        dirty = self._dirty
        if moved is None or not (dirty or self._reshape or self._repace):
            return
        moved.settled += 1
        if self._reshape or self._repace:
            self._settle_shape(moved)
            if not dirty:
                return
        levels: dict[int, list[GoalVertex]] = {}
        for goal in dirty:
            levels.setdefault(goal.height, []).append(goal)
        while levels:
            lowest = min(levels) if len(levels) > 1 else next(iter(levels))
            for goal in levels.pop(lowest):
                look = dirty.pop(goal)
                while True:
                    old = goal.value
                    if look == VALUE and goal.mode == MEAN and goal.weights is None and old is not None:
                        # Most of what a check-in moves: a plain mean of values, where nothing else can differ.
                        # As rollup.recompute has it, without the calls.
                        total = whole = 0.0
                        for child in goal.counted:
                            value = child.value
                            if value is not None:
                                total += value
                                whole += 1.0
                        if whole:
                            value = total / whole
                            if value == old:
                                break
                            goal.value = goal.raw = value
                            moved.values.append((goal, old))
                            now = VALUE
                        else:
                            now = self._recompute(goal, look, moved)
                    else:
                        now = self._recompute(goal, look, moved)
                    if not now:
                        break
                    up = goal.up
                    if len(up) == 1 and not dirty:  # a lone way up needs no levels
                        if not up[0].weight:
                            break
                        goal, look = up[0].parent, now
                        continue
                    for edge in up:
                        if edge.weight:
                            above = edge.parent
                            known = dirty.get(above)
                            if known is None:
                                dirty[above] = now
                                level = levels.get(above.height)
                                if level is None:
                                    levels[above.height] = [above]
                                else:
                                    level.append(above)
                            else:
                                dirty[above] = known | now
                    break

    def _recompute(self, goal: GoalVertex, look: int, moved: Moved) -> int:
        if goal in moved.created and goal not in moved.before:
            return recompute(goal, look)  # new: there is nothing to remember
        was = self.snapshot(goal)
        now = recompute(goal, look)
        if now and goal not in moved.before:
            if moved.values:
                was = moved.first(goal, was)
            moved.before[goal] = was
        return now

    def _settle_shape(self, moved: Moved) -> None:
        """Contributors and paces of what was reshaped, before the numbers."""
        for goal in self._reshape:
            was = (goal, goal.mode, goal.counted, goal.weights)
            recount(goal)
            moved.undo.append((set_counted, was))
            self._dirty[goal] = EVERYTHING
        self._reshape.clear()
        # Objectives first, since a key result takes from its objective what it has not of its own.
        below: dict[GoalVertex, None] = {}
        for goal in self._repace:
            if type(goal.fact) is KeyResult:
                below[goal] = None
            elif self._set_pace(goal, moved):
                below.update((edge.child, None) for edge in goal.down if edge.kind is LinkKind.KEY_RESULT_OF)
        for goal in below:
            self._set_pace(goal, moved)
        self._repace.clear()

    def _set_pace(self, goal: GoalVertex, moved: Moved) -> bool:
        pace = self.pace_of(goal)
        if pace is goal.pace:
            return False
        self._touch(goal, moved)
        goal.pace = pace
        self._dirty[goal] = self._dirty.get(goal, 0) | HELD
        return True

    def pace_of(self, goal: GoalVertex) -> Pace:
        """The state in force and the days: a goal's own, else (key result) its objective's, else its period's."""
        fact = goal.fact
        state = fact.state
        start, due = fact.start, fact.due
        if type(fact) is Objective:
            begins, ends = self._period_days(fact.period)
            return self.pace(state, _day(start or begins), _day(due or ends), None)
        assert type(fact) is KeyResult
        objective = goal.objective
        first = last = None
        if objective is not None:
            above = objective.pace
            first, last = above.start, above.due
            if state is GoalState.ACTIVE and objective.fact.state is not GoalState.ACTIVE:
                state = objective.fact.state
        begins, ends = self._period_days(fact.period)
        opens = _day(start) if start is not None else first if first is not None else _day(begins)
        closes = _day(due) if due is not None else last if last is not None else _day(ends)
        return self.pace(state, opens, closes, (fact.plan or None) and fact)

    def _period_days(self, id: str | None) -> tuple[date | None, date | None]:
        if id is None:
            return None, None
        vertex = self.nodes.get(id)
        period = vertex.fact if vertex is not None else None
        return (period.start, period.end) if isinstance(period, Period) else (None, None)

    def pace(self, state: GoalState, start: int | None, due: int | None, planned: KeyResult | None) -> Pace:
        """The one value for a pace, shared by all goals that have it."""
        plan = None if planned is None else plan_of(planned)
        key = (state, start, due, plan)
        pace = self._paces.get(key)
        if pace is None:
            pace = self._paces[key] = Pace(state, start, due, plan)
        return pace


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
