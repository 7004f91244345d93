"""The schema: its types put together, and its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api.context import Asking, OutOfTime
from graph_service.api.errors import OPERATION_RESOLUTION_FAILURE, coded, limit_exceeded
from graph_service.api.execution import Course, Timed
from graph_service.api.mutations import Mutation
from graph_service.api.queries import Query
from graph_service.api.scalars import SCALARS
from graph_service.api.subscriptions import Subscription
from graph_service.api.types.goals import KeyResult, Objective
from graph_service.api.types.others import Initiative, Kpi, Period, RoleCharter
from graph_service.api.types.owners import Person, Team
from graph_service.models.checks import shown

ALL = frozenset(OperationType)


class Schema(strawberry.Schema):
    """The schema of the service. Its errors are coded, and what is no business of the asker is masked."""

    def create_extensions_runner(  # type: ignore[override]  # not a runner: it has the methods of one
        self, execution_context: ExecutionContext, extensions: object
    ) -> Course:
        """What is done at each stage of an operation."""
        return Course(execution_context)

    def process_errors(self, errors: list[GraphQLError], execution_context: object = None) -> None:
        """Nothing here: errors are logged where they are coded, and only those that are faults."""

    def answer(
        self,
        query: str | None,
        asking: Asking,
        *,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        allowed: frozenset[OperationType] = ALL,
    ) -> ExecutionResult:
        """The answer to one operation: plain values, all from one revision.

        Raises InvalidOperationTypeError for a kind of operation that is not allowed, MissingQueryError without one.
        """
        try:
            result = self.execute_sync(
                query,
                variable_values=None if variables is None else dict(variables),
                context_value=asking,
                operation_name=operation_name,
                allowed_operation_types=allowed,
            )
        except OutOfTime:
            error = limit_exceeded(asking.too_late())
            return ExecutionResult(data=None, errors=[error], extensions={})
        except CannotGetOperationTypeError:
            named = f"named {shown(operation_name)}" if operation_name else "at all"
            error = GraphQLError(
                f"The document has no operation {named}.", extensions={"code": OPERATION_RESOLUTION_FAILURE}
            )
            return ExecutionResult(data=None, errors=[error], extensions={})
        if asking.wish is not None:  # a subscription was opened, which is no error
            return ExecutionResult(data=None, errors=None, extensions={})
        if result.errors:
            result.errors = [
                coded(error, executing=asking.executing, request_id=asking.request_id) for error in result.errors
            ]
        return result


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Objective, KeyResult, Person, Team, Period, Initiative, Kpi, RoleCharter],
    execution_context_class=Timed,
    config=StrawberryConfig(scalar_map=SCALARS),
)
"""The one schema."""


def schema_sdl() -> str:
    """The schema as text (SDL), with all descriptions, ending in a line break."""
    return schema.as_str().rstrip() + "\n"
