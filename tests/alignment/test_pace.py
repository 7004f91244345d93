"""Expected progress and status, by the table: the first row that holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from graph_service.alignment.pace import Judge, Pace, Plan, expected_share, plan_of
from graph_service.models.nodes import KeyResult, PlanPoint, Workspace
from graph_service.models.words import GoalState, Measure, Status

JANUARY = date(2026, 1, 1)
START = JANUARY.toordinal()
DUE = START + 100
ACTIVE = GoalState.ACTIVE


def pace(start: int | None = START, due: int | None = DUE, state: GoalState = ACTIVE, plan: Plan | None = None) -> Pace:
    return Pace(state, start, due, plan)


def judge(day: int, **limits: float) -> Judge:
    return Judge(date.fromordinal(START + day), Workspace(**limits))  # type: ignore[arg-type]


# ---------- expected progress ----------


@pytest.mark.parametrize(
    ("day", "share"), [(-1000, 0.0), (-1, 0.0), (0, 0.0), (1, 0.01), (50, 0.5), (99, 0.99), (100, 1.0), (5000, 1.0)]
)
def test_expected_grows_evenly_from_start_to_due(day: int, share: float) -> None:
    assert expected_share(pace(), START + day) == share
    assert judge(day).expected(pace()) == share


@pytest.mark.parametrize(("start", "due"), [(None, DUE), (START, None), (None, None), (DUE, START), (START + 1, START)])
def test_there_is_no_expected_without_both_days_or_with_due_before_start(start: int | None, due: int | None) -> None:
    for day in (-1, 0, 50, 100, 101):
        assert expected_share(pace(start, due), START + day) is None


def test_a_goal_of_one_day_is_expected_from_that_day() -> None:
    assert [expected_share(pace(START, START), START + day) for day in (-1, 0, 1)] == [0.0, 1.0, 1.0]


# ---------- a plan ----------


def planned(*points: tuple[int, float], baseline: float = 0.0, target: float = 100.0) -> Pace:
    return pace(plan=Plan(baseline, target, tuple((START + day, value) for day, value in points)))


@pytest.mark.parametrize(
    ("points", "day", "share"),
    [
        ([], 25, 0.25),
        ([(50, 10.0)], 0, 0.0),
        ([(50, 10.0)], 25, 0.05),
        ([(50, 10.0)], 50, 0.1),
        ([(50, 10.0)], 75, 0.55),
        ([(50, 10.0)], 100, 1.0),
        ([(20, 10.0), (80, 10.0)], 50, 0.1),  # level
        ([(20, 30.0), (80, 10.0)], 50, 0.2),  # down on the way
        ([(50, -40.0)], 50, 0.0),  # below the baseline: clamped
        ([(50, -40.0)], 25, 0.0),
        ([(50, 140.0)], 50, 1.0),
        ([(50, 140.0)], 75, 1.0),
        # points that are not strictly between start and due are not used
        ([(0, 90.0), (100, 1.0), (-5, 70.0), (105, 20.0)], 50, 0.5),
        ([(1, 99.0)], 1, 0.99),
        ([(99, 1.0)], 99, 0.01),
    ],
)
def test_a_plan_is_the_line_through_its_points(points: list[tuple[int, float]], day: int, share: float) -> None:
    assert expected_share(planned(*points), START + day) == pytest.approx(share, abs=1e-15)


@pytest.mark.parametrize(("day", "share"), [(0, 0.0), (25, 0.125), (50, 0.25), (75, 0.625), (100, 1.0), (101, 1.0)])
def test_a_plan_downwards(day: int, share: float) -> None:
    assert expected_share(planned((50, 7.0), baseline=8.0, target=4.0), START + day) == share


def test_a_plan_without_days_expects_nothing_and_one_of_a_day_is_done_on_it() -> None:
    plan = Plan(0.0, 1.0, ((START, 0.5),))
    assert expected_share(pace(None, DUE, plan=plan), START + 50) is None
    assert [expected_share(pace(START, START, plan=plan), START + day) for day in (-1, 0)] == [0.0, 1.0]


def test_the_plan_of_a_key_result_is_sorted_and_needs_both_ends() -> None:
    points = (PlanPoint(JANUARY + timedelta(days=9), 2.0), PlanPoint(JANUARY, 1.0))
    whole = KeyResult("sales", "Sell", measure=Measure.DELTA, baseline=0.0, target=5.0, plan=points)
    assert plan_of(whole) == Plan(0.0, 5.0, ((START, 1.0), (START + 9, 2.0)))
    assert plan_of(KeyResult("sales", "Sell", measure=Measure.DELTA, baseline=0.0, target=5.0)) is None
    assert plan_of(KeyResult("sales", "Sell", baseline=0.0, plan=points)) is None
    assert plan_of(KeyResult("sales", "Sell", target=5.0, plan=points)) is None


# ---------- status ----------


@pytest.mark.parametrize("state", [state for state in GoalState if state is not ACTIVE])
@pytest.mark.parametrize("value", [None, 0.0, 1.0])
@pytest.mark.parametrize("day", [-1, 50, 101])
def test_a_state_other_than_active_is_the_status_whatever_the_numbers(
    state: GoalState, value: float | None, day: int
) -> None:
    for due in (DUE, None):
        assert judge(day).status(pace(due=due, state=state), value, DUE + 900).name == state.name


ROWS: list[tuple[str, int | None, int | None, int, float | None, int, Status]] = [
    # why, start, due, day, progress, held until, status
    ("no progress", START, DUE, 50, None, 0, Status.NO_DATA),
    ("no progress, long over", START, DUE, 500, None, 0, Status.NO_DATA),
    ("no progress, not begun", START, DUE, -5, None, 0, Status.NO_DATA),
    ("done", START, DUE, 50, 1.0, 0, Status.ACHIEVED),
    ("done late", START, DUE, 500, 1.0, 0, Status.ACHIEVED),
    ("done before it began", START, DUE, -5, 1.0, 0, Status.ACHIEVED),
    ("done without days", None, None, 50, 1.0, 0, Status.ACHIEVED),
    ("seven finished ones", START, DUE, 50, 0.9999999999999999, 0, Status.ACHIEVED),
    ("within the tolerance", START, DUE, 500, 1 - 0.9e-9, 0, Status.ACHIEVED),
    ("at the tolerance", START, DUE, 500, 1 - 1e-9, 0, Status.ACHIEVED),
    ("short of it", START, DUE, 500, 1 - 1.1e-9, 0, Status.OVERDUE),
    ("held so far", START, DUE, 50, 1.0, DUE, Status.ON_TRACK),
    ("held the day before", START, DUE, 99, 1.0, DUE, Status.ON_TRACK),
    ("held to its day", START, DUE, 100, 1.0, DUE, Status.ACHIEVED),
    ("held below, due itself", START, DUE, 101, 1.0, DUE + 50, Status.ON_TRACK),
    ("held before it began", START, DUE, -5, 1.0, DUE, Status.ON_TRACK),
    ("held, but not done", START, DUE, 101, 0.5, DUE + 50, Status.OVERDUE),
    ("over", START, DUE, 101, 0.99, 0, Status.OVERDUE),
    ("its last day", START, DUE, 100, 0.99, 0, Status.BEHIND),
    ("over, without a start", None, DUE, 101, 0.99, 0, Status.OVERDUE),
    ("over, and due before start", DUE, START, 1, 0.5, 0, Status.OVERDUE),
    ("not begun", START, DUE, -1, 0.0, 0, Status.NOT_STARTED),
    ("not begun, without a due", START, None, -1, 0.0, 0, Status.NOT_STARTED),
    ("not begun, and due before start", DUE, START, -1, 0.0, 0, Status.NOT_STARTED),
    ("its first day", START, DUE, 0, 0.0, 0, Status.ON_TRACK),
    ("no due", START, None, 50, 0.0, 0, Status.NO_DATES),
    ("no start", None, DUE, 50, 0.0, 0, Status.NO_DATES),
    ("no days", None, None, 50, 0.0, 0, Status.NO_DATES),
    ("due before start, on its due", DUE, START, 0, 0.5, 0, Status.NOT_STARTED),
    ("ahead", START, DUE, 50, 0.7, 0, Status.ON_TRACK),
    ("just so", START, DUE, 50, 0.5, 0, Status.ON_TRACK),
    ("just so within the tolerance", START, DUE, 50, 0.5 - 0.9e-9, 0, Status.ON_TRACK),
    ("just so at the tolerance", START, DUE, 50, 0.5 - 1e-9, 0, Status.ON_TRACK),
    ("a little behind", START, DUE, 50, 0.5 - 1.1e-9, 0, Status.BEHIND),
    ("as far behind as may be", START, DUE, 50, 0.25, 0, Status.BEHIND),
    ("so far within the tolerance", START, DUE, 50, 0.25 - 0.9e-9, 0, Status.BEHIND),
    ("so far at the tolerance", START, DUE, 50, 0.5 - (0.25 + 1e-9), 0, Status.BEHIND),
    ("further", START, DUE, 50, 0.25 - 1.1e-9, 0, Status.AT_RISK),
    ("nothing done", START, DUE, 100, 0.0, 0, Status.AT_RISK),
]


@pytest.mark.parametrize(
    ("start", "due", "day", "value", "held", "status"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_the_first_row_that_holds_is_the_status(
    start: int | None, due: int | None, day: int, value: float | None, held: int, status: Status
) -> None:
    asked = judge(day)
    assert asked.status(pace(start, due), value, held) is status
    known = pace(start, due)
    assert [asked.status(known, value, held) for _ in range(2)] == [status, status]  # the second time from memory


@pytest.mark.parametrize(
    ("behind", "at_risk", "value", "status"),
    [
        (0.1, 0.2, 0.4, Status.ON_TRACK),
        (0.1, 0.2, 0.39, Status.BEHIND),
        (0.1, 0.2, 0.3, Status.BEHIND),
        (0.1, 0.2, 0.29, Status.AT_RISK),
        (-0.1, 0.0, 0.6, Status.ON_TRACK),
        (-0.1, 0.0, 0.5, Status.BEHIND),
        (-0.1, 0.0, 0.49, Status.AT_RISK),
        (0.2, 0.2, 0.29, Status.AT_RISK),
        (1.0, 1.0, 0.0, Status.ON_TRACK),
    ],
)
def test_the_limits_are_those_of_the_workspace(behind: float, at_risk: float, value: float, status: Status) -> None:
    assert judge(50, behind_limit=behind, at_risk_limit=at_risk).status(pace(), value, 0) is status


def test_a_plan_is_what_the_gap_is_measured_by() -> None:
    late = planned((90, 10.0))
    assert judge(90).status(late, 0.1, 0) is Status.ON_TRACK
    assert judge(90).status(pace(), 0.1, 0) is Status.AT_RISK


def test_paces_of_two_graphs_are_compared_by_their_facts() -> None:
    plan = Plan(0.0, 1.0, ((START + 5, 0.5),))
    assert pace(plan=plan).facts == pace(plan=plan).facts == (ACTIVE, START, DUE, plan)
    assert len({pace().facts, pace(START + 1).facts, pace(due=None).facts, pace(plan=plan).facts}) == 4
