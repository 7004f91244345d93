"""Answers as plain values: the names of GraphQL, and nothing that JSON cannot hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.cascade import cascade
from graph_service.alignment.explain import explain
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.leverage import leverage
from graph_service.alignment.org import org_chart
from graph_service.alignment.orphans import orphans
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.render import cascade_json, explain_json, ladder_json, leverage_json, org_json, orphans_json
from tests.alignment.random_company import stir
from tests.build import (
    AS_OF,
    Blind,
    aligned,
    check_in,
    grow,
    key_result,
    objective,
    person,
    quarter,
    reported,
    team,
)

Plain = dict[str, object]


def company() -> AlignmentGraph:
    return grow(
        quarter(),
        team("apps"),
        person("ines", None, "apps", name="Inês Carvalho"),
        person("luis", "ines", dotted=None),
        objective("grow-revenue", top=True, owner="ines", period="2026-Q1"),
        key_result("more-lines", "grow-revenue", 25),
        objective("calm-apps", "grow-revenue"),
        aligned("more-lines", "calm-apps"),
        objective("tell-stories", owner="luis"),
        objective("plan-early", "grow-revenue", owner="apps", given=0.5),
        reported(check_in("more-lines", "typo", 52, days_ago=3)),
    )


def answers(graph: AlignmentGraph, id: str, root: str | None = None, viewer: Viewer = EVERYBODY) -> dict[str, Plain]:
    up, down, chart = (
        ladder(graph, id, viewer),
        cascade(graph, id, viewer=viewer),
        org_chart(graph, root, viewer=viewer),
    )
    told, moves = explain(graph, id, viewer), leverage(graph, id, viewer)
    assert up is not None and down is not None and chart is not None and told is not None and moves is not None
    return {
        "Ladder": ladder_json(up, graph, AS_OF, viewer),
        "Cascade": cascade_json(down, graph, AS_OF, viewer),
        "OrgChart": org_json(chart, graph, AS_OF, viewer),
        "Explanation": explain_json(told, graph, AS_OF, viewer),
        "orphans": orphans_json(orphans(graph, viewer=viewer), graph, AS_OF, viewer),
        "leverage": leverage_json(moves, graph, AS_OF, viewer),
    }


INES = {"__typename": "Person", "id": "ines", "name": "Inês Carvalho", "active": True, "jobTitle": None}
MORE_LINES = {
    "__typename": "KeyResult",
    "id": "more-lines",
    "title": "More lines",
    "state": "ACTIVE",
    "status": "AT_RISK",
    "progress": {
        "value": 0.25,
        "raw": 0.25,
        "expected": 0.5,
        "gap": 0.25,
        "coverage": 1.0,
        "confidence": None,
    },
    "owner": None,
    "startsOn": "2026-01-01",
    "endsOn": "2026-04-01",
    "period": None,
}


def test_a_goal_in_a_ladder() -> None:
    graph = company()
    found = answers(graph, "more-lines")["Ladder"]
    behind = MORE_LINES | {"status": "BEHIND"}  # a gap of exactly 0.25
    assert found["goal"] == behind
    path = found["path"]
    assert isinstance(path, list)
    assert [(rung["goal"]["id"], rung["kind"], rung["weight"], rung["share"]) for rung in path] == [
        ("grow-revenue", None, None, None),
        ("more-lines", "KEY_RESULT_OF", 1.0, 0.5),
    ]
    assert path[0]["keyResults"] == [behind] and path[0]["goal"]["owner"] == INES
    assert [goal["id"] for goal in found["nodes"]] == ["grow-revenue", "calm-apps", "more-lines"]  # type: ignore[attr-defined]
    assert found["edges"] == [
        {"from": "calm-apps", "to": "grow-revenue", "kind": "PARENT", "weight": 1.0, "share": None, "primary": True},
        {
            "from": "more-lines",
            "to": "grow-revenue",
            "kind": "KEY_RESULT_OF",
            "weight": 1.0,
            "share": 0.5,
            "primary": True,
        },
        {"from": "more-lines", "to": "calm-apps", "kind": "ALIGNED", "weight": 0.0, "share": None, "primary": False},
    ]
    assert found["paths"] == [["grow-revenue", "more-lines"], ["grow-revenue", "calm-apps", "more-lines"]]
    assert found["truncated"] is False


def test_a_cascade() -> None:
    graph = company()
    found = cascade(graph, "grow-revenue", 0)
    assert found is not None
    answer = cascade_json(found, graph, AS_OF)
    assert answer["nodes"] == [{"goal": answer["root"], "depth": 0, "primaryParent": None, "hidden": 3}]
    assert (answer["edges"], answer["hidden"], answer["truncated"]) == ([], 3, False)


def test_an_organization_chart() -> None:
    found = answers(company(), "grow-revenue")["OrgChart"]
    nodes = found["nodes"]
    assert isinstance(nodes, list) and found["root"] is None
    assert nodes[0]["owner"] == INES
    assert [(node["owner"]["id"], node["depth"], node["reportsTo"], node["dottedTo"]) for node in nodes] == [
        ("ines", 0, None, []),
        ("luis", 1, "ines", []),
    ]
    assert [(len(node["goals"]), node["progress"], node["hidden"]) for node in nodes] == [(1, 0.375, 0), (1, None, 0)]
    assert answers(company(), "grow-revenue", "apps")["OrgChart"]["root"] == {
        "__typename": "Team",
        "id": "apps",
        "name": "Apps",
        "active": True,
    }


def test_an_explanation() -> None:
    found = answers(company(), "more-lines")["Explanation"]
    assert found["checkIn"] == {
        "id": "more-lines seen",
        "value": 25,
        "confidence": None,
        "reportedStatus": None,
        "note": None,
        "at": "2026-02-15T12:00:00Z",
        "by": INES,
        "source": "test",
        "revision": 1,
        "replaces": None,
    }
    above = answers(company(), "grow-revenue")["Explanation"]
    contributors = above["contributors"]
    assert isinstance(contributors, list)
    assert contributors[0] == {
        "goal": contributors[0]["goal"],
        "kind": "KEY_RESULT_OF",
        "weight": 1.0,
        "share": 0.5,
        "raw": 0.25,
        "progress": 0.25,
        "contribution": 0.125,
        "counted": True,
        "reason": None,
    }
    assert (contributors[1]["counted"], contributors[1]["reason"]) == (False, "it has no progress yet")
    assert (above["checkIn"], above["doubled"]) == (None, [])


def test_orphans_and_leverage() -> None:
    found = answers(company(), "grow-revenue")
    listed = found["orphans"]["orphans"]
    assert isinstance(listed, list) and found["orphans"]["totalCount"] == 1
    assert [(it["objective"]["id"], it["kind"], it["reason"], it["candidates"]) for it in listed] == [
        ("tell-stories", "UNALIGNED", "it names no goal above it", [])
    ]
    moves = found["leverage"]["leverage"]
    assert isinstance(moves, list)
    assert [(it["keyResult"]["id"], it["leverage"], it["gain"]) for it in moves] == [("more-lines", 0.5, 0.375)]


def test_an_owner_that_the_viewer_does_not_see_is_not_named() -> None:
    found = answers(company(), "more-lines", viewer=Blind("ines"))
    assert "Inês" not in json.dumps(found, ensure_ascii=False)
    told = found["Explanation"]["checkIn"]
    assert isinstance(told, dict) and told["by"] is None


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_random_answers_are_json_and_always_the_same(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=6, key_results=6, more=30)
    for goal in sorted(graph.goals(), key=lambda goal: goal.id)[:4]:
        found = answers(graph, goal.id)
        text = json.dumps(found, allow_nan=False)
        assert json.loads(text) == found
        assert text == json.dumps(answers(graph, goal.id), allow_nan=False)


# ---------- the names are those of GraphQL ----------

FIELDS = re.compile(r"^\s*(?:type|interface) (\w+)[^{]*\{(.*?)\}", re.MULTILINE | re.DOTALL)


@pytest.fixture
def names(shared: Path) -> dict[str, set[str]]:
    """The fields of each type of the public schema."""
    text = re.sub(r"#.*", "", (shared / "design" / "api.graphql").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for name, body in FIELDS.findall(text):
        found[name] = set(re.findall(r"(\w+)(?:\([^)]*\))?\s*:", re.sub(r"\([^)]*\)", "", body)))
    return found


def test_every_name_is_one_of_the_public_schema(names: dict[str, set[str]]) -> None:
    graph = company()
    found = answers(graph, "grow-revenue")
    found["Explanation"] = answers(graph, "more-lines")["Explanation"] | {
        "contributors": answers(graph, "grow-revenue")["Explanation"]["contributors"]
    }
    ours = {"Explanation": {"goal", "doubled"}}  # further fields, not of GraphQL
    parts = {
        "path": "Rung",
        "edges": "Edge",
        "contributors": "ContributionToProgress",
        "checkIn": "CheckIn",
        "progress": "Progress",
        "owner": "Owner",
        "period": "Period",
        "by": "Owner",
        "root": "Goal",
        "goal": "Goal",
        "goals": "Goal",
        "keyResults": "Goal",
        "objective": "Goal",
        "keyResult": "Goal",
        "candidates": "Candidate",
        "orphans": "Orphan",
        "leverage": "Leverage",
    }
    checked: set[str] = set()

    def check(value: object, kind: str) -> None:
        if isinstance(value, list):
            for item in value:
                check(item, kind)
        elif isinstance(value, dict):
            checked.add(kind)
            known = names[kind] | names.get(value.get("__typename", kind), set())
            assert set(value) - {"__typename"} - ours.get(kind, set()) <= known, kind
            for name, inner in value.items():
                if name == "nodes":
                    check(inner, {"Cascade": "CascadeNode", "OrgChart": "OrgNode"}.get(kind, "Goal"))
                elif name in parts and name != "leverage":
                    check(inner, "Owner" if (kind, name) == ("OrgChart", "root") else parts[name])

    for kind in ("Ladder", "Cascade", "OrgChart", "Explanation"):
        check(found[kind], kind)
    check(found["orphans"]["orphans"], "Orphan")
    check(found["leverage"]["leverage"], "Leverage")
    assert checked >= {
        "Ladder",
        "Rung",
        "Edge",
        "Cascade",
        "CascadeNode",
        "OrgChart",
        "OrgNode",
        "Explanation",
        "ContributionToProgress",
        "CheckIn",
        "Goal",
        "Progress",
        "Owner",
        "Orphan",
        "Leverage",
    }
