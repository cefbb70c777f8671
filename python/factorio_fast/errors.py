"""The one tree of exceptions.

Every error of this package is a `FactorioFastError`; each also inherits from the builtin or
Gymnasium exception that fits, so that code which knows only those catches it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AbsentMechanicError",
    "ActionRejectedError",
    "ClosedError",
    "ContractMismatchError",
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
    "ServerCrashedError",
    "ServerDiskFullError",
    "ServerExecutableError",
    "ServerLostError",
    "ServerModError",
    "ServerPoolExhaustedError",
    "ServerPortTakenError",
    "ServerProtocolError",
    "ServerRefusedError",
    "ServerStartError",
    "ServerStartTimeoutError",
    "ServerVersionError",
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


class ServerLostError(ServerConnectionError):
    """A server that was ready has ended or answers no more; the message ends with its last lines.

    Attributes:
        log_tail: the last lines of the server's log.
        exit_status: how its process ended, as `subprocess` counts; None where it still runs.
    """

    def __init__(
        self, message: str, *, log_tail: Sequence[str] = (), exit_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.log_tail = tuple(log_tail)
        self.exit_status = exit_status


class ServerStartError(FactorioFastError, RuntimeError):
    """A server did not start; the subclasses say why, and the message ends with its last lines.

    Attributes:
        log_tail: the last lines of the server's log.
        exit_status: how its process ended, as `subprocess` counts; None where it still ran.
    """

    is_worth_retrying = False
    """Whether the same start may succeed when it is tried again."""

    def __init__(
        self, message: str, *, log_tail: Sequence[str] = (), exit_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.log_tail = tuple(log_tail)
        self.exit_status = exit_status


class ServerExecutableError(ServerStartError, FileNotFoundError):
    """There is no such executable, it cannot be run, or it is no Factorio server."""


class ServerVersionError(ServerStartError):
    """The executable is a version of the game that the mod does not run on."""


class ServerModError(ServerStartError):
    """A mod is missing, does not load, or does not answer."""


class ServerDiskFullError(ServerStartError, OSError):
    """There is no room for the server's files."""


class ServerPortTakenError(ServerStartError, OSError):
    """Something else has a port that the server was to have."""

    is_worth_retrying = True


class ServerCrashedError(ServerStartError):
    """The server ended before it was ready, for no reason that its log names."""

    is_worth_retrying = True


class ServerStartTimeoutError(ServerStartError, TimeoutError):
    """The server runs but was not ready in time."""

    is_worth_retrying = True


class ContractMismatchError(ServerStartError):
    """The mod on the server was made for another contract than this package.

    Attributes:
        ours: version and hash of this package's contract.
        theirs: version and hash of the mod's.
    """

    def __init__(
        self, message: str, *, ours: tuple[int, str] = (0, ""), theirs: tuple[int, str] = (0, "")
    ) -> None:
        super().__init__(message)
        self.ours = ours
        self.theirs = theirs


class ServerPoolExhaustedError(FactorioFastError, TimeoutError):
    """Every server of a pool is busy, and none came free in time."""


class RequestTimeoutError(FactorioFastError, TimeoutError):
    """No reply in time; a command in flight may or may not have been executed."""


class MissingExtraError(FactorioFastError, ImportError):
    """A package of an optional extra is not installed."""

    @classmethod
    def of(cls, package: str, *, extra: str) -> MissingExtraError:
        """Name the missing package and the one command that brings it."""
        return cls(f"{package} is not installed; run: pip install 'factorio-fast[{extra}]'")
