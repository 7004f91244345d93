"""From what was reported to raw and progress of one key result.

``raw`` is kept as it is (negative, above 1); ``progress`` is a share. Raw is bounded to +-1e18, so that no number in
the service is ever infinite.
"""

from __future__ import annotations

from graph_service.models.nodes import KeyResult
from graph_service.models.words import Aggregate, Comparison, Measure

EXACTNESS = 1e-9
BOUND = 1e18


def met(key_result: KeyResult, value: float) -> bool:
    """Whether a value meets a threshold; the bounds themselves meet it, an open side is always met."""
    target = key_result.target
    match key_result.comparison:
        case Comparison.AT_LEAST:
            return target is not None and value >= target
        case Comparison.AT_MOST:
            return target is not None and value <= target
        case Comparison.EXACTLY:
            return target is not None and abs(value - target) <= EXACTNESS * max(1.0, abs(target))
        case _:
            low, high = key_result.target_min, key_result.target_max
            return (low is None or value >= low) and (high is None or value <= high)


def raw_of(key_result: KeyResult, value: float | None) -> float | None:
    """How far a key result has come for a value of its unit; None when it is not measured.

    A DELTA without a value stands at its baseline, a THRESHOLD without one is unmeasured. ROLLUP and UNMEASURED have
    no value of their own.

    >>> raw_of(KeyResult("churn", "Halve churn", measure=Measure.DELTA, baseline=8, target=4), 5)
    0.75
    >>> raw_of(KeyResult("churn", "Halve churn", measure=Measure.DELTA, baseline=8, target=4), 10)  # it got worse
    -0.5
    """
    match key_result.measure:
        case Measure.DELTA:
            baseline, target = key_result.baseline, key_result.target
            if baseline is None or target is None:
                return None
            if value is None:
                return 0.0
            raw = (value - baseline) / (target - baseline) + 0.0  # -0.0 is 0
            return raw if -BOUND < raw < BOUND else (BOUND if raw > 0 else -BOUND)
        case Measure.THRESHOLD:
            return None if value is None else float(met(key_result, value))
        case Measure.MILESTONES:
            whole = sum(milestone.weight for milestone in key_result.milestones)
            done = sum(milestone.weight for milestone in key_result.milestones if milestone.done_at is not None)
            return done / whole if whole > 0 else None
        case _:
            return None


def clamped(raw: float | None) -> float | None:
    """Progress for a raw: the share 0..1; None stays None."""
    if raw is None:
        return None
    return 0.0 if raw < 0.0 else min(raw, 1.0)


def gathered(aggregate: Aggregate, sources: list[tuple[float, float]]) -> float | None:
    """The value of an aggregate from its sources' (weight, value), in order; None without any.

    >>> gathered(Aggregate.SUM, [(1.0, 50.0), (1.0, 20.0), (0.001, 500.0)])  # weights convert units
    70.5
    """
    if not sources:
        return None
    match aggregate:
        case Aggregate.MIN:
            return min(value for _, value in sources)
        case Aggregate.MAX:
            return max(value for _, value in sources)
    total = 0.0
    for weight, value in sources:
        total += weight * value
    if aggregate is Aggregate.SUM:
        return max(-BOUND, min(BOUND, total))  # sums of sums of sums would reach infinity
    whole = 0.0
    for weight, _ in sources:
        whole += weight
    return total / whole
