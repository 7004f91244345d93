"""Whatever is sent, the answer is one: a status below 500, a code, a sentence; and nothing is changed."""

from __future__ import annotations

import json
import string
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from graphql import ValueNode
from graphql.language import ast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema
from starlette.testclient import TestClient

from graph_service.api import schema_sdl
from graph_service.app import create_app
from graph_service.workspace import Workspace
from tests.api.company import Clock, fill

JSON = "application/json"
DIGITS = "9" * 5_000
SERVER_FAULTS = {"INTERNAL_SERVER_ERROR", "STORE_UNAVAILABLE"}
HARMLESS = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "OPERATION_RESOLUTION_FAILURE"}
"""Codes that a fuzzer of schemas takes for no fault where an error has a path."""


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace.open("sqlite://", clock=Clock()) as workspace:
        fill(workspace)
        yield workspace


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), base_url="http://127.0.0.1:8000") as client:
        yield client


def asked(client: TestClient, query: str, **variables: Any) -> tuple[int, list[str]]:
    """Status and codes of an answer."""
    return codes_of(client.post("/graphql", content=json.dumps({"query": query, "variables": variables}), headers=KIND))


def codes_of(response: Any) -> tuple[int, list[str]]:
    return response.status_code, [error["extensions"]["code"] for error in response.json().get("errors", ())]


KIND = {"content-type": JSON}
BAD = (400, ["BAD_USER_INPUT"])
NO_NUMBER = (200, ["GRAPHQL_VALIDATION_FAILED"])


# ---------- JSON ----------


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("begin", [b"", b'{"query": "{ revision }", "variables": {"a": ', b'{"extensions": {"a":'])
def test_json_nested_fifty_thousand_deep(client: TestClient, opening: bytes, begin: bytes) -> None:
    assert codes_of(client.post("/graphql", content=begin + opening * 50_000, headers=KIND)) == BAD
    closed = begin + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    assert codes_of(client.post("/graphql", content=closed, headers=KIND)) == BAD


def test_json_nested_in_a_parameter(client: TestClient) -> None:
    deep = '{"a": ' + "[" * 10_000
    assert codes_of(client.get("/graphql", params={"query": "{ revision }", "variables": deep})) == BAD


@pytest.mark.parametrize(
    "text", ["null", "5", '"x"', "true", "[]", "NaN", "Infinity", "-", "", " ", "\ufeff{}", "{}{}"]
)
def test_json_that_is_no_object(client: TestClient, text: str) -> None:
    assert codes_of(client.post("/graphql", content=text.encode(), headers=KIND)) == BAD


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\xae", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"])
@pytest.mark.parametrize("body", [b'{"query": "%s"}', b'{"query": "{ revision }", "variables": {"a": "%s"}}'])
def test_text_that_is_no_utf_8(client: TestClient, raw: bytes, body: bytes) -> None:
    assert codes_of(client.post("/graphql", content=body % raw, headers=KIND)) == BAD


def test_a_parameter_that_is_no_utf_8(client: TestClient) -> None:
    assert codes_of(client.get("/graphql?query=%FF%C0%AE")) == (200, ["GRAPHQL_PARSE_FAILED"])


# ---------- numbers ----------


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ objectives(first: %s) { totalCount } }", None, NO_NUMBER),
        ("{ objectives(first: -%s) { totalCount } }", None, NO_NUMBER),
        ("{ objective(id: %s) { id } }", None, NO_NUMBER),
        ("{ objectives(filter: { progressFrom: %s }) { totalCount } }", None, NO_NUMBER),
        ("{ objectives(filter: { progressFrom: %s.5 }) { totalCount } }", None, NO_NUMBER),
        ("{ objectives(filter: { progressFrom: 1e%s }) { totalCount } }", None, NO_NUMBER),
        ("{ objectives(filter: { asOf: %s }) { totalCount } }", None, NO_NUMBER),
        ("query($n: Int = %s) { objectives(first: $n) { totalCount } }", None, NO_NUMBER),
        ("query($n: Float = %s) { objectives(filter: { progressFrom: $n }) { totalCount } }", None, NO_NUMBER),
        (
            'mutation { createTeam(input: { name: "Boats", attributes: { a: %s } }) { revision } }',
            None,
            NO_NUMBER,
        ),
        ("query($n: Int) { objectives(first: $n) { totalCount } }", '{"n": %s}', BAD),
        ("query($n: JSON) { revision }", '{"n": [{"a": %s}]}', BAD),
        ("query($n: Float) { objectives(filter: { progressFrom: $n }) { totalCount } }", '{"n": 1e999}', BAD),
        ("query($n: Float) { objectives(filter: { progressFrom: $n }) { totalCount } }", '{"n": -1e999}', BAD),
        ("{ objectives(filter: { progressFrom: 1e999 }) { totalCount } }", None, NO_NUMBER),
    ],
    ids=range(15),
)
@pytest.mark.parametrize("by_get", [False, True])
def test_numbers_without_end(
    client: TestClient, query: str, variables: str | None, expected: tuple[int, list[str]], by_get: bool
) -> None:
    query = query.replace("%s", DIGITS)
    given = (variables or "{}").replace("%s", DIGITS)
    if by_get:
        if query.startswith("mutation"):
            return
        found = codes_of(client.get("/graphql", params={"query": query, "variables": given}))
    else:
        body = '{"query": ' + json.dumps(query) + ', "variables": ' + given + "}"
        found = codes_of(client.post("/graphql", content=body.encode(), headers=KIND))
    assert found == expected


NAMES = ["Min-Revision", "X-Request-Id", "Accept", "Accept-Encoding", "If-None-Match", "Origin"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [DIGITS, ",;=" * 1_000, "q=" + DIGITS, "*/*;q=" + DIGITS, "\x7f\xe9"])
def test_headers_without_sense(client: TestClient, name: str, value: str) -> None:
    for path in ("/graphql?query={revision}", "/static/start.css", "/"):
        response = client.get(path, headers={name: value.encode("latin-1")})  # type: ignore[arg-type]
        assert response.status_code < 500


@pytest.mark.parametrize(
    "key", [f"[{DIGITS}]", "[1e999]", "[" * 5_000, '["\\ud800"]', "null", "{}", "[NaN]", f'["{DIGITS}", 1]']
)
def test_a_cursor_that_was_made_up(client: TestClient, key: str) -> None:
    from graph_service.api.cursors import Order, write_cursor

    cursor = urlsafe_b64encode(key.encode()).decode().rstrip("=")
    real = write_cursor("epoch", Order("objectives"), ("grow",))
    for after in (cursor, real, real[:-3], real + cursor, "é" * 100, "=" * 100):
        query = "query($after: String) { objectives(after: $after) { totalCount } }"
        assert asked(client, query, after=after) == (200, ["BAD_USER_INPUT"])


# ---------- documents ----------


def doubling(number: int) -> str:
    fragments = "".join(f" fragment F{n} on Query {{ a: __typename ...F{n + 1} ...F{n + 1} }}" for n in range(number))
    return "{ ...F0 }" + fragments + f" fragment F{number} on Query {{ __typename }}"


def nested(levels: int) -> str:
    return '{ objective(id: "grow") { ' + "primaryParent { " * (levels - 2) + "id" + " }" * levels


DOCUMENTS = {
    "depth of 20": nested(20),
    "depth of 100": nested(100),
    "10,000 aliases": "{ " + " ".join(f"a{n}: revision" for n in range(10_000)) + " }",
    "30 doubling fragments": doubling(30),
    "ofType 60 times": "{ __schema { types { " + "ofType { " * 60 + "name" + " }" * 63,
    "200,000 tokens": "{ " + "revision " * 200_000 + "}",
    "200,000 braces": "{" * 200_000,
    "200,000 brackets": "{ nodes(ids: " + "[" * 200_000,
    "400 brackets": "{ nodes(ids: " + "[" * 400 + "]" * 400 + ") { id } }",
    "2,000 fields that are none": "{ " + " ".join(f"nonsense{n}" for n in range(1_900)) + " }",
    "1,000 directives": "{ revision" + " @skip(if: false)" * 300 + " }",
    "1,000 variables": "query(" + "".join(f"$v{n}: Int " for n in range(600)) + ") { revision }",
    "a ring of introspection": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "pages within pages": "{ objectives(first: 999) { edges { node { checkIns(first: 999) { edges { cursor } } } } } }",
    "the same field again and again": "{ " + "objectives { edges { node { title } } } " * 180 + "}",
    "a string without an end": '{ objective(id: "' + "\\u0041" * 30_000,
    "a block string": '{ objective(id: """' + "\n" * 100_000 + '""") { id } }',
    "commas": "{ revision " + "," * 190_000 + "}",
    "two megabytes of comment": "#" * 1_900_000 + "\n{ revision }",
    "two megabytes of one name": "{ " + "a" * 1_900_000 + " }",
    "conflicting fields": "{ " + " ".join(f'x: objective(id: "{n}") {{ id }}' for n in range(90)) + " }",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_answered(client: TestClient, name: str) -> None:
    """How fast is told by a benchmark."""
    status, codes = asked(client, DOCUMENTS[name])
    assert status == 200
    if name in ("commas", "a block string"):
        assert codes == []
    else:
        assert codes and set(codes) <= {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}


def test_two_operations_need_a_name(client: TestClient, workspace: Workspace) -> None:
    query = 'query Peace { revision } mutation War { createTeam(input: { name: "Boats" }) { revision } }'
    assert asked(client, query) == (200, ["OPERATION_RESOLUTION_FAILURE"])
    response = client.get("/graphql", params={"query": query, "operationName": "War"})
    assert codes_of(response) == (405, ["BAD_USER_INPUT"])
    with workspace.reading() as graph:
        assert graph.revision == 1


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"at": "2026-05-20T12:00:00"}, "2026-05-20T12:00:00"),
        ({"at": "20260520T120000Z"}, "20260520T120000Z"),
        ({"at": "2026-05-20"}, "2026-05-20"),
        ({"at": 5}, "5"),
        ({"value": "1e999"}, "1e999"),
        ({"value": True}, "True"),
    ],
)
def test_values_of_another_kind(client: TestClient, variables: dict[str, Any], sentence: str) -> None:
    query = "mutation($input: CheckInKeyResultInput!) { checkInKeyResult(input: $input) { revision } }"
    body = {"query": query, "variables": {"input": {"keyResultId": "crust", **variables}}}
    response = client.post("/graphql", json=body)
    assert codes_of(response) == (200, ["BAD_USER_INPUT"])
    (error,) = response.json()["errors"]
    (name,) = variables
    assert name in error["message"] and sentence in error["message"]


def test_a_resolver_that_raises_tells_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service.api.types import goals

    for kind in (ValueError, KeyError, RecursionError, MemoryError):

        def broken(*_: object, kind: type[Exception] = kind) -> None:
            raise kind("secret: FOREIGN KEY constraint failed")

        monkeypatch.setattr(goals, "ladder", broken)
        response = client.post("/graphql", json={"query": '{ objective(id: "grow") { id ladder { truncated } } }'})
        status, codes = codes_of(response)
        assert (status, codes) == (200, ["INTERNAL_SERVER_ERROR"])
        assert "secret" not in response.text and "constraint" not in response.text
        assert response.headers["x-request-id"] in response.text


# ---------- anything at all ----------

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = """... query mutation subscription fragment on objective id null revision $id ID! true -0 1e5 input
    __typename @skip(if:true) # é \x00 { } ( ) [ ] : ! $ @ = | &"""
TOKENS = st.sampled_from([*WORDS.split(), '"', '"""', "\n"])
QUIET = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def check(response: Any) -> None:
    """No fault of the server, and every error has a code and a sentence."""
    assert response.status_code < 500, response.text
    if response.headers["content-type"] == JSON:
        for error in response.json().get("errors", ()):
            assert error["extensions"]["code"] not in SERVER_FAULTS
            assert error["message"]
            assert "path" not in error or error["extensions"]["code"] in HARMLESS


@QUIET
@given(body=st.binary(max_size=200) | JSONS.map(lambda value: json.dumps(value).encode()))
def test_any_body(client: TestClient, body: bytes) -> None:
    check(client.post("/graphql", content=body, headers=KIND))


@QUIET
@given(query=JSONS | st.text(), variables=JSONS, name=JSONS, extensions=JSONS)
def test_any_fields_of_a_request(
    client: TestClient, query: object, variables: object, name: object, extensions: object
) -> None:
    body = {"query": query, "variables": variables, "operationName": name, "extensions": extensions}
    check(client.post("/graphql", content=json.dumps(body).encode(), headers=KIND))


@QUIET
@given(tokens=st.lists(TOKENS, max_size=30), variables=st.dictionaries(st.sampled_from(["id", "input"]), JSONS))
def test_any_tokens(client: TestClient, tokens: list[str], variables: dict[str, Any]) -> None:
    for query in (" ".join(tokens), "{ " + " ".join(tokens) + " }"):
        body = json.dumps({"query": query, "variables": variables})
        check(client.post("/graphql", content=body.encode(), headers=KIND))


@QUIET
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "BREW"]),
    path=st.text(string.printable, max_size=30),
    name=st.sampled_from([*NAMES, "Content-Type", "Range"]),
    value=st.text(string.printable.strip() + " ", max_size=40),
)
def test_any_path_and_header(client: TestClient, method: str, path: str, name: str, value: str) -> None:
    for address in ("/" + quote(path), "/graphql?" + quote(path, "&="), "/static/" + quote(path)):
        response = client.request(method, address, headers={name: value}, follow_redirects=False)
        assert response.status_code < 500, response.text


def as_text(values: st.SearchStrategy[str]) -> st.SearchStrategy[ValueNode]:
    return values.map(lambda value: ast.StringValueNode(value=value))


SCALARS: dict[str, st.SearchStrategy[ValueNode]] = {
    "Date": as_text(st.dates().map(str) | st.text(max_size=12)),
    "DateTime": as_text(st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.text(max_size=12)),
    "JSON": as_text(st.text(max_size=12)),
}
OPERATIONS = from_schema(schema_sdl(), custom_scalars=SCALARS)


@settings(QUIET, max_examples=25)
@given(query=OPERATIONS)
def test_any_valid_operation(client: TestClient, query: str) -> None:
    check(client.post("/graphql", content=json.dumps({"query": query}).encode(), headers=KIND))
