"""A server that is gone, refuses, or dies; and services that die while it commits. What was acknowledged is there once.

The tests of this file have a server of their own, with passwords.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from email.message import Message
from itertools import count
from random import Random
from urllib.request import Request, urlopen

import neo4j
import pytest

from graph_service.cli import run
from graph_service.errors import StoreUnavailable, StoreUnreachable
from graph_service.models.changes import CreateObjective
from graph_service.models.facts import AddCheckIn
from graph_service.stores import open_store
from graph_service.workspace import Workspace
from tests.cli.conftest import Done
from tests.processes import Parent, Process, forking, heard
from tests.serving import Serving, serving
from tests.stores.neo4j.places import neo4j_workspace
from tests.stores.neo4j.server import Missing, Server, free_port
from tests.writers import LANES, Reported, company, report, storing

PASSWORD = "a harbour in november"
PATIENCE = 120.0

ROUNDS = int(os.environ.get("GRAPH_SERVICE_TEST_ROUNDS", "2"))
"""How often the server is killed; far more where somebody wants to be sure."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    try:
        made = Server(tmp_path_factory.mktemp("neo4j") / "home", auth=True)
    except Missing as missing:
        pytest.skip(str(missing))
    made.start()
    try:
        with pytest.raises(StoreUnavailable, match="wants the first password of 'neo4j' to be changed"):
            open_store(made.address, password="neo4j")
        with (
            neo4j.GraphDatabase.driver(made.address, auth=("neo4j", "neo4j")) as driver,
            driver.session(database="system") as session,
        ):
            session.run("ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", new=PASSWORD).consume()
        made.password = PASSWORD
        yield made
    finally:
        made.kill()


@pytest.fixture
def url(server: Server) -> str:
    """A workspace of its own on a server that runs."""
    if server.process is None:
        server.start()
    return f"{server.address}/neo4j?workspace=test-{secrets.token_hex(8)}"


def workspace_at(url: str) -> Workspace:
    return Workspace(open_store(url, password=PASSWORD), staleness=0.25)


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Waits for something that comes by itself."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


# ---------- refused ----------


@pytest.mark.parametrize("password", [None, "", "another one"])
def test_a_wrong_password(url: str, password: str | None) -> None:
    with pytest.raises(StoreUnavailable, match="refuses the user 'neo4j'; the password is what GRAPH_SERVICE_NEO4J"):
        open_store(url, password=password)


def test_a_wrong_database(server: Server, url: str) -> None:
    with pytest.raises(StoreUnavailable, match="has no database 'goals'"):
        open_store(f"{server.address}/goals", password=PASSWORD)


def test_what_holds_the_password_does_not_show_it(url: str) -> None:
    with closing(open_store(url, password=PASSWORD)) as store:
        assert PASSWORD not in repr(store) + store.url + repr(vars(store))


def command(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Done:
    code = run(arguments)
    out, err = capsys.readouterr()
    return Done(code, out, err)


def test_the_command_line_says_what_is_wrong(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_NEO4J_PASSWORD", "not the one")
    refused = command("orphans", "--store", url, capsys=capsys)
    assert (refused.code, refused.out) == (3, "")
    assert "refuses the user 'neo4j'" in refused.err
    assert "not the one" not in refused.err
    monkeypatch.setenv("GRAPH_SERVICE_NEO4J_PASSWORD", PASSWORD)
    absent = command("orphans", "--store", url, capsys=capsys)
    assert (absent.code, absent.out) == (3, "")
    assert "there is no store at bolt://neo4j@" in absent.err
    shown = command("config", "show", capsys=capsys)
    assert "GRAPH_SERVICE_NEO4J_PASSWORD = ***  (environment)" in shown.out
    assert PASSWORD not in shown.out
    gone = command("orphans", "--store", f"bolt://127.0.0.1:{free_port()}", capsys=capsys)
    assert (gone.code, gone.out) == (3, "")
    assert gone.err.startswith("error: the Neo4j server bolt://127.0.0.1:")
    assert gone.err.endswith("cannot be reached\n")


def test_a_service_does_not_wait_for_what_will_not_mend(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_NEO4J_PASSWORD", "not the one")
    done = command("serve", "--port", "0", "--store", url, capsys=capsys)
    assert (done.code, done.out) == (3, "")
    assert "refuses the user 'neo4j'" in done.err


# ---------- gone, and back ----------

QUERY = "{ objectives { totalCount } }"


def get(served: Serving, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urlopen(f"{served.base}{path}", timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def post(served: Serving, query: str, **headers: str) -> tuple[dict[str, object], Message]:
    body = json.dumps({"query": query}).encode()
    request = Request(f"{served.base}/graphql", body, {"Content-Type": "application/json", **headers})
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer), answer.headers
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused), refused.headers


def create(served: Serving, title: str, key: str) -> dict[str, object]:
    mutation = (
        f'mutation {{ createObjective(input: {{title: "{title}", idempotencyKey: "{key}"}})'
        " { revision errors { code } } }"
    )
    return post(served, mutation)[0]


def code_of(answer: dict[str, object]) -> object:
    errors = answer.get("errors")
    assert isinstance(errors, list), answer
    return errors[0]["extensions"]["code"]


def test_a_service_outlives_its_server(server: Server, url: str) -> None:
    server.kill()
    with serving("serve", "--port", "0", "--store", url, GRAPH_SERVICE_NEO4J_PASSWORD=PASSWORD) as served:
        # It is there before its server, and says so.
        assert get(served, "/healthz") == (200, {"status": "ok"})
        assert get(served, "/readyz")[0] == 503
        assert code_of(post(served, QUERY)[0]) == "STORE_UNAVAILABLE"
        server.start()
        eventually(lambda: get(served, "/readyz")[0] == 200, "it should find its server by itself")
        assert create(served, "Grow revenue", "first") == {
            "data": {"createObjective": {"revision": 1, "errors": []}},
            "extensions": {"revision": 1},
        }
        # It goes on answering when the server is gone, and says how old that is.
        server.kill()
        eventually(lambda: get(served, "/readyz")[0] == 503, "it should notice")
        status, told = get(served, "/readyz")
        assert (status, told["status"]) == (503, "unavailable")
        assert str(told["reason"]).endswith("cannot be reached")
        answer, headers = post(served, QUERY)
        assert answer["data"] == {"objectives": {"totalCount": 1}}
        assert isinstance(answer["extensions"], dict)
        assert headers["Stale-Since"] == answer["extensions"]["staleSince"]
        assert code_of(create(served, "Expand", "second")) == "STORE_UNAVAILABLE"
        assert code_of(post(served, QUERY, **{"Min-Revision": "2"})[0]) == "REVISION_NOT_REACHED"
        # Nothing was lost or done twice when it is back.
        server.start()
        eventually(lambda: get(served, "/readyz")[0] == 200, "it should find its server again")
        assert create(served, "Expand", "second")["extensions"] == {"revision": 2}
        again = create(served, "Expand", "second")
        assert again["extensions"] == {"revision": 2}
        answer, headers = post(served, QUERY)
        assert answer == {"data": {"objectives": {"totalCount": 2}}, "extensions": {"revision": 2}}
        assert "Stale-Since" not in headers
        code, _, log = served.stop()
        assert code == 0
        told_of = [line["event"] for line in log]
        assert any("the store is lost" in str(event) for event in told_of)
        assert PASSWORD not in json.dumps(log)


def test_two_instances_follow_each_other(server: Server, url: str) -> None:
    environment = {"GRAPH_SERVICE_NEO4J_PASSWORD": PASSWORD}
    with (
        serving("serve", "--port", "0", "--store", url, **environment) as one,
        serving("serve", "--port", "0", "--store", url, **environment) as other,
    ):
        for revision in range(1, 11):
            writer, reader = (one, other) if revision % 2 else (other, one)
            create(writer, f"Goal {revision}", f"goal {revision}")
            assert post(writer, QUERY)[0]["data"] == {"objectives": {"totalCount": revision}}  # at once
            answer, headers = post(reader, QUERY, **{"Min-Revision": str(revision)})
            assert answer["data"] == {"objectives": {"totalCount": revision}}
            assert headers["Revision"] == str(revision)
        create(one, "Goal 11", "goal 11")
        eventually(
            lambda: post(other, QUERY)[0]["data"] == {"objectives": {"totalCount": 11}}, "it should follow by itself"
        )
        refused, _ = post(other, QUERY, **{"Min-Revision": "99"})
        assert code_of(refused) == "REVISION_NOT_REACHED"


# ---------- kill -9 ----------


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(server: Server, url: str) -> None:
    """Eight lanes report through one service, each number under a key of its own, said again until it is answered."""
    random = Random(7)
    said: dict[str, list[int]] = {lane: [] for lane in LANES}
    unknown = 0
    with workspace_at(url) as workspace:
        workspace.commit(company())
        stop = threading.Event()

        def go_on(lane: str) -> None:
            nonlocal unknown
            for number in count():
                while True:
                    try:
                        outcome = workspace.commit(report(lane, number), by=lane, key=f"report {number}")
                    except StoreUnavailable:
                        unknown += 1
                        stop.wait(0.05)
                        if stop.is_set():
                            return
                    else:
                        said[lane].append(outcome.revision)
                        break
                if stop.is_set():
                    return

        threads = [threading.Thread(target=go_on, args=(lane,)) for lane in LANES]
        for thread in threads:
            thread.start()
        for _ in range(ROUNDS):
            before = {lane: len(numbers) for lane, numbers in said.items()}
            eventually(
                lambda before=before: all(len(said[lane]) > before[lane] + 2 for lane in LANES),  # type: ignore[misc]
                "each should have got a word in",
            )
            time.sleep(random.uniform(0, 0.05))  # any moment is a good one to kill
            server.kill()
            server.start()
        stop.set()
        for thread in threads:
            thread.join()
        with workspace.reading() as graph:
            revisions = []
            for lane in LANES:
                goal = graph.goal(f"key result of {lane}")
                assert goal is not None
                there = [(one.id, one.value) for one in goal.check_ins]
                assert there == [(f"{lane} {number}", number) for number in range(len(there))]
                assert len(there) - len(said[lane]) in {0, 1}
                revisions += [one.revision for one in goal.check_ins]
                assert [one.revision for one in goal.check_ins][: len(said[lane])] == said[lane]
            assert len(revisions) == len(set(revisions)) == graph.revision - 1
        assert workspace.verify() == []
    print(f"\n  {ROUNDS} kills of the server: {sum(map(len, said.values()))} acknowledged, 0 lost, {unknown} refused")


WRITERS = ("ada", "grace", "joan")


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    with forking() as made:
        yield made


def test_services_that_are_killed_lose_nothing_that_was_acknowledged(parent: Parent) -> None:
    """Writers are killed while they commit, and others go on; the next need not wait for what they left behind."""
    url = neo4j_workspace()
    random = Random(11)
    acknowledged: dict[str, int] = {}

    def note(message: object) -> int:
        if not isinstance(message, Reported):
            return 0
        assert message.number == acknowledged.get(message.lane, -1) + 1
        acknowledged[message.lane] = message.number
        return 1

    for number in range(2 * ROUNDS):
        writers: Sequence[Process] = [parent.start(storing, url, f"{name} {number}") for name in WRITERS]
        left = random.randint(5, 40)
        for _, message in heard(writers):
            left -= note(message)
            if left <= 0:
                break
        time.sleep(random.uniform(0, 0.01))
        for writer in writers:
            writer.kill()
        for writer in writers:
            for message in writer.rest():
                note(message)
    with closing(open_store(url)) as store:
        assert store.verify() == []
        logged = Counter(
            fact.check_in.goal
            for one in store.changes(0)
            for step in one.steps
            for fact in step.facts
            if isinstance(fact, AddCheckIn)
        )
        for name, last in acknowledged.items():
            assert logged[name] - (last + 1) in {0, 1}
        assert sum(logged.values()) == store.revision() == len(store.load().check_ins)
    print(f"\n  {2 * ROUNDS} kills of {len(WRITERS)} services: {sum(acknowledged.values())} acknowledged, 0 lost")


def test_a_workspace_refuses_while_its_server_is_gone_and_reads_on(server: Server, url: str) -> None:
    with workspace_at(url) as workspace:
        workspace.commit([CreateObjective(id="grow", title="Grow revenue")])
        server.kill()
        with pytest.raises(StoreUnavailable):
            workspace.commit([CreateObjective(id="expand", title="Expand")])
        eventually(lambda: isinstance(workspace.lost, StoreUnreachable), "it should notice")
        with workspace.reading() as graph:
            assert sorted(graph.nodes) == ["grow"]
        server.start()
        eventually(lambda: workspace.lost is None, "it should find it again")
        assert workspace.commit([CreateObjective(id="expand", title="Expand")]).revision == 2
        assert workspace.verify() == []
