"""A graph made of a whole present: the same in whatever order the facts come."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.nodes import CheckIn, KeyResult, Link, Node, Objective, Person
from graph_service.models.words import LinkKind, Measure
from graph_service.workspace.differences import differences
from tests.stores.samples import MONDAY

SIZE = 60


def facts(random: Random) -> tuple[list[tuple[Node, int]], list[Link], list[CheckIn]]:
    """Objectives in a tree with further parents, key results under most, aligned ones, owners and several check-ins,
    each list in a store's order."""
    nodes: list[tuple[Node, int]] = [(Person("m-ines", "Ines"), 1)]
    links: list[Link] = []
    check_ins: list[CheckIn] = []
    for number in range(SIZE):
        nodes.append((Objective(f"o-{number}", "Some"), 1))
        if number:
            above = random.sample(range(number), min(number, random.choice((0, 1, 1, 2, 3))))
            links += [
                Link(f"o-{number}", f"o-{one}", LinkKind.PARENT, position=place) for place, one in enumerate(above)
            ]
            if random.random() < 0.3 and (one := random.randrange(number)) not in above:
                links.append(Link(f"o-{number}", f"o-{one}", LinkKind.ALIGNED, weight=random.choice((0.0, 0.5, 1.0))))
        links.append(Link("m-ines", f"o-{number}", LinkKind.OWNS))
        for place in range(random.choice((0, 1, 3))):
            id = f"k-{number}-{place}"
            nodes.append((KeyResult(id, "Some", measure=Measure.DELTA, baseline=0.0, target=8.0), 1))
            links.append(Link(id, f"o-{number}", LinkKind.KEY_RESULT_OF, position=random.choice((0, place))))
            for hour in range(random.choice((0, 1, 4))):
                at = MONDAY + timedelta(hours=hour)
                check_ins.append(CheckIn(f"{id}-{hour}", id, at, "api", 1, value=random.random() * 9))
    nodes.sort(key=lambda pair: pair[0].id)
    links.sort(key=lambda link: (link.source, link.target, link.kind.value))
    check_ins.sort(key=lambda one: (one.goal, one.at))
    return nodes, links, check_ins


@pytest.mark.parametrize("seed", range(10))
def test_any_order_of_facts_makes_the_same_graph(seed: int) -> None:
    random = Random(seed)
    nodes, links, check_ins = facts(random)
    graph = AlignmentGraph.build(nodes=nodes, links=links, check_ins=check_ins, revision=1)
    for shuffled in (nodes, links, check_ins):
        random.shuffle(shuffled)
    other = AlignmentGraph.build(nodes=nodes, links=links, check_ins=check_ins, revision=1)
    assert list(differences(graph, other)) == []
    for goal in graph.goals():
        twin = other.goal(goal.id)
        assert twin is not None
        assert [(e.child.id, e.kind, e.position) for e in goal.down] == [
            (e.child.id, e.kind, e.position) for e in twin.down
        ]
        assert [(e.parent.id, e.kind) for e in goal.up] == [(e.parent.id, e.kind) for e in twin.up]
        assert (goal.check_ins, goal.height, goal.held) == (twin.check_ins, twin.height, 0)
        assert list(goal.check_ins) == sorted(goal.check_ins, key=lambda one: one.at)
        assert goal.height == max((e.child.height + 1 for e in goal.down if e.ladders), default=0)


def test_a_ring_is_refused() -> None:
    nodes: list[tuple[Node, int]] = [(Objective(id, "Some"), 1) for id in "abc"]
    ring = [Link("a", "b", LinkKind.PARENT), Link("b", "c", LinkKind.PARENT), Link("c", "b", LinkKind.PARENT)]
    with pytest.raises(AssertionError, match="the links hold a ring"):
        AlignmentGraph.build(nodes=nodes, links=ring)
    weightless = [*ring[:2], Link("c", "b", LinkKind.ALIGNED, weight=0.0)]
    assert len(list(AlignmentGraph.build(nodes=nodes, links=weightless).goals())) == len(nodes)
