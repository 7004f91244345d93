"""One who follows: within which bounds, what is wished, what waits to be told, and why it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from graph_service.api.context import Followed, Wish
from graph_service.api.endings import Ending, unauthenticated, unavailable
from graph_service.api.groups import Group
from graph_service.errors import Fault
from graph_service.workspace.following import BACK, INTERVAL, Event, Following
from graph_service.workspace.noticing import Noticed, Noticing, Place

LOOK = 1.0
"""Seconds after which somebody who hears nothing is looked at: may they still?"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of following; each is a setting with the same default."""

    subscriptions: int = 50
    connections: int = 20
    unread: int = 5_000
    back: int = BACK
    interval: float = INTERVAL
    ping: float = 20.0
    send_time: float = 10.0
    hello_time: float = 10.0


Holds = Callable[[], Awaitable[bool]]
"""Says whether somebody may still be here; asked before each event, and each second. Raises a Fault of the store."""


async def always() -> bool:
    """For whoever needs no leave."""
    return True


Source = Following | Noticing
"""Where events come from."""

Happening = Event | Noticed


class Subscriber:
    """One subscription: what is wished, what waits to be told, and whether it has ended."""

    __slots__ = ("after", "ending", "group", "holds", "lost", "source", "told", "waiting", "wake", "wish")

    def __init__(self, wish: Wish, group: Group, holds: Holds, source: Source) -> None:
        self.wish = wish
        self.group = group
        self.holds = holds
        self.source = source
        self.waiting: deque[Happening] = deque()
        self.wake = asyncio.Event()
        self.after = wish.after  # what comes later is put among what waits
        self.told = wish.after[0]
        self.lost: Place | None = None  # after which place events may be missing among what waits
        self.ending: Ending | None = None

    def concerned(self, event: Happening) -> bool:
        """Whether an event is for this one."""
        if self.wish.what is not Followed.PROGRESS or isinstance(event, Noticed):
            return True
        if self.wish.ids is None:
            return bool(event.changed)
        return not event.changed.keys().isdisjoint(self.wish.ids)

    def end(self, ending: Ending) -> None:
        """Ends it; what waits is not told any more."""
        if self.ending is None:
            self.ending = ending
            self.waiting.clear()
            self.wake.set()

    async def check(self) -> None:
        """Raises why it has ended, if it has."""
        if self.ending is None:
            try:
                if not await self.holds():
                    self.end(unauthenticated())
            except Fault as fault:
                self.end(unavailable(fault, self.group.asking.request_id))
        if self.ending is not None:
            raise self.ending

    async def heard(self) -> None:
        """Waits until there is something to look at, or a second is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self.wake.wait()
        self.wake.clear()
