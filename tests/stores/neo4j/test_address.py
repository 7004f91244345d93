"""Addresses of Neo4j stores: what they may say, and that no password stands in any."""

from __future__ import annotations

import pytest

from graph_service.errors import Invalid
from graph_service.stores import open_store
from graph_service.stores.neo4j.address import Address, read_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("neo4j://graph.example", Address("neo4j", "graph.example", 7687)),
        ("bolt://ada@graph.example", Address("bolt", "graph.example", 7687, "ada")),
        ("neo4j+s://graph.example:7688/goals", Address("neo4j+s", "graph.example", 7688, database="goals")),
        ("bolt+ssc://[::1]:7/", Address("bolt+ssc", "::1", 7)),
        ("neo4j+ssc://h?workspace=sales", Address("neo4j+ssc", "h", 7687, workspace="sales")),
        (
            "bolt+s://a%40b@h:1/d-1?workspace=harbour.2",
            Address("bolt+s", "h", 1, "a@b", "d-1", "harbour.2"),
        ),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert read_address(url) == address
    assert read_address(address.url) == address


def test_the_whole_address_says_every_default() -> None:
    assert read_address("neo4j://graph.example").url == "neo4j://neo4j@graph.example:7687/neo4j?workspace=main"
    assert read_address("bolt://[::1]").url == "bolt://neo4j@[::1]:7687/neo4j?workspace=main"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("neo4j://", "it names no host"),
        ("neo4j:///goals", "it names no host"),
        ("bolt://h:port", "its host or port cannot be read"),
        ("bolt://h:70000", "its host or port cannot be read"),
        ("bolt://[::1", "its host or port cannot be read"),
        ("bolt://h/a/b", "the database is named by letters, digits, '.', '_' and '-', at most 63"),
        ("bolt://h/'", "the database is named by letters, digits, '.', '_' and '-', at most 63"),
        ("bolt://h?workspace=", "the workspace is named by letters, digits, '.', '_' and '-', at most 63"),
        ("bolt://h?workspace=a b", "the workspace is named by letters, digits, '.', '_' and '-', at most 63"),
        ("bolt://h?policy=eu", "after the database there may only be ?workspace=NAME"),
        ("bolt://h?workspace=a&workspace=b", "after the database there may only be ?workspace=NAME"),
        ("bolt://h#x", "after the database there may only be ?workspace=NAME"),
        ("bolt://@h", "the user's name cannot be one"),
        ("bolt://%0a@h", "the user's name cannot be one"),
    ],
)
def test_what_is_no_address(url: str, why: str) -> None:
    with pytest.raises(Invalid) as wrong:
        open_store(url)
    assert wrong.value.message == (
        f"the address of the Neo4j store is wrong: {why} (neo4j://user@host:7687/database?workspace=name)"
    )
    assert wrong.value.path == ("store",)


@pytest.mark.parametrize("url", ["neo4j://ada:harbour@h", "neo4j://ada:@h", "bolt://:harbour@h/goals"])
def test_a_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid, match="set GRAPH_SERVICE_NEO4J_PASSWORD") as wrong:
        open_store(url)
    assert "harbour" not in wrong.value.message


def test_other_schemes_are_no_address() -> None:
    with pytest.raises(Invalid, match="'neo4js://h' is no address of a store"):
        open_store("neo4js://h")
