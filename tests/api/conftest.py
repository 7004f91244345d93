"""The bakery in an empty store in memory, at noon of 20 May 2026, and somebody who asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph_service.workspace import Workspace
from tests.api.company import Ask, Clock, fill


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ask(clock: Clock) -> Iterator[Ask]:
    with Workspace.open("sqlite://", clock=clock) as workspace:
        fill(workspace)
        yield Ask(workspace, clock)
