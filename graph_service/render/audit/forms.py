"""The forms of a report by name: suffix, media type, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

from graph_service.alignment.audit.report import AuditReport
from graph_service.render.audit.csv_form import report_csv
from graph_service.render.audit.json_form import report_json
from graph_service.render.audit.junit import report_junit
from graph_service.render.audit.markdown import report_markdown
from graph_service.render.audit.sarif import report_sarif
from graph_service.render.audit.text import report_text


class Form(NamedTuple):
    """A form: the suffix of its files, its media type, what writes it, and the library that has to be installed along
    (None: none)."""

    suffix: str
    media: str
    write: Callable[[AuditReport], bytes]
    needs: str | None = None

    @property
    def available(self) -> bool:
        """Whether it can be written here."""
        return self.needs is None or find_spec(self.needs) is not None


def in_html(report: AuditReport) -> bytes:
    """As HTML. Templates are loaded by who wants it."""
    from graph_service.render.audit.html import report_html

    return report_html(report).encode()


def in_xlsx(report: AuditReport) -> bytes:
    """As a workbook."""
    from graph_service.render.audit.xlsx import report_xlsx

    return report_xlsx(report)


def in_pdf(report: AuditReport) -> bytes:
    """As PDF."""
    from graph_service.render.audit.pdf import report_pdf

    return report_pdf(report)


FORMS: dict[str, Form] = {
    "text": Form("txt", "text/plain; charset=utf-8", lambda report: f"{report_text(report)}\n".encode()),
    "html": Form("html", "text/html; charset=utf-8", in_html),
    "md": Form("md", "text/markdown; charset=utf-8", lambda report: report_markdown(report).encode()),
    "csv": Form("csv", "text/csv; charset=utf-8; header=present", lambda report: report_csv(report).encode()),
    "json": Form("json", "application/json", report_json),
    "xlsx": Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", in_xlsx, "xlsxwriter"),
    "pdf": Form("pdf", "application/pdf", in_pdf, "typst"),
    "sarif": Form("sarif", "application/sarif+json", report_sarif),
    "junit": Form("junit", "application/xml", lambda report: report_junit(report).encode()),
}
"""All forms. Each gives the same bytes for the same report."""

BY_SUFFIX: dict[str, str] = {form.suffix: name for name, form in FORMS.items()} | {"xml": "junit"}
"""The form that a suffix of a file or an address asks for."""
