"""Records of kind ``edge``: relations that do not fit into one field.

Goals are joined by ``parent``, ``aligned`` and ``key_result_of``; people by ``reports_to`` (a dotted line) and
``member``. Any other word is a role: of a person who leads a team, or of somebody who contributes to a goal. What is
neither means nothing here and is kept as an attribute of its ``from``.
"""

from __future__ import annotations

from graph_service.alignment.decide.find import a, word
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Node, Objective, Person, Team
from graph_service.models.words import LinkKind
from graph_service.records.fields import normal
from graph_service.records.form import Item
from graph_service.records.goals import GOALS, Goals
from graph_service.records.ladders import ALIGNED, KEY_RESULT_OF, PARENT
from graph_service.records.people import Belonging
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import RECORD_KINDS, Run, broken_one

OWNERS = (Person, Team)
LEADING = frozenset({"owner", "chair", "pm", "design", "pmm", "co_owner", "lead"})
"""Words by which a person leads a team, beside those that end in ``_lead``."""
CONTRIBUTING = frozenset({"contributor", "co_owner", "participant", "author", "approver", "reviewer"})
"""Words by which somebody contributes to a goal, known even where the goal is not."""
BETWEEN_GOALS = frozenset({"replaces", "superseded_by"})
"""Words that join goals and are no link here."""
FIELDS = {
    LinkKind.OWNS: "owner of the goal",
    LinkKind.PART_OF: "parent of the team",
    LinkKind.SUPPORTS: "supports of the initiative",
    LinkKind.MEASURED_BY: "measured_by of the key result",
    LinkKind.HOLDS: "holders of the role",
    LinkKind.CHARTERS: "outcomes or metrics of the role",
    LinkKind.WITHIN: "within of the period",
}
"""Links that a field holds, and which."""
KINDS = {kind.value: kind for kind in LinkKind} | {"member": LinkKind.MEMBER_OF}
ROLES = {LinkKind.LEADS: ("lead",), LinkKind.CONTRIBUTES_TO: ("contributor",)}


def leads(role: str) -> bool:
    """Whether a word says that a person leads a team."""
    return role in LEADING or role.endswith("_lead")


def role_kind(role: str) -> LinkKind | None:
    """The link of which a word is a role when it stands as the type of an edge; None where it means another link."""
    if role in KINDS or role != normal(role):
        return None
    return LinkKind.LEADS if leads(role) else LinkKind.CONTRIBUTES_TO


class Edges:
    """Plans the edges of a run."""

    def __init__(self, run: Run, goals: Goals) -> None:
        self.run = run
        self.goals = goals

    def sort_out(self) -> None:
        """Finds the edges that mean nothing here, before the nodes are planned whose attributes they become."""
        rest = []
        for item in self.run.items["edge"]:
            given = item.given
            type_ = normal(str(given["type"]))
            given["type"] = type_
            if given.get("broken") is None and type_ not in KINDS and self._is_attribute(item, type_):
                self._keep_as_attribute(item, type_)
            else:
                rest.append(item)
        self.run.items["edge"] = rest

    def plan(self, belonging: Belonging) -> None:
        """Plans the others, in file order."""
        for item in self.run.items["edge"]:
            given = item.given
            type_, source, target = str(given["type"]), str(given["from"]), str(given["to"])
            kind = KINDS.get(type_)
            if given.get("broken") is not None:
                self._broken(item, kind or role_kind(type_), type_)
            elif source == target:
                self._itself(item, source, kind or role_kind(type_) or ALIGNED)
            elif kind in FIELDS:
                message = f"type {shown(type_)} is no edge; write it as the field {FIELDS[kind]}"
                self.run.say(item, "type", type_, ProblemKind.INVALID, message, Action.QUARANTINED)
            elif kind is PARENT or kind is ALIGNED or kind is KEY_RESULT_OF:
                self._join(item, kind, source, target)
            elif kind is LinkKind.REPORTS_TO:
                if self._ends(item, (Person,), (Person,), kind):
                    belonging.report(item, source, target)
            elif kind is LinkKind.MEMBER_OF:
                if self._ends(item, (Person,), (Team,), kind):
                    belonging.join(item, "to", source, target)
            else:
                self._roles(item, kind, type_, source, target, belonging)
            if "weight" in given and kind not in (PARENT, ALIGNED, KEY_RESULT_OF):
                message = f"weight means nothing on an edge {shown(type_)}; leave it out"
                self.run.note(item, "weight", given["weight"], ProblemKind.UNUSED, message, Action.LEFT_OUT)

    # ---------- what means nothing here ----------

    def _is_attribute(self, item: Item, type_: str) -> bool:
        """Whether an edge is neither a role of somebody nor a link."""
        source, target = (self.run.kind_of(str(item.given[end])) for end in ("from", "to"))
        if (source is not None and source not in OWNERS) or (source is None and type_ in BETWEEN_GOALS):
            return True
        if target is Team:
            return not (leads(type_) and source in (Person, None))
        if target is not None:
            return target not in GOALS
        return source is not None and type_ not in CONTRIBUTING and not (leads(type_) and source is Person)

    def _keep_as_attribute(self, item: Item, type_: str) -> None:
        run = self.run
        source, target = str(item.given["from"]), str(item.given["to"])
        action = Action.KEPT_AS_ATTRIBUTE
        if source == target:
            self._itself(item, source, None)
        elif run.kind_of(source) is None:
            message = run.nothing("from", source, (Objective, KeyResult, *OWNERS))
            run.say(item, "from", source, ProblemKind.DANGLING, message, Action.QUARANTINED)
        else:
            listed = run.extra.setdefault(source, {}).setdefault(type_, [])
            if target in listed:
                message = f"to {shown(target)}: {shown(source)} names it as {type_} twice; keep one"
                run.say(item, "to", target, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED)
                return
            listed.append(target)
            if run.kind_of(target) is None:
                message = f"{run.nothing('to', target, ())}; it is kept as an attribute of {shown(source)}"
                run.say(item, "to", target, ProblemKind.DANGLING, message, action)
            else:
                message = f"type {shown(type_)} is no link here; it is kept as an attribute of {shown(source)}"
                run.note(item, "type", type_, ProblemKind.UNUSED, message, action)

    def attributes_of_others(self) -> None:
        """Plans the attributes that edges add to nodes of which no record tells."""
        for id in self.run.extra:
            if id not in self.run.by_id:
                record = Item("", 0, RECORD_KINDS[type(self.run.graph.nodes[id].fact)], id, {}, None)
                self.run.by_id[id] = record
                self.run.items[record.kind].append(record)
                if record.kind in ("objective", "key_result"):
                    self.run.goals.append(record)

    # ---------- links ----------

    def _itself(self, item: Item, id: str, kind: LinkKind | None) -> None:
        message = f"to {shown(id)}: it cannot be linked to itself; take the edge out"
        link = None if kind is None else (id, id, kind)
        self.run.say(item, "to", id, ProblemKind.SELF_LINK, message, Action.QUARANTINED, link)

    def _ends(
        self,
        item: Item,
        sources: tuple[type[Node], ...],
        targets: tuple[type[Node], ...],
        kind: LinkKind,
        weight: float | None = None,
        roles: tuple[str, ...] = (),
    ) -> bool:
        """Whether both ends are there and of the right kinds; one that names nothing is kept on the other."""
        run = self.run
        source, target = str(item.given["from"]), str(item.given["to"])
        found = run.kind_of(source)
        if found is None:
            if run.kind_of(target) in targets:
                run.finds(item, "from", source, sources, kind, outgoing=False, weight=weight, roles=roles, node=target)
            else:
                message = run.nothing("from", source, sources)
                link = (source, target, kind)
                run.say(item, "from", source, ProblemKind.DANGLING, message, Action.QUARANTINED, link)
            return False
        if found not in sources:
            wanted = " or ".join(a(word(one)) for one in sources)
            message = f"from {shown(source)} is {a(word(found))}, not {wanted}; correct it"
            link = (source, target, kind)
            run.say(item, "from", source, ProblemKind.WRONG_KIND, message, Action.QUARANTINED, link)
            return False
        return run.finds(item, "to", target, targets, kind, weight=weight, roles=roles, node=source)

    def _weight(self, item: Item, source: str) -> float | None:
        """The weight of an edge: its own, else that of its source's record if this is the first way up from there."""
        of_the_record = self.goals.weights.pop(source, None)
        own = item.given.get("weight")
        return of_the_record if own is None else own

    def _join(self, item: Item, kind: LinkKind, source: str, target: str) -> None:
        """A link between goals. The first parent of a key result is its objective, further ones count as aligned."""
        ladders = self.goals.ladders
        is_key_result = self.run.kind_of(source) is KeyResult
        default = 0.0 if kind is ALIGNED else 1.0
        if kind is PARENT and is_key_result:
            onto = self.run.kind_of(target)
            first = self._is_first(source, target)
            kind = KEY_RESULT_OF if first and onto is not KeyResult else ALIGNED
            if first and onto is KeyResult:
                self.goals.under_key_results.add(source)
            self.goals.placed.add(source)
        weight = self._weight(item, source)
        sources: tuple[type[Node], ...] = (KeyResult,) if kind is KEY_RESULT_OF else GOALS
        targets: tuple[type[Node], ...] = (Objective,) if kind is KEY_RESULT_OF else GOALS
        if kind is PARENT:
            sources = (Objective,)
        if not self._ends(item, sources, targets, kind, weight):
            return
        if kind is KEY_RESULT_OF and (home := ladders.objective(source)) not in (None, target):
            message = f"to {shown(target)}: {shown(source)} belongs to {shown(home)}; a key result has one objective"
            link = (source, target, kind)
            self.run.say(item, "to", target, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED, link)
            return
        if ladders.names(item, "to", source, target, kind):
            self.goals.link(item, "to", source, target, kind, weight, default)

    def _is_first(self, key_result: str, target: str) -> bool:
        """Whether a parent is the first one of a key result: its objective, or what was to be it."""
        home = self.goals.ladders.objective(key_result)
        if home is None:
            return key_result not in self.goals.placed
        vertex = self.run.graph.nodes.get(key_result)
        return home == target or (vertex is not None and broken_one(vertex, KEY_RESULT_OF, target, True) is not None)

    def _roles(
        self, item: Item, kind: LinkKind | None, type_: str, source: str, target: str, belonging: Belonging
    ) -> None:
        """Somebody leads a team or contributes to a goal, in the role that the edge's type or its roles say."""
        if kind is None:
            onto = self.run.kind_of(target)
            leading = onto is Team or (onto is None and leads(type_) and type_ not in CONTRIBUTING)
            kind = LinkKind.LEADS if leading else LinkKind.CONTRIBUTES_TO
            roles: tuple[str, ...] = (type_,)
        else:
            said = item.given.get("roles")
            roles = said if isinstance(said, tuple) and said else ROLES[kind]
        if kind is LinkKind.LEADS:
            if self._ends(item, (Person,), (Team,), kind, roles=roles):
                for role in roles:
                    belonging.lead(item, "from", source, target, role)
        elif self._ends(item, OWNERS, GOALS, kind, roles=roles):
            for role in roles:
                self.goals.contributing.add(item, "from", source, target, role)

    def _broken(self, item: Item, kind: LinkKind | None, type_: str) -> None:
        """A reference that its file knows to name nothing: kept as text, whatever has that id by now."""
        run = self.run
        given = item.given
        outgoing = given["broken"] == "to"
        node, text = str(given["from"]), str(given["to"])
        if not outgoing:
            node, text = text, node
        if kind is None:
            message = f"type {shown(type_)} is unknown; use one of {', '.join(KINDS)}"
            run.say(item, "type", type_, ProblemKind.INVALID, message, Action.QUARANTINED)
            return
        field, other = ("to", "from") if outgoing else ("from", "to")
        link = (str(given["from"]), str(given["to"]), kind)
        if run.kind_of(node) is None:
            message = run.nothing(other, node, ())
            run.say(item, other, node, ProblemKind.DANGLING, message, Action.QUARANTINED, link)
            return
        said = given.get("roles")
        roles = said if isinstance(said, tuple) else ()
        if kind in ROLES and not roles and type_ not in KINDS:
            roles = (type_,)
        weight = given.get("weight")
        action = run.keep(
            item, field, node, kind, text, outgoing, weight if isinstance(weight, float) else None, roles, link
        )
        if action is not None:
            message = f"{field} {shown(text)} is marked as naming nothing; repair it or take the edge out"
            run.say(item, field, text, ProblemKind.DANGLING, message, action, link)
