"""What has moved in a graph since somebody last looked, so that conclusions can be kept current."""

from __future__ import annotations

from graph_service.alignment.moved import Moved
from graph_service.alignment.vertices import Edge, GoalVertex, Vertex


class Watch:
    """Gathers what batches move, and what taking them back moves again: rather too much than too little.

    ``numbers`` are goals of which only numbers or check-ins moved, ``changed`` are vertices that were touched otherwise
    (facts, links, days, whether there is a number at all), ``everything``: facts of the workspace itself moved.
    """

    __slots__ = ("changed", "everything", "numbers")

    def __init__(self) -> None:
        self.numbers: set[GoalVertex] = set()
        self.changed: set[Vertex] = set()
        self.everything = False

    @property
    def quiet(self) -> bool:
        """Whether nothing has moved."""
        return not (self.numbers or self.changed or self.everything)

    def forget(self) -> None:
        """Begins anew."""
        self.numbers.clear()
        self.changed.clear()
        self.everything = False

    def note(self, moved: Moved) -> None:
        """Takes note of a batch: while it stands, after it was done or before it is taken back."""
        numbers, changed = self.numbers, self.changed
        numbers.update([goal for goal, _, _ in moved.plain])
        for goal, (value, _, _, _, amount, pace) in moved.before.items():
            numbers.add(goal)
            if (
                (value is None) is not (goal.value is None)
                or (amount is None) is not (goal.amount is None)
                or pace is not goal.pace
            ):
                changed.add(goal)
        changed.update(moved.created, moved.removed, moved.reshaped)
        nodes = moved.graph.nodes
        for act, arguments in moved.undo:
            if getattr(act, "__name__", "") == "_uncheck":
                numbers.add(arguments[0])  # type: ignore[arg-type]  # the goal
                continue
            for one in arguments:
                if isinstance(one, Vertex):
                    changed.add(one)
                elif isinstance(one, Edge):
                    changed.update((one.child, one.parent))
                elif isinstance(one, str) and one in nodes:
                    changed.add(nodes[one])
        if moved.workspace is not moved.graph.workspace:
            self.everything = True
