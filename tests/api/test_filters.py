"""Filters and orders: each condition alone, several together, and what has no value."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.alignment.titles import folded
from tests.api.company import Ask

QUERY = """query($filter: GoalFilter, $orderBy: GoalOrder) {
    objectives(filter: $filter, orderBy: $orderBy) { totalCount edges { node { id } } }
    keyResults(filter: $filter, orderBy: $orderBy) { totalCount edges { node { id } } } }"""


def found(ask: Ask, given: dict[str, Any] | None = None, by: str = "ID", direction: str = "ASC") -> tuple[str, str]:
    """The ids of the objectives and of the key results, as two lines."""
    data = ask.data(QUERY, filter=given, orderBy={"by": by, "direction": direction})
    lines = []
    for name in ("objectives", "keyResults"):
        ids = [edge["node"]["id"] for edge in data[name]["edges"]]
        assert len(ids) == data[name]["totalCount"]
        lines.append(" ".join(ids))
    return lines[0], lines[1]


ALL = ("alone bread grow idea sweets", "crust fresh oven sales")


@pytest.mark.parametrize(
    ("given", "objectives", "key_results"),
    [
        ({}, *ALL),
        ({"ids": None, "text": None, "orphan": None}, *ALL),
        ({"ids": ["sweets", "crust", "nobody", "grow"]}, "grow sweets", "crust"),
        ({"ids": []}, "", ""),
        ({"ownerId": "ben"}, "", "crust"),
        ({"ownerId": "ovens"}, "bread", ""),
        ({"ownerId": "zoe"}, "", ""),
        ({"teamId": "ovens"}, "bread sweets", "crust"),
        ({"teamId": "bakery"}, "bread sweets", "crust"),
        ({"teamId": "shops"}, "", ""),
        ({"periodId": "spring"}, "bread", "crust fresh oven"),
        ({"periodId": "2026"}, "bread grow", "crust fresh oven sales"),
        ({"periodId": "1999"}, "", ""),
        ({"levels": ["team", "organization"]}, "bread grow idea", "crust fresh oven sales"),
        ({"levels": ["team"]}, "bread", "crust fresh oven"),
        ({"states": ["DRAFT"]}, "idea", ""),
        ({"states": ["ACTIVE", "DRAFT"]}, *ALL),
        ({"statuses": ["ON_TRACK"]}, "bread grow", "fresh"),
        ({"statuses": ["BEHIND", "AT_RISK"]}, "", "crust oven sales"),
        ({"statuses": ["OVERDUE"], "asOf": "2026-07-01"}, "bread", "crust oven"),
        ({"statuses": ["NOT_STARTED"], "asOf": "2026-03-31"}, "bread", "crust oven"),
        ({"progressFrom": 0.5}, "bread grow", "crust fresh"),
        ({"progressTo": 0.25}, "", "oven sales"),
        ({"progressFrom": 0.2, "progressTo": 0.5}, "", "crust oven sales"),
        ({"progressFrom": 0}, "bread grow", "crust fresh oven sales"),
        ({"progressFrom": 0.5, "progressTo": 0.5}, "", "crust"),
        ({"progressFrom": 0.5 + 5e-10, "progressTo": 0.5 + 5e-10}, "", "crust"),
        ({"progressTo": 1}, "bread grow", "crust fresh oven sales"),
        ({"progressFrom": 1.1}, "", ""),
        ({"progressTo": -0.1}, "", ""),
        ({"confidenceFrom": 0}, "bread grow", "crust"),
        ({"confidenceFrom": 0.7, "confidenceTo": 0.7}, "bread grow", "crust"),
        ({"confidenceTo": 0.69}, "", ""),
        ({"confidenceFrom": 0.71}, "", ""),
        ({"progressFrom": None, "confidenceTo": None}, *ALL),
        ({"staleSince": "2026-05-18"}, "alone idea sweets", "crust oven"),
        ({"staleSince": "2026-05-19"}, "alone bread idea sweets", "crust fresh oven"),
        ({"text": "BREAD"}, "bread", ""),
        ({"text": "écolés"}, "alone", ""),
        ({"text": "oven"}, "", "oven"),
        ({"text": "bread  BAKE"}, "bread", ""),
        ({"text": "bread cake"}, "", ""),
        ({"text": " "}, *ALL),
        ({"levels": []}, "", ""),
        ({"levels": ["planet"]}, "", ""),
        ({"states": []}, "", ""),
        ({"statuses": []}, "", ""),
        ({"theme": ""}, "", ""),
        ({"staleSince": "0001-01-01"}, "alone idea sweets", "oven"),
        ({"staleSince": "9999-12-31"}, *ALL),
        ({"ids": ["bread", "bread", "grow"], "ownerId": "ada"}, "grow", ""),
        ({"ownerId": "cleo", "teamId": "bakery"}, "sweets", ""),
        ({"ownerId": "ada", "teamId": "bakery"}, "", ""),
        ({"ownerId": "bread"}, "", ""),
        ({"teamId": "ben"}, "", "crust"),
        ({"periodId": "bread"}, "", ""),
        ({"orphan": True}, "alone", ""),
        ({"orphan": False}, "bread grow idea sweets", "crust fresh oven sales"),
        ({"hasOwner": False}, "idea", "fresh oven sales"),
        ({"hasOwner": True}, "alone bread grow sweets", "crust"),
        ({"theme": "money"}, "grow", "sales"),
        ({"theme": "mone"}, "", ""),
        ({"hasOwner": True, "periodId": "2026", "statuses": ["ON_TRACK"], "text": "e"}, "bread grow", ""),
    ],
    ids=str,
)
def test_a_filter_keeps_what_meets_all_of_it(
    ask: Ask, given: dict[str, Any], objectives: str, key_results: str
) -> None:
    assert found(ask, given) == (objectives, key_results)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (
            {"progressFrom": 0.5, "progressTo": 0.4},
            "BAD_USER_INPUT",
            "progressFrom 0.5 is above progressTo 0.4; swap them, or leave one out",
        ),
        (
            {"confidenceFrom": 1, "confidenceTo": 0.25},
            "BAD_USER_INPUT",
            "confidenceFrom 1 is above confidenceTo 0.25; swap them, or leave one out",
        ),
        ({"text": "x" * 1001}, "LIMIT_EXCEEDED", "text has 1001 characters; at most 1000 are looked for"),
    ],
    ids=["progress", "confidence", "text"],
)
@pytest.mark.parametrize("by", ["ID", "GAP"])
def test_a_filter_that_nothing_could_meet_is_refused(
    ask: Ask, given: dict[str, Any], code: str, message: str, by: str
) -> None:
    for field in ("objectives", "keyResults"):
        query = f"""query($filter: GoalFilter, $orderBy: GoalOrder) {{
            {field}(filter: $filter, orderBy: $orderBy) {{ totalCount }} }}"""
        answer = ask(query, filter=given, orderBy={"by": by})
        assert (answer.code, answer.message) == (code, message)
    answer = ask("query($filter: GoalFilter) { orphans(filter: $filter) { totalCount } }", filter=given)
    assert (answer.code, answer.message) == (code, message)


@pytest.mark.parametrize("by", ["TITLE", "PROGRESS", "EXPECTED", "GAP", "CONFIDENCE", "DUE", "LAST_CHECK_IN"])
def test_a_filter_is_the_same_in_every_order(ask: Ask, by: str) -> None:
    for given in ({"teamId": "bakery"}, {"ids": ["grow", "crust", "oven"]}, {"text": "e"}, {"hasOwner": False}):
        plain = [sorted(line.split()) for line in found(ask, given)]
        assert [sorted(line.split()) for line in found(ask, given, by=by)] == plain
        assert [sorted(line.split()) for line in found(ask, given, by=by, direction="DESC")] == plain


def test_a_filter_stands_beside_the_kinds_of_orphans(ask: Ask) -> None:
    query = """query($kinds: [OrphanKind!], $filter: GoalFilter) { orphans(kinds: $kinds, filter: $filter) {
        totalCount edges { node { objective { id } } } } }"""

    def orphans(**given: Any) -> list[str]:
        connection = ask.data(query, **given)["orphans"]
        ids = [edge["node"]["objective"]["id"] for edge in connection["edges"]]
        assert len(ids) == connection["totalCount"]
        return ids

    ask.do("createObjective", id="drift", title="Drift", ownerId="ben", parents=[{"id": "alone"}])
    assert orphans() == ["alone", "drift"]
    assert orphans(kinds=["ADRIFT"]) == ["drift"]
    assert orphans(kinds=[]) == []
    assert orphans(filter={"ownerId": "ben"}) == ["drift"]
    assert orphans(filter={"teamId": "bakery"}, kinds=["UNALIGNED"]) == []
    assert orphans(filter={"orphan": False}) == []
    assert orphans(filter={"text": "DRIF"}) == ["drift"]


def test_stale_since_counts_days_of_the_workspace(ask: Ask) -> None:
    ask.do("checkInKeyResult", keyResultId="oven", note="Nearly there.", at="2026-05-19T22:30:00Z")
    assert found(ask, {"staleSince": "2026-05-20"})[1] == "crust fresh oven sales"
    ask.do("updateWorkspace", timeZone="Europe/Berlin")
    assert found(ask, {"staleSince": "2026-05-20"})[1] == "crust fresh sales"


@pytest.mark.parametrize(
    ("by", "ascending", "descending"),
    [
        ("ID", "alone bread grow idea sweets", "sweets idea grow bread alone"),
        ("TITLE", "bread alone grow sweets idea", "idea sweets grow alone bread"),
        ("PROGRESS", "grow bread alone idea sweets", "bread grow sweets idea alone"),
        ("EXPECTED", "grow bread alone idea sweets", "bread grow sweets idea alone"),
        ("GAP", "bread grow alone idea sweets", "grow bread sweets idea alone"),
        ("CONFIDENCE", "bread grow alone idea sweets", "grow bread sweets idea alone"),
        ("DUE", "bread grow alone idea sweets", "grow bread sweets idea alone"),
        ("LAST_CHECK_IN", "alone bread grow idea sweets", "sweets idea grow bread alone"),
        ("REVISION", "alone bread grow idea sweets", "sweets idea grow bread alone"),
    ],
)
def test_an_order_puts_what_has_no_value_last_both_ways(ask: Ask, by: str, ascending: str, descending: str) -> None:
    assert found(ask, by=by)[0] == ascending
    assert found(ask, by=by, direction="DESC")[0] == descending


def test_key_results_are_ordered_by_their_own_values(ask: Ask) -> None:
    assert found(ask, by="LAST_CHECK_IN")[1] == "crust fresh sales oven"
    assert found(ask, by="LAST_CHECK_IN", direction="DESC")[1] == "sales fresh crust oven"
    assert found(ask, by="GAP", direction="DESC")[1] == "oven sales crust fresh"
    assert found(ask, {"asOf": "2026-12-31"}, by="GAP", direction="DESC")[1] == "sales oven crust fresh"
    assert found(ask, by="CONFIDENCE")[1] == "crust fresh oven sales"
    ask.do("updateKeyResult", id="fresh", title="Still fresh at noon")
    assert found(ask, by="REVISION", direction="DESC")[1] == "fresh sales oven crust"


def test_the_direction_may_be_left_out(ask: Ask) -> None:
    query = "{ objectives(orderBy: { by: TITLE }) { edges { node { id } } } }"
    assert [edge["node"]["id"] for edge in ask.data(query)["objectives"]["edges"]] == [
        "bread",
        "alone",
        "grow",
        "sweets",
        "idea",
    ]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (None, "ada bakery ben cleo dora ovens shops"),
        ({"text": "muller"}, "ben"),
        ({"text": "B"}, "ada bakery ben"),
        ({"text": "baker ada"}, "ada"),
        ({"active": False}, "dora shops"),
        ({"active": True, "kind": "TEAM"}, "bakery ovens"),
        ({"kind": "PERSON"}, "ada ben cleo dora"),
        ({"teamId": "ovens"}, "ben cleo ovens"),
        ({"teamId": "bakery"}, "bakery ben cleo ovens"),
        ({"teamId": "bakery", "kind": "PERSON", "text": "cleo"}, "cleo"),
        ({"teamId": "nowhere"}, ""),
        ({"text": None, "kind": None}, "ada bakery ben cleo dora ovens shops"),
    ],
    ids=str,
)
def test_owners_are_filtered(ask: Ask, given: dict[str, Any] | None, ids: str) -> None:
    query = "query($filter: OwnerFilter) { owners(filter: $filter) { totalCount edges { node { id } } } }"
    connection = ask.data(query, filter=given)["owners"]
    assert " ".join(edge["node"]["id"] for edge in connection["edges"]) == ids
    assert connection["totalCount"] == len(ids.split())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Grow", "grow"),
        ("ÉCOLE", "ecole"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("İzmir", "izmir"),
        ("résumé", "resume"),
        ("日本", "日本"),
        ("ＭＵＳＵＢＩ", "musubi"),
        ("ガギグ", "カ\u3099キ\u3099ク\u3099"),
        ("Müller", "muller"),
        ("ŁÓDŹ", "lodz"),
        ("Ørsted", "orsted"),
        ("Þórður", "thordur"),
        ("ΠΡΌΟΔΟΣ", "προοδοσ"),
        ("πρόοδος", "προοδοσ"),
        ("ILIK", "ilik"),
        ("ılık", "ilik"),
        ("İLİK", "ilik"),
        ("co\u00adoperate", "cooperate"),
        ("crew\u2019s \u2013 best", "crew's - best"),
        (" two\u00a0\u3000words ", "two words"),
        ("한", "\u1112\u1161\u11ab"),
        ("", ""),
        ("\u0301", ""),
    ],
)
def test_texts_are_folded(text: str, plain: str) -> None:
    assert folded(text) == plain
