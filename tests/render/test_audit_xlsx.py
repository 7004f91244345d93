"""The report as a workbook, read by openpyxl: what stands where, nothing is a formula, same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import AuditReport
from graph_service.errors import Invalid
from graph_service.render.audit import xlsx as room
from graph_service.render.audit.xlsx import report_xlsx
from graph_service.render.letters import clean
from tests.render.audited import REPORTS, TITLES, bakery_report, hostile_report

# bars in cells are an extension that openpyxl does not know whole
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")


@pytest.fixture(autouse=True)
def extra() -> None:
    pytest.importorskip("xlsxwriter", reason="the extra `xlsx` is not installed")


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> AuditReport:
    made: AuditReport = REPORTS[request.param]()
    return made


def opened(report: AuditReport) -> Any:
    reader = pytest.importorskip("openpyxl", reason="no openpyxl here to read workbooks")
    return reader.load_workbook(io.BytesIO(report_xlsx(report)))


def cells(sheet: Any) -> Iterator[Any]:
    for row in sheet.iter_rows():
        yield from (cell for cell in row if cell.value is not None)


def column(sheet: Any, head: str) -> list[object]:
    heads = [cell.value for cell in sheet[1]]
    return [row[heads.index(head)].value for row in sheet.iter_rows(min_row=2)]


def test_every_table_has_a_sheet() -> None:
    book = opened(bakery_report())
    assert book.sheetnames == [
        *("Summary", "Rules", "Findings", "Fixed", "Owners", "Teams", "Hand-over", "Goals", "Put up with", "Trend")
    ]
    summary = book["Summary"]
    assert [summary.cell(row, 1).value for row in range(1, 5)] == [
        "Ownership audit",
        "As of 2026-05-20, revision 1",
        "2 errors, 4 warnings, 9 infos; 1 put up with",
        "Since 2026-03-21: 2 new, 0 changed, 1 fixed, 13 still open",
    ]
    health = {row[0].value: row[1].value for row in summary.iter_rows(min_row=7, max_row=10)}
    assert health == {"Alignment": 0.75, "Ownership": 0.875, "Measurability": 1, "Freshness": pytest.approx(1 / 3)}
    findings = book["Findings"]
    assert [cell.value for cell in findings[1]] == [
        *("Severity", "Rule", "Group", "Since before", "Kind", "Id", "About", "Id", "Owner", "What is wrong"),
        *("What to do", "Fingerprint"),
    ]
    assert [cell.value for cell in findings[2]][:9] == [
        *("error", "ORPHAN_UNALIGNED", "structure", "open", "objective", "alone", "Écoles de pain", "dora", "Dora")
    ]
    assert findings.max_row == 1 + 15


def test_heads_stay_in_view_columns_are_filtered_and_shares_have_bars() -> None:
    book = opened(bakery_report())
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
    owners = book["Owners"]
    bars = {str(ranges.sqref): [rule.type for rule in ranges.rules] for ranges in owners.conditional_formatting}
    heads = [cell.value for cell in owners[1]]
    letter = owners.cell(1, heads.index("Progress") + 1).column_letter
    assert bars[f"{letter}2:{letter}5"] == ["dataBar"]
    assert owners[f"{letter}2"].number_format == "0%"
    goals = book["Goals"]
    assert [type(day).__name__ for day in column(goals, "Due")].count("datetime") == 6
    assert set(column(goals, "Findings")) <= set(range(10))


def test_nothing_is_a_formula_or_a_link(report: AuditReport) -> None:
    for sheet in opened(report):
        assert {cell.data_type for cell in cells(sheet)} <= {"s", "n", "d"}, sheet.title
        assert [cell.hyperlink for cell in cells(sheet) if cell.hyperlink] == []
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report))) as archive:
        names = archive.namelist()
        told = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    assert b"External" not in told
    assert not [name for name in names if re.search("vba|externalLink|embeddings|connections", name)]


def test_hostile_titles_are_text() -> None:
    told = {str(title) for title in column(opened(hostile_report())["Goals"], "Goal")}
    for title in TITLES:
        assert clean(title) in told


def test_the_same_report_gives_the_same_bytes(report: AuditReport) -> None:
    written = report_xlsx(report)
    assert report_xlsx(replace(report)) == written
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {f"{report.as_of}T00:00:00Z"}


def test_a_sheet_says_how_many_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 10)
    findings = opened(bakery_report())["Findings"]
    assert findings.cell(13, 1).value == "5 more are not in this sheet; CSV and JSON hold all."
    assert findings.auto_filter.ref == "A1:L11"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "available", lambda: False)
    with pytest.raises(Invalid) as refused:
        report_xlsx(bakery_report())
    assert str(refused.value) == (
        "workbooks are written by XlsxWriter; install the extra: pip install 'graph-service[xlsx]'"
    )
