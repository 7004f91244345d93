"""Following over a WebSocket: what is told, what is refused and by which code, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from graph_service.api.context import Asking, Followed, Wish
from graph_service.api.groups import resuming
from graph_service.api.schema import schema
from graph_service.models.changes import CheckInKeyResult, CreateKeyResult, change_from
from graph_service.stores import open_store
from graph_service.workspace import Workspace
from tests.api.company import NOON, fill
from tests.api.lines import Server, line, served
from tests.staged import StagedStore

GRAPH = "subscription($after: Int, $epoch: String) { graphChanged(after: $after, epoch: $epoch) { revision } }"
PROGRESS = (
    "subscription($ids: [ID!], $after: Int) { progressChanged(ids: $ids, after: $after)"
    " { revision changedCount changed { goal { id } before { value status } after { value status } } } }"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process that serves the bakery; tests add to it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bakery')}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
    with served(url, max_subscriptions=3, hello_time=1, max_streams=4) as server:
        server.url = url
        yield server


@pytest.fixture(scope="module")
def bakery(server: Server) -> Iterator[Workspace]:
    """The same store, written by another process than the one that serves it."""
    with Workspace.open(server.url, clock=lambda: NOON) as workspace:
        yield workspace


def revision(workspace: Workspace) -> int:
    return workspace.follow()


def sell(workspace: Workspace, value: float) -> int:
    """Reports what was sold; the revision."""
    return workspace.commit([CheckInKeyResult(key_result_id="sales", value=value)], by="ben", source="cli").revision


# ---------- what is told ----------


def test_every_revision_is_told_whoever_wrote_it(server: Server, bakery: Workspace) -> None:
    query = (
        "subscription($after: Int) { graphChanged(after: $after) { revision epoch at by source changedCount"
        " changes { kind position input reason } changed(first: 1) { goal { id } before { value } after { value } } } }"
    )
    before = sell(bakery, 20.0)
    with line(server.socket_url) as it:
        it.follow(query, after=before)
        now = sell(bakery, 30.0)
        assert it.told() == {
            "revision": now,
            "epoch": bakery.epoch,
            "at": "2026-05-20T12:00:00Z",
            "by": "ben",
            "source": "cli",
            "changedCount": 2,
            "changes": [
                {
                    "kind": "checkInKeyResult",
                    "position": 0,
                    "input": {"keyResultId": "sales", "value": 30.0},
                    "reason": None,
                }
            ],
            "changed": [{"goal": {"id": "grow"}, "before": {"value": 0.5666666666666667}, "after": {"value": 0.6}}],
        }


def test_an_event_is_answered_from_a_revision_that_it_names(server: Server, bakery: Workspace) -> None:
    before = revision(bakery)
    with line(server.socket_url) as it:
        first, second = sell(bakery, 31.0), sell(bakery, 32.0)
        it.follow(
            'subscription($after: Int) { progressChanged(ids: ["sales"], after: $after)'
            " { revision changed { after { value } goal { progress { value } } } } }",
            after=before,
        )
        for number, value in ((first, 0.31), (second, 0.32)):
            message = it.hear()["payload"]
            event = message["data"]["progressChanged"]
            assert event["revision"] == number
            assert event["changed"][0]["after"]["value"] == value
            assert message["extensions"]["revision"] == second
            assert event["changed"][0]["goal"]["progress"]["value"] == 0.32


def test_progress_is_told_of_the_goals_that_are_followed(server: Server, bakery: Workspace) -> None:
    before = revision(bakery)
    with line(server.socket_url) as it:
        it.follow(PROGRESS, id="sales", ids=["sales", "nothing"], after=before)
        it.follow(PROGRESS, id="crust", ids=["crust"], after=before)
        it.follow(PROGRESS, id="all", after=before)
        sold = sell(bakery, 40.0)
        nothing_moves = bakery.commit([change_from("updateObjective", {"id": "grow", "description": "Why not?"})])
        crisp = bakery.commit([CheckInKeyResult(key_result_id="crust", value=18.0)]).revision
        heard: dict[str, list[tuple[int, list[str]]]] = {"sales": [], "crust": [], "all": []}
        for _ in range(4):
            message = it.hear()
            event = message["payload"]["data"]["progressChanged"]
            assert event["changedCount"] == len(event["changed"])
            heard[message["id"]].append((event["revision"], [one["goal"]["id"] for one in event["changed"]]))
        assert nothing_moves.revision == sold + 1
        assert heard == {
            "sales": [(sold, ["sales"])],
            "crust": [(crisp, ["crust"])],
            "all": [(sold, ["grow", "sales"]), (crisp, ["bread", "crust", "grow"])],
        }


def test_a_goal_may_be_followed_before_it_is_there(server: Server, bakery: Workspace) -> None:
    before = revision(bakery)
    with line(server.socket_url) as it:
        it.follow(PROGRESS, ids=["rye"], after=before)
        bakery.commit([CreateKeyResult(id="rye", objective_id="bread", title="Rye", baseline=0.0, target=4.0)])
        event = it.told()
        assert event["changed"] == [
            {"goal": {"id": "rye"}, "before": None, "after": {"value": 0.0, "status": "AT_RISK"}}
        ]


def test_without_a_revision_it_begins_now(server: Server, bakery: Workspace) -> None:
    sell(bakery, 40.0)
    while server.subscribers:  # those of other tests, whose lines are closed
        pass
    with line(server.socket_url) as it:
        it.follow(GRAPH)
        while not server.subscribers:
            pass
        number = sell(bakery, 41.0)
        assert it.told()["revision"] == number


def test_what_was_before_the_process_began_is_told_as_well(server: Server, bakery: Workspace) -> None:
    newest = sell(bakery, 42.0)
    with line(server.socket_url) as it:
        it.follow(GRAPH, after=0, epoch=bakery.epoch)
        assert [it.told()["revision"] for _ in range(newest)] == list(range(1, newest + 1))


def test_a_subscription_can_be_ended_and_its_id_used_again(server: Server, bakery: Workspace) -> None:
    with line(server.socket_url) as it:
        it.follow(GRAPH, after=0)
        assert it.told()["revision"] == 1
        it.say(type="complete", id="1")
        it.say(type="ping")
        while (message := it.hear()) != {"type": "pong"}:
            assert message["id"] == "1"
        it.follow(PROGRESS, ids=["fresh"])
        it.follow("{ revision }", id="2")
        assert it.hear()["id"] == "2"


def test_questions_and_changes_are_answered_too(server: Server, bakery: Workspace) -> None:
    with line(server.socket_url) as it:
        it.follow(
            'mutation { checkInKeyResult(input: { keyResultId: "sales", value: 43 }) { revision errors { code } } }'
        )
        message = it.hear()
        assert message["type"] == "next"
        assert message["payload"]["data"]["checkInKeyResult"] == {"revision": revision(bakery), "errors": []}
        assert it.hear() == {"type": "complete", "id": "1"}


def test_who_resumes_by_a_variable_is_answered_together_with_the_others() -> None:
    def idle(text: str, name: str | None = None) -> frozenset[str]:
        return resuming(text, 2_000, name)

    assert idle(GRAPH) == {"after", "epoch"}
    assert idle(PROGRESS) == {"after"}
    assert idle("subscription A($a: Int) { graphChanged(after: $a) { changed(first: $a) { goal { id } } } }") == set()
    assert idle("subscription A { graphChanged(after: 5) { revision } }") == set()
    both = "subscription A($a: Int) { graphChanged(after: $a) { revision } } query B($a: ID!) { node(id: $a) { id } }"
    assert idle(both, "A") == set()


# ---------- what is refused ----------


@pytest.mark.parametrize(
    ("query", "variables", "code", "message"),
    [
        ("subscription { graphChanged", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        (
            "subscription { graphChanged { size } }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot query field 'size' on type 'GraphEvent'.",
        ),
        (
            "subscription { graphChanged { revision } progressChanged { revision } }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
            "Anonymous Subscription must select only one top level field.",
        ),
        (GRAPH, {"after": -1}, "BAD_USER_INPUT", "after -1 is no revision; give 0 or more"),
        (
            GRAPH,
            {"after": 1, "epoch": "winter"},
            "BAD_USER_INPUT",
            (
                "epoch 'winter' is that of another store, or of this one before it was restored; read anew what you"
                " show, and follow from there"
            ),
        ),
        (
            PROGRESS,
            {"ids": []},
            "BAD_USER_INPUT",
            "ids is empty, which would follow nothing; leave it out to follow all goals",
        ),
        (
            PROGRESS,
            {"ids": [f"goal {number}" for number in range(1001)]},
            "LIMIT_EXCEEDED",
            "ids names 1001 goals; at most 1000 can be followed at once",
        ),
        (
            "subscription { graphChanged { changed(first: 1001) { goal { id } } } }",
            {},
            "LIMIT_EXCEEDED",
            (
                "The operation asks for a page of 1001; at most 1000 are given at once. Ask for fewer and page on with"
                " `after`."
            ),
        ),
        (
            "subscription A { graphChanged { revision } } subscription B { graphChanged { revision } }",
            {},
            "OPERATION_RESOLUTION_FAILURE",
            "The document has several operations; say by operationName which is meant.",
        ),
        ("subscription { graphChanged { revision " + "@skip(if: false) " * 51 + "} }", {}, None, None),
    ],
)
def test_a_subscription_is_held_to_what_queries_are_held_to(
    server: Server, query: str, variables: dict[str, Any], code: str | None, message: str | None
) -> None:
    with line(server.socket_url) as it:
        it.follow(query, **variables)
        error = it.refused()
        assert error["extensions"]["code"] == (code or "LIMIT_EXCEEDED")
        if message is not None:
            assert error["message"] == message
        it.say(type="ping")
        assert it.hear() == {"type": "pong"}


def test_a_revision_of_the_future_is_refused(server: Server, bakery: Workspace) -> None:
    newest = revision(bakery)
    with line(server.socket_url) as it:
        it.follow(GRAPH, after=newest + 1)
        error = it.refused()
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == (
            f"after {newest + 1} lies in the future: the workspace is at revision {newest}; was the store restored?"
        )


def test_what_another_instance_has_told_of_can_be_gone_on_from(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bakery.db"
    store = StagedStore(open_store(url))
    store.distant = True
    with Workspace(store, clock=lambda: NOON, staleness=3_600) as behind, Workspace.open(url) as ahead:
        fill(ahead)
        newest = ahead.follow()
        asking = Asking(behind)
        schema.answer(GRAPH, asking, variables={"after": newest})
        assert (asking.revision, asking.wish) == (newest, Wish(ahead.epoch, (newest, 0), Followed.GRAPH))
        told = schema.answer(GRAPH, Asking(behind), variables={"after": newest + 1}).errors
        assert [one.message.partition(";")[0] for one in told or ()] == [
            f"after {newest + 1} lies in the future: the workspace is at revision {newest}"
        ]


def test_only_so_many_operations_share_a_connection(server: Server) -> None:
    with line(server.socket_url) as it:
        for number in range(3):
            it.follow(PROGRESS, id=f"{number}", ids=["fresh"])
        it.follow(PROGRESS, id="3", ids=["fresh"])
        error = it.refused("3")
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["message"] == "This connection has 3 operations under way, which is the most; end one first."
        it.say(type="complete", id="0")
        it.follow("{ revision }", id="4")
        assert it.hear()["type"] == "next"


def test_only_so_many_connections_are_let_in_from_one_address(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(line(server.socket_url))
        with line(server.socket_url, begun=False) as fifth:
            fifth.say(type="connection_init")
            assert fifth.closed() == (
                4429,
                (
                    "LIMIT_EXCEEDED: You have 4 open connections for following, which is the most; close one, or follow"
                    " more over each."
                ),
            )
    with line(server.socket_url):
        pass  # they were counted, and are gone


# ---------- the protocol ----------


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("null", "A message is a JSON object with a text as its type."),
        ("[]", "A message is a JSON object with a text as its type."),
        ('{"type":["subscribe"]}', "A message is a JSON object with a text as its type."),
        ('{"type":"dance"}', "Unknown message type: dance"),
        ("{", "WebSocket message must be valid JSON"),
        ("[" * 50_000, "WebSocket message must be valid JSON"),
        ('{"type":"subscribe","id":5}', "The id of an operation is a text."),
        ('{"type":"subscribe","id":""}', "The id of an operation is a text."),
        ('{"type":"subscribe","id":"1"}', "The payload of subscribe is an object that holds the query."),
        ('{"type":"subscribe","id":"1","payload":"x"}', "The payload of subscribe is an object that holds the query."),
        ('{"type":"subscribe","id":"1","payload":{}}', "query 'None' is not a text."),
        ('{"type":"subscribe","id":"1","payload":{"query":5}}', "query '5' is not a text."),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{revision}","variables":[1]}}',
            "variables '[1]' is not an object.",
        ),
        ('{"type":"complete","id":["1"]}', "The id of an operation is a text."),
        ("1" * 5_000, "WebSocket message must be valid JSON"),
    ],
)
def test_a_message_of_a_strange_form_closes_the_connection(server: Server, message: str, reason: str) -> None:
    with line(server.socket_url) as it:
        it.connection.send(message)
        assert it.closed() == (4400, reason)


def test_bytes_are_no_message(server: Server) -> None:
    with line(server.socket_url) as it:
        it.connection.send(b'{"type":"ping"}')
        assert it.closed() == (4400, "WebSocket message type must be text")


def test_nothing_is_answered_before_the_connection_is_begun(server: Server) -> None:
    with line(server.socket_url, begun=False) as it:
        it.follow("{ revision }")
        assert it.closed() == (4401, "Unauthorized")


def test_a_connection_is_begun_once_and_in_time(server: Server) -> None:
    with line(server.socket_url) as it:
        it.say(type="connection_init")
        assert it.closed() == (4429, "Too many initialisation requests")
    with line(server.socket_url, begun=False) as it:
        it.say(type="connection_init", payload=[1])
        assert it.closed() == (4400, "Invalid connection init payload")
    with line(server.socket_url, begun=False) as it:
        assert it.closed() == (4408, "Connection initialisation timeout")


def test_an_id_is_used_once_at_a_time(server: Server) -> None:
    with line(server.socket_url) as it:
        it.follow(PROGRESS, ids=["fresh"])
        it.follow(PROGRESS, ids=["fresh"])
        assert it.closed() == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize("protocol", ["graphql-ws", "chat"])
def test_other_protocols_are_not_spoken(server: Server, protocol: str) -> None:
    with line(server.socket_url, begun=False, protocols=(Subprotocol(protocol),)) as it:
        assert it.connection.subprotocol is None
        assert it.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
def test_a_strange_page_may_not_open_a_websocket(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, line(server.socket_url, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_our_own_pages_may_open_a_websocket(server: Server) -> None:
    with line(server.socket_url, origin=server.base) as it:
        it.follow("{ revision }")
        assert it.hear()["type"] == "next"


def test_a_strange_name_is_not_answered(server: Server) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        line(server.socket_url.replace("127.0.0.1", "localhost"), Host="evil"),
    ):
        pass
    assert refused.value.response.status_code in (400, 403)


# ---------- how it ends ----------


def test_a_restore_ends_what_followed_the_other_history(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
        saved = list(workspace.store.backup(NOON))
        sell(workspace, 50.0)
        before = workspace.epoch
    with served(url) as server, line(server.socket_url) as it:
        it.follow(GRAPH, after=1, epoch=before)
        assert it.told()["revision"] == 2
        with closing(open_store(url)) as store:
            epoch = store.restore(saved, NOON, "ines").epoch
        error = it.refused()
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"].startswith("the store was restored")
        it.follow(GRAPH, after=1, epoch=before)
        assert it.refused()["extensions"]["code"] == "BAD_USER_INPUT"
        it.follow(GRAPH, after=1, epoch=epoch)
        with Workspace.open(url) as workspace:
            sell(workspace, 60.0)
        assert it.told()["revision"] == 2


def test_when_the_service_stops_connections_are_closed_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
    with served(url) as server, line(server.socket_url) as following, line(server.socket_url) as idle:
        following.follow(GRAPH, after=0)
        assert following.told()["revision"] == 1
        assert server.stop() == 0
        for one in (following, idle):
            assert one.closed() == (1001, "STORE_UNAVAILABLE: The service is stopping; connect again.")


def test_a_fault_is_masked_and_does_not_end_what_is_followed(tmp_path: Path) -> None:
    """The log holds something that cannot be told: nothing of it leaves the service but a code."""
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
        for value in (50.0, 60.0):
            sell(workspace, value)
    with served(url) as server, line(server.socket_url) as it:
        it.follow("subscription { graphChanged(after: 2) { revision } }", id="warm")
        assert it.told("warm")["revision"] == 3
        with closing(sqlite3.connect(tmp_path / "bakery.db")) as file:
            file.execute("UPDATE parts SET body = CAST('secret' AS BLOB) WHERE revision = 3")
            file.commit()
        it.follow("subscription { graphChanged(after: 2) { revision changes { kind } } }", id="cold")
        message = it.hear()
        assert message["id"] == "cold"
        assert "secret" not in json.dumps(message)
        [error] = message["payload"]["errors"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert error["extensions"]["requestId"]
