"""Changes as JSON and back, and what their fields are called."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from msgspec import UNSET

from graph_service.errors import ErrorCode, Invalid
from graph_service.models import changes as do
from graph_service.models.changes import CHANGES, IMPORT_ONLY, Change, change_from, change_input
from graph_service.models.nodes import PlanPoint, Task
from graph_service.models.words import Aggregate, Driver, GoalState, LinkKind, Measure, Status

MUTATIONS = {
    *("createObjective", "updateObjective", "createKeyResult", "updateKeyResult", "reviseKeyResult"),
    *("checkInKeyResult", "checkInObjective", "completeMilestone", "closeGoal", "removeGoal", "restoreGoal"),
    *("linkGoals", "updateLink", "unlinkGoals", "setPrimaryParent", "resolveReference", "keepReference", "keepHistory"),
    *("createPerson", "updatePerson", "deactivatePerson", "erasePerson", "createTeam", "updateTeam", "removeTeam"),
    *("assignOwner", "setContributor", "transferOwnership", "setManager", "setMembership"),
    *("createPeriod", "updatePeriod", "updateWorkspace", "createInitiative", "updateInitiative", "removeInitiative"),
    *("createKpi", "updateKpi", "removeKpi", "createRole", "updateRole", "removeRole"),
}


def test_the_set_of_changes_is_closed_and_named_as_the_mutations() -> None:
    assert list(CHANGES) == sorted(MUTATIONS)
    assert all(made.kind == kind for kind, made in CHANGES.items())
    assert {"keepHistory", "keepReference"} == IMPORT_ONLY


def test_every_field_is_written_in_camel_case() -> None:
    for made in CHANGES.values():
        for field in msgspec.structs.fields(made):
            first, *rest = field.name.split("_")
            expected = first + "".join(word.title() for word in rest)
            renamed = {"source": "from", "target": "to", "link": "kind"}
            linking = {"linkGoals", "updateLink", "unlinkGoals", "transferOwnership"}
            if field.name in renamed and (made.kind in linking or field.name == "link"):
                expected = renamed[field.name]
            assert field.encode_name == expected, (made.kind, field.name)


SUBJECTS = {
    "assignOwner": "goalId",
    "checkInKeyResult": "keyResultId",
    "checkInObjective": "objectiveId",
    "completeMilestone": "keyResultId",
    "keepReference": "nodeId",
    "linkGoals": "from",
    "resolveReference": "nodeId",
    "setContributor": "goalId",
    "setManager": "personId",
    "setMembership": "personId",
    "setPrimaryParent": "objectiveId",
    "transferOwnership": "from",
    "unlinkGoals": "from",
    "updateLink": "from",
    "updateWorkspace": None,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_the_one_thing_a_change_is_about(kind: str) -> None:
    made = CHANGES[kind]
    names = {field.name: field.encode_name for field in msgspec.structs.fields(made)}
    named = SUBJECTS.get(kind, None if kind.startswith("create") else "id")
    assert (None if made.names is None else names[made.names]) == named


def test_the_subject_is_its_id() -> None:
    assert do.LinkGoals(source="launch", target="grow", link=LinkKind.PARENT).subject == "launch"
    assert do.UpdateObjective(id="launch").subject == "launch"
    assert do.CreateObjective(id="launch", title="Launch").subject is None
    assert do.UpdateWorkspace().subject is None


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (do.CreateObjective(title="Launch"), {"title": "Launch"}),
        (
            do.CreateObjective(
                id="launch",
                title="Launch",
                alignment_note="how",
                top_level=False,
                state=GoalState.DRAFT,
                driver=Driver.KEY_RESULTS,
                manual_progress=0.5,
                due=date(2026, 3, 31),
                themes=("a", "b"),
                parents=(do.ParentInput(id="grow"), do.ParentInput(id="nps", weight=2.0)),
                attributes={"x": [1, None]},
            ),
            {
                "id": "launch",
                "title": "Launch",
                "alignmentNote": "how",
                "topLevel": False,
                "state": "draft",
                "driver": "key_results",
                "manualProgress": 0.5,
                "due": "2026-03-31",
                "themes": ["a", "b"],
                "parents": [{"id": "grow"}, {"id": "nps", "weight": 2.0}],
                "attributes": {"x": [1, None]},
            },
        ),
        (
            do.UpdateObjective(id="launch", description=None, title="x"),
            {"id": "launch", "description": None, "title": "x"},
        ),
        (
            do.CreateKeyResult(
                title="Sell",
                objective_id="launch",
                measure=Measure.DELTA,
                aggregate=Aggregate.SUM,
                plan=(PlanPoint(date(2026, 2, 1), 3.0),),
                milestones=(do.MilestoneInput(title="beta", done_at=date(2026, 2, 1)),),
            ),
            {
                "title": "Sell",
                "objectiveId": "launch",
                "measure": "delta",
                "aggregate": "sum",
                "plan": [{"date": "2026-02-01", "value": 3.0}],
                "milestones": [{"title": "beta", "doneAt": "2026-02-01"}],
            },
        ),
        (
            do.CheckInKeyResult(
                key_result_id="sales",
                value=3.0,
                reported_status=Status.AT_RISK,
                at=datetime(2026, 2, 1, 9, tzinfo=UTC),
            ),
            {"keyResultId": "sales", "value": 3.0, "reportedStatus": "at_risk", "at": "2026-02-01T09:00:00Z"},
        ),
        (
            do.LinkGoals(source="launch", target="grow", link=LinkKind.PARENT, weight=0.0),
            {"from": "launch", "to": "grow", "kind": "parent", "weight": 0.0},
        ),
        (
            do.UpdateLink(source="launch", target="grow", link=LinkKind.ALIGNED, weight=1.0),
            {"from": "launch", "to": "grow", "kind": "aligned", "weight": 1.0},
        ),
        (
            do.UnlinkGoals(source="launch", target="grow", link=LinkKind.ALIGNED),
            {"from": "launch", "to": "grow", "kind": "aligned"},
        ),
        (do.TransferOwnership(source="tom", target="ines", goals=()), {"from": "tom", "to": "ines", "goals": []}),
        (do.CompleteMilestone(key_result_id="app", milestone_id="beta"), {"keyResultId": "app", "milestoneId": "beta"}),
        (
            do.CompleteMilestone(key_result_id="app", milestone_id="beta", done_at=None),
            {"keyResultId": "app", "milestoneId": "beta", "doneAt": None},
        ),
        (
            do.CreateInitiative(title="CRM", tasks=(Task("buy", "https://example.com", done=True),)),
            {"title": "CRM", "tasks": [{"title": "buy", "url": "https://example.com", "done": True}]},
        ),
        (do.UpdateWorkspace(), {}),
    ],
)
def test_a_change_is_said_in_json_and_read_again(change: Change, fields: dict[str, object]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(change_input(change))) == fields
    assert change_from(change.kind, fields) == change_from(change.kind, change_input(change)) == change


def test_in_an_update_absent_is_not_null() -> None:
    absent, null = change_from("updateObjective", {"id": "x"}), change_from("updateObjective", {"id": "x", "due": None})
    assert isinstance(absent, do.UpdateObjective) and isinstance(null, do.UpdateObjective)
    assert (absent.due, null.due) == (UNSET, None)
    assert absent != null


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind.startswith("update")])
def test_every_field_of_an_update_may_be_absent(kind: str) -> None:
    subject = {"updateWorkspace": {}, "updateLink": {"from": "a", "to": "b", "kind": "parent"}}.get(kind, {"id": "a"})
    change = change_from(kind, subject)
    assert change_input(change) == subject


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("dropEverything", {}, f"'dropEverything' is no change; known are {', '.join(CHANGES)}"),
        ("", {}, f"'' is no change; known are {', '.join(CHANGES)}"),
        ("createObjective", {}, "createObjective: Object missing required field `title`"),
        ("createObjective", None, "createObjective: Expected `object`, got `null`"),
        ("createObjective", [], "createObjective: Expected `object`, got `array`"),
        ("createObjective", {"title": 7}, "createObjective: Expected `str`, got `int` - at `$.title`"),
        (
            "createObjective",
            {"title": "x", "colour": "green"},
            "createObjective: Object contains unknown field `colour`",
        ),
        (
            "createObjective",
            {"title": "x", "alignment_note": "y"},
            "createObjective: Object contains unknown field `alignment_note`",
        ),
        (
            "createObjective",
            {"title": "x", "state": "ACTIVE"},
            "createObjective: Invalid enum value 'ACTIVE' - at `$.state`",
        ),
        (
            "createObjective",
            {"title": "x", "due": "2026-02-30"},
            "createObjective: Invalid RFC3339 encoded date - at `$.due`",
        ),
        (
            "createObjective",
            {"title": "x", "parents": [{"weight": 1}]},
            "createObjective: Object missing required field `id` - at `$.parents[0]`",
        ),
        (
            "checkInKeyResult",
            {"keyResultId": "x", "value": True},
            "checkInKeyResult: Expected `float | null`, got `bool` - at `$.value`",
        ),
        (
            "checkInKeyResult",
            {"keyResultId": "x", "value": 10**400},
            "checkInKeyResult: Number out of range - at `$.value`",
        ),
        ("updateLink", {"from": "a", "to": "b"}, "updateLink: Object missing required field `kind`"),
    ],
)
def test_what_is_no_change_is_refused_by_name(kind: str, fields: object, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        change_from(kind, fields)
    assert (caught.value.message, caught.value.path, caught.value.code) == (message, (kind,), ErrorCode.INVALID)
