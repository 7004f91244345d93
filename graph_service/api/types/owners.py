"""Owners: people and teams."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph_service.api.fields import Reader, asked
from graph_service.api.scalars import JSON
from graph_service.api.types.links import Contribution, contributions
from graph_service.api.types.node import SHOWN, Node
from graph_service.api.types.refs import (
    FindingRef,
    KeyResultRef,
    ObjectiveRef,
    PersonRef,
    RoleCharterRef,
    TeamRef,
    findings_of_owner,
    key_results_at,
    objectives_at,
    people_at,
    person_at,
    roles_at,
    team_at,
    teams_at,
)
from graph_service.models import nodes
from graph_service.models.nodes import Link
from graph_service.models.words import LinkKind

of_owner = Reader["Owner"]()
of_person = Reader["Person"]()
of_team = Reader["Team"]()


@strawberry.interface(description="Who can be accountable for a goal: a person or a team.")
class Owner(Node):
    """What people and teams have in common."""

    fact: strawberry.Private[nodes.Person | nodes.Team]

    name: str = of_owner(lambda owner: owner.fact.name, "The name; the id of somebody who was erased.")
    active: bool = of_owner(lambda owner: owner.fact.active, "Whether they are still here.")
    type: str | None = of_owner(lambda owner: owner.fact.type, "What kind of person (post, office ...) or team it is.")
    objectives: list[ObjectiveRef] = of_owner(
        lambda owner: objectives_at(owner.on, owner.vertex.targets(LinkKind.OWNS)), "Objectives they own, by id."
    )
    key_results: list[KeyResultRef] = of_owner(
        lambda owner: key_results_at(owner.on, owner.vertex.targets(LinkKind.OWNS)), "Key results they own, by id."
    )
    contributes_to: list[Contribution] = of_owner(
        lambda owner: contributions(owner.on, _sorted(owner, LinkKind.CONTRIBUTES_TO)),
        "Goals of others that they take part in, by id.",
    )
    attributes: JSON = of_owner(
        lambda owner: JSON(owner.fact.attributes or {}),
        "What an import or a client keeps here without meaning for this service.",
    )
    revision: int = of_owner(
        lambda owner: owner.vertex.revision, "The last revision that changed it; give it as `expectedRevision`."
    )

    @asked("What the audit finds on a day about them and the goals they own, the gravest first.")
    def findings(
        self,
        as_of: Annotated[
            date | None,
            strawberry.argument(description="The day to judge on; absent: today in the workspace's time zone."),
        ] = UNSET,
    ) -> list[FindingRef]:
        """The findings about them and their goals."""
        day = None if as_of is UNSET else as_of
        return self.on.page_of(findings_of_owner(self.on, self.vertex.fact.id, day), self, "findings")


def _sorted(owner: Owner, kind: LinkKind) -> list[Link]:
    return sorted((link for link in owner.vertex.out if link.kind is kind), key=lambda link: link.target)


def _lines(links: list[Link] | tuple[()], dotted: bool) -> list[Link]:
    return [link for link in links if link.kind is LinkKind.REPORTS_TO and link.dotted == dotted]


def _manager(person: Person) -> str | None:
    return next((link.target for link in _lines(person.vertex.out, dotted=False)), None)


@strawberry.type(description="A person, or a post or office that people hold.")
class Person(Owner):
    """A person."""

    fact: strawberry.Private[nodes.Person]

    email: str | None = of_person(
        lambda person: person.fact.email,
        "The e-mail address; null where it is not known, and once the person is erased.",
    )
    job_title: str | None = of_person(
        lambda person: person.fact.job_title, "What they do, in their organization's words."
    )
    manager: PersonRef | None = of_person(
        lambda person: person_at(person.on, _manager(person)), "Whom they report to; null: nobody."
    )
    dotted_managers: list[PersonRef] = of_person(
        lambda person: people_at(person.on, sorted(link.target for link in _lines(person.vertex.out, dotted=True))),
        "Whom they report to besides, by id.",
    )
    reports: list[PersonRef] = of_person(
        lambda person: people_at(person.on, sorted(link.source for link in _lines(person.vertex.into, dotted=False))),
        "Who reports to them (not by dotted lines), by id.",
    )
    teams: list[TeamRef] = of_person(
        lambda person: teams_at(person.on, person.vertex.targets(LinkKind.MEMBER_OF)),
        "Teams they are a member of, by id.",
    )
    roles: list[RoleCharterRef] = of_person(
        lambda person: roles_at(person.on, person.vertex.targets(LinkKind.HOLDS)), "Role charters they hold, by id."
    )


@strawberry.type(description="A team; it may lie within another.")
class Team(Owner):
    """A team."""

    fact: strawberry.Private[nodes.Team]

    parent: TeamRef | None = of_team(
        lambda team: team_at(team.on, next(iter(team.vertex.targets(LinkKind.PART_OF)), None)),
        "The team it lies within.",
    )
    teams: list[TeamRef] = of_team(
        lambda team: teams_at(team.on, team.vertex.sources(LinkKind.PART_OF)), "Teams that lie within it, by id."
    )
    members: list[PersonRef] = of_team(
        lambda team: people_at(team.on, team.vertex.sources(LinkKind.MEMBER_OF)), "Its members, by id."
    )
    leads: list[PersonRef] = of_team(
        lambda team: people_at(team.on, team.vertex.sources(LinkKind.LEADS)),
        "The people who lead it, whatever the role they do it by, by id.",
    )


SHOWN[nodes.Person] = Person
SHOWN[nodes.Team] = Team
