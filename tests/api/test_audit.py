"""Findings and the ownership audit in GraphQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from graph_service.alignment.audit import Rules, audit
from graph_service.alignment.audit.report import Severity
from graph_service.api.limits import Limits
from tests.api.company import Ask


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in connection["edges"]]


def pages(ask: Ask, size: int) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = ask.data(
            "query ($first: Int, $after: String) { findings(first: $first, after: $after)"
            " { totalCount edges { node { rule subject { id } fingerprint } } pageInfo { hasNextPage endCursor } } }",
            first=size,
            after=after,
        )["findings"]
        yield from nodes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def test_a_finding_says_all_of_it(ask: Ask) -> None:
    found = ask.data(
        """{ findings(rules: ["OWNER_INACTIVE"]) { totalCount edges { node {
            rule severity group message advice facts today fingerprint
            subject { __typename id } owner { __typename id name } } } } }"""
    )["findings"]
    assert found["totalCount"] == 1
    (one,) = nodes(found)
    assert len(one.pop("fingerprint")) == 16
    assert one == {
        "rule": "OWNER_INACTIVE",
        "severity": "ERROR",
        "group": "OWNERSHIP",
        "message": "the owner of 'Écoles de pain', 'Dora', is not active any more",
        "advice": "Hand it over: the report lists who could take it.",
        "facts": {"owner": "dora"},
        "today": {},
        "subject": {"__typename": "Objective", "id": "alone"},
        "owner": {"__typename": "Person", "id": "dora", "name": "Dora"},
    }


def test_pages_hold_every_finding_once_the_gravest_first(ask: Ask) -> None:
    with ask.workspace.reading() as graph:
        whole = audit(graph, ask.workspace.audit_rules, date(2026, 5, 20)).findings
    assert len(whole) > 10
    assert [one["fingerprint"] for one in pages(ask, 3)] == [one.fingerprint for one in whole]


def test_filters(ask: Ask) -> None:
    found = ask.data(
        """{
        errors: findings(severity: ERROR) { edges { node { severity rule } } }
        mine: findings(owner: "dora") { edges { node { rule subject { id } owner { id } } } }
        nobody: findings(owner: "unknown") { totalCount }
        both: findings(owner: "dora", severity: ERROR, rules: ["OWNER_INACTIVE", "NO_WHY"]) { totalCount }
        later: findings(rules: ["OVERDUE"], asOf: "2026-07-01") { edges { node { subject { id } today } } }
        now: findings(rules: ["OVERDUE"]) { totalCount }
        }"""
    )
    assert {one["severity"] for one in nodes(found["errors"])} == {"ERROR"}
    assert {one["owner"]["id"] for one in nodes(found["mine"])} == {"dora"}
    assert (found["nobody"]["totalCount"], found["both"]["totalCount"]) == (0, 1)
    assert nodes(found["later"]) == [{"subject": {"id": "bread"}, "today": {"days": 1}}]
    assert found["now"]["totalCount"] == 0


def test_a_rule_that_there_is_not(ask: Ask) -> None:
    answer = ask('{ findings(rules: ["NO_WHYY"]) { totalCount } }')
    assert answer.code == "BAD_USER_INPUT"
    assert answer.message == "rules names 'NO_WHYY', which is none; `ownershipAudit.rules` lists them"


def test_goals_and_owners_know_their_findings(ask: Ask) -> None:
    found = ask.data(
        """{ objective(id: "alone") { findings { rule } } keyResult(id: "crust") { findings { rule } }
        dora: owner(id: "dora") { findings { rule subject { id } } } ada: owner(id: "ada") { findings { rule } } }"""
    )
    rules = [one["rule"] for one in found["objective"]["findings"]]
    assert rules[:2] == ["ORPHAN_UNALIGNED", "OWNER_INACTIVE"]
    assert [one["rule"] for one in found["dora"]["findings"]] == rules
    assert [one["rule"] for one in found["keyResult"]["findings"]] == ["STALE_CHECK_IN", "NO_UNIT"]


def test_goals_and_owners_know_their_findings_on_another_day(ask: Ask) -> None:
    found = ask.data(
        """{ objective(id: "bread") { now: findings { rule } later: findings(asOf: "2026-07-03") { rule today } }
        owner(id: "ovens") { now: findings { rule } later: findings(asOf: "2027-01-02") { rule subject { id } } } }"""
    )
    assert "OVERDUE" not in [one["rule"] for one in found["objective"]["now"]]
    (overdue,) = [one for one in found["objective"]["later"] if one["rule"] == "OVERDUE"]
    assert overdue["today"] == {"days": 3}
    assert "OVERDUE" not in [one["rule"] for one in found["owner"]["now"]]
    late = [one["subject"]["id"] for one in found["owner"]["later"] if one["rule"] == "OVERDUE"]
    assert late == ["bread"]


def test_a_list_of_findings_is_cut_at_a_page(ask: Ask) -> None:
    with ask.workspace.reading() as graph:
        many = len(ask.workspace.found(graph, date(2026, 5, 20)).about("alone"))
    ask.limits = Limits(max_page=2, page=2)
    answer = ask('{ objective(id: "alone") { findings { rule } } }')
    assert answer.data is not None
    assert len(answer.data["objective"]["findings"]) == 2 < many
    assert answer.extensions["truncated"] == [{"node": "alone", "field": "findings", "total": many}]


def test_a_change_moves_them_at_once(ask: Ask) -> None:
    question = '{ keyResult(id: "crust") { findings { rule } } }'
    assert ask.data(question) == {"keyResult": {"findings": [{"rule": "STALE_CHECK_IN"}, {"rule": "NO_UNIT"}]}}
    moved = ask.data(
        'mutation { checkInKeyResult(input: { keyResultId: "crust", value: 9 }) { errors { message }'
        ' query { keyResult(id: "crust") { findings { rule } } } } }'
    )["checkInKeyResult"]
    assert moved["errors"] == []
    assert [one["rule"] for one in moved["query"]["keyResult"]["findings"]] == ["NEGATIVE", "NO_UNIT"]


def test_the_rules_of_the_service_count(ask: Ask) -> None:
    ask.workspace.audit_rules = Rules(severities={"OWNER_INACTIVE": Severity.INFO, "NO_WHY": Severity.OFF})
    found = ask.data(
        """{ findings(rules: ["OWNER_INACTIVE", "NO_WHY"]) { edges { node { rule severity } } }
        ownershipAudit { rules { id severity defaultSeverity findings } } }"""
    )
    assert nodes(found["findings"]) == [{"rule": "OWNER_INACTIVE", "severity": "INFO"}]
    rules = {one["id"]: one for one in found["ownershipAudit"]["rules"]}
    assert rules["NO_WHY"] == {"id": "NO_WHY", "severity": "OFF", "defaultSeverity": "INFO", "findings": 0}
    assert rules["OWNER_INACTIVE"]["severity"] == "INFO"


def test_the_ownership_audit(ask: Ask) -> None:
    found = ask.data(
        """{ ownershipAudit { asOf revision totals { errors warnings infos suppressed }
        health { alignment { share good of missing { id } } ownership { missing { id } }
            measurability { share } freshness { share of } }
        organization { people teams objectives keyResults topLevel unowned { id } inactive { id }
            peopleWithoutGoal { id } teamsWithoutGoal { id } contributorsOnly { id }
            topOwners { owner { id } objectives }
            sight { share own contribution team of missing { id } }
            reporting { tops { id } depth managers meanSpan widestSpan spans { reports people } widest { id }
                apart { id } broken { id } circular { id } } alike { owners { id } alike } }
        handovers { owner { id } goals { id } to { id } why }
        people(first: 2) { totalCount edges { node { person { id } manager { id } reports goals { id } sight top { id }
            contributions { goal { id } roles } load { period objectives limit over }
            holding { objectives keyResults progress statuses } } } }
        teams { edges { node { team { id } contributions { roles } holding { objectives }
            within { objectives keyResults } withoutGoal { id } } } }
        findings(first: 1) { totalCount edges { node { rule } } } suppressed { reason } trend { asOf } } }"""
    )["ownershipAudit"]
    assert (found["asOf"], found["trend"], found["suppressed"]) == ("2026-05-20", [], [])
    assert found["findings"]["totalCount"] == sum(found["totals"].values())
    health = found["health"]
    assert health["alignment"] == {"share": 0.75, "good": 3, "of": 4, "missing": [{"id": "alone"}]}
    assert health["ownership"]["missing"] == [{"id": "alone"}]
    whole = found["organization"]
    assert (whole["people"], whole["teams"], whole["objectives"], whole["topLevel"]) == (3, 2, 4, 1)
    assert whole["inactive"] == [{"id": "alone"}]
    assert whole["topOwners"] == [{"owner": {"id": "ada"}, "objectives": 1}]
    assert whole["reporting"]["tops"] == [{"id": "ada"}]
    assert (whole["reporting"]["depth"], whole["reporting"]["managers"]) == (3, 2)
    assert whole["reporting"]["spans"] == [{"reports": 1, "people": 2}]
    assert found["handovers"] == [
        {
            "owner": {"id": "dora"},
            "goals": [{"id": "alone"}],
            "to": None,
            "why": "no active manager and no active lead of a team is known",
        }
    ]
    assert found["people"]["totalCount"] == 4
    ada = nodes(found["people"])[0]
    assert (ada["person"], ada["goals"], ada["sight"], ada["top"]) == (
        {"id": "ada"},
        [{"id": "grow"}],
        "OWN",
        {"id": "grow"},
    )
    assert ada["load"] == [{"period": "2026", "objectives": 1, "limit": 5, "over": False}]
    cleo = ask.data(
        "{ ownershipAudit { people { edges { node { person { id } contributions { goal { id } roles } } } } } }"
    )
    helping = {one["person"]["id"]: one["contributions"] for one in nodes(cleo["ownershipAudit"]["people"])}
    assert helping["cleo"] == [{"goal": {"id": "bread"}, "roles": ["taster"]}]
    assert ada["contributions"] == []
    teams = {one["team"]["id"]: one for one in nodes(found["teams"])}
    assert (teams["bakery"]["holding"]["objectives"], teams["bakery"]["within"]["objectives"]) == (0, 2)


def test_the_ownership_audit_of_some_goals(ask: Ask) -> None:
    found = ask.data(
        """{ ownershipAudit(filter: { ownerId: "dora", asOf: "2026-06-01" }) { asOf
        health { alignment { of } } people { edges { node { person { id } } } }
        findings { edges { node { subject { id } } } } organization { objectives } } }"""
    )["ownershipAudit"]
    assert (found["asOf"], found["health"]["alignment"]["of"]) == ("2026-06-01", 1)
    assert found["organization"]["objectives"] == 1
    assert nodes(found["people"]) == [{"person": {"id": "dora"}}]
    assert {one["subject"]["id"] for one in nodes(found["findings"])} == {"alone"}


def test_kept_audits_are_the_trend(ask: Ask) -> None:
    with ask.workspace.reading() as graph:
        report = audit(graph, ask.workspace.audit_rules, date(2026, 5, 13))
    ask.workspace.keep_audit(report)
    found = ask.data("{ ownershipAudit { trend { asOf revision alignment totals { errors } rules } } }")
    (kept,) = found["ownershipAudit"]["trend"]
    assert (kept["asOf"], kept["revision"], kept["alignment"]) == ("2026-05-13", report.revision, 0.75)
    assert kept["totals"]["errors"] == report.totals.errors
    assert kept["rules"]["OWNER_INACTIVE"] == 1
