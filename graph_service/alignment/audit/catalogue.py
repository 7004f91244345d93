"""The catalogue: every rule in its order, by id."""

from __future__ import annotations

from graph_service.alignment.audit import ownership, progress, reporting, structure, suppressions, wording
from graph_service.alignment.audit.look import Rule

CATALOGUE: tuple[Rule, ...] = (
    *structure.RULES,
    *ownership.RULES,
    *reporting.RULES,
    *wording.RULES,
    *progress.RULES,
    *suppressions.RULES,
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in CATALOGUE}
ORDER: dict[str, int] = {rule.id: number for number, rule in enumerate(CATALOGUE)}
