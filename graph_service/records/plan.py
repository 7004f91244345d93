"""Planning an import: what some records come to on a graph, and all that is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from graph_service.alignment.build import undisturbed
from graph_service.models.changes import Change
from graph_service.models.checks import shown
from graph_service.models.words import LinkKind
from graph_service.records.edges import Edges
from graph_service.records.goals import Goals
from graph_service.records.history import History
from graph_service.records.intake import take_in
from graph_service.records.others import plan_initiatives, plan_kpis, plan_roles, plan_workspace
from graph_service.records.people import make_periods, plan_people, plan_periods, plan_teams
from graph_service.records.problems import Action, ImportRefused, Problem, ProblemKind, RawRecord
from graph_service.records.run import NODES, Run

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

OnProblem = Literal["fail", "quarantine"]


class ImportPlan(NamedTuple):
    """What an import comes to.

    ``changes`` are to be made in one commit, as an import; none where the graph says all that the records say.
    ``problems`` are what is wrong, ``notes`` what else there is to tell (made periods and levels, what became an
    attribute, key results without an objective), both in file order. ``counts``: records read, nodes created by kind,
    nodes changed and unchanged, check-ins, references kept.
    """

    changes: list[Change]
    problems: list[Problem]
    notes: list[Problem]
    counts: dict[str, int]


def plan_import(
    graph: AlignmentGraph,
    records: Iterable[RawRecord],
    *,
    on_problem: OnProblem = "fail",
    source_name: str | None = None,
    now: datetime | None = None,
) -> ImportPlan:
    """What some records come to on a graph, which is only read.

    ``fail``: any problem refuses the run, and ImportRefused holds all of them. ``quarantine``: what is sound is planned
    and the rest listed. A record whose id is known updates the node by the fields that it gives; what the graph says
    already is no change. Links are judged in file order, those of records before those of edges. ``source_name``
    stands in the reasons of revisions (absent: the record's own file). ``now``: no check-in is from more than a day
    after it (absent: the present moment).
    """
    with undisturbed():  # full collections over all that is read would cost more than the reading
        return _planned(graph, records, on_problem, source_name, now or datetime.now(UTC))


def _planned(
    graph: AlignmentGraph, records: Iterable[RawRecord], on_problem: OnProblem, source_name: str | None, now: datetime
) -> ImportPlan:
    """As ``plan_import``; apart from it, so that what was read is gone before there is a collection again."""
    run = Run(graph, now.astimezone(UTC), source_name)
    count = take_in(run, records)
    _plan(run)
    problems = _in_file_order(run.problems)
    if problems and on_problem == "fail":
        raise ImportRefused([problem._replace(action=Action.REFUSED) for problem in problems])
    changes = [change for stage in run.changes.values() for change in stage]
    return ImportPlan(changes, problems, _in_file_order(run.notes), _counts(run, count))


def _plan(run: Run) -> None:
    """Plans all that was taken in: what is named before what names it."""
    make_periods(run)
    goals = Goals(run)
    edges = Edges(run, goals)
    edges.sort_out()
    edges.attributes_of_others()
    plan_periods(run)
    plan_teams(run)
    belonging = plan_people(run)
    goals.plan()
    edges.plan(belonging)
    goals.plan_weights()
    belonging.plan()
    goals.contributing.plan()
    _list_loose(run, goals)
    plan_kpis(run)
    plan_initiatives(run)
    plan_roles(run)
    plan_workspace(run)
    history = History(run, goals)
    history.plan_check_ins()
    history.plan_milestones()
    history.plan_states()
    history.plan_history()
    run.plan_references()


def _in_file_order(problems: list[Problem]) -> list[Problem]:
    files = {file: number for number, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return sorted(problems, key=lambda problem: (files[problem.file], problem.line))


def _list_loose(run: Run, goals: Goals) -> None:
    """Key results that come without an objective, and do not say that theirs is not there."""
    broken = {node for node, kind, _, outgoing in run.kept if kind is LinkKind.KEY_RESULT_OF and outgoing}
    for item in run.items["key_result"]:
        id = item.id
        if not run.is_new(id) or id in broken or goals.ladders.objective(id) is not None:
            continue
        given = item.given
        if id in goals.under_key_results:
            message = f"{shown(id)} hangs under a key result: it is aligned to it and belongs to no objective"
            run.note(item, "parent", given.get("parent"), ProblemKind.LOOSE, message, Action.KEPT_LOOSE)
        elif given.get("parents") == [] and given.get("parent") is None:
            message = f"{shown(id)} belongs to no objective; link it to one"
            run.note(item, "parents", [], ProblemKind.LOOSE, message, Action.KEPT_LOOSE)
        elif given.get("parent") is None and given.get("parents") is None:
            message = f"parent is missing; key result {shown(id)} belongs to an objective: name it"
            run.say(item, "parent", None, ProblemKind.LOOSE, message, Action.KEPT_LOOSE)


def _counts(run: Run, records: int) -> dict[str, int]:
    counts = Counter({"records": records})
    unchanged = 0
    for kind in NODES:
        for item in run.items[kind]:
            if run.is_new(item.id):
                counts[kind] += 1
            elif item.id not in run.touched and item.file:
                unchanged += 1
    counts["changed"] = len(run.touched)
    counts["unchanged"] = unchanged
    counts["check_in"] = len(run.changes["check-ins"])
    counts["references"] = len(run.kept)
    return {name: number for name, number in counts.items() if number or name in ("records", "changed", "unchanged")}
