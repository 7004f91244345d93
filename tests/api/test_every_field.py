"""Every field of every mutation: what it does when it is accepted, and every way in which it is refused.

The cases are made from the schema: a mutation or a field that is new and has no case fails a test here.
"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)

from graph_service.api.inputs import MUTATIONS
from graph_service.api.schema import schema
from graph_service.records import export_records
from tests.api.company import Ask
from tests.api.test_mutations import ACCEPTED, keep_reference, whole

Given = dict[str, Any]

DAYS: Given = {"start": "2026-05-02", "due": "2026-06-16"}
MARKS: Given = {"attributes": {"colour": "red"}}
STEPS = [{"id": "dough", "title": "Dough", "weight": 2, "due": "2026-05-05", "doneAt": "2026-05-04"}]
PLAN = [{"date": "2026-05-10", "value": 3}, {"date": "2026-06-01", "value": 12}]
SAID: Given = {
    "confidence": 0.6,
    "reportedStatus": "BEHIND",
    "note": "Late.",
    "at": "2026-05-12T09:00:00Z",
    "by": "ada",
    "source": "the oven book",
}

MORE: list[tuple[str, Given]] = [
    (
        "createKeyResult",
        {
            "id": "loaves",
            "objectiveId": "bread",
            "title": "Loaves",
            "description": "Many.",
            "alignmentNote": "They are bread.",
            "baseline": 0,
            "target": 20,
            "plan": PLAN,
            "periodId": "spring",
            **DAYS,
            **MARKS,
        },
    ),
    ("createKeyResult", {"id": "steps", "objectiveId": "bread", "title": "Steps", "milestones": STEPS}),
    (
        "createKeyResult",
        {"id": "sum", "objectiveId": "grow", "title": "Sum", "aggregate": "SUM", "target": 9, "measure": "THRESHOLD"},
    ),
    (
        "updateObjective",
        {
            "id": "bread",
            "title": "Bread",
            "description": "Why.",
            "alignmentNote": "It sells.",
            "level": "department",
            "topLevel": True,
            "state": "POSTPONED",
            "ambition": "ASPIRATIONAL",
            "themes": ["flour"],
            "driver": "MANUAL",
            "manualProgress": 0.25,
            "driverReason": "By eye.",
            "periodId": "2026",
            **DAYS,
            **MARKS,
        },
    ),
    (
        "updateKeyResult",
        {
            "id": "draft",
            "title": "Plain",
            "description": "Why.",
            "alignmentNote": "It sells.",
            "measure": "DELTA",
            "baseline": 1,
            "target": 30,
            "unit": "pieces",
            "aggregate": "MEAN",
            "plan": PLAN,
            "periodId": "2026",
            "state": "DRAFT",
            **DAYS,
            **MARKS,
        },
    ),
    (
        "updateKeyResult",
        {
            "id": "draft",
            "measure": "THRESHOLD",
            "comparison": "BETWEEN",
            "targetMin": 1,
            "targetMax": 2,
            "target": None,
        },
    ),
    ("updateKeyResult", {"id": "draft", "measure": "MILESTONES", "milestones": STEPS}),
    ("updateKeyResult", {"id": "crust", "state": "CANCELLED"}),
    (
        "reviseKeyResult",
        {
            "id": "crust",
            "reason": "Anew.",
            "measure": "DELTA",
            "baseline": 5,
            "target": 25,
            "unit": "tests",
            "aggregate": "MAX",
            "plan": PLAN,
        },
    ),
    (
        "reviseKeyResult",
        {
            "id": "crust",
            "reason": "Anew.",
            "measure": "THRESHOLD",
            "comparison": "BETWEEN",
            "targetMin": 5,
            "targetMax": 6,
            "milestones": [],
        },
    ),
    ("checkInKeyResult", {"id": "third", "keyResultId": "oven", "milestonesDone": ["lit"], **SAID}),
    ("checkInKeyResult", {"id": "third", "keyResultId": "crust", "value": 16, "replaces": "second", **SAID}),
    ("checkInObjective", {"id": "hand", "objectiveId": "manual", "value": 0.75, **SAID}),
    ("checkInObjective", {"id": "hand", "objectiveId": "manual", "note": "No.", "replaces": "before"}),
    ("completeMilestone", {"keyResultId": "oven", "milestoneId": "lit", "doneAt": "2026-05-19"}),
    ("createInitiative", {"id": "field", "title": "A field", "state": "DRAFT", **MARKS}),
    ("updateInitiative", {"id": "mill", "title": "A mill", "state": "CLOSED", **DAYS, **MARKS}),
    ("createKpi", {"id": "waste", "title": "Waste", **MARKS}),
    (
        "updateKpi",
        {
            "id": "queue",
            "title": "Guests",
            "unit": "heads",
            "min": 1,
            "max": 9,
            "value": 4,
            "at": "2026-05-12T09:00:00Z",
            **MARKS,
        },
    ),
    ("createPeriod", {"id": "may", "title": "May", **MARKS}),
    ("updatePeriod", {"id": "spring", "title": "May", "start": "2026-04-02", **MARKS}),
    ("createPerson", {"id": "eve", "name": "Eve", "active": False}),
    ("updatePerson", {"id": "ben", "jobTitle": "Head", "type": "office", "active": False, **MARKS}),
    ("createTeam", {"id": "vans", "name": "Vans", "active": False, **MARKS}),
    ("updateTeam", {"id": "shops", "type": "crew", "active": True, "parentId": "bakery", **MARKS}),
    ("createRole", {"id": "taster", "title": "Taster", **MARKS}),
    (
        "updateRole",
        {"id": "baker", "outcomes": ["grow"], "brings": ["calm"], "areas": ["ovens"], "holders": ["ada"], **MARKS},
    ),
    ("erasePerson", {"id": "dora", "reason": "Asked for it."}),
    ("removeInitiative", {"id": "mill", "reason": "Done."}),
    ("removeKpi", {"id": "queue", "reason": "Done."}),
    ("removeRole", {"id": "baker", "reason": "Done."}),
    (
        "resolveReference",
        {"nodeId": "alone", "kind": "PARENT", "reference": "old plan", "outgoing": True, "to": "grow"},
    ),
    ("restoreGoal", {"id": "idea"}),
    ("setManager", {"personId": "dora", "managerId": "ada", "dotted": True}),
    ("setManager", {"personId": "cleo", "managerId": "ada", "dotted": True, "remove": True}),
    ("setPrimaryParent", {"objectiveId": "sweets", "parentId": "grow"}),
    ("transferOwnership", {"from": "cleo", "to": "ada", "goals": ["sweets"]}),
]
"""What the cases of every mutation leave untried."""

CASES: list[tuple[str, Given]] = [
    *((kind, given) for kind, given, *_ in ACCEPTED if kind != "applyChanges"),
    *MORE,
]
IDS = [f"{kind} {number}" for number, (kind, _) in enumerate(CASES)]

MAKING = [
    (kind, given)
    for kind, given in CASES
    if kind.startswith(("create", "update")) and kind not in ("updateLink", "updateWorkspace")
]
"""Those that make or change something; a link and the workspace are shown with all their fields where they are tried
one by one."""

REFERS = {
    "ownerId": "owner",
    "periodId": "period",
    "parentId": "parent",
    "withinId": "within",
    "managerId": "manager",
    "teamIds": "teams",
}
"""Fields of inputs that hold ids, and the fields that show what they name."""

SAFETY = ("idempotencyKey", "expectedRevision")
CLOSED = (GraphQLEnumType, GraphQLInputObjectType)
LISTS = frozenset({"supports", "keyResults", "outcomes", "metrics", "holders"})
PARTS = {
    "milestones": "id title weight due doneAt",
    "plan": "date value",
    "tasks": "title url done",
    "parents": "node { id } weight",
}


def input_of(kind: str) -> GraphQLInputObjectType:
    """The type of what a mutation takes."""
    mutations = schema._schema.mutation_type
    assert mutations is not None
    found = mutations.fields[kind].args["input"].type
    assert isinstance(found, GraphQLNonNull) and isinstance(found.of_type, GraphQLInputObjectType)
    return found.of_type


def bare(kind: Any) -> Any:
    """A type without its wrappers."""
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def many(field: GraphQLInputField) -> bool:
    """Whether a field takes a list."""
    return isinstance(field.type, GraphQLList) or isinstance(getattr(field.type, "of_type", None), GraphQLList)


def prepared(ask: Ask) -> Ask:
    """The bakery with what the cases need beside it."""
    keep_reference(ask)
    for kind, given in (
        ("linkGoals", {"from": "sweets", "to": "grow", "kind": "PARENT"}),
        ("createKeyResult", {"id": "draft", "objectiveId": "bread", "title": "Draft", "state": "DRAFT"}),
        ("createObjective", {"id": "manual", "title": "By hand", "driver": "MANUAL", "manualProgress": 0.1}),
        ("checkInObjective", {"id": "before", "objectiveId": "manual", "value": 0.2}),
    ):
        assert ask.do(kind, **given)["errors"] == []
    return ask


def here(ask: Ask, kind: str) -> None:
    """What one mutation alone needs."""
    if kind == "restoreGoal":
        assert ask.do("removeGoal", id="idea")["errors"] == []


def everything(ask: Ask) -> object:
    """All that the graph holds, and what an export of it says."""
    with ask.workspace.reading() as graph:
        return whole(ask), list(export_records(graph))


def test_every_field_has_a_case() -> None:
    for kind in MUTATIONS:
        tried = {name for one, given in CASES if one == kind for name in given}
        assert tried == set(input_of(kind).fields) - {"idempotencyKey", "expectedRevision"}, kind


@pytest.mark.parametrize(
    ("kind", "given"),
    [case for case in CASES if case[0].startswith(("create", "update"))],
    ids=lambda one: str(one)[:40],
)
def test_what_is_given_is_what_is_shown(ask: Ask, kind: str, given: Given) -> None:
    """Each field that creates or changes something, by what can be asked of it afterwards."""
    prepared(ask)
    word = kind.removeprefix("create").removeprefix("update")
    fields, expected = [], {}
    for name, value in given.items():
        if name in ("weight", "objectiveId"):
            continue
        shown = REFERS.get(name, name)
        if name in REFERS or name in LISTS:
            fields.append(f"{shown} {{ id }}")
            expected[shown] = [{"id": id} for id in value] if isinstance(value, list) else value and {"id": value}
        elif name in PARTS:
            fields.append(f"{name} {{ {PARTS[name]} }}")
            plain = {"weight": 1.0} if name == "parents" else {"url": None, "done": False} if name == "tasks" else {}
            expected[name] = [
                {**plain, **{("node" if key == "id" and name == "parents" else key): one[key] for key in one}}
                for one in value
            ]
            for one in expected[name] if name == "parents" else ():
                one["node"] = {"id": one["node"]}
        else:
            fields.append(name)
            expected[name] = [] if name in ("themes", "areas") and value is None else value
    node = word[0].lower() + word[1:]
    payload = ask.do(kind, f"{node} {{ {' '.join(fields)} }}", **given)
    assert payload["errors"] == []
    assert payload[node] == {**expected, **({"title": given["title"].strip()} if given.get("title") else {})}


def refusals(kind: str, given: Given) -> list[tuple[str, object, str]]:
    """For the fields of an input: a value that cannot be, and the code of the refusal."""
    found: list[tuple[str, object, str]] = []
    for name, field in input_of(kind).fields.items():
        inner = bare(field.type)
        makes = name == "id" and kind.startswith(("create", "checkIn"))
        if name in ("idempotencyKey", "expectedRevision") or isinstance(
            inner, GraphQLEnumType | GraphQLInputObjectType
        ):
            continue
        wrong: list[tuple[object, str]] = []
        if inner.name == "ID" and makes:
            wrong = [("grow", "DUPLICATE"), ("", "INVALID"), ("x" * 201, "INVALID"), ("a\x07", "INVALID")]
        elif inner.name == "ID":
            wrong = [("nobody", "NOT_FOUND")]
            if name not in ("milestonesDone", "milestoneId", "nodeId", "replaces"):
                other = "queue" if name in ("periodId", "withinId") else "2026"
                wrong.append(("grow" if (kind, name) == ("updatePeriod", "id") else other, "INVALID"))
        elif inner.name == "String" and name not in ("kind", "reference", "timeZone", "level"):
            wrong = [("a\x07", "INVALID"), ("x" * 20_001, "INVALID")]
        elif inner.name == "String" and name in ("timeZone", "level"):
            wrong = [("Moon", "INVALID")]
        elif inner.name == "Float":
            wrong = [(2e18, "INVALID")]
            if name == "weight":
                wrong.append((-1, "INVALID"))
            elif name in ("confidence", "score", "manualProgress", "behindLimit", "atRiskLimit"):
                wrong.append((1.5, "INVALID"))
        elif inner.name == "JSON":
            wrong = [([1], "INVALID")]
        found += [(name, [value] if many(field) else value, code) for value, code in wrong]
    return found


REFUSED: dict[tuple[str, str, str, str], tuple[str, Given, str, object, str]] = {}
"""One case for each field, wrong value and code: the first that gives the field."""

for _kind, _given in CASES:
    for _name, _value, _code in refusals(_kind, _given):
        if _name in _given or _name == "reason":
            REFUSED.setdefault((_kind, _name, str(_value)[:20], _code), (_kind, _given, _name, _value, _code))


@pytest.mark.parametrize("kind", sorted(MUTATIONS))
def test_each_field_is_refused_by_its_name_and_nothing_has_changed(ask: Ask, kind: str) -> None:
    prepared(ask)
    here(ask, kind)
    before = everything(ask)
    tried = [case for case in REFUSED.values() if case[0] == kind]
    assert tried or kind == "updateWorkspace", kind
    for _, given, name, value, code in tried:
        (error,) = ask.do(kind, **{**given, name: value})["errors"] or [None]
        what = (kind, name, value, error)
        assert error is not None and error["code"] == code, what
        assert error["path"][0] == name, what
        assert name in error["message"] or code == "NOT_FOUND", what
        assert everything(ask) == before, what


def test_every_field_that_can_be_wrong_is_tried() -> None:
    """All but truth values, days, words of closed sets and numbers that have no bounds of their own."""
    for kind in MUTATIONS:
        wrong = {name for name, *_ in refusals(kind, {})}
        assert wrong == {name for one, _, name, *_ in REFUSED.values() if one == kind}, kind
        for name, field in input_of(kind).fields.items():
            plain = bare(field.type)
            fixed = isinstance(plain, CLOSED) or plain.name in ("Boolean", "Date", "DateTime", "Int")
            assert name in wrong or fixed or name in (*SAFETY, "reference"), (kind, name)


@pytest.mark.parametrize(("kind", "given"), CASES, ids=IDS)
def test_every_mutation_is_safe_to_say_twice_and_on_old_news(ask: Ask, kind: str, given: Given) -> None:
    """A revision that is not the present one is refused and named; the same key gives the same answer, also later on;
    with another input it is refused."""
    prepared(ask)
    here(ask, kind)
    before = everything(ask)
    (error,) = ask.do(kind, expectedRevision=999, **given)["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["expectedRevision"])
    assert everything(ask) == before
    present = error["revision"]
    fields = "changed { goal { id } before { value } after { value status } }"
    one = ask.do(kind, fields, expectedRevision=present, idempotencyKey="monday", **given)
    assert one["errors"] == []
    ask.do("createTeam", name="In between")
    ask.clock.forward(hours=25)
    after = everything(ask)
    assert ask.do(kind, fields, expectedRevision=present, idempotencyKey="monday", **given) == one
    (error,) = ask.do(kind, expectedRevision=present + 1, idempotencyKey="monday", **given)["errors"]
    assert (error["code"], error["path"]) == ("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])
    assert everything(ask) == after
