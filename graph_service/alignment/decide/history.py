"""Deciding about what a goal brings along from another place: how it ended, and how it was measured before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.find import find_goal
from graph_service.alignment.decide.key_results import clean_plan, measured
from graph_service.alignment.decide.occasion import Occasion
from graph_service.errors import Invalid
from graph_service.models.changes import KeepHistory
from graph_service.models.checks import (
    clean_id,
    clean_label,
    clean_moment,
    clean_number,
    clean_share,
    clean_text,
    clean_title,
    clean_weight,
    shown,
)
from graph_service.models.facts import Fact, PutNode
from graph_service.models.nodes import KeyResult, Milestone, Version
from graph_service.models.words import GoalState

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


def keep_history(graph: AlignmentGraph, change: KeepHistory, occasion: Occasion) -> Iterator[Fact]:
    """Score, retrospective and earlier yardsticks as another place tells them; only imports bring such."""
    if not occasion.importing:
        raise Invalid("keepHistory is for imports only; close or revise the goal")
    fact = find_goal(graph, change.id, "id").fact
    new = fact
    if change.score is not UNSET:
        if change.score is not None and fact.state is not GoalState.CLOSED:
            raise Invalid(f"score: {shown(fact.id)} is {fact.state.value}; only a closed goal has one", path=("score",))
        new = replace(new, score=clean_share(change.score, "score"))
    if change.retrospective is not UNSET:
        new = replace(new, retrospective=clean_text(change.retrospective, "retrospective"))
    if change.versions is not UNSET:
        if not isinstance(fact, KeyResult):
            raise Invalid(f"versions: {shown(fact.id)} is an objective; only key results have some", path=("versions",))
        new = replace(new, versions=clean_versions(change.versions))
    if new != fact:
        yield PutNode(new)


def clean_versions(given: Sequence[Version]) -> tuple[Version, ...]:
    """Earlier yardsticks, oldest first: each is held to what any yardstick is held to, and has a moment, somebody who
    replaced it and a reason."""
    versions = []
    for number, version in enumerate(given):
        try:
            versions.append(_clean(version))
        except Invalid as wrong:
            raise wrong.under("versions", str(number)) from None
    return tuple(versions)


def _clean(version: Version) -> Version:
    at = clean_moment(version.at)
    reason = clean_text(version.reason, "reason")
    if at is None or reason is None:
        raise Invalid("reason is empty; say why the key result was measured otherwise", path=("reason",))
    yardstick = measured(
        KeyResult(
            id="version",
            title="version",
            measure=version.measure,
            comparison=version.comparison,
            baseline=clean_number(version.baseline, "baseline"),
            target=clean_number(version.target, "target"),
            target_min=clean_number(version.target_min, "targetMin"),
            target_max=clean_number(version.target_max, "targetMax"),
            unit=clean_label(version.unit, "unit"),
            aggregate=version.aggregate,
            plan=clean_plan(version.plan),
            milestones=_milestones(version.milestones),
        )
    )
    return Version(
        at=at,
        by=clean_title(version.by, "by"),
        reason=reason,
        measure=yardstick.measure,
        comparison=yardstick.comparison,
        baseline=yardstick.baseline,
        target=yardstick.target,
        target_min=yardstick.target_min,
        target_max=yardstick.target_max,
        unit=yardstick.unit,
        aggregate=yardstick.aggregate,
        plan=yardstick.plan,
        milestones=yardstick.milestones,
    )


def _milestones(given: Sequence[Milestone]) -> tuple[Milestone, ...]:
    made: dict[str, Milestone] = {}
    for number, one in enumerate(given):
        try:
            id, weight = clean_id(one.id), clean_weight(one.weight)
            if id in made:
                raise Invalid(f"milestone id {shown(id)} is there twice; give each its own", path=("id",))
            made[id] = replace(one, title=clean_title(one.title), weight=1.0 if weight is None else weight)
        except Invalid as wrong:
            raise wrong.under("milestones", str(number)) from None
    return tuple(made.values())
