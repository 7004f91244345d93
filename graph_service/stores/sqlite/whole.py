"""A SQLite store as a whole: read for a backup, and replaced by one. Each in one transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from datetime import date, datetime

from graph_service.errors import Invalid
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.stores import log
from graph_service.stores.backup import UNREADABLE, Backup, Kept, erase_again, kept
from graph_service.stores.base import KeptAudit, Restored
from graph_service.stores.sqlite.read import Meta, read_answer
from graph_service.stores.sqlite.write import append, append_rows, present_rows, remember_all, token_row

EMPTIED = (
    "DELETE FROM parts",
    "DELETE FROM log",
    "DELETE FROM personal",
    "DELETE FROM remembered",
    "DELETE FROM removed_links",
    "DELETE FROM broken",
    "DELETE FROM links",
    "DELETE FROM check_ins",
    "DELETE FROM nodes",
    "DELETE FROM workspace",
)
"""All but where the store stands, its tokens and the audits that were kept; those first that name others."""


def read_kept(connection: sqlite3.Connection) -> Iterator[Kept]:
    """Every entry, oldest first, with all that is kept of it."""

    def personal(hash_: str) -> log.Personal | None:
        row = connection.execute("SELECT hash, person, salt, body FROM personal WHERE hash = ?", (hash_,)).fetchone()
        return None if row is None else log.Personal(*row)

    for revision, header, hash_ in connection.execute("SELECT revision, header, hash FROM log ORDER BY revision"):
        bodies = connection.execute("SELECT body FROM parts WHERE revision = ? ORDER BY part", (revision,))
        parts = tuple(body for (body,) in bodies)
        yield kept(header, hash_, parts, personal, read_answer(connection, revision))


def replace(connection: sqlite3.Connection, backup: Backup, epoch: str, at: datetime, by: str) -> Restored:
    """Puts the backup in place of what is there; Invalid if it turns out not to be sound, and the caller undoes it."""
    gone = _erased(connection)
    for statement in EMPTIED:
        connection.execute(statement)
    for one in backup.entries():
        try:
            revision = one.entry.revision
            parts = [(revision, number, body) for number, body in enumerate(one.parts)]
            append_rows(connection, [(revision, one.header, one.hash)], parts)
            connection.executemany("INSERT INTO personal VALUES (?, ?, ?, ?)", _left(one, gone))
            if one.remembered is not None:
                remember_all(connection, [one.remembered])
        except (sqlite3.IntegrityError, *UNREADABLE) as wrong:
            raise Invalid(
                f"entry {one.entry.revision} of the backup cannot be kept: {wrong}", path=("file",)
            ) from wrong
    folded = backup.folded
    again = erase_again(folded, gone, at, by)
    head = append(connection, [log.write(entry) for entry in again], backup.chain.last)
    try:
        for _, _, statement, rows in present_rows(folded):
            connection.executemany(statement, rows)
    except (sqlite3.IntegrityError, *UNREADABLE) as wrong:
        raise Invalid(f"what the backup gives cannot be kept: {wrong}", path=("file",)) from wrong
    meta = Meta(epoch, folded.revision, head)
    connection.execute("UPDATE meta SET epoch = ?, revision = ?, head = ?, seal = ?", (*meta, meta.seal))
    return Restored(epoch, folded.revision, tuple(entry.steps[0].nodes[0] for entry in again))


def _erased(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute(
        "SELECT id FROM nodes WHERE kind = 'person' AND json_extract(body, '$.erased') IS NOT NULL"
    )
    return frozenset(id_ for (id_,) in rows)


def _left(one: Kept, gone: Collection[str]) -> Iterator[log.Personal]:
    """The personal rows of an entry; of people who are erased here, nothing is written."""
    for row in one.personal:
        yield row._replace(salt=None, body=None) if row.person in gone else row


def read_tokens(connection: sqlite3.Connection) -> list[Token]:
    """All tokens, by id."""
    rows = connection.execute(
        "SELECT id, name, scope, digest, created, expires, revoked, root, view FROM tokens ORDER BY id"
    )
    return [
        Token(id_, name, Scope(scope), digest, log.moment(created), _moment(expires), _moment(revoked), root, view)
        for id_, name, scope, digest, created, expires, revoked, root, view in rows
    ]


def write_token(connection: sqlite3.Connection, token: Token) -> None:
    """Keeps a token, new or in place of the one with its id."""
    connection.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", token_row(token))


def read_audits(connection: sqlite3.Connection, limit: int | None) -> list[KeptAudit]:
    """The audits that were kept, by day, oldest first; with ``limit`` the newest so many."""
    rows = connection.execute(
        "SELECT as_of, revision, content FROM audits ORDER BY as_of DESC LIMIT ?", (-1 if limit is None else limit,)
    )
    return [KeptAudit(date.fromisoformat(as_of), revision, content) for as_of, revision, content in rows][::-1]


def write_audit(connection: sqlite3.Connection, audit: KeptAudit) -> None:
    """Keeps an audit, in place of the one of its day."""
    connection.execute(
        "INSERT OR REPLACE INTO audits VALUES (?, ?, ?)", (audit.as_of.isoformat(), audit.revision, audit.content)
    )


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else log.moment(microseconds)
