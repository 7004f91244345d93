"""Following findings: what each revision and each day has done to them, live and made again from the log."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from random import Random

import pytest

from graph_service.alignment.audit.current import found_on
from graph_service.alignment.audit.report import Finding
from graph_service.alignment.vertices import Vertex
from graph_service.alignment.viewer import Viewer
from graph_service.errors import Fault, Invalid, Limit, Refusal, StoreUnavailable
from graph_service.models.changes import (
    AssignOwner,
    Change,
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    CreatePeriod,
    CreatePerson,
    ErasePersonForGood,
    UpdateObjective,
    UpdateWorkspace,
)
from graph_service.models.facts import Entry
from graph_service.stores import open_store
from graph_service.workspace import Workspace, noticing
from graph_service.workspace.following import Following
from graph_service.workspace.noticing import Noticed, Noticing
from tests.alignment.random_company import ids
from tests.processes import PATIENCE, forking
from tests.staged import MONDAY, raising, staged
from tests.test_workspace_history import history
from tests.writers import doing

DAY = MONDAY.date()

COMPANY: list[Change] = [
    CreatePeriod(id="q1", title="First quarter", start=date(2026, 1, 1), end=date(2026, 2, 17)),
    CreatePerson(id="ada", name="Ada Lovelace", email="ada@example.com"),
    CreateObjective(
        id="grow revenue",
        title="Grow revenue",
        description="So that we can hire.",
        level="organization",
        period_id="q1",
        owner_id="ada",
    ),
    *[
        CreateKeyResult(id=name, objective_id="grow revenue", title=name.title(), baseline=0, target=8, unit="licences")
        for name in ("sell licences", "keep licences", "renew licences")
    ],
]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


class Listening:
    """An ear that keeps what it hears."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Noticed | None] = SimpleQueue()

    def __call__(self, noticed: Noticed | None) -> None:
        self._heard.put(noticed)

    def next(self) -> Noticed:
        """The next step, waited for."""
        found = self._heard.get(timeout=PATIENCE)
        assert found is not None
        return found

    def begun(self) -> None:
        """Waits until it is to look in the log: the beginning, or a restore."""
        assert self._heard.get(timeout=PATIENCE) is None

    @property
    def quiet(self) -> bool:
        """Whether it has heard nothing more."""
        return self._heard.empty()


@contextmanager
def noticed_in(
    url: str = "sqlite://", *, clock: Callable[[], datetime] | None = None, company: list[Change] | None = None
) -> Iterator[tuple[Workspace, Noticing, Listening]]:
    """A workspace that holds the company, and somebody who has followed its findings since."""
    with Workspace(open_store(url), clock=clock or (lambda: MONDAY), new_id=ids()) as workspace:
        if workspace.store.revision() == 0:
            workspace.commit(COMPANY if company is None else company, by="ines")
        follower = Noticing(workspace, Following(workspace), look=0.01, linger=0)
        ear = Listening()
        follower.listen(ear)
        ear.begun()
        yield workspace, follower, ear
        follower.leave(ear)


def reported(value: float, name: str = "sell licences") -> list[Change]:
    return [CheckInKeyResult(key_result_id=name, value=value)]


def told(noticed: Noticed) -> tuple[int, date, list[str], list[str], list[str]]:
    """Revision, day, and what appeared, is gone and has changed, in words."""
    appeared, gone, changed = noticed.difference
    return (
        noticed.revision,
        noticed.as_of,
        [words(one) for one in appeared],
        [words(one) for one in gone],
        [words(one.now) for one in changed],
    )


def words(one: Finding) -> str:
    return f"{one.rule} {one.subject.id}"


def identity(one: Finding) -> tuple[str, str | None]:
    return one.fingerprint, None if one.owner is None else one.owner.id


def places(steps: list[Noticed] | None) -> list[tuple[int, int]]:
    assert steps is not None
    return [(one.revision, one.as_of.toordinal() - DAY.toordinal()) for one in steps]


# ---------- live ----------


def test_a_revision_is_told_with_what_appeared_and_what_is_gone() -> None:
    with noticed_in() as (workspace, _, ear):
        workspace.commit(reported(-2.0))
        step = ear.next()
        assert (step.epoch, step.at) == (workspace.epoch, MONDAY)
        assert told(step) == (
            2,
            DAY,
            ["NEGATIVE sell licences"],
            ["STUCK_AT_ZERO sell licences", "STALE_CHECK_IN sell licences"],
            [],
        )
        workspace.commit(reported(-4.0))
        step = ear.next()
        assert told(step) == (3, DAY, [], [], ["NEGATIVE sell licences"])
        [change] = step.difference.changed
        assert (change.before.facts["raw"], change.now.facts["raw"]) == (-0.25, -0.5)
        workspace.commit(reported(1.0))
        assert told(ear.next()) == (4, DAY, [], ["NEGATIVE sell licences"], [])


def test_a_revision_that_does_nothing_to_findings_is_told_as_well() -> None:
    with noticed_in() as (workspace, _, ear):
        workspace.commit([UpdateObjective(id="grow revenue", title="Grow the revenue")])
        assert told(ear.next()) == (2, DAY, [], [], [])


def test_what_another_process_commits_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with noticed_in(url) as (_, _, ear), forking() as parent:
        other = parent.start(doing, url)
        assert other.hear() == "open"
        for change in (reported(-1.0), [AssignOwner(goal_id="grow revenue", owner_id=None)]):
            other.tell(change)
        day, first, second = ear.next(), ear.next(), ear.next()
        assert (day.revision, day.at) == (1, None), "its clock is not ours"
        assert (first.revision, words(first.difference.appeared[0])) == (2, "NEGATIVE sell licences")
        assert (second.revision, words(second.difference.appeared[0])) == (3, "NO_OWNER grow revenue")
        other.tell(None)
        assert [other.hear() for _ in range(2)] == [2, 3]
        other.end()


def test_findings_that_a_day_brings_are_told_when_it_begins() -> None:
    clock = Clock()
    with noticed_in(clock=clock) as (workspace, _, ear):
        clock.now += timedelta(days=2)  # the quarter is over
        step = ear.next()
        assert step.at is None
        assert told(step)[:3] == (1, DAY + timedelta(days=2), ["OVERDUE grow revenue"])
        assert [one for one in told(step)[3] if not one.startswith(("STUCK", "STALE"))] == []
        workspace.commit(reported(1.0))
        assert told(ear.next())[:3] == (2, DAY + timedelta(days=2), [])


def test_what_days_have_done_is_told_before_the_revision_of_another_day() -> None:
    with noticed_in() as (workspace, _, ear):
        workspace.commit(reported(1.0), at=MONDAY + timedelta(hours=23), importing=True)
        day, revision = ear.next(), ear.next()
        assert (day.revision, day.as_of, day.at) == (1, DAY + timedelta(days=1), None)
        assert (revision.revision, revision.as_of) == (2, DAY + timedelta(days=1))
        assert revision.at == MONDAY + timedelta(hours=23)
        assert revision.before == day.place
        workspace.commit(reported(2.0), at=MONDAY - timedelta(days=3), importing=True)
        assert ear.next().as_of == DAY + timedelta(days=1), "days do not go back"


def test_the_day_is_that_of_the_workspace() -> None:
    clock = Clock()
    with noticed_in(clock=clock) as (workspace, _, ear):
        workspace.commit([UpdateWorkspace(time_zone="Pacific/Kiritimati")])  # Monday, 23:30 there
        assert ear.next().as_of == DAY
        clock.now += timedelta(hours=1)
        assert ear.next().as_of == DAY + timedelta(days=1)


# ---------- gone on from ----------


def test_who_comes_again_hears_what_was_missed_from_any_place() -> None:
    clock = Clock()
    with noticed_in(clock=clock) as (workspace, follower, ear):
        for value in (1.0, 2.0):
            workspace.commit(reported(value))
            ear.next()
        clock.now += timedelta(days=1)
        ear.next()
        workspace.commit(reported(3.0))
        ear.next()
        epoch, day = follower.workspace.epoch, DAY.toordinal()
        assert places(follower.recent(epoch, (1, day), 10)) == [(2, 0), (3, 0), (3, 1), (4, 1)]
        assert places(follower.recent(epoch, (1, day), 2)) == [(2, 0), (3, 0)]
        assert places(follower.recent(epoch, (3, day), 10)) == [(3, 1), (4, 1)]
        assert places(follower.recent(epoch, (3, day + 1), 10)) == [(4, 1)]
        assert follower.recent(epoch, (4, day + 1), 10) == []
        # The trail was not there: what lies between is made from the log.
        assert follower.recent(epoch, (3, day - 2), 10) is None
        [step] = follower.since(epoch, (3, day - 2))
        assert (step.revision, step.before, step.place) == (3, (3, day - 2), (3, day))
        assert places(follower.since(epoch, (0, day))) == [(1, 0)]
        assert places(follower.recent(epoch, (0, day), 10)) == [(1, 0), (2, 0), (3, 0), (3, 1), (4, 1)], "kept now"


def test_what_was_before_the_process_began_is_told_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with noticed_in(url) as (workspace, _, ear):
        workspace.commit(reported(-1.0))
        workspace.commit(reported(1.0))
        live = [told(ear.next()), told(ear.next())]
    with noticed_in(url) as (workspace, follower, _):
        assert [told(one) for one in follower.since(workspace.epoch, (1, DAY.toordinal()))] == live


def test_only_so_much_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with noticed_in() as (workspace, follower, ear):
        for value in (1.0, -1.0, 1.0, -1.0):
            workspace.commit(reported(value))
        for _ in range(4):
            ear.next()
        epoch, day = workspace.epoch, DAY.toordinal()
        monkeypatch.setattr(noticing, "FINDINGS", 3)
        with pytest.raises(Limit, match="what happened after 0 concerns more than 3 findings"):
            follower.since(epoch, (0, day))
        follower.back = 0
        with pytest.raises(Limit, match="after 0 lies 1 revisions back, and only 0 can be told again"):
            follower.since(epoch, (0, day))
        workspace.commit(reported(1.0))
        ear.next()
        assert follower.recent(epoch, (4, day), 10) is None, "only so many are kept"


def test_findings_that_are_too_many_make_room_but_for_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noticing, "FINDINGS", 2)
    with noticed_in() as (workspace, follower, ear):
        for value in (-1.0, 1.0):
            workspace.commit(reported(value))
            ear.next()
        assert places(follower.recent(workspace.epoch, (2, DAY.toordinal()), 10)) == [(3, 0)]
        assert follower.recent(workspace.epoch, (1, DAY.toordinal()), 10) is None


# ---------- other histories, and a store that is lost ----------


def test_after_a_restore_nothing_of_the_other_history_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    with noticed_in(url) as (workspace, follower, ear):
        saved = list(workspace.store.backup(MONDAY))
        workspace.commit(reported(-1.0))
        ear.next()
        before = workspace.epoch
        with closing(open_store(url)) as other:
            other.restore(saved, MONDAY, "ines")
        ear.begun()
        with pytest.raises(Invalid, match="the store was restored"):
            follower.recent(before, (1, DAY.toordinal()), 10)
        with pytest.raises(Invalid, match="the store was restored"):
            follower.since(before, (1, DAY.toordinal()))
        workspace.commit(reported(-1.0))
        step = ear.next()
        assert (step.epoch, step.revision) == (workspace.epoch, 2)
        assert step.epoch != before


def test_a_store_that_is_lost_for_a_while_is_noted_once_and_nothing_is_missed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = raising(StoreUnavailable("the disk is gone"))
    with staged(f"sqlite:///{tmp_path}/company.db") as (store, workspace):
        workspace.commit(COMPANY)
        follower, ear = Noticing(workspace, Following(workspace, interval=60), look=0.01, linger=0), Listening()
        follower.listen(ear)
        ear.begun()
        with caplog.at_level(logging.ERROR):
            store.following.extend([gone, gone, gone])
            workspace.commit(reported(-1.0))
            step = ear.next()
        assert (step.revision, [words(one) for one in step.difference.appeared]) == (2, ["NEGATIVE sell licences"])
        assert [record.getMessage() for record in caplog.records] == [
            "those who follow findings hear nothing for now: the disk is gone"
        ]
        follower.leave(ear)


def test_who_waits_for_a_store_that_cannot_be_read_hears_why(tmp_path: Path) -> None:
    with staged(f"sqlite:///{tmp_path}/company.db") as (store, workspace):
        workspace.commit(COMPANY)
        store.loading.extend([raising(StoreUnavailable("the disk is gone"))] * 10_000)
        follower, ear = Noticing(workspace, Following(workspace), look=0.01, linger=0), Listening()
        follower.listen(ear)
        assert follower.recent(workspace.epoch, (1, DAY.toordinal()), 10) is None
        with pytest.raises(StoreUnavailable, match="the disk is gone"):
            follower.since(workspace.epoch, (1, DAY.toordinal()))
        store.loading.clear()
        ear.begun()
        assert follower.since(workspace.epoch, (1, DAY.toordinal())) == []
        follower.leave(ear)


def test_a_fault_of_our_own_is_logged_and_findings_are_found_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with noticed_in() as (workspace, _, ear):
        take = noticing.Trail.take
        faults = iter([True])

        def broken(trail: noticing.Trail, entry: Entry, names: dict[str, str]) -> list[Noticed]:
            if next(faults, False):
                raise ValueError("a nasty entry")
            return take(trail, entry, names)

        monkeypatch.setattr(noticing.Trail, "take", broken)
        workspace.commit(reported(-1.0))
        ear.begun()  # it stands at the newest revision again; who follows looks in the log
        workspace.commit(reported(1.0))
        assert ear.next().revision == 3
        assert "findings could not be followed, and are found anew" in caplog.text


def test_the_graph_is_let_go_when_nobody_follows() -> None:
    def leading() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name == "workspace-noticing"]

    with noticed_in() as (workspace, follower, ear):
        [thread] = leading()
        follower.leave(ear)
        thread.join(PATIENCE)
        assert leading() == []
        assert follower.recent(workspace.epoch, (1, DAY.toordinal()), 10) is None
        with pytest.raises(Fault, match="nobody follows findings any more"):
            follower.since(workspace.epoch, (1, DAY.toordinal()))
        workspace.commit(reported(-1.0))
        follower.listen(ear)
        ear.begun()
        [step] = follower.since(workspace.epoch, (1, DAY.toordinal()))
        assert words(step.difference.appeared[0]) == "NEGATIVE sell licences"


# ---------- people who are erased ----------


def test_an_erased_person_is_erased_from_what_is_kept() -> None:
    twins: list[Change] = [CreatePerson(id="twin", name="ada  lovelace")]
    with noticed_in(company=[*COMPANY, *twins]) as (workspace, follower, ear):
        workspace.commit([CreateObjective(id="teach", title="Teach Ada Lovelace", owner_id="ada", period_id="q1")])
        first = ear.next()
        assert "Ada Lovelace" in repr(first.difference)
        workspace.commit([ErasePersonForGood(id="ada")])
        erased = ear.next()
        assert "DUPLICATE_OWNER ada" in told(erased)[3]
        assert "OWNER_INACTIVE grow revenue" in told(erased)[2]
        for one in follower.since(workspace.epoch, (1, DAY.toordinal())):
            assert "Lovelace" not in repr(
                [
                    (it.message, it.facts, it.owner, it.subject)
                    for it in (*one.difference.appeared, *one.difference.gone)
                    if it.subject.id != "twin"
                ]
            )


# ---------- who sees less ----------


class Short(Viewer):
    """Somebody who does not see one node."""

    def sees(self, vertex: Vertex) -> bool:
        """Whether it is another one."""
        return vertex.fact.id != "sell licences"


def test_who_may_not_see_a_goal_hears_nothing_of_it() -> None:
    with noticed_in() as (workspace, follower, _):
        short = Noticing(workspace, follower.following, Short(), look=0.01, linger=0)
        ear = Listening()
        short.listen(ear)
        ear.begun()
        workspace.commit(reported(-1.0))
        assert told(ear.next()) == (2, DAY, [], [], [])
        workspace.commit(reported(-1.0, "keep licences"))
        assert told(ear.next())[2] == ["NEGATIVE keep licences"]
        short.leave(ear)


# ---------- live is as from the log, and leads from one audit to another ----------


@pytest.mark.parametrize("seed", range(5))
def test_steps_lead_from_audit_to_audit_and_are_the_same_from_the_log(tmp_path: Path, seed: int) -> None:
    url = f"sqlite:///{tmp_path}/company.db"
    random = Random(seed)
    clock = Clock()
    begin: list[Change] = [CreatePeriod(id="before", title="The year before")]
    with (
        noticed_in(url, clock=clock, company=begin) as (workspace, follower, ear),
        Workspace.open(url, clock=clock) as other,
    ):
        epoch, began = workspace.epoch, follower._places[0]
        newest = 1
        steps: list[Noticed] = []
        for group in history(random, 5, 90):
            clock.now += timedelta(minutes=random.choice((1, 30, 300)))
            try:
                one = random.choice((workspace, other))
                newest = one.commit(group, importing=random.random() < 0.2).revision
            except Refusal:
                continue
            while not steps or steps[-1].revision < newest:  # before the clock moves on
                steps.append(ear.next())
        assert newest > 20
        assert [one.revision for one in steps if one.at is not None] == list(range(2, newest + 1))
        assert any(one.at is None for one in steps)
        for before, after in zip([None, *steps], steps, strict=False):
            assert after.before == (began if before is None else before.place)
        # put together, they lead from the first audit to the last
        with workspace.reading() as graph:
            last = found_on(graph, workspace.audit_rules, steps[-1].as_of).standing
        standing: Counter[tuple[str, str | None]] = Counter()
        for step in steps:
            appeared, gone, changed = step.difference
            for found in (*gone, *(it.before for it in changed)):
                standing[identity(found)] -= 1
                assert standing[identity(found)] >= 0
            standing.update([identity(found) for found in (*appeared, *(it.now for it in changed))])
        assert +standing == Counter(identity(found) for found in last)
        # another process makes the same of the log
        fresh = Noticing(other, Following(other), look=0.01, linger=0)
        hearing = Listening()
        fresh.listen(hearing)
        hearing.begun()
        middle = steps[len(steps) // 2]
        for place, rest in ((began, steps), (middle.place, steps[len(steps) // 2 + 1 :])):
            # days that began while nothing was committed may be told in one step
            again = [told(one) for one in fresh.since(epoch, place) if one.at is not None]
            assert again == [told(one) for one in rest if one.at is not None]
        fresh.leave(hearing)
