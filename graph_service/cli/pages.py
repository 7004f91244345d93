"""Help pages: what a command is called with, in words chosen here and not derived from types."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from typer.core import TyperCommand, TyperGroup


class Page(Protocol):
    """What a help page is written on."""

    width: int

    def section(self, name: str) -> AbstractContextManager[None]:
        """A part of the page under a heading."""

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Words, each with its meaning."""

    def write_usage(self, prog: str, args: str) -> None:
        """How the command is called."""


class Word(NamedTuple):
    """An argument or option as it is typed, and what it means."""

    typed: str
    meaning: str
    is_option: bool


def words(command: object) -> list[Word]:
    """The arguments and options of a command, in order; ``--help`` is not among them."""
    found = []
    for param in getattr(command, "params", ()):
        is_option = param.param_type_name == "option"
        if is_option:
            typed = ", ".join(param.opts) + ("" if param.is_flag else f" {param.metavar}")
        else:
            typed = f"{param.metavar}..." if param.nargs != 1 else str(param.metavar)
            typed = typed if param.required else f"[{typed}]"
        found.append(Word(typed, param.help or "", is_option))
    return found


class Command(TyperCommand):
    """A command with its help page."""

    def format_usage(self, ctx: object, formatter: Page) -> None:
        """Writes how it is called."""
        arguments = [word.typed for word in words(self) if not word.is_option]
        formatter.write_usage(getattr(ctx, "command_path", self.name or ""), " ".join([*arguments, "[OPTIONS]"]))

    def format_options(self, ctx: object, formatter: Page) -> None:
        """Writes what its arguments and options mean."""
        known = words(self)
        if arguments := [(word.typed, word.meaning) for word in known if not word.is_option]:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        with formatter.section("Options"):
            formatter.write_dl(
                [
                    *((word.typed, word.meaning) for word in known if word.is_option),
                    ("--help", "Show this page and exit."),
                ]
            )


class Group(TyperGroup):
    """Commands under the headings of their groups, in the order in which they were added."""

    def format_usage(self, ctx: object, formatter: Page) -> None:
        """Writes how they are called."""
        formatter.write_usage(getattr(ctx, "command_path", self.name or ""), "COMMAND ...")

    def format_options(self, ctx: object, formatter: Page) -> None:
        """Writes the list of commands, then the options."""
        longest = max(len(name) for name in self.commands)
        headings: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            meaning = command.get_short_help_str(formatter.width - longest - 4)
            headings.setdefault(heading, []).append((name.ljust(longest), meaning))
        for heading, rows in headings.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
        Command.format_options(self, ctx, formatter)  # type: ignore[arg-type]  # it needs the options only
