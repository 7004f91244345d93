"""What stands before every door: who asks is known before anything of the request is read."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from graph_service.access import Access, Caller, TooOften, Unauthenticated
from graph_service.errors import Fault
from graph_service.web.pages import HEADERS_BY_PATH, enter_page
from graph_service.web.witness import Refuse

PUBLIC = frozenset({"/embed.js", "/healthz", "/readyz", "/version"})
"""What is answered to everybody; it tells nothing of the workspace."""

STATIC = "/static/"
"""Scripts and styles of the pages, the same in every installation."""

POLICY_VIOLATION = 1008
TRY_AGAIN = 1013

Frame = Callable[[str, str], tuple[str, dict[str, str]] | None]
"""Makes the page of a frame for whoever has shown no token yet, from path and query."""

log = logging.getLogger("graph_service.web")


class Gate:
    """Puts ``caller`` and ``access`` into the state of a request, or refuses it unread.

    ``caller`` is None for what is public, and for a WebSocket that brings no header: browsers cannot send one, so it
    says who it is in its first message, and its door has to ask. A browser that wants a page is given one that asks for
    the token; ``frame`` has that of frames, by path and query, with its headers, or None. It is the same for everybody
    and asks for the chart by itself.

    Whoever comes with an embed token is let to the pages of its picture alone, and to GraphQL, which holds them to it.
    """

    def __init__(self, app: ASGIApp, *, access: Access, refuse: Refuse, frame: Frame) -> None:
        self.app = app
        self.access = access
        self.refuse = refuse
        self.frame = frame

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on, or refuses it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["access"], state["caller"] = self.access, None
        headers = Headers(scope=scope)
        authorizations = headers.getlist("authorization")
        try:
            await refreshed(self.access)
            state["caller"] = self.access.caller(authorizations, (scope.get("client") or ("",))[0])
        except Unauthenticated as unknown:
            if not is_public(scope) and (scope["type"] == "http" or authorizations):
                await self._unknown(scope, headers, send, str(unknown))
                return
        except TooOften as often:
            retry = {"Retry-After": str(often.retry_after)}
            await self._refuse(scope, send, 429, str(often), "LIMIT_EXCEEDED", retry)
            return
        except Fault as fault:
            if not is_public(scope):
                log.error("the store: %s", fault, extra={"request_id": state.get("request_id", "")})
                message = "The store cannot be reached now; try again later."
                await self._refuse(scope, send, 503, message, "STORE_UNAVAILABLE", {})
                return
        if not leads_to(state["caller"], scope):
            message = f"This token shows one {state['caller'].view} alone, and this is no part of it."
            await self._refuse(scope, send, 403, message, "FORBIDDEN", {})
            return
        await self.app(scope, receive, send)

    async def _unknown(self, scope: Scope, headers: Headers, send: Send, message: str) -> None:
        bearer = {"WWW-Authenticate": 'Bearer realm="graph-service"'}
        wants_page = scope.get("method") == "GET" and "text/html" in headers.get("accept", "")
        if not wants_page or headers.get("authorization") is not None:
            await self._refuse(scope, send, 401, message, "UNAUTHENTICATED", bearer)
            return
        html = "text/html; charset=utf-8"
        framed = self.frame(scope["path"], scope["query_string"].decode("latin-1"))
        if framed is not None:
            page, said = framed
            await answer(send, 200, page.encode(), html, said)
            return
        scope["state"]["codes"] = ["UNAUTHENTICATED"]
        said = HEADERS_BY_PATH.get(scope["path"], {})
        await answer(send, 401, enter_page().encode(), html, bearer | said)

    async def _refuse(
        self, scope: Scope, send: Send, status: int, message: str, code: str, headers: dict[str, str]
    ) -> None:
        """Answers without reading the body."""
        scope["state"]["codes"] = [code]
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
            return
        await answer(send, status, self.refuse(message, code), "application/json", headers | {"Connection": "close"})


async def refreshed(access: Access) -> Access:
    """The same, with tokens that are young enough; the store is asked in a thread."""
    if not access.fresh:
        await run_in_threadpool(access.refresh)
    return access


async def is_open(access: Access) -> bool:
    """Whether everybody is let in without a token; while the store cannot say, it is taken to be so."""
    try:
        return (await refreshed(access)).open
    except Fault:
        return True


def is_public(scope: Scope) -> bool:
    """Whether a request is answered to everybody."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    return scope["path"] in PUBLIC or scope["path"].startswith(STATIC)


def leads_to(caller: Caller | None, scope: Scope) -> bool:
    """Whether a caller may ask what a request is for; only an embed token narrows that.

    Its view's page, that in a frame (of a cascade also as a table), and the files beside it: ``/cascade/...``,
    ``/embed/cascade/...``.
    """
    if caller is None or not caller.embed or is_public(scope) or scope["path"] == "/graphql":
        return True
    view = caller.view
    first, _, rest = scope["path"].removeprefix("/").partition("/")
    if first == "embed":
        first = rest.partition("/")[0]
        return first == view or (first == "table" and view == "cascade")
    return first == view or (view == "org" and first.startswith("org."))


async def answer(send: Send, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
    """Sends a whole answer."""
    given = headers | {"Content-Type": kind, "Content-Length": str(len(body))}
    raw = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
