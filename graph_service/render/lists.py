"""Orphans, explanations and leverage as text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date

from graph_service.alignment.explain import Explanation, paths_to
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.leverage import Leverage
from graph_service.alignment.orphans import Orphan, candidates
from graph_service.alignment.vertices import AGGREGATE, GoalVertex, mode_of
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import CheckIn, Objective
from graph_service.models.words import Driver, OrphanKind
from graph_service.render.facts import LINK_WORDS, amount, counted, name_of, title_of
from graph_service.render.letters import clean, number, percent
from graph_service.render.page import Page

MEANING = {
    OrphanKind.UNALIGNED: "names no goal above it",
    OrphanKind.BROKEN: "names goals that do not exist or are cancelled",
    OrphanKind.ADRIFT: "leads up to nothing top-level",
}
DRIVEN = {
    Driver.MANUAL: "by hand",
    Driver.KEY_RESULTS: "by its key results alone",
    Driver.CHILDREN: "by the goals under it alone",
}
"""What an objective's progress is chosen to come from, where a reason was given for it."""


def orphans_text(
    answer: Sequence[Orphan],
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
) -> str:
    """Orphans by kind, each with its reason and the nearest goals to align it to."""
    page = Page(graph, as_of, width, ascii, viewer)
    for kind in OrphanKind:
        several = [orphan for orphan in answer if orphan.kind is kind]
        if not several:
            continue
        page.add(page.joined(f"{kind.name} ({len(several)})", MEANING[kind]))
        page.add()
        for orphan in several:
            goal = orphan.goal
            page.add_wrapped(title_of(goal), f"{page.mark(goal)} ", "  ", 2)
            page.add(f"  {page.joined(clean(goal.id), page.owner(goal))}")
            if kind is OrphanKind.BROKEN:
                page.add_wrapped(clean(orphan.reason), "  ", "  ", 3)
            for near in candidates(graph, goal, 3, viewer):
                page.add(f"  {page.signs.up} {near.reason}: {title_of(near.goal)}")
            page.add()
    total = counted(len(answer), "orphan", "orphans") if answer else "no orphans: every live objective leads to the top"
    page.add(page.joined(total, page.day()))
    return page.text()


def explain_text(
    answer: Explanation,
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
) -> str:
    """A goal's progress as a sum: what each contributor gives, why others give nothing, and the check-in."""
    page = Page(graph, as_of, width, ascii, viewer)
    goal = answer.goal
    page.add_wrapped(title_of(goal), f"{page.mark(goal)} ", "  ", 3)
    page.add(f"  {page.numbers(goal, 20)}  {page.owner(goal)}")
    page.add_wrapped(page.joined(*_said(goal)), "  ", "  ", 4)
    _contributors(page, answer)
    if answer.check_in is not None:
        page.add()
        _check_in(page, answer.goal, answer.check_in)
    for doubled in answer.doubled:
        page.add()
        page.add(f"counts more than once: {title_of(doubled)}")
        for path in paths_to(doubled, goal, 4, viewer):
            page.add("  " + f" {page.signs.way} ".join(title_of(step) for step in path))
    page.add()
    page.add(page.day())
    return page.text()


def _said(goal: GoalVertex) -> list[str]:
    said = []
    if goal.amount is not None:
        said.append(f"value {amount(goal, goal.amount)}")
    if goal.raw is not None and goal.raw != goal.value:
        said.append(f"raw {percent(goal.raw)}")
    said.append(f"coverage {percent(goal.coverage)}")
    if goal.confidence is not None:
        said.append(f"confidence {percent(goal.confidence)}")
    fact = goal.fact
    if isinstance(fact, Objective) and fact.driver_reason and fact.driver in DRIVEN:
        said.append(f"{DRIVEN[fact.driver]}: {clean(fact.driver_reason)}")
    return said


def _contributors(page: Page, answer: Explanation) -> None:
    if not answer.contributors:
        return
    none = page.signs.none
    page.add()
    gathers = mode_of(answer.goal.fact) == AGGREGATE
    page.add(f"  {'weight':>8}  {'share':>6}  {'value' if gathers else 'progress':>8}  {'gives':>6}  from")
    for it in answer.contributors:
        given = it.goal.amount if gathers else None
        stands = number(given) if given is not None else none if gathers else percent(it.progress, none)
        given_part = percent(it.contribution, none)
        row = f"  {number(it.weight):>8}  {percent(it.share, none):>6}  {stands:>8}  {given_part:>6}"
        page.add_wrapped(title_of(it.goal), f"{row}  {page.mark(it.goal)} ", " " * 40, 2)
        if it.reason is not None:
            lead = " " * 40
            page.add_wrapped(f"{LINK_WORDS[it.kind]}, not counted: {it.reason}", lead, lead, 3)
    page.add(f"  {'':>8}  {'':>6}  {'':>8}  {percent(answer.goal.value, none):>6}  progress")


def _check_in(page: Page, goal: GoalVertex, check_in: CheckIn) -> None:
    who = clean(check_in.by or "")
    by = page.graph.nodes.get(check_in.by or "")
    if by is not None:  # else it is no node: a program, or somebody who is not in the company
        who = name_of(by) if page.viewer.sees(by) else ""
    said = [f"check-in of {check_in.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    if check_in.value is not None:
        said.append(amount(goal, check_in.value))
    if check_in.confidence is not None:
        said.append(f"confidence {percent(check_in.confidence)}")
    said += [f"by {who}"] if who else []
    page.add_wrapped(page.joined(*said, f"from {clean(check_in.source)}"), "", "  ", 2)
    if check_in.note:
        page.add_wrapped(clean(" ".join(check_in.note.split())), "  ", "  ", 6)
    page.add(f"  id {clean(check_in.id)}")


def leverage_text(
    answer: Sequence[Leverage],
    graph: AlignmentGraph,
    as_of: date,
    width: int = 80,
    ascii: bool = False,
    viewer: Viewer = EVERYBODY,
) -> str:
    """What each key result would give the goal: the largest gain first."""
    page = Page(graph, as_of, width, ascii, viewer)
    if not answer:
        page.add("nothing measured counts in it")
    else:
        page.add(f"{'gain':>6}  {'leverage':>8}  {'now':>6}  key result")
    for it in answer:
        row = f"{percent(it.gain):>6}  {percent(it.leverage):>8}  {percent(it.goal.value, page.signs.none):>6}  "
        page.add_wrapped(title_of(it.goal), f"{row}{page.mark(it.goal)} ", " " * (len(row) + 2), 2)
        page.add(" " * (len(row) + 2) + page.owner(it.goal))
    page.add()
    page.add(page.day())
    return page.text()
