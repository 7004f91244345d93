"""The rules themselves, for people who want to know what a finding means: as text, JSON and the page of the docs."""

from __future__ import annotations

from collections.abc import Sequence

from graph_service.alignment.audit.catalogue import CATALOGUE
from graph_service.alignment.audit.look import Rule
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.alignment.audit.rules import DEFAULTS, Rules
from graph_service.render.letters import wrap

LONGEST = 25
"""Columns for the id of a rule."""


def severity_of(rule: Rule, rules: Rules) -> Severity:
    """How grave a rule's findings are by some rules."""
    return rules.severities.get(rule.id, rule.severity)


def limits_of(rule: Rule, rules: Rules) -> list[tuple[str, float, float, str]]:
    """The limits of a rule: name, value in force, default, meaning."""
    given = rules.limits.get(rule.id, {})
    return [(it.name, float(given.get(it.name, it.default)), float(it.default), it.meaning) for it in rule.limits]


def rules_text(rules: Sequence[Rule], in_force: Rules, width: int = 80) -> str:
    """Rules in a line each, under the names of their groups."""
    lines: list[str] = []
    for group in RuleGroup:
        several = [rule for rule in rules if rule.group is group]
        if several:
            lines += ["", group.lower()] if lines else [group.lower()]
        for rule in several:
            changed = "*" if severity_of(rule, in_force) is not rule.severity else " "
            head = f"  {rule.id:<{LONGEST}}{severity_of(rule, in_force).lower():<7}{changed} "
            for number, line in enumerate(wrap(rule.title, width - len(head), 3)):
                lines.append((" " * len(head) if number else head) + line)
    if any(severity_of(rule, in_force) is not rule.severity for rule in rules):
        lines += ["", "* differs from the default"]
    return "\n".join(lines)


def rule_text(rule: Rule, in_force: Rules, width: int = 80) -> str:
    """All that is to be said of one rule."""
    severity = severity_of(rule, in_force)
    default = "" if severity is rule.severity else f" (default: {rule.severity.lower()})"
    lines = [f"{rule.id}  {rule.group.lower()}, {severity.lower()}{default}", rule.title]
    for label, text in (("means", rule.meaning), ("matters", rule.why), ("do", rule.advice)):
        for number, line in enumerate(wrap(text, width - 11, 12)):
            lines.append(f"  {label if not number else '':<9}{line}")
    for place, (name, value, usual, meaning) in enumerate(limits_of(rule, in_force)):
        other = "" if value == usual else f" (default: {usual:.4g})"
        for number, line in enumerate(wrap(f"{name} {value:.4g}{other}: {meaning}", width - 11, 4)):
            lines.append(f"  {'limits' if not place and not number else '':<9}{line}")
    return "\n".join(lines)


def rule_json(rule: Rule, in_force: Rules) -> dict[str, object]:
    """A rule as a JSON value."""
    return {
        "id": rule.id,
        "group": rule.group,
        "severity": severity_of(rule, in_force),
        "defaultSeverity": rule.severity,
        "title": rule.title,
        "meaning": rule.meaning,
        "why": rule.why,
        "advice": rule.advice,
        "limits": [
            {"name": name, "value": value, "default": usual, "meaning": meaning}
            for name, value, usual, meaning in limits_of(rule, in_force)
        ],
    }


HEAD = """\
# The rules of the audit

Made from the catalogue; `python -m tests.audit_rules` writes this page anew. `graph-service audit rules RULE` says the
same at the terminal.

Rules warn, they block nothing: what is good practice for one organization is not for the next. A rules file sets
severities (`error`, `warning`, `info`, `off`), limits, words and exceptions; `graph-service audit rules --show` writes
one with all that is in force, to begin from.
"""


def rules_page() -> str:
    """The page of the docs, in Markdown."""
    parts = [HEAD]
    for group in RuleGroup:
        several = [rule for rule in CATALOGUE if rule.group is group]
        parts.append(f"\n## {group.capitalize()}\n\n| rule | severity | what it notices |\n| --- | --- | --- |\n")
        parts += [f"| [{it.id}](#{it.id.lower()}) | {it.severity.lower()} | {it.title} |\n" for it in several]
        for rule in several:
            parts.append(f"\n### {rule.id}\n\n{rule.meaning}\n\n{rule.why} {rule.advice}\n")
            limits = limits_of(rule, DEFAULTS)
            if limits:
                parts.append("\n| limit | default | meaning |\n| --- | --- | --- |\n")
                parts += [f"| `{name}` | {value:.4g} | {meaning} |\n" for name, value, _, meaning in limits]
    return "".join(parts)
