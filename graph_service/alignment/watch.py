"""What has moved in a graph since somebody last looked, so that conclusions can be kept current."""

from __future__ import annotations

from graph_service.alignment.moved import Moved
from graph_service.alignment.vertices import Edge, GoalVertex, Vertex
from graph_service.models.nodes import KeyResult, Node, Objective


class Watch:
    """Gathers what batches move, and what taking them back moves again: rather too much than too little.

    ``numbers`` are goals of which only numbers or check-ins moved, ``changed`` are vertices that were touched otherwise
    (facts, links, days, whether there is a number at all), ``everything``: facts of the workspace itself moved. Of the
    goals in ``changed``, ``ways`` are those from which ways up may lead, or count, otherwise than before (what lies
    under them is not named), and ``retitled`` those that are called otherwise.
    """

    __slots__ = ("changed", "everything", "numbers", "retitled", "ways")

    def __init__(self) -> None:
        self.numbers: set[GoalVertex] = set()
        self.changed: set[Vertex] = set()
        self.ways: set[GoalVertex] = set()
        self.retitled: set[GoalVertex] = set()
        self.everything = False

    @property
    def quiet(self) -> bool:
        """Whether nothing has moved."""
        return not (self.numbers or self.changed or self.everything)

    def forget(self) -> None:
        """Begins anew."""
        self.numbers.clear()
        self.changed.clear()
        self.ways.clear()
        self.retitled.clear()
        self.everything = False

    def note(self, moved: Moved) -> None:
        """Takes note of a batch: while it stands, after it was done or before it is taken back."""
        numbers, changed, ways = self.numbers, self.changed, self.ways
        numbers.update([goal for goal, _, _ in moved.plain])
        for goal, (value, _, _, _, amount, pace) in moved.before.items():
            numbers.add(goal)
            if (value is None) is not (goal.value is None) or (amount is None) is not (goal.amount is None):
                changed.add(goal)
                ways.add(goal)
            elif pace is not goal.pace:
                changed.add(goal)
        changed.update(moved.created, moved.removed, moved.reshaped)
        ways.update(moved.created, moved.removed)
        nodes = moved.graph.nodes
        for act, arguments in moved.undo:
            name = getattr(act, "__name__", "")
            if name == "_uncheck":
                numbers.add(arguments[0])  # type: ignore[arg-type]  # the goal
                continue
            if name == "_say":
                vertex, before = arguments
                if isinstance(vertex, GoalVertex) and isinstance(before, Objective | KeyResult):
                    self._compare(vertex, before)
            for one in arguments:
                if isinstance(one, Vertex):
                    changed.add(one)
                elif isinstance(one, Edge):
                    changed.update((one.child, one.parent))
                    ways.add(one.child)
                elif isinstance(one, str) and one in nodes:
                    changed.add(nodes[one])
        if moved.workspace is not moved.graph.workspace:
            self.everything = True

    def _compare(self, goal: GoalVertex, before: Objective | KeyResult) -> None:
        fact = goal.fact
        if fact.title != before.title:
            self.retitled.add(goal)
        if _bearing(fact) != _bearing(before):
            self.ways.add(goal)


def _bearing(fact: Node) -> tuple[object, ...]:
    """What of a goal ways up depend on: whether one leads through it, ends at it, and counts."""
    if isinstance(fact, Objective):
        return fact.state, fact.level, fact.top_level, fact.driver
    assert isinstance(fact, KeyResult)
    return fact.state, fact.measure, fact.aggregate
