"""Change: the one closed set of what can be done, in the same words for mutations, imports, the log and suppositions.

A change is a wish. Deciding it against a graph (``alignment.decide``) gives facts or a refusal. Fields carry the names
of the GraphQL inputs (camelCase in JSON). In updates an absent field (UNSET) keeps what is there, null clears it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from graph_service.errors import Invalid
from graph_service.models.nodes import Attributes, PlanPoint, Task, Value, Version
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


class Change(Value, frozen=True, kw_only=True, rename="camel"):
    """Base of all changes. ``kind`` is the name of the mutation; ``names`` the field that holds the one thing it is
    about (none where it makes something new, or is about the workspace)."""

    kind: ClassVar[str] = ""
    names: ClassVar[str | None] = None

    @property
    def subject(self) -> str | None:
        """The id whose revision an ``expectedRevision`` is compared with; None: the workspace's."""
        return None if self.names is None else getattr(self, self.names)


class ParentInput(Value, frozen=True, kw_only=True):
    """A parent of a new objective, in order; the first is the primary one."""

    id: str
    weight: float | None = None


class MilestoneInput(Value, frozen=True, kw_only=True, rename="camel"):
    """A milestone of a key result; an absent id is made, an absent weight is 1."""

    id: str | None = None
    title: str = ""
    weight: float | None = None
    due: date | None = None
    done_at: date | None = None


# ---------- goals ----------


class CreateObjective(Change, frozen=True, kw_only=True):
    """A new objective: what one wants, under its parents in order (the first is the primary one)."""

    kind = "createObjective"
    id: str | None = None
    title: str
    description: str | None = None
    alignment_note: str | None = None
    level: str | None = None
    top_level: bool | None = None
    state: GoalState | None = None
    ambition: Ambition | None = None
    themes: tuple[str, ...] | None = None
    driver: Driver | None = None
    manual_progress: float | None = None
    driver_reason: str | None = None
    owner_id: str | None = None
    period_id: str | None = None
    start: date | None = None
    due: date | None = None
    parents: tuple[ParentInput, ...] | None = None
    attributes: Attributes | None = None


class UpdateObjective(Change, frozen=True, kw_only=True):
    """Other fields of an objective. An absent field keeps what is there, null clears it."""

    kind = "updateObjective"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    alignment_note: str | UnsetType | None = UNSET
    level: str | UnsetType | None = UNSET
    top_level: bool | UnsetType | None = UNSET
    state: GoalState | UnsetType | None = UNSET
    ambition: Ambition | UnsetType | None = UNSET
    themes: tuple[str, ...] | UnsetType | None = UNSET
    driver: Driver | UnsetType | None = UNSET
    manual_progress: float | UnsetType | None = UNSET
    driver_reason: str | UnsetType | None = UNSET
    period_id: str | UnsetType | None = UNSET
    start: date | UnsetType | None = UNSET
    due: date | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class CreateKeyResult(Change, frozen=True, kw_only=True):
    """A new key result of an objective: how one knows. Without a measure it is read from the numbers given."""

    kind = "createKeyResult"
    id: str | None = None
    objective_id: str | None = None  # None only in a quarantining import, which keeps the key result loose
    title: str
    description: str | None = None
    alignment_note: str | None = None
    weight: float | None = None
    measure: Measure | None = None
    comparison: Comparison | None = None
    baseline: float | None = None
    target: float | None = None
    target_min: float | None = None
    target_max: float | None = None
    unit: str | None = None
    aggregate: Aggregate | None = None
    plan: tuple[PlanPoint, ...] | None = None
    milestones: tuple[MilestoneInput, ...] | None = None
    state: GoalState | None = None
    owner_id: str | None = None
    period_id: str | None = None
    start: date | None = None
    due: date | None = None
    attributes: Attributes | None = None


class UpdateKeyResult(Change, frozen=True, kw_only=True):
    """Measure, baseline, target, aggregate, plan and milestone weights change here only while it is a draft without
    check-ins; after that by reviseKeyResult."""

    kind = "updateKeyResult"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    alignment_note: str | UnsetType | None = UNSET
    measure: Measure | UnsetType | None = UNSET
    comparison: Comparison | UnsetType | None = UNSET
    baseline: float | UnsetType | None = UNSET
    target: float | UnsetType | None = UNSET
    target_min: float | UnsetType | None = UNSET
    target_max: float | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    aggregate: Aggregate | UnsetType | None = UNSET
    plan: tuple[PlanPoint, ...] | UnsetType | None = UNSET
    milestones: tuple[MilestoneInput, ...] | UnsetType | None = UNSET
    state: GoalState | UnsetType | None = UNSET
    period_id: str | UnsetType | None = UNSET
    start: date | UnsetType | None = UNSET
    due: date | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class ReviseKeyResult(Change, frozen=True, kw_only=True):
    """A new yardstick with a reason; the old one stays as a version."""

    kind = "reviseKeyResult"
    names = "id"
    id: str
    reason: str
    measure: Measure | UnsetType | None = UNSET
    comparison: Comparison | UnsetType | None = UNSET
    baseline: float | UnsetType | None = UNSET
    target: float | UnsetType | None = UNSET
    target_min: float | UnsetType | None = UNSET
    target_max: float | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    aggregate: Aggregate | UnsetType | None = UNSET
    plan: tuple[PlanPoint, ...] | UnsetType | None = UNSET
    milestones: tuple[MilestoneInput, ...] | UnsetType | None = UNSET


class CheckInKeyResult(Change, frozen=True, kw_only=True):
    """A report on a key result: a value or milestones, confidence, what the person says of it, a note."""

    kind = "checkInKeyResult"
    names = "key_result_id"
    id: str | None = None
    key_result_id: str
    value: float | None = None
    milestones_done: tuple[str, ...] | None = None
    confidence: float | None = None
    reported_status: Status | None = None
    note: str | None = None
    at: datetime | None = None
    by: str | None = None
    source: str | None = None
    replaces: str | None = None


class CheckInObjective(Change, frozen=True, kw_only=True):
    """A report on an objective; a value (a share) only where its progress is given by hand."""

    kind = "checkInObjective"
    names = "objective_id"
    id: str | None = None
    objective_id: str
    value: float | None = None
    confidence: float | None = None
    reported_status: Status | None = None
    note: str | None = None
    at: datetime | None = None
    by: str | None = None
    source: str | None = None
    replaces: str | None = None


class CompleteMilestone(Change, frozen=True, kw_only=True):
    """``done_at`` null takes the completion back; absent, it is the day of the commit."""

    kind = "completeMilestone"
    names = "key_result_id"
    key_result_id: str
    milestone_id: str
    done_at: date | UnsetType | None = UNSET


class CloseGoal(Change, frozen=True, kw_only=True):
    """Closes a goal; an absent score is its progress. Closing an objective closes its active key results."""

    kind = "closeGoal"
    names = "id"
    id: str
    score: float | None = None
    retrospective: str | None = None


class RemoveGoal(Change, frozen=True, kw_only=True):
    """A goal goes, with its links; an objective takes its key results along, what lies under it stays."""

    kind = "removeGoal"
    names = "id"
    id: str
    reason: str | None = None


class RestoreGoal(Change, frozen=True, kw_only=True):
    """A removed goal is back, with the links whose other ends still exist."""

    kind = "restoreGoal"
    names = "id"
    id: str


class LinkGoals(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """``from`` supports ``to`` by PARENT, ALIGNED or KEY_RESULT_OF (which moves a key result)."""

    kind = "linkGoals"
    names = "source"
    source: str
    target: str
    link: LinkKind = msgspec.field(name="kind")
    weight: float | None = None


class UpdateLink(LinkGoals, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """Gives a link that exists another weight."""

    kind = "updateLink"


class UnlinkGoals(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """A link between two goals goes; if it was the primary parent, the next one is primary."""

    kind = "unlinkGoals"
    names = "source"
    source: str
    target: str
    link: LinkKind = msgspec.field(name="kind")


class SetPrimaryParent(Change, frozen=True, kw_only=True):
    """One of the parents of an objective becomes the primary one."""

    kind = "setPrimaryParent"
    names = "objective_id"
    objective_id: str
    parent_id: str


class KeepReference(Change, frozen=True, kw_only=True):
    """Keeps a reference to nothing on the node that exists (imports only)."""

    kind = "keepReference"
    names = "node_id"
    node_id: str
    link: LinkKind = msgspec.field(name="kind")
    reference: str
    outgoing: bool = True
    weight: float | None = None
    roles: tuple[str, ...] | None = None


class KeepHistory(Change, frozen=True, kw_only=True):
    """What a goal brings along from another place (imports only): the score and retrospective it was closed with, and
    the yardsticks that its present one has replaced. An absent field keeps what is there."""

    kind = "keepHistory"
    names = "id"
    id: str
    score: float | UnsetType | None = UNSET
    retrospective: str | UnsetType | None = UNSET
    versions: tuple[Version, ...] | UnsetType = UNSET


class ResolveReference(Change, frozen=True, kw_only=True):
    """Turns a broken reference into a link to ``to``, or drops it (``to`` null)."""

    kind = "resolveReference"
    names = "node_id"
    node_id: str
    link: LinkKind = msgspec.field(name="kind")
    reference: str
    to: str | None = None


# ---------- people and teams ----------


class CreatePerson(Change, frozen=True, kw_only=True):
    """A new person (or post, or office: ``type`` keeps the word), with a manager and teams if given."""

    kind = "createPerson"
    id: str | None = None
    name: str
    email: str | None = None
    job_title: str | None = None
    manager_id: str | None = None
    team_ids: tuple[str, ...] | None = None
    active: bool | None = None
    type: str | None = None
    attributes: Attributes | None = None


class UpdatePerson(Change, frozen=True, kw_only=True):
    """Other fields of a person. An absent field keeps what is there, null clears it."""

    kind = "updatePerson"
    names = "id"
    id: str
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class DeactivatePerson(Change, frozen=True, kw_only=True):
    """A person left; what they own stays theirs, until it is transferred."""

    kind = "deactivatePerson"
    names = "id"
    id: str
    reason: str | None = None


class ErasePersonForGood(Change, frozen=True, kw_only=True):
    """Name, e-mail and attributes vanish everywhere, from all past revisions too; the id stays."""

    kind = "erasePerson"
    names = "id"
    id: str
    reason: str | None = None


class CreateTeam(Change, frozen=True, kw_only=True):
    """A new team, within another if given."""

    kind = "createTeam"
    id: str | None = None
    name: str
    parent_id: str | None = None
    type: str | None = None
    active: bool | None = None
    attributes: Attributes | None = None


class UpdateTeam(Change, frozen=True, kw_only=True):
    """Other fields of a team; ``parentId`` moves it."""

    kind = "updateTeam"
    names = "id"
    id: str
    name: str | UnsetType | None = UNSET
    parent_id: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class RemoveTeam(Change, frozen=True, kw_only=True):
    """A team goes; one with goals or sub-teams is refused."""

    kind = "removeTeam"
    names = "id"
    id: str
    reason: str | None = None


class AssignOwner(Change, frozen=True, kw_only=True):
    """The one accountable owner of a goal; null: nobody."""

    kind = "assignOwner"
    names = "goal_id"
    goal_id: str
    owner_id: str | None = None


class SetContributor(Change, frozen=True, kw_only=True):
    """``roles`` are the whole set; an empty one removes the contributor."""

    kind = "setContributor"
    names = "goal_id"
    goal_id: str
    owner_id: str
    roles: tuple[str, ...]


class TransferOwnership(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """Moves goals (absent: all) from one owner to another."""

    kind = "transferOwnership"
    names = "source"
    source: str
    target: str
    goals: tuple[str, ...] | None = None


class SetManager(Change, frozen=True, kw_only=True):
    """The primary manager (null: none), or with ``dotted`` one more, dotted line. ``remove`` takes a line away."""

    kind = "setManager"
    names = "person_id"
    person_id: str
    manager_id: str | None = None
    dotted: bool = False
    remove: bool = False


class SetMembership(Change, frozen=True, kw_only=True):
    """``member`` and ``leads`` (the roles by which the person leads the team; empty: none) where given."""

    kind = "setMembership"
    names = "person_id"
    person_id: str
    team_id: str
    member: bool | None = None
    leads: tuple[str, ...] | None = None


# ---------- periods and the workspace ----------


class CreatePeriod(Change, frozen=True, kw_only=True):
    """A new time box, within another if given."""

    kind = "createPeriod"
    id: str | None = None
    title: str
    start: date | None = None
    end: date | None = None
    within_id: str | None = None
    attributes: Attributes | None = None


class UpdatePeriod(Change, frozen=True, kw_only=True):
    """Other fields of a period; goals that take their days from it follow."""

    kind = "updatePeriod"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    start: date | UnsetType | None = UNSET
    end: date | UnsetType | None = UNSET
    within_id: str | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class UpdateWorkspace(Change, frozen=True, kw_only=True):
    """Facts of the workspace itself: levels, status limits, check-in cadence, time zone."""

    kind = "updateWorkspace"
    levels: tuple[str, ...] | None = None
    behind_limit: float | None = None
    at_risk_limit: float | None = None
    check_in_days: int | None = None
    time_zone: str | None = None


# ---------- initiatives, KPIs, role charters ----------


class CreateInitiative(Change, frozen=True, kw_only=True):
    """A new supporting project with its tasks; it never counts in a rollup."""

    kind = "createInitiative"
    id: str | None = None
    title: str
    state: GoalState | None = None
    owner_id: str | None = None
    supports: tuple[str, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    start: date | None = None
    due: date | None = None
    attributes: Attributes | None = None


class UpdateInitiative(Change, frozen=True, kw_only=True):
    """Other fields of an initiative; ``supports`` and ``tasks`` are whole lists."""

    kind = "updateInitiative"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    state: GoalState | UnsetType | None = UNSET
    owner_id: str | UnsetType | None = UNSET
    supports: tuple[str, ...] | UnsetType | None = UNSET
    tasks: tuple[Task, ...] | UnsetType | None = UNSET
    start: date | UnsetType | None = UNSET
    due: date | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class RemoveInitiative(Change, frozen=True, kw_only=True):
    """An initiative goes, with its links."""

    kind = "removeInitiative"
    names = "id"
    id: str
    reason: str | None = None


class CreateKpi(Change, frozen=True, kw_only=True):
    """A new running health measure with an accepted range, and the key results it measures."""

    kind = "createKpi"
    id: str | None = None
    title: str
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    value: float | None = None
    at: datetime | None = None
    key_results: tuple[str, ...] | None = None
    attributes: Attributes | None = None


class UpdateKpi(Change, frozen=True, kw_only=True):
    """Other fields of a KPI, its value among them; ``keyResults`` is the whole list."""

    kind = "updateKpi"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    min: float | UnsetType | None = UNSET
    max: float | UnsetType | None = UNSET
    value: float | UnsetType | None = UNSET
    at: datetime | UnsetType | None = UNSET
    key_results: tuple[str, ...] | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class RemoveKpi(Change, frozen=True, kw_only=True):
    """A KPI goes, with its links."""

    kind = "removeKpi"
    names = "id"
    id: str
    reason: str | None = None


class CreateRole(Change, frozen=True, kw_only=True):
    """A new role charter: outcomes, metrics, areas of responsibility, what its holder brings."""

    kind = "createRole"
    id: str | None = None
    title: str
    outcomes: tuple[str, ...] | None = None
    metrics: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    brings: tuple[str, ...] | None = None
    holders: tuple[str, ...] | None = None
    attributes: Attributes | None = None


class UpdateRole(Change, frozen=True, kw_only=True):
    """Other fields of a role charter; its lists are whole lists."""

    kind = "updateRole"
    names = "id"
    id: str
    title: str | UnsetType | None = UNSET
    outcomes: tuple[str, ...] | UnsetType | None = UNSET
    metrics: tuple[str, ...] | UnsetType | None = UNSET
    areas: tuple[str, ...] | UnsetType | None = UNSET
    brings: tuple[str, ...] | UnsetType | None = UNSET
    holders: tuple[str, ...] | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class RemoveRole(Change, frozen=True, kw_only=True):
    """A role charter goes, with its links."""

    kind = "removeRole"
    names = "id"
    id: str
    reason: str | None = None


def _leaves(base: type[Change]) -> list[type[Change]]:
    found = [base] if base.kind else []
    for below in base.__subclasses__():
        found += _leaves(below)
    return found


CHANGES: dict[str, type[Change]] = {change.kind: change for change in sorted(_leaves(Change), key=lambda c: c.kind)}
"""Every change by the name of its mutation."""

IMPORT_ONLY = frozenset({KeepHistory.kind, KeepReference.kind})
"""Changes that only an import may make; no mutation has their name."""


def change_from(kind: str, fields: object) -> Change:
    """The change that a kind and its JSON fields describe; refuses an unknown kind, field or type, with its name."""
    made = CHANGES.get(kind)
    if made is None:
        raise Invalid(f"'{kind}' is no change; known are {', '.join(CHANGES)}", path=(kind,))
    try:
        return msgspec.convert(fields, made)
    except msgspec.ValidationError as wrong:
        raise Invalid(f"{kind}: {wrong}", path=(kind,)) from None


def change_input(change: Change) -> dict[str, object]:
    """The fields of a change as JSON values, absent ones left out: what :func:`change_from` takes."""
    fields: dict[str, object] = msgspec.to_builtins(change)
    return fields
