"""The HTTP application: the GraphQL door, the pages and the health of the service."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from graph_service import __version__
from graph_service.access import Access, Rates
from graph_service.api import Bounds, Door, Limits, error_body, schema_sdl
from graph_service.errors import Fault, StoreUnavailable, StoreUnreachable
from graph_service.models.nodes import Objective, Person, Team
from graph_service.records.audit_rules import read_rules
from graph_service.settings import Settings, is_loopback
from graph_service.web import (
    STATIC,
    Audits,
    Charts,
    Compression,
    Embeds,
    Files,
    Front,
    Gate,
    Metrics,
    Summary,
    Witness,
    graphiql_page,
    start_page,
)
from graph_service.web.compression import LEVEL
from graph_service.web.gate import is_open
from graph_service.web.metrics import CONTENT_TYPE
from graph_service.web.pages import GRAPHIQL_POLICY, goal_row
from graph_service.web.witness import operations
from graph_service.workspace import Workspace

JSON = "application/json"

log = logging.getLogger("graph_service.app")


def create_app(workspace: Workspace, settings: Settings | None = None) -> FastAPI:
    """The application for one workspace, which it closes when it ends."""
    settings = settings or Settings()
    if settings.audit_rules:
        workspace.audit_rules = read_rules(Path(settings.audit_rules))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(ready_titles, workspace)
        gc.freeze()  # the loaded graph stays, and a collection that walks all of it would stop every answer
        yield
        gc.unfreeze()
        await door.followers.part()
        door.hurry()  # what has not finished by now is ended, so that the workspace is free
        await run_in_threadpool(workspace.close)

    app = FastAPI(
        title="graph-service", version=__version__, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    rates = Rates(token=settings.token_rate, address=settings.address_rate, failures=settings.failure_rate)
    access = Access(workspace.store, loopback=is_loopback(settings.host), rates=rates)
    limits = Limits(
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        directives=settings.max_directives,
        tokens=settings.max_tokens,
        page=settings.page,
        max_page=settings.max_page,
        cost=settings.max_cost,
        seconds=settings.request_time,
        waiting=settings.max_waiting,
    )
    metrics = Metrics(workspace)
    bounds = Bounds(
        subscriptions=settings.max_subscriptions,
        connections=settings.max_streams,
        unread=settings.max_unread,
        back=settings.max_back,
        interval=settings.follow_interval,
        ping=settings.ping_interval,
        send_time=settings.send_time,
        hello_time=settings.hello_time,
    )
    door = Door(
        workspace,
        limits,
        ide=graphiql_page(),
        ide_policy=GRAPHIQL_POLICY,
        patience=settings.revision_wait,
        bounds=bounds,
        origins=settings.origins,
        witness=operations(metrics),
    )
    metrics.subscribers.set_function(lambda: door.followers.count)
    app.state.metrics, app.state.door = metrics, door
    app.router.routes.append(Route("/graphql", door, methods=None, include_in_schema=False))
    app.router.routes.append(WebSocketRoute("/graphql", door))
    charts = Charts(workspace, error_body, bool(settings.embedders))
    embeds = Embeds(charts, settings.embedders)
    app.router.routes.extend([*embeds.routes, *Audits(charts).routes, *charts.routes])
    app.mount("/static", Files(directory=STATIC), name="static")

    answers = partial(app.api_route, methods=["GET", "HEAD"])

    @answers("/")
    async def start() -> HTMLResponse:
        """The start page."""
        return HTMLResponse(start_page(__version__, await run_in_threadpool(summary, workspace)))

    @answers("/schema.graphql")
    async def sdl() -> PlainTextResponse:
        """The schema as text."""
        return PlainTextResponse(schema_sdl())

    @answers("/healthz")
    async def health() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "ok"}

    @answers("/readyz")
    async def ready(request: Request) -> Response:
        """Whether the store answers."""
        try:
            revision = await run_in_threadpool(workspace.ask)
        except Fault as fault:
            return Response(unready(fault, request.state.caller is not None), 503, media_type=JSON)
        if request.state.caller is None:
            return Response(b'{"status":"ok"}', media_type=JSON)
        return Response(b'{"status":"ok","revision":%d}' % revision, media_type=JSON)

    @answers("/version")
    async def version() -> dict[str, str]:
        """Which version runs."""
        return {"version": __version__}

    @answers("/metrics")
    async def scraped() -> Response:
        """Counts and times for Prometheus."""
        return Response(await run_in_threadpool(metrics.exposition), media_type=CONTENT_TYPE)

    @app.exception_handler(Fault)
    async def unavailable(request: Request, fault: Fault) -> Response:
        """A page that needs the store, which is gone."""
        request.state.codes = ["STORE_UNAVAILABLE"]
        log.error("the store: %s", fault, extra={"request_id": request.state.request_id})
        body = error_body("The store cannot be reached now; try again later.", "STORE_UNAVAILABLE")
        return Response(body, 503, media_type=JSON)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, wrong: HTTPException) -> Response:
        """What there is not, and what is too long, as GraphQL clients read errors."""
        code = "LIMIT_EXCEEDED" if wrong.status_code in (413, 503) else "BAD_USER_INPUT"
        request.state.codes = [code]
        return Response(error_body(str(wrong.detail), code), wrong.status_code, dict(wrong.headers or {}), JSON)

    # From the inside to the outside.
    app.add_middleware(Compression, minimum_size=settings.compress_from, compresslevel=LEVEL)
    app.add_middleware(Gate, access=access, refuse=error_body, frame=embeds.unknown)
    app.add_middleware(
        Front,
        host=settings.host,
        max_body=settings.max_body,
        max_bodies=settings.max_bodies,
        max_headers=settings.max_headers,
        max_head=settings.max_head,
        refuse=error_body,
        is_open=partial(is_open, access),
    )
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Min-Revision", "X-Request-Id"],
            expose_headers=["Retry-After", "Revision", "Stale-Since", "X-Request-Id"],
            max_age=600,
        )
    app.add_middleware(Witness, refuse=error_body, metrics=metrics, addresses=settings.log_addresses)
    return app


def unready(fault: Fault, inside: bool) -> bytes:
    """Why the service is not ready: to those who are let in the whole sentence, to others what kind of thing it is."""
    reason = "the store cannot be reached" if isinstance(fault, StoreUnreachable) else "the store cannot be used"
    return json.dumps({"status": "unavailable", "reason": str(fault) if inside else reason}).encode()


def ready_titles(workspace: Workspace) -> None:
    """Puts ids and titles in order, so that it is not the first question that waits for it; later, if the store does
    not answer yet."""
    with suppress(StoreUnavailable), workspace.reading() as graph:
        _ = graph.titles


def summary(workspace: Workspace) -> Summary:
    """What the start page tells of a workspace; its example is the first key result's, or objective's, id."""
    with workspace.reading() as graph:
        kinds = [type(vertex.fact) for vertex in graph.nodes.values()]
        goals = list(graph.goals())
        tops = [goal for goal in goals if graph.top_level(goal) and goal.height]
        tops.sort(key=lambda goal: (-goal.height, goal.id))
        lowest = min(goals, key=lambda goal: (goal.height, not goal.up, goal.id), default=None)
        return Summary(
            store=workspace.store.url,
            revision=graph.revision,
            objectives=kinds.count(Objective),
            key_results=len(goals) - kinds.count(Objective),
            people=kinds.count(Person),
            teams=kinds.count(Team),
            example=None if lowest is None else lowest.id,
            tops=tuple((goal.id, goal_row(graph, goal, workspace.today())) for goal in tops[:4]),
        )
