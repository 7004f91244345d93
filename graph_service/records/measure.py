"""How a key result's record says that it is measured.

An explicit measure must be possible, else the record cannot stand. Without one it is read from the numbers: milestones;
baseline and target; a range; a target alone, compared by its direction; else nothing is measured. What does not fit
together is left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.key_results import measured
from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Milestone
from graph_service.models.words import Aggregate, Comparison, Measure
from graph_service.records.fields import GivenMilestone
from graph_service.records.form import Item
from graph_service.records.plain import plain
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run

YARDSTICK = (
    "measure",
    "comparison",
    "baseline",
    "target",
    "target_min",
    "target_max",
    "aggregate",
    "plan",
    "milestones",
)
SPECIAL = frozenset({"direction", *YARDSTICK} - {"baseline", "target"})
BY_DIRECTION = {
    "up": Comparison.AT_LEAST,
    "down": Comparison.AT_MOST,
    "exact": Comparison.EXACTLY,
    "range": Comparison.BETWEEN,
}
VALUED = (Measure.DELTA, Measure.THRESHOLD)
SNAKE = {"targetMin": "target_min", "targetMax": "target_max"}
BLANK = KeyResult("-", "-")


def settle_yardstick(run: Run, item: Item) -> bool:
    """Brings the record's measure, comparison and numbers into what can stand; False: the record cannot.

    Afterwards ``given`` holds what a new key result is measured by, and what a known one is to be measured by.
    """
    vertex = run.graph.nodes.get(item.id)
    given = item.given
    if vertex is None and given.keys().isdisjoint(SPECIAL) and _is_plain(given):
        return True
    fact = BLANK if vertex is None else vertex.fact
    assert isinstance(fact, KeyResult)
    direction = given.pop("direction", None)
    if fact is BLANK or direction is not None or not given.keys().isdisjoint(YARDSTICK):
        explicit = given.get("measure") is not None
        while not _fits(run, item, fact, explicit, direction):
            if explicit:
                return False
        said = BY_DIRECTION.get(str(direction))
        if said is not None and given["measure"] is not Measure.DELTA and given.get("comparison") is not said:
            _keep(item, "direction", direction)
    _settle_current(run, item, fact)
    return True


def _is_plain(given: dict[str, Any]) -> bool:
    """Whether a new key result is as most are: measured by a baseline and a target, or by a target alone."""
    baseline, target = given.get("baseline"), given.get("target")
    if target is None or baseline == target:
        return False
    if baseline is None:
        given["measure"], given["comparison"] = Measure.THRESHOLD, Comparison.AT_LEAST
    else:
        given["measure"] = Measure.DELTA
    return True


def yardstick(item: Item, fact: KeyResult) -> KeyResult:
    """The key result as it is to be measured: as it is, with what the record says."""
    given = {name: item.given[name] for name in YARDSTICK if name in item.given}
    if given.get("plan", UNSET) is None:
        given["plan"] = ()
    if "milestones" in given:
        given["milestones"] = milestones(item, fact)
    return replace(fact, **given)


def milestones(item: Item, fact: KeyResult) -> tuple[Milestone, ...]:
    """The milestones that a record gives a key result. One without an id is the known one of its title, if there is one
    left (else its id is blank: it will get one); what the record does not say of its completion stays."""
    known = {one.id: one for one in fact.milestones}
    listed = item.given.get("milestones") or ()
    assert isinstance(listed, list | tuple)
    named = {one.id for one in listed}
    free = [one for one in fact.milestones if one.id not in named]
    made = []
    for one in listed:
        assert isinstance(one, GivenMilestone)
        before = known.get(one.id or "")
        if one.id is None:
            before = next((other for other in free if other.title == one.title), None)
            if before is not None:
                free.remove(before)
        done = one.done_at if isinstance(one.done_at, date) else before.done_at if before is not None else None
        id = before.id if before is not None else one.id or ""
        made.append(Milestone(id, one.title, 1.0 if one.weight is None else one.weight, one.due, done))
    return tuple(made)


def _fits(run: Run, item: Item, fact: KeyResult, explicit: bool, direction: object) -> bool:
    """Whether all that is given stands together. If not, a problem says why: with an explicit measure the record is
    refused, else what is in the way was left out and another look is needed."""
    given = item.given
    if not explicit:
        given.pop("measure", None)
    low, high = _now(given, fact, "target_min"), _now(given, fact, "target_max")
    if isinstance(low, float) and isinstance(high, float) and low > high:
        message = f"target_min {_told(low)} is above target_max {_told(high)}; swap or correct them"
        if explicit and given["measure"] is Measure.THRESHOLD:
            run.refuse(item, "target_min", [plain(low), plain(high)], ProblemKind.IMPOSSIBLE_PAIR, message)
            return False
        run.impossible(item, "target_min", "target_max", message, lambda name: getattr(fact, name))
    measure = given["measure"] if explicit else _read_measure(given, fact, direction)
    assert isinstance(measure, Measure)
    target = _now(given, fact, "target")
    if measure is Measure.DELTA and not explicit and _now(given, fact, "baseline") == target:
        message = f"baseline and target are both {_told(target)}; there is no way to go, correct one of them"
        run.impossible(item, "baseline", "target", message, lambda name: getattr(fact, name))
        return False
    given["measure"] = measure
    if measure is Measure.THRESHOLD:
        given["comparison"] = _comparison(run, item, fact, explicit, direction)
    aggregate = given.get("aggregate")
    if isinstance(aggregate, Aggregate) and measure not in VALUED:
        why = "only a DELTA or a THRESHOLD takes its value from sources"
        run.drop(item, "aggregate", f"aggregate {aggregate.name} does not go with measure {measure.name}; {why}")
    if given.get("plan") and measure is not Measure.DELTA:
        run.drop(item, "plan", f"plan does not go with measure {measure.name}; only a DELTA has one")
    if fact is BLANK and not explicit and measure is not Measure.MILESTONES:
        return True  # it was read from numbers that fit
    try:
        measured(yardstick(item, fact))
    except Invalid as wrong:
        name = wrong.path[0] if wrong.path else "measure"
        field = SNAKE.get(name, name)
        message = wrong.message
        for camel, snake in SNAKE.items():
            message = message.replace(camel, snake)
        if explicit:
            value = plain(given.get(field))
            run.refuse(item, field, value, ProblemKind.INVALID, f"measure {measure.name}: {message}")
        elif field in given:
            run.drop(item, field, message)
        else:
            for part in YARDSTICK:
                given.pop(part, None)
            given["measure"] = fact.measure
            run.say(item, field, None, ProblemKind.INVALID, message, Action.LEFT_OUT)
            return True
        return False
    return True


def _now(given: dict[str, object], fact: KeyResult, name: str) -> object:
    """What a field is to be: as given, else as it is."""
    return given[name] if name in given else getattr(fact, name)


def _told(number: object) -> str:
    return shown(plain(number))


def _read_measure(given: dict[str, object], fact: KeyResult, direction: object) -> Measure:
    """The measure that the record speaks of where it names none. A target alone is another target for what is there."""
    if given.get("milestones"):
        return Measure.MILESTONES
    target = given.get("target")
    if target is not None and given.get("baseline") is not None:
        return Measure.DELTA
    if given.get("target_min") is not None or given.get("target_max") is not None:
        return Measure.THRESHOLD
    if target is None or fact.measure in VALUED:
        return fact.measure
    ranged = direction == "range" or given.get("comparison") is Comparison.BETWEEN
    return Measure.UNMEASURED if ranged else Measure.THRESHOLD


def _comparison(run: Run, item: Item, fact: KeyResult, explicit: bool, direction: object) -> Comparison:
    """How a threshold compares: as said, by the direction, as it is, or as its numbers suggest."""
    given = item.given
    says_range = given.get("target_min") is not None or given.get("target_max") is not None
    says_target = given.get("target") is not None
    ranged = says_range or (not says_target and not (fact.target_min is None and fact.target_max is None))
    aimed = _now(given, fact, "target") is not None
    said = given.get("comparison")
    if isinstance(said, Comparison):
        if explicit or (ranged if said is Comparison.BETWEEN else aimed):
            return said
        missing = "target_min and target_max are" if said is Comparison.BETWEEN else "target is"
        run.drop(item, "comparison", f"comparison {said.name}: {missing} missing; give what it compares with")
    read = BY_DIRECTION.get(str(direction))
    if read is not None and (ranged if read is Comparison.BETWEEN else aimed and not ranged):
        return read
    known = fact.comparison if fact.measure is Measure.THRESHOLD else None
    if known is not None and not says_range and (known is not Comparison.BETWEEN or ranged):
        return known
    return Comparison.BETWEEN if ranged else Comparison.AT_LEAST


def _settle_current(run: Run, item: Item, fact: KeyResult) -> None:
    """A present value is reported where the measure takes one, and else kept as an attribute."""
    current = item.given.get("current")
    if current is None:
        return
    measure, aggregate = _now(item.given, fact, "measure"), _now(item.given, fact, "aggregate")
    assert isinstance(measure, Measure)
    if measure in VALUED and aggregate is None:
        return
    del item.given["current"]
    how = f"aggregate {aggregate.name}" if isinstance(aggregate, Aggregate) else f"measure {measure.name}"
    value = plain(current)
    _keep(item, "current", value)
    message = f"current {shown(value)}: {how} takes no value; it is kept as an attribute"
    run.note(item, "current", value, ProblemKind.UNUSED, message, Action.KEPT_AS_ATTRIBUTE)


def _keep(item: Item, name: str, value: object) -> None:
    item.attributes = {**(item.attributes or {}), name: value}
