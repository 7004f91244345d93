"""Where a Neo4j store is: its address, taken apart."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from graph_service.errors import Invalid

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""The schemes of the driver: ``neo4j`` is routed within a cluster, ``bolt`` speaks with one server; ``+s`` encrypts and
checks the certificate, ``+ssc`` takes a self-signed one."""

PASSWORD_SETTING = "GRAPH_SERVICE_NEO4J_PASSWORD"  # noqa: S105 - the name of the setting that holds it
DEFAULT_PORT = 7687
DEFAULT_USER = "neo4j"
DEFAULT_DATABASE = "neo4j"
DEFAULT_WORKSPACE = "main"

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
EXAMPLE = "neo4j://user@host:7687/database?workspace=name"


class Address(NamedTuple):
    """A Neo4j server, a database in it and a workspace in that."""

    scheme: str
    host: str
    port: int
    user: str = DEFAULT_USER
    database: str = DEFAULT_DATABASE
    workspace: str = DEFAULT_WORKSPACE

    @property
    def server(self) -> str:
        """What the driver is given."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address; there is no password in it."""
        scheme, _, place = self.server.partition("://")
        return f"{scheme}://{self.user}@{place}/{self.database}?workspace={self.workspace}"


def read_address(url: str) -> Address:
    """The address that a text stands for; Invalid, and the text not repeated if it holds a password, if it is none.

    >>> read_address("neo4j://graph.example").url
    'neo4j://neo4j@graph.example:7687/neo4j?workspace=main'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _wrong("its host or port cannot be read") from None
    if parts.password is not None:
        raise _wrong(f"a password has no place in it, where logs and process lists show it; set {PASSWORD_SETTING}")
    if not host:
        raise _wrong("it names no host")
    database = parts.path.removeprefix("/")
    given = parse_qsl(parts.query, keep_blank_values=True)
    if parts.fragment or [name for name, _ in given] not in ([], ["workspace"]):
        raise _wrong("after the database there may only be ?workspace=NAME")
    workspace = given[0][1] if given else DEFAULT_WORKSPACE
    for what, name in (("database", database or DEFAULT_DATABASE), ("workspace", workspace)):
        if not NAME.match(name):
            raise _wrong(f"the {what} is named by letters, digits, '.', '_' and '-', at most 63")
    user = DEFAULT_USER if parts.username is None else unquote(parts.username)
    if not user or not user.isprintable() or len(user) > 200:
        raise _wrong("the user's name cannot be one")
    return Address(parts.scheme, host, port or DEFAULT_PORT, user, database or DEFAULT_DATABASE, workspace)


def _wrong(why: str) -> Invalid:
    return Invalid(f"the address of the Neo4j store is wrong: {why} ({EXAMPLE})", path=("store",))
