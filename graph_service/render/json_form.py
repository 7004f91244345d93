"""Answers as plain values for JSON, with the names that GraphQL gives them: the same question, the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.explain import Contribution, Explanation
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.leverage import Leverage
from graph_service.alignment.links import EdgeView
from graph_service.alignment.org import OrgChart
from graph_service.alignment.orphans import Orphan, candidates
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import CheckIn, Objective, Period, Person, Team
from graph_service.models.words import LinkKind
from graph_service.render.facts import owner_of, standing

Plain = dict[str, object]


def ladder_json(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``goal``, ``path`` (top first), ``nodes`` and ``edges`` of the upward graph, ``paths`` (ids, top first)."""
    return {
        "goal": goal_json(answer.goal, graph, as_of, viewer),
        "path": [
            {
                "goal": goal_json(rung.goal, graph, as_of, viewer),
                "keyResults": [goal_json(goal, graph, as_of, viewer) for goal in rung.key_results],
                "kind": _name(rung.kind),
                "weight": rung.weight,
                "share": rung.share,
            }
            for rung in answer.path
        ],
        "nodes": [goal_json(goal, graph, as_of, viewer) for goal in answer.nodes],
        "edges": _edges(answer.edges),
        "paths": [[goal.fact.id for goal in path] for path in answer.paths()],
        "truncated": answer.truncated,
    }


def cascade_json(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``root``, ``nodes`` by depth, ``edges``, ``hidden``, ``truncated``."""
    return {
        "root": goal_json(answer.root, graph, as_of, viewer),
        "nodes": [
            {
                "goal": goal_json(node.goal, graph, as_of, viewer),
                "depth": node.depth,
                "primaryParent": node.primary_parent,
                "hidden": node.hidden,
            }
            for node in answer.nodes
        ],
        "edges": _edges(answer.edges),
        "hidden": answer.hidden,
        "truncated": answer.truncated,
    }


def org_json(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``root`` (null for the whole organization), ``nodes`` by depth, ``hidden``, ``truncated``."""
    return {
        "root": None if answer.root is None else owner_json(answer.root),
        "nodes": [
            {
                "owner": owner_json(node.owner),
                "depth": node.depth,
                "reportsTo": node.reports_to,
                "dottedTo": list(node.dotted_to),
                "goals": [goal_json(goal, graph, as_of, viewer) for goal in node.goals],
                "progress": node.progress,
                "hidden": node.hidden,
            }
            for node in answer.nodes
        ],
        "hidden": answer.hidden,
        "truncated": answer.truncated,
    }


def orphans_json(answer: Sequence[Orphan], graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``orphans`` by id, each with the nearest candidates, and ``totalCount``."""
    return {
        "orphans": [
            {
                "objective": goal_json(orphan.goal, graph, as_of, viewer),
                "kind": orphan.kind.name,
                "reason": orphan.reason,
                "candidates": [
                    {"goal": goal_json(near.goal, graph, as_of, viewer), "reason": near.reason}
                    for near in candidates(graph, orphan.goal, 3, viewer)
                ],
            }
            for orphan in answer
        ],
        "totalCount": len(answer),
    }


def explain_json(answer: Explanation, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``goal``, ``contributors`` in their order, ``checkIn``, and ``doubled``: ids of what counts more than once."""
    check_in = answer.check_in
    return {
        "goal": goal_json(answer.goal, graph, as_of, viewer),
        "contributors": [_contribution(it, graph, as_of, viewer) for it in answer.contributors],
        "checkIn": None if check_in is None else check_in_json(check_in, graph, viewer),
        "doubled": [goal.fact.id for goal in answer.doubled],
    }


def leverage_json(answer: Sequence[Leverage], graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """``leverage``: key results with leverage and gain, the largest gain first."""
    return {
        "leverage": [
            {"keyResult": goal_json(it.goal, graph, as_of, viewer), "leverage": it.leverage, "gain": it.gain}
            for it in answer
        ]
    }


# ---------- parts ----------


def goal_json(goal: GoalVertex, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> Plain:
    """A goal as answers show it: what it is, how it stands on a day, whose it is."""
    expected, status = standing(graph, goal, as_of)
    owner = owner_of(graph, goal, viewer)
    start, due = goal.pace.start, goal.pace.due
    fact = goal.fact
    period = graph.nodes.get(fact.period or "")
    gap = None if expected is None or goal.value is None else expected - goal.value
    return {
        "__typename": "Objective" if goal.is_objective else "KeyResult",
        "id": goal.fact.id,
        "title": goal.fact.title,
        "state": goal.fact.state.name,
        "status": status.name,
        "progress": {
            "value": goal.value,
            "raw": goal.raw,
            "expected": expected,
            "gap": gap,
            "coverage": goal.coverage,
            "confidence": goal.confidence,
        },
        "owner": None if owner is None else owner_json(owner),
        "startsOn": None if start is None else date.fromordinal(start).isoformat(),
        "endsOn": None if due is None else date.fromordinal(due).isoformat(),
        "period": {"id": period.fact.id, "title": period.fact.title}
        if period is not None and isinstance(period.fact, Period) and viewer.sees(period)
        else None,
        **({"level": fact.level} if isinstance(fact, Objective) else {}),
    }


def owner_json(owner: Vertex) -> Plain:
    """A person or a team."""
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    said: Plain = {"__typename": type(fact).__name__, "id": fact.id, "name": fact.name, "active": fact.active}
    if isinstance(fact, Person):
        said["jobTitle"] = fact.job_title
    return said


def check_in_json(check_in: CheckIn, graph: AlignmentGraph, viewer: Viewer = EVERYBODY) -> Plain:
    """A check-in; ``by`` is null unless it names an owner that the viewer sees."""
    by = graph.nodes.get(check_in.by or "")
    known = by is not None and isinstance(by.fact, Person | Team) and viewer.sees(by)
    return {
        "id": check_in.id,
        "value": check_in.value,
        "confidence": check_in.confidence,
        "reportedStatus": None if check_in.reported_status is None else check_in.reported_status.name,
        "note": check_in.note,
        "at": check_in.at.isoformat().replace("+00:00", "Z"),
        "by": owner_json(by) if by is not None and known else None,
        "source": check_in.source,
        "revision": check_in.revision,
        "replaces": check_in.replaces,
    }


def _contribution(it: Contribution, graph: AlignmentGraph, as_of: date, viewer: Viewer) -> Plain:
    return {
        "goal": goal_json(it.goal, graph, as_of, viewer),
        "kind": it.kind.name,
        "weight": it.weight,
        "share": it.share,
        "raw": it.raw,
        "progress": it.progress,
        "contribution": it.contribution,
        "counted": it.counted,
        "reason": it.reason,
    }


def _edges(edges: Iterable[EdgeView]) -> list[Plain]:
    return [
        {
            "from": view.edge.child.fact.id,
            "to": view.edge.parent.fact.id,
            "kind": view.edge.kind.name,
            "weight": view.edge.weight,
            "share": view.share,
            "primary": view.primary,
        }
        for view in edges
    ]


def _name(kind: LinkKind | None) -> str | None:
    return None if kind is None else kind.name
