"""What an operation can bring: objects, estimated from the document and its variables before anything is executed.

Every object that a field leads to counts as one. What stands in a page counts as often as the page has rows; in a plain
list as often as such a list usually has entries; in a ladder, cascade or org chart as often as so many levels usually
hold. Each object and entry of an input counts as one too. Directives are not looked at: what may be left out counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_named_type,
    get_nullable_type,
)

from graph_service.api.limits import Limits

ENTRIES = 10
"""Entries of a plain list of objects, where nothing better is known."""

KNOWN_ENTRIES: dict[str, int] = {
    "brokenReferences": 1,
    "edges": 20,
    "nodes": 20,
    "dottedManagers": 1,
    "doubled": 3,
    "errors": 1,
    "initiatives": 3,
    "keyResults": 5,
    "alignedFrom": 3,
    "alignedTo": 3,
    "contributors": 5,
    "leads": 2,
    "members": 30,
    "milestones": 5,
    "parents": 2,
    "path": 8,
    "paths": 8,
    "periods": 12,
    "plan": 5,
    "tasks": 5,
    "teams": 5,
    "versions": 3,
}
"""Entries of plain lists, by field: ``nodes`` and ``edges`` of a ladder; of ``paths`` how long each one is."""

BREADTH = {"Cascade": 5, "OrgChart": 7}
"""How many lie under each node of these, level by level; together never more than a page can hold."""

INTROSPECTION: dict[str, int] = {"types": 200, "fields": 4, "args": 1, "inputFields": 2, "enumValues": 1}
INTROSPECTION |= {"possibleTypes": 1, "interfaces": 1, "directives": 6}
"""Entries of the lists of introspection, as this schema has them on average."""

MOST = 10**12
"""Where counting stops to matter."""

Composite = GraphQLObjectType | GraphQLInterfaceType


class Cost(NamedTuple):
    """Objects of a selection: so many at once, and so many for each row of the page that it is selected from."""

    once: int
    a_row: int


FREE = Cost(0, 0)


class Sizes(NamedTuple):
    """What matters of the variables of a request: whole numbers, and of how many objects and entries others are."""

    numbers: tuple[tuple[str, int], ...]
    entries: tuple[tuple[str, int], ...]


def sizes_of(operation: OperationDefinitionNode, variables: Mapping[str, object] | None, most: int) -> Sizes:
    """What matters of the variables of a request for counting an operation, their defaults included.

    A variable is counted as far as it takes to be more than ``most``.
    """
    numbers: dict[str, int] = {}
    many: dict[str, int] = {}
    for one in operation.variable_definitions or ():
        name = one.variable.name.value
        given = (variables or {}).get(name, one.default_value)
        if isinstance(given, IntValueNode):
            numbers[name] = _whole(given)
        elif isinstance(given, int) and not isinstance(given, bool):
            numbers[name] = min(given, MOST)
        elif isinstance(given, list | dict | ListValueNode | ObjectValueNode):
            many[name] = entries(given, {}, most)
    return Sizes(tuple(numbers.items()), tuple(many.items()))


def entries(value: object, known: Mapping[str, int], most: int) -> int:
    """How many objects and list entries an argument or a variable has, counted as far as it takes to be more than
    ``most``; those of variables within it are known."""
    count = 0
    waiting = [value]
    while waiting and count <= most:
        one = waiting.pop()
        if isinstance(one, VariableNode):
            count += known.get(one.name.value, 0)
        elif isinstance(one, ListValueNode):
            count += len(one.values)
            waiting.extend(one.values)
        elif isinstance(one, ObjectValueNode):
            count += 1
            waiting.extend(field.value for field in one.fields)
        elif isinstance(one, list):
            count += len(one)
            waiting.extend(entry for entry in one if isinstance(entry, list | dict))
        elif isinstance(one, dict):
            count += 1
            waiting.extend(entry for entry in one.values() if isinstance(entry, list | dict))
    return count


def _whole(literal: IntValueNode) -> int:
    # a number of many digits is too large whatever its digits are, and not every number of digits can be read
    return int(literal.value) if len(literal.value) < 12 else MOST


class _Counting:
    """One document being counted with the variables of one request. Each fragment is counted once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: Sizes, limits: Limits) -> None:
        self.schema = schema
        self.numbers, self.entries = dict(sizes.numbers), dict(sizes.entries)
        self.limits = limits
        self.fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self.known: dict[str, Cost] = {}

    def of_set(self, selections: SelectionSetNode | None, on: GraphQLNamedType | None) -> Cost:
        once = a_row = 0
        for node in selections.selections if selections is not None else ():
            if isinstance(node, FieldNode):
                found = self.of_field(node, on)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = on if condition is None else self.schema.get_type(condition.name.value)
                found = self.of_set(node.selection_set, inner)
            elif isinstance(node, FragmentSpreadNode):
                found = self.of_fragment(node.name.value)
            else:
                continue
            once, a_row = min(once + found.once, MOST), min(a_row + found.a_row, MOST)
        return Cost(once, a_row)

    def of_fragment(self, name: str) -> Cost:
        if name not in self.known:
            self.known[name] = FREE  # a fragment that spreads itself is refused by validation
            fragment = self.fragments.get(name)
            if fragment is not None:
                on = self.schema.get_type(fragment.type_condition.name.value)
                self.known[name] = self.of_set(fragment.selection_set, on)
        return self.known[name]

    def of_field(self, node: FieldNode, on: GraphQLNamedType | None) -> Cost:
        name = node.name.value
        field = self.schema.get_field(on, name) if isinstance(on, Composite) else None
        if field is None or on is None:
            return FREE  # validation refuses what there is not
        if name == "ofType":
            return FREE  # what a type wraps is part of it
        given = sum([entries(argument.value, self.entries, self.limits.cost) for argument in node.arguments or ()])
        kind = get_named_type(field.type)
        if node.selection_set is None:
            return Cost(given, 0)
        inner = self.of_set(node.selection_set, kind)
        rows = self.rows(node, field, kind)
        each = 1 + inner.once + inner.a_row * rows
        if isinstance(get_nullable_type(field.type), GraphQLList):
            if on.name.endswith("Connection") or on.name in BREADTH:
                return Cost(given, min(each, MOST))
            each *= self.length(node, field, on)
        return Cost(min(given + each, MOST), 0)

    def rows(self, node: FieldNode, field: GraphQLField, kind: GraphQLNamedType) -> int:
        """How many rows the lists of what a field leads to have, if those depend on its arguments."""
        most = self.limits.max_page
        if kind.name in BREADTH:
            depth = self.number(node, field, "depth")
            levels, breadth = (3 if depth is None else max(depth, 0)), BREADTH[kind.name]
            return min(sum(int(breadth**level) for level in range(min(levels, 12) + 1)), most)
        if kind.name.endswith("Connection"):
            asked = [self.number(node, field, name) for name in ("first", "last")]
            sizes = [size for size in asked if size is not None]
            return max(*sizes, 0) if sizes else self.limits.page
        return 0

    def length(self, node: FieldNode, field: GraphQLField, on: GraphQLNamedType) -> int:
        """How many entries a plain list has."""
        name = node.name.value
        if on.name.startswith("__"):
            return INTROSPECTION.get(name, ENTRIES)
        if "ids" in field.args:
            ids = next((one.value for one in node.arguments or () if one.name.value == "ids"), None)
            return 0 if ids is None else entries(ids, self.entries, self.limits.cost)
        each = KNOWN_ENTRIES.get(name, ENTRIES)
        if "first" not in field.args:
            return each
        asked = self.number(node, field, "first")
        size = ENTRIES if asked is None else max(asked, 0)
        return size * each if str(field.type).startswith("[[") else size  # a list of lists

    def number(self, node: FieldNode, field: GraphQLField, name: str) -> int | None:
        """The whole number that an argument gives, or its default; None without one."""
        argument = field.args.get(name)
        if argument is None:
            return None
        value = next((one.value for one in node.arguments or () if one.name.value == name), None)
        found: object = None if argument.default_value is Undefined else argument.default_value
        if isinstance(value, IntValueNode):
            found = _whole(value)
        elif isinstance(value, NullValueNode):
            found = None
        elif isinstance(value, VariableNode):
            found = self.numbers.get(value.name.value, found)
        return found if isinstance(found, int) else None


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, sizes: Sizes, limits: Limits
) -> int:
    """How many objects an operation can bring, by estimate. It costs the document, however often fragments are spread.

    What the schema does not have costs nothing: such a document is refused anyway.
    """
    root = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }[operation.operation]
    return _Counting(schema, document, sizes, limits).of_set(operation.selection_set, root).once
