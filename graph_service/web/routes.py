"""Addresses of pages, whose templates log and metrics know."""

from __future__ import annotations

from starlette.routing import Match, Route
from starlette.types import Scope


class PageRoute(Route):
    """A route that leaves word which one it was, as those of the framework do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether an address is meant, and what is known of it then."""
        match, known = super().matches(scope)
        return match, known if match is Match.NONE else {**known, "route": self}
