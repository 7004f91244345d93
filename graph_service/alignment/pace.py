"""Expected progress and status on a day.

Everything here is a function of facts and of ``as_of``; there is no clock. Shares are 0..1 and are compared with a
tolerance of 1e-9, since seven finished key results sum to 0.9999999999999999.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple

from graph_service.models.nodes import KeyResult, Workspace
from graph_service.models.words import GoalState, Status

TOLERANCE = 1e-9
BY_STATE = {
    GoalState.CANCELLED: Status.CANCELLED,
    GoalState.DRAFT: Status.DRAFT,
    GoalState.POSTPONED: Status.POSTPONED,
    GoalState.CLOSED: Status.CLOSED,
}


class Plan(NamedTuple):
    """The planned course of a DELTA key result: from ``baseline`` over ``points`` (day, value) to ``target``."""

    baseline: float
    target: float
    points: tuple[tuple[int, float], ...]


class Pace(NamedTuple):
    """All that status depends on besides numbers: the state in force and the resolved days, as ordinals.

    Goals with the same pace share one value, so that a day's verdict is found once for all of them.
    """

    state: GoalState
    start: int | None
    due: int | None
    plan: Plan | None


def plan_of(key_result: KeyResult) -> Plan | None:
    """The plan as days and values in order; None without points or without the two ends of the line."""
    if not key_result.plan or key_result.baseline is None or key_result.target is None:
        return None
    points = tuple(sorted((point.date.toordinal(), point.value) for point in key_result.plan))
    return Plan(key_result.baseline, key_result.target, points)


def expected_share(pace: Pace, today: int) -> float | None:
    """The share of the way that should be done by ``today``; None without both days or with due before start.

    >>> from datetime import date
    from itertools import pairwise
    >>> january, april = date(2026, 1, 1).toordinal(), date(2026, 4, 1).toordinal()
    >>> expected_share(Pace(GoalState.ACTIVE, january, april, None), date(2026, 2, 15).toordinal())
    0.5
    >>> expected_share(Pace(GoalState.ACTIVE, january, january, None), january - 1)  # one day: nothing before it
    0.0
    """
    start, due = pace.start, pace.due
    if start is None or due is None or due < start:
        return None
    if today >= due:
        return 1.0
    if today <= start:
        return 0.0
    plan = pace.plan
    if plan is None:
        return (today - start) / (due - start)
    course = [(start, plan.baseline), *(p for p in plan.points if start < p[0] < due), (due, plan.target)]
    for (day, value), (next_day, next_value) in pairwise(course):
        if today <= next_day:
            planned = value + (next_value - value) * (today - day) / (next_day - day)
            return min(1.0, max(0.0, (planned - plan.baseline) / (plan.target - plan.baseline)))
    return 1.0


class Judge:
    """Status and expected progress for one day under one workspace's limits.

    It remembers its verdict for each pace, so judging a goal costs a look-up and a few comparisons.
    """

    __slots__ = ("_at_risk", "_behind", "_seen", "as_of", "today")

    def __init__(self, as_of: date, workspace: Workspace) -> None:
        self.as_of = as_of
        self.today = as_of.toordinal()
        self._behind = workspace.behind_limit + TOLERANCE
        self._at_risk = workspace.at_risk_limit + TOLERANCE
        self._seen: dict[Pace, tuple[Status | None, float | None]] = {}

    def expected(self, pace: Pace) -> float | None:
        """Expected progress, a share; None where there is none."""
        return (self._seen.get(pace) or self._look(pace))[1]

    def status(self, pace: Pace, value: float | None, held_until: int) -> Status:
        """The status of a goal with this pace and progress; ``held_until`` is the last day before which a met
        threshold below it can still be lost (0: none)."""
        state = pace.state
        if state is not GoalState.ACTIVE:
            return BY_STATE[state]
        if value is None:
            return Status.NO_DATA
        if value >= 1 - TOLERANCE:
            return Status.ON_TRACK if self.today < held_until else Status.ACHIEVED
        settled, expected = self._seen.get(pace) or self._look(pace)
        if settled is not None:
            return settled
        gap = expected - value  # type: ignore[operator]  # not settled: there is an expectation
        if gap <= self._behind:
            return Status.ON_TRACK
        return Status.BEHIND if gap <= self._at_risk else Status.AT_RISK

    def _look(self, pace: Pace) -> tuple[Status | None, float | None]:
        expected = expected_share(pace, self.today)
        settled = None
        if pace.due is not None and self.today > pace.due:
            settled = Status.OVERDUE
        elif pace.start is not None and self.today < pace.start:
            settled = Status.NOT_STARTED
        elif expected is None:
            settled = Status.NO_DATES
        self._seen[pace] = verdict = (settled, expected)
        return verdict
