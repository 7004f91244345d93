"""What a field may hold: ids, titles, texts, numbers, shares, days. Each returns the clean value or raises Invalid
with the field's name, the value and what to do."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import date

from graph_service.errors import Invalid

ID_LENGTH = 200
TITLE_LENGTH = 1_000
TEXT_LENGTH = 20_000
NUMBER_BOUND = 1e18


def shown(value: object) -> str:
    """A value as it may stand in a message: quoted, cut at 60 characters, control characters escaped."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:61])
    return f"'{text[:60]}...'" if len(text) > 60 else f"'{text}'"


def _has_control(text: str, allowed: str = "") -> bool:
    if text.isprintable():
        return False
    return any(c not in allowed and unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


def clean_id(value: str, field: str = "id") -> str:
    """An id: 1 to 200 characters, NFC, no control characters, no spaces at its ends."""
    if 0 < len(value) <= ID_LENGTH and value.isascii() and value.isprintable() and value[0] != " " != value[-1]:
        return value
    if not value:
        raise Invalid(
            f"{field} is empty; give an id of 1 to {ID_LENGTH} characters, or none to have one made", path=(field,)
        )
    if len(value) > ID_LENGTH:
        raise Invalid(
            f"{field} {shown(value)} has {len(value)} characters; at most {ID_LENGTH} are allowed", path=(field,)
        )
    if value != value.strip():
        raise Invalid(f"{field} {shown(value)} begins or ends with a space; take it away", path=(field,))
    if _has_control(value):
        raise Invalid(f"{field} {shown(value)} holds a control character; take it out", path=(field,))
    if unicodedata.normalize("NFC", value) != value:
        raise Invalid(f"{field} {shown(value)} is not in Unicode normal form C; normalize it", path=(field,))
    return value


def clean_title(value: str | None, field: str = "title") -> str:
    """A title or name: trimmed, 1 to 1,000 characters, at least one of them visible, no control characters."""
    if value is None:
        raise Invalid(f"{field} is missing; it cannot be cleared", path=(field,))
    text = value.strip()
    if len(text) > TITLE_LENGTH:
        raise Invalid(
            f"{field} {shown(text)} has {len(text)} characters; at most {TITLE_LENGTH} are allowed", path=(field,)
        )
    if _has_control(text):
        raise Invalid(f"{field} {shown(text)} holds a control character or line break; take it out", path=(field,))
    if not any(_visible(c) for c in text):
        raise Invalid(f"{field} {shown(value)} has no visible character; give it a name", path=(field,))
    return text


def _visible(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] not in "CZM" and char not in "\u115f\u1160\u3164\uffa0\u2800"


def clean_text(value: str | None, field: str) -> str | None:
    """A longer text of up to 20,000 characters; blank is none. Line breaks and tabs are fine."""
    if value is None or not value.strip():
        return None
    if len(value) > TEXT_LENGTH:
        raise Invalid(f"{field} has {len(value)} characters; at most {TEXT_LENGTH} are allowed", path=(field,))
    if _has_control(value, "\n\r\t"):
        raise Invalid(f"{field} {shown(value)} holds a control character; take it out", path=(field,))
    return value


def clean_words(values: Iterable[str] | None, field: str) -> tuple[str, ...]:
    """Free labels (themes, roles, areas): each a title, doubles dropped, order kept."""
    return tuple(dict.fromkeys(clean_title(value, field) for value in values or ()))


def clean_number(value: float | None, field: str) -> float | None:
    """A finite number within +-1e18, as a float; None stays None."""
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number) or abs(number) > NUMBER_BOUND:
        raise Invalid(f"{field} {shown(value)} is not a finite number within 1e18; give another", path=(field,))
    return number + 0.0  # -0.0 is 0


def clean_share(value: float | None, field: str) -> float | None:
    """A share 0..1; None stays None."""
    number = clean_number(value, field)
    if number is not None and not 0 <= number <= 1:
        raise Invalid(f"{field} {shown(value)} is outside 0..1; give a share, 0.25 for 25 %", path=(field,))
    return number


def clean_weight(value: float | None, field: str = "weight") -> float | None:
    """A weight: 0 or more; None stays None."""
    number = clean_number(value, field)
    if number is not None and number < 0:
        raise Invalid(f"{field} {shown(value)} is negative; give 0 (shown, not counted) or more", path=(field,))
    return number


def check_days(first: date | None, last: date | None, names: tuple[str, str] = ("start", "due")) -> None:
    """Refuses a last day before the first."""
    if first is not None and last is not None and last < first:
        raise Invalid(f"{names[1]} {last} is before {names[0]} {first}; swap or correct them", path=(names[1],))
