"""The client libraries that people use, from their real packages, and a server with the sample company for them."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Serving, serving

FOLDER = Path(__file__).resolve().parent
PACKAGES = FOLDER / "node_modules"
OLDEST_NODE = 20

Node = Callable[..., Any]


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the JavaScript packages, installed as locked; skipped without a Node.js that can run them."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here; install Node.js to try the clients in JavaScript")
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node.js {version} is too old for the clients in JavaScript; they need {OLDEST_NODE} or newer")
    locked = (FOLDER / "package-lock.json").read_bytes()
    stamp = PACKAGES / ".installed"
    with (FOLDER / ".gitignore").open() as lock:  # several test processes want them at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_bytes() != locked:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=FOLDER, check=True)
            stamp.write_bytes(locked)
    return PACKAGES


@pytest.fixture(scope="session")
def node(packages: Path) -> Node:
    """Runs a script of this folder with some arguments and gives the JSON that it prints."""

    def run(script: str | Path, *arguments: str) -> Any:
        command = ["node", str(FOLDER / script), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    """A server with the sample company, for one test alone."""
    with serving("demo", "--port", "0", XDG_DATA_HOME=str(tmp_path)) as server:
        yield server


@pytest.fixture
def environment(packages: Path) -> dict[str, str]:
    """The environment for the commands of the packages."""
    return os.environ | {"PATH": f"{PACKAGES / '.bin'}{os.pathsep}{os.environ['PATH']}", "CI": "true"}
