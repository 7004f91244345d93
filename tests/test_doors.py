"""Every door with no token, a wrong one, one past its time, one withdrawn, and one that may only read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from graph_service.access import Access, new_token
from graph_service.access import access as access_module
from graph_service.app import create_app
from graph_service.errors import StoreUnavailable
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.settings import Settings
from graph_service.workspace import Workspace

JSON = "application/json"
BASE = "http://127.0.0.1:8000"
SENTENCE = "This needs a valid access token, sent as `Authorization: Bearer TOKEN`."
RENAME = 'mutation { updateObjective(input: { id: "grow", title: "Grow" }) { revision errors { code } } }'
ZONE = 'mutation { updateWorkspace(input: { timeZone: "Europe/Berlin" }) { revision errors { code } } }'
ERASE = 'mutation { erasePerson(input: { id: "ada" }) { revision errors { code } } }'
BATCH = """mutation { applyChanges(input: { changes: [
  { updateObjective: { id: "grow", title: "Grow" } } { erasePerson: { id: "ada" } }
] }) { revision errors { code } } }"""

DOORS: list[tuple[str, str, Any]] = [
    ("POST", "/graphql", {"query": "{ revision }"}),
    ("POST", "/graphql", {"query": "{ __schema { types { name } } }"}),
    ("POST", "/graphql", {"query": "{ nonsense "}),
    ("POST", "/graphql", {"query": RENAME}),
    ("GET", "/graphql?query={revision}", None),
    ("GET", "/graphql", None),
    ("OPTIONS", "/graphql", None),
    ("GET", "/", None),
    ("GET", "/schema.graphql", None),
    ("GET", "/metrics", None),
    ("GET", "/ladder/grow", None),
    ("GET", "/audit/ownership", None),
    ("GET", "/audit/ownership.json", None),
    ("GET", "/nothing", None),
    ("POST", "/healthz", {}),
    ("GET", "//healthz", None),
    ("GET", "/healthz/", None),
    ("GET", "/static", None),
]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are read anew for every request."""
    monkeypatch.setattr(access_module, "AGE", 0.0)


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace, Settings(failure_rate=10_000)), base_url=BASE) as client:
        yield client


def made(workspace: Workspace, scope: Scope = Scope.ADMIN, name: str = "nightly import") -> tuple[Token, str]:
    """A token in the store, and the header that shows it."""
    token, text = new_token(name, scope, datetime.now(UTC))
    workspace.store.put_token(token)
    return token, f"Bearer {text}"


def wrong(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Headers that nobody is let in by."""
    token, header = made(workspace)
    expired, expired_header = made(workspace)
    workspace.store.put_token(replace(expired, expires=datetime.now(UTC) - timedelta(seconds=1)))
    revoked, revoked_header = made(workspace)
    workspace.store.put_token(replace(revoked, revoked=datetime.now(UTC)))
    return {
        "none": {},
        "empty": {"Authorization": ""},
        "another secret": {"Authorization": f"Bearer ags_{token.id}_" + "0" * 64},
        "unknown": {"Authorization": "Bearer ags_aaaaaaaaaa_" + header[-64:]},
        "another scheme": {"Authorization": f"Basic {header[7:]}"},
        "expired": {"Authorization": expired_header},
        "revoked": {"Authorization": revoked_header},
    }


# ---------- anonymous ----------


@pytest.mark.parametrize(("method", "path", "body"), DOORS, ids=range(len(DOORS)))
def test_no_door_opens_without_a_valid_token(
    client: TestClient, workspace: Workspace, method: str, path: str, body: Any
) -> None:
    answers = set()
    for headers in wrong(workspace).values():
        response = client.request(method, path, json=body, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer realm="graph-service"'
        assert response.headers["content-type"] == JSON
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "revision" not in response.headers
        answers.add(response.text)
    [answer] = answers
    assert json.loads(answer) == {"errors": [{"message": SENTENCE, "extensions": {"code": "UNAUTHENTICATED"}}]}
    with workspace.reading() as graph:
        assert graph.revision == 1


def test_nothing_of_the_body_is_read_for_a_stranger(workspace: Workspace) -> None:
    made(workspace)
    sent: list[Message] = []

    async def receive() -> NoReturn:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    anyio.run(create_app(workspace), scope, receive, send)
    assert sent[0]["status"] == 401
    assert (b"connection", b"close") in sent[0]["headers"]


def test_what_is_public_tells_nothing_of_the_workspace(client: TestClient, workspace: Workspace) -> None:
    _, header = made(workspace)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/readyz", headers={"Authorization": "Bearer nonsense"}).json() == {"status": "ok"}
    assert client.get("/readyz", headers={"Authorization": header}).json() == {"status": "ok", "revision": 1}
    assert list(client.get("/version").json()) == ["version"]
    assert client.get("/static/enter.js").status_code == 200
    assert client.get("/static/../graphql?query={revision}").status_code in {401, 404}


@pytest.mark.parametrize("path", ["/", "/graphql", "/ladder/grow", "/audit/ownership", "/nothing"])
def test_a_browser_is_given_a_page_that_asks_for_the_token(client: TestClient, workspace: Workspace, path: str) -> None:
    made(workspace)
    response = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="graph-service"'
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Access token" in response.text
    assert "set-cookie" not in response.headers
    for word in ("Grow revenue", "sqlite", "Ada"):
        assert word not in response.text
    policy = response.headers["content-security-policy"]
    assert ("'unsafe-inline'" in policy) == (path == "/graphql")
    assert ("form-action 'self'" in policy) == (path == "/audit/ownership"), "its filters are a form"
    assert "script-src 'self';" in policy


def test_a_page_is_shown_for_a_token(client: TestClient, workspace: Workspace) -> None:
    _, header = made(workspace, Scope.READ)
    for path, word in (("/", "objectives"), ("/graphql", "graphiql.min.js"), ("/audit/ownership", "Findings by rule")):
        response = client.get(path, headers={"Accept": "text/html", "Authorization": header})
        assert response.status_code == 200
        assert word in response.text


def test_a_websocket_with_a_wrong_token_is_refused(client: TestClient, workspace: Workspace) -> None:
    for name, headers in wrong(workspace).items():
        if name != "none":
            with pytest.raises(WebSocketDisconnect), client.websocket_connect("/graphql", headers=headers):
                pass


def test_from_elsewhere_a_token_is_needed_from_the_first_request_on(workspace: Workspace) -> None:
    with TestClient(create_app(workspace, Settings(host="0.0.0.0")), base_url="http://goals.example") as client:
        assert client.post("/graphql", json={"query": "{ revision }"}).status_code == 401
        assert client.get("/healthz").status_code == 200
        _, header = made(workspace)
        response = client.post("/graphql", json={"query": "{ revision }"}, headers={"Authorization": header})
        assert response.json()["data"] == {"revision": 1}


def test_with_tokens_it_may_stand_behind_a_proxy_under_any_name(client: TestClient, workspace: Workspace) -> None:
    proxied = {"Host": "goals.example"}
    assert client.post("/graphql", json={"query": "{ revision }"}, headers=proxied).status_code == 421
    _, header = made(workspace)
    assert client.post("/graphql", json={"query": "{ revision }"}, headers=proxied).status_code == 401
    response = client.post("/graphql", json={"query": "{ revision }"}, headers=proxied | {"Authorization": header})
    assert response.json()["data"] == {"revision": 1}


def test_the_first_token_closes_the_open_door(client: TestClient, workspace: Workspace) -> None:
    assert client.post("/graphql", json={"query": "{ revision }"}).status_code == 200
    token, header = made(workspace)
    assert client.post("/graphql", json={"query": "{ revision }"}).status_code == 401
    assert client.post("/graphql", json={"query": "{ revision }"}, headers={"Authorization": header}).status_code == 200
    workspace.store.put_token(replace(token, revoked=datetime.now(UTC)))
    for headers in ({}, {"Authorization": header}):
        assert client.post("/graphql", json={"query": "{ revision }"}, headers=headers).status_code == 401


def test_while_the_store_is_gone_nobody_is_let_in(client: TestClient, workspace: Workspace) -> None:
    _, header = made(workspace)
    workspace.store.close()
    response = client.post("/graphql", json={"query": "{ revision }"}, headers={"Authorization": header})
    assert response.json()["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


# ---------- scopes ----------

ALLOWED = {
    Scope.READ: set(),
    Scope.WRITE: {"rename"},
    Scope.ADMIN: {"rename", "zone", "erase", "batch"},
}
MUTATIONS = {"rename": RENAME, "zone": ZONE, "erase": ERASE, "batch": BATCH}


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("name", MUTATIONS)
def test_what_a_token_may_change(client: TestClient, workspace: Workspace, scope: Scope, name: str) -> None:
    _, header = made(workspace, scope)
    response = client.post("/graphql", json={"query": MUTATIONS[name]}, headers={"Authorization": header})
    body = response.json()
    with workspace.reading() as graph:
        revision = graph.revision
    if name in ALLOWED[scope]:
        assert "errors" not in body
        assert revision == 2
        return
    [error] = body["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert f"this one has {scope}" in error["message"]
    assert body.get("data") is None
    assert revision == 1


FORBIDDEN = {
    "the second field": 'mutation { %s b: updateWorkspace(input: { timeZone: "UTC" }) { revision } }',
    "a fragment": 'mutation { %s ...More } fragment More on Mutation { erasePerson(input: {id: "ada"}) { revision } }',
    "an inline fragment": 'mutation { %s ... on Mutation { erasePerson(input: { id: "ada" }) { revision } } }',
    "a skipped field": 'mutation { %s erasePerson(input: { id: "ada" }) @skip(if: true) { revision } }',
    "an alias": 'mutation { %s updateObjective: erasePerson(input: { id: "ada" }) { revision } }',
}


@pytest.mark.parametrize("document", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_one_mutation_that_is_not_allowed_refuses_the_whole_operation(
    client: TestClient, workspace: Workspace, document: str
) -> None:
    _, header = made(workspace, Scope.WRITE)
    first = 'a: updateObjective(input: { id: "grow", title: "Grow" }) { revision }'
    document %= first
    body = client.post("/graphql", json={"query": document}, headers={"Authorization": header}).json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]
    assert "data" not in body
    with workspace.reading() as graph:
        assert graph.revision == 1


def test_of_several_operations_the_one_that_is_meant_counts(client: TestClient, workspace: Workspace) -> None:
    _, header = made(workspace, Scope.READ)
    document = f"query Ask {{ revision }} {RENAME.replace('mutation', 'mutation Rename')}"

    def code(name: str) -> Any:
        body = {"query": document, "operationName": name}
        return client.post("/graphql", json=body, headers={"Authorization": header}).json()

    assert code("Ask")["data"] == {"revision": 1}
    assert [error["extensions"]["code"] for error in code("Rename")["errors"]] == ["FORBIDDEN"]
    assert "errors" in code("Nobody")


def test_a_token_that_reads_may_ask_for_everything(client: TestClient, workspace: Workspace) -> None:
    _, header = made(workspace, Scope.READ)
    for query in ("{ revision }", "{ __schema { types { name } } }", '{ objective(id: "grow") { title } }'):
        body = client.post("/graphql", json={"query": query}, headers={"Authorization": header}).json()
        assert "errors" not in body
    assert client.get("/schema.graphql", headers={"Authorization": header}).status_code == 200


# ---------- who it was ----------


def test_the_log_shows_the_name_of_the_token(client: TestClient, workspace: Workspace) -> None:
    assert client.post("/graphql", json={"query": RENAME}).status_code == 200
    _, header = made(workspace, Scope.WRITE)
    again = RENAME.replace('"Grow"', '"Grow more"')
    assert client.post("/graphql", json={"query": again}, headers={"Authorization": header}).status_code == 200
    assert [(one.by, one.source) for one in workspace.store.changes(1)] == [
        ("anonymous", "graphql"),
        ("nightly import", "graphql"),
    ]


def test_an_idempotency_key_is_that_of_its_actor(client: TestClient, workspace: Workspace) -> None:
    _, one = made(workspace, Scope.WRITE)
    _, two = made(workspace, Scope.WRITE, "weekly import")
    create = """mutation { createTeam(input: { name: "Delivery", idempotencyKey: "monday" }) {
      revision team { id } } }"""

    def said(header: str) -> Any:
        return client.post("/graphql", json={"query": create}, headers={"Authorization": header}).json()["data"][
            "createTeam"
        ]

    first, again, other = said(one), said(one), said(two)
    assert (first["revision"], again["revision"], other["revision"]) == (2, 2, 3)
    assert first["team"] == again["team"] != other["team"]


# ---------- how often ----------


def test_too_many_requests_are_told_when_to_come_again(workspace: Workspace) -> None:
    _, header = made(workspace, Scope.READ)
    with TestClient(create_app(workspace, Settings(token_rate=0.01)), base_url=BASE) as client:
        ask = {"url": "/graphql", "json": {"query": "{ revision }"}, "headers": {"Authorization": header}}
        assert client.post(**ask).status_code == 200  # type: ignore[arg-type]
        response = client.post(**ask)  # type: ignore[arg-type]
    assert response.status_code == 429
    assert 98 <= int(response.headers["retry-after"]) <= 100
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert error["message"].startswith("Too many requests with this token; try again in ")


def test_too_many_requests_of_an_address(workspace: Workspace) -> None:
    with TestClient(create_app(workspace, Settings(address_rate=2)), base_url=BASE) as client:
        statuses = [client.post("/graphql", json={"query": "{ revision }"}).status_code for _ in range(20)]
    assert statuses[:2] == [200, 200]
    assert 429 in statuses
    assert set(statuses) == {200, 429}


def test_too_many_refused_tokens(workspace: Workspace) -> None:
    made(workspace)
    with TestClient(create_app(workspace, Settings(failure_rate=2)), base_url=BASE) as client:
        guess = {"Authorization": "Bearer ags_aaaaaaaaaa_" + "0" * 64}
        statuses = [client.get("/", headers=guess).status_code for _ in range(4)]
    assert statuses == [401, 401, 429, 429]


# ---------- nothing is told ----------


def test_nothing_of_a_token_is_told_anywhere(
    client: TestClient, workspace: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    token, header = made(workspace, Scope.WRITE)
    secret = header.rpartition("_")[2]
    told = []
    for query in (RENAME, "{ nonsense }", ERASE, "{"):
        response = client.post("/graphql", json={"query": query}, headers={"Authorization": header})
        told.append(f"{response.text} {response.headers}")
    told.append(client.get("/", headers={"Authorization": header, "Accept": "text/html"}).text)
    told.append(client.get("/metrics", headers={"Authorization": header}).text)

    def broken(self: Access, *_: object) -> NoReturn:
        raise ValueError("a fault")

    monkeypatch.setattr(Access, "caller", broken)
    faulty = TestClient(client.app, base_url=BASE, raise_server_exceptions=False)
    response = faulty.get("/", headers={"Authorization": header})
    assert response.status_code == 500
    told += [response.text, caplog.text]
    for text in told:
        assert secret not in text
        assert token.digest.hex() not in text


def test_a_fault_of_the_store_is_masked(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> NoReturn:
        raise StoreUnavailable("/var/lib/company.db is locked")

    monkeypatch.setattr(workspace.store, "tokens", gone)
    response = client.get("/")
    assert response.status_code == 503
    assert "company.db" not in response.text
