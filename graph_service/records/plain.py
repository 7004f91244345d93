"""Values of the models as JSON has them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

import msgspec
from msgspec import UnsetType


def plain(value: object) -> object:
    """A value as JSON has it: whole numbers without a point, moments in UTC with a Z, no empty parts."""
    match value:
        case StrEnum():
            return value.value
        case float():
            return int(value) if value.is_integer() and abs(value) < 1e15 else value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case msgspec.Struct():
            return _said({name: getattr(value, name) for name in value.__struct_fields__})
        case tuple() if hasattr(value, "_asdict"):
            return _said(value._asdict())
        case tuple() | list():
            return [plain(one) for one in value]
        case dict():
            return {name: plain(one) for name, one in value.items()}
    return value


def _said(fields: dict[str, object]) -> dict[str, object]:
    return {
        name: plain(one)
        for name, one in fields.items()
        if one is not None and one != () and not isinstance(one, UnsetType)
    }
