"""Why a server did not start, read from its last lines and from how it ended.

The lines are those that the game is known to print; numbers of source lines in them vary.
"""

from __future__ import annotations

import errno
import re
import signal
import sys
from typing import Final

from factorio_fast.errors import (
    ServerCrashedError,
    ServerDiskFullError,
    ServerExecutableError,
    ServerModError,
    ServerPortTakenError,
    ServerStartError,
)
from factorio_fast.servers.guard import CANNOT_RUN
from factorio_fast.servers.log import with_tail

FULL_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
CAUSES: Final[tuple[tuple[re.Pattern[str], type[ServerStartError], str], ...]] = (
    (
        re.compile(r"address (?:is )?already in use|couldn't bind|failed to bind", re.IGNORECASE),
        ServerPortTakenError,
        "a port that was leased for the server was taken by something else",
    ),
    (
        re.compile(
            r"no space left|disk (?:is )?full|file too large|quota exceeded|"
            r"not enough (?:disk )?space|insufficient disk space",
            re.IGNORECASE,
        ),
        ServerDiskFullError,
        "the server found no room for its files; free some, or set folder",
    ),
    (
        re.compile(
            r"non-recoverable error|failed to load mod|error while (?:loading|running)|"
            r"mod .{1,80} (?:is missing|requires|depends)|missing required dependency",
            re.IGNORECASE,
        ),
        ServerModError,
        "a mod does not load",
    ),
)
"""What a line says, what error that is, and its message; the first that fits counts."""


def start_error(tail: tuple[str, ...], exit_status: int | None) -> ServerStartError:
    """Return the error of a server that ended before it was ready."""
    how = ended(exit_status)
    for pattern, kind, message in CAUSES:
        if any(pattern.search(line) for line in tail):
            return kind(
                with_tail(f"{message} ({how})", tail), log_tail=tail, exit_status=exit_status
            )
    if sys.platform != "win32" and exit_status == -signal.SIGXFSZ:
        message = "the server's files are larger than the system allows"
        return ServerDiskFullError(with_tail(message, tail), log_tail=tail, exit_status=exit_status)
    if exit_status == CANNOT_RUN and any(line.startswith("cannot run") for line in tail):
        return ServerExecutableError(
            with_tail("cannot run the server", tail), log_tail=tail, exit_status=exit_status
        )
    return ServerCrashedError(
        with_tail(f"the server ended before it was ready ({how})", tail),
        log_tail=tail,
        exit_status=exit_status,
    )


def disk_error(error: OSError, doing: str) -> ServerStartError:
    """Return the error of files that we could not write ourselves."""
    where = f": {error.filename!r}" if error.filename is not None else ""
    if error.errno in FULL_ERRORS:
        return ServerDiskFullError(
            f"no room for {doing}, free some, or set folder ({error.strerror}){where}"
        )
    return ServerStartError(f"cannot write {doing} ({error.strerror}){where}")


def ended(exit_status: int | None) -> str:
    """Say how a process ended."""
    if exit_status is None:
        return "it still runs"
    if exit_status < 0:
        try:
            return f"killed by {signal.Signals(-exit_status).name}"
        except ValueError:
            return f"killed by signal {-exit_status}"
    return f"exit status {exit_status}"
