"""What pages name in their content policy."""

from __future__ import annotations

import base64
import hashlib


def hashed(text: str) -> str:
    """A script or style as a content policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
