"""The built web component is what its sources make: type-checked, built again, and compared by bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph_service.web.pages import STATIC
from tests.web.building import SOURCES, installed, npm


@pytest.fixture(scope="module")
def tools() -> Path:
    return installed()


def test_the_sources_hold_their_types(tools: Path) -> None:
    npm("run", "--silent", "check")


def test_the_built_file_is_of_today(tools: Path, tmp_path: Path) -> None:
    npm("run", "--silent", "build", "--", str(tmp_path / "embed.js"))
    assert (tmp_path / "embed.js").read_bytes() == (STATIC / "embed.js").read_bytes(), "run `make chart`"


def test_the_lock_names_hashes_and_no_addresses() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_what_is_in_the_built_file_may_be_passed_on() -> None:
    """The licences of all packages that are bundled stand beside it."""
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    told = (STATIC / "embed.LICENSES.txt").read_text()
    for name, package in lock["packages"].items():
        if name and not package.get("dev"):
            assert package["license"] in {"MIT", "ISC", "BSD-3-Clause"}, name
            assert name.removeprefix("node_modules/") in told, name
