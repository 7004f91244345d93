"""backup and restore: files, refusals, and a served store that is restored under its readers."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import time
from pathlib import Path

import pytest

from graph_service.models.changes import CreatePerson, ErasePersonForGood
from graph_service.models.facts import PutLink
from graph_service.models.nodes import Link, Objective, Person
from graph_service.models.words import LinkKind
from graph_service.workspace import Workspace
from tests.cli.conftest import Command, revision
from tests.serving import PATIENCE, serving
from tests.stores.samples import put
from tests.stores.test_contract_backup import forged


def everything(url: str) -> tuple[int, bytes, bytes]:
    """The revision, the record file and the log of a store."""
    with Workspace.open(url) as workspace:
        store = workspace.store
        assert workspace.verify() == []
        entries = repr(list(store.changes(0))).encode()
        return store.revision(), repr(store.load()._replace(epoch="")).encode(), entries


@pytest.fixture
def other(tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path}/other/harbour.db"


@pytest.mark.parametrize("name", ["company.backup", "company.jsonl.gz", "deeper/company.gz"])
def test_there_and_back(
    ask: Command, graph_service: Command, company: str, other: str, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    done = ask("backup", str(file))
    assert done == (0, "", f"{file} holds {company} as of revision 2; access tokens are not in it\n")
    assert file.read_bytes().startswith(b"\x1f\x8b" if name.endswith(".gz") else b'{"line":"head"')
    done = graph_service("restore", str(file), "--store", other)
    assert done == (0, "", f"{other} is at revision 2 now, as the backup has it; clients read it anew\n")
    assert everything(other) == everything(company)
    exports = [graph_service("export", "--store", url).out for url in (company, other)]
    assert exports[0] == exports[1] != ""


def test_a_pipe_there_and_back(
    ask: Command, graph_service: Command, company: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = ask("backup", "-")
    assert (out.code, out.err) == (0, "")
    assert json.loads(out.out.splitlines()[0])["format"] == "graph-service backup"
    for packed in (False, True):
        raw = gzip.compress(out.out.encode()) if packed else out.out.encode()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(raw))))
            assert graph_service("restore", "-", "--yes", "--store", other).code == 0
        assert everything(other) == everything(company)


def test_a_backup_writes_over_nothing_unless_it_is_told_to(ask: Command, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("to be kept")
    done = ask("backup", str(file))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: '{file}' is there already; name another file, or write over it by --force\n"
    assert file.read_text() == "to be kept"
    assert ask("backup", str(file), "--force").code == 0
    assert file.read_bytes().startswith(b'{"line":"head"')


def test_a_backup_that_fails_leaves_no_file(ask: Command, graph_service: Command, company: str, tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "backups" / "company.backup"
    file.parent.mkdir()
    with sqlite3.connect(company.removeprefix("sqlite:///")) as raw:
        raw.execute("DELETE FROM parts WHERE revision = 2")
    raw.close()
    done = ask("backup", str(file))
    assert done.code == 3
    assert "revision 2: the entry has 0 parts and should have 1" in done.err
    assert [*file.parent.iterdir()] == []
    missing = graph_service("backup", str(file), "--store", f"sqlite:///{tmp_path}/nowhere.db")
    assert missing.code == 3
    assert [*file.parent.iterdir()] == []


def test_the_same_backup_packed_twice_is_the_same_but_for_its_moment(ask: Command, tmp_path: Path) -> None:
    lines = []
    for name in ("one.gz", "two.gz"):
        assert ask("backup", str(tmp_path / name)).code == 0
        lines.append(gzip.decompress((tmp_path / name).read_bytes()).splitlines())
    assert lines[0][1:-1] == lines[1][1:-1]


def test_a_store_that_holds_something_is_not_replaced_without_a_word(
    ask: Command, company: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "company.backup")
    ask("backup", file)
    ask("check-in", "answer-time", "500")
    before = everything(company)
    done = ask("restore", file)
    assert done.code == 2
    assert f"{company} is at revision 3; a restore replaces all of it; say so by --yes" in done.err
    assert everything(company) == before
    assert ask("restore", file, "--yes").code == 0
    assert revision(company) == 2


def test_who_was_erased_since_is_erased_again_and_named(ask: Command, company: str, tmp_path: Path) -> None:
    file = str(tmp_path / "company.backup")
    with Workspace.open(company) as workspace:
        workspace.commit([CreatePerson(id="grace", name="Grace Hopper")])
    ask("backup", file)
    with Workspace.open(company) as workspace:
        workspace.commit([ErasePersonForGood(id="yuki")])
        workspace.commit([ErasePersonForGood(id="grace")])
    done = ask("restore", file, "--yes")
    assert done.code == 0
    assert done.err.splitlines() == [
        f"{company} is at revision 5 now, as the backup has it; clients read it anew",
        "2 people erased since the backup: erased again, one entry each in the log: grace, yuki",
    ]
    with Workspace.open(company) as workspace:
        entries = list(workspace.store.changes(3))
        assert [(one.by, one.source, one.steps[0].kind) for one in entries] == [
            ("command line", "restore", "erasePerson")
        ] * 2
        # as the mutation would have written it
        workspace.commit([CreatePerson(id="joan", name="Joan Clarke")])
        workspace.commit([ErasePersonForGood(id="joan")])
        [mutation] = workspace.store.changes(6)
        assert mutation.steps[0].input == {"id": "joan"}
        assert entries[0].steps[0].input == {"id": "grace"}
    assert "Hopper" not in ask("log", "--after", "0").out
    assert ask("verify").code == 0


def damaged(raw: bytes) -> dict[str, bytes]:
    """Files that are no sound backup."""
    packed = gzip.compress(raw)
    return {
        "empty": b"",
        "cut": raw[:-200],
        "one line short": raw[: raw.rindex(b"\n", 0, -1) + 1],
        "changed": raw.replace(b"Grow revenue", b"Glow revenue"),
        "packed and cut": packed[:-50],
        "packed and changed": packed[:100] + bytes([packed[100] ^ 4]) + packed[101:],
        "packed zeros": gzip.compress(bytes(20_000_000)),
        "packed twice": gzip.compress(packed),
        "records": b'{"kind":"objective","id":"grow","title":"Grow revenue"}\n',
    }


@pytest.mark.parametrize("kind", damaged(bytes(range(256)) * 4))
def test_a_file_that_is_not_sound_changes_nothing(
    ask: Command, graph_service: Command, company: str, other: str, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "company.backup"
    ask("backup", str(file))
    file.write_bytes(damaged(file.read_bytes())[kind])
    before = everything(company)
    done = ask("restore", str(file), "--yes")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {file}: ")
    assert done.err.endswith("; nothing was changed\n")
    assert everything(company) == before
    assert graph_service("restore", str(file), "--store", other).code == 1
    assert not Path(other.removeprefix("sqlite:///")).exists()


def test_a_forged_file_whose_facts_make_no_graph_changes_nothing(ask: Command, company: str, tmp_path: Path) -> None:
    ring = [
        *put(Objective("grow", "Grow"), Objective("hire", "Hire")),
        *(PutLink(Link(*ends, LinkKind.PARENT)) for ends in (("grow", "hire"), ("hire", "grow"))),
    ]
    odd = [*put(Objective("grow", "Grow"), Person("ada", "Ada")), PutLink(Link("grow", "ada", LinkKind.PARENT))]
    for facts in (ring, odd):
        file = tmp_path / "company.backup"
        file.write_bytes(b"".join(forged(facts)))
        before = everything(company)
        done = ask("restore", str(file), "--yes")
        assert done.code == 1
        assert "the facts at revision 1 make no graph" in done.err
        assert everything(company) == before


def test_a_file_that_is_a_folder(ask: Command, company: str, tmp_path: Path) -> None:
    assert ask("restore", str(tmp_path), "--yes").code == 1
    assert revision(company) == 2


def test_a_file_that_is_not_there(ask: Command, company: str) -> None:
    done = ask("restore", "nowhere.backup", "--yes")
    assert (done.code, done.err.split(";")[0]) == (2, "error: there is no file 'nowhere.backup'")
    assert revision(company) == 2


def test_a_file_that_may_not_be_written(ask: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    done = ask("backup", str(tmp_path / "taken" / "company.backup"))
    assert done.code == 2
    assert "cannot be written" in done.err


# ---------- under a running service ----------

PAGE = "query Page($after: String) { objectives(first: 1, after: $after) { edges { cursor node { id } } } revision }"


def test_a_running_service_follows_a_restore_and_refuses_what_was_before_it(
    ask: Command, company: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "company.backup")
    ask("backup", file)
    with serving("serve", "--port", "0", "--store", company) as server:
        assert ask("check-in", "answer-time", "500").code == 0
        first = server.answer(PAGE)["data"]
        assert first["revision"] == 3
        cursor = first["objectives"]["edges"][0]["cursor"]
        assert server.answer(PAGE, {"after": cursor})["data"]["objectives"]["edges"] != []
        create = 'mutation { createTeam(input: { name: "Delivery", idempotencyKey: "monday" }) { revision } }'
        assert server.answer(create)["data"]["createTeam"]["revision"] == 4

        assert ask("restore", file, "--yes").code == 0
        assert server.ask('{ revision keyResult(id: "answer-time") { value } }') == {
            "revision": 2,
            "keyResult": {"value": 700.0},
        }
        refused = server.answer(PAGE, {"after": cursor})
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
        assert "cursor" in refused["errors"][0]["message"]
        # a restore that brings the same number back is another history all the same
        fresh = server.answer(PAGE)["data"]["objectives"]["edges"][0]["cursor"]
        assert ask("restore", file, "--yes").code == 0
        refused = server.answer(PAGE, {"after": fresh})
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
        # and it goes on being written
        assert server.answer(create)["data"]["createTeam"]["revision"] == 3
        assert server.stop()[0] == 0
    assert everything(company)[0] == 3


def test_a_backup_of_a_store_that_is_being_written_is_one_moment(
    ask: Command, graph_service: Command, company: str, other: str, tmp_path: Path
) -> None:
    with serving("serve", "--port", "0", "--store", company) as server:
        until = time.monotonic() + PATIENCE
        for number in range(5):
            assert time.monotonic() < until
            server.answer(
                f'mutation {{ createTeam(input: {{ id: "team-{number}", name: "Delivery" }}) {{ revision }} }}'
            )
            file = tmp_path / f"{number}.backup"
            assert ask("backup", str(file)).code == 0
            assert graph_service("restore", str(file), "--yes", "--store", other).code == 0
            assert everything(other)[0] == 3 + number
        assert server.stop()[0] == 0


def test_a_backup_is_readable_by_whom_files_here_are(ask: Command, tmp_path: Path) -> None:
    file = tmp_path / "company.backup"
    mask = os.umask(0o077)
    try:
        assert ask("backup", str(file)).code == 0
    finally:
        os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o600
