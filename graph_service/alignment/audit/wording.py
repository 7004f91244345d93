"""Rules of wording: what goals say, and leave out. They look at active goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from graph_service.alignment.audit.look import Hit, Limit, Look, Rule
from graph_service.alignment.audit.names import plain
from graph_service.alignment.audit.numbers import number_in
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.alignment.audit.words import task_verb_in, vanity_in
from graph_service.alignment.vertices import LEAF, GoalVertex
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Objective
from graph_service.models.words import GoalState, LinkKind, Measure

WORDING = RuleGroup.WORDING
WARNING, INFO = Severity.WARNING, Severity.INFO
Hits = Sequence[Hit]
NOTHING: Hits = ()
KEY_RESULT_OF = LinkKind.KEY_RESULT_OF
ACTIVE, CLOSED = GoalState.ACTIVE, GoalState.CLOSED


# ---------- which goals can be meant ----------


def undescribed(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals without a description."""
    return [goal for goal in goals if not goal.fact.description]


def without_note(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals without an alignment note."""
    return [goal for goal in goals if not goal.fact.alignment_note]


def undated(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals without a start or a last day."""
    return [goal for goal in goals if (pace := goal.pace).start is None or pace.due is None]


def perhaps_unmeasured(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Key results without a measure, or with one that rests on others."""
    unmeasured = Measure.UNMEASURED
    return [
        goal
        for goal in goals
        if goal.mode != LEAF or (isinstance(fact := goal.fact, KeyResult) and fact.measure is unmeasured)
    ]


def without_unit(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Key results without a unit."""
    return [goal for goal in goals if isinstance(fact := goal.fact, KeyResult) and not fact.unit]


# ---------- what is noticed ----------


def number_in_objective(look: Look, goal: GoalVertex) -> Hits:
    """An objective whose title holds a target."""
    title = goal.fact.title
    number = number_in(title)
    if number is None:
        return NOTHING
    return (Hit(goal, f"the title {shown(title)} holds the number '{number}'", {"number": number}),)


def no_why(look: Look, goal: GoalVertex) -> Hits:
    """An objective without a description."""
    if goal.fact.description:
        return NOTHING
    return (Hit(goal, f"{shown(goal.fact.title)} has no description that says why", {}),)


def no_alignment_note(look: Look, goal: GoalVertex) -> Hits:
    """An objective that hangs under another one and does not say how it serves it."""
    if goal.fact.alignment_note or not any(edge.kind is LinkKind.PARENT for edge in goal.up):
        return NOTHING
    return (Hit(goal, f"{shown(goal.fact.title)} does not say how it serves the goal above it (alignmentNote)", {}),)


def key_result_count(look: Look, goal: GoalVertex) -> Hits:
    """An objective with too few or too many key results; one that rests on objectives under it may have none."""
    many, below = 0, False
    for edge in goal.down:
        if edge.kind is KEY_RESULT_OF:
            state = edge.child.fact.state
            many += state is ACTIVE or state is CLOSED
        elif edge.kind is LinkKind.PARENT and edge.child.live:
            below = True
    least, most = look.limits["KEY_RESULT_COUNT", "min"], look.limits["KEY_RESULT_COUNT", "max"]
    if least <= many <= most or (many == 0 and below):
        return NOTHING
    said = "no key result" if many == 0 else "1 key result" if many == 1 else f"{many} key results"
    advice = None if many > most else "Say by what else one would know that it is reached; three to five show it well."
    return (Hit(goal, f"{shown(goal.fact.title)} has {said}", {"keyResults": many}, advice=advice),)


def key_result_is_task(look: Look, goal: GoalVertex) -> Hits:
    """A key result that reads as a task and is measured by being done, or not at all."""
    fact = goal.fact
    assert isinstance(fact, KeyResult)
    if not _measured_by_doing(fact):
        return NOTHING
    verb = task_verb_in(fact.title, look.task_verbs)
    if verb is None:
        return NOTHING
    said = f"the title {shown(fact.title)} reads as a task (verb '{verb}'), and its measure is {fact.measure.name}"
    return (Hit(goal, said, {"measure": fact.measure.name, "verb": verb}),)


def _measured_by_doing(fact: KeyResult) -> bool:
    """Whether a key result is done or not done, rather than more or less: no measure, steps, or 0 to 1 (or 100 %)."""
    if fact.measure in (Measure.UNMEASURED, Measure.MILESTONES):
        return True
    unit = (fact.unit or "").casefold()
    percent = "%" in unit or "percent" in unit or "complete" in unit or "done" in unit
    return (
        fact.measure is Measure.DELTA and not fact.baseline and (fact.target == 1 or (fact.target == 100 and percent))
    )


def key_result_unmeasured(look: Look, goal: GoalVertex) -> Hits:
    """A key result by which nobody can tell how far it has come."""
    fact = goal.fact
    assert isinstance(fact, KeyResult)
    if fact.measure is Measure.UNMEASURED:
        said = "has no measure (measure UNMEASURED)"
    elif fact.measure is Measure.ROLLUP and not goal.counted:
        said = "takes its progress from objectives under it (measure ROLLUP), and there are none that count"
    elif fact.aggregate is not None and not goal.counted:
        said = f"takes its value from others (aggregate {fact.aggregate.name}), and none feeds it"
    else:
        return NOTHING
    return (Hit(goal, f"{shown(fact.title)} {said}", {"measure": fact.measure.name}),)


def no_unit(look: Look, goal: GoalVertex) -> Hits:
    """A key result with numbers of which nobody can tell what they count."""
    fact = goal.fact
    assert isinstance(fact, KeyResult)
    if fact.unit or fact.measure not in (Measure.DELTA, Measure.THRESHOLD):
        return NOTHING
    if any(sign in fact.title.casefold() for sign in ("%", "percent", "prozent", "pour cent", "€", "$", "number of")):
        return NOTHING
    numbers = {"baseline": fact.baseline, "target": fact.target, "targetMin": fact.target_min}
    numbers["targetMax"] = fact.target_max
    given = {name: value for name, value in sorted(numbers.items()) if value is not None}
    said = " and ".join(f"{name} {value:g}" for name, value in given.items())
    return (Hit(goal, f"{shown(fact.title)} has {said}, and no unit", dict(given)),)


def vanity_metric(look: Look, goal: GoalVertex) -> Hits:
    """A key result that measures what flatters."""
    title = goal.fact.title
    measure = vanity_in(title, look.vanity)
    if measure is None:
        return NOTHING
    return (Hit(goal, f"the title {shown(title)} measures '{measure}'", {"measure": measure}),)


def no_dates(look: Look, goal: GoalVertex) -> Hits:
    """An objective, or a loose key result, without a start or a last day, neither its own nor by its period."""
    pace = goal.pace
    if pace.start is not None and pace.due is not None:
        return NOTHING
    if not goal.is_objective and goal.objective is not None:
        return NOTHING  # it has the days of its objective, where the finding stands
    missing = tuple([name for name, day in (("start", pace.start), ("due", pace.due)) if day is None])
    period = goal.fact.period
    where = f"; its period {shown(period)} has none" if period is not None else "; it names no period"
    said = f"{shown(goal.fact.title)} has no {' and no '.join(missing)}{where}"
    return (Hit(goal, said, {"missing": missing, "period": period}),)


def duplicate_title(look: Look) -> Iterator[Hit]:
    """Active objectives of one period, and key results of one objective, whose titles are the same but for case,
    accents, spaces and punctuation: told once, of the first by id."""
    for goals in look.once(titles_of).several():
        first, others = goals[0], tuple([goal.fact.id for goal in goals[1:]])
        shared = "of the same objective" if not first.is_objective else "of the same time"
        more = f"{len(others)} other goals" if len(others) > 1 else "another goal"
        names = ", ".join(shown(id) for id in others[:3]) + (" ..." if len(others) > 3 else "")
        yield Hit(first, f"{shown(first.fact.title)} is also the title of {more} {shared}: {names}", {"also": others})


class Titles:
    """Which active goals have the same title; kept as goals come, move and go."""

    def __init__(self) -> None:
        # By the hash of what makes them the same: the texts themselves would take much room.
        self._group_of: dict[GoalVertex, int] = {}
        self._one_of: dict[int, GoalVertex] = {}
        self._several: dict[int, set[GoalVertex]] = {}

    def put(self, goal: GoalVertex) -> None:
        """Takes a goal in as it is now."""
        key = _told_apart(goal)
        if key is not None:
            group = self._group_of[goal] = hash(key)
            one = self._one_of.setdefault(group, goal)
            if one is not goal:
                self._several.setdefault(group, {one}).add(goal)

    def drop(self, goal: GoalVertex) -> None:
        """Takes a goal out."""
        group = self._group_of.pop(goal, None)
        if group is None:
            return
        others = self._several.get(group)
        if others is None:
            del self._one_of[group]
            return
        others.discard(goal)
        self._one_of[group] = next(iter(others))
        if len(others) == 1:
            del self._several[group]

    def several(self) -> Iterator[list[GoalVertex]]:
        """Goals with the same title, by id, in no order of the groups."""
        for goals in self._several.values():
            alike: dict[tuple[object, ...] | None, list[GoalVertex]] = {}
            for goal in goals:
                alike.setdefault(_told_apart(goal), []).append(goal)  # a hash may stand for several
            yield from [sorted(same, key=attrgetter("fact.id")) for same in alike.values() if len(same) > 1]


def titles_of(look: Look) -> Titles:
    """The titles of all goals that are looked at."""
    titles = Titles()
    put = titles.put
    for goal in look.goals:
        put(goal)
    return titles


def _told_apart(goal: GoalVertex) -> tuple[object, ...] | None:
    """What makes a goal the same as another to who reads titles; None for a goal that nobody compares."""
    fact, pace = goal.fact, goal.pace
    if fact.state is not GoalState.ACTIVE or pace.state is not GoalState.ACTIVE:
        return None
    if type(fact) is Objective:
        when = fact.period or (pace.start, pace.due)
        # Where no time is known, only the goals of one owner are compared: departments repeat each other's words.
        where = goal.owner if when == (None, None) else None
        return when, where, plain(fact.title)
    objective = goal.objective
    return None if objective is None else (objective.fact.id, "key result", plain(fact.title))


RULES: tuple[Rule, ...] = (
    Rule(
        "NUMBER_IN_OBJECTIVE",
        WORDING,
        INFO,
        "Objective with a number in its title",
        "The title of an active objective holds a number that reads as a target. Numbers that belong to names (ISO "
        "27001, Q3, 24/7, Phase 2), years, days, versions, ordinals and what stands in brackets are no targets.",
        "An objective says what one wants; how one knows is for its key results, where the number can be reported on.",
        "Say in words what is wanted, and make the number a key result.",
        goal=number_in_objective,
        key_results=False,
    ),
    Rule(
        "NO_WHY",
        WORDING,
        INFO,
        "Objective that does not say why",
        "An active objective has no description.",
        "Whoever knows why can decide well when the plan does not fit any more.",
        "Write two sentences: why this, why now.",
        goal=no_why,
        among=undescribed,
        key_results=False,
    ),
    Rule(
        "NO_ALIGNMENT_NOTE",
        WORDING,
        INFO,
        "Objective that does not say how it serves the one above",
        "An active objective hangs under another goal (PARENT) and has no alignment note.",
        "A link says that there is a way up, not how the work gets there.",
        "Write one sentence: if we reach this, what moves above?",
        goal=no_alignment_note,
        among=without_note,
        key_results=False,
    ),
    Rule(
        "KEY_RESULT_COUNT",
        WORDING,
        INFO,
        "Too few or too many key results",
        "An active objective has fewer or more live key results than the limits allow; none are needed where "
        "objectives lie under it.",
        "With too few one cannot tell that the objective is reached; with too many nobody looks at them all.",
        "Keep the key results that would change a decision, and part the objective if all of them would.",
        (Limit("min", 3, "key results of an objective, at least"), Limit("max", 5, "key results, at most")),
        goal=key_result_count,
        key_results=False,
    ),
    Rule(
        "KEY_RESULT_IS_TASK",
        WORDING,
        INFO,
        "Key result that reads as a task",
        "The title of an active key result begins with a verb of doing (in German: or ends with one), holds no number, "
        "and its measure is done or not done.",
        "Work that is done is not yet an effect; the objective may be missed with every task ticked off.",
        "Ask what gets better once it is done, and measure that; keep the task as an initiative.",
        goal=key_result_is_task,
        objectives=False,
    ),
    Rule(
        "KEY_RESULT_UNMEASURED",
        WORDING,
        WARNING,
        "Key result that cannot be measured",
        "An active key result has no measure, or takes its number from others and there are none.",
        "It never has a progress, and is left out of its objective's.",
        "Give it a baseline and a target, a threshold or milestones.",
        goal=key_result_unmeasured,
        among=perhaps_unmeasured,
        objectives=False,
    ),
    Rule(
        "NO_UNIT",
        WORDING,
        INFO,
        "Numbers without a unit",
        "An active DELTA or THRESHOLD key result has no unit, and its title names none.",
        "Two people report different things for it, and nobody notices.",
        "Set the unit: percent, thousand EUR, days, lines ...",
        goal=no_unit,
        among=without_unit,
        objectives=False,
    ),
    Rule(
        "VANITY_METRIC",
        WORDING,
        INFO,
        "Measure that flatters",
        "The title of an active key result names a measure of the list of vanity metrics, and does not put it in "
        "proportion (a rate, a share, per something).",
        "Such numbers grow by themselves and say little about what anybody gains.",
        "Measure what people do next, or a share of them.",
        goal=vanity_metric,
        objectives=False,
    ),
    Rule(
        "NO_DATES",
        WORDING,
        WARNING,
        "Goal without a beginning or an end",
        "An active objective, or a key result without an objective, has no start or no last day of its own, and its "
        "period has none either.",
        "Nobody can say whether it is late, and it has no expected progress.",
        "Give it a period with dates, or a start and a due date of its own.",
        goal=no_dates,
        among=undated,
    ),
    Rule(
        "DUPLICATE_TITLE",
        WORDING,
        INFO,
        "Two goals with the same title",
        "Active objectives of the same period (without dates: of the same owner), or key results of the same "
        "objective, have titles that differ at most in case, accents, spaces and punctuation. Told once, of the "
        "first by id.",
        "They are one goal in two places, or nobody can tell them apart.",
        "Join them, link one to the other, or say in the titles what is different.",
        whole=duplicate_title,
    ),
)
