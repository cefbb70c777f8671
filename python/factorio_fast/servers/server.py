"""One server: its start, its end, and what is asked of it beside environments' own requests.

The game and the simulated server are started with the same arguments. Nothing of a server outlives
`stop`: no process, no port, no file but the log that `log_folder` asks for.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import secrets
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    InvalidStateError,
    RequestTimeoutError,
    ServerAuthenticationError,
    ServerClosedError,
    ServerConnectionError,
    ServerLostError,
    ServerPortTakenError,
    ServerStartError,
)
from factorio_fast.servers import registry
from factorio_fast.servers.config import ServerConfig
from factorio_fast.servers.diagnosis import disk_error, ended
from factorio_fast.servers.hello import COMMAND, Hello, body_of, configuration
from factorio_fast.servers.log import logger, with_tail
from factorio_fast.servers.ports import HOST
from factorio_fast.servers.run import ServerRun
from factorio_fast.servers.states import FOLLOWERS, ServerState
from factorio_fast.servers.version import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from factorio_fast._core import RconClient, Scenario, World
    from factorio_fast.envs.served import ServedSession
    from factorio_fast.envs.session import Session
    from factorio_fast.servers.log import ServerLog
    from factorio_fast.servers.version import GameVersion

MAX_PORT_ATTEMPTS: Final = 3
"""How often a start is repeated when a stranger took a leased port."""
MAX_RESTART_ATTEMPTS: Final = 3
"""How often `restart` tries, where trying again may help."""
DEATH_SECONDS: Final = 0.5
"""How long a process may live on after its connection was lost, before we take it for alive."""

Result = TypeVar("Result")

_numbers = itertools.count(1)
_servers: weakref.WeakSet[FactorioServer] = weakref.WeakSet()


class FactorioServer:
    """A server with the mod on it, started by `start` or by entering its context.

    Args:
        config: how it is started; None takes the defaults.
        name: of its log and its record; None makes one up.
        is_detached: whether it goes on when this process ends. Then `attach` finds it by its name.
        **settings: replace settings of `config`.

    Raises:
        InvalidValueError: a setting does not exist or is outside its range.
    """

    def __init__(
        self,
        config: ServerConfig | None = None,
        *,
        name: str | None = None,
        is_detached: bool = False,
        **settings: Any,
    ) -> None:
        self.config = (config or ServerConfig()).replace(**settings)
        self.name = name or f"server-{os.getpid()}-{next(_numbers)}-{secrets.token_hex(3)}"
        self.is_detached = is_detached
        self.is_attached = False
        """Whether another process started it."""
        self.version: GameVersion | None = None
        """The version of the executable, once it was asked."""
        self.hello: Hello | None = None
        """What the mod said when the server became ready."""
        self.n_starts = 0
        """How often it became ready."""
        self._owner = os.getpid()
        self._state = ServerState.NEW
        self._state_guard = threading.RLock()
        # Held while the server is started or ended; a stop that comes meanwhile sets the event.
        self._lifecycle = threading.RLock()
        self._cancelled = threading.Event()
        self._exit_status: int | None = None
        self._run: ServerRun | None = None
        self._log: ServerLog | None = None
        self._session: ServedSession | None = None
        self._scenario = ""
        _servers.add(self)

    # --- What it is ------------------------------------------------------------------------------

    @property
    def state(self) -> ServerState:
        """Where it is between its making and its end."""
        return self._state

    @property
    def rcon_address(self) -> tuple[str, int]:
        """Host and port of the remote console; another port after each start."""
        return (HOST, self._started().rcon_port)

    @property
    def rcon_password(self) -> str:
        """The password of the remote console; another after each start."""
        return self._started().password

    @property
    def udp_port(self) -> int | None:
        """The port that the game's datagrams come from; None without UDP."""
        return self._started().udp_port

    @property
    def game_speed(self) -> float:
        """How many times faster than play the game may run."""
        return self.config.game_speed

    @property
    def pid(self) -> int | None:
        """The number of its process; None without one."""
        process = None if self._run is None else self._run.process
        return None if process is None else process.pid

    @property
    def folder(self) -> Path | None:
        """Its own folder while it exists."""
        return None if self._run is None else self._run.files.folder

    @property
    def log_path(self) -> Path | None:
        """The file of its log; None before the first start."""
        return None if self._log is None else self._log.path

    def log_tail(self) -> tuple[str, ...]:
        """Return the last lines that it wrote."""
        return () if self._log is None else self._log.tail()

    def is_alive(self) -> bool:
        """Return whether it is ready and its process runs; a hanging one is alive, see `check`."""
        run = self._run
        if self._state is not ServerState.READY or run is None or run.process is None:
            return False
        if run.process.poll() is None:
            return True
        self._note_loss(run)
        return False

    def __repr__(self) -> str:
        return f"<FactorioServer {self.name} {self._state.value} pid={self.pid}>"

    # --- Its life --------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start it and wait until the mod has answered; a server that is ready is left alone.

        Returns:
            The server.

        Raises:
            ServerStartError: it does not start; the subclass and the message say why.
            ServerAuthenticationError: what answers on its port refuses its password.
            ClosedError: it was closed, or was stopped meanwhile.
        """
        with self._lifecycle:
            self._check_not_closed()
            if self.is_alive():
                return self
            for attempt in itertools.count(1):
                try:
                    self._start_once()
                except ServerPortTakenError as error:
                    if self.config.port is not None or attempt >= MAX_PORT_ATTEMPTS:
                        raise
                    logger.warning("%s: %s", self.name, error)
                else:
                    return self
        raise AssertionError("a start ends by returning or raising")

    def restart(self) -> Self:
        """End it at once and start it again, on other ports, with a fresh world.

        Where trying again may help it is tried a few times.

        Raises:
            ServerStartError: it does not start.
            ClosedError: it was closed.
        """
        with self._lifecycle:
            self._check_not_closed()
            for attempt in itertools.count(1):
                self._end(is_graceful=False)
                try:
                    return self.start()
                except ServerStartError as error:
                    if not error.is_worth_retrying or attempt >= MAX_RESTART_ATTEMPTS:
                        raise
                    logger.warning("%s: %s", self.name, error)
        raise AssertionError("a restart ends by returning or raising")

    def stop(self, *, is_graceful: bool = True) -> None:
        """End it and remove its files; it may be started again.

        Args:
            is_graceful: ask it first, by `/quit` and then by SIGTERM; else kill it at once.
        """
        if self._owner != os.getpid() and not self.is_attached:
            return  # A forked process has a copy of this object, and no server.
        # A start that is under way notices this and ends.
        self._cancelled.set()
        run = self._run
        if run is not None:
            run.log.wake()
            if self._state in {ServerState.CREATING, ServerState.STARTING} and run.process:
                run.process.kill()
        with self._lifecycle:
            if is_graceful and self.is_alive():
                self._end_session()
            self._session = None
            try:
                self._end(is_graceful=is_graceful)
            finally:
                self._cancelled.clear()

    def close(self) -> None:
        """End it for good; one that was attached goes on without us. May be called twice."""
        if self._owner != os.getpid() and not self.is_attached:
            return
        if self.is_attached:
            if self._run is not None:
                self._run.close_client()
        else:
            self.stop()
        with self._lifecycle:
            if self._state is not ServerState.CLOSED and not self._state.is_running:
                self._change_state(ServerState.CLOSED)

    def kill(self) -> None:
        """End it for good, at once."""
        self.stop(is_graceful=False)
        self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exception_type is not None and not self.is_attached:
            self.stop(is_graceful=False)
        self.close()

    @classmethod
    def attach(cls, name: str) -> Self:
        """Take hold of a server that another process started and left running.

        Raises:
            ServerLostError: no server of that name runs.
        """
        found = [record for record in registry.records() if record.name == name]
        if not found or not found[0].is_alive:
            running = ", ".join(record.name for record in registry.records() if record.is_alive)
            raise ServerLostError(
                f"no such server runs (those that do: {running or 'none'}): {name!r}"
            )
        record = found[0]
        config = ServerConfig(executable=record.command or None, game_speed=record.game_speed)
        server = cls(config, name=name, is_detached=record.is_detached)
        server.is_attached = True
        run = server._run = ServerRun.attached(record, config, server._cancelled)
        server._log, server.version = run.log, run.version
        for state in (ServerState.PREPARING, ServerState.STARTING, ServerState.READY):
            server._change_state(state)
        server.hello = server.check()
        return server

    # --- What is asked of it ---------------------------------------------------------------------

    def command(self, text: str, *, timeout: float | None = None) -> str:
        """Send a console command over a connection of its own and return the reply as it came.

        Raises:
            ServerLostError: the server has ended, or does not answer.
            ServerClosedError: the connection was lost, but the server lives.
            InvalidStateError: it was not started.
        """
        return self._ask(lambda client: client.command(text, timeout=timeout))

    def pipeline(self, texts: Sequence[str], *, timeout: float | None = None) -> list[str]:
        """Send console commands without waiting between them; their replies in the same order.

        Raises:
            ServerLostError: the server has ended, or does not answer.
            InvalidStateError: it was not started.
        """
        return self._ask(lambda client: client.pipeline(list(texts), timeout=timeout))

    def check(self, *, timeout: float | None = None) -> Hello:
        """Ask the mod for a hello, to see whether the server still answers.

        Raises:
            ServerLostError: it has ended, or does not answer in time.
            ContractMismatchError: its mod was made for another contract.
            InvalidStateError: it was not started.
        """
        request = f"{COMMAND} hello"
        try:
            reply = self.command(request, timeout=timeout)
        except ServerClosedError:
            # The server lives; only the connection was lost, and the client makes another.
            reply = self.command(request, timeout=timeout)
        hello = Hello.parse(reply)
        hello.check_contract()
        return hello

    def load_scenario(self, scenario: str | Scenario, *, seed: int = 0) -> Session:
        """Begin an episode of a scenario on this server, in a session of its own.

        The session that was loaded before ends, unless it is of the same scenario: then it goes on
        with the new episode.

        Args:
            scenario: a name, the path of a TOML file, or a loaded scenario.
            seed: of the episode's world.

        Returns:
            The session, which steps the world; `get_full_game_state` looks at it.

        Raises:
            ServerLostError: the server has ended, or does not answer.
            InvalidStateError: it was not started.
        """
        from factorio_fast.envs.served import SimServerBackend
        from factorio_fast.envs.steps import scenario_of

        wanted = scenario_of(scenario)
        if self._session is None or self._scenario != wanted.digest:
            self._end_session()
            self.check()
            backend = SimServerBackend()
            self._session = SimServerBackend(
                addresses=[backend.address_of(self)],
                restart=lambda _: backend.address_of(self.restart()),
            ).open(wanted)
            self._scenario = wanted.digest
        self._session.reset(seed)
        return self._session

    def get_full_game_state(self) -> World:
        """Return a copy of all that the server tells of the world that was loaded.

        Raises:
            InvalidStateError: no scenario was loaded.
        """
        if self._session is None:
            raise InvalidStateError("no world is loaded on the server; call load_scenario first")
        return self._session.look()

    def reset_to_clean_state(self) -> None:
        """Give back every environment on it, so that it is as after its start.

        Raises:
            ServerLostError: it has ended, does not answer, or keeps environments.
        """
        self._end_session()
        for number in self.check().environments:
            body_of(self.command(f"{COMMAND} close {number}"))
        body_of(self.command(f"{COMMAND} configure {self.configuration()}"))
        left = self.check().environments
        if left:
            raise ServerLostError(f"the server keeps environments that were closed: {left}")

    def configuration(self, *, udp_port: int = 0, fair_play: bool = True) -> str:
        """Return the JSON of the mod's `configure`, with this server's game speed."""
        return configuration(self.config.game_speed, udp_port=udp_port, fair_play=fair_play)

    def loss(self) -> ServerLostError | None:
        """Return why the server is lost, with its last lines; None while its process runs."""
        if self.is_alive():
            return None
        return ServerLostError(
            with_tail(f"the server has ended ({ended(self._exit_status)})", self.log_tail()),
            log_tail=self.log_tail(),
            exit_status=self._exit_status,
        )

    # --- Behind it -------------------------------------------------------------------------------

    def _start_once(self) -> None:
        self._check_not_cancelled()
        deadline = time.monotonic() + self.config.start_timeout
        self._release()
        self._change_state(ServerState.PREPARING)
        try:
            registry.end_orphans()
            self.version = version_of(self.config.command, self.config.process_environment())
            self.version.check()
            self._check_not_cancelled()
            self._run = ServerRun(
                self.config,
                self.name,
                self.version,
                is_detached=self.is_detached,
                cancelled=self._cancelled,
                on_state=self._change_state,
            )
            self._log = self._run.log
            self.hello = self._run.start(deadline)
        except BaseException as error:
            self._release()
            self._change_state(ServerState.FAILED, why=type(error).__name__)
            if self._cancelled.is_set() and isinstance(error, Exception):
                raise ClosedError("the server was stopped while it started") from error
            if isinstance(error, OSError) and not isinstance(error, FactorioFastError):
                raise disk_error(error, "the server's files") from error
            if isinstance(error, ServerAuthenticationError):
                error.add_note(with_tail("the server refused its password", self.log_tail()))
            raise
        self.n_starts += 1
        if self.is_detached:
            self._run.let_go()

    def _end(self, *, is_graceful: bool) -> None:
        if self._state in {ServerState.NEW, ServerState.STOPPED, ServerState.CLOSED}:
            return
        if self._state is ServerState.FAILED:
            self._release()
            return
        self._change_state(ServerState.STOPPING)
        if self._run is not None and is_graceful:
            self._run.quit()
        self._release()
        self._change_state(ServerState.STOPPED)

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(FactorioFastError):
                session.close()

    def _release(self) -> None:
        # A session of a server that was lost goes on with the next run of it.
        run, self._run = self._run, None
        if run is not None:
            exit_status = run.release()
            self._exit_status = exit_status if exit_status is not None else self._exit_status

    def _note_loss(self, run: ServerRun) -> None:
        process = run.process
        with self._state_guard:
            if self._state is not ServerState.READY or process is None:
                return
            self._exit_status = process.poll()
            self._change_state(ServerState.FAILED, why=ended(self._exit_status))
        process.close()
        logger.warning("%s: the server has ended (%s)", self.name, ended(self._exit_status))

    def _ask(self, request: Callable[[RconClient], Result]) -> Result:
        run = self._started()
        try:
            return request(run.client())
        except (ServerConnectionError, RequestTimeoutError, ClosedError) as error:
            if not isinstance(error, RequestTimeoutError) and run.process is not None:
                # The connection of a server that dies is lost a moment before it is gone.
                run.process.wait(DEATH_SECONDS)
            lost = self.loss()
            if lost is not None:
                raise lost from error
            if not isinstance(error, RequestTimeoutError):
                raise
            raise ServerLostError(
                with_tail(f"the server runs but does not answer ({error})", self.log_tail()),
                log_tail=self.log_tail(),
            ) from error

    def _change_state(self, state: ServerState, **why: str) -> None:
        with self._state_guard:
            if state not in FOLLOWERS[self._state]:
                raise InvalidStateError(
                    f"a server cannot become {state.value!r} while it is {self._state.value!r}"
                )
            before, self._state = self._state, state
        if self._log is not None:
            self._log.event("state", before=before.value, now=state.value, **why)

    def _started(self) -> ServerRun:
        run = self._run
        if self._state is not ServerState.READY or run is None:
            raise self._state_error()
        return run

    def _state_error(self) -> FactorioFastError:
        if self._state is ServerState.FAILED and self.n_starts > 0:
            lost = self.loss()
            if lost is not None:
                return lost
        return InvalidStateError(
            f"the server is {self._state.value!r}; call start() or enter its context first"
        )

    def _check_not_closed(self) -> None:
        if self._state is ServerState.CLOSED:
            raise ClosedError("the server was closed; make another")
        if self.is_attached and not self.is_alive():
            raise ClosedError("a server that was attached can only be started by a new one")

    def _check_not_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise ClosedError("the server was stopped while it started")


@atexit.register
def _end_all() -> None:
    for server in list(_servers):
        if not server.is_detached and not server.is_attached:
            with contextlib.suppress(Exception):
                server.kill()
