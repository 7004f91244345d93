"""The figures of an audit: health, rows of goals and owners, the organization, what is to be handed over."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.audit import CATALOGUE, DEFAULTS, audit
from graph_service.alignment.audit.current import found_on
from graph_service.alignment.audit.report import (
    Contribution,
    Handover,
    Holding,
    LineOfSight,
    Load,
    Sight,
    SpanCount,
    SubjectKind,
    TopOwner,
    Totals,
)
from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.nodes import Link
from graph_service.models.words import GoalState, LinkKind, Measure
from tests.build import AS_OF, Blind, Piece, grow, key_result, objective, person, quarter, team


def company() -> AlignmentGraph:
    return grow(
        quarter(),
        team("ferry"),
        team("crew", "ferry"),
        team("kitchen", "ferry"),
        person("ines", leads="ferry"),
        person("omar", "ines", "crew", leads="crew"),
        person("yuki", "omar", "crew"),
        person("ben", "ines", "kitchen"),
        person("gone", "omar", "crew", leads="kitchen", active=False),
        person("left", "gone", active=True),
        person("apart"),
        objective("grow", top=True, owner="ines", period="2026-Q1"),
        objective("sail", "grow", owner="omar", period="2026-Q1"),
        key_result("trips", "sail", 60, owner="yuki"),
        key_result("mood", "sail", measure=Measure.UNMEASURED),
        objective("cook", owner="gone", period="2026-Q1"),
        key_result("soups", "cook"),
        objective("past", "grow", owner="gone", state=GoalState.CLOSED),
        objective("plan", "grow", state=GoalState.DRAFT),
        objective("dropped", "grow", state=GoalState.CANCELLED),
        Piece(
            links=[
                Link("left", "sail", LinkKind.CONTRIBUTES_TO, roles=("navigator",)),
                Link("gone", "sail", LinkKind.CONTRIBUTES_TO),
            ]
        ),
    )


def test_health_names_what_is_missing() -> None:
    health = audit(company(), DEFAULTS, AS_OF).health
    assert (health.alignment.good, health.alignment.of, health.alignment.missing) == (3, 4, ("cook",))
    assert health.alignment.share == 0.75
    assert (health.ownership.good, health.ownership.of) == (4, 7)
    assert health.ownership.missing == ("cook", "past", "soups")
    assert (health.measurability.good, health.measurability.of, health.measurability.missing) == (2, 3, ("mood",))
    assert (health.freshness.good, health.freshness.of, health.freshness.missing) == (1, 2, ("soups",))


def test_health_of_nothing() -> None:
    health = audit(grow(), DEFAULTS, AS_OF).health
    assert (health.alignment.share, health.alignment.of, health.freshness.share) == (None, 0, None)


def test_a_row_for_every_goal_that_is_not_cancelled() -> None:
    rows = {row.id: row for row in audit(company(), DEFAULTS, AS_OF).goals}
    assert list(rows) == ["cook", "grow", "mood", "past", "plan", "sail", "soups", "trips"]
    trips = rows["trips"]
    assert (trips.kind, trips.owner, trips.objective, trips.parent, trips.top) == (
        SubjectKind.KEY_RESULT,
        "yuki",
        "sail",
        None,
        "grow",
    )
    assert (trips.status, trips.progress, trips.expected) == ("ON_TRACK", 0.6, 0.5)
    assert (trips.starts_on, trips.ends_on, trips.last_check_in) == (date(2026, 1, 1), date(2026, 4, 1), AS_OF)
    assert (rows["sail"].parent, rows["grow"].top, rows["cook"].top, rows["plan"].status) == (
        "grow",
        "grow",
        None,
        "DRAFT",
    )


def test_people() -> None:
    report = audit(company(), DEFAULTS, AS_OF)
    people = {one.id: one for one in report.people}
    assert list(people) == ["apart", "ben", "gone", "ines", "left", "omar", "yuki"]
    omar = people["omar"]
    assert (omar.manager, omar.teams, omar.reports, omar.goals) == ("ines", ("crew",), 2, ("sail",))
    assert omar.load == (Load("2026-Q1", 1, 5, over=False),)
    found = [one for one in report.findings if one.subject.id in ("omar", "sail")]
    severities = [one.severity.value for one in found]
    assert omar.holding == Holding(
        1,
        0,
        0,
        0.6,
        1,
        {"ON_TRACK": 1},
        Totals(severities.count("ERROR"), severities.count("WARNING"), severities.count("INFO")),
    )
    assert (people["yuki"].sight, people["yuki"].top) == (Sight.OWN, "grow")
    assert (people["left"].sight, people["left"].top) == (Sight.CONTRIBUTION, "grow")
    assert people["left"].contributions == (Contribution("sail", ("navigator",)),)
    assert (people["ben"].sight, people["apart"].sight) == (Sight.NONE, Sight.NONE)
    assert people["gone"].active is False


def test_teams_count_what_is_within_them_once() -> None:
    teams = {one.id: one for one in audit(company(), DEFAULTS, AS_OF).teams}
    ferry, crew = teams["ferry"], teams["crew"]
    assert (ferry.parent, ferry.leads, ferry.people, ferry.teams) == (None, ("ines",), ("ines",), ("crew", "kitchen"))
    assert (ferry.holding.objectives, ferry.within.objectives, ferry.within.key_results) == (0, 4, 1)
    assert (crew.people, crew.leads, crew.without_goal) == (("gone", "omar", "yuki"), ("omar",), ())
    assert (crew.within.objectives, crew.within.key_results, crew.within.contributions) == (3, 1, 1)
    assert crew.within.progress == (0.0 + 0.6 + 0.6) / 3
    assert teams["kitchen"].without_goal == ("ben",)


def test_the_organization() -> None:
    found = audit(company(), DEFAULTS, AS_OF).organization
    assert (found.people, found.teams, found.objectives, found.key_results, found.top_level) == (6, 3, 4, 3, 1)
    assert (found.inactive, found.unowned, found.unknown) == (("cook",), (), ())
    assert found.people_without_goal == ("apart", "ben", "left")
    assert found.teams_without_goal == ()
    assert found.contributors_only == ("left",)
    assert found.top_owners == (TopOwner("ines", 1),)
    assert found.sight == LineOfSight(4 / 6, 3, 1, 0, 6, ("apart", "ben"))
    tree = found.reporting
    assert (tree.tops, tree.depth, tree.managers, tree.mean_span) == (("ines",), 3, 2, 1.5)
    assert (tree.widest_span, tree.widest, tree.spans) == (2, ("ines",), (SpanCount(1, 1), SpanCount(2, 1)))
    assert (tree.apart, tree.broken, tree.circular) == (("apart",), ("left",), ())


def test_what_is_to_be_handed_over() -> None:
    assert audit(company(), DEFAULTS, AS_OF).handovers == (
        Handover("gone", ("cook",), ("sail",), ("left",), ("kitchen",), "omar", "the nearest active manager"),
    )


def test_who_could_take_over() -> None:
    def to(*pieces: Piece) -> tuple[str | None, str]:
        report = audit(grow(*pieces, objective("grow", top=True, owner="gone")), DEFAULTS, AS_OF)
        (one,) = report.handovers
        return one.to, one.why

    assert to(person("ines"), person("omar", "ines", active=False), person("gone", "omar", active=False)) == (
        "ines",
        "the nearest active manager",
    )
    assert to(
        team("ferry"), team("crew", "ferry"), person("ines", leads="ferry"), person("gone", None, "crew", active=False)
    ) == (
        "ines",
        "an active lead of the team",
    )
    assert to(person("gone", active=False)) == (None, "no active manager and no active lead of a team is known")


def test_a_team_gives_its_people_sight_of_the_top() -> None:
    graph = grow(team("crew"), person("yuki", None, "crew"), objective("grow", top=True, owner="crew"))
    found = audit(graph, DEFAULTS, AS_OF)
    assert [(one.id, one.sight, one.top) for one in found.people] == [("yuki", Sight.TEAM, "grow")]
    assert found.organization.sight == LineOfSight(1.0, 0, 0, 1, 1, ())


def test_about_some_goals_only() -> None:
    graph = company()
    sail, trips = graph.goal("sail"), graph.goal("trips")
    assert sail is not None and trips is not None
    whole = found_on(graph, DEFAULTS, AS_OF)
    report = whole.report({sail, trips})
    assert [row.id for row in report.goals] == ["sail", "trips"]
    assert [one.id for one in report.people] == ["gone", "left", "omar", "yuki"]
    assert {one.subject.id for one in report.findings} <= {"sail", "trips", "gone", "left", "omar", "yuki"}
    assert [one for one in whole.standing if one.subject.id == "sail"] == [
        one for one in report.findings if one.subject.id == "sail"
    ]
    assert (report.health.alignment.of, report.health.measurability.of) == (1, 1)


def test_a_viewer_is_shown_what_they_see() -> None:
    report = audit(company(), DEFAULTS, AS_OF, viewer=Blind("omar", "sail"))
    assert [row.id for row in report.goals] == ["cook", "grow", "mood", "past", "plan", "soups", "trips"]
    assert "omar" not in [one.id for one in report.people]
    from graph_service.render.audit import report_json

    text = report_json(report).decode()
    assert '"omar"' not in text and '"sail"' not in text and "Omar" not in text and "'Sail'" not in text


def test_the_catalogue_is_whole() -> None:
    ids = [rule.id for rule in CATALOGUE]
    assert len(ids) == len(set(ids)) == 44
    for rule in CATALOGUE:
        assert rule.goal or rule.owner or rule.whole, rule.id
        assert not (rule.ways or rule.places) or (bool(rule.goal) is not bool(rule.whole)), rule.id
        assert not (rule.ways and (rule.places or rule.whole)), rule.id
        for text in (rule.meaning, rule.why, rule.advice):
            assert text.endswith((".", "?")), (rule.id, text)
        assert not rule.title.endswith("."), rule.id
