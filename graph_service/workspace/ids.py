"""Ids for what is made here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from time import time

_LETTERS = "0123456789abcdefghijklmnopqrstuv"  # stand in ASCII as the numbers do
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]


def sortable_ids() -> Callable[[], str]:
    """A maker of ids: 26 letters and digits, later ones sort after earlier ones, no two alike."""
    last = 0
    lock = threading.Lock()

    def make() -> str:
        nonlocal last
        with lock:
            moment = int(time() * 1000) << 80
            number = last = max(moment | int.from_bytes(os.urandom(10)), last + 1)
        # 26 letters of 5 bits for 128 bits, two by two: base64.b32hexencode takes ten times as long.
        bits = number << 2
        return "".join([_PAIRS[bits >> place & 1023] for place in range(120, -10, -10)])

    return make
