"""Following over a WebSocket: the protocol graphql-transport-ws.

Strawberry speaks the protocol; here stands what it leaves open: messages of a strange form, time limits, and codes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from graph_service.api.callers import address_of, whose_is
from graph_service.api.context import Asking
from graph_service.api.endings import Ending, stopping
from graph_service.api.errors import limit_exceeded
from graph_service.api.following import Followers
from graph_service.api.requests import read_json, write_json
from graph_service.models.checks import shown

if TYPE_CHECKING:
    from graph_service.api.http import Door

REASON = 123
"""Bytes that the reason of a closed WebSocket may have."""


class Adapter(ASGIWebSocketAdapter):
    """A WebSocket of which nothing waits without end: whoever takes no bytes for some seconds is cut off."""

    @property
    def followers(self) -> Followers:
        """Those who follow here."""
        return cast("Door", self.view).followers

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """The messages that come in, until the other side is gone."""
        while self.open:
            try:
                text = await self.ws.receive_text()
            except WebSocketDisconnect:
                return
            except KeyError:
                raise NonTextMessageReceived from None
            try:
                yield read_json(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                raise NonJsonMessageReceived from None

    @property
    def open(self) -> bool:
        """Whether anything can be sent."""
        return self.ws.application_state is WebSocketState.CONNECTED

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Sends a message."""
        await self.send_text(write_json(message).decode())

    async def send_text(self, text: str) -> None:
        """Sends a message that is written already."""
        if not self.open:
            raise WebSocketDisconnected
        try:
            async with asyncio.timeout(self.followers.bounds.send_time):
                await self.ws.send_text(text)
        except TimeoutError:
            self.cut()
            raise WebSocketDisconnected from None
        except (WebSocketDisconnect, RuntimeError):
            raise WebSocketDisconnected from None

    async def close(self, code: int, reason: str) -> None:
        """Closes it with a code and a reason, which is cut to what a frame can hold."""
        if not self.open:
            return
        short = reason.encode()[:REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(self.followers.bounds.send_time):
                await self.ws.close(code=code, reason=short)
        except TimeoutError:
            self.cut()
        except (WebSocketDisconnect, RuntimeError):
            pass

    def cut(self) -> None:
        """Cuts the line, where the server lets us: what waits to be sent would never go."""
        self.ws.application_state = WebSocketState.DISCONNECTED
        cut = cast("Callable[[], None] | None", self.ws.scope.get("state", {}).get("cut"))
        if cut is not None:
            cut()


class Handler(BaseGraphQLTransportWSHandler[Asking, None]):
    """One connection and the operations on it."""

    websocket: Adapter

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.door = cast("Door", self.view)
        self.followers = self.door.followers
        self.whose: str | None = None
        self.authorizations = self.websocket.ws.headers.getlist("authorization")

    async def handle(self) -> None:
        """Answers messages until the other side is gone."""
        followers = self.followers
        if followers.leaving:
            await self.part(stopping())
            return
        followers.sockets.add(self)
        try:
            await super().handle()
        finally:
            followers.sockets.discard(self)
            if self.whose is not None:
                followers.leave(self.whose)

    async def part(self, ending: Ending) -> None:
        """Closes the connection, and says why."""
        await self.websocket.close(ending.close or 1011, f"{ending.codes[0]}: {ending}")

    async def handle_message(self, message: Message) -> None:
        """Answers one message; one of a strange form closes the connection."""
        wrong = wrong_with(message)
        if wrong is not None:
            await self.handle_invalid_message(wrong)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Lets somebody in, if they may come."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        if not self.connection_init_received and isinstance(message.get("payload", {}), dict):
            try:
                await self.let_in(message.get("payload") or {})
            except Ending as ending:
                self.connection_init_received = True
                await self.part(ending)
                return
        await super().handle_connection_init(message)

    async def let_in(self, said: Mapping[str, object]) -> None:
        """Lets somebody in who has said so much: browsers can send no header, so the token may be among it. Ending if
        they may not come, or have too many connections."""
        token = next((said[name] for name in ("authorization", "Authorization") if name in said), None)
        if token is not None:
            self.authorizations = [token if isinstance(token, str) else ""]
        caller = await self.door.callers.caller(self.websocket.ws.scope, self.authorizations)
        whose = whose_is(caller, address_of(self.websocket.ws.scope))
        self.followers.enter(whose)
        self.whose = whose

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begins an operation, if there are not too many."""
        most = self.followers.bounds.subscriptions
        if self.connection_acknowledged and message["id"] not in self.operations and len(self.operations) >= most:
            error = limit_exceeded(
                f"This connection has {most} operations under way, which is the most; end one first."
            )
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
            return
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Asking, None]) -> None:
        """Answers one operation, to its end."""
        scope = self.websocket.ws.scope
        before = '{"id":' + write_json(operation.id).decode() + ',"type":"next","payload":'
        try:
            asking = self.context.about()
            asking.caller = caller = await self.door.callers.caller(scope, self.authorizations)
            holds = partial(self.door.callers.holds, scope["state"]["access"], caller)
            told = self.followers.answers(asking, operation.query, operation.variables, operation.operation_name, holds)
            async with aclosing(told) as telling:
                async for one in telling:
                    if one.body:
                        await self.websocket.send_text(f"{before}{one.body.decode()}}}")
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except Ending as ending:
            with suppress(WebSocketDisconnected):
                if ending.close is not None:
                    await self.part(ending)
                else:
                    await operation.send_initial_errors(list(ending.errors))
        except WebSocketDisconnected:
            pass
        except Exception as fault:  # noqa: BLE001 - the connection is told, and the log
            self.door.log_fault(self.context.request_id, fault)
            with suppress(WebSocketDisconnected):
                await self.websocket.close(1011, "INTERNAL_SERVER_ERROR: something went wrong here; connect again.")
        finally:
            if self.operations.get(operation.id) is operation:
                del self.operations[operation.id]


def wrong_with(message: object) -> str | None:
    """What is wrong with the form of a message; None for a sound one."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is a JSON object with a text as its type."
    if message["type"] not in ("subscribe", "complete"):
        return None
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "The id of an operation is a text."
    if message["type"] == "complete":
        return None
    payload = message.get("payload")
    if not isinstance(payload, dict):
        return "The payload of subscribe is an object that holds the query."
    for name, kind, word, needed in (
        ("query", str, "a text", True),
        ("operationName", str, "a text", False),
        ("variables", dict, "an object", False),
        ("extensions", dict, "an object", False),
    ):
        value = payload.get(name)
        if (value is None and needed) or (value is not None and not isinstance(value, kind)):
            return f"{name} {shown(value)} is not {word}."
    return None
