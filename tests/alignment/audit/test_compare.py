"""Fingerprints, a report against an earlier one, and what makes an audit fail."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import DEFAULTS, AuditReport, Rules, audit
from graph_service.alignment.audit.compare import compared, fail_words, failing, snapshot_of
from graph_service.alignment.audit.report import Place, Quarantined
from graph_service.alignment.audit.rules import Suppression
from graph_service.errors import Invalid
from tests.build import AS_OF, Piece, check_in, grow, key_result, objective, person, quarter, reported

MONDAY = AS_OF + timedelta(days=8)


def company(*more: Piece) -> list[Piece]:
    return [
        quarter(),
        person("ines"),
        objective("sell", top=True, owner="ines", period="2026-Q1"),
        key_result("sales", "sell", -5),
        *more,
    ]


def report(*pieces: Piece, as_of: date = AS_OF, rules: Rules = DEFAULTS) -> AuditReport:
    return audit(grow(*pieces), rules, as_of)


def rules_of(several: object) -> list[tuple[str, str]]:
    return [(one.rule, one.subject.id) for one in several]  # type: ignore[attr-defined]


def test_another_day_makes_no_other_finding() -> None:
    first, later = report(*company()), report(*company(), as_of=MONDAY)
    assert {one.fingerprint for one in first.findings} <= {one.fingerprint for one in later.findings}
    comparison = compared(later, first).comparison
    assert comparison is not None
    assert rules_of(comparison.new) == [("STALE_CHECK_IN", "sales")]
    assert (comparison.fixed, comparison.changed, comparison.as_of) == ((), (), AS_OF)
    assert len(comparison.open) == len(first.findings)


def test_new_fixed_open_and_changed() -> None:
    before = report(*company(objective("teach", owner="ines"), objective("calm", top=True)))
    after = compared(
        report(
            quarter(),
            person("ines"),
            objective("sell", top=True, owner="ines", period="2026-Q1"),
            key_result("sales", "sell", -20),
            objective("teach", "sell", owner="ines"),
            objective("calm", top=True),
            objective("write"),
        ),
        before,
    ).comparison
    assert after is not None
    assert ("ORPHAN_UNALIGNED", "write") in rules_of(after.new)
    assert ("ORPHAN_UNALIGNED", "teach") in rules_of(after.fixed)
    assert ("NO_OWNER", "calm") in rules_of(after.open)
    (changed,) = after.changed
    assert (changed.now.rule, changed.before.facts["raw"], changed.now.facts["raw"]) == ("NEGATIVE", -0.05, -0.2)
    assert after.health == before.health


def test_what_is_put_up_with_is_not_fixed() -> None:
    before = report(*company(objective("calm", top=True)))
    rules = Rules(suppressions=(Suppression("calm", "NO_OWNER", "It is being filled."),))
    comparison = compared(report(*company(objective("calm", top=True)), rules=rules), before).comparison
    assert comparison is not None
    assert (comparison.new, comparison.fixed) == ((), ())


def test_the_same_report_has_only_open_findings() -> None:
    first = report(*company())
    comparison = compared(first, first).comparison
    assert comparison is not None
    assert comparison.open == first.findings
    assert (comparison.new, comparison.fixed, comparison.changed) == ((), (), ())


def test_what_makes_an_audit_fail() -> None:
    first = report(*company())
    assert (first.totals.errors, first.totals.warnings) == (0, 2)
    assert failing(first, ("error",)) == []
    assert failing(first, ("warning",)) == ["warning (2)"]
    assert failing(first, ("NEGATIVE", "NO_OWNER")) == ["NEGATIVE (1)"]
    later = compared(report(*company(objective("calm", top=True)), as_of=MONDAY), first)
    assert failing(later, ("new-error", "new-warning", "new")) == ["new-error (1)", "new-warning (4)", "new (6)"]
    assert failing(compared(first, first), ("new",)) == []


def test_a_changed_finding_is_a_new_one() -> None:
    worse = [*company()[:-1], key_result("sales", "sell", -20)]
    assert failing(compared(report(*worse), report(*company())), ("new",)) == ["new (1)"]


def test_quarantined_records_can_make_it_fail() -> None:
    problem = Quarantined(Place("okrs.csv", 3), None, "", "", "MALFORMED", "it cannot be read", "QUARANTINED")
    messy = audit(grow(*company()), DEFAULTS, AS_OF, quarantined=[problem])
    assert failing(messy, ("quarantine",)) == ["quarantine (1)"]
    assert failing(report(*company()), ("quarantine",)) == []


def test_new_needs_a_baseline() -> None:
    with pytest.raises(Invalid, match="fail-on new compares with an earlier report; name it by --baseline"):
        failing(report(*company()), ("new",))


def test_the_words_of_fail_on() -> None:
    assert fail_words("error, NO_OWNER ,new") == ("error", "NO_OWNER", "new")
    for text in ("grave", "NO_OWNERS", "error,,Warning"):
        with pytest.raises(Invalid, match="is neither a rule"):
            fail_words(text)
    with pytest.raises(Invalid, match="names nothing"):
        fail_words(" , ")


def test_an_audit_in_small() -> None:
    first = report(*company(), *[reported(check_in("sales", "seen", -6))])
    small = snapshot_of(first)
    assert (small.as_of, small.revision, small.alignment, small.totals) == (AS_OF, 1, 1.0, first.totals)
    assert small.rules == {rule.id: rule.findings for rule in first.rules if rule.findings}
    assert list(small.rules) == sorted(small.rules)
    assert small.fingerprints == tuple(sorted(one.fingerprint for one in first.findings))
    assert snapshot_of(replace(first, trend=(small,))) == small
