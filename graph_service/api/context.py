"""Who asks, and what the answer stands on.

A :class:`Ground` is one graph at one revision, asked by one viewer on one day: everything that is answered is read from
it. An :class:`Asking` is one operation under way: it holds the workspace still from its first field to its last, or
from the first that reads what a change of its own has come to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from datetime import date, datetime
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from graphql import GraphQLError

from graph_service.access import OPEN, Caller
from graph_service.alignment.audit.current import Found
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.narrow import Within
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.api.errors import codes_of
from graph_service.api.limits import Limits
from graph_service.errors import Refusal, RevisionMoved
from graph_service.workspace import Unwanted

if TYPE_CHECKING:
    from graph_service.alignment.pace import Judge
    from graph_service.models.changes import Change
    from graph_service.workspace import Outcome, Workspace
    from graph_service.workspace.following import Event
    from graph_service.workspace.noticing import Noticed

MUTATION = "mutation"

T = TypeVar("T")
V = TypeVar("V", bound=Vertex)


class Ground:
    """What an answer stands on: a graph, who asks, what day it is, and the bounds of a page."""

    __slots__ = ("_found", "asking", "graph", "limits", "revision", "today", "viewer")

    def __init__(self, graph: AlignmentGraph, asking: Asking, today: date) -> None:
        self.graph = graph
        self.asking = asking
        self.today = today
        self.viewer: Viewer = asking.viewer.on(graph)
        self.limits: Limits = asking.limits
        self.revision = graph.revision
        self._found: dict[date, Found] = self.viewer.found(graph.revision) if isinstance(self.viewer, Within) else {}

    def found(self, as_of: date | None = None) -> Found:
        """What an audit finds on a day (absent: today), as far as the viewer may see; asked once for each day."""
        day = self.today if as_of is None else as_of
        if day not in self._found:
            self._found[day] = self.asking.workspace.found(self.graph, day, self.viewer)
        return self._found[day]

    @property
    def epoch(self) -> str:
        """The time between two restores of the store; a cursor of another one means nothing here."""
        return self.asking.workspace.epoch

    def vertex(self, id: str | None) -> Vertex | None:
        """The node with this id; None if there is none that the viewer may see."""
        vertex = None if id is None else self.graph.nodes.get(id)
        return vertex if vertex is not None and self.viewer.sees(vertex) else None

    def goal(self, id: str | None) -> GoalVertex | None:
        """The goal with this id; None if there is none that the viewer may see."""
        vertex = self.vertex(id)
        return vertex if isinstance(vertex, GoalVertex) else None

    def seen(self, vertices: Iterable[V]) -> list[V]:
        """Those that the viewer may see, order kept."""
        if self.viewer is EVERYBODY:
            return list(vertices)
        sees = self.viewer.sees
        return [vertex for vertex in vertices if sees(vertex)]

    def judge(self, as_of: date | None = None) -> Judge:
        """Judges status and expected progress on a day (absent: today)."""
        return self.graph.judge(self.today if as_of is None else as_of)

    def page_of(self, items: list[T], source: object, field: str) -> list[T]:
        """A plain list, cut if it is longer than a page."""
        return items if len(items) <= self.limits.max_page else self.cut(items, source, field)

    def cut(self, items: list[T], source: object, field: str) -> list[T]:
        """The first page of a plain list; ``extensions.truncated`` tells what was cut."""
        node = getattr(getattr(source, "vertex", None), "id", None)
        self.asking.truncated.append({"node": node, "field": field, "total": len(items)})
        return items[: self.limits.max_page]


HURRIED = -1.0
"""A time that is over, whenever the clock began."""


class OutOfTime(BaseException):
    """An operation took longer than it may. No fault of a field, so that it ends the whole operation at once."""


class Followed(Enum):
    """What can be followed: every revision, the progress of goals, or findings."""

    GRAPH = "graph"
    PROGRESS = "progress"
    FINDINGS = "findings"


class Wish(NamedTuple):
    """What somebody wants to follow, and from after which place of which epoch on: a revision, and of findings the
    ordinal of the day that they were judged on (else 0). ``ids``: the progress of these goals alone (None: of all)."""

    epoch: str
    after: tuple[int, int]
    what: Followed
    ids: frozenset[str] | None = None


class Asking:
    """One operation: on which workspace, by whom, within which bounds, and what happened on the way.

    As a context manager it holds the workspace at one revision (``at_least`` waits for one, up to ``patience``
    seconds); ``ground`` is what to answer from. A mutation holds it only once ``ground`` is asked for: many are
    answered without, and the writer goes on. ``until`` is when its time is over, by the clock of :func:`monotonic`.

    Of a subscription ``event`` is what it is asked about; None asks what is wished, which ``wish`` holds then.
    ``untold`` says that there is nothing in the event for whoever asks. ``resume`` is the epoch and revision (of
    findings the day too) after which whoever connects again goes on, whatever the document says.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        limits: Limits | None = None,
        viewer: Viewer | None = None,
        caller: Caller = OPEN,
        source: str = "graphql",
        at_least: int | None = None,
        patience: float = 5.0,
        request_id: str = "",
    ) -> None:
        self.workspace = workspace
        self.limits = limits or Limits()
        self._viewer = viewer
        self.caller = caller
        self.source = source
        self.at_least = at_least
        self.patience = patience
        self.request_id = request_id
        self.resume: tuple[str, int, date | None] | None = None
        self.begin()

    @property
    def viewer(self) -> Viewer:
        """Through whose eyes it is answered: the caller's, unless others were given."""
        return self.caller.viewer if self._viewer is None else self._viewer

    def begin(self) -> None:
        """Nothing has been answered so far."""
        self.truncated: list[dict[str, object]] = []
        self.revision: int | None = None
        self.stale_since: datetime | None = None
        self.executing = False
        self.until = monotonic() + self.limits.seconds
        self.tell_cost = False
        self.cost: int | None = None
        self.operation: str | None = None
        self.kind: str | None = None
        self.commits: list[str] = []
        self.refused: list[str] = []
        self.event: Event | Noticed | None = None
        self.wish: Wish | None = None
        self.untold = False
        self._ground: Ground | None = None
        self._reading: AbstractContextManager[AlignmentGraph] | None = None
        self._open = False

    @property
    def ground(self) -> Ground:
        """What to answer from, while the operation is executed."""
        if self._ground is None and self._open:
            self._hold(self.at_least)
        assert self._ground is not None, "nothing is answered outside of the operation"
        return self._ground

    def has_time(self) -> bool:
        """Whether its time is not over yet."""
        return monotonic() <= self.until

    def in_time(self) -> None:
        """Raises OutOfTime if its time is over."""
        if not self.has_time():
            raise OutOfTime

    def hurry(self) -> None:
        """Lets its time be over."""
        self.until = HURRIED

    def too_late(self) -> str:
        """The sentence for an operation that was ended."""
        why = f"took more than {self.limits.seconds:g} s and was ended; ask for less at once."
        if self.until == HURRIED:
            why = "was ended, because the service is stopping; ask again in a moment."
        stands = f" What it had changed by then stands, at revision {self.revision}." if self.commits else ""
        return f"The operation {why}{stands}"

    def told(self, errors: Iterable[GraphQLError] | None) -> dict[str, object]:
        """What the log and the metrics tell of it, with the errors it was answered: no words of the asker but the
        operation's name."""
        codes = codes_of(errors or ())
        return {
            "operation": self.operation,
            "kind": self.kind,
            "revision": self.revision,
            "codes": sorted({*codes, *self.refused}),
            "commits": self.commits,
        }

    def about(self, event: Event | Noticed | None = None) -> Asking:
        """The same asker with another operation, about an event."""
        asking = copy(self)
        asking.begin()
        asking.event = event
        return asking

    def __enter__(self) -> Asking:
        if self.kind != MUTATION or self.at_least is not None:
            self._hold(self.at_least)
        self._open = True
        return self

    def __exit__(self, wrong: type[BaseException] | None = None, *_: object) -> None:
        try:
            if wrong is None and self.revision is None:  # a mutation that did and read nothing
                self._hold(self.at_least)
        finally:
            self._open = False
            self._let_go()

    def look_again(self, revision: int) -> Ground:
        """What to answer from once the store was asked for a revision, which another instance may have told of: the
        graph at that one or a later one if there is such a revision, else as it is."""
        self._let_go()
        try:
            self._hold(revision, 0.0)
        except RevisionMoved:
            self._hold(self.at_least)
        return self.ground

    def _hold(self, at_least: int | None, patience: float | None = None) -> None:
        if patience is None:
            patience = min(self.patience, max(0.0, self.until - monotonic()))
        reading = self.workspace.reading(at_least=at_least, patience=patience)
        graph = reading.__enter__()
        self._reading = reading
        self._ground = Ground(graph, self, self.workspace.today())
        self.revision = graph.revision
        self.stale_since = self.workspace.stale_since

    def _let_go(self) -> None:
        reading, self._reading, self._ground = self._reading, None, None
        if reading is not None:
            reading.__exit__(None, None, None)

    def commit(
        self, changes: Sequence[Change], *, kind: str, expected: int | None, key: str | None, reason: str | None = None
    ) -> Outcome:
        """Commits, all or nothing, and goes on from the revision that this leads to. Raises the refusal.

        The writer needs the workspace meanwhile, so it is let go of. What would come after the operation's time is not
        done: OutOfTime.
        """
        self._let_go()
        try:
            outcome = self.workspace.commit(
                changes,
                kind=kind,
                by=self.caller.name,
                source=self.source,
                expected=expected,
                key=key,
                reason=reason,
                wanted=self.has_time,
            )
        except Unwanted:
            raise OutOfTime from None
        self.commits.append(kind)
        if outcome.replayed:
            self._hold(self.at_least)
        else:
            self.revision, self.stale_since = outcome.revision, None
        return outcome

    def refuse(self, refusal: Refusal) -> None:
        """Notes that a change was refused, and goes on from what is there."""
        self.refused.append(refusal.code.value)
        if self._ground is None:
            self._hold(self.at_least)
