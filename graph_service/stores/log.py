"""The log as bytes: canonical, chained by hash, with what is personal standing outside the chain. Every store uses it.

An entry is kept as a *header* and numbered *parts* of at most :data:`PART` steps each, both canonical JSON (fields in
the order of their class, keys of free mappings sorted, times in UTC with a Z). The header names its format (``v``), the
SHA-256 of every part and of the entry before it, and that of the idempotency record committed with it; its own SHA-256
is the entry's hash. So one changed byte anywhere breaks the chain from there to its head.

The chain begins at :data:`GENESIS`, a constant: a restore gives a store a new epoch, and the chain goes on through it.

**What is personal**: ``name``, ``email`` and ``attributes`` of people, in the facts and in the input of createPerson
and updatePerson. Each such set of fields is a :class:`Personal` row beside the log, found by SHA-256 of a random salt
and its canonical bytes; the chained step holds that hash in its place (as the ``name`` of the person; as ``personal``
in an input). Erasing a person empties their rows, salts too, so that not even a guessed name can be tried against the
hash; the chain stays as it was. Entries read after that tell of an erased person with the id for a name, ``erased``
true, in every revision; whether the person was active then is told as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from graph_service.errors import Limit, StoreDamaged
from graph_service.models.facts import Entry, Fact, PutNode, Step
from graph_service.models.nodes import Attributes, Person, Value

if TYPE_CHECKING:
    from graph_service.stores.base import Remembered

VERSION = 1
"""The format that is written; older ones stay readable."""

PART = 1000
"""Steps in one part, at most."""

LARGEST = 1 << 28
"""Bytes that one part may have: every store keeps it as one value, and a backup as one line."""

GENESIS = sha256(b"graph-service log").digest()
"""What the first entry names as the hash before it; the same in every store and every epoch."""

PERSONAL_FIELDS = ("attributes", "email", "name")
PERSONAL_CHANGES = frozenset({"createPerson", "updatePerson"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

canonical = msgspec.json.Encoder(order="deterministic").encode
"""Any value of the models as its canonical JSON bytes."""

_fields = msgspec.json.Decoder(dict[str, object]).decode
_steps = msgspec.json.Decoder(tuple[Step, ...]).decode


class Personal(NamedTuple):
    """Some personal fields: the hash that the chain holds for them, whose they are, their salt and canonical bytes.

    Salt and bytes are None once the person is erased.
    """

    hash: str
    person: str
    salt: bytes | None
    body: bytes | None

    @property
    def sound(self) -> bool:
        """Whether salt and bytes give the hash; an emptied row cannot be judged and is not sound."""
        return self.salt is not None and self.body is not None and _personal_hash(self.salt, self.body) == self.hash


class PersonalFields(Value, frozen=True):
    """What is personal of a person in a fact."""

    name: str
    email: str | None = None
    attributes: Attributes | None = None


class Mark(Value, frozen=True):
    """By which a header vouches for the idempotency record committed with it, and knows when it may be forgotten."""

    hash: str
    at: datetime


class Header(Value, frozen=True):
    """What is chained: the entry without steps, and the hashes of its parts, its record and the entry before it."""

    v: int
    revision: int
    at: datetime
    by: str
    source: str
    parts: tuple[str, ...]
    previous: str
    remembered: Mark | None = None


class Written(NamedTuple):
    """An entry made ready for any store.

    ``entry`` is as the chain tells it; then its parts with their hashes, what is personal, and the mark of its
    idempotency record.
    """

    entry: Entry
    parts: tuple[bytes, ...]
    hashes: tuple[str, ...]
    personal: tuple[Personal, ...]
    remembered: Mark | None


class Chained(NamedTuple):
    """An entry's place in the chain: the canonical header and its hash."""

    header: bytes
    hash: bytes


_person_fields = msgspec.json.Decoder(PersonalFields).decode
_header = msgspec.json.Decoder(Header).decode


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 in UTC: how stores keep a moment that they sort by. A time without offset is refused."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment, in UTC, of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def write(entry: Entry, remembered: Remembered | None = None, salts: Callable[[int], bytes] = os.urandom) -> Written:
    """The entry as it goes into the chain, not chained yet: what is personal set apart under fresh salts.

    Limit for a change that comes to more than :data:`LARGEST` bytes.
    """
    personal: list[Personal] = []
    entry = _hide(entry, personal, salts)
    steps = entry.steps
    parts = tuple(canonical(steps[start : start + PART]) for start in range(0, len(steps), PART))
    if (most := max(map(len, parts), default=0)) > LARGEST:
        raise Limit(
            f"the change comes to {most:,} bytes in the log, at most {LARGEST:,} are kept; do it in smaller ones"
        )
    hashes = tuple(sha256(part).hexdigest() for part in parts)
    return Written(entry, parts, hashes, tuple(personal), remembered and mark(remembered))


def chain(written: Written, previous: bytes) -> Chained:
    """The entry's place in the chain after the entry with the hash ``previous``."""
    entry = written.entry
    header = canonical(
        Header(
            VERSION,
            entry.revision,
            entry.at,
            entry.by,
            entry.source,
            written.hashes,
            previous.hex(),
            written.remembered,
        )
    )
    return Chained(header, sha256(header).digest())


def read_header(header: bytes) -> Header:
    """The header that these bytes hold; StoreDamaged if they hold none, or one of a format that is not known here."""
    try:
        read = _header(header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise StoreDamaged(f"an entry of the log cannot be read: {wrong}") from None
    if read.v > VERSION:
        raise StoreDamaged(f"entry {read.revision} of the log has format {read.v}, known are those up to {VERSION}")
    return read


def read_part(part: bytes, revision: int) -> tuple[Step, ...]:
    """The steps of one part as the chain tells them; StoreDamaged if the bytes hold none."""
    try:
        return _steps(part)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise StoreDamaged(f"entry {revision} of the log cannot be read: {wrong}") from None


def entry_of(header: Header, steps: tuple[Step, ...]) -> Entry:
    """The entry of a header and all its steps."""
    return Entry(header.revision, header.at, header.by, header.source, steps)


def broken_links(header: bytes, hash_: bytes, previous: bytes, parts: Sequence[bytes]) -> list[str]:
    """What does not fit at one entry of the chain: sentences, none when all is well."""
    try:
        read = read_header(header)
    except StoreDamaged as damaged:
        return [str(damaged)]
    wrong = []
    if sha256(header).digest() != hash_:
        wrong.append("the entry does not have its hash")
    if read.previous != previous.hex():
        wrong.append("the entry does not follow the one before it")
    if len(parts) != len(read.parts):
        wrong.append(f"the entry has {len(parts)} parts and should have {len(read.parts)}")
    wrong += [
        f"part {number} of the entry does not have its hash"
        for number, (part, expected) in enumerate(zip(parts, read.parts, strict=False))
        if sha256(part).hexdigest() != expected
    ]
    return wrong


def mark(remembered: Remembered) -> Mark:
    """What a header holds of the idempotency record committed with it."""
    key, digest, revision, answer, at = remembered
    hash_ = sha256(canonical((key, digest, revision, answer, microseconds(at)))).hexdigest()
    return Mark(hash_, at)


# ---------- what is personal ----------


def hidden_in(entry: Entry) -> list[tuple[str, str]]:
    """The hashes of personal fields that an entry of the chain holds, each with the id of the person, in order."""
    found = []
    for step in entry.steps:
        if _hides_input(step):
            assert step.input is not None
            found.append((str(step.input["personal"]), _person_of(step)))
        people = (fact.node for fact in step.facts if isinstance(fact, PutNode) and isinstance(fact.node, Person))
        found += [(person.name, person.id) for person in people if not person.erased]
    return found


def reveal(entry: Entry, body: Callable[[str], bytes | None]) -> Entry:
    """The entry as it was committed. ``body`` gives the bytes under a hash, None where the person is erased."""
    if not _is_personal(entry):
        return entry
    return msgspec.structs.replace(entry, steps=tuple(_reveal_step(step, body) for step in entry.steps))


def reveal_person(person: Person, body: bytes | None) -> Person:
    """The person under a hash with the personal fields put back; erased, if they are gone."""
    if body is None:
        return msgspec.structs.replace(person, name=person.id, erased=True)
    try:
        fields = _person_fields(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise StoreDamaged(f"personal fields of '{person.id}' cannot be read: {wrong}") from None
    return msgspec.structs.replace(person, name=fields.name, email=fields.email, attributes=fields.attributes)


def _personal_hash(salt: bytes, body: bytes) -> str:
    return sha256(salt + body).hexdigest()


def _is_personal(entry: Entry) -> bool:
    return any(map(_is_personal_step, entry.steps))


def _is_personal_step(step: Step) -> bool:
    if step.kind in PERSONAL_CHANGES:
        return True
    for fact in step.facts:  # noqa: SIM110 - a million times in an import: `any` makes a generator each time
        if isinstance(fact, PutNode) and isinstance(fact.node, Person):
            return True
    return False


def _hides_input(step: Step) -> bool:
    return step.kind in PERSONAL_CHANGES and step.input is not None and "personal" in step.input


def _person_of(step: Step) -> str:
    """Whose personal fields the input holds: the person it names, or the one it made."""
    if step.input is not None and isinstance(named := step.input.get("id"), str):
        return named
    for fact in step.facts:
        if isinstance(fact, PutNode) and isinstance(fact.node, Person):
            return fact.node.id
    raise StoreDamaged(f"{step.kind} names no person and makes none")


def _hide(entry: Entry, into: list[Personal], salts: Callable[[int], bytes]) -> Entry:
    def aside(person: str, fields: dict[str, object]) -> str:
        salt, body = salts(16), canonical(fields)
        into.append(Personal(_personal_hash(salt, body), person, salt, body))
        return into[-1].hash

    def hide_fact(fact: Fact) -> Fact:
        if not isinstance(fact, PutNode) or not isinstance(person := fact.node, Person) or person.erased:
            return fact
        fields = {name: value for name in PERSONAL_FIELDS if (value := getattr(person, name)) is not None}
        hidden = msgspec.structs.replace(person, name=aside(person.id, fields), email=None, attributes=None)
        return PutNode(hidden)

    def hide_step(step: Step) -> Step:
        given = step.input
        if given is not None and step.kind in PERSONAL_CHANGES:
            fields = {name: given[name] for name in PERSONAL_FIELDS if name in given}
            if fields:
                given = {name: value for name, value in given.items() if name not in fields}
                given["personal"] = aside(_person_of(step), fields)
        facts = tuple(map(hide_fact, step.facts))
        return msgspec.structs.replace(step, input=given, facts=facts)

    if not _is_personal(entry):
        return entry
    steps = tuple(hide_step(step) if _is_personal_step(step) else step for step in entry.steps)
    return msgspec.structs.replace(entry, steps=steps)


def _reveal_step(step: Step, body: Callable[[str], bytes | None]) -> Step:
    given = step.input
    if _hides_input(step):
        assert given is not None
        fields = body(str(given["personal"]))
        given = {name: value for name, value in given.items() if name != "personal"}
        if fields is not None:
            given |= _fields(fields)
        elif step.kind == "createPerson":
            given["name"] = _person_of(step)
    facts = tuple(
        PutNode(reveal_person(fact.node, body(fact.node.name)))
        if isinstance(fact, PutNode) and isinstance(fact.node, Person) and not fact.node.erased
        else fact
        for fact in step.facts
    )
    return msgspec.structs.replace(step, input=given, facts=facts)
