"""Sections: each one statement over rows, run batch by batch. What a store writes is made of them.

A row that is missed by its statement means damage, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from graph_service.errors import StoreDamaged
from graph_service.models.nodes import BrokenReference, CheckIn, Link, Workspace
from graph_service.models.words import LinkKind
from graph_service.stores.base import Remembered
from graph_service.stores.fold import link_key
from graph_service.stores.log import Personal, canonical, microseconds
from graph_service.stores.neo4j.model import (
    BROKEN,
    BROKEN_FIELDS,
    CHECK_IN,
    CHECK_IN_FIELDS,
    FIELDS,
    LABELS,
    NAMES,
    RECORD,
    REMOVED,
    REPORTS_ON,
    TYPES,
    Properties,
    broken_properties,
    check_in_properties,
    link_properties,
    parsed,
    workspace_properties,
)
from graph_service.stores.standing import Meta

if TYPE_CHECKING:
    from neo4j import Transaction

BATCH = 5_000
"""Rows of one statement."""

TOGETHER = 2_000
"""Up to so many rows in all, the sections that every commit has are one statement."""

Row = Properties


class Section(NamedTuple):
    """One statement over rows, ``UNWIND $rows AS row ...`` without its end. ``otherwise`` says what is wrong if it does
    not come to one result for each row; None: it need not."""

    text: str
    rows: Sequence[Row]
    otherwise: str | None = None


def run(tx: Transaction, workspace: str, sections: Iterable[Section]) -> None:
    """Runs the sections in order, batch by batch. StoreDamaged where one does not come to a result for each row."""
    for one in sections:
        for start in range(0, len(one.rows), BATCH):
            rows = one.rows[start : start + BATCH]
            done = tx.run(f"{one.text}\nRETURN count(*) AS done", workspace=workspace, rows=rows).single(strict=True)
            _all(one, done["done"], len(rows))


def run_as_one(tx: Transaction, workspace: str, sections: Sequence[Section]) -> None:
    """Runs small sections, empty ones too, as one statement: one way to the server and back.

    They should always be the same ones, since the server plans each combination anew.
    """
    if sum(len(one.rows) for one in sections) > TOGETHER:
        run(tx, workspace, sections)
        return
    calls = [
        f"CALL () {{\n{one.text.replace('$rows', f'$rows{number}')}\nRETURN count(*) AS done{number}\n}}"
        for number, one in enumerate(sections)
    ]
    names = ", ".join(f"done{number}" for number in range(len(sections)))
    given: Properties = {f"rows{number}": one.rows for number, one in enumerate(sections)}
    given["workspace"] = workspace
    counts = tx.run("\n".join([*calls, f"RETURN {names}"]), given).single(strict=True)
    for one, done in zip(sections, counts, strict=True):
        _all(one, done, len(one.rows))


def _all(section: Section, done: int, expected: int) -> None:
    if section.otherwise is not None and done != expected:
        raise StoreDamaged(f"{section.otherwise} ({expected - done} of {expected})")


# ---------- the log ----------

ENTRIES = """\
UNWIND $rows AS row
CREATE (e:Entry {workspace: $workspace, revision: row.revision, header: row.header, hash: row.hash})"""
PARTS = """\
UNWIND $rows AS row
CREATE (p:Part {workspace: $workspace, revision: row.revision, part: row.part, body: row.body})"""
PERSONAL = """\
UNWIND $rows AS row
CREATE (p:Personal {workspace: $workspace, hash: row.hash, person: row.person, salt: row.salt, body: row.body})"""
REMEMBERED = """\
UNWIND $rows AS row
CREATE (r:Remembered {workspace: $workspace, name: row.name})
SET r += row"""
STAND = """\
UNWIND $rows AS row
MATCH (w:Workspace {id: $workspace})
SET w += row"""
PURGING = """\
MATCH (r:Remembered) WHERE r.workspace = $workspace AND r.revision > 0
WITH r ORDER BY r.revision LIMIT $most
WITH r WHERE r.at < $before
DELETE r"""


def keep_personal(rows: Iterable[Personal]) -> Section:
    """Personal fields, beside the log."""
    return Section(
        PERSONAL,
        [
            {"hash": hash_, "person": person, "salt": salt, "body": None if body is None else body.decode()}
            for hash_, person, salt, body in rows
        ],
    )


def keep_entries(entries: Iterable[tuple[int, bytes, bytes, Sequence[bytes]]]) -> Iterator[Section]:
    """Entries of the log: revision, header, hash and parts."""
    headers: list[Row] = []
    parts: list[Row] = []
    for revision, header, hash_, bodies in entries:
        headers.append({"revision": revision, "header": header.decode(), "hash": hash_.hex()})
        parts += [{"revision": revision, "part": number, "body": body.decode()} for number, body in enumerate(bodies)]
    yield Section(ENTRIES, headers)
    yield Section(PARTS, parts)


def remembered_name(key: str) -> str:
    """What a key is found by: of any key a short text."""
    return sha256(key.encode()).hexdigest()


def remember(records: Iterable[Remembered]) -> Section:
    """Idempotency records."""
    return Section(
        REMEMBERED,
        [
            {
                "name": remembered_name(one.key),
                "key": one.key,
                "digest": one.digest,
                "revision": one.revision,
                "answer": one.answer,
                "at": microseconds(one.at),
            }
            for one in records
        ],
    )


def stand(meta: Meta) -> Section:
    """Where the store stands from now on."""
    row: Row = {"epoch": meta.epoch, "revision": meta.revision, "head": meta.head.hex(), "seal": meta.seal.hex()}
    return Section(STAND, [row], "the workspace is gone")


# ---------- the present ----------


def create_nodes(label: str, rows: Sequence[Row]) -> Section:
    """New nodes of one label."""
    fields = FIELDS[_TYPE_OF_LABEL[label]]
    return Section(f"UNWIND $rows AS row\nCREATE (n:{RECORD}:{label})\nSET n = row{parsed(fields, 'n')}", rows)


def update_nodes(label: str, rows: Sequence[Row]) -> Section:
    """Nodes that are there, said anew."""
    fields = FIELDS[_TYPE_OF_LABEL[label]]
    return Section(
        f"UNWIND $rows AS row\nMATCH (n:{label} {{workspace: $workspace, id: row.id}})\n"
        f"SET n = row{parsed(fields, 'n')}",
        rows,
        "a node to be said anew is not there",
    )


TOUCH = """\
UNWIND $rows AS row
MATCH (n:Record {workspace: $workspace, id: row.id})
SET n.revision = row.revision"""


def remove_nodes(label: str, rows: Sequence[Row]) -> Section:
    """Nodes that rest from now on, with the links that they take along."""
    return Section(
        f"UNWIND $rows AS row\nMATCH (n:{label} {{workspace: $workspace, id: row.id}})\n"
        f"SET n:{REMOVED}, n.kind = row.kind, n.links = row.links\nREMOVE n:{label}",
        rows,
        "a node to remove is not there",
    )


def restore_nodes(label: str, rows: Sequence[Row]) -> Section:
    """Nodes that are back."""
    return Section(
        f"UNWIND $rows AS row\nMATCH (n:{REMOVED} {{workspace: $workspace, id: row.id}})\n"
        f"SET n:{label}\nREMOVE n:{REMOVED}, n.kind, n.links",
        rows,
        "a node to restore is not removed",
    )


ERASE = """\
UNWIND $rows AS row
MATCH (n:Record {workspace: $workspace, id: row.id})
SET n.name = n.id, n.active = false, n.erased = true
REMOVE n.email, n.attributes"""
EMPTY = """\
UNWIND $rows AS row
MATCH (p:Personal {workspace: $workspace, person: row.id})
REMOVE p.salt, p.body"""


def create_links(kind: LinkKind, rows: Sequence[Row]) -> Section:
    """New links of one kind."""
    return Section(
        f"UNWIND $rows AS row\n{_ENDS}\nCREATE (a)-[k:{TYPES[kind]}]->(b)\nSET k = row.properties",
        rows,
        "a link names what is not there",
    )


def put_links(kind: LinkKind, rows: Sequence[Row]) -> Section:
    """Links of one kind that may be there."""
    return Section(
        f"UNWIND $rows AS row\n{_ENDS}\nMERGE (a)-[k:{TYPES[kind]}]->(b)\nSET k = row.properties",
        rows,
        "a link names what is not there",
    )


def delete_links(kind: LinkKind, rows: Sequence[Row]) -> Section:
    """Links of one kind that go."""
    return Section(
        f"UNWIND $rows AS row\nMATCH (a:{RECORD} {{workspace: $workspace, id: row.source}})"
        f"-[k:{TYPES[kind]}]->(b:{RECORD} {{workspace: $workspace, id: row.target}})\nDELETE k",
        rows,
    )


_ENDS = (
    f"MATCH (a:{RECORD} {{workspace: $workspace, id: row.source}})\n"
    f"MATCH (b:{RECORD} {{workspace: $workspace, id: row.target}})"
)

CHECK_INS = (
    f"UNWIND $rows AS row\nMATCH (g:{RECORD} {{workspace: $workspace, id: row.goal}})\n"
    f"CREATE (c:{RECORD}:{CHECK_IN})-[:{REPORTS_ON}]->(g)\n"
    f"SET c = row.properties{parsed(CHECK_IN_FIELDS, 'c', 'row.properties')}"
)
BROKEN_KEY = "{workspace: $workspace, kind: row.kind, reference: row.reference, outgoing: row.outgoing}"
PUT_BROKEN = (
    f"UNWIND $rows AS row\nMATCH (n:{RECORD} {{workspace: $workspace, id: row.node}})\n"
    f"MERGE (n)-[:{NAMES}]->(b:{BROKEN} {BROKEN_KEY})\n"
    f"SET b = row.properties{parsed(BROKEN_FIELDS, 'b', 'row.properties')}"
)
DELETE_BROKEN = (
    f"UNWIND $rows AS row\nMATCH (n:{RECORD} {{workspace: $workspace, id: row.node}})"
    f"-[:{NAMES}]->(b:{BROKEN} {BROKEN_KEY})\nDETACH DELETE b"
)

_TYPE_OF_LABEL = {label: kind for kind, label in LABELS.items()}


def link_row(link: Link) -> Row:
    """A link and its ends."""
    return {"source": link.source, "target": link.target, "properties": link_properties(link)}


def removed_row(id: str, kind: str, links: Iterable[Link]) -> Row:
    """A removed node: the links that it took along are JSON texts, in the order of links."""
    return {"id": id, "kind": kind, "links": [canonical(link).decode() for link in sorted(links, key=link_key)]}


def check_in_row(check_in: CheckIn, workspace: str) -> Row:
    """A check-in and its goal."""
    return {"goal": check_in.goal, "properties": check_in_properties(check_in, workspace)}


def broken_row(reference: BrokenReference, workspace: str) -> Row:
    """A broken reference, its node and what there is one of."""
    return {
        "node": reference.node,
        "kind": reference.kind.value,
        "reference": reference.reference,
        "outgoing": reference.outgoing,
        "properties": broken_properties(reference, workspace),
    }


def check_order(check_ins: Iterable[CheckIn]) -> None:
    """StoreDamaged if two of the check-ins are of one goal, moment, revision and position."""
    places = set()
    for one in check_ins:
        place = (one.goal, microseconds(one.at), one.revision, one.position)
        if place in places:
            raise StoreDamaged(f"two check-ins of '{one.goal}' have the same place in time ('{one.id}')")
        places.add(place)


def tell_workspace(workspace: Workspace) -> Section:
    """The facts of the workspace itself, on its node."""
    return Section(STAND, [workspace_properties(workspace)], "the workspace is gone")
