"""All that is known of one thing, whatever its kind: what was said of it, its numbers, its links, its check-ins."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.cli.opening import title
from graph_service.cli.output import moment_text, on_one_line, width
from graph_service.models.nodes import KIND_OF, BrokenReference, CheckIn, Link, Milestone, PlanPoint, Task
from graph_service.models.words import GOAL_LINKS, LinkKind
from graph_service.render.facts import amount, standing, status_word
from graph_service.render.json_form import check_in_json, goal_json
from graph_service.render.letters import fit, number, percent, wrap

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

OUT = {
    LinkKind.KEY_RESULT_OF: "objective",
    LinkKind.PARENT: "parents",
    LinkKind.ALIGNED: "aligned to",
    LinkKind.OWNS: "owns",
    LinkKind.CONTRIBUTES_TO: "contributes to",
    LinkKind.MEMBER_OF: "member of",
    LinkKind.PART_OF: "part of",
    LinkKind.REPORTS_TO: "reports to",
    LinkKind.LEADS: "leads",
    LinkKind.SUPPORTS: "supports",
    LinkKind.MEASURED_BY: "measured by",
    LinkKind.HOLDS: "holds",
    LinkKind.CHARTERS: "describes",
    LinkKind.WITHIN: "within",
}
"""What stands before the other ends of the links that lead away from a thing."""

INTO = {
    LinkKind.KEY_RESULT_OF: "key results",
    LinkKind.PARENT: "children",
    LinkKind.ALIGNED: "aligned from",
    LinkKind.OWNS: "owner",
    LinkKind.CONTRIBUTES_TO: "contributors",
    LinkKind.MEMBER_OF: "members",
    LinkKind.PART_OF: "teams",
    LinkKind.REPORTS_TO: "reports",
    LinkKind.LEADS: "led by",
    LinkKind.SUPPORTS: "initiatives",
    LinkKind.MEASURED_BY: "measures",
    LinkKind.HOLDS: "held by",
    LinkKind.CHARTERS: "described by",
    LinkKind.WITHIN: "periods",
}
"""What stands before the other ends of the links that lead to a thing."""

LATEST = 5
"""So many check-ins are shown as text."""

MOST_LINES = 1000
"""So many lines of a text are shown: all of any text that there can be, but for very narrow terminals."""

LABEL = 17
"""Columns for what stands before a value."""


def node_text(graph: AlignmentGraph, vertex: Vertex, as_of: date) -> str:
    """A node as lines: a label and what is known."""
    fact = vertex.fact
    lines = wrap(on_one_line(title(vertex)), width(), MOST_LINES)
    _line(lines, KIND_OF[type(fact)].replace("_", " "), fact.id)
    if isinstance(vertex, GoalVertex):
        for label, text in _numbers(graph, vertex, as_of):
            _line(lines, label, text)
    for name, value in _said(vertex.fact, "id", "title", "name", defaults=False).items():
        _value(lines, name.replace("_", " "), value)
    for label, links in _links(graph, vertex).items():
        for place, link in enumerate(links):
            _line(lines, label if place == 0 else "", _other_end(graph, vertex, link))
    for broken in vertex.broken:
        _line(lines, "broken", _broken_text(broken))
    if isinstance(vertex, GoalVertex):
        newest = vertex.check_ins[::-1]
        for place, check_in in enumerate(newest[:LATEST]):
            _line(lines, "check-ins" if place == 0 else "", _check_in_text(check_in, vertex))
        if len(newest) > LATEST:
            _line(lines, "", f"and {len(newest) - LATEST} earlier")
    _line(lines, "revision", str(vertex.revision))
    return "\n".join(lines)


def node_json(graph: AlignmentGraph, vertex: Vertex, as_of: date) -> dict[str, object]:
    """A node in the words of GraphQL, with every link that touches it and, of a goal, all check-ins, newest first."""
    document: dict[str, object] = {"__typename": type(vertex.fact).__name__}
    document |= {_camel(name): _camel_fields(value) for name, value in _said(vertex.fact).items()}
    if isinstance(vertex, GoalVertex):
        document |= goal_json(vertex, graph, as_of)
        document["value"] = vertex.amount
        document["checkIns"] = [check_in_json(one, graph) for one in reversed(vertex.check_ins)]
    document["links"] = [_link_json(link) for link in graph.links(vertex)]
    document["brokenReferences"] = [
        {"kind": one.kind, "reference": one.reference, "outgoing": one.outgoing} for one in vertex.broken
    ]
    document["revision"] = vertex.revision
    return document


def check_in_text(goal: GoalVertex, check_in: CheckIn) -> str:
    """A check-in as lines, with the goal that it is about."""
    lines = [f"Check-in of {goal.id}"]
    _line(lines, "check-in", check_in.id)
    _line(lines, "goal", named(goal.id, goal.fact.title))
    replaced_by = next((one.id for one in goal.check_ins if one.replaces == check_in.id), None)
    for name, value in {**_said(check_in, "id", "goal", "position"), "replaced_by": replaced_by}.items():
        _value(lines, name.replace("_", " "), value)
    return "\n".join(lines)


def check_in_whole_json(graph: AlignmentGraph, goal: GoalVertex, check_in: CheckIn) -> dict[str, object]:
    """A check-in in the words of GraphQL, with the goal that it is about."""
    replaced_by = next((one.id for one in goal.check_ins if one.replaces == check_in.id), None)
    said = check_in_json(check_in, graph)
    return {"__typename": "CheckIn", "goal": goal.id, **said, "replacedBy": replaced_by}


def find_check_in(graph: AlignmentGraph, id: str) -> tuple[GoalVertex, CheckIn] | None:
    """The check-in with this id and its goal; None if there is none, or its goal was removed."""
    if id not in graph.check_in_ids:
        return None
    for goal in graph.goals():
        for check_in in goal.check_ins:
            if check_in.id == id:
                return goal, check_in
    return None


# ---------- parts ----------


def _numbers(graph: AlignmentGraph, goal: GoalVertex, as_of: date) -> list[tuple[str, str]]:
    """The numbers of a goal on a day, in words."""
    expected, status = standing(graph, goal, as_of)
    parts = [percent(goal.value, "-")]
    if expected is not None:
        parts.append(f"expected {percent(expected)}")
    if goal.raw is not None and goal.raw != goal.value:
        parts.append(f"raw {percent(goal.raw)}")
    parts.append(f"coverage {percent(goal.coverage)}")
    if goal.confidence is not None:
        parts.append(f"confidence {percent(goal.confidence)}")
    found = [("status", f"{status_word(status)}, as of {as_of}"), ("progress", ", ".join(parts))]
    if goal.amount is not None:
        found.append(("value", amount(goal, goal.amount)))
    start, due = _day(goal.pace.start), _day(goal.pace.due)
    if start or due:
        found.append(("from, to", f"{start or '-'} to {due or '-'}"))
    return found


def _said(fact: msgspec.Struct, *without: str, defaults: bool = True) -> dict[str, object]:
    """What was said in a value, by field: those that say something; with ``defaults`` also what goes without saying."""
    found: dict[str, object] = {}
    for field in msgspec.structs.fields(fact):
        value = getattr(fact, field.name)
        if field.name in without or value is None or value == () or (value == field.default and not defaults):
            continue
        found[field.name] = value
    return found


def _value(lines: list[str], label: str, value: object) -> None:
    """One or more lines for a value: lists and mappings have a line an item."""
    if isinstance(value, dict):
        items = [f"{name}: {_inline(inner)}" for name, inner in value.items()]
    elif isinstance(value, tuple):
        items = [_inline(inner) for inner in value]
    else:
        items = [] if value is None else [_inline(value)]
    for place, item in enumerate(items):
        _line(lines, label if place == 0 else "", item)


def _inline(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return number(value)
        case datetime():
            return moment_text(value)
        case Milestone():
            done = "" if value.done_at is None else f"done {value.done_at}"
            due = "" if value.due is None else f"due {value.due}"
            weight = "" if value.weight == 1 else f"weight {number(value.weight)}"
            terms = ", ".join(part for part in (weight, due, done) if part)
            return named(value.id, value.title) + (f" ({terms})" if terms else "")
        case PlanPoint():
            return f"{value.date}: {number(value.value)}"
        case Task():
            return " ".join(part for part in ("[x]" if value.done else "[ ]", value.title, value.url or "") if part)
        case msgspec.Struct():
            return _inline({name.replace("_", " "): inner for name, inner in _said(value).items()})
        case dict():
            return ", ".join(f"{name} {_inline(inner)}" for name, inner in value.items())
        case list() | tuple():
            return ", ".join(_inline(inner) for inner in value)
        case None:
            return "-"
    return str(value)


def _camel_fields(value: object) -> object:
    """A value with the fields of GraphQL instead of those of record files."""
    match value:
        case msgspec.Struct():
            return {_camel(name): _camel_fields(inner) for name, inner in _said(value).items()}
        case tuple():
            return [_camel_fields(inner) for inner in value]
    return value


def _line(lines: list[str], label: str, value: str) -> None:
    """A label and a value, broken where the line ends."""
    for place, part in enumerate(wrap(on_one_line(value), width() - LABEL, MOST_LINES)):
        head = fit(label, LABEL - 1) if place == 0 else ""
        lines.append(f"{head:<{LABEL}}{part}".rstrip())


def _links(graph: AlignmentGraph, vertex: Vertex) -> dict[str, list[Link]]:
    """The links that touch a node, by what they are to it: upwards and outwards first."""
    out: dict[LinkKind, list[Link]] = {}
    into: dict[LinkKind, list[Link]] = {}
    for link in graph.links(vertex):
        (out if link.source == vertex.id else into).setdefault(link.kind, []).append(link)
    found: dict[str, list[Link]] = {}
    for labels, sides in ((OUT, out), (INTO, into)):
        for kind in labels:
            if kind in sides:
                found[labels[kind]] = sorted(sides[kind], key=lambda link: (link.position, link.source, link.target))
    return found


def _other_end(graph: AlignmentGraph, vertex: Vertex, link: Link) -> str:
    other = graph.nodes[link.target if link.source == vertex.id else link.source]
    terms = list(link.roles)
    if link.kind in GOAL_LINKS and link.weight != 1:
        terms.append(f"weight {number(link.weight)}")
    if link.dotted:
        terms.append("dotted")
    return named(other.id, title(other)) + (f" ({', '.join(terms)})" if terms else "")


def _link_json(link: Link) -> dict[str, object]:
    document: dict[str, object] = {"from": link.source, "to": link.target, "kind": link.kind}
    if link.kind in GOAL_LINKS:
        document["weight"] = link.weight
    if link.roles:
        document["roles"] = list(link.roles)
    if link.dotted:
        document["dotted"] = True
    return document


def named(id: str, title: str) -> str:
    """An id with what it stands for."""
    return f"{id} - {title}"


def _broken_text(broken: BrokenReference) -> str:
    """A reference to nothing, in words."""
    label = OUT[broken.kind] if broken.outgoing else INTO[broken.kind]
    return f"{label}: {broken.reference}, which leads nowhere"


def _check_in_text(check_in: CheckIn, goal: GoalVertex) -> str:
    """A check-in in a line."""
    parts = []
    if check_in.value is not None:
        parts.append(amount(goal, check_in.value))
    if check_in.milestones_done:
        parts.append(f"done {', '.join(check_in.milestones_done)}")
    if check_in.confidence is not None:
        parts.append(f"confidence {percent(check_in.confidence)}")
    if check_in.reported_status is not None:
        parts.append(f"reported {status_word(check_in.reported_status)}")
    if any(one.replaces == check_in.id for one in goal.check_ins):
        parts.append("replaced")
    if check_in.by is not None:
        parts.append(f"by {check_in.by}")
    if check_in.note is not None:
        parts.append(f'"{check_in.note}"')
    return f"{check_in.at:%Y-%m-%d}: {', '.join(parts)}"


def _day(ordinal: int | None) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal).isoformat()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
