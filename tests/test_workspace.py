"""A workspace as its callers see it: answers, the log, expected revisions, idempotency keys, days, suppositions."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from graph_service.alignment.decide import Occasion
from graph_service.alignment.numbers import GoalNumbers
from graph_service.errors import (
    Conflict,
    Cycle,
    IdempotencyMismatch,
    Invalid,
    NotFound,
    Refusal,
    RevisionMoved,
    StoreDamaged,
    StoreUnavailable,
)
from graph_service.models.changes import (
    AssignOwner,
    Change,
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    CreatePerson,
    CreateTeam,
    DeactivatePerson,
    ErasePersonForGood,
    LinkGoals,
    ParentInput,
    RemoveGoal,
    RestoreGoal,
    ReviseKeyResult,
    UpdateObjective,
    UpdateWorkspace,
)
from graph_service.models.facts import AddCheckIn, Entry, PutLink, PutNode, Step
from graph_service.models.nodes import CheckIn, KeyResult, Link, Objective
from graph_service.models.words import LinkKind, Status
from graph_service.stores import open_store
from graph_service.stores.sqlite import SQLiteStore
from graph_service.workspace import Changed, Outcome, Workspace, sortable_ids
from tests.alignment.random_company import picture
from tests.staged import MONDAY, StagedStore, raising

GROW = CreateObjective(id="grow revenue", title="Grow revenue", level="organization")
SELL = CreateKeyResult(id="sell licences", objective_id="grow revenue", title="Sell licences", baseline=0.0, target=8.0)
ADA = CreatePerson(id="ada", name="Ada Lovelace", email="ada@example.com")
COMPANY: list[Change] = [GROW, SELL, ADA, AssignOwner(goal_id="grow revenue", owner_id="ada")]


def numbers(value: float | None, status: Status, coverage: float = 1.0) -> GoalNumbers:
    return GoalNumbers(value, coverage, None, status)


def rename(title: str) -> UpdateObjective:
    return UpdateObjective(id="grow revenue", title=title)


def made(letters: str = "made") -> Callable[[], str]:
    numbered = count(1)
    return lambda: f"{letters} {next(numbered)}"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/company.db"


@pytest.fixture
def workspace(url: str) -> Iterator[Workspace]:
    """The company at revision 1, on a Monday; made ids are numbered."""
    with Workspace(open_store(url), clock=lambda: MONDAY, new_id=made()) as opened:
        opened.commit(COMPANY)
        yield opened


def seen(workspace: Workspace) -> dict[str, object]:
    with workspace.reading() as graph:
        return picture(graph)


def title(workspace: Workspace) -> str:
    with workspace.reading() as graph:
        fact = graph.nodes["grow revenue"].fact
        assert isinstance(fact, Objective)
        return fact.title


def newest(workspace: Workspace) -> Entry:
    [entry] = workspace.store.changes(workspace.store.revision() - 1)
    return entry


def refused(workspace: Workspace, commit: Callable[[], object], kind: type[Refusal]) -> Refusal:
    """How a commit is refused, and that nothing has changed by it."""
    before, revision = seen(workspace), workspace.store.revision()
    with pytest.raises(kind) as refusal:
        commit()
    assert (seen(workspace), workspace.store.revision()) == (before, revision)
    assert workspace.verify() == []
    return refusal.value


# ---------- what a commit answers ----------


def test_a_commit_answers_with_revision_ids_and_what_moved(workspace: Workspace) -> None:
    assert workspace.commit([CheckInKeyResult(key_result_id="sell licences", value=2.0)]) == Outcome(
        revision=2,
        ids=("made 1",),
        removed=(),
        changed=(
            Changed("grow revenue", numbers(0.0, Status.NO_DATES), numbers(0.25, Status.NO_DATES)),
            Changed("sell licences", numbers(0.0, Status.NO_DATES), numbers(0.25, Status.NO_DATES)),
        ),
    )


def test_goals_that_come_and_go_are_told_as_changed(workspace: Workspace) -> None:
    created = workspace.commit([CreateObjective(id="delight", title="Delight customers")])
    assert created == Outcome(2, ("delight",), (), (Changed("delight", None, numbers(None, Status.NO_DATA, 0.0)),))
    removed = workspace.commit([RemoveGoal(id="grow revenue")])
    assert removed == Outcome(
        3,
        ("grow revenue",),
        ("grow revenue", "sell licences"),
        (
            Changed("grow revenue", numbers(0.0, Status.NO_DATES), None),
            Changed("sell licences", numbers(0.0, Status.NO_DATES), None),
        ),
    )


def test_what_moved_is_not_looked_for_if_nobody_wants_to_know(workspace: Workspace) -> None:
    said = workspace.commit([CheckInKeyResult(key_result_id="sell licences", value=2.0)], want_changed=False)
    assert said == Outcome(2, ("made 1",), (), ())


def test_ids_tell_for_each_change_what_it_made_or_touched(workspace: Workspace) -> None:
    outcome = workspace.commit(
        [
            CreateObjective(title="Delight customers", parents=(ParentInput(id="grow revenue"),)),
            CreateTeam(name="Platform team"),
            CheckInKeyResult(id="seen", key_result_id="sell licences", value=1.0),
            AssignOwner(goal_id="sell licences", owner_id="ada"),
            UpdateWorkspace(check_in_days=14),
            DeactivatePerson(id="ada"),
            DeactivatePerson(id="ada"),  # changes nothing more
        ]
    )
    assert outcome.ids == ("made 1", "made 2", "seen", "sell licences", "", "ada", "ada")


def test_several_changes_are_one_revision_or_none(workspace: Workspace) -> None:
    assert workspace.commit([rename("Grow"), rename("Grow more")]).revision == 2
    assert title(workspace) == "Grow more"
    wrong = [rename("Grow less"), LinkGoals(source="grow revenue", target="nothing", link=LinkKind.PARENT)]
    refusal = refused(workspace, lambda: workspace.commit(wrong), NotFound)
    assert refusal.path == ("changes", "1", "linkGoals", "to")


def test_the_path_of_a_lone_change_begins_at_its_input(workspace: Workspace) -> None:
    assert refused(workspace, lambda: workspace.commit([rename(" ")]), Invalid).path == ("title",)
    batch = refused(workspace, lambda: workspace.commit([rename(" ")], kind="applyChanges"), Invalid)
    assert batch.path == ("changes", "0", "updateObjective", "title")


def test_the_changes_are_those_of_the_moment_of_asking(workspace: Workspace) -> None:
    changes: list[Change] = [rename("Grow")]
    future = workspace.submit(changes)
    changes.clear()
    assert future.result().ids == ("grow revenue",)


# ---------- what the log holds of it ----------


def test_the_log_holds_who_asked_what_and_what_it_came_to(workspace: Workspace) -> None:
    workspace.commit(
        [CheckInKeyResult(id="seen", key_result_id="sell licences", value=2.0, note="a good week")],
        by="ada",
        source="cli",
    )
    report = CheckIn("seen", "sell licences", MONDAY, "cli", 2, value=2.0, note="a good week", by="ada")
    asked = {"id": "seen", "keyResultId": "sell licences", "value": 2.0, "note": "a good week"}
    step = Step("checkInKeyResult", ("sell licences",), (AddCheckIn(report),), asked)
    assert newest(workspace) == Entry(2, MONDAY, "ada", "cli", (step,))


def test_a_step_names_all_nodes_that_it_touched_sorted(workspace: Workspace) -> None:
    workspace.commit(
        [
            CreateObjective(
                id="delight", title="Delight customers", parents=(ParentInput(id="grow revenue"),), owner_id="ada"
            ),
            RemoveGoal(id="sell licences", reason="was never looked at"),
            UpdateWorkspace(check_in_days=14),
        ]
    )
    create, remove, update = newest(workspace).steps
    assert (create.kind, create.nodes) == ("createObjective", ("ada", "delight", "grow revenue"))
    assert (remove.kind, remove.nodes) == ("removeGoal", ("grow revenue", "sell licences"))
    assert remove.reason == "was never looked at"
    assert (update.kind, update.nodes, update.input) == ("updateWorkspace", (), {"checkInDays": 14})


def test_what_an_import_creates_or_reports_is_told_by_its_facts_alone(workspace: Workspace) -> None:
    past = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    workspace.commit(
        [
            CreateObjective(id="delight", title="Delight customers", parents=(ParentInput(id="grow revenue"),)),
            rename("Grow"),
            CheckInKeyResult(id="seen", key_result_id="sell licences", value=2.0),
        ],
        importing=True,
        source="import",
        at=past,
        reason="import company.jsonl",
    )
    link = PutLink(Link("delight", "grow revenue", LinkKind.PARENT))
    facts = (PutNode(Objective("delight", "Delight customers")), link)
    renamed = (PutNode(Objective("grow revenue", "Grow", level="organization")),)
    report = (AddCheckIn(CheckIn("seen", "sell licences", past, "import", 2, value=2.0)),)
    reason = "import company.jsonl"
    assert newest(workspace) == Entry(
        2,
        past,
        "anonymous",
        "import",
        (
            Step("createObjective", ("delight", "grow revenue"), facts, None, reason),
            Step("updateObjective", ("grow revenue",), renamed, {"id": "grow revenue", "title": "Grow"}, reason),
            Step("checkInKeyResult", ("sell licences",), report, None, reason),
        ),
    )
    assert newest(workspace).at.isoformat() == "2024-05-01T10:00:00+00:00"


def test_the_reason_of_a_change_counts_more_than_that_of_the_commit(workspace: Workspace) -> None:
    revised = ReviseKeyResult(id="sell licences", target=6.0, reason="two people left")
    workspace.commit([revised, rename("Grow")], reason="the spring review")
    assert [step.reason for step in newest(workspace).steps] == ["two people left", "the spring review"]
    workspace.commit([rename("Grow more")], reason="  ")
    assert newest(workspace).steps[0].reason is None


@pytest.mark.parametrize("reason", ["x" * 20_001, "bell \a", "half \ud800"], ids=["long", "control", "half"])
def test_a_reason_that_is_no_text_is_refused(workspace: Workspace, reason: str) -> None:
    lone = RemoveGoal(id="sell licences", reason=reason)
    assert refused(workspace, lambda: workspace.commit([rename("Grow")], reason=reason), Invalid).path == ("reason",)
    path = ("changes", "0", "removeGoal", "reason")
    assert refused(workspace, lambda: workspace.commit([lone, rename("Grow")]), Invalid).path == path
    assert refused(workspace, lambda: workspace.commit([lone]), Invalid).path == ("reason",)


def test_who_and_when_must_be_something(workspace: Workspace) -> None:
    def commit(**said: object) -> Callable[[], object]:
        return lambda: workspace.commit([rename("Grow")], **said)  # type: ignore[arg-type]

    assert refused(workspace, commit(by=" "), Invalid).path == ("by",)
    assert refused(workspace, commit(source="\ud800"), Invalid).path == ("source",)
    naive = refused(workspace, commit(at=datetime(2024, 5, 1)), Invalid)  # noqa: DTZ001
    assert (naive.path, "has no offset" in naive.message) == (("at",), True)
    assert refused(workspace, commit(at=datetime(1, 1, 1, tzinfo=UTC)), Invalid).path == ("at",)


def test_what_cannot_be_written_is_refused(workspace: Workspace) -> None:
    unwritable = CheckInKeyResult(key_result_id="sell licences", value=1.0, milestones_done=("half \ud800",))
    refused(workspace, lambda: workspace.commit([unwritable], importing=True), Invalid)
    deep: object = "bottom"
    for _ in range(100_000):
        deep = [deep]
    for held, message in (
        ("half \ud800", "the input holds half a character (a lone surrogate); take it out"),
        (deep, "the input is nested too deeply; make it flatter"),
    ):
        change = UpdateObjective(id="grow revenue", attributes={"held": held})
        refused(workspace, partial(workspace.commit, [change]), Invalid)
        assert refused(workspace, partial(workspace.commit, [change], key="monday"), Invalid).message == message


# ---------- expected revisions ----------


def test_a_change_is_compared_with_the_revision_of_what_it_names(workspace: Workspace) -> None:
    workspace.commit([UpdateObjective(id="grow revenue", themes=("growth",))])
    workspace.commit([CreateTeam(id="platform", name="Platform team")])
    assert workspace.commit([rename("Grow")], expected=2).revision == 4
    refusal = refused(workspace, lambda: workspace.commit([rename("Shrink")], expected=2), Conflict)
    assert refusal.message == ("expectedRevision 2: 'grow revenue' is at revision 4 now; read it again and decide anew")
    assert (refusal.path, refusal.nodes, refusal.revision) == (("expectedRevision",), ("grow revenue",), 4)


def test_a_batch_and_what_names_nothing_are_compared_with_the_revision_of_the_workspace(workspace: Workspace) -> None:
    workspace.commit([CreateTeam(id="platform", name="Platform team")])
    create = CreateObjective(id="delight", title="Delight customers")
    for attempt in (
        lambda: workspace.commit([create], expected=1),
        lambda: workspace.commit([rename("Grow"), rename("Grow more")], expected=1),
        lambda: workspace.commit([rename("Grow")], kind="applyChanges", expected=1),
    ):
        refusal = refused(workspace, attempt, Conflict)
        assert (refusal.path, refusal.nodes, refusal.revision) == (("expectedRevision",), (), 2)
        assert refusal.message == (
            "expectedRevision 1: the workspace is at revision 2 now; read it again and decide anew"
        )
    assert workspace.commit([create], expected=2).revision == 3
    assert workspace.commit([rename("Grow"), rename("Grow more")], expected=3).revision == 4


def test_what_is_not_there_is_not_found_whatever_revision_is_expected(workspace: Workspace) -> None:
    nothing = UpdateObjective(id="delight", title="Delight customers")
    assert refused(workspace, lambda: workspace.commit([nothing], expected=1), NotFound).revision is None
    workspace.commit([RemoveGoal(id="sell licences")])
    gone = CheckInKeyResult(key_result_id="sell licences", value=1.0)
    assert refused(workspace, lambda: workspace.commit([gone], expected=2), NotFound).revision is None


def test_a_restore_is_compared_with_the_revision_of_the_removal(workspace: Workspace) -> None:
    workspace.commit([RemoveGoal(id="sell licences")])
    workspace.commit([rename("Grow")])
    back = RestoreGoal(id="sell licences")
    assert refused(workspace, lambda: workspace.commit([back], expected=1), Conflict).revision == 2
    assert workspace.commit([back], expected=2).revision == 4


# ---------- idempotency keys ----------


def test_the_same_said_twice_happens_once(workspace: Workspace) -> None:
    report = CheckInKeyResult(key_result_id="sell licences", value=2.0)
    first = workspace.commit([report], key="monday")
    workspace.commit([rename("Grow")])
    before = seen(workspace)
    again = workspace.commit([report], key="monday")
    assert (first.revision, first.ids, len(first.changed), first.replayed) == (2, ("made 1",), 2, False)
    assert again == first._replace(replayed=True)
    assert (seen(workspace), workspace.store.revision()) == (before, 3)


def test_an_answer_is_remembered_when_the_store_is_opened_again(url: str) -> None:
    report = [CheckInKeyResult(key_result_id="sell licences", value=2.0, at=MONDAY)]
    with Workspace.open(url) as workspace:
        workspace.commit(COMPANY)
        first = workspace.commit(report, key="monday", expected=1, reason="weekly", at=MONDAY)
    for _ in range(2):
        with Workspace.open(url) as workspace:
            again = workspace.commit(report, key="monday", expected=1, reason="weekly", at=MONDAY)
            assert again == first._replace(replayed=True)
            assert workspace.store.revision() == 2
            assert workspace.verify() == []


def test_a_key_used_for_another_input_is_refused(workspace: Workspace) -> None:
    workspace.commit([rename("Grow")], key="monday")
    for attempt in (
        lambda: workspace.commit([rename("Shrink")], key="monday"),
        lambda: workspace.commit([rename("Grow")], key="monday", expected=2),
        lambda: workspace.commit([rename("Grow")], key="monday", reason="weekly"),
        lambda: workspace.commit([rename("Grow")], key="monday", at=MONDAY),
        lambda: workspace.commit([rename("Grow")], key="monday", importing=True),
    ):
        refusal = refused(workspace, attempt, IdempotencyMismatch)
        assert (refusal.path, refusal.revision) == (("idempotencyKey",), 2)
        assert (
            refusal.message == "idempotencyKey 'monday' was used for another input of updateObjective; take a new key"
        )


def test_a_key_belongs_to_who_says_it_and_to_the_mutation(workspace: Workspace) -> None:
    changes = [rename("Grow")]
    revisions = [
        workspace.commit(changes, key="monday").revision,
        workspace.commit(changes, key="monday", by="ada").revision,
        workspace.commit(changes, key="monday", kind="applyChanges").revision,
        workspace.commit(changes, key='updateObjective","monday', by="ada").revision,
        workspace.commit(changes, key="monday", by='ada","updateObjective').revision,
        workspace.commit(changes, key="Monday").revision,
    ]
    assert revisions == [2, 3, 4, 5, 6, 7]


def test_a_refused_commit_leaves_its_key_unused(workspace: Workspace) -> None:
    create = CreateObjective(id="delight", title="Delight customers", parents=(ParentInput(id="growth"),))
    refused(workspace, lambda: workspace.commit([create], key="monday"), NotFound)
    workspace.commit([CreateObjective(id="growth", title="Growth")])
    assert workspace.commit([create], key="monday") == workspace.commit([create], key="monday")._replace(replayed=False)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "half \ud800"], ids=["empty", "long", "control", "half"])
def test_a_key_has_1_to_200_characters_that_can_be_printed(workspace: Workspace, key: str) -> None:
    refusal = refused(workspace, lambda: workspace.commit([rename("Grow")], key=key), Invalid)
    assert refusal.path == ("idempotencyKey",)
    assert workspace.commit([rename("Grow")], key="ü" * 200).revision == 2


def test_no_name_is_in_what_is_remembered(url: str, tmp_path: Path) -> None:
    with Workspace.open(url) as workspace, Workspace.open(f"sqlite:///{tmp_path}/other.db") as other:
        digests = []
        for one in (workspace, other):
            one.commit([ADA], key="monday", by="grace")
            known = one.store.remembered(known_by("grace", "createPerson", "monday"))
            assert known is not None
            assert known.answer == b'[1,["ada"],[],[],false]'
            digests.append(known.digest)
        # Whoever guesses the name must not find it by its hash.
        assert len({*digests, *(digest[16:] for digest in digests)}) == 4
        workspace.commit([ErasePersonForGood(id="ada")])
        assert workspace.commit([ADA], key="monday", by="grace").replayed
        assert workspace.verify() == []
    held = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("company.db*")))
    assert b'"ada"' in held
    assert b"Lovelace" not in held
    assert b"ada@example.com" not in held
    assert sha256(b"Ada Lovelace").digest() not in held
    # Whoever holds the file and guesses all that was asked needs the key, which only the client has.
    assert b"monday" not in held


def known_by(by: str, kind: str, key: str) -> str:
    """What a store knows an idempotency key by."""
    return sha256(b"scope" + f'["{by}","{kind}","{key}"]'.encode()).hexdigest()


def test_a_key_is_kept_from_the_time_of_its_commit_on_whatever_past_it_tells(workspace: Workspace) -> None:
    workspace.commit([rename("Grow")], key="monday", at=datetime(2019, 1, 1, tzinfo=UTC))
    known = workspace.store.remembered(known_by("anonymous", "updateObjective", "monday"))
    assert known is not None
    assert (known.revision, known.at) == (2, MONDAY)


def test_a_remembered_answer_that_cannot_be_read_is_damage(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.commit([rename("Grow")], key="monday")
    known = workspace.store.remembered(known_by("anonymous", "updateObjective", "monday"))
    assert known is not None
    monkeypatch.setattr(workspace.store, "recall", lambda keys: {keys[0]: known._replace(answer=b"[2,")})
    with pytest.raises(StoreDamaged, match="the answer at revision 2 cannot be read"):
        workspace.commit([rename("Grow")], key="monday")


# ---------- days ----------


def test_today_is_a_day_of_the_time_zone_of_the_workspace(url: str) -> None:
    late = datetime(2026, 2, 15, 23, 30, tzinfo=UTC)
    with Workspace.open(url, clock=lambda: late) as workspace, Workspace.open(url) as other:
        assert workspace.today() == date(2026, 2, 15)
        other.commit([UpdateWorkspace(time_zone="Europe/Berlin")])
        assert workspace.today() == date(2026, 2, 16)
        other.commit([UpdateWorkspace(time_zone="America/New_York")])
        assert workspace.today() == date(2026, 2, 15)


def test_what_moved_is_judged_by_the_clock_also_where_a_commit_tells_of_the_past(workspace: Workspace) -> None:
    due = CreateObjective(id="move", title="Move house", start=date(2026, 1, 1), due=date(2026, 2, 1))
    driven = CreateKeyResult(id="boxes", objective_id="move", title="Pack boxes", baseline=0.0, target=10.0)
    outcome = workspace.commit([due, driven], at=datetime(2025, 12, 1, tzinfo=UTC))
    assert outcome.changed == (
        Changed("boxes", None, numbers(0.0, Status.OVERDUE)),
        Changed("move", None, numbers(0.0, Status.OVERDUE)),
    )


# ---------- reading ----------


def test_a_supposition_leaves_the_workspace_as_it_is(workspace: Workspace) -> None:
    before, epoch = seen(workspace), workspace.epoch
    occasion = Occasion(MONDAY, made("supposed"))
    changes = [
        CreateObjective(id="delight", title="Delight customers", parents=(ParentInput(id="grow revenue", weight=3.0),)),
        CreateKeyResult(id="stay", objective_id="delight", title="Stay", baseline=0.0, target=1.0),
        CheckInKeyResult(key_result_id="stay", value=1.0),
        UpdateWorkspace(behind_limit=0.1),
        RemoveGoal(id="sell licences"),
    ]
    with workspace.reading() as graph:
        with graph.suppose(changes, occasion):
            assert graph.revision == 2
            goal = graph.goal("grow revenue")
            assert goal is not None
            assert goal.value == 1.0
            with workspace.reading() as inner:  # what is asked meanwhile is asked of the supposition
                assert (inner.revision, "delight" in inner.nodes) == (2, True)
        assert picture(graph) == before
        with (
            pytest.raises(Cycle),
            graph.suppose(
                [changes[0], LinkGoals(source="grow revenue", target="delight", link=LinkKind.PARENT)], occasion
            ),
        ):
            pytest.fail("it cannot be")
        assert picture(graph) == before
    assert seen(workspace) == before
    assert (workspace.store.revision(), workspace.epoch) == (1, epoch)
    assert workspace.commit([CreateObjective(id="delight", title="Delight customers")]).revision == 2
    assert workspace.verify() == []


def test_a_supposition_that_was_not_taken_back_is_not_read_by_others(workspace: Workspace, url: str) -> None:
    with workspace.reading() as graph:
        graph.decide([rename("Shrink")], Occasion(MONDAY, made()))
    with Workspace.open(url) as other:
        assert other.commit([CreateTeam(id="platform", name="Platform team")]).revision == 2
        assert seen(workspace) == seen(other)
    assert title(workspace) == "Grow revenue"
    assert workspace.commit([rename("Grow")]).revision == 3
    assert workspace.verify() == []


def test_within_a_reading_nothing_moves(workspace: Workspace, url: str) -> None:
    with Workspace.open(url) as other:
        with workspace.reading() as graph:
            other.commit([rename("Grow")])
            with workspace.reading() as inner, workspace.reading(at_least=1) as innermost:
                assert (inner.revision, innermost.revision) == (1, 1)
            with pytest.raises(RevisionMoved) as behind, workspace.reading(at_least=2):
                pytest.fail("it is not there")
            assert behind.value.revision == 1
            assert workspace.today() == date(2026, 2, 16)
            assert graph.revision == 1
        with workspace.reading(at_least=2) as graph:
            assert graph.revision == 2


def test_a_revision_that_does_not_come_is_not_waited_for_longer_than_patience_lasts(workspace: Workspace) -> None:
    for patience in (0.0, 0.03):
        with pytest.raises(RevisionMoved) as behind, workspace.reading(at_least=2, patience=patience):
            pytest.fail("it is not there")
        assert behind.value.revision == 1


def test_whoever_reads_cannot_wait_for_a_commit(workspace: Workspace) -> None:
    with workspace.reading():
        with workspace.reading():
            pass
        for what, act in (
            ("commit", lambda: workspace.commit([rename("Grow")])),
            ("commit", lambda: workspace.submit([rename("Grow")])),
            ("verify", workspace.verify),
            ("close", workspace.close),
        ):
            with pytest.raises(RuntimeError, match=f"^{what} would wait for the reading of its own thread"):
                act()
    assert workspace.commit([rename("Grow")]).revision == 2
    assert workspace.verify() == []


# ---------- opening, checking, closing ----------


def test_a_store_that_cannot_be_loaded_is_closed_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    def fail(store: SQLiteStore) -> None:
        raise StoreDamaged("a page is torn")

    def close(store: SQLiteStore, close: Callable[[SQLiteStore], None] = SQLiteStore.close) -> None:
        closed.append(store.url)
        close(store)

    monkeypatch.setattr(SQLiteStore, "load", fail)
    monkeypatch.setattr(SQLiteStore, "close", close)
    with pytest.raises(StoreDamaged, match="a page is torn"):
        Workspace.open(url)
    assert closed == [url]


def test_verify_finds_what_differs_in_memory(workspace: Workspace) -> None:
    workspace.commit([CreateObjective(id="delight", title="Delight customers"), RemoveGoal(id="delight")])
    assert workspace.verify() == []
    with workspace.reading() as graph:
        goal, person = graph.goal("sell licences"), graph.nodes.pop("ada")
        assert goal is not None
        assert isinstance(goal.fact, KeyResult)
        goal.value = 0.5
        graph.nodes["grow revenue"].revision = 7
        graph.nodes["grace"] = person
        del graph.removed["delight"]
        graph.workspace = graph.workspace.__class__(check_in_days=1)
        person.out = ()
    assert [(problem.part, problem.revision, problem.what) for problem in workspace.verify()] == [
        ("memory", None, "the facts of the workspace in memory differ from the stored ones"),
        ("memory", None, "'ada' is in the store but not in memory"),
        ("memory", None, "'grace' is in memory but not stored"),
        ("memory", None, "'grow revenue': facts in memory differ from the stored ones"),
        ("rollup", None, "'sell licences': numbers in memory differ from a fresh rollup"),
        ("memory", None, "the removed 'delight' is in the store but not in memory"),
        ("memory", None, "the links in memory differ from the stored ones"),
    ]


def test_a_closed_workspace_says_so(url: str) -> None:
    workspace = Workspace.open(url)
    workspace.commit(COMPANY)
    workspace.close()
    workspace.close()
    with pytest.raises(RuntimeError, match="the workspace is closed"):
        workspace.commit([rename("Grow")])
    with pytest.raises(StoreUnavailable, match="is closed"), workspace.reading():
        pytest.fail("there is nothing to read")
    with Workspace.open(url) as again:
        assert title(again) == "Grow revenue"


def test_made_ids_are_26_letters_and_digits_that_sort_as_they_were_made() -> None:
    make = sortable_ids()
    ready = threading.Barrier(4)

    def some(_: int) -> list[str]:
        ready.wait()
        return [make() for _ in range(2_000)]

    with ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(some, range(4)))
    assert all(ids == sorted(ids) for ids in lists)
    everything = [id for ids in lists for id in ids]
    assert len(set(everything)) == 8_000
    assert all(len(id) == 26 and set(id) <= set("0123456789abcdefghijklmnopqrstuv") for id in everything)


def test_a_large_graph_is_kept_from_the_collector_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'company.db'}"
    with Workspace.open(url) as workspace:
        workspace.commit([CreateObjective(id="grow", title="Grow revenue")])
    with Workspace.open(url):
        assert gc.get_freeze_count() == 0
    monkeypatch.setattr("graph_service.workspace.present.LARGE", 1)
    with Workspace.open(url):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


def test_who_asks_whether_the_store_is_there_tells_all_others() -> None:
    store = StagedStore(open_store("sqlite://"))
    store.distant = True
    with Workspace(store, clock=lambda: MONDAY, staleness=3_600) as workspace:  # the watch looks every half hour
        assert workspace.commit([GROW]).revision == 1
        assert (workspace.ask(), workspace.lost, workspace.stale_since) == (1, None, None)
        gone = StoreUnavailable("the server is gone")
        store.looking.append(raising(gone))
        with pytest.raises(StoreUnavailable, match="the server is gone"):
            workspace.ask()
        assert (workspace.lost, workspace.stale_since) == (gone, MONDAY)
        with workspace.reading() as graph:
            assert sorted(graph.nodes) == ["grow revenue"]
        with pytest.raises(StoreUnavailable, match="the server is gone"):  # only the watch finds it again
            workspace.ask()
