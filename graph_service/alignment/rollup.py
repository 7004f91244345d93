"""Rollup: a goal's numbers from what contributes to it.

``recompute`` is exact for one goal and is run for the ancestors of a change in order of height; ``rollup_all`` does the
whole graph at once in numpy. Both add up the same contributors in the same order, so they agree to the last bit.
Nothing is ever added as a difference: differences drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan

import numpy as np
import numpy.typing as npt

from graph_service.alignment.measures import clamped, gathered, raw_of
from graph_service.alignment.vertices import AGGREGATE, MEAN, GoalVertex
from graph_service.models.nodes import CheckIn, KeyResult, Objective
from graph_service.models.words import GoalState, Measure

# What may move of a goal, as bits: a parent needs to look only at what moved below it.
VALUE, COVERAGE, CONFIDENCE, HELD = 1, 2, 4, 8
EVERYTHING = 15

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def present(check_ins: Sequence[CheckIn]) -> tuple[float | None, float | None]:
    """The present value and confidence from check-ins in ascending order: each of the last that carries one and that
    no other replaces. (None, None) without any."""
    if not check_ins:
        return None, None
    # Any of them may be replaced by one that tells of an earlier moment, the last one too.
    replaced = [check_in.replaces for check_in in check_ins if check_in.replaces is not None]
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
    """Computes a goal's numbers anew from its facts and contributors, as far as ``look`` asks; returns what moved."""
    if goal.mode != MEAN:
        return _own(goal, goal.mode)
    moved = 0
    counted, weights = goal.counted, goal.weights
    if look == EVERYTHING and (goal.amount is not None or goal.raw != goal.value):
        goal.amount, goal.raw = None, goal.value  # it was measured by itself before
        moved = VALUE
    if look & VALUE:
        value = _mean_value(counted, weights)
        before = goal.value
        if value != before:
            goal.value = goal.raw = value
            moved |= VALUE
            if value is None or before is None:
                look |= HELD
    if look & COVERAGE:
        coverage = _mean_coverage(counted, weights)
        if coverage != goal.coverage:
            goal.coverage = coverage
            moved |= COVERAGE
    if look & CONFIDENCE:
        confidence = _mean_confidence(counted, weights)
        if confidence != goal.confidence:
            goal.confidence = confidence
            moved |= CONFIDENCE
    if look & HELD:
        held = 0
        if goal.pace.state is GoalState.ACTIVE:
            for child in counted:
                if child.held > held and child.value is not None:
                    held = child.held
        if held != goal.held:
            goal.held = held
            moved |= HELD
    return moved


def _mean_value(counted: tuple[GoalVertex, ...], weights: tuple[float, ...] | None) -> float | None:
    total = whole = 0.0
    if weights is None:
        for child in counted:
            value = child.value
            if value is not None:
                total += value
                whole += 1.0
    else:
        for child, weight in zip(counted, weights, strict=True):
            value = child.value
            if value is not None:
                total += weight * value
                whole += weight
    return total / whole if whole else None


def _mean_coverage(counted: tuple[GoalVertex, ...], weights: tuple[float, ...] | None) -> float:
    total = whole = 0.0
    for child, weight in zip(counted, weights or (1.0,) * len(counted), strict=True):
        total += weight * child.coverage
        whole += weight
    return total / whole if whole else 0.0


def _mean_confidence(counted: tuple[GoalVertex, ...], weights: tuple[float, ...] | None) -> float | None:
    total = whole = 0.0
    for child, weight in zip(counted, weights or (1.0,) * len(counted), strict=True):
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
            if measure is Measure.DELTA:
                if amount is None:
                    amount = fact.baseline
            elif measure is not Measure.THRESHOLD:
                amount = None
        value = raw if raw is None or 0.0 <= raw <= 1.0 else clamped(raw)
        if raw == 1.0 and measure is Measure.THRESHOLD and goal.pace.state is GoalState.ACTIVE:
            held = goal.pace.due or 0
    else:
        assert type(fact) is Objective
        value = raw = reported if reported is not None else fact.manual_progress
        amount = None
    if coverage is None:
        coverage = 0.0 if value is None else 1.0
    moved = 0
    if value != goal.value or raw != goal.raw or amount != goal.amount:
        moved = VALUE
        if (amount is None) != (goal.amount is None):
            moved |= COVERAGE | CONFIDENCE  # an aggregate asks which of its sources have a value
        if (value is None) != (goal.value is None):
            moved |= HELD
        goal.value, goal.raw, goal.amount = value, raw, amount
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
    weights = goal.weights or (1.0,) * len(goal.counted)
    sources: list[tuple[float, float]] = []
    covered = whole = sure = known = 0.0
    for source, weight in zip(goal.counted, weights, strict=True):
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


class Columns:
    """The means of a whole graph as arrays: made once for a structure, solved in milliseconds.

    Goals stand in order of height; the contributors of each mean lie together, in their order. ``solve`` reads the
    columns of the leaves and fills in everything above them, level by level.
    """

    def __init__(self, goals: Iterable[GoalVertex]) -> None:
        ordered = sorted(goals, key=_height)
        row = {goal: number for number, goal in enumerate(ordered)}
        self.goals = ordered
        means = [(number, goal) for number, goal in enumerate(ordered) if goal.mode == MEAN]
        self._targets: Ints = np.array([number for number, _ in means], dtype=np.int64)
        fan: Ints = np.array([len(goal.counted) for _, goal in means], dtype=np.int64)
        self._children: Ints = np.array([row[c] for _, goal in means for c in goal.counted], dtype=np.int64)
        if any(goal.weights is not None for _, goal in means):
            self._weights: Floats | None = np.array(
                [w for _, goal in means for w in (goal.weights or (1.0,) * len(goal.counted))], dtype=np.float64
            )
        else:
            self._weights = None
        self._active = np.array([goal.pace.state is GoalState.ACTIVE for _, goal in means], dtype=bool)
        heights = np.array([goal.height for _, goal in means], dtype=np.int64)
        edges = np.concatenate(([0], np.cumsum(fan)))
        self._levels: list[tuple[int, int, int, int, Ints]] = []
        bounds = np.flatnonzero(np.diff(heights, prepend=-1, append=-1)) if len(heights) else np.array([0])
        for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            begin, stop = int(edges[first]), int(edges[end])
            slots = np.repeat(np.arange(end - first), fan[first:end])
            self._levels.append((first, end, begin, stop, slots))
        self.value: Floats = np.array([_nan(goal.value) for goal in ordered], dtype=np.float64)
        self.coverage: Floats = np.array([goal.coverage for goal in ordered], dtype=np.float64)
        self.confidence: Floats = np.array([_nan(goal.confidence) for goal in ordered], dtype=np.float64)
        self.held: Ints = np.array([goal.held for goal in ordered], dtype=np.int64)
        leaf = np.ones(len(ordered), dtype=bool)
        leaf[self._targets] = False
        # A column that no leaf has anything in needs no work above: all means of it are empty, too.
        self._confident = bool(np.isfinite(self.confidence[leaf]).any())
        self._holding = bool(self.held[leaf].any())

    def solve(self) -> None:
        """Fills value, coverage, confidence and held of every mean, from the leaves up."""
        value, coverage, confidence, held = self.value, self.coverage, self.confidence, self.held
        for first, end, begin, stop, slots in self._levels:
            many = end - first
            rows = self._targets[first:end]
            children = self._children[begin:stop]
            weights = None if self._weights is None else self._weights[begin:stop]
            value[rows] = below = _mean(slots, many, weights, value[children])
            whole = np.bincount(slots, weights, many)
            part = coverage[children] if weights is None else weights * coverage[children]
            with np.errstate(invalid="ignore"):
                coverage[rows] = np.where(whole > 0, np.bincount(slots, part, many) / np.where(whole > 0, whole, 1), 0)
            if self._confident:
                confidence[rows] = _mean(slots, many, weights, confidence[children])
            if self._holding:
                top = np.zeros(many, dtype=np.int64)
                np.maximum.at(top, slots, np.where(np.isfinite(value[children]), held[children], 0))
                held[rows] = np.where(self._active[first:end] & np.isfinite(below), top, 0)

    def write(self) -> None:
        """Hands the numbers back to the goals."""
        targets = self._targets.tolist()
        rows = self._targets
        numbers = zip(
            targets,
            self.value[rows].tolist(),
            self.coverage[rows].tolist(),
            self.confidence[rows].tolist(),
            self.held[rows].tolist(),
            strict=True,
        )
        goals = self.goals
        for number, value, coverage, confidence, held in numbers:
            goal = goals[number]
            goal.value = goal.raw = None if isnan(value) else value
            goal.coverage = coverage
            goal.confidence = None if isnan(confidence) else confidence
            goal.held = held


def _mean(slots: Ints, many: int, weights: Floats | None, column: Floats) -> Floats:
    known = np.isfinite(column)
    if known.all():
        part = column if weights is None else weights * column
        over, total = np.bincount(slots, weights, many), np.bincount(slots, part, many)
    else:
        part = np.where(known, column, 0.0)
        base = known.astype(np.float64)
        if weights is not None:
            part, base = weights * part, weights * base
        over, total = np.bincount(slots, base, many), np.bincount(slots, part, many)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(over > 0, total / over, np.nan)


def _height(goal: GoalVertex) -> int:
    return goal.height


def _nan(number: float | None) -> float:
    return np.nan if number is None else number


def rollup_all(goals: Sequence[GoalVertex]) -> None:
    """Computes the numbers of every goal: leaves and aggregates one by one, all means at once in numpy."""
    gathering: list[GoalVertex] = []
    for goal in goals:
        mode = goal.mode
        if mode == MEAN:
            continue
        if mode == AGGREGATE:
            gathering.append(goal)
        else:
            _own(goal, mode)
    for goal in sorted(gathering, key=_height):
        _own(goal, AGGREGATE)
    columns = Columns(goals)
    columns.solve()
    columns.write()
