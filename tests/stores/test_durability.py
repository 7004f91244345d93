"""What was acknowledged survives kill -9: none lost, none twice, none half.

Started as a program, this file is the nursery of the writers that get killed: a small process that forks them, since
starting Python four times for each of a hundred rounds takes longer than all that they write.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Self

import pytest

from graph_service.errors import RevisionMoved
from graph_service.models.facts import AddCheckIn, Entry, PutNode, Step
from graph_service.models.nodes import CheckIn, Objective
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Remembered, Store

WRITERS = ("ada", "grace", "mary", "joan")
MONDAY = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
PATIENCE = 60.0


# ---------- the writers ----------


def numbered(name: str, number: int, revision: int) -> Draft:
    """A commit of facts that belong together: the goal says the number, a check-in reports it, a key answers it."""
    at = MONDAY + timedelta(seconds=revision)
    goal = Objective(name, f"Report {number}", description="x" * 300)
    check_in = CheckIn(f"{name}-{number}", name, at, "cli", revision, value=float(number))
    step = Step("checkInObjective", (name,), (PutNode(goal), AddCheckIn(check_in)))
    answer = Remembered(f"{name} {number}", b"digest", revision, f"{number}".encode(), at)
    return Draft(Entry(revision, at, name, "cli", (step,)), answer)


def say(line: str) -> None:
    """One line to whoever listens, at once and in one piece."""
    os.write(1, f"{line}\n".encode())


def write(url: str, name: str) -> None:
    """Goes on with number after number, and says each once it is durable, until it is killed."""
    say(f"{name} ready")
    with closing(open_store(url)) as store:
        number = len(store.check_ins(name))
        while True:
            on = store.revision()
            with suppress(RevisionMoved):
                store.commit([numbered(name, number, on + 1)], on)
                say(f"{name} {number}")
                number += 1


def nursery() -> None:
    """For each address on a line of its own, forks the writers and says their ids; at the next line buries them."""
    for url in sys.stdin:
        children = []
        for name in WRITERS:
            if (child := os.fork()) == 0:
                write(url.strip(), name)
            children.append(child)
        say(f"born {' '.join(map(str, children))}")
        sys.stdin.readline()
        ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        # they wrote into the same pipe, so this comes after all that they said
        say(f"buried {' '.join(map(str, ends))}")


class Writers:
    """Four processes that write, killed and born again round after round."""

    def __init__(self, errors: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with errors.open("wb") as file:
            self._nursery = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, env=environment
            )
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._to, self._from = self._nursery.stdin, self._nursery.stdout
        self._errors = errors
        self._said = b""
        self._alive: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._alive:
            self.kill()
        self._to.close()
        self._from.close()
        assert self._nursery.wait(PATIENCE) == 0

    def start(self, url: str) -> None:
        """Starts them on a store."""
        self._said = b""
        self._tell(url)
        self._alive = [int(child) for child in self.hear(r"^born (.*)$", 1)[0].split()]

    def hear(self, pattern: str, times: int) -> list[str]:
        """Waits until so many lines that match have been said; all matches up to now."""
        until = time.monotonic() + PATIENCE
        while len(found := re.findall(pattern, self._said.decode(), re.MULTILINE)) < times:
            assert time.monotonic() < until, f"too little in {PATIENCE} s: {self._said!r} {self._errors.read_text()}"
            self._said += os.read(self._from.fileno(), 65536)
        return found

    def kill(self) -> dict[str, int]:
        """Kills them all; the last number that each one acknowledged."""
        for child in self._alive:
            os.kill(child, signal.SIGKILL)
        self._alive = []
        self._tell("bury")
        [ends] = self.hear(r"^buried (.*)$", 1)
        assert ends == "-9 -9 -9 -9", self._errors.read_text()
        return {name: int(number) for name, number in re.findall(r"^(\w+) (\d+)$", self._said.decode(), re.MULTILINE)}

    def _tell(self, line: str) -> None:
        self._to.write(f"{line}\n".encode())
        self._to.flush()


def at_a_random_moment(random: Random, most: float) -> None:
    """Lets a random time of at most so many seconds go by. Nothing is waited for: any moment is a good one to kill."""
    time.sleep(random.uniform(0, most))


# ---------- what must be there ----------


def check(store: Store, acknowledged: dict[str, int], kills: int) -> None:
    """Everything acknowledged is there, once and whole; of each writer at most one commit more a kill, whole too."""
    assert store.verify() == []
    snapshot = store.load()
    reported = Counter(one.id for one in snapshot.check_ins)
    logged: Counter[str] = Counter()
    for entry in store.changes(0):
        [step] = entry.steps
        [put, added] = step.facts
        assert isinstance(put, PutNode)
        assert isinstance(added, AddCheckIn)
        logged[added.check_in.id] += 1
    assert reported == logged
    titles = {node.id: node.title for node, _ in snapshot.nodes if isinstance(node, Objective)}
    for name in WRITERS:
        there = sum(one.startswith(f"{name}-") for one in reported)
        surely = acknowledged.get(name, -1) + 1
        assert surely <= there <= surely + kills
        assert all(reported[f"{name}-{number}"] == 1 for number in range(there))
        assert titles.get(name) == (f"Report {there - 1}" if there else None)
        for number in range(there):
            known = store.remembered(f"{name} {number}")
            assert known is not None
            assert known.answer == str(number).encode()
        assert store.remembered(f"{name} {there}") is None


@pytest.mark.parametrize("part", range(4))
def test_killed_writers_lose_nothing_that_was_acknowledged(part: int, tmp_path: Path) -> None:
    """25 rounds in each of four parts, which may run side by side; in ten of the hundred, recovery is killed too."""
    random = Random(part)
    url = f"sqlite:///{tmp_path}/company.db"
    acknowledged: dict[str, int] = {}
    recoveries = {5, 11, 17} if part % 2 else {8, 20}
    kills = 0
    with Writers(tmp_path / "errors.txt") as writers:
        for number in range(25):
            before = sum(acknowledged.values())
            writers.start(url)
            writers.hear(r"^\w+ \d+$", random.randint(1, 40))
            at_a_random_moment(random, 0.01)
            acknowledged |= writers.kill()
            kills += 1
            assert sum(acknowledged.values()) > before, "each round must have something to lose"
            if number in recoveries:
                # Whoever opens the store now recovers it; killed in there, the next one has to.
                writers.start(url)
                writers.hear(r"ready$", random.randint(1, 4))
                at_a_random_moment(random, 0.01)
                acknowledged |= writers.kill()
                kills += 1
            with closing(open_store(url)) as store:
                check(store, acknowledged, kills)
    assert set(acknowledged) == set(WRITERS), "every writer should have got a word in"


def test_a_store_whose_making_was_killed_is_made_by_the_next(tmp_path: Path) -> None:
    random = Random(7)
    empty = 0
    with Writers(tmp_path / "errors.txt") as writers:
        for number in range(40):
            url = f"sqlite:///{tmp_path}/{number}.db"
            writers.start(url)
            writers.hear(r"ready$", 1)
            at_a_random_moment(random, 0.02)
            acknowledged = writers.kill()
            empty += not acknowledged
            with closing(open_store(url)) as store:
                check(store, acknowledged, 1)
    assert empty > 5, "some should have been killed before the store was made"


if __name__ == "__main__":
    nursery()
