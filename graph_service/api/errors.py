"""Refusals and faults as GraphQL shows them: expected ones as data of a payload, others as coded top-level errors.

Nothing that is not meant for the asker leaves here: what is not known to be harmless is masked and logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import cast

import strawberry
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError

from graph_service.access import Caller
from graph_service.api.enums import ErrorCode
from graph_service.api.fields import Reader
from graph_service.errors import Fault, Refusal, RevisionMoved, StoreDamaged, StoreUnavailable
from graph_service.models.words import Scope

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
UNAUTHENTICATED = "UNAUTHENTICATED"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
REVISION_NOT_REACHED = "REVISION_NOT_REACHED"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"

TOO_MUCH = ("tokens. Parsing aborted", "nested too deeply")
GAVE_UP = "Validation aborted."
LONGEST = 600

log = logging.getLogger("graph_service.api")

of_error = Reader["UserError"]()


@strawberry.type(description="Why a change was refused. Nothing has changed.")
class UserError:
    """A refusal as data of a payload."""

    refusal: strawberry.Private[Refusal]

    code: ErrorCode = of_error(lambda error: error.refusal.code, "The reason, for programs.")
    message: str = of_error(
        lambda error: error.refusal.message, "The reason, for people: field, value and what to do about it."
    )
    path: list[str] | None = of_error(
        lambda error: list(error.refusal.path) or None,
        "Where in the input: names of fields, places in lists from 0.",
    )
    nodes: list[strawberry.ID] | None = of_error(
        lambda error: [strawberry.ID(id) for id in error.refusal.nodes] or None,
        "Ids that it is about; for CYCLE the ring in order, each supporting the next.",
    )
    revision: int | None = of_error(
        lambda error: error.refusal.revision, "For CONFLICT: the present revision of what was to be changed."
    )


def codes_of(errors: Iterable[GraphQLError]) -> list[str]:
    """The codes of errors, sorted, each once."""
    return sorted({str((error.extensions or {}).get("code")) for error in errors})


def bad_input(message: str) -> GraphQLError:
    """The error for a wish that cannot be."""
    return GraphQLError(message, extensions={"code": BAD_USER_INPUT})


def limit_exceeded(message: str) -> GraphQLError:
    """The error for an operation that asks for more than is given at once."""
    return GraphQLError(message, extensions={"code": LIMIT_EXCEEDED})


def forbidden(field: str, caller: Caller, needed: Scope) -> GraphQLError:
    """The error for an operation that the caller's token does not allow."""
    message = f"{field} needs a token of scope {needed}; this one has {caller.scope}. Nothing of it was done."
    return GraphQLError(message, extensions={"code": FORBIDDEN})


def not_shown(field: str, view: str) -> GraphQLError:
    """The error for what an embed token of a view does not let ask."""
    message = f"{field} is no part of what this token shows, which is one {view} alone."
    return GraphQLError(message, extensions={"code": FORBIDDEN})


def coded(error: GraphQLError, *, executing: bool, request_id: str) -> GraphQLError:
    """The error as the asker may see it: with ``extensions.code``, and masked (and logged) if it is a fault.

    ``executing`` tells whether the document had been found valid; ``request_id`` is how a fault is found in the log.
    """
    if "code" in (error.extensions or {}):
        return error
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError) and "code" in (cause.extensions or {}):
        return _as(error, cause.message, cast("str", (cause.extensions or {})["code"]))
    match cause:
        case Refusal():
            return _as(error, cause.message, BAD_USER_INPUT)
        case StrawberryInputCoercionError():
            return _as(error, cut(error.message), BAD_USER_INPUT)
        case RevisionMoved():
            message = f"The workspace is at revision {cause.revision} and did not reach the one asked for in time."
            return _as(error, message, REVISION_NOT_REACHED)
        case RecursionError() if not executing:
            return _as(error, "The document is nested too deeply; split it into several.", LIMIT_EXCEEDED)
        case StoreUnavailable():
            log.error("the store is unavailable: %s", cause, extra={"request_id": request_id})
            message = "The store cannot be reached now; try again later."
            return _as(error, message, STORE_UNAVAILABLE, request_id)
        case StoreDamaged() | Fault():
            log.error("the store: %s", cause, extra={"request_id": request_id})
            return _as(error, _masked(request_id), INTERNAL_SERVER_ERROR, request_id)
        case None | GraphQLError():
            return _as(error, cut(error.message), _code_of(error, executing))
    node = next(iter(error.nodes or ()), None)
    field = node.name.value if isinstance(node, FieldNode) else None  # a path would hold aliases: words of the asker
    log.error("a fault", exc_info=cause, extra={"request_id": request_id, "field": field})
    return _as(error, _masked(request_id), INTERNAL_SERVER_ERROR, request_id)


def _code_of(error: GraphQLError, executing: bool) -> str:
    """The code of an error that GraphQL itself found."""
    if executing:
        return BAD_USER_INPUT
    # GraphQL's own words where it gives up; tests hold them
    if isinstance(error, GraphQLSyntaxError):
        return LIMIT_EXCEEDED if any(words in error.message for words in TOO_MUCH) else PARSE_FAILED
    return LIMIT_EXCEEDED if error.message == GAVE_UP else VALIDATION_FAILED


def cut(message: str) -> str:
    """GraphQL's own sentence, which repeats what it was given, at a length that can be read."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 150]} ... {message[-140:]}"


def _masked(request_id: str) -> str:
    return f"Something went wrong here, not with what you asked. The log has it under request {request_id}."


def _as(error: GraphQLError, message: str, code: str, request_id: str | None = None) -> GraphQLError:
    extensions = {"code": code} | ({"requestId": request_id} if request_id else {})
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
