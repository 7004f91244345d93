"""Closing goals of both kinds, and the history that an import brings along."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from msgspec.structs import replace

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutNode
from graph_service.models.nodes import KeyResult, Milestone, Objective, PlanPoint, Version
from graph_service.models.words import Comparison, Driver, GoalState, Measure
from tests.alignment.decide.company import (
    done,
    fact,
    grown,
    key_result,
    numbers,
    objective,
    refused,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND

INES = do.CreatePerson(id="ines", name="Ines Okafor")


# ---------- closing ----------


def half_done() -> list[do.Change]:
    """An objective at a half, with key results in every state."""
    return [
        objective("launch"),
        key_result("installs", "launch"),
        key_result("rating", "launch"),
        key_result("press", "launch", measure=Measure.UNMEASURED),
        key_result("later", "launch", state=GoalState.POSTPONED),
        key_result("never", "launch", state=GoalState.CANCELLED),
        key_result("idea", "launch", state=GoalState.DRAFT),
        do.CheckInKeyResult(id="c1", key_result_id="installs", value=10.0),
    ]


def test_closing_an_objective_closes_its_active_key_results_with_their_own_scores() -> None:
    graph = grown(*half_done(), objective("beneath", "launch"))
    before = {id: fact(graph, id, KeyResult) for id in ("installs", "rating", "press")}
    facts = done(graph, do.CloseGoal(id="launch", retrospective="Ship earlier"))
    assert facts == [
        PutNode(
            Objective("launch", "launch", state=GoalState.CLOSED, score=0.5, retrospective="Ship earlier"),
        ),
        PutNode(replace(before["installs"], state=GoalState.CLOSED, score=1.0)),
        PutNode(replace(before["rating"], state=GoalState.CLOSED, score=0.0)),
        PutNode(replace(before["press"], state=GoalState.CLOSED, score=None)),
    ]
    # The score never enters a rollup; `press` and `beneath` are unmeasured.
    assert numbers(graph, "launch") == (0.5, 0.5, 0.5)
    assert fact(graph, "beneath", Objective).state is GoalState.ACTIVE


def test_a_given_score_stands_beside_the_progress() -> None:
    graph = grown(*half_done())
    facts = done(graph, do.CloseGoal(id="installs", score=0.7))
    assert [one.node.score for one in facts if isinstance(one, PutNode) and isinstance(one.node, KeyResult)] == [0.7]
    assert numbers(graph, "installs") == (1.0, 1.0, 1.0)
    assert numbers(graph, "launch") == (0.5, 0.5, 2 / 3)


def test_a_closed_goal_keeps_its_score_and_what_was_learned_unless_they_are_given_anew() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating", score=0.3, retrospective="Ask sooner"))
    old = fact(graph, "rating", KeyResult)
    assert done(graph, do.CloseGoal(id="rating")) == []
    assert fact(graph, "rating", KeyResult) == old
    assert done(graph, do.CloseGoal(id="rating", score=0.4)) == [PutNode(replace(old, score=0.4))]
    facts = done(graph, do.CloseGoal(id="rating", score=1.0, retrospective="Ask\tat once"))
    assert facts == [PutNode(replace(old, score=1.0, retrospective="Ask\tat once"))]


def test_what_moves_below_a_closed_objective_does_not_move_its_score() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="launch"))
    closed = fact(graph, "launch", Objective)
    assert closed.score == 0.5
    done(graph, key_result("late", "launch"), do.CheckInKeyResult(key_result_id="late", value=10.0))
    late = fact(graph, "late", KeyResult)
    facts = done(graph, do.CloseGoal(id="launch", retrospective="Ship earlier"))
    assert numbers(graph, "launch")[0] == 2 / 3
    assert facts == [
        PutNode(replace(closed, retrospective="Ship earlier")),
        PutNode(replace(late, state=GoalState.CLOSED, score=1.0)),
    ]


def test_an_update_to_closed_closes_and_away_from_it_takes_the_score() -> None:
    graph = grown(*half_done())
    old, first = fact(graph, "launch", Objective), fact(graph, "installs", KeyResult)
    facts = done(graph, do.UpdateObjective(id="launch", title="Land", state=GoalState.CLOSED))
    assert facts[:3] == [
        PutNode(replace(old, title="Land")),
        PutNode(replace(old, title="Land", state=GoalState.CLOSED, score=0.5)),
        PutNode(replace(first, state=GoalState.CLOSED, score=1.0)),
    ]
    done(graph, do.CloseGoal(id="launch", retrospective="Ship earlier"))
    assert done(graph, do.UpdateObjective(id="launch", state=GoalState.ACTIVE)) == [
        PutNode(replace(old, title="Land", retrospective="Ship earlier"))
    ]
    # What was closed along stays closed until it is opened itself.
    assert fact(graph, "installs", KeyResult) == replace(first, state=GoalState.CLOSED, score=1.0)
    assert done(graph, do.UpdateKeyResult(id="installs", state=None)) == [PutNode(first)]


def test_the_score_is_of_the_moment_within_a_batch() -> None:
    graph = grown(*half_done())
    facts = done(
        graph,
        do.CheckInKeyResult(id="c2", key_result_id="rating", value=5.0),
        do.CloseGoal(id="launch"),
        do.UpdateObjective(id="launch", state=GoalState.ACTIVE, driver=Driver.MANUAL, manual_progress=0.125),
        do.CloseGoal(id="launch"),
    )
    scores = [one.node.score for one in facts if isinstance(one, PutNode) and isinstance(one.node, Objective)]
    assert scores == [0.75, 0.75, None, 0.125]  # closed; said anew; opened; closed by what was given by hand


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.CloseGoal(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no objective or key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.CloseGoal(id="ines"),
            INVALID,
            "id 'ines' is a person, not an objective or key result",
            ["id"],
            ["ines"],
        ),
        (
            do.CloseGoal(id="launch", score=-0.01),
            INVALID,
            "score '-0.01' is outside 0..1; give a share, 0.25 for 25 %",
            ["score"],
            [],
        ),
        (
            do.CloseGoal(id="launch", score=float("inf")),
            INVALID,
            "score 'inf' is not a finite number within 1e18; give another",
            ["score"],
            [],
        ),
        (
            do.CloseGoal(id="launch", retrospective="a\x07"),
            INVALID,
            "retrospective 'a\\u0007' holds a control character; take it out",
            ["retrospective"],
            [],
        ),
    ],
)
def test_closing_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(grown(INES, *half_done()), change, code, message, path, nodes)


# ---------- what an import brings along ----------


def test_an_import_brings_score_retrospective_and_earlier_yardsticks() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating", score=0.5, retrospective="Ask sooner"))
    old = fact(graph, "rating", KeyResult)
    before = Version(NOON, "ines", "a typo", Measure.DELTA, baseline=0.0, target=1000.0)
    history = do.KeepHistory(id="rating", score=0.3, retrospective="Ask\tat once", versions=(before,))
    told = replace(old, score=0.3, retrospective="Ask\tat once", versions=(before,))
    assert done(graph, history, importing=True) == [PutNode(told)]
    assert done(graph, history, do.KeepHistory(id="rating"), importing=True) == []
    cleared = do.KeepHistory(id="rating", score=None, retrospective=None)
    assert done(graph, cleared, importing=True) == [PutNode(replace(told, score=None, retrospective=None))]
    assert len(done(graph, do.KeepHistory(id="launch", retrospective="Good"), importing=True)) == 1


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.KeepHistory(id="moon"),
            NOT_FOUND,
            "id 'moon': there is no objective or key result with this id",
            ["id"],
            ["moon"],
        ),
        (
            do.KeepHistory(id="launch", score=0.5),
            INVALID,
            "score: 'launch' is active; only a closed goal has one",
            ["score"],
            [],
        ),
        (
            do.KeepHistory(id="rating", score=1.5),
            INVALID,
            "score '1.5' is outside 0..1; give a share, 0.25 for 25 %",
            ["score"],
            [],
        ),
        (
            do.KeepHistory(id="rating", retrospective="\0"),
            INVALID,
            "retrospective '\\u0000' holds a control character; take it out",
            ["retrospective"],
            [],
        ),
        (
            do.KeepHistory(id="launch", versions=()),
            INVALID,
            "versions: 'launch' is an objective; only key results have some",
            ["versions"],
            [],
        ),
    ],
)
def test_history_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating"))
    refused(graph, change, code, message, path, nodes, importing=True)
    refused(graph, change, INVALID, "keepHistory is for imports only; close or revise the goal")


def version(**fields: object) -> Version:
    return Version(
        **{"at": NOON, "by": "ines", "reason": "a typo", "measure": Measure.DELTA, "baseline": 0.0, "target": 9.0}
        | fields  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("wrong", "message", "path"),
    [
        ({"reason": " "}, "reason is empty; say why the key result was measured otherwise", ["reason"]),
        ({"by": ""}, "by '' has no visible character; give it a name", ["by"]),
        ({"at": NOON.replace(tzinfo=None)}, "at 2026-02-15T12:00:00 has no offset; add one, or Z for UTC", ["at"]),
        ({"target": 0.0}, None, ["target"]),
        ({"target": None}, "target is missing; a DELTA goes from a baseline to a target", ["target"]),
        ({"baseline": float("nan")}, "baseline 'nan' is not a finite number within 1e18; give another", ["baseline"]),
        ({"unit": "x" * 201}, f"unit '{'x' * 60}...' has 201 characters; at most 200 are allowed", ["unit"]),
        (
            {"measure": Measure.MILESTONES, "milestones": (Milestone("a", "Call"), Milestone("a", "Sign"))},
            "milestone id 'a' is there twice; give each its own",
            ["milestones", "1", "id"],
        ),
        (
            {"measure": Measure.MILESTONES, "milestones": (Milestone("a", "Call", -1.0),)},
            "weight '-1.0' is negative; give 0 (shown, not counted) or more",
            ["milestones", "0", "weight"],
        ),
        (
            {"plan": (PlanPoint(NOON.date(), 1.0), PlanPoint(NOON.date(), 2.0))},
            f"plan has two points on {NOON.date()}; keep one",
            ["plan", "1", "date"],
        ),
    ],
)
def test_an_earlier_yardstick_is_held_to_what_any_is_held_to(
    wrong: dict[str, object], message: str | None, path: list[str]
) -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating"))
    change = do.KeepHistory(id="rating", versions=(version(), version(**wrong)))
    told = message or "baseline and target are both '0.0'; a DELTA needs a way to go (use a THRESHOLD to hold a level)"
    refused(graph, change, INVALID, told, ["versions", "1", *path], importing=True)


def test_an_earlier_yardstick_is_kept_clean() -> None:
    graph = grown(*half_done(), do.CloseGoal(id="rating"))
    told = version(
        at=NOON.astimezone(timezone(timedelta(hours=2))), measure=Measure.THRESHOLD, unit=" boats ", baseline=None
    )
    done(graph, do.KeepHistory(id="rating", versions=(told,)), importing=True)
    (kept,) = fact(graph, "rating", KeyResult).versions
    assert kept == version(measure=Measure.THRESHOLD, comparison=Comparison.AT_LEAST, unit="boats", baseline=None)
    assert kept.at.utcoffset() == timedelta(0)
