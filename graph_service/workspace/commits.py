"""A commit from the wish that waits to the entry of the log and the answer."""

from __future__ import annotations

import hmac
import os
from _thread import LockType, allocate_lock
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

import msgspec

from graph_service.alignment.moved import Moved
from graph_service.alignment.numbers import GoalNumbers
from graph_service.errors import Invalid, StoreDamaged
from graph_service.models.changes import Change
from graph_service.models.checks import clean_moment, clean_text, clean_title, shown
from graph_service.models.facts import Entry, Fact
from graph_service.stores.base import Draft, Remembered
from graph_service.workspace.steps import encoded

BATCH = "applyChanges"
"""The kind of a commit that is not one mutation of its own."""

KEY_LENGTH = 200
SALT = 16


class Changed(NamedTuple):
    """A goal whose numbers a commit moved; ``before`` None: created, ``after`` None: removed."""

    id: str
    before: GoalNumbers | None
    after: GoalNumbers | None


class Outcome(NamedTuple):
    """What an accepted commit came to: its revision, for each change the id of what it made or touched, the ids it
    removed, and the goals whose numbers moved, by id. ``replayed``: this is the answer to an earlier, equal request."""

    revision: int
    ids: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]
    replayed: bool = False


class Unwanted(Exception):
    """When the turn of a commit came, nobody wanted it any more: nothing of it was decided."""


Answer = Outcome | BaseException
"""What came of a commit: the outcome, or what is to be raised."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A commit on its way: what is asked, and where the answer goes: to the future, or else to one thread that waits.
    ``name`` is that of the mutation; None: that of the one change, or a batch. ``wanted`` is asked when its turn comes.

    Invalid for a name, a reason or an idempotency key that cannot be one, and for a time without offset.
    """

    changes: tuple[Change, ...]
    name: InitVar[str | None]
    by: str
    source: str
    at: datetime | None
    importing: bool
    expected: int | None
    key: str | None
    reason: str | None
    want_changed: bool
    future: Future[Outcome] | None = None
    wanted: Callable[[], bool] | None = None
    kind: str = field(init=False)
    said: bytes = field(init=False, default=b"")
    _answered: LockType = field(init=False, default_factory=allocate_lock)
    _answer: Answer | None = field(init=False, default=None)

    def __post_init__(self, name: str | None) -> None:
        self._answered.acquire()
        self.kind = name or (self.changes[0].kind if len(self.changes) == 1 else BATCH)
        self.by = clean_title(self.by, "by")
        self.source = clean_title(self.source, "source")
        self.at = clean_moment(self.at)
        self.reason = clean_text(self.reason, "reason")
        if self.key is not None:
            self._check_key(self.key)
            asked = [[change.kind, change] for change in self.changes]
            self.said = encoded([asked, self.expected, self.at, self.importing, self.reason])

    def begin(self) -> bool:
        """Whether it is still wanted; from now on it cannot be cancelled."""
        return self.future is None or self.future.set_running_or_notify_cancel()

    def answer(self, answer: Answer) -> None:
        """Tells whoever waits what came of it."""
        if self.future is None:
            self._answer = answer
            self._answered.release()
        elif isinstance(answer, BaseException):
            self.future.set_exception(answer)
        else:
            self.future.set_result(answer)

    def wait(self) -> Outcome:
        """What came of it, once it is told. A lock is all that one who waits needs, and costs less than a tenth of a
        future."""
        self._answered.acquire()
        answer, self._answer = self._answer, None
        if isinstance(answer, BaseException):
            raise answer
        assert answer is not None
        return answer

    @staticmethod
    def _check_key(key: str) -> None:
        if not 0 < len(key) <= KEY_LENGTH:
            raise Invalid(
                f"idempotencyKey {shown(key)} has {len(key)} characters; give 1 to {KEY_LENGTH}",
                path=("idempotencyKey",),
            )
        if not key.isprintable():
            raise Invalid(
                f"idempotencyKey {shown(key)} holds a character that cannot be printed; take it out",
                path=("idempotencyKey",),
            )

    @property
    def alone(self) -> bool:
        """Whether it is one mutation, with one change, and no batch."""
        return self.kind != BATCH and len(self.changes) == 1

    @property
    def scope(self) -> str:
        """What a store knows its idempotency key by: a hash, and the same key of another actor or mutation is another
        one. The key itself is kept nowhere, so that it can be the key of the digest."""
        return sha256(b"scope" + self._whole_key).hexdigest()

    @property
    def _whole_key(self) -> bytes:
        return encoded([self.by, self.kind, self.key])

    def digest(self) -> bytes:
        """What a store keeps to know the same input again. A name that was asked for cannot be looked up by it, not
        even after the person was erased: that takes the idempotency key, which only the client has."""
        salt = os.urandom(SALT)
        return salt + self._digest(salt)

    def said_as(self, digest: bytes) -> bool:
        """Whether this is the input of which the digest was made."""
        return compare_digest(self._digest(digest[:SALT]), digest[SALT:])

    def _digest(self, salt: bytes) -> bytes:
        return hmac.digest(salt + self._whole_key, self.said, "sha256")


class Decided(NamedTuple):
    """A commit that may be: what the store is given, what the graph is given, the answer once it is durable, and what
    is announced then: the goals that it moves, judged by the day of the entry (None: not asked for so far)."""

    draft: Draft
    facts: list[Fact]
    moved: Moved
    outcome: Outcome
    changed: tuple[Changed, ...] | None

    @property
    def entry(self) -> Entry:
        """What the log holds of it."""
        return self.draft.entry


def remembered(waiting: Waiting, outcome: Outcome, at: datetime) -> Remembered | None:
    """What a store keeps under a commit's idempotency key, if it has one. An answer holds ids and numbers, no names."""
    if waiting.key is None:
        return None
    return Remembered(waiting.scope, waiting.digest(), outcome.revision, msgspec.json.encode(outcome), at)


def recalled(known: Remembered) -> Outcome:
    """The answer that a store has kept under an idempotency key."""
    try:
        return msgspec.json.decode(known.answer, type=Outcome)
    except msgspec.MsgspecError as wrong:
        raise StoreDamaged(f"the answer at revision {known.revision} cannot be read: {wrong}") from None
