"""The contract of a store (stores/base.py), held by every store."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.errors import RevisionMoved, StoreDamaged, StoreUnavailable
from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
    Step,
)
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    KeyResult,
    Link,
    Node,
    Objective,
    Period,
    Person,
    Team,
    Workspace,
)
from graph_service.models.words import LinkKind
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Remembered, Removed, Snapshot, Store
from graph_service.stores.fold import Folded, fold
from tests.stores.conftest import PLACES, SERVERS
from tests.stores.samples import (
    FULL_BROKEN,
    FULL_CHECK_IN,
    FULL_LINK,
    FULL_NODES,
    FULL_WORKSPACE,
    KINDS,
    LINK_ENDS,
    MONDAY,
    ODD_TEXT,
    Historian,
    drafts,
    entry,
    put,
)

GROW = Objective("grow", "Grow revenue")
SELL = KeyResult("sell", "Sell 100 licences")
ADA = Person("ada", "Ada Lovelace", "ada@example.com", attributes={"phone": "+44 20"})
PLATFORM = Team("platform", "Platform team")
SELL_OF_GROW = Link("sell", "grow", LinkKind.KEY_RESULT_OF)
ADA_OWNS_GROW = Link("ada", "grow", LinkKind.OWNS)

COMPANY = (*put(GROW, SELL, ADA, PLATFORM), PutLink(SELL_OF_GROW), PutLink(ADA_OWNS_GROW))


def say(store: Store, *groups: Sequence[Fact]) -> None:
    """Commits one entry for each group, all at once."""
    after = store.revision()
    store.commit(drafts(after, *groups), after, store.epoch)


def canonical(value: object) -> bytes:
    """Bytes in which 1, 1.0 and true differ, and every field stands, whether it was given or is the default."""
    return msgspec.json.encode(_spelt_out(value), order="deterministic")


def _spelt_out(value: object) -> object:
    match value:
        case msgspec.Struct():
            fields = {name: _spelt_out(getattr(value, name)) for name in value.__struct_fields__}
            return {"a": type(value).__name__, **fields}
        case dict():
            return {key: _spelt_out(held) for key, held in value.items()}
        case list() | tuple():
            return [_spelt_out(one) for one in value]
        case _:
            return value


def report(id: str, goal: str = "sell", *, revision: int, position: int = 0, minutes: int = 0) -> AddCheckIn:
    at = MONDAY + timedelta(minutes=minutes)
    return AddCheckIn(CheckIn(id, goal, at, "graphql", revision, position, 1.5))


# ---------- a new store, and what goes in ----------


def test_a_new_store_is_empty_and_sound(store: Store) -> None:
    assert store.revision() == 0
    assert store.load() == Snapshot(store.epoch, 0, Workspace(), [], [], [], [], [])
    assert list(store.changes(0)) == []
    assert store.check_ins("grow") == []
    assert store.remembered("a key") is None
    assert store.verify() == []


def test_every_store_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = set()
    for name, place in PLACES.items():
        for folder in ("one", "two"):
            with closing(open_store(place(tmp_path / name / folder))) as made:
                epochs.add(made.epoch)
    assert len(epochs) == 2 * len(PLACES)
    assert "" not in epochs


@pytest.mark.parametrize("node", FULL_NODES, ids=lambda node: type(node).__name__)
def test_every_field_of_a_node_comes_back(store: Store, node: Node) -> None:
    defaults = {field.name: field.default for field in msgspec.structs.fields(node) if not field.required}
    same = {name for name, default in defaults.items() if getattr(node, name) == default}
    assert same <= {"erased"}, "the sample should fill every field"
    say(store, put(node))
    [(loaded, revision)] = store.load().nodes
    assert (loaded, revision) == (node, 1)
    assert canonical(loaded) == canonical(node)
    [told] = store.changes(0)
    assert canonical(told) == canonical(entry(1, PutNode(node)))
    assert store.verify() == []


def test_every_field_of_the_other_facts_comes_back(store: Store) -> None:
    other_ends = put(ADA, SELL)
    rest: list[Fact] = [PutNode(FULL_NODES[1]), PutWorkspace(FULL_WORKSPACE), AddCheckIn(FULL_CHECK_IN)]
    rest += [PutBroken(FULL_BROKEN), PutLink(FULL_LINK)]
    say(store, [*other_ends, *rest])
    snapshot = store.load()
    assert snapshot.workspace == FULL_WORKSPACE
    assert [canonical(one) for one in snapshot.check_ins] == [canonical(FULL_CHECK_IN)]
    assert [canonical(one) for one in snapshot.broken] == [canonical(FULL_BROKEN)]
    assert [canonical(one) for one in snapshot.links] == [canonical(FULL_LINK)]
    assert list(store.changes(0)) == [entry(1, *other_ends, *rest)]
    assert store.check_ins("sell-more") == [FULL_CHECK_IN]
    assert store.verify() == []


@pytest.mark.parametrize("text", ["", "' OR 1=1 --", '"}]', "\\", "\\u0000", "\0", "\u2028", "🙂", "é" * 20_000])
def test_any_text_comes_back(store: Store, text: str) -> None:
    node = Objective(f"goal/{text[:150]}x", "Grow revenue", description=text, attributes={text: [text]})
    say(store, put(node), [AddCheckIn(CheckIn(f"report {text[:150]}x", node.id, MONDAY, "cli", 2, note=text))])
    assert store.load().nodes == [(node, 2)]
    assert [one.note for one in store.check_ins(node.id)] == [text]
    assert list(store.changes(0, 1)) == [entry(1, PutNode(node))]
    assert store.verify() == []


def test_an_entry_keeps_who_when_why_and_what_was_asked(store: Store) -> None:
    asked: dict[str, object] = {
        "title": ODD_TEXT,
        "weight": 0.1,
        "themes": [],
        "due": None,
        "deep": {"b": 1, "a": [True]},
    }
    steps = (
        Step("createObjective", ("grow",), (PutNode(GROW),), asked, "it is time"),
        Step("updateWorkspace", (), (PutWorkspace(FULL_WORKSPACE),)),
        Step("unlinkGoals", (), ()),
    )
    said = Entry(1, MONDAY + timedelta(microseconds=999_999), "grace@example.com", "import", steps)
    store.commit([Draft(said)], 0, store.epoch)
    [told] = store.changes(0)
    assert canonical(told) == canonical(said)


def test_a_large_entry_comes_back_whole_and_in_order(store: Store) -> None:
    nodes = [Objective(f"goal-{number:05}", f"Grow revenue {number}") for number in range(2_501)]
    steps = tuple(Step("createObjective", (node.id,), (PutNode(node),)) for node in reversed(nodes))
    said = Entry(1, MONDAY, "ada", "import", steps)
    store.commit([Draft(said)], 0, store.epoch)
    assert list(store.changes(0)) == [said]
    assert store.load().nodes == [(node, 1) for node in nodes]
    assert store.verify() == []


# ---------- the present ----------


def test_a_snapshot_is_sorted(store: Store) -> None:
    nodes: list[Node] = [
        Objective("b", "B"),
        Person("a", "A"),
        KeyResult("ä", "Ä"),
        Objective("B", "B"),
        Team("🙂", "T"),
    ]
    links = [
        Link(source, target, kind)
        for source, target in [("b", "B"), ("B", "b"), ("ä", "b"), ("🙂", "b")]
        for kind in (LinkKind.PARENT, LinkKind.ALIGNED)
    ]
    broken = [BrokenReference(node, LinkKind.PARENT, reference) for node in ("b", "B") for reference in ("y", "x")]
    early, late = MONDAY, MONDAY + timedelta(microseconds=1)
    check_ins = [
        CheckIn(f"report-{number}", goal, at, "cli", 1, position)
        for number, (goal, at, position) in enumerate(
            [("b", late, 0), ("b", early, 2), ("b", early, 1), ("B", late, 3), ("ä", early, 0)]
        )
    ]
    facts: list[Fact] = [*put(*nodes), *map(PutLink, links), *map(PutBroken, broken), *map(AddCheckIn, check_ins)]
    say(store, facts, [RemoveNode("ä", (links[5], links[4])), RemoveNode("🙂", (links[6], links[7]))])
    snapshot = store.load()
    assert [node.id for node, _ in snapshot.nodes] == ["B", "a", "b"]
    assert [(one.source, one.target, one.kind) for one in snapshot.links] == [
        ("B", "b", "aligned"),
        ("B", "b", "parent"),
        ("b", "B", "aligned"),
        ("b", "B", "parent"),
    ]
    assert [one.id for one in snapshot.check_ins] == ["report-3", "report-2", "report-1", "report-0", "report-4"]
    assert [(one.node, one.reference) for one in snapshot.broken] == [("B", "x"), ("B", "y"), ("b", "x"), ("b", "y")]
    assert snapshot.removed == [
        Removed(nodes[2], 2, (links[5], links[4])),
        Removed(nodes[4], 2, (links[7], links[6])),
    ]


@pytest.mark.parametrize("kind", LinkKind)
def test_a_link_raises_the_revision_of_the_node_it_is_said_of(store: Store, kind: LinkKind) -> None:
    kinds = dict(zip(KINDS, FULL_NODES, strict=True))
    source, target = (
        msgspec.structs.replace(kinds[end], id=id) for end, id in zip(LINK_ENDS[kind], ("from", "to"), strict=True)
    )
    changed, other = ("to", "from") if kind in {LinkKind.OWNS, LinkKind.CONTRIBUTES_TO} else ("from", "to")
    link = Link("from", "to", kind)
    say(store, put(source, target))
    say(store, [PutLink(link)])
    assert {node.id: revision for node, revision in store.load().nodes} == {changed: 2, other: 1}
    say(store, [PutLink(msgspec.structs.replace(link, weight=2.0))])
    assert store.load().links == [msgspec.structs.replace(link, weight=2.0)]
    say(store, [RemoveLink("from", "to", kind)])
    assert {node.id: revision for node, revision in store.load().nodes} == {changed: 4, other: 1}
    assert store.load().links == []
    assert store.verify() == []


def test_what_is_said_of_a_node_raises_its_revision(store: Store) -> None:
    say(
        store,
        COMPANY,
        put(GROW),
        [report("first", revision=3)],
        [PutBroken(BrokenReference("platform", LinkKind.PART_OF, "gone"))],
    )
    assert [(node.id, revision) for node, revision in store.load().nodes] == [
        ("ada", 1),
        ("grow", 2),
        ("platform", 4),
        ("sell", 3),
    ]
    say(store, [RemoveBroken("platform", LinkKind.PART_OF, "gone")])
    assert store.load().nodes[2] == (PLATFORM, 5)
    assert store.load().broken == []


def test_a_removed_node_rests_with_its_links_and_comes_back(store: Store) -> None:
    kept: list[Fact] = [report("first", revision=1), PutBroken(BrokenReference("sell", LinkKind.ALIGNED, "gone"))]
    say(store, [*COMPANY, *kept], [RemoveNode("grow", (ADA_OWNS_GROW, SELL_OF_GROW)), RemoveNode("sell")])
    snapshot = store.load()
    assert snapshot.nodes == [(ADA, 1), (PLATFORM, 1)]
    assert snapshot.links == []
    assert snapshot.removed == [Removed(GROW, 2, (ADA_OWNS_GROW, SELL_OF_GROW)), Removed(SELL, 2, ())]
    assert [one.id for one in snapshot.check_ins] == ["first"]
    assert [one.reference for one in snapshot.broken] == ["gone"]
    say(store, [RestoreNode("sell")], [RestoreNode("grow"), PutLink(SELL_OF_GROW)])
    snapshot = store.load()
    assert snapshot.nodes == [(ADA, 1), (GROW, 4), (PLATFORM, 1), (SELL, 4)]
    assert snapshot.links == [SELL_OF_GROW]
    assert snapshot.removed == []
    assert store.verify() == []


def test_a_removal_changes_those_who_were_linked_to_it(store: Store) -> None:
    other = Link("expand", "grow", LinkKind.PARENT)
    owned = Link("platform", "expand", LinkKind.OWNS)
    say(store, [*COMPANY, *put(Objective("expand", "Expand")), PutLink(other), PutLink(owned)])
    say(store, [RemoveNode("grow", (ADA_OWNS_GROW, other, SELL_OF_GROW))], [RemoveNode("platform", (owned,))])
    assert [(node.id, revision) for node, revision in store.load().nodes] == [("ada", 1), ("expand", 3), ("sell", 2)]
    assert store.verify() == []


def test_groups_come_to_the_same_as_one_after_the_other(store: Store, tmp_path: Path) -> None:
    groups: list[Sequence[Fact]] = [
        COMPANY,
        [RemoveNode("grow", (ADA_OWNS_GROW, SELL_OF_GROW))],
        [RestoreNode("grow"), PutNode(Objective("grow", "Grow revenue again")), PutLink(SELL_OF_GROW)],
        [RemoveLink("sell", "grow", LinkKind.KEY_RESULT_OF), PutLink(SELL_OF_GROW)],
        [RemoveNode("grow", (SELL_OF_GROW,)), RestoreNode("grow"), RemoveNode("grow")],
        [RestoreNode("grow"), PutLink(SELL_OF_GROW)],
        [ErasePerson("ada"), RemoveNode("ada"), RestoreNode("ada")],
        [PutWorkspace(Workspace(check_in_days=3)), PutWorkspace(Workspace(check_in_days=4))],
    ]
    with closing(open_store(f"sqlite:///{tmp_path / 'one-by-one.db'}")) as other:
        for group in groups:
            say(other, group)
        for start, end in itertools.pairwise((0, 1, 2, 5, 8)):
            say(store, *groups[start:end])
        assert store.load() == other.load()._replace(epoch=store.epoch)
        assert store.verify() == []


@settings(max_examples=40)
@given(random=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8))
@pytest.mark.parametrize("place", sorted(PLACES.keys() - SERVERS))
def test_folding_the_log_to_any_revision_gives_what_the_store_gave_then(
    place: str, tmp_path_factory: pytest.TempPathFactory, random: Random, sizes: list[int]
) -> None:
    fold_to_any_revision(PLACES[place](tmp_path_factory.mktemp(place)), random, sizes)


@settings(max_examples=10)  # each way to a server takes a thousand times as long
@given(random=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8))
@pytest.mark.parametrize("place", SERVERS)
def test_folding_the_log_to_any_revision_gives_what_a_server_gave_then(
    place: str, tmp_path_factory: pytest.TempPathFactory, random: Random, sizes: list[int]
) -> None:
    fold_to_any_revision(PLACES[place](tmp_path_factory.mktemp(place)), random, sizes)


def fold_to_any_revision(url: str, random: Random, sizes: Sequence[int]) -> None:
    historian = Historian(random)
    with closing(open_store(url)) as store:
        then: dict[int, Snapshot] = {}
        for size in sizes:
            after = store.revision()
            store.commit([historian.draft() for _ in range(size)], after, store.epoch)
            then[after + size] = store.load()
            assert store.revision() == after + size
            assert store.verify() == []
        entries = list(store.changes(0))
        erased = {
            fact.id for one in entries for step in one.steps for fact in step.facts if isinstance(fact, ErasePerson)
        }
        for revision, snapshot in then.items():
            folded = fold(entries[:revision]).snapshot(store.epoch)
            assert canonical(folded) == canonical(_without_erased(snapshot, erased))
            assert folded == _without_erased(snapshot, erased)


def test_a_long_history_with_every_fact_folds_to_each_of_its_revisions(store: Store) -> None:
    historian = Historian(Random(2026))
    then: list[Snapshot] = []
    for revision in range(300):
        store.commit([historian.draft()], revision, store.epoch)
        then.append(store.load())
    entries = list(store.changes(0))
    facts = [fact for one in entries for step in one.steps for fact in step.facts]
    assert {type(fact) for fact in facts} == set(get_args(Fact))
    assert {type(fact.node) for fact in facts if isinstance(fact, PutNode)} == set(get_args(Node))
    assert {fact.link.kind for fact in facts if isinstance(fact, PutLink)} == set(LinkKind)
    erased = {fact.id for fact in facts if isinstance(fact, ErasePerson)}
    state = Folded()
    for one, snapshot in zip(entries, then, strict=True):
        assert fold([one], state).snapshot(store.epoch) == _without_erased(snapshot, erased)
    assert store.verify() == []


def _without_erased(snapshot: Snapshot, erased: set[str]) -> Snapshot:
    """What is left of an older snapshot once these people are erased."""

    def left(node: Node) -> Node:
        if not isinstance(node, Person) or node.id not in erased:
            return node
        return msgspec.structs.replace(node, name=node.id, email=None, attributes=None, erased=True)

    return snapshot._replace(
        nodes=[(left(node), revision) for node, revision in snapshot.nodes],
        removed=[one._replace(node=left(one.node)) for one in snapshot.removed],
    )


# ---------- all or nothing ----------


def everything(store: Store) -> tuple[int, Snapshot, list[Entry], Remembered | None]:
    """All that a store tells."""
    return store.revision(), store.load(), list(store.changes(0)), store.remembered("a key")


IMPOSSIBLE: dict[str, Sequence[Fact]] = {
    "a node whose id was given to another kind": put(Team("grow", "Grow")),
    "a node whose id was that of a removed one": put(Objective("gone", "Gone")),
    "a node whose id is that of a check-in": put(Objective("first", "First")),
    "a new node and a new check-in of one id": [*put(Objective("new", "New")), report("new", revision=5)],
    "a check-in whose id is that of a node": [report("platform", revision=5)],
    "a check-in whose id is that of a removed node": [report("gone", revision=5)],
    "a check-in whose id was given out": [report("first", revision=5, minutes=9)],
    "two check-ins of one id": [report("second", revision=5), report("second", revision=5, position=1)],
    "two check-ins that have no order": [report("second", revision=5), report("third", revision=5)],
    "a check-in of nothing": [report("second", "nothing", revision=5)],
    "a check-in of a removed goal": [report("second", "gone", revision=5)],
    "a link from nothing": [PutLink(Link("nothing", "grow", LinkKind.ALIGNED))],
    "a link to nothing": [PutLink(Link("grow", "nothing", LinkKind.ALIGNED))],
    "a link from a removed node": [PutLink(Link("gone", "grow", LinkKind.ALIGNED))],
    "a link to a removed node": [PutLink(Link("grow", "gone", LinkKind.ALIGNED))],
    "an unlinking from nothing": [RemoveLink("nothing", "grow", LinkKind.ALIGNED)],
    "a broken reference of nothing": [PutBroken(BrokenReference("nothing", LinkKind.ALIGNED, "x"))],
    "a removal of nothing": [RemoveNode("nothing")],
    "a removal of a removed node": [RemoveNode("gone")],
    "a restoring of nothing": [RestoreNode("nothing")],
    "a restoring of what is there": [RestoreNode("grow")],
    "an erasing of nothing": [ErasePerson("nothing")],
    "an erasing of a team": [ErasePerson("platform")],
    "an erased person said anew": put(Person("grace", "Grace Hopper")),
}


def moved_to(revision: int, fact: Fact) -> Fact:
    """The same fact in another entry: a check-in names the revision that it came with."""
    if not isinstance(fact, AddCheckIn):
        return fact
    return AddCheckIn(msgspec.structs.replace(fact.check_in, revision=revision))


@pytest.mark.parametrize("facts", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_facts_that_do_not_fit_leave_no_trace_of_their_group(store: Store, facts: Sequence[Fact]) -> None:
    say(store, [*COMPANY, *put(Objective("gone", "Gone"), Person("grace", "Grace Hopper"))])
    say(store, [report("first", revision=2)], [RemoveNode("gone")], [ErasePerson("grace")])
    before = everything(store)
    fine: list[Fact] = [PutNode(Objective("expand", "Expand")), PutWorkspace(FULL_WORKSPACE), RemoveNode("platform")]
    record = Remembered("a key", b"digest", 6, b"answer", MONDAY)
    with pytest.raises(StoreDamaged):
        store.commit([Draft(entry(5, *facts)), Draft(entry(6, *fine), record)], 4, store.epoch)
    with pytest.raises(StoreDamaged):
        store.commit(
            [Draft(entry(5, *fine[:2])), Draft(entry(6, *(moved_to(6, fact) for fact in facts)))], 4, store.epoch
        )
    assert everything(store) == before
    assert store.verify() == []
    say(store, fine)
    assert store.revision() == 5


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_a_commit_on_another_revision_writes_nothing(store: Store, expected: int) -> None:
    say(store, COMPANY)
    before = everything(store)
    with pytest.raises(RevisionMoved, match="revision 1 now") as moved:
        store.commit(drafts(expected, put(Objective("expand", "Expand")), [ErasePerson("ada")]), expected, store.epoch)
    assert moved.value.revision == 1
    assert everything(store) == before
    assert store.verify() == []


@pytest.mark.parametrize("revisions", [(1,), (3,), (2, 2), (2, 4), (3, 2)])
def test_entries_that_do_not_count_up_are_a_mistake_of_the_caller(store: Store, revisions: tuple[int, ...]) -> None:
    say(store, COMPANY)
    before = everything(store)
    with pytest.raises(ValueError, match="revision"):
        store.commit([Draft(entry(revision, PutWorkspace(FULL_WORKSPACE))) for revision in revisions], 1, store.epoch)
    assert everything(store) == before


def test_a_key_of_another_entry_is_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="the key of entry 1 has revision 2"):
        store.commit(
            [Draft(entry(1, PutNode(GROW)), Remembered("a key", b"digest", 2, b"answer", MONDAY))], 0, store.epoch
        )
    assert everything(store)[0] == 0


def test_no_drafts_change_nothing(store: Store) -> None:
    store.commit([], 0, store.epoch)
    assert store.revision() == 0


# ---------- the log ----------


def test_changes_after_a_revision(store: Store) -> None:
    groups = [put(Objective(f"goal-{number}", "Grow revenue")) for number in range(450)]
    say(store, *groups)
    revisions = [one.revision for one in store.changes(0)]
    assert revisions == list(range(1, 451))
    assert [one.revision for one in store.changes(447)] == [448, 449, 450]
    assert [one.revision for one in store.changes(0, 2)] == [1, 2]
    assert [one.revision for one in store.changes(1, 300)] == list(range(2, 302))
    assert [one.revision for one in store.changes(449, 5)] == [450]
    assert list(store.changes(450)) == []
    assert list(store.changes(1_000)) == []
    assert list(store.changes(0, 0)) == []


def test_who_reads_the_log_slowly_holds_up_nobody_and_misses_nothing(store: Store) -> None:
    say(store, COMPANY)
    reading = store.changes(0)
    assert next(reading).revision == 1
    say(store, put(Objective("expand", "Expand")))
    assert [one.revision for one in reading] == [2]


def test_check_ins_newest_first(store: Store) -> None:
    say(store, COMPANY)
    say(
        store,
        [report("noon", revision=2, minutes=180), report("early", revision=2, position=1, minutes=60)],
        [report("late entry", revision=3, minutes=60), report("of grow", "grow", revision=3, position=1)],
        [report("noon again", revision=4, minutes=180), report("and again", revision=4, position=1, minutes=180)],
    )
    assert [one.id for one in store.check_ins("sell")] == ["and again", "noon again", "noon", "late entry", "early"]
    assert [one.id for one in store.check_ins("grow")] == ["of grow"]
    assert store.check_ins("nothing") == []


# ---------- idempotency keys ----------


def test_a_key_is_remembered_with_its_answer(store: Store) -> None:
    records = [
        Remembered("ada\x1fcreate\x1fone", bytes(range(256)), 1, b'{"id":"grow"}', MONDAY + timedelta(microseconds=7)),
        Remembered("two", b"", 3, b"", MONDAY),
    ]
    store.commit(
        [
            Draft(entry(1, PutNode(GROW)), records[0]),
            Draft(entry(2, PutNode(SELL))),
            Draft(entry(3, PutNode(ADA)), records[1]),
        ],
        0,
        store.epoch,
    )
    assert store.remembered("ada\x1fcreate\x1fone") == records[0]
    assert store.remembered("two") == records[1]
    assert store.remembered("TWO") is None
    assert store.recall(["two", "TWO", records[0].key]) == {one.key: one for one in records}
    assert store.recall([]) == {}
    assert store.verify() == []


def test_keys_are_kept_for_a_day_and_not_for_ever(store: Store) -> None:
    def commit(hours: int) -> None:
        revision = store.revision() + 1
        at = MONDAY + timedelta(hours=hours)
        record = Remembered(f"key {revision}", b"d", revision, b"a", at)
        store.commit([Draft(entry(revision, PutNode(GROW), at=at), record)], revision - 1, store.epoch)

    def known() -> list[int]:
        return [number for number in range(1, store.revision() + 1) if store.remembered(f"key {number}")]

    for hour in range(24):
        commit(hour)
    assert known() == list(range(1, 25))
    for _ in range(200):
        commit(23)
    assert known() == list(range(1, 225))
    for _ in range(200):
        commit(23 + 24)
    assert set(range(25, 425)) <= set(known())
    for _ in range(500):
        commit(24 * 60)
    assert known() == list(range(425, 925))
    assert store.verify() == []


# ---------- erasing ----------

ADA_ASKED: dict[str, object] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "attributes": {"phone": "+44 20"},
    "jobTitle": "Analyst",
}
GRACE = Person("grace", "Grace Hopper", "grace@example.com", "Admiral")


def erase_ada(store: Store) -> None:
    married = Person("ada", "Ada King", "countess@example.com", "Analyst", attributes={"phone": "+44 30"})
    steps = [
        (
            Step(
                "createPerson",
                ("ada",),
                (PutNode(msgspec.structs.replace(ADA, job_title="Analyst")), PutNode(GROW)),
                ADA_ASKED,
            ),
        ),
        (Step("createPerson", ("grace",), (PutNode(GRACE),), {"id": "grace", "name": "Grace Hopper"}),),
        (Step("updatePerson", ("ada",), (PutNode(married),), {"id": "ada", "name": "Ada King", "email": None}),),
        (Step("assignOwner", ("ada", "grow"), (PutLink(ADA_OWNS_GROW),), {"goalId": "grow", "ownerId": "ada"}),),
    ]
    said = [Entry(revision, MONDAY, "ada", "graphql", made) for revision, made in enumerate(steps, 1)]
    store.commit([Draft(one) for one in said], 0, store.epoch)
    assert [canonical(one) for one in store.changes(0)] == [canonical(one) for one in said]
    assert store.load().nodes[0] == (married, 3)
    say(store, [ErasePerson("ada")])


def test_an_erased_person_keeps_the_id_alone(store: Store) -> None:
    erase_ada(store)
    left = Person("ada", "ada", job_title="Analyst", active=False, erased=True)
    snapshot = store.load()
    assert snapshot.nodes == [(left, 5), (GRACE, 2), (GROW, 4)]
    assert snapshot.links == [ADA_OWNS_GROW]
    assert store.verify() == []


def test_an_erased_name_is_gone_from_all_past_revisions(store: Store) -> None:
    erase_ada(store)
    entries = list(store.changes(0))
    told = canonical(entries).decode()
    for word in ("Lovelace", "King", "ada@example", "countess", "+44 20", "+44 30"):
        assert word not in told
    assert "Grace Hopper" in told
    was = Person("ada", "ada", job_title="Analyst", erased=True)
    assert fold(entries[:1]).nodes["ada"] == was
    assert fold(entries[:4]).snapshot(store.epoch).nodes == [(was, 3), (GRACE, 2), (GROW, 4)]
    assert fold(entries).snapshot(store.epoch) == store.load()
    assert entries[0].steps[0].input == {"name": "ada", "jobTitle": "Analyst"}
    assert entries[2].steps[0].input == {"id": "ada"}
    assert entries[4].steps[0].facts == (ErasePerson("ada"),)


def test_an_erased_person_may_be_said_anew_as_erased(store: Store) -> None:
    erase_ada(store)
    left = Person("ada", "ada", job_title="Post 7", active=False, erased=True)
    say(store, put(left))
    assert store.load().nodes[0] == (left, 6)
    assert next(store.changes(5)) == entry(6, PutNode(left))
    assert store.verify() == []


def test_a_person_may_be_erased_where_removed_and_in_the_group_that_made_them(store: Store) -> None:
    say(store, put(ADA), [RemoveNode("ada")])
    say(store, [ErasePerson("ada")], put(GRACE), [ErasePerson("grace")])
    snapshot = store.load()
    assert snapshot.removed == [Removed(Person("ada", "ada", active=False, erased=True), 2, ())]
    assert snapshot.nodes == [(Person("grace", "grace", job_title="Admiral", active=False, erased=True), 5)]
    assert b"Hopper" not in canonical(list(store.changes(0)))
    assert store.verify() == []


# ---------- several at once ----------


def test_a_snapshot_is_one_moment_while_another_thread_writes(store: Store) -> None:
    say(store, COMPANY)
    done = threading.Event()

    def write() -> None:
        try:
            for revision in range(2, 152):
                goal = Objective(f"goal-{revision:03}", "Grow revenue")
                under = PutLink(Link(goal.id, "grow", LinkKind.PARENT))
                store.commit(
                    [Draft(entry(revision, PutNode(goal), under, report(f"report-{revision}", revision=revision)))],
                    revision - 1,
                    store.epoch,
                )
        finally:
            done.set()

    seen = set()
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        while True:
            last = done.is_set()
            snapshot = store.load()
            later = snapshot.revision - 1
            assert (len(snapshot.nodes), len(snapshot.links), len(snapshot.check_ins)) == (4 + later, 2 + later, later)
            assert {node.id: revision for node, revision in snapshot.nodes}["sell"] == snapshot.revision
            assert len(store.check_ins("sell")) >= later
            assert store.revision() >= snapshot.revision
            seen.add(snapshot.revision)
            if last:
                break
        writing.result()
    assert max(seen) == 151
    assert len(seen) > 2, "the reader should have met the writer at work"


def test_of_racing_writers_each_is_told_to_decide_again(store: Store) -> None:
    say(store, COMPANY)
    each, writers = 25, 4
    start = threading.Barrier(writers)

    def write(name: str) -> None:
        start.wait()
        for number in range(each):
            while True:
                on = store.revision()
                with suppress(RevisionMoved):
                    store.commit([Draft(entry(on + 1, report(f"{name}-{number}", revision=on + 1)))], on, store.epoch)
                    break

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, ("ada", "grace", "mary", "joan")))
    assert store.revision() == 1 + each * writers
    assert len(store.check_ins("sell")) == each * writers
    assert store.verify() == []


def test_two_handles_follow_each_other(opener: Callable[[], Store]) -> None:
    one, two = opener(), opener()
    assert one.epoch == two.epoch
    say(one, COMPANY)
    assert two.revision() == 1
    assert two.load() == one.load()
    say(two, [report("first", revision=2)])
    assert one.revision() == 2
    assert [one_entry.revision for one_entry in one.changes(1)] == [2]
    assert [check_in.id for check_in in one.check_ins("sell")] == ["first"]
    with pytest.raises(RevisionMoved):
        one.commit(drafts(1, put(Objective("expand", "Expand"))), 1, one.epoch)
    assert two.revision() == 2
    say(one, [ErasePerson("ada")])
    assert b"Lovelace" not in canonical(list(two.changes(0)))
    assert two.verify() == []


def test_a_store_outlives_its_handle(opener: Callable[[], Store]) -> None:
    first = opener()
    record = Remembered("a key", b"digest", 1, b"answer", MONDAY)
    first.commit([Draft(entry(1, *COMPANY), record)], 0, first.epoch)
    epoch, snapshot, entries = first.epoch, first.load(), list(first.changes(0))
    first.close()
    again = opener()
    assert (again.epoch, again.revision()) == (epoch, 1)
    assert again.load() == snapshot
    assert list(again.changes(0)) == entries
    assert again.remembered("a key") == record
    assert again.verify() == []


# ---------- the end ----------

USES: dict[str, Callable[[Store], object]] = {
    "revision": lambda store: store.revision(),
    "load": lambda store: store.load(),
    "commit": lambda store: store.commit(drafts(1, put(PLATFORM)), 1, store.epoch),
    "changes": lambda store: list(store.changes(0)),
    "check_ins": lambda store: store.check_ins("sell"),
    "remembered": lambda store: store.remembered("a key"),
    "recall": lambda store: store.recall(["a key"]),
    "verify": lambda store: store.verify(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_closed_store_says_so(store: Store, use: Callable[[Store], object]) -> None:
    say(store, [*COMPANY, PutNode(Period("2026", "2026"))])
    use(store)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        use(store)
