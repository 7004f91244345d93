"""Folding facts, rule by rule, and the facts that do not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graph_service.errors import StoreDamaged
from graph_service.models.facts import (
    AddCheckIn,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
)
from graph_service.models.nodes import BrokenReference, CheckIn, KeyResult, Link, Objective, Person, Team, Workspace
from graph_service.models.words import LinkKind
from graph_service.stores.base import Removed, Snapshot
from graph_service.stores.fold import Folded, fold, loose_ends
from tests.stores.samples import MONDAY, entry, put

GROW = Objective("grow", "Grow revenue")
EXPAND = Objective("expand", "Expand")
SELL = KeyResult("sell", "Sell 100 licences")
ADA = Person("ada", "Ada Lovelace", "ada@example.com", "Analyst", type="post", attributes={"phone": "+44 20"})
LINK = Link("sell", "grow", LinkKind.KEY_RESULT_OF)
OWNS = Link("ada", "grow", LinkKind.OWNS)
REPORT = CheckIn("first", "sell", MONDAY, "cli", 1)


def folded(*groups: Sequence[Fact]) -> Folded:
    """What one entry for each group comes to."""
    return fold([entry(revision, *facts) for revision, facts in enumerate(groups, 1)])


START = (*put(GROW, EXPAND, SELL, ADA), PutLink(LINK), PutLink(OWNS), AddCheckIn(REPORT))


def test_nothing_folds_to_an_empty_workspace() -> None:
    assert fold([]).snapshot("epoch") == Snapshot("epoch", 0, Workspace(), [], [], [], [], [])


def test_the_last_word_counts() -> None:
    state = folded(
        START,
        [PutNode(Objective("grow", "Grow more")), PutLink(Link("sell", "grow", LinkKind.KEY_RESULT_OF, 3.0))],
        [PutWorkspace(Workspace(check_in_days=3)), PutWorkspace(Workspace(check_in_days=4))],
    )
    assert state.snapshot("epoch") == Snapshot(
        "epoch",
        3,
        Workspace(check_in_days=4),
        [(ADA, 1), (EXPAND, 1), (Objective("grow", "Grow more"), 2), (SELL, 2)],
        [OWNS, Link("sell", "grow", LinkKind.KEY_RESULT_OF, 3.0)],
        [REPORT],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("fact", "changed"),
    [
        (PutLink(Link("expand", "grow", LinkKind.PARENT)), "expand"),
        (PutLink(Link("ada", "expand", LinkKind.OWNS)), "expand"),
        (PutLink(Link("ada", "sell", LinkKind.CONTRIBUTES_TO)), "sell"),
        (RemoveLink("sell", "grow", LinkKind.KEY_RESULT_OF), "sell"),
        (RemoveLink("ada", "grow", LinkKind.OWNS), "grow"),
        (AddCheckIn(CheckIn("second", "sell", MONDAY, "cli", 2)), "sell"),
        (PutBroken(BrokenReference("grow", LinkKind.PARENT, "gone")), "grow"),
        (PutNode(EXPAND), "expand"),
        (ErasePerson("ada"), "ada"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_a_fact_raises_the_revision_of_one_node(fact: Fact, changed: str) -> None:
    state = folded(START, [fact])
    assert {id_ for id_, revision in state.revisions.items() if revision == 2} == {changed}


def test_what_is_removed_rests_and_changes_its_neighbours() -> None:
    under = Link("expand", "grow", LinkKind.PARENT)
    state = folded([*START, PutLink(under)], [RemoveNode("grow", (LINK, OWNS, under))])
    assert state.removed == {"grow": Removed(GROW, 2, (OWNS, under, LINK))}
    assert state.links == {}
    assert state.revisions == {"ada": 1, "expand": 2, "sell": 2}
    fold([entry(3, RestoreNode("grow"))], state)
    assert (state.removed, state.revisions["grow"], state.links) == ({}, 3, {})


def test_an_owner_that_is_removed_changes_the_goal() -> None:
    assert folded(START, [RemoveNode("ada", (OWNS,))]).revisions == {"expand": 1, "grow": 2, "sell": 1}


def test_of_an_erased_person_the_post_is_left() -> None:
    left = Person("ada", "ada", job_title="Analyst", active=False, type="post", erased=True)
    assert folded(START, [ErasePerson("ada")]).nodes["ada"] == left
    state = folded(START, [RemoveNode("ada", (OWNS,))], [ErasePerson("ada")])
    assert state.removed["ada"] == Removed(left, 2, (OWNS,))


def test_a_broken_reference_is_mended_by_its_direction() -> None:
    there = BrokenReference("grow", LinkKind.PARENT, "gone", True, 2.0)
    back = BrokenReference("grow", LinkKind.PARENT, "gone", False)
    state = folded(START, [PutBroken(there), PutBroken(back)], [RemoveBroken("grow", LinkKind.PARENT, "gone", False)])
    assert list(state.broken.values()) == [there]


MISFITS: dict[str, tuple[Fact, str]] = {
    "another kind": (PutNode(Team("grow", "Grow")), "the id 'grow' was given out before, to another kind"),
    "a check-in's id": (PutNode(Objective("first", "First")), "the id 'first' was given out before"),
    "a removed id": (PutNode(Objective("gone", "Gone")), "the id 'gone' was given out before"),
    "an erased person": (PutNode(Person("grace", "Grace")), "the person 'grace' is erased"),
    "from nothing": (PutLink(Link("x", "grow", LinkKind.PARENT)), "a link names 'x', which is not there"),
    "to nothing": (PutLink(Link("grow", "x", LinkKind.PARENT)), "a link names 'x', which is not there"),
    "to a removed one": (PutLink(Link("grow", "gone", LinkKind.PARENT)), "a link names 'gone', which is not there"),
    "no link": (RemoveLink("grow", "expand", LinkKind.PARENT), "the link parent from 'grow' to 'expand' is not there"),
    "a check-in's id again": (AddCheckIn(CheckIn("first", "grow", MONDAY, "cli", 4)), "'first' was given out before"),
    "a check-in by a node's id": (AddCheckIn(CheckIn("grow", "grow", MONDAY, "cli", 4)), "'grow' was given out"),
    "a check-in of nothing": (AddCheckIn(CheckIn("second", "x", MONDAY, "cli", 4)), "'x' is not there"),
    "a check-in of another entry": (AddCheckIn(CheckIn("second", "grow", MONDAY, "cli", 3)), "names revision 3"),
    "broken of nothing": (PutBroken(BrokenReference("x", LinkKind.PARENT, "y")), "'x' is not there"),
    "nothing broken": (RemoveBroken("grow", LinkKind.PARENT, "y"), "'grow' has no broken reference parent 'y'"),
    "removing nothing": (RemoveNode("x"), "'x' is not there"),
    "removing what is removed": (RemoveNode("gone"), "'gone' is not there"),
    "taking a link along that is not there": (
        RemoveNode("expand", (Link("expand", "grow", LinkKind.PARENT),)),
        "'expand' has no such link parent from 'expand' to 'grow'",
    ),
    "taking another's link along": (RemoveNode("expand", (LINK,)), "'expand' has no such link key_result_of"),
    "taking a link along that was another": (
        RemoveNode("grow", (Link("sell", "grow", LinkKind.KEY_RESULT_OF, 2.0),)),
        "'grow' has no such link key_result_of",
    ),
    "restoring what is there": (RestoreNode("grow"), "'grow' is not removed"),
    "erasing a goal": (ErasePerson("grow"), "'grow' is no person"),
    "erasing nothing": (ErasePerson("x"), "'x' is no person"),
}


@pytest.mark.parametrize(("fact", "why"), MISFITS.values(), ids=MISFITS.keys())
def test_a_fact_that_does_not_fit(fact: Fact, why: str) -> None:
    before = [*START, *put(Objective("gone", "Gone"), Person("grace", "Grace Hopper"))]
    state = folded(before, [RemoveNode("gone")], [ErasePerson("grace")])
    with pytest.raises(StoreDamaged, match=f"^revision 4: .*{why}"):
        fold([entry(4, fact)], state)


def test_entries_out_of_order() -> None:
    with pytest.raises(StoreDamaged, match="entry 3 of the log follows entry 1"):
        fold([entry(1), entry(3)])
    with pytest.raises(StoreDamaged, match="entry 1 of the log follows entry 1"):
        fold([entry(1), entry(1)])


def test_a_removal_that_forgets_a_link_leaves_a_loose_end() -> None:
    assert loose_ends(folded(START)) == []
    assert loose_ends(folded(START, [RemoveNode("grow", (OWNS,))])) == [
        "the link key_result_of from 'sell' to 'grow' leads to nothing"
    ]
