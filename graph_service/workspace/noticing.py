"""What became of findings, for those who follow them: revision by revision and day by day, whoever wrote it.

The graph that all read stands wherever the newest commits have left it. What each single revision has done to findings
is found on a graph of its own, which is led through the log in a thread of its own, so that nobody who writes or reads
waits for it. It is held only while somebody follows findings, and for a while after.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph_service.alignment.audit.compare import Difference
from graph_service.alignment.audit.current import CurrentFindings
from graph_service.alignment.audit.report import Changed, Finding, Plain, Subject
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import Fault, Invalid, Limit
from graph_service.models.facts import Entry, ErasePerson
from graph_service.models.nodes import Person
from graph_service.stores.fold import fold
from graph_service.workspace.building import built
from graph_service.workspace.following import BACK, Event, Following
from graph_service.workspace.replay import day_of, facts_of

if TYPE_CHECKING:
    from graph_service.workspace import Workspace

FINDINGS = 200_000
"""Findings that the kept events may name together; beyond that the oldest go, but never the newest one."""

LOOK = 0.5
"""Seconds between two looks whether another day has begun."""

SETTLED = timedelta(seconds=2)
"""So long after midnight a day begins: by then it is known what was committed before, and by whomever."""

LINGER = 60.0
"""Seconds that the graph is held after the last one has left, for whoever comes again."""

Place = tuple[int, int]
"""Up to where somebody knows: a revision and the ordinal of the day that it was judged on."""

log = logging.getLogger(__name__)


class Noticed:
    """One step of the findings: a revision, or a day that has begun (then ``at`` is None). ``appeared``, ``gone`` and
    ``changed`` compare the findings after it with those before it, which stood at ``before``. ``erases``: somebody was
    erased by it."""

    __slots__ = ("as_of", "at", "before", "difference", "epoch", "erases", "revision")

    def __init__(
        self, epoch: str, revision: int, as_of: date, at: datetime | None, before: Place, difference: Difference
    ) -> None:
        self.erases = False
        self.epoch = epoch
        self.revision = revision
        self.as_of = as_of
        self.at = at
        self.before = before
        self.difference = difference

    @property
    def place(self) -> Place:
        """Up to where one knows who has heard of it."""
        return self.revision, self.as_of.toordinal()

    @property
    def weight(self) -> int:
        """How many findings it names, and itself."""
        appeared, gone, changed = self.difference
        return len(appeared) + len(gone) + len(changed) + 1

    def forget(self, names: Mapping[str, str]) -> None:
        """Writes other words (ids) for the names of people who were erased."""
        appeared, gone, changed = self.difference
        self.difference = Difference(
            tuple([_without(one, names) for one in appeared]),
            tuple([_without(one, names) for one in gone]),
            tuple([Changed(_without(one.before, names), _without(one.now, names)) for one in changed]),
        )


def _without(one: Finding, names: Mapping[str, str]) -> Finding:
    def text(said: str) -> str:
        for name, word in names.items():
            said = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _, word=word: word, said)  # type: ignore[misc]
        return said

    def plain(value: Plain) -> Plain:
        if isinstance(value, tuple):
            return tuple([text(said) for said in value])
        return text(value) if isinstance(value, str) else value

    def subject(it: Subject) -> Subject:
        return replace(it, title=text(it.title))

    return replace(
        one,
        message=text(one.message),
        facts={name: plain(value) for name, value in one.facts.items()},
        today={name: plain(value) for name, value in one.today.items()},
        subject=subject(one.subject),
        owner=None if one.owner is None else subject(one.owner),
    )


class Trail:
    """A graph that is led through the log, and what is found in it: at a revision, on a day. Days never go back: where
    the clocks of two machines differ, or history is brought in, a revision is judged on the day that had come."""

    def __init__(
        self, epoch: str, graph: AlignmentGraph, as_of: date, findings: CurrentFindings, viewer: Viewer = EVERYBODY
    ) -> None:
        self.epoch = epoch
        self.graph = graph
        self.as_of = as_of
        self.viewer = viewer
        self._findings = findings
        self._ask()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.graph.revision, self.as_of.toordinal()

    def _ask(self) -> Difference:
        self._findings.of(self.graph, self.as_of)
        return self._findings.moved()

    def begin(self, day: date) -> Noticed:
        """What another day does to the findings; the graph is the same."""
        before, self.as_of = self.place, day
        return Noticed(self.epoch, self.graph.revision, day, None, before, self._ask())

    def take(self, entry: Entry, names: Mapping[str, str]) -> list[Noticed]:
        """What the next revision does to the findings, judged on its own day; before it, if that is another day than
        before, what the day does. ``names`` are those that it erases, as ``erased_names`` finds them."""
        graph = self.graph
        noticed = []
        day = day_of(entry.at, graph)
        if day > self.as_of:
            noticed.append(self.begin(day))
        before = self.place
        graph.apply(facts_of(entry), entry.revision)
        noticed.append(Noticed(self.epoch, entry.revision, self.as_of, entry.at, before, self._ask()))
        if names:
            for one in noticed:
                one.forget(names)
                one.erases = True
        return noticed


def erased_names(graph: AlignmentGraph, entry: Entry) -> dict[str, str]:
    """The names and e-mails of people whom an entry erases, as a graph of before knows them, with the ids that stand in
    their place."""
    found: dict[str, str] = {}
    for fact in facts_of(entry):
        vertex = graph.nodes.get(fact.id) if isinstance(fact, ErasePerson) else None
        if vertex is not None and isinstance(vertex.fact, Person):
            found |= {name: vertex.fact.id for name in (vertex.fact.name, vertex.fact.email) if name}
    return found


Ear = Callable[[Noticed | None], None]
"""Hears each step as it happens, or None: the store was restored, or steps were missed; ``since`` has them."""


class Noticing:
    """What became of the findings of a workspace, live and past. Safe to use from several threads."""

    def __init__(
        self,
        workspace: Workspace,
        following: Following,
        viewer: Viewer = EVERYBODY,
        *,
        back: int = BACK,
        look: float = LOOK,
        linger: float = LINGER,
    ) -> None:
        self.workspace = workspace
        self.following = following
        self.viewer = viewer
        self.back = back
        self.look = look
        self.linger = linger
        self._ears: tuple[Ear, ...] = ()
        self._guard = threading.Condition()  # of all that follows; never held while anything else is waited for
        self._epoch = ""
        self._places: deque[Place] = deque()  # where the trail stood before each kept step, and where it stands
        self._ring: deque[Noticed] = deque()
        self._weight = 0
        self._fault: Fault | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._replaying = threading.Lock()

    # ---------- who follows ----------

    def listen(self, ear: Ear) -> None:
        """Lets an ear hear every step from now on; it is called by a thread of its own and must be quick."""
        with self._guard:
            self._ears = (*self._ears, ear)
            if self._thread is None:
                self._fault = None
                self._thread = threading.Thread(target=self._go_on, name="workspace-noticing", daemon=True)
                self._thread.start()

    def leave(self, ear: Ear) -> None:
        """Lets an ear hear no more."""
        with self._guard:
            self._ears = tuple([one for one in self._ears if one != ear])
        self._wake.set()

    def _go_on(self) -> None:
        """Leads the trail on as long as anybody follows, and a while longer."""
        wake = self._wake

        def hear(_: Event | None) -> None:
            wake.set()

        trail: Trail | None = None
        until = monotonic() + self.linger
        told = listening = False
        try:
            while not self.workspace.closed:
                try:
                    if not listening:
                        self.following.listen(hear)
                        listening = True
                    trail = self._lead(trail)
                    told = False
                except Fault as fault:  # the trail stands, and goes on once the store is back
                    if not (told or self.workspace.closed):
                        log.error("those who follow findings hear nothing for now: %s", fault)
                    told = True
                    self._must_wait(fault)
                except Exception:
                    if not self.workspace.closed:
                        log.exception("findings could not be followed, and are found anew")
                    trail = None
                    self._must_wait(Fault("findings could not be followed"))
                wake.wait(self.look)
                wake.clear()
                with self._guard:
                    if self._ears:
                        until = monotonic() + self.linger
                    elif monotonic() >= until:
                        self._thread = None  # whoever comes now begins anew
                        self._forget()
                        return
        finally:
            self.following.leave(hear)
            with self._guard:
                if self._thread is threading.current_thread():
                    self._thread = None
                    self._forget()
                self._guard.notify_all()

    def _forget(self) -> None:
        self._ring.clear()
        self._places.clear()
        self._weight = 0

    def _must_wait(self, fault: Fault) -> None:
        """Lets those who wait for a beginning hear why there is none."""
        with self._guard:
            self._fault = fault
            self._guard.notify_all()

    # ---------- leading on ----------

    def _lead(self, trail: Trail | None) -> Trail:
        """Leads the trail to where the workspace stands, and to the day that it is; begins it where there is none, or
        the store was restored."""
        following, store = self.following, self.workspace.store
        epoch, newest = following.epoch, following.newest
        if trail is None or trail.epoch != epoch:
            snapshot = store.load()
            graph = built(snapshot)
            trail = self._trail(snapshot.epoch, graph, self._today(graph))
            self._begin(trail)
            return trail
        missing = newest - trail.graph.revision
        for entry in store.changes(trail.graph.revision, missing) if missing > 0 else ():
            names = erased_names(trail.graph, entry)
            if names:
                with self._guard:
                    for one in self._ring:
                        one.forget(names)
            for noticed in trail.take(entry, names):
                self._tell(noticed)
        today = self._today(trail.graph)
        if today > trail.as_of:
            self._tell(trail.begin(today))
        return trail

    def _today(self, graph: AlignmentGraph) -> date:
        return day_of(self.workspace.now() - SETTLED, graph)

    def _trail(self, epoch: str, graph: AlignmentGraph, as_of: date) -> Trail:
        findings = CurrentFindings(self.workspace.audit_rules, self.viewer, comparing=True)
        return Trail(epoch, graph, as_of, findings, self.viewer)

    def _begin(self, trail: Trail) -> None:
        with self._guard:
            self._epoch, self._fault = trail.epoch, None
            self._forget()
            self._places.append(trail.place)
            ears = self._ears
            self._guard.notify_all()
        for ear in ears:
            ear(None)

    def _tell(self, noticed: Noticed) -> None:
        with self._guard:
            self._ring.append(noticed)
            self._places.append(noticed.place)
            self._weight += noticed.weight
            self._trim()
            ears = self._ears
        for ear in ears:
            ear(noticed)

    def _trim(self) -> None:
        ring = self._ring
        while len(ring) > self.back or (self._weight > FINDINGS and len(ring) > 1):
            self._weight -= ring.popleft().weight
            self._places.popleft()

    # ---------- what has happened ----------

    def recent(self, epoch: str, after: Place, most: int) -> list[Noticed] | None:
        """The kept steps after a place, oldest first, at most so many; empty if there is nothing newer, None if what
        came next is not kept (or nothing is known yet). It waits for nothing. Invalid if the store was restored."""
        with self._guard:
            if not self._places:
                return None
            self._must_be(epoch)
            skipped = self._skipped(after)
            return None if skipped is None else list(islice(self._ring, skipped, skipped + most))

    def _skipped(self, after: Place) -> int | None:
        """How many of the kept steps somebody knows who stands at a place; None if they stand where the trail did
        not. Who is ahead of it knows them all."""
        if after >= self._places[-1]:
            return len(self._ring)
        return next((number for number, place in enumerate(self._places) if place == after), None)

    def since(self, epoch: str, after: Place) -> list[Noticed]:
        """The steps after a place, oldest first, made again from the log where they are not kept; for a worker thread.

        Limit if it lies further back than is kept, or if there is more to tell than is kept at once; Invalid if the
        store was restored since that epoch; a Fault of the store, where findings cannot be found.
        """
        with self._replaying:
            with self._guard:
                self._guard.wait_for(lambda: self._places or self._fault or self._thread is None)
                if not self._places:
                    raise self._fault or Fault("nobody follows findings any more")
                self._must_be(epoch)
                start = next((place for place in self._places if place > after), after)
            kept = self.recent(epoch, after, self.back)
            if kept is not None:
                return kept
            if start[0] - after[0] > self.back:
                raise Limit(
                    f"after {after[0]} lies {start[0] - after[0]} revisions back, and only {self.back} can be told"
                    " again; read anew what you show, and follow from there"
                )
            made = list(self._replayed(epoch, after, start))
            with self._guard:
                self._must_be(epoch)
                if made and self._places and self._places[0] == made[-1].place:
                    self._ring.extendleft(reversed(made))
                    self._places.extendleft([one.before for one in reversed(made)])
                    self._weight += sum(one.weight for one in made)
                    self._trim()
            return made

    def _replayed(self, epoch: str, after: Place, upto: Place) -> Iterator[Noticed]:
        """The steps from one place to another, from the log alone. It costs the log up to there, and an audit."""
        store = self.workspace.store
        revision, day = after
        graph = built(fold(store.changes(0, revision)).snapshot(store.epoch))
        trail = self._trail(epoch, graph, date.fromordinal(day))
        weight = 0
        for entry in store.changes(revision, upto[0] - revision):
            for noticed in trail.take(entry, erased_names(graph, entry)):
                weight += noticed.weight
                if weight > FINDINGS:
                    raise Limit(
                        f"what happened after {revision} concerns more than {FINDINGS} findings, which is too much to"
                        " be told again; read anew what you show, and follow from there"
                    )
                yield noticed
        if trail.place != upto:
            yield trail.begin(date.fromordinal(upto[1]))

    def _must_be(self, epoch: str) -> None:
        if epoch != self._epoch:
            raise Invalid(
                "the store was restored, and what was followed is no part of its history any more; read anew what you"
                " show, and follow from there"
            )
