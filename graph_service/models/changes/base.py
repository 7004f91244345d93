"""What all changes have in common."""

from __future__ import annotations

from typing import ClassVar

from graph_service.models.nodes import Value


class Change(Value, frozen=True, kw_only=True, rename="camel"):
    """Base of all changes. ``kind`` is the name of the mutation; ``names`` the field that holds the one thing it is
    about (none where it makes something new, or is about the workspace)."""

    kind: ClassVar[str] = ""
    names: ClassVar[str | None] = None

    @property
    def subject(self) -> str | None:
        """The id whose revision an ``expectedRevision`` is compared with; None: the workspace's."""
        return None if self.names is None else getattr(self, self.names)
