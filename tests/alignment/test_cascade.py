"""The way down: the tree, further links, depth and limit, what is hidden."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.cascade import Cascade, cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import Invalid, Refusal
from graph_service.models.nodes import Link
from graph_service.models.words import GOAL_LINKS, GoalState, LinkKind
from tests.alignment.random_company import ids, occasion, stir, wishes
from tests.build import Blind, aligned, grow, key_result, objective

KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def company() -> AlignmentGraph:
    """Two branches; one goal with its second parent in the other branch, one whose first parent lies elsewhere."""
    return grow(
        objective("grow-revenue", top=True),
        key_result("more-lines", "grow-revenue", 40),
        objective("please-crews", "more-lines"),
        objective("win-lines", ("grow-revenue", 2.0), "please-crews"),
        key_result("daily-use", "please-crews", 50),
        objective("welcome-crews", "please-crews", "win-lines"),
        key_result("first-hour", "welcome-crews", 10),
        objective("good-place", top=True),
        objective("hire-well", "good-place", "win-lines", state=GoalState.CANCELLED),
        aligned("daily-use", "grow-revenue", 0.5),
        aligned("good-place", "win-lines"),
        aligned("grow-revenue", "daily-use"),
    )


def down(graph: AlignmentGraph, id: str, depth: int = 9, limit: int = 1000) -> Cascade:
    found = cascade(graph, id, depth, limit)
    assert found is not None
    return found


def nodes(found: Cascade) -> list[tuple[str, int, str | None, int]]:
    return [(node.goal.id, node.depth, node.primary_parent, node.hidden) for node in found.nodes]


def edges(found: Cascade) -> list[tuple[str, str, LinkKind, bool]]:
    return [(view.edge.child.id, view.edge.parent.id, view.edge.kind, view.primary) for view in found.edges]


def test_every_goal_stands_once_under_its_primary_parent_or_the_first_that_lies_under_the_root() -> None:
    found = down(company(), "grow-revenue")
    assert found.root.id == "grow-revenue"
    assert nodes(found) == [
        ("grow-revenue", 0, None, 0),
        ("more-lines", 1, "grow-revenue", 0),
        ("win-lines", 1, "grow-revenue", 0),
        ("please-crews", 2, "more-lines", 0),
        ("hire-well", 2, "win-lines", 0),  # its first parent does not lie under the root
        ("daily-use", 3, "please-crews", 0),
        ("welcome-crews", 3, "please-crews", 0),
        ("first-hour", 4, "welcome-crews", 0),
    ]
    assert (found.hidden, found.truncated) == (0, False)


def test_further_parents_and_aligned_links_with_both_ends_shown_are_edges() -> None:
    found = down(company(), "grow-revenue")
    assert edges(found) == [
        # The tree, in the order of the nodes ...
        ("more-lines", "grow-revenue", KEY_RESULT_OF, True),
        ("win-lines", "grow-revenue", PARENT, True),
        ("please-crews", "more-lines", PARENT, True),
        ("hire-well", "win-lines", PARENT, False),
        ("daily-use", "please-crews", KEY_RESULT_OF, True),
        ("welcome-crews", "please-crews", PARENT, True),
        ("first-hour", "welcome-crews", KEY_RESULT_OF, True),
        # ... then all others between two shown goals.
        ("grow-revenue", "daily-use", ALIGNED, False),
        ("win-lines", "please-crews", PARENT, False),
        ("daily-use", "grow-revenue", ALIGNED, False),
        ("welcome-crews", "win-lines", PARENT, False),
    ]
    # 1 for the key result, 2 for win-lines, 0.5 for the aligned one: all three are measured.
    assert [view.share for view in found.edges][:2] == [1 / 3.5, 2 / 3.5]


def test_what_is_hidden_below_the_depth_is_counted_once() -> None:
    assert nodes(down(company(), "grow-revenue", depth=0)) == [("grow-revenue", 0, None, 7)]
    found = down(company(), "grow-revenue", depth=1)
    # Each branch counts welcome-crews, first-hour and hire-well, the root counts them once.
    assert nodes(found) == [
        ("grow-revenue", 0, None, 5),
        ("more-lines", 1, "grow-revenue", 5),
        ("win-lines", 1, "grow-revenue", 3),
    ]
    assert (found.hidden, found.truncated) == (5, False)
    assert [edge[:2] for edge in edges(found)] == [("more-lines", "grow-revenue"), ("win-lines", "grow-revenue")]


def test_what_is_hidden_under_a_goal_with_two_parents_counts_for_both() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("please-crews", "grow-revenue"),
        objective("win-lines", "grow-revenue"),
        objective("welcome-crews", "please-crews", "win-lines"),
        objective("first-hour", "welcome-crews"),
        key_result("first-login", "first-hour", 10),
    )
    assert [node[3] for node in nodes(down(graph, "grow-revenue", depth=2))] == [2, 2, 2, 2]


def test_where_a_goal_stands_does_not_depend_on_the_depth() -> None:
    graph = grow(
        objective("grow-revenue", top=True),
        objective("win-lines", "grow-revenue"),
        objective("call-more", "win-lines"),
        objective("write-letters", "call-more", "grow-revenue"),
    )
    whole = nodes(down(graph, "grow-revenue"))
    assert whole[-1] == ("write-letters", 3, "call-more", 0)
    for depth in range(4):
        cut = down(graph, "grow-revenue", depth)
        assert [node[:3] for node in nodes(cut)] == [node[:3] for node in whole if node[1] <= depth]
        assert cut.hidden == 3 - depth


def test_the_limit_cuts_the_last_level_and_says_so() -> None:
    found = down(company(), "grow-revenue", limit=4)
    assert [node[0] for node in nodes(found)] == ["grow-revenue", "more-lines", "win-lines", "please-crews"]
    assert (found.hidden, found.truncated) == (4, True)
    assert [node[3] for node in nodes(found)] == [4, 4, 3, 4]
    exact = down(company(), "grow-revenue", limit=8)
    assert (len(exact.nodes), exact.truncated) == (8, False)
    assert down(company(), "grow-revenue", depth=1, limit=3).truncated is False
    assert down(company(), "grow-revenue", limit=1).truncated is True


def test_a_leaf_and_an_unknown_id() -> None:
    found = down(company(), "first-hour")
    assert nodes(found) == [("first-hour", 0, None, 0)]
    assert (found.edges, found.hidden, found.truncated) == ((), 0, False)
    assert cascade(company(), "nothing") is None


@pytest.mark.parametrize(("depth", "limit", "field"), [(-1, 10, "depth"), (1, 0, "limit")])
def test_a_depth_or_limit_that_cannot_be_is_refused(depth: int, limit: int, field: str) -> None:
    with pytest.raises(Invalid, match=f"{field} .* give ") as refused:
        cascade(company(), "grow-revenue", depth, limit)
    assert refused.value.path == (field,)


def test_what_a_viewer_does_not_see_is_as_if_it_were_not_there() -> None:
    graph = company()
    found = cascade(graph, "grow-revenue", 9, viewer=Blind("please-crews"))
    assert found is not None
    assert nodes(found) == [
        ("grow-revenue", 0, None, 0),
        ("more-lines", 1, "grow-revenue", 0),
        ("win-lines", 1, "grow-revenue", 0),
        ("hire-well", 2, "win-lines", 0),
        ("welcome-crews", 2, "win-lines", 0),
        ("first-hour", 3, "welcome-crews", 0),
    ]
    assert ("welcome-crews", "win-lines", PARENT, True) in edges(found)
    narrow = cascade(graph, "grow-revenue", 1, viewer=Blind("first-hour"))
    assert narrow is not None and narrow.hidden == 4
    assert cascade(graph, "grow-revenue", viewer=Blind("grow-revenue")) is None


def test_a_chain_of_ten_thousand_goals() -> None:
    many = 10_000
    graph = grow(objective("goal-0", top=True), *[objective(f"goal-{n}", f"goal-{n - 1}") for n in range(1, many)])
    found = down(graph, "goal-0", depth=many, limit=many)
    assert len(found.nodes) == many and found.nodes[-1].depth == many - 1
    assert [node.hidden for node in down(graph, "goal-0", depth=3).nodes] == [many - 4] * 4


# ---------- against a naive tree over plain links ----------


class Tree:
    """Where goals stand under a root, by the definition."""

    def __init__(self, links: list[Link], root: str) -> None:
        self.links = links
        self.root = root
        self.inside = self.under(root) | {root}
        self.below: dict[str, list[str]] = {}
        for link in sorted(
            links, key=lambda k: (k.kind is PARENT, k.position if k.kind is KEY_RESULT_OF else 0, k.source)
        ):
            if link.source in self.inside - {root} and self.home(link.source) is link:
                self.below.setdefault(link.target, []).append(link.source)

    def under(self, goal: str) -> set[str]:
        right_below = {link.source for link in self.links if link.target == goal and link.kind is not ALIGNED}
        return right_below.union(*map(self.under, right_below))

    def home(self, goal: str) -> Link:
        ways = [link for link in self.links if link.source == goal and link.kind is not ALIGNED]
        ways.sort(key=lambda link: (link.kind is PARENT, link.position, link.target))
        return next(link for link in ways if link.target in self.inside)

    def levels(self) -> list[list[str]]:
        found = [[self.root]]
        while below := [child for goal in found[-1] for child in self.below.get(goal, [])]:
            found.append(below)
        return found


@settings(max_examples=80)
@given(seeds, st.integers(0, 5), st.integers(1, 12), st.sets(st.integers(0, 6), max_size=2))
def test_cascades_of_random_companies(seed: int, depth: int, limit: int, unseen: set[int]) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=7, key_results=9, more=40)
    for viewer in (Blind(), Blind(*(f"obj-{number}" for number in unseen))):
        links = [
            link
            for link in graph.all_links()
            if link.kind in GOAL_LINKS and not {link.source, link.target} & viewer.unseen
        ]
        for goal in list(graph.goals()):
            if goal.id in viewer.unseen:
                continue
            # Everybody takes the shorter way; a viewer who happens to see everything must get the same.
            for found in (
                cascade(graph, goal.id, depth, limit, viewer),
                cascade(graph, goal.id, depth, limit) if not viewer.unseen else None,
            ):
                if found is not None:
                    check(found, Tree(links, goal.id), depth, limit)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_cascade_follows_what_has_changed_since_the_last_one(seed: int) -> None:
    graph = AlignmentGraph()
    random, new_id = Random(seed), ids()
    for change in wishes(random, objectives=6, key_results=6, more=40):
        try:
            if random.random() < 0.3:
                with graph.suppose([change], occasion(new_id)):
                    whole_company(graph)
            else:
                graph.decide([change], occasion(new_id))
        except Refusal:
            continue
        whole_company(graph)


def whole_company(graph: AlignmentGraph) -> None:
    links = [link for link in graph.all_links() if link.kind in GOAL_LINKS]
    for goal in list(graph.goals()):
        check(down(graph, goal.id), Tree(links, goal.id), 9, 1000)


def check(found: Cascade, tree: Tree, depth: int, limit: int) -> None:
    levels = tree.levels()
    whole = [(id, level) for level, ids in enumerate(levels) for id in ids]
    assert {id for id, _ in whole} == tree.inside
    within = [pair for pair in whole if pair[1] <= depth]
    assert [(node.goal.id, node.depth) for node in found.nodes] == within[:limit]
    assert found.truncated == (len(within) > limit)
    shown = {id for id, _ in within[:limit]}
    assert found.hidden == len(tree.inside - shown)
    for node in found.nodes:
        assert node.hidden == len(tree.under(node.goal.id) - shown)
        assert node.primary_parent == (None if node.goal.id == tree.root else tree.home(node.goal.id).target)
    assert sorted((view.edge.child.id, view.edge.parent.id, view.edge.kind) for view in found.edges) == sorted(
        (link.source, link.target, link.kind) for link in tree.links if {link.source, link.target} <= shown
    )
    assert [view.edge.child.id for view in found.edges][: len(shown) - 1] == [node.goal.id for node in found.nodes[1:]]
