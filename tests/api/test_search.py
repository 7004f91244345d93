"""Search: what is found, in which order, and page by page while titles come, go and change."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill

QUERY = """query($text: String!, $first: Int, $after: String) { search(text: $text, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { id __typename } } } }"""


def found(ask: Ask, text: str) -> str:
    connection = ask.data(QUERY, text=text)["search"]
    ids = [edge["node"]["id"] for edge in connection["edges"]]
    assert len(ids) == connection["totalCount"]
    return " ".join(ids)


TITLES = {
    "crew": "Crew",
    "crew-2": "crew",
    "crews": "Crews that stay",
    "our": "Our crews",
    "re": "Re-crew the boats",
    "screw": "Buy screws",
    "straße": "Straßenbahn",
    "lodz": "Łódź an der Fähre",
    "izmir": "İzmir ve Iğdır",
    "greek": "Η ΠΡΌΟΔΟΣ",
    "tokyo": "東京都の乗客",
    "seoul": "서울 승객",
}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("crew", "crew crew-2 crews our re screw"),
        ("CREWS", "crews our screw"),
        ("crews our", "our"),
        ("our crews", "our"),
        ("boats re", "re"),
        ("screw crew", "screw"),
        ("strasse", "straße"),
        ("STRASSENBAHN", "straße"),
        ("lodz fahre", "lodz"),
        ("izmir igdir", "izmir"),
        ("IĞDIR", "izmir"),
        ("προοδος", "greek"),
        ("京都", "tokyo"),
        ("乗客", "tokyo"),
        ("東京", "tokyo"),
        ("서", "seoul"),
        ("승객", "seoul"),
        ("-crew", "re"),
        ("(", ""),
        (".*", ""),
        ("nothing like it", ""),
        ("", ""),
        ("\u0301", ""),
    ],
)
def test_the_nearest_comes_first(text: str, ids: str) -> None:
    clock = Clock()
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace, [("createObjective", {"id": id, "title": title}) for id, title in TITLES.items()])
        assert found(Ask(workspace, clock), text) == ids


def test_everything_with_a_title_is_found(ask: Ask) -> None:
    ask.do("createRole", id="oven role", title="Oven role")
    ask.do("createKpi", id="oven kpi", title="Oven KPI")
    ask.do("createInitiative", id="oven project", title="Oven project")
    ask.do("createPerson", id="oven person", name="Oven person")
    ask.do("createPeriod", id="oven period", title="Oven period")
    ask.do("createObjective", id="oven goal", title="Oven goal")
    edges = ask.data(QUERY, text="oven")["search"]["edges"]
    assert [(edge["node"]["id"], edge["node"]["__typename"]) for edge in edges] == [
        ("oven goal", "Objective"),
        ("oven kpi", "Kpi"),
        ("oven period", "Period"),
        ("oven person", "Person"),
        ("oven project", "Initiative"),
        ("oven role", "RoleCharter"),
        ("ovens", "Team"),
        ("oven", "KeyResult"),
    ]


def test_a_search_follows_what_is_written(ask: Ask) -> None:
    assert found(ask, "baker") == "bakery ada baker"
    ask.do("erasePerson", id="ada")
    ask.do("updateTeam", id="bakery", name="Bread works")
    assert found(ask, "baker") == "baker"
    assert found(ask, "bread") == "bakery bread"
    ask.do("removeRole", id="baker")
    assert found(ask, "baker") == ""


def test_a_page_begins_after_its_cursor_whatever_became_of_the_row(ask: Ask) -> None:
    first = ask.data(QUERY, text="b", first=2)["search"]
    assert [edge["node"]["id"] for edge in first["edges"]] == ["bread", "bakery"]
    after = first["pageInfo"]["endCursor"]
    ask.do("updateTeam", id="bakery", name="Zone")
    ask.do("createObjective", id="begin", title="Baa")
    ask.do("createObjective", id="later", title="Bb")
    second = ask.data(QUERY, text="B ", first=2, after=after)["search"]
    assert [edge["node"]["id"] for edge in second["edges"]] == ["later", "ben"]
    assert (second["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasNextPage"]) == (True, True)


def test_a_cursor_of_another_search_is_refused(ask: Ask) -> None:
    after = ask.data(QUERY, text="b", first=1)["search"]["pageInfo"]["endCursor"]
    answer = ask(QUERY, text="br", after=after)
    assert answer.code == "BAD_USER_INPUT"
    assert answer.message == (
        f"after '{after[:60]}...' is a cursor of another list or order ('search for b'), this is 'search for br';"
        " begin again without it"
    )


def test_a_text_longer_than_any_title_is_refused(ask: Ask) -> None:
    answer = ask(QUERY, text="x" * 1001)
    assert (answer.code, answer.message) == (
        "LIMIT_EXCEEDED",
        "text has 1001 characters; at most 1000 are looked for",
    )
    assert found(ask, "x" * 1000) == ""


def test_the_cursor_of_the_longest_title_is_taken_back() -> None:
    clock = Clock()
    titles: list[tuple[str, dict[str, Any]]] = [
        ("createObjective", {"id": f"{number}" + "\U0001f950" * 198, "title": "\ufdfa" * 1000}) for number in (1, 2)
    ]
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace, titles)
        ask = Ask(workspace, clock)
        page = ask.data(QUERY, text="\ufdfa", first=1)["search"]
        again = ask.data(QUERY, text="\ufdfa", first=1, after=page["pageInfo"]["endCursor"])["search"]
        ids = [page["edges"][0]["node"]["id"], again["edges"][0]["node"]["id"]]
        assert ids == [given["id"] for _, given in titles]
