"""The sheet that a picture is drawn on: its colours in both themes, its head, its size, and who may read it aloud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from graph_service.render.svg.ink import at, cut, escaped, room

FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
MARGIN = 24.0
HEAD = 62.0
NARROWEST = 640.0

LIGHT = {
    "paper": "#fbfaf7",
    "card": "#ffffff",
    "ink": "#1d2326",
    "quiet": "#566066",
    "line": "#858e8a",
    "edge": "#d9d6cd",
    "rest": "#e4e2da",
    "good": "#177245",
    "warn": "#96590a",
    "bad": "#b3261e",
    "calm": "#566066",
}
DARK = {
    "paper": "#14191b",
    "card": "#1b2224",
    "ink": "#e9ecea",
    "quiet": "#a7b1b3",
    "line": "#6d787a",
    "edge": "#333c3f",
    "rest": "#333c3f",
    "good": "#5fd39a",
    "warn": "#f0b45a",
    "bad": "#ff8f85",
    "calm": "#a7b1b3",
}


def _colours(theme: dict[str, str]) -> str:
    fills = "".join(
        f".gs .{name}{{fill:{theme[name]}}}"
        for name in ("paper", "ink", "quiet", "rest", "good", "warn", "bad", "calm")
    )
    strokes = (
        f".gs .card{{fill:{theme['card']};stroke:{theme['edge']}}}"
        f".gs .line,.gs .dots{{stroke:{theme['line']}}}"
        f".gs .mark{{fill:{theme['ink']}}}"
        f".gs .chip{{fill:{theme['paper']};stroke:{theme['edge']}}}"
    )
    signs = "".join(f".gs .s{tone}{{stroke:{theme[tone]}}}" for tone in ("good", "warn", "bad", "calm"))
    return fills + strokes + signs


STYLE = (
    f".gs text{{font:400 11px {FONT}}}"
    ".gs .h{font-size:18px;font-weight:600}.gs .t{font-size:13px;font-weight:600}.gs .s{font-size:12px}"
    ".gs .n{font-variant-numeric:tabular-nums;font-weight:600}.gs .i{font-size:9px;font-weight:600}"
    ".gs .card{stroke-width:1}.gs .line,.gs .dots{fill:none;stroke-width:1.25}.gs .dots{stroke-dasharray:4 4}"
    ".gs .sign{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}"
    + _colours(LIGHT)
    + "@media(prefers-color-scheme:dark){"
    + _colours(DARK)
    + "}"
)
"""Constant, so that a page may allow it by its hash."""


def sheet(
    title: str, said: str, pieces: Iterable[str], width: float, height: float, as_of: date, mark: bool = True
) -> str:
    """A whole SVG document: head, pieces below it, and the title and sentence that are read aloud.

    ``title`` and ``said`` are clean; pieces are SVG drawn from (0, 0) in a field of ``width`` by ``height``.
    """
    wide = max(width, NARROWEST)
    full, high = wide + 2 * MARGIN, HEAD + height + 2 * MARGIN
    told = f"{said} · as of {as_of}"
    if mark:
        told += " · the mark on a bar: where it should be by then"
    size = f'width="{at(full)}" height="{at(high)}" viewBox="0 0 {at(full)} {at(high)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gs" role="img" aria-labelledby="gs-title gs-desc" {size}>',
        f'<title id="gs-title">{escaped(title)}</title>',
        f'<desc id="gs-desc">{escaped(told)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{at(full)}" height="{at(high)}"/>',
        f'<text class="h ink" x="{at(MARGIN)}" y="42">{escaped(cut(title, wide, 18, True))}</text>',
        f'<text class="s quiet" x="{at(MARGIN)}" y="64">{escaped(_short(told, wide))}</text>',
        f'<g transform="translate({at(MARGIN + (wide - width) / 2)} {at(HEAD + MARGIN)})">',
        *pieces,
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _short(told: str, width: float) -> str:
    """A line of parts without the last ones that have no room."""
    parts = told.split(" · ")
    while len(parts) > 1 and room(" · ".join(parts), 12) > width:
        parts.pop()
    return cut(" · ".join(parts), width, 12)
