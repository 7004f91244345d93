"""Deciding about periods, the workspace's own facts, initiatives, KPIs and role charters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.anew import anew, as_given
from graph_service.alignment.decide.find import find, find_owner, fresh, listed
from graph_service.alignment.decide.links import tie
from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.decide.people import move
from graph_service.errors import Invalid
from graph_service.models.changes import (
    Change,
    CreateInitiative,
    CreateKpi,
    CreatePeriod,
    CreateRole,
    RemoveInitiative,
    RemoveKpi,
    RemoveRole,
    UpdateInitiative,
    UpdateKpi,
    UpdatePeriod,
    UpdateRole,
    UpdateWorkspace,
)
from graph_service.models.checks import (
    check_days,
    clean_address,
    clean_attributes,
    clean_label,
    clean_moment,
    clean_number,
    clean_title,
    clean_words,
    shown,
)
from graph_service.models.facts import Fact, PutNode, PutWorkspace, RemoveLink, RemoveNode
from graph_service.models.nodes import (
    Initiative,
    KeyResult,
    Kpi,
    Node,
    Objective,
    Period,
    RoleCharter,
    Task,
)
from graph_service.models.words import GoalState, LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

MOST_DAYS = 366
OF_THE_MACHINE = frozenset({"localtime", "posixrules", "posix", "right"})
"""Names in the folder of time zones that mean something else on each machine, or count leap seconds."""


def create_period(graph: AlignmentGraph, change: CreatePeriod, occasion: Occasion) -> Iterator[Fact]:
    """A new time box, within another if given."""
    id = fresh(graph, change.id, occasion)
    check_days(change.start, change.end, ("start", "end"))
    yield PutNode(Period(id, clean_title(change.title), change.start, change.end, clean_attributes(change.attributes)))
    if change.within_id is not None:
        yield from tie(graph, id, change.within_id, LinkKind.WITHIN, field="withinId")


def update_period(graph: AlignmentGraph, change: UpdatePeriod, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; goals that take their days from it follow."""
    vertex = find(graph, change.id, "id", Period)
    fact = vertex.fact
    assert isinstance(fact, Period)
    new = anew(
        fact,
        change,
        {"title": clean_title, "start": as_given, "end": as_given, "attributes": clean_attributes},
    )
    check_days(new.start, new.end, ("start", "end"))
    if new != fact:
        yield PutNode(new)
    if change.within_id is not UNSET:
        yield from move(graph, vertex, change.within_id, LinkKind.WITHIN, "withinId")


def update_workspace(graph: AlignmentGraph, change: UpdateWorkspace, occasion: Occasion) -> Iterator[Fact]:
    """Levels, status limits, check-in cadence, time zone: what is given, anew."""
    old = graph.workspace
    new = old
    if change.levels is not None:
        levels = clean_words(change.levels, "levels")
        if not levels:
            raise Invalid("levels is empty; name at least one", path=("levels",))
        lost = set(old.levels) - set(levels)
        if lost:
            used = {goal.fact.level for goal in graph.goals() if isinstance(goal.fact, Objective)}
            kept = sorted(lost & used)
            if kept:
                raise Invalid(
                    f"levels: {listed(kept)} is still used by objectives; change those first", path=("levels",)
                )
        new = replace(new, levels=levels)
    for name, field, limit in (
        ("behind_limit", "behindLimit", change.behind_limit),
        ("at_risk_limit", "atRiskLimit", change.at_risk_limit),
    ):
        if limit is not None:
            number = clean_number(limit, field)
            if number is None or not -1 <= number <= 1:
                raise Invalid(f"{field} {shown(limit)} is outside -1..1; give a share, 0.25 for 25 %", path=(field,))
            new = replace(new, **{name: number})
    if new.behind_limit > new.at_risk_limit:
        raise Invalid(
            f"behindLimit {shown(new.behind_limit)} is above atRiskLimit {shown(new.at_risk_limit)}; swap them",
            path=("behindLimit",),
        )
    if change.check_in_days is not None:
        if not 1 <= change.check_in_days <= MOST_DAYS:
            raise Invalid(f"checkInDays {shown(change.check_in_days)} is outside 1..{MOST_DAYS}", path=("checkInDays",))
        new = replace(new, check_in_days=change.check_in_days)
    if change.time_zone is not None:
        try:
            if change.time_zone.partition("/")[0] in OF_THE_MACHINE:
                raise KeyError(change.time_zone)
            ZoneInfo(change.time_zone)
        except (KeyError, ValueError, OSError):
            raise Invalid(
                f"timeZone {shown(change.time_zone)} is not known; use an IANA name such as Europe/Berlin",
                path=("timeZone",),
            ) from None
        new = replace(new, time_zone=change.time_zone)
    if new != old:
        yield PutWorkspace(new)


def retie(
    graph: AlignmentGraph,
    id: str,
    present: Sequence[str],
    wanted: Sequence[str],
    kind: LinkKind,
    field: str,
    *,
    inward: bool = False,
) -> Iterator[Fact]:
    """The links of one kind that a node has become those wanted: what is too many goes, what is missing comes."""
    known = frozenset(present)
    for other in sorted(known.difference(wanted)):
        source, target = (other, id) if inward else (id, other)
        yield RemoveLink(source, target, kind)
    for other in dict.fromkeys(wanted):
        if other not in known:
            source, target = (other, id) if inward else (id, other)
            yield from tie(graph, source, target, kind, field=field)


def _tasks(tasks: Sequence[Task]) -> tuple[Task, ...]:
    clean = []
    for number, task in enumerate(tasks):
        try:
            clean.append(Task(clean_title(task.title), clean_address(task.url), task.done))
        except Invalid as wrong:
            raise wrong.under("tasks", str(number)) from None
    return tuple(clean)


def _owner(graph: AlignmentGraph, id: str | None, field: str = "ownerId") -> str | None:
    """The id of an owner who exists, or None."""
    return None if id is None else find_owner(graph, id, field).id


def create_initiative(graph: AlignmentGraph, change: CreateInitiative, occasion: Occasion) -> Iterator[Fact]:
    """A new supporting project and the goals it supports; it never counts."""
    id = fresh(graph, change.id, occasion)
    check_days(change.start, change.due)
    yield PutNode(
        Initiative(
            id=id,
            title=clean_title(change.title),
            state=change.state or GoalState.ACTIVE,
            owner=_owner(graph, change.owner_id),
            tasks=_tasks(change.tasks or ()),
            start=change.start,
            due=change.due,
            attributes=clean_attributes(change.attributes),
        )
    )
    yield from retie(graph, id, (), change.supports or (), LinkKind.SUPPORTS, "supports")


def update_initiative(graph: AlignmentGraph, change: UpdateInitiative, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; ``supports`` and ``tasks`` are whole lists."""
    vertex = find(graph, change.id, "id", Initiative)
    fact = vertex.fact
    assert isinstance(fact, Initiative)
    new = anew(
        fact,
        change,
        {
            "title": clean_title,
            "state": lambda state, _: state or GoalState.ACTIVE,
            "owner_id": lambda owner, field: _owner(graph, owner, field),
            "tasks": lambda tasks, _: _tasks(tasks or ()),
            "start": as_given,
            "due": as_given,
            "attributes": clean_attributes,
        },
    )
    check_days(new.start, new.due)
    if new != fact:
        yield PutNode(new)
    if change.supports is not UNSET:
        present = vertex.targets(LinkKind.SUPPORTS)
        yield from retie(graph, change.id, present, change.supports or (), LinkKind.SUPPORTS, "supports")


def _kpi(kpi: Kpi) -> Kpi:
    kpi = replace(
        kpi,
        min=clean_number(kpi.min, "min"),
        max=clean_number(kpi.max, "max"),
        value=clean_number(kpi.value, "value"),
        at=clean_moment(kpi.at),
    )
    if kpi.min is not None and kpi.max is not None and kpi.min > kpi.max:
        raise Invalid(f"min {shown(kpi.min)} is above max {shown(kpi.max)}; swap or correct them", path=("min",))
    return kpi


def create_kpi(graph: AlignmentGraph, change: CreateKpi, occasion: Occasion) -> Iterator[Fact]:
    """A new running measure and the key results it measures."""
    id = fresh(graph, change.id, occasion)
    yield PutNode(
        _kpi(
            Kpi(
                id=id,
                title=clean_title(change.title),
                unit=clean_label(change.unit, "unit"),
                min=change.min,
                max=change.max,
                value=change.value,
                at=change.at,
                attributes=clean_attributes(change.attributes),
            )
        )
    )
    yield from retie(graph, id, (), change.key_results or (), LinkKind.MEASURED_BY, "keyResults", inward=True)


def update_kpi(graph: AlignmentGraph, change: UpdateKpi, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; ``keyResults`` is the whole list."""
    vertex = find(graph, change.id, "id", Kpi)
    fact = vertex.fact
    assert isinstance(fact, Kpi)
    new = anew(
        fact,
        change,
        {
            "title": clean_title,
            "unit": clean_label,
            "min": as_given,
            "max": as_given,
            "value": as_given,
            "at": as_given,
            "attributes": clean_attributes,
        },
    )
    new = _kpi(new)
    if new != fact:
        yield PutNode(new)
    if change.key_results is not UNSET:
        present = vertex.sources(LinkKind.MEASURED_BY)
        wanted = change.key_results or ()
        yield from retie(graph, change.id, present, wanted, LinkKind.MEASURED_BY, "keyResults", inward=True)


def create_role(graph: AlignmentGraph, change: CreateRole, occasion: Occasion) -> Iterator[Fact]:
    """A new role charter with its outcomes, metrics and holders."""
    id = fresh(graph, change.id, occasion)
    yield PutNode(
        RoleCharter(
            id=id,
            title=clean_title(change.title),
            areas=clean_words(change.areas, "areas"),
            brings=clean_words(change.brings, "brings"),
            attributes=clean_attributes(change.attributes),
        )
    )
    yield from _charter(graph, id, change.outcomes, change.metrics)
    yield from retie(graph, id, (), change.holders or (), LinkKind.HOLDS, "holders", inward=True)


def _charter(
    graph: AlignmentGraph, id: str, outcomes: Sequence[str] | None, metrics: Sequence[str] | None
) -> Iterator[Fact]:
    """Outcomes (objectives) and metrics (key results) of a role become those given; None leaves them."""
    chartered = graph.nodes[id].targets(LinkKind.CHARTERS)
    for wanted, kind, field in ((outcomes, Objective, "outcomes"), (metrics, KeyResult, "metrics")):
        if wanted is None:
            continue
        for goal in wanted:
            find(graph, goal, field, kind)
        present = [goal for goal in chartered if type(graph.nodes[goal].fact) is kind]
        yield from retie(graph, id, present, wanted, LinkKind.CHARTERS, field)


def update_role(graph: AlignmentGraph, change: UpdateRole, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; outcomes, metrics and holders are whole lists."""
    vertex = find(graph, change.id, "id", RoleCharter)
    fact = vertex.fact
    assert isinstance(fact, RoleCharter)
    new = anew(
        fact,
        change,
        {"title": clean_title, "areas": clean_words, "brings": clean_words, "attributes": clean_attributes},
    )
    if new != fact:
        yield PutNode(new)
    outcomes = None if change.outcomes is UNSET else change.outcomes or ()
    metrics = None if change.metrics is UNSET else change.metrics or ()
    yield from _charter(graph, change.id, outcomes, metrics)
    if change.holders is not UNSET:
        present = vertex.sources(LinkKind.HOLDS)
        yield from retie(graph, change.id, present, change.holders or (), LinkKind.HOLDS, "holders", inward=True)


def remove_other(
    graph: AlignmentGraph, change: RemoveInitiative | RemoveKpi | RemoveRole, occasion: Occasion
) -> Iterator[Fact]:
    """An initiative, KPI or role charter goes with its links."""
    kinds: dict[type[Change], type[Node]] = {RemoveInitiative: Initiative, RemoveKpi: Kpi, RemoveRole: RoleCharter}
    vertex = find(graph, change.id, "id", kinds[type(change)])
    yield RemoveNode(change.id, tuple(graph.links(vertex)))
