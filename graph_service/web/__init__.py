"""What browsers see, and what stands before every request."""

from graph_service.web.front import Front
from graph_service.web.pages import STATIC, Summary, graphiql_page, start_page

__all__ = ["STATIC", "Front", "Summary", "graphiql_page", "start_page"]
