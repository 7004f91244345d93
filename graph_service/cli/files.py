"""Commands that exchange record files: what comes in, what was wrong with it, what goes out."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_service.cli.options import FORMAT, Json, Store, TextFormat, the_format
from graph_service.errors import Conflict, Invalid

if TYPE_CHECKING:
    from graph_service.records import ImportPlan
    from graph_service.records.problems import Problem
    from graph_service.workspace import Workspace

STDOUT = "-"
FORMS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".yaml": "yaml", ".yml": "yaml", ".csv": "csv"}
ATTEMPTS = 5
"""So often an import is planned again because somebody else wrote in the meantime."""

IN_MEMORY = "sqlite://"


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="JSON Lines, YAML or CSV, by its suffix.")],
    on_problem: Annotated[
        Literal["fail", "quarantine"],
        typer.Option(
            "--on-problem",
            metavar="HOW",
            help="fail: any problem refuses the whole import. quarantine: what is sound comes in, the rest is listed.  "
            "[default: fail]",
        ),
    ] = "fail",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come in and what is wrong; no more.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="A YAML file: which field each column of a CSV holds."),
    ] = None,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """Bring record files in: all in one revision, or nothing."""
    chosen = the_format(format, json)
    from graph_service.cli.output import error, put, put_json
    from graph_service.records import ImportRefused

    def planned(workspace: Workspace, show: Show) -> tuple[int, ImportPlan]:
        return plan_on(workspace, files, mapping, on_problem, show)

    try:
        plan, revision = bring_in(store, planned, dry_run=dry_run)
    except ImportRefused as refused:
        if chosen == "json":
            put_json(report_json(None, refused.problems, dry_run=dry_run))
        else:
            put(problems_text(refused.problems))
        error("nothing was imported; correct what is listed, or import the rest by --on-problem quarantine")
        return 1
    if chosen == "json":
        put_json(report_json(plan, plan.problems, dry_run=dry_run, revision=revision))
    else:
        put(report_text(plan, dry_run=dry_run, revision=revision))
    return 1 if plan.problems else 0


Show = Callable[[str, int, int], None]
"""Shows how far something is: what, how much is done, and of how much (0: nobody knows)."""


def bring_in(
    store: str | None, planned: Callable[[Workspace, Show], tuple[int, ImportPlan]], *, dry_run: bool
) -> tuple[ImportPlan, int | None]:
    """Plans an import and commits it; the plan and the revision (None: there was nothing to commit).

    If somebody else has written in the meantime it is planned again on what is there then. A store that is not there is
    made only when there is something to write."""
    from graph_service.cli.opening import NoStore, open_workspace

    with ExitStack() as stack:
        show = stack.enter_context(progress())
        try:
            workspace = stack.enter_context(open_workspace(store))
            is_new = False
        except NoStore:
            workspace = stack.enter_context(open_workspace(IN_MEMORY))
            is_new = True
        attempts = 0
        while True:
            base, plan = planned(workspace, show)
            if dry_run or not plan.changes:
                return plan, None
            if is_new:
                workspace = stack.enter_context(open_workspace(store, create=True))
                is_new = False
            show("writing", 0, 0)
            try:
                outcome = workspace.commit(
                    plan.changes,
                    kind="applyChanges",
                    source="import",
                    importing=True,
                    expected=base,
                    want_changed=False,
                )
            except Conflict:
                attempts += 1
                if attempts == ATTEMPTS:
                    raise
                continue
            return plan, outcome.revision


def plan_on(
    workspace: Workspace,
    files: Sequence[Path],
    mapping: Path | None,
    on_problem: Literal["fail", "quarantine"],
    show: Show,
) -> tuple[int, ImportPlan]:
    """The revision that a store is at, and what some files come to there."""
    from graph_service.records import plan_import, read_records

    def on_progress(done: int, total: int) -> None:
        show("reading" if done < total else "checking", done, total)

    try:
        records = read_records(files, mapping=mapping, on_progress=on_progress)
    except Invalid as wrong:  # a file that cannot be read is wrong use, not a problem of its records
        raise typer.BadParameter(wrong.message) from None
    with workspace.reading() as graph:
        return graph.revision, plan_import(graph, records, on_problem=on_problem)


@contextmanager
def progress() -> Iterator[Show]:
    """Shows on a terminal how far the work is, and takes that away at the end; shows nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=None)
        yield lambda what, done, total: bars.update(task, description=what, completed=done, total=total or None)


def report_text(plan: ImportPlan, *, dry_run: bool, revision: int | None) -> str:
    """What came in, after what was wrong."""
    parts = [problems_text(plan.problems)] if plan.problems else []
    what = ", ".join(f"{count:,} {kind}" for kind, count in plan.counts.items() if count) or "nothing"
    if dry_run:
        parts.append(f"would import {what}")
    elif revision is None:
        parts.append("nothing to change: all of it is there already")
    else:
        parts.append(f"revision {revision}: imported {what}")
    return "\n".join(parts)


def problems_text(problems: Sequence[Problem]) -> str:
    """Problems, one a line and in the order of the files; then how many of each kind, and what was done."""
    from graph_service.cli.output import on_one_line, table

    lines = []
    for one in problems:
        whose = f"{one.id}: " if one.id is not None else ""
        lines.append(on_one_line(f"{one.file}:{one.line}: {whose}{one.message} [{one.action}]"))
    counts = Counter((one.kind.replace("_", " "), str(one.action)) for one in problems)
    rows = [(f"{count:,}", kind, action) for (kind, action), count in sorted(counts.items())]
    return "\n".join([*lines, "", table(("problems", "kind", "what was done"), rows), ""])


def report_json(
    plan: ImportPlan | None, problems: Sequence[Problem], *, dry_run: bool, revision: int | None = None
) -> dict[str, object]:
    """What came in and what was wrong, as a JSON value."""
    return {
        "revision": revision,
        "dryRun": dry_run,
        "refused": plan is None,
        "counts": {} if plan is None else dict(plan.counts),
        "problems": [one._asdict() for one in problems],
        "notes": [] if plan is None else [one._asdict() for one in plan.notes],
    }


def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write.  [default: standard output, as is -]")
    ] = STDOUT,
    format: Annotated[
        Literal["jsonl", "yaml", "csv"] | None,
        typer.Option(
            FORMAT, metavar="FORMAT", help="jsonl, yaml or csv.  [default: by the suffix of FILE, else jsonl]"
        ),
    ] = None,
    store: Store = None,
) -> int:
    """Write the whole graph as a record file: what `import` reads."""
    from graph_service.cli.opening import open_workspace
    from graph_service.cli.output import put_bytes
    from graph_service.records import write_records

    form = format or FORMS.get(Path(file).suffix.lower(), "jsonl" if file == STDOUT else "")
    if not form:
        raise typer.BadParameter(f"'{file}' has no suffix of a record file; say by {FORMAT} what to write")
    with open_workspace(store) as workspace, workspace.reading() as graph:
        pieces = write_records(graph, form)
        if file == STDOUT:
            put_bytes(pieces)
        else:
            write_file(Path(file), pieces)
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
