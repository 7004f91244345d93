"""What has an id, and how it is shown: the one place that turns a vertex into its type."""

from __future__ import annotations

import strawberry

from graph_service.alignment.vertices import Vertex
from graph_service.api.context import Ground
from graph_service.api.fields import Reader
from graph_service.models import nodes

of_node = Reader["Node"]()


@strawberry.interface(
    description="Anything with an id. One space of ids for all kinds; an id is never given out twice."
)
class Node:
    """A vertex of the graph as the viewer sees it."""

    on: strawberry.Private[Ground]
    vertex: strawberry.Private[Vertex]
    fact: strawberry.Private[nodes.Node]

    id: strawberry.ID = of_node(lambda node: strawberry.ID(node.fact.id), "The id: opaque, compared byte for byte.")


SHOWN: dict[type[nodes.Node], type[Node]] = {}
"""The type that shows each kind of fact; the modules of the types fill it in."""


def node_of(on: Ground, vertex: Vertex) -> Node:
    """A vertex as its type shows it. Whether the viewer may see it was asked before."""
    fact = vertex.fact
    return SHOWN[type(fact)](on=on, vertex=vertex, fact=fact)


def node_at(on: Ground, id: str | None) -> Node | None:
    """What has this id; None if there is nothing that the viewer may see."""
    vertex = on.vertex(id)
    return None if vertex is None else node_of(on, vertex)
