"""Random companies for the tests: a run of changes, some of which are refused, and what occurs in the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from msgspec.structs import astuple

from graph_service.alignment.decide import Occasion
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex
from graph_service.errors import Refusal
from graph_service.models import changes as do
from graph_service.models.facts import Fact
from graph_service.models.nodes import KeyResult, Node, Objective, PlanPoint
from graph_service.models.words import (
    Aggregate,
    Comparison,
    Driver,
    GoalState,
    LinkKind,
    Measure,
)

AS_OF = date(2026, 2, 15)
NOON = datetime(2026, 2, 15, 12, tzinfo=UTC)
WEIGHTS = (0.0, 0.0, 0.25, 0.5, 1.0, 1.0, 2.0, 3.0)


def ids() -> Callable[[], str]:
    """Ids in order: made-1, made-2 ..."""
    numbers = iter(range(1, 10**9))
    return lambda: f"made-{next(numbers)}"


def occasion(new_id: Callable[[], str], at: datetime = NOON, *, importing: bool = False) -> Occasion:
    """The occasion of one commit in a test."""
    return Occasion(at, new_id, by="ines", source="test", importing=importing)


def _day(random: Random) -> date | None:
    return date(2026, 1, 1) + timedelta(days=random.randrange(120)) if random.random() < 0.4 else None


def _days(random: Random) -> tuple[date | None, date | None]:
    start, due = _day(random), _day(random)
    return (due, start) if start and due and due < start else (start, due)


def _value(random: Random) -> float:
    return random.choice((-4.0, 0.0, 2.5, 5.0, 7.0, 10.0, 12.0))


def _key_result(random: Random, number: int, objective: str) -> do.CreateKeyResult:
    start, due = _days(random)
    measure = random.choice((*Measure, Measure.ROLLUP))
    baseline = target = low = high = None
    comparison = aggregate = None
    plan: tuple[PlanPoint, ...] = ()
    milestones: tuple[do.MilestoneInput, ...] = ()
    if measure is Measure.DELTA:
        baseline, target = random.choice(((0.0, 10.0), (10.0, 2.0), (-5.0, 5.0)))
        if random.random() < 0.3:
            plan = (PlanPoint(date(2026, 2, 1), 3.0), PlanPoint(date(2026, 3, 1), 4.0))
        if random.random() < 0.8:
            aggregate = random.choice(list(Aggregate))
    elif measure is Measure.THRESHOLD:
        comparison = random.choice(list(Comparison))
        if comparison is Comparison.BETWEEN:
            low, high = random.choice(((2.0, 7.0), (None, 5.0), (5.0, None)))
        else:
            target = 5.0
        if random.random() < 0.8:
            aggregate = random.choice(list(Aggregate))
    elif measure is Measure.MILESTONES:
        milestones = tuple(
            do.MilestoneInput(
                id=f"step-{step}",
                title="a step",
                weight=random.choice((1.0, 2.0)),
                done_at=AS_OF if random.random() < 0.4 else None,
            )
            for step in range(random.randint(1, 3))
        )
    return do.CreateKeyResult(
        id=f"kr-{number}",
        objective_id=objective,
        title=f"measure {number}",
        weight=random.choice(WEIGHTS),
        measure=measure,
        comparison=comparison,
        baseline=baseline,
        target=target,
        target_min=low,
        target_max=high,
        aggregate=aggregate,
        plan=plan,
        milestones=milestones,
        state=random.choice((None, None, None, *GoalState)),
        period_id=random.choice((None, "quarter")),
        start=start,
        due=due,
    )


def _objective(random: Random, number: int) -> do.CreateObjective:
    start, due = _days(random)
    driver = random.choice((None, None, None, *Driver))
    return do.CreateObjective(
        id=f"obj-{number}",
        title=f"goal {number}",
        level=random.choice((None, "organization", "team")),
        state=random.choice((None, None, None, None, *GoalState)),
        driver=driver,
        manual_progress=random.choice((None, 0.3, 1.0)) if driver is Driver.MANUAL else None,
        period_id=random.choice((None, "quarter")),
        start=start,
        due=due,
    )


def wishes(random: Random, objectives: int = 6, key_results: int = 10, more: int = 30) -> Iterator[do.Change]:
    """Changes that make a company and then stir it; some cannot be and will be refused."""
    yield do.CreatePeriod(id="quarter", title="the quarter", start=date(2026, 1, 1), end=date(2026, 4, 1))
    for number in range(objectives):
        yield _objective(random, number)
    for number in range(key_results):
        yield _key_result(random, number, f"obj-{random.randrange(objectives)}")
    goals = [f"obj-{n}" for n in range(objectives)] + [f"kr-{n}" for n in range(key_results)]
    steps = objectives + key_results
    linked: list[tuple[str, str, LinkKind]] = []
    for number in range(steps + more):
        source, target = random.choice(goals), random.choice(goals)
        kind = random.choice((LinkKind.PARENT, LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.ALIGNED))
        weight = random.choice((None, 1.0, *WEIGHTS))
        roll = random.random() if number >= steps else random.random() * 0.5
        if kind is LinkKind.ALIGNED and random.random() < 0.75:  # key results feed each other, aggregates among them
            source, target = (f"kr-{random.randrange(key_results)}" for _ in "ab")
        if 0.55 <= roll < 0.68 and linked:
            source, target, kind = random.choice(linked)
        if roll < 0.3:
            linked.append((source, target, kind))
            yield do.LinkGoals(source=source, target=target, link=kind, weight=weight)
        elif roll < 0.55:
            share = random.choice((None, None, 0.2, 0.8))
            value = _value(random) if random.random() < 0.9 else None
            at = NOON - timedelta(days=random.randrange(20))
            made = f"check-in-{number}"
            replaces = random.choice((None, None, None, f"check-in-{max(0, number - 2)}"))
            if source.startswith("obj"):
                yield do.CheckInObjective(
                    id=made, objective_id=source, value=random.choice((None, 0.5)), confidence=share, note="seen", at=at
                )
            else:
                yield do.CheckInKeyResult(
                    id=made, key_result_id=source, value=value, confidence=share, note="seen", at=at, replaces=replaces
                )
        elif roll < 0.62:
            yield do.UpdateLink(source=source, target=target, link=kind, weight=random.choice(WEIGHTS))
        elif roll < 0.68:
            yield do.UnlinkGoals(source=source, target=target, link=kind)
        elif roll < 0.73:
            yield do.RemoveGoal(id=source)
        elif roll < 0.80:
            yield do.RestoreGoal(id=source)
        elif roll < 0.86:
            state = random.choice((*GoalState, GoalState.ACTIVE))
            if source.startswith("obj"):
                yield do.UpdateObjective(id=source, state=state, driver=random.choice(list(Driver)))
            else:
                yield do.UpdateKeyResult(id=source, state=state, due=_day(random))
        elif roll < 0.89:
            yield do.ReviseKeyResult(
                id=source, reason="the team shrank", target=8.0, measure=Measure.DELTA, baseline=1.0
            )
        elif roll < 0.91:
            yield do.ReviseKeyResult(
                id=source, reason="it is the sum of others", measure=Measure.ROLLUP, aggregate=None
            )
        elif roll < 0.93:
            yield do.LinkGoals(source=source, target=target, link=LinkKind.KEY_RESULT_OF, weight=weight)
        elif roll < 0.95:
            yield do.CloseGoal(id=source)
        elif roll < 0.97:
            yield do.CompleteMilestone(
                key_result_id=source, milestone_id="step-0", done_at=random.choice((None, AS_OF))
            )
        elif roll < 0.98:
            yield do.UpdatePeriod(id="quarter", end=date(2026, 3, 1) + timedelta(days=random.randrange(40)))
        elif roll < 0.99:
            yield do.SetPrimaryParent(objective_id=source, parent_id=target)
        else:
            yield do.UpdateWorkspace(behind_limit=random.choice((0.0, 0.05)), at_risk_limit=0.3)


def stir(graph: AlignmentGraph, random: Random, **sizes: int) -> list[list[Fact]]:
    """Applies random changes one commit each, skipping those that are refused; the facts of each commit."""
    new_id = ids()
    commits: list[list[Fact]] = []
    for change in wishes(random, **sizes):
        try:
            decided, _ = graph.decide([change], occasion(new_id))
        except Refusal:
            continue
        commits.append(decided[0])
    return commits


def rebuilt(graph: AlignmentGraph) -> AlignmentGraph:
    """The same facts built at once, with the numbers from numpy."""
    nodes: list[tuple[Node, int]] = [(vertex.fact, vertex.revision) for vertex in graph.nodes.values()]
    stones = graph.removed.values()
    resting = [stone.vertex for stone in stones]
    everything = [*graph.nodes.values(), *resting]
    return AlignmentGraph.build(
        nodes=nodes,
        links=graph.all_links(),
        check_ins=[c for vertex in everything if isinstance(vertex, GoalVertex) for c in vertex.check_ins],
        broken=[reference for vertex in everything for reference in vertex.broken],
        removed=[(stone.vertex.fact, stone.revision, stone.links) for stone in stones],
        workspace=graph.workspace,
        revision=graph.revision,
    )


def picture(graph: AlignmentGraph) -> dict[str, object]:
    """Everything that can be read of a graph, as plain values: two graphs with the same picture answer alike."""
    seen: dict[str, object] = {"revision": graph.revision, "workspace": graph.workspace}
    for id, vertex in graph.nodes.items():
        links = (sorted(vertex.out, key=astuple), sorted(vertex.into, key=astuple), vertex.broken)
        seen[id] = (vertex.fact, vertex.revision, links)
        if isinstance(vertex, GoalVertex):
            seen[f"goal {id}"] = (
                [edge.link() for edge in vertex.up],
                [edge.link() for edge in vertex.down],
                [(child.id, weight) for child, weight in vertex.contributions],
                (tuple(vertex.terms), vertex.whole),
                vertex.check_ins,
                vertex.pace.facts,
                (vertex.value, vertex.raw, vertex.coverage, vertex.confidence, vertex.held, vertex.amount),
                graph.judge(AS_OF).status(vertex.pace, vertex.value, vertex.held),
            )
    seen["removed"] = {id: (s.vertex.fact, s.revision, s.links) for id, s in graph.removed.items()}
    seen["check-ins"] = frozenset(graph.check_in_ids)
    return seen


def features(graph: AlignmentGraph, commits: list[list[Fact]]) -> set[str]:
    """What occurs in a graph and its history, by name."""
    found: set[str] = set()
    for goal in graph.goals():
        fact = goal.fact
        parents = [edge for edge in goal.up if edge.kind is LinkKind.PARENT]
        if len(parents) > 1:
            found.add("several parents")
        for edge in goal.up:
            if edge.weight not in (0.0, 1.0):
                found.add("weights")
            if edge.weight == 0.0 and edge.kind is not LinkKind.ALIGNED:
                found.add("weight 0")
        found.add(f"state {fact.state.value}")
        if isinstance(fact, Objective):
            found.add(f"driver {fact.driver.value}")
            continue
        found.add(f"measure {fact.measure.value}")
        if fact.aggregate is not None and any(_aggregate(source) for source in goal.counted):
            found.add("aggregates of aggregates")
        if fact.measure is Measure.ROLLUP and _over_rollup(goal):
            found.add("ROLLUP under ROLLUP")
        if fact.measure is not Measure.ROLLUP and goal.value is None:
            found.add("unmeasured leaves")
    kinds = [type(fact).__name__ for commit in commits for fact in commit]
    for name, word in (("PutLink", "links added"), ("RemoveLink", "links removed"), ("RemoveNode", "goals removed")):
        if name in kinds:
            found.add(word)
    if "RestoreNode" in kinds:
        found.add("goals restored")
    return found


def _aggregate(goal: GoalVertex) -> bool:
    return isinstance(goal.fact, KeyResult) and goal.fact.aggregate is not None


def _over_rollup(goal: GoalVertex) -> bool:
    """Whether another ROLLUP key result counts somewhere below."""
    waiting = list(goal.counted)
    seen: set[GoalVertex] = set()
    while waiting:
        below = waiting.pop()
        if below in seen:
            continue
        seen.add(below)
        if isinstance(below.fact, KeyResult) and below.fact.measure is Measure.ROLLUP:
            return True
        waiting += below.counted
    return False


EVERY_FEATURE = {
    "several parents",
    "weights",
    "weight 0",
    *(f"state {state.value}" for state in GoalState),
    *(f"driver {driver.value}" for driver in Driver),
    *(f"measure {measure.value}" for measure in Measure),
    "aggregates of aggregates",
    "ROLLUP under ROLLUP",
    "unmeasured leaves",
    "links added",
    "links reweighted",
    "links removed",
    "goals removed",
    "goals restored",
}
