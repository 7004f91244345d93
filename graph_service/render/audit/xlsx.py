"""The report as an Excel workbook, for people who go on working with it. Needs the extra ``xlsx``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from math import ceil
from typing import Any

from graph_service.alignment.audit.report import AuditReport
from graph_service.errors import Invalid
from graph_service.render.audit.cells import As, Column, Node, Table, Value, in_words, node_words
from graph_service.render.audit.summary import about_line, comparison_line, facts, totals_line
from graph_service.render.audit.tables import FIGURES, tables_of
from graph_service.render.letters import clean

MOST = 20_000
"""Rows of a sheet: more take long to write, and longer to open. CSV and JSON hold all."""

LONGEST = 32_000
"""Letters of a cell; Excel takes 32,767."""

LINE, MOST_LINES = 15.0, 12
"""The height of a line, and how many a row has at most."""

EXTRA = "workbooks are written by XlsxWriter; install the extra: pip install 'graph-service[xlsx]'"
TITLES = {"teams": "Teams", "quarantined": "Not read", "trend": "Trend", "rules": "Rules", "fixed": "Fixed"}
"""Names of sheets where the title of a table is too long for one."""

WIDTHS = {As.WORDS: 16.0, As.NUMBER: 11.0, As.SHARE: 12.0, As.DAY: 12.0, As.NODE: 36.0, As.NODES: 44.0}
WIDE = {"message": 60.0, "advice": 52.0, "why": 52.0, "rule": 26.0, "title": 40.0, "reason": 40.0, "value": 30.0}
BARS = frozenset({"objectives", "key_results", "contributions", "load", "findings", "errors", "warnings", "infos"})
"""Numbers that have a bar in their cell; shares have one too."""

COLOURS = {"error": "#b3261e", "warning": "#96590a", "new": "#b3261e", "fixed": "#177245"}
GREEN, GREY, HEAD = "#7fb8a2", "#b9c2c4", "#e9ede9"


def available() -> bool:
    """Whether XlsxWriter is installed along."""
    return find_spec("xlsxwriter") is not None


def report_xlsx(report: AuditReport) -> bytes:
    """The report as a workbook: a summary, then a sheet for each table, with fixed heads, filters and bars in cells.

    Every text is written as text, so none is a formula or a link. A node takes two columns, id and title. The dates
    within are that of the report, so the same report gives the same bytes. Invalid without the extra.
    """
    if not available():
        raise Invalid(EXTRA, path=("format",))
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with Workbook(out, options) as book:
        midnight = datetime.combine(report.as_of, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": f"Ownership audit as of {report.as_of}", "created": midnight})
        writer = _Writer(book)
        writer.summary(report)
        for one in tables_of(report, details=True):
            writer.table(one)
    return out.getvalue()


def text(said: str) -> str:
    """A clean text as a cell may hold it.

    >>> text("grow" * 10_000)[-8:]
    'growgrow'
    """
    if not said.isascii():  # two code points that no XML may hold
        said = said.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return said[:LONGEST]


class _Writer:
    """A workbook with its styles. ``Any``: the types of XlsxWriter are known only where it is installed."""

    def __init__(self, book: Any) -> None:
        self.book = book
        top = {"valign": "top"}
        self.plain = book.add_format(top)
        self.wrapped = book.add_format({**top, "text_wrap": True})
        self.share = book.add_format({**top, "num_format": "0%"})
        self.day = book.add_format({**top, "num_format": "yyyy-mm-dd"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "bg_color": HEAD}
        )
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.toned = {
            word: book.add_format({**top, "font_color": colour, "bold": True}) for word, colour in COLOURS.items()
        }

    def summary(self, report: AuditReport) -> None:
        """The first sheet: what was audited, the figures of health and of the organization."""
        sheet = self.book.add_worksheet("Summary")
        sheet.hide_gridlines(2)
        self._to_be_printed(sheet)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 2, 90)
        lines = [f"{about_line(report)}", totals_line(report), comparison_line(report)]
        sheet.write_string(0, 0, "Ownership audit", self.title)
        row = 1
        for line in lines:
            if line is not None:
                sheet.write_string(row, 0, text(line))
                row += 1
        row += 1
        for column, head in enumerate(("Health", "Share", "")):
            sheet.write_string(row, column, head, self.head)
        first = row + 1
        for name, said in FIGURES.items():
            row += 1
            figure = getattr(report.health, name)
            sheet.write_string(row, 0, name.capitalize(), self.bold)
            if figure.share is not None:
                sheet.write_number(row, 1, figure.share, self.share)
            sheet.write_string(row, 2, f"{figure.good:,} of {figure.of:,} {said}")
        self._bar(sheet, (first, 1, row, 1), share=True)
        row += 2
        sheet.merge_range(row, 0, row, 2, "Organization", self.head)
        for fact in facts(report):
            row += 1
            sheet.write_string(row, 0, fact.label, self.bold)
            named = ", ".join(map(node_words, fact.nodes))
            sheet.merge_range(row, 1, row, 2, "", self.wrapped)
            sheet.write_string(row, 1, text(f"{fact.said}: {named}" if named else fact.said), self.wrapped)
            if named:  # a merged cell does not grow by itself
                sheet.set_row(row, LINE * min(MOST_LINES, 1 + len(f"{fact.said}: {named}") // 100))

    def table(self, given: Table) -> None:
        """A sheet with a table: its head stays in view, each column can be filtered."""
        sheet = self.book.add_worksheet(TITLES.get(given.name, given.title)[:31])
        sheet.freeze_panes(1, 1)
        self._to_be_printed(sheet)
        sheet.repeat_rows(0)
        spread = [pair for column in given.columns for pair in _spread(column)]
        for at, (head, column) in enumerate(spread):
            sheet.write_string(0, at, head, self.head)
            width = WIDTHS[column.holds] if head != "Id" else 18.0
            sheet.set_column(at, at, WIDE.get(column.name, width))
        rows = given.rows[:MOST]
        for number, row in enumerate(rows, 1):
            self._row(sheet, number, row, given.columns)
        last = len(rows)
        if len(given.rows) > MOST:
            said = f"{len(given.rows) - MOST:,} more are not in this sheet; CSV and JSON hold all."
            sheet.write_string(last + 2, 0, said, self.bold)
        if not rows:
            sheet.write_string(1, 0, given.empty)
            return
        sheet.autofilter(0, 0, last, len(spread) - 1)
        for at, (_, column) in enumerate(spread):
            if column.holds is As.SHARE or column.name in BARS:
                self._bar(sheet, (1, at, last, at), share=column.holds is As.SHARE)

    def _to_be_printed(self, sheet: Any) -> None:
        """All columns on one page, which lies."""
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")

    def _row(self, sheet: Any, at: int, row: Sequence[Value], columns: Sequence[Column]) -> None:
        place, lines = 0, 1.0
        for value, column in zip(row, columns, strict=True):
            it = column.holds
            if it is As.NODE:
                if isinstance(value, Node):
                    title = text(node_words(value))
                    sheet.write_string(at, place, text(clean(value.id)), self.plain)
                    sheet.write_string(at, place + 1, title, self.wrapped)
                    lines = max(lines, len(title) / WIDTHS[it])
                place += 2
                continue
            if isinstance(value, date):
                sheet.write_datetime(at, place, datetime.combine(value, time()), self.day)
            elif isinstance(value, int | float):
                sheet.write_number(at, place, value, self.share if it is As.SHARE else self.plain)
            elif value:
                said = text(in_words(value, it))
                wide = WIDE.get(column.name, WIDTHS[it])
                is_long = column.name in WIDE or it is As.NODES
                toned = self.toned.get(said, self.plain) if place == 0 else self.plain
                sheet.write_string(at, place, said, self.wrapped if is_long else toned)
                lines = max(lines, len(said) / wide if is_long else 1)
            place += 1
        if lines > 1:  # not every program finds the height of a row by itself
            sheet.set_row(at, LINE * min(MOST_LINES, ceil(lines)))

    def _bar(self, sheet: Any, cells: tuple[int, int, int, int], share: bool) -> None:
        """Bars within cells; of shares from 0 to 1, of numbers from 0 to the greatest."""
        told: dict[str, object] = {"type": "data_bar", "bar_color": GREEN if share else GREY, "bar_solid": True}
        told |= {"min_type": "num", "min_value": 0}
        if share:
            told |= {"max_type": "num", "max_value": 1}
        sheet.conditional_format(*cells, told)


def _spread(column: Column) -> tuple[tuple[str, Column], ...]:
    """The heads that a column has in a sheet: a node has one for its id too."""
    return (("Id", column), (column.head, column)) if column.holds is As.NODE else ((column.head, column),)
