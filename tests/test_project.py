"""The checkout itself: version, locks, targets, what is shipped and what lies at the top."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import graph_service

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
LOCKS = sorted((ROOT / ".ci" / "locks").iterdir())

TOP_LEVEL = {
    ".ci",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "docker-compose.yml",
    "docs",
    "graph_service",
    "pyproject.toml",
    "schema",
    "tests",
}


class Pin(NamedTuple):
    """One line of a lock."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]

    def applies(self) -> bool:
        return self.marker is None or self.marker.evaluate()


def pins(lock: Path) -> list[Pin]:
    """The pins of a lock in file order; fails on any line that is neither a pin, a hash nor a comment."""
    found: list[Pin] = []
    for line in lock.read_text().splitlines():
        if re.fullmatch(r"\s*#.*", line):
            continue
        if pin := re.fullmatch(r"([a-z0-9][a-z0-9-]*)==([0-9][0-9a-z.]*)(?: ; (.+?))? \\", line):
            name, version, marker = pin.groups()
            found.append(Pin(name, version, Marker(marker) if marker else None, ()))
        elif digest := re.fullmatch(r"    --hash=sha256:([0-9a-f]{64})(?: \\)?", line):
            found[-1] = found[-1]._replace(hashes=(*found[-1].hashes, digest[1]))
        else:
            pytest.fail(f"{lock.name}: not a pin, a hash or a comment: {line!r}")
    return found


def checked_in(*under: str) -> list[str]:
    """The paths of the checkout that are, or are about to be, under version control; sorted."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "--", *under]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in listed if (ROOT / path).is_file())


def releases() -> list[tuple[str, date]]:
    """The releases named in the changelog with their days, in file order."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    found = []
    for heading in headings[1:]:
        release = re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})", heading)
        assert release is not None, f"CHANGELOG.md: {heading!r} is not like [1.2.3] - 2026-01-31"
        found.append((release[1], date.fromisoformat(release[2])))
    return found


def test_version_is_the_installed_one() -> None:
    assert metadata.version("graph-service") == graph_service.__version__


def test_version_agrees_with_the_head_of_the_changelog() -> None:
    version = Version(graph_service.__version__)
    newest = Version(releases()[0][0]) if releases() else Version("0.0.0")
    if version.is_devrelease:
        assert Version(version.base_version) > newest
    else:
        assert version == newest


def test_changelog_goes_back_in_time_and_uses_the_six_headings() -> None:
    found = [(Version(version), day) for version, day in releases()]
    assert found == sorted(found, reverse=True)
    sections = re.findall(r"^### (.*)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert sections
    assert set(sections) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_metadata_tells_what_a_user_needs_to_know() -> None:
    told = metadata.metadata("graph-service")
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()
    [script] = metadata.entry_points(group="console_scripts", name="graph-service")
    assert script.value == "graph_service.cli:main"


def test_one_floor_and_one_list_of_pythons_everywhere() -> None:
    classifiers = [
        line.rpartition(" ")[2]
        for line in PROJECT["project"]["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    ]
    assert classifiers == ["3.11", "3.12", "3.13", "3.14"]
    assert re.findall(r'"(3\.\d+)"', (ROOT / ".github/workflows/ci.yml").read_text()) == classifiers
    assert PROJECT["project"]["requires-python"] == f">={classifiers[0]}"
    assert PROJECT["tool"]["mypy"]["python_version"] == classifiers[0]
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"
    assert "sys.version_info < (3, 11)" in (ROOT / "Makefile").read_text()


def test_there_are_four_locks() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.txt", "lock.txt", "runtime.txt", "tests.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_has_hashes_for_all_and_addresses_for_none(lock: Path) -> None:
    found = pins(lock)
    assert found
    assert [pin.name for pin in found if not pin.hashes] == []
    for word in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", "@", "file:", str(Path.home())):
        assert word not in lock.read_text()


def test_locks_of_npm_have_hashes_for_all_and_addresses_for_none() -> None:
    found = [ROOT / name for name in checked_in() if name.endswith("package-lock.json")]
    assert found
    for lock in found:
        packages = json.loads(lock.read_text())["packages"]
        assert [name for name, package in packages.items() if name and "integrity" not in package] == []
        assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize(("lock", "wanted"), [("runtime.txt", RUNTIME), ("dev.txt", RUNTIME + DEVELOPMENT)])
def test_lock_satisfies_what_the_project_asks_for(lock: str, wanted: list[Requirement]) -> None:
    found = pins(ROOT / ".ci" / "locks" / lock)
    for requirement in wanted:
        versions = [pin.version for pin in found if pin.name == canonicalize_name(requirement.name)]
        assert versions, f"{lock} lacks {requirement}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: run `make lock`"


def test_what_is_tested_is_what_is_shipped() -> None:
    tested = {
        (pin.name, pin.version, str(pin.marker))
        for lock in ("dev.txt", "tests.txt")
        for pin in pins(ROOT / ".ci/locks" / lock)
    }
    shipped = {(pin.name, pin.version, str(pin.marker)) for pin in pins(ROOT / ".ci/locks/runtime.txt")}
    assert shipped - tested == set()


def test_what_is_installed_is_what_is_locked() -> None:
    locked = {pin.name: pin.version for pin in pins(ROOT / ".ci/locks/dev.txt") if pin.applies()}
    installed: dict[str, str] = {canonicalize_name(dist.name): dist.version for dist in metadata.distributions()}
    assert {name: installed.get(name) for name in locked} == locked


def test_every_runtime_dependency_is_used() -> None:
    called = {"pyyaml": "yaml", "strawberry-graphql": "strawberry"}
    sources = "\n".join(path.read_text() for path in sorted((ROOT / "graph_service").rglob("*.py")))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", sources, flags=re.MULTILINE))
    # tzdata is read by zoneinfo where the system has no time zones; websockets is what the server speaks them with
    names = {requirement.name for requirement in RUNTIME} - {"tzdata", "websockets"}
    wanted = {called.get(name, name.replace("-", "_")) for name in names}
    assert sorted(wanted - imported) == []


@pytest.mark.may_skip("an unpacked archive is no checkout")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git checkout")
def test_top_level_holds_only_what_belongs_there() -> None:
    assert {path.partition("/")[0] for path in checked_in()} - TOP_LEVEL == set()


def test_every_target_is_explained_by_make_help() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert phony is not None
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    explained = {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in shown.splitlines()}
    assert set(explained) == set(phony[1].split()) - {"FORCE"}
    assert {"setup", "demo", "test", "lint", "format", "bench", "lock"} <= set(explained)


def test_ci_runs_the_same_as_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert script.read_text().splitlines()[-1] == "exec make --no-print-directory test </dev/null"


@pytest.mark.may_skip("an unpacked archive is no checkout")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git checkout")
def test_wheel_holds_the_package_with_its_data_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("graph_service-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = sorted(archive.namelist())
    sources = "graph_service/web/chart/"  # of what stands built in static
    served = [name for name in checked_in("graph_service") if not name.startswith(sources)]
    assert [name for name in held if ".dist-info/" not in name] == served
    assert "graph_service/py.typed" in held
    assert f"graph_service-{graph_service.__version__}.dist-info/licenses/LICENSE" in held


SKIPPING = """
import pytest

def test_weekly_active_users() -> None:
    pass

def test_without_its_server() -> None:
    pytest.skip("no server")

@pytest.mark.may_skip("runs on a laptop only")
def test_laptop() -> None:
    pytest.skip("no laptop")

@pytest.mark.xfail(reason="known")
def test_known() -> None:
    raise AssertionError
"""


@pytest.mark.parametrize(
    ("ci", "code", "summary"),
    [
        ("true", pytest.ExitCode.TESTS_FAILED, "1 failed, 1 passed, 1 skipped, 1 xfailed, 1 error"),
        ("", pytest.ExitCode.OK, "1 passed, 3 skipped, 1 xfailed"),
    ],
)
def test_a_skip_fails_in_ci_unless_the_test_may_be_skipped(
    tmp_path: Path, ci: str, code: pytest.ExitCode, summary: str
) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_single.py").write_text(SKIPPING)
    (tmp_path / "test_whole.py").write_text("import pytest\n\npytest.skip('no server', allow_module_level=True)\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    may_skip(reason)\n")
    command = [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"CI": ci}, check=False, capture_output=True, text=True
    )
    assert done.returncode == code
    assert done.stdout.splitlines()[-1].partition(" in ")[0] == summary
