"""The bytes of the log: what is chained, what stands beside it, and that no change of it goes unseen."""

from __future__ import annotations

from hashlib import sha256
from random import Random

import pytest

from graph_service.errors import StoreDamaged
from graph_service.models.facts import Entry, ErasePerson, PutLink, PutNode, Step
from graph_service.models.nodes import Link, Objective, Person
from graph_service.models.words import LinkKind
from graph_service.stores import log
from graph_service.stores.base import Remembered
from tests.stores.samples import MONDAY, Historian

GROW = Objective("grow", "Grow revenue", attributes={"b": 1, "a": [2.0, True]})
ADA = Person("ada", "Ada Lovelace", "ada@example.com", "Analyst", attributes={"phone": "+44 20"})
RECORD = Remembered("a key", b"digest", 1, b"answer", MONDAY)

CREATED = Entry(
    1,
    MONDAY,
    "grace",
    "graphql",
    (
        Step("createObjective", ("grow",), (PutNode(GROW),), {"title": "Grow revenue"}, "it is time"),
        Step(
            "createPerson",
            ("ada",),
            (PutNode(ADA), PutLink(Link("ada", "grow", LinkKind.OWNS))),
            {"name": "Ada Lovelace", "email": "ada@example.com", "jobTitle": "Analyst"},
        ),
    ),
)


def salts(length: int) -> bytes:
    return b"s" * length


INPUT_BODY = b'{"email":"ada@example.com","name":"Ada Lovelace"}'
NODE_BODY = b'{"attributes":{"phone":"+44 20"},"email":"ada@example.com","name":"Ada Lovelace"}'
INPUT_HASH = sha256(b"s" * 16 + INPUT_BODY).hexdigest()
NODE_HASH = sha256(b"s" * 16 + NODE_BODY).hexdigest()

PART = (
    '[{"kind":"createObjective","nodes":["grow"],"facts":[{"fact":"put","node":{"kind":"objective","id":"grow",'
    '"title":"Grow revenue","attributes":{"a":[2.0,true],"b":1}}}],"input":{"title":"Grow revenue"},'
    '"reason":"it is time"},{"kind":"createPerson","nodes":["ada"],"facts":[{"fact":"put","node":{"kind":"person",'
    f'"id":"ada","name":"{NODE_HASH}","job_title":"Analyst"}}}},'
    '{"fact":"link","link":{"from":"ada","to":"grow","kind":"owns"}}],'
    f'"input":{{"jobTitle":"Analyst","personal":"{INPUT_HASH}"}}}}]'
).encode()
"""The canonical bytes of the two steps. They may never change: the hashes of every log stand on them."""


def test_the_chain_begins_at_a_constant() -> None:
    assert log.GENESIS.hex() == "8266972018c9952792cd51def5f818bdf49c02c4cc8c8d93eb66d887cfb9f317"


def test_the_canonical_bytes_of_steps() -> None:
    written = log.write(CREATED, RECORD, salts)
    assert written.parts == (PART,)
    assert written.hashes == (sha256(PART).hexdigest(),)
    assert written.personal == (
        log.Personal(INPUT_HASH, "ada", b"s" * 16, INPUT_BODY),
        log.Personal(NODE_HASH, "ada", b"s" * 16, NODE_BODY),
    )


def test_the_canonical_bytes_of_a_header() -> None:
    chained = log.chain(log.write(CREATED, RECORD, salts), log.GENESIS)
    record = sha256(b'["a key","ZGlnZXN0",1,"YW5zd2Vy",1767605400000000]').hexdigest()
    assert (
        chained.header
        == (
            '{"v":1,"revision":1,"at":"2026-01-05T09:30:00Z","by":"grace","source":"graphql",'
            f'"parts":["{sha256(PART).hexdigest()}"],"previous":"{log.GENESIS.hex()}","remembered":{{"hash":"{record}","at":"2026-01-05T09:30:00Z"}}}}'
        ).encode()
    )
    assert chained.hash == sha256(chained.header).digest()


def test_salts_are_new_each_time() -> None:
    first, second = log.write(CREATED), log.write(CREATED)
    hashes = {row.hash for row in (*first.personal, *second.personal)}
    assert len(hashes) == 4
    assert all(row.sound for row in first.personal)
    assert {len(row.salt or b"") for row in first.personal} == {16}


def test_no_name_is_in_the_chained_bytes() -> None:
    written = log.write(CREATED, RECORD)
    chained = log.chain(written, log.GENESIS)
    for secret in (b"Lovelace", b"ada@example.com", b"+44 20"):
        assert secret not in chained.header
        assert all(secret not in part for part in written.parts)


def test_an_entry_without_people_is_chained_as_it_is() -> None:
    entry = Entry(1, MONDAY, "ada", "cli", CREATED.steps[:1])
    assert log.write(entry).entry is entry
    assert log.write(entry).personal == ()


def test_an_input_without_personal_fields_is_chained_as_it_is() -> None:
    step = Step("updatePerson", ("ada",), (), {"id": "ada", "jobTitle": "Analyst"})
    written = log.write(Entry(1, MONDAY, "ada", "cli", (step,)))
    assert written.entry.steps == (step,)
    assert written.personal == ()


def test_an_erased_person_has_nothing_personal() -> None:
    fact = PutNode(Person("ada", "ada", active=False, erased=True))
    written = log.write(Entry(1, MONDAY, "ada", "cli", (Step("updatePerson", ("ada",), (fact,)),)))
    assert written.entry.steps[0].facts == (fact,)
    assert written.personal == ()


def test_steps_are_parted_by_the_thousand() -> None:
    steps = tuple(Step("createObjective", (), (PutNode(Objective(str(number), "x")),)) for number in range(2001))
    written = log.write(Entry(1, MONDAY, "ada", "import", steps))
    assert [len(log.read_part(part, 1)) for part in written.parts] == [1000, 1000, 1]
    header = log.read_header(log.chain(written, log.GENESIS).header)
    assert header.parts == tuple(sha256(part).hexdigest() for part in written.parts)
    assert log.write(Entry(1, MONDAY, "ada", "import", ())).parts == ()


def test_what_is_written_is_read_back() -> None:
    historian = Historian(Random(7))
    for _ in range(200):
        entry = historian.next()
        written = log.write(entry)
        header = log.read_header(log.chain(written, log.GENESIS).header)
        chained = log.entry_of(header, tuple(step for part in written.parts for step in log.read_part(part, 1)))
        assert chained == written.entry
        assert log.hidden_in(chained) == [(row.hash, row.person) for row in written.personal]
        bodies = {row.hash: row.body for row in written.personal}
        assert log.canonical(log.reveal(chained, bodies.__getitem__)) == log.canonical(entry)


def test_what_is_emptied_is_told_as_erased() -> None:
    written = log.write(CREATED)
    told = log.reveal(written.entry, lambda _: None)
    assert told.steps[0] == CREATED.steps[0]
    assert told.steps[1].facts[0] == PutNode(Person("ada", "ada", job_title="Analyst", erased=True))
    assert told.steps[1].input == {"jobTitle": "Analyst", "name": "ada"}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"name":1}', b'{"name":"Ada","id":"grace"}', b'{"name":"\xff"}'])
def test_what_are_no_personal_fields(body: bytes) -> None:
    with pytest.raises(StoreDamaged, match="personal fields of 'ada' cannot be read"):
        log.reveal_person(ADA, body)


def test_personal_fields_of_nobody_are_a_mistake() -> None:
    step = Step("createPerson", (), (ErasePerson("ada"),), {"name": "Ada Lovelace"})
    with pytest.raises(StoreDamaged, match="createPerson names no person"):
        log.write(Entry(1, MONDAY, "ada", "cli", (step,)))


def test_moments_count_microseconds() -> None:
    at = MONDAY.replace(microsecond=1)
    assert log.microseconds(at) == 1_767_605_400_000_001
    assert log.moment(1_767_605_400_000_001) == at
    assert log.moment(-1) == log.moment(0).replace(
        year=1969, month=12, day=31, hour=23, minute=59, second=59, microsecond=999_999
    )
    with pytest.raises(TypeError):
        log.microseconds(at.replace(tzinfo=None))


# ---------- what verify asks ----------


def chained(steps: int = 1500) -> tuple[bytes, bytes, list[bytes]]:
    many = tuple(Step("createObjective", (), (PutNode(Objective(str(number), "x")),)) for number in range(steps))
    written = log.write(Entry(1, MONDAY, "ada", "import", many), RECORD)
    header, hash_ = log.chain(written, log.GENESIS)
    return header, hash_, list(written.parts)


def test_a_sound_entry() -> None:
    header, hash_, parts = chained()
    assert log.broken_links(header, hash_, log.GENESIS, parts) == []


@pytest.mark.parametrize("seed", range(50))
def test_a_flipped_bit_breaks_the_chain(seed: int) -> None:
    random = Random(seed)
    pieces = [*chained()[:2], *chained()[2], log.GENESIS]
    which = seed % len(pieces)
    piece = bytearray(pieces[which])
    piece[random.randrange(len(piece))] ^= 1 << random.randrange(8)
    pieces[which] = bytes(piece)
    assert log.broken_links(pieces[0], pieces[1], pieces[-1], pieces[2:-1]) != []


def test_parts_that_are_missing_too_many_or_moved() -> None:
    header, hash_, parts = chained()
    assert log.broken_links(header, hash_, log.GENESIS, parts[:1]) == ["the entry has 1 parts and should have 2"]
    assert log.broken_links(header, hash_, log.GENESIS, [*parts, b"[]"]) == ["the entry has 3 parts and should have 2"]
    assert log.broken_links(header, hash_, log.GENESIS, parts[::-1]) == [
        "part 0 of the entry does not have its hash",
        "part 1 of the entry does not have its hash",
    ]


def test_a_header_of_a_newer_format_is_not_guessed_at() -> None:
    header, _, _ = chained(1)
    with pytest.raises(StoreDamaged, match="entry 1 of the log has format 2, known are those up to 1"):
        log.read_header(header.replace(b'"v":1', b'"v":2'))


@pytest.mark.parametrize("header", [b"", b"{}", b"\xff", b'{"v":1}', b"[1]"])
def test_what_is_no_header(header: bytes) -> None:
    with pytest.raises(StoreDamaged, match="an entry of the log cannot be read"):
        log.read_header(header)


@pytest.mark.parametrize("part", [b"", b"{}", b'"\xff"', b'[{"kind":1}]'])
def test_what_is_no_part(part: bytes) -> None:
    with pytest.raises(StoreDamaged, match="entry 5 of the log cannot be read"):
        log.read_part(part, 5)
