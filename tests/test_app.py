"""The service over HTTP: the door, the pages, its health, and what a request may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from graphql import build_schema
from starlette.testclient import TestClient
from starlette.types import Message

from graph_service import __version__
from graph_service.access import access
from graph_service.app import create_app
from graph_service.settings import Settings
from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock

JSON = "application/json"
REVISION = {"query": "{ revision }"}


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    settings = Settings(max_body=10_000, revision_wait=0)
    with TestClient(create_app(workspace, settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def error_of(response: Any) -> tuple[int, str, str]:
    """Status, code and sentence of an answer that holds one error and no data."""
    assert response.headers["content-type"] == JSON
    body = response.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


# ---------- asking ----------


def test_a_query_is_answered_with_its_revision(client: TestClient) -> None:
    response = client.post("/graphql", json=REVISION)
    assert response.status_code == 200
    assert response.headers["content-type"] == JSON
    assert response.headers["revision"] == "1"
    assert response.json() == {"data": {"revision": 1}, "extensions": {"revision": 1}}


def test_variables_and_the_name_of_the_operation_are_taken(client: TestClient) -> None:
    document = "query One($id: ID!) { objective(id: $id) { title } } query Two { revision }"
    body: dict[str, Any] = {
        "query": document,
        "operationName": "One",
        "variables": {"id": "grow"},
        "extensions": {"trace": True},
    }
    assert client.post("/graphql", json=body).json()["data"] == {"objective": {"title": "Grow revenue"}}
    body = {"query": "{ revision }", "operationName": "", "variables": None, "extensions": None}
    assert client.post("/graphql", json=body).json()["data"] == {"revision": 1}


def test_a_query_may_be_asked_by_get(client: TestClient) -> None:
    query = "query One($id: ID!) { objective(id: $id) { title } }"
    response = client.get("/graphql", params={"query": query, "variables": '{"id": "grow"}', "operationName": "One"})
    assert response.json()["data"] == {"objective": {"title": "Grow revenue"}}
    assert client.get("/graphql", params={"query": "{ revision }", "variables": ""}).json()["data"] == {"revision": 1}


def test_a_mutation_is_sent_by_post_only(client: TestClient, workspace: Workspace) -> None:
    mutation = 'mutation { createPerson(input: { name: "Eve" }) { revision } }'
    refused = client.get("/graphql", params={"query": mutation})
    assert error_of(refused) == (405, "BAD_USER_INPUT", "A mutation is sent by POST, not by GET.")
    assert refused.headers["allow"] == "POST"
    assert Ask(workspace, Clock()).revision == 1
    response = client.post("/graphql", json={"query": mutation})
    assert response.json() == {"data": {"createPerson": {"revision": 2}}, "extensions": {"revision": 2}}
    assert response.headers["revision"] == "2"


def test_errors_of_a_document_are_answered_without_data(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": "{ nonsense }"})
    assert error_of(response)[:2] == (200, "GRAPHQL_VALIDATION_FAILED")
    assert "revision" not in response.headers
    assert error_of(client.post("/graphql", json={"query": "{"}))[:2] == (200, "GRAPHQL_PARSE_FAILED")
    assert error_of(client.post("/graphql", json={"query": "query A { revision } query B { revision }"}))[:2] == (
        200,
        "OPERATION_RESOLUTION_FAILURE",
    )


def test_an_error_on_the_way_keeps_the_rest(client: TestClient) -> None:
    query = '{ revision objective(id: "grow") { title } orgChart(root: "grow") { hidden } }'
    body = client.post("/graphql", json={"query": query}).json()
    assert body["data"] == {"revision": 1, "objective": {"title": "Grow revenue"}, "orgChart": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is no JSON: Input data was truncated"),
        (b"null", 'The body is no JSON object; send {"query": "..."}.'),
        (b"5", 'The body is no JSON object; send {"query": "..."}.'),
        (b'"x"', 'The body is no JSON object; send {"query": "..."}.'),
        (b"true", 'The body is no JSON object; send {"query": "..."}.'),
        (b'[{"query": "{ revision }"}]', 'The body is no JSON object; send {"query": "..."}.'),
        (b"{}", "There is no query; send the GraphQL document as `query`."),
        (b'{"query": ""}', "There is no query; send the GraphQL document as `query`."),
        (b'{"query": 5}', "query '5' is not a text."),
        (b'{"query": "{ revision }", "variables": [1]}', "variables '[1]' is not an object."),
        (b'{"query": "{ revision }", "variables": "{}"}', "variables '{}' is not an object."),
        (b'{"query": "{ revision }", "operationName": {}}', "operationName '{}' is not a text."),
        (b'{"query": "{ revision }", "extensions": 1}', "extensions '1' is not an object."),
        (b'{"query": "\xff"}', "the body is no UTF-8"),
        (b'{"query": "\xc0\xae"}', "the body is no UTF-8"),
        (b'{"query": "\\ud800"}', "the body is no JSON: it holds half a surrogate pair, which is no character"),
        ('{"query": "{ revision }"}'.encode("utf-16"), "the body is no JSON"),
        (b"[" * 9_000, "the body is nested too deeply; flatten it"),
        (b'{"query": "{ revision }", "variables": ' + b'{"a":' * 1_500, "the body is nested too deeply; flatten it"),
        (b'{"query": "{ revision }", "variables": {"a": ' + b"9" * 5_000 + b"}}", "the body is no JSON: Integer value"),
        (b'{"query": "{ revision }", "variables": {"a": 1e999}}', "the body is no JSON: Number out of range"),
        (b'{"query": "{ revision }", "variables": {"a": NaN}}', "the body is no JSON"),
    ],
    ids=range(22),
)
def test_a_body_that_cannot_be_understood_is_a_bad_request(client: TestClient, body: bytes, message: str) -> None:
    status, code, said = error_of(client.post("/graphql", content=body, headers={"content-type": JSON}))
    assert (status, code) == (400, "BAD_USER_INPUT")
    assert said.startswith(message)


@pytest.mark.parametrize("name", ["variables", "extensions"])
def test_a_parameter_that_cannot_be_understood_is_a_bad_request(client: TestClient, name: str) -> None:
    for text in ("nonsense", "[1]", "[" * 3_000):
        response = client.get("/graphql", params={"query": "{ revision }", name: text})
        assert error_of(response)[:2] == (400, "BAD_USER_INPUT")
        assert name in error_of(response)[2]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON", 200),
        ("application/json; charset=utf-8", 200),
        ('application/json;charset="UTF-8"', 200),
        ("application/json; profile=x", 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin1", 415),
        ("application/jsonx", 415),
        ("text/plain", 415),
        ("application/graphql", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
def test_a_body_is_json_in_utf_8(client: TestClient, content_type: str, status: int) -> None:
    response = client.post("/graphql", content=b'{"query": "{ revision }"}', headers={"content-type": content_type})
    assert response.status_code == status
    if status == 415:
        assert error_of(response)[1] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("coding", "status"), [("identity", 200), ("gzip", 415), ("br, gzip", 415), ("nonsense", 415)])
def test_a_body_is_not_compressed(client: TestClient, coding: str, status: int) -> None:
    headers = {"content-type": "application/json", "content-encoding": coding}
    response = client.post("/graphql", content=b'{"query": "{ revision }"}', headers=headers)
    assert response.status_code == status
    if status == 415:
        message = f"Bodies of content coding '{coding}' are not read here; send it as it is."
        assert error_of(response) == (415, "BAD_USER_INPUT", message)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_taken(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql")
    assert error_of(response)[:2] == (405, "BAD_USER_INPUT")
    assert response.headers["allow"] == "GET, POST"


def test_a_revision_can_be_asked_for(client: TestClient) -> None:
    def answer(revision: str) -> Any:
        return client.post("/graphql", json=REVISION, headers={"Min-Revision": revision})

    assert answer("1").json()["data"] == {"revision": 1}
    assert error_of(answer("2"))[:2] == (200, "REVISION_NOT_REACHED")
    for text in ("x", "-1", "1.5", "9" * 30):
        assert error_of(answer(text))[:2] == (400, "BAD_USER_INPUT")


# ---------- bounds of a request ----------


def test_a_body_that_is_too_long_is_refused_unread(client: TestClient) -> None:
    expected = (413, "LIMIT_EXCEEDED", "The body has more than 10000 bytes; send less at once.")
    assert error_of(client.post("/graphql", content=b" " * 10_001, headers={"content-type": JSON})) == expected
    fine = b'{"query": "{ revision }"}'.ljust(10_000)
    assert client.post("/graphql", content=fine, headers={"content-type": JSON}).status_code == 200


def test_a_body_without_a_length_is_read_only_so_far(workspace: Workspace) -> None:
    """A hundred megabytes come in drips; what has been read when the answer comes is what is allowed, and one drip."""
    read = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal read
        read += 1_000
        return {"type": "http.request", "body": b" " * 1_000, "more_body": read < 100_000_000}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    anyio.run(create_app(workspace, Settings(max_body=10_000)), scope, receive, send)
    assert read == 11_000
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert b"LIMIT_EXCEEDED" in sent[1]["body"]


def test_bodies_are_bounded_together_and_none_is_held_for_ever(workspace: Workspace) -> None:
    """Two bodies arrive at once, each as long as it may be; the second is one too many, and does no harm."""
    app = create_app(workspace, Settings(max_body=10_000, max_bodies=15_000))
    query = b'{"query": "{ revision }"}'.ljust(10_000)
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}

    async def asked(first: anyio.Event, rest: anyio.Event) -> tuple[int, dict[bytes, bytes], Any]:
        sent: list[Message] = []
        halves = [query[:8_000], query[8_000:]]

        async def receive() -> Message:
            if len(halves) == 1:
                first.set()
                await rest.wait()
            return {"type": "http.request", "body": halves.pop(0), "more_body": bool(halves)}

        async def send(message: Message) -> None:
            sent.append(message)

        await app({**scope, "state": {}}, receive, send)
        return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])

    async def both() -> None:
        begun, go_on = anyio.Event(), anyio.Event()
        answers: list[Any] = []

        async def first() -> None:
            answers.append(await asked(begun, go_on))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await begun.wait()
            at_once = anyio.Event()
            at_once.set()
            status, told, body = await asked(anyio.Event(), at_once)
            assert (status, told[b"retry-after"], told[b"connection"]) == (503, b"1", b"close")
            assert body["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
            go_on.set()
        [(status, _, body)] = answers
        assert (status, body["data"]) == (200, {"revision": workspace.store.revision()})
        assert (await asked(anyio.Event(), at_once))[0] == 200

    anyio.run(both)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000", "127.8.9.1"])
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/schema.graphql", "/healthz", "/readyz", "/version", "/metrics"])
def test_who_asks_for_the_head_alone_gets_it(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "192.168.0.1", "[::2]", "localhost.evil"]
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/graphql", "/static/start.css"])
def test_a_strange_name_is_not_answered(client: TestClient, host: str, path: str) -> None:
    response = client.get(path, headers={"host": host})
    assert error_of(response)[:2] == (421, "BAD_USER_INPUT")


def test_the_bound_host_is_answered(workspace: Workspace) -> None:
    app = create_app(workspace, Settings(host="Goals.example"))
    with TestClient(app, base_url="http://goals.example") as client:
        assert client.get("/healthz").status_code == 200


def test_every_answer_is_safe_for_browsers(client: TestClient) -> None:
    for path in ("/", "/graphql?query={revision}", "/healthz", "/nothing", "/static/start.css"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
    one, two = (client.get("/healthz").headers["x-request-id"] for _ in range(2))
    assert one != two


def test_no_strange_page_may_ask(client: TestClient) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    response = client.options("/graphql", headers=headers)
    assert not [name for name in response.headers if name.startswith("access-control")]


# ---------- pages and health ----------


def test_health_readiness_and_version(client: TestClient, workspace: Workspace) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "revision": 1}
    assert client.get("/version").json() == {"version": __version__}
    workspace.store.close()
    assert client.get("/healthz").json() == {"status": "ok"}
    response = client.get("/readyz")
    expected = {"status": "unavailable", "reason": "the store in memory is closed"}
    assert (response.status_code, response.json()) == (503, expected)


def test_it_starts_while_its_store_cannot_be_reached(workspace: Workspace) -> None:
    app = create_app(workspace)
    workspace.store.close()
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 503


def test_a_store_that_is_gone_is_told_with_a_request_id(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/graphql", json=REVISION)
    monkeypatch.setattr(access, "AGE", 60.0)  # who asks is known still, and let in to the door
    workspace.store.close()
    response = client.post("/graphql", json=REVISION)
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE", "requestId": response.headers["x-request-id"]}
    start = client.get("/")
    assert start.status_code == 503
    assert "cannot be reached" in start.text


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    assert error_of(client.get("/nothing")) == (404, "BAD_USER_INPUT", "Not Found")
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/docs").status_code == 404
    assert client.get("/openapi.json").status_code == 404


def test_the_schema_is_there_as_text(client: TestClient) -> None:
    response = client.get("/schema.graphql")
    assert response.headers["content-type"].startswith("text/plain")
    assert "Query" in build_schema(response.text).type_map


def test_a_fault_outside_of_graphql_is_masked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service import app

    def broken(_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(app, "summary", broken)
    client = TestClient(create_app(workspace), base_url="http://127.0.0.1", raise_server_exceptions=False)
    response = client.get("/")
    assert response.status_code == 500
    assert error_of(response)[1] == "INTERNAL_SERVER_ERROR"
    assert response.headers["x-request-id"] in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in response.text


def test_the_workspace_is_closed_at_the_end(workspace: Workspace) -> None:
    with TestClient(create_app(workspace), base_url="http://127.0.0.1") as client:
        assert client.get("/readyz").status_code == 200
    with pytest.raises(RuntimeError, match="closed"):
        workspace.submit([])
