"""What was acknowledged survives kill -9: none lost, none twice, none half."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from graph_service.models.facts import AddCheckIn, PutNode
from graph_service.models.nodes import Objective
from graph_service.stores import open_store
from graph_service.stores.base import Store
from tests.processes import Parent, Process, forking, heard
from tests.writers import Reported, storing

WRITERS = ("ada", "grace", "mary", "joan")


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    """What the writers are forked from."""
    with forking() as made:
        yield made


def start(parent: Parent, url: str) -> list[Process]:
    return [parent.start(storing, url, name) for name in WRITERS]


def kill(writers: Sequence[Process], acknowledged: dict[str, int]) -> None:
    """Kills them all; what they had said by then was acknowledged too."""
    for writer in writers:
        writer.kill()
    for writer in writers:
        for message in writer.rest():
            if isinstance(message, Reported):
                acknowledged[message.lane] = message.number


def listen(writers: Sequence[Process], acknowledged: dict[str, int], word: type[object], times: int) -> None:
    """Waits until they have said so many words of a kind."""
    for _, message in heard(writers):
        if isinstance(message, Reported):
            acknowledged[message.lane] = message.number
        times -= isinstance(message, word)
        if not times:
            return


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


@pytest.mark.parametrize("part", range(2))
def test_killed_writers_lose_nothing_that_was_acknowledged(part: int, parent: Parent, tmp_path: Path) -> None:
    """Ten rounds in each of two parts, which may run side by side; in four of them recovery is killed too. A hundred
    are killed in the tests of the workspace, which is what acknowledges."""
    random = Random(part)
    url = f"sqlite:///{tmp_path}/company.db"
    acknowledged: dict[str, int] = {}
    kills = 0
    for number in range(10):
        before = sum(acknowledged.values())
        writers = start(parent, url)
        listen(writers, acknowledged, Reported, random.randint(1, 40))
        at_a_random_moment(random, 0.01)
        kill(writers, acknowledged)
        kills += 1
        assert sum(acknowledged.values()) > before, "each round must have something to lose"
        if number in {3, 8}:
            # Whoever opens the store now recovers it; killed in there, the next one has to.
            writers = start(parent, url)
            listen(writers, acknowledged, str, random.randint(1, 4))
            at_a_random_moment(random, 0.01)
            kill(writers, acknowledged)
            kills += 1
        with closing(open_store(url)) as store:
            check(store, acknowledged, kills)
    assert set(acknowledged) == set(WRITERS), "every writer should have got a word in"


def test_a_store_whose_making_was_killed_is_made_by_the_next(parent: Parent, tmp_path: Path) -> None:
    random = Random(7)
    empty = 0
    for number in range(20):
        url = f"sqlite:///{tmp_path}/{number}.db"
        acknowledged: dict[str, int] = {}
        writers = start(parent, url)
        listen(writers, acknowledged, str, 1)
        at_a_random_moment(random, 0.02)
        kill(writers, acknowledged)
        empty += not acknowledged
        with closing(open_store(url)) as store:
            check(store, acknowledged, 1)
    assert empty > 2, "some should have been killed before the store was made"
