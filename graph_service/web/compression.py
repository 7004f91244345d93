"""Answers are sent compressed to who takes that; event streams never are, since each event is to arrive at once.

A compressed answer's length tells something of what it holds (BREACH): nothing secret ever stands in a body here,
tokens least of all.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from graph_service.api.accepting import quality_of

LEVEL = 4
"""Of gzip's nine: most of the saving for a fraction of the time."""


class Compression(GZipMiddleware):
    """Starlette's, which answers in gzip whoever so much as names it, held to the weights of Accept-Encoding."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on; its answer is compressed if that is wanted and worth it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = ", ".join(Headers(scope=scope).getlist("accept-encoding"))
        responder: ASGIApp = IdentityResponder(
            self.app, self.minimum_size, exclude_content_types=self.exclude_content_types
        )
        if quality_of("gzip", given):
            responder = GZipResponder(
                self.app, self.minimum_size, self.compresslevel, exclude_content_types=self.exclude_content_types
            )
        await responder(scope, receive, send)
