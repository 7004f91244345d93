"""Events: what those who follow are told of one revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Annotated

import strawberry

from graph_service.alignment.audit import report
from graph_service.alignment.audit.catalogue import ORDER
from graph_service.alignment.audit.compare import Difference
from graph_service.alignment.audit.findings import sort_key
from graph_service.alignment.audit.report import Severity
from graph_service.alignment.viewer import EVERYBODY
from graph_service.api.context import Ground
from graph_service.api.fields import Reader, asked
from graph_service.api.types.answers import how_many
from graph_service.api.types.findings import Finding, finding_of
from graph_service.api.types.log import Change
from graph_service.api.types.payloads import change_of
from graph_service.api.types.progress import ProgressChange
from graph_service.workspace.following import Event
from graph_service.workspace.noticing import Noticed

of_progress = Reader["ProgressEvent"]()
of_graph = Reader["GraphEvent"]()
of_findings = Reader["FindingsEvent"]()
of_change = Reader["FindingChange"]()

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


@strawberry.type(description="A finding of the same rule about the same thing, on other facts or of another owner.")
class FindingChange:
    """A finding that changed."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[report.Changed]

    before: Finding = of_change(lambda one: finding_of(one.on, one.said.before), "What it was.")
    now: Finding = of_change(lambda one: finding_of(one.on, one.said.now), "What it is.")


@strawberry.type(
    description="What one revision, or a day that began, has done to the followed findings. Put together, the events"
    " lead from the findings at one revision and day to those at another. Messages and facts are those of then; what is"
    " asked of `subject` and `owner` is read at the newest revision, which `extensions.revision` names."
)
class FindingsEvent:
    """A revision or a day, as far as it moved some findings."""

    on: strawberry.Private[Ground]
    event: strawberry.Private[Noticed]
    told: strawberry.Private[Difference]

    revision: int = of_findings(lambda one: one.event.revision, REVISION)
    as_of: date = of_findings(
        lambda one: one.event.as_of,
        "The day that it is judged on: that of the revision, or the one that began. To be given along with `after`.",
    )
    epoch: str = of_findings(lambda one: one.event.epoch, EPOCH)
    at: datetime | None = of_findings(
        lambda one: one.event.at,
        "When the revision was committed; null: a day has begun, and the revision was told before.",
    )
    appeared_count: int = of_findings(lambda one: len(one.told.appeared), "How many appeared.")
    gone_count: int = of_findings(lambda one: len(one.told.gone), "How many are gone.")
    changed_count: int = of_findings(lambda one: len(one.told.changed), "How many have changed.")

    @asked("Findings that were not there before, the gravest first.")
    def appeared(self, first: First = 100) -> list[Finding]:
        """The findings that appeared."""
        return self._some(self.told.appeared, first)

    @asked("Findings that are not there any more (mended, suppressed, or what they were about is gone), as they were.")
    def gone(self, first: First = 100) -> list[Finding]:
        """The findings that are gone."""
        return self._some(self.told.gone, first)

    @asked("Findings that stand on other facts than before, or of another owner.")
    def changed(self, first: First = 100) -> list[FindingChange]:
        """The findings that changed."""
        some = self.told.changed[: how_many(self.on, first, 100)]
        return [FindingChange(on=self.on, said=one) for one in some]

    def _some(self, findings: Sequence[report.Finding], first: int | None) -> list[Finding]:
        return [finding_of(self.on, one) for one in findings[: how_many(self.on, first, 100)]]


def followed_findings(
    moved: Difference, rules: frozenset[str] | None, severity: Severity | None, owner: str | None
) -> Difference:
    """What became of the findings that somebody follows. One that changed and is followed only as it is now has
    appeared for them, and one that was followed only before is gone."""

    def follows(one: report.Finding) -> bool:
        return (
            (rules is None or one.rule in rules)
            and (severity is None or one.severity is severity)
            and (owner is None or (one.owner is not None and one.owner.id == owner))
        )

    appeared = [one for one in moved.appeared if follows(one)]
    gone = [one for one in moved.gone if follows(one)]
    changed = []
    for one in moved.changed:
        before, now = follows(one.before), follows(one.now)
        if before and now:
            changed.append(one)
        elif before:
            gone.append(one.before)
        elif now:
            appeared.append(one.now)
    key = sort_key(ORDER)
    return Difference(tuple(sorted(appeared, key=key)), tuple(sorted(gone, key=key)), tuple(changed))


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
