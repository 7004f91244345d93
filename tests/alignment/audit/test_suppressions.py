"""Exceptions: said on a node or in the rules file, for a time, and told of when they end or cannot be read."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import DEFAULTS, Rules, audit
from graph_service.alignment.audit.rules import Suppression
from graph_service.models.nodes import Objective
from tests.alignment.audit.company import findings, said
from tests.build import AS_OF, Piece, grow, objective

UNTIL = date(2026, 3, 1)
LATER = date(2026, 3, 2)


def with_exceptions(id: str, *exceptions: object) -> Piece:
    """A top-level objective without an owner that holds exceptions."""
    piece = objective(id, top=True)
    (node,) = piece.nodes
    assert isinstance(node, Objective)
    return Piece([replace(node, attributes={"suppressions": list(exceptions)})], piece.links)


def test_an_exception_on_a_node_holds_until_its_last_day() -> None:
    graph = grow(
        with_exceptions(
            "sell", {"rule": "NO_OWNER", "reason": "Ines starts in March.", "by": "omar", "until": "2026-03-01"}
        )
    )
    report = audit(graph, DEFAULTS, UNTIL)
    assert "NO_OWNER" not in [one.rule for one in report.findings]
    (one,) = report.suppressed
    assert (one.finding.rule, one.finding.subject.id) == ("NO_OWNER", "sell")
    assert (one.reason, one.by, one.until, one.on_node) == ("Ines starts in March.", "omar", UNTIL, True)
    assert report.totals.suppressed == 1
    counts = {rule.id: (rule.findings, rule.suppressed) for rule in report.rules}
    assert counts["NO_OWNER"] == (0, 1)
    assert said(graph, "NO_OWNER", LATER) == {"sell": "'Sell' has no owner"}
    assert said(graph, "SUPPRESSION_EXPIRED", LATER) == {
        "sell": "the exception of 'sell' from NO_OWNER ended on 2026-03-01; it said 'Ines starts in March.'"
    }
    assert said(graph, "SUPPRESSION_EXPIRED", UNTIL) == {}


def test_an_exception_without_a_rule_is_for_all_of_them() -> None:
    graph = grow(with_exceptions("sell", {"reason": "An old branch."}))
    report = audit(graph, DEFAULTS, AS_OF)
    assert [one.rule for one in report.findings if one.subject.id == "sell"] == []
    assert len(report.suppressed) == 5


def test_exceptions_of_the_rules_file() -> None:
    graph = grow(objective("sell", top=True), objective("calm", top=True))
    rules = Rules(
        suppressions=(
            Suppression("sell", "NO_OWNER", "It is being filled.", "ines", None, 4),
            Suppression("gone", None, "It was there once.", None, None, 9),
        )
    )
    report = audit(graph, rules, AS_OF)
    assert [one.subject.id for one in report.findings if one.rule == "NO_OWNER"] == ["calm"]
    assert [(one.finding.subject.id, one.on_node) for one in report.suppressed] == [("sell", False)]
    assert said(graph, "SUPPRESSION_INVALID", AS_OF, rules) == {
        "": "the rules file makes an exception for 'gone' (line 9), which does not exist"
    }


@pytest.mark.parametrize(
    ("exception", "wrong"),
    [
        ("later", "suppressions[1] 'later' is no mapping; write rule, reason, by and until"),
        ({"rule": "NO_OWNER"}, "suppressions[1]: reason 'None' says nothing; say why the finding is put up with"),
        ({"reason": "  "}, "suppressions[1]: reason '  ' says nothing; say why the finding is put up with"),
        (
            {"rule": "NOBODY", "reason": "x"},
            "suppressions[1]: rule 'NOBODY' is none of the catalogue; see the rules by `graph-service audit rules`",
        ),
        (
            {"reason": "x", "until": "2026-02-30"},
            "suppressions[1]: until '2026-02-30' is no day; write YYYY-MM-DD, or leave it out",
        ),
        ({"reason": "x", "by": 7}, "suppressions[1]: by '7' is no text; name who decided it"),
        (
            {"reason": "x", "untill": "2026-03-01"},
            "suppressions[1] has the unknown field 'untill'; known are rule, reason, by, until",
        ),
    ],
)
def test_an_exception_that_cannot_be_read_is_a_finding(exception: object, wrong: str) -> None:
    graph = grow(with_exceptions("sell", exception))
    assert said(graph, "SUPPRESSION_INVALID") == {"sell": wrong}
    assert said(graph, "NO_OWNER") == {"sell": "'Sell' has no owner"}


def test_what_is_no_list_of_exceptions() -> None:
    piece = objective("sell", top=True)
    (node,) = piece.nodes
    assert isinstance(node, Objective)
    graph = grow(Piece([replace(node, attributes={"suppressions": "NO_OWNER"})]))
    assert said(graph, "SUPPRESSION_INVALID") == {
        "sell": "attribute suppressions 'NO_OWNER' is no list; write a list of {rule, reason, by, until}"
    }


def test_findings_about_exceptions_cannot_be_suppressed() -> None:
    graph = grow(
        with_exceptions("sell", {"rule": "NO_OWNER", "reason": "x", "until": "2026-02-01"}, {"reason": "never mind"})
    )
    assert [one.subject.id for one in findings(graph, "SUPPRESSION_EXPIRED")] == ["sell"]
