"""JSON Lines: one JSON object a line, read as a stream; after a line that cannot be read comes the next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from graph_service.models.checks import holds_half_pair, shown
from graph_service.records.problems import RawRecord, unreadable

LONGEST = 4_000_000
"""Bytes in one line, at most."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_NO_NUMBER = re.compile(rb"[\[:,]\s*-?(NaN|Infinity)\b")
BOM = b"\xef\xbb\xbf"
CORRECT = "correct the line or take it out"


def read_json_lines(source: BinaryIO, file: str) -> Iterator[RawRecord]:
    """The records of one file, in order; blank lines are passed over."""
    number = 0
    while line := source.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            while line and not line.endswith(b"\n"):
                line = source.readline(LONGEST)
            yield unreadable(file, number, f"the line is longer than {LONGEST:,} bytes; write one record a line")
            continue
        if number == 1:
            line = line.removeprefix(BOM)
        try:
            fields = _decode(line)
            double = _double(line, fields) if type(fields) is dict else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
            if line.strip():
                yield unreadable(file, number, _why(line, wrong, number), _start(line))
            continue
        if type(fields) is not dict:
            yield unreadable(file, number, f"the line holds {shown(fields)}, no JSON object; {CORRECT}", _start(line))
        elif double is not None:
            yield unreadable(file, number, f"the field {shown(double)} is there twice; keep one", _start(line))
        else:
            yield RawRecord(file, number, fields)


def _start(line: bytes) -> str:
    return line[:200].decode(errors="replace").strip()


def _why(line: bytes, wrong: Exception, number: int) -> str:
    if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "the file is UTF-16; save it as UTF-8"
    if isinstance(wrong, UnicodeDecodeError):
        return f"the line is not UTF-8; {CORRECT}"
    if isinstance(wrong, RecursionError):
        return f"the line is nested too deeply; {CORRECT}"
    if _NO_NUMBER.search(line):
        return "NaN and Infinity are no JSON numbers; leave such a field out"
    if "out of range" in str(wrong):
        return f"the line holds a number that is too large; {CORRECT}"
    if "surrogate" in str(wrong) or holds_half_pair(line):
        return f"the line holds half a surrogate pair, which is no character; {CORRECT}"
    if number == 1 and line.lstrip()[:1] == b"[":
        return "the file begins with a JSON list; write one object a line, or name the file .yaml"
    place = re.search(r"\(byte (\d+)\)", str(wrong))
    where = f" at character {int(place[1]) + 1}" if place is not None else ""
    return f"the line is no JSON object{where or ': it ends too early'}; {CORRECT}"


class _TwiceError(Exception):
    pass


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for number, name in enumerate(names) if name in names[:number]))
    return fields


def _double(line: bytes, fields: dict[str, object]) -> str | None:
    """The first name that an object of the line holds twice; None if there is none.

    Each name has a colon, and so may texts have. If there are no more than names, or than in the same record written
    again (and none is escaped), no name was lost; else a reader that sees each name finds out."""
    colons = line.count(b":")
    if colons == len(fields) or (colons == _encode(fields).count(b":") and b"\\u003" not in line):
        return None
    try:
        json.loads(line, object_pairs_hook=_once, parse_int=float)
    except _TwiceError as twice:
        return str(twice)
    return None
