"""The graph itself: taking facts in and back, supposing, batches, rings, heights, building, and whom a fact touches."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from random import Random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.moved import GoalNumbers, ProgressChange
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Cycle, ErrorCode, Refusal
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.facts import AddCheckIn, Fact, PutLink, PutNode, PutWorkspace, RemoveLink, RemoveNode
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    KeyResult,
    Link,
    Node,
    Objective,
    Period,
    Person,
    Team,
    Workspace,
)
from graph_service.models.words import Driver, GoalState, LinkKind, Measure, Status
from tests.alignment.decide.company import (
    aligned,
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


# ---------- what moves without being touched ----------


def statuses(graph: AlignmentGraph, day: date) -> dict[str, str]:
    return {one.id: graph.status(one, day).name for one in graph.goals()}


def test_a_period_moves_the_goals_that_take_their_days_from_it() -> None:
    period = do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31))
    graph = grown(
        period,
        objective("by period", period_id="2026-Q1"),
        key_result("under it", "by period"),
        objective("own days", period_id="2026-Q1", start=NEW_YEAR, due=date(2026, 12, 31)),
        key_result("by its own period", "own days", period_id="2026-Q1", due=date(2026, 6, 30)),
        key_result("with its objective", "own days", period_id="2026-Q1"),
        objective("dateless"),
        key_result("by period alone", "dateless", period_id="2026-Q1"),
        objective("elsewhere"),
        key_result("without any", "elsewhere"),
    )
    day = date(2026, 4, 15)
    assert statuses(graph, day) == {
        "by period": "OVERDUE",
        "under it": "OVERDUE",
        "own days": "AT_RISK",
        "by its own period": "AT_RISK",
        "with its objective": "AT_RISK",
        "dateless": "NO_DATES",
        "by period alone": "OVERDUE",
        "elsewhere": "NO_DATES",
        "without any": "NO_DATES",
    }
    _, moved = graph.decide(
        [do.UpdatePeriod(id="2026-Q1", start=date(2026, 5, 1), end=date(2026, 7, 1))], moment(graph)
    )
    assert {
        id: (was and was.status.name, now and now.status.name) for id, (was, now) in told(moved.changed(day)).items()
    } == {
        "by period": ("OVERDUE", "NOT_STARTED"),
        "by period alone": ("OVERDUE", "NOT_STARTED"),
        "under it": ("OVERDUE", "NOT_STARTED"),
    }
    assert picture(graph) == picture(rebuilt(graph))
    _, moved = graph.decide([do.UpdatePeriod(id="2026-Q1", title="Late quarter")], moment(graph))
    assert moved.changed(day) == []
    done(graph, do.UpdatePeriod(id="2026-Q1", start=None, end=None))
    assert statuses(graph, day)["under it"] == "NO_DATES"


def test_start_and_due_are_found_singly() -> None:
    graph = grown(
        do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31)),
        objective("launch", period_id="2026-Q1", start=date(2026, 2, 1)),
        key_result("app", "launch", period_id="2026-Q1", due=date(2026, 6, 1)),
    )

    def days(id: str) -> list[date | None]:
        pace = goal(graph, id).pace
        return [None if day is None else date.fromordinal(day) for day in (pace.start, pace.due)]

    assert days("launch") == [date(2026, 2, 1), date(2026, 3, 31)]
    assert days("app") == [date(2026, 2, 1), date(2026, 6, 1)]
    done(graph, do.UpdateObjective(id="launch", start=None))
    assert days("app") == [NEW_YEAR, date(2026, 6, 1)]
    done(graph, do.UpdateKeyResult(id="app", due=None))
    assert days("app") == [NEW_YEAR, date(2026, 3, 31)]
    done(graph, do.UpdateObjective(id="launch", period_id=None))
    assert (days("launch"), days("app")) == ([None, None], [NEW_YEAR, date(2026, 3, 31)])
    done(graph, do.UpdateKeyResult(id="app", period_id=None))
    assert days("app") == [None, None]
    done(graph, objective("other", start=NEW_YEAR, due=NEW_YEAR))
    done(graph, do.LinkGoals(source="app", target="other", link=KEY_RESULT_OF))
    assert days("app") == [NEW_YEAR, NEW_YEAR]


@pytest.mark.parametrize("state", [state for state in GoalState if state is not GoalState.ACTIVE])
def test_an_active_key_result_takes_its_objectives_state_and_another_keeps_its_own(state: GoalState) -> None:
    graph = grown(
        objective("launch"),
        key_result("active", "launch"),
        key_result("draft", "launch", state=GoalState.DRAFT),
        objective("child", "launch"),
    )
    done(graph, do.UpdateObjective(id="launch", state=state))
    seen = statuses(graph, AS_OF)
    assert (seen["launch"], seen["active"], seen["draft"]) == (state.name, state.name, "DRAFT")
    assert seen["child"] == "NO_DATA"
    done(graph, do.UpdateObjective(id="launch", state=GoalState.ACTIVE))
    assert statuses(graph, AS_OF)["active"] == ("CLOSED" if state is GoalState.CLOSED else "NO_DATES")


def test_limits_judge_every_goal_anew_and_tell_so() -> None:
    graph = little()
    day = date(2026, 1, 20)  # 19 of 89 days: a gap of 0.21
    before = {"grow": "BEHIND", "sales": "BEHIND", "launch": "NO_DATES", "app": "NO_DATES"}
    assert statuses(graph, day) == before
    _, moved = graph.decide([do.UpdateWorkspace(at_risk_limit=0.1)], moment(graph))
    assert statuses(graph, day) == {**before, "grow": "AT_RISK", "sales": "AT_RISK"}
    assert [
        (one.goal.id, one.before and one.before.status, one.after and one.after.status) for one in moved.changed(day)
    ] == [
        ("grow", Status.BEHIND, Status.AT_RISK),
        ("sales", Status.BEHIND, Status.AT_RISK),
    ]
    graph.undo(moved)
    assert statuses(graph, day) == before


# ---------- revisions of nodes ----------


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (do.UpdateObjective(id="launch", title="Land"), {"launch"}),
        (do.UpdateObjective(id="launch", title="launch"), set()),
        (do.CheckInKeyResult(key_result_id="app", value=9.0), {"app"}),
        (do.CheckInObjective(objective_id="grow", note="seen"), {"grow"}),
        (do.AssignOwner(goal_id="launch", owner_id="platform team"), {"launch"}),
        (do.AssignOwner(goal_id="launch"), {"launch"}),
        (do.SetContributor(goal_id="grow", owner_id="ines", roles=("author",)), {"grow"}),
        (parent("launch", "grow"), {"launch"}),
        (aligned("app", "grow", 1.0), {"app"}),
        (do.UnlinkGoals(source="launch", target="sales", link=PARENT), {"launch"}),
        (do.UpdateLink(source="app", target="launch", link=KEY_RESULT_OF, weight=2.0), {"app"}),
        (do.LinkGoals(source="app", target="grow", link=KEY_RESULT_OF), {"app"}),
        (do.CloseGoal(id="launch"), {"launch", "app"}),
        (do.RemoveGoal(id="sales"), {"launch"}),  # which lost a parent
        (do.RemoveGoal(id="launch"), set()),
        (do.UpdatePeriod(id="2026-Q1", end=date(2026, 6, 1)), {"2026-Q1"}),
        (do.UpdateWorkspace(at_risk_limit=0.5), set()),
        (do.SetMembership(person_id="ines", team_id="platform team", member=True, leads=("chair",)), {"ines"}),
        (do.CreateInitiative(id="crm", title="CRM", supports=("launch",)), {"crm"}),
        (do.CreateKpi(id="uptime", title="Uptime", key_results=("app",)), {"uptime", "app"}),
        (do.CreateRole(id="cto", title="CTO", outcomes=("launch",), holders=("ines",)), {"cto", "ines"}),
        (do.ErasePersonForGood(id="ines"), {"ines"}),
        (do.TransferOwnership(source="ines", target="platform team"), {"launch"}),
        (do.KeepReference(node_id="grow", link=PARENT, reference="north"), {"grow"}),
    ],
)
def test_a_revision_is_of_own_fields_owner_contributors_outgoing_links_and_reports(
    change: Change, touched: set[str]
) -> None:
    graph = little()
    done(graph, change, importing=True)
    assert {id for id, vertex in graph.nodes.items() if vertex.revision == graph.revision} == touched
