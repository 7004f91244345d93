"""Whether a Neo4j store holds what was written: the chain, the fold against every node and relationship, the schema.

The caller holds the workspace's lock, so that all that is read is of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import neo4j.time
from neo4j.exceptions import Neo4jError

from graph_service.errors import StoreDamaged
from graph_service.stores import log
from graph_service.stores.backup import Chain
from graph_service.stores.base import Problem
from graph_service.stores.fold import Folded, fold, loose_ends
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
    WORKSPACE_FIELDS,
    Field,
    Properties,
    broken_properties,
    check_in_properties,
    link_properties,
    node_properties,
    workspace_properties,
)
from graph_service.stores.neo4j.read import UNREADABLE
from graph_service.stores.neo4j.schema import PRESENT, missing
from graph_service.stores.neo4j.whole import Aside, named, read_kept
from graph_service.stores.standing import Meta

if TYPE_CHECKING:
    from neo4j import Transaction

    from graph_service.stores.neo4j.read import Reading

WRONG = (*UNREADABLE, Neo4jError)

Thing = tuple[object, ...]
"""A node or a relationship, all of it, in a form that can be compared."""


def problems(tx: Transaction, reading: Reading, workspace: str) -> list[Problem]:
    """Everything that is not as it was written; none when all is well."""
    found = list(_guarded("database", _database(tx)))
    folded = Folded()
    people: dict[str, log.Personal] = {}
    log_problems = list(_guarded("log", _log(tx, reading, workspace, folded, people)))
    found += log_problems
    if not log_problems:
        found += _guarded("fold", _present(tx, workspace, folded, people))
    return found


def _guarded(part: str, found: Iterator[Problem]) -> Iterator[Problem]:
    """The problems, and one more if looking for them ends before its time."""
    try:
        yield from found
    except WRONG as error:
        yield Problem(part, None, f"cannot be read: {error}")


def _database(tx: Transaction) -> Iterator[Problem]:
    for what in missing(tx.run(PRESENT)):
        yield Problem("database", None, f"{what} is missing or not ready")


# ---------- the log ----------


def _log(
    tx: Transaction, reading: Reading, workspace: str, folded: Folded, people: dict[str, log.Personal]
) -> Iterator[Problem]:
    """The chain, entry by entry, into ``folded``; then what stands beside it that it does not name."""
    record = tx.run(
        "MATCH (w:Workspace {id: $workspace})"
        " RETURN w.epoch AS epoch, w.revision AS revision, w.head AS head, w.seal AS seal",
        workspace=workspace,
    ).single(strict=True)
    meta = Meta(record["epoch"], record["revision"], bytes.fromhex(record["head"]))
    if meta.seal.hex() != record["seal"]:
        yield Problem("log", None, "what the store says of where it stands does not have its hash")
        return
    aside = Aside(tx, workspace, meta.revision)
    people.update(aside.personal)
    chain, parts, hidden, answers = Chain(), 0, 0, 0
    for one in read_kept(reading, workspace, meta.revision, aside):
        try:
            chain.take(one)
            fold([one.entry], folded)
        except StoreDamaged as wrong:
            yield Problem("log", one.entry.revision, str(wrong))
            return
        parts += len(one.parts)
        hidden += len(one.personal)
        answers += one.remembered is not None
    try:
        chain.finish(meta.revision)
    except StoreDamaged as wrong:
        yield Problem("log", None, str(wrong))
    if chain.last != meta.head:
        yield Problem("log", meta.revision, "the log does not end where the store says that it stands")
    for label, expected in (
        ("Entry", meta.revision),
        ("Part", parts),
        ("Personal", hidden),
        ("Remembered", answers),
    ):
        counted = tx.run(f"MATCH (n:{label}) WHERE n.workspace = $workspace RETURN count(n) AS n", workspace=workspace)
        if (count := counted.single(strict=True)["n"]) != expected:
            yield Problem("log", None, f"there are {count} nodes :{label}, and the log names {expected}")


# ---------- the present ----------


def _present(tx: Transaction, workspace: str, folded: Folded, people: dict[str, log.Personal]) -> Iterator[Problem]:
    for what in loose_ends(folded):
        yield Problem("fold", folded.revision, what)
    facts = {} if folded.workspace is None else workspace_properties(folded.workspace)
    names = [field.name for field in WORKSPACE_FIELDS]
    told = tx.run("MATCH (w:Workspace {id: $workspace}) RETURN properties(w) AS w", workspace=workspace)
    held = {name: value for name, value in told.single(strict=True)["w"].items() if name in names}
    if _comparable(held) != _comparable(facts):
        yield Problem("fold", folded.revision, "the facts of the workspace are not as the log gives them")
    yield from _compare("node", folded.revision, _expected_nodes(folded, workspace, people), _nodes(tx, workspace))
    yield from _compare("relationship", folded.revision, _expected_links(folded), _links(tx, workspace))


def _compare(what: str, revision: int, expected: Iterable[Thing], there: Iterable[Thing]) -> Iterator[Problem]:
    """What is missing, what is too much, and what differs; things begin with what there is one of."""
    wanted = {thing[0]: thing for thing in expected}
    for thing in there:
        known = wanted.pop(thing[0], None)
        if known is None:
            yield Problem("fold", revision, f"there is a {what} {_shown(thing)} that the log does not give")
        elif known != thing:
            yield Problem("fold", revision, f"the {what} {_shown(thing)} is not as the log gives it")
    for thing in wanted.values():
        yield Problem("fold", revision, f"the {what} {_shown(thing)} that the log gives is missing")


def _shown(thing: Thing) -> str:
    key = thing[0]
    return " ".join(str(part) for part in key) if isinstance(key, tuple) else f"'{key}'"


def _comparable(properties: Properties, fields: Iterable[Field] = ()) -> tuple[tuple[str, str, str], ...]:
    """Properties so that 1, 1.0 and true differ, and days and moments are told as they are written."""
    times = {field.name for field in fields if field.parse}
    found = []
    for name, value in properties.items():
        if value is None:
            continue
        kind, text = type(value).__name__, repr(value)
        if isinstance(value, neo4j.time.DateTime | neo4j.time.Date):
            kind, text = "time", value.to_native().isoformat()
        elif name in times:
            at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
            kind, text = "time", str(value) if at is None else at.isoformat()
        found.append((name, kind, text))
    return tuple(sorted(found))


def _expected_nodes(folded: Folded, workspace: str, people: dict[str, log.Personal]) -> Iterator[Thing]:
    for id, node in folded.nodes.items():
        properties = node_properties(named(node, people), workspace, folded.revisions[id])
        yield id, (RECORD, LABELS[type(node)]), _comparable(properties, FIELDS[type(node)])
    for id, (node, revision, links) in folded.removed.items():
        properties = node_properties(named(node, people), workspace, revision)
        properties["kind"] = node.__struct_config__.tag
        properties["links"] = [log.canonical(link).decode() for link in links]
        yield id, (RECORD, REMOVED), _comparable(properties, FIELDS[type(node)])
    for one in folded.check_ins.values():
        yield one.id, (RECORD, CHECK_IN), _comparable(check_in_properties(one, workspace), CHECK_IN_FIELDS)
    for reference in folded.broken.values():
        key = (reference.node, reference.kind.value, reference.reference, reference.outgoing)
        yield key, (BROKEN,), _comparable(broken_properties(reference, workspace), BROKEN_FIELDS)


def _nodes(tx: Transaction, workspace: str) -> Iterator[Thing]:
    records = tx.run(
        f"MATCH (n:{RECORD}) WHERE n.workspace = $workspace AND n.id > ''"
        " RETURN n.id AS id, labels(n) AS labels, properties(n) AS properties",
        workspace=workspace,
    )
    for id, labels, properties in records:
        yield id, (RECORD, *sorted(label for label in labels if label != RECORD)), _comparable(properties)
    records = tx.run(
        f"MATCH (b:{BROKEN}) WHERE b.workspace = $workspace AND b.reference >= ''"
        f" OPTIONAL MATCH (n:{RECORD})-[:{NAMES}]->(b)"
        " RETURN n.id AS node, labels(b) AS labels, properties(b) AS properties",
        workspace=workspace,
    )
    for node, labels, properties in records:
        key = (node, properties.get("kind"), properties.get("reference"), properties.get("outgoing"))
        yield key, tuple(sorted(labels)), _comparable(properties)


def _expected_links(folded: Folded) -> Iterator[Thing]:
    for link in folded.links.values():
        yield (link.source, TYPES[link.kind], link.target), _comparable(link_properties(link))
    for one in folded.check_ins.values():
        yield (one.id, REPORTS_ON, one.goal), ()


def _links(tx: Transaction, workspace: str) -> Iterator[Thing]:
    records = tx.run(
        f"MATCH (a:{RECORD}) WHERE a.workspace = $workspace AND a.id > ''"
        f" MATCH (a)-[k]->(b) WHERE NOT b:{BROKEN}"
        " RETURN a.id AS source, type(k) AS kind, b.id AS target, properties(k) AS properties",
        workspace=workspace,
    )
    for source, kind, target, properties in records:
        yield (source, kind, target), _comparable(properties)
