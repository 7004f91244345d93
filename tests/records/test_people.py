"""Owners, teams and the relations between them and goals: what each word of a record becomes."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.nodes import Person, Team
from graph_service.records import Action, ProblemKind
from tests.records.company import brought_in, raws

Records = dict[str, Any]

INES: Records = {"kind": "owner", "id": "ines", "title": "Ines"}
BO: Records = {"kind": "owner", "id": "bo", "title": "Bo"}
SALES: Records = {"kind": "team", "id": "sales", "title": "Sales"}
EAST: Records = {"kind": "team", "id": "east", "title": "East"}
GROW: Records = {"kind": "objective", "id": "grow", "title": "Grow"}
SELL: Records = {"kind": "objective", "id": "sell", "title": "Sell"}


def edge(word: str, source: str, target: str, **fields: object) -> Records:
    """An edge."""
    return {"kind": "edge", "type": word, "from": source, "to": target, **fields}


def ties(graph: AlignmentGraph) -> list[tuple[object, ...]]:
    """All links that are not between goals, as plain values: from, to, kind, and roles or whether it is dotted."""
    found: list[tuple[object, ...]] = []
    for link in graph.all_links():
        more: tuple[object, ...] = (link.roles,) if link.roles else ("dotted",) if link.dotted else ()
        found.append((link.source, link.target, link.kind.name, *more))
    return found


@pytest.mark.parametrize("word", ["person", "post", "post_group", "role", "office"])
def test_owners_are_people_and_the_word_is_kept(word: str) -> None:
    record = {**INES, "type": word, "role": "Chief executive", "email": "ines@example.com", "grade": "EX-01"}
    graph, _ = brought_in(raws(record), "fail")
    assert graph.nodes["ines"].fact == Person(
        "ines", "Ines", "ines@example.com", "Chief executive", type=word, attributes={"grade": "EX-01"}
    )


def test_people_and_teams_may_have_left() -> None:
    graph, _ = brought_in(raws({**INES, "active": False}, {**SALES, "active": False, "type": "department"}), "fail")
    assert graph.nodes["ines"].fact == Person("ines", "Ines", active=False)
    assert graph.nodes["sales"].fact == Team("sales", "Sales", "department", active=False)


def test_fields_and_edges_say_who_belongs_where() -> None:
    records = (
        {**INES, "team": "sales", "reports_to": "bo"},
        {**SALES, "owner": "ines", "parent": "east"},
        EAST,
        BO,
        edge("member", "ines", "east"),
        edge("member_of", "bo", "sales"),
        edge("reports_to", "bo", "ines"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert ties(graph) == [
        ("bo", "ines", "REPORTS_TO", "dotted"),
        ("bo", "sales", "MEMBER_OF"),
        ("ines", "bo", "REPORTS_TO"),
        ("ines", "east", "MEMBER_OF"),
        ("ines", "sales", "LEADS", ("owner",)),
        ("ines", "sales", "MEMBER_OF"),
        ("sales", "east", "PART_OF"),
    ]


@pytest.mark.parametrize("word", ["chair", "tech_lead", "emeritus_lead", "pm", "design", "pmm", "co_owner", "lead"])
def test_words_by_which_a_person_leads_a_team(word: str) -> None:
    graph, planned = brought_in(raws(INES, SALES, edge(word, "ines", "sales")), "fail")
    assert (ties(graph), planned.notes) == ([("ines", "sales", "LEADS", (word,))], [])


@pytest.mark.parametrize("word", ["co_owner", "contributor", "participant", "author", "pm", "tech_lead", "sponsor"])
@pytest.mark.parametrize("owner", ["ines", "sales"])
def test_other_relations_to_a_goal_are_contributions(word: str, owner: str) -> None:
    graph, planned = brought_in(raws(INES, SALES, GROW, edge(word, owner, "grow")), "fail")
    assert (ties(graph), planned.notes) == ([(owner, "grow", "CONTRIBUTES_TO", (word,))], [])


def test_roles_of_one_pair_are_one_edge() -> None:
    records = (
        INES,
        SALES,
        {**GROW, "contributors": ["ines", {"id": "sales", "roles": ["reviewer", "Head of it"]}]},
        edge("author", "ines", "grow"),
        edge("contributes_to", "ines", "grow", roles=["Sponsor"]),
        edge("leads", "ines", "sales", roles=["Head of it"]),
        edge("chair", "ines", "sales"),
        edge("leads", "ines", "sales"),
    )
    graph, _ = brought_in(raws(*records), "fail")
    assert ties(graph) == [
        ("ines", "grow", "CONTRIBUTES_TO", ("Sponsor", "author", "contributor")),
        ("ines", "sales", "LEADS", ("Head of it", "chair", "lead")),
        ("sales", "grow", "CONTRIBUTES_TO", ("Head of it", "reviewer")),
    ]


@pytest.mark.parametrize(
    ("word", "source", "target"),
    [
        ("replaces", "sell", "grow"),
        ("superseded_by", "sell", "grow"),
        ("stakeholder", "sales", "east"),
        ("co_owner", "sales", "east"),
        ("knows", "ines", "bo"),
    ],
)
def test_what_is_no_link_is_told_and_kept_as_an_attribute(word: str, source: str, target: str) -> None:
    records = (INES, BO, SALES, EAST, GROW, SELL, edge(word, source, target))
    graph, planned = brought_in(raws(*records), "fail")
    assert ties(graph) == []
    assert graph.nodes[source].fact.attributes == {word: [target]}
    (note,) = planned.notes
    assert (note.line, note.field, note.value, note.kind, note.action) == (
        7,
        "type",
        word,
        ProblemKind.UNUSED,
        Action.KEPT_AS_ATTRIBUTE,
    )
    assert note.message == f"type '{word}' is no link here; it is kept as an attribute of '{source}'"


def test_one_that_leads_nowhere_is_a_problem_and_kept_as_an_attribute() -> None:
    records = ({**SELL, "replaces": "before"}, GROW, edge("replaces", "sell", "grow"), edge("replaces", "sell", "gone"))
    graph, planned = brought_in(raws(*records))
    (problem,) = planned.problems
    assert (problem.line, problem.field, problem.value, problem.kind, problem.action) == (
        4,
        "to",
        "gone",
        ProblemKind.DANGLING,
        Action.KEPT_AS_ATTRIBUTE,
    )
    assert problem.message == (
        "to 'gone': there is no node with this id; correct it or repair it later; it is kept as an attribute of 'sell'"
    )
    assert graph.nodes["sell"].fact.attributes == {"replaces": ["before", "grow", "gone"]}


def test_an_attribute_edge_from_nothing_or_said_twice_is_quarantined() -> None:
    records = (GROW, SELL, edge("replaces", "gone", "grow"), *([edge("replaces", "sell", "grow")] * 2))
    graph, planned = brought_in(raws(*records))
    assert [(one.line, one.kind.value, one.action.value, one.message) for one in planned.problems] == [
        (
            3,
            "dangling",
            "quarantined",
            (
                "from 'gone': there is no objective or key result or person or team with this id;"
                " correct it or repair it later"
            ),
        ),
        (5, "duplicate_link", "quarantined", "to 'grow': 'sell' names it as replaces twice; keep one"),
    ]
    assert graph.nodes["sell"].fact.attributes == {"replaces": ["grow"]}


def test_an_edge_that_a_field_holds_says_which() -> None:
    _, planned = brought_in(raws(INES, GROW, edge("owns", "ines", "grow")))
    assert [(one.field, one.message) for one in planned.problems] == [
        ("type", "type 'owns' is no edge; write it as the field owner of the goal")
    ]


def test_an_edge_onto_somebody_known_only_to_the_store() -> None:
    graph, _ = brought_in(raws(INES, GROW, SELL))
    _, planned = brought_in(raws(edge("replaces", "sell", "grow"), edge("author", "ines", "sell")), "fail", into=graph)
    assert graph.nodes["sell"].fact.attributes == {"replaces": ["grow"]}
    assert ties(graph) == [("ines", "sell", "CONTRIBUTES_TO", ("author",))]
    assert planned.counts == {"records": 2, "changed": 1, "unchanged": 0}


# ---------- erased people ----------


def test_an_erased_person_stays_erased() -> None:
    graph, _ = brought_in(raws({**INES, "email": "ines@example.com"}, GROW))
    brought_in(raws({"kind": "owner", "id": "ines", "erased": True}), "fail", into=graph)
    nobody = Person("ines", "ines", active=False, erased=True)
    assert graph.nodes["ines"].fact == nobody
    records = (
        INES,
        {**GROW, "owner": "ines", "contributors": ["ines"]},
        edge("author", "ines", "grow"),
        {"kind": "check_in", "goal": "grow", "note": "fine", "by": "ines"},
    )
    _, planned = brought_in(raws(*records), into=graph)
    assert [(one.line, one.field, one.kind.value, one.action.value, one.message) for one in planned.problems] == [
        (1, "id", "erased", "quarantined", "id 'ines' was erased and stays so; leave the record out"),
        (2, "owner", "erased", "quarantined", "owner 'ines' was erased; name someone else"),
        (2, "contributors[0]", "erased", "quarantined", "contributors[0] 'ines' was erased; name someone else"),
        (3, "from", "erased", "quarantined", "from 'ines' was erased; name someone else"),
        (4, "by", "erased", "left out", "by 'ines' was erased; leave it out"),
    ]
    assert (graph.nodes["ines"].fact, ties(graph)) == (nobody, [])
    grow = graph.goal("grow")
    assert grow is not None and [(one.note, one.by) for one in grow.check_ins] == [("fine", None)]


def test_nobody_joins_manages_or_holds_anything_after_being_erased() -> None:
    clerk: Records = {"kind": "role", "id": "clerk", "title": "Clerk"}
    graph, _ = brought_in(raws(INES, BO, SALES, EAST, clerk, edge("member", "ines", "east")), "fail")
    gone = {"kind": "owner", "id": "ines", "erased": True}
    brought_in(raws(gone), "fail", into=graph)
    before = ties(graph)
    assert before == [("ines", "east", "MEMBER_OF")]
    records = (
        {**gone, "team": ["east", "sales"], "reports_to": "bo"},
        {**BO, "reports_to": "ines"},
        edge("member", "ines", "sales"),
        edge("reports_to", "ines", "bo"),
        edge("reports_to", "bo", "ines"),
        {**clerk, "holders": ["ines"]},
    )
    _, planned = brought_in(raws(*records), "quarantine", into=graph)
    assert ties(graph) == before
    assert [(one.line, one.field, one.kind.value, one.action.value) for one in planned.problems] == [
        (1, "id", "erased", "quarantined"),
        (1, "id", "erased", "quarantined"),
        (2, "reports_to", "erased", "quarantined"),
        (3, "from", "erased", "quarantined"),
        (4, "from", "erased", "quarantined"),
        (5, "to", "erased", "quarantined"),
        (6, "holders[0]", "erased", "quarantined"),
    ]


def test_a_label_that_is_no_label_is_left_out() -> None:
    graph, planned = brought_in(raws({**INES, "role": "x" * 201, "type": "a\nb"}, {**SALES, "type": " "}), "quarantine")
    assert (graph.nodes["ines"].fact, graph.nodes["sales"].fact) == (Person("ines", "Ines"), Team("sales", "Sales"))
    assert [(one.line, one.field, one.action.value) for one in planned.problems] == [
        (1, "role", "left out"),
        (1, "type", "left out"),
    ]


def test_a_person_may_come_erased_with_what_hangs_on_the_id() -> None:
    records = ({"kind": "owner", "id": "ines", "erased": True, "role": "Sales"}, {**GROW, "owner": "ines"})
    graph, _ = brought_in(raws(*records), "fail")
    assert graph.nodes["ines"].fact == Person("ines", "ines", None, "Sales", active=False, erased=True)
    assert ties(graph) == [("ines", "grow", "OWNS")]
    _, planned = brought_in(raws(*records), "fail", into=graph)
    assert planned.changes == []
