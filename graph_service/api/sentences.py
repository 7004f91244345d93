"""What mutations and the fields of their inputs mean, in sentences for those who write clients."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "applyChanges": (
        "Does several changes, all or nothing, in one revision. Each is decided on what the ones before it have left;"
        " the path of a refusal names the change."
    ),
    "assignOwner": "Makes one person or team accountable for a goal, or nobody.",
    "checkInKeyResult": (
        "Reports on a key result: a value or milestones, confidence, a status as you see it, a note. What is reported"
        " is never changed; a later report may replace it."
    ),
    "checkInObjective": (
        "Reports on an objective: confidence, a status as you see it, a note; a value only where its progress is given"
        " by hand (driver MANUAL)."
    ),
    "closeGoal": (
        "Closes a goal with a score (its progress, unless one is given). An objective takes its active key results"
        " along. A goal that is closed already keeps the score and retrospective that are not given anew."
    ),
    "completeMilestone": "Says on which day a milestone was done, or that it is not done after all.",
    "createInitiative": "Makes a supporting project with its tasks. It never counts in the progress of goals.",
    "createKeyResult": (
        "Makes a key result of an objective. Without a measure it is read from the numbers: milestones make MILESTONES,"
        " baseline and target DELTA, a target or bounds alone THRESHOLD, nothing UNMEASURED."
    ),
    "createKpi": "Makes a running health measure with an accepted range, and names the key results that it measures.",
    "createObjective": "Makes an objective, under its parents in order; the first is the primary one.",
    "createPeriod": "Makes a time box, within another if one is given.",
    "createPerson": "Makes a person (or a post, or an office), with a manager and teams if they are given.",
    "createRole": "Makes a role charter: outcomes, metrics, areas of responsibility, what its holder brings.",
    "createTeam": "Makes a team, within another if one is given.",
    "deactivatePerson": "Says that a person left. What they own stays theirs until it is transferred.",
    "erasePerson": (
        "Erases a person: name, e-mail and attributes vanish everywhere, from all past revisions too. The id, and what"
        " hangs on it, stays. It cannot be taken back."
    ),
    "linkGoals": (
        "Links two goals: `from` supports `to`. KEY_RESULT_OF moves a key result to another objective. A link that"
        " would close a ring is refused, and the ring is named."
    ),
    "removeGoal": (
        "Removes a goal and all its links; an objective takes its key results along, the objectives under it stay."
        " restoreGoal brings it back."
    ),
    "removeInitiative": "Removes an initiative and its links.",
    "removeKpi": "Removes a KPI and its links.",
    "removeRole": "Removes a role charter and its links.",
    "removeTeam": "Removes a team and its links. One that owns goals or holds teams is refused, with their list.",
    "resolveReference": "Turns a broken reference into a link to what was meant, or drops it.",
    "restoreGoal": (
        "Brings a removed goal back, with the key results that went with it, its check-ins, and the links whose other"
        " ends are still there."
    ),
    "reviseKeyResult": (
        "Measures a key result otherwise from now on, with a reason; how it was measured before stays to be seen."
        " An absent field keeps what is there, null clears it."
    ),
    "setContributor": "Says in which roles somebody takes part in a goal; without roles they do not.",
    "setManager": (
        "Says whom a person reports to: the primary line, or with `dotted` a further one. Null, or `remove`, takes a"
        " line away."
    ),
    "setMembership": "Says whether a person is a member of a team, and by which roles they lead it.",
    "setPrimaryParent": "Puts one of an objective's parents first.",
    "transferOwnership": (
        "Hands over from one person or team to another: all goals and initiatives, or only the goals that are named."
    ),
    "unlinkGoals": "Takes a link between two goals away. If it was the primary parent, the next one is primary.",
    "updateInitiative": "Changes fields of an initiative. An absent field keeps what is there, null clears it.",
    "updateKeyResult": (
        "Changes fields of a key result. An absent field keeps what is there, null clears it. How it is measured"
        " changes here only while it is a draft without check-ins, after that by reviseKeyResult."
    ),
    "updateKpi": "Changes fields of a KPI, its value among them. An absent field keeps what is there, null clears it.",
    "updateLink": "Gives a link between two goals another weight.",
    "updateObjective": "Changes fields of an objective. An absent field keeps what is there, null clears it.",
    "updatePeriod": (
        "Changes fields of a period; goals that take their days from it follow. An absent field keeps what is there,"
        " null clears it."
    ),
    "updatePerson": "Changes fields of a person. An absent field keeps what is there, null clears it.",
    "updateRole": "Changes fields of a role charter. An absent field keeps what is there, null clears it.",
    "updateTeam": "Changes fields of a team. An absent field keeps what is there, null clears it.",
    "updateWorkspace": "Changes facts of the workspace itself: levels, status limits, cadence, time zone.",
}
"""What each mutation does."""

FIELDS: dict[str, str] = {
    "active": "Whether they are still here; absent: yes for what is new.",
    "aggregate": "Takes the value from aligned key results in this way, instead of from check-ins.",
    "alignmentNote": "How it serves the goals above it.",
    "ambition": "Whether it is to be reached in full, or a stretch.",
    "areas": "Areas of responsibility: the whole list, in order.",
    "at": "When it was so, not more than a day ahead; absent: now.",
    "atRiskLimit": "The gap up to which a goal is BEHIND: a share, 0.25 for 25 %.",
    "attributes": "What a client keeps here: a JSON object, taken as a whole.",
    "baseline": "Where a DELTA begins: the value that is 0 % of the way.",
    "behindLimit": "The gap up to which a goal is ON_TRACK: a share.",
    "brings": "What its holder brings: the whole list, in order.",
    "by": "Who reports it: a person or team; absent: whoever asks, where that is known.",
    "checkInDays": "A check-in is due every so many days.",
    "comparison": "When a THRESHOLD is met: at or above the target, at or below it, at it, or within bounds.",
    "confidence": "How sure they are that it will be reached: a share, 0.25 for 25 %.",
    "date": "The day for which the value is planned.",
    "description": "Why it is wanted, in up to 20,000 characters.",
    "done": "Whether the task is done; absent: no.",
    "doneAt": "The day it was done; absent or null: it is not done yet.",
    "dotted": "A further, dotted line instead of the primary one.",
    "driver": "What moves its progress: all that contributes, its key results, what lies under it, or a hand.",
    "driverReason": "Why its progress is moved by that and not by all that contributes.",
    "due": "Its last day, which belongs to it. Without one, that of its objective or period counts.",
    "email": "The e-mail address, as name@host. It vanishes when the person is erased.",
    "end": "The last day; it belongs to the period.",
    "from": "The id of the goal that supports.",
    "goalId": "The id of the objective or key result.",
    "goals": "Ids of the goals that change hands; absent: all, and all initiatives.",
    "holders": "Ids of the people who hold it: the whole list.",
    "id": "The id of the {what}.",
    "jobTitle": "What they do, in up to 200 characters.",
    "keyResultId": "The id of the key result.",
    "keyResults": "Ids of the key results it measures: the whole list.",
    "kind": "The kind of the link.",
    "leads": "The roles by which the person leads the team; an empty list: not at all; absent: as before.",
    "level": "One of the workspace's levels.",
    "levels": "The levels an objective may have, from the top: the whole list.",
    "managerId": "The id of the manager; null: nobody.",
    "manualProgress": "Progress given by hand, 0 to 1; it counts only with driver MANUAL.",
    "max": "The greatest value accepted; null: open.",
    "measure": "How what is reported becomes progress.",
    "member": "Whether the person is a member; absent: as before.",
    "metrics": "Ids of the key results it is seen by: the whole list.",
    "milestoneId": "The id of the milestone, within its key result.",
    "milestones": "Its milestones, in order: the whole list. One with a known id keeps the day it was done.",
    "milestonesDone": "Ids of milestones that are done.",
    "min": "The least value accepted; null: open.",
    "name": "The name that people read, in a line of up to 1,000 characters.",
    "nodeId": "The id of the node that keeps the reference.",
    "note": "What there is to say about it, in up to 20,000 characters.",
    "objectiveId": "The id of the objective.",
    "outgoing": "Whether the link would lead from the node (else to it); only needed where it keeps both.",
    "outcomes": "Ids of the objectives it stands for: the whole list.",
    "ownerId": "The id of the person or team that is accountable; null: nobody.",
    "parentId": "The id of the team it lies within; null: none.",
    "parents": "What it hangs under, in order; the first is the primary parent.",
    "periodId": "The id of the period it belongs to.",
    "personId": "The id of the person it is about.",
    "plan": "Planned values on distinct days, for what is not expected to grow evenly: the whole list.",
    "reason": "Why. The log keeps it.",
    "reference": "The text that was to name something, as the node keeps it.",
    "remove": "Takes the line away instead.",
    "replaces": "The id of a check-in that this one corrects.",
    "reportedStatus": "What they say of it: ON_TRACK, BEHIND or AT_RISK.",
    "retrospective": "What was learned, in up to 20,000 characters.",
    "roles": "In which roles: the whole list; an empty one ends it.",
    "score": "The score, 0 to 1; absent: its progress.",
    "source": "Where the report comes from, if from another tool.",
    "start": "Its first day. Without one, that of its objective or period counts.",
    "state": "Where it stands in its life.",
    "supports": "Ids of the goals it supports: the whole list.",
    "target": "Where a DELTA ends: the value that is all of the way. What a THRESHOLD compares with.",
    "targetMax": "The upper bound of BETWEEN; null: open.",
    "targetMin": "The lower bound of BETWEEN; null: open.",
    "tasks": "Its tasks, in order: the whole list.",
    "teamId": "The id of the team it is about.",
    "teamIds": "Ids of the teams they are a member of.",
    "themes": "Free labels to filter by: the whole list.",
    "timeZone": "The time zone whose days count, as Europe/Berlin.",
    "title": "What it is called, in a line of up to 1,000 characters.",
    "to": "The id of the goal that is supported.",
    "topLevel": "Whether it is meant to have no parent; null: by its level.",
    "type": "What kind of person or team it is, in your words: up to 200 characters.",
    "unit": "The unit of its values, in up to 200 characters.",
    "url": "Where it is followed; a web address.",
    "value": "The value as it was measured, in the unit of what is measured; not a share.",
    "weight": "Its weight beside others: 0 or more; 0 is shown and not counted.",
    "withinId": "The id of the period it lies within; null: none.",
}
"""What a field means, wherever it stands."""

SPECIAL: dict[tuple[str, str], str] = {
    ("assignOwner", "ownerId"): "The id of the person or team; null: nobody is accountable.",
    ("checkInKeyResult", "id"): "An id for the check-in; absent: one is made.",
    ("checkInObjective", "id"): "An id for the check-in; absent: one is made.",
    ("checkInObjective", "value"): "Progress given by hand, 0 to 1; only with driver MANUAL.",
    ("completeMilestone", "doneAt"): "The day it was done; absent: today; null takes the completion back.",
    ("createPeriod", "start"): "The first day of the period.",
    ("updatePeriod", "start"): "The first day of the period; null: open.",
    ("createInitiative", "start"): "The first day of the work.",
    ("updateInitiative", "start"): "The first day of the work; null: open.",
    ("createInitiative", "due"): "The last day of the work.",
    ("updateInitiative", "due"): "The last day of the work; null: open.",
    ("createInitiative", "ownerId"): "The id of the person or team that runs it.",
    ("createKeyResult", "weight"): "Its weight beside the objective's other contributors, 0 or more; absent: 1.",
    ("createKpi", "at"): "When the value was measured.",
    ("linkGoals", "kind"): "PARENT, ALIGNED or KEY_RESULT_OF; KEY_RESULT_OF moves a key result to another objective.",
    ("linkGoals", "weight"): (
        "Its weight beside others: 0 or more; 0 is shown and not counted. Absent in a new link: 1, for ALIGNED 0;"
        " updateLink needs it."
    ),
    ("resolveReference", "kind"): "The kind of link that was meant.",
    ("resolveReference", "to"): "The id that was meant; null: drop the reference.",
    ("reviseKeyResult", "reason"): "Why it is measured otherwise from now on.",
    ("setContributor", "ownerId"): "The id of the person or team that takes part.",
    ("setPrimaryParent", "parentId"): "The id of the parent that comes first from now on.",
    ("transferOwnership", "from"): "The id of the person or team that hands over.",
    ("transferOwnership", "to"): "The id of the person or team that takes over.",
    ("unlinkGoals", "kind"): "PARENT or ALIGNED.",
    ("updateInitiative", "ownerId"): "The id of the person or team that runs it; null: nobody.",
    ("updateKpi", "at"): "When the value was measured.",
    ("MilestoneInput", "due"): "The day by which it should be done.",
    ("MilestoneInput", "id"): "An id within the key result; absent: one is made.",
    ("MilestoneInput", "title"): "What is done then.",
    ("MilestoneInput", "weight"): "Its weight beside the others; absent: 1.",
    ("ParentInput", "id"): "The id of the objective or key result above.",
    ("ParentInput", "weight"): "Its weight in the parent's progress; absent: 1.",
    ("PlanPoint", "value"): "The value planned for the day.",
    ("Task", "title"): "What is to be done.",
}
"""What a field means in one input only; it comes before :data:`FIELDS`."""

KEY = (
    "Makes the change happen once, however often it is sent: the same key with the same input gives the same answer,"
    " with another input IDEMPOTENCY_MISMATCH. 1 to 200 characters, remembered for at least a day."
)
EXPECTED = "Refuses with CONFLICT unless this is the present revision of {what}."

UNLESS_SAID = {
    "comparison": "BETWEEN where bounds are given, else AT_LEAST",
    "driver": "ALL",
    "state": "ACTIVE",
}
"""What a field comes to when it is absent from a creation, or null in an update."""


ABOUT = {
    "Goal": "objective or key result",
    "KeyResult": "key result",
    "Kpi": "KPI",
    "Role": "role charter",
}
"""What the last word of a mutation's name stands for, where it is not that word itself."""


def _about(mutation: str) -> str:
    word = mutation.lstrip("abcdefghijklmnopqrstuvwxyz")
    return ABOUT.get(word, word.lower())


def taken(mutation: str) -> str:
    """The sentence of an input type."""
    said = SENTENCES[mutation]
    return f"What `{mutation}` takes: {said[0].lower()}{said[1:]}"


def answered(mutation: str) -> str:
    """The sentence of a payload."""
    return (
        f"What `{mutation}` answers: what it has made or changed and whose numbers moved by it, or why it was refused."
    )


def described(owner: str, name: str) -> str:
    """The sentence of a field of an input; ``owner`` is the mutation, or the value that it is part of."""
    text = (SPECIAL.get((owner, name)) or FIELDS[name]).replace("{what}", _about(owner))
    if name == "measure":
        text += " Absent: read from the numbers given." if owner.startswith("create") else " Null: UNMEASURED."
    elif name in UNLESS_SAID:
        text += f" {'Absent' if owner.startswith('create') else 'Null'}: {UNLESS_SAID[name]}."
    elif name == "id" and owner.startswith("create"):
        text = "An id of your own, never used before; absent: one is made."
    return text
