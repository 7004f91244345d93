"""What was decided, as the log tells it: a step for each change, with the nodes that it touched."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from graph_service.errors import Invalid
from graph_service.models.changes import CHANGES, Change, CheckInKeyResult, change_input
from graph_service.models.checks import clean_text
from graph_service.models.facts import (
    AddCheckIn,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
    Step,
)

TOLD = frozenset(kind for kind in CHANGES if kind.startswith(("create", "checkIn")))
"""Changes of which the facts say all that an import asked."""


def steps_of(
    changes: Sequence[Change], decided: Sequence[Sequence[Fact]], reason: str | None, *, importing: bool, alone: bool
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """What the log tells of changes and the facts that each came to, in their order; and for each change the id of what
    it made or touched: the new node or check-in, else the thing that it names, empty if it names none. ``reason`` is
    that of the commit.

    Invalid for what cannot be written; its path begins at the change, unless it is ``alone``.
    """
    steps: list[Step] = []
    made: list[str] = []
    for number, change in enumerate(changes):
        facts = decided[number]
        try:
            steps.append(_step(change, facts, reason, importing))
        except Invalid as wrong:
            raise wrong if alone else wrong.under("changes", str(number), change.kind) from None
        made.append(_made(change, facts))
    return tuple(steps), tuple(made)


def _step(change: Change, facts: Sequence[Fact], reason: str | None, importing: bool) -> Step:
    """What the log tells of one change; its own reason counts more than that of the commit."""
    reason = clean_text(getattr(change, "reason", None), "reason") or reason
    kind = change.kind
    asked = None if importing and kind in TOLD else change_input(change)
    step = Step(kind, touched(facts), tuple(facts), asked, reason)
    # All else in the facts is clean.
    if asked is not None or (type(change) is CheckInKeyResult and change.milestones_done):
        encoded(step)
    return step


def encoded(value: object) -> bytes:
    """A value as canonical JSON; Invalid if it holds what cannot be written down."""
    try:
        return msgspec.json.encode(value, order="deterministic")
    except UnicodeEncodeError:
        raise Invalid("the input holds half a character (a lone surrogate); take it out") from None
    except RecursionError:
        raise Invalid("the input is nested too deeply; make it flatter") from None


def touched(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The ids of the nodes that some facts speak of, sorted."""
    ids: set[str] = set()
    for fact in facts:
        # The first three make up nearly every import.
        if isinstance(fact, PutNode):
            ids.add(fact.node.id)
        elif isinstance(fact, PutLink):
            ids.add(fact.link.source)
            ids.add(fact.link.target)
        elif isinstance(fact, AddCheckIn):
            ids.add(fact.check_in.goal)
        elif isinstance(fact, RemoveLink):
            ids.update((fact.source, fact.target))
        elif isinstance(fact, RemoveNode):
            ids.add(fact.id)
            for link in fact.links:
                ids.update((link.source, link.target))
        elif isinstance(fact, RestoreNode | ErasePerson):
            ids.add(fact.id)
        elif isinstance(fact, PutBroken):
            ids.add(fact.reference.node)
        elif isinstance(fact, RemoveBroken):
            ids.add(fact.node)
    return tuple(sorted(ids)) if len(ids) > 1 else tuple(ids)


def _made(change: Change, facts: Sequence[Fact]) -> str:
    subject = None if change.names is None else change.subject
    for fact in facts:
        if isinstance(fact, AddCheckIn):
            return fact.check_in.id
        if subject is None and isinstance(fact, PutNode):
            return fact.node.id
    return subject or ""
