"""What browsers see, and what stands before every request."""

from graph_service.web.audits import Audits
from graph_service.web.charts import Charts
from graph_service.web.compression import Compression
from graph_service.web.embedding import Embeds
from graph_service.web.files import Files
from graph_service.web.front import Front
from graph_service.web.gate import Gate
from graph_service.web.metrics import Metrics
from graph_service.web.pages import STATIC, Summary, graphiql_page, start_page
from graph_service.web.witness import Witness

__all__ = [
    "STATIC",
    "Audits",
    "Charts",
    "Compression",
    "Embeds",
    "Files",
    "Front",
    "Gate",
    "Metrics",
    "Summary",
    "Witness",
    "graphiql_page",
    "start_page",
]
