"""Bounds: each with its number and code, and each before anything is executed."""

from __future__ import annotations

import pytest

from graph_service.api.limits import Limits
from tests.api.company import Ask
from tests.steps import steps


def nested(levels: int) -> str:
    """A query of so many levels of fields."""
    inner = "id"
    for _ in range(levels - 2):
        inner = f"primaryParent {{ {inner} }}"
    return f'{{ objective(id: "grow") {{ {inner} }} }}'


def fragments(number: int, inner: str) -> str:
    """Fragments that each spread the next one twice, at the same place."""
    whole = "{ ...F0 }"
    for one in range(number):
        whole += f" fragment F{one} on Query {{ ...F{one + 1} ...F{one + 1} }}"
    return whole + f" fragment F{number} on Query {{ {inner} }}"


def spread(asked: str, most: int) -> str:
    """What is said of an operation that has too much of something."""
    return f"The operation has {asked}, its fragments spread out; at most {most} are allowed. Split it into several."


def paging(who: str, size: str) -> str:
    """What is said of a page that is too large."""
    return f"{who} for a page of {size}; at most 1000 are given at once. Ask for fewer and page on with `after`."


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            nested(16),
            spread("16 levels of fields", 15),
        ),
        (
            "{ " + " ".join(f"a{n}: revision" for n in range(101)) + " }",
            spread("101 aliases", 100),
        ),
        (
            "{ " + " ".join(["revision @include(if: true)"] * 51) + " }",
            spread("51 directives", 50),
        ),
        (
            fragments(30, "a: revision"),
            spread("more than a thousand million aliases", 100),
        ),
        (
            "{ " + "revision " * 2_000 + "}",
            "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
        ),
        (
            "#" * 200_001,
            "The document has 200001 characters; at most 200000 are allowed. Send long texts as variables.",
        ),
        (
            "{ " + "#\n" * 2_000 + "revision }",
            "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
        ),
        ("{ " + "workspace { " * 400 + "}" * 401, "Syntax Error: Document is nested too deeply. Parsing aborted."),
        ("{ " + "revision " * 1_900 + "}", "Validation aborted."),
        (
            "{ objectives(first: 1001) { totalCount } }",
            paging("The operation asks", "1001"),
        ),
        (
            "{ objectives(last: 99999999999999999999) { totalCount } }",
            paging("The operation asks", "more than a thousand million"),
        ),
        (
            "query($n: Int = 5000) { objectives(first: $n) { totalCount } }",
            paging("$n asks", "5000"),
        ),
        (
            'mutation { createPerson(input: { name: "Eve" }) { query { objectives(first: 1001) { totalCount } } } }',
            paging("The operation asks", "1001"),
        ),
    ],
    ids=range(13),
)
def test_an_operation_that_asks_for_too_much_is_refused(ask: Ask, query: str, message: str) -> None:
    answer = ask(query)
    assert (answer.code, answer.message) == ("LIMIT_EXCEEDED", message)
    assert answer.data is None
    assert ask.revision == 1, "nothing was executed"


@pytest.mark.parametrize(
    "query",
    [
        nested(15),
        "{ " + " ".join(f"a{n}: revision" for n in range(100)) + " }",
        "{ " + " ".join(["revision @include(if: true)"] * 50) + " }",
        "{ " + "revision " * 500 + "}",
        "{ objectives(first: 1000) { totalCount } }",
        "query($n: Int = 1000) { objectives(first: $n) { totalCount } }",
        fragments(30, "revision"),
    ],
    ids=range(7),
)
def test_an_operation_at_its_bounds_is_answered(ask: Ask, query: str) -> None:
    assert ask(query).errors == []


def test_a_variable_counts_with_its_value_and_not_with_its_default(ask: Ask) -> None:
    query = "query($n: Int = 5000) { objectives(first: $n) { totalCount } }"
    assert ask(query, n=10).errors == []
    assert ask(query.replace("5000", "10"), n=1001).code == "LIMIT_EXCEEDED"


def test_the_limits_are_those_of_the_settings(ask: Ask) -> None:
    ask.limits = Limits(depth=2, aliases=1, directives=0, tokens=12, page=2, max_page=3)
    assert ask("{ workspace { levels } }").errors == []
    assert ask('{ objective(id: "grow") { owner { id } } }').code == "LIMIT_EXCEEDED"
    assert ask("{ a: revision }").errors == []
    assert ask("{ a: revision b: revision }").code == "LIMIT_EXCEEDED"
    assert ask("{ revision @skip(if: false) }").code == "LIMIT_EXCEEDED"
    assert ask("{ " + "revision " * 11 + "}").code == "LIMIT_EXCEEDED"
    assert ask("{ periods { id } owners(first: 4) { totalCount } }").code == "LIMIT_EXCEEDED"


def test_every_operation_of_a_document_is_measured(ask: Ask) -> None:
    assert (
        ask("query Small { revision } " + nested(16).replace("{", "query Large {", 1), "Small").code == "LIMIT_EXCEEDED"
    )


def test_a_fragment_that_spreads_itself_is_refused_by_validation(ask: Ask) -> None:
    answer = ask('{ objective(id: "grow") { ...Up } } fragment Up on Goal { primaryParent { ...Up } }')
    assert answer.code == "GRAPHQL_VALIDATION_FAILED"


def test_a_long_chain_of_fragments_is_refused_or_answered_but_never_a_fault(ask: Ask) -> None:
    whole = "{ ...F0 }" + "".join(f" fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(240))
    answer = ask(whole + " fragment F240 on Query { revision }")
    assert not answer.errors or answer.code in ("LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"a{n}: revision" for n in range(100_000)) + " }",
        "{ " + "revision " * 200_000 + "}",
        "{ " + "a{" * 100_000,
        '{ objective(id: "' + "x" * 1_900_000 + '") { id } }',
        "#" * 1_900_000,
        fragments(150, "a: revision"),
    ],
    ids=["aliases", "tokens", "nesting", "string", "comment", "fragments"],
)
def test_a_hostile_document_is_little_work(ask: Ask, query: str) -> None:
    """The largest document that may be asked is more; these have up to two megabytes."""
    ask("{ revision }")  # what is loaded once is loaded now
    assert steps(lambda: ask(query)) < 100_000
