"""Changes to links between goals, and to references to nothing."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from graph_service.models.changes.base import Change
from graph_service.models.nodes import Version
from graph_service.models.words import (
    LinkKind,
)


class LinkGoals(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """``from`` supports ``to`` by PARENT, ALIGNED or KEY_RESULT_OF (which moves a key result)."""

    kind = "linkGoals"
    names = "source"
    source: str
    target: str
    link: LinkKind = msgspec.field(name="kind")
    weight: float | None = None


class UpdateLink(LinkGoals, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """Gives a link that exists another weight."""

    kind = "updateLink"


class UnlinkGoals(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """A link between two goals goes; if it was the primary parent, the next one is primary."""

    kind = "unlinkGoals"
    names = "source"
    source: str
    target: str
    link: LinkKind = msgspec.field(name="kind")


class SetPrimaryParent(Change, frozen=True, kw_only=True):
    """One of the parents of an objective becomes the primary one."""

    kind = "setPrimaryParent"
    names = "objective_id"
    objective_id: str
    parent_id: str


class KeepReference(Change, frozen=True, kw_only=True):
    """Keeps a reference to nothing on the node that exists (imports only)."""

    kind = "keepReference"
    names = "node_id"
    node_id: str
    link: LinkKind = msgspec.field(name="kind")
    reference: str
    outgoing: bool = True
    weight: float | None = None
    roles: tuple[str, ...] | None = None


class KeepHistory(Change, frozen=True, kw_only=True):
    """What a goal brings along from another place (imports only): the score and retrospective it was closed with, and
    the yardsticks that its present one has replaced. An absent field keeps what is there."""

    kind = "keepHistory"
    names = "id"
    id: str
    score: float | UnsetType | None = UNSET
    retrospective: str | UnsetType | None = UNSET
    versions: tuple[Version, ...] | UnsetType = UNSET


class ResolveReference(Change, frozen=True, kw_only=True):
    """Turns a broken reference into a link to ``to``, or drops it (``to`` null). ``outgoing`` is only needed where a
    node keeps the same text both ways."""

    kind = "resolveReference"
    names = "node_id"
    node_id: str
    link: LinkKind = msgspec.field(name="kind")
    reference: str
    outgoing: bool | None = None
    to: str | None = None
