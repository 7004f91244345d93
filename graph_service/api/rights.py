"""What each scope of an access token allows: the one table, and where an operation is held to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from graph_service.access import Caller
from graph_service.api.errors import forbidden
from graph_service.models.changes import Change
from graph_service.models.words import Scope

ADMIN = frozenset({"erasePerson", "updateWorkspace"})
"""The mutations (and changes of applyChanges) that need scope admin; all others need write, and questions read."""


def needed(mutation: str) -> Scope:
    """The scope that a mutation needs."""
    return Scope.ADMIN if mutation in ADMIN else Scope.WRITE


def check_operation(document: DocumentNode, operation: OperationDefinitionNode | None, caller: Caller) -> None:
    """Refuses an operation (FORBIDDEN) of which the caller may not do every mutation. The document must be valid.

    A field is held to it even if a directive would skip it.
    """
    if operation is None or operation.operation is not OperationType.MUTATION or caller.allows(Scope.ADMIN):
        return
    for name in root_fields(document, operation):
        if not caller.allows(needed(name)):
            raise forbidden(name, caller, needed(name))


def check_changes(changes: Iterable[Change], caller: Caller) -> None:
    """Refuses changes of one commit (FORBIDDEN) of which the caller may not do every one."""
    for change in changes:
        if not caller.allows(needed(change.kind)):
            raise forbidden(change.kind, caller, needed(change.kind))


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    """The names of the fields that an operation asks for at its root, fragments spread out, each fragment once."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    left: list[SelectionSetNode] = [operation.selection_set]
    while left:
        for selection in left.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            elif isinstance(selection, FragmentSpreadNode):
                fragment = fragments.pop(selection.name.value, None)
                if fragment is not None:
                    left.append(fragment.selection_set)
            else:
                left.append(selection.selection_set)  # type: ignore[attr-defined]
