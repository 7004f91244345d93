"""The text of a token: made once, shown once, and known again by its hash.

``ags_`` and the id, by which the token is found and which is no secret, then the secret: 256 random bits in hex. So a
scanner for leaked secrets can be told what to look for.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from graph_service.models.checks import clean_title
from graph_service.models.tokens import Token
from graph_service.models.words import Scope

PREFIX = "ags"
ID_LENGTH = 10
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for another."""

TEXT = re.compile(rf"{PREFIX}_([{ALPHABET}]{{{ID_LENGTH}}})_([0-9a-f]{{64}})", re.ASCII)

NOBODY = bytes(32)
"""What a secret is compared with where there is no token, so that an unknown id takes as long as a wrong secret."""


class Said(NamedTuple):
    """A token's text, read: its id and its secret. Never shown."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Said({self.id!r}, ...)"

    def is_of(self, token: Token | None) -> bool:
        """Whether this is the secret of a token; compared in constant time."""
        digest = NOBODY if token is None else token.digest
        return compare_digest(sha256(self.secret.encode()).digest(), digest) and token is not None


def new_token(
    name: str, scope: Scope, now: datetime, *, expires: datetime | None = None, root: str | None = None
) -> tuple[Token, str]:
    """A new token, and its text, which is nowhere else. Invalid for a name that cannot be one."""
    id_ = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    secret = secrets.token_hex(32)
    digest = sha256(secret.encode()).digest()
    token = Token(id_, clean_title(name, "name"), scope, digest, now, expires, root=root)
    return token, f"{PREFIX}_{id_}_{secret}"


def read_authorization(header: str) -> Said | None:
    """The token in an ``Authorization`` header; None if it holds none."""
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = TEXT.fullmatch(text.strip())
    return None if found is None else Said(*found.groups())
