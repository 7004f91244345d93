"""The four health figures: each a plain share, with what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.owners import is_active
from graph_service.alignment.audit.report import Health, HealthFigure
from graph_service.alignment.pace import DONE
from graph_service.alignment.vertices import AGGREGATE, MEAN, GoalVertex
from graph_service.models.nodes import KeyResult, Person, Team
from graph_service.models.words import GoalState, Measure


def health(look: Look) -> Health:
    """The figures of the goals that a look has before it."""
    live = look.live
    objectives = [goal for goal in live if goal.is_objective]
    key_results = [goal for goal in live if not goal.is_objective]
    reported = awaiting(look, key_results)
    reaching, owners, active = look.reaching, look.owner_ids, look.once(active_of)
    return Health(
        _figure(objectives, [goal for goal in objectives if goal not in reaching]),
        _figure(
            live,
            [goal for goal in live if owners.get(goal.fact.id) not in active and answering(goal, owners) not in active],
        ),
        _figure(key_results, [goal for goal in key_results if goal.value is None]),
        _figure(reported, [goal for goal in reported if not fresh(look, goal)]),
    )


def _figure(goals: list[GoalVertex], missing: list[GoalVertex]) -> HealthFigure:
    many = len(goals) - len(missing)
    ids = tuple(sorted([goal.fact.id for goal in missing]))
    return HealthFigure(many / len(goals) if goals else None, many, len(goals), ids)


def answering(goal: GoalVertex, owners: Mapping[str, str]) -> str | None:
    """The id of who answers for a goal: its owner, else (of a key result) that of its objective; by the owners of all
    goals."""
    owner = owners.get(goal.fact.id)
    if owner is None and (objective := goal.objective) is not None:
        return owners.get(objective.fact.id)
    return owner


def active_of(look: Look) -> frozenset[str]:
    """Ids of the people and teams who are active, whoever sees them."""
    return frozenset([owner.fact.id for owner in look.graph.of_kind(Person, Team) if is_active(owner)])


def awaiting(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Those of some goals on which somebody should report about now: active key results with a measure of their own
    that are under way (begun, not finished, not past their last day) since longer than their cadence."""
    today, active, unmeasured = look.today, GoalState.ACTIVE, Measure.UNMEASURED
    found = []
    for goal in goals:
        pace, fact = goal.pace, goal.fact
        start = pace.start
        if start is None or pace.state is not active or goal.mode in (MEAN, AGGREGATE) or type(fact) is not KeyResult:
            continue
        due, value = pace.due, goal.value
        if (due is not None and today > due) or (value is not None and value >= DONE) or fact.measure is unmeasured:
            continue
        if today - start >= look.cadence(goal):
            found.append(goal)
    return found


def last_report(look: Look, goal: GoalVertex) -> int | None:
    """The day of the last check-in of a goal, as an ordinal; None without any."""
    return look.day_of(goal.check_ins[-1].at) if goal.check_ins else None


def fresh(look: Look, goal: GoalVertex) -> bool:
    """Whether the last check-in of a goal lies within its cadence."""
    last = last_report(look, goal)
    return last is not None and look.today - last <= look.cadence(goal)
