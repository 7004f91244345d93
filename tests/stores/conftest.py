"""The places where the contract suite runs. A store more is one line more in PLACES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from graph_service.stores import open_store
from graph_service.stores.base import Store
from tests.stores.neo4j.places import neo4j_workspace

PLACES: dict[str, Callable[[Path], str]] = {
    "sqlite-file": lambda folder: f"sqlite:///{folder / 'company.db'}",
    "sqlite-memory": lambda folder: "sqlite://",
    "neo4j": lambda folder: neo4j_workspace(),
}
"""Makes the address of a new, empty store, by name."""

SERVERS = ("neo4j",)
"""Those on a server."""

SHARED = ("sqlite-file", "neo4j")
"""Those that several handles, threads and processes can open at the same time, and that outlive them."""


@pytest.fixture(params=PLACES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    with closing(open_store(PLACES[request.param](tmp_path))) as opened:
        yield opened


@pytest.fixture(params=SHARED)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens one and the same store, empty at first, as often as it is called; of each kind that can be shared."""
    url = PLACES[request.param](tmp_path)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_store(url)))
