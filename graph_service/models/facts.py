"""Facts: what a change comes to once it is decided. Logs hold them, stores write them, graphs apply them.

There are few of them on purpose: a store that can write these can hold everything, and an old log needs no old rules
to be folded, since what a change meant on its day is written out.
"""

from __future__ import annotations

from datetime import datetime

from graph_service.models.nodes import BrokenReference, CheckIn, Link, Node, Value, Workspace
from graph_service.models.words import LinkKind


class PutNode(Value, frozen=True, tag_field="fact", tag="put"):
    """A node exists, and this is what is said of it (made new, or said anew)."""

    node: Node


class RemoveNode(Value, frozen=True, tag_field="fact", tag="remove"):
    """A node is gone from the present and takes ``links`` along: all that touch it then. Links, check-ins and broken
    references rest with it, for a restore."""

    id: str
    links: tuple[Link, ...] = ()


class RestoreNode(Value, frozen=True, tag_field="fact", tag="restore"):
    """A removed node is back as it was, with its check-ins and broken references; links are put anew, one by one."""

    id: str


class PutLink(Value, frozen=True, tag_field="fact", tag="link"):
    """A link exists with this weight, place and these roles (made new, or said anew)."""

    link: Link


class RemoveLink(Value, frozen=True, tag_field="fact", tag="unlink", rename={"source": "from", "target": "to"}):
    """A link is gone."""

    source: str
    target: str
    kind: LinkKind


class AddCheckIn(Value, frozen=True, tag_field="fact", tag="check_in"):
    """Something was reported of a goal."""

    check_in: CheckIn


class PutBroken(Value, frozen=True, tag_field="fact", tag="broken"):
    """A node names something that does not exist; the reference is kept as text."""

    reference: BrokenReference


class RemoveBroken(Value, frozen=True, tag_field="fact", tag="unbroken"):
    """A broken reference is resolved or dropped."""

    node: str
    kind: LinkKind
    reference: str
    outgoing: bool = True


class PutWorkspace(Value, frozen=True, tag_field="fact", tag="workspace"):
    """The facts of the workspace are these."""

    workspace: Workspace


class ErasePerson(Value, frozen=True, tag_field="fact", tag="erase"):
    """Name, e-mail and attributes of a person vanish, from every past revision too. The id stays."""

    id: str


Fact = (
    PutNode
    | RemoveNode
    | RestoreNode
    | PutLink
    | RemoveLink
    | AddCheckIn
    | PutBroken
    | RemoveBroken
    | PutWorkspace
    | ErasePerson
)


class Step(Value, frozen=True):
    """One change of an entry: what was asked (``kind`` and ``input``, as the mutation names them), which ``nodes`` it
    touched (sorted), and the facts it came to. ``input`` is None for an imported creation: its facts say it all."""

    kind: str
    nodes: tuple[str, ...]
    facts: tuple[Fact, ...]
    input: dict[str, object] | None = None
    reason: str | None = None


class Entry(Value, frozen=True):
    """One accepted commit: what the log holds of it, in order. ``revision`` counts 1, 2, 3 ...; ``source`` is the door
    it came through (``graphql``, ``cli``, ``import`` ...), ``by`` who asked."""

    revision: int
    at: datetime
    by: str
    source: str
    steps: tuple[Step, ...]
