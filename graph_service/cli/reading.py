"""Commands that ask the graph: each is one question, answered for a day, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Protocol, TypeAlias, TypeVar

import typer

from graph_service.cli.options import AsOf, ChartFormat, Json, LadderFormat, Store, TextFormat, the_format

if TYPE_CHECKING:
    from graph_service.alignment.cascade import Cascade
    from graph_service.alignment.graph import AlignmentGraph
    from graph_service.alignment.ladder import Ladder
    from graph_service.alignment.org import OrgChart

Answer_contra = TypeVar("Answer_contra", contravariant=True)
Answer = TypeVar("Answer")

LAYERED = frozenset({"layered", "png", "pdf"})
"""Formats that Graphviz draws."""

GoalId = Annotated[str, typer.Argument(metavar="ID", help="The goal.")]
Depth = Annotated[
    int, typer.Option("--depth", metavar="N", min=0, max=1000, help="So many levels further down.  [default: 3]")
]


Ids = Annotated[bool, typer.Option("--ids", help="Write the id of everything before its title, for the next command.")]


class TextOf(Protocol[Answer_contra]):
    """Writes an answer as text."""

    def __call__(self, answer: Answer_contra, graph: AlignmentGraph, as_of: date, width: int, ascii: bool) -> str:
        """The text, at most ``width`` columns wide."""


def chart_html(answer: Cascade | Ladder | OrgChart, graph: AlignmentGraph, as_of: date) -> str:
    """A chart as one HTML file; what that takes is loaded only then."""
    from graph_service.web.export import chart_html as written

    return written(answer, graph, as_of)


class PictureOf(Protocol[Answer_contra]):
    """Writes an answer as a picture, or in the language of a drawing tool."""

    def __call__(self, answer: Answer_contra, graph: AlignmentGraph, as_of: date) -> str:
        """The source of the picture."""


Pictures: TypeAlias = Mapping[str, PictureOf[Answer]]
"""How to draw an answer, by the name of the format."""


class JsonOf(Protocol[Answer_contra]):
    """Writes an answer as a JSON value."""

    def __call__(self, answer: Answer_contra, graph: AlignmentGraph, as_of: date) -> object:
        """The value, in the words of GraphQL."""


@contextmanager
def reading(store: str | None, as_of: date | None) -> Iterator[tuple[AlignmentGraph, date]]:
    """The graph of a store and the day that is asked for: today in the workspace's time zone, unless one is given."""
    from graph_service.cli.opening import open_workspace

    with open_workspace(store) as workspace, workspace.reading() as graph:
        yield graph, as_of or workspace.today()


def ladder(
    id: GoalId,
    as_of: AsOf = None,
    ids: Ids = False,
    store: Store = None,
    format: LadderFormat = None,
    json: Json = False,
) -> int:
    """The way up: the rungs from a goal to the top, with key results."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.ladder import ladder as ask
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
        answer = ask(graph, id)
        assert answer is not None
        if chosen in LAYERED:
            from graph_service.cli.output import put_bytes
            from graph_service.render.layered import layered

            put_bytes([layered(render.ladder_dot(answer, graph, day), len(answer.nodes), chosen)])
            return 0
        pictures: Pictures[Ladder] = {
            "svg": render.ladder_svg,
            "html": chart_html,
            "mermaid": render.ladder_mermaid,
            "dot": render.ladder_dot,
            "csv": render.ladder_csv,
        }
        write(chosen, answer, graph, day, partial(render.ladder_text, ids=ids), render.ladder_json, pictures)
    return 0


def cascade(
    id: GoalId,
    depth: Depth = 3,
    as_of: AsOf = None,
    ids: Ids = False,
    store: Store = None,
    format: ChartFormat = None,
    json: Json = False,
) -> int:
    """The way down: everything under a goal."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.cascade import cascade as ask
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
        answer = ask(graph, id, depth)
        assert answer is not None
        pictures: Pictures[Cascade] = {
            "svg": render.cascade_svg,
            "html": chart_html,
            "mermaid": render.cascade_mermaid,
            "dot": render.cascade_dot,
            "csv": render.cascade_csv,
        }
        write(chosen, answer, graph, day, partial(render.cascade_text, ids=ids), render.cascade_json, pictures)
    return 0


def org(
    root: Annotated[
        str | None,
        typer.Argument(metavar="ROOT", help="A person or team to begin with.  [default: the whole organization]"),
    ] = None,
    depth: Depth = 3,
    as_of: AsOf = None,
    ids: Ids = False,
    store: Store = None,
    format: ChartFormat = None,
    json: Json = False,
) -> int:
    """Who reports to whom, each with their goals and progress."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.org import org_chart
    from graph_service.cli.opening import unknown
    from graph_service.models.nodes import Person, Team

    with reading(store, as_of) as (graph, day):
        answer = org_chart(graph, root, depth)
        if answer is None:
            raise unknown(graph, root or "", "person or team", Person, Team)
        pictures: Pictures[OrgChart] = {
            "svg": render.org_svg,
            "html": chart_html,
            "mermaid": render.org_mermaid,
            "dot": render.org_dot,
            "csv": render.org_csv,
        }
        write(chosen, answer, graph, day, partial(render.org_text, ids=ids), render.org_json, pictures)
    return 0


def orphans(
    as_of: AsOf = None,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """Live objectives from which no way leads to the top, and why."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.orphans import orphans as ask

    with reading(store, as_of) as (graph, day):
        write(chosen, ask(graph), graph, day, render.orphans_text, render.orphans_json)
    return 0


def explain(id: GoalId, as_of: AsOf = None, store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """Where a goal's progress comes from, down to the check-in."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.explain import explain as ask
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
        answer = ask(graph, id)
        assert answer is not None
        write(chosen, answer, graph, day, render.explain_text, render.explain_json)
    return 0


def leverage(id: GoalId, as_of: AsOf = None, store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """Which key results would move a goal the most."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment.leverage import leverage as ask
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
        answer = ask(graph, id)
        assert answer is not None
        write(chosen, answer, graph, day, render.leverage_text, render.leverage_json)
    return 0


def show(
    id: Annotated[
        str,
        typer.Argument(metavar="ID", help="A goal, person, team, period, initiative, KPI, role charter or check-in."),
    ],
    as_of: AsOf = None,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """All that is known of one thing, whatever its kind."""
    chosen = the_format(format, json)
    from graph_service.cli import showing
    from graph_service.cli.opening import unknown
    from graph_service.cli.output import put, put_json

    with reading(store, as_of) as (graph, day):
        vertex = graph.nodes.get(id)
        if vertex is not None:
            if chosen == "json":
                put_json(showing.node_json(graph, vertex, day))
            else:
                put(showing.node_text(graph, vertex, day))
            return 0
        found = showing.find_check_in(graph, id)
        if found is None:
            raise unknown(graph, id)
        if chosen == "json":
            put_json(showing.check_in_whole_json(graph, *found))
        else:
            put(showing.check_in_text(*found))
    return 0


def write(
    chosen: str,
    answer: Answer,
    graph: AlignmentGraph,
    day: date,
    text: TextOf[Answer],
    json: JsonOf[Answer],
    pictures: Pictures[Answer] | None = None,
) -> None:
    """Writes an answer in the format that was chosen."""
    from graph_service.cli.output import ascii_only, put_bytes, put_chart, put_json, width

    if chosen == "json":
        put_json(json(answer, graph, day))
    elif pictures is not None and chosen in pictures:
        put_bytes([pictures[chosen](answer, graph, day).encode()])  # UTF-8, whatever the terminal's encoding is
    else:
        put_chart(text(answer, graph, day, width=width(), ascii=ascii_only()))
