"""Pages for everybody: checked by axe in both themes, on a narrow screen and with large letters; and safe whatever a
title holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from graph_service.models.changes import AssignOwner, CreateKeyResult, CreateObjective, CreatePerson, LinkGoals
from graph_service.models.words import LinkKind
from graph_service.render.letters import clean
from graph_service.workspace import Workspace
from tests.browser.conftest import WIKI, Open, Service, Watched, served
from tests.render.hostile import HOSTILE
from tests.web.building import installed

PAGES = {
    "start": "/",
    "goals": "/goals",
    "cascade": "/cascade/loved-by-crews",
    "cascade with panel and filters": "/cascade/loved-by-crews?select=crossing-comfort&status=BEHIND",
    "ladder": "/ladder/plan-in-a-blink",
    "organization": "/org",
    "organization with panel": "/org?select=person:fatima",
    "table": "/cascade/loved-by-crews?view=table",
    "goal": "/goals/crossing-comfort",
    "owner": "/owners/person:tomasz",
    "audit": "/audit/ownership",
    "audit, one table": "/audit/ownership?table=findings&q=harbour&sort=-owner",
    "not found": "/cascade/nowhere",
    "frame": "/embed/cascade/loved-by-crews",
}

WITHOUT_CHART = {"start", "goals", "audit", "audit, one table", "not found"}


@pytest.fixture(scope="module")
def axe() -> str:
    return (installed() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(sample: Service, open_page: Open, watched: Watched, axe: str, name: str) -> None:
    """In both themes, on a screen of 320 pixels, and with letters twice as large."""
    watched.expected.append("404 (Not Found)")
    page = open_page(sample.address + PAGES[name], chart=name not in WITHOUT_CHART)
    if "panel" in name:
        page.locator("alignment-chart .panel h3").first.wait_for()
    page.evaluate(axe)

    def check(way: str) -> None:
        found = page.evaluate("async () => (await axe.run()).violations")
        told = [f"{way}: {one['id']}: {node['target']} {node['html'][:200]}" for one in found for node in one["nodes"]]
        assert told == []
        narrow = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert narrow, f"{way}: the page is wider than the screen"

    check("light")
    page.emulate_media(color_scheme="dark")
    check("dark")
    page.set_viewport_size({"width": 320, "height": 640})
    check("narrow and dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    check("large letters")


# ---------- whatever a title holds ----------


@pytest.fixture(scope="module")
def nasty() -> Iterator[tuple[Service, list[str]]]:
    """A company whose goals and people have the titles that somebody could type to break out."""
    workspace = Workspace.open("sqlite://")
    unseen = re.compile(r"[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u200b\ufeff]")
    titles = [unseen.sub("", title)[:500].strip() for title in HOSTILE]
    changes: list[object] = [CreateObjective(id="top", title="Stand firm", top_level=True)]
    for number, title in enumerate(titles):
        changes += [
            CreatePerson(id=f"person-{number}", name=title[:200], job_title=title[:200]),
            CreateObjective(id=f"goal-{number}", title=title, description=title, alignment_note=title),
            LinkGoals(source=f"goal-{number}", target="top", link=LinkKind.PARENT),
            CreateKeyResult(id=f"measure-{number}", title=title, objective_id=f"goal-{number}", unit=title[:20]),
            AssignOwner(goal_id=f"goal-{number}", owner_id=f"person-{number}"),
        ]
    workspace.commit(changes)  # type: ignore[arg-type]
    with served(workspace, embed_origins=WIKI) as address:
        yield Service(workspace, address), titles


@pytest.mark.parametrize(
    "path",
    ["/cascade/top", "/ladder/measure-{}", "/org", "/cascade/top?view=table", "/goals/goal-{}", "/owners/person-{}"],
)
def test_no_title_becomes_anything_but_letters(nasty: tuple[Service, list[str]], open_page: Open, path: str) -> None:
    service, titles = nasty
    numbers = [3, 4, 18, 20, 28] if "{}" in path else [3]
    for number in numbers:
        page = open_page(service.address + path.format(number))
        tags = set(
            page.evaluate(
                """() => {
                const names = (root) => [...root.querySelectorAll('*')].flatMap((one) =>
                    [one.localName, ...(one.shadowRoot ? names(one.shadowRoot) : [])]);
                return names(document);
                }"""
            )
        )
        assert not tags & {"img", "iframe", "object", "embed", "foreignObject", "b", "i", "font", "marquee"}, tags
        text = page.evaluate(
            """() => { const root = document.querySelector('alignment-chart').shadowRoot;
            return [...root.querySelectorAll('title, .sheet button.link')].map((one) => one.textContent).join(' '); }"""
        )
        if path.startswith("/cascade"):
            assert sum(clean(title) in text for title in titles) >= 10
        page.context.close()


def test_no_title_becomes_anything_but_letters_in_the_audit(
    nasty: tuple[Service, list[str]], open_page: Open, watched: Watched
) -> None:
    service, titles = nasty
    page = open_page(f"{service.address}/audit/ownership?table=goals&q=b&sort=-goal", chart=False)
    tags = set(page.evaluate("[...document.querySelectorAll('*')].map((one) => one.localName)"))
    assert not tags & {"script", "img", "iframe", "object", "embed", "b", "i", "font", "marquee"}
    told = page.locator("td").all_inner_texts()
    assert clean(titles[5]) in told


def test_filters_are_a_form_and_heads_are_links(sample: Service, open_page: Open) -> None:
    """Without any script: what is typed is searched for, and a second click on a head turns the order."""
    page = open_page(f"{sample.address}/audit/ownership?table=owners", script=False)
    page.get_by_label("Words").fill("Kwame")
    page.get_by_role("button", name="Filter").click()
    assert page.locator("tbody tr td:first-child").all_inner_texts() == ["Kwame Mensah"]
    page.get_by_role("link", name="Show all again").click()
    page.get_by_role("columnheader", name="Owner").get_by_role("link").click()
    first = page.locator("tbody tr td:first-child").first.inner_text()
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.get_by_role("columnheader", name="Owner").get_by_role("link").click()
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert page.locator("tbody tr td:first-child").last.inner_text() == first
