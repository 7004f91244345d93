"""The graph in memory: rollup, check-in, ring check, ladder and cascade, for a thousand to a million goals."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import cast

import networkx as nx
import pytest
from msgspec.structs import replace as copied

from graph_service.alignment.cascade import cascade
from graph_service.alignment.cascade import walk as cascade_walk
from graph_service.alignment.columns import Columns
from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.vertices import GoalVertex
from graph_service.models.changes import CheckInKeyResult
from graph_service.models.facts import AddCheckIn
from graph_service.models.nodes import CheckIn, Objective
from tests.benchmarks.company import AS_OF, NOON, check_ins, first_leaf, goals, links
from tests.benchmarks.table import each, once, say, seconds, undisturbed

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHECK_IN = {1_000: "", 10_000: "< 10 us", 100_000: "< 20 us", 1_000_000: "< 40 us"}


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size}")
def company(request: pytest.FixtureRequest) -> Iterator[tuple[int, AlignmentGraph]]:
    size: int = request.param
    graph = AlignmentGraph.build(nodes=goals(size), links=links(size), check_ins=check_ins(size), revision=1)
    with undisturbed():
        yield size, graph


def as_networkx(graph: AlignmentGraph) -> nx.DiGraph[str]:
    """The same goals as a DiGraph with attribute dictionaries, child -> parent."""
    copy: nx.DiGraph[str] = nx.DiGraph()
    for goal in graph.goals():
        fact = goal.fact
        copy.add_node(fact.id, title=fact.title, progress=None if isinstance(fact, Objective) else goal.value)
    for goal in graph.goals():
        for edge in goal.up:
            copy.add_edge(edge.child.fact.id, edge.parent.fact.id, kind=edge.kind, weight=edge.weight)
    return copy


def networkx_rollup(copy: nx.DiGraph[str]) -> None:
    """Progress and coverage of every goal through the attribute dictionaries: the anchor."""
    nodes = copy.nodes
    for node in nx.topological_sort(copy):
        mine = nodes[node]
        below = copy.pred[node]
        if not below:
            mine["coverage"] = 0.0 if mine["progress"] is None else 1.0
            continue
        total = whole = covered = all_weights = 0.0
        for child, link in below.items():
            weight, their = link["weight"], nodes[child]
            if their["progress"] is not None:
                total += weight * their["progress"]
                whole += weight
            covered += weight * their["coverage"]
            all_weights += weight
        mine["progress"] = total / whole if whole else None
        mine["coverage"] = covered / all_weights


def test_full_rollup(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    columns = Columns(list(graph.goals()))
    ours = seconds(columns.solve, 7)
    copy = as_networkx(graph)
    theirs = once(lambda: networkx_rollup(copy))
    top = graph.goal("goal-0")
    assert top is not None and top.value is not None
    assert copy.nodes["goal-0"]["progress"] == pytest.approx(top.value, abs=1e-9)
    ratio = theirs / ours
    promised = ">= 1000x at 1M" if size == SIZES[-1] else ""
    say(f"full rollup of {size:,}", f"{ours * 1e3:.2f} ms", f"networkx {theirs * 1e3:,.0f} ms: {ratio:,.0f}x", promised)
    assert size < SIZES[-1] or ratio > 500


def leaves(size: int, many: int, seed: int) -> list[str]:
    random = Random(seed)
    return [f"goal-{random.randrange(first_leaf(size), size)}" for _ in range(many)]


def test_check_in_to_exact_rollup(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    random = Random(5)
    moved_goals: list[int] = []
    revisions = itertools.count(2)

    def check_in(facts: tuple[AddCheckIn, ...]) -> None:
        moved_goals.append(len(graph.apply(facts).changed(AS_OF)))

    def acts() -> Iterator[Callable[[], object]]:
        for id in leaves(size, 3000, 3):
            revision = next(revisions)
            seen = CheckIn(f"now-{revision}", id, NOON, "api", revision, 0, random.random() * 100)
            yield partial(check_in, (AddCheckIn(seen),))

    ours = each(acts())
    goal = graph.goal(leaves(size, 1, 3)[0])
    assert goal is not None
    anchor = seconds(lambda: climb(goal), 2000)
    many = sum(moved_goals) / len(moved_goals)
    say(
        f"check-in, rollup and changed, {size:,}",
        f"{ours * 1e6:.1f} us",
        f"{many:.1f} goals; reading the way up {anchor * 1e6:.1f} us: {ours / anchor:.1f}x",
        CHECK_IN[size],
    )


def climb(goal: GoalVertex) -> float:
    """Adds up the terms of every ancestor once, and nothing more: what any exact rollup has to do."""
    total = 0.0
    seen = {goal}
    waiting = [goal]
    while waiting:
        for edge in waiting.pop().up:
            above = edge.parent
            if above in seen:
                continue
            seen.add(above)
            waiting.append(above)
            total += sum(cast("list[float]", above.terms))
    return total


def test_deciding_a_check_in(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    ids = (f"made-{number}" for number in itertools.count())

    def suppose(change: CheckInKeyResult) -> None:
        with graph.suppose([change], Occasion(NOON, lambda: next(ids))) as moved:
            moved.changed(AS_OF)

    def acts() -> Iterator[Callable[[], object]]:
        for number, id in enumerate(leaves(size, 1000, 9)):
            yield partial(suppose, CheckInKeyResult(key_result_id=id, value=float(number % 100)))

    say(f"a check-in supposed, answered, undone, {size:,}", f"{each(acts()) * 1e6:.1f} us", "", "instant at 1M")


def test_ring_check(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    random = Random(8)
    leaf = first_leaf(size)

    def acts() -> Iterator[Callable[[], object]]:
        for _ in range(3000):
            low = random.randrange(leaf // 5 + 1, leaf)
            high = random.randrange(1, leaf // 5 + 1)
            yield partial(graph.ring, f"goal-{high}", f"goal-{low}")

    ours = each(acts())
    anchor = ""
    if size <= 100_000:
        copy = as_networkx(graph)
        theirs = seconds(lambda: nx.is_directed_acyclic_graph(copy), 3)
        anchor = f"networkx is_directed_acyclic_graph {theirs * 1e3:.0f} ms: {theirs / ours:,.0f}x"
    say(f"ring check before a link, {size:,}", f"{ours * 1e6:.1f} us", anchor, "< 10 us at 1M")


def test_ladder(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    ours = each(partial(ladder, graph, id) for id in leaves(size, 3000, 4))
    goal = graph.goal(leaves(size, 1, 4)[0])
    assert goal is not None
    anchor = seconds(lambda: climb(goal), 2000)
    say(f"ladder, {size:,}", f"{ours * 1e6:.1f} us", f"reading the way up {anchor * 1e6:.1f} us", "< 5 us")


def test_cascade_of_a_thousand(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    if size < 10_000:
        return
    root = thousand(graph)
    depth = 20

    def whole() -> int:
        answer = cascade(graph, root.id, depth, 2_000)
        assert answer is not None and not answer.truncated
        return len(answer.nodes) + len(answer.edges) + answer.hidden + answer.nodes[1].hidden

    answer = cascade(graph, root.id, depth, 2_000)
    assert answer is not None
    walking = seconds(lambda: cascade_walk(root, depth, 2_000), 300)
    everything = seconds(whole, 300)
    many = len(answer.nodes)
    anchor = seconds(lambda: [list(range(5)) for _ in range(many)], 300)
    short = f"as many short lists {anchor * 1e6:.0f} us"
    say(f"walk of a cascade of {many:,}, {size:,}", f"{walking * 1e6:.0f} us", short, "< 50 us")
    say(f"its whole answer, {size:,}", f"{everything * 1e6:.0f} us", f"{everything / anchor:.1f}x that", "< 250 us")


def thousand(graph: AlignmentGraph) -> GoalVertex:
    """The goal, among the first, under which there are nearest to a thousand."""
    found: list[tuple[int, str]] = []
    for number in range(1, 800):
        answer = cascade(graph, f"goal-{number}", 20, 2_000)
        if answer is not None and not answer.truncated:
            found.append((abs(len(answer.nodes) - 1_000), f"goal-{number}"))
            if len(found) > 40:
                break
    goal = graph.goal(min(found)[1])
    assert goal is not None
    return goal


def test_bytes_a_node() -> None:
    size = 100_000
    edges = list(links(size))
    known = [node for node, _ in goals(size)]  # ids and titles are there, whoever keeps the graph
    gc.collect()
    tracemalloc.start()
    graph = AlignmentGraph.build(nodes=[(copied(node), 1) for node in known], links=edges, revision=1)
    gc.collect()
    ours, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del edges
    tracemalloc.start()
    copy = as_networkx(graph)
    theirs, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(copy) == size
    say("memory a goal", f"{ours / size:.0f} B", f"networkx {theirs / size:.0f} B: {ours / theirs:.2f}x", "about 500 B")
