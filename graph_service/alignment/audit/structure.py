"""Rules of structure: how goals hang together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph_service.alignment.audit.look import Hit, Limit, Look, Rule, active
from graph_service.alignment.audit.report import Facts, RuleGroup, Severity
from graph_service.alignment.orphans import Orphan, why_orphan
from graph_service.alignment.terms import counts
from graph_service.alignment.vertices import AGGREGATE, Edge, GoalVertex, Vertex, way_up
from graph_service.models.checks import shown
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import GoalState, LinkKind, OrphanKind

STRUCTURE = RuleGroup.STRUCTURE
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Hits = Sequence[Hit]
NOTHING: Hits = ()
PARENT, ALIGNED, KEY_RESULT_OF = LinkKind.PARENT, LinkKind.ALIGNED, LinkKind.KEY_RESULT_OF
UPWARD = frozenset({PARENT, ALIGNED})
TOLD_ELSEWHERE = frozenset({LinkKind.OWNS, LinkKind.REPORTS_TO, KEY_RESULT_OF})
"""References to nothing of these kinds have rules of their own."""


# ---------- which goals can be meant ----------


def with_references(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals with a reference to nothing."""
    return [goal for goal in goals if goal.broken]


def with_several_ways(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals with more than one link up."""
    return [goal for goal in goals if len(goal.up) > 1]


def loose(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals that are no key result of an objective."""
    return [goal for goal in goals if not (up := goal.up) or up[0].kind is not KEY_RESULT_OF]


def of_other_times(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals with a link up to one of another pace."""
    return [goal for goal in goals if (up := goal.up) and (len(up) > 1 or up[0].parent.pace is not goal.pace)]


def not_reaching(look: Look, goals: Sequence[GoalVertex]) -> list[GoalVertex]:
    """Goals from which no way leads to the top."""
    reaching = look.reaching
    return [goal for goal in goals if goal not in reaching]


# ---------- orphans ----------


def _orphan(look: Look, goal: GoalVertex, kind: OrphanKind) -> Orphan | None:
    """Why a live objective is an orphan of a kind; None if it is none of that kind."""
    if goal in look.reaching:
        return None
    orphan = why_orphan(goal)
    return orphan if orphan.kind is kind else None


def orphan_unaligned(look: Look, goal: GoalVertex) -> Hits:
    """A live objective without any upward link."""
    if _orphan(look, goal, OrphanKind.UNALIGNED) is None:
        return NOTHING
    return (Hit(goal, f"{shown(goal.fact.title)} names no goal above it", {}),)


def orphan_broken(look: Look, goal: GoalVertex) -> Hits:
    """A live objective whose upward links lead to nothing, or to what is cancelled."""
    orphan = _orphan(look, goal, OrphanKind.BROKEN)
    if orphan is None:
        return NOTHING
    references = tuple(sorted({one.reference for one in goal.broken if one.outgoing and one.kind in UPWARD}))
    cancelled = tuple(sorted({edge.parent.fact.id for edge in goal.up if look.sees(edge.parent)}))
    said = f"{shown(goal.fact.title)} leads up to nothing: {orphan.reason}"
    return (Hit(goal, said, {"cancelled": cancelled, "references": references}),)


def orphan_adrift(look: Look, goal: GoalVertex) -> Hits:
    """A live objective whose links lead to goals that lead nowhere."""
    if _orphan(look, goal, OrphanKind.ADRIFT) is None:
        return NOTHING
    parents = [edge.parent for edge in goal.up if look.sees(edge.parent)]
    names = ", ".join(shown(above.fact.title) for above in parents[:3]) + (" ..." if len(parents) > 3 else "")
    said = f"{shown(goal.fact.title)} hangs under {names or 'other goals'}, which reaches nothing top-level"
    return (Hit(goal, said, {"above": tuple(sorted({above.fact.id for above in parents}))}),)


# ---------- references and loose ends ----------


def broken_reference(look: Look, goal: GoalVertex) -> Hits:
    """References of a goal to nothing; those of a broken orphan stand there."""
    if not goal.broken:
        return NOTHING
    orphan = goal.is_objective and _orphan(look, goal, OrphanKind.BROKEN) is not None
    return _broken(goal, shown(goal.fact.title), upward=not orphan)


def broken_reference_of_owner(look: Look, owner: Vertex) -> Hits:
    """References of an active person or team to nothing."""
    fact = owner.fact
    assert isinstance(fact, Person | Team)
    return _broken(owner, shown(fact.name), upward=True) if owner.broken and fact.active else NOTHING


def _broken(vertex: Vertex, title: str, *, upward: bool) -> Hits:
    hits = []
    for one in vertex.broken:
        if one.kind in TOLD_ELSEWHERE or (not upward and one.outgoing and one.kind in UPWARD):
            continue
        way = "names" if one.outgoing else "is named by"
        said = f"{title} {way} {shown(one.reference)} ({one.kind.name}), which does not exist"
        hits.append(Hit(vertex, said, {"kind": one.kind.name, "outgoing": one.outgoing, "reference": one.reference}))
    return hits


def key_result_loose(look: Look, goal: GoalVertex) -> Hits:
    """A key result without an objective."""
    if goal.objective is not None:
        return NOTHING
    names = tuple(sorted({one.reference for one in goal.broken if one.outgoing and one.kind is KEY_RESULT_OF}))
    why = f": it names {', '.join(map(shown, names))}, which does not exist" if names else ""
    return (Hit(goal, f"{shown(goal.fact.title)} belongs to no objective{why}", {"references": names}),)


def unsupported(look: Look, goal: GoalVertex) -> Hits:
    """A top-level or department objective with no live objective under it, nor under its key results."""
    fact = goal.fact
    assert isinstance(fact, Objective)
    top = look.top_level(goal)
    if not (top or look.role(fact.level) == "department") or _supported(goal):
        return NOTHING
    kind = "top-level objective" if top else f"objective of level {shown(fact.level)}"
    return (Hit(goal, f"nothing is aligned under the {kind} {shown(fact.title)}", {}),)


def _supported(goal: GoalVertex) -> bool:
    for edge in goal.down:
        child = edge.child
        if edge.kind is not KEY_RESULT_OF:
            if child.live:
                return True
        elif any(below.kind in UPWARD and below.child.live for below in child.down):
            return True
    return False


def top_level_with_parent(look: Look, goal: GoalVertex) -> Hits:
    """An objective that is meant to have no parent and has one."""
    if not look.top_level(goal):
        return NOTHING
    parents = [edge.parent for edge in goal.up if edge.kind is PARENT and look.sees(edge.parent)]
    if not parents:
        return NOTHING
    fact = goal.fact
    assert isinstance(fact, Objective)
    why = "topLevel true" if fact.top_level else f"level {shown(fact.level)}"
    said = f"{shown(fact.title)} is meant to be at the top ({why}) and hangs under {shown(parents[0].fact.title)}"
    return (Hit(goal, said, {"parents": tuple(sorted(above.fact.id for above in parents))}),)


# ---------- time ----------


def period_mismatch(look: Look, goal: GoalVertex) -> Hits:
    """A goal that ends after the one it hangs under, or shares no day with it."""
    pace = goal.pace
    if not goal.up or (pace.start is None and pace.due is None):
        return NOTHING
    hits = []
    for edge in goal.up:
        above = edge.parent.pace
        if edge.kind is ALIGNED or above is pace or not active(edge.parent) or not look.sees(edge.parent):
            continue
        apart = (pace.start is not None and above.due is not None and pace.start > above.due) or (
            pace.due is not None and above.start is not None and pace.due < above.start
        )
        late = 0 if pace.due is None or above.due is None else pace.due - above.due
        if not apart and late <= look.limits["PERIOD_MISMATCH", "days"]:
            continue
        mine, theirs = f"{_day(pace.start)} to {_day(pace.due)}", f"{_day(above.start)} to {_day(above.due)}"
        what = "shares no day with" if apart else "ends after"
        said = f"{shown(goal.fact.title)} ({mine}) {what} {shown(edge.parent.fact.title)} above it ({theirs})"
        hits.append(Hit(goal, said, {"above": edge.parent.fact.id, "aboveTime": theirs, "apart": apart, "time": mine}))
    return hits


def _day(ordinal: int | None) -> str:
    return "-" if ordinal is None else date.fromordinal(ordinal).isoformat()


# ---------- several ways up ----------


def redundant_link(look: Look, goal: GoalVertex) -> Hits:
    """Links of a goal that say what a longer way says too."""
    hits = []
    for edge in goal.up:
        target = edge.parent
        if edge.kind is KEY_RESULT_OF or not look.sees(target) or target.fact.state is GoalState.CANCELLED:
            continue
        found = _longer_way(look, goal, edge)
        if found is None:
            continue
        way, other = found
        over = " and ".join(shown(one.fact.title) for one in way[:2]) + (" ..." if len(way) > 2 else "")
        by = f"over {over}" if way else f"by {other.kind.name}"
        names = f"{shown(goal.fact.title)} reaches {shown(target.fact.title)}"
        facts: Facts = {"kind": edge.kind.name, "to": target.fact.id, "way": tuple([one.fact.id for one in way])}
        hits.append(Hit(goal, f"{names} {by} too; its {edge.kind.name} link adds nothing", facts))
    return hits


def _longer_way(look: Look, goal: GoalVertex, edge: Edge) -> tuple[tuple[GoalVertex, ...], Edge] | None:
    """Another way from a goal to where one of its links leads: the goals on it, and the link that it begins with. None
    without one. Between the same two goals only a stronger kind of link is one."""
    target = edge.parent
    for other in goal.up:
        if other is edge or not other.ladders or not look.sees(other.parent):
            continue
        if other.parent is target:
            if not edge.ladders and other.kind is not edge.kind:
                return (), other
            continue
        way = way_up(other.parent, target)
        if way and all(look.sees(one) for one in way):
            return way, other
    return None


def double_counted(look: Look, goal: GoalVertex) -> Hits:
    """A goal that counts more than once in the same goal above: told with the nearest goals where the ways meet."""
    giving = [edge.parent for edge in goal.up if _gives(edge)]
    if len(giving) < 2:
        return NOTHING
    known = look.once(counting_above)
    reached: set[GoalVertex] = set()
    joins: set[GoalVertex] = set()
    for parent in giving:
        over = _counted_in(parent, known)
        if reached:
            joins |= reached & over
            if parent in reached:
                joins.add(parent)
        reached |= over
        reached.add(parent)
    if not joins:
        return NOTHING
    nearest = [it for it in joins if look.sees(it) and not any(it in _counted_in(low, known) for low in joins)]
    if not nearest:
        return NOTHING
    nearest.sort(key=lambda it: it.fact.id)
    names = ", ".join(shown(it.fact.title) for it in nearest[:3]) + (" ..." if len(nearest) > 3 else "")
    said = f"{shown(goal.fact.title)} counts by more than one way in {names}"
    return (Hit(goal, said, {"in": tuple([it.fact.id for it in nearest])}),)


Above = dict[GoalVertex, frozenset[GoalVertex]]


def counting_above(look: Look) -> Above:
    """What was found of the goals in which others count, all the way up; filled as they are met."""
    return {}


def _counted_in(goal: GoalVertex, known: Above) -> frozenset[GoalVertex]:
    """All goals above one in which it counts now, by any way; without recursion, since ladders may be long."""
    found = known.get(goal)
    if found is not None:
        return found
    waiting = [goal]
    while waiting:
        one = waiting[-1]
        giving = [edge.parent for edge in one.up if _gives(edge)]
        missing = [parent for parent in giving if parent not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        known[one] = frozenset(giving).union(*[known[parent] for parent in giving])
    return known[goal]


def _gives(edge: Edge) -> bool:
    """Whether a goal counts in the one above it now."""
    child = edge.child
    given = child.amount if edge.parent.mode == AGGREGATE else child.value
    return given is not None and counts(edge)


RULES = (
    Rule(
        "ORPHAN_UNALIGNED",
        STRUCTURE,
        ERROR,
        "Objective without any upward link",
        "A live objective is not meant to be at the top and names no goal above it.",
        "Nobody can see what the work is for, and it counts nowhere.",
        "Link it to the goal that it serves, mark it as top-level, or cancel it.",
        goal=orphan_unaligned,
        among=not_reaching,
        key_results=False,
        only_active=False,
        ways=True,
    ),
    Rule(
        "ORPHAN_BROKEN",
        STRUCTURE,
        ERROR,
        "Objective whose upward links lead to nothing",
        "A live objective names goals above it, none of which exists and is not cancelled.",
        "It was aligned once, and what it served is gone: perhaps the work is done for nothing.",
        "Repair the reference, link it to what took the place of the old goal, or cancel it too.",
        goal=orphan_broken,
        among=not_reaching,
        key_results=False,
        only_active=False,
        ways=True,
    ),
    Rule(
        "ORPHAN_ADRIFT",
        STRUCTURE,
        WARNING,
        "Objective in a tree without a top",
        "A live objective hangs under goals from which no way leads to a top-level objective.",
        "The whole branch counts nowhere; one link at its top mends it for all below.",
        "Link the uppermost goal of the branch to the goal that it serves, or mark it as top-level.",
        goal=orphan_adrift,
        among=not_reaching,
        key_results=False,
        only_active=False,
        ways=True,
    ),
    Rule(
        "BROKEN_REFERENCE",
        STRUCTURE,
        WARNING,
        "Reference to nothing",
        "A live goal, or an active person or team, names what does not exist. Owners, managers, objectives of key "
        "results and the upward links of broken orphans have rules of their own.",
        "Somebody meant a link, and it is missing from every answer.",
        "Repair the reference (resolveReference), add what it names, or drop it.",
        goal=broken_reference,
        among=with_references,
        owner=broken_reference_of_owner,
        only_active=False,
    ),
    Rule(
        "KEY_RESULT_LOOSE",
        STRUCTURE,
        ERROR,
        "Key result without an objective",
        "A live key result belongs to no objective.",
        "It is measured and counts nowhere.",
        "Attach it to the objective that it tells about (a KEY_RESULT_OF link), or remove it.",
        goal=key_result_loose,
        among=loose,
        objectives=False,
        only_active=False,
    ),
    Rule(
        "UNSUPPORTED",
        STRUCTURE,
        WARNING,
        "Nothing aligned under a goal of the top",
        "An active objective is top-level, or of a level that stands for a department, and no live objective hangs "
        "under it or its key results, nor is aligned to them.",
        "What the organization wants most is nobody's work yet.",
        "Cascade it: which team's goal would move it? If it is done where it stands, suppress the finding.",
        goal=unsupported,
        key_results=False,
    ),
    Rule(
        "PERIOD_MISMATCH",
        STRUCTURE,
        WARNING,
        "Times that do not fit",
        "An active goal ends after the one that it hangs under (by PARENT or KEY_RESULT_OF), or shares no day with it.",
        "Its result comes too late to count where it is meant to.",
        "Move the dates or the period, or hang it under the goal of its own time.",
        (Limit("days", 0, "days that a goal may end after the one above it"),),
        goal=period_mismatch,
        among=of_other_times,
    ),
    Rule(
        "REDUNDANT_LINK",
        STRUCTURE,
        INFO,
        "Link that a longer way implies",
        "An active goal hangs under another one, or is aligned to it, and reaches it by a longer way too.",
        "It makes pictures hard to read, and if it counts, numbers count twice.",
        "Take the direct link out, or the longer way, whichever is not meant.",
        goal=redundant_link,
        among=with_several_ways,
        ways=True,
    ),
    Rule(
        "DOUBLE_COUNTED",
        STRUCTURE,
        WARNING,
        "Goal that counts more than once",
        "Two or more ways of links that count lead from a live, measured goal up to the same goal. What lies below it "
        "counts as often and is not told again.",
        "Its progress weighs more above than anybody decided.",
        "Give one of the links the weight 0, or take it out; `explain` shows the ways.",
        goal=double_counted,
        among=with_several_ways,
        only_active=False,
        ways=True,
    ),
    Rule(
        "TOP_LEVEL_WITH_PARENT",
        STRUCTURE,
        WARNING,
        "Top-level objective under another goal",
        "An active objective is meant to have no parent (as said of it, or by its level) and has one.",
        "Either it is not at the top, or the link is wrong; answers about the top go astray.",
        "Take the parent out, align it instead, or set topLevel to false.",
        goal=top_level_with_parent,
        key_results=False,
    ),
)
