"""The report as one HTML file that asks nobody for anything, and what a page of it has in common with that file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from graph_service.alignment.audit.report import AuditReport
from graph_service.render.audit.cells import As, Column, Node, Table, Value, in_words, node_words
from graph_service.render.audit.charts import charts
from graph_service.render.audit.summary import about_line, comparison_line, facts, totals_line
from graph_service.render.audit.tables import tables_of
from graph_service.render.policy import hashed
from graph_service.render.svg import STYLE

MOST = 1000
"""Rows of a table in a file."""

NAMED = 20
"""Nodes that a cell or a fact names."""

SEVERITY_TONES = {"error": "bad", "warning": "warn", "new": "bad", "fixed": "good"}
LONG = frozenset({"message", "advice", "why", "goals", "contributions", "reason"})
NAMES = frozenset({"job_title", "title", "by"})

Address = Callable[[Node], str | None]
"""Where a node is told of; None where it is nowhere."""


class Part(NamedTuple):
    """Words, and where they lead to."""

    text: str
    href: str | None = None


class Cell(NamedTuple):
    """What stands in a cell, one after the other; how many more there are; and the classes of its style."""

    parts: tuple[Part, ...]
    more: int = 0
    style: str = ""


class Head(NamedTuple):
    """The head of a column: its words, where it leads to, and how the table is sorted by it."""

    text: str
    number: bool
    href: str | None = None
    sorted: str = ""


class Shown(NamedTuple):
    """A table as it is shown: all in words. ``total`` counts its rows, those that are not shown too."""

    name: str
    title: str
    empty: str
    total: int
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    links: Sequence[Part] = ()


class ShownFact(NamedTuple):
    """A fact of the organization as it is shown."""

    label: str
    said: str
    cell: Cell


def nowhere(node: Node) -> None:
    """In a file nothing leads to a service."""


def shown(given: Table, rows: Sequence[tuple[Value, ...]], address: Address = nowhere) -> Shown:
    """A table with some of its rows in words. ``given`` is one for people."""
    heads = [Head(column.head, is_number(column)) for column in given.columns]
    cells = [
        [cell_of(value, column, address) for value, column in zip(row, given.columns, strict=True)] for row in rows
    ]
    return Shown(given.name, given.title, given.empty, len(given.rows), heads, cells)


def is_number(column: Column) -> bool:
    """Whether its values stand at the right."""
    return column.holds in (As.NUMBER, As.SHARE)


def cell_of(value: Value, column: Column, address: Address) -> Cell:
    """A value in words, with the addresses of its nodes."""
    if isinstance(value, Node):
        return nodes_cell((value,), address)
    if isinstance(value, tuple):
        return nodes_cell(value, address)._replace(style="long" if column.name in LONG else "")
    words = in_words(value, column.holds)
    if is_number(column):
        return Cell((Part(words),), style="number")
    style = "long" if column.name in LONG else "" if column.name in NAMES else "word"
    if column.name in ("severity", "state") and words in SEVERITY_TONES:
        style = f"{style} {SEVERITY_TONES[words]}"
    return Cell((Part(words),), style=style)


def nodes_cell(nodes: Sequence[Node], address: Address) -> Cell:
    """Some nodes, each with its address."""
    parts = tuple([Part(node_words(node), address(node)) for node in nodes[:NAMED]])
    return Cell(parts, max(0, len(nodes) - NAMED))


def shown_facts(report: AuditReport, address: Address = nowhere) -> list[ShownFact]:
    """The facts of the organization as they are shown."""
    return [ShownFact(one.label, one.said, nodes_cell(one.nodes, address)) for one in facts(report)]


@cache
def templates() -> Environment:
    """The templates of files, with autoescape on."""
    return Environment(
        loader=PackageLoader("graph_service.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The style of the tables and charts of a report, in the colours of the page that it stands in."""
    return resources.files("graph_service.render").joinpath("templates/audit.css").read_text(encoding="utf-8")


@cache
def file_style() -> str:
    """The style of a whole file."""
    base = resources.files("graph_service.render").joinpath("templates/audit_file.css").read_text(encoding="utf-8")
    return f"\n{base}{style()}"


def report_html(report: AuditReport) -> str:
    """The report as one HTML file: no script, no request, in light and dark, to be printed too. A table has at most
    ``MOST`` rows, and says how many more there are."""
    tables = []
    for given in tables_of(report):
        made = shown(given, given.rows[:MOST])
        if len(given.rows) > MOST:
            more = len(given.rows) - MOST
            made = made._replace(note=f"{more:,} more are not shown; JSON, CSV and XLSX hold all.")
        tables.append(made)
    policy = (
        f"default-src 'none'; style-src {hashed(file_style())} {hashed(STYLE)}; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )
    return (
        templates()
        .get_template("audit_file.html")
        .render(
            policy=policy,
            style=file_style(),
            drawn=STYLE,
            as_of=report.as_of,
            about=about_line(report),
            totals=totals_line(report),
            since=comparison_line(report),
            charts=charts(report),
            facts=shown_facts(report),
            tables=tables,
        )
    )
