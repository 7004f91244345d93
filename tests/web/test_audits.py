"""The page of the ownership audit and the forms beside it: what they say, how they are filtered and sorted, what is
refused."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from starlette.testclient import TestClient

from graph_service.alignment.audit import Rules
from graph_service.alignment.audit.report import Severity
from graph_service.errors import StoreUnavailable
from graph_service.models.changes import AssignOwner, CreateObjective, CreatePerson
from graph_service.render.audit import BY_SUFFIX, FORMS, report_from_json
from graph_service.render.audit.charts import charts
from graph_service.render.audit.html import report_html, style
from graph_service.render.audit.tables import TABLES
from graph_service.render.letters import clean
from graph_service.render.policy import hashed
from graph_service.render.svg import STYLE
from graph_service.web import STATIC, Charts
from graph_service.web.asking import PAGE, Asked, asked
from graph_service.workspace import Workspace
from tests.api.company import NOON
from tests.build import Blind
from tests.render.audited import TITLES, bakery_report, empty_report, hostile_report
from tests.web.test_charts import BROWSER, Words
from tests.web.test_pages import Page

AUDIT = "/audit/ownership"
ADDRESSES = [
    AUDIT,
    f"{AUDIT}?asOf=2026-05-01",
    f"{AUDIT}?q=bread&severity=warning",
    *(f"{AUDIT}?table={name}" for name in TABLES),
]


def rows(client: TestClient, query: str = "") -> list[list[str]]:
    response = client.get(AUDIT + query, headers=BROWSER)
    assert response.status_code == 200, response.text
    return Words(response.text).rows


# ---------- the page ----------


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_page_is_whole_and_leads_nowhere_outside(client: TestClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.headers["revision"]) == (200, "1")
    page = Page(response.text)
    tags = [tag for tag, _ in page.tags]
    assert (tags.count("h1"), tags.count("main"), tags.count("script")) == (1, 1, 0)
    assert not [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for address in page.addresses:
        assert address.startswith(("/", "#")), address
        if address.startswith("#"):
            assert address[1:] in ids
        elif not address.partition("?")[0].endswith((".pdf", ".xlsx")):  # they take their time, and are asked for below
            assert client.get(address, headers=BROWSER).status_code == 200, address
    policy = response.headers["content-security-policy"]
    assert "form-action 'self';" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy


def test_it_tells_the_whole_report(client: TestClient) -> None:
    text = client.get(AUDIT, headers=BROWSER).text
    assert "<strong>2 errors, 4 warnings, 10 infos</strong>" in text
    assert re.findall("<figcaption>(.*?)</figcaption>", text) == [
        "Health",
        "Findings by rule",
        "Load in the fullest period",
        "Who sees a top-level goal",
    ]
    assert re.findall('<section id="(.*?)">', text) == ["rules", "findings", "owners", "teams", "handovers"]
    assert '<a href="/goals/alone">Écoles de pain</a>' in text
    assert '<a href="/owners/dora">Dora</a>' in text


def test_the_trend_of_kept_audits_is_drawn(client: TestClient, workspace: Workspace) -> None:
    for one in bakery_report().trend:
        with workspace.reading() as graph:
            workspace.keep_audit(workspace.found(graph, one.as_of).report())
    text = client.get(AUDIT, headers=BROWSER).text
    assert '<desc id="chart-trend-said">3 audits from 2026-03-21 to 2026-05-20; in the last one: ' in text
    assert '<section id="trend">' in text
    assert "<p>Since the audit kept on 2026-04-22: 1 new, 0 gone, 15 still open</p>" in text
    assert [row[1:4] for row in rows(client, "?table=findings&state=new")[1:]] == [
        ["STALE_CHECK_IN", "new", "Crust tests passed"]
    ]


def test_a_store_that_is_lost_costs_the_trend_alone(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(limit: int = 0) -> None:
        raise StoreUnavailable("the store is lost")

    with workspace.reading() as graph:
        workspace.keep_audit(workspace.found(graph, NOON.date()).report())
    assert client.get(f"{AUDIT}.json").json()["trend"] != []
    monkeypatch.setattr(workspace, "audits", lost)
    assert client.get(f"{AUDIT}.json").json()["trend"] == []


def test_rules_that_are_set_anew_are_gone_by(client: TestClient, workspace: Workspace) -> None:
    assert [row[0] for row in rows(client, "?table=findings&rule=NO_DATES")[1:]] == ["warning"] * 2
    workspace.audit_rules = Rules(severities={"NO_DATES": Severity.ERROR})
    assert [row[0] for row in rows(client, "?table=findings&rule=NO_DATES")[1:]] == ["error"] * 2


def test_start_page_and_menu_lead_to_it(client: TestClient) -> None:
    for path in ("/", "/goals"):
        assert f'href="{AUDIT}"' in client.get(path, headers=BROWSER).text


def test_words_filter_every_table(client: TestClient) -> None:
    text = client.get(f"{AUDIT}?q=DORA+pain", headers=BROWSER).text
    assert re.findall(r"<h2>(.*?) <small>(\d+)</small></h2>", text) == [
        ("Findings", "5"),
        ("Owners", "0"),
        ("Teams, with all within them", "0"),
        ("Hand-over", "1"),
    ]
    assert text.count("<p>Nothing here fits the filter.</p>") == 2
    assert 'value="DORA pain"' in text
    assert f'<a href="{AUDIT}">Show all again</a>' in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=error", [["error", "ORPHAN_UNALIGNED"], ["error", "OWNER_INACTIVE"]]),
        ("group=ownership", [["error", "OWNER_INACTIVE"]]),
        ("rule=no_dates&q=sweets", [["warning", "NO_DATES"]]),
    ],
)
def test_findings_are_filtered(client: TestClient, query: str, found: list[list[str]]) -> None:
    assert [row[:2] for row in rows(client, f"?table=findings&{query}")[1:]] == found


@pytest.mark.parametrize(("only", "found"), [("left", ["Dora"]), ("unsighted", ["Dora"]), ("over", []), ("idle", [])])
def test_owners_are_filtered(client: TestClient, only: str, found: list[str]) -> None:
    assert [row[0] for row in rows(client, f"?table=owners&only={only}")[1:]] == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("owner", ["Ada Baker", "Ben Müller", "Cleo", "Dora"]),
        ("-owner", ["Dora", "Cleo", "Ben Müller", "Ada Baker"]),
        ("-progress", ["Ada Baker", "Ben Müller", "Cleo", "Dora"]),
        ("progress", ["Ben Müller", "Ada Baker", "Cleo", "Dora"]),
        ("-errors", ["Dora", "Ada Baker", "Ben Müller", "Cleo"]),
    ],
)
def test_a_table_is_sorted_and_what_has_no_value_stands_last(client: TestClient, sort: str, found: list[str]) -> None:
    assert [row[0] for row in rows(client, f"?table=owners&sort={sort}")[1:]] == found


def test_severities_are_sorted_by_gravity(client: TestClient) -> None:
    told = [row[0] for row in rows(client, "?table=findings&sort=-severity")[1:]]
    assert told == ["info"] * 10 + ["warning"] * 4 + ["error"] * 2


def test_heads_sort_and_say_how(client: TestClient) -> None:
    text = client.get(f"{AUDIT}?table=owners&sort=errors&q=e", headers=BROWSER).text
    assert '<th scope="col" aria-sort="ascending" class="number">' in text
    assert f'href="{AUDIT}?table=owners&amp;q=e&amp;sort=-errors"' in text
    assert f'href="{AUDIT}?table=owners&amp;q=e&amp;sort=owner"' in text
    assert text.count("aria-sort") == 1


def test_a_long_table_has_pages(client: TestClient, workspace: Workspace) -> None:
    many = [CreateObjective(id=f"loaf-{number:03}", title=f"Loaf {number}") for number in range(PAGE + 20)]
    workspace.commit(many)
    first = client.get(f"{AUDIT}?table=goals&q=loaf&sort=goal", headers=BROWSER).text
    assert len(Words(first).rows) == 1 + PAGE
    assert '<p class="quiet">1 to 100 of 120</p>' in first
    assert f'href="{AUDIT}?table=goals&amp;q=loaf&amp;sort=goal&amp;page=2">Next</a>' in first
    second = client.get(f"{AUDIT}?table=goals&q=loaf&sort=goal&page=2", headers=BROWSER).text
    assert len(Words(second).rows) == 1 + 20
    assert "Previous</a>" in second and "Next</a>" not in second
    assert rows(client, "?table=goals&q=loaf&page=999")[1:] == rows(client, "?table=goals&q=loaf&page=2")[1:]


def test_it_follows_what_happens(client: TestClient, workspace: Workspace) -> None:
    assert [row[0] for row in rows(client, "?table=handovers")[1:]] == ["Dora"]
    workspace.commit([AssignOwner(goal_id="alone", owner_id="ada")])
    assert rows(client, "?table=handovers") == []


def test_another_day_is_judged_as_such(client: TestClient) -> None:
    told = client.get(f"{AUDIT}.json?asOf=2026-05-01").json()
    assert told["asOf"] == "2026-05-01"
    text = client.get(f"{AUDIT}?asOf=2026-05-01", headers=BROWSER).text
    assert f'href="{AUDIT}.json?asOf=2026-05-01"' in text
    assert '<input type="hidden" name="asOf" value="2026-05-01">' in text
    assert f'href="{AUDIT}?table=owners&amp;asOf=2026-05-01"' in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("table=people", "table 'people' is none of findings, owners, teams, handovers, goals."),
        ("severity=grave", "severity 'grave' is none of error, warning, info."),
        ("group=all", "group 'all' is none of structure, ownership, wording, progress, audit."),
        ("rule=NO_LUCK", "rule 'NO_LUCK' is unknown; all rules are listed by the page itself."),
        ("state=old", "state 'old' is none of new, open."),
        ("only=me", "only 'me' is none of over, idle, unsighted, left."),
        ("table=teams&sort=luck", "sort 'luck' is no column of teams; there are team, part_of, leads, people,"),
        ("sort=rule", "sort and page are of one table; name it by table."),
        ("table=owners&page=0", "page '0' is no number from 1."),
        ("table=owners&page=99999999", "page '99999999' is no number from 1."),
        ("asOf=today", "asOf 'today' is no day; give one as YYYY-MM-DD."),
        (f"q={'x' * 201}", "q 'xxxx"),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, query: str, said: str) -> None:
    response = client.get(f"{AUDIT}?{query}")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["message"].startswith(said)
    page = client.get(f"{AUDIT}?{query}", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_a_question_gives_its_address_back() -> None:
    question = Asked("owners", q="a&b=c", only="left", sort="-errors", page=2, day="2026-05-01")
    address = question.address()
    assert address == f"{AUDIT}?table=owners&q=a%26b%3Dc&only=left&sort=-errors&page=2&asOf=2026-05-01"
    assert Asked().address() == AUDIT
    assert asked({"table": "owners", "page": ""}) == Asked("owners")


def test_nobody_is_told_of_what_they_may_not_see(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = Blind("sweets", "ovens")
    everything = client.get(f"{AUDIT}.json").text
    monkeypatch.setattr(Charts, "viewer", lambda self, request, graph: blind)
    told = [client.get(AUDIT, headers=BROWSER).text, *(client.get(f"{AUDIT}?table={name}").text for name in TABLES)]
    told += [client.get(f"{AUDIT}.{suffix}").text for suffix in ("html", "md", "csv", "json", "sarif", "xml", "txt")]
    for hidden in ("Offer sweets", "Ovens", '"sweets"', '"ovens"'):
        assert hidden in everything
        assert not [text for text in told if hidden in text], hidden
    monkeypatch.undo()
    assert client.get(f"{AUDIT}.json").text == everything, "what one may see is not kept for the other"


# ---------- forms beside it ----------


@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_every_form_stands_beside_it(client: TestClient, suffix: str) -> None:
    response = client.get(f"{AUDIT}.{suffix}")
    form = FORMS[BY_SUFFIX[suffix]]
    if not form.available:
        pytest.skip("an extra is not installed")
    assert (response.status_code, response.headers["content-type"]) == (200, form.media)
    assert response.headers["content-disposition"] == f'attachment; filename="audit-2026-05-20.{suffix}"'
    report = report_from_json(client.get(f"{AUDIT}.json").content, "audit.json")
    assert response.content == form.write(report)


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_a_form_whose_extra_is_missing(client: TestClient, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    pytest.importorskip(str(FORMS[form].needs), reason="an extra is not installed")
    assert f'href="{AUDIT}.{form}"' in client.get(AUDIT, headers=BROWSER).text
    monkeypatch.setattr("graph_service.render.audit.forms.find_spec", lambda name: None)
    assert f'href="{AUDIT}.{form}"' not in client.get(AUDIT, headers=BROWSER).text
    monkeypatch.setattr(f"graph_service.render.audit.{form}.available", lambda: False)
    response = client.get(f"{AUDIT}.{form}")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["message"].endswith(f"install the extra: pip install 'graph-service[{form}]'")


def test_any_table_as_csv(client: TestClient) -> None:
    response = client.get(f"{AUDIT}.csv?table=owners")
    assert response.headers["content-disposition"] == 'attachment; filename="audit-owners-2026-05-20.csv"'
    told = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["owner_id"] for row in told] == ["ada", "ben", "cleo", "dora"]


def test_there_is_no_other_form(client: TestClient) -> None:
    response = client.get(f"{AUDIT}.exe")
    assert response.status_code == 404
    assert json.loads(response.text)["errors"][0]["message"].startswith(
        "There is no format 'exe'; there are txt, html,"
    )


def test_the_style_of_the_page_is_that_of_the_file() -> None:
    assert (STATIC / "audit.css").read_text(encoding="utf-8") == style(), "run `make docs`"


# ---------- the file ----------


def test_the_file_holds_everything_and_asks_for_nothing() -> None:
    text = report_html(bakery_report())
    page = Page(text)
    assert {address[0] for address in page.addresses} == {"#", "d"}
    assert "data:," in page.addresses and "<script" not in text and "url(" not in text
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', text)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == 2 and styles[1] == STYLE
    assert all(hashed(one).replace("'", "&#39;") in policy for one in styles)
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert [row[:2] for row in Words(text).rows if row[0] == "error"] == [
        ["error", "ORPHAN_UNALIGNED"],
        ["error", "OWNER_INACTIVE"],
    ]


def test_a_file_of_nothing() -> None:
    text = report_html(empty_report())
    assert "<p>Nothing was found.</p>" in text and "<p>Nobody is known yet.</p>" in text
    assert [chart.title for chart in charts(empty_report())] == ["Health"]


def test_hostile_titles_are_letters() -> None:
    text = report_html(hostile_report())
    tags = {tag for tag, _ in Page(text).tags}
    assert not tags & {"script", "img", "iframe", "object", "b", "i", "html_"}
    told = [cell for row in Words(text).rows for cell in row]
    for title in TITLES:
        assert clean(title) in told


def test_hostile_titles_are_letters_on_the_page(client: TestClient, workspace: Workspace) -> None:
    for number in (3, 4, 5, 18):
        workspace.commit(
            [
                CreatePerson(id=f"person-{number}", name=TITLES[number][:200]),
                CreateObjective(id=f"goal-{number}/<i>", title=TITLES[number], owner_id=f"person-{number}"),
            ]
        )
    for query in ("", "?q=%3Cscript%3E%22&table=goals", "?table=findings"):
        text = client.get(AUDIT + query, headers=BROWSER).text
        assert not {tag for tag, _ in Page(text).tags} & {"script", "img", "b", "i"}
    assert "/goals/goal-3/%3Ci%3E" in client.get(f"{AUDIT}?table=goals", headers=BROWSER).text


SAID = {
    "Health": """
        Alignment: 75 % (3 of 4 live objectives reach the top);
        Ownership: 88 % (7 of 8 live goals have an active owner);
        Measurability: 100 % (4 of 4 live key results have a number);
        Freshness: 33 % (1 of 3 key results under way were checked in within the cadence)""",
    "Findings by rule": """
        Objective without any upward link: 1 error; Owner who left: 1 error;
        Goal without a beginning or an end: 2 warnings; Not reported within the cadence: 2 warnings;
        Too few or too many key results: 3 infos; Objective that does not say why: 2 infos;
        Objective that does not say how it serves the one above: 2 infos; Numbers without a unit: 2 infos""",
    "Load in the fullest period": "0 objectives: 1 person; 1 objective: 2 people",
    "Who sees a top-level goal": """
        By a goal of their own: 3 people; By contributing: 0 people; Through a team: 0 people; Not at all: 0 people""",
    "Health over time": """
        3 audits from 2026-03-21 to 2026-05-20; in the last one:
        alignment 75 %, ownership 88 %, measurability 100 %, freshness 33 %""",
    "Findings over time": """
        3 audits from 2026-03-21 to 2026-05-20; in the last one: 2 errors, 4 warnings, 9 infos""",
}


def test_charts_tell_in_words_what_they_draw() -> None:
    told = {}
    for chart in charts(bakery_report()):
        [told[chart.title]] = re.findall("<desc id=.*?>(.*?)</desc>", chart.svg)
    assert told == {title: " ".join(said.split()) for title, said in SAID.items()}
