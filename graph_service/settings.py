"""Every setting, its default and its sentence.

Each is an environment variable ``GRAPH_SERVICE_`` and its name in capitals (``GRAPH_SERVICE_PORT=8080``); an option of
the command line comes before it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.errors import Invalid

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\Z", re.ASCII)
"""As browsers write an origin: in lower case, without a path; nothing stands for all sites."""

Rate = Annotated[float, Field(gt=0, le=1_000_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]


def default_store() -> str:
    """The address of the store where none is named: a file in the user's data folder."""
    folder = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return f"sqlite:///{Path(folder).expanduser().absolute()}/graph-service/workspace.db"


class Settings(BaseSettings):
    """The settings of a running service."""

    model_config = SettingsConfigDict(env_prefix="GRAPH_SERVICE_", frozen=True, extra="forbid")

    store: str = Field(
        default_factory=default_store,
        min_length=1,
        description="Where the facts are kept: sqlite:///name.db, sqlite:// for a trial in memory, or neo4j://host.",
    )
    neo4j_password: SecretStr | None = Field(
        default=None, description="The password for a Neo4j server; it has no place in the address."
    )
    staleness: float = Field(
        default=0.25,
        gt=0,
        le=60,
        description="Seconds that a read may be behind what other instances have written to a store on a server.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")
    max_body: Count = Field(default=2_000_000, description="Bytes that a request may have; more is answered with 413.")
    max_bodies: Count = Field(
        default=100_000_000, description="Bytes that all bodies held at a time may have; more is answered with 503."
    )
    max_headers: Count = Field(default=100, description="Headers that a request may have; more are answered with 431.")
    max_head: Annotated[int, Field(ge=1_000, le=60_000)] = Field(
        default=32_000, description="Bytes that the address and headers of a request may have."
    )
    max_connections: Count = Field(default=500, description="Open connections; a further one is answered with 503.")
    max_waiting: Count = Field(
        default=200, description="Operations that may wait for their turn; a further one is answered with 503."
    )
    page: Count = Field(default=100, description="Rows of a page where `first` and `last` are absent.")
    max_page: Count = Field(default=1_000, description="Rows that a page or a plain list may have.")
    max_depth: Count = Field(default=15, description="Levels of fields that an operation may have.")
    max_aliases: Count = Field(default=100, description="Aliases that an operation may have, its fragments spread out.")
    max_directives: Count = Field(default=50, description="Directives that an operation may have.")
    max_tokens: Count = Field(default=2_000, description="Tokens that a GraphQL document may have.")
    max_cost: Count = Field(default=20_000, description="Objects that an operation may bring, as estimated before it.")
    request_time: float = Field(
        default=10.0, gt=0, le=3600, description="Seconds that an operation may take, waiting included."
    )
    receive_time: float = Field(
        default=20.0, gt=0, le=3600, description="Seconds within which a request, once begun, has to be there."
    )
    idle_time: Annotated[int, Field(ge=1, le=3600)] = Field(
        default=5, description="Seconds that a connection is kept open for a further request."
    )
    shutdown_wait: Annotated[int, Field(ge=0, le=3600)] = Field(
        default=10, description="Seconds that running requests have to finish when the service stops."
    )
    token_rate: Rate = Field(default=1_000, description="Requests a second that one access token may make.")
    address_rate: Rate = Field(default=10_000, description="Requests a second that may come from one address.")
    failure_rate: Rate = Field(
        default=20, description="Requests a minute with a token that is not valid, from one address."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of proxies whose X-Forwarded-For is believed, separated by commas; none by default.",
    )
    revision_wait: float = Field(
        default=5.0, ge=0, le=60, description="Seconds that a request with Min-Revision waits for that revision."
    )
    audit_rules: str = Field(
        default="", description="A rules file for the findings of the audit; see `graph-service audit rules --show`."
    )
    max_subscriptions: Count = Field(
        default=50, description="Operations, subscriptions among them, that one WebSocket may have under way."
    )
    max_streams: Count = Field(
        default=20,
        description="Connections for following that one token (an embed token: at one address), or one address without "
        "a token, may have open.",
    )
    max_unread: Count = Field(
        default=5_000, description="Events that wait for a slow reader; with one more its subscription is ended."
    )
    max_back: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=10_000, description="Revisions that a subscription may go back by `after`, and that are kept for it."
    )
    follow_interval: float = Field(
        default=0.02,
        gt=0,
        le=60,
        description="Seconds between two looks for what others commit, while somebody follows.",
    )
    ping_interval: float = Field(
        default=20.0, gt=0, le=3600, description="Seconds between two signs of life on a connection for following."
    )
    send_time: float = Field(
        default=10.0, gt=0, le=3600, description="Seconds that a reader may take nothing before its connection is cut."
    )
    hello_time: float = Field(
        default=10.0, gt=0, le=3600, description="Seconds within which a new WebSocket has to send connection_init."
    )
    compress_from: Annotated[int, Field(ge=0, le=1_000_000_000)] = Field(
        default=1_000, description="Bytes from which on an answer is compressed for who takes gzip."
    )
    cors_origins: str = Field(
        default="",
        description="Sites whose pages may ask from a browser, as https://goals.example, separated by commas.",
    )
    embed_origins: str = Field(
        default="",
        description="Sites whose pages may show charts in a frame, as https://wiki.example, separated by commas.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="How the log is written: json, text, or auto (text on a terminal, else json)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What is told in the log: debug, info, warning or error, and what is graver."
    )
    log_addresses: bool = Field(
        default=False, description="Whether the log tells the network addresses that requests come from."
    )

    @property
    def password(self) -> str | None:
        """The password for a server, to be handed on and never shown."""
        return None if self.neo4j_password is None else self.neo4j_password.get_secret_value()

    @property
    def origins(self) -> tuple[str, ...]:
        """The sites of ``cors_origins``, in order."""
        return tuple(filter(None, (one.strip() for one in self.cors_origins.split(","))))

    @property
    def embedders(self) -> tuple[str, ...]:
        """The sites of ``embed_origins``, in order."""
        return tuple(filter(None, (one.strip() for one in self.embed_origins.split(","))))

    @field_validator("cors_origins", "embed_origins")
    @classmethod
    def _are_origins(cls, given: str) -> str:
        for one in filter(None, (one.strip() for one in given.split(","))):
            if not ORIGIN.match(one):
                raise ValueError(f"'{one}' is no origin; give scheme, host and port only, as https://goals.example")
        return given

    @model_validator(mode="after")
    def _page_fits(self) -> Self:
        if self.page > self.max_page:
            raise ValueError(f"page {self.page} is more than max_page {self.max_page}; lower it or raise that")
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on an address.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "goals.example")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        return False


def read_settings(**given: object) -> Settings:
    """The settings of this process: what is given (None: not given), else the environment, else the defaults.

    Invalid names the variable, its value and what is wrong with it.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        why = str(first["msg"]).removeprefix("Value error, ")
        if not name:
            raise Invalid(why) from None
        raise Invalid(
            f"setting {name} (GRAPH_SERVICE_{name.upper()}) is '{first['input']}': {why}", path=(name,)
        ) from None
