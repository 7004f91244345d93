"""What an operation can bring is counted before it, and what takes too long is ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLList,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    parse,
    print_ast,
)

from graph_service.api.context import Asking
from graph_service.api.cost import KNOWN_ENTRIES
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.models.changes import UpdateObjective
from tests.api.company import Ask
from tests.steps import steps

OPERATIONS = Path(__file__).resolve().parents[2] / "schema" / "operations"
INTROSPECTION = get_introspection_query(
    input_value_deprecation=True, schema_description=True, specified_by_url=True, directive_is_repeatable=True
)
PEOPLE_DO = """
query Dashboard($first: Int = 100) {
    objectives(first: $first) { totalCount pageInfo { endCursor } edges { node {
        id title status progress { value expected } owner { name } period { title }
        keyResults { id title progress { value } lastCheckIn { at value } }
        checkIns(first: 10) { edges { node { at value by { name } } } }
    } } }
}"""


def cost(ask: Ask, query: str, **variables: Any) -> int:
    """What an operation costs; it is told before it is known whether that is too much."""
    asking = Asking(ask.workspace, limits=Limits(cost=10**15, page=ask.limits.page, aliases=10**6, depth=50))
    schema.answer(query, asking, variables=variables)
    assert asking.cost is not None
    return asking.cost


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        ("{ revision }", 0),
        ('{ objective(id: "grow") { id title } }', 1),
        ('{ objective(id: "grow") { progress { value } owner { name } } }', 3),
        # the connection, and 100 times a row and an objective
        ("{ objectives { edges { node { id } } } }", 201),
        ("{ objectives(first: 7) { totalCount pageInfo { endCursor } edges { node { id } } } }", 1 + 1 + 7 * 2),
        ("{ objectives(last: 7) { edges { cursor } } }", 1 + 7),
        ("{ objectives(first: null) { edges { cursor } } }", 101),
        ("{ objectives(first: -3) { edges { cursor } } }", 1),
        ("{ a: objectives(first: 2) { edges { cursor } } b: objectives(first: 3) { edges { cursor } } }", 3 + 4),
        ('{ objective(id: "grow") { keyResults { milestones { id } } } }', 1 + 5 * (1 + 5)),
        ('{ nodes(ids: ["grow", "bread", "ada"]) { id } }', 3 + 3),
        ('{ leverage(id: "grow", first: 4) { keyResult { id } } }', 4 * 2),
        ('{ ladder(id: "sweets") { paths(first: 2) { id } } }', 1 + 2 * 8),
        ('{ cascade(id: "grow", depth: 2) { hidden nodes { goal { id } } } }', 1 + (1 + 5 + 25) * 2),
        ('{ cascade(id: "grow") { nodes { depth } edges { from } } }', 1 + 2 * 156),
        ('{ cascade(id: "grow", depth: 99) { nodes { depth } } }', 1 + 1000),
        ("{ orgChart(depth: 1) { nodes { owner { id } goals { id } } } }", 1 + 8 * (1 + 1 + 10)),
        # fragments: their parts are counted where they are spread, with the page there
        (
            (
                "{ objectives(first: 5) { ...P } } fragment P on ObjectiveConnection { edges { node { ...N } } }"
                " fragment N on Objective { owner { id } }"
            ),
            1 + 5 * 3,
        ),
        ("{ owners(first: 2) { edges { node { ... on Team { members { id } } ... on Person { id } } } } }", 1 + 2 * 32),
        # a mutation: what is in its input, and what it shows
        (
            (
                'mutation { createObjective(input: { title: "Sail", themes: ["a", "b"], parents: [{ id: "grow" }] })'
                " { objective { id } } }"
            ),
            (1 + 2 + 1 + 1) + 1 + 1,
        ),
        ('mutation { createPerson(input: { name: "Eve" }) { changed { goal { id } } } }', 1 + 1 + 100 * 2),
    ],
)
def test_every_object_counts_as_one(ask: Ask, query: str, objects: int) -> None:
    assert cost(ask, query) == objects


def test_variables_count_with_their_values_or_defaults(ask: Ask) -> None:
    query = "query($n: Int = 50) { objectives(first: $n) { edges { cursor } } }"
    assert cost(ask, query) == 51
    assert cost(ask, query, n=3) == 4
    assert cost(ask, query, n=None) == 101
    ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(ask, ids, ids=["grow"] * 30) == 60
    assert cost(ask, ids.replace("]!)", ']! = ["grow"])')) == 2
    change = "mutation($input: ApplyChangesInput!) { applyChanges(input: $input) { revision } }"
    changes = [{"createTeam": {"name": f"team {number}"}} for number in range(40)]
    assert cost(ask, change, input={"changes": changes}) == 1 + 40 * 3 + 1


def test_the_page_of_the_settings_counts(ask: Ask) -> None:
    ask.limits = Limits(page=7)
    assert cost(ask, "{ objectives { edges { cursor } } }") == 8


def test_a_repeated_fragment_costs_as_often_as_it_is_spread(ask: Ask) -> None:
    doubling = "".join(
        f" fragment F{one} on Objective {{ a{one}: primaryParent {{ ...F{one + 1} }}"
        f" b{one}: primaryParent {{ ...F{one + 1} }} }}"
        for one in range(10)
    )
    query = '{ objective(id: "sweets") { ...F0 } }' + doubling + " fragment F10 on Objective { id }"
    assert cost(ask, query) == 1 + sum(2**level for level in range(1, 11))


def test_more_than_the_limit_is_refused_and_nothing_is_done(ask: Ask) -> None:
    nested = "{ objectives(first: 1000) { edges { node { checkIns(first: 1000) { edges { cursor } } } } } }"
    answer = ask(nested)
    assert answer.code == "LIMIT_EXCEEDED"
    assert answer.message == (
        "The operation can bring 1003001 objects, by estimate; at most 20000 are given at once."
        " Ask for smaller pages, or for fewer of them within each other."
    )
    query = 'mutation { createPerson(input: { name: "Eve" }) { query { ' + nested[2:-2] + " } } }"
    assert ask(query).code == "LIMIT_EXCEEDED"
    changes = [{"createTeam": {"name": "Boats"}}] * 7_000
    change = "mutation($input: ApplyChangesInput!) { applyChanges(input: $input) { revision } }"
    assert ask(change, input={"changes": changes}).code == "LIMIT_EXCEEDED"
    assert ask.revision == 1


def test_the_limit_is_met_exactly(ask: Ask) -> None:
    ask.limits = Limits(cost=61)
    assert ask("{ objectives(first: 30) { edges { node { id } } } }").errors == []
    assert ask("{ objectives(first: 31) { edges { node { id } } } }").code == "LIMIT_EXCEEDED"


def test_only_the_operation_that_is_asked_for_counts(ask: Ask) -> None:
    document = """query Small { revision }
        query Large { objectives(first: 1000) { edges { node { cascade { nodes { depth } } } } } }"""
    assert ask(document, "Small").data == {"revision": 1}
    assert ask(document, "Large").code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("name", sorted(file.stem for file in OPERATIONS.glob("*.graphql")))
def test_what_people_do_is_far_below_the_limit(ask: Ask, name: str) -> None:
    variables = json.loads((OPERATIONS / f"{name}.json").read_text())
    assert cost(ask, (OPERATIONS / f"{name}.graphql").read_text(), **variables) < 2_000


def test_pages_of_a_hundred_with_nested_ones_of_ten_are_given(ask: Ask) -> None:
    assert ask(PEOPLE_DO).errors == []
    assert cost(ask, PEOPLE_DO) < 10_000


def test_introspection_costs_about_what_it_brings(ask: Ask) -> None:
    answer = ask(INTROSPECTION)

    def objects(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return isinstance(value, dict) + sum(map(objects, inner))

    assert answer.errors == []
    assert objects(answer.data) / 2 < cost(ask, INTROSPECTION) < objects(answer.data) * 2
    (operation, *fragments) = parse(INTROSPECTION).definitions
    assert isinstance(operation, OperationDefinitionNode)
    whole = print_ast(operation.selection_set.selections[0])
    several = "{ " + " ".join(f"{name}: {whole}" for name in "abcde") + " }" + " ".join(map(print_ast, fragments))
    assert ask(several).code == "LIMIT_EXCEEDED"


def test_the_known_lengths_are_of_fields_that_there_are() -> None:
    lists = {
        name
        for kind in schema._schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.endswith("Connection")
        for name, field in kind.fields.items()
        if isinstance(get_nullable_type(field.type), GraphQLList)
        and isinstance(get_named_type(field.type), GraphQLObjectType) | hasattr(get_named_type(field.type), "fields")
    }
    assert set(KNOWN_ENTRIES) <= lists


def test_the_cost_is_told_to_who_asks(ask: Ask) -> None:
    asking = Asking(ask.workspace)
    asking.tell_cost = True
    result = schema.answer('{ objective(id: "grow") { owner { id } } }', asking)
    assert result.extensions == {"revision": 1, "cost": {"objects": 2, "limit": 20_000}}


@pytest.mark.parametrize(
    "query",
    [
        "{ " + "objectives(first: 1000) { edges { node { " * 7 + "id" + " } } }" * 7 + " }",
        '{ objective(id: "grow") { ' + "keyResults { objective { " * 6 + "id" + " } }" * 6 + " } }",
        "query($n: Int = 999999999999) { objectives(first: $n) { edges { cursor } } }",
    ],
    ids=range(3),
)
def test_what_is_wrong_otherwise_is_counted_without_harm(ask: Ask, query: str) -> None:
    assert ask(query).code in ("LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED")


def test_large_variables_are_little_work(ask: Ask) -> None:
    """Two megabytes of small things."""
    change = "mutation($input: ApplyChangesInput!) { applyChanges(input: $input) { revision } }"
    changes = [{"createTeam": {"name": ""}}] * 65_000
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    ask("{ revision }")  # what is loaded once is loaded now
    codes: list[str | None] = []
    asked = lambda: codes.append(ask(change, input={"changes": changes, "deep": deep}).code)  # noqa: E731
    assert steps(asked) < 400_000  # some two for each value
    assert codes == ["LIMIT_EXCEEDED"]
    assert ask.revision == 1


# ---------- time ----------


class Hours:
    """A clock that an hour passes on with each look from the one that is said."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> float:
        self.looks -= 1
        return 0.0 if self.looks >= 0 else 3_600.0 - self.looks


def slow(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Lets the time of an operation be over after so many looks at the clock."""
    from graph_service.api import context

    clock = Hours(looks)
    monkeypatch.setattr(context, "monotonic", clock)


def test_an_operation_that_takes_too_long_is_ended(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, 8)
    answer = ask("{ objectives { edges { node { id title progress { value } } } } }")
    assert (answer.code, answer.data) == ("LIMIT_EXCEEDED", None)
    assert answer.message == "The operation took more than 10 s and was ended; ask for less at once."
    monkeypatch.undo()
    ask.workspace.commit([UpdateObjective(id="grow", title="Grow")])  # the workspace has been let go of
    assert ask.data("{ revision }") == {"revision": 2}


def test_an_operation_in_time_is_answered(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, 1_000)
    assert ask("{ objectives { edges { node { id title progress { value } } } } }").errors == []


def test_what_was_changed_by_then_stands_and_is_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service.api import mutations

    committed = mutations.committed

    def last(asking: Asking, *given: Any) -> Any:
        payload = committed(asking, *given)
        asking.until = 0.0
        return payload

    monkeypatch.setattr(mutations, "committed", last)
    answer = ask(
        'mutation { a: createPerson(input: { name: "Eve" }) { revision }'
        ' b: createPerson(input: { name: "Zoe" }) { revision } }'
    )
    assert (answer.code, answer.data) == ("LIMIT_EXCEEDED", None)
    assert answer.message.endswith(" What it had changed by then stands, at revision 2.")
    assert ask.revision == 2


def test_what_comes_too_late_is_not_begun(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is over between the beginning and the first change: it is not made."""
    from graph_service.api import mutations

    committed = mutations.committed

    def late(asking: Asking, *given: Any) -> Any:
        asking.until = 0.0
        return committed(asking, *given)

    monkeypatch.setattr(mutations, "committed", late)
    answer = ask('mutation { createPerson(input: { name: "Eve" }) { revision } }')
    assert (answer.code, answer.data) == ("LIMIT_EXCEEDED", None)
    assert answer.message == "The operation took more than 10 s and was ended; ask for less at once."
    assert ask.revision == 1


def test_an_operation_that_is_hurried_says_why(ask: Ask) -> None:
    asking = Asking(ask.workspace)
    asking.hurry()
    (error,) = schema.answer("{ revision }", asking).errors or []
    assert error.message == "The operation was ended, because the service is stopping; ask again in a moment."
    assert error.extensions == {"code": "LIMIT_EXCEEDED"}
