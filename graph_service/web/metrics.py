"""What is counted and measured, as Prometheus reads it.

Every application has a registry of its own. Labels are of closed sets, so that nobody can make the metrics grow: paths
are templates, and operations are told apart by name up to a number of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from time import monotonic

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph_service import __version__
from graph_service.errors import Fault
from graph_service.workspace import Workspace

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAMES = 100
"""Operations that are told apart by name; further ones are counted together as `other`."""

SIZES_AGE = 15.0
"""Seconds that the counted sizes of the graph are good for, so that scraping costs nothing."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

FAULTS = frozenset({"INTERNAL_SERVER_ERROR", "STORE_UNAVAILABLE"})


class Metrics:
    """The metrics of one application. ``subscribers`` is set by who serves subscriptions."""

    def __init__(self, workspace: Workspace) -> None:
        self.registry = registry = CollectorRegistry()
        self._names: set[str] = set()
        self.in_hand = Gauge("graph_service_requests_in_hand", "Requests that are being answered.", registry=registry)
        self.subscribers = Gauge("graph_service_subscribers", "Open subscriptions.", registry=registry)
        self._requests = Counter(
            "graph_service_requests",
            "Requests, by path, method and status.",
            ("path", "method", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "graph_service_request_seconds", "Time to answer a request.", ("path",), buckets=SECONDS, registry=registry
        )
        self._operations = Counter(
            "graph_service_operations",
            "GraphQL operations: answered (no error), refused (the asker's doing) or failed (ours).",
            ("name", "kind", "outcome"),
            registry=registry,
        )
        self._operation_seconds = Histogram(
            "graph_service_operation_seconds",
            "Time to answer a GraphQL operation.",
            ("name", "kind"),
            buckets=SECONDS,
            registry=registry,
        )
        self._errors = Counter(
            "graph_service_errors",
            "Errors answered, by code; those of refused requests and mutations among them.",
            ("code",),
            registry=registry,
        )
        self._commits = Counter(
            "graph_service_commits", "Commits accepted through this process, by mutation.", ("kind",), registry=registry
        )
        registry.register(_Graph(workspace))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

    def request(self, path: str, method: str, status: int, seconds: float, state: Mapping[str, object]) -> None:
        """Counts one request, and the operation that it held, by what its layers left word of."""
        self._requests.labels(path, method, str(status)).inc()
        self._request_seconds.labels(path).observe(seconds)
        self.operation(state, seconds)

    def operation(self, told: Mapping[str, object], seconds: float | None) -> None:
        """Counts the errors of an operation, or of a request without one, and the operation itself if its kind is told
        and it took some time."""
        codes = told.get("codes")
        found = codes if isinstance(codes, list) else []
        for code in found:
            self._errors.labels(code).inc()
        kind = told.get("kind")
        if not isinstance(kind, str) or seconds is None:
            return
        name = self._known(told.get("operation"))
        outcome = "failed" if not FAULTS.isdisjoint(found) else "refused" if found else "answered"
        self._operations.labels(name, kind, outcome).inc()
        self._operation_seconds.labels(name, kind).observe(seconds)
        commits = told.get("commits")
        for commit in commits if isinstance(commits, list) else []:
            self._commits.labels(commit).inc()

    def _known(self, name: object) -> str:
        """The label for an operation's name: itself, while there are not too many of them."""
        if not isinstance(name, str) or not name:
            return "anonymous"
        if name not in self._names:
            if len(self._names) >= NAMES:
                return "other"
            self._names.add(name)
        return name

    def exposition(self) -> bytes:
        """All of it as text. It may wait for the workspace."""
        return generate_latest(self.registry)


class _Graph(Collector):
    """The graph as it is now: revision and sizes. While the store is gone there is only that."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float] = monotonic) -> None:
        self._workspace = workspace
        self._clock = clock
        self._lock = Lock()
        self._sizes: dict[str, int] = {}
        self._until = -1.0

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when it is registered."""
        yield GaugeMetricFamily("graph_service_revision", "")

    def collect(self) -> Iterator[Metric]:
        """Version, revision, nodes by kind, links, and whether the store answers."""
        version = GaugeMetricFamily("graph_service_info", "The version that runs.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        up = GaugeMetricFamily("graph_service_store_up", "Whether the store answers.")
        try:
            revision = self._workspace.store.revision()
            sizes = self._counted()
        except Fault:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("graph_service_revision", "Commits accepted in all.", value=revision)
        nodes = GaugeMetricFamily("graph_service_nodes", "Nodes of the graph, by kind.", labels=["kind"])
        for kind, many in sorted(sizes.items()):
            nodes.add_metric([kind], many)
        yield nodes

    def _counted(self) -> dict[str, int]:
        with self._lock:
            if self._clock() >= self._until:
                sizes: dict[str, int] = {}
                with self._workspace.reading() as graph:
                    for vertex in graph.nodes.values():
                        kind = type(vertex.fact).__name__
                        sizes[kind] = sizes.get(kind, 0) + 1
                self._sizes = sizes
                self._until = self._clock() + SIZES_AGE
            return self._sizes
