"""Finding what a change names, with refusals that say which field named it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.errors import Duplicate, Invalid, NotFound
from graph_service.models.checks import clean_id, shown
from graph_service.models.facts import PutLink
from graph_service.models.nodes import KIND_OF, KeyResult, Link, Node, Objective, Period, Person, Team
from graph_service.models.words import LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

WORDS = {"key_result": "key result", "kpi": "KPI", "role": "role charter"}


def word(kind: type[Node]) -> str:
    """What a kind of node is called in a sentence."""
    name = KIND_OF[kind]
    return WORDS.get(name, name)


def a(name: str) -> str:
    """A word with its article."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def fresh(graph: AlignmentGraph, id: str | None, occasion: Occasion) -> str:
    """The id for something new: the given one, clean and never given out before, or one made here."""
    if id is None:
        return occasion.new_id()
    clean_id(id)
    if graph.used(id):
        raise Duplicate(f"id {shown(id)} was given out before; choose another, or give none", path=("id",), nodes=(id,))
    return id


def find(graph: AlignmentGraph, id: str, field: str, *kinds: type[Node]) -> Vertex:
    """The node with this id and of one of these kinds."""
    vertex = graph.nodes.get(id)
    if vertex is None:
        wanted = " or ".join(word(kind) for kind in kinds) or "node"
        raise NotFound(f"{field} {shown(id)}: there is no {wanted} with this id", path=(field,), nodes=(id,))
    if kinds and type(vertex.fact) not in kinds:
        wanted = " or ".join(word(kind) for kind in kinds)
        found = word(type(vertex.fact))
        raise Invalid(f"{field} {shown(id)} is {a(found)}, not {a(wanted)}", path=(field,), nodes=(id,))
    return vertex


def find_goal(graph: AlignmentGraph, id: str, field: str) -> GoalVertex:
    """The objective or key result with this id."""
    goal = find(graph, id, field, Objective, KeyResult)
    assert isinstance(goal, GoalVertex)
    return goal


def find_objective(graph: AlignmentGraph, id: str, field: str) -> tuple[GoalVertex, Objective]:
    """The objective with this id, in the graph and as a fact."""
    goal = find(graph, id, field, Objective)
    assert isinstance(goal, GoalVertex) and isinstance(goal.fact, Objective)
    return goal, goal.fact


def find_key_result(graph: AlignmentGraph, id: str, field: str) -> tuple[GoalVertex, KeyResult]:
    """The key result with this id, in the graph and as a fact."""
    goal = find(graph, id, field, KeyResult)
    assert isinstance(goal, GoalVertex) and isinstance(goal.fact, KeyResult)
    return goal, goal.fact


def find_owner(graph: AlignmentGraph, id: str, field: str) -> Person | Team:
    """The person or team with this id; an erased person is nobody any more."""
    fact = find(graph, id, field, Person, Team).fact
    assert isinstance(fact, Person | Team)
    refuse_erased(fact, field)
    return fact


def refuse_erased(fact: Node, field: str) -> None:
    """Refuses somebody who was erased: they keep what they have, and take on nothing new."""
    if isinstance(fact, Person) and fact.erased:
        raise Invalid(f"{field} {shown(fact.id)} was erased; name someone else", path=(field,), nodes=(fact.id,))


def find_person(graph: AlignmentGraph, id: str, field: str) -> Person:
    """The person with this id."""
    fact = find(graph, id, field, Person).fact
    assert isinstance(fact, Person)
    return fact


def check_period(graph: AlignmentGraph, id: str | None, field: str = "periodId") -> str | None:
    """The id of a period that exists, or None."""
    if id is not None:
        find(graph, id, field, Period)
    return id


def check_level(graph: AlignmentGraph, level: str | None) -> str | None:
    """A level of the workspace, or None."""
    if level is not None and level not in graph.workspace.levels:
        known = ", ".join(graph.workspace.levels)
        raise Invalid(
            f"level {shown(level)} is none of the workspace's levels ({known}); use one, or add it by updateWorkspace",
            path=("level",),
        )
    return level


def inner_ring(graph: AlignmentGraph, source: str, target: str, kind: LinkKind) -> tuple[str, ...]:
    """The ring that one more single-parent link (REPORTS_TO, PART_OF, WITHIN) would close; empty if none."""
    ring = [source]
    at: str | None = target
    while at is not None and at != source:
        ring.append(at)
        above = [link for link in graph.nodes[at].out if link.kind is kind and not link.dotted]
        at = above[0].target if above else None
    return tuple(ring) if at == source else ()


def owns(owner: str, goal: str) -> PutLink:
    """The fact that somebody is accountable for a goal."""
    return PutLink(Link(owner, goal, LinkKind.OWNS))


def listed(ids: Sequence[str]) -> str:
    """Some ids in a sentence: all of up to five, else the first five and how many more."""
    quoted = ", ".join(shown(id) for id in ids[:5])
    return quoted if len(ids) <= 5 else f"{quoted} and {len(ids) - 5} more"
