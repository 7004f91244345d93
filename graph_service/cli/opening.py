"""Opening the store that a command is about, and finding in it what an id names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from graph_service.cli.options import STORE
from graph_service.errors import Invalid, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph
    from graph_service.alignment.vertices import GoalVertex, Vertex
    from graph_service.models.nodes import Node
    from graph_service.settings import Settings
    from graph_service.stores.base import Store
    from graph_service.workspace import Workspace

MANY = 20_000
"""In a workspace of more nodes than this, ids are not compared letter by letter to guess what was meant."""


class NoStore(StoreUnavailable):
    """There is no store where one was looked for."""


def store_url(given: str | None) -> str:
    """The address of the store: as given, else that of the settings."""
    if given is not None:
        return given
    return settings().store


def settings(**given: object) -> Settings:
    """The settings of this process, those given by options first; wrong use if one of them cannot be."""
    from graph_service.settings import read_settings

    try:
        return read_settings(**given)
    except Invalid as wrong:
        raise typer.TyperException(wrong.message) from None


def open_store(given: str | None, *, create: bool = False, eager: bool = True) -> Store:
    """The store that a command is about. One that is not there is made only with ``create``; with ``eager`` False a
    server need not answer yet."""
    from graph_service import stores

    url = store_url(given)
    password = settings().password
    try:
        return stores.open_store(url, create=create, password=password, eager=eager)
    except Invalid as wrong:
        raise typer.BadParameter(wrong.message, param_hint=f"'{STORE}'") from None
    except StoreUnavailable as gone:
        if str(gone).startswith("there is no store"):
            raise NoStore(f"{gone}; make one by `graph-service import FILE`, or name another by {STORE}") from None
        raise


@contextmanager
def open_workspace(given: str | None, *, create: bool = False) -> Iterator[Workspace]:
    """The workspace that a command is about, closed at the end."""
    from graph_service.workspace import Workspace

    store = open_store(given, create=create)
    try:
        workspace = Workspace(store)
    except BaseException:
        store.close()
        raise
    with workspace:
        yield workspace


def the_goal(graph: AlignmentGraph, id: str) -> GoalVertex:
    """The goal with this id, or a refusal that names what may have been meant."""
    from graph_service.alignment.decide.find import word
    from graph_service.alignment.vertices import GoalVertex
    from graph_service.models.nodes import KeyResult, Objective

    vertex = graph.nodes.get(id)
    if isinstance(vertex, GoalVertex):
        return vertex
    if vertex is not None:
        kind = word(type(vertex.fact))
        article = "an" if kind[0] in "aeio" else "a"
        raise NotFound(f"'{id}' is {article} {kind}, not a goal; `graph-service show` tells what is known of it")
    raise unknown(graph, id, "goal", Objective, KeyResult)


def unknown(graph: AlignmentGraph, id: str, what: str = "node", *kinds: type[Node]) -> NotFound:
    """The refusal of an id that names nothing of some kinds, with up to three of them that may have been meant."""
    from graph_service.models.checks import shown

    if id in graph.removed:
        return NotFound(f"{shown(id)} was removed in revision {graph.removed[id].revision}", nodes=(id,))
    if not graph.nodes:
        return NotFound(f"no {what} has the id {shown(id)}: the workspace is empty", nodes=(id,))
    candidates = {v.id: v for v in graph.nodes.values() if not kinds or type(v.fact) in kinds}
    meant = [f"{shown(one)} ({shown(title(candidates[one]))[1:-1]})" for one in near(candidates, id)]
    hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
    return NotFound(f"no {what} has the id {shown(id)}{hint}", nodes=(id,))


def title(vertex: Vertex) -> str:
    """The title of a node; of a person or team the name."""
    fact = vertex.fact
    return str(getattr(fact, "title", None) or getattr(fact, "name", ""))


def near(candidates: dict[str, Vertex], text: str, most: int = 3) -> list[str]:
    """Ids that somebody may have meant by a text, the likeliest first: another case, part of an id or of a title, a
    slip of the keyboard."""
    from difflib import get_close_matches

    wanted = text.casefold().strip()
    if not wanted:
        return []
    ranked: list[tuple[int, int, str]] = []
    for id, vertex in candidates.items():
        folded, called = id.casefold(), title(vertex).casefold()
        if wanted in {folded, called}:
            ranked.append((0, 0, id))
        elif wanted in folded:
            ranked.append((1, len(folded), id))
        elif wanted in called:
            ranked.append((2, len(called), id))
    found = [id for _, _, id in sorted(ranked)[:most]]
    if len(found) < most and len(candidates) <= MANY:
        found += [id for id in get_close_matches(text, sorted(candidates), most, 0.75) if id not in found]
    return found[:most]
