"""Nasty values: whatever stands in a field of an input, the answer is a payload or a coded error, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLScalarType

from graph_service.api.schema import schema
from tests.api.company import Ask
from tests.api.test_mutations import ACCEPTED, whole

TEXTS = [
    "",
    " ",
    "x" * 25_000,
    "a\x00b",
    "\u202egnp",
    "é",
    "e\u0301",
    "🥐",
    "'; DROP TABLE nodes; --",
    "bread",
    "../../etc/passwd",
    "{{7*7}}",
]
NUMBERS = [0, -1, 1, -0.0, 1e-320, 1e308, -1e308, 1e18, 10**30]
DAYS = ["0001-01-01", "9999-12-31", "2026-05-20"]
MOMENTS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-05-20T12:00:00+14:00"]
VALUES: dict[str, list[Any]] = {
    "ID": [*TEXTS, 5],
    "String": TEXTS,
    "Float": NUMBERS,
    "Int": [0, -1, 2**31 - 1, -(2**31)],
    "Boolean": [True, False],
    "Date": DAYS,
    "DateTime": MOMENTS,
    "JSON": [None, 1, "x", [], {}, {"": None}, {"a\x00": "\x00"}, {"a": 2**70}, {"a": -0.0}, {"a": {"b": [[]]}}],
}


def values_of(kind: Any) -> Iterator[Any]:
    """Values that GraphQL takes for a type, and that nobody should send."""
    if isinstance(kind, GraphQLNonNull):
        yield from values_of(kind.of_type)
        return
    yield None
    if isinstance(kind, GraphQLList):
        inner = list(values_of(kind.of_type))[1:]
        yield []
        yield from ([one] for one in inner)
        if inner:
            yield [inner[-1], inner[-1]]
    elif isinstance(kind, GraphQLEnumType):
        yield from kind.values
    elif isinstance(kind, GraphQLScalarType):
        yield from VALUES[kind.name]
    elif isinstance(kind, GraphQLInputObjectType):
        needed = {name: one for name, one in kind.fields.items() if isinstance(one.type, GraphQLNonNull)}
        plain = {name: VALUES[str(one.type).rstrip("!")][-1] for name, one in needed.items() if not one.default_value}
        for name, one in kind.fields.items():
            for value in values_of(one.type):
                yield {**plain, name: value}


@pytest.mark.parametrize(("kind", "given"), [(kind, given) for kind, given, *_ in ACCEPTED if kind != "applyChanges"])
def test_no_value_of_a_field_is_a_fault(
    ask: Ask, caplog: pytest.LogCaptureFixture, kind: str, given: dict[str, Any]
) -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    input_type = mutation.fields[kind].args["input"].type.of_type
    assert isinstance(input_type, GraphQLInputObjectType)
    query = f"mutation($input: {input_type.name}!) {{ {kind}(input: $input) {{ errors {{ code message }} revision }} }}"
    if kind.startswith(("create", "checkIn")):
        given = {name: value for name, value in given.items() if name != "id"}  # each time anew
    for name, field in input_type.fields.items():
        for value in values_of(field.type):
            before = whole(ask)
            answer = ask(query, input={**given, name: value})
            codes = [error["extensions"]["code"] for error in answer.errors]
            assert set(codes) <= {"BAD_USER_INPUT"}, (name, value, answer.errors)
            refused = bool(codes)
            if not refused:
                assert answer.data is not None
                refused = answer.data[kind]["errors"] != []
            if refused:
                assert whole(ask) == before, (name, value)
    assert caplog.records == []
    assert ask.workspace.verify() == []
    assert ask("{ objectives { edges { node { id title attributes progress { value } } } } }").errors == []
