"""The way up: the primary path, the upward graph, all paths."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder, ladder
from graph_service.errors import Invalid
from graph_service.models.nodes import Link
from graph_service.models.words import GOAL_LINKS, LinkKind
from tests.alignment.random_company import stir
from tests.build import Blind, aligned, goal_of, grow, ids, key_result, objective

KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def company() -> AlignmentGraph:
    """Six rungs up from the crew plan, with a second parent and links across."""
    return grow(
        objective("grow-revenue", top=True),
        key_result("more-lines", "grow-revenue", 40),
        key_result("less-churn", "grow-revenue", 80),
        objective("please-crews", "more-lines"),
        key_result("daily-use", "please-crews", 50, weight=3),
        objective("plan-faster", ("daily-use", 2.0), "keep-promises"),
        key_result("replan-minutes", "plan-faster", 10),
        objective("keep-promises", top=True),
        objective("side-project"),
        aligned("plan-faster", "side-project"),
        aligned("replan-minutes", "less-churn", 0.5),
    )


def up(graph: AlignmentGraph, id: str) -> Ladder:
    found = ladder(graph, id)
    assert found is not None
    return found


def test_the_path_is_the_primary_one_top_first() -> None:
    found = up(company(), "replan-minutes")
    assert found.goal.id == "replan-minutes"
    assert [rung.goal.id for rung in found.path] == [
        "grow-revenue",
        "more-lines",
        "please-crews",
        "daily-use",
        "plan-faster",
        "replan-minutes",
    ]


def test_each_rung_says_how_it_hangs_under_the_one_before() -> None:
    rungs = up(company(), "replan-minutes").path
    assert [(rung.kind, rung.weight, rung.share) for rung in rungs] == [
        (None, None, None),
        (KEY_RESULT_OF, 1.0, 0.5),  # of two key results
        (PARENT, 1.0, None),  # the key result has a measure of its own: what lies under it does not move it
        (KEY_RESULT_OF, 3.0, 1.0),  # the only one measured
        (PARENT, 2.0, None),
        (KEY_RESULT_OF, 1.0, 1.0),
    ]


def test_each_objective_rung_shows_its_key_results_and_a_key_result_none() -> None:
    rungs = up(company(), "replan-minutes").path
    assert [ids(rung.key_results) for rung in rungs] == [
        ["more-lines", "less-churn"],
        [],
        ["daily-use"],
        [],
        ["replan-minutes"],
        [],
    ]


def test_the_upward_graph_has_every_way_up_and_all_links_in_it() -> None:
    found = up(company(), "replan-minutes")
    heights = [goal.height for goal in found.nodes]
    assert heights == sorted(heights, reverse=True)
    assert set(ids(found.nodes)) == {
        "grow-revenue",
        "keep-promises",
        "less-churn",
        "more-lines",
        "please-crews",
        "daily-use",
        "plan-faster",
        "replan-minutes",
        "side-project",
    }
    assert [
        (view.edge.child.id, view.edge.parent.id, view.edge.kind, view.share, view.primary) for view in found.edges
    ] == [
        ("more-lines", "grow-revenue", KEY_RESULT_OF, 0.5, True),
        ("please-crews", "more-lines", PARENT, None, True),
        ("daily-use", "please-crews", KEY_RESULT_OF, 1.0, True),
        ("less-churn", "grow-revenue", KEY_RESULT_OF, 0.5, True),
        ("plan-faster", "daily-use", PARENT, None, True),
        ("plan-faster", "keep-promises", PARENT, 1.0, False),
        ("plan-faster", "side-project", ALIGNED, None, False),
        ("replan-minutes", "plan-faster", KEY_RESULT_OF, 1.0, True),
        ("replan-minutes", "less-churn", ALIGNED, None, False),
    ]
    assert not found.truncated


def test_all_paths_come_primary_first_and_bounded() -> None:
    found = up(company(), "replan-minutes")
    assert [ids(path) for path in found.paths()] == [
        ["grow-revenue", "more-lines", "please-crews", "daily-use", "plan-faster", "replan-minutes"],
        ["keep-promises", "plan-faster", "replan-minutes"],
        ["side-project", "plan-faster", "replan-minutes"],
        ["grow-revenue", "less-churn", "replan-minutes"],
    ]
    assert [ids(path) for path in found.paths(2)] == [ids(path) for path in found.paths()][:2]
    assert found.paths(0) == []


def test_a_goal_with_only_aligned_links_is_its_own_path() -> None:
    graph = grow(
        objective("grow-revenue", top=True), objective("tell-stories"), aligned("tell-stories", "grow-revenue")
    )
    found = up(graph, "tell-stories")
    assert [rung.goal.id for rung in found.path] == ["tell-stories"]
    assert ids(found.nodes) == ["grow-revenue", "tell-stories"]
    assert [ids(path) for path in found.paths()] == [["grow-revenue", "tell-stories"]]


def test_rings_of_informational_links_end() -> None:
    graph = grow(
        objective("teach"),
        objective("learn"),
        objective("write"),
        aligned("teach", "learn"),
        aligned("learn", "write"),
        aligned("write", "teach"),
    )
    found = up(graph, "teach")
    assert ids(found.nodes) == ["learn", "teach", "write"]
    assert len(found.edges) == 3
    assert [ids(path) for path in found.paths()] == [["write", "learn", "teach"]]


def test_many_paths_cost_no_more_than_those_that_are_asked_for() -> None:
    floors = 200  # two ways on each: 2 ** 200 paths
    pieces = [objective("floor-0", top=True)]
    for floor in range(1, floors):
        pieces += [
            objective(f"left-{floor}", f"floor-{floor - 1}"),
            objective(f"right-{floor}", f"floor-{floor - 1}"),
            objective(f"floor-{floor}", f"left-{floor}", f"right-{floor}"),
        ]
    found = up(grow(*pieces), f"floor-{floors - 1}")
    paths = found.paths(25)
    assert len({tuple(ids(path)) for path in paths}) == 25
    assert all(len(path) == 2 * floors - 1 for path in paths)


def test_the_upward_graph_is_cut_at_the_limit_nearest_first() -> None:
    graph = grow(
        *[objective(f"top-{number}", top=True) for number in range(5)],
        objective("middle", "top-0", "top-1", "top-2"),
        objective("low", "middle", "top-3", "top-4"),
    )
    found = ladder(graph, "low", limit=5)
    assert found is not None
    # The path (top-0, middle, low), then what is nearest to the goal: its own parents before those of the middle.
    assert ids(found.nodes) == ["top-0", "middle", "top-3", "top-4", "low"]
    assert found.truncated
    narrow = ladder(graph, "low", limit=1)
    assert narrow is not None and narrow.truncated
    assert ids(narrow.nodes) == ["top-0", "middle", "low"] == [rung.goal.id for rung in narrow.path]
    whole = ladder(graph, "low", limit=7)
    assert whole is not None and not whole.truncated and len(whole.nodes) == 7


def test_an_unknown_id_has_no_ladder_and_a_limit_below_one_is_refused() -> None:
    graph = company()
    assert ladder(graph, "nothing") is None
    with pytest.raises(Invalid, match="limit 0 is too small; give 1 or more") as refused:
        ladder(graph, "daily-use", limit=0)
    assert refused.value.path == ("limit",)


def test_what_a_viewer_does_not_see_is_as_if_it_were_not_there() -> None:
    graph = company()
    found = ladder(graph, "replan-minutes", Blind("daily-use", "less-churn"))
    assert found is not None
    assert [rung.goal.id for rung in found.path] == ["keep-promises", "plan-faster", "replan-minutes"]
    assert set(ids(found.nodes)) == {"keep-promises", "plan-faster", "replan-minutes", "side-project"}
    assert [(view.edge.child.id, view.edge.parent.id, view.primary) for view in found.edges] == [
        ("plan-faster", "keep-promises", True),
        ("plan-faster", "side-project", False),
        ("replan-minutes", "plan-faster", True),
    ]
    seen = ladder(graph, "plan-faster", Blind("replan-minutes"))
    assert seen is not None and seen.path[-1].key_results == ()
    assert ladder(graph, "replan-minutes", Blind("replan-minutes")) is None


# ---------- against a naive walk over plain links ----------


def links_of(graph: AlignmentGraph) -> list[Link]:
    rank = {KEY_RESULT_OF: 0, PARENT: 1, ALIGNED: 2}
    found = [link for link in graph.all_links() if link.kind in GOAL_LINKS]
    return sorted(found, key=lambda link: (rank[link.kind], link.position, link.target))


def all_paths(links: list[Link], id: str, passed: tuple[str, ...] = ()) -> list[list[str]]:
    above = dict.fromkeys(link.target for link in links if link.source == id and link.target not in (*passed, id))
    if not above:
        return [[id]]
    return [[*path, id] for goal in above for path in all_paths(links, goal, (*passed, id))]


@settings(max_examples=60)
@given(seeds, st.sets(st.integers(0, 6), max_size=3))
def test_ladders_of_random_companies(seed: int, unseen: set[int]) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=7, key_results=6, more=30)
    viewer = Blind(*(f"obj-{number}" for number in unseen))
    links = [link for link in links_of(graph) if not {link.source, link.target} & viewer.unseen]
    for goal in list(graph.goals()):
        found = ladder(graph, goal.id, viewer)
        if goal.id in viewer.unseen:
            assert found is None
            continue
        assert found is not None
        path = [rung.goal.id for rung in found.path]
        assert path[-1] == goal.id
        for above, below in pairwise(path):
            first = next(link for link in links if link.source == below)
            assert first.target == above and first.kind is not ALIGNED
        assert not [link for link in links if link.source == path[0] and link.kind is not ALIGNED]
        ways = all_paths(links, goal.id)
        assert [ids(way) for way in found.paths(10_000)] == ways
        inside = {id for way in ways for id in way}
        assert set(ids(found.nodes)) == inside
        assert sorted((v.edge.child.id, v.edge.parent.id, v.edge.kind) for v in found.edges) == sorted(
            (link.source, link.target, link.kind) for link in links if {link.source, link.target} <= inside
        )
        assert goal_of(graph, goal.id) is found.goal
