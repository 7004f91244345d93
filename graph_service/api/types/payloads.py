"""Payloads: what a mutation answers, whether it was accepted or refused."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any, NamedTuple

import strawberry

from graph_service.alignment.vertices import GoalVertex
from graph_service.api.context import Asking, Ground
from graph_service.api.errors import UserError
from graph_service.api.fields import Read, Reader, asked
from graph_service.api.inputs import MUTATIONS
from graph_service.api.queries import Query
from graph_service.api.sentences import answered
from graph_service.api.types.answers import how_many
from graph_service.api.types.goals import Goal, KeyResult, Objective
from graph_service.api.types.links import Link, link_of
from graph_service.api.types.node import Node, node_at
from graph_service.api.types.others import Initiative, Kpi, Period, RoleCharter, Workspace
from graph_service.api.types.owners import Owner, Person, Team
from graph_service.api.types.progress import ProgressChange
from graph_service.api.types.reports import CheckIn, check_in_of
from graph_service.errors import Refusal
from graph_service.models.changes import Change
from graph_service.workspace import Changed, Outcome

of_payload = Reader["Payload"]()


@strawberry.interface(description="What every mutation answers. A refused one has `errors`, and changed nothing.")
class Payload:
    """What came of a mutation: an outcome or a refusal."""

    asking: strawberry.Private[Asking]
    changes: strawberry.Private[tuple[Change, ...]]
    outcome: strawberry.Private[Outcome | None] = None
    refusal: strawberry.Private[Refusal | None] = None

    errors: list[UserError] = of_payload(
        lambda payload: [] if payload.refusal is None else [UserError(refusal=payload.refusal)],
        "Why it was refused; empty if it was accepted.",
    )
    revision: int | None = of_payload(
        lambda payload: None if payload.outcome is None else payload.outcome.revision,
        "The revision that it made; null if it was refused. It rises by one even if nothing became different.",
    )
    query: Query = of_payload(lambda payload: Query(on=payload.on), "Everything that can be asked, afterwards.")
    changed_count: int = of_payload(
        lambda payload: sum(1 for _ in payload.moved()),
        "How many goals have other numbers or another status now.",
    )

    @asked("Goals whose progress, coverage or confidence (by more than 1e-9), or status today, it has moved, by id.")
    def changed(
        self,
        first: Annotated[int | None, strawberry.argument(description="At most so many; the default is 100.")] = 100,
    ) -> list[ProgressChange]:
        """The goals that moved."""
        return list(islice(self.moved(), how_many(self.on, first, 100)))

    @property
    def on(self) -> Ground:
        """What the fields that show things as they are now are read from."""
        return self.asking.ground

    def moved(self) -> Iterator[ProgressChange]:
        """The goals that moved, as far as the viewer may see them; none where it was refused."""
        for one in () if self.outcome is None else self.outcome.changed:
            change = change_of(self.on, one)
            if change is not None:
                yield change

    def named(self, field: str | None = None) -> str | None:
        """An id that the payload shows: what the first change made or touched, or what one of its fields names.

        None where it was refused."""
        if self.outcome is None:
            return None
        if field is None:
            return self.outcome.ids[0]
        named = getattr(self.changes[0], field)
        return named if isinstance(named, str) else None


def change_of(on: Ground, moved: Changed) -> ProgressChange | None:
    """A goal that moved; None if the viewer may not see it."""
    vertex = on.graph.nodes.get(moved.id)
    if vertex is None and moved.id in on.graph.removed:
        vertex = on.graph.removed[moved.id].vertex
    if not isinstance(vertex, GoalVertex) or not on.viewer.sees(vertex):
        return None
    return ProgressChange(on=on, vertex=vertex, was=moved.before, now=moved.after)


class Shown(NamedTuple):
    """A further field of a payload."""

    name: str
    type: Any
    read: Callable[[Payload], object]
    description: str


def _node(name: str, kind: type[Node], description: str, field: str | None = None) -> Shown:
    def read(payload: Payload) -> Node | None:
        found = node_at(payload.on, payload.named(field))
        return found if isinstance(found, kind) else None

    return Shown(name, kind | None, read, f"{description}, as it is now; null if it was refused.")


def _check_in(goal: str) -> Shown:
    def read(payload: Payload) -> CheckIn | None:
        vertex, id = payload.on.goal(payload.named(goal)), payload.named()
        said = None if vertex is None else next((one for one in vertex.check_ins if one.id == id), None)
        return None if vertex is None or said is None else check_in_of(payload.on, vertex, said)

    return Shown("checkIn", CheckIn | None, read, "The check-in that was made; null if it was refused.")


def _link(payload: Payload) -> Link | None:
    change = payload.changes[0] if payload.changes else None
    if payload.outcome is None or change is None:
        return None
    link = payload.on.graph.link(change.source, change.target, change.link)  # type: ignore[attr-defined]
    return None if link is None else link_of(payload.on, link)


def _workspace(payload: Payload) -> Workspace | None:
    return None if payload.outcome is None else Workspace(on=payload.on, said=payload.on.graph.workspace)


OBJECTIVE = _node("objective", Objective, "The objective")
KEY_RESULT = _node("keyResult", KeyResult, "The key result")
GOAL = _node("goal", Goal, "The goal")
PERSON = _node("person", Person, "The person")
TEAM = _node("team", Team, "The team")
PERIOD = _node("period", Period, "The period")
INITIATIVE = _node("initiative", Initiative, "The initiative")
KPI = _node("kpi", Kpi, "The KPI")
ROLE = _node("role", RoleCharter, "The role charter")
LINK = Shown("link", Link | None, _link, "The link, as it is now; null if it was refused.")
ENDS = (
    _node("from", Goal, "The goal that supports", "source"),
    _node("to", Goal, "The goal that is supported", "target"),
)
REMOVED = Shown(
    "removed",
    list[strawberry.ID],
    lambda payload: [] if payload.outcome is None else [strawberry.ID(id) for id in payload.outcome.removed],
    "Ids of all that went, in order.",
)

SHOWN: dict[str, tuple[Shown, ...]] = {
    "createObjective": (OBJECTIVE,),
    "updateObjective": (OBJECTIVE,),
    "createKeyResult": (KEY_RESULT,),
    "updateKeyResult": (KEY_RESULT,),
    "reviseKeyResult": (KEY_RESULT,),
    "checkInKeyResult": (_check_in("key_result_id"), _node("keyResult", KeyResult, "The key result", "key_result_id")),
    "checkInObjective": (_check_in("objective_id"), _node("objective", Objective, "The objective", "objective_id")),
    "completeMilestone": (KEY_RESULT,),
    "closeGoal": (GOAL,),
    "removeGoal": (REMOVED,),
    "restoreGoal": (GOAL,),
    "linkGoals": (LINK,),
    "updateLink": (LINK,),
    "unlinkGoals": ENDS,
    "setPrimaryParent": (OBJECTIVE,),
    "resolveReference": (_node("node", Node, "The node that kept the reference"),),
    "createPerson": (PERSON,),
    "updatePerson": (PERSON,),
    "deactivatePerson": (PERSON,),
    "erasePerson": (PERSON,),
    "createTeam": (TEAM,),
    "updateTeam": (TEAM,),
    "removeTeam": (REMOVED,),
    "assignOwner": (GOAL,),
    "setContributor": (GOAL,),
    "transferOwnership": (
        _node("from", Owner, "Who handed over", "source"),
        _node("to", Owner, "Who took over", "target"),
    ),
    "setManager": (PERSON,),
    "setMembership": (PERSON, _node("team", Team, "The team", "team_id")),
    "createPeriod": (PERIOD,),
    "updatePeriod": (PERIOD,),
    "updateWorkspace": (
        Shown("workspace", Workspace | None, _workspace, "The workspace, as it is now; null if it was refused."),
    ),
    "createInitiative": (INITIATIVE,),
    "updateInitiative": (INITIATIVE,),
    "removeInitiative": (REMOVED,),
    "createKpi": (KPI,),
    "updateKpi": (KPI,),
    "removeKpi": (REMOVED,),
    "createRole": (ROLE,),
    "updateRole": (ROLE,),
    "removeRole": (REMOVED,),
    "applyChanges": (
        Shown(
            "ids",
            list[strawberry.ID],
            lambda payload: [] if payload.outcome is None else [strawberry.ID(id) for id in payload.outcome.ids],
            "For each change, in order, the id of what it made or touched.",
        ),
        REMOVED,
    ),
}
"""What the payload of each mutation shows beside what all show."""

assert set(SHOWN) == {*MUTATIONS, "applyChanges"}


def _make(kind: str) -> type[Payload]:
    name = kind[0].upper() + kind[1:] + "Payload"
    namespace: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": {f"{one.name}_": one.type for one in SHOWN[kind]},
    }
    for one in SHOWN[kind]:
        namespace[f"{one.name}_"] = Read(read=one.read, description=one.description, graphql_name=one.name)
    made = types.new_class(name, (Payload,), {}, lambda body: body.update(namespace))
    return strawberry.type(made, name=name, description=answered(kind))


PAYLOADS: dict[str, type[Payload]] = {kind: _make(kind) for kind in SHOWN}
"""The type of each mutation's answer."""
