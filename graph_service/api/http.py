"""GraphQL over HTTP: operations executed in worker threads, answers with their revision in the type that is wanted.

Strawberry's view keeps the protocols; here stands what it takes too lightly: what a request is and what a client
takes, errors that are plain text, and how many may wait.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api.accepting import chosen
from graph_service.api.callers import Callers, address_of, whose_is
from graph_service.api.context import Asking
from graph_service.api.endings import Ending
from graph_service.api.errors import (
    BAD_USER_INPUT,
    INTERNAL_SERVER_ERROR,
    LIMIT_EXCEEDED,
    STORE_UNAVAILABLE,
    bad_input,
)
from graph_service.api.following import Followers, Witness, unseen
from graph_service.api.limits import Limits
from graph_service.api.requests import (
    JSON,
    BadRequest,
    decoded,
    error_body,
    least_revision,
    read_request,
    write_json,
)
from graph_service.api.schema import schema
from graph_service.api.sockets import Adapter, Handler
from graph_service.api.streams import STREAM, EventStream, place_of
from graph_service.api.subscribers import Bounds

if TYPE_CHECKING:
    from graph_service.workspace import Workspace

GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"
ANSWERS = (JSON, GRAPHQL_JSON)
THREADS = 40
"""Operations under way at once that may wait for a commit, to share a sync with others, or for a revision."""

READERS = 2
"""Questions under way at once. They need the workspace one after the other, and more threads would only take the
interpreter from each other."""

log = logging.getLogger("graph_service.api")

STATUS = {STORE_UNAVAILABLE: 503, INTERNAL_SERVER_ERROR: 500}
"""Statuses of an operation that was not executed, by code, where the answer's type tells them; for all others 400."""


class Streamed(Exception):
    """The answer to an operation is a stream."""

    def __init__(self, asking: Asking, data: GraphQLRequestData, allowed: frozenset[OperationType]) -> None:
        self.asking = asking
        self.data = data
        self.allowed = allowed


class Door(GraphQL[Asking, None]):
    """The door at ``/graphql``: POST, GET for queries, and the page ``ide`` (under its content policy) for browsers;
    for those who follow, WebSockets and event streams. ``origins`` are the sites whose pages may open a WebSocket here
    beside our own. ``witness`` hears of operations that are no request of their own.
    """

    websocket_adapter_class = Adapter
    graphql_transport_ws_handler_class = Handler

    def __init__(
        self,
        workspace: Workspace,
        limits: Limits,
        *,
        ide: str,
        ide_policy: str,
        patience: float = 5.0,
        bounds: Bounds | None = None,
        origins: Sequence[str] = (),
        witness: Witness = unseen,
    ) -> None:
        self.in_hand: set[Asking] = set()
        self.followers = Followers(workspace, bounds, self.in_hand, witness)
        self.callers = Callers()
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=self.followers.bounds.hello_time),
            max_subscriptions_per_connection=None,  # our handler counts them, and says so with a code
            allowed_origins=origins,
        )
        self.workspace = workspace
        self.limits = limits
        self.ide = ide
        self.ide_policy = ide_policy
        self.patience = patience
        self._threads = anyio.CapacityLimiter(THREADS)
        self._readers = anyio.CapacityLimiter(READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        state = scope.setdefault("state", {})
        state["path"] = "/graphql"
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        accepted = ", ".join(request.headers.getlist("accept")) or None
        page = request.method == "GET" and "query" not in request.query_params
        state["answer"] = chosen(accepted, (*ANSWERS, HTML) if page else ANSWERS)
        state["streams"] = chosen(accepted, (STREAM,)) is not None and accepted is not None
        try:
            if state["answer"] is None and not state["streams"]:
                raise BadRequest(406, f"Answers are in {JSON} or {GRAPHQL_JSON}; accept one of them.")
            response = await self.run(request)
        except Streamed as streamed:
            await self.stream(request, streamed, send)
            return
        except HTTPException as wrong:
            code, headers = BAD_USER_INPUT, {}
            if isinstance(wrong, BadRequest):
                code, headers = wrong.code, wrong.headers
            state["codes"] = [code]
            kind = GRAPHQL_JSON if state["answer"] == GRAPHQL_JSON else JSON
            response = Response(error_body(wrong.reason, code), wrong.status_code, headers, kind)
        response.headers["Vary"] = "Accept"
        await response(scope, receive, send)

    def hurry(self) -> None:
        """Ends every operation under way as if its time were over: the service stops at once."""
        for asking in list(self.in_hand):
            asking.hurry()

    # ---------- requests ----------

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
        """Whether the method is one of ours."""
        if request.method not in ("GET", "POST"):
            raise BadRequest(405, "GraphQL takes POST, and GET for queries.", {"Allow": "GET, POST"})
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Whether a browser asks for a page: it wants HTML, and names no query."""
        if request.method != "GET" or "query" in request.query_params:
            return False
        return chosen(request.headers.get("accept"), (*ANSWERS, HTML)) == HTML

    async def render_graphql_ide(self, request: Request) -> Response:
        """The page for browsers."""
        return HTMLResponse(self.ide, headers={"Content-Security-Policy": self.ide_policy})

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Asking:
        """Who asks, and within which bounds."""
        return Asking(
            self.workspace,
            caller=request.scope["state"]["caller"],
            limits=self.limits,
            at_least=None
            if request.scope["type"] == "websocket"
            else least_revision(request.headers.get("min-revision")),
            patience=self.patience,
            request_id=request.scope.get("state", {}).get("request_id", ""),
        )

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The operation that a request holds; BadRequest for anything else."""
        return await read_request(request)

    # ---------- executing ----------

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Asking,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Executes one operation in a worker thread: it may wait for the workspace, the event loop may not."""
        if len(self.in_hand) >= self.limits.waiting:
            message = f"{len(self.in_hand)} operations are waiting here already; try again in a moment."
            raise BadRequest(503, message, {"Retry-After": "1"}, LIMIT_EXCEEDED)
        allowed = frozenset(OperationType.from_http(request_adapter.method)) - {OperationType.SUBSCRIPTION}
        state = request.scope["state"]
        if state["answer"] is None:  # nothing but a stream is taken
            raise Streamed(context, request_data, allowed | {OperationType.SUBSCRIPTION})
        context.tell_cost = (request_data.extensions or {}).get("cost") is True
        act = partial(
            schema.answer,
            request_data.query,
            context,
            variables=request_data.variables,
            operation_name=request_data.operation_name,
            allowed=allowed,
        )
        # A question that has the word in a string is taken for a change, and loses nothing but a little time.
        waits = context.at_least is not None or "mutation" in (request_data.query or "")
        self.in_hand.add(context)
        try:
            result = await anyio.to_thread.run_sync(act, limiter=self._threads if waits else self._readers)
        except InvalidOperationTypeError as wrong:
            kind = wrong.operation_type.value
            if request_adapter.method == "GET" and wrong.operation_type is OperationType.MUTATION:
                raise BadRequest(405, "A mutation is sent by POST, not by GET.", {"Allow": "POST"}) from None
            if state["streams"]:
                raise Streamed(context, request_data, frozenset({OperationType.SUBSCRIPTION})) from None
            raise BadRequest(
                400,
                f"A {kind} is followed over a WebSocket ({GRAPHQL_TRANSPORT_WS_PROTOCOL}), or as a stream: accept"
                f" {STREAM}.",
            ) from None
        except MissingQueryError:
            raise BadRequest(400, "There is no query; send the GraphQL document as `query`.") from None
        finally:
            self.in_hand.discard(context)
        request.scope["state"] |= context.told(result.errors)
        sub_response.media_type = request.scope["state"]["answer"]
        if sub_response.media_type == GRAPHQL_JSON and not executed(result):
            code = (result.errors or [])[0].extensions or {}
            sub_response.status_code = STATUS.get(code.get("code", ""), 400)
        if context.revision is not None:
            sub_response.headers["Revision"] = str(context.revision)
        if context.stale_since is not None:
            sub_response.headers["Stale-Since"] = context.stale_since.isoformat(timespec="seconds")
        return result

    # ---------- following ----------

    async def stream(self, request: Request, streamed: Streamed, send: Send) -> None:
        """Answers with a stream of events, until one of both ends it."""
        scope, data, followers = request.scope, streamed.data, self.followers
        access, caller = scope["state"]["access"], scope["state"]["caller"]
        whose = whose_is(caller, address_of(scope))
        try:
            followers.enter(whose)
        except Ending as ending:
            scope["state"]["codes"] = ending.codes
            await Response(ending.body, 429, {"Retry-After": "60"}, JSON)(scope, request.receive, send)
            return
        try:
            opened: Any
            try:
                streamed.asking.resume = place_of(request.headers.get("last-event-id"))
            except Ending as ending:
                scope["state"]["codes"] = ending.codes
                await EventStream(followers, ending)(scope, request.receive, send)
                return
            try:
                opened = await followers.open(
                    streamed.asking,
                    data.query,
                    data.variables,
                    data.operation_name,
                    allowed=streamed.allowed,
                    holds=partial(self.callers.holds, access, caller),
                )
            except Ending as ending:
                opened = ending
            except InvalidOperationTypeError:
                opened = Ending(bad_input("A mutation is sent by POST, not by GET."))
                scope["state"]["codes"] = opened.codes
            await EventStream(followers, opened)(scope, request.receive, send)
        finally:
            followers.leave(whose)

    def log_fault(self, request_id: str, fault: Exception) -> None:
        """Notes what went wrong here."""
        log.error("a fault", exc_info=fault, extra={"request_id": request_id})

    # ---------- answers ----------

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The answer as JSON has it: without ``data`` where nothing was executed."""
        answer: GraphQLHTTPResponse = {}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        if executed(result):
            answer["data"] = result.data
        if result.extensions:
            answer["extensions"] = result.extensions
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """JSON of requests, read strictly."""
        return decoded(data, "the message")

    def encode_json(self, data: object) -> bytes:
        """JSON of answers."""
        return write_json(data)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The answer to a request that was understood."""
        response = Response(
            write_json(response_data), sub_response.status_code or 200, media_type=sub_response.media_type
        )
        response.headers.raw.extend(sub_response.headers.raw)
        return response


def executed(result: ExecutionResult) -> bool:
    """Whether anything was executed; else the answer has no ``data``."""
    return result.data is not None or any(error.path for error in result.errors or ())
