"""Connections: lists in pages, with cursors that stay right while others write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nlargest, nsmallest
from itertools import islice
from operator import gt, itemgetter, lt
from typing import Annotated, Generic, NamedTuple, TypeVar

import strawberry
from strawberry import UNSET

from graph_service.api.context import Ground
from graph_service.api.cursors import Key, Order, read_cursor, write_cursor
from graph_service.api.errors import bad_input, limit_exceeded
from graph_service.api.fields import asked
from graph_service.api.walks import Walk

T = TypeVar("T")
V = TypeVar("V")

First = Annotated[
    int | None,
    strawberry.argument(
        description="So many rows from the start (or after `after`). Without `last` the default is 100; at most 1,000."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Rows after this cursor, in the order of the list.")]
Last = Annotated[
    int | None, strawberry.argument(description="So many rows from the end (or before `before`); at most 1,000.")
]
Before = Annotated[str | None, strawberry.argument(description="Rows before this cursor, in the order of the list.")]


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    """The ends of a page."""

    has_next_page: bool = strawberry.field(description="Whether rows follow after this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows come before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last row, for `after`; null on an empty page."
    )


@strawberry.type(name="Edge", description="A row of a page.")
class Row(Generic[T]):
    """A row: what it shows, and its place."""

    node: T = strawberry.field(description="What the row shows.")
    cursor: str = strawberry.field(description="The place of the row, for `after` and `before`.")


@strawberry.type(description="A list in pages. Rows that come or go between two pages move no others.")
class Connection(Generic[T]):
    """One page of a list."""

    count: strawberry.Private[Callable[[], int]]
    edges: list[Row[T]] = strawberry.field(description="The rows of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends, and whether there is more.")

    @asked("How many rows the whole list has.")
    def total_count(self) -> int:
        """The count of the whole list, found only when it is asked for."""
        return self.count()


def page_size(on: Ground, size: int | None, field: str) -> int | None:
    """A given size of a page; None stays None (absent or null)."""
    if size is None or size is UNSET:
        return None
    if size < 0:
        raise bad_input(f"{field} {size} is negative; give 0 or more")
    if size > on.limits.max_page:
        raise limit_exceeded(f"{field} {size} is too much; at most {on.limits.max_page} are given at once")
    return size


class Span(NamedTuple):
    """Which rows of a list are asked for: those after one place and before another, so many from one end."""

    start: Key | None
    end: Key | None
    size: int
    backwards: bool


def span_of(
    on: Ground, order: Order, first: int | None, after: str | None, last: int | None, before: str | None
) -> Span:
    """The span that arguments ask for; BAD_USER_INPUT for a broken cursor, a negative size, or ``first`` and ``last``
    together."""
    first, last = page_size(on, first, "first"), page_size(on, last, "last")
    if first is not None and last is not None:
        raise bad_input("first and last cannot go together; give one of them")
    return Span(
        read_cursor(after, "after", on.epoch, order) if after else None,
        read_cursor(before, "before", on.epoch, order) if before else None,
        last if last is not None else on.limits.page if first is None else first,
        last is not None,
    )


def paged(
    on: Ground,
    rows: Iterable[tuple[Key, V]],
    make: Callable[[V], T],
    order: Order,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Connection[T]:
    """The page of some rows, each given with its key (no two alike), in any order.

    Only rows of the page are made into what is shown. What cannot be is refused as by :func:`span_of`.
    """
    span = span_of(on, order, first, after, last, before)
    whole = list(rows)
    later = lt if order.descending else gt
    try:
        left = whole if span.start is None else [row for row in whole if later(row[0], span.start)]
        inside = left if span.end is None else [row for row in left if later(span.end, row[0])]
    except TypeError:
        raise _misfit() from None
    shown = _first(inside, span.size + 1, order.descending is not span.backwards)
    ends = (len(left) < len(whole), len(inside) < len(left))
    return _page(on, shown, make, order, span, ends, lambda: len(whole))


def walked(
    on: Ground,
    walk: Walk[V],
    make: Callable[[V], T],
    order: Order,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Connection[T]:
    """The page of rows that stand in order already: no more of them are looked at than it takes.

    What cannot be is refused as by :func:`span_of`.
    """
    span = span_of(on, order, first, after, last, before)
    later = lt if order.descending else gt
    try:
        shown = list(islice(walk(span.start, span.end, span.backwards), span.size + 1))
        ends = (
            span.start is not None and any(not later(top[0], span.start) for top in islice(walk(None, None, False), 1)),
            span.end is not None and any(not later(span.end, low[0]) for low in islice(walk(None, None, True), 1)),
        )
    except TypeError:
        raise _misfit() from None
    return _page(on, shown, make, order, span, ends, walk.count)


def _page(
    on: Ground,
    rows: list[tuple[Key, V]],
    make: Callable[[V], T],
    order: Order,
    span: Span,
    ends: tuple[bool, bool],
    count: Callable[[], int],
) -> Connection[T]:
    """The page of a span's rows, one more where there are more; ``ends``: whether rows lie before and after."""
    more = len(rows) > span.size
    shown = rows[: span.size]
    edges = [
        Row(node=make(value), cursor=write_cursor(on.epoch, order, key))
        for key, value in (reversed(shown) if span.backwards else shown)
    ]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=ends[1] or (more and not span.backwards),
            has_previous_page=ends[0] or (more and span.backwards),
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        count=count,
    )


def _misfit() -> Exception:
    return bad_input("the cursor does not fit this list; begin again without it")


def _first(rows: list[tuple[Key, V]], size: int, descending: bool) -> list[tuple[Key, V]]:
    """The first rows in order of their keys; a few of many are found without sorting all."""
    if size * 8 > len(rows):
        return sorted(rows, key=_key, reverse=descending)[:size]
    return (nlargest if descending else nsmallest)(size, rows, key=_key)


_key = itemgetter(0)
