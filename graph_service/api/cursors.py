"""Cursors: where a page ends, as an opaque text.

A cursor holds the keys of its row in the order that it was made for, not a count of rows. So rows that come or go
before it move nothing. It names its store's epoch and its order, and is refused anywhere else.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from graph_service.api.errors import bad_input
from graph_service.models.checks import shown

Key = tuple[str | int | float | None, ...]

LONGEST = 8_192
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    epoch: str
    order: str
    key: Key


class Order(NamedTuple):
    """An order of rows: a name that tells it from every other one, and whether the greatest comes first."""

    name: str
    descending: bool = False


def write_cursor(epoch: str, order: Order, key: Key) -> str:
    """The cursor of a row with this key."""
    packed = msgspec.msgpack.encode(_Cursor(epoch, order.name, key))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(text: str, field: str, epoch: str, order: Order) -> Key:
    """The key that a cursor holds; BAD_USER_INPUT for one that is broken, of another store or of another order."""
    try:
        if len(text) > LONGEST:
            raise ValueError
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.msgpack.decode(packed, type=_Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise bad_input(f"{field} {shown(text)} is no cursor; take one from pageInfo or an edge of this list") from None
    if cursor.epoch != epoch:
        raise bad_input(
            f"{field} {shown(text)} is a cursor of another store, or of this one before it was restored;"
            " begin again without it"
        )
    if cursor.order != order.name:
        raise bad_input(
            f"{field} {shown(text)} is a cursor of another list or order ({shown(cursor.order)}), this is"
            f" {shown(order.name)}; begin again without it"
        )
    return cursor.key


def instant(at: datetime) -> int:
    """A moment as a key: microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)
