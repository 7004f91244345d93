"""The report as SARIF 2.1.0 (OASIS), which code hosts show beside the changed lines of record files."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import msgspec

from graph_service import __version__
from graph_service.alignment.audit.report import (
    AuditReport,
    Finding,
    Place,
    Quarantined,
    RuleInForce,
    Severity,
    Subject,
    SubjectKind,
    Suppressed,
)
from graph_service.render.audit.tables import FIGURES
from graph_service.render.letters import clean

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.OFF: "none"}
FINGERPRINT = "graphServiceFinding/v1"
DRIVE = re.compile(r"[A-Za-z]:/")

Json = dict[str, Any]


def report_sarif(report: AuditReport) -> bytes:
    """The report as one run: the catalogue as its rules, findings as results (those that somebody puts up with as
    suppressed ones, those of a baseline that are gone as absent ones), and what could not be read as notifications.

    Where files were audited, places are lines of them, with relative addresses as the files were named; a finding about
    the whole then stands at the first file. Without files a result has its goal or owner as a logical place only.
    """
    numbers = {rule.id: number for number, rule in enumerate(report.rules)}
    states = _states(report)
    results = [_result(report, one, numbers, states.get((one.fingerprint, one.subject.id))) for one in report.findings]
    results += [_suppressed(report, one, numbers) for one in report.suppressed]
    if report.comparison is not None:
        results += [_result(report, one, numbers, "absent") for one in report.comparison.fixed]
    run: Json = {
        "tool": {
            "driver": {
                "name": "graph-service",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "automationDetails": {"id": "graph-service/audit/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(one) for one in report.quarantined],
            }
        ],
        "results": results,
        "properties": {
            "asOf": report.as_of,
            "revision": report.revision,
            "health": {name: getattr(report.health, name).share for name in FIGURES},
        },
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _states(report: AuditReport) -> dict[tuple[str, str], str]:
    told = report.comparison
    if told is None:
        return {}
    return {
        **{(one.fingerprint, one.subject.id): "unchanged" for one in told.open},
        **{(one.now.fingerprint, one.now.subject.id): "updated" for one in told.changed},
        **{(one.fingerprint, one.subject.id): "new" for one in told.new},
    }


def _rule(rule: RuleInForce) -> Json:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("_")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": f"{rule.why} {rule.advice}"},
        "defaultConfiguration": {"enabled": rule.severity is not Severity.OFF, "level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.group.lower()]},
    }


def _result(report: AuditReport, one: Finding, numbers: dict[str, int], state: str | None) -> Json:
    made: Json = {
        "ruleId": one.rule,
        "level": LEVELS[one.severity],
        "message": {"text": clean(f"{one.message}. {one.advice}")},
        "locations": [_location(report, one.place, one.subject)],
        "partialFingerprints": {FINGERPRINT: one.fingerprint},
    }
    if one.rule in numbers:  # a baseline may know a rule that there is no more
        made["ruleIndex"] = numbers[one.rule]
    if state is not None:
        made["baselineState"] = state
    if one.owner is not None:
        made["properties"] = {"owner": one.owner.id, "ownerName": clean(one.owner.title)}
    return made


def _suppressed(report: AuditReport, one: Suppressed, numbers: dict[str, int]) -> Json:
    made = _result(report, one.finding, numbers, None)
    told: Json = {"kind": "inSource" if one.on_node else "external", "status": "accepted"}
    told["justification"] = clean(one.reason)
    properties = {"by": one.by, "until": one.until}
    told["properties"] = {name: value for name, value in properties.items() if value is not None}
    return made | {"suppressions": [told]}


def _location(report: AuditReport, place: Place | None, subject: Subject) -> Json:
    made: Json = {}
    if place is not None:
        made["physicalLocation"] = _physical(place)
    elif report.files:
        made["physicalLocation"] = _physical(Place(report.files[0], 0))
    if subject.kind is SubjectKind.WORKSPACE:
        logical: Json = {"name": "workspace", "kind": "workspace"}
    else:
        kind = subject.kind.lower().replace("_", " ")
        logical = {"name": clean(subject.title), "fullyQualifiedName": subject.id, "kind": kind}
    return made | {"logicalLocations": [logical]}


def _physical(place: Place) -> Json:
    made: Json = {"artifactLocation": {"uri": address_of(place.file)}}
    if place.line:
        made["region"] = {"startLine": place.line}
    return made


def address_of(file: str) -> str:
    """The name of a file as an address: relative as it was named, of a whole path with its scheme.

    >>> address_of("okrs/team one.yaml"), address_of("/srv/okrs.jsonl")
    ('okrs/team%20one.yaml', 'file:///srv/okrs.jsonl')
    """
    path = file.replace("\\", "/")
    if DRIVE.match(path):
        return f"file:///{quote(path, safe='/:')}"
    return ("file://" if path.startswith("/") else "") + quote(path.removeprefix("./"))


def _notification(one: Quarantined) -> Json:
    return {
        "descriptor": {"id": one.problem},
        "level": "warning",
        "message": {"text": clean(one.message)},
        "locations": [{"physicalLocation": _physical(one.place)}],
    }
