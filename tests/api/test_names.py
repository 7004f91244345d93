"""The names that clients rely on are all there, each with exactly the type it was promised with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
    print_ast,
)

from graph_service.api.inputs import MUTATIONS
from graph_service.api.schema import schema_sdl
from graph_service.models.changes import CHANGES, IMPORT_ONLY

NAMES = Path(__file__).parent / "names.graphql"

LATER = {
    "Query": {"at", "whatIf", "diff"},
}
"""Fields that come with time travel and suppositions."""

LATER_TYPES = {"Supposition"}
"""Types that come with suppositions."""


@pytest.fixture(scope="module")
def served() -> GraphQLSchema:
    return build_schema(schema_sdl())


def definitions() -> dict[str, DefinitionNode]:
    return {one.name.value: one for one in parse(NAMES.read_text()).definitions}  # type: ignore[attr-defined]


def fields_of(one: DefinitionNode) -> list[FieldDefinitionNode | InputValueDefinitionNode]:
    return list(getattr(one, "fields", None) or ())


TYPES = sorted(set(definitions()) - LATER_TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_a_promised_type_has_its_promised_fields(name: str, served: GraphQLSchema) -> None:
    promised, there = definitions()[name], served.type_map[name]
    if isinstance(promised, EnumTypeDefinitionNode):
        assert isinstance(there, GraphQLEnumType)
        assert sorted(there.values) == sorted(value.name.value for value in promised.values or ())
        return
    if isinstance(promised, ObjectTypeDefinitionNode):
        assert isinstance(there, GraphQLObjectType)
    elif isinstance(promised, InterfaceTypeDefinitionNode):
        assert isinstance(there, GraphQLInterfaceType)
    elif isinstance(promised, InputObjectTypeDefinitionNode):
        assert isinstance(there, GraphQLInputObjectType)
    else:
        assert type(there).__name__ == "GraphQLScalarType"
        return
    if not isinstance(there, GraphQLInputObjectType):
        above = [one.name.value for one in getattr(promised, "interfaces", None) or ()]
        assert set(above) <= {one.name for one in there.interfaces}
    for field in fields_of(promised):
        label = f"{name}.{field.name.value}"
        if field.name.value in LATER.get(name, ()):
            assert field.name.value not in there.fields, f"{label} is there now: take it off the list"
            continue
        assert field.name.value in there.fields, label
        served_field = there.fields[field.name.value]
        assert str(served_field.type) == print_ast(field.type), label
        for argument in getattr(field, "arguments", None) or ():
            assert argument.name.value in served_field.args, f"{label}({argument.name.value})"
            served_argument = served_field.args[argument.name.value]
            assert str(served_argument.type) == print_ast(argument.type), f"{label}({argument.name.value})"
            default = None if argument.default_value is None else print_ast(argument.default_value)
            assert (
                served_argument.ast_node.default_value and print_ast(served_argument.ast_node.default_value)
            ) == default


@pytest.mark.parametrize("kind", [*sorted(set(CHANGES) - IMPORT_ONLY), "applyChanges"])
def test_every_change_has_a_mutation_with_a_safe_input(kind: str, served: GraphQLSchema) -> None:
    assert served.mutation_type is not None
    field = served.mutation_type.fields[kind]
    assert list(field.args) == ["input"]
    given = served.type_map[str(field.args["input"].type).rstrip("!")]
    assert isinstance(given, GraphQLInputObjectType)
    assert str(given.fields["idempotencyKey"].type) == "String"
    assert str(given.fields["expectedRevision"].type) == "Int"
    answer = served.type_map[str(field.type).rstrip("!")]
    assert isinstance(answer, GraphQLObjectType)
    assert [one.name for one in answer.interfaces] == ["Payload"]
    assert answer.name == kind[0].upper() + kind[1:] + "Payload"


def test_a_change_input_takes_exactly_one_of_all_mutations(served: GraphQLSchema) -> None:
    given = served.type_map["ChangeInput"]
    assert isinstance(given, GraphQLInputObjectType)
    assert given.is_one_of
    assert sorted(given.fields) == sorted(MUTATIONS) == sorted(set(CHANGES) - IMPORT_ONLY)


def test_every_name_is_described(served: GraphQLSchema) -> None:
    bare = []
    for name, kind in served.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, one in kind.values.items() if not one.description]
        for field_name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                bare.append(f"{name}.{field_name}")
            bare += [
                f"{name}.{field_name}({argument})"
                for argument, one in getattr(field, "args", {}).items()
                if not one.description
            ]
    assert bare == []


def test_scalars_name_their_specification(served: GraphQLSchema) -> None:
    for name in ("Date", "DateTime", "JSON"):
        assert (served.type_map[name].specified_by_url or "").startswith("https://")  # type: ignore[attr-defined]


def test_the_design_promises_the_same_names(shared: Path) -> None:
    design = parse((shared / "design" / "api.graphql").read_text())
    assert [print_ast(one) for one in design.definitions] == [
        print_ast(one) for one in parse(NAMES.read_text()).definitions
    ]


def test_every_description_is_a_sentence_that_says_more_than_the_name() -> None:
    """On every type, field, argument and enum value: it ends like a sentence and is not only an article and a noun."""
    dull = re.compile(r"(The|A|An) \w+\.")
    for kind in parse(schema_sdl()).definitions:
        for part in described_parts(kind):
            assert part.description is not None, part.name.value
            text = part.description.value
            assert text[0].isupper() or text[0] == "`", (part.name.value, text)
            assert text.endswith((".", "...", "`")), (part.name.value, text)
            assert not dull.fullmatch(text), (part.name.value, text)
            assert len(text.split()) > 1, (part.name.value, text)


def described_parts(kind: Any) -> Iterator[Any]:
    """A definition, its fields or values, and their arguments."""
    if isinstance(kind, DirectiveDefinitionNode):
        return
    yield kind
    for field in (*(getattr(kind, "fields", None) or ()), *(getattr(kind, "values", None) or ())):
        yield field
        yield from getattr(field, "arguments", None) or ()
