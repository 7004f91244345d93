"""What a rule has before it: the graph on a day, the limits in force, and what several rules ask of the whole graph,
found once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from graph_service.alignment.audit.report import Facts, Place, Quarantined, RuleGroup, Severity
from graph_service.alignment.audit.rules import Rules, Suppression
from graph_service.alignment.audit.words import vanity_pattern
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.orphans import reaching
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.models.nodes import Objective, Person, Team
from graph_service.models.words import GoalState, LinkKind

Answer = TypeVar("Answer")


class Limit(NamedTuple):
    """A number that a rule compares with, its default and what it limits."""

    name: str
    default: float
    meaning: str


class Hit(NamedTuple):
    """What a rule noticed: about what (None: the whole workspace), in a sentence; the facts that make it and what only
    the day adds; ``advice`` where it is better than the rule's own."""

    subject: Vertex | None
    message: str
    facts: Facts
    today: Facts = {}  # noqa: RUF012  # never written to
    advice: str | None = None


class Rule(NamedTuple):
    """A rule of the catalogue, by what it has to look at, so that little is asked again when something moves.

    ``goal`` answers for one goal, from it and what is linked to it (called for live goals of the named kinds, if
    ``only_active`` for active ones); with ``ways`` from all that is above it too, with ``places`` from where owners
    stand in the organization. ``owner`` answers for one person or team, from their goals, teams and lines. ``whole``
    answers for the whole at once, and has to be quick: it is asked again whenever facts or links have changed, with
    ``places`` only where those of people and teams have.

    ``among`` leaves out most of the goals that ``goal`` has nothing to say about, all at once, which is quicker than
    asking about each."""

    id: str
    group: RuleGroup
    severity: Severity
    title: str
    meaning: str
    why: str
    advice: str
    limits: tuple[Limit, ...] = ()
    goal: Callable[[Look, GoalVertex], Sequence[Hit]] | None = None
    owner: Callable[[Look, Vertex], Sequence[Hit]] | None = None
    whole: Callable[[Look], Iterable[Hit]] | None = None
    objectives: bool = True
    key_results: bool = True
    only_active: bool = True
    ways: bool = False
    places: bool = False
    among: Callable[[Look, Sequence[GoalVertex]], list[GoalVertex]] | None = None


def active(goal: GoalVertex) -> bool:
    """Whether a goal is active: by its own state and, of a key result, by its objective's."""
    return goal.pace.state is GoalState.ACTIVE


class Look:
    """The graph on a day, for the rules. Nothing in it is kept when the graph moves."""

    def __init__(
        self,
        graph: AlignmentGraph,
        rules: Rules,
        as_of: date,
        catalogue: Iterable[Rule],
        viewer: Viewer = EVERYBODY,
        places: Mapping[str, Place] | None = None,
        quarantined: Sequence[Quarantined] = (),
        among: Collection[GoalVertex] | None = None,
    ) -> None:
        catalogue = tuple(catalogue)
        self.rule_ids = frozenset(rule.id for rule in catalogue)
        self.graph = graph
        self.among = among
        self.rules = rules
        self.as_of = as_of
        self.today = as_of.toordinal()
        self.viewer = viewer
        self.places = places or {}
        self.quarantined = quarantined
        self.judge = graph.judge(as_of)
        self.task_verbs = frozenset(word.casefold() for word in rules.task_verbs)
        self.vanity = vanity_pattern(rules.vanity)
        self._answers: dict[object, object] = {}
        self._zone = ZoneInfo(graph.workspace.time_zone)
        self._utc = graph.workspace.time_zone == "UTC"
        self.suppressions: list[Suppression] = list(rules.suppressions)
        self.faulty_suppressions: list[tuple[Vertex, str]] = []
        self.limits = {
            (rule.id, limit.name): float(rules.limits.get(rule.id, {}).get(limit.name, limit.default))
            for rule in catalogue
            for limit in rule.limits
        }

    def once(self, ask: Callable[[Look], Answer]) -> Answer:
        """What a question about the whole answers, asked once."""
        if ask not in self._answers:
            self._answers[ask] = ask(self)
        return cast("Answer", self._answers[ask])

    def put(self, ask: Callable[[Look], Answer], answer: Answer) -> None:
        """Lets a question about the whole be answered so."""
        self._answers[ask] = answer

    def forget(self, ask: object) -> None:
        """Lets a question about the whole be asked again."""
        self._answers.pop(ask, None)

    def know(self, before: Look, asked: Iterable[object]) -> None:
        """Takes over what an earlier look was answered to some questions; for answers that still hold."""
        for ask in asked:
            if ask in before._answers:
                self._answers[ask] = before._answers[ask]

    def day_of(self, moment: datetime) -> int:
        """The day of a moment in the workspace's time zone, as an ordinal."""
        if self._utc and moment.tzinfo is UTC:
            return moment.toordinal()
        return moment.astimezone(self._zone).toordinal()

    def sees(self, vertex: Vertex) -> bool:
        """Whether the viewer may see a node."""
        return self.viewer is EVERYBODY or self.viewer.sees(vertex)

    @property
    def everything(self) -> bool:
        """Whether all goals are looked at."""
        return self.among is None and self.viewer is EVERYBODY

    def has(self, goal: GoalVertex) -> bool:
        """Whether a goal is one of those that are looked at."""
        return (self.among is None or goal in self.among) and self.sees(goal)

    @cached_property
    def vertices(self) -> list[Vertex]:
        """All nodes that the viewer sees, in the order in which they came: as they lie in memory, which is much quicker
        than by id where there are very many."""
        nodes = self.graph.nodes.values()
        return list(nodes) if self.viewer is EVERYBODY else [vertex for vertex in nodes if self.sees(vertex)]

    @cached_property
    def goals(self) -> list[GoalVertex]:
        """All goals that are not cancelled, in no promised order; with ``among`` those of them."""
        cancelled, among = GoalState.CANCELLED, self.among
        goals = [v for v in self.vertices if isinstance(v, GoalVertex) and v.fact.state is not cancelled]
        return goals if among is None else [goal for goal in goals if goal in among]

    @cached_property
    def live(self) -> list[GoalVertex]:
        """All live goals, in no promised order."""
        active, closed = GoalState.ACTIVE, GoalState.CLOSED
        return [goal for goal in self.goals if (state := goal.fact.state) is active or state is closed]

    @cached_property
    def owner_ids(self) -> dict[str, str]:
        """The owner of each goal that has one, by their ids."""
        return self.once(owner_ids_of)

    @property
    def people(self) -> list[Vertex]:
        """All people, by id."""
        return self.once(people_of)

    @property
    def teams(self) -> list[Vertex]:
        """All teams, by id."""
        return self.once(teams_of)

    @cached_property
    def reaching(self) -> set[GoalVertex]:
        """Goals from which a way leads up to a top-level objective."""
        return self.once(reaching_of)

    @cached_property
    def nearest_top(self) -> dict[GoalVertex, GoalVertex]:
        """For each goal that reaches the top the nearest top-level objective, itself if it is one; the way there leads
        through goals that are not cancelled, and of equally near ones the first by id is taken."""
        graph, cancelled = self.graph, GoalState.CANCELLED
        tops = [g for g in graph.goals() if graph.top_level(g) and g.fact.state is not cancelled and self.sees(g)]
        found: dict[GoalVertex, GoalVertex] = {goal: goal for goal in sorted(tops, key=lambda goal: goal.fact.id)}
        level = list(found)
        while level:  # level by level, so that the nearest comes first
            following: list[GoalVertex] = []
            for goal in level:
                top = found[goal]
                for edge in goal.down:
                    child = edge.child
                    if child not in found and child.fact.state is not cancelled:
                        found[child] = top
                        following.append(child)
            level = following
        return found

    def top_level(self, goal: GoalVertex) -> bool:
        """Whether an objective is meant to have no parent."""
        return self.graph.top_level(goal)

    def role(self, level: str | None) -> str | None:
        """Which of organization, department, team, individual a level stands for; None for any other."""
        return self._roles.get(level) if level is not None else None

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {name: role for role, names in self.rules.levels.items() for name in names}

    def cadence(self, goal: GoalVertex) -> int:
        """Within how many days a goal is to be checked in: by its level (a key result's is its objective's)."""
        cadences = self.rules.cadences
        if cadences:
            above = goal if goal.is_objective else goal.objective
            fact = above.fact if above is not None else None
            level = fact.level if isinstance(fact, Objective) else None
            if level is not None and level in cadences:
                return cadences[level]
        return self.graph.workspace.check_in_days


# ---------- of the whole, found once ----------


def people_of(look: Look) -> list[Vertex]:
    """All people, by id."""
    return sorted([vertex for vertex in look.vertices if type(vertex.fact) is Person], key=attrgetter("fact.id"))


def teams_of(look: Look) -> list[Vertex]:
    """All teams, by id."""
    return sorted([vertex for vertex in look.vertices if type(vertex.fact) is Team], key=attrgetter("fact.id"))


def owner_ids_of(look: Look) -> dict[str, str]:
    """The owner of each goal that has one, by their ids."""
    owns = LinkKind.OWNS
    owners = look.graph.of_kind(Person, Team)
    return {link.target: link.source for owner in owners for link in owner.out if link.kind is owns}


def reaching_of(look: Look) -> set[GoalVertex]:
    """Goals from which a way leads up to a top-level objective, whoever sees it."""
    return set(look.nearest_top) if look.viewer is EVERYBODY else reaching(look.graph)


def tops_of(look: Look) -> set[GoalVertex]:
    """Top-level objectives that are not cancelled."""
    top_level = look.graph.top_level
    return {goal for goal in look.goals if top_level(goal)}


def under_way_of(look: Look) -> set[GoalVertex]:
    """Objectives that are under way on the day."""
    return {goal for goal in look.goals if goal.is_objective and under_way(look, goal)}


def under_way(look: Look, goal: GoalVertex) -> bool:
    """Whether a goal is active, has begun and is not past its last day."""
    pace = goal.pace
    start, due = pace.start, pace.due
    return pace.state is GoalState.ACTIVE and start is not None and due is not None and start <= look.today <= due
