"""Who owns what and stands where: what rules and rows ask of people and teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from graph_service.alignment.audit.look import Look, active
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import Person, Team
from graph_service.models.words import LinkKind

MEMBER_OF, PART_OF, LEADS, OWNS = LinkKind.MEMBER_OF, LinkKind.PART_OF, LinkKind.LEADS, LinkKind.OWNS
REPORTS_TO, CONTRIBUTES_TO = LinkKind.REPORTS_TO, LinkKind.CONTRIBUTES_TO


def name_of(owner: Vertex) -> str:
    """The name of a person or a team."""
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    return fact.name


def is_active(owner: Vertex) -> bool:
    """Whether a person or a team is active."""
    fact = owner.fact
    return isinstance(fact, Person | Team) and fact.active


# ---------- goals ----------


def owned_by(look: Look) -> dict[str, list[GoalVertex]]:
    """The live goals of each owner that has some: objectives, then key results, each by id."""
    found: dict[str, list[GoalVertex]] = {}
    for objectives in (True, False):
        for goal in look.live:
            if goal.is_objective is objectives and (owner := goal.owner) is not None:
                found.setdefault(owner, []).append(goal)
    return found


def owned(look: Look, owner: Vertex) -> list[GoalVertex]:
    """The live goals that somebody owns: objectives, then key results, each by id."""
    return look.once(owned_by).get(owner.fact.id, [])


def helped_by(look: Look) -> dict[str, list[tuple[GoalVertex, tuple[str, ...]]]]:
    """The live goals that each contributor contributes to, by id, with the roles."""
    found: dict[str, list[tuple[GoalVertex, tuple[str, ...]]]] = {}
    for goal in look.live:
        for link in goal.into:
            if link.kind is CONTRIBUTES_TO:
                found.setdefault(link.source, []).append((goal, link.roles))
    return found


def helped(look: Look, owner: Vertex) -> list[tuple[GoalVertex, tuple[str, ...]]]:
    """The live goals that somebody contributes to, by id, with the roles."""
    return look.once(helped_by).get(owner.fact.id, [])


def open_objective(look: Look, goal: GoalVertex) -> bool:
    """Whether a goal is an active objective and not past its last day."""
    return goal.is_objective and active(goal) and (goal.pace.due is None or look.today <= goal.pace.due)


def open_objectives(look: Look, owner: Vertex) -> list[tuple[str | None, int]]:
    """How many open objectives somebody owns in each period, by period; those without one last."""
    many = Counter(goal.fact.period for goal in owned(look, owner) if open_objective(look, goal))
    return in_periods(many)


def in_periods(many: Mapping[str | None, int]) -> list[tuple[str | None, int]]:
    """Counts by period in order; what has no period comes last."""
    return sorted(many.items(), key=lambda item: (item[0] is None, item[0] or ""))


def goal_limit(look: Look, owner: Vertex) -> int:
    """How many open objectives an owner may have in a period: as a person, a team, or the uppermost team."""
    name = "person"
    if isinstance(owner.fact, Team):
        name = "organization" if owner.fact.id == look.once(uppermost) else "team"
    return int(look.limits["TOO_MANY_GOALS", name])


def uppermost(look: Look) -> str | None:
    """The team that stands for the whole organization: the only one that lies in no other and has teams in it."""
    found = [
        team.fact.id
        for team in look.teams
        if any(link.kind is PART_OF for link in team.into) and not any(link.kind is PART_OF for link in team.out)
    ]
    return found[0] if len(found) == 1 else None


# ---------- places ----------


def teams_of(person: Vertex) -> list[str]:
    """The teams that a person belongs to or leads, by id."""
    return sorted({link.target for link in person.out if link.kind is MEMBER_OF or link.kind is LEADS})


def manager_of(person: Vertex) -> str | None:
    """The id of whom a person reports to by the primary line."""
    return next((link.target for link in person.out if link.kind is REPORTS_TO and not link.dotted), None)


def reports_of(person: Vertex) -> list[str]:
    """Who reports to a person by the primary line, by id."""
    return sorted(link.source for link in person.into if link.kind is REPORTS_TO and not link.dotted)


def owners_within(look: Look, team: Vertex) -> list[Vertex]:
    """A team, its people, the teams in it, their people and so on, each once."""
    nodes = look.graph.nodes
    found = {team: None}
    waiting = [team]
    for owner in waiting:  # grows while it is walked
        for link in owner.into:
            if link.kind is MEMBER_OF or link.kind is LEADS or link.kind is PART_OF:
                other = nodes[link.source]
                if other not in found and look.sees(other):
                    found[other] = None
                    waiting.append(other)
    return list(found)


def line_of(look: Look, owner: Vertex) -> frozenset[str]:
    """Where an owner stands: itself, everybody above in the reporting line, its teams and those that they lie in (of
    the managers too). Found once for each owner."""
    known = look.once(_lines)
    found = known.get(owner.fact.id)
    if found is None:
        nodes = look.graph.nodes
        line = {owner.fact.id: None}
        for id in (waiting := [owner.fact.id]):  # grows while it is walked
            vertex = nodes[id]
            above = [link.target for link in vertex.out if link.kind in (MEMBER_OF, LEADS, PART_OF)]
            boss = manager_of(vertex)
            for other in above if boss is None else [*above, boss]:
                if other not in line:
                    line[other] = None
                    waiting.append(other)
        found = known[owner.fact.id] = frozenset(line)
    return found


def _lines(look: Look) -> dict[str, frozenset[str]]:
    return {}


def core_of(owner: Vertex) -> frozenset[str]:
    """An owner and what stands for it: of a person the teams that they belong to or lead, of a team those who lead
    it."""
    others = owner.sources(LEADS) if isinstance(owner.fact, Team) else teams_of(owner)
    return frozenset((owner.fact.id, *others))
