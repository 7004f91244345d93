"""The GraphQL door: the one place that speaks GraphQL."""

from graph_service.api.http import Door
from graph_service.api.limits import Limits
from graph_service.api.requests import error_body
from graph_service.api.schema import schema_sdl
from graph_service.api.subscribers import Bounds

__all__ = ["Bounds", "Door", "Limits", "error_body", "schema_sdl"]
