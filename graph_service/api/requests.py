"""What a request over HTTP holds, read strictly: one JSON object in UTF-8, or the parameters of a GET."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from strawberry.http import GraphQLRequestData

from graph_service.api.errors import BAD_USER_INPUT
from graph_service.models.checks import holds_half_pair, shown

JSON = "application/json"
UTF8 = frozenset({"utf-8", "utf8"})
UNCODED = frozenset({"", "identity"})
EXAMINED = 100_000
"""So much of a text that is no JSON is gone through for a better reason than the decoder's."""

WHOLE = re.compile(r"\d{1,10}\Z", re.ASCII)

read_json = msgspec.json.Decoder().decode
write_json = msgspec.json.Encoder().encode


class BadRequest(HTTPException):
    """A request that is answered before any GraphQL: a status, a sentence, a code, and further headers."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, code: str = BAD_USER_INPUT
    ) -> None:
        super().__init__(status, message)
        self.headers = dict(headers or {})
        self.code = code


def error_body(message: str, code: str) -> bytes:
    """An error as GraphQL clients read it."""
    return write_json({"errors": [{"message": message, "extensions": {"code": code}}]})


def decoded(data: bytes | str, what: str) -> object:
    """The JSON value that a body or parameter holds; BadRequest for what is none, too deep, or of numbers too large."""
    try:
        return read_json(data)
    except RecursionError:
        raise BadRequest(400, f"{what} is nested too deeply; flatten it") from None
    except msgspec.MsgspecError as wrong:
        begun = data[:EXAMINED]
        halved = holds_half_pair(begun.encode(errors="replace") if isinstance(begun, str) else begun)
        why = "it holds half a surrogate pair, which is no character" if halved else wrong
        raise BadRequest(400, f"{what} is no JSON: {why}") from None
    except UnicodeError:
        raise BadRequest(400, f"{what} is no UTF-8") from None


async def read_request(request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
    """The operation that a request holds; BadRequest for anything else."""
    fields: dict[str, Any]
    if request.method == "GET":
        fields = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in fields:
                fields[name] = decoded(fields[name], name) if fields[name] else None
    else:
        check_content_type(request.content_type)
        check_coding(request.headers.get("content-encoding"))
        body = decoded(await request.get_body(), "the body")
        if not isinstance(body, dict):
            raise BadRequest(400, 'The body is no JSON object; send {"query": "..."}.')
        fields = body
    for name, kind, word in (
        ("query", str, "a text"),
        ("operationName", str, "a text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        value = fields.get(name)
        if value is not None and not isinstance(value, kind):
            raise BadRequest(400, f"{name} {shown(value)} is not {word}.")
    if not fields.get("query"):
        raise BadRequest(400, "There is no query; send the GraphQL document as `query`.")
    return GraphQLRequestData(
        query=fields["query"],
        variables=fields.get("variables"),
        operation_name=fields.get("operationName") or None,
        extensions=fields.get("extensions"),
    )


def check_content_type(given: str | None) -> None:
    """Refuses a body that is not JSON in UTF-8, by its content type."""
    kind, _, parameters = (given or "").partition(";")
    if kind.strip().lower() != JSON:
        raise BadRequest(415, f"The content type {shown(given or '')} is not known here; send {JSON}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in UTF8:
            raise BadRequest(415, f"The charset {shown(value)} is not known here; send UTF-8.")


def check_coding(given: str | None) -> None:
    """Refuses a body that is compressed."""
    if given is not None and given.strip().lower() not in UNCODED:
        raise BadRequest(415, f"Bodies of content coding {shown(given)} are not read here; send it as it is.")


def least_revision(text: str | None) -> int | None:
    """The revision of a ``Min-Revision`` header; BadRequest for one that is no number."""
    if text is None:
        return None
    if not WHOLE.match(text):
        raise BadRequest(400, f"Min-Revision {shown(text)} is no revision; give its number.")
    return int(text)
