"""Letters that may be shown, and how much room they take.

Titles and names hold whatever people typed. Here control and direction characters become visible, and text is measured
in columns of a terminal, where some letters take two and some none.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS = "\u200c\u200d"  # part of words in some scripts, and of emoji
WIDE = frozenset("WF")
NOTHING = frozenset({"Mn", "Me", "Cf"})
EMOJI_STYLE = "\ufe0f"  # makes the sign before it a wide one


class Signs(NamedTuple):
    """What lines, bars and marks are drawn with; each takes one column."""

    objective: str
    key_result: str
    owner: str
    line: str
    branch: str
    last: str
    dash: str
    up: str
    way: str
    done: str
    rest: str
    mark: str
    dot: str
    more: str
    none: str


UNICODE = Signs("●", "○", "■", "│", "├", "└", "─", "▲", "▼", "█", "░", "┃", "·", "…", "–")
ASCII = Signs("*", "o", "#", "|", "|", "`", "-", "^", "v", "#", ".", "|", "-", "~", "-")


def clean(text: str) -> str:
    r"""A text without control characters, line breaks, and characters that hide or turn other ones: each is written as
    its number.

    >>> print(clean("grow\u202e \x1b[31mred"))
    grow\u202e \u001b[31mred
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{ord(char):04x}" if char not in JOINERS and unicodedata.category(char) in HIDDEN else char for char in text
    )


def room(text: str) -> int:
    """The columns that a clean text takes in a terminal; never less than it takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if char == EMOJI_STYLE:
        return 1
    if unicodedata.category(char) in NOTHING:
        return 0
    return 2 if unicodedata.east_asian_width(char) in WIDE else 1


def fit(text: str, columns: int, signs: Signs = UNICODE) -> str:
    """A clean text cut to some columns, with a sign where something is missing.

    >>> fit("grow revenue", 8), fit("成長する収益", 8)
    ('grow re…', '成長す…')
    """
    if columns <= 0:
        return ""
    if room(text) <= columns:
        return text
    taken, used = [], 0
    for char in text:
        used += _columns(char)
        if used > columns - 1:
            break
        taken.append(char)
    return "".join(taken).rstrip() + signs.more


def pad(text: str, columns: int, signs: Signs = UNICODE) -> str:
    """A clean text cut or filled up with spaces to exactly some columns."""
    text = fit(text, columns, signs)
    return text + " " * (columns - room(text))


def wrap(text: str, columns: int, lines: int, signs: Signs = UNICODE) -> list[str]:
    """A clean text on at most some lines of some columns, broken at spaces where possible; what is left over is cut."""
    columns = max(columns, 2)
    found: list[str] = []
    words = text.split()
    while words and len(found) < lines - 1:
        line, taken = words[0], 1
        while taken < len(words) and room(line) + 1 + room(words[taken]) <= columns:
            line += " " + words[taken]
            taken += 1
        if room(line) > columns:  # one word alone
            head = fit(line, columns + 1, signs)[: -len(signs.more)]
            words[0] = line[len(head) :]
            found.append(head)
            continue
        found.append(line)
        del words[:taken]
    if words or not found:
        found.append(fit(" ".join(words), columns, signs))
    return found


def short(text: str, letters: int) -> str:
    """A clean text of at most some letters, for pictures, where columns mean nothing."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def percent(share: float | None, none: str = "–") -> str:
    """A share in percent. Only nothing is 0 %, and only the whole is 100 %.

    >>> percent(0.255), percent(0.9999), percent(0.001), percent(-0.5), percent(None)
    ('26 %', '>99 %', '<1 %', '-50 %', '–')
    """
    if share is None:
        return none
    number = round(share * 100)
    if number == 0 and abs(share) > 1e-9:
        return "<1 %" if share > 0 else ">-1 %"
    if number == 100 and abs(share - 1) > 1e-9:
        return ">99 %" if share < 1 else ">100 %"
    return f"{number} %"


def number(value: float) -> str:
    """A number without needless places.

    >>> number(4000000.0), number(0.1), number(2.50)
    ('4000000', '0.1', '2.5')
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def bar(value: float | None, expected: float | None, cells: int, signs: Signs = UNICODE) -> str:
    """Progress as a bar, with a mark where it is expected to be.

    >>> bar(0.5, 0.75, 8), bar(None, None, 4)
    ('████░░┃░', '░░░░')
    """
    done = 0 if value is None else int(min(1.0, max(0.0, value)) * cells + 1e-9)
    drawn = [signs.done] * done + [signs.rest] * (cells - done)
    if expected is not None:
        drawn[min(cells - 1, int(expected * cells + 1e-9))] = signs.mark
    return "".join(drawn)
