"""Backends whose worlds live on servers: the simulated one, or the game itself.

Example:
    >>> from factorio_fast import FastFactorioEnv
    >>> env = FastFactorioEnv("movement_basic", backend="sim-server")  # doctest: +SKIP
    >>> obs, info = env.reset(seed=7)  # doctest: +SKIP
    >>> env.close()  # doctest: +SKIP
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from factorio_fast import _core
from factorio_fast.errors import FactorioFastError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast.servers import FactorioServer, FactorioServerPool, ServerConfig

FASTEST = 1_000_000.0
"""The speed at which a simulated server never waits for the next tick."""

__all__ = ["FactorioBackend", "Fleet", "ServedSession", "ServerAddress", "SimServerBackend"]


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """Where a server is, and how it is spoken to."""

    address: str
    """`HOST:PORT` of its remote console."""
    password: str
    """The password of its remote console."""
    has_udp: bool = True
    """Whether frames may come as datagrams; else they come as replies."""
    timeout: float = 30.0
    """How long a reply may take, in seconds."""
    lost_after: float = 0.01
    """A frame that has not come so long after the reply to its look is asked for again, seconds."""
    speed: float = 1000.0
    """How many times faster than play the game may run."""
    fair_play: bool = False
    """Whether only what a player of the force could know is told."""
    record: Path | None = None
    """A file to which everything that passes is appended."""
    replay: Path | None = None
    """A file written so, which answers in place of a server."""


class Fleet(Protocol):
    """Servers that somebody keeps: an environment asks for their addresses and for new ones."""

    def addresses(self) -> list[ServerAddress]:
        """Return where the servers are."""
        ...

    def restart(self, index: int) -> ServerAddress:
        """Bring a lost server back and return where it is now."""
        ...

    def close(self) -> None:
        """End what was started; may be called twice."""
        ...


class LeasedFleet:
    """Servers that are started here, or taken from a pool, and ended or given back by `close`."""

    def __init__(self, backend: _ServerBackend, n_servers: int) -> None:
        self._backend = backend
        self._servers: list[FactorioServer] = []
        with ThreadPoolExecutor(max_workers=n_servers) as starter:
            futures = [starter.submit(backend.lease) for _ in range(n_servers)]
        failures = [future.exception() for future in futures]
        self._servers = [future.result() for future in futures if future.exception() is None]
        for failure in failures:
            if failure is not None:
                self.close()
                raise failure

    def addresses(self) -> list[ServerAddress]:
        """Return where the servers are."""
        return [self._backend.address_of(server) for server in self._servers]

    def restart(self, index: int) -> ServerAddress:
        """Bring a lost server back and return where it is now."""
        server = self._servers[index]
        server.restart()
        return self._backend.address_of(server)

    def close(self) -> None:
        """End the servers, or give them back; may be called twice."""
        from factorio_fast.servers.leases import release

        while self._servers:
            release(self._servers.pop(), self._backend.pool)


class FixedFleet:
    """Servers that somebody else started: nothing is ended here."""

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        restart: Callable[[int], ServerAddress] | None = None,
    ) -> None:
        self._addresses = list(addresses)
        self._restart = restart

    def addresses(self) -> list[ServerAddress]:
        """Return where the servers are."""
        return list(self._addresses)

    def restart(self, index: int) -> ServerAddress:
        """Ask whoever started the server for another, or take it for back where it was."""
        if self._restart is not None:
            self._addresses[index] = self._restart(index)
        return self._addresses[index]

    def close(self) -> None:
        """End nothing."""


class _ServerBackend:
    """What the two backends of servers have in common."""

    _executable: str | None = None

    def __init__(
        self,
        *,
        config: ServerConfig | None = None,
        pool: FactorioServerPool | None = None,
        addresses: Sequence[ServerAddress] = (),
        restart: Callable[[int], ServerAddress] | None = None,
        record: Path | None = None,
        **settings: Any,
    ) -> None:
        """Say where servers come from.

        Args:
            config: How servers are started.
            pool: Where they are taken from, instead of being started.
            addresses: Servers that run already; nothing is started then.
            restart: Called with the number of a lost one of `addresses`; returns where it is now.
            record: A file to which everything that passes is appended.
            **settings: Settings of `ServerConfig`, or of `ServerAddress`.
        """
        names = {"lost_after", "fair_play", "speed"}
        self._how = {name: settings.pop(name) for name in names & settings.keys()}
        self._config = config
        self.pool = pool
        self._addresses = addresses
        self._restart = restart
        self._record = record
        self._settings = settings

    def lease(self) -> FactorioServer:
        """Start a server, or take one from the pool."""
        from factorio_fast.servers.leases import lease

        settings = dict(self._settings)
        executable = settings.pop("executable", None)
        if executable is None and (self._config is None or self._config.executable is None):
            executable = self._executable
        return lease(executable=executable, config=self._config, pool=self.pool, **settings)

    def address_of(self, server: FactorioServer) -> ServerAddress:
        """Say where a server is and how it is spoken to."""
        host, port = server.rcon_address
        return ServerAddress(
            address=f"{host}:{port}",
            password=server.rcon_password,
            has_udp=server.udp_port is not None,
            timeout=server.config.request_timeout,
            record=self._record,
            **{"speed": self._speed_of(server), **self._how},
        )

    def _speed_of(self, server: FactorioServer) -> float:
        return server.game_speed

    def fleet(self, n_servers: int) -> Fleet:
        """Return servers to run environments on."""
        if not self._addresses:
            return LeasedFleet(self, n_servers)
        if n_servers > len(self._addresses):
            raise InvalidValueError(
                f"{len(self._addresses)} addresses are not enough for {n_servers} servers"
            )
        return FixedFleet(self._addresses[:n_servers], self._restart)

    def open(
        self, scenario: _core.Scenario, *, max_steps: int | None = None, is_sparse: bool = False
    ) -> ServedSession:
        """Open a session of a scenario on a server of its own."""
        return ServedSession(self.fleet(1), scenario, max_steps=max_steps, is_sparse=is_sparse)


class SimServerBackend(_ServerBackend):
    """The simulated headless server: the mod in Lua over the embedded simulation."""

    _executable = "sim-server"

    def _speed_of(self, server: FactorioServer) -> float:
        # Nothing is drawn and nobody watches: ticks follow each other without a pause.
        return max(server.game_speed, FASTEST)


class FactorioBackend(_ServerBackend):
    """The game's own headless server: `FACTORIO_BIN`, or what `config` names."""

    _executable = "factorio"


class ServedSession:
    """A session whose world lives on a server."""

    def __init__(
        self,
        fleet: Fleet,
        scenario: _core.Scenario,
        *,
        max_steps: int | None = None,
        is_sparse: bool = False,
    ) -> None:
        self._fleet = fleet
        try:
            self._core = _core.Episode.served(
                scenario, fleet.addresses()[0], max_steps=max_steps, is_sparse=is_sparse
            )
        except BaseException:
            fleet.close()
            raise

    @property
    def phase(self) -> str:
        """Where the episode stands: `new`, `running` or `done`."""
        return self._core.phase

    @property
    def max_steps(self) -> int:
        """The number of steps after which the episode is cut off."""
        return self._core.max_steps

    @property
    def address(self) -> ServerAddress:
        """Where the server is, and how it is spoken to."""
        return self._fleet.addresses()[0]

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between the server and here so far."""
        return self._core.transport_metrics

    def reset(self, seed: int, episode: int = 0) -> None:
        """Begin an episode; a server that was lost is brought back first."""
        if self._core.loss is not None:
            self._core.relink(self._fleet.restart(0))
        self._core.reset(seed, episode)

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carry out one action; an episode whose server is lost ends truncated."""
        return self._core.step(action)

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        """Carry out typed commands for one step."""
        return self._core.step_commands(commands)

    def refusals(self) -> list[str | None]:
        """Say for each command of the last step why it was refused, None if it was not."""
        return self._core.refusals()

    def look(self) -> _core.World:
        """Return a copy of all that the server tells of the world."""
        return self._core.look()

    def character(self) -> dict[str, Any]:
        """Return what the character is and has."""
        return self._core.character()

    def find_path(
        self, position: tuple[float, float], reach: float = 0.75
    ) -> list[tuple[float, float]] | None:
        """Find the waypoints to within `reach` tiles of a position."""
        return self._core.find_path(position, reach)

    def set_goal(self, goal: dict[str, Any] | None) -> None:
        """Show another goal in the observation, or the scenario's own again."""
        self._core.set_goal(goal)

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copy the packed record into `out`; uint8; (8576,)."""
        self._core.observe(out)

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the full observation adds: inventory (32,) and goal (16,)."""
        return self._core.full()

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the mask as booleans; (65,)."""
        return self._core.action_masks()

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Return the exact table of an interaction; (16, 32); axes (target, item)."""
        return self._core.conditional_mask(interact)

    def info(self) -> dict[str, Any]:
        """Return what `info` says; `infrastructure` says why a server was lost."""
        return self._core.info()

    def render_rgb(self) -> NDArray[np.uint8]:
        """Draw what is known of the world; uint8; (height, width, 3)."""
        return self._core.render_rgb()

    def render_ansi(self) -> str:
        """Draw what is known of the world as coloured text."""
        return self._core.render_ansi()

    def snapshot(self) -> bytes:
        """Refuse: the world is the server's.

        Raises:
            InvalidStateError: Always.
        """
        return self._core.snapshot()

    def restore(self, data: bytes) -> None:
        """Refuse: the world is the server's.

        Raises:
            InvalidStateError: Always.
        """
        self._core.restore(data)

    def close(self) -> None:
        """Give the world back and end the server if it was started here; may be called twice."""
        with contextlib.suppress(FactorioFastError):
            self._core.close()
        self._fleet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
