"""Settings: their defaults, what the environment says, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_service.api import Bounds
from graph_service.api.limits import Limits
from graph_service.errors import Invalid
from graph_service.settings import Settings, read_settings

DEFAULTS = {
    "neo4j_password": None,
    "staleness": 0.25,
    "host": "127.0.0.1",
    "port": 8000,
    "max_body": 2_000_000,
    "max_bodies": 100_000_000,
    "max_headers": 100,
    "max_head": 32_000,
    "max_connections": 500,
    "max_waiting": 200,
    "max_subscriptions": 50,
    "max_streams": 20,
    "max_unread": 5_000,
    "max_back": 10_000,
    "follow_interval": 0.02,
    "ping_interval": 20.0,
    "send_time": 10.0,
    "hello_time": 10.0,
    "page": 100,
    "max_page": 1_000,
    "max_depth": 15,
    "max_aliases": 100,
    "max_directives": 50,
    "max_tokens": 2_000,
    "max_cost": 20_000,
    "request_time": 10.0,
    "receive_time": 20.0,
    "idle_time": 5,
    "shutdown_wait": 10,
    "token_rate": 1_000.0,
    "address_rate": 10_000.0,
    "failure_rate": 20.0,
    "trusted_proxies": "",
    "revision_wait": 5.0,
    "audit_rules": "",
    "compress_from": 1_000,
    "cors_origins": "",
    "embed_origins": "",
    "log_format": "auto",
    "log_level": "info",
    "log_addresses": False,
}


def test_the_defaults(user_data: Path) -> None:
    settings = Settings()
    assert settings.store == f"sqlite:///{user_data}/graph-service/workspace.db"
    assert settings.model_dump(exclude={"store"}) == DEFAULTS


def test_without_a_data_folder_the_store_lies_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert Settings().store == "sqlite:////home/ada/.local/share/graph-service/workspace.db"


def test_every_setting_has_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description is not None, name
        assert field.description.endswith("."), name


def test_limits_and_settings_have_the_same_defaults() -> None:
    settings, limits = Settings(), Limits()
    assert limits == Limits(
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        directives=settings.max_directives,
        tokens=settings.max_tokens,
        page=settings.page,
        max_page=settings.max_page,
        cost=settings.max_cost,
        seconds=settings.request_time,
        waiting=settings.max_waiting,
    )


def test_bounds_of_following_and_settings_have_the_same_defaults() -> None:
    settings, bounds = Settings(), Bounds()
    assert (bounds.subscriptions, bounds.connections, bounds.unread, bounds.back) == (
        settings.max_subscriptions,
        settings.max_streams,
        settings.max_unread,
        settings.max_back,
    )
    assert (bounds.interval, bounds.ping, bounds.send_time, bounds.hello_time) == (
        settings.follow_interval,
        settings.ping_interval,
        settings.send_time,
        settings.hello_time,
    )


def test_the_environment_sets_and_what_is_given_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_SERVICE_STORE", "sqlite:///goals.db")
    monkeypatch.setenv("GRAPH_SERVICE_PORT", "9000")
    monkeypatch.setenv("GRAPH_SERVICE_MAX_DEPTH", "20")
    settings = read_settings(port=9001, host=None)
    assert (settings.store, settings.port, settings.max_depth) == ("sqlite:///goals.db", 9001, 20)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "PORT",
            "many",
            (
                "setting port (GRAPH_SERVICE_PORT) is 'many': Input should be a valid integer,"
                " unable to parse string as an integer"
            ),
        ),
        ("PORT", "70000", "setting port (GRAPH_SERVICE_PORT) is '70000': Input should be less than or equal to 65535"),
        (
            "MAX_BODY",
            "0",
            "setting max_body (GRAPH_SERVICE_MAX_BODY) is '0': Input should be greater than or equal to 1",
        ),
        ("STORE", "", "setting store (GRAPH_SERVICE_STORE) is '': String should have at least 1 character"),
        (
            "CORS_ORIGINS",
            "https://goals.example, *",
            (
                "setting cors_origins (GRAPH_SERVICE_CORS_ORIGINS) is 'https://goals.example, *': '*' is no origin;"
                " give scheme, host and port only, as https://goals.example"
            ),
        ),
        ("PAGE", "2000", "page 2000 is more than max_page 1000; lower it or raise that"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"GRAPH_SERVICE_{name}", value)
    with pytest.raises(Invalid) as refused:
        read_settings()
    assert refused.value.message == message


def test_origins_are_those_of_sites() -> None:
    settings = Settings(cors_origins="https://goals.example, http://localhost:3000,")
    assert settings.origins == ("https://goals.example", "http://localhost:3000")
    assert Settings().origins == ()


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "goals.example", "https://goals.example/", "https://Goals.example", "file://x", "https://a b"],
)
def test_what_is_no_origin_is_no_site(origin: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Settings(cors_origins=origin)


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1
