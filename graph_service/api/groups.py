"""Those who follow the same in the same words, and the answers that they share."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphql import FieldNode, OperationDefinitionNode, VariableNode, Visitor, visit
from starlette.concurrency import run_in_threadpool
from strawberry.types import ExecutionResult

from graph_service.api.context import Asking
from graph_service.api.execution import document_of
from graph_service.api.requests import write_json
from graph_service.api.schema import schema
from graph_service.workspace.following import Event
from graph_service.workspace.noticing import Noticed

KEPT = 8_000_000
"""Bytes of answers that are kept for all who ask the same."""

MOST_KEPT = 1_000
"""Answers that are kept at most."""


class Told(NamedTuple):
    """An answer as bytes, and the event that it tells of (None: it is the answer to a query or mutation).

    An empty one is a sign of life: there has been nothing to tell for a while.
    """

    body: bytes
    event: Event | Noticed | None = None


ALIVE = Told(b"")


def body_of(result: ExecutionResult) -> bytes:
    """A result as JSON: without ``data`` where nothing was executed."""
    answer: dict[str, object] = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.data is not None or any(error.path for error in result.errors or ()):
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    return write_json(answer)


class _Uses(Visitor):
    """Counts where variables are used."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[str] = Counter()

    def enter_variable_definition(self, *_: object) -> object:
        return self.SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.counted[node.name.value] += 1


def resuming(text: str, tokens: int, operation_name: str | None) -> frozenset[str]:
    """The variables that only say from where on is followed: what is told does not depend on them."""
    parsed = document_of(text, tokens).parsed
    uses = _Uses()
    visit(parsed, uses)
    found: set[str] = set()
    for operation in parsed.definitions:
        if isinstance(operation, OperationDefinitionNode) and (
            operation_name is None or (operation.name is not None and operation.name.value == operation_name)
        ):
            for field in operation.selection_set.selections:
                if isinstance(field, FieldNode):
                    found.update(
                        argument.value.name.value
                        for argument in field.arguments or ()
                        if argument.name.value in {"after", "epoch", "asOf"}
                        and isinstance(argument.value, VariableNode)
                    )
    return frozenset(name for name in found if uses.counted[name] == 1)


class Group:
    """All who follow the same in the same words: each event is answered once for all of them."""

    def __init__(
        self, asking: Asking, text: str, variables: Mapping[str, object] | None, operation_name: str | None
    ) -> None:
        self.asking = asking
        self.text = text
        self.variables = variables
        self.operation_name = operation_name
        self._answers: OrderedDict[object, bytes | None] = OrderedDict()
        self._weight = 0
        self._turn = asyncio.Lock()

    async def answers(self, events: Sequence[Event | Noticed]) -> list[bytes | None]:
        """The answers about some events; None where there is nothing in one for these who ask."""
        async with self._turn:
            known = self._answers
            missing = [event for event in events if _key(event) not in known]
            if missing:
                made = await run_in_threadpool(self._answer, missing)
                for event, body in zip(missing, made, strict=True):
                    known[_key(event)] = body
                    self._weight += len(body or b"") if known is self._answers else 0
            found = [known[_key(event)] for event in events]
            while known is self._answers and (self._weight > KEPT or len(known) > MOST_KEPT):
                self._weight -= len(known.popitem(last=False)[1] or b"")
            return found

    def forget(self) -> None:
        """Keeps none of its answers: somebody was erased, and they may hold the name."""
        self._answers = OrderedDict()
        self._weight = 0

    def _answer(self, events: Sequence[Event | Noticed]) -> list[bytes | None]:
        return [self._answer_one(event) for event in events]

    def _answer_one(self, event: Event | Noticed) -> bytes | None:
        asking = self.asking.about(event)
        result = schema.answer(self.text, asking, variables=self.variables, operation_name=self.operation_name)
        return None if asking.untold and not result.errors else body_of(result)


def _key(event: Event | Noticed) -> object:
    """What tells an event from the others that are told in one epoch: a day may begin at more than one place."""
    return (event.before, event.place) if isinstance(event, Noticed) else event.revision
