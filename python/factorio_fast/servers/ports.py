"""Loopback ports, leased so that servers of this user never choose the same.

The system names a free port, and the lease locks the byte of that number in one file, which every
process of this package asks first. The lock dies with the process, so that nothing has to be
cleaned up. A stranger can still take a port before the server has it: then the start is repeated.
"""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from typing import Final, Self

from factorio_fast.errors import ServerPortTakenError
from factorio_fast.servers.state_folder import state_folder, try_lock, unlock

MAX_ATTEMPTS: Final = 64
"""How often the system is asked for another port before giving up."""
HOST: Final = "127.0.0.1"
"""Where servers listen. The game listens on IPv4 alone."""


class PortLocks:
    """The locked ports of this process."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._ports: set[int] = set()
        self._descriptor: int | None = None
        self._path = ""
        self._process = 0

    def take(self, port: int) -> bool:
        """Lock a port; return whether nobody else of this user has it."""
        with self._mutex:
            self._open()
            if port in self._ports or not try_lock(self._opened, port):
                return False
            self._ports.add(port)
            return True

    def give_back(self, port: int) -> None:
        """Unlock a port."""
        with self._mutex:
            if self._process == os.getpid() and port in self._ports:
                self._ports.remove(port)
                unlock(self._opened, port)

    def _open(self) -> None:
        # A process that was forked has not inherited the locks: it begins with none. The file
        # stays open as long as there are locks, because closing it once would lose them all.
        path = str(state_folder() / "ports.lock")
        if self._process != os.getpid():
            self._ports = set()
        if self._process != os.getpid() or (path != self._path and not self._ports):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._path = path
            self._process = os.getpid()

    @property
    def _opened(self) -> int:
        if self._descriptor is None:
            raise AssertionError("ports are locked only in an open file")
        return self._descriptor


LOCKS: Final = PortLocks()


@dataclass
class PortLease:
    """A port that nothing else of this user will use until it is given back."""

    port: int
    is_held: bool = True

    @classmethod
    def of_tcp(cls) -> Self:
        """Lease a port that is free for TCP.

        Raises:
            ServerPortTakenError: there is none.
        """
        return cls._of(socket.SOCK_STREAM)

    @classmethod
    def of_udp(cls) -> Self:
        """Lease a port that is free for UDP.

        Raises:
            ServerPortTakenError: there is none.
        """
        return cls._of(socket.SOCK_DGRAM)

    @classmethod
    def _of(cls, kind: socket.SocketKind) -> Self:
        for _ in range(MAX_ATTEMPTS):
            with socket.socket(socket.AF_INET, kind) as candidate:
                candidate.bind((HOST, 0))
                port: int = candidate.getsockname()[1]
                # Locked while the port is still bound: whoever is given it next finds the lock.
                if LOCKS.take(port):
                    return cls(port)
        raise ServerPortTakenError(
            f"found no free port in {MAX_ATTEMPTS} attempts; close servers that are not needed"
        )

    @classmethod
    def exactly(cls, port: int) -> Self:
        """Lease this TCP port.

        Raises:
            ServerPortTakenError: something has it.
        """
        if not LOCKS.take(port):
            raise ServerPortTakenError(
                f"another server of this user has the port; choose another or none: '{port}'"
            )
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                if os.name == "posix":
                    # As servers do; connections of a former server that still fade do not count.
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
        except OSError as error:
            LOCKS.give_back(port)
            raise ServerPortTakenError(
                f"the port cannot be used ({error.strerror}); choose another or none: '{port}'"
            ) from error
        return cls(port)

    def give_back(self) -> None:
        """End the lease; may be called twice."""
        if self.is_held:
            self.is_held = False
            LOCKS.give_back(self.port)
