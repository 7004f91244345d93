"""Deciding about check-ins and milestones: what may be reported of a goal, and when it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.find import find_key_result, find_objective, find_owner, fresh, listed
from graph_service.alignment.decide.occasion import AHEAD, Occasion
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Invalid, NotFound
from graph_service.models.changes import CheckInKeyResult, CheckInObjective, CompleteMilestone
from graph_service.models.checks import clean_moment, clean_number, clean_share, clean_text, clean_title, shown
from graph_service.models.facts import AddCheckIn, Fact, PutNode
from graph_service.models.nodes import CheckIn, KeyResult, Person, Team
from graph_service.models.words import REPORTABLE, Driver, GoalState, Measure

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

NO_VALUE = {
    Measure.ROLLUP: "its value comes from the objectives under it; check in on those",
    Measure.UNMEASURED: "it has no measure; give it one first, or report a note",
    Measure.MILESTONES: "it is measured by milestones; report milestonesDone",
}


def check_in_key_result(graph: AlignmentGraph, change: CheckInKeyResult, occasion: Occasion) -> Iterator[Fact]:
    """A report on a key result; milestones it names are done on its day, those of a report it replaces are not."""
    goal, fact = find_key_result(graph, change.key_result_id, "keyResultId")
    _refuse_ended(fact.id, fact.state, "keyResultId", occasion)
    value = clean_number(change.value, "value")
    done = change.milestones_done or ()
    if not occasion.importing:  # a file may tell of times when it was measured otherwise
        _refuse_other_measure(graph, goal, fact, value, done)
    check_in = _check_in(graph, goal, change, value, tuple(dict.fromkeys(done)), occasion)
    replaced = next((known for known in goal.check_ins if known.id == check_in.replaces), None)
    yield AddCheckIn(check_in)
    if check_in.milestones_done or (replaced is not None and replaced.milestones_done):
        day = partial(occasion.day, time_zone=graph.workspace.time_zone)
        new = _mark(fact, goal.check_ins, check_in, replaced, day)
        if new != fact:
            yield PutNode(new)


def _refuse_other_measure(
    graph: AlignmentGraph, goal: GoalVertex, fact: KeyResult, value: float | None, done: Sequence[str]
) -> None:
    """Refuses a report that the key result's measure cannot take."""
    if fact.aggregate is not None:
        graph.settle()
        sources = [source.id for source in goal.counted]
        fed = (
            f"its sources: {listed(sources)}"
            if sources
            else "key results aligned to it with a weight (there is none yet)"
        )
        raise Invalid(
            f"{shown(fact.id)} takes its value ({fact.aggregate.name}) from {fed}; check in on those",
            path=("keyResultId",),
            nodes=(fact.id, *sources),
        )
    if value is not None and fact.measure in NO_VALUE:
        raise Invalid(f"value {shown(value)} on {shown(fact.id)}: {NO_VALUE[fact.measure]}", path=("value",))
    if done and fact.measure is not Measure.MILESTONES:
        raise Invalid(f"{shown(fact.id)} has no milestones; report a value", path=("milestonesDone",), nodes=(fact.id,))
    ids = {milestone.id for milestone in fact.milestones}
    unknown = [id for id in done if id not in ids]
    if unknown:
        raise NotFound(
            f"milestonesDone: {shown(fact.id)} has no milestone {listed(unknown)}",
            path=("milestonesDone",),
            nodes=(fact.id,),
        )


def _mark(
    fact: KeyResult,
    check_ins: Sequence[CheckIn],
    report: CheckIn,
    replaced: CheckIn | None,
    day: Callable[[datetime], date],
) -> KeyResult:
    """Milestones with what a report says: done where it names them; those of the report that it replaces are not,
    unless another that stands names them too. One that was done on another day than the replaced report's was set
    apart from it, and stays."""
    taken_back = {one.replaces for one in check_ins}
    standing = [one for one in check_ins if one.milestones_done and one.id not in taken_back]
    undone = frozenset() if replaced is None else frozenset(replaced.milestones_done)
    done = frozenset(report.milestones_done)
    milestones = []
    for milestone in fact.milestones:
        done_at = milestone.done_at
        if replaced is not None and milestone.id in undone and done_at == day(replaced.at):
            first = next((one for one in standing if milestone.id in one.milestones_done), None)
            done_at = None if first is None else day(first.at)
        elif milestone.id in done and done_at is None:
            done_at = day(report.at)
        milestones.append(replace(milestone, done_at=done_at))
    return replace(fact, milestones=tuple(milestones))


def check_in_objective(graph: AlignmentGraph, change: CheckInObjective, occasion: Occasion) -> Iterator[Fact]:
    """A report on an objective: note, confidence, reported status; a value (a share) only where it is given by hand."""
    goal, fact = find_objective(graph, change.objective_id, "objectiveId")
    _refuse_ended(fact.id, fact.state, "objectiveId", occasion)
    value = clean_share(change.value, "value")
    if value is not None and fact.driver is not Driver.MANUAL and not occasion.importing:
        raise Invalid(
            f"value {shown(value)} on {shown(fact.id)}: its progress comes from its contributors"
            f" (driver {fact.driver.name}); set driver MANUAL first, or leave the value out",
            path=("value",),
            nodes=(fact.id,),
        )
    yield AddCheckIn(_check_in(graph, goal, change, value, (), occasion))


def _refuse_ended(id: str, state: GoalState, field: str, occasion: Occasion) -> None:
    if state in (GoalState.CLOSED, GoalState.CANCELLED) and not occasion.importing:
        raise Invalid(
            f"{shown(id)} is {state.value} and takes no check-ins; open it again first", path=(field,), nodes=(id,)
        )


def _check_in(
    graph: AlignmentGraph,
    goal: GoalVertex,
    change: CheckInKeyResult | CheckInObjective,
    value: float | None,
    done: tuple[str, ...],
    occasion: Occasion,
) -> CheckIn:
    note = clean_text(change.note, "note")
    confidence = clean_share(change.confidence, "confidence")
    if value is None and confidence is None and note is None and change.reported_status is None and not done:
        raise Invalid("the check-in says nothing; give a value, a confidence, a status or a note", path=("value",))
    if change.reported_status is not None and change.reported_status not in REPORTABLE:
        raise Invalid(
            f"reportedStatus {change.reported_status.name} is not something to report; say ON_TRACK, BEHIND or AT_RISK",
            path=("reportedStatus",),
        )
    at = clean_moment(change.at) or occasion.at.astimezone(UTC)
    if at > occasion.at + AHEAD:
        raise Invalid(f"at {at.isoformat()} is more than a day ahead; a check-in tells what was seen", path=("at",))
    if change.replaces is not None:
        replaced = next((known for known in goal.check_ins if known.id == change.replaces), None)
        if replaced is None:
            raise NotFound(
                f"replaces {shown(change.replaces)}: {shown(goal.id)} has no such check-in",
                path=("replaces",),
                nodes=(goal.id,),
            )
        later = next((known for known in goal.check_ins if known.replaces == change.replaces), None)
        if later is not None:
            raise Invalid(
                f"replaces {shown(change.replaces)}: it was replaced by {shown(later.id)} already; replace that one",
                path=("replaces",),
                nodes=(later.id,),
            )
    by = change.by
    if by is not None:
        find_owner(graph, by, "by")
    elif not occasion.importing:  # who brings a file in need not have said what it tells
        asker = graph.nodes.get(occasion.by)
        if asker is not None and (type(asker.fact) is Team or (type(asker.fact) is Person and not asker.fact.erased)):
            by = occasion.by
    return CheckIn(
        id=fresh(graph, change.id, occasion),
        goal=goal.id,
        at=at,
        source=clean_title(change.source, "source") if change.source is not None else occasion.source,
        revision=graph.revision,
        position=occasion.next_position(),
        value=value,
        confidence=confidence,
        reported_status=change.reported_status,
        note=note,
        by=by,
        replaces=change.replaces,
        milestones_done=done,
    )


def complete_milestone(graph: AlignmentGraph, change: CompleteMilestone, occasion: Occasion) -> Iterator[Fact]:
    """A milestone is done on a day (the day of the commit, unless one is given); null takes that back."""
    goal, fact = find_key_result(graph, change.key_result_id, "keyResultId")
    _refuse_ended(fact.id, fact.state, "keyResultId", occasion)
    if not any(milestone.id == change.milestone_id for milestone in fact.milestones):
        raise NotFound(
            f"milestoneId {shown(change.milestone_id)}: {shown(goal.id)} has no such milestone",
            path=("milestoneId",),
            nodes=(goal.id,),
        )
    zone = graph.workspace.time_zone
    done_at = occasion.day(occasion.at, zone) if change.done_at is UNSET else change.done_at
    if done_at is not None and occasion.is_ahead(done_at, zone):
        raise Invalid(f"doneAt {done_at} lies ahead; a milestone is done when it is done", path=("doneAt",))
    new = replace(
        fact,
        milestones=tuple(
            replace(milestone, done_at=done_at) if milestone.id == change.milestone_id else milestone
            for milestone in fact.milestones
        ),
    )
    if new != fact:
        yield PutNode(new)
