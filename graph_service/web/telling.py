"""What the pages of a goal and of an owner tell beside their chart: all in words, with the addresses they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from graph_service.alignment.audit.report import Finding, Severity
from graph_service.alignment.explain import Explanation
from graph_service.alignment.links import downs, ups
from graph_service.alignment.org import OrgChart
from graph_service.alignment.vertices import GoalVertex
from graph_service.models.nodes import KeyResult, Objective, Person, Team
from graph_service.models.words import LinkKind, Measure
from graph_service.render.facts import LINK_WORDS, amount, name_of, title_of
from graph_service.render.letters import clean, number, percent
from graph_service.web.drawing import Drawing
from graph_service.web.pages import Link, PlainRow, address, goal_row

CHECK_INS = 20


class Told(NamedTuple):
    """A goal that another one is linked with: how, and what it gives."""

    goal: Link
    how: str


class Reported(NamedTuple):
    """A check-in in words."""

    day: str
    value: str
    confidence: str
    by: str
    note: str
    replaced: bool


class Noted(NamedTuple):
    """A finding in words; ``tone`` is that of its severity."""

    severity: str
    tone: str
    rule: str
    message: str
    advice: str


class GoalFacts(NamedTuple):
    """All that the page of a goal tells."""

    row: PlainRow
    facts: tuple[tuple[str, str], ...]
    description: str
    note: str
    contributors: tuple[Told, ...]
    up: tuple[Told, ...]
    down: tuple[Told, ...]
    findings: tuple[Noted, ...]
    check_ins: tuple[Reported, ...]
    more: int


class OwnerFacts(NamedTuple):
    """All that the page of an owner tells beside the chart."""

    about: str
    lines: tuple[tuple[str, tuple[Link, ...]], ...]


TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn"}


def goal_facts(said: Drawing, findings: Iterable[Finding] = ()) -> GoalFacts:
    """What is told of the goal that an explanation is of, with what an audit found about it."""
    answer, graph, viewer = said.answer, said.graph, said.viewer
    assert isinstance(answer, Explanation)
    goal, fact = answer.goal, answer.goal.fact
    replaced = {one.replaces for one in goal.check_ins if one.replaces is not None}
    reported = []
    for one in goal.check_ins[: -CHECK_INS - 1 : -1]:
        by = graph.nodes.get(one.by or "")
        seen = by is not None and isinstance(by.fact, Person | Team) and viewer.sees(by)
        reported.append(
            Reported(
                one.at.date().isoformat(),
                "" if one.value is None else amount(goal, one.value),
                "" if one.confidence is None else percent(one.confidence),
                name_of(by) if by is not None and seen else "",
                clean(one.note or ""),
                one.id in replaced,
            )
        )
    contributors = [
        Told(
            _goal(one.goal),
            f"{percent(one.progress)} × {percent(one.share)} = {percent(one.contribution)}"
            if one.contribution is not None
            else f"not counted: {one.reason}"
            if one.reason
            else "counted",
        )
        for one in answer.contributors
    ]
    return GoalFacts(
        goal_row(graph, goal, said.question.as_of, viewer),
        tuple(_facts(goal)),
        clean(fact.description or "").replace("\\u000a", "\n"),
        clean(fact.alignment_note or "").replace("\\u000a", "\n"),
        tuple(contributors),
        tuple(Told(_goal(edge.parent), _how(edge.kind, edge.weight)) for edge in ups(goal, viewer)),
        tuple(Told(_goal(edge.child), _how(edge.kind, edge.weight)) for edge in downs(goal, viewer)),
        tuple([_noted(one) for one in findings]),
        tuple(reported),
        max(0, len(goal.check_ins) - CHECK_INS),
    )


def owner_facts(said: Drawing) -> OwnerFacts:
    """What is told of the person or team that a chart begins with."""
    answer, graph, viewer = said.answer, said.graph, said.viewer
    assert isinstance(answer, OrgChart) and answer.root is not None
    owner, fact = answer.root, answer.root.fact
    lines: list[tuple[str, tuple[Link, ...]]] = []

    def add(words: str, ids: Iterable[str]) -> None:
        vertices = [graph.nodes[id] for id in dict.fromkeys(ids)]
        found = tuple(Link(address("owners", one.id), name_of(one)) for one in vertices if viewer.sees(one))
        if found:
            lines.append((words, found))

    if isinstance(fact, Person):
        about = ", ".join([clean(fact.job_title or fact.type), *([] if fact.active else ["left"])])
        add("Reports to", [link.target for link in owner.out if link.kind is LinkKind.REPORTS_TO and not link.dotted])
        add("Also reports to", [link.target for link in owner.out if link.kind is LinkKind.REPORTS_TO and link.dotted])
        add("Leads", owner.targets(LinkKind.LEADS))
        add("Member of", owner.targets(LinkKind.MEMBER_OF))
    else:
        about = "team"
        add("Part of", owner.targets(LinkKind.PART_OF))
        add("Led by", owner.sources(LinkKind.LEADS))
        add("People", owner.sources(LinkKind.MEMBER_OF))
        add("Teams", owner.sources(LinkKind.PART_OF))
    return OwnerFacts(about, tuple(lines))


def _noted(one: Finding) -> Noted:
    words = (one.severity.value, one.rule)
    severity, rule = [word.lower().replace("_", " ") for word in words]
    return Noted(severity, TONES.get(one.severity, "quiet"), rule, clean(one.message), clean(one.advice))


def _goal(goal: GoalVertex) -> Link:
    return Link(address("goals", goal.id), title_of(goal))


def _how(kind: LinkKind, weight: float) -> str:
    usual = 0.0 if kind is LinkKind.ALIGNED else 1.0
    return LINK_WORDS[kind] + ("" if weight == usual else f", weight {number(weight)}")


def _facts(goal: GoalVertex) -> Iterable[tuple[str, str]]:
    fact = goal.fact
    yield "Coverage", percent(goal.coverage)
    if goal.confidence is not None:
        yield "Confidence", percent(goal.confidence)
    yield "State", fact.state.value
    if isinstance(fact, KeyResult):
        yield "Measure", fact.measure.value.replace("_", " ")
        if goal.amount is not None:
            yield "Value", amount(goal, goal.amount)
        if fact.measure is Measure.DELTA and fact.baseline is not None and fact.target is not None:
            yield "From, to", f"{amount(goal, fact.baseline)}, {amount(goal, fact.target)}"
        for words, bound in (("Target", fact.target), ("At least", fact.target_min), ("At most", fact.target_max)):
            if fact.measure is Measure.THRESHOLD and bound is not None:
                yield words, amount(goal, bound)
    if isinstance(fact, Objective) and fact.themes:
        yield "Themes", ", ".join(clean(theme) for theme in fact.themes)
    if fact.score is not None:
        yield "Score", percent(fact.score)
