"""Ladders, cascades and charts in DOT, the language of Graphviz."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.org import OrgChart
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.render.picture import COLOURS, Picture, cascade_picture, ladder_picture, org_picture


def ladder_dot(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The whole upward graph of a goal in DOT, the top above."""
    return dot("ladder", ladder_picture(answer, graph, as_of, viewer))


def cascade_dot(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """Everything shown under a goal in DOT, the goal above."""
    return dot("cascade", cascade_picture(answer, graph, as_of, viewer))


def org_dot(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """People or teams in DOT, managers above."""
    return dot("org", org_picture(answer, graph, as_of, viewer))


def quoted(text: str) -> str:
    r"""A clean text as a DOT string: quotes and backslashes mean nothing in it.

    >>> print(quoted('"]; a\\n'))
    "\"]; a\\n"
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(lines: tuple[str, ...]) -> str:
    """Clean lines as a DOT label; Graphviz reads entities in it, so ``&`` is written as one."""
    return "\\n".join(quoted(line.replace("&", "&amp;"))[1:-1] for line in lines)


def dot(name: str, picture: Picture) -> str:
    """Boxes and arrows in the words of DOT; nodes are named by their ids."""
    lines = [
        f"digraph {name} {{",
        "  rankdir=BT;",
        '  node [shape=box, style=filled, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=9];',
    ]
    for box in picture.boxes:
        fill, line = COLOURS[box.tone]
        style = ', style="filled,rounded"' if box.round else ""
        lines.append(f'  {quoted(box.id)} [label="{label(box.lines)}", fillcolor="{fill}", color="{line}"{style}];')
    for arrow in picture.arrows:
        said = [f'label="{label((arrow.label,))}"'] if arrow.label else []
        said += ["style=dashed", "constraint=false"] if arrow.dashed else []
        attributes = f" [{', '.join(said)}]" if said else ""
        lines.append(f"  {quoted(arrow.source)} -> {quoted(arrow.target)}{attributes};")
    lines.append("}")
    return "".join(f"{line}\n" for line in lines)
