"""The whole graph as records: every fact of the present, sorted, in the form that an import reads.

Written and read into an empty workspace, it gives the same records again. Computed numbers, removed goals and the
revisions themselves are not facts of the present and are not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    Initiative,
    KeyResult,
    Kpi,
    Node,
    Objective,
    Period,
    Person,
    RoleCharter,
    Team,
    Workspace,
)
from graph_service.models.words import Driver, GoalState, LinkKind
from graph_service.records.edges import role_kind
from graph_service.records.form import FORMS
from graph_service.records.history import SOURCE
from graph_service.records.plain import plain
from graph_service.records.run import RECORD_KINDS

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

Record = dict[str, object]

OWNER = "owner"
CONTRIBUTOR = "contributor"
KINDS: tuple[type[Node], ...] = (Period, Team, Person, Objective, KeyResult, Kpi, Initiative, RoleCharter)


def export_records(graph: AlignmentGraph) -> Iterator[Record]:
    """Every fact of a graph as a record with JSON values: the workspace (if it is not as it was made), periods, teams,
    people, objectives, key results (by objective, in their order), KPIs, initiatives, roles, edges (by from, to,
    type), check-ins (by goal, in their order); all others by id. Nothing of an empty graph."""
    yield from _workspace(graph.workspace)
    for kind in KINDS:
        vertices = graph.of_kind(kind)
        if kind is KeyResult:
            vertices.sort(key=_key_result_order)
        for vertex in vertices:
            yield _node(graph, vertex)
    yield from sorted(_edges(graph), key=_edge_order)
    for vertex in graph.of_kind(Objective, KeyResult):
        assert isinstance(vertex, GoalVertex)
        for check_in in vertex.check_ins:
            yield _check_in(graph, check_in)


def _key_result_order(vertex: Vertex) -> tuple[str, int, str]:
    assert isinstance(vertex, GoalVertex)
    home = vertex.objective
    return ("" if home is None else home.id, 0 if home is None else vertex.up[0].position, vertex.id)


def _edge_order(record: Record) -> tuple[str, str, str, str]:
    return (str(record["from"]), str(record["to"]), str(record["type"]), str(record.get("broken", "")))


# ---------- values ----------


def _record(kind: str, fields: Record, attributes: dict[str, object] | None = None) -> Record:
    """A record with its fields in the order of its form; what is empty is not there."""
    form = FORMS[kind].fields
    record: Record = {"kind": kind}
    for name in form:
        value = fields.get(name)
        if value is not None and value != ():
            record[name] = plain(value)
    held = {}
    spread = {}
    for name, value in sorted((attributes or {}).items()):
        if value is None or name in form or not _is_name(name):
            held[name] = value
        else:
            spread[name] = value
    if held:
        record["attributes"] = held
    return record | spread


def _is_name(name: str) -> bool:
    """Whether an attribute can stand as a field of its own, in every form of file."""
    return 0 < len(name) <= 200 and name == name.strip() and name.isprintable() and name != "<<"


def _one_or_all(ids: list[str]) -> str | list[str] | None:
    return None if not ids else ids[0] if len(ids) == 1 else ids


# ---------- nodes ----------


def _workspace(workspace: Workspace) -> Iterator[Record]:
    fresh = Workspace()
    fields = {
        name: getattr(workspace, name)
        for name in workspace.__struct_fields__
        if getattr(workspace, name) != getattr(fresh, name)
    }
    if fields:
        yield _record("workspace", fields)


def _node(graph: AlignmentGraph, vertex: Vertex) -> Record:
    fact = vertex.fact
    fields: Record = {}
    match fact:
        case Objective():
            assert isinstance(vertex, GoalVertex)
            fields = _objective(vertex, fact)
        case KeyResult():
            assert isinstance(vertex, GoalVertex)
            fields = _key_result(vertex, fact)
        case Person():
            fields = _person(vertex, fact)
        case Team():
            fields = {
                "title": fact.name,
                "type": fact.type,
                "parent": next(iter(vertex.targets(LinkKind.PART_OF)), None),
                "owner": _head(vertex),
                "active": None if fact.active else False,
            }
        case Period():
            fields = {
                "title": fact.title,
                "start": fact.start,
                "end": fact.end,
                "within": next(iter(vertex.targets(LinkKind.WITHIN)), None),
            }
        case Kpi():
            fields = {name: getattr(fact, name) for name in ("title", "unit", "min", "max", "value", "at")}
        case Initiative():
            fields = {name: getattr(fact, name) for name in ("title", "tasks", "start", "due")}
            fields["state"] = None if fact.state is GoalState.ACTIVE else fact.state
            fields["owner"] = fact.owner if fact.owner in graph.nodes else None
            fields["supports"] = tuple(vertex.targets(LinkKind.SUPPORTS))
        case RoleCharter():
            fields = {"title": fact.title, "areas": fact.areas, "brings": fact.brings}
            chartered = vertex.targets(LinkKind.CHARTERS)
            fields["outcomes"] = tuple(id for id in chartered if isinstance(graph.nodes[id].fact, Objective))
            fields["metrics"] = tuple(id for id in chartered if isinstance(graph.nodes[id].fact, KeyResult))
            fields["holders"] = tuple(vertex.sources(LinkKind.HOLDS))
    return _record(RECORD_KINDS[type(fact)], {"id": fact.id, **fields}, fact.attributes)


def _person(vertex: Vertex, fact: Person) -> Record:
    fields: Record = {
        "role": fact.job_title,
        "type": fact.type,
        "team": _one_or_all(vertex.targets(LinkKind.MEMBER_OF)),
        "reports_to": _manager(vertex),
    }
    if fact.erased:
        return {**fields, "erased": True}
    return {**fields, "title": fact.name, "email": fact.email, "active": None if fact.active else False}


def _manager(vertex: Vertex) -> str | None:
    return next((link.target for link in vertex.out if link.kind is LinkKind.REPORTS_TO and not link.dotted), None)


def _head(vertex: Vertex) -> str | None:
    """The one person who heads a team as its owner; None if there are several, who are edges then."""
    heads = [link.source for link in vertex.into if link.kind is LinkKind.LEADS and OWNER in link.roles]
    return heads[0] if len(heads) == 1 else None


def _goal(vertex: GoalVertex, fact: Objective | KeyResult) -> Record:
    contributors = [link.source for link in vertex.contributors if CONTRIBUTOR in link.roles]
    return {
        "title": fact.title,
        "description": fact.description,
        "alignment_note": fact.alignment_note,
        "state": None if fact.state is GoalState.ACTIVE else fact.state,
        "owner": vertex.owner,
        "contributors": tuple(contributors),
        "cycle": fact.period,
        "start": fact.start,
        "due": fact.due,
        "score": fact.score,
        "retrospective": fact.retrospective,
    }


def _objective(vertex: GoalVertex, fact: Objective) -> Record:
    names = ("level", "top_level", "ambition", "themes", "manual_progress", "driver_reason")
    fields = {**_goal(vertex, fact), **{name: getattr(fact, name) for name in names}}
    fields["driver"] = None if fact.driver is Driver.ALL else fact.driver
    parents = vertex.ups(LinkKind.PARENT)
    if len(parents) == 1:
        fields["parent"] = parents[0].parent.id
        fields["weight"] = None if parents[0].weight == 1 else parents[0].weight
    else:
        fields["parents"] = tuple(
            edge.parent.id if edge.weight == 1 else {"id": edge.parent.id, "weight": edge.weight} for edge in parents
        )
    return fields


def _key_result(vertex: GoalVertex, fact: KeyResult) -> Record:
    names = (
        "measure",
        "comparison",
        "baseline",
        "target",
        "target_min",
        "target_max",
        "unit",
        "aggregate",
        "milestones",
        "versions",
    )
    fields = {**_goal(vertex, fact), **{name: getattr(fact, name) for name in names}}
    fields["plan"] = tuple((point.date, point.value) for point in fact.plan)
    fields["milestones"] = _milestones(vertex, fact)
    fields["measured_by"] = _one_or_all(vertex.targets(LinkKind.MEASURED_BY))
    home = vertex.objective
    if home is not None:
        weight = vertex.up[0].weight
        fields["parent"] = home.id
        fields["weight"] = None if weight == 1 else weight
    elif not any(broken.kind is LinkKind.KEY_RESULT_OF and broken.outgoing for broken in vertex.broken):
        fields["parents"] = []  # it is known to belong nowhere
    return fields


def _milestones(vertex: GoalVertex, fact: KeyResult) -> tuple[Record, ...]:
    """Milestones; one that is not done says so where a check-in tells otherwise."""
    told = {id for check_in in vertex.check_ins for id in check_in.milestones_done}
    steps = []
    for milestone in fact.milestones:
        step: Record = {"id": milestone.id, "title": milestone.title}
        if milestone.weight != 1:
            step["weight"] = milestone.weight
        if milestone.due is not None:
            step["due"] = milestone.due
        if milestone.done_at is not None or milestone.id in told:
            step["done_at"] = milestone.done_at
        steps.append(step)
    return tuple(steps)


# ---------- edges and check-ins ----------


def _edges(graph: AlignmentGraph) -> Iterator[Record]:
    """The links that no field holds."""
    for vertex in graph.nodes.values():
        for broken in vertex.broken:
            yield _broken(broken)
        if isinstance(vertex, GoalVertex):
            for edge in vertex.ups(LinkKind.ALIGNED):
                weight = edge.weight or None
                yield _record("edge", {"type": "aligned", "from": vertex.id, "to": edge.parent.id, "weight": weight})
        for link in vertex.out:
            ends = {"from": link.source, "to": link.target}
            if link.kind is LinkKind.REPORTS_TO and link.dotted:
                yield _record("edge", {"type": "reports_to", **ends})
            elif link.kind is LinkKind.LEADS:
                alone = _head(graph.nodes[link.target]) == link.source
                yield from _roles(link.kind, ends, [role for role in link.roles if role != OWNER or not alone])
            elif link.kind is LinkKind.CONTRIBUTES_TO:
                yield from _roles(link.kind, ends, [role for role in link.roles if role != CONTRIBUTOR])


def _roles(kind: LinkKind, ends: dict[str, str], roles: list[str]) -> Iterator[Record]:
    """An edge for each role that can stand as a type, and one for the others together."""
    others = []
    for role in roles:
        # Whom a co_owner belongs to is said by the other end: a team is led, a goal contributed to.
        if role_kind(role) is kind or (role == "co_owner" and kind is LinkKind.CONTRIBUTES_TO):
            yield _record("edge", {"type": role, **ends})
        else:
            others.append(role)
    if others:
        yield _record("edge", {"type": kind.value, **ends, "roles": others})


def _broken(broken: BrokenReference) -> Record:
    """A reference to nothing: an edge that says which of its ends is only text."""
    source, target = (broken.node, broken.reference) if broken.outgoing else (broken.reference, broken.node)
    fields: Record = {
        "type": broken.kind,
        "from": source,
        "to": target,
        "weight": broken.weight,
        "roles": broken.roles,
        "broken": "to" if broken.outgoing else "from",
    }
    return _record("edge", fields)


def _check_in(graph: AlignmentGraph, check_in: CheckIn) -> Record:
    names = ("id", "goal", "value", "confidence", "reported_status", "note", "milestones_done", "at", "replaces")
    fields = {name: getattr(check_in, name) for name in names}
    fields["by"] = check_in.by if check_in.by in graph.nodes else None
    fields["source"] = None if check_in.source == SOURCE else check_in.source
    return _record("check_in", fields)
