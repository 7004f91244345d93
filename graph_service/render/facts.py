"""What pictures and lists say of a goal or an owner: name, owner, status, all as clean words."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Person, Team
from graph_service.models.words import LinkKind, Status
from graph_service.render.letters import clean, number

LINK_WORDS = {LinkKind.KEY_RESULT_OF: "key result", LinkKind.PARENT: "parent", LinkKind.ALIGNED: "aligned"}


def title_of(goal: GoalVertex) -> str:
    """The title of a goal."""
    return clean(goal.fact.title)


def name_of(owner: Vertex) -> str:
    """The name of a person or a team."""
    fact = owner.fact
    return clean(fact.name if isinstance(fact, Person | Team) else fact.id)


def owner_of(graph: AlignmentGraph, goal: GoalVertex, viewer: Viewer = EVERYBODY) -> Vertex | None:
    """Who owns a goal; None if nobody does, or nobody that the viewer sees."""
    id = goal.owner
    owner = None if id is None else graph.nodes[id]
    return owner if owner is not None and viewer.sees(owner) else None


def owner_name(graph: AlignmentGraph, goal: GoalVertex, viewer: Viewer = EVERYBODY) -> str:
    """The name of a goal's owner; empty without one."""
    owner = owner_of(graph, goal, viewer)
    return "" if owner is None else name_of(owner)


def status_word(status: Status) -> str:
    """A status in words: "on track"."""
    return status.value.replace("_", " ")


def standing(graph: AlignmentGraph, goal: GoalVertex, as_of: date) -> tuple[float | None, Status]:
    """The expected progress (a share; None if there is none) and the status of a goal on a day."""
    judge = graph.judge(as_of)
    return judge.expected(goal.pace), judge.status(goal.pace, goal.value, goal.held)


def amount(goal: GoalVertex, value: float) -> str:
    """A value of a key result with its unit."""
    unit = getattr(goal.fact, "unit", None)
    return number(value) if unit is None else f"{number(value)} {clean(unit)}"


def counted(many: int, one: str, several: str) -> str:
    """A number with its noun: "1 goal", "2 goals"."""
    return f"{many} {one if many == 1 else several}"
