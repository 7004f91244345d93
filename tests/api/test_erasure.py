"""A person erased: no answer, log, export or search knows the name any more, at once and after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.errors import NotFound
from graph_service.records import export_records
from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill

EVERYTHING = """{
    owners { edges { node { id name attributes ... on Person { email jobTitle manager { name } reports { name } } } } }
    objectives { edges { node { id owner { name } history { edges { node { by input } } }
        checkIns { edges { node { by { name } note } } } ladder { text mermaid dot } } } }
    changes { totalCount edges { node { kind by input nodes } } }
    orgChart { text mermaid dot }
    search(text: "grace") { totalCount edges { node { id } } }
    found: search(text: "hopper") { totalCount }
    named: owners(filter: { text: "hopper" }) { totalCount }
}"""
GRACE = {"id": "grace", "name": "Grace Hopper", "email": "hopper@bakery.example", "attributes": {"nick": "Hopper"}}


def answers(ask: Ask) -> str:
    """All that is answered, and all that is exported, as one text."""
    ask.limits = Limits(cost=10**7)
    data = ask.data(EVERYTHING)
    with ask.workspace.reading() as graph:
        return json.dumps(data) + json.dumps(list(export_records(graph)), default=str)


def test_nothing_knows_the_name_any_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bakery.db"
    clock = Clock()
    with Workspace.open(url, clock=clock) as workspace:
        fill(workspace)
        ask = Ask(workspace, clock)
        made = ask.do("createPerson", "person { id }", idempotencyKey="monday", managerId="ada", **GRACE)
        assert ask.do("updatePerson", id="grace", name="Grace B. Hopper", jobTitle="Baker")["errors"] == []
        assert ask.do("assignOwner", goalId="bread", ownerId="grace")["errors"] == []
        assert ask.do("checkInObjective", objectiveId="bread", note="Fine.", by="grace")["errors"] == []
        assert "Hopper" in answers(ask) and "hopper@" in answers(ask)
        assert ask.data('{ search(text: "hopper") { totalCount } }')["search"]["totalCount"] == 1

        erased = ask.do("erasePerson", "person { id name email active attributes }", id="grace")
        assert erased["person"] == {"id": "grace", "name": "grace", "email": None, "active": False, "attributes": {}}
        at_once = answers(ask)
        assert "hopper" not in at_once.lower()
        data = ask.data(EVERYTHING)
        assert (data["found"]["totalCount"], data["named"]["totalCount"]) == (0, 0)
        assert data["search"] == {"totalCount": 1, "edges": [{"node": {"id": "grace"}}]}
        assert ask.data('{ objective(id: "bread") { owner { id name } } }')["objective"]["owner"] == {
            "id": "grace",
            "name": "grace",
        }
    with Workspace.open(url, clock=clock) as workspace:
        ask = Ask(workspace, clock)
        assert answers(ask) == at_once
        # Who asks again what was asked then is told what came of it, by id.
        again = ask.do("createPerson", "person { id }", idempotencyKey="monday", managerId="ada", **GRACE)
        assert again == made
        assert workspace.verify() == []
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"hopper" not in held.lower()


@pytest.mark.parametrize("text", ["half \ud800", "\udfff", "ok \ud83d\ude00 pair"])
def test_half_a_character_is_no_part_of_an_answer(ask: Ask, text: str) -> None:
    """No door lets one in; should one come all the same, the refusal can still be written down."""
    refusal = NotFound("nothing", nodes=("grow", text, "Ω"))
    assert refusal.nodes == ("grow", "Ω")
    result = schema.answer(
        "mutation($id: ID!) { removeGoal(input: { id: $id }) { errors { code message nodes } } }",
        Asking(ask.workspace),
        variables={"id": text},
    )
    assert result.errors is None
    assert result.data is not None
    (error,) = result.data["removeGoal"]["errors"]
    assert (error["code"], error["nodes"]) == ("NOT_FOUND", None)
    json.dumps(result.data, ensure_ascii=False).encode()
