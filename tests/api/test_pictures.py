"""What an embed token is answered: its own picture, and of everything else nothing, neither names nor counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from graph_service.access import OPEN, Caller
from graph_service.api.callers import whose_is
from graph_service.api.context import Asking
from graph_service.api.pictures import FIELDS, QUESTIONS, VIEWS, WHOLE
from graph_service.api.schema import schema
from graph_service.models.words import Scope
from tests.api.company import Ask
from tests.api.test_viewer import ALL, EVERYTHING

BREAD = Caller("a", "wiki", Scope.READ, "bread", "cascade")
SWEETS = Caller("b", "wiki", Scope.READ, "sweets", "cascade")
CRUST = Caller("c", "wiki", Scope.READ, "crust", "ladder")
BEN = Caller("d", "wiki", Scope.READ, "ben", "org")
NOTHING = Caller("e", "wiki", Scope.READ, "nowhere", "cascade")

SEEN = {
    "bread": {"bread", "crust", "fresh", "oven", "ovens", "ben", "spring"},
    "sweets": {"sweets", "cleo"},
    "crust": {"crust", "bread", "grow", "fresh", "oven", "sales", "ovens", "ben", "ada", "spring", "2026"},
    "ben": {"ben", "crust", "cleo", "sweets"},
    "nowhere": set[str](),
}
CALLERS = [BREAD, SWEETS, CRUST, BEN, NOTHING]


def answer(ask: Ask, caller: Caller, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    result = schema.answer(query, Asking(ask.workspace, caller=caller), variables=variables)
    assert result.errors is None
    assert result.data is not None
    return result.data


def refusal(ask: Ask, caller: Caller, query: str, **variables: Any) -> tuple[str, str]:
    """Code and sentence of an operation that was refused as a whole."""
    result = schema.answer(query, Asking(ask.workspace, caller=caller), variables=variables)
    assert result.data is None
    [error] = result.errors or []
    return (error.extensions or {})["code"], error.message


def every_id(ask: Ask) -> set[str]:
    with ask.workspace.reading() as graph:
        return set(graph.nodes)


# ---------- through these eyes, whatever is asked ----------


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: str(caller.root))
def test_no_question_at_all_tells_of_what_is_not_seen(ask: Ask, caller: Caller) -> None:
    """Even of the questions that such a token is refused: two walls, and each holds by itself."""
    asking = Asking(ask.workspace, viewer=caller.viewer, limits=ALL)
    findings = """fragment Audit on Query { findings { totalCount edges { node { subject { id } owner { id } message
        facts } } } objectives { edges { node { findings { subject { id } message } } } } }"""
    result = schema.answer(f"{{ ...Everything ...Audit }} {EVERYTHING} {findings}", asking)
    assert result.errors is None
    assert result.data is not None
    text = json.dumps(result.data, ensure_ascii=False)
    hidden = every_id(ask) - SEEN[str(caller.root)]
    assert [id for id in sorted(hidden) if f'"{id}"' in text] == []
    with ask.workspace.reading() as graph:
        titles = {getattr(graph.nodes[id].fact, "title", None) or graph.nodes[id].fact.name for id in hidden}  # type: ignore[union-attr]
    assert [title for title in sorted(titles) if title in text] == []
    with ask.workspace.reading() as graph:
        kinds = [type(graph.nodes[id].fact).__name__ for id in SEEN[str(caller.root)]]
    assert result.data["objectives"]["totalCount"] == kinds.count("Objective")
    assert result.data["keyResults"]["totalCount"] == kinds.count("KeyResult")


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: str(caller.root))
def test_no_id_outside_of_the_picture_can_be_told_from_one_that_is_not_there(ask: Ask, caller: Caller) -> None:
    query = """query($id: ID!) { node(id: $id) { id } objective(id: $id) { id } keyResult(id: $id) { id }
        owner(id: $id) { id } }"""
    for id in [*sorted(every_id(ask)), "nowhere"]:
        found = answer(ask, caller, query, id=id)
        assert (found["node"] is not None) == (id in SEEN[str(caller.root)]), id
        assert all(one is None for one in found.values()) == (id not in SEEN[str(caller.root)]), id
    ids = sorted(every_id(ask))
    nodes = answer(ask, caller, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)["nodes"]
    assert {one["id"] for one in nodes if one is not None} == SEEN[str(caller.root)]


@pytest.mark.parametrize(
    ("caller", "found"),
    [
        (BREAD, ["bread", "ben", "oven", "fresh", "crust", "ovens", "spring"]),
        (SWEETS, ["sweets", "cleo"]),
        (NOTHING, []),
    ],
)
def test_a_search_finds_and_counts_what_is_seen(ask: Ask, caller: Caller, found: list[str]) -> None:
    query = (
        "query($text: String!) { search(text: $text) { totalCount edges { node { id } } pageInfo { hasNextPage } } }"
    )
    met: set[str] = set()
    for text in "aeiou":
        said = answer(ask, caller, query, text=text)["search"]
        met |= {edge["node"]["id"] for edge in said["edges"]}
        assert said["totalCount"] == len(said["edges"])
        assert said["pageInfo"] == {"hasNextPage": False}
    assert met == set(found)


# ---------- its own picture ----------


def test_a_cascade_is_whole_for_its_token(ask: Ask) -> None:
    said = answer(
        ask,
        BREAD,
        """{ cascade(id: "bread") { nodes { goal { id title status progress { value } owner { name } }
        primaryParent } hidden truncated svg } }""",
    )["cascade"]
    assert [node["goal"]["id"] for node in said["nodes"]] == ["bread", "crust", "fresh", "oven"]
    assert said["nodes"][0]["goal"]["owner"] == {"name": "Ovens"}
    assert (said["hidden"], said["truncated"]) == (0, False)
    with ask.workspace.reading() as graph:
        bread = graph.goal("bread")
        assert bread is not None
        # the number is that of the whole graph
        assert said["nodes"][0]["goal"]["progress"]["value"] == bread.value
    assert "Grow revenue" not in said["svg"]
    # what lies under the root has a cascade of its own; what lies over it or beside it has none
    for id, nodes in (("crust", 1), ("grow", None), ("sweets", None), ("ben", None), ("nowhere", None)):
        found = answer(ask, BREAD, "query($id: ID!) { cascade(id: $id) { nodes { depth } } }", id=id)["cascade"]
        assert (None if found is None else len(found["nodes"])) == nodes, id


def test_a_ladder_and_an_org_chart_are_whole_for_their_tokens(ask: Ask) -> None:
    said = answer(ask, CRUST, '{ ladder(id: "crust") { path { goal { id } keyResults { id } } } }')["ladder"]
    assert [rung["goal"]["id"] for rung in said["path"]] == ["grow", "bread", "crust"]
    assert [one["id"] for one in said["path"][0]["keyResults"]] == ["sales"]
    assert answer(ask, CRUST, '{ ladder(id: "sweets") { path { goal { id } } } }') == {"ladder": None}
    query = "query($root: ID) { orgChart(root: $root) { nodes { owner { id } dottedTo goals { id } } hidden } }"
    own = {
        "nodes": [
            {"owner": {"id": "ben"}, "dottedTo": [], "goals": [{"id": "crust"}]},
            {"owner": {"id": "cleo"}, "dottedTo": [], "goals": [{"id": "sweets"}]},
        ],
        "hidden": 0,
    }
    assert answer(ask, BEN, query, root="ben") == {"orgChart": own}
    # without a root too: whoever leads them is not there
    assert answer(ask, BEN, query) == {"orgChart": own}
    assert answer(ask, BEN, query, root="ada") == {"orgChart": None}


def test_findings_are_those_of_the_whole_as_far_as_they_are_seen(ask: Ask) -> None:
    """A root is no orphan because nobody sees what it hangs under."""
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Goal { id findings { rule severity message } } } }"
    for caller in CALLERS:
        ids = sorted(SEEN[str(caller.root)])
        own, whole = answer(ask, caller, query, ids=ids)["nodes"], ask.data(query, ids=ids)["nodes"]
        for seen, told in zip(own, whole, strict=True):
            rules = [one["rule"] for one in told.get("findings", ())]
            assert all(one["rule"] in rules for one in seen.get("findings", ())), seen
    [crust] = answer(ask, CRUST, query, ids=["crust"])["nodes"]
    assert crust["findings"] == ask.data(query, ids=["crust"])["nodes"][0]["findings"]


def test_findings_are_those_of_the_moment(ask: Ask) -> None:
    """They are kept for all who ask through the same eyes, until the next revision."""
    query = '{ node(id: "crust") { ... on Goal { findings { rule } } } }'
    rules = [one["rule"] for one in answer(ask, CRUST, query)["node"]["findings"]]
    assert rules == ["STALE_CHECK_IN", "NO_UNIT"]
    ask.do("checkInKeyResult", keyResultId="crust", value=16)
    assert answer(ask, CRUST, query)["node"]["findings"] == [{"rule": "NO_UNIT"}]
    ask.clock.forward(days=9)
    assert [one["rule"] for one in answer(ask, CRUST, query)["node"]["findings"]] == rules


# ---------- what is refused ----------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("{ objectives { totalCount } }", "Query.objectives"),
        ("{ keyResults { totalCount } }", "Query.keyResults"),
        ("{ owners { totalCount } }", "Query.owners"),
        ("{ periods { id } }", "Query.periods"),
        ("{ initiatives { totalCount } }", "Query.initiatives"),
        ("{ kpis { totalCount } }", "Query.kpis"),
        ("{ roles { totalCount } }", "Query.roles"),
        ("{ links { totalCount } }", "Query.links"),
        ("{ orphans { totalCount } }", "Query.orphans"),
        ("{ findings { totalCount } }", "Query.findings"),
        ("{ ownershipAudit { asOf } }", "Query.ownershipAudit"),
        ('{ leverage(id: "bread") { leverage } }', "Query.leverage"),
        ("{ changes { totalCount } }", "Query.changes"),
        ('{ ladder(id: "bread") { text } }', "Query.ladder"),
        ("{ orgChart { text } }", "Query.orgChart"),
        ('{ owner(id: "ben") { ... on Person { email } } }', "Person.email"),
        ('{ owner(id: "ben") { attributes } }', "Owner.attributes"),
        ('{ node(id: "ben") { ... on Person { manager { id } } } }', "Person.manager"),
        ('{ node(id: "bread") { ... on Goal { history { totalCount } } } }', "Goal.history"),
        ('{ objective(id: "bread") { attributes } }', "Objective.attributes"),
        ('{ objective(id: "bread") { ladder { text } } }', "Objective.ladder"),
        ('{ objective(id: "bread") { cascade { text } } }', "Objective.cascade"),
        (
            'query($no: Boolean!) { owner(id: "ben") { ...More @include(if: $no) } } fragment More on Person { email }',
            "Person.email",
        ),
        ('{ a: cascade(id: "bread") { root { ...on Objective { b: themes } } } }', "Objective.themes"),
        ("subscription { graphChanged { by } }", "GraphEvent.by"),
        ("subscription { graphChanged { changes { input } } }", "Change.input"),
    ],
)
def test_what_is_no_part_of_a_picture_is_forbidden(ask: Ask, query: str, field: str) -> None:
    variables = {"no": False} if "$no" in query else {}
    sentence = f"{field} is no part of what this token shows, which is one cascade alone."
    assert refusal(ask, BREAD, query, **variables) == ("FORBIDDEN", sentence)
    assert schema.answer(query, Asking(ask.workspace), variables=variables).errors in (None, [])


def test_each_view_has_its_own_question(ask: Ask) -> None:
    asked = {"cascade": '{ cascade(id: "x") { text } }', "ladder": '{ ladder(id: "x") { text } }'}
    asked["org"] = "{ orgChart { hidden } }"
    for view, query in asked.items():
        for other in (*asked, "pie"):
            caller = Caller("a", "wiki", Scope.READ, "bread", other)
            if other == view:
                answer(ask, caller, query)
            else:
                assert refusal(ask, caller, query)[0] == "FORBIDDEN"


def test_nothing_is_changed_by_such_a_token(ask: Ask) -> None:
    before = ask.revision
    query = 'mutation { checkInKeyResult(input: { keyResultId: "crust", value: 20 }) { revision } }'
    code, sentence = refusal(ask, BREAD, query)
    assert code == "FORBIDDEN"
    assert sentence == "checkInKeyResult needs a token of scope write; this one has read. Nothing of it was done."
    assert ask.revision == before


def test_the_schema_itself_is_no_secret(ask: Ask) -> None:
    said = answer(ask, BREAD, '{ __typename __type(name: "Person") { fields { name } } }')
    assert said["__typename"] == "Query"
    assert {"name": "email"} in said["__type"]["fields"]


def test_the_lists_name_what_there_is_and_lead_nowhere_else() -> None:
    types = schema._schema.type_map

    def fields(name: str) -> dict[str, Any]:
        kind = types[name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        return dict(kind.fields)

    assert set(FIELDS) & WHOLE == set()
    for name, listed in FIELDS.items():
        assert listed <= set(fields(name)), name
    assert QUESTIONS | frozenset().union(*VIEWS.values()) <= set(fields("Query"))
    reached = {name: fields(name) for name in WHOLE}
    reached |= {name: {one: fields(name)[one] for one in listed} for name, listed in FIELDS.items()}
    reached["Query"] = {name: fields("Query")[name] for name in QUESTIONS.union(*VIEWS.values())}
    for name, found in reached.items():
        for field in found.values():
            kind = get_named_type(field.type)
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                assert kind.name in WHOLE or kind.name in FIELDS, f"{name} leads to {kind.name}"


# ---------- following ----------

FOLLOWED = (
    """subscription { graphChanged { revision changedCount changed { goal { id } } changes { kind position } } }"""
)


def told(ask: Ask, caller: Caller, changes: list[tuple[str, dict[str, Any]]], query: str = FOLLOWED) -> Any:
    """What somebody who follows is told of one commit; None for nothing."""
    from graph_service.workspace.following import Event, Following
    from tests.api.company import fill

    events: list[Event] = []
    following = Following(ask.workspace, back=10, interval=60)

    def hear(event: Event | None) -> None:
        assert event is not None
        events.append(event)

    following.listen(hear)
    try:
        fill(ask.workspace, changes)
    finally:
        following.leave(hear)
    [event] = events
    asking = Asking(ask.workspace, caller=caller).about(event)
    result = schema.answer(query, asking)
    assert result.errors is None
    return None if asking.untold else result.data


CHECK_IN = [("checkInKeyResult", {"keyResultId": "crust", "value": 20})]


def test_who_follows_is_told_of_what_is_in_the_picture(ask: Ask) -> None:
    said = told(ask, BREAD, CHECK_IN)["graphChanged"]
    assert said["changed"] == [{"goal": {"id": "bread"}}, {"goal": {"id": "crust"}}]
    assert said["changedCount"] == 2
    assert said["changes"] == [{"kind": "checkInKeyResult", "position": 0}]


@pytest.mark.parametrize("query", [FOLLOWED, "subscription { progressChanged { changed { goal { id } } } }"])
def test_who_follows_another_root_is_told_nothing(ask: Ask, query: str) -> None:
    assert told(ask, SWEETS, CHECK_IN, query) is None
    assert told(ask, NOTHING, [("createObjective", {"title": "Open on Sundays"})], query) is None


def test_of_several_changes_those_in_the_picture_are_told(ask: Ask) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("updateObjective", {"id": "alone", "title": "Schools"}),
        ("updateObjective", {"id": "sweets", "title": "Sweets"}),
        ("createPerson", {"name": "Emil"}),
    ]
    said = told(ask, SWEETS, changes)["graphChanged"]
    assert said["changes"] == [{"kind": "updateObjective", "position": 1}]
    assert (said["changedCount"], said["changed"]) == (0, [])


def test_what_leaves_a_picture_is_told_by_what_it_hung_under(ask: Ask) -> None:
    said = told(ask, BREAD, [("removeGoal", {"id": "oven"})])["graphChanged"]
    assert [one["kind"] for one in said["changes"]] == ["removeGoal"]
    assert {"goal": {"id": "oven"}} not in said["changed"]


def test_followers_of_different_pictures_are_not_answered_together(ask: Ask) -> None:
    from graph_service.api.following import Followers

    followers = Followers(ask.workspace)
    one = Asking(ask.workspace, caller=BREAD)
    same = Asking(ask.workspace, caller=Caller("z", "intranet", Scope.READ, "bread", "cascade"))
    groups = [followers._group(asking, FOLLOWED, None, None, "epoch") for asking in (one, same)]
    assert groups[0] is groups[1]
    for caller in (SWEETS, CRUST, Caller("y", "all", Scope.READ)):
        other = followers._group(Asking(ask.workspace, caller=caller), FOLLOWED, None, None, "epoch")
        assert other is not groups[0]


def test_lines_with_an_embed_token_are_counted_by_address() -> None:
    """All who read a page come with the same one."""
    reader = Caller("a", "dashboard", Scope.READ)
    assert whose_is(reader, "192.0.2.7") == whose_is(reader, "192.0.2.8") == "token a"
    assert whose_is(BREAD, "192.0.2.7") == "token a at 192.0.2.7"
    assert whose_is(BREAD, "192.0.2.8") == "token a at 192.0.2.8"
    assert whose_is(OPEN, "192.0.2.7") == "address 192.0.2.7"
