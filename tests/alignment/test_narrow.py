"""What an embed token may see: what its picture shows at the moment, and whose that is."""

from __future__ import annotations

import pytest

from graph_service.alignment.cascade import cascade
from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.narrow import Narrow, narrow, shown_by
from graph_service.alignment.org import org_chart
from graph_service.models.changes import change_from
from graph_service.models.nodes import KeyResult, Link, Objective, Person, Team
from graph_service.models.words import LinkKind
from graph_service.workspace import Workspace
from tests.api.company import NOON, fill

BREAD = {"bread", "crust", "fresh", "oven", "ovens", "ben", "spring"}


@pytest.mark.parametrize(
    ("view", "root", "seen"),
    [
        ("cascade", "bread", BREAD),
        ("cascade", "crust", {"crust", "ben"}),
        ("cascade", "sales", {"sales", "sweets", "cleo"}),
        ("cascade", "grow", BREAD | {"grow", "ada", "2026", "sales", "sweets", "cleo"}),
        # crust, bread and grow are the rungs, each with its key results
        ("ladder", "crust", BREAD | {"grow", "sales", "ada", "2026"}),
        # sweets hangs under sales and is aligned to bread: both ways up
        ("ladder", "sweets", {"sweets", "cleo", "sales", "grow", "ada", "2026", "bread", "ovens", "spring"}),
        ("org", "ben", {"ben", "crust", "cleo", "sweets"}),
        ("org", "cleo", {"cleo", "sweets"}),
        ("org", "ovens", {"ovens", "ben", "cleo", "bread", "spring", "crust", "sweets"}),
        ("org", None, {"ada", "ben", "cleo", "dora", "grow", "2026", "crust", "sweets", "alone"}),
        ("cascade", "ada", set()),
        ("cascade", "nowhere", set()),
        ("cascade", None, set()),
        ("ladder", "ada", set()),
        ("org", "bread", set()),
        ("org", "nowhere", set()),
        ("pie", "bread", set()),
        ("", "bread", set()),
    ],
)
def test_what_a_view_of_a_root_shows(view: str, root: str | None, seen: set[str]) -> None:
    with Workspace.open("sqlite://") as workspace:
        fill(workspace)
        with workspace.reading() as graph:
            assert {one.id for one in shown_by(graph, view, root)} == seen
            viewer = narrow(view, root).on(graph)
            assert {one.id for one in graph.nodes.values() if viewer.sees(one)} == seen
            assert not any(narrow(view, root).sees(one) for one in graph.nodes.values())


@pytest.mark.parametrize("root", ["bread", "grow", "crust", "sales", "sweets"])
def test_a_picture_is_the_same_for_who_sees_it_alone(root: str) -> None:
    with Workspace.open("sqlite://") as workspace:
        fill(workspace)
        with workspace.reading() as graph:
            whole, seen = cascade(graph, root), cascade(graph, root, viewer=narrow("cascade", root).on(graph))
            assert whole is not None and seen is not None
            assert [node.goal.id for node in seen.nodes] == [node.goal.id for node in whole.nodes]
            up, seen_up = ladder(graph, root), ladder(graph, root, narrow("ladder", root).on(graph))
            assert up is not None and seen_up is not None
            assert [goal.id for goal in seen_up.nodes] == [goal.id for goal in up.nodes]
            assert [[one.id for one in rung.key_results] for rung in seen_up.path] == [
                [one.id for one in rung.key_results] for rung in up.path
            ]
            chart, seen_chart = org_chart(graph), org_chart(graph, viewer=narrow("org", None).on(graph))
            assert chart is not None and seen_chart is not None
            assert [(node.owner.id, node.goals) for node in seen_chart.nodes] == [
                (node.owner.id, node.goals) for node in chart.nodes
            ]


def test_it_is_found_anew_when_links_change_and_for_each_graph() -> None:
    with Workspace.open("sqlite://") as workspace:
        fill(workspace)
        viewer = Narrow("cascade", "bread")
        with workspace.reading() as graph:
            before = viewer.on(graph)
            assert viewer.on(graph) is before
            sweets = graph.nodes["sweets"]
            assert not before.sees(sweets)
        fill(workspace, [("checkInKeyResult", {"keyResultId": "crust", "value": 20})])
        with workspace.reading() as graph:
            assert viewer.on(graph) is before, "a check-in moves numbers and nothing else"
        fill(workspace, [("linkGoals", {"from": "sweets", "to": "bread", "kind": "parent"})])
        with workspace.reading() as graph:
            assert viewer.on(graph).sees(graph.nodes["sweets"])
        fill(workspace, [("unlinkGoals", {"from": "sweets", "to": "bread", "kind": "parent"})])
        with workspace.reading() as graph:
            assert not viewer.on(graph).sees(graph.nodes["sweets"])
    other = AlignmentGraph.build(nodes=[(Objective("bread", "Bread"), 1)], links=[])
    assert [one.id for one in other.nodes.values() if viewer.on(other).sees(one)] == ["bread"]


def test_what_is_supposed_is_seen_while_it_is_supposed() -> None:
    with Workspace.open("sqlite://") as workspace:
        fill(workspace)
        viewer = Narrow("cascade", "bread")
        changes = [change_from("linkGoals", {"from": "sweets", "to": "bread", "kind": "parent"})]
        with workspace.reading() as graph:
            sweets = graph.nodes["sweets"]
            assert not viewer.on(graph).sees(sweets)
            with graph.suppose(changes, Occasion(NOON, str)):
                assert viewer.on(graph).sees(sweets)
            assert not viewer.on(graph).sees(sweets)


def test_who_may_see_the_same_is_the_same() -> None:
    assert narrow("org", None) is narrow("org", None)
    assert narrow("cascade", "bread") is not narrow("ladder", "bread")


def test_whatever_a_goal_names_need_not_be_there() -> None:
    graph = AlignmentGraph.build(
        nodes=[
            (Objective("grow", "Grow", period="never"), 1),
            (KeyResult("sales", "Sell more", period="never"), 1),
            (Person("ada", "Ada"), 1),
            (Team("shop", "Shop"), 1),
        ],
        links=[Link("sales", "grow", LinkKind.KEY_RESULT_OF), Link("ada", "sales", LinkKind.OWNS)],
    )
    assert {one.id for one in shown_by(graph, "cascade", "grow")} == {"grow", "sales", "ada"}
