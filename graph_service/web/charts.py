"""The pages of goals and owners, and the same answers in other formats beside them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graph_service.access import Caller
from graph_service.alignment.audit.report import Finding
from graph_service.alignment.explain import Explanation
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.orphans import orphans
from graph_service.alignment.viewer import Viewer
from graph_service.errors import Invalid, NotFound, Refusal
from graph_service.models.checks import shown
from graph_service.render.layered import layered
from graph_service.render.policy import hashed
from graph_service.render.svg import STYLE
from graph_service.web.drawing import DEEPEST, DEPTH, LAYERED, TYPES, VIEWS, WRITERS, Drawing, Question, drawing, split
from graph_service.web.export import chart_html, data_of
from graph_service.web.pages import Link, address, bare, formats, goal_row, plain_picture, plain_rows, templates
from graph_service.web.routes import PageRoute
from graph_service.web.telling import goal_facts, owner_facts
from graph_service.web.witness import Refuse

if TYPE_CHECKING:
    from graph_service.workspace import Workspace

DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
NUMBER = re.compile(r"\d{1,4}\Z", re.ASCII)
SVG_POLICY = f"default-src 'none'; style-src {hashed(STYLE)}; frame-ancestors 'none'"


class Charts:
    """The pages of one workspace. ``refuse`` makes the body of a refusal for programs; ``embedded`` says whether other
    sites may show charts, and pages then tell wikis how."""

    def __init__(self, workspace: Workspace, refuse: Refuse, embedded: bool = False) -> None:
        self.workspace = workspace
        self.refuse = refuse
        self.embedded = embedded

    @property
    def routes(self) -> list[PageRoute]:
        """Where the pages are."""
        found = [PageRoute(f"/{view}/{{id:path}}", self._answering(view), methods=["GET"]) for view in VIEWS]
        return [
            PageRoute("/org", self._answering("org"), methods=["GET"]),
            PageRoute("/org.{suffix}", self._answering("org"), methods=["GET"]),
            PageRoute("/goals", self.goals, methods=["GET"]),
            *found,
        ]

    def viewer(self, request: Request, graph: AlignmentGraph) -> Viewer:
        """Through whose eyes a page shows a graph: those of the caller."""
        caller: Caller = request.state.caller
        return caller.viewer.on(graph)

    # ---------- pages and files ----------

    def _answering(self, view: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await run_in_threadpool(self._answer, view, request)
            except Refusal as refusal:
                return self.refused(request, refusal)

        return answer

    def _answer(self, view: str, request: Request) -> Response:
        path, suffix = request.path_params.get("id"), request.path_params.get("suffix")
        with self.workspace.reading() as graph:
            viewer = self.viewer(request, graph)
            if path:
                found = split(graph, view, path, viewer)
                if found is None:
                    what = "person or team" if view in {"org", "owners"} else "goal"
                    raise NotFound(f"There is no {what} with the id {shown(path)} here.")
                id, suffix = found
            elif view == "org" and path is None:
                id = None
            else:
                raise NotFound("There is nothing at this address; it ends where the id of a goal or an owner stands.")
            known = (*VIEWS[view], "html", *LAYERED) if view == "ladder" else (*VIEWS[view], "html")
            if suffix is not None and suffix not in known and not (suffix == "html" and view != "goals"):
                raise NotFound(f"There is no format {shown(suffix)}; there are {', '.join((*VIEWS[view], 'html'))}.")
            asked = self.question(view, id, request, graph)
            said = drawing(graph, asked, viewer)
            if said is None:
                raise NotFound("There is nothing to show here.")
            if suffix in LAYERED:
                assert isinstance(said.answer, Ladder)
                drawn, many = said.dot(), len(said.answer.nodes)
            elif suffix == "html":
                assert not isinstance(said.answer, Explanation)
                return self._download(said, chart_html(said.answer, graph, asked.as_of, viewer))
            elif suffix is not None:
                return self._file(said, suffix)
            else:
                return self._page(said, request)
        # Graphviz takes its time, and others read and write meanwhile
        return Response(layered(drawn, many, suffix), media_type=LAYERED[suffix])

    def question(self, view: str, id: str | None, request: Request, graph: AlignmentGraph) -> Question:
        """What an address asks for; Invalid for a depth or a day that is none."""
        given = request.query_params
        depth = DEPTH + 1 if view == "org" else 1 if view == "owners" else DEPTH
        if "depth" in given:
            if not NUMBER.match(given["depth"]) or int(given["depth"]) > DEEPEST:
                raise Invalid(f"depth {shown(given['depth'])} is no number from 0 to {DEEPEST}.", path=("depth",))
            depth = int(given["depth"])
        return Question(view, id, depth, self.day(request))

    def day(self, request: Request) -> date:
        """The day that an address names, absent: today; Invalid for what is no day."""
        given = request.query_params
        if "asOf" not in given:
            return self.workspace.today()
        try:
            if not DAY.match(given["asOf"]):
                raise ValueError
            return date.fromisoformat(given["asOf"])
        except ValueError:
            message = f"asOf {shown(given['asOf'])} is no day; give one as YYYY-MM-DD."
            raise Invalid(message, path=("asOf",)) from None

    def _file(self, said: Drawing, suffix: str) -> Response:
        headers = {"Revision": str(said.graph.revision)}
        if suffix == "svg":
            headers["Content-Security-Policy"] = SVG_POLICY
        if suffix == "csv":
            headers["Content-Disposition"] = disposition(said, "csv")
        return Response(WRITERS[suffix](said), headers=headers, media_type=TYPES[suffix])

    def _download(self, said: Drawing, text: str) -> Response:
        headers = {"Content-Disposition": disposition(said, "html"), "Revision": str(said.graph.revision)}
        return HTMLResponse(text, headers=headers)

    def _page(self, said: Drawing, request: Request) -> Response:
        view, id = said.question.view, said.question.id
        asked = {name: request.query_params[name] for name in ("depth", "asOf") if name in request.query_params}
        query = "?" + "&".join(f"{name}={quote(value)}" for name, value in asked.items()) if asked else ""
        names = (*VIEWS[view], "html") if view != "goals" else VIEWS[view]
        shared: dict[str, object] = {
            "title": said.title,
            "id": id,
            "as_of": said.question.as_of,
            "day_given": "asOf" in asked,
            "formats": formats(view, id, names, query),
            "oembed": discovery(request) if self.embedded else None,
        }
        if isinstance(said.answer, Explanation):
            text = self._goal(said, shared)
        else:
            chart = "org" if view == "owners" else view
            facts = owner_facts(said) if view == "owners" else None
            text = (
                templates()
                .get_template("chart.html")
                .render(
                    **shared,
                    view=chart,
                    heading={"cascade": "Cascade", "ladder": "Ladder"}.get(view, ""),
                    facts=facts,
                    others=others(view, id),
                    svg=bare(plain_picture(said)),
                    rows=plain_rows(said),
                    data=data_of(said, chart),
                )
            )
        return HTMLResponse(text, headers={"Revision": str(said.graph.revision)})

    def _goal(self, said: Drawing, shared: dict[str, object]) -> str:
        assert said.question.id is not None
        up = drawing(said.graph, Question("ladder", said.question.id, DEPTH, said.question.as_of), said.viewer)
        assert up is not None
        return (
            templates()
            .get_template("goal.html")
            .render(
                **shared,
                view="ladder",
                goal=goal_facts(said, self._found(said)),
                others=others("goals", said.question.id),
                svg=bare(plain_picture(up)),
                rows=plain_rows(up),
                data=data_of(up, "ladder"),
            )
        )

    def _found(self, said: Drawing) -> tuple[Finding, ...]:
        """What the audit finds about the goal of a page."""
        found = self.workspace.found(said.graph, said.question.as_of, said.viewer)
        return found.about(said.question.id or "")

    async def goals(self, request: Request) -> Response:
        """All goals that stand at the top, those whom nothing leads up from among them."""
        return await run_in_threadpool(self._goals, request)

    def _goals(self, request: Request) -> Response:
        with self.workspace.reading() as graph:
            viewer = self.viewer(request, graph)
            today = self.workspace.today()
            lost = orphans(graph, viewer=viewer)
            without = {orphan.goal.id for orphan in lost}
            tops = [
                goal
                for goal in graph.goals()
                if goal.is_objective and not goal.up and goal.id not in without and viewer.sees(goal)
            ]
            tops.sort(key=lambda goal: goal.id)
            text = (
                templates()
                .get_template("goals.html")
                .render(
                    tops=[goal_row(graph, goal, today, viewer) for goal in tops[:500]],
                    more=max(0, len(tops) - 500),
                    orphans=[(goal_row(graph, one.goal, today, viewer), one.reason) for one in lost[:500]],
                )
            )
        return HTMLResponse(text)

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """What cannot be shown, as a page for people and as JSON for programs."""
        status = 404 if isinstance(refusal, NotFound) else 400
        code = "BAD_USER_INPUT"
        request.state.codes = [code]
        if "text/html" in request.headers.get("accept", ""):
            text = templates().get_template("refused.html").render(status=status, message=refusal.message)
            return HTMLResponse(text, status)
        return Response(self.refuse(refusal.message, code), status, media_type="application/json")


def discovery(request: Request) -> str:
    """Where a wiki asks how to embed this page."""
    return f"{request.base_url}oembed?format=json&url={quote(str(request.url.replace(query='')), safe='')}"


def disposition(said: Drawing, suffix: str) -> str:
    """The header that names a file to be kept: letters and digits of its id alone, so that no title gets into it."""
    safe = re.sub(r"[^A-Za-z0-9]+", "-", said.question.id or "organization").strip("-")[:80] or "chart"
    return f'attachment; filename="{said.question.view}-{safe}.{suffix}"'


def others(view: str, id: str | None) -> list[Link]:
    """The other pages about the same thing."""
    if id is None:
        return []
    pages = {"org": ("owners",), "owners": ("org",)}.get(view, ("goals", "ladder", "cascade"))
    names = {"goals": "Goal", "ladder": "Ladder", "cascade": "Cascade", "owners": "Owner", "org": "Organization chart"}
    return [Link(address(one, id), names[one]) for one in pages if one != view]
