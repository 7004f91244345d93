"""Settling: what facts have touched, until every number is up to date again.

Facts only mark: ``dirty`` goals are to be computed anew (with what to look at), ``reshape`` are those whose
contributors may be others now, ``repace`` those whose state in force or days may have moved.
"""

from __future__ import annotations

from datetime import date

from graph_service.alignment.moved import Moved
from graph_service.alignment.pace import Pace, plan_of
from graph_service.alignment.rollup import EVERYTHING, HELD, VALUE, recompute
from graph_service.alignment.vertices import MEAN, GoalVertex, Vertex, recount, set_counted
from graph_service.models.nodes import KeyResult, Objective, Period
from graph_service.models.words import GoalState, LinkKind


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
        if not (dirty or self.reshape or self.repace):
            return
        if moved.values:
            moved.gather()
        if self.reshape or self.repace:
            self._settle_shape(moved)
            if not dirty:
                return
        levels: dict[int, list[GoalVertex]] = {}
        for goal in dirty:
            levels.setdefault(goal.height, []).append(goal)
        while levels:
            lowest = min(levels) if len(levels) > 1 else next(iter(levels))
            for goal in levels.pop(lowest):
                look = dirty.pop(goal)
                while True:
                    old = goal.value
                    if look == VALUE and goal.mode == MEAN and goal.weights is None and old is not None:
                        # Most of what a check-in moves: a plain mean of values, where nothing else can differ.
                        # As rollup.recompute has it, without the calls.
                        total = whole = 0.0
                        for child in goal.counted:
                            value = child.value
                            if value is not None:
                                total += value
                                whole += 1.0
                        if whole:
                            value = total / whole
                            if value == old:
                                break
                            goal.value = goal.raw = value
                            moved.values.append((goal, old))
                            now = VALUE
                        else:
                            now = self._recompute(goal, look, moved)
                    else:
                        now = self._recompute(goal, look, moved)
                    if not now:
                        break
                    up = goal.up
                    if len(up) == 1 and not dirty:  # a lone way up needs no levels
                        if not up[0].weight:
                            break
                        goal, look = up[0].parent, now
                        continue
                    for edge in up:
                        if edge.weight:
                            above = edge.parent
                            known = dirty.get(above)
                            if known is None:
                                dirty[above] = now
                                level = levels.get(above.height)
                                if level is None:
                                    levels[above.height] = [above]
                                else:
                                    level.append(above)
                            else:
                                dirty[above] = known | now
                    break

    def _recompute(self, goal: GoalVertex, look: int, moved: Moved) -> int:
        if goal in moved.created and goal not in moved.before:
            return recompute(goal, look)  # new: there is nothing to remember
        was = goal.numbers
        now = recompute(goal, look)
        if now and goal not in moved.before:
            moved.before[goal] = was
        return now

    def touch(self, goal: GoalVertex, moved: Moved) -> None:
        """Remembers a goal's numbers before the batch first moves them."""
        if moved.values:
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
            was = (goal, goal.mode, goal.counted, goal.weights)
            recount(goal)
            moved.undo.append((set_counted, was))
            self.dirty[goal] = EVERYTHING
        self.reshape.clear()
        # Objectives first, since a key result takes from its objective what it has not of its own.
        below: dict[GoalVertex, None] = {}
        for goal in self.repace:
            if type(goal.fact) is KeyResult:
                below[goal] = None
            elif self._set_pace(goal, moved):
                below.update((edge.child, None) for edge in goal.down if edge.kind is LinkKind.KEY_RESULT_OF)
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
            if state is GoalState.ACTIVE and objective.fact.state is not GoalState.ACTIVE:
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


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
