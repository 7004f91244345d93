"""Ladders, cascades and organization charts as rows: for tables in pages, and for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.org import OrgChart
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.words import Status
from graph_service.render.facts import owner_of, standing

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What makes a text a formula for a spreadsheet, where it stands first."""

HEADS = (
    "id",
    "kind",
    "title",
    "level",
    "state",
    "owner",
    "owner_name",
    "parent",
    "depth",
    "status",
    "progress",
    "expected",
    "coverage",
    "confidence",
    "start",
    "due",
)


class Row(NamedTuple):
    """A goal where it stands: ``parent`` is the goal it hangs under there (None at the top), ``holder`` the owner it is
    listed with. Only an owner without goals has a row without a goal."""

    goal: GoalVertex | None
    owner: Vertex | None
    parent: str | None
    depth: int
    expected: float | None
    status: Status | None


def cascade_rows(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> list[Row]:
    """The goals of a cascade as one reads a tree: each before what hangs under it."""
    below: dict[str | None, list[int]] = {}
    for place, node in enumerate(answer.nodes):
        below.setdefault(node.primary_parent, []).append(place)
    rows, waiting = [], below.get(None, [])[::-1]
    while waiting:
        node = answer.nodes[waiting.pop()]
        rows.append(_row(graph, node.goal, node.primary_parent, node.depth, as_of, viewer))
        waiting += below.get(node.goal.fact.id, [])[::-1]
    return rows


def ladder_rows(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> list[Row]:
    """The rungs of a ladder from the top, each with its key results; then the goals above by other links."""
    rows = []
    met: set[GoalVertex] = set()
    for depth, rung in enumerate(answer.path):
        above = answer.path[depth - 1].goal.fact.id if depth else None
        for goal, parent, place in [
            (rung.goal, above, depth),
            *[(one, rung.goal.fact.id, depth + 1) for one in rung.key_results],
        ]:
            if goal not in met:
                met.add(goal)
                rows.append(_row(graph, goal, parent, place, as_of, viewer))
    rows += [_row(graph, goal, None, 0, as_of, viewer) for goal in answer.nodes if goal not in met]
    return rows


def org_rows(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> list[Row]:
    """The goals of the owners in a chart, each owner before those under them; an owner without goals has one row."""
    below: dict[str | None, list[int]] = {}
    for place, node in enumerate(answer.nodes):
        below.setdefault(node.reports_to, []).append(place)
    rows: list[Row] = []
    waiting = below.get(None, [])[::-1]
    while waiting:
        node = answer.nodes[waiting.pop()]
        rows += [_row(graph, goal, node.reports_to, node.depth, as_of, viewer) for goal in node.goals]
        if not node.goals:
            rows.append(Row(None, node.owner, node.reports_to, node.depth, None, None))
        waiting += below.get(node.owner.fact.id, [])[::-1]
    return rows


def _row(graph: AlignmentGraph, goal: GoalVertex, parent: str | None, depth: int, as_of: date, viewer: Viewer) -> Row:
    expected, status = standing(graph, goal, as_of)
    return Row(goal, owner_of(graph, goal, viewer), parent, depth, expected, status)


# ---------- CSV ----------


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what would begin one.

    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell("grow = revenue")
    ("'=1+1", "'-5", 'grow = revenue')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def rows_csv(rows: Iterable[Row]) -> str:
    """Rows as CSV with a header line, as RFC 4180 has it; shares as numbers 0..1, days as YYYY-MM-DD, what is unknown
    empty. Texts are safe to open in a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEADS)
    writer.writerows(map(_cells, rows))
    return written.getvalue()


def cascade_csv(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The goals of a cascade as CSV."""
    return rows_csv(cascade_rows(answer, graph, as_of, viewer))


def ladder_csv(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The goals of a ladder as CSV."""
    return rows_csv(ladder_rows(answer, graph, as_of, viewer))


def org_csv(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The goals of an organization chart as CSV."""
    return rows_csv(org_rows(answer, graph, as_of, viewer))


def _cells(row: Row) -> Iterator[str]:
    goal, owner = row.goal, row.owner
    name = "" if owner is None else safe_cell(str(getattr(owner.fact, "name", "")))
    owner_id = "" if owner is None else safe_cell(owner.fact.id)
    parent = "" if row.parent is None else safe_cell(row.parent)
    if goal is None:
        yield from ("", "", "", "", "", owner_id, name, parent, str(row.depth), "", "", "", "", "", "", "")
        return
    fact = goal.fact
    yield safe_cell(fact.id)
    yield "objective" if goal.is_objective else "key_result"
    yield safe_cell(fact.title)
    yield safe_cell(getattr(fact, "level", None) or "")
    yield fact.state.value
    yield owner_id
    yield name
    yield parent
    yield str(row.depth)
    yield "" if row.status is None else row.status.value
    for share in (goal.value, row.expected, goal.coverage, goal.confidence):
        yield "" if share is None else repr(share)
    for day in (goal.pace.start, goal.pace.due):
        yield "" if day is None else date.fromordinal(day).isoformat()
