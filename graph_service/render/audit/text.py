"""The report as text for a terminal or a pipe."""

from __future__ import annotations

from graph_service.alignment.audit.report import AuditReport, Finding, HealthFigure
from graph_service.render.letters import clean, percent, wrap


def report_text(report: AuditReport, width: int = 80) -> str:
    """The figures, then the findings by severity, each with what to do."""
    lines = [f"Audit as of {report.as_of}", ""]
    names = ("alignment", "ownership", "measurability", "freshness")
    lines += [_figure(name, getattr(report.health, name)) for name in names]
    many = report.totals
    lines += ["", f"{many.errors} errors, {many.warnings} warnings, {many.infos} infos, {many.suppressed} put up with"]
    for one in report.findings:
        lines += ["", *_finding(one, width)]
    return "\n".join(lines)


def _figure(name: str, figure: HealthFigure) -> str:
    return f"{name:<14} {percent(figure.share, '-'):>6}  {figure.good} of {figure.of}"


def _finding(one: Finding, width: int) -> list[str]:
    where = "" if one.place is None else f" {clean(one.place.file)}:{one.place.line}"
    head = f"{one.severity.lower()} {one.rule} {clean(one.subject.id)}{where}"
    return [head, *(f"  {line}" for line in wrap(clean(one.message), width - 2, 4))]
