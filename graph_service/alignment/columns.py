"""The numbers of a whole graph at once, in numpy: a second way to what ``rollup`` computes goal by goal.

Both add up the same contributors in the same order and agree within 1e-12 (to the last bit where Python's ``sum`` adds
plainly, before 3.12); ``verify`` holds one against the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from graph_service.alignment.rollup import recompute
from graph_service.alignment.terms import give, weigh
from graph_service.alignment.vertices import AGGREGATE, MEAN, GoalVertex
from graph_service.models.words import GoalState

HEIGHT = attrgetter("height")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Columns:
    """The means of a whole graph as arrays: made once for a structure, solved in milliseconds.

    Goals stand in order of height. The means of one height with equally many contributors are solved together, one
    contributor of each at a time, in their order.
    """

    def __init__(self, goals: Iterable[GoalVertex]) -> None:
        ordered = sorted(goals, key=HEIGHT)
        row = {goal: number for number, goal in enumerate(ordered)}
        self.goals = ordered
        alike: dict[tuple[int, int], list[GoalVertex]] = {}
        leaves: list[int] = []
        for number, goal in enumerate(ordered):
            if goal.mode == MEAN:
                alike.setdefault((goal.height, len(goal.terms)), []).append(goal)
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
                goal.value = None if isnan(value) else value
                goal.coverage = coverage
                goal.confidence = None if isnan(confidence) else confidence
                goal.held = held
        for goal in goals:
            give(goal)
            weigh(goal)


class _Alike:
    """Means of one height with equally many contributors: ``lines`` are the first of all of them, the second ..."""

    def __init__(self, means: list[GoalVertex], fan: int, row: dict[GoalVertex, int]) -> None:
        self.rows: Ints = np.array([row[goal] for goal in means], dtype=np.int64)
        children = np.array([row[child] for goal in means for child in goal.counted], dtype=np.int64)
        self.lines: list[Ints] = list(np.ascontiguousarray(children.reshape(len(means), fan).T))
        self.weights: list[Floats] | None = None
        weights = np.array([weight for goal in means for _, weight in goal.contributions], dtype=np.float64)
        if (weights != 1.0).any():
            self.weights = list(np.ascontiguousarray(weights.reshape(len(means), fan).T))
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
        means: Floats = np.divide(total, whole, out=np.full(len(total), np.nan), where=whole > 0)
        return means

    def share(self, column: Floats) -> Floats:
        """The weighted mean of a column over all contributors; 0 without any."""
        total, whole = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for place, line in enumerate(self.lines):
            weight = 1.0 if self.weights is None else self.weights[place]
            total += weight * column[line]
            whole += weight
        shares: Floats = np.divide(total, whole, out=np.zeros(len(total)), where=whole > 0)
        return shares

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
            recompute(goal)
    for goal in sorted(gathering, key=HEIGHT):
        recompute(goal)
    columns = Columns(goals)
    columns.solve()
    columns.write()
