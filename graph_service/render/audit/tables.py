"""The report of an audit as tables: what Markdown, CSV, HTML, sheets and PDF show alike, each in its own letters.

Texts are clean (``render.letters``); ids are as they are, and are cleaned where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from graph_service.alignment.audit.report import (
    AuditReport,
    AuditSnapshot,
    Finding,
    Holding,
    Load,
    Place,
    Sight,
    Subject,
    SubjectKind,
)
from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.render.audit.cells import As, Column, Node, Table, Value, for_people
from graph_service.render.letters import clean

SIGHTS = {
    Sight.OWN: "own goal",
    Sight.CONTRIBUTION: "contributes",
    Sight.TEAM: "through a team",
    Sight.NONE: "none",
}
"""How somebody sees the top, in words."""


ALIKE = {"spelling": "their names differ in spelling only", "initials": "one name has an initial only"}
"""In which the names of owners differ, in words."""


class Nodes:
    """The titles of all that a report tells of, by id."""

    def __init__(self, report: AuditReport) -> None:
        self._titles: dict[str, tuple[str, SubjectKind]] = {
            **{one.id: (one.title, one.kind) for one in report.goals},
            **{one.id: (one.name, SubjectKind.PERSON) for one in report.people},
            **{one.id: (one.name, SubjectKind.TEAM) for one in report.teams},
        }
        self._made: dict[str, Node] = {}

    def of(self, id: str | None) -> Node | None:
        """A node; of one that the report does not tell of the id alone."""
        if id is None:
            return None
        made = self._made.get(id)
        if made is None:
            title, kind = self._titles.get(id, (id, None))
            made = self._made[id] = Node(id, clean(title), kind)
        return made

    def all(self, ids: Iterable[str]) -> tuple[Node, ...]:
        """Several, in their order."""
        return tuple([node for id in ids if (node := self.of(id)) is not None])


def subject_node(subject: Subject | None) -> Node | None:
    """What a finding is about, or its owner; None for the whole workspace."""
    if subject is None or subject.kind is SubjectKind.WORKSPACE:
        return None
    return Node(subject.id, clean(subject.title), subject.kind)


# ---------- findings ----------

FINDING_COLUMNS = (
    Column("severity", "Severity"),
    Column("rule", "Rule"),
    Column("group", "Group", detail=True),
    Column("state", "Since before", optional=True),
    Column("kind", "Kind", detail=True),
    Column("subject", "About", As.NODE),
    Column("owner", "Owner", As.NODE),
    Column("message", "What is wrong"),
    Column("advice", "What to do"),
    Column("file", "File", optional=True),
    Column("line", "Line", As.NUMBER, optional=True),
    Column("fingerprint", "Fingerprint", detail=True),
)


def findings(report: AuditReport) -> Table:
    """The findings that stand, in the order of findings. ``state`` is ``new``, ``changed`` or ``open`` against a
    baseline, else ``new`` or ``open`` against the last kept audit of an earlier day, and empty without either."""
    states = states_of(report)
    rows = [finding_row(one, states.get(id(one), "")) for one in report.findings]
    return Table("findings", "Findings", "Nothing was found.", FINDING_COLUMNS, rows)


def fixed(report: AuditReport) -> Table:
    """The findings of the baseline that are gone; empty without one."""
    gone = () if report.comparison is None else report.comparison.fixed
    rows = [finding_row(one, "fixed") for one in gone]
    return Table("fixed", "Fixed since", "Nothing was fixed.", FINDING_COLUMNS, rows)


def states_of(report: AuditReport) -> dict[int, str]:
    """What became of each finding since the baseline, else since the last kept audit, by its identity; empty without
    either."""
    told = report.comparison
    if told is None:
        before = kept_before(report)
        known = frozenset() if before is None else frozenset(before.fingerprints)
        return {id(one): "open" if one.fingerprint in known else "new" for one in report.findings if before}
    # a report that was read from a file holds findings and comparison apart, so they are found by what they say
    several: dict[tuple[str, str], str] = {}
    for one in told.open:
        several[one.fingerprint, one.subject.id] = "open"
    for pair in told.changed:
        several[pair.now.fingerprint, pair.now.subject.id] = "changed"
    for one in told.new:
        several[one.fingerprint, one.subject.id] = "new"
    return {id(one): several.get((one.fingerprint, one.subject.id), "") for one in report.findings}


def kept_before(report: AuditReport) -> AuditSnapshot | None:
    """The last kept audit of an earlier day than that of the report; None without one."""
    earlier = [one for one in report.trend if one.as_of < report.as_of]
    return earlier[-1] if earlier else None


def finding_row(one: Finding, state: str) -> tuple[Value, ...]:
    """A finding as a row."""
    place = one.place or Place("", 0)
    return (
        one.severity.lower(),
        one.rule,
        one.group.lower(),
        state or None,
        one.subject.kind.lower().replace("_", " "),
        subject_node(one.subject),
        subject_node(one.owner),
        clean(one.message),
        clean(one.advice),
        clean(place.file) or None,
        place.line or None,
        one.fingerprint,
    )


# ---------- owners and goals ----------

HOLDING = (
    Column("objectives", "Objectives", As.NUMBER),
    Column("key_results", "Key results", As.NUMBER),
    Column("contributions", "Contributes to", As.NUMBER),
    Column("progress", "Progress", As.SHARE),
)
TOTALS = (
    Column("errors", "Errors", As.NUMBER),
    Column("warnings", "Warnings", As.NUMBER),
    Column("infos", "Infos", As.NUMBER),
)
LOAD = (
    Column("load", "Most in one period", As.NUMBER),
    Column("limit", "Limit", As.NUMBER),
)


def held(one: Holding) -> tuple[Value, ...]:
    """What somebody has in hand, as cells."""
    return one.objectives, one.key_results, one.contributions, one.progress


def counts(one: Holding) -> tuple[Value, ...]:
    """Findings by severity, as cells."""
    return one.findings.errors, one.findings.warnings, one.findings.infos


def heaviest(load: Sequence[Load]) -> tuple[Value, ...]:
    """The period with the most open objectives, against its limit, as cells."""
    if not load:
        return 0, None
    most = max(load, key=lambda one: one.objectives)
    return most.objectives, most.limit


def owners(report: AuditReport) -> Table:
    """People with what they have in hand, by id."""
    nodes = Nodes(report)
    columns = (
        Column("owner", "Owner", As.NODE),
        Column("job_title", "Job", optional=True),
        Column("active", "Active", optional=True),
        Column("manager", "Reports to", As.NODE, detail=True),
        Column("teams", "Teams", As.NODES, optional=True),
        *HOLDING,
        *LOAD,
        *TOTALS,
        Column("sight", "Sees the top by"),
        Column("top", "Top goal seen", As.NODE, detail=True),
    )
    rows: list[tuple[Value, ...]] = [
        (
            nodes.of(one.id),
            clean(one.job_title or "") or None,
            None if one.active else "left",
            nodes.of(one.manager),
            nodes.all(one.teams),
            *held(one.holding),
            *heaviest(one.load),
            *counts(one.holding),
            SIGHTS[one.sight],
            nodes.of(one.top),
        )
        for one in report.people
    ]
    return Table("owners", "Owners", "Nobody is known yet.", columns, rows)


def teams(report: AuditReport) -> Table:
    """Teams with what they and all within them have in hand, by id."""
    nodes = Nodes(report)
    columns = (
        Column("team", "Team", As.NODE),
        Column("part_of", "Part of", As.NODE, optional=True),
        Column("leads", "Led by", As.NODES),
        Column("people", "People", As.NUMBER),
        Column("without_goal", "Without a goal", As.NUMBER),
        Column("own_objectives", "Its own objectives", As.NUMBER),
        *HOLDING,
        *TOTALS,
    )
    rows: list[tuple[Value, ...]] = [
        (
            nodes.of(one.id),
            nodes.of(one.parent),
            nodes.all(one.leads),
            len(one.people),
            len(one.without_goal),
            one.holding.objectives,
            *held(one.within),
            *counts(one.within),
        )
        for one in report.teams
    ]
    return Table("teams", "Teams, with all within them", "There are no teams.", columns, rows)


def handovers(report: AuditReport) -> Table:
    """What people who left still hold, and who could take it over."""
    nodes = Nodes(report)
    columns = (
        Column("owner", "Who left", As.NODE),
        Column("goals", "Owns", As.NODES),
        Column("contributions", "Contributes to", As.NODES, optional=True),
        Column("reports", "Has reports", As.NODES, optional=True),
        Column("leads", "Leads", As.NODES, optional=True),
        Column("to", "Could go to", As.NODE),
        Column("why", "Why"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            nodes.of(one.owner),
            nodes.all(one.goals),
            nodes.all(one.contributions),
            nodes.all(one.reports),
            nodes.all(one.leads),
            nodes.of(one.to),
            clean(one.why),
        )
        for one in report.handovers
    ]
    return Table("handovers", "Hand-over", "Nobody who left holds anything.", columns, rows)


def goals(report: AuditReport) -> Table:
    """All goals that are not cancelled, by id."""
    nodes = Nodes(report)
    columns = (
        Column("goal", "Goal", As.NODE),
        Column("kind", "Kind"),
        Column("level", "Level", optional=True),
        Column("period", "Period", optional=True),
        Column("owner", "Owner", As.NODE),
        Column("status", "Status"),
        Column("progress", "Progress", As.SHARE),
        Column("expected", "Expected", As.SHARE),
        Column("coverage", "Coverage", As.SHARE),
        Column("starts_on", "Starts", As.DAY, optional=True),
        Column("ends_on", "Due", As.DAY, optional=True),
        Column("last_check_in", "Last check-in", As.DAY, optional=True),
        Column("findings", "Findings", As.NUMBER),
        Column("top", "Serves", As.NODE),
    )
    rows: list[tuple[Value, ...]] = [
        (
            nodes.of(one.id),
            one.kind.lower().replace("_", " "),
            clean(one.level or "") or None,
            clean(one.period or "") or None,
            nodes.of(one.owner),
            one.status.lower().replace("_", " "),
            one.progress,
            one.expected,
            one.coverage,
            one.starts_on,
            one.ends_on,
            one.last_check_in,
            one.findings,
            nodes.of(one.top),
        )
        for one in report.goals
    ]
    return Table("goals", "Goals", "There are no goals.", columns, rows)


# ---------- rules, exceptions, files, trend ----------


def rules(report: AuditReport) -> Table:
    """The rules that found something or whose findings somebody puts up with, in the order of the catalogue."""
    columns = (
        Column("rule", "Rule"),
        Column("severity", "Severity"),
        Column("title", "What it notices"),
        Column("findings", "Findings", As.NUMBER),
        Column("suppressed", "Put up with", As.NUMBER),
        Column("why", "Why it matters"),
    )
    rows: list[tuple[Value, ...]] = [
        (one.id, one.severity.lower(), one.title, one.findings, one.suppressed, one.why)
        for one in report.rules
        if one.findings or one.suppressed
    ]
    return Table("rules", "Findings by rule", "No rule found anything.", columns, rows)


def suppressed(report: AuditReport) -> Table:
    """Findings that somebody puts up with."""
    columns = (
        Column("rule", "Rule"),
        Column("subject", "About", As.NODE),
        Column("message", "What is wrong"),
        Column("reason", "Why it is put up with"),
        Column("by", "Who says so", optional=True),
        Column("until", "Until", As.DAY, optional=True),
    )
    rows: list[tuple[Value, ...]] = [
        (
            one.finding.rule,
            subject_node(one.finding.subject),
            clean(one.finding.message),
            clean(one.reason),
            clean(one.by or "") or None,
            one.until,
        )
        for one in report.suppressed
    ]
    return Table("suppressed", "Put up with", "Nothing is put up with.", columns, rows)


def quarantined(report: AuditReport) -> Table:
    """What files say that could not be taken as it stands."""
    columns = (
        Column("file", "File"),
        Column("line", "Line", As.NUMBER),
        Column("record", "Record", optional=True),
        Column("field", "Field"),
        Column("value", "Value"),
        Column("problem", "Problem"),
        Column("message", "What is wrong"),
        Column("action", "What was done"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            clean(one.place.file),
            one.place.line,
            clean(one.id or "") or None,
            clean(one.field),
            clean(one.value),
            one.problem.lower().replace("_", " "),
            clean(one.message),
            one.action.lower().replace("_", " "),
        )
        for one in report.quarantined
    ]
    return Table("quarantined", "Could not be read as it stands", "All of the files was taken.", columns, rows)


def trend(report: AuditReport) -> Table:
    """The audits that were kept, oldest first."""
    columns = (
        Column("day", "Day", As.DAY),
        *TOTALS,
        *(Column(name, name.capitalize(), As.SHARE) for name in FIGURES),
    )
    rows: list[tuple[Value, ...]] = [
        (
            one.as_of,
            one.totals.errors,
            one.totals.warnings,
            one.totals.infos,
            one.alignment,
            one.ownership,
            one.measurability,
            one.freshness,
        )
        for one in report.trend
    ]
    return Table("trend", "Kept audits", "No audit was kept yet.", columns, rows)


TABLES: dict[str, Callable[[AuditReport], Table]] = {
    "findings": findings,
    "owners": owners,
    "teams": teams,
    "handovers": handovers,
    "goals": goals,
}
"""The tables that can be asked for one by one."""


def table(report: AuditReport, name: str) -> Table:
    """The table of a name; Invalid for any other."""
    if name not in TABLES:
        raise Invalid(f"there is no table {shown(name)} in an audit; there are {', '.join(TABLES)}", path=("table",))
    return TABLES[name](report)


# ---------- for people ----------

FIGURES = {
    "alignment": "live objectives reach the top",
    "ownership": "live goals have an active owner",
    "measurability": "live key results have a number",
    "freshness": "key results under way were checked in within the cadence",
}
"""The figures of health, and what they are a share of."""


def tables_of(report: AuditReport, *, details: bool = False) -> list[Table]:
    """The tables of a whole report in their order, as people read them; those that seldom hold anything only if they
    do. With ``details`` the goals are among them, and the columns that only programs need."""
    made = [rules(report), findings(report)]
    if report.comparison is not None:
        made.append(fixed(report))
    made += [owners(report), teams(report), handovers(report)]
    if details:
        made.append(goals(report))
    made += [one for one in (suppressed(report), quarantined(report), trend(report)) if one.rows]
    return [for_people(one, details=details) for one in made]
