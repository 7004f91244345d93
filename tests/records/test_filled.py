"""Importing into a store that holds something: what is given is said anew, what is absent stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.models import changes as do
from graph_service.models.nodes import KeyResult, Objective, Version, Workspace
from graph_service.models.words import Comparison, GoalState, LinkKind, Measure
from graph_service.records import ImportRefused
from tests.records.company import FILE, NOW, brought_in, occasion, plan, raws, read, written

Records = dict[str, Any]


def goal(id: str, **fields: object) -> Records:
    """An objective."""
    return {"kind": "objective", "id": id, "title": id, **fields}


COMPANY: tuple[Records, ...] = (
    {"kind": "period", "id": "q1", "title": "Q1", "start": "2026-01-01", "end": "2026-03-31"},
    {"kind": "team", "id": "sales", "title": "Sales", "owner": "ines"},
    {"kind": "team", "id": "east", "title": "East", "parent": "sales"},
    {"kind": "owner", "id": "ines", "title": "Ines", "team": "sales"},
    {"kind": "owner", "id": "bo", "title": "Bo", "team": "sales", "reports_to": "ines", "grade": 4},
    goal("grow", top_level=True, owner="ines", contributors=["bo"], cycle="q1", description="why", budget=5),
    goal("keep", top_level=True),
    goal("sell", parents=[{"id": "grow", "weight": 2}, "keep"]),
    {
        "kind": "key_result",
        "id": "calls",
        "title": "Calls",
        "parent": "sell",
        "baseline": 0,
        "target": 10,
        "current": 4,
    },
    {"kind": "key_result", "id": "churn", "title": "Churn", "parent": "keep", "target": 5, "direction": "down"},
    {
        "kind": "key_result",
        "id": "steps",
        "title": "Steps",
        "parent": "keep",
        "measured_by": "kpi",
        "milestones": [{"title": "call"}, {"title": "sign", "weight": 2, "done_at": "2026-02-01"}],
    },
    {"kind": "kpi", "id": "kpi", "title": "Active", "min": 1},
    {"kind": "initiative", "id": "fair", "title": "Fair", "supports": ["grow"], "owner": "bo", "tasks": ["book"]},
    {"kind": "role", "id": "head", "title": "Head", "outcomes": ["grow"], "metrics": ["calls"], "holders": ["ines"]},
    {"kind": "check_in", "goal": "churn", "value": 7, "at": "2026-02-01T09:00:00Z", "by": "bo", "note": "so far"},
    {"kind": "edge", "type": "aligned", "from": "calls", "to": "churn"},
)


@pytest.fixture
def company() -> AlignmentGraph:
    """A small company that was imported."""
    graph, _ = brought_in(raws(*COMPANY), "fail")
    return graph


def changed(graph: AlignmentGraph, *records: Records) -> list[do.Change]:
    """What records change, imported without a problem; the same file again changes nothing."""
    _, planned = brought_in(raws(*records), "fail", into=graph)
    assert plan(graph, raws(*records), "fail").changes == []
    return planned.changes


def parents(graph: AlignmentGraph, id: str) -> list[tuple[str, str, float]]:
    """The upward links of a goal, in order."""
    vertex = graph.goal(id)
    assert vertex is not None
    return [(edge.parent.id, edge.kind.value, edge.weight) for edge in vertex.up]


def test_the_same_file_twice_changes_nothing(company: AlignmentGraph) -> None:
    planned = plan(company, raws(*COMPANY), "fail")
    assert planned.changes == []
    assert planned.counts == {"records": 16, "changed": 0, "unchanged": 14}


def test_its_own_export_changes_nothing(company: AlignmentGraph) -> None:
    before = written(company)
    assert plan(company, read(before), "fail").changes == []
    assert written(company) == before


def test_planning_changes_nothing(company: AlignmentGraph) -> None:
    before = written(company)
    plan(company, raws(goal("grow", title="Grow fast"), goal("new", parent="grow")))
    assert (written(company), company.revision) == (before, 1)


def test_given_fields_are_said_anew_and_absent_ones_stay(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "objective", "id": "grow", "description": "because", "seats": 3}) == [
        do.UpdateObjective(id="grow", description="because", attributes={"budget": 5, "seats": 3})
    ]
    fact = company.nodes["grow"].fact
    assert fact == Objective(
        "grow",
        "grow",
        top_level=True,
        period="q1",
        description="because",
        attributes={"budget": 5, "seats": 3},
    )
    assert company.goal("grow").owner == "ines"  # type: ignore[union-attr]


def test_null_takes_away(company: AlignmentGraph) -> None:
    records = (
        {"kind": "objective", "id": "grow", "description": None, "owner": None, "cycle": None, "contributors": None},
        {"kind": "owner", "id": "bo", "reports_to": None, "team": None},
        {"kind": "team", "id": "east", "parent": None},
        {"kind": "objective", "id": "sell", "parents": None},
        {"kind": "initiative", "id": "fair", "owner": None, "supports": None, "tasks": None},
        {"kind": "key_result", "id": "steps", "measured_by": None},
        {"kind": "role", "id": "head", "outcomes": None, "holders": None},
    )
    changed(company, *records)
    assert company.nodes["grow"].fact == Objective("grow", "grow", top_level=True, attributes={"budget": 5})
    assert [(link.source, link.target, link.kind.name) for link in company.all_links()] == [
        ("calls", "churn", "ALIGNED"),
        ("calls", "sell", "KEY_RESULT_OF"),
        ("churn", "keep", "KEY_RESULT_OF"),
        ("head", "calls", "CHARTERS"),
        ("ines", "sales", "LEADS"),
        ("ines", "sales", "MEMBER_OF"),
        ("steps", "keep", "KEY_RESULT_OF"),
    ]


def test_a_title_cannot_be_taken_away(company: AlignmentGraph) -> None:
    _, planned = brought_in(raws({"kind": "objective", "id": "grow", "title": None}), into=company)
    assert [problem.message for problem in planned.problems] == [
        "title cannot be taken away; leave it out or give another"
    ]
    assert planned.changes == []


def test_an_id_stays_of_its_kind_and_is_not_given_out_again(company: AlignmentGraph) -> None:
    company.decide([do.RemoveGoal(id="keep")], occasion())
    before = written(company)
    records = raws(
        {"kind": "key_result", "id": "grow", "title": "Grow"},
        goal("keep"),
        {"kind": "check_in", "id": "sell", "goal": "grow", "note": "fine"},
    )
    _, planned = brought_in(records, into=company)
    assert [(one.line, one.field, one.kind.value, one.message, one.action.value) for one in planned.problems] == [
        (
            1,
            "id",
            "duplicate_id",
            "id 'grow' is an objective already, not a key result; choose another id",
            "quarantined",
        ),
        (
            2,
            "id",
            "duplicate_id",
            "id 'keep' was given out before, to what is removed or to a check-in; choose another",
            "quarantined",
        ),
        (3, "id", "duplicate_id", "id 'sell' was given out before; choose another", "quarantined"),
    ]
    assert written(company) == before


# ---------- where a goal hangs ----------


def test_parent_replaces_the_primary_parent(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "objective", "id": "sell", "parent": "new"}, goal("new")) == [
        do.UnlinkGoals(source="sell", target="grow", link=LinkKind.PARENT),
        do.CreateObjective(id="new", title="new"),
        do.LinkGoals(source="sell", target="new", link=LinkKind.PARENT, weight=1.0),
        do.SetPrimaryParent(objective_id="sell", parent_id="new"),
    ]
    assert parents(company, "sell") == [("new", "parent", 1.0), ("keep", "parent", 1.0)]


def test_a_further_parent_may_become_the_primary_one(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "objective", "id": "sell", "parent": "keep", "weight": 3}) == [
        do.UnlinkGoals(source="sell", target="grow", link=LinkKind.PARENT),
        do.UpdateLink(source="sell", target="keep", link=LinkKind.PARENT, weight=3.0),
    ]
    assert parents(company, "sell") == [("keep", "parent", 3.0)]


def test_parents_replace_the_list_and_its_order(company: AlignmentGraph) -> None:
    new = goal("new")
    changed(company, new, {"kind": "objective", "id": "sell", "parents": ["keep", {"id": "new", "weight": 0}, "grow"]})
    assert parents(company, "sell") == [("keep", "parent", 1.0), ("new", "parent", 0.0), ("grow", "parent", 2.0)]
    changed(company, {"kind": "objective", "id": "sell", "parents": ["new"]})
    assert parents(company, "sell") == [("new", "parent", 0.0)]


def test_an_edge_adds_a_parent_to_those_of_the_record(company: AlignmentGraph) -> None:
    edge = {"kind": "edge", "type": "parent", "from": "sell", "to": "keep"}
    assert changed(company, {"kind": "objective", "id": "sell", "parents": ["grow"]}, edge) == []


def test_a_weight_alone_is_that_of_the_first_link(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "objective", "id": "sell", "weight": 5}) == [
        do.UpdateLink(source="sell", target="grow", link=LinkKind.PARENT, weight=5.0)
    ]
    assert parents(company, "sell")[0] == ("grow", "parent", 5.0)


def test_a_key_result_moves(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "key_result", "id": "calls", "parent": "grow", "weight": 2}) == [
        do.LinkGoals(source="calls", target="grow", link=LinkKind.KEY_RESULT_OF, weight=2.0)
    ]
    assert parents(company, "calls") == [("grow", "key_result_of", 2.0), ("churn", "aligned", 0.0)]


def test_a_key_result_stays_where_it_is_if_the_new_place_cannot_be(company: AlignmentGraph) -> None:
    changed(company, {"kind": "objective", "id": "grow", "parent": "churn"})
    wrongs: list[Records] = [{"parent": "nowhere"}, {"parent": None}, {"parents": []}, {"parent": "ines"}]
    for wrong in wrongs:
        before = parents(company, "churn")
        _, planned = brought_in(raws({"kind": "key_result", "id": "churn", **wrong}), into=company)
        assert len(planned.problems) == 1
        assert parents(company, "churn") == before
    _, planned = brought_in(raws({"kind": "key_result", "id": "churn", "parent": "grow"}), into=company)
    assert [problem.message for problem in planned.problems] == [
        "parent 'grow': this link would close a ring: 'churn' -> 'grow' -> 'churn'; take one of them out"
    ]
    assert planned.changes == []


def test_an_objective_keeps_its_parent_if_the_new_one_would_close_a_ring(company: AlignmentGraph) -> None:
    changed(company, goal("under", parent="sell"))
    _, planned = brought_in(raws({"kind": "objective", "id": "sell", "parents": ["under"]}), into=company)
    assert [problem.kind.value for problem in planned.problems] == ["ring"]
    assert planned.changes == []
    assert parents(company, "sell") == [("grow", "parent", 2.0), ("keep", "parent", 1.0)]


def test_an_aligned_link_that_gets_a_weight_is_checked(company: AlignmentGraph) -> None:
    changed(company, {"kind": "edge", "type": "aligned", "from": "churn", "to": "calls", "weight": 1})
    edge = {"kind": "edge", "type": "aligned", "from": "calls", "to": "churn", "weight": 1}
    _, planned = brought_in(raws(edge), into=company)
    assert [problem.message for problem in planned.problems] == [
        "to 'churn': this link would close a ring: 'calls' -> 'churn' -> 'calls'; take one of them out"
    ]
    assert planned.changes == []


# ---------- how it is measured ----------


def test_another_target_is_a_revision_with_the_file_as_its_reason(company: AlignmentGraph) -> None:
    assert changed(company, {"kind": "key_result", "id": "calls", "target": 20, "unit": "calls"}) == [
        do.ReviseKeyResult(id="calls", reason=f"import {FILE}", target=20.0),
        do.UpdateKeyResult(id="calls", unit="calls"),
    ]
    fact = company.nodes["calls"].fact
    assert isinstance(fact, KeyResult)
    assert (fact.measure, fact.baseline, fact.target, fact.unit) == (Measure.DELTA, 0.0, 20.0, "calls")
    assert fact.versions == (Version(NOW, "importer", f"import {FILE}", Measure.DELTA, baseline=0.0, target=10.0),)


def test_a_draft_that_nobody_reported_on_is_simply_changed(company: AlignmentGraph) -> None:
    draft = {"kind": "key_result", "id": "d", "title": "D", "parent": "keep", "state": "draft", "target": 3}
    changed(company, draft)
    assert changed(company, {**draft, "target": 4, "direction": "down", "state": "active"}) == [
        do.UpdateKeyResult(id="d", comparison=Comparison.AT_MOST, target=4.0),
        do.UpdateKeyResult(id="d", state=GoalState.ACTIVE),
    ]


@pytest.mark.parametrize(
    ("fields", "measure", "comparison"),
    [
        ({"target": 6}, Measure.THRESHOLD, Comparison.AT_MOST),
        ({"target": 6, "direction": "up"}, Measure.THRESHOLD, Comparison.AT_LEAST),
        ({"target_min": 6}, Measure.THRESHOLD, Comparison.BETWEEN),
        ({"baseline": 9, "target": 6}, Measure.DELTA, Comparison.AT_MOST),
        ({"milestones": ["call"]}, Measure.MILESTONES, Comparison.AT_MOST),
        ({"measure": "rollup"}, Measure.ROLLUP, Comparison.AT_MOST),
    ],
)
def test_what_a_record_says_of_the_measure(
    company: AlignmentGraph, fields: Records, measure: Measure, comparison: Comparison
) -> None:
    (revision,) = changed(company, {"kind": "key_result", "id": "churn", **fields})
    assert isinstance(revision, do.ReviseKeyResult)
    fact = company.nodes["churn"].fact
    assert isinstance(fact, KeyResult) and (fact.measure, fact.comparison) == (measure, comparison)


@pytest.mark.parametrize(
    ("fields", "message", "action"),
    [
        ({"baseline": 10}, "baseline and target are both '10'; there is no way to go, correct one of them", "left out"),
        ({"target": None}, "target is missing; a DELTA goes from a baseline to a target", "left out"),
        (
            {"measure": "milestones"},
            "measure MILESTONES: milestones are missing; name at least one",
            "quarantined",
        ),
    ],
)
def test_what_does_not_go_with_what_is_there(
    company: AlignmentGraph, fields: Records, message: str, action: str
) -> None:
    record = {"kind": "key_result", "id": "calls", **fields}
    with pytest.raises(ImportRefused):
        plan(company, raws(record), "fail")
    _, planned = brought_in(raws(record), into=company)
    assert [(problem.message, problem.action.value) for problem in planned.problems] == [(message, action)]
    assert planned.changes == []


def test_days_are_judged_with_those_that_are_there(company: AlignmentGraph) -> None:
    changed(company, goal("grow", start="2026-02-01"))
    _, planned = brought_in(raws(goal("grow", due="2026-01-01")), into=company)
    assert [(problem.value, problem.message) for problem in planned.problems] == [
        (["2026-02-01", "2026-01-01"], "due 2026-01-01 is before start 2026-02-01; swap or correct them")
    ]
    assert planned.changes == []


def test_milestones_without_ids_are_known_by_their_titles(company: AlignmentGraph) -> None:
    def steps() -> list[tuple[str, float, str | None]]:
        fact = company.nodes["steps"].fact
        assert isinstance(fact, KeyResult)
        return [(one.title, one.weight, str(one.done_at) if one.done_at else None) for one in fact.milestones]

    ids = [one.id for one in company.nodes["steps"].fact.milestones]  # type: ignore[union-attr]
    again = [{"title": "sign", "weight": 2, "due": "2026-03-01"}, {"title": "call", "done_at": "2026-03-02"}]
    (update,) = changed(company, {"kind": "key_result", "id": "steps", "milestones": again})
    assert isinstance(update, do.UpdateKeyResult)
    assert steps() == [("sign", 2.0, "2026-02-01"), ("call", 1.0, "2026-03-02")]
    assert [one.id for one in company.nodes["steps"].fact.milestones] == ids[::-1]  # type: ignore[union-attr]
    more = [*again, {"title": "ship"}]
    (revision,) = changed(company, {"kind": "key_result", "id": "steps", "milestones": more})
    assert isinstance(revision, do.ReviseKeyResult)
    undone = [{"title": "sign", "weight": 2, "done_at": None}, {"title": "call"}, {"title": "ship"}]
    changed(company, {"kind": "key_result", "id": "steps", "milestones": undone})
    assert steps() == [("sign", 2.0, None), ("call", 1.0, "2026-03-02"), ("ship", 1.0, None)]


# ---------- people ----------


def test_people_and_teams_are_said_anew(company: AlignmentGraph) -> None:
    records = (
        {"kind": "owner", "id": "bo", "title": "Bo Berg", "team": "east", "active": False, "reports_to": None},
        {"kind": "team", "id": "sales", "owner": "bo"},
        {"kind": "team", "id": "new", "title": "New"},
        {"kind": "team", "id": "east", "parent": "new"},
    )
    changed(company, *records)
    people = {"MEMBER_OF", "LEADS", "REPORTS_TO", "PART_OF"}
    assert [(a.source, a.target, a.kind.name) for a in company.all_links() if a.kind.name in people] == [
        ("bo", "east", "MEMBER_OF"),
        ("bo", "sales", "LEADS"),
        ("east", "new", "PART_OF"),
        ("ines", "sales", "MEMBER_OF"),
    ]
    assert (company.nodes["bo"].fact.name, company.nodes["bo"].fact.active) == ("Bo Berg", False)  # type: ignore[union-attr]


def test_owner_and_contributors_replace_those_before(company: AlignmentGraph) -> None:
    changed(company, {"kind": "edge", "type": "author", "from": "bo", "to": "grow"})
    assert changed(company, {"kind": "objective", "id": "grow", "owner": "sales", "contributors": ["ines"]}) == [
        do.AssignOwner(goal_id="grow", owner_id="sales"),
        do.SetContributor(goal_id="grow", owner_id="bo", roles=("author",)),
        do.SetContributor(goal_id="grow", owner_id="ines", roles=("contributor",)),
    ]


# ---------- levels and the workspace ----------


def test_a_new_level_is_added_and_told(company: AlignmentGraph) -> None:
    _, planned = brought_in(raws(goal("grow", level="division"), goal("x", level="division")), "fail", into=company)
    assert company.workspace.levels == (*Workspace().levels, "division")
    assert [(note.line, note.field, note.value, note.action.value, note.message) for note in planned.notes] == [
        (1, "level", "division", "made", "level 'division' is new; it is added to the workspace's levels")
    ]


def test_a_period_that_nobody_tells_of_is_made_without_days() -> None:
    graph, planned = brought_in(raws(goal("grow", cycle="2026-Q2"), goal("keep", cycle="2026-Q2")), "fail")
    assert [(note.line, note.message) for note in planned.notes] == [
        (1, "cycle '2026-Q2': there is no such period; it is made, without days")
    ]
    period = graph.nodes["2026-Q2"].fact
    assert (period.title, period.start, period.end) == ("2026-Q2", None, None)  # type: ignore[union-attr]


def test_the_facts_of_the_workspace(company: AlignmentGraph) -> None:
    record = {
        "kind": "workspace",
        "levels": ["company", "squad"],
        "behind_limit": 0.3,
        "at_risk_limit": 0.5,
        "check_in_days": 14,
        "time_zone": "Europe/Lisbon",
    }
    changed(company, record)
    levels = ("company", "squad", "organization", "department", "team", "individual")
    assert company.workspace == Workspace(levels, 0.3, 0.5, 14, "Europe/Lisbon")
    fresh, _ = brought_in(raws(record, goal("x", level="team")), "fail")
    assert fresh.workspace.levels == ("company", "squad", "team")


def test_impossible_facts_of_the_workspace_are_left_out(company: AlignmentGraph) -> None:
    record = {"kind": "workspace", "behind_limit": 2, "check_in_days": 0.5, "time_zone": "Nowhere/Land"}
    _, planned = brought_in(raws(record, {"kind": "workspace", "check_in_days": 3}), into=company)
    assert [(one.line, one.field, one.value, one.message) for one in planned.problems] == [
        (1, "check_in_days", 0.5, "check_in_days '0.5' is no whole number; give one"),
        (1, "behind_limit", 2, "behind_limit '2.0' is outside -1..1; give a share, 0.25 for 25 %"),
        (
            1,
            "time_zone",
            "Nowhere/Land",
            "time_zone 'Nowhere/Land' is not known; use an IANA name such as Europe/Berlin",
        ),
        (2, "kind", "workspace", "there is a second record of the workspace; put both together"),
    ]
    assert company.workspace == Workspace()


# ---------- states ----------


def test_closing_an_objective_closes_its_active_key_results(company: AlignmentGraph) -> None:
    changes = changed(
        company,
        {"kind": "objective", "id": "keep", "state": "closed", "score": 0.5, "retrospective": "we learned"},
        {"kind": "key_result", "id": "steps", "state": "active"},
        {"kind": "check_in", "goal": "churn", "value": 3, "at": "2026-03-01T09:00:00Z"},
    )
    assert [change.kind for change in changes] == ["checkInKeyResult", "closeGoal", "updateKeyResult"]
    keep, churn, steps = (company.nodes[id].fact for id in ("keep", "churn", "steps"))
    assert isinstance(keep, Objective) and isinstance(churn, KeyResult) and isinstance(steps, KeyResult)
    assert (keep.state, keep.score, keep.retrospective) == (GoalState.CLOSED, 0.5, "we learned")
    assert (churn.state, churn.score) == (GoalState.CLOSED, 1.0)
    assert steps.state is GoalState.ACTIVE
    assert company.goal("churn").check_ins[-1].at.date() == date(2026, 3, 1)  # type: ignore[union-attr]


def test_a_closed_goal_is_scored_anew_and_opened_again(company: AlignmentGraph) -> None:
    changed(company, {"kind": "key_result", "id": "churn", "state": "closed"})
    assert changed(company, {"kind": "key_result", "id": "churn", "score": 0.9, "retrospective": "so"}) == [
        do.KeepHistory(id="churn", score=0.9, retrospective="so")
    ]
    changed(company, {"kind": "key_result", "id": "churn", "state": None})
    fact = company.nodes["churn"].fact
    assert isinstance(fact, KeyResult)
    assert (fact.state, fact.score, fact.retrospective) == (GoalState.ACTIVE, None, "so")
