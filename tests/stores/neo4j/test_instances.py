"""Two instances on one server, as those who follow and those who write see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest

from graph_service.workspace import Workspace
from tests.api.company import fill
from tests.api.lines import Server, line, served
from tests.processes import PATIENCE
from tests.stores.neo4j.places import neo4j_workspace

EACH = 40
WRITERS = 2
"""Of each instance."""


@pytest.fixture(scope="module")
def instances() -> Iterator[tuple[Server, Server]]:
    """Two processes that serve the bakery, which is at revision 1."""
    url = neo4j_workspace()
    with Workspace.open(url) as workspace:
        fill(workspace)
    with served(url) as one, served(url) as other:
        yield one, other


def check_in(server: Server, value: float) -> int:
    """The revision of a check-in by GraphQL."""
    query = f'mutation {{ checkInKeyResult(input: {{ keyResultId: "sales", value: {value} }}) {{ revision }} }}'
    body = json.dumps({"query": query}).encode()
    request = Request(f"{server.base}/graphql", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE) as answer:
        revision: int = json.load(answer)["data"]["checkInKeyResult"]["revision"]
    return revision


def test_who_follows_one_instance_hears_what_both_write_each_once_and_in_order(
    instances: tuple[Server, Server],
) -> None:
    """The one follows from before anybody writes, and another from the middle on, by the revision it has heard of."""
    one, other = instances
    newest = 1 + 2 * WRITERS * EACH
    query = "subscription($after: Int) { graphChanged(after: $after) { revision } }"
    progress = 'subscription { progressChanged(ids: ["sales"], after: 1) { revision changed { after { value } } } }'

    def write(server: Server, number: int) -> list[int]:
        return [check_in(server, (number * EACH + each) % 97 + 1) for each in range(EACH)]

    with line(one.socket_url) as here, line(other.socket_url) as there, line(one.socket_url) as moved:
        here.follow(query, after=1)
        moved.follow(progress)
        with ThreadPoolExecutor(2 * WRITERS) as threads:
            writing = [
                threads.submit(write, server, number)
                for number, server in enumerate(server for server in instances for _ in range(WRITERS))
            ]
            heard = [here.told()["revision"] for _ in range(EACH)]
            there.follow(query, after=heard[-1])
            heard_there = [there.told()["revision"] for _ in range(newest - heard[-1])]
            heard += [here.told()["revision"] for _ in range(newest - heard[-1])]
            written = sorted(revision for done in writing for revision in done.result())
        assert written == list(range(2, newest + 1))
        assert heard == written
        assert heard_there == written[EACH:]
        events = [moved.told()["revision"]]
        while events[-1] < newest:
            events.append(moved.told()["revision"])
        assert events == sorted(set(events)) and set(events) <= set(written)
