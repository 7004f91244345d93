"""A real Neo4j server for the tests: brought by Maven once, started on free ports, stopped by its process id.

All processes of one test run share a server. Each of them holds a lock on a file while it lives, and a keeper process
stops the server when nobody holds one any more, however the run ended. Started as a program, this file is the keeper.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import neo4j

LTS = "5.26.30"
"""The version on which every test runs; Java 17 or newer."""

CURRENT = "2026.08.1"
"""The version on which the core of the contract runs as well, where a Java 21 or newer is found."""

OF_LTS, OF_CURRENT = 17, 21
"""The oldest Java that each of them runs on."""

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).resolve().parents[3] / ".cache" / "neo4j"
PATIENCE = 120.0
"""Seconds in which a server starts, on the slowest machine."""

ENTRY_POINT = "META-INF/services/org.neo4j.server.startup.EntryPoint"
ADDRESS = "127.0.0.1"


class Missing(Exception):
    """There is no server and none can be had; why."""


# ---------- having one ----------


def java(least: int) -> str:
    """The path of a Java of at least this version; Missing if there is none."""
    home = os.environ.get("JAVA_HOME")
    found = [path for path in (f"{home}/bin/java" if home else None, shutil.which("java")) if path]
    found += sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java")), reverse=True)
    for path in found:
        try:
            told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
        except OSError:
            continue
        version = re.search(r'version "(\d+)', told)
        if version and int(version[1]) >= least:
            return path
    raise Missing(f"no Java {least} or newer; install one, or say by JAVA_HOME where it is")


def jars(version: str) -> Path:
    """The folder of the server's jars, brought by Maven if it is not there yet; Missing if it cannot be had."""
    folder = CACHE / version
    if (folder / "complete").exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("no Maven to bring the Neo4j server; install it (Debian: apt-get install maven)")
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / f"{version}.lock"):
        if not (folder / "complete").exists():
            command = [maven, "-q", "-B", "-f", str(POM), f"-Dneo4j.version={version}"]
            command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(f"Maven cannot bring Neo4j {version}: {(done.stdout + done.stderr).strip()[-300:]}")
            (folder / "complete").touch()
    return folder


def entry_point(folder: Path, version: str) -> str:
    """The main class of a server."""
    with zipfile.ZipFile(folder / f"neo4j-{version}.jar") as jar:
        lines = jar.read(ENTRY_POINT).decode().split()
    return lines[0]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a file for this process alone."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as door:
        door.bind((ADDRESS, 0))
        port: int = door.getsockname()[1]
        return port


# ---------- running one ----------


class Server:
    """A server in a folder of its own. It can be killed and started again on the same port and data."""

    def __init__(self, home: Path, version: str = LTS, *, auth: bool = False, heap: str = "512m") -> None:
        self.home, self.version, self.heap = home, version, heap
        self.java = java(OF_LTS if version == LTS else OF_CURRENT)
        self.jars = jars(version)
        self.port = free_port()
        self.auth = auth
        self.password: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        (home / "conf").mkdir(parents=True)
        (home / "conf" / "neo4j.conf").write_text(self.configuration())

    @property
    def address(self) -> str:
        """Where it listens, as the driver names it."""
        return f"bolt://{ADDRESS}:{self.port}"

    def configuration(self) -> str:
        """The content of neo4j.conf: small, local, and as patient as the service expects."""
        settings = {
            "server.default_listen_address": ADDRESS,
            "server.bolt.listen_address": f"{ADDRESS}:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.heap.initial_size": self.heap,
            "server.memory.heap.max_size": self.heap,
            "server.memory.pagecache.size": "128m",
            "db.lock.acquisition.timeout": "3s",
            "dbms.security.auth_enabled": str(self.auth).lower(),
            "dbms.usage_report.enabled": "false",
        }
        if self.version != LTS:
            settings["db.query.default_language"] = "CYPHER_25"
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def command(self) -> Sequence[str]:
        """How it is started."""
        opens = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent")
        return [
            self.java,
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            "-XX:+UseG1GC",
            *[f"--add-opens={package}=ALL-UNNAMED" for package in opens],
            "-cp",
            f"{self.jars}/*",
            entry_point(self.jars, self.version),
            f"--home-dir={self.home}",
            f"--config-dir={self.home}/conf",
        ]

    def start(self) -> None:
        """Starts it and waits until it answers."""
        (self.home / "logs").mkdir(exist_ok=True)
        with (self.home / "logs" / "console.log").open("ab") as out:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        until = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the server did not start: {self.told()}")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it can be used: the database answers, to who is signed in if a password is known."""
        auth = None if self.password is None else ("neo4j", self.password)
        try:
            driver = neo4j.GraphDatabase.driver(self.address, auth=auth, connection_timeout=2.0)
            with driver, driver.session() as session:
                session.run("RETURN 1").consume()
        except neo4j.exceptions.ClientError:
            return self.auth and self.password is None
        except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError):
            return False
        return True

    def told(self) -> str:
        """The last of what it wrote."""
        return (self.home / "logs" / "console.log").read_text(errors="replace")[-2_000:]

    def kill(self) -> None:
        """Kills it with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stops it in order."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None


# ---------- sharing one ----------

_keepers: list[subprocess.Popen[bytes]] = []
"""The processes that keep a server for longer than this one; a forgotten one would be warned of."""


@contextmanager
def shared_server(folder: Path, version: str = LTS) -> Iterator[str]:
    """The address of the server that all processes of a run share; ``folder`` is the run's. Missing if none is to be
    had."""
    folder.mkdir(parents=True, exist_ok=True)
    java(OF_LTS if version == LTS else OF_CURRENT)
    jars(version)
    with (folder / "users").open("a") as users:
        with locked(folder / "starting"):
            fcntl.flock(users, fcntl.LOCK_SH)  # while the last keeper stops its server, this waits
            state = folder / "server.json"
            if not state.exists():
                command = [sys.executable, "-m", "tests.stores.neo4j.server", str(folder), version]
                with (folder / "keeper.log").open("ab") as out:
                    _keepers.append(subprocess.Popen(
                        command, cwd=CACHE.parents[1], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                        start_new_session=True,
                    ))  # fmt: skip
                until = time.monotonic() + PATIENCE
                while not state.exists():
                    assert time.monotonic() < until, (folder / "keeper.log").read_text()
                    time.sleep(0.05)
            told = json.loads(state.read_text())
        if "failed" in told:
            raise AssertionError(told["failed"])
        yield told["address"]


def keep(folder: Path, version: str) -> None:
    """Runs a server until nobody uses it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    state, home = folder / "server.json", folder / f"server-{os.getpid()}"

    def tell(what: dict[str, str]) -> None:
        draft = folder / "server.json.new"
        draft.write_text(json.dumps(what))
        draft.rename(state)

    server = Server(home, version)
    try:
        try:
            server.start()
        except AssertionError as failed:
            tell({"failed": str(failed)})
        else:
            tell({"address": server.address})
        with (folder / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            state.unlink()
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2])
