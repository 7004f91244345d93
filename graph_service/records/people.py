"""Periods, teams and people: who there is, who belongs where, who leads what."""

from __future__ import annotations

from graph_service.models import changes as do
from graph_service.models.checks import shown
from graph_service.models.nodes import Period, Person, Team
from graph_service.models.words import LinkKind
from graph_service.records.form import Item
from graph_service.records.problems import Action, ProblemKind
from graph_service.records.run import Run, in_order
from graph_service.records.trees import Tree

OWNER = "owner"


def make_periods(run: Run) -> None:
    """Periods that goals name and nobody tells of are made, without days; a name that is something else is left out."""
    for item in run.goals:
        id = item.given.get("cycle")
        if not isinstance(id, str):
            continue
        found = run.kind_of(id)
        if found is Period:
            continue
        if id in run.not_imported and found is None:
            run.drop(item, "cycle", run.nothing("cycle", id, (Period,)), ProblemKind.DANGLING)
            continue
        if found is not None or id in run.check_in_ids or run.graph.used(id):
            run.drop(item, "cycle", f"cycle {shown(id)} is no period; correct it", ProblemKind.WRONG_KIND)
            continue
        made = Item(item.file, item.line, "period", id, {"title": id}, None)
        run.by_id[id] = made
        run.items["period"].append(made)
        message = f"cycle {shown(id)}: there is no such period; it is made, without days"
        run.note(item, "cycle", id, ProblemKind.MADE, message, Action.MADE)


def plan_periods(run: Run) -> None:
    """New periods, the outer ones first; then what known ones say otherwise."""
    tree = Tree(run, LinkKind.WITHIN, "within", Period)
    for item in _hung(run, tree, "period"):
        given = item.given
        run.add(
            "periods",
            do.CreatePeriod(
                id=item.id,
                title=given["title"],
                start=given.get("start"),
                end=given.get("end"),
                within_id=tree.above(item.id),
                attributes=run.attributes(item),
            ),
        )
    for item in _known(run, "period"):
        changed = run.differences(item, {"title": "title", "start": "start", "end": "end"}, {})
        if tree.plan(item):
            changed["within_id"] = tree.above(item.id)
        if changed:
            run.add("periods", do.UpdatePeriod(id=item.id, **changed), item.id)


def plan_teams(run: Run) -> None:
    """New teams, the outer ones first; then what known ones say otherwise."""
    tree = Tree(run, LinkKind.PART_OF, "parent", Team)
    for item in _hung(run, tree, "team"):
        given = item.given
        run.add(
            "teams",
            do.CreateTeam(
                id=item.id,
                name=given["title"],
                type=given.get("type"),
                active=given.get("active"),
                parent_id=tree.above(item.id),
                attributes=run.attributes(item),
            ),
        )
    for item in _known(run, "team"):
        changed = run.differences(item, {"title": "name", "type": "type", "active": "active"}, {"active": True})
        if tree.plan(item):
            changed["parent_id"] = tree.above(item.id)
        if changed:
            run.add("teams", do.UpdateTeam(id=item.id, **changed), item.id)


PERSON = {"title": "name", "role": "job_title", "email": "email", "active": "active", "type": "type"}


class Belonging:
    """Who is a member of which team and leads it in which roles: what is planned, pair by pair."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.member: dict[tuple[str, str], bool] = {}
        self.leads: dict[tuple[str, str], set[str]] = {}
        self.managers = Tree(run, LinkKind.REPORTS_TO, "reports_to", Person)
        self.dotted: set[tuple[str, str]] = set()
        self._said: set[tuple[str, str, str]] = set()

    def join(self, item: Item, field: str, person: str, team: str) -> None:
        """A person is a member of a team."""
        if self.member.get((person, team)):
            self.twice(item, field, team, (person, team, LinkKind.MEMBER_OF))
            return
        link = (person, team, LinkKind.MEMBER_OF)
        where = "id" if item.id == person else "from"
        if self.run.graph.link(*link) is None and not self.run.stands(item, where, person, link):
            return
        self.member[person, team] = True

    def lead(self, item: Item, field: str, person: str, team: str, role: str) -> None:
        """A person leads a team in a role."""
        link = (person, team, LinkKind.LEADS)
        if (person, team, role) in self._said:
            self.twice(item, field, person if field == OWNER else team, link)
        elif self.run.stands(item, field, person, link) or role in self.roles(person, team):
            self._said.add((person, team, role))
            self.leads.setdefault((person, team), self.roles(person, team)).add(role)

    def roles(self, person: str, team: str) -> set[str]:
        """The roles in which a person is to lead a team."""
        planned = self.leads.get((person, team))
        if planned is not None:
            return planned
        known = self.run.graph.link(person, team, LinkKind.LEADS)
        return set() if known is None else set(known.roles)

    def twice(self, item: Item, field: str, text: str, link: tuple[str, str, LinkKind]) -> None:
        """Lists the second of two equal links."""
        message = f"{field} {shown(text)}: {shown(link[0])} is linked to {shown(link[1])} by {link[2].name} twice"
        self.run.say(item, field, text, ProblemKind.DUPLICATE_LINK, f"{message}; keep one", Action.QUARANTINED, link)

    def report(self, item: Item, person: str, manager: str) -> None:
        """A person reports to somebody by a dotted line."""
        link = (person, manager, LinkKind.REPORTS_TO)
        if (person, manager) in self.dotted or self.managers.above(person) == manager:
            self.twice(item, "to", manager, link)
            return
        self.dotted.add((person, manager))
        known = self.run.graph.link(person, manager, LinkKind.REPORTS_TO)
        if known is None or not known.dotted:
            if not (self.run.stands(item, "from", person, link) and self.run.stands(item, "to", manager, link)):
                return
            change = do.SetManager(person_id=person, manager_id=manager, dotted=True)
            self.run.add("relations", change, None if self.run.is_new(person) else person)
            self.run.settle(person, LinkKind.REPORTS_TO, manager)

    def plan(self) -> None:
        """Plans every pair that is to be other than it is."""
        run = self.run
        for person, team in dict.fromkeys((*self.member, *self.leads)):
            wanted = self.member.get((person, team))
            present = run.graph.link(person, team, LinkKind.MEMBER_OF) is not None
            member = None if wanted is None or wanted is present else wanted
            leads = None
            if (person, team) in self.leads:
                known = run.graph.link(person, team, LinkKind.LEADS)
                roles = tuple(sorted(self.leads[person, team]))
                leads = None if roles == (() if known is None else known.roles) else roles
            if member is not None or leads is not None:
                change = do.SetMembership(person_id=person, team_id=team, member=member, leads=leads)
                run.add("relations", change, None if run.is_new(person) else person)
                for kind, made in ((LinkKind.MEMBER_OF, member), (LinkKind.LEADS, leads)):
                    if made and run.graph.link(person, team, kind) is None:
                        run.settle(person, kind, team)


def plan_people(run: Run) -> Belonging:
    """New people, managers first; then what known ones say otherwise. Memberships and leads follow with the edges."""
    belonging = Belonging(run)
    tree = belonging.managers
    for item in _hung(run, tree, "owner"):
        given = item.given
        id = item.id
        run.add(
            "people",
            do.CreatePerson(
                id=id,
                name=given.get("title") or id,
                job_title=given.get("role"),
                email=given.get("email"),
                active=given.get("active"),
                type=given.get("type"),
                manager_id=tree.above(id),
                attributes=run.attributes(item),
            ),
        )
        if given.get("erased"):
            run.add("erase", do.ErasePersonForGood(id=id))
    for item in _known(run, "owner"):
        id = item.id
        moved = tree.plan(item)
        if not run.erased(id):
            changed = run.differences(item, PERSON, {"active": True, "type": "person"})
            if changed:
                run.add("people", do.UpdatePerson(id=id, **changed), id)
            if item.given.get("erased"):
                run.add("erase", do.ErasePersonForGood(id=id), id)
        if moved:
            run.add("people", do.SetManager(person_id=id, manager_id=tree.above(id)), id)
    for item in run.items["owner"]:
        _plan_teams_of(run, item, belonging)
    for item in run.items["team"]:
        _plan_head(run, item, belonging)
    return belonging


def _plan_teams_of(run: Run, item: Item, belonging: Belonging) -> None:
    """The teams that a person's record names are the teams of the person."""
    if "team" not in item.given:
        return
    person = item.id
    named = item.given["team"] or ()
    assert isinstance(named, list | tuple)
    if not run.is_new(person):
        for team in run.graph.nodes[person].targets(LinkKind.MEMBER_OF):
            if team not in named:
                belonging.member[person, team] = False
    for team in named:
        if run.finds(item, "team", team, (Team,), LinkKind.MEMBER_OF):
            belonging.join(item, "team", person, team)


def _plan_head(run: Run, item: Item, belonging: Belonging) -> None:
    """The owner of a team heads it; whoever did before does not any more."""
    if OWNER not in item.given:
        return
    team = item.id
    head = item.given[OWNER]
    found = isinstance(head, str) and run.finds(
        item, OWNER, head, (Person,), LinkKind.LEADS, outgoing=False, roles=(OWNER,)
    )
    if not run.is_new(team) and (found or head is None):
        for link in run.graph.nodes[team].into:
            if link.kind is LinkKind.LEADS and link.source != head and OWNER in link.roles:
                belonging.leads.setdefault((link.source, team), set(link.roles)).discard(OWNER)
    if found:
        assert isinstance(head, str)
        belonging.lead(item, OWNER, head, team, OWNER)


def _hung(run: Run, tree: Tree, kind: str) -> list[Item]:
    """The new nodes of a kind, each after the one it hangs under."""
    new = [item for item in run.items[kind] if run.is_new(item.id)]
    for item in new:
        tree.plan(item)
    return in_order(new, lambda item: [above] if (above := tree.above(item.id)) is not None else [])


def _known(run: Run, kind: str) -> list[Item]:
    return [item for item in run.items[kind] if not run.is_new(item.id)]
