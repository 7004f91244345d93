"""The scalars beside GraphQL's own: days, moments and free JSON, each strict about what it takes."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError, ValueNode
from graphql.utilities import value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from graph_service.models.checks import shown

JSON = NewType("JSON", object)

DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
DEEPEST = 32
"""Levels of lists and objects that a JSON value may have."""


def read_day(value: object) -> date:
    """The day that a text names: ``2026-03-31``, nothing shorter or longer."""
    if isinstance(value, str) and DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the 31st of February
    raise GraphQLError(f"Date cannot represent {shown(value)}; give a day of the calendar as 2026-03-31")


def read_moment(value: object) -> datetime:
    """The moment that a text names, in UTC: an RFC 3339 date-time with its offset."""
    if isinstance(value, str) and MOMENT.match(value):
        try:
            text = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # 25 o'clock, or a moment before the year 1 in UTC
    raise GraphQLError(
        f"DateTime cannot represent {shown(value)}; give date, time and offset as 2026-03-31T09:30:00Z"
        " or 2026-03-31T11:30:00+02:00"
    )


def write_moment(value: datetime) -> str:
    """A moment in UTC, with a Z and no more digits than it needs."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_json(value: object, depth: int = DEEPEST) -> object:
    """Any JSON value of finite numbers, at most 32 levels deep."""
    if isinstance(value, float) and not math.isfinite(value):
        raise GraphQLError(f"JSON cannot represent {shown(value)}; numbers are finite")
    if isinstance(value, dict | list):
        if depth == 0:
            raise GraphQLError(f"JSON is nested more than {DEEPEST} levels deep; flatten it")
        for inner in value.values() if isinstance(value, dict) else value:
            read_json(inner, depth - 1)
    return value


def read_json_literal(node: ValueNode, variables: dict[str, object] | None = None) -> object:
    """The JSON value of a literal in a document."""
    return read_json(value_from_ast_untyped(node, variables))


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, as `2026-03-31`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=date.isoformat,
        parse_value=read_day,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment, as `2026-03-31T09:30:00Z`. What is sent must name its offset (`Z` or `+02:00`);"
            " what is answered is in UTC."
        ),
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=write_moment,
        parse_value=read_moment,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value, at most 32 levels deep.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=read_json,
        parse_literal=read_json_literal,
    ),
}
"""How the Python types of days, moments and JSON are read and written."""
