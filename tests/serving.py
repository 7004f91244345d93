"""Commands that serve, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

PROGRAM = [sys.executable, "-m", "graph_service"]
PATIENCE = 60.0


class Serving(NamedTuple):
    """A command that is ready: its process, what it wrote until then, its address, and where its log is written."""

    process: subprocess.Popen[str]
    said: list[str]
    base: str
    log: IO[str]

    def answer(self, query: str, variables: object = None) -> dict[str, Any]:
        """The answer that a GraphQL operation gets."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request(f"{self.base}/graphql", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=PATIENCE) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def ask(self, query: str) -> dict[str, object]:
        """The data that a GraphQL query gets."""
        data: dict[str, object] = self.answer(query)["data"]
        return data

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.base.rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, list[dict[str, Any]]]:
        """Asks it to stop; its exit code, what it wrote since, and the lines of its log."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str, list[dict[str, Any]]]:
        """Waits for its end; its exit code, what it wrote since it was ready, and the lines of its log."""
        out, _ = self.process.communicate(timeout=PATIENCE)
        self.log.seek(0)
        return self.process.returncode, out, [json.loads(line) for line in self.log]


@contextmanager
def serving(*arguments: str, program: Sequence[str] = PROGRAM, **environment: str) -> Iterator[Serving]:
    """Starts a command and waits for its line `ready`; kills it at the end if it still runs.

    Its log goes to a file: a pipe that nobody empties would stop it once it is full.
    """
    with TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*program, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            env=os.environ | environment,
        )
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line.rstrip("\n"))
                if line.startswith("ready"):
                    break
            else:
                process.wait(PATIENCE)
                log.seek(0)
                pytest.fail(f"it ended before it was ready: {log.read()}")
            [base] = [line.split()[-1].rstrip("/") for line in said if line.startswith("start page")]
            yield Serving(process, said, base, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE)
