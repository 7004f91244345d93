"""Orphans: live objectives from which no way leads up to a top-level one, why, and what they could be aligned to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
    graph: AlignmentGraph, kinds: Collection[OrphanKind] | None = None, viewer: Viewer = EVERYBODY
) -> tuple[Orphan, ...]:
    """All orphans of some kinds (None: of any), by id.

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
    leading = reaching(graph)
    found = [
        _orphan(goal)
        for goal in graph.goals()
        if goal not in leading and goal.is_objective and goal.live and viewer.sees(goal)
    ]
    return tuple(sorted((it for it in found if kinds is None or it.kind in kinds), key=lambda it: it.goal.fact.id))


def orphan_of(graph: AlignmentGraph, goal: GoalVertex) -> Orphan | None:
    """Why one goal is an orphan; None if it is none (a key result, not live, or it reaches the top)."""
    if not goal.is_objective or not goal.live or reaches(graph, goal):
        return None
    return _orphan(goal)


def _orphan(goal: GoalVertex) -> Orphan:
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
        names = ", ".join(sorted({f"'{reference.reference}'" for reference in broken}))
        parts.append(f"it names {names}, which {'does' if len(broken) == 1 else 'do'} not exist")
    if cancelled:
        parts.append("the goal above it is cancelled" if cancelled == 1 else "the goals above it are cancelled")
    return "; ".join(parts)


# ---------- what it could be aligned to ----------


class _Near(NamedTuple):
    """A goal near an orphan: the order of nearness, its id (which settles ties), and what makes it near."""

    rank: tuple[int, int]
    id: str
    goal: GoalVertex
    reason: str


def candidates(
    graph: AlignmentGraph, goal: GoalVertex, first: int = 3, viewer: Viewer = EVERYBODY
) -> tuple[Candidate, ...]:
    """The nearest objectives that an orphan could be aligned to, at most ``first``; empty if none is near.

    First those of the same team (the owner itself, or the teams that the owner belongs to), then of the team above it,
    and so on up; then those of the same period, or of one that it lies within. Within a team: the same period first,
    then the level closest above, then by id. Each of them reaches the top, is active (or in the orphan's own state),
    and does not lie under the orphan.
    """
    found: list[Candidate] = []
    seen = {goal}
    for group in _groups(graph, goal):
        heapify(group)
        while group and len(found) < first:
            near = heappop(group)
            other = near.goal
            if other in seen:
                continue
            seen.add(other)
            if viewer.sees(other) and reaches(graph, other) and not _lies_under(other, goal):
                found.append(Candidate(other, near.reason))
        if len(found) >= first:
            break
    return tuple(found)


def _groups(graph: AlignmentGraph, goal: GoalVertex) -> Iterator[list[_Near]]:
    """Goals near an orphan: team by team upwards, last by period alone; each group is looked up when it is needed."""
    periods = _periods(graph, goal)
    levels = {level: place for place, level in enumerate(graph.workspace.levels)}
    own_state = goal.fact.state

    def near(other: GoalVertex, words: str) -> Iterator[_Near]:
        fact = other.fact
        if not isinstance(fact, Objective) or fact.state not in (GoalState.ACTIVE, own_state):
            return
        place = periods.get(fact.period)
        if place is not None:
            same = "the same period" if not place else "a period around it"
            words = f"{words}, {same}" if words else same
        elif not words:
            return
        steps = _steps_up(levels, goal.fact.level, fact.level)  # type: ignore[union-attr]
        yield _Near((len(periods) if place is None else place, steps), fact.id, other, words)

    owner = None if goal.owner is None else graph.nodes[goal.owner]
    passed: set[str] = set()
    for distance, teams in enumerate(_teams(graph, owner)):
        words = ("the same team", "the team above")[distance] if distance < 2 else "a team further up"
        group: list[_Near] = []
        for team in teams:
            people = [*team.sources(LinkKind.MEMBER_OF), *team.sources(LinkKind.LEADS)]
            for id in (team.fact.id, *people):
                if id in passed:
                    continue
                passed.add(id)
                for owned in graph.nodes[id].targets(LinkKind.OWNS):
                    other = graph.nodes[owned]
                    if isinstance(other, GoalVertex):
                        group += near(other, "the same owner" if owner is graph.nodes[id] else words)
        yield group
    yield [found for other in graph.goals() for found in near(other, "")] if periods else []


def _teams(graph: AlignmentGraph, owner: Vertex | None) -> Iterator[list[Vertex]]:
    """The teams of an owner, then those right above them, and so on up."""
    if owner is None:
        return
    if isinstance(owner.fact, Team):
        level = [owner]
    else:
        home = {*owner.targets(LinkKind.MEMBER_OF), *owner.targets(LinkKind.LEADS)}
        level = [graph.nodes[id] for id in sorted(home)]
    while level:
        yield level
        level = [
            graph.nodes[id] for id in sorted({above for team in level for above in team.targets(LinkKind.PART_OF)})
        ]


def _periods(graph: AlignmentGraph, goal: GoalVertex) -> dict[str | None, int]:
    """The period of a goal (0) and those that it lies within (1, 2 ...); empty without one."""
    found: dict[str | None, int] = {}
    period = graph.nodes.get(goal.fact.period or "")
    while period is not None:
        found[period.fact.id] = len(found)
        around = period.targets(LinkKind.WITHIN)
        period = graph.nodes[around[0]] if around else None
    return found


def _steps_up(levels: dict[str, int], from_level: str | None, to_level: str | None) -> int:
    """How far a level lies above another: 1 is best; the same level, unknown ones and lower ones come after all."""
    here, there = levels.get(from_level or ""), levels.get(to_level or "")
    if here is None or there is None:
        return len(levels) + 1
    if there == here:
        return len(levels)
    return here - there if there < here else len(levels) + 2


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
