"""A Neo4j store, read.

A read statement there is no snapshot: what must be of one moment is read between two looks under the lock of the
workspace, and anew if somebody wrote meanwhile. The caller sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from graph_service.errors import StoreDamaged, StoreUnavailable
from graph_service.models.facts import Entry
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Node, Workspace
from graph_service.models.words import LinkKind
from graph_service.stores import log
from graph_service.stores.base import Remembered, Removed, Snapshot
from graph_service.stores.fold import broken_key, link_key
from graph_service.stores.neo4j.model import (
    BROKEN,
    BROKEN_FIELDS,
    CHECK_IN,
    CHECK_IN_FIELDS,
    FIELDS,
    LABELS,
    LINK_FIELDS,
    NAMES,
    RECORD,
    REMOVED,
    REPORTS_ON,
    TYPE_OF_KIND,
    TYPES,
    WORKSPACE_FIELDS,
    columns,
    from_columns,
    link_text,
)
from graph_service.stores.neo4j.sections import remembered_name
from graph_service.stores.standing import Meta

if TYPE_CHECKING:
    from neo4j import Record, Transaction

T = TypeVar("T")

CHUNK = 50_000
"""Nodes read as one record of columns: some megabytes."""

PARTS = 200
"""Parts of the log read at once, unless one entry has more."""

NEVER = 2**62
"""A revision that is never reached."""

SESSIONS = 3
"""Sessions that read at the same time."""

KIND_OF_TYPE = {name: kind for kind, name in TYPES.items()}
ANY_LINK = "|".join(TYPES.values())

Reading = Callable[[], AbstractContextManager["Transaction"]]
"""Opens a transaction for reading."""


class Torn(Exception):
    """What was read is half of a commit that is just coming to be."""


def read_meta(tx: Transaction, workspace: str) -> Meta:
    """Where the store stands, or is about to: no lock is waited for."""
    statement = "MATCH (w:Workspace {id: $workspace}) RETURN w.epoch AS epoch, w.revision AS revision, w.head AS head"
    record = tx.run(statement, workspace=workspace).single()
    if record is None:
        raise StoreUnavailable(f"there is no workspace '{workspace}' any more")
    return Meta(record["epoch"], record["revision"], bytes.fromhex(record["head"]))


# ---------- the present ----------


def _nodes_statement(label: str, fields: str) -> str:
    return (
        f"MATCH (n:{label}) WHERE n.workspace = $workspace AND n.id > $after\n"
        f"WITH n ORDER BY n.id LIMIT $chunk\nRETURN {fields}, collect(n.revision) AS `the revision`"
    )


NODES = {kind: _nodes_statement(label, columns(FIELDS[kind], "n")) for kind, label in LABELS.items()}
LINKS = {
    kind: (
        f"MATCH (a:{label}) WHERE a.workspace = $workspace AND a.id >= $first AND a.id <= $last\n"
        f"MATCH (a)-[k:{ANY_LINK}]->(b:{RECORD})\n"
        "RETURN collect(a.id) AS source, collect(b.id) AS target, collect(type(k)) AS kind,"
        f" {columns(LINK_FIELDS, 'k')}"
    )
    for kind, label in LABELS.items()
}
REMOVED_NODES = {
    kind: (
        f"MATCH (n:{REMOVED}) WHERE n.workspace = $workspace AND n.id > '' AND n.kind = $kind\n"
        f"RETURN {columns(FIELDS[kind], 'n')}, collect(n.revision) AS `the revision`,"
        " collect(coalesce(n.links, [])) AS `the links`"
    )
    for kind in LABELS
}
KINDS_REMOVED = f"""\
MATCH (n:{REMOVED}) WHERE n.workspace = $workspace AND n.id > ''
RETURN collect(DISTINCT n.kind) AS kinds"""
CHECK_INS = (
    f"MATCH (c:{CHECK_IN}) WHERE c.workspace = $workspace AND c.id > $after\n"
    f"WITH c ORDER BY c.id LIMIT $chunk\nMATCH (c)-[:{REPORTS_ON}]->(g:{RECORD})\n"
    f"RETURN {columns(CHECK_IN_FIELDS, 'c')}, collect(g.id) AS goal"
)
OF_GOAL = (
    f"MATCH (g:{RECORD} {{workspace: $workspace, id: $goal}})<-[:{REPORTS_ON}]-(c:{CHECK_IN})\n"
    f"RETURN {columns(CHECK_IN_FIELDS, 'c')}, collect(g.id) AS goal"
)
ALL_BROKEN = (
    f"MATCH (b:{BROKEN}) WHERE b.workspace = $workspace AND b.reference >= ''\n"
    f"MATCH (n:{RECORD})-[:{NAMES}]->(b)\nRETURN {columns(BROKEN_FIELDS, 'b')}, collect(n.id) AS node"
)


class Present(NamedTuple):
    """What stands under one label."""

    nodes: list[tuple[Node, int]]
    links: list[Link]


def read_present(reading: Reading, workspace: str, meta: Meta) -> Snapshot:
    """The whole present, in several sessions at once."""
    with ThreadPoolExecutor(SESSIONS) as threads:
        large = threads.submit(_within, reading, _of_kinds, workspace, [KeyResult])
        small = threads.submit(
            _within, reading, _of_kinds, workspace, [kind for kind in LABELS if kind is not KeyResult]
        )
        rest = threads.submit(_within, reading, _rest, workspace)
        present, (facts, broken, removed, check_ins) = [large.result(), small.result()], rest.result()
    nodes = list(chain.from_iterable(one.nodes for one in present))
    nodes.sort(key=lambda pair: pair[0].id)
    links = list(chain.from_iterable(one.links for one in present))
    links.sort(key=link_key)
    return Snapshot(meta.epoch, meta.revision, facts, nodes, links, check_ins, broken, removed)


def _within(reading: Reading, read: Callable[..., T], *args: object) -> T:
    with reading() as tx:
        return read(tx, *args)


def _of_kinds(tx: Transaction, workspace: str, kinds: Iterable[type[Node]]) -> Present:
    found = Present([], [])
    for kind in kinds:
        after = ""
        while True:
            record = tx.run(NODES[kind], workspace=workspace, after=after, chunk=CHUNK).single(strict=True)
            ids = record["id"]
            if not ids:
                break
            found.nodes.extend(zip(_made(kind, record), record["the revision"], strict=True))
            last = tx.run(LINKS[kind], workspace=workspace, first=ids[0], last=ids[-1]).single(strict=True)
            found.links.extend(_links(last))
            if len(ids) < CHUNK:
                break
            after = ids[-1]
    return found


def _made(kind: type[Node], record: Mapping[str, Sequence[object] | None]) -> Iterator[Node]:
    return map(kind, *from_columns(FIELDS[kind], record))


def _links(record: Record) -> Iterator[Link]:
    kinds: Iterable[LinkKind] = map(KIND_OF_TYPE.__getitem__, record["kind"])
    return map(Link, record["source"], record["target"], kinds, *from_columns(LINK_FIELDS, record))


def _check_ins(record: Record) -> list[CheckIn]:
    values = dict(zip((one.name for one in CHECK_IN_FIELDS), from_columns(CHECK_IN_FIELDS, record), strict=True))
    values["goal"] = record["goal"]
    return list(map(CheckIn, *(values[name] for name in CheckIn.__struct_fields__)))


def read_all_check_ins(tx: Transaction, workspace: str) -> list[CheckIn]:
    """All check-ins, by (goal, at, revision, position)."""
    found: list[CheckIn] = []
    after = ""
    while True:
        record = tx.run(CHECK_INS, workspace=workspace, after=after, chunk=CHUNK).single(strict=True)
        read = _check_ins(record)
        found += read
        if len(read) < CHUNK:
            break
        after = record["id"][-1]
    found.sort(key=lambda one: (one.goal, one.at, one.revision, one.position))
    return found


def read_check_ins(tx: Transaction, workspace: str, goal: str) -> list[CheckIn]:
    """All check-ins of a goal, newest first."""
    found = _check_ins(tx.run(OF_GOAL, workspace=workspace, goal=goal).single(strict=True))
    found.sort(key=lambda one: (one.at, one.revision, one.position), reverse=True)
    return found


def _rest(tx: Transaction, workspace: str) -> tuple[Workspace, list[BrokenReference], list[Removed], list[CheckIn]]:
    return (
        read_facts(tx, workspace),
        read_broken(tx, workspace),
        read_removed(tx, workspace),
        read_all_check_ins(tx, workspace),
    )


def read_facts(tx: Transaction, workspace: str) -> Workspace:
    """The facts of the workspace itself; the defaults, if it never said any."""
    statement = f"MATCH (w:Workspace {{id: $workspace}}) RETURN {columns(WORKSPACE_FIELDS, 'w')}"
    record = tx.run(statement, workspace=workspace).single(strict=True)
    return next(map(Workspace, *from_columns(WORKSPACE_FIELDS, record)))


def read_broken(tx: Transaction, workspace: str) -> list[BrokenReference]:
    """All broken references, in their order."""
    record = tx.run(ALL_BROKEN, workspace=workspace).single(strict=True)
    found = list(map(BrokenReference, record["node"], *from_columns(BROKEN_FIELDS, record)))
    found.sort(key=broken_key)
    return found


def read_removed(tx: Transaction, workspace: str) -> list[Removed]:
    """All removed nodes with what they took along, by id."""
    found: list[Removed] = []
    kinds = tx.run(KINDS_REMOVED, workspace=workspace).single(strict=True)["kinds"]
    for name, kind in TYPE_OF_KIND.items():
        if name not in kinds:
            continue
        record = tx.run(REMOVED_NODES[kind], workspace=workspace, kind=name).single(strict=True)
        for node, revision, texts in zip(_made(kind, record), record["the revision"], record["the links"], strict=True):
            found.append(Removed(node, revision, tuple(map(link_text, texts))))
    found.sort(key=lambda one: one.node.id)
    return found


# ---------- the log ----------

HEADERS = """\
MATCH (e:Entry) WHERE e.workspace = $workspace AND e.revision > $after AND e.revision <= $until
WITH e ORDER BY e.revision LIMIT $most
RETURN collect(e.header) AS headers, collect(e.hash) AS hashes"""
BODIES = """\
MATCH (p:Part) WHERE p.workspace = $workspace AND p.revision >= $first AND p.revision <= $last
WITH p ORDER BY p.revision, p.part
RETURN collect(p.revision) AS revisions, collect(p.part) AS parts, collect(p.body) AS bodies"""
PERSONAL = """\
MATCH (p:Personal) WHERE p.workspace = $workspace AND p.hash IN $hashes
RETURN collect(p.hash) AS hashes, collect(coalesce(p.body, false)) AS bodies"""


class Raw(NamedTuple):
    """An entry as it stands in the store, but for what is personal."""

    read: log.Header
    header: bytes
    hash: bytes
    parts: list[bytes]


def read_raw(tx: Transaction, workspace: str, after: int, until: int, most: int = PARTS) -> list[Raw]:
    """The next entries after a revision: at least one, if there is one, and no more than some hundred parts.

    Torn if something of them is not there (yet).
    """
    told = tx.run(HEADERS, workspace=workspace, after=after, until=until, most=min(most, PARTS)).single(strict=True)
    entries: list[Raw] = []
    parts = 0
    for text, hash_ in zip(told["headers"], told["hashes"], strict=True):
        header = text.encode()
        read = log.read_header(header)
        if read.revision != after + len(entries) + 1:
            raise Torn(f"entry {after + len(entries) + 1} of the log is missing")
        parts += len(read.parts)
        if entries and parts > PARTS:
            break
        entries.append(Raw(read, header, bytes.fromhex(hash_), []))
    if not entries:
        return []
    bodies = tx.run(BODIES, workspace=workspace, first=after + 1, last=after + len(entries)).single(strict=True)
    for revision, part, body in zip(bodies["revisions"], bodies["parts"], bodies["bodies"], strict=True):
        found = entries[revision - after - 1].parts
        if part != len(found):
            raise Torn(f"part {len(found)} of entry {revision} of the log is missing")
        found.append(body.encode())
    for one in entries:
        if len(one.parts) != len(one.read.parts):
            raise Torn(f"entry {one.read.revision} has {len(one.parts)} parts and should have {len(one.read.parts)}")
    return entries


def read_entries(tx: Transaction, workspace: str, after: int, limit: int | None) -> list[Entry]:
    """The next entries after a revision: at least one, if there is one, and some hundred at most.

    Torn if something of them is not there (yet).
    """
    entries = []
    for one in read_raw(tx, workspace, after, NEVER, PARTS if limit is None else limit):
        steps = tuple(step for part in one.parts for step in log.read_part(part, one.read.revision))
        entries.append(log.entry_of(one.read, steps))
    hashes = [hash_ for entry in entries for hash_, _ in log.hidden_in(entry)]
    if not hashes:
        return entries
    record = tx.run(PERSONAL, workspace=workspace, hashes=hashes).single(strict=True)
    fields = {
        hash_: None if body is False else body.encode()
        for hash_, body in zip(record["hashes"], record["bodies"], strict=True)
    }
    if len(fields) < len(set(hashes)):
        raise Torn("personal fields that the log names are missing")
    return [log.reveal(entry, fields.__getitem__) for entry in entries]


def read_hash(tx: Transaction, workspace: str, revision: int) -> bytes | None:
    """The hash of an entry of the log, or None."""
    statement = "MATCH (e:Entry {workspace: $workspace, revision: $revision}) RETURN e.hash AS hash"
    record = tx.run(statement, workspace=workspace, revision=revision).single()
    return None if record is None else bytes.fromhex(record["hash"])


def read_remembered(tx: Transaction, workspace: str, keys: Iterable[str]) -> dict[str, Remembered]:
    """What idempotency keys stand for; those that stand for nothing are absent."""
    found = {}
    statement = (
        "UNWIND $names AS name\nMATCH (r:Remembered {workspace: $workspace, name: name})\n"
        "RETURN r.key AS key, r.digest AS digest, r.revision AS revision, r.answer AS answer, r.at AS at"
    )
    names = [remembered_name(key) for key in keys]
    for record in tx.run(statement, workspace=workspace, names=names):
        at = log.moment(record["at"])
        one = Remembered(record["key"], bytes(record["digest"]), record["revision"], bytes(record["answer"]), at)
        found[one.key] = one
    return found


UNREADABLE = (msgspec.MsgspecError, UnicodeError, KeyError, ValueError, TypeError, OverflowError, StoreDamaged)
"""What reading a damaged database can raise."""
