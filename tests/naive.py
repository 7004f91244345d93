"""A third way to the numbers, for the tests alone: plain recursion over facts, with nothing shared with the product.

It knows facts only (nodes, links, check-ins), asks no graph, keeps no state and takes no short cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from graph_service.models.nodes import CheckIn, KeyResult, Link, Node, Objective, Period, Workspace

TALLY = {"active", "closed"}


@dataclass
class Answer:
    """What recursion finds of a goal."""

    value: float | None
    raw: float | None
    coverage: float
    confidence: float | None
    status: str
    expected: float | None


class Naive:
    """Numbers by the definition, one question at a time."""

    def __init__(
        self, nodes: list[Node], links: list[Link], check_ins: list[CheckIn], workspace: Workspace, as_of: date
    ) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.links = links
        self.check_ins = check_ins
        self.workspace = workspace
        self.as_of = as_of

    def present(self, id: str) -> tuple[float | None, float | None]:
        """The present value and confidence."""
        mine = sorted((c for c in self.check_ins if c.goal == id), key=lambda c: (c.at, c.revision, c.position))
        standing = [c for c in mine if not any(other.replaces == c.id for other in mine)]
        values = [c.value for c in standing if c.value is not None]
        shares = [c.confidence for c in standing if c.confidence is not None]
        return (values[-1] if values else None), (shares[-1] if shares else None)

    def children(self, id: str) -> list[tuple[KeyResult | Objective, str, float]]:
        """What is linked from below: goal, kind, weight; key results, then parents' children, then aligned."""
        rank = {"key_result_of": 0, "parent": 1, "aligned": 2}
        mine = [link for link in self.links if link.target == id and link.kind.value in rank]
        mine.sort(key=lambda k: (rank[k.kind.value], k.position if k.kind.value == "key_result_of" else 0, k.source))
        found = []
        for link in mine:
            child = self.nodes[link.source]
            assert isinstance(child, KeyResult | Objective)
            found.append((child, link.kind.value, link.weight))
        return found

    def contributors(self, goal: KeyResult | Objective) -> list[tuple[KeyResult | Objective, float]]:
        """What counts in a goal that takes a mean, with its weight."""
        chosen = []
        for child, kind, weight in self.children(goal.id):
            if isinstance(goal, Objective):
                driver = goal.driver.value
                fits = (
                    driver == "all"
                    or (driver == "key_results" and kind == "key_result_of")
                    or (driver == "children" and kind != "key_result_of")
                )
            else:
                fits = True
            if fits and weight > 0 and child.state.value in TALLY:
                chosen.append((child, weight))
        return chosen

    def sources(self, goal: KeyResult) -> list[tuple[KeyResult, float]]:
        """What feeds an aggregate."""
        return [
            (child, weight)
            for child, kind, weight in self.children(goal.id)
            if kind == "aligned" and weight > 0 and isinstance(child, KeyResult) and child.state.value in TALLY
        ]

    def amount(self, goal: KeyResult) -> float | None:
        """A key result's value in its unit."""
        measure = goal.measure.value
        if measure not in ("delta", "threshold"):
            return None
        if goal.aggregate is None:
            value = self.present(goal.id)[0]
            return goal.baseline if value is None and measure == "delta" else value
        fed = [(self.amount(source), weight) for source, weight in self.sources(goal)]
        known = [(value, weight) for value, weight in fed if value is not None]
        if not known:
            return None
        match goal.aggregate.value:
            case "min":
                return min(value for value, _ in known)
            case "max":
                return max(value for value, _ in known)
            case "sum":
                return sum(value * weight for value, weight in known)
            case _:
                return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)

    def raw(self, id: str) -> float | None:
        """Raw of a goal."""
        goal = self.nodes[id]
        if isinstance(goal, Objective) and goal.driver.value == "manual":
            given = self.present(id)[0]
            return goal.manual_progress if given is None else given
        if isinstance(goal, Objective) or (isinstance(goal, KeyResult) and goal.measure.value == "rollup"):
            pairs = [(self.value(child.id), weight) for child, weight in self.contributors(goal)]
            known = [(value, weight) for value, weight in pairs if value is not None]
            return sum(v * w for v, w in known) / sum(w for _, w in known) if known else None
        assert isinstance(goal, KeyResult)
        match goal.measure.value:
            case "delta":
                value = self.amount(goal)
                assert goal.baseline is not None and goal.target is not None
                return None if value is None else (value - goal.baseline) / (goal.target - goal.baseline)
            case "threshold":
                value = self.amount(goal)
                return None if value is None else (1.0 if self.met(goal, value) else 0.0)
            case "milestones":
                done = sum(m.weight for m in goal.milestones if m.done_at)
                return done / sum(m.weight for m in goal.milestones)
        return None

    def met(self, goal: KeyResult, value: float) -> bool:
        """Whether a threshold is met."""
        comparison = goal.comparison.value if goal.comparison else "between"
        if comparison == "between":
            return not (
                (goal.target_min is not None and value < goal.target_min)
                or (goal.target_max is not None and value > goal.target_max)
            )
        assert goal.target is not None
        if comparison == "exactly":
            return abs(value - goal.target) <= 1e-9 * max(1, abs(goal.target))
        return value >= goal.target if comparison == "at_least" else value <= goal.target

    def value(self, id: str) -> float | None:
        """Progress."""
        raw = self.raw(id)
        return None if raw is None else max(0.0, min(1.0, raw))

    def coverage(self, id: str) -> float:
        """How much of what should be measured is."""
        goal = self.nodes[id]
        if isinstance(goal, KeyResult) and goal.aggregate is not None:
            fed = self.sources(goal)
            whole = sum(weight for _, weight in fed)
            part = sum(w * self.coverage(s.id) for s, w in fed if self.amount(s) is not None)
            return part / whole if whole else 0.0
        manual = isinstance(goal, Objective) and goal.driver.value == "manual"
        leaf = isinstance(goal, KeyResult) and goal.measure.value != "rollup"
        if manual or leaf:
            return 0.0 if self.value(id) is None else 1.0
        assert isinstance(goal, KeyResult | Objective)
        counted = self.contributors(goal)
        whole = sum(weight for _, weight in counted)
        return sum(weight * self.coverage(child.id) for child, weight in counted) / whole if whole else 0.0

    def confidence(self, id: str) -> float | None:
        """The weighted mean over those that have one."""
        goal = self.nodes[id]
        assert isinstance(goal, KeyResult | Objective)
        counted: list[tuple[KeyResult | Objective, float]]
        if isinstance(goal, KeyResult) and goal.aggregate is not None:
            counted = [(source, weight) for source, weight in self.sources(goal) if self.amount(source) is not None]
        elif (isinstance(goal, Objective) and goal.driver.value == "manual") or (
            isinstance(goal, KeyResult) and goal.measure.value != "rollup"
        ):
            return self.present(id)[1]
        else:
            counted = self.contributors(goal)
        pairs = [(self.confidence(child.id), weight) for child, weight in counted]
        known = [(share, weight) for share, weight in pairs if share is not None]
        return sum(s * w for s, w in known) / sum(w for _, w in known) if known else None

    # ---------- time ----------

    def objective_of(self, id: str) -> str | None:
        """The objective of a key result."""
        return next((k.target for k in self.links if k.source == id and k.kind.value == "key_result_of"), None)

    def day(self, id: str, which: str) -> date | None:
        """A goal's start or due: its own, its objective's, its period's."""
        goal = self.nodes[id]
        assert isinstance(goal, KeyResult | Objective)
        own: date | None = getattr(goal, which)
        if own is not None:
            return own
        home = self.objective_of(id)
        if home is not None and (above := self.day(home, which)) is not None:
            return above
        period = self.nodes.get(goal.period) if goal.period else None
        if isinstance(period, Period):
            return period.start if which == "start" else period.end
        return None

    def state(self, id: str) -> str:
        """The state in force."""
        goal = self.nodes[id]
        assert isinstance(goal, KeyResult | Objective)
        home = self.objective_of(id)
        if goal.state.value == "active" and home is not None:
            above = self.nodes[home]
            assert isinstance(above, Objective)
            return above.state.value
        return goal.state.value

    def expected(self, id: str) -> float | None:
        """Expected progress."""
        start, due, today = self.day(id, "start"), self.day(id, "due"), self.as_of
        if start is None or due is None or due < start:
            return None
        if start == due:
            return 0.0 if today < start else 1.0
        goal = self.nodes[id]
        if isinstance(goal, KeyResult) and goal.plan and goal.baseline is not None and goal.target is not None:
            course = [(start, goal.baseline)]
            course += sorted((p.date, p.value) for p in goal.plan if start < p.date < due)
            course.append((due, goal.target))
            if today <= start:
                return 0.0
            if today >= due:
                return 1.0
            place = max(number for number, (day, _) in enumerate(course) if day <= today)
            (day, value), (next_day, next_value) = course[place], course[place + 1]
            planned = value + (next_value - value) * (today - day).days / (next_day - day).days
            return max(0.0, min(1.0, (planned - goal.baseline) / (goal.target - goal.baseline)))
        return max(0.0, min(1.0, (today - start).days / (due - start).days))

    def provisional(self, id: str) -> bool:
        """Whether what is reached can still be lost."""
        goal = self.nodes[id]
        if self.state(id) != "active":
            return False
        if isinstance(goal, KeyResult) and goal.measure.value == "threshold":
            due = self.day(id, "due")
            return self.raw(id) == 1.0 and due is not None and self.as_of < due
        if isinstance(goal, Objective) and goal.driver.value == "manual":
            return False
        if isinstance(goal, Objective) or (isinstance(goal, KeyResult) and goal.measure.value == "rollup"):
            return any(
                self.provisional(child.id) for child, _ in self.contributors(goal) if self.value(child.id) is not None
            )
        return False

    def status(self, id: str) -> str:
        """The first row of the table that holds."""
        state, value, expected = self.state(id), self.value(id), self.expected(id)
        start, due = self.day(id, "start"), self.day(id, "due")
        if state != "active":
            return state
        if value is None:
            return "no_data"
        if value >= 1 - 1e-9:
            return "on_track" if self.provisional(id) else "achieved"
        if due is not None and self.as_of > due:
            return "overdue"
        if start is not None and self.as_of < start:
            return "not_started"
        if expected is None:
            return "no_dates"
        gap = expected - value
        if gap <= self.workspace.behind_limit + 1e-9:
            return "on_track"
        return "behind" if gap <= self.workspace.at_risk_limit + 1e-9 else "at_risk"

    def answer(self, id: str) -> Answer:
        """Everything of a goal."""
        return Answer(
            self.value(id), self.raw(id), self.coverage(id), self.confidence(id), self.status(id), self.expected(id)
        )
