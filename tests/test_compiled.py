"""The core runs compiled, and answers as its sources do."""

import os
import shutil
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


def compiling(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `.ci/compile` does in a folder that holds nothing else."""
    (folder / ".ci").mkdir(exist_ok=True)
    shutil.copy(ROOT / ".ci/compile", folder / ".ci")
    return subprocess.run(
        [sys.executable, folder / ".ci/compile", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_without_a_compiler_one_line_says_so_and_nothing_stale_is_left(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "graph_service").mkdir()
    stale = tmp_path / "graph_service" / "graph.so"
    stale.touch()
    done = compiling(tmp_path, CC="no-such-compiler", CI=ci)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout == (
        "setup: no C compiler (no-such-compiler), so the core is not compiled: the same answers, but two to three times"
        " slower\n"
    )
    assert not stale.exists()


def test_what_is_compiled_can_be_taken_away(tmp_path: Path) -> None:
    (tmp_path / "graph_service").mkdir()
    made = [tmp_path / "graph_service__mypyc.so.so", tmp_path / "graph_service" / "graph.so"]
    for one in made:
        one.touch()
    done = compiling(tmp_path, "--away")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not any(one.exists() for one in made)
