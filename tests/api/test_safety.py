"""Writing safely: a change said twice happens once, and one decided on old news is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill

FIELDS = "person { id name } changed { goal { id } before { value } after { value status } }"


def test_the_same_key_gives_the_same_answer(ask: Ask) -> None:
    one = ask.do("createPerson", "person { id }", name="Eve", idempotencyKey="monday")
    ask.do("updateObjective", id="grow", title="Grow")
    two = ask.do("createPerson", "person { id }", name="Eve", idempotencyKey="monday")
    assert two == one
    assert ask.revision == 3
    three = ask.do("createPerson", "person { id }", name="Eve", idempotencyKey="tuesday")
    assert three["person"] != one["person"]


def test_the_same_key_with_another_input_is_refused(ask: Ask) -> None:
    ask.do("createPerson", name="Eve", idempotencyKey="monday")
    (error,) = ask.do("createPerson", name="Zoe", idempotencyKey="monday")["errors"]
    assert error["code"] == "IDEMPOTENCY_MISMATCH"
    assert error["path"] == ["idempotencyKey"]
    assert ask.revision == 2
    (error,) = ask.do("createPerson", name="Eve", idempotencyKey="monday", expectedRevision=2)["errors"]
    assert error["code"] == "IDEMPOTENCY_MISMATCH"


def test_a_key_belongs_to_its_mutation(ask: Ask) -> None:
    ask.do("createPerson", name="Eve", idempotencyKey="monday")
    assert ask.do("createTeam", name="Eve", idempotencyKey="monday")["revision"] == 3


def test_a_refused_change_leaves_its_key_free(ask: Ask) -> None:
    refused = ask.do("createPerson", name=" ", idempotencyKey="monday")
    assert refused["errors"][0]["code"] == "INVALID"
    assert ask.do("createPerson", name="Eve", idempotencyKey="monday")["errors"] == []


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_1_to_200_characters(ask: Ask, key: str) -> None:
    (error,) = ask.do("createPerson", name="Eve", idempotencyKey=key)["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["idempotencyKey"])
    assert ask.revision == 1


def test_an_answer_is_remembered_over_a_restart_and_further_writes(tmp_path: Path) -> None:
    """Also ``changed``, although its numbers are others by then, and for a goal that was removed since."""
    url = f"sqlite:///{tmp_path}/bakery.db"
    fields = "keyResult { id } checkIn { id } " + FIELDS.partition("person { id name } ")[2]
    given: dict[str, Any] = {"keyResultId": "crust", "value": 20, "idempotencyKey": "k"}
    with Workspace.open(url, clock=Clock()) as workspace:
        fill(workspace)
        ask = Ask(workspace, Clock())
        one = ask.do("checkInKeyResult", fields, **given)
        made = ask.do("applyChanges", "ids", changes=[{"createTeam": {"name": "Vans"}}], idempotencyKey="k")
    with Workspace.open(url, clock=Clock()) as workspace:
        ask = Ask(workspace, Clock())
        ask.do("checkInKeyResult", keyResultId="crust", value=11)
        assert ask.do("checkInKeyResult", fields, **given) == one
        assert ask.do("applyChanges", "ids", changes=[{"createTeam": {"name": "Vans"}}], idempotencyKey="k") == made
        ask.do("removeGoal", id="crust")
        again = ask.do("checkInKeyResult", fields, **given)
        assert again["changed"] == one["changed"]
        assert (again["keyResult"], again["checkIn"]) == (None, None)
        assert ask.revision == 5


def test_a_change_decided_on_old_news_is_refused(ask: Ask) -> None:
    ask.do("updateObjective", id="bread", title="Bake the best bread")
    before = ask.revision
    (error,) = ask.do("updateObjective", id="bread", title="Bake any bread", expectedRevision=1)["errors"]
    assert error == {
        "code": "CONFLICT",
        "message": "expectedRevision 1: 'bread' is at revision 2 now; read it again and decide anew",
        "path": ["expectedRevision"],
        "nodes": ["bread"],
        "revision": 2,
    }
    assert ask.revision == before
    assert ask.do("updateObjective", id="bread", title="Bake any bread", expectedRevision=2)["errors"] == []


def test_what_changed_elsewhere_does_not_matter(ask: Ask) -> None:
    ask.do("updateObjective", id="grow", title="Grow")
    assert ask.do("updateObjective", id="bread", title="Bake any bread", expectedRevision=1)["errors"] == []


def test_a_batch_and_a_creation_expect_a_revision_of_the_workspace(ask: Ask) -> None:
    ask.do("updateObjective", id="grow", title="Grow")
    for kind, given in (("createPerson", {"name": "Eve"}), ("applyChanges", {"changes": []})):
        (error,) = ask.do(kind, expectedRevision=1, **given)["errors"]
        assert (error["code"], error["revision"]) == ("CONFLICT", 2)
        assert error["message"].startswith("expectedRevision 1: the workspace is at revision 2 now")
    assert ask.revision == 2
    assert ask.do("createPerson", name="Eve", expectedRevision=2)["revision"] == 3


def test_a_link_expects_the_revision_of_the_goal_that_supports(ask: Ask) -> None:
    ask.do("updateObjective", id="grow", title="Grow")
    link = {"from": "alone", "to": "grow", "kind": "PARENT"}
    assert ask.do("linkGoals", expectedRevision=1, **link)["errors"] == []
    (error,) = ask.do("unlinkGoals", expectedRevision=1, **link)["errors"]
    assert (error["code"], error["nodes"], error["revision"]) == ("CONFLICT", ["alone"], 3)


def test_null_is_no_key_and_no_expectation(ask: Ask) -> None:
    assert ask.do("createPerson", name="Eve", idempotencyKey=None, expectedRevision=None)["revision"] == 2
