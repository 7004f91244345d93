"""People and teams."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import ErasePerson, PutLink, PutNode, RemoveLink, RemoveNode
from graph_service.models.nodes import Initiative, Link, Person, Team
from graph_service.models.words import LinkKind
from tests.alignment.decide.company import (
    done,
    fact,
    goal,
    grown,
    key_result,
    objective,
    refused,
)

INVALID, NOT_FOUND, CYCLE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE
OWNS, CONTRIBUTES_TO, MEMBER_OF = LinkKind.OWNS, LinkKind.CONTRIBUTES_TO, LinkKind.MEMBER_OF
PART_OF, REPORTS_TO, LEADS = LinkKind.PART_OF, LinkKind.REPORTS_TO, LinkKind.LEADS


def person(id: str, **fields: object) -> do.CreatePerson:
    return do.CreatePerson(**{"id": id, "name": id, **fields})  # type: ignore[arg-type]


def team(id: str, **fields: object) -> do.CreateTeam:
    return do.CreateTeam(**{"id": id, "name": id, **fields})  # type: ignore[arg-type]


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


# ---------- people ----------


def test_a_person_needs_no_more_than_a_name() -> None:
    graph = grown()
    assert done(graph, do.CreatePerson(name=" Ines  Okafor ")) == [PutNode(Person("made-1", "Ines  Okafor"))]


def test_a_person_with_everything() -> None:
    graph = grown(*people())
    facts = done(
        graph,
        do.CreatePerson(
            id="bo",
            name="Bo",
            email=" bo@example.com ",
            job_title="Analyst",
            manager_id="tom",
            team_ids=("platform team", "engineering", "platform team"),
            active=False,
            type="post",
            attributes={"grade": "M3"},
        ),
    )
    assert facts == [
        PutNode(Person("bo", "Bo", "bo@example.com", "Analyst", active=False, type="post", attributes={"grade": "M3"})),
        PutLink(Link("bo", "tom", REPORTS_TO)),
        PutLink(Link("bo", "platform team", MEMBER_OF)),
        PutLink(Link("bo", "engineering", MEMBER_OF)),
    ]


@pytest.mark.parametrize(
    ("fields", "code", "message", "path", "nodes"),
    [
        ({"name": ""}, INVALID, "name '' has no visible character; give it a name", ["name"], []),
        *(
            (
                {"email": email},
                INVALID,
                f"email '{email}' is no e-mail address; write name@host, or leave it out",
                ["email"],
                [],
            )
            for email in ("bo", "@example.com", "bo@", "b o@example.com")
        ),
        (
            {"email": "bo@" + "x" * 318},
            INVALID,
            f"email 'bo@{'x' * 57}...' is no e-mail address; write name@host, or leave it out",
            ["email"],
            [],
        ),
        *(
            ({name: text}, INVALID, message.format(field), [field], [])
            for name, field in (("type", "type"), ("job_title", "jobTitle"))
            for text, message in (
                ("x" * 201, "{} '" + "x" * 60 + "...' has 201 characters; at most 200 are allowed"),
                ("a\nb", "{} 'a\\u000ab' holds a control character or line break; take it out"),
            )
        ),
        (
            {"job_title": "a\0"},
            INVALID,
            "jobTitle 'a\\u0000' holds a control character or line break; take it out",
            ["jobTitle"],
            [],
        ),
        (
            {"manager_id": "nobody"},
            NOT_FOUND,
            "managerId 'nobody': there is no person with this id",
            ["managerId"],
            ["nobody"],
        ),
        (
            {"manager_id": "engineering"},
            INVALID,
            "managerId 'engineering' is a team, not a person",
            ["managerId"],
            ["engineering"],
        ),
        (
            {"manager_id": "bo"},
            CYCLE,
            "'bo' cannot be linked to itself by REPORTS_TO",
            ["managerId"],
            ["bo"],
        ),
        (
            {"team_ids": ("engineering", "moon")},
            NOT_FOUND,
            "teamIds 'moon': there is no team with this id",
            ["teamIds"],
            ["moon"],
        ),
        ({"team_ids": ("ines",)}, INVALID, "teamIds 'ines' is a person, not a team", ["teamIds"], ["ines"]),
        (
            {"attributes": {"a": [1, {"b": float("nan")}]}},
            INVALID,
            "attributes: 'a' holds nan, no finite number; correct it or leave it out",
            ["attributes"],
            [],
        ),
    ],
)
def test_a_person_that_cannot_be(
    fields: dict[str, object], code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(grown(*people()), person("bo", **fields), code, message, path, nodes)


PERSON_FIELDS: dict[str, tuple[object, object]] = {
    "email": ("bo@example.org", None),
    "job_title": ("Lead", None),
    "active": (False, True),
    "type": ("office", "person"),
    "attributes": ({"grade": "M4"}, None),
}
TEAM_FIELDS: dict[str, tuple[object, object]] = {
    "type": ("tribe", None),
    "active": (False, True),
    "attributes": ({"room": "3"}, None),
}


def test_every_field_of_an_update_is_tried() -> None:
    assert {one.name for one in msgspec.structs.fields(do.UpdatePerson)} == {*PERSON_FIELDS, "id", "name"}
    assert {one.name for one in msgspec.structs.fields(do.UpdateTeam)} == {*TEAM_FIELDS, "id", "name", "parent_id"}


@pytest.mark.parametrize("field", PERSON_FIELDS)
def test_an_update_of_a_person_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(person("bo", email="bo@example.com", job_title="Analyst", type="post", attributes={"grade": "M3"}))
    new, cleared = PERSON_FIELDS[field]
    for given, value in ((new, new), (None, cleared)):
        old = fact(graph, "bo", Person)
        update = do.UpdatePerson(id="bo", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update) == []


@pytest.mark.parametrize("field", TEAM_FIELDS)
def test_an_update_of_a_team_changes_a_field_or_clears_it(field: str) -> None:
    graph = grown(team("platform team", type="squad", attributes={"room": "2"}))
    new, cleared = TEAM_FIELDS[field]
    for given, value in ((new, new), (None, cleared)):
        old = fact(graph, "platform team", Team)
        update = do.UpdateTeam(id="platform team", **{field: given})  # type: ignore[arg-type]
        assert done(graph, update) == [PutNode(replace(old, **{field: value}))]
        assert done(graph, update) == []


def test_a_name_is_trimmed_and_cannot_be_cleared() -> None:
    graph = grown(person("ines"), team("platform team"))
    assert done(graph, do.UpdatePerson(id="ines", name=" Ines ")) == [PutNode(Person("ines", "Ines"))]
    assert done(graph, do.UpdateTeam(id="platform team", name=" Core ")) == [PutNode(Team("platform team", "Core"))]
    for change in (do.UpdatePerson(id="ines", name=None), do.UpdateTeam(id="platform team", name=None)):
        refused(graph, change, INVALID, "name is missing; it cannot be cleared", ["name"])
    assert done(graph, do.UpdatePerson(id="ines")) == done(graph, do.UpdateTeam(id="platform team")) == []


# ---------- leaving ----------


def test_who_leaves_keeps_what_they_own_for_the_audit_to_see() -> None:
    graph = grown(*people(), do.AssignOwner(goal_id="sales", owner_id="tom"))
    before = graph.all_links()
    assert done(graph, do.DeactivatePerson(id="tom", reason="left")) == [PutNode(Person("tom", "tom", active=False))]
    assert graph.all_links() == before
    assert done(graph, do.DeactivatePerson(id="tom")) == []
    # ... and may be given more, and come back.
    assert len(done(graph, do.AssignOwner(goal_id="grow revenue", owner_id="tom"))) == 1
    assert done(graph, do.UpdatePerson(id="tom", active=None)) == [PutNode(Person("tom", "tom"))]


def test_an_erased_person_is_an_id_with_links() -> None:
    graph = grown(
        *people(),
        do.UpdatePerson(id="tom", email="tom@example.com", job_title="Analyst", attributes={"phone": "123"}),
        do.AssignOwner(goal_id="sales", owner_id="tom"),
        do.CheckInKeyResult(id="c1", key_result_id="sales", value=1.0, by="tom"),
    )
    before = graph.all_links()
    assert done(graph, do.ErasePersonForGood(id="tom")) == [ErasePerson("tom")]
    assert fact(graph, "tom", Person) == Person("tom", "tom", None, "Analyst", active=False, erased=True)
    assert graph.all_links() == before
    assert goal(graph, "sales").owner == goal(graph, "sales").check_ins[0].by == "tom"
    assert done(graph, do.ErasePersonForGood(id="tom")) == done(graph, do.DeactivatePerson(id="tom")) == []
    stays = "id 'tom' was erased and stays so"
    refused(graph, do.UpdatePerson(id="tom", name="Tom"), INVALID, stays, ["id"], ["tom"])
    # What hangs on the id can be handed on.
    assert done(graph, do.TransferOwnership(source="tom", target="ines")) == [
        RemoveLink("tom", "sales", OWNS),
        PutLink(Link("ines", "sales", OWNS)),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (do.AssignOwner(goal_id="sales", owner_id="ada"), "ownerId"),
        (do.SetContributor(goal_id="sales", owner_id="ada", roles=("author",)), "ownerId"),
        (do.TransferOwnership(source="ines", target="ada"), "to"),
        (do.CheckInKeyResult(key_result_id="sales", value=1.0, by="ada"), "by"),
        (do.CreateObjective(title="x", owner_id="ada"), "ownerId"),
        (do.CreateKeyResult(title="x", objective_id="grow revenue", owner_id="ada"), "ownerId"),
        (do.CreateInitiative(title="x", owner_id="ada"), "ownerId"),
        (do.UpdateInitiative(id="crm", owner_id="ada"), "ownerId"),
        (do.CreatePerson(name="x", manager_id="ada"), "managerId"),
        (do.SetManager(person_id="tom", manager_id="ada"), "managerId"),
        (do.SetManager(person_id="tom", manager_id="ada", dotted=True), "managerId"),
        (do.SetManager(person_id="ada", manager_id="ines"), "personId"),
        (do.SetManager(person_id="ada", manager_id="ines", dotted=True), "personId"),
        (do.SetMembership(person_id="ada", team_id="engineering", member=True), "personId"),
        (do.SetMembership(person_id="ada", team_id="engineering", leads=("chair",)), "personId"),
        (do.CreateRole(title="x", holders=("ada",)), "holders"),
        (do.UpdateRole(id="clerk", holders=("ada",)), "holders"),
    ],
)
def test_nothing_new_is_laid_on_an_erased_person(change: do.Change, field: str) -> None:
    graph = grown(*people(), do.CreateInitiative(id="crm", title="CRM"), do.CreateRole(id="clerk", title="Clerk"))
    refused(graph, change, INVALID, f"{field} 'ada' was erased; name someone else", [field], ["ada"])


def test_an_erased_person_keeps_what_they_have_and_can_give_it_up() -> None:
    graph = grown(
        *people(),
        do.SetMembership(person_id="tom", team_id="engineering", member=True, leads=("chair", "owner")),
        do.SetContributor(goal_id="sales", owner_id="tom", roles=("author", "reviewer")),
        do.CreateRole(id="clerk", title="Clerk", holders=("tom",)),
        do.ErasePersonForGood(id="tom"),
    )
    member = Link("tom", "engineering", LinkKind.MEMBER_OF)
    leads = Link("tom", "engineering", LinkKind.LEADS, roles=("owner",))
    said = do.SetMembership(person_id="tom", team_id="engineering", member=True, leads=("owner",))
    assert done(graph, said) == [PutLink(leads)]
    writes = do.SetContributor(goal_id="sales", owner_id="tom", roles=("author",))
    assert done(graph, writes) == [PutLink(Link("tom", "sales", LinkKind.CONTRIBUTES_TO, roles=("author",)))]
    assert done(graph, do.UpdateRole(id="clerk", holders=("tom",))) == []
    assert done(graph, do.UpdateRole(id="clerk", holders=("ines", "tom"))) == [
        PutLink(Link("ines", "clerk", LinkKind.HOLDS))
    ]
    gone = do.SetMembership(person_id="tom", team_id="engineering", member=False, leads=())
    assert done(graph, gone) == [RemoveLink(one.source, one.target, one.kind) for one in (member, leads)]
    assert done(graph, do.SetManager(person_id="tom")) == [RemoveLink("tom", "ines", LinkKind.REPORTS_TO)]


# ---------- teams ----------


def test_a_team_with_everything_and_within_another() -> None:
    graph = grown(*people())
    facts = done(
        graph,
        do.CreateTeam(
            id="apps", name=" Apps ", parent_id="platform team", type="squad", active=False, attributes={"room": 2}
        ),
    )
    assert facts == [
        PutNode(Team("apps", "Apps", "squad", active=False, attributes={"room": 2})),
        PutLink(Link("apps", "platform team", PART_OF)),
    ]


def test_a_team_moves_and_comes_to_the_top() -> None:
    graph = grown(*people(), team("product"))
    assert done(graph, do.UpdateTeam(id="platform team", parent_id="product")) == [
        RemoveLink("platform team", "engineering", PART_OF),
        PutLink(Link("platform team", "product", PART_OF)),
    ]
    assert done(graph, do.UpdateTeam(id="platform team", parent_id="product")) == []
    assert done(graph, do.UpdateTeam(id="platform team", parent_id=None)) == [
        RemoveLink("platform team", "product", PART_OF)
    ]
    assert done(graph, do.UpdateTeam(id="platform team", parent_id=None)) == []


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (team("x", name="\n"), INVALID, "name '\\u000a' has no visible character; give it a name", ["name"], []),
        (
            team("x", parent_id="moon"),
            NOT_FOUND,
            "parentId 'moon': there is no team with this id",
            ["parentId"],
            ["moon"],
        ),
        (team("x", parent_id="ines"), INVALID, "parentId 'ines' is a person, not a team", ["parentId"], ["ines"]),
        (team("x", parent_id="x"), CYCLE, "'x' cannot be linked to itself by PART_OF", ["parentId"], ["x"]),
        (
            do.UpdateTeam(id="engineering", parent_id="engineering"),
            CYCLE,
            "'engineering' cannot be linked to itself by PART_OF",
            ["parentId"],
            ["engineering"],
        ),
        (
            do.UpdateTeam(id="engineering", parent_id="apps"),
            CYCLE,
            "this PART_OF link would close a ring: 'engineering' -> 'apps' -> 'platform team' -> 'engineering'",
            ["parentId"],
            ["engineering", "apps", "platform team"],
        ),
        (do.UpdateTeam(id="moon"), NOT_FOUND, "id 'moon': there is no team with this id", ["id"], ["moon"]),
        (do.UpdateTeam(id="ines"), INVALID, "id 'ines' is a person, not a team", ["id"], ["ines"]),
        (do.UpdatePerson(id="moon"), NOT_FOUND, "id 'moon': there is no person with this id", ["id"], ["moon"]),
        (do.UpdatePerson(id="apps"), INVALID, "id 'apps' is a team, not a person", ["id"], ["apps"]),
        (do.DeactivatePerson(id="apps"), INVALID, "id 'apps' is a team, not a person", ["id"], ["apps"]),
        (do.ErasePersonForGood(id="apps"), INVALID, "id 'apps' is a team, not a person", ["id"], ["apps"]),
        (
            do.UpdatePerson(id="ines", email="ines"),
            INVALID,
            "email 'ines' is no e-mail address; write name@host, or leave it out",
            ["email"],
            [],
        ),
        (
            do.DeactivatePerson(id="ines", reason="a\x00"),
            INVALID,
            "reason 'a\\u0000' holds a control character; take it out",
            ["reason"],
            [],
        ),
    ],
)
def test_people_and_teams_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    refused(grown(*people(), team("apps", parent_id="platform team")), change, code, message, path, nodes)


def test_a_team_goes_with_its_memberships() -> None:
    graph = grown(
        *people(),
        do.SetMembership(person_id="tom", team_id="platform team", member=True, leads=("chair",)),
        do.SetContributor(goal_id="sales", owner_id="platform team", roles=("reviewer",)),
    )
    assert done(graph, do.RemoveTeam(id="platform team", reason="merged")) == [
        RemoveNode(
            "platform team",
            (
                Link("platform team", "engineering", PART_OF),
                Link("platform team", "sales", CONTRIBUTES_TO, roles=("reviewer",)),
                Link("tom", "platform team", LEADS, roles=("chair",)),
                Link("tom", "platform team", MEMBER_OF),
            ),
        )
    ]
    gone = "id 'platform team': there is no team with this id"
    refused(graph, do.RemoveTeam(id="platform team"), NOT_FOUND, gone, ["id"], ["platform team"])


def test_a_team_with_goals_teams_or_initiatives_stays_and_says_with_which() -> None:
    graph = grown(*people())
    message = "team 'engineering' still has 1 team within it ('platform team'); move them first"
    refused(graph, do.RemoveTeam(id="engineering"), INVALID, message, ["id"], ["platform team"])
    goals = [f"goal {number}" for number in range(7)]
    for known, many in ((0, 2), (2, 5)):
        for id in goals[known:many]:
            done(graph, objective(id, owner_id="engineering"))
        named = ", ".join(f"'{id}'" for id in goals[:many])
        held = f"{many} goals ({named}) and 1 team within it ('platform team')"
        message = f"team 'engineering' still has {held}; move them first"
        refused(graph, do.RemoveTeam(id="engineering"), INVALID, message, ["id"], [*goals[:many], "platform team"])
    for id in goals[5:]:
        done(graph, objective(id, owner_id="engineering"))
    done(graph, do.CreateInitiative(id="crm", title="CRM", owner_id="engineering"))
    message = (
        "team 'engineering' still has 7 goals ('goal 0', 'goal 1', 'goal 2', 'goal 3', 'goal 4' and 2 more)"
        " and 1 team within it ('platform team') and 1 initiative ('crm'); move them first"
    )
    nodes = [*goals, "platform team", "crm"]
    refused(graph, do.RemoveTeam(id="engineering"), INVALID, message, ["id"], nodes)
    done(
        graph,
        do.TransferOwnership(source="engineering", target="ines"),
        do.UpdateTeam(id="platform team", parent_id=None),
        do.UpdateInitiative(id="crm", owner_id=None),
        do.RemoveTeam(id="engineering"),
    )
    assert fact(graph, "crm", Initiative).owner is None
