"""Who begins an operation on a line that stays open, and whether they may still be there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from graph_service.access import Access, Caller, TooOften, Unauthenticated
from graph_service.access.rates import network
from graph_service.api.endings import Ending, unauthenticated, unavailable
from graph_service.api.errors import limit_exceeded
from graph_service.errors import Fault


class Callers:
    """Asks the access tokens, without letting the event loop wait for the store."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def caller(self, scope: Scope, authorizations: Sequence[str]) -> Caller:
        """Who begins something by these tokens. Ending for whoever may not."""
        access: Access = scope["state"]["access"]
        try:
            await self.refresh(access)
            return access.caller(authorizations, address_of(scope))
        except Unauthenticated:
            raise unauthenticated() from None
        except TooOften as often:
            raise Ending(limit_exceeded(str(often))) from None
        except Fault as fault:
            raise unavailable(fault, scope["state"]["request_id"]) from None

    async def holds(self, access: Access, caller: Caller) -> bool:
        """Whether somebody may still be here. Raises the store's fault."""
        await self.refresh(access)
        return access.holds(caller)

    async def refresh(self, access: Access) -> None:
        """Lets what is known of the tokens be young enough: one asks the store, in a thread, for all."""
        if not access.fresh:
            async with self._turn:
                if not access.fresh:
                    await run_in_threadpool(access.refresh)


def address_of(scope: Scope) -> str:
    """The address that a request comes from."""
    return (scope.get("client") or ("",))[0]


def whose_is(caller: Caller, address: str) -> str:
    """By what the connections of somebody are counted: the token, or else the address.

    All who read a page share its embed token, so of that those of each address are counted by themselves.
    """
    if caller.id is None or caller.embed:
        return f"{'address' if caller.id is None else f'token {caller.id} at'} {network(address)}"
    return f"token {caller.id}"
