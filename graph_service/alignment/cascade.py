"""The way down: everything under a goal, as a tree on primary parents with the further links beside it."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import repeat
from typing import Final, NamedTuple

import msgspec

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.links import EdgeView, downs, first_up, ups
from graph_service.alignment.vertices import ALIGNED, Edge, GoalVertex, Tree
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import Invalid

DEPTH = 3
NODES = 1000
SOME: Final = 256


class Walk(NamedTuple):
    """What the walk of a cascade met: the goals; the links by which they stand (``tree[n]`` is that of
    ``goals[n + 1]``); how many goals each level holds; the goals that others may stand under; the links by which goals
    with several stand, in order (where the limit cut, of some that are not shown too); whether all that lies under the
    root was met; whether the limit cut a level."""

    goals: list[GoalVertex]
    tree: list[Edge]
    sizes: list[int]
    inner: list[GoalVertex]
    several: list[Edge]
    complete: bool
    truncated: bool


class Unshown:
    """What lies under the goals of a cascade and is not shown; looked for at the first question."""

    __slots__ = ("_counts", "_rim", "_viewer", "_walked")

    def __init__(self, walked: Walk, viewer: Viewer) -> None:
        self._walked = walked
        self._viewer = viewer
        self._rim: frozenset[GoalVertex] | None = frozenset() if walked.complete else None
        self._counts: dict[GoalVertex, int] | None = {} if walked.complete else None

    @property
    def rim(self) -> frozenset[GoalVertex]:
        """The shown goals right under which something is not shown."""
        if self._rim is None:
            shown, viewer = set(self._walked.goals), self._viewer
            self._rim = frozenset(
                goal
                for goal in self._walked.inner
                if any(edge.kind is not ALIGNED and edge.child not in shown for edge in downs(goal, viewer))
            )
        return self._rim

    def under(self, goal: GoalVertex) -> int:
        """How many goals under a shown one are not shown."""
        if self._counts is None:
            self._counts = self._count()
        return self._counts.get(goal, 0)

    def _count(self) -> dict[GoalVertex, int]:
        shown = set(self._walked.goals)
        viewer = self._viewer
        counts: dict[GoalVertex, int] = {}
        below: dict[GoalVertex, set[GoalVertex]] = {}
        # From the rim upwards; lowest first, so that what lies under a goal is counted before it.
        met = set(self.rim)
        heap = [(goal.height, number, goal) for number, goal in enumerate(met)]
        heapify(heap)
        while heap:
            goal = heappop(heap)[2]
            unshown: set[GoalVertex] = set()
            waiting = [goal]
            while waiting:
                for edge in downs(waiting.pop(), viewer):
                    child = edge.child
                    if edge.kind is ALIGNED or child in unshown:
                        continue
                    if child not in shown:
                        unshown.add(child)
                        waiting.append(child)
                    elif child in below:
                        unshown = _joined(unshown, below, child)
            below[goal] = unshown
            counts[goal] = len(unshown)
            for edge in goal.up:
                above = edge.parent
                if edge.kind is not ALIGNED and above in shown and above not in met:
                    met.add(above)
                    heappush(heap, (above.height, len(met), above))
        return counts


class CascadeNode(msgspec.Struct, frozen=True, gc=False):
    """A goal of a cascade, ``depth`` levels below the root. ``edge`` is the link by which it stands in the tree, None
    for the root."""

    goal: GoalVertex
    depth: int
    edge: Edge | None
    unshown: Unshown

    @property
    def primary_parent(self) -> str | None:
        """The id of the goal that it stands under; None for the root."""
        return None if self.edge is None else self.edge.parent.fact.id

    @property
    def hidden(self) -> int:
        """How many goals under it are not shown, each counted once, whichever way leads to it."""
        return self.unshown.under(self.goal)


class Cascade:
    """What lies under ``root``. ``nodes`` stand by depth, and within a level in the order of their parents and links;
    ``truncated`` says whether the limit cut a level.

    ``edges`` and the numbers of hidden goals are found when they are asked for, on the graph as it then stands.
    """

    __slots__ = ("_unshown", "_viewer", "_walked", "nodes", "root", "truncated")

    def __init__(
        self, root: GoalVertex, nodes: tuple[CascadeNode, ...], walked: Walk, unshown: Unshown, viewer: Viewer
    ) -> None:
        self.root = root
        self.nodes = nodes
        self.truncated = walked.truncated
        self._walked = walked
        self._unshown = unshown
        self._viewer = viewer

    @property
    def edges(self) -> tuple[EdgeView, ...]:
        """Every link between shown goals: first those by which they stand in the tree, in the order of the nodes; then
        further parents and aligned links, in the order of the goals that they lead from."""
        tree, shown = self._walked.tree, set(self._walked.goals)
        further = [edge for edge in self.root.up if edge.parent in shown]  # the root may be aligned to what is below
        further += [
            edge
            for standing in self._walked.several
            if standing.child in shown
            for edge in standing.child.up
            if edge is not standing and edge.parent in shown
        ]
        links = tree + further
        return tuple(map(EdgeView, links) if self._viewer is EVERYBODY else map(EdgeView, links, repeat(self._viewer)))

    @property
    def hidden(self) -> int:
        """How many goals under the root are not shown, each counted once."""
        return self._unshown.under(self.root)

    @property
    def rim(self) -> frozenset[GoalVertex]:
        """The shown goals right under which something is not shown."""
        return self._unshown.rim


def _joined(goals: set[GoalVertex], below: dict[GoalVertex, set[GoalVertex]], child: GoalVertex) -> set[GoalVertex]:
    """Some goals and those below a child. The set of a child with one link up is never asked for again, so the larger
    of the two grows: what is under a whole company moves up without being copied on every level."""
    if _has_several(child):
        return goals | below[child]
    small, large = sorted((goals, below.pop(child)), key=len)
    large |= small
    return large


def _has_several(goal: GoalVertex) -> bool:
    first = goal.first
    return first is not None and first.then is not None


class _Stand:
    """Where goals stand under a root: under their primary parent if that lies under the root too, else under the first
    of their parents that does. It does not depend on the depth that is shown."""

    __slots__ = ("_inside", "_outside", "_root", "_viewer")

    def __init__(self, root: GoalVertex, viewer: Viewer) -> None:
        self._root = root
        self._viewer = viewer
        self._inside = {root}
        self._outside: set[GoalVertex] = set()

    def with_further(self, tree: Tree) -> Tree:
        """What stands right under a goal: also what has its first parent elsewhere, if none of the parents before this
        one lies under the root."""
        elsewhere = [edge for edge in tree.further if not self._puts(edge)]
        if len(elsewhere) == len(tree.further):
            return tree
        assert tree.wider is not None
        return _tree([edge for edge in tree.wider.edges if edge not in elsewhere]) if elsewhere else tree.wider

    def _puts(self, edge: Edge) -> bool:
        """Whether a PARENT link, to the root or to a goal under it, puts its goal where it leads."""
        for up in ups(edge.child, self._viewer):
            if up is edge:
                return True
            if self._lies_under(up.parent):
                return False
        return False

    def _lies_under(self, goal: GoalVertex) -> bool:
        """Whether a goal is the root or lies under it; walks up, never higher than the root."""
        inside, outside, floor = self._inside, self._outside, self._root.height
        waiting = [goal]
        passed: list[GoalVertex] = []
        while waiting:
            step = waiting.pop()
            if step in inside:
                outside.difference_update(passed)  # the way of some of them led here
                inside.add(goal)
                return True
            if step.height < floor and step not in outside:
                outside.add(step)
                passed.append(step)
                waiting += [up.parent for up in ups(step, self._viewer) if up.kind is not ALIGNED]
        return False


def tree_of(goal: GoalVertex, viewer: Viewer) -> Tree:
    """What is right under a goal for a viewer; that for everybody is kept until a link changes it."""
    if viewer is EVERYBODY and goal.tree is not None:
        return goal.tree
    below = [edge for edge in downs(goal, viewer) if edge.kind is not ALIGNED]
    tree = _tree(below)
    further = tuple([edge for edge in below if first_up(edge.child, viewer) is not edge])
    if further:
        first = _tree([edge for edge in below if edge not in further])
        tree = first._replace(further=further, wider=tree)
    if viewer is EVERYBODY:
        goal.tree = tree
    return tree


def _tree(edges: list[Edge]) -> Tree:
    goals = [edge.child for edge in edges]
    inner = [goal for goal in goals if goal.down and goal.down[0].kind is not ALIGNED]  # aligned ones come last
    several = [edge for edge, goal in zip(edges, goals, strict=True) if _has_several(goal)]
    return Tree(tuple(edges), tuple(goals), tuple(inner), tuple(several))


def walk(root: GoalVertex, depth: int, limit: int, viewer: Viewer = EVERYBODY) -> Walk:
    """Walks down from a goal, level by level, to the places where goals stand."""
    stand = _Stand(root, viewer)
    goals = [root]
    tree: list[Edge] = []
    sizes = [1]
    level = [root] if root.height else []
    inner = level[:]
    several: list[Edge] = []
    truncated = False
    everybody = viewer is EVERYBODY
    while level and len(sizes) <= depth and not truncated:
        known = len(goals)
        below: list[GoalVertex] = []
        for start in range(0, len(level), SOME):  # in pieces, so that a level is not walked far past the limit
            for goal in level[start : start + SOME]:
                right_below = goal.tree if everybody else None
                if right_below is None:
                    right_below = tree_of(goal, viewer)
                if right_below.further:
                    right_below = stand.with_further(right_below)
                edges, children, more, joined, _, _ = right_below
                tree += edges
                goals += children
                if more:
                    below += more
                if joined:
                    several += joined
            if len(goals) > limit:
                del goals[limit:], tree[limit - 1 :]
                shown = set(goals[known:])
                below = [goal for goal in below if goal in shown]
                truncated = True
                break
        level = below
        inner += level
        sizes.append(len(goals) - known)
    return Walk(goals, tree, sizes, inner, several, not level and not truncated, truncated)


def cascade(
    graph: AlignmentGraph, id: str, depth: int = DEPTH, limit: int = NODES, viewer: Viewer = EVERYBODY
) -> Cascade | None:
    """Everything under a goal, ``depth`` levels deep and at most ``limit`` goals; None for an unknown id.

    A goal lies under the root if KEY_RESULT_OF and PARENT links lead up from it to the root. It stands once: under its
    primary parent if that lies there too, else under the first of its parents that does. Depth 0 is the root alone.

    >>> from graph_service.models.nodes import Link, Objective
    >>> from graph_service.models.words import LinkKind
    >>> graph = AlignmentGraph.build(
    ...     nodes=[(Objective(id, id.title()), 1) for id in ("grow", "learn", "teach", "write")],
    ...     links=[
    ...         Link("learn", "grow", LinkKind.PARENT),
    ...         Link("teach", "learn", LinkKind.PARENT),
    ...         Link("write", "teach", LinkKind.PARENT),
    ...         Link("write", "grow", LinkKind.PARENT, position=1),
    ...     ],
    ... )
    >>> found = cascade(graph, "grow", depth=1)  # write stands under its primary parent, two levels deeper
    >>> [(node.goal.id, node.hidden) for node in found.nodes], found.hidden
    ([('grow', 2), ('learn', 2)], 2)
    >>> [(node.goal.id, node.primary_parent) for node in cascade(graph, "grow").nodes]
    [('grow', None), ('learn', 'grow'), ('teach', 'learn'), ('write', 'teach')]
    """
    root = graph.goal(id)
    if root is None or not viewer.sees(root):
        return None
    if depth < 0:
        raise Invalid(f"depth {depth} is negative; give 0 for the root alone, or more", path=("depth",))
    if limit < 1:
        raise Invalid(f"limit {limit} is too small; give 1 or more", path=("limit",))
    walked = walk(root, depth, limit, viewer)
    depths: list[int] = []
    for level, size in enumerate(walked.sizes):
        depths += [level] * size
    unshown = Unshown(walked, viewer)
    nodes = tuple(map(CascadeNode, walked.goals, depths, [None, *walked.tree], repeat(unshown)))
    return Cascade(root, nodes, walked, unshown, viewer)
