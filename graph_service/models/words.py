"""The closed sets of words. Values are the lower-case words of record files; GraphQL shows the names."""

from __future__ import annotations

from enum import StrEnum


class GoalState(StrEnum):
    """Where a goal stands in its life, said by people. Live = active or closed."""

    DRAFT = "draft"
    ACTIVE = "active"
    POSTPONED = "postponed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


LIVE = frozenset({GoalState.ACTIVE, GoalState.CLOSED})


class Status(StrEnum):
    """How a goal stands on a day, computed from state, dates and progress."""

    DRAFT = "draft"
    POSTPONED = "postponed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    NO_DATA = "no_data"
    NOT_STARTED = "not_started"
    NO_DATES = "no_dates"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    ACHIEVED = "achieved"


REPORTABLE = frozenset({Status.ON_TRACK, Status.BEHIND, Status.AT_RISK})


class Measure(StrEnum):
    """How a key result turns what was reported into progress."""

    DELTA = "delta"
    THRESHOLD = "threshold"
    MILESTONES = "milestones"
    ROLLUP = "rollup"
    UNMEASURED = "unmeasured"


class Comparison(StrEnum):
    """When a threshold is met; the bounds themselves meet it."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    BETWEEN = "between"


class Aggregate(StrEnum):
    """How a key result takes its value from its sources."""

    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"


class Driver(StrEnum):
    """What moves an objective: all contributors, its key results, what lies under it, or a given value."""

    ALL = "all"
    KEY_RESULTS = "key_results"
    CHILDREN = "children"
    MANUAL = "manual"


class Ambition(StrEnum):
    """Meant to be reached in full, or a stretch."""

    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class LinkKind(StrEnum):
    """The kinds of edges. The first three join goals; what they mean for the rollup is said there."""

    KEY_RESULT_OF = "key_result_of"
    PARENT = "parent"
    ALIGNED = "aligned"
    OWNS = "owns"
    CONTRIBUTES_TO = "contributes_to"
    MEMBER_OF = "member_of"
    PART_OF = "part_of"
    REPORTS_TO = "reports_to"
    LEADS = "leads"
    SUPPORTS = "supports"
    MEASURED_BY = "measured_by"
    HOLDS = "holds"
    CHARTERS = "charters"
    WITHIN = "within"


GOAL_LINKS = frozenset({LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED})


class OrphanKind(StrEnum):
    """Why no upward path of a live objective reaches a top-level one."""

    UNALIGNED = "unaligned"
    BROKEN = "broken"
    ADRIFT = "adrift"


class Scope(StrEnum):
    """How far an access token lets its bearer in; each may do all that the one before may."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
