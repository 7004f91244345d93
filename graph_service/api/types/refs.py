"""Types that name each other across modules: their names for annotations, and how each is found by id or vertex.

All of these leave out what the viewer may not see, and what is of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.api.context import Ground
from graph_service.api.types.node import Node, node_of
from graph_service.models import nodes

if TYPE_CHECKING:
    from graph_service.api.types.findings import Finding
    from graph_service.api.types.goals import Goal, KeyResult, Objective
    from graph_service.api.types.others import Initiative, Kpi, Period, RoleCharter
    from graph_service.api.types.owners import Owner, Person, Team

GOALS = "graph_service.api.types.goals"
OWNERS = "graph_service.api.types.owners"
OTHERS = "graph_service.api.types.others"

FINDINGS = "graph_service.api.types.findings"

GoalRef = Annotated["Goal", strawberry.lazy(GOALS)]
ObjectiveRef = Annotated["Objective", strawberry.lazy(GOALS)]
KeyResultRef = Annotated["KeyResult", strawberry.lazy(GOALS)]
FindingRef = Annotated["Finding", strawberry.lazy(FINDINGS)]
OwnerRef = Annotated["Owner", strawberry.lazy(OWNERS)]
PersonRef = Annotated["Person", strawberry.lazy(OWNERS)]
TeamRef = Annotated["Team", strawberry.lazy(OWNERS)]
PeriodRef = Annotated["Period", strawberry.lazy(OTHERS)]
InitiativeRef = Annotated["Initiative", strawberry.lazy(OTHERS)]
KpiRef = Annotated["Kpi", strawberry.lazy(OTHERS)]
RoleCharterRef = Annotated["RoleCharter", strawberry.lazy(OTHERS)]


def _shown(on: Ground, ids: Iterable[str], *kinds: type[nodes.Node]) -> list[Node]:
    found = (on.vertex(id) for id in ids)
    return [node_of(on, vertex) for vertex in found if vertex is not None and type(vertex.fact) in kinds]


def _one(on: Ground, id: str | None, *kinds: type[nodes.Node]) -> Node | None:
    found = _shown(on, () if id is None else (id,), *kinds)
    return found[0] if found else None


def goal_of(on: Ground, vertex: Vertex) -> Goal:
    """A goal that the viewer may see, as its type."""
    return cast("Goal", node_of(on, vertex))


def goals_of(on: Ground, vertices: Iterable[GoalVertex]) -> list[Goal]:
    """Goals, order kept."""
    return [goal_of(on, vertex) for vertex in on.seen(vertices)]


def objective_of(on: Ground, vertex: Vertex) -> Objective:
    """An objective that the viewer may see, as its type."""
    return cast("Objective", node_of(on, vertex))


def key_result_of(on: Ground, vertex: Vertex) -> KeyResult:
    """A key result that the viewer may see, as its type."""
    return cast("KeyResult", node_of(on, vertex))


def key_results_of(on: Ground, vertices: Iterable[GoalVertex]) -> list[KeyResult]:
    """Key results, order kept."""
    return [key_result_of(on, vertex) for vertex in on.seen(vertices)]


def goal_at(on: Ground, id: str | None) -> Goal | None:
    """The goal with this id."""
    return cast("Goal | None", _one(on, id, nodes.Objective, nodes.KeyResult))


def goals_at(on: Ground, ids: Iterable[str]) -> list[Goal]:
    """The goals among these ids, order kept."""
    return cast("list[Goal]", _shown(on, ids, nodes.Objective, nodes.KeyResult))


def objective_at(on: Ground, id: str | None) -> Objective | None:
    """The objective with this id."""
    return cast("Objective | None", _one(on, id, nodes.Objective))


def objectives_at(on: Ground, ids: Iterable[str]) -> list[Objective]:
    """The objectives among these ids, order kept."""
    return cast("list[Objective]", _shown(on, ids, nodes.Objective))


def key_result_at(on: Ground, id: str | None) -> KeyResult | None:
    """The key result with this id."""
    return cast("KeyResult | None", _one(on, id, nodes.KeyResult))


def key_results_at(on: Ground, ids: Iterable[str]) -> list[KeyResult]:
    """The key results among these ids, order kept."""
    return cast("list[KeyResult]", _shown(on, ids, nodes.KeyResult))


def owner_of(on: Ground, vertex: Vertex) -> Owner:
    """A person or team that the viewer may see, as its type."""
    return cast("Owner", node_of(on, vertex))


def owner_at(on: Ground, id: str | None) -> Owner | None:
    """The person or team with this id."""
    return cast("Owner | None", _one(on, id, nodes.Person, nodes.Team))


def person_at(on: Ground, id: str | None) -> Person | None:
    """The person with this id."""
    return cast("Person | None", _one(on, id, nodes.Person))


def people_at(on: Ground, ids: Iterable[str]) -> list[Person]:
    """The people among these ids, order kept."""
    return cast("list[Person]", _shown(on, ids, nodes.Person))


def team_at(on: Ground, id: str | None) -> Team | None:
    """The team with this id."""
    return cast("Team | None", _one(on, id, nodes.Team))


def teams_at(on: Ground, ids: Iterable[str]) -> list[Team]:
    """The teams among these ids, order kept."""
    return cast("list[Team]", _shown(on, ids, nodes.Team))


def period_at(on: Ground, id: str | None) -> Period | None:
    """The period with this id."""
    return cast("Period | None", _one(on, id, nodes.Period))


def periods_at(on: Ground, ids: Iterable[str]) -> list[Period]:
    """The periods among these ids, order kept."""
    return cast("list[Period]", _shown(on, ids, nodes.Period))


def initiative_at(on: Ground, id: str | None) -> Initiative | None:
    """The initiative with this id."""
    return cast("Initiative | None", _one(on, id, nodes.Initiative))


def initiatives_at(on: Ground, ids: Iterable[str]) -> list[Initiative]:
    """The initiatives among these ids, order kept."""
    return cast("list[Initiative]", _shown(on, ids, nodes.Initiative))


def kpi_at(on: Ground, id: str | None) -> Kpi | None:
    """The KPI with this id."""
    return cast("Kpi | None", _one(on, id, nodes.Kpi))


def role_at(on: Ground, id: str | None) -> RoleCharter | None:
    """The role charter with this id."""
    return cast("RoleCharter | None", _one(on, id, nodes.RoleCharter))


def roles_at(on: Ground, ids: Iterable[str]) -> list[RoleCharter]:
    """The role charters among these ids, order kept."""
    return cast("list[RoleCharter]", _shown(on, ids, nodes.RoleCharter))


def findings_about(on: Ground, id: str, as_of: date | None = None) -> list[Finding]:
    """What the audit finds about a node on a day (absent: today), the gravest first."""
    from graph_service.api.types.findings import findings_about as found

    return found(on, id, as_of)


def findings_of_owner(on: Ground, id: str, as_of: date | None = None) -> list[Finding]:
    """What the audit finds about an owner and their goals on a day (absent: today), the gravest first."""
    from graph_service.api.types.findings import finding_of

    return [finding_of(on, one) for one in on.found(as_of).by_owner.get(id, ())]
