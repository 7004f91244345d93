"""The charts of a report as SVG, to stand within a page: figures of health, findings, load, sight and the trend.

Each is told in its ``<desc>`` too, and what it shows stands in a table of the report. The style is that of
``render.svg``; nothing is told by colour alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from graph_service.alignment.audit.findings import GRAVITY
from graph_service.alignment.audit.report import AuditReport, Severity
from graph_service.render.audit.cells import counted
from graph_service.render.audit.tables import FIGURES
from graph_service.render.letters import percent
from graph_service.render.svg.ink import at, cut, escaped, room

WIDTH = 400.0
MOST_BARS = 8
MOST_OBJECTIVES = 8
TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "calm", Severity.OFF: "calm"}


class Chart(NamedTuple):
    """A chart: its heading, and the picture."""

    title: str
    svg: str


class Bar(NamedTuple):
    """A bar: its name, how long it is (a share), what is said at its end, its tone, and a line of small print."""

    label: str
    share: float
    said: str
    tone: str
    note: str = ""


def charts(report: AuditReport) -> list[Chart]:
    """The charts that there is something to draw for."""
    made = [_chart("health", "Health", health_bars(report))]
    if report.findings:
        made.append(_chart("rules", "Findings by rule", rules_bars(report)))
    if report.people:
        made.append(_chart("load", "Load in the fullest period", load_bars(report)))
        made.append(_chart("sight", "Who sees a top-level goal", sight_bars(report)))
    if len(report.trend) > 1:
        made += [trend_chart(report), counts_chart(report)]
    return made


def _chart(name: str, title: str, bars: Sequence[Bar]) -> Chart:
    return Chart(title, _bars(name, title, bars))


def health_bars(report: AuditReport) -> list[Bar]:
    """The four figures of health, each against its whole."""
    bars = []
    for name, said in FIGURES.items():
        figure = getattr(report.health, name)
        share = figure.share
        note = f"{figure.good:,} of {figure.of:,} {said}"
        bars.append(Bar(name.capitalize(), share or 0.0, percent(share), "good", note))
    return bars


def rules_bars(report: AuditReport, most: int = MOST_BARS) -> list[Bar]:
    """Findings by rule: the gravest rules first, of the same severity those with the most findings; the rest as one."""
    found = [rule for rule in report.rules if rule.findings]
    found.sort(key=lambda rule: (GRAVITY.get(rule.severity, 3), -rule.findings))
    left = found[most:]
    longest = max((rule.findings for rule in found), default=1)
    bars = [
        Bar(
            rule.title,
            rule.findings / longest,
            counted(rule.findings, rule.severity.lower(), f"{rule.severity.lower()}s"),
            TONES[rule.severity],
        )
        for rule in found[:most]
    ]
    if left:
        rest = sum(rule.findings for rule in left)
        bars.append(Bar(f"{counted(len(left), 'rule', 'rules')} more", 0.0, f"{rest:,}", "calm"))
    return bars


def load_bars(report: AuditReport) -> list[Bar]:
    """How many active people have how many open objectives in their fullest period."""
    loads: Counter[int] = Counter()
    over: Counter[int] = Counter()
    for one in report.people:
        if one.active:
            heaviest = max(one.load, key=lambda load: load.objectives, default=None)
            many = 0 if heaviest is None else min(heaviest.objectives, MOST_OBJECTIVES)
            loads[many] += 1
            over[many] += heaviest is not None and heaviest.over
    most = max(loads.values(), default=1)
    bars = []
    for many in range(max(loads, default=-1) + 1):
        more = " or more" if many == MOST_OBJECTIVES else ""
        label = f"{many}{more} {'objective' if many == 1 else 'objectives'}"
        said = counted(loads[many], "person", "people") + (f", {over[many]:,} over the limit" if over[many] else "")
        bars.append(Bar(label, loads[many] / most, said, "warn" if over[many] else "good"))
    return bars


def sight_bars(report: AuditReport) -> list[Bar]:
    """How many active people see the top, and how."""
    sight = report.organization.sight
    whole = max(sight.of, 1)
    rows = (
        ("By a goal of their own", sight.own, "good"),
        ("By contributing", sight.contribution, "good"),
        ("Through a team", sight.team, "good"),
        ("Not at all", len(sight.missing), "warn"),
    )
    return [Bar(label, many / whole, counted(many, "person", "people"), tone) for label, many, tone in rows]


def _bars(name: str, title: str, bars: Sequence[Bar]) -> str:
    """Bars below each other, the name above each."""
    parts: list[str] = []
    y = 0.0
    for bar in bars:
        said = room(bar.said, 12, True)
        parts += [
            f'<text class="s ink" x="0" y="{at(y + 12)}">{escaped(cut(bar.label, WIDTH - said - 12, 12))}</text>',
            f'<text class="s n ink" text-anchor="end" x="{at(WIDTH)}" y="{at(y + 12)}">{escaped(bar.said)}</text>',
            f'<rect class="rest" y="{at(y + 18)}" width="{at(WIDTH)}" height="8" rx="2"/>',
        ]
        if bar.share > 0:
            long = max(2.0, min(1.0, bar.share) * WIDTH)
            parts.append(f'<rect class="{bar.tone}" y="{at(y + 18)}" width="{at(long)}" height="8" rx="2"/>')
        if bar.note:
            parts.append(f'<text class="quiet" y="{at(y + 41)}">{escaped(cut(bar.note, WIDTH, 11))}</text>')
        y += 52 if bar.note else 36
    told = "; ".join(f"{bar.label}: {bar.said}{f' ({bar.note})' if bar.note else ''}" for bar in bars)
    return _svg(name, title, told, y, parts)


# ---------- the trend ----------


class Line(NamedTuple):
    """A line of a trend: its name, its values by audit (None: unknown), how it is drawn, and what its end is called."""

    label: str
    values: tuple[float | None, ...]
    tone: str
    dashes: str
    end: str


DASHES = ("", "7 3", "2 3", "9 3 2 3")
HIGH, LEFT, RIGHT = 150.0, 44.0, 118.0


def trend_chart(report: AuditReport) -> Chart:
    """The four figures of the kept audits."""
    lines = []
    for place, (name, tone) in enumerate(zip(FIGURES, ("good", "calm", "warn", "bad"), strict=True)):
        values = tuple(getattr(one, name) for one in report.trend)
        lines.append(Line(name, values, tone, DASHES[place], f"{name} {percent(values[-1])}"))
    return Chart("Health over time", _lines(report, "trend", "Health over time", lines, 1.0, "100 %"))


def counts_chart(report: AuditReport) -> Chart:
    """The findings of the kept audits by severity."""
    lines = []
    for place, (name, tone) in enumerate((("errors", "bad"), ("warnings", "warn"), ("infos", "calm"))):
        values = tuple(float(getattr(one.totals, name)) for one in report.trend)
        lines.append(Line(name, values, tone, DASHES[place], f"{values[-1]:.0f} {name}"))
    top = max(1.0, *(value for line in lines for value in line.values if value is not None))
    return Chart("Findings over time", _lines(report, "counts", "Findings over time", lines, top, f"{top:,.0f}"))


def _lines(report: AuditReport, name: str, title: str, lines: Sequence[Line], top: float, said: str) -> str:
    """Lines over the days of the kept audits, each named at its end."""
    days = [one.as_of.toordinal() for one in report.trend]
    first, span = days[0], max(1, days[-1] - days[0])
    wide = WIDTH - LEFT - RIGHT
    across = [LEFT + (day - first) / span * wide for day in days]
    parts = []
    for share, label in ((0.0, "0"), (0.5, ""), (1.0, said)):
        y = 8 + (1 - share) * HIGH
        parts.append(f'<line class="line" x1="{at(LEFT)}" x2="{at(LEFT + wide)}" y1="{at(y)}" y2="{at(y)}"/>')
        if label:
            parts.append(f'<text class="quiet" text-anchor="end" x="{at(LEFT - 5)}" y="{at(y + 4)}">{label}</text>')
    ends: list[tuple[float, Line]] = []
    for line in lines:
        seen = [
            (x, 8 + (1 - value / top) * HIGH) for x, value in zip(across, line.values, strict=True) if value is not None
        ]
        if seen:
            points = " ".join(f"{at(x)},{at(y)}" for x, y in seen)
            dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
            parts.append(f'<polyline class="sign s{line.tone}" points="{points}"{dashes}/>')
            parts += [f'<circle class="{line.tone}" cx="{at(x)}" cy="{at(y)}" r="2.5"/>' for x, y in seen[-1:]]
            ends.append((seen[-1][1], line))
    low = 0.0
    for y, line in sorted(ends, key=lambda end: end[0]):  # names do not lie over each other
        low = max(low + 14, y + 4)
        parts.append(f'<text class="{line.tone}" x="{at(WIDTH - RIGHT + 8)}" y="{at(low)}">{escaped(line.end)}</text>')
    under = 8 + HIGH + 16
    parts.append(f'<text class="quiet" x="{at(LEFT)}" y="{at(under)}">{report.trend[0].as_of}</text>')
    parts.append(
        f'<text class="quiet" text-anchor="end" x="{at(LEFT + wide)}" y="{at(under)}">{report.trend[-1].as_of}</text>'
    )
    told = f"{len(days)} audits from {report.trend[0].as_of} to {report.trend[-1].as_of}; in the last one: "
    return _svg(name, title, told + ", ".join(line.end for line in lines), max(under + 6, low + 6), parts)


def _svg(name: str, title: str, told: str, height: float, parts: Sequence[str]) -> str:
    """A picture without a style of its own, with the words that are read aloud."""
    size = f'width="{at(WIDTH)}" height="{at(height)}" viewBox="0 0 {at(WIDTH)} {at(height)}"'
    return "\n".join(
        [
            f'<svg class="gs" role="img" aria-labelledby="chart-{name} chart-{name}-said" {size}>',
            f'<title id="chart-{name}">{escaped(title)}</title>',
            f'<desc id="chart-{name}-said">{escaped(told)}</desc>',
            *parts,
            "</svg>",
        ]
    )
