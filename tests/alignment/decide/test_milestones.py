"""Milestones done and undone by reports, and when a threshold is met."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.changes import MilestoneInput
from graph_service.models.facts import AddCheckIn, PutNode
from graph_service.models.nodes import KeyResult
from graph_service.models.words import Comparison
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    numbers,
    objective,
    refused,
)
from tests.alignment.random_company import NOON

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
TODAY = NOON.date()
DAY = timedelta(days=1)


def report(id: str, on: str = "sales", **fields: object) -> do.CheckInKeyResult:
    """A check-in on a key result."""
    return do.CheckInKeyResult(id=id, key_result_id=on, **fields)  # type: ignore[arg-type]


# ---------- milestones ----------


def website() -> AlignmentGraph:
    """A launch by three deadlines."""
    weights = {"draft": 1.0, "texts": 2.0, "online": 1.0}
    milestones = tuple(MilestoneInput(id=id, title=id, weight=weight) for id, weight in weights.items())
    return grown(
        do.CreatePerson(id="ines", name="Ines Okafor"),
        objective("website"),
        key_result("launch", "website", milestones=milestones),
    )


def done_at(graph: AlignmentGraph) -> list[date | None]:
    """The days on which the milestones were done."""
    return [one.done_at for one in fact(graph, "launch", KeyResult).milestones]


def test_a_report_sets_several_milestones_done_on_its_day() -> None:
    graph = website()
    facts = done(graph, report("c1", "launch", milestones_done=("texts", "draft", "texts"), at=NOON - DAY))
    assert [type(one) for one in facts] == [AddCheckIn, PutNode]
    assert goal(graph, "launch").check_ins[0].milestones_done == ("texts", "draft")
    assert done_at(graph) == [TODAY - DAY, TODAY - DAY, None]
    assert numbers(graph, "launch") == numbers(graph, "website") == (0.75, 0.75, 1.0)


def test_the_day_is_one_of_the_workspace() -> None:
    graph = website()
    done(graph, do.UpdateWorkspace(time_zone="Pacific/Auckland"))  # 13 hours ahead in February
    done(graph, report("c1", "launch", milestones_done=("draft",)))
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts"))
    assert done_at(graph) == [TODAY + DAY, TODAY + DAY, None]


def test_what_is_done_already_keeps_its_day() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft",), at=NOON - 5 * DAY))
    facts = done(graph, report("c2", "launch", milestones_done=("draft",)))
    assert [type(one) for one in facts] == [AddCheckIn]
    assert done_at(graph) == [TODAY - 5 * DAY, None, None]


def test_replacing_a_report_unsets_what_it_set() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft", "texts"), at=NOON - DAY))
    done(graph, report("c2", "launch", milestones_done=("draft",), replaces="c1"))
    assert done_at(graph) == [TODAY, None, None]
    done(graph, report("c3", "launch", note="not even that", replaces="c2"))
    assert done_at(graph) == [None, None, None]
    assert numbers(graph, "launch") == (0.0, 0.0, 1.0)


def test_replacing_a_report_leaves_what_another_says_too() -> None:
    graph = website()
    done(graph, report("c1", "launch", milestones_done=("draft",), at=NOON - 5 * DAY))
    done(graph, report("c2", "launch", milestones_done=("draft", "texts"), at=NOON - 5 * DAY))
    done(graph, report("c3", "launch", milestones_done=("draft",)))
    done(graph, report("c4", "launch", note="no", replaces="c2"))
    assert done_at(graph) == [TODAY - 5 * DAY, None, None]
    done(graph, report("c5", "launch", note="no", replaces="c1"))
    assert done_at(graph) == [TODAY, None, None]  # of c3, which stands
    done(graph, report("c6", "launch", note="no", replaces="c3"))
    assert done_at(graph) == [None, None, None]


def test_replacing_a_report_leaves_what_was_set_apart_from_it() -> None:
    graph = website()
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="draft", done_at=date(2026, 2, 1)))
    done(graph, report("c1", "launch", milestones_done=("draft", "texts")))
    done(graph, report("c2", "launch", note="no", replaces="c1"))
    assert done_at(graph) == [date(2026, 2, 1), None, None]


def test_completing_a_milestone_and_taking_it_back() -> None:
    graph = website()
    old = fact(graph, "launch", KeyResult)
    facts = done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts"))
    assert [type(one) for one in facts] == [PutNode]
    assert done_at(graph) == [None, TODAY, None]
    assert numbers(graph, "launch") == (0.5, 0.5, 1.0)
    assert done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=TODAY)) == []
    done(graph, do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=TODAY + DAY))
    assert done_at(graph) == [None, TODAY + DAY, None]
    back = do.CompleteMilestone(key_result_id="launch", milestone_id="texts", done_at=None)
    assert done(graph, back) == [PutNode(old)]


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            report("c1", "launch", milestones_done=("draft", "gold", "silver")),
            NOT_FOUND,
            "milestonesDone: 'launch' has no milestone 'gold', 'silver'",
            ["milestonesDone"],
            ["launch"],
        ),
        (
            do.CompleteMilestone(key_result_id="launch", milestone_id="gold"),
            NOT_FOUND,
            "milestoneId 'gold': 'launch' has no such milestone",
            ["milestoneId"],
            ["launch"],
        ),
        (
            do.CompleteMilestone(key_result_id="launch", milestone_id="draft", done_at=TODAY + 2 * DAY),
            INVALID,
            "doneAt 2026-02-17 lies ahead; a milestone is done when it is done",
            ["doneAt"],
            [],
        ),
        (
            do.CompleteMilestone(key_result_id="website", milestone_id="draft"),
            INVALID,
            "keyResultId 'website' is an objective, not a key result",
            ["keyResultId"],
            ["website"],
        ),
        (
            do.CompleteMilestone(key_result_id="moon", milestone_id="draft"),
            NOT_FOUND,
            "keyResultId 'moon': there is no key result with this id",
            ["keyResultId"],
            ["moon"],
        ),
    ],
)
def test_milestones_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(website(), change, code, message, path, nodes)


# ---------- thresholds ----------


@pytest.mark.parametrize(
    ("fields", "met", "missed"),
    [
        ({"target": 3.0}, [3.0, 3.1, 1e18], [2.9999999, -3.0]),
        ({"target": 0.5, "comparison": Comparison.AT_MOST}, [0.5, -9.0], [0.50000001]),
        (
            {"target": 0.3, "comparison": Comparison.EXACTLY},
            [0.3, 0.1 + 0.2, 0.3 + 0.9e-9, 0.3 - 0.9e-9],
            [0.3 + 1.1e-9, 0.3 - 1.1e-9],
        ),
        (
            {"target": -2e6, "comparison": Comparison.EXACTLY},
            [-2e6, -2e6 + 0.0019, -2e6 - 0.0019],
            [-2e6 + 0.0021, -2e6 - 0.0021, 2e6],
        ),
        ({"target_min": 5.0, "target_max": 10.0}, [5.0, 7.0, 10.0], [4.9, 10.1]),
        ({"target_min": 5.0}, [5.0, 1e18], [4.9]),
        ({"target_max": 5.0}, [5.0, -1e18], [5.1]),
        ({"target_min": 5.0, "target_max": 5.0}, [5.0], [4.9, 5.1]),
    ],
)
def test_the_bounds_themselves_meet_a_threshold(
    fields: dict[str, object], met: list[float], missed: list[float]
) -> None:
    graph = grown(objective("season"), key_result("sales", "season", **fields))
    assert numbers(graph, "sales") == (None, None, 0.0)  # unmeasured until the first value
    for value in (*met, *missed):
        done(graph, do.CheckInKeyResult(key_result_id="sales", value=value))
        share = 1.0 if value in met else 0.0
        assert numbers(graph, "sales") == (share, share, 1.0), value
