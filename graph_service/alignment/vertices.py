"""The graph's places: a fact, its links both ways, and for goals the conclusions of the rollup.

Plain slotted objects, followed without searching. Only ``AlignmentGraph`` and ``rollup`` write them.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from graph_service.alignment.measures import raw_of
from graph_service.alignment.pace import ACTIVE, Pace
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    KeyResult,
    Link,
    Node,
    Objective,
)
from graph_service.models.words import Driver, GoalState, LinkKind, Measure

# Words that are compared on every way: known by name they cost less than by their class.
KEY_RESULT_OF: Final = LinkKind.KEY_RESULT_OF
PARENT: Final = LinkKind.PARENT
ALIGNED: Final = LinkKind.ALIGNED
CLOSED: Final = GoalState.CLOSED
DELTA: Final = Measure.DELTA
ROLLUP: Final = Measure.ROLLUP
BY_ALL: Final = Driver.ALL
BY_HAND: Final = Driver.MANUAL

# How a goal gets its numbers.
LEAF: Final = 0
MEAN: Final = 1
MANUAL: Final = 2
AGGREGATE: Final = 3


class Vertex:
    """A node in the graph: the fact, the revision that last touched it, and its links other than goal to goal."""

    __slots__ = ("broken", "fact", "into", "out", "revision")

    fact: Node
    revision: int
    out: list[Link] | tuple[()]
    into: list[Link] | tuple[()]
    broken: tuple[BrokenReference, ...]

    def __init__(self, fact: Node, revision: int = 0) -> None:
        self.fact = fact
        self.revision = revision
        self.out = ()
        self.into = ()
        self.broken = ()

    @property
    def id(self) -> str:
        """The node's id."""
        return self.fact.id

    def targets(self, kind: LinkKind) -> list[str]:
        """Ids that this node's links of one kind lead to, sorted."""
        return sorted(link.target for link in self.out if link.kind is kind)

    def sources(self, kind: LinkKind) -> list[str]:
        """Ids from which links of one kind lead here, sorted."""
        return sorted(link.source for link in self.into if link.kind is kind)

    def __repr__(self) -> str:
        return f"<{type(self.fact).__name__} {self.fact.id}>"


class Tombstone(NamedTuple):
    """A removed node: as it was, the revision that removed it, and the links that it took along."""

    vertex: Vertex
    revision: int
    links: tuple[Link, ...]


class Edge:
    """A link between two goals: ``child`` supports ``parent``. Made anew where it changes, and known by identity.

    ``place`` is the child's place among the contributors of the parent, -1 where it does not count; ``recount`` sets
    it. ``then`` is the child's next upward link: most have one, and a chain of it costs less than a list of it."""

    __slots__ = ("child", "kind", "parent", "place", "position", "then", "weight")

    then: Edge | None

    def __init__(self, child: GoalVertex, parent: GoalVertex, kind: LinkKind, weight: float, position: int) -> None:
        self.child = child
        self.parent = parent
        self.kind = kind
        self.weight = weight
        self.position = position
        self.place = -1
        self.then = None

    @property
    def ladders(self) -> bool:
        """Whether it may never be part of a ring: KEY_RESULT_OF, PARENT whatever the weight, ALIGNED with a weight."""
        return self.kind is not ALIGNED or self.weight > 0

    def link(self) -> Link:
        """The link as a value."""
        return Link(self.child.fact.id, self.parent.fact.id, self.kind, self.weight, self.position)


def rank(kind: LinkKind) -> int:
    """The order of link kinds between goals."""
    return 0 if kind is KEY_RESULT_OF else 1 if kind is PARENT else 2


def up_order(edge: Edge) -> tuple[int, int, str]:
    """Order of a goal's upward links: its objective, its parents (primary first), what it is aligned to."""
    return (rank(edge.kind), edge.position, edge.parent.fact.id)


def down_order(edge: Edge) -> tuple[int, int, str]:
    """Order of what supports a goal: key results in their order, then objectives, then aligned goals, by id."""
    kind = edge.kind
    if kind is KEY_RESULT_OF:
        return (0, edge.position, edge.child.fact.id)
    return (1 if kind is PARENT else 2, 0, edge.child.fact.id)


Numbers = tuple[float | None, float, float | None, int, float | None, Pace]
"""A goal at one moment: value, coverage, confidence, held, amount, pace. A bare tuple, since many goals leave one
behind."""


class Tree(NamedTuple):
    """What is right under a goal, for cascades: the links by which goals stand here, since they are the first of their
    links up, in order; those goals; those of them under which there is something; and the links of those that have
    further ones.

    ``further`` are the PARENT links of goals whose first parent is another one, and ``wider`` is the tree with them."""

    edges: tuple[Edge, ...]
    goals: tuple[GoalVertex, ...]
    inner: tuple[GoalVertex, ...]
    several: tuple[Edge, ...]
    further: tuple[Edge, ...] = ()
    wider: Tree | None = None


class GoalVertex(Vertex):
    """A goal in the graph.

    ``value`` (progress), ``coverage``, ``confidence`` are shares as the rollup defines them; ``amount`` is the value of
    a key result in its unit; ``held`` is the ordinal of the last due day among met thresholds that still can be lost
    (0: none). ``height`` grows along every upward link that may not be part of a ring.

    ``first`` is the first of its upward links, from which the others follow.

    ``terms`` holds weight times value of each contributor, in order, 0 where it has no value; ``whole`` the weights of
    those that have one. A contributor that moves writes its term, so a mean is one sum over a flat list: exact each
    time, and without asking every contributor again.
    """

    __slots__ = (
        "amount",
        "check_ins",
        "confidence",
        "coverage",
        "down",
        "first",
        "held",
        "height",
        "mode",
        "pace",
        "terms",
        "tree",
        "value",
        "whole",
    )

    fact: Objective | KeyResult
    first: Edge | None
    down: list[Edge] | tuple[()]
    terms: list[float | None] | tuple[()]  # never None; so typed, compiled code keeps the number that it is given
    tree: Tree | None
    whole: float
    check_ins: tuple[CheckIn, ...]
    pace: Pace
    value: float | None
    coverage: float
    confidence: float | None
    amount: float | None

    def __init__(self, fact: Objective | KeyResult, revision: int, pace: Pace) -> None:
        self.fact = fact
        self.revision = revision
        self.pace = pace
        plain = type(fact) is KeyResult and fact.aggregate is None and fact.measure is not ROLLUP
        self.mode = LEAF if plain else mode_of(fact)
        self.out = self.into = self.broken = self.down = self.terms = self.check_ins = ()
        self.value = self.confidence = self.amount = self.tree = self.first = None
        self.height = self.held = 0
        self.whole = 0.0
        self.coverage = 0.0

    @property
    def numbers(self) -> Numbers:
        """Its numbers and pace as they are now."""
        return (self.value, self.coverage, self.confidence, self.held, self.amount, self.pace)

    @property
    def raw(self) -> float | None:
        """Progress before it is cut to 0..1: of a mean or a number given by hand the progress itself."""
        mode, amount, fact = self.mode, self.amount, self.fact
        if mode in (MEAN, MANUAL):
            return self.value
        assert type(fact) is KeyResult
        return None if amount is None and fact.measure is not Measure.MILESTONES else raw_of(fact, amount)

    @property
    def contributions(self) -> list[tuple[GoalVertex, float]]:
        """Who counts in its numbers once it is measured, in order, each with its weight."""
        return [(edge.child, edge.weight) for edge in self.down if edge.place >= 0]

    @property
    def counted(self) -> tuple[GoalVertex, ...]:
        """Who counts in its numbers once it is measured, in order."""
        return tuple([edge.child for edge in self.down if edge.place >= 0])

    @property
    def is_objective(self) -> bool:
        """Whether it is an objective (else a key result)."""
        return type(self.fact) is Objective

    @property
    def live(self) -> bool:
        """Active or closed, by its own state."""
        state = self.fact.state
        return state is ACTIVE or state is CLOSED

    @property
    def up(self) -> tuple[Edge, ...]:
        """Its upward links, in order: to its objective, to its parents (primary first), to what it is aligned to."""
        found = []
        edge = self.first
        while edge is not None:
            found.append(edge)
            edge = edge.then
        return tuple(found)

    @property
    def objective(self) -> GoalVertex | None:
        """The objective of a key result; None when it is loose, and for objectives."""
        first = self.first
        return first.parent if first is not None and first.kind is KEY_RESULT_OF else None

    @property
    def primary(self) -> Edge | None:
        """The primary upward link: to its objective or its first parent; None without one (aligned links are none)."""
        first = self.first
        return first if first is not None and first.kind is not ALIGNED else None

    @property
    def key_results(self) -> list[GoalVertex]:
        """The key results of an objective, in order."""
        return [edge.child for edge in self.down if edge.kind is KEY_RESULT_OF]

    @property
    def owner(self) -> str | None:
        """The id of the accountable person or team, if any."""
        owns = LinkKind.OWNS
        for link in self.into:
            if link.kind is owns:
                return link.source
        return None

    @property
    def contributors(self) -> list[Link]:
        """CONTRIBUTES_TO links to it, sorted by who."""
        return sorted((link for link in self.into if link.kind is LinkKind.CONTRIBUTES_TO), key=lambda k: k.source)

    def ups(self, *kinds: LinkKind) -> list[Edge]:
        """Upward links of some kinds (none named: all), in order."""
        return [edge for edge in self.up if not kinds or edge.kind in kinds]

    def downs(self, *kinds: LinkKind) -> list[Edge]:
        """Links from below of some kinds (none named: all), in order."""
        return [edge for edge in self.down if not kinds or edge.kind in kinds]


def mode_of(fact: Objective | KeyResult) -> int:
    """How a goal gets its numbers: by itself, as a mean, given by hand, or gathered from sources."""
    if type(fact) is KeyResult:
        if fact.measure is ROLLUP:
            return MEAN
        return LEAF if fact.aggregate is None else AGGREGATE
    return MANUAL if fact.driver is BY_HAND else MEAN  # type: ignore[union-attr]


def goals_of(vertices: Sequence[Vertex]) -> list[GoalVertex]:
    """The goals among some vertices, order kept."""
    return [vertex for vertex in vertices if isinstance(vertex, GoalVertex)]


def link_order(link: Link) -> tuple[str, str, str]:
    """The order of links everywhere: source, target, kind."""
    return (link.source, link.target, link.kind.value)


def broken_order(reference: BrokenReference) -> tuple[str, str, bool]:
    """The order of what a node names in vain: kind, reference, incoming before outgoing."""
    return (reference.kind.value, reference.reference, reference.outgoing)


def check_in_order(check_in: CheckIn) -> tuple[datetime, int, int]:
    """The order of check-ins: when, then the revision and the place in it."""
    return (check_in.at, check_in.revision, check_in.position)


def edge_between(source: Vertex, target: Vertex, kind: LinkKind) -> Edge | None:
    """The link of one kind between two goals; None if there is none."""
    if not isinstance(source, GoalVertex):
        return None
    return next((edge for edge in source.up if edge.parent is target and edge.kind is kind), None)


def add(vertex: Vertex, side: str, link: Link) -> None:
    """Adds a link to one side (``out`` or ``into``) of a node."""
    links = getattr(vertex, side)
    if links:
        links.append(link)
    else:
        setattr(vertex, side, [link])


def take_out(vertex: Vertex, side: str, link: Link) -> int:
    """Takes a link from one side of a node; its place there. The last is looked at first: it is what an undo takes."""
    links: list[Link] = getattr(vertex, side)
    place = len(links) - 1
    if links[place] is not link:
        place = next((number for number, known in enumerate(links) if known is link), -1)
        if place < 0:
            place = links.index(link)
    del links[place]
    if not links:
        setattr(vertex, side, ())
    return place


def put_in(vertex: Vertex, side: str, place: int, link: Link) -> None:
    """Puts a link back at its place."""
    links = getattr(vertex, side)
    if links:
        links.insert(place, link)
    else:
        setattr(vertex, side, [link])


def attach(edge: Edge) -> None:
    """Puts a link in its place on both its ends."""
    child, parent = edge.child, edge.parent
    _cut(child, parent)
    attach_up(edge)
    down = parent.down
    if not down:
        parent.down = [edge]
    elif down_order(down[-1]) < down_order(edge):
        down.append(edge)
    else:
        insort(down, edge, key=down_order)


def detach(edge: Edge) -> None:
    """Takes a link from both its ends."""
    child = edge.child
    _cut(child, edge.parent)
    before = child.first
    if before is edge:
        child.first = edge.then
    else:
        while before is not None and before.then is not edge:
            before = before.then
        assert before is not None, "the link is not there"
        before.then = edge.then
    edge.then = None
    edge.parent.down.remove(edge)  # type: ignore[union-attr]  # it is there, so it is a list
    if not edge.parent.down:
        edge.parent.down = ()


def attach_up(edge: Edge) -> None:
    """Puts a link in its place among the upward links of its child."""
    child, key = edge.child, up_order(edge)
    before, then = None, child.first
    while then is not None and up_order(then) <= key:
        before, then = then, then.then
    edge.then = then
    if before is None:
        child.first = edge
    else:
        before.then = edge


def _cut(child: GoalVertex, parent: GoalVertex) -> None:
    """Forgets the trees that a link between two goals, coming or going, changes: where the child stands, and whether
    there is something under the parent."""
    parent.tree = None
    for edge in (*child.up, *parent.up):
        edge.parent.tree = None


def way_up(start: GoalVertex, end: GoalVertex) -> tuple[GoalVertex, ...]:
    """The goals of a way from one goal up to another, without its end, by links that may not be part of a ring; empty
    if there is none. Heights leave few ways to walk."""
    if end.height <= start.height:
        return ()
    came: dict[GoalVertex, GoalVertex | None] = {start: None}
    waiting = [start]
    while waiting:
        goal = waiting.pop()
        edge = goal.first
        while edge is not None:
            above, ladders = edge.parent, edge.ladders
            edge = edge.then
            if above in came or not ladders:
                continue
            if above is end:
                way = []
                step: GoalVertex | None = goal
                while step is not None:
                    way.append(step)
                    step = came[step]
                return tuple(reversed(way))
            if above.height < end.height:
                came[above] = goal
                waiting.append(above)
    return ()
