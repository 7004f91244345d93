"""Deciding about people, teams and who is accountable for what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from graph_service.alignment.decide.anew import Clean, anew, flag
from graph_service.alignment.decide.find import (
    find,
    find_goal,
    find_owner,
    find_person,
    fresh,
    listed,
    owns,
    refuse_erased,
)
from graph_service.alignment.decide.links import tie
from graph_service.alignment.decide.occasion import Occasion
from graph_service.alignment.vertices import Vertex
from graph_service.errors import Invalid, NotFound
from graph_service.models.changes import (
    AssignOwner,
    CreatePerson,
    CreateTeam,
    DeactivatePerson,
    ErasePersonForGood,
    RemoveTeam,
    SetContributor,
    SetManager,
    SetMembership,
    TransferOwnership,
    UpdatePerson,
    UpdateTeam,
)
from graph_service.models.checks import clean_attributes, clean_email, clean_label, clean_title, clean_words, shown
from graph_service.models.facts import ErasePerson, Fact, PutLink, PutNode, RemoveLink, RemoveNode
from graph_service.models.nodes import Initiative, Link, Person, Team
from graph_service.models.words import LinkKind

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph


def create_person(graph: AlignmentGraph, change: CreatePerson, occasion: Occasion) -> Iterator[Fact]:
    """A new person, with a manager and teams if given."""
    id = fresh(graph, change.id, occasion)
    yield PutNode(
        Person(
            id=id,
            name=clean_title(change.name, "name"),
            email=clean_email(change.email),
            job_title=clean_label(change.job_title, "jobTitle"),
            active=change.active if change.active is not None else True,
            type=clean_label(change.type, "type") or "person",
            attributes=clean_attributes(change.attributes),
        )
    )
    if change.manager_id is not None:
        yield from tie(graph, id, change.manager_id, LinkKind.REPORTS_TO, field="managerId")
    for team in dict.fromkeys(change.team_ids or ()):
        yield from tie(graph, id, team, LinkKind.MEMBER_OF, field="teamIds")


def update_person(graph: AlignmentGraph, change: UpdatePerson, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; an erased person stays nameless."""
    fact = find_person(graph, change.id, "id")
    if fact.erased:
        raise Invalid(f"id {shown(fact.id)} was erased and stays so", path=("id",), nodes=(fact.id,))
    new = anew(
        fact,
        change,
        {
            "name": clean_title,
            "email": clean_email,
            "job_title": clean_label,
            "active": flag,
            "type": lambda word, field: clean_label(word, field) or "person",
            "attributes": clean_attributes,
        },
    )
    if new != fact:
        yield PutNode(new)


def deactivate_person(graph: AlignmentGraph, change: DeactivatePerson, occasion: Occasion) -> Iterator[Fact]:
    """The person left. What they own stays theirs, for an audit to see and for a transfer."""
    fact = find_person(graph, change.id, "id")
    if fact.active:
        yield PutNode(replace(fact, active=False))


def erase_person(graph: AlignmentGraph, change: ErasePersonForGood, occasion: Occasion) -> Iterator[Fact]:
    """Name, e-mail and attributes vanish everywhere; the id, and what hangs on it, stays."""
    fact = find_person(graph, change.id, "id")
    if not fact.erased:
        yield ErasePerson(change.id)


def create_team(graph: AlignmentGraph, change: CreateTeam, occasion: Occasion) -> Iterator[Fact]:
    """A new team, within another if given."""
    id = fresh(graph, change.id, occasion)
    yield PutNode(
        Team(
            id=id,
            name=clean_title(change.name, "name"),
            type=clean_label(change.type, "type"),
            active=change.active if change.active is not None else True,
            attributes=clean_attributes(change.attributes),
        )
    )
    if change.parent_id is not None:
        yield from tie(graph, id, change.parent_id, LinkKind.PART_OF, field="parentId")


def update_team(graph: AlignmentGraph, change: UpdateTeam, occasion: Occasion) -> Iterator[Fact]:
    """The given fields anew; another parent moves it, null puts it at the top."""
    vertex = find(graph, change.id, "id", Team)
    fact = vertex.fact
    assert isinstance(fact, Team)
    fields: dict[str, Clean] = {
        "name": clean_title,
        "type": clean_label,
        "active": flag,
        "attributes": clean_attributes,
    }
    new = anew(fact, change, fields)
    if new != fact:
        yield PutNode(new)
    if change.parent_id is not UNSET:
        yield from move(graph, vertex, change.parent_id, LinkKind.PART_OF, "parentId")


def move(graph: AlignmentGraph, vertex: Vertex, target: str | None, kind: LinkKind, field: str) -> Iterator[Fact]:
    """The one link of a kind that a node may have leads to ``target`` now; None: there is none."""
    present = [link for link in vertex.out if link.kind is kind and not link.dotted]
    if present and present[0].target == target:
        return
    for link in present:
        yield RemoveLink(link.source, link.target, kind)
    if target is None:
        return
    known = graph.link(vertex.id, target, kind)
    if known is not None:  # a dotted line becomes the primary one
        yield RemoveLink(vertex.id, target, kind)
    yield from tie(graph, vertex.id, target, kind, field=field)


def remove_team(graph: AlignmentGraph, change: RemoveTeam, occasion: Occasion) -> Iterator[Fact]:
    """The team goes with its memberships; one with goals or sub-teams is refused, with their list."""
    vertex = find(graph, change.id, "id", Team)
    goals = vertex.targets(LinkKind.OWNS)
    teams = vertex.sources(LinkKind.PART_OF)
    projects = [one.id for one in graph.of_kind(Initiative) if one.fact.owner == change.id]  # type: ignore[union-attr]
    parts = [
        f"{len(ids)} {name}{'s' if len(ids) > 1 else ''}{where} ({listed(ids)})"
        for ids, name, where in ((goals, "goal", ""), (teams, "team", " within it"), (projects, "initiative", ""))
        if ids
    ]
    if parts:
        raise Invalid(
            f"team {shown(change.id)} still has {' and '.join(parts)}; move them first",
            path=("id",),
            nodes=(*goals, *teams, *projects),
        )
    yield RemoveNode(change.id, tuple(graph.links(vertex)))


# ---------- accountability ----------


def assign_owner(graph: AlignmentGraph, change: AssignOwner, occasion: Occasion) -> Iterator[Fact]:
    """A goal's one owner; null: nobody."""
    goal = find_goal(graph, change.goal_id, "goalId")
    if change.owner_id is not None:
        find_owner(graph, change.owner_id, "ownerId")
    present = goal.owner
    if present == change.owner_id:
        return
    if present is not None:
        yield RemoveLink(present, goal.id, LinkKind.OWNS)
    if change.owner_id is not None:
        yield owns(change.owner_id, goal.id)


def set_contributor(graph: AlignmentGraph, change: SetContributor, occasion: Occasion) -> Iterator[Fact]:
    """The roles in which somebody contributes to a goal; without any they do not."""
    find_goal(graph, change.goal_id, "goalId")
    roles = tuple(sorted(clean_words(change.roles, "roles")))
    owner = find(graph, change.owner_id, "ownerId", Person, Team)
    known = graph.link(change.owner_id, change.goal_id, LinkKind.CONTRIBUTES_TO)
    if not set(roles) <= set(known.roles if known is not None else ()):
        refuse_erased(owner.fact, "ownerId")
    yield from _set_roles(known, Link(change.owner_id, change.goal_id, LinkKind.CONTRIBUTES_TO, roles=roles))


def _set_roles(known: Link | None, wanted: Link) -> Iterator[Fact]:
    if not wanted.roles:
        if known is not None:
            yield RemoveLink(wanted.source, wanted.target, wanted.kind)
    elif known is None or known.roles != wanted.roles:
        yield PutLink(wanted)


def transfer_ownership(graph: AlignmentGraph, change: TransferOwnership, occasion: Occasion) -> Iterator[Fact]:
    """Goals change hands; where none are named, all that somebody owns: goals and initiatives."""
    giver = find(graph, change.source, "from", Person, Team)
    find_owner(graph, change.target, "to")
    if change.source == change.target:
        raise Invalid(f"from and to are both {shown(change.source)}; name somebody else", path=("to",))
    owned = giver.targets(LinkKind.OWNS)
    goals = owned if change.goals is None else list(dict.fromkeys(change.goals))
    for id in goals:
        find_goal(graph, id, "goals")
    foreign = sorted(set(goals) - set(owned))
    if foreign:
        raise Invalid(
            f"goals: {shown(change.source)} does not own {listed(foreign)}; leave them out",
            path=("goals",),
            nodes=foreign,
        )
    for id in goals:
        yield RemoveLink(change.source, id, LinkKind.OWNS)
        yield owns(change.target, id)
    for vertex in graph.of_kind(Initiative) if change.goals is None else ():
        fact = vertex.fact
        if isinstance(fact, Initiative) and fact.owner == change.source:
            yield PutNode(replace(fact, owner=change.target))


def set_manager(graph: AlignmentGraph, change: SetManager, occasion: Occasion) -> Iterator[Fact]:
    """The primary manager; or with ``dotted`` a further line. Null takes the primary (or all dotted lines) away."""
    person = find_person(graph, change.person_id, "personId")
    vertex = graph.nodes[change.person_id]
    kind = LinkKind.REPORTS_TO
    if change.remove or change.manager_id is None:
        lines = [link for link in vertex.out if link.kind is kind and link.dotted == change.dotted]
        if change.manager_id is not None:
            lines = [link for link in lines if link.target == change.manager_id]
            if not lines:
                raise NotFound(
                    f"managerId {shown(change.manager_id)}: there is no such line from {shown(change.person_id)}",
                    path=("managerId",),
                )
        for link in sorted(lines, key=lambda line: line.target):
            yield RemoveLink(link.source, link.target, kind)
        return
    refuse_erased(person, "personId")
    if not change.dotted:
        yield from move(graph, vertex, change.manager_id, kind, "managerId")
        return
    known = graph.link(change.person_id, change.manager_id, kind)
    if known is not None and known.dotted:
        return
    if known is not None:
        yield RemoveLink(change.person_id, change.manager_id, kind)
    yield from tie(graph, change.person_id, change.manager_id, kind, dotted=True, field="managerId")


def set_membership(graph: AlignmentGraph, change: SetMembership, occasion: Occasion) -> Iterator[Fact]:
    """Whether a person is a member of a team, and by which roles it leads it; what is absent stays."""
    person = find_person(graph, change.person_id, "personId")
    find(graph, change.team_id, "teamId", Team)
    if change.member is None and change.leads is None:
        raise Invalid("give member, leads or both", path=("member",))
    present = graph.link(change.person_id, change.team_id, LinkKind.MEMBER_OF)
    if change.member is True and present is None:
        refuse_erased(person, "personId")
        yield from tie(graph, change.person_id, change.team_id, LinkKind.MEMBER_OF, field="teamId")
    elif change.member is False and present is not None:
        yield RemoveLink(change.person_id, change.team_id, LinkKind.MEMBER_OF)
    if change.leads is not None:
        roles = tuple(sorted(clean_words(change.leads, "leads")))
        known = graph.link(change.person_id, change.team_id, LinkKind.LEADS)
        if not set(roles) <= set(known.roles if known is not None else ()):
            refuse_erased(person, "personId")
        yield from _set_roles(known, Link(change.person_id, change.team_id, LinkKind.LEADS, roles=roles))
