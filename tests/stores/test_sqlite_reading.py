"""Reading a large SQLite store: array by array, on two threads, and the same as at once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from graph_service.errors import StoreDamaged
from graph_service.models.facts import AddCheckIn, Fact, PutLink, PutNode
from graph_service.models.nodes import CheckIn, KeyResult, Link, Objective, Person
from graph_service.models.words import LinkKind
from graph_service.stores.base import Snapshot
from graph_service.stores.sqlite import SQLiteStore, read
from graph_service.stores.sqlite.ahead import ahead
from tests.stores.samples import MONDAY, drafts

HARD = 'said: "no", },\n{"id":"a"}]\nand more'
"""Text that looks like the end of a value."""


def opened(path: Path) -> closing[SQLiteStore]:
    return closing(SQLiteStore(f"sqlite:///{path}", path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of a dozen nodes of each kind, several links and check-ins of one, and people between the goals."""
    path = tmp_path / "company.db"
    facts: list[Fact] = []
    for number in range(12):
        facts.append(PutNode(Objective(f"goal-{number}", HARD, description=HARD)))
        facts.append(PutNode(KeyResult(f"measure-{number}", "Some", attributes={"note": [HARD, {"deep": HARD}]})))
        facts.append(PutNode(Person(f"h-{number}", f"Person {number}")))
    for number in range(12):
        facts.append(PutLink(Link(f"measure-{number}", f"goal-{number}", LinkKind.KEY_RESULT_OF)))
        facts.append(PutLink(Link("h-3", f"goal-{number}", LinkKind.CONTRIBUTES_TO, roles=(HARD,))))
        at = MONDAY + timedelta(hours=number)
        facts.append(AddCheckIn(CheckIn(f"seen-{number}", "measure-7", at, "api", 1, note=HARD)))
    with opened(path) as store:
        store.commit(drafts(0, facts), 0, store.epoch)
    return path


def loaded(path: Path) -> Snapshot:
    with opened(path) as store:
        return store.load()


@pytest.mark.parametrize("chunk", [1, 2, 3, 11, 12, 13, 24, 35])
def test_array_by_array_it_is_the_same(path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loaded(path)
    assert [len(whole.nodes), len(whole.links), len(whole.check_ins)] == [36, 24, 12]
    assert [node.id for node, _ in whole.nodes] == sorted(node.id for node, _ in whole.nodes)
    monkeypatch.setattr(read, "CHUNK", chunk)
    assert loaded(path) == whole


def test_bodies_with_lines_of_their_own_are_read_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loaded(path)
    with closing(sqlite3.connect(path)) as file:
        file.execute("""UPDATE links SET body = replace(body, ',"kind"', ',' || char(10) || '"kind"')""")
        file.commit()
    monkeypatch.setattr(read, "CHUNK", 5)
    assert loaded(path) == whole


@pytest.mark.parametrize("table", ["nodes", "links", "check_ins"])
@pytest.mark.parametrize("chunk", [5, 20_000])
def test_damage_is_told_and_no_thread_stays(
    path: Path, table: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"UPDATE {table} SET body = '{{}}'")
        file.commit()
    monkeypatch.setattr(read, "CHUNK", chunk)
    before = threading.active_count()
    with opened(path) as store:
        with pytest.raises(StoreDamaged, match="holds what cannot be read"):
            store.load()
        assert threading.active_count() == before


def test_a_table_that_is_missing_is_told_by_the_other_thread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "CHUNK", 5)
    with opened(path) as store:
        whole = store.load()
        with closing(sqlite3.connect(path)) as file:
            file.execute("ALTER TABLE check_ins RENAME TO elsewhere")
        with pytest.raises(StoreDamaged, match="no such table: check_ins"):
            store.load()
        with closing(sqlite3.connect(path)) as file:
            file.execute("ALTER TABLE elsewhere RENAME TO check_ins")
        assert store.load() == whole


def test_what_others_commit_meanwhile_is_not_in_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "CHUNK", 5)
    several = read.LINKS.read
    written: list[int] = []
    with opened(path) as store, opened(path) as other:
        whole = store.load()

        def meanwhile(bodies: bytes) -> list[Link]:
            if not written:
                written.append(1)
                more = PutNode(Objective("zeal", "Late"))
                other.commit(drafts(1, [more]), 1, other.epoch)
            return several(bodies)

        monkeypatch.setattr(read, "LINKS", read.LINKS._replace(read=meanwhile))
        assert store.load() == whole
        assert (written, len(store.load().nodes)) == ([1], len(whole.nodes) + 1)


# ---------- getting ahead ----------


def test_ahead_gives_the_same_in_order() -> None:
    with ahead(iter(range(100))) as taken:
        assert list(taken) == list(range(100))
    with ahead(iter([None, None])) as taken:
        assert list(taken) == [None, None]
    with ahead(iter(())) as nothing:
        assert list(nothing) == []


def test_ahead_raises_what_went_wrong_in_its_place() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    with ahead(source()) as taken:
        assert next(taken) == 1
        with pytest.raises(KeyError, match="gone"):
            next(taken)


def test_ahead_ends_with_whoever_takes() -> None:
    given = []

    def source() -> Iterator[int]:
        for number in range(1_000):
            given.append(number)
            yield number

    before = threading.active_count()
    with ahead(source()) as taken:
        assert next(taken) == 0
    assert threading.active_count() == before
    assert len(given) < 10
