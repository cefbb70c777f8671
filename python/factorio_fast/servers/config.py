"""The settings of a server, and where its executable is."""

from __future__ import annotations

import dataclasses
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from factorio_fast.errors import InvalidValueError, ServerExecutableError
from factorio_fast.sim_server import command as simulated_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOD_NAME: Final = "factorio-gym-mod"
SIMULATED_SERVER: Final = tuple(simulated_command())
"""The command of the simulated server; it takes the arguments that the game takes."""
BINARY_VARIABLE: Final = "FACTORIO_BIN"
"""The environment variable that names the game's executable."""

MAX_GAME_SPEED: Final = 1_000_000.0
MAX_TIMEOUT: Final = 86_400.0


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """How a server is started; the same for the game and for the simulated server.

    Raises:
        InvalidValueError: a setting is outside its range.
    """

    executable: str | Path | Sequence[str] | None = None
    """A path, a command with arguments, `"sim-server"`, `"factorio"`, or None.

    `"factorio"` is what FACTORIO_BIN names, else `factorio` on the search path; None is what
    FACTORIO_BIN names, else the simulated server.
    """
    game_speed: float = 64.0
    """How many times faster than the 60 ticks per second of play the game may run."""
    mods_enabled: Sequence[str] = (MOD_NAME,)
    """Names of mods; those that this package does not bring are taken from `mods_folder`."""
    mods_folder: Path | None = None
    """Where other mods are, as folders or zip files."""
    save_file: Path | None = None
    """A save to run a copy of; None makes a fresh world."""
    headless: bool = True
    """Whether there is no window; a server never has one, so only True is possible."""
    port: int | None = None
    """The loopback port of the remote console; None leases one."""
    has_udp: bool = True
    """Whether the game may send observations by UDP; else everything goes by RCON."""
    start_timeout: float = 60.0
    """From the start to the answered hello, in seconds."""
    request_timeout: float = 30.0
    """For one reply of the server, in seconds."""
    stop_timeout: float = 10.0
    """How long a server may take to end after `/quit`, and again after SIGTERM, in seconds."""
    server_settings: Mapping[str, Any] = field(default_factory=dict)
    """Entries of the game's server-settings.json that replace ours."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables for the process, beside those of this one."""
    extra_arguments: Sequence[str] = ()
    """More arguments for the server, at the end of its command line."""
    log_folder: Path | None = None
    """Where the log of each server, `NAME.jsonl`, is kept; None: with its files, until it ends."""
    folder: Path | None = None
    """Where each server's own folder is made; None: in the folder of this package's servers."""

    def __post_init__(self) -> None:
        if not self.headless:
            raise InvalidValueError("a server has no window: headless must be True, got 'False'")
        limit(self.game_speed, "game_speed", 0.01, MAX_GAME_SPEED)
        for name in ("start_timeout", "request_timeout", "stop_timeout"):
            limit(getattr(self, name), name, 0.001, MAX_TIMEOUT)
        if self.port is not None:
            limit(self.port, "port", 1, 65_535)
        for name in ("mods_enabled", "extra_arguments"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise InvalidValueError(f"{name} must be a sequence of strings, got {value!r}")
            object.__setattr__(self, name, tuple(value))
        for name in ("mods_folder", "save_file", "log_folder", "folder"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, Path(value).expanduser().absolute())

    def replace(self, **settings: Any) -> ServerConfig:
        """Return the same settings but for those that are named.

        Raises:
            InvalidValueError: a setting does not exist or is outside its range.
        """
        known = [item.name for item in dataclasses.fields(self)]
        for name in settings:
            if name not in known:
                raise InvalidValueError(
                    f"a server has the settings {', '.join(known)}; got {name!r}"
                )
        return dataclasses.replace(self, **settings)

    @property
    def command(self) -> tuple[str, ...]:
        """The executable with its leading arguments.

        Raises:
            ServerExecutableError: there is no such executable.
        """
        return find_executable(self.executable)

    @property
    def is_simulated(self) -> bool:
        """Whether it starts the simulated server, with whatever arguments."""
        return self.command[: len(SIMULATED_SERVER)] == SIMULATED_SERVER

    def process_environment(self) -> dict[str, str]:
        """Return all environment variables of the process."""
        return {**os.environ, **self.environment}


def find_executable(value: str | Path | Sequence[str] | None) -> tuple[str, ...]:
    """Return the command that `ServerConfig.executable` means.

    Raises:
        ServerExecutableError: there is no such executable, or it must not be run.
    """
    if value is None:
        value = os.environ.get(BINARY_VARIABLE) or "sim-server"
    if value == "sim-server":
        return SIMULATED_SERVER
    if value == "factorio":
        value = os.environ.get(BINARY_VARIABLE) or shutil.which("factorio")
        if value is None:
            raise ServerExecutableError(
                f"{BINARY_VARIABLE} is not set and there is no factorio on the search path; "
                f"set {BINARY_VARIABLE} to the path of the game's executable"
            )
    command = [str(value)] if isinstance(value, str | Path) else [str(part) for part in value]
    if not command:
        raise InvalidValueError("executable is an empty command, got '()'")
    found = shutil.which(Path(command[0]).expanduser())
    if found is None:
        path = Path(command[0]).expanduser()
        why = "it is a folder" if path.is_dir() else "it may not be run (chmod +x)"
        if not path.exists():
            why = "there is no such file"
        raise ServerExecutableError(f"cannot run the server, {why}: {str(path)!r}")
    return (str(Path(found).absolute()), *command[1:])


def limit(value: float, name: str, low: float, high: float) -> None:
    """Refuse a number outside its range, or what is no number.

    Raises:
        InvalidValueError: it is.
    """
    is_number = isinstance(value, float) or type(value) is int
    if not is_number or not low <= value <= high:
        raise InvalidValueError(f"{name} must be from {low:g} to {high:g}, got {value!r}")
