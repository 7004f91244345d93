"""Rules of progress: too early, not at all, backwards, not reported, too late, or hardly measured."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from graph_service.alignment.audit import Rules
from graph_service.models.nodes import KeyResult, Link, PlanPoint, Workspace
from graph_service.models.words import Comparison, GoalState, LinkKind, Measure
from tests.alignment.audit.company import about, findings, limited, said
from tests.build import AS_OF, Piece, check_in, grow, key_result, objective, quarter, reported

APRIL = date(2026, 4, 11)


def in_the_quarter() -> Piece:
    """An objective of the first quarter, half of which is over."""
    return objective("sell", top=True, period="2026-Q1")


def threshold(id: str, *values: float, days_ago: tuple[int, ...] = (40, 20, 1), least: float = 10.0) -> Piece:
    """A key result that has to stay above something, reported to stand at some values."""
    node = KeyResult(id, id.capitalize(), measure=Measure.THRESHOLD, comparison=Comparison.AT_LEAST, target=least)
    seen = [check_in(id, f"{id}-{ago}", value, ago) for value, ago in zip(values, days_ago[: len(values)], strict=True)]
    return Piece([node], [Link(id, "sell", LinkKind.KEY_RESULT_OF)], seen)


def test_reached_too_early() -> None:
    graph = grow(
        quarter(),
        in_the_quarter(),
        key_result("done", "sell", 100),
        key_result("beyond", "sell", 130),
        key_result("nearly", "sell", 99),
        threshold("held", 12),
    )
    january = date(2026, 1, 19)  # 20 % of the time
    assert said(graph, "DONE_TOO_EARLY", january) == {
        "beyond": "'Beyond' stands at 130 % with 20 % of its time over",
        "done": "'Done' stands at 100 % with 20 % of its time over",
    }
    assert about(graph, "DONE_TOO_EARLY") == [], "half of the time is over"
    assert about(graph, "DONE_TOO_EARLY", rules=limited("DONE_TOO_EARLY", time=0.6)) == ["beyond", "done"]


def test_still_at_zero() -> None:
    later = PlanPoint(date(2026, 3, 1), 0.0)
    planned = key_result("planned", "sell", 0)
    (node,) = planned.nodes
    assert isinstance(node, KeyResult)
    graph = grow(
        quarter(),
        in_the_quarter(),
        key_result("silent", "sell"),
        key_result("stuck", "sell", 0),
        key_result("moved", "sell", 1),
        Piece([replace(node, plan=(later,))], planned.links, planned.check_ins),
        threshold("unmet", 3),
    )
    assert said(graph, "STUCK_AT_ZERO") == {
        "silent": "'Silent' still stands at 0 % (nothing was reported) with 50 % of its time over",
        "stuck": "'Stuck' still stands at 0 % (1 check-in) with 50 % of its time over",
    }
    assert about(graph, "STUCK_AT_ZERO", date(2026, 1, 31)) == [], "a third is not over yet"
    assert about(graph, "STUCK_AT_ZERO", APRIL) == [], "it is overdue now, which says more"
    assert findings(graph, "STUCK_AT_ZERO")[0].today == {"checkIns": 0, "elapsed": 0.5}


def test_worse_than_at_the_beginning() -> None:
    graph = grow(quarter(), in_the_quarter(), key_result("alarms", "sell", -10), key_result("fine", "sell", 0))
    assert said(graph, "NEGATIVE") == {
        "alarms": "'Alarms' is worse than at its beginning (value -10 with baseline 0 and target 100: raw progress"
        " -10 %)"
    }


def test_not_reported_within_the_cadence() -> None:
    graph = grow(
        quarter(),
        in_the_quarter(),
        key_result("silent", "sell"),
        key_result("old", "sell"),
        reported(check_in("old", "seen", 20, days_ago=8)),
        key_result("fresh", "sell"),
        reported(check_in("fresh", "seen-too", 20, days_ago=7)),
        key_result("reached", "sell"),
        reported(check_in("reached", "seen-once", 100, days_ago=30)),
        key_result("unmeasured", "sell", measure=Measure.UNMEASURED),
        key_result("draft", "sell", state=GoalState.DRAFT),
    )
    assert said(graph, "STALE_CHECK_IN") == {
        "old": "the last check-in of 'Old' is of 2026-02-07, 8 days ago (cadence: 7 days)",
        "silent": "nothing was ever reported on 'Silent', which began 45 days ago (cadence: 7 days)",
    }
    assert about(graph, "STALE_CHECK_IN", date(2026, 1, 5)) == [], "it began less than a week ago"
    assert about(graph, "STALE_CHECK_IN", APRIL) == [], "its time is over"
    one = {one.subject.id: (one.facts, one.today) for one in findings(graph, "STALE_CHECK_IN")}
    assert one["old"] == ({"lastCheckIn": "2026-02-07"}, {"days": 8})


def test_the_cadence_is_the_workspaces_or_the_levels() -> None:
    pieces = [
        quarter(),
        objective("sell", top=True, period="2026-Q1", level="organization"),
        key_result("old", "sell"),
        reported(check_in("old", "seen", 20, days_ago=10)),
    ]
    assert about(grow(*pieces), "STALE_CHECK_IN") == ["old"]
    assert about(grow(*pieces, workspace=Workspace(check_in_days=14)), "STALE_CHECK_IN") == []
    assert about(grow(*pieces), "STALE_CHECK_IN", rules=Rules(cadences={"organization": 30})) == []
    assert about(grow(*pieces), "STALE_CHECK_IN", rules=Rules(cadences={"team": 30})) == ["old"]


def test_the_day_of_a_check_in_is_the_workspaces() -> None:
    pieces = [
        quarter(),
        in_the_quarter(),
        key_result("late", "sell"),
        Piece(check_ins=[replace(check_in("late", "seen", 5, 8), at=check_in("x", "y", 1, 8).at.replace(hour=23))]),
    ]
    assert about(grow(*pieces), "STALE_CHECK_IN") == ["late"]
    assert about(grow(*pieces, workspace=Workspace(time_zone="Asia/Tokyo")), "STALE_CHECK_IN") == []


def test_past_the_last_day() -> None:
    graph = grow(
        quarter(),
        in_the_quarter(),
        key_result("sales", "sell", 40),
        objective("done", top=True, period="2026-Q1"),
        key_result("all", "done", 100),
        key_result("own-day", "sell", 10),
    )
    assert said(graph, "OVERDUE", APRIL) == {"sell": "'Sell' was due on 2026-04-01, 10 days ago, and stands at 25 %"}
    assert about(graph, "OVERDUE", date(2026, 4, 1)) == [], "the last day belongs to it"
    assert findings(graph, "OVERDUE", APRIL)[0].facts == {"due": "2026-04-01"}


def test_guard_rails_make_the_progress() -> None:
    graph = grow(
        quarter(),
        in_the_quarter(),
        threshold("uptime", 12, 11, 12),
        key_result("sales", "sell", 20),
    )
    assert said(graph, "GUARDRAIL_INFLATES") == {
        "sell": "83.33 % of the progress of 'Sell' comes from what held from the beginning: 'uptime'"
    }
    assert about(graph, "GUARDRAIL_INFLATES", rules=limited("GUARDRAIL_INFLATES", part=0.9)) == []
    broken_once = grow(quarter(), in_the_quarter(), threshold("uptime", 12, 9, 12), key_result("sales", "sell", 20))
    assert about(broken_once, "GUARDRAIL_INFLATES") == []
    seen_late = grow(
        quarter(), in_the_quarter(), threshold("uptime", 12, days_ago=(3,)), key_result("sales", "sell", 20)
    )
    assert about(seen_late, "GUARDRAIL_INFLATES") == [], "nobody knows whether it held before"


def test_a_number_that_rests_on_little() -> None:
    graph = grow(
        quarter(),
        in_the_quarter(),
        key_result("sales", "sell", 30),
        *[key_result(f"mood-{n}", "sell", measure=Measure.UNMEASURED) for n in range(2)],
        objective("unknown", "sell"),
    )
    assert said(graph, "LOW_COVERAGE") == {
        "sell": "the progress of 'Sell', 30 %, rests on 25 % of what should be measured (coverage)"
    }
    assert about(graph, "LOW_COVERAGE", rules=limited("LOW_COVERAGE", coverage=0.25)) == []


def test_what_is_not_active_is_left_alone() -> None:
    graph = grow(
        quarter(),
        objective("sell", top=True, period="2026-Q1", state=GoalState.POSTPONED),
        key_result("worse", "sell", -10),
        key_result("stuck", "sell", 0),
    )
    for rule in ("NEGATIVE", "STUCK_AT_ZERO", "STALE_CHECK_IN", "OVERDUE"):
        assert about(graph, rule, AS_OF) == about(graph, rule, APRIL) == []
