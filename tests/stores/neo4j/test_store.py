"""What is particular to the Neo4j store: the graph that others see, edits that verify finds, and the schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import neo4j
import pytest

from graph_service.errors import StoreUnavailable
from graph_service.models.facts import (
    AddCheckIn,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveNode,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Objective, Person, Team, Workspace
from graph_service.models.words import LinkKind, Measure
from graph_service.stores import open_store
from graph_service.stores.base import Draft, Remembered
from graph_service.stores.neo4j import Neo4jStore, neo4j_cypher
from graph_service.stores.neo4j.schema import PRESENT, WANTED, missing
from tests.stores.neo4j.places import neo4j_workspace
from tests.stores.samples import FULL_CHECK_IN, FULL_NODES, MONDAY, drafts, entry, put

GROW = Objective("grow", "Grow revenue", due=date(2026, 3, 31), themes=("growth",))
SELL = KeyResult("sell", "Sell 100 licences", measure=Measure.DELTA, baseline=0.0, target=100.0)
ADA = Person("ada", "Ada Lovelace", "ada@example.com", attributes={"phone": "+44 20"})
PLATFORM = Team("platform", "Platform team")
OLD = Objective("old", "Old goal")


@pytest.fixture
def url() -> str:
    return neo4j_workspace()


@pytest.fixture
def store(url: str) -> Iterator[Neo4jStore]:
    with closing(open_store(url)) as opened:
        assert isinstance(opened, Neo4jStore)
        yield opened


@pytest.fixture
def cypher(store: Neo4jStore) -> Iterator[neo4j.Session]:
    """A session of somebody else."""
    with (
        neo4j.GraphDatabase.driver(store.address.server, notifications_min_severity="OFF") as driver,
        driver.session(database=store.address.database) as session,
    ):
        yield session


def rich(store: Neo4jStore) -> None:
    """Something of every kind, in three revisions."""
    first = [
        *put(GROW, SELL, ADA, PLATFORM, OLD),
        PutLink(Link("sell", "grow", LinkKind.KEY_RESULT_OF, position=1)),
        PutLink(Link("ada", "grow", LinkKind.OWNS)),
        PutLink(Link("old", "grow", LinkKind.ALIGNED, 0.5)),
        AddCheckIn(CheckIn("first", "sell", MONDAY, "graphql", 1, value=12.5)),
        PutBroken(BrokenReference("grow", LinkKind.PARENT, "gone")),
        PutWorkspace(Workspace(check_in_days=14)),
    ]
    key = Remembered("a key", b"digest", 1, b"{}", MONDAY)
    store.commit([Draft(entry(1, *first), key)], 0, store.epoch)
    store.commit(
        drafts(1, [RemoveNode("old", (Link("old", "grow", LinkKind.ALIGNED, 0.5),))], put(Person("grace", "Grace H."))),
        1,
        store.epoch,
    )


# ---------- the graph that others see ----------


def test_the_graph_is_what_a_cypher_user_expects(store: Neo4jStore, cypher: neo4j.Session) -> None:
    rich(store)
    found = cypher.run(
        "MATCH (p:Person)-[:OWNS]->(o:Objective {workspace: $w})<-[k:KEY_RESULT_OF]-(r:KeyResult)<-[:REPORTS_ON]-(c)"
        " RETURN p.name, o.title, o.due, o.themes, k.weight, k.position, r.target, c.value, c.at, labels(c)",
        w=store.address.workspace,
    ).single(strict=True)
    assert found.values()[:8] == [
        "Ada Lovelace",
        "Grow revenue",
        neo4j.time.Date(2026, 3, 31),
        ["growth"],
        1.0,
        1,
        100.0,
        12.5,
    ]
    assert found["c.at"].to_native() == MONDAY
    assert sorted(found["labels(c)"]) == ["CheckIn", "Record"]


def test_a_removed_node_is_in_no_question_about_its_kind(store: Neo4jStore, cypher: neo4j.Session) -> None:
    rich(store)
    rows = cypher.run(
        "MATCH (n:Record {workspace: $w, id: 'old'}) RETURN labels(n) AS labels, n.kind AS kind, n.links AS links,"
        " COUNT { (n)--() } AS links_left",
        w=store.address.workspace,
    ).single(strict=True)
    assert sorted(rows["labels"]) == ["Record", "Removed"]
    assert (rows["kind"], rows["links_left"]) == ("objective", 0)
    assert rows["links"] == ['{"from":"old","to":"grow","kind":"aligned","weight":0.5}']


def test_an_erased_name_is_in_no_property(store: Neo4jStore, cypher: neo4j.Session) -> None:
    rich(store)
    store.commit(drafts(3, [ErasePerson("ada")]), 3, store.epoch)
    everything = cypher.run(
        "MATCH (n) WHERE n.workspace = $w OR n.id = $w OPTIONAL MATCH (n)-[k]->() RETURN properties(n), properties(k)",
        w=store.address.workspace,
    ).values()
    told = repr(everything)
    assert "Grace H." in told
    assert "'ada'" in told
    for word in ("Lovelace", "ada@example.com", "+44 20"):
        assert word not in told


def test_full_values_are_plain_properties(store: Neo4jStore, cypher: neo4j.Session) -> None:
    objective = FULL_NODES[0]
    assert isinstance(objective, Objective)
    store.commit(drafts(0, [PutNode(objective)]), 0, store.epoch)
    [[held]] = cypher.run(
        "MATCH (o:Objective {workspace: $w}) RETURN properties(o)", w=store.address.workspace
    ).values()
    assert held == {
        "workspace": store.address.workspace,
        "revision": 1,
        "id": objective.id,
        "title": objective.title,
        "state": "closed",
        "level": "department",
        "top_level": False,
        "driver": "manual",
        "period": "2026-Q1",
        "start": neo4j.time.Date(2026, 1, 1),
        "due": neo4j.time.Date(2026, 3, 31),
        "manual_progress": 0.625,
        "driver_reason": "counted by hand",
        "ambition": "aspirational",
        "themes": ["growth", "retention"],
        "description": objective.description,
        "alignment_note": "serves the company goal",
        "score": 0.7,
        "retrospective": "went well",
        "attributes": '{"nested":{"a":"","b":[1,2.5,null,true]},"title_fr":"Croître"}',
    }


def test_workspaces_of_one_database_do_not_see_each_other(store: Neo4jStore) -> None:
    rich(store)
    with closing(open_store(neo4j_workspace())) as other:
        assert other.revision() == 0
        other.commit(drafts(0, put(Objective("grow", "Another goal"))), 0, other.epoch)
        assert [node.title for node, _ in other.load().nodes if isinstance(node, Objective)] == ["Another goal"]
        assert other.verify() == []
    assert store.verify() == []
    assert store.revision() == 3


# ---------- the schema ----------


def test_the_schema_as_a_script_makes_what_is_wanted(store: Neo4jStore, cypher: neo4j.Session) -> None:
    assert missing(cypher.run(PRESENT)) == []
    script = neo4j_cypher()
    assert script.count("CREATE") == len(WANTED) == script.count(";")
    for statement in filter(str.strip, script.split(";")):
        cypher.run(statement).consume()  # any number of times
    assert missing(cypher.run(PRESENT)) == []


def test_a_workspace_of_a_newer_version_is_left_alone(store: Neo4jStore, url: str, cypher: neo4j.Session) -> None:
    rich(store)
    cypher.run("MATCH (w:Workspace {id: $w}) SET w.schema = 99", w=store.address.workspace).consume()
    with pytest.raises(
        StoreUnavailable, match=r"was written by a newer graph-service \(schema 99, known here: up to 1"
    ):
        open_store(url)


def test_a_workspace_that_must_be_there(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="there is no store at bolt://neo4j@"):
        open_store(url, create=False)
    with pytest.raises(StoreUnavailable, match="there is no store at bolt://neo4j@"):
        open_store(url, create=False)  # nothing was made by asking
    with closing(open_store(url)) as made:
        epoch = made.epoch
    with closing(open_store(url, create=False)) as again:
        assert again.epoch == epoch


def test_a_workspace_that_is_taken_away(store: Neo4jStore, cypher: neo4j.Session) -> None:
    cypher.run("MATCH (w:Workspace {id: $w}) DELETE w", w=store.address.workspace).consume()
    for use in (store.revision, store.load, lambda: store.commit(drafts(0, put(GROW)), 0, store.epoch)):
        with pytest.raises(StoreUnavailable, match=r"there is no workspace '.*' any more"):
            use()


# ---------- what verify finds ----------

EDITS = {
    "another title": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.title = 'Shrink revenue'",
    "a title of another type": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.title = 7",
    "a whole number for a number": "MATCH (n:KeyResult {workspace: $w, id: 'sell'}) SET n.target = 100",
    "another day": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.due = date('2026-04-01')",
    "a day as text": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.due = '2026-03-31'",
    "a property less": "MATCH (n:Objective {workspace: $w, id: 'grow'}) REMOVE n.state",
    "a property more": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.colour = 'red'",
    "another revision": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.revision = 2",
    "a label more": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n:Secret",
    "another name": "MATCH (n:Person {workspace: $w, id: 'ada'}) SET n.name = 'Ada King'",
    "a node less": "MATCH (n:Team {workspace: $w, id: 'platform'}) DETACH DELETE n",
    "a node more": "CREATE (:Record:Team {workspace: $w, id: 'sales', name: 'Sales', active: true, revision: 1})",
    "another id": "MATCH (n:Team {workspace: $w, id: 'platform'}) SET n.id = 'platforms'",
    "a link less": "MATCH (:KeyResult {workspace: $w})-[k:KEY_RESULT_OF]->() DELETE k",
    "a link more": "MATCH (a:Person {workspace: $w, id: 'ada'}), (b:KeyResult {workspace: $w}) CREATE (a)-[:OWNS]->(b)",
    "a link twice": "MATCH (a:Person {workspace: $w, id: 'ada'})-[:OWNS]->(b) CREATE (a)-[:OWNS]->(b)",
    "a link of a foreign type": "MATCH (a:Person {workspace: $w, id: 'ada'})-[:OWNS]->(b) CREATE (a)-[:LIKES]->(b)",
    "another weight": "MATCH (:KeyResult {workspace: $w})-[k:KEY_RESULT_OF]->() SET k.weight = 2.0",
    "another value": "MATCH (c:CheckIn {workspace: $w}) SET c.value = 99.0",
    "another moment": "MATCH (c:CheckIn {workspace: $w}) SET c.at = c.at + duration('PT1S')",
    "a check-in on another goal": "MATCH (c:CheckIn {workspace: $w})-[k]->() MATCH (o:Objective {workspace: $w})"
    " DELETE k CREATE (c)-[:REPORTS_ON]->(o)",
    "a check-in on two goals": "MATCH (c:CheckIn {workspace: $w}), (o:Objective {workspace: $w})"
    " CREATE (c)-[:REPORTS_ON]->(o)",
    "another reference": "MATCH (b:BrokenReference {workspace: $w}) SET b.reference = 'other'",
    "a reference less": "MATCH (b:BrokenReference {workspace: $w}) DETACH DELETE b",
    "a reference of nobody": "MATCH (b:BrokenReference {workspace: $w}) MATCH ()-[k:NAMES]->(b) DELETE k",
    "a removed node that is back": "MATCH (n:Removed {workspace: $w})"
    " SET n:Objective REMOVE n:Removed, n.kind, n.links",
    "a removed node without its links": "MATCH (n:Removed {workspace: $w}) SET n.links = []",
    "another cadence": "MATCH (w:Workspace {id: $w}) SET w.check_in_days = 7",
    "an earlier revision": "MATCH (w:Workspace {id: $w}) SET w.revision = 2",
    "another epoch": "MATCH (w:Workspace {id: $w}) SET w.epoch = 'another'",
    "another head": "MATCH (w:Workspace {id: $w}) SET w.head = '00'",
    "another header": "MATCH (e:Entry {workspace: $w, revision: 2}) SET e.header = replace(e.header, 'ada', 'eve')",
    "another hash": "MATCH (e:Entry {workspace: $w, revision: 2}) SET e.hash = '00'",
    "an entry less": "MATCH (e:Entry {workspace: $w, revision: 2}) DELETE e",
    "an entry more": "CREATE (:Entry {workspace: $w, revision: 4, header: '{}', hash: '00'})",
    "another step": "MATCH (p:Part {workspace: $w, revision: 1}) SET p.body = replace(p.body, 'Grow', 'Shrink')",
    "a part less": "MATCH (p:Part {workspace: $w, revision: 1}) DELETE p",
    "a part more": "CREATE (:Part {workspace: $w, revision: 1, part: 1, body: '[]'})",
    "a personal name": "MATCH (p:Personal {workspace: $w, person: 'ada'}) SET p.body = '{\"name\":\"Eve\"}'",
    "an emptied name": "MATCH (p:Personal {workspace: $w, person: 'ada'}) REMOVE p.body, p.salt",
    "a personal row less": "MATCH (p:Personal {workspace: $w, person: 'ada'}) DELETE p",
    "a personal row more": "CREATE (:Personal {workspace: $w, hash: '00', person: 'eve'})",
    "another answer": "MATCH (r:Remembered {workspace: $w}) SET r.key = 'another key'",
    "an answer less": "MATCH (r:Remembered {workspace: $w}) DELETE r",
    "a member of a closed set that is none": "MATCH (n:Objective {workspace: $w, id: 'grow'}) SET n.state = 'lost'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_found(store: Neo4jStore, cypher: neo4j.Session, edit: str) -> None:
    rich(store)
    assert store.verify() == []
    changed = cypher.run(edit, w=store.address.workspace).consume().counters
    assert changed.contains_updates
    assert store.verify() != []


def test_what_verify_says(store: Neo4jStore, cypher: neo4j.Session) -> None:
    rich(store)
    cypher.run(EDITS["another title"], w=store.address.workspace).consume()
    cypher.run(EDITS["a link less"], w=store.address.workspace).consume()
    assert [(one.part, one.revision, one.what) for one in store.verify()] == [
        ("fold", 3, "the node 'grow' is not as the log gives it"),
        ("fold", 3, "the relationship sell KEY_RESULT_OF grow that the log gives is missing"),
    ]


def test_full_check_ins_verify(store: Neo4jStore) -> None:
    facts: list[Fact] = [PutNode(FULL_NODES[1]), AddCheckIn(FULL_CHECK_IN)]
    store.commit(drafts(0, facts), 0, store.epoch)
    assert store.verify() == []


def test_the_published_schema_is_this_one() -> None:
    published = Path(__file__).resolve().parents[3] / "schema" / "neo4j.cypher"
    assert published.read_text() == neo4j_cypher()
