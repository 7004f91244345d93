"""One question, three ways: GraphQL, the command line with --json, and the core asked in Python say the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from graph_service import render
from graph_service.alignment.cascade import cascade
from graph_service.alignment.explain import explain
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.leverage import leverage
from graph_service.alignment.org import org_chart
from graph_service.alignment.orphans import orphans
from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.cli.output import plain
from graph_service.records import RawRecord, export_records, plan_import
from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.workspace import Workspace
from tests.cli.conftest import Command
from tests.records.company import random_company

FRAGMENTS = {
    "goal": """fragment goal on Goal { __typename id title state status(asOf: $day)
        progress(asOf: $day) { value raw expected gap coverage confidence } owner { ...owner } startsOn endsOn
        period { id title } ... on Objective { level } }""",
    "owner": "fragment owner on Owner { __typename id name active ... on Person { jobTitle } }",
    "edge": "fragment edge on Edge { from to kind weight share primary }",
}

Core = Callable[[AlignmentGraph, str, date], object]
Shape = Callable[[dict[str, Any]], object]

QUESTIONS: dict[str, tuple[str, Shape, Core]] = {
    "ladder": (
        """ladder(id: $id) { goal { ...goal } path { goal { ...goal } keyResults { ...goal } kind weight share }
            nodes { ...goal } edges { ...edge } paths(first: 1000) { id } truncated }""",
        lambda data: {
            **data["ladder"],
            "paths": [[goal["id"] for goal in path] for path in data["ladder"]["paths"]],
        },
        lambda graph, id, day: render.ladder_json(ladder(graph, id), graph, day),  # type: ignore[arg-type]
    ),
    "cascade": (
        """cascade(id: $id) { root { ...goal } nodes { goal { ...goal } depth primaryParent hidden } edges { ...edge }
            hidden truncated }""",
        lambda data: data["cascade"],
        lambda graph, id, day: render.cascade_json(cascade(graph, id, 3), graph, day),  # type: ignore[arg-type]
    ),
    "explain": (
        """node(id: $id) { ... on Goal { ...goal explained: progress { explain { contributors { goal { ...goal } kind
            weight share raw progress contribution counted reason } doubled { id } checkIn { id value confidence
            reportedStatus note at by { ...owner } source revision replaces } } } } }""",
        lambda data: explained(data["node"]),
        lambda graph, id, day: render.explain_json(explain(graph, id), graph, day),  # type: ignore[arg-type]
    ),
    "leverage": (
        "leverage(id: $id, first: 1000) { keyResult { ...goal } leverage gain }",
        lambda data: {"leverage": data["leverage"]},
        lambda graph, id, day: render.leverage_json(leverage(graph, id) or (), graph, day),
    ),
}
"""Questions about a goal: the GraphQL, how its answer is shaped as the command line writes it, and the core."""


def explained(node: dict[str, Any]) -> dict[str, Any]:
    said = node.pop("explained")["explain"]
    return {
        "goal": node,
        "contributors": said["contributors"],
        "checkIn": said["checkIn"],
        "doubled": [goal["id"] for goal in said["doubled"]],
    }


class Place:
    """A store, the day that is asked for, and two doors to it."""

    def __init__(self, url: str, day: date, command: Command) -> None:
        self.url = url
        self.day = day
        self.command = command

    def by_command(self, *arguments: str) -> object:
        done = self.command(*arguments, "--json", "--as-of", str(self.day), "--store", self.url)
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)

    def by_graphql(self, workspace: Workspace, question: str, **given: Any) -> dict[str, Any]:
        variables = {"day": str(self.day), **given}
        head = ", ".join(f"${name}: {'Date' if name == 'day' else 'ID!'}" for name in variables)
        document = f"query({head}) {{ {question} }}"
        for name, fragment in FRAGMENTS.items():
            if f"...{name}" in document:
                document += f"\n{fragment}"
        limits = Limits(page=1000, cost=10**7)
        result = schema.answer(document, Asking(workspace, limits=limits), variables=variables)
        assert result.errors is None
        data: dict[str, Any] = json.loads(json.dumps(result.data))
        return data


def sample(url: str) -> date:
    with Workspace.open(url) as workspace:
        load_sample(workspace)
    return SAMPLE_DAY


def company(seed: int) -> Callable[[str], date]:
    def fill(url: str) -> date:
        records = [
            RawRecord("company", number, dict(record))
            for number, record in enumerate(export_records(random_company(seed)), 1)
        ]
        with Workspace.open(url, clock=lambda: datetime(2026, 5, 20, 12, tzinfo=UTC)) as workspace:
            with workspace.reading() as graph:
                changes = plan_import(graph, records, on_problem="quarantine").changes
            workspace.commit(changes, importing=True)
        return date(2026, 2, 20)

    return fill


@pytest.fixture(params=[sample, *(company(seed) for seed in range(4))], ids=["sample", "0", "1", "2", "3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, graph_service: Command) -> Place:
    url = f"sqlite:///{tmp_path}/company.db"
    return Place(url, request.param(url), graph_service)


@pytest.mark.parametrize("name", QUESTIONS)
def test_of_a_goal(place: Place, name: str) -> None:
    question, shape, core = QUESTIONS[name]
    with Workspace.open(place.url) as workspace:
        with workspace.reading() as graph:
            ids = sorted(goal.id for goal in graph.goals() if not goal.id.startswith("-"))
            chosen = ids[:: max(1, len(ids) // 12)]
            assert len(chosen) >= 4
            said = {id: json.loads(json.dumps(plain(core(graph, id, place.day)))) for id in chosen}
        for id in chosen:
            assert shape(place.by_graphql(workspace, question, id=id)) == said[id], id
    for id in chosen[:4]:
        assert place.by_command(name, id) == said[id], id


def test_of_the_organization(place: Place) -> None:
    question = """orgChart { root { ...owner } nodes { owner { ...owner } depth reportsTo dottedTo goals { ...goal }
        progress hidden } hidden truncated }"""
    with Workspace.open(place.url) as workspace:
        with workspace.reading() as graph:
            answer = org_chart(graph, None, 3)
            assert answer is not None
            said = json.loads(json.dumps(plain(render.org_json(answer, graph, place.day))))
        assert place.by_graphql(workspace, question)["orgChart"] == said
    assert place.by_command("org") == said


def test_of_the_orphans(place: Place) -> None:
    question = """orphans { totalCount edges { node { objective { ...goal } kind reason
        candidates { goal { ...goal } reason } } } }"""
    with Workspace.open(place.url) as workspace:
        with workspace.reading() as graph:
            said = json.loads(json.dumps(plain(render.orphans_json(orphans(graph), graph, place.day))))
        data = place.by_graphql(workspace, question)["orphans"]
        assert {"orphans": [edge["node"] for edge in data["edges"]], "totalCount": data["totalCount"]} == said
    assert place.by_command("orphans") == said
