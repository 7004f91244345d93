"""Who owns what and stands where: what rules and rows ask of people and teams."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import NamedTuple

from graph_service.alignment.audit.look import Look, active
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import GoalState, LinkKind

MEMBER_OF, PART_OF, LEADS, OWNS = LinkKind.MEMBER_OF, LinkKind.PART_OF, LinkKind.LEADS, LinkKind.OWNS
REPORTS_TO, CONTRIBUTES_TO = LinkKind.REPORTS_TO, LinkKind.CONTRIBUTES_TO
ID = attrgetter("fact.id")


def name_of(owner: Vertex) -> str:
    """The name of a person or a team."""
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    return fact.name


def is_active(owner: Vertex) -> bool:
    """Whether a person or a team is active."""
    fact = owner.fact
    return isinstance(fact, Person | Team) and fact.active


def gone_of(look: Look) -> frozenset[str]:
    """Ids of the people and teams who are not active any more."""
    return frozenset([owner.fact.id for owner in look.graph.of_kind(Person, Team) if not is_active(owner)])


# ---------- goals ----------


Owned = list[GoalVertex]
Helped = list[tuple[GoalVertex, tuple[str, ...]]]


def in_hand_of(look: Look) -> dict[str, tuple[Owned, Helped]]:
    """What was found of what owners have in hand; filled as they are met."""
    return {}


def owned(look: Look, owner: Vertex) -> Owned:
    """The live goals that somebody owns: objectives, then key results, each by id."""
    return (look.once(in_hand_of).get(owner.fact.id) or _in_hand(look, owner))[0]


def helped(look: Look, owner: Vertex) -> Helped:
    """The live goals that somebody contributes to, by id, with the roles."""
    return (look.once(in_hand_of).get(owner.fact.id) or _in_hand(look, owner))[1]


def _in_hand(look: Look, owner: Vertex) -> tuple[Owned, Helped]:
    nodes, active, closed = look.graph.nodes, GoalState.ACTIVE, GoalState.CLOSED
    objectives: Owned = []
    key_results: Owned = []
    supported: Helped = []
    for link in owner.out:
        kind = link.kind
        if kind is not OWNS and kind is not CONTRIBUTES_TO:
            continue
        goal = nodes[link.target]
        assert isinstance(goal, GoalVertex)
        fact = goal.fact
        state = fact.state
        if state is not active and state is not closed:
            continue
        if kind is CONTRIBUTES_TO:
            supported.append((goal, link.roles))
        elif type(fact) is Objective:
            objectives.append(goal)
        else:
            key_results.append(goal)
    for goals in (objectives, key_results):
        goals.sort(key=ID)
    supported.sort(key=_id_of_first)
    mine = objectives + key_results
    if not look.everything:
        mine = [goal for goal in mine if look.has(goal)]
        supported = [(goal, roles) for goal, roles in supported if look.has(goal)]
    found = look.once(in_hand_of)[owner.fact.id] = (mine, supported)
    return found


def _id_of_first(one: tuple[GoalVertex, tuple[str, ...]]) -> str:
    return one[0].fact.id


def open_objective(look: Look, goal: GoalVertex) -> bool:
    """Whether a goal is an active objective and not past its last day."""
    return goal.is_objective and active(goal) and ((due := goal.pace.due) is None or look.today <= due)


def open_objectives(look: Look, owner: Vertex) -> list[tuple[str | None, int]]:
    """How many open objectives somebody owns in each period, by period; those without one last."""
    many: dict[str | None, int] = {}
    for goal in owned(look, owner):
        if not goal.is_objective:
            break  # objectives come first
        if open_objective(look, goal):
            period = goal.fact.period
            many[period] = many.get(period, 0) + 1
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
    places = look.once(standings)
    found = [id for id in (team.fact.id for team in look.teams) if places[id].inside and places[id].around is None]
    return found[0] if len(found) == 1 else None


# ---------- places ----------


class Standing(NamedTuple):
    """Where an owner stands, in ids, sorted: the manager (primary line) and all managers, dotted ones included; who
    reports to them (primary line); teams they belong to, teams they lead, the team around a team; of a team its
    members, leads and the teams in it."""

    manager: str | None
    managers: tuple[str, ...]
    reports: list[str]
    member_of: tuple[str, ...]
    leads: tuple[str, ...]
    around: str | None
    members: list[str]
    led_by: list[str]
    inside: list[str]

    @property
    def teams(self) -> list[str]:
        """The teams that a person belongs to or leads."""
        return sorted({*self.member_of, *self.leads})


def standings(look: Look) -> dict[str, Standing]:
    """Where everybody stands whom the viewer sees, by id: one pass over their links."""
    nodes, sees = look.graph.nodes, look.sees
    found: dict[str, Standing] = {}
    for owner in (*look.people, *look.teams):
        by_kind: dict[LinkKind, list[str]] = {}
        manager = None
        for link in owner.out:
            kind = link.kind
            if kind is OWNS or kind is CONTRIBUTES_TO or not sees(nodes[link.target]):
                continue
            by_kind.setdefault(kind, []).append(link.target)
            if kind is REPORTS_TO and not link.dotted:
                manager = link.target
        around = by_kind.get(PART_OF)
        found[owner.fact.id] = Standing(
            manager,
            tuple(sorted(by_kind.get(REPORTS_TO, ()))),
            [],
            tuple(sorted(by_kind.get(MEMBER_OF, ()))),
            tuple(sorted(by_kind.get(LEADS, ()))),
            around[0] if around else None,
            [],
            [],
            [],
        )
    for id in sorted(found):  # so that the other ends come in order
        place = found[id]
        if place.manager is not None:
            found[place.manager].reports.append(id)
        if place.around is not None:
            found[place.around].inside.append(id)
        for team in place.member_of:
            found[team].members.append(id)
        for team in place.leads:
            found[team].led_by.append(id)
    return found


def standing(look: Look, owner: Vertex) -> Standing:
    """Where an owner stands."""
    return look.once(standings)[owner.fact.id]


def owners_within(look: Look, team: Vertex) -> list[Vertex]:
    """A team, its people, the teams in it, their people and so on, each once."""
    places, nodes = look.once(standings), look.graph.nodes
    found = {team.fact.id: None}
    waiting = [team.fact.id]
    for id in waiting:  # grows while it is walked
        place = places[id]
        for other in (*place.members, *place.led_by, *place.inside):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return [nodes[id] for id in found]


def owners_around(look: Look, ids: Collection[str]) -> list[str]:
    """Some owners, the people of the teams among them, and all teams that they belong to or lead, with those around;
    each once, sorted."""
    places = look.once(standings)
    found = set(ids)
    waiting = list(found)
    for id in waiting:  # grows while it is walked
        place = places[id]
        for other in (*place.member_of, *place.leads, place.around):
            if other is not None and other not in found:
                found.add(other)
                waiting.append(other)
    for id in ids:
        found.update(places[id].members, places[id].led_by)
    return sorted(found)


def line_of(look: Look, owner: Vertex) -> frozenset[str]:
    """Where an owner stands: itself, everybody above in the reporting line, its teams and those that they lie in (of
    the managers too). A team stands where its leads do (without any: its members). Found once for each owner."""
    known = look.once(lines)
    found = known.get(owner.fact.id)
    if found is None:
        places = look.once(standings)
        here = places[owner.fact.id]
        waiting = [owner.fact.id, *(here.led_by or here.members)]
        line = dict.fromkeys(waiting)
        for id in waiting:  # grows while it is walked
            place = places[id]
            for other in (place.manager, place.around, *place.member_of, *place.leads):
                if other is not None and other not in line:
                    line[other] = None
                    waiting.append(other)
        found = known[owner.fact.id] = frozenset(line)
    return found


def lines(look: Look) -> dict[str, frozenset[str]]:
    """What was found of where owners stand; filled as they are met."""
    return {}


def core_of(look: Look, owner: Vertex) -> frozenset[str]:
    """An owner and what stands for it: of a person the teams that they belong to or lead, of a team those who lead
    it."""
    place = standing(look, owner)
    return frozenset((owner.fact.id, *place.led_by, *place.member_of, *place.leads))
