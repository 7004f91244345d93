"""Links between goals, the rings they may never close, and references to nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from graph_service.alignment.decide.links import ENDS
from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutBroken, PutLink, RemoveBroken, RemoveLink
from graph_service.models.nodes import BrokenReference, Link
from graph_service.models.words import GOAL_LINKS, Aggregate, LinkKind, Measure
from tests.alignment.decide.company import (
    aligned,
    done,
    goal,
    grown,
    key_result,
    links,
    move,
    numbers,
    objective,
    parent,
    refused,
    refused_together,
    upward,
)

INVALID, NOT_FOUND, CYCLE, DUPLICATE = ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.CYCLE, ErrorCode.DUPLICATE
KEY_RESULT_OF, PARENT, ALIGNED = LinkKind.KEY_RESULT_OF, LinkKind.PARENT, LinkKind.ALIGNED
OTHERS = [kind for kind in LinkKind if kind not in GOAL_LINKS]
NAN = float("nan")


def reweigh(source: str, target: str, kind: LinkKind, weight: float | None) -> do.UpdateLink:
    return do.UpdateLink(source=source, target=target, link=kind, weight=weight)


def unlink(source: str, target: str, kind: LinkKind) -> do.UnlinkGoals:
    return do.UnlinkGoals(source=source, target=target, link=kind)


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


# ---------- linkGoals ----------


@pytest.mark.parametrize(
    ("source", "target", "kind", "weight"),
    [
        ("launch", "grow", PARENT, 1.0),
        ("launch", "sales", PARENT, 1.0),
        ("launch", "grow", ALIGNED, 0.0),
        ("launch", "nps", ALIGNED, 0.0),
        ("sales", "delight", ALIGNED, 0.0),
        ("sales", "nps", ALIGNED, 0.0),
    ],
)
@pytest.mark.parametrize("given", [None, 0.0, -0.0, 2, 1e18])
def test_a_link_has_the_weight_given_or_that_of_its_kind(
    source: str, target: str, kind: LinkKind, weight: float, given: float | None
) -> None:
    graph = grown(*two_trees())
    facts = done(graph, do.LinkGoals(source=source, target=target, link=kind, weight=given))
    made = weight if given is None else float(given) + 0.0
    assert facts == [PutLink(Link(source, target, kind, made))]
    assert repr(links(graph, kind)[0].weight) == repr(made)
    assert (goal(graph, source).revision, goal(graph, target).revision < 7) == (7, True)


def test_two_kinds_of_link_between_the_same_two_count_both() -> None:
    graph = grown(*two_trees())
    done(graph, parent("launch", "grow"), aligned("launch", "grow", 1.0), key_result("app", "launch"))
    done(graph, do.CheckInKeyResult(key_result_id="app", value=6.0))
    assert upward(graph, "launch") == [("PARENT", "grow", 1.0), ("ALIGNED", "grow", 1.0)]
    assert numbers(graph, "grow") == (0.39999999999999997, 0.39999999999999997, 1.0)  # (0 + 0.6 + 0.6) / 3


@pytest.mark.parametrize(
    ("change", "code", "message", "path", "nodes"),
    [
        *(
            (
                do.LinkGoals(source="ines", target="grow", link=kind),
                INVALID,
                f"kind {kind.name} does not join goals; use PARENT, ALIGNED or KEY_RESULT_OF",
                ["kind"],
                [],
            )
            for kind in OTHERS
        ),
        (
            parent("sales", "delight"),
            INVALID,
            "from 'sales' is a key result, not an objective",
            ["from"],
            ["sales"],
        ),
        (parent("launch", "ines"), INVALID, "to 'ines' is a person, not an objective or key result", ["to"], ["ines"]),
        (
            aligned("ines", "launch"),
            INVALID,
            "from 'ines' is a person, not an objective or key result",
            ["from"],
            ["ines"],
        ),
        (
            move("launch", "grow"),
            INVALID,
            "from 'launch' is an objective, not a key result",
            ["from"],
            ["launch"],
        ),
        (move("sales", "nps"), INVALID, "to 'nps' is a key result, not an objective", ["to"], ["nps"]),
        (
            parent("moon", "grow"),
            NOT_FOUND,
            "from 'moon': there is no objective with this id",
            ["from"],
            ["moon"],
        ),
        (
            aligned("launch", "moon"),
            NOT_FOUND,
            "to 'moon': there is no objective or key result with this id",
            ["to"],
            ["moon"],
        ),
        (move("moon", "grow"), NOT_FOUND, "from 'moon': there is no key result with this id", ["from"], ["moon"]),
        *(
            (change, CYCLE, f"'{change.source}' cannot support itself", ["to"], [change.source])
            for change in (
                parent("launch", "launch"),
                parent("launch", "launch", 0.0),
                aligned("launch", "launch"),
                aligned("sales", "sales", 0.0),
                aligned("sales", "sales", 1.0),
            )
        ),
        (move("sales", "sales"), INVALID, "to 'sales' is a key result, not an objective", ["to"], ["sales"]),
        (
            move("sales", "grow"),
            DUPLICATE,
            "'sales' is linked to 'grow' by KEY_RESULT_OF already; change it by updateLink",
            ["to"],
            ["sales", "grow"],
        ),
        (
            parent("launch", "delight", 7.0),
            DUPLICATE,
            "'launch' is linked to 'delight' by PARENT already; change it by updateLink",
            ["to"],
            ["launch", "delight"],
        ),
        (
            aligned("nps", "sales"),
            DUPLICATE,
            "'nps' is linked to 'sales' by ALIGNED already; change it by updateLink",
            ["to"],
            ["nps", "sales"],
        ),
        (
            parent("launch", "grow", -1.0),
            INVALID,
            "weight '-1.0' is negative; give 0 (shown, not counted) or more",
            ["weight"],
            [],
        ),
        *(
            (
                aligned("launch", "grow", weight),
                INVALID,
                f"weight '{weight!r}' is not a finite number within 1e18; give another",
                ["weight"],
                [],
            )
            for weight in (NAN, float("inf"), 1e19)
        ),
    ],
)
def test_a_link_that_cannot_be(
    change: do.Change, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*two_trees(), parent("launch", "delight"), aligned("nps", "sales"))
    refused(graph, change, code, message, path, nodes)


# ---------- moving a key result ----------


def test_a_key_result_moves_with_all_it_has_to_the_end_of_another_objective() -> None:
    graph = grown(
        *two_trees(),
        do.UpdateLink(source="sales", target="grow", link=KEY_RESULT_OF, weight=5.0),
        do.AssignOwner(goal_id="sales", owner_id="ines"),
        do.CheckInKeyResult(id="c1", key_result_id="sales", value=5.0),
        parent("launch", "sales"),
    )
    assert numbers(graph, "grow") == (0.5, 0.5, 1.0)
    assert done(graph, move("sales", "delight")) == [
        RemoveLink("sales", "grow", KEY_RESULT_OF),
        PutLink(Link("sales", "delight", KEY_RESULT_OF, 1.0, 1)),
    ]
    assert [one.id for one in goal(graph, "delight").key_results] == ["nps", "sales"]
    assert (goal(graph, "sales").owner, goal(graph, "sales").check_ins[0].id) == ("ines", "c1")
    assert upward(graph, "launch") == [("PARENT", "sales", 1.0)]
    assert numbers(graph, "grow") == (None, None, 0.0)
    assert numbers(graph, "delight") == (0.25, 0.25, 1.0)
    done(graph, move("sales", "grow", 0.0))
    assert upward(graph, "sales") == [("KEY_RESULT_OF", "grow", 0.0)]


def test_a_move_that_would_close_a_ring_leaves_the_key_result_where_it_is() -> None:
    graph = grown(*two_trees(), parent("launch", "sales"), parent("delight", "launch"))
    message = ring("sales", "delight", "launch")
    refused(graph, move("sales", "delight"), CYCLE, message, ["to"], ["sales", "delight", "launch"])
    assert upward(graph, "sales") == [("KEY_RESULT_OF", "grow", 1.0)]


def test_a_loose_key_result_is_attached_by_the_same_move() -> None:
    graph = grown(objective("grow"), do.CreateKeyResult(id="stray", title="stray"), importing=True)
    assert done(graph, move("stray", "grow")) == [PutLink(Link("stray", "grow", KEY_RESULT_OF))]


# ---------- rings ----------


def chain() -> list[do.Change]:
    """launch -> beta -> sales -> grow -> top, by a weighted alignment, a parent of weight 0 and a key result."""
    return [
        objective("top"),
        objective("grow", "top"),
        key_result("sales", "grow"),
        objective("beta"),
        parent("beta", "sales", 0.0),
        objective("launch"),
        aligned("launch", "beta", 0.5),
        key_result("app", "launch"),
    ]


RINGS: list[tuple[do.Change, Sequence[str]]] = [
    (parent("top", "launch"), ["top", "launch", "beta", "sales", "grow"]),
    (parent("top", "launch", 0.0), ["top", "launch", "beta", "sales", "grow"]),
    (aligned("top", "launch", 0.001), ["top", "launch", "beta", "sales", "grow"]),
    (parent("grow", "sales"), ["grow", "sales"]),
    (aligned("grow", "sales", 1.0), ["grow", "sales"]),
    (aligned("sales", "beta", 1.0), ["sales", "beta"]),
    (aligned("sales", "app", 1.0), ["sales", "app", "launch", "beta"]),
    (move("sales", "launch"), ["sales", "launch", "beta"]),
    (parent("grow", "app"), ["grow", "app", "launch", "beta", "sales"]),
    (parent("beta", "launch"), ["beta", "launch"]),
]


@pytest.mark.parametrize(("change", "nodes"), RINGS)
def test_no_link_closes_a_ring(change: do.Change, nodes: Sequence[str]) -> None:
    refused(grown(*chain()), change, CYCLE, ring(*nodes), ["to"], nodes)


@pytest.mark.parametrize(
    "change", [change for change, _ in RINGS if isinstance(change, do.LinkGoals) and change.link is ALIGNED]
)
def test_an_informational_link_may_and_gets_no_weight_afterwards(change: do.LinkGoals) -> None:
    graph = grown(*chain())
    nodes = next(nodes for known, nodes in RINGS if known is change)
    done(graph, aligned(change.source, change.target))
    weigh = reweigh(change.source, change.target, ALIGNED, 1.0)
    refused(graph, weigh, CYCLE, ring(*nodes), ["weight"], nodes)
    assert done(graph, reweigh(change.source, change.target, ALIGNED, 0.0)) == []


def test_informational_links_may_form_rings_and_every_walk_ends() -> None:
    graph = grown(objective("grow"), objective("delight"), objective("launch"))
    done(graph, aligned("grow", "delight"), aligned("delight", "launch"), aligned("launch", "grow"))
    done(graph, parent("grow", "launch"))  # the rest of the ring is informational
    assert goal(graph, "launch").height == 1
    message = ring("launch", "grow")
    refused(graph, parent("launch", "grow"), CYCLE, message, ["to"], ["launch", "grow"])


def test_a_link_whose_weight_is_taken_away_stands_in_no_way() -> None:
    graph = grown(*chain(), reweigh("launch", "beta", ALIGNED, 0.0))
    assert done(graph, parent("top", "launch")) == [PutLink(Link("top", "launch", PARENT))]
    nodes = ["launch", "beta", "sales", "grow", "top"]
    refused(graph, reweigh("launch", "beta", ALIGNED, 0.5), CYCLE, ring(*nodes), ["weight"], nodes)


def test_a_weight_0_parent_stands_in_the_way_and_its_absence_does_not() -> None:
    graph = grown(*chain())
    done(graph, unlink("beta", "sales", PARENT), parent("top", "launch"))
    nodes = ["beta", "sales", "grow", "top", "launch"]
    refused(graph, parent("beta", "sales", 0.0), CYCLE, ring(*nodes), ["to"], nodes)


def test_a_ring_that_only_the_batch_closes() -> None:
    graph = grown(objective("grow"), objective("delight"), objective("launch"))
    batch = [parent("grow", "delight"), parent("delight", "launch"), parent("launch", "grow")]
    nodes = ["launch", "grow", "delight"]
    refused_together(graph, batch, 2, CYCLE, ring(*nodes), ["to"], nodes)
    done(graph, *batch[:2], unlink("grow", "delight", PARENT), batch[2])


def test_a_long_ring_is_named_whole_and_told_in_short() -> None:
    names = [f"step {number}" for number in range(12)]
    graph = grown(*[objective(name) for name in names])
    done(graph, *[parent(low, high) for low, high in itertools.pairwise(names)])
    nodes = [names[-1], *names[:-1]]
    way = " -> ".join(f"'{id}'" for id in (*nodes[:8], "...", nodes[0]))
    message = f"this link would close a ring: {way}; leave it out or take away one of the others"
    refused(graph, parent(names[-1], names[0]), CYCLE, message, ["to"], nodes)


# ---------- updateLink ----------


@pytest.mark.parametrize(
    ("source", "target", "kind"),
    [("sales", "grow", KEY_RESULT_OF), ("launch", "grow", PARENT), ("nps", "grow", ALIGNED)],
)
def test_another_weight_keeps_the_place(source: str, target: str, kind: LinkKind) -> None:
    graph = grown(*two_trees(), parent("launch", "delight"), parent("launch", "grow"), aligned("nps", "grow"))
    old = graph.link(source, target, kind)
    assert old is not None
    assert done(graph, reweigh(source, target, kind, 2.5)) == [
        PutLink(Link(source, target, kind, 2.5, position=old.position))
    ]
    assert done(graph, reweigh(source, target, kind, 2.5)) == []
    done(graph, reweigh(source, target, kind, 0.0))
    assert next(edge.weight for edge in goal(graph, source).up if edge.parent.id == target) == 0.0


def test_a_new_weight_counts_at_once() -> None:
    graph = grown(*two_trees(), aligned("nps", "grow"), do.CheckInKeyResult(key_result_id="nps", value=10.0))
    assert numbers(graph, "grow") == (0.0, 0.0, 1.0)
    done(graph, reweigh("nps", "grow", ALIGNED, 3.0))
    assert numbers(graph, "grow") == (0.75, 0.75, 1.0)
    done(graph, reweigh("sales", "grow", KEY_RESULT_OF, 0.0))
    assert numbers(graph, "grow") == (1.0, 1.0, 1.0)
    done(graph, reweigh("nps", "grow", ALIGNED, 0.0))
    assert numbers(graph, "grow") == (None, None, 0.0)


@pytest.mark.parametrize(
    ("kind", "source", "target", "code", "message", "path", "nodes"),
    [
        *(
            (
                kind,
                "ines",
                "grow",
                INVALID,
                f"kind {kind.name} does not join goals; use PARENT, ALIGNED or KEY_RESULT_OF",
                ["kind"],
                [],
            )
            for kind in OTHERS
        ),
        (
            PARENT,
            "launch",
            "delight",
            NOT_FOUND,
            "there is no PARENT link from 'launch' to 'delight'",
            ["to"],
            ["launch", "delight"],
        ),
        (
            ALIGNED,
            "launch",
            "grow",
            NOT_FOUND,
            "there is no ALIGNED link from 'launch' to 'grow'",
            ["to"],
            ["launch", "grow"],
        ),
        (
            PARENT,
            "grow",
            "launch",
            NOT_FOUND,
            "there is no PARENT link from 'grow' to 'launch'",
            ["to"],
            ["grow", "launch"],
        ),
        (
            PARENT,
            "moon",
            "grow",
            NOT_FOUND,
            "from 'moon': there is no objective or key result with this id",
            ["from"],
            ["moon"],
        ),
        (
            PARENT,
            "launch",
            "ines",
            INVALID,
            "to 'ines' is a person, not an objective or key result",
            ["to"],
            ["ines"],
        ),
    ],
)
def test_a_link_that_is_not_there_is_neither_changed_nor_taken_away(
    kind: LinkKind, source: str, target: str, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*two_trees(), parent("launch", "grow"))
    refused(graph, reweigh(source, target, kind, 1.0), code, message, path, nodes)
    refused(graph, unlink(source, target, kind), code, message, path, nodes)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (None, "weight is missing; give the new one"),
        (-0.5, "weight '-0.5' is negative; give 0 (shown, not counted) or more"),
        (NAN, "weight 'nan' is not a finite number within 1e18; give another"),
        (1e19, "weight '1e+19' is not a finite number within 1e18; give another"),
    ],
)
def test_a_new_weight_that_cannot_be(weight: float | None, message: str) -> None:
    graph = grown(*two_trees(), parent("launch", "grow"))
    refused(graph, reweigh("launch", "grow", PARENT, weight), INVALID, message, ["weight"])


# ---------- unlinkGoals ----------


def test_a_link_goes_with_what_it_counted_for() -> None:
    graph = grown(*two_trees(), aligned("nps", "grow", 1.0), do.CheckInKeyResult(key_result_id="nps", value=10.0))
    assert numbers(graph, "grow") == (0.5, 0.5, 1.0)
    assert done(graph, unlink("nps", "grow", ALIGNED)) == [RemoveLink("nps", "grow", ALIGNED)]
    assert numbers(graph, "grow") == (0.0, 0.0, 1.0)
    message = "there is no ALIGNED link from 'nps' to 'grow'"
    refused(graph, unlink("nps", "grow", ALIGNED), NOT_FOUND, message, ["to"], ["nps", "grow"])


def test_a_key_result_is_not_left_without_an_objective() -> None:
    message = "key result 'sales' belongs to exactly one objective; move it by linkGoals, or remove it"
    refused(grown(*two_trees()), unlink("sales", "grow", KEY_RESULT_OF), INVALID, message, ["kind"], ["sales"])


# ---------- the primary parent ----------


def parents(graph: AlignmentGraph) -> list[str]:
    """The parents of `launch`, the primary one first."""
    return [edge.parent.id for edge in goal(graph, "launch").ups(PARENT)]


def many_parents() -> list[do.Change]:
    return [*two_trees(), parent("launch", "sales"), parent("launch", "grow"), parent("launch", "delight")]


def test_the_first_parent_is_primary_and_the_others_keep_their_order() -> None:
    graph = grown(*many_parents(), aligned("launch", "nps"))
    assert parents(graph) == ["sales", "grow", "delight"]
    assert done(graph, unlink("launch", "sales", PARENT)) == [RemoveLink("launch", "sales", PARENT)]
    assert parents(graph) == ["grow", "delight"]
    done(graph, parent("launch", "sales"))
    assert parents(graph) == ["grow", "delight", "sales"]
    primary = goal(graph, "launch").primary
    assert primary is not None and primary.parent.id == "grow"


def test_with_its_last_parent_gone_an_objective_has_no_primary_one() -> None:
    graph = grown(*two_trees(), parent("launch", "grow"), aligned("launch", "delight"))
    done(graph, unlink("launch", "grow", PARENT))
    assert goal(graph, "launch").primary is None


def test_another_parent_is_made_primary_and_the_others_keep_their_order() -> None:
    graph = grown(*many_parents())
    facts = done(graph, do.SetPrimaryParent(objective_id="launch", parent_id="delight"))
    assert facts == [PutLink(Link("launch", "delight", PARENT, 1.0, -1))]
    assert parents(graph) == ["delight", "sales", "grow"]
    assert done(graph, do.SetPrimaryParent(objective_id="launch", parent_id="delight")) == []
    done(graph, do.SetPrimaryParent(objective_id="launch", parent_id="grow"), parent("launch", "nps"))
    assert parents(graph) == ["grow", "delight", "sales", "nps"]


@pytest.mark.parametrize(
    ("objective_id", "parent_id", "code", "message", "path", "nodes"),
    [
        (
            "launch",
            "nps",
            NOT_FOUND,
            "parentId 'nps' is no parent of 'launch'; link it first",
            ["parentId"],
            ["launch", "nps"],
        ),
        (
            "launch",
            "moon",
            NOT_FOUND,
            "parentId 'moon': there is no objective or key result with this id",
            ["parentId"],
            ["moon"],
        ),
        (
            "sales",
            "grow",
            INVALID,
            "objectiveId 'sales' is a key result, not an objective",
            ["objectiveId"],
            ["sales"],
        ),
        (
            "moon",
            "grow",
            NOT_FOUND,
            "objectiveId 'moon': there is no objective with this id",
            ["objectiveId"],
            ["moon"],
        ),
    ],
)
def test_a_primary_parent_that_cannot_be(
    objective_id: str, parent_id: str, code: ErrorCode, message: str, path: list[str], nodes: list[str]
) -> None:
    graph = grown(*many_parents(), aligned("launch", "nps"))  # aligned to it, but not under it
    refused(graph, do.SetPrimaryParent(objective_id=objective_id, parent_id=parent_id), code, message, path, nodes)


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


# ---------- aggregates are fed by links alone ----------


def test_only_key_results_aligned_with_a_weight_feed_an_aggregate() -> None:
    graph = grown(
        objective("sell"),
        key_result("total", "sell", baseline=0.0, target=100.0, aggregate=Aggregate.SUM),
        key_result("ferries", "sell"),
        key_result("buses", "sell", measure=Measure.UNMEASURED),
        objective("below"),
        parent("below", "total"),
        aligned("ferries", "total", 2.0),
        aligned("buses", "total", 2.0),
        do.CheckInKeyResult(key_result_id="ferries", value=10.0),
    )
    assert numbers(graph, "total") == (0.2, 0.2, 0.5)
    assert goal(graph, "total").amount == 20.0
