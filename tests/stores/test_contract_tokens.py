"""The contract of a store (stores/base.py) for access tokens, held by every store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from graph_service.errors import StoreUnavailable
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.stores.base import Store
from tests.stores.samples import MONDAY, ODD_TEXT, drafts, put
from tests.stores.test_contract import COMPANY, GROW, say

SCRIPT = Token("b4", "nightly import", Scope.WRITE, bytes(range(32)), MONDAY)
CHART = Token(
    "a7",
    ODD_TEXT,
    Scope.READ,
    bytes(32),
    MONDAY + timedelta(microseconds=1),
    MONDAY + timedelta(days=30, microseconds=2),
    MONDAY + timedelta(days=2, microseconds=3),
    "grow",
    "cascade",
)


def test_tokens_come_back_by_id(store: Store) -> None:
    assert store.tokens() == []
    store.put_token(SCRIPT)
    store.put_token(CHART)
    assert store.tokens() == [CHART, SCRIPT]


def test_a_token_takes_the_place_of_the_one_with_its_id(store: Store) -> None:
    store.put_token(SCRIPT)
    store.put_token(CHART)
    withdrawn = replace(SCRIPT, revoked=MONDAY + timedelta(hours=1))
    store.put_token(withdrawn)
    assert store.tokens() == [CHART, withdrawn]


def test_tokens_stand_outside_the_log(store: Store) -> None:
    say(store, COMPANY)
    before = (store.revision(), store.epoch, store.load(), list(store.changes(0)), list(store.backup(MONDAY)))
    store.put_token(CHART)
    after = (store.revision(), store.epoch, store.load(), list(store.changes(0)), list(store.backup(MONDAY)))
    assert after == before
    assert store.verify() == []
    store.commit(drafts(1, put(GROW)), 1, store.epoch)
    assert store.tokens() == [CHART]


def test_another_handle_sees_a_token_at_once(opener: Callable[[], Store]) -> None:
    one, two = opener(), opener()
    one.put_token(SCRIPT)
    assert two.tokens() == [SCRIPT]
    two.put_token(replace(SCRIPT, revoked=MONDAY))
    assert one.tokens() == [replace(SCRIPT, revoked=MONDAY)]


def test_tokens_outlive_the_handle(opener: Callable[[], Store]) -> None:
    first = opener()
    first.put_token(CHART)
    first.close()
    assert opener().tokens() == [CHART]


def test_a_closed_store_has_no_tokens(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        store.tokens()
    with pytest.raises(StoreUnavailable, match="is closed"):
        store.put_token(SCRIPT)


def test_when_a_token_lets_in() -> None:
    day = timedelta(days=1)
    assert SCRIPT.valid(MONDAY + 10_000 * day)
    ending = replace(SCRIPT, expires=MONDAY + day)
    assert ending.valid(MONDAY + day - timedelta(microseconds=1))
    assert not ending.valid(MONDAY + day)
    assert not replace(SCRIPT, revoked=MONDAY).valid(MONDAY)


def test_what_knows_the_secret_again_is_not_shown() -> None:
    assert "digest" not in repr(SCRIPT)
    assert repr(SCRIPT.digest) not in repr(SCRIPT)
