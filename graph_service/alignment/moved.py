"""What a batch of facts did: which goals moved, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from graph_service.alignment.pace import AT_RISK, BEHIND, DONE, ON_TRACK, Judge, Pace
from graph_service.alignment.vertices import GoalVertex, Numbers
from graph_service.models.nodes import Value
from graph_service.models.words import Status

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


class GoalNumbers(Value, frozen=True):
    """What a person compares: progress, coverage, confidence (shares) and status on a day."""

    value: float | None
    coverage: float
    confidence: float | None
    status: Status


class ProgressChange(Value, frozen=True):
    """A goal whose numbers differ: ``before`` None when it was created, ``after`` None when it was removed."""

    goal: GoalVertex
    before: GoalNumbers | None
    after: GoalNumbers | None


class Moved:
    """What a batch of facts did: which goals moved, and how to take it all back."""

    __slots__ = ("_gathered", "before", "created", "graph", "removed", "revision", "undo", "values", "workspace")

    def __init__(self, graph: AlignmentGraph) -> None:
        self.graph = graph
        self.revision = graph.revision
        self.workspace = graph.workspace
        self.before: dict[GoalVertex, Numbers] = {}
        self._gathered = False
        # Means of which nothing but the value moved, and what it was: the long way up of a check-in, kept short.
        self.values: list[tuple[GoalVertex, float]] = []
        self.created: set[GoalVertex] = set()
        self.removed: set[GoalVertex] = set()
        self.undo: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def gather(self) -> None:
        """Puts means of which only the value moved among the others, so that each may move again."""
        known = self.before
        for goal, value in self.values:
            if goal not in known:
                known[goal] = (value, value, *goal.numbers[2:])
        self.values.clear()
        self._gathered = True

    def changed(self, as_of: date) -> list[ProgressChange]:
        """Goals whose value, coverage, confidence (by more than 1e-9) or status on ``as_of`` differ, by id.

        To be asked while the graph still stands where these facts left it."""
        graph = self.graph
        judge = judge_before = graph.judge(as_of)
        created, removed, known, means = self.created, self.removed, self.before, self.values
        if self._gathered:  # a mean may be among the others already
            self.gather()
        if self.workspace is not graph.workspace:  # the limits may have moved, and any goal may stand otherwise
            self.gather()
            judge_before = Judge(as_of, self.workspace)
            known = {**{goal: goal.numbers for goal in graph.goals()}, **known}
        changes: list[ProgressChange] = []
        seen: Pace | None = None
        on_track = behind = None
        for goal, was_mean in means:
            value, pace = goal.value, goal.pace
            if pace is not seen:
                seen, (_, _, on_track, behind) = pace, judge.verdict(pace)
            if on_track is None or behind is None or value is None or value >= DONE or was_mean >= DONE:
                after, before = judge.status(pace, value, goal.held), judge.status(pace, was_mean, goal.held)
            else:  # the way of most check-ins: under way before and after
                after = ON_TRACK if value >= on_track else BEHIND if value >= behind else AT_RISK
                before = ON_TRACK if was_mean >= on_track else BEHIND if was_mean >= behind else AT_RISK
            if after is not before or differ(value, was_mean):
                coverage, confidence = goal.coverage, goal.confidence
                was = GoalNumbers(was_mean, coverage, confidence, before)
                changes.append(ProgressChange(goal, was, GoalNumbers(value, coverage, confidence, after)))
        for goal, (was_value, _, was_coverage, was_confidence, was_held, _, was_pace) in known.items():
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
            value, _, coverage, confidence, held, _, pace = known[goal]
            status = judge_before.status(pace, value, held)
            changes.append(ProgressChange(goal, GoalNumbers(value, coverage, confidence, status), None))
        if len(changes) > 1:
            changes.sort(key=_changed_id)
        return changes


def _changed_id(change: ProgressChange) -> str:
    return change.goal.fact.id


def differ(one: float | None, other: float | None) -> bool:
    """Whether two shares differ by more than 1e-9, or only one of them is there."""
    if one is None or other is None:
        return one is not other
    return one != other and abs(one - other) > 1e-9
