"""The record form: which kinds of records there are, their fields, and how one record is read.

A field that a node's kind does not know is an attribute and is kept. An impossible value in an optional field is left
out; in a field that the record cannot do without, it takes the record along.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from graph_service.errors import Invalid
from graph_service.models.checks import LABEL_LENGTH, clean_attributes, shown
from graph_service.models.words import (
    REPORTABLE,
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    Measure,
    Status,
)
from graph_service.records import fields as read
from graph_service.records.fields import Cell, Field, normal, word_of
from graph_service.records.problems import Action, Problem, ProblemKind, RawRecord

DIRECTIONS = ("up", "down", "exact", "range")


def _direction(value: object, field: str, complain: read.Complain) -> str:
    word = normal(value) if isinstance(value, str) else ""
    if word not in DIRECTIONS:
        raise Invalid(f"{field} {shown(value)} is unknown; use one of {', '.join(DIRECTIONS)}")
    return word


def _end(value: object, field: str, complain: read.Complain) -> str:
    if value not in ("from", "to"):
        raise Invalid(f"{field} {shown(value)} is unknown; say which end names nothing: from or to")
    return str(value)


def _array(*items: read.Schema) -> read.Schema:
    return {"type": "array", "items": items[0] if len(items) == 1 else {"anyOf": list(items)}}


_TEXT: read.Schema = {"type": "string", "maxLength": 20_000}
_LABEL: read.Schema = {"type": "string", "maxLength": LABEL_LENGTH}
_TITLE: read.Schema = {"type": "string", "minLength": 1, "maxLength": 1_000}
_REF: read.Schema = {"$ref": "#/$defs/reference"}
_NUMBER: read.Schema = {"type": "number", "minimum": -1e18, "maximum": 1e18}
_WEIGHT: read.Schema = {"type": "number", "minimum": 0, "maximum": 1e18}
_SHARE: read.Schema = {"type": "number", "minimum": 0, "maximum": 1}
_DAY: read.Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_MOMENT: read.Schema = {"type": "string", "format": "date-time"}

TEXT = Field(read.read_text, _TEXT)
LABEL = Field(read.read_label, _LABEL)
TITLE = Field(read.read_title, _TITLE)
ID = Field(read.read_id, {"$ref": "#/$defs/id"})
REFERENCE = Field(read.read_reference, _REF)
REFERENCES = Field(read.read_references, {"anyOf": [_REF, _array(_REF)]}, Cell.LIST)
WORDS = Field(read.read_words, {"anyOf": [_TITLE, _array(_TITLE)]}, Cell.LIST)
NUMBER = Field(read.read_number, _NUMBER, Cell.NUMBER)
SHARE = Field(read.read_share, _SHARE, Cell.NUMBER)
WEIGHT = Field(read.read_weight, _WEIGHT, Cell.NUMBER)
BOOLEAN = Field(read.read_boolean, {"type": "boolean"}, Cell.BOOLEAN)
DAY = Field(read.read_date, _DAY)
MOMENT = Field(read.read_moment, _MOMENT)
STATE = word_of(GoalState)
PARENTS = Field(
    read.read_parents,
    {"anyOf": [_REF, {"$ref": "#/$defs/parent"}, _array(_REF, {"$ref": "#/$defs/parent"})]},
    Cell.LIST,
)
CONTRIBUTORS = Field(
    read.read_contributors, {"anyOf": [_REF, _array(_REF, {"$ref": "#/$defs/contributor"})]}, Cell.LIST
)
ATTRIBUTES = Field(read.read_attributes, {"type": "object"}, Cell.JSON)


def _as_it_is(value: object, field: str, complain: read.Complain) -> object:
    return value


_KIND = Field(_as_it_is, {})
_NODE = {"kind": _KIND, "id": ID, "title": TITLE}

_GOAL: dict[str, Field] = {
    **_NODE,
    "description": TEXT,
    "alignment_note": TEXT,
    "state": STATE,
    "owner": REFERENCE,
    "contributors": CONTRIBUTORS,
    "cycle": ID,
    "start": DAY,
    "due": DAY,
    "parent": REFERENCE,
    "parents": PARENTS,
    "weight": WEIGHT,
    "score": SHARE,
    "retrospective": TEXT,
}


class Form(NamedTuple):
    """A kind of record: its fields in the order in which they are written, and those it cannot do without.

    ``needs``: missing, the record cannot stand (a title is only needed by what is new). ``spoils``: a bad value there
    takes the record along. ``keeps_attributes``: what it does not know is kept. ``readers``: its fields' readers.
    """

    fields: dict[str, Field]
    required: tuple[str, ...]
    needs: tuple[str, ...]
    spoils: frozenset[str]
    keeps_attributes: bool
    readers: dict[str, read.Reader]


def _form(fields: dict[str, Field], required: str, *, spoils: str = "", keeps_attributes: bool = True) -> Form:
    needed = tuple(required.split())
    return Form(
        fields,
        needed,
        tuple(name for name in needed if name != "title"),
        frozenset((*needed, "id", *spoils.split())),
        keeps_attributes,
        {name: field.read for name, field in fields.items()},
    )


FORMS: dict[str, Form] = {
    "workspace": _form(
        {
            "kind": _KIND,
            "levels": WORDS,
            "behind_limit": NUMBER,
            "at_risk_limit": NUMBER,
            "check_in_days": Field(read.read_whole, {"type": "integer", "minimum": 1, "maximum": 366}, Cell.NUMBER),
            "time_zone": TITLE,
        },
        "",
        keeps_attributes=False,
    ),
    "period": _form({**_NODE, "start": DAY, "end": DAY, "within": REFERENCE, "attributes": ATTRIBUTES}, "id title"),
    "team": _form(
        {
            **_NODE,
            "type": LABEL,
            "parent": REFERENCE,
            "owner": REFERENCE,
            "active": BOOLEAN,
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "owner": _form(
        {
            **_NODE,
            "type": LABEL,
            "role": LABEL,
            "email": Field(read.read_email, {"type": "string", "maxLength": 320}),
            "active": BOOLEAN,
            "team": REFERENCES,
            "reports_to": REFERENCE,
            "erased": BOOLEAN,
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "objective": _form(
        {
            **_GOAL,
            "level": TITLE,
            "top_level": BOOLEAN,
            "ambition": word_of(Ambition),
            "themes": WORDS,
            "driver": word_of(Driver),
            "manual_progress": SHARE,
            "driver_reason": TEXT,
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "key_result": _form(
        {
            **_GOAL,
            "measure": word_of(Measure),
            "comparison": word_of(Comparison),
            "direction": Field(_direction, {"enum": [*DIRECTIONS, *(word.upper() for word in DIRECTIONS)]}),
            "baseline": NUMBER,
            "target": NUMBER,
            "target_min": NUMBER,
            "target_max": NUMBER,
            "unit": LABEL,
            "current": NUMBER,
            "aggregate": word_of(Aggregate),
            "plan": Field(read.read_plan, _array({"$ref": "#/$defs/plan_point"}), Cell.JSON),
            "milestones": Field(read.read_milestones, _array(_TITLE, {"$ref": "#/$defs/milestone"}), Cell.JSON),
            "measured_by": REFERENCES,
            "versions": Field(read.read_versions, _array({"$ref": "#/$defs/version"}), Cell.JSON),
            "attributes": ATTRIBUTES,
        },
        "id title",
        spoils="measure",
    ),
    "kpi": _form(
        {
            **_NODE,
            "unit": LABEL,
            "min": NUMBER,
            "max": NUMBER,
            "value": NUMBER,
            "at": MOMENT,
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "initiative": _form(
        {
            **_NODE,
            "state": STATE,
            "owner": REFERENCE,
            "start": DAY,
            "due": DAY,
            "supports": REFERENCES,
            "tasks": Field(read.read_tasks, _array(_TITLE, {"$ref": "#/$defs/task"}), Cell.JSON),
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "role": _form(
        {
            **_NODE,
            "outcomes": REFERENCES,
            "metrics": REFERENCES,
            "areas": WORDS,
            "brings": WORDS,
            "holders": REFERENCES,
            "attributes": ATTRIBUTES,
        },
        "id title",
    ),
    "edge": _form(
        {
            "kind": _KIND,
            "type": TITLE,
            "from": REFERENCE,
            "to": REFERENCE,
            "weight": WEIGHT,
            "roles": WORDS,
            "broken": Field(_end, {"enum": ["from", "to"]}),
        },
        "type from to",
        keeps_attributes=False,
    ),
    "check_in": _form(
        {
            "kind": _KIND,
            "id": ID,
            "goal": REFERENCE,
            "value": NUMBER,
            "confidence": SHARE,
            "reported_status": word_of(Status, sorted(REPORTABLE)),
            "note": TEXT,
            "milestones_done": REFERENCES,
            "at": MOMENT,
            "by": REFERENCE,
            "source": TITLE,
            "replaces": REFERENCE,
        },
        "goal",
        spoils="at",
        keeps_attributes=False,
    ),
}
"""Every kind of record, in the order in which an export writes them."""


class Item(msgspec.Struct, gc=False):
    """One record that can be read: its place, its id (blank: none), the clean values of its fields, the rest."""

    file: str
    line: int
    kind: str
    id: str
    given: dict[str, Any]
    attributes: dict[str, object] | None


class Reading:
    """Reads records; ``problems`` and ``notes`` hold what there was to say of them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._raw = RawRecord("", 0, {})

    def say(
        self,
        where: RawRecord | Item,
        id: str | None,
        field: str,
        value: object,
        kind: ProblemKind,
        message: str,
        action: Action,
    ) -> None:
        """One more problem."""
        self.problems.append(Problem(where.file, where.line, id, field, value, kind, message, action))

    def _complain(self, field: str, value: object, message: str) -> None:
        raw = self._raw
        self.say(raw, _id_of(raw), field, value, ProblemKind.INVALID, message, Action.LEFT_OUT)

    def item(self, raw: RawRecord) -> Item | None:
        """The record, read; None where it cannot stand (a problem says why)."""
        if raw.problems:
            self.problems += raw.problems
            return None
        fields = raw.fields
        said = fields.get("kind")
        form = FORMS.get(said) if type(said) is str else None
        if form is None:
            form = self._other_kind(raw, said)
            if form is None:
                return None
            said = normal(said)  # type: ignore[arg-type]
        self._raw = raw
        readers = form.readers
        complain = self._complain
        before = len(self.problems)
        attributes: dict[str, object] | None = None
        sound = True
        try:
            given: dict[str, Any] = {name: readers[name](value, name, complain) for name, value in fields.items()}
        except (Invalid, KeyError):  # one by one, to see which are unknown, empty or wrong
            del self.problems[before:]
            given, attributes, sound = self._apart(raw, form)
        if attributes is not None or "attributes" in given:
            attributes = self._attributes(raw, form, attributes, given)
        if not sound:
            return None
        for name in form.needs:
            if given.get(name) is None:
                message = f"{name} is missing; a record of kind {normal(str(said))} needs it"
                self.say(raw, _id_of(raw), name, None, ProblemKind.MISSING, message, Action.QUARANTINED)
                sound = False
        if not sound:
            return None
        assert type(said) is str
        return Item(raw.file, raw.line, said, given.get("id") or "", given, attributes)

    def _apart(self, raw: RawRecord, form: Form) -> tuple[dict[str, Any], dict[str, object] | None, bool]:
        """The fields that a record's kind knows, those that it does not, and whether none is spoilt."""
        given: dict[str, Any] = {}
        attributes: dict[str, object] = {}
        sound = True
        for name, value in raw.fields.items():
            read_field = form.readers.get(name)
            if read_field is None:
                if value is not None or not form.keeps_attributes:
                    attributes[name] = value
            elif value is None:
                given[name] = None
            else:
                try:
                    given[name] = read_field(value, name, self._complain)
                except Invalid as wrong:
                    spoilt = name in form.spoils
                    sound = sound and not spoilt
                    action = Action.QUARANTINED if spoilt else Action.LEFT_OUT
                    self.say(raw, _id_of(raw), name, value, ProblemKind.INVALID, wrong.message, action)
        return given, attributes or None, sound

    def _other_kind(self, raw: RawRecord, said: object) -> Form | None:
        """The form of a kind that is not written as it should be."""
        if said is None:
            kinds = ", ".join(FORMS)
            message = f"kind is missing; give one of {kinds}"
            self.say(raw, _id_of(raw), "kind", None, ProblemKind.MISSING, message, Action.QUARANTINED)
            return None
        form = FORMS.get(normal(said)) if isinstance(said, str) else None
        if form is None:
            message = f"kind {shown(said)} is unknown; use one of {', '.join(FORMS)}"
            self.say(raw, _id_of(raw), "kind", said, ProblemKind.UNKNOWN_KIND, message, Action.QUARANTINED)
        return form

    def _attributes(
        self, raw: RawRecord, form: Form, spread: dict[str, object] | None, given: dict[str, object]
    ) -> dict[str, object] | None:
        """What the record says beside its fields: its attributes, and the fields that its kind does not know."""
        if not form.keeps_attributes:
            for name, value in (spread or {}).items():
                message = f"{name} means nothing on a record of kind {normal(str(raw.fields['kind']))}; leave it out"
                self.notes.append(
                    Problem(raw.file, raw.line, _id_of(raw), name, value, ProblemKind.UNUSED, message, Action.LEFT_OUT)
                )
            return None
        held = given.pop("attributes", None)
        attributes = dict(held) if isinstance(held, dict) else {}
        for name, value in (spread or {}).items():
            try:
                clean_attributes({name: value})
            except Invalid as wrong:
                self.say(raw, _id_of(raw), name, value, ProblemKind.INVALID, wrong.message, Action.LEFT_OUT)
            else:
                attributes[name] = value
        return attributes or None


def _id_of(raw: RawRecord) -> str | None:
    id = raw.fields.get("id")
    return id if isinstance(id, str) else None
