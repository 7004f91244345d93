"""Which goals and owners are wanted, and in which order."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import TypeVar
from zoneinfo import ZoneInfo

import strawberry
from strawberry import UNSET

from graph_service.alignment.orphans import orphans
from graph_service.alignment.pace import TOLERANCE
from graph_service.alignment.titles import folded
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.api.context import Ground
from graph_service.api.cursors import Key, Order, instant
from graph_service.api.enums import Direction, GoalOrderBy, OwnerKind
from graph_service.api.errors import bad_input, limit_exceeded
from graph_service.api.types.progress import gap_of
from graph_service.api.types.reports import last_check_in
from graph_service.api.walks import Nodes
from graph_service.models import nodes
from graph_service.models.checks import TITLE_LENGTH
from graph_service.models.words import GoalState, LinkKind, Status

F = TypeVar("F", "GoalFilter", "OwnerFilter")
Wanted = Callable[[GoalVertex], bool]


@strawberry.input(description="Which goals are wanted: those that meet every condition given. Null is as absent.")
class GoalFilter:
    """Conditions on goals."""

    ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="These goals.")
    owner_id: strawberry.ID | None = strawberry.field(default=UNSET, description="Owned by this person or team.")
    team_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Owned by this team, by a team that lies within it, or by a member of one of these."
    )
    period_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="Of this period or one that lies within it; a key result without a period is of its objective's.",
    )
    levels: list[str] | None = strawberry.field(
        default=UNSET, description="Of one of these levels; a key result is of its objective's."
    )
    states: list[GoalState] | None = strawberry.field(default=UNSET, description="In one of these states.")
    statuses: list[Status] | None = strawberry.field(
        default=UNSET, description="With one of these statuses on the day (`asOf`)."
    )
    as_of: date | None = strawberry.field(
        default=UNSET, description="The day for `statuses` and for orders by EXPECTED and GAP; absent: today."
    )
    progress_from: float | None = strawberry.field(
        default=UNSET, description="With at least this progress, 0.25 for 25 %; what has none is left out."
    )
    progress_to: float | None = strawberry.field(
        default=UNSET, description="With at most this progress, 0.25 for 25 %; what has none is left out."
    )
    confidence_from: float | None = strawberry.field(
        default=UNSET, description="With at least this confidence, 0.25 for 25 %; what has none is left out."
    )
    confidence_to: float | None = strawberry.field(
        default=UNSET, description="With at most this confidence, 0.25 for 25 %; what has none is left out."
    )
    stale_since: date | None = strawberry.field(
        default=UNSET,
        description="Without a check-in on this day or later (in the workspace's time zone); for an objective, also"
        " without one on its key results.",
    )
    text: str | None = strawberry.field(
        default=UNSET,
        description="With every word of this text in the title, whatever its case and accents; up to 1,000 characters.",
    )
    orphan: bool | None = strawberry.field(
        default=UNSET, description="Orphans only, or none of them. Key results are never orphans."
    )
    has_owner: bool | None = strawberry.field(default=UNSET, description="With an owner only, or without one only.")
    theme: str | None = strawberry.field(
        default=UNSET, description="With this theme, to the letter; a key result has its objective's."
    )


@strawberry.input(description="In which order goals are wanted.")
class GoalOrder:
    """An order of goals."""

    by: GoalOrderBy = strawberry.field(description="By what. What has no value comes last in both directions.")
    direction: Direction | None = strawberry.field(default=Direction.ASC, description="Which end comes first.")


@strawberry.input(description="Which people and teams are wanted: those that meet every condition given.")
class OwnerFilter:
    """Conditions on owners."""

    text: str | None = strawberry.field(
        default=UNSET,
        description="With every word of this text in the name, whatever its case and accents; up to 1,000 characters.",
    )
    active: bool | None = strawberry.field(default=UNSET, description="Still here, or not any more.")
    team_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Members of this team or of one that lies within it, and those teams themselves."
    )
    kind: OwnerKind | None = strawberry.field(default=UNSET, description="People only, or teams only.")


TEXT_LENGTH = TITLE_LENGTH
"""Characters that a text to look for may have: no title is longer."""


def words_of(text: str) -> list[str]:
    """The words to look for, folded; LIMIT_EXCEEDED for a text longer than any title."""
    if len(text) > TEXT_LENGTH:
        raise limit_exceeded(f"text has {len(text)} characters; at most {TEXT_LENGTH} are looked for")
    return folded(text).split()


def below(on: Ground, id: str, kind: LinkKind) -> set[str]:
    """An id and all that lie within it by one kind of link, as far as the viewer may see them; empty for an id that
    names nothing."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        vertex = on.vertex(waiting.pop())
        if vertex is not None and vertex.id not in found:
            found.add(vertex.id)
            waiting += vertex.sources(kind)
    return found


def in_team(on: Ground, team: str) -> set[str]:
    """A team, the teams within it, and the members of all these, by their ids."""
    teams = below(on, team, LinkKind.PART_OF)
    members: set[str] = set()
    for one in teams:
        members.update(on.graph.nodes[one].sources(LinkKind.MEMBER_OF))
    return teams | members


def _owned_by(on: Ground, owners: Iterable[str]) -> set[str]:
    """The ids of the goals that some people and teams own."""
    found = (on.vertex(id) for id in owners)
    return {goal for owner in found if owner is not None for goal in owner.targets(LinkKind.OWNS)}


def objective_of(goal: GoalVertex) -> nodes.Objective | None:
    """The goal itself, or the objective of a key result, as a fact."""
    fact = goal.fact
    if isinstance(fact, nodes.Objective):
        return fact
    above = goal.objective
    return above.fact if above is not None and isinstance(above.fact, nodes.Objective) else None


def period_of(goal: GoalVertex) -> str | None:
    """The period of a goal, or the one of a key result's objective."""
    above = objective_of(goal)
    return goal.fact.period or (above.period if above is not None else None)


def _last_instant(goal: GoalVertex) -> int | None:
    said = last_check_in(goal)
    return None if said is None else instant(said.at)


def _day_begins(on: Ground, day: date) -> int:
    return instant(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(on.graph.workspace.time_zone)))


def cleared(given: F | None) -> F | None:
    """What was given, with None for everything that was not."""
    if given is None or given is UNSET:
        return None
    absent = [field.name for field in dataclasses.fields(given) if getattr(given, field.name) is UNSET]
    return dataclasses.replace(given, **dict.fromkeys(absent))


def among(on: Ground, given: GoalFilter | None) -> set[str] | None:
    """The ids among which the goals of a filter are: those that it names, and those of the owner and the team that it
    names; None where it names none, so that it is among all."""
    given = cleared(given)
    if given is None:
        return None
    named: list[set[str]] = []
    if given.ids is not None:
        named.append(set(given.ids))
    if given.owner_id is not None:
        named.append(_owned_by(on, {given.owner_id}))
    if given.team_id is not None:
        named.append(_owned_by(on, in_team(on, given.team_id)))
    return set.intersection(*named) if named else None


def conditions(on: Ground, given: GoalFilter | None) -> list[Wanted]:
    """The further conditions of a filter, what they need found once for all goals; none for no filter."""
    given = cleared(given)
    if given is None:
        return []
    wanted: list[Wanted] = []
    if given.period_id is not None:
        periods = below(on, given.period_id, LinkKind.WITHIN)
        wanted.append(lambda goal: period_of(goal) in periods)
    if given.levels is not None:
        levels = frozenset(given.levels)
        wanted.append(lambda goal: (above := objective_of(goal)) is not None and above.level in levels)
    if given.states is not None:
        states = frozenset(given.states)
        wanted.append(lambda goal: goal.fact.state in states)
    if given.statuses is not None:
        statuses = frozenset(given.statuses)
        judge = on.judge(given.as_of)
        wanted.append(lambda goal: judge.status(goal.pace, goal.value, goal.held) in statuses)
    for name, low, high, value in (
        ("progress", given.progress_from, given.progress_to, attrgetter("value")),
        ("confidence", given.confidence_from, given.confidence_to, attrgetter("confidence")),
    ):
        wanted += _between(name, low, high, value)
    if given.stale_since is not None:
        since = _day_begins(on, given.stale_since)
        wanted.append(
            lambda goal: all((last := _last_instant(one)) is None or last < since for one in (goal, *goal.key_results))
        )
    if given.text is not None:
        wanted.append(_titled(on, given.text))
    if given.orphan is not None:
        orphan = given.orphan
        lost = {one.goal for one in orphans(on.graph, None, on.viewer)}
        wanted.append(lambda goal: (goal in lost) == orphan)
    if given.has_owner is not None:
        has_owner = given.has_owner
        wanted.append(lambda goal: (goal.owner is not None) == has_owner)
    if given.theme is not None:
        theme = given.theme
        wanted.append(lambda goal: (above := objective_of(goal)) is not None and theme in above.themes)
    return wanted


def _between(
    name: str, low: float | None, high: float | None, value: Callable[[GoalVertex], float | None]
) -> list[Wanted]:
    """The condition that a share lies within bounds, which may be open; BAD_USER_INPUT where nothing could."""
    if low is None and high is None:
        return []
    if low is not None and high is not None and low > high:
        raise bad_input(f"{name}From {low:g} is above {name}To {high:g}; swap them, or leave one out")
    least = -math.inf if low is None else low - TOLERANCE
    most = math.inf if high is None else high + TOLERANCE
    return [lambda goal: (share := value(goal)) is not None and least <= share <= most]


def chosen(on: Ground, goals: Iterable[GoalVertex], given: GoalFilter | None) -> list[GoalVertex]:
    """Those goals that the viewer may see and that meet every condition, order kept."""
    found = on.seen(goals)
    named = among(on, given)
    if named is not None:
        found = [goal for goal in found if goal.fact.id in named]
    for meets in conditions(on, given):
        found = [goal for goal in found if meets(goal)]
    return found


def ranking(
    on: Ground, field: str, given: GoalOrder | None, filter_: GoalFilter | None
) -> tuple[GoalOrderBy, Order, Callable[[GoalVertex], Key]]:
    """By what a list of goals is ordered, the order, and the key of each (not for ID and TITLE, in which they stand
    already). Goals without a value come last; equal ones stand by id."""
    order, conditions = None if given is UNSET else given, cleared(filter_)
    by = GoalOrderBy.ID if order is None else order.by
    direction = (None if order is None else order.direction) or Direction.ASC
    descending = direction is Direction.DESC
    # sorted backwards, what has no value must be the least
    some, none = (1, 0) if descending else (0, 1)
    as_of = None if conditions is None else conditions.as_of
    judge = on.judge(as_of)
    name = f"{field} by {by.name} {direction.name}"
    if by in (GoalOrderBy.EXPECTED, GoalOrderBy.GAP):
        name += f" on {judge.as_of}"

    values: dict[GoalOrderBy, Callable[[GoalVertex], str | float | None]] = {
        GoalOrderBy.PROGRESS: lambda goal: goal.value,
        GoalOrderBy.EXPECTED: lambda goal: judge.expected(goal.pace),
        GoalOrderBy.GAP: lambda goal: gap_of(goal, on, as_of),
        GoalOrderBy.CONFIDENCE: lambda goal: goal.confidence,
        GoalOrderBy.DUE: lambda goal: goal.pace.due,
        GoalOrderBy.LAST_CHECK_IN: _last_instant,
        GoalOrderBy.REVISION: lambda goal: goal.revision,
    }
    value = values.get(by, _no_value)

    def key(goal: GoalVertex) -> Key:
        found = value(goal)
        return (none, 0, goal.fact.id) if found is None else (some, found, goal.fact.id)

    return by, Order(name, descending), key


def _no_value(goal: GoalVertex) -> None:
    return None


def chosen_owners(on: Ground, given: OwnerFilter | None) -> Nodes:
    """The people and teams that the viewer may see and that meet every condition, by id."""
    given = cleared(given)
    if given is None:
        return Nodes(on, *OWNERS.values())
    wanted: list[Callable[[Vertex], bool]] = []
    if given.text is not None:
        wanted.append(_titled(on, given.text))
    if given.active is not None:
        active = given.active
        wanted.append(lambda owner: _said(owner).active == active)
    if given.team_id is not None:
        team = in_team(on, given.team_id)
        wanted.append(lambda owner: owner.id in team)
    return Nodes(on, *(OWNERS.values() if given.kind is None else (OWNERS[given.kind],)), meet=wanted)


def _titled(on: Ground, text: str) -> Callable[[Vertex], bool]:
    """The condition that a title or name holds every word of a text."""
    words = words_of(text)
    titles = {kind: on.graph.titles.shelf(kind).titles for kind in nodes.KIND_OF}
    return lambda vertex: all(word in titles[type(vertex.fact)][vertex.fact.id] for word in words)


OWNERS: dict[OwnerKind, type[nodes.Person] | type[nodes.Team]] = {
    OwnerKind.PERSON: nodes.Person,
    OwnerKind.TEAM: nodes.Team,
}


def _said(owner: Vertex) -> nodes.Person | nodes.Team:
    assert isinstance(owner.fact, nodes.Person | nodes.Team)
    return owner.fact
