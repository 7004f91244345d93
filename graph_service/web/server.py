"""The server: connections with bounds of their own, and an end in good order.

Uvicorn speaks HTTP. What it leaves open is closed here: it waits for ever for a request that has begun, or never does;
it takes any number of connections; and it answers what is no HTTP in plain text.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from types import FrameType

import h11
import uvicorn
from starlette.types import ASGIApp, Message
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from graph_service.settings import Settings
from graph_service.web.metrics import Metrics
from graph_service.web.witness import UNKNOWN, Refuse, dress

log = logging.getLogger("graph_service.requests")

AT_ONCE = 1.0
"""Seconds that are left for an end in good order once the process is told a second time to stop."""


LATE = 0.8
"""The share of the time for running requests after which those that still run are ended."""


class Config(uvicorn.Config):
    """Uvicorn's, with the bounds that it does not know."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, refuse: Refuse) -> None:
        super().__init__(
            app,
            http=Connection,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
            h11_max_incomplete_event_size=settings.max_head,
            timeout_keep_alive=settings.idle_time,
            timeout_graceful_shutdown=settings.shutdown_wait,
            ws="websockets-sansio",
            ws_max_size=settings.max_body,
            ws_ping_interval=settings.ping_interval,
            ws_ping_timeout=settings.ping_interval,
            ws_per_message_deflate=False,  # events are small, and would be compressed for each reader by itself
        )
        self.bounds = settings
        self.metrics = metrics
        self.refuse = refuse
        self.leaving = False
        """Whether the server takes no more: whoever is let in now would be waited for, and asks in vain."""


class Connection(H11Protocol):
    """One connection. A request that has begun, or should begin, has to be there within a time."""

    config: Config
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # none before the first request
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; or one too many."""
        super().connection_made(transport)
        # Head and body are sent one after the other. The second would wait for the client's leave, which takes 40 ms.
        transport.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        if self.config.leaving:
            transport.close()
            return
        most = self.config.bounds.max_connections
        if len(self.connections) > most:
            self._end(503, f"{most} connections are open here already; try again in a moment.", "LIMIT_EXCEEDED")
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something has arrived."""
        super().data_received(data)
        self._mind()

    def on_response_complete(self) -> None:
        """A request is answered; perhaps the next one has begun to arrive already."""
        self._cancel()
        super().on_response_complete()
        self._mind()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """From here on it is no HTTP."""
        self._cancel()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP; it is called while the error is handled."""
        wrong = sys.exc_info()[1]
        if getattr(wrong, "error_status_hint", 400) == 431:
            most = self.config.bounds.max_head
            self._end(431, f"Address and headers have more than {most} bytes; send less of them.", "LIMIT_EXCEEDED")
        else:
            self._end(400, "This is no HTTP/1.1 request that is understood here.", "BAD_USER_INPUT")

    # ---------- time ----------

    def _mind(self) -> None:
        """Waits for the rest of what has begun, and not for what is whole."""
        if self._has_begun():
            if self._due is None:
                self._wait()
        else:
            self._cancel()

    def _has_begun(self) -> bool:
        """Whether a part of a request is there and the rest is not."""
        if self.transport.is_closing() or self.conn.their_state is h11.SWITCHED_PROTOCOL:
            return False
        if self.conn.their_state is h11.SEND_BODY:
            return True
        answering = self.cycle is not None and not self.cycle.response_complete
        return not answering and bool(self.conn.trailing_data[0])

    def _wait(self) -> None:
        self._due = self.loop.call_later(self.config.bounds.receive_time, self._too_late)

    def _cancel(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _too_late(self) -> None:
        self._due = None
        seconds = self.config.bounds.receive_time
        if not self._has_begun():
            self.transport.close()  # nobody has asked anything
            return
        self._end(408, f"The request was not there within {seconds:g} s; send it faster.", "LIMIT_EXCEEDED")

    # ---------- the end ----------

    def _end(self, status: int, message: str, code: str) -> None:
        """Answers for the whole connection, if no answer has begun, and closes it."""
        self._cancel()
        self._unset_keepalive_if_required()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # whoever reads the request learns that there is no more
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._answer(status, message, code)
        self.transport.close()

    def _answer(self, status: int, message: str, code: str) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        known = self.scope["state"].get("request_id") if answering else None
        request_id = known or secrets.token_hex(8)
        body = self.config.refuse(message, code)
        start: Message = {
            "type": "http.response.start",
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *([(b"retry-after", b"1")] if status == 503 else []),
            ],
        }
        dress(start, request_id)
        response = h11.Response(status_code=status, headers=start["headers"], reason=HTTPStatus(status).phrase.encode())
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.config.metrics.request(UNKNOWN, UNKNOWN, status, 0.0, {"codes": [code]})
        told = {"request_id": request_id, "method": UNKNOWN, "path": UNKNOWN, "status": status, "codes": [code]}
        log.info("request", extra=told)


class Server(uvicorn.Server):
    """A server that says when it is ready, and ends without ado when it is asked to.

    Told to stop (SIGTERM, SIGINT, SIGHUP) it takes no more, ``part`` ends what would go on for ever, and running
    requests finish; shortly before their time is over ``hurry`` ends what still runs, so that it can say so. Told again
    it ends at once: ``hurry`` is called, and what is not closed within a second is left as a kill would leave it.
    """

    config: Config

    def __init__(
        self,
        config: Config,
        *,
        ready: Callable[[], None],
        hurry: Callable[[], None],
        part: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._hurry = hurry
        self._part = part

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listens."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Ends in good order."""
        self.config.leaving = True
        for server in self.servers:
            server.close()
        await self._part()
        late = asyncio.get_running_loop().call_later(self.config.bounds.shutdown_wait * LATE, self._hurry)
        await super().shutdown(sockets)
        late.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Minds a signal."""
        if self.should_exit and not self.force_exit:
            self.force_exit = True
            self._hurry()
            last = threading.Timer(AT_ONCE, os._exit, (1,))
            last.daemon = True
            last.start()
        self.should_exit = True
