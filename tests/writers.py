"""What processes do in the tests of a store or workspace that several of them share.

Each has a connection to its test.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection
from time import monotonic, sleep
from typing import NamedTuple

from graph_service.errors import Conflict, Cycle, RevisionMoved
from graph_service.models.changes import (
    Change,
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    LinkGoals,
    UpdateObjective,
)
from graph_service.models.facts import AddCheckIn, Entry, PutNode, Step
from graph_service.models.nodes import CheckIn, Objective
from graph_service.models.words import LinkKind
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Remembered
from graph_service.workspace import Workspace

MONDAY = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


LANES = tuple(f"{name} {lane}" for name in ("ada", "grace", "joan", "mary") for lane in ("first", "second"))
"""Who reports: two threads in each of four processes."""


class Reported(NamedTuple):
    """A number that somebody has reported, and the revision at which it is durable."""

    lane: str
    number: int
    revision: int


def company() -> list[Change]:
    """For each who reports an objective, which tells the last number, and a key result, which takes the check-ins."""
    changes: list[Change] = []
    for lane in LANES:
        changes += [
            CreateObjective(id=f"objective of {lane}", title="nothing yet"),
            CreateKeyResult(
                id=f"key result of {lane}",
                objective_id=f"objective of {lane}",
                title="Reports",
                baseline=-1.0,
                target=1e6,
            ),
        ]
    return changes


def report(lane: str, number: int) -> list[Change]:
    """Two changes that are one commit: a number is reported, and the objective says which was the last."""
    return [
        CheckInKeyResult(id=f"{lane} {number}", key_result_id=f"key result of {lane}", value=float(number)),
        UpdateObjective(id=f"objective of {lane}", title=f"{number} reported"),
    ]


def reporting(connection: Connection, url: str, first: dict[str, int]) -> None:
    """Reports number after number in each lane from the first on, each under a key of its own, and says so once it is
    durable. Goes on until it is killed."""
    connection.send("opening")
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        speaking = threading.Lock()

        def go_on(lane: str) -> None:
            for number in count(first[lane]):
                outcome = workspace.commit(report(lane, number), by=lane, key=f"report {number}")
                with speaking:
                    connection.send(Reported(lane, number, outcome.revision))

        threads = [threading.Thread(target=go_on, args=(lane,)) for lane in first]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def counting(connection: Connection, url: str, id: str, times: int) -> None:
    """Adds one to the number in an objective's title, so many times; says how often it was refused."""
    refused = 0
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        connection.recv()
        for _ in range(times):
            while True:
                with workspace.reading() as graph:
                    vertex = graph.nodes[id]
                    assert isinstance(vertex.fact, Objective)
                    number, revision = int(vertex.fact.title), vertex.revision
                try:
                    workspace.commit([UpdateObjective(id=id, title=str(number + 1))], expected=revision)
                except Conflict:
                    refused += 1
                else:
                    break
    connection.send(refused)


def linking(connection: Connection, url: str) -> None:
    """Links the two goals that it is told, again and again, and says by which ring it was refused (empty: it was
    not)."""
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        while (told := connection.recv()) is not None:
            source, target = told
            try:
                workspace.commit([LinkGoals(source=source, target=target, link=LinkKind.PARENT)])
            except Cycle as cycle:
                connection.send(cycle.nodes)
            else:
                connection.send(())


def creating(connection: Connection, url: str) -> None:
    """Creates the objective that it is told under the key that it is told, and says what came of it."""
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        while (told := connection.recv()) is not None:
            title, key = told
            connection.send(workspace.commit([CreateObjective(title=title)], by="ada", key=key))


def doing(connection: Connection, url: str) -> None:
    """Commits the changes that it is told, and says the revision."""
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        while (changes := connection.recv()) is not None:
            connection.send(workspace.commit(changes).revision)


def pacing(connection: Connection, url: str, id: str, times: int, each_second: int) -> None:
    """Reports on a key result, each time something else between 10 and 20, so many times, so often a second; begins
    when it is told, and says the last revision."""
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        connection.recv()
        begun, revision = monotonic(), 0
        for number in range(times):
            sleep(max(0.0, begun + number / each_second - monotonic()))  # this often, not as fast as it can
            revision = workspace.commit([CheckInKeyResult(key_result_id=id, value=10 + number % 97 / 10)]).revision
        connection.send(revision)


def seeing(connection: Connection, url: str) -> None:
    """Waits for the revision that it is told, and says which titles its objectives have then."""
    with Workspace.open(url, staleness=0.25) as workspace:
        connection.send("open")
        while (revision := connection.recv()) is not None:
            with workspace.reading(at_least=revision, patience=60) as graph:
                facts: Sequence[object] = [vertex.fact for vertex in graph.of_kind(Objective)]
            connection.send([fact.title for fact in facts if isinstance(fact, Objective)])


def stored(name: str, number: int, revision: int) -> Draft:
    """A commit of facts that belong together: the goal says the number, a check-in reports it, a key answers it."""
    at = MONDAY + timedelta(seconds=revision)
    goal = Objective(name, f"Report {number}", description="x" * 300)
    check_in = CheckIn(f"{name}-{number}", name, at, "cli", revision, value=float(number))
    step = Step("checkInObjective", (name,), (PutNode(goal), AddCheckIn(check_in)))
    answer = Remembered(f"{name} {number}", b"digest", revision, f"{number}".encode(), at)
    return Draft(Entry(revision, at, name, "cli", (step,)), answer)


def storing(connection: Connection, url: str, name: str) -> None:
    """Commits number after number to a store without a workspace, and says each once it is durable. Goes on until it
    is killed."""
    connection.send("opening")
    with closing(open_store(url)) as store:
        number = len(store.check_ins(name))
        while True:
            on = store.revision()
            with suppress(RevisionMoved):
                store.commit([stored(name, number, on + 1)], on, store.epoch)
                connection.send(Reported(name, number, on + 1))
                number += 1
