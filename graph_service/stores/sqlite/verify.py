"""Whether a SQLite store holds what was written: the chain, the fold against every row, the database itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from graph_service.errors import StoreDamaged
from graph_service.models.facts import Entry, ErasePerson
from graph_service.stores import log
from graph_service.stores.base import KEPT_SURELY, Problem, Remembered
from graph_service.stores.fold import Folded, fold, loose_ends
from graph_service.stores.sqlite.schema import newest_schema, schema_of
from graph_service.stores.sqlite.write import Row, present_rows
from graph_service.stores.standing import Meta

UNREADABLE = (
    sqlite3.Error,
    msgspec.MsgspecError,
    StoreDamaged,
    UnicodeDecodeError,
    ValueError,
    TypeError,
    OverflowError,
)
"""What reading a damaged database can raise."""


def problems(connection: sqlite3.Connection) -> list[Problem]:
    """Everything that is not as it was written, in a read transaction of the caller; none when all is well."""
    found = list(_guarded("database", _database(connection)))
    chain = Chain()
    found += _guarded("log", chain.check(connection))
    found += _guarded("log", _personal(connection, chain))
    found += _guarded("log", _remembered(connection, chain))
    if chain.folded is not None:
        found += _guarded("fold", _present(connection, chain.folded))
    return found


def _guarded(part: str, found: Iterator[Problem]) -> Iterator[Problem]:
    """The problems, and one more if looking for them ends before its time."""
    try:
        yield from found
    except UNREADABLE as error:
        yield Problem(part, None, f"cannot be read: {error}")


def _database(connection: sqlite3.Connection) -> Iterator[Problem]:
    for (answer,) in connection.execute("PRAGMA integrity_check"):
        if answer != "ok":
            yield Problem("database", None, answer)
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield Problem("database", None, f"a row of {table} names what is not there")
    if schema_of(connection) != newest_schema():
        yield Problem("database", None, "the tables are not as they were made")


class Chain:
    """The log, checked entry by entry, and what the rest is compared with."""

    def __init__(self) -> None:
        self.folded: Folded | None = Folded()
        self.hidden: dict[str, str] = {}
        self.erased: set[str] = set()
        self.remembered: dict[int, log.Mark] = {}

    def check(self, connection: sqlite3.Connection) -> Iterator[Problem]:
        """The problems of ``meta``, ``log`` and ``parts``."""
        head, revision = log.GENESIS, 0
        bodies = Bodies(connection.execute("SELECT revision, part, body FROM parts ORDER BY revision, part"))
        for number, header, hash_ in connection.execute("SELECT revision, header, hash FROM log ORDER BY revision"):
            revision += 1
            if number != revision:
                yield Problem("log", revision, "the entry is missing")
                self.folded = None
                return
            parts = bodies.of(number)
            for wrong in log.broken_links(header, hash_, head, parts):
                yield Problem("log", revision, wrong)
            head = hash_
            yield from self._take(revision, header, parts)
        if bodies.rest():
            yield Problem("log", None, "there are steps of an entry that is missing")
        yield from _standing(connection, revision, head)

    def _take(self, revision: int, raw: bytes, parts: list[bytes]) -> Iterator[Problem]:
        try:
            header = log.read_header(raw)
            entry = log.entry_of(header, tuple(step for part in parts for step in log.read_part(part, revision)))
            self._note(header, entry)
        except UNREADABLE as error:
            yield Problem("log", revision, str(error))
            self.folded = None
            return
        if self.folded is not None:
            try:
                fold([entry], self.folded)
            except StoreDamaged as misfit:
                yield Problem("fold", revision, str(misfit))
                self.folded = None

    def _note(self, header: log.Header, entry: Entry) -> None:
        self.hidden.update(log.hidden_in(entry))
        if header.remembered is not None:
            self.remembered[header.revision] = header.remembered
        self.erased.update(fact.id for step in entry.steps for fact in step.facts if type(fact) is ErasePerson)


class Bodies:
    """The bodies of rows (revision, part, body), by revision, read once in order."""

    def __init__(self, rows: Iterable[tuple[int, int, bytes]]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def of(self, revision: int) -> list[bytes]:
        """The bodies of an entry."""
        found: list[bytes] = []
        while self._next is not None and self._next[0] == revision and self._next[1] == len(found):
            found.append(self._next[2])
            self._next = next(self._rows, None)
        return found

    def rest(self) -> bool:
        """Whether rows are left that no entry asked for."""
        return self._next is not None


def _standing(connection: sqlite3.Connection, revision: int, head: bytes) -> Iterator[Problem]:
    row = connection.execute("SELECT epoch, revision, head, seal FROM meta").fetchone()
    if row is None:
        yield Problem("log", None, "the store does not say where it stands")
        return
    meta = Meta(*row[:3])
    if (meta.revision, meta.head) != (revision, head):
        yield Problem("log", revision, f"the log ends at entry {revision}, the store says it stands at {meta.revision}")
    if meta.seal != row[3]:
        yield Problem("log", None, "what the store says of where it stands does not have its hash")


def _personal(connection: sqlite3.Connection, chain: Chain) -> Iterator[Problem]:
    """Personal rows against the hashes of the chain."""
    missing = dict(chain.hidden)
    for row in connection.execute("SELECT hash, person, salt, body FROM personal ORDER BY hash"):
        personal = log.Personal(*row)
        if missing.pop(personal.hash, None) != personal.person:
            yield Problem("log", None, f"personal fields of '{personal.person}' are not named by the log")
        elif personal.person in chain.erased:
            if (personal.salt, personal.body) != (None, None):
                yield Problem("log", None, f"'{personal.person}' is erased, and personal fields are still there")
        elif not personal.sound:
            yield Problem("log", None, f"personal fields of '{personal.person}' do not have their hash")
    for person in sorted(set(missing.values())):
        yield Problem("log", None, f"personal fields of '{person}' are missing")


def _remembered(connection: sqlite3.Connection, chain: Chain) -> Iterator[Problem]:
    """Idempotency records against the hashes of the chain; those older than a day may be gone."""
    missing = dict(chain.remembered)
    for key, digest, revision, answer, at in connection.execute(
        "SELECT key, digest, revision, answer, at FROM remembered ORDER BY revision"
    ):
        record = Remembered(key, digest, revision, answer, log.moment(at))
        if missing.pop(revision, None) != log.mark(record):
            yield Problem("log", revision, "the idempotency record does not have its hash")
    newest = max((mark.at for mark in chain.remembered.values()), default=None)
    for revision, mark in missing.items():
        if newest is not None and mark.at >= newest - KEPT_SURELY:
            yield Problem("log", revision, "the idempotency record is missing")


def _present(connection: sqlite3.Connection, folded: Folded) -> Iterator[Problem]:
    """Every table of the present, row by row and byte by byte, against the rows that the fold gives."""
    for what in loose_ends(folded):
        yield Problem("fold", folded.revision, what)
    for table, statement, _, rows in present_rows(folded):
        actual = connection.execute(statement)
        for expected in rows:
            if (row := actual.fetchone()) != expected:
                yield Problem("fold", folded.revision, _difference(table, expected, row))
                break
        else:
            if (row := actual.fetchone()) is not None:
                yield Problem("fold", folded.revision, _difference(table, None, row))


def _difference(table: str, expected: Row | None, row: Row | None) -> str:
    if expected is None:
        assert row is not None
        return f"{table}: there is a row for '{row[0]}' that the log does not give"
    if row is None or row[0] != expected[0]:
        return f"{table}: the row for '{expected[0]}' that the log gives is missing"
    return f"{table}: the row for '{expected[0]}' is not as the log gives it"
