"""The embedded store: start, import and durable check-ins, each beside bare SQLite in the same run."""

from __future__ import annotations

import gc
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.models.changes import CheckInKeyResult
from graph_service.models.facts import AddCheckIn, Entry, PutLink, PutNode, Step
from graph_service.models.nodes import KeyResult, Link
from graph_service.stores import open_store
from graph_service.stores.base import Draft
from graph_service.workspace import Workspace
from tests.benchmarks.bare import inserting
from tests.benchmarks.company import NOON, check_ins, first_leaf, goals, links
from tests.benchmarks.table import once, say, seconds


def fill(path: Path, size: int) -> None:
    """A store that holds a company, written as one commit."""
    by_goal: dict[str, list[Link]] = {}
    for link in links(size):
        by_goal.setdefault(link.source, []).append(link)
    steps = []
    for node, _ in goals(size):
        kind = "createKeyResult" if isinstance(node, KeyResult) else "createObjective"
        steps.append(Step(kind, (node.id,), (PutNode(node),)))
    for id, found in by_goal.items():
        steps.append(Step("linkGoals", (id,), tuple(PutLink(link) for link in found)))
    steps += [Step("checkInKeyResult", (c.goal,), (AddCheckIn(c),)) for c in check_ins(size)]
    store = open_store(f"sqlite:///{path}")
    store.commit([Draft(Entry(1, NOON, "ines", "import", tuple(steps)))], 0, store.epoch)
    store.close()


@pytest.mark.parametrize(("size", "promised"), [(100_000, "< 0.5 s"), (1_000_000, "< 5 s")])
def test_start(tmp_path: Path, size: int, promised: str) -> None:
    path = tmp_path / "company.db"
    fill(path, size)

    def start() -> None:
        with Workspace.open(f"sqlite:///{path}") as workspace, workspace.reading() as graph:
            assert graph.revision == 1

    def fetch() -> None:
        connection = sqlite3.connect(path)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            if not table.startswith(("log", "sqlite")):
                connection.execute(f'SELECT * FROM "{table}"').fetchall()
        connection.close()

    ours = seconds(start, 3) if size == 100_000 else once(start)
    anchor = seconds(fetch, 3) if size == 100_000 else once(fetch)
    fetched = f"fetching its rows {anchor:.2f} s: {ours / anchor:.1f}x"
    say(f"start from SQLite, {size:,}", f"{ours:.2f} s", fetched, promised)


def records(size: int) -> Iterator[dict[str, object]]:
    """The company as record files hold it: so many records, a `current` on each key result."""
    leaf = first_leaf(size)
    further: dict[str, list[Link]] = {}
    for link in links(size):
        further.setdefault(link.source, []).append(link)
    yield {"kind": "period", "id": "2026-Q1", "title": "first quarter", "start": "2026-01-01", "end": "2026-04-01"}
    for number in range(size - 1):
        id = f"goal-{number}"
        record: dict[str, object] = {"id": id, "title": f"Goal {number}", "cycle": "2026-Q1"}
        parents = [link.target for link in further.get(id, ())]
        if parents:
            record["parents" if len(parents) > 1 else "parent"] = parents if len(parents) > 1 else parents[0]
        if number < leaf:
            yield {"kind": "objective", **record, "top_level": number == 0}
        else:
            yield {"kind": "key_result", **record, "baseline": 0, "target": 100, "current": number % 100}


def test_import(tmp_path: Path) -> None:
    from graph_service.records import plan_import, read_records

    size = 100_000
    file = tmp_path / "company.jsonl"
    with file.open("w") as lines:
        for record in records(size):
            lines.write(json.dumps(record) + "\n")
    path = tmp_path / "imported.db"

    def bring_in() -> None:
        path.unlink(missing_ok=True)
        with Workspace.open(f"sqlite:///{path}") as workspace:
            with workspace.reading() as graph:
                plan = plan_import(graph, read_records([file]), on_problem="fail", source_name="company.jsonl")
            workspace.commit(plan.changes, importing=True, source="import", want_changed=False)

    ours = once(bring_in)
    tables: dict[str, tuple[str, list[tuple[object, ...]]]] = {}
    connection = sqlite3.connect(path)
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"):
        tables[name] = (sql, connection.execute(f'SELECT * FROM "{name}"').fetchall())
    indexes = [row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql > ''")]
    connection.close()
    bare = tmp_path / "bare.db"

    def executemany() -> None:
        bare.unlink(missing_ok=True)
        copy = sqlite3.connect(bare, isolation_level=None)
        copy.execute("PRAGMA journal_mode = WAL")
        copy.execute("PRAGMA synchronous = FULL")
        copy.execute("BEGIN IMMEDIATE")
        for sql, _ in tables.values():
            copy.execute(sql)
        for sql in indexes:
            copy.execute(sql)
        for name, (_, rows) in tables.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                copy.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
        copy.execute("COMMIT")
        copy.close()

    anchor = once(executemany)
    many = sum(len(rows) for _, rows in tables.values())
    say(
        f"import of {size:,} records",
        f"{ours:.2f} s",
        f"executemany of the same {many:,} rows {anchor:.2f} s: {ours / anchor:.1f}x",
        "< 3x",
    )


WRITERS = 32


def test_durable_check_ins(tmp_path: Path) -> None:
    each_writes = 40
    path = tmp_path / "company.db"
    fill(path, 10_000)
    leaf = first_leaf(10_000)
    with Workspace.open(f"sqlite:///{path}") as workspace:

        def alone() -> None:
            for number in range(WRITERS * each_writes // 4):
                workspace.commit([CheckInKeyResult(key_result_id=f"goal-{leaf + number}", value=1.0)])

        def write(writer: int, ready: threading.Barrier) -> None:
            ready.wait()
            for number in range(each_writes):
                id = f"goal-{leaf + writer * each_writes + number}"
                workspace.commit([CheckInKeyResult(key_result_id=id, value=2.0)])

        def together() -> None:
            ready = threading.Barrier(WRITERS)
            threads = [threading.Thread(target=write, args=(writer, ready)) for writer in range(WRITERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        gc.freeze()  # as the running service does with what it has loaded
        one = once(alone) / (WRITERS * each_writes // 4)
        many = once(together) / (WRITERS * each_writes)
        gc.unfreeze()
    bare = sqlite3.connect(tmp_path / "bare.db", isolation_level=None)
    anchor = seconds(inserting(bare), 200)
    bare.close()
    say("durable check-ins, one at a time", f"{1 / one:,.0f} /s", f"a bare synced insert {1 / anchor:,.0f} /s")
    say(
        f"durable check-ins, {WRITERS} waiting writers",
        f"{1 / many:,.0f} /s",
        f"{one / many:.1f}x one at a time",
        ">= 4x",
    )
