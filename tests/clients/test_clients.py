"""Clients as people use them: each library reads, pages, writes and is refused as it expects to be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from gql import Client, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

from tests.clients.conftest import FOLDER, Node
from tests.serving import Serving

ROOT = FOLDER.parent.parent
KEY_RESULT = "kr:rating-timetable"  # 3.6 to 4.4, at 4.2
TITLE = "Rating of Timetable by crews"
FIRST = [
    "Be a neighbour that a harbour would miss",
    "Be a place that people are glad to come back to",
    "Be as dependable as the tide",
    "Be the first choice of small ferry lines",
    "Become part of every crew's working day",
]
SECOND = [
    "Bring the early deciders on board",
    "Build boarding gates of our own",
    "Find our feet on the lakes",
    "Find voices worth listening to",
    "Give money back as gladly as we take it",
]


def test_every_audit_of_graphql_over_http_passes(server: Serving, node: Node) -> None:
    audits = node("audits.mjs", f"{server.base}/graphql")
    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []


def test_apollo_client(server: Serving, node: Node) -> None:
    seen = node("apollo.mjs", f"{server.base}/graphql", KEY_RESULT)
    assert seen == {
        "goal": TITLE,
        "rungs": 5,
        "titles": FIRST + SECOND,
        "before": pytest.approx(2 / 3),
        "after": 1,
        "refused": "BAD_USER_INPUT",
    }


def test_urql(server: Serving, node: Node) -> None:
    seen = node("urql.mjs", f"{server.base}/graphql", KEY_RESULT)
    assert seen == {"title": TITLE, "before": 4.2, "errors": [], "after": 7, "refused": "BAD_USER_INPUT"}


def test_graphql_ws_and_graphql_sse_follow(server: Serving, node: Node) -> None:
    def followed(*values: float) -> dict[str, object]:
        return {
            "told": [
                {
                    "revisions": number,
                    "changed": [{"goal": {"id": KEY_RESULT}, "after": {"value": pytest.approx((value - 3.8) / 0.6)}}],
                }
                for number, value in enumerate(values, 1)
            ],
            "refused": "BAD_USER_INPUT",
            "asked": [{"keyResult": {"title": TITLE}}],
        }

    seen = node("follow.mjs", f"{server.base}/graphql", KEY_RESULT)
    assert seen == {"socket": followed(3.9, 4.0), "stream": followed(4.1, 4.2)}


def test_relay_compiler_and_runtime(
    server: Serving, node: Node, environment: dict[str, str], packages: Path, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "src").mkdir()
    shutil.copy(FOLDER / "relay" / "company.js", tmp_path / "src")
    shutil.copy(FOLDER / "relay" / "ask.cjs", tmp_path)
    shutil.copy(FOLDER / "relay" / "relay.config.json", tmp_path)
    shutil.copy(ROOT / "schema" / "schema.graphql", tmp_path)
    command = ["relay-compiler", "relay.config.json", "--noWatchman"]
    compiled = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    assert sorted(file.name for file in (tmp_path / "src" / "__generated__").iterdir()) == [
        "companyCheckInMutation.graphql.js",
        "companyGoalQuery.graphql.js",
        "companyPageQuery.graphql.js",
        "companyQuery.graphql.js",
        "company_goal.graphql.js",
        "company_objectives.graphql.js",
    ]
    seen = node(tmp_path / "ask.cjs", f"{server.base}/graphql", KEY_RESULT)
    assert seen == {"first": FIRST, "both": FIRST + SECOND, "goal": TITLE, "rungs": 5, "before": 4.2, "after": 7}


def test_graphql_codegen_types_every_example(server: Serving, environment: dict[str, str], tmp_path: Path) -> None:
    types = tmp_path / "types.ts"
    told = environment | {
        "ENDPOINT": f"{server.base}/graphql",
        "OPERATIONS": str(ROOT / "schema" / "operations" / "*.graphql"),
        "OUTPUT": str(types),
    }
    for command in (
        ["graphql-codegen", "--config", str(FOLDER / "codegen.ts")],
        ["tsc", "--noEmit", "--strict", str(types)],
    ):
        done = subprocess.run(command, check=False, cwd=FOLDER, env=told, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
    text = types.read_text()
    for file in (ROOT / "schema" / "operations").glob("*.graphql"):
        name = "".join(word.capitalize() for word in file.stem.split("-"))
        assert f"export type {name}" in text


def test_gql_in_python(server: Serving) -> None:
    transport = RequestsHTTPTransport(f"{server.base}/graphql")
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        words = DSLSchema(session.client.schema)
        goal = words.Query.keyResult(id=KEY_RESULT).select(words.KeyResult.title, words.KeyResult.value)
        assert session.execute(dsl_gql(DSLQuery(goal))) == {"keyResult": {"title": TITLE, "value": 4.2}}
        check_in = gql(
            "mutation CheckIn($input: CheckInKeyResultInput!)"
            " { checkInKeyResult(input: $input) { errors { code } changed { goal { title } } } }"
        )
        check_in.variable_values = {"input": {"keyResultId": KEY_RESULT, "value": 7}}
        told = session.execute(check_in)["checkInKeyResult"]
        assert told["errors"] == []
        assert TITLE in [change["goal"]["title"] for change in told["changed"]]
        with pytest.raises(TransportQueryError) as refused:
            session.execute(gql("{ objectives(first: -1) { totalCount } }"))
        assert refused.value.errors is not None
        assert refused.value.errors[0]["extensions"] == {"code": "BAD_USER_INPUT"}
