"""Where the cards of a tree stand: the compact tidy tree.

A parent stands over the middle of what hangs under it. Its children that have none themselves are stacked in a block,
so that a picture stays about as high as it is wide; whole branches stand beside each other as closely as their outlines
let them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import NamedTuple

FLATNESS = 0.6  # cards are wide, so a block has rather more rows than columns
IN_A_ROW = 6
"""Tops with nothing under them stand beside each other; more of them in a block, as what has one parent does."""


class Grid(NamedTuple):
    """Measures of a tree: a card, the gap between branches, between a parent and what is under it, and within a block
    (``indent`` is the room left of each column for its line)."""

    width: float
    height: float
    beside: float = 28.0
    below: float = 42.0
    stacked: float = 14.0
    indent: float = 16.0


class Block(NamedTuple):
    """A block of leaves under ``parent``: ``columns`` of places, filled column by column."""

    parent: int
    columns: tuple[tuple[int, ...], ...]


class Tree(NamedTuple):
    """Left upper corners of the cards by place, the blocks, and the size of it all."""

    x: list[float]
    y: list[float]
    blocks: tuple[Block, ...]
    width: float
    height: float


class _Part(NamedTuple):
    """Something under a parent, with its outline row by row, from its own middle."""

    places: tuple[int, ...]
    left: list[float]
    right: list[float]


def tidy(children: Sequence[Sequence[int]], grid: Grid) -> Tree:
    """The places of a forest: ``children[n]`` are those of place n, and every child comes after its parent.

    Places that nobody has for a child are tops and stand beside each other; many that have no child either stand in a
    block, to the right of all others.

    >>> tree = tidy([[1, 2], [], []], Grid(100, 50))
    >>> [(tree.x[n], tree.y[n]) for n in range(3)], tree.width, tree.height
    ([(8.0, 0.0), (16.0, 92.0), (16.0, 156.0)], 116.0, 206.0)
    """
    many = len(children)
    pitch = grid.height + grid.below
    middle = [0.0] * many  # from the middle of the parent
    blocks: list[Block] = []
    outlines: list[tuple[list[float], list[float]]] = [([], [])] * many
    half = grid.width / 2
    for place in range(many - 1, -1, -1):
        under = children[place]
        if not under:
            continue
        parts = _parts(place, children, outlines, grid, middle, blocks)
        left, right = _beside(parts, middle, grid)
        outlines[place] = ([-half, *left], [half, *right])
        for child in under:
            outlines[child] = ([], [])
    held = {child for under in children for child in under}
    tops = [place for place in range(many) if place not in held]
    loose = [place for place in tops if not children[place]]
    if len(loose) > IN_A_ROW:
        columns, part = _block(loose, grid, middle)
        parts = [*[_Part((place,), *outlines[place]) for place in tops if children[place]], part]
    else:
        columns = ()
        parts = [_Part((place,), *(outlines[place] if children[place] else ([-half], [half]))) for place in tops]
    left, right = _beside(parts, middle, grid)
    edge = -min(left, default=0.0)
    x, y = [0.0] * many, [0.0] * many
    for place in tops:
        x[place] = edge + middle[place]
    stacks = [*columns, *[column for block in blocks for column in block.columns]]
    rows = {place: row for column in stacks for row, place in enumerate(column)}
    for place in tops:
        y[place] = rows.get(place, 0) * (grid.height + grid.stacked)
    for place, under in enumerate(children):
        for child in under:
            x[child] = x[place] + middle[child]
            y[child] = y[place] + pitch + rows.get(child, 0) * (grid.height + grid.stacked)
    return Tree(
        [middle - half for middle in x],
        y,
        tuple(reversed(blocks)),
        max(right, default=0.0) + edge,
        max(y, default=0.0) + grid.height,
    )


def columns_of(leaves: int) -> int:
    """How many columns a block of leaves has: about the root of their number.

    >>> [columns_of(leaves) for leaves in (1, 3, 4, 9, 25, 100)]
    [1, 1, 2, 2, 4, 8]
    """
    return max(1, round(sqrt(leaves * FLATNESS)))


def _parts(
    place: int,
    children: Sequence[Sequence[int]],
    outlines: list[tuple[list[float], list[float]]],
    grid: Grid,
    middle: list[float],
    blocks: list[Block],
) -> list[_Part]:
    """What stands under a place: the block of its leaves first, then its branches."""
    leaves = [child for child in children[place] if not children[child]]
    parts = []
    if leaves:
        columns, part = _block(leaves, grid, middle)
        blocks.append(Block(place, columns))
        parts.append(part)
    return parts + [_Part((child,), *outlines[child]) for child in children[place] if children[child]]


def _block(leaves: list[int], grid: Grid, middle: list[float]) -> tuple[tuple[tuple[int, ...], ...], _Part]:
    """Puts leaves into a block: its columns, and what stands there."""
    deep = ceil(len(leaves) / columns_of(len(leaves)))
    columns = tuple(tuple(leaves[start : start + deep]) for start in range(0, len(leaves), deep))
    wide = grid.width + grid.indent
    half = (len(columns) * wide + (len(columns) - 1) * (grid.stacked - grid.indent / 2)) / 2
    step = (2 * half - wide) / (len(columns) - 1) if len(columns) > 1 else 0.0
    for number, column in enumerate(columns):
        for leaf in column:
            middle[leaf] = -half + number * step + grid.indent + grid.width / 2
    rows = ceil(deep * (grid.height + grid.stacked) / (grid.height + grid.below))
    return columns, _Part(tuple(leaves), [-half] * rows, [half] * rows)


def _beside(parts: Sequence[_Part], middle: list[float], grid: Grid) -> tuple[list[float], list[float]]:
    """Puts parts beside each other, as close as they may stand, and their common middle at 0; the outline of all."""
    left: list[float] = []
    right: list[float] = []
    shifts: list[float] = []
    for part in parts:
        shift = max(
            (reached - begins + grid.beside for reached, begins in zip(right, part.left, strict=False)),
            default=0.0,
        )
        shifts.append(shift)
        right[: len(part.right)] = [reach + shift for reach in part.right]
        left += [begin + shift for begin in part.left[len(left) :]]
    if not shifts:
        return left, right
    centre = (shifts[0] + shifts[-1]) / 2
    for part, shift in zip(parts, shifts, strict=True):
        for place in part.places:
            middle[place] += shift - centre
    return [begin - centre for begin in left], [reach - centre for reach in right]
