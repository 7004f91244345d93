"""CSV: a header line of fields, then a record a row.

The separator is that of the header line: comma, semicolon or tab. An empty cell is an absent field. A cell holds a
list parted by semicolons, or as JSON (``["a", "b"]``); milestones, plans, tasks and attributes are JSON. ``kind`` is
objective where no column or constant says otherwise. A row without an id gets one made of its kind, title, cycle,
owner and place above, so that the same file again means the same records.

A text that a spreadsheet would take for a formula is written with a ``'`` before it, and read without it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

import msgspec

from graph_service.models.checks import shown
from graph_service.records.fields import Cell, normal
from graph_service.records.form import FORMS, Form
from graph_service.records.mapping import NO_MAPPING, Mapping
from graph_service.records.problems import RawRecord, unreadable
from graph_service.records.yaml_values import word_value

LARGEST_CELL = 4_000_000
"""Characters in one cell, at most."""
SEPARATORS = (",", ";", "\t")
IDENTITY = ("kind", "title", "cycle", "owner", "parent", "parents")
_FORMULA = re.compile(r"'*[=+\-@\t\r\0]")

_from_json = msgspec.json.Decoder().decode


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text that a guarded cell holds."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def read_csv(source: BinaryIO, file: str, mapping: Mapping = NO_MAPPING) -> Iterator[RawRecord]:
    """The records of one file, in order; empty rows are passed over."""
    first = source.readline(LARGEST_CELL)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield unreadable(file, 1, "the file is UTF-16; save it as UTF-8")
        return
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))
    rows = _rows(first, source, file)
    names: list[str | None] | None = None
    made: Counter[str] = Counter()
    for line, row in rows:
        if isinstance(row, RawRecord):
            yield row
            if names is None:
                return
        elif names is None:
            header = _header(row, file, line, mapping)
            if isinstance(header, RawRecord):
                yield header
                return
            names = header
        else:
            yield _record(file, line, names, row, mapping, made)


def _rows(first: bytes, source: BinaryIO, file: str) -> Iterator[tuple[int, list[str] | RawRecord]]:
    """The rows that are not empty, with the line where each begins."""
    header = first.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    bare = re.sub(r'"[^"]*"', "", header)
    separator = max(SEPARATORS, key=bare.count)

    def lines() -> Iterator[str]:
        yield header
        for line in source:
            yield line.decode("utf-8", "surrogateescape")

    reader = csv.reader(lines(), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield line, unreadable(file, line, f"the row cannot be read: {wrong}; correct its quotes")
            continue
        if any(not cell.isascii() and _bytes(cell) for cell in row):
            yield line, unreadable(file, line, "the row is not UTF-8; save the file as UTF-8", ",".join(row)[:200])
        elif any(row):
            yield line, row


def _bytes(cell: str) -> bool:
    """Whether a cell holds bytes that are no UTF-8."""
    return any("\udc80" <= char <= "\udcff" for char in cell)


def _header(row: list[str], file: str, line: int, mapping: Mapping) -> list[str | None] | RawRecord:
    """The field of each column; None for one that is not read."""
    columns = [unguarded(cell.strip()) for cell in row]
    double = next((name for number, name in enumerate(columns) if name and name in columns[:number]), None)
    if double is not None:
        return unreadable(file, line, f"the header has two columns {shown(double)}; keep one", double)
    absent = sorted(set(mapping.columns) - set(columns))
    if absent:
        return unreadable(file, line, f"the map names a column {shown(absent[0])} that is not in the header", absent[0])
    names = [mapping.columns.get(name, name) or None for name in columns]
    twice = next((name for number, name in enumerate(names) if name and name in names[:number]), None)
    if twice is not None:
        message = f"two columns hold {shown(twice)}: one by its name, one by the map; map one of them to null"
        return unreadable(file, line, message, twice)
    # Cells under a column without a name are too many; one that the map drops may hold anything.
    return [name if name is not None or columns[number] else "" for number, name in enumerate(names)]


def _record(
    file: str, line: int, names: list[str | None], row: list[str], mapping: Mapping, made: Counter[str]
) -> RawRecord:
    width = len(names)
    extra = [cell for number, cell in enumerate(row) if cell and (number >= width or names[number] == "")]
    if len(row) < width:
        return unreadable(file, line, f"the row ends after {len(row)} of {width} cells; complete it", row)
    if extra:
        message = f"the cell {shown(extra[0])} stands under no column; is there one separator too many?"
        return unreadable(file, line, message, extra[0])
    cells = {name: unguarded(cell) for name, cell in zip(names, row, strict=False) if name and cell.strip()}
    kind = cells.get("kind") or mapping.constants.get("kind") or "objective"
    form = FORMS.get(normal(str(kind)))
    fields: dict[str, object] = {"kind": kind}
    if form is None:
        fields |= cells
    else:
        fields |= {name: _value(form, name, cell) for name, cell in cells.items()}
    for name, value in mapping.constants.items():
        fields.setdefault(name, value)
    if "id" not in fields and form is not None and "id" in form.needs:
        identity = sha256("\0".join(str(fields.get(name, "")) for name in IDENTITY).encode()).hexdigest()[:16]
        made[identity] += 1
        again = f"-{made[identity]}" if made[identity] > 1 else ""
        fields["id"] = f"{normal(str(kind))}:{identity}{again}"
    return RawRecord(file, line, fields)


def _value(form: Form, name: str, cell: str) -> object:
    """What a cell holds, by its field; what cannot be read so stays the text, for the field to refuse."""
    field = form.fields.get(name)
    if field is None or field.cell is Cell.TEXT:
        return cell
    text = cell.strip()
    match field.cell:
        case Cell.NUMBER:
            value = word_value(text)
            return value if isinstance(value, int | float) and not isinstance(value, bool) else text
        case Cell.BOOLEAN:
            return {"true": True, "false": False}.get(text.lower(), text)
        case Cell.LIST if not text.startswith(("[", "{")):
            return [part.strip() for part in text.split(";") if part.strip()]
        case _:
            try:
                return _from_json(text)
            except (msgspec.MsgspecError, RecursionError):
                return text
