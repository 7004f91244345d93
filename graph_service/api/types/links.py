"""Links: between two goals as seen from one of them, and as edges of a picture."""

from __future__ import annotations

import strawberry

from graph_service.alignment.explain import share_of
from graph_service.alignment.vertices import Edge as GoalEdge
from graph_service.alignment.vertices import GoalVertex
from graph_service.api.context import Ground
from graph_service.api.fields import Reader
from graph_service.api.types.refs import GoalRef, OwnerRef, goal_of, owner_of
from graph_service.models import nodes
from graph_service.models.words import LinkKind

of_goal_link = Reader["GoalLink"]()
of_edge = Reader["Edge"]()
of_link = Reader["Link"]()
of_contribution = Reader["Contribution"]()
of_broken = Reader["BrokenReference"]()

SHARE = "The share of the upper goal's progress that comes this way; null while it does not count or is unmeasured."


@strawberry.type(description="A link between two goals, as one of them sees it.")
class GoalLink:
    """A goal at the other end of a link."""

    on: strawberry.Private[Ground]
    edge: strawberry.Private[GoalEdge]
    end: strawberry.Private[GoalVertex]

    node: GoalRef = of_goal_link(lambda link: goal_of(link.on, link.end), "The goal at the other end.")
    kind: LinkKind = of_goal_link(lambda link: link.edge.kind, "The kind of the link.")
    weight: float = of_goal_link(lambda link: link.edge.weight, "Its weight beside others; 0 is shown, not counted.")
    share: float | None = of_goal_link(lambda link: share_of(link.edge), SHARE)


def links_up(on: Ground, goal: GoalVertex, kind: LinkKind) -> list[GoalLink]:
    """The upward links of one kind, in order."""
    edges = [edge for edge in goal.ups(kind) if on.viewer.sees(edge.parent)]
    return [GoalLink(on=on, edge=edge, end=edge.parent) for edge in edges]


def links_down(on: Ground, goal: GoalVertex, kind: LinkKind) -> list[GoalLink]:
    """The links of one kind from below, in order."""
    edges = [edge for edge in goal.downs(kind) if on.viewer.sees(edge.child)]
    return [GoalLink(on=on, edge=edge, end=edge.child) for edge in edges]


@strawberry.type(description="A link by the ids of its ends: an edge of a picture.")
class Edge:
    """A link and what it counts."""

    link: strawberry.Private[nodes.Link]
    share_: strawberry.Private[float | None]
    primary_: strawberry.Private[bool]

    source: strawberry.ID = of_edge(
        lambda edge: strawberry.ID(edge.link.source), "What supports, owns, belongs or reports.", name="from"
    )
    target: strawberry.ID = of_edge(
        lambda edge: strawberry.ID(edge.link.target), "What is supported, owned or reported to.", name="to"
    )
    kind: LinkKind = of_edge(lambda edge: edge.link.kind, "The kind of the link.")
    weight: float = of_edge(lambda edge: edge.link.weight, "Its weight beside others; 0 is shown, not counted.")
    share: float | None = of_edge(lambda edge: edge.share_, SHARE)
    primary: bool = of_edge(
        lambda edge: edge.primary_,
        "Whether it is the primary way up of its lower end (to its objective or first parent).",
    )


@strawberry.type(description="A link of the graph, of any kind.")
class Link(Edge):
    """A link with all that is said of it."""

    roles: list[str] = of_link(
        lambda link: list(link.link.roles), "Roles of somebody who contributes or leads, in order; else none."
    )
    dotted: bool = of_link(lambda link: link.link.dotted, "Whether a line of reporting is a dotted one.")


def link_of(on: Ground, link: nodes.Link) -> Link:
    """A link as a value, with its share and whether it is a primary way up."""
    edge = None
    child = on.graph.goal(link.source)
    if child is not None:
        edge = next((up for up in child.up if up.kind is link.kind and up.parent.id == link.target), None)
    if edge is None:
        primary = link.kind is LinkKind.REPORTS_TO and not link.dotted
        return Link(link=link, share_=None, primary_=primary)
    assert child is not None
    return Link(link=link, share_=share_of(edge), primary_=child.primary is edge)


@strawberry.type(description="Somebody takes part in a goal without being accountable for it.")
class Contribution:
    """A contributor of a goal."""

    on: strawberry.Private[Ground]
    link: strawberry.Private[nodes.Link]

    owner: OwnerRef = of_contribution(
        lambda one: owner_of(one.on, one.on.graph.nodes[one.link.source]), "The person or team that takes part."
    )
    goal: GoalRef = of_contribution(
        lambda one: goal_of(one.on, one.on.graph.nodes[one.link.target]), "The goal that they take part in."
    )
    roles: list[str] = of_contribution(
        lambda one: list(one.link.roles), "In which roles (author, reviewer ...), in order."
    )


def contributions(on: Ground, links: list[nodes.Link]) -> list[Contribution]:
    """CONTRIBUTES_TO links between what the viewer may see, order kept."""
    return [
        Contribution(on=on, link=link)
        for link in links
        if on.vertex(link.source) is not None and on.vertex(link.target) is not None
    ]


@strawberry.type(
    description="A reference to nothing that an import brought: kept as text, to be repaired by `resolveReference`."
)
class BrokenReference:
    """A link with one end."""

    broken: strawberry.Private[nodes.BrokenReference]

    kind: LinkKind = of_broken(lambda one: one.broken.kind, "The kind of link that was meant.")
    reference: str = of_broken(lambda one: one.broken.reference, "The text that names nothing.")
    outgoing: bool = of_broken(lambda one: one.broken.outgoing, "Whether the link would lead from here (else to here).")
