"""Who may come in, and how far: access tokens, and how often each may ask.

Nothing here knows a protocol; the doors bring what a request says of itself and translate the answers.
"""

from graph_service.access.access import OPEN, Access, Caller, TooOften, Unauthenticated
from graph_service.access.rates import Rates
from graph_service.access.secret import new_token

__all__ = ["OPEN", "Access", "Caller", "Rates", "TooOften", "Unauthenticated", "new_token"]
