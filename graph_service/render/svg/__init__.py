"""Ladders, cascades and organization charts as SVG, drawn by plain Python: no browser, no font, no other program."""

from graph_service.render.svg.rungs import ladder_svg
from graph_service.render.svg.sheet import STYLE
from graph_service.render.svg.trees import cascade_svg, org_svg

__all__ = ["STYLE", "cascade_svg", "ladder_svg", "org_svg"]
