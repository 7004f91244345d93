"""Findings and the ownership audit."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry import UNSET

from graph_service.alignment.audit import report as told
from graph_service.alignment.audit.report import RuleGroup, Severity, Sight
from graph_service.api.connections import After, Connection, First, paged
from graph_service.api.context import Ground
from graph_service.api.cursors import Order
from graph_service.api.fields import Reader, asked
from graph_service.api.scalars import JSON
from graph_service.api.types.findings import Finding, finding_of, findings_page
from graph_service.api.types.refs import (
    GoalRef,
    ObjectiveRef,
    OwnerRef,
    PersonRef,
    TeamRef,
    goal_at,
    goals_at,
    objective_at,
    owner_at,
    people_at,
    person_at,
    team_at,
    teams_at,
)

of_suppressed = Reader["SuppressedFinding"]()
of_totals = Reader["FindingTotals"]()
of_figure = Reader["HealthFigure"]()
of_health = Reader["Health"]()
of_rule = Reader["AuditRule"]()
of_limit = Reader["RuleLimit"]()
of_holding = Reader["Holding"]()
of_load = Reader["GoalLoad"]()
of_contribution = Reader["AuditContribution"]()
of_span = Reader["SpanCount"]()
of_person = Reader["PersonAudit"]()
of_team = Reader["TeamAudit"]()
of_sight = Reader["LineOfSight"]()
of_tree = Reader["ReportingTree"]()
of_top = Reader["TopOwner"]()
of_alike = Reader["AlikeOwners"]()
of_organization = Reader["OrganizationAudit"]()
of_handover = Reader["Handover"]()
of_kept = Reader["AuditSnapshot"]()
of_audit = Reader["OwnershipAudit"]()


# ---------- figures ----------


@strawberry.type(description="Findings by severity.")
class FindingTotals:
    """Counts of findings."""

    said: strawberry.Private[told.Totals]

    errors: int = of_totals(lambda one: one.said.errors, "Findings of severity ERROR.")
    warnings: int = of_totals(lambda one: one.said.warnings, "Findings of severity WARNING.")
    infos: int = of_totals(lambda one: one.said.infos, "Findings of severity INFO.")
    suppressed: int = of_totals(lambda one: one.said.suppressed, "Findings that somebody puts up with.")


@strawberry.type(description="A share of goals that are as they should be, with those that are not.")
class HealthFigure:
    """A figure of health."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.HealthFigure]

    share: float | None = of_figure(lambda one: one.said.share, "The share, 0.25 for 25 %; null where there are none.")
    good: int = of_figure(lambda one: one.said.good, "So many are as they should be.")
    count: int = of_figure(lambda one: one.said.of, "Of so many.", name="of")
    missing: list[GoalRef] = of_figure(lambda one: goals_at(one.on, one.said.missing), "Those that are not, by id.")


@strawberry.type(description="Four plain figures.")
class Health:
    """The health of goals."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Health]

    alignment: HealthFigure = of_health(
        lambda one: HealthFigure(on=one.on, said=one.said.alignment),
        "Live objectives from which a way leads up to a top-level one.",
    )
    ownership: HealthFigure = of_health(
        lambda one: HealthFigure(on=one.on, said=one.said.ownership),
        "Live goals with an active owner; a key result without one of its own is answered for by its objective's.",
    )
    measurability: HealthFigure = of_health(
        lambda one: HealthFigure(on=one.on, said=one.said.measurability), "Live key results that have a number."
    )
    freshness: HealthFigure = of_health(
        lambda one: HealthFigure(on=one.on, said=one.said.freshness),
        "Key results under way that were checked in within the cadence.",
    )


@strawberry.type(description="A number that a rule compares with.")
class RuleLimit:
    """A limit of a rule."""

    said: strawberry.Private[told.LimitInForce]

    name: str = of_limit(lambda one: one.said.name, "Its name in a rules file.")
    value: float = of_limit(lambda one: one.said.value, "What it is in this audit.")
    usual: float = of_limit(lambda one: one.said.default, "What it is where nobody sets it.", name="default")
    meaning: str = of_limit(lambda one: one.said.meaning, "What it limits.")


@strawberry.type(description="A rule of the audit, as it is in force.")
class AuditRule:
    """A rule."""

    said: strawberry.Private[told.RuleInForce]

    id: str = of_rule(lambda one: one.said.id, "Its name.")
    group: RuleGroup = of_rule(lambda one: one.said.group, "What it looks at.")
    severity: Severity = of_rule(lambda one: one.said.severity, "How grave its findings are.")
    default_severity: Severity = of_rule(lambda one: one.said.default_severity, "The same where nobody sets it.")
    title: str = of_rule(lambda one: one.said.title, "What it notices, in a few words.")
    meaning: str = of_rule(lambda one: one.said.meaning, "When it notices something.")
    why: str = of_rule(lambda one: one.said.why, "Why that matters.")
    advice: str = of_rule(lambda one: one.said.advice, "What to do.")
    limits: list[RuleLimit] = of_rule(lambda one: [RuleLimit(said=it) for it in one.said.limits], "Its limits.")
    findings: int = of_rule(lambda one: one.said.findings, "How many findings it has in this audit.")
    suppressed: int = of_rule(lambda one: one.said.suppressed, "How many of them somebody puts up with.")


@strawberry.type(description="A finding that somebody puts up with.")
class SuppressedFinding:
    """A suppressed finding."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Suppressed]

    finding: Finding = of_suppressed(lambda one: finding_of(one.on, one.said.finding), "What they put up with.")
    reason: str = of_suppressed(lambda one: one.said.reason, "Why they do.")
    by: str | None = of_suppressed(lambda one: one.said.by, "Who says so.")
    until: date | None = of_suppressed(lambda one: one.said.until, "The last day of it; null: for good.")


# ---------- owners ----------


@strawberry.type(description="What an owner, or a group of them, has in hand. Live goals count.")
class Holding:
    """A holding."""

    said: strawberry.Private[told.Holding]

    objectives: int = of_holding(lambda one: one.said.objectives, "Objectives owned.")
    key_results: int = of_holding(lambda one: one.said.key_results, "Key results owned.")
    contributions: int = of_holding(lambda one: one.said.contributions, "Goals contributed to.")
    progress: float | None = of_holding(
        lambda one: one.said.progress, "The plain mean of the progress of the measured goals; null without any."
    )
    measured: int = of_holding(lambda one: one.said.measured, "How many of the goals are measured.")
    statuses: JSON = of_holding(lambda one: JSON(one.said.statuses), "Goals by status: `{ON_TRACK: 3}`.")
    findings: FindingTotals = of_holding(
        lambda one: FindingTotals(said=one.said.findings), "Findings about the goals and the owners."
    )


@strawberry.type(description="Open objectives of an owner in one period.")
class GoalLoad:
    """A load."""

    said: strawberry.Private[told.Load]

    period: str | None = of_load(lambda one: one.said.period, "The id of the period; null: without one.")
    objectives: int = of_load(lambda one: one.said.objectives, "How many are active and not past their last day.")
    limit: int = of_load(lambda one: one.said.limit, "How many such an owner should have at most.")
    over: bool = of_load(lambda one: one.said.over, "Whether they are more.")


@strawberry.type(description="A goal that somebody contributes to.")
class AuditContribution:
    """A contribution."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Contribution]

    goal: GoalRef | None = of_contribution(
        lambda one: goal_at(one.on, one.said.goal), "The goal that they take part in."
    )
    roles: list[str] = of_contribution(lambda one: list(one.said.roles), "In which roles, in order.")


@strawberry.type(description="So many people have so many direct reports.")
class SpanCount:
    """A span."""

    said: strawberry.Private[told.SpanCount]

    reports: int = of_span(lambda one: one.said.reports, "Direct reports.")
    people: int = of_span(lambda one: one.said.people, "How many people have so many.")


@strawberry.type(description="A person in the ownership audit.")
class PersonAudit:
    """A person's part."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.PersonAudit]

    person: PersonRef | None = of_person(lambda one: person_at(one.on, one.said.id), "Who it is about.")
    manager: PersonRef | None = of_person(lambda one: person_at(one.on, one.said.manager), "Whom they report to.")
    reports: int = of_person(lambda one: one.said.reports, "How many report to them.")
    goals: list[GoalRef] = of_person(
        lambda one: goals_at(one.on, one.said.goals), "Live goals they own: objectives, then key results, each by id."
    )
    contributions: list[AuditContribution] = of_person(
        lambda one: [AuditContribution(on=one.on, said=it) for it in one.said.contributions],
        "Live goals of others that they take part in, by id.",
    )
    load: list[GoalLoad] = of_person(lambda one: [GoalLoad(said=it) for it in one.said.load], "Load by period.")
    holding: Holding = of_person(lambda one: Holding(said=one.said.holding), "What they have in hand.")
    sight: Sight = of_person(lambda one: one.said.sight, "How they see a top-level goal.")
    top: ObjectiveRef | None = of_person(
        lambda one: objective_at(one.on, one.said.top), "The top-level objective that they see."
    )


@strawberry.type(description="A team in the ownership audit.")
class TeamAudit:
    """A team's part."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.TeamAudit]

    team: TeamRef | None = of_team(lambda one: team_at(one.on, one.said.id), "Which team it is about.")
    goals: list[GoalRef] = of_team(lambda one: goals_at(one.on, one.said.goals), "Live goals it owns itself.")
    contributions: list[AuditContribution] = of_team(
        lambda one: [AuditContribution(on=one.on, said=it) for it in one.said.contributions],
        "Live goals of others that it takes part in, by id.",
    )
    load: list[GoalLoad] = of_team(lambda one: [GoalLoad(said=it) for it in one.said.load], "Load by period.")
    holding: Holding = of_team(lambda one: Holding(said=one.said.holding), "What it has in hand itself.")
    within: Holding = of_team(
        lambda one: Holding(said=one.said.within), "With its people and the teams in it, everything counted once."
    )
    without_goal: list[PersonRef] = of_team(
        lambda one: people_at(one.on, one.said.without_goal), "Its active people who own no live goal, by id."
    )


@strawberry.type(description="How many active people see a top-level goal.")
class LineOfSight:
    """Coverage of the org chart."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.LineOfSight]

    share: float | None = of_sight(lambda one: one.said.share, "The share who see one; null: nobody is active.")
    own: int = of_sight(lambda one: one.said.own, "By a goal of their own.")
    contribution: int = of_sight(lambda one: one.said.contribution, "Else by one that they contribute to.")
    team: int = of_sight(lambda one: one.said.team, "Else by one of a team of theirs.")
    count: int = of_sight(lambda one: one.said.of, "Of so many active people.", name="of")
    missing: list[PersonRef] = of_sight(lambda one: people_at(one.on, one.said.missing), "Who sees none, by id.")


@strawberry.type(description="The tree of primary reporting lines among active people.")
class ReportingTree:
    """The reporting tree."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.ReportingTree]

    tops: list[PersonRef] = of_tree(
        lambda one: people_at(one.on, one.said.tops), "Who reports to nobody and has reports, by id."
    )
    depth: int = of_tree(lambda one: one.said.depth, "Levels of it.")
    managers: int = of_tree(lambda one: one.said.managers, "People who have reports.")
    mean_span: float | None = of_tree(lambda one: one.said.mean_span, "Reports of a manager, on average.")
    spans: list[SpanCount] = of_tree(
        lambda one: [SpanCount(said=it) for it in one.said.spans], "How often each number of reports occurs, by number."
    )
    widest_span: int = of_tree(lambda one: one.said.widest_span, "The most reports that somebody has.")
    widest: list[PersonRef] = of_tree(lambda one: people_at(one.on, one.said.widest), "Who has them, by id.")
    apart: list[PersonRef] = of_tree(
        lambda one: people_at(one.on, one.said.apart), "People without any reporting line, by id."
    )
    broken: list[PersonRef] = of_tree(
        lambda one: people_at(one.on, one.said.broken), "Who reports to somebody who left or is not there, by id."
    )
    circular: list[PersonRef] = of_tree(
        lambda one: people_at(one.on, one.said.circular), "Who stands in a ring of lines, dotted ones included, by id."
    )


@strawberry.type(description="How many top-level objectives somebody owns.")
class TopOwner:
    """An owner at the top."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.TopOwner]

    owner: OwnerRef | None = of_top(lambda one: owner_at(one.on, one.said.owner), "Who owns them.")
    objectives: int = of_top(lambda one: one.said.objectives, "How many live ones.")


@strawberry.type(description="Owners who are perhaps one and the same.")
class AlikeOwners:
    """Owners alike."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.AlikeOwners]

    owners: list[OwnerRef] = of_alike(
        lambda one: [it for id in one.said.owners if (it := owner_at(one.on, id)) is not None], "The owners, by id."
    )
    alike: str = of_alike(lambda one: one.said.alike, "In what their names differ only: spelling, or initials.")


@strawberry.type(description="The whole, as far as ownership goes. Lists stand by id.")
class OrganizationAudit:
    """The organization's part."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Organization]

    people: int = of_organization(lambda one: one.said.people, "Active people.")
    teams: int = of_organization(lambda one: one.said.teams, "Active teams.")
    objectives: int = of_organization(lambda one: one.said.objectives, "Live objectives.")
    key_results: int = of_organization(lambda one: one.said.key_results, "Live key results.")
    top_level: int = of_organization(lambda one: one.said.top_level, "Live top-level objectives.")
    unowned: list[GoalRef] = of_organization(lambda one: goals_at(one.on, one.said.unowned), "Goals without an owner.")
    unknown: list[GoalRef] = of_organization(
        lambda one: goals_at(one.on, one.said.unknown), "Goals whose owner does not exist."
    )
    inactive: list[GoalRef] = of_organization(
        lambda one: goals_at(one.on, one.said.inactive), "Goals whose owner is not active any more."
    )
    outside: list[GoalRef] = of_organization(
        lambda one: goals_at(one.on, one.said.outside), "Goals whose owner is outside the area of the goal above."
    )
    people_without_goal: list[PersonRef] = of_organization(
        lambda one: people_at(one.on, one.said.people_without_goal), "Active people who own no live goal."
    )
    teams_without_goal: list[TeamRef] = of_organization(
        lambda one: teams_at(one.on, one.said.teams_without_goal), "Active teams in which nobody owns a live goal."
    )
    contributors_only: list[PersonRef] = of_organization(
        lambda one: people_at(one.on, one.said.contributors_only), "Active people who contribute to goals and own none."
    )
    top_owners: list[TopOwner] = of_organization(
        lambda one: [TopOwner(on=one.on, said=it) for it in one.said.top_owners],
        "Who owns top-level objectives, those with most first.",
    )
    sight: LineOfSight = of_organization(
        lambda one: LineOfSight(on=one.on, said=one.said.sight), "Who sees a top-level goal."
    )
    reporting: ReportingTree = of_organization(
        lambda one: ReportingTree(on=one.on, said=one.said.reporting), "Who reports to whom, in numbers."
    )
    alike: list[AlikeOwners] = of_organization(
        lambda one: [AlikeOwners(on=one.on, said=it) for it in one.said.alike], "Owners who may be one and the same."
    )


@strawberry.type(name="HandoverNeed", description="Somebody who left, and what still hangs on them.")
class Handover:
    """What is to be handed over."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Handover]

    owner: PersonRef | None = of_handover(lambda one: person_at(one.on, one.said.owner), "Who left.")
    goals: list[GoalRef] = of_handover(lambda one: goals_at(one.on, one.said.goals), "Goals they own, by id.")
    contributions: list[GoalRef] = of_handover(
        lambda one: goals_at(one.on, one.said.contributions), "Goals they contribute to, by id."
    )
    reports: list[PersonRef] = of_handover(
        lambda one: people_at(one.on, one.said.reports), "Active people who report to them, by id."
    )
    leads: list[TeamRef] = of_handover(lambda one: teams_at(one.on, one.said.leads), "Teams they lead, by id.")
    to: PersonRef | None = of_handover(lambda one: person_at(one.on, one.said.to), "Who could take over.")
    why: str = of_handover(lambda one: one.said.why, "Why them, or why nobody is named.")


@strawberry.type(description="An audit in small that was kept, for the trend.")
class AuditSnapshot:
    """A kept audit."""

    said: strawberry.Private[told.AuditSnapshot]

    as_of: date = of_kept(lambda one: one.said.as_of, "The day that it judged.")
    revision: int = of_kept(lambda one: one.said.revision, "The revision that it judged.")
    alignment: float | None = of_kept(lambda one: one.said.alignment, "The share of aligned objectives.")
    ownership: float | None = of_kept(lambda one: one.said.ownership, "The share of owned goals.")
    measurability: float | None = of_kept(lambda one: one.said.measurability, "The share of measured key results.")
    freshness: float | None = of_kept(lambda one: one.said.freshness, "The share of fresh key results.")
    totals: FindingTotals = of_kept(lambda one: FindingTotals(said=one.said.totals), "Findings by severity.")
    rules: JSON = of_kept(lambda one: JSON(one.said.rules), "Findings by rule: `{NO_OWNER: 3}`.")


@strawberry.type(description="Whose goals are whose, who has too many or none, and what the audit finds, on one day.")
class OwnershipAudit:
    """The ownership audit."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.AuditReport]

    as_of: date = of_audit(lambda one: one.said.as_of, "The day that is judged.")
    revision: int = of_audit(lambda one: one.said.revision, "The revision that is judged.")
    totals: FindingTotals = of_audit(lambda one: FindingTotals(said=one.said.totals), "Findings by severity.")
    health: Health = of_audit(lambda one: Health(on=one.on, said=one.said.health), "Four plain figures.")
    organization: OrganizationAudit = of_audit(
        lambda one: OrganizationAudit(on=one.on, said=one.said.organization), "The organization in counts and lists."
    )
    rules: list[AuditRule] = of_audit(
        lambda one: [AuditRule(said=it) for it in one.said.rules], "Every rule as it is in force, with its counts."
    )
    handovers: list[Handover] = of_audit(
        lambda one: [Handover(on=one.on, said=it) for it in one.said.handovers],
        "What hangs on people who left, by their id.",
    )
    suppressed: list[SuppressedFinding] = of_audit(
        lambda one: [SuppressedFinding(on=one.on, said=it) for it in one.said.suppressed],
        "Findings that somebody puts up with, the gravest first.",
    )
    trend: list[AuditSnapshot] = of_audit(
        lambda one: [AuditSnapshot(said=it) for it in one.on.asking.workspace.audits()],
        "Audits of the whole that were kept, oldest first.",
    )

    @asked("What the audit finds, the gravest first.")
    def findings(self, first: First = UNSET, after: After = UNSET) -> Connection[Finding]:
        """A page of findings."""
        return findings_page(self.on, self.said.findings, first, after, Order(f"audit {self.said.as_of}"))

    @asked("People, by id: the active ones, and those who left and still have something in hand.")
    def people(self, first: First = UNSET, after: After = UNSET) -> Connection[PersonAudit]:
        """A page of people."""
        rows = (((one.id,), one) for one in self.said.people)
        return paged(
            self.on,
            rows,
            lambda one: PersonAudit(on=self.on, said=one),
            Order("audited people"),
            first=first,
            after=after,
        )

    @asked("Teams, by id.")
    def teams(self, first: First = UNSET, after: After = UNSET) -> Connection[TeamAudit]:
        """A page of teams."""
        rows = (((one.id,), one) for one in self.said.teams)
        return paged(
            self.on, rows, lambda one: TeamAudit(on=self.on, said=one), Order("audited teams"), first=first, after=after
        )
