"""The server store: a Neo4j database, which any number of service instances share.

What it holds is a property graph as others expect it: `(:Objective)-[:PARENT {weight, position}]->(:Objective)`, names
and titles as plain properties; the log beside it as nodes `(:Entry)`. One node `(:Workspace)` says where the store
stands, and is locked by whoever writes.
"""

from graph_service.stores.neo4j.schema import neo4j_cypher
from graph_service.stores.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore", "neo4j_cypher"]
