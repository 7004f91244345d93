"""Where a number comes from: what contributes to a goal, with which share, down to the check-in."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.terms import counts, why_not_counted
from graph_service.alignment.vertices import AGGREGATE, LEAF, MANUAL, MEAN, Edge, GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import CheckIn, KeyResult
from graph_service.models.words import Aggregate, LinkKind, Measure

NO_PROGRESS = "it has no progress yet"
NO_VALUE = "it has no value yet"


class Contribution(NamedTuple):
    """One goal linked from below, and what it gives: ``contribution`` = ``share`` * ``progress``, all shares 0..1.

    Where it is not counted, ``reason`` says why, and share and contribution are None. Sources of an aggregate give
    values, not progress: their contribution is None, and only those of a MEAN have a share.
    """

    goal: GoalVertex
    kind: LinkKind
    weight: float
    share: float | None
    raw: float | None
    progress: float | None
    contribution: float | None
    counted: bool
    reason: str | None


class Explanation(NamedTuple):
    """A goal, all that is linked to it from below in its fixed order, and the check-in that its own value is from."""

    goal: GoalVertex
    contributors: tuple[Contribution, ...]
    check_in: CheckIn | None
    viewer: Viewer = EVERYBODY

    @property
    def doubled(self) -> tuple[GoalVertex, ...]:
        """Goals below that count more than once, by id; empty if none."""
        return tuple(goal for goal in doubled(self.goal) if self.viewer.sees(goal))


def explain(graph: AlignmentGraph, id: str, viewer: Viewer = EVERYBODY) -> Explanation | None:
    """Where a goal's progress comes from; None for an unknown id.

    Contributors are key results in their order, objectives under it, aligned goals; counted or with the reason why
    not. The contributions of a goal that takes the mean add up to its progress.

    >>> from graph_service.models.nodes import KeyResult, Link, Objective
    >>> from graph_service.models.words import LinkKind, Measure
    >>> graph = AlignmentGraph.build(
    ...     nodes=[
    ...         (Objective("grow", "Grow revenue"), 1),
    ...         (KeyResult("sales", "Sell more", measure=Measure.DELTA, baseline=0, target=10), 1),
    ...         (KeyResult("mood", "Hear happier crews"), 1),
    ...     ],
    ...     links=[Link("sales", "grow", LinkKind.KEY_RESULT_OF, 3.0), Link("mood", "grow", LinkKind.KEY_RESULT_OF)],
    ... )
    >>> for c in explain(graph, "grow").contributors:  # what is not measured leaves the whole share to the others
    ...     print(c.goal.id, c.share, c.contribution, c.reason)
    mood None None it has no progress yet
    sales 1.0 0.0 None
    """
    goal = graph.goal(id)
    if goal is None or not viewer.sees(goal):
        return None
    whole = _whole(goal)
    mode = goal.mode
    found: list[Contribution] = []
    for edge in goal.down:
        child = edge.child
        if not viewer.sees(child):
            continue
        reason = why_not_counted(edge)
        if reason is None and not _gives(child, mode):
            reason = NO_PROGRESS if mode == MEAN else NO_VALUE
        share = contribution = None
        if reason is None and whole:
            share = edge.weight / whole
            if mode == MEAN and child.value is not None:
                contribution = share * child.value
        found.append(
            Contribution(
                child, edge.kind, edge.weight, share, child.raw, child.value, contribution, reason is None, reason
            )
        )
    return Explanation(goal, tuple(found), present_check_in(goal), viewer)


def share_of(edge: Edge) -> float | None:
    """The part that a child has in its parent's progress: its weight over the weights of all that count and are
    measured, a share 0..1. None if it does not count or is not measured, and where the parent takes no mean (progress
    given by hand; an aggregate by SUM, MIN or MAX)."""
    parent = edge.parent
    if not counts(edge) or not _gives(edge.child, parent.mode):
        return None
    whole = _whole(parent)
    return edge.weight / whole if whole else None


def _gives(child: GoalVertex, mode: int) -> bool:
    """Whether a contributor has what its parent takes: a value for an aggregate, else progress."""
    return (child.amount if mode == AGGREGATE else child.value) is not None


def _whole(goal: GoalVertex) -> float | None:
    """The sum of the weights that a goal's mean is taken over; None where it takes none."""
    mode = goal.mode
    if mode in (LEAF, MANUAL):
        return None
    if mode == AGGREGATE and goal.fact.aggregate is not Aggregate.MEAN:  # type: ignore[union-attr]
        return None
    if mode == MEAN:
        return goal.whole
    return sum(weight for source, weight in goal.contributions if _gives(source, mode))


def present_check_in(goal: GoalVertex) -> CheckIn | None:
    """The check-in that a goal's own value is from: the last one that carries a value (or completes a milestone) and
    that no other replaces. None where the value is gathered from other goals, given by hand, or a mere baseline."""
    mode = goal.mode
    if mode not in (LEAF, MANUAL):
        return None
    fact = goal.fact
    measure = fact.measure if isinstance(fact, KeyResult) else None
    if measure is Measure.UNMEASURED:
        return None
    replaced = {check_in.replaces for check_in in goal.check_ins}
    for check_in in reversed(goal.check_ins):
        if check_in.id in replaced:
            continue
        if check_in.milestones_done if measure is Measure.MILESTONES else check_in.value is not None:
            return check_in
    return None


# ---------- counted more than once ----------


def _giving(goal: GoalVertex) -> list[GoalVertex]:
    """What counts in a goal's numbers now."""
    mode = goal.mode
    return [child for child in goal.counted if _gives(child, mode)]


def _ways(goal: GoalVertex) -> Counter[GoalVertex]:
    """All goals that count in a goal, with the number of links by which each does."""
    ways: Counter[GoalVertex] = Counter()
    waiting = [goal]
    while waiting:
        for child in _giving(waiting.pop()):
            if child not in ways:
                waiting.append(child)
            ways[child] += 1
    return ways


def doubled(goal: GoalVertex) -> list[GoalVertex]:
    """Goals below that count more than once, by id: those from which two counting links lead up to it. What lies
    below one of them counts as often and is not named again."""
    return sorted((below for below, links in _ways(goal).items() if links > 1), key=lambda below: below.fact.id)


def paths_to(
    goal: GoalVertex, ancestor: GoalVertex, first: int = 10, viewer: Viewer = EVERYBODY
) -> list[tuple[GoalVertex, ...]]:
    """The paths by which a goal counts in an ancestor, each from the ancestor down to the goal; at most ``first``.

    Primary parents first. Two counting links between the same two goals are two paths. Empty where the goal does not
    count in it.
    """
    inside = _ways(ancestor).keys() | {ancestor}
    if goal not in inside or not viewer.sees(goal):
        return []
    found: list[tuple[GoalVertex, ...]] = []
    waiting: list[tuple[GoalVertex, ...]] = [(goal,)]
    while waiting and len(found) < first:
        path = waiting.pop()
        top = path[0]
        if top is ancestor:
            found.append(path)
            continue
        waiting += [
            (edge.parent, *path)
            for edge in reversed(top.up)
            if edge.parent in inside and counts(edge) and _gives(top, edge.parent.mode) and viewer.sees(edge.parent)
        ]
    return found
