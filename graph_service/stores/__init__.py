"""Where the facts live: one interface, several stores, one contract suite."""

from __future__ import annotations

from pathlib import Path

from graph_service.errors import Invalid
from graph_service.stores.base import Store

SQLITE = "sqlite://"


def open_store(url: str, *, create: bool = True) -> Store:
    """The store at an address.

    ``sqlite:///name.db`` (a path from the current folder), ``sqlite:////full/path.db``, or ``sqlite://`` and
    ``sqlite:///:memory:`` for one in memory. A file that is not there is made, with its folder, unless ``create`` is
    False. Invalid for any other address; StoreUnavailable or StoreDamaged if it cannot be opened.
    """
    if url.startswith(SQLITE):
        from graph_service.stores.sqlite import SQLiteStore

        place, path = url[len(SQLITE) :].partition("/")[::2]
        if not place and "\0" not in path:
            return SQLiteStore(url, None if path in {"", ":memory:"} else Path(path), create=create)
    raise Invalid(
        f"'{url}' is no address of a store; use sqlite:///name.db, sqlite:////full/path.db, or sqlite:// (in memory)",
        path=("store",),
    )
