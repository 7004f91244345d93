"""Getting the next while the one before is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

AHEAD = 2
"""So many wait at most, besides the one that is being got."""

T = TypeVar("T")


@contextmanager
def ahead(source: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same values, in the same order, got on a thread of their own; what goes wrong there is raised here.

    The thread has ended when the block has, however it ends: at the latest with the value that is being got.
    """
    waiting: Queue[tuple[T] | BaseException | None] = Queue(AHEAD)
    enough = Event()

    def get() -> None:
        try:
            for value in source:
                waiting.put((value,))
                if enough.is_set():
                    return
        except BaseException as wrong:  # noqa: BLE001 - whatever it is, it is for who waits
            waiting.put(wrong)
        else:
            waiting.put(None)

    def taken() -> Iterator[T]:
        while (one := waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one[0]

    thread = Thread(target=get, name="store-reader", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        enough.set()
        with suppress(Empty):
            while True:  # it may be waiting for room
                waiting.get_nowait()
        thread.join()
