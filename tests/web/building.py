"""The tools that the web component is built and tried with, installed once as its lock names them."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent.parent / "graph_service" / "web" / "chart"


def npm(*arguments: str) -> str:
    """Runs npm among the sources of the component; what it said."""
    done = subprocess.run(["npm", *arguments], cwd=SOURCES, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed() -> Path:
    """The folder of the packages; skips where there is no npm. Test processes that come at once wait for each other."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here, so the chart is neither built again nor checked by axe")
    folder, lock = SOURCES / "node_modules", SOURCES / "package-lock.json"
    with Path(tempfile.gettempdir(), "graph-service-npm.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        known = folder / ".package-lock.json"
        if not known.exists() or known.stat().st_mtime < lock.stat().st_mtime:
            npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return folder
