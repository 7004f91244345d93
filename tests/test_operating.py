"""The pages for who runs the service say what holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph_service.api.execution import LONGEST_NUMBER, TOKEN
from graph_service.models import checks
from graph_service.settings import Settings
from graph_service.workspace.commits import KEY_LENGTH
from tests.docs_metrics import PAGE, written

DOCS = Path(__file__).resolve().parent.parent / "docs"
LIMITS = (DOCS / "limits.md").read_text(encoding="utf-8")
NO_LIMITS = {"store", "host", "port", "cors_origins", "trusted_proxies", "compress_from", "shutdown_wait"}
NO_LIMITS |= {"follow_interval", "ping_interval", "audit_rules", "staleness", "embed_origins", "neo4j_password"}


def rows(text: str, columns: int) -> list[list[str]]:
    """The rows of its tables with so many columns, without heads."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return [row for row in found if len(row) == columns and row[0] not in ("what", "---")]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_every_bound_is_told_with_its_number() -> None:
    told = {row[2].strip("`"): number(row[1]) for row in rows(LIMITS, 4)}
    settings = Settings()
    bounds = {name for name in Settings.model_fields if name not in NO_LIMITS and not name.startswith("log_")}
    bounds -= {name for name in bounds if name.endswith("_rate")}  # docs/access.md
    assert told == {name: getattr(settings, name) for name in bounds}


def test_every_bound_is_refused_with_a_code_or_says_what_happens() -> None:
    for row in rows(LIMITS, 4):
        if row[2] != "`page`":
            assert re.search(r"`(LIMIT_EXCEEDED|REVISION_NOT_REACHED)`|closed", row[3]), row


def test_the_lengths_of_texts_are_told() -> None:
    assert [number(row[1]) for row in rows(LIMITS, 2)] == [
        checks.ID_LENGTH,
        checks.TITLE_LENGTH,
        checks.TEXT_LENGTH,
        checks.EMAIL_LENGTH,
        KEY_LENGTH,
        LONGEST_NUMBER,
    ]
    assert f"(and {TOKEN} characters for each)" in LIMITS


def test_the_metrics_are_those_that_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run `make docs`"


@pytest.mark.parametrize("page", ["limits.md", "operating.md"])
def test_every_variable_and_link_is_one(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for name in re.findall(r"GRAPH_SERVICE_([A-Z_]+)", text):
        assert name.lower() in Settings.model_fields, name
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (DOCS / target).exists(), target
