"""The way up: from a goal to the top."""

from __future__ import annotations

import msgspec

from graph_service.alignment.explain import share_of
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.links import EdgeView, downs, first_up, ups
from graph_service.alignment.vertices import ALIGNED, KEY_RESULT_OF, Edge, GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import Invalid
from graph_service.models.words import LinkKind

NODES = 1000


class Rung(msgspec.Struct, frozen=True, gc=False):
    """A goal on the path. ``edge`` is the link up to the rung before it, None for the top; so are kind, weight and
    share (0..1, None where it does not count)."""

    goal: GoalVertex
    edge: Edge | None
    viewer: Viewer = EVERYBODY

    @property
    def key_results(self) -> tuple[GoalVertex, ...]:
        """The key results of an objective, in order; empty for a key result."""
        goal = self.goal
        if not goal.is_objective:
            return ()
        return tuple([edge.child for edge in downs(goal, self.viewer) if edge.kind is KEY_RESULT_OF])

    @property
    def kind(self) -> LinkKind | None:
        """By what kind of link it hangs under the rung before it."""
        return None if self.edge is None else self.edge.kind

    @property
    def weight(self) -> float | None:
        """The weight of that link."""
        return None if self.edge is None else self.edge.weight

    @property
    def share(self) -> float | None:
        """The part that it has in the progress of the rung before it."""
        return None if self.edge is None else share_of(self.edge)


class Ladder:
    """A goal's way up. ``path`` is the primary one, top first, and ends in the goal itself.

    Everything else is found when it is asked for, on the graph as it then stands.
    """

    __slots__ = ("_above", "_limit", "_truncated", "_viewer", "goal", "path")

    def __init__(self, goal: GoalVertex, path: tuple[Rung, ...], limit: int, viewer: Viewer) -> None:
        self.goal = goal
        self.path = path
        self._limit = limit
        self._viewer = viewer
        self._above: tuple[GoalVertex, ...] | None = None
        self._truncated = False

    @property
    def nodes(self) -> tuple[GoalVertex, ...]:
        """The whole upward graph, the goal included: over PARENT, KEY_RESULT_OF and ALIGNED of any weight, sorted by
        (height descending, id). At most ``limit`` goals: the path, which is never cut, and the nearest others."""
        if self._above is None:
            self._above = self._look_up()
        return self._above

    @property
    def truncated(self) -> bool:
        """Whether the upward graph was cut at the limit."""
        return bool(self.nodes) and self._truncated

    @property
    def edges(self) -> tuple[EdgeView, ...]:
        """Every link between goals of the upward graph, in the order of the goals they lead from."""
        nodes = self.nodes
        shown = set(nodes)
        return tuple([EdgeView(edge, self._viewer) for goal in nodes for edge in goal.up if edge.parent in shown])

    def paths(self, first: int = 10) -> list[list[GoalVertex]]:
        """The ways up, each top first and ending in the goal; at most ``first``, primary links before others.

        A way ends where nothing above is left that it has not passed: informational links may form rings.
        """
        found: list[list[GoalVertex]] = []
        path, passed = [self.goal], {self.goal}
        # For each goal of the path: what lies above it and was not tried yet, and whether anything led on.
        tries = [(iter(self._over(self.goal)), False)]
        while tries and len(found) < first:
            untried, led_on = tries[-1]
            above = next((goal for goal in untried if goal not in passed), None)
            if above is not None:
                tries[-1] = (untried, True)
                tries.append((iter(self._over(above)), False))
                path.append(above)
                passed.add(above)
                continue
            if not led_on:
                found.append(path[::-1])
            tries.pop()
            passed.discard(path.pop())
        return found

    def _over(self, goal: GoalVertex) -> list[GoalVertex]:
        """The goals right above, each once, in the order of the links to them."""
        return list(dict.fromkeys([edge.parent for edge in ups(goal, self._viewer)]))

    def _look_up(self) -> tuple[GoalVertex, ...]:
        seen = dict.fromkeys([rung.goal for rung in self.path])
        waiting = list(reversed(seen))  # the goal first
        room = max(0, self._limit - len(seen))
        for goal in waiting:  # grows while it is walked, nearest first
            for edge in ups(goal, self._viewer):
                above = edge.parent
                if above in seen:
                    continue
                if not room:
                    self._truncated = True
                    break
                room -= 1
                seen[above] = None
                waiting.append(above)
        return tuple(sorted(seen, key=_highest_first))


def _highest_first(goal: GoalVertex) -> tuple[int, str]:
    return (-goal.height, goal.fact.id)


def ladder(graph: AlignmentGraph, id: str, viewer: Viewer = EVERYBODY, limit: int = NODES) -> Ladder | None:
    """The way up from a goal; None for an unknown id.

    The path follows the objective of a key result and the first parent of an objective. ``limit`` bounds the upward
    graph.

    >>> from graph_service.models.nodes import Link, Objective
    >>> from graph_service.models.words import LinkKind
    >>> graph = AlignmentGraph.build(
    ...     nodes=[(Objective(id, id.title()), 1) for id in ("grow", "learn", "teach")],
    ...     links=[
    ...         Link("learn", "grow", LinkKind.PARENT),
    ...         Link("teach", "learn", LinkKind.ALIGNED, 0.0),
    ...     ],
    ... )
    >>> [rung.goal.id for rung in ladder(graph, "learn").path]
    ['grow', 'learn']
    >>> found = ladder(graph, "teach")  # a goal with only aligned links is its own path
    >>> [rung.goal.id for rung in found.path], [goal.id for goal in found.nodes]
    (['teach'], ['grow', 'learn', 'teach'])
    """
    goal = graph.goal(id)
    if goal is None:
        return None
    if limit < 1:
        raise Invalid(f"limit {limit} is too small; give 1 or more", path=("limit",))
    rungs: list[Rung] = []
    step = goal
    if viewer is EVERYBODY:  # as below, without asking at every rung
        while (first := step.first) is not None and first.kind is not ALIGNED:
            rungs.append(Rung(step, first))
            step = first.parent
    elif not viewer.sees(goal):
        return None
    else:
        while (first := first_up(step, viewer)) is not None and first.kind is not ALIGNED:
            rungs.append(Rung(step, first, viewer))
            step = first.parent
    rungs.append(Rung(step, None, viewer))
    rungs.reverse()
    return Ladder(goal, tuple(rungs), limit, viewer)
