"""Commands that exchange record files: what comes in, what was wrong with it, what goes out."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_service.cli.options import FORMAT, Json, Store, TextFormat, the_format

if TYPE_CHECKING:
    from graph_service.records import ImportPlan, Problem

STDOUT = "-"
FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".yaml": "yaml", ".yml": "yaml", ".csv": "csv"}


def export(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Where to write; absent or -: standard output."),
    ] = STDOUT,
    format: Annotated[
        Literal["jsonl", "yaml", "csv"] | None,
        typer.Option(
            FORMAT, metavar="FORMAT", help="jsonl, yaml or csv.  [default: by the suffix of FILE, else jsonl]"
        ),
    ] = None,
    store: Store = None,
) -> int:
    """Write the whole graph as record files: what `import` reads."""
    from graph_service.cli.opening import open_workspace
    from graph_service.cli.output import put_bytes, say
    from graph_service.records import export_records

    suffix = Path(file).suffix.lower()
    chosen = format or FORMATS.get(suffix) or ("jsonl" if file == STDOUT or not suffix else None)
    if chosen is None:
        raise typer.BadParameter(f"'{file}': its suffix is no form of a record file; say which by {FORMAT}")
    return 0


def write_file(file: Path, pieces: Iterable[bytes]) -> None:
    """Writes a file whole or not at all: beside its place, synced, then moved there. Folders are made."""
    try:
        if file.exists() and not file.is_file():  # a device or a pipe takes what it is given
            with file.open("wb") as out:
                out.writelines(pieces)
            return
        target = file.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.writelines(pieces)
                out.flush()
                os.fsync(out.fileno())
            made.chmod(mode_of(target))
            made.replace(target)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
    except OSError as failed:
        raise typer.BadParameter(f"'{file}' cannot be written: {failed.strerror or failed}") from None


def mode_of(target: Path) -> int:
    """The permissions that a file has, or that a new one gets."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def import_files() -> int:
    return 0
