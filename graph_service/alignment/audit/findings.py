"""From what rules notice to findings: severity, owner, fingerprint, and the exceptions that somebody made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from graph_service.alignment.audit.look import Hit, Look, Rule
from graph_service.alignment.audit.report import Finding, RuleGroup, Severity, Subject, SubjectKind, Suppressed
from graph_service.alignment.audit.suppressions import Exceptions
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import KeyResult, Objective, Person, Team
from graph_service.models.words import GoalState

KINDS = {
    Objective: SubjectKind.OBJECTIVE,
    KeyResult: SubjectKind.KEY_RESULT,
    Person: SubjectKind.PERSON,
    Team: SubjectKind.TEAM,
}
WHOLE = Subject(SubjectKind.WORKSPACE, "", "")

GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}

_ENCODER = msgspec.json.Encoder(order="sorted")


def subject_of(vertex: Vertex) -> Subject:
    """A node as a finding names it."""
    fact = vertex.fact
    title = fact.name if isinstance(fact, Person | Team) else fact.title
    return Subject(KINDS[type(fact)], fact.id, title)


def fingerprint(rule: str, subject: str, facts: object) -> str:
    """What stands for a finding: 16 hexadecimal digits of the hash of rule, subject and facts."""
    return sha256(_ENCODER.encode((rule, subject, facts))).hexdigest()[:16]


def severity(look: Look, rule: Rule) -> Severity:
    """How grave the findings of a rule are in this audit."""
    return look.rules.severities.get(rule.id, rule.severity)


def finding(look: Look, rule: Rule, hit: Hit) -> Finding:
    """The finding that a hit of a rule is."""
    subject, owner = WHOLE, None
    if hit.subject is not None:
        subject = subject_of(hit.subject)
        owner = owner_of(look, hit.subject, subject)
    return Finding(
        rule.id,
        severity(look, rule),
        rule.group,
        subject,
        owner,
        hit.message,
        hit.advice or rule.advice,
        hit.facts,
        hit.today,
        fingerprint(rule.id, subject.id, hit.facts),
        look.places.get(subject.id),
    )


def owner_of(look: Look, vertex: Vertex, subject: Subject) -> Subject | None:
    """The owner of a goal, if the viewer sees one; of an owner the owner."""
    if not isinstance(vertex, GoalVertex):
        return subject
    id = look.owner_ids.get(vertex.fact.id)
    owner = None if id is None else look.graph.nodes[id]
    return None if owner is None or not look.sees(owner) else subject_of(owner)


def hits_of(look: Look, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """All that the rules notice: rules in their order, each goal by goal, owner by owner, on the whole graph."""
    goals = Narrowed(look, look.live)
    for rule in rules:
        if severity(look, rule) is Severity.OFF:
            continue
        if rule.goal is not None:
            yield from hits_among(look, rule, goals.of(rule))
        if rule.owner is not None:
            yield from hits_about(look, rule, (*look.people, *look.teams))
        if rule.whole is not None:
            for hit in rule.whole(look):
                yield rule, hit


def hits_about(look: Look, rule: Rule, owners: Iterable[Vertex]) -> Iterator[tuple[Rule, Hit]]:
    """All that a rule which goes owner by owner notices about some people and teams."""
    notice = rule.owner
    assert notice is not None
    for owner in owners:
        for hit in notice(look, owner):
            yield rule, hit


def hits_among(look: Look, rule: Rule, goals: Iterable[GoalVertex]) -> Iterator[tuple[Rule, Hit]]:
    """All that a rule which goes goal by goal notices about some goals that it looks at."""
    notice = rule.goal
    assert notice is not None
    for goal in goals:
        hits = notice(look, goal)
        if hits:
            for hit in hits:
                yield rule, hit


class Narrowed:
    """Some live goals, narrowed to those that rules look at; for rules that look at the same only once."""

    def __init__(self, look: Look, live: list[GoalVertex]) -> None:
        self.look = look
        self.live = live
        self._known: dict[object, list[GoalVertex]] = {}

    def of(self, rule: Rule) -> list[GoalVertex]:
        """The goals that a rule which goes goal by goal looks at."""
        wanted = (rule.only_active, rule.objectives, rule.key_results)
        known = self._known
        if wanted not in known:
            active, live = GoalState.ACTIVE, self.live
            found = [goal for goal in live if goal.pace.state is active] if rule.only_active else live
            if not (rule.objectives and rule.key_results):
                kind = Objective if rule.objectives else KeyResult
                found = [goal for goal in found if type(goal.fact) is kind]
            known[wanted] = found
        if rule.among is None:
            return known[wanted]
        few = (*wanted, rule.among)
        if few not in known:
            known[few] = rule.among(self.look, known[wanted])
        return known[few]


def sort_key(order: Mapping[str, int]) -> Callable[[Finding], tuple[int, int, str, str]]:
    """The order of findings, given the place of each rule in the catalogue."""

    def key(found: Finding) -> tuple[int, int, str, str]:
        return (GRAVITY[found.severity], order[found.rule], found.subject.id, found.fingerprint)

    return key


def parted(look: Look, found: Iterable[Finding], exceptions: Exceptions) -> tuple[list[Finding], list[Suppressed]]:
    """Findings that stand, and those that somebody puts up with. What is said of the exceptions themselves stands."""
    standing: list[Finding] = []
    put_up_with: list[Suppressed] = []
    for one in found:
        exception = None if one.group is RuleGroup.AUDIT else exceptions.of(one.rule, one.subject.id, look.as_of)
        if exception is None:
            standing.append(one)
        else:
            put_up_with.append(
                Suppressed(one, exception.reason, exception.by, exception.until, on_node=exception.line == 0)
            )
    return standing, put_up_with
