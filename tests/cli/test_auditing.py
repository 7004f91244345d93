"""audit: of a store or of record files, compared with an earlier one; its rules and its history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph_service.render.audit import report_from_json
from tests.cli.conftest import Command

DAY = ("--as-of", "2026-05-20")


@pytest.fixture
def okrs(tmp_path: Path) -> Path:
    """A small record file with a flaw or two."""
    file = tmp_path / "okrs.jsonl"
    file.write_text(
        '{"kind": "owner", "id": "ines", "title": "Ines"}\n'
        '{"kind": "objective", "id": "grow", "title": "Win 20 lines", "level": "organization", "owner": "ines"}\n'
        '{"kind": "objective", "id": "teach", "title": "Teach crews", "owner": "nobody"}\n'
    )
    return file


def test_a_store_is_audited(ask: Command) -> None:
    done = ask("audit", *DAY)
    assert (done.code, done.err) == (0, "")
    assert "error ORPHAN_UNALIGNED harbour-podcast\n  'Run a harbour podcast' names no goal above it\n" in done.out
    assert done.out.startswith("Audit as of 2026-05-20, revision ")


def test_the_same_store_and_day_give_the_same_bytes(ask: Command) -> None:
    assert ask("audit", *DAY, "--json") == ask("audit", *DAY, "--format", "json")


def test_run_may_be_said(ask: Command) -> None:
    assert ask("audit", "run", *DAY) == ask("audit", *DAY)


def test_files_are_audited_without_a_store(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    done = graph_service("audit", str(okrs), *DAY)
    assert (done.code, done.err) == (0, "")
    assert f"error OWNER_UNKNOWN teach {okrs}:3\n" in done.out
    report = report_from_json(graph_service("audit", str(okrs), *DAY, "--json").out.encode(), "report")
    assert report.files == (str(okrs),)
    assert [one.problem for one in report.quarantined] == ["DANGLING"]
    assert [path.name for path in tmp_path.iterdir()] == ["okrs.jsonl"], "no store was made"


def test_a_report_is_written_to_a_file(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports" / "audit.json"
    assert graph_service("audit", str(okrs), *DAY, "--json", "--output", str(file)) == (0, "", "")
    assert report_from_json(file.read_bytes(), "report").totals.errors == 2


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("audit.txt", "Audit as of 2026-05-20,\n"),
        ("audit.md", "# Ownership audit\n"),
        ("audit.csv", "severity,rule,group,state,kind,"),
        ("audit.json", '{\n  "asOf": "2026-05-20",\n'),
        ("audit.sarif", '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n'),
        ("audit.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="audit as of 2026-05-20" '),
        ("report", "Audit as of 2026-05-20,\n"),
    ],
)
def test_the_suffix_says_the_form(graph_service: Command, okrs: Path, tmp_path: Path, name: str, begins: str) -> None:
    file = tmp_path / name
    assert graph_service("audit", str(okrs), *DAY, "--output", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("name", "extra", "begins"), [("audit.xlsx", "xlsxwriter", b"PK"), ("audit.pdf", "typst", b"%PDF-")]
)
def test_workbooks_and_pdf(ask: Command, tmp_path: Path, name: str, extra: str, begins: bytes) -> None:
    pytest.importorskip(extra, reason="an extra is not installed")
    assert ask("audit", *DAY, "--output", str(tmp_path / name)) == (0, "", "")
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_a_form_whose_extra_is_missing(
    ask: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(f"graph_service.render.audit.{form}.available", lambda: False)
    done = ask("audit", *DAY, "--output", str(tmp_path / f"audit.{form}"))
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith(f"install the extra: pip install 'graph-service[{form}]'\n")
    assert list(tmp_path.glob("audit.*")) == []


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_a_terminal_is_spared_what_is_no_text(ask: Command, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = ask("audit", *DAY, "--format", form)
    assert (done.code, done.out) == (2, "")
    assert f"{form} is nothing for a terminal; name a file by --output" in done.err


def test_the_format_goes_before_the_suffix(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.txt"
    done = graph_service("audit", str(okrs), *DAY, "--format", "junit", "--output", str(file))
    assert done == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith("<?xml")


def test_severities_have_colours_on_a_terminal(ask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ask("audit", *DAY).out
    monkeypatch.setattr("graph_service.cli.output.coloured", lambda: True)
    shown = ask("audit", *DAY).out
    assert "\x1b[31merror\x1b[0m ORPHAN_UNALIGNED harbour-podcast\n" in shown
    assert shown.replace("\x1b[31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "") == plain


def test_a_csv_of_one_table(ask: Command) -> None:
    done = ask("audit", *DAY, "--format", "csv", "--table", "teams")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].startswith("team_id,team,part_of_id,part_of,leads,people,")


@pytest.mark.parametrize(
    ("words", "code", "err"),
    [
        ("error", 1, "failed on error (2)\n"),
        ("NO_WHY,NO_UNIT", 1, "failed on NO_WHY (2)\n"),
        ("quarantine", 1, "failed on quarantine (1)\n"),
        ("NO_UNIT", 0, ""),
    ],
)
def test_it_fails_on_what_it_is_told_to(graph_service: Command, okrs: Path, words: str, code: int, err: str) -> None:
    done = graph_service("audit", str(okrs), *DAY, "--fail-on", words)
    assert (done.code, done.err) == (code, err)
    assert done.out.startswith("Audit as of")


def test_it_is_compared_with_a_baseline(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    graph_service("audit", str(okrs), *DAY, "--json", "--output", str(before))
    same = graph_service("audit", str(okrs), *DAY, "--baseline", str(before), "--fail-on", "new")
    assert (same.code, same.err) == (0, "")
    okrs.write_text(okrs.read_text().replace('"owner": "nobody"', '"owner": "ines"').replace("Teach", "Teach 9"))
    done = graph_service("audit", str(okrs), *DAY, "--baseline", str(before), "--fail-on", "new", "--json")
    assert (done.code, done.err) == (1, "failed on new (1)\n")
    comparison = json.loads(done.out)["comparison"]
    assert [one["rule"] for one in comparison["new"]] == ["NUMBER_IN_OBJECTIVE"]
    assert [one["rule"] for one in comparison["fixed"]] == ["OWNER_UNKNOWN"]


def test_rules_of_a_file(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.yaml"
    file.write_text("rules: {OWNER_UNKNOWN: off, ORPHAN_UNALIGNED: info}\n")
    done = graph_service("audit", str(okrs), *DAY, "--rules", str(file), "--fail-on", "error")
    assert done.code == 0
    assert "OWNER_UNKNOWN" not in done.out
    assert "info ORPHAN_UNALIGNED teach" in done.out


def test_a_rules_file_that_cannot_be(graph_service: Command, okrs: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.yaml"
    file.write_text("rules: {NO_WHYY: off}\ncadences: {team: 0}\n")
    done = graph_service("audit", str(okrs), "--rules", str(file))
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"{file}:2: cadences.team '0' is not a whole number of at least 1; correct it",
        (
            f"error: invalid value for '--rules': {file}:1: rules.NO_WHYY is unknown; known are listed by "
            "`graph-service audit rules` (and 1 more); see `graph-service audit run --help`"
        ),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fail-on", "grave"), "fail-on 'grave' is neither a rule"),
        (("--fail-on", "new"), "fail-on new compares with an earlier report; name it by --baseline"),
        (("--baseline", "nowhere.json"), "'nowhere.json' cannot be read: No such file or directory"),
        (("--table", "owners"), "--table says which table a CSV holds; add --format csv"),
        (("--map", "columns.yaml"), "--map says how to read a CSV; name the file"),
        (("nowhere.jsonl",), "file 'nowhere.jsonl' cannot be read"),
        (("okrs.jsonl", "--keep"), "files are audited without a store; leave --store and --keep out"),
    ],
)
def test_wrong_use(
    graph_service: Command,
    company: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_STORE", company)
    done = graph_service("audit", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_files_and_a_store_exclude_each_other(ask: Command, okrs: Path) -> None:
    assert ask("audit", str(okrs)).code == 2


def test_a_store_that_is_not_there(graph_service: Command, tmp_path: Path) -> None:
    done = graph_service("audit", "--store", f"sqlite:///{tmp_path}/none.db")
    assert (done.code, done.out) == (3, "")


def test_figures_are_kept_for_the_trend(ask: Command) -> None:
    assert ask("audit", "history").out == "no audit was kept yet; keep one by `graph-service audit --keep`\n"
    assert ask("audit", "--as-of", "2026-05-20", "--keep").code == 0
    assert ask("audit", "--as-of", "2026-05-13", "--keep").code == 0
    again = json.loads(ask("audit", "--as-of", "2026-05-20", "--keep", "--json").out)
    assert [one["asOf"] for one in again["trend"]] == ["2026-05-13", "2026-05-20"]
    history = ask("audit", "history")
    assert [line.split()[0] for line in history.out.splitlines()] == ["day", "2026-05-13", "2026-05-20"]
    kept = json.loads(ask("audit", "history", "--json").out)
    assert kept == again["trend"]
    assert kept[1]["totals"]["errors"] == again["totals"]["errors"]
    assert ask("verify").code == 0


def test_rules_are_listed_and_explained(graph_service: Command) -> None:
    listed = graph_service("audit", "rules")
    assert listed.code == 0
    assert "  NO_OWNER                 error    Goal without an owner\n" in listed.out
    one = graph_service("audit", "rules", "no_why", "--json")
    assert [rule["id"] for rule in json.loads(one.out)] == ["NO_WHY"]
    assert graph_service("audit", "rules", "NO_WHY").out.startswith("NO_WHY  wording, info\n")


def test_a_rule_that_there_is_not(graph_service: Command) -> None:
    done = graph_service("audit", "rules", "NO_WHYY")
    assert (done.code, done.out) == (2, "")
    assert "there is no rule 'NO_WHYY'; did you mean NO_WHY" in done.err


def test_the_rules_in_force_are_a_rules_file(graph_service: Command, tmp_path: Path) -> None:
    shown = graph_service("audit", "rules", "--show")
    file = tmp_path / "audit.yaml"
    file.write_text(shown.out)
    assert graph_service("audit", "rules", "--rules", str(file), "--show").out == shown.out
