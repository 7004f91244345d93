"""Audits of record files without a store, messy ones too; and what they find in the three real sets."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from graph_service.alignment.audit import DEFAULTS, AuditReport
from graph_service.alignment.audit.report import Place, QuarantinedLink
from graph_service.errors import Invalid
from graph_service.records.audit_files import audit_files
from graph_service.render.audit import report_json

DAY = date(2026, 3, 1)

RECORDS: list[dict[str, object] | None] = [
    {"kind": "owner", "id": "ines", "title": "Ines", "reports_to": "omar"},
    {"kind": "owner", "id": "omar", "title": "Omar", "reports_to": "ines"},
    {"kind": "objective", "id": "grow", "title": "Grow", "top_level": True, "owner": "ines", "start": "2026-01-01"},
    None,
    {"kind": "objective", "id": "sell", "title": "Sell", "parent": "unknown:x", "owner": "nobody"},
    {
        "kind": "key_result",
        "id": "sales",
        "title": "Sales",
        "parent": "grow",
        "baseline": 0,
        "target": 10,
        "current": 2,
    },
    {"kind": "check_in", "goal": "sales", "value": 1, "at": "2026-05-01T10:00:00Z"},
    {"kind": "objective", "id": "grow", "title": "Grow again"},
]
MESSY = "\n".join("this is no record" if one is None else json.dumps(one) for one in RECORDS)


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    file = tmp_path / "okrs.jsonl"
    file.write_text(MESSY)
    return file


def rules(report: AuditReport) -> dict[str, int]:
    return {rule.id: rule.findings for rule in report.rules if rule.findings}


def test_a_messy_file_is_audited_and_what_was_left_out_is_told(messy: Path) -> None:
    report = audit_files([messy], DEFAULTS, DAY)
    assert report.files == (str(messy),)
    assert [(one.place.line, one.problem, one.action) for one in report.quarantined] == [
        (2, "RING", "QUARANTINED"),
        (4, "MALFORMED", "QUARANTINED"),
        (5, "DANGLING", "KEPT_AS_REFERENCE"),
        (5, "DANGLING", "KEPT_AS_REFERENCE"),
        (8, "DUPLICATE_ID", "QUARANTINED"),
    ]
    assert report.quarantined[0].link == QuarantinedLink("omar", "ines", "REPORTS_TO")
    found = {one.rule: one for one in report.findings}
    assert found["REPORTING_CYCLE"].place == Place(str(messy), 2)
    assert found["OWNER_UNKNOWN"].place == Place(str(messy), 5)
    assert found["ORPHAN_BROKEN"].place == Place(str(messy), 5)
    assert "STALE_CHECK_IN" not in found, "a current value counts as of the day"


def test_the_same_files_and_day_give_the_same_bytes(messy: Path) -> None:
    assert report_json(audit_files([messy], DEFAULTS, DAY)) == report_json(audit_files([messy], DEFAULTS, DAY))


def test_a_report_of_later_than_the_day_is_no_problem(messy: Path) -> None:
    report = audit_files([messy], DEFAULTS, DAY)
    (sales,) = [row for row in report.goals if row.id == "sales"]
    assert (sales.last_check_in, sales.progress) == (date(2026, 5, 1), 0.1)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        audit_files([tmp_path / "none.jsonl"], DEFAULTS, DAY)
    with pytest.raises(Invalid, match="is of no known form"):
        audit_files([tmp_path / "none.txt"], DEFAULTS, DAY)


SETS = {
    "sourcegraph-okrs": (
        date(2021, 6, 1),
        {
            "ORPHAN_UNALIGNED": 131,
            "KEY_RESULT_LOOSE": 6,
            "UNSUPPORTED": 149,
            "NO_OWNER": 6,
            "TOO_MANY_GOALS": 27,
            "TOO_FEW_GOALS": 25,
            "PERSON_WITHOUT_OBJECTIVE": 226,
            "TEAM_WITHOUT_OBJECTIVE": 14,
            "DUPLICATE_OWNER": 5,
            "NUMBER_IN_OBJECTIVE": 13,
            "NO_WHY": 219,
            "NO_ALIGNMENT_NOTE": 52,
            "KEY_RESULT_COUNT": 109,
            "KEY_RESULT_IS_TASK": 20,
            "KEY_RESULT_UNMEASURED": 551,
            "VANITY_METRIC": 1,
            "DUPLICATE_TITLE": 18,
            "OVERDUE": 111,
            "LOW_COVERAGE": 6,
        },
    ),
    "canada-results-small": (
        date(2018, 6, 1),
        {
            "ORPHAN_BROKEN": 32,
            "PERIOD_MISMATCH": 113,
            "NO_OWNER": 32,
            "TOO_MANY_GOALS": 16,
            "NUMBER_IN_OBJECTIVE": 4,
            "NO_WHY": 740,
            "NO_ALIGNMENT_NOTE": 692,
            "KEY_RESULT_COUNT": 582,
            "KEY_RESULT_UNMEASURED": 154,
            "NO_DATES": 151,
            "DUPLICATE_TITLE": 41,
            "STALE_CHECK_IN": 165,
            "OVERDUE": 34,
            "LOW_COVERAGE": 17,
        },
    ),
    "k8s-keps": (
        date(2026, 8, 1),
        {
            "ORPHAN_BROKEN": 7,
            "BROKEN_REFERENCE": 68,
            "UNSUPPORTED": 13,
            "OWNER_UNKNOWN": 4,
            "OWNER_OUTSIDE_AREA": 3,
            "TOO_MANY_GOALS": 21,
            "PERSON_WITHOUT_OBJECTIVE": 5,
            "TEAM_WITHOUT_OBJECTIVE": 236,
            "ONLY_CONTRIBUTOR": 710,
            "TOO_MANY_CONTRIBUTORS": 40,
            "NUMBER_IN_OBJECTIVE": 1,
            "NO_WHY": 691,
            "NO_ALIGNMENT_NOTE": 649,
            "KEY_RESULT_COUNT": 339,
            "KEY_RESULT_IS_TASK": 27,
            "NO_DATES": 691,
            "STALE_CHECK_IN": 11,
            "LOW_COVERAGE": 3,
        },
    ),
}
"""The day of each audit, and what each rule then finds."""


@pytest.mark.parametrize("name", SETS)
def test_the_real_sets(shared: Path, name: str) -> None:
    day, expected = SETS[name]
    report = audit_files([shared / "data" / name / "records.jsonl"], DEFAULTS, day)
    assert rules(report) == expected
