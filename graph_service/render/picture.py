"""A ladder, a cascade or a chart as boxes and arrows: what Mermaid and DOT draw, each in its own letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.links import EdgeView
from graph_service.alignment.org import OrgChart
from graph_service.alignment.vertices import GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Person
from graph_service.models.words import LinkKind, Status
from graph_service.render.facts import counted, name_of, owner_name, standing, status_word, title_of
from graph_service.render.letters import clean, number, percent, short

TITLE_LETTERS = 80
GOOD, WARN, BAD, QUIET = "good", "warn", "bad", "quiet"
TONES = {
    Status.ON_TRACK: GOOD,
    Status.ACHIEVED: GOOD,
    Status.BEHIND: WARN,
    Status.AT_RISK: BAD,
    Status.OVERDUE: BAD,
}
"""The tone of a status; the others are quiet. It goes with the word, never instead of it."""

COLOURS = {
    GOOD: ("#dcfce7", "#15803d"),
    WARN: ("#fef3c7", "#b45309"),
    BAD: ("#fee2e2", "#b91c1c"),
    QUIET: ("#f1f5f9", "#475569"),
}
"""Fill and line of each tone; the letters are black on all of them."""


class Box(NamedTuple):
    """One goal or owner: clean lines, the first one its name. ``round`` are key results and people."""

    id: str
    lines: tuple[str, ...]
    tone: str
    round: bool


class Arrow(NamedTuple):
    """A link from what supports or reports to what stands above it."""

    source: str
    target: str
    label: str
    dashed: bool


class Picture(NamedTuple):
    """Boxes and arrows between them, in the order in which they are drawn."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def ladder_picture(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Picture:
    """The whole upward graph of a goal."""
    boxes = [_goal(graph, goal, as_of, viewer) for goal in answer.nodes]
    return Picture(tuple(boxes), _arrows(answer.edges))


def cascade_picture(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Picture:
    """Everything shown under a goal; boxes at the rim say how much is hidden below them."""
    rim = answer.rim
    boxes = [_goal(graph, node.goal, as_of, viewer, node.hidden if node.goal in rim else 0) for node in answer.nodes]
    return Picture(tuple(boxes), _arrows(answer.edges))


def org_picture(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Picture:
    """People and teams with what they own; dashed are further managers."""
    shown = {node.owner.fact.id for node in answer.nodes}
    over = {node.reports_to for node in answer.nodes}
    boxes, arrows = [], []
    for node in answer.nodes:
        fact, id = node.owner.fact, node.owner.fact.id
        lines = [short(name_of(node.owner), TITLE_LETTERS)]
        if isinstance(fact, Person) and fact.job_title:
            lines.append(short(clean(fact.job_title), TITLE_LETTERS))
        if node.goals:
            mean = f" · {percent(node.progress)}" if node.progress is not None else ""
            lines.append(counted(len(node.goals), "goal", "goals") + mean)
        if node.hidden and id not in over:
            lines.append(f"{node.hidden} more below")
        boxes.append(Box(id, tuple(lines), QUIET, isinstance(fact, Person)))
        if node.reports_to is not None:
            arrows.append(Arrow(id, node.reports_to, "", False))
        arrows += [Arrow(id, manager, "", True) for manager in node.dotted_to if manager in shown]
    return Picture(tuple(boxes), tuple(arrows))


def _goal(graph: AlignmentGraph, goal: GoalVertex, as_of: date, viewer: Viewer, hidden: int = 0) -> Box:
    expected, status = standing(graph, goal, as_of)
    said = [percent(goal.value), status_word(status)]
    if expected is not None:
        said.append(f"expected {percent(expected)}")
    lines = [short(title_of(goal), TITLE_LETTERS), " · ".join(said)]
    owner = owner_name(graph, goal, viewer)
    if owner:
        lines.append(short(owner, TITLE_LETTERS))
    if hidden:
        lines.append(f"{hidden} more below")
    return Box(goal.fact.id, tuple(lines), TONES.get(status, QUIET), not goal.is_objective)


def _arrows(edges: Iterable[EdgeView]) -> tuple[Arrow, ...]:
    found = []
    for view in edges:
        edge = view.edge
        aligned = edge.kind is LinkKind.ALIGNED
        said = ["aligned"] if aligned else []
        if edge.weight != (0.0 if aligned else 1.0):
            said.append(f"weight {number(edge.weight)}")
        found.append(Arrow(edge.child.fact.id, edge.parent.fact.id, ", ".join(said), aligned))
    return tuple(found)
