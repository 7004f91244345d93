"""Rules of owners as such: names alike, and reporting lines that lead nowhere or round in a ring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph_service.alignment.audit.look import Hit, Look, Rule
from graph_service.alignment.audit.names import first_and_last, in_order, initials_of, plain, spelled_out
from graph_service.alignment.audit.owners import REPORTS_TO, name_of, standing, standings
from graph_service.alignment.audit.report import AlikeOwners, Facts, RuleGroup, Severity
from graph_service.alignment.vertices import Vertex
from graph_service.models.checks import shown
from graph_service.models.nodes import Person

OWNERSHIP = RuleGroup.OWNERSHIP
SPELLING, INITIALS = "spelling", "initials"


def alike_owners(look: Look) -> tuple[AlikeOwners, ...]:
    """People, and teams that lie in the same team, whose names are the same but for case, accents, spaces, punctuation
    or written-out umlauts (``spelling``), or for a first name that is an initial only (``initials``); by the first id
    of each group."""
    people = [(person, name_of(person)) for person in look.people if not getattr(person.fact, "erased", False)]
    groups = _alike(people)
    # Teams in different teams may well be called alike, and so may a team and one in it.
    rooms: dict[str | None, list[tuple[Vertex, str]]] = {}
    for team in look.teams:
        rooms.setdefault(standing(look, team).around, []).append((team, name_of(team)))
    for teams in rooms.values():
        groups += _alike(teams)
    return tuple(sorted(groups, key=lambda group: group.owners))


def _alike(named: Sequence[tuple[Vertex, str]]) -> list[AlikeOwners]:
    by_key: dict[str, list[tuple[str, str]]] = {}
    other_key: dict[str, str] = {}
    for vertex, name in named:
        key = plain(in_order(name))
        if not key:
            continue
        by_key.setdefault(key, []).append((vertex.fact.id, name))
        spelled = None if name.isascii() else spelled_out(name)
        if spelled is not None and spelled != key:
            other_key[key] = spelled
    for key, spelled in other_key.items():
        if spelled in by_key and key in by_key:
            by_key[spelled] += by_key.pop(key)
    groups = [_group(members, SPELLING) for members in by_key.values() if len(members) > 1]
    # "J. Krämer" is the one full name with that letter and last name, if there is but one
    full: dict[tuple[str, str], list[list[tuple[str, str]]]] = {}
    short: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for members in by_key.values():
        name = members[0][1]
        initials = initials_of(name)
        if initials is not None:
            short.setdefault(initials, []).extend(members)
        elif (ends := first_and_last(name)) is not None:
            full.setdefault(ends, []).append(members)
    for ends, members in short.items():
        meant = full.get(ends, [])
        if len(meant) == 1:
            groups.append(_group([*meant[0], *members], INITIALS))
    return groups


def _group(members: Sequence[tuple[str, str]], alike: str) -> AlikeOwners:
    ordered = sorted(members)
    return AlikeOwners(tuple([id for id, _ in ordered]), tuple([name for _, name in ordered]), alike)


def duplicate_owner(look: Look) -> Iterator[Hit]:
    """Owners who are perhaps one and the same: told once, of the first by id."""
    for group in look.once(alike_owners):
        others = ", ".join(
            f"{shown(name)} ({id})" for id, name in zip(group.owners[1:4], group.names[1:4], strict=True)
        )
        more = " ..." if len(group.owners) > 4 else ""
        said = f"{shown(group.names[0])} may be the same as {others}{more}: the names differ in {_how(group)}"
        facts: Facts = {"alike": group.alike, "names": group.names, "owners": group.owners}
        yield Hit(look.graph.nodes[group.owners[0]], said, facts)


def _how(group: AlikeOwners) -> str:
    if len(set(group.names)) == 1:
        return "nothing"
    return "an initial only" if group.alike == INITIALS else "spelling only"


def reporting_broken(look: Look) -> Iterator[Hit]:
    """Active people who report to somebody who left, or who does not exist."""
    nodes = look.graph.nodes
    for person in look.people:
        fact = person.fact
        assert isinstance(fact, Person)
        if not fact.active:
            continue
        boss = standing(look, person).manager
        if boss is not None:
            manager = nodes[boss].fact
            assert isinstance(manager, Person)
            if not manager.active:
                said = f"{shown(fact.name)} reports to {shown(manager.name)}, who is not active any more"
                yield Hit(person, said, {"manager": boss})
        for one in person.broken:
            if one.kind is REPORTS_TO and one.outgoing:
                said = f"{shown(fact.name)} reports to {shown(one.reference)}, who does not exist"
                yield Hit(person, said, {"manager": one.reference})


def reporting_cycle(look: Look) -> Iterator[Hit]:
    """Rings of reporting lines, dotted ones included, and lines of record files that were left out because they would
    close one."""
    for ring in look.once(reporting_rings):
        first = look.graph.nodes[ring[0]]
        names = " reports to ".join(shown(name_of(look.graph.nodes[id])) for id in (*ring, ring[0]))
        yield Hit(first, names, {"ring": ring})
    for one in look.quarantined:
        line = one.link
        if line is None or one.problem != "RING" or line.kind != REPORTS_TO.name:
            continue
        person, target = look.graph.nodes.get(line.source), line.target
        if person is not None and isinstance(person.fact, Person):
            boss = look.graph.nodes.get(target)
            name = shown(target if boss is None else name_of(boss))
            said = f"that {shown(person.fact.name)} reports to {name} would close a ring of reporting lines"
            yield Hit(person, f"{said}, and was left out", {"leftOut": target})


def reporting_rings(look: Look) -> tuple[tuple[str, ...], ...]:
    """The rings of reporting lines among people, each once: from its first id on, everybody reporting to the next, the
    last to the first. Of rings that share people, as many as are needed to name everybody who is in one."""
    places = look.once(standings)
    over = {id: list(places[id].managers) for id in (person.fact.id for person in look.people) if places[id].managers}
    rings = []
    told: set[str] = set()
    for members in _knots(over):
        for id in sorted(members):
            if id not in told:
                ring = _ring(over, id, members)
                told.update(ring)
                least = ring.index(min(ring))
                rings.append((*ring[least:], *ring[:least]))
    return tuple(sorted(set(rings)))


def _knots(over: dict[str, list[str]]) -> list[set[str]]:
    """Groups of people of whom each reports to each other over some lines; without recursion."""
    under: dict[str, list[str]] = {}
    left = {id: len(targets) for id, targets in over.items()}
    for id, targets in over.items():
        for target in targets:
            under.setdefault(target, []).append(id)
    ready = [id for id in under if id not in left]
    for top in ready:  # grows while it is walked: what remains stands in, or below, a ring
        for id in under.get(top, ()):
            left[id] -= 1
            if not left[id]:
                ready.append(id)
    remaining = {id for id, many in left.items() if many}
    knots: list[set[str]] = []
    placed: set[str] = set()
    for id in sorted(remaining):
        if id in placed:
            continue
        knot = _walk(id, over, remaining) & _walk(id, under, remaining)
        if len(knot) > 1:
            knots.append(knot)
            placed |= knot
    return knots


def _walk(start: str, links: dict[str, list[str]], among: set[str]) -> set[str]:
    found = {start}
    waiting = [start]
    while waiting:
        for id in links.get(waiting.pop(), ()):
            if id in among and id not in found:
                found.add(id)
                waiting.append(id)
    return found


def _ring(over: dict[str, list[str]], start: str, members: set[str]) -> list[str]:
    """The shortest ring from somebody back to themselves."""
    came: dict[str, str] = {}
    waiting = [start]
    for id in waiting:  # grows while it is walked, nearest first
        for target in over.get(id, ()):
            if target == start:
                ring = [id]
                while ring[-1] != start:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if target in members and target not in came:
                came[target] = id
                waiting.append(target)
    return [start]


RULES = (
    Rule(
        "DUPLICATE_OWNER",
        OWNERSHIP,
        Severity.WARNING,
        "Two owners who may be one",
        "Names of people, or of teams in the same team, are the same but for case, accents, spaces and punctuation, "
        "written-out umlauts, or a first name that is an initial. Told once, of the first by id.",
        "Goals and load of one person are spread over two, and every figure of them is wrong.",
        "Move the goals to one of them (transferOwnership) and deactivate the other; if they are two, suppress this.",
        whole=duplicate_owner,
        places=True,
    ),
    Rule(
        "REPORTING_BROKEN",
        OWNERSHIP,
        Severity.WARNING,
        "Reporting line to nobody",
        "An active person reports to somebody who is not active any more, or who does not exist.",
        "The chart breaks there, and nobody leads the people below.",
        "Set the manager anew.",
        whole=reporting_broken,
        places=True,
    ),
    Rule(
        "REPORTING_CYCLE",
        OWNERSHIP,
        Severity.WARNING,
        "Reporting lines in a ring",
        "Reporting lines, dotted ones included, lead back to where they began; or a record file says so, and the line "
        "was left out.",
        "Nobody in the ring is anybody's lead in the end.",
        "Take out the line that is not meant.",
        whole=reporting_cycle,
        places=True,
    ),
)
