"""An embed token at the doors: the page of its picture and what that asks for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from graph_service.access import access as access_module
from graph_service.access import new_token
from graph_service.app import create_app
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.settings import Settings
from graph_service.workspace import Workspace
from tests.api.company import fill
from tests.web.test_pages import Page

WIKI = "https://wiki.example"
HTML = {"Accept": "text/html,*/*;q=0.8"}
HIDDEN = ("Grow revenue", "Sell more", "Offer sweets", "Écoles", "Ada", "Cleo", "Dora")
"""What lies outside of the cascade of `bread`."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are read anew for every request."""
    monkeypatch.setattr(access_module, "AGE", 0.0)


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    settings = Settings(embed_origins=WIKI, failure_rate=10_000)
    with TestClient(create_app(workspace, settings), base_url="http://127.0.0.1") as client:
        yield client


def made(workspace: Workspace, view: str, root: str | None) -> tuple[Token, str, dict[str, str]]:
    """An embed token in the store, its text, and the header that shows it."""
    token, text = new_token("wiki", Scope.READ, datetime.now(UTC), root=root, view=view)
    workspace.store.put_token(token)
    return token, text, {"Authorization": f"Bearer {text}"}


def ask(client: TestClient, query: str, headers: dict[str, str]) -> Any:
    return client.post("/graphql", json={"query": query}, headers=headers).json()


@pytest.mark.parametrize(
    "path",
    [
        "/embed/cascade/bread",
        "/embed/table/bread",
        "/cascade/bread",
        *[f"/cascade/bread.{form}" for form in ("svg", "mmd", "dot", "json", "csv", "txt", "html")],
        "/embed/cascade/crust",
    ],
)
def test_its_picture_is_shown_in_every_form(client: TestClient, workspace: Workspace, path: str) -> None:
    _, text, headers = made(workspace, "cascade", "bread")
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    assert "Crust tests passed" in response.text
    assert ("Bake better bread" in response.text) == ("crust" not in path)
    assert [word for word in HIDDEN if word in response.text] == []
    assert text not in response.text
    # and it is the same as for those who see everything, but for what hangs elsewhere too
    token, everything = new_token("all", Scope.READ, datetime.now(UTC))
    workspace.store.put_token(token)
    whole = client.get(path, headers={"Authorization": f"Bearer {everything}"})
    if path.endswith((".csv", ".txt", ".mmd", ".dot")):
        assert whole.text == response.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/goals",
        "/goals/bread",
        "/owners/ben",
        "/ladder/bread",
        "/ladder/bread.svg",
        "/org",
        "/org/ben",
        "/org.csv",
        "/embed/ladder/bread",
        "/embed/org",
        "/embed/pie/bread",
        "/embed",
        "/oembed?url=http://127.0.0.1/cascade/bread",
        "/metrics",
        "/schema.graphql",
        "/audit/ownership",
        "/cascades/bread",
        "/nothing",
        "//cascade/bread",
    ],
)
def test_every_other_page_is_forbidden(client: TestClient, workspace: Workspace, path: str) -> None:
    _, _, headers = made(workspace, "cascade", "bread")
    for accept in ({}, HTML):
        response = client.get(f"http://127.0.0.1{path}", headers=headers | accept)
        assert response.status_code == 403
        assert response.json() == {
            "errors": [
                {
                    "message": "This token shows one cascade alone, and this is no part of it.",
                    "extensions": {"code": "FORBIDDEN"},
                }
            ]
        }
        assert "revision" not in response.headers


@pytest.mark.parametrize("form", ["", ".svg", ".json", ".csv"])
@pytest.mark.parametrize("place", ["/cascade/{}", "/embed/cascade/{}"])
def test_another_root_cannot_be_told_from_one_that_is_not_there(
    client: TestClient, workspace: Workspace, place: str, form: str
) -> None:
    _, _, headers = made(workspace, "cascade", "bread")
    said = {}
    for id in ("grow", "sweets", "ada", "nowhere"):
        response = client.get(place.format(id) + form, headers=headers)
        assert response.status_code == 404
        said[id] = response.text.replace(id, "ID")
    assert len(set(said.values())) == 1


def test_each_view_is_shown_to_its_own_token(client: TestClient, workspace: Workspace) -> None:
    pages = {
        ("ladder", "crust"): ["/embed/ladder/crust", "/ladder/crust.svg", "/ladder/bread"],
        ("org", "ben"): ["/embed/org/ben", "/org/ben.csv", "/org/cleo", "/org", "/org.json", "/embed/org"],
        ("org", None): ["/embed/org", "/org/ada", "/org.csv"],
    }
    for (view, root), paths in pages.items():
        _, _, headers = made(workspace, view, root)
        for path in paths:
            response = client.get(path, headers=headers)
            assert response.status_code == 200, path
            assert ("Ada" in response.text) == (root != "ben"), path
        assert client.get("/embed/table/bread", headers=headers).status_code == 403
        assert client.get("/cascade/bread", headers=headers).status_code == 403


def test_what_is_public_is_answered(client: TestClient, workspace: Workspace) -> None:
    _, _, headers = made(workspace, "cascade", "bread")
    for path in ("/embed.js", "/static/frame.js", "/static/page.css", "/healthz", "/readyz", "/version"):
        assert client.get(path, headers=headers).status_code == 200, path


def test_graphql_is_asked_through_its_eyes(client: TestClient, workspace: Workspace) -> None:
    _, _, headers = made(workspace, "cascade", "bread")
    assert ask(client, '{ bread: node(id: "bread") { id } grow: node(id: "grow") { id } }', headers)["data"] == {
        "bread": {"id": "bread"},
        "grow": None,
    }
    refused = ask(client, "{ objectives { totalCount } }", headers)
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["FORBIDDEN"]
    assert "data" not in refused or refused["data"] is None
    refused = ask(client, 'mutation { removeGoal(input: { id: "bread" }) { revision } }', headers)
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["FORBIDDEN"]
    with workspace.reading() as graph:
        assert graph.revision == 1


def test_a_line_that_stays_open_tells_through_its_eyes(client: TestClient, workspace: Workspace) -> None:
    """The token comes in the first message, as browsers have it, or in the header."""
    _, text, headers = made(workspace, "cascade", "bread")
    subscription = "subscription { graphChanged { revision changed { goal { id } } } }"
    for given, said in (({}, {"authorization": f"Bearer {text}"}), (headers, {})):
        with client.websocket_connect("/graphql", ["graphql-transport-ws"], headers=given) as line:
            line.send_json({"type": "connection_init", "payload": said})
            assert line.receive_json()["type"] == "connection_ack"
            query = '{ grow: node(id: "grow") { id } bread: node(id: "bread") { id } }'
            line.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
            assert line.receive_json()["payload"]["data"] == {"grow": None, "bread": {"id": "bread"}}
            assert line.receive_json()["type"] == "complete"
            line.send_json({"id": "2", "type": "subscribe", "payload": {"query": "{ links { totalCount } }"}})
            refused = line.receive_json()
            assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")
            with workspace.reading() as graph:
                before = graph.revision
            for changes in (
                [("updateObjective", {"id": "grow", "title": "Grow"})],
                [("checkInKeyResult", {"keyResultId": "crust", "value": 13 + before})],
            ):
                fill(workspace, changes)
            query = subscription.replace("graphChanged", f"graphChanged(after: {before})")
            line.send_json({"id": "3", "type": "subscribe", "payload": {"query": query}})
            event = line.receive_json()["payload"]["data"]["graphChanged"]
            assert event == {
                "revision": before + 2,
                "changed": [{"goal": {"id": "bread"}}, {"goal": {"id": "crust"}}],
            }


def test_a_withdrawn_one_shows_nothing(client: TestClient, workspace: Workspace) -> None:
    token, _, headers = made(workspace, "cascade", "bread")
    assert client.get("/embed/cascade/bread", headers=headers).status_code == 200
    workspace.store.put_token(replace(token, revoked=datetime.now(UTC)))
    assert client.get("/embed/cascade/bread", headers=headers).status_code == 401
    assert ask(client, "{ revision }", headers)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_one_past_its_time_shows_nothing(client: TestClient, workspace: Workspace) -> None:
    token, _, headers = made(workspace, "cascade", "bread")
    workspace.store.put_token(replace(token, expires=datetime.now(UTC)))
    assert client.get("/embed/cascade/bread", headers=headers).status_code == 401


@pytest.mark.parametrize("change", [("agse_", "ags_"), ("ags_", "agse_")])
def test_a_token_is_known_by_its_prefix_too(client: TestClient, workspace: Workspace, change: tuple[str, str]) -> None:
    was, becomes = change
    view = "cascade" if was == "agse_" else None
    token, text = new_token("wiki", Scope.READ, datetime.now(UTC), root=None if view is None else "bread", view=view)
    workspace.store.put_token(token)
    assert text.startswith(was)
    for said, status in ((text, 200), (becomes + text.removeprefix(was), 401)):
        response = client.post("/graphql", json={"query": "{ revision }"}, headers={"Authorization": f"Bearer {said}"})
        assert response.status_code == status


# ---------- a frame, which can send no token along when it is opened ----------


@pytest.mark.parametrize("path", ["/embed/cascade/bread", "/embed/org", "/embed/ladder/nowhere", "/embed/table/a/b c"])
def test_a_frame_is_opened_without_a_token_and_tells_nothing(
    client: TestClient, workspace: Workspace, path: str
) -> None:
    made(workspace, "cascade", "bread")
    response = client.get(f"{path}?theme=dark", headers=HTML)
    assert response.status_code == 200
    assert "www-authenticate" not in response.headers
    assert "revision" not in response.headers
    assert f"frame-ancestors {WIKI}" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"]
    assert "x-frame-options" not in response.headers
    assert "set-cookie" not in response.headers
    page = Page(response.text)
    [chart] = [given for tag, given in page.tags if tag == "alignment-chart"]
    view, _, root = path.removeprefix("/embed/").partition("/")
    expected = {"view": view, "theme": "dark"} | ({"root": root} if root else {})
    assert chart == expected  # no endpoint, until there is a token
    assert [given.get("src") for tag, given in page.tags if tag == "script"] == ["/static/frame.js", "/embed.js"]
    for word in ("Bake", "Crust", "Grow", "sqlite"):
        assert word not in response.text


def test_a_frame_that_there_is_not_asks_like_any_page(client: TestClient, workspace: Workspace) -> None:
    made(workspace, "cascade", "bread")
    for path in ("/embed/pie/bread", "/embed/cascade", "/embed/", "/embedded/cascade/bread", "/cascade/bread"):
        response = client.get(path, headers=HTML)
        assert response.status_code == 401
        assert "Who is asking?" in response.text
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_without_origins_there_is_no_frame_for_strangers(workspace: Workspace) -> None:
    made(workspace, "cascade", "bread")
    with TestClient(create_app(workspace, Settings(failure_rate=10_000)), base_url="http://127.0.0.1") as client:
        response = client.get("/embed/cascade/bread", headers=HTML)
        assert "Who is asking?" in response.text
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_programs_are_refused_as_ever(client: TestClient, workspace: Workspace) -> None:
    made(workspace, "cascade", "bread")
    response = client.get("/embed/cascade/bread")
    assert response.status_code == 401
    assert json.loads(response.text)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_root_with_letters_of_all_kinds_is_escaped(client: TestClient, workspace: Workspace) -> None:
    made(workspace, "cascade", "bread")
    response = client.get('/embed/cascade/"><script>alert(1)</script>', headers=HTML)
    [chart] = [given for tag, given in Page(response.text).tags if tag == "alignment-chart"]
    assert chart["root"] == '"><script>alert(1)</script>'
    assert "<script>alert" not in response.text
