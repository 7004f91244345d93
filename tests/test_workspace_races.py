"""One store, several processes: each follows the others, none loses what another wrote, and kill -9 loses nothing that
was acknowledged."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from graph_service.models.changes import CreateObjective
from graph_service.models.facts import AddCheckIn
from graph_service.models.nodes import Objective
from graph_service.models.words import LinkKind
from graph_service.workspace import Outcome, Workspace
from tests.processes import Parent, Process, forking, heard
from tests.stores.conftest import PLACES, SHARED
from tests.writers import LANES, Reported, company, counting, creating, doing, linking, reporting, seeing


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    """What the processes of these tests are forked from."""
    with forking() as made:
        yield made


@pytest.fixture(params=SHARED)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return PLACES[request.param](tmp_path)


def all_open(processes: Sequence[Process]) -> None:
    assert [process.hear() for process in processes] == ["open"] * len(processes)


def title_of(workspace: Workspace, id: str) -> str:
    with workspace.reading() as graph:
        fact = graph.nodes[id].fact
        assert isinstance(fact, Objective)
        return fact.title


# ---------- each follows the others ----------


def test_two_workspaces_of_one_process_follow_each_other(url: str) -> None:
    with Workspace.open(url) as one, Workspace.open(url) as other:
        for number in range(1, 21):
            writer, reader = (one, other) if number % 2 else (other, one)
            made = writer.commit([CreateObjective(id=f"goal {number}", title=f"Goal {number}")])
            assert made.revision == number
            with reader.reading() as graph:
                assert (graph.revision, len(graph.nodes)) == (number, number)
        assert one.verify() == other.verify() == []


def test_a_process_reads_what_another_has_committed(parent: Parent, url: str) -> None:
    writer, reader = parent.start(doing, url), parent.start(seeing, url)
    all_open([writer, reader])
    titles = []
    for number in range(1, 11):
        reader.tell(number)  # it waits from now on
        title = f"Goal {number:02}"
        writer.tell([CreateObjective(id=title, title=title)])
        assert writer.hear() == number
        titles.append(title)
        assert reader.hear() == titles
    for process in (writer, reader):
        process.tell(None)
        process.end()


def test_a_reader_waits_for_the_revision_of_another_process(parent: Parent, url: str) -> None:
    with Workspace.open(url) as workspace:
        writer = parent.start(doing, url)
        all_open([writer])
        for revision in range(1, 6):
            writer.tell([CreateObjective(title="Grow revenue")])
            with workspace.reading(at_least=revision, patience=60) as graph:
                assert graph.revision == revision
            assert writer.hear() == revision
        writer.tell(None)
        writer.end()


# ---------- races ----------


def test_no_update_of_racing_writers_is_lost(parent: Parent, url: str) -> None:
    with Workspace.open(url) as workspace:
        workspace.commit([CreateObjective(id="counter", title="0")])
        writers = [parent.start(counting, url, "counter", 50) for _ in range(4)]
        all_open(writers)
        for writer in writers:
            writer.tell("go")
        refused = [writer.hear() for writer in writers]
        for writer in writers:
            writer.end()
        assert title_of(workspace, "counter") == "200"
        with workspace.reading() as graph:
            assert graph.revision == 201
        assert workspace.verify() == []
    assert any(refused), "they should have met"


def test_a_ring_of_two_racing_processes_is_never_closed(parent: Parent, url: str) -> None:
    rounds = 120
    with Workspace.open(url) as workspace:
        workspace.commit(
            [CreateObjective(id=f"{end} {number}", title=end) for number in range(rounds) for end in ("left", "right")]
        )
        one, other = processes = [parent.start(linking, url) for _ in range(2)]
        all_open(processes)
        won = set()
        for number in range(rounds):
            left, right = f"left {number}", f"right {number}"
            said = [(one, (left, right)), (other, (right, left))]
            for process, link in said if number % 2 else reversed(said):  # each is told first at times
                process.tell(link)
            answers = one.hear(), other.hear()
            assert answers in [((), (right, left)), ((left, right), ())]
            won.add(answers.index(()))
            with workspace.reading() as graph:
                assert (graph.link(left, right, LinkKind.PARENT) is not None) == (answers[0] == ())
                assert (graph.link(right, left, LinkKind.PARENT) is not None) == (answers[1] == ())
        for process in processes:
            process.tell(None)
            process.end()
        with workspace.reading() as graph:
            assert len(graph.all_links()) == rounds
            assert graph.revision == 1 + rounds
        assert workspace.verify() == []
    assert won == {0, 1}, "each should have been first at times"


def test_what_two_processes_say_under_one_key_happens_once(parent: Parent, url: str) -> None:
    rounds = 40
    processes = [parent.start(creating, url) for _ in range(2)]
    all_open(processes)
    made: set[str] = set()
    for number in range(1, rounds + 1):
        for process in processes:
            process.tell((f"Goal {number}", f"key {number}"))
        one, other = (process.hear() for process in processes)
        assert isinstance(one, Outcome) and isinstance(other, Outcome)
        assert one._replace(replayed=True) == other._replace(replayed=True)
        assert (one.revision, {one.replayed, other.replayed}) == (number, {False, True})
        made.update(one.ids)
    for process in processes:
        process.tell(None)
        process.end()
    with Workspace.open(url) as workspace:
        with workspace.reading() as graph:
            assert graph.nodes.keys() == made
            assert len(made) == rounds
        assert workspace.verify() == []


# ---------- kill -9 ----------

ROUNDS = 25
AGAIN = ({8, 20}, {5, 11, 17}, {3, 14}, {6, 12, 22})
"""The rounds of each part after which recovery is killed too: ten in all."""


def at_a_random_moment(random: Random) -> None:
    """Lets a random time go by. Nothing is waited for: any moment is a good one to kill."""
    time.sleep(random.uniform(0, 0.005))


def start(parent: Parent, url: str, said: dict[str, list[int]]) -> list[Process]:
    """Four writers that go on where their lanes were last heard of."""
    first = {lane: len(said[lane]) for lane in LANES}
    names = sorted({lane.split()[0] for lane in LANES})
    return [
        parent.start(reporting, url, {lane: first[lane] for lane in LANES if lane.split()[0] == name}) for name in names
    ]


def listen(message: object, said: dict[str, list[int]]) -> int:
    """Notes what was acknowledged: how much that is."""
    if not isinstance(message, Reported):
        assert message in {"opening", "open"}
        return 0
    assert message.number == len(said[message.lane])
    said[message.lane].append(message.revision)
    return 1


def kill(processes: Sequence[Process], said: dict[str, list[int]]) -> None:
    """Kills them all; what they had said by then was acknowledged too."""
    for process in processes:
        process.kill()
    for process in processes:
        for message in process.rest():
            listen(message, said)


def check(workspace: Workspace, said: dict[str, list[int]]) -> None:
    """All that was acknowledged is there once, whole and at its revision; of each lane at most one commit more."""
    assert workspace.verify() == []
    with workspace.reading() as graph:
        for lane in LANES:
            goal = graph.goal(f"key result of {lane}")
            assert goal is not None
            there = [(one.id, one.value) for one in goal.check_ins]
            assert there == [(f"{lane} {number}", number) for number in range(len(there))]
            assert 0 <= len(there) - len(said[lane]) <= 1
            assert [one.revision for one in goal.check_ins][: len(said[lane])] == said[lane]
            title = f"{len(there) - 1} reported" if there else "nothing yet"
            assert graph.nodes[f"objective of {lane}"].fact == Objective(f"objective of {lane}", title)


@pytest.mark.parametrize("url", ["sqlite-file"], indirect=True)  # on servers see tests/stores/neo4j/test_faults.py
@pytest.mark.parametrize("part", range(4))
def test_kill_loses_nothing_that_was_acknowledged(part: int, parent: Parent, url: str) -> None:
    """25 rounds in each of four parts, which may run side by side; in ten of the hundred recovery is killed too."""
    random = Random(part)
    said: dict[str, list[int]] = {lane: [] for lane in LANES}
    with Workspace.open(url) as workspace:
        workspace.commit(company())
    for number in range(ROUNDS):
        processes = start(parent, url, said)
        left = random.randint(1, 60)
        for _, message in heard(processes):
            left -= listen(message, said)
            if not left:
                break
        at_a_random_moment(random)
        kill(processes, said)
        if number in AGAIN[part]:
            # Whoever opens the store now recovers it; killed in there, the next one has to.
            processes = start(parent, url, said)
            opening = random.randint(1, 4)
            for _, message in heard(processes):
                listen(message, said)
                opening -= message == "opening"
                if not opening:
                    break
            at_a_random_moment(random)
            kill(processes, said)
        with Workspace.open(url) as workspace:
            check(workspace, said)
    assert all(said.values()), "every lane should have got a word in"
    with Workspace.open(url) as workspace:
        logged = [
            fact.check_in.id
            for entry in workspace.store.changes(1)
            for step in entry.steps
            for fact in step.facts
            if isinstance(fact, AddCheckIn)
        ]
        assert len(logged) == len(set(logged))
        assert len(logged) == workspace.store.revision() - 1
