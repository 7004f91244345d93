"""Reports for the tests of their forms: that of a small bakery, and one whose every text tries to break out."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from msgspec.structs import replace

from graph_service.alignment.audit import DEFAULTS, AuditReport, audit
from graph_service.alignment.audit.compare import compared, snapshot_of
from graph_service.alignment.audit.report import Place, Quarantined
from graph_service.alignment.audit.rules import Rules, Suppression
from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.changes import UpdateObjective
from graph_service.models.nodes import KeyResult, Link, Node, Objective, Person, Team
from graph_service.models.words import LinkKind
from graph_service.workspace import Workspace
from tests.api.company import NOON, Clock, fill
from tests.build import AS_OF
from tests.render.hostile import CONTROLS, HOSTILE

FORMULAS = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
TITLES = (*HOSTILE, *CONTROLS, *FORMULAS)
WHO = 10
"""The number of the goal that everything else of the hostile report is about."""


@cache
def bakery_report() -> AuditReport:
    """The audit of a small bakery, against itself two months before, when nobody had said why it wants to grow; with a
    trend of three days."""
    rules = Rules(suppressions=(Suppression("sweets", "NO_WHY", "Everybody knows why.", "ada"),))
    with Workspace.open("sqlite://", clock=Clock()) as workspace:
        fill(workspace)
        with workspace.reading() as graph:
            reports = [audit(graph, rules, NOON.date() - timedelta(days)) for days in (28, 0)]
            with graph.suppose([UpdateObjective(id="grow", description=None)], Occasion(NOON, iter(()).__next__)):
                reports.insert(0, audit(graph, rules, NOON.date() - timedelta(60)))
    report = compared(reports[-1], reports[0])
    return replace(report, trend=tuple(snapshot_of(one) for one in reports))


@cache
def hostile_report() -> AuditReport:
    """Goals, people and teams with hostile names, exceptions, files and problems too."""
    nodes: list[tuple[Node, int]] = []
    links: list[Link] = []
    for number, title in enumerate(TITLES):
        nodes += [
            (Objective(f"goal-{number}", title, level=title[:200], period=None), 1),
            (KeyResult(f"measure-{number}", title, unit=title[:20]), 1),
            (Person(f"person-{number}", title, job_title=title, active=number % 7 != 3), 1),
            (Team(f"team-{number}", title), 1),
        ]
        links += [
            Link(f"measure-{number}", f"goal-{number}", LinkKind.KEY_RESULT_OF),
            Link(f"person-{number}", f"goal-{number}", LinkKind.OWNS),
            Link(f"person-{number}", f"team-{number}", LinkKind.MEMBER_OF),
        ]
    graph = AlignmentGraph.build(nodes=nodes, links=links, check_ins=(), revision=1)
    rules = Rules(suppressions=(Suppression(f"goal-{WHO}", "NO_WHY", HOSTILE[3], CONTROLS[0]),))
    places = {f"goal-{number}": Place(f"{title[:60]}.yaml", number + 1) for number, title in enumerate(TITLES)}
    wrong = [
        Quarantined(Place(title[:60], 7), title[:200], "owner", title[:200], "DANGLING", title, "DROPPED")
        for title in TITLES
    ]
    return audit(graph, rules, AS_OF, files=TITLES[:3], places=places, quarantined=wrong)


@cache
def empty_report() -> AuditReport:
    """The audit of a graph with nothing in it."""
    return audit(AlignmentGraph(), DEFAULTS, AS_OF)


REPORTS = {"bakery": bakery_report, "hostile": hostile_report, "empty": empty_report}
"""The reports that each form is tried with."""
