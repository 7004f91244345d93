"""Values as a property graph: which labels and relationship types they have, and how their fields are properties.

Fields keep their names. Texts, numbers and flags are what they are; words of closed sets are their lower-case texts;
days and moments are Neo4j's own ``DATE`` and ``ZONED DATETIME``; lists of texts are lists. What Neo4j cannot hold in
one property (maps, lists of maps) is JSON text. A field without a value has no property.

Values are read as columns: one record with a list for each field is ten times as fast as a record for each node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from itertools import repeat
from types import NoneType, UnionType
from typing import NamedTuple, Union, get_args, get_origin

import msgspec

from graph_service.errors import StoreDamaged
from graph_service.models.nodes import (
    KIND_OF,
    BrokenReference,
    CheckIn,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Node,
    Objective,
    Period,
    Person,
    RoleCharter,
    Team,
    Value,
    Workspace,
)
from graph_service.models.words import LinkKind
from graph_service.stores.log import canonical

Properties = dict[str, object]
"""What the driver is given for a node or a relationship."""

LABELS: dict[type[Node], str] = {
    Objective: "Objective",
    KeyResult: "KeyResult",
    Person: "Person",
    Team: "Team",
    Period: "Period",
    Initiative: "Initiative",
    Kpi: "Kpi",
    RoleCharter: "RoleCharter",
}
"""The label of each kind of node; each node has `Record` too, as check-ins have, by which ids are of one space."""

CHECK_IN = "CheckIn"
RECORD = "Record"
REMOVED = "Removed"
"""The label that a removed node has instead of that of its kind."""

BROKEN = "BrokenReference"

LABEL_OF_KIND = {KIND_OF[kind]: label for kind, label in LABELS.items()}
KIND_OF_LABEL = {label: KIND_OF[kind] for kind, label in LABELS.items()}
TYPE_OF_KIND = {KIND_OF[kind]: kind for kind in LABELS}

TYPES: dict[LinkKind, str] = {kind: kind.name for kind in LinkKind}
"""The relationship type of each kind of link."""

REPORTS_ON = "REPORTS_ON"
"""From a check-in to its goal."""

NAMES = "NAMES"
"""From a node to a broken reference of its own."""

SHOWN: dict[LinkKind, frozenset[str]] = {
    LinkKind.KEY_RESULT_OF: frozenset({"weight", "position"}),
    LinkKind.PARENT: frozenset({"weight", "position"}),
    LinkKind.ALIGNED: frozenset({"weight"}),
    LinkKind.CONTRIBUTES_TO: frozenset({"roles"}),
    LinkKind.LEADS: frozenset({"roles"}),
    LinkKind.REPORTS_TO: frozenset({"dotted"}),
}
"""What a relationship always says; of the rest only what is not the default."""

ABSENT = "false"
ABSENT_FLAG = "''"
"""What stands in a column where there is no value: of another type than any value, because `collect` drops nulls."""


class Field(NamedTuple):
    """How one field is kept: ``write`` makes the property, ``cypher`` the expression that is read (of ``{x}``),
    ``read`` the value from it; None: as it is. ``parse`` is the function by which Cypher takes the written text in."""

    name: str
    required: bool
    default: object
    flag: bool
    write: Callable[[object], object] | None = None
    read: Callable[[object], object] | None = None
    parse: str | None = None

    @property
    def cypher(self) -> str:
        """The expression for a column of this field, for entities called ``{x}``."""
        inner = f"toString({{x}}.{self.name})" if self.parse else f"{{x}}.{self.name}"
        if self.required:
            return f"collect({inner})"
        absent = ABSENT_FLAG if self.flag else ABSENT
        return (
            f"CASE WHEN count({{x}}.{self.name}) = 0 THEN null ELSE collect(coalesce({inner}, {absent})) END"
        )  # fmt: skip

    def values(self, column: Sequence[object] | None) -> Iterable[object]:
        """The values that a column holds; endless defaults for a column of nothing."""
        read = self.read
        if column is None:
            return repeat(self.default)
        if self.required:
            return column if read is None else [read(value) for value in column]
        absent, default = "" if self.flag else False, self.default
        if self.flag:
            return [default if value == "" else value for value in column]
        if read is not None:
            column = [default if value is absent else read(value) for value in column]
        if default is None:
            return [None if value is absent else value for value in column]
        # What equals the default becomes the default itself: it is known by that, and not written into files.
        return [default if value is absent or value == default else value for value in column]


def _text(value: object) -> str:
    return canonical(value).decode()


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _day(value: object) -> date:
    return date.fromisoformat(str(value))


def _iso(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _number(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)


def _list(value: object) -> list[object]:
    assert isinstance(value, tuple)
    return list(value)


def _word(value: object) -> object:
    assert isinstance(value, Enum)
    return value.value


def _tuple(value: object) -> tuple[object, ...]:
    assert isinstance(value, list)
    return tuple(value)


def _field(info: msgspec.structs.FieldInfo) -> Field:
    """How a field of a value is kept, by its type."""
    kind: object = info.type
    if get_origin(kind) in (Union, UnionType):
        [kind] = [one for one in get_args(kind) if one is not NoneType]
    plain = Field(info.name, info.required, None if info.required else info.default, kind is bool)
    if kind in (str, int, bool):
        return plain
    if kind is float:
        return plain._replace(write=_number)
    if kind is datetime:
        return plain._replace(write=_iso, read=_moment, parse="datetime")
    if kind is date:
        return plain._replace(write=_iso, read=_day, parse="date")
    if isinstance(kind, type) and issubclass(kind, Enum):
        return plain._replace(write=_word, read={one.value: one for one in kind}.__getitem__)
    if get_origin(kind) is tuple and get_args(kind)[0] is str:
        return plain._replace(write=_list, read=_tuple)
    return plain._replace(write=_text, read=msgspec.json.Decoder(kind).decode)  # type: ignore[arg-type]


def _fields(kind: type[Value], *without: str) -> tuple[Field, ...]:
    return tuple(_field(info) for info in msgspec.structs.fields(kind) if info.name not in without)


FIELDS: dict[type[Node], tuple[Field, ...]] = {kind: _fields(kind) for kind in LABELS}
CHECK_IN_FIELDS = _fields(CheckIn, "goal")
LINK_FIELDS = _fields(Link, "source", "target", "kind")
BROKEN_FIELDS = _fields(BrokenReference, "node")
WORKSPACE_FIELDS = _fields(Workspace)

link_text = msgspec.json.Decoder(Link).decode


# ---------- to properties ----------


def _properties(fields: Iterable[Field], value: Value) -> Properties:
    found: Properties = {}
    for name, _, _, _, write, _, _ in fields:
        held = getattr(value, name)
        if held is None or held == ():
            continue
        found[name] = held if write is None else write(held)
    return found


def node_properties(node: Node, workspace: str, revision: int) -> Properties:
    """The properties of a node: its fields, its workspace and its revision."""
    found = _properties(FIELDS[type(node)], node)
    found["workspace"], found["revision"] = workspace, revision
    return found


def check_in_properties(check_in: CheckIn, workspace: str) -> Properties:
    """The properties of a check-in; its goal is where its relationship leads."""
    found = _properties(CHECK_IN_FIELDS, check_in)
    found["workspace"] = workspace
    return found


def link_properties(link: Link) -> Properties:
    """The properties of a relationship: what its kind always says, and what is not the default."""
    shown = SHOWN.get(link.kind, frozenset())
    return {
        field.name: value if field.write is None else field.write(value)
        for field in LINK_FIELDS
        if (value := getattr(link, field.name)) != field.default or (field.name in shown and value != ())
    }


def broken_properties(reference: BrokenReference, workspace: str) -> Properties:
    """The properties of a broken reference; its node is where its relationship comes from."""
    found = _properties(BROKEN_FIELDS, reference)
    found["workspace"] = workspace
    return found


def workspace_properties(workspace: Workspace) -> Properties:
    """The properties by which the workspace's own node tells its facts."""
    return _properties(WORKSPACE_FIELDS, workspace)


def parsed(fields: Iterable[Field], name: str, row: str = "row") -> str:
    """What a statement says beyond ``SET name = row``: texts of days and moments become such.

    >>> parsed(FIELDS[Period], "n")
    ', n.start = date(row.start), n.end = date(row.end)'
    """
    return "".join(f", {name}.{one.name} = {one.parse}({row}.{one.name})" for one in fields if one.parse)


# ---------- from columns ----------


def columns(fields: Iterable[Field], name: str) -> str:
    """The expressions that read entities called ``name`` as columns, in the order of the fields."""
    return ", ".join(f"{one.cypher.format(x=name)} AS `{one.name}`" for one in fields)


def from_columns(fields: Sequence[Field], record: Mapping[str, Sequence[object] | None]) -> list[Iterable[object]]:
    """For each field the values of all entities that were read; endless defaults where there was none.

    StoreDamaged for columns that do not fit together, or values that are none.
    """
    if len({len(column) for one in fields if (column := record[one.name]) is not None}) > 1:
        raise StoreDamaged("some nodes or relationships lack a property that all of them have")
    try:
        return [one.values(record[one.name]) for one in fields]
    except (KeyError, ValueError, TypeError, AssertionError, msgspec.MsgspecError) as wrong:
        raise StoreDamaged(f"a property cannot be read: {wrong}") from None
