"""Rules of progress."""

from __future__ import annotations

from graph_service.alignment.audit.look import Rule

RULES: tuple[Rule, ...] = ()
