"""The goals as networkx sees them: the same answers as on an ordinary graph, and nothing to write in."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.terms import counts
from graph_service.models.changes import CreateObjective
from graph_service.models.words import GOAL_LINKS, LinkKind
from tests.alignment.random_company import ids as new_ids
from tests.alignment.random_company import occasion, stir
from tests.build import aligned, grow, key_result, objective, person
from tests.steps import steps

seeds = st.integers(min_value=0, max_value=2**32 - 1)
RANK = {LinkKind.KEY_RESULT_OF: 0, LinkKind.PARENT: 1, LinkKind.ALIGNED: 2}


def ordinary(graph: AlignmentGraph) -> nx.DiGraph[str]:
    """A DiGraph made from the plain list of links."""
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(goal.id for goal in graph.goals())
    links = [link for link in graph.all_links() if link.kind in GOAL_LINKS]
    for link in sorted(links, key=lambda link: -RANK[link.kind]):  # the first kind is written last and stays
        made.add_edge(link.source, link.target, kind=link.kind.value, weight=link.weight)
    return made


def company() -> AlignmentGraph:
    return grow(
        objective("grow-revenue", top=True),
        key_result("sign-lines", "grow-revenue", 40, weight=2.0),
        objective("win-lines", "grow-revenue"),
        aligned("win-lines", "grow-revenue"),
        aligned("sign-lines", "win-lines"),
        person("ines"),
    )


def test_nodes_and_edges_carry_what_the_graph_says() -> None:
    seen = company().nx
    assert dict(seen.nodes["sign-lines"]) == {
        "kind": "key_result",
        "title": "Sign lines",
        "state": "active",
        "progress": 0.4,
        "coverage": 1.0,
        "height": 0,
    }
    assert [(child, parent, dict(data)) for child, parent, data in seen.edges(data=True)] == [
        ("sign-lines", "grow-revenue", {"kind": "key_result_of", "weight": 2.0, "counts": True}),
        ("sign-lines", "win-lines", {"kind": "aligned", "weight": 0.0, "counts": False}),
        ("win-lines", "grow-revenue", {"kind": "parent", "weight": 1.0, "counts": True}),
    ]
    assert seen.number_of_nodes() == 3  # the person is no goal
    assert (seen.number_of_edges(), seen.has_edge("grow-revenue", "win-lines")) == (3, False)
    assert "ines" not in seen and "nothing" not in seen
    with pytest.raises(KeyError):
        seen.nodes["ines"]


def test_the_view_is_always_current() -> None:
    graph = company()
    seen = graph.nx
    with graph.suppose([CreateObjective(id="call-more", title="Call more")], occasion(new_ids())):
        assert "call-more" in seen and len(seen) == 4
    assert "call-more" not in seen and len(seen) == 3
    assert graph.nx is seen


@pytest.mark.parametrize(
    "write",
    [
        lambda seen: seen.add_node("call-more"),
        lambda seen: seen.add_nodes_from(["call-more"]),
        lambda seen: seen.add_edge("sign-lines", "call-more"),
        lambda seen: seen.add_edges_from([("sign-lines", "call-more")]),
        lambda seen: seen.add_weighted_edges_from([("sign-lines", "call-more", 1.0)]),
        lambda seen: seen.update(edges=[("sign-lines", "call-more")]),
        lambda seen: seen.remove_node("win-lines"),
        lambda seen: seen.remove_nodes_from(["win-lines"]),
        lambda seen: seen.remove_edge("win-lines", "grow-revenue"),
        lambda seen: seen.remove_edges_from([("win-lines", "grow-revenue")]),
        lambda seen: seen.clear(),
        lambda seen: seen.clear_edges(),
        lambda seen: nx.relabel_nodes(seen, {"win-lines": "lose-lines"}, copy=False),
    ],
)
def test_writing_is_refused_and_changes_nothing(write: Callable[[nx.DiGraph[str]], object]) -> None:
    graph = company()
    before = sorted(graph.nx.edges)
    with pytest.raises(nx.NetworkXError, match="Frozen graph can't be modified"):
        write(graph.nx)
    assert sorted(graph.nx.edges) == before and len(graph.nx) == 3


@pytest.mark.parametrize(
    "write",
    [
        lambda data: data.update(progress=1.0),
        lambda data: data.setdefault("rank", 1),
        lambda data: data.pop("kind"),
        lambda data: data.clear(),
        lambda data: data.popitem(),
        lambda data: data.__setitem__("progress", 1.0),
        lambda data: data.__delitem__("kind"),
        lambda data: data.__ior__({"progress": 1.0}),
    ],
)
def test_data_cannot_be_written_either(write: Callable[[dict[str, object]], object]) -> None:
    seen = company().nx
    for data in (seen.nodes["sign-lines"], seen.edges["win-lines", "grow-revenue"], seen["win-lines"]["grow-revenue"]):
        before = dict(data)
        with pytest.raises(nx.NetworkXError, match="Frozen graph can't be modified"):
            write(data)
        assert data == before
    with pytest.raises(nx.NetworkXError):
        nx.set_node_attributes(seen, {"sign-lines": 1}, "rank")


def test_a_copy_is_an_ordinary_graph() -> None:
    made = company().nx.copy()
    made.add_edge("grow-revenue", "call-more")
    made.nodes["sign-lines"]["progress"] = 1.0
    assert type(made) is nx.DiGraph and len(made) == 4


@pytest.mark.parametrize("size", [5, 5_000])
def test_it_is_made_in_a_few_steps_whatever_the_size(size: int) -> None:
    graph = grow(objective("goal-0", top=True), *[objective(f"goal-{n}", "goal-0") for n in range(1, size)])
    graph.nx  # noqa: B018  # networkx is loaded by now
    graph._nx = None
    assert steps(lambda: graph.nx) < 100


Question = Callable[["nx.DiGraph[str]"], object]


def counting(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """What may not hold a ring: all but informational links."""

    def keep(child: str, parent: str) -> bool:
        data = graph[child][parent]
        return bool(data["kind"] != "aligned" or data["weight"] > 0)

    kept: nx.DiGraph[str] = nx.subgraph_view(graph, filter_edge=keep)
    return kept


QUESTIONS: dict[str, Question] = {
    "nodes": lambda g: sorted(g.nodes),
    "edges": lambda g: sorted((u, v, d["kind"], d["weight"]) for u, v, d in g.edges(data=True)),
    "degrees": lambda g: sorted((n, g.in_degree(n), g.out_degree(n)) for n in g),
    "weighted size": lambda g: round(g.size(weight="weight"), 9),
    "ancestors": lambda g: {n: sorted(nx.ancestors(g, n)) for n in sorted(g)},
    "descendants": lambda g: {n: sorted(nx.descendants(g, n)) for n in sorted(g)},
    "components": lambda g: sorted(sorted(part) for part in nx.weakly_connected_components(g)),
    "strong components": lambda g: sorted(sorted(part) for part in nx.strongly_connected_components(g)),
    "shortest paths": lambda g: {
        n: dict(sorted(nx.single_source_shortest_path_length(g, n).items())) for n in sorted(g)
    },
    "dijkstra": lambda g: {
        n: {m: round(far, 9) for m, far in sorted(nx.single_source_dijkstra_path_length(g, n).items())}
        for n in sorted(g)
    },
    "betweenness": lambda g: {n: round(part, 9) for n, part in sorted(nx.betweenness_centrality(g).items())},
    "katz": lambda g: {n: round(part, 6) for n, part in sorted(nx.katz_centrality(g, alpha=0.01).items())},
    "acyclic": lambda g: (nx.is_directed_acyclic_graph(g), nx.is_directed_acyclic_graph(counting(g))),
    "generations": lambda g: [sorted(level) for level in nx.topological_generations(counting(g))],
    "longest path": lambda g: nx.dag_longest_path_length(counting(g), weight=None),
    "transitive reduction": lambda g: sorted(nx.transitive_reduction(counting(g)).edges),
    "dominators": lambda g: [sorted(nx.immediate_dominators(g.reverse(copy=False), n).items()) for n in sorted(g)],
    "reversed": lambda g: sorted(g.reverse(copy=True).edges),
    "undirected": lambda g: sorted(tuple(sorted(edge)) for edge in g.to_undirected().edges),
    "subgraph": lambda g: sorted(g.subgraph([n for n in g if n.startswith("obj")]).edges),
    "matrix": lambda g: np.round(nx.to_numpy_array(g, nodelist=sorted(g)), 9).tolist() if len(g) else [],
    "data": lambda g: sorted(
        (edge["source"], edge["target"], edge["kind"]) for edge in nx.node_link_data(g, edges="edges")["edges"]
    ),
    "ordinary": lambda g: sorted(nx.DiGraph(g).edges),
}


@settings(max_examples=40)
@given(seeds)
def test_every_algorithm_answers_as_on_an_ordinary_graph(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=6, key_results=6, more=30)
    made = ordinary(graph)
    for name, question in QUESTIONS.items():
        assert question(graph.nx) == question(made), name
    order = list(nx.topological_sort(counting(graph.nx)))
    place = {id: number for number, id in enumerate(order)}
    for goal in graph.goals():
        for edge in goal.up:
            assert not edge.ladders or place[goal.id] < place[edge.parent.id]
            first = next(other for other in goal.up if other.parent is edge.parent)
            assert graph.nx[goal.id][edge.parent.id]["counts"] == counts(first)
