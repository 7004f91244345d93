"""One report against an earlier one, findings against those of before, what makes an audit fail, and an audit in small
for the trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from graph_service.alignment.audit.catalogue import BY_ID, ORDER
from graph_service.alignment.audit.findings import sort_key
from graph_service.alignment.audit.report import AuditReport, AuditSnapshot, Changed, Comparison, Finding, Severity
from graph_service.errors import Invalid
from graph_service.models.checks import shown

ERROR, WARNING, NEW, NEW_ERROR, NEW_WARNING, QUARANTINE = (
    "error",
    "warning",
    "new",
    "new-error",
    "new-warning",
    "quarantine",
)
WORDS = (ERROR, WARNING, NEW, NEW_ERROR, NEW_WARNING, QUARANTINE)
GRAVE = {
    ERROR: frozenset({Severity.ERROR}),
    WARNING: frozenset({Severity.ERROR, Severity.WARNING}),
    NEW: frozenset(Severity),
    NEW_ERROR: frozenset({Severity.ERROR}),
    NEW_WARNING: frozenset({Severity.ERROR, Severity.WARNING}),
}


def compared(report: AuditReport, baseline: AuditReport) -> AuditReport:
    """The same report with its comparison to an earlier one.

    A finding is open if the baseline has it with the same fingerprint, changed if it has one of the same rule and
    subject with another (paired in order), else new. What the baseline has and is neither is fixed, unless somebody
    puts up with it now."""
    before = _by_fingerprint(baseline.findings)
    open_ones: list[Finding] = []
    fresh: list[Finding] = []
    for one in report.findings:
        if before.get(one.fingerprint):
            before[one.fingerprint].pop()
            open_ones.append(one)
        else:
            fresh.append(one)
    gone: dict[tuple[str, str], list[Finding]] = {}
    for one in baseline.findings:
        if any(one is left for left in before.get(one.fingerprint, ())):
            gone.setdefault((one.rule, one.subject.id), []).append(one)
    new: list[Finding] = []
    changed: list[Changed] = []
    for one in fresh:
        earlier = gone.get((one.rule, one.subject.id))
        if earlier:
            changed.append(Changed(earlier.pop(0), one))
        else:
            new.append(one)
    put_up_with = {(one.finding.rule, one.finding.subject.id) for one in report.suppressed}
    left = {id(one) for pair, several in gone.items() if pair not in put_up_with for one in several}
    fixed = tuple([one for one in baseline.findings if id(one) in left])
    comparison = Comparison(baseline.as_of, tuple(new), fixed, tuple(open_ones), tuple(changed), baseline.health)
    return replace(report, comparison=comparison)


def _by_fingerprint(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.fingerprint, []).append(one)
    return found


class Difference(NamedTuple):
    """What became of some findings: those that ``appeared``, those that are ``gone``, and those of the same rule and
    subject on other facts or of another owner (``changed``); each in the order of findings, ``changed`` by what it is
    now."""

    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[Changed, ...]


NO_DIFFERENCE = Difference((), (), ())


def difference(before: Iterable[Finding], now: Iterable[Finding]) -> Difference:
    """What findings differ in from those of before: by rule, subject, facts and owner, not by what a day adds nor by
    words, so that a title that is written anew is no difference. Of several of one rule and subject they are paired in
    order."""
    left: dict[tuple[str, str | None], list[Finding]] = {}
    for one in before:
        left.setdefault(_identity(one), []).append(one)
    fresh: list[Finding] = []
    for one in now:
        same = left.get(_identity(one))
        if same:
            same.pop()
        else:
            fresh.append(one)
    place = sort_key(ORDER)
    earlier: dict[tuple[str, str], list[Finding]] = {}
    for one in sorted((one for same in left.values() for one in same), key=place):
        earlier.setdefault((one.rule, one.subject.id), []).append(one)
    appeared: list[Finding] = []
    changed: list[Changed] = []
    for one in sorted(fresh, key=place):
        known = earlier.get((one.rule, one.subject.id))
        if known:
            changed.append(Changed(known.pop(0), one))
        else:
            appeared.append(one)
    gone = sorted((one for known in earlier.values() for one in known), key=place)
    return Difference(tuple(appeared), tuple(gone), tuple(changed)) if appeared or gone or changed else NO_DIFFERENCE


def _identity(one: Finding) -> tuple[str, str | None]:
    return one.fingerprint, None if one.owner is None else one.owner.id


def fail_words(text: str) -> tuple[str, ...]:
    """The words of ``--fail-on``, separated by commas: severities, rules, new, quarantine. Invalid for any other."""
    words = tuple([word.strip() for word in text.split(",") if word.strip()])
    for word in words:
        if word not in WORDS and word not in BY_ID:
            raise Invalid(
                f"fail-on {shown(word)} is neither a rule (`graph-service audit rules` lists them) nor one of"
                f" {', '.join(WORDS)}"
            )
    if not words:
        raise Invalid(f"fail-on {shown(text)} names nothing; give {', '.join(WORDS)} or rules, separated by commas")
    return words


def failing(report: AuditReport, words: Sequence[str]) -> list[str]:
    """Why an audit fails by these words, one sentence each; empty if it does not.

    ``error``: an error; ``warning``: that or a warning; a rule: any finding of it; ``new``, ``new-error``,
    ``new-warning``: one that the baseline has not, or on other facts; ``quarantine``: anything of the files that was
    not taken as it stands."""
    why = []
    for word in words:
        if word == QUARANTINE:
            many = len(report.quarantined)
        elif word in (NEW, NEW_ERROR, NEW_WARNING):
            comparison = report.comparison
            if comparison is None:
                raise Invalid(f"fail-on {word} compares with an earlier report; name it by --baseline")
            fresh = [*comparison.new, *(one.now for one in comparison.changed)]
            many = sum(one.severity in GRAVE[word] for one in fresh)
        elif word in GRAVE:
            many = sum(one.severity in GRAVE[word] for one in report.findings)
        else:
            many = sum(one.rule == word for one in report.findings)
        if many:
            why.append(f"{word} ({many})")
    return why


def snapshot_of(report: AuditReport) -> AuditSnapshot:
    """An audit in small, for the trend."""
    health = report.health
    return AuditSnapshot(
        report.as_of,
        report.revision,
        health.alignment.share,
        health.ownership.share,
        health.measurability.share,
        health.freshness.share,
        report.totals,
        {rule.id: rule.findings for rule in sorted(report.rules, key=lambda rule: rule.id) if rule.findings},
        tuple(sorted(one.fingerprint for one in report.findings)),
    )
