"""What stands before every request: whose it is, how long it may be, and what every answer says to browsers.

A layer of plain ASGI, so that nothing is read or made before it has looked.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("graph_service.web")

REQUEST_ID = "X-Request-Id"

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

Refuse = Callable[[str, str], bytes]


class Front:
    """Lets through what is meant for this service and is not too long, under a request id; masks what goes wrong.

    On a loopback address only names of this machine (and ``host``) are answered: a page of a strange site that makes
    its own name point here (DNS rebinding) is refused. ``refuse`` makes the body of a refusal from a sentence and a
    code.
    """

    def __init__(self, app: ASGIApp, *, host: str, max_body: int, refuse: Refuse) -> None:
        self.app = app
        self.host = host.lower()
        self.max_body = max_body
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on, or refuses it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        if not self.is_meant(headers.getlist("host")):
            message = "This name does not belong to this service; ask for it by 127.0.0.1 or localhost."
            await self._refuse(scope, send, 421, message, "BAD_USER_INPUT", request_id)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > self.max_body):
            await self._refuse(scope, send, 413, self.too_long(), "LIMIT_EXCEEDED", request_id)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, self._counted(receive), self._dressed(sending, request_id))
        except Exception:
            log.exception("request %s: a fault at %s", request_id, scope["path"])
            if started:
                raise
            message = f"Something went wrong here, not with what you asked. The log has it under request {request_id}."
            await self._refuse(scope, send, 500, message, "INTERNAL_SERVER_ERROR", request_id)

    def is_meant(self, hosts: Iterable[str]) -> bool:
        """Whether the Host header names this machine: exactly once, with any port.

        >>> front = Front(None, host="127.0.0.1", max_body=1, refuse=None)
        >>> [front.is_meant([host]) for host in ("localhost:8000", "[::1]:80", "127.0.0.1", "evil.example", "")]
        [True, True, True, False, False]
        """
        given = list(hosts)
        if len(given) != 1:
            return False
        name = given[0].lower()
        name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
        if name in ("localhost", self.host):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def too_long(self) -> str:
        """The sentence for a body that is too long."""
        return f"The body has more than {self.max_body} bytes; send less at once."

    def _counted(self, receive: Receive) -> Receive:
        """Reads on until the body is too long."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > self.max_body:
                    raise HTTPException(413, self.too_long(), {"Connection": "close"})
            return message

        return counted

    def _dressed(self, send: Send, request_id: str) -> Send:
        """Adds what every answer says."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers[REQUEST_ID] = request_id
            await send(message)

        return dressed

    async def _refuse(self, scope: Scope, send: Send, status: int, message: str, code: str, request_id: str) -> None:
        """Answers without reading the body."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        body = self.refuse(message, code)
        send = self._dressed(send, request_id)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
