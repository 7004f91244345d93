"""Whose is what: a row for each goal, person and team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from graph_service.alignment.audit.findings import KINDS
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.report import (
    Contribution,
    Finding,
    GoalRow,
    Holding,
    Load,
    PersonAudit,
    Severity,
    Sight,
    TeamAudit,
    Totals,
)
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import GoalState, LinkKind

MEMBER_OF, PART_OF, LEADS, OWNS = LinkKind.MEMBER_OF, LinkKind.PART_OF, LinkKind.LEADS, LinkKind.OWNS
REPORTS_TO, CONTRIBUTES_TO = LinkKind.REPORTS_TO, LinkKind.CONTRIBUTES_TO


def totals(found: Iterable[Finding], suppressed: int = 0) -> Totals:
    """Findings by severity."""
    many = Counter(one.severity for one in found)
    return Totals(many[Severity.ERROR], many[Severity.WARNING], many[Severity.INFO], suppressed)


class Holdings:
    """Who has what, found once for all rows: by goal and by owner."""

    def __init__(self, look: Look, findings: Sequence[Finding]) -> None:
        self.look = look
        self.by_subject: dict[str, list[Finding]] = {}
        for one in findings:
            self.by_subject.setdefault(one.subject.id, []).append(one)

    def goals_of(self, owner: Vertex) -> list[GoalVertex]:
        """The live goals that somebody owns: objectives, then key results, each by id."""
        goal = self.look.graph.goal
        found = [it for id in owner.targets(OWNS) if (it := goal(id)) is not None and it.live and self.look.sees(it)]
        return sorted(found, key=lambda it: (not it.is_objective, it.fact.id))

    def contributions_of(self, owner: Vertex) -> list[tuple[GoalVertex, tuple[str, ...]]]:
        """The live goals that somebody contributes to, by id, with the roles."""
        goal = self.look.graph.goal
        return [
            (it, link.roles)
            for link in sorted(owner.out, key=lambda link: link.target)
            if link.kind is CONTRIBUTES_TO and (it := goal(link.target)) is not None and it.live and self.look.sees(it)
        ]

    def holding(self, owners: Iterable[Vertex]) -> Holding:
        """What some owners have in hand together, everything counted once."""
        goals: dict[GoalVertex, None] = {}
        helped: set[GoalVertex] = set()
        about: dict[str, None] = {}
        for owner in owners:
            about[owner.fact.id] = None
            goals.update(dict.fromkeys(self.goals_of(owner)))
            helped.update(it for it, _ in self.contributions_of(owner))
        about.update((goal.fact.id, None) for goal in goals)
        values = [goal.value for goal in goals if goal.value is not None]
        status = self.look.judge.status
        statuses = Counter(status(goal.pace, goal.value, goal.held).name for goal in goals)
        objectives = sum(1 for goal in goals if goal.is_objective)
        return Holding(
            objectives,
            len(goals) - objectives,
            len(helped),
            sum(sorted(values)) / len(values) if values else None,
            len(values),
            dict(sorted(statuses.items())),
            totals(one for id in about for one in self.by_subject.get(id, ())),
        )

    def load(self, owner: Vertex) -> tuple[Load, ...]:
        """Active objectives of an owner by period (those without one last), against the limit for such an owner."""
        limit = goal_limit(self.look, owner)
        many: Counter[str | None] = Counter(
            goal.fact.period
            for goal in self.goals_of(owner)
            if goal.is_objective and goal.fact.state is GoalState.ACTIVE
        )
        ordered = sorted(many.items(), key=lambda item: (item[0] is None, item[0] or ""))
        return tuple([Load(period, count, limit, count > limit) for period, count in ordered])

    def sight(self, owner: Vertex) -> tuple[Sight, str | None]:
        """How a person sees the top, and which top-level objective: the first by id."""
        goals = self.goals_of(owner)
        helped = [it for it, _ in self.contributions_of(owner)]
        nodes = self.look.graph.nodes
        teams = [nodes[id] for id in teams_of(owner)]
        team_goals = [goal for team in teams for goal in self.goals_of(team)]
        tops = self.look.nearest_top
        for how, several in ((Sight.OWN, goals), (Sight.CONTRIBUTION, helped), (Sight.TEAM, team_goals)):
            found = sorted(tops[goal].fact.id for goal in several if goal in tops)
            if found:
                return how, found[0]
        return Sight.NONE, None

    def contributed(self, owner: Vertex) -> tuple[Contribution, ...]:
        """The contributions of somebody as they stand in a row."""
        return tuple([Contribution(it.fact.id, roles) for it, roles in self.contributions_of(owner)])


def teams_of(person: Vertex) -> list[str]:
    """The teams that a person belongs to or leads, by id."""
    return sorted({*person.targets(MEMBER_OF), *person.targets(LEADS)})


def manager_of(person: Vertex) -> str | None:
    """The id of whom a person reports to by the primary line."""
    return next((link.target for link in person.out if link.kind is REPORTS_TO and not link.dotted), None)


def reports_of(person: Vertex) -> list[str]:
    """Who reports to a person by the primary line, by id."""
    return sorted(link.source for link in person.into if link.kind is REPORTS_TO and not link.dotted)


def goal_limit(look: Look, owner: Vertex) -> int:
    """How many active objectives an owner may have in a period: a person; a team, the organization being the team that
    lies in no other and has teams in it."""
    fact = owner.fact
    name = "person"
    if isinstance(fact, Team):
        uppermost = not any(link.kind is PART_OF for link in owner.out)
        has_teams = any(link.kind is PART_OF for link in owner.into)
        name = "organization" if uppermost and has_teams else "team"
    return int(look.limits["TOO_MANY_GOALS", name])


def day(ordinal: int | None) -> date | None:
    """A day from its ordinal."""
    return None if ordinal is None else date.fromordinal(ordinal)


def goal_rows(look: Look, about: Mapping[str, Sequence[Finding]]) -> tuple[GoalRow, ...]:
    """All goals that are not cancelled, by id."""
    tops, judge = look.nearest_top, look.judge
    nodes, sees = look.graph.nodes, look.sees
    rows = []
    for goal in look.goals:
        fact, pace, id = goal.fact, goal.pace, goal.fact.id
        verdict = judge.verdict(pace)
        owner = goal.owner
        primary = goal.primary
        above = None if primary is None or not sees(primary.parent) else primary.parent.fact.id
        is_objective = type(fact) is Objective
        top = tops.get(goal)
        rows.append(
            GoalRow(
                id,
                KINDS[type(fact)],
                fact.title,
                fact.level if type(fact) is Objective else None,
                fact.period,
                owner if owner is not None and sees(nodes[owner]) else None,
                None if is_objective else above,
                above if is_objective else None,
                None if top is None else top.fact.id,
                judge.status(pace, goal.value, goal.held).name,
                goal.value,
                verdict.expected,
                goal.coverage,
                day(pace.start),
                day(pace.due),
                goal.check_ins[-1].at.date() if goal.check_ins else None,
                len(about.get(id, ())),
            )
        )
    return tuple(rows)


def person_rows(holdings: Holdings) -> tuple[PersonAudit, ...]:
    """Active people, and those who left as long as something hangs on them; by id."""
    rows = []
    for person in holdings.look.people:
        fact = person.fact
        assert isinstance(fact, Person)
        goals = holdings.goals_of(person)
        helped = holdings.contributed(person)
        reports = reports_of(person)
        if not fact.active and not (goals or helped or reports or person.targets(LEADS)):
            continue
        how, top = holdings.sight(person)
        rows.append(
            PersonAudit(
                fact.id,
                fact.name,
                fact.job_title,
                fact.active,
                manager_of(person),
                tuple(teams_of(person)),
                len(reports),
                tuple([goal.fact.id for goal in goals]),
                helped,
                holdings.load(person),
                holdings.holding([person]),
                how,
                top,
            )
        )
    return tuple(rows)


def team_rows(holdings: Holdings) -> tuple[TeamAudit, ...]:
    """All teams, by id."""
    look = holdings.look
    nodes = look.graph.nodes
    rows = []
    for team in look.teams:
        fact = team.fact
        assert isinstance(fact, Team)
        leads = [id for id in team.sources(LEADS) if look.sees(nodes[id])]
        people = sorted({*leads, *(id for id in team.sources(MEMBER_OF) if look.sees(nodes[id]))})
        within = owners_within(look, team)
        idle = [
            owner.fact.id
            for owner in within
            if isinstance(owner.fact, Person) and owner.fact.active and not holdings.goals_of(owner)
        ]
        above = team.targets(PART_OF)
        rows.append(
            TeamAudit(
                fact.id,
                fact.name,
                fact.type,
                fact.active,
                above[0] if above else None,
                tuple(leads),
                tuple(people),
                tuple([id for id in team.sources(PART_OF) if look.sees(nodes[id])]),
                tuple([goal.fact.id for goal in holdings.goals_of(team)]),
                holdings.contributed(team),
                holdings.load(team),
                holdings.holding([team]),
                holdings.holding(within),
                tuple(sorted(id for id in idle if id in people)),
            )
        )
    return tuple(rows)


def owners_within(look: Look, team: Vertex) -> list[Vertex]:
    """A team, its people, the teams in it, their people and so on, each once."""
    nodes = look.graph.nodes
    found = {team: None}
    waiting = [team]
    for owner in waiting:  # grows while it is walked
        for link in owner.into:
            if link.kind in (MEMBER_OF, LEADS, PART_OF):
                other = nodes[link.source]
                if other not in found and look.sees(other):
                    found[other] = None
                    waiting.append(other)
    return list(found)
