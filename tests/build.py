"""Small companies for the tests, said in one expression: pieces that name what lies above them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import Viewer
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    KeyResult,
    Link,
    Milestone,
    Node,
    Objective,
    Period,
    Person,
    Team,
    Workspace,
)
from graph_service.models.words import Aggregate, Driver, GoalState, LinkKind, Measure

AS_OF = date(2026, 2, 15)
NOON = datetime(2026, 2, 15, 12, tzinfo=UTC)
QUARTER = Period("2026-Q1", "First quarter", date(2026, 1, 1), date(2026, 4, 1))


@dataclass
class Piece:
    """Some facts."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    broken: list[BrokenReference] = field(default_factory=list)


def grow(*pieces: Piece, workspace: Workspace | None = None) -> AlignmentGraph:
    """The company of some pieces. Key results of an objective stand in the order of the pieces."""
    links = []
    for number, link in enumerate(link for piece in pieces for link in piece.links):
        if link.kind is LinkKind.KEY_RESULT_OF:
            link = Link(link.source, link.target, link.kind, link.weight, number)
        links.append(link)
    return AlignmentGraph.build(
        nodes=[(node, 1) for piece in pieces for node in piece.nodes],
        links=links,
        check_ins=[check_in for piece in pieces for check_in in piece.check_ins],
        broken=[reference for piece in pieces for reference in piece.broken],
        workspace=workspace,
        revision=1,
    )


def objective(
    id: str,
    *parents: str | tuple[str, float],
    title: str | None = None,
    owner: str | None = None,
    state: GoalState = GoalState.ACTIVE,
    top: bool | None = None,
    level: str | None = None,
    driver: Driver = Driver.ALL,
    given: float | None = None,
    period: str | None = None,
    start: date | None = None,
    due: date | None = None,
) -> Piece:
    """An objective under its parents in order, each with its weight if that is not 1; ``given`` makes it MANUAL."""
    links = []
    for place, parent in enumerate(parents):
        target, weight = parent if isinstance(parent, tuple) else (parent, 1.0)
        links.append(Link(id, target, LinkKind.PARENT, weight, place))
    node = Objective(
        id,
        title or words(id),
        state,
        level=level,
        top_level=top,
        driver=Driver.MANUAL if given is not None else driver,
        manual_progress=given,
        period=period,
        start=start,
        due=due,
    )
    return Piece([node], links + owned(id, owner))


def key_result(
    id: str,
    of: str | None = None,
    at: float | None = None,
    *,
    weight: float = 1.0,
    title: str | None = None,
    owner: str | None = None,
    state: GoalState = GoalState.ACTIVE,
    measure: Measure = Measure.DELTA,
    target: float = 100.0,
    aggregate: Aggregate | None = None,
    milestones: tuple[Milestone, ...] = (),
) -> Piece:
    """A key result of an objective: from 0 to 100 unless said otherwise, reported to stand ``at`` some value."""
    delta = measure is Measure.DELTA
    node = KeyResult(
        id,
        title or words(id),
        state,
        measure,
        baseline=0.0 if delta else None,
        target=target if delta else None,
        aggregate=aggregate,
        milestones=milestones,
    )
    links = [] if of is None else [Link(id, of, LinkKind.KEY_RESULT_OF, weight)]
    seen = [] if at is None else [check_in(id, f"{id} seen", at)]
    return Piece([node], links + owned(id, owner), seen)


def check_in(goal: str, id: str, value: float | None, days_ago: int = 0, replaces: str | None = None) -> CheckIn:
    """A check-in at noon, some days ago."""
    return CheckIn(id, goal, NOON - timedelta(days=days_ago), "test", 1, value=value, by="ines", replaces=replaces)


def reported(*check_ins: CheckIn) -> Piece:
    """Check-ins."""
    return Piece(check_ins=list(check_ins))


def aligned(source: str, target: str, weight: float = 0.0) -> Piece:
    """A link across the tree."""
    return Piece(links=[Link(source, target, LinkKind.ALIGNED, weight)])


def dangling(node: str, reference: str, kind: LinkKind = LinkKind.PARENT, outgoing: bool = True) -> Piece:
    """A reference to nothing."""
    return Piece(broken=[BrokenReference(node, kind, reference, outgoing)])


def person(
    id: str,
    manager: str | None = None,
    *teams: str,
    leads: str | None = None,
    dotted: str | None = None,
    active: bool = True,
    name: str | None = None,
) -> Piece:
    """A person with a manager, teams, a team to lead and a dotted line."""
    links = [Link(id, team, LinkKind.MEMBER_OF) for team in teams]
    if manager is not None:
        links.append(Link(id, manager, LinkKind.REPORTS_TO))
    if leads is not None:
        links.append(Link(id, leads, LinkKind.LEADS, roles=("lead",)))
    if dotted is not None:
        links.append(Link(id, dotted, LinkKind.REPORTS_TO, dotted=True))
    return Piece([Person(id, name or words(id), active=active)], links)


def team(id: str, within: str | None = None) -> Piece:
    """A team that may lie within another."""
    return Piece([Team(id, words(id))], [] if within is None else [Link(id, within, LinkKind.PART_OF)])


def period(id: str, within: str | None = None) -> Piece:
    """A period without days that may lie within another."""
    return Piece([Period(id, words(id))], [] if within is None else [Link(id, within, LinkKind.WITHIN)])


def quarter() -> Piece:
    """The first quarter of 2026."""
    return Piece([QUARTER])


def words(id: str) -> str:
    """A title from an id: ``grow-revenue`` is "Grow revenue"."""
    return id.replace("-", " ").capitalize()


def owned(goal: str, owner: str | None) -> list[Link]:
    """The link from the owner of a goal, if it has one."""
    return [] if owner is None else [Link(owner, goal, LinkKind.OWNS)]


def goal_of(graph: AlignmentGraph, id: str) -> GoalVertex:
    """The goal with an id, which is there."""
    goal = graph.goal(id)
    assert goal is not None, f"no goal {id}"
    return goal


def ids(vertices: list[GoalVertex] | tuple[GoalVertex, ...] | list[Vertex]) -> list[str]:
    """Their ids, order kept."""
    return [vertex.id for vertex in vertices]


class Blind(Viewer):
    """A viewer who does not see some nodes."""

    def __init__(self, *unseen: str) -> None:
        self.unseen = frozenset(unseen)

    def sees(self, vertex: Vertex) -> bool:
        return vertex.id not in self.unseen
