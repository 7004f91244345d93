"""Deciding: a wish (Change) against the graph gives facts, or a refusal that says why.

Every rule about what may be done stands here, once, for mutations, imports and suppositions alike. Facts are yielded
one by one and taken in by the graph before the next is asked for, so a rule sees what the change has done so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graph_service.alignment.decide import check_ins, goals, history, key_results, links, others, people
from graph_service.alignment.decide.occasion import Occasion
from graph_service.errors import Invalid
from graph_service.models import changes
from graph_service.models.changes import Change
from graph_service.models.checks import clean_text
from graph_service.models.facts import Fact

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph

Decider = Callable[["AlignmentGraph", Any, Occasion], Iterator[Fact]]

DECIDERS: dict[type[Change], Decider] = {
    changes.CreateObjective: goals.create_objective,
    changes.UpdateObjective: goals.update_objective,
    changes.CloseGoal: goals.close_goal,
    changes.KeepHistory: history.keep_history,
    changes.RemoveGoal: goals.remove_goal,
    changes.RestoreGoal: goals.restore_goal,
    changes.CreateKeyResult: key_results.create_key_result,
    changes.UpdateKeyResult: key_results.update_key_result,
    changes.ReviseKeyResult: key_results.revise_key_result,
    changes.CheckInKeyResult: check_ins.check_in_key_result,
    changes.CheckInObjective: check_ins.check_in_objective,
    changes.CompleteMilestone: check_ins.complete_milestone,
    changes.LinkGoals: links.link_goals,
    changes.UpdateLink: links.update_link,
    changes.UnlinkGoals: links.unlink_goals,
    changes.SetPrimaryParent: links.set_primary_parent,
    changes.KeepReference: links.keep_reference,
    changes.ResolveReference: links.resolve_reference,
    changes.CreatePerson: people.create_person,
    changes.UpdatePerson: people.update_person,
    changes.DeactivatePerson: people.deactivate_person,
    changes.ErasePersonForGood: people.erase_person,
    changes.CreateTeam: people.create_team,
    changes.UpdateTeam: people.update_team,
    changes.RemoveTeam: people.remove_team,
    changes.AssignOwner: people.assign_owner,
    changes.SetContributor: people.set_contributor,
    changes.TransferOwnership: people.transfer_ownership,
    changes.SetManager: people.set_manager,
    changes.SetMembership: people.set_membership,
    changes.CreatePeriod: others.create_period,
    changes.UpdatePeriod: others.update_period,
    changes.UpdateWorkspace: others.update_workspace,
    changes.CreateInitiative: others.create_initiative,
    changes.UpdateInitiative: others.update_initiative,
    changes.RemoveInitiative: others.remove_other,
    changes.CreateKpi: others.create_kpi,
    changes.UpdateKpi: others.update_kpi,
    changes.RemoveKpi: others.remove_other,
    changes.CreateRole: others.create_role,
    changes.UpdateRole: others.update_role,
    changes.RemoveRole: others.remove_other,
}


def decide(graph: AlignmentGraph, change: Change, occasion: Occasion) -> Iterator[Fact]:
    """The facts that a change comes to on this graph; raises a Refusal where it cannot be."""
    decider = DECIDERS.get(type(change))
    if decider is None:
        raise Invalid(f"{change.kind} is no change that can be made")
    clean_text(getattr(change, "reason", None), "reason")  # it goes to the log as it is given
    return decider(graph, change, occasion)


__all__ = ["Occasion", "decide"]
