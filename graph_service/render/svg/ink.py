"""Letters on a picture: how wide they are, where they are cut, and how they are written so that they stay letters.

A picture is drawn without knowing which font will show it, so widths are those of a wide sans-serif: what fits here
fits everywhere.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from graph_service.render.letters import JOINERS, NOTHING, WIDE

ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
MORE = "…"
NARROW, SLIM, USUAL, BROAD, FULL = 0.33, 0.44, 0.64, 0.86, 1.06
BOLD = 1.06


def _widths() -> dict[str, float]:
    """Parts of the letter height that printable ASCII takes."""
    groups = {
        NARROW: "!'.,:;|ijlI ",
        SLIM: '"()[]{}/\\`-ftr*',
        USUAL: "#$?_^<>=+~&0123456789abcdeghknopqsuvxyzABCDEFGHJKLNPRSTUVXYZ",
        BROAD: "mwMOQ",
        FULL: "%@W",
    }
    return {letter: width for width, letters in groups.items() for letter in letters}


WIDTHS = _widths()


def escaped(text: str) -> str:
    """A clean text that may stand in an element or an attribute.

    >>> escaped('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    if not text.isascii():  # two code points that no XML may hold
        text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return text.translate(ENTITIES)


@lru_cache(4096)
def _width(letter: str) -> float:
    if letter in WIDTHS:
        return WIDTHS[letter]
    if letter in JOINERS or unicodedata.category(letter) in NOTHING:
        return 0.0
    if unicodedata.east_asian_width(letter) in WIDE:
        return FULL
    plain = unicodedata.normalize("NFD", letter)[0]
    return WIDTHS.get(plain, BROAD if letter.isupper() or not letter.isalpha() else USUAL)


def room(text: str, size: float, bold: bool = False) -> float:
    """The width of a clean text in units of the picture, rather too much than too little."""
    return sum(map(_width, text)) * size * (BOLD if bold else 1.0)


def cut(text: str, width: float, size: float, bold: bool = False) -> str:
    """A clean text cut to a width, with a sign where something is missing.

    >>> cut("grow revenue", 40, 10)
    'grow…'
    >>> cut("grow", 40, 10)
    'grow'
    """
    left = width / (size * (BOLD if bold else 1.0))
    used = 0.0
    fits = 0  # letters that leave room for the sign
    for place, letter in enumerate(text):
        used += _width(letter)
        if used > left:
            return text[:fits].rstrip() + MORE if fits else MORE
        if used <= left - FULL:
            fits = place + 1
    return text


def lines(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """A clean text on at most some lines, broken at spaces where that is possible; what is left over is cut."""
    words, found = text[:400].split(), list[str]()
    while words and len(found) < most - 1:
        line, taken, left = "", 0, width
        for word in words:
            needed = room(f" {word}" if line else word, size, bold)
            if needed > left:
                break
            line, left, taken = f"{line} {word}" if line else word, left - needed, taken + 1
        if not taken:  # one word alone
            line = cut(words[0], width, size, bold).removesuffix(MORE)
            if not line:
                break
            words[0] = words[0][len(line) :]
        found.append(line)
        del words[:taken]
    if words or not found:
        found.append(cut(" ".join(words) + (MORE if len(text) > 400 else ""), width, size, bold))
    return found


def initials(name: str) -> str:
    """One or two letters for a name, as they stand in a circle.

    >>> initials("Noémie Le Garrec"), initials("platform team"), initials("佐藤"), initials("(?)")
    ('NG', 'PT', '佐', '?')
    """
    words = [letters for word in name.split() if (letters := [letter for letter in word if letter.isalnum()])]
    if not words:
        return "?"
    first = words[0][0].upper()
    if unicodedata.east_asian_width(first) in WIDE or len(words) == 1:
        return first[:1]
    return (first + words[-1][0].upper())[:2]


@lru_cache(16_384)
def at(value: float) -> str:
    """A coordinate, to a tenth, without needless places.

    >>> at(12.0), at(0.25), at(-3.96)
    ('12', '0.2', '-4')
    """
    return f"{round(value, 1):.9g}"
