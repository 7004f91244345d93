"""Cascades and organization charts as SVG: compact tidy trees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.org import OrgChart
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.render.facts import counted, name_of, title_of
from graph_service.render.svg.cards import HEIGHT, OWNER_HEIGHT, WIDTH, goal_card, goal_chips, owner_card
from graph_service.render.svg.ink import at
from graph_service.render.svg.sheet import sheet
from graph_service.render.svg.tidy import Grid, Tree, tidy

DOTTED = 200
"""Dotted lines of further managers that are drawn; more would hide the picture. The cards name all of them."""


def cascade_svg(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """Everything shown under a goal as an SVG document: a card a goal, further parents as a chip.

    The same answer gives the same bytes. Colours follow the theme of whoever looks.
    """
    nodes = answer.nodes
    place_of = {node.goal.fact.id: place for place, node in enumerate(nodes)}
    children: list[list[int]] = [[] for _ in nodes]
    for place, node in enumerate(nodes):
        if node.primary_parent is not None:
            children[place_of[node.primary_parent]].append(place)
    grid = Grid(WIDTH, HEIGHT)
    tree = tidy(children, grid)
    rim = answer.rim
    pieces = [lines(children, tree, grid)]
    for place, node in enumerate(nodes):
        chips = goal_chips(node.goal, viewer, node.hidden if node.goal in rim else 0)
        pieces.append(goal_card(node.goal, graph, as_of, tree.x[place], tree.y[place], chips, viewer))
    said = counted(len(nodes), "goal", "goals")
    if answer.hidden:
        said += f" · {answer.hidden} more not shown"
    return sheet(f"Cascade: {title_of(answer.root)}", said, pieces, tree.width, tree.height, as_of)


def org_svg(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """People or teams with what they own, as an SVG document; dotted lines lead to further managers.

    The same answer gives the same bytes. A chart without anybody says so.
    """
    nodes = answer.nodes
    place_of = {node.owner.fact.id: place for place, node in enumerate(nodes)}
    children: list[list[int]] = [[] for _ in nodes]
    for place, node in enumerate(nodes):
        if node.reports_to is not None:
            children[place_of[node.reports_to]].append(place)
    grid = Grid(WIDTH, OWNER_HEIGHT)
    tree = tidy(children, grid)
    pieces = [lines(children, tree, grid)]
    dotted = [
        (place, place_of[boss]) for place, node in enumerate(nodes) for boss in node.dotted_to if boss in place_of
    ]
    pieces += [_dots(tree, grid, *pair) for pair in dotted[:DOTTED]]
    for place, node in enumerate(nodes):
        bosses = [name_of(graph.nodes[id]) for id in node.dotted_to]
        hidden = node.hidden if not children[place] else 0
        pieces.append(
            owner_card(
                node.owner, node.goals, node.progress, hidden, bosses, graph, as_of, tree.x[place], tree.y[place]
            )
        )
    said = counted(len(nodes), "owner", "owners") if nodes else "nobody reports to anybody, and there are no teams"
    if answer.hidden:
        said += f" · {answer.hidden} more not shown"
    title = "Organization" if answer.root is None else f"Organization: {name_of(answer.root)}"
    return sheet(title, said, pieces, tree.width, tree.height, as_of, mark=bool(nodes))


def lines(children: Sequence[Sequence[int]], tree: Tree, grid: Grid) -> str:
    """The lines of a tree as one path: down from each parent, along, and down to its branches; beside each column of a
    block, with a tick to every card."""
    drawn: list[str] = []
    columns: dict[int, tuple[tuple[int, ...], ...]] = {block.parent: block.columns for block in tree.blocks}
    for place, under in enumerate(children):
        if not under:
            continue
        middle = tree.x[place] + grid.width / 2
        bottom = tree.y[place] + grid.height
        along = bottom + grid.below / 2
        ends = [middle]
        for column in columns.get(place, ()):
            side = tree.x[column[0]] - grid.indent / 2
            ends.append(side)
            last = tree.y[column[-1]] + grid.height / 2
            drawn.append(f"M{at(side)} {at(along)}V{at(last)}")
            drawn += [f"M{at(side)} {at(tree.y[leaf] + grid.height / 2)}H{at(tree.x[leaf])}" for leaf in column]
        for child in under:
            if children[child]:
                over = tree.x[child] + grid.width / 2
                ends.append(over)
                drawn.append(f"M{at(over)} {at(along)}V{at(tree.y[child])}")
        drawn.append(f"M{at(middle)} {at(bottom)}V{at(along)}")
        if max(ends) > min(ends):
            drawn.append(f"M{at(min(ends))} {at(along)}H{at(max(ends))}")
    return f'<path class="line" d="{"".join(drawn)}"/>' if drawn else ""


def _dots(tree: Tree, grid: Grid, source: int, target: int) -> str:
    """A dotted line from an owner up to a further manager."""
    x, y = tree.x[source] + grid.width * 0.75, tree.y[source]
    to_x, to_y = tree.x[target] + grid.width * 0.75, tree.y[target] + grid.height
    bend = grid.below * 0.9
    return (
        f'<path class="dots" d="M{at(x)} {at(y)}C{at(x)} {at(y - bend)} {at(to_x)} {at(to_y + bend)}'
        f' {at(to_x)} {at(to_y)}"/>'
    )
