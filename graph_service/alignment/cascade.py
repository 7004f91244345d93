"""The way down: everything under a goal, as a tree on primary parents with the further links beside it."""

from __future__ import annotations

from itertools import repeat

import msgspec

from graph_service.alignment.links import EdgeView, downs, ups
from graph_service.alignment.vertices import Edge, GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.words import LinkKind

DEPTH = 3
NODES = 1000
KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED


class CascadeNode(msgspec.Struct, frozen=True, gc=False):
    """A goal of a cascade, ``depth`` levels below the root, standing under ``under`` (None for the root)."""

    goal: GoalVertex
    depth: int
    under: GoalVertex | None
    unshown: Unshown

    @property
    def primary_parent(self) -> str | None:
        """The id of the goal that it stands under; None for the root."""
        return None if self.under is None else self.under.fact.id

    @property
    def hidden(self) -> int:
        """How many goals under it are not shown, each counted once, whichever way leads to it."""
        return self.unshown.under(self.goal)


class Cascade:
    """What lies under ``root``. ``nodes`` stand by depth, and within a level in the order of their parents and links;
    ``truncated`` says whether the limit cut a level.

    ``edges`` and the numbers of hidden goals are found when they are asked for, on the graph as it then stands.
    """

    __slots__ = ("_tree", "_unshown", "_viewer", "nodes", "root", "truncated")

    def __init__(
        self,
        root: GoalVertex,
        nodes: tuple[CascadeNode, ...],
        tree: list[Edge],
        unshown: Unshown,
        truncated: bool,
        viewer: Viewer,
    ) -> None:
        self.root = root
        self.nodes = nodes
        self.truncated = truncated
        self._tree = tree
        self._unshown = unshown
        self._viewer = viewer

    @property
    def edges(self) -> tuple[EdgeView, ...]:
        """Every link between shown goals: first those by which they stand in the tree, in the order of the nodes; then
        further parents and aligned links, in the order of the goals that they lead to."""
        goals, tree = self._unshown.goals, self._tree
        # Links that are all of key results put each where it leads, so there is none beside the tree.
        mixed = [goal for goal in goals if goal.down and goal.down[-1].kind is not KEY_RESULT_OF]
        if mixed:
            shown, standing = set(goals), set(tree)
            further = [edge for goal in mixed for edge in goal.down if edge.child in shown and edge not in standing]
            tree = [*tree, *further]
        return tuple(map(EdgeView, tree, repeat(self._viewer)))

    @property
    def hidden(self) -> int:
        """How many goals under the root are not shown, each counted once."""
        return self._unshown.under(self.root)


class Unshown:
    """Counts, for the goals of a cascade, what lies under them and is not shown; all at the first question."""

    __slots__ = ("_counts", "_viewer", "goals")

    def __init__(self, goals: list[GoalVertex], viewer: Viewer) -> None:
        self.goals = goals
        self._viewer = viewer
        self._counts: dict[GoalVertex, int] | None = None

    def under(self, goal: GoalVertex) -> int:
        """How many goals under a shown one are not shown."""
        if self._counts is None:
            self._counts = self._count()
        return self._counts.get(goal, 0)

    def _count(self) -> dict[GoalVertex, int]:
        shown = set(self.goals)
        viewer = self._viewer
        counts: dict[GoalVertex, int] = {}
        below: dict[GoalVertex, set[GoalVertex]] = {}
        for goal in sorted((goal for goal in self.goals if goal.height), key=_height):
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
                        # What only this goal stands above is not asked for again: its set grows into this one's.
                        theirs = below.pop(child) if len(child.up) == 1 else below[child]
                        if len(child.up) == 1 and len(theirs) > len(unshown):
                            unshown, theirs = theirs, unshown
                        unshown |= theirs
            if unshown:
                below[goal] = unshown
                counts[goal] = len(unshown)
        return counts


def _height(goal: GoalVertex) -> int:
    return goal.height


class _Stand:
    """Where goals stand under a root: under their primary parent if that lies under the root too, else under the first
    of their parents that does. It does not depend on the depth that is shown."""

    __slots__ = ("_inside", "_root", "_viewer")

    def __init__(self, root: GoalVertex, viewer: Viewer) -> None:
        self._root = root
        self._viewer = viewer
        self._inside = {root: True}

    def by(self, edge: Edge) -> bool:
        """Whether a goal stands where this link, which leads to the root or to a goal under it, puts it."""
        for up in ups(edge.child, self._viewer):
            if up is edge:
                return True
            if self._under(up.parent):
                return False
        return False

    def _under(self, goal: GoalVertex) -> bool:
        """Whether a goal is the root or lies under it; walks up, never higher than the root."""
        inside = self._inside
        floor = self._root.height
        waiting = [goal]
        while waiting:
            step = waiting[-1]
            if step in inside:
                waiting.pop()
                continue
            unknown = found = False
            if step.height < floor:
                for up in ups(step, self._viewer):
                    if up.kind is ALIGNED:
                        break
                    known = inside.get(up.parent)
                    if known:
                        found = True
                        break
                    if known is None:
                        waiting.append(up.parent)
                        unknown = True
            if found or not unknown:
                inside[step] = found
        return inside[goal]


def walk(
    root: GoalVertex, depth: int, limit: int, viewer: Viewer = EVERYBODY
) -> tuple[list[Edge], list[int], bool]:
    """The walk of a cascade: the links by which goals stand under the root, level by level; how many goals each level
    holds, the root's first; and whether the limit cut one."""
    stand = _Stand(root, viewer)
    everybody = viewer is EVERYBODY
    tree: list[Edge] = []
    sizes = [1]
    level = [root]
    while level and len(sizes) <= depth:
        room = limit - 1 - len(tree)
        found: list[Edge] = []
        for goal in level:
            edges = goal.down if everybody else downs(goal, viewer)
            if edges and edges[-1].kind is KEY_RESULT_OF:  # the last in their order, so all are: they stand here
                found += edges
            else:
                found += [
                    edge
                    for edge in edges
                    if (kind := edge.kind) is KEY_RESULT_OF
                    or (kind is PARENT and ((everybody and edge.child.up[0] is edge) or stand.by(edge)))
                ]
            if len(found) > room:
                break
        cut = len(found) > room
        if cut:
            del found[room:]
        if found:
            tree += found
            sizes.append(len(found))
        if cut:
            return tree, sizes, True
        level = [child for edge in found if (child := edge.child).height]
    return tree, sizes, False


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
    tree, sizes, truncated = walk(root, depth, limit, viewer)
    goals = [root, *[edge.child for edge in tree]]
    over = [None, *[edge.parent for edge in tree]]
    depths = [level for level, size in enumerate(sizes) for _ in range(size)]
    unshown = Unshown(goals, viewer)
    nodes = tuple(map(CascadeNode, goals, depths, over, repeat(unshown)))
    return Cascade(root, nodes, tree, unshown, truncated, viewer)
