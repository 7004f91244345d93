"""The three real sets: what comes in, and exactly what is listed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.orphans import orphans
from graph_service.models.nodes import KeyResult, Objective
from graph_service.models.words import LinkKind, Measure
from graph_service.records import ImportPlan, ImportRefused, Problem, plan_import, read_records
from tests.records.company import brought_in


def listed(problems: list[Problem]) -> dict[tuple[str, str, str], int]:
    """How many problems of each kind, action and field."""
    return dict(Counter((one.kind.value, one.action.value, one.field) for one in problems))


def load(shared: Path, name: str) -> tuple[AlignmentGraph, ImportPlan]:
    """A set, imported with quarantine; again it changes nothing."""
    file = shared / "data" / name / "records.jsonl"
    graph, planned = brought_in(read_records([file]))
    again = plan_import(graph, read_records([file]), on_problem="quarantine")
    assert (again.changes, again.problems) == ([], planned.problems)
    return graph, planned


def kinds(graph: AlignmentGraph) -> dict[str, int]:
    """How many orphans of each kind."""
    return dict(Counter(orphan.kind.name for orphan in orphans(graph)))


def test_canada_results_small(shared: Path) -> None:
    graph, planned = load(shared, "canada-results-small")
    assert planned.counts == {
        "records": 1539,
        "objective": 740,
        "key_result": 579,
        "owner": 5,
        "team": 6,
        "period": 5,
        "changed": 0,
        "unchanged": 0,
        "check_in": 74,
        "references": 32,
    }
    assert listed(planned.problems) == {
        ("dangling", "kept as reference", "parent"): 32,
        ("impossible_pair", "left out", "target_min"): 1,
    }
    assert listed(planned.notes) == {
        ("unused", "kept as attribute", "current"): 15,
        ("made", "made", "cycle"): 5,
        ("made", "made", "level"): 4,
    }
    assert kinds(graph) == {"BROKEN": 32}
    (pair,) = [problem for problem in planned.problems if problem.kind.value == "impossible_pair"]
    assert (pair.id, pair.value) == ("indicator:IN00235-2017", [10, 1])
    fact = graph.nodes["indicator:IN00235-2017"].fact
    assert isinstance(fact, KeyResult)
    assert (fact.measure, fact.target_min, fact.target_max) == (Measure.UNMEASURED, None, None)
    assert fact.attributes == {
        "title_fr": fact.attributes and fact.attributes["title_fr"],
        "target_text": "Top 10 among Organisation for Economic Co-operation and Development (OECD) member countries",
        "current_text": "Top 4 among OECD member countries.",
        "status": "met",
        "status_period": "past",
    }
    measures = Counter(goal.fact.measure for goal in graph.goals() if isinstance(goal.fact, KeyResult))
    assert measures == {Measure.THRESHOLD: 425, Measure.UNMEASURED: 154}
    kept = sum("current" in (vertex.fact.attributes or {}) for vertex in graph.of_kind(KeyResult))
    assert kept == 15


def test_k8s_keps(shared: Path) -> None:
    graph, planned = load(shared, "k8s-keps")
    assert listed(planned.problems) == {
        ("dangling", "kept as reference", "parent"): 7,  # with the next 56 upward links
        ("dangling", "kept as reference", "to"): 49,
        ("dangling", "kept as reference", "owner"): 4,
        ("dangling", "kept as reference", "from"): 21,  # participants
        ("dangling", "kept as attribute", "to"): 10,  # replaces, superseded_by
        ("invalid", "left out", "start"): 2,
        ("self_link", "quarantined", "to"): 2,
    }
    assert [problem.link for problem in planned.problems if problem.kind.value == "self_link"] == [
        (id, id, LinkKind.ALIGNED)
        for id in ("kep:sig-node/5683-lifecycle-conditions", "kep:sig-storage/625-csi-migration")
    ]
    assert sorted(str(problem.value) for problem in planned.problems if problem.kind.value == "invalid") == [
        "2023-14-05",
        "2025-30-01",
    ]
    assert listed(planned.notes) == {("unused", "kept as attribute", "type"): 41, ("made", "made", "level"): 2}
    assert kinds(graph) == {"BROKEN": 7}
    links = Counter(link.kind.name for link in graph.all_links())
    assert links == {
        "ALIGNED": 270,
        "CONTRIBUTES_TO": 4002,
        "KEY_RESULT_OF": 1197,
        "LEADS": 310,
        "OWNS": 1884,
        "PARENT": 649,
        "PART_OF": 236,
    }


def test_sourcegraph_okrs(shared: Path) -> None:
    graph, planned = load(shared, "sourcegraph-okrs")
    assert planned.problems == []
    assert listed(planned.notes) == {
        ("made", "made", "cycle"): 10,
        ("made", "made", "level"): 1,
        ("loose", "kept loose", "parent"): 6,
    }
    assert kinds(graph) == {"UNALIGNED": 131}
    loose = [goal for goal in graph.of_kind(KeyResult) if graph.goal(goal.id).objective is None]  # type: ignore[union-attr]
    assert sorted(note.id or "" for note in planned.notes if note.kind.value == "loose") == [goal.id for goal in loose]
    assert sum(isinstance(vertex.fact, Objective) for vertex in graph.nodes.values()) == 219


@pytest.mark.parametrize(("name", "problems"), [("canada-results-small", 33), ("k8s-keps", 95)])
def test_a_set_with_problems_is_refused_whole(shared: Path, name: str, problems: int) -> None:
    graph = AlignmentGraph()
    with pytest.raises(ImportRefused) as refused:
        plan_import(graph, read_records([shared / "data" / name / "records.jsonl"]))
    assert len(refused.value.problems) == problems
    assert graph.nodes == {}
