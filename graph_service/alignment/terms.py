"""Terms: who counts in a goal's numbers, and what each gives, kept as a flat list on the goal.

A contributor that moves writes its term, so that a mean is one sum: exact each time, and without asking every
contributor again.
"""

from __future__ import annotations

from graph_service.alignment.pace import ACTIVE
from graph_service.alignment.vertices import (
    ALIGNED,
    BY_ALL,
    BY_HAND,
    CLOSED,
    KEY_RESULT_OF,
    ROLLUP,
    Edge,
    GoalVertex,
    mode_of,
)
from graph_service.models.nodes import KeyResult, Objective
from graph_service.models.words import LIVE, Driver

NOTHING: float | None = 0.0
"""One number for all that have nothing to give."""


def why_not_counted(edge: Edge) -> str | None:
    """None where the child of a link counts in its parent's numbers (if it is measured); else the reason."""
    child, parent = edge.child.fact, edge.parent.fact
    if type(parent) is Objective:
        driver = parent.driver
        if driver is BY_HAND:
            return "the objective's progress is given by hand"
        is_key_result = edge.kind is KEY_RESULT_OF
        if driver is Driver.KEY_RESULTS and not is_key_result:
            return "the objective is driven by its key results only"
        if driver is Driver.CHILDREN and is_key_result:
            return "the objective is driven by what lies under it, not by its key results"
    elif parent.measure is ROLLUP:  # type: ignore[union-attr]
        pass
    elif parent.aggregate is None:  # type: ignore[union-attr]
        return "the key result has a measure of its own"
    elif edge.kind is not ALIGNED or type(child) is not KeyResult:
        return "only key results aligned to it feed an aggregate"
    state = child.state
    if state not in LIVE:
        return f"it is {state.value}"
    return None if edge.weight > 0 else "its weight is 0"


def counts(edge: Edge) -> bool:
    """Whether the child of a link counts in its parent's numbers once it is measured."""
    if edge.weight <= 0:
        return False
    state = edge.child.fact.state
    if state is not ACTIVE and state is not CLOSED:
        return False
    parent = edge.parent.fact
    if type(parent) is Objective and parent.driver is BY_ALL:
        return True
    return why_not_counted(edge) is None


def recount(goal: GoalVertex) -> None:
    """How a goal gets its numbers: its mode, who counts in them, and the terms of those. Their values are as they
    stand: whoever moves later writes its term anew."""
    fact = goal.fact
    goal.mode = mode_of(fact)
    terms: list[float | None] = []
    whole = 0.0
    driven_by_all = type(fact) is Objective and fact.driver is BY_ALL
    for edge in goal.down:
        child, weight = edge.child, edge.weight
        if driven_by_all:  # as counts() has it, without a call for each link
            counting = weight > 0 and ((state := child.fact.state) is ACTIVE or state is CLOSED)
        else:
            counting = counts(edge)
        if not counting:
            edge.place = -1
            continue
        edge.place = len(terms)
        value = child.value
        if value is None:
            terms.append(NOTHING)
        elif weight == 1.0:
            terms.append(child.value)  # read again: the same object, where compiled code would make a new one
            whole += 1.0
        else:
            terms.append(weight * value)
            whole += weight
    goal.terms = terms[:] or ()  # no room for more: it stays as long as it is
    goal.whole = whole


def total(goal: GoalVertex) -> float:
    """The sum of a goal's terms, from the first to the last: the same on every Python, which the built-in is not."""
    found = 0.0
    for term in goal.terms:
        number: float = term  # type: ignore[assignment]  # none of them is None
        found += number
    return found


def weigh(goal: GoalVertex) -> None:
    """Finds the weights of a goal's contributors that have a value anew: one of them came to have one, or lost it."""
    whole = 0.0
    for edge in goal.down:
        if edge.place >= 0 and edge.child.value is not None:
            whole += edge.weight
    goal.whole = whole


def give(goal: GoalVertex) -> None:
    """Writes a goal's value into the terms of all in whose numbers it counts."""
    value = kept(goal)
    edge = goal.first
    while edge is not None:
        if edge.place >= 0:
            put_term(edge, value)
        edge = edge.then


def kept(goal: GoalVertex) -> float | None:
    """A goal's value as the object that it holds, 0 without one; never None."""
    return NOTHING if goal.value is None else goal.value


def put_term(edge: Edge, value: float | None) -> None:
    """Writes a value into the terms of the goal that a link leads to, in which it counts: the number itself where it
    can be, since products would be made, and kept, for every goal."""
    terms: list[float | None] = edge.parent.terms  # type: ignore[assignment]  # it has a place there
    terms[edge.place] = value if edge.weight == 1.0 else edge.weight * value  # type: ignore[operator]
