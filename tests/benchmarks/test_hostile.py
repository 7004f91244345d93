"""What hostile input costs the service: time beside that of a harmless question, and memory."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.table import say, seconds
from tests.benchmarks.test_api import ask, posted
from tests.serving import Serving, serving
from tests.web.test_hostile import DOCUMENTS

MB = 1_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving("serve", "--port", "0", "--store", "sqlite://") as server:
        yield server


def memory(server: Serving) -> float:
    """The most that the service has had in memory so far, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) * 1024.0


def cpu(server: Serving) -> float:
    """The processor time that the service has used so far, in seconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_documents(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        anchor = seconds(lambda: ask(connection, posted("/graphql", "{ revision }")), 50)
        times = {}
        for name, document in DOCUMENTS.items():
            request = posted("/graphql", document)
            times[name] = seconds(partial(ask, connection, request), 3)
    say("{ revision } over HTTP", f"{anchor * 1e3:.2f} ms")
    for name, one in sorted(times.items(), key=lambda item: -item[1])[:5]:
        say(f"hostile document: {name}", f"{one * 1e3:.1f} ms", f"{one / anchor:.0f}x {{ revision }}", "milliseconds")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_mb(server: Serving, chunked: bool) -> None:
    before, used = memory(server), cpu(server)
    part = json.dumps({"query": "#" * MB}).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection, suppress(OSError):
        head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % (100 * len(part))
        connection.sendall(head + length + b"\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
    grown = memory(server) - before
    how = "in chunks" if chunked else "of told length"
    say(f"100 MB body {how}", f"{grown / MB:.1f} MB more", f"{cpu(server) - used:.2f} s of CPU", "memory flat")
