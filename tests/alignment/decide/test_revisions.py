"""When the yardstick of a key result may change freely, and what a revision keeps."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutNode
from graph_service.models.nodes import KeyResult, Milestone, PlanPoint, Version
from graph_service.models.words import Aggregate, Comparison, GoalState, Measure
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    numbers,
    objective,
    refused,
    steps,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
TODAY = NOON.date()
NEW_YEAR, EASTER = date(2026, 1, 1), date(2026, 4, 5)
DELTA, THRESHOLD = Measure.DELTA, Measure.THRESHOLD
PERIOD = do.CreatePeriod(id="2026-Q1", title="First quarter")


# ---------- updateKeyResult ----------

FREE: dict[str, tuple[str, object, object]] = {
    # what changes by an update at any time. The field: its name in the fact, a new value, what null makes of it
    "description": ("description", "another why", None),
    "alignment_note": ("alignment_note", "another how", None),
    "unit": ("unit", "USD", None),
    "state": ("state", GoalState.POSTPONED, GoalState.ACTIVE),
    "period_id": ("period", "2026-Q2", None),
    "start": ("start", date(2026, 2, 1), None),
    "due": ("due", date(2026, 5, 1), None),
    "attributes": ("attributes", {"colour": "red"}, None),
}
FROZEN: dict[str, tuple[dict[str, object], object, object, object]] = {
    # what is revised once the key result counts. The field: how it begins, a new value, what that and null make of it
    "measure": ({}, DELTA, DELTA, Measure.UNMEASURED),
    "comparison": (
        {"comparison": Comparison.EXACTLY, "target_min": None, "target_max": None},
        Comparison.AT_MOST,
        Comparison.AT_MOST,
        Comparison.AT_LEAST,
    ),
    "baseline": ({}, 1.5, 1.5, None),
    "target": ({"measure": Measure.UNMEASURED}, 12.0, 12.0, None),
    "target_min": ({}, 2.0, 2.0, None),
    "target_max": ({}, 8.0, 8.0, None),
    "aggregate": ({}, Aggregate.MIN, Aggregate.MIN, None),
    "plan": ({"measure": DELTA}, (PlanPoint(EASTER, 4.0),), (PlanPoint(EASTER, 4.0),), ()),
    "milestones": ({}, steps("beta"), (Milestone("beta", "beta", 1.0, None, TODAY),), ()),
}
NAMES = {"target_min": "targetMin", "target_max": "targetMax"}


def counting(state: GoalState = GoalState.ACTIVE, **fields: object) -> AlignmentGraph:
    """An objective with a key result, `sales`, that says something in nearly every field."""
    given: dict[str, object] = {
        "measure": THRESHOLD,
        "comparison": Comparison.AT_LEAST,
        "baseline": 0.0,
        "target": 10.0,
        "target_min": 1.0,
        "target_max": 9.0,
        "unit": "EUR",
        "milestones": (
            do.MilestoneInput(id="beta", title="Beta", due=NEW_YEAR, done_at=TODAY),
            do.MilestoneInput(id="gold", title="Gold"),
        ),
        "description": "why",
        "alignment_note": "how",
        "period_id": "2026-Q1",
        "start": NEW_YEAR,
        "due": EASTER,
        "attributes": {"colour": "green"},
        "state": state,
        **fields,
    }
    second = do.CreatePeriod(id="2026-Q2", title="Second quarter")
    return grown(PERIOD, second, objective("launch"), key_result("sales", "launch", **given))


def version(old: KeyResult, reason: str) -> Version:
    """What a revision keeps of the yardstick that it replaces."""
    return Version(
        at=NOON,
        by="ines",
        reason=reason,
        measure=old.measure,
        comparison=old.comparison,
        baseline=old.baseline,
        target=old.target,
        target_min=old.target_min,
        target_max=old.target_max,
        unit=old.unit,
        aggregate=old.aggregate,
        plan=old.plan,
        milestones=old.milestones,
    )


def update(**fields: object) -> do.UpdateKeyResult:
    return do.UpdateKeyResult(id="sales", **fields)  # type: ignore[arg-type]


def revise(reason: object = "we know more", **fields: object) -> do.ReviseKeyResult:
    return do.ReviseKeyResult(id="sales", reason=reason, **fields)  # type: ignore[arg-type]


def frozen(name: str) -> str:
    return (
        f"{name} of 'sales' changes only by reviseKeyResult, with a reason: it is no draft without check-ins any more"
    )


def test_every_field_of_an_update_and_of_a_revision_is_tried() -> None:
    assert {field.name for field in msgspec.structs.fields(do.UpdateKeyResult)} == {*FREE, *FROZEN, "id", "title"}
    assert {field.name for field in msgspec.structs.fields(do.ReviseKeyResult)} == {*FROZEN, "unit", "id", "reason"}


def test_a_version_keeps_every_field_of_a_revision() -> None:
    kept = {field.name for field in msgspec.structs.fields(Version)}
    assert kept == {*FROZEN, "unit", "reason", "at", "by"}


@pytest.mark.parametrize("field", FREE)
@pytest.mark.parametrize("state", [GoalState.DRAFT, GoalState.CANCELLED])
def test_what_does_not_measure_changes_at_any_time(field: str, state: GoalState) -> None:
    name, new, cleared = FREE[field]
    graph = counting(state)
    for given, value in ((new, new), (None, cleared)):
        old = fact(graph, "sales", KeyResult)
        assert done(graph, update(**{field: given})) == [PutNode(replace(old, **{name: value}))]
        assert done(graph, update(**{field: given})) == []


def test_a_title_is_trimmed_and_cannot_be_cleared() -> None:
    graph = counting()
    old = fact(graph, "sales", KeyResult)
    assert done(graph, update(title=" Sell ")) == [PutNode(replace(old, title="Sell"))]
    refused(graph, update(title=None), INVALID, "title is missing; it cannot be cleared", ["title"])


def test_an_update_that_says_nothing_changes_nothing() -> None:
    graph = counting()
    before = goal(graph, "sales").revision
    assert done(graph, update()) == []
    assert goal(graph, "sales").revision == before


@pytest.mark.parametrize("field", FROZEN)
def test_how_it_is_measured_changes_freely_while_it_is_a_draft_without_check_ins(field: str) -> None:
    begins, new, made, cleared = FROZEN[field]
    graph = counting(GoalState.DRAFT, **begins)
    for given, value in ((new, made), (None, cleared)):
        old = fact(graph, "sales", KeyResult)
        assert done(graph, update(**{field: given})) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update(**{field: given})) == []


@pytest.mark.parametrize("field", FROZEN)
@pytest.mark.parametrize("state", GoalState)
def test_after_that_it_is_revised_and_the_old_version_stays(field: str, state: GoalState) -> None:
    begins, new, made, cleared = FROZEN[field]
    name = NAMES.get(field, field)
    message = frozen(name)
    graph = counting(state, **begins)
    if state is GoalState.DRAFT:
        done(graph, do.CheckInKeyResult(key_result_id="sales", note="seen"))
    refused(graph, update(**{field: new}), INVALID, message, [name], ["sales"])
    refused(graph, update(title="Other", state=GoalState.DRAFT, **{field: new}), INVALID, message, [name], ["sales"])
    if state in {GoalState.CLOSED, GoalState.CANCELLED}:
        over = f"'sales' is {state.value}; open it again before it is revised"
        refused(graph, revise(**{field: new}), INVALID, over, ["id"], ["sales"])
        done(graph, revise(**{field: new}), importing=True)
        return
    first = fact(graph, "sales", KeyResult)
    second = replace(first, **{field: made}, versions=(version(first, "we know more"),))
    third = replace(second, **{field: cleared}, versions=(*second.versions, version(second, "or less")))
    assert done(graph, revise(**{field: new})) == [PutNode(second)]
    refused(graph, update(**{field: None}), INVALID, message, [name], ["sales"])
    assert done(graph, revise("or less", **{field: None})) == [PutNode(third)]
    assert done(graph, revise(**{field: None})) == []  # nothing is otherwise, so nothing is kept


def test_a_draft_again_without_check_ins_is_free_again() -> None:
    graph = counting()
    done(graph, update(state=GoalState.DRAFT))
    old = fact(graph, "sales", KeyResult)
    assert done(graph, update(target=12.0)) == [PutNode(replace(old, target=12.0))]


def test_a_draft_may_be_measured_otherwise_and_become_active_at_once() -> None:
    graph = counting(GoalState.DRAFT)
    old = fact(graph, "sales", KeyResult)
    assert done(graph, update(target=12.0, state=None)) == [
        PutNode(replace(old, target=12.0)),
        PutNode(replace(old, target=12.0, state=GoalState.ACTIVE)),
    ]


def test_progress_follows_the_new_yardstick_at_once() -> None:
    graph = grown(
        objective("season"),
        key_result("possession", "season", target=70.0),
        do.CheckInKeyResult(key_result_id="possession", value=65.0),
    )
    assert numbers(graph, "season") == (0.0, 0.0, 1.0)
    done(graph, do.ReviseKeyResult(id="possession", reason="the striker is hurt", target=60.0))
    assert numbers(graph, "season") == (1.0, 1.0, 1.0)
    kept = fact(graph, "possession", KeyResult).versions
    assert [(one.target, one.reason, one.by, one.at) for one in kept] == [(70.0, "the striker is hurt", "ines", NOON)]
    done(graph, do.ReviseKeyResult(id="possession", reason="a way to go", measure=DELTA, baseline=50.0))
    assert numbers(graph, "possession") == (1.0, 1.5, 1.0)


# ---------- milestones in updates ----------


def test_titles_and_days_of_milestones_change_at_any_time_and_what_is_done_stays_done() -> None:
    graph = counting()
    old = fact(graph, "sales", KeyResult)
    facts = done(
        graph,
        update(
            milestones=(
                do.MilestoneInput(id="gold", title="Golden", due=EASTER),
                do.MilestoneInput(id="beta", title="Beta 2", weight=1.0),
            )
        ),
    )
    order = (Milestone("gold", "Golden", 1.0, EASTER, None), Milestone("beta", "Beta 2", 1.0, None, TODAY))
    assert facts == [PutNode(replace(old, milestones=order))]
    again = tuple(do.MilestoneInput(id=one.id, title=one.title, due=one.due, done_at=NEW_YEAR) for one in order)
    done(graph, update(milestones=again))
    assert [one.done_at for one in fact(graph, "sales", KeyResult).milestones] == [NEW_YEAR, NEW_YEAR]


@pytest.mark.parametrize(
    "milestones",
    [
        steps("beta"),
        steps("beta", "gold", "more"),
        steps("beta", "silver"),
        (do.MilestoneInput(title="Beta"), do.MilestoneInput(title="Gold")),  # new ids: others
        (do.MilestoneInput(id="beta", title="Beta", weight=2.0), do.MilestoneInput(id="gold", title="Gold")),
    ],
)
def test_weights_and_number_of_milestones_are_revised(milestones: tuple[do.MilestoneInput, ...]) -> None:
    graph = counting()
    refused(graph, update(milestones=milestones), INVALID, frozen("milestones"), ["milestones"], ["sales"])
    assert len(done(graph, revise(milestones=milestones))) == 1


# ---------- the rest ----------


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.UpdateKeyResult(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.UpdateKeyResult(id="launch"),
            INVALID,
            "id 'launch' is an objective, not a key result",
            ["id"],
            ["launch"],
        ),
        (
            update(due=date(2025, 12, 31)),
            INVALID,
            "due 2025-12-31 is before start 2026-01-01; swap or correct them",
            ["due"],
            [],
        ),
        (
            update(period_id="2030"),
            NOT_FOUND,
            "periodId '2030': there is no period with this id",
            ["periodId"],
            ["2030"],
        ),
        (
            do.ReviseKeyResult(id="moon", reason="x"),
            NOT_FOUND,
            "id 'moon': there is no key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.ReviseKeyResult(id="launch", reason="x"),
            INVALID,
            "id 'launch' is an objective, not a key result",
            ["id"],
            ["launch"],
        ),
        (
            revise(" \n", target=3.0),
            INVALID,
            "reason is empty; say why the key result is measured otherwise now",
            ["reason"],
            [],
        ),
        (
            revise("", target=3.0),
            INVALID,
            "reason is empty; say why the key result is measured otherwise now",
            ["reason"],
            [],
        ),
    ],
)
def test_an_update_or_revision_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(counting(), change, code, message, path, nodes)
