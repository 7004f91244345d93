"""The report as text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from graph_service.alignment.audit.report import AuditReport, Finding
from graph_service.render.audit.cells import Node, node_words
from graph_service.render.audit.summary import about_line, comparison_line, facts, totals_line
from graph_service.render.audit.tables import FIGURES, Nodes, states_of
from graph_service.render.letters import ASCII, UNICODE, Signs, bar, clean, percent, wrap

NAMED = 3
"""Nodes that a fact names."""

WIDE = 60
"""From so many columns on there is room for bars."""

LINES = 4
"""A sentence takes at most so many lines."""


def report_text(report: AuditReport, width: int = 80, ascii: bool = False) -> str:
    """The figures, then the findings by severity, what to do after those to which it applies; then the organization,
    what is to be handed over, and what could not be read."""
    signs = ASCII if ascii else UNICODE
    about = about_line(report)
    lines = wrap(f"Audit {about[0].lower()}{about[1:]}", width, LINES, signs)
    lines.append("")
    cells = 10 if width >= WIDE else 0
    for name, said in FIGURES.items():
        figure = getattr(report.health, name)
        drawn = f"{name:<14} {bar(figure.share, None, cells, signs)} {percent(figure.share, '-'):>6}  "
        lines += _wrapped(drawn, f"{figure.good:,} of {figure.of:,} {said}", width, signs)
    lines += ["", *wrap(totals_line(report), width, LINES, signs)]
    since = comparison_line(report)
    lines += wrap(since, width, LINES, signs) if since is not None else []
    lines += _findings(report, width, signs)
    if report.goals or report.people:
        lines += ["", "organization"]
        for fact in facts(report):
            lines += _wrapped("  ", f"{fact.label}: {fact.said}{_named(fact.nodes)}", width, signs)
    if report.handovers:
        nodes = Nodes(report)
        lines += ["", "to be handed over"]
        for one in report.handovers:
            owner, to = nodes.of(one.owner), nodes.of(one.to)
            assert owner is not None
            who = f"{node_words(owner)} ({clean(one.owner)}) to {'nobody' if to is None else node_words(to)}"
            lines += _wrapped("  ", f"{who}, {clean(one.why)}{_named(nodes.all(one.goals))}", width, signs)
    if report.quarantined:
        lines += ["", f"could not be read as it stands: {len(report.quarantined):,}"]
        for wrong in report.quarantined:
            place = f"{clean(wrong.place.file)}:{wrong.place.line}"
            lines += _wrapped("  ", f"{place}: {clean(wrong.message)}", width, signs)
    return "\n".join(lines)


def _findings(report: AuditReport, width: int, signs: Signs) -> list[str]:
    lines: list[str] = []
    states = states_of(report)
    found = report.findings
    for place, one in enumerate(found):
        lines += ["", *_finding(one, states.get(id(one), ""), width, signs)]
        after = found[place + 1] if place + 1 < len(found) else None
        if after is None or (after.rule, after.advice) != (one.rule, one.advice):
            lines += _wrapped("  do: ", clean(one.advice), width, signs)
    return lines


def _finding(one: Finding, state: str, width: int, signs: Signs) -> list[str]:
    where = "" if one.place is None else f" {clean(one.place.file)}:{one.place.line}"
    head = f"{one.severity.lower()} {one.rule} {clean(one.subject.id)}{where}{f' ({state})' if state else ''}"
    return [head, *_wrapped("  ", clean(one.message), width, signs)]


def _named(nodes: Sequence[Node]) -> str:
    more = f" and {len(nodes) - NAMED:,} more" if len(nodes) > NAMED else ""
    return f" ({', '.join(map(node_words, nodes[:NAMED]))}{more})" if nodes else ""


def _wrapped(lead: str, text: str, width: int, signs: Signs) -> list[str]:
    """A text behind a lead, its further lines below its first one."""
    found = wrap(text, width - len(lead), LINES, signs)
    return [f"{lead if not number else ' ' * len(lead)}{line}" for number, line in enumerate(found)]
