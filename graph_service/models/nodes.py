"""The nodes and links of the graph as frozen, slotted values.

They hold facts only: what somebody said. Progress, status, orphans and the like are conclusions and live elsewhere.
Values are msgspec structs: made in C, without a dictionary, and their own JSON codec.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from graph_service.models.words import (
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    LinkKind,
    Measure,
    Status,
)

type_name = "kind"
Attributes = dict[str, object]


class Value(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every value: immutable, compared by content, without the collector's header (no value holds a ring)."""


class Milestone(Value, frozen=True):
    """One step of a MILESTONES key result; done when ``done_at`` is set."""

    id: str
    title: str
    weight: float = 1.0
    due: date | None = None
    done_at: date | None = None


class PlanPoint(Value, frozen=True):
    """A planned value on a day, for what is not expected to grow evenly."""

    date: date
    value: float


class Task(Value, frozen=True):
    """A task of an initiative; it never counts in a rollup."""

    title: str
    url: str | None = None
    done: bool = False


class Version(Value, frozen=True):
    """How a key result was measured until it was revised: the old yardstick, who replaced it, when and why."""

    at: datetime
    by: str
    reason: str
    measure: Measure
    comparison: Comparison | None = None
    baseline: float | None = None
    target: float | None = None
    target_min: float | None = None
    target_max: float | None = None
    unit: str | None = None
    aggregate: Aggregate | None = None
    plan: tuple[PlanPoint, ...] = ()
    milestones: tuple[Milestone, ...] = ()


class Objective(Value, frozen=True, tag_field=type_name, tag="objective"):
    """What one wants. ``top_level`` None means: by its level (``organization`` is meant to have no parent)."""

    id: str
    title: str
    state: GoalState = GoalState.ACTIVE
    level: str | None = None
    top_level: bool | None = None
    driver: Driver = Driver.ALL
    period: str | None = None
    start: date | None = None
    due: date | None = None
    manual_progress: float | None = None
    driver_reason: str | None = None
    ambition: Ambition | None = None
    themes: tuple[str, ...] = ()
    description: str | None = None
    alignment_note: str | None = None
    score: float | None = None
    retrospective: str | None = None
    attributes: Attributes | None = None


class KeyResult(Value, frozen=True, tag_field=type_name, tag="key_result"):
    """How one knows: one measure, belongs to one objective (by a KEY_RESULT_OF link)."""

    id: str
    title: str
    state: GoalState = GoalState.ACTIVE
    measure: Measure = Measure.UNMEASURED
    comparison: Comparison | None = None
    baseline: float | None = None
    target: float | None = None
    target_min: float | None = None
    target_max: float | None = None
    unit: str | None = None
    aggregate: Aggregate | None = None
    period: str | None = None
    start: date | None = None
    due: date | None = None
    plan: tuple[PlanPoint, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    versions: tuple[Version, ...] = ()
    description: str | None = None
    alignment_note: str | None = None
    score: float | None = None
    retrospective: str | None = None
    attributes: Attributes | None = None


class Person(Value, frozen=True, tag_field=type_name, tag="person"):
    """An accountable person, post or office (``type`` keeps the word). Erased: only the id stays."""

    id: str
    name: str
    email: str | None = None
    job_title: str | None = None
    active: bool = True
    type: str = "person"
    erased: bool = False
    attributes: Attributes | None = None


class Team(Value, frozen=True, tag_field=type_name, tag="team"):
    """A team of people; it may lie within another and own goals."""

    id: str
    name: str
    type: str | None = None
    active: bool = True
    attributes: Attributes | None = None


class Period(Value, frozen=True, tag_field=type_name, tag="period"):
    """A time box; its last day belongs to it."""

    id: str
    title: str
    start: date | None = None
    end: date | None = None
    attributes: Attributes | None = None


class Initiative(Value, frozen=True, tag_field=type_name, tag="initiative"):
    """A supporting project with its tasks; it never counts in a rollup."""

    id: str
    title: str
    state: GoalState = GoalState.ACTIVE
    owner: str | None = None
    tasks: tuple[Task, ...] = ()
    start: date | None = None
    due: date | None = None
    attributes: Attributes | None = None


class Kpi(Value, frozen=True, tag_field=type_name, tag="kpi"):
    """A running health measure with an accepted range (either side may be open); not a goal."""

    id: str
    title: str
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    value: float | None = None
    at: datetime | None = None
    attributes: Attributes | None = None


class RoleCharter(Value, frozen=True, tag_field=type_name, tag="role"):
    """A role described by outcomes and metrics (CHARTERS links), areas of responsibility and what its holder brings."""

    id: str
    title: str
    areas: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    attributes: Attributes | None = None


Goal = Objective | KeyResult
Owner = Person | Team
Node = Objective | KeyResult | Person | Team | Period | Initiative | Kpi | RoleCharter

KIND_OF: dict[type[Node], str] = {
    Objective: "objective",
    KeyResult: "key_result",
    Person: "person",
    Team: "team",
    Period: "period",
    Initiative: "initiative",
    Kpi: "kpi",
    RoleCharter: "role",
}


class Link(Value, frozen=True, rename={"source": "from", "target": "to"}):
    """An edge. ``source`` supports, owns, belongs to or reports to ``target``.

    ``position`` orders the key results of an objective and the parents of an objective (the least is the primary
    one); ``roles`` belong to CONTRIBUTES_TO and LEADS, ``dotted`` to REPORTS_TO. One per (source, target, kind).
    """

    source: str
    target: str
    kind: LinkKind
    weight: float = 1.0
    position: int = 0
    roles: tuple[str, ...] = ()
    dotted: bool = False


class CheckIn(Value, frozen=True):
    """A reported value: appended, never changed. Present is the greatest (``at``, ``revision``, ``position``)."""

    id: str
    goal: str
    at: datetime
    source: str
    revision: int
    position: int = 0
    value: float | None = None
    confidence: float | None = None
    reported_status: Status | None = None
    note: str | None = None
    by: str | None = None
    replaces: str | None = None
    milestones_done: tuple[str, ...] = ()


class BrokenReference(Value, frozen=True):
    """A reference to nothing, kept as text on the end that exists. ``outgoing``: the node is the link's source."""

    node: str
    kind: LinkKind
    reference: str
    outgoing: bool = True
    weight: float | None = None
    roles: tuple[str, ...] = ()


class Workspace(Value, frozen=True):
    """The facts of the workspace itself: ON_TRACK up to a gap of ``behind_limit``, BEHIND up to ``at_risk_limit``."""

    levels: tuple[str, ...] = ("organization", "department", "team", "individual")
    behind_limit: float = 0.0
    at_risk_limit: float = 0.25
    check_in_days: int = 7
    time_zone: str = "UTC"
