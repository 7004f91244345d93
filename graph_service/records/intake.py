"""Taking records in: each is read, found new or known, and refused where it cannot stand alone."""

from __future__ import annotations

from collections.abc import Iterable

from graph_service.alignment.decide.find import a, word
from graph_service.models.checks import shown
from graph_service.models.nodes import Person
from graph_service.records.form import Item
from graph_service.records.measure import settle_yardstick
from graph_service.records.problems import Action, ProblemKind, RawRecord
from graph_service.records.run import NODES, Run


def take_in(run: Run, records: Iterable[RawRecord]) -> int:
    """Reads all records into the run; how many there were. An id is that of the first record that has it, even if that
    one cannot stand: which of two is meant, nobody knows."""
    count = 0
    read = run.reading.item
    claimed: dict[str, RawRecord] = {}
    for raw in records:
        count += 1
        item = read(raw)
        id = raw.fields.get("id")
        if item is None:
            if isinstance(id, str):
                run.not_imported.setdefault(id, raw)
                claimed.setdefault(id, raw)
            continue
        if item.id:
            first = claimed.setdefault(item.id, raw)
            if first is not raw:
                _twice(run, item, first)
                continue
        if item.kind not in NODES:
            run.items[item.kind].append(item)
            if item.id:
                run.check_in_ids.add(item.id)
        elif _stands(run, item):
            run.by_id[item.id] = item
            run.items[item.kind].append(item)
            if item.kind in ("objective", "key_result"):
                run.goals.append(item)
    return count


def _twice(run: Run, item: Item, first: RawRecord) -> None:
    where = f"line {first.line}" if first.file == item.file else f"{first.file}:{first.line}"
    message = f"id {shown(item.id)} is there twice, first in {where}; choose another or take one record out"
    run.say(item, "id", item.id, ProblemKind.DUPLICATE_ID, message, Action.QUARANTINED)


def _stands(run: Run, item: Item) -> bool:
    """Whether a node's record can stand: its id is free or names the same kind, it has a title, its fields agree."""
    id = item.id
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
    elif "due" in item.given or "start" in item.given:
        run.check_days(item)
    elif item.kind == "kpi":
        _check_range(run, item)
    return item.kind != "key_result" or settle_yardstick(run, item)


def _check_range(run: Run, item: Item) -> None:
    """The accepted range of a KPI."""
    vertex = run.graph.nodes.get(item.id)

    def before(name: str) -> object:
        return None if vertex is None else getattr(vertex.fact, name)

    low, high = (item.given.get(name, before(name)) for name in ("min", "max"))
    if isinstance(low, float) and isinstance(high, float) and low > high:
        message = f"min {low:g} is above max {high:g}; swap or correct them"
        run.impossible(item, "min", "max", message, before)
