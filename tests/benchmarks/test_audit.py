"""The audit: of a whole company, and findings kept current while it moves."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from random import Random

import pytest
from msgspec.structs import replace

from graph_service.alignment.audit import DEFAULTS, audit
from graph_service.alignment.audit.current import CurrentFindings, found_on
from graph_service.alignment.graph import AlignmentGraph
from graph_service.models.facts import AddCheckIn, Fact, PutLink, PutNode
from graph_service.models.nodes import CheckIn, Link, Node, Objective, Person, Team
from graph_service.models.words import LinkKind
from tests.benchmarks.company import AS_OF, CHILDREN, NOON, check_ins, first_leaf, goals, links
from tests.benchmarks.table import each, say, seconds, undisturbed

PROMISED = {10_000: "< 0.3 s", 100_000: "< 3 s"}


def staffed(size: int, seed: int = 5) -> AlignmentGraph:
    """A company with an owner for nearly every goal, in the reporting line of whoever owns the one above."""
    random = Random(seed)
    people, teams = size // 40, max(2, size // 400)
    nodes: list[tuple[Node, int]] = []
    for node, revision in goals(size):
        if isinstance(node, Objective) and random.random() < 0.95:
            node = replace(node, description="So that the winter boat is paid for.", alignment_note="It is most of it.")
        nodes.append((node, revision))
    nodes += [
        (Person(f"person-{n}", f"Given{n} Family{n % 977}", active=random.random() > 0.02), 1) for n in range(people)
    ]
    nodes += [(Team(f"team-{n}", f"Team {n}"), 1) for n in range(teams)]
    found = {(link.source, link.target, link.kind): link for link in links(size)}

    def add(source: str, target: str, kind: LinkKind) -> None:
        found.setdefault((source, target, kind), Link(source, target, kind))

    for number in range(1, teams):
        add(f"team-{number}", f"team-{(number - 1) // 5}", LinkKind.PART_OF)
    for number in range(people):
        add(f"person-{number}", f"team-{number % teams}", LinkKind.MEMBER_OF)
        if number:
            add(f"person-{number}", f"person-{(number - 1) // 6}", LinkKind.REPORTS_TO)
    owner: list[int] = []
    for number in range(size):
        above = owner[(number - 1) // CHILDREN] if number else 0
        report = min(above * 6 + 1 + random.randrange(6), people - 1)
        owner.append(random.randrange(people) if random.random() < 0.05 else random.choice((above, report)))
        if random.random() < 0.97:
            add(f"person-{owner[-1]}", f"goal-{number}", LinkKind.OWNS)
        if random.random() < 0.2:
            add(f"person-{random.randrange(people)}", f"goal-{number}", LinkKind.CONTRIBUTES_TO)
    return AlignmentGraph.build(nodes=nodes, links=found.values(), check_ins=check_ins(size), revision=1)


@pytest.fixture(scope="module", params=PROMISED, ids=lambda size: f"{size}")
def company(request: pytest.FixtureRequest) -> Iterator[tuple[int, AlignmentGraph]]:
    size: int = request.param
    graph = staffed(size)
    with undisturbed():
        yield size, graph


def test_audit(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    nodes = [(vertex.fact, vertex.revision) for vertex in graph.nodes.values()]
    edges, reports = graph.all_links(), list(check_ins(size))
    anchor = seconds(lambda: AlignmentGraph.build(nodes=nodes, links=edges, check_ins=reports, revision=1), 3)
    gc.collect()
    ours = seconds(lambda: audit(graph, DEFAULTS, AS_OF), 3)
    many = len(audit(graph, DEFAULTS, AS_OF).findings)
    assert many > size // 100
    said = f"{ours:.3f} s"
    say(
        f"audit, {size:,} goals, {many:,} findings",
        said,
        f"building the graph {anchor:.3f} s: {ours / anchor:.1f}x",
        PROMISED[size],
    )


def test_findings_kept_current(company: tuple[int, AlignmentGraph]) -> None:
    size, graph = company
    current = CurrentFindings()
    whole = seconds(lambda: CurrentFindings().of(graph, AS_OF).about("goal-1"), 2)
    current.of(graph, AS_OF)
    random = Random(3)
    leaf = first_leaf(size)

    def checked_in() -> Iterator[None]:
        for number in range(40):
            goal = f"goal-{random.randrange(leaf, size)}"
            graph.apply([AddCheckIn(CheckIn(f"now-{number}", goal, NOON, "test", 2, number, random.random() * 100))])
            yield None

    moves = checked_in()

    def after_a_report() -> None:
        current.of(graph, AS_OF).about("goal-1")

    reported = each(after_a_report for _ in moves)
    say(
        f"findings after a check-in, {size:,} goals",
        f"{reported * 1e3:.2f} ms",
        f"all anew {whole * 1e3:.0f} ms: 1/{whole / reported:.0f}",
    )
    top, below = graph.goal("goal-1"), graph.goal(f"goal-{leaf - 1}")
    assert top is not None and below is not None
    person = graph.nodes["person-40"].fact
    assert isinstance(person, Person)
    kinds: dict[str, Callable[[int], list[Fact]]] = {
        "a new objective": lambda n: [
            PutNode(Objective(f"new-{n}", f"New {n}", period="2026-Q1")),
            PutLink(Link(f"new-{n}", "goal-1", LinkKind.PARENT)),
        ],
        "a new owner": lambda n: [PutLink(Link(f"person-{n}", f"new-{n}", LinkKind.OWNS))],
        "a title at the top": lambda n: [PutNode(replace(top.fact, title=f"Goal 1, said anew {n}"))],
        "a title below": lambda n: [PutNode(replace(below.fact, title=f"Said anew {n}"))],
        "a person who leaves": lambda n: [PutNode(replace(person, active=bool(n % 2)))],
    }
    for kind, facts in kinds.items():

        def changed(facts: Callable[[int], list[Fact]] = facts) -> Iterator[None]:
            for number in range(8):
                graph.apply(facts(number))
                yield None

        took = each(after_a_report for _ in changed())
        assert current.of(graph, AS_OF).about("goal-1") == found_on(graph, DEFAULTS, AS_OF).about("goal-1")
        say(
            f"findings after {kind}, {size:,} goals",
            f"{took * 1e3:.1f} ms",
            f"all anew {whole * 1e3:.0f} ms: 1/{whole / took:.0f}",
        )
