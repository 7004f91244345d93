"""Rules of ownership: whose goals are whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from graph_service.alignment.audit.look import Hit, Limit, Look, Rule, tops_of, under_way, under_way_of
from graph_service.alignment.audit.owners import (
    core_of,
    goal_limit,
    gone_of,
    helped,
    in_periods,
    line_of,
    name_of,
    open_objective,
    open_objectives,
    owned,
    owners_within,
    standing,
)
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.alignment.audit.structure import loose, with_references
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.models.checks import shown
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import LinkKind

OWNERSHIP = RuleGroup.OWNERSHIP
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Hits = Sequence[Hit]
NOTHING: Hits = ()
CONTRIBUTORS = LinkKind.CONTRIBUTES_TO


# ---------- which goals can be meant ----------


def answered_for(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Objectives and loose key results without an owner."""
    owners = look.owner_ids
    return [goal for goal in loose(look, goals) if goal.fact.id not in owners]


def of_those_gone(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals of people and teams who are not active any more."""
    gone = look.once(gone_of)
    owners = look.owner_ids
    return [goal for goal in goals if owners.get(goal.fact.id) in gone] if gone else []


def under_other_owners(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals that hang under one of another owner."""
    owner = look.owner_ids.get
    return [
        goal
        for goal in goals
        if (up := goal.up)
        and (mine := owner(goal.fact.id)) is not None
        and (theirs := owner(up[0].parent.fact.id)) is not None
        and mine != theirs
    ]


def with_many_links(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals with more links from people and teams than a goal should have contributors."""
    most = look.limits["TOO_MANY_CONTRIBUTORS", "contributors"]
    return [goal for goal in goals if len(goal.into) > most]


# ---------- of a goal ----------


def no_owner(look: Look, goal: GoalVertex) -> Hits:
    """An objective, or a loose key result, that nobody is accountable for."""
    if goal.fact.id in look.owner_ids or _unknown(goal):
        return NOTHING
    below = sum(1 for one in goal.key_results if one.live and one.fact.id not in look.owner_ids)
    also = f", nor have {below} of its key results" if below > 1 else ", nor has its key result" if below else ""
    return (Hit(goal, f"{shown(goal.fact.title)} has no owner{also}", {}),)


def _unknown(goal: GoalVertex) -> tuple[str, ...]:
    return tuple(sorted(one.reference for one in goal.broken if one.kind is LinkKind.OWNS and not one.outgoing))


def owner_unknown(look: Look, goal: GoalVertex) -> Hits:
    """A goal whose owner is a reference to nothing."""
    names = () if goal.fact.id in look.owner_ids else _unknown(goal)
    if not names:
        return NOTHING
    said = ", ".join(shown(name) for name in names)
    return (Hit(goal, f"the owner of {shown(goal.fact.title)} is {said}, who does not exist", {"owner": names}),)


def owner_inactive(look: Look, goal: GoalVertex) -> Hits:
    """An unfinished goal whose owner left."""
    id = look.owner_ids[goal.fact.id]
    owner = look.graph.nodes[id]
    if not look.sees(owner):
        return NOTHING
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    said = f"the owner of {shown(goal.fact.title)}, {shown(fact.name)}, is not active any more"
    return (Hit(goal, said, {"owner": id}),)


def owner_outside_area(look: Look, goal: GoalVertex) -> Hits:
    """A goal whose owner has nothing to do with the owner of the goal that it hangs under."""
    primary = goal.primary
    if primary is None:
        return NOTHING
    id, above = look.owner_ids[goal.fact.id], look.owner_ids[primary.parent.fact.id]
    nodes = look.graph.nodes
    known = look.once(strangers)
    strange = known.get((id, above))
    if strange is None:
        strange = known[id, above] = _strange(look, nodes[id], nodes[above])
    if not strange:
        return NOTHING
    owner, upper = nodes[id], nodes[above]
    if not (look.sees(primary.parent) and look.sees(owner) and look.sees(upper)):
        return NOTHING
    said = (
        f"{_name(owner)} owns {shown(goal.fact.title)}, which hangs under {shown(primary.parent.fact.title)} of"
        f" {_name(upper)}; neither is in the other's teams or reporting line"
    )
    return (Hit(goal, said, {"above": primary.parent.fact.id, "aboveOwner": above, "owner": id}),)


def strangers(look: Look) -> dict[tuple[str, str], bool]:
    """What was found of pairs of owners; filled as they are met."""
    return {}


def _strange(look: Look, owner: Vertex, upper: Vertex) -> bool:
    """Whether the places of two owners are known, and neither is in the other's teams or reporting line. False where
    the viewer does not see one of them."""
    if not (look.sees(owner) and look.sees(upper)):
        return False
    mine, theirs = line_of(look, owner), line_of(look, upper)
    if not (_placed(look, owner, mine) and _placed(look, upper, theirs)):
        return False
    return mine.isdisjoint(core_of(look, upper)) and theirs.isdisjoint(core_of(look, owner))


def department_goal_not_led(look: Look, goal: GoalVertex) -> Hits:
    """A department's objective that is owned by a person who leads nothing."""
    fact, id = goal.fact, look.owner_ids.get(goal.fact.id)
    assert isinstance(fact, Objective)
    if id is None or look.role(fact.level) != "department":
        return NOTHING
    owner = look.graph.nodes[id]
    if not isinstance(owner.fact, Person) or not look.sees(owner):
        return NOTHING
    place = standing(look, owner)
    if place.leads or place.reports or not (place.teams or place.manager):
        return NOTHING  # they lead, or nothing is known of their place
    said = f"{_name(owner)} owns {shown(fact.title)} (level {shown(fact.level)}), leads no team and has no reports"
    return (Hit(goal, said, {"owner": id}),)


def too_many_contributors(look: Look, goal: GoalVertex) -> Hits:
    """A goal with so many contributors that nobody has it in hand."""
    many = sum(1 for link in goal.into if link.kind is CONTRIBUTORS)
    if many <= look.limits["TOO_MANY_CONTRIBUTORS", "contributors"]:
        return NOTHING
    return (Hit(goal, f"{shown(goal.fact.title)} has {many} contributors", {"contributors": many}),)


def _placed(look: Look, owner: Vertex, line: frozenset[str]) -> bool:
    """Whether it is known where an owner stands: above, below or beside anybody."""
    place = standing(look, owner)
    return len(line) > 1 or bool(place.reports or place.members or place.led_by or place.inside)


def _name(owner: Vertex) -> str:
    return shown(name_of(owner))


# ---------- of an owner ----------


def too_many_goals(look: Look, owner: Vertex) -> Hits:
    """An owner with more open objectives in a period than they can attend to."""
    many = open_objectives(look, owner)
    if not many:
        return NOTHING
    limit = goal_limit(look, owner)
    hits = []
    for period, count in many:
        if count > limit:
            said = f"{_name(owner)} owns {count} open objectives {_in(period)}, {count - limit} above the limit"
            hits.append(Hit(owner, f"{said} of {limit}", {"objectives": count, "period": period}))
    return hits


def too_many_at_the_top(look: Look) -> Iterator[Hit]:
    """The whole, with more open top-level objectives in a period than it can attend to."""
    most = look.limits["TOO_MANY_GOALS", "organization"]
    tops = Counter(goal.fact.period for goal in look.once(tops_of) if open_objective(look, goal))
    for period, count in in_periods(tops):
        if count > most:
            said = f"the organization has {count} open top-level objectives {_in(period)}, above the limit of {most:g}"
            yield Hit(None, said, {"objectives": count, "period": period})


def _in(period: str | None) -> str:
    return "without a period" if period is None else f"in {shown(period)}"


def too_few_goals(look: Look, owner: Vertex) -> Hits:
    """An owner who had objectives that are over and has too few under way on the day, while others have some."""
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    if not fact.active:
        return NOTHING
    goals = owned(look, owner)
    if not goals or not goals[0].is_objective:
        return NOTHING
    over = count = 0
    for goal in goals:
        if goal.is_objective and goal.pace.due is not None:
            over += goal.pace.due < look.today
            count += under_way(look, goal)
    least = look.limits["TOO_FEW_GOALS", "person" if isinstance(fact, Person) else "team"]
    if count >= least or not over or not look.once(under_way_of):  # if nothing is under way, nobody can tell
        return NOTHING
    said = f"{_name(owner)} has {count or 'no'} objective{'s' * (count != 1)} under way, and had {over} until now"
    return (Hit(owner, said, {"underWay": count}),)


def too_few_at_the_top(look: Look) -> Iterator[Hit]:
    """The whole, which had top-level objectives that are over, without one under way while others are."""
    if not look.once(under_way_of):
        return
    least = look.limits["TOO_FEW_GOALS", "organization"]
    every = look.once(tops_of)
    tops = sum(1 for goal in every if under_way(look, goal))
    if tops < least and any((due := goal.pace.due) is not None and due < look.today for goal in every if goal.live):
        said = f"the organization has {tops or 'no'} top-level objective{'s' * (tops != 1)} under way"
        yield Hit(None, said, {"underWay": tops})


def person_without_objective(look: Look, owner: Vertex) -> Hits:
    """An active person without any part in a live goal: none of their own, none they contribute to, none of a team."""
    fact, nodes = owner.fact, look.graph.nodes
    if not isinstance(fact, Person) or not fact.active or owned(look, owner) or helped(look, owner):
        return NOTHING
    if any(owned(look, nodes[id]) for id in standing(look, owner).teams):
        return NOTHING
    said = f"{_name(owner)} owns no live goal and contributes to none, and no team of theirs owns one"
    return (Hit(owner, said, {}),)


def team_without_objective(look: Look, owner: Vertex) -> Hits:
    """An active team in which nobody owns a live goal."""
    fact = owner.fact
    if not isinstance(fact, Team) or not fact.active or any(owned(look, one) for one in owners_within(look, owner)):
        return NOTHING
    return (Hit(owner, f"neither {_name(owner)} nor anybody in it owns a live goal", {}),)


def only_contributor(look: Look, owner: Vertex) -> Hits:
    """An active person who is listed on the goals of others and owns none."""
    fact = owner.fact
    if not isinstance(fact, Person) or not fact.active or owned(look, owner):
        return NOTHING
    on = len(helped(look, owner))
    if not on:
        return NOTHING
    said = f"{_name(owner)} contributes to {f'{on} live goals' if on > 1 else 'a live goal'} and owns none"
    return (Hit(owner, said, {}, {"contributions": on}),)


def one_owner_at_the_top(look: Look) -> Iterator[Hit]:
    """One person who owns the whole top, or most of it."""
    tops = sorted([goal for goal in look.once(tops_of) if open_objective(look, goal)], key=lambda goal: goal.fact.id)
    least = look.limits["ONE_OWNER_AT_THE_TOP", "objectives"]
    if len(tops) < least:
        return
    ((id, many),) = Counter(look.owner_ids.get(goal.fact.id) for goal in tops).most_common(1)
    if id is None or many < least or many / len(tops) < look.limits["ONE_OWNER_AT_THE_TOP", "part"]:
        return
    owner = look.graph.nodes[id]
    if isinstance(owner.fact, Person) and look.sees(owner):
        said = f"{_name(owner)} owns {many} of {len(tops)} open top-level objectives"
        yield Hit(owner, said, {"objectives": many, "of": len(tops)})


RULES: tuple[Rule, ...] = (
    Rule(
        "NO_OWNER",
        OWNERSHIP,
        ERROR,
        "Goal without an owner",
        "A live objective, or a key result without an objective, has no owner. A key result of an objective is "
        "answered for by the owner of that.",
        "What nobody is accountable for is done by nobody.",
        "Assign one person or team; the others can be contributors.",
        goal=no_owner,
        among=answered_for,
        only_active=False,
    ),
    Rule(
        "OWNER_UNKNOWN",
        OWNERSHIP,
        ERROR,
        "Owner who does not exist",
        "The owner of a live goal is a reference to nothing.",
        "The goal looks owned where it comes from, and nobody is accountable.",
        "Correct the reference, add the person or team, or assign another owner.",
        goal=owner_unknown,
        among=with_references,
        only_active=False,
    ),
    Rule(
        "OWNER_INACTIVE",
        OWNERSHIP,
        ERROR,
        "Owner who left",
        "The owner of an active goal is not active any more.",
        "Nobody works for the goal, and its numbers grow stale.",
        "Hand it over: the report lists who could take it.",
        goal=owner_inactive,
        among=of_those_gone,
    ),
    Rule(
        "OWNER_OUTSIDE_AREA",
        OWNERSHIP,
        INFO,
        "Owner outside the responsibility of the goal above",
        "An active goal hangs under one whose owner is neither in a team with its own owner, nor above or below them "
        "in teams or reporting lines. Where the place of either is not known, nothing is said.",
        "Whoever answers for the goal above has no say in the one below.",
        "Hang it under a goal of its own area and align it to this one, or agree on it and suppress the finding.",
        goal=owner_outside_area,
        among=under_other_owners,
        places=True,
    ),
    Rule(
        "DEPARTMENT_GOAL_NOT_LED",
        OWNERSHIP,
        INFO,
        "Department goal in the hands of somebody who does not lead",
        "An active objective of a level that stands for a department is owned by a person who leads no team and has no "
        "reports.",
        "They cannot decide what the department works on.",
        "Let the lead of the department (or the department) own it, and the person one of its key results.",
        goal=department_goal_not_led,
        key_results=False,
        places=True,
    ),
    Rule(
        "TOO_MANY_GOALS",
        OWNERSHIP,
        INFO,
        "More goals than one can attend to",
        "An owner, or the top as a whole, has more open objectives in a period than the limit. Open: active, and not "
        "past its last day.",
        "Whoever has many goals has no priority.",
        "Hand some over, postpone some, or join those that are one.",
        (
            Limit("person", 5, "open objectives of a person in a period"),
            Limit("team", 2, "open objectives of a team or department in a period"),
            Limit("organization", 3, "open top-level objectives, and those of the uppermost team, in a period"),
        ),
        owner=too_many_goals,
        whole=too_many_at_the_top,
    ),
    Rule(
        "TOO_FEW_GOALS",
        OWNERSHIP,
        INFO,
        "Goals before, and none now",
        "An active owner of objectives whose last day is over has fewer under way on the day than the limit, while "
        "others have some; or the organization, at its top. Whoever has planned ahead only is not meant.",
        "A planning round went by without them.",
        "Plan with them, or close what is over.",
        (
            Limit("person", 1, "objectives of a person under way, at least"),
            Limit("team", 1, "objectives of a team under way, at least"),
            Limit("organization", 1, "top-level objectives under way, at least"),
        ),
        owner=too_few_goals,
        whole=too_few_at_the_top,
    ),
    Rule(
        "PERSON_WITHOUT_OBJECTIVE",
        OWNERSHIP,
        INFO,
        "Person without any part in a goal",
        "An active person owns no live goal, contributes to none, and no team of theirs owns one.",
        "They cannot see what their work is for.",
        "Agree on a goal with them, or name the team that they belong to.",
        owner=person_without_objective,
    ),
    Rule(
        "TEAM_WITHOUT_OBJECTIVE",
        OWNERSHIP,
        INFO,
        "Team without a goal",
        "Neither an active team, nor anybody in it or in the teams in it, owns a live goal.",
        "Its work is not in the picture, or it has none.",
        "Agree on a goal with the team, or deactivate it.",
        owner=team_without_objective,
    ),
    Rule(
        "ONLY_CONTRIBUTOR",
        OWNERSHIP,
        INFO,
        "Only a contributor",
        "An active person is listed on live goals of others and owns none.",
        "Being listed is not a responsibility.",
        "Let them own a key result of what they contribute to.",
        owner=only_contributor,
    ),
    Rule(
        "ONE_OWNER_AT_THE_TOP",
        OWNERSHIP,
        WARNING,
        "One person owns the whole top",
        "One person owns so much of the open top-level objectives, and at least so many.",
        "The top is then one person's list; nobody else answers for any part of it.",
        "Spread the top-level objectives over the people who can move them.",
        (
            Limit("part", 1, "share of the top-level objectives"),
            Limit("objectives", 2, "top-level objectives, at least"),
        ),
        whole=one_owner_at_the_top,
    ),
    Rule(
        "TOO_MANY_CONTRIBUTORS",
        OWNERSHIP,
        INFO,
        "More contributors than can work on it",
        "An active goal has more contributors than the limit.",
        "Where everybody is listed, nobody feels meant.",
        "Keep those who would notice if it failed.",
        (Limit("contributors", 10, "contributors of a goal"),),
        goal=too_many_contributors,
        among=with_many_links,
    ),
)
