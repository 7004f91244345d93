"""Pages: their bounds, their cursors, and what holds while rows come and go between them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from graph_service.api.limits import Limits
from graph_service.models.facts import Entry
from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill

QUERY = """query($orderBy: GoalOrder, $filter: GoalFilter, $first: Int, $after: String, $last: Int, $before: String) {
    objectives(orderBy: $orderBy, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }"""


def page(ask: Ask, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask.data(QUERY, **given)["objectives"]
    return found


def ids(found: dict[str, Any]) -> str:
    return " ".join(edge["node"]["id"] for edge in found["edges"])


def test_a_page_has_its_bounds(ask: Ask) -> None:
    one = page(ask, first=2)
    assert ids(one) == "alone bread"
    assert one["totalCount"] == 5
    assert one["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": one["edges"][0]["cursor"],
        "endCursor": one["edges"][1]["cursor"],
    }
    two = page(ask, first=2, after=one["pageInfo"]["endCursor"])
    assert ids(two) == "grow idea"
    assert (two["pageInfo"]["hasNextPage"], two["pageInfo"]["hasPreviousPage"]) == (True, True)
    three = page(ask, first=2, after=two["pageInfo"]["endCursor"])
    assert ids(three) == "sweets"
    assert (three["pageInfo"]["hasNextPage"], three["pageInfo"]["hasPreviousPage"]) == (False, True)
    four = page(ask, first=2, after=three["pageInfo"]["endCursor"])
    assert ids(four) == ""
    assert four["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


def test_a_list_is_paged_backwards(ask: Ask) -> None:
    one = page(ask, last=2)
    assert ids(one) == "idea sweets"
    assert (one["pageInfo"]["hasNextPage"], one["pageInfo"]["hasPreviousPage"]) == (False, True)
    two = page(ask, last=2, before=one["pageInfo"]["startCursor"])
    assert ids(two) == "bread grow"
    three = page(ask, last=2, before=two["pageInfo"]["startCursor"])
    assert ids(three) == "alone"
    assert (three["pageInfo"]["hasNextPage"], three["pageInfo"]["hasPreviousPage"]) == (True, False)
    between = page(ask, after=three["edges"][0]["cursor"], before=one["edges"][1]["cursor"])
    assert ids(between) == "bread grow idea"
    crossed = page(ask, after=one["edges"][1]["cursor"], before=three["edges"][0]["cursor"])
    assert ids(crossed) == ""


def test_nothing_and_zero_are_fine(ask: Ask) -> None:
    assert ids(page(ask, first=0)) == ""
    assert page(ask, first=0)["pageInfo"]["hasNextPage"] is True
    assert page(ask, filter={"ids": []}) == {
        "totalCount": 0,
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def test_without_a_size_a_page_has_its_default(ask: Ask) -> None:
    ask.limits = Limits(page=3, max_page=4)
    assert ids(page(ask)) == "alone bread grow"
    assert ids(page(ask, first=4)) == "alone bread grow idea"
    assert ids(page(ask, first=None)) == "alone bread grow"


ORDERS = ["ID", "TITLE", "PROGRESS", "EXPECTED", "GAP", "CONFIDENCE", "DUE", "LAST_CHECK_IN", "REVISION"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("by", ORDERS)
def test_rows_that_come_and_go_move_no_others(by: str, direction: str) -> None:
    """Thirty key results with values of all kinds, some equal and some missing; between any two pages, rows before the
    cursor and after it are removed and others come. Every row that was there throughout is shown once."""
    clock = Clock()
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace, [("createObjective", {"id": "grow", "title": "Grow revenue"})])
        ask = Ask(workspace, clock)
        for number in range(30):
            add(ask, f"result {number:02}", number)
        query = """query($orderBy: GoalOrder, $after: String) { keyResults(first: 4, orderBy: $orderBy, after: $after) {
            pageInfo { endCursor hasNextPage } edges { node { id } } } }"""
        order = {"by": by, "direction": direction}
        whole = ask.data(query.replace("first: 4", "first: 99"), orderBy=order)["keyResults"]["edges"]
        ranked = [edge["node"]["id"] for edge in whole]
        assert len(ranked) == 30
        going = [ranked[place] for place in (2, 20, 0, 29, 13, 9)]
        gone = set(going)
        seen: list[str] = []
        after = None
        for turn in range(40):
            found = ask.data(query, orderBy=order, after=after)["keyResults"]
            seen += [edge["node"]["id"] for edge in found["edges"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
            if going:
                assert ask.do("removeGoal", id=going.pop(0))["errors"] == []
            add(ask, f"later {turn:02}", turn * 3)
            add(ask, f"aaa {turn:02}", turn * 7)
        assert not going
        steady = [id for id in ranked if id not in gone]
        assert [id for id in seen if id in steady] == steady, "every row that stayed: once, and in its place"
        assert len(seen) == len(set(seen))


def add(ask: Ask, id: str, number: int) -> None:
    """One key result whose title, dates, progress, confidence and check-in depend on a number, in different orders."""
    given: dict[str, Any] = {"id": id, "objectiveId": "grow", "title": f"{'éEa'[number % 3]} title {number % 5}"}
    if number % 4:
        given |= {"baseline": 0, "target": 10}
    if number % 3:
        given |= {"start": "2026-05-01", "due": f"2026-0{6 + number % 3}-{10 + number % 7}"}
    assert ask.do("createKeyResult", **given)["errors"] == []
    if number % 4 and number % 5:
        at = f"2026-05-{10 + number % 6}T09:00:00Z"
        confidence = (number % 3) / 2 if number % 7 else None
        assert (
            ask.do("checkInKeyResult", keyResultId=id, value=number % 9, confidence=confidence, at=at)["errors"] == []
        )


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"first": -1}, "BAD_USER_INPUT", "first -1 is negative; give 0 or more"),
        ({"last": -3}, "BAD_USER_INPUT", "last -3 is negative; give 0 or more"),
        ({"first": 1, "last": 1}, "BAD_USER_INPUT", "first and last cannot go together; give one of them"),
        (
            {"after": "nonsense"},
            "BAD_USER_INPUT",
            "after 'nonsense' is no cursor; take one from pageInfo or an edge of this list",
        ),
        (
            {"before": "%%%"},
            "BAD_USER_INPUT",
            "before '%%%' is no cursor; take one from pageInfo or an edge of this list",
        ),
        (
            {"first": 1001},
            "LIMIT_EXCEEDED",
            "$first asks for a page of 1001; at most 1000 are given at once. Ask for fewer and page on with `after`.",
        ),
    ],
    ids=str,
)
def test_a_page_that_cannot_be_is_refused(ask: Ask, given: dict[str, Any], code: str, message: str) -> None:
    answer = ask(QUERY, **given)
    assert (answer.code, answer.message) == (code, message)
    assert answer.data is None


def made_up(*parts: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(parts)).rstrip(b"=").decode()


def test_a_cursor_belongs_to_its_store_order_and_list(ask: Ask) -> None:
    cursor = page(ask, first=1)["pageInfo"]["endCursor"]
    wrong = ask(QUERY, after=cursor, orderBy={"by": "TITLE"})
    assert wrong.code == "BAD_USER_INPUT"
    assert "of another list or order ('objectives by ID ASC'), this is 'objectives by TITLE ASC'" in wrong.message
    backwards = ask(QUERY, after=cursor, orderBy={"by": "ID", "direction": "DESC"})
    assert "'objectives by ID DESC'" in backwards.message
    elsewhere = ask("query($after: String) { keyResults(after: $after) { totalCount } }", after=cursor)
    assert "'key results by ID ASC'" in elsewhere.message
    foreign = ask(QUERY, after=made_up("another", "objectives by ID ASC", [1, 0, "grow"]))
    assert foreign.code == "BAD_USER_INPUT"
    assert "is a cursor of another store, or of this one before it was restored" in foreign.message


@pytest.mark.parametrize("key", [["x", 0, "grow"], [0], [], [1, "x", 5], [[], 0, "x"]], ids=str)
def test_a_cursor_with_another_key_is_refused_or_harmless(ask: Ask, key: list[Any]) -> None:
    answer = ask(QUERY, after=made_up(ask.workspace.epoch, "objectives by ID ASC", key))
    assert not answer.errors or answer.code == "BAD_USER_INPUT"


def test_a_cursor_of_a_day_is_refused_on_another(ask: Ask) -> None:
    order = {"by": "GAP"}
    cursor = page(ask, orderBy=order, first=1)["pageInfo"]["endCursor"]
    assert ids(page(ask, orderBy=order, first=1, after=cursor)) == "grow"
    ask.clock.forward(days=1)
    assert "'objectives by GAP ASC on 2026-05-20'" in ask(QUERY, orderBy=order, after=cursor).message
    assert ids(page(ask, orderBy=order, filter={"asOf": "2026-05-20"}, first=1, after=cursor)) == "grow"


@pytest.mark.parametrize("name", ["owners", "initiatives", "kpis", "roles"])
def test_other_lists_are_paged_too(ask: Ask, name: str) -> None:
    ask.do("createInitiative", id="oats", title="Oat bread")
    ask.do("createKpi", id="waste", title="Waste")
    ask.do("createRole", id="shopper", title="Shop lead")
    query = f"""query($after: String) {{ {name}(first: 1, after: $after) {{ totalCount
        pageInfo {{ endCursor hasNextPage }} edges {{ node {{ id }} }} }} }}"""
    seen, after = [], None
    while True:
        found = ask.data(query, after=after)[name]
        seen += [edge["node"]["id"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(seen)
    assert len(seen) == found["totalCount"] >= 2


def test_the_total_is_counted_only_when_it_is_asked_for(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    store = ask.workspace.store
    changes = store.changes

    def counted(after: int, limit: int | None = None) -> Iterator[Entry]:
        read.append(after)
        return changes(after, limit)

    monkeypatch.setattr(store, "changes", counted)
    ask.data("{ changes(first: 1) { edges { node { revision } } } }")
    assert read == [0]
    ask.data("{ changes(first: 1) { totalCount edges { node { revision } } } }")
    assert read == [0, 0, 0]
