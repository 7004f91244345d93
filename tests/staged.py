"""A store on a stage: what happens before, during and after a commit is up to the test."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from graph_service.models.facts import Entry
from graph_service.models.nodes import CheckIn
from graph_service.models.tokens import Token
from graph_service.stores import open_store
from graph_service.stores.base import Draft, KeptAudit, Problem, Remembered, Restored, Snapshot, Store
from graph_service.workspace import Workspace

PATIENCE = 60.0
"""Seconds after which a test that waits in vain fails; far more than anything takes."""

MONDAY = datetime(2026, 2, 16, 9, 30, tzinfo=UTC)

Act = Callable[[], object]


class StagedStore:
    """Another store, played by a script: each act is done once, in order, at its place.

    ``before`` and ``after`` surround the inner store's commit; ``looking``, ``loading``, ``following`` and ``closing``
    come before its revision, load, changes and close. ``inner`` can be put in place of another store, as a restore
    does. ``together`` tells which revisions shared a commit.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.before: deque[Act] = deque()
        self.after: deque[Act] = deque()
        self.looking: deque[Act] = deque()
        self.loading: deque[Act] = deque()
        self.following: deque[Act] = deque()
        self.closing: deque[Act] = deque()
        self.together: list[list[int]] = []

    @property
    def url(self) -> str:
        return self.inner.url

    @property
    def epoch(self) -> str:
        return self.inner.epoch

    def revision(self) -> int:
        _next(self.looking)
        return self.inner.revision()

    def load(self) -> Snapshot:
        _next(self.loading)
        return self.inner.load()

    def commit(self, drafts: Sequence[Draft], expected: int, epoch: str) -> None:
        _next(self.before)
        self.inner.commit(drafts, expected, epoch)
        self.together.append([draft.entry.revision for draft in drafts])
        _next(self.after)

    def changes(self, after: int, limit: int | None = None) -> Iterator[Entry]:
        _next(self.following)
        return self.inner.changes(after, limit)

    def check_ins(self, goal: str) -> list[CheckIn]:
        return self.inner.check_ins(goal)

    def remembered(self, key: str) -> Remembered | None:
        return self.inner.remembered(key)

    def tokens(self) -> list[Token]:
        return self.inner.tokens()

    def put_token(self, token: Token) -> None:
        self.inner.put_token(token)

    def audits(self, limit: int | None = None) -> list[KeptAudit]:
        return self.inner.audits(limit)

    def keep_audit(self, audit: KeptAudit) -> None:
        self.inner.keep_audit(audit)

    def backup(self, at: datetime) -> Iterator[bytes]:
        return self.inner.backup(at)

    def restore(self, lines: Iterable[bytes], at: datetime, by: str) -> Restored:
        return self.inner.restore(lines, at, by)

    def verify(self) -> list[Problem]:
        return self.inner.verify()

    def close(self) -> None:
        _next(self.closing)
        self.inner.close()


def _next(acts: deque[Act]) -> None:
    if acts:
        acts.popleft()()


def raising(fault: BaseException) -> Act:
    """An act that fails."""

    def act() -> None:
        raise fault

    return act


class Held:
    """An act that waits until the test lets it go."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._go = threading.Event()

    def __call__(self) -> None:
        self._reached.set()
        assert self._go.wait(PATIENCE), "nobody let it go"

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While the act waits; afterwards it goes on."""
        try:
            assert self._reached.wait(PATIENCE), "it was never reached"
            yield
        finally:
            self._go.set()


@contextmanager
def staged(url: str, clock: Callable[[], datetime] | None = None) -> Iterator[tuple[StagedStore, Workspace]]:
    """A workspace on a staged store."""
    store = StagedStore(open_store(url))
    with Workspace(store, clock=clock or (lambda: MONDAY)) as workspace:
        yield store, workspace
