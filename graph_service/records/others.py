"""What stands beside the goals: the workspace's own facts, KPIs, initiatives and role charters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graph_service.alignment.decide import Occasion, decide
from graph_service.errors import Refusal
from graph_service.models import changes as do
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Kpi, Node, Objective, Person, Team
from graph_service.models.words import GoalState, LinkKind
from graph_service.records.form import Item
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run

WORKSPACE = ("behind_limit", "at_risk_limit", "check_in_days", "time_zone")


def plan_workspace(run: Run) -> None:
    """What the records say of the workspace, and the levels that their objectives bring along."""
    present = run.graph.workspace
    levels = list(present.levels)
    changed: dict[str, Any] = {}
    for number, item in enumerate(run.items["workspace"]):
        if number:
            message = "there is a second record of the workspace; put both together"
            run.refuse(item, "kind", "workspace", ProblemKind.DUPLICATE_ID, message)
            continue
        changed = _possible(run, item)
        said = item.given.get("levels")
        if said:
            # nothing is lost that may be in use
            kept = present.levels if next(run.graph.goals(), None) is not None else ()
            levels = [*said, *(level for level in kept if level not in said)]
    for item in run.goals:
        level = item.given.get("level")
        if level is not None and level not in levels:
            levels.append(level)
            message = f"level {shown(level)} is new; it is added to the workspace's levels"
            run.note(item, "level", level, ProblemKind.MADE, message, Action.MADE)
    if tuple(levels) != present.levels:
        changed["levels"] = tuple(levels)
    changed = {name: value for name, value in changed.items() if value != getattr(present, name)}
    if changed:
        run.add("workspace", do.UpdateWorkspace(**changed))


def _possible(run: Run, item: Item) -> dict[str, Any]:
    """Those of the given facts of the workspace that can be, the others are listed."""
    given, present = item.given, run.graph.workspace
    for name in WORKSPACE:
        if given.get(name) is None:
            continue
        # the limits are looked at one by one first: each beside one that goes with it
        beside = {"behind_limit": -1.0, "at_risk_limit": 1.0} if name.endswith("limit") else {}
        try:
            list(decide(run.graph, do.UpdateWorkspace(**{**beside, name: given[name]}), Occasion(run.now, str)))
        except Refusal as wrong:
            head, *rest = name.split("_")
            run.drop(item, name, wrong.message.replace(head + "".join(word.title() for word in rest), name))
    limits = [
        getattr(present, name) if given.get(name) is None else given[name] for name in ("behind_limit", "at_risk_limit")
    ]
    if limits[0] > limits[1]:
        message = f"behind_limit {limits[0]:g} is above at_risk_limit {limits[1]:g}; swap or correct them"
        run.impossible(item, "behind_limit", "at_risk_limit", message, lambda name: getattr(present, name))
    return {name: given[name] for name in WORKSPACE if given.get(name) is not None}


class Lists:
    """Whole lists of ends that something is linked to: for each, those that are there and those that are planned."""

    def __init__(self, run: Run, kind: LinkKind, *, inward: bool) -> None:
        self.run = run
        self.kind = kind
        self.inward = inward
        self.planned: dict[str, dict[str, None]] = {}

    def of(self, id: str) -> dict[str, None]:
        """The other ends of a node's links, in order; changes to it are plans."""
        ends = self.planned.get(id)
        if ends is None:
            ends = self.planned[id] = dict.fromkeys(self._known(id))
        return ends

    def _known(self, id: str) -> list[str]:
        vertex = self.run.graph.nodes.get(id)
        if vertex is None:
            return []
        return vertex.sources(self.kind) if self.inward else vertex.targets(self.kind)

    def read(self, item: Item, field: str, kinds: tuple[type[Node], ...]) -> list[str] | None:
        """The ends that a record names; None where it does not say."""
        if field not in item.given:
            return None
        named = item.given[field] or ()
        known = self._known(item.id)
        found: list[str] = []
        for number, one in enumerate(named):
            place = f"{field}[{number}]"
            link = (one, item.id, self.kind) if self.inward else (item.id, one, self.kind)
            if not self.run.finds(item, place, one, kinds, self.kind, outgoing=not self.inward):
                continue
            if one not in known and not self.run.stands(item, place, one, link):
                continue
            if one in found:
                message = f"{place} {shown(one)} is there twice; keep one"
                self.run.say(item, place, one, ProblemKind.DUPLICATE_LINK, message, Action.QUARANTINED, link)
            else:
                found.append(one)
                if one not in known:
                    self.run.settle(link[0], self.kind, link[1])
        return found

    def moved(self, id: str) -> tuple[str, ...] | None:
        """The ends as they are to be; None where they are so already."""
        wanted = self.of(id)
        return None if set(wanted) == set(self._known(id)) else tuple(wanted)


def plan_kpis(run: Run) -> None:
    """KPIs, and which key results they measure (the key results' records say so)."""
    measured = Lists(run, LinkKind.MEASURED_BY, inward=True)
    outward = Lists(run, LinkKind.MEASURED_BY, inward=False)
    for item in run.items["key_result"]:
        named = outward.read(item, "measured_by", (Kpi,))
        if named is None:
            continue
        id = item.id
        if not run.is_new(id) and len(named) == len(item.given["measured_by"] or ()):
            for kpi in run.graph.nodes[id].targets(LinkKind.MEASURED_BY):
                if kpi not in named:
                    measured.of(kpi).pop(id, None)
        for kpi in named:
            measured.of(kpi)[id] = None
    for item in run.items["kpi"]:
        id = item.id
        given = item.given
        if run.is_new(id):
            change = do.CreateKpi(
                id=id,
                title=given["title"],
                unit=given.get("unit"),
                min=given.get("min"),
                max=given.get("max"),
                value=given.get("value"),
                at=given.get("at"),
                key_results=measured.moved(id),
                attributes=run.attributes(item),
            )
            run.add("others", change)
            measured.planned.pop(id, None)
            continue
        names = {name: name for name in ("title", "unit", "min", "max", "value", "at")}
        _update(run, item, do.UpdateKpi, run.differences(item, names, {}), {"key_results": measured.moved(id)})
        measured.planned.pop(id, None)
    for id in measured.planned:
        key_results = measured.moved(id)
        if key_results is not None:
            run.add("others", do.UpdateKpi(id=id, key_results=key_results), id)


def plan_initiatives(run: Run) -> None:
    """Initiatives, and which goals they support."""
    supports = Lists(run, LinkKind.SUPPORTS, inward=False)
    for item in run.items["initiative"]:
        id = item.id
        given = item.given
        _replace(run, supports, item, "supports", (Objective, KeyResult))
        owner = _owner(run, item)
        if run.is_new(id):
            change = do.CreateInitiative(
                id=id,
                title=given["title"],
                state=given.get("state"),
                owner_id=owner,
                supports=supports.moved(id),
                tasks=given.get("tasks"),
                start=given.get("start"),
                due=given.get("due"),
                attributes=run.attributes(item),
            )
            run.add("others", change)
            continue
        names = {name: name for name in ("title", "state", "tasks", "start", "due")}
        changed = run.differences(item, names, {"state": GoalState.ACTIVE, "tasks": ()})
        if "owner" in given and (owner is not None or given["owner"] is None):
            fact = run.graph.nodes[id].fact
            if owner != getattr(fact, "owner", None):
                changed["owner_id"] = owner
        _update(run, item, do.UpdateInitiative, changed, {"supports": supports.moved(id)})


def _owner(run: Run, item: Item) -> str | None:
    owner = item.given.get("owner")
    if not isinstance(owner, str):
        return None
    if not run.finds(item, "owner", owner, (Person, Team), LinkKind.OWNS, outgoing=False):
        return None
    vertex = run.graph.nodes.get(item.id)
    if vertex is not None and getattr(vertex.fact, "owner", None) == owner:
        return owner
    return owner if run.stands(item, "owner", owner, (owner, item.id, LinkKind.OWNS)) else None


def plan_roles(run: Run) -> None:
    """Role charters: outcomes, metrics, and who holds them."""
    outcomes = Lists(run, LinkKind.CHARTERS, inward=False)
    holders = Lists(run, LinkKind.HOLDS, inward=True)
    for item in run.items["role"]:
        id = item.id
        given = item.given
        lists: dict[str, tuple[str, ...] | None] = {}
        for field, kind in (("outcomes", Objective), ("metrics", KeyResult)):
            named = outcomes.read(item, field, (kind,))
            present = [] if run.is_new(id) else [one for one in outcomes.of(id) if run.kind_of(one) is kind]
            whole = named is not None and len(named) == len(given[field] or ())
            wanted = named if whole else [*present, *(one for one in named or () if one not in present)]
            assert wanted is not None
            lists[field] = None if set(wanted) == set(present) else tuple(wanted)
        _replace(run, holders, item, "holders", (Person,))
        lists["holders"] = holders.moved(id)
        if run.is_new(id):
            change = do.CreateRole(
                id=id,
                title=given["title"],
                areas=given.get("areas"),
                brings=given.get("brings"),
                attributes=run.attributes(item),
                **lists,
            )
            run.add("others", change)
            continue
        names = {name: name for name in ("title", "areas", "brings")}
        _update(run, item, do.UpdateRole, run.differences(item, names, {"areas": (), "brings": ()}), lists)


def _replace(run: Run, lists: Lists, item: Item, field: str, kinds: tuple[type[Node], ...]) -> None:
    """The ends of a node's links become those that its record names; if some of them are nothing, none is lost."""
    named = lists.read(item, field, kinds)
    if named is None:
        return
    ends = lists.of(item.id)
    if len(named) == len(item.given[field] or ()):
        ends.clear()
    ends.update(dict.fromkeys(named))


def _update(
    run: Run,
    item: Item,
    change: Callable[..., do.Change],
    changed: dict[str, Any],
    lists: dict[str, tuple[str, ...] | None],
) -> None:
    """Plans what a known node's record says otherwise, if anything."""
    changed |= {name: ends for name, ends in lists.items() if ends is not None}
    if changed:
        run.add("others", change(id=item.id, **changed), item.id)
