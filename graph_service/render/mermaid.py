"""Ladders, cascades and charts as Mermaid flowcharts, as READMEs and wikis draw them.

Whatever a title holds stays inside its quotes: all but letters, digits and a few harmless signs are written as
entities.
Mermaid itself draws at most 500 arrows unless its ``maxEdges`` is raised where it runs.
"""

from __future__ import annotations

import re
from datetime import date

from graph_service.alignment.cascade import Cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import Ladder
from graph_service.alignment.org import OrgChart
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.render.picture import COLOURS, Picture, cascade_picture, ladder_picture, org_picture

# All but letters, digits and harmless signs. One % is harmless, two begin a comment or a directive.
RISKY = re.compile(r"[^\w .,+/()?!'·%\u0100-\U0010ffff-]|_|%(?=%)|(?<=%)%")
LIST = re.compile(r"\d*[-+.)]")  # at the beginning it would be taken for a Markdown list, and refused


def ladder_mermaid(answer: Ladder, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """The whole upward graph of a goal as a Mermaid flowchart, the top above."""
    return mermaid(ladder_picture(answer, graph, as_of, viewer))


def cascade_mermaid(answer: Cascade, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """Everything shown under a goal as a Mermaid flowchart, the goal above."""
    return mermaid(cascade_picture(answer, graph, as_of, viewer))


def org_mermaid(answer: OrgChart, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """People or teams as a Mermaid flowchart, managers above."""
    return mermaid(org_picture(answer, graph, as_of, viewer))


def escaped(text: str) -> str:
    """A clean text that may stand between the quotes of a Mermaid label.

    >>> escaped('50 % "done"; %%{init}%%')
    '50 % #34;done#34;#59; #37;#37;#123;init#125;#37;#37;'
    >>> escaped("1. grow")
    '1#46; grow'
    """
    listed = LIST.match(text)
    if listed is None:
        return RISKY.sub(_entity, text)
    end = listed.end() - 1
    return f"{text[:end]}#{ord(text[end])};{RISKY.sub(_entity, text[end + 1 :])}"


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};"


def mermaid(picture: Picture) -> str:
    """Boxes and arrows in the words of Mermaid; nodes are numbered in their order, since ids may hold anything."""
    names = {box.id: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = ["flowchart BT"]
    for box in picture.boxes:
        opened, closed = ("([", "])") if box.round else ("[", "]")
        label = "<br/>".join(escaped(line) for line in box.lines)
        lines.append(f'  {names[box.id]}{opened}"{label}"{closed}:::{box.tone}')
    for arrow in picture.arrows:
        line = "-.->" if arrow.dashed else "-->"
        label = f'|"{escaped(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.target]}")
    for tone in sorted({box.tone for box in picture.boxes}):
        fill, line = COLOURS[tone]
        lines.append(f"  classDef {tone} fill:{fill},stroke:{line},color:#000000")
    return "".join(f"{line}\n" for line in lines)
