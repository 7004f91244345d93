"""Workspaces for tests on a Neo4j server: the one of this run, or that of ``GRAPH_SERVICE_TEST_NEO4J``."""

from __future__ import annotations

import atexit
import os
import secrets
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import neo4j
import pytest

from tests.stores.neo4j.server import CURRENT, LTS, OF_CURRENT, Missing, java, shared_server

GIVEN = "GRAPH_SERVICE_TEST_NEO4J"
"""An address such as bolt://127.0.0.1:7687, of a server without passwords whose content may be lost."""

_made: list[str] = []


@cache
def neo4j_server(version: str = LTS) -> str:
    """The address of the server of a version that all processes of this run share; Missing if none is to be had."""
    if version == LTS and (given := os.environ.get(GIVEN)) is not None:
        atexit.register(_forget, given)
        return given
    # all workers of a run have one parent, and one run has one server
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    stack = ExitStack()
    folder = Path(tempfile.gettempdir()) / f"graph-service-neo4j-{version}-{run}"
    address = stack.enter_context(shared_server(folder, version))
    atexit.register(stack.close)
    return address


def neo4j_workspace(version: str = LTS) -> str:
    """The address of a new workspace of its own; the test is skipped where there is no server."""
    try:
        server = neo4j_server(version)
    except Missing as missing:
        pytest.skip(str(missing))
    name = f"test-{secrets.token_hex(8)}"
    _made.append(name)
    return f"{server}/neo4j?workspace={name}"


def current_workspace(request: pytest.FixtureRequest) -> str:
    """As :func:`neo4j_workspace`, on the current server; its Java need not be there, in CI neither."""
    try:
        java(OF_CURRENT)
    except Missing as missing:
        request.node.add_marker(pytest.mark.may_skip("a Java as new as that is not in every distribution"))
        pytest.skip(str(missing))
    return neo4j_workspace(CURRENT)


def _forget(server: str) -> None:
    """Leaves a server that was given as it was found."""
    with neo4j.GraphDatabase.driver(server, notifications_min_severity="OFF") as driver:
        driver.execute_query("MATCH (n) WHERE n.workspace IN $made DETACH DELETE n", made=_made)
        driver.execute_query("MATCH (w:Workspace) WHERE w.id IN $made DELETE w", made=_made)
