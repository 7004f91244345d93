"""Check-ins and milestones: what may be reported, when it counts, and what replacing takes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.changes import MilestoneInput
from graph_service.models.facts import AddCheckIn, PutNode
from graph_service.models.nodes import CheckIn, KeyResult
from graph_service.models.words import Aggregate, Comparison, Driver, GoalState, Measure, Status
from tests.alignment.decide.company import (
    aligned,
    done,
    fact,
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

INVALID, NOT_FOUND, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.DUPLICATE
TODAY = NOON.date()
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


def present(graph: AlignmentGraph, id: str = "sales") -> tuple[float | None, float | None]:
    """The present value in its unit and the present confidence."""
    return (goal(graph, id).amount, goal(graph, id).confidence)


# ---------- what a report holds ----------


def test_a_report_with_everything() -> None:
    graph = started()
    done(graph, report("c1", value=2.0))
    at = datetime(2026, 2, 14, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    facts = done(
        graph,
        report(
            "c2",
            value=4,
            confidence=0.8,
            reported_status=Status.AT_RISK,
            note="Big\ndeal",
            at=at,
            by="ines",
            source=" crm ",
            replaces="c1",
        ),
        report("c3", note="a second one in the same commit"),
    )
    assert facts == [
        AddCheckIn(
            CheckIn(
                id="c2",
                goal="sales",
                at=datetime(2026, 2, 13, 23, 30, tzinfo=UTC),
                source="crm",
                revision=5,
                position=0,
                value=4.0,
                confidence=0.8,
                reported_status=Status.AT_RISK,
                note="Big\ndeal",
                by="ines",
                replaces="c1",
            )
        ),
        AddCheckIn(
            CheckIn(
                id="c3",
                goal="sales",
                at=NOON,
                source="test",
                revision=5,
                position=1,
                note="a second one in the same commit",
                by="ines",
            )
        ),
    ]
    assert present(graph) == (4.0, 0.8)
    assert numbers(graph, "sales") == numbers(graph, "launch") == (0.4, 0.4, 1.0)
    assert goal(graph, "sales").revision == 5


def test_an_id_is_made_where_none_is_given_and_shares_the_space_of_all() -> None:
    graph = started()
    facts = done(graph, do.CheckInKeyResult(key_result_id="sales", value=1.0))
    assert [one.check_in.id for one in facts if isinstance(one, AddCheckIn)] == ["made-1"]
    for id in ("made-1", "sales", "ines"):
        message = f"id '{id}' was given out before; choose another, or give none"
        refused(graph, report(id, value=1.0), DUPLICATE, message, ["id"], [id])
    done(graph, do.RemoveGoal(id="launch"))
    message = "id 'made-1' was given out before; choose another, or give none"
    refused(graph, do.CreateTeam(id="made-1", name="x"), DUPLICATE, message, ["id"], ["made-1"])


def test_who_reports_is_who_asks_where_that_is_a_person_or_a_team() -> None:
    graph = grown(
        do.CreatePerson(id="ines", name="Ines"),
        do.CreatePerson(id="tom", name="Tom"),
        do.ErasePersonForGood(id="tom"),
        do.CreateTeam(id="platform team", name="Platform"),
        objective("launch"),
        key_result("sales", "launch"),
    )
    said = {}
    for asker in ("ines", "platform team", "tom", "launch", "sales", "anonymous"):
        done(graph, do.CheckInKeyResult(key_result_id="sales", value=1.0), by=asker)
        said[asker] = goal(graph, "sales").check_ins[-1].by
    assert said == {
        "ines": "ines",
        "platform team": "platform team",
        "tom": None,
        "launch": None,
        "sales": None,
        "anonymous": None,
    }


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        (
            {},
            INVALID,
            "the check-in says nothing; give a value, a confidence, a status or a note",
            ["value"],
            [],
        ),
        (
            {"note": " \n", "milestones_done": (), "by": "ines", "source": "crm"},
            INVALID,
            "the check-in says nothing; give a value, a confidence, a status or a note",
            ["value"],
            [],
        ),
        *(
            (
                {"value": number},
                INVALID,
                f"value '{number!r}' is not a finite number within 1e18; give another",
                ["value"],
                [],
            )
            for number in (float("nan"), float("inf"), float("-inf"), 1e19, -1e19)
        ),
        *(
            (
                {"confidence": number},
                INVALID,
                f"confidence '{number!r}' is outside 0..1; give a share, 0.25 for 25 %",
                ["confidence"],
                [],
            )
            for number in (-0.1, 1.01, 70.0)
        ),
        (
            {"confidence": float("nan")},
            INVALID,
            "confidence 'nan' is not a finite number within 1e18; give another",
            ["confidence"],
            [],
        ),
        *(
            (
                {"reported_status": status},
                INVALID,
                f"reportedStatus {status.name} is not something to report; say ON_TRACK, BEHIND or AT_RISK",
                ["reportedStatus"],
                [],
            )
            for status in Status
            if status not in {Status.ON_TRACK, Status.BEHIND, Status.AT_RISK}
        ),
        (
            {"note": "a\x1b[0m"},
            INVALID,
            "note 'a\\u001b[0m' holds a control character; take it out",
            ["note"],
            [],
        ),
        ({"value": 1.0, "source": " "}, INVALID, "source ' ' has no visible character; give it a name", ["source"], []),
        (
            {"value": 1.0, "at": datetime(2026, 2, 1, 9)},  # noqa: DTZ001  # that is the point
            INVALID,
            "at 2026-02-01T09:00:00 has no offset; add one, or Z for UTC",
            ["at"],
            [],
        ),
        (
            {"value": 1.0, "at": NOON + DAY + timedelta(microseconds=1)},
            INVALID,
            "at 2026-02-16T12:00:00.000001+00:00 is more than a day ahead; a check-in tells what was seen",
            ["at"],
            [],
        ),
        (
            {"value": 1.0, "at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
            INVALID,
            "at 0001-01-01T00:00:00+14:00 lies outside the years 2 to 9998; give another",
            ["at"],
            [],
        ),
        (
            {"value": 1.0, "at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14)))},
            INVALID,
            "at 9999-12-31T23:00:00-14:00 lies outside the years 2 to 9998; give another",
            ["at"],
            [],
        ),
        (
            {"value": 1.0, "by": "nobody"},
            NOT_FOUND,
            "by 'nobody': there is no person or team with this id",
            ["by"],
            ["nobody"],
        ),
        (
            {"value": 1.0, "by": "launch"},
            INVALID,
            "by 'launch' is an objective, not a person or team",
            ["by"],
            ["launch"],
        ),
        (
            {"value": 1.0, "replaces": "c0"},
            NOT_FOUND,
            "replaces 'c0': 'sales' has no such check-in",
            ["replaces"],
            ["sales"],
        ),
        (
            {"value": 1.0, "replaces": "new"},  # itself
            NOT_FOUND,
            "replaces 'new': 'sales' has no such check-in",
            ["replaces"],
            ["sales"],
        ),
        (
            {"value": 1.0, "replaces": "elsewhere"},
            NOT_FOUND,
            "replaces 'elsewhere': 'sales' has no such check-in",
            ["replaces"],
            ["sales"],
        ),
        (
            {"value": 1.0, "id": "x" * 201},
            INVALID,
            f"id '{'x' * 60}...' has 201 characters; at most 200 are allowed",
            ["id"],
            [],
        ),
        (
            {"milestones_done": ("beta",)},
            INVALID,
            "'sales' has no milestones; report a value",
            ["milestonesDone"],
            ["sales"],
        ),
        (
            {"key_result_id": "launch", "value": 1.0},
            INVALID,
            "keyResultId 'launch' is an objective, not a key result",
            ["keyResultId"],
            ["launch"],
        ),
        (
            {"key_result_id": "moon", "value": 1.0},
            NOT_FOUND,
            "keyResultId 'moon': there is no key result with this id",
            ["keyResultId"],
            ["moon"],
        ),
    ],
)
def test_a_report_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = started()
    done(graph, key_result("rating", "launch"), report("elsewhere", "rating", value=1.0))
    given = {"id": "new", "key_result_id": "sales", **fields}
    refused(graph, do.CheckInKeyResult(**given), code, message, path, nodes)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [Status.ON_TRACK, Status.BEHIND, Status.AT_RISK])
def test_a_reported_status_is_kept_beside_the_computed_one(status: Status) -> None:
    graph = started()
    computed = graph.status(goal(graph, "sales"), TODAY)
    done(graph, report("c1", reported_status=status))
    assert goal(graph, "sales").check_ins[0].reported_status is status
    assert graph.status(goal(graph, "sales"), TODAY) is computed is Status.NO_DATES


# ---------- the present value ----------


def test_the_present_value_is_the_latest_told_of_not_the_latest_told() -> None:
    graph = started()
    done(graph, report("monday", value=2.0, at=NOON - 6 * DAY, confidence=0.2))
    done(graph, report("wednesday", value=5.0, at=NOON - 4 * DAY))
    assert present(graph) == (5.0, 0.2)
    done(graph, report("tuesday, told late", value=3.0, confidence=0.3, at=NOON - 5 * DAY))
    assert present(graph) == (5.0, 0.3)
    assert [one.id for one in goal(graph, "sales").check_ins] == ["monday", "tuesday, told late", "wednesday"]


def test_of_one_moment_the_later_revision_counts_and_within_it_the_later_place() -> None:
    graph = started()
    done(graph, report("c9", value=1.0), report("c1", value=2.0))
    assert present(graph)[0] == 2.0
    done(graph, report("c0", value=3.0))
    assert present(graph)[0] == 3.0
    assert [one.id for one in goal(graph, "sales").check_ins] == ["c9", "c1", "c0"]


def test_a_report_without_a_value_leaves_the_value_and_one_a_day_ahead_counts() -> None:
    graph = started()
    done(graph, report("c1", value=4.0, confidence=0.5))
    done(graph, report("c2", note="on holiday"))
    assert present(graph) == (4.0, 0.5)
    done(graph, report("c3", value=6.0, at=NOON + DAY))
    assert present(graph) == (6.0, 0.5)


def test_a_value_may_lie_anywhere_and_raw_keeps_it() -> None:
    graph = started()
    for value, raw, progress in ((-5.0, -0.5, 0.0), (25.0, 2.5, 1.0), (1e18, 1e17, 1.0), (-0.0, 0.0, 0.0)):
        done(graph, do.CheckInKeyResult(key_result_id="sales", value=value))
        assert numbers(graph, "sales") == (progress, raw, 1.0)
    assert repr(goal(graph, "sales").check_ins[-1].value) == "0.0"


# ---------- replacing ----------


def test_a_replaced_report_stays_visible_and_stops_counting() -> None:
    graph = started()
    done(graph, report("typo", value=80.0, confidence=0.9))
    done(graph, report("right", value=8.0, replaces="typo"))
    assert present(graph) == (8.0, None)
    assert [one.id for one in goal(graph, "sales").check_ins] == ["typo", "right"]


def test_one_replaced_by_an_earlier_dated_one_stops_counting_too() -> None:
    graph = started()
    done(graph, report("c1", value=1.0, at=NOON - 9 * DAY))
    done(graph, report("wrong day", value=7.0, at=NOON - DAY))
    done(graph, report("right day", value=7.0, at=NOON - 10 * DAY, replaces="wrong day"))
    assert present(graph)[0] == 1.0  # of nine days ago, later than the corrected one


def test_replacing_by_a_note_leaves_the_value_before_it() -> None:
    graph = started()
    done(graph, report("c1", value=1.0, at=NOON - DAY))
    done(graph, report("c2", value=7.0))
    done(graph, report("c3", note="that was somebody else's", replaces="c2"))
    assert present(graph)[0] == 1.0
    done(graph, report("c4", note="so was that", replaces="c1"))
    assert present(graph)[0] == 0.0  # a DELTA stands at its baseline


def test_a_chain_of_replacements_ends_in_the_last_one() -> None:
    graph = started()
    done(graph, report("c1", value=1.0))
    done(graph, report("c2", value=2.0, replaces="c1"))
    done(graph, report("c3", value=3.0, at=NOON - 30 * DAY, replaces="c2"))
    assert present(graph)[0] == 3.0
    for id, later in (("c1", "c2"), ("c2", "c3")):
        message = f"replaces '{id}': it was replaced by '{later}' already; replace that one"
        refused(graph, report("c4", value=4.0, replaces=id), INVALID, message, ["replaces"], [later])
    done(graph, report("c4", value=4.0, replaces="c3"))
    assert present(graph)[0] == 4.0


def test_replacing_within_one_commit() -> None:
    graph = started()
    done(graph, report("c1", value=1.0), report("c2", value=2.0, replaces="c1"))
    assert present(graph)[0] == 2.0


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


# ---------- milestones ----------


def website() -> AlignmentGraph:
    """A launch by three deadlines."""
    weights = {"draft": 1.0, "texts": 2.0, "online": 1.0}
    milestones = tuple(MilestoneInput(id=id, title=id, weight=weight) for id, weight in weights.items())
    return grown(
        do.CreatePerson(id="ines", name="Ines Okafor"),
        objective("website"),
        key_result("launch", "website", milestones=milestones),
    )


def done_at(graph: AlignmentGraph) -> list[date | None]:
    """The days on which the milestones were done."""
    return [one.done_at for one in fact(graph, "launch", KeyResult).milestones]


def test_a_report_sets_several_milestones_done_on_its_day() -> None:
    graph = website()
    facts = done(graph, report("c1", "launch", milestones_done=("texts", "draft", "texts"), at=NOON - DAY))
    assert [type(one) for one in facts] == [AddCheckIn, PutNode]
    assert goal(graph, "launch").check_ins[0].milestones_done == ("texts", "draft")
    assert done_at(graph) == [TODAY - DAY, TODAY - DAY, None]
    assert numbers(graph, "launch") == numbers(graph, "website") == (0.75, 0.75, 1.0)


def test_the_day_is_one_of_the_workspace() -> None:
    graph = website()
    done(graph, do.UpdateWorkspace(time_zone="Pacific/Auckland"))  # 13 hours ahead in February
    done(graph, report("c1", "launch", milestones_done=("draft",)))
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts"))
    assert done_at(graph) == [TODAY + DAY, TODAY + DAY, None]


def test_what_is_done_already_keeps_its_day() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft",), at=NOON - 5 * DAY))
    facts = done(graph, report("c2", "launch", milestones_done=("draft",)))
    assert [type(one) for one in facts] == [AddCheckIn]
    assert done_at(graph) == [TODAY - 5 * DAY, None, None]


def test_replacing_a_report_unsets_what_it_set() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft", "texts"), at=NOON - DAY))
    done(graph, report("c2", "launch", milestones_done=("draft",), replaces="c1"))
    assert done_at(graph) == [TODAY, None, None]
    done(graph, report("c3", "launch", note="not even that", replaces="c2"))
    assert done_at(graph) == [None, None, None]
    assert numbers(graph, "launch") == (0.0, 0.0, 1.0)


def test_replacing_a_report_leaves_what_another_says_too() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft",), at=NOON - 5 * DAY))
    done(graph, report("c2", "launch", milestones_done=("draft", "texts"), at=NOON - 5 * DAY))
    done(graph, report("c3", "launch", milestones_done=("draft",)))
    done(graph, report("c4", "launch", note="no", replaces="c2"))
    assert done_at(graph) == [TODAY - 5 * DAY, None, None]
    done(graph, report("c5", "launch", note="no", replaces="c1"))
    assert done_at(graph) == [TODAY, None, None]  # of c3, which stands
    done(graph, report("c6", "launch", note="no", replaces="c3"))
    assert done_at(graph) == [None, None, None]


def test_replacing_a_report_leaves_what_was_set_apart_from_it() -> None:
    graph = website()
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="draft", done_at=date(2026, 2, 1)))
    done(graph, report("c1", "launch", milestones_done=("draft", "texts")))
    done(graph, report("c2", "launch", note="no", replaces="c1"))
    assert done_at(graph) == [date(2026, 2, 1), None, None]


def test_completing_a_milestone_and_taking_it_back() -> None:
    graph = website()
    old = fact(graph, "launch", KeyResult)
    facts = done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts"))
    assert [type(one) for one in facts] == [PutNode]
    assert done_at(graph) == [None, TODAY, None]
    assert numbers(graph, "launch") == (0.5, 0.5, 1.0)
    assert done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=TODAY)) == []
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=TODAY + DAY))
    assert done_at(graph) == [None, TODAY + DAY, None]
    back = do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=None)
    assert done(graph, back) == [PutNode(old)]


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            report("c1", "launch", milestones_done=("draft", "gold", "silver")),
            NOT_FOUND,
            "milestonesDone: 'launch' has no milestone 'gold', 'silver'",
            ["milestonesDone"],
            ["launch"],
        ),
        (
            do.CompleteMilestone(key_result_id="launch", milestone_id="gold"),
            NOT_FOUND,
            "milestoneId 'gold': 'launch' has no such milestone",
            ["milestoneId"],
            ["launch"],
        ),
        (
            do.CompleteMilestone(key_result_id="launch", milestone_id="draft", done_at=TODAY + 2 * DAY),
            INVALID,
            "doneAt 2026-02-17 lies ahead; a milestone is done when it is done",
            ["doneAt"],
            [],
        ),
        (
            do.CompleteMilestone(key_result_id="website", milestone_id="draft"),
            INVALID,
            "keyResultId 'website' is an objective, not a key result",
            ["keyResultId"],
            ["website"],
        ),
        (
            do.CompleteMilestone(key_result_id="moon", milestone_id="draft"),
            NOT_FOUND,
            "keyResultId 'moon': there is no key result with this id",
            ["keyResultId"],
            ["moon"],
        ),
    ],
)
def test_milestones_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(website(), change, code, message, path, nodes)


# ---------- thresholds ----------


@pytest.mark.parametrize(
    ("fields", "met", "missed"),
    [
        ({"target": 3.0}, [3.0, 3.1, 1e18], [2.9999999, -3.0]),
        ({"target": 0.5, "comparison": Comparison.AT_MOST}, [0.5, -9.0], [0.50000001]),
        (
            {"target": 0.3, "comparison": Comparison.EXACTLY},
            [0.3, 0.1 + 0.2, 0.3 + 0.9e-9, 0.3 - 0.9e-9],
            [0.3 + 1.1e-9, 0.3 - 1.1e-9],
        ),
        (
            {"target": -2e6, "comparison": Comparison.EXACTLY},
            [-2e6, -2e6 + 0.0019, -2e6 - 0.0019],
            [-2e6 + 0.0021, -2e6 - 0.0021, 2e6],
        ),
        ({"target_min": 5.0, "target_max": 10.0}, [5.0, 7.0, 10.0], [4.9, 10.1]),
        ({"target_min": 5.0}, [5.0, 1e18], [4.9]),
        ({"target_max": 5.0}, [5.0, -1e18], [5.1]),
        ({"target_min": 5.0, "target_max": 5.0}, [5.0], [4.9, 5.1]),
    ],
)
def test_the_bounds_themselves_meet_a_threshold(
    fields: dict[str, object], met: list[float], missed: list[float]
) -> None:
    graph = grown(objective("season"), key_result("sales", "season", **fields))
    assert numbers(graph, "sales") == (None, None, 0.0)  # unmeasured until the first value
    for value in (*met, *missed):
        done(graph, do.CheckInKeyResult(key_result_id="sales", value=value))
        share = 1.0 if value in met else 0.0
        assert numbers(graph, "sales") == (share, share, 1.0), value
