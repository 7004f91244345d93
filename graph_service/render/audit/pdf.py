"""The report as PDF, for who reads on paper or signs. Needs the extra ``pdf``.

Typst sets the pages from a template of ours and from data, which it never reads as markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.util import find_spec
from threading import Lock
from typing import Any

import msgspec

from graph_service.alignment.audit.report import AuditReport
from graph_service.errors import Invalid
from graph_service.render.audit.cells import As, Column, Table, Value, in_words, node_words
from graph_service.render.audit.charts import Bar, health_bars, load_bars, rules_bars
from graph_service.render.audit.html import SEVERITY_TONES, is_number
from graph_service.render.audit.summary import about_line, comparison_line, facts, totals_line
from graph_service.render.audit.tables import tables_of
from graph_service.render.letters import short

MOST = 250
"""Rows of a table: about 20 pages."""

LONGEST = 300
"""Letters of a cell."""

NAME = 120
"""Letters of a title."""

NAMED = 12
"""Nodes that a fact names."""

EXTRA = "PDF is set by Typst; install the extra: pip install 'graph-service[pdf]'"
WIDE = {"message": 4.0, "advice": 3.4, "why": 3.4, "reason": 3.0, "title": 2.6, "value": 2.0}
FOR_ALL = "ua-1"
"""PDF/UA-1: pages that can be read aloud."""

LONG_WORD = re.compile(r"\S{30,}")
PIECE = re.compile(r".{10}(?=.)")
TURN = Lock()
"""One is set at a time."""


def available() -> bool:
    """Whether Typst is installed along."""
    return find_spec("typst") is not None


def report_pdf(report: AuditReport) -> bytes:
    """The report as PDF: A4, with headings, page numbers and tags. A table has at most ``MOST`` rows, and says how many
    more there are.

    It is PDF/UA-1 where every letter has a glyph, else tagged all the same. Latin, Greek and Cyrillic letters come from
    the font that Typst carries along, others from the fonts of the machine; so the same report gives the same bytes on
    machines with the same fonts. Invalid without the extra.
    """
    if not available():
        raise Invalid(EXTRA, path=("format",))
    from typst import Compiler, TypstError

    template = resources.files("graph_service.render").joinpath("templates/audit.typ").read_bytes()
    data = {"data": msgspec.json.encode(told(report)).decode()}

    def pages(standards: Any) -> object:
        compiler = Compiler(template, font_paths=fonts(), sys_inputs=data)  # one that has failed knows no template
        return compiler.compile(format="pdf", pdf_standards=standards)

    with TURN:
        try:
            made = pages([FOR_ALL])
        except TypstError:  # a letter without a glyph
            made = pages([])
    assert isinstance(made, bytes)
    return made


@cache
def fonts() -> Any:
    """The fonts of Typst and of this machine, looked for once."""
    from typst import Fonts

    return Fonts()


def told(report: AuditReport) -> dict[str, object]:
    """What the template sets."""
    day = report.as_of
    tops = [("Health", health_bars(report)), ("Findings by rule", rules_bars(report, 7))]
    if report.people:
        tops.append(("Load in the fullest period", load_bars(report)))
    return {
        "title": f"Ownership audit as of {day}",
        "day": (day.year, day.month, day.day),
        "about": short(about_line(report), LONGEST),
        "totals": totals_line(report),
        "since": comparison_line(report),
        "charts": [{"title": title, "rows": [bar_told(bar) for bar in bars]} for title, bars in tops if bars],
        "facts": [
            {
                "label": fact.label,
                "said": fact.said,
                "names": named([node_words(node) for node in fact.nodes]),
            }
            for fact in facts(report)
        ],
        "tables": [table_told(one) for one in tables_of(report)],
    }


def bar_told(bar: Bar) -> dict[str, object]:
    """A bar."""
    return {"label": bar.label, "said": bar.said, "share": min(1.0, bar.share), "tone": bar.tone, "note": bar.note}


def named(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(letters(name, 80) for name in names[:NAMED]) + more


def table_told(given: Table) -> dict[str, object]:
    """A table with its first rows."""
    more = len(given.rows) - MOST
    return {
        "title": given.title,
        "total": f"{len(given.rows):,}",
        "empty": given.empty,
        "columns": [
            {"head": column.head, "number": is_number(column), "wide": width(column)} for column in given.columns
        ],
        "rows": [
            [cell(value, column) for value, column in zip(row, given.columns, strict=True)] for row in given.rows[:MOST]
        ],
        "note": f"{more:,} more are not shown; JSON, CSV and XLSX hold all." if more > 0 else "",
    }


def width(column: Column) -> float:
    """The part of the page that a column takes; 0: as much as it needs."""
    if column.name in WIDE:
        return WIDE[column.name]
    if column.holds in (As.NODE, As.NODES):
        return 2.0
    return 1.4 if column.name in ("job_title", "file", "record", "field", "by", "level") else 0.0


def cell(value: Value, column: Column) -> dict[str, str]:
    """A cell with its tone."""
    words = in_words(value, column.holds)
    tone = SEVERITY_TONES.get(words, "plain") if column.name in ("severity", "state") else "plain"
    return {"text": letters(words, NAME if column.holds is As.NODE else LONGEST), "tone": tone}


def letters(text: str, most: int) -> str:
    r"""A text of at most some letters, whose longest words may be broken.

    >>> letters("grow" * 8, 40) == "growgrowgr\u200bowgrowgrow\u200bgrowgrowgr\u200bow"
    True
    """

    def broken(word: re.Match[str]) -> str:
        return PIECE.sub(lambda piece: f"{piece[0]}\u200b", word[0])

    return LONG_WORD.sub(broken, short(text, most))
