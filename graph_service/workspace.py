"""A workspace in use: one store, its graph in memory, and the one way through for every write.

read -> decide -> commit -> apply -> announce. Writes that wait at the same time are decided one after the other on a
provisional graph, written and synced together, then applied; nobody reads what is not durable. Other processes may
write the same store: before every read and every decision the graph follows the store's newest revision.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, date, datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.moved import GoalNumbers, Moved
from graph_service.errors import Conflict, IdempotencyMismatch, Invalid, Refusal, RevisionMoved, StoreDamaged
from graph_service.models.changes import Change, change_input
from graph_service.models.checks import shown
from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
    Step,
)
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Problem, Remembered, Store

TOGETHER = 256
"""At most so many waiting commits share one sync."""

BULK = 5_000
"""A commit of more facts than this keeps readers waiting instead of being applied twice."""

KEY_LENGTH = 200


class Changed(NamedTuple):
    """A goal whose numbers a commit moved; ``before`` None: created, ``after`` None: removed."""

    id: str
    before: GoalNumbers | None
    after: GoalNumbers | None


class Outcome(NamedTuple):
    """What an accepted commit came to: its revision, for each change the id of what it made or touched, the ids it
    removed, and the goals whose numbers moved, by id. ``replayed``: this is the answer to an earlier, equal request."""

    revision: int
    ids: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]
    replayed: bool = False


class _Answer(msgspec.Struct, frozen=True):
    """An outcome as an idempotency key remembers it."""

    revision: int
    ids: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]


class _Waiting:
    """A commit on its way: what is asked, and where the answer goes."""

    __slots__ = (
        "at",
        "by",
        "changes",
        "digest",
        "expected",
        "future",
        "importing",
        "key",
        "kind",
        "reason",
        "source",
        "want_changed",
    )

    def __init__(
        self,
        changes: Sequence[Change],
        kind: str,
        by: str,
        source: str,
        at: datetime | None,
        importing: bool,
        expected: int | None,
        key: str | None,
        reason: str | None,
        want_changed: bool,
    ) -> None:
        self.changes = changes
        self.kind = kind
        self.by = by
        self.source = source
        self.at = at
        self.importing = importing
        self.expected = expected
        self.key = None if key is None else f"{by}\x1f{kind}\x1f{key}"
        self.digest = b"" if key is None else _digest(changes, expected)
        self.reason = reason
        self.want_changed = want_changed
        self.future: Future[Outcome] = Future()


class _Decided(NamedTuple):
    waiting: _Waiting
    draft: Draft
    facts: list[Fact]
    moved: Moved
    outcome: Outcome


class Workspace:
    """A store and its graph, shared by threads.

    ``reading`` gives the graph for one question or one operation: nothing moves in the meantime. ``commit`` writes,
    and must not be called while reading.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self.store = store
        self._clock = clock or (lambda: datetime.now(UTC))
        self._new_id = new_id or sortable_ids()
        self._lock = threading.RLock()
        self._advanced = threading.Condition(self._lock)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closed = False
        self.epoch = ""
        self.graph = AlignmentGraph()
        self._load()

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], datetime] | None = None) -> Workspace:
        """The workspace at a store's address; raises StoreUnavailable or StoreDamaged."""
        return cls(open_store(url), clock=clock)

    def _load(self) -> None:
        snapshot = self.store.load()
        self.epoch = snapshot.epoch
        self.graph = AlignmentGraph.build(
            nodes=snapshot.nodes,
            links=snapshot.links,
            check_ins=snapshot.check_ins,
            broken=snapshot.broken,
            removed=snapshot.removed,
            workspace=snapshot.workspace,
            revision=snapshot.revision,
        )

    # ---------- reading ----------

    @contextmanager
    def reading(self, *, at_least: int | None = None, patience: float = 5.0) -> Iterator[AlignmentGraph]:
        """The graph at one revision: the newest that the store has. ``at_least`` waits for a revision, up to
        ``patience`` seconds, and raises RevisionMoved with the present one if it does not come."""
        with self._lock:
            self._follow()
            if at_least is not None and self.graph.revision < at_least:
                self._advanced.wait_for(lambda: self._follow() >= at_least, patience)
                if self.graph.revision < at_least:
                    raise RevisionMoved(self.graph.revision)
            yield self.graph

    def today(self) -> date:
        """The day it is now in the workspace's time zone."""
        return self._clock().astimezone(ZoneInfo(self.graph.workspace.time_zone)).date()

    def _follow(self) -> int:
        """Takes in what others have committed since; the revision reached. The lock is held."""
        store, graph = self.store, self.graph
        newest = store.revision()
        if newest != graph.revision or store.epoch != self.epoch:
            if newest < graph.revision or store.epoch != self.epoch:
                self._load()  # restored from a snapshot: another history
            else:
                for entry in store.changes(graph.revision):
                    graph.apply([fact for step in entry.steps for fact in step.facts], entry.revision)
            self._advanced.notify_all()
        return self.graph.revision

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
    ) -> Outcome:
        """Does all the changes in one revision, or none: when this returns they are durable. Raises the refusal.

        ``kind`` is the mutation's name (absent: that of the one change, or ``applyChanges``). ``expected`` is compared
        with the revision of the one thing that a single change names, else with the workspace's. ``key`` makes it
        happen once however often it is said; ``at`` (absent: now) is for history that is brought in.
        """
        return self.submit(
            changes,
            kind=kind,
            by=by,
            source=source,
            at=at,
            importing=importing,
            expected=expected,
            key=key,
            reason=reason,
            want_changed=want_changed,
        ).result()

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
        """As :meth:`commit`, without waiting: the future holds the outcome, or raises the refusal."""
        if key is not None and not 0 < len(key) <= KEY_LENGTH:
            raise Invalid(
                f"idempotencyKey {shown(key)} has {len(key)} characters; give 1 to {KEY_LENGTH}",
                path=("idempotencyKey",),
            )
        name = kind or (changes[0].kind if len(changes) == 1 else "applyChanges")
        waiting = _Waiting(changes, name, by, source, at, importing, expected, key, reason, want_changed)
        with self._lock:
            if self._closed:
                raise RuntimeError("the workspace is closed")
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="workspace-writer", daemon=True)
                self._writer.start()
            self._queue.put(waiting)
        return waiting.future

    def _write_on(self) -> None:
        """The one writer: takes what waits, together, until told to stop."""
        while True:
            first = self._queue.get()
            if first is None:
                return
            batch = [first]
            stop = False
            while len(batch) < TOGETHER and not stop:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    stop = True
                else:
                    batch.append(following)
            try:
                self._write(batch)
            except BaseException as fault:  # noqa: BLE001  # whatever it is: everybody waiting hears of it, and the writer lives on
                for waiting in batch:
                    if not waiting.future.done():
                        waiting.future.set_exception(fault)
            if stop:
                return

    def _write(self, batch: list[_Waiting]) -> None:
        while True:
            with self._lock:
                self._follow()
                base = self.graph.revision
                decided, answers = self._decide(batch)
                bulk = sum(len(one.facts) for one in decided) > BULK
                if not bulk:
                    self._undo(decided)
                elif decided:
                    # Readers wait for the sync, and nothing is applied twice.
                    try:
                        self.store.commit([one.draft for one in decided], base)
                    except RevisionMoved:
                        self._undo(decided)
                        continue
                    except BaseException:
                        self._undo(decided)
                        raise
                    self._advanced.notify_all()
            if decided and not bulk:
                try:
                    self.store.commit([one.draft for one in decided], base)
                except RevisionMoved:
                    continue
                with self._lock:
                    for one in decided:
                        # A reader may have followed the store in between; then it is there already.
                        if one.draft.entry.revision == self.graph.revision + 1:
                            self.graph.apply(one.facts, one.draft.entry.revision)
                    self._advanced.notify_all()
            for waiting, answer in answers:
                if isinstance(answer, Outcome):
                    waiting.future.set_result(answer)
                else:
                    waiting.future.set_exception(answer)
            return

    def _undo(self, decided: list[_Decided]) -> None:
        for one in reversed(decided):
            self.graph.undo(one.moved)

    def _decide(self, batch: list[_Waiting]) -> tuple[list[_Decided], list[tuple[_Waiting, Outcome | Refusal]]]:
        """Decides the waiting commits in turn on the provisional graph; refusals are answers like the others, to be
        given only once what they were decided on is durable."""
        decided: list[_Decided] = []
        answers: list[tuple[_Waiting, Outcome | Refusal]] = []
        said: dict[str, tuple[bytes, Outcome]] = {}
        try:
            for waiting in batch:
                try:
                    outcome = self._said_before(waiting, said)
                    if outcome is None:
                        one = self._decide_one(waiting)
                        decided.append(one)
                        outcome = one.outcome
                        if waiting.key is not None:
                            said[waiting.key] = (waiting.digest, outcome)
                    answers.append((waiting, outcome))
                except Refusal as refusal:
                    answers.append((waiting, refusal))
        except BaseException:
            self._undo(decided)
            raise
        return decided, answers

    def _said_before(self, waiting: _Waiting, said: dict[str, tuple[bytes, Outcome]]) -> Outcome | None:
        key = waiting.key
        if key is None:
            return None
        if key in said:
            digest, outcome = said[key]
        else:
            known = self.store.remembered(key)
            if known is None:
                return None
            digest = known.digest
            outcome = Outcome(*msgspec.structs.astuple(msgspec.json.decode(known.answer, type=_Answer)))
        if digest != waiting.digest:
            raise IdempotencyMismatch(
                f"idempotencyKey {shown(key.rpartition(chr(31))[2])} was used for another input of {waiting.kind};"
                " take a new key",
                path=("idempotencyKey",),
                revision=outcome.revision,
            )
        return outcome._replace(replayed=True)

    def _decide_one(self, waiting: _Waiting) -> _Decided:
        graph = self.graph
        self._check_expected(waiting)
        at = waiting.at or self._clock()
        occasion = Occasion(
            at.astimezone(UTC), self._new_id, by=waiting.by, source=waiting.source, importing=waiting.importing
        )
        single = waiting.kind != "applyChanges" and len(waiting.changes) == 1
        try:
            decided, moved = graph.decide(waiting.changes, occasion)
        except Refusal as refusal:
            if single:  # the path of a lone change begins at its input, not at a batch
                refusal.path = refusal.path[3:]
            raise
        changed: tuple[Changed, ...] = ()
        if waiting.want_changed:
            changed = tuple(Changed(one.goal.id, one.before, one.after) for one in moved.changed(self.today()))
        steps = tuple(_step(change, facts, waiting) for change, facts in zip(waiting.changes, decided, strict=True))
        removed = tuple(fact.id for facts in decided for fact in facts if isinstance(fact, RemoveNode))
        ids = tuple(_made(change, facts) for change, facts in zip(waiting.changes, decided, strict=True))
        revision = graph.revision
        outcome = Outcome(revision, ids, removed, changed)
        remembered = None
        if waiting.key is not None:
            answer = msgspec.json.encode(_Answer(revision, ids, removed, changed))
            remembered = Remembered(waiting.key, waiting.digest, revision, answer, occasion.at)
        entry = Entry(revision, occasion.at, waiting.by, waiting.source, steps)
        return _Decided(
            waiting, Draft(entry, remembered), [fact for facts in decided for fact in facts], moved, outcome
        )

    def _check_expected(self, waiting: _Waiting) -> None:
        expected = waiting.expected
        if expected is None:
            return
        graph = self.graph
        subject = waiting.changes[0].subject if len(waiting.changes) == 1 and waiting.kind != "applyChanges" else None
        present, what = graph.revision, "the workspace"
        if subject is not None:
            vertex = graph.nodes.get(subject)
            if vertex is None:
                return  # deciding says that there is no such thing
            present, what = vertex.revision, shown(subject)
        if present != expected:
            raise Conflict(
                f"expectedRevision {expected}: {what} is at revision {present} now; read it again and decide anew",
                path=("expectedRevision",),
                nodes=() if subject is None else (subject,),
                revision=present,
            )

    # ---------- the rest ----------

    def verify(self) -> list[Problem]:
        """Checks the store (log, fold, database) and that the numbers in memory are those of a fresh rollup."""
        problems = self.store.verify()
        with self._lock:
            try:
                self._follow()
                present = self.graph
                self._load()
            except StoreDamaged as damage:
                return problems or [Problem("database", None, str(damage))]
            fresh, self.graph = self.graph, present
            for goal in sorted(fresh.goals(), key=lambda one: one.id):
                known = present.goal(goal.id)
                if known is None or (known.value, known.coverage, known.confidence, known.held) != (
                    goal.value,
                    goal.coverage,
                    goal.confidence,
                    goal.held,
                ):
                    problems.append(
                        Problem("rollup", None, f"{shown(goal.id)}: numbers in memory differ from a fresh rollup")
                    )
        return problems

    def close(self) -> None:
        """Finishes what waits and closes the store; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            writer = self._writer
        if writer is not None:
            self._queue.put(None)
            writer.join()
        self.store.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _digest(changes: Sequence[Change], expected: int | None) -> bytes:
    said = [[change.kind, change_input(change)] for change in changes]
    return hashlib.sha256(msgspec.json.encode([said, expected], order="deterministic")).digest()


def _step(change: Change, facts: list[Fact], waiting: _Waiting) -> Step:
    reason = getattr(change, "reason", None) or waiting.reason
    # The facts of an imported creation say all that was asked.
    asked = None if waiting.importing and change.kind.startswith("create") else change_input(change)
    return Step(change.kind, _touched(facts), tuple(facts), asked, reason)


def _touched(facts: list[Fact]) -> tuple[str, ...]:
    """The ids of the nodes that some facts speak of, sorted."""
    ids: set[str] = set()
    for fact in facts:
        match fact:
            case PutNode(node):
                ids.add(node.id)
            case PutLink(link):
                ids.update((link.source, link.target))
            case RemoveLink(source, target, _):
                ids.update((source, target))
            case RemoveNode(id, links):
                ids.add(id)
                for link in links:
                    ids.update((link.source, link.target))
            case AddCheckIn(check_in):
                ids.add(check_in.goal)
            case RestoreNode(id) | ErasePerson(id):
                ids.add(id)
            case PutBroken(reference):
                ids.add(reference.node)
            case RemoveBroken(node):
                ids.add(node)
    return tuple(sorted(ids)) if len(ids) > 1 else tuple(ids)


def _made(change: Change, facts: list[Fact]) -> str:
    """The id of what a change made or touched: the new node or check-in, else the thing it names."""
    for fact in facts:
        if isinstance(fact, AddCheckIn):
            return fact.check_in.id
        if isinstance(fact, PutNode) and change.subject is None:
            return fact.node.id
    return change.subject or ""


CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def sortable_ids() -> Callable[[], str]:
    """A maker of ids: 26 letters and digits, later ones sort after earlier ones, no two alike."""
    last = 0
    lock = threading.Lock()

    def make() -> str:
        nonlocal last
        with lock:
            moment = int(datetime.now(UTC).timestamp() * 1000) << 80
            number = max(moment | int.from_bytes(os.urandom(10)), last + 1)
            last = number
        letters = []
        for _ in range(26):
            number, rest = divmod(number, 32)
            letters.append(CROCKFORD[rest])
        return "".join(reversed(letters))

    return make
