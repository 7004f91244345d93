"""The backup file: the whole log as lines that any kind of store can write and take in.

JSON Lines, gzipped by whoever likes. First a *head*; then for every entry, oldest first, its chained header with its
hash, its parts in order, the personal fields that it names and the answer under its idempotency key, if that is still
kept; last an *end* with counts and the SHA-256 of all lines before it, so that a file that was cut off or changed is
noticed. Headers and parts stand in their canonical bytes. The present is not in it: folding the log gives it.

Access tokens are not in it either: a restore must not bring back one that was withdrawn in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec

from graph_service.errors import Invalid, StoreDamaged
from graph_service.models.facts import Entry, ErasePerson, Step
from graph_service.models.nodes import Person, Value
from graph_service.stores import log
from graph_service.stores.base import KEPT_SURELY, Remembered
from graph_service.stores.fold import Folded, fold, loose_ends

FORMAT = "graph-service backup"
VERSION = 1
"""The format that is written; older ones stay readable."""

LONGEST = log.LARGEST + 1024
"""Bytes that a line may have: a part, and what surrounds it."""

LONGEST_HEAD = 4096
"""Bytes that the first line may have: what is no backup is known by it, without reading more."""


class SupportsReadline(Protocol):
    """A file of bytes, packed or not."""

    def readline(self, size: int, /) -> bytes:
        """The next line, or so many bytes of it."""


class Kept(NamedTuple):
    """An entry with all that is kept of it.

    ``entry`` is as the chain tells it; ``personal`` are the rows that it names, in order, emptied ones too.
    """

    entry: Entry
    header: bytes
    hash: bytes
    parts: tuple[bytes, ...]
    personal: tuple[log.Personal, ...]
    remembered: Remembered | None


class Head(Value, frozen=True, tag_field="line", tag="head"):
    """The first line: where the store stood at which moment."""

    format: str
    version: int
    epoch: str
    revision: int
    at: datetime


class _Entry(Value, frozen=True, tag_field="line", tag="entry"):
    hash: str
    header: msgspec.Raw


class _Part(Value, frozen=True, tag_field="line", tag="part"):
    steps: msgspec.Raw


_EMPTIED = msgspec.Raw()


class _Personal(Value, frozen=True, tag_field="line", tag="personal"):
    hash: str
    person: str
    salt: bytes | None = None
    fields: msgspec.Raw = _EMPTIED


class _Answer(Value, frozen=True, tag_field="line", tag="answer"):
    key: str
    digest: bytes
    answer: bytes
    at: datetime


class _End(Value, frozen=True, tag_field="line", tag="end"):
    entries: int
    lines: int
    head: str
    digest: str


class _Kind(msgspec.Struct):
    format: str
    version: int


_Line = Head | _Entry | _Part | _Personal | _Answer | _End
_line: Callable[[bytes], _Line] = msgspec.json.Decoder(_Line).decode
_kind = msgspec.json.Decoder(_Kind).decode


# ---------- writing ----------


def kept(
    header: bytes,
    hash_: bytes,
    parts: tuple[bytes, ...],
    personal: Callable[[str], log.Personal | None],
    remembered: Remembered | None,
) -> Kept:
    """An entry as a store has it. ``personal`` gives the row under a hash. StoreDamaged if there is none, or if the
    bytes hold no entry."""
    read = log.read_header(header)
    entry = log.entry_of(read, tuple(step for part in parts for step in log.read_part(part, read.revision)))
    rows = []
    for named, person in log.hidden_in(entry):
        row = personal(named)
        if row is None:
            raise StoreDamaged(f"personal fields of '{person}' are missing at revision {read.revision}")
        rows.append(row)
    return Kept(entry, header, hash_, parts, tuple(rows), remembered)


def write_backup(epoch: str, revision: int, at: datetime, entries: Iterable[Kept]) -> Iterator[bytes]:
    """The lines of a backup, each with its line break. StoreDamaged if the entries are not what was written, or do not
    end at ``revision``."""
    digest, lines, chain = sha256(), 0, Chain()
    for line in _lines(Head(FORMAT, VERSION, epoch, revision, at), entries, chain):
        raw = log.canonical(line) + b"\n"
        digest.update(raw)
        lines += 1
        yield raw
    chain.finish(revision)
    yield log.canonical(_End(revision, lines, chain.last.hex(), digest.hexdigest())) + b"\n"


def _lines(head: Head, entries: Iterable[Kept], chain: Chain) -> Iterator[_Line]:
    yield head
    for one in entries:
        chain.take(one)
        yield _Entry(one.hash.hex(), msgspec.Raw(one.header))
        for part in one.parts:
            yield _Part(msgspec.Raw(part))
        for hash_, person, salt, body in one.personal:
            yield _Personal(hash_, person, salt, _EMPTIED if body is None else msgspec.Raw(body))
        if one.remembered is not None:
            key, digest, _, answer, at = one.remembered
            yield _Answer(key, digest, answer, at)


class Chain:
    """Entries as they pass by, each checked against the one before it; what cannot be known before the end is checked
    there. StoreDamaged says what is wrong."""

    def __init__(self) -> None:
        self.last = log.GENESIS
        self.revision = 0
        self._erased: set[str] = set()
        self._emptied: set[str] = set()
        self._filled: set[str] = set()
        self._newest: datetime | None = None
        self._forgotten: datetime | None = None

    def take(self, one: Kept) -> None:
        """The next entry."""
        self.revision += 1
        entry = one.entry
        if entry.revision != self.revision:
            raise StoreDamaged(f"entry {entry.revision} of the log follows entry {self.revision - 1}")
        wrong = log.broken_links(one.header, one.hash, self.last, one.parts)
        if wrong:
            raise StoreDamaged(f"revision {self.revision}: {wrong[0]}")
        self.last = one.hash
        self._personal(one)
        self._answer(one)
        self._erased.update(fact.id for step in entry.steps for fact in step.facts if type(fact) is ErasePerson)

    def _personal(self, one: Kept) -> None:
        if [(row.hash, row.person) for row in one.personal] != log.hidden_in(one.entry):
            raise StoreDamaged(f"revision {self.revision}: the personal fields are not those that the entry names")
        for row in one.personal:
            if (row.salt, row.body) == (None, None):
                self._emptied.add(row.person)
            elif row.sound:
                self._filled.add(row.person)
            else:
                raise StoreDamaged(
                    f"revision {self.revision}: personal fields of '{row.person}' do not have their hash"
                )

    def _answer(self, one: Kept) -> None:
        expected = log.read_header(one.header).remembered
        if expected is not None:
            self._newest = expected.at if self._newest is None else max(self._newest, expected.at)
        if one.remembered is None:
            if expected is not None:
                self._forgotten = expected.at if self._forgotten is None else max(self._forgotten, expected.at)
        elif expected != log.mark(one.remembered):
            raise StoreDamaged(f"revision {self.revision}: the idempotency record does not have its hash")

    def finish(self, revision: int) -> None:
        """That was the last, and should be ``revision``."""
        if self.revision != revision:
            raise StoreDamaged(f"the log ends at entry {self.revision} and should end at {revision}")
        for person in sorted(self._emptied - self._erased):
            raise StoreDamaged(f"personal fields of '{person}', who is not erased, are missing")
        for person in sorted(self._filled & self._erased):
            raise StoreDamaged(f"'{person}' is erased, and personal fields are still there")
        if self._newest and self._forgotten and self._forgotten >= self._newest - KEPT_SURELY:
            raise StoreDamaged("an idempotency record of the last day is missing")


# ---------- reading ----------


def lines_of(file: SupportsReadline) -> Iterator[bytes]:
    """The lines of a file; of one that is too long only its beginning, so that nobody fills the memory with it."""
    most = LONGEST_HEAD
    while line := file.readline(most + 1):
        yield line
        most = LONGEST


class Backup:
    """A backup as it is read, once, line by line; Invalid, naming the line, for whatever is wrong with it.

    ``head`` is known at once. After all :meth:`entries` were read to their end, the whole was sound, and ``folded`` is
    the present that it gives (people by the hashes of what is personal, as the chain tells them).
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.folded = Folded()
        self.chain = Chain()
        self._raw = iter(lines)
        self._number = 0
        self._digest = sha256()
        self._ahead: _Line | None = None
        self.head = self._head()

    def entries(self) -> Iterator[Kept]:
        """Every entry, oldest first, each checked; the last only after the end of the file was found to be sound."""
        before: Kept | None = None
        while (one := self._entry()) is not None:
            if before is not None:
                yield before
            before = one
        if before is not None:
            yield before

    def _entry(self) -> Kept | None:
        """The next entry with its lines; None after the last, when all is checked."""
        begin = self._number + (self._ahead is None)
        try:
            line = self._next()
            if isinstance(line, _End):
                self._finish(line)
                return None
            if not isinstance(line, _Entry):
                raise StoreDamaged("here should be an entry or the end")
            if self.chain.revision == self.head.revision:
                raise StoreDamaged(f"there are more entries than the {self.head.revision} that the first line names")
            one = self._gather(line)
            self.chain.take(one)
            fold([one.entry], self.folded)
            return one
        except (StoreDamaged, *UNREADABLE) as wrong:
            raise self._refused(wrong, begin) from None

    def _gather(self, line: _Entry) -> Kept:
        header = bytes(line.header)
        read = log.read_header(header)
        parts: list[bytes] = []
        for _ in read.parts:
            part = self._next()
            if not isinstance(part, _Part):
                raise StoreDamaged(f"the entry has {len(parts)} parts and should have {len(read.parts)}")
            parts.append(bytes(part.steps))
        entry = log.entry_of(read, tuple(step for part in parts for step in log.read_part(part, read.revision)))
        personal: list[log.Personal] = []
        while isinstance(row := self._peek(), _Personal):
            self._ahead = None
            personal.append(log.Personal(row.hash, row.person, row.salt, bytes(row.fields) or None))
        remembered = None
        if isinstance(answer := self._peek(), _Answer):
            self._ahead = None
            remembered = Remembered(answer.key, answer.digest, read.revision, answer.answer, answer.at)
        return Kept(entry, header, bytes.fromhex(line.hash), tuple(parts), tuple(personal), remembered)

    def _finish(self, end: _End) -> None:
        if (end.lines, end.digest) != (self._number - 1, self._before_end):
            raise StoreDamaged("the lines before are not those of which this line has the count and the digest")
        if (end.entries, end.head) != (self.chain.revision, self.chain.last.hex()):
            raise StoreDamaged("the end is not that of the entries before it")
        self.chain.finish(self.head.revision)
        for loose in loose_ends(self.folded):
            raise StoreDamaged(loose)
        if next(self._raw, None) is not None:
            self._number += 1
            raise self._refused(StoreDamaged("something follows the end of the backup"), self._number)

    # ---------- lines ----------

    def _head(self) -> Head:
        raw = next(self._raw, b"")
        self._number = 1
        try:
            kind = _kind(raw) if len(raw) <= LONGEST_HEAD else None
        except UNREADABLE:
            kind = None
        if kind is None or kind.format != FORMAT:
            raise Invalid("line 1: this is no backup of graph-service", path=("file",))
        if kind.version > VERSION:
            raise Invalid(
                f"line 1: the backup has format version {kind.version}, known here are those up to {VERSION};"
                " restore it with a newer graph-service",
                path=("file",),
            )
        try:
            head = self._decoded(raw)
        except (StoreDamaged, *UNREADABLE) as wrong:
            raise self._refused(wrong, 1) from None
        if not isinstance(head, Head):
            raise self._refused(StoreDamaged("here should be the head of a backup"), 1)
        return head

    def _peek(self) -> _Line:
        if self._ahead is None:
            raw = next(self._raw, None)
            self._number += 1
            if raw is None:
                raise StoreDamaged("the file ends before its closing line; it was cut off")
            self._ahead = self._decoded(raw)
        return self._ahead

    def _next(self) -> _Line:
        line = self._peek()
        self._ahead = None
        return line

    def _decoded(self, raw: bytes) -> _Line:
        if len(raw) > LONGEST:
            raise StoreDamaged(f"the line is longer than {LONGEST:,} bytes")
        if not raw.endswith(b"\n"):
            raise StoreDamaged("the line has no end; the file was cut off")
        self._before_end = self._digest.hexdigest()
        self._digest.update(raw)
        return _line(raw)

    def _refused(self, wrong: Exception, begin: int) -> Invalid:
        lines = f"line {self._number}" if begin >= self._number else f"lines {begin} to {self._number}"
        said = "it is nested too deeply" if isinstance(wrong, RecursionError) else str(wrong)
        return Invalid(f"{lines}: {said}", path=("file",))


UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, ValueError, TypeError, OverflowError, RecursionError)
"""What reading bytes of anybody can raise."""


def erase_again(folded: Folded, people: Collection[str], at: datetime, by: str) -> list[Entry]:
    """The entries that erase those of ``people`` who are there and not erased, by id; they are folded in."""
    entries = []
    for id in sorted(people):
        resting = folded.removed.get(id)
        person = folded.nodes.get(id) if resting is None else resting.node
        if isinstance(person, Person) and not person.erased:
            step = Step("erasePerson", (id,), (ErasePerson(id),), {"id": id})
            entries.append(Entry(folded.revision + 1, at, by, "restore", (step,)))
            fold(entries[-1:], folded)
    return entries
