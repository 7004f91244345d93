"""The README tells the truth: what the tool prints in it, its commands and its settings are those of today."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from graph_service.cli import run
from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.workspace import Workspace
from tests.readme import PICTURES, README, pictures, written

TEXT = README.read_text(encoding="utf-8")
COLUMNS = """\
columns:
  Title: title
  Parent: parent
  Id: id
constants:
  level: organization
"""


def test_its_generated_parts_are_of_today() -> None:
    assert written(TEXT) == TEXT, "run `make docs`"


def test_its_pictures_are_of_today() -> None:
    drawn = pictures()
    assert sorted(file.name for file in PICTURES.iterdir()) == sorted(drawn)
    for name, picture in drawn.items():
        assert (PICTURES / name).read_text(encoding="utf-8") == picture, "run `make docs`"
        assert f"](docs/pictures/{name})" in TEXT


def shell_lines() -> list[str]:
    return [
        line.strip().partition("  #")[0].strip() for line in TEXT.splitlines() if re.match(r" {4}graph-service ", line)
    ]


@pytest.mark.parametrize("line", [line for line in shell_lines() if " serve" not in line])
def test_its_commands_run(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"sqlite:///{tmp_path}/company.db"
    with Workspace.open(store) as workspace:
        load_sample(workspace, SAMPLE_DAY)
    monkeypatch.setenv("GRAPH_SERVICE_STORE", store)
    monkeypatch.chdir(tmp_path)
    Path("columns.yaml").write_text(COLUMNS, encoding="utf-8")
    Path("goals.csv").write_text("Id,Title,Parent\nwin,Win the harbour,\n", encoding="utf-8")
    assert run(shlex.split(line)[1:]) == 0, capsys.readouterr().err


def test_every_relative_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (README.parent / target).exists(), target
