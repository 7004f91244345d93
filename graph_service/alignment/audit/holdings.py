"""Whose is what: a row for each goal, person and team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from graph_service.alignment.audit.findings import KINDS
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.owners import (
    LEADS,
    MEMBER_OF,
    PART_OF,
    goal_limit,
    helped,
    manager_of,
    open_objectives,
    owned,
    owners_within,
    reports_of,
    teams_of,
)
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

    def holding(self, owners: Iterable[Vertex]) -> Holding:
        """What some owners have in hand together, everything counted once."""
        goals: dict[GoalVertex, None] = {}
        contributed: set[GoalVertex] = set()
        about: dict[str, None] = {}
        for owner in owners:
            about[owner.fact.id] = None
            goals.update(dict.fromkeys(owned(self.look, owner)))
            contributed.update(it for it, _ in helped(self.look, owner))
        about.update((goal.fact.id, None) for goal in goals)
        values = [goal.value for goal in goals if goal.value is not None]
        status = self.look.judge.status
        statuses = Counter(status(goal.pace, goal.value, goal.held).name for goal in goals)
        objectives = sum(1 for goal in goals if goal.is_objective)
        return Holding(
            objectives,
            len(goals) - objectives,
            len(contributed),
            sum(sorted(values)) / len(values) if values else None,
            len(values),
            dict(sorted(statuses.items())),
            totals(one for id in about for one in self.by_subject.get(id, ())),
        )

    def load(self, owner: Vertex) -> tuple[Load, ...]:
        """Open objectives of an owner by period (those without one last), against the limit for such an owner."""
        limit = goal_limit(self.look, owner)
        return tuple([Load(period, count, limit, count > limit) for period, count in open_objectives(self.look, owner)])

    def sight(self, owner: Vertex) -> tuple[Sight, str | None]:
        """How a person sees the top, and which top-level objective: the first by id."""
        goals = owned(self.look, owner)
        supported = [it for it, _ in helped(self.look, owner)]
        nodes = self.look.graph.nodes
        teams = [nodes[id] for id in teams_of(owner)]
        team_goals = [goal for team in teams for goal in owned(self.look, team)]
        tops = self.look.nearest_top
        for how, several in ((Sight.OWN, goals), (Sight.CONTRIBUTION, supported), (Sight.TEAM, team_goals)):
            found = sorted(tops[goal].fact.id for goal in several if goal in tops)
            if found:
                return how, found[0]
        return Sight.NONE, None

    def contributed(self, owner: Vertex) -> tuple[Contribution, ...]:
        """The contributions of somebody as they stand in a row."""
        return tuple([Contribution(it.fact.id, roles) for it, roles in helped(self.look, owner)])


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
                day(look.day_of(goal.check_ins[-1].at)) if goal.check_ins else None,
                len(about.get(id, ())),
            )
        )
    return tuple(rows)


def person_rows(holdings: Holdings) -> tuple[PersonAudit, ...]:
    """Active people, and those who left as long as something hangs on them; by id."""
    look = holdings.look
    rows = []
    for person in look.people:
        fact = person.fact
        assert isinstance(fact, Person)
        goals = owned(look, person)
        contributions = holdings.contributed(person)
        reports = reports_of(person)
        if not fact.active and not (goals or contributions or reports or person.targets(LEADS)):
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
                contributions,
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
            if isinstance(owner.fact, Person) and owner.fact.active and not owned(look, owner)
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
                tuple([goal.fact.id for goal in owned(look, team)]),
                holdings.contributed(team),
                holdings.load(team),
                holdings.holding([team]),
                holdings.holding(within),
                tuple(sorted(id for id in idle if id in people)),
            )
        )
    return tuple(rows)
