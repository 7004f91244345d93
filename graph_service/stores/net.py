"""What the facts of some entries, one after the other, come to: the last word on every row before it is written."""

from __future__ import annotations

from collections.abc import Iterable

from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
)
from graph_service.models.nodes import BrokenReference, CheckIn, Link, Node, Person, Workspace
from graph_service.stores.fold import SAID_OF_TARGET, BrokenKey, LinkKey, broken_key, erased, link_key, said_of


class Net:
    """The last word on every row: what is put, what is raised, what comes and goes.

    Of a link or a broken reference that goes, the last word is None; ``restored`` are those that were removed before.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.nodes: dict[str, Node] = {}
        self.revisions: dict[str, int] = {}
        self.links: dict[LinkKey, Link | None] = {}
        self.check_ins: list[CheckIn] = []
        self.broken: dict[BrokenKey, BrokenReference | None] = {}
        self.removed: dict[str, tuple[Link, ...]] = {}
        self.restored: list[str] = []
        self.erased: dict[str, None] = {}
        self.workspace: Workspace | None = None
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        revision = entry.revision
        nodes, revisions, links = self.nodes, self.revisions, self.links
        for step in entry.steps:
            for fact in step.facts:
                # the most frequent first: an import has a million of them
                if isinstance(fact, PutNode):
                    node = fact.node
                    nodes[node.id] = node
                    revisions[node.id] = revision
                elif isinstance(fact, PutLink):
                    link = fact.link
                    links[link.source, link.target, link.kind] = link
                    revisions[link.target if link.kind in SAID_OF_TARGET else link.source] = revision
                elif isinstance(fact, AddCheckIn):
                    self.check_ins.append(fact.check_in)
                    revisions[fact.check_in.goal] = revision
                elif isinstance(fact, RemoveLink):
                    links[link_key(fact)] = None
                    revisions[said_of(fact)] = revision
                elif isinstance(fact, PutBroken):
                    self.broken[broken_key(fact.reference)] = fact.reference
                    revisions[fact.reference.node] = revision
                elif isinstance(fact, RemoveBroken):
                    self.broken[broken_key(fact)] = None
                    revisions[fact.node] = revision
                elif isinstance(fact, RemoveNode):
                    for link in fact.links:
                        links[link_key(link)] = None
                        revisions[said_of(link)] = revision
                    revisions[fact.id] = revision
                    self.removed[fact.id] = fact.links
                elif isinstance(fact, RestoreNode):
                    if self.removed.pop(fact.id, None) is None:
                        self.restored.append(fact.id)
                    revisions[fact.id] = revision
                elif isinstance(fact, PutWorkspace):
                    self.workspace = fact.workspace
                elif isinstance(fact, ErasePerson):
                    self.erased[fact.id] = None
                    if type(person := nodes.get(fact.id)) is Person:
                        nodes[fact.id] = erased(person)
                    if fact.id not in self.removed:
                        revisions[fact.id] = revision
