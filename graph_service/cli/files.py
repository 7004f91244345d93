"""Commands that exchange record files: what comes in, what was wrong with it, what goes out."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from graph_service.cli.options import FORMAT, Json, Store, TextFormat, the_format
from graph_service.errors import Conflict, Invalid

if TYPE_CHECKING:
    from graph_service.records import ImportPlan
    from graph_service.records.problems import Problem
    from graph_service.workspace import Workspace

STDOUT = "-"
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
            put(problems_text(refused.problems).rstrip())
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


WORDS = {
    "objective": ("objective", "objectives"),
    "key_result": ("key result", "key results"),
    "owner": ("person", "people"),
    "team": ("team", "teams"),
    "period": ("period", "periods"),
    "initiative": ("initiative", "initiatives"),
    "kpi": ("KPI", "KPIs"),
    "role": ("role charter", "role charters"),
    "check_in": ("check-in", "check-ins"),
}
"""What is counted, by its name among the counts of an import."""


def report_text(plan: ImportPlan, *, dry_run: bool, revision: int | None) -> str:
    """What came in, after all that was wrong or is worth knowing."""
    from graph_service.cli.output import width
    from graph_service.records.problems import Action

    counts = plan.counts
    new = ", ".join(many(count, *WORDS[name]) for name in WORDS if (count := counts.get(name, 0)))
    kept = counts.get("references", 0)
    everything = counts["records"] and all(one.action is not Action.QUARANTINED for one in plan.problems)
    written = "none, all of it is there already" if everything else "none, nothing came in"
    if dry_run:
        written = "none, this was a dry run"
    rows = (
        ("records", f"{counts['records']:,}"),
        ("new", new),
        ("changed", f"{counts['changed']:,}" if counts["changed"] else ""),
        ("unchanged", f"{counts['unchanged']:,}" if counts["unchanged"] else ""),
        ("references", f"{kept:,} to nothing, kept as text" if kept else ""),
        ("revision", written if revision is None else str(revision)),
    )
    wrap = TextWrapper(width(), subsequent_indent=" " * 12, break_on_hyphens=False)
    lines = [line for label, value in rows if value for line in wrap.wrap(f"{label:<12}{value}")]
    return problems_text(plan.problems, plan.notes) + "\n".join(lines)


def many(count: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else several}"


def problems_text(problems: Sequence[Problem], notes: Sequence[Problem] = ()) -> str:
    """Problems, one a line and in the order of the files, then what else is worth knowing; last how many there are of
    each kind, and what was done about them. Empty if there is nothing to tell."""
    from graph_service.cli.output import on_one_line, table

    lines = []
    for one in (*problems, *notes):
        whose = f"{one.id}: " if one.id is not None else ""
        lines.append(on_one_line(f"{one.file}:{one.line}: {whose}{one.message} [{one.action}]"))
    for heading, several in (("problems", problems), ("notes", notes)):
        counts = Counter((one.kind.replace("_", " "), str(one.action)) for one in several)
        rows = [(f"{count:>8,}", kind, action) for (kind, action), count in sorted(counts.items())]
        if rows:
            lines += ["", table((heading.rjust(8), "kind", "what was done"), rows)]
    return "".join(f"{line}\n" for line in [*lines, *([""] if lines else [])])


def report_json(
    plan: ImportPlan | None, problems: Sequence[Problem], *, dry_run: bool, revision: int | None = None
) -> dict[str, object]:
    """What came in and what was wrong, as a JSON value."""
    return {
        "revision": revision,
        "dryRun": dry_run,
        "refused": plan is None,
        "counts": {} if plan is None else plan.counts,
        "problems": [problem_json(one) for one in problems],
        "notes": [] if plan is None else [problem_json(one) for one in plan.notes],
    }


def problem_json(problem: Problem) -> dict[str, object]:
    """A problem as a JSON value."""
    link = None if problem.link is None else dict(zip(("from", "to", "kind"), problem.link, strict=True))
    return {**problem._asdict(), "link": link}


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
    from graph_service.cli.output import binary_stdout
    from graph_service.records import export_records, write_csv, write_jsonl, write_yaml
    from graph_service.records.read import FORMS_BY_SUFFIX

    form = format or FORMS_BY_SUFFIX.get(Path(file).suffix.lower(), "jsonl" if file == STDOUT else "")
    if not form:
        raise typer.BadParameter(f"'{file}' has no suffix of a record file; say by {FORMAT} what to write")
    write = {"jsonl": write_jsonl, "yaml": write_yaml, "csv": write_csv}[form]
    with open_workspace(store) as workspace, workspace.reading() as graph:

        def records(out: BinaryIO) -> None:
            text = TextIOWrapper(out, "utf-8", newline="")
            write(export_records(graph), text)
            text.detach()

        if file == STDOUT:
            records(binary_stdout())
        else:
            write_file(Path(file), records)
    return 0


def write_bytes_to(output: str, content: bytes) -> None:
    """Writes bytes to a file, whole or not at all, or to standard output (``-``)."""
    from graph_service.cli.output import put_bytes

    if output == STDOUT:
        put_bytes([content])
    else:
        write_file(Path(output), lambda out: out.write(content))


def write_file(file: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file whole or not at all: beside its place, synced, then moved there. Folders are made."""
    try:
        if file.exists() and not file.is_file():  # a device or a pipe takes what it is given
            with file.open("wb") as out:
                write(out)
            return
        target = file.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                write(out)
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
