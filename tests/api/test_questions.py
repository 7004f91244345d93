"""Owners, periods and the like, and the questions asked of the whole graph."""

from __future__ import annotations

from typing import Any

from tests.api.company import Ask


def ids(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


def test_people_and_teams_know_each_other(ask: Ask) -> None:
    found = ask.data(
        """{
        cleo: owner(id: "cleo") { __typename id name active type attributes revision
            objectives { id } keyResults { id } contributesTo { goal { id } owner { id } roles }
            ... on Person { email jobTitle manager { id } dottedManagers { id } reports { id } teams { id }
                roles { id } } }
        ada: owner(id: "ada") { ... on Person { email jobTitle manager { id } reports { id } } }
        ben: owner(id: "ben") { keyResults { id } ... on Person { reports { id } roles { id title } } }
        ovens: owner(id: "ovens") { __typename name objectives { id }
            ... on Team { parent { id } teams { id } members { id } leads { id } } }
        bakery: owner(id: "bakery") { ... on Team { parent { id } teams { id } members { id } } }
        bread: objective(id: "bread") { contributors { owner { id } goal { id } roles } }
        }"""
    )
    assert found["cleo"] == {
        "__typename": "Person",
        "id": "cleo",
        "name": "Cleo",
        "active": True,
        "type": "person",
        "attributes": {},
        "revision": 1,
        "objectives": [{"id": "sweets"}],
        "keyResults": [],
        "contributesTo": [{"goal": {"id": "bread"}, "owner": {"id": "cleo"}, "roles": ["taster"]}],
        "email": None,
        "jobTitle": None,
        "manager": {"id": "ben"},
        "dottedManagers": [{"id": "ada"}],
        "reports": [],
        "teams": [{"id": "bakery"}, {"id": "ovens"}],
        "roles": [],
    }
    assert found["ada"] == {
        "email": "ada@bakery.example",
        "jobTitle": "Head",
        "manager": None,
        "reports": [{"id": "ben"}],
    }
    assert found["ben"] == {
        "keyResults": [{"id": "crust"}],
        "reports": [{"id": "cleo"}],
        "roles": [{"id": "baker", "title": "Head baker"}],
    }
    assert found["ovens"] == {
        "__typename": "Team",
        "name": "Ovens",
        "objectives": [{"id": "bread"}],
        "parent": {"id": "bakery"},
        "teams": [],
        "members": [{"id": "ben"}, {"id": "cleo"}],
        "leads": [{"id": "ben"}],
    }
    assert found["bakery"] == {"parent": None, "teams": [{"id": "ovens"}], "members": [{"id": "cleo"}]}
    assert found["bread"] == {"contributors": [{"owner": {"id": "cleo"}, "goal": {"id": "bread"}, "roles": ["taster"]}]}


def test_periods_nest_and_come_by_their_first_day(ask: Ask) -> None:
    ask.do("createPeriod", id="someday", title="Some day")
    assert ask.data("{ periods { id title start end within { id } periods { id } attributes revision } }") == {
        "periods": [
            {
                "id": "2026",
                "title": "The year 2026",
                "start": "2026-01-01",
                "end": "2026-12-31",
                "within": None,
                "periods": [{"id": "spring"}],
                "attributes": {},
                "revision": 1,
            },
            {
                "id": "spring",
                "title": "Spring",
                "start": "2026-04-01",
                "end": "2026-06-30",
                "within": {"id": "2026"},
                "periods": [],
                "attributes": {},
                "revision": 1,
            },
            {
                "id": "someday",
                "title": "Some day",
                "start": None,
                "end": None,
                "within": None,
                "periods": [],
                "attributes": {},
                "revision": 2,
            },
        ]
    }
    assert ask.data('{ period(id: "spring") { title } }') == {"period": {"title": "Spring"}}


def test_initiatives_kpis_and_roles(ask: Ask) -> None:
    found = ask.data(
        """{
        initiatives { totalCount edges { node { id title state owner { id } supports { id } start due attributes
            revision tasks { title url done } } } }
        kpis { totalCount edges { node { id title unit min max value at inRange keyResults { id } attributes
            revision } } }
        roles { totalCount edges { node { id title outcomes { id } metrics { id } areas brings holders { id } attributes
            revision } } }
        objective(id: "bread") { initiatives { id } }
        }"""
    )
    assert found["initiatives"]["edges"] == [
        {
            "node": {
                "id": "mill",
                "title": "Our own mill",
                "state": "ACTIVE",
                "owner": {"id": "cleo"},
                "supports": [{"id": "bread"}],
                "start": None,
                "due": None,
                "attributes": {},
                "revision": 1,
                "tasks": [{"title": "Find a mill", "url": "https://mills.example/1", "done": True}],
            }
        }
    ]
    assert found["kpis"]["edges"] == [
        {
            "node": {
                "id": "queue",
                "title": "Queue at noon",
                "unit": "people",
                "min": None,
                "max": 8.0,
                "value": 9.0,
                "at": None,
                "inRange": False,
                "keyResults": [{"id": "fresh"}],
                "attributes": {},
                "revision": 1,
            }
        }
    ]
    assert found["roles"]["edges"] == [
        {
            "node": {
                "id": "baker",
                "title": "Head baker",
                "outcomes": [{"id": "bread"}],
                "metrics": [{"id": "crust"}],
                "areas": ["ovens"],
                "brings": ["patience"],
                "holders": [{"id": "ben"}],
                "attributes": {},
                "revision": 1,
            }
        }
    ]
    assert [found[name]["totalCount"] for name in ("initiatives", "kpis", "roles")] == [1, 1, 1]
    assert found["objective"] == {"initiatives": [{"id": "mill"}]}


def test_a_kpi_is_in_range_only_if_it_has_a_range_and_a_value(ask: Ask) -> None:
    def range_of(**given: object) -> bool | None:
        payload = ask.do("createKpi", "kpi { inRange }", title="Queue", **given)
        in_range: bool | None = payload["kpi"]["inRange"]
        return in_range

    assert range_of(value=3) is None
    assert range_of(min=1) is None
    assert range_of(min=1, value=1) is True
    assert range_of(max=1, value=1) is True
    assert range_of(min=1, max=2, value=3) is False
    assert range_of(min=1, max=2, value=0.5) is False


def test_the_workspace_tells_its_facts(ask: Ask) -> None:
    found = ask.data("{ workspace { levels behindLimit atRiskLimit checkInDays timeZone revision epoch } revision }")
    assert found["workspace"].pop("epoch") == ask.workspace.epoch
    assert found == {
        "workspace": {
            "levels": ["organization", "department", "team", "individual"],
            "behindLimit": 0.0,
            "atRiskLimit": 0.25,
            "checkInDays": 7,
            "timeZone": "UTC",
            "revision": 1,
        },
        "revision": 1,
    }


def test_every_answer_tells_its_revision(ask: Ask) -> None:
    assert ask("{ revision }").extensions == {"revision": 1}
    answer = ask('mutation { createPerson(input: { name: "Eve" }) { revision } }')
    assert answer.data == {"createPerson": {"revision": 2}}
    assert answer.extensions == {"revision": 2}


def test_a_ladder_leads_to_the_top(ask: Ask) -> None:
    found = ask.data(
        """{ ladder(id: "sweets") { goal { id } truncated nodes { id } paths { id } one: paths(first: 1) { id }
            path { goal { id } keyResults { id } kind weight share } edges { from to kind weight share primary } } }"""
    )["ladder"]
    assert found["goal"] == {"id": "sweets"}
    assert found["path"] == [
        {"goal": {"id": "grow"}, "keyResults": [{"id": "sales"}], "kind": None, "weight": None, "share": None},
        {"goal": {"id": "sales"}, "keyResults": [], "kind": "KEY_RESULT_OF", "weight": 1.0, "share": 1 / 3},
        {"goal": {"id": "sweets"}, "keyResults": [], "kind": "PARENT", "weight": 1.0, "share": None},
    ]
    assert [node["id"] for node in found["nodes"]] == ["grow", "bread", "sales", "sweets"]
    assert found["edges"] == [
        {"from": "bread", "to": "grow", "kind": "PARENT", "weight": 2.0, "share": 2 / 3, "primary": True},
        {"from": "sales", "to": "grow", "kind": "KEY_RESULT_OF", "weight": 1.0, "share": 1 / 3, "primary": True},
        {"from": "sweets", "to": "sales", "kind": "PARENT", "weight": 1.0, "share": None, "primary": True},
        {"from": "sweets", "to": "bread", "kind": "ALIGNED", "weight": 0.0, "share": None, "primary": False},
    ]
    assert found["truncated"] is False
    paths = [[goal["id"] for goal in path] for path in found["paths"]]
    assert paths == [["grow", "sales", "sweets"], ["grow", "bread", "sweets"]]
    assert [[goal["id"] for goal in path] for path in found["one"]] == paths[:1]


def test_ladders_and_cascades_are_drawn(ask: Ask) -> None:
    found = ask.data(
        """{ ladder(id: "crust") { text mermaid dot svg } cascade(id: "grow") { text mermaid dot svg }
            orgChart { text mermaid dot svg } }"""
    )
    for name, title in (("ladder", "Crust tests passed"), ("cascade", "Bake better bread"), ("orgChart", "Ada Baker")):
        for picture in found[name].values():
            assert title in picture
        assert found[name]["dot"].startswith("digraph")
        assert found[name]["svg"].startswith("<svg ")


def test_a_cascade_goes_as_deep_as_it_is_asked_to(ask: Ask) -> None:
    found = ask.data(
        """{ cascade(id: "grow", depth: 1) { root { id } hidden truncated
            nodes { goal { id } depth primaryParent hidden } edges { from to } }
        objective(id: "grow") { cascade(depth: 0) { hidden nodes { goal { id } } } deep: cascade { hidden } } }"""
    )
    assert found["cascade"] == {
        "root": {"id": "grow"},
        "hidden": 4,
        "truncated": False,
        "nodes": [
            {"goal": {"id": "grow"}, "depth": 0, "primaryParent": None, "hidden": 4},
            {"goal": {"id": "sales"}, "depth": 1, "primaryParent": "grow", "hidden": 1},
            {"goal": {"id": "bread"}, "depth": 1, "primaryParent": "grow", "hidden": 3},
        ],
        "edges": [{"from": "sales", "to": "grow"}, {"from": "bread", "to": "grow"}],
    }
    assert found["objective"] == {"cascade": {"hidden": 6, "nodes": [{"goal": {"id": "grow"}}]}, "deep": {"hidden": 0}}
    assert ask('{ cascade(id: "grow", depth: -1) { hidden } }').code == "BAD_USER_INPUT"


def test_an_org_chart_shows_people_with_their_goals(ask: Ask) -> None:
    found = ask.data(
        """{ orgChart(depth: 1) { root { id } hidden truncated
            nodes { owner { id } depth reportsTo dottedTo goals { id } progress hidden } }
        teams: orgChart(root: "bakery") { root { id } nodes { owner { id } reportsTo } }
        none: orgChart(root: "zoe") { hidden } }"""
    )
    assert found["orgChart"] == {
        "root": None,
        "hidden": 1,
        "truncated": False,
        "nodes": [
            {
                "owner": {"id": "ada"},
                "depth": 0,
                "reportsTo": None,
                "dottedTo": [],
                "goals": [{"id": "grow"}],
                "progress": 0.5666666666666667,
                "hidden": 1,
            },
            {
                "owner": {"id": "dora"},
                "depth": 0,
                "reportsTo": None,
                "dottedTo": [],
                "goals": [{"id": "alone"}],
                "progress": None,
                "hidden": 0,
            },
            {
                "owner": {"id": "ben"},
                "depth": 1,
                "reportsTo": "ada",
                "dottedTo": [],
                "goals": [{"id": "crust"}],
                "progress": 0.5,
                "hidden": 1,
            },
        ],
    }
    assert found["teams"]["root"] == {"id": "bakery"}
    assert {"owner": {"id": "ovens"}, "reportsTo": "bakery"} in found["teams"]["nodes"]
    assert found["none"] is None
    wrong = ask('{ orgChart(root: "grow") { hidden } }')
    assert wrong.code == "BAD_USER_INPUT"
    assert "'grow'" in wrong.message


def test_orphans_say_what_is_wrong_and_where_they_could_go(ask: Ask) -> None:
    ask.do(
        "createObjective", id="adrift", title="Sell tea", ownerId="ben", periodId="spring", parents=[{"id": "alone"}]
    )
    query = """query($kinds: [OrphanKind!], $filter: GoalFilter, $after: String) {
        orphans(kinds: $kinds, filter: $filter, first: 1, after: $after) { totalCount pageInfo { endCursor hasNextPage }
            edges { node { kind reason objective { id } candidates(first: 1) { goal { id } reason } } } } }"""
    page = ask.data(query)["orphans"]
    assert page["totalCount"] == 2
    assert page["edges"][0]["node"]["objective"] == {"id": "adrift"}
    assert page["edges"][0]["node"]["kind"] == "ADRIFT"
    assert page["edges"][0]["node"]["candidates"][0]["goal"] == {"id": "bread"}
    page = ask.data(query, after=page["pageInfo"]["endCursor"])["orphans"]
    assert page["edges"] == [
        {
            "node": {
                "kind": "UNALIGNED",
                "reason": "it names no goal above it",
                "objective": {"id": "alone"},
                "candidates": [],
            }
        }
    ]
    assert page["pageInfo"]["hasNextPage"] is False
    assert ask.data(query, kinds=["UNALIGNED"])["orphans"]["totalCount"] == 1
    assert ask.data(query, kinds=["BROKEN"])["orphans"]["totalCount"] == 0
    assert ask.data(query, filter={"ownerId": "ben"})["orphans"]["edges"][0]["node"]["objective"] == {"id": "adrift"}


def test_leverage_puts_the_largest_gain_first(ask: Ask) -> None:
    found = ask.data(
        """{ leverage(id: "grow") { keyResult { id } leverage gain }
            two: leverage(id: "grow", first: 2) { keyResult { id } }
            none: leverage(id: "zoe") { gain } }"""
    )
    assert [one["keyResult"]["id"] for one in found["leverage"]] == ["sales", "oven", "crust", "fresh"]
    assert found["leverage"][0] == {"keyResult": {"id": "sales"}, "leverage": 1 / 3, "gain": 1 / 3 * 0.8}
    assert [one["keyResult"]["id"] for one in found["two"]] == ["sales", "oven"]
    assert found["none"] is None
    assert ask('{ leverage(id: "grow", first: -1) { gain } }').code == "BAD_USER_INPUT"


def test_links_show_the_whole_graph_flat(ask: Ask) -> None:
    query = """query($kinds: [LinkKind!], $after: String) { links(kinds: $kinds, first: 2, after: $after) { totalCount
        pageInfo { endCursor hasNextPage } edges { node { from to kind weight share primary roles dotted } } } }"""
    assert ask.data(query)["links"]["totalCount"] == 27
    lines = ask.data(query, kinds=["REPORTS_TO", "LEADS"])["links"]
    assert lines["totalCount"] == 4
    assert [edge["node"] for edge in lines["edges"]] == [
        {
            "from": "ben",
            "to": "ada",
            "kind": "REPORTS_TO",
            "weight": 1.0,
            "share": None,
            "primary": True,
            "roles": [],
            "dotted": False,
        },
        {
            "from": "ben",
            "to": "ovens",
            "kind": "LEADS",
            "weight": 1.0,
            "share": None,
            "primary": False,
            "roles": ["chair"],
            "dotted": False,
        },
    ]
    lines = ask.data(query, kinds=["REPORTS_TO", "LEADS"], after=lines["pageInfo"]["endCursor"])["links"]
    assert [(edge["node"]["from"], edge["node"]["to"], edge["node"]["dotted"]) for edge in lines["edges"]] == [
        ("cleo", "ada", True),
        ("cleo", "ben", False),
    ]
    assert lines["pageInfo"]["hasNextPage"] is False


def test_the_log_is_told_oldest_first(ask: Ask) -> None:
    ask.clock.forward(hours=1)
    ask.do("updateObjective", id="bread", title="Bake the best bread", level=None)
    ask.do("removeInitiative", id="mill", reason="Too loud.")
    query = """query($revision: Int, $nodes: [ID!], $kinds: [String!], $first: Int, $after: String) {
        changes(afterRevision: $revision, nodes: $nodes, kinds: $kinds, first: $first, after: $after) {
            totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
            edges { node { revision position at by kind nodes input reason source } } } }"""
    found = ask.data(query, revision=1)["changes"]
    assert found["totalCount"] == 2
    assert [edge["node"] for edge in found["edges"]] == [
        {
            "revision": 2,
            "position": 0,
            "at": "2026-05-20T13:00:00Z",
            "by": "anonymous",
            "kind": "updateObjective",
            "nodes": ["bread"],
            "input": {"id": "bread", "title": "Bake the best bread", "level": None},
            "reason": None,
            "source": "graphql",
        },
        {
            "revision": 3,
            "position": 0,
            "at": "2026-05-20T13:00:00Z",
            "by": "anonymous",
            "kind": "removeInitiative",
            "nodes": ["bread", "mill"],
            "input": {"id": "mill", "reason": "Too loud."},
            "reason": "Too loud.",
            "source": "graphql",
        },
    ]
    page = ask.data(query, nodes=["mill"], first=1)["changes"]
    assert page["totalCount"] == 2
    assert (page["edges"][0]["node"]["kind"], page["edges"][0]["node"]["by"]) == ("createInitiative", "setup")
    assert page["pageInfo"]["hasNextPage"] is True
    ask.do("updateObjective", id="sweets", title="Offer more sweets")
    page = ask.data(query, nodes=["mill"], first=1, after=page["pageInfo"]["endCursor"])["changes"]
    assert [edge["node"]["kind"] for edge in page["edges"]] == ["removeInitiative"]
    assert page["pageInfo"] | {"endCursor": ""} == {"hasNextPage": False, "hasPreviousPage": True, "endCursor": ""}
    kinds = ask.data(query, kinds=["checkInKeyResult"])["changes"]
    assert kinds["totalCount"] == 5
    assert {edge["node"]["kind"] for edge in kinds["edges"]} == {"checkInKeyResult"}
    assert ask.data(query, revision=9)["changes"]["edges"] == []


def test_the_whole_log_is_told_in_pages_without_gap_or_double(ask: Ask) -> None:
    for number in range(5):
        ask.do("updateObjective", id="bread", title=f"Bread {number}")
    query = """query($after: String) { changes(first: 7, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        edges { node { revision position } } } }"""
    places: list[tuple[int, int]] = []
    after = None
    while True:
        page = ask.data(query, after=after)["changes"]
        places += [(edge["node"]["revision"], edge["node"]["position"]) for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert places == sorted(set(places))
    assert len(places) == page["totalCount"]
