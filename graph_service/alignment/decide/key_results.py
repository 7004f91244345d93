"""Deciding about key results: how they are measured, and how that may change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph_service.alignment.decide.anew import anew, as_given
from graph_service.alignment.decide.find import check_period, find_key_result, find_owner, fresh, owns
from graph_service.alignment.decide.goals import settle_state
from graph_service.alignment.decide.links import join
from graph_service.alignment.decide.occasion import Occasion
from graph_service.errors import Invalid
from graph_service.models.changes import CreateKeyResult, MilestoneInput, ReviseKeyResult, UpdateKeyResult
from graph_service.models.checks import (
    check_days,
    clean_attributes,
    clean_id,
    clean_label,
    clean_number,
    clean_text,
    clean_title,
    clean_weight,
    shown,
)
from graph_service.models.facts import Fact, PutNode
from graph_service.models.nodes import KeyResult, Milestone, PlanPoint, Version
from graph_service.models.words import Comparison, GoalState, LinkKind, Measure

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

YARDSTICK = {
    "measure": "measure",
    "comparison": "comparison",
    "baseline": "baseline",
    "target": "target",
    "target_min": "targetMin",
    "target_max": "targetMax",
    "aggregate": "aggregate",
    "plan": "plan",
}
"""What is revised, not updated, once a key result counts, and its fields' names in an input; with the weights of its
milestones."""


def create_key_result(graph: AlignmentGraph, change: CreateKeyResult, occasion: Occasion) -> Iterator[Fact]:
    """A new key result under its objective, at the end of its key results, with its owner."""
    id = fresh(graph, change.id, occasion)
    check_days(change.start, change.due)
    milestones = _milestones(graph, change.milestones or (), (), occasion)
    made = KeyResult(
        id=id,
        title=clean_title(change.title),
        state=change.state or GoalState.ACTIVE,
        measure=change.measure or read_measure(change),
        comparison=change.comparison,
        baseline=clean_number(change.baseline, "baseline"),
        target=clean_number(change.target, "target"),
        target_min=clean_number(change.target_min, "targetMin"),
        target_max=clean_number(change.target_max, "targetMax"),
        unit=clean_label(change.unit, "unit"),
        aggregate=change.aggregate,
        period=check_period(graph, change.period_id),
        start=change.start,
        due=change.due,
        plan=clean_plan(change.plan or ()),
        milestones=milestones,
        description=clean_text(change.description, "description"),
        alignment_note=clean_text(change.alignment_note, "alignmentNote"),
        attributes=clean_attributes(change.attributes),
    )
    yield PutNode(measured(made))
    if change.objective_id is not None:
        yield from join(graph, id, change.objective_id, LinkKind.KEY_RESULT_OF, change.weight, ("objectiveId",))
    elif not occasion.importing:
        raise Invalid("objectiveId is missing; a key result belongs to one objective", path=("objectiveId",))
    if change.owner_id is not None:
        find_owner(graph, change.owner_id, "ownerId")
        yield owns(change.owner_id, id)


def read_measure(given: CreateKeyResult) -> Measure:
    """The measure that the given numbers speak of, where none is named: milestones; baseline and target; a range;
    a target alone; else nothing is measured."""
    if given.milestones:
        return Measure.MILESTONES
    if given.baseline is not None and given.target is not None:
        return Measure.DELTA
    if given.target_min is not None or given.target_max is not None or given.target is not None:
        return Measure.THRESHOLD
    return Measure.UNMEASURED


def measured(key_result: KeyResult) -> KeyResult:
    """The key result with its comparison filled in; refuses numbers that its measure cannot do with."""
    low, high = key_result.target_min, key_result.target_max
    if low is not None and high is not None and low > high:
        raise Invalid(
            f"targetMin {shown(low)} is above targetMax {shown(high)}; swap or correct them", path=("targetMin",)
        )
    comparison = key_result.comparison
    match key_result.measure:
        case Measure.DELTA:
            for name, number in (("baseline", key_result.baseline), ("target", key_result.target)):
                if number is None:
                    raise Invalid(f"{name} is missing; a DELTA goes from a baseline to a target", path=(name,))
            if key_result.baseline == key_result.target:
                raise Invalid(
                    f"baseline and target are both {shown(key_result.target)}; a DELTA needs a way to go"
                    " (use a THRESHOLD to hold a level)",
                    path=("target",),
                )
        case Measure.THRESHOLD:
            if comparison is None:
                ranged = low is not None or high is not None
                comparison = Comparison.BETWEEN if ranged else Comparison.AT_LEAST
            if comparison is Comparison.BETWEEN:
                if low is None and high is None:
                    raise Invalid(
                        "targetMin and targetMax are both missing; BETWEEN needs at least one", path=("targetMin",)
                    )
            elif key_result.target is None:
                raise Invalid(f"target is missing; {comparison.name} compares with it", path=("target",))
        case Measure.MILESTONES:
            if not key_result.milestones:
                raise Invalid("milestones are missing; name at least one", path=("milestones",))
            if sum(milestone.weight for milestone in key_result.milestones) <= 0:
                raise Invalid("the milestones' weights sum to 0; give at least one a weight", path=("milestones",))
    if key_result.aggregate is not None and key_result.measure not in (Measure.DELTA, Measure.THRESHOLD):
        raise Invalid(
            f"aggregate {key_result.aggregate.name} does not go with measure {key_result.measure.name};"
            " only a DELTA or a THRESHOLD takes its value from sources",
            path=("aggregate",),
        )
    if key_result.plan and key_result.measure is not Measure.DELTA:
        raise Invalid(f"plan does not go with measure {key_result.measure.name}; only a DELTA has one", path=("plan",))
    return key_result if comparison is key_result.comparison else replace(key_result, comparison=comparison)


def update_key_result(graph: AlignmentGraph, change: UpdateKeyResult, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew. How it is measured changes here only while it is a draft without check-ins."""
    goal, fact = find_key_result(graph, change.id, "id")
    new = _with_yardstick(graph, fact, change, occasion)
    if not (fact.state is GoalState.DRAFT and not goal.check_ins):
        moved = _yardstick_moved(fact, new)
        if moved:
            raise Invalid(
                f"{moved[0]} of {shown(fact.id)} changes only by reviseKeyResult, with a reason:"
                " it is no draft without check-ins any more",
                path=(moved[0],),
                nodes=(fact.id,),
            )
    new = anew(
        new,
        change,
        {
            "title": clean_title,
            "description": clean_text,
            "alignment_note": clean_text,
            "period_id": lambda period, field: check_period(graph, period, field),
            "start": as_given,
            "due": as_given,
            "attributes": clean_attributes,
        },
    )
    check_days(new.start, new.due)
    if new != fact:
        yield PutNode(new)
    yield from settle_state(graph, goal, change)


def revise_key_result(graph: AlignmentGraph, change: ReviseKeyResult, occasion: Occasion) -> Iterator[Fact]:
    """Another yardstick from now on, with a reason; the one it replaces stays as a version."""
    _, fact = find_key_result(graph, change.id, "id")
    reason = clean_text(change.reason, "reason")
    if reason is None:
        raise Invalid("reason is empty; say why the key result is measured otherwise now", path=("reason",))
    if fact.state in (GoalState.CLOSED, GoalState.CANCELLED) and not occasion.importing:
        raise Invalid(
            f"{shown(fact.id)} is {fact.state.value}; open it again before it is revised",
            path=("id",),
            nodes=(fact.id,),
        )
    new = _with_yardstick(graph, fact, change, occasion)
    if new == fact:
        return
    old = Version(
        at=occasion.at,
        by=occasion.by,
        reason=reason,
        measure=fact.measure,
        comparison=fact.comparison,
        baseline=fact.baseline,
        target=fact.target,
        target_min=fact.target_min,
        target_max=fact.target_max,
        unit=fact.unit,
        aggregate=fact.aggregate,
        plan=fact.plan,
        milestones=fact.milestones,
    )
    yield PutNode(replace(new, versions=(*fact.versions, old)))


def _with_yardstick(
    graph: AlignmentGraph, fact: KeyResult, change: UpdateKeyResult | ReviseKeyResult, occasion: Occasion
) -> KeyResult:
    """The fact with the given yardstick fields, checked as a whole."""
    new = anew(
        fact,
        change,
        {
            "measure": lambda measure, _: measure or Measure.UNMEASURED,
            "comparison": as_given,
            "baseline": clean_number,
            "target": clean_number,
            "target_min": clean_number,
            "target_max": clean_number,
            "unit": clean_label,
            "aggregate": as_given,
            "plan": lambda plan, _: clean_plan(plan or ()),
            "milestones": lambda steps, _: _milestones(graph, steps or (), fact.milestones, occasion),
        },
    )
    return fact if new == fact else measured(new)


def _yardstick_moved(old: KeyResult, new: KeyResult) -> list[str]:
    """The fields, as an input names them, in which two yardsticks differ."""
    moved = [field for name, field in YARDSTICK.items() if getattr(old, name) != getattr(new, name)]
    weights = [{milestone.id: milestone.weight for milestone in one.milestones} for one in (old, new)]
    return moved if weights[0] == weights[1] else [*moved, "milestones"]


def clean_plan(points: Sequence[PlanPoint]) -> tuple[PlanPoint, ...]:
    """Planned points by day; refuses two on one day, and values that are no numbers."""
    values: dict[date, float] = {}
    for number, point in enumerate(points):
        if point.date in values:
            raise Invalid(f"plan has two points on {point.date}; keep one", path=("plan", str(number), "date"))
        try:
            value = clean_number(point.value, "value")
        except Invalid as wrong:
            raise wrong.under("plan", str(number)) from None
        assert value is not None
        values[point.date] = value
    return tuple(PlanPoint(day, values[day]) for day in sorted(values))


def _milestones(
    graph: AlignmentGraph, given: Sequence[MilestoneInput], known: Sequence[Milestone], occasion: Occasion
) -> tuple[Milestone, ...]:
    """Milestones as given, in order. A known id keeps its ``done_at`` unless another is given."""
    done = {milestone.id: milestone.done_at for milestone in known}
    made: dict[str, Milestone] = {}
    zone = graph.workspace.time_zone
    for number, one in enumerate(given):
        field = ("milestones", str(number))
        try:
            id = occasion.new_id() if one.id is None else clean_id(one.id)
            weight = clean_weight(one.weight)
            title = clean_title(one.title)
        except Invalid as wrong:
            raise wrong.under(*field) from None
        if id in made:
            raise Invalid(f"milestone id {shown(id)} is there twice; give each its own", path=(*field, "id"))
        if one.done_at is not None and not occasion.importing and occasion.is_ahead(one.done_at, zone):
            raise Invalid(
                f"doneAt {one.done_at} lies ahead; a milestone is done when it is done", path=(*field, "doneAt")
            )
        made[id] = Milestone(id, title, 1.0 if weight is None else weight, one.due, one.done_at or done.get(id))
    return tuple(made.values())
