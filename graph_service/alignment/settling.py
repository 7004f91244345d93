"""Settling: what facts have touched, until every number is up to date again.

Facts only mark: ``dirty`` goals are to be computed anew (with what to look at), ``reshape`` are those whose
contributors may be others now, ``repace`` those whose state in force or days may have moved.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from graph_service.alignment.moved import Moved
from graph_service.alignment.pace import ACTIVE, Pace, plan_of
from graph_service.alignment.rollup import EVERYTHING, HELD, VALUE, recompute, reported
from graph_service.alignment.terms import give, kept, put_term, recount, total
from graph_service.alignment.vertices import KEY_RESULT_OF, LEAF, MEAN, GoalVertex, Vertex
from graph_service.models.nodes import KeyResult, Objective, Period
from graph_service.models.words import GoalState

Levels = dict[int, dict[GoalVertex, int]]

FEW: Final = 16
"""So many goals may wait without being kept by height."""


class Settling:
    """What waits to be computed anew, and the paces of a graph's goals."""

    __slots__ = ("_nodes", "_paces", "dirty", "repace", "reshape")

    def __init__(self, nodes: dict[str, Vertex]) -> None:
        self._nodes = nodes
        self._paces: dict[tuple[object, ...], Pace] = {}
        self.dirty: dict[GoalVertex, int] = {}
        self.reshape: dict[GoalVertex, None] = {}
        self.repace: dict[GoalVertex, None] = {}

    def settle(self, moved: Moved) -> None:
        """Brings every number up to date with the facts taken in: exact, in order of height, only where it matters."""
        dirty = self.dirty
        if self.reshape or self.repace:
            if moved.plain:
                moved.gather()
            self._settle_shape(moved)
        elif not dirty:
            return
        elif moved.plain:
            moved.gather()
        elif len(dirty) == 1 and not moved.before and not moved.created:  # nothing of this batch has moved yet
            goal, look = dirty.popitem()
            if look == VALUE and goal.mode == LEAF:  # only a check-in asks this of a leaf
                self._climb(goal, moved)
                return
            dirty[goal] = look
        levels = by_height(dirty)
        dirty.clear()
        self._settle(levels, moved)

    def _settle(self, levels: Levels, moved: Moved) -> None:
        """Settles what waits by height, each goal with what to look at, and all above that it moves."""
        while levels:
            for goal, look in levels.pop(min(levels)).items():
                now = self._recompute(goal, look, moved)
                if not now:
                    continue
                give(goal)
                edge = goal.first
                while edge is not None:
                    if edge.place >= 0:
                        above = edge.parent
                        waiting = levels.get(above.height)
                        if waiting is None:
                            levels[above.height] = {above: now}
                        else:
                            waiting[above] = waiting.get(above, 0) | now
                    edge = edge.then

    def _climb(self, goal: GoalVertex, moved: Moved) -> None:
        """Settles a key result that has reported a value, and all above it: as ``_settle`` would, in a fraction of the
        time, for what most check-ins are. Only values move on the way; the rest is as it was."""
        plain = moved.plain
        value = reported(goal)
        plain.append((goal, goal.value, goal.amount))  # type: ignore[arg-type]  # it has a value
        goal.value, goal.amount = value, goal.check_ins[-1].value
        waiting: list[GoalVertex] = []
        while True:
            now = kept(goal)
            edge = goal.first
            while edge is not None:  # as terms.give
                if edge.place >= 0:
                    above = edge.parent
                    put_term(edge, now)
                    if above not in waiting:
                        waiting.append(above)
                edge = edge.then
            while waiting:
                many = len(waiting)
                if many <= FEW:
                    goal = waiting.pop()
                    for place in range(many - 1):  # the lowest of them
                        other = waiting[place]
                        if other.height < goal.height:
                            waiting[place] = goal
                            goal = other
                else:
                    self._settle(by_height(dict.fromkeys(waiting, VALUE)), moved)
                    return
                if goal.mode != MEAN:
                    self._settle(by_height(dict.fromkeys((goal, *waiting), VALUE)), moved)
                    return
                old: float = goal.value  # type: ignore[assignment]  # a contributor had a value
                value = total(goal) / goal.whole  # as rollup.mean
                if value != old:
                    goal.value = value
                    plain.append((goal, old, None))
                    break
            else:
                return

    def _recompute(self, goal: GoalVertex, look: int, moved: Moved) -> int:
        if goal in moved.before or goal in moved.created:  # what it was is remembered, or it was not there
            return recompute(goal, look)
        was = goal.numbers
        now = recompute(goal, look)
        if now:
            moved.before[goal] = was
        return now

    def touch(self, goal: GoalVertex, moved: Moved) -> None:
        """Remembers a goal's numbers before the batch first moves them."""
        if moved.plain:
            moved.gather()
        if goal not in moved.before and goal not in moved.created:
            moved.before[goal] = goal.numbers

    def forget(self) -> None:
        """Nothing waits any more."""
        self.dirty.clear()
        self.reshape.clear()
        self.repace.clear()

    def _settle_shape(self, moved: Moved) -> None:
        """Contributors and paces of what was reshaped, before the numbers."""
        for goal in self.reshape:
            recount(goal)
            moved.reshaped[goal] = None
            self.dirty[goal] = EVERYTHING
        self.reshape.clear()
        # Objectives first, since a key result takes from its objective what it has not of its own.
        below: dict[GoalVertex, None] = {}
        for goal in self.repace:
            if type(goal.fact) is KeyResult:
                below[goal] = None
            elif self._set_pace(goal, moved):
                below.update((edge.child, None) for edge in goal.down if edge.kind is KEY_RESULT_OF)
        for goal in below:
            self._set_pace(goal, moved)
        self.repace.clear()

    def _set_pace(self, goal: GoalVertex, moved: Moved) -> bool:
        pace = self.pace_of(goal)
        if pace is goal.pace:
            return False
        self.touch(goal, moved)
        goal.pace = pace
        self.dirty[goal] = self.dirty.get(goal, 0) | HELD
        return True

    def pace_of(self, goal: GoalVertex) -> Pace:
        """The state in force and the days: a goal's own, else (key result) its objective's, else its period's."""
        fact = goal.fact
        state = fact.state
        start, due = fact.start, fact.due
        if type(fact) is Objective:
            begins, ends = self._period_days(fact.period)
            return self.pace(state, _day(start or begins), _day(due or ends), None)
        assert type(fact) is KeyResult
        objective = goal.objective
        first = last = None
        if objective is not None:
            above = objective.pace
            first, last = above.start, above.due
            if state is ACTIVE and objective.fact.state is not ACTIVE:
                state = objective.fact.state
        begins, ends = self._period_days(fact.period)
        opens = _day(start) if start is not None else first if first is not None else _day(begins)
        closes = _day(due) if due is not None else last if last is not None else _day(ends)
        return self.pace(state, opens, closes, (fact.plan or None) and fact)

    def _period_days(self, id: str | None) -> tuple[date | None, date | None]:
        if id is None:
            return None, None
        vertex = self._nodes.get(id)
        period = vertex.fact if vertex is not None else None
        return (period.start, period.end) if isinstance(period, Period) else (None, None)

    def pace(self, state: GoalState, start: int | None, due: int | None, planned: KeyResult | None) -> Pace:
        """The one value for a pace, shared by all goals that have it."""
        plan = None if planned is None else plan_of(planned)
        key = (state, start, due, plan)
        pace = self._paces.get(key)
        if pace is None:
            pace = self._paces[key] = Pace(state, start, due, plan)
        return pace


def by_height(goals: dict[GoalVertex, int]) -> Levels:
    """Goals and what to look at of each, by height."""
    levels: Levels = {}
    for goal, look in goals.items():
        levels.setdefault(goal.height, {})[goal] = look
    return levels


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
