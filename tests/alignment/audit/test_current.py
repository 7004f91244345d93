"""Findings kept current are those of an audit from scratch, whatever moves, and whatever is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from graph_service.alignment.audit import DEFAULTS, Rules, audit
from graph_service.alignment.audit.compare import difference
from graph_service.alignment.audit.current import CurrentFindings
from graph_service.alignment.audit.report import Finding, Severity
from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import Refusal
from graph_service.models import changes as do
from tests.alignment.random_company import ids, occasion, wishes
from tests.test_workspace_history import owners

DAY = date(2026, 3, 20)

TITLES = ("Grow revenue", "grow  revénue", "Keep customers", "Win 20 new lines", "Launch the web shop")
EXCEPTIONS: tuple[list[dict[str, str]] | None, ...] = (
    None,
    [{"rule": "NO_OWNER", "reason": "The owner starts in May."}],
    [{"reason": "We know.", "until": "2026-04-30"}, {"rule": "NO_WHY", "reason": "It is said.", "until": "2026-01-31"}],
    [{"rule": "NO_SUCH_RULE", "reason": "It is said."}],
)


def stirred(random: Random) -> Iterator[do.Change]:
    """Changes about goals, with those about owners, titles, levels and exceptions in between; some cannot be."""
    about_owners = owners(random)
    for number, change in enumerate(wishes(random, objectives=8, key_results=14, more=60)):
        yield change
        if number < 12 or random.random() < 0.5:
            yield next(about_owners)
        goal = random.randrange(8)
        if random.random() < 0.4:
            yield do.UpdateObjective(
                id=f"obj-{goal}",
                title=random.choice(TITLES),
                level=random.choice(("organization", "department", "team")),
                attributes={"suppressions": random.choice(EXCEPTIONS)},
            )
        if random.random() < 0.2:
            yield do.UpdateKeyResult(id=f"kr-{goal}", title=random.choice(TITLES), description="Why not?")
        if random.random() < 0.05:
            yield do.CreatePerson(id=f"hand-{number}", name=random.choice(("Ines", "Inês", "I. Ada")))


def held_against_an_audit(current: CurrentFindings, graph: AlignmentGraph, as_of: date = DAY) -> tuple[Finding, ...]:
    found, report = current.of(graph, as_of), audit(graph, current.rules, as_of)
    assert found.standing == report.findings
    assert found.suppressed == report.suppressed
    assert found.report() == report
    for id in graph.nodes:
        assert found.about(id) == tuple(one for one in report.findings if one.subject.id == id)
    return report.findings


@pytest.mark.parametrize("seed", range(25))
def test_after_every_change(seed: int) -> None:
    random = Random(seed)
    graph, new_id = AlignmentGraph(), ids()
    current = CurrentFindings()
    for change in wishes(random, objectives=8, key_results=14, more=50):
        try:
            graph.decide([change], occasion(new_id))
        except Refusal:
            continue
        held_against_an_audit(current, graph)


@pytest.mark.parametrize("seed", range(25))
def test_whoever_moves_and_whatever_is_said_and_what_became_of_the_findings(seed: int) -> None:
    random = Random(seed + 200)
    graph, new_id = AlignmentGraph(), ids()
    current = CurrentFindings(comparing=True)
    before: tuple[Finding, ...] = ()
    day = DAY
    told = 0
    for change in stirred(random):
        try:
            graph.decide([change], occasion(new_id, importing=isinstance(change, do.KeepReference)))
        except Refusal:
            continue
        if random.random() < 0.05:
            day += timedelta(days=random.choice((1, 30)))
        if random.random() < 0.7:
            now = held_against_an_audit(current, graph, day)
            found = current.moved()
            assert found == difference(before, now)
            told += len(found.appeared) + len(found.changed)
            before = now
    assert told > len(before)
    assert current.moved() == difference((), ())


@pytest.mark.parametrize("seed", range(8))
def test_within_suppositions_and_after_them(seed: int) -> None:
    random = Random(seed + 100)
    graph, new_id = AlignmentGraph(), ids()
    current = CurrentFindings()
    for number, change in enumerate(wishes(random, objectives=8, key_results=14, more=50)):
        try:
            if number > 20 and number % 2:
                with graph.suppose([change], occasion(new_id)):
                    held_against_an_audit(current, graph)
                held_against_an_audit(current, graph)
            else:
                graph.decide([change], occasion(new_id))
        except Refusal:
            continue
    held_against_an_audit(current, graph)


def company() -> AlignmentGraph:
    graph, new_id = AlignmentGraph(), ids()
    graph.decide(
        [
            do.CreatePeriod(id="q1", title="First quarter", start=date(2026, 1, 1), end=date(2026, 3, 31)),
            do.CreatePerson(id="ines", name="Inês"),
            do.CreateObjective(id="grow", title="Grow revenue", level="organization", period_id="q1", owner_id="ines"),
            do.CreateKeyResult(
                id="sales", objective_id="grow", title="Sales", baseline=0, target=10, unit="lines", owner_id="ines"
            ),
        ],
        occasion(new_id),
    )
    return graph


def rules_about(current: CurrentFindings, graph: AlignmentGraph, subject: str, as_of: date = DAY) -> list[str]:
    return [one.rule for one in current.of(graph, as_of).about(subject)]


def test_a_report_moves_the_findings_about_its_goal() -> None:
    graph, current = company(), CurrentFindings()
    assert rules_about(current, graph, "sales") == ["STUCK_AT_ZERO", "STALE_CHECK_IN"]
    before = current.of(graph, DAY)
    assert current.of(graph, DAY) is before, "nothing has moved"
    graph.decide([do.CheckInKeyResult(key_result_id="sales", value=-2)], occasion(ids()))
    assert rules_about(current, graph, "sales") == ["NEGATIVE", "STALE_CHECK_IN"]


def test_two_who_look_at_one_graph_do_not_take_from_each_other() -> None:
    graph, one, other = company(), CurrentFindings(), CurrentFindings()
    for value in (-1.0, 2.0, -3.0):
        graph.decide([do.CheckInKeyResult(key_result_id="sales", value=value)], occasion(ids()))
        held_against_an_audit(one, graph)
        if value > 0:
            held_against_an_audit(other, graph)
    held_against_an_audit(other, graph)


def test_another_day_judges_anew() -> None:
    graph, current = company(), CurrentFindings()
    assert "OVERDUE" not in rules_about(current, graph, "grow")
    assert "OVERDUE" in rules_about(current, graph, "grow", date(2026, 3, 31) + timedelta(days=1))
    assert "OVERDUE" not in rules_about(current, graph, "grow")


def test_who_leaves_makes_findings_about_their_goals() -> None:
    graph, current = company(), CurrentFindings()
    assert "OWNER_INACTIVE" not in rules_about(current, graph, "grow")
    graph.decide([do.DeactivatePerson(id="ines")], occasion(ids()))
    assert "OWNER_INACTIVE" in rules_about(current, graph, "grow")
    held_against_an_audit(current, graph)


def test_the_first_objective_under_way_tells_of_all_who_have_none() -> None:
    graph, current, new_id = AlignmentGraph(), CurrentFindings(), ids()
    graph.decide(
        [
            do.CreatePerson(id="ines", name="Inês"),
            do.CreatePerson(id="omar", name="Omar"),
            do.CreateObjective(
                id="old", title="Win lines", owner_id="omar", start=date(2025, 1, 1), due=date(2025, 12, 31)
            ),
            do.CreateObjective(id="grow", title="Grow revenue", owner_id="ines"),
        ],
        occasion(new_id),
    )
    assert "TOO_FEW_GOALS" not in rules_about(current, graph, "omar")
    graph.decide([do.UpdateObjective(id="grow", start=date(2026, 1, 1), due=date(2026, 12, 31))], occasion(new_id))
    assert "TOO_FEW_GOALS" in rules_about(current, graph, "omar")
    graph.decide([do.RemoveGoal(id="grow")], occasion(new_id))
    assert "TOO_FEW_GOALS" not in rules_about(current, graph, "omar")
    held_against_an_audit(current, graph)


def test_another_team_at_the_top_has_another_limit() -> None:
    graph, current, new_id = AlignmentGraph(), CurrentFindings(), ids()
    graph.decide(
        [
            do.CreateTeam(id="ferry", name="Ferry"),
            do.CreateTeam(id="crew", name="Crew"),
            *[do.CreateObjective(id=f"grow-{n}", title=f"Grow {n}", owner_id="ferry") for n in "abc"],
        ],
        occasion(new_id),
    )
    assert "TOO_MANY_GOALS" in rules_about(current, graph, "ferry"), "three are too many for a team"
    graph.decide([do.UpdateTeam(id="crew", parent_id="ferry")], occasion(new_id))
    assert "TOO_MANY_GOALS" not in rules_about(current, graph, "ferry"), "not for the uppermost one"
    held_against_an_audit(current, graph)


def test_goals_that_name_one_by_its_title_say_its_new_one() -> None:
    graph, current, new_id = company(), CurrentFindings(), ids()
    graph.decide(
        [
            do.CreateObjective(id="teach", title="Teach crews", parents=(do.ParentInput(id="grow"),)),
            do.CreateObjective(
                id="film", title="Film it", parents=(do.ParentInput(id="teach"), do.ParentInput(id="grow"))
            ),
        ],
        occasion(new_id),
    )
    assert "REDUNDANT_LINK" in rules_about(current, graph, "film")
    graph.decide([do.UpdateObjective(id="grow", title="Earn more")], occasion(new_id))
    (found,) = [one for one in current.of(graph, DAY).about("film") if one.rule == "REDUNDANT_LINK"]
    assert found.message == "'Film it' reaches 'Earn more' over 'Teach crews' too; its PARENT link adds nothing"
    held_against_an_audit(current, graph)


def test_other_rules_find_otherwise() -> None:
    graph = company()
    quiet = CurrentFindings(Rules(severities={"STUCK_AT_ZERO": Severity.OFF}))
    assert rules_about(quiet, graph, "sales") == ["STALE_CHECK_IN"]
    assert rules_about(CurrentFindings(DEFAULTS), graph, "sales") == ["STUCK_AT_ZERO", "STALE_CHECK_IN"]
