"""Change: the one closed set of what can be done, in the same words for mutations, imports, the log and suppositions.

A change is a wish. Deciding it against a graph (``alignment.decide``) gives facts or a refusal. Fields carry the names
of the GraphQL inputs (camelCase in JSON). In updates an absent field (UNSET) keeps what is there, null clears it.
"""

from __future__ import annotations

import msgspec

from graph_service.errors import Invalid
from graph_service.models.changes.base import Change
from graph_service.models.changes.goals import (
    CheckInKeyResult,
    CheckInObjective,
    CloseGoal,
    CompleteMilestone,
    CreateKeyResult,
    CreateObjective,
    MilestoneInput,
    ParentInput,
    RemoveGoal,
    RestoreGoal,
    ReviseKeyResult,
    UpdateKeyResult,
    UpdateObjective,
)
from graph_service.models.changes.links import (
    KeepHistory,
    KeepReference,
    LinkGoals,
    ResolveReference,
    SetPrimaryParent,
    UnlinkGoals,
    UpdateLink,
)
from graph_service.models.changes.others import (
    CreateInitiative,
    CreateKpi,
    CreatePeriod,
    CreateRole,
    RemoveInitiative,
    RemoveKpi,
    RemoveRole,
    UpdateInitiative,
    UpdateKpi,
    UpdatePeriod,
    UpdateRole,
    UpdateWorkspace,
)
from graph_service.models.changes.owners import (
    AssignOwner,
    CreatePerson,
    CreateTeam,
    DeactivatePerson,
    ErasePersonForGood,
    RemoveTeam,
    SetContributor,
    SetManager,
    SetMembership,
    TransferOwnership,
    UpdatePerson,
    UpdateTeam,
)

__all__ = [
    "CHANGES",
    "IMPORT_ONLY",
    "AssignOwner",
    "Change",
    "CheckInKeyResult",
    "CheckInObjective",
    "CloseGoal",
    "CompleteMilestone",
    "CreateInitiative",
    "CreateKeyResult",
    "CreateKpi",
    "CreateObjective",
    "CreatePeriod",
    "CreatePerson",
    "CreateRole",
    "CreateTeam",
    "DeactivatePerson",
    "ErasePersonForGood",
    "KeepHistory",
    "KeepReference",
    "LinkGoals",
    "MilestoneInput",
    "ParentInput",
    "RemoveGoal",
    "RemoveInitiative",
    "RemoveKpi",
    "RemoveRole",
    "RemoveTeam",
    "ResolveReference",
    "RestoreGoal",
    "ReviseKeyResult",
    "SetContributor",
    "SetManager",
    "SetMembership",
    "SetPrimaryParent",
    "TransferOwnership",
    "UnlinkGoals",
    "UpdateInitiative",
    "UpdateKeyResult",
    "UpdateKpi",
    "UpdateLink",
    "UpdateObjective",
    "UpdatePeriod",
    "UpdatePerson",
    "UpdateRole",
    "UpdateTeam",
    "UpdateWorkspace",
    "change_from",
    "change_input",
]


def _leaves(base: type[Change]) -> list[type[Change]]:
    found = [base] if base.kind else []
    for below in base.__subclasses__():
        found += _leaves(below)
    return found


CHANGES: dict[str, type[Change]] = {change.kind: change for change in sorted(_leaves(Change), key=lambda c: c.kind)}
"""Every change by the name of its mutation."""

IMPORT_ONLY = frozenset({KeepHistory.kind, KeepReference.kind})
"""Changes that only an import may make; no mutation has their name."""


def change_from(kind: str, fields: object) -> Change:
    """The change that a kind and its JSON fields describe; refuses an unknown kind, field or type, with its name."""
    made = CHANGES.get(kind)
    if made is None:
        raise Invalid(f"'{kind}' is no change; known are {', '.join(CHANGES)}", path=(kind,))
    try:
        return msgspec.convert(fields, made)
    except msgspec.ValidationError as wrong:
        raise Invalid(f"{kind}: {wrong}", path=(kind,)) from None


def change_input(change: Change) -> dict[str, object]:
    """The fields of a change as JSON values, absent ones left out: what :func:`change_from` takes."""
    fields: dict[str, object] = msgspec.to_builtins(change)
    return fields
