"""What is reported and measured: check-ins, milestones, plans and earlier yardsticks."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graph_service.alignment.vertices import GoalVertex
from graph_service.api.context import Ground
from graph_service.api.fields import Reader
from graph_service.api.types.refs import OwnerRef, owner_at
from graph_service.models import nodes
from graph_service.models.words import Aggregate, Comparison, Measure, Status

of_check_in = Reader["CheckIn"]()
of_milestone = Reader["Milestone"]()
of_point = Reader["PlanPoint"]()
of_version = Reader["Version"]()


@strawberry.type(description="What somebody reported of a goal: appended, never changed. A later one may replace it.")
class CheckIn:
    """A check-in and what became of it."""

    on: strawberry.Private[Ground]
    goal: strawberry.Private[GoalVertex]
    said: strawberry.Private[nodes.CheckIn]

    id: strawberry.ID = of_check_in(lambda one: strawberry.ID(one.said.id), "The id of this check-in, for `replaces`.")
    value: float | None = of_check_in(lambda one: one.said.value, "The value, in the key result's unit.")
    confidence: float | None = of_check_in(
        lambda one: one.said.confidence, "How sure they are that it will be reached: a share, 0.25 for 25 %."
    )
    reported_status: Status | None = of_check_in(
        lambda one: one.said.reported_status, "What they say of it; it stands beside the computed status."
    )
    note: str | None = of_check_in(lambda one: one.said.note, "What they said about it, as they wrote it.")
    at: datetime = of_check_in(lambda one: one.said.at, "When it was so; the present value is that of the latest.")
    by: OwnerRef | None = of_check_in(
        lambda one: owner_at(one.on, one.said.by), "Who reported it, where that is known."
    )
    source: str = of_check_in(
        lambda one: one.said.source, "Where it came from: a door of this service, or another tool."
    )
    revision: int = of_check_in(lambda one: one.said.revision, "The revision that recorded it.")
    replaces: strawberry.ID | None = of_check_in(
        lambda one: None if one.said.replaces is None else strawberry.ID(one.said.replaces),
        "The check-in that it corrects.",
    )
    replaced_by: strawberry.ID | None = of_check_in(
        lambda one: next((strawberry.ID(by.id) for by in one.goal.check_ins if by.replaces == one.said.id), None),
        "The check-in that corrects it; then it does not count any more.",
    )
    milestones_done: list[strawberry.ID] = of_check_in(
        lambda one: [strawberry.ID(id) for id in one.said.milestones_done], "Milestones that it reports as done."
    )


def check_in_of(on: Ground, goal: GoalVertex, said: nodes.CheckIn) -> CheckIn:
    """A check-in of a goal, as its type."""
    return CheckIn(on=on, goal=goal, said=said)


def last_check_in(goal: GoalVertex) -> nodes.CheckIn | None:
    """The newest check-in of a goal that no other replaces; None without any."""
    replaced = {one.replaces for one in goal.check_ins if one.replaces is not None}
    return next((one for one in reversed(goal.check_ins) if one.id not in replaced), None)


@strawberry.type(description="One step of a MILESTONES key result.")
class Milestone:
    """A milestone."""

    said: strawberry.Private[nodes.Milestone]

    id: strawberry.ID = of_milestone(lambda one: strawberry.ID(one.said.id), "The id, within its key result.")
    title: str = of_milestone(lambda one: one.said.title, "What is done then.")
    weight: float = of_milestone(lambda one: one.said.weight, "Its weight beside the others.")
    due: date | None = of_milestone(lambda one: one.said.due, "The day by which it should be done.")
    done_at: date | None = of_milestone(lambda one: one.said.done_at, "The day it was done; null while it is not.")


@strawberry.type(description="A planned value on a day, for what is not expected to grow evenly.")
class PlanPoint:
    """A point of a plan."""

    said: strawberry.Private[nodes.PlanPoint]

    date: date = of_point(lambda one: one.said.date, "The day for which the value is planned.")
    value: float = of_point(lambda one: one.said.value, "The value planned for it, in the key result's unit.")


@strawberry.type(name="KeyResultVersion", description="How a key result was measured until it was revised.")
class Version:
    """An earlier yardstick."""

    said: strawberry.Private[nodes.Version]

    at: datetime = of_version(lambda one: one.said.at, "When another yardstick took its place.")
    by: str = of_version(lambda one: one.said.by, "Who measured it otherwise from then on.")
    reason: str = of_version(lambda one: one.said.reason, "The reason that was given for it.")
    measure: Measure = of_version(lambda one: one.said.measure, "The measure until then.")
    comparison: Comparison | None = of_version(lambda one: one.said.comparison, "The comparison until then.")
    baseline: float | None = of_version(lambda one: one.said.baseline, "The baseline until then.")
    target: float | None = of_version(lambda one: one.said.target, "The target until then.")
    target_min: float | None = of_version(lambda one: one.said.target_min, "The lower bound until then.")
    target_max: float | None = of_version(lambda one: one.said.target_max, "The upper bound until then.")
    unit: str | None = of_version(lambda one: one.said.unit, "The unit until then.")
    aggregate: Aggregate | None = of_version(lambda one: one.said.aggregate, "The aggregate until then.")
    plan: list[PlanPoint] = of_version(
        lambda one: [PlanPoint(said=point) for point in one.said.plan], "The plan until then, by date."
    )
    milestones: list[Milestone] = of_version(
        lambda one: [Milestone(said=milestone) for milestone in one.said.milestones], "The milestones until then."
    )
