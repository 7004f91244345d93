"""The JSON Schema (2020-12) of a record, made from the same table of fields that reads records."""

from __future__ import annotations

import json

import msgspec

from graph_service.models.checks import ID_LENGTH, TITLE_LENGTH
from graph_service.models.nodes import Version
from graph_service.records.fields import Field, Schema
from graph_service.records.form import FORMS, Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"

SAYS = {
    "workspace": "Facts of the workspace itself: levels, status limits, cadence, time zone.",
    "period": "A time box; its last day belongs to it.",
    "team": "A team, within another if it has a parent.",
    "owner": "A person, post, role or office that can be accountable.",
    "objective": "What one wants.",
    "key_result": "How one knows: one measure, of one objective (its first parent).",
    "kpi": "A running health measure with an accepted range.",
    "initiative": "A supporting project with its tasks; it never counts.",
    "role": "A role charter: outcomes, metrics, areas of responsibility, what its holder brings.",
    "edge": "A relation that does not fit into one field.",
    "check_in": "A reported value of a goal.",
}
"""What each kind of record tells of."""

NOTES = {
    "active": "Whether they are still here.",
    "aggregate": "Takes the value from aligned key results in this way, instead of from check-ins.",
    "alignment_note": "How it serves the goals above it.",
    "at": "When, with its offset from UTC.",
    "attributes": "What an organization keeps beside the fields; unknown fields are attributes too.",
    "baseline": "Where a way from one value to another begins.",
    "broken": "Which end names nothing and is kept as text.",
    "by": "The person or team that says so.",
    "contributors": "Further people and teams, with their roles; without any: contributor.",
    "current": "The present value; it becomes a check-in, or an attribute where nothing is measured.",
    "cycle": "The period; made when unknown.",
    "direction": "How a target alone compares: up at_least, down at_most, exact exactly, range between.",
    "due": "The last day.",
    "erased": "Only the id of the person stays.",
    "level": "A label; a new one is added to the workspace's levels.",
    "measure": "Absent: read from milestones, baseline and target, a range, or a target alone.",
    "measured_by": "The KPIs that measure it.",
    "milestones": "Steps with weights; done_at null says that a step is not done, whatever check-ins say.",
    "milestones_done": "Ids of milestones that are done.",
    "owner": "Who is accountable; of a team: who heads it.",
    "parent": "What it hangs under; a key result's is its objective.",
    "parents": "Several, in order, the first is the primary one; an empty list: none at all.",
    "plan": "Planned values on days between start and due.",
    "replaces": "The check-in that this one corrects.",
    "reports_to": "The primary manager; further ones are edges of type reports_to.",
    "score": "Of a closed goal: a share.",
    "team": "The teams of which the person is a member.",
    "top_level": "Whether it is meant to have no parent; absent: by its level being organization.",
    "versions": "The yardsticks that the present one has replaced, oldest first.",
    "weight": "Of the first upward link, relative to the others of its target; 0 is shown, not counted.",
}
"""What a field means, where its name does not say it."""


def records_schema() -> dict[str, object]:
    """The schema of one record of any kind, as a JSON document.

    It holds records in the form in which they are written: null only where a field of something known is taken away,
    words in lower or upper case. Whether what they name exists, and whether their numbers go together, it cannot say.
    """
    return {
        "$schema": DIALECT,
        "title": "Record",
        "description": "One record of a record file: a line of JSON Lines, an entry of a YAML list, a row of CSV.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(FORMS)}},
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in FORMS],
        "$defs": {kind: _kind(kind, form) for kind, form in FORMS.items()} | _parts(),
    }


def _kind(kind: str, form: Form) -> Schema:
    properties: Schema = {}
    for name, field in form.fields.items():
        properties[name] = {"const": kind} if name == "kind" else _field(name, field, name in form.required)
    made: Schema = {
        "description": SAYS[kind],
        "type": "object",
        "required": ["kind", *form.needs],
        "properties": properties,
    }
    if not form.keeps_attributes:
        made["additionalProperties"] = False
    return made


def _field(name: str, field: Field, required: bool) -> Schema:
    """The schema of a field; one that may be missing may be null, which takes away what is there."""
    schema = dict(field.schema)
    if not required:
        if isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        elif "enum" in schema:
            schema["enum"] = [*schema["enum"], None]  # type: ignore[misc]
        else:
            rest = schema.pop("anyOf", [dict(schema)])
            assert isinstance(rest, list)
            schema = {"anyOf": [*rest, {"type": "null"}]}
    if name in NOTES:
        schema["description"] = NOTES[name]
    return schema


def _parts() -> dict[str, object]:
    """What fields share."""
    _, parts = msgspec.json.schema_components([Version], ref_template="#/$defs/{name}")
    made: dict[str, object] = json.loads(msgspec.json.encode(parts))  # as JSON has it: a default may be a tuple
    version = made.pop("Version")
    assert isinstance(version, dict)
    title: Schema = {"type": "string", "minLength": 1, "maxLength": TITLE_LENGTH}
    weight: Schema = {"type": ["number", "null"], "minimum": 0}
    day: Schema = {"type": ["string", "null"], "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    id: Schema = {"$ref": "#/$defs/id"}
    reference: Schema = {"$ref": "#/$defs/reference"}
    return {
        "id": {"description": "An id; all kinds share one space.", **title, "maxLength": ID_LENGTH},
        "reference": {"description": "The id of something; if there is no such thing, a text to repair.", **title},
        "parent": _part({"id": reference, "weight": weight}, "id"),
        "contributor": _part({"id": reference, "roles": {"type": "array", "items": title}}, "id"),
        "milestone": _part({"id": id, "title": title, "weight": weight, "due": day, "done_at": day}, "title"),
        "plan_point": {
            "anyOf": [
                {
                    "type": "array",
                    "prefixItems": [{**day, "type": "string"}, {"type": "number"}],
                    "minItems": 2,
                    "maxItems": 2,
                },
                _part({"date": {**day, "type": "string"}, "value": {"type": "number"}}, "date", "value"),
            ]
        },
        "task": _part(
            {"title": title, "url": {"type": ["string", "null"], "format": "uri"}, "done": {"type": "boolean"}}, "title"
        ),
        "version": {**version, "title": "Version"},
        **made,
    }


def _part(properties: dict[str, object], *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
