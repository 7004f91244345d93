"""Where the facts live: one interface, several stores, one contract suite."""

from __future__ import annotations

from pathlib import Path

from graph_service.errors import Invalid
from graph_service.stores.base import Store

SQLITE = "sqlite://"
NEO4J = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})
"""Schemes of the driver: routed or to one server, plain, encrypted, or encrypted with a certificate of one's own."""


def open_store(url: str, *, create: bool = True, password: str | None = None, eager: bool = True) -> Store:
    """The store at an address.

    ``sqlite:///name.db`` (a path from the current folder), ``sqlite:////full/path.db``, or ``sqlite://`` and
    ``sqlite:///:memory:`` for one in memory; ``neo4j://user@host:7687/database?workspace=name``, with ``bolt`` for a
    single server and ``+s`` for an encrypted connection, all but the host optional. What is not there is made, unless
    ``create`` is False. ``password`` is for a server; with ``eager`` False a server is asked only when it is needed.

    Invalid for any other address; StoreUnavailable or StoreDamaged if it cannot be opened.
    """
    if url.startswith(SQLITE):
        from graph_service.stores.sqlite import SQLiteStore

        place, path = url[len(SQLITE) :].partition("/")[::2]
        if not place and "\0" not in path:
            return SQLiteStore(url, None if path in {"", ":memory:"} else Path(path), create=create)
    elif url.partition("://")[0] in NEO4J:
        from graph_service.stores.neo4j import Neo4jStore

        return Neo4jStore(url, password=password, create=create, eager=eager)
    raise Invalid(
        f"'{url}' is no address of a store; use sqlite:///name.db, sqlite:////full/path.db, sqlite:// (in memory), or"
        " neo4j://user@host/database",
        path=("store",),
    )
