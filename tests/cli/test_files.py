"""import and export: what comes in, what was wrong, what goes out, and that nothing is half done."""

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from graph_service.cli import files
from graph_service.cli.files import write_file
from graph_service.errors import Conflict
from graph_service.models.changes import CreatePeriod
from graph_service.render.letters import room
from graph_service.workspace import Workspace
from tests.cli.conftest import Command, revision

PROGRAM = [sys.executable, "-m", "graph_service"]

SOUND: list[dict[str, object]] = [
    {"kind": "period", "id": "q3", "title": "Third quarter", "start": "2026-07-01", "end": "2026-09-30"},
    {"kind": "owner", "id": "omar", "title": "Omar Haddad", "type": "person"},
    {"kind": "objective", "id": "quiet-boats", "title": "Boats that one hears last", "owner": "omar", "cycle": "q3"},
    {"kind": "key_result", "id": "decibels", "title": "70 dB at full speed", "parent": "quiet-boats",
     "baseline": 85, "target": 70, "current": 82, "unit": "dB"},
]  # fmt: skip
WRONG: list[dict[str, object]] = [
    {"kind": "objective", "id": "quiet-boats", "title": "Said twice"},
    {"kind": "objective", "id": "night-boat", "title": "A night boat", "parent": "more-boats", "due": "2026-14-01"},
    {"kind": "edge", "type": "parent", "from": "quiet-boats", "to": "quiet-boats"},
    {"kind": "objective", "id": "untitled"},
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test, to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path, *records: dict[str, object]) -> Path:
    """A JSON Lines file with these records."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def test_sound_records_come_in_as_one_revision(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND)
    assert graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db") == (
        0,
        "records     4\nnew         1 objective, 1 key result, 1 person, 1 period, 1 check-in\nrevision    1\n",
        "",
    )
    with Workspace.open("sqlite:///boats.db") as workspace, workspace.reading() as graph:
        goal = graph.goal("quiet-boats")
        assert goal is not None and goal.value == 0.2
        [entry] = workspace.store.changes(0)
        assert entry.source == "import"


def test_the_same_file_again_changes_nothing(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND)
    first = graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db")
    again = graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db")
    assert (first.code, again) == (
        0,
        (
            0,
            "records     4\nunchanged   4\nrevision    none, all of it is there already\n",
            "",
        ),
    )
    assert revision("sqlite:///boats.db") == 1


def test_what_was_quarantined_is_not_said_to_be_there(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND)
    written(here / "wrong.jsonl", {"kind": "objective", "id": "untitled"})
    written(here / "empty.jsonl")
    assert graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db").code == 0
    wrong = graph_service("import", "wrong.jsonl", "--on-problem", "quarantine", "--store", "sqlite:///boats.db")
    assert (wrong.code, wrong.out.splitlines()[-2:]) == (1, ["records     1", "revision    none, nothing came in"])
    empty = graph_service("import", "empty.jsonl", "--store", "sqlite:///boats.db")
    assert empty == (0, "records     0\nrevision    none, nothing came in\n", "")
    assert revision("sqlite:///boats.db") == 1


def test_a_known_record_changes_what_it_names(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND)
    graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db")
    written(here / "later.jsonl", {"kind": "owner", "id": "omar", "title": "Omar Haddad-Lund", "type": "person"})
    assert graph_service("import", "later.jsonl", "--store", "sqlite:///boats.db").out == (
        "records     1\nchanged     1\nrevision    2\n"
    )


def test_any_problem_refuses_the_whole_run_and_all_are_listed(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND, *WRONG)
    done = graph_service("import", "boats.jsonl", "--store", "sqlite:///boats.db")
    assert done.code == 1
    assert done.err == (
        "error: nothing was imported; correct what is listed, or import the rest by --on-problem quarantine\n"
    )
    lines = done.out.splitlines()
    listed = lines[: lines.index("")]
    assert [line.split(": ")[0] for line in listed] == [f"boats.jsonl:{line}" for line in (5, 6, 6, 7, 8)]
    assert all(line.endswith(" [refused]") for line in listed)
    assert "'more-boats'" in listed[1] + listed[2] and "2026-14-01" in listed[1] + listed[2]
    assert lines[lines.index("") + 1].split() == ["problems", "kind", "what", "was", "done"]
    assert sum(int(line.split()[0]) for line in lines[lines.index("") + 2 :]) == 5
    assert not (here / "boats.db").exists()


def test_a_refused_run_leaves_a_filled_store_as_it_was(graph_service: Command, here: Path, company: str) -> None:
    written(here / "boats.jsonl", *SOUND, *WRONG)
    assert graph_service("import", "boats.jsonl", "--store", company).code == 1
    assert revision(company) == 2
    assert graph_service("show", "omar", "--store", company).code == 1


def test_quarantine_brings_in_what_is_sound(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND, *WRONG)
    done = graph_service("import", "boats.jsonl", "--on-problem", "quarantine", "--store", "sqlite:///boats.db")
    assert (done.code, done.err) == (1, "")
    assert done.out.endswith(
        "\n"
        "records     8\n"
        "new         2 objectives, 1 key result, 1 person, 1 period, 1 check-in\n"
        "references  1 to nothing, kept as text\n"
        "revision    1\n"
    )
    actions = [found[1] for line in done.out.splitlines() if (found := re.search(r" \[([a-z ]+)\]$", line))]
    assert sorted(actions) == ["kept as reference", "left out", "quarantined", "quarantined", "quarantined"]
    assert graph_service("show", "night-boat", "--store", "sqlite:///boats.db").code == 0
    assert graph_service("show", "untitled", "--store", "sqlite:///boats.db").code == 1


def test_a_dry_run_writes_nothing_and_makes_no_store(graph_service: Command, here: Path, company: str) -> None:
    written(here / "boats.jsonl", *SOUND)
    done = graph_service("import", "boats.jsonl", "--dry-run", "--store", "sqlite:///boats.db")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("revision    none, this was a dry run\n")
    assert not (here / "boats.db").exists()
    assert graph_service("import", "boats.jsonl", "--dry-run", "--store", company) == done
    assert revision(company) == 2


def test_the_report_as_json(graph_service: Command, here: Path) -> None:
    written(here / "boats.jsonl", *SOUND, *WRONG)
    arguments = ("import", "boats.jsonl", "--json", "--store", "sqlite:///boats.db")
    refused = graph_service(*arguments)
    assert refused.code == 1
    answer = json.loads(refused.out)
    assert (answer["refused"], answer["revision"], answer["dryRun"], answer["counts"]) == (True, None, False, {})
    assert [problem["line"] for problem in answer["problems"]] == [5, 6, 6, 7, 8]
    taken = graph_service(*arguments, "--on-problem", "quarantine")
    assert (taken.code, taken.err) == (1, "")
    answer = json.loads(taken.out)
    assert (answer["refused"], answer["revision"], answer["counts"]["objective"]) == (False, 1, 2)
    [dangling] = [problem for problem in answer["problems"] if problem["kind"] == "DANGLING"]
    assert (dangling["file"], dangling["line"], dangling["id"], dangling["field"], dangling["value"]) == (
        "boats.jsonl", 6, "night-boat", "parent", "more-boats",
    )  # fmt: skip
    assert dangling["action"] == "KEPT_AS_REFERENCE"
    assert dangling["link"] == {"from": "night-boat", "to": "more-boats", "kind": "PARENT"}


def test_a_csv_with_other_columns_is_read_by_a_map(graph_service: Command, here: Path) -> None:
    (here / "goals.csv").write_text("Goal,From,To,Remark\nRide to the islands,10,40,\n")
    (here / "map.yaml").write_text(
        "columns:\n  Goal: title\n  From: baseline\n  To: target\n  Remark: null\nconstants:\n  kind: key_result\n"
        "  parent: fast-boats\n"
    )
    written(here / "boats.jsonl", {"kind": "objective", "id": "fast-boats", "title": "Fast boats"})
    arguments = ("import", "boats.jsonl", "goals.csv", "--map", "map.yaml", "--store", "sqlite:///boats.db")
    done = graph_service(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "new         1 objective, 1 key result\n" in done.out
    assert "Ride to the islands" in graph_service("cascade", "fast-boats", "--store", "sqlite:///boats.db").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.jsonl",), "file 'nothing.jsonl' cannot be read: No such file or directory"),
        (("notes.txt",), "file 'notes.txt' is of no known form; name it .jsonl, .ndjson, .json, .yaml, .yml, .csv"),
        (("boats.jsonl", "--map", "map.yaml"), ("map says how the columns of a CSV are named, and there is no CSV file;"
         " leave it out")),
        (("boats.jsonl", "--on-problem", "ignore"), ("invalid value for '--on-problem': 'ignore' is not one of 'fail',"
         " 'quarantine'")),
        ((), "missing argument 'FILE'"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(
    arguments: tuple[str, ...], message: str, graph_service: Command, here: Path
) -> None:
    (here / "notes.txt").write_text("bring the timetable")
    written(here / "boats.jsonl", *SOUND)
    done = graph_service("import", *arguments, "--store", "sqlite:///boats.db")
    assert done == (2, "", f"error: {message}; see `graph-service import --help`\n")
    assert not (here / "boats.db").exists()


def test_an_import_is_planned_again_when_somebody_else_wrote(
    graph_service: Command, here: Path, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known by then is changed, not made a second time."""
    written(here / "boats.jsonl", *SOUND)
    plan_on = files.plan_on
    planned: list[int] = []

    def interrupted(workspace: Workspace, *rest: object) -> object:
        plan = plan_on(workspace, *rest)  # type: ignore[arg-type]
        if not planned:
            with Workspace.open(company) as other:
                other.commit([CreatePeriod(id="q3", title="Summer")])
        planned.append(plan[0])
        return plan

    monkeypatch.setattr(files, "plan_on", interrupted)
    done = graph_service("import", "boats.jsonl", "--store", company)
    assert (done.code, planned) == (0, [2, 3])
    assert done.out == (
        "records     4\nnew         1 objective, 1 key result, 1 person, 1 check-in\nchanged     1\nrevision    4\n"
    )


def test_an_import_gives_up_when_somebody_else_always_writes(
    graph_service: Command, here: Path, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(here / "boats.jsonl", *SOUND)

    def taken(*_: object, **__: object) -> None:
        raise Conflict("expectedRevision 2: the workspace is at revision 3 now; read it again and decide anew")

    monkeypatch.setattr(Workspace, "commit", taken)
    done = graph_service("import", "boats.jsonl", "--store", company)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: expectedRevision 2: ")


def on_a_terminal(arguments: list[str], folder: Path) -> tuple[int, bytes, bytes]:
    """Runs a command with stderr on a terminal of 80 columns and stdout in a pipe: exit code, stdout, stderr."""
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        stdin=theirs,
        cwd=folder,
        env=env | {"TERM": "xterm-256color", "COLUMNS": "80"},
    )
    os.close(theirs)
    assert process.stdout is not None
    shown, answer = b"", b""
    open_ends = {ours, process.stdout.fileno()}
    while open_ends:
        for end in select.select(open_ends, [], [], 60)[0]:
            try:
                piece = os.read(end, 65536)
            except OSError:  # the other side of the terminal is closed
                piece = b""
            if not piece:
                open_ends.discard(end)
            elif end == ours:
                shown += piece
            else:
                answer += piece
    os.close(ours)
    process.stdout.close()
    return process.wait(60), answer, shown


def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(here: Path) -> None:
    crews: list[dict[str, object]] = [{"kind": "team", "id": f"crew-{n}", "title": "Crew"} for n in range(3000)]
    written(here / "boats.jsonl", *SOUND, *crews)
    arguments = ["import", "boats.jsonl", "--store", "sqlite:///boats.db"]
    code, answer, shown = on_a_terminal(arguments, here)
    assert code == 0
    assert answer.decode() == (
        "records     3,004\n"
        "new         1 objective, 1 key result, 1 person, 3,000 teams, 1 period, 1\n"
        "            check-in\n"
        "revision    1\n"
    )
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown).decode()
    steps = [line.strip() for line in re.split(r"[\r\n]+", plain) if line.strip()]
    assert {step.split()[0] for step in steps} <= {"reading", "checking", "writing"}
    assert any(step.startswith("writing") for step in steps)
    assert max(room(step) for step in steps) <= 80
    assert shown.endswith((b"\x1b[2K", b"\x1b[?25h", b"\x1b[1A\x1b[2K"))  # it is taken away, the cursor is back
    done = subprocess.run([*PROGRAM, *arguments], cwd=here, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout


def test_an_export_goes_to_stdout_or_into_a_file(ask: Command, here: Path) -> None:
    printed = ask("export")
    assert (printed.code, printed.err) == (0, "")
    records = [json.loads(line) for line in printed.out.splitlines()]
    assert {record["kind"] for record in records} >= {"period", "team", "owner", "objective", "key_result", "check_in"}
    assert ask("export", "-") == printed
    assert ask("export", "company.jsonl") == (0, "", "")
    assert (here / "company.jsonl").read_text() == printed.out


@pytest.mark.parametrize("name", ["company.jsonl", "company.yaml", "company.csv"])
def test_an_export_comes_in_again_as_it_was(name: str, ask: Command, graph_service: Command, here: Path) -> None:
    assert ask("export", name).code == 0
    done = graph_service("import", name, "--on-problem", "quarantine", "--store", "sqlite:///twin.db")
    assert done.code == 1  # of the reference to nothing, which is a problem there too
    assert graph_service("export", "--store", "sqlite:///twin.db").out == ask("export").out


def test_the_form_of_an_export_follows_the_suffix_or_the_option(ask: Command, here: Path) -> None:
    assert ask("export", "company.yml").code == 0
    assert (here / "company.yml").read_text() == ask("export", "--format", "yaml").out
    assert ask("export", "company.txt", "--format", "csv").code == 0
    assert (here / "company.txt").read_text() == ask("export", "-", "--format", "csv").out
    assert ask("export", "company.txt") == (
        2,
        "",
        (
            "error: 'company.txt' has no suffix of a record file; say by --format what to write; see"
            " `graph-service export --help`\n"
        ),
    )


def test_an_export_keeps_the_permissions_of_the_file(ask: Command, here: Path) -> None:
    path = here / "company.jsonl"
    path.write_text("old\n")
    path.chmod(0o640)
    assert ask("export", str(path)).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        assert ask("export", "new/company.jsonl").code == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE((here / "new" / "company.jsonl").stat().st_mode) == 0o640


def test_an_export_follows_a_link_and_fills_a_device(ask: Command, here: Path) -> None:
    (here / "link.jsonl").symlink_to("target.jsonl")
    assert ask("export", "link.jsonl").code == 0
    assert (here / "link.jsonl").is_symlink()
    assert (here / "target.jsonl").read_text() == ask("export").out
    assert ask("export", os.devnull, "--format", "jsonl") == (0, "", "")


def test_an_export_that_fails_leaves_the_old_file(here: Path) -> None:
    path = here / "company.jsonl"
    path.write_text("old\n")

    def breaking(out: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(path, breaking)
    assert path.read_text() == "old\n"
    assert [*here.iterdir()] == [path]


def test_an_export_to_where_nothing_can_be_written(ask: Command, here: Path) -> None:
    (here / "file").write_text("in the way")
    done = ask("export", "file/company.jsonl")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: 'file/company.jsonl' cannot be written: ")
    assert done.err.count("\n") == 1


DATA = [
    ("canada-results-small", {"DANGLING": 32, "IMPOSSIBLE_PAIR": 1}, "32 orphans", {"UNUSED": 15, "MADE": 9}),
    ("k8s-keps", {"DANGLING": 91, "INVALID": 2, "SELF_LINK": 2}, None, None),
    ("sourcegraph-okrs", {}, "131 orphans", {"LOOSE": 6, "MADE": 11}),
]


@pytest.mark.parametrize(("name", "problems", "orphans", "notes"), DATA, ids=[one[0] for one in DATA])
def test_the_three_public_sets_come_in(
    name: str,
    problems: dict[str, int],
    orphans: str | None,
    notes: dict[str, int] | None,
    shared: Path,
    graph_service: Command,
    here: Path,
) -> None:
    source = str(shared / "data" / name / "records.jsonl")
    done = graph_service("import", source, "--on-problem", "quarantine", "--json", "--store", "sqlite:///set.db")
    assert (done.code, done.err) == (1 if problems else 0, "")
    answer = json.loads(done.out)

    def counted(several: list[dict[str, object]]) -> dict[object, int]:
        kinds = [one["kind"] for one in several]
        return {kind: kinds.count(kind) for kind in set(kinds)}

    assert counted(answer["problems"]) == problems
    if notes is not None:
        assert counted(answer["notes"]) == notes
    if orphans is not None:
        assert graph_service("orphans", "--store", "sqlite:///set.db").out.splitlines()[-1].startswith(orphans)
