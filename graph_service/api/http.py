"""GraphQL over HTTP: requests read strictly, operations executed in worker threads, answers with their revision.

Strawberry's view keeps the protocols; here stands what it takes too lightly: content types, bodies that are no JSON
object, and errors that are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api.context import Asking
from graph_service.api.errors import BAD_USER_INPUT
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.models.checks import shown

if TYPE_CHECKING:
    from graph_service.workspace import Workspace

JSON = "application/json"
UTF8 = frozenset({"utf-8", "utf8"})
WHOLE = re.compile(r"\d{1,10}\Z", re.ASCII)

read_json = msgspec.json.Decoder().decode
write_json = msgspec.json.Encoder().encode


class BadRequest(HTTPException):
    """A request that cannot be understood, before any GraphQL: a status, a sentence, and further headers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.headers = dict(headers or {})


def error_body(message: str, code: str) -> bytes:
    """An error as GraphQL clients read it."""
    return write_json({"errors": [{"message": message, "extensions": {"code": code}}]})


def decoded(data: bytes | str, what: str) -> object:
    """The JSON value that a body or parameter holds; BadRequest for what is none, too deep, or of numbers too large."""
    try:
        return read_json(data)
    except RecursionError:
        raise BadRequest(400, f"{what} is nested too deeply; flatten it") from None
    except msgspec.MsgspecError as wrong:
        raise BadRequest(400, f"{what} is no JSON: {wrong}") from None
    except UnicodeError:
        raise BadRequest(400, f"{what} is no UTF-8") from None


class Door(GraphQL[Asking, None]):
    """The door at ``/graphql``: POST, GET for queries, and the page ``ide`` (under its content policy) for browsers."""

    def __init__(
        self, workspace: Workspace, limits: Limits, *, ide: str, ide_policy: str, patience: float = 5.0
    ) -> None:
        super().__init__(schema, subscription_protocols=())
        self.workspace = workspace
        self.limits = limits
        self.ide = ide
        self.ide_policy = ide_policy
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self.run(Request(scope, receive))
        except BadRequest as wrong:
            response = Response(error_body(wrong.reason, BAD_USER_INPUT), wrong.status_code, wrong.headers, JSON)
        except HTTPException as wrong:
            response = Response(error_body(wrong.reason, BAD_USER_INPUT), wrong.status_code, media_type=JSON)
        response.headers["Vary"] = "Accept"
        await response(scope, receive, send)

    # ---------- requests ----------

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
        """Whether the method is one of ours."""
        if request.method not in ("GET", "POST"):
            raise BadRequest(405, "GraphQL takes POST, and GET for queries.", {"Allow": "GET, POST"})
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Whether a browser asks for a page: it names text/html, and no query."""
        accepted = request.headers.get("accept", "")
        return request.method == "GET" and "query" not in request.query_params and "text/html" in accepted

    async def render_graphql_ide(self, request: Request) -> Response:
        """The page for browsers."""
        return HTMLResponse(self.ide, headers={"Content-Security-Policy": self.ide_policy})

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Asking:
        """Who asks, and within which bounds."""
        return Asking(
            self.workspace,
            limits=self.limits,
            at_least=least_revision(request.headers.get("min-revision")),
            patience=self.patience,
            request_id=request.scope.get("state", {}).get("request_id", ""),
        )

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The operation that a request holds; BadRequest for anything else."""
        if request.method == "GET":
            fields: dict[str, Any] = dict(request.query_params)
            for name in ("variables", "extensions"):
                if name in fields:
                    fields[name] = decoded(fields[name], name) if fields[name] else None
        else:
            check_content_type(request.content_type)
            body = decoded(await request.get_body(), "the body")
            if not isinstance(body, dict):
                raise BadRequest(400, 'The body is no JSON object; send {"query": "..."}.')
            fields = body
        for name, kind, word in (
            ("query", str, "a text"),
            ("operationName", str, "a text"),
            ("variables", dict, "an object"),
            ("extensions", dict, "an object"),
        ):
            value = fields.get(name)
            if value is not None and not isinstance(value, kind):
                raise BadRequest(400, f"{name} {shown(value)} is not {word}.")
        if not fields.get("query"):
            raise BadRequest(400, "There is no query; send the GraphQL document as `query`.")
        return GraphQLRequestData(
            query=fields["query"],
            variables=fields.get("variables"),
            operation_name=fields.get("operationName") or None,
            extensions=fields.get("extensions"),
        )

    # ---------- answers ----------

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
        allowed = frozenset(OperationType.from_http(request_adapter.method))
        try:
            result = await run_in_threadpool(
                schema.answer,
                request_data.query,
                context,
                variables=request_data.variables,
                operation_name=request_data.operation_name,
                allowed=allowed,
            )
        except InvalidOperationTypeError as wrong:
            kind = wrong.operation_type.value
            if request_adapter.method == "GET" and wrong.operation_type is OperationType.MUTATION:
                raise BadRequest(405, "A mutation is sent by POST, not by GET.", {"Allow": "POST"}) from None
            raise BadRequest(400, f"A {kind} cannot be answered over this kind of connection.") from None
        except MissingQueryError:
            raise BadRequest(400, "There is no query; send the GraphQL document as `query`.") from None
        if context.revision is not None:
            sub_response.headers["Revision"] = str(context.revision)
        return result

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The answer as JSON has it: without ``data`` where nothing was executed."""
        answer: GraphQLHTTPResponse = {}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        if result.data is not None or any(error.path for error in result.errors or ()):
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
        response = Response(write_json(response_data), media_type=JSON)
        response.headers.raw.extend(sub_response.headers.raw)
        return response


def check_content_type(given: str | None) -> None:
    """Refuses a body that is not JSON in UTF-8, by its content type."""
    kind, _, parameters = (given or "").partition(";")
    if kind.strip().lower() != JSON:
        raise BadRequest(415, f"The content type {shown(given or '')} is not known here; send {JSON}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in UTF8:
            raise BadRequest(415, f"The charset {shown(value)} is not known here; send UTF-8.")


def least_revision(text: str | None) -> int | None:
    """The revision of a ``Min-Revision`` header; BadRequest for one that is no number."""
    if text is None:
        return None
    if not WHOLE.match(text):
        raise BadRequest(400, f"Min-Revision {shown(text)} is no revision; give its number.")
    return int(text)
