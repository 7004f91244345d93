"""Who reports to whom, or which team lies in which, each with its goals and their progress."""

from __future__ import annotations

from typing import NamedTuple

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.models.nodes import KIND_OF, Person, Team
from graph_service.models.words import LinkKind

DEPTH = 3
NODES = 1000


class OrgNode(NamedTuple):
    """An owner in the chart, ``depth`` levels below its top.

    ``reports_to`` is the id of the node that it stands under (None for a top), ``dotted_to`` the ids of its further
    managers, wherever they are. ``goals`` are the live ones it owns, objectives first, by id; ``progress`` is the plain
    mean of those that are measured (a share; None without any). ``hidden`` counts the owners under it that are not
    shown.
    """

    owner: Vertex
    depth: int
    reports_to: str | None
    dotted_to: tuple[str, ...]
    goals: tuple[GoalVertex, ...]
    progress: float | None
    hidden: int


class OrgChart(NamedTuple):
    """The chart under ``root`` (None: of the whole organization). ``nodes`` stand by depth, and within a level in the
    order of those that they stand under; ``hidden`` counts the owners that are not shown, ``truncated`` says whether
    the limit cut."""

    root: Vertex | None
    nodes: tuple[OrgNode, ...]
    hidden: int
    truncated: bool


def org_chart(
    graph: AlignmentGraph,
    root: str | None = None,
    depth: int = DEPTH,
    limit: int = NODES,
    viewer: Viewer = EVERYBODY,
) -> OrgChart | None:
    """The chart under a person or a team, ``depth`` levels deep and at most ``limit`` owners; None for an unknown id.

    Under a person stand those who report to them (by their primary line). Under a team stand its people, those who lead
    it first, then the teams that lie in it; whoever belongs to several teams stands under the first that is met.
    Without a root: everybody without a manager who has reports or live goals, and their reports; where nobody reports
    to anybody, the teams that lie in no other, and the people with live goals who belong to none. People who left stand
    there as long as they own live goals or have reports. A root that is no owner is refused.

    >>> from graph_service.models.nodes import Link
    >>> graph = AlignmentGraph.build(
    ...     nodes=[(Person(id, id.title()), 1) for id in ("ines", "omar", "yuki")],
    ...     links=[
    ...         Link("omar", "ines", LinkKind.REPORTS_TO),
    ...         Link("yuki", "omar", LinkKind.REPORTS_TO),
    ...         Link("yuki", "ines", LinkKind.REPORTS_TO, dotted=True),
    ...     ],
    ... )
    >>> chart = org_chart(graph, depth=1)  # yuki stands once, under omar, and so below the depth
    >>> [(node.owner.id, node.depth, node.hidden) for node in chart.nodes], chart.hidden
    ([('ines', 0, 1), ('omar', 1, 1)], 1)
    """
    if depth < 0:
        raise Invalid(f"depth {depth} is negative; give 0 for the root alone, or more", path=("depth",))
    if limit < 1:
        raise Invalid(f"limit {limit} is too small; give 1 or more", path=("limit",))
    top = None
    if root is not None:
        top = graph.nodes.get(root)
        if top is None or not viewer.sees(top):
            return None
        if not isinstance(top.fact, Person | Team):
            kind = KIND_OF[type(top.fact)].replace("_", " ")
            raise Invalid(f"root {shown(root)} is no owner but of kind {kind}; name a person or a team", path=("root",))
    owners, over, depths = _everybody(graph, _tops(graph, viewer) if top is None else [top], viewer)
    within = sum(1 for level in depths if level <= depth)
    many = min(within, limit)
    hidden = [0] * len(owners)
    for place in range(len(owners) - 1, 0, -1):  # from below: what is hidden under each adds up
        above = over[place]
        if above is not None:
            hidden[above] += hidden[place] + (place >= many)
    nodes = []
    for place in range(many):
        above = over[place]
        goals = _goals(graph, owners[place], viewer)
        nodes.append(
            OrgNode(
                owners[place],
                depths[place],
                None if above is None else owners[above].fact.id,
                _dotted(graph, owners[place], viewer),
                goals,
                _mean(goals),
                hidden[place],
            )
        )
    return OrgChart(top, tuple(nodes), len(owners) - many, many < within)


def _everybody(
    graph: AlignmentGraph, tops: list[Vertex], viewer: Viewer
) -> tuple[list[Vertex], list[int | None], list[int]]:
    """All owners of a chart, level by level, each once: with the place of the one it stands under, and its depth."""
    owners = list(tops)
    over: list[int | None] = [None] * len(tops)
    depths = [0] * len(tops)
    met = set(tops)
    teams = any(isinstance(top.fact, Team) for top in tops)
    for place, owner in enumerate(owners):  # grows while it is walked
        if not teams:
            below = _reports(graph, owner, viewer)
        else:
            below = _within(graph, owner, viewer) if isinstance(owner.fact, Team) else []
        for other in below:
            if other not in met:
                met.add(other)
                owners.append(other)
                over.append(place)
                depths.append(depths[place] + 1)
    return owners, over, depths


def _tops(graph: AlignmentGraph, viewer: Viewer) -> list[Vertex]:
    """Where the chart of the whole organization begins."""
    people = [person for person in graph.of_kind(Person) if viewer.sees(person)]
    managed = {report for person in people for report in _reports(graph, person, viewer, everybody=True)}
    if managed:
        return [
            person
            for person in people
            if person not in managed and (_reports(graph, person, viewer) or _goals(graph, person, viewer))
        ]
    teams = [team for team in graph.of_kind(Team) if viewer.sees(team)]
    placed = {other for team in teams for other in _within(graph, team, viewer)}
    tops = [team for team in teams if team not in placed]
    return tops + [person for person in people if person not in placed and _goals(graph, person, viewer)]


def _reports(graph: AlignmentGraph, manager: Vertex, viewer: Viewer, everybody: bool = False) -> list[Vertex]:
    """Who reports to somebody by the primary line, by id; those who left only as long as something hangs on them."""
    ids = sorted(link.source for link in manager.into if link.kind is LinkKind.REPORTS_TO and not link.dotted)
    return [
        person for id in ids if viewer.sees(person := graph.nodes[id]) and (everybody or _stays(graph, person, viewer))
    ]


def _within(graph: AlignmentGraph, team: Vertex, viewer: Viewer) -> list[Vertex]:
    """The people of a team, those who lead it first, then the teams that lie in it; each by id."""
    people = dict.fromkeys([*team.sources(LinkKind.LEADS), *team.sources(LinkKind.MEMBER_OF)])
    vertices = [graph.nodes[id] for id in (*people, *team.sources(LinkKind.PART_OF))]
    return [other for other in vertices if viewer.sees(other) and _stays(graph, other, viewer)]


def _stays(graph: AlignmentGraph, owner: Vertex, viewer: Viewer) -> bool:
    """Whether an owner has a place in a chart."""
    fact = owner.fact
    if not isinstance(fact, Person) or fact.active:
        return True
    return bool(_goals(graph, owner, viewer)) or any(
        link.kind is LinkKind.REPORTS_TO and not link.dotted for link in owner.into
    )


def _goals(graph: AlignmentGraph, owner: Vertex, viewer: Viewer) -> tuple[GoalVertex, ...]:
    """The live goals of an owner: objectives, then key results, each by id."""
    goals = [graph.goal(id) for id in owner.targets(LinkKind.OWNS)]
    live = [goal for goal in goals if goal is not None and goal.live and viewer.sees(goal)]
    return tuple(sorted(live, key=lambda goal: (not goal.is_objective, goal.fact.id)))


def _dotted(graph: AlignmentGraph, owner: Vertex, viewer: Viewer) -> tuple[str, ...]:
    ids = [link.target for link in owner.out if link.kind is LinkKind.REPORTS_TO and link.dotted]
    return tuple(sorted(id for id in ids if viewer.sees(graph.nodes[id])))


def _mean(goals: tuple[GoalVertex, ...]) -> float | None:
    values = [goal.value for goal in goals if goal.value is not None]
    return sum(values) / len(values) if values else None
