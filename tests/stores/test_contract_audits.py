"""The contract of a store (stores/base.py) for audits that are kept, held by every store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from graph_service.errors import StoreUnavailable
from graph_service.stores.base import KeptAudit, Store
from tests.stores.samples import MONDAY
from tests.stores.test_contract import COMPANY, say

MARCH = KeptAudit(date(2026, 3, 2), 3, b'{"alignment":0.9}')
APRIL = KeptAudit(date(2026, 4, 6), 9, bytes(range(256)))
MAY = KeptAudit(date(2026, 5, 4), 12, b"{}")


def test_audits_come_back_by_day(store: Store) -> None:
    assert store.audits() == []
    for one in (APRIL, MAY, MARCH):
        store.keep_audit(one)
    assert store.audits() == [MARCH, APRIL, MAY]


def test_the_newest_of_them_in_order(store: Store) -> None:
    for one in (APRIL, MAY, MARCH):
        store.keep_audit(one)
    assert store.audits(2) == [APRIL, MAY]
    assert store.audits(0) == []
    assert store.audits(9) == [MARCH, APRIL, MAY]


def test_an_audit_takes_the_place_of_the_one_of_its_day(store: Store) -> None:
    store.keep_audit(MARCH)
    store.keep_audit(MAY)
    later = MARCH._replace(revision=4, content=b"{}")
    store.keep_audit(later)
    assert store.audits() == [later, MAY]


def test_audits_stand_outside_the_log(store: Store) -> None:
    say(store, COMPANY)
    before = (store.revision(), store.epoch, store.load(), list(store.changes(0)), list(store.backup(MONDAY)))
    store.keep_audit(MAY)
    after = (store.revision(), store.epoch, store.load(), list(store.changes(0)), list(store.backup(MONDAY)))
    assert after == before
    assert store.verify() == []


def test_a_restore_leaves_them(store: Store) -> None:
    say(store, COMPANY)
    lines = list(store.backup(MONDAY))
    store.keep_audit(MAY)
    store.restore(lines, MONDAY, "ines")
    assert store.audits() == [MAY]


def test_another_handle_sees_an_audit_at_once(opener: Callable[[], Store]) -> None:
    one, two = opener(), opener()
    one.keep_audit(MARCH)
    assert two.audits() == [MARCH]
    two.keep_audit(MAY)
    assert one.audits() == [MARCH, MAY]


def test_they_outlive_the_handle(opener: Callable[[], Store]) -> None:
    first = opener()
    first.keep_audit(MAY)
    first.close()
    assert opener().audits() == [MAY]


def test_a_closed_store_keeps_none(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable):
        store.keep_audit(MAY)
    with pytest.raises(StoreUnavailable):
        store.audits()
