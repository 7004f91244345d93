"""Initiatives, KPIs and role charters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.alignment.decide import DECIDERS
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, PutNode, RemoveLink, RemoveNode
from graph_service.models.nodes import Initiative, KeyResult, Kpi, Link, RoleCharter, Task
from graph_service.models.words import GoalState, LinkKind, Measure
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    links,
    numbers,
    objective,
    refused,
)

INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
SUPPORTS, MEASURED_BY, HOLDS, CHARTERS = LinkKind.SUPPORTS, LinkKind.MEASURED_BY, LinkKind.HOLDS, LinkKind.CHARTERS
NEW_YEAR, EASTER = date(2026, 1, 1), date(2026, 4, 5)


def test_every_change_is_decided_somewhere() -> None:
    assert set(DECIDERS) == set(do.CHANGES.values())


# ---------- initiatives ----------


def around() -> list[do.Change]:
    """What initiatives, KPIs and roles lean on."""
    return [
        do.CreatePerson(id="ines", name="Ines"),
        do.CreatePerson(id="tom", name="Tom"),
        objective("grow"),
        key_result("sales", "grow"),
        objective("delight"),
        key_result("nps", "delight"),
    ]


CRM = do.CreateInitiative(
    id="crm",
    title=" New CRM ",
    state=GoalState.DRAFT,
    owner_id="ines",
    supports=("sales", "grow", "sales"),
    tasks=(
        Task(" choose "),
        Task("buy", " https://shop.example.com/crm?a=1#b ", done=True),
        Task("learn", "HTTP://[::1]:8080/"),
    ),
    start=NEW_YEAR,
    due=NEW_YEAR,
    attributes={"budget": 1000},
)


def test_an_initiative_with_everything_that_never_counts() -> None:
    graph = grown(*around())
    before = numbers(graph, "grow")
    assert done(graph, CRM) == [
        PutNode(
            Initiative(
                "crm",
                "New CRM",
                GoalState.DRAFT,
                "ines",
                (
                    Task("choose"),
                    Task("buy", "https://shop.example.com/crm?a=1#b", done=True),
                    Task("learn", "HTTP://[::1]:8080/"),
                ),
                NEW_YEAR,
                NEW_YEAR,
                {"budget": 1000},
            )
        ),
        PutLink(Link("crm", "sales", SUPPORTS)),
        PutLink(Link("crm", "grow", SUPPORTS)),
    ]
    assert numbers(graph, "grow") == before
    assert goal(graph, "grow").revision < graph.revision == goal(graph, "nps").revision + 1


INITIATIVE_FIELDS: dict[str, tuple[str, object, object, object]] = {
    # the field: its name in the fact, a new value, what that and null make of it
    "state": ("state", GoalState.CLOSED, GoalState.CLOSED, GoalState.ACTIVE),
    "owner_id": ("owner", "tom", "tom", None),
    "tasks": ("tasks", (Task(" sell "),), (Task("sell"),), ()),
    "start": ("start", date(2025, 12, 1), date(2025, 12, 1), None),
    "due": ("due", EASTER, EASTER, None),
    "attributes": ("attributes", {"budget": 1}, {"budget": 1}, None),
}
KPI_FIELDS: dict[str, tuple[object, object, object]] = {
    # the field: a new value, what that and null make of it
    "unit": ("ms", "ms", None),
    "min": (-5, -5.0, None),
    "max": (101, 101.0, None),
    "value": (98, 98.0, None),
    "at": (datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 2, 28, 23, tzinfo=UTC), None),
    "attributes": ({"source": "logs"}, {"source": "logs"}, None),
}
ROLE_FIELDS: dict[str, tuple[object, object, object]] = {
    "areas": (("Press", " Web "), ("Press", "Web"), ()),
    "brings": (("calm",), ("calm",), ()),
    "attributes": ({"grade": "M4"}, {"grade": "M4"}, None),
}


def test_every_field_of_these_updates_is_tried() -> None:
    named = {"id", "title"}
    assert {f.name for f in msgspec.structs.fields(do.UpdateInitiative)} == {*INITIATIVE_FIELDS, *named, "supports"}
    assert {f.name for f in msgspec.structs.fields(do.UpdateKpi)} == {*KPI_FIELDS, *named, "key_results"}
    lists = {"outcomes", "metrics", "holders"}
    assert {f.name for f in msgspec.structs.fields(do.UpdateRole)} == {*ROLE_FIELDS, *named, *lists}


@pytest.mark.parametrize("field", INITIATIVE_FIELDS)
def test_an_update_of_an_initiative_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(*around(), CRM)
    name, new, made, cleared = INITIATIVE_FIELDS[field]
    for given, value in ((new, made), (None, cleared)):
        old = fact(graph, "crm", Initiative)
        update = do.UpdateInitiative(id="crm", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{name: value}))]
        assert done(graph, update) == []


def test_what_an_initiative_supports_is_a_whole_list() -> None:
    graph = grown(*around(), CRM)

    def supports(*goals: str) -> do.UpdateInitiative:
        return do.UpdateInitiative(id="crm", supports=goals)

    assert done(graph, supports("nps", "grow", "delight", "nps")) == [
        RemoveLink("crm", "sales", SUPPORTS),
        PutLink(Link("crm", "nps", SUPPORTS)),
        PutLink(Link("crm", "delight", SUPPORTS)),
    ]
    assert done(graph, supports("delight", "grow", "nps")) == []
    done(graph, do.UpdateInitiative(id="crm", title="CRM"))
    assert [link.target for link in links(graph, SUPPORTS)] == ["delight", "grow", "nps"]
    assert len(done(graph, do.UpdateInitiative(id="crm", supports=None))) == 3
    assert links(graph, SUPPORTS) == []


UNSAFE = [
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://example.com/x",
    "//example.com",
    "example.com",
    "https://",
    "https:///path",
    "https://:80",
    "https://[",
    "https://exa mple.com",
    "https://example.com/\nSet-Cookie: a",
    "https://example.com/\u202egnp.exe",
]


@pytest.mark.parametrize("url", UNSAFE)
def test_a_task_leads_to_a_web_address_or_nowhere(url: str) -> None:
    shown = url.replace("\n", "\\u000a").replace("\u202e", "\\u202e")
    message = f"url '{shown}' is no web address; begin it with https://"
    graph = grown(*around(), CRM)
    tasks = (Task("fine", "https://example.com"), Task("not", url))
    path = ["tasks", "1", "url"]
    refused(graph, do.CreateInitiative(title="x", tasks=tasks), INVALID, message, path)
    refused(graph, do.UpdateInitiative(id="crm", tasks=tasks), INVALID, message, path)


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({"title": ""}, INVALID, "title '' has no visible character; give it a name", ["title"], []),
        (
            {"owner_id": "grow"},
            INVALID,
            "ownerId 'grow' is an objective, not a person or team",
            ["ownerId"],
            ["grow"],
        ),
        (
            {"owner_id": "moon"},
            NOT_FOUND,
            "ownerId 'moon': there is no person or team with this id",
            ["ownerId"],
            ["moon"],
        ),
        (
            {"supports": ("grow", "moon")},
            NOT_FOUND,
            "supports 'moon': there is no objective or key result with this id",
            ["supports"],
            ["moon"],
        ),
        (
            {"supports": ("ines",)},
            INVALID,
            "supports 'ines' is a person, not an objective or key result",
            ["supports"],
            ["ines"],
        ),
        (
            {"tasks": (Task(""),)},
            INVALID,
            "title '' has no visible character; give it a name",
            ["tasks", "0", "title"],
            [],
        ),
        (
            {"tasks": (Task("x", "https://example.com/\0"),)},
            INVALID,
            "url 'https://example.com/\\u0000' holds a control character; take it out",
            ["tasks", "0", "url"],
            [],
        ),
        (
            {"start": EASTER, "due": NEW_YEAR},
            INVALID,
            "due 2026-01-01 is before start 2026-04-05; swap or correct them",
            ["due"],
            [],
        ),
    ],
)
def test_an_initiative_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*around(), do.CreateInitiative(id="erp", title="ERP"))
    new = do.CreateInitiative(**{"title": "x", **fields})  # type: ignore[arg-type]
    refused(graph, new, code, message, path, nodes)
    refused(graph, do.UpdateInitiative(id="erp", **fields), code, message, path, nodes)  # type: ignore[arg-type]


# ---------- KPIs ----------

UPTIME = do.CreateKpi(
    id="uptime",
    title=" Uptime ",
    unit="%",
    min=-0.0,
    max=100,
    value=99.5,
    at=datetime(2026, 2, 1, 1, tzinfo=timezone(timedelta(hours=2))),
    key_results=("nps", "sales", "nps"),
    attributes={"source": "probe"},
)


def test_a_kpi_with_everything() -> None:
    graph = grown(*around())
    assert done(graph, UPTIME) == [
        PutNode(
            Kpi(
                "uptime",
                "Uptime",
                "%",
                0.0,
                100.0,
                99.5,
                datetime(2026, 1, 31, 23, tzinfo=UTC),
                {"source": "probe"},
            )
        ),
        PutLink(Link("nps", "uptime", MEASURED_BY)),
        PutLink(Link("sales", "uptime", MEASURED_BY)),
    ]
    made = fact(graph, "uptime", Kpi)
    assert [repr(made.min), repr(made.max)] == ["0.0", "100.0"]
    assert done(graph, do.CreateKpi(title="open", min=5, max=5)) == [PutNode(Kpi("made-1", "open", min=5.0, max=5.0))]


@pytest.mark.parametrize("field", KPI_FIELDS)
def test_an_update_of_a_kpi_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(*around(), UPTIME)
    new, made, cleared = KPI_FIELDS[field]
    for given, value in ((new, made), (None, cleared)):
        old = fact(graph, "uptime", Kpi)
        update = do.UpdateKpi(id="uptime", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update) == []


def test_the_key_results_of_a_kpi_are_a_whole_list() -> None:
    graph = grown(*around(), UPTIME, key_result("press", "grow"))
    assert done(graph, do.UpdateKpi(id="uptime", key_results=("press", "sales"))) == [
        RemoveLink("nps", "uptime", MEASURED_BY),
        PutLink(Link("press", "uptime", MEASURED_BY)),
    ]
    assert done(graph, do.UpdateKpi(id="uptime", key_results=("sales", "press"))) == []
    assert len(done(graph, do.UpdateKpi(id="uptime", key_results=None))) == 2


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({"min": 2.0, "max": 1.0}, INVALID, "min '2.0' is above max '1.0'; swap or correct them", ["min"], []),
        *(
            (
                {field: number},
                INVALID,
                f"{field} '{number!r}' is not a finite number within 1e18; give another",
                [field],
                [],
            )
            for field in ("min", "max", "value")
            for number in (float("nan"), float("inf"), -1e19)
        ),
        (
            {"at": datetime(2026, 2, 1)},  # noqa: DTZ001  # that is the point
            INVALID,
            "at 2026-02-01T00:00:00 has no offset; add one, or Z for UTC",
            ["at"],
            [],
        ),
        (
            {"at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))},
            INVALID,
            "at 9999-12-31T23:59:59.999999-01:00 lies outside the years 2 to 9998; give another",
            ["at"],
            [],
        ),
        (
            {"key_results": ("grow",)},
            INVALID,
            "keyResults 'grow' is an objective, not a key result",
            ["keyResults"],
            ["grow"],
        ),
        (
            {"key_results": ("moon",)},
            NOT_FOUND,
            "keyResults 'moon': there is no key result with this id",
            ["keyResults"],
            ["moon"],
        ),
        ({"title": "\t"}, INVALID, "title '\\u0009' has no visible character; give it a name", ["title"], []),
    ],
)
def test_a_kpi_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*around(), do.CreateKpi(id="speed", title="Speed"))
    refused(graph, do.CreateKpi(**{"title": "x", **fields}), code, message, path, nodes)  # type: ignore[arg-type]
    refused(graph, do.UpdateKpi(id="speed", **fields), code, message, path, nodes)  # type: ignore[arg-type]


# ---------- role charters ----------

CMO = do.CreateRole(
    id="cmo",
    title=" Marketing manager ",
    outcomes=("grow", "delight", "grow"),
    metrics=("sales",),
    areas=("Brand", " Press ", "Brand"),
    brings=("ten years",),
    holders=("ines",),
    attributes={"grade": "M3"},
)


def test_a_role_with_everything() -> None:
    graph = grown(*around())
    assert done(graph, CMO) == [
        PutNode(RoleCharter("cmo", "Marketing manager", ("Brand", "Press"), ("ten years",), {"grade": "M3"})),
        PutLink(Link("cmo", "grow", CHARTERS)),
        PutLink(Link("cmo", "delight", CHARTERS)),
        PutLink(Link("cmo", "sales", CHARTERS)),
        PutLink(Link("ines", "cmo", HOLDS)),
    ]


@pytest.mark.parametrize("field", ROLE_FIELDS)
def test_an_update_of_a_role_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(*around(), CMO)
    new, made, cleared = ROLE_FIELDS[field]
    for given, value in ((new, made), (None, cleared)):
        old = fact(graph, "cmo", RoleCharter)
        update = do.UpdateRole(id="cmo", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update) == []


def test_outcomes_metrics_and_holders_are_whole_lists_apart_from_each_other() -> None:
    graph = grown(*around(), CMO)
    assert done(graph, do.UpdateRole(id="cmo", outcomes=("delight",))) == [RemoveLink("cmo", "grow", CHARTERS)]
    assert done(graph, do.UpdateRole(id="cmo", metrics=("nps",), holders=("tom", "ines"))) == [
        RemoveLink("cmo", "sales", CHARTERS),
        PutLink(Link("cmo", "nps", CHARTERS)),
        PutLink(Link("tom", "cmo", HOLDS)),
    ]
    assert done(graph, do.UpdateRole(id="cmo", outcomes=("delight",), metrics=("nps",), holders=("ines", "tom"))) == []
    assert [link.target for link in links(graph, CHARTERS)] == ["delight", "nps"]
    assert len(done(graph, do.UpdateRole(id="cmo", outcomes=None, metrics=None, holders=None))) == 4
    assert links(graph, CHARTERS, HOLDS) == []


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        (
            {"outcomes": ("sales",)},
            INVALID,
            "outcomes 'sales' is a key result, not an objective",
            ["outcomes"],
            ["sales"],
        ),
        ({"metrics": ("grow",)}, INVALID, "metrics 'grow' is an objective, not a key result", ["metrics"], ["grow"]),
        (
            {"metrics": ("moon",)},
            NOT_FOUND,
            "metrics 'moon': there is no key result with this id",
            ["metrics"],
            ["moon"],
        ),
        ({"holders": ("cto",)}, INVALID, "holders 'cto' is a role charter, not a person", ["holders"], ["cto"]),
        ({"holders": ("moon",)}, NOT_FOUND, "holders 'moon': there is no person with this id", ["holders"], ["moon"]),
        ({"areas": ("",)}, INVALID, "areas '' has no visible character; give it a name", ["areas"], []),
        (
            {"brings": ("a\nb",)},
            INVALID,
            "brings 'a\\u000ab' holds a control character or line break; take it out",
            ["brings"],
            [],
        ),
        ({"title": ""}, INVALID, "title '' has no visible character; give it a name", ["title"], []),
    ],
)
def test_a_role_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*around(), do.CreateRole(id="cto", title="CTO"))
    refused(graph, do.CreateRole(**{"title": "x", **fields}), code, message, path, nodes)  # type: ignore[arg-type]
    refused(graph, do.UpdateRole(id="cto", **fields), code, message, path, nodes)  # type: ignore[arg-type]


# ---------- removing ----------


@pytest.mark.parametrize(
    ("remove", "kind", "taken"),
    [
        (
            do.RemoveInitiative,
            "initiative",
            (Link("thing", "grow", SUPPORTS), Link("thing", "sales", SUPPORTS)),
        ),
        (do.RemoveKpi, "KPI", (Link("nps", "thing", MEASURED_BY), Link("sales", "thing", MEASURED_BY))),
        (
            do.RemoveRole,
            "role charter",
            (
                Link("ines", "thing", HOLDS),
                Link("thing", "delight", CHARTERS),
                Link("thing", "grow", CHARTERS),
                Link("thing", "sales", CHARTERS),
            ),
        ),
    ],
)
def test_initiatives_kpis_and_roles_go_with_their_links(
    remove: type[do.RemoveInitiative] | type[do.RemoveKpi] | type[do.RemoveRole], kind: str, taken: tuple[Link, ...]
) -> None:
    makers = {do.RemoveInitiative: CRM, do.RemoveKpi: UPTIME, do.RemoveRole: CMO}
    graph = grown(*around(), replace(makers[remove], id="thing"))
    assert done(graph, remove(id="thing", reason="over")) == [RemoveNode("thing", taken)]
    missing = f"id 'thing': there is no {kind} with this id"
    refused(graph, remove(id="thing"), NOT_FOUND, missing, ["id"], ["thing"])
    wrong = f"id 'grow' is an objective, not {'an' if kind == 'initiative' else 'a'} {kind}"
    refused(graph, remove(id="grow"), INVALID, wrong, ["id"], ["grow"])


def test_a_key_result_is_measured_by_what_remains() -> None:
    graph = grown(*around(), UPTIME, do.RemoveKpi(id="uptime"))
    assert graph.nodes["sales"].out == ()
    assert numbers(graph, "sales") == (0.0, 0.0, 1.0)
    assert fact(graph, "sales", KeyResult).measure is Measure.DELTA
