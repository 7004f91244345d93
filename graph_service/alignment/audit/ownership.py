"""Rules of ownership: whose goals are whose, and who reports to whom."""

from __future__ import annotations

from collections.abc import Iterable

from graph_service.alignment.audit.look import Hit, Limit, Look, Rule
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.alignment.vertices import GoalVertex
from graph_service.models.checks import shown
from graph_service.models.nodes import Person, Team
from graph_service.models.words import GoalState, LinkKind

OWNERSHIP = RuleGroup.OWNERSHIP
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Hits = Iterable[Hit]


def no_owner(look: Look, goal: GoalVertex) -> Hits:
    """A goal that nobody is accountable for: neither it, nor (of a key result) its objective has an owner."""
    if goal.owner is not None or owner_unknown(look, goal):
        return ()
    objective = goal.objective
    if objective is not None and (objective.owner is not None or not objective.live):
        return ()  # the objective's owner answers for it
    if objective is not None:
        return ()  # the finding stands once, on the objective
    return (Hit(goal, f"{shown(goal.fact.title)} has no owner", {}),)


def owner_unknown(look: Look, goal: GoalVertex) -> Hits:
    """A goal whose owner is a reference to nothing."""
    names = tuple(sorted(one.reference for one in goal.broken if one.kind is LinkKind.OWNS and not one.outgoing))
    if not names or goal.owner is not None:
        return ()
    said = ", ".join(shown(name) for name in names)
    return (Hit(goal, f"the owner of {shown(goal.fact.title)} is {said}, who does not exist", {"owner": names}),)


def owner_inactive(look: Look, goal: GoalVertex) -> Hits:
    """An unfinished goal whose owner left."""
    id = goal.owner
    if id is None or goal.pace.state is not GoalState.ACTIVE:
        return ()
    fact = look.graph.nodes[id].fact
    assert isinstance(fact, Person | Team)
    if fact.active:
        return ()
    said = f"the owner of {shown(goal.fact.title)}, {shown(fact.name)}, is not active any more"
    return (Hit(goal, said, {"owner": id}),)


RULES: tuple[Rule, ...] = (
    Rule(
        "TOO_MANY_GOALS",
        OWNERSHIP,
        INFO,
        "More goals than one can attend to",
        "An owner has more active objectives in a period than the limit for such an owner.",
        "Whoever has many goals has no priority.",
        "Hand some over, postpone some, or join those that are one.",
        (
            Limit("person", 5, "objectives of a person in a period"),
            Limit("team", 2, "objectives of a team or department in a period"),
            Limit("organization", 3, "objectives of the uppermost team in a period"),
        ),
    ),
    Rule(
        "NO_OWNER",
        OWNERSHIP,
        ERROR,
        "Goal without an owner",
        "A live objective, or a key result without an objective, has no owner. A key result without one of its own is "
        "answered for by the owner of its objective.",
        "What nobody is accountable for is done by nobody.",
        "Assign one person or team; the others can be contributors.",
        goal=no_owner,
    ),
    Rule(
        "OWNER_UNKNOWN",
        OWNERSHIP,
        ERROR,
        "Owner that does not exist",
        "The owner of a live goal is a reference to nothing.",
        "The goal looks owned in its source, and nobody is.",
        "Correct the reference, add the person or team, or assign another owner.",
        goal=owner_unknown,
    ),
    Rule(
        "OWNER_INACTIVE",
        OWNERSHIP,
        ERROR,
        "Owner who left",
        "The owner of an unfinished goal is not active any more.",
        "The goal is orphaned in practice, and its numbers grow stale.",
        "Hand it over: the report lists who could take it.",
        goal=owner_inactive,
    ),
)
