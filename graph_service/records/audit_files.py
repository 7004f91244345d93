"""An audit of record files as they lie there, without a store: messy ones too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from msgspec.structs import replace

from graph_service.alignment.audit import Rules, audit
from graph_service.alignment.audit.report import AuditReport, Place, Quarantined, QuarantinedLink
from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.changes import Change, CheckInKeyResult, CheckInObjective
from graph_service.records.plan import plan_import
from graph_service.records.problems import Problem, RawRecord
from graph_service.records.read import Progress, read_records

LONGEST = 200
"""Letters of a value that a report shows."""


def audit_files(
    paths: Sequence[Path],
    rules: Rules,
    as_of: date,
    *,
    mapping: Path | None = None,
    on_progress: Progress | None = None,
) -> AuditReport:
    """The audit of what some record files say, read as by an import that quarantines: what could not be taken is part
    of the report, and findings know the line of their subject.

    A ``current`` value counts as reported on the day itself, since a file does not say when. Raises Invalid for files
    or a mapping that cannot be read.
    """
    records = list(read_records(paths, mapping=mapping, on_progress=on_progress))
    day = datetime.combine(as_of, time(12), UTC)
    now = max([day, *moments(records)])
    graph = AlignmentGraph()
    plan = plan_import(graph, records, on_problem="quarantine", now=now)
    if plan.changes:
        numbers = iter(range(len(plan.changes) * 2 + 1))
        occasion = Occasion(now, lambda: f"reported-{next(numbers)}", source="import", importing=True)
        graph.decide([dated(change, day) for change in plan.changes], occasion)
    places: dict[str, Place] = {}
    for raw in records:
        id = raw.fields.get("id")
        if isinstance(id, str) and id in graph.nodes:
            places.setdefault(id, Place(raw.file, raw.line))
    return audit(
        graph,
        rules,
        as_of,
        files=[str(path) for path in paths],
        places=places,
        quarantined=[quarantined(problem) for problem in plan.problems],
    )


def moments(records: Iterable[RawRecord]) -> list[datetime]:
    """The moments of all check-ins that say one: none of them lies ahead of an audit."""
    found = []
    for raw in records:
        at = raw.fields.get("at")
        if raw.fields.get("kind") == "check_in" and isinstance(at, str):
            try:
                moment = datetime.fromisoformat(at)
            except ValueError:
                continue
            if moment.tzinfo is not None:
                found.append(moment.astimezone(UTC))
    return found


def dated(change: Change, day: datetime) -> Change:
    """A change whose check-in has a moment: that of the day, if it says none."""
    if isinstance(change, CheckInKeyResult | CheckInObjective) and change.at is None:
        return replace(change, at=day)
    return change


def quarantined(problem: Problem) -> Quarantined:
    """A problem of a file as reports tell it."""
    link = None
    if problem.link is not None:
        source, target, kind = problem.link
        link = QuarantinedLink(source, target, kind.name)
    value = problem.value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Quarantined(
        Place(problem.file, problem.line),
        problem.id,
        problem.field,
        text if len(text) <= LONGEST else f"{text[:LONGEST]}...",
        problem.kind.name,
        problem.message,
        problem.action.name,
        link,
    )
