"""Pages while others write: in every list, every order and both directions, each row that stays as it is comes exactly
once and in its place, whatever comes, goes and moves around the cursor between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.api.enums import Direction, GoalOrderBy
from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill

SIZE = 9

Act = tuple[str, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["remove", "restore", "rename", "report", "date", "hand over", "create"]),
        st.integers(0, SIZE - 1),
    ),
    max_size=8,
)


def goal(number: int) -> list[tuple[str, dict[str, Any]]]:
    """An objective with a key result: some equal to others in title, days, progress and confidence, some without."""
    days = {"start": "2026-05-01", "due": f"2026-0{6 + number % 3}-20"} if number % 3 else {}
    objective = {"id": f"objective {number}", "title": f"{'éEa'[number % 3]} title {number % 2}", **days}
    key_result: dict[str, Any] = {
        "id": f"result {number}",
        "objectiveId": f"objective {number}",
        "title": f"title {number % 4}",
        **({"baseline": 0, "target": 10} if number % 4 else {}),
        **days,
    }
    made: list[tuple[str, dict[str, Any]]] = [("createObjective", objective), ("createKeyResult", key_result)]
    made += [("createTeam", {"id": f"team {number}", "name": f"title of team {number % 3}"})]
    made += [("createPerson", {"id": f"person {number}", "name": f"title of {number % 3}"})]
    made += [("assignOwner", {"goalId": f"objective {number}", "ownerId": f"person {number}"})]
    if number % 4 > 1:
        at = f"2026-05-1{number % 3}T09:00:00Z"
        confidence = (number % 3) / 2 if number % 5 else None
        report = {"keyResultId": f"result {number}", "value": float(number % 5), "confidence": confidence, "at": at}
        made.append(("checkInKeyResult", report))
    return made


@contextmanager
def company() -> Iterator[Ask]:
    clock = Clock()
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace, [act for number in range(SIZE) for act in goal(number)])
        yield Ask(workspace, clock)


def do(ask: Ask, act: Act, turn: int) -> None:
    """Something that others do to one of the goals, or a goal of their own."""
    what, number = act
    objective, result = f"objective {number}", f"result {number}"
    with ask.workspace.reading() as graph:
        here, team_here = (id in graph.nodes for id in (objective, f"team {number}"))
    if what == "create":
        for kind, given in goal(100 + ask.revision):
            assert ask.do(kind, **given)["errors"] == []
    elif what == "restore" and not here:
        assert ask.do("restoreGoal", id=objective)["errors"] == []
    elif what == "remove" and here:
        assert ask.do("removeGoal", id=objective)["errors"] == []
        if team_here:
            assert ask.do("removeTeam", id=f"team {number}")["errors"] == []
    elif what == "rename" and here:
        for kind, id in (("updateObjective", objective), ("updateKeyResult", result)):
            assert ask.do(kind, id=id, title=f"{'zEa'[turn % 3]} title {turn}")["errors"] == []
    elif what == "report" and here:
        given = {"keyResultId": result, "confidence": turn % 3 / 2, "value": float(turn) if number % 4 else None}
        assert ask.do("checkInKeyResult", **given)["errors"] == []
    elif what == "date" and here:
        for kind, id in (("updateObjective", objective), ("updateKeyResult", result)):
            assert ask.do(kind, id=id, due=f"2026-0{5 + turn % 4}-30", start=None)["errors"] == []
    elif what == "hand over" and here:
        assert ask.do("assignOwner", goalId=objective, ownerId=f"person {turn % SIZE}")["errors"] == []


def paged(ask: Ask, query: str, acts: list[Act], size: int, *, back: bool = False, **given: Any) -> list[Any]:
    """All pages of a list, with one act between any two; the rows in the order of the list."""
    rows: list[Any] = []
    place: str | None = None
    waiting = list(acts)
    for turn in range(200):
        span = {"last": size, "before": place} if back else {"first": size, "after": place}
        (page,) = ask.data(query, **span, **given).values()
        if "edges" not in page:
            (page,) = page.values()
        shown = [edge["node"] for edge in page["edges"]]
        rows = shown + rows if back else rows + shown
        info = page["pageInfo"]
        assert [info["startCursor"], info["endCursor"]] == (
            [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]] if shown else [None, None]
        )
        place = info["startCursor"] if back else info["endCursor"]
        if not info["hasPreviousPage" if back else "hasNextPage"]:
            assert not waiting or turn < len(acts)
            return rows
        if waiting:
            do(ask, waiting.pop(0), turn)
    raise AssertionError("the pages do not end")


PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { %s } }"
SPAN = "$first: Int, $after: String, $last: Int, $before: String"
GIVEN = "first: $first, after: $after, last: $last, before: $before"


def steady(rows: list[Any], whole: list[Any], moved: set[str], ids: list[str]) -> None:
    """Asserts that of the whole list, what nobody touched is among the rows once, in its order."""
    touched = [any(id in moved for id in row.values()) for row in whole]
    stays = [row for row, gone in zip(whole, touched, strict=True) if not gone]
    assert [row for row in rows if row in stays] == stays, ids


def moved_by(acts: list[Act]) -> set[str]:
    kinds = ("objective", "result", "team", "person")
    return {f"{kind} {number}" for what, number in acts for kind in kinds if what != "create"}


@pytest.mark.parametrize("field", ["objectives", "keyResults"])
@settings(max_examples=30)
@given(
    by=st.sampled_from([order.name for order in GoalOrderBy]),
    direction=st.sampled_from([direction.name for direction in Direction]),
    back=st.booleans(),
    acts=ACTS,
    size=st.integers(1, 3),
)
def test_goals_in_every_order(field: str, by: str, direction: str, back: bool, acts: list[Act], size: int) -> None:
    query = f"query($orderBy: GoalOrder, {SPAN}) {{ {field}(orderBy: $orderBy, {GIVEN}) {{ {PAGE % 'id'} }} }}"
    order = {"by": by, "direction": direction}
    with company() as ask:
        whole = paged(ask, query, [], 100, orderBy=order)
        assert len(whole) == SIZE
        assert paged(ask, query, [], size, orderBy=order, back=not back) == whole
        rows = paged(ask, query, acts, size, orderBy=order, back=back)
        steady(rows, whole, moved_by(acts), [row["id"] for row in rows])


@settings(max_examples=15)
@given(
    given=st.sampled_from(
        [{"hasOwner": True}, {"text": "title"}, {"states": ["ACTIVE"]}, {"progressFrom": 0}, {"orphan": True}]
    ),
    by=st.sampled_from(["ID", "TITLE", "GAP"]),
    back=st.booleans(),
    acts=ACTS,
)
def test_goals_of_a_filter(given: dict[str, Any], by: str, back: bool, acts: list[Act]) -> None:
    query = f"""query($filter: GoalFilter, $orderBy: GoalOrder, {SPAN}) {{
        objectives(filter: $filter, orderBy: $orderBy, {GIVEN}) {{ {PAGE % "id"} }} }}"""
    with company() as ask:
        whole = paged(ask, query, [], 100, filter=given, orderBy={"by": by})
        rows = paged(ask, query, acts, 2, filter=given, orderBy={"by": by}, back=back)
        steady(rows, whole, moved_by(acts), [row["id"] for row in rows])


@settings(max_examples=15)
@given(back=st.booleans(), acts=ACTS, size=st.integers(1, 3))
def test_owners(back: bool, acts: list[Act], size: int) -> None:
    query = f"query({SPAN}) {{ owners({GIVEN}) {{ {PAGE % 'id'} }} }}"
    with company() as ask:
        whole = paged(ask, query, [], 100)
        assert len(whole) == 2 * SIZE
        rows = paged(ask, query, acts, size, back=back)
        steady(rows, whole, moved_by(acts) - {f"person {number}" for number in range(SIZE)}, [])


FORWARD = "query($first: Int, $after: String) "


@pytest.mark.parametrize(
    ("query", "many"),
    [
        ("links(first: $first, after: $after)", 2 * SIZE),
        ('search(text: "title", first: $first, after: $after)', 4 * SIZE),
        ("orphans(first: $first, after: $after)", SIZE),
    ],
    ids=["links", "search", "orphans"],
)
@settings(max_examples=15)
@given(acts=ACTS, size=st.integers(1, 4))
def test_lists_that_go_forwards(query: str, many: int, acts: list[Act], size: int) -> None:
    shown = {"l": "from to kind", "s": "id", "o": "objective { id }"}[query[0]]
    text = FORWARD + f"{{ {query} {{ {PAGE % shown} }} }}"

    def flat(rows: list[Any]) -> list[dict[str, str]]:
        return [row.get("objective", row) for row in rows]

    with company() as ask:
        whole = flat(paged(ask, text, [], 100))
        assert len(whole) == many
        rows = flat(paged(ask, text, acts, size))
        steady(rows, whole, moved_by(acts), [])


@settings(max_examples=15)
@given(acts=ACTS, size=st.integers(1, 4), number=st.integers(2, 3))
def test_logs_and_reports_only_grow(acts: list[Act], size: int, number: int) -> None:
    """The log, the history of a goal and its check-ins: a row never goes, so all of them come."""
    with company() as ask:
        for turn in range(3):
            do(ask, ("report", number), turn)
        span = f"(first: $first, after: $after) {{ {PAGE} }}"
        change = "revision position kind"
        node = f'node(id: "result {number}") {{ ... on KeyResult {{ '
        lists = [f"changes{span % change}"]
        if not any(what == "remove" for what, _ in acts):
            lists += [f"{node}history{span % change} }} }}", f"{node}checkIns{span % 'id'} }} }}"]
        for query in lists:
            text = FORWARD + f"{{ {query} }}"
            whole = paged(ask, text, [], 100)
            assert len(whole) >= 3
            rows = paged(ask, text, acts, size)
            assert [row for row in rows if row in whole] == whole
            assert len({str(row) for row in rows}) == len(rows)
