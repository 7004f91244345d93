"""Goals: objectives and key results."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph_service.alignment.cascade import cascade
from graph_service.alignment.ladder import ladder
from graph_service.alignment.vertices import GoalVertex
from graph_service.api.connections import After, Connection, First, paged
from graph_service.api.cursors import Order, instant
from graph_service.api.fields import Reader, asked
from graph_service.api.scalars import JSON
from graph_service.api.types.answers import DEPTH, Cascade, Depth, Ladder
from graph_service.api.types.links import (
    BrokenReference,
    Contribution,
    GoalLink,
    contributions,
    links_down,
    links_up,
)
from graph_service.api.types.log import Change, history_of
from graph_service.api.types.node import SHOWN, Node
from graph_service.api.types.progress import Progress
from graph_service.api.types.refs import (
    FindingRef,
    GoalRef,
    InitiativeRef,
    KeyResultRef,
    KpiRef,
    ObjectiveRef,
    OwnerRef,
    PeriodRef,
    findings_about,
    goal_of,
    initiatives_at,
    key_results_of,
    kpi_at,
    objective_at,
    owner_at,
    period_at,
)
from graph_service.api.types.reports import CheckIn, Milestone, PlanPoint, Version, check_in_of, last_check_in
from graph_service.models import nodes
from graph_service.models.words import (
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    LinkKind,
    Measure,
    Status,
)

AsOf = Annotated[
    date | None,
    strawberry.argument(description="The day to judge on; absent: today in the workspace's time zone."),
]

of_goal = Reader["Goal"]()
of_objective = Reader["Objective"]()
of_key_result = Reader["KeyResult"]()


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _given(as_of: date | None) -> date | None:
    return None if as_of is UNSET else as_of


def _primary_parent(goal: Goal) -> GoalRef | None:
    edge = goal.vertex.primary
    return None if edge is None or not goal.on.viewer.sees(edge.parent) else goal_of(goal.on, edge.parent)


def _last_check_in(goal: Goal) -> CheckIn | None:
    said = last_check_in(goal.vertex)
    return None if said is None else check_in_of(goal.on, goal.vertex, said)


def _ladder(goal: Goal) -> Ladder:
    found = ladder(goal.on.graph, goal.vertex.id, goal.on.viewer)
    assert found is not None, "the goal was found"
    return Ladder(on=goal.on, said=found)


@strawberry.interface(description="What somebody wants to reach: an objective or a key result.")
class Goal(Node):
    """What objectives and key results have in common."""

    vertex: strawberry.Private[GoalVertex]
    fact: strawberry.Private[nodes.Objective | nodes.KeyResult]

    title: str = of_goal(lambda goal: goal.fact.title, "What is wanted, in a line.")
    description: str | None = of_goal(
        lambda goal: goal.fact.description, "Why it is wanted: the reason behind the title."
    )
    alignment_note: str | None = of_goal(lambda goal: goal.fact.alignment_note, "How it serves the goals above it.")
    state: GoalState = of_goal(lambda goal: goal.fact.state, "Where it stands in its life, as people say it.")
    owner: OwnerRef | None = of_goal(
        lambda goal: owner_at(goal.on, goal.vertex.owner), "The one person or team that is accountable; null: nobody."
    )
    contributors: list[Contribution] = of_goal(
        lambda goal: contributions(goal.on, goal.vertex.contributors), "Further people and teams, by id."
    )
    primary_parent: GoalRef | None = of_goal(
        _primary_parent,
        "The next rung up: a key result's objective, an objective's first parent; null without any.",
    )
    period: PeriodRef | None = of_goal(
        lambda goal: period_at(goal.on, goal.fact.period), "The period that it is set for itself."
    )
    start: date | None = of_goal(lambda goal: goal.fact.start, "Its own first day; `startsOn` is the one in force.")
    due: date | None = of_goal(lambda goal: goal.fact.due, "Its own last day; `endsOn` is the one in force.")
    starts_on: date | None = of_goal(
        lambda goal: _day(goal.vertex.pace.start),
        "The first day in force: its own, else (key result) its objective's, else its period's.",
    )
    ends_on: date | None = of_goal(
        lambda goal: _day(goal.vertex.pace.due),
        "The last day in force: its own, else (key result) its objective's, else its period's.",
    )
    last_check_in: CheckIn | None = of_goal(
        _last_check_in, "The newest check-in that none has replaced; null without any."
    )
    ladder: Ladder = of_goal(_ladder, "The way up from here to the top.")
    aligned_to: list[GoalLink] = of_goal(
        lambda goal: links_up(goal.on, goal.vertex, LinkKind.ALIGNED), "Goals across the tree that it helps, by id."
    )
    aligned_from: list[GoalLink] = of_goal(
        lambda goal: links_down(goal.on, goal.vertex, LinkKind.ALIGNED), "Goals across the tree that help it, by id."
    )
    score: float | None = of_goal(lambda goal: goal.fact.score, "The score it was closed with, 0 to 1.")
    retrospective: str | None = of_goal(
        lambda goal: goal.fact.retrospective, "What was learned, said when it was closed."
    )
    attributes: JSON = of_goal(
        lambda goal: JSON(goal.fact.attributes or {}),
        "What an import or a client keeps here without meaning for this service.",
    )
    initiatives: list[InitiativeRef] = of_goal(
        lambda goal: initiatives_at(goal.on, goal.vertex.sources(LinkKind.SUPPORTS)),
        "Projects that support it, by id; they never count.",
    )
    broken_references: list[BrokenReference] = of_goal(
        lambda goal: [BrokenReference(broken=one) for one in goal.vertex.broken],
        "References to nothing that an import brought, kept for repair.",
    )
    revision: int = of_goal(
        lambda goal: goal.vertex.revision,
        "The last revision that changed its own fields, owner, contributors or outgoing links, or added a check-in."
        " What links to it, and rollup, do not touch it. Give it as `expectedRevision` to change the goal safely.",
    )

    @asked("How it stands on a day: by its state, its progress, and what is expected by then.")
    def status(self, as_of: AsOf = UNSET) -> Status:
        """The status on a day."""
        return self.on.graph.numbers(self.vertex, self.on.judge(_given(as_of))).status

    @asked("How far it has come, and how far it should have.")
    def progress(self, as_of: AsOf = UNSET) -> Progress:
        """Progress, judged on a day."""
        return Progress(on=self.on, goal=self.vertex, as_of=_given(as_of))

    @asked("What the audit finds about it on a day, the gravest first.")
    def findings(self, as_of: AsOf = UNSET) -> list[FindingRef]:
        """The findings about it."""
        return self.on.page_of(findings_about(self.on, self.vertex.fact.id, _given(as_of)), self, "findings")

    @asked("All its check-ins, newest first; those that were replaced too.")
    def check_ins(self, first: First = UNSET, after: After = UNSET) -> Connection[CheckIn]:
        """Check-ins by (at, revision, position), the greatest first."""
        goal, on = self.vertex, self.on
        rows = (((instant(one.at), one.revision, one.position), one) for one in goal.check_ins)
        order = Order(f"check-ins of {goal.id}", descending=True)
        return paged(on, rows, lambda said: check_in_of(on, goal, said), order, first=first, after=after)

    @asked("What happened to it, oldest first.")
    def history(self, first: First = UNSET, after: After = UNSET) -> Connection[Change]:
        """The changes of the log that touched this goal."""
        return history_of(self.on, self.vertex.id, first=first, after=after)


@strawberry.type(description="What one wants: qualitative and bound in time.")
class Objective(Goal):
    """An objective."""

    fact: strawberry.Private[nodes.Objective]

    level: str | None = of_objective(
        lambda one: one.fact.level, "One of the workspace's levels (organization, department, team, individual ...)."
    )
    top_level: bool = of_objective(
        lambda one: one.on.graph.top_level(one.vertex),
        "Whether it is meant to have no parent: as said, else by its level being `organization`.",
    )
    ambition: Ambition | None = of_objective(lambda one: one.fact.ambition, "To be reached in full, or a stretch.")
    themes: list[str] = of_objective(lambda one: list(one.fact.themes), "Free labels to filter by.")
    driver: Driver = of_objective(
        lambda one: one.fact.driver,
        "What moves its progress: all that contributes, its key results, what lies under it, or a hand.",
    )
    driver_reason: str | None = of_objective(
        lambda one: one.fact.driver_reason, "Why it is moved by that and not by all that contributes."
    )
    manual_progress: float | None = of_objective(
        lambda one: one.fact.manual_progress, "The value given by hand, 0 to 1; it counts only if driver is MANUAL."
    )
    key_results: list[KeyResultRef] = of_objective(
        lambda one: key_results_of(one.on, one.vertex.key_results), "How one knows that it is reached, in order."
    )
    parents: list[GoalLink] = of_objective(
        lambda one: links_up(one.on, one.vertex, LinkKind.PARENT), "What it hangs under; the first is the primary one."
    )
    children: list[GoalLink] = of_objective(
        lambda one: links_down(one.on, one.vertex, LinkKind.PARENT), "Objectives that hang under it, by id."
    )

    @asked("Everything under it: a tree on primary parents, with the further links in it.")
    def cascade(self, depth: Depth = DEPTH) -> Cascade:
        """The cascade from this objective down."""
        found = cascade(
            self.on.graph, self.vertex.id, DEPTH if depth is None else depth, self.on.limits.max_page, self.on.viewer
        )
        assert found is not None, "the objective was found"
        return Cascade(on=self.on, said=found)


@strawberry.type(description="How one knows: one measure, of one objective.")
class KeyResult(Goal):
    """A key result."""

    fact: strawberry.Private[nodes.KeyResult]

    objective: ObjectiveRef | None = of_key_result(
        lambda one: None if one.vertex.objective is None else objective_at(one.on, one.vertex.objective.id),
        "The objective it belongs to; null only where an import could not find it.",
    )
    measure: Measure = of_key_result(lambda one: one.fact.measure, "How what is reported becomes progress.")
    comparison: Comparison | None = of_key_result(
        lambda one: one.fact.comparison, "When a THRESHOLD is met; null for other measures."
    )
    baseline: float | None = of_key_result(
        lambda one: one.fact.baseline, "Where a DELTA begins: the value that is 0 % of the way."
    )
    target: float | None = of_key_result(
        lambda one: one.fact.target, "Where a DELTA ends; what a THRESHOLD compares with."
    )
    target_min: float | None = of_key_result(lambda one: one.fact.target_min, "The lower bound of BETWEEN; null: open.")
    target_max: float | None = of_key_result(lambda one: one.fact.target_max, "The upper bound of BETWEEN; null: open.")
    unit: str | None = of_key_result(lambda one: one.fact.unit, "The unit of its values, as people write it.")
    aggregate: Aggregate | None = of_key_result(
        lambda one: one.fact.aggregate, "How it takes its value from aligned key results; null: from check-ins."
    )
    plan: list[PlanPoint] = of_key_result(
        lambda one: [PlanPoint(said=point) for point in one.fact.plan],
        "Planned values, by date; none: it grows evenly.",
    )
    milestones: list[Milestone] = of_key_result(
        lambda one: [Milestone(said=milestone) for milestone in one.fact.milestones], "Its milestones, in order."
    )
    versions: list[Version] = of_key_result(
        lambda one: [Version(said=version) for version in one.fact.versions],
        "How it was measured before each revision, oldest first.",
    )
    value: float | None = of_key_result(
        lambda one: one.vertex.amount,
        "The present value in its unit: of the latest check-in, or gathered from its sources.",
    )
    weight: float = of_key_result(
        lambda one: _weight(one.vertex), "Its weight beside the objective's other contributors; 1 while it is loose."
    )
    children: list[GoalLink] = of_key_result(
        lambda one: links_down(one.on, one.vertex, LinkKind.PARENT), "Objectives that hang under it, by id."
    )
    kpi: KpiRef | None = of_key_result(
        lambda one: kpi_at(one.on, next(iter(one.vertex.targets(LinkKind.MEASURED_BY)), None)),
        "The KPI that measures it (the first by id).",
    )


def _weight(goal: GoalVertex) -> float:
    edges = goal.ups(LinkKind.KEY_RESULT_OF)
    return edges[0].weight if edges else 1.0


SHOWN[nodes.Objective] = Objective
SHOWN[nodes.KeyResult] = KeyResult
