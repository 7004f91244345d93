"""One store in use: its connections, who may read and write when, and what the errors of SQLite mean."""

from __future__ import annotations

import gc
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import uniform
from threading import Lock, RLock
from time import monotonic, sleep

import msgspec

from graph_service.errors import Fault, RevisionMoved, StoreDamaged, StoreUnavailable
from graph_service.models.facts import Entry
from graph_service.models.nodes import CheckIn
from graph_service.models.tokens import Token
from graph_service.stores import log
from graph_service.stores.backup import Backup, write_backup
from graph_service.stores.base import Draft, KeptAudit, Problem, Remembered, Restored, Snapshot
from graph_service.stores.sqlite.read import (
    Meta,
    read_check_ins,
    read_entries,
    read_meta,
    read_present,
    read_remembered,
)
from graph_service.stores.sqlite.schema import migrate
from graph_service.stores.sqlite.verify import problems
from graph_service.stores.sqlite.whole import read_audits, read_kept, read_tokens, replace, write_audit, write_token
from graph_service.stores.sqlite.write import Net, append, remember

PATIENCE = 10.0
"""Seconds to wait while another process writes."""

SCRUBBING = 1.0
"""Seconds that an erasing waits for readers who still see the name; a long one (a backup) must not hold up writers, and
the next commit tries again."""

OLDEST = (3, 37)
"""The first SQLite with STRICT tables."""

HEADER = 100
"""Bytes at the beginning of every SQLite file."""

READERS = 4
"""Connections kept for readers; further ones are made and closed as needed."""


PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cell_size_check = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # names of people belong into no other file
    "cache_size = -65536",  # in KiB
    "journal_size_limit = 67108864",
)


def new_epoch() -> str:
    """A name for the time between two restores that no other store has."""
    return secrets.token_hex(8)


class SQLiteStore:
    """A store in a SQLite file (``path`` None: in memory). Made if it is not there, unless ``create`` is False."""

    def __init__(self, url: str, path: Path | None, *, create: bool = True, patience: float = PATIENCE) -> None:
        self.url = url
        self._path = path
        self._name = "the store in memory" if path is None else str(path)
        self._patience = patience
        self._writing = RLock()
        self._watching = Lock()
        self._pooling = Lock()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False
        self._shadows = False
        self._seen = -1
        with self._translated():
            if sqlite3.sqlite_version_info < OLDEST:
                raise StoreUnavailable(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed")
            if path is not None:
                _prepare(path, create)
            self._writer = self._connect()
            try:
                self._meta = self._open()
                self._watch = self._writer if path is None else self._connect()
            except BaseException:
                self._writer.close()
                raise

    # ---------- reading ----------

    @property
    def epoch(self) -> str:
        """Made at creation, changed by a restore; as of the last time that the revision was asked for."""
        return self._meta.epoch

    def revision(self) -> int:
        """The newest revision, other processes' commits included; some microseconds when nobody wrote."""
        if self._path is None:
            self._must_be_open()
            return self._meta.revision
        with self._watching, self._translated():
            # SQLite says by this number whether anybody else committed since this connection looked last.
            seen = self._watch.execute("PRAGMA data_version").fetchone()[0]
            if seen != self._seen:
                self._meta = read_meta(self._watch)
                self._seen = seen
            return self._meta.revision

    def load(self) -> Snapshot:
        """The whole present at one moment."""
        with _uncollected(), self._translated(), self._reading() as connection:
            return read_present(connection)

    def changes(self, after: int, limit: int | None = None) -> Iterator[Entry]:
        """The entries after a revision, oldest first.

        Some are read at a time, so that a slow reader holds up nobody; those committed meanwhile are given too.
        """
        left = limit
        while left is None or left > 0:
            with self._translated(), self._reading() as connection:
                entries = list(read_entries(connection, after, left))
            yield from entries
            if not entries:
                return
            after = entries[-1].revision
            left = None if left is None else left - len(entries)

    def check_ins(self, goal: str) -> list[CheckIn]:
        """All check-ins of a goal, newest first."""
        with self._translated(), self._reading() as connection:
            return read_check_ins(connection, goal)

    def remembered(self, key: str) -> Remembered | None:
        """What the idempotency key stands for, or None."""
        with self._translated(), self._reading() as connection:
            return read_remembered(connection, key)

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
            self._commit(drafts, expected, epoch)

    def _commit(self, drafts: Sequence[Draft], expected: int, epoch: str) -> None:
        written = [log.write(draft.entry, draft.remembered) for draft in drafts]
        net = Net(one.entry for one in written)
        with self._writing, self._translated():
            with self._transaction() as connection:
                before = read_meta(connection)
                if (before.revision, before.epoch) != (expected, epoch):
                    raise RevisionMoved(before.revision)
                head = append(connection, written, before.head)
                net.write(connection, [row for one in written for row in one.personal])
                if records := [draft.remembered for draft in drafts if draft.remembered is not None]:
                    remember(connection, records)
                after = Meta(before.epoch, written[-1].entry.revision, head)
                connection.execute("UPDATE meta SET revision = ?, head = ?, seal = ?", (*after[1:], after.seal))
            if self._path is None:
                self._meta = after
            if net.erased or self._shadows:
                self._shadows = not self._scrub(min(self._patience, SCRUBBING) if net.erased else 0)

    # ---------- tokens, audits, and the store as a whole ----------

    def tokens(self) -> list[Token]:
        """All access tokens, by id."""
        with self._translated(), self._reading() as connection:
            return read_tokens(connection)

    def put_token(self, token: Token) -> None:
        """Keeps a token, new or in place of the one with its id."""
        with self._writing, self._translated(), self._transaction() as connection:
            write_token(connection, token)

    def audits(self, limit: int | None = None) -> list[KeptAudit]:
        """The audits that were kept, by day, oldest first."""
        with self._translated(), self._reading() as connection:
            return read_audits(connection, limit)

    def keep_audit(self, audit: KeptAudit) -> None:
        """Keeps an audit, in place of the one of its day."""
        with self._writing, self._translated(), self._transaction() as connection:
            write_audit(connection, audit)

    def backup(self, at: datetime) -> Iterator[bytes]:
        """The whole store at one moment, as lines."""
        with self._translated(), closing(self._still()) as connection:
            meta = read_meta(connection)
            yield from write_backup(meta.epoch, meta.revision, at, read_kept(connection))

    def _still(self) -> sqlite3.Connection:
        """A connection of its own that sees one moment until it is closed, however long that takes: it must not be
        one of the readers, nor hold the lock that a store in memory has for its only connection."""
        if self._path is None:
            with self._writing:
                self._must_be_open()
                copy = self._connect()
                self._writer.backup(copy)
                return copy
        self._must_be_open()
        connection = self._connect()
        connection.execute("BEGIN")
        return connection

    def restore(self, lines: Iterable[bytes], at: datetime, by: str) -> Restored:
        """Puts a backup in place of all that the store holds, under a new epoch."""
        self._must_be_open()
        backup = Backup(lines)
        with _uncollected(), self._writing, self._translated():
            with self._transaction() as connection:
                restored = replace(connection, backup, new_epoch(), at, by)
            if self._path is None:
                self._meta = read_meta(self._writer)
            self._shadows = not self._scrub(0)
        self.revision()  # so that the epoch is the new one
        return restored

    def close(self) -> None:
        """Ends the use of the store. Waits for a commit that is under way."""
        with self._writing, self._watching, self._pooling:
            if self._closed:
                return
            self._closed = True
            if self._shadows:
                self._scrub(0)
            for connection in (*self._readers, self._watch, self._writer):
                with suppress(sqlite3.Error):
                    connection.close()
            self._readers.clear()

    # ---------- checking ----------

    def verify(self) -> list[Problem]:
        """Every way in which the store is not what was written; none when all is well."""
        try:
            with self._reading() as connection:
                return problems(connection)
        except sqlite3.Error as error:
            if self._closed:
                raise self._is_closed() from None
            return [Problem("database", None, str(error))]

    # ---------- connections ----------

    def _connect(self) -> sqlite3.Connection:
        target = ":memory:" if self._path is None else str(self._path)
        connection = sqlite3.connect(target, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self) -> Meta:
        connection = self._writer

        def begin() -> None:
            meta = Meta(new_epoch(), 0, log.GENESIS)
            connection.execute("INSERT INTO meta VALUES (1, ?, ?, ?, ?)", (*meta, meta.seal))

        migrate(connection, self._name, begin)
        if self._path is not None:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise StoreUnavailable(
                    f"{self._name} cannot be used with a write-ahead log ({mode}); is it on a network drive?"
                )
            log_file = Path(f"{self._path}-wal")
            if log_file.exists() and log_file.stat().st_size:
                self._scrub(0)  # a process that was killed may have left erased names in there
            connection.execute("PRAGMA busy_timeout = 0")  # `_begin` waits
        return read_meta(connection)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment."""
        if self._path is None:
            with self._writing:
                self._must_be_open()
                yield self._writer
            return
        with self._pooling:
            self._must_be_open()
            connection = self._readers.pop() if self._readers else None
        if connection is None:
            connection = self._connect()
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        with self._pooling:
            if not self._closed and len(self._readers) < READERS:
                self._readers.append(connection)
                return
        connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The one writing connection, holding the file; all that is written in here stays, or nothing of it."""
        connection = self._writer
        self._begin()
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise

    def _begin(self) -> None:
        """Waits for its turn. SQLite itself would look again ever less often, and starve beside a busy process."""
        until: float | None = None
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                now = monotonic()
                until = now + self._patience if until is None else until
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or now >= until:
                    raise
                sleep(uniform(0.0002, 0.002))  # noqa: S311 - so that two of them do not keep step
            else:
                return

    def _scrub(self, patience: float) -> bool:
        """Empties the write-ahead log, where erased names stand still. False while a reader is in the way."""
        if self._path is None:
            return True
        with suppress(sqlite3.Error):
            self._writer.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
            busy, _, _ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._writer.execute("PRAGMA busy_timeout = 0")
            return bool(busy == 0)
        return False

    def _must_be_open(self) -> None:
        if self._closed:
            raise self._is_closed()

    def _is_closed(self) -> StoreUnavailable:
        return StoreUnavailable(f"{self._name} is closed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._closed:
                raise self._is_closed() from None
            raise fault_of(error, self._name) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StoreDamaged(f"{self._name} holds what cannot be read: {error}") from error


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


def _prepare(path: Path, create: bool) -> None:
    try:
        if path.is_dir():
            raise StoreUnavailable(f"{path} is a folder; a store is a file")
        if not path.exists():
            if not create:
                raise StoreUnavailable(f"there is no store at {path}")
            path.parent.mkdir(parents=True, exist_ok=True)
        elif 0 < path.stat().st_size < HEADER:  # SQLite would take it for an empty one
            raise StoreUnavailable(f"{path} is no SQLite database")
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error.strerror}") from error


_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)


def fault_of(error: sqlite3.Error, name: str) -> Fault:
    """The fault that an error of SQLite means, in words for people."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return StoreUnavailable(f"{name} is no SQLite database, or its first page is damaged")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreUnavailable(f"{name} is being written by another process; try again")
    if code in _UNUSABLE:
        return StoreUnavailable(f"{name} cannot be used: {error}")
    if code == sqlite3.SQLITE_CONSTRAINT:
        return StoreDamaged(f"{name} holds something else than what a fact is said of: {error}")
    return StoreDamaged(f"{name} is damaged: {error}")
