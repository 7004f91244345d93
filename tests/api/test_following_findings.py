"""Following findings over a WebSocket and an event stream: what is told to whom, from where on, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from graph_service.models.changes import CheckInKeyResult, change_from
from graph_service.workspace import Workspace
from tests.api.company import NOON, fill
from tests.api.lines import Server, line, served, streamed

FINDINGS = """subscription(
        $rules: [String!], $severity: Severity, $owner: ID, $after: Int, $asOf: Date, $epoch: String
    ) {
    findingsChanged(
        rules: $rules, severity: $severity, owner: $owner, after: $after, asOf: $asOf, epoch: $epoch
    ) {
        revision asOf epoch at appearedCount goneCount changedCount
        appeared { rule severity subject { id } owner { id } }
        gone(first: 1) { rule message subject { id } }
        changed { before { facts } now { facts } }
    } }"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process that serves the bakery; tests add to it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bakery')}/bakery.db"
    with Workspace.open(url, clock=lambda: NOON) as workspace:
        fill(workspace)
    with served(url) as server:
        server.url = url
        yield server


@pytest.fixture(scope="module")
def bakery(server: Server) -> Iterator[Workspace]:
    """The same store, written by another process than the one that serves it, on the same days."""
    with Workspace.open(server.url) as workspace:
        yield workspace


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def sell(workspace: Workspace, value: float) -> int:
    return workspace.commit([CheckInKeyResult(key_result_id="sales", value=value)]).revision


def own(workspace: Workspace, owner: str | None, goal: str = "grow") -> int:
    return workspace.commit([change_from("assignOwner", {"goalId": goal, "ownerId": owner})]).revision


def rules(event: dict[str, Any], what: str) -> list[tuple[str, str]]:
    return [(one["rule"], one["subject"]["id"]) for one in event[what]]


def test_findings_are_told_as_another_process_makes_and_mends_them(server: Server, bakery: Workspace) -> None:
    sell(bakery, 5.0)
    own(bakery, "ada")
    before = bakery.follow()
    with line(server.socket_url) as it:
        it.follow(FINDINGS, after=before, rules=["NO_OWNER", "NEGATIVE"])
        nobody = own(bakery, None)
        event = it.told()
        assert event["at"] is not None
        del event["at"]
        assert event == {
            "revision": nobody,
            "asOf": today(),
            "epoch": bakery.epoch,
            "appearedCount": 1,
            "goneCount": 0,
            "changedCount": 0,
            "appeared": [{"rule": "NO_OWNER", "severity": "ERROR", "subject": {"id": "grow"}, "owner": None}],
            "gone": [],
            "changed": [],
        }
        sell(bakery, 6.0)  # nothing for who follows these rules
        low = sell(bakery, -10.0)
        event = it.told()
        assert (event["revision"], rules(event, "appeared")) == (low, [("NEGATIVE", "sales")])
        lower = sell(bakery, -20.0)
        event = it.told()
        assert (event["revision"], event["changedCount"], event["appearedCount"]) == (lower, 1, 0)
        assert [(one["before"]["facts"]["raw"], one["now"]["facts"]["raw"]) for one in event["changed"]] == [
            (-0.1, -0.2)
        ]
        mended = bakery.commit(
            [
                CheckInKeyResult(key_result_id="sales", value=10.0),
                change_from("assignOwner", {"goalId": "grow", "ownerId": "ben"}),
            ]
        ).revision
        event = it.told()
        assert (event["revision"], event["goneCount"]) == (mended, 2)
        assert [(one["rule"], one["subject"]["id"], one["message"]) for one in event["gone"]] == [
            ("NO_OWNER", "grow", "'Grow revenue' has no owner, nor has its key result")
        ]


def test_they_are_told_in_order_and_each_once_to_all_who_follow(server: Server, bakery: Workspace) -> None:
    own(bakery, "ada")
    before = bakery.follow()
    with line(server.socket_url) as it:
        it.follow(FINDINGS, id="owners", after=before, rules=["NO_OWNER"])
        it.follow(FINDINGS, id="everything", after=before)
        it.follow(FINDINGS, id="grave", after=before, severity="ERROR")
        changes = [own(bakery, owner) for owner in (None, "ada", None, "ada", None, "ada")]
        heard: dict[str, list[int]] = {"owners": [], "everything": [], "grave": []}
        while not all(len(one) >= len(changes) for one in heard.values()):
            message = it.hear()
            heard[message["id"]].append(message["payload"]["data"]["findingsChanged"]["revision"])
        assert heard == dict.fromkeys(heard, changes)


def test_who_follows_an_owner_hears_of_their_goals_as_they_come_and_go(server: Server, bakery: Workspace) -> None:
    own(bakery, "ada")
    bakery.commit([change_from("updateObjective", {"id": "grow", "description": None})])
    before = bakery.follow()
    with line(server.socket_url) as it:
        it.follow(FINDINGS, id="ada", after=before, owner="ada", rules=["NO_WHY"])
        it.follow(FINDINGS, id="ben", after=before, owner="ben", rules=["NO_WHY"])
        moved = own(bakery, "ben")
        heard = {}
        for _ in range(2):
            message = it.hear()
            event = message["payload"]["data"]["findingsChanged"]
            heard[message["id"]] = (event["revision"], rules(event, "appeared"), rules(event, "gone"))
        assert heard == {
            "ada": (moved, [], [("NO_WHY", "grow")]),
            "ben": (moved, [("NO_WHY", "grow")], []),
        }
    bakery.commit([change_from("updateObjective", {"id": "grow", "description": "So that we can hire."})])


def test_what_days_have_done_since_is_told_first(server: Server, bakery: Workspace) -> None:
    now = bakery.follow()
    with line(server.socket_url) as it:
        it.follow(FINDINGS, id="then", after=now, asOf="2026-05-20", rules=["OVERDUE"])
        event = it.told("then")
        assert (event["revision"], event["at"], event["asOf"]) == (now, None, today())
        assert ("OVERDUE", "bread") in rules(event, "appeared")
        it.follow(FINDINGS, id="now", after=now, rules=["NO_OWNER"])
        own(bakery, None)
        assert it.told("now")["revision"] == now + 1, "nothing of the days is told to who has read today"
        own(bakery, "ada")


def test_what_was_before_the_process_began_is_told_as_well(server: Server, bakery: Workspace) -> None:
    with line(server.socket_url) as it:
        it.follow(FINDINGS, after=0)
        event = it.told()
        assert event["asOf"] == "2026-05-20", "the day on which it was filled"
        assert event["appearedCount"] >= 1
        newest = bakery.follow()
        while event["revision"] < newest:
            before, event = event, it.told()
            assert (before["revision"], before["asOf"]) < (event["revision"], event["asOf"])


def test_an_event_stream_goes_on_after_revision_and_day(server: Server, bakery: Workspace) -> None:
    own(bakery, "ada")
    query = 'subscription { findingsChanged(rules: ["NO_OWNER"]) { revision asOf goneCount appearedCount } }'
    with streamed(server.base, query) as stream:
        assert stream.chunk() == ": following\r\n\r\n"
        first = own(bakery, None)
        event = stream.event()
        assert event is not None
        assert event["id"] == f"{bakery.epoch}/{first}/{today()}"
        assert json.loads(event["data"])["data"]["findingsChanged"]["appearedCount"] == 1
    second = own(bakery, "ada")
    with streamed(server.base, query, Last_Event_ID=event["id"]) as stream:
        assert stream.told() == {"revision": second, "asOf": today(), "goneCount": 1, "appearedCount": 0}
    with streamed(server.base, query, Last_Event_ID=f"{bakery.epoch}/{first}/2026-14-01") as stream:
        assert stream.refused()["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_name_that_was_told_before_is_not_told_again_once_it_is_erased(server: Server, bakery: Workspace) -> None:
    before = bakery.follow()
    bakery.commit([change_from("createPerson", {"id": "gwen", "name": "Gwendolyn Crumb"})])
    bakery.commit([change_from("createPerson", {"id": "twin", "name": "gwendolyn  CRUMB"})])
    told = {
        "changes": "subscription($after: Int) { graphChanged(after: $after) { revision changes { input } } }",
        "findings": """subscription($after: Int) {
            findingsChanged(rules: ["DUPLICATE_OWNER", "PERSON_WITHOUT_OBJECTIVE"], after: $after) {
                revision appeared { message } gone { message }
            } }""",
    }
    with line(server.socket_url) as it, line(server.socket_url) as other:
        for id, query in told.items():
            it.follow(query, id=id, after=before)
        first = [it.hear() for _ in range(4)]
        assert json.dumps(first).count("Gwendolyn Crumb") >= 3
        for id in ("gwen", "twin"):
            bakery.commit([change_from("erasePerson", {"id": id})])
        heard = [it.hear() for _ in range(4)]
        assert "Gwendolyn Crumb" not in json.dumps(heard)
        for id, query in told.items():
            other.follow(query, id=id, after=before)
        again = [other.hear() for _ in range(8)]
        assert {message["id"] for message in again} == set(told)
        assert "crumb" not in json.dumps(again).lower()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"rules": ["NO_SUCH"]}, "rules names 'NO_SUCH', which is none; `ownershipAudit.rules` lists them"),
        ({"after": -1}, "after -1 is no revision; give 0 or more"),
        ({"after": 1_000_000}, "after 1000000 lies in the future"),
        ({"asOf": "2999-01-01"}, "asOf 2999-01-01 lies in the future: it is"),
        ({"epoch": "beef"}, "epoch 'beef' is that of another store"),
    ],
)
def test_what_cannot_be_followed_is_refused(server: Server, variables: dict[str, Any], message: str) -> None:
    with line(server.socket_url) as it:
        it.follow(FINDINGS, **variables)
        error = it.refused()
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"].startswith(message)
