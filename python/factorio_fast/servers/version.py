"""Versions of the game: read from an executable, and which of them the mod runs on."""

from __future__ import annotations

import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from factorio_fast.errors import ServerExecutableError, ServerVersionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION_TIMEOUT: Final = 30.0
"""How long `--version` may take, in seconds; a cold disk has to load the whole game."""
SUPPORTED: Final = ("2.0", "2.1")
"""The lines of the game that the mod runs on."""
PATTERN: Final = re.compile(
    r"^Version: (\d+)\.(\d+)\.(\d+)(?: \((?P<build>[^)]*)\))?", re.MULTILINE
)

_known: dict[tuple[object, ...], GameVersion] = {}
_known_guard = threading.Lock()


@dataclass(frozen=True, order=True)
class GameVersion:
    """A version of the game, such as 2.0.77."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def line(self) -> str:
        """What a mod's info.json calls it, such as `2.0`."""
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what an executable prints for `--version`; None where that is something else."""
        found = PATTERN.search(text)
        return None if found is None else cls(*(int(found[part]) for part in (1, 2, 3)))

    def check(self) -> None:
        """Refuse a version that the mod does not run on.

        Raises:
            ServerVersionError: it is such a one.
        """
        if self < OLDEST or self.line not in SUPPORTED:
            raise ServerVersionError(
                f"the mod runs on Factorio {OLDEST} and later versions of {' and '.join(SUPPORTED)}"
                f"; got '{self}'"
            )


OLDEST: Final = GameVersion(2, 0, 61)
"""Before it, a failed `helpers.send_udp` ends the game."""


def version_of(command: Sequence[str], environment: Mapping[str, str]) -> GameVersion:
    """Ask an executable for its version; asked once while its file stays the same.

    Raises:
        ServerExecutableError: it cannot be run, or is no Factorio.
    """
    key = (*command, *file_mark(Path(command[0])))
    with _known_guard:
        if key in _known:
            return _known[key]
    try:
        done = subprocess.run(  # noqa: S603 - what the user configured
            [*command, "--version"],
            capture_output=True,
            timeout=VERSION_TIMEOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServerExecutableError(
            f"it does not answer --version within {VERSION_TIMEOUT:g} s, so it is no Factorio: "
            f"{command[0]!r}"
        ) from error
    except OSError as error:
        raise ServerExecutableError(
            f"cannot run the server ({error.strerror}): {command[0]!r}"
        ) from error
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    version = GameVersion.parse(output)
    if version is None:
        shown = " ".join(output.split())[-400:]
        raise ServerExecutableError(
            f"it does not answer --version as Factorio does (exit status {done.returncode}, "
            f"output {shown!r}): {' '.join(command)!r}",
            exit_status=done.returncode,
        )
    with _known_guard:
        _known[key] = version
    return version


def file_mark(path: Path) -> tuple[int, int]:
    """Return what changes when a file is replaced."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
