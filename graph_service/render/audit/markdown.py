"""The report as Markdown, for wikis, pull requests and mail: GitHub's tables, and titles stay letters."""

from __future__ import annotations

import re

from graph_service.alignment.audit.report import AuditReport, HealthFigure
from graph_service.render.audit.cells import As, Table, in_words, node_words
from graph_service.render.audit.summary import about_line, comparison_line, facts, totals_line
from graph_service.render.audit.tables import FIGURES, tables_of
from graph_service.render.letters import bar, percent

MOST = 500
"""Rows of a table; the other forms hold all."""

NAMED = 10
"""Nodes that a fact names."""

SIGNS = re.compile(r"[\\`*\[\]|~$!#@^]|(?<![^\W_])_|_(?![^\W_])|(?<=[A-Za-z]):(?=/)|(?<=[Ww]{3})\.")
"""What is more than a letter somewhere in a line; a ``_`` within a word is one."""
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def plain(text: str) -> str:
    r"""A clean text that Markdown takes for letters, within a line: no markup, no link of its own, no cell's end.

    >>> print(plain("<b>*grow*</b> | www.revenue.example"))
    &lt;b&gt;\*grow\*&lt;/b&gt; \| www\.revenue.example
    """
    return SIGNS.sub(lambda found: f"\\{found[0]}", text).translate(ENTITIES)


def report_markdown(report: AuditReport) -> str:
    """The report as Markdown. Tables show their first ``MOST`` rows, and a line says how many more there are."""
    parts = ["# Ownership audit", "", plain(f"{about_line(report)}: {totals_line(report)}."), ""]
    since = comparison_line(report)
    if since is not None:
        parts += [f"{since}.", ""]
    parts += ["| health | | share | |", "| --- | --- | ---: | --- |"]
    parts += [_figure(name, getattr(report.health, name)) for name in FIGURES]
    parts += ["", "## Organization", ""]
    for fact in facts(report):
        named = ", ".join(plain(node_words(node)) for node in fact.nodes[:NAMED])
        more = f" and {len(fact.nodes) - NAMED:,} more" if len(fact.nodes) > NAMED else ""
        parts.append(f"- **{fact.label}**: {plain(fact.said)}{f' ({named}{more})' if named else ''}")
    for given in tables_of(report):
        parts += _table(given)
    return "\n".join(parts) + "\n"


def _figure(name: str, figure: HealthFigure) -> str:
    said = f"{figure.good:,} of {figure.of:,} {FIGURES[name]}"
    return f"| **{name}** | {bar(figure.share, None, 10)} | {percent(figure.share)} | {said} |"


def _table(given: Table) -> list[str]:
    """A table with its heading."""
    lines = ["", f"## {given.title}", ""]
    if not given.rows:
        return [*lines, given.empty]
    holds = [column.holds for column in given.columns]
    lines.append("| " + " | ".join(column.head for column in given.columns) + " |")
    lines.append("| " + " | ".join("---:" if it in (As.NUMBER, As.SHARE) else "---" for it in holds) + " |")
    lines += [
        "| " + " | ".join(plain(in_words(value, it)) for value, it in zip(row, holds, strict=True)) + " |"
        for row in given.rows[:MOST]
    ]
    if len(given.rows) > MOST:
        lines += ["", f"{len(given.rows) - MOST:,} more are not shown; JSON, CSV and XLSX hold all."]
    return lines
