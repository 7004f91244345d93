"""Mutations: one for each Change, and ``applyChanges`` for several at once.

All take the one way: input -> Change -> commit -> payload. Rules are not here; a refusal of the graph becomes the
payload's error.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from graph_service.api.context import Asking
from graph_service.api.inputs import INPUTS, MUTATIONS, ApplyChangesInput, change_of, changes_of
from graph_service.api.rights import check_changes
from graph_service.api.sentences import SENTENCES
from graph_service.api.types.payloads import PAYLOADS, Payload
from graph_service.errors import Refusal
from graph_service.models.changes import Change

BATCH = "applyChanges"
INPUT = "What is to be done, and how safely: `idempotencyKey` and `expectedRevision`."


def committed(
    asking: Asking, kind: str, read: Callable[[Any], list[Change]], given: Any, reason: str | None = None
) -> Payload:
    """What comes of a mutation: its Changes are read from the input and committed; the payload shows how that went."""
    payload = PAYLOADS[kind]
    changes: list[Change] = []
    expected = None if given.expected_revision is UNSET else given.expected_revision
    key = None if given.idempotency_key is UNSET else given.idempotency_key
    try:
        changes = read(given)
        check_changes(changes, asking.caller)
        outcome = asking.commit(changes, kind=kind, expected=expected, key=key, reason=reason)
    except Refusal as refusal:
        asking.refuse(refusal)
        return payload(asking=asking, changes=tuple(changes), refusal=refusal)
    return payload(asking=asking, changes=tuple(changes), outcome=outcome)


def _mutation(kind: str) -> StrawberryField:
    change, answer = MUTATIONS[kind], PAYLOADS[kind]

    def resolve(info: strawberry.Info[Asking, None], given: object) -> Payload:
        return committed(info.context, kind, lambda said: [change_of(kind, said)], given)

    return _field(kind, resolve, INPUTS[change].type, answer)


def _apply(info: strawberry.Info[Asking, None], given: Any) -> Payload:
    reason = None if given.reason is UNSET else given.reason
    return committed(info.context, BATCH, changes_of, given, reason)


def _field(kind: str, resolve: Callable[..., Payload], given: type, answer: type) -> StrawberryField:
    taken = Annotated[given, strawberry.argument(name="input", description=INPUT)]  # type: ignore[valid-type]
    resolve.__annotations__ = {"info": strawberry.Info[Asking, None], "given": taken, "return": answer}
    return cast("StrawberryField", strawberry.field(resolver=resolve, name=kind, description=SENTENCES[kind]))


def _fields() -> dict[str, Any]:
    fields = {kind: _mutation(kind) for kind in MUTATIONS}
    return fields | {BATCH: _field(BATCH, _apply, ApplyChangesInput, PAYLOADS[BATCH])}


Mutation = strawberry.type(
    types.new_class("Mutation", (), {}, lambda body: body.update(__module__=__name__, **_fields())),
    name="Mutation",
    description=(
        "Everything that can be changed. What is refused is answered as data (`errors` of the payload) and has changed"
        " nothing; several mutations of one document run one after the other."
    ),
)
