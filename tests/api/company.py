"""A small bakery for the tests of the API: its goals, people and reports, and somebody who asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.models.changes import change_from
from graph_service.workspace import Workspace

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
"""When everything in these tests happens, unless a test moves the clock."""

COMPANY: list[tuple[str, dict[str, Any]]] = [
    ("createPeriod", {"id": "2026", "title": "The year 2026", "start": "2026-01-01", "end": "2026-12-31"}),
    (
        "createPeriod",
        {"id": "spring", "title": "Spring", "start": "2026-04-01", "end": "2026-06-30", "withinId": "2026"},
    ),
    ("createTeam", {"id": "bakery", "name": "Bakery"}),
    ("createTeam", {"id": "ovens", "name": "Ovens", "parentId": "bakery"}),
    ("createTeam", {"id": "shops", "name": "Shops", "active": False}),
    ("createPerson", {"id": "ada", "name": "Ada Baker", "email": "ada@bakery.example", "jobTitle": "Head"}),
    ("createPerson", {"id": "ben", "name": "Ben Müller", "managerId": "ada", "teamIds": ["ovens"]}),
    ("createPerson", {"id": "cleo", "name": "Cleo", "managerId": "ben", "teamIds": ["bakery", "ovens"]}),
    ("createPerson", {"id": "dora", "name": "Dora", "active": False}),
    ("setManager", {"personId": "cleo", "managerId": "ada", "dotted": True}),
    ("setMembership", {"personId": "ben", "teamId": "ovens", "leads": ["chair"]}),
    (
        "createObjective",
        {
            "id": "grow",
            "title": "Grow revenue",
            "description": "So that we can hire.",
            "level": "organization",
            "ownerId": "ada",
            "periodId": "2026",
            "themes": ["money"],
            "ambition": "aspirational",
        },
    ),
    (
        "createKeyResult",
        {
            "id": "sales",
            "objectiveId": "grow",
            "title": "Sell more loaves",
            "baseline": 0,
            "target": 100,
            "unit": "loaves",
        },
    ),
    (
        "createObjective",
        {
            "id": "bread",
            "title": "Bake better bread",
            "level": "team",
            "ownerId": "ovens",
            "periodId": "spring",
            "parents": [{"id": "grow", "weight": 2}],
        },
    ),
    (
        "createKeyResult",
        {
            "id": "crust",
            "objectiveId": "bread",
            "title": "Crust tests passed",
            "baseline": 10,
            "target": 20,
            "ownerId": "ben",
        },
    ),
    (
        "createKeyResult",
        {
            "id": "fresh",
            "objectiveId": "bread",
            "title": "Fresh at noon",
            "target": 0.9,
            "comparison": "at_least",
            "weight": 3,
        },
    ),
    (
        "createKeyResult",
        {
            "id": "oven",
            "objectiveId": "bread",
            "title": "New oven runs",
            "milestones": [
                {"id": "bought", "title": "Oven bought", "due": "2026-04-30"},
                {"id": "lit", "title": "Oven lit", "weight": 3},
            ],
        },
    ),
    ("createObjective", {"id": "sweets", "title": "Offer sweets", "ownerId": "cleo", "parents": [{"id": "sales"}]}),
    ("createObjective", {"id": "alone", "title": "Écoles de pain", "ownerId": "dora"}),
    ("createObjective", {"id": "idea", "title": "Open at night", "state": "draft", "level": "organization"}),
    ("linkGoals", {"from": "alone", "to": "idea", "kind": "aligned"}),
    ("unlinkGoals", {"from": "alone", "to": "idea", "kind": "aligned"}),
    ("linkGoals", {"from": "sweets", "to": "bread", "kind": "aligned"}),
    ("setContributor", {"goalId": "bread", "ownerId": "cleo", "roles": ["taster"]}),
    (
        "checkInKeyResult",
        {
            "id": "first",
            "keyResultId": "crust",
            "value": 12,
            "confidence": 0.5,
            "by": "ben",
            "at": "2026-04-20T09:00:00Z",
        },
    ),
    (
        "checkInKeyResult",
        {"id": "typo", "keyResultId": "crust", "value": 51, "by": "ben", "at": "2026-05-11T09:00:00Z"},
    ),
    (
        "checkInKeyResult",
        {
            "id": "second",
            "keyResultId": "crust",
            "value": 15,
            "confidence": 0.7,
            "by": "ben",
            "replaces": "typo",
            "reportedStatus": "behind",
            "note": "The flour was late.",
            "at": "2026-05-11T09:00:00Z",
        },
    ),
    ("checkInKeyResult", {"id": "noon", "keyResultId": "fresh", "value": 0.95, "at": "2026-05-18T09:00:00Z"}),
    ("checkInKeyResult", {"id": "sold", "keyResultId": "sales", "value": 20, "at": "2026-05-19T09:00:00Z"}),
    ("completeMilestone", {"keyResultId": "oven", "milestoneId": "bought", "doneAt": "2026-04-28"}),
    (
        "createInitiative",
        {
            "id": "mill",
            "title": "Our own mill",
            "ownerId": "cleo",
            "supports": ["bread"],
            "tasks": [{"title": "Find a mill", "url": "https://mills.example/1", "done": True}],
        },
    ),
    (
        "createKpi",
        {"id": "queue", "title": "Queue at noon", "unit": "people", "max": 8, "value": 9, "keyResults": ["fresh"]},
    ),
    (
        "createRole",
        {
            "id": "baker",
            "title": "Head baker",
            "outcomes": ["bread"],
            "metrics": ["crust"],
            "areas": ["ovens"],
            "brings": ["patience"],
            "holders": ["ben"],
        },
    ),
]


class Clock:
    """The time, which only a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Answer:
    """What came back: data, errors, extensions."""

    def __init__(self, data: dict[str, Any] | None, errors: list[dict[str, Any]], extensions: dict[str, Any]) -> None:
        self.data = data
        self.errors = errors
        self.extensions = extensions

    @property
    def code(self) -> str:
        """The code of the only error."""
        (error,) = self.errors
        code: str = error["extensions"]["code"]
        return code

    @property
    def message(self) -> str:
        """The sentence of the only error."""
        (error,) = self.errors
        message: str = error["message"]
        return message


class Ask:
    """Asks the schema, as the door does."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self.limits = Limits()

    def __call__(self, query: str, operation: str | None = None, **variables: Any) -> Answer:
        """Data and errors."""
        asking = Asking(self.workspace, limits=self.limits, request_id="request-1", patience=0)
        result = schema.answer(query, asking, variables=variables, operation_name=operation)
        errors: list[dict[str, Any]] = [dict(error.formatted) for error in result.errors or ()]
        return Answer(result.data, errors, result.extensions or {})

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self(query, **variables)
        assert answer.errors == []
        assert answer.data is not None
        return answer.data

    def do(self, kind: str, fields: str = "", /, **given: Any) -> dict[str, Any]:
        """The payload of one mutation."""
        name = "LinkGoalsInput" if kind == "updateLink" else kind[0].upper() + kind[1:] + "Input"
        payload: dict[str, Any] = self.data(
            f"mutation($input: {name}!) {{ {kind}(input: $input) {{ errors {{ code message path nodes revision }}"
            f" revision changedCount {fields} }} }}",
            input=given,
        )[kind]
        return payload

    @property
    def revision(self) -> int:
        """The present revision."""
        with self.workspace.reading() as graph:
            return graph.revision


def fill(workspace: Workspace, changes: Iterable[tuple[str, dict[str, Any]]] = COMPANY) -> None:
    """Puts the bakery into an empty workspace, in one revision."""
    workspace.commit([change_from(kind, dict(fields)) for kind, fields in changes], kind="applyChanges", by="setup")
