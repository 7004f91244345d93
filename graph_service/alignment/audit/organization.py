"""The whole organization: who owns the top, who sees it, how the reporting tree stands, and what people left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graph_service.alignment.audit.holdings import Holdings
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.owners import REPORTS_TO, helped, is_active, owned, standing, standings
from graph_service.alignment.audit.report import (
    Finding,
    Handover,
    LineOfSight,
    Organization,
    PersonAudit,
    ReportingTree,
    Sight,
    SpanCount,
    TeamAudit,
    TopOwner,
)
from graph_service.alignment.audit.reporting import alike_owners, reporting_rings
from graph_service.alignment.vertices import Vertex
from graph_service.models.nodes import Person
from graph_service.models.words import GoalState


def organization(
    look: Look, findings: Sequence[Finding], people: Sequence[PersonAudit], teams: Sequence[TeamAudit]
) -> Organization:
    """The figures of the whole, from what was found and the rows of people and teams."""
    by_rule: dict[str, list[str]] = {}
    for one in findings:
        by_rule.setdefault(one.rule, []).append(one.subject.id)

    def subjects(rule: str) -> tuple[str, ...]:
        return tuple(sorted(set(by_rule.get(rule, ()))))

    live = look.live
    objectives = [goal for goal in live if goal.is_objective]
    tops = [goal for goal in objectives if look.top_level(goal)]
    owners = Counter(owner for goal in tops if (owner := goal.owner) is not None)
    active = [person for person in people if person.active]
    return Organization(
        people=len(active),
        teams=sum(1 for team in teams if team.active),
        objectives=len(objectives),
        key_results=len(live) - len(objectives),
        unowned=subjects("NO_OWNER"),
        unknown=subjects("OWNER_UNKNOWN"),
        inactive=subjects("OWNER_INACTIVE"),
        outside=subjects("OWNER_OUTSIDE_AREA"),
        people_without_goal=tuple([person.id for person in active if not person.goals]),
        teams_without_goal=tuple(
            [team.id for team in teams if team.active and not team.within.objectives + team.within.key_results]
        ),
        contributors_only=tuple([person.id for person in active if person.contributions and not person.goals]),
        top_level=len(tops),
        top_owners=tuple(
            [TopOwner(id, many) for id, many in sorted(owners.items(), key=lambda item: (-item[1], item[0]))]
        ),
        sight=line_of_sight(active),
        reporting=reporting_tree(look),
        alike=look.once(alike_owners),
    )


def line_of_sight(active: Sequence[PersonAudit]) -> LineOfSight:
    """How many people see the top, and how."""
    ways = Counter(person.sight for person in active)
    missing = tuple([person.id for person in active if person.sight is Sight.NONE])
    of = len(active)
    return LineOfSight(
        (of - len(missing)) / of if of else None,
        ways[Sight.OWN],
        ways[Sight.CONTRIBUTION],
        ways[Sight.TEAM],
        of,
        missing,
    )


def reporting_tree(look: Look) -> ReportingTree:
    """The tree of primary reporting lines among active people."""
    active = [person for person in look.people if is_active(person)]
    ids = {person.fact.id for person in active}
    places = look.once(standings)
    reports = {id: [other for other in places[id].reports if other in ids] for id in sorted(ids)}
    managers = {id: many for id, many in reports.items() if many}
    over = {id: places[id].manager for id in sorted(ids)}
    tops = [id for id in sorted(managers) if over[id] is None]
    level, depth, placed = list(tops), 0, set(tops)
    while level:
        depth += 1
        level = [id for manager in level for id in reports[manager] if id not in placed]
        placed.update(level)
    spans = Counter(len(many) for many in managers.values())
    widest = max(spans, default=0)
    broken = [
        person.fact.id
        for person in active
        if ((boss := over[person.fact.id]) is not None and boss not in ids)
        or any(one.kind is REPORTS_TO and one.outgoing for one in person.broken)
    ]
    return ReportingTree(
        tops=tuple(tops),
        depth=depth,
        managers=len(managers),
        mean_span=sum(size * many for size, many in spans.items()) / len(managers) if managers else None,
        widest_span=widest,
        widest=tuple([id for id in sorted(managers) if len(managers[id]) == widest]),
        spans=tuple([SpanCount(size, many) for size, many in sorted(spans.items())]),
        apart=tuple(
            [
                person.fact.id
                for person in active
                if over[person.fact.id] is None and not reports[person.fact.id] and not person.broken
            ]
        ),
        broken=tuple(sorted(set(broken))),
        circular=tuple(sorted({id for ring in look.once(reporting_rings) for id in ring})),
    )


# ---------- hand-over ----------


def handovers(holdings: Holdings) -> tuple[Handover, ...]:
    """What hangs on people who left, by id of the person; those on whom nothing hangs are not listed."""
    look = holdings.look
    found = []
    for person in look.people:
        fact = person.fact
        assert isinstance(fact, Person)
        if fact.active:
            continue
        goals = [goal.fact.id for goal in owned(look, person) if goal.fact.state is not GoalState.CLOSED]
        supported = [it.fact.id for it, _ in helped(look, person)]
        place = standing(look, person)
        reports, leads = [id for id in place.reports if is_active(look.graph.nodes[id])], place.leads
        if goals or supported or reports or leads:
            to, why = successor(look, person)
            found.append(
                Handover(fact.id, tuple(sorted(goals)), tuple(supported), tuple(reports), tuple(leads), to, why)
            )
    return tuple(found)


def successor(look: Look, person: Vertex) -> tuple[str | None, str]:
    """Who could take over from somebody, and why: the nearest active manager above, else an active lead of a team, or
    of the teams around it."""
    places, nodes = look.once(standings), look.graph.nodes
    place = places[person.fact.id]
    seen = {person.fact.id}
    boss = place.manager
    while boss is not None and boss not in seen:
        seen.add(boss)
        if is_active(nodes[boss]):
            return boss, "the nearest active manager"
        boss = places[boss].manager
    teams = place.teams
    for team in teams:  # grows while it is walked
        for id in places[team].led_by:
            if is_active(nodes[id]):
                return id, "an active lead of the team"
        around = places[team].around
        if around is not None and around not in teams:
            teams.append(around)
    return None, "no active manager and no active lead of a team is known"
