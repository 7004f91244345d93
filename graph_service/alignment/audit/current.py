"""Findings kept current while a graph moves: what a commit moves is judged anew, not the whole graph.

Each rule says what it looks at. Rules that go goal by goal are asked again for the goals that moved and their
neighbours, those about ways up also for all that lies under a way that has changed, those about where owners stand also
for the goals of whoever stands under somebody who moved; rules about owners for the owners concerned. Rules about the
whole are quick and asked again whenever facts or links have changed. Another day, or facts of the workspace, make
everything be asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from msgspec.structs import replace

from graph_service.alignment.audit import exceptions_of, judged, report_of
from graph_service.alignment.audit.catalogue import CATALOGUE
from graph_service.alignment.audit.compare import NO_DIFFERENCE, Difference, difference
from graph_service.alignment.audit.findings import (
    Narrowed,
    finding,
    hits_about,
    hits_among,
    hits_of,
    severity,
)
from graph_service.alignment.audit.lasting import (
    OF_GOALS,
    OF_PLACES,
    around,
    concerned,
    mend,
    mend_places,
    owned_of,
    under,
)
from graph_service.alignment.audit.look import Look, Rule
from graph_service.alignment.audit.owners import CONTRIBUTES_TO, OWNS
from graph_service.alignment.audit.report import AuditReport, Finding, Severity, Suppressed
from graph_service.alignment.audit.rules import DEFAULTS, Rules
from graph_service.alignment.audit.suppressions import Exceptions
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.vertices import GoalVertex, Vertex
from graph_service.alignment.viewer import EVERYBODY, Viewer
from graph_service.alignment.watch import Watch
from graph_service.models.nodes import Person, Team

MUCH = 0.2
"""Where more than this share of all goals moved, everything is asked anew."""

Book = dict[str, list[Finding]]
"""Findings by what they were found for: a goal, an owner, a rule about the whole."""

NEAR, WAYS, PLACES = (
    tuple([rule for rule in CATALOGUE if rule.goal is not None and not (rule.ways or rule.places)]),
    tuple([rule for rule in CATALOGUE if rule.goal is not None and rule.ways]),
    tuple([rule for rule in CATALOGUE if rule.goal is not None and rule.places]),
)
OWNERS = tuple([rule for rule in CATALOGUE if rule.owner is not None])
WHOLE = tuple([rule for rule in CATALOGUE if rule.whole is not None])


class Books:
    """All that was found, each book by who was asked: goals (``near`` them, on their ``ways`` up, by the ``places`` of
    their owners), ``owners``, and rules about the ``whole``."""

    __slots__ = ("near", "owners", "places", "ways", "whole")

    def __init__(self) -> None:
        self.near: Book = {}
        self.ways: Book = {}
        self.places: Book = {}
        self.owners: Book = {}
        self.whole: Book = {}

    def each(self) -> tuple[Book, ...]:
        """The books, in a fixed order."""
        return self.near, self.ways, self.places, self.owners, self.whole

    def every(self) -> Iterator[Finding]:
        """All findings, in no order."""
        for book in self.each():
            for several in book.values():
                yield from several

    def about(self, subject: str) -> Iterator[Finding]:
        """The findings about one node, in no order."""
        for book in (self.near, self.ways, self.places, self.owners):
            yield from book.get(subject, ())
        for several in self.whole.values():
            yield from [one for one in several if one.subject.id == subject]


class Found:
    """What was found, until the graph moves on. Nothing is put in order before it is asked for: of one node only what
    is about it."""

    def __init__(self, look: Look, books: Books, exceptions: Exceptions) -> None:
        self._look = look
        self._books = books
        self._exceptions = exceptions

    @cached_property
    def _judged(self) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        return judged(self._look, self._books.every(), self._exceptions)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that stand, in the order of findings."""
        return self._judged[0]

    @property
    def suppressed(self) -> tuple[Suppressed, ...]:
        """Those that somebody puts up with, in the same order."""
        return self._judged[1]

    def about(self, subject: str) -> tuple[Finding, ...]:
        """The findings about one node that stand, in the order of findings."""
        return judged(self._look, self._books.about(subject), self._exceptions)[0]

    def report(self, among: Collection[GoalVertex] | None = None) -> AuditReport:
        """The whole report; ``among``: about these goals, and the owners who own or contribute to one of them."""
        if among is None:
            return report_of(self._look, self.standing, self.suppressed)
        before = self._look
        look = Look(before.graph, before.rules, before.as_of, CATALOGUE, before.viewer, among=among)
        ids = {goal.fact.id for goal in among}
        ids.update([link.source for goal in look.live for link in goal.into if link.kind in (OWNS, CONTRIBUTES_TO)])
        return narrowed(
            report_of(
                look,
                [one for one in self.standing if one.subject.id in ids],
                [one for one in self.suppressed if one.finding.subject.id in ids],
            ),
            ids,
        )

    @cached_property
    def by_owner(self) -> dict[str, list[Finding]]:
        """The findings about each owner and the goals they own, in the order of findings."""
        return _by(self.standing, lambda one: None if one.owner is None else one.owner.id)


def found_on(graph: AlignmentGraph, rules: Rules, as_of: date, viewer: Viewer = EVERYBODY) -> Found:
    """What the rules find in a graph on a day, asked from scratch."""
    look = Look(graph, rules, as_of, CATALOGUE, viewer)
    exceptions = exceptions_of(look)
    books = Books()
    books.whole[""] = [finding(look, rule, hit) for rule, hit in hits_of(look, CATALOGUE)]
    return Found(look, books, exceptions)


class CurrentFindings:
    """The findings of one graph after another, by one set of rules.

    For everybody's eyes: another ``viewer`` may see otherwise without anything having moved, and is told from scratch.
    With ``comparing``, ``moved`` says what became of the findings since it was last asked."""

    def __init__(self, rules: Rules = DEFAULTS, viewer: Viewer = EVERYBODY, *, comparing: bool = False) -> None:
        self.rules = rules
        self.viewer = viewer
        self._graph: AlignmentGraph | None = None
        self._watch = Watch()
        self._as_of: date | None = None
        self._books = Books()
        self._exceptions = Exceptions(())
        self._places: dict[Vertex, object] = {}
        self._found: Found | None = None
        self._look: Look | None = None
        self._before = Before() if comparing else None

    def of(self, graph: AlignmentGraph, as_of: date) -> Found:
        """What the rules find in the graph, as it stands, on a day."""
        watch, before = self._watch, self._look
        if before is None or graph.watch is not watch or as_of != self._as_of or watch.everything:
            return self._anew(graph, as_of)  # if somebody else watches, nobody knows what has moved
        if self._found is not None and watch.quiet:
            return self._found
        changed = watch.changed
        touched = watch.numbers | {one for one in changed if isinstance(one, GoalVertex)}
        if self.viewer is not EVERYBODY or len(touched) > MUCH * len(graph.nodes) + 1_000:
            return self._anew(graph, as_of)
        if self._before is not None:
            self._before.remember(self._exceptions, as_of)
        moved = [one for one in changed if isinstance(one.fact, Person | Team) and self._elsewhere(one)]
        look = self._look = Look(graph, self.rules, as_of, CATALOGUE)
        look.know(before, (*OF_GOALS, *OF_PLACES))
        if changed:
            self._change(look, watch, touched, moved)
        else:
            self._goals(look, NEAR, self._books.near, around(touched))
        watch.forget()
        return self._finish(look)

    def _change(self, look: Look, watch: Watch, touched: set[GoalVertex], moved: Sequence[Vertex]) -> None:
        """Asks again where facts, links or days have changed. ``moved`` are people and teams who stand elsewhere, came
        or went."""
        books, nodes, changed = self._books, look.graph.nodes, watch.changed
        lost = under(watch.ways)
        others = mend(look, changed, lost)
        beside = around(touched)
        if moved:
            touched = touched | owned_of(look, moved)  # goals name their owner
            elsewhere, upset = mend_places(look, moved)
            beside |= around(owned_of(look, elsewhere))
            others = others or upset
        self._exceptions = exceptions_of(look)
        near = around(touched)
        self._goals(look, NEAR, books.near, near)
        ways = lost | near
        if watch.retitled:
            ways |= self._naming({goal.fact.id for goal in watch.retitled}, look)
        self._goals(look, WAYS, books.ways, ways)
        self._goals(look, PLACES, books.places, near | beside)
        for owner in moved:
            self._places.pop(owner, None)
            if nodes.get(owner.fact.id) is owner:
                self._places[owner] = _place(owner)
            else:
                self._put(books.owners, owner.fact.id, [])
        self._owners(look, (*look.people, *look.teams) if others else concerned(look, changed))
        self._whole(look, [rule for rule in WHOLE if moved or not rule.places])

    def _elsewhere(self, owner: Vertex) -> bool:
        """Whether a person or team came, went, or stands elsewhere or otherwise than before."""
        assert self._graph is not None
        there = self._graph.nodes.get(owner.fact.id) is owner
        return self._places.get(owner) != (_place(owner) if there else None)

    def _naming(self, ids: set[str], look: Look) -> set[GoalVertex]:
        """Goals whose findings about ways up name one of some goals."""
        found: set[GoalVertex] = set()
        for id, several in self._books.ways.items():
            for one in several:
                for value in one.facts.values():
                    named = value in ids if type(value) is str else type(value) is tuple and not ids.isdisjoint(value)
                    if named and (goal := look.graph.goal(id)) is not None:
                        found.add(goal)
        return found

    def _anew(self, graph: AlignmentGraph, as_of: date) -> Found:
        if self._before is not None:
            self._before.remember(self._exceptions, self._as_of, self._books)
        self._graph, self._as_of = graph, as_of
        graph.watch = self._watch = Watch()
        self._books = Books()
        if self.viewer is not EVERYBODY:
            found = self._found = found_on(graph, self.rules, as_of, self.viewer)
            self._look, self._books, self._exceptions = found._look, found._books, found._exceptions
            return found
        look = self._look = Look(graph, self.rules, as_of, CATALOGUE)
        self._exceptions = exceptions_of(look)
        for ask in OF_GOALS:
            look.once(ask)
        self._places = {vertex: _place(vertex) for vertex in (*look.people, *look.teams)}
        books = self._books
        for rules, book in ((NEAR, books.near), (WAYS, books.ways), (PLACES, books.places)):
            self._goals(look, rules, book, look.live)
        self._owners(look, (*look.people, *look.teams))
        self._whole(look, WHOLE)
        return self._finish(look)

    def _finish(self, look: Look) -> Found:
        self._found = Found(look, self._books, self._exceptions)
        return self._found

    # ---------- asking again ----------

    def _whole(self, look: Look, rules: Iterable[Rule]) -> None:
        """Asks some rules about the whole again."""
        for rule in rules:
            if severity(look, rule) is not Severity.OFF:
                assert rule.whole is not None
                self._put(self._books.whole, rule.id, [finding(look, rule, hit) for hit in rule.whole(look)])

    def _owners(self, look: Look, owners: Collection[Vertex]) -> None:
        """Asks the rules about owners again about some."""
        found: Book = {owner.fact.id: [] for owner in owners}
        for rule in OWNERS:
            if severity(look, rule) is not Severity.OFF:
                for _, hit in hits_about(look, rule, owners):
                    assert hit.subject is not None
                    found[hit.subject.fact.id].append(finding(look, rule, hit))
        for id, several in found.items():
            self._put(self._books.owners, id, several)

    def _goals(self, look: Look, rules: Sequence[Rule], book: Book, goals: Collection[GoalVertex]) -> None:
        """Asks some rules that go goal by goal about some goals again."""
        nodes = look.graph.nodes
        found: Book = {}
        there = Narrowed(look, [goal for goal in goals if goal.live and nodes.get(goal.fact.id) is goal])
        for rule in rules:
            if severity(look, rule) is not Severity.OFF:
                for _, hit in hits_among(look, rule, there.of(rule)):
                    assert hit.subject is not None
                    found.setdefault(hit.subject.fact.id, []).append(finding(look, rule, hit))
        if book:
            for goal in goals:
                id = goal.fact.id
                if id in book or id in found:
                    self._put(book, id, found.get(id, []))
        else:
            for id, several in found.items():
                self._put(book, id, several)

    def _put(self, book: Book, key: str, several: list[Finding]) -> None:
        was = book.pop(key, None)
        if several:
            book[key] = several
        if self._before is not None and (was or several):
            self._before.note(book, key, was)

    # ---------- comparing ----------

    def moved(self) -> Difference:
        """What became of the findings that stand since it was last asked (the first time: since there were none)."""
        before = self._before
        assert before is not None, "comparing was not said"
        found = before.difference(self._books, self._exceptions, self._as_of)
        before.forget()
        return found


class Before:
    """What was found before, as far as it was asked again since."""

    def __init__(self) -> None:
        self._since: tuple[Exceptions, date | None] | None = None
        self._books: Books | None = None  # all of it, where everything was asked anew
        self._replaced: dict[tuple[int, str], tuple[Book, list[Finding]]] = {}

    def remember(self, exceptions: Exceptions, as_of: date | None, books: Books | None = None) -> None:
        """Keeps what was in force, unless something earlier is kept; ``books``: they are given up for others."""
        if self._since is None:
            self._since = (exceptions, as_of)
        if self._books is None:
            self._books = books

    def note(self, book: Book, key: str, was: list[Finding] | None) -> None:
        """Keeps what stood in a book, unless something earlier is kept."""
        if self._books is None:
            self._replaced.setdefault((id(book), key), (book, was or []))

    def difference(self, books: Books, exceptions: Exceptions, as_of: date | None) -> Difference:
        """What became of the findings that stood before."""
        if self._since is None:
            return NO_DIFFERENCE
        were, day = self._since
        if self._books is not None or were.every != exceptions.every or day != as_of:
            old, new = self._every(self._books or books), books.every()
        else:
            old = (one for _, several in self._replaced.values() for one in several)
            new = (one for (_, key), (book, _) in self._replaced.items() for one in book.get(key, ()))
        return difference(
            [one for one in old if day is not None and were.let_stand(one, day)],
            [one for one in new if as_of is not None and exceptions.let_stand(one, as_of)],
        )

    def _every(self, books: Books) -> Iterator[Finding]:
        for book in books.each():
            for key, several in book.items():
                if (id(book), key) not in self._replaced:
                    yield from several
        for _, several in self._replaced.values():
            yield from several

    def forget(self) -> None:
        """Begins anew."""
        self._since = self._books = None
        self._replaced.clear()


def _by(findings: Iterable[Finding], key: Callable[[Finding], str | None]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in findings:
        id = key(one)
        if id is not None:
            found.setdefault(id, []).append(one)
    return found


def narrowed(report: AuditReport, ids: Collection[str]) -> AuditReport:
    """A report with the people and teams among some ids only; figures of the reporting tree stay those of all."""
    return replace(
        report,
        people=tuple([one for one in report.people if one.id in ids]),
        teams=tuple([one for one in report.teams if one.id in ids or any(id in ids for id in one.people)]),
        handovers=tuple([one for one in report.handovers if one.goals or one.contributions]),
    )


def _place(owner: Vertex) -> object:
    """What is said of a person or a team, and their links to others."""
    apart = (OWNS, CONTRIBUTES_TO)
    return (
        owner.fact,
        frozenset(link for link in owner.out if link.kind not in apart),
        frozenset(link for link in owner.into if link.kind not in apart),
        owner.broken,
    )
