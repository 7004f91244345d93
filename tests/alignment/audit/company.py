"""Asking one rule about a small company."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.audit import DEFAULTS, Rules, audit
from graph_service.alignment.audit.report import Finding
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.viewer import EVERYBODY, Viewer
from tests.build import AS_OF


def findings(
    graph: AlignmentGraph, rule: str, as_of: date = AS_OF, rules: Rules = DEFAULTS, viewer: Viewer = EVERYBODY
) -> list[Finding]:
    """What one rule finds, by subject."""
    return [one for one in audit(graph, rules, as_of, viewer=viewer).findings if one.rule == rule]


def said(
    graph: AlignmentGraph, rule: str, as_of: date = AS_OF, rules: Rules = DEFAULTS, viewer: Viewer = EVERYBODY
) -> dict[str, str]:
    """The sentence of each finding of one rule, by subject (the whole: empty)."""
    return {one.subject.id: one.message for one in findings(graph, rule, as_of, rules, viewer)}


def about(graph: AlignmentGraph, rule: str, as_of: date = AS_OF, rules: Rules = DEFAULTS) -> list[str]:
    """What one rule has findings about, in order."""
    return [one.subject.id for one in findings(graph, rule, as_of, rules)]


def limited(rule: str, **limits: float) -> Rules:
    """The defaults with other limits of one rule."""
    return Rules(limits={rule: limits})
