"""Findings kept current while a graph moves: what a report moves is judged anew, not the whole graph.

Rules that go goal by goal are asked again for the goals that moved and their neighbours. Rules about the whole do not
depend on how far goals have come, so they are asked again only when facts or links change; who stands where in the
organization makes everything be asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

from msgspec.structs import replace

from graph_service.alignment.audit import exceptions_of, judged, report_of
from graph_service.alignment.audit.catalogue import CATALOGUE
from graph_service.alignment.audit.findings import finding, hits_among, hits_of, looked_at, severity
from graph_service.alignment.audit.look import Look
from graph_service.alignment.audit.owners import CONTRIBUTES_TO, OWNS, helped_by, owned_by
from graph_service.alignment.audit.report import AuditReport, Finding, Severity, Suppressed
from graph_service.alignment.audit.rules import DEFAULTS, Rules
from graph_service.alignment.audit.suppressions import Exceptions
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.alignment.watch import Watch
from graph_service.models.nodes import Person, Team

MUCH = 0.2
"""Where more than this share of all goals moved, everything is asked anew."""


class Found:
    """What was found, until the graph moves on. Nothing is put in order before it is asked for: of one node only what
    is about it."""

    def __init__(
        self, look: Look, by_goal: Mapping[str, Sequence[Finding]], of_whole: Sequence[Finding], exceptions: Exceptions
    ) -> None:
        self._look = look
        self._by_goal = by_goal
        self._of_whole = of_whole
        self._exceptions = exceptions

    @cached_property
    def _judged(self) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        every = [one for several in (*self._by_goal.values(), self._of_whole) for one in several]
        return judged(self._look, every, self._exceptions)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that stand, in the order of findings."""
        return self._judged[0]

    @property
    def suppressed(self) -> tuple[Suppressed, ...]:
        """Those that somebody puts up with, in the same order."""
        return self._judged[1]

    def about(self, subject: str) -> tuple[Finding, ...]:
        """The findings about one node that stand, in the order of findings."""
        whole = [one for one in self._of_whole if one.subject.id == subject]
        return judged(self._look, [*self._by_goal.get(subject, ()), *whole], self._exceptions)[0]

    def report(self, among: Collection[GoalVertex] | None = None) -> AuditReport:
        """The whole report; ``among``: about these goals, and the owners who own or contribute to one of them."""
        if among is None:
            return report_of(self._look, self.standing, self.suppressed)
        before = self._look
        look = Look(before.graph, before.rules, before.as_of, CATALOGUE, before.viewer, among=among)
        ids = {goal.fact.id for goal in among} | set(owned_by(look)) | set(helped_by(look))
        return narrowed(
            report_of(
                look,
                [one for one in self.standing if one.subject.id in ids],
                [one for one in self.suppressed if one.finding.subject.id in ids],
            ),
            ids,
        )

    @cached_property
    def by_owner(self) -> dict[str, list[Finding]]:
        """The findings about each owner and the goals they own, in the order of findings."""
        return _by(self.standing, lambda one: None if one.owner is None else one.owner.id)


def found_on(graph: AlignmentGraph, rules: Rules, as_of: date, viewer: Viewer = EVERYBODY) -> Found:
    """What the rules find in a graph on a day, asked from scratch."""
    look = Look(graph, rules, as_of, CATALOGUE, viewer)
    exceptions = exceptions_of(look)
    return Found(look, {}, [finding(look, rule, hit) for rule, hit in hits_of(look, CATALOGUE)], exceptions)


class CurrentFindings:
    """The findings of one graph after another, by one set of rules; for everybody's eyes."""

    def __init__(self, rules: Rules = DEFAULTS) -> None:
        self.rules = rules
        self._graph: AlignmentGraph | None = None
        self._as_of: date | None = None
        self._by_goal: dict[str, list[Finding]] = {}
        self._of_whole: list[Finding] = []
        self._exceptions = Exceptions(())
        self._places: dict[Vertex, object] = {}
        self._found: Found | None = None

    def of(self, graph: AlignmentGraph, as_of: date) -> Found:
        """What the rules find in the graph, as it stands, on a day."""
        watch = graph.watch
        if watch is None or graph is not self._graph or as_of != self._as_of or watch.everything:
            return self._anew(graph, as_of)
        if self._found is not None and watch.quiet:
            return self._found
        touched = watch.numbers | {one for one in watch.changed if isinstance(one, GoalVertex)}
        if len(touched) > MUCH * len(self._places) + 1_000 or self._moved_about(watch.changed):
            return self._anew(graph, as_of)
        look = Look(graph, self.rules, as_of, CATALOGUE)
        changed = bool(watch.changed)
        watch.forget()
        if changed:
            self._exceptions = exceptions_of(look)
            self._of_whole = self._whole(look)
        self._goals(look, _around(touched))
        return self._finish(look)

    def _anew(self, graph: AlignmentGraph, as_of: date) -> Found:
        self._graph, self._as_of = graph, as_of
        if graph.watch is None:
            graph.watch = Watch()
        graph.watch.forget()
        look = Look(graph, self.rules, as_of, CATALOGUE)
        self._exceptions = exceptions_of(look)
        self._places = {vertex: _place(vertex) for vertex in (*look.people, *look.teams)}
        self._by_goal = {}
        self._of_whole = self._whole(look)
        self._goals(look, look.goals)
        return self._finish(look)

    def _finish(self, look: Look) -> Found:
        self._found = Found(look, self._by_goal, self._of_whole, self._exceptions)
        return self._found

    def _whole(self, look: Look) -> list[Finding]:
        found = []
        for rule in CATALOGUE:
            if rule.whole is not None and severity(look, rule) is not Severity.OFF:
                found += [finding(look, rule, hit) for hit in rule.whole(look)]
        return found

    def _goals(self, look: Look, goals: Iterable[GoalVertex]) -> None:
        """Asks the rules that go goal by goal about some goals again."""
        by_goal, nodes = self._by_goal, look.graph.nodes
        there = []
        for goal in goals:
            by_goal.pop(goal.fact.id, None)
            if goal.live and nodes.get(goal.fact.id) is goal:
                there.append(goal)
        for rule in CATALOGUE:
            if rule.goal is not None and severity(look, rule) is not Severity.OFF:
                for _, hit in hits_among(look, rule, looked_at(rule, there)):
                    assert hit.subject is not None
                    by_goal.setdefault(hit.subject.fact.id, []).append(finding(look, rule, hit))

    def _moved_about(self, changed: Iterable[Vertex]) -> bool:
        """Whether anything but their goals has changed of any person or team."""
        owners = [one for one in changed if isinstance(one.fact, Person | Team)]
        return any(self._places.get(owner) != _place(owner) for owner in owners)


def _by(findings: Iterable[Finding], key: Callable[[Finding], str | None]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in findings:
        id = key(one)
        if id is not None:
            found.setdefault(id, []).append(one)
    return found


def narrowed(report: AuditReport, ids: Collection[str]) -> AuditReport:
    """A report with the people and teams among some ids only; figures of the reporting tree stay those of all."""
    return replace(
        report,
        people=tuple([one for one in report.people if one.id in ids]),
        teams=tuple([one for one in report.teams if one.id in ids or any(id in ids for id in one.people)]),
        handovers=tuple([one for one in report.handovers if one.goals or one.contributions]),
    )


def _place(owner: Vertex) -> object:
    """What is said of a person or a team, and their links to others."""
    apart = (OWNS, CONTRIBUTES_TO)
    return (
        owner.fact,
        frozenset(link for link in owner.out if link.kind not in apart),
        frozenset(link for link in owner.into if link.kind not in apart),
        owner.broken,
    )


def _around(goals: Iterable[GoalVertex]) -> set[GoalVertex]:
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
