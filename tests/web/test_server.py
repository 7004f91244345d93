"""The server over real connections: what is no HTTP, what comes too slowly, too much of it, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from uvicorn.server import ServerState

from graph_service.api import error_body
from graph_service.app import create_app
from graph_service.sample import load_sample
from graph_service.settings import Settings
from graph_service.web.server import Config, Connection
from graph_service.workspace import Workspace
from tests.serving import PATIENCE, Serving, serving

QUERY = b'{"query": "{ revision }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
ASKED = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY


class Answer(NamedTuple):
    """What came back over a connection until the server closed it, or was silent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of its only error."""
        (error,) = json.loads(self.body)["errors"]
        code: str = error["extensions"]["code"]
        return code


def connected(server: Serving) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def read_on(connection: socket.socket) -> bytes:
    """Everything until the connection is closed."""
    found = b""
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            return found
        if not part:
            return found
        found += part


def answered(connection: socket.socket) -> None:
    """Reads an answer to the query, and no further."""
    found = b""
    while b'"revision":0}}' not in found:
        part = connection.recv(65_536)
        assert part, found
        found += part


def parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)


def told(server: Serving, data: bytes) -> Answer:
    """What is answered to some bytes; the server has to close the connection."""
    with connected(server) as connection:
        connection.sendall(data)
        return parsed(read_on(connection))


def is_served(server: Serving) -> bool:
    """Whether somebody else is answered, within a second."""
    begun = time.perf_counter()
    answer = told(server, ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    return answer.status == 200 and time.perf_counter() - begun < 1


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """A server with the limits that it has by itself."""
    with serving("serve", "--port", "0", "--store", "sqlite://") as server:
        yield server


@pytest.fixture(scope="module")
def hasty() -> Iterator[Serving]:
    """A server that waits for a second only, and takes few."""
    with serving(
        "serve", "--port", "0", "--store", "sqlite://",
        GRAPH_SERVICE_RECEIVE_TIME="0.5", GRAPH_SERVICE_IDLE_TIME="1", GRAPH_SERVICE_MAX_CONNECTIONS="8",
    ) as server:  # fmt: skip
        yield server


# ---------- what is no request ----------


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: +5\r\n\r\n12345",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
        HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    ],
    ids=range(22),
)
def test_what_is_no_request_is_a_bad_one(server: Serving, data: bytes) -> None:
    answer = told(server, data)
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["connection"] == "close"
    assert len(answer.headers["x-request-id"]) == 16
    assert is_served(server)


@pytest.mark.parametrize("first", [b"GET / HTTP/1.0", b"PRI * HTTP/2.0"])
def test_who_names_no_host_is_misdirected(server: Serving, first: bytes) -> None:
    answer = told(server, first + b"\r\n\r\n")
    assert (answer.status, answer.code) == (421, "BAD_USER_INPUT")


def test_garbage_after_a_request_does_not_spoil_its_answer(server: Serving) -> None:
    answer = told(server, ASKED + b"\x00\x01\x02\r\n\r\n")
    assert (answer.status, answer.body.startswith(b'{"data":{"revision":0}')) == (200, True)


def test_requests_in_a_row_are_answered_in_a_row(server: Serving) -> None:
    with connected(server) as connection:
        connection.sendall(ASKED * 9 + ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read_on(connection).count(b'{"data":{"revision":0}') == 10


def test_no_part_of_an_answer_waits_for_the_other_end() -> None:
    """A socket that listens may not say that it speaks TCP, and then asyncio would not set this by itself."""

    async def accepted() -> int:
        with Workspace.open("sqlite://") as workspace, socket.socket() as door:
            app = create_app(workspace)
            config = Config(app, Settings(), app.state.metrics, error_body)
            config.load()
            made: list[Connection] = []

            def connection() -> Connection:
                made.append(Connection(config, ServerState(), {}))
                return made[0]

            door.bind(("127.0.0.1", 0))
            server = await asyncio.get_running_loop().create_server(connection, sock=door)
            reader, writer = await asyncio.open_connection(*door.getsockname())
            writer.write(ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            option: int = made[0].transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert b'"revision":0' in await reader.read()
            writer.close()
            server.close()
            return option

    assert asyncio.run(accepted()) == 1


def test_who_is_let_in_while_the_server_leaves_is_sent_away_at_once() -> None:
    """A connection that was accepted before the door was closed, and made after all others were told."""

    async def heard() -> bytes:
        with Workspace.open("sqlite://") as workspace, socket.socket() as door:
            app = create_app(workspace)
            config = Config(app, Settings(), app.state.metrics, error_body)
            config.load()
            config.leaving = True
            door.bind(("127.0.0.1", 0))
            state = ServerState()
            server = await asyncio.get_running_loop().create_server(lambda: Connection(config, state, {}), sock=door)
            reader, writer = await asyncio.open_connection(*door.getsockname())
            found = await reader.read()
            writer.close()
            server.close()
            assert not state.connections
            return found

    assert asyncio.run(heard()) == b""


# ---------- too much ----------


def test_a_head_is_bounded_as_a_whole_and_in_number(server: Serving) -> None:
    def asked(*headers: bytes, path: bytes = b"/healthz") -> Answer:
        lines = [b"GET " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
        return told(server, b"\r\n".join(lines) + b"\r\n\r\n")

    used = len(b"/healthzhostlocalhostconnectionclose")
    assert asked(*[b"A: b"] * 98).status == 200
    assert asked(*[b"A: b"] * 99)[::2] == (
        431,
        (
            b'{"errors":[{"message":"The request has 101 headers; at most 100 are read.",'
            b'"extensions":{"code":"LIMIT_EXCEEDED"}}]}'
        ),
    )
    assert asked(b"A: " + b"x" * (32_000 - used - 1)).status in (200, 431)  # the server counts line ends too
    assert asked(b"A: " + b"x" * (31_000 - used)).status == 200
    for long in (asked(b"A: " + b"x" * 32_000), asked(path=b"/" + b"x" * 32_000), asked(path=b"/?" + b"x" * 300_000)):
        assert (long.status, long.code) == (431, "LIMIT_EXCEEDED")


def test_a_head_without_an_end_is_not_read_for_ever(server: Serving) -> None:
    with connected(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        try:
            for _ in range(4_000):
                connection.sendall(b"A: " + b"x" * 1_000 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = read_on(connection)
    assert answer == b"" or parsed(answer)[0] == 431  # a reset may overtake the answer
    assert is_served(server)


def memory(server: Serving) -> int:
    """What the process of a server has in memory, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def poured(server: Serving, head: bytes, body: Iterator[bytes]) -> tuple[bytes, int]:
    """What is answered to a body, and how much of that could be sent."""
    sent = 0
    with connected(server) as connection:
        connection.sendall(head)
        try:
            for part in body:
                connection.sendall(part)
                sent += len(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_on(connection), sent


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.may_skip("only Linux tells a process's memory in /proc")
@pytest.mark.parametrize("megabytes", [20, 100])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_large_body_is_refused_and_not_kept(server: Serving, megabytes: int, chunked: bool) -> None:
    assert is_served(server)
    before = memory(server)
    part = b" " * 100_000
    number = megabytes * 10
    if chunked:
        head, body = b"Transfer-Encoding: chunked\r\n\r\n", (b"186a0\r\n" + part + b"\r\n" for _ in range(number))
    else:
        head, body = b"Content-Length: %d\r\n\r\n" % (number * len(part)), (part for _ in range(number))
    raw, sent = poured(server, HEAD + head, body)
    if raw:  # a reset may overtake the answer
        answer = parsed(raw)
        assert (answer.status, answer.code) == (413, "LIMIT_EXCEEDED")
    assert sent < 50_000_000 or megabytes < 50, "only what the systems of both ends hold on the way"
    assert memory(server) - before < 10_000_000
    assert is_served(server)


def test_a_body_just_as_long_as_it_may_be_is_taken(server: Serving) -> None:
    body = QUERY.ljust(2_000_000)
    close = b"Connection: close\r\n"
    assert told(server, HEAD + close + b"Content-Length: 2000000\r\n\r\n" + body).status == 200
    chunks = b"1e8480\r\n" + body + b"\r\n0\r\n\r\n"
    assert told(server, HEAD + close + b"Transfer-Encoding: chunked\r\n\r\n" + chunks).status == 200
    answer = told(server, HEAD + close + b"Content-Length: 2000001\r\n\r\n")
    assert (answer.status, answer.code) == (413, "LIMIT_EXCEEDED")


def test_a_connection_too_many_is_refused(hasty: Serving) -> None:
    with ExitStack() as stack:
        for _ in range(8):
            one = stack.enter_context(connected(hasty))
            one.sendall(ASKED)
            answered(one)
        with connected(hasty) as further:
            answer = parsed(read_on(further))
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "LIMIT_EXCEEDED", "1")
    assert (
        json.loads(answer.body)["errors"][0]["message"] == "8 connections are open here already; try again in a moment."
    )


# ---------- too slow ----------


def test_a_request_that_does_not_come_is_not_waited_for(hasty: Serving) -> None:
    late = (408, "LIMIT_EXCEEDED")
    for begun in (b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\n", HEAD + b"Content-Length: 25\r\n\r\n" + QUERY[:10]):
        answer = told(hasty, begun)
        assert (answer.status, answer.code) == late
    answer = told(hasty, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n")
    assert (answer.status, answer.code) == late
    with connected(hasty) as silent:
        assert read_on(silent) == b""
    with connected(hasty) as connection:  # a second request is bounded as the first
        connection.sendall(ASKED + b"GET /")
        raw = read_on(connection)
        assert raw.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 408 " in raw
    with connected(hasty) as connection:  # answered, and nothing more comes
        connection.sendall(ASKED)
        assert read_on(connection).count(b"HTTP/1.1") == 1


def test_a_request_in_drips_is_not_waited_for(hasty: Serving) -> None:
    with connected(hasty) as connection:
        connection.settimeout(0.05)
        raw = b""
        for letter in ASKED * 20:
            try:
                connection.sendall(bytes([letter]))
                raw += connection.recv(65_536)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
            if raw:
                break
    assert parsed(raw).status == 408


def test_many_who_are_slow_or_idle_hold_up_nobody(server: Serving) -> None:
    with ExitStack() as stack:
        for number in range(150):
            one = stack.enter_context(connected(server))
            if number % 3:
                one.sendall(HEAD if number % 3 == 1 else HEAD + b"Content-Length: 1000\r\n\r\n{")
        for _ in range(10):
            assert is_served(server)


# ---------- the end ----------

HELD = """
import os, sys
from graph_service.alignment import ladder as ladders

real = ladders.ladder

def held(*given):
    with open(os.environ["BEGUN"], "w"):
        pass
    with open(os.environ["FREE"]) as free:
        free.read()
    return real(*given)

ladders.ladder = held
from graph_service.cli import run
sys.exit(run(sys.argv[1:]))
"""
"""The command, in which a ladder is held up until somebody has opened and closed a pipe."""


class Held(NamedTuple):
    """A server in which one ladder is being answered."""

    server: Serving
    free: Path
    connection: socket.socket
    store: str

    def let_go(self) -> None:
        """Lets the ladder be answered."""
        with self.free.open("w"):
            pass


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    store = f"sqlite:///{tmp_path}/sample.db"
    with Workspace.open(store) as workspace:
        load_sample(workspace)
    begun, free = tmp_path / "begun", tmp_path / "free"
    os.mkfifo(begun)
    os.mkfifo(free)
    program = [sys.executable, "-c", HELD]
    arguments = ("serve", "--port", "0", "--store", store)
    with serving(*arguments, program=program, BEGUN=str(begun), FREE=str(free)) as server, connected(server) as asker:
        body = b'{"query": "{ ladder(id: \\"plan-in-a-blink\\") { truncated } }"}'
        asker.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        with begun.open() as told_begun:
            told_begun.read()
        yield Held(server, free, asker, store)


def until_closed(server: Serving) -> None:
    """Waits until nobody is let in any more: who is still let in is sent away at the end of letting in."""
    while True:
        try:
            with connected(server) as late:
                read_on(late)
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue  # let in, and closed unheard


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_request_is_finished_before_the_end(held: Held, number: signal.Signals) -> None:
    held.server.process.send_signal(number)
    until_closed(held.server)
    held.let_go()
    answer = parsed(read_on(held.connection))
    assert (answer.status, json.loads(answer.body)["data"]) == (200, {"ladder": {"truncated": False}})
    code, _, log = held.server.ended()
    assert (code, [line["status"] for line in log]) == (0, [200])
    with Workspace.open(held.store) as workspace:
        assert workspace.verify() == []


def test_told_twice_it_ends_at_once(held: Held) -> None:
    held.server.process.send_signal(signal.SIGTERM)
    until_closed(held.server)
    held.server.process.send_signal(signal.SIGTERM)
    code, _, _ = held.server.ended()  # the ladder is never let go
    assert code == 1
    with Workspace.open(held.store) as workspace:
        assert workspace.verify() == []


def test_an_idle_connection_does_not_keep_it(tmp_path: Path) -> None:
    with serving("serve", "--port", "0", "--store", f"sqlite:///{tmp_path}/new.db") as server, connected(server) as one:
        one.sendall(ASKED)
        answered(one)
        with connected(server) as silent, connected(server) as begun:
            begun.sendall(b"GET / HT")
            assert is_served(server)
            assert server.stop()[0] == 0
            assert read_on(silent) == read_on(begun) == b""


def test_writers_at_the_end_are_answered_or_have_changed_nothing(tmp_path: Path) -> None:
    """Each acknowledged change is there afterwards, and no other."""
    store = f"sqlite:///{tmp_path}/new.db"
    made: list[str] = []

    def write(server: Serving, writer: int) -> None:
        for number in range(10_000):
            name = f"writer-{writer}-{number}"
            body = json.dumps(
                {"query": f'mutation {{ createTeam(input: {{ id: "{name}", name: "Boats" }}) {{ revision }} }}'}
            )
            data = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body.encode()
            try:
                answer = told(server, data)
            except (OSError, ValueError, IndexError):
                return
            if answer.status == 200:
                made.append(name)

    with serving("serve", "--port", "0", "--store", store) as server:
        threads = [Thread(target=write, args=(server, writer)) for writer in range(4)]
        for thread in threads:
            thread.start()
        while len(made) < 40:
            assert is_served(server)
        assert server.stop()[0] == 0
        for thread in threads:
            thread.join()
    with Workspace.open(store) as workspace, workspace.reading() as graph:
        assert sorted(graph.nodes) == sorted(made)
