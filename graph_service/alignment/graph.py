"""AlignmentGraph: the one truth in memory.

Nodes by id, links both ways, and exact rollup numbers kept current. Facts go in through ``apply``; everything that a
batch of facts did can be undone, which is what ``suppose`` and the deciding of waiting commits rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from graph_service.alignment.build import fill, undisturbed
from graph_service.alignment.moved import Moved
from graph_service.alignment.numbers import GoalNumbers
from graph_service.alignment.pace import Judge
from graph_service.alignment.taking import Taking
from graph_service.alignment.terms import give, recount, weigh
from graph_service.alignment.titles import Titles
from graph_service.alignment.vertices import GoalVertex, Vertex, link_order, way_up
from graph_service.errors import Refusal
from graph_service.models.facts import Fact
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    Link,
    Node,
    Objective,
    Workspace,
)
from graph_service.models.words import Status

if TYPE_CHECKING:
    from networkx import DiGraph

    from graph_service.alignment.decide import Occasion
    from graph_service.alignment.watch import Watch
    from graph_service.models.changes import Change

MANY = 1_000  # changes from which on a batch is decided without collections


class AlignmentGraph(Taking):
    """One workspace: its nodes, links and numbers.

    ``revision`` is that of the last applied commit. Reading never changes anything; writing goes through ``apply``,
    ``decide`` (a change) or ``suppose``. It is not locked: whoever shares it between threads holds a lock.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        super().__init__(workspace)
        self._nx: DiGraph[str] | None = None
        self.watch: Watch | None = None
        """Hears of all that moves, if somebody wants to know."""

    # ---------- reading ----------

    def goal(self, id: str) -> GoalVertex | None:
        """The goal with this id; None if there is none (removed ones are not there)."""
        vertex = self.nodes.get(id)
        return vertex if isinstance(vertex, GoalVertex) else None

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
