"""Rules of wording, in English, German and French: what is found, and above all what is not."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import Rules
from graph_service.alignment.audit.numbers import number_in
from graph_service.alignment.audit.words import TASK_VERBS, VANITY, task_verb_in, vanity_in, vanity_pattern
from graph_service.models.nodes import KeyResult, Link, Objective
from graph_service.models.words import Aggregate, Comparison, GoalState, LinkKind, Measure
from tests.alignment.audit.company import about, findings, limited, said
from tests.build import Piece, grow, key_result, objective, period, quarter

DRAFT = GoalState.DRAFT


# ---------- numbers ----------


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Win 20 new ferry lines", "20"),
        ("Raise revenue by 15 %", "15 %"),
        ("Raise revenue by 15%", "15%"),
        ("Reach $2M in new contracts", "$2M"),
        ("Reach €500,000", "€500,000"),
        ("Scale the team 2x this year", "2x"),
        ("Support 4–5x growth", "4"),
        ("Hire at least 2 engineers", "2"),
        ("Win 3-5 pilots", "3"),
        ("Become one of the top 3 lines", "3"),
        ("Grow towards 101,500 passengers", "101,500"),
        ("Sign Up 100 New Customers", "100"),
        ("20 neue Kunden gewinnen", "20"),
        ("Gewinne 20 neue Kunden", "20"),
        ("Umsatz um 15 Prozent steigern", "15 Prozent"),
        ("Den Umsatz auf 3 Mio Euro steigern", "3 Mio"),
        ("Bis 2027 auf 1.000 Kunden wachsen", "1.000"),
        ("Gagner 20 nouveaux clients", "20"),
        ("Augmenter le chiffre d'affaires de 15 %", "15 %"),
        ("Fidéliser 1 000 clients", "1 000"),
        ("Réduire les retards de 30 pour cent", "30 pour cent"),
    ],
)
def test_a_target_in_an_objective(title: str, number: str) -> None:
    assert number_in(title) == number


@pytest.mark.parametrize(
    "title",
    [
        "Grow revenue",
        "Be ready for ISO 27001",
        "Die ISO/IEC 27001:2022 Zertifizierung erreichen",
        "Réussir l'audit ISO 9001",
        "Win back customers in Q3",
        "Plan hiring through H1 2020",
        "FY26: be a calm company",
        "Support crews 24/7",
        "Become the leader in B2B ferries",
        "Handle Web3 wallets",
        "Make 5G work at sea",
        "Graduate IPv6 to beta",
        "Be ready for 2027",
        "Agenda 2030 umsetzen",
        "Bereit für die DSGVO 2018",
        "Launch Tickets 2.0",
        "Roll out version 3.1.2",
        "Move cgroup v1 in maintenance mode",
        "HTTP/2 probes",
        "Migrate to Windows 11",
        "Complete Phase 2 of the harbour plan",
        "Étape 2 du plan",
        "KW 12 abschließen",
        "Be the #1 choice of crews",
        "Be the No. 1 choice",
        "Zum 3. Mal Marktführer werden",
        "Become the 1st choice",
        "Strengthen 1:1 meetings",
        "Introduce 2-factor authentication",
        "Launch our new category on March 4.",
        "Am 3. März starten",
        "Lancer le 3 mars",
        "Bis 31.03.2026 fertig werden",
        "1. Grow revenue",
        "O1: Grow revenue",
        "COVID-19 recovery",
        "Cover all 360° feedback",
        "Serve the largest enterprises (5k+ users)",
        "Win N0 developers",
    ],
)
def test_a_number_of_a_name_a_day_or_a_version_is_no_target(title: str) -> None:
    assert number_in(title) is None


def test_objectives_with_targets() -> None:
    graph = grow(
        objective("grow", title="Win 20 lines", top=True),
        objective("calm", title="Be a calm company", top=True),
        objective("draft", title="Win 30 lines", top=True, state=DRAFT),
        key_result("lines", "grow", title="Win 20 lines"),
    )
    assert said(graph, "NUMBER_IN_OBJECTIVE") == {"grow": "the title 'Win 20 lines' holds the number '20'"}


# ---------- tasks and vanity ----------


@pytest.mark.parametrize(
    "title",
    [
        "Launch the new booking page",
        "KR 2: Launch the new booking page",
        "Implement single sign-on",
        "Set up a data warehouse",
        "Begin tracking every stage",
        "Neue Buchungsseite einführen",
        "Erstellen einer Preisliste",
        "Einen Leitfaden für Kapitäne schreiben.",
        "Lancer la nouvelle page",
        "Mettre en place un support de nuit",
        "Créer un guide pour les équipages",
    ],
)
def test_titles_that_read_as_tasks(title: str) -> None:
    assert task_verb_in(title, frozenset(TASK_VERBS)) is not None


@pytest.mark.parametrize(
    "title",
    [
        "Crews who open the app every week",
        "Test coverage of the booking page",
        "Release frequency",
        "Design quality as crews judge it",
        "Launch in 3 countries",
        "Start the day with a plan on % of boats",
        "Reduce the time to invoice",
        "Improve the rating of the app",
        "Interview repo contains all guidelines",
        "Launch",
        "Anteil der Boote, die pünktlich ablegen",
        "Kapitäne, die uns weiterempfehlen",
        "Taux de clients qui reviennent",
        "Zufriedenheit steigt",
    ],
)
def test_titles_of_results(title: str) -> None:
    assert task_verb_in(title, frozenset(TASK_VERBS)) is None


def test_a_task_is_one_only_if_it_is_done_or_not() -> None:
    home = objective("sell", top=True)
    graph = grow(
        home,
        key_result("page", "sell", title="Launch the page", measure=Measure.UNMEASURED),
        key_result("done", "sell", title="Launch the shop", target=1),
        key_result("share", "sell", title="Launch the fair", target=70),
        key_result("held", "sell", title="Launch the boat", measure=Measure.THRESHOLD),
    )
    assert said(graph, "KEY_RESULT_IS_TASK") == {
        "done": "the title 'Launch the shop' reads as a task (verb 'Launch'), and its measure is DELTA",
        "page": "the title 'Launch the page' reads as a task (verb 'Launch'), and its measure is UNMEASURED",
    }
    assert about(graph, "KEY_RESULT_IS_TASK", rules=Rules(task_verbs=("grow",))) == []


@pytest.mark.parametrize(
    "title",
    ["Followers on social networks", "Page  views a month", "Klicks auf die Startseite", "Abonnés à la lettre"],
)
def test_measures_that_flatter(title: str) -> None:
    assert vanity_in(title, vanity_pattern(VANITY)) is not None


@pytest.mark.parametrize(
    "title",
    [
        "Share of followers who book",
        "Conversion of page views to trials",
        "Cost per click",
        "Likely buyers",
        "Bookings",
    ],
)
def test_measures_in_proportion_are_fine(title: str) -> None:
    assert vanity_in(title, vanity_pattern(VANITY)) is None


def test_no_vanity_words_find_nothing() -> None:
    assert vanity_in("Followers", vanity_pattern(())) is None
    graph = grow(objective("sell", top=True), key_result("fans", "sell", title="Followers of the boat"))
    assert said(graph, "VANITY_METRIC") == {"fans": "the title 'Followers of the boat' measures 'followers'"}
    assert about(graph, "VANITY_METRIC", rules=Rules(vanity=("bookings",))) == []


# ---------- what is missing ----------


def said_why(piece: Piece, why: str | None = "Because.", note: str | None = None) -> Piece:
    """The same objective with a description and a note."""
    (node,) = piece.nodes
    assert isinstance(node, Objective)
    return Piece([replace(node, description=why, alignment_note=note)], piece.links)


def test_no_why_and_no_note() -> None:
    graph = grow(
        said_why(objective("grow", top=True)),
        said_why(objective("sell", "grow"), None, "Sales are most of it."),
        said_why(objective("teach", "grow")),
        said_why(objective("someday", state=DRAFT), None),
    )
    assert said(graph, "NO_WHY") == {"sell": "'Sell' has no description that says why"}
    assert said(graph, "NO_ALIGNMENT_NOTE") == {
        "teach": "'Teach' does not say how it serves the goal above it (alignmentNote)"
    }


def test_three_to_five_key_results() -> None:
    def with_many(id: str, many: int) -> list[Piece]:
        return [objective(id, top=True), *[key_result(f"{id}-{n}", id) for n in range(many)]]

    graph = grow(
        *with_many("none", 0),
        *with_many("one", 1),
        *with_many("three", 3),
        *with_many("five", 5),
        *with_many("six", 6),
        key_result("six-cancelled", "six", state=GoalState.CANCELLED),
        *with_many("cascaded", 0),
        objective("below", "cascaded"),
        *[key_result(f"below-{n}", "below") for n in range(3)],
    )
    assert said(graph, "KEY_RESULT_COUNT") == {
        "none": "'None' has no key result",
        "one": "'One' has 1 key result",
        "six": "'Six' has 6 key results",
    }
    assert about(graph, "KEY_RESULT_COUNT", rules=limited("KEY_RESULT_COUNT", min=1, max=6)) == ["none"]


def test_key_results_that_cannot_be_measured() -> None:
    graph = grow(
        objective("sell", top=True),
        key_result("mood", "sell", measure=Measure.UNMEASURED),
        key_result("fed", "sell", measure=Measure.ROLLUP),
        objective("below", "fed"),
        key_result("empty", "sell", measure=Measure.ROLLUP),
        key_result("total", "sell", aggregate=Aggregate.SUM),
        key_result("sales", "sell"),
    )
    assert said(graph, "KEY_RESULT_UNMEASURED") == {
        "empty": "'Empty' takes its progress from objectives under it (measure ROLLUP), and there are none that count",
        "mood": "'Mood' has no measure (measure UNMEASURED)",
        "total": "'Total' takes its value from others (aggregate SUM), and none feeds it",
    }


def test_numbers_without_a_unit() -> None:
    def measured(id: str, **fields: object) -> Piece:
        node = KeyResult(id, id.capitalize(), measure=Measure.THRESHOLD, comparison=Comparison.BETWEEN)
        return Piece([replace(node, **fields)], [Link(id, "sell", LinkKind.KEY_RESULT_OF)])

    graph = grow(
        objective("sell", top=True),
        key_result("sales", "sell"),
        measured("band", target_min=2.0, target_max=4.5),
        measured("rate", title="% of boats on time", target_min=90.0),
        measured("days", target_min=3.0, unit="days"),
    )
    assert said(graph, "NO_UNIT") == {
        "band": "'Band' has targetMax 4.5 and targetMin 2, and no unit",
        "sales": "'Sales' has baseline 0 and target 100, and no unit",
    }


def test_goals_without_days() -> None:
    graph = grow(
        quarter(),
        period("someday"),
        objective("dated", top=True, period="2026-Q1"),
        objective("vague", top=True, period="someday"),
        objective("endless", top=True, start=date(2026, 1, 1)),
        objective("timeless", top=True),
        key_result("of-timeless", "timeless"),
        key_result("loose"),
    )
    assert said(graph, "NO_DATES") == {
        "endless": "'Endless' has no due; it names no period",
        "loose": "'Loose' has no start and no due; it names no period",
        "timeless": "'Timeless' has no start and no due; it names no period",
        "vague": "'Vague' has no start and no due; its period 'someday' has none",
    }


def test_the_same_title_twice() -> None:
    graph = grow(
        quarter(),
        objective("a", title="Sell more", top=True, period="2026-Q1"),
        objective("b", title="sell  móre!", period="2026-Q1"),
        objective("c", title="Sell more", period="2026-Q1"),
        objective("d", title="Sell more", start=date(2025, 1, 1), due=date(2025, 4, 1)),
        objective("e", title="Legal services"),
        objective("f", title="Legal services"),
        key_result("a1", "a", title="Lines"),
        key_result("a2", "a", title="lines"),
        key_result("b1", "b", title="Lines"),
    )
    assert said(graph, "DUPLICATE_TITLE") == {
        "a": "'Sell more' is also the title of 2 other goals of the same time: 'b', 'c'",
        "a1": "'Lines' is also the title of another goal of the same objective: 'a2'",
        "e": "'Legal services' is also the title of another goal of the same time: 'f'",
    }
    assert findings(graph, "DUPLICATE_TITLE")[0].facts == {"also": ("b", "c")}
