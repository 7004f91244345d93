"""What one operation may ask for: measured on the document before anything is executed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from graph_service.api.errors import limit_exceeded

PAGING = frozenset({"first", "last"})
"""Arguments that say how much is wanted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one operation, and of how many may wait; each is a setting with the same default."""

    depth: int = 15
    aliases: int = 100
    directives: int = 50
    tokens: int = 2_000
    page: int = 100
    max_page: int = 1_000
    cost: int = 20_000
    seconds: float = 10.0
    waiting: int = 200


class Shape(NamedTuple):
    """What an operation asks for, its fragments spread out: levels of fields, aliases, directives, and the numbers
    (or names of variables) that it gives for pages."""

    depth: int
    aliases: int
    directives: int
    pages: frozenset[int | str]


NOTHING = Shape(0, 0, 0, frozenset())


def shape_of(document: DocumentNode, operation: OperationDefinitionNode) -> Shape:
    """The shape of one operation of a document. It costs the document, however often its fragments are spread."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    known: dict[str, Shape] = {}

    def of_set(selections: SelectionSetNode | None) -> Shape:
        return NOTHING if selections is None else summed(map(of_one, selections.selections))

    def of_one(node: object) -> Shape:
        directives = len(getattr(node, "directives", None) or ())
        if isinstance(node, FieldNode):
            asked = [
                shown
                for argument in node.arguments or ()
                if argument.name.value in PAGING and (shown := _page(argument.value)) is not None
            ]
            inner = of_set(node.selection_set)
            return Shape(
                inner.depth + 1,
                inner.aliases + (node.alias is not None),
                inner.directives + directives,
                inner.pages.union(asked),
            )
        if isinstance(node, InlineFragmentNode):
            inner = of_set(node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            inner = of_fragment(node.name.value)
        else:
            inner = NOTHING
        return inner._replace(directives=inner.directives + directives)

    def of_fragment(name: str) -> Shape:
        if name not in known:
            known[name] = NOTHING  # a fragment that spreads itself is refused by validation
            fragment = fragments.get(name)
            if fragment is not None:
                inner = of_set(fragment.selection_set)
                known[name] = inner._replace(directives=inner.directives + len(fragment.directives or ()))
        return known[name]

    whole = of_set(operation.selection_set)
    return whole._replace(directives=whole.directives + len(operation.directives or ()))


def summed(shapes: Iterable[Shape]) -> Shape:
    """Several selections beside each other: the deepest, and the sums of the rest."""
    depth = aliases = directives = 0
    pages: frozenset[int | str] = frozenset()
    for one in shapes:
        depth = max(depth, one.depth)
        aliases += one.aliases
        directives += one.directives
        pages |= one.pages
    return Shape(depth, aliases, directives, pages)


def _page(value: object) -> int | str | None:
    if isinstance(value, IntValueNode):
        # a number of many digits is too large whatever its digits are, and not every number of digits can be read
        return int(value.value) if len(value.value) < 12 else 10**12
    return value.name.value if isinstance(value, VariableNode) else None


def check_shape(
    shape: Shape,
    operation: OperationDefinitionNode,
    variables: Mapping[str, object] | None,
    limits: Limits,
) -> None:
    """Raises LIMIT_EXCEEDED for an operation that asks for too much, naming the bound that it passes."""
    for what, asked, most in (
        ("levels of fields", shape.depth, limits.depth),
        ("aliases", shape.aliases, limits.aliases),
        ("directives", shape.directives, limits.directives),
    ):
        if asked > most:
            raise limit_exceeded(
                f"The operation has {shortened(asked)} {what}, its fragments spread out; at most {most} are allowed."
                " Split it into several."
            )
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode) and len(one.default_value.value) < 12
    }
    for page in shape.pages:
        size = (variables or {}).get(page, defaults.get(page)) if isinstance(page, str) else page
        if isinstance(size, int) and size > limits.max_page:
            name = f"${page} asks" if isinstance(page, str) else "The operation asks"
            raise limit_exceeded(
                f"{name} for a page of {shortened(size)}; at most {limits.max_page} are given at once."
                " Ask for fewer and page on with `after`."
            )


def check_cost(cost: int, limits: Limits) -> None:
    """Raises LIMIT_EXCEEDED for an operation that can bring too many objects."""
    if cost > limits.cost:
        raise limit_exceeded(
            f"The operation can bring {shortened(cost)} objects, by estimate; at most {limits.cost} are given at once."
            " Ask for smaller pages, or for fewer of them within each other."
        )


def shortened(number: int) -> str:
    """A count in a sentence: fragments can multiply it beyond all telling."""
    return str(number) if number < 10**9 else "more than a thousand million"
