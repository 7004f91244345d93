"""The pages as HTML: filled templates, everything in them escaped. None asks any other host for anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from graph_service.alignment.explain import Explanation
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Objective
from graph_service.render import Row
from graph_service.render.facts import name_of, owner_of, standing, status_word, title_of
from graph_service.render.letters import clean, percent
from graph_service.render.picture import QUIET, TONES
from graph_service.render.svg import STYLE
from graph_service.web.drawing import Drawing

STATIC = Path(__file__).parent / "static"
"""The files that the pages use."""

GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""GraphiQL writes its own styles."""

DEEPEST_INDENT = 8
MOST_ROWS, MOST_CARDS = 1000, 400


class Link(NamedTuple):
    """An address with its words."""

    href: str
    text: str


AUDIT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The audit has a form for its filters."""

HEADERS_BY_PATH = {
    "/graphql": {"Content-Security-Policy": GRAPHIQL_POLICY},
    "/audit/ownership": {"Content-Security-Policy": AUDIT_POLICY},
}
"""What the page that asks for a token says in the place of another, which is shown within it afterwards."""


class PlainRow(NamedTuple):
    """A row of a table as it is shown: all words, ``tone`` that of the status, ``indent`` how deep it hangs."""

    href: str | None
    title: str
    kind: str
    indent: int
    owner: str
    owner_href: str | None
    progress: str
    expected: str
    status: str
    tone: str
    due: str


class Summary(NamedTuple):
    """What the start page tells of the workspace. ``tops`` are the first of its top-level goals, each with its id."""

    store: str
    revision: int
    objectives: int
    key_results: int
    people: int
    teams: int
    example: str | None
    tops: tuple[tuple[str, PlainRow], ...] = ()


@cache
def templates() -> Environment:
    """The templates, with autoescape on."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("graph_service.web"), PackageLoader("graph_service.render")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def address(view: str, id: str | None = None) -> str:
    """The path of a page. Slashes of ids stay slashes.

    >>> address("ladder", "team/1 & more"), address("org")
    ('/ladder/team/1%20%26%20more', '/org')
    """
    return f"/{view}" if id is None else f"/{view}/{quote(id, safe='/')}"


def start_page(version: str, summary: Summary) -> str:
    """The start page: what the workspace holds, and where to go on from here."""
    tops = [(address("cascade", id), row) for id, row in summary.tops]
    example = None if summary.example is None else address("ladder", summary.example)
    return templates().get_template("start.html").render(version=version, summary=summary, tops=tops, ladder=example)


def plain_rows(drawing: Drawing) -> list[PlainRow]:
    """The first rows of a drawing, each with the addresses of its goal and owner."""
    return [plain_row(row) for row in islice(drawing.rows(), MOST_ROWS)]


def plain_picture(drawing: Drawing) -> str | None:
    """A drawing as a picture for within a page; None for one of so many cards that it would only keep the page from
    being shown."""
    answer = drawing.answer
    cards = 0 if isinstance(answer, Explanation) else len(answer.nodes)
    return drawing.svg() if cards <= MOST_CARDS else None


def goal_row(graph: AlignmentGraph, goal: GoalVertex, as_of: date, viewer: Viewer = EVERYBODY) -> PlainRow:
    """One goal as a row by itself."""
    expected, status = standing(graph, goal, as_of)
    return plain_row(Row(goal, owner_of(graph, goal, viewer), None, 0, expected, status))


def plain_row(row: Row) -> PlainRow:
    """A row in words."""
    goal, owner = row.goal, row.owner
    name = "" if owner is None else name_of(owner)
    home = None if owner is None else address("owners", owner.id)
    indent = min(row.depth, DEEPEST_INDENT)
    if goal is None:
        return PlainRow(home, name, "owner", indent, "", None, "–", "–", "no goals of their own", QUIET, "")
    fact, due = goal.fact, goal.pace.due
    kind = (clean(fact.level) if fact.level else "objective") if isinstance(fact, Objective) else "key result"
    assert row.status is not None
    return PlainRow(
        address("goals", fact.id),
        title_of(goal),
        kind,
        indent,
        name or "no owner",
        home,
        percent(goal.value),
        percent(row.expected),
        status_word(row.status),
        TONES.get(row.status, QUIET),
        "" if due is None else date.fromordinal(due).isoformat(),
    )


def bare(svg: str | None) -> str | None:
    """A picture within a page, whose style sheet ``picture.css`` has the style that it brings along by itself."""
    return None if svg is None else svg.replace(f"<style>{STYLE}</style>", "", 1)


def formats(view: str, id: str | None, names: Sequence[str], query: str) -> list[Link]:
    """The addresses of the same answer in other formats."""
    return [Link(f"{address(view, id)}.{name}{query}", name.upper()) for name in names]


@cache
def graphiql_page() -> str:
    """GraphiQL for the door at ``/graphql``."""
    return templates().get_template("graphiql.html").render()


@cache
def enter_page() -> str:
    """The page that asks for an access token, in the place of any other."""
    return templates().get_template("enter.html").render()
