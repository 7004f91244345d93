"""What can go wrong, in the words that every door translates once.

A :class:`Refusal` is an answer: somebody asked for something that cannot be. It names field and value and
says what to do, and nothing has changed. A :class:`Fault` is not the asker's doing: the store is gone or damaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class ErrorCode(StrEnum):
    """The closed set of reasons for a refusal; the same words in GraphQL, on the command line and in reports."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    CYCLE = "CYCLE"
    DUPLICATE = "DUPLICATE"
    FORBIDDEN = "FORBIDDEN"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    LIMIT = "LIMIT"


class Refusal(Exception):
    """Something was asked for that cannot be; nothing changed.

    ``path`` leads to the field of the input (``("changes", "2", "title")``), ``nodes`` are the ids it is about
    (for a cycle: the ring, in order; never one with half a character, which no answer could be written with),
    ``revision`` is the present revision for a conflict.
    """

    code: ErrorCode = ErrorCode.INVALID

    def __init__(
        self,
        message: str,
        *,
        path: Sequence[str] = (),
        nodes: Sequence[str] = (),
        revision: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        self.nodes = tuple([id for id in nodes if id.isascii() or not any("\ud800" <= c <= "\udfff" for c in id)])
        self.revision = revision

    def under(self, *prefix: str) -> Refusal:
        """The same refusal with its path seen from further out (a change within a batch)."""
        self.path = (*prefix, *self.path)
        return self


class NotFound(Refusal):
    """An id names nothing (or nothing that the viewer may see: the two cannot be told apart)."""

    code = ErrorCode.NOT_FOUND


class Invalid(Refusal):
    """A field holds something that cannot be."""

    code = ErrorCode.INVALID


class Conflict(Refusal):
    """The expected revision is not the present one; ``revision`` says what is."""

    code = ErrorCode.CONFLICT


class Cycle(Refusal):
    """The link would close a ring; ``nodes`` lists it, each supporting the next, the last supporting the first."""

    code = ErrorCode.CYCLE


class Duplicate(Refusal):
    """The id was given out before, or the link exists already."""

    code = ErrorCode.DUPLICATE


class Forbidden(Refusal):
    """The viewer may see the thing but not do this to it."""

    code = ErrorCode.FORBIDDEN


class IdempotencyMismatch(Refusal):
    """The idempotency key was used before with another input."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH


class Limit(Refusal):
    """A documented limit would be passed."""

    code = ErrorCode.LIMIT


class Fault(Exception):
    """Not the asker's doing: something below is gone, damaged or too new."""


class StoreUnavailable(Fault):
    """The store cannot be reached or opened now; trying again later may work."""


class StoreUnreachable(StoreUnavailable):
    """The store is on a server that does not answer: it may by itself, soon."""


class StoreDamaged(Fault):
    """The store answers, but what it holds is not what was written."""


class RevisionMoved(Fault):
    """Between deciding and committing another writer came first; decide again on ``revision``."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the store is at revision {revision} now")
        self.revision = revision
