"""The report of an audit as one value: what every form of it (page, table, sheet, SARIF ...) is drawn from.

Names and words are those of GraphQL, so the value is its own JSON form, both ways. Every tuple is sorted as its
docstring says, days are those asked for, and nothing in it comes from a clock: the same graph, rules and day give the
same value. Goals and owners are told once, in ``goals``, ``people`` and ``teams``; everywhere else stands their id.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

FORMAT = "graph-service-audit/1"
"""What a file must say in ``format`` to be read as a report."""


class Severity(StrEnum):
    """How grave a finding is; OFF: the rule does not run."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"
    OFF = "OFF"


class RuleGroup(StrEnum):
    """What a rule looks at; AUDIT is for the exceptions from the audit itself."""

    STRUCTURE = "STRUCTURE"
    OWNERSHIP = "OWNERSHIP"
    WORDING = "WORDING"
    PROGRESS = "PROGRESS"
    AUDIT = "AUDIT"


class SubjectKind(StrEnum):
    """What a finding is about; WORKSPACE: the whole, or a line of the rules file."""

    OBJECTIVE = "OBJECTIVE"
    KEY_RESULT = "KEY_RESULT"
    PERSON = "PERSON"
    TEAM = "TEAM"
    WORKSPACE = "WORKSPACE"


class Sight(StrEnum):
    """How somebody sees the top: by a goal they own, by one they contribute to, by one of their team; or not."""

    OWN = "OWN"
    CONTRIBUTION = "CONTRIBUTION"
    TEAM = "TEAM"
    NONE = "NONE"


class Part(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Base of the values that a report is made of; its fields are in camel case in JSON."""


Plain = str | int | float | bool | None | tuple[str, ...]
Facts = dict[str, Plain]


# ---------- findings ----------


class Subject(Part, frozen=True):
    """A node by its id, with its title (of an owner: the name; of the workspace: empty)."""

    kind: SubjectKind
    id: str
    title: str


class Place(Part, frozen=True):
    """Where a file has the record of a subject: the file as it was named, the line counted from 1."""

    file: str
    line: int


class Finding(Part, frozen=True):
    """One thing that a rule noticed.

    ``message`` is a sentence with field and value, ``advice`` what to do. ``facts`` make the finding (sorted by name;
    shares 0..1, days as YYYY-MM-DD), ``today`` holds what only the day adds (days late, progress expected by now).
    ``fingerprint`` stands for rule, subject and facts, and so stays the same on another day. ``owner`` is the owner of
    a goal, or the subject itself where that is an owner; ``place`` is known only where files are audited directly.
    """

    rule: str
    severity: Severity
    group: RuleGroup
    subject: Subject
    owner: Subject | None
    message: str
    advice: str
    facts: Facts
    today: Facts
    fingerprint: str
    place: Place | None = None


class Suppressed(Part, frozen=True):
    """A finding that somebody put up with: why, who, until when (None: for good), and whether it is said on the node
    itself or in the rules file."""

    finding: Finding
    reason: str
    by: str | None
    until: date | None
    on_node: bool


class LimitInForce(Part, frozen=True):
    """One limit of a rule: its value in this audit, its default, and what it limits."""

    name: str
    value: float
    default: float
    meaning: str


class RuleInForce(Part, frozen=True):
    """A rule of the catalogue as this audit used it. ``title`` names it in a few words, ``meaning`` says when it fires,
    ``why`` why that matters, ``advice`` what to do; ``findings`` and ``suppressed`` count."""

    id: str
    group: RuleGroup
    severity: Severity
    default_severity: Severity
    title: str
    meaning: str
    why: str
    advice: str
    limits: tuple[LimitInForce, ...]
    findings: int
    suppressed: int


class Totals(Part, frozen=True):
    """Findings by severity; suppressed ones stand apart."""

    errors: int
    warnings: int
    infos: int
    suppressed: int = 0


# ---------- figures ----------


class HealthFigure(Part, frozen=True):
    """A share of ``of`` things that are as they should be: ``good`` of them (``share`` 0..1; None where there are
    none), and the ids of those that are not, sorted."""

    share: float | None
    good: int
    of: int
    missing: tuple[str, ...]


class Health(Part, frozen=True):
    """Four plain figures. Alignment: live objectives that reach a top-level one. Ownership: live goals with an active
    owner. Measurability: live key results that have a number. Freshness: active key results that take check-ins, are
    under way and have one within the cadence."""

    alignment: HealthFigure
    ownership: HealthFigure
    measurability: HealthFigure
    freshness: HealthFigure


# ---------- goals and owners ----------


class GoalRow(Part, frozen=True):
    """A goal that is not cancelled, on the day. ``status`` is the name of a status; ``progress``, ``expected`` and
    ``coverage`` are shares; ``starts_on`` and ``ends_on`` are resolved. ``top`` is the id of the nearest top-level
    objective above it (itself, if it is one; None: it reaches none); ``findings`` counts those about it."""

    id: str
    kind: SubjectKind
    title: str
    level: str | None
    period: str | None
    owner: str | None
    objective: str | None
    parent: str | None
    top: str | None
    status: str
    progress: float | None
    expected: float | None
    coverage: float
    starts_on: date | None
    ends_on: date | None
    last_check_in: date | None
    findings: int


class Contribution(Part, frozen=True):
    """A live goal that somebody contributes to, and in which roles (sorted)."""

    goal: str
    roles: tuple[str, ...]


class Load(Part, frozen=True):
    """How many live objectives an owner has in one period (None: without one), against the limit for such an owner."""

    period: str | None
    objectives: int
    limit: int
    over: bool


class Holding(Part, frozen=True):
    """What somebody, or a group, has in hand. ``progress`` is the plain mean of the measured goals (a share; None
    without any), ``measured`` counts them; ``statuses`` counts goals by the name of their status. ``findings`` are
    those about the goals and the owners themselves."""

    objectives: int
    key_results: int
    contributions: int
    progress: float | None
    measured: int
    statuses: dict[str, int]
    findings: Totals


class PersonAudit(Part, frozen=True):
    """A person: place in the organization, what they own (``goals``: ids, objectives first, then by id) and contribute
    to (by goal), their load by period, and how they see the top (``top``: the top-level objective that they see).

    Inactive people are listed as long as they own or contribute to live goals, lead a team or have reports."""

    id: str
    name: str
    job_title: str | None
    active: bool
    manager: str | None
    teams: tuple[str, ...]
    reports: int
    goals: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    load: tuple[Load, ...]
    holding: Holding
    sight: Sight
    top: str | None


class TeamAudit(Part, frozen=True):
    """A team: what it owns itself (``goals``, ``contributions``, ``load``, ``holding``), and ``within`` it: with its
    people and the teams in it, everything counted once. ``people`` are members and leads, ``teams`` lie right in it;
    ``without_goal`` are its active people who own no live goal. All ids are sorted; leads stand in ``leads`` too."""

    id: str
    name: str
    type: str | None
    active: bool
    parent: str | None
    leads: tuple[str, ...]
    people: tuple[str, ...]
    teams: tuple[str, ...]
    goals: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    load: tuple[Load, ...]
    holding: Holding
    within: Holding
    without_goal: tuple[str, ...]


# ---------- the organization ----------


class LineOfSight(Part, frozen=True):
    """How many active people see a top-level objective, and how: by a goal of their own, else by one they contribute
    to, else by one of a team of theirs. ``share`` is that of all three (None: nobody is active); ``missing`` are those
    who see none."""

    share: float | None
    own: int
    contribution: int
    team: int
    of: int
    missing: tuple[str, ...]


class SpanCount(Part, frozen=True):
    """So many people have so many direct reports."""

    reports: int
    people: int


class ReportingTree(Part, frozen=True):
    """The tree of primary reporting lines among active people. ``tops`` report to nobody and have reports; ``depth``
    counts the levels (0 without any line); spans are direct reports of those who have some: their mean (None: nobody
    has any), the greatest with its holders, and how often each occurs (by number). ``apart`` are people without any
    line. ``broken`` report to somebody who left or does not exist, ``circular`` stand in a ring of lines."""

    tops: tuple[str, ...]
    depth: int
    managers: int
    mean_span: float | None
    widest_span: int
    widest: tuple[str, ...]
    spans: tuple[SpanCount, ...]
    apart: tuple[str, ...]
    broken: tuple[str, ...]
    circular: tuple[str, ...]


class TopOwner(Part, frozen=True):
    """An owner of top-level objectives, and how many of the live ones."""

    owner: str
    objectives: int


class AlikeOwners(Part, frozen=True):
    """Owners who are perhaps one and the same, by id: their names differ in case, accents, spacing or initials only
    (``alike`` says in which)."""

    owners: tuple[str, ...]
    names: tuple[str, ...]
    alike: str


class Organization(Part, frozen=True):
    """The whole, as far as ownership goes. Counts are of active people, active teams and live goals. ``unowned``: no
    owner; ``unknown``: names one that does not exist; ``inactive``: the owner left; ``outside``: the owner's team is
    outside the goal's responsibility tree: ids of goals. ``top_owners`` by number of top-level objectives, most first.
    ``people_without_goal`` and ``teams_without_goal`` own no live goal (of teams: nor do their people and the teams in
    them); ``contributors_only`` are listed on live goals and own none."""

    people: int
    teams: int
    objectives: int
    key_results: int
    unowned: tuple[str, ...]
    unknown: tuple[str, ...]
    inactive: tuple[str, ...]
    outside: tuple[str, ...]
    people_without_goal: tuple[str, ...]
    teams_without_goal: tuple[str, ...]
    contributors_only: tuple[str, ...]
    top_level: int
    top_owners: tuple[TopOwner, ...]
    sight: LineOfSight
    reporting: ReportingTree
    alike: tuple[AlikeOwners, ...]


class Handover(Part, frozen=True):
    """Somebody who left, and what still hangs on them (ids, sorted): goals they own, goals they contribute to, people
    who report to them, teams they lead. ``to`` is who could take over: the nearest active manager above them, else an
    active lead of a team of theirs; ``why`` says which."""

    owner: str
    goals: tuple[str, ...]
    contributions: tuple[str, ...]
    reports: tuple[str, ...]
    leads: tuple[str, ...]
    to: str | None
    why: str


# ---------- files, comparison, trend ----------


class QuarantinedLink(Part, frozen=True, rename={"source": "from", "target": "to"}):
    """A link of a record file: from, to, and the name of its kind."""

    source: str
    target: str
    kind: str


class Quarantined(Part, frozen=True):
    """What a file says that could not be taken as it stands: the place, the record, the field and its value as text,
    what is wrong (``problem``, a code as MALFORMED or DANGLING), what was done about it (``action``), and the link that
    it is about, if any."""

    place: Place
    id: str | None
    field: str
    value: str
    problem: str
    message: str
    action: str
    link: QuarantinedLink | None = None


class Changed(Part, frozen=True):
    """A finding of the same rule and subject as before, on other facts."""

    before: Finding
    now: Finding


class Comparison(Part, frozen=True):
    """Against an earlier report: findings that are ``new``, ``fixed`` (gone), ``open`` (the same) and ``changed``; each
    in the order of findings. ``health`` are the figures of then."""

    as_of: date
    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    open: tuple[Finding, ...]
    changed: tuple[Changed, ...]
    health: Health


class AuditSnapshot(Part, frozen=True):
    """An audit in small, as it is stored for the trend: the day, the revision, the four shares, findings by severity
    and by rule (only rules with findings, by id), and their fingerprints, sorted."""

    as_of: date
    revision: int
    alignment: float | None
    ownership: float | None
    measurability: float | None
    freshness: float | None
    totals: Totals
    rules: dict[str, int]
    fingerprints: tuple[str, ...]


class AuditReport(Part, frozen=True):
    """An audit on a day.

    ``findings`` stand by severity (errors first), then rule in the order of the catalogue, then subject id; suppressed
    ones stand apart in the same order. ``rules`` are the whole catalogue in its order; ``goals``, ``people``, ``teams``
    by id; ``quarantined`` by file and line; ``trend`` by day, oldest first. ``files`` are those that were audited
    directly (empty: a store was)."""

    as_of: date
    revision: int
    files: tuple[str, ...]
    totals: Totals
    health: Health
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    rules: tuple[RuleInForce, ...]
    organization: Organization
    people: tuple[PersonAudit, ...]
    teams: tuple[TeamAudit, ...]
    goals: tuple[GoalRow, ...]
    handovers: tuple[Handover, ...]
    quarantined: tuple[Quarantined, ...] = ()
    comparison: Comparison | None = None
    trend: tuple[AuditSnapshot, ...] = ()
    format: str = FORMAT
