"""Deciding about objectives, and about closing, removing and restoring goals of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.anew import anew, as_given
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
from graph_service.alignment.vertices import GoalVertex, Tombstone, rank
from graph_service.errors import Invalid, NotFound
from graph_service.models.changes import (
    CloseGoal,
    CreateObjective,
    RemoveGoal,
    RestoreGoal,
    UpdateKeyResult,
    UpdateObjective,
)
from graph_service.models.checks import (
    check_days,
    clean_attributes,
    clean_share,
    clean_text,
    clean_title,
    clean_words,
    shown,
)
from graph_service.models.facts import Fact, PutLink, PutNode, RemoveNode, RestoreNode
from graph_service.models.nodes import KeyResult, Link, Objective
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
            attributes=clean_attributes(change.attributes),
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
    new = anew(
        fact,
        change,
        {
            "title": clean_title,
            "description": clean_text,
            "alignment_note": clean_text,
            "level": lambda level, _: check_level(graph, level),
            "top_level": as_given,
            "ambition": as_given,
            "themes": clean_words,
            "driver": lambda driver, _: driver or Driver.ALL,
            "manual_progress": clean_share,
            "driver_reason": clean_text,
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
    results along. A goal that is closed already keeps what is not given anew: a score once given does not drift."""
    goal = find_goal(graph, change.id, "id")
    score = clean_share(change.score, "score")
    yield from _close(graph, goal, score, clean_text(change.retrospective, "retrospective"))


def _close(graph: AlignmentGraph, goal: GoalVertex, score: float | None, retrospective: str | None) -> Iterator[Fact]:
    graph.settle()
    closing = [(goal, score, retrospective)]
    if goal.is_objective:
        closing += [(kr, None, None) for kr in goal.key_results if kr.fact.state is GoalState.ACTIVE]
    # Each by what it is before any of them closes, which is why they are put together first.
    closed = [
        replace(
            one.fact,
            state=GoalState.CLOSED,
            score=given if given is not None else _score(one),
            retrospective=text if text is not None else one.fact.retrospective,
        )
        for one, given, text in closing
    ]
    for (one, _, _), fact in zip(closing, closed, strict=True):
        if fact != one.fact:
            yield PutNode(fact)


def _score(goal: GoalVertex) -> float | None:
    """The score of a goal that is closed without one: its progress; what is closed already keeps the one it has."""
    return goal.fact.score if goal.fact.state is GoalState.CLOSED else goal.value


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
    home = _removed_home(graph, tombstone)
    if home is not None:
        raise Invalid(
            f"id {shown(change.id)}: its objective {shown(home)} is removed; restore that one",
            path=("id",),
            nodes=(home,),
        )
    for stone in back:
        yield RestoreNode(stone.vertex.id)
    # Key results to their objectives before all else: nothing may come first that would make such a link close a ring.
    for link in sorted((link for stone in back for link in stone.links), key=_back_order):
        if link.source not in graph.nodes or link.target not in graph.nodes:
            continue
        ladders = link.kind in GOAL_LINKS and (link.kind is not LinkKind.ALIGNED or link.weight > 0)
        if ladders and graph.ring(link.source, link.target):
            continue
        if graph.link(link.source, link.target, link.kind) is None:
            yield PutLink(link)


def _removed_home(graph: AlignmentGraph, tombstone: Tombstone) -> str | None:
    """The objective of a removed key result, if that is removed too: before it (then its own tombstone has the link),
    or with it (then the objective's has); else None."""
    if not isinstance(tombstone.vertex.fact, KeyResult):
        return None
    own = [link for link in tombstone.links if link.kind is LinkKind.KEY_RESULT_OF]
    if own:
        home = own[0].target
        return None if home in graph.nodes else home
    id = tombstone.vertex.id
    return next(
        (
            stone.vertex.id
            for stone in graph.removed.values()
            if stone.revision == tombstone.revision
            and any(link.source == id and link.kind is LinkKind.KEY_RESULT_OF for link in stone.links)
        ),
        None,
    )


def _back_order(link: Link) -> tuple[int, int]:
    return (rank(link.kind), link.position)
