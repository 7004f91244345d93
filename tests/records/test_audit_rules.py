"""The rules file: what it may say, what is wrong with it, and writing one with all that is in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from graph_service.alignment.audit import DEFAULTS, Rules
from graph_service.alignment.audit.report import Severity
from graph_service.alignment.audit.rules import LEVELS, Suppression
from graph_service.errors import Invalid
from graph_service.records.audit_rules import RulesInvalid, read_rules, rules_from, write_rules


def read(text: str) -> Rules:
    return rules_from(text.encode(), "audit.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(RulesInvalid) as refused:
        read(text)
    return [one.removeprefix("audit.yaml:") for one in refused.value.problems]


def test_all_that_can_be_said() -> None:
    rules = read("""
rules:
  NO_WHY: off
  NO_UNIT: false
  OVERDUE: Error
  TOO_MANY_GOALS: {severity: warning, limits: {person: 4}}
  STUCK_AT_ZERO:
    limits: {time: 0.5}
cadences: {individual: 7, department: 30}
levels: {organization: [company], department: [division, area]}
task_verbs: {add: [Brainstorm], remove: [plan]}
vanity_metrics: [followers, Page Views]
suppressions:
  - {subject: okr-12, rule: NO_OWNER, reason: The owner starts in May., by: ines, until: 2026-05-31}
  - subject: okr-13
    reason: "An old branch: left as it is."
""")
    assert rules.severities == {
        "NO_WHY": Severity.OFF,
        "NO_UNIT": Severity.OFF,
        "OVERDUE": Severity.ERROR,
        "TOO_MANY_GOALS": Severity.WARNING,
    }
    assert rules.limits == {"TOO_MANY_GOALS": {"person": 4.0}, "STUCK_AT_ZERO": {"time": 0.5}}
    assert rules.cadences == {"individual": 7, "department": 30}
    assert rules.levels == {**LEVELS, "organization": ("company",), "department": ("division", "area")}
    assert set(rules.task_verbs) == (set(DEFAULTS.task_verbs) | {"brainstorm"}) - {"plan"}
    assert rules.vanity == ("followers", "page views")
    assert rules.suppressions == (
        Suppression("okr-12", "NO_OWNER", "The owner starts in May.", "ines", date(2026, 5, 31), 14),
        Suppression("okr-13", None, "An old branch: left as it is.", None, None, 15),
    )


@pytest.mark.parametrize("text", ["", "# nothing but a comment", "rules:\ncadences: {}\nsuppressions:\n", "{}"])
def test_what_is_not_named_keeps_its_default(text: str) -> None:
    assert read(text) == DEFAULTS


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    assert problems("""rules:
  NO_WHY: maybe
  NO_WHYY: off
  TOO_MANY_GOALS: {limits: {persons: 3, team: x, person: -1}}
  NO_OWNER: {limits: {a: 3}, severe: error}
  NO_WHY: off
  OVERDUE: [error]
cadences: {team: 0, individual: 2.5}
levels: {boss: [a], team: [crew], individual: [crew]}
task_verbs: {remove: [fly]}
vanity_metrics: [3]
suppressions:
  - {subject: a, until: 2026-13-01}
  - nothing
  - {subject: b, rule: NOBODY, reason: x, since: 2026-01-01}
colour: red
""") == [
        "2: rules.NO_WHY 'maybe' is no severity; write error, warning, info, off",
        "3: rules.NO_WHYY is unknown; known are listed by `graph-service audit rules`",
        "4: rules.TOO_MANY_GOALS.limits.persons is unknown; known are person, team, organization",
        "4: rules.TOO_MANY_GOALS.limits.team 'x' is not a number of at least 0; correct it",
        "4: rules.TOO_MANY_GOALS.limits.person '-1' is not a number of at least 0; correct it",
        "5: rules.NO_OWNER.limits cannot be set: the rule has no limits",
        "5: rules.NO_OWNER.severe is unknown; known are severity, limits",
        "6: rules.NO_WHY is there twice; keep one",
        "7: rules.OVERDUE '['error']' is no mapping; write name: value, one a line",
        "8: cadences.team '0' is not a whole number of at least 1; correct it",
        "8: cadences.individual '2.5' is not a whole number of at least 1; correct it",
        "9: levels.boss is unknown; known are organization, department, team, individual",
        "9: levels 'crew' stands for team and for individual; keep one",
        "10: task_verbs.remove 'fly' is not in the list; take it out",
        "11: vanity_metrics[0] '3' is no text; write a word",
        "13: suppressions[0] has no reason; write one",
        "13: suppressions[0].until '2026-13-01' is no day; write YYYY-MM-DD, or leave it out",
        "14: suppressions[1] 'nothing' is no mapping; write name: value, one a line",
        "15: suppressions[2].since is unknown; known are subject, rule, reason, by, until",
        "15: suppressions[2].rule 'NOBODY' is unknown; see `graph-service audit rules`",
        "16: colour is unknown; known are rules, cadences, levels, task_verbs, vanity_metrics, suppressions",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"rules: [", r"rules audit\.yaml:1: the file is no YAML"),
        (b"\xff\xfe", r"rules audit\.yaml: the file is no YAML \(not UTF-8"),
        (b"[" * 5000, r"rules audit\.yaml: the file is no YAML"),
        (b"a: 1\n---\nb: 2\n", r"rules audit\.yaml:2: the file is no YAML: but found another document"),
        (b"- rules", r"audit\.yaml:1: '\['rules'\]' is no mapping"),
        (b"&a [*a]", r"audit\.yaml:1: .* is no mapping"),
        (b"!!python/object:os.system {}", r"audit\.yaml|DEFAULT"),
    ],
)
def test_what_is_no_rules_file(data: bytes, said: str) -> None:
    if b"python" in data:
        assert rules_from(data, "audit.yaml") == DEFAULTS, "a tag makes no object, and an empty mapping says nothing"
        return
    with pytest.raises(Invalid, match=said):
        rules_from(data, "audit.yaml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"rules '.*audit\.yaml' cannot be read: No such file or directory"):
        read_rules(tmp_path / "audit.yaml")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "audit.yaml"
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(Invalid, match="is larger than 1,000,000 bytes"):
        read_rules(file)


@pytest.mark.parametrize(
    "rules",
    [
        DEFAULTS,
        Rules(
            severities={"NO_WHY": Severity.OFF, "OVERDUE": Severity.ERROR},
            limits={"STUCK_AT_ZERO": {"time": 0.25}},
            cadences={"team": 14, "on": 3},
            levels={**LEVELS, "team": ("crew", "yes", "3 men")},
            task_verbs=("grow",),
            vanity=(),
            suppressions=(
                Suppression("a: b", None, 'He said "no".', None, None, 0),
                Suppression("c", "NO_OWNER", "Später", "ines", date(2026, 5, 31), 0),
            ),
        ),
    ],
)
def test_a_file_with_all_that_is_in_force_is_read_back(rules: Rules) -> None:
    again = read(write_rules(rules))
    assert write_rules(again) == write_rules(rules)
    assert (again.cadences, again.levels, again.task_verbs, again.vanity) == (
        rules.cadences,
        rules.levels,
        rules.task_verbs,
        rules.vanity,
    )
    for rule, severity in rules.severities.items():
        assert again.severities[rule] is severity
    for rule, limits in rules.limits.items():
        assert {**again.limits[rule], **limits} == again.limits[rule]
    assert list(again.suppressions) == [
        Suppression(one.subject, one.rule, one.reason, one.by, one.until, new.line)
        for one, new in zip(rules.suppressions, again.suppressions, strict=True)
    ]
