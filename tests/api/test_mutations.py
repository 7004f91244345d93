"""Every mutation: what it answers when it is accepted, and what each refusal says and leaves as it was."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.api.types.payloads import SHOWN
from graph_service.models.nodes import Value
from tests.api.company import Ask

Given = dict[str, Any]

GOAL = "{ id title state }"

ACCEPTED: list[tuple[str, Given, str, Given]] = [
    (
        "createObjective",
        {
            "id": "tea",
            "title": " Sell tea ",
            "description": "Cakes want tea.",
            "alignmentNote": "More per guest.",
            "level": "team",
            "topLevel": False,
            "state": "ACTIVE",
            "ambition": "COMMITTED",
            "themes": ["drinks", "money"],
            "driver": "MANUAL",
            "manualProgress": 0.3,
            "driverReason": "Nobody counts cups.",
            "ownerId": "ben",
            "periodId": "spring",
            "start": "2026-05-01",
            "due": "2026-06-15",
            "parents": [{"id": "sales", "weight": 0.5}, {"id": "grow"}],
            "attributes": {"colour": "green", "cups": [1, 2]},
        },
        """objective { id title description alignmentNote level topLevel state ambition themes driver manualProgress
            driverReason owner { id } period { id } start due parents { node { id } weight } attributes
            progress { value } revision }""",
        {
            "objective": {
                "id": "tea",
                "title": "Sell tea",
                "description": "Cakes want tea.",
                "alignmentNote": "More per guest.",
                "level": "team",
                "topLevel": False,
                "state": "ACTIVE",
                "ambition": "COMMITTED",
                "themes": ["drinks", "money"],
                "driver": "MANUAL",
                "manualProgress": 0.3,
                "driverReason": "Nobody counts cups.",
                "owner": {"id": "ben"},
                "period": {"id": "spring"},
                "start": "2026-05-01",
                "due": "2026-06-15",
                "parents": [{"node": {"id": "sales"}, "weight": 0.5}, {"node": {"id": "grow"}, "weight": 1.0}],
                "attributes": {"colour": "green", "cups": [1, 2]},
                "progress": {"value": 0.3},
                "revision": 2,
            }
        },
    ),
    (
        "updateObjective",
        {"id": "grow", "title": "Grow revenue by half", "description": None, "themes": None, "periodId": None},
        "objective { title description themes period { id } level ambition }",
        {
            "objective": {
                "title": "Grow revenue by half",
                "description": None,
                "themes": [],
                "period": None,
                "level": "organization",
                "ambition": "ASPIRATIONAL",
            }
        },
    ),
    (
        "createKeyResult",
        {
            "id": "heat",
            "objectiveId": "bread",
            "title": "Ovens hot enough",
            "measure": "THRESHOLD",
            "comparison": "BETWEEN",
            "targetMin": 200,
            "targetMax": 240.5,
            "unit": "degrees",
            "weight": 0.5,
            "state": "DRAFT",
            "ownerId": "cleo",
            "start": "2026-05-01",
        },
        """keyResult { id title measure comparison targetMin targetMax unit weight state owner { id } start startsOn
            objective { id } }""",
        {
            "keyResult": {
                "id": "heat",
                "title": "Ovens hot enough",
                "measure": "THRESHOLD",
                "comparison": "BETWEEN",
                "targetMin": 200.0,
                "targetMax": 240.5,
                "unit": "degrees",
                "weight": 0.5,
                "state": "DRAFT",
                "owner": {"id": "cleo"},
                "start": "2026-05-01",
                "startsOn": "2026-05-01",
                "objective": {"id": "bread"},
            }
        },
    ),
    (
        "updateKeyResult",
        {"id": "crust", "title": "Crust tests done", "unit": "tests", "due": "2026-06-01"},
        "keyResult { title unit due endsOn target }",
        {
            "keyResult": {
                "title": "Crust tests done",
                "unit": "tests",
                "due": "2026-06-01",
                "endsOn": "2026-06-01",
                "target": 20.0,
            }
        },
    ),
    (
        "reviseKeyResult",
        {"id": "crust", "reason": "Half the ovens are gone.", "target": 15},
        "keyResult { target progress { value } versions { target reason } }",
        {
            "keyResult": {
                "target": 15.0,
                "progress": {"value": 1.0},
                "versions": [{"target": 20.0, "reason": "Half the ovens are gone."}],
            }
        },
    ),
    (
        "checkInKeyResult",
        {
            "id": "third",
            "keyResultId": "crust",
            "value": 17,
            "confidence": 0.8,
            "reportedStatus": "ON_TRACK",
            "note": "Better flour.",
            "by": "cleo",
            "source": "the oven book",
            "at": "2026-05-19T11:00:00+02:00",
        },
        """checkIn { id value confidence reportedStatus note by { id } source at revision replaces }
            keyResult { id value progress { value } lastCheckIn { id } revision }""",
        {
            "checkIn": {
                "id": "third",
                "value": 17.0,
                "confidence": 0.8,
                "reportedStatus": "ON_TRACK",
                "note": "Better flour.",
                "by": {"id": "cleo"},
                "source": "the oven book",
                "at": "2026-05-19T09:00:00Z",
                "revision": 2,
                "replaces": None,
            },
            "keyResult": {
                "id": "crust",
                "value": 17.0,
                "progress": {"value": 0.7},
                "lastCheckIn": {"id": "third"},
                "revision": 2,
            },
        },
    ),
    (
        "checkInObjective",
        {"id": "mood", "objectiveId": "bread", "confidence": 0.4, "note": "Tired."},
        "checkIn { id value confidence note source } objective { id lastCheckIn { id } }",
        {
            "checkIn": {"id": "mood", "value": None, "confidence": 0.4, "note": "Tired.", "source": "graphql"},
            "objective": {"id": "bread", "lastCheckIn": {"id": "mood"}},
        },
    ),
    (
        "completeMilestone",
        {"keyResultId": "oven", "milestoneId": "lit"},
        "keyResult { progress { value } milestones { id doneAt } }",
        {
            "keyResult": {
                "progress": {"value": 1.0},
                "milestones": [{"id": "bought", "doneAt": "2026-04-28"}, {"id": "lit", "doneAt": "2026-05-20"}],
            }
        },
    ),
    (
        "closeGoal",
        {"id": "bread", "score": 0.7, "retrospective": "Buy flour earlier."},
        "goal { id state score retrospective ... on Objective { keyResults { state score } } }",
        {
            "goal": {
                "id": "bread",
                "state": "CLOSED",
                "score": 0.7,
                "retrospective": "Buy flour earlier.",
                "keyResults": [
                    {"state": "CLOSED", "score": 0.5},
                    {"state": "CLOSED", "score": 1.0},
                    {"state": "CLOSED", "score": 0.25},
                ],
            }
        },
    ),
    ("removeGoal", {"id": "bread", "reason": "No bread."}, "removed", {"removed": ["bread", "crust", "fresh", "oven"]}),
    (
        "linkGoals",
        {"from": "alone", "to": "grow", "kind": "PARENT", "weight": 2},
        "link { from to kind weight share primary }",
        {"link": {"from": "alone", "to": "grow", "kind": "PARENT", "weight": 2.0, "share": None, "primary": True}},
    ),
    (
        "resolveReference",
        {"nodeId": "alone", "kind": "PARENT", "reference": "old plan", "to": "grow"},
        "node { id ... on Objective { parents { node { id } } brokenReferences { reference } } }",
        {"node": {"id": "alone", "parents": [{"node": {"id": "grow"}}], "brokenReferences": []}},
    ),
    (
        "updateLink",
        {"from": "sweets", "to": "bread", "kind": "ALIGNED", "weight": 1},
        "link { from to kind weight }",
        {"link": {"from": "sweets", "to": "bread", "kind": "ALIGNED", "weight": 1.0}},
    ),
    (
        "unlinkGoals",
        {"from": "sweets", "to": "bread", "kind": "ALIGNED"},
        "from { id alignedTo { kind } } to { id alignedFrom { kind } }",
        {"from": {"id": "sweets", "alignedTo": []}, "to": {"id": "bread", "alignedFrom": []}},
    ),
    (
        "createPerson",
        {
            "id": "eve",
            "name": "Eve",
            "email": "eve@bakery.example",
            "jobTitle": "Baker",
            "managerId": "ben",
            "teamIds": ["ovens", "shops"],
            "type": "post",
            "attributes": {"shift": "night"},
        },
        "person { id name email jobTitle type active manager { id } teams { id } attributes }",
        {
            "person": {
                "id": "eve",
                "name": "Eve",
                "email": "eve@bakery.example",
                "jobTitle": "Baker",
                "type": "post",
                "active": True,
                "manager": {"id": "ben"},
                "teams": [{"id": "ovens"}, {"id": "shops"}],
                "attributes": {"shift": "night"},
            }
        },
    ),
    (
        "updatePerson",
        {"id": "ada", "name": "Ada Miller", "email": None},
        "person { name email jobTitle }",
        {"person": {"name": "Ada Miller", "email": None, "jobTitle": "Head"}},
    ),
    (
        "deactivatePerson",
        {"id": "ben", "reason": "Moved away."},
        "person { active keyResults { id } }",
        {"person": {"active": False, "keyResults": [{"id": "crust"}]}},
    ),
    (
        "erasePerson",
        {"id": "ada"},
        "person { id name email active objectives { id } }",
        {"person": {"id": "ada", "name": "ada", "email": None, "active": False, "objectives": [{"id": "grow"}]}},
    ),
    (
        "createTeam",
        {"id": "vans", "name": "Vans", "parentId": "shops", "type": "crew"},
        "team { id name parent { id } type active }",
        {"team": {"id": "vans", "name": "Vans", "parent": {"id": "shops"}, "type": "crew", "active": True}},
    ),
    (
        "updateTeam",
        {"id": "ovens", "name": "Hot ovens", "parentId": None, "active": False},
        "team { name parent { id } active }",
        {"team": {"name": "Hot ovens", "parent": None, "active": False}},
    ),
    ("removeTeam", {"id": "shops", "reason": "Closed."}, "removed", {"removed": ["shops"]}),
    (
        "assignOwner",
        {"goalId": "fresh", "ownerId": "shops"},
        "goal { id owner { id } }",
        {"goal": {"id": "fresh", "owner": {"id": "shops"}}},
    ),
    (
        "setContributor",
        {"goalId": "bread", "ownerId": "ada", "roles": ["reviewer", "author"]},
        "goal { contributors { owner { id } roles } }",
        {
            "goal": {
                "contributors": [
                    {"owner": {"id": "ada"}, "roles": ["author", "reviewer"]},
                    {"owner": {"id": "cleo"}, "roles": ["taster"]},
                ]
            }
        },
    ),
    (
        "transferOwnership",
        {"from": "dora", "to": "cleo"},
        "from { id objectives { id } } to { id objectives { id } }",
        {
            "from": {"id": "dora", "objectives": []},
            "to": {"id": "cleo", "objectives": [{"id": "alone"}, {"id": "sweets"}]},
        },
    ),
    (
        "setManager",
        {"personId": "dora", "managerId": "ada"},
        "person { id manager { id } }",
        {"person": {"id": "dora", "manager": {"id": "ada"}}},
    ),
    (
        "setMembership",
        {"personId": "dora", "teamId": "shops", "member": True, "leads": ["chair"]},
        "person { teams { id } } team { id members { id } leads { id } }",
        {
            "person": {"teams": [{"id": "shops"}]},
            "team": {"id": "shops", "members": [{"id": "dora"}], "leads": [{"id": "dora"}]},
        },
    ),
    (
        "createPeriod",
        {"id": "may", "title": "May", "start": "2026-05-01", "end": "2026-05-31", "withinId": "spring"},
        "period { id title start end within { id } }",
        {
            "period": {
                "id": "may",
                "title": "May",
                "start": "2026-05-01",
                "end": "2026-05-31",
                "within": {"id": "spring"},
            }
        },
    ),
    (
        "updatePeriod",
        {"id": "spring", "end": "2026-05-31", "withinId": None},
        'period { start end within { id } } query { objective(id: "bread") { endsOn } }',
        {
            "period": {"start": "2026-04-01", "end": "2026-05-31", "within": None},
            "query": {"objective": {"endsOn": "2026-05-31"}},
        },
    ),
    (
        "updateWorkspace",
        {
            "levels": ["organization", "team", "oven"],
            "behindLimit": 0.05,
            "atRiskLimit": 0.3,
            "checkInDays": 14,
            "timeZone": "Europe/Berlin",
        },
        "workspace { levels behindLimit atRiskLimit checkInDays timeZone }",
        {
            "workspace": {
                "levels": ["organization", "team", "oven"],
                "behindLimit": 0.05,
                "atRiskLimit": 0.3,
                "checkInDays": 14,
                "timeZone": "Europe/Berlin",
            }
        },
    ),
    (
        "createInitiative",
        {
            "id": "field",
            "title": "A field of wheat",
            "state": "ACTIVE",
            "ownerId": "ben",
            "supports": ["bread", "sales"],
            "tasks": [{"title": "Plough"}, {"title": "Sow", "url": "https://field.example", "done": True}],
            "start": "2026-05-01",
            "due": "2026-09-30",
        },
        "initiative { id supports { id } tasks { title url done } owner { id } start due }",
        {
            "initiative": {
                "id": "field",
                "supports": [{"id": "bread"}, {"id": "sales"}],
                "tasks": [
                    {"title": "Plough", "url": None, "done": False},
                    {"title": "Sow", "url": "https://field.example", "done": True},
                ],
                "owner": {"id": "ben"},
                "start": "2026-05-01",
                "due": "2026-09-30",
            }
        },
    ),
    (
        "updateInitiative",
        {"id": "mill", "supports": ["grow"], "tasks": [], "ownerId": None},
        "initiative { title supports { id } tasks { title } owner { id } }",
        {"initiative": {"title": "Our own mill", "supports": [{"id": "grow"}], "tasks": [], "owner": None}},
    ),
    ("removeInitiative", {"id": "mill"}, "removed", {"removed": ["mill"]}),
    (
        "createKpi",
        {
            "id": "waste",
            "title": "Waste",
            "unit": "kg",
            "min": 0,
            "max": 5,
            "value": 2,
            "at": "2026-05-20T09:00:00Z",
            "keyResults": ["crust"],
        },
        "kpi { id unit min max value at inRange keyResults { id } }",
        {
            "kpi": {
                "id": "waste",
                "unit": "kg",
                "min": 0.0,
                "max": 5.0,
                "value": 2.0,
                "at": "2026-05-20T09:00:00Z",
                "inRange": True,
                "keyResults": [{"id": "crust"}],
            }
        },
    ),
    (
        "updateKpi",
        {"id": "queue", "value": 6, "keyResults": []},
        "kpi { value inRange keyResults { id } }",
        {"kpi": {"value": 6.0, "inRange": True, "keyResults": []}},
    ),
    ("removeKpi", {"id": "queue"}, "removed", {"removed": ["queue"]}),
    (
        "createRole",
        {
            "id": "taster",
            "title": "Chief taster",
            "outcomes": ["sweets"],
            "metrics": ["fresh"],
            "areas": ["taste"],
            "brings": ["a tongue"],
            "holders": ["cleo"],
        },
        "role { id title outcomes { id } metrics { id } areas brings holders { id } }",
        {
            "role": {
                "id": "taster",
                "title": "Chief taster",
                "outcomes": [{"id": "sweets"}],
                "metrics": [{"id": "fresh"}],
                "areas": ["taste"],
                "brings": ["a tongue"],
                "holders": [{"id": "cleo"}],
            }
        },
    ),
    (
        "updateRole",
        {"id": "baker", "title": "Master baker", "metrics": ["crust", "oven"], "areas": None},
        "role { title outcomes { id } metrics { id } areas }",
        {
            "role": {
                "title": "Master baker",
                "outcomes": [{"id": "bread"}],
                "metrics": [{"id": "crust"}, {"id": "oven"}],
                "areas": [],
            }
        },
    ),
    ("removeRole", {"id": "baker"}, "removed", {"removed": ["baker"]}),
    (
        "applyChanges",
        {
            "changes": [
                {"createPerson": {"id": "eve", "name": "Eve"}},
                {"assignOwner": {"goalId": "fresh", "ownerId": "eve"}},
                {"removeInitiative": {"id": "mill"}},
                {"updateLink": {"from": "sweets", "to": "bread", "kind": "ALIGNED", "weight": 1}},
            ]
        },
        'ids removed query { keyResult(id: "fresh") { owner { id } } }',
        {
            "ids": ["eve", "fresh", "mill", "sweets"],
            "removed": ["mill"],
            "query": {"keyResult": {"owner": {"id": "eve"}}},
        },
    ),
]

PREPARED = {"setPrimaryParent", "restoreGoal"}
"""Mutations that need something done before; they are tried further below."""


@pytest.mark.parametrize(
    ("kind", "given", "fields", "expected"),
    ACCEPTED,
    ids=lambda value: value if isinstance(value, str) and value in SHOWN else "",
)
def test_an_accepted_mutation_shows_what_it_made(
    ask: Ask, kind: str, given: Given, fields: str, expected: Given
) -> None:
    if kind == "resolveReference":
        keep_reference(ask)
    before = ask.revision
    payload = ask.do(kind, fields, **given)
    assert payload["errors"] == []
    assert payload["revision"] == before + 1 == ask.revision
    del payload["errors"], payload["revision"], payload["changedCount"]
    assert payload == expected


def keep_reference(ask: Ask) -> None:
    from graph_service.models.changes import KeepReference
    from graph_service.models.words import LinkKind

    change = KeepReference(node_id="alone", link=LinkKind.PARENT, reference="old plan")
    ask.workspace.commit([change], importing=True)


def test_every_mutation_is_tried() -> None:
    assert {kind for kind, *_ in ACCEPTED} | PREPARED == set(SHOWN)


def test_a_primary_parent_is_chosen(ask: Ask) -> None:
    ask.do("linkGoals", **{"from": "sweets", "to": "grow", "kind": "PARENT"})
    payload = ask.do(
        "setPrimaryParent",
        "objective { primaryParent { id } parents { node { id } } }",
        objectiveId="sweets",
        parentId="grow",
    )
    assert payload["objective"] == {
        "primaryParent": {"id": "grow"},
        "parents": [{"node": {"id": "grow"}}, {"node": {"id": "sales"}}],
    }


def test_a_removed_goal_is_restored_with_its_links(ask: Ask) -> None:
    fields = """objective(id: "bread") { owner { id } keyResults { id value } parents { node { id } weight }
        alignedFrom { node { id } } }"""
    before = ask.data("{ " + fields + " }")
    removed = ask.do("removeGoal", "removed changed { goal { id title } before { value } after { value } }", id="bread")
    assert removed["removed"] == ["bread", "crust", "fresh", "oven"]
    assert [(one["goal"]["id"], one["after"]) for one in removed["changed"]] == [
        ("bread", None),
        ("crust", None),
        ("fresh", None),
        ("grow", {"value": 0.2}),
        ("oven", None),
    ]
    assert ask.data("{ " + fields + " }") == {"objective": None}
    restored = ask.do("restoreGoal", "goal { id title } query { " + fields + " }", id="bread")
    assert restored["errors"] == []
    assert restored["goal"] == {"id": "bread", "title": "Bake better bread"}
    assert restored["query"] == before


def test_changed_tells_who_moved_and_how(ask: Ask) -> None:
    payload = ask.do(
        "checkInKeyResult",
        "changed { goal { id } before { value coverage confidence status } after { value coverage confidence status } }"
        " one: changed(first: 1) { goal { id } }",
        keyResultId="crust",
        value=20,
        confidence=0.9,
    )
    assert payload["changedCount"] == 3
    assert [one["goal"]["id"] for one in payload["changed"]] == ["bread", "crust", "grow"]
    assert payload["changed"][1] == {
        "goal": {"id": "crust"},
        "before": {"value": 0.5, "coverage": 1.0, "confidence": 0.7, "status": "BEHIND"},
        "after": {"value": 1.0, "coverage": 1.0, "confidence": 0.9, "status": "ACHIEVED"},
    }
    assert payload["one"] == [{"goal": {"id": "bread"}}]


def test_a_mutation_that_changes_nothing_is_a_revision_all_the_same(ask: Ask) -> None:
    payload = ask.do("updateObjective", "changed { goal { id } }", id="bread", title="Bake better bread")
    assert payload == {"errors": [], "revision": 2, "changedCount": 0, "changed": []}


def test_absent_keeps_and_null_clears(ask: Ask) -> None:
    ask.do("updateObjective", id="grow", alignmentNote="Pays for all.")
    kept = ask.do("updateObjective", "objective { alignmentNote description }", id="grow", description=None)
    assert kept["objective"] == {"alignmentNote": "Pays for all.", "description": None}


def test_a_correction_replaces_a_check_in(ask: Ask) -> None:
    payload = ask.do(
        "checkInKeyResult",
        "checkIn { replaces } keyResult { value checkIns { edges { node { id replacedBy } } } }",
        id="right",
        keyResultId="crust",
        value=16,
        replaces="second",
        at="2026-05-11T09:00:00Z",
    )
    assert payload["checkIn"] == {"replaces": "second"}
    assert payload["keyResult"] == {
        "value": 16.0,
        "checkIns": {
            "edges": [
                {"node": {"id": "right", "replacedBy": None}},
                {"node": {"id": "second", "replacedBy": "right"}},
                {"node": {"id": "typo", "replacedBy": "second"}},
                {"node": {"id": "first", "replacedBy": None}},
            ]
        },
    }


def test_several_mutations_of_a_document_run_in_order(ask: Ask) -> None:
    found = ask.data(
        """mutation {
            one: createObjective(input: { id: "tea", title: "Sell tea" }) { revision query { revision } }
            two: createObjective(input: { id: "tea", title: "Sell tea" }) { revision errors { code } }
            three: linkGoals(input: { from: "tea", to: "grow", kind: PARENT }) { revision link { from } }
        }"""
    )
    assert found == {
        "one": {"revision": 2, "query": {"revision": 2}},
        "two": {"revision": None, "errors": [{"code": "DUPLICATE"}]},
        "three": {"revision": 3, "link": {"from": "tea"}},
    }


def test_made_ids_sort_by_when_they_were_made(ask: Ask) -> None:
    made = [ask.do("createPerson", "person { id }", name=f"Guest {number}")["person"]["id"] for number in range(5)]
    assert made == sorted(made)
    assert len(set(made)) == 5


REFUSED: list[tuple[str, Given, str, str, list[str]]] = [
    ("createObjective", {"id": "grow", "title": "Again"}, "DUPLICATE", "id 'grow' was given out before", ["id"]),
    ("createObjective", {"id": " x", "title": "Space"}, "INVALID", "begins or ends with a space", ["id"]),
    ("createObjective", {"title": "  "}, "INVALID", "title '  ' has no visible character", ["title"]),
    ("createObjective", {"title": "x" * 1001}, "INVALID", "has 1001 characters", ["title"]),
    ("createObjective", {"title": "Tea", "level": "planet"}, "INVALID", "level 'planet' is none of", ["level"]),
    (
        "createObjective",
        {"title": "Tea", "ownerId": "zoe"},
        "NOT_FOUND",
        "ownerId 'zoe': there is no person",
        ["ownerId"],
    ),
    (
        "createObjective",
        {"title": "Tea", "ownerId": "bread"},
        "INVALID",
        "ownerId 'bread' is an objective",
        ["ownerId"],
    ),
    (
        "createObjective",
        {"title": "Tea", "parents": [{"id": "grow"}, {"id": "up"}]},
        "NOT_FOUND",
        "id 'up': there is no",
        ["parents", "1", "id"],
    ),
    (
        "createObjective",
        {"title": "Tea", "parents": [{"id": "grow", "weight": -1}]},
        "INVALID",
        "weight '-1.0' is negative",
        ["parents", "0", "weight"],
    ),
    (
        "createObjective",
        {"title": "Tea", "start": "2026-05-02", "due": "2026-05-01"},
        "INVALID",
        "due 2026-05-01 is before start 2026-05-02",
        ["due"],
    ),
    (
        "createObjective",
        {"title": "Tea", "manualProgress": 1.5},
        "INVALID",
        "manualProgress '1.5' is outside 0..1",
        ["manualProgress"],
    ),
    ("createObjective", {"title": "Tea", "attributes": [1]}, "INVALID", "attributes is no JSON object", ["attributes"]),
    (
        "createObjective",
        {"title": "Tea", "periodId": "winter"},
        "NOT_FOUND",
        "periodId 'winter': there is no period",
        ["periodId"],
    ),
    ("updateObjective", {"id": "zoe", "title": "Tea"}, "NOT_FOUND", "id 'zoe': there is no objective", ["id"]),
    (
        "updateObjective",
        {"id": "crust", "title": "Tea"},
        "INVALID",
        "id 'crust' is a key result, not an objective",
        ["id"],
    ),
    ("updateObjective", {"id": "grow", "title": None}, "INVALID", "title is missing; it cannot be cleared", ["title"]),
    (
        "createKeyResult",
        {"objectiveId": "zoe", "title": "Tea"},
        "NOT_FOUND",
        "objectiveId 'zoe': there is no objective",
        ["objectiveId"],
    ),
    (
        "createKeyResult",
        {"objectiveId": "bread", "title": "Tea", "baseline": 5, "target": 5},
        "INVALID",
        "baseline and target are both '5.0'",
        ["target"],
    ),
    (
        "createKeyResult",
        {"objectiveId": "bread", "title": "Tea", "milestones": [{"title": "Sown"}, {"title": ""}]},
        "INVALID",
        "title '' has no visible character",
        ["milestones", "1", "title"],
    ),
    (
        "updateKeyResult",
        {"id": "crust", "target": 30},
        "INVALID",
        "target of 'crust' changes only by reviseKeyResult",
        ["target"],
    ),
    ("reviseKeyResult", {"id": "crust", "reason": " ", "target": 30}, "INVALID", "reason is empty", ["reason"]),
    ("reviseKeyResult", {"id": "zoe", "reason": "Why not."}, "NOT_FOUND", "id 'zoe': there is no key result", ["id"]),
    (
        "checkInKeyResult",
        {"keyResultId": "zoe", "value": 1},
        "NOT_FOUND",
        "keyResultId 'zoe': there is no key result",
        ["keyResultId"],
    ),
    ("checkInKeyResult", {"keyResultId": "crust"}, "INVALID", "the check-in says nothing", ["value"]),
    (
        "checkInKeyResult",
        {"keyResultId": "crust", "value": 1, "confidence": 2},
        "INVALID",
        "confidence '2.0' is outside 0..1",
        ["confidence"],
    ),
    (
        "checkInKeyResult",
        {"keyResultId": "crust", "value": 1, "reportedStatus": "OVERDUE"},
        "INVALID",
        "reportedStatus OVERDUE",
        ["reportedStatus"],
    ),
    (
        "checkInKeyResult",
        {"keyResultId": "crust", "value": 1, "at": "2026-06-20T09:00:00Z"},
        "INVALID",
        "more than a day ahead",
        ["at"],
    ),
    (
        "checkInKeyResult",
        {"keyResultId": "crust", "value": 1, "replaces": "zoe"},
        "NOT_FOUND",
        "'crust' has no such check-in",
        ["replaces"],
    ),
    (
        "checkInKeyResult",
        {"keyResultId": "crust", "value": 1, "id": "first"},
        "DUPLICATE",
        "id 'first' was given out before",
        ["id"],
    ),
    ("checkInKeyResult", {"keyResultId": "oven", "value": 1}, "INVALID", "it is measured by milestones", ["value"]),
    (
        "checkInObjective",
        {"objectiveId": "bread", "value": 0.5},
        "INVALID",
        "its progress comes from its contributors",
        ["value"],
    ),
    (
        "completeMilestone",
        {"keyResultId": "oven", "milestoneId": "zoe"},
        "NOT_FOUND",
        "'oven' has no such milestone",
        ["milestoneId"],
    ),
    ("closeGoal", {"id": "bread", "score": 7}, "INVALID", "score '7.0' is outside 0..1", ["score"]),
    ("removeGoal", {"id": "ada"}, "INVALID", "id 'ada' is a person, not an objective or key result", ["id"]),
    ("restoreGoal", {"id": "bread"}, "INVALID", "id 'bread' is not removed", ["id"]),
    ("restoreGoal", {"id": "zoe"}, "NOT_FOUND", "id 'zoe': no removed goal has this id", ["id"]),
    (
        "linkGoals",
        {"from": "sweets", "to": "bread", "kind": "ALIGNED"},
        "DUPLICATE",
        "linked to 'bread' by ALIGNED already",
        ["to"],
    ),
    ("linkGoals", {"from": "bread", "to": "bread", "kind": "PARENT"}, "CYCLE", "'bread' cannot support itself", ["to"]),
    ("linkGoals", {"from": "ada", "to": "bread", "kind": "OWNS"}, "INVALID", "kind OWNS does not join goals", ["kind"]),
    (
        "updateLink",
        {"from": "alone", "to": "bread", "kind": "ALIGNED", "weight": 1},
        "NOT_FOUND",
        "there is no ALIGNED link",
        ["to"],
    ),
    ("updateLink", {"from": "sweets", "to": "bread", "kind": "ALIGNED"}, "INVALID", "weight is missing", ["weight"]),
    (
        "unlinkGoals",
        {"from": "crust", "to": "bread", "kind": "KEY_RESULT_OF"},
        "INVALID",
        "belongs to exactly one objective",
        ["kind"],
    ),
    (
        "setPrimaryParent",
        {"objectiveId": "sweets", "parentId": "grow"},
        "NOT_FOUND",
        "parentId 'grow' is no parent of 'sweets'",
        ["parentId"],
    ),
    (
        "resolveReference",
        {"nodeId": "alone", "kind": "PARENT", "reference": "gone"},
        "NOT_FOUND",
        "keeps no PARENT reference 'gone'",
        ["reference"],
    ),
    (
        "createPerson",
        {"name": "Eve", "email": "nonsense"},
        "INVALID",
        "email 'nonsense' is no e-mail address",
        ["email"],
    ),
    (
        "createPerson",
        {"name": "Eve", "managerId": "ovens"},
        "INVALID",
        "managerId 'ovens' is a team, not a person",
        ["managerId"],
    ),
    ("updatePerson", {"id": "ada", "name": None}, "INVALID", "name is missing", ["name"]),
    ("deactivatePerson", {"id": "zoe"}, "NOT_FOUND", "id 'zoe': there is no person", ["id"]),
    ("erasePerson", {"id": "ovens"}, "INVALID", "id 'ovens' is a team, not a person", ["id"]),
    ("createTeam", {"name": "Vans", "parentId": "zoe"}, "NOT_FOUND", "parentId 'zoe': there is no team", ["parentId"]),
    (
        "updateTeam",
        {"id": "bakery", "parentId": "ovens"},
        "CYCLE",
        "this PART_OF link would close a ring",
        ["parentId"],
    ),
    ("removeTeam", {"id": "ovens"}, "INVALID", "team 'ovens' still has 1 goal ('bread')", ["id"]),
    (
        "assignOwner",
        {"goalId": "bread", "ownerId": "zoe"},
        "NOT_FOUND",
        "ownerId 'zoe': there is no person or team",
        ["ownerId"],
    ),
    (
        "setContributor",
        {"goalId": "zoe", "ownerId": "ada", "roles": []},
        "NOT_FOUND",
        "goalId 'zoe': there is no objective or key result",
        ["goalId"],
    ),
    (
        "transferOwnership",
        {"from": "ben", "to": "ada", "goals": ["bread"]},
        "INVALID",
        "'ben' does not own 'bread'",
        ["goals"],
    ),
    (
        "setManager",
        {"personId": "ada", "managerId": "cleo"},
        "CYCLE",
        "this REPORTS_TO link would close a ring",
        ["managerId"],
    ),
    ("setMembership", {"personId": "ada", "teamId": "ovens"}, "INVALID", "give member, leads or both", ["member"]),
    (
        "createPeriod",
        {"title": "May", "start": "2026-05-31", "end": "2026-05-01"},
        "INVALID",
        "end 2026-05-01 is before start",
        ["end"],
    ),
    (
        "updatePeriod",
        {"id": "2026", "withinId": "spring"},
        "CYCLE",
        "this WITHIN link would close a ring",
        ["withinId"],
    ),
    ("updateWorkspace", {"timeZone": "Moon/Crater"}, "INVALID", "timeZone 'Moon/Crater' is not known", ["timeZone"]),
    ("updateWorkspace", {"levels": ["team"]}, "INVALID", "'organization' is still used by objectives", ["levels"]),
    (
        "createInitiative",
        {"title": "Field", "tasks": [{"title": "Sow", "url": "javascript:1"}]},
        "INVALID",
        "is no web address",
        ["tasks", "0", "url"],
    ),
    ("updateInitiative", {"id": "mill", "supports": ["ada"]}, "INVALID", "supports 'ada' is a person", ["supports"]),
    ("removeInitiative", {"id": "queue"}, "INVALID", "id 'queue' is a KPI, not an initiative", ["id"]),
    ("createKpi", {"title": "Waste", "min": 3, "max": 1}, "INVALID", "min '3.0' is above max '1.0'", ["min"]),
    ("updateKpi", {"id": "zoe"}, "NOT_FOUND", "id 'zoe': there is no KPI", ["id"]),
    ("removeKpi", {"id": "zoe"}, "NOT_FOUND", "id 'zoe': there is no KPI", ["id"]),
    (
        "createRole",
        {"title": "Taster", "outcomes": ["crust"]},
        "INVALID",
        "outcomes 'crust' is a key result",
        ["outcomes"],
    ),
    ("updateRole", {"id": "baker", "holders": ["zoe"]}, "NOT_FOUND", "holders 'zoe': there is no person", ["holders"]),
    ("removeRole", {"id": "zoe"}, "NOT_FOUND", "id 'zoe': there is no role charter", ["id"]),
]


def whole(ask: Ask) -> tuple[int, list[Value], list[Value], list[object]]:
    """Everything that the graph holds, to be compared."""
    with ask.workspace.reading() as graph:
        nodes: list[Value] = [graph.nodes[id].fact for id in sorted(graph.nodes)]
        links: list[Value] = [*graph.all_links(), graph.workspace]
        numbers = [(goal.id, goal.value, goal.coverage, goal.check_ins, goal.revision) for goal in graph.goals()]
        return graph.revision, nodes, links, sorted(numbers, key=str)


@pytest.mark.parametrize(
    ("kind", "given", "code", "message", "path"),
    REFUSED,
    ids=lambda value: value if isinstance(value, str) and value in SHOWN else "",
)
def test_a_refused_mutation_says_why_and_changes_nothing(
    ask: Ask, kind: str, given: Given, code: str, message: str, path: list[str]
) -> None:
    before = whole(ask)
    shown = " ".join(
        f"{one.name} {{ __typename }}" if one.name not in ("ids", "removed") else one.name for one in SHOWN[kind]
    )
    payload = ask.do(kind, f"changed {{ goal {{ id }} }} query {{ revision }} {shown}", **given)
    assert whole(ask) == before
    (error,) = payload["errors"]
    assert (error["code"], error["path"], error["revision"]) == (code, path, None)
    assert message in error["message"]
    assert payload["revision"] is None
    assert (payload["changed"], payload["changedCount"]) == ([], 0)
    assert payload["query"] == {"revision": before[0]}
    for one in SHOWN[kind]:
        assert payload[one.name] in (None, [])


def test_every_mutation_is_refused_somehow() -> None:
    assert {kind for kind, *_ in REFUSED} == set(SHOWN) - {"applyChanges"}


def test_a_ring_is_refused_and_named(ask: Ask) -> None:
    before = whole(ask)
    (error,) = ask.do("linkGoals", **{"from": "grow", "to": "sweets", "kind": "PARENT"})["errors"]
    assert error == {
        "code": "CYCLE",
        "message": (
            "this link would close a ring: 'grow' -> 'sweets' -> 'sales' -> 'grow';"
            " leave it out or take away one of the others"
        ),
        "path": ["to"],
        "nodes": ["grow", "sweets", "sales"],
        "revision": None,
    }
    assert whole(ask) == before


def test_a_batch_is_all_or_nothing_and_names_the_change(ask: Ask) -> None:
    before = whole(ask)
    payload = ask.do(
        "applyChanges",
        "ids removed",
        changes=[
            {"createPerson": {"id": "eve", "name": "Eve"}},
            {"checkInKeyResult": {"keyResultId": "crust", "value": 20}},
            {"removeGoal": {"id": "sweets"}},
            {"createObjective": {"title": "Tea", "parents": [{"id": "grow"}, {"id": "sweets"}]}},
        ],
    )
    (error,) = payload["errors"]
    assert error["code"] == "NOT_FOUND"
    assert error["path"] == ["changes", "3", "createObjective", "parents", "1", "id"]
    assert error["message"] == "id 'sweets': there is no objective or key result with this id"
    assert (payload["ids"], payload["removed"], payload["revision"]) == ([], [], None)
    assert whole(ask) == before


@pytest.mark.parametrize("field", ["idempotencyKey", "expectedRevision"])
def test_what_makes_a_change_safe_stands_beside_the_batch(ask: Ask, field: str) -> None:
    before = whole(ask)
    value = "key" if field == "idempotencyKey" else 1
    changes = [{"createPerson": {"name": "Eve"}}, {"removeKpi": {"id": "queue", field: value}}]
    (error,) = ask.do("applyChanges", changes=changes)["errors"]
    assert error["code"] == "INVALID"
    assert error["path"] == ["changes", "1", "removeKpi", field]
    assert error["message"] == f"{field} does not go within applyChanges; give it once, beside changes"
    assert whole(ask) == before


def test_a_change_of_a_batch_is_exactly_one(ask: Ask) -> None:
    query = "mutation($changes: [ChangeInput!]!) { applyChanges(input: { changes: $changes }) { revision } }"
    wrong: list[list[Given]] = [
        [{}],
        [{"removeKpi": {"id": "queue"}, "removeRole": {"id": "baker"}}],
        [{"removeKpi": None}],
    ]
    for changes in wrong:
        assert ask(query, changes=changes).code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
    assert ask.revision == 1


def test_an_empty_batch_is_a_revision(ask: Ask) -> None:
    payload = ask.do("applyChanges", "ids", changes=[])
    assert payload["errors"] == []
    assert (payload["revision"], payload["ids"]) == (2, [])


def test_the_reason_of_a_batch_goes_into_the_log(ask: Ask) -> None:
    ask.do(
        "applyChanges",
        changes=[{"removeKpi": {"id": "queue"}}, {"removeRole": {"id": "baker", "reason": "No baker."}}],
        reason="Spring clean.",
    )
    found = ask.data("{ changes(afterRevision: 1) { edges { node { kind reason } } } }")["changes"]["edges"]
    assert [(edge["node"]["kind"], edge["node"]["reason"]) for edge in found] == [
        ("removeKpi", "Spring clean."),
        ("removeRole", "No baker."),
    ]
