"""What is neither goal nor owner: periods, initiatives, KPIs, role charters, and the workspace itself."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graph_service.api.context import Ground
from graph_service.api.fields import Reader
from graph_service.api.scalars import JSON
from graph_service.api.types.node import SHOWN, Node
from graph_service.api.types.refs import (
    GoalRef,
    KeyResultRef,
    ObjectiveRef,
    OwnerRef,
    PeriodRef,
    PersonRef,
    goals_at,
    key_results_at,
    objectives_at,
    owner_at,
    people_at,
    period_at,
    periods_at,
)
from graph_service.models import nodes
from graph_service.models.words import GoalState, LinkKind

of_period = Reader["Period"]()
of_initiative = Reader["Initiative"]()
of_task = Reader["Task"]()
of_kpi = Reader["Kpi"]()
of_role = Reader["RoleCharter"]()
of_workspace = Reader["Workspace"]()

ATTRIBUTES = "What an import or a client keeps here without meaning for this service."
REVISION = "The last revision that changed it; give it as `expectedRevision`."


@strawberry.type(description="A time box, as a quarter within a year. Its last day belongs to it.")
class Period(Node):
    """A period."""

    fact: strawberry.Private[nodes.Period]

    title: str = of_period(lambda period: period.fact.title, "What it is called.")
    start: date | None = of_period(lambda period: period.fact.start, "Its first day; null: open.")
    end: date | None = of_period(lambda period: period.fact.end, "Its last day, which belongs to it; null: open.")
    within: PeriodRef | None = of_period(
        lambda period: period_at(period.on, next(iter(period.vertex.targets(LinkKind.WITHIN)), None)),
        "The period it lies within.",
    )
    periods: list[PeriodRef] = of_period(
        lambda period: periods_at(period.on, period.vertex.sources(LinkKind.WITHIN)),
        "Periods that lie within it, by id.",
    )
    attributes: JSON = of_period(lambda period: JSON(period.fact.attributes or {}), ATTRIBUTES)
    revision: int = of_period(lambda period: period.vertex.revision, REVISION)


@strawberry.type(description="A task of an initiative.")
class Task:
    """A task."""

    said: strawberry.Private[nodes.Task]

    title: str = of_task(lambda task: task.said.title, "What is to be done.")
    url: str | None = of_task(lambda task: task.said.url, "Where it is followed.")
    done: bool = of_task(lambda task: task.said.done, "Whether the task is done.")


@strawberry.type(description="A project that supports goals. It never counts in their progress.")
class Initiative(Node):
    """An initiative."""

    fact: strawberry.Private[nodes.Initiative]

    title: str = of_initiative(lambda one: one.fact.title, "What the project is called, in a line.")
    state: GoalState = of_initiative(lambda one: one.fact.state, "Where it stands, as people say it.")
    owner: OwnerRef | None = of_initiative(
        lambda one: owner_at(one.on, one.fact.owner), "The person or team that runs it; null: nobody."
    )
    supports: list[GoalRef] = of_initiative(
        lambda one: goals_at(one.on, one.vertex.targets(LinkKind.SUPPORTS)), "The goals it supports, by id."
    )
    tasks: list[Task] = of_initiative(lambda one: [Task(said=task) for task in one.fact.tasks], "Its tasks, in order.")
    start: date | None = of_initiative(lambda one: one.fact.start, "The first day of the work.")
    due: date | None = of_initiative(lambda one: one.fact.due, "The last day of the work.")
    attributes: JSON = of_initiative(lambda one: JSON(one.fact.attributes or {}), ATTRIBUTES)
    revision: int = of_initiative(lambda one: one.vertex.revision, REVISION)


@strawberry.type(description="A running health measure with an accepted range. It is no goal.")
class Kpi(Node):
    """A KPI."""

    fact: strawberry.Private[nodes.Kpi]

    title: str = of_kpi(lambda kpi: kpi.fact.title, "What is measured, in a line.")
    unit: str | None = of_kpi(lambda kpi: kpi.fact.unit, "The unit of its values, as people write it.")
    min: float | None = of_kpi(lambda kpi: kpi.fact.min, "The least value accepted; null: open.")
    max: float | None = of_kpi(lambda kpi: kpi.fact.max, "The greatest value accepted; null: open.")
    value: float | None = of_kpi(lambda kpi: kpi.fact.value, "The value that was measured last, in its unit.")
    at: datetime | None = of_kpi(lambda kpi: kpi.fact.at, "When that value was measured.")
    in_range: bool | None = of_kpi(
        lambda kpi: _in_range(kpi.fact), "Whether the value is accepted; null without a value or a bound."
    )
    key_results: list[KeyResultRef] = of_kpi(
        lambda kpi: key_results_at(kpi.on, kpi.vertex.sources(LinkKind.MEASURED_BY)), "Key results it measures, by id."
    )
    attributes: JSON = of_kpi(lambda kpi: JSON(kpi.fact.attributes or {}), ATTRIBUTES)
    revision: int = of_kpi(lambda kpi: kpi.vertex.revision, REVISION)


def _in_range(kpi: nodes.Kpi) -> bool | None:
    if kpi.value is None or (kpi.min is None and kpi.max is None):
        return None
    return (kpi.min is None or kpi.value >= kpi.min) and (kpi.max is None or kpi.value <= kpi.max)


@strawberry.type(description="A role described by what it is to achieve, not by tasks.")
class RoleCharter(Node):
    """A role charter."""

    fact: strawberry.Private[nodes.RoleCharter]

    title: str = of_role(lambda role: role.fact.title, "What the role is called.")
    outcomes: list[ObjectiveRef] = of_role(
        lambda role: objectives_at(role.on, role.vertex.targets(LinkKind.CHARTERS)), "Objectives it stands for, by id."
    )
    metrics: list[KeyResultRef] = of_role(
        lambda role: key_results_at(role.on, role.vertex.targets(LinkKind.CHARTERS)),
        "Key results it is seen by, by id.",
    )
    areas: list[str] = of_role(lambda role: list(role.fact.areas), "Areas of responsibility, in order.")
    brings: list[str] = of_role(lambda role: list(role.fact.brings), "What its holder brings, in order.")
    holders: list[PersonRef] = of_role(
        lambda role: people_at(role.on, role.vertex.sources(LinkKind.HOLDS)), "The people who hold the role, by id."
    )
    attributes: JSON = of_role(lambda role: JSON(role.fact.attributes or {}), ATTRIBUTES)
    revision: int = of_role(lambda role: role.vertex.revision, REVISION)


@strawberry.type(description="Facts of the workspace itself: one organization, one graph.")
class Workspace:
    """The workspace."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[nodes.Workspace]

    levels: list[str] = of_workspace(lambda one: list(one.said.levels), "Levels an objective may have, from the top.")
    behind_limit: float = of_workspace(
        lambda one: one.said.behind_limit, "A goal is ON_TRACK up to this gap between expected and actual progress."
    )
    at_risk_limit: float = of_workspace(
        lambda one: one.said.at_risk_limit, "A goal is BEHIND up to this gap, AT_RISK above it."
    )
    check_in_days: int = of_workspace(lambda one: one.said.check_in_days, "A check-in is due every so many days.")
    time_zone: str = of_workspace(lambda one: one.said.time_zone, "The time zone whose days count, as Europe/Berlin.")
    revision: int = of_workspace(lambda one: one.on.revision, "The revision that this answer shows.")
    epoch: str = of_workspace(
        lambda one: one.on.epoch,
        "Changes when the store is restored; revisions and cursors of another epoch mean nothing.",
    )


SHOWN[nodes.Period] = Period
SHOWN[nodes.Initiative] = Initiative
SHOWN[nodes.Kpi] = Kpi
SHOWN[nodes.RoleCharter] = RoleCharter
