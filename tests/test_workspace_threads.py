"""What threads see of each other's commits: only what is durable, all of it, and what becomes of faults."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import (
    Conflict,
    Duplicate,
    IdempotencyMismatch,
    Invalid,
    StoreDamaged,
    StoreUnavailable,
)
from graph_service.models.changes import (
    Change,
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    LinkGoals,
    UpdateObjective,
    UpdateWorkspace,
)
from graph_service.models.nodes import Objective
from graph_service.models.words import LinkKind
from graph_service.stores import open_store
from graph_service.workspace import Outcome, Unwanted, Workspace, present
from tests.alignment.random_company import picture
from tests.staged import MONDAY, PATIENCE, Held, StagedStore, raising, staged

GONE = StoreUnavailable("the disk is full")
COMPANY: list[Change] = [
    CreateObjective(id="grow revenue", title="0"),
    CreateKeyResult(id="sell licences", objective_id="grow revenue", title="Sell", baseline=0.0, target=8.0),
]


def goal(name: str, title: str = "Delight customers") -> CreateObjective:
    return CreateObjective(id=name, title=title)


def report(value: float, name: str | None = None) -> CheckInKeyResult:
    return CheckInKeyResult(id=name, key_result_id="sell licences", value=value)


def rename(title: str) -> UpdateObjective:
    return UpdateObjective(id="grow revenue", title=title)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/company.db"


@pytest.fixture
def stage(url: str) -> Iterator[tuple[StagedStore, Workspace]]:
    """The company at revision 1, in a store that does what the test says."""
    with staged(url) as (store, workspace):
        workspace.commit(COMPANY)
        yield store, workspace


@pytest.fixture(params=["apart", "bulk"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of a commit: applied after the sync, or (so large that it would take too long) before it."""
    if request.param == "bulk":
        monkeypatch.setattr("graph_service.workspace.BULK", 0)
    return str(request.param)


def seen(workspace: Workspace) -> dict[str, object]:
    with workspace.reading() as graph:
        return picture(graph)


def titles(workspace: Workspace) -> dict[str, str]:
    with workspace.reading() as graph:
        facts = [vertex.fact for vertex in graph.of_kind(Objective)]
        return {fact.id: fact.title for fact in facts if isinstance(fact, Objective)}


def stored(url: str) -> dict[str, object]:
    """What another one that opens the store sees."""
    with Workspace.open(url) as workspace:
        assert workspace.verify() == []
        return seen(workspace)


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def gathered(store: StagedStore, workspace: Workspace, *asked: Callable[[], Future[Outcome]]) -> list[Future[Outcome]]:
    """Several commits that are decided together, because the writer is busy while they come in."""
    held = Held()
    store.before.append(held)
    busy = workspace.submit([UpdateWorkspace(check_in_days=14)])
    with held.waiting():
        futures = [ask() for ask in asked]
    busy.result(PATIENCE)
    return futures


# ---------- only what is durable is seen ----------


def test_nobody_sees_a_commit_before_it_is_durable(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    before = seen(workspace)
    held = Held()
    store.before.append(held)
    future = workspace.submit([goal("delight"), report(2.0, "seen"), UpdateWorkspace(time_zone="Pacific/Pago_Pago")])
    with held.waiting():  # decided, taken back, about to be written
        assert seen(workspace) == before
        assert workspace.today() == date(2026, 2, 16)
        assert not future.done()
    assert future.result(PATIENCE).revision == 2
    assert titles(workspace) == {"delight": "Delight customers", "grow revenue": "0"}
    assert workspace.today() == date(2026, 2, 15)


def test_what_nobody_wants_any_more_is_not_decided(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    with ThreadPoolExecutor(1) as pool:
        held = Held()
        store.before.append(held)
        busy = workspace.submit([UpdateWorkspace(check_in_days=14)])
        with held.waiting():  # its turn has not come
            late = pool.submit(workspace.commit, [goal("delight")], wanted=lambda: False)
        assert busy.result(PATIENCE).revision == 2
        with pytest.raises(Unwanted):
            late.result(PATIENCE)
    assert workspace.commit([goal("expand")], wanted=lambda: True).revision == 3
    assert sorted(titles(workspace)) == ["expand", "grow revenue"]
    assert store.together == [[1], [2], [3]]


def test_a_reader_may_see_a_durable_commit_before_its_writer_has_applied_it(
    stage: tuple[StagedStore, Workspace], url: str
) -> None:
    store, workspace = stage
    held = Held()
    store.after.append(held)
    future = workspace.submit([report(2.0, "seen"), goal("delight")])
    with held.waiting():  # written, not yet applied
        with workspace.reading() as graph:
            assert graph.revision == 2
        followed = seen(workspace)
        assert not future.done()
    assert future.result(PATIENCE).ids == ("seen", "delight")
    assert seen(workspace) == followed == stored(url)  # and not applied twice
    assert workspace.verify() == []


def test_a_large_commit_keeps_readers_waiting_until_it_is_durable(
    stage: tuple[StagedStore, Workspace], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_service.workspace.BULK", 2)
    applied: list[int | None] = []
    apply = AlignmentGraph.apply

    def noted(graph: AlignmentGraph, facts: object, revision: int | None = None) -> object:
        applied.append(revision)
        return apply(graph, facts, revision)  # type: ignore[arg-type]

    monkeypatch.setattr(AlignmentGraph, "apply", noted)
    store, workspace = stage
    held = Held()
    order: list[str] = []
    store.before.append(held)
    store.after.append(lambda: order.append("durable"))
    future = workspace.submit([goal("delight"), goal("hire"), goal("learn")])
    begun = threading.Event()

    def read() -> None:
        begun.set()
        with workspace.reading() as graph:
            order.append(f"read {graph.revision}")

    with held.waiting():
        reader = in_thread(read)
        assert begun.wait(PATIENCE)
        small = workspace.submit([report(2.0, "seen")])  # handing in waits for nobody
    reader.join(PATIENCE)
    assert future.result(PATIENCE).revision == 2
    assert small.result(PATIENCE).revision == 3
    assert order[0] == "durable"
    assert order[1] in {"read 2", "read 3"}
    assert 2 not in applied
    assert seen(workspace) == stored(url)


def test_a_commit_is_applied_anew_only_if_somebody_has_read_before_it_was_durable(
    stage: tuple[StagedStore, Workspace], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[int | None] = []
    apply = AlignmentGraph.apply

    def noted(graph: AlignmentGraph, facts: object, revision: int | None = None) -> object:
        applied.append(revision)
        return apply(graph, facts, revision)  # type: ignore[arg-type]

    monkeypatch.setattr(AlignmentGraph, "apply", noted)
    store, workspace = stage
    before = seen(workspace)
    workspace.commit([report(2.0, "seen"), goal("delight")])
    assert applied == []
    between = seen(workspace)
    assert between == stored(url) != before
    read: list[dict[str, object]] = []
    store.before.append(lambda: read.append(seen(workspace)))
    workspace.commit([report(3.0), UpdateWorkspace(check_in_days=14)])
    assert read == [between]
    assert applied == [3]
    assert seen(workspace) == stored(url) != between


def test_commits_that_wait_share_a_sync_and_are_decided_one_after_the_other(
    stage: tuple[StagedStore, Workspace], url: str, either: str
) -> None:
    store, workspace = stage
    unwritable = CheckInKeyResult(key_result_id="sell licences", value=1.0, milestones_done=("half \ud800",))
    futures = gathered(
        store,
        workspace,
        lambda: workspace.submit([goal("delight")]),
        lambda: workspace.submit([goal("delight", "again")]),
        lambda: workspace.submit([LinkGoals(source="delight", target="grow revenue", link=LinkKind.PARENT)]),
        lambda: workspace.submit([rename("1")], expected=1),
        lambda: workspace.submit([rename("2")], expected=1),
        lambda: workspace.submit([unwritable], importing=True),
        lambda: workspace.submit([rename("3")], expected=5),
    )
    assert [future.exception(PATIENCE).__class__ for future in futures] == [
        type(None),
        Duplicate,
        type(None),
        type(None),
        Conflict,
        Invalid,
        type(None),
    ]
    assert [futures[number].result().revision for number in (0, 2, 3, 6)] == [3, 4, 5, 6]
    conflict = futures[4].exception()
    assert isinstance(conflict, Conflict)
    assert conflict.revision == 5
    assert store.together == [[1], [2], [3, 4, 5, 6]]
    assert titles(workspace) == {"delight": "Delight customers", "grow revenue": "3"}
    assert seen(workspace) == stored(url)


def test_a_refusal_is_told_only_when_what_it_rests_on_is_durable(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    held = Held()
    busy = Held()
    store.before.extend([busy, held])
    first = workspace.submit([UpdateWorkspace(check_in_days=14)])
    with busy.waiting():
        futures = [workspace.submit([goal("delight")]), workspace.submit([goal("delight", "again")])]
    with held.waiting():
        assert first.done()
        assert [future.done() for future in futures] == [False, False]
    assert futures[0].result(PATIENCE).revision == 3
    assert isinstance(futures[1].exception(PATIENCE), Duplicate)


def test_the_store_is_loaded_once(stage: tuple[StagedStore, Workspace], url: str, either: str) -> None:
    store, workspace = stage
    store.loading.append(raising(AssertionError("it was loaded again")))
    with Workspace.open(url) as other:
        for number in range(3):
            workspace.commit([goal(f"goal {number}")], key=f"key {number}")
            with pytest.raises(Duplicate):
                workspace.commit([goal(f"goal {number}")])
            store.before.append(raising(GONE))
            with pytest.raises(StoreUnavailable):
                workspace.commit([report(1.0)])
            store.before.append(lambda: other.commit([report(2.0)]))
            workspace.commit([report(3.0)])
            other.commit([rename(str(number))])
            store.following.append(lambda: other.commit([report(4.0)]))  # more comes while one looks what came
            revision = 1 + 5 * number
            with workspace.reading() as graph:
                assert graph.revision == revision + 4
            with workspace.reading() as graph:
                assert graph.revision == revision + 5
    assert len(store.loading) == 1


def test_a_refusal_that_rests_on_nothing_new_writes_nothing(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    with pytest.raises(Duplicate):
        workspace.commit([goal("grow revenue")])
    assert store.together == [[1]]


def test_one_key_said_twice_at_the_same_time_happens_once(stage: tuple[StagedStore, Workspace], either: str) -> None:
    store, workspace = stage
    first, again, other, anew = gathered(
        store,
        workspace,
        lambda: workspace.submit([report(2.0)], key="monday"),
        lambda: workspace.submit([report(2.0)], key="monday"),
        lambda: workspace.submit([report(3.0)], key="monday"),
        lambda: workspace.submit([report(3.0)], key="tuesday"),
    )
    assert again.result(PATIENCE) == first.result(PATIENCE)._replace(replayed=True)
    assert isinstance(mismatch := other.exception(PATIENCE), IdempotencyMismatch)
    assert mismatch.revision == first.result().revision == 3
    assert (anew.result(PATIENCE).revision, anew.result().replayed) == (4, False)
    with workspace.reading() as graph:
        vertex = graph.goal("sell licences")
        assert vertex is not None
        assert [one.value for one in vertex.check_ins] == [2.0, 3.0]
    assert workspace.commit([report(2.0)], key="monday").ids == first.result().ids
    assert workspace.verify() == []


def test_many_threads_lose_nothing(stage: tuple[StagedStore, Workspace], url: str) -> None:
    store, workspace = stage
    threads, times = 8, 25
    ready = threading.Barrier(threads)

    def add(thread: int) -> int:
        refused = 0
        ready.wait(PATIENCE)
        for number in range(times):
            workspace.commit([report(1.0, f"report {thread} {number}")])
            while True:
                with workspace.reading() as graph:
                    vertex = graph.nodes["grow revenue"]
                    assert isinstance(vertex.fact, Objective)
                    counter, revision = int(vertex.fact.title), vertex.revision
                try:
                    workspace.commit([rename(str(counter + 1))], expected=revision)
                except Conflict:
                    refused += 1
                else:
                    break
        return refused

    with ThreadPoolExecutor(threads) as pool:
        refused = sum(pool.map(add, range(threads)))
    total = threads * times
    assert titles(workspace) == {"grow revenue": str(total)}
    with workspace.reading() as graph:
        assert graph.revision == 1 + 2 * total
        vertex = graph.goal("sell licences")
        assert vertex is not None
        assert len({one.id for one in vertex.check_ins}) == len(vertex.check_ins) == total
    assert [revision for batch in store.together for revision in batch] == list(range(1, 2 + 2 * total))
    assert refused > 0, "they should have met"
    assert max(map(len, store.together)) > 1, "they should have shared a sync"
    assert seen(workspace) == stored(url)


# ---------- the store fails ----------


def test_when_the_sync_fails_all_is_undone_and_everybody_hears_of_it(
    stage: tuple[StagedStore, Workspace], url: str, either: str
) -> None:
    store, workspace = stage
    held = Held()
    store.before.extend([held, raising(GONE)])
    busy = workspace.submit([UpdateWorkspace(check_in_days=14)])
    asked: list[list[Change]] = [[goal("delight")], [goal("delight", "again")], [report(2.0, "seen")], [rename(" ")]]
    with held.waiting():
        futures = [workspace.submit(changes) for changes in asked]
    busy.result(PATIENCE)
    assert [future.exception(PATIENCE) for future in futures] == [GONE] * 4  # the refused ones too
    with workspace.reading() as graph:
        assert (graph.revision, sorted(graph.nodes), graph.used("seen")) == (
            2,
            ["grow revenue", "sell licences"],
            False,
        )
    assert seen(workspace) == stored(url)
    assert workspace.commit([goal("delight")], key="monday").revision == 3
    assert workspace.commit([report(2.0, "seen")]).revision == 4
    assert seen(workspace) == stored(url)


def test_a_key_of_a_commit_that_failed_is_unused(stage: tuple[StagedStore, Workspace], either: str) -> None:
    store, workspace = stage
    store.before.append(raising(GONE))
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        workspace.commit([report(2.0)], key="monday")
    outcome = workspace.commit([report(2.0)], key="monday")
    assert (outcome.revision, outcome.replayed) == (2, False)


def test_a_fault_after_the_commit_was_durable_loses_nothing(
    stage: tuple[StagedStore, Workspace], url: str, either: str
) -> None:
    store, workspace = stage
    store.after.append(raising(OSError("the network is gone")))
    with pytest.raises(OSError, match="the network is gone"):
        workspace.commit([report(2.0, "seen")], key="monday")
    assert seen(workspace) == stored(url)
    again = workspace.commit([report(2.0, "seen")], key="monday")
    assert (again.revision, again.replayed) == (2, True)


def test_damage_is_heard_of(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    store.before.append(raising(StoreDamaged("a page is torn")))
    with pytest.raises(StoreDamaged, match="a page is torn"):
        workspace.commit([goal("delight")])
    assert workspace.commit([goal("delight")]).revision == 2


def test_a_fault_in_one_decision_is_its_own(url: str, either: str) -> None:
    numbers = count()

    def new_id() -> str:
        number = next(numbers)
        if number == 1:
            raise OSError("no more randomness")
        return f"made {number}"

    store = StagedStore(open_store(url))
    with Workspace(store, clock=lambda: MONDAY, new_id=new_id) as workspace:
        futures = gathered(
            store, workspace, *[partial(workspace.submit, [CreateObjective(title=title)]) for title in "abc"]
        )
        assert isinstance(futures[1].exception(PATIENCE), OSError)
        assert [futures[number].result(PATIENCE).revision for number in (0, 2)] == [2, 3]
        assert titles(workspace) == {"made 0": "a", "made 2": "c"}
        assert workspace.verify() == []
        before = seen(workspace)
    assert before == stored(url)


def test_a_decision_that_breaks_off_halfway_leaves_nothing_behind(
    stage: tuple[StagedStore, Workspace], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, workspace = stage
    fault = MemoryError("no room for an id")
    new_id = workspace._new_id

    def fail() -> str:
        if "delight" in workspace._graph.nodes:
            monkeypatch.undo()
            raise fault
        return new_id()

    monkeypatch.setattr(workspace, "_new_id", fail)
    futures = gathered(
        store,
        workspace,
        lambda: workspace.submit([goal("delight"), report(2.0)]),
        lambda: workspace.submit([goal("hire")]),
    )
    assert [future.exception(PATIENCE) for future in futures] == [fault, None]
    with Workspace.open(url) as other:
        assert other.commit([goal("learn", "Learn")]).revision == 4
        assert seen(workspace) == seen(other)
    assert workspace.commit([goal("delight"), report(2.0, "seen")]).revision == 5
    assert seen(workspace) == stored(url)


def test_a_durable_commit_that_does_not_go_into_memory_is_answered_and_the_graph_loaded_anew(
    stage: tuple[StagedStore, Workspace], url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store, workspace = stage

    def fail(graph: AlignmentGraph, facts: object, revision: int | None = None) -> None:
        monkeypatch.undo()
        raise MemoryError("no room for the facts")

    store.before.append(lambda: seen(workspace))  # for whom it was taken back
    store.after.append(lambda: monkeypatch.setattr(AlignmentGraph, "apply", fail))
    with caplog.at_level(logging.ERROR, logger="graph_service.workspace"):
        assert workspace.commit([report(2.0, "seen")]).revision == 2
    assert [record.getMessage() for record in caplog.records] == [
        "revision 2 does not fit the graph in memory, which is loaded anew"
    ]
    assert seen(workspace) == stored(url)
    assert workspace.commit([report(3.0)]).revision == 3


# ---------- somebody else was first ----------


def test_what_was_decided_on_an_old_revision_is_decided_again(
    stage: tuple[StagedStore, Workspace], url: str, either: str
) -> None:
    store, workspace = stage
    with Workspace.open(url) as other:
        store.before.append(lambda: other.commit([goal("hire", "Hire")]))
        store.before.append(lambda: other.commit([goal("learn", "Learn")]))
        outcome = workspace.commit([report(2.0), goal("delight")])
        assert outcome.revision == 4
        assert [entry.revision for entry in workspace.store.changes(0)] == [1, 2, 3, 4]
        assert seen(workspace) == seen(other) == stored(url)
        with workspace.reading() as graph:
            vertex = graph.goal("sell licences")
            assert vertex is not None
            assert [one.revision for one in vertex.check_ins] == [4]


def test_what_has_become_impossible_meanwhile_is_refused(
    stage: tuple[StagedStore, Workspace], url: str, either: str
) -> None:
    store, workspace = stage
    with Workspace.open(url) as other:
        store.before.append(lambda: other.commit([goal("delight", "Hire"), rename("1")]))
        with pytest.raises(Duplicate):
            workspace.commit([goal("delight")])
        store.before.append(lambda: other.commit([rename("2")]))
        with pytest.raises(Conflict) as conflict:
            workspace.commit([rename("3")], expected=2)
        assert conflict.value.revision == 3
        store.before.append(lambda: other.commit([rename("4")], key="monday"))
        again = workspace.commit([rename("4")], key="monday")
        assert (again.revision, again.replayed) == (4, True)
        assert titles(workspace) == titles(other) == {"delight": "Hire", "grow revenue": "4"}
        assert seen(workspace) == stored(url)


# ---------- another history ----------


@pytest.mark.parametrize("revisions", [1, 2, 5], ids=["earlier", "same", "later"])
def test_a_restored_store_is_loaded_anew(stage: tuple[StagedStore, Workspace], tmp_path: Path, revisions: int) -> None:
    store, workspace = stage
    workspace.commit([report(2.0)])
    restored = f"sqlite:///{tmp_path}/restored.db"
    with Workspace.open(restored) as other:
        for number in range(revisions):
            other.commit([goal(f"goal {number}")])
    was, store.inner = store.inner, open_store(restored)
    was.close()
    assert seen(workspace) == stored(restored)
    assert workspace.epoch == store.inner.epoch
    assert workspace.commit([goal("delight")]).revision == revisions + 1
    assert seen(workspace) == stored(restored)
    assert workspace.verify() == []


def test_entries_of_a_restored_store_are_not_taken_for_those_of_the_one_before(
    stage: tuple[StagedStore, Workspace], tmp_path: Path, url: str
) -> None:
    store, workspace = stage
    restored = f"sqlite:///{tmp_path}/restored.db"
    with Workspace.open(restored) as other:
        for number in range(4):
            other.commit([goal(f"goal {number}")])

    def restore() -> None:
        was, store.inner = store.inner, open_store(restored)
        was.close()

    with Workspace.open(url) as other:
        other.commit([report(2.0)])
    store.following.append(restore)  # between the look for the revision and the reading of the entries
    assert seen(workspace) == stored(restored)


def test_what_was_written_before_a_restore_is_not_applied_after_it(
    stage: tuple[StagedStore, Workspace], tmp_path: Path
) -> None:
    store, workspace = stage
    restored = f"sqlite:///{tmp_path}/restored.db"
    with Workspace.open(restored) as other:
        other.commit([goal("learn", "Learn")])
    held = Held()
    store.after.append(held)
    future = workspace.submit([goal("delight")])
    with held.waiting():
        was, store.inner = store.inner, open_store(restored)
        was.close()
        assert titles(workspace) == {"learn": "Learn"}
    assert future.result(PATIENCE).revision == 2  # it was durable, in the history that was
    with Workspace.open(restored) as other:
        assert other.commit([goal("hire", "Hire")]).revision == 2
    assert titles(workspace) == {"hire": "Hire", "learn": "Learn"}
    assert seen(workspace) == stored(restored)


def test_an_entry_that_does_not_fit_memory_makes_it_be_loaded_anew(
    stage: tuple[StagedStore, Workspace], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, workspace = stage
    with workspace.reading() as graph:
        del graph.nodes["sell licences"]
    with Workspace.open(url) as other:
        other.commit([report(2.0)])
        assert seen(workspace) == seen(other)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_log_that_tells_too_little_makes_it_be_loaded_anew(
    stage: tuple[StagedStore, Workspace], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, workspace = stage
    with Workspace.open(url) as other:
        other.commit([report(2.0)])
        monkeypatch.setattr(store, "changes", lambda after, limit=None: iter(()))
        assert seen(workspace) == seen(other)


def test_a_store_that_cannot_be_read_now_is_read_later(stage: tuple[StagedStore, Workspace], url: str) -> None:
    store, workspace = stage
    with Workspace.open(url) as other:
        other.commit([report(2.0)])
    store.following.append(raising(GONE))
    with pytest.raises(StoreUnavailable, match="the disk is full"), workspace.reading():
        pytest.fail("there is nothing to read")
    assert seen(workspace) == stored(url)


# ---------- waiting for a revision ----------


def test_whoever_waits_for_a_revision_is_woken_by_its_commit(
    stage: tuple[StagedStore, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, workspace = stage
    monkeypatch.setattr(present, "POLL", 10 * PATIENCE)  # nobody looks again by himself
    looked = threading.Event()
    store.looking.append(looked.set)
    found: list[int] = []

    def wait() -> None:
        with workspace.reading(at_least=3, patience=10 * PATIENCE) as graph:
            found.append(graph.revision)

    reader = in_thread(wait)
    assert looked.wait(PATIENCE)
    workspace.commit([report(1.0)])
    workspace.commit([report(2.0)])
    reader.join(PATIENCE)
    assert found == [3]


def test_whoever_waits_for_a_revision_hears_that_the_workspace_was_closed(
    stage: tuple[StagedStore, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, workspace = stage
    monkeypatch.setattr(present, "POLL", 10 * PATIENCE)
    looked = threading.Event()
    store.looking.append(looked.set)
    heard: list[str] = []

    def wait() -> None:
        try:
            with workspace.reading(at_least=3, patience=10 * PATIENCE):
                heard.append("something to read")
        except StoreUnavailable as gone:
            heard.append(str(gone))

    reader = in_thread(wait)
    assert looked.wait(PATIENCE)
    workspace.close()
    reader.join(PATIENCE)
    assert [word.rpartition("/")[2] for word in heard] == ["company.db is closed"]


# ---------- futures, callbacks, the end ----------


def test_a_commit_can_be_cancelled_until_it_is_decided(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    held = Held()
    store.before.append(held)
    busy = workspace.submit([UpdateWorkspace(check_in_days=14)])
    with held.waiting():
        cancelled, kept = workspace.submit([goal("delight")]), workspace.submit([goal("hire", "Hire")])
        assert cancelled.cancel()
        assert not busy.cancel()
    assert kept.result(PATIENCE).revision == 3
    assert titles(workspace) == {"grow revenue": "0", "hire": "Hire"}
    assert workspace.commit([goal("delight")]).revision == 4


def test_nobody_waits_within_a_callback_of_a_commit(stage: tuple[StagedStore, Workspace]) -> None:
    _, workspace = stage
    heard: list[object] = []
    done = threading.Event()

    def attempt(act: Callable[[], object]) -> None:
        try:
            act()
        except RuntimeError as error:
            heard.append(str(error))

    def called(future: Future[Outcome]) -> None:
        attempt(lambda: workspace.commit([rename("1")]))
        attempt(workspace.close)
        heard.append(titles(workspace))
        workspace.submit([rename("2")]).add_done_callback(lambda _: done.set())

    held = Held()
    stage[0].before.append(held)
    future = workspace.submit([goal("delight")])
    with held.waiting():
        future.add_done_callback(called)
    assert done.wait(PATIENCE)
    assert heard == [
        "commit cannot wait within the callback of another commit; use submit",
        "close cannot wait within the callback of a commit",
        {"delight": "Delight customers", "grow revenue": "0"},
    ]
    assert titles(workspace) == {"delight": "Delight customers", "grow revenue": "2"}


def test_closing_finishes_what_waits(url: str, either: str) -> None:
    held = Held()
    with ExitStack() as stack:
        store, workspace = stack.enter_context(staged(url))
        workspace.commit(COMPANY)
        store.before.append(held)
        futures = [workspace.submit([report(1.0)])]
        with held.waiting():
            futures += [workspace.submit([report(float(number))]) for number in range(600)]  # more than share a sync
            futures.append(workspace.submit([goal("grow revenue")]))
            closing = in_thread(workspace.close)
    closing.join(PATIENCE)
    assert [future.result(0).revision for future in futures[:-1]] == list(range(2, 603))
    assert isinstance(futures[-1].exception(0), Duplicate)
    assert [len(batch) for batch in store.together] == [1, 1, 256, 256, 88]
    with pytest.raises(RuntimeError, match="the workspace is closed"):
        workspace.submit([report(1.0)])
    with Workspace.open(url) as again, again.reading() as graph:
        assert graph.revision == 602


def test_closing_a_store_that_fails_leaves_nobody_waiting(url: str) -> None:
    with staged(url) as (store, workspace):
        workspace.commit(COMPANY)
        held = Held()
        store.before.extend([held, raising(GONE)])
        first = workspace.submit([report(1.0)])
        with held.waiting():
            last = workspace.submit([report(2.0)])
    assert first.result(0).revision == 2
    assert last.exception(0) is GONE


def test_closing_waits_for_readers(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    order: list[str] = []
    store.closing.append(lambda: order.append("closed"))
    with workspace.reading():
        closing = in_thread(workspace.close)
        with pytest.raises(RuntimeError, match="finish the reading first"):
            workspace.close()
        assert [entry.revision for entry in store.changes(0)] == [1]
        order.append("read")
    closing.join(PATIENCE)
    assert order == ["read", "closed"]
    with pytest.raises(StoreUnavailable), workspace.reading():
        pytest.fail("it is closed")


# ---------- checking ----------


def test_what_others_commit_during_a_check_is_no_damage(stage: tuple[StagedStore, Workspace], url: str) -> None:
    store, workspace = stage
    with Workspace.open(url) as other:
        store.loading.append(lambda: other.commit([report(2.0)]))
        assert workspace.verify() == []
        store.following.append(lambda: other.commit([report(3.0)]))
        store.loading.append(lambda: None)
        assert workspace.verify() == []
        with workspace.reading() as graph:
            assert graph.revision == 3


def test_a_store_restored_during_a_check_is_no_damage(stage: tuple[StagedStore, Workspace], tmp_path: Path) -> None:
    store, workspace = stage
    restored = f"sqlite:///{tmp_path}/restored.db"
    with Workspace.open(restored) as other:
        other.commit([goal("learn", "Learn")])

    def restore() -> None:
        was, store.inner = store.inner, open_store(restored)
        was.close()

    store.loading.append(lambda: store.looking.append(restore))  # between the loading and the look into memory
    assert workspace.verify() == []
    assert titles(workspace) == {"learn": "Learn"}


def test_damage_found_while_loading_is_an_answer(stage: tuple[StagedStore, Workspace]) -> None:
    store, workspace = stage
    store.loading.append(raising(StoreDamaged("a page is torn")))
    assert [(problem.part, problem.what) for problem in workspace.verify()] == [("database", "a page is torn")]
    assert workspace.verify() == []
