"""What a batch of facts did: which goals moved, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from graph_service.alignment.pace import Judge, Pace
from graph_service.alignment.vertices import GoalVertex
from graph_service.models.words import Status

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


class Numbers(NamedTuple):
    """A goal's numbers and pace at one moment."""

    value: float | None
    raw: float | None
    coverage: float
    confidence: float | None
    held: int
    amount: float | None
    pace: Pace


class GoalNumbers(NamedTuple):
    """What a person compares: progress, coverage, confidence (shares) and status on a day."""

    value: float | None
    coverage: float
    confidence: float | None
    status: Status


class ProgressChange(NamedTuple):
    """A goal whose numbers differ: ``before`` None when it was created, ``after`` None when it was removed."""

    goal: GoalVertex
    before: GoalNumbers | None
    after: GoalNumbers | None


class Moved:
    """What a batch of facts did: which goals moved, and how to take it all back."""

    __slots__ = ("_graph", "before", "created", "removed", "revision", "undo", "workspace")

    def __init__(self, graph: AlignmentGraph) -> None:
        self._graph = graph
        self.revision = graph.revision
        self.workspace = graph.workspace
        self.before: dict[GoalVertex, Numbers] = {}
        self.created: set[GoalVertex] = set()
        self.removed: set[GoalVertex] = set()
        self.undo: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    @property
    def goals(self) -> set[GoalVertex]:
        """Goals that the facts reached, whether or not their numbers differ in the end."""
        return self.before.keys() | self.created | self.removed

    def changed(self, as_of: date) -> list[ProgressChange]:
        """Goals whose value, coverage, confidence (by more than 1e-9) or status on ``as_of`` differ, by id.

        To be asked while the graph still stands where these facts left it."""
        graph = self._graph
        judge_after = graph.judge(as_of)
        limits_moved = self.workspace is not graph.workspace
        judge_before = Judge(as_of, self.workspace) if limits_moved else judge_after
        reached: Iterable[GoalVertex] = graph.goals() if limits_moved else self.before
        changes: list[ProgressChange] = []
        created, removed = self.created, self.removed
        for goal in reached:
            if goal in created or goal in removed:
                continue
            value, coverage, confidence, held, pace = goal.value, goal.coverage, goal.confidence, goal.held, goal.pace
            earlier = self.before.get(goal)
            if earlier is None:
                was_value, was_coverage, was_confidence, was_held, was_pace = value, coverage, confidence, held, pace
            else:
                was_value, _, was_coverage, was_confidence, was_held, _, was_pace = earlier
            after = judge_after.status(pace, value, held)
            before = judge_before.status(was_pace, was_value, was_held)
            if (
                after is not before
                or differ(value, was_value)
                or differ(coverage, was_coverage)
                or differ(confidence, was_confidence)
            ):
                changes.append(
                    ProgressChange(
                        goal,
                        GoalNumbers(was_value, was_coverage, was_confidence, before),
                        GoalNumbers(value, coverage, confidence, after),
                    )
                )
        changes += [ProgressChange(goal, None, graph.numbers(goal, judge_after)) for goal in created - removed]
        for goal in removed - created:
            was = self.before.get(goal)
            if was is not None:
                status = judge_before.status(was.pace, was.value, was.held)
                changes.append(ProgressChange(goal, GoalNumbers(was.value, was.coverage, was.confidence, status), None))
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
