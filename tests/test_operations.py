"""The example operations: each does on the sample company what its first line says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from graph_service.api.context import Asking
from graph_service.api.schema import schema
from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.workspace import Workspace

FOLDER = Path(__file__).resolve().parent.parent / "schema" / "operations"
NAMES = sorted(file.stem for file in FOLDER.glob("*.graphql"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the sample."""
    file = tmp_path_factory.mktemp("sample") / "sample.db"
    with Workspace.open(f"sqlite:///{file}") as workspace:
        load_sample(workspace)
    return file


@pytest.fixture
def workspace(filled: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The sample on its day, for one test alone."""
    file = tmp_path / "sample.db"
    file.write_bytes(filled.read_bytes())
    noon = datetime(SAMPLE_DAY.year, SAMPLE_DAY.month, SAMPLE_DAY.day, 12, tzinfo=UTC)
    with Workspace.open(f"sqlite:///{file}", clock=lambda: noon) as workspace:
        yield workspace


def empty(value: Any) -> bool:
    """Whether an answer says nothing at all."""
    if isinstance(value, dict):
        return all(map(empty, value.values()))
    return value in (None, [], 0, False)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_answered(workspace: Workspace, name: str) -> None:
    document = (FOLDER / f"{name}.graphql").read_text()
    variables = json.loads((FOLDER / f"{name}.json").read_text())
    result = schema.answer(document, Asking(workspace), variables=variables)
    assert result.errors is None
    assert result.data is not None
    for field, answer in result.data.items():
        assert not empty(answer), field
        if isinstance(answer, dict) and "errors" in answer:
            assert answer["errors"] == [], field
            if "changed" in answer and field != "linkGoals":
                assert answer["changed"] != [], field


def test_there_are_about_twenty_with_a_sentence_each() -> None:
    assert len(NAMES) >= 20
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == NAMES
    for name in NAMES:
        text = (FOLDER / f"{name}.graphql").read_text()
        assert text.startswith("# ")
        (operation,) = parse(text).definitions
        words = "".join(word.capitalize() for word in name.split("-"))
        assert operation.name.value == words  # type: ignore[attr-defined]
