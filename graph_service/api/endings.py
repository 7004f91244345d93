"""Why something ends that whoever follows did not end, and what they are told of it."""

from __future__ import annotations

from graphql import GraphQLError

from graph_service.api.errors import STORE_UNAVAILABLE, UNAUTHENTICATED, coded, codes_of
from graph_service.api.requests import write_json
from graph_service.errors import Fault


class Ending(Exception):
    """Why something ends that whoever follows did not end: coded errors.

    ``close`` is the code by which a WebSocket is closed; None: only the one subscription ends. ``again``: to connect
    again is all that is needed.
    """

    def __init__(self, *errors: GraphQLError, close: int | None = None, again: bool = False) -> None:
        super().__init__(errors[0].message)
        self.errors = errors
        self.close = close
        self.again = again

    @property
    def body(self) -> bytes:
        """The errors as an answer."""
        return write_json({"errors": [error.formatted for error in self.errors]})

    @property
    def codes(self) -> list[str]:
        """The codes of the errors, sorted, each once."""
        return codes_of(self.errors)


def unauthenticated() -> Ending:
    """For whoever may no longer, or not at all."""
    message = "The token is missing, unknown, expired or withdrawn; connect again with a valid one."
    return Ending(GraphQLError(message, extensions={"code": UNAUTHENTICATED}), close=4401)


def unavailable(fault: Fault, request_id: str) -> Ending:
    """For when the store cannot say what has to be known."""
    error = GraphQLError(str(fault), original_error=fault)
    return Ending(coded(error, executing=True, request_id=request_id), close=1013, again=True)


def stopping(after: int | None = None) -> Ending:
    """For when the service stops."""
    message = "The service is stopping; connect again" + (f", with after: {after}." if after is not None else ".")
    return Ending(GraphQLError(message, extensions={"code": STORE_UNAVAILABLE}), close=1001, again=True)
