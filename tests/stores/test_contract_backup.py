"""The contract of a store (stores/base.py) for backup and restore, held by every store, hostile files included."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random

import msgspec
import pytest

from graph_service.errors import Invalid, RevisionMoved, StoreDamaged, StoreUnavailable
from graph_service.models.facts import Entry, ErasePerson, PutLink, PutNode, Step
from graph_service.models.nodes import Link, Objective, Person
from graph_service.models.tokens import Token
from graph_service.models.words import LinkKind, Scope
from graph_service.stores import backup as backup_file
from graph_service.stores import log, open_store
from graph_service.stores.base import Draft, Remembered, Restored, Store
from graph_service.stores.fold import fold
from tests.stores.conftest import PLACES
from tests.stores.samples import MONDAY, Historian, drafts, entry, put
from tests.stores.test_contract import ADA, COMPANY, GRACE, GROW, canonical, erase_ada, report, say

LATER = MONDAY + timedelta(days=3)
TOKEN = Token("b4", "nightly import", Scope.WRITE, bytes(32), MONDAY)


def history(store: Store, seed: int = 7, commits: int = 40) -> None:
    """A long history with every kind of fact, answers under keys and erased people."""
    historian = Historian(Random(seed))
    for revision in range(commits):
        store.commit([historian.draft()], revision, store.epoch)


def everything(store: Store) -> list[bytes]:
    """All that a store says but its epoch, as bytes: the present, the log, each past revision, the answers kept."""
    revision = store.revision()
    snapshot = store.load()._replace(epoch="")
    entries = list(store.changes(0))
    past = [fold(entries[:number]).snapshot("") for number in range(1, revision + 1)]
    goals = sorted({one.goal for one in snapshot.check_ins})
    answers = [store.remembered(f"key {number}") for number in range(1, revision + 1)]
    return [canonical(one) for one in (snapshot, entries, past, [store.check_ins(goal) for goal in goals], answers)]


@pytest.fixture(params=PLACES)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Another empty store, of each kind."""
    with closing(open_store(PLACES[request.param](tmp_path / "other"))) as opened:
        yield opened


# ---------- there and back ----------


def test_a_restored_store_says_the_same_on_every_kind_of_store(store: Store, other: Store) -> None:
    history(store)
    lines = list(store.backup(LATER))
    epoch = other.epoch
    restored = other.restore(lines, LATER, "grace")
    assert restored == Restored(other.epoch, 40, ())
    assert other.epoch not in {epoch, store.epoch}
    assert everything(other) == everything(store)
    assert other.verify() == []
    again = list(other.backup(LATER))
    assert [json.loads(line) for line in (again[0], lines[0])] == [
        json.loads(lines[0]) | {"epoch": other.epoch},
        json.loads(lines[0]),
    ]
    assert again[1:-1] == lines[1:-1]


def test_the_empty_store_there_and_back(store: Store, other: Store) -> None:
    say(other, COMPANY)
    assert other.restore(list(store.backup(LATER)), LATER, "grace") == Restored(other.epoch, 0, ())
    assert everything(other) == everything(store)
    assert other.verify() == []


def test_life_goes_on_after_a_restore(store: Store) -> None:
    say(store, COMPANY, [report("first", revision=2)])
    lines = list(store.backup(LATER))
    say(store, put(Objective("expand", "Expand")), put(Objective("learn", "Learn")))
    epoch = store.epoch
    store.restore(lines, LATER, "grace")
    assert store.revision() == 2
    with pytest.raises(RevisionMoved):
        store.commit(drafts(2, put(Objective("hire", "Hire"))), 2, epoch)
    say(store, put(Objective("expand", "Expand again")), [report("second", revision=4)])
    assert [one.revision for one in store.changes(0)] == [1, 2, 3, 4]
    assert store.load().nodes[1] == (Objective("expand", "Expand again"), 3)
    assert store.verify() == []


def test_what_a_backup_looks_like(store: Store) -> None:
    record = Remembered("a key", b"digest", 1, b'{"id":"grow"}', MONDAY)
    step = Step("createPerson", ("ada",), (PutNode(ADA),), {"id": "ada", "name": "Ada Lovelace"})
    store.commit([Draft(Entry(1, MONDAY, "grace", "graphql", (step,)), record)], 0, store.epoch)
    raw = list(store.backup(LATER))
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in raw)
    head, first, part, asked, person, answer, end = map(json.loads, raw)
    assert head == {
        "line": "head",
        "format": "graph-service backup",
        "version": 1,
        "epoch": store.epoch,
        "revision": 1,
        "at": "2026-01-08T09:30:00Z",
    }
    assert (first["line"], first["header"]["revision"], first["header"]["by"]) == ("entry", 1, "grace")
    assert part["steps"][0]["kind"] == "createPerson"
    assert "Lovelace" not in json.dumps(part)
    assert asked["fields"] == {"name": "Ada Lovelace"}
    assert person["person"] == "ada"
    assert person["fields"] == {
        "attributes": {"phone": "+44 20"},
        "email": "ada@example.com",
        "name": "Ada Lovelace",
    }
    assert answer == {
        "line": "answer",
        "key": "a key",
        "digest": "ZGlnZXN0",
        "answer": "eyJpZCI6Imdyb3cifQ==",
        "at": "2026-01-05T09:30:00Z",
    }
    assert end == {
        "line": "end",
        "entries": 1,
        "lines": 6,
        "head": first["hash"],
        "digest": sha256(b"".join(raw[:-1])).hexdigest(),
    }


def test_the_same_store_at_the_same_moment_gives_the_same_bytes(store: Store) -> None:
    history(store)
    assert list(store.backup(LATER)) == list(store.backup(LATER))


def test_a_backup_is_one_moment_while_others_write(store: Store, other: Store) -> None:
    say(store, COMPANY, *[put(Objective(f"goal-{number}", "Grow revenue")) for number in range(30)])
    before = everything(store)
    lines = store.backup(LATER)
    taken = [next(lines)]
    with ThreadPoolExecutor(1) as threads:
        threads.submit(say, store, [report("meanwhile", revision=32)], [ErasePerson("ada")]).result(30)
    taken += lines
    assert store.revision() == 33
    other.restore(taken, LATER, "grace")
    assert everything(other) == before
    assert other.verify() == []


def test_a_backup_beside_a_busy_writer_is_always_whole(opener: Callable[[], Store], other: Store) -> None:
    writer, reader = opener(), opener()
    say(writer, COMPANY)
    epoch = writer.epoch
    rounds, each = 4, 30
    begun = threading.Barrier(2)

    def write() -> None:
        for revision in range(1, rounds * each + 1):
            if revision % each == 1:
                begun.wait(60)
            writer.commit([Draft(entry(revision + 1, report(f"r{revision}", revision=revision + 1)))], revision, epoch)

    def taken() -> int:
        restored = other.restore(reader.backup(LATER), LATER, "grace")
        assert len(other.load().check_ins) == restored.revision - 1
        assert other.verify() == []
        return restored.revision

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        for number in range(rounds):
            begun.wait(60)  # and now both are at work
            assert 1 + each * number <= taken() <= 1 + each * (number + 1)
        writing.result()
    assert taken() == 1 + each * rounds


def test_a_backup_that_is_not_read_to_its_end_holds_up_nobody(store: Store) -> None:
    say(store, COMPANY)
    lines = store.backup(LATER)
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    left = store.backup(LATER)
    next(left)
    say(store, put(Objective("expand", "Expand")))
    assert store.revision() == 2
    del left


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    sizes = []
    for name, commits in (("short", 30), ("long", 300)):
        with closing(open_store(f"sqlite:///{tmp_path / name}.db")) as store:
            long = "why " * 4_000
            for revision in range(commits):
                goal = Objective("grow", f"Grow revenue {revision}", description=f"{revision} {long}")
                store.commit(drafts(revision, put(goal)), revision, store.epoch)
            tracemalloc.start()
            count = sum(map(len, store.backup(LATER)))
            sizes.append((count, tracemalloc.get_traced_memory()[1]))
            tracemalloc.stop()
    (short, at_first), (long_, at_last) = sizes
    assert long_ > 9 * short
    assert at_last < 1.5 * at_first


# ---------- people and tokens ----------


def test_tokens_stay_and_are_in_no_backup(store: Store, other: Store) -> None:
    say(store, COMPANY)
    store.put_token(TOKEN)
    lines = list(store.backup(LATER))
    assert b"nightly" not in b"".join(lines)
    own = Token("a7", "chart", Scope.READ, bytes(32), MONDAY, revoked=MONDAY)
    other.put_token(own)
    other.restore(lines, LATER, "grace")
    assert other.tokens() == [own]


def test_an_erased_person_is_erased_in_the_backup(store: Store, other: Store) -> None:
    erase_ada(store)
    lines = list(store.backup(LATER))
    for word in (b"Lovelace", b"King", b"countess", b"+44"):
        assert word not in b"".join(lines)
    assert b"Grace Hopper" in b"".join(lines)
    assert other.restore(lines, LATER, "grace").erased == ()
    assert everything(other) == everything(store)
    assert other.verify() == []


def test_who_was_erased_since_the_backup_is_erased_again(store: Store) -> None:
    joan = Person("joan", "Joan Clarke", "joan@example.com")
    say(store, [*COMPANY, *put(GRACE, joan)])
    lines = list(store.backup(LATER))
    say(store, [ErasePerson("ada")], [ErasePerson("joan")], put(Person("mary", "Mary Jackson")), [ErasePerson("mary")])
    restored = store.restore(lines, LATER, "the command line")
    assert restored == Restored(store.epoch, 3, ("ada", "joan"))
    entries = list(store.changes(0))
    assert entries[1:] == [
        Entry(
            number,
            LATER,
            "the command line",
            "restore",
            (Step("erasePerson", (id,), (ErasePerson(id),), {"id": id}),),
        )
        for number, id in ((2, "ada"), (3, "joan"))
    ]
    told = canonical(entries) + canonical(store.load()) + b"".join(store.backup(LATER))
    for word in (b"Lovelace", b"Clarke", b"joan@", b"ada@"):
        assert word not in told
    assert b"Grace Hopper" in told
    assert {node.id: revision for node, revision in store.load().nodes}["ada"] == 2
    assert store.verify() == []


def test_who_was_removed_and_then_erased_is_erased_again_where_removed(store: Store) -> None:
    from graph_service.models.facts import RemoveNode

    say(store, put(ADA, GROW), [RemoveNode("ada")])
    lines = list(store.backup(LATER))
    say(store, [ErasePerson("ada")])
    assert store.restore(lines, LATER, "grace") == Restored(store.epoch, 3, ("ada",))
    [removed] = store.load().removed
    assert (removed.node, removed.revision) == (Person("ada", "ada", active=False, erased=True), 2)
    assert store.verify() == []


def test_an_erased_name_is_in_no_byte_of_the_files_after_a_restore(tmp_path: Path) -> None:
    path = tmp_path / "company.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        say(store, COMPANY)
        lines = list(store.backup(LATER))
        say(store, [ErasePerson("ada")])
        store.restore(lines, LATER, "grace")
        for file in tmp_path.iterdir():
            assert b"Lovelace" not in file.read_bytes()


# ---------- other handles ----------


def test_another_handle_notices_the_new_epoch(opener: Callable[[], Store]) -> None:
    one, two = opener(), opener()
    say(one, COMPANY)
    lines = list(one.backup(LATER))
    epoch = two.epoch
    assert two.revision() == 1
    one.restore(lines, LATER, "grace")
    with pytest.raises(RevisionMoved, match="revision 1 now"):
        two.commit(drafts(1, put(Objective("expand", "Expand"))), 1, epoch)
    assert (two.revision(), two.epoch) == (1, one.epoch)
    assert two.epoch != epoch
    two.commit(drafts(1, put(Objective("expand", "Expand"))), 1, two.epoch)
    assert one.revision() == 2


def test_a_restored_store_outlives_its_handle(opener: Callable[[], Store], other: Store) -> None:
    history(other)
    first = opener()
    restored = first.restore(other.backup(LATER), LATER, "grace")
    first.close()
    again = opener()
    assert (again.epoch, again.revision()) == (restored.epoch, 40)
    assert everything(again) == everything(other)


def test_a_closed_store_gives_no_backup_and_takes_none(store: Store) -> None:
    lines = list(store.backup(LATER))
    store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        list(store.backup(LATER))
    with pytest.raises(StoreUnavailable, match="is closed"):
        store.restore(lines, LATER, "grace")


# ---------- files that are not sound ----------


def sample() -> list[bytes]:
    """A backup with every kind of line."""
    with closing(open_store("sqlite://")) as store:
        history(store, commits=12)
        return list(store.backup(LATER))


SAMPLE = sample()


def refused(store: Store, lines: Sequence[bytes]) -> str:
    """Why a backup is refused; nothing of the store has changed."""
    before = (store.epoch, store.load(), list(store.backup(LATER)), store.tokens())
    with pytest.raises(Invalid) as wrong:
        store.restore(lines, LATER, "grace")
    assert (store.epoch, store.load(), list(store.backup(LATER)), store.tokens()) == before
    assert wrong.value.path == ("file",)
    return wrong.value.message


def resealed(lines: Sequence[bytes]) -> list[bytes]:
    """The lines with an end that fits them, as somebody who knows the format would forge it."""
    end = json.loads(lines[-1])
    end |= {"lines": len(lines) - 1, "digest": sha256(b"".join(lines[:-1])).hexdigest()}
    return [*lines[:-1], json.dumps(end).encode() + b"\n"]


@pytest.fixture
def filled(store: Store) -> Iterator[Store]:
    """A store of each kind with a company and a token in it; sound when the test is over."""
    say(store, [*COMPANY, report("first", revision=1)])
    store.put_token(TOKEN)
    yield store
    assert store.verify() == []


FOREIGN = {
    "nothing": [],
    "an empty line": [b"\n"],
    "records": [b'{"kind":"objective","id":"grow","title":"Grow revenue"}\n'],
    "another format": [b'{"line":"head","format":"other backup","version":1}\n', *SAMPLE[1:]],
    "a list": [b"[]\n"],
    "no text": [bytes(range(256))],
    "a database": [b"SQLite format 3\0" + bytes(84)],
    "brackets": [b"[" * 4_000],
    "a long first line": [b"x" * 1_000_000],
    "a head without its beginning": SAMPLE[1:],
}


@pytest.mark.parametrize("lines", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_backup(filled: Store, lines: Sequence[bytes]) -> None:
    assert refused(filled, lines) == "line 1: this is no backup of graph-service"


def test_a_newer_format(filled: Store) -> None:
    newer = json.dumps(json.loads(SAMPLE[0]) | {"version": 2, "more": "fields"}).encode() + b"\n"
    assert refused(filled, [newer, b"what nobody here can read\n"]) == (
        "line 1: the backup has format version 2, known here are those up to 1; restore it with a newer graph-service"
    )


def test_a_head_that_lacks_something(filled: Store) -> None:
    head = json.loads(SAMPLE[0])
    del head["epoch"]
    assert refused(filled, [json.dumps(head).encode() + b"\n", *SAMPLE[1:]]) == (
        "line 1: Object missing required field `epoch`"
    )


def test_a_file_cut_off_at_any_line_is_noticed(filled: Store) -> None:
    for end in range(1, len(SAMPLE)):
        assert "it was cut off" in refused(filled, SAMPLE[:end])


def test_a_file_cut_off_within_any_line_is_noticed(filled: Store) -> None:
    for number, line in enumerate(SAMPLE, 1):
        cut = [*SAMPLE[: number - 1], line[:-1]]
        assert refused(filled, cut) in {
            f"line {number}: the line has no end; the file was cut off",
            *(f"lines {begin} to {number}: the line has no end; the file was cut off" for begin in range(1, number)),
        }


def test_any_line_left_out_doubled_or_changed_places_is_noticed(filled: Store) -> None:
    for number in range(1, len(SAMPLE)):
        refused(filled, SAMPLE[:number] + SAMPLE[number + 1 :])
        refused(filled, SAMPLE[: number + 1] + SAMPLE[number:])
    for one, two in itertools.pairwise(range(1, len(SAMPLE))):
        swapped = [*SAMPLE]
        swapped[one], swapped[two] = swapped[two], swapped[one]
        if swapped != SAMPLE:
            refused(filled, swapped)


def test_any_entry_left_out_or_changed_is_noticed_however_the_end_is_forged(filled: Store) -> None:
    for number in range(1, len(SAMPLE) - 1):
        kind = json.loads(SAMPLE[number])["line"]
        if kind != "answer":  # an old answer may be forgotten
            refused(filled, resealed(SAMPLE[:number] + SAMPLE[number + 1 :]))
        refused(filled, resealed(SAMPLE[: number + 1] + SAMPLE[number:]))


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_anywhere_is_noticed(filled: Store, seed: int) -> None:
    random = Random(seed)
    for number, line in enumerate(SAMPLE):
        damaged = bytearray(line)
        damaged[random.randrange(len(line))] ^= 1 << random.randrange(8)
        refused(filled, [*SAMPLE[:number], bytes(damaged), *SAMPLE[number + 1 :]])


def test_something_after_the_end(filled: Store) -> None:
    assert refused(filled, [*SAMPLE, b"\n"]) == (f"line {len(SAMPLE) + 1}: something follows the end of the backup")


@pytest.mark.parametrize(
    ("line", "change", "why"),
    [
        ("personal", {"fields": {"name": "Somebody Else"}}, "do not have their hash"),
        ("personal", {"person": "somebody-else"}, "the personal fields are not those that the entry names"),
        ("answer", {"key": "another key"}, "the idempotency record does not have its hash"),
        ("entry", {"hash": "00" * 32}, "the entry does not have its hash"),
        ("entry", {"hash": "no hash"}, "non-hexadecimal number found"),
        ("part", {"steps": []}, "part 0 of the entry does not have its hash"),
        ("part", {"steps": {}}, "cannot be read: Expected `array`, got `object`"),
        ("part", {"more": 1}, "Object contains unknown field `more`"),
    ],
)
def test_what_was_changed_is_named(filled: Store, line: str, change: dict[str, object], why: str) -> None:
    number = next(
        number
        for number, raw in enumerate(SAMPLE)
        if json.loads(raw)["line"] == line and (line != "personal" or "fields" in json.loads(raw))
    )
    changed = json.dumps(json.loads(SAMPLE[number]) | change).encode() + b"\n"
    message = refused(filled, resealed([*SAMPLE[:number], changed, *SAMPLE[number + 1 :]]))
    assert why in message
    assert message.startswith("line")


def forged(
    *groups: Sequence[object], personal: Callable[[log.Personal], log.Personal] = lambda row: row
) -> list[bytes]:
    """A backup of entries that no store would have taken in, with everything else in order."""
    previous, kept = log.GENESIS, []
    for revision, facts in enumerate(groups, 1):
        written = log.write(entry(revision, *facts))  # type: ignore[arg-type]
        header, previous = log.chain(written, previous)
        rows = tuple(map(personal, written.personal))
        kept.append(backup_file.Kept(written.entry, header, previous, written.parts, rows, None))
    return list(backup_file.write_backup("an epoch", len(groups), LATER, kept))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([PutLink(Link("grow", "nothing", LinkKind.PARENT))], "revision 1: a link names 'grow', which is not there"),
        ([ErasePerson("nobody")], "revision 1: 'nobody' is no person"),
        ([*put(GROW), *put(Person("grow", "Grow"))], "revision 1: the id 'grow' was given out before, to another kind"),
        ([report("first", "nothing", revision=1)], "revision 1: 'nothing' is not there"),
        ([*put(GROW), report("first", "grow", revision=9)], "the check-in 'first' names revision 9"),
        (
            [*put(GROW), report("one", "grow", revision=1), report("two", "grow", revision=1)],
            "cannot be kept",
        ),
        (
            [*put(GROW), report("one", "grow", revision=1, position=1 << 70)],
            "cannot be kept",
        ),
    ],
)
def test_facts_that_do_not_fit(filled: Store, facts: Sequence[object], why: str) -> None:
    assert why in refused(filled, forged(facts))


def test_names_taken_out_of_a_backup_are_missed(filled: Store) -> None:
    lines = forged(put(ADA), [ErasePerson("ada")], personal=lambda row: row._replace(salt=None, body=None))
    assert len(lines) == 7
    emptied = [line for line in lines if b'"erase"' not in line]
    with pytest.raises(StoreDamaged, match="personal fields of 'ada', who is not erased, are missing"):
        forged(put(ADA), personal=lambda row: row._replace(salt=None, body=None))
    head = json.dumps(json.loads(emptied[0]) | {"revision": 1}).encode() + b"\n"
    first = json.loads(emptied[1])
    end = json.loads(emptied[-1]) | {"entries": 1, "head": first["hash"]}
    lines = resealed([head, *emptied[1:4], json.dumps(end).encode() + b"\n"])
    assert "personal fields of 'ada', who is not erased, are missing" in refused(filled, lines)


def test_a_damaged_store_gives_no_backup(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "company.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        say(store, COMPANY)
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("UPDATE parts SET body = CAST(replace(CAST(body AS TEXT), 'Grow', 'Glow') AS BLOB)")
        with pytest.raises(StoreDamaged, match="part 0 of the entry does not have its hash"):
            list(store.backup(LATER))


def test_a_line_of_a_gigabyte_is_not_read_to_its_end(filled: Store) -> None:
    read = 0

    class Endless(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal read
            if read == 0:
                read += len(SAMPLE[0])
                return SAMPLE[0]
            assert size is not None
            assert 0 < size <= backup_file.LONGEST + 1
            read += size
            return b"x" * size

    assert "the line is longer than" in refused(filled, backup_file.lines_of(Endless()))  # type: ignore[arg-type]
    assert read <= backup_file.LONGEST + 1 + len(SAMPLE[0])


def test_a_first_line_without_end_is_given_up_at_once() -> None:
    bomb = BytesIO(gzip.compress(bytes(50_000_000)))
    tracemalloc.start()
    with closing(open_store("sqlite://")) as store, gzip.open(bomb) as unpacked:
        tracemalloc.reset_peak()
        with pytest.raises(Invalid, match="line 1: this is no backup"):
            store.restore(backup_file.lines_of(unpacked), LATER, "grace")
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_change_too_large_for_the_log_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service.errors import Limit

    monkeypatch.setattr(log, "LARGEST", 2_000)
    say(store, COMPANY)
    before = everything(store)
    with pytest.raises(Limit, match=r"the change comes to 3,\d\d\d bytes in the log, at most 2,000 are kept"):
        say(store, put(Objective("long", "Long", description="x" * 3_000)))
    assert everything(store) == before


def test_lines_are_canonical(store: Store) -> None:
    history(store)
    for line in store.backup(LATER):
        assert msgspec.json.format(line, indent=-1) == line[:-1]
