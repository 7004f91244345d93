"""Answers as text, SVG, Mermaid, DOT, CSV and JSON: the same value gives the same bytes, whatever a title holds.

Each function takes an answer of a question, the graph that it is about and the day for which it judges. Answers refer
to the graph, so they are rendered while it stands as it was when the question was asked.
"""

from graph_service.render.dot import cascade_dot, ladder_dot, org_dot
from graph_service.render.json_form import (
    cascade_json,
    explain_json,
    ladder_json,
    leverage_json,
    org_json,
    orphans_json,
)
from graph_service.render.lists import explain_text, leverage_text, orphans_text
from graph_service.render.mermaid import cascade_mermaid, ladder_mermaid, org_mermaid
from graph_service.render.rows import Row, cascade_csv, cascade_rows, ladder_csv, ladder_rows, org_csv, org_rows
from graph_service.render.svg import cascade_svg, ladder_svg, org_svg
from graph_service.render.text import cascade_text, ladder_text, org_text

__all__ = [
    "Row",
    "cascade_csv",
    "cascade_dot",
    "cascade_json",
    "cascade_mermaid",
    "cascade_rows",
    "cascade_svg",
    "cascade_text",
    "explain_json",
    "explain_text",
    "ladder_csv",
    "ladder_dot",
    "ladder_json",
    "ladder_mermaid",
    "ladder_rows",
    "ladder_svg",
    "ladder_text",
    "leverage_json",
    "leverage_text",
    "org_csv",
    "org_dot",
    "org_json",
    "org_mermaid",
    "org_rows",
    "org_svg",
    "org_text",
    "orphans_json",
    "orphans_text",
]
