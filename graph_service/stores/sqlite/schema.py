"""The tables of a SQLite store, by numbered migrations. Nothing else knows how a file is laid out on the outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

from graph_service.errors import StoreDamaged, StoreUnavailable

APPLICATION_ID = 0x4F4B5247
"""Marks a SQLite file as a store of this service ("OKRG")."""

_FIRST = (
    """\
CREATE TABLE meta (             -- one row: where the store stands
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  epoch    TEXT    NOT NULL,    -- made new by a restore
  revision INTEGER NOT NULL,
  head     BLOB    NOT NULL,    -- the hash of the newest entry of the log
  seal     BLOB    NOT NULL     -- SHA-256 of the three above
) STRICT""",
    """\
CREATE TABLE log (              -- every commit, in order, never changed
  revision INTEGER PRIMARY KEY,
  header   BLOB    NOT NULL,    -- canonical JSON; names the hash of the entry before it and of each part
  hash     BLOB    NOT NULL     -- SHA-256 of the header
) STRICT""",
    """\
CREATE TABLE parts (            -- what the commits changed, step by step: canonical JSON
  revision INTEGER NOT NULL REFERENCES log (revision),
  part     INTEGER NOT NULL,
  body     BLOB    NOT NULL,
  PRIMARY KEY (revision, part)
) STRICT""",
    """\
CREATE TABLE personal (         -- names, e-mails and attributes of people, past and present; nowhere else in the file
  hash   TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of salt and body, in hex: stands in the log and in nodes for the name
  person TEXT NOT NULL,
  salt   BLOB,                  -- salt and body are NULL once the person is erased
  body   BLOB
) STRICT, WITHOUT ROWID""",
    """\
CREATE TABLE nodes (            -- objectives, key results, people, teams, periods, initiatives, KPIs, role charters
  id       TEXT    NOT NULL PRIMARY KEY,
  kind     TEXT    NOT NULL,
  revision INTEGER NOT NULL,    -- of the last change; of the removal, if it is removed
  removed  INTEGER NOT NULL CHECK (removed IN (0, 1)),
  body     TEXT    NOT NULL     -- JSON; for a person who is not erased, `name` is a hash of `personal`
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX people ON nodes (id) WHERE kind = 'person'",
    "CREATE INDEX removed_nodes ON nodes (id) WHERE removed = 1",
    """\
CREATE TABLE links (
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,         -- JSON, with weight, position, roles
  PRIMARY KEY (source, target, kind)
) STRICT, WITHOUT ROWID""",
    """\
CREATE TABLE removed_links (    -- what removed nodes took along
  node   TEXT NOT NULL REFERENCES nodes (id),
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,
  PRIMARY KEY (node, source, target, kind)
) STRICT, WITHOUT ROWID""",
    """\
CREATE TABLE check_ins (
  goal     TEXT    NOT NULL,
  at       INTEGER NOT NULL,    -- microseconds since 1970, UTC
  revision INTEGER NOT NULL,
  position INTEGER NOT NULL,
  id       TEXT    NOT NULL UNIQUE,
  body     TEXT    NOT NULL,    -- JSON, with value, confidence, note
  PRIMARY KEY (goal, at, revision, position)
) STRICT, WITHOUT ROWID""",
    """\
CREATE TABLE broken (           -- references to nothing, kept as text
  node      TEXT    NOT NULL REFERENCES nodes (id),
  kind      TEXT    NOT NULL,
  reference TEXT    NOT NULL,
  outgoing  INTEGER NOT NULL CHECK (outgoing IN (0, 1)),
  body      TEXT    NOT NULL,
  PRIMARY KEY (node, kind, reference, outgoing)
) STRICT, WITHOUT ROWID""",
    """\
CREATE TABLE workspace (        -- at most one row: levels, limits, cadence, time zone; none: the defaults
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  body TEXT    NOT NULL
) STRICT""",
    """\
CREATE TABLE remembered (       -- idempotency keys, for a week
  revision INTEGER PRIMARY KEY,
  key      TEXT    NOT NULL UNIQUE,
  digest   BLOB    NOT NULL,    -- of the input it came with
  answer   BLOB    NOT NULL,
  at       INTEGER NOT NULL     -- microseconds since 1970, UTC
) STRICT""",
)

_SECOND = (
    """\
CREATE TABLE tokens (           -- access tokens, outside the log; a restore leaves them
  id      TEXT    NOT NULL PRIMARY KEY,
  name    TEXT    NOT NULL,
  scope   TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
  digest  BLOB    NOT NULL,     -- SHA-256 of the secret, which is nowhere
  created INTEGER NOT NULL,     -- microseconds since 1970, UTC, like the two below
  expires INTEGER,              -- NULL: never
  revoked INTEGER,              -- NULL: not withdrawn
  root    TEXT,                 -- the goal that it is narrowed to, and the picture of it
  view    TEXT
) STRICT, WITHOUT ROWID""",
)

_THIRD = (
    """\
CREATE TABLE audits (           -- audits in small, for the trend, outside the log; a restore leaves them
  as_of    TEXT    NOT NULL PRIMARY KEY,  -- the day, YYYY-MM-DD
  revision INTEGER NOT NULL,
  content  BLOB    NOT NULL     -- JSON: shares, counts and fingerprints, no names
) STRICT, WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND, _THIRD)
"""The statements that lead from each schema to the next; ``PRAGMA user_version`` counts those that were run."""

Listed = list[tuple[str, str, str | None]]


def schema_of(connection: sqlite3.Connection) -> Listed:
    """What a database says of its tables and indexes: (type, name, SQL), sorted."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type DESC, name")
    return rows.fetchall()


def newest_schema() -> Listed:
    """What :func:`schema_of` says of a store that is up to date."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in MIGRATIONS:
            for statement in migration:
                connection.execute(statement)
        return schema_of(connection)


def sqlite_sql() -> str:
    """The schema as one readable script: tables, then indexes, each by name. What migrations give."""
    head = f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {len(MIGRATIONS)};\n"
    return "\n".join([head, *(f"{sql};\n" for _, _, sql in newest_schema() if sql is not None)])


def migrate(connection: sqlite3.Connection, name: str, begin: Callable[[], None]) -> None:
    """Brings an open database up to date, in one transaction; ``begin`` is called in it if the database is new.

    StoreUnavailable, with nothing changed, for a database of something else or of a newer version.
    """
    connection.execute("BEGIN")  # one moment: another process may be making the store just now
    try:
        version = _known(connection, name)
    finally:
        connection.execute("ROLLBACK")
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _known(connection, name)  # another process may have been first
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
        if version == 0:
            begin()
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _known(connection: sqlite3.Connection, name: str) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    owner: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if owner != APPLICATION_ID:
        if tables == 0 and version == 0 and owner == 0:
            return 0
        raise StoreUnavailable(f"{name} is a SQLite database of something else; name another file")
    if version > len(MIGRATIONS):
        raise StoreUnavailable(
            f"{name} was written by a newer graph-service (schema {version}, known here: up to {len(MIGRATIONS)});"
            " use that version or a newer one"
        )
    if version < 1:
        raise StoreDamaged(f"{name} says schema {version}, which never was")
    return version
