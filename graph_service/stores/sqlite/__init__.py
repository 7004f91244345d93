"""The embedded store: one SQLite file, or memory for a trial.

A file is in WAL mode with ``synchronous=FULL``: a commit is one transaction and one sync, readers see the last commit
and hold up nobody. Any number of threads and processes may use one file; one of them writes at a time, and a commit
that was decided on an older revision is refused. Values stand as JSON beside the columns that SQL needs, because
reading a table as one JSON array is the fastest way to start.
"""

from graph_service.stores.sqlite.schema import sqlite_sql
from graph_service.stores.sqlite.store import SQLiteStore

__all__ = ["SQLiteStore", "sqlite_sql"]
