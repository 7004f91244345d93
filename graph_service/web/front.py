"""What stands before every request: whether it is meant for this service, and how long it may be.

A layer of plain ASGI, so that nothing is read or made before it has looked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_service.web.witness import Refuse


class Front:
    """Lets through what is meant for this service and is not too long.

    Where everybody is let in (``is_open``) only names of this machine (and ``host``) are answered: a page of a strange
    site that makes its own name point here (DNS rebinding) is refused. Where a token is needed such a page has none,
    and the service may stand behind a proxy under any name. ``refuse`` makes the body of a refusal from a sentence and
    a code. ``max_headers`` bounds their number, ``max_head`` the bytes of address and headers together. ``max_body``
    bounds the bytes of one body, ``max_bodies`` those of all that are held at a time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        max_body: int,
        max_bodies: int,
        max_headers: int,
        max_head: int,
        refuse: Refuse,
        is_open: Callable[[], Awaitable[bool]],
    ) -> None:
        self.app = app
        self.host = host.lower()
        self.max_body = max_body
        self.max_bodies = max_bodies
        self.held = 0
        self.max_headers = max_headers
        self.max_head = max_head
        self.refuse = refuse
        self.is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on, or refuses it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.is_meant(headers.getlist("host")) and await self.is_open():
            message = "This name does not belong to this service; ask for it by 127.0.0.1 or localhost."
            await self._refuse(scope, send, 421, message, "BAD_USER_INPUT")
            return
        if (long := self.too_long_a_head(scope)) is not None:
            await self._refuse(scope, send, 431, long, "LIMIT_EXCEEDED")
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        length = headers.get("content-length", "")
        if length and "transfer-encoding" in headers:
            message = "Content-Length and Transfer-Encoding do not go together; send one of them."
            await self._refuse(scope, send, 400, message, "BAD_USER_INPUT")
            return
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > self.max_body):
            await self._refuse(scope, send, 413, self.too_long(), "LIMIT_EXCEEDED")
            return
        body = Body(self, receive)
        try:
            await self.app(scope, body.receive, send)
        finally:
            self.held -= body.read

    def is_meant(self, hosts: Iterable[str]) -> bool:
        """Whether the Host header names this machine: exactly once, with any port.

        >>> front = Front(
        ...     None, host="127.0.0.1", max_body=1, max_bodies=1, max_headers=1, max_head=1, refuse=None, is_open=None
        ... )
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

    def too_long_a_head(self, scope: Scope) -> str | None:
        """The sentence for too many headers, or too many bytes of them; None if they are fine."""
        headers = scope["headers"]
        if len(headers) > self.max_headers:
            return f"The request has {len(headers)} headers; at most {self.max_headers} are read."
        length = len(scope.get("raw_path") or scope["path"]) + len(scope.get("query_string", b""))
        length += sum(len(name) + len(value) for name, value in headers)
        if length > self.max_head:
            return (
                f"Address and headers have {length} bytes; at most {self.max_head} are read. Send a long query by POST."
            )
        return None

    def too_long(self) -> str:
        """The sentence for a body that is too long."""
        return f"The body has more than {self.max_body} bytes; send less at once."

    async def _refuse(self, scope: Scope, send: Send, status: int, message: str, code: str) -> None:
        """Answers without reading the body."""
        scope.setdefault("state", {})["codes"] = [code]
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        body = self.refuse(message, code)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Body:
    """The body of one request, read on until it is too long, or all bodies together are."""

    def __init__(self, front: Front, receive: Receive) -> None:
        self.front = front
        self.read = 0
        self._receive = receive

    async def receive(self) -> Message:
        """The next part of it."""
        message = await self._receive()
        if message["type"] == "http.request":
            front, length = self.front, len(message.get("body", b""))
            self.read += length
            front.held += length
            if self.read > front.max_body:
                raise HTTPException(413, front.too_long(), {"Connection": "close"})
            if front.held > front.max_bodies:
                text = f"Bodies of more than {front.max_bodies} bytes are held here already; try again in a moment."
                raise HTTPException(503, text, {"Connection": "close", "Retry-After": "1"})
        return message
