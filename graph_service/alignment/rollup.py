"""Rollup: a goal's numbers from what contributes to it.

``recompute`` is exact for one goal and is run for the ancestors of a change in order of height. Nothing is ever added
as a difference: differences drift. ``columns`` has the same for a whole graph at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph_service.alignment.measures import clamped, gathered, raw_of
from graph_service.alignment.pace import ACTIVE
from graph_service.alignment.terms import NOTHING, recount, total, weigh
from graph_service.alignment.vertices import AGGREGATE, DELTA, LEAF, MEAN, GoalVertex
from graph_service.models.nodes import CheckIn, KeyResult, Objective
from graph_service.models.words import Measure

# What may move of a goal, as bits: a parent needs to look only at what moved below it. MEASURED: whether there is a
# value at all.
VALUE: Final = 1
COVERAGE: Final = 2
CONFIDENCE: Final = 4
HELD: Final = 8
MEASURED: Final = 16
EVERYTHING: Final = 31


def present(check_ins: Sequence[CheckIn]) -> tuple[float | None, float | None]:
    """The present value and confidence from check-ins in ascending order: each of the last that carries one and that
    no other replaces. (None, None) without any."""
    if not check_ins:
        return None, None
    # Any of them may be replaced by one that tells of an earlier moment, the last one too.
    replaced: list[str] | tuple[()] = ()
    for check_in in check_ins:
        if check_in.replaces is not None:
            replaced = [one.replaces for one in check_ins if one.replaces is not None]
            break
    value = confidence = None
    for check_in in reversed(check_ins):
        if replaced and check_in.id in replaced:
            continue
        if value is None:
            value = check_in.value
        if confidence is None:
            confidence = check_in.confidence
        if value is not None and confidence is not None:
            break
    return value, confidence


def recompute(goal: GoalVertex, look: int = EVERYTHING) -> int:
    """Computes a goal's numbers anew from its facts and contributors, as far as ``look`` asks; returns what moved.

    What contributes has given its value already (``terms.give``)."""
    if look & MEASURED:
        weigh(goal)
    if goal.mode != MEAN:
        return _own(goal, goal.mode)
    moved = 0
    if look & MEASURED:
        goal.amount = None  # it may have been measured by itself before
    if look & VALUE:
        value = mean(goal)
        before = goal.value
        if value != before:
            goal.value = value
            moved = VALUE | MEASURED if value is None or before is None else VALUE
    if look & ~(VALUE | MEASURED):
        contributions = goal.contributions
        if look & COVERAGE:
            coverage = _mean_coverage(contributions)
            if coverage != goal.coverage:
                goal.coverage = coverage
                moved |= COVERAGE
        if look & CONFIDENCE:
            confidence = _mean_confidence(contributions)
            if confidence != goal.confidence:
                goal.confidence = confidence
                moved |= CONFIDENCE
    if look & (HELD | MEASURED):
        held = 0
        if goal.pace.state is ACTIVE:
            for child in goal.counted:
                if child.held > held and child.value is not None:
                    held = child.held
        if held != goal.held:
            goal.held = held
            moved |= HELD
    return moved


def compute(goal: GoalVertex) -> None:
    """Computes the numbers of a goal that has none yet, once all below it have theirs, and who counts in them.

    As :func:`recompute`; what most goals are, means, and DELTAs with at most one check-in, take short ways."""
    if goal.down:
        recount(goal)
        if goal.mode == MEAN and goal.terms:
            _compute_mean(goal)
            return
    fact, check_ins = goal.fact, goal.check_ins
    if goal.mode != LEAF or len(check_ins) > 1 or type(fact) is not KeyResult or fact.measure is not DELTA:
        recompute(goal)
        return
    if check_ins:
        check_in = check_ins[0]
        goal.confidence = check_in.confidence
        if check_in.value is not None and fact.baseline is not None and fact.target is not None:
            goal.value, goal.amount = reported(goal), check_in.value
            goal.coverage = 1.0
            return
    goal.amount = fact.baseline
    share = raw_of(fact, None)
    goal.value = NOTHING if share == 0.0 else share
    goal.coverage = 0.0 if share is None else 1.0


def _compute_mean(goal: GoalVertex) -> None:
    """What :func:`recompute` finds for a mean with contributors, in one look at each."""
    covered = weights = sure = known = 0.0
    held = 0
    for edge in goal.down:
        if edge.place < 0:
            continue
        child, weight = edge.child, edge.weight
        covered += weight * child.coverage
        weights += weight
        confidence = child.confidence
        if confidence is not None:
            sure += weight * confidence
            known += weight
        if child.held > held and child.value is not None:
            held = child.held
    goal.value = mean(goal)
    goal.coverage = covered / weights
    if known:
        goal.confidence = sure / known
    if held and goal.pace.state is ACTIVE:
        goal.held = held


def mean(goal: GoalVertex) -> float | None:
    """The weighted mean of what has a value, from the terms that the contributors have given; None without any."""
    return total(goal) / goal.whole if goal.whole else None


def reported(goal: GoalVertex) -> float:
    """Progress of a DELTA key result with both ends, of which the last check-in says all that is new."""
    fact = goal.fact
    amount: float = goal.check_ins[-1].value  # type: ignore[assignment]
    baseline: float = fact.baseline  # type: ignore[union-attr, assignment]
    share = (amount - baseline) / (fact.target - baseline)  # type: ignore[union-attr, operator]
    return 0.0 if share <= 0.0 else min(share, 1.0)


def _mean_coverage(contributions: Sequence[tuple[GoalVertex, float]]) -> float:
    total = whole = 0.0
    for child, weight in contributions:
        total += weight * child.coverage
        whole += weight
    return total / whole if whole else 0.0


def _mean_confidence(contributions: Sequence[tuple[GoalVertex, float]]) -> float | None:
    total = whole = 0.0
    for child, weight in contributions:
        confidence = child.confidence
        if confidence is not None:
            total += weight * confidence
            whole += weight
    return total / whole if whole else None


def _own(goal: GoalVertex, mode: int) -> int:
    """Numbers of a goal that does not take the mean of its contributors."""
    fact = goal.fact
    coverage: float | None = None
    held = 0
    reported, confidence = present(goal.check_ins)
    if type(fact) is KeyResult:
        measure = fact.measure
        amount = reported
        if mode == AGGREGATE:
            amount, coverage, confidence = _gather(goal, fact)
            raw = None if amount is None else raw_of(fact, amount)
        else:
            raw = raw_of(fact, reported)
            if measure is DELTA:
                if amount is None:
                    amount = fact.baseline
            elif measure is not Measure.THRESHOLD:
                amount = None
        value = raw if raw is None or 0.0 <= raw <= 1.0 else clamped(raw)
        if raw == 1.0 and measure is Measure.THRESHOLD and goal.pace.state is ACTIVE:
            held = goal.pace.due or 0
    else:
        assert type(fact) is Objective
        value = raw = reported if reported is not None else fact.manual_progress
        amount = None
    if coverage is None:
        coverage = 0.0 if value is None else 1.0
    moved = 0
    if value != goal.value or amount != goal.amount:
        moved = VALUE
        if (amount is None) != (goal.amount is None):
            moved |= COVERAGE | CONFIDENCE  # an aggregate asks which of its sources have a value
        if (value is None) != (goal.value is None):
            moved |= MEASURED
        goal.value, goal.amount = value, amount
    if coverage != goal.coverage:
        goal.coverage = coverage
        moved |= COVERAGE
    if confidence != goal.confidence:
        goal.confidence = confidence
        moved |= CONFIDENCE
    if held != goal.held:
        goal.held = held
        moved |= HELD
    return moved


def _gather(goal: GoalVertex, fact: KeyResult) -> tuple[float | None, float, float | None]:
    """Value, coverage and confidence of an aggregate; its sources are those that have a value."""
    sources: list[tuple[float, float]] = []
    covered = whole = sure = known = 0.0
    for source, weight in goal.contributions:
        whole += weight
        if source.amount is None:
            continue
        sources.append((weight, source.amount))
        covered += weight * source.coverage
        if source.confidence is not None:
            sure += weight * source.confidence
            known += weight
    assert fact.aggregate is not None
    coverage = covered / whole if whole else 0.0
    return gathered(fact.aggregate, sources), coverage, sure / known if known else None
