"""What the errors of the driver and the server mean, in words for people."""

from __future__ import annotations

from neo4j.exceptions import AuthError, ConstraintError, DriverError, Neo4jError, TransientError

from graph_service.errors import Fault, StoreDamaged, StoreUnavailable
from graph_service.stores.neo4j.address import PASSWORD_SETTING, Address


def fault_of(error: DriverError | Neo4jError, address: Address, name: str) -> Fault:
    """The fault that an error means, for the store ``name`` at an address. Of a server that cannot be reached the store
    itself tells."""
    server, code = address.server, getattr(error, "code", None) or ""
    if "CredentialsExpired" in code:
        return StoreUnavailable(
            f"the Neo4j server {server} wants the first password of '{address.user}' to be changed before it"
            " is used; do so, and set the new one as " + PASSWORD_SETTING
        )
    if isinstance(error, AuthError):
        return StoreUnavailable(
            f"the Neo4j server {server} refuses the user '{address.user}'; the password is what {PASSWORD_SETTING} says"
        )
    if "DatabaseNotFound" in code:
        return StoreUnavailable(f"the Neo4j server {server} has no database '{address.database}'")
    if is_memory(error):
        return StoreUnavailable(
            f"the Neo4j server {server} has too little memory for this transaction; give it a larger heap"
            " (server.memory.heap.max_size), or import in smaller files"
        )
    if is_timeout(error) or isinstance(error, TransientError):
        return StoreUnavailable(f"{name} is being written by another process, or is busy; try again ({code})")
    if "Security" in code or "ReadOnly" in code:
        return StoreUnavailable(f"{name} may not be written by '{address.user}' ({code})")
    if isinstance(error, ConstraintError):
        return StoreDamaged(f"{name} holds something else than what a fact is said of ({code})")
    return StoreUnavailable(f"{name} cannot be used: {code or type(error).__name__}: {_short(error)}")


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", None) or error).split())[:200]


def is_memory(error: Exception) -> bool:
    """Whether the server has run out of memory."""
    return "OutOfMemory" in (getattr(error, "code", None) or "")


def is_timeout(error: Exception) -> bool:
    """Whether it took longer than it may, or a lock was not to be had."""
    code = getattr(error, "code", None) or ""
    return "TransactionTimedOut" in code or "LockAcquisitionTimeout" in code or "Terminated" in code
