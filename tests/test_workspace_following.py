"""Following a workspace: one event a revision, live and made again from the log, whoever wrote it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random

import pytest

from graph_service.errors import Invalid, Limit, Refusal, StoreUnavailable
from graph_service.models.changes import (
    Change,
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    CreatePerson,
    ErasePersonForGood,
    UpdatePerson,
    UpdateWorkspace,
)
from graph_service.models.facts import Entry
from graph_service.stores import open_store
from graph_service.stores.base import Store
from graph_service.workspace import Changed, Workspace, following
from graph_service.workspace.following import Event, Following
from graph_service.workspace.replay import replayed
from tests.alignment.random_company import ids
from tests.processes import PATIENCE, forking
from tests.staged import MONDAY, raising, staged
from tests.test_workspace_history import PEOPLE, history
from tests.writers import doing

COMPANY: list[Change] = [
    CreateObjective(id="grow revenue", title="Grow revenue", level="organization"),
    CreateKeyResult(id="sell licences", objective_id="grow revenue", title="Sell licences", baseline=0.0, target=8.0),
    CreateKeyResult(id="keep customers", objective_id="grow revenue", title="Keep customers", baseline=0.0, target=8.0),
]

Told = tuple[str, int, datetime, str, str, list[Changed], Entry]


def told(event: Event, store: Store) -> Told:
    """All that an event says."""
    assert list(event.changed) == sorted(event.changed)
    entry = event.entry(store)
    return event.epoch, event.revision, event.at, event.by, event.source, list(event.changed.values()), entry


class Listening:
    """An ear that keeps what it hears."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Event | None] = SimpleQueue()

    def __call__(self, event: Event | None) -> None:
        self._heard.put(event)

    def next(self) -> Event | None:
        """The next thing that it heard, waited for."""
        return self._heard.get(timeout=PATIENCE)

    def rest(self) -> list[Event | None]:
        """All that it has heard by now."""
        found: list[Event | None] = []
        while True:
            try:
                found.append(self._heard.get_nowait())
            except Empty:
                return found


@contextmanager
def followed(
    url: str = "sqlite://", *, back: int = 10_000, interval: float = 0.02, clock: Callable[[], datetime] | None = None
) -> Iterator[tuple[Workspace, Following, Listening]]:
    """A workspace that holds the company, and somebody who has followed it since."""
    with Workspace(open_store(url), clock=clock or (lambda: MONDAY), new_id=ids()) as workspace:
        if workspace.store.revision() == 0:
            workspace.commit(COMPANY, by="ines")
        follower, ear = Following(workspace, back=back, interval=interval), Listening()
        follower.listen(ear)
        yield workspace, follower, ear
        follower.leave(ear)


def sold(value: float) -> list[Change]:
    return [CheckInKeyResult(key_result_id="sell licences", value=value)]


def revisions(events: list[Event] | None) -> list[int]:
    assert events is not None
    return [event.revision for event in events]


# ---------- live ----------


def test_a_commit_is_told_with_what_it_moved() -> None:
    with followed() as (workspace, _, ear):
        outcome = workspace.commit(sold(4.0), by="ada", source="cli")
        [event] = ear.rest()
        assert event is not None
        assert (event.epoch, event.revision, event.at) == (workspace.epoch, 2, MONDAY)
        assert (event.by, event.source) == ("ada", "cli")
        assert tuple(event.changed.values()) == outcome.changed
        assert list(event.changed) == ["grow revenue", "sell licences"]
        [step] = event.entry(workspace.store).steps
        assert (step.kind, step.input) == ("checkInKeyResult", {"keyResultId": "sell licences", "value": 4.0})


def test_a_refused_commit_is_not_told() -> None:
    with followed() as (workspace, _, ear):
        with pytest.raises(Refusal):
            workspace.commit([CheckInKeyResult(key_result_id="nothing", value=1.0)])
        assert ear.rest() == []


def test_what_another_process_commits_is_told_without_being_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with followed(url) as (_, follower, ear), forking() as parent:
        other = parent.start(doing, url)
        assert other.hear() == "open"
        for value in (1.0, 2.0, 3.0):
            other.tell(sold(value))
        heard = [ear.next() for _ in range(3)]
        assert [event.revision for event in heard if event is not None] == [2, 3, 4]
        assert revisions(follower.recent(follower.epoch, 1, 10)) == [2, 3, 4]
        other.tell(None)
        assert [other.hear() for _ in range(3)] == [2, 3, 4]
        other.end()


def test_nobody_looks_for_news_while_nobody_follows(tmp_path: Path) -> None:
    def looking() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name == "workspace-following"]

    with followed(f"sqlite:///{tmp_path}/company.db") as (workspace, follower, ear):
        second = Listening()
        follower.listen(second)
        [thread] = looking()
        follower.leave(ear)
        assert looking() == [thread]
        follower.leave(second)
        thread.join(PATIENCE)
        assert looking() == []
        workspace.commit(sold(1.0))
        assert (ear.rest(), second.rest()) == ([], [])
        # what happened meanwhile is kept all the same
        follower.listen(ear)
        assert revisions(follower.recent(follower.epoch, 1, 10)) == [2]


def test_a_store_that_is_gone_for_a_while_is_noted_once_and_nothing_is_missed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    back, gone = threading.Event(), raising(StoreUnavailable("the disk is gone"))
    with staged(url) as (store, workspace), Workspace.open(url) as other:
        workspace.commit(COMPANY)
        follower, ear = Following(workspace, interval=0.001), Listening()
        follower.listen(ear)
        with caplog.at_level(logging.ERROR):
            store.looking.extend([gone, gone, gone, back.set])
            assert back.wait(PATIENCE)
        assert [record.getMessage() for record in caplog.records] == [
            "those who follow hear nothing for now: the disk is gone"
        ]
        other.commit(sold(1.0))
        event = ear.next()
        assert event is not None
        assert event.revision == 2
        follower.leave(ear)


# ---------- the ring ----------


def test_only_so_many_revisions_are_kept_and_told_again() -> None:
    with followed(back=3) as (workspace, follower, _):
        for value in (1.0, 2.0, 3.0, 4.0):
            workspace.commit(sold(value))
        epoch = follower.epoch
        assert revisions(follower.recent(epoch, 2, 10)) == [3, 4, 5]
        assert revisions(follower.recent(epoch, 2, 2)) == [3, 4]
        assert follower.recent(epoch, 5, 10) == []
        assert follower.recent(epoch, 1, 10) is None
        with pytest.raises(Limit, match="after 1 lies 4 revisions back, and only 3 can be told again"):
            follower.since(epoch, 1)


def test_events_that_name_too_many_goals_make_room_but_for_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "GOALS", 4)
    with followed() as (workspace, follower, _):
        workspace.commit(sold(1.0))  # moves two goals
        workspace.commit(sold(2.0))
        epoch = follower.epoch
        assert follower.recent(epoch, 1, 10) is None
        assert revisions(follower.recent(epoch, 2, 10)) == [3]
        with pytest.raises(Limit, match="what happened after 0 concerns more than 4 goals"):
            follower.since(epoch, 0)
        assert revisions(follower.recent(epoch, 2, 10)) == [3]


def test_what_was_before_is_made_again_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(store: Store, after: int, upto: int) -> Iterator[tuple[Entry, tuple[Changed, ...]]]:
        made.append(after)
        return replayed(store, after, upto)

    monkeypatch.setattr(following, "replayed", counted)
    with Workspace.open("sqlite://", clock=lambda: MONDAY) as workspace:
        workspace.commit(COMPANY)
        for value in (1.0, 2.0, 3.0):
            workspace.commit(sold(value))
        follower, ear = Following(workspace), Listening()
        follower.listen(ear)
        assert follower.recent(follower.epoch, 1, 10) is None
        found: SimpleQueue[list[int]] = SimpleQueue()
        threads = [
            threading.Thread(target=lambda: found.put(revisions(follower.since(follower.epoch, 1)))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        assert [found.get(timeout=PATIENCE) for _ in threads] == [[2, 3, 4]] * 4
        assert made == [1]
        workspace.commit(sold(4.0))
        assert revisions(follower.recent(follower.epoch, 1, 10)) == [2, 3, 4, 5]
        follower.leave(ear)


# ---------- other histories ----------


def test_after_a_restore_nothing_of_the_other_history_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with followed(url) as (workspace, follower, ear):
        saved = list(workspace.store.backup(MONDAY))
        workspace.commit(sold(1.0))
        before = follower.epoch
        assert revisions([event for event in ear.rest() if event]) == [2]
        with closing(open_store(url)) as other:
            other.restore(saved, MONDAY, "ines")
        assert ear.next() is None
        assert follower.epoch != before
        with pytest.raises(Invalid, match="the store was restored"):
            follower.recent(before, 1, 10)
        with pytest.raises(Invalid, match="the store was restored"):
            follower.since(before, 1)
        workspace.commit(sold(2.0))
        event = ear.next()
        assert event is not None
        assert (event.epoch, event.revision) == (follower.epoch, 2)


def test_a_graph_that_is_loaded_anew_where_it_stood_has_missed_nothing() -> None:
    with followed() as (workspace, _, ear):
        workspace.commit(sold(1.0))
        with workspace.reading() as graph:
            graph.apply([], 7)  # a supposition that is not taken back
        workspace.commit(sold(2.0))
        assert [None if event is None else event.revision for event in ear.rest()] == [2, 3]


def test_events_that_a_graph_loaded_anew_has_missed_are_found_in_the_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with followed(url, interval=60) as (workspace, follower, ear), Workspace.open(url) as other:
        workspace.commit(sold(1.0))
        with workspace.reading() as graph:
            graph.apply([], 7)
            other.commit(sold(2.0))
        assert workspace.follow() == 3
        workspace.commit(sold(3.0))
        assert [None if event is None else event.revision for event in ear.rest()] == [2, None, 4]
        assert follower.recent(follower.epoch, 2, 10) is None
        assert revisions(follower.since(follower.epoch, 2)) == [3]
        assert revisions(follower.recent(follower.epoch, 2, 10)) == [3, 4]


# ---------- people ----------


def test_an_erased_person_is_erased_from_what_is_kept() -> None:
    with followed() as (workspace, follower, _):
        workspace.commit([CreatePerson(id="ada", name="Ada Lovelace", email="ada@example.com")])
        [event] = follower.since(follower.epoch, 1)
        assert "Ada Lovelace" in repr(event.entry(workspace.store))
        workspace.commit([UpdatePerson(id="ada", name="Countess"), ErasePersonForGood(id="ada")])
        created, erased = follower.since(follower.epoch, 1)
        assert created is event
        for one in (created, erased):
            entry = one.entry(workspace.store)
            assert "Ada" not in repr(entry)
            assert "Countess" not in repr(entry)
            assert "ada@example.com" not in repr(entry)
        assert [fact.node.erased for fact in created.entry(workspace.store).steps[0].facts] == [True]  # type: ignore[union-attr]


# ---------- live is as from the log ----------


def check(url: str, seed: int, goals: int, more: int) -> tuple[int, int]:
    """Lives through a history with somebody who follows, and compares with what the log says; how many events there
    were, and how many goals they moved."""
    random = Random(seed)
    day = MONDAY

    def clock() -> datetime:
        nonlocal day
        day += timedelta(minutes=random.choice((1, 30, 600)))
        return day

    with followed(url, clock=clock) as (workspace, _, ear), Workspace.open(url, clock=clock) as other:
        zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin")
        for number, group in enumerate(history(random, goals, more)):
            if number % 17 == 3:
                group = [UpdateWorkspace(time_zone=random.choice(zones))]
            elif number % 29 == 5:
                group = [ErasePersonForGood(id=random.choice(PEOPLE))]
            past = MONDAY + timedelta(hours=random.randrange(2_000)) if random.random() < 0.2 else None
            one = random.choice((workspace, workspace, other))
            try:
                one.commit(group, importing=random.random() < 0.2, at=past, want_changed=random.random() < 0.8)
            except Refusal:
                continue
        newest = workspace.follow()
        live = [told(event, workspace.store) for event in ear.rest() if event is not None]
        assert [revision for _, revision, *_ in live] == list(range(2, newest + 1))
        for after in (0, 1, newest // 2, newest - 1):
            fresh = Following(workspace)
            fresh.listen(ear)
            again = [told(event, workspace.store) for event in fresh.since(fresh.epoch, after)]
            assert again[1 if after == 0 else 0 :] == live[max(after - 1, 0) :]
            fresh.leave(ear)
        kinds = {step.kind for *_, entry in live for step in entry.steps}
        assert {"erasePerson", "updateWorkspace", "removeGoal"} <= kinds
        return len(live), sum(len(changed) for *_, changed, _ in live)


@pytest.mark.parametrize("seed", range(6))
def test_events_are_the_same_live_and_from_the_log(tmp_path: Path, seed: int) -> None:
    events, moved = check(f"sqlite:///{tmp_path}/company.db", seed, goals=5, more=90)
    assert events > 30
    assert moved > 20


def test_the_events_of_a_long_history_are_the_same_live_and_from_the_log(tmp_path: Path) -> None:
    events, moved = check(f"sqlite:///{tmp_path}/company.db", seed=7, goals=15, more=1_000)
    assert events > 250
    assert moved > 100
