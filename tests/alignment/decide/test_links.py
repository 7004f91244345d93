"""Links between goals: made, moved, given another weight, taken away; and the primary parent."""

from __future__ import annotations

import pytest

from graph_service.alignment.graph import AlignmentGraph
from graph_service.errors import ErrorCode
from graph_service.models import changes as do
from graph_service.models.facts import PutLink, RemoveLink
from graph_service.models.nodes import Link
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
