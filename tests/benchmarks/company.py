"""Companies of any size for the benchmarks: five children each, as deep as that takes, 12 % with a second parent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random

from graph_service.models.nodes import CheckIn, KeyResult, Link, Node, Objective, Period
from graph_service.models.words import LinkKind, Measure

CHILDREN = 5
SECOND_PARENT = 0.12
AS_OF = date(2026, 2, 15)
NOON = datetime(2026, 2, 15, 12, tzinfo=UTC)
QUARTER = Period("2026-Q1", "first quarter", date(2026, 1, 1), date(2026, 4, 1))


def first_leaf(size: int) -> int:
    """The number of the first goal with nothing below: key results from here on."""
    return (size - 2) // CHILDREN + 1


def goals(size: int) -> Iterator[tuple[Node, int]]:
    """A period, then objectives from the top down, then key results."""
    yield QUARTER, 1
    leaf = first_leaf(size)
    for number in range(size):
        if number < leaf:
            yield Objective(f"goal-{number}", f"Goal {number}", period="2026-Q1", top_level=number == 0), 1
        else:
            title = f"Measure {number}"
            yield (
                KeyResult(f"goal-{number}", title, measure=Measure.DELTA, baseline=0.0, target=100.0, unit="%"),
                1,
            )


def depths(size: int) -> list[int]:
    """How far below the top each goal lies."""
    found = [0] * size
    for number in range(1, size):
        found[number] = found[(number - 1) // CHILDREN] + 1
    return found


def links(size: int, seed: int = 7) -> Iterator[Link]:
    """To the parent, and for 12 % to a second one on the level of the first."""
    random = Random(seed)
    leaf = first_leaf(size)
    level_first, level_end = 0, 1  # the level of the parents
    for number in range(1, size):
        parent = (number - 1) // CHILDREN
        while parent >= level_end:
            level_first, level_end = level_end, level_end * CHILDREN + 1
        place = (number - 1) % CHILDREN
        kind = LinkKind.PARENT if number < leaf else LinkKind.KEY_RESULT_OF
        position = place if kind is LinkKind.KEY_RESULT_OF else 0
        yield Link(f"goal-{number}", f"goal-{parent}", kind, position=position)
        if random.random() < SECOND_PARENT:
            second = random.randrange(level_first, min(level_end, leaf))
            if second != parent:
                further = LinkKind.PARENT if number < leaf else LinkKind.ALIGNED
                yield Link(f"goal-{number}", f"goal-{second}", further, position=1 if number < leaf else 0)


def check_ins(size: int, seed: int = 11) -> Iterator[CheckIn]:
    """One for each key result."""
    random = Random(seed)
    for place, number in enumerate(range(first_leaf(size), size)):
        yield CheckIn(f"seen-{number}", f"goal-{number}", NOON, "import", 1, place, random.random() * 100)
