"""What tables of a report are made of: columns, nodes and values, and how values read in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec

from graph_service.alignment.audit.report import SubjectKind
from graph_service.render.letters import clean, percent


class As(StrEnum):
    """What the values of a column are: words, a number, a share 0..1, a day, a node, or several nodes."""

    WORDS = "words"
    NUMBER = "number"
    SHARE = "share"
    DAY = "day"
    NODE = "node"
    NODES = "nodes"


class Node(msgspec.Struct, frozen=True, gc=False):
    """A goal or an owner with its title. ``title`` is clean; ``kind`` None: there is no such node."""

    id: str
    title: str
    kind: SubjectKind | None


Value = str | int | float | date | Node | tuple[Node, ...] | None


class Column(NamedTuple):
    """A column: its name (in CSV and in addresses), its head for people, and what it holds. A ``detail`` stands in
    files for further work only; an ``optional`` one is left out for people where it is empty throughout."""

    name: str
    head: str
    holds: As = As.WORDS
    detail: bool = False
    optional: bool = False


class Table(NamedTuple):
    """A table: its name, its title, what is said where it has no rows, and its rows, one value a column."""

    name: str
    title: str
    empty: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]


def for_people(given: Table, most: int | None = None, *, details: bool = False) -> Table:
    """A table without optional columns that are empty throughout, and without ``details``, which only programs need, if
    they are not wanted; of its rows at most so many."""
    kept = [
        place
        for place, column in enumerate(given.columns)
        if (details or not column.detail)
        and (not column.optional or any(row[place] not in (None, ()) for row in given.rows))
    ]
    rows = given.rows if most is None else given.rows[:most]
    return given._replace(
        columns=tuple([given.columns[place] for place in kept]),
        rows=[tuple([row[place] for place in kept]) for row in rows],
    )


def in_words(value: Value, holds: As = As.WORDS) -> str:
    """A value as people read it, in clean letters; what is unknown is a dash where a number would stand, else empty.

    >>> in_words(0.5, As.SHARE), in_words(None, As.SHARE), in_words(None)
    ('50 %', '–', '')
    """
    if holds is As.SHARE:
        return percent(value if isinstance(value, int | float) else None)
    if value is None:
        return ""
    if isinstance(value, Node):
        return node_words(value)
    if isinstance(value, tuple):
        return ", ".join(map(node_words, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def node_words(node: Node) -> str:
    """What a node is called; one that does not exist by its id."""
    return node.title if node.kind is not None else clean(node.id)


def counted(many: int, one: str, several: str) -> str:
    """A number with its noun, thousands parted.

    >>> counted(1, "error", "errors"), counted(1200, "error", "errors")
    ('1 error', '1,200 errors')
    """
    return f"{many:,} {one if many == 1 else several}"
