"""One field of a record: how its value is read, what the schema says of it, and how a CSV cell holds it.

A reader takes the value as its file has it and gives the clean one, or raises Invalid naming field and value. Readers
of lists leave out what is wrong in one place only, and say so by ``complain(field, value, message)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from graph_service.alignment.decide.history import clean_versions
from graph_service.errors import Invalid
from graph_service.models.checks import (
    NUMBER_BOUND,
    clean_address,
    clean_attributes,
    clean_email,
    clean_id,
    clean_label,
    clean_moment,
    clean_number,
    clean_share,
    clean_text,
    clean_title,
    clean_weight,
    shown,
)
from graph_service.models.nodes import PlanPoint, Task, Version

Complain = Callable[[str, object, str], None]
Reader = Callable[[object, str, Complain], object]
Schema = dict[str, object]


class Cell(Enum):
    """How a CSV cell holds a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "true or false"
    LIST = "a list, parted by semicolons"
    JSON = "JSON"


class Field(NamedTuple):
    """A field of a kind of record."""

    read: Reader
    schema: Schema
    cell: Cell = Cell.TEXT


class GivenMilestone(NamedTuple):
    """A milestone as a record has it; ``done_at`` UNSET: the record does not say."""

    id: str | None
    title: str
    weight: float | None
    due: date | None
    done_at: date | UnsetType | None


class GivenParent(NamedTuple):
    """A goal above, and the weight of the link if the record says one."""

    id: str
    weight: float | None = None


class GivenContributor(NamedTuple):
    """Somebody who contributes, and in which roles."""

    id: str
    roles: tuple[str, ...] = ("contributor",)


# ---------- single values ----------


def _text_of(value: object, field: str) -> str:
    if type(value) is not str:
        raise Invalid(f"{field} {shown(value)} is no text; write it in quotes")
    return value


def read_id(value: object, field: str, complain: Complain) -> str:
    """An id."""
    return clean_id(value if type(value) is str else _text_of(value, field), field)


def read_title(value: object, field: str, complain: Complain) -> str:
    """A title, name or short label."""
    return clean_title(value if type(value) is str else _text_of(value, field), field)


def read_text(value: object, field: str, complain: Complain) -> str | None:
    """A longer text; blank is none."""
    return clean_text(_text_of(value, field), field)


def read_label(value: object, field: str, complain: Complain) -> str | None:
    """A short label; blank is none."""
    return clean_label(_text_of(value, field), field)


def read_email(value: object, field: str, complain: Complain) -> str | None:
    """An e-mail address; blank is none."""
    return clean_email(_text_of(value, field), field)


def read_reference(value: object, field: str, complain: Complain) -> str:
    """The id of something, or a text that names nothing; not blank."""
    text = value if type(value) is str else _text_of(value, field)
    if not text or text.isspace():
        raise Invalid(f"{field} is blank; name something or leave it out")
    return clean_title(text, field)


def _number_of(value: object, field: str) -> float:
    if type(value) is not float and type(value) is not int:
        raise Invalid(f"{field} {shown(value)} is no number; write one such as 12.5, without unit or thousands marks")
    return value


def read_number(value: object, field: str, complain: Complain) -> float | None:
    """A finite number."""
    if (type(value) is int or type(value) is float) and -NUMBER_BOUND <= value <= NUMBER_BOUND:
        return value + 0.0
    return clean_number(_number_of(value, field), field)


def read_share(value: object, field: str, complain: Complain) -> float | None:
    """A share 0..1."""
    return clean_share(_number_of(value, field), field)


def read_weight(value: object, field: str, complain: Complain) -> float | None:
    """A weight, 0 or more."""
    return clean_weight(_number_of(value, field), field)


def read_whole(value: object, field: str, complain: Complain) -> int:
    """A whole number."""
    number = _number_of(value, field)
    if number != number // 1 or abs(number) > 1e9:
        raise Invalid(f"{field} {shown(value)} is no whole number; give one")
    return int(number)


def read_boolean(value: object, field: str, complain: Complain) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise Invalid(f"{field} {shown(value)} is neither true nor false; write one of them")
    return value


def read_date(value: object, field: str, complain: Complain) -> date:
    """A day, YYYY-MM-DD."""
    text = _text_of(value, field)
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise Invalid(f"{field} {shown(text)} is no day of the calendar; write YYYY-MM-DD")


def read_moment(value: object, field: str, complain: Complain) -> datetime | None:
    """A date and time with its offset from UTC."""
    text = _text_of(value, field)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or len(text) <= 10:
        raise Invalid(f"{field} {shown(text)} is no date and time; write YYYY-MM-DDThh:mm:ssZ")
    return clean_moment(at, field)


def normal(word: str) -> str:
    """A word as records write it: ``On Track`` is ``on_track``."""
    return word.strip().lower().replace(" ", "_").replace("-", "_")


def word_of(words: type[StrEnum], among: Iterable[StrEnum] | None = None) -> Field:
    """A field that holds one word of a closed set, in any case."""
    chosen = list(among if among is not None else words)
    known = {word.value: word for word in chosen}

    def read(value: object, field: str, complain: Complain) -> StrEnum:
        text = _text_of(value, field)
        word = known.get(text) or known.get(normal(text))
        if word is None:
            raise Invalid(f"{field} {shown(text)} is unknown; use one of {', '.join(known)}")
        return word

    return Field(read, {"enum": [*known, *(word.name for word in chosen)]})


# ---------- lists ----------


def _listed(value: object, field: str) -> list[object]:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        return [value]
    raise Invalid(f"{field} {shown(value)} is no list; write one")


def each(value: object, field: str, complain: Complain, read: Reader) -> list[object]:
    """The elements that can be read; the others are complained of and left out."""
    made = []
    for number, one in enumerate(_listed(value, field)):
        place = f"{field}[{number}]"
        try:
            made.append(read(one, place, complain))
        except Invalid as wrong:
            complain(place, one, wrong.message)
    return made


def read_words(value: object, field: str, complain: Complain) -> tuple[object, ...]:
    """Free labels, doubles dropped."""
    return tuple(dict.fromkeys(each(value, field, complain, read_title)))


def read_references(value: object, field: str, complain: Complain) -> list[object]:
    """Ids, in order; the same one twice is left for the links to refuse."""
    return each(value, field, complain, read_reference)


def _parts(value: object, field: str, readers: dict[str, Reader], complain: Complain) -> dict[str, object]:
    """The parts of a small mapping that can be read; null and absent ones are not there."""
    if not isinstance(value, dict):
        raise Invalid(f"{field} {shown(value)} is no mapping; write {{{', '.join(readers)}}}")
    parts = {}
    for name, one in value.items():
        place = f"{field}.{name}"
        read = readers.get(name)
        if read is None:
            complain(place, one, f"{place} means nothing here; known are {', '.join(readers)}")
        elif one is not None:
            try:
                parts[name] = read(one, place, complain)
            except Invalid as wrong:
                complain(place, one, wrong.message)
    return parts


def _required(parts: dict[str, object], field: str, *names: str) -> None:
    missing = [name for name in names if name not in parts]
    if missing:
        raise Invalid(f"{field}.{missing[0]} is missing; give it or take {field} out")


def _parent(value: object, field: str, complain: Complain) -> GivenParent:
    if isinstance(value, str):
        return GivenParent(read_reference(value, field, complain))
    parts = _parts(value, field, {"id": read_reference, "weight": read_weight}, complain)
    _required(parts, field, "id")
    return GivenParent(**parts)  # type: ignore[arg-type]


def read_parents(value: object, field: str, complain: Complain) -> list[object]:
    """Goals above, in order: ids or mappings of id and weight."""
    if isinstance(value, dict):
        value = [value]
    return each(value, field, complain, _parent)


def _contributor(value: object, field: str, complain: Complain) -> GivenContributor:
    if isinstance(value, str):
        return GivenContributor(read_reference(value, field, complain))
    parts = _parts(value, field, {"id": read_reference, "roles": read_words}, complain)
    _required(parts, field, "id")
    return GivenContributor(**parts)  # type: ignore[arg-type]


def read_contributors(value: object, field: str, complain: Complain) -> list[object]:
    """People and teams: ids or mappings of id and roles."""
    return each(value, field, complain, _contributor)


MILESTONE: dict[str, Reader] = {
    "id": read_id,
    "title": read_title,
    "weight": read_weight,
    "due": read_date,
    "done_at": read_date,
}


def _milestone(value: object, field: str, complain: Complain) -> GivenMilestone:
    if isinstance(value, str):
        return GivenMilestone(None, read_title(value, field, complain), None, None, UNSET)
    parts = _parts(value, field, MILESTONE, complain)
    _required(parts, field, "title")
    said: object = UNSET
    if isinstance(value, dict) and "done_at" in value and (value["done_at"] is None or "done_at" in parts):
        said = parts.get("done_at")
    return GivenMilestone(
        parts.get("id"),  # type: ignore[arg-type]
        parts["title"],  # type: ignore[arg-type]
        parts.get("weight"),  # type: ignore[arg-type]
        parts.get("due"),  # type: ignore[arg-type]
        said,  # type: ignore[arg-type]
    )


def read_milestones(value: object, field: str, complain: Complain) -> list[object]:
    """Milestones, in order; the second of two with one id is left out."""
    made: list[object] = []
    seen: set[str] = set()
    for one in each(value, field, complain, _milestone):
        assert isinstance(one, GivenMilestone)
        if one.id is not None and one.id in seen:
            complain(field, one.id, f"{field}: the id {shown(one.id)} is there twice; give each milestone its own")
        else:
            made.append(one)
            seen.add(one.id or "")
    return made


def _point(value: object, field: str, complain: Complain) -> PlanPoint:
    if isinstance(value, list | tuple) and len(value) == 2:
        value = {"date": value[0], "value": value[1]}
    elif not isinstance(value, dict):
        raise Invalid(f"{field} {shown(value)} is no planned point; write [date, value]")
    parts = _parts(value, field, {"date": read_date, "value": read_number}, complain)
    _required(parts, field, "date", "value")
    return PlanPoint(**parts)  # type: ignore[arg-type]


def read_plan(value: object, field: str, complain: Complain) -> tuple[PlanPoint, ...]:
    """Planned points by day; the second of two on one day is left out."""
    points: dict[date, PlanPoint] = {}
    for one in each(value, field, complain, _point):
        assert isinstance(one, PlanPoint)
        if one.date in points:
            complain(field, str(one.date), f"{field} has two points on {one.date}; keep one")
        else:
            points[one.date] = one
    return tuple(points[day] for day in sorted(points))


def _address(value: object, field: str, complain: Complain) -> str | None:
    return clean_address(_text_of(value, field), field)


def _task(value: object, field: str, complain: Complain) -> Task:
    if isinstance(value, str):
        return Task(read_title(value, field, complain))
    parts = _parts(value, field, {"title": read_title, "url": _address, "done": read_boolean}, complain)
    _required(parts, field, "title")
    return Task(**parts)  # type: ignore[arg-type]


def read_tasks(value: object, field: str, complain: Complain) -> tuple[object, ...]:
    """Tasks, in order."""
    return tuple(each(value, field, complain, _task))


def read_versions(value: object, field: str, complain: Complain) -> tuple[Version, ...]:
    """Earlier yardsticks, oldest first, as an export writes them; all or none."""
    try:
        versions = msgspec.convert(value, tuple[Version, ...])
    except msgspec.ValidationError as wrong:
        raise Invalid(f"{field} are not as an export writes them ({wrong}); leave them out") from None
    try:
        return clean_versions(versions)
    except Invalid as wrong:
        raise Invalid(f"{'.'.join((field, *wrong.path[1:]))}: {wrong.message}") from None


def read_attributes(value: object, field: str, complain: Complain) -> dict[str, object]:
    """A mapping of whatever an organization keeps."""
    if not isinstance(value, dict):
        raise Invalid(f"{field} {shown(value)} is no mapping; write {{name: value}}")
    return clean_attributes(value) or {}
