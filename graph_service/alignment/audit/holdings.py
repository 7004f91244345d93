"""Whose is what: a row for each goal, person and team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter

from graph_service.alignment.audit.findings import KINDS
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.owners import goal_limit, helped, open_objectives, owned, owners_within, standing
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
from graph_service.alignment.pace import Pace
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import Status

NAMES = {status: status.name for status in Status}
"""How statuses are called; a name of an enum costs more than a look-up."""


def totals(found: Iterable[Finding], suppressed: int = 0) -> Totals:
    """Findings by severity."""
    many = Counter(one.severity for one in found)
    return Totals(many[Severity.ERROR], many[Severity.WARNING], many[Severity.INFO], suppressed)


class _Hand:
    """What one owner has in hand, in numbers that add up."""

    __slots__ = ("measured", "objectives", "key_results", "severities", "statuses", "value")

    def __init__(self) -> None:
        self.objectives = self.key_results = self.measured = 0
        self.value = 0.0
        self.statuses: dict[str, int] = {}
        self.severities: dict[Severity, int] = {}

    def add(self, other: _Hand) -> None:
        """Adds what another owner has in hand."""
        self.objectives += other.objectives
        self.key_results += other.key_results
        self.measured += other.measured
        self.value += other.value
        statuses, severities = self.statuses, self.severities
        for status, many in other.statuses.items():
            statuses[status] = statuses.get(status, 0) + many
        for severity, many in other.severities.items():
            severities[severity] = severities.get(severity, 0) + many


def statuses_of(look: Look) -> dict[GoalVertex, str]:
    """The name of the status of each goal that is looked at."""
    status = look.judge.status
    return {goal: NAMES[status(goal.pace, goal.value, goal.held)] for goal in look.goals}


class Holdings:
    """Who has what: of every owner found once, and added up for groups. A goal has one owner, so nothing is counted
    twice."""

    def __init__(self, look: Look, findings: Sequence[Finding]) -> None:
        self.look = look
        self.by_subject: dict[str, list[Finding]] = {}
        for one in findings:
            self.by_subject.setdefault(one.subject.id, []).append(one)
        self._hands: dict[Vertex, _Hand] = {}

    def _hand(self, owner: Vertex) -> _Hand:
        hand = self._hands.get(owner)
        if hand is None:
            hand = self._hands[owner] = _Hand()
            about, names = self.by_subject, self.look.once(statuses_of)
            statuses, severities = hand.statuses, hand.severities
            goals = owned(self.look, owner)
            for goal in goals:
                hand.objectives += goal.is_objective
                value = goal.value
                if value is not None:
                    hand.measured += 1
                    hand.value += value
                name = names[goal]
                statuses[name] = statuses.get(name, 0) + 1
            hand.key_results = len(goals) - hand.objectives
            for subject in (owner, *goals):
                for one in about.get(subject.fact.id, ()):
                    severities[one.severity] = severities.get(one.severity, 0) + 1
        return hand

    def holding(self, owners: Sequence[Vertex]) -> Holding:
        """What some owners (each named once) have in hand together, everything counted once."""
        if len(owners) == 1:
            whole = self._hand(owners[0])
            contributions = len(helped(self.look, owners[0]))
        else:
            whole = _Hand()
            contributed: set[GoalVertex] = set()
            for owner in owners:
                whole.add(self._hand(owner))
                contributed.update([it for it, _ in helped(self.look, owner)])
            contributions = len(contributed)
        many = whole.severities.get
        return Holding(
            whole.objectives,
            whole.key_results,
            contributions,
            whole.value / whole.measured if whole.measured else None,
            whole.measured,
            dict(sorted(whole.statuses.items())),
            Totals(many(Severity.ERROR, 0), many(Severity.WARNING, 0), many(Severity.INFO, 0)),
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
        teams = [nodes[id] for id in standing(self.look, owner).teams]
        team_goals = [goal for team in teams for goal in owned(self.look, team)]
        tops = self.look.nearest_top
        for how, several in ((Sight.OWN, goals), (Sight.CONTRIBUTION, supported), (Sight.TEAM, team_goals)):
            found = {tops[goal].fact.id for goal in several if goal in tops}
            if found:
                return how, min(found)
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
    nodes, sees, day_of, status = look.graph.nodes, look.sees, look.day_of, look.once(statuses_of)
    owners = look.owner_ids
    everybody = look.viewer is EVERYBODY
    times: dict[Pace, tuple[float | None, date | None, date | None]] = {}  # most goals share one
    days: dict[int, date] = {}
    rows = []
    for goal in look.goals:
        fact, pace, id = goal.fact, goal.pace, goal.fact.id
        time = times.get(pace)
        if time is None:
            time = times[pace] = (judge.expected(pace), day(pace.start), day(pace.due))
        owner = owners.get(id)
        primary = goal.primary
        above = None if primary is None or not (everybody or sees(primary.parent)) else primary.parent.fact.id
        is_objective = type(fact) is Objective
        top = tops.get(goal)
        last = None
        if goal.check_ins:
            ordinal = day_of(goal.check_ins[-1].at)
            last = days.get(ordinal)
            if last is None:
                last = days[ordinal] = date.fromordinal(ordinal)
        found = about.get(id)
        rows.append(
            GoalRow(
                id,
                KINDS[type(fact)],
                fact.title,
                fact.level if type(fact) is Objective else None,
                fact.period,
                owner if owner is not None and (everybody or sees(nodes[owner])) else None,
                None if is_objective else above,
                above if is_objective else None,
                None if top is None else top.fact.id,
                status[goal],
                goal.value,
                time[0],
                goal.coverage,
                time[1],
                time[2],
                last,
                0 if found is None else len(found),
            )
        )
    rows.sort(key=attrgetter("id"))
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
        place = standing(look, person)
        if not fact.active and not (goals or contributions or place.reports or place.leads):
            continue
        how, top = holdings.sight(person)
        rows.append(
            PersonAudit(
                fact.id,
                fact.name,
                fact.job_title,
                fact.active,
                place.manager,
                tuple(place.teams),
                len(place.reports),
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
    rows = []
    for team in look.teams:
        fact = team.fact
        assert isinstance(fact, Team)
        place = standing(look, team)
        people = sorted({*place.led_by, *place.members})
        within = owners_within(look, team)
        idle = [
            owner.fact.id
            for owner in within
            if isinstance(owner.fact, Person) and owner.fact.active and not owned(look, owner)
        ]
        rows.append(
            TeamAudit(
                fact.id,
                fact.name,
                fact.type,
                fact.active,
                place.around,
                tuple(place.led_by),
                tuple(people),
                tuple(place.inside),
                tuple([goal.fact.id for goal in owned(look, team)]),
                holdings.contributed(team),
                holdings.load(team),
                holdings.holding([team]),
                holdings.holding(within),
                tuple(sorted(id for id in idle if id in people)),
            )
        )
    return tuple(rows)
