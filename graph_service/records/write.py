"""Writing records: JSON Lines, YAML and CSV, UTF-8 with LF line ends. The same records, the same text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import TextIO

from graph_service.records.csv_records import guarded
from graph_service.records.export import Record
from graph_service.records.fields import Cell
from graph_service.records.form import FORMS

ATTRIBUTES = "attributes"
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN = re.compile(r"[a-z][a-z_]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def write_jsonl(records: Iterable[Record], out: TextIO) -> None:
    """One JSON object a line."""
    for record in records:
        out.write(_json(record))
        out.write("\n")


def _json(value: object) -> str:
    """JSON on one line for every reader: what some take for a line end, or for no text, is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isascii() else _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_yaml(records: Iterable[Record], out: TextIO) -> None:
    """A list of mappings, with texts in quotes, so that no reader takes them for something else. Empty: ``[]``."""
    empty = True
    for record in records:
        empty = False
        mark = "- "
        for name, value in record.items():
            out.write(f"{mark}{_word(name)}: {_word(value) if isinstance(value, str) else _json(value)}\n")
            mark = "  "
    if empty:
        out.write("[]\n")


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text not in _WORDS else _json(text)


def write_csv(records: Iterable[Record], out: TextIO) -> None:
    """A header line of all fields in use, then a record a row; attributes that are no text stand together as JSON."""
    rows = [_cells(record) for record in records]
    used = {name for row in rows for name in row}
    known = dict.fromkeys(name for form in FORMS.values() for name in form.fields if name != ATTRIBUTES)
    names = [name for name in (*known, ATTRIBUTES) if name in used]
    names += sorted(used.difference(names))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([guarded(name) for name in names])
    for row in rows:
        writer.writerow([row.get(name, "") for name in names])


def _cells(record: Record) -> dict[str, str]:
    """A record's cells by column. A name that is a field of some other kind stands among the attributes, as JSON."""
    fields = FORMS[str(record["kind"])].fields
    cells = {}
    held = record.get(ATTRIBUTES)
    attributes = dict(held) if isinstance(held, dict) else {}
    for name, value in record.items():
        field = fields.get(name)
        if name == ATTRIBUTES:
            continue
        if field is None:
            if isinstance(value, str) and value.strip():
                cells[name] = guarded(value)
            else:
                attributes[name] = value
        elif field.cell is Cell.TEXT:
            cells[name] = guarded(str(value))
        elif field.cell is Cell.LIST:
            cells[name] = guarded(_list(value))
        else:
            cells[name] = guarded(_json(value)) if field.cell is Cell.JSON else _json(value)
    if attributes:
        cells[ATTRIBUTES] = _json(attributes)
    return cells


def _list(value: object) -> str:
    """A list in a cell: parted by semicolons where that can be read back, else JSON."""
    texts = [value] if isinstance(value, str) else value
    assert isinstance(texts, list)
    simple = texts and all(isinstance(text, str) and text and ";" not in text for text in texts)
    if simple and not str(texts[0]).startswith(("[", "{")):
        return ";".join(texts)
    return _json(texts)
