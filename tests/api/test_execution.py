"""One operation: from one revision, without the store, and never with internals in an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from graphql import get_introspection_query

from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from graph_service.errors import StoreDamaged, StoreUnavailable
from graph_service.models.changes import UpdateObjective
from graph_service.stores.base import Store
from graph_service.workspace import Outcome, Workspace
from tests.api.company import Ask, Clock, fill


class Counted:
    """A store that counts what is read from it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reads: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in ("load", "changes", "check_ins", "remembered", "verify"):
            self.reads.append(name)
        return getattr(self.store, name)


@pytest.fixture
def counted() -> Iterator[tuple[Ask, Counted]]:
    clock = Clock()
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace)
        store = Counted(workspace.store)
        workspace.store = store
        yield Ask(workspace, clock), store


GOAL = """id title description state status
    progress { value expected explain { contributors { goal { id } } checkIn { id } } }
    owner { id name } contributors { owner { id } } primaryParent { id } period { title }
    lastCheckIn { value by { name } }
    checkIns { edges { node { id } } } ladder { path { goal { id } } paths { id } } alignedTo { node { id } }
    alignedFrom { node { id } } initiatives { id } brokenReferences { reference }"""


def test_no_question_reads_the_store(counted: tuple[Ask, Counted]) -> None:
    ask, store = counted
    ask.limits = Limits(cost=10**9)
    ask.data(
        f"""{{
        objectives {{ totalCount edges {{ node {{ {GOAL} keyResults {{ {GOAL} milestones {{ title }} kpi {{ id }} }}
            parents {{ node {{ id }} }} children {{ node {{ id }} }}
            cascade {{ nodes {{ goal {{ id }} }} edges {{ from }} }} }} }} }}
        owners {{ edges {{ node {{ name objectives {{ id }} keyResults {{ id }} contributesTo {{ goal {{ id }} }}
            ... on Person {{ manager {{ id }} reports {{ id }} teams {{ id }} roles {{ id }} }}
            ... on Team {{ parent {{ id }} teams {{ id }} members {{ id }} leads {{ id }} }} }} }} }}
        periods {{ title within {{ id }} }} initiatives {{ edges {{ node {{ supports {{ id }} }} }} }}
        kpis {{ edges {{ node {{ keyResults {{ id }} }} }} }} roles {{ edges {{ node {{ outcomes {{ id }} }} }} }}
        search(text: "e") {{ totalCount }} links {{ totalCount }}
        orphans {{ edges {{ node {{ candidates {{ reason }} }} }} }}
        leverage(id: "grow") {{ gain }} orgChart {{ nodes {{ goals {{ id }} }} }} workspace {{ epoch }} revision
        }}"""
    )
    assert store.reads == []


def test_only_the_log_is_read_from_the_store(counted: tuple[Ask, Counted]) -> None:
    ask, store = counted
    ask.data('{ changes { edges { node { kind } } } objective(id: "grow") { history { edges { node { kind } } } } }')
    assert store.reads == ["changes", "changes"]


def test_an_operation_is_answered_from_one_revision(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that comes while an operation is under way waits until it is answered."""
    from graph_service.api.types import goals, refs

    handed_in = threading.Event()
    committing: list[Future[Outcome]] = []
    asked: list[bool] = []
    find = refs.owner_at
    change = UpdateObjective(id="sweets", title="Offer no sweets")

    def commit() -> Outcome:
        waiting = ask.workspace.submit([change])
        handed_in.set()
        return waiting.result()

    def slow(*arguments: Any) -> Any:
        if not committing:
            committing.append(pool.submit(commit))
            assert handed_in.wait(10)
        asked.append(committing[0].done())
        return find(*arguments)

    monkeypatch.setattr(goals, "owner_at", slow)
    with ThreadPoolExecutor(1) as pool:
        answer = ask("{ revision objectives { edges { node { owner { id } title } } } again: revision }")
        assert committing[0].result().revision == 2
    assert answer.data is not None
    assert (answer.data["revision"], answer.data["again"]) == (1, 1)
    assert answer.extensions == {"revision": 1}
    assert "Offer no sweets" not in str(answer.data)
    assert asked == [False] * 5
    assert ask.revision == 2


def test_many_ask_and_write_at_once(ask: Ask) -> None:
    """Writers and readers in eight threads: each revision is one writer's, and readers see whole ones."""

    def write(number: int) -> int:
        payload = ask.do("checkInKeyResult", "query { revision }", keyResultId="crust", value=number % 10)
        assert payload["errors"] == []
        assert payload["query"]["revision"] >= payload["revision"]
        revision: int = payload["revision"]
        return revision

    def read(_: int) -> None:
        found = ask.data(
            """{ revision keyResult(id: "crust") { value checkIns { totalCount edges { node { value } } } }
                then: revision }"""
        )
        assert found["revision"] == found["then"]
        assert found["keyResult"]["checkIns"]["totalCount"] == found["revision"] + 2

    with ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(read, number) for number in range(40)]
        writing = [pool.submit(write, number) for number in range(40)]
        assert sorted(one.result() for one in writing) == list(range(2, 42))
        for one in reading:
            one.result()


def test_a_revision_can_be_waited_for(ask: Ask) -> None:
    def answer(at_least: int, patience: float) -> Any:
        return schema.answer("{ revision }", Asking(ask.workspace, at_least=at_least, patience=patience))

    assert answer(1, 0).data == {"revision": 1}
    late = answer(3, 0.01)
    assert late.data is None
    (error,) = late.errors
    assert error.extensions == {"code": "REVISION_NOT_REACHED"}
    assert error.message == "The workspace is at revision 1 and did not reach the one asked for in time."
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(answer, 2, 30)
        ask.do("createPerson", name="Eve")
        assert waiting.result().data == {"revision": 2}


def test_a_change_is_read_only_where_it_is_asked_what_came_of_it(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, read = ask.workspace.reading, []

    def noted(**given: Any) -> Any:
        read.append(given)
        return reading(**given)

    monkeypatch.setattr(ask.workspace, "reading", noted)
    answer = ask('mutation { createTeam(input: { name: "Boats" }) { revision errors { code } } }')
    assert (answer.data, answer.extensions) == ({"createTeam": {"revision": 2, "errors": []}}, {"revision": 2})
    assert read == []
    answer = ask('mutation { createTeam(input: { name: "Boats" }) { team { name } } }')
    assert (answer.data, answer.extensions) == ({"createTeam": {"team": {"name": "Boats"}}}, {"revision": 3})
    assert read[0] == {"at_least": None, "patience": 0}
    answer = ask('mutation { createTeam(input: { name: "" }) { revision errors { code } } }')  # says what is there
    assert answer.data == {"createTeam": {"revision": None, "errors": [{"code": "INVALID"}]}}
    assert answer.extensions == {"revision": 3}


@pytest.mark.parametrize(
    "change",
    [
        "mutation { __typename }",
        'mutation { createTeam(input: { name: "Boats" }) @skip(if: true) { revision } }',
        'mutation($due: Date) { createObjective(input: { title: "Sail", due: $due }) { revision } }',
    ],
)
def test_a_mutation_that_comes_to_nothing_tells_the_revision_too(ask: Ask, change: str) -> None:
    assert ask(change, due="20260101").extensions == {"revision": 1}


def test_an_answer_from_before_is_told_with_the_present_revision(ask: Ask) -> None:
    change = 'mutation { createTeam(input: { name: "Boats", idempotencyKey: "boats" }) { revision } }'
    assert ask(change).extensions == {"revision": 2}
    ask.do("createPerson", name="Eve")
    answer = ask(change)
    assert (answer.data, answer.extensions) == ({"createTeam": {"revision": 2}}, {"revision": 3})


NO_DAY = "Date cannot represent '20260101'; give a day of the calendar as 2026-03-31"


@pytest.mark.parametrize(
    ("query", "variables", "code", "message"),
    [
        ("{ revision", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ("# nothing", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        (
            "{ nonsense }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot query field 'nonsense' on type 'Query'. Did you mean 'nodes'?",
        ),
        (
            "{ objective { id } }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
            "Argument 'Query.objective(id:)' of type 'ID!' is required, but it was not provided.",
        ),
        (
            "query($id: ID!) { objective(id: $id) { id } }",
            {},
            "BAD_USER_INPUT",
            "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
        ),
        (
            'query($day: Date!) { objective(id: "grow") { status(asOf: $day) } }',
            {"day": "20260101"},
            "BAD_USER_INPUT",
            "Variable '$day' has invalid value: " + NO_DAY,
        ),
        (
            "query One { revision } query Two { revision }",
            {},
            "OPERATION_RESOLUTION_FAILURE",
            "The document has several operations; say by operationName which is meant.",
        ),
    ],
    ids=str,
)
def test_a_wish_that_cannot_be_is_coded(
    ask: Ask, query: str, variables: dict[str, Any], code: str, message: str
) -> None:
    answer = ask(query, **variables)
    assert (answer.code, answer.message) == (code, message)
    assert answer.data is None


def test_an_operation_is_chosen_by_its_name(ask: Ask) -> None:
    document = "query One { revision } query Two { workspace { revision } }"
    assert ask(document, "Two").data == {"workspace": {"revision": 1}}
    unknown = ask(document, "Three")
    assert (unknown.code, unknown.message) == (
        "OPERATION_RESOLUTION_FAILURE",
        "The document has no operation named 'Three'.",
    )
    assert ask("fragment Goal on Goal { id }").code == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (ValueError("secret: FOREIGN KEY constraint failed"), "INTERNAL_SERVER_ERROR", "Something went wrong here"),
        (KeyError("secret"), "INTERNAL_SERVER_ERROR", "Something went wrong here"),
        (StoreDamaged("secret part"), "INTERNAL_SERVER_ERROR", "Something went wrong here"),
        (StoreUnavailable("secret path"), "STORE_UNAVAILABLE", "The store cannot be reached now; try again later."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_fault_is_masked_and_logged(
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    code: str,
    message: str,
) -> None:
    from graph_service.api.types import goals

    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr(goals, "ladder", broken)
    answer = ask('{ objective(id: "grow") { id ladder { truncated } } }')
    (error,) = answer.errors
    assert error["extensions"] == {"code": code, "requestId": "request-1"}
    assert error["message"].startswith(message)
    assert error["path"] == ["objective", "ladder"]
    assert "secret" not in str(answer.errors)
    assert "secret" in caplog.text
    (record,) = caplog.records
    assert record.__dict__["request_id"] == "request-1"


def test_a_store_that_is_gone_is_told_before_anything_is_executed(ask: Ask) -> None:
    ask.workspace.store.close()
    assert ask("{ revision }").code == "STORE_UNAVAILABLE"
    assert ask('mutation { createPerson(input: { name: "Eve" }) { revision } }').code == "STORE_UNAVAILABLE"


def test_what_the_asker_did_wrong_is_not_logged(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    ask("{ nonsense }")
    ask("{ objectives(first: -1) { totalCount } }")
    ask.do("createObjective", id="grow", title="Again")
    assert caplog.records == []


def test_introspection_passes_all_limits(ask: Ask) -> None:
    whole = get_introspection_query(input_value_deprecation=True, schema_description=True, specified_by_url=True)
    assert ask(whole).errors == []


def test_a_document_is_parsed_and_validated_once(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_service.api import execution

    done: list[str] = []

    def watched(name: str) -> None:
        function = getattr(execution, name)

        def watching(*given: Any, **named: Any) -> Any:
            done.append(name)
            return function(*given, **named)

        monkeypatch.setattr(execution, name, watching)

    watched("parse")
    watched("validate")
    query = "{ revision onlyOnce: revision }"
    for _ in range(3):
        assert ask.data(query) == {"revision": 1, "onlyOnce": 1}
    assert done == ["parse", "validate"]
    for _ in range(2):
        assert ask(query.replace(": revision", ": nonsense")).code == "GRAPHQL_VALIDATION_FAILED"
    assert done == ["parse", "validate"] * 2
    for _ in range(2):
        assert ask.data(query + "#" * 20_001) == {"revision": 1, "onlyOnce": 1}
    assert done == ["parse", "validate"] * 4
