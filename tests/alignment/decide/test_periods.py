"""Periods, and the workspace's own facts."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, PutNode, PutWorkspace, RemoveLink
from graph_service.models.nodes import Link, Period, Workspace
from graph_service.models.words import LinkKind, Status
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    moment,
    objective,
    refused,
)

INVALID, NOT_FOUND, CYCLE, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE, ErrorCode.DUPLICATE
WITHIN = LinkKind.WITHIN
NEW_YEAR, EASTER, DECEMBER = date(2026, 1, 1), date(2026, 4, 5), date(2026, 12, 31)


# ---------- periods ----------


def period(id: str, **fields: object) -> do.CreatePeriod:
    return do.CreatePeriod(**{"id": id, "title": id, **fields})  # type: ignore[arg-type]


def test_a_period_lies_within_another() -> None:
    graph = grown(period("2026", start=NEW_YEAR, end=DECEMBER))
    facts = done(
        graph,
        do.CreatePeriod(
            id="2026-Q1",
            title=" First quarter ",
            start=NEW_YEAR,
            end=NEW_YEAR,
            within_id="2026",
            attributes={"sprints": 6},
        ),
    )
    assert facts == [
        PutNode(Period("2026-Q1", "First quarter", NEW_YEAR, NEW_YEAR, {"sprints": 6})),
        PutLink(Link("2026-Q1", "2026", WITHIN)),
    ]
    assert done(graph, do.CreatePeriod(title="some day")) == [PutNode(Period("made-1", "some day"))]


PERIOD_FIELDS: dict[str, tuple[object, object]] = {
    "start": (date(2026, 2, 1), None),
    "end": (date(2026, 2, 2), None),
    "attributes": ({"sprints": 7}, None),
}


def test_every_field_of_a_period_is_tried() -> None:
    fields = {one.name for one in msgspec.structs.fields(do.UpdatePeriod)}
    assert fields == {*PERIOD_FIELDS, "id", "title", "within_id"}


@pytest.mark.parametrize("field", PERIOD_FIELDS)
def test_an_update_of_a_period_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(period("2026-Q1", start=NEW_YEAR, end=EASTER, attributes={"sprints": 6}))
    new, cleared = PERIOD_FIELDS[field]
    for given, value in ((new, new), (None, cleared)):
        old = fact(graph, "2026-Q1", Period)
        update = do.UpdatePeriod(id="2026-Q1", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update) == []


def test_a_period_moves() -> None:
    graph = grown(period("2026"), period("2027"), period("winter", within_id="2026"))
    assert done(graph, do.UpdatePeriod(id="winter", title="Winter", within_id="2027")) == [
        PutNode(Period("winter", "Winter")),
        RemoveLink("winter", "2026", WITHIN),
        PutLink(Link("winter", "2027", WITHIN)),
    ]
    assert done(graph, do.UpdatePeriod(id="winter", within_id="2027")) == []
    assert done(graph, do.UpdatePeriod(id="winter", within_id=None)) == [RemoveLink("winter", "2027", WITHIN)]


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            period("x", start=EASTER, end=NEW_YEAR),
            INVALID,
            "end 2026-01-01 is before start 2026-04-05; swap or correct them",
            ["end"],
            [],
        ),
        (period("x", title=" "), INVALID, "title ' ' has no visible character; give it a name", ["title"], []),
        (
            period("x", within_id="moon"),
            NOT_FOUND,
            "withinId 'moon': there is no period with this id",
            ["withinId"],
            ["moon"],
        ),
        (
            period("x", within_id="launch"),
            INVALID,
            "withinId 'launch' is an objective, not a period",
            ["withinId"],
            ["launch"],
        ),
        (period("x", within_id="x"), CYCLE, "'x' cannot be linked to itself by WITHIN", ["withinId"], ["x"]),
        (
            period("2026"),
            DUPLICATE,
            "id '2026' was given out before; choose another, or give none",
            ["id"],
            ["2026"],
        ),
        (
            do.UpdatePeriod(id="2026", within_id="2026"),
            CYCLE,
            "'2026' cannot be linked to itself by WITHIN",
            ["withinId"],
            ["2026"],
        ),
        (
            do.UpdatePeriod(id="2026", within_id="week"),
            CYCLE,
            "this WITHIN link would close a ring: '2026' -> 'week' -> 'month' -> '2026'",
            ["withinId"],
            ["2026", "week", "month"],
        ),
        (
            do.UpdatePeriod(id="2026", end=date(2025, 1, 1)),
            INVALID,
            "end 2025-01-01 is before start 2026-01-01; swap or correct them",
            ["end"],
            [],
        ),
        (do.UpdatePeriod(id="2026", title=None), INVALID, "title is missing; it cannot be cleared", ["title"], []),
        (do.UpdatePeriod(id="moon"), NOT_FOUND, "id 'moon': there is no period with this id", ["id"], ["moon"]),
        (do.UpdatePeriod(id="launch"), INVALID, "id 'launch' is an objective, not a period", ["id"], ["launch"]),
    ],
)
def test_periods_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    year = period("2026", start=NEW_YEAR, end=DECEMBER)
    month, week = period("month", within_id="2026"), period("week", within_id="month")
    refused(grown(objective("launch"), year, month, week), change, code, message, path, nodes)


# ---------- the workspace ----------

WORKSPACE_FIELDS: dict[str, tuple[object, object]] = {
    # the field: what is given, what it becomes
    "levels": (("company", " squad ", "company"), ("company", "squad")),
    "behind_limit": (-1, -1.0),
    "at_risk_limit": (1, 1.0),
    "check_in_days": (366, 366),
    "time_zone": ("Europe/Berlin", "Europe/Berlin"),
}


def test_every_field_of_the_workspace_is_tried() -> None:
    assert {one.name for one in msgspec.structs.fields(do.UpdateWorkspace)} == {*WORKSPACE_FIELDS}
    assert {one.name for one in msgspec.structs.fields(Workspace)} == {*WORKSPACE_FIELDS}


@pytest.mark.parametrize("field", WORKSPACE_FIELDS)
def test_a_fact_of_the_workspace_is_said_anew_and_the_others_stay(field: str) -> None:
    given, value = WORKSPACE_FIELDS[field]
    graph = grown()
    update = do.UpdateWorkspace(**{field: given})  # type: ignore[arg-type]
    assert done(graph, update) == [PutWorkspace(replace(Workspace(), **{field: value}))]
    assert done(graph, update) == []
    assert done(graph, do.UpdateWorkspace()) == []
    assert graph.workspace == replace(Workspace(), **{field: value})


def test_bounds_belong_to_what_may_be() -> None:
    graph = grown()
    done(graph, do.UpdateWorkspace(behind_limit=0.2, at_risk_limit=0.2, check_in_days=1))
    assert graph.workspace == Workspace(behind_limit=0.2, at_risk_limit=0.2, check_in_days=1)


def test_a_level_that_is_used_stays() -> None:
    graph = grown(objective("launch", level="team"), objective("grow", level="organization"), objective("free"))
    done(graph, key_result("sales", "grow"))
    message = "levels: 'organization', 'team' is still used by objectives; change those first"
    refused(graph, do.UpdateWorkspace(levels=("department",)), INVALID, message, ["levels"])
    done(graph, do.UpdateWorkspace(levels=("team", "organization", "tribe")))
    done(graph, do.UpdateObjective(id="launch", level="tribe"), do.UpdateWorkspace(levels=("tribe", "organization")))
    message = (
        "level 'team' is none of the workspace's levels (tribe, organization); use one, or add it by updateWorkspace"
    )
    refused(graph, do.UpdateObjective(id="launch", level="team"), INVALID, message, ["level"])


def test_limits_move_the_statuses() -> None:
    # 45 of 90 days gone, 30 % done: a gap of 0.2
    graph = grown(
        objective("launch", start=NEW_YEAR, due=NEW_YEAR + timedelta(days=90)),
        key_result("sales", "launch"),
        do.CheckInKeyResult(key_result_id="sales", value=3.0),
    )
    day = NEW_YEAR + timedelta(days=45)
    seen = []
    for behind, at_risk in ((0.0, 0.25), (0.2, 0.25), (0.1, 0.15), (-1.0, 0.2)):
        limits = do.UpdateWorkspace(behind_limit=behind, at_risk_limit=at_risk)
        _, moved = graph.decide([limits], moment(graph))
        seen.append((graph.status(goal(graph, "launch"), day), [one.goal.id for one in moved.changed(day)]))
    assert seen == [
        (Status.BEHIND, []),
        (Status.ON_TRACK, ["launch", "sales"]),
        (Status.AT_RISK, ["launch", "sales"]),
        (Status.BEHIND, ["launch", "sales"]),
    ]


@pytest.mark.parametrize(
    ("fields", "message", "path"),
    [
        ({"levels": ()}, "levels is empty; name at least one", ["levels"]),
        ({"levels": ("team", "")}, "levels '' has no visible character; give it a name", ["levels"]),
        *(
            (
                {field: number},
                f"{name} '{number!r}' is outside -1..1; give a share, 0.25 for 25 %",
                [name],
            )
            for field, name in (("behind_limit", "behindLimit"), ("at_risk_limit", "atRiskLimit"))
            for number in (1.5, -1.01, 25.0)
        ),
        *(
            (
                {field: float("nan")},
                f"{name} 'nan' is not a finite number within 1e18; give another",
                [name],
            )
            for field, name in (("behind_limit", "behindLimit"), ("at_risk_limit", "atRiskLimit"))
        ),
        (
            {"behind_limit": 0.3},
            "behindLimit '0.3' is above atRiskLimit '0.25'; swap them",
            ["behindLimit"],
        ),
        *(
            ({"check_in_days": days}, f"checkInDays '{days}' is outside 1..366", ["checkInDays"])
            for days in (0, -1, 367)
        ),
        *(
            (
                {"time_zone": zone},
                f"timeZone '{shown}' is not known; use an IANA name such as Europe/Berlin",
                ["timeZone"],
            )
            for zone, shown in (
                ("", ""),
                ("Europe", "Europe"),
                ("Mars/Base", "Mars/Base"),
                ("../../etc/passwd", "../../etc/passwd"),
                ("/etc/passwd", "/etc/passwd"),
                ("Europe/Berlin\0", "Europe/Berlin\\u0000"),
                ("\ud800", "\\ud800"),
                # the machine's own, or one with leap seconds: another day elsewhere
                ("localtime", "localtime"),
                ("posixrules", "posixrules"),
                ("posix/Europe/Berlin", "posix/Europe/Berlin"),
                ("right/Europe/Berlin", "right/Europe/Berlin"),
            )
        ),
    ],
)
def test_a_workspace_that_cannot_be(fields: dict[str, object], message: str, path: list[str]) -> None:
    refused(grown(), do.UpdateWorkspace(**fields), INVALID, message, path)  # type: ignore[arg-type]
