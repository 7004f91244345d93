"""The sample company: what it holds, that it is sound, and that it can be moved to any day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from graph_service.alignment.audit import DEFAULTS, audit
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.orphans import orphans
from graph_service.alignment.vertices import GoalVertex
from graph_service.models.nodes import KeyResult, Objective, Person, RoleCharter, Team
from graph_service.models.words import Aggregate, GoalState, LinkKind, Measure, Status
from graph_service.records import plan_import
from graph_service.sample import SAMPLE_DAY, load_sample, moved, sample_changes, sample_records
from graph_service.workspace import Workspace

LATER = SAMPLE_DAY + timedelta(days=188)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The sample on its own day."""
    with Workspace.open("sqlite://") as made:
        load_sample(made)
        yield made


@pytest.fixture
def graph(workspace: Workspace) -> Iterator[AlignmentGraph]:
    """Its graph."""
    with workspace.reading() as held:
        yield held


def goal(graph: AlignmentGraph, id: str) -> GoalVertex:
    """A goal that is there."""
    found = graph.goal(id)
    assert found is not None
    return found


def facts(graph: AlignmentGraph) -> list[KeyResult]:
    """The facts of all key results."""
    return [vertex.fact for vertex in graph.of_kind(KeyResult) if isinstance(vertex.fact, KeyResult)]


def test_the_files_have_no_problem() -> None:
    planned = plan_import(AlignmentGraph(), sample_records())
    assert (planned.problems, planned.notes) == ([], [])
    assert {name: count for name, count in planned.counts.items() if count} == {
        "records": 737,
        "objective": 38,
        "key_result": 107,
        "owner": 29,
        "team": 9,
        "period": 3,
        "initiative": 6,
        "kpi": 3,
        "role": 2,
        "check_in": 507,
    }


def test_it_came_about_week_by_week(workspace: Workspace) -> None:
    entries = list(workspace.store.changes(0))
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments)
    assert (moments[0].date(), moments[-1].date()) == (date(2026, 1, 5), date(2026, 5, 19))
    kinds = Counter(step.kind for entry in entries[1:] for step in entry.steps)
    assert kinds == {
        "checkInKeyResult": 497,
        "checkInObjective": 11,
        "closeGoal": 3,
        "reviseKeyResult": 4,
        "deactivatePerson": 1,
        "completeMilestone": 1,
    }
    assert len(entries) == 37
    assert workspace.verify() == []


def test_it_holds_what_a_customer_should_see(graph: AlignmentGraph) -> None:
    key_results = facts(graph)
    assert {fact.measure for fact in key_results} == set(Measure)
    assert {fact.aggregate for fact in key_results} == {None, Aggregate.SUM, Aggregate.MEAN, Aggregate.MIN}
    assert sum(bool(fact.plan) for fact in key_results) == 2
    assert sorted(fact.id for fact in key_results if fact.versions) == [
        "kr:goals-conceded",
        "kr:goals-scored",
        "kr:new-lines",
        "kr:possession",
    ]
    states = {vertex.fact.state for vertex in graph.goals()}
    assert states == set(GoalState)
    assert len(graph.of_kind(Person)) >= 25 and len(graph.of_kind(Team)) == 9
    assert len(graph.of_kind(Objective)) >= 30 and len(key_results) >= 90
    assert sum(len(list(vertex.ups(LinkKind.PARENT))) > 1 for vertex in graph.goals()) == 2
    aligned = [edge for vertex in graph.goals() for edge in vertex.ups(LinkKind.ALIGNED)]
    assert {edge.weight > 0 for edge in aligned} == {True, False}
    replaced = {one.replaces for vertex in graph.goals() for one in vertex.check_ins} - {None}
    assert replaced == {"ci:passages-by-phone-6"}
    assert [vertex.id for vertex in graph.of_kind(RoleCharter)] == ["role:marketing-manager", "role:platform-lead"]
    managers = Counter(link.dotted for link in graph.all_links() if link.kind is LinkKind.REPORTS_TO)
    assert managers == {False: 28, True: 3}


def test_the_orphans_are_those_that_were_planted(graph: AlignmentGraph) -> None:
    assert [(orphan.goal.id, orphan.kind.name) for orphan in orphans(graph)] == [
        ("gates-in-spray", "BROKEN"),
        ("harbour-podcast", "UNALIGNED"),
        ("podcast-guests", "ADRIFT"),
    ]


def test_the_flaws_that_an_audit_is_to_find(graph: AlignmentGraph) -> None:
    assert [vertex.id for vertex in graph.goals() if vertex.owner is None and vertex.is_objective] == ["data-hygiene"]
    gone = [vertex.id for vertex in graph.of_kind(Person) if not vertex.fact.active]  # type: ignore[union-attr]
    assert gone == ["person:eilidh"]
    assert any(vertex.owner == "person:eilidh" and vertex.fact.state is GoalState.ACTIVE for vertex in graph.goals())
    assert any(vertex.raw is not None and vertex.raw < 0 for vertex in graph.goals())
    owned = Counter(vertex.owner for vertex in graph.goals() if vertex.is_objective and vertex.live)
    assert max(owned.values()) > 5


def test_the_worked_examples(graph: AlignmentGraph) -> None:
    key_results = [kr.fact for kr in goal(graph, "football-season").key_results[:3]]
    season = [(kr.id, kr.target, kr.versions[0].target) for kr in key_results if isinstance(kr, KeyResult)]
    assert season == [
        ("kr:goals-scored", 2.0, 3.0),
        ("kr:goals-conceded", 1.0, 0.5),
        ("kr:possession", 60.0, 70.0),
    ]
    stages = goal(graph, "kr:website-stages").fact
    assert isinstance(stages, KeyResult)
    assert [str(one.due) for one in stages.milestones] == ["2026-02-05", "2026-02-11", "2026-02-17"]
    total = goal(graph, "kr:signed-revenue")
    assert total.amount == sum(edge.weight * (edge.child.amount or 0) for edge in total.downs(LinkKind.ALIGNED))
    assert len(list(total.downs(LinkKind.ALIGNED))) == 3


def test_a_correction_counts_and_the_slip_does_not(graph: AlignmentGraph) -> None:
    by_phone = goal(graph, "kr:passages-by-phone")
    assert by_phone.amount is not None and by_phone.amount >= 41
    assert any(one.value == 4.1 for one in by_phone.check_ins)


def test_moving_changes_days_and_nothing_else() -> None:
    before, after = sample_records(), sample_records(30)
    assert [record.line for record in before] == [record.line for record in after]
    assert moved([record.fields for record in before], 30) == [record.fields for record in after]
    assert moved(moved([record.fields for record in before], 30), -30) == [record.fields for record in before]
    period = next(record.fields for record in after if record.fields.get("id") == "fy-q2")
    assert (period["start"], period["end"]) == ("2026-05-01", "2026-07-30")
    assert [one.at - other.at for one, other in zip(sample_changes(30), sample_changes(), strict=True)] == [
        timedelta(days=30)
    ] * 10


def test_on_any_day_it_stands_as_far_in_its_quarter(graph: AlignmentGraph) -> None:
    def standing(held: AlignmentGraph, day: date) -> dict[str, tuple[Status, float | None]]:
        return {vertex.id: (held.status(vertex, day), vertex.value) for vertex in held.goals()}

    on_its_day = standing(graph, SAMPLE_DAY)
    assert Counter(status for status, _ in on_its_day.values()) == {
        Status.ON_TRACK: 55,
        Status.BEHIND: 34,
        Status.AT_RISK: 12,
        Status.CLOSED: 12,
        Status.ACHIEVED: 7,
        Status.NO_DATA: 7,
        Status.OVERDUE: 4,
        Status.NOT_STARTED: 4,
        Status.POSTPONED: 3,
        Status.DRAFT: 3,
        Status.CANCELLED: 2,
        Status.NO_DATES: 2,
    }
    with Workspace.open("sqlite://") as other:
        load_sample(other, LATER)
        with other.reading() as held:
            assert standing(held, LATER) == on_its_day
            assert held.revision == graph.revision
            assert max(one.at for vertex in held.goals() for one in vertex.check_ins).date() < LATER


def test_what_an_audit_finds_in_it(graph: AlignmentGraph) -> None:
    report = audit(graph, DEFAULTS, SAMPLE_DAY)
    found: dict[str, set[str]] = {}
    for one in report.findings:
        found.setdefault(one.rule, set()).add(one.subject.id)
    # every rule is seen at work, but for those about what a record file names and does not hold
    assert [rule.id for rule in report.rules if not rule.findings] == [
        "BROKEN_REFERENCE",
        "KEY_RESULT_LOOSE",
        "OWNER_UNKNOWN",
    ]
    # the page names them all: rule by rule, whatever they are about
    page = (Path(__file__).parent.parent / "docs" / "audits.md").read_text(encoding="utf-8")
    named = {
        rule: set(re.findall(r"`([^`]+)`", subjects))
        for rule, subjects in re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", page, re.MULTILINE)
    }
    found["TOO_MANY_GOALS"].remove("")  # the whole
    assert named == found
    assert list(named) == [rule.id for rule in report.rules if rule.findings]
    assert [(one.finding.rule, one.finding.subject.id, one.reason) for one in report.suppressed] == [
        ("OWNER_OUTSIDE_AREA", "kr:goals-scored", "On the pitch there are no departments.")
    ]
    assert [(one.owner, one.to) for one in report.handovers] == [("person:eilidh", "person:lucia")]
