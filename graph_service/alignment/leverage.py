"""Which work moves a goal the most."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import MEAN, GoalVertex, mode_of
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
    if mode_of(top.fact) != MEAN:
        return ()
    # Highest first: when a goal's turn comes, everything above it has given its part.
    parts: dict[GoalVertex, float] = {top: 1.0}
    heap = [(-top.height, 0, top)]
    number = 0
    found: list[Leverage] = []
    while heap:
        goal = heappop(heap)[2]
        part = parts[goal]
        if mode_of(goal.fact) != MEAN:
            if part > 0 and not goal.is_objective and viewer.sees(goal):
                found.append(Leverage(goal, part, part * (1.0 - goal.value)))  # type: ignore[operator]
            continue
        pairs = [
            (child, weight)
            for child, weight in zip(goal.counted, goal.weights or (1.0,) * len(goal.counted), strict=True)
            if child.value is not None
        ]
        whole = sum(weight for _, weight in pairs)
        for child, weight in pairs:
            known = parts.get(child)
            if known is None:
                number += 1
                heappush(heap, (-child.height, number, child))
            parts[child] = (known or 0.0) + part * (weight / whole)
    return tuple(sorted(found, key=_order))


def _order(found: Leverage) -> tuple[float, float, str]:
    """Equal numbers stand by id, whatever their last bits say."""
    return (-round(found.gain, 12), -round(found.leverage, 12), found.goal.fact.id)
