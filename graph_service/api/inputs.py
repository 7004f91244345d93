"""The inputs of mutations, made from the Changes themselves: the same words in GraphQL, files and the log.

A Change says which fields there are and of which types; here stand only their sentences, and what GraphQL adds: which
texts are ids, and the two fields by which a change is said safely.
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

FIELDS: dict[str, str] = {
    "active": "Whether they are still here.",
    "aggregate": "Takes the value from aligned key results in this way, instead of from check-ins.",
    "alignmentNote": "How it serves the goals above it.",
    "ambition": "Whether it is to be reached in full, or a stretch.",
    "areas": "Areas of responsibility: the whole list, in order.",
    "at": "When it was so, not more than a day ahead; absent: now.",
    "atRiskLimit": "The gap up to which a goal is BEHIND: a share, 0.25 for 25 %.",
    "attributes": "What a client keeps here: a JSON object, taken as a whole.",
    "baseline": "Where a DELTA begins.",
    "behindLimit": "The gap up to which a goal is ON_TRACK: a share.",
    "brings": "What its holder brings: the whole list, in order.",
    "by": "Who reports it: a person or team; absent: whoever asks, where that is known.",
    "checkInDays": "A check-in is due every so many days.",
    "comparison": "When a THRESHOLD is met; absent: BETWEEN where bounds are given, else AT_LEAST.",
    "confidence": "How sure they are that it will be reached: a share, 0.25 for 25 %.",
    "date": "The day.",
    "description": "Why it is wanted.",
    "done": "Whether it is done.",
    "doneAt": "The day it was done.",
    "dotted": "A further, dotted line instead of the primary one.",
    "driver": "What moves its progress; absent: ALL.",
    "driverReason": "Why it is moved by that.",
    "due": "The last day.",
    "email": "The e-mail address.",
    "end": "The last day; it belongs to the period.",
    "from": "The id of the goal that supports.",
    "goalId": "The id of the goal.",
    "goals": "Ids of the goals that change hands; absent: all.",
    "holders": "Ids of the people who hold it: the whole list.",
    "id": "The id.",
    "jobTitle": "What they do.",
    "keyResultId": "The id of the key result.",
    "keyResults": "Ids of the key results it measures: the whole list.",
    "kind": "The kind of link.",
    "leads": "The roles by which the person leads the team; an empty list: not at all.",
    "level": "One of the workspace's levels.",
    "levels": "The levels an objective may have, from the top: the whole list.",
    "managerId": "The id of the manager; null: nobody.",
    "manualProgress": "Progress given by hand, 0 to 1; it counts only with driver MANUAL.",
    "max": "The greatest value accepted; null: open.",
    "measure": "How it is measured; absent: read from the numbers given.",
    "member": "Whether the person is a member.",
    "metrics": "Ids of the key results it is seen by: the whole list.",
    "milestoneId": "The id of the milestone, within its key result.",
    "milestones": "Its milestones, in order: the whole list. One with a known id keeps the day it was done.",
    "milestonesDone": "Ids of milestones that are done.",
    "min": "The least value accepted; null: open.",
    "name": "The name.",
    "nodeId": "The id of the node that keeps the reference.",
    "note": "A note.",
    "objectiveId": "The id of the objective.",
    "outcomes": "Ids of the objectives it stands for: the whole list.",
    "ownerId": "The id of the person or team that is accountable; null: nobody.",
    "parentId": "The id of the team it lies within; null: none.",
    "parents": "What it hangs under, in order; the first is the primary parent.",
    "periodId": "The id of the period it belongs to.",
    "personId": "The id of the person.",
    "plan": "Planned values on distinct days, for what is not expected to grow evenly: the whole list.",
    "reason": "Why.",
    "reference": "The text that names nothing.",
    "remove": "Takes the line away instead.",
    "replaces": "The id of a check-in that this one corrects.",
    "reportedStatus": "What they say of it: ON_TRACK, BEHIND or AT_RISK.",
    "retrospective": "What was learned.",
    "roles": "In which roles: the whole list; an empty one ends it.",
    "score": "The score, 0 to 1; absent: its progress.",
    "source": "Where the report comes from, if from another tool.",
    "start": "The first day.",
    "state": "Where it stands in its life; absent: ACTIVE.",
    "supports": "Ids of the goals it supports: the whole list.",
    "target": "Where a DELTA ends; what a THRESHOLD compares with.",
    "targetMax": "The upper bound of BETWEEN; null: open.",
    "targetMin": "The lower bound of BETWEEN; null: open.",
    "tasks": "Its tasks, in order: the whole list.",
    "teamId": "The id of the team.",
    "teamIds": "Ids of the teams they are a member of.",
    "themes": "Free labels to filter by: the whole list.",
    "timeZone": "The time zone whose days count, as Europe/Berlin.",
    "title": "What it is called, in a line of up to 1,000 characters.",
    "to": "The id of the goal that is supported.",
    "topLevel": "Whether it is meant to have no parent; null: by its level.",
    "type": "What kind of person or team it is, in your words.",
    "unit": "The unit of its values.",
    "url": "Where it is followed; a web address.",
    "value": "The value, in its unit.",
    "weight": "Its weight beside others: 0 or more, 0 is shown and not counted. Absent: 1, for ALIGNED 0.",
    "withinId": "The id of the period it lies within; null: none.",
}
"""What a field means, wherever it stands."""

SPECIAL: dict[tuple[str, str], str] = {
    ("assignOwner", "ownerId"): "The id of the person or team; null: nobody is accountable.",
    ("checkInKeyResult", "id"): "An id for the check-in; absent: one is made.",
    ("checkInObjective", "id"): "An id for the check-in; absent: one is made.",
    ("checkInObjective", "value"): "Progress given by hand, 0 to 1; only with driver MANUAL.",
    ("completeMilestone", "doneAt"): "The day it was done; absent: today; null takes the completion back.",
    ("createInitiative", "ownerId"): "The id of the person or team that runs it.",
    ("createKpi", "at"): "When the value was measured.",
    ("linkGoals", "kind"): "PARENT, ALIGNED or KEY_RESULT_OF; KEY_RESULT_OF moves a key result to another objective.",
    ("resolveReference", "kind"): "The kind of link that was meant.",
    ("resolveReference", "to"): "The id that was meant; null: drop the reference.",
    ("reviseKeyResult", "reason"): "Why it is measured otherwise from now on.",
    ("setContributor", "ownerId"): "The id of the person or team that takes part.",
    ("setPrimaryParent", "parentId"): "The id of the parent that comes first from now on.",
    ("transferOwnership", "from"): "The id of the person or team that hands over.",
    ("transferOwnership", "to"): "The id of the person or team that takes over.",
    ("unlinkGoals", "kind"): "PARENT or ALIGNED.",
    ("updateInitiative", "ownerId"): "The id of the person or team that runs it; null: nobody.",
    ("updateKpi", "at"): "When the value was measured.",
    ("MilestoneInput", "due"): "The day by which it should be done.",
    ("MilestoneInput", "id"): "An id within the key result; absent: one is made.",
    ("MilestoneInput", "title"): "What is done then.",
    ("MilestoneInput", "weight"): "Its weight beside the others; absent: 1.",
    ("ParentInput", "id"): "The id of the objective or key result above.",
    ("ParentInput", "weight"): "Its weight in the parent's progress; absent: 1.",
    ("PlanPoint", "value"): "The value planned for the day.",
    ("Task", "title"): "What is to be done.",
}
"""What a field means in one input only; it comes before :data:`FIELDS`."""

KEY = (
    "Makes the change happen once, however often it is sent: the same key with the same input gives the same answer,"
    " with another input IDEMPOTENCY_MISMATCH. 1 to 200 characters, remembered for at least a day."
)
EXPECTED = "Refuses with CONFLICT unless this is the present revision of {what}."


class Field(NamedTuple):
    """A field of an input: its name in the Change and in GraphQL, and how its value is read."""

    python: str
    name: str
    nested: type[Value] | None
    many: bool


def described(owner: str, name: str) -> str:
    """The sentence of a field."""
    text = SPECIAL.get((owner, name)) or FIELDS[name]
    if name == "id" and owner.startswith("create") and (owner, name) not in SPECIAL:
        return "An id of your own, never used before; absent: one is made."
    return text


def sentence(kind: type) -> str:
    """The docstring of a Change as a description."""
    return " ".join((kind.__doc__ or "").replace("``", "`").split())


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
    _subject = f"the one thing that it names (`{msgspec.structs.fields(_change)[0].encode_name}`)"
    INPUTS[_change] = _make(
        _change,
        _name[0].upper() + _name[1:] + "Input",
        f"What `{_name}` takes.",
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
                name: strawberry.field(name=name, default=UNSET, description=sentence(change))
                for name, change in MUTATIONS.items()
            },
        ),
    ),
    name="ChangeInput",
    description="One change: exactly one field, named as the mutation that does the same.",
    one_of=True,
)


@strawberry.input(description="What `applyChanges` takes.")
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
