"""One run of an import: what the records say so far, what is there already, and what is planned.

The rules stand in the modules beside this one (people, goals, edges, history ...); here is what they share: finding
what an id names, saying what is wrong, keeping references to nothing, and the changes in the order of their stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from graph_service.alignment.decide.find import a, word
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.checks import shown
from graph_service.models.nodes import (
    BrokenReference,
    Initiative,
    KeyResult,
    Kpi,
    Node,
    Objective,
    Period,
    Person,
    RoleCharter,
    Team,
)
from graph_service.models.words import LinkKind
from graph_service.records.form import FORMS, Item, Reading
from graph_service.records.plain import plain
from graph_service.records.problems import Action, Problem, ProblemKind, RawRecord

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph
    from graph_service.alignment.vertices import Vertex

NODES: dict[str, type[Node]] = {
    "objective": Objective,
    "key_result": KeyResult,
    "owner": Person,
    "team": Team,
    "period": Period,
    "initiative": Initiative,
    "kpi": Kpi,
    "role": RoleCharter,
}
"""Which node a kind of record tells of."""

RECORD_KINDS = {kind: name for name, kind in NODES.items()}

STAGES = (
    "workspace",
    "periods",
    "teams",
    "people",
    "unlink",
    "goals",
    "updates",
    "moves",
    "links",
    "relations",
    "others",
    "references",
    "check-ins",
    "milestones",
    "states",
    "history",
    "erase",
)
"""Changes are made in this order: what is named before what names it, history before it is closed."""

UPWARD = frozenset({LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED})


Key = tuple[str, LinkKind, str, bool]
"""What tells references to nothing apart: the node, the kind of link, the text, whether it would lead from there."""


class Kept:
    """A reference to nothing, about to be kept."""

    __slots__ = ("roles", "weight")

    def __init__(self, weight: float | None, roles: Iterable[str]) -> None:
        self.weight = weight
        self.roles = set(roles)


class Run:
    """What one run of an import knows and plans."""

    def __init__(self, graph: AlignmentGraph, now: datetime, source_name: str | None) -> None:
        self.graph = graph
        self.now = now
        self.source_name = source_name
        self.reading = Reading()
        self.problems = self.reading.problems
        self.notes = self.reading.notes
        self.items: dict[str, list[Item]] = {kind: [] for kind in FORMS}
        self.goals: list[Item] = []
        self.by_id: dict[str, Item] = {}
        self.check_in_ids: set[str] = set()
        self.not_imported: dict[str, Item | RawRecord] = {}
        self.changes: dict[str, list[Change]] = {stage: [] for stage in STAGES}
        self.kept: dict[Key, Kept] = {}
        self.settled: dict[Key, None] = {}
        self.extra: dict[str, dict[str, list[str]]] = {}
        self.touched: set[str] = set()

    # ---------- what is there ----------

    def kind_of(self, id: str) -> type[Node] | None:
        """The kind of node that an id names: one of these records, or one that is there already."""
        item = self.by_id.get(id)
        if item is not None:
            return NODES[item.kind]
        vertex = self.graph.nodes.get(id)
        return None if vertex is None else type(vertex.fact)

    def is_new(self, id: str) -> bool:
        """Whether a node comes with this run."""
        return id not in self.graph.nodes

    def erased(self, id: str) -> bool:
        """Whether an id names a person who was erased before this run."""
        vertex = self.graph.nodes.get(id)
        return vertex is not None and isinstance(vertex.fact, Person) and vertex.fact.erased

    def reason(self, item: Item) -> str:
        """Why something is revised: because a file says so."""
        return f"import {self.source_name or PurePath(item.file).name}"

    # ---------- saying what is wrong ----------

    def say(
        self,
        item: Item,
        field: str,
        value: object,
        kind: ProblemKind,
        message: str,
        action: Action,
        link: tuple[str, str, LinkKind] | None = None,
    ) -> None:
        """One more problem of a record."""
        self.problems.append(Problem(item.file, item.line, item.id or None, field, value, kind, message, action, link))

    def note(self, item: Item, field: str, value: object, kind: ProblemKind, message: str, action: Action) -> None:
        """Something that is told and is no problem."""
        self.notes.append(Problem(item.file, item.line, item.id or None, field, value, kind, message, action))

    def drop(self, item: Item, field: str, message: str, kind: ProblemKind = ProblemKind.INVALID) -> None:
        """Leaves a given value out."""
        value = item.given.pop(field)
        self.say(item, field, plain(value), kind, message, Action.LEFT_OUT)

    def refuse(self, item: Item, field: str, value: object, kind: ProblemKind, message: str) -> None:
        """Quarantines a whole record; what names it finds nothing."""
        self.say(item, field, plain(value), kind, message, Action.QUARANTINED)
        if item.id:
            self.not_imported.setdefault(item.id, item)

    def impossible(self, item: Item, first: str, second: str, message: str, before: Callable[[str], object]) -> None:
        """Leaves out those of an impossible pair that the record gives; ``before`` gives the other, as it is there."""
        pair = [plain(item.given.get(name, before(name))) for name in (first, second)]
        for name in (first, second):
            item.given.pop(name, None)
        self.say(item, first, pair, ProblemKind.IMPOSSIBLE_PAIR, message, Action.LEFT_OUT)

    def check_days(self, item: Item, first: str = "start", last: str = "due") -> None:
        """Leaves out two days of which the last is before the first."""
        vertex = self.graph.nodes.get(item.id)

        def before(name: str) -> object:
            return None if vertex is None else getattr(vertex.fact, name)

        begins, ends = item.given.get(first, before(first)), item.given.get(last, before(last))
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            message = f"{last} {ends} is before {first} {begins}; swap or correct them"
            self.impossible(item, first, last, message, before)

    # ---------- references ----------

    def finds(
        self,
        item: Item,
        field: str,
        text: str,
        kinds: tuple[type[Node], ...],
        kind: LinkKind,
        *,
        outgoing: bool = True,
        weight: float | None = None,
        roles: tuple[str, ...] = (),
        node: str | None = None,
    ) -> bool:
        """Whether a reference names something of one of these kinds.

        If it names nothing it is kept on ``node`` (absent: the record's); if it names the node itself, something of
        another kind, or a person who was erased, it is quarantined. An upward link to what is no goal is kept too: it
        says that the goal meant to hang somewhere."""
        node = node if node is not None else item.id
        found = self.kind_of(text)
        link = (node, text, kind) if outgoing else (text, node, kind)
        if found is None:
            action = self.keep(item, field, node, kind, text, outgoing, weight, roles, link)
            if action is not None:
                self.say(item, field, text, ProblemKind.DANGLING, self.nothing(field, text, kinds), action, link)
            return False
        if text == node:
            message = f"{field} {shown(text)}: it cannot be linked to itself; take the link out"
            self.say(item, field, text, ProblemKind.SELF_LINK, message, Action.QUARANTINED, link)
            return False
        if found not in kinds:
            message = f"{field} {shown(text)} is {a(word(found))}, not {wanted(kinds)}; correct it"
            self.say(item, field, text, ProblemKind.WRONG_KIND, message, Action.QUARANTINED, link)
            if outgoing and kind in UPWARD:
                self.kept.setdefault((node, kind, text, True), Kept(weight, roles))
            return False
        return True

    def stands(self, item: Item, field: str, text: str, link: tuple[str, str, LinkKind]) -> bool:
        """Whether a new link may lead from or to somebody; whoever was erased takes on nothing new."""
        if not self.erased(text):
            return True
        message = f"{field} {shown(text)} was erased; name someone else"
        self.say(item, field, text, ProblemKind.ERASED, message, Action.QUARANTINED, link)
        return False

    def nothing(self, field: str, text: str, kinds: tuple[type[Node], ...]) -> str:
        """The sentence about a reference to nothing."""
        record = self.not_imported.get(text)
        if record is not None:
            return f"{field} {shown(text)}: its record ({record.file}:{record.line}) is not imported; correct that one"
        return (
            f"{field} {shown(text)}: there is no {wanted(kinds, bare=True)} with this id; correct it or repair it later"
        )

    def keep(
        self,
        item: Item,
        field: str,
        node: str,
        kind: LinkKind,
        text: str,
        outgoing: bool,
        weight: float | None,
        roles: tuple[str, ...],
        link: tuple[str, str, LinkKind],
    ) -> Action | None:
        """Keeps a reference to nothing; None if it is the second of two equal ones (and says so)."""
        known = self.kept.get((node, kind, text, outgoing))
        if known is None:
            self.kept[node, kind, text, outgoing] = Kept(weight, roles)
        elif roles and not known.roles.issuperset(roles):
            known.roles.update(roles)
        else:
            message = f"{field} {shown(text)}: {shown(link[0])} names {shown(link[1])} by {kind.name} twice; keep one"
            self.say(item, field, text, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED, link)
            return None
        return Action.KEPT_AS_REFERENCE

    def plan_references(self) -> None:
        """Plans to keep what names nothing, and to drop what was kept and is a link now."""
        made = self.changes["references"]
        for key in self.settled:
            if key not in self.kept:
                node, kind, text, outgoing = key
                made.append(do.ResolveReference(node_id=node, link=kind, reference=text, outgoing=outgoing))
        for (node, kind, text, outgoing), kept in self.kept.items():
            vertex = self.graph.nodes.get(node)
            known = None if vertex is None else broken_one(vertex, kind, text, outgoing)
            wanted = do.KeepReference(
                node_id=node,
                link=kind,
                reference=text,
                outgoing=outgoing,
                weight=kept.weight,
                roles=tuple(sorted(kept.roles)) or None,
            )
            if known is not None:
                if set(known.roles) >= kept.roles and known.weight == kept.weight:
                    continue
                made.append(do.ResolveReference(node_id=node, link=kind, reference=text, outgoing=outgoing))
                self.touched.add(node)
            made.append(wanted)

    def settle(self, source: str, kind: LinkKind, target: str) -> None:
        """A link is made anew: what known nodes kept of it as text is dropped, unless the records say it again."""
        for node, text, outgoing in ((source, target, True), (target, source, False)):
            vertex = self.graph.nodes.get(node)
            if vertex is not None and vertex.broken and broken_one(vertex, kind, text, outgoing) is not None:
                self.settled[node, kind, text, outgoing] = None

    # ---------- what nodes say of themselves ----------

    def attributes(self, item: Item) -> dict[str, object] | None:
        """The attributes that a node is to have: those it has, with what its record and edges add. None: none."""
        vertex = self.graph.nodes.get(item.id)
        present = None if vertex is None else vertex.fact.attributes
        return self.extended(item.id, {**(present or {}), **(item.attributes or {})} or None)

    def extended(self, id: str, attributes: dict[str, object] | None) -> dict[str, object] | None:
        """Attributes with what edges add to them: lists of ids under the word of the edge."""
        more = self.extra.get(id)
        if more is None:
            return attributes
        extended = dict(attributes or {})
        for name, ids in more.items():
            known = extended.get(name)
            before = known if isinstance(known, list) else [] if known is None else [known]
            extended[name] = [*before, *(id for id in ids if id not in before)]
        return extended

    def differences(self, item: Item, names: dict[str, str], defaults: dict[str, object]) -> dict[str, Any]:
        """The fields of a known node that its record says otherwise, by their names in the change."""
        fact = self.graph.nodes[item.id].fact
        changed: dict[str, Any] = {}
        for field, name in names.items():
            if field in item.given:
                value = item.given[field]
                if value is None:
                    value = defaults.get(name)
                if value != getattr(fact, name):
                    changed[name] = value
        if item.attributes is not None or item.id in self.extra:
            attributes = self.attributes(item)
            if attributes != fact.attributes:
                changed["attributes"] = attributes
        return changed

    def add(self, stage: str, change: Change, touches: str | None = None) -> None:
        """One more change; ``touches`` is the known node that it changes."""
        self.changes[stage].append(change)
        if touches is not None:
            self.touched.add(touches)


def wanted(kinds: tuple[type[Node], ...], bare: bool = False) -> str:
    """Kinds of nodes in a sentence."""
    names = [word(kind) for kind in kinds] or ["node"]
    return " or ".join(names if bare else [a(name) for name in names])


def broken_one(vertex: Vertex, kind: LinkKind, text: str, outgoing: bool) -> BrokenReference | None:
    """The reference to nothing of one kind, text and direction that a node keeps; None if it keeps none."""
    wanted = (kind, text, outgoing)
    return next((known for known in vertex.broken if (known.kind, known.reference, known.outgoing) == wanted), None)


def in_order(items: Sequence[Item], needs: Callable[[Item], Iterable[str]]) -> list[Item]:
    """Items in file order, but each after the new ones that it needs. There is no ring among them."""
    missing = {item.id for item in items}
    waiting: dict[str, list[Item]] = {}
    ordered: list[Item] = []
    for first in items:
        ready = [first]
        while ready:
            item = ready.pop()
            for id in needs(item):
                if id in missing:
                    waiting.setdefault(id, []).append(item)
                    break
            else:
                ordered.append(item)
                missing.discard(item.id)
                if waiting:
                    ready += reversed(waiting.pop(item.id, ()))
    return ordered
