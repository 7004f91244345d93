"""The text of a token: made once, shown once, and known again by its hash.

``ags_`` and the id, by which the token is found and which is no secret, then the secret: 256 random bits in hex. So a
scanner for leaked secrets can be told what to look for. An embed token, which is meant to stand in a page, begins with
``agse_``: whoever finds one knows that it shows one picture, and the chart that no other is to be had.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from graph_service.errors import Invalid
from graph_service.models.checks import clean_title, shown
from graph_service.models.tokens import PICTURES, Token
from graph_service.models.words import Scope

PREFIX, EMBED = "ags", "agse"
ID_LENGTH = 10
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for another."""

TEXT = re.compile(rf"({PREFIX}|{EMBED})_([{ALPHABET}]{{{ID_LENGTH}}})_([0-9a-f]{{64}})", re.ASCII)

NOBODY = bytes(32)
"""What a secret is compared with where there is no token, so that an unknown id takes as long as a wrong secret."""


class Said(NamedTuple):
    """A token's text, read: its prefix, its id and its secret. Never shown."""

    prefix: str
    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Said({self.prefix!r}, {self.id!r}, ...)"

    def is_of(self, token: Token | None) -> bool:
        """Whether this is the text of a token; the secret is compared in constant time."""
        digest = NOBODY if token is None else token.digest
        same = compare_digest(sha256(self.secret.encode()).digest(), digest)
        return same and token is not None and self.prefix == prefix_of(token)


def prefix_of(token: Token) -> str:
    """What the text of a token begins with."""
    return EMBED if token.embed else PREFIX


def new_token(
    name: str,
    scope: Scope,
    now: datetime,
    *,
    expires: datetime | None = None,
    root: str | None = None,
    view: str | None = None,
) -> tuple[Token, str]:
    """A new token, and its text, which is nowhere else.

    A ``view`` makes it an embed token: it shows that picture of ``root`` (for org None: of the whole organization).
    Invalid for a name that cannot be one, a view that there is not, an embed token that may write or has no root
    where its view needs one, and a root without a view.
    """
    if view is not None and view not in PICTURES:
        raise Invalid(f"view {shown(view)} is none; give {', '.join(PICTURES)}", path=("view",))
    if view is not None and scope is not Scope.READ:
        raise Invalid(f"scope {scope} is too much for an embed token, which may only read", path=("scope",))
    if root is None and view is not None and view != "org":
        raise Invalid(f"root is missing: the view {view} is of one goal; give its id", path=("root",))
    if root is not None and view is None:
        raise Invalid(f"view is missing: root {shown(root)} alone does not say what is shown of it", path=("view",))
    id_ = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    secret = secrets.token_hex(32)
    digest = sha256(secret.encode()).digest()
    token = Token(id_, clean_title(name, "name"), scope, digest, now, expires, root=root, view=view)
    return token, f"{prefix_of(token)}_{id_}_{secret}"


def read_authorization(header: str) -> Said | None:
    """The token in an ``Authorization`` header; None if it holds none."""
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = TEXT.fullmatch(text.strip())
    return None if found is None else Said(*found.groups())
