"""Following over server-sent events: each operation a connection of its own (GraphQL over SSE, distinct connections).

A stream is given for a subscription to whoever accepts ``text/event-stream``; an ordinary answer where JSON would do as
well. Each event has its revision as its ``id``, so that a browser that connects again goes on from there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import date
from typing import TYPE_CHECKING, cast

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.http.streaming import SSETransport

from graph_service.api.endings import Ending
from graph_service.api.errors import bad_input
from graph_service.api.following import Followers
from graph_service.api.groups import Told, body_of
from graph_service.api.subscribers import Subscriber
from graph_service.models.checks import shown
from graph_service.workspace.noticing import Noticed

if TYPE_CHECKING:
    from strawberry.types import ExecutionResult

STREAM = "text/event-stream"
PLACE = re.compile(r"([0-9a-f]{1,64})/([0-9]{1,10})(?:/([0-9]{4}-[0-9]{2}-[0-9]{2}))?\Z", re.ASCII)

sse = SSETransport()


def place_of(text: str | None) -> tuple[str, int, date | None] | None:
    """Epoch and revision (of findings the day too) that a ``Last-Event-ID`` header names; None without one, Ending for
    one that is not ours."""
    if not text:
        return None
    found = PLACE.match(text)
    try:
        if found is not None:
            return found[1], int(found[2]), None if found[3] is None else date.fromisoformat(found[3])
    except ValueError:  # the 14th month
        pass
    raise Ending(bad_input(f"Last-Event-ID {shown(text)} is none of ours; connect without it"))


class EventStream(StreamingResponse):
    """The answer as a stream: what somebody who follows is told, or one answer, or why there is none."""

    def __init__(self, followers: Followers, opened: Subscriber | ExecutionResult | Ending) -> None:
        self.followers = followers
        self.lines = self._lines(opened)
        super().__init__(self.lines, headers=dict(sse.headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream until one of both ends it. Whoever takes nothing for some seconds is cut off."""
        cut = cast("Callable[[], None] | None", scope.get("state", {}).get("cut"))
        patience = self.followers.bounds.send_time

        async def sending(message: object) -> None:
            async with asyncio.timeout(patience):
                await send(message)  # type: ignore[arg-type]

        try:
            await super().__call__(scope, receive, sending)
        except* TimeoutError:
            if cut is not None:
                cut()
        finally:
            with anyio.CancelScope(shield=True):
                await self.lines.aclose()

    async def _lines(self, opened: Subscriber | ExecutionResult | Ending) -> AsyncGenerator[str, None]:
        again = False
        try:
            if isinstance(opened, Ending):
                raise opened
            if isinstance(opened, Subscriber):
                yield sse.encode_comment("following")
                async with aclosing(self.followers.tell(opened)) as telling:
                    async for told in telling:
                        yield _line(told)
            else:
                yield _line(Told(body_of(opened)))
        except Ending as ending:
            again = ending.again
            yield sse.encode_event("next", ending.body.decode())
        if not again:  # a stream that just breaks off is connected again by itself
            yield sse.encode_complete()


def _line(told: Told) -> str:
    if not told.body:
        return sse.encode_comment("alive")
    line = sse.encode_event("next", told.body.decode())
    event = told.event
    if event is None:
        return line
    day = f"/{event.as_of.isoformat()}" if isinstance(event, Noticed) else ""
    return f"id: {event.epoch}/{event.revision}{day}\r\n{line}"
