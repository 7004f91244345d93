"""YAML record files: a list of records, or a mapping with the list under ``records``; read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import yaml

from graph_service.models.checks import shown
from graph_service.records.problems import RawRecord, unreadable
from graph_service.records.yaml_values import Faulty, YamlError, YamlValues

FORM = "write a list of records, or a mapping with the list under 'records'"


def read_yaml(source: BinaryIO, file: str) -> Iterator[RawRecord]:
    """The records of one file, in order. What is no YAML ends the file with a problem; the records before it stand."""
    values = YamlValues(source)
    try:
        while not isinstance(event := values.next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.SequenceStartEvent):
                yield from _records(values, file)
            elif isinstance(event, yaml.MappingStartEvent):
                yield from _mapping(values, file)
            elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
                value = values.value(event)
                if value is not None:
                    yield unreadable(file, values.line, f"the document is {shown(value)}; {FORM}", value)
    except YamlError as wrong:
        yield unreadable(file, wrong.line, wrong.message)


def _mapping(values: YamlValues, file: str) -> Iterator[RawRecord]:
    begins = values.line
    found = False
    while not isinstance(event := values.next(), yaml.MappingEndEvent):
        name = values.value(event)
        line = values.line
        inner = values.next()
        if name == "records" and isinstance(inner, yaml.SequenceStartEvent):
            found = True
            yield from _records(values, file)
        elif name == "records":
            found = True
            value = values.value(inner)
            if value is not None:
                yield unreadable(file, line, f"'records' is no list; {FORM}")
        else:
            values.skip(inner)
    if not found:
        yield unreadable(file, begins, f"the document has no list 'records'; {FORM}")


def _records(values: YamlValues, file: str) -> Iterator[RawRecord]:
    while not isinstance(event := values.next(), yaml.SequenceEndEvent):
        line = values.line
        value = values.value(event, 1)
        if isinstance(value, Faulty):
            yield unreadable(file, value.line, value.why)
        elif isinstance(value, dict):
            yield RawRecord(file, line, value)
        else:
            yield unreadable(file, line, f"the entry {shown(value)} is no record; write a mapping of fields", value)
