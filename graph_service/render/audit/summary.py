"""What is told of a report as a whole: its totals, since when, and the organization, each in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graph_service.alignment.audit.report import AuditReport
from graph_service.render.audit.cells import Node, counted, node_words
from graph_service.render.audit.tables import ALIKE, Nodes, kept_before
from graph_service.render.letters import clean, percent


def totals_line(report: AuditReport) -> str:
    """Findings by severity in a sentence."""
    many = report.totals
    parts = [
        counted(many.errors, "error", "errors"),
        counted(many.warnings, "warning", "warnings"),
        counted(many.infos, "info", "infos"),
    ]
    return ", ".join(parts) + (f"; {many.suppressed:,} put up with" if many.suppressed else "")


def about_line(report: AuditReport) -> str:
    """What was audited, and as of which day."""
    what = f"{', '.join(map(clean, report.files))}" if report.files else f"revision {report.revision}"
    return f"As of {report.as_of}, {what}"


def comparison_line(report: AuditReport) -> str | None:
    """What became of the findings of the baseline, else of the last kept audit of an earlier day; None without."""
    told = report.comparison
    if told is not None:
        return (
            f"Since {told.as_of}: {len(told.new):,} new, {len(told.changed):,} changed, {len(told.fixed):,} fixed,"
            f" {len(told.open):,} still open"
        )
    before = kept_before(report)
    if before is None:
        return None
    known, now = set(before.fingerprints), {one.fingerprint for one in report.findings}
    return (
        f"Since the audit kept on {before.as_of}: {len(now - known):,} new, {len(known - now):,} gone,"
        f" {len(known & now):,} still open"
    )


class Fact(NamedTuple):
    """A fact of the organization in words, with the nodes that it is about."""

    label: str
    said: str
    nodes: tuple[Node, ...] = ()


def facts(report: AuditReport) -> list[Fact]:
    """What is to be told of the organization as a whole."""
    whole, nodes = report.organization, Nodes(report)
    sight, lines = whole.sight, whole.reporting
    told = [
        Fact("Goals", f"{counted(whole.objectives, 'objective', 'objectives')}, {whole.key_results:,} key results"),
        Fact("Who there is", f"{counted(whole.people, 'person', 'people')}, {whole.teams:,} teams"),
        Fact(
            "Line of sight",
            f"{percent(sight.share)} of people see a top-level goal: {sight.own:,} by one they own,"
            f" {sight.contribution:,} by one they contribute to, {sight.team:,} through a team",
            nodes.all(sight.missing),
        ),
    ]
    lists: tuple[tuple[str, str, str, Sequence[str]], ...] = (
        ("Goals without an owner", "goal", "goals", whole.unowned),
        ("Owner unknown", "goal", "goals", whole.unknown),
        ("Owner left", "goal", "goals", whole.inactive),
        ("Owner outside the area", "goal", "goals", whole.outside),
        ("People without a goal", "person", "people", whole.people_without_goal),
        ("Teams without a goal", "team", "teams", whole.teams_without_goal),
        ("Only contributors", "person", "people", whole.contributors_only),
    )
    told += [Fact(label, counted(len(ids), one, several), nodes.all(ids)) for label, one, several, ids in lists if ids]
    if whole.top_owners:
        first = whole.top_owners[0]
        name = nodes.of(first.owner)
        assert name is not None
        said = f"{counted(whole.top_level, 'objective', 'objectives')}; {node_words(name)} owns {first.objectives:,}"
        told.append(Fact("At the top", said, nodes.all(one.owner for one in whole.top_owners)))
    if lines.depth:
        mean = "" if lines.mean_span is None else f", {lines.mean_span:.1f} reports on average"
        said = f"{counted(lines.depth, 'level', 'levels')}{mean}, at most {lines.widest_span:,}"
        told.append(Fact("Reporting", said, nodes.all(lines.widest)))
    for label, ids in (("Reporting line broken", lines.broken), ("Reporting in a ring", lines.circular)):
        if ids:
            told.append(Fact(label, counted(len(ids), "person", "people"), nodes.all(ids)))
    told += [
        Fact("Perhaps one and the same", ALIKE.get(one.alike, clean(one.alike)), nodes.all(one.owners))
        for one in whole.alike
    ]
    return told
