"""What the address of an audit asks for: which table, filtered by what, sorted how, and which page of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from graph_service.alignment.audit.catalogue import BY_ID
from graph_service.alignment.audit.findings import GRAVITY
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.render.audit.cells import As, Column, Node, Table, Value, in_words
from graph_service.render.audit.tables import TABLES

PATH = "/audit/ownership"
PAGE = 100
"""Rows of a table that is shown by itself."""

FIRST = 25
"""Rows of each table where all stand on one page."""

LONGEST = 200
NUMBER = re.compile(r"[1-9]\d{0,5}\Z", re.ASCII)
SEVERITIES = tuple(one.lower() for one in GRAVITY)
GROUPS = tuple(one.lower() for one in RuleGroup)
STATES = ("new", "open")
ONLY = {
    "over": "over the limit",
    "idle": "without a goal",
    "unsighted": "without sight of the top",
    "left": "left",
}
"""Which people can be looked at alone."""

GRAVE = {severity.lower(): place for severity, place in GRAVITY.items()} | {Severity.OFF.lower(): 9}


class Asked(NamedTuple):
    """What an address asks for; every field empty: the whole report. ``sort`` is the name of a column, with a ``-``
    before it the other way round; ``q`` are words that a row must hold."""

    table: str = ""
    q: str = ""
    severity: str = ""
    group: str = ""
    rule: str = ""
    state: str = ""
    only: str = ""
    sort: str = ""
    page: int = 1
    day: str = ""

    def address(self, **other: object) -> str:
        """The address of this question, with some fields otherwise."""
        given = self._replace(**other)  # type: ignore[arg-type]
        names = {"day": "asOf"}
        query = {names.get(name, name): value for name, value in given._asdict().items() if value not in ("", 1)}
        return f"{PATH}?{urlencode(query)}" if query else PATH

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any((self.q, self.severity, self.group, self.rule, self.state, self.only))


def asked(given: Mapping[str, str]) -> Asked:
    """The question of a query; Invalid, with field and value, for what cannot be."""
    table = one_of(given, "table", tuple(TABLES))
    sort = given.get("sort", "")
    page = given.get("page", "") or "1"
    if not NUMBER.match(page):
        raise Invalid(f"page {shown(page)} is no number from 1.", path=("page",))
    if len(given.get("q", "")) > LONGEST:
        raise Invalid(f"q {shown(given['q'])} is longer than {LONGEST} letters.", path=("q",))
    rule = given.get("rule", "").upper()
    if rule and rule not in BY_ID:
        raise Invalid(f"rule {shown(rule)} is unknown; all rules are listed by the page itself.", path=("rule",))
    if (sort or page != "1") and not table:
        raise Invalid("sort and page are of one table; name it by table.", path=("sort",))
    return Asked(
        table,
        given.get("q", "").strip(),
        one_of(given, "severity", SEVERITIES),
        one_of(given, "group", GROUPS),
        rule,
        one_of(given, "state", STATES),
        one_of(given, "only", tuple(ONLY)),
        sort,
        int(page),
        given.get("asOf", ""),
    )


def one_of(given: Mapping[str, str], name: str, values: Sequence[str]) -> str:
    """A value that must be one of some; empty if it is not given."""
    value = given.get(name, "")
    if value and value not in values:
        raise Invalid(f"{name} {shown(value)} is none of {', '.join(values)}.", path=(name,))
    return value


def filtered(given: Table, question: Asked) -> Table:
    """The table with the rows that the question leaves."""
    rows: Iterable[tuple[Value, ...]] = given.rows
    place = {column.name: number for number, column in enumerate(given.columns)}
    if given.name == "findings":
        for name in ("severity", "group", "rule", "state"):
            wanted = getattr(question, name)
            if wanted:
                at = place[name]
                rows = [row for row in rows if row[at] == wanted]
    if given.name == "owners" and question.only:
        is_such = ONLY_ROWS[question.only]
        rows = [row for row in rows if is_such(row, place)]
    if question.q:
        words = question.q.casefold().split()
        rows = [row for row in rows if holds_all(row, given.columns, words)]
    return given._replace(rows=list(rows))


Row = tuple[Value, ...]
ONLY_ROWS: dict[str, Callable[[Row, Mapping[str, int]], bool]] = {
    "over": lambda row, place: number(row[place["load"]]) > (number(row[place["limit"]]) or float("inf")),
    "idle": lambda row, place: not number(row[place["objectives"]]) and not number(row[place["key_results"]]),
    "unsighted": lambda row, place: row[place["sight"]] == "none",
    "left": lambda row, place: row[place["active"]] == "left",
}


def number(value: Value) -> float:
    """A number, 0 where there is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def holds_all(row: Row, columns: Sequence[Column], words: Sequence[str]) -> bool:
    """Whether a row holds all of some words, in any case; ids count too."""
    text = " ".join(
        f"{in_words(value, column.holds)} {value.id if isinstance(value, Node) else ''}"
        for value, column in zip(row, columns, strict=True)
    ).casefold()
    return all(word in text for word in words)


def sorted_by(given: Table, sort: str) -> Table:
    """The table sorted by a column (as ``Asked.sort``); what has no value stands last either way. Invalid for a column
    that there is not."""
    if not sort:
        return given
    name = sort.removeprefix("-")
    places = [number for number, column in enumerate(given.columns) if column.name == name]
    if not places:
        known = ", ".join(column.name for column in given.columns)
        raise Invalid(f"sort {shown(sort)} is no column of {given.name}; there are {known}.", path=("sort",))
    at = places[0]
    with_value = [row for row in given.rows if row[at] not in (None, (), "")]
    without = [row for row in given.rows if row[at] in (None, (), "")]
    with_value.sort(key=lambda row: sort_key(row[at], given.columns[at]), reverse=sort.startswith("-"))
    return given._replace(rows=with_value + without)


def sort_key(value: Value, column: Column) -> tuple[float, str]:
    """Where a value stands among those of its column: numbers and days by size, severities by gravity, nodes by title,
    several nodes by how many they are."""
    if column.name == "severity":
        return GRAVE.get(str(value), 9), ""
    if column.holds is As.NODES and isinstance(value, tuple):
        return len(value), ""
    if isinstance(value, Node):
        return 0, value.title.casefold()
    if isinstance(value, date):
        return value.toordinal(), ""
    if isinstance(value, int | float):
        return float(value), ""
    return 0, str(value).casefold()
