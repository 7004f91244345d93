"""What was wrong with a file, and what was done about it: the words that every report of an import is made of."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from graph_service.errors import Invalid
from graph_service.models.words import LinkKind


class ProblemKind(StrEnum):
    """What is wrong, as a code."""

    MALFORMED = "malformed"
    """A line, row or document that cannot be read as a record at all."""
    UNKNOWN_KIND = "unknown_kind"
    MISSING = "missing"
    """A field that the record cannot do without."""
    INVALID = "invalid"
    """A value that the field cannot hold."""
    IMPOSSIBLE_PAIR = "impossible_pair"
    """Two values that are fine alone and cannot stand together (min > max, due before start, baseline = target)."""
    DUPLICATE_ID = "duplicate_id"
    DANGLING = "dangling"
    """A reference to nothing."""
    WRONG_KIND = "wrong_kind"
    """A reference to something of another kind."""
    SELF_LINK = "self_link"
    RING = "ring"
    DUPLICATE_LINK = "duplicate_link"
    LOOSE = "loose"
    """A key result without an objective."""
    ERASED = "erased"
    """Something is said of a person who was erased."""
    UNUSED = "unused"
    """A value that means nothing here."""
    MADE = "made"
    """Something that the records name and that was made for them: a period, a level."""


class Action(StrEnum):
    """What was done about it. In fail mode every problem is REFUSED: nothing of the run is imported."""

    REFUSED = "refused"
    QUARANTINED = "quarantined"
    """The record or the link is not imported."""
    LEFT_OUT = "left out"
    """The record is imported without this value."""
    KEPT_AS_REFERENCE = "kept as reference"
    KEPT_AS_ATTRIBUTE = "kept as attribute"
    KEPT_LOOSE = "kept loose"
    MADE = "made"


class Problem(NamedTuple):
    """One thing about one place of a file.

    ``id`` is the record's, if it has one; ``field`` leads into it (``milestones[2].due``; empty: the whole record);
    ``message`` names field and value and says what to do. ``link`` is the link (from, to, kind) it is about, if any.
    """

    file: str
    line: int
    id: str | None
    field: str
    value: object
    kind: ProblemKind
    message: str
    action: Action
    link: tuple[str, str, LinkKind] | None = None

    def __str__(self) -> str:
        """The problem as one line: where, what, and what was done about it."""
        return f"{self.file}:{self.line}: {self.message} [{self.action.value}]"


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """One record as its file has it; ``line`` is where it begins. ``problems`` instead of fields: it cannot be read."""

    file: str
    line: int
    fields: dict[str, object]
    problems: tuple[Problem, ...] = ()


class ImportRefused(Invalid):
    """A run that is all or nothing had problems: all of them are here, and nothing has changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(f"nothing was imported: {first.file}:{first.line}: {first.message}{more}")
        self.problems = tuple(problems)


def unreadable(file: str, line: int, message: str, value: object = None) -> RawRecord:
    """The place of a record that cannot be read."""
    problem = Problem(file, line, None, "", value, ProblemKind.MALFORMED, message, Action.QUARANTINED)
    return RawRecord(file, line, {}, (problem,))
