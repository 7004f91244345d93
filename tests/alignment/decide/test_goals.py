"""Objectives, and closing, removing and restoring goals of both kinds."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import Fact, PutLink, PutNode, RemoveNode, RestoreNode
from graph_service.models.nodes import KeyResult, Link, Objective, Version
from graph_service.models.words import Ambition, Driver, GoalState, LinkKind, Measure
from tests.alignment.decide.company import (
    aligned,
    done,
    fact,
    goal,
    grown,
    key_result,
    links,
    move,
    numbers,
    objective,
    parent,
    refused,
    upward,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND, CYCLE, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE, ErrorCode.DUPLICATE
KEY_RESULT_OF, PARENT, ALIGNED, OWNS = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.OWNS

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


# ---------- closing ----------


def half_done() -> list[do.Change]:
    """An objective at a half, with key results in every state."""
    return [
        objective("launch"),
        key_result("installs", "launch"),
        key_result("rating", "launch"),
        key_result("press", "launch", measure=Measure.UNMEASURED),
        key_result("later", "launch", state=GoalState.POSTPONED),
        key_result("never", "launch", state=GoalState.CANCELLED),
        key_result("idea", "launch", state=GoalState.DRAFT),
        do.CheckInKeyResult(id="c1", key_result_id="installs", value=10.0),
    ]


def test_closing_an_objective_closes_its_active_key_results_with_their_own_scores() -> None:
    graph = grown(*half_done(), objective("beneath", "launch"))
    before = {id: fact(graph, id, KeyResult) for id in ("installs", "rating", "press")}
    facts = done(graph, do.CloseGoal(id="launch", retrospective="Ship earlier"))
    assert facts == [
        PutNode(
            Objective("launch", "launch", state=GoalState.CLOSED, score=0.5, retrospective="Ship earlier"),
        ),
        PutNode(replace(before["installs"], state=GoalState.CLOSED, score=1.0)),
        PutNode(replace(before["rating"], state=GoalState.CLOSED, score=0.0)),
        PutNode(replace(before["press"], state=GoalState.CLOSED, score=None)),
    ]
    # The score never enters a rollup; `press` and `beneath` are unmeasured.
    assert numbers(graph, "launch") == (0.5, 0.5, 0.5)
    assert fact(graph, "beneath", Objective).state is GoalState.ACTIVE


def test_a_given_score_stands_beside_the_progress() -> None:
    graph = grown(*half_done())
    facts = done(graph, do.CloseGoal(id="installs", score=0.7))
    assert [one.node.score for one in facts if isinstance(one, PutNode) and isinstance(one.node, KeyResult)] == [0.7]
    assert numbers(graph, "installs") == (1.0, 1.0, 1.0)
    assert numbers(graph, "launch") == (0.5, 0.5, 2 / 3)


def test_a_closed_goal_is_scored_anew_and_keeps_what_was_learned() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating", score=0.3, retrospective="Ask sooner"))
    old = fact(graph, "rating", KeyResult)
    assert done(graph, do.CloseGoal(id="rating")) == [PutNode(replace(old, score=0.0))]
    assert fact(graph, "rating", KeyResult).retrospective == "Ask sooner"
    facts = done(graph, do.CloseGoal(id="rating", score=1.0, retrospective="Ask\tat once"))
    assert facts == [PutNode(replace(old, score=1.0, retrospective="Ask\tat once"))]


def test_an_update_to_closed_closes_and_away_from_it_takes_the_score() -> None:
    graph = grown(*half_done())
    old, first = fact(graph, "launch", Objective), fact(graph, "installs", KeyResult)
    facts = done(graph, do.UpdateObjective(id="launch", title="Land", state=GoalState.CLOSED))
    assert facts[:3] == [
        PutNode(replace(old, title="Land")),
        PutNode(replace(old, title="Land", state=GoalState.CLOSED, score=0.5)),
        PutNode(replace(first, state=GoalState.CLOSED, score=1.0)),
    ]
    done(graph, do.CloseGoal(id="launch", retrospective="Ship earlier"))
    assert done(graph, do.UpdateObjective(id="launch", state=GoalState.ACTIVE)) == [
        PutNode(replace(old, title="Land", retrospective="Ship earlier"))
    ]
    # What was closed along stays closed until it is opened itself.
    assert fact(graph, "installs", KeyResult) == replace(first, state=GoalState.CLOSED, score=1.0)
    assert done(graph, do.UpdateKeyResult(id="installs", state=None)) == [PutNode(first)]


def test_the_score_is_of_the_moment_within_a_batch() -> None:
    graph = grown(*half_done())
    facts = done(
        graph,
        do.CheckInKeyResult(id="c2", key_result_id="rating", value=5.0),
        do.CloseGoal(id="launch"),
        do.UpdateObjective(id="launch", state=GoalState.ACTIVE, driver=Driver.MANUAL, manual_progress=0.125),
        do.CloseGoal(id="launch"),
    )
    scores = [one.node.score for one in facts if isinstance(one, PutNode) and isinstance(one.node, Objective)]
    assert scores == [0.75, 0.75, None, 0.125]  # closed; said anew; opened; closed by what was given by hand


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.CloseGoal(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no objective or key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.CloseGoal(id="ines"),
            INVALID,
            "id 'ines' is a person, not an objective or key result",
            ["id"],
            ["ines"],
        ),
        (
            do.CloseGoal(id="launch", score=-0.01),
            INVALID,
            "score '-0.01' is outside 0..1; give a share, 0.25 for 25 %",
            ["score"],
            [],
        ),
        (
            do.CloseGoal(id="launch", score=float("inf")),
            INVALID,
            "score 'inf' is not a finite number within 1e18; give another",
            ["score"],
            [],
        ),
        (
            do.CloseGoal(id="launch", retrospective="a\x07"),
            INVALID,
            "retrospective 'a\\u0007' holds a control character; take it out",
            ["retrospective"],
            [],
        ),
    ],
)
def test_closing_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(grown(INES, *half_done()), change, code, message, path, nodes)


# ---------- what an import brings along ----------


def test_an_import_brings_score_retrospective_and_earlier_yardsticks() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating", score=0.5, retrospective="Ask sooner"))
    old = fact(graph, "rating", KeyResult)
    before = Version(NOON, "ines", "a typo", Measure.DELTA, baseline=0.0, target=1000.0)
    history = do.KeepHistory(id="rating", score=0.3, retrospective="Ask\tat once", versions=(before,))
    told = replace(old, score=0.3, retrospective="Ask\tat once", versions=(before,))
    assert done(graph, history, importing=True) == [PutNode(told)]
    assert done(graph, history, do.KeepHistory(id="rating"), importing=True) == []
    cleared = do.KeepHistory(id="rating", score=None, retrospective=None)
    assert done(graph, cleared, importing=True) == [PutNode(replace(told, score=None, retrospective=None))]
    assert len(done(graph, do.KeepHistory(id="launch", retrospective="Good"), importing=True)) == 1


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.KeepHistory(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no objective or key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.KeepHistory(id="launch", score=0.5),
            INVALID,
            "score: 'launch' is active; only a closed goal has one",
            ["score"],
            [],
        ),
        (
            do.KeepHistory(id="rating", score=1.5),
            INVALID,
            "score '1.5' is outside 0..1; give a share, 0.25 for 25 %",
            ["score"],
            [],
        ),
        (
            do.KeepHistory(id="rating", retrospective="\0"),
            INVALID,
            "retrospective '\\u0000' holds a control character; take it out",
            ["retrospective"],
            [],
        ),
        (
            do.KeepHistory(id="launch", versions=()),
            INVALID,
            "versions: 'launch' is an objective; only key results have some",
            ["versions"],
            [],
        ),
    ],
)
def test_history_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating"))
    refused(graph, change, code, message, path, nodes, importing=True)
    refused(graph, change, INVALID, "keepHistory is for imports only; close or revise the goal")


# ---------- removing and restoring ----------


def valley() -> list[do.Change]:
    """Two tops, an objective under both with two key results, a child under each of its rungs, links across."""
    return [
        INES,
        objective("top"),
        objective("second top"),
        objective("launch", "top", "second top", owner_id="ines"),
        key_result("installs", "launch", owner_id="ines"),
        key_result("rating", "launch", weight=2.0),
        objective("store page", "launch"),
        objective("reviews", "rating", "launch"),
        aligned("installs", "second top", 3.0),
        aligned("store page", "rating"),
        do.CheckInKeyResult(id="c1", key_result_id="installs", value=5.0),
        do.SetContributor(goal_id="rating", owner_id="ines", roles=("author",)),
        do.CreateInitiative(id="crm", title="CRM", supports=("launch",)),
        do.CreateKpi(id="uptime", title="Uptime", key_results=("rating",)),
        do.CreateRole(id="cto", title="CTO", outcomes=("launch",), metrics=("installs",)),
    ]


def test_an_objective_takes_its_key_results_and_all_links_along_and_leaves_its_children() -> None:
    graph = grown(*valley())
    facts = done(graph, do.RemoveGoal(id="launch", reason="no time"))
    assert facts == [
        RemoveNode(
            "launch",
            (
                Link("crm", "launch", LinkKind.SUPPORTS),
                Link("cto", "launch", LinkKind.CHARTERS),
                Link("ines", "launch", OWNS),
                Link("installs", "launch", KEY_RESULT_OF),
                Link("launch", "second top", PARENT, 1.0, 1),
                Link("launch", "top", PARENT),
                Link("rating", "launch", KEY_RESULT_OF, 2.0, 1),
                Link("reviews", "launch", PARENT, 1.0, 1),
                Link("store page", "launch", PARENT),
            ),
        ),
        RemoveNode(
            "installs",
            (
                Link("cto", "installs", LinkKind.CHARTERS),
                Link("ines", "installs", OWNS),
                Link("installs", "second top", ALIGNED, 3.0),
            ),
        ),
        RemoveNode(
            "rating",
            (
                Link("ines", "rating", LinkKind.CONTRIBUTES_TO, roles=("author",)),
                Link("rating", "uptime", LinkKind.MEASURED_BY),
                Link("reviews", "rating", PARENT),
                Link("store page", "rating", ALIGNED, 0.0),
            ),
        ),
    ]
    assert graph.all_links() == []
    assert sorted(graph.removed) == ["installs", "launch", "rating"]
    assert upward(graph, "store page") == upward(graph, "reviews") == []
    assert numbers(graph, "second top") == (None, None, 0.0)


def test_restoring_brings_all_of_it_back() -> None:
    graph = grown(*valley())
    tops = [numbers(graph, id) for id in ("top", "second top")]
    before = (graph.all_links(), fact(graph, "installs", KeyResult))
    done(graph, do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert facts[:3] == [RestoreNode("launch"), RestoreNode("installs"), RestoreNode("rating")]
    put = [one.link for one in facts[3:] if isinstance(one, PutLink)]
    assert len(put) == len(facts) - 3 == 16
    assert (graph.all_links(), fact(graph, "installs", KeyResult)) == before
    assert [numbers(graph, id) for id in ("top", "second top")] == tops
    assert goal(graph, "installs").check_ins[0].id == "c1"
    assert graph.removed == {}


def test_a_key_result_goes_alone_and_comes_back_to_its_place() -> None:
    graph = grown(*valley())
    done(graph, do.RemoveGoal(id="installs"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["rating"]
    done(graph, key_result("press", "launch"), do.RestoreGoal(id="installs"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs", "rating", "press"]
    assert upward(graph, "installs") == [("KEY_RESULT_OF", "launch", 1.0), ("ALIGNED", "second top", 3.0)]


def test_a_key_result_removed_earlier_on_its_own_does_not_come_back_with_its_objective() -> None:
    graph = grown(*valley(), do.RemoveGoal(id="rating"), do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert [one.id for one in facts if isinstance(one, RestoreNode)] == ["launch", "installs"]
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs"]
    done(graph, do.RestoreGoal(id="rating"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs", "rating"]


def test_one_removed_in_the_same_commit_but_on_its_own_does_not_come_back_either() -> None:
    graph = grown(*valley())
    done(graph, do.RemoveGoal(id="rating"), do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert [one.id for one in facts if isinstance(one, RestoreNode)] == ["launch", "installs"]


@pytest.mark.parametrize("removals", [["launch"], ["rating", "launch"]])
def test_a_key_result_whose_objective_is_removed_waits_for_it(removals: list[str]) -> None:
    graph = grown(*valley(), *[do.RemoveGoal(id=id) for id in removals])
    message = "id 'rating': its objective 'launch' is removed; restore that one"
    refused(graph, do.RestoreGoal(id="rating"), INVALID, message, ["id"], ["launch"])


def test_a_loose_key_result_comes_back_loose() -> None:
    graph = grown(do.CreateKeyResult(id="stray", title="stray"), importing=True)
    done(graph, do.RemoveGoal(id="stray"))
    assert done(graph, do.RestoreGoal(id="stray")) == [RestoreNode("stray")]
    assert upward(graph, "stray") == []


def test_links_whose_other_ends_are_gone_stay_away() -> None:
    graph = grown(*valley(), do.RemoveGoal(id="launch"), do.RemoveGoal(id="second top"), do.RemoveInitiative(id="crm"))
    done(graph, do.RestoreGoal(id="launch"))
    assert upward(graph, "launch") == [("PARENT", "top", 1.0)]
    assert upward(graph, "installs") == [("KEY_RESULT_OF", "launch", 1.0)]
    assert links(graph, LinkKind.SUPPORTS) == []
    done(graph, do.RestoreGoal(id="second top"))
    assert upward(graph, "launch") == [("PARENT", "top", 1.0)]


def test_links_that_would_close_a_ring_by_now_stay_away() -> None:
    graph = grown(
        objective("north"),
        objective("middle", "north"),
        objective("south", "middle"),
        aligned("middle", "south"),  # informational
        do.RemoveGoal(id="middle"),
        parent("north", "south"),
    )
    facts = done(graph, do.RestoreGoal(id="middle"))
    # middle -> north -> south, so that south -> middle would close a ring; the informational one may stay.
    assert facts == [
        RestoreNode("middle"),
        PutLink(Link("middle", "north", PARENT)),
        PutLink(Link("middle", "south", ALIGNED, 0.0)),
    ]


def test_of_the_links_that_cannot_all_come_back_a_key_result_keeps_its_objective() -> None:
    graph = grown(
        objective("zenith"),
        key_result("reach", "zenith"),
        objective("ads", "reach"),
        aligned("reach", "ads"),
        do.RemoveGoal(id="reach"),
        parent("zenith", "ads"),
    )
    done(graph, do.RestoreGoal(id="reach"))
    assert upward(graph, "reach") == [("KEY_RESULT_OF", "zenith", 1.0), ("ALIGNED", "ads", 0.0)]
    assert upward(graph, "ads") == []


def test_a_parent_that_comes_back_is_primary_again() -> None:
    graph = grown(
        objective("top"),
        objective("second top"),
        objective("third top"),
        objective("launch", "top", "second top"),
        do.RemoveGoal(id="top"),
    )
    assert upward(graph, "launch") == [("PARENT", "second top", 1.0)]
    done(graph, parent("launch", "third top"), do.RestoreGoal(id="top"))
    assert [to for _, to, _ in upward(graph, "launch")] == ["top", "second top", "third top"]


def test_a_removed_goal_follows_what_happened_to_its_period_when_it_comes_back() -> None:
    graph = grown(PERIOD, objective("launch", period_id="2026-Q1"), do.RemoveGoal(id="launch"))
    done(graph, do.UpdatePeriod(id="2026-Q1", end=date(2026, 2, 1)))
    done(graph, do.RestoreGoal(id="launch"))
    assert goal(graph, "launch").pace.due == date(2026, 2, 1).toordinal()


def test_removing_and_restoring_in_one_commit() -> None:
    graph = grown(*valley())
    before = graph.all_links()
    done(graph, do.RemoveGoal(id="launch"), do.RestoreGoal(id="launch"), do.RemoveGoal(id="installs"))
    done(graph, do.RestoreGoal(id="installs"))
    assert graph.all_links() == before


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.RemoveGoal(id="gone"),
            NOT_FOUND,
            "id 'gone': there is no objective or key result with this id",
            ["id"],
            ["gone"],
        ),
        (
            do.RemoveGoal(id="ines"),
            INVALID,
            "id 'ines' is a person, not an objective or key result",
            ["id"],
            ["ines"],
        ),
        (
            do.RemoveGoal(id="launch", reason="x" * 20_001),
            INVALID,
            "reason has 20001 characters; at most 20000 are allowed",
            ["reason"],
            [],
        ),
        (
            do.RemoveGoal(id="launch", reason="\ud800"),
            INVALID,
            "reason '\\ud800' holds a control character; take it out",
            ["reason"],
            [],
        ),
        (
            do.UpdateObjective(id="gone", title="x"),
            NOT_FOUND,
            "id 'gone': there is no objective with this id",
            ["id"],
            ["gone"],
        ),
        (
            do.CloseGoal(id="gone"),
            NOT_FOUND,
            "id 'gone': there is no objective or key result with this id",
            ["id"],
            ["gone"],
        ),
        (
            move("rating", "gone"),
            NOT_FOUND,
            "to 'gone': there is no objective with this id",
            ["to"],
            ["gone"],
        ),
        (
            do.RestoreGoal(id="launch"),
            INVALID,
            "id 'launch' is not removed; there is nothing to restore",
            ["id"],
            [],
        ),
        (do.RestoreGoal(id="moon"), NOT_FOUND, "id 'moon': no removed goal has this id", ["id"], ["moon"]),
        (do.RestoreGoal(id="old team"), NOT_FOUND, "id 'old team': no removed goal has this id", ["id"], ["old team"]),
    ],
)
def test_removing_and_restoring_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(
        *valley(),
        objective("gone"),
        do.RemoveGoal(id="gone"),
        do.CreateTeam(id="old team", name="Old team"),
        do.RemoveTeam(id="old team"),
    )
    refused(graph, change, code, message, path, nodes)


def test_a_goal_is_restored_once() -> None:
    graph = grown(objective("launch"), do.RemoveGoal(id="launch"))
    facts: list[Fact] = done(graph, do.RestoreGoal(id="launch"))
    assert facts == [RestoreNode("launch")]
    message = "id 'launch' is not removed; there is nothing to restore"
    refused(graph, do.RestoreGoal(id="launch"), INVALID, message, ["id"])
