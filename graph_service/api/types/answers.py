"""Answers to the questions that the graph is asked: ladders, cascades, org charts, orphans, leverage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from graph_service.alignment import cascade as cascades
from graph_service.alignment import ladder as ladders
from graph_service.alignment import leverage as leverages
from graph_service.alignment import org as orgs
from graph_service.alignment import orphans
from graph_service.alignment.links import EdgeView
from graph_service.api.context import Ground
from graph_service.api.errors import bad_input
from graph_service.api.fields import Reader, asked
from graph_service.api.types.links import SHARE, Edge
from graph_service.api.types.refs import (
    GoalRef,
    KeyResultRef,
    ObjectiveRef,
    OwnerRef,
    goal_of,
    goals_of,
    key_result_of,
    key_results_of,
    objective_of,
    owner_of,
)
from graph_service.models.words import LinkKind, OrphanKind
from graph_service.render.dot import cascade_dot, ladder_dot, org_dot
from graph_service.render.mermaid import cascade_mermaid, ladder_mermaid, org_mermaid
from graph_service.render.svg import cascade_svg, ladder_svg, org_svg
from graph_service.render.text import cascade_text, ladder_text, org_text

of_ladder = Reader["Ladder"]()
of_rung = Reader["Rung"]()
of_cascade = Reader["Cascade"]()
of_cascade_node = Reader["CascadeNode"]()
of_org = Reader["OrgChart"]()
of_org_node = Reader["OrgNode"]()
of_orphan = Reader["Orphan"]()
of_candidate = Reader["Candidate"]()
of_leverage = Reader["Leverage"]()

Depth = Annotated[int | None, strawberry.argument(description="So many levels below the root, 0 or more.")]

TEXT = "As text for a terminal, 80 columns wide."
MERMAID = "As a Mermaid diagram, for Markdown that draws them."
DOT = "As a Graphviz graph in the DOT language."
SVG = "As an SVG picture, in the colours of the theme of whoever looks at it."
HIDDEN = "How many lie deeper than was asked for."
TRUNCATED = "Whether there was more than is given at once."


DEPTH = 3
"""How deep to go where it is not said."""


def drawn(draw: Callable[..., str]) -> Callable[[Any], str]:
    """Draws an answer as the viewer may see it, judged today."""
    return lambda one: draw(one.said, one.on.graph, one.on.today, viewer=one.on.viewer)


def _edges(views: tuple[EdgeView, ...]) -> list[Edge]:
    return [Edge(link=view.edge.link(), share_=view.share, primary_=view.primary) for view in views]


@strawberry.type(description="One step of a ladder: a goal with its key results, and how it hangs on the step above.")
class Rung:
    """A rung."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[ladders.Rung]

    goal: GoalRef = of_rung(lambda rung: goal_of(rung.on, rung.said.goal), "The goal on this step.")
    key_results: list[KeyResultRef] = of_rung(
        lambda rung: key_results_of(rung.on, rung.said.key_results), "Its key results, in order."
    )
    kind: LinkKind | None = of_rung(lambda rung: rung.said.kind, "The link to the step above; null at the top.")
    weight: float | None = of_rung(lambda rung: rung.said.weight, "The weight of that link; null at the top.")
    share: float | None = of_rung(lambda rung: rung.said.share, SHARE)


@strawberry.type(description="The way up from a goal to the top.")
class Ladder:
    """A ladder."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[ladders.Ladder]

    goal: GoalRef = of_ladder(lambda one: goal_of(one.on, one.said.goal), "The goal that it leads up from.")
    path: list[Rung] = of_ladder(
        lambda one: [Rung(on=one.on, said=rung) for rung in one.said.path],
        "The primary path, top first, down to the goal itself.",
    )
    nodes: list[GoalRef] = of_ladder(
        lambda one: goals_of(one.on, one.said.nodes), "All goals above it, by any way, and the goal itself."
    )
    edges: list[Edge] = of_ladder(lambda one: _edges(one.said.edges), "The links between those.")
    truncated: bool = of_ladder(lambda one: one.said.truncated, TRUNCATED)
    text: str = of_ladder(drawn(ladder_text), TEXT)
    mermaid: str = of_ladder(drawn(ladder_mermaid), MERMAID)
    dot: str = of_ladder(drawn(ladder_dot), DOT)
    svg: str = of_ladder(drawn(ladder_svg), SVG)

    @asked("Every way up, each top first; the primary one comes first.")
    def paths(
        self, first: Annotated[int | None, strawberry.argument(description="At most so many; the default is 10.")] = 10
    ) -> list[list[GoalRef]]:
        """Whole paths from the goal to the tops above it."""
        return [goals_of(self.on, path) for path in self.said.paths(how_many(self.on, first, 10))]


def how_many(on: Ground, first: int | None, default: int) -> int:
    """How many of a plain list are wanted; BAD_USER_INPUT for a negative number, never more than a page."""
    if first is None:
        return default
    if first < 0:
        raise bad_input(f"first {first} is negative; give 0 or more")
    return min(first, on.limits.max_page)


@strawberry.type(description="A goal of a cascade, and where it hangs.")
class CascadeNode:
    """A node of a cascade."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[cascades.CascadeNode]

    goal: GoalRef = of_cascade_node(lambda node: goal_of(node.on, node.said.goal), "The goal that stands here.")
    depth: int = of_cascade_node(lambda node: node.said.depth, "Levels below the root; the root has 0.")
    primary_parent: strawberry.ID | None = of_cascade_node(
        lambda node: None if node.said.primary_parent is None else strawberry.ID(node.said.primary_parent),
        "The goal that it hangs under in the tree; null for the root.",
    )
    hidden: int = of_cascade_node(lambda node: node.said.hidden, "How many goals hang under it that are not shown.")


@strawberry.type(
    description="Everything under a goal: a tree on primary parents, with further links between its goals."
)
class Cascade:
    """A cascade."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[cascades.Cascade]

    root: GoalRef = of_cascade(lambda one: goal_of(one.on, one.said.root), "The goal at the top.")
    nodes: list[CascadeNode] = of_cascade(
        lambda one: [CascadeNode(on=one.on, said=node) for node in one.said.nodes], "The goals, each after its parent."
    )
    edges: list[Edge] = of_cascade(lambda one: _edges(one.said.edges), "The links between those.")
    hidden: int = of_cascade(lambda one: one.said.hidden, HIDDEN)
    truncated: bool = of_cascade(lambda one: one.said.truncated, TRUNCATED)
    text: str = of_cascade(drawn(cascade_text), TEXT)
    mermaid: str = of_cascade(drawn(cascade_mermaid), MERMAID)
    dot: str = of_cascade(drawn(cascade_dot), DOT)
    svg: str = of_cascade(drawn(cascade_svg), SVG)


@strawberry.type(description="A person or team of an org chart, with the goals they own.")
class OrgNode:
    """A node of an org chart."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[orgs.OrgNode]

    owner: OwnerRef = of_org_node(
        lambda node: owner_of(node.on, node.said.owner), "The person or team that stands here."
    )
    depth: int = of_org_node(lambda node: node.said.depth, "Levels below the top; the top has 0.")
    reports_to: strawberry.ID | None = of_org_node(
        lambda node: None if node.said.reports_to is None else strawberry.ID(node.said.reports_to),
        "Whom they report to, or the team it lies within; null at the top.",
    )
    dotted_to: list[strawberry.ID] = of_org_node(
        lambda node: [strawberry.ID(id) for id in node.said.dotted_to], "Whom they report to besides, by id."
    )
    goals: list[GoalRef] = of_org_node(lambda node: goals_of(node.on, node.said.goals), "The goals they own.")
    progress: float | None = of_org_node(
        lambda node: node.said.progress, "The mean progress of those goals; null if none is measured."
    )
    hidden: int = of_org_node(lambda node: node.said.hidden, "How many are under them that are not shown.")


@strawberry.type(description="Who reports to whom, or which team lies within which, with their goals.")
class OrgChart:
    """An org chart."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[orgs.OrgChart]

    root: OwnerRef | None = of_org(
        lambda one: None if one.said.root is None else owner_of(one.on, one.said.root),
        "The person or team at the top; null: all who report to nobody.",
    )
    nodes: list[OrgNode] = of_org(
        lambda one: [OrgNode(on=one.on, said=node) for node in one.said.nodes],
        "People or teams, each after its superior.",
    )
    hidden: int = of_org(lambda one: one.said.hidden, HIDDEN)
    truncated: bool = of_org(lambda one: one.said.truncated, TRUNCATED)
    text: str = of_org(drawn(org_text), TEXT)
    mermaid: str = of_org(drawn(org_mermaid), MERMAID)
    dot: str = of_org(drawn(org_dot), DOT)
    svg: str = of_org(drawn(org_svg), SVG)


@strawberry.type(description="A goal that an orphan could be aligned to.")
class Candidate:
    """A candidate."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[orphans.Candidate]

    goal: GoalRef = of_candidate(lambda one: goal_of(one.on, one.said.goal), "The goal to align it to.")
    reason: str = of_candidate(lambda one: one.said.reason, "What makes it near: the team, the period.")


@strawberry.type(description="A live objective from which no way up reaches a top-level one.")
class Orphan:
    """An orphan."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[orphans.Orphan]

    objective: ObjectiveRef = of_orphan(
        lambda one: objective_of(one.on, one.said.goal), "The objective from which no way leads to the top."
    )
    kind: OrphanKind = of_orphan(lambda one: one.said.kind, "What is wrong with its way up.")
    reason: str = of_orphan(lambda one: one.said.reason, "Why it leads nowhere, in a sentence.")

    @asked("The goals nearest to it that it could be aligned to.")
    def candidates(
        self, first: Annotated[int | None, strawberry.argument(description="At most so many; the default is 3.")] = 3
    ) -> list[Candidate]:
        """Candidates, nearest first."""
        found = orphans.candidates(self.on.graph, self.said.goal, how_many(self.on, first, 3), self.on.viewer)
        return [Candidate(on=self.on, said=one) for one in found]


@strawberry.type(description="How much one key result moves a goal.")
class Leverage:
    """A leverage."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[leverages.Leverage]

    key_result: KeyResultRef = of_leverage(
        lambda one: key_result_of(one.on, one.said.goal), "The key result that would move the goal."
    )
    leverage: float = of_leverage(
        lambda one: one.said.leverage, "How much the goal moves if the key result moves from 0 to 1: a share."
    )
    gain: float = of_leverage(lambda one: one.said.gain, "How much the goal moves if the key result is completed now.")
