"""The forms of a report as text: each read by a program that did not write it, and safe whatever a title holds."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from graph_service.alignment.audit import AuditReport
from graph_service.alignment.audit.report import Place, Severity
from graph_service.errors import Invalid
from graph_service.render.audit import BY_SUFFIX, FORMS, report_csv
from graph_service.render.audit.junit import report_junit
from graph_service.render.audit.markdown import MOST, report_markdown
from graph_service.render.audit.sarif import report_sarif
from graph_service.render.audit.tables import TABLES
from graph_service.render.letters import clean
from graph_service.render.rows import FORMULA
from tests.render.audited import REPORTS, TITLES, WHO, bakery_report, empty_report, hostile_report

SCHEMA = json.loads((Path(__file__).parent.parent / "vectors" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> AuditReport:
    made: AuditReport = REPORTS[request.param]()
    return made


@pytest.mark.parametrize("name", ["text", "html", "md", "csv", "json", "sarif", "junit"])
def test_the_same_report_gives_the_same_bytes(name: str, report: AuditReport) -> None:
    again = replace(report)
    assert FORMS[name].write(again) == FORMS[name].write(report)


def test_every_suffix_asks_for_a_form() -> None:
    assert set(BY_SUFFIX.values()) == set(FORMS)
    assert (BY_SUFFIX["xml"], BY_SUFFIX["txt"]) == ("junit", "text")


@pytest.mark.parametrize("name", ["text", "md", "csv", "junit"])
def test_nothing_hides_or_turns_other_letters(name: str) -> None:
    written = FORMS[name].write(hostile_report()).decode()
    assert HIDDEN.findall(written) == []


# ---------- Markdown ----------


def inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from inline(token.children or [])


def cells(text: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, as a Markdown parser reads them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    rows: list[list[str]] = []
    under = ""
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            under = after.content
        if under == heading and token.type == "tr_open":
            rows.append([])
        if under == heading and token.type in {"td_open", "th_open"}:
            rows[-1].append("".join(one.content for one in after.children or []))
    return rows


def test_markdown_tells_the_figures_and_the_findings() -> None:
    written = report_markdown(bakery_report())
    assert written.startswith(
        "# Ownership audit\n\nAs of 2026-05-20, revision 1: 2 errors, 4 warnings, 9 infos; 1 put up with.\n\n"
        "Since 2026-03-21: 2 new, 0 changed, 1 fixed, 13 still open.\n\n"
        "| health | | share | |\n| --- | --- | ---: | --- |\n"
        "| **alignment** | ███████░░░ | 75 % | 3 of 4 live objectives reach the top |\n"
    )
    rows = cells(written, "Findings")
    assert rows[0] == ["Severity", "Rule", "Since before", "About", "Owner", "What is wrong", "What to do"]
    assert rows[1][:5] == ["error", "ORPHAN_UNALIGNED", "open", "Écoles de pain", "Dora"]
    assert len(rows) == 1 + 15
    assert [row[0] for row in cells(written, "Owners")] == ["Owner", "Ada Baker", "Ben Müller", "Cleo", "Dora"]
    assert cells(written, "Kept audits")[1:] == [
        ["2026-03-21", "2", "2", "10", "75 %", "88 %", "100 %", "100 %"],
        ["2026-04-22", "2", "3", "9", "75 %", "88 %", "100 %", "67 %"],
        ["2026-05-20", "2", "4", "9", "75 %", "88 %", "100 %", "33 %"],
    ]


def test_markdown_of_hostile_titles_is_letters() -> None:
    written = report_markdown(hostile_report())
    parsed = list(inline(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(written)))
    types = {token.type for token in parsed}
    assert types <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special"),
        *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close"),
        *("th_open", "th_close", "td_open", "td_close", "bullet_list_open", "bullet_list_close", "list_item_open"),
        *("list_item_close", "strong_open", "strong_close"),
    }
    told = {row[2] for row in cells(written, "Findings")[1:]}
    for title in TITLES:
        assert " ".join(clean(title).split()) in {" ".join(one.split()) for one in told}


def test_markdown_says_how_many_more_there_are() -> None:
    report = bakery_report()
    many = replace(report, findings=report.findings * 40)
    written = report_markdown(many)
    assert len(cells(written, "Findings")) == 1 + MOST
    assert f"\n{15 * 40 - MOST} more are not shown; JSON, CSV and XLSX hold all.\n" in written


def test_markdown_of_nothing() -> None:
    written = report_markdown(empty_report())
    assert "| **alignment** | ░░░░░░░░░░ | – | 0 of 0 live objectives reach the top |\n" in written
    assert "\n## Findings\n\nNothing was found.\n" in written


# ---------- CSV ----------


@pytest.mark.parametrize("name", TABLES)
def test_csv_is_safe_and_whole(name: str, report: AuditReport) -> None:
    rows = list(csv.reader(io.StringIO(report_csv(report, name), newline="")))
    many = {"findings": report.findings, "owners": report.people, "teams": report.teams, "goals": report.goals}
    assert len(rows) == 1 + len(many.get(name, report.handovers))
    assert {len(row) for row in rows} == {len(rows[0])}
    dangerous = [cell for row in rows for cell in row if cell.startswith(FORMULA) and not re.fullmatch(r"-\d+", cell)]
    assert dangerous == []


def test_csv_of_findings_names_what_a_program_needs() -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(bakery_report()), newline="")))
    first = rows[0]
    assert first["subject_id"] == "alone"
    assert (first["severity"], first["rule"], first["state"]) == ("error", "ORPHAN_UNALIGNED", "open")
    assert first["fingerprint"] == bakery_report().findings[0].fingerprint
    assert [row["state"] for row in rows].count("new") == 2


def test_csv_of_hostile_titles() -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(hostile_report(), "goals"), newline="")))
    told = {row["goal_id"]: row["goal"] for row in rows}
    formula = next(number for number, title in enumerate(TITLES) if title.startswith("=HYPERLINK"))
    assert told[f"goal-{formula}"] == '\'=HYPERLINK("http://evil.example","x")'
    assert told["goal-3"] == "</script><script>alert(1)</script>"


def test_there_is_no_csv_of_any_other_table() -> None:
    with pytest.raises(Invalid) as refused:
        report_csv(bakery_report(), "people")
    assert str(refused.value) == (
        "there is no table 'people' in an audit; there are findings, owners, teams, handovers, goals"
    )


# ---------- SARIF ----------


def test_sarif_is_valid_by_the_official_schema(report: AuditReport) -> None:
    document = json.loads(report_sarif(report))
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(document)] == []


def test_the_official_schema_refuses_what_is_no_sarif() -> None:
    document = json.loads(report_sarif(bakery_report()))
    document["runs"][0]["results"][0]["level"] = "grave"
    assert len(list(Draft4Validator(SCHEMA).iter_errors(document))) == 1


def test_sarif_of_a_store_has_logical_places_and_states() -> None:
    report = bakery_report()
    [run] = json.loads(report_sarif(report))["runs"]
    results = run["results"]
    assert len(results) == 15 + 1 + 1
    assert results[0] == {
        "ruleId": "ORPHAN_UNALIGNED",
        "level": "error",
        "message": {
            "text": "'Écoles de pain' names no goal above it. Link it to the goal that it serves, mark it as "
            "top-level, or cancel it."
        },
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": "Écoles de pain",
                        "fullyQualifiedName": "alone",
                        "kind": "objective",
                    }
                ]
            }
        ],
        "partialFingerprints": {"graphServiceFinding/v1": report.findings[0].fingerprint},
        "ruleIndex": 0,
        "baselineState": "unchanged",
        "properties": {"owner": "dora", "ownerName": "Dora"},
    }
    states = [result.get("baselineState") for result in results]
    assert {state: states.count(state) for state in set(states)} == {"unchanged": 13, "new": 2, None: 1, "absent": 1}
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)
    [suppressed] = [result for result in results if "suppressions" in result]
    assert suppressed["suppressions"][0]["justification"] == report.suppressed[0].reason


def test_sarif_of_files_names_their_lines() -> None:
    report = bakery_report()
    found = replace(report.findings[0], place=Place("okrs/team one.yaml", 12))
    whole = replace(report, files=("okrs/team one.yaml",), findings=(found, report.findings[1]))
    results = json.loads(report_sarif(whole))["runs"][0]["results"]
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "okrs/team%20one.yaml"},
        "region": {"startLine": 12},
    }
    assert results[1]["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "okrs/team%20one.yaml"}}


def test_sarif_tells_what_could_not_be_read() -> None:
    [run] = json.loads(report_sarif(hostile_report()))["runs"]
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notifications) == len(TITLES)
    assert notifications[0]["descriptor"] == {"id": "DANGLING"}


# ---------- JUnit ----------

KNOWN = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "time", "group"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set[str](),
}
"""Elements and attributes that the schema of Jenkins knows (xunit-plugin, junit-10.xsd)."""


def test_junit_is_what_ci_servers_know(report: AuditReport) -> None:
    root = ET.fromstring(report_junit(report))
    for element in root.iter():
        assert set(element.attrib) <= KNOWN[element.tag], element.tag
    cases = list(root.iter("testcase"))
    failures = list(root.iter("failure"))
    grave = [one for one in report.findings if one.severity is not Severity.INFO]
    assert (root.get("tests"), root.get("failures")) == (str(len(cases)), str(len(failures)))
    assert len(failures) == len(grave)
    assert [suite.get("name") for suite in root] == [rule.id for rule in report.rules]
    for suite in root:
        told = [len(list(suite.iter(tag))) for tag in ("testcase", "failure", "skipped")]
        assert [suite.get(name) for name in ("tests", "failures", "skipped")] == list(map(str, told))


def test_junit_tells_each_finding_as_a_test() -> None:
    root = ET.fromstring(report_junit(bakery_report()))
    first = next(root.iter("testcase"))
    assert dict(first.attrib) == {
        "classname": "audit.structure.ORPHAN_UNALIGNED",
        "name": "alone: Écoles de pain",
    }
    [failure] = first
    assert failure.get("type") == "error"
    assert failure.get("message") == "'Écoles de pain' names no goal above it"
    assert (failure.text or "").splitlines()[1:3] == [
        "Link it to the goal that it serves, mark it as top-level, or cancel it.",
        "owner: dora: Dora",
    ]


def test_junit_keeps_hostile_titles_as_letters() -> None:
    root = ET.fromstring(report_junit(hostile_report()))
    names = {case.get("name") for case in root.iter("testcase")}
    for number, title in enumerate(TITLES):
        assert f"goal-{number}: {clean(title)}" in names
    [skipped] = [one for one in root.iter("skipped") if one.get("message") != "the rule is off"]
    assert skipped.get("message") == "</script><script>alert(1)</script>"
    assert f"goal-{WHO}: {clean(TITLES[WHO])}" in names


def test_junit_is_read_by_a_parser_of_others(report: AuditReport) -> None:
    reader = pytest.importorskip("junitparser", reason="no junitparser here")
    told = reader.JUnitXml.fromstring(report_junit(report).encode())
    cases = [case for suite in told for case in suite]
    assert (told.tests, told.failures, told.errors) == (
        len(cases),
        report.totals.errors + report.totals.warnings,
        0,
    )
    assert sum(case.is_skipped for case in cases) == len(report.suppressed)
