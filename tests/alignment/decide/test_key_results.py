"""Key results: how they are measured when they are made."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, PutNode
from graph_service.models.nodes import KeyResult, Link, Milestone, PlanPoint
from graph_service.models.words import Aggregate, Comparison, GoalState, LinkKind, Measure
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    moment,
    objective,
    refused,
    steps,
    upward,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.DUPLICATE
TODAY = NOON.date()
NEW_YEAR, EASTER = date(2026, 1, 1), date(2026, 4, 5)
DELTA, THRESHOLD, MILESTONES = Measure.DELTA, Measure.THRESHOLD, Measure.MILESTONES
PERIOD = do.CreatePeriod(id="2026-Q1", title="First quarter")
INES = do.CreatePerson(id="ines", name="Ines Okafor")


# ---------- createKeyResult ----------


def test_a_key_result_with_everything() -> None:
    graph = grown(PERIOD, INES, objective("launch"), key_result("installs", "launch"))
    facts = done(
        graph,
        do.CreateKeyResult(
            id="sales",
            objective_id="launch",
            title=" Sell more ",
            description="why",
            alignment_note="how",
            weight=2,
            measure=DELTA,
            comparison=Comparison.AT_LEAST,
            baseline=-0.0,
            target=10,
            target_min=1,
            target_max=1,
            unit="EUR",
            aggregate=Aggregate.SUM,
            plan=(PlanPoint(EASTER, 7), PlanPoint(NEW_YEAR, -0.0)),
            milestones=(
                do.MilestoneInput(title=" beta "),
                do.MilestoneInput(id="m2", title="gold", weight=0.0, due=EASTER, done_at=TODAY),
            ),
            state=GoalState.DRAFT,
            owner_id="ines",
            period_id="2026-Q1",
            start=NEW_YEAR,
            due=EASTER,
            attributes={"colour": "green"},
        ),
    )
    assert facts == [
        PutNode(
            KeyResult(
                id="sales",
                title="Sell more",
                state=GoalState.DRAFT,
                measure=DELTA,
                comparison=Comparison.AT_LEAST,
                baseline=0.0,
                target=10.0,
                target_min=1.0,
                target_max=1.0,
                unit="EUR",
                aggregate=Aggregate.SUM,
                period="2026-Q1",
                start=NEW_YEAR,
                due=EASTER,
                plan=(PlanPoint(NEW_YEAR, 0.0), PlanPoint(EASTER, 7.0)),
                milestones=(Milestone("made-1", "beta"), Milestone("m2", "gold", 0.0, EASTER, TODAY)),
                description="why",
                alignment_note="how",
                attributes={"colour": "green"},
            )
        ),
        PutLink(Link("sales", "launch", LinkKind.KEY_RESULT_OF, 2.0, 1)),
        PutLink(Link("ines", "sales", LinkKind.OWNS)),
    ]
    assert [one.id for one in goal(graph, "launch").key_results] == ["installs", "sales"]


def test_numbers_are_kept_as_floats_without_a_negative_zero() -> None:
    graph = grown(objective("launch"))
    done(graph, key_result("sales", "launch", baseline=-0.0, target=3, plan=(PlanPoint(NEW_YEAR, -0.0),)))
    made = fact(graph, "sales", KeyResult)
    assert [repr(number) for number in (made.baseline, made.target, made.plan[0].value)] == ["0.0", "3.0", "0.0"]


@pytest.mark.parametrize(
    ("given", "measure", "comparison"),
    [
        ({}, Measure.UNMEASURED, None),
        ({"baseline": 1.0}, Measure.UNMEASURED, None),
        ({"unit": "EUR"}, Measure.UNMEASURED, None),
        ({"milestones": steps("beta")}, MILESTONES, None),
        ({"milestones": steps("beta"), "baseline": 0.0, "target": 1.0}, MILESTONES, None),
        ({"baseline": 0.0, "target": 1.0}, DELTA, None),
        ({"baseline": 0.0, "target": 1.0, "target_min": 0.5}, DELTA, None),
        ({"baseline": 0.0, "target_min": 0.5}, THRESHOLD, Comparison.BETWEEN),
        ({"target_min": 0.5}, THRESHOLD, Comparison.BETWEEN),
        ({"target_max": 0.5}, THRESHOLD, Comparison.BETWEEN),
        ({"target_min": 0.5, "target_max": 0.5}, THRESHOLD, Comparison.BETWEEN),
        ({"target": 0.6, "target_min": 0.5}, THRESHOLD, Comparison.BETWEEN),
        ({"target": 0.5}, THRESHOLD, Comparison.AT_LEAST),
        ({"target": 0.5, "comparison": Comparison.AT_MOST}, THRESHOLD, Comparison.AT_MOST),
        ({"target": 0.5, "comparison": Comparison.EXACTLY}, THRESHOLD, Comparison.EXACTLY),
        ({"target": 0.6, "target_min": 0.5, "comparison": Comparison.AT_LEAST}, THRESHOLD, Comparison.AT_LEAST),
        ({"measure": Measure.UNMEASURED, "baseline": 0.0, "target": 1.0}, Measure.UNMEASURED, None),
        ({"measure": Measure.ROLLUP}, Measure.ROLLUP, None),
        ({"measure": THRESHOLD, "target_max": 3.0, "target": 2.0}, THRESHOLD, Comparison.BETWEEN),
    ],
)
def test_the_measure_is_read_from_the_numbers_where_none_is_named(
    given: dict[str, object], measure: Measure, comparison: Comparison | None
) -> None:
    graph = grown(objective("launch"))
    done(graph, do.CreateKeyResult(id="sales", title="Sell", objective_id="launch", **given))  # type: ignore[arg-type]
    made = fact(graph, "sales", KeyResult)
    assert (made.measure, made.comparison) == (measure, comparison)


IMPOSSIBLE: list[tuple[dict[str, object], str, list[str]]] = [
    (
        {"baseline": 3.0, "target": 3.0},
        "baseline and target are both '3.0'; a DELTA needs a way to go (use a THRESHOLD to hold a level)",
        ["target"],
    ),
    (
        {"baseline": 1e18, "target": 1e18 + 1},  # one number to a computer
        "baseline and target are both '1e+18'; a DELTA needs a way to go (use a THRESHOLD to hold a level)",
        ["target"],
    ),
    (
        {"measure": DELTA, "baseline": 1.0, "target": None},
        "target is missing; a DELTA goes from a baseline to a target",
        ["target"],
    ),
    (
        {"measure": DELTA, "baseline": None, "target": 1.0},
        "baseline is missing; a DELTA goes from a baseline to a target",
        ["baseline"],
    ),
    (
        {"measure": THRESHOLD, "target": None},
        "target is missing; AT_LEAST compares with it",
        ["target"],
    ),
    (
        {"measure": THRESHOLD, "comparison": Comparison.EXACTLY, "target": None},
        "target is missing; EXACTLY compares with it",
        ["target"],
    ),
    (
        {"measure": THRESHOLD, "comparison": Comparison.BETWEEN, "target": 1.0},
        "targetMin and targetMax are both missing; BETWEEN needs at least one",
        ["targetMin"],
    ),
    (
        {"target_min": 2.0, "target_max": 1.0},
        "targetMin '2.0' is above targetMax '1.0'; swap or correct them",
        ["targetMin"],
    ),
    (
        {"measure": DELTA, "baseline": 0.0, "target": 1.0, "target_min": 2.0, "target_max": 1.0},
        "targetMin '2.0' is above targetMax '1.0'; swap or correct them",
        ["targetMin"],
    ),
    ({"measure": MILESTONES}, "milestones are missing; name at least one", ["milestones"]),
    (
        {"milestones": (do.MilestoneInput(title="beta", weight=0.0), do.MilestoneInput(title="gold", weight=-0.0))},
        "the milestones' weights sum to 0; give at least one a weight",
        ["milestones"],
    ),
    (
        {"milestones": (do.MilestoneInput(title="beta"), do.MilestoneInput(title="gold", weight=-1.0))},
        "weight '-1.0' is negative; give 0 (shown, not counted) or more",
        ["milestones", "1", "weight"],
    ),
    (
        {"milestones": (do.MilestoneInput(id="beta"),)},
        "title '' has no visible character; give it a name",
        ["milestones", "0", "title"],
    ),
    (
        {"milestones": (do.MilestoneInput(id=" beta", title="beta"),)},
        "id ' beta' begins or ends with a space; take it away",
        ["milestones", "0", "id"],
    ),
    (
        {"milestones": steps("beta", "gold", "beta")},
        "milestone id 'beta' is there twice; give each its own",
        ["milestones", "2", "id"],
    ),
    (
        {"milestones": (do.MilestoneInput(id="beta", title="beta", done_at=TODAY + timedelta(days=2)),)},
        "doneAt 2026-02-17 lies ahead; a milestone is done when it is done",
        ["milestones", "0", "doneAt"],
    ),
    (
        {"measure": MILESTONES, "milestones": steps("beta"), "aggregate": Aggregate.MAX},
        ("aggregate MAX does not go with measure MILESTONES; only a DELTA or a THRESHOLD takes its value from sources"),
        ["aggregate"],
    ),
    (
        {"measure": Measure.ROLLUP, "aggregate": Aggregate.SUM},
        "aggregate SUM does not go with measure ROLLUP; only a DELTA or a THRESHOLD takes its value from sources",
        ["aggregate"],
    ),
    (
        {"measure": Measure.UNMEASURED, "aggregate": Aggregate.SUM},
        "aggregate SUM does not go with measure UNMEASURED; only a DELTA or a THRESHOLD takes its value from sources",
        ["aggregate"],
    ),
    (
        {"target": 5.0, "plan": (PlanPoint(EASTER, 1.0),)},
        "plan does not go with measure THRESHOLD; only a DELTA has one",
        ["plan"],
    ),
    (
        {"baseline": 0.0, "target": 5.0, "plan": tuple(PlanPoint(day, 1.0) for day in (EASTER, NEW_YEAR, EASTER))},
        "plan has two points on 2026-04-05; keep one",
        ["plan", "2", "date"],
    ),
    (
        {"baseline": 0.0, "target": 5.0, "plan": (PlanPoint(EASTER, float("nan")),)},
        "value 'nan' is not a finite number within 1e18; give another",
        ["plan", "0", "value"],
    ),
    *(
        (
            {"measure": Measure.UNMEASURED, field: number},
            f"{name} '{number!r}' is not a finite number within 1e18; give another",
            [name],
        )
        for field, name in (
            ("baseline", "baseline"),
            ("target", "target"),
            ("target_min", "targetMin"),
            ("target_max", "targetMax"),
        )
        for number in (float("nan"), float("inf"), float("-inf"), 1e19, -1.1e18)
    ),
]


@pytest.mark.parametrize(("fields", "message", "path"), IMPOSSIBLE)
def test_numbers_that_no_measure_can_do_with(fields: dict[str, object], message: str, path: list[str]) -> None:
    graph = grown(objective("launch"), key_result("draft", "launch", measure=Measure.UNMEASURED, state=GoalState.DRAFT))
    new = do.CreateKeyResult(id="sales", title="Sell", objective_id="launch", **fields)  # type: ignore[arg-type]
    refused(graph, new, INVALID, message, path)
    if "measure" in fields:  # an update reads no measure from the numbers
        refused(graph, do.UpdateKeyResult(id="draft", **fields), INVALID, message, path)  # type: ignore[arg-type]
        revision = do.ReviseKeyResult(id="draft", reason="typo", **fields)  # type: ignore[arg-type]
        refused(graph, revision, INVALID, message, path)


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        (
            {"objective_id": None},
            INVALID,
            "objectiveId is missing; a key result belongs to one objective",
            ["objectiveId"],
            [],
        ),
        (
            {"objective_id": "moon"},
            NOT_FOUND,
            "objectiveId 'moon': there is no objective with this id",
            ["objectiveId"],
            ["moon"],
        ),
        (
            {"objective_id": "installs"},
            INVALID,
            "objectiveId 'installs' is a key result, not an objective",
            ["objectiveId"],
            ["installs"],
        ),
        (
            {"objective_id": "sales"},
            INVALID,
            "objectiveId 'sales' is a key result, not an objective",
            ["objectiveId"],
            ["sales"],
        ),
        (
            {"weight": -1.0},
            INVALID,
            "weight '-1.0' is negative; give 0 (shown, not counted) or more",
            ["weight"],
            [],
        ),
        ({"title": "\u200b"}, INVALID, "title '\\u200b' has no visible character; give it a name", ["title"], []),
        (
            {"id": "installs"},
            DUPLICATE,
            "id 'installs' was given out before; choose another, or give none",
            ["id"],
            ["installs"],
        ),
        (
            {"start": EASTER, "due": NEW_YEAR},
            INVALID,
            "due 2026-01-01 is before start 2026-04-05; swap or correct them",
            ["due"],
            [],
        ),
        ({"period_id": "2030"}, NOT_FOUND, "periodId '2030': there is no period with this id", ["periodId"], ["2030"]),
        (
            {"owner_id": "nobody"},
            NOT_FOUND,
            "ownerId 'nobody': there is no person or team with this id",
            ["ownerId"],
            ["nobody"],
        ),
        (
            {"unit": "x" * 201},
            INVALID,
            f"unit '{'x' * 60}...' has 201 characters; at most 200 are allowed",
            ["unit"],
            [],
        ),
    ],
)
def test_a_key_result_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(objective("launch"), key_result("installs", "launch"))
    given = {"id": "sales", "title": "Sell", "objective_id": "launch", "target": 1.0, **fields}
    refused(graph, do.CreateKeyResult(**given), code, message, path, nodes)  # type: ignore[arg-type]


def test_only_an_import_leaves_a_key_result_without_an_objective() -> None:
    graph = grown()
    facts = done(graph, do.CreateKeyResult(id="stray", title="Stray", target=1.0), importing=True)
    assert facts == [
        PutNode(KeyResult("stray", "Stray", measure=THRESHOLD, comparison=Comparison.AT_LEAST, target=1.0))
    ]
    assert upward(graph, "stray") == []


def test_an_import_may_bring_a_milestone_that_is_done_later() -> None:
    graph = grown(objective("launch"))
    later = (do.MilestoneInput(id="beta", title="beta", done_at=EASTER),)
    done(graph, key_result("app", "launch", milestones=later), importing=True)
    assert fact(graph, "app", KeyResult).milestones == (Milestone("beta", "beta", 1.0, None, EASTER),)


def test_many_points_and_milestones_are_read_in_no_time() -> None:
    days = tuple(PlanPoint(date.fromordinal(700_000 + number), 1.0) for number in range(20_000))
    many = tuple(do.MilestoneInput(id=str(number), title="step") for number in range(20_000))
    graph = grown(objective("launch"))
    graph.decide([key_result("sales", "launch", baseline=0.0, target=1.0, plan=days)], moment(graph))
    graph.decide([key_result("app", "launch", milestones=many)], moment(graph))
    assert len(fact(graph, "sales", KeyResult).plan) == len(fact(graph, "app", KeyResult).milestones) == 20_000
