"""Rules of progress: numbers that moved too early, not at all, backwards, or that nobody reports any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph_service.alignment.audit.health import awaiting, last_report
from graph_service.alignment.audit.look import Hit, Limit, Look, Rule, active
from graph_service.alignment.audit.report import Facts, RuleGroup, Severity
from graph_service.alignment.measures import met
from graph_service.alignment.pace import DONE, TOLERANCE
from graph_service.alignment.terms import counts
from graph_service.alignment.vertices import LEAF, MEAN, GoalVertex
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult
from graph_service.models.words import Measure

PROGRESS = RuleGroup.PROGRESS
WARNING, INFO = Severity.WARNING, Severity.INFO
Hits = Sequence[Hit]
NOTHING: Hits = ()
MEASURED = frozenset({Measure.DELTA, Measure.MILESTONES})


def elapsed(look: Look, goal: GoalVertex) -> float | None:
    """The share of a goal's time that is over, between its first and its last day; None outside of them."""
    start, due = goal.pace.start, goal.pace.due
    if start is None or due is None or due <= start or not start <= look.today <= due:
        return None
    return (look.today - start) / (due - start)


def rounded(share: float) -> float:
    """A share as facts hold it: to a thousandth, so that noise in the last bits makes no other finding."""
    return round(share, 3)


def percent(share: float) -> str:
    """A share in words."""
    return f"{share * 100:.4g} %"


def reached(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals at 100 %."""
    return [goal for goal in goals if (value := goal.value) is not None and value >= DONE]


def at_zero(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals at 0 %: what has not moved, and what moved backwards, since the raw progress is cut to 0."""
    return [goal for goal in goals if (value := goal.value) is not None and value <= TOLERANCE]


def past_their_day(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals whose last day is over."""
    today = look.today
    return [goal for goal in goals if (due := goal.pace.due) is not None and due < today]


def averaged(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals whose number is a mean of others."""
    return [goal for goal in goals if goal.mode == MEAN and goal.value is not None]


def done_too_early(look: Look, goal: GoalVertex) -> Hits:
    """A measured key result at its target before half of its time is over."""
    fact, raw = goal.fact, goal.raw
    assert isinstance(fact, KeyResult)
    if raw is None or raw < DONE or fact.measure not in MEASURED:
        return NOTHING
    over = elapsed(look, goal)
    if over is None or over >= look.limits["DONE_TOO_EARLY", "time"]:
        return NOTHING
    said = f"{shown(fact.title)} stands at {percent(raw)} with {percent(over)} of its time over"
    return (Hit(goal, said, {"raw": rounded(raw)}, {"elapsed": rounded(over)}),)


def stuck_at_zero(look: Look, goal: GoalVertex) -> Hits:
    """A measured key result that has not moved although a third of its time is over (or its plan expects it to)."""
    fact, raw = goal.fact, goal.raw
    assert isinstance(fact, KeyResult)
    if raw is None or abs(raw) > TOLERANCE or fact.measure not in MEASURED:
        return NOTHING
    over = elapsed(look, goal)
    if over is None or over <= look.limits["STUCK_AT_ZERO", "time"]:
        return NOTHING
    expected = look.judge.expected(goal.pace)
    if expected is not None and expected <= TOLERANCE:
        return NOTHING  # by its plan it begins later
    reported = len(goal.check_ins)
    how = "nothing was reported" if not reported else f"{reported} check-in{'s' * (reported > 1)}"
    said = f"{shown(fact.title)} still stands at 0 % ({how}) with {percent(over)} of its time over"
    return (Hit(goal, said, {"reported": reported > 0}, {"checkIns": reported, "elapsed": rounded(over)}),)


def negative(look: Look, goal: GoalVertex) -> Hits:
    """A key result that stands worse than where it began."""
    fact, raw = goal.fact, goal.raw
    assert isinstance(fact, KeyResult)
    if raw is None or raw >= -TOLERANCE:
        return NOTHING
    value = goal.amount
    unit = f" {fact.unit}" if fact.unit else ""
    stands = ""
    if value is not None:
        stands = f"value {value:g}{unit} with baseline {fact.baseline:g} and target {fact.target:g}: "
    said = f"{shown(fact.title)} is worse than at its beginning ({stands}raw progress {percent(raw)})"
    return (Hit(goal, said, {"raw": rounded(raw), "value": value}),)


def stale_check_in(look: Look, goal: GoalVertex) -> Hits:
    """A key result under way on which nobody has reported within the cadence."""
    last, cadence = last_report(look, goal), look.cadence(goal)
    since = last if last is not None else goal.pace.start
    assert since is not None
    days = look.today - since
    if last is not None and days <= cadence:
        return NOTHING
    title = shown(goal.fact.title)
    if last is None:
        said = f"nothing was ever reported on {title}, which began {days} days ago (cadence: {cadence} days)"
        return (Hit(goal, said, {"lastCheckIn": None}, {"days": days}),)
    day = date.fromordinal(last).isoformat()
    said = f"the last check-in of {title} is of {day}, {days} days ago (cadence: {cadence} days)"
    return (Hit(goal, said, {"lastCheckIn": day}, {"days": days}),)


def overdue(look: Look, goal: GoalVertex) -> Hits:
    """A goal that is neither reached nor closed after its last day; a key result only where its objective is not."""
    if not _overdue(look, goal):
        return NOTHING
    due = goal.pace.due
    assert due is not None
    objective = goal.objective
    if objective is not None and _overdue(look, objective):
        return NOTHING  # the finding stands on the objective
    day = date.fromordinal(due).isoformat()
    days, progress = look.today - due, "no progress" if goal.value is None else percent(goal.value)
    said = f"{shown(goal.fact.title)} was due on {day}, {days} day{'s' * (days > 1)} ago, and stands at {progress}"
    return (Hit(goal, said, {"due": day}, {"days": days}),)


def _overdue(look: Look, goal: GoalVertex) -> bool:
    due = goal.pace.due
    if due is None or look.today <= due or not active(goal):
        return False
    return goal.value is None or goal.value < DONE


def guardrail_inflates(look: Look, goal: GoalVertex) -> Hits:
    """An objective most of whose progress comes from thresholds that held from the beginning."""
    value = goal.value
    if not value or value <= TOLERANCE:
        return NOTHING
    whole, held = 0.0, 0.0
    rails: list[str] = []
    for edge in goal.down:
        child, weight = edge.child, edge.weight
        if child.value is None or not counts(edge):
            continue
        whole += weight
        fact = child.fact
        if isinstance(fact, KeyResult) and fact.measure is Measure.THRESHOLD and _held_throughout(look, child, fact):
            held += weight * child.value
            rails.append(fact.id)
    part = held / whole / value if whole else 0.0
    if part <= look.limits["GUARDRAIL_INFLATES", "part"] + TOLERANCE:
        return NOTHING
    names = ", ".join(shown(id) for id in rails[:3]) + (" ..." if len(rails) > 3 else "")
    said = (
        f"{percent(part)} of the progress of {shown(goal.fact.title)} comes from what held from the beginning: {names}"
    )
    facts: Facts = {"keyResults": tuple(sorted(rails))}
    return (Hit(goal, said, facts, {"part": rounded(part), "progress": rounded(value)}),)


def _held_throughout(look: Look, goal: GoalVertex, fact: KeyResult) -> bool:
    """Whether a threshold was met by every report, the first one early (in the first third of its time)."""
    if goal.mode != LEAF or goal.raw != 1.0 or not goal.check_ins:
        return False
    start, due = goal.pace.start, goal.pace.due
    if start is None or due is None or due <= start:
        return False
    replaced = {check_in.replaces for check_in in goal.check_ins}
    reports = [one for one in goal.check_ins if one.value is not None and one.id not in replaced]
    if not reports or look.day_of(reports[0].at) > start + (due - start) / 3:
        return False
    return all(met(fact, one.value) for one in reports if one.value is not None)


def low_coverage(look: Look, goal: GoalVertex) -> Hits:
    """A goal whose number rests on little of what should be measured."""
    if goal.value is None or goal.coverage >= look.limits["LOW_COVERAGE", "coverage"] - TOLERANCE:
        return NOTHING
    said = f"the progress of {shown(goal.fact.title)}, {percent(goal.value)}, rests on {percent(goal.coverage)} of what"
    return (Hit(goal, f"{said} should be measured (coverage)", {"coverage": rounded(goal.coverage)}),)


RULES: tuple[Rule, ...] = (
    Rule(
        "DONE_TOO_EARLY",
        PROGRESS,
        INFO,
        "Reached too early",
        "An active DELTA or MILESTONES key result has reached its target before so much of its time is over.",
        "Either the target was too easy or the baseline wrong; for the rest of the time it steers nothing.",
        "Celebrate, then close it, or revise the target with a reason.",
        (Limit("time", 0.5, "share of the time that should be over at least"),),
        goal=done_too_early,
        among=reached,
        objectives=False,
    ),
    Rule(
        "STUCK_AT_ZERO",
        PROGRESS,
        WARNING,
        "Has not moved at all",
        "An active DELTA or MILESTONES key result stands at 0 after so much of its time, and its plan (if it has one) "
        "expects more.",
        "Nobody works on it, it cannot be moved, or nobody reports.",
        "Ask what is in the way; report, plan or postpone it.",
        (Limit("time", 1 / 3, "share of the time that may pass without a move"),),
        goal=stuck_at_zero,
        among=at_zero,
        objectives=False,
    ),
    Rule(
        "NEGATIVE",
        PROGRESS,
        WARNING,
        "Worse than at the beginning",
        "An active key result has a raw progress below 0. The rollup counts it as 0, so the numbers above hide it.",
        "Things move the wrong way, or the baseline is wrong.",
        "Look at the cause; correct the baseline by a revision if it was mistaken.",
        goal=negative,
        among=at_zero,
        objectives=False,
    ),
    Rule(
        "STALE_CHECK_IN",
        PROGRESS,
        WARNING,
        "Not reported within the cadence",
        "An active, measured key result that is under way and not reached has no check-in within the cadence of its "
        "level (a rules file can set it; else that of the workspace, weekly by default).",
        "An old number is taken for a new one, by everybody above.",
        "Check in, if only to say that nothing has changed.",
        goal=stale_check_in,
        among=awaiting,
        objectives=False,
    ),
    Rule(
        "OVERDUE",
        PROGRESS,
        WARNING,
        "Past its last day",
        "An active goal is past its last day and not reached. Of a key result only where its objective is not overdue "
        "itself.",
        "A goal that is neither reached nor given up binds people to yesterday.",
        "Close it with a score and what was learned, or give it another date.",
        goal=overdue,
        among=past_their_day,
    ),
    Rule(
        "GUARDRAIL_INFLATES",
        PROGRESS,
        INFO,
        "Guard rails make the progress",
        "More than so much of an active goal's progress comes from THRESHOLD key results that every report since the "
        "first third of their time has found met.",
        "What merely held looks like progress, from the first day on.",
        "Give guard rails the weight 0: they are shown and do not count.",
        (Limit("part", 0.5, "share of the progress that may come from them"),),
        goal=guardrail_inflates,
        among=averaged,
    ),
    Rule(
        "LOW_COVERAGE",
        PROGRESS,
        INFO,
        "A number that rests on little",
        "An active goal has a progress, and less than so much of what should be measured under it is.",
        "The number is that of the part that happens to be measured.",
        "Measure what is missing (see the contributors that have no progress), or give it less weight.",
        (Limit("coverage", 0.5, "coverage, at least"),),
        goal=low_coverage,
        among=averaged,
    ),
)
