"""Charts in pages of other sites: the web component, a page for frames, and oEmbed. Off until settings name them."""

from __future__ import annotations

import hashlib
from functools import cache
from urllib.parse import unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from graph_service.errors import Invalid, NotFound, Refusal
from graph_service.models.checks import shown
from graph_service.web.charts import NUMBER, Charts
from graph_service.web.drawing import Question, drawing, known
from graph_service.web.export import BUNDLE, data_of
from graph_service.web.pages import address, bare, plain_picture, plain_rows, templates
from graph_service.web.routes import PageRoute
from graph_service.web.witness import HEADERS

EMBEDDED = {"cascade": "cascade", "ladder": "ladder", "org": "org", "table": "cascade"}
"""Views that can be embedded, and the question that each shows."""

WIDTH, HEIGHT = 1000, 640
OFF = "Charts cannot be embedded: the setting embed_origins names no site."


class Embeds:
    """What other sites may show. ``origins`` are those whose pages may frame charts: without any, nobody's may."""

    def __init__(self, charts: Charts, origins: tuple[str, ...]) -> None:
        self.charts = charts
        self.origins = origins

    @property
    def routes(self) -> list[PageRoute]:
        """Where it is."""
        return [
            PageRoute("/embed.js", self.bundle, methods=["GET"]),
            PageRoute("/embed/{view}", self.embed, methods=["GET"]),
            PageRoute("/embed/{view}/{id:path}", self.embed, methods=["GET"]),
            PageRoute("/oembed", self.oembed, methods=["GET"]),
        ]

    async def bundle(self, request: Request) -> Response:
        """The web component. It is public, and any site may load it: what it shows it has to be let see."""
        content, tag = built()
        headers = {
            "ETag": tag,
            "Cache-Control": "no-cache",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="text/javascript")

    async def embed(self, request: Request) -> Response:
        """A chart alone, for a frame in a page of an origin that the settings name."""
        return await run_in_threadpool(self._embed, request)

    def _embed(self, request: Request) -> Response:
        view, id = request.path_params["view"], request.path_params.get("id") or None
        try:
            if not self.origins:
                raise NotFound(OFF)
            if view not in EMBEDDED:
                raise NotFound(f"There is no view {shown(view)}; there are {', '.join(EMBEDDED)}.")
            asked = EMBEDDED[view]
            with self.charts.workspace.reading() as graph:
                viewer = self.charts.viewer(request, graph)
                if asked != "org" and id is None:
                    raise NotFound("The address has to name the goal that the chart is of.")
                if id is not None and not known(graph, asked, id, viewer):
                    raise NotFound(f"There is nothing with the id {shown(id)} here.")
                said = drawing(graph, self.charts.question(asked, id, request, graph), viewer)
                assert said is not None
                text = (
                    templates()
                    .get_template("embed.html")
                    .render(
                        title=said.title,
                        view=view,
                        id=id,
                        theme=request.query_params.get("theme"),
                        origins=" ".join(self.origins),
                        known=True,
                        svg=bare(plain_picture(said)),
                        rows=plain_rows(said),
                        data=data_of(said, asked),
                    )
                )
        except Refusal as refusal:
            return self.charts.refused(request, refusal)
        return HTMLResponse(text, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        """What a page says that the named sites may frame."""
        policy = HEADERS["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", f"frame-ancestors {' '.join(self.origins)}"
        )
        return {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}

    def unknown(self, path: str, query: str) -> tuple[str, dict[str, str]] | None:
        """The page of a frame, and its headers, for whoever has shown no token yet: a browser cannot send one along
        when it opens a frame. It tells nothing but what its address says, and asks with the token that stands behind
        the ``#`` of that, which no browser sends. None for any other page, and while nothing can be embedded."""
        first, _, rest = path.removeprefix("/embed/").partition("/")
        if not self.origins or not path.startswith("/embed/") or first not in EMBEDDED or (first != "org" and not rest):
            return None
        text = (
            templates()
            .get_template("embed.html")
            .render(
                title="Chart",
                view=first,
                id=rest or None,
                theme=QueryParams(query).get("theme"),
                origins=" ".join(self.origins),
                known=False,
                svg=None,
                rows=[],
                data="",
            )
        )
        return text, self.headers

    async def oembed(self, request: Request) -> Response:
        """How to embed a page, as oEmbed has it: wikis ask for it when somebody pastes an address."""
        try:
            return await run_in_threadpool(self._oembed, request)
        except Refusal as refusal:
            return self.charts.refused(request, refusal)

    def _oembed(self, request: Request) -> Response:
        if not self.origins:
            raise NotFound(OFF)
        given = request.query_params
        if given.get("format", "json") != "json":
            return Response(self.charts.refuse("Only format=json is spoken here.", "BAD_USER_INPUT"), 501)
        try:
            pasted = urlsplit(given.get("url", ""))
        except ValueError:
            pasted = urlsplit("")
        if pasted.netloc != request.url.netloc:
            raise NotFound(f"url {shown(given.get('url', ''))} is no address of this service.")
        _, view, *rest = [unquote(part) for part in pasted.path.split("/", 2)] if pasted.path.count("/") else ["", ""]
        id = rest[0] if rest else None
        view = {"goals": "ladder", "owners": "org"}.get(view, view)
        if view not in EMBEDDED or (id is None and view != "org"):
            raise NotFound(f"url {shown(given['url'])} is no page with a chart.")
        width, height = (at_most(given, "maxwidth", WIDTH), at_most(given, "maxheight", HEIGHT))
        with self.charts.workspace.reading() as graph:
            viewer = self.charts.viewer(request, graph)
            if id is not None and not known(graph, EMBEDDED[view], id, viewer):
                raise NotFound(f"There is nothing with the id {shown(id)} here.")
            said = drawing(graph, Question(EMBEDDED[view], id, 0, self.charts.workspace.today()), viewer)
            assert said is not None
            title = said.title
        frame = (
            templates()
            .get_template("frame.html")
            .render(src=f"{request.base_url}embed{address(view, id)}", width=width, height=height, title=title)
        )
        return JSONResponse(
            {
                "version": "1.0",
                "type": "rich",
                "title": title,
                "provider_name": "graph-service",
                "provider_url": str(request.base_url),
                "width": width,
                "height": height,
                "html": frame.strip(),
            },
            headers={"Access-Control-Allow-Origin": "*"},
        )


def at_most(given: QueryParams, name: str, usual: int) -> int:
    """A measure in pixels, the usual one unless less is asked for; Invalid for what is no number."""
    text = given.get(name)
    if text is None:
        return usual
    if not NUMBER.match(text) or int(text) < 1:
        raise Invalid(f"{name} {shown(text)} is no number from 1 to 9999.", path=(name,))
    return min(usual, int(text))


@cache
def built() -> tuple[bytes, str]:
    """The built component, and the tag that stands for its bytes."""
    content = BUNDLE.read_bytes()
    return content, f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
