"""The service and, on the same server, what it is compared with: ``python -m tests.benchmarks.served STORE``.

``/graphql`` is the service as it is. ``/bare/...`` answers the same by hand: the graph is asked, a dict is made,
msgspec writes it. ``/default`` is the same schema with Strawberry's defaults, without limits, revisions,
viewers or logging.
"""

from __future__ import annotations

import os
import socket
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from graph_service.alignment import cascade as cascades
from graph_service.alignment import ladder as ladders
from graph_service.alignment.vertices import GoalVertex
from graph_service.api import error_body
from graph_service.api.context import Asking, Ground
from graph_service.api.mutations import Mutation
from graph_service.api.queries import Query
from graph_service.api.scalars import SCALARS
from graph_service.api.types.goals import KeyResult, Objective
from graph_service.api.types.others import Initiative, Kpi, Period, RoleCharter
from graph_service.api.types.owners import Person, Team
from graph_service.app import create_app
from graph_service.logs import start_logs
from graph_service.settings import Settings
from graph_service.web.server import Config, Server
from graph_service.workspace import Workspace

DAY = date(2026, 2, 15)
encode = msgspec.json.Encoder().encode


class Default(GraphQL[Any, Any]):
    """Strawberry as it comes, on the same types."""

    def __init__(self, workspace: Workspace) -> None:
        types = [Objective, KeyResult, Person, Team, Period, Initiative, Kpi, RoleCharter]
        config = StrawberryConfig(scalar_map=SCALARS)
        super().__init__(strawberry.Schema(query=Query, mutation=Mutation, types=types, config=config))
        self.ground = Ground(workspace._graph, Asking(workspace), DAY)

    async def get_root_value(self, request: object) -> Query:
        return Query(on=self.ground)


def bare(workspace: Workspace) -> list[Route]:
    """The same answers by hand."""

    def goal(graph: Any, vertex: GoalVertex) -> dict[str, Any]:
        numbers = graph.numbers(vertex, graph.judge(DAY))
        owner = graph.nodes.get(vertex.owner)
        return {
            "id": vertex.id,
            "title": vertex.fact.title,
            "status": numbers.status.name,
            "progress": {"value": vertex.value, "expected": graph.judge(DAY).expected(vertex.pace)},
            "owner": None if owner is None else {"name": owner.fact.name},
        }

    def key_result(vertex: GoalVertex) -> dict[str, Any]:
        fact: Any = vertex.fact
        return {
            "id": vertex.id,
            "title": fact.title,
            "value": vertex.amount,
            "target": fact.target,
            "unit": fact.unit,
        }

    async def ladder(request: Request) -> Response:
        with workspace.reading() as graph:
            found = ladders.ladder(graph, request.query_params["id"])
            assert found is not None
            path = [
                {
                    "goal": goal(graph, rung.goal),
                    "kind": None if rung.kind is None else rung.kind.name,
                    "share": rung.share,
                    "keyResults": [key_result(one) for one in rung.key_results],
                }
                for rung in found.path
            ]
        return Response(encode({"data": {"ladder": {"path": path}}}), media_type="application/json")

    async def cascade(request: Request) -> Response:
        with workspace.reading() as graph:
            found = cascades.cascade(graph, request.query_params["id"], 3, 1_000)
            assert found is not None
            nodes = [
                {
                    "depth": node.depth,
                    "primaryParent": node.primary_parent,
                    "hidden": node.hidden,
                    "goal": {
                        "id": node.goal.id,
                        "title": node.goal.fact.title,
                        "status": graph.numbers(node.goal, graph.judge(DAY)).status.name,
                        "progress": {"value": node.goal.value, "coverage": node.goal.coverage},
                    },
                }
                for node in found.nodes
            ]
            edges = [
                {
                    "from": one.edge.child.id,
                    "to": one.edge.parent.id,
                    "kind": one.edge.kind.name,
                    "weight": one.edge.weight,
                    "share": one.share,
                    "primary": one.primary,
                }
                for one in found.edges
            ]
            whole = {"nodes": nodes, "edges": edges, "hidden": found.hidden, "truncated": found.truncated}
        return Response(encode({"data": {"cascade": whole}}), media_type="application/json")

    return [Route("/bare/ladder", ladder), Route("/bare/cascade", cascade)]


def beside(service: ASGIApp, workspace: Workspace) -> ASGIApp:
    """The service, and the others past all of its layers."""
    default = Default(workspace)
    routes = {route.path: route.app for route in bare(workspace)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        await (default if path == "/default" else routes.get(path, service))(scope, receive, send)

    return app


def main(store: str) -> None:
    """Serves until it is told to stop; its first line is the port."""
    settings = Settings(token_rate=10**6, address_rate=10**6)
    with Workspace.open(store) as workspace, socket.socket() as door, Path(os.devnull).open("w") as nowhere:
        start_logs("json", "info", nowhere)
        door.bind(("127.0.0.1", 0))
        door.listen()
        service = create_app(workspace, settings)
        config = Config(beside(service, workspace), settings, service.state.metrics, error_body)
        port = door.getsockname()[1]
        doors = service.state.door
        Server(config, ready=lambda: print(port, flush=True), hurry=doors.hurry, part=doors.followers.part).run([door])


if __name__ == "__main__":
    main(sys.argv[1])
