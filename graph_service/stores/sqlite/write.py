"""What a commit changes in the tables of a SQLite store: many facts netted to one row each, written table by table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from graph_service.errors import StoreDamaged
from graph_service.models.nodes import KIND_OF, BrokenReference, CheckIn, Link, Node, Person, Workspace
from graph_service.models.tokens import Token
from graph_service.stores import net
from graph_service.stores.base import Remembered
from graph_service.stores.fold import Folded, erased
from graph_service.stores.log import Personal, Written, canonical, chain, microseconds
from graph_service.stores.sqlite.read import node_in

Row = tuple[object, ...]

REMEMBERED_FOR = timedelta(days=7)
"""How long idempotency keys are kept at least."""

PURGE = 64
"""Idempotency keys looked at in one purge, which comes every so many revisions."""


# ---------- one value, one row: all columns, in the order of the table ----------


def node_row(node: Node, revision: int, *, removed: bool) -> Row:
    """The row of ``nodes``."""
    return node.id, KIND_OF[type(node)], revision, int(removed), canonical(node).decode()


def link_row(link: Link) -> Row:
    """The row of ``links``."""
    return link.source, link.target, link.kind.value, canonical(link).decode()


def removed_link_row(node: str, link: Link) -> Row:
    """The row of ``removed_links``."""
    return node, *link_row(link)


def check_in_row(one: CheckIn) -> Row:
    """The row of ``check_ins``."""
    return one.goal, microseconds(one.at), one.revision, one.position, one.id, canonical(one).decode()


def broken_row(one: BrokenReference) -> Row:
    """The row of ``broken``."""
    return one.node, one.kind.value, one.reference, int(one.outgoing), canonical(one).decode()


def workspace_row(workspace: Workspace) -> Row:
    """The row of ``workspace``."""
    return 1, canonical(workspace).decode()


def token_row(token: Token) -> Row:
    """The row of ``tokens``."""
    expires, revoked = (at and microseconds(at) for at in (token.expires, token.revoked))
    return (
        token.id,
        token.name,
        token.scope.value,
        token.digest,
        microseconds(token.created),
        expires,
        revoked,
        token.root,
        token.view,
    )


def present_rows(folded: Folded) -> Iterator[tuple[str, str, str, Iterable[Row]]]:
    """The rows of the present that a fold gives: for each table its name, the statement that reads all its rows in
    order, the one that writes one, and the rows in this order. People by the hashes of what is personal."""
    resting = folded.removed
    yield (
        "nodes",
        "SELECT * FROM nodes ORDER BY id",
        "INSERT INTO nodes VALUES (?, ?, ?, ?, ?)",
        (
            node_row(resting[id_].node, resting[id_].revision, removed=True)
            if id_ in resting
            else node_row(folded.nodes[id_], folded.revisions[id_], removed=False)
            for id_ in sorted([*folded.nodes, *resting])
        ),
    )
    yield (
        "links",
        "SELECT * FROM links ORDER BY source, target, kind",
        "INSERT INTO links VALUES (?, ?, ?, ?)",
        (link_row(folded.links[key]) for key in sorted(folded.links)),
    )
    yield (
        "removed_links",
        "SELECT * FROM removed_links ORDER BY node, source, target, kind",
        "INSERT INTO removed_links VALUES (?, ?, ?, ?, ?)",
        (removed_link_row(id_, link) for id_ in sorted(resting) for link in resting[id_].links),
    )
    yield (
        "check_ins",
        "SELECT * FROM check_ins ORDER BY goal, at, revision, position",
        "INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?)",
        (check_in_row(one) for one in folded.sorted_check_ins()),
    )
    yield (
        "broken",
        "SELECT * FROM broken ORDER BY node, kind, reference, outgoing",
        "INSERT INTO broken VALUES (?, ?, ?, ?, ?)",
        (broken_row(folded.broken[key]) for key in sorted(folded.broken)),
    )
    said = [] if folded.workspace is None else [workspace_row(folded.workspace)]
    yield "workspace", "SELECT * FROM workspace", "INSERT INTO workspace VALUES (?, ?)", said


# ---------- many facts, one row each ----------


class Net(net.Net):
    """What the facts of some entries come to, written table by table."""

    def write(self, connection: sqlite3.Connection, personal: Sequence[Personal]) -> None:
        """Writes it all, in a transaction that the caller holds.

        StoreDamaged where a row is not as the facts take it to be; the caller undoes what was written.
        """
        do = connection.executemany
        if personal:
            do("INSERT INTO personal (hash, person, salt, body) VALUES (?, ?, ?, ?)", personal)
        if self.restored:
            back = do("UPDATE nodes SET removed = 0 WHERE id = ? AND removed = 1", [(id_,) for id_ in self.restored])
            _all(back, len(self.restored), "a node to restore is not removed")
            do("DELETE FROM removed_links WHERE node = ?", [(id_,) for id_ in self.restored])
        if self.erased:
            self._erase(connection)
        self._write_nodes(connection)
        self._write_links(connection)
        if self.check_ins:
            do("INSERT INTO check_ins VALUES (?, ?, ?, ?, ?, ?)", map(check_in_row, self.check_ins))
            new = [one.id for one in self.check_ins]
            _none(connection, _IS_NODE, new, "is the id of a node and cannot be that of a check-in")
        if self.broken:
            self._write_broken(connection)
        if self.workspace is not None:
            connection.execute(
                "INSERT INTO workspace VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                workspace_row(self.workspace),
            )

    def _write_nodes(self, connection: sqlite3.Connection) -> None:
        nodes, revisions = self.nodes, self.revisions
        if nodes:
            put = connection.executemany(
                "INSERT INTO nodes VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, body = excluded.body"
                " WHERE kind = excluded.kind AND removed = 0"
                " AND (kind <> 'person' OR json_extract(body, '$.erased') IS NULL"
                " OR json_extract(excluded.body, '$.erased') IS NOT NULL)",
                (node_row(node, revisions[id_], removed=False) for id_, node in nodes.items()),
            )
            _all(put, len(nodes), "the id of a node was given out before")
            _none(connection, _IS_CHECK_IN, list(nodes), "is the id of a check-in and cannot be that of a node")
        said = [(revision, id_) for id_, revision in revisions.items() if id_ not in nodes]
        if said:
            raised = connection.executemany("UPDATE nodes SET revision = ? WHERE id = ? AND removed = 0", said)
            _all(raised, len(said), "a fact is said of a node that is not there")
        if self.removed:
            gone = connection.executemany(
                "UPDATE nodes SET removed = 1 WHERE id = ? AND removed = 0", [(id_,) for id_ in self.removed]
            )
            _all(gone, len(self.removed), "a node to remove is not there")
            connection.executemany(
                "INSERT INTO removed_links VALUES (?, ?, ?, ?, ?)",
                [removed_link_row(id_, link) for id_, links in self.removed.items() for link in links],
            )

    def _write_links(self, connection: sqlite3.Connection) -> None:
        put = [link for link in self.links.values() if link is not None]
        if put:
            connection.executemany(
                "INSERT INTO links VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                map(link_row, put),
            )
            ends = {link.source for link in put} | {link.target for link in put}
            unsure = (ends - self.nodes.keys()) | (ends & self.removed.keys())
            _none(connection, _IS_NOT_THERE, sorted(unsure), "is named by a link and not there")
        if len(put) < len(self.links):
            connection.executemany(
                "DELETE FROM links WHERE source = ? AND target = ? AND kind = ?",
                [(source, target, kind.value) for (source, target, kind), link in self.links.items() if link is None],
            )

    def _write_broken(self, connection: sqlite3.Connection) -> None:
        for (node, kind, reference, outgoing), one in self.broken.items():
            if one is not None:
                connection.execute(
                    "INSERT INTO broken VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    broken_row(one),
                )
            else:
                connection.execute(
                    "DELETE FROM broken WHERE node = ? AND kind = ? AND reference = ? AND outgoing = ?",
                    (node, kind.value, reference, int(outgoing)),
                )

    def _erase(self, connection: sqlite3.Connection) -> None:
        for id_ in self.erased:
            if (put := self.nodes.get(id_)) is not None:
                if type(put) is not Person or not put.erased:
                    raise StoreDamaged(f"'{id_}' is erased and then said anew as if it were not")
                continue
            row = connection.execute("SELECT removed, body FROM nodes WHERE id = ?", (id_,)).fetchone()
            person = row and node_in(row[1])
            if type(person) is not Person:
                raise StoreDamaged(f"the person to erase, '{id_}', is not there")
            connection.execute("UPDATE nodes SET body = ? WHERE id = ?", (canonical(erased(person)).decode(), id_))
            if row[0]:
                self.revisions.pop(id_, None)
        # Pages keep shadows of rows that moved within the tree, which secure_delete does not reach. Emptying the whole
        # table frees its pages, and freed pages are overwritten; then what stays is written anew.
        rows = connection.execute("SELECT hash, person, salt, body FROM personal ORDER BY hash").fetchall()
        connection.execute("DELETE FROM personal")
        connection.executemany(
            "INSERT INTO personal (hash, person, salt, body) VALUES (?, ?, ?, ?)",
            [
                (hash_, person, None, None) if person in self.erased else row
                for row in rows
                for hash_, person, *_ in [row]
            ],
        )


# All ids of a commit are asked for at once: one by one costs ten times as much.
_IS_CHECK_IN = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM check_ins WHERE id = value)"
_IS_NODE = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM nodes WHERE id = value)"
_IS_NOT_THERE = "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE id = value AND removed = 0)"


def _none(connection: sqlite3.Connection, statement: str, ids: Sequence[str], otherwise: str) -> None:
    if ids and (found := connection.execute(statement, (canonical(ids),)).fetchone()):
        raise StoreDamaged(f"'{found[0]}' {otherwise}")


def _all(done: sqlite3.Cursor, expected: int, otherwise: str) -> None:
    if done.rowcount != expected:
        raise StoreDamaged(f"{otherwise} ({expected - done.rowcount} of {expected})")


# ---------- the log ----------


def append(connection: sqlite3.Connection, written: Sequence[Written], head: bytes) -> bytes:
    """Writes entries to the log, chained after the one whose hash is ``head``; the hash of the last."""
    entries: list[Row] = []
    parts: list[Row] = []
    for one in written:
        header, head = chain(one, head)
        revision = one.entry.revision
        entries.append((revision, header, head))
        parts += [(revision, part, body) for part, body in enumerate(one.parts)]
    append_rows(connection, entries, parts)
    return head


def append_rows(connection: sqlite3.Connection, entries: Sequence[Row], parts: Sequence[Row]) -> None:
    """Writes rows of ``log`` and ``parts``."""
    connection.executemany("INSERT INTO log VALUES (?, ?, ?)", entries)
    connection.executemany("INSERT INTO parts VALUES (?, ?, ?)", parts)


def remember(connection: sqlite3.Connection, records: Sequence[Remembered]) -> None:
    """Writes idempotency records, and forgets some that are too old."""
    remember_all(connection, records)
    if any(one.revision % PURGE == 0 for one in records):
        # Twice as many may go as come between two purges, so that no commit pays for a week.
        connection.execute(
            "DELETE FROM remembered WHERE at < ?"
            " AND revision IN (SELECT revision FROM remembered ORDER BY revision LIMIT ?)",
            (microseconds(records[-1].at - REMEMBERED_FOR), 2 * max(PURGE, len(records))),
        )


def remember_all(connection: sqlite3.Connection, records: Sequence[Remembered]) -> None:
    """Writes idempotency records, and forgets none."""
    connection.executemany(
        "INSERT INTO remembered VALUES (?, ?, ?, ?, ?)",
        [(one.revision, one.key, one.digest, one.answer, microseconds(one.at)) for one in records],
    )
