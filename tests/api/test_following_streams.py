"""Following over server-sent events, and who may follow at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from graph_service.access import new_token
from graph_service.models.changes import CheckInKeyResult
from graph_service.models.words import Scope
from graph_service.workspace import Workspace
from tests.api.company import NOON, fill
from tests.api.lines import Server, Stream, line, served, streamed

NOW = "subscription { graphChanged { revision } }"
ALL = "subscription { graphChanged(after: 0) { revision } }"
MUTATION = 'mutation { checkInKeyResult(input: { keyResultId: "sales", value: 43 }) { revision } }'
BOTH = "application/json, text/event-stream"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process that serves the bakery; tests add to it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bakery')}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
    with served(url, max_streams=2, ping_interval=0.5) as server:
        server.url = url
        yield server


@pytest.fixture(scope="module")
def bakery(server: Server) -> Iterator[Workspace]:
    """The same store, written by another process than the one that serves it."""
    with Workspace.open(server.url, clock=lambda: NOON) as workspace:
        yield workspace


def sell(workspace: Workspace, value: float) -> int:
    return workspace.commit([CheckInKeyResult(key_result_id="sales", value=value)]).revision


def only(stream: Stream) -> list[dict[str, str]]:
    """All events of a stream that ends."""
    events = []
    while (event := stream.event()) is not None:
        events.append(event)
    return events


# ---------- streams ----------


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("accept", ["text/event-stream", BOTH, "text/event-stream;q=0.1, application/json;q=0.9"])
def test_a_subscription_is_streamed_to_who_takes_streams(
    server: Server, bakery: Workspace, method: str, accept: str
) -> None:
    with streamed(server.base, NOW, method=method, accept=accept) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-cache, no-transform"
        assert "content-encoding" not in stream.headers
        assert stream.headers["x-content-type-options"] == "nosniff"
        number = sell(bakery, 30.0)
        event = stream.event()
        assert event == {
            "id": f"{bakery.epoch}/{number}",
            "event": "next",
            "data": f'{{"data":{{"graphChanged":{{"revision":{number}}}}},"extensions":{{"revision":{number}}}}}',
        }


@pytest.mark.parametrize("accept", [BOTH, "*/*", "text/event-stream;q=0.9, application/graphql-response+json;q=0.1"])
def test_a_query_is_answered_in_json_where_a_stream_is_taken_as_well(server: Server, accept: str) -> None:
    with streamed(server.base, "{ revision }", accept=accept) as answer:
        assert answer.headers["content-type"] in ("application/json", "application/graphql-response+json")
        assert answer.body()["data"]["revision"] >= 1


def test_a_query_is_streamed_where_nothing_else_is_taken(server: Server, bakery: Workspace) -> None:
    with streamed(server.base, "{ revision }") as stream:
        first, second = only(stream)
        assert first["event"] == "next"
        assert json.loads(first["data"])["data"] == {"revision": bakery.follow()}
        assert second == {"event": "complete", "data": ""}


@pytest.mark.parametrize("accept", ["application/json", "*/*;q=0.1, text/event-stream;q=0"])
def test_a_subscription_is_refused_where_no_stream_is_taken(server: Server, accept: str) -> None:
    with streamed(server.base, NOW, accept=accept) as answer:
        [error] = answer.body()["errors"]
        assert answer.status == 400
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == (
            "A subscription is followed over a WebSocket (graphql-transport-ws), or as a stream: accept"
            " text/event-stream."
        )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { graphChanged { size } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { graphChanged(after: 99999) { revision } }", "BAD_USER_INPUT"),
        ("{ size }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_is_refused_is_told_in_the_stream(server: Server, query: str, code: str) -> None:
    with streamed(server.base, query) as stream:
        assert stream.status == 200
        assert stream.refused()["extensions"]["code"] == code
        assert only(stream) == [{"event": "complete", "data": ""}]


def test_a_mutation_is_no_matter_of_get(server: Server, bakery: Workspace) -> None:
    before = bakery.follow()
    with streamed(server.base, MUTATION, method="GET") as stream:
        assert stream.refused()["message"] == "A mutation is sent by POST, not by GET."
    assert bakery.follow() == before
    with streamed(server.base, MUTATION) as stream:
        assert stream.told() == {"revision": before + 1}


def test_who_connects_again_goes_on_after_the_last_event(server: Server, bakery: Workspace) -> None:
    newest = sell(bakery, 31.0)
    with streamed(server.base, ALL, Last_Event_ID=f"{bakery.epoch}/{newest - 1}") as stream:
        assert stream.told() == {"revision": newest}
    for wrong, code in (("yesterday", "BAD_USER_INPUT"), ("0123456789abcdef/1", "BAD_USER_INPUT")):
        with streamed(server.base, ALL, Last_Event_ID=wrong) as stream:
            assert stream.refused()["extensions"]["code"] == code


def test_a_quiet_stream_gives_signs_of_life(server: Server) -> None:
    with streamed(server.base, NOW) as stream:
        assert [stream.chunk() for _ in range(3)] == [": following\r\n\r\n", ": alive\r\n\r\n", ": alive\r\n\r\n"]


def test_only_so_many_streams_are_open_at_once(server: Server) -> None:
    with streamed(server.base, NOW) as one, streamed(server.base, NOW) as two:
        assert (one.status, two.status) == (200, 200)
        with streamed(server.base, NOW) as three:
            assert three.status == 429
            [error] = three.body()["errors"]
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            assert three.headers["content-type"] == "application/json"
    while True:  # both are gone, once the service has noticed
        with streamed(server.base, NOW) as again:
            if again.status == 200:
                break


def test_when_the_service_stops_streams_break_off_with_a_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
    with served(url) as server, streamed(server.base, ALL) as stream:
        assert stream.told() == {"revision": 1}
        assert server.stop() == 0
        error = stream.refused()
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
        assert error["message"] == "The service is stopping; connect again, with after: 1."
        assert stream.event() is None  # and no `complete`: a browser connects again by itself


# ---------- who may ----------


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Server, Workspace, str, str]]:
    """A service with tokens: the server, its store, a token that may write and the id of one that may read."""
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
        now = datetime.now(UTC)
        writing, write = new_token("kitchen", Scope.WRITE, now)
        reading, read = new_token("dashboard", Scope.READ, now)
        for token in (writing, reading):
            workspace.store.put_token(token)
        with served(url) as server:
            server.url = reading.id
            yield server, workspace, write, read


def test_a_token_may_come_in_a_header_or_in_the_first_message(
    guarded: tuple[Server, Workspace, str, str],
) -> None:
    server, workspace, write, read = guarded
    with line(server.socket_url, Authorization=f"Bearer {read}") as it:
        it.follow("{ revision }")
        assert it.hear()["type"] == "next"
    with line(server.socket_url, begun=False) as it:
        it.begin(authorization=f"Bearer {write}")
        it.follow(MUTATION)
        assert it.told() == {"revision": 2}
        [entry] = workspace.store.changes(1)
        assert (entry.by, entry.source) == ("kitchen", "graphql")
    with streamed(server.base, ALL, Authorization=f"Bearer {read}") as stream:
        assert stream.told() == {"revision": 1}


@pytest.mark.parametrize("payload", [{}, {"authorization": "Bearer nothing"}, {"authorization": 5}, {"token": "x"}])
def test_without_a_valid_token_nobody_is_let_in(
    guarded: tuple[Server, Workspace, str, str], payload: dict[str, object]
) -> None:
    server = guarded[0]
    with line(server.socket_url, begun=False) as it:
        it.say(type="connection_init", payload=payload)
        assert it.closed() == (
            4401,
            "UNAUTHENTICATED: The token is missing, unknown, expired or withdrawn; connect again with a valid one.",
        )


def test_a_wrong_header_is_refused_before_anything_else(guarded: tuple[Server, Workspace, str, str]) -> None:
    server = guarded[0]
    with pytest.raises(InvalidStatus) as refused, line(server.socket_url, Authorization="Bearer nothing"):
        pass
    assert refused.value.response.status_code == 403
    with streamed(server.base, NOW) as answer:
        assert answer.status == 401
        assert answer.body()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_token_that_may_read_changes_nothing(guarded: tuple[Server, Workspace, str, str]) -> None:
    server, workspace, _, read = guarded
    with line(server.socket_url, Authorization=f"Bearer {read}") as it:
        it.follow(MUTATION)
        assert it.refused()["extensions"]["code"] == "FORBIDDEN"
    assert workspace.follow() == 1


def test_a_token_that_is_withdrawn_ends_what_it_follows(guarded: tuple[Server, Workspace, str, str]) -> None:
    server, workspace, write, read = guarded
    with (
        line(server.socket_url, Authorization=f"Bearer {read}") as it,
        line(server.socket_url, Authorization=f"Bearer {write}") as other,
        streamed(server.base, NOW, Authorization=f"Bearer {read}") as stream,
    ):
        it.follow(ALL)
        other.follow(ALL)
        assert (it.told(), other.told()) == ({"revision": 1}, {"revision": 1})
        [token] = [token for token in workspace.store.tokens() if token.id == server.url]
        workspace.store.put_token(replace(token, revoked=datetime.now(UTC)))
        assert it.closed()[0] == 4401
        assert stream.refused()["extensions"]["code"] == "UNAUTHENTICATED"
        assert stream.event() == {"event": "complete", "data": ""}
        sell(workspace, 50.0)
        assert other.told() == {"revision": 2}
