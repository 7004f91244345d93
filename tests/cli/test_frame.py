"""What holds for every command: exit codes, one line of error, options before and after, help at 80 columns."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from graph_service.cli import common_first, run
from graph_service.cli.commands import app
from graph_service.cli.opening import MANY, near
from graph_service.cli.pages import words
from graph_service.errors import StoreDamaged
from tests.cli.conftest import Command, revision

PROGRAM = [sys.executable, "-m", "graph_service"]


def paths() -> list[tuple[str, ...]]:
    """Every command, as it is typed."""
    root = typer.main.get_command(app())
    found: list[tuple[str, ...]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [(name,)] if inner is None else [(name, other) for other in inner]
    return found


def test_the_commands_are_those_that_were_promised() -> None:
    assert [" ".join(path) for path in paths()] == [
        "ladder", "cascade", "org", "orphans", "explain", "leverage", "show", "check-in", "link", "import", "export",
        "demo", "serve", "log", "verify", "backup", "restore", "copy", "schema",
        "audit run", "audit rules", "audit history", "token create", "token list", "token revoke", "config show",
    ]  # fmt: skip


@pytest.mark.parametrize("path", [(), *paths()], ids=" ".join)
def test_every_help_page_fits_into_80_columns_and_says_all(path: tuple[str, ...], graph_service: Command) -> None:
    done = graph_service(*path, "--help")
    assert (done.code, done.err) == (0, "")
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert "..." not in done.out.replace("FILE...", "").replace("RULE...", "").replace("COMMAND ...", "")
    command = typer.main.get_command(app())
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]
    for word in words(command):
        assert word.typed in done.out
        assert word.meaning


def test_without_a_command_the_help_page_is_shown(graph_service: Command) -> None:
    assert graph_service() == graph_service("--help")


def test_version(graph_service: Command) -> None:
    from graph_service import __version__

    assert graph_service("--version") == (0, f"graph-service {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bogus",), "no such command 'bogus'; see `graph-service --help`"),
        (("laddr", "x"), "no such command 'laddr'. Did you mean 'ladder'?; see `graph-service --help`"),
        (("--bogus", "ladder"), "no such option: --bogus; see `graph-service --help`"),
        (("ladder",), "missing argument 'ID'; see `graph-service ladder --help`"),
        (("ladder", "a", "b"), "got unexpected extra argument(s) (b); see `graph-service ladder --help`"),
        (("ladder", "a", "--depth", "2"), "no such option: --depth; see `graph-service ladder --help`"),
        (("config",), "missing command; see `graph-service config --help`"),
        (
            ("orphans", "--as-of", "2026-02-30"),
            (
                "invalid value for '--as-of': '2026-02-30' is no day; give one as YYYY-MM-DD; see"
                " `graph-service orphans --help`"
            ),
        ),
        (
            ("orphans", "--as-of", "20260201"),
            (
                "invalid value for '--as-of': '20260201' is no day; give one as YYYY-MM-DD; see `graph-service orphans"
                " --help`"
            ),
        ),
        (
            ("orphans", "--format", "text", "--json"),
            "--json and --format text exclude each other; give one of them; see `graph-service orphans --help`",
        ),
        (
            ("orphans", "--store", "harbour"),
            (
                "invalid value for '--store': 'harbour' is no address of a store; use sqlite:///name.db,"
                " sqlite:////full/path.db, sqlite:// (in memory), or neo4j://user@host/database; see"
                " `graph-service orphans --help`"
            ),
        ),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], message: str, graph_service: Command
) -> None:
    assert graph_service(*arguments) == (2, "", f"error: {message}\n")


def test_a_setting_that_cannot_be_is_named(graph_service: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_MAX_BODY", "two")
    done = graph_service("orphans")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: setting max_body (GRAPH_SERVICE_MAX_BODY) is 'two': ")
    assert done.err.count("\n") == 1


READING = [
    ("ladder", "fast-app"), ("cascade", "fast-app"), ("org",), ("orphans",), ("explain", "fast-app"),
    ("leverage", "fast-app"), ("show", "fast-app"), ("check-in", "answer-time", "5"), ("link", "fast-app", "dry-gates"),
    ("export",), ("log",), ("verify",),
]  # fmt: skip


@pytest.mark.parametrize("arguments", READING, ids=lambda arguments: arguments[0])
def test_a_store_that_is_not_there_is_not_made(
    arguments: tuple[str, ...], graph_service: Command, tmp_path: Path
) -> None:
    path = tmp_path / "nobody" / "was-here.db"
    done = graph_service(*arguments, "--store", f"sqlite:///{path}")
    assert done == (
        3,
        "",
        f"error: there is no store at {path}; make one by `graph-service import FILE`, or name another by --store\n",
    )
    assert not path.parent.exists()


@pytest.mark.parametrize("arguments", READING, ids=lambda arguments: arguments[0])
def test_a_file_that_is_no_store_is_left_alone(
    arguments: tuple[str, ...], graph_service: Command, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("bring the ferry timetable\n" * 40)
    before = path.read_bytes()
    done = graph_service(*arguments, "--store", f"sqlite:///{path}")
    assert done.code == 3 and done.out == ""
    assert done.err.startswith(f"error: {path} ") and done.err.count("\n") == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "sqlite:///harbour.db", "ladder", "grow-revenue", "--as-of", "2026-05-04"),
        ("ladder", "--store", "sqlite:///harbour.db", "grow-revenue", "--as-of", "2026-05-04"),
        ("ladder", "grow-revenue", "--as-of=2026-05-04", "--store=sqlite:///harbour.db"),
    ],
)
def test_common_options_may_stand_anywhere(
    arguments: tuple[str, ...], ask: Command, graph_service: Command, company: str
) -> None:
    here = tuple(word.replace("sqlite:///harbour.db", company) for word in arguments)
    assert graph_service(*here) == ask("ladder", "grow-revenue", "--as-of", "2026-05-04")


def test_common_options_are_put_before_two_dashes() -> None:
    assert common_first(["--json", "--as-of=2026-05-04", "show", "--", "-5"]) == [
        "show", "--json", "--as-of=2026-05-04", "--", "-5",
    ]  # fmt: skip


def test_the_store_of_the_environment_is_used(
    graph_service: Command, company: str, ask: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_STORE", company)
    assert graph_service("log") == ask("log")


def test_an_unknown_id_names_what_may_have_been_meant(ask: Command) -> None:
    assert ask("ladder", "Fast-App") == (
        1,
        "",
        "error: no goal has the id 'Fast-App'; did you mean 'fast-app' (The app answers in a [red]blink[/red])?\n",
    )
    assert ask("explain", "podcast").err == (
        "error: no goal has the id 'podcast'; did you mean 'podcast-guests' (Win guests for the podcast) or"
        " 'harbour-podcast' (Run a harbour podcast)?\n"
    )
    assert ask("cascade", "anser-time").err == (
        "error: no goal has the id 'anser-time'; did you mean 'answer-time' (Halve the answer time)?\n"
    )
    assert ask("leverage", "zzz").err == "error: no goal has the id 'zzz'\n"
    assert ask("ladder", "").err == "error: no goal has the id ''\n"
    assert ask("ladder", "grow\x1b[31m").err == "error: no goal has the id 'grow\\u001b[31m'\n"


def test_an_id_of_another_kind_says_so(ask: Command) -> None:
    assert ask("ladder", "ines") == (
        1,
        "",
        "error: 'ines' is a person, not a goal; `graph-service show` tells what is known of it\n",
    )


def test_an_empty_workspace_says_so(graph_service: Command) -> None:
    assert graph_service("ladder", "fast-app", "--store", "sqlite://") == (
        1,
        "",
        "error: no goal has the id 'fast-app': the workspace is empty\n",
    )


def test_guessing_stays_quick_in_a_large_workspace() -> None:
    from graph_service.alignment.vertices import Vertex
    from graph_service.models.nodes import Period

    candidates = {f"week-{number}": Vertex(Period(f"week-{number}", f"Week {number}"), 1) for number in range(MANY + 1)}
    assert near(candidates, "weak-17") == []
    assert near(candidates, "WEEK-17") == ["week-17", "week-170", "week-171"]


def test_a_bug_is_a_sentence_with_its_place(ask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("winter boat")

    monkeypatch.setattr("graph_service.cli.store.window", broken)
    done = ask("log")
    assert (done.code, done.out) == (70, "")
    assert done.err.startswith(
        "error: this is a bug in graph-service: KeyError: 'winter boat' (graph_service.cli.store:"
    )
    assert done.err.endswith("); please report it with the command that you ran\n")


def test_a_damaged_store_is_exit_code_3(ask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise StoreDamaged("page 7 holds what was not written")

    monkeypatch.setattr("graph_service.cli.store.window", damaged)
    assert ask("log") == (3, "", "error: page 7 holds what was not written\n")


def test_ctrl_c_is_no_traceback(ask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graph_service.cli.store.window", stopped)
    assert ask("log") == (130, "", "stopped\n")


@pytest.mark.parametrize("arguments", [("log", "--json"), ("export",), ("show", "fast-app")])
def test_a_reader_that_goes_away_is_no_error(arguments: tuple[str, ...], company: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*PROGRAM, *arguments, "--store", company], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.may_skip("a device of Linux")
def test_a_full_disk_is_a_sentence(company: str) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*PROGRAM, "log", "--store", company]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (
        1,
        b"error: reading or writing failed: No space left on device\n",
    )


def test_a_terminal_without_unicode_gets_every_title(company: str) -> None:
    command = [*PROGRAM, "show", "yuki", "--store", company]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=env, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[0] == rb"\u4f50\u85e4 \u7531\u7d00"
    assert rb"reports to       ines - In\xeas Carvalho" in done.stdout


def test_what_is_not_needed_is_not_loaded() -> None:
    """The help page comes at once, and a question does not wait for the server's frameworks."""
    heavy = "fastapi strawberry uvicorn networkx rich yaml graph_service.workspace"
    code = (
        "import sys\n"
        "from graph_service.cli import run\n"
        "run(['--help'])\n"
        f"sys.exit(' '.join(name for name in {heavy.split()} if name in sys.modules) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_question_does_not_wait_for_the_frameworks_of_the_server(company: str) -> None:
    heavy = "fastapi strawberry uvicorn networkx rich yaml jsonschema"
    code = (
        "import sys\n"
        "from graph_service.cli import run\n"
        f"assert run(['ladder', 'fast-app', '--store', {company!r}]) == 0\n"
        f"sys.exit(' '.join(name for name in {heavy.split()} if name in sys.modules) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_module_runs_the_same_program(company: str) -> None:
    done = subprocess.run([*PROGRAM, "show", "ghost", "--store", company], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"error: no node has the id 'ghost'\n")


def test_nothing_is_written_by_a_refused_command(ask: Command, company: str) -> None:
    assert ask("link", "grow-revenue", "podcast-guests", "--kind", "parent").code == 0
    assert ask("link", "podcast-guests", "grow-revenue").code == 1
    assert revision(company) == 3
    assert run(["link", "podcast-guests", "grow-revenue", "--store", company]) == 1
    assert revision(company) == 3
