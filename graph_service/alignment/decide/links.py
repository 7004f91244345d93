"""Deciding about links between goals and about broken references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph_service.alignment.decide.find import find, find_goal, find_objective, inner_ring, refuse_erased
from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.vertices import GoalVertex, Vertex, edge_between
from graph_service.errors import Cycle, Duplicate, Invalid, NotFound
from graph_service.models.changes import (
    KeepReference,
    LinkGoals,
    ResolveReference,
    SetPrimaryParent,
    UnlinkGoals,
    UpdateLink,
)
from graph_service.models.checks import clean_title, clean_weight, clean_words, shown
from graph_service.models.facts import Fact, PutBroken, PutLink, RemoveBroken, RemoveLink
from graph_service.models.nodes import (
    BrokenReference,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Node,
    Objective,
    Period,
    Person,
    RoleCharter,
    Team,
)
from graph_service.models.words import GOAL_LINKS, LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

ENDS: dict[LinkKind, tuple[tuple[type[Node], ...], tuple[type[Node], ...]]] = {
    LinkKind.KEY_RESULT_OF: ((KeyResult,), (Objective,)),
    LinkKind.PARENT: ((Objective,), (Objective, KeyResult)),
    LinkKind.ALIGNED: ((Objective, KeyResult), (Objective, KeyResult)),
    LinkKind.OWNS: ((Person, Team), (Objective, KeyResult)),
    LinkKind.CONTRIBUTES_TO: ((Person, Team), (Objective, KeyResult)),
    LinkKind.MEMBER_OF: ((Person,), (Team,)),
    LinkKind.PART_OF: ((Team,), (Team,)),
    LinkKind.REPORTS_TO: ((Person,), (Person,)),
    LinkKind.LEADS: ((Person,), (Team,)),
    LinkKind.SUPPORTS: ((Initiative,), (Objective, KeyResult)),
    LinkKind.MEASURED_BY: ((KeyResult,), (Kpi,)),
    LinkKind.HOLDS: ((Person,), (RoleCharter,)),
    LinkKind.CHARTERS: ((RoleCharter,), (Objective, KeyResult)),
    LinkKind.WITHIN: ((Period,), (Period,)),
}
"""Which kinds of nodes a link leads from and to."""

AT_MOST_ONE_TARGET = frozenset({LinkKind.PART_OF, LinkKind.WITHIN})
UPWARD = "PARENT, ALIGNED or KEY_RESULT_OF"


def join(
    graph: AlignmentGraph,
    source: str,
    target: str,
    kind: LinkKind,
    weight: float | None,
    path: tuple[str, ...] = ("to",),
) -> Iterator[Fact]:
    """A new link between two goals, or the refusal: wrong ends, there already, a ring."""
    sources, targets = ENDS[kind]
    child = find(graph, source, "from", *sources)
    try:
        parent = find(graph, target, path[-1], *targets)
    except (NotFound, Invalid) as wrong:
        raise wrong.under(*path[:-1]) from None
    assert isinstance(child, GoalVertex) and isinstance(parent, GoalVertex)
    if source == target:
        raise Cycle(f"{shown(source)} cannot support itself", path=path, nodes=(source,))
    if edge_between(child, parent, kind) is not None:
        raise Duplicate(
            f"{shown(source)} is linked to {shown(target)} by {kind.name} already; change it by updateLink",
            path=path,
            nodes=(source, target),
        )
    try:
        weight = clean_weight(weight)
    except Invalid as wrong:
        raise wrong.under(*path[:-1]) from None
    if weight is None:
        weight = 0.0 if kind is LinkKind.ALIGNED else 1.0
    if child.down and (kind is not LinkKind.ALIGNED or weight > 0):  # nothing can lead up to what has nothing below
        refuse_ring(graph, source, target, path)
    position = 0
    if kind is LinkKind.PARENT:
        position = max((edge.position + 1 for edge in child.ups(LinkKind.PARENT)), default=0)
    elif kind is LinkKind.KEY_RESULT_OF:
        position = next_key_result(parent)
    # The weight of nearly all links is left to its default: what is not said is neither written nor kept.
    link = Link(source, target, kind, position=position)
    yield PutLink(link if weight == 1.0 else replace(link, weight=weight))


def next_key_result(objective: GoalVertex) -> int:
    """The place of one more key result of an objective."""
    for edge in reversed(objective.down):
        if edge.kind is LinkKind.KEY_RESULT_OF:
            return edge.position + 1
    return 0


def refuse_ring(graph: AlignmentGraph, source: str, target: str, path: tuple[str, ...]) -> None:
    """Refuses a link that would close a ring, naming it."""
    ring = graph.ring(source, target)
    if ring:
        way = " -> ".join(shown(id) for id in (*ring[:8], *(("...",) if len(ring) > 8 else ()), ring[0]))
        raise Cycle(
            f"this link would close a ring: {way}; leave it out or take away one of the others", path=path, nodes=ring
        )


def link_goals(graph: AlignmentGraph, change: LinkGoals, occasion: Occasion) -> Iterator[Fact]:
    """A new link from what supports to what is supported; KEY_RESULT_OF moves a key result to another objective."""
    if change.link not in GOAL_LINKS:
        raise Invalid(f"kind {change.link.name} does not join goals; use {UPWARD}", path=("kind",))
    if change.link is LinkKind.KEY_RESULT_OF:
        yield from leave(graph, change.source, change.target)
    yield from join(graph, change.source, change.target, change.link, change.weight)


def leave(graph: AlignmentGraph, key_result: str, objective: str) -> Iterator[Fact]:
    """A key result belongs to one objective: the one it has goes, where it is to belong to another."""
    goal = graph.goal(key_result)
    home = None if goal is None else goal.objective
    if home is not None and home.id != objective:
        yield RemoveLink(key_result, home.id, LinkKind.KEY_RESULT_OF)


def update_link(graph: AlignmentGraph, change: UpdateLink, occasion: Occasion) -> Iterator[Fact]:
    """Another weight for a link that exists; giving an ALIGNED link a weight is checked like a new link."""
    link = _existing(graph, change.source, change.target, change.link)
    weight = clean_weight(change.weight)
    if weight is None:
        raise Invalid("weight is missing; give the new one", path=("weight",))
    if link.kind is LinkKind.ALIGNED and weight > 0 and link.weight == 0:
        refuse_ring(graph, link.source, link.target, ("weight",))
    if weight != link.weight:
        yield PutLink(replace(link, weight=weight))


def unlink_goals(graph: AlignmentGraph, change: UnlinkGoals, occasion: Occasion) -> Iterator[Fact]:
    """The link is gone; if it was the primary parent the next one is primary."""
    link = _existing(graph, change.source, change.target, change.link)
    if link.kind is LinkKind.KEY_RESULT_OF:
        raise Invalid(
            f"key result {shown(link.source)} belongs to exactly one objective; move it by linkGoals, or remove it",
            path=("kind",),
            nodes=(link.source,),
        )
    yield RemoveLink(link.source, link.target, link.kind)


def _existing(graph: AlignmentGraph, source: str, target: str, kind: LinkKind) -> Link:
    if kind not in GOAL_LINKS:
        raise Invalid(f"kind {kind.name} does not join goals; use {UPWARD}", path=("kind",))
    find_goal(graph, source, "from")
    find_goal(graph, target, "to")
    link = graph.link(source, target, kind)
    if link is None:
        raise NotFound(
            f"there is no {kind.name} link from {shown(source)} to {shown(target)}",
            path=("to",),
            nodes=(source, target),
        )
    return link


def set_primary_parent(graph: AlignmentGraph, change: SetPrimaryParent, occasion: Occasion) -> Iterator[Fact]:
    """One of an objective's parents comes first; the others keep their order."""
    goal, _ = find_objective(graph, change.objective_id, "objectiveId")
    find_goal(graph, change.parent_id, "parentId")
    parents = goal.ups(LinkKind.PARENT)
    chosen = next((edge for edge in parents if edge.parent.id == change.parent_id), None)
    if chosen is None:
        raise NotFound(
            f"parentId {shown(change.parent_id)} is no parent of {shown(change.objective_id)}; link it first",
            path=("parentId",),
            nodes=(change.objective_id, change.parent_id),
        )
    if chosen is not parents[0]:
        yield PutLink(replace(chosen.link(), position=parents[0].position - 1))


# ---------- references to nothing ----------


def keep_reference(graph: AlignmentGraph, change: KeepReference, occasion: Occasion) -> Iterator[Fact]:
    """A reference to nothing stays as text on the node that exists; only imports bring such."""
    if not occasion.importing:
        raise Invalid("keepReference is for imports only; link to something that exists")
    vertex = find(graph, change.node_id, "nodeId")
    text = clean_title(change.reference, "reference")
    if _kept(vertex, change.link, text, change.outgoing):
        raise Duplicate(f"{shown(change.node_id)} keeps the reference {shown(text)} already", path=("reference",))
    roles = tuple(sorted(clean_words(change.roles, "roles")))
    yield PutBroken(
        BrokenReference(change.node_id, change.link, text, change.outgoing, clean_weight(change.weight), roles)
    )


def resolve_reference(graph: AlignmentGraph, change: ResolveReference, occasion: Occasion) -> Iterator[Fact]:
    """The text becomes a link to (or from) ``to``, with its weight and roles; without ``to`` it is dropped."""
    vertex = find(graph, change.node_id, "nodeId")
    found = _kept(vertex, change.link, change.reference, change.outgoing)
    if not found:
        raise NotFound(
            f"{shown(change.node_id)} keeps no {change.link.name} reference {shown(change.reference)}",
            path=("reference",),
            nodes=(change.node_id,),
        )
    if len(found) > 1:
        raise Invalid(
            f"{shown(change.node_id)} keeps the {change.link.name} reference {shown(change.reference)} both ways;"
            " say by outgoing which is meant",
            path=("outgoing",),
            nodes=(change.node_id,),
        )
    (kept,) = found
    yield RemoveBroken(kept.node, kept.kind, kept.reference, kept.outgoing)
    if change.to is None:
        return
    sources, targets = ENDS[kept.kind]
    find(graph, change.to, "to", *(targets if kept.outgoing else sources))
    source, target = (kept.node, change.to) if kept.outgoing else (change.to, kept.node)
    if kept.kind is LinkKind.KEY_RESULT_OF:
        yield from leave(graph, source, target)
    if kept.kind in GOAL_LINKS:
        yield from join(graph, source, target, kept.kind, kept.weight)
    else:
        yield from tie(graph, source, target, kept.kind, roles=kept.roles)


def _kept(vertex: Vertex, kind: LinkKind, text: str, outgoing: bool | None) -> list[BrokenReference]:
    """The references of a kind and text that a node keeps; None: of either direction."""
    return [
        known
        for known in vertex.broken
        if known.kind is kind and known.reference == text and outgoing in (None, known.outgoing)
    ]


def tie(
    graph: AlignmentGraph,
    source: str,
    target: str,
    kind: LinkKind,
    *,
    roles: tuple[str, ...] = (),
    dotted: bool = False,
    field: str = "to",
) -> Iterator[Fact]:
    """A link that is not between goals, or the refusal: wrong ends, itself, there already, somebody who was erased,
    one too many, a ring."""
    sources, targets = ENDS[kind]
    start = find(graph, source, field, *sources)
    end = find(graph, target, field, *targets)
    if source == target:
        raise Cycle(f"{shown(source)} cannot be linked to itself by {kind.name}", path=(field,), nodes=(source,))
    if graph.link(source, target, kind) is not None:
        raise Duplicate(
            f"{shown(source)} is linked to {shown(target)} by {kind.name} already",
            path=(field,),
            nodes=(source, target),
        )
    refuse_erased(start.fact, field)
    refuse_erased(end.fact, field)
    single = kind in AT_MOST_ONE_TARGET or (kind is LinkKind.REPORTS_TO and not dotted)
    if single:
        present = [link.target for link in start.out if link.kind is kind and not link.dotted]
        if present:
            raise Duplicate(
                f"{shown(source)} has a {kind.name} link to {shown(present[0])}; take that away first",
                path=(field,),
                nodes=(source, present[0]),
            )
        ring = inner_ring(graph, source, target, kind)
        if ring:
            way = " -> ".join(shown(id) for id in (*ring, ring[0]))
            raise Cycle(f"this {kind.name} link would close a ring: {way}", path=(field,), nodes=ring)
    if kind is LinkKind.OWNS and (owner := _owner(graph, target)) is not None:
        raise Duplicate(
            f"{shown(target)} is owned by {shown(owner)}; a goal has one owner: use assignOwner",
            path=(field,),
            nodes=(target, owner),
        )
    yield PutLink(Link(source, target, kind, roles=roles, dotted=dotted))


def _owner(graph: AlignmentGraph, id: str) -> str | None:
    goal = graph.goal(id)
    return None if goal is None else goal.owner
