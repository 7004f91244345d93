"""Check-ins from files: what comes in, what is there already, and what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Invalid
from graph_service.models import changes as do
from graph_service.models.nodes import CheckIn, KeyResult, Version
from graph_service.models.words import GoalState, Measure, Status
from tests.records.company import NOW, brought_in, occasion, plan, raws

Records = dict[str, Any]

GROW: Records = {"kind": "objective", "id": "grow", "title": "Grow", "driver": "manual"}
CALLS: Records = {"kind": "key_result", "id": "calls", "title": "Calls", "parent": "grow", "baseline": 0, "target": 10}
STEPS: Records = {
    "kind": "key_result",
    "id": "steps",
    "title": "Steps",
    "parent": "grow",
    "milestones": [{"id": "a", "title": "call"}, {"id": "b", "title": "sign"}],
}
INES: Records = {"kind": "owner", "id": "ines", "title": "Ines"}


def report(goal: str, **fields: object) -> Records:
    """A check-in."""
    return {"kind": "check_in", "goal": goal, **fields}


def vertex(graph: AlignmentGraph, id: str) -> GoalVertex:
    """A goal that is there."""
    goal = graph.goal(id)
    assert goal is not None
    return goal


def done(graph: AlignmentGraph) -> list[str | None]:
    """The days on which the steps were done."""
    fact = vertex(graph, "steps").fact
    assert isinstance(fact, KeyResult)
    return [None if one.done_at is None else str(one.done_at) for one in fact.milestones]


def test_a_check_in_says_all_that_it_says() -> None:
    record = report(
        "calls",
        id="c1",
        value=4,
        confidence=0.5,
        reported_status="At Risk",
        note="going\nwell",
        at="2026-02-01T11:00:00+02:00",
        by="ines",
        source="survey",
    )
    graph, planned = brought_in(raws(GROW, CALLS, INES, record), "fail")
    assert vertex(graph, "calls").check_ins == (
        CheckIn(
            "c1",
            "calls",
            datetime(2026, 2, 1, 9, tzinfo=UTC),
            "survey",
            1,
            0,
            4.0,
            0.5,
            Status.AT_RISK,
            "going\nwell",
            "ines",
        ),
    )
    assert vertex(graph, "calls").value == 0.4
    assert planned.counts["check_in"] == 1


def test_nobody_is_said_to_have_reported_what_a_file_does_not_say() -> None:
    graph = AlignmentGraph()
    planned = plan(graph, raws({**INES, "id": "importer"}, GROW, {**CALLS, "current": 3}, report("grow", note="fine")))
    graph.decide(planned.changes, occasion())
    assert [(one.by, one.at, one.source) for one in vertex(graph, "calls").check_ins] == [(None, NOW, "import")]
    assert [(one.by, one.at, one.source) for one in vertex(graph, "grow").check_ins] == [(None, NOW, "import")]


def test_history_comes_in_before_a_goal_is_closed() -> None:
    records = (
        {**GROW, "state": "closed"},
        {**CALLS, "state": "cancelled"},
        report("calls", value=4),
        report("grow", note="n"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert (len(vertex(graph, "calls").check_ins), len(vertex(graph, "grow").check_ins)) == (1, 1)
    assert vertex(graph, "grow").fact.state is GoalState.CLOSED


def test_a_present_value_is_reported_unless_it_is_that_already() -> None:
    records = (GROW, {**CALLS, "current": 4})
    graph, _ = brought_in(raws(*records), "fail")
    assert plan(graph, raws(*records), "fail").changes == []
    _, planned = brought_in(raws(GROW, {**CALLS, "current": 5}), "fail", into=graph)
    assert planned.changes == [do.CheckInKeyResult(key_result_id="calls", value=5.0, source="import")]
    assert [one.value for one in vertex(graph, "calls").check_ins] == [4.0, 5.0]


def test_a_present_value_that_the_file_reports_is_not_reported_twice() -> None:
    records = (GROW, {**CALLS, "current": 4}, report("calls", value=9, id="x"), report("calls", value=4, replaces="x"))
    graph, _ = brought_in(raws(*records), "fail")
    assert [one.value for one in vertex(graph, "calls").check_ins] == [9.0, 4.0]


def test_check_ins_that_were_brought_in_before_change_nothing() -> None:
    records = (
        GROW,
        CALLS,
        STEPS,
        report("calls", id="c1", value=4, at="2026-02-01T09:00:00Z"),
        report("calls", value=5, at="2026-02-02T09:00:00Z"),
        report("calls", value=6),
        report("steps", milestones_done=["a"]),
        report("grow", value=0.5, note="by hand"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert plan(graph, raws(*records), "fail").changes == []


def test_a_check_in_is_never_changed() -> None:
    graph, _ = brought_in(raws(GROW, CALLS, report("calls", id="c1", value=4)), "fail")
    _, planned = brought_in(raws(report("calls", id="c1", value=5), report("grow", id="c1", note="n")), into=graph)
    assert [(one.line, one.kind.value, one.message) for one in planned.problems] == [
        (1, "duplicate_id", "id 'c1': this check-in is there and says otherwise; replace it by a new one"),
        (2, "duplicate_id", "id 'c1' is there twice, first in line 1; choose another or take one record out"),
    ]
    _, planned = brought_in(raws(report("grow", id="c1", note="n")), into=graph)
    assert [one.message for one in planned.problems] == ["id 'c1' was given out before; choose another"]
    assert [one.value for one in vertex(graph, "calls").check_ins] == [4.0]


def test_a_replacement_may_stand_before_what_it_replaces() -> None:
    records = (
        GROW,
        CALLS,
        report("calls", id="c3", value=3, replaces="c2", at="2026-02-03T09:00:00Z"),
        report("calls", id="c2", value=2, replaces="c1", at="2026-02-03T09:00:00Z"),
        report("calls", id="c1", value=1, at="2026-02-03T09:00:00Z"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert [(one.id, one.position) for one in vertex(graph, "calls").check_ins] == [("c1", 0), ("c2", 1), ("c3", 2)]
    assert vertex(graph, "calls").amount == 3.0


@pytest.mark.parametrize(
    ("records", "problems"),
    [
        (
            [report("calls", id="c1", value=1, replaces="c9")],
            [("replaces", "dangling", "left out", "replaces 'c9': 'calls' has no such check-in; correct it")],
        ),
        (
            [report("grow", id="c9", note="n"), report("calls", id="c1", value=1, replaces="c9")],
            [("replaces", "dangling", "left out", "replaces 'c9': 'calls' has no such check-in; correct it")],
        ),
        (
            [
                report("calls", id="c0", value=1),
                report("calls", id="c1", value=2, replaces="c0"),
                report("calls", id="c2", value=3, replaces="c0"),
            ],
            [
                (
                    "replaces",
                    "duplicate_link",
                    "left out",
                    "replaces 'c0': it was replaced by 'c1' already; replace that one",
                )
            ],
        ),
        (
            [report("calls", id="c1", value=1, replaces="c2"), report("calls", id="c2", value=1, replaces="c1")],
            [
                ("replaces", "ring", "quarantined", "replaces 'c2': two check-ins replace each other; correct one"),
                ("replaces", "ring", "quarantined", "replaces 'c1': two check-ins replace each other; correct one"),
            ],
        ),
        (
            [report("calls", value=1, by="nobody")],
            [
                (
                    "by",
                    "dangling",
                    "left out",
                    "by 'nobody': there is no person or team with this id; correct it or repair it later",
                )
            ],
        ),
        (
            [report("calls", value=1, by="grow")],
            [("by", "wrong_kind", "left out", "by 'grow' is no person and no team; correct it")],
        ),
        (
            [report("nowhere", value=1)],
            [
                (
                    "goal",
                    "dangling",
                    "quarantined",
                    ("goal 'nowhere': there is no objective or key result with this id; correct it or repair it later"),
                )
            ],
        ),
        ([report("ines", value=1)], [("goal", "wrong_kind", "quarantined", "goal 'ines' is no goal; correct it")]),
        (
            [report("calls")],
            [
                (
                    "value",
                    "missing",
                    "quarantined",
                    "the check-in says nothing; give a value, a confidence, a status or a note",
                )
            ],
        ),
        (
            [report("calls", value=1, at="2026-05-22T12:00:01Z")],
            [
                (
                    "at",
                    "invalid",
                    "quarantined",
                    "at 2026-05-22T12:00:01+00:00 is more than a day ahead; a check-in tells what was seen",
                )
            ],
        ),
        (
            [report("calls", value=1, at="2026-05-01T12:00:00")],
            [("at", "invalid", "quarantined", "at 2026-05-01T12:00:00 has no offset; add one, or Z for UTC")],
        ),
        (
            [report("calls", value=1, at="2026-05-01")],
            [
                (
                    "at",
                    "invalid",
                    "quarantined",
                    "at '2026-05-01' is no date and time; write YYYY-MM-DDThh:mm:ssZ",
                )
            ],
        ),
        (
            [report("calls", note="n", reported_status="achieved")],
            [
                (
                    "reported_status",
                    "invalid",
                    "left out",
                    "reported_status 'achieved' is unknown; use one of at_risk, behind, on_track",
                )
            ],
        ),
        (
            [report("steps", note="n", value=1)],
            [
                (
                    "value",
                    "invalid",
                    "left out",
                    "value '1' on 'steps': measure MILESTONES takes none; leave it out",
                )
            ],
        ),
        (
            [report("steps", milestones_done=["a", "z"])],
            [
                (
                    "milestones_done",
                    "dangling",
                    "left out",
                    "milestones_done 'z': 'steps' has no such milestone; correct it",
                )
            ],
        ),
        (
            [report("grow", note="n", value=4, milestones_done=["a"])],
            [
                ("value", "invalid", "left out", "value '4' on 'grow' is outside 0..1; give a share, 0.25 for 25 %"),
                ("milestones_done", "invalid", "left out", "milestones_done: 'grow' is an objective and has none"),
            ],
        ),
        (
            [{**CALLS, "id": "sum", "aggregate": "sum"}, report("sum", note="n")],
            [("goal", "invalid", "quarantined", "goal 'sum' takes its value from its sources; check in on those")],
        ),
    ],
)
def test_what_a_check_in_cannot_say(records: list[Records], problems: list[tuple[str, str, str, str]]) -> None:
    graph, planned = brought_in(raws(GROW, CALLS, STEPS, INES, *records))
    assert [(one.field, one.kind.value, one.action.value, one.message) for one in planned.problems] == problems
    reports = [one for id in ("grow", "calls", "steps") for one in vertex(graph, id).check_ins]
    quarantined = sum(action == "quarantined" for _, _, action, _ in problems)
    assert len(reports) == sum(record["kind"] == "check_in" for record in records) - quarantined


def test_a_field_that_a_check_in_does_not_know_is_told() -> None:
    graph, planned = brought_in(raws(GROW, CALLS, report("calls", value=1, mood="good")), "fail")
    assert [(note.field, note.value, note.action.value, note.message) for note in planned.notes] == [
        ("mood", "good", "left out", "mood means nothing on a record of kind check_in; leave it out")
    ]
    assert len(vertex(graph, "calls").check_ins) == 1


# ---------- measured otherwise in the past ----------


def test_history_of_another_yardstick_comes_in() -> None:
    told = {
        "at": "2026-03-01T09:00:00Z",
        "by": "ines",
        "reason": "it is the sum of others",
        "measure": "delta",
        "baseline": 0,
        "target": 8,
    }
    total = {**CALLS, "aggregate": "sum", "versions": [told]}
    graph, _ = brought_in(raws(GROW, total, report("calls", id="c1", value=4)), "fail")
    fact = vertex(graph, "calls").fact
    assert isinstance(fact, KeyResult)
    assert fact.versions == (
        Version(
            datetime(2026, 3, 1, 9, tzinfo=UTC),
            "ines",
            "it is the sum of others",
            Measure.DELTA,
            baseline=0.0,
            target=8.0,
        ),
    )
    assert (vertex(graph, "calls").amount, len(vertex(graph, "calls").check_ins)) == (None, 1)
    assert plan(graph, raws(GROW, total, report("calls", id="c1", value=4)), "fail").changes == []


def test_versions_are_as_an_export_writes_them_or_left_out() -> None:
    for wrong in ({"reason": "x"}, {"at": "2026-03-01T09:00:00", "by": "i", "reason": "x", "measure": "delta"}, 5):
        graph, planned = brought_in(raws(GROW, {**CALLS, "versions": [wrong]}))
        assert [(one.field, one.action.value) for one in planned.problems] == [("versions", "left out")]
        assert vertex(graph, "calls").fact == KeyResult(
            "calls", "Calls", measure=Measure.DELTA, baseline=0.0, target=10.0
        )


def test_history_that_is_there_is_not_written_anew() -> None:
    graph, _ = brought_in(raws(GROW, CALLS), "fail")
    told = {"at": "2026-03-01T09:00:00Z", "by": "ines", "reason": "other", "measure": "unmeasured"}
    _, planned = brought_in(raws({**CALLS, "versions": [told]}), "fail", into=graph)
    assert [note.message for note in planned.notes] == [
        "versions of 'calls' are not those that are there; history is not written anew"
    ]
    assert planned.changes == []


# ---------- milestones ----------


def test_check_ins_do_milestones() -> None:
    records = (
        GROW,
        STEPS,
        report("steps", id="c1", milestones_done=["a", "b"], at="2026-02-01T09:00:00Z"),
        report("steps", id="c2", milestones_done=["a"], at="2026-02-02T09:00:00Z", replaces="c1"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert done(graph) == ["2026-02-02", None]


def test_what_a_record_says_of_a_milestone_holds() -> None:
    steps = [
        {"id": "a", "title": "call", "done_at": None},
        {"id": "b", "title": "sign", "done_at": "2026-02-05"},
    ]
    records = (
        GROW,
        {**STEPS, "milestones": steps},
        report("steps", id="c1", milestones_done=["a", "b"], at="2026-02-01T09:00:00Z"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert done(graph) == [None, "2026-02-05"]
    assert plan(graph, raws(*records), "fail").changes == []


def test_a_day_to_come_is_kept_as_it_is() -> None:
    steps = [{"id": "a", "title": "call", "done_at": "2026-12-31"}]
    records = (GROW, {**STEPS, "milestones": steps}, report("steps", milestones_done=["a"]))
    graph, _ = brought_in(raws(*records), "fail")
    assert done(graph) == ["2026-12-31"]
    assert date(2026, 12, 31) > NOW.date()


@pytest.mark.parametrize(
    ("change", "importing", "message"),
    [
        (do.KeepHistory(id="grow", score=0.5), False, "keepHistory is for imports only; close or revise the goal"),
        (do.KeepHistory(id="grow", score=0.5), True, "score: 'grow' is active; only a closed goal has one"),
        (do.KeepHistory(id="grow", versions=()), True, "versions: 'grow' is an objective; only key results have some"),
    ],
)
def test_history_is_kept_by_imports_alone_and_where_it_belongs(
    change: do.KeepHistory, importing: bool, message: str
) -> None:
    graph, _ = brought_in(raws(GROW), "fail")
    before = vertex(graph, "grow").fact
    with pytest.raises(Invalid) as refused:
        graph.decide([change], Occasion(NOW, str, importing=importing))
    assert refused.value.message == message
    assert (vertex(graph, "grow").fact, graph.revision) == (before, 1)


def test_what_was_left_out_of_a_check_in_is_left_out_again() -> None:
    first = report("calls", id="c1", value=4, at="2026-02-01T09:00:00Z")
    records = raws(
        GROW,
        CALLS,
        STEPS,
        first,
        report("calls", id="c2", value=5, at="2026-02-02T09:00:00Z", by="nobody"),
        report("calls", id="c3", value=6, at="2026-02-03T09:00:00Z", replaces="nothing"),
        report("calls", id="c4", value=7, at="2026-02-04T09:00:00Z", replaces="c1"),
        report("calls", id="c5", value=8, at="2026-02-05T09:00:00Z", replaces="c1"),
        report("steps", id="c6", note="one of two", milestones_done=["a", "z"], at="2026-02-05T09:00:00Z"),
    )
    graph, planned = brought_in(records)
    assert [(problem.id, problem.field, str(problem.action)) for problem in planned.problems] == [
        ("c2", "by", "left out"),
        ("c3", "replaces", "left out"),
        ("c5", "replaces", "left out"),
        ("c6", "milestones_done", "left out"),
    ]
    again = plan(graph, records)
    assert not again.changes
    assert again.problems == planned.problems
