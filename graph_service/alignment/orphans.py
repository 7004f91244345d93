"""Orphans: live objectives from which no way leads up to a top-level one, why, and what they could be aligned to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from heapq import heapify, heappop
from typing import NamedTuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import BrokenReference, Objective, Team
from graph_service.models.words import GoalState, LinkKind, OrphanKind

UPWARD = frozenset({LinkKind.PARENT, LinkKind.ALIGNED})


class Orphan(NamedTuple):
    """A live objective that leads nowhere: UNALIGNED names no upward link at all; BROKEN names some, references to
    nothing included, but none to a goal that exists and is not cancelled; ADRIFT leads to goals that lead nowhere."""

    goal: GoalVertex
    kind: OrphanKind
    reason: str


class Candidate(NamedTuple):
    """A goal that an orphan could be aligned to, and what makes it near."""

    goal: GoalVertex
    reason: str


def reaching(graph: AlignmentGraph) -> set[GoalVertex]:
    """All goals from which a way leads up to a top-level objective, those included: by PARENT, KEY_RESULT_OF and
    ALIGNED links of any weight, through goals that are not cancelled. One pass over the graph."""
    cancelled = GoalState.CANCELLED
    waiting = [goal for goal in graph.goals() if graph.top_level(goal) and goal.fact.state is not cancelled]
    found = set(waiting)
    for goal in waiting:  # grows while it is walked
        for edge in goal.down:
            child = edge.child
            if child not in found and child.fact.state is not cancelled:
                found.add(child)
                waiting.append(child)
    return found


def reaches(graph: AlignmentGraph, goal: GoalVertex) -> bool:
    """Whether a way leads up from one goal to a top-level objective."""
    if goal.fact.state is GoalState.CANCELLED:
        return False
    seen = {goal}
    waiting = [goal]
    while waiting:
        step = waiting.pop()
        if graph.top_level(step):
            return True
        for edge in step.up:
            above = edge.parent
            if above not in seen and above.fact.state is not GoalState.CANCELLED:
                seen.add(above)
                waiting.append(above)
    return False


def orphans(
    graph: AlignmentGraph,
    kinds: Collection[OrphanKind] | None = None,
    viewer: Viewer = EVERYBODY,
    leading: Collection[GoalVertex] | None = None,
) -> tuple[Orphan, ...]:
    """All orphans of some kinds (None: of any), by id. ``leading`` are the goals that reach the top, if they are known
    already.

    >>> from graph_service.models.nodes import Link
    >>> graph = AlignmentGraph.build(
    ...     nodes=[
    ...         (Objective("grow", "Grow revenue", top_level=True), 1),
    ...         (Objective("teach", "Teach crews"), 1),
    ...         (Objective("write", "Write a manual"), 1),
    ...         (Objective("film", "Film the manual"), 1),
    ...     ],
    ...     links=[
    ...         Link("write", "teach", LinkKind.PARENT),
    ...         Link("film", "grow", LinkKind.ALIGNED, 0.0),  # a link that does not count leads up all the same
    ...     ],
    ... )
    >>> [(orphan.goal.id, orphan.kind.name) for orphan in orphans(graph)]
    [('teach', 'UNALIGNED'), ('write', 'ADRIFT')]
    """
    if leading is None:
        leading = reaching(graph)
    found = [
        why_orphan(goal)
        for goal in graph.goals()
        if goal not in leading and goal.is_objective and goal.live and viewer.sees(goal)
    ]
    return tuple(sorted((it for it in found if kinds is None or it.kind in kinds), key=lambda it: it.goal.fact.id))


def orphan_of(graph: AlignmentGraph, goal: GoalVertex) -> Orphan | None:
    """Why one goal is an orphan; None if it is none (a key result, not live, or it reaches the top)."""
    if not goal.is_objective or not goal.live or reaches(graph, goal):
        return None
    return why_orphan(goal)


def why_orphan(goal: GoalVertex) -> Orphan:
    """The kind of a goal that is known to be an orphan, in words that name no other goal."""
    broken = [reference for reference in goal.broken if reference.outgoing and reference.kind in UPWARD]
    if not goal.up and not broken:
        return Orphan(goal, OrphanKind.UNALIGNED, "it names no goal above it")
    if all(edge.parent.fact.state is GoalState.CANCELLED for edge in goal.up):
        return Orphan(goal, OrphanKind.BROKEN, _why_broken(len(goal.up), broken))
    return Orphan(goal, OrphanKind.ADRIFT, "its links lead up to nothing top-level")


def _why_broken(cancelled: int, broken: list[BrokenReference]) -> str:
    parts = []
    if broken:
        names = sorted({f"'{reference.reference}'" for reference in broken})
        parts.append(f"it names {', '.join(names)}, which {'leads' if len(names) == 1 else 'lead'} to no goal")
    if cancelled:
        parts.append("the goal above it is cancelled" if cancelled == 1 else "the goals above it are cancelled")
    return "; ".join(parts)


# ---------- what it could be aligned to ----------


class _Near(NamedTuple):
    """A goal near an orphan: the order of nearness, its id (which settles ties), and what makes it near."""

    rank: tuple[int, ...]
    id: str
    goal: GoalVertex
    reason: str


def candidates(
    graph: AlignmentGraph, goal: GoalVertex, first: int = 3, viewer: Viewer = EVERYBODY
) -> tuple[Candidate, ...]:
    """The nearest objectives that an orphan could be aligned to, at most ``first``; empty if none is near.

    First those of the owner's team (the owner itself, or the teams that the owner belongs to), of the team above it,
    and so on up: among them the same level and lower ones last, then the nearer team, the same period, the level
    closest above. Then those of any team in the same period, or in one that it lies within; last those of the teams
    whose period is another one. Ties stand by id. Each of them reaches the top, is active (or in the orphan's own
    state), and does not lie under the orphan.
    """
    found: list[Candidate] = []
    seen = {goal}
    looks = (partial(_by_team, in_time=True), _by_period, partial(_by_team, in_time=False))
    for look in looks:  # the second one looks at every goal: only if the first finds too few
        heap = look(graph, goal) if len(found) < first else []
        heapify(heap)
        while heap and len(found) < first:
            near = heappop(heap)
            other = near.goal
            if other in seen:
                continue
            seen.add(other)
            if viewer.sees(other) and reaches(graph, other) and not _lies_under(other, goal):
                found.append(Candidate(other, near.reason))
    return tuple(found)


def _by_team(graph: AlignmentGraph, goal: GoalVertex, in_time: bool) -> list[_Near]:
    """Objectives of the owner's teams and those above: with ``in_time`` those of no other period, else only those."""
    if goal.owner is None:
        return []
    owner = graph.nodes[goal.owner]
    periods = _periods(graph, goal)
    found: list[_Near] = []
    for distance, teams in enumerate(_teams(graph, owner)):
        group = ("the same team", "the team above")[distance] if distance < 2 else "a team further up"
        for team in teams:
            people = [*team.sources(LinkKind.MEMBER_OF), *team.sources(LinkKind.LEADS)]
            for who in (graph.nodes[id] for id in (team.fact.id, *people)):
                words = "the same owner" if who is owner else group
                for other in (graph.goal(id) for id in who.targets(LinkKind.OWNS)):
                    if other is None or not _could(other, goal):
                        continue
                    place = periods.get(other.fact.period, len(periods))
                    if in_time == bool(periods and other.fact.period and place == len(periods)):
                        continue
                    steps = _steps_up(graph, goal, other)
                    higher = 0 if steps <= len(graph.workspace.levels) else 1
                    reason = words if place == len(periods) else f"{words}, {_period_words(place)}"
                    found.append(_Near((higher, distance, place, steps), other.fact.id, other, reason))
    return found


def _by_period(graph: AlignmentGraph, goal: GoalVertex) -> list[_Near]:
    """Objectives of the same period and of those that it lies within."""
    periods = _periods(graph, goal)
    return [
        _Near((place, _steps_up(graph, goal, other)), other.fact.id, other, _period_words(place))
        for other in (graph.goals() if periods else ())
        if (place := periods.get(other.fact.period)) is not None and _could(other, goal)
    ]


def _could(other: GoalVertex, goal: GoalVertex) -> bool:
    """Whether something may be aligned to a goal, as far as its own fields say."""
    return isinstance(other.fact, Objective) and other.fact.state in (GoalState.ACTIVE, goal.fact.state)


def _period_words(place: int) -> str:
    return "a period around it" if place else "the same period"


def _teams(graph: AlignmentGraph, owner: Vertex) -> Iterator[list[Vertex]]:
    """The teams of an owner, then those right above them, and so on up."""
    if isinstance(owner.fact, Team):
        level = [owner]
    else:
        home = {*owner.targets(LinkKind.MEMBER_OF), *owner.targets(LinkKind.LEADS)}
        level = [graph.nodes[id] for id in sorted(home)]
    while level:
        yield level
        over = {above for team in level for above in team.targets(LinkKind.PART_OF)}
        level = [graph.nodes[id] for id in sorted(over)]


def _periods(graph: AlignmentGraph, goal: GoalVertex) -> dict[str | None, int]:
    """The period of a goal (0) and those that it lies within (1, 2 ...); empty without one."""
    found: dict[str | None, int] = {}
    period = graph.nodes.get(goal.fact.period or "")
    while period is not None:
        found[period.fact.id] = len(found)
        around = period.targets(LinkKind.WITHIN)
        period = graph.nodes[around[0]] if around else None
    return found


def _steps_up(graph: AlignmentGraph, goal: GoalVertex, other: GoalVertex) -> int:
    """How many levels an objective stands above another; where the levels do not tell, as many as there are; more than
    that for the same level and for lower ones."""
    levels = graph.workspace.levels
    here, there = goal.fact.level, other.fact.level  # type: ignore[union-attr]
    if here not in levels or there not in levels:
        return len(levels)
    steps = levels.index(here) - levels.index(there)
    return steps if steps > 0 else len(levels) + 1 - steps


def _lies_under(goal: GoalVertex, other: GoalVertex) -> bool:
    """Whether any way, informational links included, leads up from a goal to another."""
    seen = {goal}
    waiting = [goal]
    while waiting:
        for edge in waiting.pop().up:
            above = edge.parent
            if above is other:
                return True
            if above not in seen:
                seen.add(above)
                waiting.append(above)
    return False
