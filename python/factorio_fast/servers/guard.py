"""Runs in a server's process before the server does, and makes it die with its owner.

It is run as a file, without the rest of the package: `python -I -S guard.py MODE OWNER COMMAND...`.
`signal` (Linux) asks the kernel to kill the server when its owner ends, however that happens.
`watch` (any other Unix) leaves a child behind that waits for the end of standard input, whose other
end only the owner has, and then kills the server's process group.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 127
"""The exit status where the command cannot be run, as in a shell."""
WATCH_SECONDS = 1.0
"""How soon the watching child notices that the server ended."""


def main(arguments: list[str]) -> None:
    """Prepare this process and become the server."""
    mode, owner, *command = arguments
    if mode == "signal":
        die_with(int(owner))
    else:
        leave_watcher()
    read_nothing()
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is what this is for
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]!r}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(CANNOT_RUN)


def die_with(owner: int) -> None:
    """Have the kernel kill this process when the thread that started it ends."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != owner:  # It ended before we asked.
        os._exit(CANNOT_RUN)


def leave_watcher() -> None:
    """Fork the child that kills this process's group when standard input ends."""
    server = os.getpid()
    if os.fork() != 0:
        return
    import select

    # What reads the server's output must see its end when the server ends.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    while os.getppid() == server:
        readable, _, _ = select.select([0], [], [], WATCH_SECONDS)
        if readable and not os.read(0, 4096):
            os.killpg(server, signal.SIGKILL)
    os._exit(0)


def read_nothing() -> None:
    """Close standard input: a console line must never come from there."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)


if __name__ == "__main__":
    main(sys.argv[1:])
