"""Audits: what rules find in a graph on a day, and the report that is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from graph_service.alignment.audit.catalogue import BY_ID, CATALOGUE, ORDER
from graph_service.alignment.audit.findings import finding, hits_of, parted, severity, sort_key
from graph_service.alignment.audit.health import health
from graph_service.alignment.audit.holdings import Holdings, goal_rows, person_rows, team_rows, totals
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.organization import handovers, organization
from graph_service.alignment.audit.report import (
    AuditReport,
    Finding,
    LimitInForce,
    Place,
    Quarantined,
    RuleInForce,
    Suppressed,
)
from graph_service.alignment.audit.rules import DEFAULTS, Rules, Suppression
from graph_service.alignment.audit.suppressions import Exceptions, said_on_nodes
from graph_service.alignment.build import undisturbed
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.viewer import EVERYBODY, Viewer

__all__ = ["BY_ID", "CATALOGUE", "DEFAULTS", "AuditReport", "Rules", "audit"]


def audit(
    graph: AlignmentGraph,
    rules: Rules,
    as_of: date,
    *,
    viewer: Viewer = EVERYBODY,
    files: Sequence[str] = (),
    places: Mapping[str, Place] | None = None,
    quarantined: Sequence[Quarantined] = (),
) -> AuditReport:
    """What the rules find in the graph on a day, with the figures of ownership and health.

    ``files``, ``places`` (by node id: where its record stands) and ``quarantined`` belong to an audit of record files.
    The graph is only read. Raises nothing: what cannot be judged is left out or is a finding.
    """
    with undisturbed():
        look = Look(graph, rules, as_of, CATALOGUE, viewer, places, quarantined)
        exceptions = exceptions_of(look)
        found = (finding(look, rule, hit) for rule, hit in hits_of(look, CATALOGUE))
        standing, suppressed = judged(look, found, exceptions)
        return report_of(look, standing, suppressed, files)


def judged(
    look: Look, found: Iterable[Finding], exceptions: Exceptions
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """Findings that stand and those that somebody puts up with, each in the order of findings."""
    standing, suppressed = parted(look, found, exceptions)
    key = sort_key(ORDER)
    return tuple(sorted(standing, key=key)), tuple(sorted(suppressed, key=lambda one: key(one.finding)))


def report_of(
    look: Look, standing: Sequence[Finding], suppressed: Sequence[Suppressed], files: Sequence[str] = ()
) -> AuditReport:
    """The report of what was found, in the order of findings, with the figures of all that the look has before it."""
    holdings = Holdings(look, standing)
    people, teams = person_rows(holdings), team_rows(holdings)
    return AuditReport(
        as_of=look.as_of,
        revision=look.graph.revision,
        files=tuple(files),
        totals=totals(standing, len(suppressed)),
        health=health(look),
        findings=tuple(standing),
        suppressed=tuple(suppressed),
        rules=rules_in_force(look, standing, suppressed),
        organization=organization(look, standing, people, teams),
        people=people,
        teams=teams,
        goals=goal_rows(look, holdings.by_subject),
        handovers=handovers(holdings),
        quarantined=tuple(look.quarantined),
    )


def exceptions_of(look: Look) -> Exceptions:
    """The exceptions of the rules file and those that nodes hold, which the look learns of too."""
    for _, (vertex, said) in sorted(look.once(said_on_nodes).items()):
        for one in said:
            if isinstance(one, Suppression):
                look.suppressions.append(one)
            else:
                look.faulty_suppressions.append((vertex, one))
    return Exceptions(look.suppressions)


def rules_in_force(
    look: Look, standing: Sequence[Finding], suppressed: Sequence[Suppressed]
) -> tuple[RuleInForce, ...]:
    """The catalogue as this audit used it."""
    found: dict[str, int] = {}
    for one in standing:
        found[one.rule] = found.get(one.rule, 0) + 1
    put_up_with: dict[str, int] = {}
    for exception in suppressed:
        put_up_with[exception.finding.rule] = put_up_with.get(exception.finding.rule, 0) + 1
    return tuple(
        [
            RuleInForce(
                rule.id,
                rule.group,
                severity(look, rule),
                rule.severity,
                rule.title,
                rule.meaning,
                rule.why,
                rule.advice,
                tuple(
                    [
                        LimitInForce(it.name, look.limits[rule.id, it.name], float(it.default), it.meaning)
                        for it in rule.limits
                    ]
                ),
                found.get(rule.id, 0),
                put_up_with.get(rule.id, 0),
            )
            for rule in CATALOGUE
        ]
    )
