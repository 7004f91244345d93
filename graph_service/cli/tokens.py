"""Commands for access tokens: made, listed and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

import typer

from graph_service.cli.options import Json, Store, TextFormat, the_format
from graph_service.errors import Invalid, NotFound

if TYPE_CHECKING:
    from graph_service.models.tokens import Token

LONGEST = 3_650
"""Days that a token may be valid, where it has an end."""

EMBEDDED = 90
"""Days that an embed token is valid unless others are given: it stands where many can read it."""


def create(
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="Who or what it is for; the log of the workspace shows it for what it does."
        ),
    ],
    scope: Annotated[
        Literal["read", "write", "admin"] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="read: ask and follow. write: change goals, owners and links too. admin: also change the workspace "
            "and erase people. Needed, but with --embed.",
        ),
    ] = None,
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires",
            metavar="DAYS",
            min=1,
            max=LONGEST,
            help=f"Days until it is valid no longer.  [default: until it is withdrawn; with --embed {EMBEDDED}]",
        ),
    ] = None,
    embed: Annotated[
        bool, typer.Option("--embed", help="For a page of another site: it shows one picture and nothing else.")
    ] = False,
    view: Annotated[
        Literal["cascade", "ladder", "org"] | None,
        typer.Option("--view", metavar="VIEW", help="With --embed: cascade, ladder or org."),
    ] = None,
    root: Annotated[
        str | None,
        typer.Option(
            "--root",
            metavar="ID",
            help="With --embed: the goal that the cascade or ladder is of, or the person or team at the top of the "
            "org chart (without one: the whole organization).",
        ),
    ] = None,
    store: Store = None,
) -> int:
    """Make an access token and show it, this once. The store keeps a hash alone."""
    from graph_service.access import new_token
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import put, say
    from graph_service.models.words import Scope

    if not embed:
        wrong = "--view" if view is not None else "--root" if root is not None else None
        if wrong is not None:
            raise typer.BadParameter("goes with --embed alone", param_hint=f"'{wrong}'")
        if scope is None:
            raise typer.BadParameter("give read, write or admin", param_hint="'--scope'")
    elif view is None:
        raise typer.BadParameter("an embed token shows one view: give cascade, ladder or org", param_hint="'--view'")
    days = EMBEDDED if embed and expires is None else expires
    now = datetime.now(UTC)
    end = None if days is None else now + timedelta(days=days)
    try:
        token, text = new_token(name, Scope(scope or "read"), now, expires=end, root=root, view=view)
    except Invalid as refused:
        raise typer.BadParameter(refused.message, param_hint=f"'--{refused.path[0]}'") from None
    if embed and root is not None:
        check_root(root, token.view, store)
    kept = open_store(store, create=True)
    try:
        kept.put_token(token)
    finally:
        kept.close()
    put(text)
    if embed:
        path = f"/embed/{view}" + ("" if root is None else f"/{quote(root, safe='/')}")
        say(f"valid until {day(end)}; for a frame: {path}#token=TOKEN")
    return 0


def check_root(root: str, view: str | None, store: str | None) -> None:
    """NotFound for a root that is nothing which the view could be of."""
    from graph_service.cli.opening import open_workspace, the_goal, unknown
    from graph_service.models.nodes import Person, Team

    with open_workspace(store) as workspace, workspace.reading() as graph:
        if view != "org":
            the_goal(graph, root)
            return
        vertex = graph.nodes.get(root)
        if vertex is None or not isinstance(vertex.fact, Person | Team):
            raise unknown(graph, root, "person or team", Person, Team)


def list_tokens(store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """Every access token ever made, newest first."""
    chosen = the_format(format, json)
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import put, put_json, say, table

    kept = open_store(store)
    try:
        tokens = sorted(kept.tokens(), key=lambda token: (token.created, token.id), reverse=True)
    finally:
        kept.close()
    now = datetime.now(UTC)
    if chosen == "json":
        put_json([token_json(token, now) for token in tokens])
    elif not tokens:
        say("no access token yet; `graph-service token create` makes one")
    else:
        rows = [
            (token.id, may(token), state_of(token, now), day(token.created), day(token.expires), token.name)
            for token in tokens
        ]
        put(table(("id", "scope", "state", "created", "expires", "name"), rows))
    return 0


def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `token list` shows it.")], store: Store = None
) -> int:
    """Withdraw an access token. Nobody comes in with it any more, and open subscriptions with it are ended."""
    from dataclasses import replace

    from graph_service.cli.opening import open_store
    from graph_service.cli.output import say
    from graph_service.models.checks import shown

    kept = open_store(store)
    try:
        token = next((one for one in kept.tokens() if one.id == id), None)
        if token is None:
            # it may be a whole token that was pasted: not to be repeated on a terminal
            raise NotFound(f"no access token has the id {shown(id[:20])}; `graph-service token list` shows them")
        if token.revoked is not None:
            say(f"{token.id} ({token.name}) was withdrawn already")
            return 0
        kept.put_token(replace(token, revoked=datetime.now(UTC)))
    finally:
        kept.close()
    say(f"{token.id} ({token.name}) is withdrawn")
    return 0


def state_of(token: Token, now: datetime) -> str:
    """The state of a token in a word."""
    if token.revoked is not None:
        return "revoked"
    return "valid" if token.valid(now) else "expired"


def may(token: Token) -> str:
    """What a token is for, in a word or two: its scope, or the picture that it shows."""
    from graph_service.models.checks import shown

    if not token.embed:
        return token.scope.value
    return f"whole {token.view}" if token.root is None else f"{token.view} of {shown(token.root)[1:-1]}"


def day(moment: datetime | None) -> str:
    """A moment as a day in UTC."""
    return "never" if moment is None else f"{moment:%Y-%m-%d}"


def token_json(token: Token, now: datetime) -> dict[str, object]:
    """A token as a JSON value, without what knows its secret again."""
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope.value,
        "view": token.view,
        "root": token.root,
        "state": state_of(token, now),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }
