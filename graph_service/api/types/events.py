"""Events: what those who follow are told of one revision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated

import strawberry

from graph_service.alignment.viewer import EVERYBODY
from graph_service.api.context import Ground
from graph_service.api.fields import Reader, asked
from graph_service.api.types.answers import how_many
from graph_service.api.types.log import Change
from graph_service.api.types.payloads import change_of
from graph_service.api.types.progress import ProgressChange
from graph_service.workspace.following import Event

of_progress = Reader["ProgressEvent"]()
of_graph = Reader["GraphEvent"]()

First = Annotated[int | None, strawberry.argument(description="At most so many; the default is 100.")]

REVISION = "The revision that this tells of; the `after` of whoever goes on from here."
EPOCH = "The time between two restores of the store, to be given along with `after`."
AT = "When it was committed."


@strawberry.type(
    description="Goals that one revision has moved. Their numbers are exactly those before and after it; what is asked"
    " of `goal` is read at the newest revision, which `extensions.revision` names."
)
class ProgressEvent:
    """A revision, as far as it moved some goals."""

    on: strawberry.Private[Ground]
    event: strawberry.Private[Event]
    moved: strawberry.Private[list[ProgressChange]]

    revision: int = of_progress(lambda one: one.event.revision, REVISION)
    epoch: str = of_progress(lambda one: one.event.epoch, EPOCH)
    at: datetime = of_progress(lambda one: one.event.at, AT)
    changed_count: int = of_progress(
        lambda one: len(one.moved), "How many of the followed goals have other numbers or another status now."
    )

    @asked(
        "The followed goals whose progress, coverage or confidence (by more than 1e-9), or status on the day of the"
        " revision, it has moved, by id."
    )
    def changed(self, first: First = 100) -> list[ProgressChange]:
        """The goals that moved."""
        return self.moved[: how_many(self.on, first, 100)]


@strawberry.type(
    description="One revision: who did what when, and which goals it has moved. Numbers are exactly those before and"
    " after it; what is asked of `goal` is read at the newest revision, which `extensions.revision` names."
)
class GraphEvent:
    """A revision."""

    on: strawberry.Private[Ground]
    event: strawberry.Private[Event]

    revision: int = of_graph(lambda one: one.event.revision, REVISION)
    epoch: str = of_graph(lambda one: one.event.epoch, EPOCH)
    at: datetime = of_graph(lambda one: one.event.at, AT)
    by: str = of_graph(lambda one: one.event.by, "Who asked for it.")
    source: str = of_graph(lambda one: one.event.source, "The door it came through: graphql, cli, import ...")
    changed_count: int = of_graph(
        lambda one: sum(1 for _ in moved_by(one.on, one.event)),
        "How many goals have other numbers or another status now.",
    )

    @asked("What was done, in order: an import or a batch has one for each of its changes.")
    def changes(self, first: First = 100) -> list[Change]:
        """The steps of the log's entry."""
        most = how_many(self.on, first, 100)
        return list(islice(steps_of(self.on, self.event), most))

    @asked(
        "Goals whose progress, coverage or confidence (by more than 1e-9), or status on the day of the revision, it has"
        " moved, by id."
    )
    def changed(self, first: First = 100) -> list[ProgressChange]:
        """The goals that moved."""
        return list(islice(moved_by(self.on, self.event), how_many(self.on, first, 100)))


def steps_of(on: Ground, event: Event) -> Iterator[Change]:
    """What was done in a revision, in order: the steps that touched something that the viewer may see."""
    entry = event.entry(on.asking.workspace.store)
    for position, step in enumerate(entry.steps):
        if on.viewer is EVERYBODY or any(on.vertex(id) is not None for id in step.nodes):
            yield Change(entry=entry, step=step, position=position)


def moved_by(on: Ground, event: Event, ids: frozenset[str] | None = None) -> Iterator[ProgressChange]:
    """The goals (some only, if they are given) that a revision moved, by id, as far as the viewer may see them."""
    changed = event.changed
    if ids is None:
        moved = iter(changed.values())
    else:
        moved = iter([changed[id] for id in sorted(ids) if id in changed])
    for one in moved:
        change = change_of(on, one)
        if change is not None:
            yield change
