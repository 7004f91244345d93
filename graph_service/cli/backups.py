"""Commands for the whole store: a backup of it, and a restore from one."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
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
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import say

    if file != STDOUT and not Path(file).exists():
        raise typer.BadParameter(f"there is no file '{file}'")
    with opened(file) as source:
        look_through(source, file)
        kept = open_store(store, create=True)
        try:
            if kept.revision() and not yes:
                must_confirm(kept)
            restored = put_back(kept, source, file)
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


def look_through(source: BinaryIO, file: str) -> None:
    """Reads a backup to its end before a store is touched; Invalid, naming the file, if it is not sound or its facts
    make no graph."""
    from graph_service.errors import StoreDamaged
    from graph_service.stores.backup import Backup
    from graph_service.workspace.building import built

    with progress() as show, refused_by(file):
        backup = Backup(lines_in(source, show, "checking", 0))
        for _ in backup.entries():
            pass
        show("checking", 0, 0)
        try:
            built(backup.folded.snapshot(backup.head.epoch))
        except StoreDamaged as wrong:
            raise Invalid(str(wrong), path=("file",)) from wrong


def put_back(kept: base.Store, source: BinaryIO, file: str) -> base.Restored:
    """Restores a store from a backup that was looked through."""
    from graph_service.stores.backup import Backup

    with refused_by(file):
        total = Backup(lines_in(source, lambda *_: None, "", 0)).head.revision
        with progress() as show:
            return kept.restore(lines_in(source, show, "restoring", total), datetime.now(UTC), BY)


@contextmanager
def refused_by(file: str) -> Iterator[None]:
    """What is wrong with the file, with its name."""
    try:
        yield
    except Refusal as wrong:
        raise Invalid(f"{file}: {wrong.message}; nothing was changed", path=wrong.path) from None


def lines_in(source: BinaryIO, show: Show, what: str, total: int) -> Iterator[bytes]:
    """The lines of a file from its beginning, unpacked if it is packed, whatever its name is."""
    from graph_service.stores.backup import lines_of

    source.seek(0)
    packed = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    if not packed:
        yield from shown_lines(lines_of(source), show, what, total)
        return
    try:
        with gzip.GzipFile(fileobj=source) as unpacked:
            yield from shown_lines(lines_of(unpacked), show, what, total)
    except (gzip.BadGzipFile, EOFError, zlib.error) as wrong:
        raise Invalid(f"the packed file is damaged or was cut off: {wrong}", path=("file",)) from None


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """A file that can be read twice; what comes from a pipe is kept meanwhile in a file that has no name."""
    if file != STDOUT and Path(file).is_file():
        with Path(file).open("rb") as source:
            yield source
        return
    with tempfile.TemporaryFile() as kept:
        if file == STDOUT:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            with Path(file).open("rb") as pipe:
                shutil.copyfileobj(pipe, kept)
        yield cast("BinaryIO", kept)
