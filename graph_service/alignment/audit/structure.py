"""Rules of structure: how goals hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph_service.alignment.audit.look import Hit, Look, Rule
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.alignment.orphans import Orphan
from graph_service.models.checks import shown
from graph_service.models.words import OrphanKind

STRUCTURE = RuleGroup.STRUCTURE
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Hits = Iterable[Hit]


def _orphans(look: Look, kind: OrphanKind) -> Iterator[Orphan]:
    return (orphan for orphan in look.orphans if orphan.kind is kind)


def orphan_unaligned(look: Look) -> Hits:
    """Live objectives without any upward link."""
    for orphan in _orphans(look, OrphanKind.UNALIGNED):
        yield Hit(orphan.goal, f"{shown(orphan.goal.fact.title)} names no goal above it", {})


def orphan_broken(look: Look) -> Hits:
    """Live objectives whose upward links lead to nothing, or to what is cancelled."""
    for orphan in _orphans(look, OrphanKind.BROKEN):
        goal = orphan.goal
        references = tuple(sorted({one.reference for one in goal.broken if one.outgoing}))
        cancelled = tuple(sorted({edge.parent.fact.id for edge in goal.up if look.sees(edge.parent)}))
        yield Hit(
            goal,
            f"{shown(goal.fact.title)} leads up to nothing: {orphan.reason}",
            {"cancelled": cancelled, "references": references},
        )


def orphan_adrift(look: Look) -> Hits:
    """Live objectives whose links lead to goals that lead nowhere."""
    for orphan in _orphans(look, OrphanKind.ADRIFT):
        goal = orphan.goal
        above = tuple(sorted({edge.parent.fact.id for edge in goal.up if look.sees(edge.parent)}))
        names = ", ".join(shown(edge.parent.fact.title) for edge in goal.up if look.sees(edge.parent))
        yield Hit(
            goal,
            f"{shown(goal.fact.title)} hangs under {names or 'goals'}, which reaches nothing top-level",
            {"above": above},
        )


RULES = (
    Rule(
        "ORPHAN_UNALIGNED",
        STRUCTURE,
        ERROR,
        "Objective without any upward link",
        "A live objective is not meant to be at the top and names no goal above it.",
        "Nobody can see what the work is for, and it counts nowhere.",
        "Link it to the goal that it serves, mark it as top-level, or cancel it.",
        whole=orphan_unaligned,
        key_results=False,
    ),
    Rule(
        "ORPHAN_BROKEN",
        STRUCTURE,
        ERROR,
        "Objective whose upward links lead to nothing",
        "A live objective names goals above it, none of which exists and is not cancelled.",
        "It was aligned once, and what it served is gone: perhaps the work is done for nothing.",
        "Repair the reference, link it to what took the place of the old goal, or cancel it too.",
        whole=orphan_broken,
        key_results=False,
    ),
    Rule(
        "ORPHAN_ADRIFT",
        STRUCTURE,
        WARNING,
        "Objective in a tree without a top",
        "A live objective hangs under goals from which no way leads to a top-level objective.",
        "The whole branch counts nowhere; one link at its top mends it for all below.",
        "Link the uppermost goal of the branch to the goal that it serves, or mark it as top-level.",
        whole=orphan_adrift,
        key_results=False,
    ),
)
