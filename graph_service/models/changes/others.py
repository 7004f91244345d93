"""Changes to periods, the workspace, initiatives, KPIs and role charters."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import UNSET, UnsetType

from graph_service.models.changes.base import Change
from graph_service.models.nodes import Attributes, Task
from graph_service.models.words import (
    GoalState,
)


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
