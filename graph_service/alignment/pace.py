"""Expected progress and status on a day.

Everything here is a function of facts and of ``as_of``; there is no clock. Shares are 0..1 and are compared with a
tolerance of 1e-9, since seven finished key results sum to 0.9999999999999999.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from graph_service.models.nodes import KeyResult, Workspace
from graph_service.models.words import GoalState, Status

TOLERANCE: Final = 1e-9
DONE: Final = 1 - 1e-9
ON_TRACK: Final = Status.ON_TRACK
BEHIND: Final = Status.BEHIND
AT_RISK: Final = Status.AT_RISK
ACTIVE: Final = GoalState.ACTIVE
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


class Pace:
    """All that status depends on besides numbers: the state in force and the resolved days, as ordinals.

    Goals with the same pace share one object (a graph makes each once), so that a day's verdict is found once for all
    of them, by identity: hashing all four each time would cost more than the verdict.
    """

    __slots__ = ("due", "plan", "start", "state")

    def __init__(self, state: GoalState, start: int | None, due: int | None, plan: Plan | None) -> None:
        self.state = state
        self.start = start
        self.due = due
        self.plan = plan

    @property
    def facts(self) -> tuple[GoalState, int | None, int | None, Plan | None]:
        """What it consists of, for comparing paces of two graphs."""
        return (self.state, self.start, self.due, self.plan)


def plan_of(key_result: KeyResult) -> Plan | None:
    """The plan as days and values in order; None without points or without the two ends of the line."""
    if not key_result.plan or key_result.baseline is None or key_result.target is None:
        return None
    points = tuple(sorted((point.date.toordinal(), point.value) for point in key_result.plan))
    return Plan(key_result.baseline, key_result.target, points)


def expected_share(pace: Pace, today: int) -> float | None:
    """The share of the way that should be done by ``today``; None without both days or with due before start.

    >>> from datetime import date
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
    course = [(start, plan.baseline), *[p for p in plan.points if start < p[0] < due], (due, plan.target)]
    for (day, value), (next_day, next_value) in pairwise(course):
        if today <= next_day:
            planned = value + (next_value - value) * (today - day) / (next_day - day)
            return min(1.0, max(0.0, (planned - plan.baseline) / (plan.target - plan.baseline)))
    return 1.0


class Verdict(NamedTuple):
    """What a day means for a pace: the status that holds whatever the progress (short of 1), the expected progress, and
    the progress from which on it is ON_TRACK and BEHIND (None where progress decides nothing)."""

    settled: Status | None
    expected: float | None
    on_track: float | None
    behind: float | None


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
        self._seen: dict[Pace, Verdict] = {}

    def expected(self, pace: Pace) -> float | None:
        """Expected progress, a share; None where there is none."""
        return self.verdict(pace).expected

    def status(self, pace: Pace, value: float | None, held_until: int) -> Status:
        """The status of a goal with this pace and progress; ``held_until`` is the last day before which a met
        threshold below it can still be lost (0: none)."""
        state = pace.state
        if state is not ACTIVE:
            return BY_STATE[state]
        if value is None:
            return Status.NO_DATA
        if value >= DONE:
            return ON_TRACK if self.today < held_until else Status.ACHIEVED
        settled, _, on_track, behind = self.verdict(pace)
        if settled is not None:
            return settled
        assert on_track is not None and behind is not None
        return ON_TRACK if value >= on_track else BEHIND if value >= behind else AT_RISK

    def limits(self, pace: Pace) -> tuple[float, Status | None, float, float]:
        """What decides below a progress (the first of these): the one status, if not None; else ON_TRACK holds from the
        third on, BEHIND from the fourth, AT_RISK below."""
        settled, _, on_track, behind = self.verdict(pace)
        everywhere = pace.state is not ACTIVE
        return inf if everywhere else DONE, settled, on_track or 0.0, behind or 0.0

    def verdict(self, pace: Pace) -> Verdict:
        """What the day means for a pace."""
        known = self._seen.get(pace)
        if known is not None:
            return known
        expected = expected_share(pace, self.today)
        settled = on_track = behind = None
        if pace.state is not ACTIVE:
            settled = BY_STATE[pace.state]
        elif pace.due is not None and self.today > pace.due:
            settled = Status.OVERDUE
        elif pace.start is not None and self.today < pace.start:
            settled = Status.NOT_STARTED
        elif expected is None:
            settled = Status.NO_DATES
        else:
            on_track, behind = expected - self._behind, expected - self._at_risk
        verdict = self._seen[pace] = Verdict(settled, expected, on_track, behind)
        return verdict
