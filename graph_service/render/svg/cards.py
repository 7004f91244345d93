"""The cards of a picture: a goal, or an owner with goals. All are drawn from what is clean, and escape it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Person
from graph_service.models.words import LinkKind, Status
from graph_service.render.facts import counted, name_of, owner_name, standing, status_word, title_of
from graph_service.render.letters import clean, percent
from graph_service.render.picture import BAD, GOOD, QUIET, TONES, WARN
from graph_service.render.svg.ink import at, cut, escaped, initials, lines, room

WIDTH, HEIGHT = 264.0, 98.0
OWNER_HEIGHT = 122.0
INNER = 14.0
BAR = 96.0
GOALS = 3
TONE_CLASS = {GOOD: "good", WARN: "warn", BAD: "bad", QUIET: "calm"}
SIGNS = {
    GOOD: "M2 6.5l3 3 5-6.5",
    WARN: "M6 2v5M6 9.9v.1M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
    BAD: "M6 1l5.2 9.5H.8zM6 4.5v2.7M6 8.9v.1",
    QUIET: "M2.5 6h7",
}
"""The sign beside each status word, in a square of 12."""


def bar(x: float, y: float, width: float, value: float | None, expected: float | None, tone: str) -> str:
    """Progress as a bar of 6 units height, and the mark where it is expected to be.

    >>> print(bar(0, 0, 100, 0.5, 0.25, "good"))  # doctest: +NORMALIZE_WHITESPACE
    <rect class="rest" x="0" y="0" width="100" height="6" rx="3"/><rect class="good" x="0" y="0" width="50"
    height="6" rx="3"/><rect class="mark" x="24" y="-3" width="2" height="12"/>
    """
    drawn = [f'<rect class="rest" x="{at(x)}" y="{at(y)}" width="{at(width)}" height="6" rx="3"/>']
    done = width * min(1.0, max(0.0, value or 0.0))
    if done >= 0.05:
        drawn.append(
            f'<rect class="{TONE_CLASS[tone]}" x="{at(x)}" y="{at(y)}" width="{at(done)}" height="6"'
            f' rx="{at(min(3.0, done / 2))}"/>'
        )
    if expected is not None:
        drawn.append(f'<rect class="mark" x="{at(x + width * expected - 1)}" y="{at(y - 3)}" width="2" height="12"/>')
    return "".join(drawn)


def sign(x: float, y: float, tone: str) -> str:
    """The sign of a status, in a square of 12."""
    return f'<path class="sign s{TONE_CLASS[tone]}" transform="translate({at(x)} {at(y)})" d="{SIGNS[tone]}"/>'


def text(kind: str, x: float, y: float, said: str, end: bool = False) -> str:
    """A line of clean text; ``end`` lets it end at x."""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text class="{kind}" x="{at(x)}" y="{at(y)}"{anchor}>{escaped(said)}</text>'


def kind_sign(goal: GoalVertex, x: float, y: float) -> str:
    """A full disc for an objective, a ring for a key result."""
    if goal.is_objective:
        return f'<circle class="ink" cx="{at(x)}" cy="{at(y)}" r="4"/>'
    return f'<circle class="sign scalm" cx="{at(x)}" cy="{at(y)}" r="3.4"/>'


def told(goal: GoalVertex, graph: AlignmentGraph, as_of: date, viewer: Viewer = EVERYBODY) -> str:
    """All that a card says, and the whole title: what a pointer or a screen reader gets."""
    expected, status = standing(graph, goal, as_of)
    parts = [title_of(goal), f"{percent(goal.value)}, {status_word(status)}"]
    if expected is not None:
        parts.append(f"expected {percent(expected)}")
    if goal.value is not None and goal.coverage < 1 - 1e-9:
        parts.append(f"{percent(goal.coverage)} measured")
    parts.append(owner_name(graph, goal, viewer) or "no owner")
    return " · ".join(parts)


def numbers(x: float, y: float, goal: GoalVertex, expected: float | None, status: Status, width: float = BAR) -> str:
    """Bar, percent, sign and word of a goal on one line; ``y`` is the line of the letters."""
    tone = TONES.get(status, QUIET)
    return "".join(
        [
            bar(x, y - 7, width, goal.value, expected, tone),
            text("n ink", x + width + 46, y, percent(goal.value), end=True),
            sign(x + width + 56, y - 10, tone),
            text(TONE_CLASS[tone], x + width + 72, y, status_word(status)),
        ]
    )


def goal_card(
    goal: GoalVertex,
    graph: AlignmentGraph,
    as_of: date,
    x: float,
    y: float,
    chips: Sequence[str] = (),
    viewer: Viewer = EVERYBODY,
) -> str:
    """A goal as a card of ``WIDTH`` by ``HEIGHT`` with its left upper corner at (x, y); ``chips`` are short and clean,
    and stand beside the owner as far as there is room."""
    expected, status = standing(graph, goal, as_of)
    tone = TONES.get(status, QUIET)
    owner = owner_name(graph, goal, viewer)
    drawn = [
        f'<g transform="translate({at(x)} {at(y)})"><title>{escaped(told(goal, graph, as_of, viewer))}</title>',
        f'<rect class="card" width="{at(WIDTH)}" height="{at(HEIGHT)}" rx="{8 if goal.is_objective else 16}"/>',
        f'<rect class="{TONE_CLASS[tone]}" x="0" y="16" width="4" height="{at(HEIGHT - 32)}" rx="2"/>',
        kind_sign(goal, INNER + 5, 21),
    ]
    for number, line in enumerate(lines(title_of(goal), WIDTH - 2 * INNER - 16, 13, 2, True)):
        drawn.append(text("t ink", INNER + 16, 25 + 17 * number, line))
    chip_row, left = _chips(chips, WIDTH - INNER, 51)
    drawn.append(chip_row)
    drawn.append(_owner(owner, INNER, 63, left - INNER - 6))
    drawn.append(numbers(INNER, 86, goal, expected, status))
    drawn.append("</g>")
    return "".join(drawn)


def _chips(chips: Sequence[str], right: float, y: float) -> tuple[str, float]:
    """Chips side by side, ending at ``right``; where the row begins."""
    drawn = []
    for said in reversed(chips):
        wide = room(said, 11) + 12
        if right - wide < INNER + 110:
            break
        right -= wide
        drawn.append(
            f'<rect class="chip" x="{at(right)}" y="{at(y)}" width="{at(wide)}" height="17" rx="8.5"/>'
            + text("quiet", right + 6, y + 12.5, said)
        )
        right -= 4
    return "".join(reversed(drawn)), right


def _owner(name: str, x: float, y: float, width: float) -> str:
    """The initials of an owner in a circle, and the name."""
    if not name:
        return text("bad", x, y, "no owner")
    return (
        f'<circle class="rest" cx="{at(x + 9)}" cy="{at(y - 4)}" r="9"/>'
        f'<text class="i ink" x="{at(x + 9)}" y="{at(y - 0.7)}" text-anchor="middle">{escaped(initials(name))}</text>'
        + text("quiet", x + 24, y, cut(name, width - 24, 11))
    )


def goal_chips(goal: GoalVertex, viewer: Viewer, hidden: int = 0) -> list[str]:
    """What a card says in short beside the owner: how much is measured, what is not shown or how many key results there
    are, further parents; the last ones matter most."""
    said = []
    if goal.value is not None and goal.coverage < 1 - 1e-9:
        said.append(f"{percent(goal.coverage)} measured")
    if hidden:
        said.append(f"{hidden} below")
    elif key_results := sum(1 for edge in goal.down if edge.kind is LinkKind.KEY_RESULT_OF and viewer.sees(edge.child)):
        said.append(f"{key_results} KR")
    parents = sum(1 for edge in goal.up if edge.kind is LinkKind.PARENT and viewer.sees(edge.parent))
    if parents > 1:
        said.append(f"+{parents - 1} up")
    return said


def owner_card(
    owner: Vertex,
    goals: Sequence[GoalVertex],
    progress: float | None,
    hidden: int,
    dotted: Sequence[str],
    graph: AlignmentGraph,
    as_of: date,
    x: float,
    y: float,
) -> str:
    """A person or team with the first of its goals, as a card of ``WIDTH`` by ``OWNER_HEIGHT``."""
    fact, name = owner.fact, name_of(owner)
    person = isinstance(fact, Person)
    about = (clean(fact.job_title) if fact.job_title else "") if isinstance(fact, Person) else "team"
    if isinstance(fact, Person) and not fact.active:
        about = f"{about}, left" if about else "left"
    whole = [name, about, counted(len(goals), "goal", "goals"), f"{percent(progress)} on average" if goals else ""]
    whole += [f"also reports to {boss}" for boss in dotted] + [told(goal, graph, as_of) for goal in goals]
    said = "\n".join(part for part in whole if part)
    drawn = [
        f'<g transform="translate({at(x)} {at(y)})"><title>{escaped(said)}</title>',
        f'<rect class="card" width="{at(WIDTH)}" height="{at(OWNER_HEIGHT)}" rx="{16 if person else 8}"/>',
        f'<circle class="rest" cx="{at(INNER + 15)}" cy="27" r="15"/>',
        f'<text class="s ink" x="{at(INNER + 15)}" y="31" text-anchor="middle">{escaped(initials(name))}</text>',
        text("t ink", INNER + 38, 25, cut(name, WIDTH - 2 * INNER - 84, 13, True)),
    ]
    if about:
        drawn.append(text("quiet", INNER + 38, 41, cut(about, WIDTH - 2 * INNER - 38, 11)))
    if progress is not None:
        drawn.append(text("n ink", WIDTH - INNER, 25, percent(progress), end=True))
    shown = goals[: GOALS if len(goals) <= GOALS else GOALS - 1]
    for number, goal in enumerate(shown):
        expected, status = standing(graph, goal, as_of)
        tone, line = TONES.get(status, QUIET), 62 + 18 * number
        drawn += [
            kind_sign(goal, INNER + 4, line - 4),
            text("ink", INNER + 14, line, cut(title_of(goal), WIDTH - 2 * INNER - 80, 11)),
            sign(WIDTH - INNER - 62, line - 10, tone),
            bar(WIDTH - INNER - 44, line - 7, 44, goal.value, expected, tone),
        ]
    rest = [f"{len(goals) - len(shown)} more goals"] if len(goals) > len(shown) else []
    rest += [f"{hidden} more below"] if hidden else []
    if not goals:
        rest.insert(0, "no goals of their own")
    if rest:
        drawn.append(text("quiet", INNER + 14, 62 + 18 * len(shown), " · ".join(rest)))
    drawn.append("</g>")
    return "".join(drawn)
