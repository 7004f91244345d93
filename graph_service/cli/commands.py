"""All commands in one tree, under headings that follow what a person wants to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Annotated, Protocol

import typer
from typer.core import TyperGroup

from graph_service.cli import files, reading, serving, store, writing

ASK = "Ask"
CHANGE = "Change"
EXCHANGE = "Exchange"
SERVE = "Serve"
KEEP = "Look after"


class HelpPage(Protocol):
    """What a help page is written on."""

    width: int

    def section(self, name: str) -> AbstractContextManager[None]:
        """A part of the page under a heading."""

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Words with what they mean."""


class Grouped(TyperGroup):
    """Lists commands under the headings of their groups, in the order in which they were added."""

    def format_commands(self, ctx: object, formatter: HelpPage) -> None:
        """Writes the list."""
        longest = max(len(name) for name in self.commands)
        headings: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            meaning = command.get_short_help_str(formatter.width - longest - 6)
            headings.setdefault(heading, []).append((name.ljust(longest), meaning))
        for heading, rows in headings.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


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


EPILOG = (
    "--store, --as-of, --format and --json may also stand before the command. "
    "Exit codes: 0 fine, 1 refused, not found or left out, 2 wrong use, 3 store unreachable or damaged."
)


@cache
def app() -> typer.Typer:
    """The whole command line."""
    made = typer.Typer(
        cls=Grouped,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=EPILOG,
    )
    made.callback()(root)

    def add(heading: str, name: str, function: Callable[..., int], **settings: object) -> None:
        made.command(name, rich_help_panel=heading, context_settings=settings)(function)

    add(ASK, "ladder", reading.ladder)
    add(ASK, "cascade", reading.cascade)
    add(ASK, "org", reading.org)
    add(ASK, "orphans", reading.orphans)
    add(ASK, "explain", reading.explain)
    add(ASK, "leverage", reading.leverage)
    add(ASK, "show", reading.show)
    # a value may be negative, and is no option then
    add(CHANGE, "check-in", writing.check_in, ignore_unknown_options=True)
    add(CHANGE, "link", writing.link)
    add(EXCHANGE, "import", files.import_files)
    add(EXCHANGE, "export", files.export)
    add(SERVE, "demo", serving.demo)
    add(SERVE, "serve", serving.serve)
    add(KEEP, "log", store.log)
    add(KEEP, "verify", store.verify)
    add(KEEP, "schema", store.schema)
    config = typer.Typer(help="Settings and where they come from.", rich_markup_mode=None, no_args_is_help=False)
    config.callback()(lambda: None)
    config.command("show")(store.show_config)
    made.add_typer(config, name="config", rich_help_panel=KEEP)
    return made
