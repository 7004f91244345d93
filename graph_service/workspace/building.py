"""From what a store holds to the graph in memory."""

from __future__ import annotations

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import StoreDamaged
from graph_service.stores.base import Snapshot


def built(snapshot: Snapshot) -> AlignmentGraph:
    """The graph of a snapshot. StoreDamaged if its facts make none: a ring, a link between kinds that none may join."""
    try:
        return AlignmentGraph.build(
            nodes=snapshot.nodes,
            links=snapshot.links,
            check_ins=snapshot.check_ins,
            broken=snapshot.broken,
            removed=snapshot.removed,
            workspace=snapshot.workspace,
            revision=snapshot.revision,
        )
    except Exception as wrong:
        why = str(wrong) or type(wrong).__name__
        raise StoreDamaged(f"the facts at revision {snapshot.revision} make no graph: {why}") from wrong
