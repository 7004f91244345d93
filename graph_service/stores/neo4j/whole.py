"""A Neo4j store as a whole: read for a backup, and replaced by one; and the tokens and audits beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from graph_service.errors import Invalid, StoreDamaged
from graph_service.models.nodes import KIND_OF, Node, Person
from graph_service.models.tokens import Token
from graph_service.models.words import LinkKind, Scope
from graph_service.stores import log
from graph_service.stores.backup import UNREADABLE, Backup, Kept, erase_again, kept
from graph_service.stores.base import KeptAudit, Remembered, Restored
from graph_service.stores.fold import Folded
from graph_service.stores.neo4j.model import LABEL_OF_KIND, LABELS, WORKSPACE_FIELDS, Properties, node_properties
from graph_service.stores.neo4j.read import PARTS, Torn, read_raw
from graph_service.stores.neo4j.sections import (
    CHECK_INS,
    PUT_BROKEN,
    Section,
    broken_row,
    check_in_row,
    check_order,
    create_links,
    create_nodes,
    keep_entries,
    keep_personal,
    link_row,
    remember,
    remove_nodes,
    removed_row,
    run,
    stand,
    tell_workspace,
)
from graph_service.stores.standing import Meta

if TYPE_CHECKING:
    from neo4j import Transaction

    from graph_service.stores.neo4j.read import Reading

T = TypeVar("T")

# ---------- reading ----------

ALL_PERSONAL = """\
MATCH (p:Personal) WHERE p.workspace = $workspace
RETURN p.hash AS hash, p.person AS person, p.salt AS salt, p.body AS body"""
ANSWERS = """\
MATCH (r:Remembered) WHERE r.workspace = $workspace AND r.revision > 0 AND r.revision <= $until
RETURN r.key AS key, r.digest AS digest, r.revision AS revision, r.answer AS answer, r.at AS at"""


class Aside:
    """What stands beside the log and changes: personal fields and answers, as they are at one moment."""

    def __init__(self, tx: Transaction, workspace: str, until: int) -> None:
        self.personal: dict[str, log.Personal] = {}
        for hash_, person, salt, body in tx.run(ALL_PERSONAL, workspace=workspace):
            self.personal[hash_] = log.Personal(
                hash_, person, None if salt is None else bytes(salt), None if body is None else body.encode()
            )
        self.answers: dict[int, Remembered] = {}
        for key, digest, revision, answer, at in tx.run(ANSWERS, workspace=workspace, until=until):
            self.answers[revision] = Remembered(key, bytes(digest), revision, bytes(answer), log.moment(at))


def read_kept(reading: Reading, workspace: str, until: int, aside: Aside) -> Iterator[Kept]:
    """Every entry up to a revision, oldest first, with all that is kept of it. Some are read at a time."""
    after = 0
    while after < until:
        with reading() as tx:
            try:
                found = read_raw(tx, workspace, after, until)
            except Torn as torn:
                raise StoreDamaged(str(torn)) from None
        if not found:
            return
        for one in found:
            after += 1
            yield kept(one.header, one.hash, tuple(one.parts), aside.personal.get, aside.answers.get(after))


# ---------- replacing ----------

FORGET = f"""\
MATCH (w:Workspace {{id: $workspace}})
REMOVE {", ".join(f"w.{field.name}" for field in WORKSPACE_FIELDS)}"""
ERASED = """\
MATCH (n:Record) WHERE n.workspace = $workspace AND n.id > '' AND n.erased
RETURN n.id AS id"""

KEPT_LABELS = ("Record", "BrokenReference", "Entry", "Part", "Personal", "Remembered")
"""The labels of all that a restore replaces."""


def replace(tx: Transaction, workspace: str, backup: Backup, epoch: str, at: datetime, by: str) -> Restored:
    """Puts the backup in place of what is there; the caller holds the lock, and undoes it all if this raises."""
    gone = frozenset(record["id"] for record in tx.run(ERASED, workspace=workspace))
    for label in KEPT_LABELS:
        tx.run(f"MATCH (n:{label}) WHERE n.workspace = $workspace DETACH DELETE n", workspace=workspace).consume()
    tx.run(FORGET, workspace=workspace).consume()
    people: dict[str, log.Personal] = {}
    for some in _batches(backup.entries(), PARTS):
        rows = [_left(row, gone) for one in some for row in one.personal]
        people.update((row.hash, row) for row in rows)
        run(
            tx,
            workspace,
            [
                *keep_entries((one.entry.revision, one.header, one.hash, one.parts) for one in some),
                keep_personal(rows),
                remember(one.remembered for one in some if one.remembered is not None),
            ],
        )
    folded = backup.folded
    again = erase_again(folded, gone, at, by)
    head = backup.chain.last
    chained = []
    for entry in again:
        written = log.write(entry)
        header, head = log.chain(written, head)
        chained.append((entry.revision, header, head, written.parts))
    run(tx, workspace, keep_entries(chained))
    try:
        for section in present_sections(folded, workspace, people):
            run(tx, workspace, [section])
    except (StoreDamaged, *UNREADABLE) as wrong:
        raise Invalid(f"what the backup gives cannot be kept: {wrong}", path=("file",)) from wrong
    run(tx, workspace, [stand(Meta(epoch, folded.revision, head))])
    return Restored(epoch, folded.revision, tuple(entry.steps[0].nodes[0] for entry in again))


def _left(row: log.Personal, gone: Collection[str]) -> log.Personal:
    """A personal row; of people who are erased here, nothing is written."""
    return row._replace(salt=None, body=None) if row.person in gone else row


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def present_sections(folded: Folded, workspace: str, people: dict[str, log.Personal]) -> Iterator[Section]:
    """What writes the present that a fold gives. ``people`` are the personal rows by their hash."""
    nodes: dict[str, list[Properties]] = defaultdict(list)
    removed: dict[str, list[Properties]] = defaultdict(list)
    for id, node in folded.nodes.items():
        nodes[LABELS[type(node)]].append(node_properties(named(node, people), workspace, folded.revisions[id]))
    for id, (node, revision, links) in folded.removed.items():
        nodes[LABELS[type(node)]].append(node_properties(named(node, people), workspace, revision))
        removed[KIND_OF[type(node)]].append(removed_row(id, KIND_OF[type(node)], links))
    for label, rows in nodes.items():
        yield create_nodes(label, rows)
    for kind, rows in removed.items():
        yield remove_nodes(LABEL_OF_KIND[kind], rows)
    links_of: dict[LinkKind, list[Properties]] = defaultdict(list)
    for link in folded.links.values():
        links_of[link.kind].append(link_row(link))
    for link_kind, rows in links_of.items():
        yield create_links(link_kind, rows)
    check_order(folded.check_ins.values())
    yield Section(
        CHECK_INS, [check_in_row(one, workspace) for one in folded.check_ins.values()], "a check-in is of nothing"
    )
    yield Section(
        PUT_BROKEN, [broken_row(one, workspace) for one in folded.broken.values()], "a broken reference is of nothing"
    )
    if folded.workspace is not None:
        yield tell_workspace(folded.workspace)


def named(node: Node, people: dict[str, log.Personal]) -> Node:
    """A node as the log tells it, with its name put back if it is a person."""
    if not isinstance(node, Person) or node.erased:
        return node
    row = people.get(node.name)
    if row is None:
        raise StoreDamaged(f"the name of '{node.id}' is missing")
    return log.reveal_person(node, row.body)


# ---------- tokens ----------

ALL_TOKENS = """\
MATCH (t:Token) WHERE t.workspace = $workspace AND t.id > ''
RETURN properties(t) AS token ORDER BY t.id"""
KEEP = """\
MERGE (t:Token {workspace: $workspace, id: $token.id})
SET t = $token"""


def read_tokens(tx: Transaction, workspace: str) -> list[Token]:
    """All tokens, by id."""
    found = []
    for record in tx.run(ALL_TOKENS, workspace=workspace):
        row = record["token"]
        created, expires, revoked = (_moment(row.get(name)) for name in ("created", "expires", "revoked"))
        if created is None:
            raise StoreDamaged(f"the token '{row['id']}' does not say since when it is")
        found.append(
            Token(
                row["id"],
                row["name"],
                Scope(row["scope"]),
                bytes(row["digest"]),
                created,
                expires,
                revoked,
                row.get("root"),
                row.get("view"),
            )
        )
    return sorted(found, key=lambda token: token.id)


def write_token(tx: Transaction, workspace: str, token: Token) -> None:
    """Keeps a token, new or in place of the one with its id. Its times are microseconds since 1970, in UTC."""
    row: Properties = {
        "workspace": workspace,
        "id": token.id,
        "name": token.name,
        "scope": token.scope.value,
        "digest": token.digest,
        "root": token.root,
        "view": token.view,
    }
    for name in ("created", "expires", "revoked"):
        at = getattr(token, name)
        row[name] = None if at is None else log.microseconds(at)
    tx.run(KEEP, workspace=workspace, token=row).consume()


# ---------- audits ----------

AUDITS = """\
MATCH (a:Audit) WHERE a.workspace = $workspace AND a.asOf > ''
RETURN a.asOf AS as_of, a.revision AS revision, a.content AS content ORDER BY a.asOf DESC"""
KEEP_AUDIT = """\
MERGE (a:Audit {workspace: $workspace, asOf: $as_of})
SET a.revision = $revision, a.content = $content"""


def read_audits(tx: Transaction, workspace: str, limit: int | None) -> list[KeptAudit]:
    """The audits that were kept, by day, oldest first; with ``limit`` the newest so many."""
    rows = islice(tx.run(AUDITS, workspace=workspace), limit)
    found = [KeptAudit(date.fromisoformat(row["as_of"]), row["revision"], bytes(row["content"])) for row in rows]
    return found[::-1]


def write_audit(tx: Transaction, workspace: str, audit: KeptAudit) -> None:
    """Keeps an audit, in place of the one of its day."""
    day = audit.as_of.isoformat()
    tx.run(KEEP_AUDIT, workspace=workspace, as_of=day, revision=audit.revision, content=audit.content).consume()


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else log.moment(microseconds)
