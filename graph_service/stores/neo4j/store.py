"""One Neo4j store in use: its driver, its transactions, and what the errors of the server mean.

Every session asks for write access, so that in a cluster it is the leader that answers: what was committed is read.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from random import uniform
from threading import RLock
from time import monotonic, sleep
from typing import TypeVar

import neo4j
from neo4j import GraphDatabase, Session, Transaction
from neo4j.exceptions import (
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph_service import __version__
from graph_service.errors import Fault, Invalid, RevisionMoved, StoreDamaged, StoreUnavailable, StoreUnreachable
from graph_service.models.facts import Entry
from graph_service.models.nodes import CheckIn
from graph_service.models.tokens import Token
from graph_service.stores import log
from graph_service.stores.backup import Backup, write_backup
from graph_service.stores.base import Draft, KeptAudit, Problem, Remembered, Restored, Snapshot
from graph_service.stores.neo4j.address import Address, read_address
from graph_service.stores.neo4j.faults import fault_of, is_memory, is_timeout
from graph_service.stores.neo4j.read import (
    Torn,
    read_check_ins,
    read_entries,
    read_hash,
    read_meta,
    read_present,
    read_remembered,
)
from graph_service.stores.neo4j.schema import check_version, migrate
from graph_service.stores.neo4j.verify import problems
from graph_service.stores.neo4j.whole import (
    Aside,
    read_audits,
    read_kept,
    read_tokens,
    replace,
    write_audit,
    write_token,
)
from graph_service.stores.neo4j.write import lock, warm_up, write
from graph_service.stores.net import Net
from graph_service.stores.standing import Meta, new_epoch

CONNECTING = 5.0
"""Seconds to wait for a connection."""

PATIENCE = 30.0
"""Seconds that a small transaction may take, waiting for another writer included. The server ends it then. One that has
just started takes ten for its first statement on a busy machine."""

A_THOUSAND_ROWS = 2.0
"""Seconds more for each thousand facts that a commit writes."""

LONGEST = 3600.0
"""Seconds that a restore, an export of everything or a check may take."""

TRIES = 3
"""How often a moment is looked for in which nobody writes, before writers are kept waiting."""

PAUSE = 0.2
"""Seconds in which a server that did not answer is not asked again."""

IDLE = 30.0
"""A connection that was idle for so many seconds is tried before it is used."""

T = TypeVar("T")

# The driver tells of every connection that is lost, with a traceback; a fault is told by whoever has it.
logging.getLogger("neo4j").setLevel(logging.CRITICAL)


class CommitUnknown(StoreUnavailable):
    """The server was lost while it committed, and could not be asked since whether it did."""


class Neo4jStore:
    """A workspace in a Neo4j database. Made if it is not there, unless ``create`` is False.

    With ``eager`` False nothing is asked of the server before it is needed: a service may start before its store.
    """

    distant = True

    def __init__(
        self,
        url: str,
        *,
        password: str | None = None,
        create: bool = True,
        eager: bool = True,
        patience: float = PATIENCE,
    ) -> None:
        self.address: Address = read_address(url)
        self.url = self.address.url
        self._workspace = self.address.workspace
        self._name = f"the workspace '{self._workspace}' at {self.address.server}/{self.address.database}"
        self._create = create
        self._patience = patience
        self._writing = RLock()
        self._ready = False
        self._closed = False
        self._cold = True
        self._lost_until = 0.0
        self._unreachable = f"the Neo4j server {self.address.server} cannot be reached"
        self._meta = Meta("", 0, log.GENESIS)
        try:
            self._driver = GraphDatabase.driver(
                self.address.server,
                auth=None if password is None else (self.address.user, password),
                user_agent=f"graph-service/{__version__}",
                connection_timeout=CONNECTING,
                connection_acquisition_timeout=CONNECTING + patience,
                max_transaction_retry_time=0,
                liveness_check_timeout=IDLE,
                notifications_min_severity="OFF",
            )
        except (DriverError, ValueError) as wrong:
            raise Invalid(f"the address of the Neo4j store is wrong: {wrong}", path=("store",)) from None
        self._bookmarks = GraphDatabase.bookmark_manager() if self.address.scheme.startswith("neo4j") else None
        if eager:
            try:
                self._prepare()
            except BaseException:
                self._driver.close()
                raise

    def __repr__(self) -> str:
        return f"Neo4jStore({self.url!r})"

    # ---------- reading ----------

    @property
    def epoch(self) -> str:
        """Made at creation, changed by a restore; as of the last time that the revision was asked for."""
        return self._meta.epoch

    def revision(self) -> int:
        """The newest revision, other processes' commits included: one way to the server and back."""
        self._meta = self._read(lambda tx: read_meta(tx, self._workspace))
        return self._meta.revision

    def load(self) -> Snapshot:
        """The whole present at one moment."""
        with _uncollected(), self._translated():
            self._prepare()
            return self._still(lambda meta: read_present(self._reading, self._workspace, meta))

    def _still(self, read: Callable[[Meta], T]) -> T:
        """What is read at one moment: between two looks under the lock that find the same; if there is always somebody
        who writes, under the lock."""
        for _ in range(TRIES):
            before = self._look()
            with suppress(Torn, StoreDamaged):  # half of a commit may look like damage
                found = read(before)
                if self._look() == before:
                    return found
        with self._locked(LONGEST) as (_, meta):
            try:
                return read(meta)
            except Torn as torn:
                raise StoreDamaged(str(torn)) from None

    def changes(self, after: int, limit: int | None = None) -> Iterator[Entry]:
        """The entries after a revision, oldest first.

        Some are read at a time, so that a slow reader holds up nobody; those committed meanwhile are given too.
        """
        left = limit
        while left is None or left > 0:
            entries = self._entries(after, left)
            yield from entries
            if not entries:
                return
            after = entries[-1].revision
            left = None if left is None else left - len(entries)

    def _entries(self, after: int, limit: int | None) -> list[Entry]:
        with suppress(Torn):
            return self._read(lambda tx: read_entries(tx, self._workspace, after, limit))
        with self._translated(), self._locked(self._patience):  # a commit that was under way is over now
            try:
                with self._reading() as tx:
                    return read_entries(tx, self._workspace, after, limit)
            except Torn as torn:
                raise StoreDamaged(str(torn)) from None

    def check_ins(self, goal: str) -> list[CheckIn]:
        """All check-ins of a goal, newest first."""
        return self._read(lambda tx: read_check_ins(tx, self._workspace, goal))

    def remembered(self, key: str) -> Remembered | None:
        """What the idempotency key stands for, or None."""
        return self.recall([key]).get(key)

    def recall(self, keys: Sequence[str]) -> dict[str, Remembered]:
        """What several idempotency keys stand for; those that stand for nothing are absent."""
        return self._read(lambda tx: read_remembered(tx, self._workspace, keys))

    def tokens(self) -> list[Token]:
        """All access tokens, by id."""
        return self._read(lambda tx: read_tokens(tx, self._workspace))

    def audits(self, limit: int | None = None) -> list[KeptAudit]:
        """The audits that were kept, by day, oldest first."""
        return self._read(lambda tx: read_audits(tx, self._workspace, limit))

    # ---------- writing ----------

    def commit(self, drafts: Sequence[Draft], expected: int, epoch: str) -> None:
        """Appends the drafts' entries, all or nothing, in one synced transaction."""
        if not drafts:
            return
        for number, draft in enumerate(drafts, expected + 1):
            if draft.entry.revision != number:
                raise ValueError(f"the entry after revision {number - 1} has revision {draft.entry.revision}")
            if draft.remembered is not None and draft.remembered.revision != number:
                raise ValueError(f"the key of entry {number} has revision {draft.remembered.revision}")
        with _uncollected():
            written = [log.write(draft.entry, draft.remembered) for draft in drafts]
            records = [draft.remembered for draft in drafts if draft.remembered is not None]
            facts = sum(len(step.facts) for draft in drafts for step in draft.entry.steps)
            patience = self._patience + facts / 1000 * A_THOUSAND_ROWS

            def do(tx: Transaction) -> tuple[int, bytes]:
                net = Net(draft.entry for draft in drafts)
                return expected + len(drafts), write(tx, self._workspace, written, records, net, expected, epoch)

            with self._writing, self._translated():
                self._prepare()
                self._write(do, patience)

    def put_token(self, token: Token) -> None:
        """Keeps a token, new or in place of the one with its id."""
        with self._writing, self._translated():
            self._prepare()
            self._write(lambda tx: write_token(tx, self._workspace, token), self._patience)

    def keep_audit(self, audit: KeptAudit) -> None:
        """Keeps an audit, in place of the one of its day."""
        with self._writing, self._translated():
            self._prepare()
            self._write(lambda tx: write_audit(tx, self._workspace, audit), self._patience)

    def _write(self, do: Callable[[Transaction], tuple[int, bytes] | None], patience: float) -> None:
        """Does something in a transaction and commits it; once more where that is safe.

        ``do`` returns the revision and hash of the entry that is the last then, by which an answer that was lost at the
        commit is looked up; None for what may be done twice.
        """
        until = monotonic() + patience
        while True:
            committing = False
            mark = None
            try:
                with self._session() as session, session.begin_transaction(timeout=patience) as tx:
                    mark = do(tx)
                    committing = True
                    tx.commit()
                return
            except ConstraintError as clash:
                raise self._clash(clash) from clash
            except (IncompleteCommit, ServiceUnavailable, SessionExpired) as lost:
                if committing and mark is not None:
                    if self._is_committed(*mark, until):
                        return
                elif not isinstance(lost, SessionExpired) and not self._reachable():
                    raise
                if monotonic() >= until:
                    raise
            except TransientError as busy:
                if is_memory(busy) or is_timeout(busy) or monotonic() >= until:
                    raise
                sleep(uniform(0.005, 0.05))  # noqa: S311 - so that two of them do not keep step

    def _clash(self, clash: ConstraintError) -> Fault:
        """What a violated constraint means: under the lock only a commit that was not seen whole brings one about."""
        now = self._read(lambda tx: read_meta(tx, self._workspace))
        if now != self._meta:
            return RevisionMoved(now.revision)
        return StoreDamaged(f"{self._name} holds something else than what a fact is said of ({clash.code})")

    def _is_committed(self, revision: int, hash_: bytes, until: float) -> bool:
        """Whether a commit whose answer was lost was made; CommitUnknown if that cannot be found out."""
        while True:
            try:
                # After the lock was had, the lost transaction is over, one way or the other.
                with self._locked(self._patience) as (tx, _):
                    return read_hash(tx, self._workspace, revision) == hash_
            except (DriverError, Neo4jError, StoreUnreachable) as gone:
                if monotonic() >= until:
                    raise CommitUnknown(
                        f"{self._name} was lost while it committed; whether revision {revision} was made is not known."
                        " Send the change again with the same idempotencyKey, then it happens once"
                    ) from gone
                sleep(0.2)

    def _reachable(self) -> bool:
        try:
            self._driver.verify_connectivity()
        except (DriverError, Neo4jError):
            return False
        return True

    # ---------- the store as a whole ----------

    def backup(self, at: datetime) -> Iterator[bytes]:
        """The whole store at one moment, as lines.

        The log only grows, so its entries are read as they are wanted. What stands beside it and may go (names,
        answers) is read at the beginning: memory grows with the people.
        """
        with self._translated():
            self._prepare()
            meta, aside = self._still(self._aside)
            try:
                yield from write_backup(
                    meta.epoch, meta.revision, at, read_kept(self._reading, self._workspace, meta.revision, aside)
                )
            except StoreDamaged:
                if self._look().epoch != meta.epoch:
                    raise StoreUnavailable(f"{self._name} was restored meanwhile; take the backup again") from None
                raise

    def _aside(self, meta: Meta) -> tuple[Meta, Aside]:
        with self._reading() as tx:
            return meta, Aside(tx, self._workspace, meta.revision)

    def restore(self, lines: Iterable[bytes], at: datetime, by: str) -> Restored:
        """Puts a backup in place of all that the store holds, under a new epoch."""
        self._must_be_open()
        backup = Backup(lines)
        epoch = new_epoch()
        with _uncollected(), self._writing, self._translated():
            self._prepare()
            with self._session() as session, session.begin_transaction(timeout=LONGEST) as tx:
                lock(tx, self._workspace)
                restored = replace(tx, self._workspace, backup, epoch, at, by)
                try:
                    tx.commit()
                except (IncompleteCommit, ServiceUnavailable, SessionExpired):
                    if self.revision() != restored.revision or self.epoch != epoch:
                        raise
        self.revision()  # so that the epoch is the new one
        return restored

    def verify(self) -> list[Problem]:
        """Every way in which the store is not what was written; none when all is well. Writers wait meanwhile."""
        with self._translated():
            self._prepare()
            with self._locked(LONGEST) as (tx, _):
                return problems(tx, self._reading, self._workspace)

    def close(self) -> None:
        """Ends the use of the store. Waits for a commit that is under way."""
        with self._writing:
            if not self._closed:
                self._closed = True
                self._driver.close()

    # ---------- sessions and transactions ----------

    def _session(self) -> Session:
        self._must_be_open()
        if monotonic() < self._lost_until:
            raise StoreUnreachable(self._unreachable)
        return self._driver.session(
            database=self.address.database,
            default_access_mode=neo4j.WRITE_ACCESS,
            fetch_size=-1,
            bookmark_manager=self._bookmarks,
        )

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        with self._session() as session, session.begin_transaction(timeout=LONGEST) as tx:
            yield tx

    def _read(self, read: Callable[[Transaction], T]) -> T:
        """What one short transaction reads; once more on a fresh connection if one of the pool turns out to be dead."""
        with self._translated():
            self._prepare()
            for last in (False, True):
                try:
                    if self._cold:
                        self._warm()
                    with self._session() as session, session.begin_transaction(timeout=self._patience) as tx:
                        return read(tx)
                except (ServiceUnavailable, SessionExpired):
                    if last or not self._reachable():
                        raise
        raise AssertionError

    @contextmanager
    def _locked(self, seconds: float) -> Iterator[tuple[Transaction, Meta]]:
        """The lock of the workspace, in a transaction that writes nothing: no commit is half done while it is held."""
        with self._session() as session, session.begin_transaction(timeout=seconds) as tx:
            meta, _ = lock(tx, self._workspace)
            yield tx, meta
            tx.rollback()

    def _look(self) -> Meta:
        """Where the store stands, once no commit is half done."""
        with self._locked(self._patience) as (_, meta):
            return meta

    # ---------- the beginning ----------

    def _prepare(self) -> None:
        """Makes sure, once, that the server can be used, the schema is up to date and the workspace is there."""
        if self._ready:
            return
        with self._writing, self._translated():
            if self._ready:
                return
            self._must_be_open()
            check_version(self._driver.get_server_info().agent, self.address.server)
            with self._session() as session:
                if not migrate(session, self._workspace, self._name, create=self._create):
                    raise StoreUnavailable(f"there is no store at {self.url}")
            self._meta = self._look()
            self._ready = True

    def _warm(self) -> None:
        """After the server was lost: lets it plan what a commit runs. That may take a server that has just started ten
        seconds, which nobody who writes should wait for."""
        with self._session() as session, session.begin_transaction(timeout=LONGEST) as tx:
            warm_up(tx, self._workspace)
            tx.rollback()
        self._cold = False

    # ---------- errors ----------

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{self._name} is closed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DriverError, Neo4jError) as error:
            if self._closed:
                raise StoreUnavailable(f"{self._name} is closed") from None
            raise self._fault(error) from error

    def _fault(self, error: DriverError | Neo4jError) -> Fault:
        if isinstance(error, (ServiceUnavailable, SessionExpired)):
            # Others who ask at the same moment need not each wait for a server that does not answer.
            self._lost_until, self._cold = monotonic() + PAUSE, True
            return StoreUnreachable(self._unreachable)
        return fault_of(error, self.address, self._name)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Does without the garbage collector for a while: it would walk a million new values again and again, and none of
    them holds a ring."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
