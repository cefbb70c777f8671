"""The states of a server, and which may follow which."""

from __future__ import annotations

from enum import Enum
from typing import Final


class ServerState(Enum):
    """Where a server is between its making and its end."""

    NEW = "new"
    """Nothing was done yet."""
    PREPARING = "preparing"
    """Its files are written."""
    CREATING = "creating"
    """The executable makes the map."""
    STARTING = "starting"
    """The server's process runs but has not answered yet."""
    READY = "ready"
    """It answered a hello with our contract."""
    STOPPING = "stopping"
    """It was asked to end, or is being killed."""
    STOPPED = "stopped"
    """It ended as it was told to; it can be started again."""
    FAILED = "failed"
    """It did not start, or ended by itself; it can be started again."""
    CLOSED = "closed"
    """Its files are gone; it cannot be started again."""

    @property
    def is_running(self) -> bool:
        """Whether a process of the server may exist in this state."""
        return self in {self.CREATING, self.STARTING, self.READY, self.STOPPING}


FOLLOWERS: Final[dict[ServerState, frozenset[ServerState]]] = {
    ServerState.NEW: frozenset({ServerState.PREPARING, ServerState.CLOSED}),
    ServerState.PREPARING: frozenset(
        {ServerState.CREATING, ServerState.STARTING, ServerState.FAILED}
    ),
    ServerState.CREATING: frozenset({ServerState.STARTING, ServerState.FAILED}),
    ServerState.STARTING: frozenset({ServerState.READY, ServerState.FAILED}),
    ServerState.READY: frozenset({ServerState.STOPPING, ServerState.FAILED}),
    ServerState.STOPPING: frozenset({ServerState.STOPPED}),
    ServerState.STOPPED: frozenset({ServerState.PREPARING, ServerState.CLOSED}),
    ServerState.FAILED: frozenset({ServerState.PREPARING, ServerState.CLOSED}),
    ServerState.CLOSED: frozenset(),
}
"""Which state may follow which."""
