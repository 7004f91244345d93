"""The graph itself: reading, taking facts in and back, batches, suppositions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.numbers import GoalNumbers, ProgressChange
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Cycle, ErrorCode, Refusal
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.facts import AddCheckIn, Fact, PutLink, PutNode, PutWorkspace, RemoveLink, RemoveNode
from graph_service.models.nodes import (
    CheckIn,
    KeyResult,
    Link,
    Objective,
    Period,
    Person,
    Team,
    Workspace,
)
from graph_service.models.words import Driver, GoalState, LinkKind, Measure
from tests.alignment.decide.company import (
    done,
    goal,
    grown,
    key_result,
    moment,
    numbers,
    objective,
    parent,
    refused_together,
)
from tests.alignment.random_company import AS_OF, NOON, ids, occasion, picture, rebuilt, wishes

KEY_RESULT_OF, PARENT, ALIGNED, OWNS = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.OWNS
NEW_YEAR = date(2026, 1, 1)
DAY = timedelta(days=1)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def heights(graph: AlignmentGraph) -> dict[str, int]:
    return {one.id: one.height for one in graph.goals()}


def whole(graph: AlignmentGraph) -> tuple[dict[str, object], dict[str, int]]:
    """Everything there is to see, heights included."""
    return picture(graph), heights(graph)


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


# ---------- reading ----------


def test_an_empty_graph_answers() -> None:
    graph = AlignmentGraph()
    assert (graph.revision, graph.workspace, graph.nodes, graph.removed) == (0, Workspace(), {}, {})
    assert (list(graph.goals()), graph.of_kind(Objective, Person), graph.all_links()) == ([], [], [])
    assert graph.goal("grow") is None
    assert graph.link("grow", "launch", PARENT) is None and graph.link("grow", "ines", OWNS) is None
    assert graph.ring("grow", "launch") == ()
    assert graph.check_in_ids == set()
    assert not graph.used("grow")


def test_nodes_and_links_are_found_and_sorted() -> None:
    graph = little()
    assert {one.id for one in graph.goals()} == {"grow", "sales", "launch", "app"}
    assert [one.id for one in graph.of_kind(Person, Team, Objective)] == ["grow", "ines", "launch", "platform team"]
    assert graph.goal("ines") is None
    links = [
        Link("app", "launch", KEY_RESULT_OF),
        Link("ines", "launch", OWNS),
        Link("launch", "sales", PARENT),
        Link("sales", "grow", KEY_RESULT_OF),
    ]
    assert graph.all_links() == links
    assert graph.links(graph.nodes["launch"]) == links[:3]
    for link in links:
        assert graph.link(link.source, link.target, link.kind) == link
        assert graph.link(link.target, link.source, link.kind) is None
        assert graph.link(link.source, link.target, ALIGNED) is None
    assert graph.link("ines", "launch", PARENT) is None


def test_an_id_is_used_by_a_node_a_removed_one_or_a_report() -> None:
    graph = grown(objective("launch"), key_result("app", "launch"), do.CreatePerson(id="ines", name="Ines"))
    done(graph, do.CheckInKeyResult(id="c1", key_result_id="app", value=1.0))
    done(graph, do.RemoveGoal(id="launch"))
    assert [id for id in ("launch", "app", "ines", "c1", "grow") if graph.used(id)] == ["launch", "app", "ines", "c1"]


@pytest.mark.parametrize(
    ("level", "said", "top"),
    [
        ("organization", None, True),
        ("organization", False, False),
        ("team", None, False),
        ("team", True, True),
        (None, None, False),
        (None, True, True),
    ],
)
def test_top_level_is_as_said_else_by_the_level(level: str | None, said: bool | None, top: bool) -> None:
    graph = grown(objective("grow", level=level, top_level=said), key_result("sales", "grow"))
    assert graph.top_level(goal(graph, "grow")) is top
    assert graph.top_level(goal(graph, "sales")) is False


def test_a_judge_is_kept_for_a_day_and_the_present_limits() -> None:
    graph = little()
    judge = graph.judge(AS_OF)
    assert graph.judge(AS_OF) is judge
    other = graph.judge(AS_OF + DAY)
    assert (other.as_of, graph.judge(AS_OF) is judge) == (AS_OF + DAY, False)
    judge = graph.judge(AS_OF)
    done(graph, do.UpdateWorkspace(at_risk_limit=0.5))
    assert graph.judge(AS_OF) is not judge


# ---------- apply and undo ----------

ONE_OF_EACH: dict[str, list[Fact]] = {
    "an objective": [PutNode(Objective("delight", "Delight"))],
    "a new title": [PutNode(Objective("grow", "Grow more", level="organization", period="2026-Q1"))],
    "a state": [PutNode(Objective("launch", "launch", state=GoalState.POSTPONED))],
    "a driver": [PutNode(Objective("launch", "launch", driver=Driver.MANUAL, manual_progress=0.75))],
    "a measure": [PutNode(KeyResult("app", "app", measure=Measure.DELTA, baseline=0.0, target=5.0))],
    "a period": [PutNode(Period("2026-Q1", "First quarter", NEW_YEAR, date(2026, 2, 1)))],
    "a person": [PutNode(Person("tom", "Tom"))],
    "a name": [PutNode(Person("ines", "Ines Okafor"))],
    "a weight": [PutLink(Link("app", "launch", KEY_RESULT_OF, 0.0))],
    "a second parent": [PutLink(Link("launch", "grow", PARENT, 3.0, 1))],
    "an owner": [RemoveLink("ines", "launch", OWNS), PutLink(Link("platform team", "launch", OWNS))],
    "roles": [PutLink(Link("ines", "grow", LinkKind.CONTRIBUTES_TO, roles=("author",)))],
    "no parent": [RemoveLink("launch", "sales", PARENT)],
    "a report": [AddCheckIn(CheckIn("c2", "app", NOON, "test", 9, value=7.0))],
    "an old report": [AddCheckIn(CheckIn("c2", "app", NOON - DAY, "test", 9, value=7.0, confidence=0.5))],
    "limits": [PutWorkspace(Workspace(at_risk_limit=0.5, levels=("organization",)))],
    "a removal": [RemoveNode("app", (Link("app", "launch", KEY_RESULT_OF),))],
    "nothing": [],
}


@pytest.mark.parametrize("facts", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
def test_facts_are_taken_in_and_back(facts: list[Fact]) -> None:
    graph = little()
    before = whole(graph)
    moved = graph.apply(facts)
    assert graph.revision == 9
    after = whole(graph)
    assert after[0] == picture(rebuilt(graph))
    assert (after == before) is False
    graph.undo(moved)
    assert whole(graph) == before
    graph.apply(facts)
    assert whole(graph) == after


def test_all_of_it_at_once_and_back() -> None:
    graph = little()
    before = whole(graph)
    moved = [graph.apply(facts) for facts in ONE_OF_EACH.values() if facts != ONE_OF_EACH["an old report"]]
    assert graph.revision == 8 + len(moved)
    assert picture(graph) == picture(rebuilt(graph))
    for one in reversed(moved):
        graph.undo(one)
    assert whole(graph) == before


def test_facts_of_another_revision_are_those_of_that_revision() -> None:
    graph = little()
    graph.apply([PutNode(Objective("delight", "Delight"))], 40)
    assert (graph.revision, goal(graph, "delight").revision) == (40, 40)
    graph.apply([], 41)
    assert graph.revision == 41


def test_one_batch_at_a_time() -> None:
    graph = little()

    def nested() -> Iterator[Fact]:
        yield PutNode(Objective("delight", "Delight"))
        graph.apply([PutNode(Objective("other", "Other"))])

    with pytest.raises(AssertionError, match="one batch at a time"):
        graph.apply(nested())


def test_a_removed_goal_rests_with_its_reports_and_links() -> None:
    graph = little()
    link = Link("app", "launch", KEY_RESULT_OF)
    graph.apply([RemoveNode("app", (link,))])
    stone = graph.removed["app"]
    assert isinstance(stone.vertex, GoalVertex)
    assert (stone.revision, stone.links, stone.vertex.revision) == (9, (link,), 9)
    assert [one.id for one in stone.vertex.check_ins] == ["c1"]
    assert numbers(graph, "launch") == (None, None, 0.0)


# ---------- batches: all or nothing ----------


def test_a_batch_is_decided_in_order_each_on_what_the_ones_before_it_left() -> None:
    graph = little()
    decided, moved = graph.decide(
        [
            objective("delight"),
            key_result("nps", "delight"),
            parent("launch", "nps"),
            do.CheckInKeyResult(key_result_id="nps", value=10.0),
            do.RemoveGoal(id="delight"),
        ],
        moment(graph),
    )
    assert [len(facts) for facts in decided] == [1, 2, 1, 1, 2]
    assert graph.revision == 9
    assert moved.changed(AS_OF) == []  # what came and went in one commit was never there
    assert graph.used("delight") and graph.used("nps") and graph.used("made-1")


@pytest.mark.parametrize(
    ("batch", "number", "code", "message", "path", "nodes"),
    [
        (
            [objective("delight"), parent("launch", "delight"), parent("delight", "app")],
            2,
            ErrorCode.CYCLE,
            (
                "this link would close a ring: 'delight' -> 'app' -> 'launch' -> 'delight';"
                " leave it out or take away one of the others"
            ),
            ["to"],
            ["delight", "app", "launch"],
        ),
        (
            [do.CloseGoal(id="launch"), do.CheckInKeyResult(key_result_id="app", value=1.0)],
            1,
            ErrorCode.INVALID,
            "'app' is closed and takes no check-ins; open it again first",
            ["keyResultId"],
            ["app"],
        ),
        (
            [do.RemoveGoal(id="grow"), do.UpdateWorkspace(levels=("team",)), objective("x", level="organization")],
            2,
            ErrorCode.INVALID,
            "level 'organization' is none of the workspace's levels (team); use one, or add it by updateWorkspace",
            ["level"],
            [],
        ),
        (
            [
                do.UpdatePeriod(id="2026-Q1", end=date(2026, 2, 1)),
                do.ErasePersonForGood(id="ines"),
                do.AssignOwner(goal_id="grow", owner_id="ines"),
                do.RemoveGoal(id="launch"),
            ],
            2,
            ErrorCode.INVALID,
            "ownerId 'ines' was erased; name someone else",
            ["ownerId"],
            ["ines"],
        ),
        (
            [
                do.RemoveGoal(id="launch"),
                do.RestoreGoal(id="launch"),
                do.CheckInKeyResult(id="c2", key_result_id="app", value=9.0),
                do.CreateTeam(id="c2", name="x"),
            ],
            3,
            ErrorCode.DUPLICATE,
            "id 'c2' was given out before; choose another, or give none",
            ["id"],
            ["c2"],
        ),
        (
            [
                do.UpdateObjective(id="launch", driver=Driver.MANUAL),
                do.CheckInObjective(objective_id="launch", value=1.0),
                do.UpdateKeyResult(id="app", state=GoalState.CANCELLED),
                do.ReviseKeyResult(id="app", reason="x", target=1.0),
            ],
            3,
            ErrorCode.INVALID,
            "'app' is cancelled; open it again before it is revised",
            ["id"],
            ["app"],
        ),
    ],
)
def test_a_batch_with_one_change_that_cannot_be_does_nothing(
    batch: list[Change], number: int, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = little()
    before = whole(graph)
    refused_together(graph, batch, number, code, message, path, nodes)
    assert whole(graph) == before
    done(graph, *batch[:number])  # the others alone may be done


def test_a_fault_within_a_batch_does_nothing_either() -> None:
    graph = little()
    before = whole(graph)

    def broken() -> Iterator[Change]:
        yield objective("delight")
        yield do.CloseGoal(id="launch")
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="the line went dead"):
        graph.decide(broken(), moment(graph))
    assert whole(graph) == before
    done(graph, objective("delight"))


# ---------- suppositions ----------


def test_a_supposition_answers_as_the_graph_would_and_leaves_no_trace() -> None:
    graph = little()
    before = whole(graph)
    with graph.suppose([do.CheckInKeyResult(key_result_id="app", value=10.0)], moment(graph)) as moved:
        assert numbers(graph, "launch") == (1.0, 1.0, 1.0)
        assert [one.goal.id for one in moved.changed(AS_OF)] == ["app", "launch"]
        assert graph.revision == 9
    assert whole(graph) == before


def test_a_supposition_within_a_supposition() -> None:
    graph = little()
    before = whole(graph)
    with graph.suppose([do.RemoveGoal(id="app"), key_result("web", "launch")], moment(graph)):
        middle = whole(graph)
        with graph.suppose([do.CheckInKeyResult(key_result_id="web", value=10.0)], moment(graph)):
            assert numbers(graph, "launch") == (1.0, 1.0, 1.0)
        assert whole(graph) == middle
        with pytest.raises(Cycle), graph.suppose([parent("grow", "launch")], moment(graph)):
            pytest.fail("it was supposed")
        assert whole(graph) == middle
    assert whole(graph) == before


def test_a_removal_and_a_return_in_a_supposition_of_its_own_leave_no_trace() -> None:
    graph = little()
    before = whole(graph)
    with graph.suppose([do.RemoveGoal(id="launch")], moment(graph)):
        middle = whole(graph)
        with graph.suppose([do.RestoreGoal(id="launch")], moment(graph)):
            assert numbers(graph, "launch") == numbers(rebuilt(graph), "launch")
        assert whole(graph) == middle
    assert whole(graph) == before
    done(graph, do.CheckInKeyResult(key_result_id="app", value=10.0))
    assert picture(graph) == picture(rebuilt(graph))


def test_what_goes_wrong_while_supposing_leaves_no_trace() -> None:
    graph = little()
    before = whole(graph)
    with pytest.raises(KeyError), graph.suppose([do.RemoveGoal(id="grow")], moment(graph)):
        graph.nodes["grow"]
    assert whole(graph) == before


# ---------- random batches ----------


def alike(one: GoalNumbers, other: GoalNumbers) -> bool:
    return all(
        a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 1e-9)
        for a, b in zip(astuple(one), astuple(other), strict=True)
    )


def told(changes: list[ProgressChange]) -> dict[str, tuple[GoalNumbers | None, GoalNumbers | None]]:
    return {one.goal.id: (one.before, one.after) for one in changes}


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_random_batches_are_supposed_done_taken_back_and_applied_and_tell_what_moved(seed: int) -> None:
    random = Random(seed)
    graph, folded = AlignmentGraph(), AlignmentGraph()
    new_id = ids()
    batch: list[Change] = []
    for change in wishes(random, objectives=5, key_results=8, more=40):
        batch.append(change)
        try:
            with graph.suppose(batch, occasion(new_id)):
                pass
        except Refusal:
            batch.pop()
        if not batch or random.random() < 0.6:
            continue
        before, start = {one.id: graph.numbers(one, graph.judge(AS_OF)) for one in graph.goals()}, whole(graph)
        decided, moved = graph.decide(batch, occasion(new_id))
        after, end = {one.id: graph.numbers(one, graph.judge(AS_OF)) for one in graph.goals()}, whole(graph)
        differing = {
            id: (before.get(id), after.get(id))
            for id in sorted(before.keys() | after.keys())
            if id not in before or id not in after or not alike(before[id], after[id])
        }
        assert told(moved.changed(AS_OF)) == differing
        graph.undo(moved)
        assert whole(graph) == start
        facts = [fact for some in decided for fact in some]
        assert told(graph.apply(facts).changed(AS_OF)) == differing
        assert whole(graph) == end
        folded.apply(facts, graph.revision)
        batch = []
    assert whole(folded) == whole(graph)
    assert picture(graph) == picture(rebuilt(graph))
