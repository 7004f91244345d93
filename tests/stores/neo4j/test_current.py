"""The core of the contract on the current server, whose default language is Cypher 25 where the other's is Cypher 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from graph_service.errors import RevisionMoved, StoreDamaged
from graph_service.models.facts import PutLink
from graph_service.models.nodes import Link
from graph_service.models.words import LinkKind
from graph_service.stores import open_store
from graph_service.stores.base import Store
from tests.stores.neo4j.places import current_workspace
from tests.stores.samples import MONDAY, Historian, drafts
from tests.stores.test_contract import canonical
from tests.stores.test_contract_backup import everything


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with closing(open_store(current_workspace(request))) as opened:
        yield opened


def test_a_long_history_is_that_of_the_embedded_store(store: Store) -> None:
    with closing(open_store("sqlite://")) as other:
        for kept in (store, other):
            historian = Historian(Random(2026))
            for revision in range(60):
                kept.commit([historian.draft()], revision, kept.epoch)
        assert canonical(store.load()._replace(epoch="")) == canonical(other.load()._replace(epoch=""))
        assert everything(store) == everything(other)
        assert store.verify() == []
        other.restore(store.backup(MONDAY), MONDAY, "grace")
        store.restore(other.backup(MONDAY), MONDAY, "grace")
        assert everything(store) == everything(other)
        assert store.verify() == []


def test_what_does_not_fit_is_refused(store: Store) -> None:
    with pytest.raises(StoreDamaged):
        store.commit(drafts(0, [PutLink(Link("grow", "nothing", LinkKind.PARENT))]), 0, store.epoch)
    with pytest.raises(RevisionMoved):
        store.commit(drafts(1, []), 1, store.epoch)
    assert (store.revision(), store.verify()) == (0, [])
