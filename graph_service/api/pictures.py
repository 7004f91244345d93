"""What an embed token lets ask: the fields that a picture is made of, and no others.

Which goals and owners there are for such a caller is another question, which the viewer answers; this one keeps to
itself what is no part of any picture, as e-mail addresses, the log and the audit of the whole. What is not listed is
refused, so that a new field stays closed until somebody lists it.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)

from graph_service.access import Caller
from graph_service.api.errors import not_shown


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


VIEWS = {"cascade": _named("cascade"), "ladder": _named("ladder"), "org": _named("orgChart")}
"""The question that each view is the answer to."""

QUESTIONS = _named("keyResult node nodes objective owner revision search workspace")
"""What may be asked whatever the view is."""

GOAL = _named(
    "id title description alignmentNote state status progress owner primaryParent period start due startsOn endsOn"
    " lastCheckIn checkIns alignedTo alignedFrom findings revision"
)
OWNER = _named("id name active type objectives keyResults revision")

FIELDS: dict[str, frozenset[str]] = {
    "Node": _named("id"),
    "Goal": GOAL,
    "Objective": GOAL | _named("level topLevel keyResults parents children"),
    "KeyResult": GOAL
    | _named("objective measure comparison baseline target targetMin targetMax unit value weight children"),
    "Owner": OWNER,
    "Person": OWNER | _named("jobTitle"),
    "Team": OWNER,
    "Period": _named("id title start end"),
    "Workspace": _named("levels revision epoch timeZone"),
    "Finding": _named("rule severity group message advice"),
    "CheckIn": _named("id value confidence reportedStatus note at by replaces replacedBy"),
    "Change": _named("position revision kind"),
    "Subscription": _named("graphChanged progressChanged"),
    "GraphEvent": _named("revision epoch at changedCount changed changes"),
}
"""What may be asked of these types."""

WHOLE = _named(
    "Cascade CascadeNode CheckInConnection CheckInEdge ContributionToProgress Edge Explanation GoalLink GoalNumbers"
    " Ladder NodeEdge OrgChart OrgNode PageInfo Progress ProgressChange ProgressEvent Rung SearchConnection"
)
"""Types of which everything may be asked: they lead to nothing but what is listed above."""


def check_picture(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, caller: Caller
) -> None:
    """Refuses an operation (FORBIDDEN) of an embed token that asks for what is no part of its picture.

    The document must be valid. A field is held to it even if a directive would skip it. Mutations are refused by scope.
    """
    if not caller.embed:
        return
    root = {OperationType.QUERY: schema.query_type, OperationType.SUBSCRIPTION: schema.subscription_type}
    asked = VIEWS.get(caller.view or "", frozenset()) | QUESTIONS
    for kind, field in fields_of(schema, document, operation.selection_set, root.get(operation.operation)):
        if field.startswith("__") or kind.startswith("__") or kind in WHOLE:
            continue
        if field not in (asked if kind == "Query" else FIELDS.get(kind, frozenset())):
            raise not_shown(f"{kind}.{field}", caller.view or "")


def fields_of(
    schema: GraphQLSchema, document: DocumentNode, selections: SelectionSetNode, on: GraphQLNamedType | None
) -> Iterator[tuple[str, str]]:
    """Every field of a selection with the type that it is asked of, down to the leaves; each fragment once."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    left: list[tuple[SelectionSetNode, GraphQLNamedType | None]] = [(selections, on)]
    while left:
        chosen, kind = left.pop()
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                assert kind is not None
                yield kind.name, node.name.value
                found = schema.get_field(kind, node.name.value) if isinstance(kind, COMPOSITE) else None
                if node.selection_set is not None and found is not None:
                    left.append((node.selection_set, get_named_type(found.type)))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                left.append((node.selection_set, kind if condition is None else schema.get_type(condition.name.value)))
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments.pop(node.name.value, None)
                if fragment is not None:
                    left.append((fragment.selection_set, schema.get_type(fragment.type_condition.name.value)))


COMPOSITE = (GraphQLObjectType, GraphQLInterfaceType)
