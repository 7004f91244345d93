"""The Cypher of docs/neo4j.md, on the sample company: its answers are those of the service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from graph_service.alignment.cascade import cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.orphans import orphans
from graph_service.models.nodes import KeyResult
from graph_service.models.words import LinkKind
from graph_service.sample import load_sample
from graph_service.stores.neo4j import Neo4jStore
from graph_service.workspace import Workspace
from tests.stores.neo4j.places import current_workspace, neo4j_workspace

PAGE = Path(__file__).resolve().parents[3] / "docs" / "neo4j.md"
EXAMPLES = dict(re.findall(r"^```cypher\n// (\w+)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module", params=["lts", "current"])
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    with Workspace.open(neo4j_workspace() if request.param == "lts" else current_workspace(request)) as made:
        load_sample(made)
        yield made


@pytest.fixture(scope="module")
def graph(workspace: Workspace) -> Iterator[AlignmentGraph]:
    with workspace.reading() as graph:
        yield graph


@pytest.fixture(scope="module")
def session(workspace: Workspace) -> Iterator[neo4j.Session]:
    store = workspace.store
    assert isinstance(store, Neo4jStore)
    with (
        neo4j.GraphDatabase.driver(store.address.server) as driver,
        driver.session(database=store.address.database) as session,
    ):
        yield session


def answer(session: neo4j.Session, workspace: Workspace, name: str, goal: str = "") -> list[list[object]]:
    assert isinstance(workspace.store, Neo4jStore)
    return session.run(EXAMPLES[name], workspace=workspace.store.address.workspace, goal=goal).values()


def test_the_page_has_these() -> None:
    assert list(EXAMPLES) == ["ladder", "cascade", "orphans", "owners", "values", "log"]


def test_ladders(session: neo4j.Session, workspace: Workspace, graph: AlignmentGraph) -> None:
    lengths = set()
    for goal in graph.goals():
        found = ladder(graph, goal.id)
        assert found is not None
        path = [rung.goal.id for rung in found.path]
        assert answer(session, workspace, "ladder", goal.id) == [[path]]
        lengths.add(len(path))
    assert lengths >= {1, 2, 3, 4, 5}


def test_cascades(session: neo4j.Session, workspace: Workspace, graph: AlignmentGraph) -> None:
    sizes = set()
    for goal in graph.goals():
        found = cascade(graph, goal.id, depth=3, limit=10_000)
        assert found is not None
        below = sorted(node.goal.id for node in found.nodes)
        assert [id for [id] in answer(session, workspace, "cascade", goal.id)] == below
        sizes.add(len(below))
    assert max(sizes) > 40


def test_orphans(session: neo4j.Session, workspace: Workspace, graph: AlignmentGraph) -> None:
    expected = [orphan.goal.id for orphan in orphans(graph)]
    assert len(expected) >= 3
    assert [id for [id] in answer(session, workspace, "orphans")] == expected


def test_owners(session: neo4j.Session, workspace: Workspace, graph: AlignmentGraph) -> None:
    expected: dict[str, set[str]] = {}
    for link in graph.all_links():
        if link.kind is LinkKind.OWNS:
            expected.setdefault(link.source, set()).add(link.target)
    assert len(expected) > 10
    found = answer(session, workspace, "owners")
    assert [owner for owner, _ in found] == sorted(expected)
    assert {str(owner): set(goals) for owner, goals in found} == expected  # type: ignore[call-overload]


def test_values(session: neo4j.Session, workspace: Workspace, graph: AlignmentGraph) -> None:
    expected = {}
    for goal in graph.goals():
        replaced = {one.replaces for one in goal.check_ins}
        counted = [one for one in goal.check_ins if one.value is not None and one.id not in replaced]
        if isinstance(goal.fact, KeyResult) and counted:
            expected[goal.id] = max(counted, key=lambda one: (one.at, one.revision, one.position)).value
    assert len(expected) > 20
    assert answer(session, workspace, "values") == [[id, expected[id]] for id in sorted(expected)]


def test_the_log(session: neo4j.Session, workspace: Workspace) -> None:
    newest = workspace.store.revision()
    found = answer(session, workspace, "log")
    assert [revision for revision, _ in found] == list(range(newest, newest - 20, -1))
    told = [json.loads(str(header)) for _, header in found]
    assert [one["by"] for one in told] == [entry.by for entry in workspace.store.changes(newest - 20)][::-1]
