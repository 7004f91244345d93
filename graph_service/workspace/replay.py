"""Past revisions made again from the log, and what a revision is told by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.moved import Moved
from graph_service.models.facts import Entry, Fact
from graph_service.stores.base import Store
from graph_service.stores.fold import fold
from graph_service.workspace.building import built
from graph_service.workspace.commits import Changed


def day_of(at: datetime, graph: AlignmentGraph) -> date:
    """The day that a moment falls on in the workspace's time zone."""
    return at.astimezone(ZoneInfo(graph.workspace.time_zone)).date()


def changes_on(moved: Moved, day: date) -> tuple[Changed, ...]:
    """The goals whose numbers some facts have moved, judged on a day, by id; asked while the graph still stands where
    they left it."""
    return tuple([Changed(one.goal.id, one.before, one.after) for one in moved.changed(day)])


def facts_of(entry: Entry) -> list[Fact]:
    """All facts of an entry, in order."""
    return [fact for step in entry.steps for fact in step.facts]


def replayed(store: Store, after: int, upto: int) -> Iterator[tuple[Entry, tuple[Changed, ...]]]:
    """The entries after one revision up to another, each with the goals that it moved, made from the log alone.

    Exactly what whoever was there has seen: status is judged by the day of the entry's own ``at`` in the time zone that
    it leaves. It costs the log up to ``upto``; nothing of the present is needed or touched.
    """
    graph = built(fold(store.changes(0, after)).snapshot(store.epoch))
    for entry in store.changes(after, upto - after):
        moved = graph.apply(facts_of(entry), entry.revision)
        yield entry, changes_on(moved, day_of(entry.at, graph))
