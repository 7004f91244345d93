"""Rings, which no link may close, and informational links, which may."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink
from graph_service.models.nodes import Link
from graph_service.models.words import LinkKind
from tests.alignment.decide.company import (
    aligned,
    done,
    goal,
    grown,
    key_result,
    move,
    objective,
    parent,
    refused,
    refused_together,
)

CYCLE = ErrorCode.CYCLE
PARENT, ALIGNED = LinkKind.PARENT, LinkKind.ALIGNED


def reweigh(source: str, target: str, kind: LinkKind, weight: float | None) -> do.UpdateLink:
    return do.UpdateLink(source=source, target=target, link=kind, weight=weight)


def unlink(source: str, target: str, kind: LinkKind) -> do.UnlinkGoals:
    return do.UnlinkGoals(source=source, target=target, link=kind)


def ring(*ids: str) -> str:
    """What is said of a link that would close this ring."""
    way = " -> ".join(f"'{id}'" for id in (*ids, ids[0]))
    return f"this link would close a ring: {way}; leave it out or take away one of the others"


# ---------- rings ----------


def chain() -> list[do.Change]:
    """launch -> beta -> sales -> grow -> top, by a weighted alignment, a parent of weight 0 and a key result."""
    return [
        objective("top"),
        objective("grow", "top"),
        key_result("sales", "grow"),
        objective("beta"),
        parent("beta", "sales", 0.0),
        objective("launch"),
        aligned("launch", "beta", 0.5),
        key_result("app", "launch"),
    ]


RINGS: list[tuple[do.Change, Sequence[str]]] = [
    (parent("top", "launch"), ["top", "launch", "beta", "sales", "grow"]),
    (parent("top", "launch", 0.0), ["top", "launch", "beta", "sales", "grow"]),
    (aligned("top", "launch", 0.001), ["top", "launch", "beta", "sales", "grow"]),
    (parent("grow", "sales"), ["grow", "sales"]),
    (aligned("grow", "sales", 1.0), ["grow", "sales"]),
    (aligned("sales", "beta", 1.0), ["sales", "beta"]),
    (aligned("sales", "app", 1.0), ["sales", "app", "launch", "beta"]),
    (move("sales", "launch"), ["sales", "launch", "beta"]),
    (parent("grow", "app"), ["grow", "app", "launch", "beta", "sales"]),
    (parent("beta", "launch"), ["beta", "launch"]),
]


@pytest.mark.parametrize(("change", "nodes"), RINGS)
def test_no_link_closes_a_ring(change: do.Change, nodes: Sequence[str]) -> None:
    refused(grown(*chain()), change, CYCLE, ring(*nodes), ["to"], nodes)


@pytest.mark.parametrize(
    "change", [change for change, _ in RINGS if isinstance(change, do.LinkGoals) and change.link is ALIGNED]
)
def test_an_informational_link_may_and_gets_no_weight_afterwards(change: do.LinkGoals) -> None:
    graph = grown(*chain())
    nodes = next(nodes for known, nodes in RINGS if known is change)
    done(graph, aligned(change.source, change.target))
    weigh = reweigh(change.source, change.target, ALIGNED, 1.0)
    refused(graph, weigh, CYCLE, ring(*nodes), ["weight"], nodes)
    assert done(graph, reweigh(change.source, change.target, ALIGNED, 0.0)) == []


def test_informational_links_may_form_rings_and_every_walk_ends() -> None:
    graph = grown(objective("grow"), objective("delight"), objective("launch"))
    done(graph, aligned("grow", "delight"), aligned("delight", "launch"), aligned("launch", "grow"))
    done(graph, parent("grow", "launch"))  # the rest of the ring is informational
    assert goal(graph, "launch").height == 1
    message = ring("launch", "grow")
    refused(graph, parent("launch", "grow"), CYCLE, message, ["to"], ["launch", "grow"])


def test_a_link_whose_weight_is_taken_away_stands_in_no_way() -> None:
    graph = grown(*chain(), reweigh("launch", "beta", ALIGNED, 0.0))
    assert done(graph, parent("top", "launch")) == [PutLink(Link("top", "launch", PARENT))]
    nodes = ["launch", "beta", "sales", "grow", "top"]
    refused(graph, reweigh("launch", "beta", ALIGNED, 0.5), CYCLE, ring(*nodes), ["weight"], nodes)


def test_a_weight_0_parent_stands_in_the_way_and_its_absence_does_not() -> None:
    graph = grown(*chain())
    done(graph, unlink("beta", "sales", PARENT), parent("top", "launch"))
    nodes = ["beta", "sales", "grow", "top", "launch"]
    refused(graph, parent("beta", "sales", 0.0), CYCLE, ring(*nodes), ["to"], nodes)


def test_a_ring_that_only_the_batch_closes() -> None:
    graph = grown(objective("grow"), objective("delight"), objective("launch"))
    batch = [parent("grow", "delight"), parent("delight", "launch"), parent("launch", "grow")]
    nodes = ["launch", "grow", "delight"]
    refused_together(graph, batch, 2, CYCLE, ring(*nodes), ["to"], nodes)
    done(graph, *batch[:2], unlink("grow", "delight", PARENT), batch[2])


@pytest.mark.parametrize("length", [8, 9, 12])
def test_a_long_ring_is_named_whole_and_told_in_short(length: int) -> None:
    names = [f"step {number}" for number in range(length)]
    graph = grown(*[objective(name) for name in names])
    done(graph, *[parent(low, high) for low, high in itertools.pairwise(names)])
    nodes = [names[-1], *names[:-1]]
    way = " -> ".join(f"'{id}'" for id in (*nodes[:8], *(["..."] if length > 8 else []), nodes[0]))
    message = f"this link would close a ring: {way}; leave it out or take away one of the others"
    refused(graph, parent(names[-1], names[0]), CYCLE, message, ["to"], nodes)
