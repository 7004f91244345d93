"""copy: from one kind of store to another and back, with history and revisions, compared at the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph_service.models.changes import ErasePersonForGood
from graph_service.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.test_backups import everything
from tests.stores.conftest import PLACES, SHARED

COMPARED = "compared: the same log, byte for byte, and the present that it gives; access tokens were not copied\n"


@pytest.fixture(params=SHARED)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of another store that is not there yet, of each kind."""
    return PLACES[request.param](tmp_path / "other").replace("bolt://", "bolt://neo4j@")


def test_there_and_back(graph_service: Command, company: str, other: str, tmp_path: Path) -> None:
    done = graph_service("copy", "--from", company, "--to", other)
    assert done == (0, f"{other} is at revision 2: 12 nodes, 10 links, 1 check-in\n{COMPARED}", "")
    assert everything(other) == everything(company)
    back = f"sqlite:///{tmp_path}/back.db"
    done = graph_service("copy", "--from", other, "--to", back)
    assert done == (0, f"{back} is at revision 2: 12 nodes, 10 links, 1 check-in\n{COMPARED}", "")
    assert everything(back) == everything(company)
    exports = [graph_service("export", "--store", url).out for url in (company, other, back)]
    assert exports[0] == exports[1] == exports[2] != ""
    logs = [graph_service("log", "--json", "--store", url).out for url in (company, other, back)]
    assert logs[0] == logs[1] == logs[2] != ""


def test_a_store_that_is_filled_is_replaced_only_if_that_is_said(
    graph_service: Command, company: str, other: str
) -> None:
    assert graph_service("copy", "--from", company, "--to", other).code == 0
    before = everything(other)
    done = graph_service("copy", "--from", company, "--to", other)
    assert (done.code, done.out) == (2, "")
    assert "is at revision 2; a restore replaces all of it; say so by --yes" in done.err
    assert everything(other) == before
    assert graph_service("copy", "--from", company, "--to", other, "--yes").code == 0
    assert everything(other) == before


def test_who_was_erased_in_the_target_stays_erased(graph_service: Command, company: str, other: str) -> None:
    assert graph_service("copy", "--from", company, "--to", other).code == 0
    with Workspace.open(other) as workspace:
        workspace.commit([ErasePersonForGood(id="ines")])
    done = graph_service("copy", "--from", company, "--to", other, "--yes")
    assert (done.code, done.err) == (
        0,
        "1 person erased in the target before: erased again, one entry each in the log\n",
    )
    assert re.match(rf"{re.escape(other)} is at revision 3: ", done.out)
    assert "Carvalho" not in repr(everything(other))


def test_a_copy_onto_itself_is_wrong_use(graph_service: Command, company: str) -> None:
    before = everything(company)
    done = graph_service("copy", "--from", company, "--to", company)
    assert (done.code, done.out) == (2, "")
    assert "is both; name another store" in done.err
    assert everything(company) == before


def test_a_source_that_is_not_there(graph_service: Command, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    done = graph_service("copy", "--from", f"sqlite:///{tmp_path}/no.db", "--to", f"sqlite:///{target}")
    assert (done.code, done.out) == (3, "")
    assert "there is no store at" in done.err
    assert not target.exists()


def test_a_copy_that_is_not_the_same_is_told(
    graph_service: Command, company: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph_service.stores.sqlite import SQLiteStore

    whole = SQLiteStore.backup
    target = f"sqlite:///{tmp_path}/target.db"

    def short(self: SQLiteStore, at: object) -> object:
        lines = list(whole(self, at))  # type: ignore[arg-type]
        return iter(lines if self.url == company else [*lines[:-2], lines[-1]])

    monkeypatch.setattr(SQLiteStore, "backup", short)
    done = graph_service("copy", "--from", company, "--to", target)
    assert (done.code, done.out) == (3, "")
    assert f"the log of {target} is not that of {company}; copy it again" in done.err
