"""Links between goals as a viewer sees them, and the small values in which answers show them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph_service.alignment.explain import share_of
from graph_service.alignment.vertices import ALIGNED, Edge, GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer


class EdgeView(msgspec.Struct, frozen=True, gc=False):
    """A link of an answer. Its share is found when it is asked for, on the graph as it then stands."""

    edge: Edge
    viewer: Viewer = EVERYBODY

    @property
    def share(self) -> float | None:
        """The part that the child has in the parent's progress, 0..1; None if it does not count."""
        return share_of(self.edge)

    @property
    def primary(self) -> bool:
        """Whether it leads to the child's objective or first parent (of those that the viewer sees)."""
        edge = self.edge
        return edge.kind is not ALIGNED and first_up(edge.child, self.viewer) is edge


def first_up(goal: GoalVertex, viewer: Viewer) -> Edge | None:
    """The first upward link whose end the viewer sees; None without one."""
    edge = goal.first
    if viewer is not EVERYBODY:
        while edge is not None and not viewer.sees(edge.parent):
            edge = edge.then
    return edge


def ups(goal: GoalVertex, viewer: Viewer) -> Sequence[Edge]:
    """Upward links whose ends the viewer sees, in order."""
    if viewer is EVERYBODY:
        return goal.up
    return [edge for edge in goal.up if viewer.sees(edge.parent)]


def downs(goal: GoalVertex, viewer: Viewer) -> Sequence[Edge]:
    """Links from below whose ends the viewer sees, in order."""
    if viewer is EVERYBODY:
        return goal.down
    return [edge for edge in goal.down if viewer.sees(edge.child)]
