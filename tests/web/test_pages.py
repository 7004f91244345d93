"""The pages: what they say, that they fetch nothing from outside, and that GraphiQL is what it says it is."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import strawberry
from starlette.testclient import TestClient

from graph_service.app import create_app
from graph_service.models.changes import CreateObjective
from graph_service.web import STATIC, Summary, graphiql_page, start_page
from graph_service.workspace import Workspace
from tests.api.company import Clock, fill

VENDORED = {
    "react@18.2.0/umd/react.production.min.js": "react.production.min.js",
    "react-dom@18.2.0/umd/react-dom.production.min.js": "react-dom.production.min.js",
    "graphiql@3.8.3/graphiql.min.css": "graphiql.min.css",
    "graphiql@3.8.3/graphiql.min.js": "graphiql.min.js",
    "@graphiql/plugin-explorer@1.0.2/dist/style.css": "explorer.css",
    "@graphiql/plugin-explorer@1.0.2/dist/index.umd.js": "explorer.js",
}
"""Files of GraphiQL: where Strawberry's page takes each from, and what it is called here."""


class Page(HTMLParser):
    """The tags of a page with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @property
    def addresses(self) -> list[str]:
        """Everything that it fetches or leads to."""
        found = [value for _, attributes in self.tags for name, value in attributes.items() if name in ("src", "href")]
        return [value for value in found if value]


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace.open("sqlite://", clock=Clock()) as workspace:
        yield workspace


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), base_url="http://127.0.0.1") as client:
        yield client


def integrity() -> dict[str, str]:
    """The hash by which Strawberry's own page knows each file."""
    page = (Path(strawberry.__file__).parent / "static" / "graphiql.html").read_text()
    pairs = re.findall(r'https://unpkg\.com/([^"]+)"\s+integrity="(sha384-[^"]+)"', page)
    return dict(pairs)


@pytest.mark.parametrize("source", sorted(VENDORED))
def test_graphiql_is_the_very_files_that_strawberry_names(source: str) -> None:
    content = (STATIC / "graphiql" / VENDORED[source]).read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    assert f"sha384-{digest}" == integrity()[source]


def test_all_of_graphiql_is_there_but_the_cookies_that_nobody_sets() -> None:
    assert set(integrity()) - set(VENDORED) == {"js-cookie@3.0.5/dist/js.cookie.min.js"}


def test_graphiql_is_served_to_browsers_from_here_alone(client: TestClient) -> None:
    response = client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text == graphiql_page()
    page = Page(response.text)
    assert not [tag for tag, attributes in page.tags if tag == "script" and "src" not in attributes]
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    for address in page.addresses:
        assert address.startswith("/")
        assert client.get(address).status_code == 200
    served = {address.rpartition("/")[2] for address in page.addresses}
    assert served >= set(VENDORED.values()) | {"page.js", "page.css"}


def test_programs_get_no_page(client: TestClient) -> None:
    for accept in ("*/*", "application/json", ""):
        assert client.get("/graphql", headers={"accept": accept}).status_code == 400
    asked = client.get("/graphql", params={"query": "{ revision }"}, headers={"accept": "text/html, */*;q=0.8"})
    assert asked.json()["data"] == {"revision": 0}


def test_licences_of_what_is_served_are_served_too(client: TestClient) -> None:
    text = client.get("/static/graphiql/LICENSES.txt").text
    assert "GraphQL Contributors" in text
    assert "Facebook, Inc. and its affiliates" in text


def test_the_start_page_tells_what_there_is(client: TestClient, workspace: Workspace) -> None:
    empty = client.get("/").text
    assert "The workspace is still empty." in empty
    fill(workspace)
    full = client.get("/").text
    assert "still empty" not in full
    assert re.findall(r"<dt>([\w ]+)</dt><dd>([\d,]+)</dd>", full) == [
        ("objectives", "5"),
        ("key results", "4"),
        ("people", "4"),
        ("teams", "3"),
        ("revision", "1"),
    ]
    assert 'ladder(id: "crust")' in full.replace("&#34;", '"')
    top = '<a href="/cascade/grow">Grow revenue</a><span>57 %, on track. Ada Baker, until 2026-12-31</span>'
    assert top in full


def test_every_address_of_the_start_page_is_there(client: TestClient) -> None:
    page = Page(client.get("/").text)
    assert "/graphql" in page.addresses
    for address in page.addresses:
        assert address.startswith("/")
        assert client.get(address, headers={"accept": "text/html"}).status_code == 200


def test_the_start_page_is_a_page_for_everybody(client: TestClient) -> None:
    page = Page(client.get("/").text)
    tags = [tag for tag, _ in page.tags]
    assert ("html", {"lang": "en"}) in page.tags
    assert [tags.count(tag) for tag in ("title", "h1", "main", "footer")] == [1, 1, 1, 1]
    assert "script" not in tags
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it: 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_themes_can_be_read() -> None:
    style = (STATIC / "start.css").read_text()
    themes = [
        dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(themes) == 2
    for theme in themes:
        for paper in ("paper", "card"):
            for ink in ("ink", "quiet", "accent"):
                assert contrast(theme[ink], theme[paper]) >= 4.5, (theme[ink], theme[paper])


def test_a_page_is_safe_whatever_an_id_holds() -> None:
    nasty = "</code><script>alert(1)</script>\"'&{{7*7}}"
    page = start_page("1", Summary(nasty, 1, 1, 1, 1, 1, nasty))
    assert "<script" not in page
    assert "{{7*7}}" in page


def test_the_example_of_the_start_page_works(client: TestClient, workspace: Workspace) -> None:
    workspace.commit([CreateObjective(id='a "quoted" \\ id', title="Grow revenue")])
    page = client.get("/").text
    queries = re.findall(r"<code>(\{.*?\})</code>", page, re.DOTALL)
    assert len(queries) == 2
    for query in queries:
        import html

        body = client.post("/graphql", json={"query": html.unescape(query)}).json()
        assert "errors" not in body
        assert body["data"]
