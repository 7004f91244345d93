"""Many who follow, and one who reads nothing: in order, no gap, no double, and nobody waits for another."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from graph_service.models.changes import UpdateObjective
from graph_service.workspace import Workspace
from tests.api.company import fill
from tests.api.lines import PROTOCOL, Line, Server, line, served
from tests.processes import PATIENCE, forking
from tests.writers import pacing

GRAPH = "subscription($after: Int) { graphChanged(after: $after) { revision } }"
PROGRESS = 'subscription($after: Int) { progressChanged(ids: ["crust", "alone"], after: $after) { revision } }'
INPUTS = "subscription { graphChanged { revision changes { input } } }"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The bakery, in a store of its own, at revision 1."""
    url = f"sqlite:///{tmp_path}/bakery.db"
    with Workspace.open(url) as workspace:
        fill(workspace)
    return url


# ---------- many ----------


class Reader:
    """Somebody who follows by several subscriptions over one connection, and connects again when it breaks."""

    def __init__(self, url: str, ids: list[str]) -> None:
        self.url = url
        self.heard: dict[str, list[int]] = {id: [] for id in ids}
        self.connected = 0
        self.connection: ClientConnection | None = None
        self._news = asyncio.Condition()

    async def reached(self, revision: int) -> None:
        """Waits until it is connected and has heard of a revision (0: of anything that comes)."""
        async with self._news:
            await self._news.wait_for(
                lambda: self.connected and all(max(heard, default=0) >= revision for heard in self.heard.values())
            )

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def follow(self, until: asyncio.Future[int]) -> None:
        """Reads until every subscription has heard of the last revision."""
        while not (until.done() and all(heard and heard[-1] == until.result() for heard in self.heard.values())):
            try:
                await self._read(until)
            except (OSError, ConnectionError, EOFError):
                continue
            except Exception as broken:
                if type(broken).__module__.startswith("websockets."):
                    continue
                raise

    async def _read(self, until: asyncio.Future[int]) -> None:
        options: dict[str, Any] = {"subprotocols": [PROTOCOL], "compression": None, "proxy": None}
        async with connect(self.url, **options) as connection:
            await connection.send('{"type":"connection_init"}')
            await connection.recv()
            for number, (id, heard) in enumerate(self.heard.items()):
                payload = {"query": (GRAPH, PROGRESS)[number % 2], "variables": {"after": heard[-1] if heard else 1}}
                await connection.send(json.dumps({"type": "subscribe", "id": id, "payload": payload}))
            self.connection = connection
            self.connected += 1
            await self._tell()
            while not (until.done() and all(heard and heard[-1] == until.result() for heard in self.heard.values())):
                message = json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))
                assert message["type"] == "next", message
                [event] = message["payload"]["data"].values()
                self.heard[message["id"]].append(event["revision"])
                await self._tell()


def test_a_hundred_hear_of_two_hundred_writes_a_second_each_once_and_in_order(url: str) -> None:
    writes = 300

    async def follow(server: Server) -> list[Reader]:
        until: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        readers = [Reader(server.socket_url, [f"{number}" for number in range(5)]) for _ in range(20)]
        tasks = [asyncio.create_task(reader.follow(until)) for reader in readers]
        for reader in readers:
            await reader.reached(0)
        writer.tell("go")
        saying = asyncio.create_task(asyncio.to_thread(writer.hear))
        for unlucky in readers[:5]:  # the line breaks in the middle of the burst
            await unlucky.reached(writes // 3)
            assert unlucky.connection is not None
            unlucky.connection.transport.abort()
        until.set_result(int(str(await saying)))
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
        return readers

    with served(url) as server, forking() as parent:
        writer = parent.start(pacing, url, "crust", writes, 200)
        assert writer.hear() == "open"
        readers = asyncio.run(follow(server))
        writer.end()
    every = list(range(2, writes + 2))
    assert [reader.heard for reader in readers] == [{f"{number}": every for number in range(5)}] * 20
    assert [reader.connected for reader in readers] == [2] * 5 + [1] * 15


def test_who_follows_goes_on_after_the_service_was_started_again(url: str) -> None:
    async def follow(first: Server, until: asyncio.Future[int], reader: Reader) -> None:
        task = asyncio.create_task(reader.follow(until))
        await reader.reached(2)
        assert await asyncio.to_thread(first.stop) == 0
        with served(url, port=int(first.base.rpartition(":")[2])):
            until.set_result(int(str(await asyncio.to_thread(writer.hear))))
            await asyncio.wait_for(task, PATIENCE)

    async def begin() -> Reader:
        with served(url) as first:
            reader = Reader(first.socket_url, ["0", "1"])
            writer.tell("go")
            await follow(first, asyncio.get_running_loop().create_future(), reader)
            return reader

    with forking() as parent:
        writer = parent.start(pacing, url, "crust", 200, 50)
        assert writer.hear() == "open"
        reader = asyncio.run(begin())
        writer.end()
    assert reader.heard == {"0": list(range(2, 202)), "1": list(range(2, 202))}
    assert reader.connected >= 2


# ---------- one who reads nothing ----------


class Stuck:
    """A WebSocket that takes nothing until it is asked to."""

    def __init__(self, url: str, plain: socket.socket) -> None:
        self._plain = plain
        self._frames: deque[Frame] = deque()
        self._protocol = ClientProtocol(parse_uri(url), subprotocols=[PROTOCOL])
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while self._protocol.state is State.CONNECTING:
            assert self._take()
        assert self._protocol.handshake_exc is None
        self.send('{"type":"connection_init"}')
        assert self.message() == {"type": "connection_ack"}

    def send(self, text: str) -> None:
        """Sends a message."""
        self._protocol.send_text(text.encode())
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._plain.sendall(data)

    def _take(self) -> bool:
        """Takes some of what has been sent to it; False at the end of the line."""
        data = self._plain.recv(1 << 16)
        if data:
            self._protocol.receive_data(data)
            self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        return bool(data)

    def message(self) -> dict[str, Any] | None:
        """The next message; None at the end of the line."""
        while True:
            while self._frames:
                frame = self._frames.popleft()
                if frame.opcode is Opcode.TEXT:
                    message: dict[str, Any] = json.loads(bytes(frame.data))
                    return message
            if not self._take():
                return None


@contextmanager
def stuck(server: Server) -> Iterator[Stuck]:
    host, _, port = server.base.removeprefix("http://").partition(":")
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(PATIENCE)
        plain.connect((host, int(port)))
        yield Stuck(server.socket_url, plain)


def write_much(workspace: Workspace, beside: Line, times: int) -> None:
    """Commits large changes, each of which somebody else must hear of at once."""
    for number in range(times):
        text = f"{number}" + " why" * 4_900
        revision = workspace.commit([UpdateObjective(id="grow", description=text)]).revision
        event = beside.told()
        assert (event["revision"], event["changes"][0]["input"]["description"]) == (revision, text)


def test_who_reads_too_slowly_is_let_go_with_a_code_and_the_others_notice_nothing(url: str) -> None:
    with served(url, max_unread=20, send_time=600, ping_interval=600) as server, line(server.socket_url) as beside:
        beside.follow(INPUTS)
        with stuck(server) as slow, Workspace.open(url) as workspace:
            slow.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": INPUTS}}))
            while server.subscribers < 2:
                pass
            before = server.memory()
            write_much(workspace, beside, 400)
            assert server.memory() - before < 60_000_000
            heard: list[int] = []
            while (message := slow.message()) is not None and message["type"] == "next":
                heard.append(message["payload"]["data"]["graphChanged"]["revision"])
            assert message is not None
            assert heard == list(range(2, len(heard) + 2))
            assert len(heard) < 400
            [error] = message["payload"]
            assert (message["type"], error["extensions"]["code"]) == ("error", "LIMIT_EXCEEDED")
            assert error["message"] == (
                "You read more slowly than there is to tell: 20 events were waiting. Read anew what you show, or follow"
                f" again with after: {heard[-1]}."
            )
            # it may follow on, over the same line
            again = f"subscription {{ graphChanged(after: {heard[-1]}) {{ revision }} }}"
            slow.send(json.dumps({"type": "subscribe", "id": "2", "payload": {"query": again}}))
            while heard[-1] < 401 and (message := slow.message()) is not None:
                heard.append(message["payload"]["data"]["graphChanged"]["revision"])
            assert heard == list(range(2, 402))


def test_the_line_of_who_takes_nothing_at_all_is_cut(url: str) -> None:
    with served(url, send_time=0.5) as server, line(server.socket_url) as beside:
        beside.follow(INPUTS)
        with stuck(server) as slow, Workspace.open(url) as workspace:
            for id in ("1", "2"):
                slow.send(json.dumps({"type": "subscribe", "id": id, "payload": {"query": INPUTS}}))
            while server.subscribers < 3:
                pass
            write_much(workspace, beside, 300)
            while server.subscribers > 1:
                pass
            messages = 0
            with suppress(ConnectionResetError):
                while slow.message() is not None:
                    messages += 1
            assert 0 < messages < 600
        assert beside.connection.state.name == "OPEN"
        assert server.stop() == 0
