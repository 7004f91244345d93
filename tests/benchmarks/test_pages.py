"""Pages and searches of many goals: what a page costs against putting all goals in order once, in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.titles import Titles, folded
from graph_service.api.context import Asking
from graph_service.api.schema import schema
from graph_service.workspace import Workspace
from tests.benchmarks.company import check_ins, goals, links
from tests.benchmarks.table import say, seconds, undisturbed

SIZES = (10_000, 100_000)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size}")
def company(request: pytest.FixtureRequest) -> Iterator[tuple[int, Workspace]]:
    size: int = request.param
    graph = AlignmentGraph.build(nodes=goals(size), links=links(size), check_ins=check_ins(size))
    with Workspace.open("sqlite://") as workspace:
        workspace._graph = graph
        with undisturbed():
            yield size, workspace


def ask(workspace: Workspace, query: str) -> Callable[[], object]:
    def act() -> object:
        result = schema.answer(query, Asking(workspace))
        assert result.errors is None and result.data is not None
        return result.data

    return act


def test_pages_and_searches(company: tuple[int, Workspace]) -> None:
    size, workspace = company
    with workspace.reading() as graph:
        everything = seconds(lambda: sorted((folded(goal.fact.title), goal.fact.id) for goal in graph.goals()), 5)
        say(f"all titles of {size:,} in order", f"{everything * 1e3:.1f} ms", "", "")
        made = seconds(lambda: Titles(graph.nodes), 3)
        say(f"ids and titles of {size:,} made ready", f"{made * 1e3:.1f} ms", "once, at the start", "")
    last = f"measure {size - 1}"
    for what, query in (
        ("a page by id", "{ keyResults(first: 100) { edges { node { id title } } pageInfo { endCursor } } }"),
        ("a page by title", "{ keyResults(first: 100, orderBy: { by: TITLE }) { edges { node { id title } } } }"),
        ("a page by gap", "{ keyResults(first: 100, orderBy: { by: GAP }) { edges { node { id title } } } }"),
        ("a page of links", "{ links(first: 100) { edges { node { from to } } } }"),
        ("a search by prefix", '{ search(text: "measure 9", first: 20) { edges { node { id } } } }'),
        ("a search for one", f'{{ search(text: "{last}") {{ totalCount edges {{ node {{ id }} }} }} }}'),
        ("a search in vain", '{ search(text: "herring") { totalCount } }'),
    ):
        taken = seconds(ask(workspace, query), 7)
        say(f"{what} of {size:,}", f"{taken * 1e3:.2f} ms", f"all in order {everything / taken:.1f}x", "")
        if size == SIZES[-1] and what != "a page by gap":
            assert taken < everything, what
