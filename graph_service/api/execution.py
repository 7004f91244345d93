"""How one operation is executed: parsed and validated once a text, measured, and answered from one revision."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    ASTValidationRule,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    ValidationRule,
    specified_rules,
)
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

from graph_service.api.errors import OPERATION_RESOLUTION_FAILURE, limit_exceeded
from graph_service.api.limits import check_shape
from graph_service.api.queries import Query
from graph_service.models.checks import shown

if TYPE_CHECKING:
    from graph_service.api.context import Asking

LONGEST_KEPT = 20_000
"""Characters of a document that is kept for the next time; longer ones are read anew, so that memory stays bounded."""


class FiniteNumbers(ValidationRule):
    """Refuses a literal that no Float can hold: it would be read as infinity."""

    def enter_float_value(self, node: FloatValueNode, *_: object) -> None:
        """Looks at a literal with a point or an exponent."""
        if not math.isfinite(float(node.value)):
            self.report_error(GraphQLError(f"Float cannot represent {shown(node.value)}; numbers are finite", node))

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        """Looks at a literal of digits."""
        if len(node.value) > 300:
            self.report_error(GraphQLError(f"No number has {len(node.value)} digits here: {shown(node.value)}", node))


TOKEN = 100
"""Characters of a document for each token that it may have."""

RULES: tuple[type[ASTValidationRule], ...] = (FiniteNumbers, *specified_rules)


class Bounded(SchemaExtension):
    """Holds an operation to its limits before it is validated, and picks it as GraphQL says."""

    def on_operation(self) -> Iterator[None]:
        """Sets the bounds of parsing and the rules of validation. A text that is too long is not even read."""
        context = self.execution_context
        tokens = asking_of(self).limits.tokens
        length = len(context.query or "")
        if length > tokens * TOKEN:
            raise limit_exceeded(
                f"The document has {length} characters; at most {tokens * TOKEN} are allowed."
                " Send long texts as variables."
            )
        context.parse_options["max_tokens"] = tokens
        context.validation_rules = RULES
        yield

    def on_validate(self) -> Iterator[None]:
        """Measures the operation. What it refuses is not validated."""
        context = self.execution_context
        document = context.graphql_document
        assert document is not None
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        name = context._provided_operation_name
        if name is None and len(operations) > 1:
            raise GraphQLError(
                "The document has several operations; say by operationName which is meant.",
                extensions={"code": OPERATION_RESOLUTION_FAILURE},
            )
        limits = asking_of(self).limits
        for operation in operations:  # all of them: validation reads the whole document
            check_shape(document, operation, context.variables, limits)
        yield


class Parsed(ParserCache):
    """Parses a text once, unless it is too long to be kept."""

    def on_parse(self) -> Iterator[None]:
        """Takes the document from the cache."""
        if len(self.execution_context.query or "") > LONGEST_KEPT:
            yield
        else:
            yield from super().on_parse()


class Validated(ValidationCache):
    """Validates a document once, unless it is too long to be kept."""

    def on_validate(self) -> Iterator[None]:
        """Takes what validation found from the cache."""
        if len(self.execution_context.query or "") > LONGEST_KEPT:
            yield
        else:
            yield from super().on_validate()


class OneRevision(SchemaExtension):
    """Holds the workspace from the first field to the last, and says which revision was answered from."""

    def on_execute(self) -> Iterator[None]:
        """Answers from one ground."""
        asking = asking_of(self)
        asking.executing = True
        with asking:
            self.execution_context.root_value = Query(on=asking.ground)
            yield

    def get_results(self) -> dict[str, Any]:
        """What goes into ``extensions``: the revision, and the plain lists that were cut."""
        asking = asking_of(self)
        results: dict[str, Any] = {}
        if asking.revision is not None:
            results["revision"] = asking.revision
        if asking.truncated:
            results["truncated"] = asking.truncated
        return results


def asking_of(extension: SchemaExtension) -> Asking:
    """The operation that an extension is part of."""
    return cast("Asking", extension.execution_context.context)


EXTENSIONS = (Bounded, Parsed, Validated, OneRevision)
