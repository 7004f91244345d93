"""What a commit changes in a Neo4j store, in sections.

All is written under the lock of the workspace's node, and what is there was asked for under the same lock. So a row
that is missed by its statement means damage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from graph_service.errors import RevisionMoved, StoreDamaged, StoreUnavailable
from graph_service.models.nodes import KIND_OF, Person
from graph_service.models.words import LinkKind
from graph_service.stores.base import Remembered
from graph_service.stores.log import Written, chain, microseconds
from graph_service.stores.neo4j.model import (
    CHECK_IN,
    KIND_OF_LABEL,
    LABEL_OF_KIND,
    LABELS,
    REMOVED,
    node_properties,
)
from graph_service.stores.neo4j.sections import (
    BATCH,
    CHECK_INS,
    DELETE_BROKEN,
    EMPTY,
    ERASE,
    PURGING,
    PUT_BROKEN,
    STAND,
    TOUCH,
    Row,
    Section,
    broken_row,
    check_in_row,
    check_order,
    create_links,
    create_nodes,
    delete_links,
    keep_entries,
    keep_personal,
    link_row,
    put_links,
    remember,
    remove_nodes,
    removed_row,
    restore_nodes,
    run,
    run_as_one,
    stand,
    tell_workspace,
    update_nodes,
)
from graph_service.stores.net import Net
from graph_service.stores.standing import Meta

if TYPE_CHECKING:
    from neo4j import Transaction

REMEMBERED_FOR = timedelta(days=7)
"""How long idempotency keys are kept at least."""

PURGE = 64
"""Idempotency keys looked at in one purge, which comes every so many revisions."""


class Known(NamedTuple):
    """What is there under an id: ``kind`` is ``check_in`` or that of a node."""

    kind: str
    removed: bool
    erased: bool


# ---------- under the lock ----------

LOCK = """\
MATCH (w:Workspace {id: $workspace})
SET w.lock = true
WITH w
CALL (w) {
  UNWIND $ids AS id
  MATCH (n:Record {workspace: w.id, id: id})
  RETURN collect([n.id, labels(n), n.kind, n.erased]) AS known
}
RETURN w.epoch AS epoch, w.revision AS revision, w.head AS head, known"""
"""Takes the lock of the workspace first, and only then looks where it stands: compared before, nearly every race of two
writers would be lost by one of them."""


def lock(tx: Transaction, workspace: str, ids: Collection[str] = ()) -> tuple[Meta, dict[str, Known]]:
    """Holds the workspace for this transaction alone: where it stands, and what of some ids is there."""
    known: dict[str, Known] = {}
    wanted = list(ids)
    record = None
    for start in range(0, max(len(wanted), 1), BATCH):
        record = tx.run(LOCK, workspace=workspace, ids=wanted[start : start + BATCH]).single()
        if record is None:
            raise StoreUnavailable(f"there is no workspace '{workspace}' any more")
        for id, labels, kind, erased in record["known"]:
            known[id] = _known(labels, kind, bool(erased))
    assert record is not None
    return Meta(record["epoch"], record["revision"], bytes.fromhex(record["head"])), known


def _known(labels: list[str], kind: str | None, erased: bool) -> Known:
    if REMOVED in labels and kind is not None:
        return Known(kind, removed=True, erased=erased)
    if CHECK_IN in labels:
        return Known("check_in", removed=False, erased=False)
    for label in labels:
        if label in KIND_OF_LABEL:
            return Known(KIND_OF_LABEL[label], removed=False, erased=erased)
    raise StoreDamaged(f"a record has the labels {', '.join(sorted(labels))}, and none of a kind")


def write(
    tx: Transaction,
    workspace: str,
    written: Sequence[Written],
    records: Sequence[Remembered],
    net: Net,
    expected: int,
    epoch: str,
) -> bytes:
    """Writes entries and what they come to, in a transaction of the caller; the hash of the last entry.

    RevisionMoved if the store stands elsewhere, StoreDamaged for what does not fit; the caller undoes what was written.
    """
    # In a store without an entry there is nothing to be found, and an import has a hundred thousand ids.
    before, known = lock(tx, workspace, _ids(net) if expected else ())
    if (before.revision, before.epoch) != (expected, epoch):
        raise RevisionMoved(before.revision)
    plan = Plan(net, known, workspace)
    # A name must be there before the person can be erased in the same commit.
    run(tx, workspace, [keep_personal([row for one in written for row in one.personal]), *plan.rare()])
    head = before.head
    chained = []
    for one in written:
        header, head = chain(one, head)
        chained.append((one.entry.revision, header, head, one.parts))
    after = Meta(before.epoch, before.revision + len(written), head)
    run_as_one(tx, workspace, [*plan.frequent(), *keep_entries(chained), remember(records), stand(after)])
    if any(one.revision % PURGE == 0 for one in records):
        tx.run(
            PURGING,
            workspace=workspace,
            most=2 * max(PURGE, len(records)),
            before=microseconds(records[-1].at - REMEMBERED_FOR),
        ).consume()
    return head


def _ids(net: Net) -> set[str]:
    ids = {*net.nodes, *net.revisions, *net.removed, *net.restored, *net.erased}
    ids.update(one.id for one in net.check_ins)
    for (source, target, _), link in net.links.items():
        if link is not None:
            ids.update((source, target))
    return ids


def warm_up(tx: Transaction, workspace: str) -> None:
    """Lets the server plan what every commit runs, without changing anything; the caller rolls back."""
    lock(tx, workspace)
    nothing = Plan(Net(()), {}, workspace)
    run(tx, workspace, nothing.rare())
    sections = [*nothing.frequent(), *keep_entries(()), remember(()), Section(STAND, (), "the workspace is gone")]
    run_as_one(tx, workspace, sections)


class Plan:
    """What the facts come to, compared with what is there: the sections that write it, or StoreDamaged."""

    def __init__(self, net: Net, known: Mapping[str, Known], workspace: str) -> None:
        self.net = net
        self.known = known
        self.workspace = workspace
        self.present = {id for id, one in known.items() if not one.removed and one.kind != "check_in"}
        self.new: set[str] = set()
        self.touched = Section(TOUCH, [])

    def frequent(self) -> Iterator[Section]:
        """What nearly every commit has; to be run after the rest."""
        yield self.touched
        yield self._check_ins()

    def rare(self) -> Iterator[Section]:
        """All other sections, in the order in which they must run; it must be gone through first."""
        net = self.net
        yield from self._restored()
        yield from self._erased()
        yield from self._nodes()
        self.touched = self._revisions()
        yield from self._removed()
        yield from self._links()
        put = [one for one in net.broken.values() if one is not None]
        gone = [key for key, one in net.broken.items() if one is None]
        yield Section(PUT_BROKEN, [broken_row(one, self.workspace) for one in put], "a broken reference is of nothing")
        yield Section(
            DELETE_BROKEN,
            [
                {"node": node, "kind": kind.value, "reference": reference, "outgoing": outgoing}
                for node, kind, reference, outgoing in gone
            ],
        )
        if net.workspace is not None:
            yield tell_workspace(net.workspace)

    def _restored(self) -> Iterator[Section]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for id in self.net.restored:
            there = self.known.get(id)
            if there is None or not there.removed:
                raise StoreDamaged(f"'{id}' is to be restored and not removed")
            rows[LABEL_OF_KIND[there.kind]].append({"id": id})
            self.present.add(id)
        for label, found in rows.items():
            yield restore_nodes(label, found)

    def _erased(self) -> Iterator[Section]:
        net = self.net
        there: list[Row] = []
        for id in net.erased:
            if (put := net.nodes.get(id)) is not None:
                if type(put) is not Person or not put.erased:
                    raise StoreDamaged(f"'{id}' is erased and then said anew as if it were not")
                continue
            known = self.known.get(id)
            if known is None or known.kind != KIND_OF[Person]:
                raise StoreDamaged(f"the person to erase, '{id}', is not there")
            there.append({"id": id})
            if id not in self.present:
                net.revisions.pop(id, None)
        yield Section(ERASE, there, "a person to erase is not there")
        yield Section(EMPTY, [{"id": id} for id in net.erased])

    def _nodes(self) -> Iterator[Section]:
        net, known, present = self.net, self.known, self.present
        created: dict[str, list[Row]] = defaultdict(list)
        updated: dict[str, list[Row]] = defaultdict(list)
        for id, node in net.nodes.items():
            label = LABELS[type(node)]
            there = known.get(id)
            row = node_properties(node, self.workspace, net.revisions[id])
            if there is None:
                created[label].append(row)
                self.new.add(id)
                present.add(id)
                continue
            if id not in present or there.kind != KIND_OF[type(node)]:
                raise StoreDamaged(f"the id '{id}' was given out before")
            if there.erased and not (type(node) is Person and node.erased):
                raise StoreDamaged(f"the person '{id}' is erased")
            updated[label].append(row)
        for label, rows in created.items():
            yield create_nodes(label, rows)
        for label, rows in updated.items():
            yield update_nodes(label, rows)

    def _revisions(self) -> Section:
        net = self.net
        rows: list[Row] = []
        for id, revision in net.revisions.items():
            if id in net.nodes:
                continue
            if id not in self.present:
                raise StoreDamaged(f"a fact is said of '{id}', which is not there")
            rows.append({"id": id, "revision": revision})
        return Section(TOUCH, rows, "a fact is said of a node that is not there")

    def _removed(self) -> Iterator[Section]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for id, links in self.net.removed.items():
            if id not in self.present:
                raise StoreDamaged(f"'{id}' is to be removed and not there")
            self.present.discard(id)
            node = self.net.nodes.get(id)
            kind = self.known[id].kind if node is None else KIND_OF[type(node)]
            rows[LABEL_OF_KIND[kind]].append(removed_row(id, kind, links))
        for label, found in rows.items():
            yield remove_nodes(label, found)

    def _links(self) -> Iterator[Section]:
        created: dict[LinkKind, list[Row]] = defaultdict(list)
        put: dict[LinkKind, list[Row]] = defaultdict(list)
        gone: dict[LinkKind, list[Row]] = defaultdict(list)
        present, new = self.present, self.new
        for (source, target, kind), link in self.net.links.items():
            if link is None:
                gone[kind].append({"source": source, "target": target})
                continue
            if source not in present or target not in present:
                raise StoreDamaged(f"a link from '{source}' to '{target}' names what is not there")
            (created if source in new or target in new else put)[kind].append(link_row(link))
        for kind, rows in gone.items():
            yield delete_links(kind, rows)
        for kind, rows in created.items():
            yield create_links(kind, rows)
        for kind, rows in put.items():
            yield put_links(kind, rows)

    def _check_ins(self) -> Section:
        net = self.net
        ids: set[str] = set()
        for one in net.check_ins:
            if one.id in ids or one.id in net.nodes or one.id in self.known:
                raise StoreDamaged(f"the id '{one.id}' was given out before")
            ids.add(one.id)
        check_order(net.check_ins)
        return Section(
            CHECK_INS, [check_in_row(one, self.workspace) for one in net.check_ins], "a check-in is of nothing"
        )
