"""What can be followed.

A subscription is executed once to find out what is wished, which opens it, and then once for each event.
"""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph_service.alignment.viewer import EVERYBODY
from graph_service.api.context import Ground, Wish
from graph_service.api.errors import bad_input, limit_exceeded
from graph_service.api.fields import asked
from graph_service.api.types.events import GraphEvent, ProgressEvent, moved_by, steps_of
from graph_service.models.checks import shown
from graph_service.workspace.following import Event


class Opening(Exception):
    """There is no event yet: the wish is known now, and that is all that was to be found out."""


After = Annotated[
    int | None,
    strawberry.argument(
        description="The first event is the one after this revision. Absent: after the newest one. One of the future,"
        " or further back than is kept, is refused."
    ),
]
Epoch = Annotated[
    str | None,
    strawberry.argument(
        description="The epoch that `after` was read in, as events and the workspace name it. Another one, of before"
        " the store was restored, is refused."
    ),
]


@strawberry.type(
    description="Everything that can be followed, over a WebSocket (graphql-transport-ws) or server-sent events. Events"
    " come in order of their revisions, none is left out and none comes twice, whoever wrote it."
)
class Subscription:
    """The subscriptions, at one event; without an event they are opened."""

    on: strawberry.Private[Ground]
    event: strawberry.Private[Event | None] = None

    @asked(
        "Goals whose progress, coverage, confidence or status has moved: one event for each revision that moves any."
    )
    def progress_changed(
        self,
        ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(
                description="Only these goals; an id that names nothing (yet) is no error. Absent: all goals."
            ),
        ] = UNSET,
        after: After = UNSET,
        epoch: Epoch = UNSET,
    ) -> ProgressEvent:
        """The goals that the event moved."""
        goals = None if ids is UNSET or ids is None else frozenset(ids)
        if self.event is None:
            if goals is not None and not goals:
                raise bad_input("ids is empty, which would follow nothing; leave it out to follow all goals")
            if goals is not None and len(goals) > self.on.limits.max_page:
                raise limit_exceeded(
                    f"ids names {len(goals)} goals; at most {self.on.limits.max_page} can be followed at once"
                )
            raise self.opened(after, epoch, progress=True, ids=goals)
        moved = list(moved_by(self.on, self.event, goals))
        self.on.asking.untold = not moved
        return ProgressEvent(on=self.on, event=self.event, moved=moved)

    @asked("Everything that is done: one event for each revision, even one that moves nothing.")
    def graph_changed(self, after: After = UNSET, epoch: Epoch = UNSET) -> GraphEvent:
        """The event."""
        if self.event is None:
            raise self.opened(after, epoch, progress=False)
        if self.on.viewer is not EVERYBODY:
            shown = (*islice(moved_by(self.on, self.event), 1), *islice(steps_of(self.on, self.event), 1))
            self.on.asking.untold = not shown
        return GraphEvent(on=self.on, event=self.event)

    def opened(
        self, after: int | None, epoch: str | None, *, progress: bool, ids: frozenset[str] | None = None
    ) -> Opening:
        """Notes what is wished; BAD_USER_INPUT for a revision that cannot be gone on from."""
        on = self.on
        if on.asking.resume is not None:
            epoch, after = on.asking.resume
        if epoch is not None and epoch is not UNSET and epoch != on.epoch:
            raise bad_input(
                f"epoch {shown(epoch)} is that of another store, or of this one before it was restored; read anew what"
                " you show, and follow from there"
            )
        if after is None or after is UNSET:
            after = on.revision
        if after < 0:
            raise bad_input(f"after {after} is no revision; give 0 or more")
        if after > on.revision:
            raise bad_input(
                f"after {after} lies in the future: the workspace is at revision {on.revision}; was the store restored?"
            )
        on.asking.wish = Wish(on.epoch, after, progress, ids)
        return Opening()
