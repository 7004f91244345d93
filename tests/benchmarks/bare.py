"""Bare SQLite, a synced transaction each: ``python -m tests.benchmarks.bare FILE TIMES`` prints the seconds of one."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.table import seconds


def inserting(connection: sqlite3.Connection) -> Callable[[], None]:
    """What writes one row and syncs it, each time another one; the table is made now."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE check_in (id TEXT PRIMARY KEY, goal TEXT, value REAL) STRICT")
    numbers = iter(range(10**6))

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO check_in VALUES (?, ?, ?)", (str(next(numbers)), "goal-1", 1.0))
        connection.execute("COMMIT")

    return insert


def main(path: Path, times: int) -> None:
    """Measures on a new file."""
    connection = sqlite3.connect(path, isolation_level=None)
    print(seconds(inserting(connection), times))
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
