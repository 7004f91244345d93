"""The page of the ownership audit, and the same report in other forms beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graph_service.alignment.audit.report import AuditReport, SubjectKind
from graph_service.alignment.viewer import EVERYBODY
from graph_service.errors import NotFound, Refusal, StoreUnavailable
from graph_service.models.checks import shown as quoted
from graph_service.render.audit import BY_SUFFIX, FORMS, report_csv
from graph_service.render.audit.cells import Node, Table, for_people
from graph_service.render.audit.charts import charts
from graph_service.render.audit.html import Part, Shown, shown, shown_facts
from graph_service.render.audit.summary import about_line, comparison_line, totals_line
from graph_service.render.audit.tables import TABLES, table, tables_of
from graph_service.web.asking import (
    FIRST,
    GROUPS,
    ONLY,
    PAGE,
    PATH,
    SEVERITIES,
    STATES,
    Asked,
    asked,
    filtered,
    sorted_by,
)
from graph_service.web.pages import AUDIT_POLICY, Link, address, templates
from graph_service.web.routes import PageRoute

if TYPE_CHECKING:
    from graph_service.web.charts import Charts

TITLES = {"findings": "Findings", "owners": "Owners", "teams": "Teams", "handovers": "Hand-over", "goals": "All goals"}
NOTHING_FITS = "Nothing here fits the filter."
OWNERS = frozenset({SubjectKind.PERSON, SubjectKind.TEAM})


class Choice(NamedTuple):
    """What a filter lets one choose from."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


class Audits:
    """The audit of one workspace. The last report is kept until the graph, the day or the rules are others, so that who
    sorts and filters does not wait for an audit each time."""

    def __init__(self, charts: Charts) -> None:
        self.charts = charts
        self.workspace = charts.workspace
        self._turn = Lock()
        self._writing = Lock()  # a large report takes seconds in some forms: one at a time, so that others are answered
        self._kept: tuple[tuple[object, ...], AuditReport] | None = None

    @property
    def routes(self) -> list[PageRoute]:
        """Where the pages are."""
        return [
            PageRoute(PATH, self.answer, methods=["GET"]),
            PageRoute(f"{PATH}.{{suffix}}", self.answer, methods=["GET"]),
        ]

    async def answer(self, request: Request) -> Response:
        """The page, or the form that the suffix of the address asks for."""
        try:
            return await run_in_threadpool(self._answer, request)
        except Refusal as refusal:
            return self.charts.refused(request, refusal)

    def _answer(self, request: Request) -> Response:
        suffix = request.path_params.get("suffix")
        if suffix is not None and suffix not in BY_SUFFIX:
            raise NotFound(f"There is no format {quoted(suffix)}; there are {', '.join(BY_SUFFIX)}.")
        question = asked(request.query_params)
        report = self.report(request)
        headers = {"Revision": str(report.revision)}
        if suffix is None:
            headers["Content-Security-Policy"] = AUDIT_POLICY
            return HTMLResponse(page(report, question), headers=headers)
        form = FORMS[BY_SUFFIX[suffix]]
        headers["Content-Disposition"] = f'attachment; filename="{file_name(report, question.table, suffix)}"'
        with self._writing:
            table_alone = suffix == "csv" and question.table
            content = report_csv(report, question.table).encode() if table_alone else form.write(report)
        return Response(content, headers=headers, media_type=form.media)

    def report(self, request: Request) -> AuditReport:
        """The report of a day, absent: of today. What somebody sees who does not see everything is not kept."""
        workspace = self.workspace
        with self._turn, workspace.reading() as graph:
            day, viewer = self.charts.day(request), self.charts.viewer(request, graph)
            key = (workspace.epoch, graph.revision, day, workspace.audit_rules)
            if viewer is EVERYBODY and self._kept is not None and self._kept[0] == key:
                report = self._kept[1]
            else:
                report = workspace.found(graph, day, viewer).report()
                if viewer is EVERYBODY:
                    self._kept = key, report
        with suppress(StoreUnavailable):  # a service that has lost its store answers from memory, without the trend
            report = replace(report, trend=workspace.audits())
        return report


def file_name(report: AuditReport, table: str, suffix: str) -> str:
    """What a report is called as a file."""
    return f"audit-{f'{table}-' if table else ''}{report.as_of}.{suffix}"


def home_of(node: Node) -> str | None:
    """The page of a goal or an owner."""
    if node.kind is None:
        return None
    return address("owners" if node.kind in OWNERS else "goals", node.id)


def page(report: AuditReport, question: Asked) -> str:
    """The page: the whole report with the first rows of each table, or one table a page at a time."""
    if question.table:
        tables = [one_table(report, question)]
    else:
        tables = [first_rows(given, question) for given in every_table(report, question)]
    whole = not question.table and not question.filtered
    query = f"?asOf={quote(question.day)}" if question.day else ""
    kept = [("table", question.table), ("sort", question.sort), ("asOf", question.day)]
    here = [] if question.table else [Part(one.title, f"#{one.name}") for one in tables]
    shown_already = {question.table, *(() if question.table else (one.name for one in tables))}
    others = [
        Part(title, question.address(table=name, sort="", page=1))
        for name, title in TITLES.items()
        if name not in shown_already
    ]
    return (
        templates()
        .get_template("audit.html")
        .render(
            about=about_line(report),
            totals=totals_line(report),
            since=comparison_line(report),
            formats=[
                Link(f"{PATH}.{form.suffix}{query}", name.upper()) for name, form in FORMS.items() if form.available
            ],
            whole=whole,
            home=Asked(day=question.day).address(),
            charts=charts(report) if whole else [],
            facts=shown_facts(report, home_of) if whole else [],
            asked=question,
            kept=[(name, value) for name, value in kept if value],
            choices=choices(report, question),
            filtered=question.filtered,
            cleared=Asked(question.table, sort=question.sort, day=question.day).address(),
            links=here + others,
            tables=tables,
        )
    )


def choices(report: AuditReport, question: Asked) -> list[Choice]:
    """The filters that fit what is shown."""
    found = [rule.id for rule in report.rules if rule.findings or rule.id == question.rule]
    made = []
    if question.table in ("", "findings"):
        made = [
            Choice("severity", "Severity", as_they_are(SEVERITIES), question.severity),
            Choice("group", "Group", as_they_are(GROUPS), question.group),
            Choice("rule", "Rule", as_they_are(found), question.rule),
        ]
        if comparison_line(report) is not None:
            made.append(Choice("state", "Since before", as_they_are(STATES), question.state))
    if question.table in ("", "owners"):
        made.append(Choice("only", "Owners", tuple(ONLY.items()), question.only))
    return made


def as_they_are(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Values that are their own words."""
    return tuple([(value, value) for value in values])


def every_table(report: AuditReport, question: Asked) -> list[Table]:
    """The tables of the whole page: those that can be filtered are, and the others stand beside if nothing is."""
    if not question.filtered:
        return tables_of(report)
    found = [for_people(filtered(table(report, name), question)) for name in TABLES if name != "goals"]
    return [one._replace(empty=NOTHING_FITS) for one in found]


def first_rows(given: Table, question: Asked) -> Shown:
    """A table with its first rows, and where the others are."""
    if given.name not in TABLES:
        made = shown(given, given.rows[:PAGE], home_of)
        more = len(given.rows) - PAGE
        return made._replace(note=f"{more:,} more are not shown; the files hold all." if more > 0 else "")
    made = shown(given, given.rows[:FIRST], home_of)
    links = [Part(f"All {len(given.rows):,}, to be sorted", question.address(table=given.name))]
    return made._replace(links=links if given.rows else [])


def one_table(report: AuditReport, question: Asked) -> Shown:
    """One table, filtered and sorted, a page of it, with heads that sort."""
    given = for_people(sorted_by(filtered(table(report, question.table), question), question.sort))
    if question.filtered:
        given = given._replace(empty=NOTHING_FITS)
    pages = max(1, -(-len(given.rows) // PAGE))
    at = min(question.page, pages)
    first = (at - 1) * PAGE
    rows = given.rows[first : first + PAGE]
    made = shown(given, rows, home_of)
    heads = []
    for head, column in zip(made.heads, given.columns, strict=True):
        up, down = column.name, f"-{column.name}"
        is_up, is_down = question.sort == up, question.sort == down
        other = down if is_up or (head.number and not is_down) else up
        href = question.address(sort=other, page=1)
        heads.append(head._replace(href=href, sorted="ascending" if is_up else "descending" if is_down else ""))
    links = []
    if at > 1:
        links.append(Part("Previous", question.address(page=at - 1)))
    if at < pages:
        links.append(Part("Next", question.address(page=at + 1)))
    note = f"{first + 1:,} to {first + len(rows):,} of {len(given.rows):,}" if pages > 1 else ""
    links.append(Part("As CSV", f"{PATH}.csv?table={question.table}{f'&asOf={question.day}' if question.day else ''}"))
    return made._replace(heads=heads, links=links, note=note)
