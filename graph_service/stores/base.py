"""The one interface of all stores. Each docstring is the contract; the contract suite holds every store to it.

A store keeps an append-only log of decided facts and, beside it, the present state that folding the log gives. It
speaks facts and revisions, never a query language, and knows nothing of rollups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from graph_service.models.facts import Entry
from graph_service.models.nodes import BrokenReference, CheckIn, Link, Node, Workspace
from graph_service.models.tokens import Token

KEPT_SURELY = timedelta(hours=24)
"""How long idempotency keys are promised to be kept."""


class Removed(NamedTuple):
    """A removed node, kept for a restore: as it was, the revision that removed it, and the links that it took along,
    sorted like all links."""

    node: Node
    revision: int
    links: tuple[Link, ...]


class Snapshot(NamedTuple):
    """The whole present of a workspace at one revision. Lists are sorted: nodes by id, links by (source, target, kind),
    check-ins by (goal, at, revision, position), broken references by (node, kind, reference, outgoing), removed by id.

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
    """What an idempotency key stands for: a digest of its input, its revision and the answer that was given.

    ``at`` is the time of the commit by the clock, even where the entry tells of the past: by it the key is forgotten.
    Answers are not emptied when a person is erased, so they must hold ids and numbers, no names.
    """

    key: str
    digest: bytes
    revision: int
    answer: bytes
    at: datetime


class Draft(NamedTuple):
    """An entry about to be committed, and the key it came with, if any (of the same revision)."""

    entry: Entry
    remembered: Remembered | None = None


class Restored(NamedTuple):
    """What a restore came to: where the store stands now, and who was erased again, sorted by id."""

    epoch: str
    revision: int
    erased: tuple[str, ...]


class KeptAudit(NamedTuple):
    """An audit in small, kept for the trend: the day and the revision that it judged, and its figures in a form that
    the store need not know. It holds no names: whoever is erased is not in it."""

    as_of: date
    revision: int
    content: bytes


class Problem(NamedTuple):
    """Something that verify found: in which part (``log``, ``fold``, ``database``), at which revision if known."""

    part: str
    revision: int | None
    what: str


class Store(Protocol):
    """Where the facts of one workspace live. Safe to use from several threads."""

    @property
    def url(self) -> str:
        """The address it was opened by, without any secret."""

    @property
    def epoch(self) -> str:
        """Made at creation, changed by a restore: revisions and cursors of another epoch mean nothing here.

        As of the last time that the revision was asked for.
        """

    def revision(self) -> int:
        """The newest revision, other processes' commits included; 0 for a new store. Cheap: ask before every read."""

    def load(self) -> Snapshot:
        """The whole present, one consistent moment, even while others write."""

    def commit(self, drafts: Sequence[Draft], expected: int, epoch: str) -> None:
        """Appends entries ``expected + 1, expected + 2 ...`` to the log and the present, all or nothing, in one synced
        transaction: when this returns they survive a power cut.

        With nothing written: RevisionMoved if the store is not at ``expected`` or no longer of ``epoch`` (a restore
        makes another history, perhaps with the same number); StoreUnavailable if it cannot write; StoreDamaged if a
        fact does not fit what is there (the rules are those of folding: an id given out twice, a link to nothing);
        Limit for a change too large for the log; ValueError if the drafts do not count up. Of two check-ins of one goal
        and moment in one entry, positions differ. Times have an offset, best UTC: they come back as they were said.
        """

    def changes(self, after: int, limit: int | None = None) -> Iterator[Entry]:
        """The entries after a revision, oldest first, at most ``limit``; none when there are none.

        They are as committed, but for people who were erased since: in all entries, older ones too, the id stands for
        the name, e-mail and attributes are gone, and ``erased`` is true.
        """

    def check_ins(self, goal: str) -> list[CheckIn]:
        """All check-ins of a goal, newest first by (at, revision, position), replaced ones too; empty if unknown."""

    def remembered(self, key: str) -> Remembered | None:
        """What the idempotency key stands for, or None. Keys are kept at least 24 hours after their commit."""

    def tokens(self) -> list[Token]:
        """All access tokens, withdrawn and expired ones too, by id; as other processes left them. Cheap: some a second.

        They stand outside the log: in no entry, no export, no backup.
        """

    def put_token(self, token: Token) -> None:
        """Keeps a token, new or in place of the one with its id; when this returns it survives a power cut."""

    def audits(self, limit: int | None = None) -> list[KeptAudit]:
        """The audits that were kept, by day, oldest first; with ``limit`` the newest so many.

        They stand outside the log: in no entry, no export, no backup; a restore leaves them.
        """

    def keep_audit(self, audit: KeptAudit) -> None:
        """Keeps an audit, in place of the one of its day if there is one; when this returns it survives a power cut."""

    def backup(self, at: datetime) -> Iterator[bytes]:
        """The whole store as the lines of a file that any kind of store can take in (see ``stores/backup.py``), one
        moment even while others write: that of the first line asked for. Memory does not grow with the log.

        ``at`` is when, for the head. Without tokens: a restore must not bring a withdrawn one back. StoreDamaged if the
        log is not what was written, so that nobody trusts a backup that could not be restored.
        """

    def restore(self, lines: Iterable[bytes], at: datetime, by: str) -> Restored:
        """Puts a backup in place of all that the store holds, in one synced transaction and under a new epoch; the log,
        each past revision and every export have the same bytes as where it was taken. Tokens stay as they are.

        Whoever is erased here and not yet in the backup is erased again: one entry each, ``at`` and ``by`` as given,
        source ``restore``; their names are never written. Invalid, naming line and reason and with nothing changed, for
        lines that are damaged, cut off, out of order or no backup. Other handles notice the epoch with their next
        ``revision``.
        """

    def verify(self) -> list[Problem]:
        """Checks the chain of the log, folds it and compares with the present, and asks the database to check itself.

        Empty when all is well. Never raises for damage: damage is the answer.
        """

    def close(self) -> None:
        """Ends the use of the store; a second call does nothing. Whatever is asked after that is StoreUnavailable."""
