"""Folding the log: from decided facts to the present that they give, without a graph and without a store.

The rules, the same for every store and for the graph in memory (``revision`` is that of the entry):

* **PutNode** sets the node, new or said anew, and its revision. A node keeps its kind, and its id names nothing else.
* **PutLink**, **RemoveLink** set or take away the link and raise the revision of the node that it is said of: for OWNS
  and CONTRIBUTES_TO the target (a goal has its owner and contributors), for all other kinds the source.
* **AddCheckIn** adds the check-in and raises the revision of its goal.
* **PutBroken**, **RemoveBroken** set or take away the reference and raise the revision of its node.
* **RemoveNode** takes the node and exactly ``links`` out of the present; both are kept under the node's id with the
  revision of the removal. For each of these links the node that it was said of, if it is not the removed one, has
  changed too. Check-ins and broken references stay where they are.
* **RestoreNode** puts the node back with this revision. What it took along is forgotten: links come back as PutLink.
* **PutWorkspace** replaces the facts of the workspace; before the first they are the defaults.
* **ErasePerson** leaves of a person: the id (also as the name), the kind of person, the job title; ``active`` is false
  and ``erased`` true. Raises the revision, or, if the person is removed, keeps that of the removal. An erased person
  can be said anew only as erased.

A fact that does not fit what is there (a link to nothing, an id given out twice) is refused as damage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graph_service.errors import StoreDamaged
from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    Fact,
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
from graph_service.models.words import LinkKind
from graph_service.stores.base import Removed, Snapshot

SAID_OF_TARGET = frozenset({LinkKind.OWNS, LinkKind.CONTRIBUTES_TO})
"""The kinds of links that count as a change of their target; all others are one of their source."""

LinkKey = tuple[str, str, LinkKind]
BrokenKey = tuple[str, LinkKind, str, bool]


def said_of(link: Link | RemoveLink) -> str:
    """The id of the node whose revision a link raises when it comes, changes or goes."""
    return link.target if link.kind in SAID_OF_TARGET else link.source


def link_key(link: Link | RemoveLink) -> LinkKey:
    """What there is one link of, and the order of links."""
    return link.source, link.target, link.kind


def broken_key(reference: BrokenReference | RemoveBroken) -> BrokenKey:
    """What there is one broken reference of, and their order."""
    return reference.node, reference.kind, reference.reference, reference.outgoing


def erased(person: Person) -> Person:
    """What is left of a person after erasing."""
    return Person(person.id, person.id, job_title=person.job_title, active=False, type=person.type, erased=True)


@dataclass(slots=True)
class Folded:
    """The present that a log gives, by key."""

    revision: int = 0
    workspace: Workspace | None = None  # until the first PutWorkspace: the defaults
    nodes: dict[str, Node] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    links: dict[LinkKey, Link] = field(default_factory=dict)
    check_ins: dict[str, CheckIn] = field(default_factory=dict)
    broken: dict[BrokenKey, BrokenReference] = field(default_factory=dict)
    removed: dict[str, Removed] = field(default_factory=dict)

    def snapshot(self, epoch: str) -> Snapshot:
        """The same as a store loads it."""
        return Snapshot(
            epoch,
            self.revision,
            Workspace() if self.workspace is None else self.workspace,
            [(self.nodes[id_], self.revisions[id_]) for id_ in sorted(self.nodes)],
            [self.links[key] for key in sorted(self.links)],
            self.sorted_check_ins(),
            [self.broken[key] for key in sorted(self.broken)],
            [self.removed[id_] for id_ in sorted(self.removed)],
        )

    def sorted_check_ins(self) -> list[CheckIn]:
        """All check-ins by (goal, at, revision, position)."""
        return sorted(self.check_ins.values(), key=lambda one: (one.goal, one.at, one.revision, one.position))


def fold(entries: Iterable[Entry], onto: Folded | None = None) -> Folded:
    """What the entries give, in order, from nothing or from what is folded already (which changes).

    StoreDamaged, naming the revision, for an entry out of order or a fact that does not fit.
    """
    state = Folded() if onto is None else onto
    for entry in entries:
        if entry.revision != state.revision + 1:
            raise StoreDamaged(f"entry {entry.revision} of the log follows entry {state.revision}")
        state.revision = entry.revision
        for step in entry.steps:
            for fact in step.facts:
                take(state, fact)
    return state


def take(state: Folded, fact: Fact) -> None:
    """Takes one fact of the entry ``state.revision`` in; StoreDamaged if it does not fit."""
    match fact:
        case PutNode(node):
            _put(state, node)
        case PutLink(link):
            for end in (link.source, link.target):
                if end not in state.nodes:
                    raise _misfit(state, f"a link names '{end}', which is not there")
            state.links[link_key(link)] = link
            state.revisions[said_of(link)] = state.revision
        case RemoveLink():
            if state.links.pop(link_key(fact), None) is None:
                raise _misfit(state, f"the link {fact.kind} from '{fact.source}' to '{fact.target}' is not there")
            state.revisions[said_of(fact)] = state.revision
        case AddCheckIn(check_in):
            _add(state, check_in)
        case PutBroken(reference):
            _touch(state, reference.node)
            state.broken[broken_key(reference)] = reference
        case RemoveBroken():
            _touch(state, fact.node)
            if state.broken.pop(broken_key(fact), None) is None:
                raise _misfit(state, f"'{fact.node}' has no broken reference {fact.kind} '{fact.reference}'")
        case RemoveNode(id_, links):
            _remove(state, id_, links)
        case RestoreNode(id_):
            kept = state.removed.pop(id_, None)
            if kept is None:
                raise _misfit(state, f"'{id_}' is not removed")
            state.nodes[id_] = kept.node
            state.revisions[id_] = state.revision
        case PutWorkspace(workspace):
            state.workspace = workspace
        case ErasePerson(id_):
            _erase(state, id_)


def _misfit(state: Folded, what: str) -> StoreDamaged:
    return StoreDamaged(f"revision {state.revision}: {what}")


def _touch(state: Folded, id_: str) -> None:
    if id_ not in state.nodes:
        raise _misfit(state, f"'{id_}' is not there")
    state.revisions[id_] = state.revision


def _put(state: Folded, node: Node) -> None:
    before = state.nodes.get(node.id)
    if before is None:
        if node.id in state.removed or node.id in state.check_ins:
            raise _misfit(state, f"the id '{node.id}' was given out before")
    elif type(before) is not type(node):
        raise _misfit(state, f"the id '{node.id}' was given out before, to another kind")
    elif type(before) is Person and type(node) is Person and before.erased and not node.erased:
        raise _misfit(state, f"the person '{node.id}' is erased")
    state.nodes[node.id] = node
    state.revisions[node.id] = state.revision


def _add(state: Folded, check_in: CheckIn) -> None:
    if check_in.id in state.check_ins or check_in.id in state.nodes or check_in.id in state.removed:
        raise _misfit(state, f"the id '{check_in.id}' was given out before")
    if check_in.revision != state.revision:
        raise _misfit(state, f"the check-in '{check_in.id}' names revision {check_in.revision}")
    _touch(state, check_in.goal)
    state.check_ins[check_in.id] = check_in


def _remove(state: Folded, id_: str, links: tuple[Link, ...]) -> None:
    node = state.nodes.pop(id_, None)
    if node is None:
        raise _misfit(state, f"'{id_}' is not there")
    del state.revisions[id_]
    for link in links:
        if id_ not in {link.source, link.target} or state.links.pop(link_key(link), None) != link:
            raise _misfit(state, f"'{id_}' has no such link {link.kind} from '{link.source}' to '{link.target}'")
        if (changed := said_of(link)) != id_:
            state.revisions[changed] = state.revision
    state.removed[id_] = Removed(node, state.revision, tuple(sorted(links, key=link_key)))


def _erase(state: Folded, id_: str) -> None:
    resting = state.removed.get(id_)
    person = state.nodes.get(id_) if resting is None else resting.node
    if type(person) is not Person:
        raise _misfit(state, f"'{id_}' is no person")
    if resting is not None:
        state.removed[id_] = resting._replace(node=erased(person))
        return
    state.nodes[id_] = erased(person)
    state.revisions[id_] = state.revision


def loose_ends(state: Folded) -> list[str]:
    """Links of the present that lead to or from nothing, as sentences: what a removal forgot to take along."""
    return [
        f"the link {kind} from '{source}' to '{target}' leads to nothing"
        for source, target, kind in sorted(state.links)
        if source not in state.nodes or target not in state.nodes
    ]
