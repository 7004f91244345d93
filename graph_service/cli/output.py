"""Writing answers: text for people, one JSON document for programs, bytes for files. Only answers go to stdout."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from typing import BinaryIO

WIDEST = 120
"""Lines longer than this are hard to read, however wide the terminal is."""


def width() -> int:
    """How many columns a line may have: those of the terminal, or of ``COLUMNS``; 80 in a pipe."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))


def prepare() -> None:
    """Lets the streams write every title: what the terminal's encoding lacks is escaped, never an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def ascii_only() -> bool:
    """Whether stdout cannot take the lines and arrows of a chart."""
    try:
        "├└│─█░→".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def put(text: str) -> None:
    """Writes lines of text."""
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")


COLOURS = {
    "on track": "green",
    "achieved": "green",
    "behind": "yellow",
    "at risk": "red",
    "overdue": "red",
}
BAR = re.compile(r"(?P<bar>[█░┃]{4,})(?P<share> +[<>]*-?\d+ %  )(?P<status>" + "|".join(COLOURS) + ")")


def put_chart(text: str) -> None:
    """Writes a chart; on a terminal its bars and their status words have the status's colour."""
    if coloured():
        text = BAR.sub(_coloured, text)
    put(text)


GRAVE = {"error": "red", "warning": "yellow"}
FINDING = re.compile(r"^(error|warning)(?= [A-Z_]+ )", re.MULTILINE)


def put_audit(text: str) -> None:
    """Writes a report; on a terminal the severities of its findings have a colour."""
    if coloured():
        import typer

        text = FINDING.sub(lambda found: typer.style(found[0], fg=GRAVE[found[0]]), text)
    put(text)


def coloured() -> bool:
    """Whether stdout is a terminal that shows colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _coloured(found: re.Match[str]) -> str:
    import typer

    colour = COLOURS[found["status"]]
    return typer.style(found["bar"], fg=colour) + found["share"] + typer.style(found["status"], fg=colour)


def binary_stdout() -> BinaryIO:
    """Standard output for bytes: record files and JSON are UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    return sys.stdout.buffer


def put_bytes(pieces: Iterable[bytes]) -> None:
    """Writes bytes as they are."""
    binary_stdout().writelines(pieces)


def put_json(document: object) -> None:
    """Writes one JSON document, readable and in UTF-8. Keys stand in the order in which they were given."""
    put_bytes([json_text(document, indent=2).encode(), b"\n"])


def json_text(document: object, indent: int | None = None) -> str:
    r"""A value as JSON. What hides or turns other letters is written as its number: it may be shown on a terminal.

    >>> json_text({"title": "Erhöhen \u202e"})
    '{"title": "Erhöhen \\u202e"}'
    """
    import json

    text = json.dumps(plain(document), ensure_ascii=False, indent=indent, allow_nan=False)
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def plain(value: object) -> object:
    """A value as JSON has it and GraphQL writes it: names of enums, days and moments as texts, tuples as lists."""
    match value:
        case Enum():
            return value.name
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
    return value


def moment_text(moment: datetime) -> str:
    """A moment as GraphQL writes it: ISO 8601 with its offset, Z for UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def say(text: str) -> None:
    """Tells the person at the terminal something that is no part of the answer."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")


def error(text: str) -> None:
    """One line that says what is wrong and what to do."""
    say(f"error: {on_one_line(text)}")


def on_one_line(text: str) -> str:
    r"""A text without line breaks and without anything that a terminal would obey.

    >>> on_one_line("two\nlines")
    'two lines'
    """
    from graph_service.render.letters import clean

    return clean(re.sub(r"\s*[\n\r\t]\s*", " ", text))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their heads, two spaces apart; the last column is cut to fit, and texts are made safe to show."""
    from graph_service.render.letters import ASCII, UNICODE, fit, pad, room

    signs = ASCII if ascii_only() else UNICODE
    lines = [[on_one_line(text) for text in row] for row in (heads, *rows)]
    widths = [max(room(line[at]) for line in lines) for at in range(len(heads) - 1)]
    left = max(width() - sum(widths) - 2 * len(widths), 12)
    return "\n".join(
        "  ".join(
            [*(pad(text, columns) for text, columns in zip(line, widths, strict=False)), fit(line[-1], left, signs)]
        ).rstrip()
        for line in lines
    )


def drop_stdout() -> None:
    """Lets the interpreter end quietly after the reader of a pipe has gone."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
