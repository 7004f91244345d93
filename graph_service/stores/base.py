"""The one interface of all stores. Each docstring is the contract; the contract suite holds every store to it.

A store keeps an append-only log of decided facts and, beside it, the present state that folding the log gives. It
speaks facts and revisions, never a query language, and knows nothing of rollups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from graph_service.models.facts import Entry
from graph_service.models.nodes import BrokenReference, CheckIn, Link, Node, Workspace


class Removed(NamedTuple):
    """A removed node, kept for a restore: as it was, the revision that removed it, and the links that it took along."""

    node: Node
    revision: int
    links: tuple[Link, ...]


class Snapshot(NamedTuple):
    """The whole present of a workspace at one revision. Lists are sorted: nodes by id, links by (source, target, kind),
    check-ins by (goal, at, revision, position), broken references by (node, kind, reference), removed by id.

    ``nodes`` pairs each node with its revision: the last that changed its own fields, owner, contributors or outgoing
    links, or added a check-in. Check-ins and broken references of removed nodes are included.
    """

    epoch: str
    revision: int
    workspace: Workspace
    nodes: list[tuple[Node, int]]
    links: list[Link]
    check_ins: list[CheckIn]
    broken: list[BrokenReference]
    removed: list[Removed]


class Remembered(NamedTuple):
    """What an idempotency key stands for: a digest of the input it came with, the revision and the answer it was given."""

    key: str
    digest: bytes
    revision: int
    answer: bytes
    at: datetime


class Draft(NamedTuple):
    """An entry about to be committed, the touched nodes' new revisions implied by it, and the key it came with, if any."""

    entry: Entry
    remembered: Remembered | None = None


class Problem(NamedTuple):
    """Something that verify found: which part (``log``, ``fold``, ``database``), at which revision if known, and what."""

    part: str
    revision: int | None
    what: str


class Store(Protocol):
    """Where the facts of one workspace live."""

    @property
    def url(self) -> str:
        """The address it was opened by, without any secret."""

    @property
    def epoch(self) -> str:
        """Made at creation, changed by a restore: revisions and cursors of another epoch mean nothing here."""

    def revision(self) -> int:
        """The newest revision; 0 for a new store. Cheap enough to ask before every read: sees other processes' commits."""

    def load(self) -> Snapshot:
        """The whole present, one consistent moment, even while others write."""

    def commit(self, drafts: Sequence[Draft], expected: int) -> None:
        """Appends entries ``expected + 1, expected + 2 ...`` to the log and the present, all or nothing, in one synced
        transaction: when this returns they survive a power cut. Raises RevisionMoved, and writes nothing, if the store
        is not at ``expected``; StoreUnavailable, with nothing written, if it cannot write."""

    def changes(self, after: int, limit: int | None = None) -> Iterator[Entry]:
        """The entries after a revision, oldest first, at most ``limit``; none when there are none. Names and e-mails of
        erased people are gone from them."""

    def check_ins(self, goal: str) -> list[CheckIn]:
        """All check-ins of a goal, newest first by (at, revision, position); replaced ones included; empty if unknown."""

    def remembered(self, key: str) -> Remembered | None:
        """What the idempotency key stands for, or None. Keys are kept at least 24 hours after their commit."""

    def verify(self) -> list[Problem]:
        """Checks the chain of the log, folds it and compares with the present, and asks the database to check itself.
        Empty when all is well. Never raises for damage: damage is the answer."""

    def close(self) -> None:
        """Ends the use of the store; a second call does nothing."""
