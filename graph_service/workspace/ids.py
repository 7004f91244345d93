"""Ids for what is made here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def sortable_ids() -> Callable[[], str]:
    """A maker of ids: 26 letters and digits, later ones sort after earlier ones, no two alike."""
    last = 0
    lock = threading.Lock()

    def make() -> str:
        nonlocal last
        with lock:
            moment = int(datetime.now(UTC).timestamp() * 1000) << 80
            number = last = max(moment | int.from_bytes(os.urandom(10)), last + 1)
        letters = []
        for _ in range(26):
            number, rest = divmod(number, 32)
            letters.append(CROCKFORD[rest])
        return "".join(reversed(letters))

    return make
