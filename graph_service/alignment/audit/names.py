"""Names and titles alike: the same but for what two people write differently."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


_NO_LETTERS = re.compile(r"[\W_]+")
_LOWER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
_NO_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())


def plain(text: str) -> str:
    """A text without what tells two spellings apart: case, accents, spaces and punctuation.

    >>> plain("Jürgen  KRÄMER") == plain("jurgen Kramer")
    True
    """
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTER).decode()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _NO_LETTERS.sub("", "".join([char for char in decomposed if not unicodedata.combining(char)]).casefold())


def in_order(name: str) -> str:
    """A name as it is said: "Krämer, Jürgen" turned round.

    >>> in_order("kramer, jurgen")
    'jurgen kramer'
    """
    last, comma, rest = name.partition(",")
    return f"{rest.strip()} {last.strip()}" if comma and rest.strip() and "," not in rest else name


def spelled_out(name: str) -> str | None:
    """The same with umlauts written as two letters; None if there are none.

    >>> spelled_out("Jürgen Krämer") == plain("Juergen Kraemer")
    True
    """
    folded = unicodedata.normalize("NFC", name.casefold())
    spelled = folded.translate(_SPELLED)
    return None if spelled == folded else plain(in_order(spelled))


def initials_of(name: str) -> tuple[str, str] | None:
    """The first letter and the last name of a name that begins with an initial; None if it does not.

    >>> initials_of("J. Krämer")
    ('j', 'kramer')
    >>> initials_of("Jürgen Krämer") is None
    True
    """
    words = in_order(name).replace(".", ". ").split()
    if len(words) < 2 or len(words[0].rstrip(".")) != 1 or not words[0][0].isalpha():
        return None
    return plain(words[0]), plain(words[-1])


def first_and_last(name: str) -> tuple[str, str] | None:
    """The first letter and the last name of a full name; None of a single word."""
    words = in_order(name).split()
    if len(words) < 2 or len(words[0].rstrip(".")) < 2:
        return None
    return plain(words[0])[:1], plain(words[-1])
