"""Watching a store on a server, so that no reader waits for the way there and back.

A watched workspace answers from memory; a thread looks every so often whether others have committed. What is read is
never older than ``staleness``: if the thread is late, the reader looks. While the server is lost, memory is answered
from and said to be stale, until the thread finds the server again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from graph_service.errors import Fault, StoreUnavailable

LOOKS = 2
"""Looks in the time after which what is in memory is too old."""

AGAIN = 0.25
"""Seconds between two looks for a server that is lost."""

log = logging.getLogger("graph_service.workspace")


class Watch:
    """What is known of a store on a server: when it was looked at, and whether it is lost.

    ``look`` looks, takes in what is new, and raises the fault of the store. ``lost`` is why it cannot be asked, and
    ``since`` the moment of the last look before that; both None while all is well.
    """

    def __init__(self, look: Callable[[], object], staleness: float, clock: Callable[[], datetime]) -> None:
        self.staleness = staleness
        self.lost: StoreUnavailable | None = None
        self.since: datetime | None = None
        self._look = look
        self._clock = clock
        self._looked = -1e9
        self._at: datetime | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="workspace-watch", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it, and waits for a look that is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def due(self) -> bool:
        """Whether what is in memory may be too old, and the store can be asked."""
        return self.lost is None and monotonic() - self._looked > self.staleness

    def seen(self, begun: float) -> None:
        """The store was seen, as it was at ``begun`` or later (of ``time.monotonic``)."""
        if self.lost is not None:
            log.warning("the store is back")
        self._looked, self._at = begun, self._clock()
        self.lost = self.since = None

    def gone(self, why: StoreUnavailable) -> None:
        """The store cannot be asked."""
        if self.lost is None:
            log.error("the store is lost, and what is in memory grows old: %s", why)
            self.since = self._at
        self.lost = why

    def _go_on(self) -> None:
        while not self._stopped.wait(AGAIN if self.lost is not None else self.staleness / LOOKS):
            begun = monotonic()
            try:
                self._look()
            except StoreUnavailable as why:
                if not self._stopped.is_set():
                    self.gone(why)
            except Fault as damage:
                log.error("the store: %s", damage)
            except Exception:
                log.exception("the store could not be followed")
            else:
                self.seen(begun)
