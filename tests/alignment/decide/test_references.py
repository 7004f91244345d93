"""References to nothing: kept, resolved, dropped."""

from __future__ import annotations

import pytest

from graph_service.alignment.decide.links import ENDS
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutBroken, PutLink, RemoveBroken, RemoveLink
from graph_service.models.nodes import BrokenReference, Link
from graph_service.models.words import GOAL_LINKS, LinkKind
from tests.alignment.decide.company import (
    done,
    grown,
    key_result,
    move,
    objective,
    parent,
    refused,
    upward,
)

INVALID, NOT_FOUND, CYCLE, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE, ErrorCode.DUPLICATE
KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED


def ring(*ids: str) -> str:
    """What is said of a link that would close this ring."""
    way = " -> ".join(f"'{id}'" for id in (*ids, ids[0]))
    return f"this link would close a ring: {way}; leave it out or take away one of the others"


def two_trees() -> list[do.Change]:
    """Two objectives, each with a key result."""
    return [
        do.CreatePerson(id="ines", name="Ines"),
        objective("grow"),
        key_result("sales", "grow"),
        objective("delight"),
        key_result("nps", "delight"),
        objective("launch"),
    ]


# ---------- references to nothing ----------


def keep(node: str, kind: LinkKind, reference: str, **fields: object) -> do.KeepReference:
    return do.KeepReference(node_id=node, link=kind, reference=reference, **fields)  # type: ignore[arg-type]


def resolve(node: str, kind: LinkKind, reference: str, to: str | None = None) -> do.ResolveReference:
    return do.ResolveReference(node_id=node, link=kind, reference=reference, to=to)


def test_a_reference_is_kept_as_text_and_becomes_no_link_by_itself() -> None:
    graph = grown(*two_trees())
    facts = done(graph, keep("launch", PARENT, " unknown:7 ", weight=2, roles=("b", "a", "b")), importing=True)
    kept = BrokenReference("launch", PARENT, "unknown:7", True, 2.0, ("a", "b"))
    assert facts == [PutBroken(kept)]
    done(graph, objective("unknown:7"))
    assert upward(graph, "launch") == []
    assert graph.nodes["launch"].broken == (kept,)


@pytest.mark.parametrize(
    ("kind", "node", "outgoing", "to", "link"),
    [
        (PARENT, "launch", True, "nps", Link("launch", "nps", PARENT, 2.0)),
        (PARENT, "grow", False, "launch", Link("launch", "grow", PARENT, 2.0)),
        (ALIGNED, "sales", True, "nps", Link("sales", "nps", ALIGNED, 2.0)),
        (LinkKind.OWNS, "grow", False, "ines", Link("ines", "grow", LinkKind.OWNS, roles=("lead",))),
        (
            LinkKind.CONTRIBUTES_TO,
            "grow",
            False,
            "ines",
            Link("ines", "grow", LinkKind.CONTRIBUTES_TO, roles=("lead",)),
        ),
        (LinkKind.REPORTS_TO, "ines", True, "tom", Link("ines", "tom", LinkKind.REPORTS_TO, roles=("lead",))),
    ],
)
def test_a_reference_becomes_the_link_that_was_meant(
    kind: LinkKind, node: str, outgoing: bool, to: str, link: Link
) -> None:
    graph = grown(*two_trees(), do.CreatePerson(id="tom", name="Tom"))
    given = {"weight": 2.0} if kind in GOAL_LINKS else {"roles": ("lead",)}
    done(graph, keep(node, kind, "?", outgoing=outgoing, **given), importing=True)
    assert done(graph, resolve(node, kind, "?", to)) == [RemoveBroken(node, kind, "?", outgoing), PutLink(link)]
    assert graph.nodes[node].broken == ()


def test_a_reference_is_dropped() -> None:
    graph = grown(*two_trees())
    done(graph, keep("launch", PARENT, "north"), keep("launch", PARENT, "south"), importing=True)
    assert done(graph, resolve("launch", PARENT, "north")) == [RemoveBroken("launch", PARENT, "north")]
    assert [one.reference for one in graph.nodes["launch"].broken] == ["south"]


def test_a_key_result_that_found_an_objective_in_the_meantime_moves() -> None:
    graph = grown(*two_trees(), do.CreateKeyResult(id="stray", title="stray"), importing=True)
    done(graph, keep("stray", KEY_RESULT_OF, "?"), keep("delight", KEY_RESULT_OF, "!", outgoing=False), importing=True)
    done(graph, move("stray", "grow"))
    assert done(graph, resolve("stray", KEY_RESULT_OF, "?", "delight")) == [
        RemoveBroken("stray", KEY_RESULT_OF, "?"),
        RemoveLink("stray", "grow", KEY_RESULT_OF),
        PutLink(Link("stray", "delight", KEY_RESULT_OF, 1.0, 1)),
    ]
    done(graph, resolve("delight", KEY_RESULT_OF, "!", "sales"))
    assert [upward(graph, id) for id in ("stray", "sales")] == [[("KEY_RESULT_OF", "delight", 1.0)]] * 2


def test_one_text_may_be_meant_both_ways() -> None:
    graph = grown(*two_trees())
    done(graph, keep("launch", PARENT, "north"), keep("launch", PARENT, "north", outgoing=False), importing=True)
    assert graph.nodes["launch"].broken == (
        BrokenReference("launch", PARENT, "north", outgoing=False),
        BrokenReference("launch", PARENT, "north"),
    )
    both = "'launch' keeps the PARENT reference 'north' both ways; say by outgoing which is meant"
    refused(graph, resolve("launch", PARENT, "north", "grow"), INVALID, both, ["outgoing"], ["launch"])
    up = do.ResolveReference(node_id="launch", link=PARENT, reference="north", outgoing=True, to="grow")
    assert done(graph, up) == [
        RemoveBroken("launch", PARENT, "north"),
        PutLink(Link("launch", "grow", PARENT, 1.0)),
    ]
    gone = "'launch' keeps no PARENT reference 'north'"
    refused(graph, up, NOT_FOUND, gone, ["reference"], ["launch"])
    assert done(graph, resolve("launch", PARENT, "north", "delight")) == [
        RemoveBroken("launch", PARENT, "north", outgoing=False),
        PutLink(Link("delight", "launch", PARENT, 1.0)),
    ]


def test_references_rest_with_a_removed_node() -> None:
    graph = grown(*two_trees())
    done(graph, keep("launch", PARENT, "north"), importing=True)
    done(graph, do.RemoveGoal(id="launch"))
    done(graph, do.RestoreGoal(id="launch"))
    assert graph.nodes["launch"].broken == (BrokenReference("launch", PARENT, "north"),)


def test_only_an_import_keeps_references() -> None:
    message = "keepReference is for imports only; link to something that exists"
    refused(grown(*two_trees()), keep("launch", PARENT, "north"), INVALID, message)


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        (keep("moon", PARENT, "x"), NOT_FOUND, "nodeId 'moon': there is no node with this id", ["nodeId"], ["moon"]),
        (
            keep("launch", PARENT, " north"),
            DUPLICATE,
            "'launch' keeps the reference 'north' already",
            ["reference"],
            [],
        ),
        (
            keep("launch", PARENT, ""),
            INVALID,
            "reference '' has no visible character; give it a name",
            ["reference"],
            [],
        ),
        (
            keep("launch", PARENT, "x", weight=-1.0),
            INVALID,
            "weight '-1.0' is negative; give 0 (shown, not counted) or more",
            ["weight"],
            [],
        ),
        (
            keep("launch", PARENT, "x", roles=("",)),
            INVALID,
            "roles '' has no visible character; give it a name",
            ["roles"],
            [],
        ),
        (
            resolve("moon", PARENT, "north"),
            NOT_FOUND,
            "nodeId 'moon': there is no node with this id",
            ["nodeId"],
            ["moon"],
        ),
        (
            resolve("launch", PARENT, "south"),
            NOT_FOUND,
            "'launch' keeps no PARENT reference 'south'",
            ["reference"],
            ["launch"],
        ),
        (
            resolve("launch", ALIGNED, "north"),
            NOT_FOUND,
            "'launch' keeps no ALIGNED reference 'north'",
            ["reference"],
            ["launch"],
        ),
        (
            resolve("launch", PARENT, "north", "moon"),
            NOT_FOUND,
            "to 'moon': there is no objective or key result with this id",
            ["to"],
            ["moon"],
        ),
        (
            resolve("launch", PARENT, "north", "ines"),
            INVALID,
            "to 'ines' is a person, not an objective or key result",
            ["to"],
            ["ines"],
        ),
        (
            resolve("launch", PARENT, "north", "launch"),
            CYCLE,
            "'launch' cannot support itself",
            ["to"],
            ["launch"],
        ),
        (
            resolve("launch", PARENT, "north", "grow"),
            DUPLICATE,
            "'launch' is linked to 'grow' by PARENT already; change it by updateLink",
            ["to"],
            ["launch", "grow"],
        ),
        (
            resolve("launch", PARENT, "north", "below"),
            CYCLE,
            ring("launch", "below"),
            ["to"],
            ["launch", "below"],
        ),
        (
            resolve("grow", LinkKind.OWNS, "nobody", "moon"),
            NOT_FOUND,
            "to 'moon': there is no person or team with this id",
            ["to"],
            ["moon"],
        ),
        (
            resolve("grow", LinkKind.OWNS, "nobody", "ines"),
            DUPLICATE,
            "'grow' is owned by 'tom'; a goal has one owner: use assignOwner",
            ["to"],
            ["grow", "tom"],
        ),
        (
            resolve("grow", LinkKind.OWNS, "nobody", "tom"),
            DUPLICATE,
            "'tom' is linked to 'grow' by OWNS already",
            ["to"],
            ["tom", "grow"],
        ),
        (
            resolve("ines", LinkKind.REPORTS_TO, "boss", "ines"),
            CYCLE,
            "'ines' cannot be linked to itself by REPORTS_TO",
            ["to"],
            ["ines"],
        ),
        (
            resolve("ines", LinkKind.REPORTS_TO, "boss", "ada"),
            DUPLICATE,
            "'ines' has a REPORTS_TO link to 'tom'; take that away first",
            ["to"],
            ["ines", "tom"],
        ),
    ],
)
def test_references_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(
        *two_trees(),
        do.CreatePerson(id="tom", name="Tom"),
        do.CreatePerson(id="ada", name="Ada"),
        do.AssignOwner(goal_id="grow", owner_id="tom"),
        do.SetManager(person_id="ines", manager_id="tom"),
        parent("launch", "grow"),
        objective("below", "launch"),
        keep("launch", PARENT, "north"),
        keep("grow", LinkKind.OWNS, "nobody", outgoing=False),
        keep("ines", LinkKind.REPORTS_TO, "boss"),
        importing=True,
    )
    refused(graph, change, code, message, path, nodes, importing=True)


def test_every_kind_of_link_has_its_ends() -> None:
    assert ENDS.keys() == set(LinkKind)
