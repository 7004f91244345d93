"""Reading record files of any form as one stream of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from graph_service.errors import Invalid
from graph_service.records.csv_records import read_csv
from graph_service.records.json_lines import read_json_lines
from graph_service.records.mapping import NO_MAPPING, read_mapping
from graph_service.records.problems import RawRecord
from graph_service.records.yaml_records import read_yaml

Progress = Callable[[int, int], None]

FORMS_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".csv": "csv",
}
OFTEN = 1_000
"""Records between two reports of progress."""


def read_records(
    paths: Sequence[Path], *, mapping: Path | None = None, on_progress: Progress | None = None
) -> Iterator[RawRecord]:
    """All records of some files, in order, as a stream: JSON Lines, YAML or CSV, by the suffix of each.

    What cannot be read comes as a record that holds its problem, and reading goes on. ``mapping`` says how the columns
    of the CSV files among them are named. ``on_progress`` hears the bytes read so far and those of all files. Raises
    Invalid, before anything is read, for a file that is not there or is of no known form, and for a mapping that
    cannot be used.
    """
    forms = [_form_of(path) for path in paths]
    columns = NO_MAPPING
    if mapping is not None:
        if "csv" not in forms:
            raise Invalid("map says how the columns of a CSV are named, and there is no CSV file; leave it out")
        columns = read_mapping(mapping)
    sizes = [_size(path) for path in paths]

    def records() -> Iterator[RawRecord]:
        done, total, count = 0, sum(sizes), 0
        for path, form, size in zip(paths, forms, sizes, strict=True):
            with path.open("rb") as source:
                if form == "jsonl":
                    found = read_json_lines(source, str(path))
                elif form == "yaml":
                    found = read_yaml(source, str(path))
                else:
                    found = read_csv(source, str(path), columns)
                if on_progress is None:
                    yield from found
                    continue
                for record in found:
                    yield record
                    count += 1
                    if count % OFTEN == 0:
                        on_progress(min(done + source.tell(), total), total)
            done += size
            on_progress(done, total)

    return records()


def _named(path: Path) -> str:
    """A path in a sentence: whole, since what is cut cannot be found."""
    return f"'{''.join(char if char.isprintable() else '?' for char in str(path))}'"


def _form_of(path: Path) -> str:
    form = FORMS_BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        raise Invalid(f"file {_named(path)} is of no known form; name it {', '.join(FORMS_BY_SUFFIX)}")
    return form


def _size(path: Path) -> int:
    try:
        with path.open("rb"):
            return path.stat().st_size
    except OSError as gone:
        raise Invalid(f"file {_named(path)} cannot be read: {gone.strerror or gone}") from None
