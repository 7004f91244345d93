"""Every setting, its default and its sentence.

Each is an environment variable ``GRAPH_SERVICE_`` and its name in capitals (``GRAPH_SERVICE_PORT=8080``); an option of
the command line comes before it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.errors import Invalid

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
        description="Where the facts are kept: sqlite:///name.db, or sqlite:// for a trial in memory.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")
    max_body: Count = Field(default=2_000_000, description="Bytes that a request may have; more is answered with 413.")
    page: Count = Field(default=100, description="Rows of a page where `first` and `last` are absent.")
    max_page: Count = Field(default=1_000, description="Rows that a page or a plain list may have.")
    max_depth: Count = Field(default=15, description="Levels of fields that an operation may have.")
    max_aliases: Count = Field(default=100, description="Aliases that an operation may have, its fragments spread out.")
    max_directives: Count = Field(default=50, description="Directives that an operation may have.")
    max_tokens: Count = Field(default=2_000, description="Tokens that a GraphQL document may have.")
    revision_wait: float = Field(
        default=5.0, ge=0, le=60, description="Seconds that a request with Min-Revision waits for that revision."
    )

    @model_validator(mode="after")
    def _page_fits(self) -> Self:
        if self.page > self.max_page:
            raise ValueError(f"page {self.page} is more than max_page {self.max_page}; lower it or raise that")
        return self


def read_settings(**given: object) -> Settings:
    """The settings of this process: what is given (None: not given), else the environment, else the defaults.

    Invalid names the variable, its value and what is wrong with it.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        if not name:
            raise Invalid(str(first["msg"]).removeprefix("Value error, ")) from None
        raise Invalid(
            f"setting {name} (GRAPH_SERVICE_{name.upper()}) is '{first['input']}': {first['msg']}", path=(name,)
        ) from None
