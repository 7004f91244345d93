"""A long random history through a workspace: the log gives every revision again, and so does opening the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import Refusal
from graph_service.models import changes as do
from graph_service.models.changes import Change
from graph_service.models.nodes import Task
from graph_service.models.words import GoalState, LinkKind
from graph_service.records import export_records
from graph_service.stores import open_store
from graph_service.stores.base import Snapshot
from graph_service.stores.fold import Folded, fold
from graph_service.workspace import Outcome, Workspace
from tests.alignment.random_company import NOON, ids, picture, wishes

PEOPLE = ("ada", "grace", "joan", "mary")
TEAMS = ("platform", "design", "sales")
GOALS = ("obj-0", "obj-1", "obj-2", "kr-0", "kr-1", "kr-2")


def owners(random: Random) -> Iterator[Change]:
    """Changes about all that is no goal; some cannot be and will be refused."""
    for name in PEOPLE:
        yield do.CreatePerson(id=name, name=name.title(), email=f"{name}@example.com", attributes={"desk": [1, 2.0]})
    for name in TEAMS:
        yield do.CreateTeam(id=name, name=f"The {name} team", attributes={"colour": {"b": None, "a": "é"}})
    yield do.CreatePeriod(id="year", title="2026")
    at = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
    yield do.CreateKpi(id="churn", title="Churn", unit="%", max=3.5, value=2.0, at=at, key_results=("kr-0",))
    yield do.CreateInitiative(id="move", title="Move", supports=("obj-0",), tasks=(Task("Pack"),), owner_id="ada")
    yield do.CreateRole(id="lead", title="Lead", outcomes=("obj-0",), metrics=("kr-0",), holders=("ada",))
    yield do.KeepReference(node_id="obj-0", link=LinkKind.PARENT, reference="lost goal", weight=2.0)
    yield do.KeepReference(node_id="obj-1", link=LinkKind.CONTRIBUTES_TO, reference="who", outgoing=False)
    while True:
        person, other = random.choice(PEOPLE), random.choice((*PEOPLE, None))
        team, goal, top = random.choice(TEAMS), random.choice(GOALS), random.choice((None, "obj-1"))
        roles = random.choice(((), ("author",), ("reviewer", "author")))
        yield random.choice(
            (
                do.SetManager(person_id=person, manager_id=other, dotted=random.random() < 0.3),
                do.SetMembership(person_id=person, team_id=team, member=random.random() < 0.7, leads=roles),
                do.AssignOwner(goal_id=goal, owner_id=random.choice((*PEOPLE, *TEAMS, None))),
                do.SetContributor(goal_id=goal, owner_id=random.choice((person, team)), roles=roles),
                do.TransferOwnership(source=person, target=team),
                do.UpdatePerson(id=person, job_title=random.choice(("Engineer", None))),
                do.UpdateTeam(id=team, parent_id=random.choice((*TEAMS, None))),
                do.RemoveTeam(id=team),
                do.DeactivatePerson(id=person),
                do.UpdatePeriod(id="quarter", within_id=random.choice(("year", None))),
                do.UpdateKpi(id="churn", value=random.random(), key_results=random.choice((("kr-1",), ()))),
                do.UpdateInitiative(id="move", state=random.choice(list(GoalState)), supports=(goal,)),
                do.UpdateRole(id="lead", outcomes=("obj-1",), holders=(person,)),
                do.ResolveReference(node_id="obj-0", link=LinkKind.PARENT, reference="lost goal", to=top),
            )
        )


def history(random: Random, goals: int, more: int) -> Iterator[list[Change]]:
    """Commits of one to three changes about goals and their owners."""
    about_goals, about_owners = wishes(random, goals, 2 * goals, more), owners(random)
    while group := list(islice(about_goals, random.choice((1, 1, 1, 2, 3)))):
        if random.random() < 0.4:
            group.insert(random.randrange(len(group) + 1), next(about_owners))
        yield group
        kind, number = random.choice((("obj", goals), ("kr", 2 * goals)))
        yield [do.RestoreGoal(id=f"{kind}-{random.randrange(number)}")]  # lest all be gone in the end


def commit(workspace: Workspace, groups: Sequence[list[Change]], random: Random) -> Iterator[int]:
    """Commits all of them, some at the same time, and gives a revision whenever nothing is under way."""
    left = list(groups)
    while left:
        together, left = left[:1], left[1:]
        if random.random() < 0.2:
            together, left = together + left[:4], left[4:]
        asked: list[Future[Outcome]] = []
        for group in together:
            importing = any(isinstance(change, do.KeepReference) for change in group)
            asked.append(workspace.submit(group, importing=importing))
        wait(asked)
        for future in asked:
            if (refusal := future.exception()) is not None:
                assert isinstance(refusal, Refusal), refusal
        with workspace.reading() as graph:
            yield graph.revision


def told(graph: AlignmentGraph) -> tuple[dict[str, object], bytes]:
    """All that a graph says: everything that can be read of it, and its export."""
    return picture(graph), msgspec.json.encode(list(export_records(graph)), order="deterministic")


def built(snapshot: Snapshot) -> AlignmentGraph:
    return AlignmentGraph.build(**{name: value for name, value in snapshot._asdict().items() if name != "epoch"})


def check(url: str, seed: int, goals: int, more: int) -> int:
    """Lives through a history; how many revisions it came to."""
    random = Random(seed)
    taken: dict[int, tuple[dict[str, object], bytes]] = {}
    with Workspace(open_store(url), clock=lambda: NOON, new_id=ids()) as workspace:
        for revision in commit(workspace, list(history(random, goals, more)), random):
            with workspace.reading() as graph:
                taken[revision] = told(graph)
        assert workspace.verify() == []
        state = Folded()
        for entry in workspace.store.changes(0):
            fold([entry], state)
            if entry.revision in taken:
                assert told(built(state.snapshot(workspace.epoch))) == taken[entry.revision]
        assert state.revision == max(taken)
    with Workspace.open(url) as again:
        with again.reading() as graph:
            assert told(graph) == taken[state.revision]
        assert again.verify() == []
    return state.revision


@settings(max_examples=12)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_the_log_gives_every_revision_of_a_random_history_again(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("history")
    assert check(f"sqlite:///{folder}/company.db", seed, goals=5, more=40) > 10


def test_the_log_gives_every_revision_of_a_long_history_again(tmp_path: Path) -> None:
    assert check(f"sqlite:///{tmp_path}/company.db", seed=7, goals=15, more=1_500) > 250
