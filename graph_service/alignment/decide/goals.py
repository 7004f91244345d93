"""Deciding about objectives, and about closing, removing and restoring goals of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.find import (
    check_level,
    check_period,
    find_goal,
    find_objective,
    find_owner,
    fresh,
    owns,
)
from graph_service.alignment.decide.links import join
from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Invalid, NotFound
from graph_service.models.changes import (
    CloseGoal,
    CreateObjective,
    RemoveGoal,
    RestoreGoal,
    UpdateKeyResult,
    UpdateObjective,
)
from graph_service.models.checks import check_days, clean_share, clean_text, clean_title, clean_words, shown
from graph_service.models.facts import Fact, PutLink, PutNode, RemoveNode, RestoreNode
from graph_service.models.nodes import KeyResult, Objective
from graph_service.models.words import GOAL_LINKS, Driver, GoalState, LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


def create_objective(graph: AlignmentGraph, change: CreateObjective, occasion: Occasion) -> Iterator[Fact]:
    """A new objective, its parents in order, its owner."""
    id = fresh(graph, change.id, occasion)
    check_days(change.start, change.due)
    yield PutNode(
        Objective(
            id=id,
            title=clean_title(change.title),
            state=change.state or GoalState.ACTIVE,
            level=check_level(graph, change.level),
            top_level=change.top_level,
            driver=change.driver or Driver.ALL,
            period=check_period(graph, change.period_id),
            start=change.start,
            due=change.due,
            manual_progress=clean_share(change.manual_progress, "manualProgress"),
            driver_reason=clean_text(change.driver_reason, "driverReason"),
            ambition=change.ambition,
            themes=clean_words(change.themes, "themes"),
            description=clean_text(change.description, "description"),
            alignment_note=clean_text(change.alignment_note, "alignmentNote"),
            attributes=change.attributes or None,
        )
    )
    for number, parent in enumerate(change.parents or ()):
        yield from join(graph, id, parent.id, LinkKind.PARENT, parent.weight, ("parents", str(number), "id"))
    if change.owner_id is not None:
        find_owner(graph, change.owner_id, "ownerId")
        yield owns(change.owner_id, id)


def update_objective(graph: AlignmentGraph, change: UpdateObjective, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; null clears a field (``state`` and ``driver`` go back to their defaults)."""
    goal, fact = find_objective(graph, change.id, "id")
    new = fact
    if change.title is not UNSET:
        new = replace(new, title=clean_title(change.title))
    if change.description is not UNSET:
        new = replace(new, description=clean_text(change.description, "description"))
    if change.alignment_note is not UNSET:
        new = replace(new, alignment_note=clean_text(change.alignment_note, "alignmentNote"))
    if change.level is not UNSET:
        new = replace(new, level=check_level(graph, change.level))
    if change.top_level is not UNSET:
        new = replace(new, top_level=change.top_level)
    if change.ambition is not UNSET:
        new = replace(new, ambition=change.ambition)
    if change.themes is not UNSET:
        new = replace(new, themes=clean_words(change.themes, "themes"))
    if change.driver is not UNSET:
        new = replace(new, driver=change.driver or Driver.ALL)
    if change.manual_progress is not UNSET:
        new = replace(new, manual_progress=clean_share(change.manual_progress, "manualProgress"))
    if change.driver_reason is not UNSET:
        new = replace(new, driver_reason=clean_text(change.driver_reason, "driverReason"))
    if change.period_id is not UNSET:
        new = replace(new, period=check_period(graph, change.period_id))
    if change.start is not UNSET:
        new = replace(new, start=change.start)
    if change.due is not UNSET:
        new = replace(new, due=change.due)
    if change.attributes is not UNSET:
        new = replace(new, attributes=change.attributes or None)
    check_days(new.start, new.due)
    if new != fact:
        yield PutNode(new)
    yield from settle_state(graph, goal, change)


def settle_state(graph: AlignmentGraph, goal: GoalVertex, change: UpdateObjective | UpdateKeyResult) -> Iterator[Fact]:
    """The state an update asks for: closing is what closeGoal does, leaving ``closed`` takes the score away."""
    if change.state is UNSET:
        return
    state = change.state or GoalState.ACTIVE
    if state is goal.fact.state:
        return
    if state is GoalState.CLOSED:
        yield from _close(graph, goal, None, None)
    else:
        yield PutNode(replace(goal.fact, state=state, score=None))


def close_goal(graph: AlignmentGraph, change: CloseGoal, occasion: Occasion) -> Iterator[Fact]:
    """Closed with a score (its progress, unless one is given) and a retrospective; an objective takes its active key
    results along. A goal that is closed already is scored anew."""
    goal = find_goal(graph, change.id, "id")
    score = clean_share(change.score, "score")
    yield from _close(graph, goal, score, clean_text(change.retrospective, "retrospective"))


def _close(graph: AlignmentGraph, goal: GoalVertex, score: float | None, retrospective: str | None) -> Iterator[Fact]:
    graph.settle()
    closing = [(goal, score, retrospective)]
    if goal.is_objective:
        closing += [(kr, None, None) for kr in goal.key_results if kr.fact.state is GoalState.ACTIVE]
    closed = [
        replace(
            one.fact,
            state=GoalState.CLOSED,
            score=given if given is not None else one.value,
            retrospective=text if text is not None else one.fact.retrospective,
        )
        for one, given, text in closing
    ]
    for fact in closed:
        yield PutNode(fact)


def remove_goal(graph: AlignmentGraph, change: RemoveGoal, occasion: Occasion) -> Iterator[Fact]:
    """The goal goes with all its links, an objective with its key results; what lies under it stays."""
    goal = find_goal(graph, change.id, "id")
    key_results = goal.key_results
    for one in (goal, *key_results):
        yield RemoveNode(one.id, tuple(graph.links(one)))


def restore_goal(graph: AlignmentGraph, change: RestoreGoal, occasion: Occasion) -> Iterator[Fact]:
    """The goal is back, with the key results that went with it and every link whose other end still exists and that
    closes no ring now."""
    tombstone = graph.removed.get(change.id)
    if tombstone is None or not isinstance(tombstone.vertex, GoalVertex):
        if change.id in graph.nodes:
            raise Invalid(f"id {shown(change.id)} is not removed; there is nothing to restore", path=("id",))
        raise NotFound(f"id {shown(change.id)}: no removed goal has this id", path=("id",), nodes=(change.id,))
    back = [tombstone]
    for link in tombstone.links:
        below = graph.removed.get(link.source)
        if (
            link.kind is LinkKind.KEY_RESULT_OF
            and link.target == change.id
            and below is not None
            and below.revision == tombstone.revision
        ):
            back.append(below)
    if isinstance(tombstone.vertex.fact, KeyResult):
        homes = [link.target for link in tombstone.links if link.kind is LinkKind.KEY_RESULT_OF]
        gone = [home for home in homes if home not in graph.nodes]
        if gone:
            raise Invalid(
                f"id {shown(change.id)}: its objective {shown(gone[0])} is removed; restore that one",
                path=("id",),
                nodes=tuple(gone),
            )
    for stone in back:
        yield RestoreNode(stone.vertex.id)
    for stone in back:
        for link in stone.links:
            if link.source not in graph.nodes or link.target not in graph.nodes:
                continue
            ladders = link.kind in GOAL_LINKS and (link.kind is not LinkKind.ALIGNED or link.weight > 0)
            if ladders and graph.ring(link.source, link.target):
                continue
            if graph.link(link.source, link.target, link.kind) is None:
                yield PutLink(link)
