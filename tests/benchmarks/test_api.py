"""The API over HTTP with keep-alive, beside the same answers by hand and by Strawberry as it comes, on one server."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from time import perf_counter
from typing import NamedTuple

import pytest

from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.workspace import Workspace
from tests.benchmarks.company import first_leaf
from tests.benchmarks.table import say
from tests.benchmarks.test_store import fill

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "schema" / "operations"
LADDER = """query Ladder($id: ID!) { ladder(id: $id) { path {
    goal { id title status progress { value expected } owner { name } } kind share
    keyResults { id title value target unit } } } }"""
CASCADE = (OPERATIONS / "cascade.graphql").read_text()
CHECK_IN = "mutation($input: CheckInKeyResultInput!) { checkInKeyResult(input: $input) { revision errors { code } } }"
SIZE = 100_000


class Figures(NamedTuple):
    """Times of many requests, in seconds, and how many were answered a second."""

    p50: float
    p99: float
    rate: float

    def __str__(self) -> str:
        return f"p50 {self.p50 * 1e3:6.2f}  p99 {self.p99 * 1e3:6.2f} ms  {self.rate:6,.0f}/s"


class Served(NamedTuple):
    """A server of one store, and what to ask it."""

    name: str
    port: int
    ladder: list[str]
    cascade: list[str]


def serving(
    name: str, store: str, ladder: list[str], cascade: list[str], environment: dict[str, str] | None = None
) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.benchmarks.served", store]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield Served(name, int(process.stdout.readline()), ladder, cascade)
        finally:
            process.terminate()


@pytest.fixture(scope="module", params=["sample", "100k"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("served") / "company.db"
    if request.param == "sample":
        with Workspace.open(f"sqlite:///{path}") as workspace:
            load_sample(workspace, SAMPLE_DAY)
        ladder = ["plan-in-a-blink"]
        with Workspace.open(f"sqlite:///{path}") as workspace, workspace.reading() as graph:
            top = max(graph.goals(), key=lambda goal: (goal.height, len(goal.down), goal.id))
            cascade = [top.id]
    else:
        fill(path, SIZE)
        ladder = [f"goal-{number}" for number in range(SIZE - 500, SIZE)]
        cascade = [f"goal-{number}" for number in range(31, 150)]
    yield from serving(request.param, f"sqlite:///{path}", ladder, cascade)


def posted(path: str, query: str, **variables: object) -> bytes:
    body = json.dumps({"query": query, "variables": variables}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def check_in(goal: str, value: float) -> bytes:
    return posted("/graphql", CHECK_IN, input={"keyResultId": goal, "value": value})


def got(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def ask(connection: socket.socket, request: bytes) -> bytes:
    """The body of an answer; the connection stays open."""
    connection.sendall(request)
    raw = connection.recv(262_144)
    while b"\r\n\r\n" not in raw:
        raw += connection.recv(262_144)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), raw
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    parts, have = [body], len(body)
    while have < length:
        parts.append(connection.recv(262_144))
        have += len(parts[-1])
    return b"".join(parts)


def measured(port: int, requests: list[bytes], clients: int, each: int) -> Figures:
    """So many clients ask in turns, each on a connection of its own that stays open."""
    times: list[float] = []
    ready = Barrier(clients + 1)

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            mine = []
            for place in range(5):
                ask(connection, requests[place % len(requests)])
            ready.wait()
            for place in range(each):
                begin = perf_counter()
                answer = ask(connection, requests[(number * each + place) % len(requests)])
                mine.append(perf_counter() - begin)
                assert b'"errors":[{' not in answer, answer
            times.extend(mine)

    threads = [Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    begin = perf_counter()
    for thread in threads:
        thread.join()
    whole = perf_counter() - begin
    ordered = sorted(times)
    return Figures(statistics.median(ordered), ordered[int(len(ordered) * 0.99)], clients * each / whole)


@pytest.mark.parametrize("clients", [1, 16])
@pytest.mark.parametrize("question", ["ladder", "cascade"])
def test_questions(served: Served, question: str, clients: int) -> None:
    ids = served.ladder if question == "ladder" else served.cascade
    query = LADDER if question == "ladder" else CASCADE
    each = {1: 100, 16: 12}[clients]

    def asked(path: str) -> list[bytes]:
        return [posted(path, query, id=id) for id in ids]

    rows = {
        "this service": asked("/graphql"),
        "Strawberry's defaults": asked("/default"),
        "by hand": [got(f"/bare/{question}?id={id}") for id in ids],
    }
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        answers = [json.loads(ask(connection, requests[0]))["data"][question] for requests in rows.values()]
    for answer in answers:
        answer.pop("text", None)
    if served.name != "sample":  # where it is another day for the service
        assert str(answers[1]) == str(answers[2])
    figures = {name: measured(served.port, requests, clients, each) for name, requests in rows.items()}
    ours = figures["this service"]
    for name, one in figures.items():
        ratio = "" if one is ours else f"  {ours.p50 / one.p50:.2f}x its time"
        what = f"{question}, {served.name}, {clients} clients: {name}"
        print(f"\n  {what:<58} {one}{ratio}", end="")


def test_durable_check_ins(tmp_path: Path) -> None:
    path = tmp_path / "company.db"
    fill(path, 10_000)
    leaf = first_leaf(10_000)
    server: Iterator[Served] = serving("10k", f"sqlite:///{path}", [], [])
    served = next(server)

    def check_ins(many: int) -> list[bytes]:
        return [check_in(f"goal-{leaf + number}", number % 100) for number in range(many)]

    one = measured(served.port, check_ins(150), 1, 150)
    many = measured(served.port, check_ins(32 * 40), 32, 40)
    finished: Callable[[], object] = lambda: next(server, None)  # noqa: E731
    finished()
    say("durable check-ins, 1 client", f"{one.rate:,.0f} /s", str(one))
    say("durable check-ins, 32 clients", f"{many.rate:,.0f} /s", str(many), f"{many.rate / one.rate:.1f}x one; >= 6x")
