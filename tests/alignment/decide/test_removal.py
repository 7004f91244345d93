"""Removing goals of both kinds, and bringing them back."""

from __future__ import annotations

from datetime import date

import pytest

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import Fact, PutLink, RemoveNode, RestoreNode
from graph_service.models.nodes import KeyResult, Link
from graph_service.models.words import LinkKind
from tests.alignment.decide.company import (
    aligned,
    done,
    fact,
    goal,
    grown,
    key_result,
    links,
    move,
    numbers,
    objective,
    parent,
    refused,
    upward,
)

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
KEY_RESULT_OF, PARENT, ALIGNED, OWNS = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.OWNS

NEW_YEAR = date(2026, 1, 1)
PERIOD = do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31))
INES = do.CreatePerson(id="ines", name="Ines Okafor")


# ---------- removing and restoring ----------


def valley() -> list[do.Change]:
    """Two tops, an objective under both with two key results, a child under each of its rungs, links across."""
    return [
        INES,
        objective("top"),
        objective("second top"),
        objective("launch", "top", "second top", owner_id="ines"),
        key_result("installs", "launch", owner_id="ines"),
        key_result("rating", "launch", weight=2.0),
        objective("store page", "launch"),
        objective("reviews", "rating", "launch"),
        aligned("installs", "second top", 3.0),
        aligned("store page", "rating"),
        do.CheckInKeyResult(id="c1", key_result_id="installs", value=5.0),
        do.SetContributor(goal_id="rating", owner_id="ines", roles=("author",)),
        do.CreateInitiative(id="crm", title="CRM", supports=("launch",)),
        do.CreateKpi(id="uptime", title="Uptime", key_results=("rating",)),
        do.CreateRole(id="cto", title="CTO", outcomes=("launch",), metrics=("installs",)),
    ]


def test_an_objective_takes_its_key_results_and_all_links_along_and_leaves_its_children() -> None:
    graph = grown(*valley())
    facts = done(graph, do.RemoveGoal(id="launch", reason="no time"))
    assert facts == [
        RemoveNode(
            "launch",
            (
                Link("crm", "launch", LinkKind.SUPPORTS),
                Link("cto", "launch", LinkKind.CHARTERS),
                Link("ines", "launch", OWNS),
                Link("installs", "launch", KEY_RESULT_OF),
                Link("launch", "second top", PARENT, 1.0, 1),
                Link("launch", "top", PARENT),
                Link("rating", "launch", KEY_RESULT_OF, 2.0, 1),
                Link("reviews", "launch", PARENT, 1.0, 1),
                Link("store page", "launch", PARENT),
            ),
        ),
        RemoveNode(
            "installs",
            (
                Link("cto", "installs", LinkKind.CHARTERS),
                Link("ines", "installs", OWNS),
                Link("installs", "second top", ALIGNED, 3.0),
            ),
        ),
        RemoveNode(
            "rating",
            (
                Link("ines", "rating", LinkKind.CONTRIBUTES_TO, roles=("author",)),
                Link("rating", "uptime", LinkKind.MEASURED_BY),
                Link("reviews", "rating", PARENT),
                Link("store page", "rating", ALIGNED, 0.0),
            ),
        ),
    ]
    assert graph.all_links() == []
    assert sorted(graph.removed) == ["installs", "launch", "rating"]
    assert upward(graph, "store page") == upward(graph, "reviews") == []
    assert numbers(graph, "second top") == (None, None, 0.0)


def test_restoring_brings_all_of_it_back() -> None:
    graph = grown(*valley())
    tops = [numbers(graph, id) for id in ("top", "second top")]
    before = (graph.all_links(), fact(graph, "installs", KeyResult))
    done(graph, do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert facts[:3] == [RestoreNode("launch"), RestoreNode("installs"), RestoreNode("rating")]
    put = [one.link for one in facts[3:] if isinstance(one, PutLink)]
    assert len(put) == len(facts) - 3 == 16
    assert (graph.all_links(), fact(graph, "installs", KeyResult)) == before
    assert [numbers(graph, id) for id in ("top", "second top")] == tops
    assert goal(graph, "installs").check_ins[0].id == "c1"
    assert graph.removed == {}


def test_a_key_result_goes_alone_and_comes_back_to_its_place() -> None:
    graph = grown(*valley())
    done(graph, do.RemoveGoal(id="installs"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["rating"]
    done(graph, key_result("press", "launch"), do.RestoreGoal(id="installs"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs", "rating", "press"]
    assert upward(graph, "installs") == [("KEY_RESULT_OF", "launch", 1.0), ("ALIGNED", "second top", 3.0)]


def test_a_key_result_removed_earlier_on_its_own_does_not_come_back_with_its_objective() -> None:
    graph = grown(*valley(), do.RemoveGoal(id="rating"), do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert [one.id for one in facts if isinstance(one, RestoreNode)] == ["launch", "installs"]
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs"]
    done(graph, do.RestoreGoal(id="rating"))
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs", "rating"]


def test_one_removed_in_the_same_commit_but_on_its_own_does_not_come_back_either() -> None:
    graph = grown(*valley())
    done(graph, do.RemoveGoal(id="rating"), do.RemoveGoal(id="launch"))
    facts = done(graph, do.RestoreGoal(id="launch"))
    assert [one.id for one in facts if isinstance(one, RestoreNode)] == ["launch", "installs"]


@pytest.mark.parametrize("removals", [["launch"], ["rating", "launch"]])
def test_a_key_result_whose_objective_is_removed_waits_for_it(removals: list[str]) -> None:
    graph = grown(*valley(), *[do.RemoveGoal(id=id) for id in removals])
    message = "id 'rating': its objective 'launch' is removed; restore that one"
    refused(graph, do.RestoreGoal(id="rating"), INVALID, message, ["id"], ["launch"])


def test_each_key_result_waits_for_its_own_objective() -> None:
    graph = grown(objective("grow"), key_result("sales", "grow"), objective("launch"), key_result("app", "launch"))
    done(graph, do.CreateKeyResult(id="stray", title="stray"), importing=True)
    done(graph, do.RemoveGoal(id="grow"), do.RemoveGoal(id="stray"), do.RemoveGoal(id="launch"))
    for id, home in (("sales", "grow"), ("app", "launch")):
        message = f"id '{id}': its objective '{home}' is removed; restore that one"
        refused(graph, do.RestoreGoal(id=id), INVALID, message, ["id"], [home])
    assert done(graph, do.RestoreGoal(id="stray")) == [RestoreNode("stray")]


def test_a_loose_key_result_comes_back_loose() -> None:
    graph = grown(do.CreateKeyResult(id="stray", title="stray"), importing=True)
    done(graph, do.RemoveGoal(id="stray"))
    assert done(graph, do.RestoreGoal(id="stray")) == [RestoreNode("stray")]
    assert upward(graph, "stray") == []


def test_links_whose_other_ends_are_gone_stay_away() -> None:
    graph = grown(*valley(), do.RemoveGoal(id="launch"), do.RemoveGoal(id="second top"), do.RemoveInitiative(id="crm"))
    done(graph, do.RestoreGoal(id="launch"))
    assert upward(graph, "launch") == [("PARENT", "top", 1.0)]
    assert upward(graph, "installs") == [("KEY_RESULT_OF", "launch", 1.0)]
    assert links(graph, LinkKind.SUPPORTS) == []
    done(graph, do.RestoreGoal(id="second top"))
    assert upward(graph, "launch") == [("PARENT", "top", 1.0)]


def test_links_that_would_close_a_ring_by_now_stay_away() -> None:
    graph = grown(
        objective("north"),
        objective("middle", "north"),
        objective("south", "middle"),
        aligned("middle", "south"),  # informational
        do.RemoveGoal(id="middle"),
        parent("north", "south"),
    )
    facts = done(graph, do.RestoreGoal(id="middle"))
    # middle -> north -> south, so that south -> middle would close a ring; the informational one may stay.
    assert facts == [
        RestoreNode("middle"),
        PutLink(Link("middle", "north", PARENT)),
        PutLink(Link("middle", "south", ALIGNED, 0.0)),
    ]


def test_an_informational_link_comes_back_into_its_ring() -> None:
    graph = grown(objective("north"), objective("middle", "north"), objective("south"))
    done(graph, aligned("north", "middle"), aligned("middle", "south", 2.0), do.RemoveGoal(id="middle"))
    done(graph, do.RestoreGoal(id="middle"))
    assert upward(graph, "middle") == [("PARENT", "north", 1.0), ("ALIGNED", "south", 2.0)]
    assert upward(graph, "north") == [("ALIGNED", "middle", 0.0)]


def test_a_weighted_link_that_would_close_a_ring_stays_away() -> None:
    graph = grown(objective("north"), objective("south"), aligned("north", "south", 2.0))
    done(graph, do.RemoveGoal(id="north"))
    done(graph, do.RestoreGoal(id="north"))
    assert upward(graph, "north") == [("ALIGNED", "south", 2.0)]
    done(graph, objective("middle", "north"), aligned("south", "middle"), do.RemoveGoal(id="north"))
    done(graph, do.UpdateLink(source="south", target="middle", link=ALIGNED, weight=1.0), do.RestoreGoal(id="north"))
    # middle -> north comes first; south -> middle has a weight by now, so that north -> south would close a ring.
    assert (upward(graph, "middle"), upward(graph, "north")) == ([("PARENT", "north", 1.0)], [])


def test_of_the_links_that_cannot_all_come_back_a_key_result_keeps_its_objective() -> None:
    graph = grown(
        objective("zenith"),
        key_result("reach", "zenith"),
        objective("ads", "reach"),
        aligned("reach", "ads"),
        do.RemoveGoal(id="reach"),
        parent("zenith", "ads"),
    )
    done(graph, do.RestoreGoal(id="reach"))
    assert upward(graph, "reach") == [("KEY_RESULT_OF", "zenith", 1.0), ("ALIGNED", "ads", 0.0)]
    assert upward(graph, "ads") == []


def test_a_parent_that_comes_back_is_primary_again() -> None:
    graph = grown(
        objective("top"),
        objective("second top"),
        objective("third top"),
        objective("launch", "top", "second top"),
        do.RemoveGoal(id="top"),
    )
    assert upward(graph, "launch") == [("PARENT", "second top", 1.0)]
    done(graph, parent("launch", "third top"), do.RestoreGoal(id="top"))
    assert [to for _, to, _ in upward(graph, "launch")] == ["top", "second top", "third top"]


def test_a_removed_goal_follows_what_happened_to_its_period_when_it_comes_back() -> None:
    graph = grown(PERIOD, objective("launch", period_id="2026-Q1"), do.RemoveGoal(id="launch"))
    done(graph, do.UpdatePeriod(id="2026-Q1", end=date(2026, 2, 1)))
    done(graph, do.RestoreGoal(id="launch"))
    assert goal(graph, "launch").pace.due == date(2026, 2, 1).toordinal()


def test_removing_and_restoring_in_one_commit() -> None:
    graph = grown(*valley())
    before = graph.all_links()
    done(graph, do.RemoveGoal(id="launch"), do.RestoreGoal(id="launch"), do.RemoveGoal(id="installs"))
    done(graph, do.RestoreGoal(id="installs"))
    assert graph.all_links() == before


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.RemoveGoal(id="gone"),
            NOT_FOUND,
            "id 'gone': there is no objective or key result with this id",
            ["id"],
            ["gone"],
        ),
        (
            do.RemoveGoal(id="ines"),
            INVALID,
            "id 'ines' is a person, not an objective or key result",
            ["id"],
            ["ines"],
        ),
        (
            do.RemoveGoal(id="launch", reason="x" * 20_001),
            INVALID,
            "reason has 20001 characters; at most 20000 are allowed",
            ["reason"],
            [],
        ),
        (
            do.RemoveGoal(id="launch", reason="\ud800"),
            INVALID,
            "reason '\\ud800' holds a control character; take it out",
            ["reason"],
            [],
        ),
        (
            do.UpdateObjective(id="gone", title="x"),
            NOT_FOUND,
            "id 'gone': there is no objective with this id",
            ["id"],
            ["gone"],
        ),
        (
            do.CloseGoal(id="gone"),
            NOT_FOUND,
            "id 'gone': there is no objective or key result with this id",
            ["id"],
            ["gone"],
        ),
        (
            move("rating", "gone"),
            NOT_FOUND,
            "to 'gone': there is no objective with this id",
            ["to"],
            ["gone"],
        ),
        (
            do.RestoreGoal(id="launch"),
            INVALID,
            "id 'launch' is not removed; there is nothing to restore",
            ["id"],
            [],
        ),
        (do.RestoreGoal(id="moon"), NOT_FOUND, "id 'moon': no removed goal has this id", ["id"], ["moon"]),
        (do.RestoreGoal(id="old team"), NOT_FOUND, "id 'old team': no removed goal has this id", ["id"], ["old team"]),
    ],
)
def test_removing_and_restoring_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(
        *valley(),
        objective("gone"),
        do.RemoveGoal(id="gone"),
        do.CreateTeam(id="old team", name="Old team"),
        do.RemoveTeam(id="old team"),
    )
    refused(graph, change, code, message, path, nodes)


def test_a_goal_is_restored_once() -> None:
    graph = grown(objective("launch"), do.RemoveGoal(id="launch"))
    facts: list[Fact] = done(graph, do.RestoreGoal(id="launch"))
    assert facts == [RestoreNode("launch")]
    message = "id 'launch' is not removed; there is nothing to restore"
    refused(graph, do.RestoreGoal(id="launch"), INVALID, message, ["id"])
