"""Rules of ownership: whose goals are whose."""

from __future__ import annotations

from datetime import date

from graph_service.models.nodes import Link
from graph_service.models.words import GoalState, LinkKind
from tests.alignment.audit.company import about, findings, limited, said
from tests.build import AS_OF, Blind, Piece, dangling, grow, key_result, objective, person, quarter, team

CLOSED = GoalState.CLOSED


def contributes(owner: str, *goals: str) -> Piece:
    """Somebody takes part in goals."""
    return Piece(links=[Link(owner, goal, LinkKind.CONTRIBUTES_TO, roles=("helper",)) for goal in goals])


def test_a_goal_that_nobody_answers_for() -> None:
    graph = grow(
        person("ines"),
        objective("grow-revenue", top=True),
        key_result("sales", "grow-revenue"),
        key_result("lines", "grow-revenue"),
        objective("good-place", top=True, owner="ines"),
        key_result("mood", "good-place"),  # its objective's owner answers for it
        objective("sound-house", top=True),
        dangling("sound-house", "person:x", LinkKind.OWNS, outgoing=False),
        objective("someday", top=True, state=GoalState.DRAFT),
        key_result("loose"),
    )
    assert said(graph, "NO_OWNER") == {
        "grow-revenue": "'Grow revenue' has no owner, nor have 2 of its key results",
        "loose": "'Loose' has no owner",
    }
    assert said(graph, "OWNER_UNKNOWN") == {
        "sound-house": "the owner of 'Sound house' is 'person:x', who does not exist"
    }


def test_an_owner_who_left() -> None:
    graph = grow(
        person("ines", active=False),
        objective("grow-revenue", top=True, owner="ines"),
        key_result("sales", "grow-revenue", owner="ines"),
        objective("done", top=True, owner="ines", state=CLOSED),
    )
    assert said(graph, "OWNER_INACTIVE") == {
        "grow-revenue": "the owner of 'Grow revenue', 'Ines', is not active any more",
        "sales": "the owner of 'Sales', 'Ines', is not active any more",
    }
    assert said(graph, "OWNER_INACTIVE", viewer=Blind("ines")) == {}


def test_an_owner_outside_of_the_area() -> None:
    graph = grow(
        team("ferry"),
        team("sales", "ferry"),
        team("kitchen", "ferry"),
        person("ines", None, leads="ferry"),
        person("omar", "ines", "sales"),
        person("yuki", "omar"),
        person("ben", "ines", "kitchen"),
        person("stranger"),
        objective("grow-revenue", top=True, owner="ines"),
        objective("sell-more", "grow-revenue", owner="omar"),
        objective("new-shop", "sell-more", owner="yuki"),  # reports to omar
        objective("posters", "sell-more", owner="sales"),  # omar's team
        objective("soup", "sell-more", owner="ben"),
        objective("bread", "sell-more", owner="kitchen"),
        objective("from-above", "sell-more", owner="ines"),
        person("ada", "omar", leads="bakery"),
        team("bakery"),
        objective("cakes", "sell-more", owner="bakery"),  # its lead reports to omar
        objective("unknown", "sell-more", owner="stranger"),  # nobody knows where they stand
    )
    assert said(graph, "OWNER_OUTSIDE_AREA") == {
        "bread": "'Kitchen' owns 'Bread', which hangs under 'Sell more' of 'Omar'; neither is in the other's teams or"
        " reporting line",
        "soup": "'Ben' owns 'Soup', which hangs under 'Sell more' of 'Omar'; neither is in the other's teams or"
        " reporting line",
    }


def test_a_department_goal_of_somebody_who_does_not_lead() -> None:
    graph = grow(
        team("sales"),
        person("ines", leads="sales"),
        person("omar", "ines", "sales"),
        objective("sell-more", level="department", owner="omar"),
        objective("sell-better", level="department", owner="ines"),
        objective("sell-all", level="department", owner="sales"),
        objective("sell-some", level="team", owner="omar"),
    )
    assert said(graph, "DEPARTMENT_GOAL_NOT_LED") == {
        "sell-more": "'Omar' owns 'Sell more' (level 'department'), leads no team and has no reports"
    }


def test_too_many_goals_of_a_person_a_team_and_the_whole() -> None:
    graph = grow(
        quarter(),
        team("ferry"),
        team("sales", "ferry"),
        person("ines"),
        *[objective(f"goal-{n}", owner="ines", period="2026-Q1") for n in range(6)],
        objective("goal-old", owner="ines", start=date(2025, 1, 1), due=date(2025, 12, 31)),
        *[objective(f"sale-{n}", owner="sales", period="2026-Q1") for n in range(3)],
        *[objective(f"top-{n}", owner="ferry", top=True) for n in range(4)],
    )
    assert said(graph, "TOO_MANY_GOALS") == {
        "": "the organization has 4 open top-level objectives without a period, above the limit of 3",
        "ferry": "'Ferry' owns 4 open objectives without a period, 1 above the limit of 3",
        "ines": "'Ines' owns 6 open objectives in '2026-Q1', 1 above the limit of 5",
        "sales": "'Sales' owns 3 open objectives in '2026-Q1', 1 above the limit of 2",
    }
    assert about(graph, "TOO_MANY_GOALS", rules=limited("TOO_MANY_GOALS", person=6, team=3, organization=4)) == []


def test_goals_before_and_none_now() -> None:
    graph = grow(
        quarter(),
        person("ines"),
        person("omar"),
        person("new"),
        person("early"),
        objective("grow-revenue", top=True, owner="ines", period="2026-Q1"),
        objective("last-year", owner="omar", start=date(2025, 1, 1), due=date(2025, 12, 31)),
        objective("next-year", owner="omar", start=date(2027, 1, 1), due=date(2027, 12, 31)),
        objective("year-after", owner="early", start=date(2027, 1, 1), due=date(2027, 12, 31)),  # has planned ahead
    )
    assert said(graph, "TOO_FEW_GOALS") == {"omar": "'Omar' has no objectives under way, and had 1 until now"}
    later = date(2026, 4, 2)
    assert said(graph, "TOO_FEW_GOALS", later) == {}, "nothing at all is under way: it is not planned yet"


def test_who_has_no_part_in_any_goal() -> None:
    graph = grow(
        team("ferry"),
        team("crew", "ferry"),
        team("kitchen", "ferry"),
        person("ines"),
        person("omar", None, "crew"),
        person("ben", None, "kitchen"),
        person("yuki"),
        person("gone", active=False),
        objective("grow-revenue", top=True, owner="ines"),
        objective("sail", "grow-revenue", owner="crew"),
        contributes("yuki", "grow-revenue", "sail"),
        contributes("ines", "sail"),
    )
    assert said(graph, "PERSON_WITHOUT_OBJECTIVE") == {
        "ben": "'Ben' owns no live goal and contributes to none, and no team of theirs owns one"
    }
    assert said(graph, "TEAM_WITHOUT_OBJECTIVE") == {"kitchen": "neither 'Kitchen' nor anybody in it owns a live goal"}
    assert said(graph, "ONLY_CONTRIBUTOR") == {"yuki": "'Yuki' contributes to 2 live goals and owns none"}
    assert findings(graph, "ONLY_CONTRIBUTOR")[0].today == {"contributions": 2}


def test_one_person_at_the_whole_top() -> None:
    tops = [objective(f"top-{n}", owner="ines", top=True) for n in range(3)]
    alone = grow(person("ines"), person("omar"), *tops)
    assert said(alone, "ONE_OWNER_AT_THE_TOP") == {"ines": "'Ines' owns 3 of 3 open top-level objectives"}
    shared = grow(person("ines"), person("omar"), *tops, objective("top-3", owner="omar", top=True))
    assert said(shared, "ONE_OWNER_AT_THE_TOP") == {}
    assert said(shared, "ONE_OWNER_AT_THE_TOP", AS_OF, limited("ONE_OWNER_AT_THE_TOP", part=0.7)) == {
        "ines": "'Ines' owns 3 of 4 open top-level objectives"
    }
    assert about(grow(person("ines"), tops[0]), "ONE_OWNER_AT_THE_TOP") == []
    of_a_team = grow(team("ferry"), *[objective(f"top-{n}", owner="ferry", top=True) for n in range(3)])
    assert about(of_a_team, "ONE_OWNER_AT_THE_TOP") == []


def test_more_contributors_than_can_work_on_it() -> None:
    people = [f"person-{n}" for n in range(11)]
    graph = grow(
        *[person(id) for id in people],
        objective("grow-revenue", top=True),
        objective("sail", "grow-revenue"),
        *[contributes(id, "grow-revenue") for id in people],
        *[contributes(id, "sail") for id in people[:10]],
    )
    assert said(graph, "TOO_MANY_CONTRIBUTORS") == {"grow-revenue": "'Grow revenue' has 11 contributors"}
    assert about(graph, "TOO_MANY_CONTRIBUTORS", rules=limited("TOO_MANY_CONTRIBUTORS", contributors=9)) == [
        "grow-revenue",
        "sail",
    ]
