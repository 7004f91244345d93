"""Who asks: the one place that decides what a question may show.

A vertex that the viewer does not see is as if it were not there: it is never named, links to it are left out, and an
order (the primary parent, the first path) is that of what is left. Numbers are those of the whole graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_service.alignment.vertices import Vertex

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


class Viewer:
    """Someone who asks; this one sees everything."""

    __slots__ = ("__weakref__",)

    def on(self, graph: AlignmentGraph) -> Viewer:
        """The same one before a graph as it stands; whoever sees a part that depends on the links looks for it here."""
        return self

    def sees(self, vertex: Vertex) -> bool:
        """Whether a node may be shown to this viewer."""
        return True


EVERYBODY = Viewer()
"""The viewer who sees everything; questions take a shorter way for it."""
