"""Findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
import strawberry
from strawberry import UNSET

from graph_service.alignment.audit import report as told
from graph_service.alignment.audit.catalogue import BY_ID, ORDER
from graph_service.alignment.audit.findings import GRAVITY
from graph_service.alignment.audit.report import RuleGroup, Severity
from graph_service.api.connections import Connection, paged
from graph_service.api.context import Ground
from graph_service.api.cursors import Key, Order
from graph_service.api.errors import bad_input
from graph_service.api.fields import Reader
from graph_service.api.scalars import JSON
from graph_service.api.types.node import Node, node_at
from graph_service.api.types.refs import OwnerRef, owner_at
from graph_service.models.checks import shown

of_finding = Reader["Finding"]()

FINDING = Order("findings")


@strawberry.type(description="One thing that the audit noticed.")
class Finding:
    """A finding."""

    on: strawberry.Private[Ground]
    said: strawberry.Private[told.Finding]

    rule: str = of_finding(lambda one: one.said.rule, "The rule; `ownershipAudit.rules` explains each.")
    severity: Severity = of_finding(lambda one: one.said.severity, "How grave it is.")
    group: RuleGroup = of_finding(lambda one: one.said.group, "What the rule looks at.")
    subject: Node | None = of_finding(
        lambda one: node_at(one.on, one.said.subject.id or None),
        "The goal, person or team that it is about; null: the workspace as a whole.",
    )
    owner: OwnerRef | None = of_finding(
        lambda one: None if one.said.owner is None else owner_at(one.on, one.said.owner.id),
        "The owner of the goal, or the owner that it is about.",
    )
    message: str = of_finding(lambda one: one.said.message, "What was noticed, with field and value.")
    advice: str = of_finding(lambda one: one.said.advice, "What to do about it.")
    facts: JSON = of_finding(lambda one: JSON(msgspec.to_builtins(one.said.facts)), "The facts that make it.")
    today: JSON = of_finding(
        lambda one: JSON(msgspec.to_builtins(one.said.today)), "What only the day adds to them, as days late."
    )
    fingerprint: str = of_finding(
        lambda one: one.said.fingerprint, "Stands for rule, subject and facts: the same on another day."
    )


def finding_of(on: Ground, said: told.Finding) -> Finding:
    """A finding, as its type."""
    return Finding(on=on, said=said)


def findings_about(on: Ground, id: str, as_of: date | None = None) -> list[Finding]:
    """What the audit finds about a node on a day (absent: today), the gravest first."""
    return [finding_of(on, one) for one in on.found(as_of).about(id)]


def findings_page(
    on: Ground,
    findings: Iterable[told.Finding],
    first: int | None,
    after: str | None,
    order: Order = FINDING,
) -> Connection[Finding]:
    """A page of findings, the gravest first."""
    rows = ((finding_key(one), one) for one in findings)
    return paged(on, rows, lambda one: finding_of(on, one), order, first=first, after=after)


def finding_key(one: told.Finding) -> Key:
    """The place of a finding among others: the gravest first, then by rule and subject."""
    return (GRAVITY[one.severity], ORDER[one.rule], one.subject.id, one.fingerprint, one.message)


def known_rules(names: Sequence[str] | None) -> frozenset[str] | None:
    """The rules that are named; None: all. BAD_USER_INPUT for one that there is not."""
    if names is None or names is UNSET:
        return None
    for name in names:
        if name not in BY_ID:
            raise bad_input(f"rules names {shown(name)}, which is none; `ownershipAudit.rules` lists them")
    return frozenset(names)
