"""The tables of a report as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from graph_service.alignment.audit.report import AuditReport
from graph_service.render.audit.cells import As, Column, Node, Value
from graph_service.render.audit.tables import table
from graph_service.render.rows import safe_cell


def report_csv(report: AuditReport, name: str = "findings") -> str:
    """One table of a report (of ``tables.TABLES``) as CSV with a header line, as RFC 4180 has it. A node takes two
    columns, id and title; of several nodes stand the ids, separated by spaces. Shares are numbers 0..1, days
    YYYY-MM-DD, what is unknown is empty. Invalid for a table of another name."""
    given = table(report, name)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([head for column in given.columns for head in _heads(column)])
    holds = [column.holds for column in given.columns]
    for row in given.rows:
        writer.writerow([cell for value, it in zip(row, holds, strict=True) for cell in _cells(value, it)])
    return written.getvalue()


def _heads(column: Column) -> tuple[str, ...]:
    if column.holds is As.NODE:
        return (f"{column.name}_id", column.name)
    return (column.name,)


def _cells(value: Value, holds: As) -> Iterator[str]:
    if holds is As.NODE:
        assert value is None or isinstance(value, Node)
        yield "" if value is None else safe_cell(value.id)
        yield "" if value is None or value.kind is None else safe_cell(value.title)
    elif holds is As.NODES:
        assert value is None or isinstance(value, tuple)
        yield safe_cell(" ".join(node.id for node in value or ()))
    elif value is None:
        yield ""
    elif isinstance(value, str):
        yield safe_cell(value)
    else:
        yield value.isoformat() if isinstance(value, date) else repr(value)
