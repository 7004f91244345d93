"""check-in and link: what they change, what they say, and that a refusal changes nothing."""

import json
import re

import pytest

from graph_service.workspace import Workspace
from tests.cli.conftest import Command, revision

MADE_ID = r"[0-9a-v]{26}"


def test_a_check_in_shows_what_it_moved(ask: Command, company: str) -> None:
    done = ask("check-in", "answer-time", "600", "--by", "yuki", "--note", "Second page too.", "--confidence", "0.9")
    assert (done.code, done.err) == (0, "")
    first, *rest = done.out.splitlines()
    assert re.fullmatch(f"revision 3: check-in {MADE_ID} on answer-time", first)
    assert rest == [
        "progress      status   goal",
        "44 % -> 67 %  overdue  answer-time   Halve the answer time",
        "44 % -> 67 %  overdue  fast-app      The app answers in a [red]blink[/red]",
        "22 % -> 33 %  overdue  grow-revenue  Grow revenue",
    ]
    with Workspace.open(company) as workspace, workspace.reading() as graph:
        goal = graph.goal("answer-time")
        assert goal is not None
        said = goal.check_ins[-1]
        assert (said.id, said.value, said.confidence, said.note, said.by, said.source) == (
            first.split()[3], 600.0, 0.9, "Second page too.", "yuki", "cli",
        )  # fmt: skip
        [entry] = workspace.store.changes(2)
        assert (entry.by, entry.source) == ("yuki", "cli")


def test_a_check_in_as_json_is_in_the_words_of_graphql(ask: Command) -> None:
    done = ask(
        "check-in", "answer-time", "--status", "AT_RISK", "--replaces", "first-look", "--at", "2026-05-12T11:00+02:00",
        "--note", "A slip.", "--json",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    answer = json.loads(done.out)
    assert answer.pop("checkIn") == {
        "id": answer_id(done.out),
        "value": None,
        "confidence": None,
        "reportedStatus": "AT_RISK",
        "note": "A slip.",
        "at": "2026-05-12T09:00:00Z",
        "by": None,
        "source": "cli",
        "revision": 3,
        "replaces": "first-look",
    }
    assert answer.pop("changed")[0] == {
        "goal": {"id": "answer-time", "title": "Halve the answer time"},
        "before": {"value": 4 / 9, "coverage": 1.0, "confidence": 0.8, "status": "OVERDUE"},
        "after": {"value": 0.0, "coverage": 1.0, "confidence": None, "status": "OVERDUE"},
    }
    assert answer == {"revision": 3, "changedCount": 3}


def answer_id(out: str) -> str:
    """The id that was made for a check-in."""
    found = re.search(f'"({MADE_ID})"', out)
    assert found is not None
    return found[1]


def test_a_milestone_is_checked_in(ask: Command) -> None:
    done = ask("check-in", "move-house", "--milestone", "packed")
    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "progress      status   goal",
        "0 % -> 50 %   overdue  move-house    Move to the new harbour",
        "22 % -> 35 %  overdue  grow-revenue  Grow revenue",
    ]


def test_a_note_on_an_objective_moves_no_number(ask: Command) -> None:
    done = ask("check-in", "grow-revenue", "--note", "The fair went well.")
    assert done.code == 0
    assert done.out.splitlines()[1:] == ["no goal's numbers moved"]


@pytest.mark.parametrize("value", ["-5", "-.5", "-1e3", "+5", "0"])
def test_a_value_may_be_negative(value: str, ask: Command) -> None:
    done = ask("check-in", "new-lines", value, "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["checkIn"]["value"] == float(value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("answer-time 3,5", "'VALUE': '3,5' is no number; give it plain, without unit or thousands: 1250.5"),
        ("answer-time nan", "'VALUE': 'nan' is no number; give it plain, without unit or thousands: 1250.5"),
        ("answer-time 5 --confidence high", "'--confidence': 'high' is no number; give it plain, without unit or"),
        ("answer-time 5 --status overdue", "'--status': 'overdue' is not one of 'on_track', 'behind', 'at_risk'"),
        ("answer-time 5 --at 2026-05-12T11:00", "'--at': '2026-05-12T11:00' has no offset; add one as +02:00, or Z"),
        ("answer-time 5 --at 2026-05-12", "'--at': '2026-05-12' is no moment; give day, time and offset as 2026-05-"),
        ("answer-time 5 --at 0001-01-01T00:00+02:00", "'--at': '0001-01-01T00:00+02:00' is no moment; give day, time"),
        ("fast-app --milestone packed", "'--milestone': 'fast-app' is an objective and has no milestones"),
    ],
)
def test_a_check_in_that_is_written_wrongly(arguments: str, message: str, ask: Command, company: str) -> None:
    done = ask("check-in", *arguments.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: invalid value for {message}")
    assert done.err.endswith("; see `graph-service check-in --help`\n")
    assert revision(company) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("answer-time", "the check-in says nothing; give a value, a confidence, a status or a note"),
        ("answer-time 1e400", "value 'inf' is not a finite number within 1e18; give another"),
        ("answer-time 5 --confidence 80", "confidence '80.0' is outside 0..1; give a share, 0.25 for 25 %"),
        ("answer-time 5 --by nobody", "by 'nobody': there is no person or team with this id"),
        ("move-house 5", "value '5.0' on 'move-house': it is measured by milestones; report milestonesDone"),
        ("nothing 5", "no goal has the id 'nothing'"),
    ],
)
def test_a_check_in_that_cannot_be_changes_nothing(arguments: str, message: str, ask: Command, company: str) -> None:
    assert ask("check-in", *arguments.split()) == (1, "", f"error: {message}\n")
    assert revision(company) == 2


def test_an_option_that_there_is_not_is_no_value(ask: Command, company: str) -> None:
    assert ask("check-in", "answer-time", "--nte", "warm") == (2, "", "error: no such option: --nte\n")
    assert ask("check-in", "answer-time", "--nte").err == "error: no such option: --nte\n"
    assert revision(company) == 2


def test_an_objective_is_linked_as_a_child(ask: Command) -> None:
    assert ask("link", "harbour-podcast", "grow-revenue", "--weight", "0.5") == (
        0,
        (
            "revision 3: harbour-podcast supports grow-revenue (PARENT, weight 0.5)\n"
            "progress  coverage       status   goal\n"
            "22 %      100 % -> 89 %  overdue  grow-revenue  Grow revenue\n"
        ),
        "",
    )


def test_a_key_result_is_aligned_for_show(ask: Command) -> None:
    assert ask("link", "new-lines", "harbour-podcast") == (
        0,
        "revision 3: new-lines supports harbour-podcast (ALIGNED, weight 0)\nno goal's numbers moved\n",
        "",
    )


def test_a_link_that_exists_gets_another_weight(ask: Command) -> None:
    done = ask("link", "fast-app", "grow-revenue", "--weight", "6", "--json")
    assert (done.code, done.err) == (0, "")
    answer = json.loads(done.out)
    assert answer["link"] == {"from": "fast-app", "to": "grow-revenue", "kind": "PARENT", "weight": 6.0}
    assert [(one["goal"]["id"], one["after"]["value"]) for one in answer["changed"]] == [("grow-revenue", 1 / 3)]


def test_a_key_result_is_moved(ask: Command) -> None:
    assert ask("link", "new-lines", "fast-app", "--kind", "KEY_RESULT_OF").out.splitlines() == [
        "revision 3: new-lines supports fast-app (KEY_RESULT_OF, weight 1)",
        "progress      status   goal",
        "44 % -> 22 %  overdue  fast-app      The app answers in a [red]blink[/red]",
        "22 % -> 15 %  overdue  grow-revenue  Grow revenue",
    ]


def test_a_link_is_taken_away(ask: Command) -> None:
    assert ask("link", "podcast-guests", "harbour-podcast", "--remove", "--json").out == (
        '{\n  "revision": 3,\n  "link": null,\n  "changed": [],\n  "changedCount": 0\n}\n'
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "grow-revenue fast-app",
            (
                "this link would close a ring: 'grow-revenue' -> 'fast-app' -> 'grow-revenue'; leave it out or take"
                " away one of the others"
            ),
        ),
        ("fast-app fast-app", "'fast-app' cannot support itself"),
        (
            "fast-app grow-revenue",
            (
                "'fast-app' is linked to 'grow-revenue' by PARENT already; give another weight by --weight, or take the"
                " link away by --remove"
            ),
        ),
        ("answer-time grow-revenue --kind parent", "from 'answer-time' is a key result, not an objective"),
        ("dry-gates fast-app --remove", "there is no PARENT link from 'dry-gates' to 'fast-app'"),
        ("dry-gates fast-app --weight -1", "weight '-1.0' is negative; give 0 (shown, not counted) or more"),
        ("dry-gates ines", "'ines' is a person, not a goal; `graph-service show` tells what is known of it"),
        (
            "dry-gates fast-ap",
            "no goal has the id 'fast-ap'; did you mean 'fast-app' (The app answers in a [red]blink[/red])?",
        ),
    ],
)
def test_a_link_that_cannot_be_changes_nothing(arguments: str, message: str, ask: Command, company: str) -> None:
    assert ask("link", *arguments.split()) == (1, "", f"error: {message}\n")
    assert revision(company) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--weight 2 --remove", "'--weight': a link that is taken away has no weight"),
        ("--kind owns", "'--kind': 'owns' is not one of 'parent', 'aligned', 'key_result_of'"),
        ("--weight half", "'--weight': 'half' is no number; give it plain, without unit or thousands: 1250.5"),
    ],
)
def test_a_link_that_is_written_wrongly(arguments: str, message: str, ask: Command, company: str) -> None:
    assert ask("link", "dry-gates", "fast-app", *arguments.split()) == (
        2,
        "",
        f"error: invalid value for {message}; see `graph-service link --help`\n",
    )
    assert revision(company) == 2
