"""Who is accountable for what, who manages whom, who belongs to which team."""

from __future__ import annotations

import pytest

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, PutNode, RemoveLink
from graph_service.models.nodes import Initiative, Link
from graph_service.models.words import LinkKind
from tests.alignment.decide.company import (
    done,
    goal,
    grown,
    key_result,
    links,
    objective,
    refused,
)

INVALID, NOT_FOUND, CYCLE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE
OWNS, CONTRIBUTES_TO, MEMBER_OF = LinkKind.OWNS, LinkKind.CONTRIBUTES_TO, LinkKind.MEMBER_OF
REPORTS_TO, LEADS = LinkKind.REPORTS_TO, LinkKind.LEADS


def person(id: str, **fields: object) -> do.CreatePerson:
    return do.CreatePerson(**{"id": id, "name": id, **fields})  # type: ignore[arg-type]


def team(id: str, **fields: object) -> do.CreateTeam:
    return do.CreateTeam(**{"id": id, "name": id, **fields})  # type: ignore[arg-type]


def manager(of: str, by: str | None, **fields: bool) -> do.SetManager:
    return do.SetManager(person_id=of, manager_id=by, **fields)


def people() -> list[do.Change]:
    """Ines leads the platform team, within engineering; Tom reports to her, Ada was erased; two goals."""
    return [
        person("ines"),
        person("tom", manager_id="ines"),
        person("ada"),
        do.ErasePersonForGood(id="ada"),
        team("engineering"),
        team("platform team", parent_id="engineering"),
        objective("grow revenue"),
        key_result("sales", "grow revenue"),
    ]


# ---------- accountability ----------


def test_a_goal_has_one_owner() -> None:
    graph = grown(*people())
    assert done(graph, do.AssignOwner(goal_id="sales", owner_id="tom")) == [PutLink(Link("tom", "sales", OWNS))]
    assert done(graph, do.AssignOwner(goal_id="sales", owner_id="tom")) == []
    assert done(graph, do.AssignOwner(goal_id="sales", owner_id="platform team")) == [
        RemoveLink("tom", "sales", OWNS),
        PutLink(Link("platform team", "sales", OWNS)),
    ]
    assert done(graph, do.AssignOwner(goal_id="sales")) == [RemoveLink("platform team", "sales", OWNS)]
    assert done(graph, do.AssignOwner(goal_id="sales")) == []
    assert links(graph, OWNS) == []
    assert goal(graph, "sales").revision == 12  # of the goal, not of the owner


def test_a_contributor_has_a_set_of_roles() -> None:
    graph = grown(*people())
    say = {"goal_id": "sales", "owner_id": "tom"}

    def roles(*names: str) -> do.SetContributor:
        return do.SetContributor(**say, roles=names)

    assert done(graph, roles("reviewer", " author ", "author")) == [
        PutLink(Link("tom", "sales", CONTRIBUTES_TO, roles=("author", "reviewer")))
    ]
    assert done(graph, roles("author", "reviewer")) == []
    assert done(graph, roles("author")) == [PutLink(Link("tom", "sales", CONTRIBUTES_TO, roles=("author",)))]
    assert links(graph, CONTRIBUTES_TO) == [Link("tom", "sales", CONTRIBUTES_TO, roles=("author",))]
    assert done(graph, roles()) == [RemoveLink("tom", "sales", CONTRIBUTES_TO)]
    assert done(graph, roles()) == []


def test_an_erased_person_can_be_taken_off() -> None:
    graph = grown(*people(), do.SetContributor(goal_id="sales", owner_id="tom", roles=("author",)))
    done(graph, do.ErasePersonForGood(id="tom"))
    off = do.SetContributor(goal_id="sales", owner_id="tom", roles=())
    assert done(graph, off) == [RemoveLink("tom", "sales", CONTRIBUTES_TO)]


def test_all_goals_change_hands_or_some() -> None:
    graph = grown(*people(), objective("launch", owner_id="tom"), objective("delight", owner_id="tom"))
    done(graph, do.AssignOwner(goal_id="sales", owner_id="tom"))
    some = do.TransferOwnership(source="tom", target="platform team", goals=("launch", "delight", "launch"))
    assert done(graph, some) == [
        RemoveLink("tom", "launch", OWNS),
        PutLink(Link("platform team", "launch", OWNS)),
        RemoveLink("tom", "delight", OWNS),
        PutLink(Link("platform team", "delight", OWNS)),
    ]
    assert done(graph, do.TransferOwnership(source="tom", target="ines", goals=())) == []
    done(graph, do.TransferOwnership(source="platform team", target="tom"))
    facts = done(graph, do.TransferOwnership(source="tom", target="ines"))
    assert [one.link.target for one in facts if isinstance(one, PutLink)] == ["delight", "launch", "sales"]
    assert done(graph, do.TransferOwnership(source="tom", target="ines")) == []


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            do.AssignOwner(goal_id="moon", owner_id="tom"),
            NOT_FOUND,
            "goalId 'moon': there is no objective or key result with this id",
            ["goalId"],
            ["moon"],
        ),
        (
            do.AssignOwner(goal_id="tom", owner_id="tom"),
            INVALID,
            "goalId 'tom' is a person, not an objective or key result",
            ["goalId"],
            ["tom"],
        ),
        (
            do.AssignOwner(goal_id="sales", owner_id="moon"),
            NOT_FOUND,
            "ownerId 'moon': there is no person or team with this id",
            ["ownerId"],
            ["moon"],
        ),
        (
            do.AssignOwner(goal_id="sales", owner_id="sales"),
            INVALID,
            "ownerId 'sales' is a key result, not a person or team",
            ["ownerId"],
            ["sales"],
        ),
        (
            do.SetContributor(goal_id="moon", owner_id="tom", roles=()),
            NOT_FOUND,
            "goalId 'moon': there is no objective or key result with this id",
            ["goalId"],
            ["moon"],
        ),
        (
            do.SetContributor(goal_id="sales", owner_id="moon", roles=()),
            NOT_FOUND,
            "ownerId 'moon': there is no person or team with this id",
            ["ownerId"],
            ["moon"],
        ),
        (
            do.SetContributor(goal_id="sales", owner_id="tom", roles=("author", " ")),
            INVALID,
            "roles ' ' has no visible character; give it a name",
            ["roles"],
            [],
        ),
        (
            do.TransferOwnership(source="tom", target="tom"),
            INVALID,
            "from and to are both 'tom'; name somebody else",
            ["to"],
            [],
        ),
        (
            do.TransferOwnership(source="moon", target="tom"),
            NOT_FOUND,
            "from 'moon': there is no person or team with this id",
            ["from"],
            ["moon"],
        ),
        (
            do.TransferOwnership(source="tom", target="sales"),
            INVALID,
            "to 'sales' is a key result, not a person or team",
            ["to"],
            ["sales"],
        ),
        (
            do.TransferOwnership(source="tom", target="ines", goals=("sales", "moon")),
            NOT_FOUND,
            "goals 'moon': there is no objective or key result with this id",
            ["goals"],
            ["moon"],
        ),
        (
            do.TransferOwnership(source="tom", target="ines", goals=("sales", "grow revenue", "free")),
            INVALID,
            "goals: 'tom' does not own 'free', 'grow revenue'; leave them out",
            ["goals"],
            ["free", "grow revenue"],
        ),
    ],
)
def test_owners_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(
        *people(),
        objective("free"),
        do.AssignOwner(goal_id="sales", owner_id="tom"),
        do.AssignOwner(goal_id="grow revenue", owner_id="ines"),
    )
    refused(graph, change, code, message, path, nodes)


# ---------- managers ----------


def test_there_is_one_primary_manager_and_any_number_of_dotted_lines() -> None:
    graph = grown(person("ines"), person("tom"), person("bo"), person("eve"))
    assert done(graph, manager("tom", "ines")) == [PutLink(Link("tom", "ines", REPORTS_TO))]
    assert done(graph, manager("tom", "ines")) == []
    assert done(graph, manager("tom", "bo")) == [
        RemoveLink("tom", "ines", REPORTS_TO),
        PutLink(Link("tom", "bo", REPORTS_TO)),
    ]
    assert done(graph, manager("tom", "ines", dotted=True), manager("tom", "eve", dotted=True)) == [
        PutLink(Link("tom", "ines", REPORTS_TO, dotted=True)),
        PutLink(Link("tom", "eve", REPORTS_TO, dotted=True)),
    ]
    assert done(graph, manager("tom", "ines", dotted=True)) == []
    assert done(graph, manager("tom", None)) == [RemoveLink("tom", "bo", REPORTS_TO)]
    assert done(graph, manager("tom", None, dotted=True)) == [
        RemoveLink("tom", "eve", REPORTS_TO),
        RemoveLink("tom", "ines", REPORTS_TO),
    ]
    assert done(graph, manager("tom", None)) == done(graph, manager("tom", None, dotted=True)) == []


def test_a_line_changes_its_kind_since_there_is_one_a_pair() -> None:
    graph = grown(person("ines"), person("bo"), person("tom", manager_id="ines"))
    done(graph, manager("tom", "bo", dotted=True))
    assert done(graph, manager("tom", "bo")) == [
        RemoveLink("tom", "ines", REPORTS_TO),
        RemoveLink("tom", "bo", REPORTS_TO),
        PutLink(Link("tom", "bo", REPORTS_TO)),
    ]
    assert done(graph, manager("tom", "bo", dotted=True)) == [
        RemoveLink("tom", "bo", REPORTS_TO),
        PutLink(Link("tom", "bo", REPORTS_TO, dotted=True)),
    ]


def test_one_line_is_taken_away() -> None:
    graph = grown(person("ines"), person("bo"), person("tom", manager_id="ines"), manager("tom", "bo", dotted=True))
    no_line = "managerId 'bo': there is no such line from 'tom'"
    refused(graph, manager("tom", "bo", remove=True), NOT_FOUND, no_line, ["managerId"])
    no_line = "managerId 'ines': there is no such line from 'tom'"
    refused(graph, manager("tom", "ines", remove=True, dotted=True), NOT_FOUND, no_line, ["managerId"])
    assert done(graph, manager("tom", "bo", remove=True, dotted=True)) == [RemoveLink("tom", "bo", REPORTS_TO)]
    assert done(graph, manager("tom", "ines", remove=True)) == [RemoveLink("tom", "ines", REPORTS_TO)]


def test_a_ring_is_looked_for_along_primary_lines_whatever_came_first() -> None:
    graph = grown(person("ines"), person("eve"), person("tom"), manager("tom", "eve", dotted=True))
    done(graph, manager("tom", "ines"))
    message = "this REPORTS_TO link would close a ring: 'ines' -> 'tom' -> 'ines'"
    refused(graph, manager("ines", "tom"), CYCLE, message, ["managerId"], ["ines", "tom"])
    done(graph, manager("eve", "tom"))


def test_dotted_lines_may_form_rings_and_primary_ones_never_do() -> None:
    graph = grown(person("ines"), person("tom", manager_id="ines"), person("bo", manager_id="tom"))
    message = "this REPORTS_TO link would close a ring: 'ines' -> 'bo' -> 'tom' -> 'ines'"
    refused(graph, manager("ines", "bo"), CYCLE, message, ["managerId"], ["ines", "bo", "tom"])
    done(graph, manager("ines", "bo", dotted=True))
    refused(graph, manager("ines", "bo"), CYCLE, message, ["managerId"], ["ines", "bo", "tom"])
    done(graph, manager("bo", None))
    assert done(graph, manager("ines", "bo")) == [
        RemoveLink("ines", "bo", REPORTS_TO),
        PutLink(Link("ines", "bo", REPORTS_TO)),
    ]


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (
            manager("moon", "ines"),
            NOT_FOUND,
            "personId 'moon': there is no person with this id",
            ["personId"],
            ["moon"],
        ),
        (
            manager("engineering", "ines"),
            INVALID,
            "personId 'engineering' is a team, not a person",
            ["personId"],
            ["engineering"],
        ),
        (
            manager("tom", "moon"),
            NOT_FOUND,
            "managerId 'moon': there is no person with this id",
            ["managerId"],
            ["moon"],
        ),
        (
            manager("tom", "engineering", dotted=True),
            INVALID,
            "managerId 'engineering' is a team, not a person",
            ["managerId"],
            ["engineering"],
        ),
        *(
            (
                manager("tom", "tom", dotted=dotted),
                CYCLE,
                "'tom' cannot be linked to itself by REPORTS_TO",
                ["managerId"],
                ["tom"],
            )
            for dotted in (False, True)
        ),
    ],
)
def test_managers_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(grown(*people()), change, code, message, path, nodes)


# ---------- memberships ----------


def test_membership_and_leading_are_set_apart() -> None:
    graph = grown(*people())

    def set_to(**fields: object) -> do.SetMembership:
        return do.SetMembership(person_id="tom", team_id="platform team", **fields)  # type: ignore[arg-type]

    assert done(graph, set_to(member=True)) == [PutLink(Link("tom", "platform team", MEMBER_OF))]
    assert done(graph, set_to(member=True)) == []
    assert done(graph, set_to(leads=("pm", "chair", "pm"))) == [
        PutLink(Link("tom", "platform team", LEADS, roles=("chair", "pm")))
    ]
    assert done(graph, set_to(member=False, leads=("pm",))) == [
        RemoveLink("tom", "platform team", MEMBER_OF),
        PutLink(Link("tom", "platform team", LEADS, roles=("pm",))),
    ]
    assert done(graph, set_to(member=False)) == []
    assert done(graph, set_to(leads=())) == [RemoveLink("tom", "platform team", LEADS)]
    assert done(graph, set_to(leads=())) == []
    done(graph, set_to(member=True), do.SetMembership(person_id="tom", team_id="engineering", member=True))
    assert [link.target for link in links(graph, MEMBER_OF)] == ["engineering", "platform team"]


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({}, INVALID, "give member, leads or both", ["member"], []),
        (
            {"person_id": "moon", "member": True},
            NOT_FOUND,
            "personId 'moon': there is no person with this id",
            ["personId"],
            ["moon"],
        ),
        (
            {"team_id": "moon", "member": False},
            NOT_FOUND,
            "teamId 'moon': there is no team with this id",
            ["teamId"],
            ["moon"],
        ),
        ({"team_id": "ines", "member": True}, INVALID, "teamId 'ines' is a person, not a team", ["teamId"], ["ines"]),
        ({"leads": ("",)}, INVALID, "leads '' has no visible character; give it a name", ["leads"], []),
    ],
)
def test_memberships_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    given = {"person_id": "tom", "team_id": "engineering", **fields}
    refused(grown(*people()), do.SetMembership(**given), code, message, path, nodes)  # type: ignore[arg-type]


def test_what_somebody_owns_is_goals_and_initiatives() -> None:
    graph = grown(
        *people(),
        do.AssignOwner(goal_id="sales", owner_id="tom"),
        do.CreateInitiative(id="crm", title="A CRM", owner_id="tom"),
        do.CreateInitiative(id="ads", title="Ads", owner_id="tom"),
        do.CreateInitiative(id="fair", title="A fair", owner_id="ines"),
    )
    named = do.TransferOwnership(source="tom", target="ines", goals=("sales",))
    assert done(graph, named) == [RemoveLink("tom", "sales", OWNS), PutLink(Link("ines", "sales", OWNS))]
    assert done(graph, do.TransferOwnership(source="tom", target="platform team")) == [
        PutNode(Initiative("ads", "Ads", owner="platform team")),
        PutNode(Initiative("crm", "A CRM", owner="platform team")),
    ]
    assert done(graph, do.TransferOwnership(source="tom", target="ines")) == []
