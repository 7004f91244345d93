"""The log: what was changed, when, by whom and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import strawberry
from strawberry import UNSET

from graph_service.api.connections import Connection, PageInfo, Row, page_size
from graph_service.api.context import Ground
from graph_service.api.cursors import Order, read_cursor, write_cursor
from graph_service.api.errors import bad_input
from graph_service.api.fields import Reader
from graph_service.api.scalars import JSON
from graph_service.models.facts import Entry, Step

of_change = Reader["Change"]()


def asked(step: Step) -> dict[str, object]:
    """The input of a change; what an import created or reported has none, and stands for itself."""
    return {"facts": msgspec.to_builtins(list(step.facts))} if step.input is None else step.input


@strawberry.type(
    description="One change of the log. A commit of several has one for each, in order, with one revision."
)
class Change:
    """A step of an entry."""

    entry: strawberry.Private[Entry]
    step: strawberry.Private[Step]
    position: int = strawberry.field(description="Its place within the revision, from 0.")

    revision: int = of_change(lambda change: change.entry.revision, "The revision that it is part of.")
    at: datetime = of_change(
        lambda change: change.entry.at, "When it was committed; for imported history the time that it tells of."
    )
    by: str = of_change(
        lambda change: change.entry.by,
        "Who asked for it: the name of a token, a user of the command line, or `anonymous`.",
    )
    kind: str = of_change(lambda change: change.step.kind, "The name of its mutation.")
    nodes: list[strawberry.ID] = of_change(
        lambda change: [strawberry.ID(id) for id in change.step.nodes], "Ids of all nodes that it touched, in order."
    )
    input: JSON = of_change(
        lambda change: JSON(asked(change.step)),
        "What was asked, as the mutation takes it. An import asks by records: of what it created or reported there are"
        " the facts that it came to, as `facts`.",
    )
    reason: str | None = of_change(lambda change: change.step.reason, "Why it was done, where somebody said so.")
    source: str = of_change(lambda change: change.entry.source, "The door it came through: graphql, cli, import ...")


def changes_of(
    on: Ground,
    *,
    order: Order,
    after_revision: int = 0,
    nodes: frozenset[str] | None = None,
    kinds: frozenset[str] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Connection[Change]:
    """A page of the log, oldest first, read from the store only as far as it is shown.

    Of some nodes or kinds only, where they are given; after a revision.
    """
    size = page_size(on, first, "first")
    size = on.limits.page if size is None else size
    begin = (after_revision + 1, -1)  # before every change of the next revision
    start = begin
    if after and after is not UNSET:
        revision, position = _place(read_cursor(after, "after", on.epoch, order))
        if revision > on.revision:
            raise bad_input(f"after is a cursor of revision {revision}, and this is {on.revision}")
        start = max(start, (revision, position))

    def rows(place: tuple[int, int]) -> Iterator[Change]:
        for entry in on.asking.workspace.store.changes(max(place[0] - 1, 0)):
            if entry.revision > on.revision:
                return
            for position, step in enumerate(entry.steps):
                wanted = (entry.revision, position) > place and (kinds is None or step.kind in kinds)
                if wanted and (nodes is None or not nodes.isdisjoint(step.nodes)):
                    yield Change(entry=entry, step=step, position=position)

    shown: list[Change] = []
    more = False
    for change in rows(start):
        if len(shown) == size:
            more = True
            break
        shown.append(change)
    edges = [Row(node=one, cursor=write_cursor(on.epoch, order, (one.entry.revision, one.position))) for one in shown]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=start > begin,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        count=lambda: sum(1 for _ in rows(begin)),
    )


def _place(key: tuple[object, ...]) -> tuple[int, int]:
    match key:
        case (int(revision), int(position)):
            return revision, position
    raise bad_input("after is a cursor that does not fit this list; begin again without it")


def history_of(on: Ground, id: str, *, first: int | None, after: str | None) -> Connection[Change]:
    """What happened to one node, oldest first."""
    return changes_of(on, order=Order(f"history of {id}"), nodes=frozenset((id,)), first=first, after=after)
