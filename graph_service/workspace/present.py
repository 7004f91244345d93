"""What a workspace knows at present: its store, the graph of it in memory, and how that follows.

Before every read the graph follows the store's newest revision, which another process may have written; where the way
to the store is long, it may be watched instead (see ``watching``), and a read may be a little behind.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from typing import TYPE_CHECKING

from graph_service.alignment.build import undisturbed
from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import RevisionMoved, StoreUnavailable
from graph_service.models.facts import Entry
from graph_service.models.nodes import Workspace as Facts
from graph_service.stores.base import Snapshot, Store
from graph_service.workspace.building import built
from graph_service.workspace.commits import Changed, Decided
from graph_service.workspace.replay import changes_on, day_of, facts_of
from graph_service.workspace.watching import Watch

if TYPE_CHECKING:
    from graph_service.workspace.following import Listener

POLL = 0.02
"""Seconds between two looks for a revision that another process may bring; nobody wakes us for that."""

LARGE = 10_000
"""So many nodes from which on a loaded graph is frozen: a collection that walks all of it would stop everybody."""

NOTHING = Snapshot("", 0, Facts(), [], [], [], [], [])
"""What is in memory before a store was ever seen; nobody reads it."""

log = logging.getLogger(__name__)


class Present:
    """A store and its graph, shared by threads: ``reading`` gives the graph, and nothing moves in the meantime."""

    def __init__(self, store: Store, clock: Callable[[], datetime], staleness: float | None) -> None:
        """Loads the graph; with ``staleness`` a store on a server is watched, and need not answer yet."""
        self.store = store
        self._clock = clock
        self._lock = threading.RLock()
        self._advanced = threading.Condition(self._lock)
        self._reader: int | None = None
        self._frozen = False
        self._listeners: tuple[Listener, ...] = ()
        self._watch: Watch | None = None
        self._ahead: Sequence[Decided] = ()
        if staleness is None or not store.distant:
            self._load()
            return
        self._watch = watch = Watch(self.follow, staleness, self._clock)
        begun = monotonic()
        try:
            self._load()
        except StoreUnavailable as gone:
            self._graph, self.epoch, self._sound = built(NOTHING), "", False
            watch.gone(gone)
        else:
            watch.seen(begun)
        watch.start()

    def _load(self) -> None:
        self._thaw()
        with undisturbed():
            snapshot = self.store.load()
            self._graph = built(snapshot)
            self.epoch = snapshot.epoch
            del snapshot
            if len(self._graph.nodes) >= LARGE:
                gc.freeze()
                self._frozen = True
        # False while the graph is not one that anybody may read, and is to be loaded anew.
        self._sound = True
        # What the graph holds before it is durable: decided, and being written. Who reads takes it back first.
        self._ahead = ()
        for listener in self._listeners:
            listener.began_anew(self.epoch, self._graph.revision)

    def _thaw(self) -> None:
        """Lets the collector see a large graph again, before it goes."""
        if self._frozen:
            gc.unfreeze()
            self._frozen = False

    # ---------- reading ----------

    @contextmanager
    def reading(self, *, at_least: int | None = None, patience: float = 5.0) -> Iterator[AlignmentGraph]:
        """The graph at one revision: the newest that the store has. ``at_least`` waits for a revision, up to
        ``patience`` seconds, and raises RevisionMoved with the present one if it does not come.

        Within another ``reading`` of the same thread it is the graph of that one, as it stands.
        """
        with self._lock:
            if self._reader is not None:
                if at_least is not None and self._graph.revision < at_least:
                    raise RevisionMoved(self._graph.revision)
                yield self._graph
                return
            self._refresh()
            if at_least is not None:
                self._await(at_least, patience)
            graph, revision = self._graph, self._graph.revision
            self._reader = threading.get_ident()
            try:
                yield graph
            finally:
                self._reader = None
                if graph.revision != revision:  # a supposition that was not taken back
                    self._sound = False

    def now(self) -> datetime:
        """The moment that it is, by the workspace's clock."""
        return self._clock()

    def today(self) -> date:
        """The day it is now in the workspace's time zone."""
        with self.reading() as graph:
            return day_of(self._clock(), graph)

    @property
    def lost(self) -> StoreUnavailable | None:
        """Why a watched store cannot be asked just now; None while it can."""
        return None if self._watch is None else self._watch.lost

    @property
    def stale_since(self) -> datetime | None:
        """While the store is lost, the moment when it was last seen; None while it is not, or if it never was."""
        return None if self._watch is None else self._watch.since

    def ask(self) -> int:
        """The revision that the store is at, asked just now. Raises StoreUnavailable: of a watched store, what is in
        memory is known to be stale from then on."""
        if self.lost is not None:
            raise self.lost
        try:
            return self.store.revision()
        except StoreUnavailable as gone:
            if self._watch is not None:
                self._watch.gone(gone)
            raise

    def _refresh(self) -> None:
        """Follows the store, unless it is watched and was looked at a short while ago; what is in memory is kept where
        it is lost. The lock is held."""
        watch = self._watch
        if watch is None:
            self._follow()
            return
        if self._ahead:
            self._fall_back()
        if self._sound and not watch.due:
            return
        if watch.lost is not None:
            raise watch.lost
        begun = monotonic()
        try:
            self._follow()
        except StoreUnavailable as gone:
            watch.gone(gone)
            if not self._sound:
                raise
        else:
            watch.seen(begun)

    def _await(self, revision: int, patience: float) -> None:
        """Follows the store, until it is at a revision or patience is at an end. The lock is held once, and let go of
        meanwhile."""
        until = monotonic() + patience
        while self._graph.revision < revision and (self.lost is not None or self._follow() < revision):
            left = until - monotonic()
            if left <= 0:
                raise RevisionMoved(self._graph.revision)
            self._advanced.wait(min(left, POLL))

    def _follow(self) -> int:
        """Takes in what others have committed since; the revision reached. The lock is held."""
        if self._ahead:
            self._fall_back()
        newest = self.store.revision()
        if newest != self._graph.revision or self.store.epoch != self.epoch or not self._sound:
            self._catch_up(newest)
            self._advanced.notify_all()
        return self._graph.revision

    def _catch_up(self, newest: int) -> None:
        store, graph = self.store, self._graph
        if self._sound and store.epoch == self.epoch and newest > graph.revision:
            for entry in store.changes(graph.revision, newest - graph.revision):
                self._take(entry)
            store.revision()
            if (graph.revision, store.epoch, self._sound) == (newest, self.epoch, True):
                return
        # Another history (the store was restored), or a graph that cannot be trusted.
        self._load()

    def _take(self, entry: Entry, changed: tuple[Changed, ...] | None = None) -> None:
        """Applies a durable entry, if it is the next, and announces it (``changed``: what it moves, where that is known
        already). What does not go in makes the graph unsound, so that it is loaded anew before anybody reads it."""
        graph = self._graph
        if not self._sound or entry.revision != graph.revision + 1:
            return
        try:
            moved = graph.apply(facts_of(entry), entry.revision)
            if self._listeners and changed is None:
                changed = changes_on(moved, day_of(entry.at, graph))
        except Exception:
            self._sound = False
            log.exception("revision %d does not fit the graph in memory, which is loaded anew", entry.revision)
        else:
            self._announce(entry, changed)

    def _announce(self, entry: Entry, changed: tuple[Changed, ...] | None) -> None:
        for listener in self._listeners:
            listener.happened(entry, changed or ())

    def _fall_back(self) -> None:
        """Takes back what is decided and not durable yet."""
        for one in reversed(self._ahead):
            self._graph.undo(one.moved)
        self._ahead = ()

    def _must_not_read(self, what: str) -> None:
        if self._reader == threading.get_ident():
            raise RuntimeError(f"{what} would wait for the reading of its own thread; finish the reading first")

    # ---------- following ----------

    def attend(self, listener: Listener) -> None:
        """Lets somebody hear of every revision from now on; first of all, from which one they begin."""
        self._must_not_read("attend")
        with self._lock:
            self._refresh()
            self._listeners = (*self._listeners, listener)
            listener.began_anew(self.epoch, self._graph.revision)

    def follow(self) -> int:
        """Takes in, and announces, what others have committed since; the revision reached.

        While commits of our own are being written there can be nothing: they are not taken back for this."""
        self._must_not_read("follow")
        if self._watch is None:
            with self._lock:
                return self._ahead[0].entry.revision - 1 if self._ahead else self._follow()
        newest = self.store.revision()  # the way there and back holds up nobody
        with self._lock:
            durable = self._graph.revision - len(self._ahead)
            if newest == durable and self.store.epoch == self.epoch and self._sound:
                return newest
            return self._follow()
