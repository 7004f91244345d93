"""HTTP as clients, browsers and proxies meet it: types and statuses of answers, compression, CORS, files, overload."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from graph_service.access import access
from graph_service.api.schema import schema
from graph_service.app import create_app
from graph_service.settings import Settings
from graph_service.workspace import Workspace

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html; charset=utf-8"
SITE = "https://goals.example"


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with serving(workspace) as client:
        yield client


def serving(workspace: Workspace, **given: Any) -> TestClient:
    return TestClient(create_app(workspace, Settings(**given)), base_url="http://127.0.0.1:8000")


def ask(client: TestClient, query: str, accept: str | None = None, **headers: str) -> Any:
    """The answer to a query, with an Accept header or (empty) without."""
    given = {"accept": accept, **headers} if accept is not None else headers
    if accept is None:
        client.headers.pop("accept", None)
    return client.post("/graphql", json={"query": query}, headers=given)


def code(response: Any) -> str:
    (error,) = response.json()["errors"]
    told: str = error["extensions"]["code"]
    return told


# ---------- the type of an answer ----------


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        ("Application/GraphQL-Response+JSON; charset=UTF-8", GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL};q=1.0", GRAPHQL),
        (f"{GRAPHQL};q=0.1, */*;q=0.5", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"{JSON};q=0, */*;q=0.1", GRAPHQL),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        (f"text/event-stream, {JSON};q=0.5", JSON),
        (f"{JSON};charset=utf-16, {GRAPHQL};q=0.1", GRAPHQL),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
    ],
)
def test_an_answer_has_the_type_that_is_wanted(client: TestClient, accept: str | None, kind: str) -> None:
    response = ask(client, "{ revision }", accept)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.json() == {"data": {"revision": 1}, "extensions": {"revision": 1}}
    assert "Accept" in response.headers["vary"].split(", ")


@pytest.mark.parametrize(
    "accept", ["text/html", "image/png", f"{JSON};q=0", "*/*;q=0", f"{JSON};charset=latin1", "nonsense"]
)
def test_a_type_that_there_is_not_is_refused_and_nothing_done(
    client: TestClient, workspace: Workspace, accept: str
) -> None:
    response = ask(client, 'mutation { createTeam(input: { name: "Boats" }) { revision } }', accept)
    assert (response.status_code, code(response)) == (406, "BAD_USER_INPUT")
    assert response.headers["content-type"] == JSON
    with workspace.reading() as graph:
        assert graph.revision == 1


NOTHING_EXECUTED = {
    "{": "GRAPHQL_PARSE_FAILED",
    "{ nonsense }": "GRAPHQL_VALIDATION_FAILED",
    "query A { revision } query B { revision }": "OPERATION_RESOLUTION_FAILURE",
    "query($id: ID!) { objective(id: $id) { id } }": "BAD_USER_INPUT",
    "{ objectives(first: 1001) { totalCount } }": "LIMIT_EXCEEDED",
}


@pytest.mark.parametrize("query", NOTHING_EXECUTED)
def test_what_was_not_executed_has_no_data_and_its_status_is_told_in_the_newer_type(
    client: TestClient, query: str
) -> None:
    for kind, status in ((JSON, 200), (GRAPHQL, 400)):
        response = ask(client, query, kind)
        assert (response.status_code, response.headers["content-type"]) == (status, kind)
        assert code(response) == NOTHING_EXECUTED[query]
        assert "data" not in response.json()


@pytest.mark.parametrize("kind", [JSON, GRAPHQL])
def test_what_was_executed_in_part_is_fine(client: TestClient, kind: str) -> None:
    response = ask(client, '{ revision orgChart(root: "grow") { hidden } }', kind)
    assert (response.status_code, response.json()["data"]) == (200, {"revision": 1, "orgChart": None})
    assert code(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize("kind", [JSON, GRAPHQL])
def test_a_request_that_is_none_is_told_so_in_the_type_that_is_wanted(client: TestClient, kind: str) -> None:
    response = client.post("/graphql", content=b"nonsense", headers={"accept": kind, "content-type": JSON})
    assert (response.status_code, response.headers["content-type"], code(response)) == (400, kind, "BAD_USER_INPUT")
    response = client.put("/graphql", headers={"accept": kind})
    assert (response.status_code, response.headers["content-type"], code(response)) == (405, kind, "BAD_USER_INPUT")


def test_a_store_that_is_gone_is_no_fault_of_the_asker(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client, "{ revision }")
    monkeypatch.setattr(access, "AGE", 60.0)  # who asks is known still, and let in to the door
    workspace.store.close()
    for kind, status in ((JSON, 200), (GRAPHQL, 503)):
        response = ask(client, "{ revision }", kind)
        assert (response.status_code, code(response)) == (status, "STORE_UNAVAILABLE")


def test_a_browser_gets_the_page_and_a_program_the_answer(client: TestClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    assert client.get("/graphql", headers={"accept": browser}).headers["content-type"] == HTML
    assert client.get("/graphql", headers={"accept": f"{JSON}, text/html;q=0.5"}).status_code == 400
    assert client.get("/graphql?query={revision}", headers={"accept": browser}).headers["content-type"] == JSON
    assert client.post("/graphql", json={"query": "{ revision }"}, headers={"accept": browser}).status_code == 200


def test_the_cost_is_told_to_who_asks(client: TestClient) -> None:
    body = {"query": '{ objective(id: "grow") { owner { id } } }', "extensions": {"cost": True}}
    assert client.post("/graphql", json=body).json()["extensions"]["cost"] == {"objects": 2, "limit": 20_000}
    parameters = {"query": "{ revision }", "extensions": '{"cost": true}'}
    assert client.get("/graphql", params=parameters).json()["extensions"]["cost"] == {"objects": 0, "limit": 20_000}
    for other in ({}, {"cost": False}, {"cost": 1}):
        assert "cost" not in client.post("/graphql", json={**body, "extensions": other}).json()["extensions"]


# ---------- compression ----------

LONG = "{ " + " ".join(f"a{n}: workspace {{ levels timeZone }}" for n in range(20)) + " }"


@pytest.mark.parametrize(
    ("encodings", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("identity", False),
        ("", False),
        ("x", False),
    ],
)
def test_long_answers_are_compressed_for_who_takes_that(client: TestClient, encodings: str, packed: bool) -> None:
    with client.stream("POST", "/graphql", json={"query": LONG}, headers={"accept-encoding": encodings}) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers.get("content-encoding") == ("gzip" if packed else None)
    assert int(response.headers["content-length"]) == len(raw)
    assert set(response.headers["vary"].split(", ")) == {"Accept", "Accept-Encoding"}
    text = gzip.decompress(raw) if packed else raw
    assert text.startswith(b'{"data":{"a0":{"levels"')
    if packed:
        assert len(raw) < len(text) / 4


@pytest.mark.parametrize(("compress_from", "encoding"), [(1_000, None), (10, "gzip")])
def test_short_answers_are_sent_as_they_are(workspace: Workspace, compress_from: int, encoding: str | None) -> None:
    with serving(workspace, compress_from=compress_from) as client:
        answer = ask(client, "{ revision }", **{"accept-encoding": "gzip"})
    assert answer.json()["data"] == {"revision": 1}
    assert answer.headers.get("content-encoding") == encoding


# ---------- sites ----------


def preflight(client: TestClient, origin: str, **headers: str) -> Any:
    asked = {"origin": origin, "access-control-request-method": "POST", **headers}
    return client.options("/graphql", headers=asked)


def granted(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control")}


@pytest.mark.parametrize("origin", [SITE, "null", "http://127.0.0.1:8000"])
def test_no_site_may_ask_unless_it_is_named(client: TestClient, origin: str) -> None:
    assert (preflight(client, origin).status_code, granted(preflight(client, origin))) == (405, {})
    assert granted(ask(client, "{ revision }", origin=origin)) == {}


def test_a_site_that_is_named_may_ask(workspace: Workspace) -> None:
    with serving(workspace, cors_origins=f"{SITE}, http://localhost:3000") as client:
        for origin in (SITE, "http://localhost:3000"):
            wanted = "authorization, content-type, min-revision, x-request-id"
            before = preflight(client, origin, **{"access-control-request-headers": wanted})
            assert before.status_code == 200
            assert before.headers["access-control-allow-origin"] == origin
            assert "POST" in before.headers["access-control-allow-methods"]
            assert before.headers["access-control-max-age"] == "600"
            assert "access-control-allow-credentials" not in before.headers
            assert before.headers["x-content-type-options"] == "nosniff"
            asked = ask(client, "{ revision }", origin=origin)
            assert asked.json()["data"] == {"revision": 1}
            assert asked.headers["access-control-allow-origin"] == origin
            assert asked.headers["access-control-expose-headers"] == "Retry-After, Revision, Stale-Since, X-Request-Id"
            assert "Origin" in asked.headers["vary"].split(", ")
            refused = client.post("/graphql", content=b"x" * 2_000_001, headers={"origin": origin})
            assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (413, origin)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://goals.example.evil", "http://goals.example", "null", "https://Goals.example"],
)
def test_no_other_site_may(workspace: Workspace, origin: str) -> None:
    with serving(workspace, cors_origins=SITE) as client:
        before = preflight(client, origin)
        assert before.status_code == 400
        assert "access-control-allow-origin" not in before.headers
        assert "access-control-allow-origin" not in ask(client, "{ revision }", origin=origin).headers


# ---------- files ----------


@pytest.mark.parametrize("path", ["/static/start.css", "/static/graphiql/graphiql.min.js"])
def test_a_file_is_sent_again_only_if_it_is_another(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    for known in (tag, f'"x", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["x-content-type-options"] == "nosniff"
    assert client.get(path, headers={"if-none-match": '"x"'}).content == first.content
    assert client.head(path).headers["content-length"] == str(len(first.content))
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert (packed.content, packed.headers["etag"]) == (first.content, tag)


def test_files_that_differ_have_tags_that_differ(client: TestClient) -> None:
    one, two = (client.get(f"/static/{name}").headers["etag"] for name in ("start.css", "icon.svg"))
    assert one != two


# ---------- request ids ----------


@pytest.mark.parametrize("given", ["4bf92f3577b34da6a3ce929d0e0e4736", "123e4567-e89b-12d3-a456-426614174000"])
def test_an_id_of_the_client_is_taken_over(client: TestClient, given: str) -> None:
    assert client.get("/healthz", headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "ada@bakery.example", "Ada Baker", "abc", "f" * 65, "-" * 32, "4bf92f3577b34da6a3ce929d0e0e473\u00e9"]
)
def test_an_id_that_could_be_anything_is_not(client: TestClient, given: str) -> None:
    told = client.get("/healthz", headers={"x-request-id": given.encode()}).headers["x-request-id"]  # type: ignore[arg-type]
    assert told != given
    assert len(told) == 16


# ---------- overload ----------


def test_when_too_many_wait_a_further_one_is_sent_away(workspace: Workspace) -> None:
    """Two operations wait for the workspace, which somebody holds; a third is refused, and health is told meanwhile."""
    with serving(workspace, max_waiting=2) as client, ThreadPoolExecutor(2) as pool:
        door = client.app.state.door  # type: ignore[attr-defined]
        free = threading.Event()

        def hold() -> None:
            with workspace.reading():
                holding.set()
                assert free.wait(60)

        holding = threading.Event()
        holder = threading.Thread(target=hold)
        holder.start()
        assert holding.wait(60)
        waiting = [pool.submit(ask, client, "{ revision }", GRAPHQL) for _ in range(2)]
        while len(door.in_hand) < 2:
            pass
        refused = ask(client, "{ revision }", GRAPHQL)
        assert (refused.status_code, code(refused), refused.headers["retry-after"]) == (503, "LIMIT_EXCEEDED", "1")
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        free.set()
        holder.join()
        assert [one.result().json()["data"] for one in waiting] == [{"revision": 1}] * 2
        assert ask(client, "{ revision }").json()["data"] == {"revision": 1}


def test_questions_share_few_threads_and_do_not_hold_up_changes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six questions and a change wait for the workspace: of the questions two are begun, and the change is too."""
    begun: list[str | None] = []
    answer = schema.answer

    def noted(query: str | None, *given: Any, **named: Any) -> Any:
        begun.append(query)
        return answer(query, *given, **named)

    monkeypatch.setattr(schema, "answer", noted)
    change = 'mutation { createTeam(input: { name: "Boats" }) { revision } }'
    with serving(workspace) as client, ThreadPoolExecutor(7) as pool:
        door = client.app.state.door  # type: ignore[attr-defined]
        with workspace.reading():
            questions = [pool.submit(ask, client, "{ revision }") for _ in range(6)]
            while len(door.in_hand) < 6:
                os.sched_yield()
            changed = pool.submit(ask, client, change)
            while len(begun) < 3:
                os.sched_yield()
            assert sorted(map(str, begun)) == sorted([change, "{ revision }", "{ revision }"])
        assert changed.result().json()["data"] == {"createTeam": {"revision": 2}}
        assert {one.result().json()["data"]["revision"] for one in questions} <= {1, 2}
    assert len(begun) == 7


def test_an_operation_that_waited_too_long_is_not_executed(workspace: Workspace) -> None:
    with serving(workspace) as client, ThreadPoolExecutor(1) as pool:
        with workspace.reading():
            door = client.app.state.door  # type: ignore[attr-defined]
            waiting = pool.submit(ask, client, 'mutation { createTeam(input: { name: "Boats" }) { revision } }')
            while not (door.in_hand or waiting.done()):
                os.sched_yield()
            (asking,) = door.in_hand
            asking.hurry()
        response = waiting.result()
        assert (response.status_code, code(response)) == (200, "LIMIT_EXCEEDED")
        with workspace.reading() as graph:
            assert graph.revision == 1
