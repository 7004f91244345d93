"""What a change moves without naming it: statuses, days, and the revisions of nodes."""

from __future__ import annotations

from datetime import date

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.words import GoalState, LinkKind, Status
from tests.alignment.decide.company import (
    aligned,
    done,
    goal,
    grown,
    key_result,
    moment,
    objective,
    parent,
)
from tests.alignment.random_company import AS_OF, picture, rebuilt

KEY_RESULT_OF, PARENT = LinkKind.KEY_RESULT_OF, LinkKind.PARENT
NEW_YEAR = date(2026, 1, 1)


def little() -> AlignmentGraph:
    """Two quarters, Ines, a team, and a ladder of three goals with a report."""
    return grown(
        do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31)),
        do.CreatePerson(id="ines", name="Ines"),
        do.CreateTeam(id="platform team", name="Platform"),
        objective("grow", level="organization", period_id="2026-Q1"),
        key_result("sales", "grow"),
        objective("launch", "sales", owner_id="ines"),
        key_result("app", "launch"),
        do.CheckInKeyResult(id="c1", key_result_id="app", value=5.0),
    )


# ---------- what moves without being touched ----------


def statuses(graph: AlignmentGraph, day: date) -> dict[str, str]:
    return {one.id: graph.status(one, day).name for one in graph.goals()}


def test_a_period_moves_the_goals_that_take_their_days_from_it() -> None:
    period = do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31))
    graph = grown(
        period,
        objective("by period", period_id="2026-Q1"),
        key_result("under it", "by period"),
        objective("own days", period_id="2026-Q1", start=NEW_YEAR, due=date(2026, 12, 31)),
        key_result("by its own period", "own days", period_id="2026-Q1", due=date(2026, 6, 30)),
        key_result("with its objective", "own days", period_id="2026-Q1"),
        objective("dateless"),
        key_result("by period alone", "dateless", period_id="2026-Q1"),
        objective("elsewhere"),
        key_result("without any", "elsewhere"),
    )
    day = date(2026, 4, 15)
    assert statuses(graph, day) == {
        "by period": "OVERDUE",
        "under it": "OVERDUE",
        "own days": "AT_RISK",
        "by its own period": "AT_RISK",
        "with its objective": "AT_RISK",
        "dateless": "NO_DATES",
        "by period alone": "OVERDUE",
        "elsewhere": "NO_DATES",
        "without any": "NO_DATES",
    }
    _, moved = graph.decide(
        [do.UpdatePeriod(id="2026-Q1", start=date(2026, 5, 1), end=date(2026, 7, 1))], moment(graph)
    )
    assert {
        one.goal.id: (one.before and one.before.status.name, one.after and one.after.status.name)
        for one in moved.changed(day)
    } == {
        "by period": ("OVERDUE", "NOT_STARTED"),
        "by period alone": ("OVERDUE", "NOT_STARTED"),
        "under it": ("OVERDUE", "NOT_STARTED"),
    }
    assert picture(graph) == picture(rebuilt(graph))
    _, moved = graph.decide([do.UpdatePeriod(id="2026-Q1", title="Late quarter")], moment(graph))
    assert moved.changed(day) == []
    done(graph, do.UpdatePeriod(id="2026-Q1", start=None, end=None))
    assert statuses(graph, day)["under it"] == "NO_DATES"


def test_start_and_due_are_found_singly() -> None:
    graph = grown(
        do.CreatePeriod(id="2026-Q1", title="First quarter", start=NEW_YEAR, end=date(2026, 3, 31)),
        objective("launch", period_id="2026-Q1", start=date(2026, 2, 1)),
        key_result("app", "launch", period_id="2026-Q1", due=date(2026, 6, 1)),
    )

    def days(id: str) -> list[date | None]:
        pace = goal(graph, id).pace
        return [None if day is None else date.fromordinal(day) for day in (pace.start, pace.due)]

    assert days("launch") == [date(2026, 2, 1), date(2026, 3, 31)]
    assert days("app") == [date(2026, 2, 1), date(2026, 6, 1)]
    done(graph, do.UpdateObjective(id="launch", start=None))
    assert days("app") == [NEW_YEAR, date(2026, 6, 1)]
    done(graph, do.UpdateKeyResult(id="app", due=None))
    assert days("app") == [NEW_YEAR, date(2026, 3, 31)]
    done(graph, do.UpdateObjective(id="launch", period_id=None))
    assert (days("launch"), days("app")) == ([None, None], [NEW_YEAR, date(2026, 3, 31)])
    done(graph, do.UpdateKeyResult(id="app", period_id=None))
    assert days("app") == [None, None]
    done(graph, objective("other", start=NEW_YEAR, due=NEW_YEAR))
    done(graph, do.LinkGoals(source="app", target="other", link=KEY_RESULT_OF))
    assert days("app") == [NEW_YEAR, NEW_YEAR]


@pytest.mark.parametrize("state", [state for state in GoalState if state is not GoalState.ACTIVE])
def test_an_active_key_result_takes_its_objectives_state_and_another_keeps_its_own(state: GoalState) -> None:
    graph = grown(
        objective("launch"),
        key_result("active", "launch"),
        key_result("draft", "launch", state=GoalState.DRAFT),
        objective("child", "launch"),
    )
    done(graph, do.UpdateObjective(id="launch", state=state))
    seen = statuses(graph, AS_OF)
    assert (seen["launch"], seen["active"], seen["draft"]) == (state.name, state.name, "DRAFT")
    assert seen["child"] == "NO_DATA"
    done(graph, do.UpdateObjective(id="launch", state=GoalState.ACTIVE))
    assert statuses(graph, AS_OF)["active"] == ("CLOSED" if state is GoalState.CLOSED else "NO_DATES")


def test_limits_judge_every_goal_anew_and_tell_so() -> None:
    graph = little()
    day = date(2026, 1, 20)  # 19 of 89 days: a gap of 0.21
    before = {"grow": "BEHIND", "sales": "BEHIND", "launch": "NO_DATES", "app": "NO_DATES"}
    assert statuses(graph, day) == before
    _, moved = graph.decide([do.UpdateWorkspace(at_risk_limit=0.1)], moment(graph))
    assert statuses(graph, day) == {**before, "grow": "AT_RISK", "sales": "AT_RISK"}
    assert [
        (one.goal.id, one.before and one.before.status, one.after and one.after.status) for one in moved.changed(day)
    ] == [
        ("grow", Status.BEHIND, Status.AT_RISK),
        ("sales", Status.BEHIND, Status.AT_RISK),
    ]
    graph.undo(moved)
    assert statuses(graph, day) == before


# ---------- revisions of nodes ----------


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (do.UpdateObjective(id="launch", title="Land"), {"launch"}),
        (do.UpdateObjective(id="launch", title="launch"), set()),
        (do.CheckInKeyResult(key_result_id="app", value=9.0), {"app"}),
        (do.CheckInObjective(objective_id="grow", note="seen"), {"grow"}),
        (do.AssignOwner(goal_id="launch", owner_id="platform team"), {"launch"}),
        (do.AssignOwner(goal_id="launch"), {"launch"}),
        (do.SetContributor(goal_id="grow", owner_id="ines", roles=("author",)), {"grow"}),
        (parent("launch", "grow"), {"launch"}),
        (aligned("app", "grow", 1.0), {"app"}),
        (do.UnlinkGoals(source="launch", target="sales", link=PARENT), {"launch"}),
        (do.UpdateLink(source="app", target="launch", link=KEY_RESULT_OF, weight=2.0), {"app"}),
        (do.LinkGoals(source="app", target="grow", link=KEY_RESULT_OF), {"app"}),
        (do.CloseGoal(id="launch"), {"launch", "app"}),
        (do.RemoveGoal(id="sales"), {"launch"}),  # which lost a parent
        (do.RemoveGoal(id="launch"), set()),
        (do.UpdatePeriod(id="2026-Q1", end=date(2026, 6, 1)), {"2026-Q1"}),
        (do.UpdateWorkspace(at_risk_limit=0.5), set()),
        (do.SetMembership(person_id="ines", team_id="platform team", member=True, leads=("chair",)), {"ines"}),
        (do.CreateInitiative(id="crm", title="CRM", supports=("launch",)), {"crm"}),
        (do.CreateKpi(id="uptime", title="Uptime", key_results=("app",)), {"uptime", "app"}),
        (do.CreateRole(id="cto", title="CTO", outcomes=("launch",), holders=("ines",)), {"cto", "ines"}),
        (do.ErasePersonForGood(id="ines"), {"ines"}),
        (do.TransferOwnership(source="ines", target="platform team"), {"launch"}),
        (do.KeepReference(node_id="grow", link=PARENT, reference="north"), {"grow"}),
    ],
)
def test_a_revision_is_of_own_fields_owner_contributors_outgoing_links_and_reports(
    change: Change, touched: set[str]
) -> None:
    graph = little()
    done(graph, change, importing=True)
    assert {id for id, vertex in graph.nodes.items() if vertex.revision == graph.revision} == touched
