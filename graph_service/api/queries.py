"""What can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from graph_service.alignment import cascade as cascades
from graph_service.alignment import ladder as ladders
from graph_service.alignment import leverage as leverages
from graph_service.alignment import org as orgs
from graph_service.alignment import orphans as orphaned
from graph_service.alignment.audit import report as told
from graph_service.alignment.audit.report import Severity
from graph_service.alignment.vertices import Vertex
from graph_service.api.connections import After, Before, Connection, First, Last, paged, walked
from graph_service.api.context import Ground
from graph_service.api.cursors import Order
from graph_service.api.enums import GoalOrderBy
from graph_service.api.errors import limit_exceeded
from graph_service.api.fields import Reader, asked
from graph_service.api.filters import (
    GoalFilter,
    GoalOrder,
    OwnerFilter,
    among,
    chosen,
    chosen_owners,
    conditions,
    ranking,
    words_of,
)
from graph_service.api.types import refs
from graph_service.api.types.answers import (
    DEPTH,
    Cascade,
    Depth,
    Ladder,
    Leverage,
    OrgChart,
    Orphan,
    how_many,
)
from graph_service.api.types.audit import OwnershipAudit
from graph_service.api.types.findings import Finding, findings_page, known_rules
from graph_service.api.types.goals import KeyResult, Objective
from graph_service.api.types.links import Link, link_of
from graph_service.api.types.log import Change, changes_of
from graph_service.api.types.node import Node, node_at, node_of
from graph_service.api.types.others import Initiative, Kpi, Period, RoleCharter, Workspace
from graph_service.api.types.owners import Owner
from graph_service.api.walks import Links, Nodes, Search
from graph_service.models import nodes
from graph_service.models.words import LinkKind, OrphanKind

Id = Annotated[strawberry.ID, strawberry.argument(description="The id. An unknown one gives null, not an error.")]
Filter = Annotated[
    GoalFilter | None, strawberry.argument(name="filter", description="Only those that meet all of this.")
]
OrderBy = Annotated[GoalOrder | None, strawberry.argument(description="The order; absent: by id.")]

AsOf = Annotated[date | None, strawberry.argument(description="The day to judge for; absent: today.")]

N = TypeVar("N", bound=Node)

of_query = Reader["Query"]()


@strawberry.type(description="A page of what a search has found.")
class SearchConnection(Connection[Node]):
    """What was found, by titles and names."""


@strawberry.type(description="Everything that can be asked. One operation is answered from one revision.")
class Query:
    """The questions, on one ground."""

    on: strawberry.Private[Ground]

    periods: list[Period] = of_query(lambda query: _periods(query.on), "All periods, by first day, then by id.")
    workspace: Workspace = of_query(
        lambda query: Workspace(on=query.on, said=query.on.graph.workspace), "Facts of the workspace itself."
    )
    revision: int = of_query(
        lambda query: query.on.revision, "The revision that this is answered from: the number of accepted commits."
    )

    @asked("Anything by its id: a goal, a person or team, a period, an initiative, a KPI or a role charter.")
    def node(self, id: Id) -> Node | None:
        """The node with this id."""
        return node_at(self.on, id)

    @asked("Several by their ids, in that order, null where there is nothing.")
    def nodes(
        self, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The ids, at most a page of them.")]
    ) -> list[Node | None]:
        """The nodes with these ids."""
        most = self.on.limits.max_page
        if len(ids) > most:
            raise limit_exceeded(f"ids names {len(ids)} nodes; at most {most} are given at once")
        return [node_at(self.on, id) for id in ids]

    @asked("An objective by its id.")
    def objective(self, id: Id) -> Objective | None:
        """The objective with this id."""
        return refs.objective_at(self.on, id)

    @asked("A key result by its id.")
    def key_result(self, id: Id) -> KeyResult | None:
        """The key result with this id."""
        return refs.key_result_at(self.on, id)

    @asked("A person or team by its id.")
    def owner(self, id: Id) -> Owner | None:
        """The owner with this id."""
        return refs.owner_at(self.on, id)

    @asked("A period by its id.")
    def period(self, id: Id) -> Period | None:
        """The period with this id."""
        return refs.period_at(self.on, id)

    @asked("Objectives, a page at a time: those that meet the filter, in the order wanted.")
    def objectives(
        self,
        wanted: Filter = UNSET,
        order_by: OrderBy = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Objective]:
        """A page of objectives."""
        return _goals(
            self.on, nodes.Objective, "objectives", refs.objective_of, wanted, order_by, first, after, last, before
        )

    @asked("Key results, a page at a time: those that meet the filter, in the order wanted.")
    def key_results(
        self,
        wanted: Filter = UNSET,
        order_by: OrderBy = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[KeyResult]:
        """A page of key results."""
        return _goals(
            self.on, nodes.KeyResult, "key results", refs.key_result_of, wanted, order_by, first, after, last, before
        )

    @asked("People and teams, a page at a time: those that meet the filter, by id.")
    def owners(
        self,
        wanted: Annotated[
            OwnerFilter | None, strawberry.argument(name="filter", description="Only those that meet all of this.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Owner]:
        """A page of owners."""
        on = self.on
        walk = chosen_owners(on, wanted)
        return walked(
            on,
            walk,
            lambda owner: refs.owner_of(on, owner),
            Order("owners"),
            first=first,
            after=after,
            last=last,
            before=before,
        )

    @asked("Initiatives (supporting projects), a page at a time, by id.")
    def initiatives(self, first: First = UNSET, after: After = UNSET) -> Connection[Initiative]:
        """A page of initiatives."""
        return _all(self.on, nodes.Initiative, Initiative, "initiatives", first, after)

    @asked("KPIs (running health measures), a page at a time, by id.")
    def kpis(self, first: First = UNSET, after: After = UNSET) -> Connection[Kpi]:
        """A page of KPIs."""
        return _all(self.on, nodes.Kpi, Kpi, "KPIs", first, after)

    @asked("Role charters, a page at a time, by id.")
    def roles(self, first: First = UNSET, after: After = UNSET) -> Connection[RoleCharter]:
        """A page of role charters."""
        return _all(self.on, nodes.RoleCharter, RoleCharter, "roles", first, after)

    @asked(
        "Everything whose title or name holds every word of a text, whatever its case and accents: first what begins"
        " with the text, then what has words that begin with its words, then what holds them anywhere; by title."
    )
    def search(
        self,
        text: Annotated[
            str,
            strawberry.argument(
                description="Words, or parts of words, up to 1,000 characters; a blank text finds nothing."
            ),
        ],
        first: First = UNSET,
        after: After = UNSET,
    ) -> SearchConnection:
        """A page of what was found."""
        on = self.on
        words = words_of(text)
        order = Order(f"search for {' '.join(words)}")
        found = walked(on, Search(on, words), lambda vertex: node_of(on, vertex), order, first=first, after=after)
        return SearchConnection(edges=found.edges, page_info=found.page_info, count=found.count)

    @asked("The whole graph, flat: every link once, by its ends and kind.")
    def links(
        self,
        kinds: Annotated[list[LinkKind] | None, strawberry.argument(description="Links of these kinds only.")] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
    ) -> Connection[Link]:
        """A page of links."""
        on = self.on
        chosen_kinds = None if kinds is None or kinds is UNSET else frozenset(kinds)
        links = Links(on, chosen_kinds)
        return walked(on, links, lambda link: link_of(on, link), Order("links"), first=first, after=after)

    @asked("The way up from a goal to the top, each step with its key results.")
    def ladder(self, id: Id) -> Ladder | None:
        """The ladder of a goal."""
        found = ladders.ladder(self.on.graph, id, self.on.viewer)
        return None if found is None else Ladder(on=self.on, said=found)

    @asked("Everything under a goal: a tree on primary parents, with the further links in it.")
    def cascade(self, id: Id, depth: Depth = DEPTH) -> Cascade | None:
        """The cascade of a goal."""
        on = self.on
        found = cascades.cascade(on.graph, id, DEPTH if depth is None else depth, on.limits.max_page, on.viewer)
        return None if found is None else Cascade(on=on, said=found)

    @asked("Who reports to whom, or which team lies within which, each with their goals.")
    def org_chart(
        self,
        top: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                name="root", description="The person or team at the top; absent: all who report to nobody."
            ),
        ] = UNSET,
        depth: Depth = DEPTH,
    ) -> OrgChart | None:
        """The org chart."""
        on = self.on
        root = None if top is UNSET else top
        found = orgs.org_chart(on.graph, root, DEPTH if depth is None else depth, on.limits.max_page, on.viewer)
        return None if found is None else OrgChart(on=on, said=found)

    @asked("Live objectives from which no way up reaches a top-level one, by id.")
    def orphans(
        self,
        kinds: Annotated[
            list[OrphanKind] | None, strawberry.argument(description="Orphans of these kinds only.")
        ] = UNSET,
        wanted: Filter = UNSET,
        first: First = UNSET,
        after: After = UNSET,
    ) -> Connection[Orphan]:
        """A page of orphans."""
        on = self.on
        found = orphaned.orphans(on.graph, None if kinds is UNSET else kinds, on.viewer)
        meeting = set(chosen(on, (one.goal for one in found), wanted))
        rows = (((one.goal.id,), one) for one in found if one.goal in meeting)
        return paged(on, rows, lambda one: Orphan(on=on, said=one), Order("orphans"), first=first, after=after)

    @asked("What the audit finds, the gravest first.")
    def findings(
        self,
        rules: Annotated[
            list[str] | None, strawberry.argument(description="Only those of these rules, by name.")
        ] = UNSET,
        severity: Annotated[Severity | None, strawberry.argument(description="Only those of this severity.")] = UNSET,
        owner: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only those about this person or team, and about the goals they own."),
        ] = UNSET,
        as_of: AsOf = UNSET,
        first: First = UNSET,
        after: After = UNSET,
    ) -> Connection[Finding]:
        """A page of findings."""
        found = self.on.found(None if as_of is UNSET else as_of)
        names = known_rules(rules)
        findings: Iterable[told.Finding] = found.standing
        if owner is not None and owner is not UNSET:
            findings = found.by_owner.get(owner, ())
        if severity is not None and severity is not UNSET:
            findings = [one for one in findings if one.severity is severity]
        if names is not None:
            findings = [one for one in findings if one.rule in names]
        return findings_page(self.on, findings, first, after)

    @asked("Whose goals are whose, who has too many or none, and what the audit finds.")
    def ownership_audit(
        self,
        wanted: Annotated[
            GoalFilter | None,
            strawberry.argument(
                name="filter",
                description="About the goals that meet all of this, their owners and contributors; `asOf` in it is the"
                " day that is judged.",
            ),
        ] = UNSET,
    ) -> OwnershipAudit:
        """The ownership audit."""
        on = self.on
        if wanted is None or wanted is UNSET:
            return OwnershipAudit(on=on, said=on.found().report())
        goals = set(chosen(on, on.graph.goals(), wanted))
        found = on.found(None if wanted.as_of is UNSET else wanted.as_of)
        return OwnershipAudit(on=on, said=found.report(goals))

    @asked("Which key results move a goal the most: the largest gain first.")
    def leverage(
        self,
        id: Id,
        first: Annotated[int | None, strawberry.argument(description="At most so many; the default is 20.")] = 20,
    ) -> list[Leverage] | None:
        """The leverage of the key results below a goal."""
        found = leverages.leverage(self.on.graph, id, self.on.viewer)
        if found is None:
            return None
        return [Leverage(on=self.on, said=one) for one in found[: how_many(self.on, first, 20)]]

    @asked("The log of all changes, oldest first.")
    def changes(
        self,
        after_revision: Annotated[
            int | None, strawberry.argument(description="Only those of later revisions.")
        ] = UNSET,
        nodes: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="Only those that touched one of these nodes.")
        ] = UNSET,
        kinds: Annotated[
            list[str] | None, strawberry.argument(description="Only those of these mutations, by name.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
    ) -> Connection[Change]:
        """A page of the log."""
        return changes_of(
            self.on,
            order=Order("changes"),
            after_revision=0 if after_revision is None or after_revision is UNSET else after_revision,
            nodes=None if nodes is None or nodes is UNSET else frozenset(nodes),
            kinds=None if kinds is None or kinds is UNSET else frozenset(kinds),
            first=first,
            after=after,
        )


def _goals(
    on: Ground,
    kind: type[nodes.Objective] | type[nodes.KeyResult],
    name: str,
    show: Callable[[Ground, Vertex], N],
    wanted: GoalFilter | None,
    order_by: GoalOrder | None,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Connection[N]:
    """A page of goals. By id and by title they stand in order already; for the other orders all are looked at."""
    by, order, key = ranking(on, name, order_by, wanted)

    def make(vertex: Vertex) -> N:
        return show(on, vertex)

    if by in (GoalOrderBy.ID, GoalOrderBy.TITLE):
        by_title, descending = by is GoalOrderBy.TITLE, order.descending
        walk = Nodes(
            on,
            kind,
            among=among(on, wanted),
            meet=conditions(on, wanted),
            by_title=by_title,
            descending=descending,
        )
        return walked(on, walk, make, order, first=first, after=after, last=last, before=before)
    goals = chosen(on, (goal for goal in on.graph.goals() if type(goal.fact) is kind), wanted)
    rows = ((key(goal), goal) for goal in goals)
    return paged(on, rows, make, order, first=first, after=after, last=last, before=before)


def _all(
    on: Ground, kind: type[nodes.Node], shown: type[N], name: str, first: int | None, after: str | None
) -> Connection[N]:
    def make(vertex: Vertex) -> N:
        return shown(on=on, vertex=vertex, fact=vertex.fact)

    return walked(on, Nodes(on, kind), make, Order(name), first=first, after=after)


def _periods(on: Ground) -> list[Period]:
    found = on.seen(on.graph.of_kind(nodes.Period))
    return refs.periods_at(on, (period.id for period in sorted(found, key=_by_start)))


def _by_start(period: Vertex) -> tuple[bool, str, str]:
    fact = period.fact
    start = fact.start if isinstance(fact, nodes.Period) else None
    return (start is None, "" if start is None else start.isoformat(), period.id)
