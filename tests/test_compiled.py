"""The core runs compiled, and answers as its sources do."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["graph-service"][
    "compiled"
]


def is_compiled(name: str) -> bool:
    return str(import_module(name).__file__).endswith(tuple(EXTENSION_SUFFIXES))


@pytest.mark.parametrize("name", MODULES)
def test_the_core_runs_compiled(name: str) -> None:
    if not is_compiled(name):
        pytest.skip("nothing is compiled here: `make setup` says why")


def test_the_sources_of_the_core_pass_the_same_tests() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.plain",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/alignment",
            "graph_service/alignment",
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "passed" in run.stdout
