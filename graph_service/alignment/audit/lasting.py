"""Answers about the whole that hold until something in them moves, and how they are mended where it does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter

from graph_service.alignment.audit.look import (
    Look,
    owner_ids_of,
    people_of,
    reaching_of,
    teams_of,
    tops_of,
    under_way,
    under_way_of,
)
from graph_service.alignment.audit.owners import (
    OWNS,
    gone_of,
    in_hand_of,
    lines,
    owners_around,
    standings,
    uppermost,
)
from graph_service.alignment.audit.ownership import strangers
from graph_service.alignment.audit.suppressions import hear, said_on_nodes
from graph_service.alignment.audit.wording import titles_of
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import Person, Team
from graph_service.models.words import GoalState

OF_PLACES = (people_of, teams_of, standings, lines, strangers, uppermost, gone_of)
"""Questions about who there is and where they stand: their answers hold until somebody moves there."""

OF_GOALS = (reaching_of, tops_of, under_way_of, titles_of, owner_ids_of, in_hand_of, said_on_nodes)
"""Questions about goals and what is said on nodes: their answers are mended where something has changed."""


def mend(look: Look, changed: Collection[Vertex], lost: Iterable[GoalVertex]) -> bool:
    """Mends the answers about goals: ``changed`` are vertices that were touched, ``lost`` goals from which ways may
    lead up otherwise, with all that lies under them. Whether rules may find otherwise about any owner at all: because
    the first objective came under way, or the last is not any more."""
    nodes = look.graph.nodes
    tops, running, titles = look.once(tops_of), look.once(under_way_of), look.once(titles_of)
    said, in_hand = look.once(said_on_nodes), look.once(in_hand_of)
    owners, top_level, cancelled = look.once(owner_ids_of), look.graph.top_level, GoalState.CANCELLED
    before = bool(running)
    for vertex in changed:
        id = vertex.fact.id
        there = nodes.get(id) is vertex
        said.pop(id, None)
        if there:
            hear(look, vertex, said)
        if isinstance(vertex, GoalVertex):
            owner = vertex.owner if there else None
            if owner is None:
                owners.pop(id, None)
            else:
                owners[id] = owner
            tops.discard(vertex)
            running.discard(vertex)
            titles.drop(vertex)
            if there and vertex.fact.state is not cancelled:
                titles.put(vertex)
                if vertex.is_objective:
                    if top_level(vertex):
                        tops.add(vertex)
                    if under_way(look, vertex):
                        running.add(vertex)
            for link in vertex.into:
                in_hand.pop(link.source, None)
        elif isinstance(vertex.fact, Person | Team):
            in_hand.pop(id, None)
    _mend_reaching(look, set(lost))
    return bool(running) is not before


def _mend_reaching(look: Look, lost: set[GoalVertex]) -> None:
    """Finds anew which of some goals reach the top; what lies under them is among them."""
    reaching, nodes = look.once(reaching_of), look.graph.nodes
    top_level, cancelled = look.graph.top_level, GoalState.CANCELLED
    reaching -= lost
    waiting = []
    for goal in lost:
        if goal.fact.state is cancelled or nodes.get(goal.fact.id) is not goal:
            continue
        if top_level(goal) or any(edge.parent in reaching for edge in goal.up):
            waiting.append(goal)
    reaching.update(waiting)
    for goal in waiting:  # grows while it is walked
        for edge in goal.down:
            child = edge.child
            if child not in reaching and child.fact.state is not cancelled:
                reaching.add(child)
                waiting.append(child)


def mend_places(look: Look, moved: Collection[Vertex]) -> tuple[list[Vertex], bool]:
    """Mends the answers about who there is and where they stand; ``moved`` are people and teams who came, went, or
    stand or are called otherwise. Those of whom it may hold elsewhere now: they, and all who stand under them. Whether
    rules may find otherwise about any owner at all: because another team is the uppermost one."""
    nodes = look.graph.nodes
    apart = {owner.fact.id for owner in moved}
    for ask, kind in ((people_of, Person), (teams_of, Team)):
        there = [owner for owner in look.once(ask) if owner.fact.id not in apart]
        there += [one for one in moved if nodes.get(one.fact.id) is one and type(one.fact) is kind]
        look.put(ask, sorted(there, key=attrgetter("fact.id")))
    known, pairs = look.once(lines), look.once(strangers)
    elsewhere = apart | {id for id, line in known.items() if not line.isdisjoint(apart)}
    look.put(lines, {id: line for id, line in known.items() if id not in elsewhere})
    look.put(strangers, {pair: strange for pair, strange in pairs.items() if elsewhere.isdisjoint(pair)})
    look.forget(standings)
    look.forget(gone_of)
    before = look.once(uppermost)
    look.forget(uppermost)
    return [nodes[id] for id in sorted(elsewhere) if id in nodes], look.once(uppermost) != before


def owned_of(look: Look, owners: Iterable[Vertex]) -> set[GoalVertex]:
    """All goals of some owners, in whatever state."""
    nodes = look.graph.nodes
    every = (nodes[link.target] for owner in owners for link in owner.out if link.kind is OWNS)
    return {goal for goal in every if isinstance(goal, GoalVertex)}


def under(goals: Iterable[GoalVertex]) -> set[GoalVertex]:
    """Some goals and all that lies under them, by links of any weight."""
    found = set(goals)
    waiting = list(found)
    for goal in waiting:  # grows while it is walked
        for edge in goal.down:
            if edge.child not in found:
                found.add(edge.child)
                waiting.append(edge.child)
    return found


def around(goals: Iterable[GoalVertex]) -> set[GoalVertex]:
    """Goals with those right above and right below them, and the objectives of key results above: whatever a rule that
    goes goal by goal looks at."""
    found = set(goals)
    for goal in list(found):
        for edge in goal.up:
            found.add(edge.parent)
            if not edge.parent.is_objective and (objective := edge.parent.objective) is not None:
                found.add(objective)
        found.update([edge.child for edge in goal.down])
    return found


def concerned(look: Look, changed: Iterable[Vertex]) -> list[Vertex]:
    """The people and teams about whom rules may find otherwise, where goals or what owners have in hand has changed:
    owners and contributors, the people of a team among them, and all teams around them."""
    nodes = look.graph.nodes
    found: dict[str, None] = {}
    for vertex in changed:
        if isinstance(vertex, GoalVertex):
            found.update((link.source, None) for link in vertex.into)
        elif isinstance(vertex.fact, Person | Team):
            found[vertex.fact.id] = None
    places = look.once(standings)
    return [nodes[id] for id in owners_around(look, [id for id in found if id in places])]
