"""What a batch of facts did: which goals moved, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final

from graph_service.alignment.numbers import GoalNumbers, ProgressChange
from graph_service.alignment.pace import AT_RISK, BEHIND, ON_TRACK, Judge, Pace
from graph_service.alignment.vertices import GoalVertex, Numbers
from graph_service.models.words import Status

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


SAME: Final = 1e-9
"""Shares that differ by no more are the same to who compares them."""


def by_id(change: ProgressChange) -> str:
    """The order of what moved."""
    return change.goal.fact.id


class Moved:
    """What a batch of facts did: which goals moved, and how to take it all back."""

    __slots__ = (
        "before",
        "created",
        "graph",
        "plain",
        "removed",
        "reshaped",
        "revision",
        "undo",
        "workspace",
    )

    def __init__(self, graph: AlignmentGraph) -> None:
        self.graph = graph
        self.revision = graph.revision
        self.workspace = graph.workspace
        self.before: dict[GoalVertex, Numbers] = {}
        # Goals with a value of which nothing but it (and the amount that it is made of) moved, once, and what it was:
        # the long way up of a check-in, kept short.
        self.plain: list[tuple[GoalVertex, float, float | None]] = []
        self.created: set[GoalVertex] = set()
        self.removed: set[GoalVertex] = set()
        self.reshaped: dict[GoalVertex, None] = {}
        self.undo: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def gather(self) -> None:
        """Puts goals of which only the value moved among the others, so that each may move again."""
        known = self.before
        for goal, value, amount in self.plain:
            if goal not in known:
                known[goal] = (value, goal.coverage, goal.confidence, goal.held, amount, goal.pace)
        self.plain.clear()

    def changed(self, as_of: date) -> list[ProgressChange]:
        """Goals whose value, coverage, confidence (by more than 1e-9) or status on ``as_of`` differ, by id.

        To be asked while the graph still stands where these facts left it."""
        graph = self.graph
        judge = judge_before = graph.judge(as_of)
        created, removed, known = self.created, self.removed, self.before
        if self.workspace is not graph.workspace:  # the limits may have moved, and any goal may stand otherwise
            self.gather()
            judge_before = Judge(as_of, self.workspace)
            known = {**{goal: goal.numbers for goal in graph.goals()}, **known}
        changes = self._plain_changes(judge)
        for goal, (was_value, was_coverage, was_confidence, was_held, _, was_pace) in known.items():
            if (created and goal in created) or (removed and goal in removed):
                continue
            value, coverage, confidence = goal.value, goal.coverage, goal.confidence
            after = judge.status(goal.pace, value, goal.held)
            before = judge_before.status(was_pace, was_value, was_held)
            if (
                after is not before
                or differ(value, was_value)
                or differ(coverage, was_coverage)
                or differ(confidence, was_confidence)
            ):
                was = GoalNumbers(was_value, was_coverage, was_confidence, before)
                changes.append(ProgressChange(goal, was, GoalNumbers(value, coverage, confidence, after)))
        changes += [ProgressChange(goal, None, graph.numbers(goal, judge)) for goal in created - removed]
        for goal in removed - created:
            value, coverage, confidence, held, _, pace = known[goal]
            status = judge_before.status(pace, value, held)
            changes.append(ProgressChange(goal, GoalNumbers(value, coverage, confidence, status), None))
        if len(changes) > 1:
            changes.sort(key=by_id)
        return changes

    def _plain_changes(self, judge: Judge) -> list[ProgressChange]:
        changes: list[ProgressChange] = []
        seen: Pace | None = None
        settled: Status | None = None
        limit = on_track = behind = 0.0
        numbers, change = GoalNumbers, ProgressChange
        for goal, was_value, _ in self.plain:
            value: float = goal.value  # type: ignore[assignment]  # it has one
            pace = goal.pace
            if pace is not seen:  # the goals of a way up mostly share one
                seen = pace
                limit, settled, on_track, behind = judge.limits(pace)
            if value >= limit or was_value >= limit:
                after, before = judge.status(pace, value, goal.held), judge.status(pace, was_value, goal.held)
            elif settled is not None:
                after = before = settled
            else:
                after = ON_TRACK if value >= on_track else BEHIND if value >= behind else AT_RISK
                before = ON_TRACK if was_value >= on_track else BEHIND if was_value >= behind else AT_RISK
            if value - was_value > SAME or was_value - value > SAME or after is not before:
                coverage, confidence = goal.coverage, goal.confidence
                was = numbers(was_value, coverage, confidence, before)
                changes.append(change(goal, was, numbers(value, coverage, confidence, after)))
        return changes


def differ(one: float | None, other: float | None) -> bool:
    """Whether two shares differ by more than 1e-9, or only one of them is there."""
    if one is None or other is None:
        return one is not other
    return one != other and abs(one - other) > SAME
