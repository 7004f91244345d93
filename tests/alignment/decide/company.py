"""Small companies for the tests of the rules: grown by changes, asked for one more.

``done`` and ``refused`` hold what is true of every change, so that no test has to say it: a refusal leaves the graph
as it was; a commit can be supposed, taken back and applied again, and the graph built at once from it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import TypeVar

import pytest

from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import ErrorCode, Refusal
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.facts import Fact
from graph_service.models.nodes import Link, Node
from graph_service.models.words import LinkKind, Measure
from tests.alignment.random_company import NOON, picture, rebuilt

FactOfKind = TypeVar("FactOfKind", bound=Node)


def maker(graph: AlignmentGraph) -> Callable[[], str]:
    """Makes ids that the graph never gave out: made-1, made-2 ..."""
    ids = (f"made-{number}" for number in count(1))
    return lambda: next(id for id in ids if not graph.used(id))


def moment(graph: AlignmentGraph, at: datetime = NOON, *, by: str = "ines", importing: bool = False) -> Occasion:
    """The occasion of a commit."""
    return Occasion(at, maker(graph), by=by, source="test", importing=importing)


def grown(*changes: Change, importing: bool = False) -> AlignmentGraph:
    """The graph after some changes, each a commit of its own."""
    graph = AlignmentGraph()
    for change in changes:
        graph.decide([change], moment(graph, importing=importing))
    return graph


def done(
    graph: AlignmentGraph, *changes: Change, at: datetime = NOON, by: str = "ines", importing: bool = False
) -> list[Fact]:
    """Commits the changes together; the facts they came to, in order."""
    before = picture(graph)
    with graph.suppose(changes, moment(graph, at, by=by, importing=importing)):
        supposed = picture(graph)
    assert picture(graph) == before
    decided, moved = graph.decide(changes, moment(graph, at, by=by, importing=importing))
    facts = [fact for some in decided for fact in some]
    after = picture(graph)
    assert after == supposed
    graph.undo(moved)
    assert picture(graph) == before
    graph.apply(facts)
    assert picture(graph) == after == picture(rebuilt(graph))
    return facts


def refused(
    graph: AlignmentGraph,
    change: Change,
    code: ErrorCode,
    message: str,
    path: Iterable[str] = (),
    nodes: Iterable[str] = (),
    *,
    importing: bool = False,
) -> None:
    """The change is refused with exactly this, and nothing has moved. ``path`` leads from the change to its field."""
    refused_together(graph, [change], 0, code, message, path, nodes, importing=importing)


def refused_together(
    graph: AlignmentGraph,
    changes: Sequence[Change],
    number: int,
    code: ErrorCode,
    message: str,
    path: Iterable[str] = (),
    nodes: Iterable[str] = (),
    *,
    importing: bool = False,
) -> None:
    """The batch is refused for its change ``number`` with exactly this, done or supposed, and nothing has moved."""
    before = picture(graph)
    for way in (graph.decide, supposing(graph)):
        with pytest.raises(Refusal) as caught:
            way(changes, moment(graph, importing=importing))
        refusal = caught.value
        assert (refusal.code, refusal.message, refusal.path, refusal.nodes, refusal.revision) == (
            code,
            message,
            ("changes", str(number), changes[number].kind, *path),
            tuple(nodes),
            None,
        )
        assert str(refusal) == message
        assert picture(graph) == before


def supposing(graph: AlignmentGraph) -> Callable[[Iterable[Change], Occasion], object]:
    """Supposes changes and looks at nothing."""

    def suppose(changes: Iterable[Change], occasion: Occasion) -> None:
        with graph.suppose(changes, occasion):
            pytest.fail("it was supposed")

    return suppose


# ---------- what there is ----------


def objective(id: str, *parents: str, **fields: object) -> do.CreateObjective:
    """A new objective, titled by its id, under some parents."""
    under = tuple(do.ParentInput(id=parent) for parent in parents) or None
    return do.CreateObjective(**{"id": id, "title": id, "parents": under, **fields})  # type: ignore[arg-type]


def key_result(id: str, home: str, **fields: object) -> do.CreateKeyResult:
    """A new key result of an objective, titled by its id, from 0 to 10 unless measured otherwise."""
    numbers: dict[str, object] = {}
    if not fields.keys() & {"measure", "baseline", "target", "target_min", "target_max", "milestones"}:
        numbers = {"measure": Measure.DELTA, "baseline": 0.0, "target": 10.0}
    given = {"id": id, "title": id, "objective_id": home, **numbers, **fields}
    return do.CreateKeyResult(**given)  # type: ignore[arg-type]


def steps(*ids: str) -> tuple[do.MilestoneInput, ...]:
    """Milestones titled by their ids."""
    return tuple(do.MilestoneInput(id=id, title=id) for id in ids)


def aligned(source: str, target: str, weight: float | None = None) -> do.LinkGoals:
    """A further link between two goals."""
    return do.LinkGoals(source=source, target=target, link=LinkKind.ALIGNED, weight=weight)


def parent(source: str, target: str, weight: float | None = None) -> do.LinkGoals:
    """One more parent."""
    return do.LinkGoals(source=source, target=target, link=LinkKind.PARENT, weight=weight)


def move(source: str, target: str, weight: float | None = None) -> do.LinkGoals:
    """A key result goes to another objective."""
    return do.LinkGoals(source=source, target=target, link=LinkKind.KEY_RESULT_OF, weight=weight)


# ---------- what is seen ----------


def fact(graph: AlignmentGraph, id: str, kind: type[FactOfKind]) -> FactOfKind:
    """What is said of a node of some kind."""
    found = graph.nodes[id].fact
    assert isinstance(found, kind)
    return found


def goal(graph: AlignmentGraph, id: str) -> GoalVertex:
    """A goal that is there."""
    found = graph.goal(id)
    assert found is not None
    return found


def upward(graph: AlignmentGraph, id: str) -> list[tuple[str, str, float]]:
    """The upward links of a goal in order: kind, to whom, weight."""
    return [(edge.kind.name, edge.parent.id, edge.weight) for edge in goal(graph, id).up]


def numbers(graph: AlignmentGraph, id: str) -> tuple[float | None, float | None, float]:
    """Progress, raw and coverage of a goal."""
    one = goal(graph, id)
    return (one.value, one.raw, one.coverage)


def links(graph: AlignmentGraph, *kinds: LinkKind) -> list[Link]:
    """All links of some kinds, sorted."""
    return [link for link in graph.all_links() if link.kind in kinds]
