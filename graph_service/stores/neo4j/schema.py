"""Constraints and indexes of a Neo4j store, by numbered migrations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graph_service.stores.neo4j.model import BROKEN, CHECK_IN, LABELS, RECORD, REMOVED

if TYPE_CHECKING:
    from neo4j import Record

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
