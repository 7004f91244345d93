"""The questions at the command line: what is written, in which format, and for which day."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest

from graph_service.cli.output import put_chart
from graph_service.models.changes import CreateObjective, RemoveGoal, UpdateObjective
from graph_service.workspace import Workspace
from tests.cli.conftest import Command

ON = ("--as-of", "2026-05-16")

LADDER = """\
● Grow revenue
│ ████░░░░░░┃░░░░░░░░░   22 %  at risk      Inês Carvalho · organization
│
│   ○ ░░░░┃░░░    0 %  at risk      Win new lines
│   ○ ░░░░┃░░░    0 %  at risk      Move to the new harbour
│
▲ parent · weight 2 · carries 50 %
│
● The app answers in a [red]blink[/red]
│ ████████░░┃░░░░░░░░░   44 %  behind       Platform team
│
│ ▼ ○ ███░┃░░░   44 %  behind       Halve the answer time
│
▲ key result · carries 100 %
│
○ Halve the answer time
  ████████░░┃░░░░░░░░░   44 %  behind       佐藤 由紀

as of 2026-05-16
"""

CASCADE = """\
● Grow revenue                                      █░░░┃░░░   22 %  at risk
├─ ○ Win new lines                                  ░░░░┃░░░    0 %  at risk
├─ ○ Move to the new harbour                        ░░░░┃░░░    0 %  at risk
└─ ● The app answers in a [red]blink[/red]          ███░┃░░░   44 %  behind
   └─ ○ Halve the answer time                       ███░┃░░░   44 %  behind

as of 2026-05-16 · 5 goals
"""

CASCADE_OF_ONE_LEVEL = """\
● Grow revenue                                      █░░░┃░░░   22 %  at risk
├─ ○ Win new lines                                  ░░░░┃░░░    0 %  at risk
├─ ○ Move to the new harbour                        ░░░░┃░░░    0 %  at risk
└─ ● The app answers in a [red]blink[/red]          ███░┃░░░   44 %  behind
   └─ … 1 more below

as of 2026-05-16 · 4 goals · 1 more not shown
"""

ORG = """\
■ Inês Carvalho · Chief executive                                           22 %
│   ● Grow revenue                                  █░░░┃░░░   22 %  at risk
└─ ■ 佐藤 由紀                                                              44 %
       ○ Halve the answer time                      ███░┃░░░   44 %  behind

as of 2026-05-16
"""

ORG_OF_A_TEAM = """\
■ Platform team · team                                                      44 %
│   ● The app answers in a [red]blink[/red]         ███░┃░░░   44 %  behind
└─ ■ 佐藤 由紀                                                              44 %
       ○ Halve the answer time                      ███░┃░░░   44 %  behind

as of 2026-05-16
"""

ORPHANS = """\
UNALIGNED (1) · names no goal above it

● Run a harbour podcast
  harbour-podcast · no owner

BROKEN (1) · names goals that do not exist or are cancelled

● Gates that stay dry
  dry-gates · no owner
  it names 'unknown:storm', which leads to no goal

ADRIFT (1) · leads up to nothing top-level

● Win guests for the podcast
  podcast-guests · no owner

3 orphans · as of 2026-05-16
"""

EXPLAIN = """\
● Grow revenue
  ████░░░░░░┃░░░░░░░░░   22 %  at risk      Inês Carvalho
  coverage 100 % · confidence 80 %

    weight   share  progress   gives  from
         1    25 %       0 %     0 %  ○ Win new lines
         1    25 %       0 %     0 %  ○ Move to the new harbour
         2    50 %      44 %    22 %  ● The app answers in a [red]blink[/red]
                                22 %  progress

as of 2026-05-16
"""

EXPLAIN_A_KEY_RESULT = """\
○ Halve the answer time
  ████████░░┃░░░░░░░░░   44 %  behind       佐藤 由紀
  value 700 ms · coverage 100 % · confidence 80 %

check-in of 2026-05-11 09:30 UTC · 700 ms · confidence 80 % · by 佐藤 由紀 ·
  from graphql
  The cache is warm, the first page is not.
  id first-look

as of 2026-05-16
"""

SHOW = """\
Halve the answer time
key result       answer-time
status           behind, as of 2026-05-16
progress         44 %, expected 50 %, coverage 100 %, confidence 80 %
value            700 ms
from, to         2026-04-01 to 2026-06-30
measure          delta
baseline         900
target           450
unit             ms
objective        fast-app - The app answers in a [red]blink[/red]
owner            yuki - 佐藤 由紀
check-ins        2026-05-11: 700 ms, confidence 80 %, reported behind, by yuki,
                 "The cache is warm, the first page is not."
revision         2
"""

SHOW_MILESTONES = """\
Move to the new harbour
key result       move-house
status           at risk, as of 2026-05-16
progress         0 %, expected 50 %, coverage 100 %
from, to         2026-04-01 to 2026-06-30
measure          milestones
milestones       packed - Everything is packed
                 moved - Everybody has moved
objective        grow-revenue - Grow revenue
revision         1
"""

SHOW_A_PERSON = """\
Inês Carvalho
person           ines
email            ines@example.com
job title        Chief executive
owns             grow-revenue - Grow revenue
reports          yuki - 佐藤 由紀
revision         1
"""

SHOW_AN_ORPHAN = """\
Gates that stay dry
objective        dry-gates
status           no data, as of 2026-05-16
progress         -, coverage 0 %
broken           parents: unknown:storm, which leads nowhere
revision         1
"""

SHOW_A_CHECK_IN = """\
Check-in of answer-time
check-in         first-look
goal             answer-time - Halve the answer time
at               2026-05-11T09:30:00Z
source           graphql
revision         2
value            700
confidence       0.8
reported status  behind
note             The cache is warm, the first page is not.
by               yuki
"""


IDS_OF_A_LADDER = """\
● grow-revenue · Grow revenue
│ ████░░░░░░┃░░░░░░░░░   22 %  at risk      Inês Carvalho · organization
│
│   ○ ░░░░┃░░░    0 %  at risk      new-lines · Win new lines
│   ○ ░░░░┃░░░    0 %  at risk      move-house · Move to the new harbour
│
"""

IDS_OF_A_CASCADE = """\
● grow-revenue · Grow revenue                       █░░░┃░░░   22 %  at risk
├─ ○ new-lines · Win new lines                      ░░░░┃░░░    0 %  at risk
├─ ○ move-house · Move to the new harbour           ░░░░┃░░░    0 %  at risk
"""

IDS_OF_A_CHART = """\
■ ines · Inês Carvalho · Chief executive                                    22 %
│   ● grow-revenue · Grow revenue                   █░░░┃░░░   22 %  at risk
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("ladder", "answer-time"), IDS_OF_A_LADDER),
        (("cascade", "grow-revenue"), IDS_OF_A_CASCADE),
        (("org",), IDS_OF_A_CHART),
    ],
    ids=["ladder", "cascade", "org"],
)
def test_ids_stand_before_the_titles_for_the_next_command(
    arguments: tuple[str, ...], expected: str, ask: Command
) -> None:
    code, out, err = ask(*arguments, "--ids", *ON)
    assert (code, err) == (0, "")
    assert out.startswith(expected)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("ladder", "answer-time"), LADDER),
        (("cascade", "grow-revenue"), CASCADE),
        (("cascade", "grow-revenue", "--depth", "1"), CASCADE_OF_ONE_LEVEL),
        (("org",), ORG),
        (("org", "platform"), ORG_OF_A_TEAM),
        (("orphans",), ORPHANS),
        (("explain", "grow-revenue"), EXPLAIN),
        (("explain", "answer-time"), EXPLAIN_A_KEY_RESULT),
        (("show", "answer-time"), SHOW),
        (("show", "move-house"), SHOW_MILESTONES),
        (("show", "ines"), SHOW_A_PERSON),
        (("show", "dry-gates"), SHOW_AN_ORPHAN),
        (("show", "first-look"), SHOW_A_CHECK_IN),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_question_is_answered_as_text(arguments: tuple[str, ...], expected: str, ask: Command) -> None:
    assert ask(*arguments, *ON) == (0, expected, "")


def test_leverage_names_the_largest_gain_first(ask: Command) -> None:
    done = ask("leverage", "grow-revenue", *ON)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["gain", "leverage", "now", "key", "result"]
    assert lines[1].startswith("  28 %      50 %    44 %  ○ Halve the answer time")
    answer = json.loads(ask("leverage", "grow-revenue", "--json").out)
    assert [(one["keyResult"]["id"], one["leverage"]) for one in answer["leverage"]] == [
        ("answer-time", 0.5),
        ("move-house", 0.25),
        ("new-lines", 0.25),
    ]


QUESTIONS = [
    ("ladder", "answer-time"), ("cascade", "grow-revenue"), ("org",), ("orphans",), ("explain", "grow-revenue"),
    ("leverage", "grow-revenue"), ("show", "grow-revenue"), ("show", "first-look"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", QUESTIONS, ids=" ".join)
def test_json_is_one_document_and_always_the_same(arguments: tuple[str, ...], ask: Command) -> None:
    done = ask(*arguments, *ON, "--json")
    assert (done.code, done.err) == (0, "")
    assert isinstance(json.loads(done.out), dict)
    assert done.out.endswith("}\n")
    assert ask(*arguments, *ON, "--format", "json") == done


@pytest.mark.parametrize("arguments", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("columns", [40, 80, 132])
def test_no_line_is_wider_than_the_terminal(
    columns: int, arguments: tuple[str, ...], ask: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph_service.render.letters import room

    monkeypatch.setenv("COLUMNS", str(columns))
    done = ask(*arguments, *ON)
    assert max(room(line) for line in done.out.splitlines()) <= columns


def test_a_ladder_as_json_is_in_the_words_of_graphql(ask: Command) -> None:
    answer = json.loads(ask("ladder", "answer-time", *ON, "--json").out)
    assert [rung["goal"]["id"] for rung in answer["path"]] == ["grow-revenue", "fast-app", "answer-time"]
    assert [(rung["kind"], rung["weight"], rung["share"]) for rung in answer["path"]] == [
        (None, None, None),
        ("PARENT", 2.0, 0.5),
        ("KEY_RESULT_OF", 1.0, 1.0),
    ]
    assert answer["path"][1]["goal"]["status"] == "BEHIND"


@pytest.mark.parametrize("arguments", [("ladder", "answer-time"), ("cascade", "grow-revenue"), ("org",)], ids=" ".join)
def test_charts_are_drawn_by_other_tools_too(arguments: tuple[str, ...], ask: Command) -> None:
    mermaid = ask(*arguments, *ON, "--format", "mermaid")
    assert (mermaid.code, mermaid.err) == (0, "")
    assert mermaid.out.startswith("flowchart ") and mermaid.out.endswith("\n")
    dot = ask(*arguments, *ON, "--format", "dot")
    assert (dot.code, dot.err) == (0, "")
    assert dot.out.startswith("digraph ") and dot.out.endswith("}\n")
    svg = ask(*arguments, *ON, "--format", "svg")
    assert (svg.code, svg.err) == (0, "")
    assert svg.out.startswith("<svg ") and svg.out.endswith("</svg>\n")
    layered = "'layered', 'png', 'pdf', " if arguments[0] == "ladder" else ""
    assert ask(*arguments, *ON, "--format", "bmp") == (
        2,
        "",
        (
            f"error: invalid value for '--format': 'bmp' is not one of 'text', 'svg', 'html', {layered}'mermaid',"
            f" 'dot', 'csv', 'json'; see `graph-service {arguments[0]} --help`\n"
        ),
    )


def test_lists_are_no_charts(ask: Command) -> None:
    assert ask("orphans", "--format", "dot").code == 2


def test_the_day_is_today_unless_one_is_given(ask: Command, company: str) -> None:
    with Workspace.open(company) as workspace:
        today = workspace.today()
    assert f"as of {today}" in ask("ladder", "answer-time").out
    late = json.loads(ask("ladder", "answer-time", "--as-of", "2026-07-01", "--json").out)
    early = json.loads(ask("ladder", "answer-time", "--as-of", str(date(2026, 4, 1) - timedelta(1)), "--json").out)
    assert (late["goal"]["status"], early["goal"]["status"]) == ("OVERDUE", "NOT_STARTED")
    assert late["goal"]["progress"]["value"] == early["goal"]["progress"]["value"] == 4 / 9


def test_an_owner_that_is_not_there(ask: Command) -> None:
    assert ask("org", "Platform") == (
        1, "", "error: no person or team has the id 'Platform'; did you mean 'platform' (Platform team)?\n",
    )  # fmt: skip
    done = ask("org", "grow-revenue")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: root 'grow-revenue' is no owner")


def test_no_orphans_is_said(graph_service: Command) -> None:
    done = graph_service("orphans", *ON, "--store", "sqlite://")
    assert (done.code, done.out, done.err) == (
        0,
        "no orphans: every live objective leads to the top · as of 2026-05-16\n",
        "",
    )


def test_a_removed_goal_says_when(ask: Command, company: str) -> None:
    with Workspace.open(company) as workspace:
        workspace.commit([RemoveGoal(id="dry-gates")])
    assert ask("show", "dry-gates") == (1, "", "error: 'dry-gates' was removed in revision 3\n")


def test_ids_that_look_like_options_are_asked_for_after_two_dashes(
    graph_service: Command, ask: Command, company: str
) -> None:
    with Workspace.open(company) as workspace:
        workspace.commit([CreateObjective(id="--json", title="Speak to machines")])
    done = graph_service("show", "--store", company, "--", "--json")
    assert (done.code, done.out.splitlines()[0]) == (0, "Speak to machines")
    assert graph_service("--store", company, "show", "--", "--json") == done


def test_hostile_titles_reach_no_terminal(ask: Command, company: str) -> None:
    """Titles cannot hold control characters, but signs that turn the direction of writing."""
    with Workspace.open(company) as workspace:
        workspace.commit([UpdateObjective(id="fast-app", title="fast\u202egnp.exe \u2066[bold]app")])
    for arguments in (
        *QUESTIONS,
        ("show", "fast-app"),
        ("log",),
        ("ladder", "fast-app"),
        ("link", "dry-gates", "fast-app"),
    ):
        done = ask(*arguments)
        assert "\u202e" not in done.out and "\u2066" not in done.out, arguments
        assert "\u202e" not in done.err
        if arguments[0] not in {"log", "link"}:
            done = ask(*arguments, "--json")
            assert "\u202e" not in done.out and "\u2066" not in done.out, arguments
    assert json.loads(ask("show", "fast-app", "--json").out)["title"] == "fast\u202egnp.exe \u2066[bold]app"


class Terminal:
    """A stdout that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "● Win new lines behind  ░░░┃   22 %  behind       Inês\n"
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    put_chart(line)  # NO_COLOR is set for all tests
    assert terminal.text == line
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    monkeypatch.delenv("NO_COLOR")
    put_chart(line)
    assert terminal.text == ("● Win new lines behind  \x1b[33m░░░┃\x1b[0m   22 %  \x1b[33mbehind\x1b[0m       Inês\n")
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    monkeypatch.setenv("TERM", "dumb")
    put_chart(line)
    assert terminal.text == line


ASCII_CASCADE = """\
* Grow revenue                                      #...|...   22 %  at risk
|- o Win new lines                                  ....|...    0 %  at risk
|- o Move to the new harbour                        ....|...    0 %  at risk
`- * The app answers in a [red]blink[/red]          ###.|...   44 %  behind
   `- o Halve the answer time                       ###.|...   44 %  behind

as of 2026-05-16 - 5 goals
"""


def test_a_terminal_without_lines_gets_letters(company: str) -> None:
    command = [sys.executable, "-m", "graph_service", "cascade", "grow-revenue", *ON, "--store", company]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, ASCII_CASCADE, "")
    as_json = subprocess.run([*command, "--json"], env=env, capture_output=True, check=False, timeout=60)
    assert (as_json.returncode, as_json.stderr) == (0, b"")
    assert json.loads(as_json.stdout.decode("utf-8"))["root"]["owner"]["name"] == "Inês Carvalho"
