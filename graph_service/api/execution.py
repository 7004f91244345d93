"""How one operation is executed: parsed and validated once a text, measured, and answered from one revision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    TokenKind,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from graph_service.api.context import Asking
from graph_service.api.cost import Sizes, cost_of, sizes_of
from graph_service.api.errors import OPERATION_RESOLUTION_FAILURE, limit_exceeded
from graph_service.api.limits import Limits, check_cost, check_shape, shape_of
from graph_service.api.pictures import check_picture
from graph_service.api.queries import Query
from graph_service.api.rights import check_operation
from graph_service.api.subscriptions import Subscription
from graph_service.models.checks import shown

COSTS_KEPT = 64
"""Costs of a document that are kept, each for variables of other sizes."""

LONGEST_KEPT = 20_000
"""Characters of a document that is kept for the next time; longer ones are read anew, so that memory stays bounded."""


TOKEN = 100
"""Characters of a document for each token that it may have."""

RULES: tuple[type[ASTValidationRule], ...] = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)

NOTHING_AFTER: AbstractContextManager[None] = nullcontext()
"""For a stage at whose end there is nothing to do."""

MISTAKES = 20
"""More of them in one document are not told: nobody reads them, and each costs time to be put into words."""

LONGEST_NUMBER = 300
"""Digits of a number in a document; Python takes its time to read more of them, and from 4,300 on refuses to."""


class Document:
    """A text made ready to be executed: parsed, measured, and validated once somebody needs it."""

    __slots__ = ("costs", "errors", "operations", "parsed", "shapes")

    def __init__(self, text: str, tokens: int) -> None:
        self.parsed = parse(text, max_tokens=tokens)
        check_numbers(self.parsed)
        self.operations = [one for one in self.parsed.definitions if isinstance(one, OperationDefinitionNode)]
        self.shapes = [shape_of(self.parsed, one) for one in self.operations]
        self.errors: list[GraphQLError] | None = None
        self.costs: dict[tuple[str | None, Sizes, Limits], int] = {}

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of this name, the first without one; there is one."""
        return next(one for one in self.operations if name is None or (one.name and one.name.value == name))

    def cost(
        self, schema: GraphQLSchema, name: str | None, variables: Mapping[str, object] | None, limits: Limits
    ) -> int:
        """How many objects the operation of this name can bring, counted once for variables of the same sizes."""
        asked = self.operation(name)
        known = (name, sizes_of(asked, variables, limits.cost), limits)
        if known not in self.costs:
            if len(self.costs) >= COSTS_KEPT:
                self.costs.clear()
            self.costs[known] = cost_of(schema, self.parsed, asked, known[1], limits)
        return self.costs[known]


def check_numbers(document: DocumentNode) -> None:
    """Refuses a document with a number that cannot be: of too many digits, or one that would be read as infinity."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        value = token.value or ""
        wrong = None
        if token.kind is TokenKind.FLOAT and not math.isfinite(float(value)):
            wrong = f"Float cannot represent {shown(value)}; numbers are finite"
        elif token.kind in (TokenKind.FLOAT, TokenKind.INT) and len(value) > LONGEST_NUMBER:
            wrong = f"No number has {len(value)} digits here: {shown(value)}"
        if wrong is not None and document.loc is not None:
            raise GraphQLError(wrong, source=document.loc.source, positions=[token.start])
        token = token.next


kept = lru_cache(maxsize=256)(Document)
"""Documents by their texts, for the next time."""


def document_of(text: str, tokens: int) -> Document:
    """The document of a text, from those that are kept if it is short enough; raises the error of its syntax."""
    return (kept if len(text) <= LONGEST_KEPT else Document)(text, tokens)


class Course:
    """The course of one operation, stage by stage, as Strawberry's runner of extensions has it: a text is held to its
    limits, parsed and validated once, and executed while the workspace is held at one revision.

    Extensions would say the same; that each stage of each operation makes context managers of generators for them took
    a tenth of the time of a ladder.
    """

    __slots__ = ("_asking", "_context", "_document")

    _document: Document

    def __init__(self, context: ExecutionContext) -> None:
        self._context = context
        self._asking: Asking = context.context

    def operation(self) -> AbstractContextManager[None]:
        """Refuses a text that is too long to be read at all."""
        length, most = len(self._context.query or ""), self._asking.limits.tokens * TOKEN
        if length > most:
            raise limit_exceeded(
                f"The document has {length} characters; at most {most} are allowed. Send long texts as variables."
            )
        return NOTHING_AFTER

    def parsing(self) -> AbstractContextManager[None]:
        """Takes the document from those that are kept."""
        self._document = document_of(self._context.query or "", self._asking.limits.tokens)
        self._context.graphql_document = self._document.parsed
        return NOTHING_AFTER

    def validation(self) -> AbstractContextManager[None]:
        """Measures every operation, since validation reads them all; what is too much is not validated. Picks the
        operation as GraphQL says."""
        context, document, asking = self._context, self._document, self._asking
        if context._provided_operation_name is None and len(document.operations) > 1:
            raise GraphQLError(
                "The document has several operations; say by operationName which is meant.",
                extensions={"code": OPERATION_RESOLUTION_FAILURE},
            )
        schema = context.schema._schema
        for operation, shape in zip(document.operations, document.shapes, strict=True):
            check_shape(shape, operation, context.variables, asking.limits)
        asking.cost = document.cost(schema, context.operation_name, context.variables, asking.limits)
        check_cost(asking.cost, asking.limits)
        if document.errors is None:
            document.errors = validate(schema, document.parsed, RULES, max_errors=MISTAKES)
        if not document.errors:
            operation = document.operation(context.operation_name)
            check_operation(document.parsed, operation, asking.caller)
            check_picture(schema, document.parsed, operation, asking.caller)
            asking.operation = context.operation_name
            asking.kind = context.operation_type.value
        context.pre_execution_errors = document.errors
        return NOTHING_AFTER

    def executing(self) -> AbstractContextManager[None]:
        """Holds the workspace from the first field to the last, or a mutation from the first that reads it."""
        return self

    def __enter__(self) -> None:
        asking, context = self._asking, self._context
        asking.executing = True
        asking.__enter__()
        if context.operation_type is OperationType.SUBSCRIPTION:
            context.root_value = Subscription(on=asking.ground, event=asking.event)
        elif context.operation_type is OperationType.QUERY:
            context.root_value = Query(on=asking.ground)

    def __exit__(self, *raised: Any) -> None:
        self._asking.__exit__(*raised)

    def get_extensions_results_sync(self) -> dict[str, Any]:
        """What goes into ``extensions``: the revision, since when it may be old, and the plain lists that were cut."""
        asking = self._asking
        results: dict[str, Any] = {}
        if asking.revision is not None:
            results["revision"] = asking.revision
        if asking.stale_since is not None:
            results["staleSince"] = asking.stale_since.isoformat(timespec="seconds")
        if asking.truncated:
            results["truncated"] = asking.truncated
        if asking.tell_cost and asking.cost is not None:
            results["cost"] = {"objects": asking.cost, "limit": asking.limits.cost}
        return results


class Timed(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation as long as it has time."""

    context_value: Asking

    def execute_fields(self, *given: Any) -> Any:
        """The fields of one object; OutOfTime ends the operation. Every resolver that brings objects comes by here."""
        self.context_value.in_time()
        return super().execute_fields(*given)
