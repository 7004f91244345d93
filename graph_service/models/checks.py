"""What a field may hold: ids, titles, texts, numbers, shares, days. Each returns the clean value or raises Invalid
with the field's name, the value and what to do."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from graph_service.errors import Invalid

ID_LENGTH = 200
TITLE_LENGTH = 1_000
LABEL_LENGTH = 200
TEXT_LENGTH = 20_000
EMAIL_LENGTH = 320
NUMBER_BOUND = 1e18
DEEPEST = 32
WHOLE_BITS = 4_096


_HALF_PAIR = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")


def holds_half_pair(json: bytes) -> bool:
    """Whether JSON names the first half of a surrogate pair alone, which is no character: msgspec only says of it that
    the input ends too early."""
    return _HALF_PAIR.search(json) is not None


def shown(value: object) -> str:
    """A value as it may stand in a message: quoted, cut at 60 characters, control characters escaped."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= 60 and text.isprintable():
        return f"'{text}'"
    text = text[:61]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
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
    if value.isascii() and value.isprintable() and 0 < len(value) <= TITLE_LENGTH and value[0] != " " != value[-1]:
        return value  # most titles, at a fifth of the cost
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


def clean_label(value: str | None, field: str) -> str | None:
    """A short label (a unit, what somebody does, what kind of team it is): a line of up to 200 characters, trimmed;
    blank is none."""
    if value is None or not value.strip():
        return None
    text = clean_title(value, field)
    if len(text) > LABEL_LENGTH:
        raise Invalid(
            f"{field} {shown(text)} has {len(text)} characters; at most {LABEL_LENGTH} are allowed", path=(field,)
        )
    return text


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


def clean_email(value: str | None, field: str = "email") -> str | None:
    """An e-mail address, trimmed; blank is none."""
    text = clean_text(value, field)
    if text is None:
        return None
    text = text.strip()
    name, at, host = text.rpartition("@")
    if not (name and at and host) or len(text) > EMAIL_LENGTH or any(c.isspace() for c in text):
        raise Invalid(f"{field} {shown(text)} is no e-mail address; write name@host, or leave it out", path=(field,))
    return text


def clean_address(value: str | None, field: str = "url") -> str | None:
    """An address that a browser may be sent to: http or https, a host, nothing that a line or a reader breaks on."""
    url = clean_text(value, field)
    if url is None:
        return None
    url = url.strip()
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        fine = False
    if not fine:
        raise Invalid(f"{field} {shown(url)} is no web address; begin it with https://", path=(field,))
    return url


def clean_number(value: float | None, field: str) -> float | None:
    """A finite number within +-1e18, as a float; None stays None."""
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        value = number = math.inf
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


def clean_moment(value: datetime | None, field: str = "at") -> datetime | None:
    """A moment in UTC; refuses one without an offset, and one so far off that it has no day in some time zones."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise Invalid(f"{field} {value.isoformat()} has no offset; add one, or Z for UTC", path=(field,))
    if not 1 < value.year < 9999:
        raise Invalid(f"{field} {value.isoformat()} lies outside the years 2 to 9998; give another", path=(field,))
    return value.astimezone(UTC)


def clean_attributes(value: dict[str, object] | None, field: str = "attributes") -> dict[str, object] | None:
    """Attributes: JSON values of finite numbers, at most 32 levels deep; none at all are None. Keys are sorted on every
    level, as they are in the log, so that an export is the same whether or not they came through a store."""
    for name, held in (value or {}).items():
        fault = _no_json(name, DEEPEST) or _no_json(held, DEEPEST - 1)
        if fault is not None:
            raise Invalid(f"{field}: {shown(name)} holds {fault}; correct it or leave it out", path=(field,))
    return {name: _sorted(value[name]) for name in sorted(value)} if value else None


def _sorted(value: object) -> object:
    """A JSON value with the keys of its objects in order."""
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list() | tuple():
            return [_sorted(one) for one in value]
        case _:
            return value


def _no_json(value: object, depth: int) -> str | None:
    """Why a value cannot be written as JSON and read again as it was; None where it can."""
    match value:
        case str():
            broken = not value.isascii() and any(unicodedata.category(c) == "Cs" for c in value)
            return "half a surrogate pair" if broken else None
        case None | bool():
            return None
        case int():
            return f"a whole number of more than {WHOLE_BITS} bits" if value.bit_length() > WHOLE_BITS else None
        case float():
            return None if math.isfinite(value) else f"{value}, no finite number"
        case dict() | list() | tuple():
            if not depth:
                return f"more than {DEEPEST} levels"
            held = value
            if isinstance(value, dict):
                other = next((key for key in value if not isinstance(key, str)), None)
                if other is not None:
                    return f"the key {shown(other)}, no text"
                held = (*value, *value.values())
            return next((fault for one in held if (fault := _no_json(one, depth - 1)) is not None), None)
        case _:
            return f"a {type(value).__name__}, no JSON value"


def check_days(first: date | None, last: date | None, names: tuple[str, str] = ("start", "due")) -> None:
    """Refuses a last day before the first."""
    if first is not None and last is not None and last < first:
        raise Invalid(f"{names[1]} {last} is before {names[0]} {first}; swap or correct them", path=(names[1],))
