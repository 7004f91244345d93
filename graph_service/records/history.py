"""What was reported of goals, and how they ended: check-ins, closings, scores, earlier yardsticks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec import UnsetType

from graph_service.alignment.vertices import GoalVertex
from graph_service.models import changes as do
from graph_service.models.checks import shown
from graph_service.models.nodes import CheckIn, KeyResult, Milestone, Objective, Person, Team, Version
from graph_service.models.words import GoalState
from graph_service.records.fields import GivenMilestone
from graph_service.records.form import Item
from graph_service.records.goals import Goals
from graph_service.records.measure import BLANK, VALUED, milestones, yardstick
from graph_service.records.plain import plain
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run

SOURCE = "import"
SAYS = ("value", "confidence", "reported_status", "note", "milestones_done")


class Report(NamedTuple):
    """What decides which value is the present one."""

    at: datetime
    value: float | None
    id: str
    replaces: str | None


class History:
    """Plans the check-ins of a run and what follows from them."""

    def __init__(self, run: Run, goals: Goals) -> None:
        self.run = run
        self.goals = goals
        self.replaced: dict[str, str] = {}
        self.marked: dict[str, None] = {}
        self.planned: dict[str, str] = {}
        """Planned check-ins that have an id, and their goals."""
        self.values: dict[str, list[Report]] = {}
        """What planned check-ins report of each key result."""
        self.closing: set[str] = set()

    # ---------- check-ins ----------

    def plan_check_ins(self) -> None:
        """Reports in file order, one that replaces another after it; then the present values of key results."""
        run = self.run
        sound = [item for item in run.items["check_in"] if self._stands(item)]
        comes = {item.id for item in sound}
        waiting: dict[str, list[Item]] = {}
        done: set[str] = set()
        for first in sound:
            stack = [first]
            while stack:
                item = stack.pop()
                before = item.given.get("replaces")
                if isinstance(before, str) and before in comes and before not in done:
                    waiting.setdefault(before, []).append(item)
                    continue
                self._check_in(item)
                if item.id:
                    done.add(item.id)
                    stack += reversed(waiting.pop(item.id, []))
        for items in waiting.values():
            for item in items:
                message = f"replaces {shown(item.given['replaces'])}: two check-ins replace each other; correct one"
                run.refuse(item, "replaces", item.given["replaces"], ProblemKind.RING, message)
        for item in run.items["key_result"]:
            self._current(item)

    def _stands(self, item: Item) -> bool:
        """Whether a check-in is of a goal, and its moment can be."""
        run = self.run
        goal = item.given["goal"]
        assert isinstance(goal, str)
        found = run.kind_of(goal)
        if found is None:
            message = run.nothing("goal", goal, (Objective, KeyResult))
            run.refuse(item, "goal", goal, ProblemKind.DANGLING, message)
            return False
        if found not in (Objective, KeyResult):
            message = f"goal {shown(goal)} is no goal; correct it"
            run.refuse(item, "goal", goal, ProblemKind.WRONG_KIND, message)
            return False
        at = item.given.get("at")
        if isinstance(at, datetime) and at > run.now + timedelta(days=1):
            message = f"at {at.isoformat()} is more than a day ahead; a check-in tells what was seen"
            run.refuse(item, "at", at.isoformat(), ProblemKind.INVALID, message)
            return False
        return True

    def _check_in(self, item: Item) -> None:
        run = self.run
        given = item.given
        goal = str(given["goal"])
        known = run.graph.goal(goal)
        if item.id and run.graph.used(item.id):
            same = next((one for one in known.check_ins if one.id == item.id), None) if known is not None else None
            if same is None:
                message = f"id {shown(item.id)} was given out before; choose another"
                run.refuse(item, "id", item.id, ProblemKind.DUPLICATE_ID, message)
            elif not self._equal(item, same) and self._sound(item, goal, same) and not self._equal(item, same):
                message = f"id {shown(item.id)}: this check-in is there and says otherwise; replace it by a new one"
                run.refuse(item, "id", item.id, ProblemKind.DUPLICATE_ID, message)
            return
        if not self._sound(item, goal):
            return
        if not item.id and known is not None and any(self._equal(item, one) for one in known.check_ins):
            return  # it was brought in before
        if all(not given.get(name) and given.get(name) != 0 for name in SAYS):
            message = "the check-in says nothing; give a value, a confidence, a status or a note"
            run.refuse(item, "value", None, ProblemKind.MISSING, message)
            return
        if item.id:
            self.planned[item.id] = goal
        replaces = given.get("replaces")
        if isinstance(replaces, str):
            self.replaced[replaces] = item.id or f"line {item.line}"
        common: dict[str, Any] = {
            name: given.get(name) for name in ("value", "confidence", "reported_status", "note", "at", "by", "replaces")
        }
        common["id"] = item.id or None
        common["source"] = given.get("source") or SOURCE
        change: do.Change
        if run.kind_of(goal) is Objective:
            change = do.CheckInObjective(objective_id=goal, **common)
        else:
            steps = given.get("milestones_done")
            done = tuple(steps) if isinstance(steps, list) else None
            if done or replaces is not None:
                self.marked[goal] = None
            change = do.CheckInKeyResult(key_result_id=goal, milestones_done=done, **common)
            report = Report(given.get("at") or run.now, given.get("value"), item.id, replaces)
            self.values.setdefault(goal, []).append(report)
        run.add("check-ins", change, goal if known is not None else None)

    def _sound(self, item: Item, goal: str, same: CheckIn | None = None) -> bool:
        """Leaves out what cannot stand of a check-in, or of the record of one that is there (``same``), so that what
        was left out of that is left out again; False: the record cannot stand."""
        if not self._by(item) or not self._measured(item, goal):
            return False
        if same is not None and same.replaces == item.given.get("replaces"):
            return True
        return self._replaces(item, goal, self.run.graph.goal(goal))

    def _by(self, item: Item) -> bool:
        """Who says so; somebody who is not there is left out."""
        run = self.run
        by = item.given.get("by")
        if not isinstance(by, str):
            return True
        found = run.kind_of(by)
        if found is None:
            run.drop(item, "by", run.nothing("by", by, (Person, Team)), ProblemKind.DANGLING)
        elif found not in (Person, Team):
            run.drop(item, "by", f"by {shown(by)} is no person and no team; correct it", ProblemKind.WRONG_KIND)
        elif run.erased(by):
            run.drop(item, "by", f"by {shown(by)} was erased; leave it out", ProblemKind.ERASED)
        return True

    def _measured(self, item: Item, goal: str) -> bool:
        """Leaves out a value or milestones that the goal could never take, by its present yardstick or an earlier one.
        A key result that gathers its value takes no reports at all."""
        run = self.run
        given = item.given
        if run.kind_of(goal) is Objective:
            value = given.get("value")
            if isinstance(value, float) and not 0 <= value <= 1:
                told = shown(plain(value))
                run.drop(item, "value", f"value {told} on {shown(goal)} is outside 0..1; give a share, 0.25 for 25 %")
            if given.get("milestones_done"):
                run.drop(item, "milestones_done", f"milestones_done: {shown(goal)} is an objective and has none")
            return True
        measures = self._yardsticks(goal)
        if given.get("value") is not None and not any(one.measure in VALUED for one in measures):
            run.drop(
                item,
                "value",
                f"value {shown(plain(given['value']))} on {shown(goal)}: measure {measures[0].measure.name} takes"
                " none; leave it out",
            )
        if all(one.aggregate is not None for one in measures):
            message = f"goal {shown(goal)} takes its value from its sources; check in on those"
            run.refuse(item, "goal", goal, ProblemKind.INVALID, message)
            return False
        steps = given.get("milestones_done")
        if isinstance(steps, list):
            ids = {milestone.id for one in measures for milestone in one.milestones}
            for step in [step for step in steps if step not in ids]:
                steps.remove(step)
                message = f"milestones_done {shown(step)}: {shown(goal)} has no such milestone; correct it"
                run.say(item, "milestones_done", step, ProblemKind.DANGLING, message, Action.LEFT_OUT)
        return True

    def _yardsticks(self, goal: str) -> list[KeyResult | Version]:
        """What a key result is to be measured by, is, and was."""
        vertex = self.run.graph.goal(goal)
        fact = vertex.fact if vertex is not None else BLANK
        assert isinstance(fact, KeyResult)
        item = self.run.by_id.get(goal)
        found: list[KeyResult | Version] = [] if item is None else [yardstick(item, fact)]
        if item is not None and vertex is None:
            found += item.given.get("versions") or ()
        if vertex is not None and (vertex.check_ins or fact.state is not GoalState.DRAFT):
            found.append(fact)  # if it is to be measured otherwise, this stays as a version
        return [*found, *fact.versions] or [fact]

    def _replaces(self, item: Item, goal: str, known: GoalVertex | None) -> bool:
        """Leaves out a replacement of what is not there or was replaced already."""
        run = self.run
        replaces = item.given.get("replaces")
        if not isinstance(replaces, str):
            return True
        there = known.check_ins if known is not None else ()
        if not any(one.id == replaces for one in there) and self.planned.get(replaces) != goal:
            message = f"replaces {shown(replaces)}: {shown(goal)} has no such check-in; correct it"
            run.drop(item, "replaces", message, ProblemKind.DANGLING)
            return True
        later = next((one for one in there if one.replaces == replaces), None)
        after = later.id if later is not None else self.replaced.get(replaces)
        if after is not None and not (later is not None and not item.id and self._equal(item, later)):
            message = f"replaces {shown(replaces)}: it was replaced by {shown(after)} already; replace that one"
            run.drop(item, "replaces", message, ProblemKind.DUPLICATE_LINK)
        return True

    def _equal(self, item: Item, known: CheckIn) -> bool:
        """Whether a check-in that is there says all that a record says."""
        given = item.given
        steps = given.get("milestones_done")
        return (
            all(
                getattr(known, name) == given[name]
                for name in ("value", "confidence", "reported_status", "note", "at", "by", "replaces")
                if given.get(name) is not None
            )
            and (not steps or known.milestones_done == tuple(dict.fromkeys(steps)))
            and known.source == (given.get("source") or SOURCE)
        )

    def _current(self, item: Item) -> None:
        """The present value of a key result, reported unless it is that already."""
        run = self.run
        id = item.id
        current = item.given.get("current")
        if not isinstance(current, float):
            return
        goal = run.graph.goal(id)
        if goal is not None or id in self.values:
            reports = [*(goal.check_ins if goal is not None else ()), *self.values.get(id, ())]
            if present_value(reports) == current:
                return
        change = do.CheckInKeyResult(key_result_id=id, value=current, source=SOURCE)
        run.add("check-ins", change, id if goal is not None else None)

    # ---------- what follows ----------

    def plan_milestones(self) -> None:
        """What a record says of a milestone's completion holds, whatever check-ins say of it."""
        run = self.run
        for item in run.items["key_result"]:
            id = item.id
            listed = item.given.get("milestones")
            if not isinstance(listed, list):
                continue
            goal = run.graph.goal(id)
            fact = goal.fact if goal is not None else BLANK
            assert isinstance(fact, KeyResult)
            before = {one.id: one.done_at for one in fact.milestones}
            for one, made in zip(listed, milestones(item, fact), strict=True):
                assert isinstance(one, GivenMilestone) and isinstance(made, Milestone)
                said = one.done_at
                if isinstance(said, UnsetType) or not made.id:
                    continue
                undone = said is None and before.get(made.id) is not None
                ahead = said is not None and said > run.now.date()
                if (id in self.marked or undone) and not ahead:
                    change = do.CompleteMilestone(key_result_id=id, milestone_id=made.id, done_at=said)
                    run.add("milestones", change, id if goal is not None else None)

    def plan_states(self) -> None:
        """Known goals that open, close or are cancelled. Closing an objective closes its active key results, unless
        their own records say otherwise."""
        run = self.run
        for item in run.items["objective"]:
            state = self._state(item, None)
            if state is not None:
                self._move(item, state)
        for item in run.items["key_result"]:
            home = self.goals.ladders.objective(item.id)
            state = self._state(item, home if home in self.closing else None)
            if state is not None:
                self._move(item, state)

    def _state(self, item: Item, closed_with: str | None) -> GoalState | None:
        """The state that a goal is to move to; None if it is there."""
        if "state" not in item.given:
            return None
        said = item.given["state"] or GoalState.ACTIVE
        assert isinstance(said, GoalState)
        goal = self.run.graph.goal(item.id)
        present = said if goal is None else goal.fact.state
        if closed_with is not None and present is GoalState.ACTIVE:
            present = GoalState.CLOSED
        return None if said is present else said

    def _final_state(self, item: Item) -> GoalState:
        """The state that a goal will be in."""
        goal = self.run.graph.goal(item.id)
        present = GoalState.ACTIVE if goal is None else goal.fact.state
        if "state" in item.given:
            return item.given["state"] or GoalState.ACTIVE
        closed_with = present is GoalState.ACTIVE and self.goals.ladders.objective(item.id) in self.closing
        return GoalState.CLOSED if closed_with else present

    def _move(self, item: Item, state: GoalState) -> None:
        run = self.run
        id = item.id
        given = item.given
        change: do.Change
        if state is GoalState.CLOSED:
            self.closing.add(id)
            change = do.CloseGoal(id=id, score=given.get("score"), retrospective=given.get("retrospective"))
        elif item.kind == "objective":
            change = do.UpdateObjective(id=id, state=state)
        else:
            change = do.UpdateKeyResult(id=id, state=state)
        run.add("states", change, None if run.is_new(id) else id)

    def plan_history(self) -> None:
        """Scores, retrospectives and earlier yardsticks that records bring along."""
        run = self.run
        for item in run.goals:
            given = item.given
            if "score" not in given and "retrospective" not in given and "versions" not in given:
                continue
            id = item.id
            goal = run.graph.goal(id)
            fact = None if goal is None else goal.fact
            told: dict[str, Any] = {}
            state = self._final_state(item)
            if given.get("score") is not None and state is not GoalState.CLOSED:
                run.drop(
                    item, "score", f"score: {shown(id)} is {state.value}, only a closed goal has one; leave it out"
                )
            for name in ("score", "retrospective"):
                if (
                    name in given
                    and given[name] != getattr(fact, name, None)
                    and not (id in self.closing and given[name] is not None)
                ):
                    told[name] = given[name]
            versions = given.get("versions") or ()
            assert isinstance(versions, tuple)
            if fact is None and versions:
                told["versions"] = versions
            elif isinstance(fact, KeyResult) and fact.versions[: len(versions)] != versions:
                message = f"versions of {shown(id)} are not those that are there; history is not written anew"
                run.note(item, "versions", None, ProblemKind.UNUSED, message, Action.LEFT_OUT)
            if told:
                run.add("history", do.KeepHistory(id=id, **told), None if goal is None else id)


def present_value(reports: Iterable[CheckIn | Report]) -> float | None:
    """The value of the latest report that carries one and that no other replaces; of two at one moment the later one
    given."""
    known = sorted(reports, key=lambda one: one.at)
    replaced = {one.replaces for one in known}
    return next((one.value for one in reversed(known) if one.value is not None and one.id not in replaced), None)
