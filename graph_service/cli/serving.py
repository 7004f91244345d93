"""Commands that serve the graph over HTTP: to this machine, or with access tokens to others as well."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph_service.cli.options import STORE, Store

if TYPE_CHECKING:
    from types import FrameType

    from graph_service.settings import Settings
    from graph_service.workspace import Workspace

SHOWN = "plan-in-a-blink"
"""The goal of the sample company whose ladder the demo draws."""

TO_TRY = (f"ladder {SHOWN}", "orphans", "explain offline-in-fog")
Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="ADDRESS",
        help="The address to listen on: 127.0.0.1, ::1 or localhost for this machine alone; any other needs an access "
        "token in the store.  [default: GRAPH_SERVICE_HOST, else 127.0.0.1]",
    ),
]
Loopback = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="ADDRESS",
        help="127.0.0.1, ::1 or localhost.  [default: GRAPH_SERVICE_HOST, else 127.0.0.1]",
    ),
]

log = logging.getLogger("graph_service.serving")


def serve(
    host: Host = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help="The port; 0 takes a free one.  [default: GRAPH_SERVICE_PORT, else 8000]",
        ),
    ] = None,
    closed: Annotated[
        bool,
        typer.Option(
            "--closed", help="Serve other machines although there is no access token yet: all is refused until then."
        ),
    ] = False,
    store: Store = None,
) -> int:
    """Serve the graph: GraphQL, GraphiQL, health. Stop with Ctrl-C."""
    from graph_service.cli.opening import settings
    from graph_service.cli.output import put
    from graph_service.settings import is_loopback

    in_force = settings(host=host, port=port)
    if not is_loopback(in_force.host) and not closed:
        must_have_token(in_force.host, store)
    with (
        until_stopped(),
        listening(in_force.host, in_force.port) as door,
        served_workspace(store, in_force) as workspace,
    ):
        put(f"store       {workspace.store.url}")
        answer(workspace, door, in_force)
    return 0


@contextmanager
def served_workspace(store: str | None, in_force: Settings) -> Iterator[Workspace]:
    """The workspace to be served, watched if its store is on a server. The server need not be there yet; but what will
    not mend by itself (a wrong password, a newer schema) ends the command."""
    from graph_service.cli.opening import open_store
    from graph_service.errors import StoreUnavailable, StoreUnreachable
    from graph_service.logs import start_logs
    from graph_service.workspace import Workspace

    start_logs(in_force.log_format, in_force.log_level, sys.stderr)
    kept = open_store(store, create=True, eager=False)
    try:
        workspace = Workspace(kept, staleness=in_force.staleness)
    except BaseException:
        kept.close()
        raise
    with workspace:
        lost: StoreUnavailable | None = workspace.lost
        if isinstance(lost, StoreUnreachable):
            log.warning("%s; until it is, every question is answered by STORE_UNAVAILABLE", lost)
        elif lost is not None:
            raise lost
        yield workspace


def must_have_token(host: str, store: str | None) -> None:
    """Refuses to serve other machines while nobody could show a token."""
    from datetime import UTC, datetime

    from graph_service.cli.opening import NoStore, open_store
    from graph_service.errors import StoreUnreachable

    try:
        kept = open_store(store)
    except StoreUnreachable:
        return  # nobody is let in before the tokens are known
    except NoStore:
        tokens = []
    else:
        try:
            tokens = kept.tokens()
        finally:
            kept.close()
    if not any(token.valid(datetime.now(UTC)) for token in tokens):
        raise typer.BadParameter(
            f"'{host}' is no loopback address, and there is no valid access token: whoever reaches this machine could"
            " read and change everything; make one by `graph-service token create --name NAME --scope read|write|admin`"
            " with the same store, or give 127.0.0.1",
            param_hint="'--host'",
        )


def demo(
    host: Loopback = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help="The port; 0 takes a free one.  [default: GRAPH_SERVICE_PORT, else 8000; a free one if that is taken]",
        ),
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only load the sample and draw the ladder.")] = False,
    store: Annotated[
        str | None,
        typer.Option(
            STORE,
            metavar="URL",
            help="A new store that keeps the sample.  [default: a temporary one, removed at the end]",
        ),
    ] = None,
) -> int:
    """Load a sample company, draw one of its ladders and serve it. Nothing is left behind."""
    from graph_service.cli.opening import settings
    from graph_service.cli.output import put, put_chart

    in_force = settings(host=host, port=port)
    with until_stopped(), ExitStack() as stack:
        door = None
        if not no_serve:
            loopback(in_force.host)
            door = stack.enter_context(listening(in_force.host, in_force.port, or_free=port is None))
        workspace = stack.enter_context(sample(store))
        put_chart(ladder_of(workspace, SHOWN))
        if door is not None:
            put("\nWhile it runs, in another terminal:")
            for command in TO_TRY:
                put(f"  {this_command()} {command} {STORE} {workspace.store.url}")
            put("")
            answer(workspace, door, in_force)
    return 0


def this_command() -> str:
    """How a person starts the command: by its name where a shell finds it, else by the way to it from here."""
    name = "graph-service"
    started = Path(sys.argv[0])
    if shutil.which(name) is not None or started.name != name:
        return name
    path = os.path.relpath(started)
    return str(started) if path.startswith("..") else path


@contextmanager
def sample(store: str | None) -> Iterator[Workspace]:
    """A workspace that holds the sample company, its second quarter under way today."""
    from tempfile import TemporaryDirectory

    from graph_service.cli.opening import open_workspace
    from graph_service.sample import load_sample

    with ExitStack() as stack:
        if store is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="graph-service-", ignore_cleanup_errors=True))
            store = f"sqlite:///{folder}/demo.db"
        workspace = stack.enter_context(open_workspace(store, create=True))
        with workspace.reading() as graph:
            revision = graph.revision
        if revision:
            raise typer.BadParameter(
                f"{workspace.store.url} is in use (revision {revision}); name a new one", param_hint=f"'{STORE}'"
            )
        load_sample(workspace, workspace.today())
        yield workspace


def ladder_of(workspace: Workspace, id: str) -> str:
    """The ladder of a goal as text."""
    from graph_service.alignment.ladder import ladder
    from graph_service.cli.output import ascii_only, width
    from graph_service.render.text import ladder_text

    with workspace.reading() as graph:
        found = ladder(graph, id)
        assert found is not None
        return ladder_text(found, graph, workspace.today(), width=width(), ascii=ascii_only())


@contextmanager
def until_stopped() -> Iterator[None]:
    """What is done inside may be ended at any moment by Ctrl-C, SIGTERM or a closed terminal: it is left in order, and
    that is no error."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def listening(host: str, port: int, *, or_free: bool = False) -> Iterator[socket.socket]:
    """A socket that listens on an address; with ``or_free`` on another port if this one is taken."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise typer.BadParameter(
            f"'{host}' is no address; give 127.0.0.1 for this machine alone, or 0.0.0.0 or :: for every network",
            param_hint="'--host'",
        ) from None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        if os.name == "posix":  # elsewhere it would let two processes share the port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            try:
                door.bind((address, port))
            except OSError as taken:
                if not or_free or taken.errno != errno.EADDRINUSE:
                    raise
                door.bind((address, 0))
            door.listen()
        except OSError as failed:
            why = "it is taken" if failed.errno == errno.EADDRINUSE else (failed.strerror or str(failed)).lower()
            raise typer.BadParameter(
                f"port {port} of {address} cannot be used: {why}; give another one, or 0 for a free one",
                param_hint="'--port'",
            ) from None
        yield door


def loopback(host: str) -> None:
    """Refuses an address that other machines could reach."""
    from graph_service.settings import is_loopback

    if not is_loopback(host):
        raise typer.BadParameter(
            f"'{host}' is no loopback address, and the sample company is shown to this machine only; give 127.0.0.1,"
            " ::1 or localhost",
            param_hint="'--host'",
        )


def answer(workspace: Workspace, door: socket.socket, in_force: Settings) -> None:
    """Answers requests until the process is asked to stop; says where, once it is ready."""
    from graph_service.api import error_body
    from graph_service.app import create_app
    from graph_service.cli.output import put
    from graph_service.logs import start_logs
    from graph_service.web.server import Config, Server

    address, port = door.getsockname()[:2]
    base = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"

    def ready() -> None:
        put(f"start page  {base}/")
        put(f"GraphQL     {base}/graphql")
        put(f"health      {base}/healthz")
        put("ready; stop with Ctrl-C")
        sys.stdout.flush()

    start_logs(in_force.log_format, in_force.log_level, sys.stderr)
    app = create_app(workspace, in_force)
    config = Config(app, in_force, app.state.metrics, error_body)
    server = Server(config, ready=ready, hurry=app.state.door.hurry, part=app.state.door.followers.part)
    if hasattr(signal, "SIGHUP"):  # uvicorn minds the other two; whoever surrounds this puts the handler back
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run([door])
