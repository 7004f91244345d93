"""What is told of requests: a line in the log and counts for Prometheus, both without personal data."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from graph_service import __version__
from graph_service.api import error_body
from graph_service.app import create_app
from graph_service.models.changes import CreateTeam
from graph_service.settings import Settings
from graph_service.web.metrics import NAMES, Metrics
from graph_service.web.witness import Witness
from graph_service.workspace import Workspace
from tests.serving import serving as process


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    app = create_app(workspace)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    return client.post("/graphql", json={"query": query, "variables": variables})


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Any:
    """The fields of the lines that tell of requests."""
    caplog.set_level(logging.DEBUG, "graph_service.requests")

    def lines() -> list[dict[str, Any]]:
        names = ("request_id", "method", "path", "status", "ms", "kind", "operation", "revision", "codes", "address")
        records = [one for one in caplog.records if one.name == "graph_service.requests"]
        return [
            {"level": one.levelname, **{name: one.__dict__[name] for name in names if name in one.__dict__}}
            for one in records
        ]

    return lines


# ---------- the log ----------


def test_a_request_is_told_in_one_line(client: TestClient, told: Any) -> None:
    response = ask(client, "query Ladders { revision }")
    (line,) = told()
    assert line.pop("ms") >= 0
    assert line == {
        "level": "INFO",
        "request_id": response.headers["x-request-id"],
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "kind": "query",
        "operation": "Ladders",
        "revision": 1,
    }


@pytest.mark.parametrize(
    ("query", "kind", "codes"),
    [
        ("{ revision }", "query", None),
        ("{ nonsense }", None, ["GRAPHQL_VALIDATION_FAILED"]),
        ("{", None, ["GRAPHQL_PARSE_FAILED"]),
        ("{ objectives(first: 1001) { totalCount } }", None, ["LIMIT_EXCEEDED"]),
        ('{ orgChart(root: "grow") { hidden } }', "query", ["BAD_USER_INPUT"]),
        ('mutation { createTeam(input: { name: "Boats" }) { revision } }', "mutation", None),
        ('mutation { createTeam(input: { id: "ovens", name: "Boats" }) { revision } }', "mutation", ["DUPLICATE"]),
    ],
)
def test_a_line_tells_what_became_of_an_operation(
    client: TestClient, told: Any, query: str, kind: str | None, codes: list[str] | None
) -> None:
    ask(client, query)
    (line,) = told()
    assert (line.get("kind"), line.get("codes")) == (kind, codes)
    assert "operation" not in line


@pytest.mark.parametrize(
    ("path", "template", "status", "level"),
    [
        ("/", "/", 200, "INFO"),
        ("/version", "/version", 200, "INFO"),
        ("/healthz", "/healthz", 200, "DEBUG"),
        ("/metrics", "/metrics", 200, "DEBUG"),
        ("/static/start.css", "/static/{path}", 200, "DEBUG"),
        ("/static/ada@bakery.example", "/static/{path}", 404, "DEBUG"),
        ("/ada@bakery.example", "other", 404, "INFO"),
        ("/graphql", "/graphql", 400, "INFO"),
        ("/goals", "/goals", 200, "INFO"),
        ("/goals/ada@bakery.example", "/goals/{id}", 404, "INFO"),
        ("/org.csv", "/org.{suffix}", 200, "INFO"),
        ("/audit/ownership?q=ada", "/audit/ownership", 200, "INFO"),
        ("/audit/ownership.csv", "/audit/ownership.{suffix}", 200, "INFO"),
    ],
)
def test_a_line_tells_the_template_of_a_path(
    client: TestClient, told: Any, path: str, template: str, status: int, level: str
) -> None:
    client.get(path)
    (line,) = told()
    assert (line["path"], line["status"], line["level"]) == (template, status, level)


def test_what_a_client_makes_up_is_not_told(client: TestClient, told: Any) -> None:
    client.request("ADA", "/graphql")
    client.get("/healthz", headers={"host": "ada.example"})
    assert [(line["method"], line["path"], line["status"]) for line in told()] == [
        ("other", "/graphql", 405),
        ("GET", "other", 421),
    ]


def test_addresses_are_told_only_if_that_is_wanted(client: TestClient, workspace: Workspace, told: Any) -> None:
    client.get("/version")
    with TestClient(create_app(workspace, Settings(log_addresses=True)), base_url="http://127.0.0.1") as other:
        other.get("/version")
    assert [line.get("address") for line in told()] == [None, "testclient"]


def test_a_fault_is_told_under_the_id_of_its_request(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from graph_service import app
    from graph_service.api.types import goals

    def broken(*_: object) -> None:
        raise ValueError("the anchor is lost")

    monkeypatch.setattr(goals, "ladder", broken)
    monkeypatch.setattr(app, "summary", broken)
    asked = ask(client, '{ mine: objective(id: "grow") { Ada: ladder { truncated } } }')
    page = client.get("/")
    assert page.status_code == 500
    faults = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.__dict__["request_id"] for record in faults] == [
        asked.headers["x-request-id"],
        page.headers["x-request-id"],
    ]
    assert [record.__dict__.get("field") for record in faults] == ["ladder", None]
    assert all(record.exc_info for record in faults)
    assert "the anchor is lost" in caplog.text


HEADERS = """Authorization Cookie User-Agent Referer Origin X-Request-Id X-Forwarded-For Min-Revision Accept
    Accept-Encoding If-None-Match Host Content-Type Lovelace"""
SECRETS = ["Ada Lovelace", "Lovelace", "ada@engine.example", "Weave numbers", "ags_secret", "Sunken", "trésor"]


def test_no_door_leaves_personal_data_in_the_log(tmp_path: Any) -> None:
    """Name, e-mail, titles and a token go in by every way there is; the log of the process holds none of them."""
    mail, name = "ada@engine.example", "Ada Lovelace"
    store = f"sqlite:///{tmp_path}/engine.db"
    with process("serve", "--port", "0", "--store", store, GRAPH_SERVICE_LOG_LEVEL="debug") as server:

        def send(method: str, path: str, body: Any = None, **headers: str) -> None:
            raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            given = {"Content-Type": "application/json", **{key.replace("_", "-"): one for key, one in headers.items()}}
            with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
                connection.request(method, path, raw, given)
                connection.getresponse().read()

        def post(query: str, **variables: Any) -> None:
            send("POST", "/graphql", {"query": query, "variables": variables})

        fields = "errors { message } person { name }"
        person = f"mutation($input: CreatePersonInput!) {{ createPerson(input: $input) {{ {fields} }} }}"
        post(person, input={"id": "ada", "name": name, "email": mail})
        post(person, input={"id": "ada", "name": name, "email": mail})  # refused: it is there
        post(person, input={"id": mail, "name": name, "email": "\x00" + mail})
        post(f'mutation {{ createPerson(input: {{ name: "{name}", email: "{mail}" }}) {{ revision }} }}')
        post('mutation { createObjective(input: { title: "Weave numbers", description: "Sunken" }) { revision } }')
        post(f'{{ search(text: "{name}") {{ totalCount }} }}')
        post(f'{{ node(id: "{mail}") {{ id }} }}')
        post(f'{{ owner(id: {{ Lovelace: "{mail}" }}) {{ Lovelace }} }}')
        post(f'{{ "{name}" }}')
        post("query($day: Date!) { objectives(filter: { asOf: $day }) { totalCount } }", day=mail)
        post("query($Lovelace: Int!) { objectives(first: $Lovelace) { totalCount } }", Lovelace=mail)
        post("{ Lovelace: orgChart(root: $x) { hidden } }")
        post("{ objectives(after: $a) { totalCount } }", a=mail)
        post("mutation($i: CheckInKeyResultInput!) { checkInKeyResult(input: $i) { revision } }",
             i={"keyResultId": mail, "note": "Sunken", "by": name})  # fmt: skip
        query = quote('{ search(text: "trésor Lovelace") { totalCount } }')
        send("GET", f"/graphql?query={query}&operationName={quote(name)}&variables={quote(json.dumps({'a': mail}))}")
        send("GET", f"/graphql?query={quote('{')}&variables={quote(name)}")
        for path in (
            f"/{mail}",
            f"/static/{mail}",
            f"/ladder/{quote(name)}",
            f"/?name={quote(name)}",
            f"/healthz/{mail}",
        ):
            send("GET", f"/{path}")
        for header in HEADERS.split():
            send("POST", "/graphql", {"query": "{ revision }"}, **{header: f"{mail} Lovelace ags_secret"})
            send("GET", "/version", **{header: "ags_secret"})
        send("LOVELACE", "/graphql")
        send("POST", "/graphql", b'{"query": "Lovelace', Authorization="Bearer ags_secret")
        with suppress(BrokenPipeError, ConnectionResetError):  # it is refused before all is sent
            send("POST", "/graphql", b"Lovelace" * 300_000)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(b"LOVELACE ada@engine.example\r\n\r\n")
            connection.recv(10_000)
        code, _, log = server.stop()
    text = json.dumps(log, ensure_ascii=False)
    assert code == 0
    assert len(log) > 50
    for secret in SECRETS:
        assert secret.lower() not in text.lower(), [line for line in log if secret.lower() in str(line).lower()]
    assert all(line["level"] in ("debug", "info") for line in log), "and nothing was a fault"


def test_what_is_cut_short_because_the_service_stops_is_told_so(workspace: Workspace, told: Any) -> None:
    async def cut(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    witness = Witness(cut, refuse=error_body, metrics=Metrics(workspace))
    asyncio.run(witness(scope, receive, send))
    assert (sent[0]["status"], json.loads(sent[1]["body"])["errors"][0]["extensions"]) == (
        503, {"code": "STORE_UNAVAILABLE"},
    )  # fmt: skip
    [line] = told()
    assert (line["status"], line["codes"]) == (503, ["STORE_UNAVAILABLE"])


# ---------- the metrics ----------


def measured(client: TestClient) -> dict[tuple[str, ...], float]:
    """The samples by name and values of their labels, those in order of their names."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_operations_are_counted_by_name_kind_and_outcome(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service.api.types import goals

    ask(client, "query Ladders { revision }")
    ask(client, "query Ladders { revision }")
    ask(client, "{ revision }")
    ask(client, 'query Broken { orgChart(root: "grow") { hidden } }')
    ask(client, "query Wrong { nonsense }")
    ask(client, 'mutation Found { createTeam(input: { name: "Boats" }) { revision } }')
    ask(client, 'mutation Found { createTeam(input: { id: "ovens", name: "Boats" }) { revision } }')

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(goals, "ladder", broken)
    ask(client, 'query Fault { objective(id: "grow") { ladder { truncated } } }')
    found = measured(client)
    counted = {key[1:]: value for key, value in found.items() if key[0] == "graph_service_operations_total"}
    assert counted == {
        ("query", "Ladders", "answered"): 2,
        ("query", "anonymous", "answered"): 1,
        ("query", "Broken", "refused"): 1,
        ("mutation", "Found", "answered"): 1,
        ("mutation", "Found", "refused"): 1,
        ("query", "Fault", "failed"): 1,
    }
    assert found["graph_service_operation_seconds_count", "query", "Ladders"] == 2
    assert found["graph_service_operation_seconds_bucket", "query", "+Inf", "Ladders"] == 2
    errors = {key[1]: value for key, value in found.items() if key[0] == "graph_service_errors_total"}
    assert errors == {
        "BAD_USER_INPUT": 1, "GRAPHQL_VALIDATION_FAILED": 1, "DUPLICATE": 1, "INTERNAL_SERVER_ERROR": 1,
    }  # fmt: skip
    assert found["graph_service_commits_total", "createTeam"] == 1
    assert found["graph_service_requests_total", "POST", "/graphql", "200"] == 8
    assert found["graph_service_request_seconds_count", "/graphql"] == 8


def over_a_socket(client: TestClient, *operations: str) -> list[tuple[str, str]]:
    """What each of some operations over one WebSocket is answered first: kind of message, and a word of it."""
    answers = []
    with client.websocket_connect("ws://127.0.0.1:8000/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json()["type"] == "connection_ack"
        for number, query in enumerate(operations):
            socket.send_json({"id": str(number), "type": "subscribe", "payload": {"query": query}})
            message = socket.receive_json()
            answers.append((message["type"], json.dumps(message["payload"])))
            if query.startswith("subscription"):
                socket.send_json({"id": str(number), "type": "complete"})
            elif message["type"] == "next":
                assert socket.receive_json()["type"] == "complete"
    return answers


def test_operations_over_a_socket_are_counted_and_told(client: TestClient, told: Any) -> None:
    answers = over_a_socket(
        client,
        "query Ladders { revision }",
        'mutation Found { createTeam(input: { name: "Boats" }) { revision } }',
        'mutation Found { createTeam(input: { id: "ovens", name: "Ovens" }) { revision } }',
        "query Wrong { nonsense }",
    )
    assert [kind for kind, _ in answers] == ["next", "next", "next", "error"]
    found = measured(client)
    assert {key[1:]: value for key, value in found.items() if key[0] == "graph_service_operations_total"} == {
        ("query", "Ladders", "answered"): 1,
        ("mutation", "Found", "answered"): 1,
        ("mutation", "Found", "refused"): 1,
    }
    assert found["graph_service_operation_seconds_count", "query", "Ladders"] == 1
    assert found["graph_service_commits_total", "createTeam"] == 1
    assert found["graph_service_errors_total", "DUPLICATE"] == 1
    assert found["graph_service_errors_total", "GRAPHQL_VALIDATION_FAILED"] == 1
    lines = [(one.get("kind"), one.get("operation"), one.get("revision"), one.get("codes")) for one in told()]
    assert lines[:5] == [
        ("query", "Ladders", 1, None),
        ("mutation", "Found", 2, None),
        ("mutation", "Found", 2, ["DUPLICATE"]),
        (None, None, None, ["GRAPHQL_VALIDATION_FAILED"]),
        (None, None, None, None),  # the request for the socket itself, once it is closed
    ]
    assert len({one["request_id"] for one in told()[:5]}) == 1


def test_following_is_counted_when_it_begins(client: TestClient) -> None:
    [(kind, event)] = over_a_socket(client, "subscription Live { graphChanged(after: 0) { revision } }")
    assert (kind, '"revision": 1' in event) == ("next", True)
    [(kind, error)] = over_a_socket(client, "subscription Late { graphChanged(after: 99) { revision } }")
    assert (kind, "BAD_USER_INPUT" in error) == ("error", True)
    found = measured(client)
    assert {key[1:]: value for key, value in found.items() if key[0] == "graph_service_operations_total"} == {
        ("subscription", "Live", "answered"): 1,
        ("subscription", "Late", "refused"): 1,
    }


def test_operations_with_a_stream_are_counted_and_told(client: TestClient, told: Any) -> None:
    asked = {"query": "query Ladders { revision }"}
    response = client.post("/graphql", json=asked, headers={"Accept": "text/event-stream"})
    assert response.text.startswith("event: next")
    response = client.post("/graphql", json=asked, headers={"Accept": "text/event-stream", "Last-Event-ID": "Ada"})
    assert "BAD_USER_INPUT" in response.text
    found = measured(client)
    assert {key[1:]: value for key, value in found.items() if key[0] == "graph_service_operations_total"} == {
        ("query", "Ladders", "answered"): 1
    }
    assert found["graph_service_errors_total", "BAD_USER_INPUT"] == 1
    assert [(one.get("kind"), one.get("codes"), one.get("status")) for one in told()[:3]] == [
        ("query", None, None),
        (None, None, 200),
        (None, ["BAD_USER_INPUT"], 200),
    ]


def test_refused_requests_are_counted(client: TestClient) -> None:
    client.post("/graphql", content=b"x" * 2_000_001)
    client.get("/nothing")
    client.get("/healthz", headers={"host": "ada.example"})
    found = measured(client)
    assert found["graph_service_errors_total", "LIMIT_EXCEEDED"] == 1
    assert found["graph_service_errors_total", "BAD_USER_INPUT"] == 2
    assert found["graph_service_requests_total", "GET", "other", "404"] == 1
    assert found["graph_service_requests_total", "GET", "other", "421"] == 1


def test_the_graph_is_measured(client: TestClient, workspace: Workspace) -> None:
    found = measured(client)
    assert found["graph_service_info", __version__] == 1
    assert found["graph_service_store_up",] == 1
    assert found["graph_service_revision",] == 1
    sizes = {key[1]: value for key, value in found.items() if key[0] == "graph_service_nodes"}
    assert sizes == {
        "Objective": 5, "KeyResult": 4, "Person": 4, "Team": 3,
        "Period": 2, "Initiative": 1, "Kpi": 1, "RoleCharter": 1,
    }  # fmt: skip
    assert found["graph_service_subscribers",] == 0
    assert found["graph_service_requests_in_hand",] == 1, "the scrape itself"
    assert found["process_resident_memory_bytes",] > 10_000_000
    workspace.commit([CreateTeam(name="Boats")])
    assert measured(client)["graph_service_revision",] == 2


def test_a_store_that_is_gone_is_told(workspace: Workspace) -> None:
    metrics = Metrics(workspace)
    workspace.store.close()
    text = metrics.exposition().decode()
    assert "graph_service_store_up 0.0" in text
    assert "graph_service_revision " not in text


def test_nobody_makes_the_metrics_grow(client: TestClient) -> None:
    for number in range(NAMES + 20):
        ask(client, f"query Made{number} {{ revision }}")
        client.get(f"/made/up/{number}")
        client.request(f"MADE{number}", "/version")
        ask(client, "{ a" + str(number) + " }")
    names = {key[2] for key in measured(client) if key[0] == "graph_service_operations_total"}
    assert len(names) == NAMES + 1
    assert "other" in names
    found = measured(client)
    assert found["graph_service_operations_total", "query", "other", "answered"] == 20
    assert {key[2] for key in found if key[0] == "graph_service_requests_total"} == {
        "/graphql", "/version", "/metrics", "other",
    }  # fmt: skip


def test_each_application_counts_for_itself(client: TestClient, workspace: Workspace) -> None:
    client.get("/version")
    with TestClient(create_app(workspace), base_url="http://127.0.0.1") as other:
        assert ("graph_service_requests_total", "GET", "/version", "200") not in measured(other)
