"""Who reports to whom and which team lies in which, with their goals."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.org import OrgChart, org_chart
from graph_service.errors import Invalid
from graph_service.models.words import GoalState
from tests.build import Blind, Piece, grow, ids, key_result, objective, period, person, team


def chart(graph: AlignmentGraph, root: str | None = None, depth: int = 9, limit: int = 1000) -> OrgChart:
    found = org_chart(graph, root, depth, limit)
    assert found is not None
    return found


def rows(found: OrgChart | None) -> list[tuple[str, int, str | None, int]]:
    assert found is not None
    return [(node.owner.id, node.depth, node.reports_to, node.hidden) for node in found.nodes]


def company() -> AlignmentGraph:
    return grow(
        team("ferry"),
        team("product", "ferry"),
        team("apps", "product"),
        team("market", "ferry"),
        person("ines", None, "ferry", leads="ferry"),
        person("omar", "ines", "product", leads="product"),
        person("amara", "ines", "market"),
        person("yuki", "omar", "apps", "product", dotted="amara"),
        person("luis", "omar", "apps"),
        person("left", "omar", active=False),
        person("left-with-goals", "omar", active=False),
        person("left-with-reports", "omar", active=False),
        person("kwame", "left-with-reports"),
        person("nobody"),
        person("adviser"),
        objective("grow-revenue", top=True, owner="ines"),
        key_result("sign-lines", "grow-revenue", 40, owner="ines"),
        objective("draft-plan", owner="ines", state=GoalState.DRAFT),
        objective("win-lines", "grow-revenue", owner="market"),
        key_result("old-measure", "win-lines", 10, owner="left-with-goals"),
        objective("advise", owner="adviser"),
    )


def test_without_a_root_everybody_without_a_manager_who_has_something_to_show() -> None:
    found = chart(company())
    assert rows(found) == [
        ("adviser", 0, None, 0),
        ("ines", 0, None, 0),
        ("amara", 1, "ines", 0),
        ("omar", 1, "ines", 0),
        ("left-with-goals", 2, "omar", 0),
        ("left-with-reports", 2, "omar", 0),
        ("luis", 2, "omar", 0),
        ("yuki", 2, "omar", 0),
        ("kwame", 3, "left-with-reports", 0),
    ]
    assert (found.root, found.hidden, found.truncated) == (None, 0, False)


def test_goals_are_the_live_ones_and_progress_is_the_mean_of_the_measured() -> None:
    nodes = {node.owner.id: node for node in chart(company()).nodes}
    assert ids(nodes["ines"].goals) == ["grow-revenue", "sign-lines"]
    # grow-revenue is the mean of sign-lines (0.4) and win-lines (0.1), so 0.25; sign-lines is 0.4
    assert nodes["ines"].progress == pytest.approx(0.325, abs=1e-12)
    assert (ids(nodes["adviser"].goals), nodes["adviser"].progress) == (["advise"], None)
    assert (nodes["luis"].goals, nodes["luis"].progress) == ((), None)


def test_further_managers_are_named_beside_the_primary_one() -> None:
    nodes = {node.owner.id: node for node in chart(company(), "omar").nodes}
    assert nodes["yuki"].dotted_to == ("amara",)
    assert nodes["luis"].dotted_to == ()


def test_under_a_person_stand_their_reports_down_to_the_depth() -> None:
    found = chart(company(), "ines", depth=1)
    assert rows(found) == [("ines", 0, None, 5), ("amara", 1, "ines", 0), ("omar", 1, "ines", 5)]
    assert found.root is not None and found.root.id == "ines"
    assert (found.hidden, found.truncated) == (5, False)


def test_under_a_team_stand_its_people_who_lead_it_first_then_its_teams() -> None:
    assert rows(chart(company(), "ferry")) == [
        ("ferry", 0, None, 0),
        ("ines", 1, "ferry", 0),
        ("market", 1, "ferry", 0),
        ("product", 1, "ferry", 0),
        ("amara", 2, "market", 0),
        ("omar", 2, "product", 0),
        ("yuki", 2, "product", 0),  # of product and of apps: once, where it is met first
        ("apps", 2, "product", 0),
        ("luis", 3, "apps", 0),
    ]
    assert rows(chart(company(), "apps")) == [("apps", 0, None, 0), ("luis", 1, "apps", 0), ("yuki", 1, "apps", 0)]


def test_the_limit_cuts_and_says_so() -> None:
    found = chart(company(), "ferry", limit=3)
    assert rows(found) == [("ferry", 0, None, 6), ("ines", 1, "ferry", 0), ("market", 1, "ferry", 1)]
    assert (found.hidden, found.truncated) == (6, True)
    assert chart(company(), "ferry", limit=9).truncated is False


def test_where_nobody_reports_to_anybody_the_teams_are_shown_and_who_belongs_to_none() -> None:
    graph = grow(
        team("ferry"),
        team("apps", "ferry"),
        person("luis", None, "apps"),
        person("adviser"),
        person("nobody"),
        objective("advise", owner="adviser"),
    )
    assert rows(chart(graph)) == [
        ("ferry", 0, None, 0),
        ("adviser", 0, None, 0),
        ("apps", 1, "ferry", 0),
        ("luis", 2, "apps", 0),
    ]
    assert rows(chart(grow())) == []


def test_an_unknown_root_has_no_chart_and_a_root_that_is_no_owner_is_refused() -> None:
    graph = grow(objective("grow-revenue"), key_result("sign-lines", "grow-revenue"), period("year"))
    assert org_chart(graph, "nothing") is None
    for id, kind in (("grow-revenue", "objective"), ("sign-lines", "key result"), ("year", "period")):
        with pytest.raises(Invalid, match=f"root '{id}' is no owner but of kind {kind}; name a person or a team") as it:
            org_chart(graph, id)
        assert it.value.path == ("root",)


@pytest.mark.parametrize(("depth", "limit", "field"), [(-1, 10, "depth"), (1, 0, "limit")])
def test_a_depth_or_limit_that_cannot_be_is_refused(depth: int, limit: int, field: str) -> None:
    with pytest.raises(Invalid, match=f"{field} .* give ") as refused:
        org_chart(company(), None, depth, limit)
    assert refused.value.path == (field,)


def test_who_a_viewer_does_not_see_is_as_if_not_there() -> None:
    graph = company()
    assert org_chart(graph, "omar", viewer=Blind("omar")) is None
    found = org_chart(graph, None, 9, viewer=Blind("ines", "amara", "sign-lines", "adviser", "left-with-reports"))
    assert rows(found) == [
        ("omar", 0, None, 0),
        ("left-with-goals", 1, "omar", 0),
        ("luis", 1, "omar", 0),
        ("yuki", 1, "omar", 0),
    ]
    assert found is not None and {node.owner.id: node.dotted_to for node in found.nodes}["yuki"] == ()
    top = org_chart(graph, "ines", 0, viewer=Blind("sign-lines"))
    assert top is not None and ids(top.nodes[0].goals) == ["grow-revenue"]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 4), st.integers(1, 15))
def test_random_reporting_trees(seed: int, depth: int, limit: int) -> None:
    random = Random(seed)
    pieces: list[Piece] = []
    managers: dict[str, str | None] = {}
    for number in range(12):
        manager = f"person-{random.randrange(number)}" if number and random.random() < 0.85 else None
        managers[f"person-{number}"] = manager
        pieces.append(person(f"person-{number}", manager))
        pieces.append(objective(f"goal-{number}", owner=f"person-{number}"))
    found = chart(grow(*pieces), None, depth, limit)

    def level(id: str) -> int:
        above = managers[id]
        return 0 if above is None else level(above) + 1

    def chain(id: str) -> list[str]:
        above = managers[id]
        return [] if above is None else [above, *chain(above)]

    within = {id for id in managers if level(id) <= depth}
    shown = [node.owner.id for node in found.nodes]
    assert len(shown) == len(set(shown)) == min(limit, len(within))
    assert set(shown) <= within
    assert [node.depth for node in found.nodes] == sorted(level(id) for id in shown)
    assert found.truncated == (len(within) > limit)
    assert found.hidden == len(managers) - len(shown)
    for node in found.nodes:
        assert (node.reports_to, node.depth) == (managers[node.owner.id], level(node.owner.id))
        assert node.hidden == sum(1 for id in managers if id not in shown and node.owner.id in chain(id))
