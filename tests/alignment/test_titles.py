"""Titles in order: whatever is done to the graph, and taken back, they say what the graph says."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment import titles as titles_room
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.titles import BEGINS, INSIDE, WORDS, Titles, folded
from graph_service.models import changes as do
from graph_service.models.nodes import KIND_OF, Objective, Person, Team
from tests.alignment.decide.company import done, grown, moment, objective
from tests.records.company import random_company


def told(titles: Titles) -> dict[str, object]:
    """All that there is to ask of titles, but for searches."""
    shelves = {name: titles.shelf(kind) for kind, name in KIND_OF.items()}
    return {
        **{name: (shelf.ids, shelf.rows, dict(shelf.titles)) for name, shelf in shelves.items()},
        "owners": list(titles.ids(Person, Team)),
        "all": list(titles.ids_from("")),
    }


def searched(titles: Titles, text: str) -> list[tuple[int, str, str]]:
    return list(titles.search(folded(text).split()))


def begins_a_word(part: str, title: str) -> bool:
    places = [place for place in range(len(title)) if title.startswith(part, place)]
    return any(place == 0 or not (title[place - 1].isalnum() or title[place - 1] == "_") for place in places)


def naive(graph: AlignmentGraph, text: str) -> list[tuple[int, str, str]]:
    """What a search finds, by looking at every node."""
    words = folded(text).split()
    whole = " ".join(words)
    found = []
    for id, vertex in graph.nodes.items():
        fact = vertex.fact
        title = folded(fact.name if isinstance(fact, Person | Team) else fact.title)
        if not words or not all(word in title for word in words):
            continue
        if title.startswith(whole):
            found.append((BEGINS, title, id))
        elif all(begins_a_word(word, title) for word in words):
            found.append((WORDS, title, id))
        else:
            found.append((INSIDE, title, id))
    return sorted(found)


# Letters and marks that meet, so that words begin, end and hold each other; marks stand between words only.
TITLES = st.lists(st.sampled_from(["grow", "regrow", "row", "Ro", "öw", "crew", "crews", "x"]), min_size=1).map(
    " ".join
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), TITLES, st.sampled_from(["put", "remove", "restore"])), max_size=25),
    TITLES,
    st.integers(0, 25),
)
def test_titles_follow_the_graph(acts: list[tuple[str, str, str]], text: str, first_asked: int) -> None:
    graph = AlignmentGraph()
    for number, (id, title, act) in enumerate(acts):
        if number == first_asked:
            told(graph.titles)
        change: do.Change
        if act == "remove" and id in graph.nodes:
            change = do.RemoveGoal(id=id)
        elif act == "restore" and id in graph.removed:
            change = do.RestoreGoal(id=id)
        elif id in graph.nodes:
            change = do.UpdateObjective(id=id, title=title)
        elif id not in graph.removed:
            change = do.CreateObjective(id=id, title=title)
        else:
            continue
        before = told(graph.titles) if number >= first_asked else None
        with graph.suppose([change, objective("supposed")], moment(graph)):
            assert told(graph.titles) == told(Titles(graph.nodes))
        assert before is None or told(graph.titles) == before
        graph.decide([change], moment(graph))
        if number % 3 == 0:
            assert told(graph.titles) == told(Titles(graph.nodes))
    assert told(graph.titles) == told(Titles(graph.nodes))
    assert searched(graph.titles, text) == naive(graph, text)


@pytest.mark.parametrize("seed", range(5))
def test_a_search_of_a_random_company_is_what_a_look_at_every_node_finds(seed: int) -> None:
    graph = random_company(seed)
    random = Random(seed)
    words = [word for vertex in graph.nodes.values() for word in titles_room.folded_title(vertex.fact).split()]
    for _ in range(40):
        some = random.sample(words, random.randint(1, 2))
        text = " ".join(word[random.randrange(len(word)) :][:3] for word in some)
        assert searched(graph.titles, text) == naive(graph, text), text


def test_what_is_erased_renamed_or_moved_is_found_by_what_it_is_called_now() -> None:
    graph = grown(do.CreatePerson(id="tom", name="Tom Okafor"), objective("grow"))
    assert searched(graph.titles, "okafor") == [(WORDS, "tom okafor", "tom")]
    done(graph, do.ErasePersonForGood(id="tom"), do.UpdateObjective(id="grow", title="Okafor's plan"))
    assert searched(graph.titles, "okafor") == [(BEGINS, "okafor's plan", "grow")]
    assert searched(graph.titles, "tom") == [(BEGINS, "tom", "tom")]


def test_very_many_changes_put_all_in_order_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(titles_room, "MANY", 3)
    graph = grown(objective("grow"), objective("teach"))
    before = graph.titles.shelf(Objective)
    done(graph, do.UpdateObjective(id="grow", title="Shrink"))
    assert graph.titles.shelf(Objective) is before
    done(graph, *(objective(f"more {number}") for number in range(3)), do.RemoveGoal(id="teach"))
    assert graph.titles.shelf(Objective) is not before
    assert told(graph.titles) == told(Titles(graph.nodes))


def test_what_changes_no_title_touches_nothing() -> None:
    graph = grown(objective("grow"), do.CreateKeyResult(id="sales", objective_id="grow", title="Sales", target=9))
    titles = graph.titles
    done(graph, do.CheckInKeyResult(key_result_id="sales", value=5.0))
    assert titles._touched == set()


def test_a_title_is_no_longer_than_a_cursor_can_hold() -> None:
    facts = (Objective("o", "\ufdfa" * 1000), Objective("p", "x" * 1000))
    titles = AlignmentGraph.build(nodes=[(fact, 1) for fact in facts]).titles.shelf(Objective).titles
    assert [len(titles[fact.id]) for fact in facts] == [1000, 1000]
