"""Constraints and indexes of a Neo4j store, by numbered migrations."""

from __future__ import annotations

from collections.abc import Iterable
from random import uniform
from time import sleep
from typing import TYPE_CHECKING

from neo4j.exceptions import Neo4jError, TransientError

from graph_service.errors import StoreUnavailable
from graph_service.stores import log
from graph_service.stores.neo4j.model import BROKEN, CHECK_IN, LABELS, RECORD, REMOVED
from graph_service.stores.standing import Meta, new_epoch

if TYPE_CHECKING:
    from neo4j import Record, Session

OLDEST = (5, 26)
"""The first server with all that is asked of it."""

_UNIQUE = (
    ("workspace_id", "Workspace", ("id",)),
    ("record_id", RECORD, ("workspace", "id")),
    ("entry_revision", "Entry", ("workspace", "revision")),
    ("part_place", "Part", ("workspace", "revision", "part")),
    ("personal_hash", "Personal", ("workspace", "hash")),
    ("remembered_key", "Remembered", ("workspace", "name")),
    ("token_id", "Token", ("workspace", "id")),
    ("audit_day", "Audit", ("workspace", "asOf")),
)
_FOUND = (
    *((f"{label.lower()}_id", label, ("workspace", "id")) for label in (*LABELS.values(), CHECK_IN, REMOVED)),
    ("personal_person", "Personal", ("workspace", "person")),
    ("remembered_revision", "Remembered", ("workspace", "revision")),
    ("brokenreference_reference", BROKEN, ("workspace", "reference")),
)


def _constraint(name: str, label: str, properties: tuple[str, ...]) -> str:
    keys = ", ".join(f"n.{one}" for one in properties)
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS\nFOR (n:{label}) REQUIRE ({keys}) IS UNIQUE"


def _index(name: str, label: str, properties: tuple[str, ...]) -> str:
    return f"CREATE INDEX {name} IF NOT EXISTS\nFOR (n:{label}) ON ({', '.join(f'n.{one}' for one in properties)})"


_FIRST = (*(_constraint(*one) for one in _UNIQUE), *(_index(*one) for one in _FOUND))

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""The statements that lead from each schema to the next; the workspace's node says how many were run. Each may be run
again: other workspaces of the same database may have run it before."""

WANTED = frozenset(
    [(label, properties, True) for _, label, properties in _UNIQUE]
    + [(label, properties, False) for _, label, properties in _FOUND]
)
"""Label, properties and whether they are unique, of each index; a database may call them otherwise."""


PRESENT = """\
SHOW INDEXES YIELD labelsOrTypes, properties, owningConstraint, state, type
WHERE state = 'ONLINE' AND type = 'RANGE' AND labelsOrTypes IS NOT NULL
RETURN labelsOrTypes[0] AS label, properties, owningConstraint IS NOT NULL AS unique"""
"""What there is of indexes that are ready."""


def missing(present: Iterable[Record]) -> list[str]:
    """What a database lacks, as words; ``present`` are the records of :data:`PRESENT`."""
    there = {(one["label"], tuple(one["properties"]), one["unique"]) for one in present}
    return [
        f"the {'uniqueness constraint' if unique else 'index'} of {label} ({', '.join(properties)})"
        for label, properties, unique in sorted(WANTED - there)
    ]


def neo4j_cypher() -> str:
    """All migrations as one script."""
    return "\n".join(f"{statement};\n" for migration in MIGRATIONS for statement in migration)


def check_version(agent: str, server: str) -> None:
    """StoreUnavailable unless the server is a Neo4j of an age that is known."""
    name, _, version = agent.partition("/")
    numbers = version.split("-")[0].split(".")
    if name != "Neo4j" or not all(one.isdigit() for one in numbers[:2]):
        raise StoreUnavailable(f"{server} is '{agent}', no Neo4j server")
    if tuple(map(int, numbers[:2])) < OLDEST:
        raise StoreUnavailable(f"{server} is {agent}; Neo4j {'.'.join(map(str, OLDEST))} or newer is needed")


def migrate(session: Session, workspace: str, name: str, *, create: bool) -> bool:
    """Brings the schema of the database up to date, and makes the workspace if it may be made; whether it is there.

    StoreUnavailable if a newer version wrote it; ``name`` is what the store is called."""
    record = session.run(
        "OPTIONAL MATCH (w:Workspace {id: $workspace}) RETURN w IS NOT NULL AS there, w.schema AS schema",
        workspace=workspace,
    ).single(strict=True)
    there, schema = record["there"], record["schema"] or 0
    if not there and not create:
        return False
    if schema > len(MIGRATIONS):
        raise StoreUnavailable(
            f"{name} was written by a newer graph-service (schema {schema}, known here: up to"
            f" {len(MIGRATIONS)}); use that version or a newer one"
        )
    if schema == len(MIGRATIONS):
        return True
    if missing(session.run(PRESENT)):  # else another workspace of the database has seen to it
        for migration in MIGRATIONS[schema:]:
            for statement in migration:
                define(session, statement)
        session.run("CALL db.awaitIndexes(600)").consume()
    meta = Meta(new_epoch(), 0, log.GENESIS)
    session.run(
        "MERGE (w:Workspace {id: $workspace})"
        " ON CREATE SET w += $meta SET w.schema = CASE"
        " WHEN coalesce(w.schema, 0) < $schema THEN $schema ELSE w.schema END",
        workspace=workspace,
        meta={
            "epoch": meta.epoch,
            "revision": meta.revision,
            "head": meta.head.hex(),
            "seal": meta.seal.hex(),
        },
        schema=len(MIGRATIONS),
    ).consume()
    return True


def define(session: Session, statement: str) -> None:
    """Makes a constraint or an index; others may be making the same."""
    for last in (False, False, False, False, True):
        try:
            session.run(statement).consume()
        except Neo4jError as clash:
            if clash.code and "AlreadyExists" in clash.code:
                return
            if last or not isinstance(clash, TransientError):
                raise
            sleep(uniform(0.05, 0.2))  # noqa: S311
        else:
            return
