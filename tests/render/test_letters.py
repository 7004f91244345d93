"""Letters that may be shown, and the room they take."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.render.letters import ASCII, UNICODE, bar, clean, fit, number, pad, percent, room, short, wrap
from tests.render.hostile import CONTROLS, HOSTILE

texts = st.text(max_size=60)


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS])
def test_nothing_that_steers_a_terminal_or_turns_a_line_is_left(title: str) -> None:
    shown = clean(title)
    for char in shown:
        assert char in "\u200c\u200d" or unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp", "Cs"}
    assert clean(shown) == shown


def test_what_is_taken_out_can_be_read() -> None:
    assert clean("a\x1b[31mb") == "a\\u001b[31mb"
    assert clean("a\nb\tc") == "a\\u000ab\\u0009c"
    assert clean("abc\u202edef\u2066") == "abc\\u202edef\\u2066"
    assert clean("plain — “text” für 船 👩‍🚀") == "plain — “text” für 船 👩‍🚀"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("grow", 4),
        ("", 0),
        ("船を出す", 8),
        ("ｆｕｌｌ", 8),
        ("é", 1),
        ("e\u0301", 1),
        ("🛥", 1),
        ("🛥\ufe0f", 2),
        ("🚢", 2),
    ],
)
def test_columns(text: str, columns: int) -> None:
    assert room(text) == columns


@given(texts, st.integers(0, 40))
def test_fit_and_pad_keep_the_columns(text: str, columns: int) -> None:
    text = clean(text)
    shown = fit(text, columns)
    assert room(shown) <= columns
    assert shown in (text, "") or shown.endswith("…")
    if columns:
        assert room(pad(text, columns)) == columns


@given(texts, st.integers(2, 40), st.integers(1, 4))
def test_wrap_keeps_columns_and_lines_and_loses_nothing_without_saying_so(text: str, columns: int, lines: int) -> None:
    text = clean(text)
    shown = wrap(text, columns, lines)
    assert 1 <= len(shown) <= lines
    assert all(room(line) <= columns for line in shown)
    if "…" not in text and not shown[-1].endswith("…"):
        assert "".join("".join(shown).split()) == "".join(text.split())


def test_wrap_breaks_at_spaces_and_cuts_the_rest() -> None:
    assert wrap("grow revenue from small ferry lines", 12, 3) == ["grow revenue", "from small", "ferry lines"]
    assert wrap("grow revenue from small ferry lines", 12, 2) == ["grow revenue", "from small…"]
    assert wrap("unbelievable", 5, 9) == ["unbel", "ievab", "le"]
    assert wrap("", 5, 2) == [""]
    assert wrap("grow revenue", 8, 1, ASCII) == ["grow re~"]


def test_short_counts_letters() -> None:
    assert short("grow revenue", 12) == "grow revenue"
    assert short("grow revenue", 6) == "grow…"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0 %"),
        (0.25, "25 %"),
        (1.0, "100 %"),
        (0.9999999999999999, "100 %"),
        (0.996, ">99 %"),
        (0.004, "<1 %"),
        (-0.004, ">-1 %"),
        (1.004, ">100 %"),
        (2.5, "250 %"),
        (None, "–"),
    ],
)
def test_percent_rounds_neither_to_nothing_nor_to_the_whole(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def test_numbers() -> None:
    assert [number(value) for value in (1.0, 0.5, 4e6, -2.25, 1e18, 1 / 3)] == [
        "1",
        "0.5",
        "4000000",
        "-2.25",
        "1e+18",
        "0.3333333333",
    ]


def test_bars() -> None:
    assert bar(0.0, 0.0, 5) == "┃░░░░"
    assert bar(1.0, 1.0, 5) == "████┃"
    assert bar(0.5, None, 4) == "██░░"
    assert bar(1.5, None, 4) == "████"
    assert bar(-0.5, 0.5, 4, ASCII) == "..|."
    assert bar(0.9999999999999999, None, 4, UNICODE) == "████"
    assert bar(0.99, None, 4) == "███░"
