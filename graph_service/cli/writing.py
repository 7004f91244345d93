"""Commands that change the graph: each is one revision, or a refusal that changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_service.cli.options import Json, Store, TextFormat, a_moment, a_number, the_format

if TYPE_CHECKING:
    from graph_service.alignment.graph import AlignmentGraph
    from graph_service.alignment.numbers import GoalNumbers
    from graph_service.models.changes import Change
    from graph_service.models.nodes import Link
    from graph_service.workspace import Outcome

ANYBODY = "anonymous"

By = Annotated[str | None, typer.Option("--by", metavar="ID", help="The person or team that says so.")]


def check_in(
    id: Annotated[str, typer.Argument(metavar="ID", help="A key result, or an objective.")],
    value: Annotated[
        float | None,
        typer.Argument(
            metavar="VALUE",
            parser=a_number,
            help="The value in the key result's unit; of an objective given by hand a share, 0.25 for 25 %.",
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option("--confidence", metavar="SHARE", parser=a_number, help="How sure you are, 0 to 1."),
    ] = None,
    status: Annotated[
        Literal["on_track", "behind", "at_risk"] | None,
        typer.Option(
            "--status", metavar="STATUS", help="on_track, behind or at_risk, as you see it.", case_sensitive=False
        ),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What there is to say.")] = None,
    milestones: Annotated[
        list[str] | None,
        typer.Option("--milestone", metavar="ID", help="A milestone that is done; may be repeated."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", metavar="MOMENT", parser=a_moment, help="When it was seen, YYYY-MM-DDTHH:MMZ.  [default: now]"
        ),
    ] = None,
    replaces: Annotated[
        str | None,
        typer.Option("--replaces", metavar="ID", help="The check-in that this one corrects."),
    ] = None,
    by: By = None,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """Report where a goal stands: a value, a confidence, a note."""
    chosen = the_format(format, json)
    from graph_service.cli.opening import open_workspace, the_goal
    from graph_service.cli.output import put, put_json
    from graph_service.models.changes import CheckInKeyResult, CheckInObjective
    from graph_service.models.words import Status
    from graph_service.render.json_form import check_in_json

    reported = None if status is None else Status(status)
    with open_workspace(store) as workspace:
        with workspace.reading() as graph:
            is_objective = the_goal(graph, id).is_objective
        change: Change
        if is_objective:
            if milestones:
                raise typer.BadParameter(f"'{id}' is an objective and has no milestones", param_hint="'--milestone'")
            change = CheckInObjective(
                objective_id=id,
                value=value,
                confidence=confidence,
                reported_status=reported,
                note=note,
                at=at,
                by=by,
                replaces=replaces,
            )
        else:
            change = CheckInKeyResult(
                key_result_id=id,
                value=value,
                milestones_done=tuple(milestones) if milestones else None,
                confidence=confidence,
                reported_status=reported,
                note=note,
                at=at,
                by=by,
                replaces=replaces,
            )
        outcome = workspace.commit([change], by=by or ANYBODY, source="cli")
        with workspace.reading() as graph:
            goal = graph.goal(id)
            assert goal is not None
            said = next(one for one in goal.check_ins if one.id == outcome.ids[0])
            if chosen == "json":
                put_json(
                    {
                        "revision": outcome.revision,
                        "checkIn": check_in_json(said, graph),
                        **changed_json(outcome, graph),
                    }
                )
            else:
                put(f"revision {outcome.revision}: check-in {said.id} on {id}")
                put(changed_text(outcome, graph, first=id))
    return 0


def link(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The goal that supports the other one.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The goal that is supported.")],
    kind: Annotated[
        Literal["parent", "aligned", "key_result_of"] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            case_sensitive=False,
            help="parent, aligned (across the tree) or key_result_of (moves the key result there).  [default: parent "
            "from an objective, aligned from a key result]",
        ),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            "--weight",
            metavar="NUMBER",
            parser=a_number,
            help="What it counts beside the others; 0: shown, not counted. A link that exists gets this weight.  "
            "[default: 1, for aligned 0]",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the link away.")] = False,
    by: By = None,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """Let one goal support another; or reweight or remove the link."""
    chosen = the_format(format, json)
    if remove and weight is not None:
        raise typer.BadParameter("a link that is taken away has no weight", param_hint="'--weight'")
    from graph_service.cli.opening import open_workspace, the_goal
    from graph_service.cli.output import put, put_json
    from graph_service.errors import Duplicate
    from graph_service.models.changes import LinkGoals, UnlinkGoals, UpdateLink
    from graph_service.models.checks import shown
    from graph_service.models.words import LinkKind

    with open_workspace(store) as workspace:
        with workspace.reading() as graph:
            is_objective = the_goal(graph, source).is_objective
            the_goal(graph, target)
            link_kind = LinkKind(kind) if kind else LinkKind.PARENT if is_objective else LinkKind.ALIGNED
            known = graph.link(source, target, link_kind)
        if known is not None and weight is None and not remove:
            raise Duplicate(
                f"{shown(source)} is linked to {shown(target)} by {link_kind.name} already; give another weight by"
                " --weight, or take the link away by --remove"
            )
        change: Change
        if remove:
            change = UnlinkGoals(source=source, target=target, link=link_kind)
        elif known is not None and weight is not None:
            change = UpdateLink(source=source, target=target, link=link_kind, weight=weight)
        else:
            change = LinkGoals(source=source, target=target, link=link_kind, weight=weight)
        outcome = workspace.commit([change], by=by or ANYBODY, source="cli")
        with workspace.reading() as graph:
            made = graph.link(source, target, link_kind)
            if chosen == "json":
                put_json(
                    {
                        "revision": outcome.revision,
                        "link": None if made is None else link_json(made),
                        **changed_json(outcome, graph),
                    }
                )
            else:
                what = "no longer supports" if made is None else "supports"
                terms = link_kind.name if made is None else f"{made.kind.name}, weight {made.weight:g}"
                put(f"revision {outcome.revision}: {source} {what} {target} ({terms})")
                put(changed_text(outcome, graph, first=source))
    return 0


def changed_text(outcome: Outcome, graph: AlignmentGraph, first: str) -> str:
    """The goals whose numbers a commit moved, before and after: the one it was about first, then by id."""
    from graph_service.cli.output import table
    from graph_service.render.facts import status_word
    from graph_service.render.letters import percent

    if not outcome.changed:
        return "no goal's numbers moved"
    heads = ["progress", "coverage", "status", "goal", ""]
    rows = []
    for one in sorted(outcome.changed, key=lambda one: (one.id != first, one.id)):
        before, after = one.before, one.after
        assert before is not None and after is not None  # neither command makes or removes goals
        goal = graph.goal(one.id)
        rows.append(
            [
                moved(percent(before.value), percent(after.value)),
                moved(percent(before.coverage), percent(after.coverage)),
                moved(status_word(before.status), status_word(after.status)),
                one.id,
                "" if goal is None else goal.fact.title,
            ]
        )
    if all(one.before and one.after and one.before.coverage == one.after.coverage for one in outcome.changed):
        for row in (heads, *rows):
            del row[1]
    return table(heads, rows)


def moved(before: str, after: str) -> str:
    """What something was and is, or only what it is where both are the same."""
    return after if before == after else f"{before} -> {after}"


def changed_json(outcome: Outcome, graph: AlignmentGraph) -> dict[str, object]:
    """The goals whose numbers a commit moved, by id, in the words of GraphQL."""
    return {
        "changed": [
            {
                "goal": {"id": one.id, "title": goal.fact.title if (goal := graph.goal(one.id)) else None},
                "before": None if one.before is None else numbers_json(one.before),
                "after": None if one.after is None else numbers_json(one.after),
            }
            for one in outcome.changed
        ],
        "changedCount": len(outcome.changed),
    }


def numbers_json(numbers: GoalNumbers) -> dict[str, object]:
    """A goal's numbers at one moment; shares."""
    return {
        "value": numbers.value,
        "coverage": numbers.coverage,
        "confidence": numbers.confidence,
        "status": numbers.status.name,
    }


def link_json(link: Link) -> dict[str, object]:
    """A link between goals in the words of GraphQL."""
    return {"from": link.source, "to": link.target, "kind": link.kind, "weight": link.weight}
