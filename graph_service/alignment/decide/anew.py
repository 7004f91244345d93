"""The fields of an update, put into a fact: what is absent stays, what is null is cleared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.models.changes import Change
from graph_service.models.nodes import Node

Clean = Callable[[Any, str], object]
"""Gives the value that a field of the fact takes, or refuses: from what was given and the field's name in JSON."""

FACT_FIELD = {"period_id": "period", "owner_id": "owner"}
"""Where a fact calls a field otherwise than the change."""

N = TypeVar("N", bound=Node)


def anew(fact: N, change: Change, fields: Mapping[str, Clean]) -> N:
    """A fact with those of these fields that a change gives, each clean; the same fact if it gives none."""
    names = dict(zip(change.__struct_fields__, change.__struct_encode_fields__, strict=True))
    given = {
        FACT_FIELD.get(field, field): clean(value, names[field])
        for field, clean in fields.items()
        if (value := getattr(change, field)) is not UNSET
    }
    return replace(fact, **given) if given else fact


def as_given(value: object, field: str) -> object:
    """The value itself: its type says all there is to check."""
    return value


def flag(value: bool | None, field: str) -> bool:
    """A yes or no that is yes by default."""
    return value is not False
