"""Goals and what hangs on them, field by field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.api.company import Ask


def test_an_objective_tells_what_was_said_of_it(ask: Ask) -> None:
    found = ask.data(
        """{ objective(id: "grow") {
            id title description alignmentNote state level topLevel ambition themes driver driverReason manualProgress
            start due startsOn endsOn score retrospective attributes revision
            owner { id name } period { id } primaryParent { id } contributors { owner { id } }
            initiatives { id } brokenReferences { reference } lastCheckIn { id }
            keyResults { id } parents { node { id } } children { node { id } kind weight share }
            alignedTo { node { id } } alignedFrom { node { id } }
        } }"""
    )["objective"]
    assert found == {
        "id": "grow",
        "title": "Grow revenue",
        "description": "So that we can hire.",
        "alignmentNote": None,
        "state": "ACTIVE",
        "level": "organization",
        "topLevel": True,
        "ambition": "ASPIRATIONAL",
        "themes": ["money"],
        "driver": "ALL",
        "driverReason": None,
        "manualProgress": None,
        "start": None,
        "due": None,
        "startsOn": "2026-01-01",
        "endsOn": "2026-12-31",
        "score": None,
        "retrospective": None,
        "attributes": {},
        "revision": 1,
        "owner": {"id": "ada", "name": "Ada Baker"},
        "period": {"id": "2026"},
        "primaryParent": None,
        "contributors": [],
        "initiatives": [],
        "brokenReferences": [],
        "lastCheckIn": None,
        "keyResults": [{"id": "sales"}],
        "parents": [],
        "children": [{"node": {"id": "bread"}, "kind": "PARENT", "weight": 2.0, "share": 2 / 3}],
        "alignedTo": [],
        "alignedFrom": [],
    }


def test_a_key_result_tells_how_it_is_measured(ask: Ask) -> None:
    found = ask.data(
        """{ crust: keyResult(id: "crust") {
            objective { id } primaryParent { id } measure comparison baseline target targetMin targetMax unit aggregate
            plan { date value } milestones { id } versions { reason } value weight children { node { id } } kpi { id }
            period { id } startsOn endsOn owner { id ... on Person { email } }
            lastCheckIn { id value confidence reportedStatus note at source revision replaces replacedBy by { id } }
        }
        oven: keyResult(id: "oven") { measure value milestones { id title weight due doneAt } }
        fresh: keyResult(id: "fresh") { measure comparison target weight kpi { id } value }
        sales: keyResult(id: "sales") { unit children { node { id } kind weight share } }
        }"""
    )
    assert found["crust"] == {
        "objective": {"id": "bread"},
        "primaryParent": {"id": "bread"},
        "measure": "DELTA",
        "comparison": None,
        "baseline": 10.0,
        "target": 20.0,
        "targetMin": None,
        "targetMax": None,
        "unit": None,
        "aggregate": None,
        "plan": [],
        "milestones": [],
        "versions": [],
        "value": 15.0,
        "weight": 1.0,
        "children": [],
        "kpi": None,
        "period": None,
        "startsOn": "2026-04-01",
        "endsOn": "2026-06-30",
        "owner": {"id": "ben", "email": None},
        "lastCheckIn": {
            "id": "second",
            "value": 15.0,
            "confidence": 0.7,
            "reportedStatus": "BEHIND",
            "note": "The flour was late.",
            "at": "2026-05-11T09:00:00Z",
            "source": "api",
            "revision": 1,
            "replaces": "typo",
            "replacedBy": None,
            "by": {"id": "ben"},
        },
    }
    assert found["oven"] == {
        "measure": "MILESTONES",
        "value": None,
        "milestones": [
            {"id": "bought", "title": "Oven bought", "weight": 1.0, "due": "2026-04-30", "doneAt": "2026-04-28"},
            {"id": "lit", "title": "Oven lit", "weight": 3.0, "due": None, "doneAt": None},
        ],
    }
    assert found["fresh"] == {
        "measure": "THRESHOLD",
        "comparison": "AT_LEAST",
        "target": 0.9,
        "weight": 3.0,
        "kpi": {"id": "queue"},
        "value": 0.95,
    }
    assert found["sales"] == {
        "unit": "loaves",
        "children": [{"node": {"id": "sweets"}, "kind": "PARENT", "weight": 1.0, "share": None}],
    }


def test_progress_is_explained_down_to_the_check_in(ask: Ask) -> None:
    found = ask.data(
        """{ objective(id: "bread") { status progress { value raw expected gap coverage confidence explain {
            checkIn { id } doubled { id }
            contributors { goal { id } kind weight share raw progress contribution counted reason }
        } } }
        keyResult(id: "crust") { status progress { value explain { checkIn { id at by { name } source } } } } }"""
    )
    progress = found["objective"]["progress"]
    assert found["objective"]["status"] == "ON_TRACK"
    assert (progress["value"], progress["raw"], progress["coverage"], progress["confidence"]) == (0.75, 0.75, 1.0, 0.7)
    assert progress["expected"] == 49 / 90
    assert progress["gap"] == 49 / 90 - 0.75
    assert progress["explain"]["checkIn"] is None
    assert progress["explain"]["doubled"] == []
    assert progress["explain"]["contributors"] == [
        {
            "goal": {"id": "crust"},
            "kind": "KEY_RESULT_OF",
            "weight": 1.0,
            "share": 0.2,
            "raw": 0.5,
            "progress": 0.5,
            "contribution": 0.1,
            "counted": True,
            "reason": None,
        },
        {
            "goal": {"id": "fresh"},
            "kind": "KEY_RESULT_OF",
            "weight": 3.0,
            "share": 0.6,
            "raw": 1.0,
            "progress": 1.0,
            "contribution": 0.6,
            "counted": True,
            "reason": None,
        },
        {
            "goal": {"id": "oven"},
            "kind": "KEY_RESULT_OF",
            "weight": 1.0,
            "share": 0.2,
            "raw": 0.25,
            "progress": 0.25,
            "contribution": 0.05,
            "counted": True,
            "reason": None,
        },
        {
            "goal": {"id": "sweets"},
            "kind": "ALIGNED",
            "weight": 0.0,
            "share": None,
            "raw": None,
            "progress": None,
            "contribution": None,
            "counted": False,
            "reason": "its weight is 0",
        },
    ]
    assert found["keyResult"] == {
        "status": "BEHIND",
        "progress": {
            "value": 0.5,
            "explain": {
                "checkIn": {"id": "second", "at": "2026-05-11T09:00:00Z", "by": {"name": "Ben Müller"}, "source": "api"}
            },
        },
    }


def test_as_of_moves_the_judgement_and_nothing_else(ask: Ask) -> None:
    found = ask.data(
        """query($day: Date!) { keyResult(id: "crust") {
            before: status(asOf: "2026-03-31") today: status after: status(asOf: $day)
            now: progress { value expected } later: progress(asOf: $day) { value expected }
        } }""",
        day="2026-07-01",
    )["keyResult"]
    assert (found["before"], found["today"], found["after"]) == ("NOT_STARTED", "BEHIND", "OVERDUE")
    assert found["now"] == {"value": 0.5, "expected": 49 / 90}
    assert found["later"] == {"value": 0.5, "expected": 1.0}


def test_today_is_the_day_in_the_time_zone_of_the_workspace(ask: Ask) -> None:
    ask.clock.now = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    query = '{ keyResult(id: "crust") { status } }'
    assert ask.data(query)["keyResult"] == {"status": "AT_RISK"}
    assert ask.do("updateWorkspace", timeZone="Europe/Berlin")["errors"] == []
    assert ask.data(query)["keyResult"] == {"status": "OVERDUE"}


def test_check_ins_come_newest_first_with_those_that_were_replaced(ask: Ask) -> None:
    found = ask.data(
        """{ keyResult(id: "crust") { checkIns { totalCount edges { node { id value replaces replacedBy } } } } }"""
    )["keyResult"]["checkIns"]
    assert found == {
        "totalCount": 3,
        "edges": [
            {"node": {"id": "second", "value": 15.0, "replaces": "typo", "replacedBy": None}},
            {"node": {"id": "typo", "value": 51.0, "replaces": None, "replacedBy": "second"}},
            {"node": {"id": "first", "value": 12.0, "replaces": None, "replacedBy": None}},
        ],
    }


def test_check_ins_are_paged_while_others_come(ask: Ask) -> None:
    query = """query($after: String) { keyResult(id: "crust") { checkIns(first: 2, after: $after) {
        edges { node { id } } pageInfo { endCursor hasNextPage hasPreviousPage } } } }"""
    page = ask.data(query)["keyResult"]["checkIns"]
    assert [edge["node"]["id"] for edge in page["edges"]] == ["second", "typo"]
    assert page["pageInfo"]["hasNextPage"] is True
    ask.do("checkInKeyResult", keyResultId="crust", value=16, id="third")
    after = page["pageInfo"]["endCursor"]
    page = ask.data(query, after=after)["keyResult"]["checkIns"]
    assert [edge["node"]["id"] for edge in page["edges"]] == ["first"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["pageInfo"]["hasPreviousPage"] is True
    other = ask(
        """query($after: String) { keyResult(id: "fresh") { checkIns(after: $after) { totalCount } } }""", after=after
    )
    assert other.code == "BAD_USER_INPUT"


def test_history_tells_what_happened_to_a_goal(ask: Ask) -> None:
    ask.do("updateObjective", id="bread", title="Bake the best bread")
    ask.do("assignOwner", goalId="bread", ownerId="cleo")
    ask.do("updateObjective", id="grow", title="Grow")
    query = """query($after: String) { objective(id: "bread") { history(first: 20, after: $after) { totalCount
        pageInfo { hasNextPage endCursor } edges { node { revision position kind nodes input by source } } } } }"""
    found = ask.data(query)["objective"]["history"]
    kinds = [edge["node"]["kind"] for edge in found["edges"]]
    assert kinds[0] == "createObjective"
    assert kinds[-2:] == ["updateObjective", "assignOwner"]
    assert found["totalCount"] == len(kinds) == 10
    assert found["edges"][-1]["node"] == {
        "revision": 3,
        "position": 0,
        "kind": "assignOwner",
        "nodes": ["bread", "cleo", "ovens"],
        "input": {"goalId": "bread", "ownerId": "cleo"},
        "by": "anonymous",
        "source": "graphql",
    }
    ask.do("removeGoal", id="sweets")
    rest = ask.data(query, after=found["pageInfo"]["endCursor"])["objective"]["history"]
    assert [(edge["node"]["revision"], edge["node"]["kind"]) for edge in rest["edges"]] == [(5, "removeGoal")]


def test_the_revision_of_a_goal_is_of_what_changed_itself(ask: Ask) -> None:
    query = '{ grow: objective(id: "grow") { revision } bread: objective(id: "bread") { revision } }'
    ask.do("checkInKeyResult", keyResultId="crust", value=18)
    assert ask.data(query) == {"grow": {"revision": 1}, "bread": {"revision": 1}}
    ask.do("updateObjective", id="bread", title="Bake the best bread")
    assert ask.data(query) == {"grow": {"revision": 1}, "bread": {"revision": 3}}


def test_a_revised_key_result_keeps_its_former_yardstick(ask: Ask) -> None:
    ask.clock.forward(days=1)
    payload = ask.do(
        "reviseKeyResult",
        "keyResult { target versions { at by reason measure baseline target unit comparison targetMin targetMax"
        " aggregate plan { date } milestones { id } } progress { value } }",
        id="crust",
        reason="More ovens.",
        target=30,
    )
    assert payload["keyResult"] == {
        "target": 30.0,
        "versions": [
            {
                "at": "2026-05-21T12:00:00Z",
                "by": "anonymous",
                "reason": "More ovens.",
                "measure": "DELTA",
                "baseline": 10.0,
                "target": 20.0,
                "unit": None,
                "comparison": None,
                "targetMin": None,
                "targetMax": None,
                "aggregate": None,
                "plan": [],
                "milestones": [],
            }
        ],
        "progress": {"value": 0.25},
    }


def test_a_planned_key_result_shows_its_points(ask: Ask) -> None:
    payload = ask.do(
        "createKeyResult",
        "keyResult { plan { date value } status progress { expected } }",
        objectiveId="bread",
        title="Loaves for Easter",
        baseline=0,
        target=100,
        plan=[{"date": "2026-05-20", "value": 10}, {"date": "2026-04-10", "value": 5}],
    )
    assert payload["keyResult"] == {
        "plan": [{"date": "2026-04-10", "value": 5.0}, {"date": "2026-05-20", "value": 10.0}],
        "status": "BEHIND",
        "progress": {"expected": 0.1},
    }


@pytest.mark.parametrize("field", ["objective", "keyResult", "owner", "period", "node", "ladder", "cascade"])
def test_an_unknown_id_is_null_without_an_error(ask: Ask, field: str) -> None:
    assert ask.data(f'{{ {field}(id: "nowhere") {{ __typename }} }}') == {field: None}


@pytest.mark.parametrize(
    ("field", "id"),
    [("objective", "crust"), ("keyResult", "bread"), ("owner", "bread"), ("period", "ada"), ("ladder", "ada")],
)
def test_an_id_of_another_kind_is_null(ask: Ask, field: str, id: str) -> None:
    assert ask.data(f'{{ {field}(id: "{id}") {{ __typename }} }}') == {field: None}


def test_nodes_come_in_the_order_they_were_asked_for(ask: Ask) -> None:
    found = ask.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }",
        ids=["crust", "nobody", "ada", "ovens", "spring", "mill", "queue", "baker", "crust"],
    )
    assert [one and (one["id"], one["__typename"]) for one in found["nodes"]] == [
        ("crust", "KeyResult"),
        None,
        ("ada", "Person"),
        ("ovens", "Team"),
        ("spring", "Period"),
        ("mill", "Initiative"),
        ("queue", "Kpi"),
        ("baker", "RoleCharter"),
        ("crust", "KeyResult"),
    ]
    assert ask.data('{ node(id: "grow") { id ... on Objective { title } } }') == {
        "node": {"id": "grow", "title": "Grow revenue"}
    }


def test_more_nodes_than_a_page_are_refused(ask: Ask) -> None:
    answer = ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["ada"] * 1001)
    assert answer.code == "LIMIT_EXCEEDED"
    assert answer.message == "ids names 1001 nodes; at most 1000 are given at once"


def test_a_plain_list_is_cut_and_says_so(ask: Ask) -> None:
    from graph_service.api.limits import Limits

    ask.limits = Limits(max_page=2, page=2)
    answer = ask('{ objective(id: "bread") { keyResults { id } } objectives(first: 2) { totalCount } }')
    assert answer.data == {
        "objective": {"keyResults": [{"id": "crust"}, {"id": "fresh"}]},
        "objectives": {"totalCount": 5},
    }
    assert answer.extensions == {
        "revision": 1,
        "truncated": [{"node": "bread", "field": "keyResults", "total": 3}],
    }


def test_broken_references_are_shown_and_resolved(ask: Ask) -> None:
    from graph_service.models.changes import KeepReference
    from graph_service.models.words import LinkKind

    ask.workspace.commit(
        [KeepReference(node_id="alone", link=LinkKind.PARENT, reference="the old plan", weight=2.0)], importing=True
    )
    assert ask.data('{ objective(id: "alone") { brokenReferences { kind reference outgoing } } }') == {
        "objective": {"brokenReferences": [{"kind": "PARENT", "reference": "the old plan", "outgoing": True}]}
    }
    payload = ask.do(
        "resolveReference",
        "node { id ... on Objective { brokenReferences { reference } parents { node { id } weight } } }",
        nodeId="alone",
        kind="PARENT",
        reference="the old plan",
        to="grow",
    )
    assert payload["node"] == {
        "id": "alone",
        "brokenReferences": [],
        "parents": [{"node": {"id": "grow"}, "weight": 2.0}],
    }
