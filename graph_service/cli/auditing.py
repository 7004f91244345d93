"""Audits: of a store or of record files, compared with an earlier one, for people and for continuous integration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from graph_service.cli.options import FORMAT, AsOf, Json, Store, TextFormat, the_format
from graph_service.cli.pages import Group
from graph_service.errors import Invalid

if TYPE_CHECKING:
    from graph_service.alignment.audit.look import Rule
    from graph_service.alignment.audit.report import AuditReport, AuditSnapshot
    from graph_service.alignment.audit.rules import Rules

Answer = TypeVar("Answer")

RUN = "run"
STDOUT = "-"
BINARY = frozenset({"xlsx", "pdf"})

RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="A YAML file with severities, limits, words and exceptions; see `audit rules`."
    ),
]


class Audit(Group):
    """The commands about audits; what names none of them is ``run``."""

    def parse_args(self, ctx: object, args: list[str]) -> list[str]:
        """Puts ``run`` before what is meant for it."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [RUN, *args]
        found: list[str] = super().parse_args(ctx, args)  # type: ignore[arg-type]
        return found


def audit(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE", help="Record files to audit as they are, without a store.  [default: the store]"
        ),
    ] = None,
    rules: RulesFile = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="An earlier report (JSON) to compare with."),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="WHAT",
            help="End with exit code 1 on: error, warning, new, new-error, new-warning, quarantine or rules, separated "
            "by commas.",
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the figures in the store, for the trend; one a day, the last one wins.")
    ] = False,
    output: Annotated[
        str, typer.Option("--output", metavar="FILE", help="Where to write.  [default: standard output, as is -]")
    ] = STDOUT,
    mapping: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="A YAML file: which field each column of a CSV holds."),
    ] = None,
    as_of: AsOf = None,
    store: Store = None,
    table: Annotated[
        Literal["findings", "owners", "teams", "handovers", "goals"] | None,
        typer.Option(
            "--table",
            metavar="NAME",
            help="Of a CSV: findings, owners, teams, handovers or goals.  [default: findings]",
        ),
    ] = None,
    format: Annotated[
        Literal["text", "html", "md", "csv", "json", "xlsx", "pdf", "sarif", "junit"] | None,
        typer.Option(
            FORMAT,
            metavar="FORMAT",
            help="text, html, md, csv, json, sarif or junit; with the extra `xlsx` xlsx, with `pdf` pdf.  [default: by "
            "the suffix of --output, else text]",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """What is wrong with goals and their owners, and why it matters. Without FILE the store is audited."""
    chosen = the_form(format, json, output)
    if table is not None and chosen != "csv":
        raise typer.BadParameter(f"--table says which table a CSV holds; add {FORMAT} csv")
    if chosen in BINARY and output == STDOUT and sys.stdout.isatty():
        raise typer.BadParameter(f"{chosen} is nothing for a terminal; name a file by --output")
    words = checked("--fail-on", lambda: fail_words_of(fail_on))
    in_force = checked("--rules", lambda: rules_of(rules))
    earlier = checked("--baseline", lambda: report_of(baseline))
    if files and (store is not None or keep):
        raise typer.BadParameter("files are audited without a store; leave --store and --keep out")
    if mapping is not None and not files:
        raise typer.BadParameter("--map says how to read a CSV; name the file")
    from graph_service.alignment.audit.compare import compared, failing
    from graph_service.cli.output import say

    report = of_files(files, in_force, as_of, mapping) if files else of_store(store, in_force, as_of, keep=keep)
    if earlier is not None:
        report = compared(report, earlier)
    why = checked("--fail-on", lambda: failing(report, words))
    put_report(report, chosen, output, table)
    if why:
        say(f"failed on {', '.join(why)}")
    return 1 if why else 0


def checked(option: str, ask: Callable[[], Answer]) -> Answer:
    """What is asked for; a value of an option that cannot be is wrong use."""
    try:
        return ask()
    except Invalid as wrong:
        for problem in getattr(wrong, "problems", ())[1:]:
            from graph_service.cli.output import say

            say(problem)
        raise typer.BadParameter(wrong.message, param_hint=f"'{option}'") from None


def fail_words_of(text: str | None) -> tuple[str, ...]:
    """The words of ``--fail-on``; none where it is not given."""
    from graph_service.alignment.audit.compare import fail_words

    return () if text is None else fail_words(text)


def rules_of(file: Path | None) -> Rules:
    """The rules that a file holds, else the defaults."""
    from graph_service.alignment.audit import DEFAULTS
    from graph_service.records.audit_rules import read_rules

    return DEFAULTS if file is None else read_rules(file)


def report_of(file: Path | None) -> AuditReport | None:
    """An earlier report."""
    from graph_service.render.audit import report_from_json

    if file is None:
        return None
    try:
        data = file.read_bytes()
    except OSError as gone:
        raise Invalid(f"'{file}' cannot be read: {gone.strerror or gone}") from None
    return report_from_json(data, f"'{file}'")


def of_files(files: list[Path], rules: Rules, as_of: date | None, mapping: Path | None) -> AuditReport:
    """The audit of record files; the day is today in UTC, unless one is given."""
    from datetime import UTC, datetime

    from graph_service.cli.files import progress
    from graph_service.records.audit_files import audit_files

    with progress() as show:
        day = as_of or datetime.now(UTC).date()
        return checked(
            "FILE",
            lambda: audit_files(
                files, rules, day, mapping=mapping, on_progress=lambda done, total: show("reading", done, total)
            ),
        )


def of_store(store: str | None, rules: Rules, as_of: date | None, *, keep: bool) -> AuditReport:
    """The audit of a store, with the trend that is kept there."""
    from msgspec.structs import replace

    from graph_service.alignment.audit import audit as ask
    from graph_service.cli.opening import open_workspace

    with open_workspace(store) as workspace:
        with workspace.reading() as graph:
            report = ask(graph, rules, as_of or workspace.today())
        if keep:
            workspace.keep_audit(report)
        return replace(report, trend=workspace.audits())


def the_form(format: str | None, json: bool, output: str) -> str:
    """The form that is asked for: by name, else by the suffix of the file to write."""
    from graph_service.render.audit import BY_SUFFIX

    if format is None and not json and output != STDOUT:
        return BY_SUFFIX.get(Path(output).suffix.lower().removeprefix("."), "text")
    return the_format(format, json)


def put_report(report: AuditReport, chosen: str, output: str, table: str | None = None) -> None:
    """Writes a report in a form to where it is wanted."""
    from graph_service.cli.files import write_bytes_to
    from graph_service.cli.output import ascii_only, put_audit, width
    from graph_service.render.audit import FORMS, report_csv, report_text

    if chosen == "text" and output == STDOUT:
        put_audit(report_text(report, width(), ascii_only()))
        return
    if table is not None:
        content = report_csv(report, table).encode()
    else:
        content = FORMS[chosen].write(report)
    write_bytes_to(output, content)


def rules(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="RULE", help="Rules to explain.  [default: all, in a line each]")
    ] = None,
    file: RulesFile = None,
    show: Annotated[
        bool, typer.Option("--show", help="Write the rules in force as a rules file, whole, with their defaults.")
    ] = False,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """The rules of the audit: what each means, why it matters, and what is in force."""
    chosen = the_format(format, json)
    in_force = checked("--rules", lambda: rules_of(file))
    from graph_service.cli.output import put, put_json, width
    from graph_service.records.audit_rules import write_rules
    from graph_service.render.audit.catalogue import rule_json, rule_text, rules_text

    wanted = checked("RULE", lambda: rules_named(names or ()))
    if show:
        put(write_rules(in_force))
    elif chosen == "json":
        put_json([rule_json(rule, in_force) for rule in wanted])
    elif names:
        put("\n\n".join(rule_text(rule, in_force, width()) for rule in wanted))
    else:
        put(rules_text(wanted, in_force, width()))
    return 0


def rules_named(names: Sequence[str]) -> list[Rule]:
    """The rules with these ids, in any case; all of them where none is named."""
    from difflib import get_close_matches

    from graph_service.alignment.audit import BY_ID, CATALOGUE
    from graph_service.models.checks import shown

    for name in names:
        if name.upper() not in BY_ID:
            near = get_close_matches(name.upper(), list(BY_ID), 2, 0.6)
            hint = f"; did you mean {' or '.join(near)}?" if near else "; `graph-service audit rules` lists all"
            raise Invalid(f"there is no rule {shown(name)}{hint}")
    return [BY_ID[name.upper()] for name in names] or list(CATALOGUE)


def history(store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """The figures that were kept in the store by `audit --keep`, oldest first."""
    chosen = the_format(format, json)
    from graph_service.cli.opening import open_workspace
    from graph_service.cli.output import put, put_json, table
    from graph_service.render.letters import percent

    with open_workspace(store) as workspace:
        kept = workspace.audits()
    if chosen == "json":
        import msgspec

        put_json(msgspec.to_builtins(kept))
        return 0
    if not kept:
        put("no audit was kept yet; keep one by `graph-service audit --keep`")
        return 0

    def row(one: AuditSnapshot) -> tuple[str, ...]:
        many = one.totals
        shares = (one.alignment, one.ownership, one.measurability, one.freshness)
        counts = (str(many.errors), str(many.warnings), str(many.infos))
        return (one.as_of.isoformat(), *counts, *(percent(share, "-") for share in shares))

    heads = ("day", "errors", "warnings", "infos", "alignment", "ownership", "measurability", "freshness")
    put(table(heads, [row(one) for one in kept]))
    return 0
