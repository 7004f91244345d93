"""The command that moves a workspace from one store to another, of whichever kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import typer

from graph_service.cli.backups import BY, must_confirm, shown_lines
from graph_service.cli.files import many, progress
from graph_service.errors import StoreDamaged

if TYPE_CHECKING:
    from graph_service.stores.base import Snapshot

FROM, TO = "--from", "--to"


def copy(
    source: Annotated[str, typer.Option(FROM, metavar="URL", help="The store to copy; it stays as it is.")],
    target: Annotated[str, typer.Option(TO, metavar="URL", help="The store to fill; made if it is not there.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Replace what the target holds without asking; needed in a script.")
    ] = False,
) -> int:
    """Copy a workspace, its whole history included, to another store. At the end the two are compared."""
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import put, say

    with closing(open_store(source)) as here, closing(open_store(target, create=True)) as there:
        if here.url == there.url:
            raise typer.BadParameter(f"{here.url} is both; name another store", param_hint=f"'{TO}'")
        if there.revision() and not yes:
            must_confirm(there)
        now, digest = datetime.now(UTC), Digest()
        with progress() as show:
            lines = shown_lines(here.backup(now), show, "copying", here.revision())
            restored = there.restore(digest.of(lines), now, BY)
            show("comparing", 0, 0)
            if not restored.erased and Digest(there.backup(now)) != digest:
                raise StoreDamaged(f"the log of {there.url} is not that of {here.url}; copy it again")
            for problem in there.verify():
                raise StoreDamaged(f"{there.url} does not hold what its log gives: {problem.what}; copy it again")
            counts = counted(there.load())
    put(f"{there.url} is at revision {restored.revision}: {counts}")
    put("compared: the same log, byte for byte, and the present that it gives; access tokens were not copied")
    if restored.erased:
        count = many(len(restored.erased), "person", "people")
        say(f"{count} erased in the target before: erased again, one entry each in the log")
    return 0


class Digest:
    """What backups of two stores have in common if their logs are the same: all lines but the first, which names the
    store's epoch, and the last, which sums them up."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._hash = sha256()
        for _ in self.of(lines):
            pass

    def of(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines as they are, digested on the way."""
        before: bytes | None = None
        for number, line in enumerate(lines):
            if before is not None:
                self._hash.update(before)
            before = line if number else None
            yield line

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digest) and self._hash.digest() == other._hash.digest()

    __hash__ = None  # type: ignore[assignment]


def counted(snapshot: Snapshot) -> str:
    """How much there is, in words."""
    return ", ".join(
        (
            many(len(snapshot.nodes), "node", "nodes"),
            many(len(snapshot.links), "link", "links"),
            many(len(snapshot.check_ins), "check-in", "check-ins"),
        )
    )
