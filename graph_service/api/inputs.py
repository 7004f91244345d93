"""The inputs of mutations, made from the Changes themselves: the same words in GraphQL, files and the log.

A Change says which fields there are and of which types; here stands only what GraphQL adds: which texts are ids, and
the two fields by which a change is said safely.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec
import strawberry
from msgspec import UnsetType
from strawberry import UNSET

from graph_service.api.scalars import JSON
from graph_service.api.sentences import EXPECTED, KEY, SENTENCES, described, taken
from graph_service.errors import Invalid
from graph_service.models.changes import CHANGES, IMPORT_ONLY, Change, MilestoneInput, ParentInput
from graph_service.models.nodes import PlanPoint, Task, Value

IDS = frozenset(
    {"by", "from", "goals", "holders", "id", "keyResults", "metrics", "milestonesDone", "outcomes", "replaces"}
    | {"supports", "to"}
)
"""Fields that hold ids, beside those whose names end in Id or Ids."""

REQUIRED = frozenset({("createKeyResult", "objectiveId"), ("MilestoneInput", "title")})
"""Fields that only an import can do without."""

SHARED_INPUTS = {"updateLink": "linkGoals"}
"""Mutations that take the input of another."""

NESTED: dict[type[Value], str] = {
    ParentInput: "A parent of a new objective; the first one named is the primary one.",
    MilestoneInput: "A milestone of a key result.",
    PlanPoint: "A planned value on a day.",
    Task: "A task of an initiative.",
}


class Field(NamedTuple):
    """A field of an input: its name in the Change and in GraphQL, and how its value is read."""

    python: str
    name: str
    nested: type[Value] | None
    many: bool


class Made(NamedTuple):
    """An input type and how its values become those of the Change or value it stands for."""

    kind: type[Value]
    type: type
    fields: tuple[Field, ...]

    def value(self, given: object) -> Value:
        """What was given, as the Change or value; an absent field keeps its default there."""
        found: dict[str, object] = {}
        for field in self.fields:
            value = getattr(given, field.python)
            if value is UNSET:
                continue
            if field.name == "attributes" and value is not None and not isinstance(value, dict):
                raise Invalid('attributes is no JSON object; give one, as {"colour": "green"}', path=("attributes",))
            if field.many and value is not None:
                value = tuple(INPUTS[field.nested].value(one) for one in value) if field.nested else tuple(value)
            found[field.python] = value
        return self.kind(**found)


INPUTS: dict[type[Value] | None, Made] = {}
"""Every input by what it stands for."""


def _make(
    kind: type[Value], name: str, description: str, owner: str, extra: Iterable[tuple[str, Any, str]] = ()
) -> Made:
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {}
    fields: list[Field] = []
    for field in msgspec.structs.fields(kind):
        shown, optional, nested, many = _shown(field.type, field.encode_name)
        required = field.required or (owner, field.encode_name) in REQUIRED
        default: object = UNSET
        if required:
            default = dataclasses.MISSING
        elif not optional:
            default = field.default
        annotations[field.name] = shown if required or not optional else shown | None
        namespace[field.name] = strawberry.field(
            name=field.encode_name, default=default, description=described(owner, field.encode_name)
        )
        fields.append(Field(field.name, field.encode_name, nested, many))
    for python, annotation, text in extra:
        annotations[python] = annotation
        namespace[python] = strawberry.field(default=UNSET, description=text)
    namespace |= {"__annotations__": annotations, "__module__": __name__}
    made = types.new_class(name, (), {}, lambda body: body.update(namespace))
    return Made(kind, strawberry.input(made, name=name, description=description), tuple(fields))


def _shown(annotation: Any, name: str) -> tuple[Any, bool, type[Value] | None, bool]:
    """The GraphQL type of a field, whether it may be null, what value is nested in it, and whether it is a list."""
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    optional = type(None) in options
    (one,) = [option for option in options if option not in (type(None), UnsetType)]
    if get_origin(one) is tuple:
        inner, _, nested, _ = _shown(get_args(one)[0], name)
        return list[inner], optional, nested, True  # type: ignore[valid-type]
    if get_origin(one) is dict:
        return JSON, optional, None, False
    if one is str and (name in IDS or name.endswith(("Id", "Ids"))):
        return strawberry.ID, optional, None, False
    if isinstance(one, type) and issubclass(one, Value):
        return INPUTS[one].type, optional, one, False
    assert one in (str, float, int, bool, date, datetime) or hasattr(one, "__strawberry_definition__"), one
    return one, optional, None, False


for _kind, _text in NESTED.items():
    _name = _kind.__name__.removesuffix("Input") + "Input"
    INPUTS[_kind] = _make(_kind, _name, _text, _kind.__name__)

for _name, _change in CHANGES.items():
    if _name in IMPORT_ONLY:
        continue
    _shared = CHANGES.get(SHARED_INPUTS.get(_name, ""))
    if _shared is not None:
        continue
    _names = dict(zip(_change.__struct_fields__, _change.__struct_encode_fields__, strict=True))
    _subject = f"the one thing that it names (`{_names.get(_change.names or '')}`)"
    INPUTS[_change] = _make(
        _change,
        _name[0].upper() + _name[1:] + "Input",
        taken(_name),
        _name,
        (
            ("idempotency_key", str | None, KEY),
            ("expected_revision", int | None, EXPECTED.format(what=_subject if _change.names else "the workspace")),
        ),
    )
for _name, _other in SHARED_INPUTS.items():
    INPUTS[CHANGES[_name]] = INPUTS[CHANGES[_other]]._replace(kind=CHANGES[_name])

MUTATIONS: dict[str, type[Change]] = {name: change for name, change in CHANGES.items() if change in INPUTS}
"""The Changes that have a mutation of their own, by its name."""

ChangeInput = strawberry.input(
    types.new_class(
        "ChangeInput",
        (),
        {},
        lambda body: body.update(
            __module__=__name__,
            __annotations__={name: INPUTS[change].type | None for name, change in MUTATIONS.items()},
            **{
                name: strawberry.field(name=name, default=UNSET, description=SENTENCES[name])
                for name, change in MUTATIONS.items()
            },
        ),
    ),
    name="ChangeInput",
    description="One change: exactly one field, named as the mutation that does the same.",
    one_of=True,
)


@strawberry.input(description=taken("applyChanges"))
class ApplyChangesInput:
    """Several changes at once."""

    changes: list[ChangeInput] = strawberry.field(  # type: ignore[valid-type]  # made above
        description="The changes, in order; each is decided on what the ones before it have left."
    )
    reason: str | None = strawberry.field(default=UNSET, description="Why; for those that say no reason of their own.")
    idempotency_key: str | None = strawberry.field(default=UNSET, description=KEY)
    expected_revision: int | None = strawberry.field(default=UNSET, description=EXPECTED.format(what="the workspace"))


def change_of(kind: str, given: object) -> Change:
    """The Change that an input asks for; raises Invalid for what no type of GraphQL could refuse."""
    change = INPUTS[MUTATIONS[kind]].value(given)
    assert isinstance(change, Change)
    return change


def changes_of(given: ApplyChangesInput) -> list[Change]:
    """The Changes of a batch; raises Invalid, with the place, for a key or an expected revision within it."""
    found: list[Change] = []
    for number, one in enumerate(given.changes):
        kind = next(name for name in MUTATIONS if getattr(one, name) is not UNSET)
        inner = getattr(one, kind)
        try:
            for field, name in (("idempotency_key", "idempotencyKey"), ("expected_revision", "expectedRevision")):
                if getattr(inner, field) not in (UNSET, None):
                    raise Invalid(f"{name} does not go within applyChanges; give it once, beside changes", path=(name,))
            found.append(change_of(kind, inner))
        except Invalid as wrong:
            raise wrong.under("changes", str(number), kind) from None
    return found
