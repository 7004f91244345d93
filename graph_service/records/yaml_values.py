"""YAML as a stream of values, for files from anywhere.

Built from the parser's events: no tags make objects, words stay what JSON calls them (``no`` and ``2026-01-01`` are
texts), keys are texts and stand once, and depth, size and what aliases expand to have limits. So a small file can
neither run code nor fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import yaml

from graph_service.models.checks import shown

DEEPEST = 64
"""Levels of lists and mappings in one file, at most."""
WIDEST = 200_000
"""Values in one record, at most, those that aliases repeat included."""
EXPANDED = 1_000_000
"""Values that the aliases of one file may repeat, at most."""

_PREFIX = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS = {"null": ("NoneType",), "bool": ("bool",), "int": ("int",), "float": ("int", "float")}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """The rest of the file cannot be read; ``line`` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Faulty:
    """A value that holds something that is not read; ``why`` is the first reason, ``line`` its place."""

    __slots__ = ("line", "why")

    def __init__(self, why: str, line: int) -> None:
        self.why = why
        self.line = line


class YamlValues:
    """The events of one source, and the values made of them."""

    def __init__(self, source: BinaryIO) -> None:
        self._events = self._parsed(source)
        self._anchors: dict[str, tuple[object, int] | None] = {}
        self._faults: list[Faulty] = []
        self._made = 0
        self._expanded = 0
        self.line = 1

    def _parsed(self, source: BinaryIO) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(source, Loader=_LOADER)
        except yaml.YAMLError as wrong:
            mark = getattr(wrong, "problem_mark", None)
            said = getattr(wrong, "problem", None) or getattr(wrong, "reason", None) or "it cannot be parsed"
            line = self.line if mark is None else mark.line + 1
            raise YamlError(f"the file is no YAML from here on: {said}; correct it", line) from None
        except (UnicodeDecodeError, RecursionError):
            raise YamlError("the file is no YAML from here on (not UTF-8, or nested too deeply)", self.line) from None

    def next(self) -> yaml.Event:
        """The next event; anchors end with their document."""
        event = next(self._events)
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()
        return event

    def value(self, event: yaml.Event, depth: int = 0) -> object:
        """The value that begins with an event; a :class:`Faulty` where something in it is not read."""
        self._faults = []
        self._made = 0
        value = self._value(event, depth)
        return self._faults[0] if self._faults else value

    def skip(self, event: yaml.Event) -> None:
        """Passes over the value that begins with an event."""
        self.value(event)

    def _wrong(self, why: str) -> None:
        self._faults.append(Faulty(why, self.line))

    def _count(self, more: int, event: yaml.Event) -> None:
        self._made += more
        if self._made > WIDEST:
            raise YamlError(
                f"one record holds more than {WIDEST:,} values, those that its aliases repeat included; split it",
                self.line,
            )

    def _value(self, event: yaml.Event, depth: int) -> object:
        if depth > DEEPEST:
            raise YamlError(f"the file is nested deeper than {DEEPEST} levels", self.line)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        assert isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None  # until it is complete, nothing may name it
        before = self._made
        self._count(1, event)
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._list(event, depth)
        else:
            value = self._mapping(event, depth)
        if anchor is not None:
            self._anchors[anchor] = (value, self._made - before)
        return value

    def _alias(self, event: yaml.AliasEvent) -> object:
        anchor = event.anchor or ""
        known = self._anchors.get(anchor)
        if known is None:
            self._wrong(f"the alias {shown(f'*{anchor}')} names no value before it; write it out")
            return None
        value, size = known
        self._expanded += size
        if self._expanded > EXPANDED:
            raise YamlError(f"its aliases expand to more than {EXPANDED:,} values; write them out", self.line)
        self._count(size, event)
        return value

    def _list(self, event: yaml.SequenceStartEvent, depth: int) -> list[object]:
        self._known_tag(event, "seq")
        values: list[object] = []
        while not isinstance(inner := self.next(), yaml.SequenceEndEvent):
            values.append(self._value(inner, depth + 1))
        return values

    def _mapping(self, event: yaml.MappingStartEvent, depth: int) -> dict[str, object]:
        self._known_tag(event, "map")
        values: dict[str, object] = {}
        while not isinstance(inner := self.next(), yaml.MappingEndEvent):
            key = self._value(inner, depth + 1)
            value = self._value(self.next(), depth + 1)
            if not isinstance(key, str):
                self._wrong(f"the key {shown(key)} is no text; write it in quotes")
            elif key == "<<" and isinstance(inner, yaml.ScalarEvent) and inner.implicit[0]:
                self._wrong("merge keys (<<) are not read; write the fields out")
            elif key in values:
                self._wrong(f"the field {shown(key)} is there twice; keep one")
            else:
                values[key] = value
        return values

    def _known_tag(self, event: yaml.CollectionStartEvent, kind: str) -> None:
        if event.tag not in (None, "!", _PREFIX + kind):
            self._wrong(f"the tag {shown(event.tag)} is not read; leave it out")

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        text: str = event.value
        tag = event.tag
        if tag in ("!", _PREFIX + "str") or (tag is None and not event.implicit[0]):
            return text
        value = word_value(text)
        if tag is None:
            return value
        if not tag.startswith(_PREFIX) or type(value).__name__ not in _TAGS.get(tag.removeprefix(_PREFIX), ()):
            self._wrong(f"the tag {shown(tag)} on {shown(text)} is not read; leave it out")
        return value


def word_value(text: str) -> object:
    """What an unquoted word is: null, a truth value, a number as JSON writes it, else the text."""
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > 1_000:
        return text
    if match[2] is None and match[3] is None:
        return int(text)
    number = float(text)
    return number if abs(number) != float("inf") else text
