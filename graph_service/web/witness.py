"""What every request gets, whatever becomes of it: an id, a line in the log, a place in the metrics, safe headers.

The outermost layer, of plain ASGI. What it tells holds no personal data: no address of a page, only its template; no
query, variable, title, name or token, and the client's own address only where a setting says so.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_service.web.metrics import Metrics

if TYPE_CHECKING:
    from graph_service.api.context import Asking

log = logging.getLogger("graph_service.requests")

REQUEST_ID = "X-Request-Id"
SANE_ID = re.compile(r"[0-9A-Fa-f][0-9A-Fa-f-]{14,62}[0-9A-Fa-f]\Z", re.ASCII)
"""A request id that is taken over from the client: hexadecimal, as trace ids and UUIDs are, so that it names nobody."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static/{path}"})
"""Asked every few seconds by machines: told at the level `debug`."""

UNKNOWN = "other"
"""Stands for a path or method that is none of ours: whatever a client makes up does not get into log or metrics."""

LEFT = 499
"""The status of a request whose client was gone before it was answered."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""What every answer says, unless it says otherwise itself."""

TOLD = ("kind", "operation", "revision", "codes")
"""What the log tells of an operation."""

Refuse = Callable[[str, str], bytes]
"""Makes the body of a refusal from a sentence and a code."""


class Witness:
    """Tells what became of every request, and answers for what went wrong on the way.

    Layers below leave word in ``scope["state"]``: ``path`` (the template), ``codes`` (of errors), ``caller``, and the
    door ``operation``, ``kind``, ``revision`` and ``commits``.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse, metrics: Metrics, addresses: bool = False) -> None:
        self.app = app
        self.refuse = refuse
        self.metrics = metrics
        self.addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on, and tells how that went."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        asked = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = asked if SANE_ID.match(asked) else secrets.token_hex(8)
        scope.setdefault("state", {}).update(request_id=request_id, cut=cut_of(send))
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                dress(message, request_id)
            await send(message)

        self.metrics.in_hand.inc()
        try:
            await self.app(scope, receive, sending)
        except ClientDisconnect:
            status = LEFT
        except asyncio.CancelledError:  # it took longer than there was time for when the service stops
            scope["state"]["codes"] = ["STORE_UNAVAILABLE"]
            if status or scope["type"] == "websocket":
                raise
            await self._answer(503, "The service is stopping; ask again in a moment.", "STORE_UNAVAILABLE", sending)
        except Exception:
            log.exception("a fault", extra={"request_id": request_id, "path": template_of(scope)})
            scope["state"]["codes"] = ["INTERNAL_SERVER_ERROR"]
            if status or scope["type"] == "websocket":
                raise
            message = f"Something went wrong here, not with what you asked. The log has it under request {request_id}."
            await self._answer(500, message, "INTERNAL_SERVER_ERROR", sending)
        finally:
            self.metrics.in_hand.dec()
            self._tell(scope, status, perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope["state"]
        path = template_of(scope)
        method = scope.get("method", "WEBSOCKET")
        method = method if method in METHODS else UNKNOWN
        self.metrics.request(path, method, status, seconds, state)
        level = logging.DEBUG if path in QUIET else logging.INFO
        if not log.isEnabledFor(level):
            return
        told: dict[str, object] = {
            "request_id": state["request_id"],
            "method": method,
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        told |= {name: state[name] for name in TOLD if state.get(name)}
        caller = state.get("caller")
        if caller is not None:
            told["caller"] = caller.id
        if self.addresses and scope.get("client"):
            told["address"] = scope["client"][0]
        log.log(level, "request", extra=told)

    async def _answer(self, status: int, message: str, code: str, send: Send) -> None:
        body = self.refuse(message, code)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def operations(metrics: Metrics) -> Callable[[Asking, Mapping[str, object], float | None], None]:
    """What tells of the operations that are no request of their own: those over a WebSocket or with a stream."""

    def tell(asking: Asking, told: Mapping[str, object], seconds: float | None) -> None:
        metrics.operation(told, seconds)
        event: dict[str, object] = {"request_id": asking.request_id}
        if seconds is not None:
            event |= {"ms": round(seconds * 1000, 1), "caller": asking.caller.id}
        event |= {name: told[name] for name in TOLD if told.get(name)}
        log.info("operation" if seconds is not None else "end of following", extra=event)

    return tell


def template_of(scope: Scope) -> str:
    """The template of the path that was asked for, as ``/ladder/{id}``; `other` for what there is not."""
    known = scope["state"].get("path") or getattr(scope.get("route"), "path", None)
    return known.replace(":path}", "}") if isinstance(known, str) else UNKNOWN


def dress(start: Message, request_id: str) -> None:
    """Adds to the start of an answer what every answer says."""
    headers = MutableHeaders(scope=start)
    for name, value in HEADERS.items():
        if name == "X-Frame-Options" and "frame-ancestors 'none'" not in headers["Content-Security-Policy"]:
            continue  # it knows no origins, and would forbid what the policy allows
        headers.setdefault(name, value)
    headers[REQUEST_ID] = request_id


def cut_of(send: Send) -> Callable[[], None] | None:
    """What cuts the line of a connection at once, unsent bytes and all; None where the server does not let us.

    ASGI has no word for it: closing waits until all is sent, for ever if the other side reads nothing more. What
    uvicorn calls to send belongs to what knows the line.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    cut = getattr(transport, "abort", None)
    return cut if callable(cut) else None
