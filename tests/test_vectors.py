"""The worked cases: what the rules give, by every way to the numbers and on a store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from graph_service.alignment.columns import rollup_all
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.leverage import leverage
from graph_service.alignment.orphans import orphans
from graph_service.records import ImportPlan, Problem, RawRecord, plan_import
from graph_service.workspace import Workspace

FILE = Path(__file__).parent / "vectors" / "rollup.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
NOW = datetime(2026, 2, 15, 12, tzinfo=UTC)
every_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def brought_in(case: dict[str, Any], workspace: Workspace) -> ImportPlan:
    raws = [RawRecord("case.jsonl", line, fields) for line, fields in enumerate(case["records"], 1)]
    with workspace.reading() as graph:
        plan = plan_import(graph, raws, on_problem="quarantine", source_name="case.jsonl")
    workspace.commit(plan.changes, importing=True, source="import")
    return plan


def check(case: dict[str, Any], graph: AlignmentGraph) -> None:
    judge = graph.judge(date.fromisoformat(case["as_of"]))
    expect = case["expect"]
    assert sorted(goal.id for goal in graph.goals()) == sorted(expect["goals"])
    for id, told in expect["goals"].items():
        goal = graph.goal(id)
        assert goal is not None
        close(goal.value, told["progress"])
        close(goal.raw, told["raw"])
        close(goal.coverage, told["coverage"])
        close(judge.expected(goal.pace), told["expected"])
        assert judge.status(goal.pace, goal.value, goal.held).name == told["status"], id
    assert {orphan.goal.id: orphan.kind.name for orphan in orphans(graph)} == expect["orphans"]
    for id, shares in expect.get("leverage", {}).items():
        found = {one.goal.id: one.leverage for one in leverage(graph, id) or ()}
        assert found.keys() == shares.keys()
        for below, share in shares.items():
            close(found[below], share)


def close(number: float | None, told: float | None) -> None:
    assert (number is None) == (told is None)
    if number is not None and told is not None:
        assert abs(number - told) <= 1e-12


@every_case
def test_the_worked_cases(case: dict[str, Any]) -> None:
    with Workspace.open("sqlite://", clock=lambda: NOW) as workspace:
        plan = brought_in(case, workspace)
        with workspace.reading() as graph:
            check(case, graph)
            rollup_all(list(graph.goals()))
            check(case, graph)
            broken = [
                [reference.node, reference.reference, reference.kind.name]
                for vertex in graph.nodes.values()
                for reference in vertex.broken
            ]
        assert broken == case["expect"].get("broken", [])
        assert links_left_out(plan.problems) == case["expect"].get("quarantined", [])


def links_left_out(problems: list[Problem]) -> list[list[str]]:
    return [
        [problem.link[0], problem.link[1], problem.link[2].name]
        for problem in problems
        if problem.link is not None and problem.action.value == "quarantined"
    ]


@every_case
def test_the_worked_cases_after_a_restart(case: dict[str, Any], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/case.db"
    with Workspace.open(url, clock=lambda: NOW) as workspace:
        brought_in(case, workspace)
    with Workspace.open(url) as workspace, workspace.reading() as graph:
        check(case, graph)


def test_the_copy_is_the_original(shared: Path) -> None:
    assert FILE.read_bytes() == (shared / "vectors" / "rollup.json").read_bytes()
