"""What a page, a picture or a file of the same name tells: one question to the graph, written in any format."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import msgspec

from graph_service import render
from graph_service.alignment.cascade import Cascade, cascade
from graph_service.alignment.explain import Explanation, explain
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder, ladder
from graph_service.alignment.org import OrgChart, org_chart
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Person, Team
from graph_service.render import Row
from graph_service.render.facts import name_of, title_of

DEPTH = 3
DEEPEST = 1000

TYPES = {
    "svg": "image/svg+xml",
    "mmd": "text/plain; charset=utf-8",
    "dot": "text/vnd.graphviz; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "txt": "text/plain; charset=utf-8",
}
"""The formats beside the page itself, by the suffix of their address, and their media types."""

LAYERED = {"png": "image/png", "pdf": "application/pdf"}
"""Formats of ladders that Graphviz draws, if it is installed along."""

Answer = Cascade | Ladder | OrgChart | Explanation


class Question(NamedTuple):
    """What is asked: a view of a thing (``id`` None: the whole organization), so many levels deep, for a day."""

    view: str
    id: str | None
    depth: int
    as_of: date


class Drawing(NamedTuple):
    """An answer with all that it takes to write it. It is written while the graph stands as it was asked."""

    question: Question
    answer: Answer
    graph: AlignmentGraph
    viewer: Viewer

    @property
    def title(self) -> str:
        """What it is about."""
        answer = self.answer
        if isinstance(answer, OrgChart):
            return "Organization" if answer.root is None else name_of(answer.root)
        return title_of(answer.root if isinstance(answer, Cascade) else answer.goal)

    def svg(self) -> str:
        """As a picture; an explanation has none."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_svg(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_svg(answer, *self._rest)
        assert isinstance(answer, OrgChart)
        return render.org_svg(answer, *self._rest)

    def mmd(self) -> str:
        """As a Mermaid flowchart; an explanation is none."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_mermaid(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_mermaid(answer, *self._rest)
        assert isinstance(answer, OrgChart)
        return render.org_mermaid(answer, *self._rest)

    def dot(self) -> str:
        """In the language of Graphviz; an explanation is not."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_dot(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_dot(answer, *self._rest)
        assert isinstance(answer, OrgChart)
        return render.org_dot(answer, *self._rest)

    def document(self) -> dict[str, object]:
        """As a value for JSON, in the words of GraphQL."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_json(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_json(answer, *self._rest)
        if isinstance(answer, OrgChart):
            return render.org_json(answer, *self._rest)
        return render.explain_json(answer, *self._rest)

    def json(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self.document()).decode() + "\n"

    def rows(self) -> list[Row]:
        """As rows; an explanation has none."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_rows(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_rows(answer, *self._rest)
        assert isinstance(answer, OrgChart)
        return render.org_rows(answer, *self._rest)

    def csv(self) -> str:
        """As CSV that a spreadsheet may open."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_csv(answer, *self._rest)
        if isinstance(answer, Ladder):
            return render.ladder_csv(answer, *self._rest)
        assert isinstance(answer, OrgChart)
        return render.org_csv(answer, *self._rest)

    def txt(self) -> str:
        """As text, 80 columns wide."""
        answer = self.answer
        if isinstance(answer, Cascade):
            return render.cascade_text(answer, self.graph, self.question.as_of, viewer=self.viewer)
        if isinstance(answer, Ladder):
            return render.ladder_text(answer, self.graph, self.question.as_of, viewer=self.viewer)
        if isinstance(answer, OrgChart):
            return render.org_text(answer, self.graph, self.question.as_of, viewer=self.viewer)
        return render.explain_text(answer, self.graph, self.question.as_of, viewer=self.viewer)

    @property
    def _rest(self) -> tuple[AlignmentGraph, date, Viewer]:
        return self.graph, self.question.as_of, self.viewer


WRITERS: dict[str, Callable[[Drawing], str]] = {
    "svg": Drawing.svg,
    "mmd": Drawing.mmd,
    "dot": Drawing.dot,
    "json": Drawing.json,
    "csv": Drawing.csv,
    "txt": Drawing.txt,
}

VIEWS: dict[str, tuple[str, ...]] = {
    "cascade": tuple(WRITERS),
    "ladder": tuple(WRITERS),
    "org": tuple(WRITERS),
    "owners": tuple(WRITERS),
    "goals": ("json", "txt"),
}
"""The pages, and the formats that each has beside it."""


def known(graph: AlignmentGraph, view: str, id: str, viewer: Viewer = EVERYBODY) -> bool:
    """Whether a view can be of the thing with this id: owners have a chart, goals have all else."""
    vertex = graph.nodes.get(id)
    if vertex is None or not viewer.sees(vertex):
        return False
    return isinstance(vertex.fact, Person | Team) if view in {"org", "owners"} else graph.goal(id) is not None


def split(graph: AlignmentGraph, view: str, path: str, viewer: Viewer = EVERYBODY) -> tuple[str, str | None] | None:
    """The id and the format that the rest of an address names; None if there is no such thing.

    Ids may hold dots: a suffix is a format only where the whole is no id.
    """
    if known(graph, view, path, viewer):
        return path, None
    id, dot, suffix = path.rpartition(".")
    also = ("html", *LAYERED) if view == "ladder" else ("html",)
    if dot and (suffix in VIEWS[view] or suffix in also) and known(graph, view, id, viewer):
        return id, suffix
    return None


def drawing(graph: AlignmentGraph, question: Question, viewer: Viewer = EVERYBODY) -> Drawing | None:
    """The answer to a question; None where there is nothing of that id that the viewer may see."""
    view, id, depth, _ = question
    answer: Answer | None
    if view in {"org", "owners"}:
        answer = org_chart(graph, id, depth, viewer=viewer)
    elif view == "cascade":
        answer = cascade(graph, id or "", depth, viewer=viewer)
    elif view == "ladder":
        answer = ladder(graph, id or "", viewer)
    else:
        answer = explain(graph, id or "", viewer)
    return None if answer is None else Drawing(question, answer, graph, viewer)
