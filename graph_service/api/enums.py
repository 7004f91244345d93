"""The closed sets of words as GraphQL enums, each value with a sentence."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TypeVar

import strawberry

from graph_service.alignment.audit.report import RuleGroup, Severity, Sight
from graph_service.errors import ErrorCode
from graph_service.models.words import (
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    LinkKind,
    Measure,
    OrphanKind,
    Status,
)

E = TypeVar("E", bound=type[Enum])


class Direction(StrEnum):
    """Which end of an order comes first."""

    ASC = "asc"
    DESC = "desc"


class GoalOrderBy(StrEnum):
    """What goals can be ordered by."""

    ID = "id"
    TITLE = "title"
    PROGRESS = "progress"
    EXPECTED = "expected"
    GAP = "gap"
    CONFIDENCE = "confidence"
    DUE = "due"
    LAST_CHECK_IN = "last_check_in"
    REVISION = "revision"


class OwnerKind(StrEnum):
    """Who can be accountable for a goal."""

    PERSON = "person"
    TEAM = "team"


def described(enum: E, description: str, **values: str) -> E:
    """The enum made known to GraphQL, with a sentence for every value: none is missing, none too many."""
    assert set(values) == set(enum.__members__), enum
    strawberry.enum(enum, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return enum


described(
    GoalState,
    "Where a goal stands in its life, as people say it. A goal is live while it is active or closed.",
    DRAFT="Being written; it counts nowhere yet.",
    ACTIVE="Being worked on.",
    POSTPONED="Set aside for now; it does not count.",
    CLOSED="Over, with a score; it still counts.",
    CANCELLED="Given up; it does not count.",
)
described(
    Status,
    "How a goal stands on a day, computed from state, dates and progress; the first that holds, in this order.",
    DRAFT="Its state is draft.",
    POSTPONED="Its state is postponed (an active key result takes its objective's state).",
    CLOSED="Its state is closed.",
    CANCELLED="Its state is cancelled.",
    NO_DATA="Nothing that counts for it is measured, so it has no progress.",
    NOT_STARTED="Its first day is still to come.",
    NO_DATES="Without a start and a due day nothing can be expected of it.",
    ON_TRACK="Progress is as expected, or complete but could still be lost before a due day.",
    BEHIND="Progress is short of what is expected by no more than the workspace's at-risk limit.",
    AT_RISK="Progress is short of what is expected by more than the workspace's at-risk limit.",
    OVERDUE="Its due day has passed and it is not complete.",
    ACHIEVED="Progress is complete.",
)
described(
    Measure,
    "How a key result turns what was reported into progress.",
    DELTA="The share of the way from baseline to target, up or down alike.",
    THRESHOLD="Complete while its comparison holds, else 0.",
    MILESTONES="The weight of the milestones that are done, as a share of all.",
    ROLLUP="From the objectives under it, as an objective's.",
    UNMEASURED="Text only; it has no progress.",
)
described(
    Comparison,
    "When a threshold is met; the bounds themselves meet it.",
    AT_LEAST="The value is the target or more.",
    AT_MOST="The value is the target or less.",
    EXACTLY="The value is the target.",
    BETWEEN="The value lies between targetMin and targetMax; either side may be open.",
)
described(
    Aggregate,
    "How a key result takes its value from the key results that are aligned to it with a weight.",
    SUM="The sum of weight times value.",
    MEAN="The weighted mean of the values.",
    MIN="The least of the values.",
    MAX="The greatest of the values.",
)
described(
    Driver,
    "What moves an objective's progress.",
    ALL="Everything that counts under it: its key results, its child objectives and what is aligned with a weight.",
    KEY_RESULTS="Its key results only.",
    CHILDREN="Its child objectives and what is aligned with a weight, not its key results.",
    MANUAL="A value given by hand, with a reason.",
)
described(
    Ambition,
    "How an objective is meant.",
    COMMITTED="To be reached in full.",
    ASPIRATIONAL="A stretch: to come near is already good.",
)
described(
    LinkKind,
    "The kinds of links. The first three join goals, from what supports to what is supported.",
    KEY_RESULT_OF="A key result belongs to its one objective.",
    PARENT="An objective hangs under an objective or a key result; the first parent is the primary one.",
    ALIGNED="A goal helps another across the tree; it counts only if it is given a weight.",
    OWNS="A person or team is accountable for a goal.",
    CONTRIBUTES_TO="A person or team takes part in a goal, in some roles.",
    MEMBER_OF="A person is a member of a team.",
    PART_OF="A team lies within another.",
    REPORTS_TO="A person reports to another; one line is the primary one, others are dotted.",
    LEADS="A person leads a team, in some roles.",
    SUPPORTS="An initiative supports a goal; it never counts.",
    MEASURED_BY="A key result is measured by a KPI.",
    HOLDS="A person holds a role.",
    CHARTERS="A role is chartered for an objective (an outcome) or a key result (a metric).",
    WITHIN="A period lies within another.",
)
described(
    OrphanKind,
    "Why no upward path of a live objective reaches a top-level one.",
    UNALIGNED="It names no upward link at all.",
    BROKEN="It names some, and none leads to a goal that exists and is not cancelled.",
    ADRIFT="Its links lead up to nothing that is top-level.",
)
described(
    ErrorCode,
    "Why a change was refused.",
    NOT_FOUND="An id names nothing.",
    INVALID="A field holds something that cannot be.",
    CONFLICT="The expected revision is not the present one; `revision` says which is.",
    CYCLE="The link would close a ring; `nodes` lists it.",
    DUPLICATE="The id was given out before, or the link exists already.",
    FORBIDDEN="You may see the thing but not do this to it.",
    IDEMPOTENCY_MISMATCH="The idempotency key was used before with another input.",
    LIMIT="A documented limit would be passed.",
)
described(
    Direction,
    "Which end of an order comes first. What has no value comes last either way.",
    ASC="The least first.",
    DESC="The greatest first.",
)
described(
    GoalOrderBy,
    "What goals can be ordered by; equal ones follow by id, in the same direction.",
    ID="By id.",
    TITLE="By title, without regard to case and accents.",
    PROGRESS="By progress.",
    EXPECTED="By the progress expected on the day (`filter.asOf`, else today).",
    GAP="By expected minus actual progress on the day (`filter.asOf`, else today).",
    CONFIDENCE="By confidence.",
    DUE="By the resolved due day (`endsOn`).",
    LAST_CHECK_IN="By the moment of the last check-in.",
    REVISION="By the revision that last changed the goal itself.",
)
described(
    OwnerKind,
    "Who can be accountable for a goal.",
    PERSON="A person (or a post, or an office).",
    TEAM="A team, whatever kind of team it is.",
)

described(
    Severity,
    "How grave a finding is.",
    ERROR="Somebody has to mend it.",
    WARNING="Somebody should look at it.",
    INFO="Worth knowing.",
    OFF="The rule does not run.",
)
described(
    RuleGroup,
    "What a rule of the audit looks at.",
    STRUCTURE="How goals hang together.",
    OWNERSHIP="Whose goals are whose, and who reports to whom.",
    WORDING="What goals say, and leave out.",
    PROGRESS="Numbers that moved too early, not at all, backwards, or that nobody reports.",
    AUDIT="Exceptions from the audit itself.",
)
described(
    Sight,
    "How somebody sees a top-level goal.",
    OWN="By a goal of their own.",
    CONTRIBUTION="By a goal that they contribute to.",
    TEAM="By a goal of a team of theirs.",
    NONE="Not at all.",
)

__all__ = ["Direction", "ErrorCode", "GoalOrderBy", "OwnerKind", "described"]
