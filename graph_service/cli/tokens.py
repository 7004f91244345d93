"""Commands for access tokens: made, listed and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_service.cli.options import Json, Store, TextFormat, the_format
from graph_service.errors import Invalid, NotFound

if TYPE_CHECKING:
    from graph_service.models.tokens import Token

LONGEST = 3_650
"""Days that a token may be valid, where it has an end."""


def create(
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="Who or what it is for; the log of the workspace shows it for what it does."
        ),
    ],
    scope: Annotated[
        Literal["read", "write", "admin"],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="read: ask and follow. write: change goals, owners and links too. admin: also change the workspace "
            "and erase people.",
        ),
    ],
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires",
            metavar="DAYS",
            min=1,
            max=LONGEST,
            help="Days until it is valid no longer.  [default: until it is withdrawn]",
        ),
    ] = None,
    store: Store = None,
) -> int:
    """Make an access token and show it, this once. The store keeps a hash alone."""
    from graph_service.access import new_token
    from graph_service.cli.opening import open_store
    from graph_service.cli.output import put
    from graph_service.models.words import Scope

    now = datetime.now(UTC)
    end = None if expires is None else now + timedelta(days=expires)
    try:
        token, text = new_token(name, Scope(scope), now, expires=end)
    except Invalid as wrong:
        raise typer.BadParameter(wrong.message, param_hint="'--name'") from None
    kept = open_store(store, create=True)
    try:
        kept.put_token(token)
    finally:
        kept.close()
    put(text)
    return 0


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
            (token.id, token.scope.value, state_of(token, now), day(token.created), day(token.expires), token.name)
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


def day(moment: datetime | None) -> str:
    """A moment as a day in UTC."""
    return "never" if moment is None else f"{moment:%Y-%m-%d}"


def token_json(token: Token, now: datetime) -> dict[str, object]:
    """A token as a JSON value, without what knows its secret again."""
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope.value,
        "state": state_of(token, now),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }
