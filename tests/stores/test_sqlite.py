"""What is SQLite's own: addresses and files, one writer, what stands in which bytes, and that damage is found."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from graph_service.errors import Fault, Invalid, StoreDamaged, StoreUnavailable
from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveNode,
    Step,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Objective, Person, Workspace
from graph_service.models.words import LinkKind
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Remembered, Snapshot
from graph_service.stores.log import GENESIS
from graph_service.stores.sqlite import SQLiteStore, sqlite_sql
from graph_service.stores.sqlite.read import Meta
from graph_service.stores.sqlite.schema import APPLICATION_ID, MIGRATIONS
from tests.stores.samples import (
    FULL_BROKEN,
    FULL_CHECK_IN,
    FULL_LINK,
    FULL_NODES,
    FULL_WORKSPACE,
    MONDAY,
    Historian,
    drafts,
    entry,
    put,
)

GROW = Objective("grow", "Grow revenue")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "company.db"


def opened(path: Path, patience: float = 10.0) -> closing[SQLiteStore]:
    return closing(SQLiteStore(f"sqlite:///{path}", path, patience=patience))


def raw(path: Path) -> closing[sqlite3.Connection]:
    """The file as anybody may open it."""
    return closing(sqlite3.connect(path, isolation_level=None))


# ---------- addresses and files ----------


def test_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url, file in [
        ("sqlite:///here.db", tmp_path / "here.db"),
        ("sqlite:///below/deeper/there.db", tmp_path / "below/deeper/there.db"),
        (f"sqlite:///{tmp_path}/full.db", tmp_path / "full.db"),
        ("sqlite:///what is this? 100%.db", tmp_path / "what is this? 100%.db"),
    ]:
        with closing(open_store(url)) as store:
            assert store.url == url
            store.commit(drafts(0, put(GROW)), 0, store.epoch)
        assert file.is_file()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_addresses_in_memory(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_store(url)) as one, closing(open_store(url)) as two:
        one.commit(drafts(0, put(GROW)), 0, one.epoch)
        assert (one.revision(), two.revision()) == (1, 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["", "company.db", "sqlite:company.db", "sqlite://host/company.db", "mysql://x", "sqlite:///a\0b"]
)
def test_what_is_no_address(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Invalid, match=r"is no address of a store; use sqlite:///name\.db") as refused:
        open_store(url)
    assert refused.value.path == ("store",)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_must_be_there(path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"there is no store at .*company\.db"):
        open_store(f"sqlite:///{path}", create=False)
    assert not path.exists()
    open_store(f"sqlite:///{path}").close()
    open_store(f"sqlite:///{path}", create=False).close()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is a folder; a store is a file"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    with pytest.raises(StoreUnavailable, match=r"company\.db cannot be opened: (File exists|Not a directory)"):
        open_store(f"sqlite:///{tmp_path}/taken/company.db")


@pytest.mark.parametrize("content", [b"not a database, but long enough to look at" * 20, b"x", bytes(5_000)])
def test_a_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=r"company\.db is no SQLite database"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        assert store.verify() == []


@pytest.mark.parametrize(
    "script",
    ["CREATE TABLE nodes (id)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"],
)
def test_a_database_of_something_else(path: Path, script: str) -> None:
    with raw(path) as other:
        other.execute(script)
    before = path.read_bytes()
    with pytest.raises(
        StoreUnavailable, match=r"company\.db is a SQLite database of something else; name another file"
    ):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version(path: Path) -> None:
    open_store(f"sqlite:///{path}").close()
    with raw(path) as file:
        file.execute("PRAGMA user_version = 9")
    before = path.read_bytes()
    with pytest.raises(
        StoreUnavailable, match=r"newer graph-service \(schema 9, known here: up to 3\); use that version"
    ):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_store_of_an_older_version_is_brought_up_to_date_with_all_it_holds(path: Path) -> None:
    with raw(path) as file:
        for statement in MIGRATIONS[0]:
            file.execute(statement)
        meta = Meta("an epoch", 0, GENESIS)
        file.execute("INSERT INTO meta VALUES (1, ?, ?, ?, ?)", (*meta, meta.seal))
        file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        file.execute("PRAGMA user_version = 1")
    with opened(path) as store:
        assert (store.epoch, store.tokens(), store.audits(), store.verify()) == ("an epoch", [], [], [])
        store.commit(drafts(0, put(GROW)), 0, "an epoch")
    with opened(path) as store:
        assert store.load().nodes == [(GROW, 1)]


def test_a_store_that_may_not_be_written(path: Path) -> None:
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        if os.access(path, os.W_OK):  # root writes everywhere: take a device where nobody can
            with pytest.raises(StoreUnavailable):
                open_store("sqlite:////proc/company.db")
        else:
            with pytest.raises(StoreUnavailable, match=r"company\.db cannot be used: "):
                open_store(f"sqlite:///{path}")
    finally:
        path.parent.chmod(0o700)


def test_how_a_file_is_kept(path: Path) -> None:
    with opened(path) as store, raw(path) as file:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert file.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert file.execute("PRAGMA user_version").fetchone() == (3,)
        tables = file.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        assert dict(tables) == dict.fromkeys([*TABLES, "tokens", "audits"], 1)
        with store._reading() as reader:
            for connection in (store._writer, store._watch, reader):
                assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
                assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
                assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_the_schema_as_a_script_makes_the_schema(path: Path) -> None:
    script = sqlite_sql()
    assert script == sqlite_sql()
    tables = [line.split()[2] for line in script.splitlines() if line.startswith("CREATE TABLE")]
    assert tables == sorted([*TABLES, "tokens", "audits"])
    with raw(path) as file:
        file.executescript(script)
        meta = ("epoch", 0, b"")
        file.execute("INSERT INTO meta VALUES (1, ?, ?, ?, x'')", meta)
    with opened(path) as store:
        assert store.load() == Snapshot("epoch", 0, Workspace(), [], [], [], [], [])


# ---------- several processes, one writer ----------


def test_processes_that_make_one_store_at_the_same_time(path: Path) -> None:
    script = (
        "import sys; from graph_service.stores import open_store\n"
        "sys.stdin.readline(); store = open_store(sys.argv[1]); print(store.epoch, flush=True); store.close()"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        started = [
            subprocess.Popen(
                [sys.executable, "-c", script, f"sqlite:///{path}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    epochs = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 6
    assert len(epochs) == 1
    with opened(path) as store:
        assert epochs == {f"{store.epoch}\n"}
        assert store.verify() == []


def test_another_process_that_writes_for_too_long(path: Path) -> None:
    with opened(path, patience=0.05) as store, raw(path) as other:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"company\.db is being written by another process; try again"):
            store.commit(drafts(1, put(Objective("expand", "Expand"))), 1, store.epoch)
        assert (store.revision(), len(store.load().nodes)) == (1, 1)
        other.execute("ROLLBACK")
        store.commit(drafts(1, put(Objective("expand", "Expand"))), 1, store.epoch)
        assert store.revision() == 2


def test_a_full_disk_loses_nothing_and_keeps_nothing(path: Path) -> None:
    with opened(path) as store:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        before = store.load()
        pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
        store._writer.execute(f"PRAGMA max_page_count = {pages + 5}")
        many = put(*[Objective(f"goal-{number}", "Grow revenue" * 50) for number in range(200)])
        with pytest.raises(StoreUnavailable, match=r"company\.db cannot be used: database or disk is full"):
            store.commit(drafts(1, put(Objective("expand", "Expand")), many), 1, store.epoch)
        assert (store.revision(), store.load(), len(list(store.changes(0)))) == (1, before, 1)
        assert store.verify() == []
        store._writer.execute("PRAGMA max_page_count = 1000000")
        store.commit(drafts(1, many), 1, store.epoch)
        assert len(store.load().nodes) == 201


def test_a_sync_that_fails_leaves_nothing(path: Path) -> None:
    with opened(path) as store:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        before = store.load()

        class Failing:
            """The writer's connection, whose disk is gone at the moment of the commit."""

            def __init__(self, connection: sqlite3.Connection) -> None:
                self.connection = connection

            def __getattr__(self, name: str) -> object:
                return getattr(self.connection, name)

            def execute(self, statement: str, arguments: tuple[str, ...] = ()) -> object:
                if statement == "COMMIT":
                    error = sqlite3.OperationalError("disk I/O error")
                    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
                    raise error
                return self.connection.execute(statement, arguments)

        writer = store._writer
        store._writer = Failing(writer)  # type: ignore[assignment]
        with pytest.raises(StoreUnavailable, match=r"company\.db cannot be used: disk I/O error"):
            store.commit(drafts(1, put(Objective("expand", "Expand"))), 1, store.epoch)
        store._writer = writer
        assert (store.revision(), store.load(), len(list(store.changes(0)))) == (1, before, 1)
        store.commit(drafts(1, put(Objective("expand", "Expand"))), 1, store.epoch)
        assert store.verify() == []


def test_readers_do_not_hold_up_the_writer(path: Path) -> None:
    with opened(path, patience=0.0) as store:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        reading = [store._reading() for _ in range(6)]
        connections = [one.__enter__() for one in reading]
        for connection in connections:
            assert connection.execute("SELECT revision FROM meta").fetchone() == (1,)
        store.commit(drafts(1, put(Objective("expand", "Expand"))), 1, store.epoch)
        assert store.revision() == 2
        for connection, one in zip(connections, reading, strict=True):
            assert connection.execute("SELECT revision FROM meta").fetchone() == (1,), "a reader sees one moment"
            one.__exit__(None, None, None)
        assert len(store._readers) == 4


def test_asking_for_the_revision_reads_nothing_when_nobody_wrote(path: Path) -> None:
    with opened(path) as store, opened(path) as other:
        other.commit(drafts(0, put(GROW)), 0, other.epoch)
        said: list[str] = []
        store._watch.set_trace_callback(said.append)
        assert [store.revision() for _ in range(5)] == [1] * 5
        assert said.count("SELECT epoch, revision, head FROM meta") == 1
        other.commit(drafts(1, put(Objective("expand", "Expand"))), 1, other.epoch)
        store.commit(drafts(2, put(Objective("retain", "Retain"))), 2, store.epoch)
        assert [store.revision() for _ in range(5)] == [3] * 5
        assert said.count("SELECT epoch, revision, head FROM meta") == 2


def test_closing_waits_for_the_commit_that_is_under_way(path: Path) -> None:
    with opened(path) as store:
        facts = put(*[Objective(f"goal-{number}", "Grow revenue") for number in range(2_000)])
        begun = threading.Event()
        store._writer.set_trace_callback(lambda statement: begun.set() if statement.startswith("INSERT") else None)
        with ThreadPoolExecutor(1) as threads:
            committing = threads.submit(store.commit, drafts(0, facts), 0, store.epoch)
            assert begun.wait(30)
            store.close()
            committing.result()
    with opened(path) as store:
        assert len(store.load().nodes) == 2_000


# ---------- erased names ----------

SECRETS = ("Lovelace", "ada@example.com", "+44 20 7946 0000")
ADA = Person("ada", "Ada Lovelace", "ada@example.com", attributes={"phone": "+44 20 7946 0000"})


def bytes_of(path: Path) -> bytes:
    """All that stands in the database's files."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert path in files
    return b"".join(file.read_bytes() for file in files)


def of_ada(revision: int, person: Person = ADA) -> Draft:
    asked: dict[str, object] = {
        "id": "ada",
        "name": person.name,
        "email": person.email,
        "attributes": person.attributes,
    }
    return Draft(
        Entry(revision, MONDAY, "ada", "graphql", (Step("updatePerson", ("ada",), (PutNode(person),), asked),))
    )


def test_an_erased_name_is_in_no_byte_of_the_files(path: Path) -> None:
    with opened(path) as store:
        store.commit([of_ada(1)], 0, store.epoch)
        for secret in SECRETS:
            assert secret.encode() in bytes_of(path)
        store.commit(drafts(1, put(Person("grace", "Grace Hopper")), [ErasePerson("ada")]), 1, store.epoch)
        for secret in SECRETS:
            assert secret.encode() not in bytes_of(path)
        assert b"Grace Hopper" in bytes_of(path)
        assert store.verify() == []
    for secret in SECRETS:
        assert secret.encode() not in bytes_of(path)


def test_rows_that_moved_between_pages_leave_no_shadow_of_an_erased_name(path: Path) -> None:
    # said again and again at all lengths, so that pages split and rows move; emptying the rows alone leaves copies
    # of some of these people in the gaps of pages
    random = Random(5)
    people = [f"person-{number:02}" for number in range(40)]

    def named(person: str) -> str:
        return f"Lovelace of {person}."

    with opened(path) as store:
        for revision in range(0, 1_200, 10):
            said = [Person(random.choice(people), "") for _ in range(10)]
            said = [Person(one.id, named(one.id) * random.randint(1, 40)) for one in said]
            store.commit(drafts(revision, *[put(one) for one in said]), revision, store.epoch)
        before = bytes_of(path)
        for number, person in enumerate(people[:20]):
            assert named(person).encode() in before
            store.commit(drafts(1_200 + number, [ErasePerson(person)]), 1_200 + number, store.epoch)
        after = bytes_of(path)
        assert [person for person in people if named(person).encode() in after] == people[20:]
        assert store.verify() == []


def test_a_name_that_a_reader_still_sees_goes_with_the_next_commit(path: Path) -> None:
    with opened(path, patience=0.05) as store:
        store.commit([of_ada(1)], 0, store.epoch)
        with store._reading() as connection:
            connection.execute("SELECT count(*) FROM personal").fetchone()
            store.commit(drafts(1, [ErasePerson("ada")]), 1, store.epoch)
            assert b"Lovelace" in bytes_of(path), "the reader's moment needs it"
        store.commit(drafts(2, put(GROW)), 2, store.epoch)
        assert b"Lovelace" not in bytes_of(path)


def test_a_name_that_a_reader_still_sees_goes_with_the_end(path: Path) -> None:
    with opened(path, patience=0.05) as store:
        store.commit([of_ada(1)], 0, store.epoch)
        with store._reading() as connection:
            connection.execute("SELECT count(*) FROM personal").fetchone()
            store.commit(drafts(1, [ErasePerson("ada")]), 1, store.epoch)
    assert b"Lovelace" not in bytes_of(path)


def test_a_name_taken_back_is_in_no_byte(path: Path) -> None:
    with opened(path) as store:
        store.commit(drafts(0, put(GROW)), 0, store.epoch)
        many = put(*[Person(f"person-{number}", f"Lovelace {number}" + "x" * 2_000) for number in range(2_000)])
        with pytest.raises(StoreDamaged):
            store.commit(drafts(1, [*many, PutLink(Link("nothing", "grow", LinkKind.OWNS))]), 1, store.epoch)
        store.commit(drafts(1, put(ADA), [ErasePerson("ada")]), 1, store.epoch)
        assert b"Lovelace" not in bytes_of(path)


# ---------- damage is found ----------

TABLES = (
    "broken",
    "check_ins",
    "links",
    "log",
    "meta",
    "nodes",
    "parts",
    "personal",
    "remembered",
    "removed_links",
    "workspace",
)

RICH_LINKS = [Link("sell-more", "grow/revenue:2026", LinkKind.KEY_RESULT_OF), FULL_LINK]


def rich(path: Path) -> None:
    """A store with rows in every table, people erased and not."""
    with opened(path) as store:
        facts = [
            *put(*FULL_NODES, Person("grace", "Grace Hopper"), Objective("gone", "Gone"), KeyResult("half", "Half")),
            *map(PutLink, RICH_LINKS),
            PutLink(Link("gone", "grow/revenue:2026", LinkKind.PARENT)),
            AddCheckIn(FULL_CHECK_IN),
            AddCheckIn(CheckIn("another", "half", MONDAY, "cli", 1)),
            PutBroken(FULL_BROKEN),
            PutBroken(BrokenReference("half", LinkKind.ALIGNED, "x")),
        ]
        store.commit([Draft(entry(1, *facts), Remembered("one", b"digest", 1, b"answer", MONDAY))], 0, store.epoch)
        gone = RemoveNode("gone", (Link("gone", "grow/revenue:2026", LinkKind.PARENT),))
        later = [entry(2, gone, PutWorkspace(FULL_WORKSPACE)), entry(3, ErasePerson("grace"))]
        store.commit(
            [Draft(later[0], Remembered("two", b"digest", 2, b"answer", MONDAY)), Draft(later[1])], 1, store.epoch
        )
        assert store.verify() == []


def columns() -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sqlite_sql())
        for table in TABLES:
            for _, name, *_ in connection.execute(f"PRAGMA table_info({table})"):
                yield table, name


EDITS: dict[str, Callable[[object], object]] = {
    "other": lambda value: (
        value + 1
        if isinstance(value, int)
        else value + "x"
        if isinstance(value, str)
        else value + b"x"
        if isinstance(value, bytes)
        else b"x"
    ),
    "shorter": lambda value: (
        value - 1 if isinstance(value, int) else value[:-1] if isinstance(value, str | bytes) else "x"
    ),
    "nothing": lambda value: 0 if isinstance(value, int) else type(value)() if isinstance(value, str | bytes) else b"",
}


@pytest.mark.parametrize(("table", "column"), list(columns()), ids=str)
def test_an_edit_of_any_column_of_any_row_is_found(path: Path, table: str, column: str) -> None:
    rich(path)
    untouched = path.read_bytes()
    with raw(path) as file:
        names = [name for _, name, *_ in file.execute(f"PRAGMA table_info({table})")]
        rows = file.execute(f"SELECT * FROM {table}").fetchall()
    assert len(rows) >= (1 if table in {"meta", "workspace"} else 2 if table != "removed_links" else 1)
    same = " AND ".join(f"{name} IS ?" for name in names)
    tried = 0
    for row in rows:
        value = row[names.index(column)]
        for edit in EDITS.values():
            edited = edit(value)
            if edited == value:
                continue
            path.write_bytes(untouched)
            with raw(path) as file:
                file.execute("PRAGMA ignore_check_constraints = ON")
                try:
                    changed = file.execute(f"UPDATE {table} SET {column} = ? WHERE {same}", (edited, *row))
                except sqlite3.IntegrityError:
                    continue  # STRICT and NOT NULL keep it out
                assert changed.rowcount == 1
            tried += 1
            assert found(path), f"{table}.{column}: {value!r} became {edited!r}"
    assert tried >= len(rows)


def found(path: Path) -> bool:
    """Whether opening or verifying tells of damage; anything but a fault or a problem would be an error here."""
    try:
        with opened(path) as store:
            return store.verify() != []
    except Fault:
        return True


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_gone_is_found(path: Path, table: str) -> None:
    rich(path)
    untouched = path.read_bytes()
    with raw(path) as file:
        names = [name for _, name, *_ in file.execute(f"PRAGMA table_info({table})")]
        rows = file.execute(f"SELECT * FROM {table}").fetchall()
    same = " AND ".join(f"{name} IS ?" for name in names)
    for row in rows:
        path.write_bytes(untouched)
        with raw(path) as file:
            assert file.execute(f"DELETE FROM {table} WHERE {same}", row).rowcount == 1
        assert found(path), f"{table}: {row} is gone"


STRANGE_ROWS = {
    "broken": ("half", "aligned", "y", 1, '{"node":"half","kind":"aligned","reference":"y"}'),
    "check_ins": (
        "half",
        9,
        1,
        9,
        "third",
        '{"id":"third","goal":"half","at":"2026-01-05T09:30:00Z","source":"cli","revision":1}',
    ),
    "links": ("half", "grow/revenue:2026", "aligned", '{"from":"half","to":"grow/revenue:2026","kind":"aligned"}'),
    "log": (4, b"{}", b""),
    "nodes": ("zebra", "team", 1, 0, '{"kind":"team","id":"zebra","name":"Zebra"}'),
    "parts": (3, 1, b"[]"),
    "personal": ("zz", "ada", None, None),
    "remembered": (3, "three", b"", b"", 0),
    "removed_links": ("gone", "a", "b", "aligned", '{"from":"a","to":"b","kind":"aligned"}'),
}


@pytest.mark.parametrize(("table", "row"), list(STRANGE_ROWS.items()), ids=STRANGE_ROWS.keys())
def test_a_row_that_was_never_written_is_found(path: Path, table: str, row: tuple[object, ...]) -> None:
    rich(path)
    with raw(path) as file:
        file.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    assert found(path)


def test_an_emptied_name_of_one_who_is_not_erased_is_found(path: Path) -> None:
    rich(path)
    with raw(path) as file:
        file.execute("UPDATE personal SET salt = NULL, body = NULL WHERE person = 'ada'")
    assert found(path)
    with opened(path) as store, pytest.raises(StoreDamaged, match="the name of 'ada' is missing"):
        store.load()


def test_the_last_entry_cut_off_with_all_it_did_is_found(path: Path) -> None:
    rich(path)
    with raw(path) as file:
        for table in ("parts", "log"):
            file.execute(f"DELETE FROM {table} WHERE revision = 3")
    assert found(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX people",
        "CREATE TABLE more (id)",
        "CREATE INDEX more ON nodes (kind)",
        "CREATE VIEW more AS SELECT 1",
        "DROP TABLE workspace",
        "DROP TABLE meta",
        "DROP TABLE nodes",
    ],
)
def test_another_schema_is_found(path: Path, statement: str) -> None:
    rich(path)
    with raw(path) as file:
        file.execute(statement)
    assert found(path)


def content(path: Path) -> object:
    """All that the store answers."""
    with opened(path) as store:
        snapshot = store.load()
        goals = {one.goal for one in snapshot.check_ins}
        return (
            store.revision(),
            snapshot,
            list(store.changes(0)),
            [store.check_ins(goal) for goal in sorted(goals)],
            [store.remembered(f"key {revision}") for revision in range(store.revision() + 1)],
        )


@pytest.mark.parametrize("seed", range(8))
def test_a_flipped_bit_is_found_or_means_nothing(path: Path, seed: int) -> None:
    historian = Historian(Random(seed))
    with opened(path) as store:
        for revision in range(0, 60, 3):
            store.commit([historian.draft() for _ in range(3)], revision, store.epoch)
        long = put(
            Objective("long", "Long", description="why " * 4_000),
            Person("old", "Old", attributes={"note": "x" * 80_000}),
        )
        store.commit(drafts(60, long, [ErasePerson("old")]), 60, store.epoch)
        assert store.verify() == []
    untouched = path.read_bytes()
    before = content(path)
    size = int.from_bytes(untouched[16:18], "big")
    kinds = {untouched[page] for page in range(size, len(untouched), size)}
    assert kinds >= {0x02, 0x05, 0x0A, 0x0D, 0x00}, "inner pages and leaves of tables and indexes, and overflow"
    assert int.from_bytes(untouched[36:40], "big") > 0, "free pages"
    random = Random(seed)
    # every byte of the file's header is tried once over the seeds, and some of every page
    places = list(range(seed, 100, 8))
    places += [page + random.randrange(size) for page in range(0, len(untouched), size) for _ in range(2)]
    hits = 0
    for place in places:
        damaged = bytearray(untouched)
        damaged[place] ^= 1 << random.randrange(8)
        path.write_bytes(damaged)
        if found(path):
            hits += 1
        else:
            assert content(path) == before, f"byte {place} (page {place // size}) changed what the store says"
    assert hits > len(places) // 4
