"""Check-ins: what they hold, which of them is the present one, and what replacing takes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import AddCheckIn
from graph_service.models.nodes import CheckIn
from graph_service.models.words import Status
from tests.alignment.decide.company import (
    done,
    goal,
    grown,
    key_result,
    numbers,
    objective,
    refused,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.DUPLICATE
TODAY = NOON.date()
DAY = timedelta(days=1)


def report(id: str, on: str = "sales", **fields: object) -> do.CheckInKeyResult:
    """A check-in on a key result."""
    return do.CheckInKeyResult(id=id, key_result_id=on, **fields)  # type: ignore[arg-type]


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
    done(graph, report("earlier", value=1.0))
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
