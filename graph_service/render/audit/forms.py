"""The forms of a report by name: suffix, media type, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graph_service.alignment.audit.report import AuditReport
from graph_service.render.audit.csv_form import report_csv
from graph_service.render.audit.json_form import report_json
from graph_service.render.audit.junit import report_junit
from graph_service.render.audit.markdown import report_markdown
from graph_service.render.audit.sarif import report_sarif
from graph_service.render.audit.text import report_text


class Form(NamedTuple):
    """A form: the suffix of its files, its media type, and what writes it."""

    suffix: str
    media: str
    write: Callable[[AuditReport], bytes]


def in_html(report: AuditReport) -> bytes:
    """As HTML. Templates are loaded by who wants it."""
    from graph_service.render.audit.html import report_html

    return report_html(report).encode()


FORMS: dict[str, Form] = {
    "text": Form("txt", "text/plain; charset=utf-8", lambda report: f"{report_text(report)}\n".encode()),
    "html": Form("html", "text/html; charset=utf-8", in_html),
    "md": Form("md", "text/markdown; charset=utf-8", lambda report: report_markdown(report).encode()),
    "csv": Form("csv", "text/csv; charset=utf-8; header=present", lambda report: report_csv(report).encode()),
    "json": Form("json", "application/json", report_json),
    "sarif": Form("sarif", "application/sarif+json", report_sarif),
    "junit": Form("junit", "application/xml", lambda report: report_junit(report).encode()),
}
"""All forms. Each gives the same bytes for the same report."""

BY_SUFFIX: dict[str, str] = {form.suffix: name for name, form in FORMS.items()} | {"xml": "junit"}
"""The form that a suffix of a file or an address asks for."""
