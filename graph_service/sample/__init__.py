"""The sample company: Morning Ferry, who make apps for small ferry lines, in the middle of a second quarter.

``company.jsonl`` holds who and what there is and all that was reported, ``changes.jsonl`` what happened on the way:
goals that were closed, targets that were revised, a report that was corrected. The files tell of days around
:data:`SAMPLE_DAY`; loaded for another day, all of them are moved so that it is as far into its quarter then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import BinaryIO, NamedTuple, cast

import msgspec

from graph_service.models.changes import Change, CheckInKeyResult, CheckInObjective, change_from
from graph_service.records import RawRecord, plan_import
from graph_service.records.json_lines import read_json_lines
from graph_service.workspace import Workspace

SAMPLE_DAY = date(2026, 5, 20)
"""Today, as the files have it."""

SOURCE = "sample"
_BEGINS = datetime(2026, 1, 5, 8, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?")


class Happened(NamedTuple):
    """Changes of one moment: when, who made them, and what."""

    at: datetime
    by: str
    changes: list[Change]


def moved(value: object, days: int) -> object:
    """A JSON value with every day and moment in it so many days later; a day within a sentence stays.

    >>> moved({"title": "By 2026-04-01", "due": "2026-06-30", "plan": [["2026-05-31", 12]]}, 30)
    {'title': 'By 2026-04-01', 'due': '2026-07-30', 'plan': [['2026-06-30', 12]]}
    """
    match value:
        case str() if _DAY.fullmatch(value):
            day = date.fromisoformat(value[:10]) + timedelta(days)
            return day.isoformat() + value[10:]
        case dict():
            return {name: moved(one, days) for name, one in value.items()}
        case list():
            return [moved(one, days) for one in value]
    return value


def _open(name: str) -> BinaryIO:
    return cast("BinaryIO", files(__name__).joinpath(name).open("rb"))


def sample_records(days: int = 0) -> list[RawRecord]:
    """The records of the company, moved by so many days."""
    with _open("company.jsonl") as source:
        return [
            RawRecord(raw.file, raw.line, cast("dict[str, object]", moved(raw.fields, days)))
            for raw in read_json_lines(source, "company.jsonl")
        ]


def sample_changes(days: int = 0) -> list[Happened]:
    """What happened on the way, in order of time, moved by so many days."""
    made = []
    with _open("changes.jsonl") as source:
        for raw in read_json_lines(source, "changes.jsonl"):
            line = cast("dict[str, dict[str, object]]", moved(raw.fields, days))
            ((kind, fields),) = line["change"].items()
            at = msgspec.convert(line["at"], datetime)
            made.append(Happened(at, str(line["by"]), [change_from(kind, fields)]))
    return made


def load_sample(workspace: Workspace, today: date | None = None) -> None:
    """Loads the company into an empty workspace as it came about: first who and what there is, then week by week what
    was reported and what happened. ``today`` (absent: the files' own day) is the day it is to be."""
    days = 0 if today is None else (today - SAMPLE_DAY).days
    ends = datetime.combine(SAMPLE_DAY, time(23, 59), UTC) + timedelta(days)
    with workspace.reading() as graph:
        plan = plan_import(graph, sample_records(days), source_name=SOURCE, now=ends)
    reports = [change for change in plan.changes if isinstance(change, CheckInKeyResult | CheckInObjective)]
    founded = [change for change in plan.changes if not isinstance(change, CheckInKeyResult | CheckInObjective)]
    begins = _BEGINS + timedelta(days)
    workspace.commit(founded, by=SOURCE, source=SOURCE, at=begins, importing=True, want_changed=False)
    for one in _weeks(reports, sample_changes(days), begins):
        importing = one.by == SOURCE
        workspace.commit(one.changes, by=one.by, source=SOURCE, at=one.at, importing=importing, want_changed=False)


def _weeks(
    reports: list[CheckInKeyResult | CheckInObjective], changes: list[Happened], begins: datetime
) -> Iterator[Happened]:
    """Reports and changes in order of time: the reports of a week together, as far as nothing happens in between."""
    single = [Happened(report.at or begins, SOURCE, [report]) for report in reports]
    together: list[Change] = []
    last = begins
    for one in sorted([*single, *changes], key=lambda happened: happened.at):
        if together and (one.by != SOURCE or (one.at - begins).days // 7 != (last - begins).days // 7):
            yield Happened(last, SOURCE, together)
            together = []
        if one.by == SOURCE:
            together += one.changes
            last = one.at
        else:
            yield one
    if together:
        yield Happened(last, SOURCE, together)
