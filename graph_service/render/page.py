"""A page of text for a terminal: what every list and tree is written with."""

from __future__ import annotations

from datetime import date

from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import Viewer
from graph_service.render.facts import name_of, owner_name, standing, status_word, title_of
from graph_service.render.letters import ASCII, UNICODE, bar, clean, fit, pad, percent, room, wrap

NARROWEST = 20
STATUS_COLUMNS = len("not started")
PERCENT_COLUMNS = len(">100 %")


class Page:
    """Lines of at most ``width`` columns about a graph on a day."""

    __slots__ = ("as_of", "graph", "ids", "lines", "signs", "viewer", "width")

    def __init__(
        self, graph: AlignmentGraph, as_of: date, width: int, ascii_only: bool, viewer: Viewer, ids: bool = False
    ) -> None:
        self.graph = graph
        self.as_of = as_of
        self.width = max(width, NARROWEST)
        self.signs = ASCII if ascii_only else UNICODE
        self.viewer = viewer
        self.ids = ids
        self.lines: list[str] = []

    def add(self, line: str = "") -> None:
        """Writes one line, cut if need be."""
        self.lines.append(fit(line, self.width, self.signs).rstrip())

    def add_wrapped(self, text: str, first: str, further: str, lines: int) -> None:
        """Writes a text on at most some lines, each behind its lead."""
        for number, part in enumerate(wrap(text, self.width - room(first), lines, self.signs)):
            self.add((further if number else first) + part)

    def text(self) -> str:
        """The whole page, with a line end after each line."""
        return "".join(f"{line}\n" for line in self.lines)

    # ---------- parts of lines ----------

    def mark(self, goal: GoalVertex) -> str:
        """The sign of a goal's kind."""
        return self.signs.objective if goal.is_objective else self.signs.key_result

    def title(self, goal: GoalVertex) -> str:
        """The title of a goal, behind its id where ids are wanted."""
        return self._named(goal, title_of(goal))

    def name(self, owner: Vertex) -> str:
        """The name of a person or team, behind the id where ids are wanted."""
        return self._named(owner, name_of(owner))

    def _named(self, vertex: Vertex, name: str) -> str:
        return self.joined(clean(vertex.id), name) if self.ids else name

    def numbers(self, goal: GoalVertex, cells: int) -> str:
        """The bar, percent and status of a goal, in columns of fixed width."""
        expected, status = standing(self.graph, goal, self.as_of)
        drawn = f"{bar(goal.value, expected, cells, self.signs)} " if cells else ""
        done = percent(goal.value, self.signs.none).rjust(PERCENT_COLUMNS)
        return f"{drawn}{done}  {pad(status_word(status), STATUS_COLUMNS, self.signs)}"

    def owner(self, goal: GoalVertex) -> str:
        """The name of a goal's owner, or that there is none."""
        return owner_name(self.graph, goal, self.viewer) or "no owner"

    def day(self) -> str:
        """For which day the page judges."""
        return f"as of {self.as_of}"

    def joined(self, *parts: str) -> str:
        """The parts that are there, with dots between them."""
        return f" {self.signs.dot} ".join(part for part in parts if part)
