"""Which goals take which reports: by state, by measure, aggregates, objectives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import AddCheckIn
from graph_service.models.nodes import CheckIn
from graph_service.models.words import Aggregate, Driver, GoalState, Measure, Status
from tests.alignment.decide.company import (
    aligned,
    done,
    goal,
    grown,
    key_result,
    numbers,
    objective,
    refused,
    refused_together,
    steps,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
DAY = timedelta(days=1)


def report(id: str, on: str = "sales", **fields: object) -> do.CheckInKeyResult:
    """A check-in on a key result."""
    return do.CheckInKeyResult(id=id, key_result_id=on, **fields)  # type: ignore[arg-type]


def say(id: str, on: str = "launch", **fields: object) -> do.CheckInObjective:
    """A check-in on an objective."""
    return do.CheckInObjective(id=id, objective_id=on, **fields)  # type: ignore[arg-type]


def started(**fields: object) -> AlignmentGraph:
    """An objective with a key result `sales` from 0 to 10, and Ines."""
    ines = do.CreatePerson(id="ines", name="Ines Okafor")
    return grown(ines, objective("launch"), key_result("sales", "launch", **fields))


# ---------- which goals take reports ----------


@pytest.mark.parametrize("state", [GoalState.CLOSED, GoalState.CANCELLED])
def test_closed_and_cancelled_goals_take_none_except_from_an_import(state: GoalState) -> None:
    graph = grown(
        objective("launch", state=state, driver=Driver.MANUAL),
        objective("open"),
        key_result("sales", "open", state=state),
        key_result("app", "open", milestones=steps("beta"), state=state),
    )
    ended = f"is {state.value} and takes no check-ins; open it again first"
    reports: list[tuple[do.Change, str, str]] = [
        (report("c1", value=1.0), "keyResultId", "sales"),
        (report("c2", "app", milestones_done=("beta",)), "keyResultId", "app"),
        (do.CompleteMilestone(key_result_id="app", milestone_id="beta"), "keyResultId", "app"),
        (say("c3", value=0.5), "objectiveId", "launch"),
        (say("c4", note="over"), "objectiveId", "launch"),
    ]
    for change, field, id in reports:
        refused(graph, change, INVALID, f"'{id}' {ended}", [field], [id])
    for change, _, _ in reports:
        done(graph, change, importing=True)
    assert numbers(graph, "sales") == (0.1, 0.1, 1.0)
    assert numbers(graph, "app") == (1.0, 1.0, 1.0)
    assert numbers(graph, "launch") == (0.5, 0.5, 1.0)


@pytest.mark.parametrize("state", [GoalState.DRAFT, GoalState.ACTIVE, GoalState.POSTPONED])
def test_drafts_active_and_postponed_ones_take_them(state: GoalState) -> None:
    graph = started(state=state)
    done(graph, report("c1", value=5.0))
    assert numbers(graph, "sales") == (0.5, 0.5, 1.0)
    counts = state is GoalState.ACTIVE
    assert numbers(graph, "launch") == ((0.5, 0.5, 1.0) if counts else (None, None, 0.0))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"measure": Measure.ROLLUP}, "its value comes from the objectives under it; check in on those"),
        ({"measure": Measure.UNMEASURED}, "it has no measure; give it one first, or report a note"),
        ({"milestones": steps("beta")}, "it is measured by milestones; report milestonesDone"),
    ],
)
def test_what_has_no_value_takes_notes_only(fields: dict[str, object], why: str) -> None:
    graph = started(**fields)
    refused(graph, report("c1", value=0.0), INVALID, f"value '0.0' on 'sales': {why}", ["value"])
    before = numbers(graph, "sales")
    done(graph, report("c1", note="seen", confidence=0.5, reported_status=Status.ON_TRACK))
    assert numbers(graph, "sales") == before


@pytest.mark.parametrize("measure", [Measure.DELTA, Measure.THRESHOLD])
def test_an_aggregate_takes_none_and_names_its_sources(measure: Measure) -> None:
    graph = grown(
        objective("sell"),
        key_result("total", "sell", measure=measure, baseline=0.0, target=100.0, aggregate=Aggregate.SUM),
    )
    message = (
        "'total' takes its value (SUM) from key results aligned to it with a weight (there is none yet);"
        " check in on those"
    )
    refused(graph, report("c1", "total", value=1.0), INVALID, message, ["keyResultId"], ["total"])
    for name in ("ferries", "buses", "trams", "bikes", "taxis", "walks"):
        done(graph, key_result(name, "sell"), aligned(name, "total", 1.0))
    done(
        graph,
        key_result("shown", "sell"),
        aligned("shown", "total"),
        key_result("draft", "sell", state=GoalState.DRAFT),
        aligned("draft", "total", 1.0),
        objective("below"),
        aligned("below", "total", 1.0),
    )
    message = (
        "'total' takes its value (SUM) from its sources: 'bikes', 'buses', 'ferries', 'taxis', 'trams' and 1 more;"
        " check in on those"
    )
    sources = ["bikes", "buses", "ferries", "taxis", "trams", "walks"]
    refused(graph, report("c1", "total", note="x"), INVALID, message, ["keyResultId"], ["total", *sources])


def test_an_aggregate_names_the_sources_that_the_same_batch_gave_it() -> None:
    graph = grown(
        objective("sell"),
        key_result("total", "sell", baseline=0.0, target=100.0, aggregate=Aggregate.MEAN),
        key_result("ferries", "sell"),
    )
    batch = [aligned("ferries", "total", 1.0), report("c1", "total", value=1.0)]
    message = "'total' takes its value (MEAN) from its sources: 'ferries'; check in on those"
    refused_together(graph, batch, 1, INVALID, message, ["keyResultId"], ["total", "ferries"])


# ---------- objectives ----------


def test_a_report_on_an_objective() -> None:
    graph = started()
    facts = done(graph, say("c1", confidence=0.4, reported_status=Status.BEHIND, note="slow", source="meeting"))
    assert facts == [
        AddCheckIn(
            CheckIn(
                id="c1",
                goal="launch",
                at=NOON,
                source="meeting",
                revision=4,
                confidence=0.4,
                reported_status=Status.BEHIND,
                note="slow",
                by="ines",
            )
        )
    ]
    # Its confidence comes from its contributors.
    assert goal(graph, "launch").confidence is None


def test_a_value_on_an_objective_counts_only_where_it_is_given_by_hand_and_wins_over_the_given_one() -> None:
    graph = grown(objective("launch", driver=Driver.MANUAL, manual_progress=0.2))
    assert numbers(graph, "launch") == (0.2, 0.2, 1.0)
    done(graph, say("c1", value=0.6, confidence=0.5, at=NOON - DAY))
    assert numbers(graph, "launch") == (0.6, 0.6, 1.0)
    assert goal(graph, "launch").confidence == 0.5
    done(graph, do.UpdateObjective(id="launch", manual_progress=0.9))
    assert numbers(graph, "launch") == (0.6, 0.6, 1.0)
    done(graph, say("c2", note="not mine", replaces="c1"))
    assert numbers(graph, "launch") == (0.9, 0.9, 1.0)
    done(graph, do.UpdateObjective(id="launch", manual_progress=None))
    assert numbers(graph, "launch") == (None, None, 0.0)


@pytest.mark.parametrize("driver", [Driver.ALL, Driver.KEY_RESULTS, Driver.CHILDREN])
def test_a_value_on_any_other_objective_is_refused(driver: Driver) -> None:
    graph = grown(objective("launch", driver=driver))
    message = (
        "value '0.5' on 'launch': its progress comes from its contributors"
        f" (driver {driver.name}); set driver MANUAL first, or leave the value out"
    )
    refused(graph, say("c1", value=0.5), INVALID, message, ["value"], ["launch"])


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({"value": 1.5}, INVALID, "value '1.5' is outside 0..1; give a share, 0.25 for 25 %", ["value"], []),
        ({"value": -0.1}, INVALID, "value '-0.1' is outside 0..1; give a share, 0.25 for 25 %", ["value"], []),
        ({}, INVALID, "the check-in says nothing; give a value, a confidence, a status or a note", ["value"], []),
        (
            {"objective_id": "sales", "note": "x"},
            INVALID,
            "objectiveId 'sales' is a key result, not an objective",
            ["objectiveId"],
            ["sales"],
        ),
        (
            {"objective_id": "moon", "note": "x"},
            NOT_FOUND,
            "objectiveId 'moon': there is no objective with this id",
            ["objectiveId"],
            ["moon"],
        ),
        (
            {"note": "x", "replaces": "of the key result"},
            NOT_FOUND,
            "replaces 'of the key result': 'launch' has no such check-in",
            ["replaces"],
            ["launch"],
        ),
    ],
)
def test_a_report_on_an_objective_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(objective("launch", driver=Driver.MANUAL), key_result("sales", "launch"))
    done(graph, report("of the key result", value=1.0))
    given = {"objective_id": "launch", **fields}
    refused(graph, do.CheckInObjective(**given), code, message, path, nodes)  # type: ignore[arg-type]


# ---------- what an import brings along ----------


def test_an_import_tells_of_times_when_it_was_measured_otherwise_and_the_present_measure_counts() -> None:
    graph = grown(
        do.CreatePerson(id="ines", name="Ines Okafor"),
        objective("sell"),
        key_result("notes", "sell", measure=Measure.UNMEASURED),
        key_result("total", "sell", baseline=0.0, target=100.0, aggregate=Aggregate.SUM),
        key_result("site", "sell", milestones=steps("online")),
        key_result("below", "sell", measure=Measure.ROLLUP),
    )
    before = [numbers(graph, id) for id in ("sell", "notes", "total", "site", "below")]
    reports = [
        report("c1", "notes", value=3.0),
        report("c2", "total", value=3.0),
        report("c3", "site", value=3.0, milestones_done=("a milestone of old",)),
        report("c4", "below", value=3.0),
        report("c5", "total", milestones_done=("online",)),
        say("c6", "sell", value=0.5),
    ]
    done(graph, *reports, importing=True)
    assert [numbers(graph, id) for id in ("sell", "notes", "total", "site", "below")] == before
    assert [one.id for one in goal(graph, "total").check_ins] == ["c2", "c5"]
    # Who brings a file in need not have said what it tells.
    assert {one.by for id in ("notes", "total", "site", "sell") for one in goal(graph, id).check_ins} == {None}


def test_an_import_refuses_what_could_never_have_been_said() -> None:
    graph = grown(objective("sell"), key_result("sales", "sell"))
    nan = "value 'nan' is not a finite number within 1e18; give another"
    refused(graph, report("c1", value=float("nan")), INVALID, nan, ["value"], importing=True)
    beyond = "value '1.5' is outside 0..1; give a share, 0.25 for 25 %"
    refused(graph, say("c1", "sell", value=1.5), INVALID, beyond, ["value"], importing=True)
    nothing = "the check-in says nothing; give a value, a confidence, a status or a note"
    refused(graph, report("c1"), INVALID, nothing, ["value"], importing=True)
    ahead = "at 2026-02-17T12:00:00+00:00 is more than a day ahead; a check-in tells what was seen"
    refused(graph, report("c1", value=1.0, at=NOON + 2 * DAY), INVALID, ahead, ["at"], importing=True)
