"""Which work moves a goal the most."""

from __future__ import annotations

from typing import NamedTuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import MEAN, GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer


class Leverage(NamedTuple):
    """How much a goal moves if a key result moves from 0 to 1 (``leverage``), and from where it is to 1 (``gain``)."""

    goal: GoalVertex
    leverage: float
    gain: float


def leverage(graph: AlignmentGraph, id: str, viewer: Viewer = EVERYBODY) -> tuple[Leverage, ...] | None:
    """For every measured key result that counts in a goal: its leverage and gain, shares 0..1; None for an unknown id.

    Leverage is the sum, over all counting paths, of the product of shares; gain = leverage * (1 - progress). The
    largest gain comes first, then the larger leverage, then by id. An aggregate is a leaf, a ROLLUP key result is
    walked through. Empty for a goal that takes no mean, or in which nothing measured counts.

    >>> from graph_service.models.nodes import KeyResult, Link, Objective
    >>> from graph_service.models.words import LinkKind, Measure
    >>> graph = AlignmentGraph.build(
    ...     nodes=[
    ...         (Objective("grow", "Grow revenue"), 1),
    ...         (Objective("win", "Win lines"), 1),
    ...         (KeyResult("sales", "Sell more", measure=Measure.DELTA, baseline=0, target=10), 1),
    ...         (KeyResult("calls", "Call more", measure=Measure.DELTA, baseline=0, target=10), 1),
    ...     ],
    ...     links=[
    ...         Link("win", "grow", LinkKind.PARENT),
    ...         Link("sales", "grow", LinkKind.KEY_RESULT_OF),
    ...         Link("sales", "win", LinkKind.ALIGNED),
    ...         Link("calls", "win", LinkKind.KEY_RESULT_OF),
    ...     ],
    ... )
    >>> [(it.goal.id, it.leverage) for it in leverage(graph, "grow")]  # sales counts by two paths: 1/2 + 1/2 * 1/2
    [('sales', 0.75), ('calls', 0.25)]
    """
    top = graph.goal(id)
    if top is None or not viewer.sees(top):
        return None
    if top.mode != MEAN:
        return ()
    parts = dict.fromkeys(_counting(top), 0.0)
    parts[top] = 1.0
    found: list[Leverage] = []
    # Highest first: when a goal's turn comes, everything above it has given its part.
    for goal in sorted(parts, key=_height, reverse=True):
        part = parts[goal]
        if goal.mode != MEAN:
            if part > 0 and not goal.is_objective and viewer.sees(goal):
                found.append(Leverage(goal, part, part * (1.0 - goal.value)))  # type: ignore[operator]
            continue
        pairs = [pair for pair in goal.contributions if pair[0] in parts]
        whole = sum([weight for _, weight in pairs])
        for child, weight in pairs:
            parts[child] += part * (weight / whole)
    found.sort(key=_order)
    return tuple(found)


def _counting(top: GoalVertex) -> list[GoalVertex]:
    """A goal and all measured ones that count in it, down to where numbers are no mean of others."""
    met = {top}
    waiting = [top]
    for goal in waiting:  # grows while it is walked
        if goal.mode == MEAN:
            below = [child for child in goal.counted if child.value is not None and child not in met]
            met.update(below)
            waiting += below
    return waiting


def _height(goal: GoalVertex) -> int:
    return goal.height


def _order(found: Leverage) -> tuple[float, float, str]:
    """Equal numbers stand by id, whatever their last bits say."""
    return (-round(found.gain, 12), -round(found.leverage, 12), found.goal.fact.id)
