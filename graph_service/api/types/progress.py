"""Progress and where it comes from."""

from __future__ import annotations

from datetime import date

import strawberry

from graph_service.alignment.explain import Contribution, explain
from graph_service.alignment.explain import Explanation as Explained
from graph_service.alignment.numbers import GoalNumbers as Numbers
from graph_service.alignment.vertices import GoalVertex
from graph_service.api.context import Ground
from graph_service.api.fields import Reader, asked
from graph_service.api.types.refs import GoalRef, goal_of, goals_of
from graph_service.api.types.reports import CheckIn, check_in_of
from graph_service.models.words import LinkKind, Status

of_progress = Reader["Progress"]()
of_explanation = Reader["Explanation"]()
of_part = Reader["ContributionToProgress"]()
of_change = Reader["ProgressChange"]()
of_numbers = Reader["GoalNumbers"]()


@strawberry.type(description="One of the goals that a goal's progress could come from, and what came of it.")
class ContributionToProgress:
    """A contributor in an explanation."""

    on: strawberry.Private[Ground]
    part: strawberry.Private[Contribution]

    goal: GoalRef = of_part(lambda one: goal_of(one.on, one.part.goal), "The goal that contributes, or could.")
    kind: LinkKind = of_part(lambda one: one.part.kind, "The kind of link by which it contributes.")
    weight: float = of_part(lambda one: one.part.weight, "Its weight beside the others.")
    share: float | None = of_part(
        lambda one: one.part.share, "Its weight as a share of all that count; null if it does not count."
    )
    raw: float | None = of_part(lambda one: one.part.raw, "Its own raw progress: may be negative or above 1.")
    progress: float | None = of_part(lambda one: one.part.progress, "Its own progress, 0 to 1.")
    contribution: float | None = of_part(
        lambda one: one.part.contribution, "Share times progress: what it adds to the goal's progress."
    )
    counted: bool = of_part(lambda one: one.part.counted, "Whether it counts in the number that is explained.")
    reason: str | None = of_part(lambda one: one.part.reason, "Why it does not count, in words; null where it counts.")


@strawberry.type(description="Where a goal's progress comes from: goals that contribute, or the check-in behind it.")
class Explanation:
    """An explanation of one goal's numbers."""

    on: strawberry.Private[Ground]
    goal: strawberry.Private[GoalVertex]
    said: strawberry.Private[Explained]

    contributors: list[ContributionToProgress] = of_explanation(
        lambda one: [ContributionToProgress(on=one.on, part=part) for part in one.said.contributors],
        "Every goal that could count, in order, counted or not.",
    )
    check_in: CheckIn | None = of_explanation(
        lambda one: None if one.said.check_in is None else check_in_of(one.on, one.goal, one.said.check_in),
        "The check-in that the present value comes from; null where goals contribute or nothing was reported.",
    )
    doubled: list[GoalRef] = of_explanation(
        lambda one: goals_of(one.on, one.said.doubled), "Goals that reach this one by more than one counting path."
    )


@strawberry.type(description="How far a goal has come. Shares: 0.25 for 25 %.")
class Progress:
    """A goal's numbers, judged on a day."""

    on: strawberry.Private[Ground]
    goal: strawberry.Private[GoalVertex]
    as_of: strawberry.Private[date | None]

    value: float | None = of_progress(
        lambda one: one.goal.value, "Progress, 0 to 1. Null if nothing that counts is measured; never a guessed 0."
    )
    raw: float | None = of_progress(lambda one: one.goal.raw, "Progress before it is cut to 0..1.")
    expected: float | None = of_progress(
        lambda one: one.on.judge(one.as_of).expected(one.goal.pace),
        "The share that should be done by the day; null without a start and a due day.",
    )
    gap: float | None = of_progress(
        lambda one: gap_of(one.goal, one.on, one.as_of), "Expected minus value: above 0 is behind; null without either."
    )
    coverage: float = of_progress(
        lambda one: one.goal.coverage, "The weight of what is measured below it, as a share of all that should count."
    )
    confidence: float | None = of_progress(
        lambda one: one.goal.confidence, "The weighted mean of the confidence reported; null without any."
    )

    @asked("Where the value comes from, down to the check-in.")
    def explain(self) -> Explanation:
        """The explanation of this goal's numbers."""
        said = explain(self.on.graph, self.goal.id, self.on.viewer)
        assert said is not None, "the goal was found"
        return Explanation(on=self.on, goal=self.goal, said=said)


def gap_of(goal: GoalVertex, on: Ground, as_of: date | None = None) -> float | None:
    """Expected minus actual progress on a day; None without either."""
    expected = on.judge(as_of).expected(goal.pace)
    return None if expected is None or goal.value is None else expected - goal.value


@strawberry.type(description="A goal's numbers at one moment.")
class GoalNumbers:
    """What a person compares before and after a change."""

    said: strawberry.Private[Numbers]

    value: float | None = of_numbers(lambda one: one.said.value, "Progress, 0 to 1; null if unmeasured.")
    coverage: float = of_numbers(lambda one: one.said.coverage, "How much of what should count is measured: a share.")
    confidence: float | None = of_numbers(lambda one: one.said.confidence, "Confidence, a share; null without any.")
    status: Status = of_numbers(lambda one: one.said.status, "The status on the day of the change.")


@strawberry.type(description="A goal whose progress, coverage, confidence or status a change has moved.")
class ProgressChange:
    """A goal before and after."""

    on: strawberry.Private[Ground]
    vertex: strawberry.Private[GoalVertex]
    was: strawberry.Private[Numbers | None]
    now: strawberry.Private[Numbers | None]

    goal: GoalRef = of_change(lambda one: goal_of(one.on, one.vertex), "The goal (a removed one as it was).")
    before: GoalNumbers | None = of_change(
        lambda one: None if one.was is None else GoalNumbers(said=one.was), "Its numbers before; null: it was created."
    )
    after: GoalNumbers | None = of_change(
        lambda one: None if one.now is None else GoalNumbers(said=one.now), "Its numbers after; null: it was removed."
    )
