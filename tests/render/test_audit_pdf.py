"""The report as PDF, read by pypdf: pages, headings, tags, text, and that the same report gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import AuditReport
from graph_service.errors import Invalid
from graph_service.render.audit import pdf as room
from graph_service.render.audit.pdf import report_pdf
from graph_service.render.audit.tables import tables_of
from graph_service.render.letters import clean
from tests.render.audited import REPORTS, TITLES, bakery_report, hostile_report


@pytest.fixture(autouse=True)
def extra() -> None:
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> AuditReport:
    made: AuditReport = REPORTS[request.param]()
    return made


def opened(report: AuditReport) -> Any:
    reader = pytest.importorskip("pypdf", reason="no pypdf here to read PDF")
    return reader.PdfReader(io.BytesIO(report_pdf(report)))


def words(document: Any) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in document.pages)


def kinds(node: Any) -> Iterator[str]:
    """The kinds of the elements of a structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from kinds(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from kinds(node["/K"])


def test_it_tells_the_report() -> None:
    document = opened(bakery_report())
    said = words(document)
    assert document.metadata.title == "Ownership audit as of 2026-05-20"
    for part in (
        "As of 2026-05-20, revision 1",
        "2 errors, 4 warnings, 9 infos; 1 put up with",
        "Since 2026-03-21: 2 new, 0 changed, 1 fixed, 13 still open",
        "7 of 8 live goals have an active owner",
        "'Écoles de pain' names no goal above it",
        "no active manager and no active lead of a team is known",
    ):
        assert part in said, part
    pages = len(document.pages)
    assert f"Page 1 of {pages}" in said and f"Page {pages} of {pages}" in said


def test_it_can_be_read_aloud_and_walked_through() -> None:
    document = opened(bakery_report())
    root = document.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    found = list(kinds(root["/StructTreeRoot"]["/K"]))
    assert found.count("/H1") == 1
    assert found.count("/H2") == len(document.outline[1])
    assert found.count("/Table") == 8
    assert found.count("/TH") == sum(len(one.columns) for one in tables_of(bakery_report()) if one.rows)
    titles = [one.title for one in document.outline[1]]
    assert titles[:5] == ["Health", "Findings by rule", "Load in the fullest period", "Organization", titles[4]]
    assert "Findings (15)" in titles and "Hand-over (1)" in titles
    assert b"pdfuaid" in report_pdf(bakery_report()), "it says that it is PDF/UA"


def test_it_fetches_and_runs_nothing(report: AuditReport) -> None:
    document = opened(report)
    root = document.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/JavaScript" not in root.get("/Names", {}) and "/EmbeddedFiles" not in root.get("/Names", {})
    assert not [page for page in document.pages if "/Annots" in page]


def test_hostile_titles_are_letters() -> None:
    said = words(opened(hostile_report())).replace("\u200b", "").replace(" ", "")
    for title in TITLES:
        if title.isascii():
            assert clean(title)[:40].replace(" ", "") in said


def test_the_same_report_gives_the_same_bytes(report: AuditReport) -> None:
    assert report_pdf(replace(report)) == report_pdf(report)


def test_a_table_says_how_many_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 10)
    assert "5 more are not shown; JSON, CSV and XLSX hold all." in words(opened(bakery_report()))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "available", lambda: False)
    with pytest.raises(Invalid) as refused:
        report_pdf(bakery_report())
    assert str(refused.value) == "PDF is set by Typst; install the extra: pip install 'graph-service[pdf]'"
