"""What can be followed.

A subscription is executed once to find out what is wished, which opens it, and then once for each event.
"""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph_service.alignment.audit.report import Severity
from graph_service.alignment.viewer import EVERYBODY
from graph_service.api.context import Followed, Ground, Wish
from graph_service.api.errors import bad_input, limit_exceeded
from graph_service.api.fields import asked
from graph_service.api.types.events import (
    FindingsEvent,
    GraphEvent,
    ProgressEvent,
    followed_findings,
    moved_by,
    steps_of,
)
from graph_service.api.types.findings import known_rules
from graph_service.models.checks import shown
from graph_service.workspace.following import Event
from graph_service.workspace.noticing import Noticed
from graph_service.workspace.replay import day_of


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
    event: strawberry.Private[Event | Noticed | None] = None

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
        event = self.event
        if not isinstance(event, Event):
            if goals is not None and not goals:
                raise bad_input("ids is empty, which would follow nothing; leave it out to follow all goals")
            if goals is not None and len(goals) > self.on.limits.max_page:
                raise limit_exceeded(
                    f"ids names {len(goals)} goals; at most {self.on.limits.max_page} can be followed at once"
                )
            raise self.opened(Followed.PROGRESS, after, epoch, ids=goals)
        moved = list(moved_by(self.on, event, goals))
        self.on.asking.untold = not moved
        return ProgressEvent(on=self.on, event=event, moved=moved)

    @asked("Everything that is done: one event for each revision, even one that moves nothing.")
    def graph_changed(self, after: After = UNSET, epoch: Epoch = UNSET) -> GraphEvent:
        """The event."""
        event = self.event
        if not isinstance(event, Event):
            raise self.opened(Followed.GRAPH, after, epoch)
        if self.on.viewer is not EVERYBODY:
            shown = (*islice(moved_by(self.on, event), 1), *islice(steps_of(self.on, event), 1))
            self.on.asking.untold = not shown
        return GraphEvent(on=self.on, event=event)

    @asked(
        "What the audit finds: one event for each revision by which findings appear, change or go, and one where the"
        " days do so (at midnight in the workspace's time zone, or before the next revision)."
    )
    def findings_changed(
        self,
        rules: Annotated[
            list[str] | None, strawberry.argument(description="Only findings of these rules, by name.")
        ] = UNSET,
        severity: Annotated[Severity | None, strawberry.argument(description="Only those of this severity.")] = UNSET,
        owner: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only those about this person or team, and about the goals they own; an id that names"
                " nothing (yet) is no error."
            ),
        ] = UNSET,
        after: After = UNSET,
        as_of: Annotated[
            date | None,
            strawberry.argument(
                description="The day on which the findings at `after` were judged, as events name it: what days have"
                " done since is told first. Absent: today if `after` is the newest revision, else the day of the one"
                " after it."
            ),
        ] = UNSET,
        epoch: Epoch = UNSET,
    ) -> FindingsEvent:
        """The findings that the event moved."""
        names, event = known_rules(rules), self.event
        if not isinstance(event, Noticed):
            raise self.opened(Followed.FINDINGS, after, epoch, None if as_of is UNSET else as_of)
        told = followed_findings(
            event.difference,
            names,
            None if severity is UNSET else severity,
            None if owner is UNSET else owner,
        )
        self.on.asking.untold = not any(told)
        return FindingsEvent(on=self.on, event=event, told=told)

    def opened(
        self,
        what: Followed,
        after: int | None,
        epoch: str | None,
        as_of: date | None = None,
        *,
        ids: frozenset[str] | None = None,
    ) -> Opening:
        """Notes what is wished; BAD_USER_INPUT for a revision or a day that cannot be gone on from."""
        on = self.on
        if on.asking.resume is not None:
            epoch, after, as_of = on.asking.resume
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
            self.on = on = on.asking.look_again(after)
        if after > on.revision:
            raise bad_input(
                f"after {after} lies in the future: the workspace is at revision {on.revision}; was the store restored?"
            )
        day = self.judged(after, as_of).toordinal() if what is Followed.FINDINGS else 0
        on.asking.wish = Wish(on.epoch, (after, day), what, ids)
        return Opening()

    def judged(self, after: int, as_of: date | None) -> date:
        """The day on which the findings at a revision were judged."""
        on = self.on
        if as_of is not None:
            if as_of > on.today:
                raise bad_input(f"asOf {as_of} lies in the future: it is {on.today} in the workspace's time zone")
            return as_of
        following = list(on.asking.workspace.store.changes(after, 1)) if after < on.revision else []
        return day_of(following[0].at, on.graph) if following else on.today
