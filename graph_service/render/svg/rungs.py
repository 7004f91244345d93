"""Ladders as SVG: the primary path as rungs from the top down, each with its key results; what else lies above beside
it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder, Rung
from graph_service.alignment.links import EdgeView
from graph_service.alignment.terms import why_not_counted
from graph_service.alignment.vertices import GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.words import LinkKind
from graph_service.render.facts import LINK_WORDS, counted, standing, title_of
from graph_service.render.letters import clean, number, percent
from graph_service.render.svg.cards import (
    HEIGHT,
    INNER,
    WIDTH,
    goal_card,
    goal_chips,
    kind_sign,
    numbers,
    text,
    told,
)
from graph_service.render.svg.ink import at, cut, escaped
from graph_service.render.svg.sheet import sheet

LEVEL = 22.0
ROW = 26.0
LISTED = 540.0
STRAND = 150.0
GAP = 54.0
BESIDE = 28.0
MOST_ROWS = 12
"""Key results that a rung lists; how many there are besides is said."""


def ladder_svg(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The way up from a goal as an SVG document, the top above.

    Rungs are the primary path; lines say by which link each hangs on the one above and what it carries there. Goals
    above by other links stand on the right, each over all that leads to it. The same answer
    gives the same bytes.
    """
    rungs, nodes, edges = answer.path, answer.nodes, answer.edges
    on_path = {rung.goal: place for place, rung in enumerate(rungs)}
    rows = _rows(answer, edges)
    listed = any(rung.key_results for rung in rungs)
    second = WIDTH + (BESIDE + LISTED if listed else 0)
    top = 0.0
    places: dict[GoalVertex, tuple[float, float]] = {}
    pieces: list[str] = []
    for goals in rows:
        rung = next((rungs[on_path[goal]] for goal in goals if goal in on_path), None)
        high = HEIGHT
        if rung is not None:
            below = rungs[on_path[rung.goal] + 1].goal if on_path[rung.goal] + 1 < len(rungs) else None
            places[rung.goal] = (0.0, top + LEVEL)
            level = getattr(rung.goal.fact, "level", None)
            name = clean(level) if level else ("objective" if rung.goal.is_objective else "key result")
            pieces.append(text("quiet", 2, top + 12, cut(name, STRAND - 12, 11)))
            if rung.key_results:
                drawn, taken = _key_results(rung, below, graph, as_of, WIDTH + BESIDE, top + LEVEL, viewer)
                pieces.append(drawn)
                high = max(high, taken)
        for number_, goal in enumerate(goal for goal in goals if goal not in on_path):
            places[goal] = (second + BESIDE + number_ * (WIDTH + BESIDE), top + LEVEL)
        top += LEVEL + high + GAP
    pieces.insert(0, _lines(rungs, edges, places))
    for goal, (x, y) in places.items():
        pieces.append(goal_card(goal, graph, as_of, x, y, goal_chips(goal, viewer), viewer))
    pieces += [_joint(rung, places[rung.goal]) for rung in rungs[1:]]
    width = max([second, *(x + WIDTH for x, _ in places.values())])
    others = len(nodes) - len(rungs)
    said = counted(len(rungs), "rung", "rungs")
    if others:
        said += f" · {counted(others, 'more goal', 'more goals')} above by other links"
    if answer.truncated:
        said += " · the upward graph is cut"
    return sheet(f"Ladder: {title_of(answer.goal)}", said, pieces, width, top - GAP, as_of)


def _rows(answer: Ladder, edges: Sequence[EdgeView]) -> list[list[GoalVertex]]:
    """The goals of the upward graph, row by row from the top: each over all that it is above of, and in a row near the
    middle of those."""
    above: dict[GoalVertex, list[GoalVertex]] = {}
    below: dict[GoalVertex, list[GoalVertex]] = {}
    for view in edges:
        above.setdefault(view.edge.child, []).append(view.edge.parent)
        below.setdefault(view.edge.parent, []).append(view.edge.child)
    # In the order in which a walk leaves them, every goal comes before all that lead to it; what would lead back into
    # the walk closes a ring of informational links, and is left out.
    left: dict[GoalVertex, None] = {}
    tries = [(answer.goal, iter(above.get(answer.goal, ())))]
    within = {answer.goal}
    rings: set[tuple[GoalVertex, GoalVertex]] = set()
    while tries:
        goal, untried = tries[-1]
        step = next(untried, None)
        if step is None:
            tries.pop()
            within.discard(goal)
            left[goal] = None
        elif step in within:
            rings.add((goal, step))
        elif step not in left:
            within.add(step)
            tries.append((step, iter(above.get(step, ()))))
    level = dict.fromkeys(left, 0)
    for goal in reversed(left):
        for over in above.get(goal, ()):
            if (goal, over) not in rings:
                level[over] = max(level[over], level[goal] + 1)
    rows: list[list[GoalVertex]] = [[] for _ in range(max(level.values()) + 1)]
    for goal in answer.nodes:
        rows[-1 - level[goal]].append(goal)
    path = {rung.goal for rung in answer.path}
    place: dict[GoalVertex, float] = {}
    for row in reversed(rows):
        means = {
            goal: sum(found) / len(found) if (found := [place[it] for it in below.get(goal, ()) if it in place]) else 0
            for goal in row
        }
        row.sort(key=lambda goal: (goal not in path, means[goal], goal.fact.id))
        place.update({goal: float(number_) for number_, goal in enumerate(row, 0 if row[0] in path else 1)})
    return rows


def _key_results(
    rung: Rung, below: GoalVertex | None, graph: AlignmentGraph, as_of: date, x: float, y: float, viewer: Viewer
) -> tuple[str, float]:
    """The key results of a rung as a list in a frame, and how high that is."""
    goals = rung.key_results
    shown = goals[:MOST_ROWS]
    high = max(HEIGHT, len(shown) * ROW + 16 + (ROW if len(goals) > len(shown) else 0))
    first = (high - ROW * (len(shown) + (len(goals) > len(shown)))) / 2
    drawn = [
        f'<g transform="translate({at(x)} {at(y)})">',
        f'<rect class="card" width="{at(LISTED)}" height="{at(high)}" rx="8"/>',
    ]
    for place, goal in enumerate(shown):
        line = first + place * ROW + 17
        expected, status = standing(graph, goal, as_of)
        drawn.append(f"<g><title>{escaped(told(goal, graph, as_of, viewer))}</title>")
        if goal is below:
            drawn.append(
                f'<rect class="rest" x="6" y="{at(line - 17)}" width="{at(LISTED - 12)}" height="{at(ROW)}" rx="6"/>'
            )
        drawn.append(kind_sign(goal, INNER + 5, line - 4))
        drawn.append(text("s ink", INNER + 16, line, cut(title_of(goal), LISTED - 270, 12)))
        drawn.append(numbers(LISTED - 226, line, goal, expected, status, 72))
        drawn.append("</g>")
    if len(goals) > len(shown):
        said = f"{len(goals) - len(shown)} more key results"
        drawn.append(text("quiet", INNER + 16, first + len(shown) * ROW + 17, said))
    drawn.append("</g>")
    return "".join(drawn), high


def _lines(rungs: Sequence[Rung], edges: Sequence[EdgeView], places: dict[GoalVertex, tuple[float, float]]) -> str:
    """The links between the cards: those of the path straight, the others bent, informational ones dotted."""
    path = {rung.edge for rung in rungs if rung.edge is not None}
    straight: list[str] = []
    dotted: list[str] = []
    for view in edges:
        edge = view.edge
        (x, y), (to_x, to_y) = places[edge.child], places[edge.parent]
        x, to_x, to_y = x + WIDTH / 2, to_x + WIDTH / 2, to_y + HEIGHT
        if edge in path:
            straight.append(f"M{at(x - WIDTH / 2 + STRAND)} {at(y)}V{at(to_y)}")
            continue
        bend = GAP * 0.9
        curve = f"M{at(x)} {at(y)}C{at(x)} {at(y - bend)} {at(to_x)} {at(to_y + bend)} {at(to_x)} {at(to_y)}"
        (dotted if edge.kind is LinkKind.ALIGNED else straight).append(curve)
    drawn = f'<path class="line" d="{"".join(straight)}"/>' if straight else ""
    return drawn + (f'<path class="dots" d="{"".join(dotted)}"/>' if dotted else "")


def _joint(rung: Rung, place: tuple[float, float]) -> str:
    """What stands beside the line from a rung to the one above: the kind of link, and what it carries."""
    edge = rung.edge
    assert edge is not None
    said = [LINK_WORDS[edge.kind]]
    if edge.weight != 1:
        said.append(f"weight {number(edge.weight)}")
    share = rung.share
    said.append(
        f"carries {percent(share)}"
        if share is not None
        else f"not counted: {why_not_counted(edge) or 'it has no progress yet'}"
    )
    x, y = place
    return text("quiet", x + STRAND + 12, y - LEVEL - 6, cut(" · ".join(said), WIDTH + LISTED - STRAND, 11))
