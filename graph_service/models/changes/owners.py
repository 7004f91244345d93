"""Changes to people and teams, and to who is accountable for what."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from graph_service.models.changes.base import Change
from graph_service.models.nodes import Attributes


class CreatePerson(Change, frozen=True, kw_only=True):
    """A new person (or post, or office: ``type`` keeps the word), with a manager and teams if given."""

    kind = "createPerson"
    id: str | None = None
    name: str
    email: str | None = None
    job_title: str | None = None
    manager_id: str | None = None
    team_ids: tuple[str, ...] | None = None
    active: bool | None = None
    type: str | None = None
    attributes: Attributes | None = None


class UpdatePerson(Change, frozen=True, kw_only=True):
    """Other fields of a person. An absent field keeps what is there, null clears it."""

    kind = "updatePerson"
    names = "id"
    id: str
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class DeactivatePerson(Change, frozen=True, kw_only=True):
    """A person left; what they own stays theirs, until it is transferred."""

    kind = "deactivatePerson"
    names = "id"
    id: str
    reason: str | None = None


class ErasePersonForGood(Change, frozen=True, kw_only=True):
    """Name, e-mail and attributes vanish everywhere, from all past revisions too; the id stays."""

    kind = "erasePerson"
    names = "id"
    id: str
    reason: str | None = None


class CreateTeam(Change, frozen=True, kw_only=True):
    """A new team, within another if given."""

    kind = "createTeam"
    id: str | None = None
    name: str
    parent_id: str | None = None
    type: str | None = None
    active: bool | None = None
    attributes: Attributes | None = None


class UpdateTeam(Change, frozen=True, kw_only=True):
    """Other fields of a team; ``parentId`` moves it."""

    kind = "updateTeam"
    names = "id"
    id: str
    name: str | UnsetType | None = UNSET
    parent_id: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


class RemoveTeam(Change, frozen=True, kw_only=True):
    """A team goes; one with goals or sub-teams is refused."""

    kind = "removeTeam"
    names = "id"
    id: str
    reason: str | None = None


class AssignOwner(Change, frozen=True, kw_only=True):
    """The one accountable owner of a goal; null: nobody."""

    kind = "assignOwner"
    names = "goal_id"
    goal_id: str
    owner_id: str | None = None


class SetContributor(Change, frozen=True, kw_only=True):
    """``roles`` are the whole set; an empty one removes the contributor."""

    kind = "setContributor"
    names = "goal_id"
    goal_id: str
    owner_id: str
    roles: tuple[str, ...]


class TransferOwnership(Change, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """Moves goals (absent: all) from one owner to another."""

    kind = "transferOwnership"
    names = "source"
    source: str
    target: str
    goals: tuple[str, ...] | None = None


class SetManager(Change, frozen=True, kw_only=True):
    """The primary manager (null: none), or with ``dotted`` one more, dotted line. ``remove`` takes a line away."""

    kind = "setManager"
    names = "person_id"
    person_id: str
    manager_id: str | None = None
    dotted: bool = False
    remove: bool = False


class SetMembership(Change, frozen=True, kw_only=True):
    """``member`` and ``leads`` (the roles by which the person leads the team; empty: none) where given."""

    kind = "setMembership"
    names = "person_id"
    person_id: str
    team_id: str
    member: bool | None = None
    leads: tuple[str, ...] | None = None
