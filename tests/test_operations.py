"""The example operations: each does on the sample company what its first line says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from graph_service.api.context import Asking
from graph_service.api.following import Followers
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.api.subscribers import Subscriber
from graph_service.models.changes import AssignOwner, Change, CheckInKeyResult, CreateObjective
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


FOLLOWING = [name for name in NAMES if name.startswith("follow-")]


@pytest.mark.parametrize("name", FOLLOWING)
def test_an_example_is_followed(workspace: Workspace, name: str) -> None:
    document = (FOLDER / f"{name}.graphql").read_text()
    variables = json.loads((FOLDER / f"{name}.json").read_text())
    done: list[Change] = [CheckInKeyResult(key_result_id="kr:pipeline-cover", value=2.9)]
    if name == "follow-findings":
        done = [
            CheckInKeyResult(key_result_id="kr:night-alarms", value=16),
            AssignOwner(goal_id="data-hygiene", owner_id="person:bjorn"),
            CreateObjective(id="quiet-nights", title="Sleep through the night"),
        ]

    async def first() -> dict[str, Any]:
        followers = Followers(workspace)
        opened = await followers.open(Asking(workspace), document, variables)
        assert isinstance(opened, Subscriber)
        await asyncio.to_thread(workspace.commit, done)
        async with aclosing(followers.tell(opened)) as telling:
            told: dict[str, Any] = json.loads((await anext(telling)).body)
        return told

    answer = asyncio.run(first())
    assert "errors" not in answer
    [event] = answer["data"].values()
    assert not [field for field, value in event.items() if empty(value)]
    if name == "follow-findings":
        assert "ORPHAN_UNALIGNED" in [one["rule"] for one in event["appeared"]]
        assert "NO_OWNER" in [one["rule"] for one in event["gone"]]
        assert "NEGATIVE" in [one["now"]["rule"] for one in event["changed"]]
    else:
        assert "kr:pipeline-cover" in [one["goal"]["id"] for one in event["changed"]]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FOLLOWING])
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


READS = ("load", "changes", "check_ins", "remembered", "recall", "audits", "commit", "verify")
"""What there is to ask of a store, or to do to it, beside its revision."""


def of_log(document: str) -> bool:
    """Whether a document asks for the log."""
    return re.search(r"\b(changes|history)\s*[({]", document) is not None


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FOLLOWING])
def test_a_question_reads_nothing_from_the_store(
    workspace: Workspace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the log, which is read once for each list of it; a mutation writes once for each of its fields."""
    document = (FOLDER / f"{name}.graphql").read_text()
    variables = json.loads((FOLDER / f"{name}.json").read_text())
    calls: list[str] = []
    for called in READS:
        plain = getattr(workspace.store, called)
        monkeypatch.setattr(workspace.store, called, counted(called, plain, calls))
    assert schema.answer(document, Asking(workspace), variables=variables).errors is None
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    written = ["commit"] * len(operation.selection_set.selections) if operation.operation.value == "mutation" else []
    keys = ["recall"] if "idempotencyKey" in json.dumps(variables) or "$key" in document else []
    assert calls == [*keys, *written, *(["changes"] if of_log(document) else [])]


def counted(name: str, plain: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        calls.append(name)
        return plain(*args, **named)

    return call


def test_the_whole_company_nested_deeply_reads_nothing_from_the_store(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for called in READS:
        monkeypatch.setattr(workspace.store, called, counted(called, getattr(workspace.store, called), calls))
    document = """{
        objectives(first: 200) { totalCount edges { node {
            id status progress { value explain { contributors { goal { id owner { name } } } } }
            owner { name ... on Person { manager { name reports { name teams { name members { name } } } } } }
            ladder { path { goal { title } keyResults { title lastCheckIn { by { name } } } } text }
            cascade(depth: 5) { nodes { goal { title } } mermaid }
            keyResults { title checkIns(first: 5) { totalCount edges { node { note by { name } } } }
                kpi { title keyResults { title } } }
            parents { node { title } } children { node { title } } alignedFrom { node { title } }
            initiatives { title supports { title } } } } }
        orphans { totalCount edges { node { reason candidates { goal { title } reason } } } }
        orgChart(depth: 9) { nodes { owner { name } goals { title } progress } text }
        search(text: "e") { totalCount edges { node { id } } }
        links(first: 500) { totalCount edges { node { from to share } } }
        leverage(id: "first-choice") { keyResult { title } gain }
    }"""
    result = schema.answer(document, Asking(workspace, limits=Limits(cost=10**9, depth=99)))
    assert result.errors is None
    assert (
        result.data is not None and len(result.data["objectives"]["edges"]) == result.data["objectives"]["totalCount"]
    )
    assert calls == []


def test_there_is_one_for_each_thing_that_people_do_with_a_sentence_each() -> None:
    assert len(NAMES) >= 30
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == NAMES
    for name in NAMES:
        text = (FOLDER / f"{name}.graphql").read_text()
        assert text.startswith("# ")
        operation = parse(text).definitions[0]
        words = "".join(word.capitalize() for word in name.split("-"))
        assert operation.name.value == words  # type: ignore[attr-defined]
