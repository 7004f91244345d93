"""Rings, heights, and building a graph from a whole present."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from datetime import date
from random import Random

import networkx as nx
import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Refusal
from graph_service.models import changes as do
from graph_service.models.nodes import (
    BrokenReference,
    Link,
    Node,
    Objective,
)
from graph_service.models.words import LinkKind
from tests.alignment.decide.company import (
    aligned,
    done,
    grown,
    key_result,
    moment,
    objective,
    parent,
)
from tests.alignment.random_company import ids, occasion, picture, rebuilt, wishes

PARENT, ALIGNED, OWNS = LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.OWNS
NEW_YEAR = date(2026, 1, 1)


def heights(graph: AlignmentGraph) -> dict[str, int]:
    return {one.id: one.height for one in graph.goals()}


def little() -> AlignmentGraph:
    """Two quarters, Ines, a team, and a ladder of three goals with a report."""
    return grown(
        do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31)),
        do.CreatePerson(id="ines", name="Ines"),
        do.CreateTeam(id="platform team", name="Platform"),
        objective("grow", level="organization", period_id="2026-Q1"),
        key_result("sales", "grow"),
        objective("launch", "sales", owner_id="ines"),
        key_result("app", "launch"),
        do.CheckInKeyResult(id="c1", key_result_id="app", value=5.0),
    )


# ---------- rings and heights ----------


@pytest.mark.parametrize("seed", range(40))
def test_a_ring_is_found_exactly_where_there_would_be_one(seed: int) -> None:
    random = Random(seed)
    graph = AlignmentGraph()
    names = [f"goal {number}" for number in range(12)]
    done(graph, *[objective(name) for name in names])
    kept: nx.DiGraph[str] = nx.DiGraph()
    kept.add_nodes_from(names)
    rings = 0
    for _ in range(60):
        low, high = random.sample(names, 2)
        if random.random() < 0.2 and kept.has_edge(low, high):
            graph.decide([do.UnlinkGoals(source=low, target=high, link=PARENT)], moment(graph))
            kept.remove_edge(low, high)
            continue
        ring = graph.ring(low, high)
        assert bool(ring) is nx.has_path(kept, high, low)
        if ring:
            rings += 1
            assert ring[:2] == (low, high)
            assert len(set(ring)) == len(ring)
            assert all(kept.has_edge(*pair) for pair in zip(ring[1:], (*ring[2:], low), strict=True))
        elif not kept.has_edge(low, high):
            graph.decide([parent(low, high)], moment(graph))
            kept.add_edge(low, high)
        assert all(graph.nodes[a].height < graph.nodes[b].height for a, b in kept.edges)  # type: ignore[attr-defined]
    assert rings > 3


def test_a_ring_of_one_and_of_what_is_no_goal() -> None:
    graph = little()
    assert graph.ring("grow", "grow") == ("grow",)
    assert graph.ring("grow", "ines") == graph.ring("moon", "grow") == ()
    assert graph.ring("grow", "app") == ("grow", "app", "launch", "sales")


def test_informational_links_raise_nothing() -> None:
    graph = little()
    before = heights(graph)
    assert before == {"app": 0, "launch": 1, "sales": 2, "grow": 3}
    done(graph, aligned("grow", "app"), aligned("app", "grow"))
    assert heights(graph) == before
    done(graph, do.UpdateLink(source="app", target="grow", link=ALIGNED, weight=2.0))
    assert heights(graph) == before
    done(graph, objective("below"), key_result("deep", "below"), aligned("below", "app", 1.0))
    assert heights(graph) == {"deep": 0, "below": 1, "app": 2, "launch": 3, "sales": 4, "grow": 5}
    assert heights(rebuilt(graph)) == heights(graph)


# ---------- building ----------


def history(seed: int) -> AlignmentGraph:
    """A random company with removed goals and kept references."""
    graph = AlignmentGraph()
    new_id = ids()
    for change in wishes(Random(seed), objectives=6, key_results=10, more=60):
        try:
            graph.decide([change], occasion(new_id))
        except Refusal:
            continue
    for one in sorted(graph.goals(), key=lambda known: known.id)[:3]:
        kept = do.KeepReference(node_id=one.id, link=PARENT, reference="north")
        graph.decide(
            [kept, do.KeepReference(node_id=one.id, link=OWNS, reference="x", outgoing=False)],
            occasion(new_id, importing=True),
        )
    graph.decide([do.RemoveGoal(id=min(one.id for one in graph.goals()))], occasion(new_id))
    return graph


@pytest.mark.parametrize("seed", range(15))
def test_a_graph_is_built_from_facts_in_any_order(seed: int) -> None:
    graph = history(seed)
    random = Random(seed)
    stones = list(graph.removed.values())
    everything = [*graph.nodes.values(), *(stone.vertex for stone in stones)]
    nodes: list[tuple[Node, int]] = [(vertex.fact, vertex.revision) for vertex in graph.nodes.values()]
    links = graph.all_links()
    check_ins = [c for vertex in everything if isinstance(vertex, GoalVertex) for c in vertex.check_ins]
    removed = [(stone.vertex.fact, stone.revision, stone.links) for stone in stones]
    for some in (nodes, links, check_ins, removed):
        random.shuffle(some)
    built = AlignmentGraph.build(
        nodes=nodes,
        links=links,
        check_ins=check_ins,
        broken=[reference for vertex in everything for reference in vertex.broken],
        removed=removed,
        workspace=graph.workspace,
        revision=graph.revision,
    )
    assert picture(built) == picture(graph)
    assert {id: stone.vertex.revision for id, stone in built.removed.items()} == {
        id: stone.revision for id, stone in graph.removed.items()
    }
    assert built.all_links() == graph.all_links()
    # It goes on from there as the other does.
    for one in (graph, built):
        for id in sorted(one.removed):
            try:
                one.decide([do.RestoreGoal(id=id)], moment(one))
            except Refusal:
                continue
    assert picture(built) == picture(graph)


def test_an_empty_present_builds_an_empty_graph() -> None:
    assert picture(AlignmentGraph.build(nodes=[])) == picture(AlignmentGraph())


def test_links_that_hold_a_ring_build_nothing() -> None:
    nodes = [(Objective("north", "North"), 1), (Objective("south", "South"), 1)]
    links = [Link("north", "south", PARENT), Link("south", "north", ALIGNED, 1.0)]
    with pytest.raises(AssertionError, match="the links hold a ring"):
        AlignmentGraph.build(nodes=nodes, links=links)
    informational = [links[0], Link("south", "north", ALIGNED, 0.0)]
    assert heights(AlignmentGraph.build(nodes=nodes, links=informational)) == {"north": 0, "south": 1}


@pytest.mark.parametrize("collecting", [True, False])
def test_building_leaves_the_collector_as_it_was(collecting: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        with pytest.raises(KeyError) if collecting else nullcontext():
            AlignmentGraph.build(nodes=[], links=[Link("north", "south", PARENT)] if collecting else [])
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()


def test_a_built_graph_keeps_references_of_present_and_removed_nodes() -> None:
    kept = [BrokenReference("north", PARENT, "?"), BrokenReference("south", OWNS, "!", outgoing=False)]
    graph = AlignmentGraph.build(
        nodes=[(Objective("north", "North"), 1)],
        broken=kept,
        removed=[(Objective("south", "South"), 2, ())],
        revision=2,
    )
    assert graph.nodes["north"].broken == (kept[0],)
    assert graph.removed["south"].vertex.broken == (kept[1],)
