"""The page of the audit's rules, made from the catalogue: ``python -m tests.audit_rules`` writes it anew."""

from __future__ import annotations

from pathlib import Path

from graph_service.render.audit.catalogue import rules_page

FILE = Path(__file__).resolve().parent.parent / "docs" / "audit-rules.md"

if __name__ == "__main__":
    FILE.write_text(rules_page(), encoding="utf-8")
