"""The HTTP application: the GraphQL door, the pages and the health of the service."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from graph_service import __version__
from graph_service.api import Door, Limits, error_body, schema_sdl
from graph_service.errors import Fault
from graph_service.models.nodes import Objective, Person, Team
from graph_service.settings import Settings
from graph_service.web import STATIC, Front, Summary, graphiql_page, start_page
from graph_service.web.pages import GRAPHIQL_POLICY
from graph_service.workspace import Workspace

JSON = "application/json"

log = logging.getLogger("graph_service.app")


def create_app(workspace: Workspace, settings: Settings | None = None) -> FastAPI:
    """The application for one workspace, which it closes when it ends."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        gc.freeze()  # the loaded graph stays, and a collection that walks all of it would stop every answer
        yield
        gc.unfreeze()
        await run_in_threadpool(workspace.close)

    app = FastAPI(
        title="graph-service", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    limits = Limits(
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        directives=settings.max_directives,
        tokens=settings.max_tokens,
        page=settings.page,
        max_page=settings.max_page,
    )
    door = Door(workspace, limits, ide=graphiql_page(), ide_policy=GRAPHIQL_POLICY, patience=settings.revision_wait)
    app.router.routes.append(Route("/graphql", door, methods=None, include_in_schema=False))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/")
    async def start() -> HTMLResponse:
        """The start page."""
        return HTMLResponse(start_page(__version__, await run_in_threadpool(summary, workspace)))

    @app.get("/schema.graphql")
    async def sdl() -> PlainTextResponse:
        """The schema as text."""
        return PlainTextResponse(schema_sdl())

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def ready() -> Response:
        """Whether the store answers."""
        try:
            revision = await run_in_threadpool(workspace.store.revision)
        except Fault:
            return Response(b'{"status":"unavailable"}', 503, media_type=JSON)
        return Response(b'{"status":"ok","revision":%d}' % revision, media_type=JSON)

    @app.get("/version")
    async def version() -> dict[str, str]:
        """Which version runs."""
        return {"version": __version__}

    @app.exception_handler(Fault)
    async def unavailable(request: Request, fault: Fault) -> Response:
        """A page that needs the store, which is gone."""
        log.error("request %s: %s", request.state.request_id, fault)
        body = error_body("The store cannot be reached now; try again later.", "STORE_UNAVAILABLE")
        return Response(body, 503, media_type=JSON)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, wrong: HTTPException) -> Response:
        """What there is not, and what is too long, as GraphQL clients read errors."""
        code = "LIMIT_EXCEEDED" if wrong.status_code == 413 else "BAD_USER_INPUT"
        return Response(error_body(str(wrong.detail), code), wrong.status_code, dict(wrong.headers or {}), JSON)

    app.add_middleware(Front, host=settings.host, max_body=settings.max_body, refuse=error_body)
    return app


def summary(workspace: Workspace) -> Summary:
    """What the start page tells of a workspace; its example is the first key result's, or objective's, id."""
    with workspace.reading() as graph:
        kinds = [type(vertex.fact) for vertex in graph.nodes.values()]
        goals = list(graph.goals())
        lowest = min(goals, key=lambda goal: (goal.height, not goal.up, goal.id), default=None)
        return Summary(
            store=workspace.store.url,
            revision=graph.revision,
            objectives=kinds.count(Objective),
            key_results=len(goals) - kinds.count(Objective),
            people=kinds.count(Person),
            teams=kinds.count(Team),
            example=None if lowest is None else lowest.id,
        )
