"""A small company in a store, and a way to run commands against it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from graph_service.cli import run
from graph_service.models.changes import (
    CheckInKeyResult,
    CreateKeyResult,
    CreateObjective,
    CreatePeriod,
    CreatePerson,
    CreateTeam,
    KeepReference,
    MilestoneInput,
    ParentInput,
)
from graph_service.models.words import LinkKind, Measure, Status
from graph_service.workspace import Workspace

MONDAY = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


class Done(NamedTuple):
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


def found_company(url: str) -> None:
    """A company of one team, two people and four objectives, in one revision, and a check-in in a second one."""
    with Workspace.open(url) as workspace:
        workspace.commit(
            [
                CreatePeriod(id="q2", title="Second quarter", start=date(2026, 4, 1), end=date(2026, 6, 30)),
                CreateTeam(id="platform", name="Platform team"),
                CreatePerson(id="ines", name="Inês Carvalho", email="ines@example.com", job_title="Chief executive"),
                CreatePerson(id="yuki", name="佐藤 由紀", manager_id="ines", team_ids=("platform",)),
                CreateObjective(
                    id="grow-revenue",
                    title="Grow revenue",
                    description="The winter boat is not paid for.",
                    level="organization",
                    owner_id="ines",
                    period_id="q2",
                ),
                CreateKeyResult(
                    id="new-lines",
                    objective_id="grow-revenue",
                    title="Win new lines",
                    baseline=0,
                    target=20,
                    unit="lines",
                ),
                CreateKeyResult(
                    id="move-house",
                    objective_id="grow-revenue",
                    title="Move to the new harbour",
                    measure=Measure.MILESTONES,
                    milestones=(
                        MilestoneInput(id="packed", title="Everything is packed"),
                        MilestoneInput(id="moved", title="Everybody has moved"),
                    ),
                ),
                CreateObjective(
                    id="fast-app",
                    title="The app answers in a [red]blink[/red]",
                    owner_id="platform",
                    period_id="q2",
                    parents=(ParentInput(id="grow-revenue", weight=2),),
                ),
                CreateKeyResult(
                    id="answer-time",
                    objective_id="fast-app",
                    title="Halve the answer time",
                    baseline=900,
                    target=450,
                    unit="ms",
                    owner_id="yuki",
                ),
                CreateObjective(id="harbour-podcast", title="Run a harbour podcast"),
                CreateObjective(
                    id="podcast-guests",
                    title="Win guests for the podcast",
                    parents=(ParentInput(id="harbour-podcast"),),
                ),
                CreateObjective(id="dry-gates", title="Gates that stay dry"),
                KeepReference(node_id="dry-gates", link=LinkKind.PARENT, reference="unknown:storm"),
            ],
            importing=True,
            source="import",
            at=MONDAY,
        )
        workspace.commit(
            [
                CheckInKeyResult(
                    id="first-look",
                    key_result_id="answer-time",
                    value=700,
                    confidence=0.8,
                    reported_status=Status.BEHIND,
                    note="The cache is warm, the first page is not.",
                    by="yuki",
                )
            ],
            by="yuki",
            source="graphql",
            at=MONDAY.replace(day=11),
        )


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company's store, to be copied."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    found_company(f"sqlite:///{path}")
    return path


@pytest.fixture
def company(founded: Path, tmp_path: Path) -> str:
    """The address of a store that holds the small company, for this test alone."""
    path = tmp_path / "company.db"
    path.write_bytes(founded.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def graph_service(capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process."""

    def command(*arguments: str) -> Done:
        capfd.readouterr()
        code = run(arguments)
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return command


@pytest.fixture
def ask(graph_service: Command, company: str) -> Command:
    """Runs a command on the small company, as it was on a day in May."""

    def command(name: str, *arguments: str) -> Done:
        return graph_service(name, *arguments, "--store", company)

    return command


def revision(url: str) -> int:
    """The revision that a store is at."""
    with Workspace.open(url) as workspace:
        return workspace.store.revision()
