"""Objectives: made and changed; and ids, which are given out once whatever they name."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, PutNode
from graph_service.models.nodes import Link, Objective
from graph_service.models.words import Ambition, Driver, GoalState, LinkKind
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    numbers,
    objective,
    refused,
)

INVALID, NOT_FOUND, CYCLE, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE, ErrorCode.DUPLICATE
PARENT, OWNS = LinkKind.PARENT, LinkKind.OWNS

NEW_YEAR, EASTER = date(2026, 1, 1), date(2026, 4, 5)
PERIOD = do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31))
INES = do.CreatePerson(id="ines", name="Ines Okafor")


# ---------- createObjective ----------


def test_an_objective_needs_no_more_than_a_title() -> None:
    graph = grown()
    assert done(graph, do.CreateObjective(title=" Grow revenue ")) == [PutNode(Objective("made-1", "Grow revenue"))]
    assert numbers(graph, "made-1") == (None, None, 0.0)
    assert goal(graph, "made-1").revision == 1


def test_an_objective_with_everything() -> None:
    graph = grown(
        PERIOD, INES, objective("grow revenue"), objective("delight users"), key_result("nps", "delight users")
    )
    facts = done(
        graph,
        do.CreateObjective(
            id="launch/app",
            title="Launch the app",
            description="Phones\nfirst",
            alignment_note="The app sells",
            level="team",
            top_level=False,
            state=GoalState.DRAFT,
            ambition=Ambition.ASPIRATIONAL,
            themes=("mobile", " growth ", "mobile"),
            driver=Driver.MANUAL,
            manual_progress=0.25,
            driver_reason="no measure yet",
            owner_id="ines",
            period_id="2026-Q1",
            start=NEW_YEAR,
            due=NEW_YEAR,
            parents=(
                do.ParentInput(id="nps", weight=0.0),
                do.ParentInput(id="grow revenue"),
                do.ParentInput(id="delight users", weight=2.5),
            ),
            attributes={"colour": "green"},
        ),
    )
    assert facts == [
        PutNode(
            Objective(
                id="launch/app",
                title="Launch the app",
                state=GoalState.DRAFT,
                level="team",
                top_level=False,
                driver=Driver.MANUAL,
                period="2026-Q1",
                start=NEW_YEAR,
                due=NEW_YEAR,
                manual_progress=0.25,
                driver_reason="no measure yet",
                ambition=Ambition.ASPIRATIONAL,
                themes=("mobile", "growth"),
                description="Phones\nfirst",
                alignment_note="The app sells",
                attributes={"colour": "green"},
            )
        ),
        PutLink(Link("launch/app", "nps", PARENT, 0.0, 0)),
        PutLink(Link("launch/app", "grow revenue", PARENT, 1.0, 1)),
        PutLink(Link("launch/app", "delight users", PARENT, 2.5, 2)),
        PutLink(Link("ines", "launch/app", OWNS)),
    ]
    assert numbers(graph, "launch/app") == (0.25, 0.25, 1.0)
    primary = goal(graph, "launch/app").primary
    assert primary is not None and primary.parent.id == "nps"


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({"title": "  "}, INVALID, "title '  ' has no visible character; give it a name", ["title"], []),
        ({"id": ""}, INVALID, "id is empty; give an id of 1 to 200 characters, or none to have one made", ["id"], []),
        (
            {"id": "grow revenue"},
            DUPLICATE,
            "id 'grow revenue' was given out before; choose another, or give none",
            ["id"],
            ["grow revenue"],
        ),
        (
            {"start": EASTER, "due": NEW_YEAR},
            INVALID,
            "due 2026-01-01 is before start 2026-04-05; swap or correct them",
            ["due"],
            [],
        ),
        (
            {"level": "galaxy"},
            INVALID,
            (
                "level 'galaxy' is none of the workspace's levels (organization, department, team, individual);"
                " use one, or add it by updateWorkspace"
            ),
            ["level"],
            [],
        ),
        (
            {"period_id": "2030"},
            NOT_FOUND,
            "periodId '2030': there is no period with this id",
            ["periodId"],
            ["2030"],
        ),
        (
            {"period_id": "ines"},
            INVALID,
            "periodId 'ines' is a person, not a period",
            ["periodId"],
            ["ines"],
        ),
        (
            {"manual_progress": 1.1},
            INVALID,
            "manualProgress '1.1' is outside 0..1; give a share, 0.25 for 25 %",
            ["manualProgress"],
            [],
        ),
        (
            {"manual_progress": float("nan")},
            INVALID,
            "manualProgress 'nan' is not a finite number within 1e18; give another",
            ["manualProgress"],
            [],
        ),
        (
            {"driver_reason": "a\0b"},
            INVALID,
            "driverReason 'a\\u0000b' holds a control character; take it out",
            ["driverReason"],
            [],
        ),
        (
            {"description": "x" * 20_001},
            INVALID,
            "description has 20001 characters; at most 20000 are allowed",
            ["description"],
            [],
        ),
        ({"themes": ("growth", "")}, INVALID, "themes '' has no visible character; give it a name", ["themes"], []),
        (
            {"attributes": {"share": float("inf")}},
            INVALID,
            "attributes: 'share' holds inf, no finite number; correct it or leave it out",
            ["attributes"],
            [],
        ),
        (
            {"owner_id": "nobody"},
            NOT_FOUND,
            "ownerId 'nobody': there is no person or team with this id",
            ["ownerId"],
            ["nobody"],
        ),
        (
            {"owner_id": "grow revenue"},
            INVALID,
            "ownerId 'grow revenue' is an objective, not a person or team",
            ["ownerId"],
            ["grow revenue"],
        ),
        ({"owner_id": "tom"}, INVALID, "ownerId 'tom' was erased; name someone else", ["ownerId"], ["tom"]),
        (
            {"parents": (do.ParentInput(id="grow revenue"), do.ParentInput(id="moon"))},
            NOT_FOUND,
            "id 'moon': there is no objective or key result with this id",
            ["parents", "1", "id"],
            ["moon"],
        ),
        (
            {"parents": (do.ParentInput(id="ines"),)},
            INVALID,
            "id 'ines' is a person, not an objective or key result",
            ["parents", "0", "id"],
            ["ines"],
        ),
        (
            {"parents": (do.ParentInput(id="grow revenue"), do.ParentInput(id="grow revenue", weight=2.0))},
            DUPLICATE,
            "'launch' is linked to 'grow revenue' by PARENT already; change it by updateLink",
            ["parents", "1", "id"],
            ["launch", "grow revenue"],
        ),
        (
            {"parents": (do.ParentInput(id="launch"),)},
            CYCLE,
            "'launch' cannot support itself",
            ["parents", "0", "id"],
            ["launch"],
        ),
        (
            {"parents": (do.ParentInput(id="grow revenue", weight=-0.5),)},
            INVALID,
            "weight '-0.5' is negative; give 0 (shown, not counted) or more",
            ["parents", "0", "weight"],
            [],
        ),
    ],
)
def test_an_objective_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    tom = do.CreatePerson(id="tom", name="Tom Vale")
    graph = grown(objective("grow revenue"), INES, tom, do.ErasePersonForGood(id="tom"))
    given = {"id": "launch", "title": "Launch", **fields}
    refused(graph, do.CreateObjective(**given), code, message, path, nodes)  # type: ignore[arg-type]


# ---------- ids ----------


def test_an_id_is_given_out_once_whatever_it_named() -> None:
    graph = grown(
        PERIOD,
        INES,
        do.CreateTeam(id="platform team", name="Platform"),
        objective("grow revenue"),
        key_result("sales", "grow revenue"),
        do.CheckInKeyResult(id="first report", key_result_id="sales", value=1.0),
        do.CreateInitiative(id="crm", title="CRM"),
        do.CreateKpi(id="uptime", title="Uptime"),
        do.CreateRole(id="cto", title="CTO"),
    )
    given_out = ["2026-Q1", "ines", "platform team", "grow revenue", "sales", "first report", "crm", "uptime", "cto"]
    done(
        graph,
        do.RemoveGoal(id="grow revenue"),
        do.RemoveTeam(id="platform team"),
        do.RemoveInitiative(id="crm"),
        do.RemoveKpi(id="uptime"),
        do.RemoveRole(id="cto"),
        do.ErasePersonForGood(id="ines"),
    )
    makers: list[do.Change] = [
        change
        for id in given_out
        for change in (
            do.CreateObjective(id=id, title="x"),
            do.CreateKeyResult(id=id, title="x", objective_id="x"),
            do.CreatePerson(id=id, name="x"),
            do.CreateTeam(id=id, name="x"),
            do.CreatePeriod(id=id, title="x"),
            do.CreateInitiative(id=id, title="x"),
            do.CreateKpi(id=id, title="x"),
            do.CreateRole(id=id, title="x"),
        )
    ]
    for change in makers:
        id = str(do.change_input(change)["id"])
        message = f"id '{id}' was given out before; choose another, or give none"
        refused(graph, change, DUPLICATE, message, ["id"], [id])


def test_an_id_that_was_only_supposed_or_refused_is_free() -> None:
    graph = grown(objective("grow revenue"))
    broken = objective("launch", "nowhere")
    refused(
        graph,
        broken,
        NOT_FOUND,
        "id 'nowhere': there is no objective or key result with this id",
        ["parents", "0", "id"],
        ["nowhere"],
    )
    assert done(graph, objective("launch")) == [PutNode(Objective("launch", "launch"))]


# ---------- updateObjective ----------

GIVEN = do.CreateObjective(
    id="launch",
    title="Launch",
    description="why",
    alignment_note="how",
    level="team",
    top_level=True,
    ambition=Ambition.COMMITTED,
    themes=("mobile",),
    driver=Driver.KEY_RESULTS,
    manual_progress=0.5,
    driver_reason="because",
    period_id="2026-Q1",
    start=NEW_YEAR,
    due=EASTER,
    attributes={"colour": "green"},
    state=GoalState.DRAFT,
)
FIELDS: dict[str, tuple[str, object, object]] = {
    # the field: its name in the fact, a new value, what null makes of it
    "description": ("description", "another why", None),
    "alignment_note": ("alignment_note", "another how", None),
    "level": ("level", "department", None),
    "top_level": ("top_level", False, None),
    "state": ("state", GoalState.POSTPONED, GoalState.ACTIVE),
    "ambition": ("ambition", Ambition.ASPIRATIONAL, None),
    "themes": ("themes", ("b", "a"), ()),
    "driver": ("driver", Driver.MANUAL, Driver.ALL),
    "manual_progress": ("manual_progress", 0.75, None),
    "driver_reason": ("driver_reason", "since", None),
    "period_id": ("period", "2026-Q2", None),
    "start": ("start", date(2026, 2, 1), None),
    "due": ("due", date(2026, 5, 1), None),
    "attributes": ("attributes", {"colour": "red"}, None),
}


def test_every_field_of_an_update_is_tried() -> None:
    assert {field.name for field in msgspec.structs.fields(do.UpdateObjective)} == {*FIELDS, "id", "title"}


@pytest.mark.parametrize("field", FIELDS)
def test_an_update_changes_a_field_or_clears_it_and_keeps_the_rest(field: str) -> None:
    name, new, cleared = FIELDS[field]
    graph = grown(PERIOD, do.CreatePeriod(id="2026-Q2", title="Second quarter"), GIVEN)
    old = fact(graph, "launch", Objective)
    for given, value in ((new, new), (None, cleared)):
        facts = done(graph, do.UpdateObjective(id="launch", **{field: given}))  # type: ignore[arg-type]
        assert facts == [PutNode(replace(old, **{name: value}))]
        assert facts != [PutNode(old)]
        assert done(graph, do.UpdateObjective(id="launch", **{field: given})) == []  # type: ignore[arg-type]


def test_a_title_is_trimmed_and_cannot_be_cleared() -> None:
    graph = grown(objective("launch"))
    assert done(graph, do.UpdateObjective(id="launch", title=" Land ")) == [PutNode(Objective("launch", "Land"))]
    message = "title is missing; it cannot be cleared"
    refused(graph, do.UpdateObjective(id="launch", title=None), INVALID, message, ["title"])


def test_an_update_that_says_nothing_changes_nothing_but_the_revision_of_the_workspace() -> None:
    graph = grown(objective("launch"))
    assert done(graph, do.UpdateObjective(id="launch")) == []
    assert (graph.revision, goal(graph, "launch").revision) == (2, 1)


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.UpdateObjective(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no objective with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.UpdateObjective(id="sales", title="x"),
            INVALID,
            "id 'sales' is a key result, not an objective",
            ["id"],
            ["sales"],
        ),
        (
            do.UpdateObjective(id="launch", due=date(2025, 12, 31)),
            INVALID,
            "due 2025-12-31 is before start 2026-01-01; swap or correct them",
            ["due"],
            [],
        ),
        (
            do.UpdateObjective(id="launch", manual_progress=-0.1),
            INVALID,
            "manualProgress '-0.1' is outside 0..1; give a share, 0.25 for 25 %",
            ["manualProgress"],
            [],
        ),
        (
            do.UpdateObjective(id="launch", level="galaxy"),
            INVALID,
            (
                "level 'galaxy' is none of the workspace's levels (organization, department, team, individual);"
                " use one, or add it by updateWorkspace"
            ),
            ["level"],
            [],
        ),
        (
            do.UpdateObjective(id="launch", period_id="2030"),
            NOT_FOUND,
            "periodId '2030': there is no period with this id",
            ["periodId"],
            ["2030"],
        ),
    ],
)
def test_an_update_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(objective("launch", start=NEW_YEAR), key_result("sales", "launch"))
    refused(graph, change, code, message, path, nodes)
