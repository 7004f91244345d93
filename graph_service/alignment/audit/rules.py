"""What an audit can be told: severities, limits, words and exceptions. The defaults are those of the catalogue."""

from __future__ import annotations

from datetime import date

import msgspec

from graph_service.alignment.audit.report import Severity
from graph_service.alignment.audit.words import TASK_VERBS, VANITY

LEVELS: dict[str, tuple[str, ...]] = {
    "organization": ("organization", "company", "mission", "core_responsibility"),
    "department": ("department", "division", "area"),
    "team": ("team", "squad"),
    "individual": ("individual", "person"),
}
"""Which levels of a workspace stand for the four that the rules speak of."""


class Suppression(msgspec.Struct, frozen=True):
    """Findings that somebody puts up with: of one rule (None: of any) about one node, with the reason, who says so, and
    the last day on which it holds (None: for good). ``line`` is its line in the rules file (0: said on the node)."""

    subject: str
    rule: str | None
    reason: str
    by: str | None = None
    until: date | None = None
    line: int = 0


class Rules(msgspec.Struct, frozen=True):
    """What an audit goes by.

    ``severities`` and ``limits`` (by rule, then by name) hold what differs from the catalogue. ``cadences`` says within
    how many days a goal of a level is to be checked in (others: the workspace's cadence). ``levels`` says which levels
    stand for ``organization``, ``department``, ``team`` and ``individual``. ``task_verbs`` begin what is a task rather
    than a result, ``vanity`` are measures that flatter; both compared without case.
    """

    severities: dict[str, Severity] = {}
    limits: dict[str, dict[str, float]] = {}
    cadences: dict[str, int] = {}
    levels: dict[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: dict(LEVELS))
    task_verbs: tuple[str, ...] = TASK_VERBS
    vanity: tuple[str, ...] = VANITY
    suppressions: tuple[Suppression, ...] = ()


DEFAULTS = Rules()
