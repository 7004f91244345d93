"""token create, list and revoke; and a served store that heeds them."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from graph_service.models.tokens import Token
from graph_service.stores import open_store
from graph_service.workspace import Workspace
from tests.cli.conftest import Command
from tests.serving import PATIENCE, serving

TEXT = re.compile(r"ags_[a-z2-9]{10}_[0-9a-f]{64}\n")


def tokens(url: str) -> list[Token]:
    store = open_store(url)
    try:
        return store.tokens()
    finally:
        store.close()


def test_a_token_is_shown_once_and_alone(ask: Command, company: str) -> None:
    done = ask("token", "create", "--name", "nightly import", "--scope", "write")
    assert (done.code, done.err) == (0, "")
    assert TEXT.fullmatch(done.out)
    [token] = tokens(company)
    assert (token.name, token.scope, token.expires, token.revoked) == ("nightly import", "write", None, None)
    assert token.id == done.out.split("_")[1]
    secret = done.out.strip().rpartition("_")[2]
    for command in (("token", "list"), ("token", "list", "--json"), ("log",), ("verify",), ("export",)):
        shown = ask(*command)
        assert secret not in shown.out + shown.err
        assert token.digest.hex() not in shown.out + shown.err
    for file in Path(company.removeprefix("sqlite:///")).parent.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_a_token_with_an_end(ask: Command, company: str) -> None:
    before = datetime.now(UTC)
    assert ask("token", "create", "--name", "chart", "--scope", "read", "--expires", "30").code == 0
    [token] = tokens(company)
    assert token.expires is not None
    assert token.expires - token.created == timedelta(days=30)
    assert before <= token.created <= datetime.now(UTC)


def test_a_token_makes_the_store_that_is_to_be_served(graph_service: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/harbour.db"
    assert graph_service("token", "create", "--name", "ada", "--scope", "admin", "--store", url).code == 0
    assert [token.name for token in tokens(url)] == ["ada"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--name", "ada"),
        ("--scope", "read"),
        ("--name", "ada", "--scope", "all"),
        ("--name", "", "--scope", "read"),
        ("--name", "x" * 1_001, "--scope", "read"),
        ("--name", "ada", "--scope", "read", "--expires", "0"),
        ("--name", "ada", "--scope", "read", "--expires", "soon"),
        ("--name", "ada", "--scope", "read", "--expires", "100000"),
    ],
)
def test_a_token_that_cannot_be_made(ask: Command, company: str, arguments: tuple[str, ...]) -> None:
    done = ask("token", "create", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert tokens(company) == []


def test_the_list_of_tokens(ask: Command, company: str) -> None:
    assert ask("token", "list") == (0, "", "no access token yet; `graph-service token create` makes one\n")
    assert json.loads(ask("token", "list", "--json").out) == []
    ask("token", "create", "--name", "nightly import", "--scope", "write", "--expires", "30")
    ask("token", "create", "--name", "chart\x1b[31m of the board", "--scope", "read")
    told = {token.name: token for token in tokens(company)}
    assert set(told) == {"nightly import"}, "a name that hides something is refused"
    ask("token", "create", "--name", "chart", "--scope", "read")
    chart, nightly = sorted(tokens(company), key=lambda one: one.name)
    assert ask("token", "revoke", nightly.id).code == 0
    today, end = f"{nightly.created:%Y-%m-%d}", f"{nightly.expires:%Y-%m-%d}"
    assert ask("token", "list").out == (
        "id          scope  state    created     expires     name\n"
        f"{chart.id}  read   valid    {today}  never       chart\n"
        f"{nightly.id}  write  revoked  {today}  {end}  nightly import\n"
    )
    [one, two] = json.loads(ask("token", "list", "--json").out)
    assert (one["id"], one["scope"], one["state"], one["revoked"]) == (chart.id, "read", "valid", None)
    assert (two["state"], two["expires"][:10]) == ("revoked", end)
    assert set(one) == {"id", "name", "scope", "view", "root", "state", "created", "expires", "revoked"}
    assert (one["view"], one["root"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "scope", "frame"),
    [
        (("--view", "cascade", "--root", "grow-revenue"), "cascade of grow-revenue", "/embed/cascade/grow-revenue"),
        (("--view", "ladder", "--root", "grow-revenue"), "ladder of grow-revenue", "/embed/ladder/grow-revenue"),
        (("--view", "org", "--root", "ines"), "org of ines", "/embed/org/ines"),
        (("--view", "org"), "whole org", "/embed/org"),
    ],
)
def test_an_embed_token(ask: Command, company: str, arguments: tuple[str, ...], scope: str, frame: str) -> None:
    done = ask("token", "create", "--embed", "--name", "wiki", *arguments)
    [token] = tokens(company)
    assert done.code == 0
    assert re.fullmatch(r"agse_[a-z2-9]{10}_[0-9a-f]{64}\n", done.out)
    assert done.err == f"valid until {token.expires:%Y-%m-%d}; for a frame: {frame}#token=TOKEN\n"
    assert token.expires is not None
    assert token.expires - token.created == timedelta(days=90)
    assert (token.scope, token.view) == ("read", arguments[1])
    assert token.root == (arguments[3] if len(arguments) > 2 else None)
    [told] = json.loads(ask("token", "list", "--json").out)
    assert (told["scope"], told["view"], told["root"]) == ("read", token.view, token.root)
    assert f"{token.id}  {scope}  valid" in ask("token", "list").out
    assert ask("token", "revoke", token.id) == (0, "", f"{token.id} (wiki) is withdrawn\n")


def test_an_embed_token_with_an_end(ask: Command, company: str) -> None:
    assert ask("token", "create", "--embed", "--view", "org", "--name", "wiki", "--expires", "7").code == 0
    [token] = tokens(company)
    assert token.expires is not None
    assert token.expires - token.created == timedelta(days=7)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--embed",), 2, "'--view': an embed token shows one view: give cascade, ladder or org"),
        (("--embed", "--view", "table", "--root", "grow-revenue"), 2, "'--view'"),
        (("--embed", "--view", "cascade"), 2, "'--root': root is missing: the view cascade is of one goal"),
        (("--embed", "--view", "org", "--scope", "write"), 2, "'--scope': scope write is too much for an embed token"),
        (("--scope", "read", "--view", "org"), 2, "'--view': goes with --embed alone"),
        (("--scope", "read", "--root", "grow-revenue"), 2, "'--root': goes with --embed alone"),
        (("--embed", "--view", "cascade", "--root", "grow-revenu"), 1, "did you mean 'grow-revenue'"),
        (("--embed", "--view", "cascade", "--root", "ines"), 1, "'ines' is a person, not a goal"),
        (("--embed", "--view", "org", "--root", "grow-revenue"), 1, "no person or team has the id 'grow-revenue'"),
    ],
)
def test_an_embed_token_that_cannot_be_made(
    ask: Command, company: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = ask("token", "create", "--name", "wiki", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert tokens(company) == []


def test_a_token_is_withdrawn_once(ask: Command, company: str) -> None:
    ask("token", "create", "--name", "chart", "--scope", "read")
    [token] = tokens(company)
    assert ask("token", "revoke", token.id) == (0, "", f"{token.id} (chart) is withdrawn\n")
    [withdrawn] = tokens(company)
    assert withdrawn.revoked is not None
    assert ask("token", "revoke", token.id) == (0, "", f"{token.id} (chart) was withdrawn already\n")
    assert tokens(company) == [withdrawn]


def test_a_whole_token_given_for_an_id_is_not_repeated(ask: Command, company: str) -> None:
    text = ask("token", "create", "--name", "chart", "--scope", "read").out.strip()
    done = ask("token", "revoke", text)
    assert done.code == 1
    assert text[20:] not in done.err
    [token] = tokens(company)
    assert token.revoked is None


# ---------- served ----------


def status(base: str, token: str | None = None) -> int:
    """The status of a question, with a token or without."""
    headers = {"Content-Type": "application/json"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
    request = Request(f"{base}/graphql", b'{"query": "{ revision }"}', headers)
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def becomes(base: str, expected: int, token: str | None = None) -> bool:
    """Whether a question gets this status soon: another process has to notice what was changed."""
    until = time.monotonic() + PATIENCE
    while status(base, token) != expected:
        if time.monotonic() > until:
            return False
    return True


def test_a_served_store_heeds_what_another_process_does_with_tokens(ask: Command, company: str) -> None:
    with serving("serve", "--port", "0", "--store", company, GRAPH_SERVICE_FAILURE_RATE="1000000") as server:
        assert status(server.base) == 200
        text = ask("token", "create", "--name", "chart", "--scope", "read").out.strip()
        assert becomes(server.base, 401)
        assert status(server.base, text) == 200
        assert ask("token", "revoke", text.split("_")[1]).code == 0
        assert becomes(server.base, 401, text)
        assert status(server.base) == 401
        code, out, err = server.stop()
    assert code == 0
    assert text.rpartition("_")[2] not in out + json.dumps(err)


def test_with_a_token_other_machines_are_served(ask: Command, company: str) -> None:
    text = ask("token", "create", "--name", "chart", "--scope", "read").out.strip()
    with serving("serve", "--host", "0.0.0.0", "--port", "0", "--store", company) as server:
        base = server.base.replace("0.0.0.0", "127.0.0.1")
        assert (status(base), status(base, text)) == (401, 200)


def test_with_withdrawn_tokens_alone_other_machines_are_not_served(ask: Command, company: str) -> None:
    text = ask("token", "create", "--name", "chart", "--scope", "read").out
    ask("token", "revoke", text.split("_")[1])
    done = ask("serve", "--host", "0.0.0.0", "--port", "0")
    assert done.code == 2
    assert "make one by `graph-service token create --name NAME --scope read|write|admin`" in done.err


@pytest.mark.parametrize(("proxies", "counted"), [("", "one"), ("127.0.0.1", "each")])
def test_an_address_is_believed_of_a_trusted_proxy_alone(company: str, proxies: str, counted: str) -> None:
    environment = {"GRAPH_SERVICE_TRUSTED_PROXIES": proxies, "GRAPH_SERVICE_ADDRESS_RATE": "0.001"}
    with serving("serve", "--port", "0", "--store", company, **environment) as server:

        def through(address: str) -> int:
            request = Request(f"{server.base}/version", headers={"X-Forwarded-For": address})
            try:
                with urlopen(request, timeout=PATIENCE) as answer:
                    return int(answer.status)
            except HTTPError as refused:
                with refused:
                    return refused.code

        assert through("192.0.2.1") == 200
        assert through("192.0.2.2") == (200 if counted == "each" else 429)
        assert through("192.0.2.1") == 429


def test_tokens_are_no_part_of_what_verify_reads(ask: Command, company: str) -> None:
    ask("token", "create", "--name", "chart", "--scope", "read")
    with Workspace.open(company) as workspace:
        assert workspace.verify() == []
