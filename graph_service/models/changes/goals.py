"""Changes to objectives and key results, and reports on them."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import UNSET, UnsetType

from graph_service.models.changes.base import Change
from graph_service.models.nodes import Attributes, PlanPoint, Value
from graph_service.models.words import (
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    Measure,
    Status,
)


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
