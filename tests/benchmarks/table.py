"""A table of what was measured: each figure beside its anchor from the same run, and beside what was promised."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


def seconds(act: Callable[[], object], times: int = 5) -> float:
    """The median time of an act, in seconds, after one that does not count."""
    act()
    taken = []
    for _ in range(times):
        begin = perf_counter()
        act()
        taken.append(perf_counter() - begin)
    return statistics.median(taken)


def once(act: Callable[[], object]) -> float:
    """The time of an act that is done once, in seconds."""
    begin = perf_counter()
    act()
    return perf_counter() - begin


def each(acts: Iterator[Callable[[], object]]) -> float:
    """The median time of acts that differ, in seconds."""
    taken = []
    for act in acts:
        begin = perf_counter()
        act()
        taken.append(perf_counter() - begin)
    return statistics.median(taken)


@contextmanager
def undisturbed() -> Iterator[None]:
    """No collection in between, as in the running service, where the loaded graph is frozen."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def say(what: str, figure: str, anchor: str = "", promised: str = "") -> None:
    """One row, to be read in the output of ``make bench``."""
    print(f"\n  {what:<46} {figure:>14}  {anchor:<44} {promised}", end="")
