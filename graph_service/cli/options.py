"""The options that several commands share, and how their texts are read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import typer

STORE = "--store"
AS_OF = "--as-of"
FORMAT = "--format"
JSON = "--json"


def a_day(text: str) -> date:
    """A day as ``2026-05-20``."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise typer.BadParameter(f"{text!r} is no day; give one as YYYY-MM-DD")


def a_moment(text: str) -> datetime:
    """A moment in UTC, given with its offset: ``2026-05-20T09:00Z`` or ``2026-05-20T11:00+02:00``."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", text, re.ASCII):
        raise typer.BadParameter(f"{text!r} has no offset; add one as +02:00, or Z for UTC")
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", text, re.ASCII):
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # 25 o'clock, or a moment before the year 1 in UTC
    raise typer.BadParameter(f"{text!r} is no moment; give day, time and offset as 2026-05-20T09:30Z")


def a_number(text: str) -> float:
    """A plain number with a decimal point; whether it is a fit one is for the goal to say."""
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        return float(text)
    if text.startswith("-"):
        raise typer.TyperException(f"no such option: {text}")
    raise typer.BadParameter(f"{text!r} is no number; give it plain, without unit or thousands: 1250.5")


Store = Annotated[
    str | None,
    typer.Option(
        STORE,
        metavar="URL",
        help="The store: sqlite:///name.db, sqlite:////full/path.db or neo4j://user@host/database.  [default: "
        "GRAPH_SERVICE_STORE, else a file in your data folder]",
    ),
]
AsOf = Annotated[
    date | None,
    typer.Option(
        AS_OF,
        metavar="DAY",
        parser=a_day,
        help="Judge status and expected progress for this day, YYYY-MM-DD.  [default: today]",
    ),
]
Json = Annotated[bool, typer.Option(JSON, help="The answer as one JSON document.")]
TextFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option(FORMAT, metavar="FORMAT", help="text or json.  [default: text]"),
]
ChartFormat = Annotated[
    Literal["text", "svg", "html", "mermaid", "dot", "csv", "json"] | None,
    typer.Option(FORMAT, metavar="FORMAT", help="text, svg, html, mermaid, dot, csv or json.  [default: text]"),
]
LadderFormat = Annotated[
    Literal["text", "svg", "html", "layered", "png", "pdf", "mermaid", "dot", "csv", "json"] | None,
    typer.Option(
        FORMAT,
        metavar="FORMAT",
        help="text, svg, html, mermaid, dot, csv or json; with the extra `pictures` also layered (SVG), png and pdf.  "
        "[default: text]",
    ),
]


def the_format(chosen: str | None, as_json: bool) -> str:
    """The format that ``--format`` and ``--json`` ask for together; text when neither is given."""
    if as_json and chosen not in {None, "json"}:
        raise typer.BadParameter(f"{JSON} and {FORMAT} {chosen} exclude each other; give one of them")
    return "json" if as_json else chosen or "text"
