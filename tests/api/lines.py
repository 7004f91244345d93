"""Lines to a served workspace, for tests of those who follow: a server process, WebSockets and event streams."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.typing import Origin, Subprotocol

from tests.processes import PATIENCE

PROTOCOL = Subprotocol("graphql-transport-ws")


class Server:
    """A process that serves a store."""

    def __init__(self, process: subprocess.Popen[str], base: str) -> None:
        self.process = process
        self.base = base
        self.url = ""
        self.socket_url = base.replace("http", "ws", 1) + "/graphql"

    def memory(self) -> int:
        """Bytes that the process holds in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def subscribers(self) -> int:
        """How many subscriptions it counts."""
        with urlopen(f"{self.base}/metrics", timeout=PATIENCE) as answer:
            [found] = re.findall(r"^graph_service_subscribers (\d+)", answer.read().decode(), re.MULTILINE)
        return int(found)

    def stop(self) -> int:
        """Asks it to stop, and waits; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def served(url: str, port: int = 0, **settings: object) -> Iterator[Server]:
    """A process that serves a store; killed at the end if it still runs."""
    environment = {f"GRAPH_SERVICE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "graph_service", "serve", "--port", str(port), "--store", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    )
    try:
        assert process.stdout is not None
        base = ""
        for line in process.stdout:
            if line.startswith("start page"):
                base = line.split()[-1].rstrip("/")
            if line.startswith("ready"):
                break
        assert base, "it ended before it was ready"
        yield Server(process, base)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


class Line:
    """A WebSocket on which somebody follows."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def say(self, **message: object) -> None:
        """Sends a message."""
        self.connection.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        """The next message, waited for."""
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=PATIENCE))
        return message

    def closed(self) -> tuple[int, str]:
        """Code and reason of the close, which must be the next thing that comes."""
        with pytest.raises(ConnectionClosed) as close:
            self.connection.recv(timeout=PATIENCE)
        assert close.value.rcvd is not None, "the line broke off"
        return close.value.rcvd.code, close.value.rcvd.reason

    def begin(self, **payload: object) -> None:
        """Lets itself be let in."""
        self.say(type="connection_init", **({"payload": payload} if payload else {}))
        assert self.hear() == {"type": "connection_ack"}

    def follow(self, query: str, /, id: str = "1", **variables: object) -> None:
        """Subscribes."""
        self.say(type="subscribe", id=id, payload={"query": query, "variables": variables})

    def told(self, id: str = "1") -> dict[str, Any]:
        """The next event of a subscription: its data."""
        message = self.hear()
        assert (message["type"], message["id"]) == ("next", id), message
        assert "errors" not in message["payload"], message
        [event] = message["payload"]["data"].values()
        data: dict[str, Any] = event
        return data

    def refused(self, id: str = "1") -> dict[str, Any]:
        """The one error that a subscription ends with."""
        message = self.hear()
        assert (message["type"], message["id"]) == ("error", id), message
        [error] = message["payload"]
        found: dict[str, Any] = error
        return found


@contextmanager
def line(
    url: str,
    *,
    begun: bool = True,
    protocols: tuple[Subprotocol, ...] = (PROTOCOL,),
    origin: str | None = None,
    **headers: str,
) -> Iterator[Line]:
    """A WebSocket to the door; let in, unless ``begun`` is False."""
    with connect(
        url,
        subprotocols=protocols,
        additional_headers=headers,
        origin=None if origin is None else Origin(origin),
        compression=None,
        proxy=None,
    ) as connection:
        found = Line(connection)
        if begun:
            found.begin()
        yield found


class Stream:
    """An event stream, read from a plain socket: lines as they come."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        first = self._file.readline().split()
        self.status = int(first[1]) if first else 0
        self.headers: dict[str, str] = {}
        while (raw := self._file.readline().decode().rstrip("\r\n")) != "":
            name, _, value = raw.partition(":")
            self.headers[name.lower()] = value.strip()
        self._chunked = self.headers.get("transfer-encoding") == "chunked"

    def body(self) -> Any:
        """The whole answer, where it is no stream: JSON."""
        return json.loads(self._file.read(int(self.headers["content-length"])))

    def chunk(self) -> str | None:
        """The next piece, waited for; None at the end."""
        size = self._file.readline()
        if not size or int(size, 16) == 0:
            return None
        text = self._file.read(int(size, 16)).decode()
        assert self._file.readline() == b"\r\n"
        return text

    def event(self) -> dict[str, str] | None:
        """The next event by its fields; comments are passed over. None at the end."""
        while (text := self.chunk()) is not None:
            assert text.endswith("\r\n\r\n")
            if not text.startswith(":"):
                return dict(line.split(": ", 1) for line in text.strip("\r\n").split("\r\n"))
        return None

    def told(self) -> dict[str, Any]:
        """The data of the next event, which is no error."""
        event = self.event()
        assert event is not None
        assert event["event"] == "next"
        payload = json.loads(event["data"])
        assert "errors" not in payload, payload
        [data] = payload["data"].values()
        found: dict[str, Any] = data
        return found

    def refused(self) -> dict[str, Any]:
        """The one error that is told next."""
        event = self.event()
        assert event is not None
        [error] = json.loads(event["data"])["errors"]
        found: dict[str, Any] = error
        return found


@contextmanager
def streamed(
    base: str, query: str, *, method: str = "POST", accept: str = "text/event-stream", **headers: str
) -> Iterator[Stream]:
    """The answer to an operation, asked for as a stream."""
    place = urlsplit(base)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 80), timeout=PATIENCE) as connection:
        body, path = b"", "/graphql"
        if method == "POST":
            body = json.dumps({"query": query}).encode()
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(body))
        else:
            path += f"?query={quote(query)}"
        head = [f"{method} {path} HTTP/1.1", f"Host: {place.netloc}", f"Accept: {accept}"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        with connection.makefile("rb") as file:
            yield Stream(file)
