"""The small YAML file that says how the columns of a foreign CSV are to be read.

    columns:
      Goal Title: title
      Starting Value: baseline
      Row colour: null        # not read
    constants:
      kind: key_result
      cycle: 2026-Q1

A column that it does not name keeps its own name. A constant holds where a row has no value of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.records.yaml_values import Faulty, YamlError, YamlValues

LARGEST = 1_000_000
"""Bytes of a mapping file, at most."""


class Mapping(NamedTuple):
    """Which field each column holds (None: it is not read), and what holds for every row."""

    columns: dict[str, str | None]
    constants: dict[str, object]


NO_MAPPING = Mapping({}, {})


def read_mapping(path: Path) -> Mapping:
    """The mapping that a file holds; raises Invalid where it cannot be read."""
    value = _document(path)
    if not isinstance(value, dict):
        raise Invalid(f"map {shown(path.name)} is no mapping; write 'columns' (column: field) and 'constants'")
    unknown = sorted(set(value) - {"columns", "constants"})
    if unknown:
        raise Invalid(f"map {shown(path.name)}: {shown(unknown[0])} is unknown; known are 'columns' and 'constants'")
    columns = value.get("columns") or {}
    constants = value.get("constants") or {}
    for name, part in (("columns", columns), ("constants", constants)):
        if not isinstance(part, dict):
            raise Invalid(f"map {shown(path.name)}: {name} {shown(part)} is no mapping; write name: value, one a line")
    for column, field in columns.items():
        if field is not None and (not isinstance(field, str) or not field.strip()):
            raise Invalid(
                f"map {shown(path.name)}: column {shown(column)} goes to {shown(field)}, no field; name one, or null"
            )
    fields = [field for field in columns.values() if field is not None]
    double = next((field for number, field in enumerate(fields) if field in fields[:number]), None)
    if double is not None:
        raise Invalid(f"map {shown(path.name)}: two columns go to {shown(double)}; choose one")
    return Mapping({column.strip(): field for column, field in columns.items()}, constants)


def _document(path: Path) -> object:
    try:
        with path.open("rb") as source:
            if path.stat().st_size > LARGEST:
                raise Invalid(f"map {shown(path.name)} is larger than {LARGEST:,} bytes; is it the right file?")
            values = YamlValues(source)
            value: object = None
            while not isinstance(event := values.next(), yaml.StreamEndEvent):
                if isinstance(event, yaml.NodeEvent):
                    value = values.value(event)
                    break
    except OSError as gone:
        raise Invalid(f"map {shown(str(path))} cannot be read: {gone.strerror or gone}") from None
    except YamlError as wrong:
        raise Invalid(f"map {shown(path.name)}, line {wrong.line}: {wrong.message}") from None
    if isinstance(value, Faulty):
        raise Invalid(f"map {shown(path.name)}, line {value.line}: {value.why}")
    return value
