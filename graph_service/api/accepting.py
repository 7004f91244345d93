"""What a client takes, by the headers Accept and Accept-Encoding with their weights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

UTF8 = frozenset({"utf-8", "utf8", "*"})
WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z", re.ASCII)


class Wish(NamedTuple):
    """One element of such a header: a name or range, in lower case, its parameters and its weight, 0 to 1."""

    name: str
    parameters: dict[str, str]
    weight: float


def wishes(header: str) -> Iterator[Wish]:
    """The elements of a header in order. A weight that is none counts as 1; what is empty is left out.

    >>> [(one.name, one.weight) for one in wishes("text/html, application/json;q=0.5, */*; q=0, ,")]
    [('text/html', 1.0), ('application/json', 0.5), ('*/*', 0.0)]
    """
    for element in header.split(","):
        name, *rest = element.split(";")
        name = name.strip().lower()
        if not name:
            continue
        parameters: dict[str, str] = {}
        weight = 1.0
        for parameter in rest:
            key, _, value = parameter.partition("=")
            key, value = key.strip().lower(), value.strip().strip('"')
            if key == "q":
                weight = float(value) if WEIGHT.match(value) else 1.0
            elif key:
                parameters[key] = value
        yield Wish(name, parameters, weight)


def quality_of(coding: str, header: str) -> float:
    """How much a content coding is wanted, by an Accept-Encoding header: 0 if it is not.

    >>> [quality_of("gzip", header) for header in ("gzip, br", "br", "gzip;q=0, *", "*;q=0.5", "")]
    [1.0, 0.0, 0.0, 0.5, 0.0]
    """
    found = {one.name: one.weight for one in wishes(header)}
    return found.get(coding, found.get("*", 0.0))


def chosen(header: str | None, offered: Sequence[str]) -> str | None:
    """Which of the media types that are offered a client wants, by its Accept header; None if it takes none of them.

    The greatest weight counts; among equals the one that the client names first, and among those that it does not tell
    apart (as by ``*/*``, or without the header) the one that is offered first. A type is weighed by the most precise
    range that holds it. Answers are in UTF-8: a range that names another charset holds none of them.

    >>> offered = ["application/json", "text/html"]
    >>> [chosen(header, offered) for header in (None, "*/*", "text/html, */*", "text/*;q=0.1, application/json;q=0.2")]
    ['application/json', 'application/json', 'text/html', 'application/json']
    >>> chosen("image/png", offered) is chosen("application/json;q=0", offered) is None
    True
    """
    if header is None or not header.strip():
        return offered[0]
    ranges = [one for one in wishes(header) if one.parameters.get("charset", "utf-8").lower() in UTF8]
    best: tuple[float, int, int] | None = None
    found: str | None = None
    for place, kind in enumerate(offered):
        holding = [
            (precision, -at, one.weight)
            for at, one in enumerate(ranges)
            if (precision := _precision(one.name, kind)) is not None
        ]
        if not holding:
            continue
        _, at, weight = max(holding)
        rank = (weight, at, -place)
        if weight > 0 and (best is None or rank > best):
            best, found = rank, kind
    return found


def _precision(named: str, kind: str) -> int | None:
    """How precisely a range names a media type; None if it does not hold it."""
    if named == kind:
        return 2
    if named == kind.partition("/")[0] + "/*":
        return 1
    return 0 if named == "*/*" else None
