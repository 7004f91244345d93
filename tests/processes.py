"""Processes of their own, for tests that race or kill.

They are forked from one process that has imported everything and runs no threads, so that a hundred of them cost
little.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Concatenate, NoReturn, ParamSpec

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
"""Seconds after which a test that hears nothing fails; far more than anything takes."""

P = ParamSpec("P")


@dataclass(frozen=True)
class Failure:
    """What a process says last when it ends by an error."""

    trace: str


class Process:
    """One process: what it is told, what it says, and how it ends."""

    def __init__(self, parent: Parent, connection: Connection, pid: int) -> None:
        self._parent = parent
        self.connection = connection
        self.pid = pid

    def tell(self, message: object) -> None:
        """Sends it a message."""
        self.connection.send(message)

    def hear(self) -> object:
        """The next thing that it says."""
        assert self.connection.poll(PATIENCE), f"nothing was heard in {PATIENCE} s"
        try:
            message = self.connection.recv()
        except EOFError:
            raise AssertionError("the process ended without a word") from None
        assert not isinstance(message, Failure), message.trace
        return message

    def rest(self) -> Iterator[object]:
        """What it has said until it ended."""
        while True:
            try:
                message = self.connection.recv()
            except (EOFError, OSError):
                return
            assert not isinstance(message, Failure), message.trace
            yield message

    def kill(self) -> None:
        """Kills it with SIGKILL, and waits until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._parent.wait_for(self.pid) == -signal.SIGKILL

    def end(self) -> None:
        """Waits until it is done."""
        status = self._parent.wait_for(self.pid)
        assert (status, list(self.rest())) == (0, [])
        self.connection.close()


class Parent:
    """The process that the others are forked from, as a test sees it."""

    def __init__(self) -> None:
        self._control, end = Pipe()
        path = os.pathsep.join(dict.fromkeys([str(ROOT), *filter(None, sys.path)]))
        # A numerical library would start threads, and a process with threads is not one to fork.
        environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        with end:
            # Not -m, which would make this module a second one: what is said there could not be read here.
            command = [sys.executable, "-c", f"from tests.processes import main; main({end.fileno()})"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[end.fileno()])
        self._running: set[int] = set()

    def start(self, task: Callable[Concatenate[Connection, P], None], *args: P.args, **kwargs: P.kwargs) -> Process:
        """A process that does a task of some module, with a connection to whoever started it."""
        ours, theirs = Pipe()
        with theirs:
            self._control.send((task, args, kwargs))
            send_handle(self._control, theirs.fileno(), self._process.pid)
        pid = self._control.recv()
        self._running.add(pid)
        return Process(self, ours, pid)

    def wait_for(self, pid: int) -> int:
        """How a process ended: 0, or the signal that killed it, negative."""
        self._control.send(pid)
        assert self._control.poll(PATIENCE), f"process {pid} did not end in {PATIENCE} s"
        status: int = self._control.recv()
        self._running.discard(pid)
        return status

    def close(self) -> None:
        """Ends what still runs."""
        for pid in sorted(self._running):
            os.kill(pid, signal.SIGKILL)
            self.wait_for(pid)
        self._control.close()
        assert self._process.wait(PATIENCE) == 0


@contextmanager
def forking() -> Iterator[Parent]:
    """A parent for processes, and the end of all of them."""
    parent = Parent()
    try:
        yield parent
    finally:
        parent.close()


def heard(processes: Sequence[Process]) -> Iterator[tuple[Process, object]]:
    """What several processes say, as it comes."""
    speaking = {process.connection: process for process in processes}
    while True:
        ready = wait(list(speaking), PATIENCE)
        assert ready, f"nothing was heard in {PATIENCE} s"
        for connection in ready:
            process = speaking[connection]  # type: ignore[index]
            yield process, process.hear()


def serve(control: Connection) -> None:
    """Forks a process for every task that comes, and waits for those it is asked about."""
    while True:
        try:
            message = control.recv()
        except EOFError:
            return
        if isinstance(message, int):
            _, status = os.waitpid(message, 0)
            control.send(os.waitstatus_to_exitcode(status))
            continue
        handle = recv_handle(control)
        pid = os.fork()
        if not pid:
            control.close()
            _run(Connection(handle), *message)
        os.close(handle)
        control.send(pid)


def _run(
    connection: Connection, task: Callable[..., None], args: tuple[object, ...], kwargs: dict[str, object]
) -> NoReturn:
    status = 0
    try:
        task(connection, *args, **kwargs)
    except BrokenPipeError:
        status = 2  # whoever started it is gone
    except BaseException:  # noqa: BLE001
        status = 1
        connection.send(Failure(traceback.format_exc()))
    os._exit(status)


def main(control: int) -> None:
    """The process that the others are forked from, with the descriptor by which it is told what to do."""
    import tests.writers  # noqa: F401  # what the tasks need is imported once

    serve(Connection(control))
