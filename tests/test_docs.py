"""The examples of docs/ do what they say, on the sample company."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from graphql import parse

from tests.serving import Serving, serving

FOLDER = Path(__file__).resolve().parent.parent / "docs"
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)( variables)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    """One example: where it stands, its language, its text, and the variables that follow it."""

    page: str
    line: int
    language: str
    text: str
    variables: str = "{}"


def examples(*languages: str) -> list[Example]:
    found: list[Example] = []
    for page in sorted(FOLDER.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            language, variables, body = block.groups()
            if variables:
                found[-1] = found[-1]._replace(variables=body)
            else:
                found.append(Example(page.stem, text.count("\n", 0, block.start()) + 1, language, body))
    return [example for example in found if example.language in languages]


def named(example: Example) -> str:
    return f"{example.page}-{example.line}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving("demo", "--port", "0", XDG_DATA_HOME=str(tmp_path_factory.mktemp("data"))) as server:
        yield server


@pytest.mark.parametrize("example", examples("graphql"), ids=named)
def test_an_operation_is_answered(server: Serving, example: Example) -> None:
    [operation] = parse(example.text).definitions
    if operation.operation.value == "subscription":  # type: ignore[attr-defined]
        return
    answer = server.answer(example.text, json.loads(example.variables))
    assert "errors" not in answer
    for told in answer["data"].values():
        assert told
        assert not isinstance(told, dict) or not told.get("errors")


@pytest.mark.parametrize("example", examples("python"), ids=named)
def test_a_program_runs(server: Serving, example: Example) -> None:
    seen: dict[str, object] = {}
    exec(compile(example.text.replace(ADDRESS, server.base), example.page, "exec"), seen)
    if "titles" in seen:
        titles = seen["titles"]
        assert isinstance(titles, list)
        assert titles == sorted(titles)
        twice = [title for title, many in Counter(titles).items() if many > 1]
        assert twice == ["Keep the spirit of the small boat"], "two goals of the sample are called the same"


@pytest.mark.may_skip("curl is part of an example, not of the project")
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
@pytest.mark.parametrize("example", [one for one in examples("sh") if one.text.startswith("curl")], ids=named)
def test_a_request_by_curl_is_answered(server: Serving, example: Example) -> None:
    command = ["bash", "-c", example.text.replace(ADDRESS, server.base)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout)
    assert list(answer) == ["data", "extensions"]


def test_every_relative_link_leads_somewhere() -> None:
    for page in sorted(FOLDER.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (FOLDER / target).exists(), f"{page.name}: {target}"


def test_every_promise_is_held_by_tests_that_there_are() -> None:
    rows = [
        line for line in (FOLDER / "promises.md").read_text(encoding="utf-8").splitlines() if line.startswith("| **")
    ]
    assert len(rows) == 18
    for row in rows:
        held = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert held, row
        for path, name in held:
            text = (FOLDER.parent / path).read_text(encoding="utf-8")
            assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{path}::{name}"
