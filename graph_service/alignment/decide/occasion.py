"""The occasion of a commit: what a decision needs to know besides the graph and the wish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=1)
"""How far ahead of the commit something reported may lie: clocks and zones differ."""


class Occasion:
    """When, by whom, through which door and as which revision something is done.

    ``new_id`` makes an id never given out; ``importing`` lets in what only files may bring (check-ins on closed goals,
    loose key results, kept references).
    """

    __slots__ = ("_position", "at", "by", "importing", "new_id", "revision", "source")

    def __init__(
        self,
        at: datetime,
        new_id: Callable[[], str],
        *,
        revision: int | None = None,
        by: str = "anonymous",
        source: str = "api",
        importing: bool = False,
    ) -> None:
        self.at = at
        self.new_id = new_id
        self.revision = revision
        self.by = by
        self.source = source
        self.importing = importing
        self._position = -1

    def next_position(self) -> int:
        """The place of the next check-in within the commit: 0, 1, 2 ..."""
        self._position += 1
        return self._position

    def is_ahead(self, day: date, time_zone: str) -> bool:
        """Whether a day lies more than a day ahead: nothing is reported to be done then."""
        return day > self.day(self.at, time_zone) + AHEAD

    def day(self, at: datetime, time_zone: str) -> date:
        """The day of a moment in the workspace's time zone."""
        return at.astimezone(ZoneInfo(time_zone)).date()
