"""log, verify, schema and config: what was done to a store, whether it is sound, and what the installation promises."""

import json
import sqlite3
from pathlib import Path

import pytest

from graph_service.cli.store import contracts, without_password
from graph_service.models.changes import CreatePeriod, RemoveGoal
from graph_service.settings import Settings
from graph_service.workspace import Workspace
from tests.cli.conftest import MONDAY, Command

ROOT = Path(__file__).resolve().parents[2]


def test_the_log_counts_many_changes_and_tells_few(ask: Command) -> None:
    assert ask("log") == (
        0,
        (
            "revision 1  2026-05-04 09:30 UTC  anonymous, import\n"
            "  13 changes: 5 createObjective, 3 createKeyResult, 2 createPerson, 1\n"
            "      createPeriod, 1 createTeam, 1 keepReference\n"
            "revision 2  2026-05-11 09:30 UTC  yuki, graphql\n"
            "  checkInKeyResult answer-time id=first-look value=700 confidence=0.8\n"
            '      reportedStatus=behind note="The cache is warm, the first page is not."\n'
            "      by=yuki\n"
        ),
        "",
    )


def test_a_reason_stands_at_the_end(ask: Command, company: str) -> None:
    with Workspace.open(company) as workspace:
        workspace.commit([RemoveGoal(id="dry-gates", reason="Nobody\nwants them.")], at=MONDAY)
    assert ask("log", "--after", "2").out == (
        'revision 3  2026-05-04 09:30 UTC  anonymous, api\n  removeGoal dry-gates because "Nobody wants them."\n'
    )


@pytest.fixture
def weeks(tmp_path: Path) -> str:
    """A store of 25 revisions, a week each."""
    url = f"sqlite:///{tmp_path}/weeks.db"
    with Workspace.open(url) as workspace:
        for week in range(1, 26):
            workspace.commit([CreatePeriod(id=f"week-{week}", title=f"Week {week}")], at=MONDAY)
    return url


def numbers(out: str) -> list[int]:
    """The revisions that a log shows."""
    return [int(line.split()[1]) for line in out.splitlines() if line.startswith("revision ")]


def test_the_log_shows_the_newest_and_says_what_it_leaves_out(graph_service: Command, weeks: str) -> None:
    done = graph_service("log", "--store", weeks)
    assert (done.code, numbers(done.out)) == (0, [*range(6, 26)])
    assert done.err == "5 earlier; --after 0 begins with the first\n"


def test_the_log_goes_on_from_a_revision(graph_service: Command, weeks: str) -> None:
    done = graph_service("log", "--after", "0", "--limit", "10", "--store", weeks)
    assert (numbers(done.out), done.err) == ([*range(1, 11)], "more; --after 10 goes on\n")
    done = graph_service("log", "--after", "20", "--limit", "10", "--store", weeks)
    assert (numbers(done.out), done.err) == ([21, 22, 23, 24, 25], "")
    assert graph_service("log", "--after", "99", "--store", weeks) == (0, "", "no commit to show\n")


def test_the_log_of_one_node(graph_service: Command, weeks: str, ask: Command) -> None:
    done = graph_service("log", "--node", "week-7", "--store", weeks)
    assert (done.code, numbers(done.out), done.err) == (0, [7], "")
    assert numbers(ask("log", "--node", "answer-time").out) == [1, 2]
    assert ask("log", "--node", "answer-time", "--limit", "1").err == "1 earlier; --after 0 begins with the first\n"
    assert numbers(ask("log", "--node", "answer-time", "--after", "0", "--limit", "1").out) == [1]
    assert ask("log", "--node", "anser-time") == (
        1,
        "",
        "error: no node has the id 'anser-time'; did you mean 'answer-time' (Halve the answer time)?\n",
    )


def test_the_log_of_a_new_store(graph_service: Command) -> None:
    assert graph_service("log", "--store", "sqlite://") == (0, "", "no commit yet\n")
    assert graph_service("log", "--store", "sqlite://", "--json") == (0, "[]\n", "")


def test_the_log_as_json_has_a_change_for_each_step(ask: Command) -> None:
    done = ask("log", "--json")
    assert (done.code, done.err) == (0, "")
    changes = json.loads(done.out)
    assert len(changes) == 14
    assert changes[12] == {
        "revision": 1,
        "position": 12,
        "at": "2026-05-04T09:30:00Z",
        "by": "anonymous",
        "kind": "keepReference",
        "nodes": ["dry-gates"],
        "input": {"nodeId": "dry-gates", "kind": "parent", "reference": "unknown:storm", "outgoing": True},
        "reason": None,
        "source": "import",
    } | {"input": changes[12]["input"]}
    assert [change["position"] for change in json.loads(ask("log", "--json", "--node", "yuki").out)] == [3, 8]


def test_a_sound_store_is_said_to_be_sound(ask: Command, company: str) -> None:
    assert ask("verify") == (
        0, f"{company} is sound at revision 2: log, present state and database agree\n", "",
    )  # fmt: skip
    answer = json.loads(ask("verify", "--json").out)
    assert len(answer.pop("epoch")) == 16
    assert answer == {"store": company, "revision": 2, "sound": True, "problems": []}


def test_an_edit_by_hand_is_found(ask: Command, company: str) -> None:
    with sqlite3.connect(company.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE check_ins SET body = replace(body, '700', '300')")
        assert database.total_changes == 1
    database.close()
    done = ask("verify")
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines()[-1].startswith(f"{company} is damaged: ")
    assert "fold" in {one["part"] for one in json.loads(ask("verify", "--json").out)["problems"]}


def test_a_flipped_byte_is_found(ask: Command, company: str) -> None:
    """A number in a page of the database is not what was written."""
    path = Path(company.removeprefix("sqlite:///"))
    content = path.read_bytes()
    place = content.rindex(b"The cache is warm")
    path.write_bytes(content[:place] + b"D" + content[place + 1 :])
    done = ask("verify")
    assert (done.code, done.err) == (1, "")
    *problems, last = done.out.splitlines()
    assert problems and all(": " in problem for problem in problems)
    assert last.startswith(f"{company} is damaged: ")
    answer = json.loads(ask("verify", "--json").out)
    assert answer["sound"] is False
    assert {one["part"] for one in answer["problems"]} <= {"log", "fold", "database"}


def test_schema_writes_the_contracts_and_checks_them(graph_service: Command, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    names = ["schema.graphql", "records.schema.json", "audit.schema.json", "sqlite.sql"]
    missing = graph_service("schema", str(folder), "--check")
    assert missing.code == 1
    assert missing.out.splitlines() == [
        *(f"{folder / name} is missing" for name in names),
        "run `graph-service schema` to write them",
    ]
    assert not folder.exists()
    written = graph_service("schema", str(folder))
    assert (written.code, written.out.splitlines()) == (0, [f"{folder / name} written" for name in names])
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == contracts()
    assert graph_service("schema", str(folder), "--check").code == 0
    (folder / "sqlite.sql").write_text("-- by hand\n")
    stale = graph_service("schema", str(folder), "--check")
    assert stale.code == 1
    assert f"{folder / 'sqlite.sql'} is not up to date" in stale.out.splitlines()
    assert (folder / "sqlite.sql").read_text() == "-- by hand\n"


def test_the_contracts_in_the_checkout_are_up_to_date() -> None:
    known = {name: (ROOT / "schema" / name).read_bytes() for name in contracts()}
    assert known == contracts(), "run `graph-service schema`"


def test_config_show_tells_every_setting_and_where_it_comes_from(
    graph_service: Command, monkeypatch: pytest.MonkeyPatch, user_data: Path
) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_MAX_PAGE", "500")
    done = graph_service("config", "show")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"GRAPH_SERVICE_STORE = sqlite:///{user_data}/graph-service/workspace.db  (default)"
    assert "GRAPH_SERVICE_MAX_PAGE = 500  (environment)" in lines
    shown = [line.partition(" = ")[0] for line in lines if not line.startswith(" ")]
    assert shown == [f"GRAPH_SERVICE_{name.upper()}" for name in Settings.model_fields]
    answer = json.loads(graph_service("config", "show", "--json", "--store", "sqlite:///harbour.db").out)
    assert answer[0]["value"], answer[0]["origin"] == ("sqlite:///harbour.db", "option")
    assert all(one["meaning"] for one in answer)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("neo4j://reader:harbour@graph.example:7687", "neo4j://reader:***@graph.example:7687"),
        ("neo4j://graph.example:7687", "neo4j://graph.example:7687"),
        ("sqlite:////srv/a:b@c.db", "sqlite:////srv/a:b@c.db"),
        (8000, 8000),
    ],
)
def test_a_password_is_not_shown(value: object, shown: object) -> None:
    assert without_password(value) == shown
