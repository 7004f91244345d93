"""The reference of commands and settings, made from the program itself: ``python -m tests.cli.reference`` writes it."""

from collections.abc import Iterator
from pathlib import Path

import typer

from graph_service.cli.commands import app
from graph_service.cli.pages import Word, words
from graph_service.settings import Settings

FILE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"

HEAD = """\
# Commands and settings

Made from the program itself; `python -m tests.cli.reference` writes this page anew.

`graph-service COMMAND --help` shows the same at the terminal, and `python -m graph_service` is the same program.
An id that begins with a dash stands after `--`. Answers go to standard output and are the same bytes for the same store
and day; all else goes to standard error. `NO_COLOR` turns colours off, `COLUMNS` says how wide a line may be; without
it a line in a pipe has 80 columns.

| exit code | meaning |
| --- | --- |
| 0 | fine |
| 1 | refused, not found, something was left out of an import, or a check found something; a refusal changes nothing |
| 2 | wrong use: an option, a file or a setting that cannot be |
| 3 | the store cannot be reached, is damaged or was made by a newer version |

Common options, which may stand before the command too:

"""

SETTINGS = """
## Settings

Each is an environment variable; an option of the command line comes before it. `graph-service config show` tells what
is in force.

| setting | default | meaning |
| --- | --- | --- |
"""


COMMON = ("--store URL", "--as-of DAY", "--format FORMAT", "--json")


def cell(text: str) -> str:
    """A text in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def commands() -> Iterator[tuple[str, str, typer.core.TyperCommand]]:
    """Heading, path and command, in the order of the help page."""
    root = typer.main.get_command(app())
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        for path, one in [(name, command)] if inner is None else [(f"{name} {last}", inner[last]) for last in inner]:
            yield command.rich_help_panel, path, one


def table(rows: list[Word]) -> Iterator[str]:
    """What is typed, and what it means."""
    yield "| argument or option | meaning |\n| --- | --- |\n"
    for word in rows:
        yield f"| `{word.typed}` | {cell(word.meaning)} |\n"


def reference() -> str:
    """The whole page."""
    all_commands = [*commands()]
    common = {word.typed: word for *_, command in all_commands for word in words(command) if word.typed in COMMON}
    parts = [HEAD, *table([common[typed] for typed in COMMON])]
    known = None
    for heading, path, command in all_commands:
        if heading != known:
            parts.append(f"\n## {heading}\n")
            known = heading
        known_words = words(command)
        typed = [word.typed for word in known_words if not word.is_option]
        parts.append(f"\n### `graph-service {' '.join([path, *typed, '[OPTIONS]'])}`\n\n{command.help}\n\n")
        own = [word for word in known_words if word != common.get(word.typed)]
        if own:
            parts += [*table(own), "\n"]
        shared = [f"`{word.typed}`" for word in known_words if word not in own]
        parts.append(f"Common options: {', '.join(shared)}\n" if shared else "No common options.\n")
    parts.append(SETTINGS)
    for name, field in Settings.model_fields.items():
        default = "a file in your data folder" if name == "store" else f"`{field.default}`"
        parts.append(f"| `GRAPH_SERVICE_{name.upper()}` | {default} | {cell(field.description or '')} |\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(reference(), encoding="utf-8")
