"""Whole companies for the tests of record files, and the way of records through a file and back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import BinaryIO, TextIO

from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import Refusal
from graph_service.models import changes as do
from graph_service.models.nodes import Task
from graph_service.models.words import GoalState, LinkKind, Status
from graph_service.records import (
    ImportPlan,
    OnProblem,
    RawRecord,
    Record,
    export_records,
    plan_import,
    write_csv,
    write_jsonl,
    write_yaml,
)
from graph_service.records.csv_records import read_csv
from graph_service.records.json_lines import read_json_lines
from graph_service.records.yaml_records import read_yaml
from tests.alignment.random_company import NOON, ids, stir

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
FILE = "okrs.jsonl"

Write = Callable[[Iterable[Record], TextIO], None]
Read = Callable[[BinaryIO, str], Iterator[RawRecord]]
FORMS: dict[str, tuple[Write, Read]] = {
    "jsonl": (write_jsonl, read_json_lines),
    "yaml": (write_yaml, read_yaml),
    "csv": (write_csv, read_csv),
}


def raws(*records: Mapping[str, object]) -> list[RawRecord]:
    """Records as the lines of one file."""
    return [RawRecord(FILE, line, dict(record)) for line, record in enumerate(records, 1)]


new_id = ids()


def occasion(at: datetime = NOW) -> Occasion:
    """The occasion of one import."""
    return Occasion(at, new_id, by="importer", source="import", importing=True)


def plan(
    graph: AlignmentGraph, records: Iterable[RawRecord], on_problem: OnProblem = "quarantine", now: datetime = NOW
) -> ImportPlan:
    """What records come to."""
    return plan_import(graph, records, on_problem=on_problem, source_name=FILE, now=now)


def brought_in(
    records: Iterable[RawRecord], on_problem: OnProblem = "quarantine", into: AlignmentGraph | None = None
) -> tuple[AlignmentGraph, ImportPlan]:
    """A graph (absent: an empty one) with records imported, and the plan."""
    graph = AlignmentGraph() if into is None else into
    planned = plan(graph, records, on_problem)
    if planned.changes:
        graph.decide(planned.changes, occasion())
    return graph, planned


def written(graph: AlignmentGraph, form: str = "jsonl") -> str:
    """A graph as the text of a file."""
    out = io.StringIO(newline="")
    FORMS[form][0](export_records(graph), out)
    return out.getvalue()


def read(text: str | bytes, form: str = "jsonl", file: str = FILE) -> list[RawRecord]:
    """The records of a file's text."""
    return list(FORMS[form][1](io.BytesIO(text.encode() if isinstance(text, str) else text), file))


TEXTS: Sequence[str] = (
    "grow revenue",
    "wachsen – schön",
    "'=1+1",
    "=cmd|calc",
    "-12",
    "+5",
    "@ines",
    "no",
    "2026-01-01",
    "1e5",
    "null",
    "a; b",
    "[x]",
    'say "yes", then go',
    "ends with: ",
    "# no comment",
    "first\nsecond",
    "\ttabbed",
    "x\u2028y",
    "🚢 ferry",
    "007",
)


def _attributes(random: Random) -> dict[str, object] | None:
    if random.random() < 0.5:
        return None
    values: Sequence[object] = (
        *TEXTS,
        "",
        5,
        5.5,
        True,
        None,
        [1, "two", None],
        {"deep": {"er": [None]}},
        10**18,
    )
    names = (
        "title_fr",
        "status",
        "current",
        "kind",
        "title",
        "owner",
        "Team",
        "attributes",
        "=x",
        " edge ",
        "a:b",
        "-",
    )
    return {name: random.choice(values) for name in random.sample(names, random.randint(1, 4))}


def _text(random: Random) -> str | None:
    return random.choice((None, None, *TEXTS))


def _title(random: Random) -> str:
    return random.choice([text for text in TEXTS if text.isprintable()])


def people_and_more(random: Random, goals: Sequence[str]) -> Iterator[do.Change]:
    """Changes that give a company people, teams, KPIs, initiatives, roles, references to nothing, and long words."""
    objectives = [goal for goal in goals if goal.startswith("obj")]
    key_results = [goal for goal in goals if goal.startswith("kr")]
    teams = [f"team:{number}" for number in range(4)]
    people = [f"person:{number}" for number in range(6)]
    yield do.UpdateWorkspace(levels=("organization", "team", "Ñandú & co; 1"), check_in_days=14)
    yield do.CreatePeriod(id="year", title=_title(random), attributes=_attributes(random))
    yield do.UpdatePeriod(id="quarter", within_id="year")
    for number, team in enumerate(teams):
        yield do.CreateTeam(
            id=team,
            name=_title(random),
            parent_id=random.choice((None, *teams[:number])),
            type=random.choice((None, "sig", "department")),
            active=random.choice((None, False)),
            attributes=_attributes(random),
        )
    for number, person in enumerate(people):
        yield do.CreatePerson(
            id=person,
            name=_title(random),
            email=random.choice((None, "ines@example.com")),
            job_title=_text(random),
            manager_id=random.choice((None, *people[:number])),
            team_ids=tuple(random.sample(teams, random.randint(0, 2))),
            active=random.choice((None, False)),
            type=random.choice((None, "office")),
            attributes=_attributes(random),
        )
    for _ in range(12):
        person, team, goal = random.choice(people), random.choice(teams), random.choice(goals)
        roles = ("owner", "tech_lead", "parent", "Head of it", "co_owner", "contributor", "author", "pm")
        some = tuple(random.sample(roles, random.randint(1, 3)))
        yield do.SetMembership(person_id=person, team_id=team, leads=some)
        yield do.SetContributor(goal_id=goal, owner_id=random.choice((person, team)), roles=some)
        yield do.SetManager(person_id=person, manager_id=random.choice(people), dotted=random.random() < 0.5)
        yield do.AssignOwner(goal_id=random.choice(goals), owner_id=random.choice((person, team)))
        yield do.KeepReference(
            node_id=random.choice((person, team, goal)),
            link=random.choice(list(LinkKind)),
            reference=random.choice(("nowhere", goal, team, "=gone", "some text")),
            outgoing=random.random() < 0.6,
            weight=random.choice((None, 0.0, 2.0)),
            roles=random.choice((None, ("author",), ("chair", "Head of it"))),
        )
    for objective in objectives:
        yield do.UpdateObjective(
            id=objective,
            title=_title(random),
            description=_text(random),
            alignment_note=_text(random),
            themes=tuple(random.sample(("growth", "a; b", "=x"), random.randint(0, 2))),
            level=random.choice((None, "Ñandú & co; 1")),
            attributes=_attributes(random),
        )
        yield do.CheckInObjective(
            objective_id=objective, note=random.choice(TEXTS), reported_status=Status.BEHIND, by=random.choice(people)
        )
    for key_result in key_results:
        yield do.UpdateKeyResult(
            id=key_result, unit=_text(random), description=_text(random), attributes=_attributes(random)
        )
    for number in range(3):
        yield do.CreateKpi(
            id=f"kpi:{number}",
            title=_title(random),
            unit=_text(random),
            min=random.choice((None, -1.5)),
            max=random.choice((None, 1e9)),
            value=random.choice((None, 0.1)),
            at=random.choice((None, NOON)),
            key_results=tuple(random.sample(key_results, min(2, len(key_results)))),
            attributes=_attributes(random),
        )
        yield do.CreateInitiative(
            id=f"project:{number}",
            title=_title(random),
            state=random.choice((None, *GoalState)),
            owner_id=random.choice((None, *people, *teams)),
            supports=tuple(random.sample(goals, min(number, len(goals)))),
            tasks=(Task("call; ask", None, True), Task("=go", "https://example.com/1")) if number else (),
            due=random.choice((None, date(2026, 3, 1))),
            attributes=_attributes(random),
        )
        yield do.CreateRole(
            id=f"role:{number}",
            title=_title(random),
            outcomes=tuple(objectives[:number]),
            metrics=tuple(key_results[:number]),
            areas=("; ".join(TEXTS[:2]), "sales"),
            brings=("calm",) * number,
            holders=tuple(random.sample(people, number)),
            attributes=_attributes(random),
        )
    yield do.CloseGoal(id=random.choice(goals), score=0.7, retrospective="we learned")
    yield do.ErasePersonForGood(id=people[-1])
    yield do.RemoveTeam(id=random.choice(teams))
    yield do.RemoveGoal(id=random.choice(goals))


def random_company(seed: int) -> AlignmentGraph:
    """A company in which nearly everything occurs; the same for the same seed."""
    random = Random(seed)
    graph = AlignmentGraph()
    stir(graph, random, objectives=5, key_results=8, more=30)
    goals = sorted(goal.id for goal in graph.goals())
    more = ids()
    for change in people_and_more(random, goals or ["obj-0"]):
        try:
            moment = Occasion(NOON, lambda: f"more-{more()}", by="ines", source="test", importing=True)
            graph.decide([change], moment)
        except Refusal:
            continue
    return graph
