"""A pool of servers: started side by side, lent, cleaned, replaced when they are lost.

Every wait has a limit, every start a bounded number of attempts, and nothing runs on after `close`.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Self

from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    InvalidValueError,
    ServerPoolExhaustedError,
    ServerStartError,
)
from factorio_fast.servers import registry
from factorio_fast.servers.config import ServerConfig
from factorio_fast.servers.log import logger
from factorio_fast.servers.server import FactorioServer

if TYPE_CHECKING:
    from types import TracebackType

MAX_SERVERS: Final = 256
"""The most servers of one pool."""
CHECK_SECONDS: Final = 10.0
"""How long an idle server may take to answer before it is lent."""


class Use(Enum):
    """What a pool's server is doing."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    CLEANING = "cleaning"


@dataclass(eq=False)
class Member:
    """A server of a pool."""

    server: FactorioServer
    is_temporary: bool
    use: Use = Use.STARTING
    thread: threading.Thread | None = field(default=None, repr=False)


class FactorioServerPool:
    """Servers to lend; started by `start`, by entering the context or by the first `get_server`.

    Args:
        num_servers: how many servers it keeps.
        min_servers: how many of them are started ahead; the others when they are wanted. None: all.
        max_servers: the most there may be at once: those beyond `num_servers` are temporary, end
            when they are returned, and are started when all others are busy. None: twice
            `num_servers`.
        max_start_attempts: how often the start of one server is tried.
        n_starting: how many start at the same time; None: as many as there are processors.
        config: how each server is started; None takes the defaults.
        **settings: replace settings of `config`.

    Raises:
        InvalidValueError: an argument is outside its range.
    """

    def __init__(
        self,
        num_servers: int = 16,
        *,
        min_servers: int | None = None,
        max_servers: int | None = None,
        max_start_attempts: int = 3,
        n_starting: int | None = None,
        config: ServerConfig | None = None,
        **settings: Any,
    ) -> None:
        check_count(num_servers, "num_servers", 1, MAX_SERVERS)
        self.num_servers = num_servers
        self.min_servers = num_servers if min_servers is None else min_servers
        check_count(self.min_servers, "min_servers", 0, num_servers)
        self.max_servers = min(2 * num_servers, MAX_SERVERS) if max_servers is None else max_servers
        check_count(self.max_servers, "max_servers", num_servers, MAX_SERVERS)
        check_count(max_start_attempts, "max_start_attempts", 1, 100)
        self.max_start_attempts = max_start_attempts
        self.config = (config or ServerConfig()).replace(**settings)
        if self.config.port is not None:
            raise InvalidValueError(
                f"servers of a pool cannot share one port; leave it out, got '{self.config.port}'"
            )
        n_starting = n_starting or os.cpu_count() or 1
        check_count(n_starting, "n_starting", 1, MAX_SERVERS)
        self._may_start = threading.Semaphore(n_starting)
        self._changed = threading.Condition()
        self._members: list[Member] = []
        self._n_waiting = 0
        self._error: Exception | None = None
        self._counts: Counter[str] = Counter()
        self._has_begun = False
        self._is_closed = False

    # --- Its life --------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin to start servers in the background and return at once.

        What earlier processes left behind is ended first.

        Raises:
            ClosedError: the pool was closed.
        """
        with self._changed:
            self._check_open()
            if self._has_begun:
                return self
            self._has_begun = True
        try:
            registry.end_orphans()
            with self._changed:
                for _ in range(self.min_servers):
                    self._add_member()
        except BaseException:
            # Ctrl-C before the context is entered: nobody else would close it.
            self.close()
            raise
        return self

    def wait_ready(self, timeout: float | None = None) -> Self:
        """Wait until every server that is being started is ready.

        Args:
            timeout: in seconds; None: a server's `start_timeout` for each round of starts.

        Raises:
            ServerStartError: one did not start.
            ServerPoolExhaustedError: it takes longer.
            ClosedError: the pool was closed.
        """
        self.start()
        if timeout is None:
            timeout = self.config.start_timeout * max(1, self.num_servers)
        with self._changed:
            done = self._changed.wait_for(
                lambda: (
                    self._is_closed
                    or len(self._members) < self.min_servers
                    or not any(member.use is Use.STARTING for member in self._members)
                ),
                timeout,
            )
            self._check_open()
            if self._error is not None and len(self._members) < self.min_servers:
                raise self._error
            if not done:
                raise ServerPoolExhaustedError(
                    f"servers were not ready within {timeout:g} s: {self._summary()}"
                )
        return self

    def close(self) -> None:
        """End every server, lent ones too; may be called twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            members = list(self._members)
        enders = [
            threading.Thread(target=member.server.kill, name=f"end-{member.server.name}")
            for member in members
        ]
        for thread in enders:
            thread.start()
        for thread in enders:
            thread.join()
        for member in members:
            if member.thread is not None and member.thread is not threading.current_thread():
                member.thread.join(self.config.stop_timeout)
        with self._changed:
            self._members.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # --- Lending ---------------------------------------------------------------------------------

    def get_server(self, timeout: float = 60.0) -> FactorioServer:
        """Lend a server that is clean and answers.

        If all are busy and there is room, another is started at once, a temporary one where
        `num_servers` are there.

        Args:
            timeout: how long one may take to come free or to start, in seconds.

        Raises:
            ServerPoolExhaustedError: none came free in time.
            ServerStartError: none is there, and one that was wanted does not start.
            ClosedError: the pool was closed.
        """
        self.start()
        deadline = time.monotonic() + timeout
        while True:
            member = self._take(deadline, timeout)
            server = member.server
            try:
                server.check(timeout=CHECK_SECONDS)
            except (FactorioFastError, OSError) as error:
                logger.warning("%s: not lent: %s", server.name, error)
                self._restart(member)
            else:
                with self._changed:
                    self._counts["lent"] += 1
                return server

    def return_server(self, server: FactorioServer) -> None:
        """Take a server back and clean it; a lost one is replaced, a temporary one ends.

        Raises:
            InvalidValueError: this pool has not lent it.
        """
        with self._changed:
            found = [
                member
                for member in self._members
                if member.server is server and member.use is Use.BUSY
            ]
            if not found:
                if self._is_closed:
                    return
                raise InvalidValueError(f"this pool has not lent the server: {server.name!r}")
            member = found[0]
            member.use = Use.CLEANING
            self._counts["returned"] += 1
            # Where someone waits, a temporary server is as good as any other.
            ends = member.is_temporary and self._n_waiting == 0
            if ends:
                self._members.remove(member)
        if ends:
            server.kill()
            return
        try:
            server.reset_to_clean_state()
        except (FactorioFastError, OSError) as error:
            logger.warning("%s: cannot be cleaned: %s", server.name, error)
            self._restart(member)
            return
        with self._changed:
            member.use = Use.IDLE
            self._changed.notify_all()

    @property
    def servers(self) -> tuple[FactorioServer, ...]:
        """All its servers, lent ones too."""
        with self._changed:
            return tuple(member.server for member in self._members)

    @property
    def metrics(self) -> dict[str, int]:
        """Count its servers by what they do, and what was done so far."""
        with self._changed:
            uses = Counter(member.use for member in self._members)
            return {
                **{use.value: uses[use] for use in Use},
                "temporary": sum(member.is_temporary for member in self._members),
                **{
                    name: self._counts[name]
                    for name in ("started", "restarted", "failed", "lent", "returned")
                },
            }

    # --- Behind it -------------------------------------------------------------------------------

    def _take(self, deadline: float, timeout: float) -> Member:
        with self._changed:
            n_failed = self._counts["failed"]
            self._n_waiting += 1
            try:
                while True:
                    self._check_open()
                    for member in self._members:
                        if member.use is Use.IDLE:
                            member.use = Use.BUSY
                            return member
                    if self._error is not None and self._counts["failed"] > n_failed:
                        raise self._error
                    n_coming = sum(
                        member.use in {Use.STARTING, Use.CLEANING} for member in self._members
                    )
                    if n_coming < self._n_waiting and len(self._members) < self.max_servers:
                        self._add_member()
                        continue
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise ServerPoolExhaustedError(
                            f"no server came free within {timeout:g} s; return servers, or raise "
                            f"max_servers: {self._summary()}"
                        )
                    self._changed.wait(left)
            finally:
                self._n_waiting -= 1

    def _add_member(self) -> None:
        n_kept = sum(not member.is_temporary for member in self._members)
        server = FactorioServer(self.config)
        member = Member(server, is_temporary=n_kept >= self.num_servers)
        self._members.append(member)
        self._in_background(member, is_restart=False)

    def _restart(self, member: Member) -> None:
        with self._changed:
            if self._is_closed or member not in self._members:
                return
            member.use = Use.STARTING
            self._in_background(member, is_restart=True)

    def _in_background(self, member: Member, *, is_restart: bool) -> None:
        member.thread = threading.Thread(
            target=self._bring_up,
            args=(member, is_restart),
            name=f"start-{member.server.name}",
            daemon=True,
        )
        member.thread.start()

    def _bring_up(self, member: Member, is_restart: bool) -> None:  # noqa: FBT001 - a thread's
        server = member.server
        error: Exception | None = None
        for _ in range(self.max_start_attempts):
            with self._may_start:
                if self._is_closed:
                    break
                try:
                    if is_restart:
                        server.stop(is_graceful=False)
                    server.start()
                except Exception as caught:  # noqa: BLE001 - whoever waits for a server gets it
                    error = caught
                    logger.warning("%s: %s", server.name, caught)
                else:
                    error = None
                    break
            if not (isinstance(error, ServerStartError) and error.is_worth_retrying):
                break
        with self._changed:
            if self._is_closed:
                pass
            elif error is None:
                member.use = Use.IDLE
                self._counts["restarted" if is_restart else "started"] += 1
            else:
                self._counts["failed"] += 1
                self._error = error
                self._members.remove(member)
            is_lost = self._is_closed or error is not None
            self._changed.notify_all()
        if is_lost:
            server.kill()

    def _summary(self) -> str:
        uses = Counter(member.use.value for member in self._members)
        parts = [f"{count} {use}" for use, count in sorted(uses.items())]
        return f"{', '.join(parts) or 'no servers'} of at most {self.max_servers}"

    def _check_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the pool was closed; make another")


def check_count(value: int, name: str, low: int, high: int) -> None:
    """Refuse a count outside its range.

    Raises:
        InvalidValueError: it is.
    """
    if type(value) is not int or not low <= value <= high:
        raise InvalidValueError(f"{name} must be from {low} to {high}, got {value!r}")
