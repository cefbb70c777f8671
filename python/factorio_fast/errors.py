"""The one tree of exceptions.

Every error of this package is a `FactorioFastError`; each also inherits from the builtin or
Gymnasium exception that fits, so that code which knows only those catches it too.
"""

from __future__ import annotations

import gymnasium

__all__ = [
    "AbsentMechanicError",
    "ActionRejectedError",
    "ClosedError",
    "FactorioFastError",
    "InvalidBlueprintError",
    "InvalidScenarioError",
    "InvalidSnapshotError",
    "InvalidStateError",
    "InvalidValueError",
    "MissingExtraError",
    "RequestTimeoutError",
    "ServerAuthenticationError",
    "ServerClosedError",
    "ServerConnectionError",
    "ServerProtocolError",
    "ServerRefusedError",
    "StaleEntityError",
    "UnknownNameError",
]


class FactorioFastError(Exception):
    """What every error of this package is."""


class UnknownNameError(FactorioFastError, LookupError):
    """A name that nothing has; the message suggests the nearest."""


class InvalidValueError(FactorioFastError, ValueError):
    """A value outside its documented range, or an array of the wrong shape or dtype."""


class InvalidScenarioError(FactorioFastError, ValueError):
    """A scenario that does not say what it must; the message names file, key and value."""


class InvalidBlueprintError(FactorioFastError, ValueError):
    """A blueprint string that cannot be read; the message says at which stage."""


class InvalidSnapshotError(FactorioFastError, ValueError):
    """Snapshot bytes that are truncated, damaged, or of another version or scenario."""


class InvalidStateError(FactorioFastError, gymnasium.error.ResetNeeded):
    """A call that is not allowed now, such as `step` before `reset`."""


class StaleEntityError(FactorioFastError, ReferenceError):
    """An entity that was removed, mined or destroyed, or that the restored world does not have."""


class ActionRejectedError(FactorioFastError, ValueError):
    """A command that the world refuses, such as building out of reach; the message says why."""


class AbsentMechanicError(FactorioFastError, NotImplementedError):
    """A mechanic of the game that the simulation does not have."""


class ClosedError(FactorioFastError, gymnasium.error.ClosedEnvironmentError):
    """A call to an environment or a client that was closed."""


class ServerConnectionError(FactorioFastError, ConnectionError):
    """No connection to a server; the subclasses say why where that is known."""


class ServerRefusedError(ServerConnectionError, ConnectionRefusedError):
    """Nothing listens at the server's address."""


class ServerClosedError(ServerConnectionError, ConnectionResetError):
    """The connection was lost; a command in flight may or may not have been executed."""


class ServerProtocolError(ServerConnectionError):
    """The peer does not answer as a Factorio server does."""


class ServerAuthenticationError(FactorioFastError, PermissionError):
    """The server refuses the password."""


class RequestTimeoutError(FactorioFastError, TimeoutError):
    """No reply in time; a command in flight may or may not have been executed."""


class MissingExtraError(FactorioFastError, ImportError):
    """A package of an optional extra is not installed."""

    @classmethod
    def of(cls, package: str, *, extra: str) -> MissingExtraError:
        """Name the missing package and the one command that brings it."""
        return cls(f"{package} is not installed; run: pip install 'factorio-fast[{extra}]'")
