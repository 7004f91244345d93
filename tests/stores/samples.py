"""Facts for the tests of stores: one full value of every kind, and random histories in which every fact fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar

from graph_service.models.facts import (
    AddCheckIn,
    Entry,
    ErasePerson,
    Fact,
    PutBroken,
    PutLink,
    PutNode,
    PutWorkspace,
    RemoveBroken,
    RemoveLink,
    RemoveNode,
    RestoreNode,
    Step,
)
from graph_service.models.nodes import (
    BrokenReference,
    CheckIn,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Milestone,
    Node,
    Objective,
    Period,
    Person,
    PlanPoint,
    RoleCharter,
    Task,
    Team,
    Version,
    Workspace,
)
from graph_service.models.words import (
    Aggregate,
    Ambition,
    Comparison,
    Driver,
    GoalState,
    LinkKind,
    Measure,
    Status,
)
from graph_service.stores.base import Draft, Remembered
from graph_service.stores.fold import Folded, link_key, take

T = TypeVar("T")

MONDAY = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

ODD_TEXT = "«Größe» 日本 🙂 \"quoted\" \\ back, a\nline, a\ttab, {brace}, [bracket], 'single', %s ?1 :name"

MILESTONES = (Milestone("texts", "Texts are written", 2.0, date(2026, 2, 5), date(2026, 2, 3)),)
PLAN = (PlanPoint(date(2026, 2, 1), 10.0), PlanPoint(date(2026, 3, 1), 40.5))

FULL_NODES: tuple[Node, ...] = (
    Objective(
        id="grow/revenue:2026",
        title=ODD_TEXT.replace("\n", " ").replace("\t", " "),
        state=GoalState.CLOSED,
        level="department",
        top_level=False,
        driver=Driver.MANUAL,
        period="2026-Q1",
        start=date(2026, 1, 1),
        due=date(2026, 3, 31),
        manual_progress=0.625,
        driver_reason="counted by hand",
        ambition=Ambition.ASPIRATIONAL,
        themes=("growth", "retention"),
        description=ODD_TEXT,
        alignment_note="serves the company goal",
        score=0.7,
        retrospective="went well",
        attributes={"title_fr": "Croître", "nested": {"b": [1, 2.5, None, True], "a": ""}},
    ),
    KeyResult(
        id="sell-more",
        title="Sell 100 licences",
        state=GoalState.DRAFT,
        measure=Measure.THRESHOLD,
        comparison=Comparison.BETWEEN,
        baseline=-1.5,
        target=100.0,
        target_min=1e-9,
        target_max=1e18,
        unit="licences",
        aggregate=Aggregate.MEAN,
        period="2026-Q1",
        start=date(2026, 1, 2),
        due=date(2026, 3, 30),
        plan=PLAN,
        milestones=MILESTONES,
        versions=(
            Version(
                at=MONDAY,
                by="ada",
                reason="injury",
                measure=Measure.DELTA,
                comparison=Comparison.AT_LEAST,
                baseline=1.0,
                target=3.0,
                target_min=0.5,
                target_max=4.5,
                unit="goals",
                aggregate=Aggregate.SUM,
                plan=PLAN,
                milestones=MILESTONES,
            ),
        ),
        description="licences of the new product",
        alignment_note="half of the revenue",
        score=0.25,
        retrospective="too few leads",
        attributes={"status_text": "amber"},
    ),
    Person(
        id="ada",
        name="Ada Lovelace",
        email="ada@example.com",
        job_title="Analyst",
        active=False,
        type="post",
        attributes={"phone": "+44 20 7946 0000"},
    ),
    Team(id="platform", name="Platform team", type="squad", active=False, attributes={"room": "2.14"}),
    Period(
        id="2026-Q1",
        title="First quarter",
        start=date(2026, 1, 1),
        end=date(2026, 3, 31),
        attributes={"sprints": 6},
    ),
    Initiative(
        id="new-website",
        title="New website",
        state=GoalState.POSTPONED,
        owner="ada",
        tasks=(Task("Choose a host", "https://example.com/1", True), Task("Move the texts")),
        start=date(2026, 1, 10),
        due=date(2026, 2, 20),
        attributes={"budget": 1000},
    ),
    Kpi(
        id="churn",
        title="Churn",
        unit="%",
        min=0.5,
        max=2.5,
        value=1.75,
        at=MONDAY + timedelta(microseconds=250),
        attributes={"source": "billing"},
    ),
    RoleCharter(
        id="marketing-manager",
        title="Marketing manager",
        areas=("campaigns", "brand"),
        brings=("ten years of practice",),
        attributes={"grade": "M3"},
    ),
)
"""Each kind of node with a value in every field that is not its default (``erased`` comes by erasing alone)."""

FULL_CHECK_IN = CheckIn(
    id="first-report",
    goal="sell-more",
    at=MONDAY + timedelta(microseconds=1),
    source="graphql",
    revision=1,
    position=3,
    value=12.5,
    confidence=0.8,
    reported_status=Status.AT_RISK,
    note=ODD_TEXT,
    by="ada",
    replaces="earlier-report",
    milestones_done=("texts", "host"),
)

FULL_LINK = Link("ada", "sell-more", LinkKind.CONTRIBUTES_TO, 2.5, 4, ("author", "reviewer"), True)

FULL_BROKEN = BrokenReference("sell-more", LinkKind.ALIGNED, "team/gone:7", False, 0.5, ("author",))

FULL_WORKSPACE = Workspace(("company", "squad"), 0.05, 0.4, 14, "Europe/Berlin")


def entry(revision: int, *facts: Fact, at: datetime | None = None) -> Entry:
    """An entry of one step with these facts."""
    moment = MONDAY + timedelta(minutes=revision) if at is None else at
    return Entry(revision, moment, "ada", "graphql", (Step("applyChanges", (), facts),))


def drafts(after: int, *groups: Sequence[Fact]) -> list[Draft]:
    """One draft for each group of facts, numbered from the revision after ``after``."""
    return [Draft(entry(revision, *facts)) for revision, facts in enumerate(groups, after + 1)]


def put(*nodes: Node) -> list[Fact]:
    """The facts that these nodes exist."""
    return [PutNode(node) for node in nodes]


LINK_ENDS: dict[LinkKind, tuple[str, str]] = {
    LinkKind.KEY_RESULT_OF: ("key_result", "objective"),
    LinkKind.PARENT: ("objective", "objective"),
    LinkKind.ALIGNED: ("key_result", "objective"),
    LinkKind.OWNS: ("person", "objective"),
    LinkKind.CONTRIBUTES_TO: ("team", "key_result"),
    LinkKind.MEMBER_OF: ("person", "team"),
    LinkKind.PART_OF: ("team", "team"),
    LinkKind.REPORTS_TO: ("person", "person"),
    LinkKind.LEADS: ("person", "team"),
    LinkKind.SUPPORTS: ("initiative", "objective"),
    LinkKind.MEASURED_BY: ("key_result", "kpi"),
    LinkKind.HOLDS: ("person", "role"),
    LinkKind.CHARTERS: ("role", "objective"),
    LinkKind.WITHIN: ("period", "period"),
}
"""Which kinds of nodes each kind of link joins (here; ALIGNED and those of goals join others as well)."""

KINDS: dict[str, type[Node]] = {
    "objective": Objective,
    "key_result": KeyResult,
    "person": Person,
    "team": Team,
    "period": Period,
    "initiative": Initiative,
    "kpi": Kpi,
    "role": RoleCharter,
}


class Historian:
    """Makes entry after entry, at random, in which every fact fits what came before."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.state = Folded()
        self._named = 0
        self._erased: set[str] = set()

    def next(self, steps: int = 3) -> Entry:
        """The next entry, of one to ``steps`` steps."""
        self.state.revision += 1
        revision = self.state.revision
        at = MONDAY + timedelta(minutes=revision)
        made = tuple(self._step(at) for _ in range(self.random.randint(1, steps)))
        return Entry(revision, at, self.random.choice(("ada", "grace")), "graphql", made)

    def draft(self, steps: int = 3) -> Draft:
        """The next entry, and perhaps the idempotency key that it came with."""
        made = self.next(steps)
        if self.random.random() < 0.5:
            return Draft(made)
        key = f"key {made.revision}"
        return Draft(made, Remembered(key, bytes(32), made.revision, b'{"ok":true}', made.at))

    def _step(self, at: datetime) -> Step:
        makers = [
            *[self._put_new] * 4,
            self._put_again,
            *[self._link] * 4,
            self._unlink,
            *[self._check_in] * 3,
            self._broken,
            self._mend,
            self._remove,
            self._restore,
            self._workspace,
            self._erase,
        ]
        facts: list[Fact] = []
        for _ in range(self.random.randint(1, 3)):
            # what cannot be done now is passed over; something new can always be made
            fact = self.random.choice(makers)(at) or self._put_new(at)
            take(self.state, fact)
            facts.append(fact)
        people = [fact.node for fact in facts if isinstance(fact, PutNode) and isinstance(fact.node, Person)]
        if people and not people[0].erased:
            given: dict[str, object] = {"id": people[0].id, "name": people[0].name, "email": people[0].email}
            return Step("updatePerson", (people[0].id,), tuple(facts), given)
        return Step("applyChanges", (), tuple(facts), {"note": ODD_TEXT}, "because")

    def _name(self, word: str) -> str:
        self._named += 1
        return f"{word}-{self.random.randint(0, 99):02}-{self._named}"

    def _node(self, id: str, kind: str) -> Node:
        number = self.random.randint(0, 9)
        match kind:
            case "objective":
                return Objective(id, f"Grow revenue {number}", themes=("growth",) * (number % 3), due=date(2026, 3, 31))
            case "key_result":
                return KeyResult(id, f"Sell {number}", measure=Measure.DELTA, baseline=0.0, target=float(number + 1))
            case "person":
                return Person(id, f"Ada {number} {id}", f"{number}@example.com", attributes={"number": number})
            case "team":
                return Team(id, f"Platform {number}", active=number % 2 == 0)
            case "period":
                return Period(id, f"Quarter {number}", date(2026, 1, 1))
            case "initiative":
                return Initiative(id, f"Website {number}", tasks=(Task("Choose a host"),) * (number % 2))
            case "kpi":
                return Kpi(id, f"Churn {number}", value=number / 7)
            case _:
                return RoleCharter(id, f"Manager {number}", areas=("brand",) * (number % 2))

    def _put_new(self, at: datetime) -> Fact:
        kind = self.random.choice(list(KINDS))
        return PutNode(self._node(self._name(kind), kind))

    def _put_again(self, at: datetime) -> Fact | None:
        node = self._any(self.state.nodes.values())
        if node is None or node.id in self._erased:
            return None
        return PutNode(self._node(node.id, next(kind for kind, made in KINDS.items() if isinstance(node, made))))

    def _link(self, at: datetime) -> Fact | None:
        kind = self.random.choice(list(LinkKind))
        source_kind, target_kind = (KINDS[end] for end in LINK_ENDS[kind])
        source = self._any(node for node in self.state.nodes.values() if isinstance(node, source_kind))
        target = self._any(node for node in self.state.nodes.values() if isinstance(node, target_kind))
        if source is None or target is None or source.id == target.id:
            return None
        number = self.random.randint(0, 5)
        return PutLink(Link(source.id, target.id, kind, number / 2, number, ("author",) * (number % 2)))

    def _unlink(self, at: datetime) -> Fact | None:
        link = self._any(self.state.links.values())
        return None if link is None else RemoveLink(link.source, link.target, link.kind)

    def _check_in(self, at: datetime) -> Fact | None:
        goal = self._any(node for node in self.state.nodes.values() if isinstance(node, Objective | KeyResult))
        if goal is None:
            return None
        position = len(self.state.check_ins)
        when = at - timedelta(minutes=self.random.randint(0, 3), microseconds=self.random.choice((0, 1, 500_000)))
        value = self.random.choice((None, 0.0, 0.1, 7.0, -3.5))
        return AddCheckIn(
            CheckIn(self._name("check-in"), goal.id, when, "graphql", self.state.revision, position, value)
        )

    def _broken(self, at: datetime) -> Fact | None:
        node = self._any(self.state.nodes.values())
        if node is None:
            return None
        outgoing = self.random.random() < 0.5
        return PutBroken(BrokenReference(node.id, LinkKind.PARENT, self.random.choice("xyz"), outgoing))

    def _mend(self, at: datetime) -> Fact | None:
        reference = self._any(one for one in self.state.broken.values() if one.node in self.state.nodes)
        if reference is None:
            return None
        return RemoveBroken(reference.node, reference.kind, reference.reference, reference.outgoing)

    def _remove(self, at: datetime) -> Fact | None:
        node = self._any(self.state.nodes.values())
        if node is None:
            return None
        links = [link for link in self.state.links.values() if node.id in {link.source, link.target}]
        return RemoveNode(node.id, tuple(sorted(links, key=link_key)))

    def _restore(self, at: datetime) -> Fact | None:
        removed = self._any(self.state.removed)
        return None if removed is None else RestoreNode(removed)

    def _workspace(self, at: datetime) -> Fact:
        return PutWorkspace(Workspace(check_in_days=self.random.randint(1, 30)))

    def _erase(self, at: datetime) -> Fact | None:
        resting = [one.node for one in self.state.removed.values()]
        people = [node for node in (*self.state.nodes.values(), *resting) if isinstance(node, Person)]
        person = self._any(one for one in people if one.id not in self._erased)
        if person is None:
            return None
        self._erased.add(person.id)
        return ErasePerson(person.id)

    def _any(self, of: Iterable[T]) -> T | None:
        known = list(of)
        return self.random.choice(known) if known else None
