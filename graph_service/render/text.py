"""Ladders, cascades and organization charts as text for a terminal or a pipe."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.cascade import Cascade, CascadeNode
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder, Rung
from graph_service.alignment.links import EdgeView
from graph_service.alignment.org import OrgChart, OrgNode
from graph_service.alignment.terms import why_not_counted
from graph_service.alignment.vertices import GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Person
from graph_service.models.words import LinkKind
from graph_service.render.facts import LINK_WORDS, counted
from graph_service.render.letters import clean, number, pad, percent, room, wrap
from graph_service.render.page import PERCENT_COLUMNS, Page

TITLE_LINES = 3
WIDE, NARROW = 60, 46  # from how many columns on there is room for long and for short bars


def ladder_text(
    answer: Ladder,
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
    *,
    ids: bool = False,
) -> str:
    """The primary path from the top down to the goal, each rung with its numbers, its owner and its key results; with
    ``ids`` each title behind its id, to be copied."""
    page = Page(graph, as_of, width, ascii, viewer, ids)
    rungs = answer.path
    for place, rung in enumerate(rungs):
        below = rungs[place + 1] if place + 1 < len(rungs) else None
        _rung(page, rung, below)
    others = len(answer.nodes) - len(rungs)
    page.add()
    more = f"{counted(others, 'more goal', 'more goals')} above by other links" if others else ""
    page.add(page.joined(page.day(), more, "the upward graph is cut" if answer.truncated else ""))
    return page.text()


def _rung(page: Page, rung: Rung, below: Rung | None) -> None:
    signs, goal = page.signs, rung.goal
    line = signs.line if below is not None else " "
    page.add_wrapped(page.title(goal), f"{page.mark(goal)} ", f"{line} ", TITLE_LINES)
    level = getattr(goal.fact, "level", None)
    page.add(
        f"{line} {page.numbers(goal, 20 if page.width >= WIDE else 8)}  "
        + page.joined(page.owner(goal), clean(level) if level else "")
    )
    if rung.key_results:
        page.add(line)
    for key_result in rung.key_results:
        way = signs.way if below is not None and key_result is below.goal else " "
        cells = 8 if page.width >= WIDE else 0
        page.add(f"{line} {way} {page.mark(key_result)} {page.numbers(key_result, cells)}  {page.title(key_result)}")
    if below is not None and below.edge is not None:
        page.add(line)
        page.add(f"{signs.up} {page.joined(*_how(below))}")
        page.add(line)


def _how(rung: Rung) -> list[str]:
    """By which link a rung hangs under the one before, and what it carries."""
    edge = rung.edge
    assert edge is not None
    said = [LINK_WORDS[edge.kind]]
    if edge.weight != 1:
        said.append(f"weight {number(edge.weight)}")
    share = rung.share
    if share is not None:
        said.append(f"carries {percent(share)}")
    else:
        said.append(f"not counted: {why_not_counted(edge) or 'it has no progress yet'}")
    return said


# ---------- trees ----------


def cascade_text(
    answer: Cascade,
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
    *,
    ids: bool = False,
) -> str:
    """The tree under a goal, with the numbers of each; further parents, aligned links and what is hidden as notes."""
    page = Page(graph, as_of, width, ascii, viewer, ids)
    below: dict[str, list[CascadeNode]] = {}
    for node in answer.nodes:
        if node.primary_parent is not None:
            below.setdefault(node.primary_parent, []).append(node)
    further: dict[GoalVertex, list[EdgeView]] = {}
    for view in answer.edges[len(answer.nodes) - 1 :]:  # the first ones are the tree
        further.setdefault(view.edge.child, []).append(view)
    # A stack, not recursion: a tree may be deeper than Python likes.
    waiting: list[tuple[CascadeNode, str, str]] = [(answer.nodes[0], "", "")]
    while waiting:
        node, first, rest = waiting.pop()
        children = below.get(node.goal.id, [])
        cut = node.goal in answer.rim
        guide = f"{page.signs.line} " if children or cut else "  "
        _row(page, node.goal, first, rest + guide)
        for view in further.get(node.goal, ()):
            edge = view.edge
            how = "aligned to" if edge.kind is LinkKind.ALIGNED else "also under"
            weight = "" if edge.weight in (0.0, 1.0) else f", weight {number(edge.weight)}"
            page.add(f"{rest}{guide}  {how} {page.title(edge.parent)}{weight}")
        if cut and not children:
            page.add(f"{rest}{page.signs.last}{page.signs.dash} {page.signs.more} {node.hidden} more below")
        elif cut:
            page.add(f"{rest}{page.signs.line}  {page.signs.more} not all below it is shown")
        waiting += reversed([(child, *_leads(page, rest, child is children[-1])) for child in children])
    page.add()
    page.add(
        page.joined(
            page.day(),
            counted(len(answer.nodes), "goal", "goals"),
            f"{answer.hidden} more not shown" if answer.hidden else "",
            "cut at the limit" if answer.truncated else "",
        )
    )
    return page.text()


def _leads(page: Page, rest: str, last: bool) -> tuple[str, str]:
    """What stands before the first and the further lines of a branch."""
    signs = page.signs
    return (
        f"{rest}{signs.last if last else signs.branch}{signs.dash} ",
        f"{rest}{' ' if last else signs.line}  ",
    )


def _row(page: Page, goal: GoalVertex, first: str, further: str) -> None:
    """A goal in a tree: its title on the left, on two lines if need be, its numbers on the right."""
    numbers = page.numbers(goal, 8 if page.width >= WIDE else 0)
    columns = page.width - room(numbers) - 2
    lead = f"{first}{page.mark(goal)} "
    if columns - room(lead) < 12:  # too deep or too narrow for two columns
        page.add_wrapped(page.title(goal), lead, further, 2)
        page.add(further + numbers.strip())
        return
    title = wrap(page.title(goal), columns - room(lead), 2, page.signs)
    page.add(f"{lead}{title[0]}{' ' * (columns - room(lead) - room(title[0]))}  {numbers}")
    for line in title[1:]:
        page.add(further + line)


def org_text(
    answer: OrgChart,
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
    *,
    ids: bool = False,
) -> str:
    """The tree of people or teams, each with the mean of its goals and the goals themselves."""
    page = Page(graph, as_of, width, ascii, viewer, ids)
    signs = page.signs
    below: dict[str | None, list[OrgNode]] = {}
    for node in answer.nodes:
        below.setdefault(node.reports_to, []).append(node)
    waiting = [(node, "", "") for node in reversed(below.get(None, []))]
    while waiting:
        node, first, rest = waiting.pop()
        children = below.get(node.owner.id, [])
        hidden = node.hidden and not children
        guide = f"{signs.line} " if children or hidden else "  "
        mean = percent(node.progress, signs.none).rjust(PERCENT_COLUMNS)
        head = page.joined(f"{first}{signs.owner} {page.name(node.owner)}", *_about(node))
        page.add(f"{pad(head, page.width - len(mean) - 2, signs)}  {mean}")
        dotted = [page.name(graph.nodes[id]) for id in node.dotted_to]
        if dotted:
            page.add(f"{rest}{guide}  also reports to {', '.join(dotted)}")
        for goal in node.goals:
            _row(page, goal, f"{rest}{guide}  ", f"{rest}{guide}    ")
        if hidden:
            page.add(f"{rest}{signs.last}{signs.dash} {signs.more} {node.hidden} more below")
        waiting += reversed([(child, *_leads(page, rest, child is children[-1])) for child in children])
    if not answer.nodes:
        page.add("nobody reports to anybody, and there are no teams")
    page.add()
    page.add(
        page.joined(
            page.day(),
            f"{answer.hidden} more not shown" if answer.hidden else "",
            "cut at the limit" if answer.truncated else "",
        )
    )
    return page.text()


def _about(node: OrgNode) -> list[str]:
    fact = node.owner.fact
    if not isinstance(fact, Person):
        return ["team"]
    said = [clean(fact.job_title)] if fact.job_title else []
    return said if fact.active else [*said, "left"]
