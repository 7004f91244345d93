"""What is wrong with records, one rule at a time: which problem, where, and what is done about it in both modes."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.nodes import KeyResult, Milestone, Objective, PlanPoint
from graph_service.models.words import Comparison, GoalState, LinkKind, Measure
from graph_service.records import Action, ImportRefused, Problem, ProblemKind
from tests.records.company import FILE, brought_in, plan, raws

Records = dict[str, Any]

TOP: Records = {"kind": "objective", "id": "grow", "title": "Grow revenue", "top_level": True}
KR: Records = {"kind": "key_result", "id": "calls", "title": "Calls made", "parent": "grow"}
TEAM: Records = {"kind": "team", "id": "sales", "title": "Sales"}
INES: Records = {"kind": "owner", "id": "ines", "title": "Ines Carvalho"}


def told(problem: Problem) -> tuple[int, str | None, str, object, str, str, str]:
    """A problem without its file."""
    assert problem.file == FILE
    return (
        problem.line,
        problem.id,
        problem.field,
        problem.value,
        problem.kind.value,
        problem.message,
        problem.action.value,
    )


def problems(*records: Records) -> list[tuple[int, str | None, str, object, str, str, str]]:
    """The problems of records in quarantine mode; in fail mode the same are refused and nothing is planned."""
    found = plan(AlignmentGraph(), raws(*records)).problems
    graph = AlignmentGraph()
    if found:
        with pytest.raises(ImportRefused) as refused:
            plan(graph, raws(*records), "fail")
        assert list(refused.value.problems) == [one._replace(action=Action.REFUSED) for one in found]
    else:
        plan(graph, raws(*records), "fail")
    assert (graph.nodes, graph.revision) == ({}, 0)
    return [told(problem) for problem in found]


def test_sound_records_have_no_problems() -> None:
    assert problems(TOP, KR, TEAM, INES) == []


# ---------- a record that cannot stand ----------


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"id": "x", "title": "X"},
            (1, "x", "kind", None, "missing", "kind is missing; give one of workspace, period, team, owner,"),
        ),
        (
            {"kind": "epic", "id": "x", "title": "X"},
            (1, "x", "kind", "epic", "unknown_kind", "kind 'epic' is unknown; use one of workspace, period,"),
        ),
        ({"kind": 5, "id": "x"}, (1, "x", "kind", 5, "unknown_kind", "kind '5' is unknown; use one of workspace,")),
        (
            {"kind": "objective", "title": "X"},
            (1, None, "id", None, "missing", "id is missing; a record of kind objective needs it"),
        ),
        (
            {"kind": "objective", "id": 5, "title": "X"},
            (1, None, "id", 5, "invalid", "id '5' is no text; write it in quotes"),
        ),
        (
            {"kind": "objective", "id": " x", "title": "X"},
            (1, " x", "id", " x", "invalid", "id ' x' begins or ends with a space; take it away"),
        ),
        (
            {"kind": "objective", "id": "x"},
            (1, "x", "title", None, "missing", "title is missing; 'x' needs one"),
        ),
        (
            {"kind": "objective", "id": "x", "title": None},
            (1, "x", "title", None, "missing", "title is missing; 'x' needs one"),
        ),
        (
            {"kind": "objective", "id": "x", "title": " \u200b "},
            (1, "x", "title", " \u200b ", "invalid", "title ' \\u200b ' has no visible character; give it a name"),
        ),
        (
            {"kind": "objective", "id": "x", "title": 2026},
            (1, "x", "title", 2026, "invalid", "title '2026' is no text; write it in quotes"),
        ),
        (
            {"kind": "edge", "type": "aligned", "from": "a"},
            (1, None, "to", None, "missing", "to is missing; a record of kind edge needs it"),
        ),
        (
            {"kind": "check_in", "value": 5},
            (1, None, "goal", None, "missing", "goal is missing; a record of kind check_in needs it"),
        ),
    ],
)
def test_a_record_that_cannot_stand_is_quarantined(record: Records, expected: tuple[object, ...]) -> None:
    graph, planned = brought_in(raws(record, TEAM))
    (found,) = [told(problem) for problem in planned.problems]
    assert (*found[:5], found[5][: len(str(expected[5]))], found[6]) == (*expected, "quarantined")
    assert sorted(graph.nodes) == ["sales"]


def test_all_problems_of_a_run_are_listed_in_file_order() -> None:
    found = problems(
        {**KR, "owner": "nobody", "due": "2026-14-01"},
        {"kind": "epic"},
        {**TOP, "parent": "grow", "level": ""},
    )
    assert [(line, field, kind) for line, _, field, _, kind, _, _ in found] == [
        (1, "due", "invalid"),
        (1, "owner", "dangling"),
        (2, "kind", "unknown_kind"),
        (3, "level", "invalid"),
        (3, "parent", "self_link"),
    ]


def test_an_id_twice_is_that_of_the_first() -> None:
    graph, planned = brought_in(
        raws(TOP, {**TOP, "title": "Again"}, {"kind": "check_in", "goal": "grow", "id": "grow"})
    )
    message = "id 'grow' is there twice, first in line 1; choose another or take one record out"
    assert [told(problem) for problem in planned.problems] == [
        (2, "grow", "id", "grow", "duplicate_id", message, "quarantined"),
        (3, "grow", "id", "grow", "duplicate_id", message, "quarantined"),
    ]
    assert graph.nodes["grow"].fact == Objective("grow", "Grow revenue", top_level=True)


def test_an_id_twice_counts_even_if_the_first_cannot_stand() -> None:
    found = problems({**TOP, "title": ""}, TOP)
    assert [(line, kind) for line, _, _, _, kind, _, _ in found] == [(1, "invalid"), (2, "duplicate_id")]


# ---------- impossible values ----------


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("due", "2026-14-01", "due '2026-14-01' is no day of the calendar; write YYYY-MM-DD"),
        ("due", "20260401", "due '20260401' is no day of the calendar; write YYYY-MM-DD"),
        ("due", 20260401, "due '20260401' is no text; write it in quotes"),
        ("state", "done", "state 'done' is unknown; use one of draft, active, postponed, closed, cancelled"),
        ("weight", -1, "weight '-1' is negative; give 0 (shown, not counted) or more"),
        ("weight", "2", "weight '2' is no number; write one such as 12.5, without unit or thousands marks"),
        ("weight", True, "weight 'True' is no number; write one such as 12.5, without unit or thousands marks"),
        ("top_level", "yes", "top_level 'yes' is neither true nor false; write one of them"),
        ("manual_progress", 40, "manual_progress '40' is outside 0..1; give a share, 0.25 for 25 %"),
        ("themes", 5, "themes '5' is no list; write one"),
        ("parent", "", "parent is blank; name something or leave it out"),
        ("owner", ["ines"], "owner '['ines']' is no text; write it in quotes"),
        ("cycle", "2026 ", "cycle '2026 ' begins or ends with a space; take it away"),
        ("description", "x" * 20_001, "description has 20001 characters; at most 20000 are allowed"),
        ("attributes", [1], "attributes '[1]' is no mapping; write {name: value}"),
        ("budget", {"deep": 1e400}, "attributes: 'budget' holds inf, no finite number; correct it or leave it out"),
    ],
)
def test_an_impossible_value_is_left_out(field: str, value: object, message: str) -> None:
    record = {"kind": "objective", "id": "grow", "title": "Grow revenue", field: value}
    assert problems(record) == [(1, "grow", field, value, "invalid", message, "left out")]
    graph, _ = brought_in(raws(record))
    assert graph.nodes["grow"].fact == Objective("grow", "Grow revenue")


def test_what_is_wrong_within_a_list_is_left_out_alone() -> None:
    record = {
        **KR,
        "milestones": [
            {"id": "a", "title": "first", "weight": -1, "due": "soon"},
            {"id": "b"},
            5,
            {"id": "a", "title": "again"},
            {"title": "last", "colour": "red"},
        ],
        "contributors": ["ines", {"roles": ["author"]}, {"id": "ines", "roles": ["reviewer", ""]}],
    }
    found = problems(TOP, INES, record)
    assert [(field, value, message) for _, _, field, value, _, message, _ in found] == [
        (
            "milestones[0].weight",
            -1,
            "milestones[0].weight '-1' is negative; give 0 (shown, not counted) or more",
        ),
        ("milestones[0].due", "soon", "milestones[0].due 'soon' is no day of the calendar; write YYYY-MM-DD"),
        ("milestones[1]", {"id": "b"}, "milestones[1].title is missing; give it or take milestones[1] out"),
        ("milestones[2]", 5, "milestones[2] '5' is no mapping; write {id, title, weight, due, done_at}"),
        (
            "milestones[4].colour",
            "red",
            "milestones[4].colour means nothing here; known are id, title, weight, due, done_at",
        ),
        ("milestones", "a", "milestones: the id 'a' is there twice; give each milestone its own"),
        (
            "contributors[1]",
            {"roles": ["author"]},
            "contributors[1].id is missing; give it or take contributors[1] out",
        ),
        (
            "contributors[2].roles[1]",
            "",
            "contributors[2].roles[1] '' has no visible character; give it a name",
        ),
    ]
    graph, _ = brought_in(raws(TOP, INES, record))
    fact = graph.nodes["calls"].fact
    assert isinstance(fact, KeyResult)
    assert [(one.title, one.weight, one.due) for one in fact.milestones] == [("first", 1, None), ("last", 1, None)]
    (link,) = list(graph.nodes["calls"].into)
    assert (link.source, link.roles) == ("ines", ("contributor", "reviewer"))


def test_two_points_of_a_plan_on_one_day() -> None:
    record = {**KR, "baseline": 0, "target": 9, "plan": [["2026-02-01", 5], {"date": "2026-02-01", "value": 6}, [1]]}
    assert [(field, message) for _, _, field, _, _, message, _ in problems(TOP, record)] == [
        ("plan[2]", "plan[2] '[1]' is no planned point; write [date, value]"),
        ("plan", "plan has two points on 2026-02-01; keep one"),
    ]
    graph, _ = brought_in(raws(TOP, record))
    fact = graph.nodes["calls"].fact
    assert isinstance(fact, KeyResult) and [(str(p.date), p.value) for p in fact.plan] == [("2026-02-01", 5)]
    assert type(fact.plan[0]) is PlanPoint


# ---------- impossible pairs ----------


@pytest.mark.parametrize(
    ("record", "field", "value", "message"),
    [
        (
            {**TOP, "start": "2026-03-01", "due": "2026-02-01"},
            "start",
            ["2026-03-01", "2026-02-01"],
            "due 2026-02-01 is before start 2026-03-01; swap or correct them",
        ),
        (
            {"kind": "period", "id": "q", "title": "Q", "start": "2026-03-01", "end": "2026-02-01"},
            "start",
            ["2026-03-01", "2026-02-01"],
            "end 2026-02-01 is before start 2026-03-01; swap or correct them",
        ),
        (
            {"kind": "kpi", "id": "q", "title": "Q", "min": 5, "max": 4.5},
            "min",
            [5, 4.5],
            "min 5 is above max 4.5; swap or correct them",
        ),
        (
            {"kind": "workspace", "behind_limit": 0.5, "at_risk_limit": 0.1},
            "behind_limit",
            [0.5, 0.1],
            "behind_limit 0.5 is above at_risk_limit 0.1; swap or correct them",
        ),
        (
            {**KR, "parents": [], "parent": None, "target_min": 10, "target_max": 1},
            "target_min",
            [10, 1],
            "target_min '10' is above target_max '1'; swap or correct them",
        ),
        (
            {**KR, "parents": [], "parent": None, "baseline": 3, "target": 3},
            "baseline",
            [3, 3],
            "baseline and target are both '3'; there is no way to go, correct one of them",
        ),
    ],
)
def test_both_of_an_impossible_pair_are_left_out(record: Records, field: str, value: object, message: str) -> None:
    found = problems(record)
    assert found == [(1, record.get("id"), field, value, "impossible_pair", message, "left out")]
    graph, _ = brought_in(raws(record))
    for name in ("start", "due", "end", "min", "max", "baseline", "target", "target_min", "target_max"):
        for vertex in graph.nodes.values():
            assert getattr(vertex.fact, name, None) is None
    assert graph.workspace.behind_limit == 0.0


# ---------- how a key result is measured ----------

DELTA, THRESHOLD, UNMEASURED = Measure.DELTA, Measure.THRESHOLD, Measure.UNMEASURED
AT_LEAST, AT_MOST, EXACTLY, BETWEEN = Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.EXACTLY, Comparison.BETWEEN


@pytest.mark.parametrize(
    ("fields", "measure", "comparison", "attributes"),
    [
        ({}, UNMEASURED, None, None),
        ({"direction": "up"}, UNMEASURED, None, {"direction": "up"}),
        ({"baseline": 0, "target": 5, "direction": "up"}, DELTA, None, None),
        ({"baseline": 4}, UNMEASURED, None, None),
        ({"target": 5}, THRESHOLD, AT_LEAST, None),
        ({"target": 5, "direction": "UP"}, THRESHOLD, AT_LEAST, None),
        ({"target": 5, "direction": "down"}, THRESHOLD, AT_MOST, None),
        ({"target": 5, "direction": "exact"}, THRESHOLD, EXACTLY, None),
        ({"target": 5, "direction": "range"}, UNMEASURED, None, {"direction": "range"}),
        ({"target": 5, "comparison": "At most"}, THRESHOLD, AT_MOST, None),
        ({"target_min": 5}, THRESHOLD, BETWEEN, None),
        ({"target_max": 5, "target": 3}, THRESHOLD, BETWEEN, None),
        ({"target_min": 1, "target_max": 5, "direction": "range"}, THRESHOLD, BETWEEN, None),
        ({"target_min": 1, "target_max": 5, "direction": "exact"}, THRESHOLD, BETWEEN, {"direction": "exact"}),
        ({"milestones": ["call"], "baseline": 0, "target": 5}, Measure.MILESTONES, None, None),
        ({"measure": "ROLLUP"}, Measure.ROLLUP, None, None),
        ({"measure": "unmeasured", "target": 5}, UNMEASURED, None, None),
        ({"measure": "Threshold", "baseline": 0, "target": 5, "direction": "down"}, THRESHOLD, AT_MOST, None),
        ({"measure": "threshold", "target_max": 5}, THRESHOLD, BETWEEN, None),
    ],
)
def test_the_measure_is_read_from_what_is_given(
    fields: Records, measure: Measure, comparison: Comparison | None, attributes: Records | None
) -> None:
    graph, planned = brought_in(raws(TOP, {**KR, **fields}), "fail")
    fact = graph.nodes["calls"].fact
    assert isinstance(fact, KeyResult)
    assert (fact.measure, fact.comparison, fact.attributes) == (measure, comparison, attributes)
    assert planned.notes == []


@pytest.mark.parametrize(
    ("fields", "field", "value", "message"),
    [
        (
            {"measure": "delta", "target": 5},
            "baseline",
            None,
            "measure DELTA: baseline is missing; a DELTA goes from a baseline to a target",
        ),
        (
            {"measure": "delta", "baseline": 5, "target": 5},
            "target",
            5,
            "measure DELTA: baseline and target are both '5.0'; a DELTA needs a way to go (use a THRESHOLD to hold",
        ),
        (
            {"measure": "threshold"},
            "target",
            None,
            "measure THRESHOLD: target is missing; AT_LEAST compares with it",
        ),
        (
            {"measure": "threshold", "comparison": "between", "target": 5},
            "target_min",
            None,
            "measure THRESHOLD: target_min and target_max are both missing; BETWEEN needs at least one",
        ),
        (
            {"measure": "milestones", "milestones": [{"title": "call", "weight": 0}]},
            "milestones",
            [{"title": "call", "weight": 0}],
            "measure MILESTONES: the milestones' weights sum to 0; give at least one a weight",
        ),
        ({"measure": "miles"}, "measure", "miles", "measure 'miles' is unknown; use one of delta, threshold, mile"),
    ],
)
def test_an_explicit_measure_without_its_numbers_quarantines_the_record(
    fields: Records, field: str, value: object, message: str
) -> None:
    reports = {"kind": "check_in", "goal": "calls", "value": 1}
    first, second = problems(TOP, {**KR, **fields}, reports)
    assert (*first[:5], first[5][: len(message)], first[6]) == (
        2,
        "calls",
        field,
        value,
        "invalid",
        message,
        "quarantined",
    )
    assert second[5] == f"goal 'calls': its record ({FILE}:2) is not imported; correct that one"
    graph, _ = brought_in(raws(TOP, {**KR, **fields}, reports))
    assert sorted(graph.nodes) == ["grow"]


def test_a_range_the_wrong_way_round_spoils_an_explicit_threshold() -> None:
    (found,) = problems(TOP, {**KR, "measure": "threshold", "target_min": 5, "target_max": 4})
    assert (found[2], found[3], found[4], found[6]) == ("target_min", [5, 4], "impossible_pair", "quarantined")


@pytest.mark.parametrize(
    ("fields", "field", "value", "message"),
    [
        (
            {"aggregate": "sum"},
            "aggregate",
            "sum",
            (
                "aggregate SUM does not go with measure UNMEASURED;"
                " only a DELTA or a THRESHOLD takes its value from sources"
            ),
        ),
        (
            {"target": 3, "plan": [["2026-02-01", 1]]},
            "plan",
            [{"date": "2026-02-01", "value": 1}],
            "plan does not go with measure THRESHOLD; only a DELTA has one",
        ),
        (
            {"target_min": 3, "comparison": "at_least"},
            "comparison",
            "at_least",
            "comparison AT_LEAST: target is missing; give what it compares with",
        ),
        (
            {"milestones": [{"title": "call", "weight": 0}]},
            "milestones",
            [{"title": "call", "weight": 0}],
            "the milestones' weights sum to 0; give at least one a weight",
        ),
    ],
)
def test_what_does_not_go_with_the_measure_is_left_out(
    fields: Records, field: str, value: object, message: str
) -> None:
    assert problems(TOP, {**KR, **fields}) == [(2, "calls", field, value, "invalid", message, "left out")]


@pytest.mark.parametrize("fields", [{}, {"measure": "rollup"}, {"milestones": ["call"]}])
def test_a_present_value_without_a_measure_is_kept_as_an_attribute(fields: Records) -> None:
    graph, planned = brought_in(raws(TOP, {**KR, **fields, "current": 4}), "fail")
    (note,) = planned.notes
    assert (note.line, note.id, note.field, note.value, note.action.value) == (
        2,
        "calls",
        "current",
        4,
        "kept as attribute",
    )
    assert graph.nodes["calls"].fact.attributes == {"current": 4}
    goal = graph.goal("calls")
    assert goal is not None and goal.check_ins == ()


def test_an_aggregate_takes_no_present_value() -> None:
    graph, planned = brought_in(raws(TOP, {**KR, "target": 4, "aggregate": "sum", "current": 4}), "fail")
    assert planned.notes[0].message == "current '4': aggregate SUM takes no value; it is kept as an attribute"
    assert graph.nodes["calls"].fact.attributes == {"current": 4}


# ---------- references ----------


def links(graph: AlignmentGraph) -> list[tuple[str, str, str, float]]:
    """All links of a graph, as plain values."""
    return [(link.source, link.target, link.kind.value, link.weight) for link in graph.all_links()]


def kept(graph: AlignmentGraph, id: str) -> list[tuple[LinkKind, str, bool, float | None, tuple[str, ...]]]:
    """The references to nothing that a node keeps."""
    return [(one.kind, one.reference, one.outgoing, one.weight, one.roles) for one in graph.nodes[id].broken]


@pytest.mark.parametrize(
    ("records", "node", "reference", "message"),
    [
        (
            [{**TOP, "parent": "nowhere", "weight": 2}],
            "grow",
            (LinkKind.PARENT, "nowhere", True, 2.0, ()),
            "parent 'nowhere': there is no objective or key result with this id; correct it or repair it later",
        ),
        (
            [TOP, {**KR, "parent": "nowhere"}],
            "calls",
            (LinkKind.KEY_RESULT_OF, "nowhere", True, None, ()),
            "parent 'nowhere': there is no objective with this id; correct it or repair it later",
        ),
        (
            [{**TOP, "owner": "nobody"}],
            "grow",
            (LinkKind.OWNS, "nobody", False, None, ()),
            "owner 'nobody': there is no person or team with this id; correct it or repair it later",
        ),
        (
            [{**TOP, "contributors": [{"id": "nobody", "roles": ["author", "reviewer"]}]}],
            "grow",
            (LinkKind.CONTRIBUTES_TO, "nobody", False, None, ("author", "reviewer")),
            "contributors[0] 'nobody': there is no person or team with this id; correct it or repair it later",
        ),
        (
            [{**INES, "team": "nowhere"}],
            "ines",
            (LinkKind.MEMBER_OF, "nowhere", True, None, ()),
            "team 'nowhere': there is no team with this id; correct it or repair it later",
        ),
        (
            [{**INES, "reports_to": "nobody"}],
            "ines",
            (LinkKind.REPORTS_TO, "nobody", True, None, ()),
            "reports_to 'nobody': there is no person with this id; correct it or repair it later",
        ),
        (
            [{**TEAM, "owner": "nobody"}],
            "sales",
            (LinkKind.LEADS, "nobody", False, None, ("owner",)),
            "owner 'nobody': there is no person with this id; correct it or repair it later",
        ),
        (
            [{**TEAM, "parent": "nowhere"}],
            "sales",
            (LinkKind.PART_OF, "nowhere", True, None, ()),
            "parent 'nowhere': there is no team with this id; correct it or repair it later",
        ),
        (
            [TOP, {**KR, "measured_by": "nothing"}],
            "calls",
            (LinkKind.MEASURED_BY, "nothing", True, None, ()),
            "measured_by[0] 'nothing': there is no KPI with this id; correct it or repair it later",
        ),
        (
            [{"kind": "initiative", "id": "i", "title": "I", "supports": ["nothing"]}],
            "i",
            (LinkKind.SUPPORTS, "nothing", True, None, ()),
            "supports[0] 'nothing': there is no objective or key result with this id; correct it or repair it later",
        ),
        (
            [{"kind": "role", "id": "r", "title": "R", "holders": "nobody"}],
            "r",
            (LinkKind.HOLDS, "nobody", False, None, ()),
            "holders[0] 'nobody': there is no person with this id; correct it or repair it later",
        ),
        (
            [TOP, {"kind": "edge", "type": "aligned", "from": "grow", "to": "nothing", "weight": 0.5}],
            "grow",
            (LinkKind.ALIGNED, "nothing", True, 0.5, ()),
            "to 'nothing': there is no objective or key result with this id; correct it or repair it later",
        ),
        (
            [TOP, {"kind": "edge", "type": "aligned", "from": "nothing", "to": "grow"}],
            "grow",
            (LinkKind.ALIGNED, "nothing", False, None, ()),
            "from 'nothing': there is no objective or key result with this id; correct it or repair it later",
        ),
        (
            [TOP, {"kind": "edge", "type": "author", "from": "nobody", "to": "grow"}],
            "grow",
            (LinkKind.CONTRIBUTES_TO, "nobody", False, None, ("author",)),
            "from 'nobody': there is no person or team with this id; correct it or repair it later",
        ),
        (
            [INES, {"kind": "edge", "type": "tech_lead", "from": "ines", "to": "nowhere"}],
            "ines",
            (LinkKind.LEADS, "nowhere", True, None, ("tech_lead",)),
            "to 'nowhere': there is no team with this id; correct it or repair it later",
        ),
    ],
)
def test_a_reference_to_nothing_is_kept_on_the_end_that_is_there(
    records: list[Records], node: str, reference: tuple[object, ...], message: str
) -> None:
    found = problems(*records)
    assert {(kind, said, action) for _, _, _, _, kind, said, action in found} == {
        ("dangling", message, "kept as reference")
    }
    graph, _ = brought_in(raws(*records))
    assert kept(graph, node) == [reference]


def test_an_edge_without_ends_is_quarantined() -> None:
    found = problems({"kind": "edge", "type": "parent", "from": "a", "to": "b"})
    message = "from 'a': there is no objective with this id; correct it or repair it later"
    assert found == [(1, None, "from", "a", "dangling", message, "quarantined")]


def test_a_reference_never_becomes_a_link_by_itself() -> None:
    graph, _ = brought_in(raws({**TOP, "parent": "later"}))
    brought_in(raws({"kind": "objective", "id": "later", "title": "Later"}), into=graph)
    assert (kept(graph, "grow"), links(graph)) == ([(LinkKind.PARENT, "later", True, None, ())], [])


def test_a_file_that_says_it_again_makes_the_link_and_drops_the_text() -> None:
    graph, _ = brought_in(raws({**TOP, "parent": "later"}))
    later = {"kind": "objective", "id": "later", "title": "Later"}
    _, planned = brought_in(raws({**TOP, "parent": "later"}, later), "fail", into=graph)
    assert (kept(graph, "grow"), links(graph)) == ([], [("grow", "later", "parent", 1.0)])
    assert planned.problems == []


@pytest.mark.parametrize(
    ("records", "field", "message"),
    [
        ([TEAM, {**TOP, "parent": "sales"}], "parent", "parent 'sales' is a team, not an objective or a key result"),
        ([TOP, {**KR, "owner": "grow"}], "owner", "owner 'grow' is an objective, not a person or a team; correct it"),
        ([TOP, {**INES, "team": "grow"}], "team", "team 'grow' is an objective, not a team; correct it"),
        (
            [TEAM, {**INES, "reports_to": "sales"}],
            "reports_to",
            "reports_to 'sales' is a team, not a person; correct it",
        ),
        ([TEAM, {**KR, "parent": "sales"}], "parent", "parent 'sales' is a team, not an objective; correct it"),
        (
            [TEAM, TOP, {"kind": "edge", "type": "aligned", "from": "sales", "to": "grow"}],
            "from",
            "from 'sales' is a team, not an objective or a key result; correct it",
        ),
        (
            [TOP, INES, {"kind": "edge", "type": "member", "from": "ines", "to": "grow"}],
            "to",
            "to 'grow' is an objective, not a team; correct it",
        ),
    ],
)
def test_a_reference_to_another_kind_is_quarantined(records: list[Records], field: str, message: str) -> None:
    (found,) = problems(*records)
    assert (found[2], found[4], found[6]) == (field, "wrong_kind", "quarantined")
    assert found[5].startswith(message)
    graph, _ = brought_in(raws(*records))
    assert links(graph) in ([], [("calls", "grow", "key_result_of", 1.0)])


def test_an_upward_link_to_another_kind_stays_as_text_to_be_repaired() -> None:
    graph, _ = brought_in(raws(TEAM, {**TOP, "parent": "sales"}))
    assert kept(graph, "grow") == [(LinkKind.PARENT, "sales", True, None, ())]


def test_a_period_of_another_kind_is_left_out() -> None:
    assert problems(TEAM, {**TOP, "cycle": "sales"}) == [
        (2, "grow", "cycle", "sales", "wrong_kind", "cycle 'sales' is no period; correct it", "left out")
    ]


# ---------- links that cannot be ----------


@pytest.mark.parametrize("kind", ["parent", "aligned"])
def test_a_self_link_is_quarantined_of_any_kind_and_weight(kind: str) -> None:
    (found,) = problems(TOP, {"kind": "edge", "type": kind, "from": "grow", "to": "grow"})
    message = "to 'grow': it cannot be linked to itself; take the edge out"
    assert found == (2, None, "to", "grow", "self_link", message, "quarantined")


def test_the_second_of_two_equal_links_is_quarantined() -> None:
    records = (
        INES,
        TEAM,
        TOP,
        {"kind": "objective", "id": "sell", "title": "Sell", "parents": ["grow", "grow"], "owner": "ines"},
        {"kind": "edge", "type": "parent", "from": "sell", "to": "grow"},
        {"kind": "edge", "type": "aligned", "from": "sell", "to": "grow"},
        {"kind": "edge", "type": "aligned", "from": "sell", "to": "grow", "weight": 3},
        {"kind": "edge", "type": "author", "from": "ines", "to": "sell"},
        {"kind": "edge", "type": "reviewer", "from": "ines", "to": "sell"},
        {"kind": "edge", "type": "author", "from": "ines", "to": "sell"},
        {"kind": "edge", "type": "member", "from": "ines", "to": "sales"},
        {"kind": "edge", "type": "member", "from": "ines", "to": "sales"},
    )
    found = problems(*records)
    assert [(line, field, kind, message, action) for line, _, field, _, kind, message, action in found] == [
        (
            4,
            "parents[1]",
            "duplicate_link",
            "parents[1] 'grow': 'sell' is linked to 'grow' by PARENT twice; keep one",
            Q,
        ),
        (5, "to", "duplicate_link", "to 'grow': 'sell' is linked to 'grow' by PARENT twice; keep one", Q),
        (7, "to", "duplicate_link", "to 'grow': 'sell' is linked to 'grow' by ALIGNED twice; keep one", Q),
        (10, "from", "duplicate_link", "from 'ines': 'ines' is author of 'sell' twice; keep one", Q),
        (12, "to", "duplicate_link", "to 'sales': 'ines' is linked to 'sales' by MEMBER_OF twice; keep one", Q),
    ]
    graph, _ = brought_in(raws(*records))
    assert links(graph) == [
        ("ines", "sales", "member_of", 1.0),
        ("ines", "sell", "contributes_to", 1.0),
        ("ines", "sell", "owns", 1.0),
        ("sell", "grow", "aligned", 0.0),
        ("sell", "grow", "parent", 1.0),
    ]


Q = "quarantined"


def goal(id: str, **fields: object) -> Records:
    """An objective."""
    return {"kind": "objective", "id": id, "title": id, **fields}


def test_a_ring_is_broken_at_the_link_named_last_records_before_edges() -> None:
    records = (
        {"kind": "edge", "type": "aligned", "from": "a", "to": "b", "weight": 1},
        goal("c", parent="a"),
        goal("b", parent="c"),
        goal("a"),
        {"kind": "edge", "type": "aligned", "from": "a", "to": "b"},
    )
    found = problems(*records)
    message = "to 'b': this link would close a ring: 'a' -> 'b' -> 'c' -> 'a'; take one of them out"
    assert found == [(1, None, "to", "b", "ring", message, "quarantined")]
    graph, planned = brought_in(raws(*records))
    assert planned.problems[0].link == ("a", "b", LinkKind.ALIGNED)
    assert links(graph) == [("a", "b", "aligned", 0.0), ("b", "c", "parent", 1.0), ("c", "a", "parent", 1.0)]


def test_a_ring_of_records_is_broken_at_the_last_record() -> None:
    records = (goal("a", parent="c"), goal("b", parent="a"), goal("c", parent="b"))
    (found,) = problems(*records)
    assert found[0] == 3
    assert found[5] == "parent 'b': this link would close a ring: 'c' -> 'b' -> 'a' -> 'c'; take one of them out"
    graph, _ = brought_in(raws(*records))
    assert links(graph) == [("a", "c", "parent", 1.0), ("b", "a", "parent", 1.0)]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            [{**TEAM, "parent": "east"}, {**TEAM, "id": "east", "parent": "sales"}],
            "parent 'sales': this link would close a ring: 'east' -> 'sales' -> 'east'; take one of them out",
        ),
        (
            [{**INES, "reports_to": "bo"}, {**INES, "id": "bo", "reports_to": "ines"}],
            "reports_to 'ines': this link would close a ring: 'bo' -> 'ines' -> 'bo'; take one of them out",
        ),
        (
            [
                {"kind": "period", "id": "q", "title": "Q", "within": "y"},
                {"kind": "period", "id": "y", "title": "Y", "within": "q"},
            ],
            "within 'q': this link would close a ring: 'y' -> 'q' -> 'y'; take one of them out",
        ),
    ],
)
def test_teams_people_and_periods_close_no_ring(records: list[Records], message: str) -> None:
    (found,) = problems(*records)
    assert (found[0], found[4], found[5], found[6]) == (2, "ring", message, "quarantined")
    graph, _ = brought_in(raws(*records))
    assert len(graph.all_links()) == 1


def test_a_long_ring_is_told_in_short() -> None:
    ring = [goal(f"g{number}", parent=f"g{number + 1}") for number in range(11)]
    (found,) = problems(*ring, goal("g11", parent="g0"))
    assert "'g11' -> 'g0' -> 'g1' -> 'g2' -> 'g3' -> 'g4' -> 'g5' -> 'g6' -> ... -> 'g11'" in found[5].replace(
        "'...'", "..."
    )


# ---------- key results without an objective ----------


def test_a_key_result_under_a_key_result_is_aligned_to_it_and_listed() -> None:
    part = {"kind": "key_result", "id": "part", "title": "Part", "parent": "calls", "weight": 3}
    graph, planned = brought_in(raws(TOP, KR, part), "fail")
    assert [(note.line, note.id, note.field, note.kind, note.message, note.action) for note in planned.notes] == [
        (
            3,
            "part",
            "parent",
            ProblemKind.LOOSE,
            "'part' hangs under a key result: it is aligned to it and belongs to no objective",
            Action.KEPT_LOOSE,
        )
    ]
    assert links(graph) == [("calls", "grow", "key_result_of", 1.0), ("part", "calls", "aligned", 3.0)]


def test_further_parents_of_a_key_result_are_aligned_and_count() -> None:
    records = (
        TOP,
        goal("b"),
        goal("c"),
        {"kind": "key_result", "id": "k", "title": "K", "parents": ["grow", {"id": "b", "weight": 2}]},
        {"kind": "edge", "type": "parent", "from": "k", "to": "c"},
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert links(graph) == [
        ("k", "b", "aligned", 2.0),
        ("k", "c", "aligned", 1.0),
        ("k", "grow", "key_result_of", 1.0),
    ]


def test_a_key_result_that_names_no_objective_is_a_problem() -> None:
    lone = {"kind": "key_result", "id": "k", "title": "K"}
    message = "parent is missing; key result 'k' belongs to an objective: name it"
    assert problems(lone) == [(1, "k", "parent", None, "loose", message, "kept loose")]
    graph, _ = brought_in(raws(lone))
    assert sorted(graph.nodes) == ["k"]


def test_an_edge_may_name_the_objective() -> None:
    records = (TOP, {"kind": "key_result", "id": "k", "title": "K", "weight": 4})
    for kind in ("parent", "key_result_of"):
        graph, _ = brought_in(raws(*records, {"kind": "edge", "type": kind, "from": "k", "to": "grow"}), "fail")
        assert links(graph) == [("k", "grow", "key_result_of", 4.0)]


def test_a_key_result_that_says_it_belongs_nowhere_is_told_and_no_problem() -> None:
    graph, planned = brought_in(raws({"kind": "key_result", "id": "k", "title": "K", "parents": []}), "fail")
    assert [note.message for note in planned.notes] == ["'k' belongs to no objective; link it to one"]
    assert sorted(graph.nodes) == ["k"]


def test_a_key_result_has_one_objective() -> None:
    records = (TOP, goal("b"), KR, {"kind": "edge", "type": "key_result_of", "from": "calls", "to": "b"})
    message = "to 'b': 'calls' belongs to 'grow'; a key result has one objective"
    assert problems(*records) == [(4, None, "to", "b", "duplicate_link", message, "quarantined")]


# ---------- what came of it ----------


def test_milestones_keep_their_order_and_days() -> None:
    steps = [{"id": "z", "title": "last", "due": "2026-03-01"}, {"id": "a", "title": "first", "done_at": "2026-01-01"}]
    graph, _ = brought_in(raws(TOP, {**KR, "milestones": steps}), "fail")
    fact = graph.nodes["calls"].fact
    assert isinstance(fact, KeyResult)
    assert [(one.id, str(one.due), str(one.done_at)) for one in fact.milestones] == [
        ("z", "2026-03-01", "None"),
        ("a", "None", "2026-01-01"),
    ]
    assert type(fact.milestones[0]) is Milestone


def test_other_tools_words_do_not_set_the_state() -> None:
    record = {**TOP, "status": "closed", "status_text": "done", "active": False, "target": 5}
    graph, _ = brought_in(raws(record), "fail")
    fact = graph.nodes["grow"].fact
    assert isinstance(fact, Objective) and fact.state is GoalState.ACTIVE
    assert fact.attributes == {"status": "closed", "status_text": "done", "active": False, "target": 5}


def test_a_score_belongs_to_what_is_closed() -> None:
    message = "score: 'grow' is active, only a closed goal has one; leave it out"
    assert problems({**TOP, "score": 0.5}) == [(1, "grow", "score", 0.5, "invalid", message, "left out")]
    graph, _ = brought_in(raws({**TOP, "state": "CLOSED", "score": 0.5, "retrospective": "we learned"}), "fail")
    fact = graph.nodes["grow"].fact
    assert isinstance(fact, Objective)
    assert (fact.state, fact.score, fact.retrospective) == (GoalState.CLOSED, 0.5, "we learned")


def test_the_refusal_names_the_first_and_how_many_more() -> None:
    with pytest.raises(ImportRefused) as refused:
        plan(AlignmentGraph(), raws({**TOP, "parent": "grow"}, {"kind": "epic"}, {"kind": "saga"}), "fail")
    assert refused.value.message == (
        f"nothing was imported: {FILE}:1: parent 'grow': it cannot be linked to itself; take the link out and 2 more"
    )
    assert str(refused.value.problems[0]) == (
        f"{FILE}:1: parent 'grow': it cannot be linked to itself; take the link out [refused]"
    )
