"""Files of nonsense for the tests: records whose fields hold anything, and name anything."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from graph_service.records import RawRecord
from graph_service.records.form import FORMS
from tests.records.company import raws

EACH = 6
IDS = (*(f"{kind}{number}" for kind in "okpt" for number in range(EACH)), "period", "kpi", "role", "nothing")
"""Few, so that records meet."""

VALUES: Sequence[object] = (
    None,
    "",
    " ",
    "x\u0000y",
    0,
    -1,
    2.5,
    10**400,
    "12",
    True,
    [],
    {},
    ["o1", "o1"],
    "2026-13-01",
    "2026-02-30",
    "a" * 1_001,
    {"id": "o1", "weight": -1},
)
FITTING: dict[str, Sequence[object]] = {
    "title": ("grow revenue", "keep customers"),
    "measure": ("DELTA", "threshold", "milestones", "rollup", "unmeasured"),
    "comparison": ("at_least", "BETWEEN"),
    "direction": ("up", "down", "exact", "range"),
    "aggregate": ("sum", "mean"),
    "state": ("active", "draft", "closed", "cancelled"),
    "driver": ("manual", "all", "children"),
    "milestones": (
        [{"title": "call"}, {"id": "m1", "title": "sign", "weight": 2, "done_at": "2026-02-01"}],
        [{"id": "m1", "title": "sign", "weight": 0}],
        [{"id": "m1", "title": "sign", "done_at": None}, "rest"],
    ),
    "milestones_done": (["m1"], ["m2"]),
    "plan": ([["2026-02-01", 3]], [["2026-02-01", 3], ["2026-02-01", 4]]),
    "start": ("2026-01-01", "2026-05-01"),
    "due": ("2026-03-01", "2026-06-30"),
    "end": ("2026-03-01",),
    "type": ("parent", "aligned", "author", "tech_lead", "member", "reports_to", "replaces", "key_result_of", "owns"),
    "parents": (["o1"], ["o2", {"id": "k1", "weight": 2}], []),
    "contributors": (["p1"], [{"id": "t1", "roles": ["author"]}]),
    "at": ("2026-02-01T10:00:00Z", "2026-03-01T10:00:00+02:00", "2027-01-01T00:00:00Z"),
    "levels": (["organization", "team"],),
    "time_zone": ("Europe/Berlin", "Nowhere/Land"),
    "broken": ("to", "from"),
    "roles": (["author"], ["Head of it"]),
    "versions": ([{"at": "2026-01-01T00:00:00Z", "by": "ines", "reason": "new", "measure": "unmeasured"}],),
    "tasks": (["call"], [{"title": "write", "done": True}]),
    "attributes": ({"budget": 5}, {"owner": "somebody"}),
    "level": ("team", "squad"),
    "cycle": ("q1", "2026-Q1", "o1"),
    "email": ("ines@example.com", "nobody"),
    "source": ("import", "survey"),
    "note": ("going well",),
}
NUMBERS: Sequence[object] = (0, 1, 10, 0.5, -2)
NAMES = {
    "parent": "ook",
    "owner": "pt",
    "team": "t",
    "reports_to": "p",
    "within": "q",
    "from": "okp",
    "to": "okt",
    "goal": "ok",
    "by": "pt",
    "measured_by": "m",
    "supports": "ok",
    "outcomes": "o",
    "metrics": "k",
    "holders": "p",
    "replaces": "c",
}
LETTERS = {
    "objective": "o",
    "key_result": "k",
    "owner": "p",
    "team": "t",
    "check_in": "c",
    "period": "q",
    "kpi": "m",
    "initiative": "i",
    "role": "r",
}
SOMETIMES = 0.2
OFTEN = {
    "title": 0.95,
    "from": 0.98,
    "to": 0.98,
    "type": 0.98,
    "goal": 0.98,
    "parent": 0.7,
    "value": 0.7,
    "erased": 0.1,
}


def nonsense(seed: int, count: int = 40) -> list[RawRecord]:
    """A file of random records; the same for the same seed."""
    random = Random(seed)
    return raws(*(_record(random) for _ in range(count)))


def _record(random: Random) -> dict[str, object]:
    kind = random.choice((*FORMS, *("objective", "key_result", "edge") * 4, "check_in", "owner", "team"))
    record: dict[str, object] = {"kind": kind}
    for name in FORMS[kind].fields:
        if name in {"kind", "id"} or random.random() > OFTEN.get(name, SOMETIMES):
            continue
        record[name] = _value(random, name)
    if kind in LETTERS and random.random() < 0.98:
        record["id"] = f"{LETTERS[kind]}{random.randrange(EACH)}" if random.random() < 0.97 else random.choice(IDS)
    if random.random() < 0.2:
        record["status_text"] = random.choice(VALUES)
    return record


def _value(random: Random, name: str) -> object:
    if random.random() < 0.04:
        return random.choice(VALUES)
    if name in NAMES:
        return f"{random.choice(NAMES[name])}{random.randrange(EACH)}" if random.random() < 0.9 else random.choice(IDS)
    fitting = FITTING.get(name)
    if fitting is not None:
        return random.choice(fitting)
    if name in {"erased", "active", "top_level"}:
        return random.random() < 0.3
    if name in {"description", "alignment_note", "retrospective", "unit", "role", "driver_reason"}:
        return random.choice(("euros", "because it matters"))
    if name in {"themes", "areas", "brings"}:
        return ["growth", "calm"]
    return random.choice(NUMBERS)
