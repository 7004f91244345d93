"""Rollup: a goal's numbers from what contributes to it.

``recompute`` is exact for one goal and is run for the ancestors of a change in order of height; ``rollup_all`` does the
whole graph at once in numpy. Both add up the same contributors in the same order, so they agree to the last bit.
Nothing is ever added as a difference: differences drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from graph_service.alignment.measures import clamped, gathered, raw_of
from graph_service.alignment.vertices import AGGREGATE, MEAN, GoalVertex
from graph_service.models.nodes import CheckIn, KeyResult, Objective
from graph_service.models.words import GoalState, Measure

# What may move of a goal, as bits: a parent needs to look only at what moved below it.
VALUE, COVERAGE, CONFIDENCE, HELD = 1, 2, 4, 8
EVERYTHING = 15

HEIGHT = attrgetter("height")

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

    Goals stand in order of height. The means of one height with equally many contributors are solved together, one
    contributor of each at a time, in their order: the additions are those of ``recompute``, and so are the numbers.
    """

    def __init__(self, goals: Iterable[GoalVertex]) -> None:
        ordered = sorted(goals, key=HEIGHT)
        row = {goal: number for number, goal in enumerate(ordered)}
        self.goals = ordered
        alike: dict[tuple[int, int], list[GoalVertex]] = {}
        leaves: list[int] = []
        for number, goal in enumerate(ordered):
            if goal.mode == MEAN:
                alike.setdefault((goal.height, len(goal.counted)), []).append(goal)
            else:
                leaves.append(number)
        self._groups = [_Alike(means, fan, row) for (_, fan), means in sorted(alike.items(), key=_key)]
        self.value: Floats = np.array([goal.value for goal in ordered], dtype=np.float64)  # None becomes nan
        self.coverage: Floats = np.array([goal.coverage for goal in ordered], dtype=np.float64)
        self.confidence: Floats = np.array([goal.confidence for goal in ordered], dtype=np.float64)
        self.held: Ints = np.array([goal.held for goal in ordered], dtype=np.int64)
        # What no leaf brings in needs no work above: if every leaf is measured and every mean has contributors, all are
        # measured and covered; without any confidence or held threshold below, there is none above.
        fed = all(fan for _, fan in alike)
        self._measured = fed and not bool(np.isnan(self.value[leaves]).any())
        self._covered = fed and bool((self.coverage[leaves] == 1.0).all())
        self._sure = bool(np.isfinite(self.confidence[leaves]).any())
        self._holding = bool(self.held[leaves].any())

    def solve(self) -> None:
        """Fills value, coverage, confidence and held of every mean, from the leaves up."""
        value, coverage, confidence, held = self.value, self.coverage, self.confidence, self.held
        for group in self._groups:
            rows = group.rows
            value[rows] = group.mean(value, self._measured)
            if not self._covered:
                coverage[rows] = group.share(coverage)
            if self._sure:
                confidence[rows] = group.mean(confidence, False)
            if self._holding:
                held[rows] = group.top(value, held)
        if self._covered:
            for group in self._groups:
                coverage[group.rows] = 1.0

    def write(self) -> None:
        """Hands the numbers back to the goals."""
        goals = self.goals
        for group in self._groups:
            rows = group.rows
            numbers = zip(
                rows.tolist(),
                self.value[rows].tolist(),
                self.coverage[rows].tolist(),
                self.confidence[rows].tolist(),
                self.held[rows].tolist(),
                strict=True,
            )
            for number, value, coverage, confidence, held in numbers:
                goal = goals[number]
                goal.value = goal.raw = None if isnan(value) else value
                goal.coverage = coverage
                goal.confidence = None if isnan(confidence) else confidence
                goal.held = held


class _Alike:
    """Means of one height with equally many contributors: ``lines`` are the first of all of them, the second ..."""

    def __init__(self, means: list[GoalVertex], fan: int, row: dict[GoalVertex, int]) -> None:
        self.rows: Ints = np.array([row[goal] for goal in means], dtype=np.int64)
        children = np.array([row[child] for goal in means for child in goal.counted], dtype=np.int64)
        self.lines: list[Ints] = list(np.ascontiguousarray(children.reshape(len(means), fan).T))
        self.weights: list[Floats] | None = None
        if any(goal.weights is not None for goal in means):
            weights = np.array([goal.weights or (1.0,) * fan for goal in means], dtype=np.float64)
            self.weights = list(np.ascontiguousarray(weights.T))
        self.active = np.array([goal.pace.state is GoalState.ACTIVE for goal in means], dtype=bool)

    def mean(self, column: Floats, complete: bool) -> Floats:
        """The weighted mean of a column over the contributors that have a number; nan without any."""
        total = np.zeros(len(self.rows))
        if complete and self.weights is None:
            for line in self.lines:
                total += column.take(line)
            np.divide(total, len(self.lines), out=total)
            return total
        whole = np.zeros(len(self.rows))
        for place, line in enumerate(self.lines):
            numbers = column[line]
            weight = 1.0 if self.weights is None else self.weights[place]
            known = ~np.isnan(numbers)
            total += np.where(known, weight * numbers, 0.0)
            whole += np.where(known, weight, 0.0)
        return np.divide(total, whole, out=np.full(len(total), np.nan), where=whole > 0)

    def share(self, column: Floats) -> Floats:
        """The weighted mean of a column over all contributors; 0 without any."""
        total, whole = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for place, line in enumerate(self.lines):
            weight = 1.0 if self.weights is None else self.weights[place]
            total += weight * column[line]
            whole += weight
        return np.divide(total, whole, out=np.zeros(len(total)), where=whole > 0)

    def top(self, value: Floats, held: Ints) -> Ints:
        """The greatest ``held`` among measured contributors; 0 where the goal itself is not active."""
        top = np.zeros(len(self.rows), dtype=np.int64)
        for line in self.lines:
            np.maximum(top, np.where(np.isnan(value[line]), 0, held[line]), out=top)
        top[~self.active] = 0
        return top


def _key(entry: tuple[tuple[int, int], list[GoalVertex]]) -> tuple[int, int]:
    return entry[0]


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
    for goal in sorted(gathering, key=HEIGHT):
        _own(goal, AGGREGATE)
    columns = Columns(goals)
    columns.solve()
    columns.write()
