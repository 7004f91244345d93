"""What a person compares: a goal's numbers, and how they differ before and after.

Stores keep these as JSON and read them by their annotations. A compiled module has none, so these stand in one that is
not compiled.
"""

from __future__ import annotations

from graph_service.alignment.vertices import GoalVertex
from graph_service.models.nodes import Value
from graph_service.models.words import Status


class GoalNumbers(Value, frozen=True):
    """What a person compares: progress, coverage, confidence (shares) and status on a day."""

    value: float | None
    coverage: float
    confidence: float | None
    status: Status


class ProgressChange(Value, frozen=True):
    """A goal whose numbers differ: ``before`` None when it was created, ``after`` None when it was removed."""

    goal: GoalVertex
    before: GoalNumbers | None
    after: GoalNumbers | None
