"""One server: its start, its end, and what is asked of it beside environments' own requests.

The game and the simulated server are started with the same arguments. Nothing of a server outlives
`stop`: no process, no port, no file but the log that `log_folder` asks for.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import itertools
import json
import os
import secrets
import shutil
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from factorio_fast._core import RconClient
from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    InvalidStateError,
    RequestTimeoutError,
    ServerAuthenticationError,
    ServerConnectionError,
    ServerLostError,
    ServerPortTakenError,
    ServerRefusedError,
    ServerStartError,
    ServerStartTimeoutError,
)
from factorio_fast.servers import registry
from factorio_fast.servers.config import ServerConfig
from factorio_fast.servers.diagnosis import disk_error, ended, start_error
from factorio_fast.servers.hello import COMMAND, Hello, body_of
from factorio_fast.servers.launch import (
    ServerFiles,
    create_command,
    start_command,
    without_password,
    write_files,
)
from factorio_fast.servers.log import ServerLog, logger, with_tail
from factorio_fast.servers.ports import HOST, PortLease
from factorio_fast.servers.process import SPAWNER, AttachedProcess, ServerProcess
from factorio_fast.servers.process_table import start_token
from factorio_fast.servers.saves import place_fresh_world
from factorio_fast.servers.state_folder import sub_folder
from factorio_fast.servers.states import FOLLOWERS, ServerState
from factorio_fast.servers.version import GameVersion, version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from factorio_fast.envs.session import Session

MAX_PORT_ATTEMPTS: Final = 3
"""How often a start is repeated when a stranger took a leased port."""
MAX_RESTART_ATTEMPTS: Final = 3
"""How often `restart` tries, where trying again may help."""
CONNECT_PAUSE_SECONDS: Final = 0.02
CONNECT_SECONDS: Final = 5.0
"""The longest that one attempt to connect may take."""
PASSWORD_BYTES: Final = 18

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
        self._state_guard = threading.Lock()
        # Held while the server is started or ended; a stop that comes meanwhile sets the event.
        self._lifecycle = threading.RLock()
        self._cancelled = threading.Event()
        self._process: ServerProcess | AttachedProcess | None = None
        self._exit_status: int | None = None
        self._record: registry.ServerRecord | None = None
        self._files: ServerFiles | None = None
        self._log: ServerLog | None = None
        self._leases: list[PortLease] = []
        self._rcon_port = 0
        self._udp_port: int | None = None
        self._password = ""
        self._client: RconClient | None = None
        self._session: Session | None = None
        _servers.add(self)

    # --- What it is ------------------------------------------------------------------------------

    @property
    def state(self) -> ServerState:
        """Where it is between its making and its end."""
        return self._state

    @property
    def rcon_address(self) -> tuple[str, int]:
        """Host and port of the remote console; another port after each start."""
        self._check_started()
        return (HOST, self._rcon_port)

    @property
    def rcon_password(self) -> str:
        """The password of the remote console; another after each start."""
        self._check_started()
        return self._password

    @property
    def udp_port(self) -> int | None:
        """The port that the game's datagrams come from; None without UDP."""
        return self._udp_port

    @property
    def game_speed(self) -> float:
        """How many times faster than play the game may run."""
        return self.config.game_speed

    @property
    def pid(self) -> int | None:
        """The number of its process; None without one."""
        process = self._process
        return None if process is None else process.pid

    @property
    def folder(self) -> Path | None:
        """Its own folder while it exists."""
        return None if self._files is None else self._files.folder

    @property
    def log_path(self) -> Path | None:
        """The file of its log; None before the first start."""
        return None if self._log is None else self._log.path

    def log_tail(self) -> tuple[str, ...]:
        """Return the last lines that it wrote."""
        return () if self._log is None else self._log.tail()

    def is_alive(self) -> bool:
        """Return whether it is ready and its process runs; a hanging one is alive, see `check`."""
        if self._state is not ServerState.READY or self._process is None:
            return False
        if self._process.poll() is None:
            return True
        self._note_loss()
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
        if self._log is not None:
            self._log.wake()
        if self._state in {ServerState.CREATING, ServerState.STARTING} and self._process:
            self._process.kill()
        with self._lifecycle:
            try:
                self._end(is_graceful=is_graceful)
            finally:
                self._cancelled.clear()

    def close(self) -> None:
        """End it for good; one that was attached goes on without us. May be called twice."""
        if self._owner != os.getpid() and not self.is_attached:
            return
        if self.is_attached:
            self._close_client()
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
        server._record = record
        server._files = ServerFiles(Path(record.folder))
        server._process = AttachedProcess(record.pid, record.token)
        server._rcon_port, server._password = record.rcon_port, record.rcon_password
        server._udp_port = record.udp_port
        numbers = [int(number) for number in record.version.split(".")]
        server.version = GameVersion(*numbers)
        for state in (ServerState.PREPARING, ServerState.STARTING, ServerState.READY):
            server._change_state(state)
        server.hello = server.check()
        return server

    # --- What is asked of it ---------------------------------------------------------------------

    def command(self, text: str, *, timeout: float | None = None) -> str:
        """Send a console command over a connection of its own and return the reply as it came.

        Raises:
            ServerLostError: the server has ended, or does not answer.
            InvalidStateError: it was not started.
        """
        return self._ask(lambda client: client.command(text, timeout=timeout))

    def check(self, *, timeout: float | None = None) -> Hello:
        """Ask the mod for a hello, to see whether the server still answers.

        Raises:
            ServerLostError: it has ended, or does not answer in time.
            ContractMismatchError: its mod was made for another contract.
            InvalidStateError: it was not started.
        """
        hello = Hello.parse(self.command(f"{COMMAND} hello", timeout=timeout))
        hello.check_contract()
        return hello

    def reset_to_clean_state(self) -> None:
        """Give back every environment on it, so that it is as after its start.

        Raises:
            ServerLostError: it has ended, does not answer, or keeps environments.
        """
        self._session = None
        for number in self.check().environments:
            body_of(self.command(f"{COMMAND} close {number}"))
        body_of(self.command(f"{COMMAND} configure {self.configuration()}"))
        left = self.check().environments
        if left:
            raise ServerLostError(f"the server keeps environments that were closed: {left}")

    def configuration(self, *, udp_port: int = 0, fair_play: bool = True) -> str:
        """Return the JSON of the mod's `configure`, with this server's game speed."""
        speed = self.config.game_speed
        fields = {
            "udp_port": udp_port,
            "speed": int(speed) if speed == int(speed) else speed,
            "fair_play": fair_play,
        }
        return json.dumps(fields, separators=(",", ":"))

    def loss(self) -> ServerLostError | None:
        """Return why the server is lost, with its last lines; None while its process runs."""
        if self.is_alive():
            return None
        return ServerLostError(
            with_tail(f"the server has ended ({ended(self._exit_status)})", self.log_tail()),
            log_tail=self.log_tail(),
            exit_status=self._exit_status,
        )

    # --- Steps of its start ----------------------------------------------------------------------

    def _start_once(self) -> None:
        self._check_not_cancelled()
        deadline = time.monotonic() + self.config.start_timeout
        if self._state is ServerState.FAILED:
            self._release()
        try:
            self._change_state(ServerState.PREPARING)
            self._prepare()
            if self.config.save_file is None:
                self._place_fresh_world(deadline)
            self._launch()
            self._wait_until_ready(deadline)
        except BaseException as error:
            tail = self.log_tail()
            self._release()
            if self._state is not ServerState.FAILED:
                self._change_state(ServerState.FAILED, why=type(error).__name__)
            if self._cancelled.is_set() and isinstance(error, Exception):
                raise ClosedError("the server was stopped while it started") from error
            if isinstance(error, OSError) and not isinstance(error, FactorioFastError):
                raise disk_error(error, "the server's files") from error
            if isinstance(error, ServerAuthenticationError) and tail:
                error.add_note(with_tail("the server refused its password", tail))
            raise
        self.n_starts += 1

    def _prepare(self) -> None:
        registry.end_orphans()
        command = self.config.command
        environment = self.config.process_environment()
        self.version = version_of(command, environment)
        self.version.check()
        self._check_not_cancelled()
        root = self.config.folder or sub_folder("run")
        folder = root / self.name
        # The record comes first: whoever finds the folder of a dead process knows whose it was.
        self._record = registry.new_record(self.name, folder, is_detached=self.is_detached)
        self._record.write()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = ServerFiles(folder)
        log_folder = self.config.log_folder
        if log_folder is not None:
            log_folder.mkdir(parents=True, exist_ok=True)
        if self._log is not None:
            self._log.close()
        path = self._files.log if log_folder is None else log_folder / f"{self.name}.jsonl"
        self._log = ServerLog(self.name, path)
        self._log.event("prepare", command=command, version=str(self.version))
        write_files(self._files, self.config, self.version)
        if self.config.save_file is not None:
            shutil.copyfile(self.config.save_file, self._files.save)

    def _place_fresh_world(self, deadline: float) -> None:
        if self._files is None or self.version is None:
            raise AssertionError("files are prepared before the world")
        left = max(0.0, deadline - time.monotonic())

        def create() -> None:
            self._create(deadline)

        try:
            place_fresh_world(self.config, self._files, self.version, create, left)
        except RequestTimeoutError as error:
            raise ServerStartTimeoutError(
                f"another server makes the same world and is not done after {left:.1f} s"
            ) from error

    def _create(self, deadline: float) -> None:
        files, log = self._prepared()
        self._check_not_cancelled()
        self._change_state(ServerState.CREATING)
        process = self._spawn(create_command(self.config, files))
        # The end of the output may come a moment before that of the process.
        over = log.wait_for(
            lambda: log.has_ended or self._cancelled.is_set(), deadline - time.monotonic()
        ) and process.wait(deadline - time.monotonic())
        self._check_not_cancelled()
        if not over:
            raise ServerStartTimeoutError(
                with_tail(
                    f"the map was not made within {self.config.start_timeout:g} s", log.tail()
                ),
                log_tail=log.tail(),
            )
        process.close()
        if process.poll() != 0 or not files.save.is_file():
            raise start_error(log.tail(), process.poll())
        self._process = None

    def _launch(self) -> None:
        files, log = self._prepared()
        self._check_not_cancelled()
        wanted = self.config.port
        rcon = PortLease.of_tcp() if wanted is None else PortLease.exactly(wanted)
        self._leases.append(rcon)
        game, udp = PortLease.of_udp(), PortLease.of_udp() if self.config.has_udp else None
        self._leases += [game, *([udp] if udp is not None else [])]
        self._rcon_port, self._udp_port = rcon.port, None if udp is None else udp.port
        self._password = secrets.token_urlsafe(PASSWORD_BYTES)
        command = start_command(
            self.config,
            files,
            game_port=game.port,
            rcon_port=self._rcon_port,
            udp_port=self._udp_port,
            password=self._password,
        )
        self._change_state(ServerState.STARTING)
        log.event("start", command=without_password(command))
        self._spawn(command)

    def _spawn(self, command: list[str]) -> ServerProcess:
        files, log = self._prepared()
        log.begin()

        def spawn() -> ServerProcess:
            process = ServerProcess(
                command,
                folder=files.folder,
                environment=self.config.process_environment(),
                on_line=log.line,
                output=files.output if self.is_detached else None,
                dies_with_owner=not self.is_detached,
            )
            # Here and not by who waits for it: Ctrl-C may have ended the waiting.
            self._process = process
            self._remember(process)
            if self._cancelled.is_set():
                process.kill()
            return process

        future = SPAWNER.run(spawn)
        try:
            return future.result()
        except BaseException:
            self._cancelled.set()
            with contextlib.suppress(Exception):
                future.result(CONNECT_SECONDS).kill()
            self._cancelled.clear()
            raise

    def _remember(self, process: ServerProcess) -> None:
        if self._record is not None:
            self._record = dataclasses.replace(
                self._record,
                pid=process.pid,
                token=start_token(process.pid) or "",
                command=self.config.command,
                version=str(self.version),
                rcon_host=HOST,
                rcon_port=self._rcon_port,
                rcon_password=self._password,
                udp_port=self._udp_port,
                game_speed=self.config.game_speed,
            )
            self._record.write()

    def _wait_until_ready(self, deadline: float) -> None:
        _, log = self._prepared()
        process = self._process
        if process is None:
            raise AssertionError("a process is launched before it is waited for")
        log.wait_for(
            lambda: log.rcon_port is not None or log.has_ended or self._cancelled.is_set(),
            deadline - time.monotonic(),
        )
        what = "its log does not say that the remote console listens"
        while time.monotonic() < deadline:
            self._check_not_cancelled()
            if log.has_ended or process.poll() is not None:
                process.wait(CONNECT_SECONDS)
                process.close()
                raise start_error(log.tail(), process.poll())
            if log.rcon_port is None:
                break
            what = "nothing answers on its remote console"
            try:
                self.hello = self._say_hello(deadline)
            except ServerRefusedError:
                time.sleep(CONNECT_PAUSE_SECONDS)
            except (ServerConnectionError, RequestTimeoutError) as error:
                what = f"its remote console fails ({error})"
                self._close_client()
                time.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self._change_state(ServerState.READY)
                log.event("ready", hello=dataclasses.asdict(self.hello))
                return
        raise ServerStartTimeoutError(
            with_tail(
                f"the server runs but was not ready within {self.config.start_timeout:g} s: {what}",
                log.tail(),
            ),
            log_tail=log.tail(),
        )

    def _say_hello(self, deadline: float) -> Hello:
        left = max(0.001, deadline - time.monotonic())
        if self._client is None:
            self._client = RconClient(
                HOST,
                self._rcon_port,
                self._password,
                connect_timeout=min(CONNECT_SECONDS, left),
                request_timeout=self.config.request_timeout,
            )
        hello = Hello.parse(self._client.command(f"{COMMAND} hello", timeout=left))
        hello.check_contract()
        return hello

    # --- Its end ---------------------------------------------------------------------------------

    def _end(self, *, is_graceful: bool) -> None:
        if self._state in {ServerState.NEW, ServerState.STOPPED, ServerState.CLOSED}:
            return
        if self._state is ServerState.FAILED:
            self._release()
            return
        self._change_state(ServerState.STOPPING)
        process = self._process
        if process is not None and is_graceful and process.poll() is None:
            self._quit()
            if not process.wait(self.config.stop_timeout):
                logger.warning("%s: does not end after /quit; SIGTERM follows", self.name)
                process.terminate()
                if not process.wait(self.config.stop_timeout):
                    logger.warning("%s: does not end after SIGTERM; SIGKILL follows", self.name)
        self._release()
        self._change_state(ServerState.STOPPED)

    def _quit(self) -> None:
        timeout = self.config.stop_timeout
        # The reply may be lost with the connection; whether it worked shows in the process.
        with contextlib.suppress(FactorioFastError):
            if self._client is None:
                self._client = RconClient(
                    HOST, self._rcon_port, self._password, connect_timeout=timeout
                )
            self._client.command("/quit", timeout=timeout)

    def _release(self) -> None:
        self._session = None
        self._close_client()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._exit_status = process.poll()
        for lease in self._leases:
            lease.give_back()
        self._leases.clear()
        self._udp_port = None
        if self._log is not None:
            self._log.event("released", how=ended(self._exit_status))
            self._log.close()
        if self._files is not None:
            shutil.rmtree(self._files.folder, ignore_errors=True)
            self._files = None
        if self._record is not None:
            self._record.forget()
            self._record = None

    def _note_loss(self) -> None:
        with self._state_guard:
            process = self._process
            if self._state is not ServerState.READY or process is None:
                return
            self._exit_status = process.poll()
            self._state = ServerState.FAILED
        process.close()
        if self._log is not None:
            self._log.event("lost", how=ended(self._exit_status))
        logger.warning("%s: the server has ended (%s)", self.name, ended(self._exit_status))

    def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    # --- Helpers ---------------------------------------------------------------------------------

    def _ask(self, request: Callable[[RconClient], Result]) -> Result:
        self._check_started()
        try:
            client = self._client
            if client is None:
                client = self._client = RconClient(
                    HOST,
                    self._rcon_port,
                    self._password,
                    connect_timeout=CONNECT_SECONDS,
                    request_timeout=self.config.request_timeout,
                )
            return request(client)
        except (ServerConnectionError, RequestTimeoutError, ClosedError) as error:
            lost = self.loss()
            if lost is not None:
                raise lost from error
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

    def _prepared(self) -> tuple[ServerFiles, ServerLog]:
        if self._files is None or self._log is None:
            raise AssertionError("files and log are prepared first")
        return self._files, self._log

    def _check_started(self) -> None:
        if self._state is not ServerState.READY:
            raise self._state_error()

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
                server.stop(is_graceful=False)
