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


def put_bytes(pieces: Iterable[bytes]) -> None:
    """Writes bytes as they are: record files and JSON are UTF-8 whatever the terminal's encoding is."""
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    for piece in pieces:
        if raw is None:
            sys.stdout.write(piece.decode())
        else:
            raw.write(piece)


def put_json(document: object) -> None:
    """Writes one JSON document, readable and in UTF-8. Keys stand in the order in which they were given."""
    import json

    text = json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False)
    put_bytes([text.encode("utf-8", "backslashreplace"), b"\n"])


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
    """A text without line breaks and without anything that a terminal would obey.

    >>> on_one_line("two\\nlines")
    'two lines'
    """
    text = re.sub(r"\s*[\n\r\t]\s*", " ", text)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def cut(text: str, columns: int) -> str:
    """A text that fits into some columns, with an ellipsis where it was longer; wide letters take two.

    >>> cut("grow revenue", 8)
    'grow re…'
    """
    if cells(text) <= columns:
        return text
    kept, used = [], 0
    for letter in text:
        used += cells(letter)
        if used > columns - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + ("…" if columns > 0 else "")


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), columns: int = 0) -> str:
    """Rows under their heads, two spaces apart. ``right`` are the columns of numbers; the last column is cut to fit."""
    columns = columns or width()
    widths = [max([cells(head), *(cells(row[at]) for row in rows)]) for at, head in enumerate(heads)]
    room = columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    last = len(heads) - 1
    lines = []
    for row in (heads, *rows):
        parts = []
        for at, text in enumerate(row):
            if at == last and at not in right:
                parts.append(cut(text, max(room, 12)))
                continue
            space = " " * (widths[at] - cells(text))
            parts.append(space + text if at in right else text + space)
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def drop_stdout() -> None:
    """Lets the interpreter end quietly after the reader of a pipe has gone."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
