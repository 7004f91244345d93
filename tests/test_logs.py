"""How the log is written down: JSON for machines, readable on a terminal, and no values of variables."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from graph_service.logs import QUIETER, start_logs

log = logging.getLogger("graph_service.harbour")


class Terminal(io.StringIO):
    """A terminal that remembers what was written on it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The logging of the tests, afterwards as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    others = {name: logging.getLogger(name).level for name in QUIETER}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in others.items():
        logging.getLogger(name).setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_fields() -> None:
    stream = io.StringIO()
    start_logs("auto", "info", stream)
    log.info("request", extra={"request_id": "ab", "status": 200, "codes": ["CONFLICT"]})
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "graph_service.harbour",
        "request_id": "ab",
        "status": 200,
        "codes": ["CONFLICT"],
    }


def test_on_a_terminal_it_is_readable() -> None:
    stream = Terminal()
    start_logs("auto", "info", stream)
    log.info("request", extra={"request_id": "ab"})
    assert "request" in stream.getvalue() and not stream.getvalue().startswith("{")
    machine = Terminal()
    start_logs("json", "info", machine)
    log.info("request")
    assert lines(machine)[0]["event"] == "request"
    file = io.StringIO()
    start_logs("text", "info", file)
    log.info("request")
    assert "request" in file.getvalue() and "\x1b" not in file.getvalue() and not file.getvalue().startswith("{")


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_is_less_grave_is_not_told(level: Any, told: list[str]) -> None:
    stream = io.StringIO()
    start_logs("json", level, stream)
    for name in ("debug", "info", "warning", "error"):
        log.log(logging.getLevelNamesMapping()[name.upper()], name)
        logging.getLogger("uvicorn.error").info("Shutting down")
    assert [line["event"] for line in lines(stream)] == told


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_fault_has_its_traceback_but_no_values(form: Any) -> None:
    stream = io.StringIO()
    start_logs(form, "info", stream)

    def broken(mail: str) -> None:
        raise ValueError("no such boat")

    try:
        broken("ada@bakery.example")
    except ValueError:
        log.exception("a fault", extra={"request_id": "ab"})
    text = stream.getvalue()
    assert "Traceback" in text and "no such boat" in text and "ab" in text
    assert "mail = 'ada" not in text and "mail='ada" not in text
    if form == "json":
        (line,) = lines(stream)
        assert line["request_id"] == "ab"


def test_a_line_break_makes_no_second_line() -> None:
    stream = io.StringIO()
    start_logs("json", "info", stream)
    log.warning("one\n%s", '{"event": "forged"}')
    assert [line["event"] for line in lines(stream)] == ['one\n{"event": "forged"}']
