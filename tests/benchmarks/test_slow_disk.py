"""Durable check-ins over HTTP on disks whose sync takes longer than this one's: what sharing a sync is for.

A sync of the disk below may take 0.2 ms, one of a common server disk 2 to 8 ms. The service and, for comparison, bare
SQLite run with a `fsync` and `fdatasync` that wait so much longer before the real one, and count the syncs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.benchmarks.company import first_leaf
from tests.benchmarks.table import say
from tests.benchmarks.test_api import ROOT, Served, ask, check_in, got, measured, serving
from tests.benchmarks.test_store import fill

SIZE = 10_000
CLIENTS = 32
EACH = 40
ALONE = 150
REVISION = "graph_service_revision"
COMMITS = "graph_service_commits_total"
WARM = 5
"""Requests of each connection before those that are measured; they are acknowledged like the others."""


class Disk(NamedTuple):
    """A disk whose sync takes longer: how processes on it are started, and where the syncs are counted."""

    environment: dict[str, str]
    counted: Path

    def syncs(self) -> int:
        """So many there were so far."""
        return int.from_bytes(self.counted.read_bytes(), sys.byteorder)


def slower(folder: Path, milliseconds: float) -> Disk:
    """A disk so much slower than the real one; skips where that cannot be made."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not sys.platform.startswith("linux") or compiler is None:
        pytest.skip("no figure: a slower sync takes Linux and a C compiler (cc, gcc or clang)")
    library, counted = folder / "slow_sync.so", folder / "syncs"
    source = Path(__file__).with_name("slow_sync.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    counted.write_bytes(bytes(8))
    said = {"LD_PRELOAD": str(library), "SLOW_SYNC_MS": str(milliseconds), "SLOW_SYNC_COUNT": str(counted)}
    return Disk({**os.environ, **said}, counted)


def bare(disk: Disk, path: Path, times: int) -> float:
    """Synced transactions a second, one at a time, of bare SQLite in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bare", str(path), str(times)]
    before = disk.syncs()
    done = subprocess.run(command, cwd=ROOT, env=disk.environment, stdout=subprocess.PIPE, text=True, check=True)
    assert disk.syncs() - before >= times, "SQLite's syncs do not come by what makes them slower"
    return 1 / float(done.stdout)


@contextmanager
def service(disk: Disk, path: Path) -> Iterator[Served]:
    """The service on such a disk."""
    server = serving("10k", f"sqlite:///{path}", [], [], disk.environment)
    try:
        yield next(server)
    finally:
        next(server, None)


def counted(port: int, name: str) -> int:
    """The value of a metric, all of its labels together."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = ask(connection, got("/metrics")).decode().splitlines()
    return round(sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((name + " ", name + "{"))))


@pytest.mark.parametrize("milliseconds", [0, 2, 4, 8])
def test_durable_check_ins(tmp_path: Path, milliseconds: int) -> None:
    disk = slower(tmp_path, milliseconds)
    path = tmp_path / "company.db"
    fill(path, SIZE)
    leaf = first_leaf(SIZE)
    anchor = bare(disk, tmp_path / "bare.db", 200)
    with service(disk, path) as served:
        port = served.port

        def rows(clients: int, each: int) -> tuple[str, float, float]:
            asked = [check_in(f"goal-{leaf + number}", number % 100) for number in range(clients * each)]
            revision, commits, syncs = counted(port, REVISION), counted(port, COMMITS), disk.syncs()
            figures = measured(port, asked, clients, each)
            acknowledged = clients * (each + WARM)
            assert counted(port, REVISION) - revision == acknowledged
            assert counted(port, COMMITS) - commits == acknowledged
            return str(figures), figures.rate, acknowledged / (disk.syncs() - syncs)

        alone, one, _ = rows(1, ALONE)
        together, many, shared = rows(CLIENTS, EACH)
    what = f"a sync {milliseconds} ms longer" if milliseconds else "this disk's sync"
    say(f"{what}: bare transactions, one at a time", f"{anchor:,.0f} /s")
    say(f"{what}: check-ins over HTTP, 1 client", f"{one:,.0f} /s", alone, f"{one / anchor:.2f}x bare")
    ratios = f"{many / one:.1f}x one; {many / anchor:.1f}x bare; {shared:.0f} share a sync"
    say(f"{what}: check-ins over HTTP, {CLIENTS} clients", f"{many:,.0f} /s", together, ratios)
