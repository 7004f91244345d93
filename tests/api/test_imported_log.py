"""The log of an import: what it created and reported stands for itself, the rest is told as it was asked."""

from __future__ import annotations

from datetime import UTC, datetime

from graph_service.models.changes import CheckInKeyResult, CreateKeyResult, CreateObjective, LinkGoals
from graph_service.models.words import LinkKind
from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def test_an_imported_creation_is_told_by_its_facts(clock: Clock) -> None:
    with Workspace.open("sqlite://", clock=clock) as workspace:
        workspace.commit(
            [
                CreateObjective(id="grow", title="Grow revenue"),
                CreateObjective(id="keep", title="Keep customers"),
                CreateKeyResult(id="loyal", title="Customers who stay", objective_id="keep", baseline=80, target=90),
                CheckInKeyResult(id="seen", key_result_id="loyal", value=85, at=NOON, source="import"),
                LinkGoals(source="keep", target="grow", link=LinkKind.PARENT),
            ],
            importing=True,
            source="import",
        )
        rows = Ask(workspace, clock).data("{ changes { edges { node { kind nodes input } } } }")["changes"]["edges"]
    told = [(row["node"]["kind"], row["node"]["nodes"], row["node"]["input"]) for row in rows]
    assert told[0] == (
        "createObjective",
        ["grow"],
        {"facts": [{"fact": "put", "node": {"kind": "objective", "id": "grow", "title": "Grow revenue"}}]},
    )
    assert told[3] == (
        "checkInKeyResult",
        ["loyal"],
        {
            "facts": [
                {
                    "fact": "check_in",
                    "check_in": {
                        "id": "seen",
                        "goal": "loyal",
                        "at": "2026-05-20T12:00:00Z",
                        "source": "import",
                        "revision": 1,
                        "value": 85.0,
                    },
                }
            ]
        },
    )
    assert told[4] == ("linkGoals", ["grow", "keep"], {"from": "keep", "to": "grow", "kind": "parent"})
