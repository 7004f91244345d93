"""The rules as text, JSON and the page of the docs."""

from __future__ import annotations

from graph_service.alignment.audit import BY_ID, CATALOGUE, DEFAULTS, Rules
from graph_service.alignment.audit.report import Severity
from graph_service.render.audit.catalogue import rule_json, rule_text, rules_page, rules_text
from graph_service.render.letters import room
from tests.audit_rules import FILE

STRICT = Rules(severities={"OVERDUE": Severity.ERROR}, limits={"TOO_MANY_GOALS": {"person": 4}})


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == rules_page(), "run `make docs`"


def test_the_page_explains_every_rule() -> None:
    page = rules_page()
    for rule in CATALOGUE:
        assert f"### {rule.id}\n\n{rule.meaning}\n" in page


def test_a_rule_is_explained() -> None:
    assert rule_text(BY_ID["TOO_MANY_GOALS"], STRICT) == (
        "TOO_MANY_GOALS  ownership, info\n"
        "More goals than one can attend to\n"
        "  means    An owner, or the top as a whole, has more open objectives in a period\n"
        "           than the limit. Open: active, and not past its last day.\n"
        "  matters  Whoever has many goals has no priority.\n"
        "  do       Hand some over, postpone some, or join those that are one.\n"
        "  limits   person 4 (default: 5): open objectives of a person in a period\n"
        "           team 2: open objectives of a team or department in a period\n"
        "           organization 3: open top-level objectives, and those of the uppermost\n"
        "           team, in a period"
    )
    assert rule_text(BY_ID["OVERDUE"], STRICT).startswith("OVERDUE  progress, error (default: warning)\n")


def test_all_rules_in_80_columns() -> None:
    text = rules_text(CATALOGUE, STRICT)
    assert max(room(line) for line in text.splitlines()) <= 80
    assert "  OVERDUE                  error  * Past its last day\n" in text
    assert text.endswith("* differs from the default")
    assert "*" not in rules_text(CATALOGUE, DEFAULTS)
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2].isupper()] == list(BY_ID)


def test_a_rule_as_json() -> None:
    assert rule_json(BY_ID["STUCK_AT_ZERO"], STRICT)["limits"] == [
        {
            "name": "time",
            "value": 1 / 3,
            "default": 1 / 3,
            "meaning": "share of the time that may pass without a move",
        }
    ]
    assert rule_json(BY_ID["OVERDUE"], STRICT)["severity"] is Severity.ERROR
