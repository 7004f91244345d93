"""Scalars: what they take, what they refuse with field and value, and how they answer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from graphql import GraphQLError

from graph_service.api.scalars import read_day, read_json, read_moment, write_moment
from tests.api.company import Ask


@pytest.mark.parametrize("text", ["2026-01-01", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_day_is_read(text: str) -> None:
    assert read_day(text) == date.fromisoformat(text)


@pytest.mark.parametrize(
    "value",
    [
        "20260101",
        "2026-1-1",
        "2026-02-30",
        "2026-13-01",
        "2026-W01-1",
        "2026-01-01T00:00",
        "",
        " 2026-01-01",
        "0000-01-01",
        "२०२६-01-01",
        20260101,
        None,
        True,
        ["2026-01-01"],
    ],
    ids=str,
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        read_day(value)
    assert "; give a day of the calendar as 2026-03-31" in refused.value.message


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T09:30:00Z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31t09:30:00z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T09:30Z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T11:30:00+02:00", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T09:30:00.5Z", datetime(2026, 3, 31, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-03-31T09:30:00.123456789-00:30", datetime(2026, 3, 31, 10, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_utc(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-31T09:30:00",
        "2026-03-31",
        "2026-03-31 09:30:00Z",
        "2026-03-31T25:00:00Z",
        "2026-02-30T09:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-03-31T09:30:00+99:00",
        "now",
        1774949400,
        None,
    ],
    ids=str,
)
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        read_moment(value)
    assert "DateTime cannot represent" in refused.value.message
    assert "give date, time and offset as 2026-03-31T09:30:00Z" in refused.value.message


def test_a_moment_is_written_in_utc() -> None:
    assert write_moment(datetime(2026, 3, 31, 9, 30, tzinfo=UTC)) == "2026-03-31T09:30:00Z"
    assert write_moment(datetime(2026, 3, 31, 9, 30, 0, 120, tzinfo=UTC)) == "2026-03-31T09:30:00.000120Z"


def test_json_is_finite_and_not_too_deep() -> None:
    value: Any = {"a": [1, 2.5, None, True, "x", {"b": []}]}
    assert read_json(value) == value
    deep: Any = []
    for _ in range(31):
        deep = [deep]
    assert read_json(deep) == deep
    for wrong in ([deep], float("inf"), {"a": [float("nan")]}):
        with pytest.raises(GraphQLError):
            read_json(wrong)


QUERY = """mutation($value: JSON) { createObjective(input: { title: "Tea", attributes: $value }) {
    errors { message } objective { attributes } } }"""


@pytest.mark.parametrize(
    "value",
    [{}, {"a": 1, "b": [1.5, None, {"ä": "✓"}]}, {"large": 2**60}, {"text": "</script>"}],
    ids=str,
)
def test_json_comes_back_as_it_was_sent(ask: Ask, value: dict[str, Any]) -> None:
    assert ask.data(QUERY, value=value)["createObjective"]["objective"]["attributes"] == value


def test_json_may_stand_in_the_document(ask: Ask) -> None:
    found = ask.data(
        """mutation($colour: JSON) { createObjective(input: { title: "Tea", attributes: {
            list: [1, 2.5, "x", true, null, GREEN], inner: { colour: $colour } } }) { objective { attributes } } }""",
        colour="green",
    )
    assert found["createObjective"]["objective"]["attributes"] == {
        "list": [1, 2.5, "x", True, None, "GREEN"],
        "inner": {"colour": "green"},
    }


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400 + ".0", "9" * 400, "9" * 5_000])
@pytest.mark.parametrize("place", ["filter: { progressFrom: %s }", "first: %s", "filter: { text: %s }"])
def test_a_number_beyond_all_bounds_is_refused(ask: Ask, number: str, place: str) -> None:
    answer = ask("{ objectives(" + place % number + ") { totalCount } }")
    assert answer.data is None
    for error in answer.errors:
        assert error["extensions"]["code"] in ("GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED")
        assert len(error["message"]) < 1_000


def test_an_infinite_literal_within_json_is_refused(ask: Ask) -> None:
    answer = ask('mutation { createObjective(input: { title: "Tea", attributes: { a: [1e999] } }) { revision } }')
    assert {error["extensions"]["code"] for error in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert ask.revision == 1


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, True, "1"], ids=lambda value: str(value)[:10])
def test_a_float_variable_is_a_finite_number(ask: Ask, value: object) -> None:
    answer = ask("query($x: Float) { objectives(filter: { progressFrom: $x }) { totalCount } }", x=value)
    assert answer.code == "BAD_USER_INPUT"
