"""The server store beside the embedded one, on a real server in the same run: start, commits, import, questions."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import neo4j
import pytest

from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.models.changes import CheckInKeyResult
from graph_service.records import plan_import, read_records
from graph_service.stores import open_store
from graph_service.stores.neo4j import Neo4jStore
from graph_service.workspace import Workspace
from tests.benchmarks.company import first_leaf
from tests.benchmarks.table import once, say, seconds
from tests.benchmarks.test_store import fill, records
from tests.stores.neo4j.server import Missing, Server
from tests.stores.neo4j.test_examples import EXAMPLES

SIZE = 100_000
WRITERS = 256
EACH = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    try:
        made = Server(tmp_path_factory.mktemp("neo4j") / "home", heap="3g")
    except Missing as missing:
        pytest.skip(str(missing))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def filled(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The same company in both stores: the addresses of the embedded one and of the server's."""
    path = tmp_path_factory.mktemp("sqlite") / "company.db"
    fill(path, SIZE)
    here, there = f"sqlite:///{path}", f"{server.address}/neo4j?workspace=filled"
    from tests.stores.samples import MONDAY

    with closing(open_store(here)) as source, closing(open_store(there)) as target:
        target.restore(source.backup(MONDAY), MONDAY, "ines")
    return here, there


def test_start(filled: tuple[str, str]) -> None:
    here, there = filled

    def start(url: str) -> None:
        with Workspace.open(url) as workspace, workspace.reading() as graph:
            assert graph.revision == 1

    def load(url: str) -> None:
        with closing(open_store(url)) as store:
            assert len(store.load().nodes) == SIZE + 1

    anchor, ours = (seconds(lambda url=url: start(url), 5) for url in (here, there))  # type: ignore[misc]
    say(f"start, {SIZE:,}", f"{ours:.2f} s", f"from SQLite {anchor:.2f} s: {ours / anchor:.1f}x", "<= 2x")
    anchor, ours = (seconds(lambda url=url: load(url), 5) for url in (here, there))  # type: ignore[misc]
    say(f"reading alone, {SIZE:,}", f"{ours:.2f} s", f"from SQLite {anchor:.2f} s: {ours / anchor:.1f}x")


def test_commits(filled: tuple[str, str]) -> None:
    leaf = first_leaf(SIZE)
    rates = {}
    for url in filled:
        with Workspace.open(url, staleness=0.25) as workspace:

            def alone(workspace: Workspace = workspace) -> None:
                for number in range(100):
                    workspace.commit([CheckInKeyResult(key_result_id=f"goal-{leaf + number}", value=1.0)])

            def write(writer: int, ready: threading.Barrier, workspace: Workspace = workspace) -> None:
                ready.wait()
                for number in range(EACH):
                    id = f"goal-{leaf + writer * EACH + number}"
                    workspace.commit([CheckInKeyResult(key_result_id=id, value=2.0)])

            def together() -> None:
                ready = threading.Barrier(WRITERS)
                threads = [threading.Thread(target=write, args=(writer, ready)) for writer in range(WRITERS)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

            alone()
            together()
            rates[url] = (100 / once(alone), WRITERS * EACH / once(together))
    (anchor_one, anchor_many), (one, many) = (rates[url] for url in filled)
    say("durable check-ins, one at a time", f"{one:,.0f} /s", f"SQLite {anchor_one:,.0f} /s")
    say(
        f"durable check-ins, {WRITERS} waiting writers",
        f"{many:,.0f} /s",
        f"{many / one:.1f}x one at a time; SQLite {anchor_many:,.0f} /s",
        ">= 10x",
    )


def test_import(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "company.jsonl"
    with file.open("w") as lines:
        for record in records(SIZE):
            lines.write(json.dumps(record) + "\n")

    def bring_in(url: str) -> None:
        with Workspace.open(url) as workspace:
            with workspace.reading() as graph:
                plan = plan_import(graph, read_records([file]), on_problem="fail", source_name="company.jsonl")
            workspace.commit(plan.changes, importing=True, source="import", want_changed=False)

    anchor = once(lambda: bring_in(f"sqlite:///{tmp_path}/imported.db"))
    ours = once(lambda: bring_in(f"{server.address}/neo4j?workspace=imported"))
    say(f"import of {SIZE:,} records", f"{ours:.1f} s", f"SQLite {anchor:.1f} s: {ours / anchor:.1f}x", "<= 12x")


LADDER = "query ($id: ID!) { ladder(id: $id) { path { goal { id } } } }"
CASCADE = "query ($id: ID!) { cascade(id: $id, depth: 3) { nodes { goal { id } } } }"


def test_the_same_questions(filled: tuple[str, str]) -> None:
    leaf = first_leaf(SIZE)
    with Workspace.open(filled[1]) as workspace:
        store = workspace.store
        assert isinstance(store, Neo4jStore)
        limits = Limits(cost=10**9)

        def graphql(query: str, id: str) -> object:
            result = schema.answer(query, Asking(workspace, limits=limits), variables={"id": id})
            assert result.errors is None
            return result.data

        with (
            neo4j.GraphDatabase.driver(store.address.server, notifications_min_severity="OFF") as driver,
            driver.session(database=store.address.database) as session,
        ):

            def cypher(name: str, id: str) -> list[list[object]]:
                return session.run(EXAMPLES[name], workspace=store.address.workspace, goal=id).values()

            for name, query, id in (("ladder", LADDER, f"goal-{leaf + 5}"), ("cascade", CASCADE, "goal-7")):
                data: dict[str, object] = graphql(query, id)  # type: ignore[assignment]
                found = json.loads(json.dumps(data))[name]
                if name == "ladder":
                    assert cypher(name, id) == [[[rung["goal"]["id"] for rung in found["path"]]]]
                else:
                    assert [one for [one] in cypher(name, id)] == sorted(node["goal"]["id"] for node in found["nodes"])
                anchor = seconds(lambda name=name, id=id: cypher(name, id), 30)  # type: ignore[misc]
                ours = seconds(lambda query=query, id=id: graphql(query, id), 30)  # type: ignore[misc]
                say(
                    f"{name} by GraphQL, from memory",
                    f"{ours * 1e3:.2f} ms",
                    f"the same answer in Cypher {anchor * 1e3:.1f} ms: {anchor / ours:.0f}x",
                )
