"""From a value to raw and progress of one key result."""

from __future__ import annotations

from datetime import date

import pytest

from graph_service.alignment.measures import clamped, gathered, met, raw_of
from graph_service.models.nodes import KeyResult, Milestone
from graph_service.models.words import Aggregate, Comparison, Measure


def delta(baseline: float, target: float) -> KeyResult:
    return KeyResult("sales", "Sell more", measure=Measure.DELTA, baseline=baseline, target=target)


def threshold(comparison: Comparison, **bounds: float) -> KeyResult:
    return KeyResult("sales", "Sell", measure=Measure.THRESHOLD, comparison=comparison, **bounds)  # type: ignore[arg-type]


def milestones(*steps: tuple[float, bool]) -> KeyResult:
    done = date(2026, 2, 5)
    return KeyResult(
        "site",
        "Launch",
        measure=Measure.MILESTONES,
        milestones=tuple(
            Milestone(str(number), "step", weight, None, done if is_done else None)
            for number, (weight, is_done) in enumerate(steps)
        ),
    )


@pytest.mark.parametrize(
    ("baseline", "target", "value", "raw"),
    [
        (15.0, 35.0, 20.0, 0.25),
        (15.0, 35.0, 15.0, 0.0),
        (15.0, 35.0, 35.0, 1.0),
        (15.0, 35.0, 45.0, 1.5),
        (15.0, 35.0, 5.0, -0.5),
        (8.0, 4.0, 5.0, 0.75),  # down as up
        (8.0, 4.0, 10.0, -0.5),
        (8.0, 4.0, 2.0, 1.5),
        (-10.0, 10.0, 0.0, 0.5),
        (10.0, -10.0, -15.0, 1.25),
        (0.0, 1.0, None, 0.0),  # it stands at its baseline
        (5.0, 1.0, None, 0.0),
        (-1e18, 1e18, 0.0, 0.5),
        (0.0, 5e-324, 1e18, 1e18),  # raw is bounded, so that no number is infinite
        (0.0, 5e-324, -1e18, -1e18),
        (0.0, -5e-324, 1e18, -1e18),
        (0.0, 1e-10, 1e18, 1e18),
    ],
)
def test_a_delta_is_the_part_of_the_way_that_is_gone(
    baseline: float, target: float, value: float | None, raw: float
) -> None:
    assert raw_of(delta(baseline, target), value) == raw


@pytest.mark.parametrize(("baseline", "target"), [(None, None), (1.0, None), (None, 1.0)])
def test_a_delta_without_both_ends_has_no_raw(baseline: float | None, target: float | None) -> None:
    one = KeyResult("sales", "Sell more", measure=Measure.DELTA, baseline=baseline, target=target)
    assert raw_of(one, 3.0) is None


@pytest.mark.parametrize(
    ("one", "value", "is_met"),
    [
        (threshold(Comparison.AT_LEAST, target=3.0), 3.0, True),
        (threshold(Comparison.AT_LEAST, target=3.0), 2.999, False),
        (threshold(Comparison.AT_MOST, target=0.5), 0.5, True),
        (threshold(Comparison.AT_MOST, target=0.5), 0.501, False),
        (threshold(Comparison.EXACTLY, target=0.3), 0.1 + 0.2, True),
        (threshold(Comparison.EXACTLY, target=0.3), 0.3 + 0.99e-9, True),
        (threshold(Comparison.EXACTLY, target=0.3), 0.3 - 0.99e-9, True),
        (threshold(Comparison.EXACTLY, target=0.3), 0.3 + 1.01e-9, False),
        (threshold(Comparison.EXACTLY, target=0.0), 1e-9, True),
        (threshold(Comparison.EXACTLY, target=0.0), -1.1e-9, False),
        (threshold(Comparison.EXACTLY, target=1e12), 1e12 + 1000, True),
        (threshold(Comparison.EXACTLY, target=1e12), 1e12 + 1001, False),
        (threshold(Comparison.EXACTLY, target=-1e12), -1e12 - 1000, True),
        (threshold(Comparison.EXACTLY, target=-1e12), 1e12, False),
        (threshold(Comparison.BETWEEN, target_min=5.0, target_max=10.0), 5.0, True),
        (threshold(Comparison.BETWEEN, target_min=5.0, target_max=10.0), 10.0, True),
        (threshold(Comparison.BETWEEN, target_min=5.0, target_max=10.0), 4.99, False),
        (threshold(Comparison.BETWEEN, target_min=5.0, target_max=10.0), 10.01, False),
        (threshold(Comparison.BETWEEN, target_min=5.0), 1e18, True),
        (threshold(Comparison.BETWEEN, target_min=5.0), 4.0, False),
        (threshold(Comparison.BETWEEN, target_max=5.0), -1e18, True),
        (threshold(Comparison.BETWEEN, target_max=5.0), 6.0, False),
        (threshold(Comparison.BETWEEN, target=7.0, target_min=5.0), 6.0, True),
    ],
)
def test_a_threshold_is_met_or_not_and_the_bounds_meet_it(one: KeyResult, value: float, is_met: bool) -> None:
    assert met(one, value) is is_met
    assert raw_of(one, value) == (1.0 if is_met else 0.0)


@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_threshold_without_a_value_is_unmeasured(comparison: Comparison) -> None:
    assert raw_of(threshold(comparison, target=1.0, target_min=0.0), None) is None


@pytest.mark.parametrize("comparison", [Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.EXACTLY])
def test_a_threshold_without_a_target_is_never_met(comparison: Comparison) -> None:
    assert met(threshold(comparison), 0.0) is False


@pytest.mark.parametrize(
    ("steps", "raw"),
    [
        ([(1.0, False)], 0.0),
        ([(1.0, True)], 1.0),
        ([(1.0, True), (1.0, False)], 0.5),
        ([(1.0, True), (2.0, False), (1.0, True)], 0.5),
        ([(0.0, True), (2.0, False)], 0.0),
        ([(0.0, False), (2.0, True)], 1.0),
        ([(0.1, True), (0.2, True), (0.7, False)], (0.1 + 0.2) / (0.1 + 0.2 + 0.7)),
        ([(0.0, True)], None),
        ([], None),
    ],
)
def test_milestones_are_the_weight_done_of_all_the_weight(steps: list[tuple[float, bool]], raw: float | None) -> None:
    assert raw_of(milestones(*steps), None) == raw
    assert raw_of(milestones(*steps), 7.0) == raw  # a value says nothing


@pytest.mark.parametrize("measure", [Measure.ROLLUP, Measure.UNMEASURED])
def test_what_has_no_value_of_its_own_has_no_raw(measure: Measure) -> None:
    one = KeyResult("a", "a", measure=measure, baseline=0.0, target=1.0)
    assert raw_of(one, None) is raw_of(one, 1.0) is None


@pytest.mark.parametrize(
    ("raw", "share"),
    [
        (None, None),
        (-0.5, 0.0),
        (-0.0, -0.0),
        (0.0, 0.0),
        (0.25, 0.25),
        (1.0, 1.0),
        (1.5, 1.0),
        (1e18, 1.0),
        (-1e18, 0.0),
    ],
)
def test_progress_is_raw_within_its_bounds(raw: float | None, share: float | None) -> None:
    assert clamped(raw) == share


SOURCES = [(1.0, 50.0), (2.0, -20.0), (0.5, 7.0)]


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        (Aggregate.SUM, 13.5),
        (Aggregate.MEAN, 13.5 / 3.5),
        (Aggregate.MIN, -20.0),
        (Aggregate.MAX, 50.0),
    ],
)
def test_an_aggregate_of_its_sources(aggregate: Aggregate, value: float) -> None:
    assert gathered(aggregate, SOURCES) == value
    assert gathered(aggregate, []) is None
    assert gathered(aggregate, [(0.001, 4.0)]) == (0.004 if aggregate is Aggregate.SUM else 4.0)


def test_a_sum_adds_in_order() -> None:
    tenths = [(1.0, 0.1)] * 10
    assert gathered(Aggregate.SUM, tenths) == 0.9999999999999999
    assert gathered(Aggregate.MEAN, tenths) == 0.09999999999999999


def test_a_sum_of_sums_never_reaches_infinity() -> None:
    assert gathered(Aggregate.SUM, [(1e18, 1e18)]) == 1e18
    assert gathered(Aggregate.SUM, [(1e18, -1e18)]) == -1e18
    assert gathered(Aggregate.SUM, [(1e18, 1e18), (1e18, -1e18)]) == 0.0
    assert gathered(Aggregate.MEAN, [(1e18, 1e18), (1e18, 1e18)]) == 1e18
