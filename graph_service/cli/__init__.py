"""The command line: one question or one change a command.

Exit codes: 0 fine; 1 refused, not found, or something was left out or found wrong; 2 wrong use; 3 the store cannot be
reached or is damaged. What is heavy is imported by the commands that need it, so that each starts at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

FINE, REFUSED, WRONG_USE, STORE_FAULT = 0, 1, 2, 3
BUG = 70
STOPPED = 130
READER_GONE = 141


def main() -> None:
    """Runs the command that the process was started with, and ends it with the exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command; its exit code. Whatever goes wrong is one line on stderr, never a traceback."""
    import typer

    from graph_service.cli import output
    from graph_service.cli.commands import app
    from graph_service.errors import Fault, Refusal

    output.prepare()
    try:
        code = FINE
        try:
            with typer.main.get_command(app()).make_context(
                "graph-service", common_first(arguments or ["--help"])
            ) as context:
                code = context.command.invoke(context) or FINE
        finally:
            sys.stdout.flush()
        return code
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as wrong:
        path = getattr(getattr(wrong, "ctx", None), "command_path", None)
        output.error(wrong_use(wrong.format_message(), path))
        return WRONG_USE
    except Refusal as refusal:
        output.error(refusal.message)
        return REFUSED
    except Fault as fault:
        output.error(str(fault))
        return STORE_FAULT
    except (KeyboardInterrupt, typer.Abort):
        output.say("stopped")
        return STOPPED
    except BrokenPipeError:
        output.drop_stdout()
        return READER_GONE
    except OSError as failed:
        where = f": {failed.filename}" if failed.filename else ""
        output.error(f"reading or writing failed: {failed.strerror or failed}{where}")
        output.drop_stdout()
        return REFUSED
    except Exception as bug:  # noqa: BLE001  # the last resort: a person gets a sentence, whatever it is
        output.error(
            f"this is a bug in graph-service: {type(bug).__name__}: {bug} ({place(bug)}); please report it with the"
            " command that you ran"
        )
        return BUG


def common_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with the common options that stand before the command put where the command reads them.

    >>> common_first(["--store", "sqlite:///a.db", "ladder", "grow-revenue"])
    ['ladder', 'grow-revenue', '--store', 'sqlite:///a.db']
    """
    from graph_service.cli.options import AS_OF, FORMAT, JSON, STORE

    rest = list(arguments)
    moved: list[str] = []
    while rest:
        name, has_value, _ = rest[0].partition("=")
        if name not in {STORE, AS_OF, FORMAT, JSON}:
            break
        size = 1 if has_value or name == JSON else 2
        moved += rest[:size]
        del rest[:size]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *moved, *rest[end:]]


def wrong_use(message: str, path: str | None) -> str:
    """A sentence for somebody who used a command wrongly, and where its use is described (``path``: the command).

    >>> wrong_use("Missing argument 'ID'.", "graph-service ladder")
    "missing argument 'ID'; see `graph-service ladder --help`"
    """
    text = message.removeprefix("Invalid value: ").replace(": Value error, ", ": ").rstrip(".")
    if text[1:2].islower():
        text = text[:1].lower() + text[1:]
    return text if path is None else f"{text}; see `{path} --help`"


def place(bug: BaseException) -> str:
    """Where in the package something went wrong: the innermost line of it."""
    at, trace = "nowhere known", bug.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.partition(".")[0] == __name__.partition(".")[0]:
            at = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return at
