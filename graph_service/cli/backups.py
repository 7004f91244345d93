"""Commands for the whole store: a backup of it, and a restore from one."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from graph_service.cli.files import STDOUT, many, progress, write_file
from graph_service.cli.options import Store
from graph_service.errors import Invalid, Refusal

if TYPE_CHECKING:
    from io import BufferedReader

    from graph_service.cli.files import Show
    from graph_service.stores import base

GZIP = ".gz"
BY = "command line"
"""Who erases again in a restore, for the log."""

STEP = 200
"""Lines between two looks at how far the work is."""


def backup(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write; packed if it ends in .gz; - for standard output.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    store: Store = None,
) -> int:
    """Write the whole store to a file while it is in use. It is one moment: all that was committed before, no more."""
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import binary_stdout, say

    path = Path(file)
    if file != STDOUT and path.exists() and not force:
        raise Invalid(f"'{file}' is there already; name another file, or write over it by --force", path=("file",))
    kept = open_store(store)
    revision = 0
    try:
        with progress() as show:
            total = kept.revision()
            lines = shown_lines(kept.backup(datetime.now(UTC)), show, "writing", total)

            def write(out: BinaryIO) -> None:
                nonlocal revision
                with packed(out, path) as target:
                    for line in lines:
                        revision += line.startswith(b'{"line":"entry"')
                        target.write(line)

            if file == STDOUT:
                write(binary_stdout())
            else:
                write_file(path, write)
    finally:
        kept.close()
    if file != STDOUT:
        say(f"{file} holds {kept.url} as of revision {revision}; access tokens are not in it")
    return 0


@contextmanager
def packed(out: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """A file to write to, packed if its name says so. The same content gives the same bytes."""
    if path.suffix != GZIP:
        yield out
        return
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as target:
        yield cast("BinaryIO", target)


def shown_lines(lines: Iterator[bytes], show: Show, what: str, total: int) -> Iterator[bytes]:
    """The lines as they are; on the way it is shown how many entries have passed, of how many (0: nobody knows)."""
    entries = 0
    for number, line in enumerate(lines):
        entries += line.startswith(b'{"line":"entry"')
        if number % STEP == 0:
            show(what, entries, total)
        yield line


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `backup` has written; - for standard input.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Replace what the store holds without asking; needed in a script.")
    ] = False,
    store: Store = None,
) -> int:
    """Put a backup in place of what the store holds. Access tokens stay; a file that is not sound changes nothing."""
    from graph_service.cli.opening import NoStore, open_store
    from graph_service.cli.output import say

    path = Path(file)
    if file != STDOUT and not path.exists():
        raise typer.BadParameter(f"there is no file '{file}'")
    try:
        kept = open_store(store)
    except NoStore:
        look_through(path, file)  # so that no empty store is left behind by a file that is none
        kept = open_store(store, create=True)
    try:
        if kept.revision() and not yes:
            must_confirm(kept)
        restored = put_back(kept, path, file)
        url = kept.url
    finally:
        kept.close()
    say(f"{url} is at revision {restored.revision} now, as the backup has it; clients read it anew")
    if restored.erased:
        count = many(len(restored.erased), "person", "people")
        say(f"{count} erased since the backup: erased again, one entry each in the log: {', '.join(restored.erased)}")
    return 0


def must_confirm(kept: base.Store) -> None:
    """Asks whether the content of a store may be replaced; wrong use where nobody can be asked."""
    what = f"{kept.url} is at revision {kept.revision()}; a restore replaces all of it"
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{what}; say so by --yes", param_hint="'--yes'")
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise typer.Abort


def put_back(kept: base.Store, path: Path, file: str) -> base.Restored:
    """Restores a store from a file; Invalid, naming it, if the file is not sound."""
    from graph_service.stores.backup import lines_of

    try:
        with opened(path, file) as source, progress() as show:
            lines = shown_lines(lines_of(source), show, "restoring", 0)
            return kept.restore(lines, datetime.now(UTC), BY)
    except Refusal as wrong:
        raise Invalid(f"{file}: {wrong.message}; nothing was changed", path=wrong.path) from None


def look_through(path: Path, file: str) -> None:
    """Reads a backup to its end, where that can be done twice; Invalid, naming the file, if it is not sound."""
    from graph_service.stores.backup import Backup, lines_of

    if file == STDOUT or not path.is_file():
        return
    try:
        with opened(path, file) as source:
            for _ in Backup(lines_of(source)).entries():
                pass
    except Refusal as wrong:
        raise Invalid(f"{file}: {wrong.message}; nothing was changed", path=wrong.path) from None


@contextmanager
def opened(path: Path, file: str) -> Iterator[BinaryIO]:
    """A file to read from, unpacked if it is packed, whatever its name is."""
    source = cast("BufferedReader", sys.stdin.buffer) if file == STDOUT else path.open("rb")
    try:
        head = source.peek(2)[:2]
        if head == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=source) as unpacked:
                yield cast("BinaryIO", unpacked)
        else:
            yield source
    except (gzip.BadGzipFile, EOFError, zlib.error) as wrong:
        raise Invalid(f"the packed file is damaged or was cut off: {wrong}", path=("file",)) from None
    finally:
        if file != STDOUT:
            source.close()
