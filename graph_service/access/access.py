"""Who asks: the one place that decides whether somebody may come in, and how far."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic

from graph_service.access.rates import Rates, network
from graph_service.access.secret import read_authorization
from graph_service.alignment.narrow import narrow
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.errors import StoreUnreachable
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.stores.base import Store

AGE = 0.5
"""Seconds after which the tokens are read anew, so that one withdrawn by another process ends soon."""

RANK = {Scope.READ: 0, Scope.WRITE: 1, Scope.ADMIN: 2}

log = logging.getLogger("graph_service.access")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in: the token's id, its name (which the log of the workspace shows) and its scope.

    ``root`` and ``view`` are those of an embed token, which lets see that one picture; None for everybody else.
    """

    id: str | None
    name: str
    scope: Scope
    root: str | None = None
    view: str | None = None

    def allows(self, scope: Scope) -> bool:
        """Whether this caller may do what a scope stands for."""
        return RANK[self.scope] >= RANK[scope]

    @property
    def embed(self) -> bool:
        """Whether this caller may see one picture alone."""
        return self.view is not None or self.root is not None

    @property
    def viewer(self) -> Viewer:
        """Through whose eyes everything is shown to this caller."""
        return narrow(self.view or "", self.root) if self.embed else EVERYBODY


OPEN = Caller(None, "anonymous", Scope.ADMIN)
"""Who asks on the machine itself while there are no tokens: they could open the store's file as well."""


class Unauthenticated(Exception):
    """Nobody that is known here. One sentence for all reasons: which it was helps only somebody who guesses."""

    def __init__(self) -> None:
        super().__init__("This needs a valid access token, sent as `Authorization: Bearer TOKEN`.")


class TooOften(Exception):
    """More requests than are answered; ``retry_after`` are the whole seconds until the next one is."""

    def __init__(self, whose: str, wait: float) -> None:
        self.retry_after = max(1, math.ceil(wait))
        super().__init__(f"Too many requests {whose}; try again in {self.retry_after} s.")


class Access:
    """The tokens of a store, and what they let in.

    ``loopback`` tells that only this machine can reach the service: then it is open until the first token is made. It
    stays closed when all tokens have been withdrawn or are past their time, so that it does not open by itself.
    """

    def __init__(
        self,
        store: Store,
        *,
        loopback: bool,
        rates: Rates | None = None,
        clock: Callable[[], datetime] | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._store = store
        self._loopback = loopback
        self._rates = rates or Rates(now=now)
        self._clock = clock or (lambda: datetime.now(UTC))
        self._now = now
        self._lock = Lock()
        self._read = -math.inf
        self._tokens: dict[str, Token] | None = None  # not read yet: nobody is let in

    # ---------- the tokens ----------

    @property
    def fresh(self) -> bool:
        """Whether what is known of the tokens is young enough; if not, :meth:`refresh` has to ask the store."""
        return self._now() - self._read < AGE

    def refresh(self) -> None:
        """Reads the tokens anew if they are too old. Waits for the store, so not for an event loop; its fault is
        raised, and nobody is let in by what was known before.

        But while a store on a server is lost, what was known holds: nobody can withdraw a token there either.
        """
        with self._lock:
            if self.fresh:
                return
            try:
                self._tokens = {token.id: token for token in self._store.tokens()}
            except StoreUnreachable:
                if self._tokens is None:
                    raise
            self._read = self._now()

    @property
    def open(self) -> bool:
        """Whether everybody is let in without a token."""
        return self._loopback and self._tokens is not None and not self._tokens

    # ---------- who asks ----------

    def caller(self, authorizations: Sequence[str], address: str) -> Caller:
        """Who sends these ``Authorization`` headers from an address, by the tokens as of the last refresh.

        Unauthenticated without a header where one is needed, and for one that is malformed, unknown, withdrawn or past
        its time, or more than one; TooOften for too many requests of a token or an address, or too many such refusals.
        """
        self._take(self._rates.addresses.take(network(address)), "from this address")
        if not authorizations and self.open:
            return OPEN
        if not authorizations:
            raise Unauthenticated
        token = self._known(authorizations)
        if token is None:
            # A valid token still comes in, so that nobody locks out those who share the address.
            self._take(self._rates.failures.take(network(address)), "with a token that is not valid")
            raise Unauthenticated
        self._take(self._rates.tokens.take(token.id), "with this token")
        return Caller(token.id, token.name, token.scope, token.root, token.view)

    def holds(self, caller: Caller) -> bool:
        """Whether somebody who was let in still may be here. Cheap: the store is asked at most twice a second."""
        self.refresh()
        if caller.id is None:
            return self.open
        token = self._named(caller.id)
        if token is None or not token.valid(self._clock()):
            return False
        return (token.scope, token.root, token.view) == (caller.scope, caller.root, caller.view)

    def _known(self, authorizations: Sequence[str]) -> Token | None:
        said = read_authorization(authorizations[0]) if len(authorizations) == 1 else None
        if said is None:
            return None
        token = self._named(said.id)
        if not said.is_of(token):
            return None
        assert token is not None
        return token if token.valid(self._clock()) else None

    def _named(self, id_: str) -> Token | None:
        return None if self._tokens is None else self._tokens.get(id_)

    @staticmethod
    def _take(wait: float, whose: str) -> None:
        if wait:
            raise TooOften(whose, wait)
