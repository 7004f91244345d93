"""Ids for what is made here."""

from __future__ import annotations

import os
import threading
from base64 import b32hexencode
from collections.abc import Callable
from time import time


def sortable_ids() -> Callable[[], str]:
    """A maker of ids: 26 letters and digits, later ones sort after earlier ones, no two alike."""
    last = 0
    lock = threading.Lock()

    def make() -> str:
        nonlocal last
        with lock:
            moment = int(time() * 1000) << 80
            number = last = max(moment | int.from_bytes(os.urandom(10)), last + 1)
        # The extended hex alphabet of base 32 sorts as the numbers do.
        return b32hexencode(number.to_bytes(16)).decode()[:26].lower()

    return make
