"""Access tokens as a store keeps them: never the secret, only what knows it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from graph_service.models.words import Scope

PICTURES = ("cascade", "ladder", "org")
"""The views that a token can be narrowed to."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who may come in, and how far: ``digest`` is the SHA-256 of the secret, times are in UTC.

    ``expires`` None: never; ``revoked`` is when it was withdrawn. A ``view`` makes it an embed token: it lets see that
    picture of ``root`` and nothing else (a root of None with the view org: the whole organization). ``name`` stands in
    the log for what it did.
    """

    id: str
    name: str
    scope: Scope
    digest: bytes = field(repr=False)
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    root: str | None = None
    view: str | None = None

    @property
    def embed(self) -> bool:
        """Whether it is for one picture alone."""
        return self.view is not None or self.root is not None

    def valid(self, now: datetime) -> bool:
        """Whether it lets anybody in at a moment: neither withdrawn nor past its time."""
        return self.revoked is None and (self.expires is None or now < self.expires)
