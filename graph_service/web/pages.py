"""The pages: the start page, and GraphiQL from the package itself. Neither asks any other host for anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
"""The files that the pages use."""

GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""GraphiQL writes its own styles."""


HEADERS_BY_PATH = {"/graphql": {"Content-Security-Policy": GRAPHIQL_POLICY}}
"""What the page that asks for a token says in the place of another, which is shown within it afterwards."""


class Summary(NamedTuple):
    """What the start page tells of the workspace."""

    store: str
    revision: int
    objectives: int
    key_results: int
    people: int
    teams: int
    example: str | None


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("graph_service.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def start_page(version: str, summary: Summary) -> str:
    """The start page: what the workspace holds, and where to go on from here."""
    return _templates().get_template("start.html").render(version=version, summary=summary)


@cache
def graphiql_page() -> str:
    """GraphiQL for the door at ``/graphql``."""
    return _templates().get_template("graphiql.html").render()


@cache
def enter_page() -> str:
    """The page that asks for an access token, in the place of any other."""
    return _templates().get_template("enter.html").render()
