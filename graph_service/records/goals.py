"""Objectives and key results: what hangs where, who is accountable, what is new and what is said otherwise."""

from __future__ import annotations

from typing import Any

from graph_service.models import changes as do
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Milestone, Objective, Person, Team
from graph_service.models.words import Driver, GoalState, LinkKind
from graph_service.records.fields import GivenContributor, GivenMilestone, GivenParent
from graph_service.records.form import Item
from graph_service.records.ladders import ALIGNED, KEY_RESULT_OF, PARENT, Ladders
from graph_service.records.measure import YARDSTICK, yardstick
from graph_service.records.plain import plain
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run, in_order

GOALS = (Objective, KeyResult)
OBJECTIVE = {
    "title": "title",
    "description": "description",
    "alignment_note": "alignment_note",
    "level": "level",
    "top_level": "top_level",
    "ambition": "ambition",
    "themes": "themes",
    "driver": "driver",
    "manual_progress": "manual_progress",
    "driver_reason": "driver_reason",
    "start": "start",
    "due": "due",
}
KEY_RESULT = {
    "title": "title",
    "description": "description",
    "alignment_note": "alignment_note",
    "unit": "unit",
    "start": "start",
    "due": "due",
}
CREATE = {
    "id": "id",
    "state": "state",
    "cycle": "period_id",
    "milestones": "milestones",
    **OBJECTIVE,
    **KEY_RESULT,
    **{name: name for name in YARDSTICK},
}
"""Which field of a new goal each field of its record becomes."""
_OWN_LINK = {
    ("objective", "objective"): PARENT,
    ("objective", "key_result"): PARENT,
    ("key_result", "objective"): KEY_RESULT_OF,
}
YARDSTICK_FIELDS = tuple(name for name in YARDSTICK if name != "milestones")


class Contributing:
    """Who contributes to which goal, in which roles: what is planned, pair by pair."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._roles: dict[tuple[str, str], set[str]] = {}
        self._said: set[tuple[str, str, str]] = set()

    def roles(self, owner: str, goal: str) -> set[str]:
        """The roles in which somebody is to contribute to a goal; changes to it are plans."""
        roles = self._roles.get((owner, goal))
        if roles is None:
            known = self.run.graph.link(owner, goal, LinkKind.CONTRIBUTES_TO)
            roles = self._roles[owner, goal] = set() if known is None else set(known.roles)
        return roles

    def add(self, item: Item, field: str, owner: str, goal: str, role: str) -> None:
        """Somebody contributes to a goal in a role; the second time the same is said is listed."""
        link = (owner, goal, LinkKind.CONTRIBUTES_TO)
        if (owner, goal, role) in self._said:
            message = f"{field} {shown(owner)}: {shown(owner)} is {role} of {shown(goal)} twice; keep one"
            self.run.say(item, field, owner, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED, link)
            return
        roles = self.roles(owner, goal)
        if role in roles or self.run.stands(item, field, owner, link):
            self._said.add((owner, goal, role))
            roles.add(role)

    def plan(self) -> None:
        """Plans every pair that is to be other than it is."""
        run = self.run
        for (owner, goal), roles in self._roles.items():
            known = run.graph.link(owner, goal, LinkKind.CONTRIBUTES_TO)
            wanted = tuple(sorted(roles))
            if wanted != (() if known is None else known.roles):
                change = do.SetContributor(goal_id=goal, owner_id=owner, roles=wanted)
                run.add("relations", change, None if run.is_new(goal) else goal)
                if known is None:
                    run.settle(owner, LinkKind.CONTRIBUTES_TO, goal)


class Goals:
    """Plans the goals of a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.ladders = Ladders(run)
        self.contributing = Contributing(run)
        self.weights: dict[str, float] = {}
        """Weights of records that have no upward link of their own yet: for the first one that an edge gives them."""
        self.under_key_results: set[str] = set()
        self.placed: set[str] = set()
        """Key results whose first parent has been named, be it an objective or not: the next is a further one."""
        self._parents_by_edge: set[tuple[str, str]] = set()
        self._unlinked: dict[str, list[tuple[do.UnlinkGoals, float]]] = {}

    def plan(self) -> None:
        """Links in file order first, so that the one that closes a ring is the last that was named; then the goals."""
        run = self.run
        for edge in run.items["edge"]:
            if edge.given["type"] == "parent":
                self._parents_by_edge.add((str(edge.given["from"]), str(edge.given["to"])))
        there = run.graph.nodes
        new = [item for item in run.goals if item.id not in there]
        known = [item for item in run.goals if item.id in there] if there else []
        for item in known:
            self._plan_unlinks(item)
        for item in new:
            self._plan_own_links(item)
        for item in known:
            if item.kind == "key_result":
                self._plan_move(item)
        for item in known:
            self._plan_links(item)
        for item in in_order(new, self._needs):
            self._create(item)
        for item in known:
            self._update(item)
        for item in run.goals:
            self._plan_contributors(item)

    # ---------- what a record says of its place ----------

    def _named(self, item: Item) -> list[tuple[GivenParent, str]]:
        """The goals above that a record names, in order, with the field of each; the first has the record's weight."""
        given = item.given
        named = [(parent, f"parents[{number}]") for number, parent in enumerate(given.get("parents") or ())]
        first = given.get("parent")
        if first is not None:
            known = next((one for one in named if one[0].id == first), (GivenParent(first), "parent"))
            named = [known, *(one for one in named if one is not known)]
        weight = given.get("weight")
        if weight is not None and not named:
            self.weights[item.id] = weight
        elif weight is not None and named[0][0].weight is None:
            named[0] = (named[0][0]._replace(weight=weight), named[0][1])
        return named

    def _plan_own_links(self, item: Item) -> None:
        """The upward links of a new goal."""
        given = item.given
        target = given.get("parent")
        above = None if target is None or "parents" in given else self.run.by_id.get(target)
        if above is not None and above is not item:  # most of them: one link, onto a goal of the same run
            kind = _OWN_LINK.get((item.kind, above.kind))
            weight = given.get("weight")
            if kind is not None and self.ladders.hang(item.id, above.id, kind, 1.0 if weight is None else weight):
                return
        for number, (parent, field) in enumerate(self._named(item)):
            self._plan_own_link(item, field, parent, first=number == 0)

    def _plan_own_link(self, item: Item, field: str, parent: GivenParent, first: bool) -> None:
        run = self.run
        id, target = item.id, parent.id
        kind = PARENT
        if item.kind == "key_result":
            onto = run.kind_of(target)
            kind = KEY_RESULT_OF if first and onto is not KeyResult else ALIGNED
            if first and onto is KeyResult:
                self.under_key_results.add(id)
        kinds = (Objective,) if kind is KEY_RESULT_OF else GOALS
        if first:
            self.placed.add(id)
        if not run.finds(item, field, target, kinds, kind, weight=parent.weight):
            return
        weight = 1.0 if parent.weight is None else parent.weight
        if item.kind == "key_result" and not first and self.ladders.objective(id) == target:
            self.ladders.names(item, field, id, target, KEY_RESULT_OF)
        elif self.ladders.names(item, field, id, target, kind):
            self.ladders.add(item, field, id, target, kind, weight)

    # ---------- known goals ----------

    def _plan_unlinks(self, item: Item) -> None:
        """Parents that a known objective is no longer to have."""
        given = item.given
        if item.kind != "objective" or not ("parent" in given or "parents" in given):
            return
        id = item.id
        present = [target for target, kind in self.ladders.ups(id) if kind is PARENT]
        above = [parent for parent, _ in self._named(item)]
        if any(parent.id == id or self.run.kind_of(parent.id) not in GOALS for parent in above):
            return  # what it is to hang under instead cannot be
        wanted = {parent.id for parent in above}
        gone = present if "parents" in given else present[:1]
        for target in gone:
            if target not in wanted and (id, target) not in self._parents_by_edge:
                unlink = do.UnlinkGoals(source=id, target=target, link=PARENT)
                weight = self.ladders.take_away(id, target, PARENT)
                self._unlinked.setdefault(id, []).append((unlink, weight))
                self.run.add("unlink", unlink, id)

    def _plan_move(self, item: Item) -> None:
        """Another objective for a known key result."""
        given = item.given
        if not ("parent" in given or "parents" in given):
            return
        id = item.id
        named = self._named(item)
        home = self.ladders.objective(id)
        if not named:
            if home is not None:
                name = "parent" if "parent" in given else "parents"
                self.run.drop(item, name, f"{name}: {shown(id)} belongs to {shown(home)}; name another to move it")
            return
        parent, field = named[0]
        self.placed.add(id)
        if self.run.kind_of(parent.id) is KeyResult:
            return
        if not self.run.finds(item, field, parent.id, (Objective,), KEY_RESULT_OF, weight=parent.weight):
            return
        self.ladders.names(item, field, id, parent.id, KEY_RESULT_OF)
        if home == parent.id:
            self._reweight(item, field, parent, KEY_RESULT_OF)
            return
        before = dict(self.ladders.ups(id))
        if home is not None:
            self.ladders.take_away(id, home, KEY_RESULT_OF)
        weight = 1.0 if parent.weight is None else parent.weight
        if self.ladders.add(item, field, id, parent.id, KEY_RESULT_OF, weight):
            move = do.LinkGoals(source=id, target=parent.id, link=KEY_RESULT_OF, weight=parent.weight)
            self.run.add("moves", move, id)
            self.run.settle(id, KEY_RESULT_OF, parent.id)
        else:
            self.ladders.ups(id).clear()
            self.ladders.ups(id).update(before)

    def _plan_links(self, item: Item) -> None:
        """The other upward links of a known goal: its parents, or what a key result is aligned to."""
        given = item.given
        id = item.id
        if not ("parent" in given or "parents" in given):
            self._named(item)
            return
        for number, (parent, field) in enumerate(self._named(item)):
            onto = self.run.kind_of(parent.id)
            if item.kind == "key_result" and number == 0 and onto is not KeyResult:
                continue  # its objective
            kind = PARENT if item.kind == "objective" else ALIGNED
            if not self.run.finds(item, field, parent.id, GOALS, kind, weight=parent.weight):
                continue
            if item.kind == "key_result" and self.ladders.objective(id) == parent.id:
                self.ladders.names(item, field, id, parent.id, KEY_RESULT_OF)
            elif self.ladders.names(item, field, id, parent.id, kind):
                self.link(item, field, id, parent.id, kind, parent.weight, 1.0)
        if item.kind == "objective":
            self._relink(item)
            self._plan_order(item)

    def _relink(self, item: Item) -> None:
        """If all that an objective was to hang under instead was refused, it stays where it is."""
        id = item.id
        above = self._named(item)
        if not above or any((parent.id, PARENT) in self.ladders.ups(id) for parent, _ in above):
            return
        for unlink, weight in self._unlinked.pop(id, ()):
            if self.ladders.add(item, "parent", id, unlink.target, PARENT, weight):
                self.run.changes["unlink"].remove(unlink)

    def plan_weights(self) -> None:
        """A weight of a record that no link has taken is that of the first upward link that is there."""
        for id, weight in self.weights.items():
            item = self.run.by_id[id]
            first = next(iter(self.ladders.ups(id)), None)
            if first is None or self.run.is_new(id):
                message = f"weight {shown(plain(weight))}: {shown(id)} has no upward link; leave it out"
                self.run.note(item, "weight", plain(weight), ProblemKind.UNUSED, message, Action.LEFT_OUT)
            else:
                self._reweight(item, "weight", GivenParent(first[0], weight), first[1])

    def _plan_order(self, item: Item) -> None:
        """The parents that a record names come first, in its order."""
        id = item.id
        ups = self.ladders.ups(id)
        present = [target for target, kind in ups if kind is PARENT]
        named = [id for id in dict.fromkeys(parent.id for parent, _ in self._named(item)) if (id, PARENT) in ups]
        named = named if "parents" in item.given else named[:1]
        if present[: len(named)] == named:
            return
        for target in reversed(named):
            if present[0] != target:
                present.remove(target)
                present.insert(0, target)
                self.run.add("links", do.SetPrimaryParent(objective_id=id, parent_id=target), id)

    def _reweight(self, item: Item, field: str, parent: GivenParent, kind: LinkKind) -> None:
        id = item.id
        if parent.weight is not None and parent.weight != self.ladders.ups(id)[parent.id, kind]:
            self.link(item, field, id, parent.id, kind, parent.weight, 1.0)

    def link(
        self, item: Item, field: str, source: str, target: str, kind: LinkKind, weight: float | None, default: float
    ) -> None:
        """Plans a link between goals that are there by then, or another weight for one that is there."""
        present = self.ladders.ups(source).get((target, kind))
        if present is not None and (weight is None or weight == present):
            return
        if not self.ladders.add(item, field, source, target, kind, default if weight is None else weight):
            return
        touched = None if self.run.is_new(source) else source
        if present is None:
            change: do.LinkGoals = do.LinkGoals(
                source=source, target=target, link=kind, weight=default if weight is None else weight
            )
            self.run.settle(source, kind, target)
        else:
            change = do.UpdateLink(source=source, target=target, link=kind, weight=weight)
        self.run.add("links", change, touched)

    # ---------- who is accountable ----------

    def _owner(self, item: Item) -> str | None:
        """The owner that a record names, if there is such a one."""
        owner = item.given.get("owner")
        if not isinstance(owner, str):
            return None
        if not self.run.finds(item, "owner", owner, (Person, Team), LinkKind.OWNS, outgoing=False):
            return None
        return owner

    def _plan_contributors(self, item: Item) -> None:
        """The contributors that a record names; those who were plain contributors before are no more."""
        if "contributors" not in item.given:
            return
        goal = item.id
        named = item.given["contributors"] or ()
        assert isinstance(named, list | tuple)
        if not self.run.is_new(goal):
            ids = {one.id for one in named}
            for link in self.run.graph.nodes[goal].into:
                if link.kind is LinkKind.CONTRIBUTES_TO and link.source not in ids and "contributor" in link.roles:
                    self.contributing.roles(link.source, goal).discard("contributor")
        for number, one in enumerate(named):
            assert isinstance(one, GivenContributor)
            field = f"contributors[{number}]"
            for role in one.roles:
                if self.run.finds(
                    item, field, one.id, (Person, Team), LinkKind.CONTRIBUTES_TO, outgoing=False, roles=(role,)
                ):
                    self.contributing.add(item, field, one.id, goal, role)

    # ---------- new goals ----------

    def _needs(self, item: Item) -> list[str]:
        return [target for target, kind in self.ladders.ups(item.id) if kind is not ALIGNED]

    def _create(self, item: Item) -> None:
        run = self.run
        given = item.given
        id = item.id
        fields: dict[str, Any] = {}
        for name, value in given.items():
            field = CREATE.get(name)
            if field is not None:
                fields[field] = value
        if item.attributes is not None or id in run.extra:
            fields["attributes"] = run.attributes(item)
        owner = self._owner(item) if "owner" in given else None
        if owner is not None and run.stands(item, "owner", owner, (owner, id, LinkKind.OWNS)):
            fields["owner_id"] = owner
        aligned = []
        if item.kind == "objective":
            parents = []
            for (target, kind), weight in self.ladders.ups(id).items():
                if kind is PARENT:
                    parents.append(do.ParentInput(id=target, weight=weight))
                else:
                    aligned.append((target, weight))
            if parents:
                fields["parents"] = tuple(parents)
            run.changes["goals"].append(do.CreateObjective(**fields))
        else:
            for (target, kind), weight in self.ladders.ups(id).items():
                if kind is KEY_RESULT_OF:
                    fields["objective_id"] = target
                    fields["weight"] = weight
                else:
                    aligned.append((target, weight))
            if "milestones" in fields:
                fields["milestones"] = tuple(_milestone_input(one) for one in given["milestones"] or ())
            run.changes["goals"].append(do.CreateKeyResult(**fields))
        for target, weight in aligned:
            run.add("links", do.LinkGoals(source=id, target=target, link=ALIGNED, weight=weight))

    # ---------- what is said otherwise ----------

    def _update(self, item: Item) -> None:
        run = self.run
        id = item.id
        goal = run.graph.goal(id)
        assert goal is not None
        if item.kind == "objective":
            changed = run.differences(item, OBJECTIVE, {"themes": (), "driver": Driver.ALL})
        else:
            changed = run.differences(item, KEY_RESULT, {})
            self._plan_yardstick(item, changed)
        if "cycle" in item.given and item.given["cycle"] != goal.fact.period:
            changed["period_id"] = item.given["cycle"]
        if changed:
            kind = do.UpdateObjective if item.kind == "objective" else do.UpdateKeyResult
            run.add("updates", kind(id=id, **changed), id)
        if "owner" in item.given and item.given["owner"] != goal.owner:
            owner = self._owner(item)
            if owner is None and item.given["owner"] is not None:
                return
            if owner is None or run.stands(item, "owner", owner, (owner, id, LinkKind.OWNS)):
                run.add("updates", do.AssignOwner(goal_id=id, owner_id=owner), id)
                if owner is not None:
                    run.settle(owner, LinkKind.OWNS, id)

    def _plan_yardstick(self, item: Item, changed: dict[str, Any]) -> None:
        """How a known key result is measured otherwise: revised, with the file as the reason, once it counts."""
        goal = self.run.graph.goal(item.id)
        assert goal is not None
        fact = goal.fact
        assert isinstance(fact, KeyResult)
        wanted = yardstick(item, fact)
        moved = {
            name: getattr(wanted, name)
            for name in YARDSTICK_FIELDS
            if name in item.given and getattr(wanted, name) != getattr(fact, name)
        }
        if "milestones" in item.given and wanted.milestones != fact.milestones:
            steps = tuple(_as_input(one) for one in wanted.milestones)
            if _weights(wanted.milestones) != _weights(fact.milestones):
                moved["milestones"] = steps
            else:
                changed["milestones"] = steps
        if not moved:
            return
        if fact.state is GoalState.DRAFT and not goal.check_ins:
            changed.update(moved)
        else:
            revision = do.ReviseKeyResult(id=fact.id, reason=self.run.reason(item), **moved)
            self.run.add("updates", revision, fact.id)


def _milestone_input(one: object) -> do.MilestoneInput:
    assert isinstance(one, GivenMilestone)
    done = one.done_at or None
    return do.MilestoneInput(id=one.id, title=one.title, weight=one.weight, due=one.due, done_at=done)


def _as_input(one: Milestone) -> do.MilestoneInput:
    return do.MilestoneInput(id=one.id or None, title=one.title, weight=one.weight, due=one.due, done_at=one.done_at)


def _weights(milestones: tuple[Milestone, ...]) -> dict[str, float]:
    return {one.id or one.title: one.weight for one in milestones}
