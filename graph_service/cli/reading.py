"""Commands that ask the graph: each is one question, answered for a day, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_service.cli.options import AsOf, ChartFormat, Json, Store, TextFormat, the_format

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

GoalId = Annotated[str, typer.Argument(metavar="ID", help="The goal.")]


@contextmanager
def reading(store: str | None, as_of: date | None) -> Iterator[tuple[AlignmentGraph, date]]:
    """The graph of a store and the day that is asked for: today in the workspace's time zone, unless one is given."""
    from graph_service.cli.opening import open_workspace

    with open_workspace(store) as workspace, workspace.reading() as graph:
        yield graph, as_of or workspace.today()


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
            put_json(showing.check_in_whole_json(*found))
        else:
            put(showing.check_in_text(graph, *found))
    return 0


def ladder(id: GoalId, as_of: AsOf = None, store: Store = None, format: ChartFormat = None, json: Json = False) -> int:
    """The way up: the rungs from a goal to the top, each with its key results."""
    chosen = the_format(format, json)
    from graph_service import render
    from graph_service.alignment import ladder as question
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
        write_chart(chosen, question.ladder(graph, id), graph, day, "ladder")
    return 0


def cascade(
    id: GoalId,
    depth: Annotated[
        int, typer.Option("--depth", metavar="N", min=0, help="So many levels below the goal.  [default: 3]")
    ] = 3,
    as_of: AsOf = None,
    store: Store = None,
    format: ChartFormat = None,
    json: Json = False,
) -> int:
    """The way down: everything under a goal."""
    chosen = the_format(format, json)
    from graph_service.alignment import cascade as question
    from graph_service.cli.opening import the_goal

    with reading(store, as_of) as (graph, day):
        the_goal(graph, id)
    return 0


def org() -> int:
    return 0


def orphans() -> int:
    return 0


def explain() -> int:
    return 0


def leverage() -> int:
    return 0
