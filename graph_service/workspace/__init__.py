"""A workspace in use: one store, its graph in memory, and the one way through for every write.

read -> decide -> commit -> apply -> announce. Writes that wait at the same time are decided one after the other, each
applied at once, then written and synced together; who reads before that takes them back first, so that nobody reads
what is not durable. What is read, and how it follows other writers of the store, stands in ``present``.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import UTC, date, datetime
from time import monotonic

import msgspec

from graph_service.alignment.audit.compare import snapshot_of
from graph_service.alignment.audit.current import CurrentFindings, Found, found_on
from graph_service.alignment.audit.report import AuditReport, AuditSnapshot
from graph_service.alignment.audit.rules import Rules
from graph_service.alignment.build import undisturbed
from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import MANY, AlignmentGraph
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import Conflict, IdempotencyMismatch, Refusal, RevisionMoved, StoreDamaged
from graph_service.models.changes import Change, RestoreGoal
from graph_service.models.checks import shown
from graph_service.models.facts import Entry, RemoveNode
from graph_service.stores import open_store
from graph_service.stores.base import Draft, KeptAudit, Problem, Remembered, Store
from graph_service.workspace.building import built
from graph_service.workspace.commits import (
    Answer,
    Changed,
    Decided,
    Outcome,
    Unwanted,
    Waiting,
    recalled,
    remembered,
)
from graph_service.workspace.differences import differences
from graph_service.workspace.ids import sortable_ids
from graph_service.workspace.present import Present
from graph_service.workspace.replay import changes_on, day_of, facts_of
from graph_service.workspace.steps import steps_of

__all__ = ["Changed", "Outcome", "Unwanted", "Workspace", "sortable_ids"]

GATHERING = 0.002
"""So many seconds the writer waits for those who wrote just before, and again while more of them come in."""

GATHERINGS = 5
"""At most so often it waits: with many at work, each commit costs less the more of them share."""

TOGETHER = 256
"""At most so many waiting commits share one sync."""

BULK = 5_000
"""A commit of more facts than this keeps readers waiting until it is durable: taking it back would take longer."""

AUDITS = 400
"""So many kept audits make a trend: a year of days and more."""


class Workspace(Present):
    """A store and its graph, shared by threads.

    ``reading`` gives the graph for one question or one operation: nothing moves in the meantime. ``commit`` writes;
    a thread that is reading must finish that first.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] | None = None,
        new_id: Callable[[], str] | None = None,
        staleness: float | None = None,
    ) -> None:
        """Loads the graph. With ``staleness``, seconds that a read may be behind other processes, a store on a server
        is watched; then it need not answer yet, and reading raises StoreUnavailable until it does."""
        self._new_id = new_id or sortable_ids()
        self._queue: deque[Waiting] = deque()
        self._enough = 1  # so many in the queue wake the writer
        # Of the queue, so that nobody waits for a reader to hand something in.
        self._door = threading.Condition(threading.Lock())
        self._writer: threading.Thread | None = None
        self._closed = False
        self._current = CurrentFindings()
        super().__init__(store, clock or (lambda: datetime.now(UTC)), staleness)

    @classmethod
    def open(
        cls, url: str, *, clock: Callable[[], datetime] | None = None, staleness: float | None = None
    ) -> Workspace:
        """The workspace at a store's address; raises StoreUnavailable or StoreDamaged."""
        store = open_store(url)
        try:
            return cls(store, clock=clock, staleness=staleness)
        except BaseException:
            store.close()
            raise

    # ---------- writing ----------

    def commit(
        self,
        changes: Sequence[Change],
        *,
        kind: str | None = None,
        by: str = "anonymous",
        source: str = "api",
        at: datetime | None = None,
        importing: bool = False,
        expected: int | None = None,
        key: str | None = None,
        reason: str | None = None,
        want_changed: bool = True,
        wanted: Callable[[], bool] | None = None,
    ) -> Outcome:
        """Does all the changes in one revision, or none: when this returns they are durable. Raises the refusal, or
        the fault of the store; then nothing has changed. RuntimeError for a thread that is reading, which would wait
        for itself.

        ``kind`` is the mutation's name (absent: that of the one change, or ``applyChanges``). ``expected`` is compared
        with the revision of the one thing that a single change names, else with the workspace's. ``key`` makes it
        happen once however often it is said; ``at`` (absent: now) is for history that is brought in. The writer asks
        ``wanted`` right before it decides; Unwanted if that says no.
        """
        if threading.current_thread() is self._writer:
            raise RuntimeError("commit cannot wait within the callback of another commit; use submit")
        self._must_not_read("commit")
        waiting = Waiting(tuple(changes), kind, by, source, at, importing, expected, key, reason, want_changed)
        waiting.wanted = wanted
        self._queue_up(waiting)
        return waiting.wait()

    def submit(
        self,
        changes: Sequence[Change],
        *,
        kind: str | None = None,
        by: str = "anonymous",
        source: str = "api",
        at: datetime | None = None,
        importing: bool = False,
        expected: int | None = None,
        key: str | None = None,
        reason: str | None = None,
        want_changed: bool = True,
    ) -> Future[Outcome]:
        """As :meth:`commit`, without waiting: the future holds the outcome, or raises the refusal. It can be cancelled
        until it is decided. Callbacks are called by the writer, which waits for them."""
        self._must_not_read("commit")
        future: Future[Outcome] = Future()
        waiting = Waiting(tuple(changes), kind, by, source, at, importing, expected, key, reason, want_changed, future)
        self._queue_up(waiting)
        return future

    def _queue_up(self, waiting: Waiting) -> None:
        with self._door:
            if self._closed:
                raise RuntimeError("the workspace is closed")
            if self._writer is None:
                writer = threading.Thread(target=self._write_on, name="workspace-writer", daemon=True)
                writer.start()
                self._writer = writer
            self._queue.append(waiting)
            if len(self._queue) >= self._enough:
                self._door.notify()

    def _write_on(self) -> None:
        """The one writer: takes what waits, together, until told to stop."""
        usual = 1
        while batch := self._gather(usual):
            batch = [waiting for waiting in batch if waiting.begin()]
            for waiting, answer in zip(batch, self._answers(batch), strict=True):
                waiting.answer(answer)
            usual = len(batch) + len(self._queue)

    def _gather(self, usual: int) -> list[Waiting]:
        """What waits, as soon as anything does; nothing at the end.

        Those who were just answered often come again at once. As many as there were before (``usual``) are waited for,
        shortly and while they keep coming, so that all of them share a sync instead of taking turns in two halves. The
        writer is woken when they are there, not by each: handing over between threads costs more than deciding.
        """
        with self._door:
            self._enough = 1
            self._door.wait_for(self._has_enough)
            self._enough = min(usual, TOGETHER)
            for _ in range(GATHERINGS):
                there = len(self._queue)
                if self._door.wait_for(self._has_enough, GATHERING) or len(self._queue) == there:
                    break
            return [self._queue.popleft() for _ in range(min(len(self._queue), TOGETHER))]

    def _has_enough(self) -> bool:
        return self._closed or len(self._queue) >= self._enough

    def _answers(self, batch: Sequence[Waiting]) -> Sequence[Answer]:
        """Decides, commits and applies what waits; anew if another process was first. Whatever goes wrong is heard by
        all who wait, and the writer lives on."""
        if self.lost is not None:
            return [self.lost] * len(batch)
        follow = self._watch is None
        many = sum(len(waiting.changes) for waiting in batch) > MANY
        # Until all that only deciding and writing needed is gone: a collection would walk it.
        with undisturbed() if many else nullcontext():
            while True:
                try:
                    return self._write(batch, follow)
                except RevisionMoved:
                    follow = True
                except BaseException as fault:  # noqa: BLE001
                    return [fault] * len(batch)

    def _write(self, batch: Sequence[Waiting], follow: bool) -> Sequence[Answer]:
        """``follow`` False spares the way to a store that was looked at a short while ago: if it has moved on since,
        what was decided is not committed, and RevisionMoved. Nor is anybody refused for what has changed since."""
        begun = monotonic()
        with self._lock:
            if follow:
                self._follow()
            else:
                self._refresh()
            keys = [waiting.scope for waiting in batch if waiting.key is not None]
            known = self.store.recall(keys) if keys else {}
            graph, base, epoch = self._graph, self._graph.revision, self.epoch
            self._sound = False  # until all of it is decided
            decided, answers = self._decide(batch, known)
            self._ahead, self._sound = decided, True
            if not follow and any(isinstance(answer, BaseException) for answer in answers):
                self._fall_back()
                raise RevisionMoved(base)
            if sum(len(one.facts) for one in decided) > BULK:  # readers wait for the sync: taking it back costs more
                self._make_durable(decided, graph, base, epoch)
                return answers
        if decided:
            self._make_durable(decided, graph, base, epoch)
            if self._watch is not None:
                self._watch.seen(begun)
        return answers

    def _make_durable(self, decided: Sequence[Decided], graph: AlignmentGraph, base: int, epoch: str) -> None:
        """Commits what was decided; after that it stands in the graph, and nothing of it if that fails."""
        try:
            self.store.commit([one.draft for one in decided], base, epoch)
        except BaseException:
            with self._lock:
                if self._ahead is decided:
                    self._fall_back()
            raise
        with self._lock:
            if self._ahead is decided:  # nobody has read in the meantime
                self._ahead = ()
                for one in decided:
                    self._announce(one.entry, one.changed)
            elif self._graph is graph:  # a reader may have followed the store as well; then it is there already
                for one in decided:
                    self._take(one.entry, one.changed)
            self._advanced.notify_all()

    def _decide(self, batch: Sequence[Waiting], known: Mapping[str, Remembered]) -> tuple[list[Decided], list[Answer]]:
        """Decides the waiting commits in turn on the provisional graph; refusals are answers like the others, to be
        given only once what they were decided on is durable. ``known`` is what the store remembers of their keys."""
        decided: list[Decided] = []
        answers: list[Answer] = []
        said: dict[str, tuple[bytes, Outcome]] = {}
        for waiting in batch:
            revision = self._graph.revision
            try:
                if waiting.wanted is not None and not waiting.wanted():
                    raise Unwanted
                outcome = self._said_before(waiting, said, known.get(waiting.scope))
                if outcome is None:
                    one = self._decide_one(waiting)
                    decided.append(one)
                    outcome = one.outcome
                    if waiting.key is not None:
                        said[waiting.scope] = (waiting.said, outcome)
                answers.append(outcome)
            except Exception as wrong:
                # A refusal, or a fault of this one that the others need not suffer from.
                if self._graph.revision != revision:
                    raise
                answers.append(wrong)
        return decided, answers

    def _said_before(
        self, waiting: Waiting, said: dict[str, tuple[bytes, Outcome]], known: Remembered | None
    ) -> Outcome | None:
        if waiting.key is None:
            return None
        if waiting.scope in said:
            earlier, outcome = said[waiting.scope]
            same = earlier == waiting.said
        elif known is None:
            return None
        else:
            outcome = recalled(known)
            same = waiting.said_as(known.digest)
        if not same:
            raise IdempotencyMismatch(
                f"idempotencyKey {shown(waiting.key)} was used for another input of {waiting.kind}; take a new key",
                path=("idempotencyKey",),
                revision=outcome.revision,
            )
        return outcome._replace(replayed=True)

    def _decide_one(self, waiting: Waiting) -> Decided:
        """One commit, decided and applied; refused, it has left no trace."""
        graph, changes = self._graph, waiting.changes
        self._check_expected(waiting)
        now = self._clock().astimezone(UTC)
        at = waiting.at or now
        occasion = Occasion(at, self._new_id, by=waiting.by, source=waiting.source, importing=waiting.importing)
        try:
            decided, moved = graph.decide(changes, occasion)
        except Refusal as refusal:
            if waiting.alone:  # the path of a lone change begins at its input, not at a batch
                refusal.path = refusal.path[3:]
            raise
        try:
            changed = changes_on(moved, day_of(now, graph)) if waiting.want_changed else ()
            announced = changed if waiting.want_changed and waiting.at is None else None
            if announced is None and self._listeners:
                announced = changes_on(moved, day_of(at, graph))
            steps, ids = steps_of(changes, decided, waiting.reason, importing=waiting.importing, alone=waiting.alone)
            facts = [fact for group in decided for fact in group]
            outcome = Outcome(
                graph.revision,
                ids,
                tuple([fact.id for fact in facts if isinstance(fact, RemoveNode)]),
                changed,
            )
            entry = Entry(outcome.revision, at, waiting.by, waiting.source, steps)
            return Decided(Draft(entry, remembered(waiting, outcome, now)), facts, moved, outcome, announced)
        except BaseException:
            graph.undo(moved)
            raise

    def _check_expected(self, waiting: Waiting) -> None:
        expected = waiting.expected
        if expected is None:
            return
        graph = self._graph
        change = waiting.changes[0] if waiting.alone else None
        subject = None if change is None else change.subject
        present, what = graph.revision, "the workspace"
        if subject is not None:
            places = graph.removed if isinstance(change, RestoreGoal) else graph.nodes
            thing = places.get(subject)
            if thing is None:
                return  # deciding says that there is no such thing
            present, what = thing.revision, shown(subject)
        if present != expected:
            raise Conflict(
                f"expectedRevision {expected}: {what} is at revision {present} now; read it again and decide anew",
                path=("expectedRevision",),
                nodes=() if subject is None else (subject,),
                revision=present,
            )

    # ---------- the rest ----------

    @property
    def audit_rules(self) -> Rules:
        """The rules that findings are judged by: the defaults, unless others are set."""
        return self._current.rules

    @audit_rules.setter
    def audit_rules(self, rules: Rules) -> None:
        with self._lock:
            self._current = CurrentFindings(rules)

    def found(self, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Found:
        """What the audit finds on a day in a graph that is being read, as far as a viewer may see. Kept current is what
        everybody may see today of the workspace's own graph, so that this costs what has moved; all else is found
        anew."""
        if graph is self._graph and viewer is EVERYBODY and as_of == day_of(self._clock(), graph):
            return self._current.of(graph, as_of)
        return found_on(graph, self.audit_rules, as_of, viewer)

    def keep_audit(self, report: AuditReport) -> None:
        """Keeps the figures of an audit for the trend, in place of those of its day; durable when this returns."""
        content = msgspec.json.encode(snapshot_of(report))
        self.store.keep_audit(KeptAudit(report.as_of, report.revision, content))

    def audits(self, limit: int = AUDITS) -> tuple[AuditSnapshot, ...]:
        """The figures of the audits that were kept, oldest first, at most so many of the newest."""
        return tuple(msgspec.json.decode(one.content, type=AuditSnapshot) for one in self.store.audits(limit))

    def verify(self) -> list[Problem]:
        """Checks the store (log, fold, database), and that the graph in memory is the one that the store gives with a
        fresh rollup; empty when all is well."""
        from graph_service.alignment.columns import rollup_all  # numpy is loaded by who verifies, not by every start

        self._must_not_read("verify")
        problems = self.store.verify()
        try:
            snapshot = self.store.load()
            fresh = built(snapshot)
            with self.reading() as graph:
                if snapshot.epoch != self.epoch:
                    return problems  # restored meanwhile: the graph has just been loaded
                for entry in self.store.changes(fresh.revision, graph.revision - fresh.revision):
                    fresh.apply(facts_of(entry), entry.revision)
                rollup_all(list(fresh.goals()))
                return [*problems, *differences(graph, fresh)]
        except StoreDamaged as damage:
            return problems or [Problem("database", None, str(damage))]

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is about to be."""
        return self._closed

    def close(self) -> None:
        """Finishes what waits and closes the store; a second call does nothing."""
        self._must_not_read("close")
        if threading.current_thread() is self._writer:
            raise RuntimeError("close cannot wait within the callback of a commit")
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._door.notify()
            writer = self._writer
        if self._watch is not None:
            self._watch.stop()
        if writer is not None:
            writer.join()
        with self._lock:
            self._thaw()
            self.store.close()
            self._advanced.notify_all()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
