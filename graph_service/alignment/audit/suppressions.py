"""Exceptions: findings that somebody puts up with, said in the rules file or on the node itself.

On a node they stand in its attribute ``suppressions``, a list of ``{rule, reason, by, until}`` (``rule`` absent: any
rule). Attributes are facts, so the exceptions have a history, come with every question about the past, and travel with
exports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from graph_service.alignment.audit.look import Hit, Look, Rule
from graph_service.alignment.audit.report import Finding, RuleGroup, Severity
from graph_service.alignment.audit.rules import Suppression
from graph_service.alignment.vertices import Vertex
from graph_service.models.checks import shown
from graph_service.models.nodes import KeyResult, Objective, Person, Team

ATTRIBUTE = "suppressions"
FIELDS = ("rule", "reason", "by", "until")


class Exceptions:
    """The exceptions in force, found by subject."""

    def __init__(self, suppressions: Iterable[Suppression]) -> None:
        self.every = tuple(suppressions)
        self._of: dict[str, list[Suppression]] = {}
        for one in self.every:
            self._of.setdefault(one.subject, []).append(one)

    def let_stand(self, one: Finding, as_of: date) -> bool:
        """Whether a finding stands on a day; one about the exceptions themselves always does."""
        return one.group is RuleGroup.AUDIT or self.of(one.rule, one.subject.id, as_of) is None

    def of(self, rule: str, subject: str, as_of: date) -> Suppression | None:
        """The first exception for a rule and a subject that holds on a day; None without one."""
        return next(
            (
                one
                for one in self._of.get(subject, ())
                if one.rule in (None, rule) and (one.until is None or as_of <= one.until)
            ),
            None,
        )


Said = dict[str, tuple[Vertex, tuple[Suppression | str, ...]]]


def said_on_nodes(look: Look) -> Said:
    """What nodes say of exceptions in their attributes, by id; those that say nothing are not in it."""
    found: Said = {}
    for vertex in look.vertices:
        hear(look, vertex, found)
    return found


def hear(look: Look, vertex: Vertex, found: Said) -> None:
    """Takes in what a node says of exceptions now."""
    if getattr(vertex.fact, "attributes", None) and (said := tuple(on_node(vertex, look.rule_ids))):
        found[vertex.fact.id] = (vertex, said)


def on_node(vertex: Vertex, known_rules: Collection[str]) -> Iterator[Suppression | str]:
    """The exceptions that a node's attribute holds, in order; a sentence in place of each that cannot be read."""
    attributes = getattr(vertex.fact, "attributes", None)
    said = attributes.get(ATTRIBUTE) if attributes else None
    if said is None:
        return
    if not isinstance(said, list):
        yield f"attribute {ATTRIBUTE} {shown(said)} is no list; write a list of {{rule, reason, by, until}}"
        return
    for number, one in enumerate(said, 1):
        yield read_suppression(one, vertex.id, f"{ATTRIBUTE}[{number}]", known_rules)


def read_suppression(value: object, subject: str, where: str, known_rules: Collection[str]) -> Suppression | str:
    """One exception from a JSON value; else the sentence that says what is wrong with it."""
    if not isinstance(value, Mapping):
        return f"{where} {shown(value)} is no mapping; write rule, reason, by and until"
    unknown = sorted(str(name) for name in value if name not in FIELDS)
    if unknown:
        return f"{where} has the unknown field {shown(unknown[0])}; known are {', '.join(FIELDS)}"
    rule, reason, by, until = (value.get(name) for name in FIELDS)
    if rule is not None and rule not in known_rules:
        return f"{where}: rule {shown(rule)} is none of the catalogue; see the rules by `graph-service audit rules`"
    if not isinstance(reason, str) or not reason.strip():
        return f"{where}: reason {shown(reason)} says nothing; say why the finding is put up with"
    if by is not None and not isinstance(by, str):
        return f"{where}: by {shown(by)} is no text; name who decided it"
    day: date | None = None
    if until is not None:
        try:
            day = date.fromisoformat(until) if isinstance(until, str) and len(until) == 10 else None
        except ValueError:
            day = None
        if day is None:
            return f"{where}: until {shown(until)} is no day; write YYYY-MM-DD, or leave it out"
    return Suppression(subject, rule, reason.strip(), by, day)


# ---------- what is found about exceptions themselves ----------


def suppression_expired(look: Look) -> Iterator[Hit]:
    """Exceptions whose last day is over."""
    nodes = look.graph.nodes
    for one in look.suppressions:
        if one.until is None or look.as_of <= one.until:
            continue
        vertex = nodes.get(one.subject)
        if vertex is not None and not look.sees(vertex):
            continue
        what = "any rule" if one.rule is None else one.rule
        yield Hit(
            vertex if vertex is not None and type(vertex.fact) in (Objective, KeyResult, Person, Team) else None,
            f"the exception of {shown(one.subject)} from {what} ended on {one.until}; it said {shown(one.reason)}",
            {"by": one.by, "reason": one.reason, "rule": one.rule, "subject": one.subject, "until": str(one.until)},
            {"daysOver": look.today - one.until.toordinal()},
        )


def suppression_invalid(look: Look) -> Iterator[Hit]:
    """Exceptions on a node that cannot be read, and exceptions of the rules file for what does not exist."""
    for vertex, wrong in look.faulty_suppressions:
        yield Hit(vertex, wrong, {"wrong": wrong})
    for one in look.rules.suppressions:
        if one.subject not in look.graph.nodes:
            yield Hit(
                None,
                f"the rules file makes an exception for {shown(one.subject)} (line {one.line}), which does not exist",
                {"rule": one.rule, "subject": one.subject},
            )


RULES = (
    Rule(
        "SUPPRESSION_EXPIRED",
        RuleGroup.AUDIT,
        Severity.WARNING,
        "An exception has ended",
        "The last day of an exception (in the rules file or on the node) is over, so its findings stand again.",
        "An exception is a decision for a time; whoever took it meant to look again.",
        "Mend what the exception was for, or renew it with a reason of today; then take the old one out.",
        whole=suppression_expired,
    ),
    Rule(
        "SUPPRESSION_INVALID",
        RuleGroup.AUDIT,
        Severity.WARNING,
        "An exception that cannot hold",
        "An exception on a node cannot be read, or one of the rules file names what does not exist.",
        "It was meant to hold, and nobody notices that it does not.",
        "Write rule, reason, by and until as documented, or take the exception out.",
        whole=suppression_invalid,
    ),
)
