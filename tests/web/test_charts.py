"""The pages of goals and owners: what they say without any script, what they are called, and what they refuse."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from graph_service.models.changes import AssignOwner, CreateKeyResult, CreateObjective, CreatePerson
from graph_service.render.policy import hashed
from graph_service.render.svg import STYLE
from graph_service.web.drawing import VIEWS
from graph_service.web.pages import STATIC
from graph_service.workspace import Workspace
from tests.render.hostile import HOSTILE
from tests.web.test_pages import Page, contrast

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = ["/cascade/grow", "/ladder/crust", "/org", "/goals/bread", "/owners/ben", "/owners/ovens", "/org/ada", "/goals"]


class Words(HTMLParser):
    """The rows of the tables of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in = False

    def handle_data(self, data: str) -> None:
        if self._in:
            self.rows[-1][-1] += data


def test_a_cascade_is_told_without_any_script(client: TestClient) -> None:
    response = client.get("/cascade/grow", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["revision"] == "1"
    assert Words(response.text).rows == [
        ["Goal", "Level", "Owner", "Progress", "Expected", "Status", "Due"],
        ["Grow revenue", "organization", "Ada Baker", "57 %", "38 %", "on track", "2026-12-31"],
        ["Sell more loaves", "key result", "no owner", "20 %", "38 %", "behind", "2026-12-31"],
        ["Offer sweets", "objective", "Cleo", "–", "–", "no data", ""],
        ["Bake better bread", "team", "Ovens", "75 %", "54 %", "on track", "2026-06-30"],
        ["Crust tests passed", "key result", "Ben Müller", "50 %", "54 %", "behind", "2026-06-30"],
        ["Fresh at noon", "key result", "no owner", "100 %", "54 %", "on track", "2026-06-30"],
        ["New oven runs", "key result", "no owner", "25 %", "54 %", "at risk", "2026-06-30"],
    ]
    assert response.text.count("<svg ") == 1
    data = re.search(r'<script type="application/json">(.*?)</script>', response.text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["cascade"] == client.get("/cascade/grow.json").json()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_fetches_nothing_from_outside(client: TestClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200
    page = Page(response.text)
    tags = [tag for tag, _ in page.tags]
    assert ("html", {"lang": "en"}) in page.tags
    assert [tags.count(tag) for tag in ("title", "h1", "main")][1:] == [1, 1]
    assert not [
        attributes for tag, attributes in page.tags if tag == "script" and not ({"src", "type"} & set(attributes))
    ]
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    for address in page.addresses:
        assert address.startswith(("/", "#")), address
        assert client.get(address.partition("#")[0] or path, headers=BROWSER).status_code == 200, address


def test_pages_need_no_style_or_script_within_them(client: TestClient) -> None:
    response = client.get("/cascade/grow", headers=BROWSER)
    assert "<style" not in response.text
    policy = response.headers["content-security-policy"]
    assert "style-src 'self';" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert response.headers["x-frame-options"] == "DENY"
    assert (STATIC / "picture.css").read_text() == f"{STYLE}\n", "run `make docs`"


def test_the_policy_of_a_picture_allows_its_style_and_nothing_else(client: TestClient) -> None:
    picture = client.get("/cascade/grow.svg")
    assert f"<style>{STYLE}</style>" in picture.text
    policy = picture.headers["content-security-policy"]
    assert policy == f"default-src 'none'; style-src {hashed(STYLE)}; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("suffix", "kind", "begins"),
    [
        ("svg", "image/svg+xml", "<svg "),
        ("mmd", "text/plain; charset=utf-8", "flowchart BT\n"),
        ("dot", "text/vnd.graphviz; charset=utf-8", "digraph "),
        ("json", "application/json", "{"),
        ("csv", "text/csv; charset=utf-8; header=present", "id,kind,title,"),
        ("txt", "text/plain; charset=utf-8", ""),
    ],
)
@pytest.mark.parametrize("path", ["/cascade/grow", "/ladder/crust", "/org", "/owners/ben", "/org/ada"])
def test_every_chart_has_siblings_in_other_formats(
    client: TestClient, path: str, suffix: str, kind: str, begins: str
) -> None:
    response = client.get(f"{path}.{suffix}")
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.text.startswith(begins)
    assert response.headers["revision"] == "1"
    assert f'href="{path}.{suffix}"' in client.get(path, headers=BROWSER).text


@pytest.mark.parametrize(("suffix", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF-")])
def test_a_ladder_is_drawn_in_layers_too(client: TestClient, suffix: str, begins: bytes) -> None:
    pytest.importorskip("pygraphviz", reason="the extra `pictures` is not installed")
    response = client.get(f"/ladder/crust.{suffix}")
    assert response.status_code == 200 and response.content.startswith(begins)
    assert client.get(f"/cascade/grow.{suffix}").status_code == 404


def test_a_goal_has_its_explanation_as_json_and_text(client: TestClient) -> None:
    assert client.get("/goals/crust.json").json()["goal"]["id"] == "crust"
    assert "Crust tests passed" in client.get("/goals/crust.txt").text
    assert client.get("/goals/crust.svg").status_code == 404


def test_a_page_of_a_goal_tells_all_of_it(client: TestClient) -> None:
    text = client.get("/goals/bread", headers=BROWSER).text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]*)</dd>", text))
    assert facts["State"] == "active"
    assert facts["Due"] == "2026-06-30"
    assert '<a href="/goals/grow">Grow revenue</a> <small>parent, weight 2</small>' in text
    assert '<a href="/goals/sweets">Offer sweets</a> <small>aligned</small>' in text
    crust = Words(client.get("/goals/crust", headers=BROWSER).text).rows
    assert ["2026-04-20", "12", "50 %", "Ben Müller", ""] in [row[:5] for row in crust]


def test_a_page_of_a_goal_tells_what_the_audit_finds(client: TestClient) -> None:
    def findings(path: str) -> list[str]:
        section = client.get(path, headers=BROWSER).text.partition("<h2>Findings</h2>")[2].partition("</ul>")[0]
        return [html.unescape(re.sub(r"<[^>]+>", "", line)) for line in re.findall("<li>(.*)</li>", section)]

    unit = (
        "'Crust tests passed' has baseline 10 and target 20, and no unit info · no unit · Set the unit: percent,"
        " thousand EUR, days, lines ..."
    )
    stale = "warning · stale check in · Check in, if only to say that nothing has changed."
    last = "the last check-in of 'Crust tests passed' is of 2026-05-11, {} days ago (cadence: 7 days) "
    assert findings("/goals/crust") == [last.format(9) + stale, unit]
    assert findings("/goals/crust?asOf=2026-05-22") == [last.format(11) + stale, unit]
    assert findings("/goals/crust?asOf=2026-05-12") == [unit]


def test_a_page_of_an_owner_tells_whom_they_work_with(client: TestClient) -> None:
    text = client.get("/owners/ben", headers=BROWSER).text
    assert '<dt>Reports to</dt><dd><a href="/owners/ada">Ada Baker</a></dd>' in text
    assert '<dt>Leads</dt><dd><a href="/owners/ovens">Ovens</a></dd>' in text
    assert '<dt>Also reports to</dt><dd><a href="/owners/ada">Ada Baker</a></dd>' in client.get("/owners/cleo").text
    assert '<dt>Part of</dt><dd><a href="/owners/bakery">Bakery</a></dd>' in client.get("/owners/ovens").text


def test_the_list_of_goals_begins_at_the_top_and_names_orphans(client: TestClient) -> None:
    text = client.get("/goals", headers=BROWSER).text
    assert '<a href="/cascade/grow">Grow revenue</a>' in text
    assert re.search(r'<a href="/goals/alone">Écoles de pain</a> <small>[^<]+ · Dora</small>', text)


def test_ids_may_hold_slashes_dots_and_anything_else(client: TestClient, workspace: Workspace) -> None:
    for id in ("team/1/growth", "grow.svg", "50 % & more?", "a#b", "ü.json.csv", ".hidden"):
        workspace.commit([CreateObjective(id=id, title=f"Goal {id}")])
        path = f"/cascade/{quote(id, safe='')}"
        page = client.get(path, headers=BROWSER)
        assert page.status_code == 200 and f"<title>Cascade: Goal {id.replace('&', '&amp;')} ·" in page.text
        assert client.get(f"{path}.json").json()["root"]["id"] == id
    # a suffix is a format only where the whole is no id
    assert client.get("/cascade/grow.svg", headers=BROWSER).headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/cascade/grow.svg.svg").headers["content-type"] == "image/svg+xml"
    assert client.get("/cascade/grow.txt").headers["content-type"] == "text/plain; charset=utf-8"


def test_depth_and_day_can_be_asked_for(client: TestClient) -> None:
    assert len(client.get("/cascade/grow.json?depth=0").json()["nodes"]) == 1
    assert client.get("/cascade/grow.json?asOf=2027-06-01").json()["root"]["status"] == "OVERDUE"
    text = client.get("/cascade/grow?asOf=2027-06-01&depth=1", headers=BROWSER).text
    assert 'href="/cascade/grow.svg?depth=1&amp;asOf=2027-06-01"' in text
    assert '<alignment-chart view="cascade" root="grow">' in text  # the service would tell of today


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/cascade/nowhere", 404, "There is no goal with the id 'nowhere' here."),
        ("/ladder/ada", 404, "There is no goal with the id 'ada' here."),
        ("/owners/grow", 404, "There is no person or team with the id 'grow' here."),
        ("/org/nobody.svg", 404, "There is no person or team with the id 'nobody.svg' here."),
        ("/cascade/", 404, "There is nothing at this address; it ends where the id of a goal or an owner stands."),
        ("/org.exe", 404, "There is no format 'exe'; there are svg, mmd, dot, json, csv, txt, html."),
        ("/cascade/grow?depth=-1", 400, "depth '-1' is no number from 0 to 1000."),
        ("/cascade/grow.svg?depth=many", 400, "depth 'many' is no number from 0 to 1000."),
        ("/cascade/grow?asOf=2026-02-30", 400, "asOf '2026-02-30' is no day; give one as YYYY-MM-DD."),
        ("/cascade/grow?asOf=20260520", 400, "asOf '20260520' is no day; give one as YYYY-MM-DD."),
    ],
)
def test_what_cannot_be_shown_is_told_to_people_and_programs(
    client: TestClient, path: str, status: int, message: str
) -> None:
    assert client.get(path).status_code == status
    assert client.get(path).json() == {"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]}
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f'<p class="text">{message}</p>' in html.unescape(page.text)


# ---------- whatever a title holds ----------


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_breaks_out_of_a_page_or_file(client: TestClient, workspace: Workspace, title: str) -> None:
    given = re.sub(r"[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u200b\ufeff]", "", title)[:990].strip()
    workspace.commit(
        [
            CreatePerson(id="zoe", name=given[:190]),
            CreateObjective(id="nasty", title=given, description=given, alignment_note=given, level="team"),
            CreateKeyResult(id="measure", title=given, objective_id="nasty", unit=given[:20]),
            AssignOwner(goal_id="nasty", owner_id="zoe"),
        ]
    )
    plain = {tag for path in PAGES for tag, _ in Page(client.get(path, headers=BROWSER).text).tags}
    for path in ("/cascade/nasty", "/ladder/measure", "/goals/nasty", "/owners/zoe", "/org", "/goals"):
        text = client.get(path, headers=BROWSER).text
        page = Page(text)
        assert {tag for tag, _ in page.tags} <= plain | {"span", "a", "p", "strong", "s"}, path
        scripts = [attributes for tag, attributes in page.tags if tag == "script"]
        assert all((one.get("src") or "").startswith("/") or one == {"type": "application/json"} for one in scripts), (
            path
        )
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
        for data in re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL):
            assert "<" not in data
            json.loads(data)
    saved = client.get("/cascade/nasty.html")
    assert saved.headers["content-disposition"] == 'attachment; filename="cascade-nasty.html"'
    assert [tag for tag, _ in Page(saved.text).tags].count("script") == 2


def test_csv_holds_no_formula(client: TestClient, workspace: Workspace) -> None:
    for number, start in enumerate(("=1+1", "+1", "-1", "@SUM(A1)")):
        workspace.commit([CreateObjective(id=f"formula-{number}", title=start, parents=())])
        (_, row) = csv.reader(io.StringIO(client.get(f"/cascade/formula-{number}.csv").text))
        assert row[2] == f"'{start}"
    head, *rows = csv.reader(io.StringIO(client.get("/cascade/grow.csv").text))
    assert head[:4] == ["id", "kind", "title", "level"] and len({len(row) for row in [head, *rows]}) == 1
    assert [row[0] for row in rows][:2] == ["grow", "sales"]
    sales = dict(zip(head, rows[1], strict=True))
    assert float(sales["progress"]) == 0.2 and sales["parent"] == "grow"


def test_every_view_names_its_formats() -> None:
    assert {view: len(formats) for view, formats in VIEWS.items()} == {
        "cascade": 6,
        "ladder": 6,
        "org": 6,
        "owners": 6,
        "goals": 2,
    }


def test_both_themes_of_the_pages_can_be_read() -> None:
    style = (STATIC / "page.css").read_text()
    themes = [
        dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(themes) == 2
    for theme in themes:
        for paper in ("paper", "card"):
            for ink in ("ink", "quiet", "accent", "good", "warn", "bad"):
                assert contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper)


# ---------- in one file ----------


def test_the_exported_file_holds_everything_and_may_fetch_nothing(client: TestClient) -> None:
    for path in ("/cascade/grow", "/ladder/crust", "/org", "/owners/ben"):
        response = client.get(f"{path}.html")
        page = Page(response.text)
        assert page.addresses == ["data:,"]
        policy = next(one["content"] for tag, one in page.tags if tag == "meta" and one.get("http-equiv"))
        assert policy is not None and policy.startswith("default-src 'none'; script-src 'sha256-")
        program = response.text.rpartition('<script type="module">')[2].partition("</script>")[0]
        assert hashed(program) in policy
        for style in re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL):
            assert hashed(style) in policy
        assert "unsafe" not in policy and "http" not in policy.replace("http-equiv", "")
