"""What a field may hold, and what is said of what it may not."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.errors import ErrorCode, Invalid
from graph_service.models.checks import (
    check_days,
    clean_address,
    clean_attributes,
    clean_email,
    clean_id,
    clean_moment,
    clean_number,
    clean_share,
    clean_text,
    clean_title,
    clean_weight,
    clean_words,
    shown,
)


def refused(check: Callable[[], object], message: str, *path: str) -> None:
    with pytest.raises(Invalid) as caught:
        check()
    refusal = caught.value
    assert (refusal.message, refusal.path, refusal.nodes, refusal.code) == (message, path, (), ErrorCode.INVALID)


# ---------- ids ----------


@pytest.mark.parametrize(
    "id",
    [
        "a",
        "7",
        "0",
        "team/platform:2026",
        "x" * 200,
        "Grow Revenue",
        "größe",
        "é",  # composed
        "目標",
        "🎯",
        "a\u00a0b",  # a hard space within
        "../../etc/passwd",
        "<script>",
        "'; drop table node; --",
        "null",
        "\u200b",  # invisible, but a character
    ],
)
def test_an_id_is_kept_byte_for_byte(id: str) -> None:
    assert clean_id(id) is id


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("", "id is empty; give an id of 1 to 200 characters, or none to have one made"),
        ("x" * 201, f"id '{'x' * 60}...' has 201 characters; at most 200 are allowed"),
        ("é" * 201, f"id '{'é' * 60}...' has 201 characters; at most 200 are allowed"),
        (" a", "id ' a' begins or ends with a space; take it away"),
        ("a ", "id 'a ' begins or ends with a space; take it away"),
        (" ", "id ' ' begins or ends with a space; take it away"),
        ("\ta", "id '\\u0009a' begins or ends with a space; take it away"),
        ("a\n", "id 'a\\u000a' begins or ends with a space; take it away"),
        ("é\u00a0", "id 'é\\u00a0' begins or ends with a space; take it away"),
        ("\u3000é", "id '\\u3000é' begins or ends with a space; take it away"),
        ("a\x00b", "id 'a\\u0000b' holds a control character; take it out"),
        ("a\tb", "id 'a\\u0009b' holds a control character; take it out"),
        ("a\nb", "id 'a\\u000ab' holds a control character; take it out"),
        ("a\x7fb", "id 'a\\u007fb' holds a control character; take it out"),
        ("a\x9fb", "id 'a\\u009fb' holds a control character; take it out"),
        ("a\u2028b", "id 'a\\u2028b' holds a control character; take it out"),
        ("a\ud800b", "id 'a\\ud800b' holds a control character; take it out"),
        ("e\u0301", "id 'e\u0301' is not in Unicode normal form C; normalize it"),
        ("\u212b", "id '\u212b' is not in Unicode normal form C; normalize it"),  # Angstrom for A with a ring
    ],
)
def test_an_id_that_cannot_be(id: str, message: str) -> None:
    refused(lambda: clean_id(id), message, "id")


def test_the_field_is_named_as_it_is_called() -> None:
    message = "ownerId is empty; give an id of 1 to 200 characters, or none to have one made"
    refused(lambda: clean_id("", "ownerId"), message, "ownerId")


@given(st.text(max_size=210))
def test_an_id_is_clean_exactly_by_the_rule(id: str) -> None:
    fine = (
        1 <= len(id) <= 200
        and unicodedata.is_normalized("NFC", id)
        and id == id.strip()
        and not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in id)
    )
    try:
        assert clean_id(id) == id
        assert fine
    except Invalid:
        assert not fine


# ---------- titles, texts, labels ----------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Grow revenue", "Grow revenue"),
        ("  Grow  revenue \n", "Grow  revenue"),
        ("x" * 1000, "x" * 1000),
        (" " * 500 + "x" * 1000, "x" * 1000),
        ("🎯", "🎯"),
        ("-", "-"),
        ("e\u0301", "e\u0301"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),  # outputs are made safe, titles are kept
        ("a\u202eb", "a\u202eb"),
        ("\u200bx", "\u200bx"),
    ],
)
def test_a_title_is_trimmed(given: str, kept: str) -> None:
    assert clean_title(given) == kept


@pytest.mark.parametrize(
    ("title", "message"),
    [
        (None, "title is missing; it cannot be cleared"),
        ("", "title '' has no visible character; give it a name"),
        (" \t\r\n", "title ' \\u0009\\u000d\\u000a' has no visible character; give it a name"),
        ("\u200b\u200d", "title '\\u200b\\u200d' has no visible character; give it a name"),
        ("\u00ad", "title '\\u00ad' has no visible character; give it a name"),
        ("\u2800", "title '\u2800' has no visible character; give it a name"),  # a Braille cell without dots
        ("\u3164", "title '\u3164' has no visible character; give it a name"),  # a Hangul filler
        ("\u0301", "title '\u0301' has no visible character; give it a name"),  # an accent on nothing
        ("x" * 1001, f"title '{'x' * 60}...' has 1001 characters; at most 1000 are allowed"),
        ("a\nb", "title 'a\\u000ab' holds a control character or line break; take it out"),
        ("a\x1bb", "title 'a\\u001bb' holds a control character or line break; take it out"),
        ("a\u2029b", "title 'a\\u2029b' holds a control character or line break; take it out"),
        ("a\udfffb", "title 'a\\udfffb' holds a control character or line break; take it out"),
    ],
)
def test_a_title_that_cannot_be(title: str | None, message: str) -> None:
    refused(lambda: clean_title(title), message, "title")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("", None),
        (" \n", None),
        (" " * 30_000, None),
        (" a\n\tb \r\n", " a\n\tb \r\n"),
        ("x" * 20_000, "x" * 20_000),
    ],
)
def test_a_text_is_kept_as_it_is_and_a_blank_one_is_none(given: str | None, kept: str | None) -> None:
    assert clean_text(given, "note") == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 20_001, "note has 20001 characters; at most 20000 are allowed"),
        ("a\x0bb", "note 'a\\u000bb' holds a control character; take it out"),
        ("a\ud800", "note 'a\\ud800' holds a control character; take it out"),
        ("a\u2028", "note 'a\\u2028' holds a control character; take it out"),
    ],
)
def test_a_text_that_cannot_be(text: str, message: str) -> None:
    refused(lambda: clean_text(text, "note"), message, "note")


def test_labels_are_titles_once_each_in_order() -> None:
    assert clean_words(None, "themes") == clean_words((), "themes") == ()
    assert clean_words(["b", " a", "b ", "a"], "themes") == ("b", "a")
    refused(lambda: clean_words(["b", ""], "themes"), "themes '' has no visible character; give it a name", "themes")


# ---------- addresses ----------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (" ", None),
        (" ines@example.com ", "ines@example.com"),
        ("a@b", "a@b"),
        ('"odd@name"@example.com', '"odd@name"@example.com'),
        ("größe@例え.jp", "größe@例え.jp"),
        ("x" * 308 + "@example.com", "x" * 308 + "@example.com"),
    ],
)
def test_an_e_mail_address_has_a_name_and_a_host(given: str | None, kept: str | None) -> None:
    assert clean_email(given) == kept


@pytest.mark.parametrize(
    "email",
    ["ines", "@", "@example.com", "ines@", "i nes@example.com", "ines@exa\nmple.com", "x" * 309 + "@example.com"],
)
def test_an_e_mail_address_that_cannot_be(email: str) -> None:
    message = f"email {shown(email)} is no e-mail address; write name@host, or leave it out"
    refused(lambda: clean_email(email), message, "email")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("\t", None),
        (" https://example.com ", "https://example.com"),
        ("http://[::1]:8080/a?b=c#d", "http://[::1]:8080/a?b=c#d"),
        ("HTTPS://Example.COM/ü", "HTTPS://Example.COM/ü"),
        ("https://ines:secret@example.com/", "https://ines:secret@example.com/"),
    ],
)
def test_a_web_address_leads_to_a_host(given: str | None, kept: str | None) -> None:
    assert clean_address(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "//example.com",
        "example.com",
        "https:example.com",
        "https://",
        "https:///path",
        "https://:80",
        "https://@/",
        "https://[",
        "https://exa mple.com",
        "https://example.com/\nSet-Cookie: a",
        "https://example.com/\u202egnp.exe",
    ],
)
def test_a_web_address_that_cannot_be(url: str) -> None:
    message = f"link {shown(url)} is no web address; begin it with https://"
    refused(lambda: clean_address(url, "link"), message, "link")


# ---------- numbers ----------

NUMBERS = [0.0, 0, -0.0, 1, 0.1, -7.5, 1e18, -1e18, 5e-324]
NO_NUMBERS: list[tuple[float, str]] = [
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    (float("-inf"), "-inf"),
    (1e19, "1e+19"),
    (-1.0000001e18, "-1.0000001e+18"),
    (10**19, "10000000000000000000"),
    (10**400, "inf"),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_a_float_and_never_a_negative_zero(number: float) -> None:
    kept = clean_number(number, "value")
    assert kept == number
    assert type(kept) is float
    assert str(kept) != "-0.0"


@pytest.mark.parametrize(
    ("number", "said"), [*NO_NUMBERS, pytest.param(-(10**5000), "inf", id="a whole number of 5000 digits")]
)
def test_a_number_is_finite_and_bounded(number: float, said: str) -> None:
    for check in (clean_number, clean_share, clean_weight):
        message = f"value '{said}' is not a finite number within 1e18; give another"
        refused(lambda check=check: check(number, "value"), message, "value")  # type: ignore[misc]


@pytest.mark.parametrize("share", [0, 0.0, 0.25, 1, 1.0])
def test_a_share_lies_between_0_and_1(share: float) -> None:
    assert clean_share(share, "confidence") == share


@pytest.mark.parametrize("share", [-0.001, 1.001, 25.0])
def test_a_share_that_cannot_be(share: float) -> None:
    message = f"confidence '{share}' is outside 0..1; give a share, 0.25 for 25 %"
    refused(lambda: clean_share(share, "confidence"), message, "confidence")


def test_a_weight_is_0_or_more() -> None:
    assert [clean_weight(weight) for weight in (None, 0, -0.0, 0.5, 1e18)] == [None, 0.0, 0.0, 0.5, 1e18]
    assert str(clean_weight(-0.0)) == "0.0"
    message = "weight '-0.5' is negative; give 0 (shown, not counted) or more"
    refused(lambda: clean_weight(-0.5), message, "weight")


def test_no_number_is_none() -> None:
    assert clean_number(None, "value") is clean_share(None, "value") is clean_weight(None) is None


# ---------- days and moments ----------


@pytest.mark.parametrize(
    ("first", "last"),
    [(None, None), (date(2026, 1, 1), None), (None, date(2026, 1, 1)), (date(2026, 1, 1), date(2026, 1, 1))],
)
def test_a_last_day_may_be_the_first(first: date | None, last: date | None) -> None:
    check_days(first, last)


def test_a_last_day_before_the_first_is_refused_by_its_name() -> None:
    first, last = date(2026, 1, 2), date(2026, 1, 1)
    message = "due 2026-01-01 is before start 2026-01-02; swap or correct them"
    refused(lambda: check_days(first, last), message, "due")
    message = "end 2026-01-01 is before start 2026-01-02; swap or correct them"
    refused(lambda: check_days(first, last, ("start", "end")), message, "end")


def test_a_moment_is_told_in_utc() -> None:
    assert clean_moment(None) is None
    berlin = timezone(timedelta(hours=1))
    kept = clean_moment(datetime(2026, 1, 1, 0, 30, tzinfo=berlin))
    assert kept is not None
    assert (kept, kept.tzinfo) == (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), UTC)
    for year in (2, 9998):
        assert clean_moment(datetime(year, 6, 1, tzinfo=UTC)) == datetime(year, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (
            datetime(2026, 1, 1),  # noqa: DTZ001  # that is the point
            "at 2026-01-01T00:00:00 has no offset; add one, or Z for UTC",
        ),
        (
            datetime(1, 12, 31, tzinfo=UTC),
            "at 0001-12-31T00:00:00+00:00 lies outside the years 2 to 9998; give another",
        ),
        (
            datetime(9999, 1, 1, tzinfo=UTC),
            "at 9999-01-01T00:00:00+00:00 lies outside the years 2 to 9998; give another",
        ),
    ],
)
def test_a_moment_that_cannot_be(moment: datetime, message: str) -> None:
    refused(lambda: clean_moment(moment), message, "at")


# ---------- attributes ----------


def nested(depth: int) -> dict[str, object]:
    value: dict[str, object] = {"leaf": 1}
    for number in range(depth - 1):
        value = {"inner": [value]} if number % 2 else {"inner": value}
    return value


def levels(depth: int) -> dict[str, object]:
    """So many objects within each other, the outermost being the attributes."""
    value: dict[str, object] = {"leaf": 1}
    for _ in range(depth - 1):
        value = {"inner": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"a": None, "b": True, "c": 1, "d": 1.5, "e": "é", "f": [1, [2, {"g": ()}]], "": 0},
        {"big": 2**4096 - 1, "small": -(2**4096 - 1)},
        {"emoji": "🎯", "control": "a\x00b"},
        levels(32),
    ],
)
def test_attributes_are_any_json_with_their_keys_in_order(value: dict[str, object]) -> None:
    assert json.dumps(clean_attributes(value)) == json.dumps(value, sort_keys=True)


def test_keys_of_attributes_are_in_order_on_every_level() -> None:
    told = clean_attributes({"team": [{"zone": 1, "area": 2}], "area": {"z": 1, "y": 2}})
    assert json.dumps(told) == '{"area": {"y": 2, "z": 1}, "team": [{"area": 2, "zone": 1}]}'


def test_no_attributes_are_none() -> None:
    assert clean_attributes(None) is clean_attributes({}) is None


@pytest.mark.parametrize(
    ("value", "name", "fault"),
    [
        ({"ok": 1, "share": float("nan")}, "share", "nan, no finite number"),
        ({"share": [0, {"deep": float("-inf")}]}, "share", "-inf, no finite number"),
        ({"name": "\ud800"}, "name", "half a surrogate pair"),
        ({"name": {"\udfff": 1}}, "name", "half a surrogate pair"),
        ({"\ud800": 1}, "\\ud800", "half a surrogate pair"),
        ({"number": 2**4096}, "number", "a whole number of more than 4096 bits"),
        pytest.param(
            {"number": -(10**5000)}, "number", "a whole number of more than 4096 bits", id="a number of 5000 digits"
        ),
        ({"day": date(2026, 1, 1)}, "day", "a date, no JSON value"),
        ({"bytes": b"x"}, "bytes", "a bytes, no JSON value"),
        ({"set": [{1, 2}]}, "set", "a set, no JSON value"),
        ({"map": {1: 2}}, "map", "the key '1', no text"),
        (levels(33), "inner", "more than 32 levels"),
        ({"list": [[[]]] * 2, "deep": nested(40)}, "deep", "more than 32 levels"),
    ],
)
def test_attributes_that_cannot_be(value: dict[str, object], name: str, fault: str) -> None:
    message = f"attributes: '{name}' holds {fault}; correct it or leave it out"
    refused(lambda: clean_attributes(value), message, "attributes")


def test_endless_attributes_are_refused() -> None:
    value: dict[str, object] = {}
    value["self"] = value
    message = "attributes: 'self' holds more than 32 levels; correct it or leave it out"
    refused(lambda: clean_attributes(value), message, "attributes")


# ---------- values in messages ----------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("grow", "'grow'"),
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 60}...'"),
        ("a\nb\x1b", "'a\\u000ab\\u001b'"),
        ("\U000e0001", "'\\ue0001'"),
        ("\n" * 300, "'" + "\\u000a" * 10 + "...'"),
        (0.25, "'0.25'"),
        (None, "'None'"),
    ],
)
def test_a_value_is_shown_in_short_and_without_control_characters(value: object, said: str) -> None:
    assert shown(value) == said
    assert len(shown(value)) <= 65
    assert shown(value).isprintable()
