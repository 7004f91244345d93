"""One file that holds everything: a page with the chart, its data and its program within, to be opened from a disk."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.org import OrgChart
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.render.policy import hashed
from graph_service.render.svg import STYLE
from graph_service.web.drawing import Drawing, Question
from graph_service.web.pages import STATIC, plain_picture, plain_rows, templates

BUNDLE: Path = STATIC / "embed.js"


def in_script(text: str) -> str:
    r"""JSON that may stand in a ``<script>`` element: nothing in it ends the element or begins another.

    >>> in_script('{"title": "</script>"}')
    '{"title": "\\u003c/script>"}'
    """
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def program() -> str:
    """The built web component, as it may stand within a page."""
    return "\n" + BUNDLE.read_text(encoding="utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--") + "\n"


def data_of(drawing: Drawing, view: str) -> str:
    """The data of a chart as it stands within the element."""
    return in_script(msgspec.json.encode({view: drawing.document()}).decode())


def chart_html(
    answer: Cascade | Ladder | OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY
) -> str:
    """A cascade, a ladder or an organization chart as one HTML file. Its own policy lets it fetch nothing."""
    view = "cascade" if isinstance(answer, Cascade) else "ladder" if isinstance(answer, Ladder) else "org"
    drawing = Drawing(Question(view, None, 0, as_of), answer, graph, viewer)
    style = (STATIC / "page.css").read_text(encoding="utf-8")
    svg = plain_picture(drawing)
    policy = (
        f"default-src 'none'; script-src {hashed(program())}; style-src {hashed(style)} {hashed(STYLE)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        templates()
        .get_template("export.html")
        .render(
            title=drawing.title,
            view=view,
            policy=policy,
            style=style,
            program=program(),
            data=data_of(drawing, view),
            svg=svg,
            rows=[row._replace(href=None, owner_href=None) for row in plain_rows(drawing)],  # no service to lead to
            as_of=as_of,
        )
    )
