"""How often somebody may ask: buckets that fill with time and are emptied by asking."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

MOST = 10_000
"""So many askers are told apart at once; who has not asked for the longest is forgotten first."""


class Buckets:
    """A bucket for each key: ``each_second`` comes in, up to ``at_once``; every request takes one."""

    def __init__(self, each_second: float, at_once: float, now: Callable[[], float] = monotonic) -> None:
        self._each_second = each_second
        self._at_once = at_once
        self._now = now
        self._lock = Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one from a bucket; 0 if there was one, else the seconds until there is, and nothing is taken."""
        now = self._now()
        with self._lock:
            level, since = self._levels.pop(key, (self._at_once, now))
            level = min(self._at_once, level + (now - since) * self._each_second)
            wait = 0.0 if level >= 1 else (1 - level) / self._each_second
            self._levels[key] = (level if wait else level - 1, now)
            if len(self._levels) > MOST:
                self._levels.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._levels)


class Rates:
    """How often a token, an address, and an address with tokens that are refused may ask.

    ``token`` and ``address`` are requests a second, and as many at once (at least one); ``failures`` are refused tokens
    a minute, and as many at once. ``now`` gives seconds that never go back.
    """

    def __init__(
        self,
        *,
        token: float = 1_000,
        address: float = 10_000,
        failures: float = 20,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.tokens = Buckets(token, max(1.0, token), now)
        self.addresses = Buckets(address, max(1.0, address), now)
        self.failures = Buckets(failures / 60, max(1.0, failures), now)


def network(address: str) -> str:
    """What counts as one address: an IPv6 one stands for its /64, which one household has.

    >>> network("2001:db8::1:2:3:4") == network("2001:db8::9:9:9:9"), network("192.0.2.7")
    (True, '192.0.2.7')
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
