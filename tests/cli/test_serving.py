"""serve and demo: ready when they say so, to this machine only, and gone without a trace when they are told to stop."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from graph_service.cli.serving import this_command
from graph_service.models.nodes import Period
from graph_service.workspace import Workspace
from tests.cli.conftest import Command
from tests.serving import PATIENCE, PROGRAM, serving


def quiet(end: tuple[int, str, list[dict[str, Any]]]) -> bool:
    """Whether a server ended well, and told of nothing but requests."""
    code, out, log = end
    return (code, out, {line["event"] for line in log} - {"request"}) == (0, "", set())


def test_serve_answers_until_it_is_told_to_stop(company: str, ask: Command) -> None:
    with serving("serve", "--port", "0", "--store", company) as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.base)
        assert server.said == [
            f"store       {company}",
            f"start page  {server.base}/",
            f"GraphQL     {server.base}/graphql",
            f"health      {server.base}/healthz",
            "ready; stop with Ctrl-C",
        ]
        with urlopen(f"{server.base}/healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
        assert server.ask('{ objective(id: "fast-app") { title } }') == {
            "objective": {"title": "The app answers in a [red]blink[/red]"}
        }
        assert ask("check-in", "answer-time", "450").code == 0  # another process writes, and it sees that
        assert server.ask('{ revision keyResult(id: "answer-time") { value } }') == {
            "revision": 3,
            "keyResult": {"value": 450.0},
        }
        assert quiet(server.stop())
    with Workspace.open(company) as workspace:
        assert workspace.store.verify() == []


def test_serve_makes_a_store_that_is_not_there_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    path = tmp_path / "new" / "harbour.db"
    with serving("serve", "--port", "0", GRAPH_SERVICE_STORE=f"sqlite:///{path}") as server:
        assert server.ask("{ revision }") == {"revision": 0}
        assert quiet(server.stop(signal.SIGINT))
    assert path.exists()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
@pytest.mark.may_skip("some machines have no IPv6")
def test_serve_on_the_loopback_address_of_ipv6(company: str) -> None:
    with socket.socket(socket.AF_INET6) as trial:
        try:
            trial.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 loopback here")
    with serving("serve", "--host", "::1", "--port", "0", "--store", company) as server:
        assert server.base.startswith("http://[::1]:")
        assert server.ask("{ revision }") == {"revision": 2}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("serve", "is no loopback address, and there is no valid access token"),
        ("demo", "is no loopback address, and the sample company is shown to this machine only"),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.com", ""])
def test_other_machines_are_not_served(
    command: str, why: str, host: str, graph_service: Command, tmp_path: Path
) -> None:
    done = graph_service(command, "--host", host, "--port", "0", "--store", f"sqlite:///{tmp_path}/new.db")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert host == "" or f"'{host}' {why}" in done.err
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_named(command: str, graph_service: Command, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = graph_service(command, "--port", str(port), "--store", f"sqlite:///{tmp_path}/new.db")
    assert done == (
        2,
        "",
        (
            f"error: invalid value for '--port': port {port} of 127.0.0.1 cannot be used: it is taken; give another"
            f" one, or 0 for a free one; see `graph-service {command} --help`\n"
        ),
    )
    assert [*tmp_path.iterdir()] == []


def test_the_demo_shows_a_ladder_serves_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving("demo", "--port", "0", TMPDIR=str(tmp_path)) as server:
        [folder] = tmp_path.iterdir()
        text = "\n".join(server.said)
        assert "Plan in a blink" in text or "plan-in-a-blink" in text
        commands = [line.split() for line in server.said if line.startswith("  graph-service ")]
        assert [words[1] for words in commands] == ["ladder", "orphans", "explain"]
        for words in commands:  # what it says to try works while it runs
            done = subprocess.run([*PROGRAM, *words[1:]], capture_output=True, text=True, check=False, timeout=PATIENCE)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout
        answer = server.ask("{ orphans { nodes: edges { node { kind objective { id } } } } }")
        assert answer == {
            "orphans": {
                "nodes": [
                    {"node": {"kind": "BROKEN", "objective": {"id": "gates-in-spray"}}},
                    {"node": {"kind": "UNALIGNED", "objective": {"id": "harbour-podcast"}}},
                    {"node": {"kind": "ADRIFT", "objective": {"id": "podcast-guests"}}},
                ]
            }
        }
        assert quiet(server.stop())
        assert not folder.exists()
    assert [*tmp_path.iterdir()] == []


def test_the_demo_takes_a_free_port_if_the_usual_one_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with serving("demo", GRAPH_SERVICE_PORT=str(port), TMPDIR=str(tmp_path)) as server:
            assert not server.base.endswith(f":{port}")
            assert "revision" in server.ask("{ revision }")
            assert quiet(server.stop(signal.SIGHUP))  # its terminal was closed
    assert [*tmp_path.iterdir()] == []


def test_the_demo_without_a_server_draws_the_ladder_only(graph_service: Command, tmp_path: Path) -> None:
    done = graph_service("demo", "--no-serve")
    assert (done.code, done.err) == (0, "")
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert "http" not in done.out and "Ctrl-C" not in done.out


def test_the_demo_can_keep_its_store(graph_service: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept.db"
    assert graph_service("demo", "--no-serve", "--store", url).code == 0
    assert graph_service("show", "plan-in-a-blink", "--store", url).code == 0
    again = graph_service("demo", "--no-serve", "--store", url)
    assert (again.code, again.out) == (2, "")
    assert re.search(r"is in use \(revision \d+\); name a new one", again.err)


def test_the_demo_is_alive_today(graph_service: Command, tmp_path: Path) -> None:
    """The second quarter is under way on whichever day it is."""
    url = f"sqlite:///{tmp_path}/kept.db"
    assert graph_service("demo", "--no-serve", "--store", url).code == 0
    with Workspace.open(url) as workspace, workspace.reading() as graph:
        period = graph.nodes["fy-q2"].fact
        assert isinstance(period, Period) and period.start is not None and period.end is not None
        assert period.start < workspace.today() < period.end


def test_ctrl_c_while_the_sample_is_loaded_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, graph_service.sample as sample\n"
        "sample.load_sample = lambda *_: os.kill(os.getpid(), signal.SIGTERM)\n"
        "from graph_service.cli import run\n"
        "sys.exit(run(['demo', '--port', '0']))\n"
    )
    env = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("started", "on_path", "told"),
    [
        (".venv/bin/graph-service", None, ".venv/bin/graph-service"),
        (".venv/bin/graph-service", "/usr/local/bin/graph-service", "graph-service"),
        ("/opt/tools/bin/graph-service", None, "/opt/tools/bin/graph-service"),
        ("/opt/tools/graph_service/__main__.py", None, "graph-service"),
    ],
)
def test_the_demo_names_the_command_as_it_can_be_started(
    started: str, on_path: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [started, "demo"])
    monkeypatch.setattr("shutil.which", lambda name: on_path)
    assert this_command() == told
