"""Who is let in: tokens, their end, and how often somebody may ask."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NoReturn

import pytest

from graph_service.access import OPEN, Access, Caller, Rates, TooOften, Unauthenticated, new_token, secret
from graph_service.access.access import AGE
from graph_service.access.rates import MOST, Buckets, network
from graph_service.alignment.narrow import narrow
from graph_service.alignment.viewer import EVERYBODY
from graph_service.errors import Invalid, StoreUnavailable
from graph_service.models.tokens import Token
from graph_service.models.words import Scope
from graph_service.stores import open_store
from graph_service.stores.base import Store

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HERE = "192.0.2.7"


class Time:
    """A clock that goes on when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 100)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store("sqlite://")) as store:
        yield store


def opened(store: Store, time: Time, *, loopback: bool = True, rates: Rates | None = None) -> Access:
    access = Access(store, loopback=loopback, rates=rates, clock=time.clock, now=time.now)
    access.refresh()
    return access


def made(store: Store, scope: Scope = Scope.WRITE, *, days: int | None = None) -> tuple[Token, str]:
    """A token in the store, and the header that shows it."""
    end = None if days is None else NOON + timedelta(days=days)
    token, text = new_token("nightly import", scope, NOON, expires=end)
    store.put_token(token)
    return token, f"Bearer {text}"


# ---------- the text ----------


def test_a_token_is_an_id_and_a_secret_of_which_the_hash_is_kept() -> None:
    token, text = new_token("nightly import", Scope.READ, NOON)
    prefix, id, said = text.split("_")
    assert (prefix, id) == ("ags", token.id)
    assert len(said) == 64
    assert token == Token(id, "nightly import", Scope.READ, sha256(said.encode()).digest(), NOON)
    assert not token.embed
    assert said not in repr(token)
    other, other_text = new_token("nightly import", Scope.READ, NOON)
    assert (other.id, other.digest, other_text) != (token.id, token.digest, text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 1_001, "two\nlines"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        new_token(name, Scope.READ, NOON)
    assert refused.value.path == ("name",)


@pytest.mark.parametrize(("view", "root"), [("cascade", "grow"), ("ladder", "grow"), ("org", "ada"), ("org", None)])
def test_an_embed_token_says_of_itself_what_it_is(view: str, root: str | None) -> None:
    token, text = new_token("wiki", Scope.READ, NOON, root=root, view=view)
    assert text.split("_")[:2] == ["agse", token.id]
    assert (token.root, token.view, token.embed) == (root, view, True)


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"view": "pie", "root": "grow"}, "view", "view 'pie' is none; give cascade, ladder, org"),
        ({"view": "table", "root": "grow"}, "view", "view 'table' is none; give cascade, ladder, org"),
        ({"view": "cascade"}, "root", "root is missing: the view cascade is of one goal; give its id"),
        ({"view": "ladder"}, "root", "root is missing: the view ladder is of one goal; give its id"),
        ({"root": "grow"}, "view", "view is missing: root 'grow' alone does not say what is shown of it"),
        (
            {"view": "org", "scope": Scope.WRITE},
            "scope",
            "scope write is too much for an embed token, which may only read",
        ),
    ],
)
def test_an_embed_token_that_cannot_be(given: dict[str, str], path: str, message: str) -> None:
    scope = Scope(given.pop("scope", Scope.READ))
    with pytest.raises(Invalid) as refused:
        new_token("wiki", scope, NOON, **given)  # type: ignore[arg-type]
    assert (refused.value.path, refused.value.message) == ((path,), message)


def test_what_was_read_of_a_token_is_not_shown() -> None:
    _, text = new_token("nightly import", Scope.READ, NOON)
    said = secret.read_authorization(f"Bearer {text}")
    assert said is not None
    assert said.secret not in f"{said!r} {said}"


def test_the_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch, store: Store, time: Time) -> None:
    token, header = made(store)
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return hmac.compare_digest(one, two)

    monkeypatch.setattr(secret, "compare_digest", compare)
    access = opened(store, time)
    access.caller([header], HERE)
    unknown = header.replace(token.id, "a" * len(token.id))
    with pytest.raises(Unauthenticated):
        access.caller([unknown], HERE)
    # an unknown id is compared as well, so that it takes as long
    assert [(len(one), two) for one, two in compared] == [(32, token.digest), (32, bytes(32))]


# ---------- coming in ----------


def test_on_the_machine_itself_it_is_open_until_there_is_a_token(store: Store, time: Time) -> None:
    access = opened(store, time)
    assert access.open
    assert access.caller([], HERE) == OPEN
    made(store)
    time.seconds += AGE
    access.refresh()
    assert not access.open
    with pytest.raises(Unauthenticated):
        access.caller([], HERE)


def test_before_the_tokens_were_read_nobody_is_let_in(store: Store, time: Time) -> None:
    _, header = made(store)
    access = Access(store, loopback=True, now=time.now)
    assert not access.open
    for authorizations in ([], [header]):
        with pytest.raises(Unauthenticated):
            access.caller(authorizations, HERE)


def test_it_does_not_open_again_by_itself(store: Store, time: Time) -> None:
    token, _ = made(store, days=1)
    time.seconds += 2 * 86_400
    assert not opened(store, time).open
    store.put_token(replace(token, revoked=NOON))
    assert not opened(store, time).open


def test_from_elsewhere_it_is_never_open(store: Store, time: Time) -> None:
    access = opened(store, time, loopback=False)
    assert not access.open
    with pytest.raises(Unauthenticated):
        access.caller([], HERE)


@pytest.mark.parametrize("scope", Scope)
def test_a_token_lets_in_by_its_name_and_scope(store: Store, time: Time, scope: Scope) -> None:
    token, header = made(store, scope)
    caller = opened(store, time).caller([header], HERE)
    assert caller == Caller(token.id, "nightly import", scope)
    assert opened(store, time).caller([header.replace("Bearer ", "  bEARER   ") + " "], HERE) == caller


def test_an_embed_token_lets_in_to_its_picture(store: Store, time: Time) -> None:
    token, text = new_token("wiki", Scope.READ, NOON, root="grow", view="cascade")
    store.put_token(token)
    access = opened(store, time)
    caller = access.caller([f"Bearer {text}"], HERE)
    assert caller == Caller(token.id, "wiki", Scope.READ, "grow", "cascade")
    assert caller.embed
    assert caller.viewer is narrow("cascade", "grow")
    assert access.holds(caller)
    for other in (replace(token, root="learn"), replace(token, view="ladder"), replace(token, view=None, root=None)):
        store.put_token(other)
        time.seconds += AGE
        assert not access.holds(caller)
    assert not OPEN.embed
    assert OPEN.viewer is EVERYBODY


@pytest.mark.parametrize(("root", "view"), [("grow", None), (None, "pie"), (None, "cascade")])
def test_an_odd_token_shows_nothing(root: str | None, view: str | None) -> None:
    """However it came there, it is not taken for one that sees everything."""
    caller = Caller("id", "odd", Scope.READ, root, view)
    assert caller.embed
    assert caller.viewer is not EVERYBODY


def test_what_a_scope_allows() -> None:
    allowed = {scope: [one for one in Scope if Caller("id", "name", scope).allows(one)] for scope in Scope}
    assert allowed == {
        Scope.READ: [Scope.READ],
        Scope.WRITE: [Scope.READ, Scope.WRITE],
        Scope.ADMIN: [Scope.READ, Scope.WRITE, Scope.ADMIN],
    }
    assert OPEN.allows(Scope.ADMIN)


WRONG = {
    "nothing": "",
    "no scheme": "{text}",
    "another scheme": "Basic {text}",
    "no token": "Bearer",
    "another secret": "Bearer ags_{id}_" + "0" * 64,
    "another id": "Bearer ags_aaaaaaaaaa_{secret}",
    "a cut secret": "Bearer {text_cut}",
    "something behind": "Bearer {text} x",
    "a longer secret": "Bearer {text}0",
    "another prefix": "Bearer agt_{id}_{secret}",
    "capitals": "Bearer {capitals}",
    "letters of other scripts": "Bearer ags_{id}_" + "٠" * 64,
    "a very long text": "Bearer " + "x" * 100_000,
    "the hash": "Bearer ags_{id}_{digest}",
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("loopback", [True, False])
def test_a_token_that_is_none_is_refused_in_one_sentence(store: Store, time: Time, header: str, loopback: bool) -> None:
    token, right = made(store)
    text = right.removeprefix("Bearer ")
    said = text.rpartition("_")[2]
    header = header.format(
        text=text, text_cut=text[:-1], id=token.id, secret=said, capitals=text.upper(), digest=token.digest.hex()
    )
    with pytest.raises(Unauthenticated) as refused:
        opened(store, time, loopback=loopback).caller([header], HERE)
    assert str(refused.value) == "This needs a valid access token, sent as `Authorization: Bearer TOKEN`."


def test_a_token_that_is_none_is_refused_where_it_is_open(store: Store, time: Time) -> None:
    with pytest.raises(Unauthenticated):
        opened(store, time).caller(["Bearer ags_aaaaaaaaaa_" + "0" * 64], HERE)


def test_two_headers_are_no_token(store: Store, time: Time) -> None:
    _, header = made(store)
    with pytest.raises(Unauthenticated):
        opened(store, time).caller([header, header], HERE)


def test_a_token_past_its_time_is_refused(store: Store, time: Time) -> None:
    _, header = made(store, days=1)
    access = opened(store, time)
    time.seconds = 100 + 86_400 - 0.001
    caller = access.caller([header], HERE)
    assert access.holds(caller)
    time.seconds = 100 + 86_400
    with pytest.raises(Unauthenticated):
        access.caller([header], HERE)
    assert not access.holds(caller)


def test_a_withdrawn_token_is_refused_and_holds_no_longer(store: Store, time: Time) -> None:
    token, header = made(store)
    access = opened(store, time)
    caller = access.caller([header], HERE)
    store.put_token(replace(token, revoked=NOON))
    assert access.holds(caller), "what is known is young enough"
    time.seconds += AGE
    assert not access.fresh
    assert not access.holds(caller)
    assert access.fresh
    with pytest.raises(Unauthenticated):
        access.caller([header], HERE)


def test_a_token_of_another_scope_now_holds_no_longer(store: Store, time: Time) -> None:
    token, header = made(store)
    access = opened(store, time)
    caller = access.caller([header], HERE)
    store.put_token(replace(token, scope=Scope.READ))
    time.seconds += AGE
    assert not access.holds(caller)


def test_who_came_in_while_it_was_open_has_to_go_when_it_is_closed(store: Store, time: Time) -> None:
    access = opened(store, time)
    caller = access.caller([], HERE)
    assert access.holds(caller)
    made(store)
    time.seconds += AGE
    assert not access.holds(caller)


def test_the_store_is_asked_at_most_so_often(store: Store, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    tokens = store.tokens

    def counted() -> list[Token]:
        nonlocal asked
        asked += 1
        return tokens()

    monkeypatch.setattr(store, "tokens", counted)
    access = opened(store, time)
    for _ in range(1_000):
        assert access.holds(OPEN)
        time.seconds += AGE / 100
    assert asked == 10


def test_while_the_store_cannot_say_nobody_is_let_in(store: Store, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    access = opened(store, time)

    def gone() -> NoReturn:
        raise StoreUnavailable("the store is gone")

    monkeypatch.setattr(store, "tokens", gone)
    time.seconds += AGE
    with pytest.raises(StoreUnavailable):
        access.refresh()
    with pytest.raises(StoreUnavailable):
        access.holds(OPEN)


def test_nothing_of_a_token_is_logged(store: Store, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token, header = made(store)
    access = opened(store, time)
    access.caller([header], HERE)
    with pytest.raises(Unauthenticated):
        access.caller([header[:-1]], HERE)
    assert header[-64:-1] not in caplog.text
    assert token.digest.hex() not in caplog.text


# ---------- how often ----------


def test_a_bucket_fills_with_time(time: Time) -> None:
    bucket = Buckets(2, 3, time.now)
    assert [bucket.take("ada") for _ in range(3)] == [0, 0, 0]
    assert bucket.take("ada") == 0.5
    assert bucket.take("grace") == 0
    time.seconds += 0.25
    assert bucket.take("ada") == 0.25
    time.seconds += 0.25
    assert bucket.take("ada") == 0
    time.seconds += 1_000
    assert [bucket.take("ada") for _ in range(4)] == [0, 0, 0, 0.5]


def test_as_many_buckets_as_there_is_room_for(time: Time) -> None:
    bucket = Buckets(1, 1, time.now)
    for number in range(MOST + 100):
        bucket.take(str(number))
    assert len(bucket) == MOST
    assert bucket.take("0") == 0, "forgotten"
    assert bucket.take(str(MOST + 99)) == 1


def test_a_token_and_an_address_may_ask_so_often(store: Store, time: Time) -> None:
    _, one = made(store)
    _, two = made(store)
    access = opened(store, time, rates=Rates(token=2, address=3, now=time.now))
    access.caller([one], HERE)
    access.caller([one], HERE)
    with pytest.raises(TooOften) as often:
        access.caller([one], HERE)
    assert (str(often.value), often.value.retry_after) == ("Too many requests with this token; try again in 1 s.", 1)
    with pytest.raises(TooOften, match="from this address"):
        access.caller([two], HERE)
    access.caller([two], "192.0.2.8")
    time.seconds += 0.5
    access.caller([one], HERE)


def test_an_address_may_ask_so_often_where_it_is_open(store: Store, time: Time) -> None:
    access = opened(store, time, rates=Rates(address=2, now=time.now))
    assert [access.caller([], HERE) for _ in range(2)] == [OPEN, OPEN]
    with pytest.raises(TooOften):
        access.caller([], HERE)


def test_refused_tokens_are_counted_and_valid_ones_still_come_in(store: Store, time: Time) -> None:
    _, header = made(store)
    access = opened(store, time, rates=Rates(failures=3, now=time.now))
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            access.caller([header[:-1]], HERE)
    for _ in range(2):
        with pytest.raises(TooOften, match="with a token that is not valid") as often:
            access.caller([header[:-1]], HERE)
        assert often.value.retry_after == 20
    access.caller([header], HERE)
    with pytest.raises(Unauthenticated):
        access.caller([header[:-1]], "192.0.2.8")
    time.seconds += 20
    with pytest.raises(Unauthenticated):
        access.caller([header[:-1]], HERE)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("2001:db8:0:1::9", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted
