"""The four health figures: each a plain share, with what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from graph_service.alignment.audit.look import Look
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
    reported = [goal for goal in key_results if awaits_check_in(look, goal)]
    reaching = look.reaching
    return Health(
        _figure(objectives, (goal in reaching for goal in objectives)),
        _figure(live, (actively_owned(look, goal) for goal in live)),
        _figure(key_results, (goal.value is not None for goal in key_results)),
        _figure(reported, (fresh(look, goal) for goal in reported)),
    )


def _figure(goals: list[GoalVertex], good: Iterable[bool]) -> HealthFigure:
    missing = tuple([goal.fact.id for goal, fine in zip(goals, good, strict=True) if not fine])
    many = len(goals) - len(missing)
    return HealthFigure(many / len(goals) if goals else None, many, len(goals), missing)


def answering(goal: GoalVertex) -> str | None:
    """The id of who answers for a goal: its owner, else (of a key result) that of its objective."""
    owner = goal.owner
    if owner is None and (objective := goal.objective) is not None:
        return objective.owner
    return owner


def actively_owned(look: Look, goal: GoalVertex) -> bool:
    """Whether somebody who is active answers for a goal."""
    id = answering(goal)
    if id is None:
        return False
    fact = look.graph.nodes[id].fact
    return isinstance(fact, Person | Team) and fact.active


def awaits_check_in(look: Look, goal: GoalVertex) -> bool:
    """Whether somebody should report on a goal about now: an active key result with a measure of its own that is under
    way (begun, not finished, not past its last day) since longer than its cadence."""
    fact, pace = goal.fact, goal.pace
    if not isinstance(fact, KeyResult) or pace.state is not GoalState.ACTIVE or goal.mode in (MEAN, AGGREGATE):
        return False
    if fact.measure is Measure.UNMEASURED or (goal.value is not None and goal.value >= DONE):
        return False
    today = look.today
    if pace.start is None or today - pace.start < look.cadence(goal):
        return False
    return pace.due is None or today <= pace.due


def last_report(look: Look, goal: GoalVertex) -> int | None:
    """The day of the last check-in of a goal, as an ordinal; None without any."""
    return look.day_of(goal.check_ins[-1].at) if goal.check_ins else None


def fresh(look: Look, goal: GoalVertex) -> bool:
    """Whether the last check-in of a goal lies within its cadence."""
    last = last_report(look, goal)
    return last is not None and look.today - last <= look.cadence(goal)
