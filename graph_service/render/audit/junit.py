"""The report as JUnit XML, which every CI server shows as tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from graph_service.alignment.audit.report import AuditReport, Finding, RuleInForce, Severity, Subject, Suppressed
from graph_service.render.letters import clean
from graph_service.render.svg.ink import escaped

FAILS = frozenset({Severity.ERROR, Severity.WARNING})


def report_junit(report: AuditReport) -> str:
    """The report as tests: a suite for each rule, in it a test for each finding.

    Errors and warnings are failures; infos pass, with their sentence as output; what somebody puts up with, and a rule
    that is off, is skipped. A rule that finds nothing is one test that passes. Names hold the id of the subject, so
    that a finding is the same test from run to run. There are no times in it, and no
    attribute that the schema of Jenkins does not know.
    """
    by_rule: dict[str, list[Finding]] = {}
    for one in report.findings:
        by_rule.setdefault(one.rule, []).append(one)
    exceptions = {rule: list(several) for rule, several in groupby(report.suppressed, key=lambda one: one.finding.rule)}
    failures = sum(one.severity in FAILS for one in report.findings)
    suites: list[str] = []
    tests = 0
    for rule in report.rules:
        lines, many = _suite(rule, by_rule.get(rule.id, ()), exceptions.get(rule.id, ()))
        suites += lines
        tests += many
    head = f'<testsuites name="audit as of {report.as_of}" tests="{tests}" failures="{failures}" errors="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


def _suite(rule: RuleInForce, found: Sequence[Finding], exceptions: Sequence[Suppressed]) -> tuple[list[str], int]:
    """The lines of a suite, and how many tests it has."""
    cases: list[str] = []
    for one in found:
        cases += _case(rule, one)
    for exception in exceptions:
        cases += _skipped(rule, exception.finding, exception.reason)
    if not cases:
        name = f'  <testcase classname="{_class(rule)}" name="{escaped(rule.title)}"'
        off = rule.severity is Severity.OFF
        cases = [f'{name}><skipped message="the rule is off"/></testcase>'] if off else [f"{name}/>"]
    tests = max(1, len(found) + len(exceptions))
    failures = sum(one.severity in FAILS for one in found)
    skipped = len(exceptions) + (rule.severity is Severity.OFF)
    head = f' <testsuite name="{rule.id}" tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}">'
    return [head, *cases, " </testsuite>"], tests


def _class(rule: RuleInForce) -> str:
    return f"audit.{rule.group.lower()}.{rule.id}"


def _opening(rule: RuleInForce, one: Finding) -> str:
    return f'  <testcase classname="{_class(rule)}" name="{escaped(named(one.subject))}">'


def named(subject: Subject) -> str:
    """What a test is called: id and title of the subject."""
    return f"{clean(subject.id)}: {clean(subject.title)}" if subject.id else "the whole workspace"


def _case(rule: RuleInForce, one: Finding) -> list[str]:
    message, advice = escaped(clean(one.message)), escaped(clean(one.advice))
    where = "" if one.place is None else f"\nat {escaped(clean(one.place.file))}:{one.place.line}"
    owner = "" if one.owner is None else f"\nowner: {escaped(named(one.owner))}"
    told = f"{message}\n{advice}{where}{owner}\nfingerprint: {one.fingerprint}"
    if one.severity in FAILS:
        inner = f'   <failure type="{one.severity.lower()}" message="{message}">{told}</failure>'
    else:
        inner = f"   <system-out>{told}</system-out>"
    return [_opening(rule, one), inner, "  </testcase>"]


def _skipped(rule: RuleInForce, one: Finding, reason: str) -> list[str]:
    return [_opening(rule, one), f'   <skipped message="{escaped(clean(reason))}"/>', "  </testcase>"]
