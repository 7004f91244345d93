"""A real browser for the tests: Debian's Chromium, steered by Playwright, and a service with the sample company.

Whatever a page does in a test is watched: an error on the console, an exception or a request to another host fails it.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import uvicorn

from graph_service.app import create_app
from graph_service.sample import load_sample
from graph_service.settings import Settings
from graph_service.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

WIKI = "http://wiki.test"
# The sites of these tests are made up, so that a frame of ours is on another network for them.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks"]
PATIENCE = 20_000  # milliseconds; for slow machines, nothing waits that long otherwise


class Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def served(workspace: Workspace, **settings: object) -> Iterator[str]:
    """The address of a service for a workspace, in a thread of this process."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        app = create_app(workspace, Settings(**settings))  # type: ignore[arg-type]
        server = Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            assert server.ready.wait(30)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@dataclass
class Service:
    """A service with its workspace."""

    workspace: Workspace
    address: str


@pytest.fixture(scope="module")
def sample() -> Iterator[Service]:
    """The sample company, as of today, with two kept audits."""
    workspace = Workspace.open("sqlite://")
    load_sample(workspace, workspace.today())
    for days in (14, 0):
        with workspace.reading() as graph:
            report = workspace.found(graph, workspace.today() - timedelta(days)).report()
        workspace.keep_audit(report)
    with served(workspace, embed_origins=WIKI) as address:
        yield Service(workspace, address)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: while it is steered, nothing else of this process can run an event loop."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium here, so no page is tried in a browser")
    steering_of = pytest.importorskip(
        "playwright.sync_api", reason="no playwright here, so no page is tried in a browser"
    )
    with steering_of.sync_playwright() as steering:
        browser = steering.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """What went wrong in the pages of a test, and the hosts that they asked."""

    wrong: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listens to a page."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(one in message.text for one in self.expected):
            self.wrong.append(f"{message.type}: {message.text}")


Open = Callable[..., "Page"]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """What is seen of the pages of this test; it fails at its end if anything went wrong."""
    watched = Watched()
    yield watched
    assert watched.wrong == []


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[Open]:
    """Opens an address in a window of its own, and waits until its chart is there."""
    contexts = []

    def open_page(
        address: str,
        *,
        width: int = 1400,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
        chart: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watched.watch(page)
        page.goto(address)
        if script and chart:
            page.wait_for_selector("alignment-chart svg.picture [data-id]", state="attached")
        return page

    yield open_page
    hosts = {host for host in watched.hosts if host and not host.startswith("127.0.0.1:")}
    for context in contexts:
        context.close()
    assert hosts <= {"wiki.test", "other.test"}, "a page asked another host"
