"""Charts in pages of other sites: off by default, for named origins only, and told to wikis by oEmbed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from graph_service.app import create_app
from graph_service.errors import Invalid
from graph_service.settings import Settings, read_settings
from graph_service.web.pages import STATIC
from graph_service.workspace import Workspace
from tests.web.test_pages import Page

WIKI = "https://wiki.example"


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    """A service that lets two sites embed."""
    settings = Settings(embed_origins=f"{WIKI}, http://intranet:8080")
    with TestClient(create_app(workspace, settings), base_url="http://127.0.0.1") as client:
        yield client


def test_nothing_can_be_embedded_until_a_site_is_named(workspace: Workspace) -> None:
    with TestClient(create_app(workspace), base_url="http://127.0.0.1") as client:
        for path in ("/embed/cascade/grow", "/embed/org", "/oembed?url=http://127.0.0.1/cascade/grow"):
            response = client.get(path)
            assert response.status_code == 404
            message = response.json()["errors"][0]["message"]
            assert message == "Charts cannot be embedded: the setting embed_origins names no site."
        assert "oembed" not in client.get("/cascade/grow").text
        assert client.get("/embed.js").status_code == 200  # public, like any program


@pytest.mark.parametrize("path", ["/embed/cascade/grow", "/embed/ladder/crust", "/embed/org", "/embed/table/grow"])
def test_a_frame_is_for_the_named_origins_alone(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert f"frame-ancestors {WIKI} http://intranet:8080" in policy
    assert "unsafe-inline" not in policy
    assert "x-frame-options" not in response.headers
    assert "set-cookie" not in response.headers
    page = Page(response.text)
    assert all(address.startswith("/") for address in page.addresses)
    (body,) = [attributes for tag, attributes in page.tags if tag == "body"]
    assert body["data-origins"] == f"{WIKI} http://intranet:8080"
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert [one.get("src") for one in scripts] == ["/static/frame.js", "/embed.js", None]


def test_all_other_pages_stay_out_of_frames(client: TestClient) -> None:
    for path in ("/", "/cascade/grow", "/org", "/goals", "/graphql", "/cascade/grow.svg", "/nowhere"):
        response = client.get(path, headers={"accept": "text/html"})
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"], path
        assert response.headers["x-frame-options"] == "DENY", path


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/embed/pie/grow", "There is no view 'pie'; there are cascade, ladder, org, table."),
        ("/embed/cascade/nowhere", "There is nothing with the id 'nowhere' here."),
        ("/embed/cascade/ada", "There is nothing with the id 'ada' here."),
        ("/embed/cascade", "The address has to name the goal that the chart is of."),
    ],
)
def test_what_cannot_be_embedded_is_refused(client: TestClient, path: str, message: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["message"] == message


def test_oembed_tells_a_wiki_how(client: TestClient) -> None:
    told = client.get("/oembed", params={"url": "http://127.0.0.1/cascade/grow", "maxwidth": "600"})
    assert told.json() == {
        "version": "1.0",
        "type": "rich",
        "title": "Grow revenue",
        "provider_name": "graph-service",
        "provider_url": "http://127.0.0.1/",
        "width": 600,
        "height": 640,
        "html": '<iframe src="http://127.0.0.1/embed/cascade/grow" title="Grow revenue" width="600" height="640"'
        ' loading="lazy" frameborder="0"></iframe>',
    }
    titles = {
        path: client.get("/oembed", params={"url": f"http://127.0.0.1{path}"}).json()["title"]
        for path in ("/org", "/owners/ben", "/goals/crust", "/ladder/crust")
    }
    assert titles == {
        "/org": "Organization",
        "/owners/ben": "Ben Müller",
        "/goals/crust": "Crust tests passed",
        "/ladder/crust": "Crust tests passed",
    }
    page = Page(client.get("/cascade/grow", headers={"accept": "text/html"}).text)
    (link,) = [one["href"] for tag, one in page.tags if tag == "link" and one.get("type") == "application/json+oembed"]
    assert link is not None
    assert client.get(link).json()["title"] == "Grow revenue"


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({"url": "https://elsewhere.example/cascade/grow"}, 404, "is no address of this service."),
        ({"url": "http://127.0.0.1/cascade/nowhere"}, 404, "There is nothing with the id 'nowhere' here."),
        ({"url": "http://127.0.0.1/graphql"}, 404, "is no page with a chart."),
        ({"url": "http://127.0.0.1/"}, 404, "is no page with a chart."),
        ({}, 404, "is no address of this service."),
        ({"url": "http://[broken"}, 404, "is no address of this service."),
        ({"url": "http://127.0.0.1/cascade/grow", "maxwidth": "0"}, 400, "maxwidth '0' is no number from 1 to 9999."),
        ({"url": "http://127.0.0.1/cascade/grow", "format": "xml"}, 501, "Only format=json is spoken here."),
    ],
)
def test_oembed_refuses_what_is_not_ours(client: TestClient, params: dict[str, str], status: int, message: str) -> None:
    response = client.get("/oembed", params=params)
    assert response.status_code == status
    assert response.json()["errors"][0]["message"].endswith(message)


def test_the_component_may_be_loaded_by_any_site_and_is_small(client: TestClient) -> None:
    response = client.get("/embed.js", headers={"accept-encoding": "identity"})
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.content == (STATIC / "embed.js").read_bytes()
    assert len(gzip.compress(response.content, 9, mtime=0)) <= 60_000
    again = client.get("/embed.js", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_only_origins_can_be_named() -> None:
    for wrong in ("*", "https://wiki.example/path", "wiki.example", "https://a.example; script-src *"):
        with pytest.raises(Invalid, match="embed_origins"):
            read_settings(embed_origins=wrong)
