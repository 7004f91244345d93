"""The words of the field as values: nodes, links, changes and facts. It knows nothing of graphs, stores or doors."""

from graph_service.models.changes import *  # noqa: F403
from graph_service.models.facts import *  # noqa: F403
from graph_service.models.nodes import *  # noqa: F403
from graph_service.models.words import *  # noqa: F403
