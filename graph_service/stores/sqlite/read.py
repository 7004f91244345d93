"""The tables of a SQLite store, read: each function in one read transaction that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Generic, NamedTuple, TypeVar

import msgspec

from graph_service.errors import StoreDamaged
from graph_service.models.facts import Entry
from graph_service.models.nodes import BrokenReference, CheckIn, Link, Node, Person, Workspace
from graph_service.stores import log
from graph_service.stores.base import Remembered, Removed, Snapshot
from graph_service.stores.fold import link_key
from graph_service.stores.sqlite.ahead import ahead
from graph_service.stores.standing import Meta

CHUNK = 10_000
"""Rows read as one JSON array: about a megabyte."""

PARTS = 200
"""Parts of the log read at once, unless one entry has more."""

T = TypeVar("T")

node_in = msgspec.json.Decoder(Node).decode
_nodes_in = msgspec.json.Decoder(list[Node]).decode
_numbers_in = msgspec.json.Decoder(list[int]).decode
_links_in = msgspec.json.Decoder(list[Link]).decode
_link_in = msgspec.json.Decoder(Link).decode
_check_ins_in = msgspec.json.Decoder(list[CheckIn]).decode
_check_in_in = msgspec.json.Decoder(CheckIn).decode
_broken_in = msgspec.json.Decoder(BrokenReference).decode
_workspace_in = msgspec.json.Decoder(Workspace).decode


def read_meta(connection: sqlite3.Connection) -> Meta:
    """Where the store stands."""
    row = connection.execute("SELECT epoch, revision, head FROM meta").fetchone()
    if row is None:
        raise StoreDamaged("the store does not say where it stands")
    return Meta(*row)


def read_present(connection: sqlite3.Connection) -> Snapshot:
    """The whole present. Of a large store on two threads, of which one alone uses the connection at any time."""
    meta = read_meta(connection)
    workspace = connection.execute("SELECT body FROM workspace").fetchone()
    broken = connection.execute("SELECT body FROM broken ORDER BY node, kind, reference, outgoing").fetchall()
    removed = _removed(connection)
    people = _people(connection, removed=False)
    arrays = _arrays(connection)
    with ahead(arrays) if _large(connection) else nullcontext(arrays) as taken:
        nodes = _nodes(taken, people)
        links = _values(taken, LINKS)
        check_ins = _values(taken, CHECK_INS)
    return Snapshot(
        meta.epoch,
        meta.revision,
        Workspace() if workspace is None else _workspace_in(workspace[0]),
        nodes,
        links,
        check_ins,
        [_broken_in(body) for (body,) in broken],
        removed,
    )


def read_check_ins(connection: sqlite3.Connection, goal: str) -> list[CheckIn]:
    """All check-ins of a goal, newest first."""
    rows = connection.execute(
        "SELECT body FROM check_ins WHERE goal = ? ORDER BY at DESC, revision DESC, position DESC", (goal,)
    )
    return [_check_in_in(body) for (body,) in rows]


def read_remembered(connection: sqlite3.Connection, key: str) -> Remembered | None:
    """What an idempotency key stands for, or None."""
    rows = connection.execute("SELECT key, digest, revision, answer, at FROM remembered WHERE key = ?", (key,))
    return _remembered(rows.fetchone())


def read_answer(connection: sqlite3.Connection, revision: int) -> Remembered | None:
    """What the idempotency key of a revision stands for, or None."""
    rows = connection.execute(
        "SELECT key, digest, revision, answer, at FROM remembered WHERE revision = ?", (revision,)
    )
    return _remembered(rows.fetchone())


def _remembered(row: tuple[str, bytes, int, bytes, int] | None) -> Remembered | None:
    if row is None:
        return None
    key, digest, revision, answer, at = row
    return Remembered(key, digest, revision, answer, log.moment(at))


def read_entries(connection: sqlite3.Connection, after: int, limit: int | None) -> Iterator[Entry]:
    """The next entries after a revision: at least one, if there is one, and no more than some hundred parts."""

    def personal(hash_: str) -> bytes | None:
        row = connection.execute("SELECT body FROM personal WHERE hash = ?", (hash_,)).fetchone()
        if row is None:
            raise StoreDamaged("personal fields that the log names are missing")
        body: bytes | None = row[0]
        return body

    most = PARTS if limit is None else min(limit, PARTS)
    rows = connection.execute("SELECT header FROM log WHERE revision > ? ORDER BY revision LIMIT ?", (after, most))
    parts = 0
    for (raw,) in rows.fetchall():
        header = log.read_header(raw)
        if parts and parts + len(header.parts) > PARTS:
            return
        parts += len(header.parts)
        bodies = connection.execute("SELECT body FROM parts WHERE revision = ? ORDER BY part", (header.revision,))
        steps = tuple(step for (body,) in bodies for step in log.read_part(body, header.revision))
        yield log.reveal(log.entry_of(header, steps), personal)


# ---------- tables as arrays ----------
# SQLite puts the bodies of many rows together to one JSON array, and one call turns that into values: a third of the
# time of fetching rows and columns. The next array begins after the key of the last value. Of a large store the next
# arrays are put together while those before become values: SQLite lets Python go on meanwhile.


class _Table(NamedTuple, Generic[T]):
    """A table to be read in the order of its key: how, from where, and what its bodies are."""

    statement: str
    first: tuple[object, ...]
    read: Callable[[bytes], list[T]]
    one: Callable[[bytes], T]
    key: Callable[[T], tuple[object, ...]]


# No body holds the end of a line, so that the last one can be found.
_NODES = (
    "SELECT count(*), CAST('[' || group_concat(body, ',' || char(10)) || ']' AS BLOB),"
    " CAST('[' || group_concat(revision) || ']' AS BLOB) FROM"
    " (SELECT body, revision FROM nodes WHERE id > ? AND removed = 0 AND kind <> 'person' ORDER BY id LIMIT ?)"
)
_LINKS = (
    "SELECT count(*), CAST('[' || group_concat(body, ',' || char(10)) || ']' AS BLOB), NULL FROM"
    " (SELECT body FROM links WHERE (source, target, kind) > (?, ?, ?) ORDER BY source, target, kind LIMIT ?)"
)
_CHECK_INS = (
    "SELECT count(*), CAST('[' || group_concat(body, ',' || char(10)) || ']' AS BLOB), NULL FROM"
    " (SELECT body FROM check_ins WHERE (goal, at, revision, position) > (?, ?, ?, ?)"
    " ORDER BY goal, at, revision, position LIMIT ?)"
)


def _check_in_key(one: CheckIn) -> tuple[str, int, int, int]:
    return one.goal, log.microseconds(one.at), one.revision, one.position


NODES = _Table(_NODES, ("",), _nodes_in, node_in, lambda node: (node.id,))
LINKS = _Table(_LINKS, ("", "", ""), _links_in, _link_in, link_key)
CHECK_INS = _Table(_CHECK_INS, ("", 0, 0, 0), _check_ins_in, _check_in_in, _check_in_key)

Arrays = tuple[bytes, bytes | None]
"""The bodies of some rows, and of nodes their revisions, each as one JSON array."""


def _arrays(connection: sqlite3.Connection) -> Iterator[Arrays | None]:
    """The arrays of nodes, links and check-ins; None where each of the three ends."""
    yield from _arrays_of(connection, NODES)
    yield None
    yield from _arrays_of(connection, LINKS)
    yield None
    yield from _arrays_of(connection, CHECK_INS)
    yield None


def _arrays_of(connection: sqlite3.Connection, table: _Table[T]) -> Iterator[Arrays]:
    after = table.first
    while True:
        rows, bodies, numbers = connection.execute(table.statement, (*after, CHUNK)).fetchone()
        if rows:
            yield bodies, numbers
        if rows < CHUNK:
            return
        after = table.key(_last(bodies, table))


def _last(bodies: bytes, table: _Table[T]) -> T:
    """The last value of an array."""
    try:
        return table.one(bodies[bodies.rfind(b",\n") + 2 : -1])
    except msgspec.MsgspecError:  # its lines are not those between the values
        return table.read(bodies)[-1]


def _large(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM nodes LIMIT 1 OFFSET ?", (CHUNK,)).fetchone() is not None


def _nodes(arrays: Iterator[Arrays | None], people: list[tuple[Node, int]]) -> list[tuple[Node, int]]:
    found: list[tuple[Node, int]] = []
    for bodies, numbers in iter(arrays.__next__, None):
        assert numbers is not None
        found += zip(_nodes_in(bodies), _numbers_in(numbers), strict=True)
    if people:
        found += people
        found.sort(key=_id_of)
    return found


def _values(arrays: Iterator[Arrays | None], table: _Table[T]) -> list[T]:
    found: list[T] = []
    for bodies, _ in iter(arrays.__next__, None):
        found += table.read(bodies)
    return found


def _people(connection: sqlite3.Connection, removed: bool) -> list[tuple[Node, int]]:
    rows = connection.execute(
        "SELECT nodes.body, revision, personal.body"
        " FROM nodes LEFT JOIN personal ON hash = json_extract(nodes.body, '$.name')"
        " WHERE kind = 'person' AND removed = ? ORDER BY id",
        (removed,),
    )
    return [(_person(node_in(body), personal), revision) for body, revision, personal in rows]


def _person(node: Node, personal: bytes | None) -> Person:
    if not isinstance(node, Person):
        raise StoreDamaged(f"'{node.id}' should be a person")
    if node.erased:
        return node
    if personal is None:
        raise StoreDamaged(f"the name of '{node.id}' is missing")
    return log.reveal_person(node, personal)


def _removed(connection: sqlite3.Connection) -> list[Removed]:
    rows = connection.execute("SELECT body, revision FROM nodes WHERE removed = 1 AND kind <> 'person'")
    resting = [(node_in(body), revision) for body, revision in rows]
    resting += _people(connection, removed=True)
    links: dict[str, list[Link]] = {}
    for node, body in connection.execute("SELECT node, body FROM removed_links ORDER BY node, source, target, kind"):
        links.setdefault(node, []).append(_link_in(body))
    resting.sort(key=_id_of)
    return [Removed(node, revision, tuple(links.get(node.id, ()))) for node, revision in resting]


def _id_of(pair: tuple[Node, int]) -> str:
    return pair[0].id
