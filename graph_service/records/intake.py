"""Taking records in: each is read, found new or known, and refused where it cannot stand alone."""

from __future__ import annotations

from collections.abc import Iterable

from graph_service.alignment.decide.find import a, word
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Objective, Person
from graph_service.models.words import GoalState
from graph_service.records.form import Item
from graph_service.records.measure import settle_yardstick
from graph_service.records.problems import Action, ProblemKind, RawRecord
from graph_service.records.run import NODES, Run


def take_in(run: Run, records: Iterable[RawRecord]) -> int:
    """Reads all records into the run; how many there were."""
    count = 0
    read = run.reading.item
    for raw in records:
        count += 1
        item = read(raw)
        if item is None:
            id = raw.fields.get("id")
            if isinstance(id, str):
                run.not_imported.setdefault(id, raw)
        elif item.kind in NODES:
            if _stands(run, item):
                run.by_id[item.id] = item
                run.items[item.kind].append(item)
                if item.kind in ("objective", "key_result"):
                    run.goals.append(item)
        elif item.kind != "check_in" or _fresh(run, item):
            run.items[item.kind].append(item)
    return count


def _stands(run: Run, item: Item) -> bool:
    """Whether a node's record can stand: its id is free or names the same kind, it has a title, its fields agree."""
    id = item.id
    if not _once(run, item, id):
        return False
    vertex = run.graph.nodes.get(id)
    if vertex is None:
        if run.graph.used(id):
            message = f"id {shown(id)} was given out before, to what is removed or to a check-in; choose another"
            run.refuse(item, "id", id, ProblemKind.DUPLICATE_ID, message)
            return False
        if item.given.get("title") is None and not item.given.get("erased"):
            run.refuse(item, "title", None, ProblemKind.MISSING, f"title is missing; {shown(id)} needs one")
            return False
    else:
        kind = NODES[item.kind]
        if type(vertex.fact) is not kind:
            message = f"id {shown(id)} is {a(word(type(vertex.fact)))} already, not {a(word(kind))}; choose another id"
            run.refuse(item, "id", id, ProblemKind.DUPLICATE_ID, message)
            return False
        if "title" in item.given and item.given["title"] is None:
            run.drop(item, "title", "title cannot be taken away; leave it out or give another")
        if isinstance(vertex.fact, Person) and vertex.fact.erased and not item.given.get("erased"):
            message = f"id {shown(id)} was erased and stays so; leave the record out"
            run.refuse(item, "id", id, ProblemKind.ERASED, message)
            return False
    if item.kind == "period":
        run.check_days(item, "start", "end")
    elif item.kind in ("objective", "key_result", "initiative"):
        run.check_days(item)
    elif item.kind == "kpi":
        _check_range(run, item)
    if item.kind in ("objective", "key_result"):
        _check_score(run, item)
    return item.kind != "key_result" or settle_yardstick(run, item)


def _once(run: Run, item: Item, id: str) -> bool:
    first = run.by_id.get(id) or run.check_in_ids.get(id)
    if first is None:
        return True
    where = f"line {first.line}" if first.file == item.file else f"{first.file}:{first.line}"
    message = f"id {shown(id)} is there twice, first in {where}; choose another or take one record out"
    run.say(item, "id", id, ProblemKind.DUPLICATE_ID, message, Action.QUARANTINED)
    return False


def _fresh(run: Run, item: Item) -> bool:
    """Whether a check-in's id, if it has one, is its own within the run."""
    if not item.id:
        return True
    if not _once(run, item, item.id):
        return False
    run.check_in_ids[item.id] = item
    return True


def _check_range(run: Run, item: Item) -> None:
    """The accepted range of a KPI."""
    vertex = run.graph.nodes.get(item.id)

    def before(name: str) -> object:
        return None if vertex is None else getattr(vertex.fact, name)

    low, high = (item.given.get(name, before(name)) for name in ("min", "max"))
    if isinstance(low, float) and isinstance(high, float) and low > high:
        message = f"min {low:g} is above max {high:g}; swap or correct them"
        run.impossible(item, "min", "max", message, before)


def _check_score(run: Run, item: Item) -> None:
    """A score belongs to what is closed."""
    if item.given.get("score") is None:
        return
    vertex = run.graph.nodes.get(item.id)
    fact = None if vertex is None else vertex.fact
    present = fact.state if isinstance(fact, Objective | KeyResult) else GoalState.ACTIVE
    state = item.given.get("state", present) or GoalState.ACTIVE
    if state is not GoalState.CLOSED:
        assert isinstance(state, GoalState)
        run.drop(item, "score", f"score: {shown(item.id)} is {state.value}, only a closed goal has one; leave it out")
