"""What has happened lately, for those who follow: one event a revision, in order, whoever wrote it.

The truth is the store's log. Events of the last revisions are kept in a ring; what is not in it (it happened before
this process began, or while nobody followed) is made again from the log, exactly as it was. While somebody follows, one
thread looks often for what other processes have committed.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import msgspec

from graph_service.errors import Fault, Invalid, Limit
from graph_service.models.facts import Entry, ErasePerson, Step
from graph_service.stores.log import canonical
from graph_service.workspace.commits import Changed
from graph_service.workspace.replay import replayed

if TYPE_CHECKING:
    from graph_service.stores.base import Store
    from graph_service.workspace import Workspace

BACK = 10_000
"""Revisions that are kept, and that somebody may go back."""

INTERVAL = 0.02
"""Seconds between two looks for what other processes have committed."""

GOALS = 200_000
"""Goals that the kept events may name together; beyond that the oldest go, but never the newest one."""

STEPS = 100
"""Steps of an entry that is kept with its event; a longer one is read from the log when somebody asks for it."""

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who hears of every revision as the graph takes it in. Called under the workspace's lock: it must be quick, and
    may not ask the workspace anything."""

    def happened(self, entry: Entry, changed: tuple[Changed, ...]) -> None:
        """The next revision is there: its entry, and the goals that it moved, judged by the day of its ``at``."""

    def began_anew(self, epoch: str, revision: int) -> None:
        """The graph was loaded anew and stands at this revision; what came before it is to be read from the log."""


class Event:
    """One revision, as it is told: when, by whom, the goals whose numbers it moved, by id, and whether it erases
    somebody."""

    __slots__ = ("_steps", "at", "by", "changed", "epoch", "erases", "revision", "source")

    def __init__(self, epoch: str, entry: Entry, changed: tuple[Changed, ...], *, keep: bool) -> None:
        self.epoch = epoch
        self.revision = entry.revision
        self.at: datetime = entry.at
        self.by = entry.by
        self.source = entry.source
        self.erases = erases(entry.steps)
        self.changed: Mapping[str, Changed] = {one.id: one for one in changed}
        # What else is said in a revision that erases somebody may name them.
        self._steps = entry.steps if keep and not self.erases and len(entry.steps) <= STEPS else None

    def entry(self, store: Store) -> Entry:
        """The entry of the log, in which people who were erased since have no names."""
        steps = self._steps  # once: somebody may be erased at this moment
        if steps is not None:
            # Inputs are told as the log has them: with their keys in order, and lists for tuples.
            as_stored = msgspec.json.decode(canonical(steps), type=tuple[Step, ...])
            return Entry(self.revision, self.at, self.by, self.source, as_stored)
        (entry,) = store.changes(self.revision - 1, 1)
        return entry

    def forget(self) -> None:
        """Keeps no names: from now on the entry is read from the log."""
        self._steps = None

    @property
    def place(self) -> tuple[int, int]:
        """Up to where one knows who has heard of it; days do not count here."""
        return self.revision, 0

    @property
    def weight(self) -> int:
        """How many goals it names, and itself."""
        return len(self.changed) + 1


def erases(steps: tuple[Step, ...]) -> bool:
    """Whether somebody is erased by some changes."""
    return any(isinstance(fact, ErasePerson) for step in steps for fact in step.facts)


Ear = Callable[[Event | None], None]
"""Hears each event as it happens, or None: events were missed (or the store was restored), ``since`` has them."""


class Following:
    """The events of a workspace, live and past. Safe to use from several threads."""

    def __init__(self, workspace: Workspace, *, back: int = BACK, interval: float = INTERVAL) -> None:
        self.workspace = workspace
        self.back = back
        self.interval = interval
        self.epoch = workspace.epoch
        self.newest = 0
        self._ring: deque[Event] = deque()
        self._weight = 0
        self._ears: tuple[Ear, ...] = ()
        self._guard = threading.Lock()  # of all of the above; never held while anything else is waited for
        self._coming = threading.Lock()  # of coming and going
        self._replaying = threading.Lock()
        self._attending = False
        self._watching: threading.Event | None = None  # set: the thread that looks may end

    # ---------- who follows ----------

    def listen(self, ear: Ear) -> None:
        """Lets an ear hear every event from now on; it is called under the workspace's lock and must be quick.

        From the first one on events are kept, for good: who was away shortly finds them.
        """
        with self._coming:
            if not self._attending:
                self.workspace.attend(self)
                self._attending = True
            with self._guard:
                self._ears = (*self._ears, ear)
            if self._watching is None:
                self._watching = threading.Event()
                thread = threading.Thread(
                    target=self._watch, args=(self._watching,), name="workspace-following", daemon=True
                )
                thread.start()

    def leave(self, ear: Ear) -> None:
        """Lets an ear hear no more. When there is none left, nobody looks for what others commit."""
        with self._coming:
            with self._guard:
                self._ears = tuple([one for one in self._ears if one != ear])  # methods are equal, not the same
            if not self._ears and self._watching is not None:
                self._watching.set()
                self._watching = None

    def _watch(self, over: threading.Event) -> None:
        """Looks again and again for what other processes have committed."""
        gone = False
        while not over.wait(self.interval):
            try:
                self.workspace.follow()
                gone = False
            except Fault as fault:
                if over.is_set() or self.workspace.closed:
                    return
                if not gone:
                    log.error("those who follow hear nothing for now: %s", fault)
                gone = True

    # ---------- what happens ----------

    def happened(self, entry: Entry, changed: tuple[Changed, ...]) -> None:
        """Takes in the next revision and tells it to all ears."""
        event = Event(self.epoch, entry, changed, keep=True)
        with self._guard:
            if event.erases:
                for one in self._ring:
                    one.forget()
            self._ring.append(event)
            self.newest = event.revision
            self._weight += event.weight
            self._trim()
            ears = self._ears
        for ear in ears:
            ear(event)

    def began_anew(self, epoch: str, revision: int) -> None:
        """Begins anew at a revision, where the graph was not led there step by step."""
        with self._guard:
            if (epoch, revision) == (self.epoch, self.newest):
                return
            self.epoch, self.newest = epoch, revision
            self._ring.clear()
            self._weight = 0
            ears = self._ears
        for ear in ears:
            ear(None)

    def _trim(self) -> None:
        ring = self._ring
        while len(ring) > self.back or (self._weight > GOALS and len(ring) > 1):
            self._weight -= ring.popleft().weight

    # ---------- what has happened ----------

    def recent(self, epoch: str, after: int, most: int) -> list[Event] | None:
        """The kept events after a revision, oldest first, at most so many; empty if there is nothing newer, None if
        what came next is not kept. It waits for nothing. Invalid if the store was restored since that epoch."""
        with self._guard:
            self._must_be(epoch)
            skipped = after - (self.newest - len(self._ring))
            return None if skipped < 0 else list(islice(self._ring, skipped, skipped + most))

    def since(self, epoch: str, after: int) -> list[Event]:
        """The events after a revision, oldest first, from the log where they are not kept; for a worker thread.

        Whoever asks for the same meanwhile waits for it instead of doing it again. Limit if it lies further back than
        is kept, or if there is more to tell than is kept at once; Invalid if the store was restored since that epoch.
        """
        with self._replaying:
            kept = self.recent(epoch, after, self.back)
            if kept is not None:
                return kept
            with self._guard:
                newest, start = self.newest, self.newest - len(self._ring)
            if newest - after > self.back:
                raise Limit(
                    f"after {after} lies {newest - after} revisions back, and only {self.back} can be told again;"
                    " read anew what you show, and follow from there"
                )
            made: list[Event] = []
            weight = 0
            for entry, changed in replayed(self.workspace.store, after, start):
                event = Event(epoch, entry, changed, keep=False)
                made.append(event)
                weight += event.weight
                if weight > GOALS and len(made) > 1:
                    raise Limit(
                        f"what happened after {after} concerns more than {GOALS} goals, which is too much to be told"
                        " again; read anew what you show, and follow from there"
                    )
            with self._guard:
                self._must_be(epoch)
                if start == self.newest - len(self._ring):
                    self._ring.extendleft(reversed(made))
                    self._weight += weight
                    self._trim()
            return made

    def _must_be(self, epoch: str) -> None:
        if epoch != self.epoch:
            raise Invalid(
                "the store was restored, and what was followed is no part of its history any more; read anew what you"
                " show, and follow from there"
            )
