"""All commands in one tree, under headings that follow what a person wants to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated

import typer

from graph_service.cli import auditing, backups, files, reading, serving, store, tokens, writing
from graph_service.cli.pages import Command, Group

ASK = "Ask"
CHANGE = "Change"
EXCHANGE = "Bring in and take out"
SERVE = "Serve"
KEEP = "Look after"

EPILOG = (
    "--store, --as-of, --format and --json may also stand before the command. Exit codes: 0 fine; 1 refused, not found,"
    " left out or damaged; 2 wrong use; 3 the store cannot be reached or read."
)


def show_version(wanted: bool) -> None:
    """Writes the version and ends."""
    if wanted:
        from graph_service import __version__
        from graph_service.cli.output import put

        put(f"graph-service {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Objectives, key results and their owners as one graph: ladders, cascades, exact progress and orphans."""


@cache
def app() -> typer.Typer:
    """The whole command line."""
    made = typer.Typer(
        cls=Group, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, epilog=EPILOG
    )
    made.callback()(root)

    def add(heading: str, name: str, function: Callable[..., int], **settings: object) -> None:
        made.command(name, cls=Command, rich_help_panel=heading, context_settings=settings)(function)

    add(ASK, "ladder", reading.ladder)
    add(ASK, "cascade", reading.cascade)
    add(ASK, "org", reading.org)
    add(ASK, "orphans", reading.orphans)
    add(ASK, "explain", reading.explain)
    add(ASK, "leverage", reading.leverage)
    add(ASK, "show", reading.show)
    audits = typer.Typer(cls=auditing.Audit, help="What is wrong with goals and owners.", rich_markup_mode=None)
    audits.callback()(lambda: None)
    audits.command("run", cls=Command)(auditing.audit)
    audits.command("rules", cls=Command)(auditing.rules)
    audits.command("history", cls=Command)(auditing.history)
    made.add_typer(audits, name="audit", rich_help_panel=ASK)
    # a value may be negative, and is no option then
    add(CHANGE, "check-in", writing.check_in, ignore_unknown_options=True)
    add(CHANGE, "link", writing.link)
    add(EXCHANGE, "import", files.import_files)
    add(EXCHANGE, "export", files.export)
    add(SERVE, "demo", serving.demo)
    add(SERVE, "serve", serving.serve)
    add(KEEP, "log", store.log)
    add(KEEP, "verify", store.verify)
    add(KEEP, "backup", backups.backup)
    add(KEEP, "restore", backups.restore)
    add(KEEP, "schema", store.schema)
    token = typer.Typer(cls=Group, help="Access tokens: who may ask, and how far.", rich_markup_mode=None)
    token.callback()(lambda: None)
    token.command("create", cls=Command)(tokens.create)
    token.command("list", cls=Command)(tokens.list_tokens)
    token.command("revoke", cls=Command)(tokens.revoke)
    made.add_typer(token, name="token", rich_help_panel=KEEP)
    config = typer.Typer(cls=Group, help="The settings and where they come from.", rich_markup_mode=None)
    config.callback()(lambda: None)
    config.command("show", cls=Command)(store.show_config)
    made.add_typer(config, name="config", rich_help_panel=KEEP)
    return made
