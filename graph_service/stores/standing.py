"""Where a store stands: the one row by which it knows its newest revision, and by which that row vouches for itself."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple

from graph_service.stores import log


class Meta(NamedTuple):
    """Where a store stands: ``head`` is the hash of the newest entry of its log."""

    epoch: str
    revision: int
    head: bytes

    @property
    def seal(self) -> bytes:
        """By which the row vouches for itself."""
        return sha256(log.canonical((self.epoch, self.revision, self.head.hex()))).digest()


def new_epoch() -> str:
    """A name for the time between two restores that no other store has."""
    return secrets.token_hex(8)
