"""Owners alike, and reporting lines that lead nowhere or round in a ring."""

from __future__ import annotations

import pytest

from graph_service.alignment.audit import DEFAULTS, audit
from graph_service.alignment.audit.names import plain
from graph_service.alignment.audit.report import Place, Quarantined, QuarantinedLink
from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.words import LinkKind
from tests.alignment.audit.company import findings, said
from tests.build import AS_OF, dangling, grow, person, team


def alike(*names: str) -> list[tuple[str, ...]]:
    """Which of some people may be the same."""
    graph = grow(*[person(f"person-{number}", name=name) for number, name in enumerate(names)])
    return [group.names for group in audit(graph, DEFAULTS, AS_OF).organization.alike]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Krämer", "jurgen kramer"),
        ("Jürgen Krämer", "Juergen Kraemer"),
        ("Jürgen Krämer", "JÜRGEN  KRÄMER"),
        ("Zoë Brontë", "Zoe Bronte"),
        ("Søren Łukasz", "Soren Lukasz"),
        ("Jean-Luc Moreau", "Jean Luc Moreau"),
        ("Krämer, Jürgen", "Jürgen Krämer"),
        ("J. Krämer", "Jürgen Krämer"),
        ("Groß, Anna", "Anna Gross"),
        ("Tuğba Yıldırım", "Tugba Yildirim"),
        ("Ines Carvalho", "Ines Carvalho"),
    ],
)
def test_names_of_one_person(one: str, other: str) -> None:
    assert alike(one, other, "Somebody Else") == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Krämer", "Jürgen Kramp"),
        ("Anna Krämer", "Jürgen Krämer"),
        ("J. Krämer", "Anna Krämer"),
        ("Manuel Costa", "Manul Costa"),
        ("王小明", "李小明"),
        ("J.", "Jürgen"),
    ],
)
def test_names_of_two_people(one: str, other: str) -> None:
    assert alike(one, other) == []


def test_an_initial_that_may_be_two_people_is_neither() -> None:
    assert alike("J. Krämer", "Jürgen Krämer", "Julia Krämer") == []


def test_names_without_letters_are_no_names() -> None:
    assert plain("…") == ""
    assert alike("…", "—") == []


def test_owners_alike_are_told_once() -> None:
    graph = grow(
        person("a", name="Jürgen Krämer"), person("b", name="jurgen Kramer"), person("c", name="Juergen Kraemer")
    )
    assert said(graph, "DUPLICATE_OWNER") == {
        "a": "'Jürgen Krämer' may be the same as 'jurgen Kramer' (b), 'Juergen Kraemer' (c): the names differ in"
        " spelling only"
    }
    (one,) = findings(graph, "DUPLICATE_OWNER")
    assert one.facts["owners"] == ("a", "b", "c")


def test_teams_may_be_called_alike_elsewhere() -> None:
    graph = grow(
        team("docs"),
        team("docs-site", "docs"),
        team("shop"),
        team("shop-site", "shop"),
        team("shop-sites", "shop"),
    )
    named = {"docs-site": "Site", "shop-site": "Site", "shop-sites": "site", "docs": "Docs", "shop": "Shop"}
    for id, name in named.items():
        graph.nodes[id].fact = type(graph.nodes[id].fact)(id, name)
    assert said(graph, "DUPLICATE_OWNER") == {
        "shop-site": "'Site' may be the same as 'site' (shop-sites): the names differ in spelling only"
    }


def test_reporting_to_nobody() -> None:
    graph = grow(
        person("ines", active=False),
        person("omar", "ines"),
        person("yuki"),
        dangling("yuki", "person:x", LinkKind.REPORTS_TO),
        person("ben", "omar"),
        person("gone", "ines", active=False),
    )
    assert said(graph, "REPORTING_BROKEN") == {
        "omar": "'Omar' reports to 'Ines', who is not active any more",
        "yuki": "'Yuki' reports to 'person:x', who does not exist",
    }
    tree = audit(graph, DEFAULTS, AS_OF).organization.reporting
    assert (tree.broken, tree.circular) == (("omar", "yuki"), ())


def ring() -> AlignmentGraph:
    return grow(
        person("ines", "omar"),
        person("omar", "yuki"),
        person("yuki", dotted="ines"),
        person("ben", "ines"),
        person("top"),
        person("mid", "top"),
    )


def test_lines_in_a_ring_dotted_ones_included() -> None:
    graph = ring()
    assert said(graph, "REPORTING_CYCLE") == {"ines": "'Ines' reports to 'Omar' reports to 'Yuki' reports to 'Ines'"}
    assert audit(graph, DEFAULTS, AS_OF).organization.reporting.circular == ("ines", "omar", "yuki")


def test_lines_of_files_that_would_close_a_ring() -> None:
    left_out = Quarantined(
        Place("people.csv", 4),
        "omar",
        "reports_to",
        "ines",
        "RING",
        "it would close a ring",
        "QUARANTINED",
        QuarantinedLink("omar", "ines", "REPORTS_TO"),
    )
    report = audit(grow(person("ines", "omar"), person("omar")), DEFAULTS, AS_OF, quarantined=[left_out])
    assert [(one.rule, one.message) for one in report.findings if one.rule == "REPORTING_CYCLE"] == [
        (
            "REPORTING_CYCLE",
            "that 'Omar' reports to 'Ines' would close a ring of reporting lines, and was left out",
        )
    ]
