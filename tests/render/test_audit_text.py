"""The report for a terminal: an exact page, at every width; and since when a finding is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit.compare import snapshot_of
from graph_service.render.audit import report_text
from graph_service.render.audit.cells import in_words
from graph_service.render.audit.summary import comparison_line
from graph_service.render.audit.tables import findings
from graph_service.render.letters import room
from tests.render.audited import bakery_report, empty_report, hostile_report

HEAD = """\
Audit as of 2026-05-20, revision 1

alignment      ███████░░░   75 %  3 of 4 live objectives reach the top
ownership      ████████░░   88 %  7 of 8 live goals have an active owner
measurability  ██████████  100 %  4 of 4 live key results have a number
freshness      ███░░░░░░░   33 %  1 of 3 key results under way were checked in
                                  within the cadence

2 errors, 4 warnings, 9 infos; 1 put up with
Since 2026-03-21: 2 new, 0 changed, 1 fixed, 13 still open

error ORPHAN_UNALIGNED alone (open)
  'Écoles de pain' names no goal above it
  do: Link it to the goal that it serves, mark it as top-level, or cancel it.

error OWNER_INACTIVE alone (open)
  the owner of 'Écoles de pain', 'Dora', is not active any more
  do: Hand it over: the report lists who could take it.

warning NO_DATES alone (open)
  'Écoles de pain' has no start and no due; it names no period

warning NO_DATES sweets (open)
  'Offer sweets' has no start and no due; it names no period
  do: Give it a period with dates, or a start and a due date of its own.

"""
TAIL = """
organization
  Goals: 4 objectives, 4 key results
  Who there is: 3 people, 2 teams
  Line of sight: 100 % of people see a top-level goal: 3 by one they own, 0 by
  one they contribute to, 0 through a team
  Owner left: 1 goal (Écoles de pain)
  At the top: 1 objective; Ada Baker owns 1 (Ada Baker)
  Reporting: 3 levels, 1.0 reports on average, at most 1 (Ada Baker, Ben Müller)

to be handed over
  Dora (dora) to nobody, no active manager and no active lead of a team is known
  (Écoles de pain)"""


def test_the_page() -> None:
    said = report_text(bakery_report())
    assert said[: len(HEAD)] == HEAD
    assert said[-len(TAIL) :] == TAIL


def test_a_terminal_without_lines_gets_ascii() -> None:
    said = report_text(bakery_report(), ascii=True)
    assert "alignment      #######...   75 %  3 of 4 live objectives reach the top\n" in said


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for report in (bakery_report(), hostile_report(), empty_report()):
        for line in report_text(report, width).splitlines():
            assert room(line) <= width or line.startswith(("error ", "warning ", "info ")), line


def test_what_could_not_be_read_is_told() -> None:
    said = report_text(hostile_report())
    assert f"\ncould not be read as it stands: {len(hostile_report().quarantined)}\n" in said


def test_nothing_at_all() -> None:
    assert report_text(empty_report()).splitlines()[-1] == "0 errors, 0 warnings, 0 infos"


# ---------- against the last kept audit ----------


def test_without_a_baseline_findings_are_held_against_the_last_kept_audit() -> None:
    report = replace(bakery_report(), comparison=None)
    assert [one.as_of.isoformat() for one in report.trend] == ["2026-03-21", "2026-04-22", "2026-05-20"]
    assert comparison_line(report) == "Since the audit kept on 2026-04-22: 1 new, 0 gone, 14 still open"
    told = findings(report)
    new = [row for row in told.rows if row[3] == "new"]
    assert [in_words(value) for row in new for value in row[:7]] == [
        *("warning", "STALE_CHECK_IN", "progress", "new", "key result", "Crust tests passed", "Ben Müller")
    ]
    assert [row[3] for row in told.rows].count("open") == 14


def test_an_audit_kept_on_the_same_day_is_no_earlier_one() -> None:
    report = replace(bakery_report(), comparison=None, trend=bakery_report().trend[-1:])
    assert comparison_line(report) is None
    assert {row[3] for row in findings(report).rows} == {None}
    later = replace(report, as_of=report.as_of + timedelta(1))
    assert comparison_line(later) == "Since the audit kept on 2026-05-20: 0 new, 0 gone, 15 still open"
    assert snapshot_of(report).fingerprints == report.trend[0].fingerprints
