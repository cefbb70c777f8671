"""One run of a server: from its files to the end of its process, and everything it holds meanwhile.

A run is used once. It tells its server of every change of state, and decides none of what follows.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from factorio_fast._core import RconClient
from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    RequestTimeoutError,
    ServerConnectionError,
    ServerRefusedError,
    ServerStartTimeoutError,
)
from factorio_fast.servers import registry
from factorio_fast.servers.diagnosis import ended, start_error
from factorio_fast.servers.hello import COMMAND, Hello, body_of, configuration
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
from factorio_fast.servers.state_folder import remove_folder, sub_folder
from factorio_fast.servers.states import ServerState
from factorio_fast.servers.version import GameVersion

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from factorio_fast.servers.config import ServerConfig

CONNECT_PAUSE_SECONDS: Final = 0.02
CONNECT_SECONDS: Final = 5.0
"""The longest that one attempt to connect may take."""
PASSWORD_BYTES: Final = 18


class ServerRun:
    """A server's files, ports, process and connection.

    Args:
        config: of the server.
        name: of the server.
        version: of the game.
        is_detached: whether the process goes on when this one ends.
        cancelled: set where the start is to end.
        on_state: called with each state that the run comes to.
    """

    def __init__(
        self,
        config: ServerConfig,
        name: str,
        version: GameVersion,
        *,
        is_detached: bool,
        cancelled: threading.Event,
        on_state: Callable[[ServerState], None],
    ) -> None:
        self.config = config
        self.name = name
        self.version = version
        self.process: ServerProcess | AttachedProcess | None = None
        self.rcon_port = 0
        self.udp_port: int | None = None
        self.password = ""
        self._is_detached = is_detached
        self._cancelled = cancelled
        self._on_state = on_state
        self._leases: list[PortLease] = []
        self._client: RconClient | None = None
        self.files = ServerFiles((config.folder or sub_folder("run")) / name)
        log_folder = config.log_folder
        self.log = ServerLog(
            name, self.files.log if log_folder is None else log_folder / f"{name}.jsonl"
        )
        self._record = registry.new_record(name, self.files.folder, is_detached=is_detached)

    @classmethod
    def attached(
        cls, record: registry.ServerRecord, config: ServerConfig, cancelled: threading.Event
    ) -> Self:
        """Return the run of a server that another process started."""
        numbers = [int(number) for number in record.version.split(".")]
        run = cls(
            config,
            record.name,
            GameVersion(*numbers),
            is_detached=record.is_detached,
            cancelled=cancelled,
            on_state=lambda _: None,
        )
        run.files = ServerFiles(Path(record.folder))
        run.process = AttachedProcess(record.pid, record.token)
        run.rcon_port, run.password, run.udp_port = (
            record.rcon_port,
            record.rcon_password,
            record.udp_port,
        )
        run._record = record
        return run

    # --- Its start -------------------------------------------------------------------------------

    def start(self, deadline: float) -> Hello:
        """Go through all steps of the start.

        Args:
            deadline: by `time.monotonic`.

        Raises:
            ServerStartError: it does not start.
            ServerAuthenticationError: what answers refuses the password.
            ClosedError: it was cancelled.
            OSError: its files cannot be written.
        """
        self._prepare()
        if self.config.save_file is None:
            self._place_fresh_world(deadline)
        self._launch()
        return self._wait_until_ready(deadline)

    def _prepare(self) -> None:
        # The record comes first: whoever finds the folder of a dead process knows whose it was.
        self._record.write()
        self.files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log.path.parent.mkdir(parents=True, exist_ok=True)
        self.log.event("prepare", command=self.config.command, version=str(self.version))
        write_files(self.files, self.config, self.version)
        if self.config.save_file is not None:
            shutil.copyfile(self.config.save_file, self.files.save)

    def _place_fresh_world(self, deadline: float) -> None:
        left = max(0.0, deadline - time.monotonic())
        try:
            place_fresh_world(
                self.config, self.files, self.version, lambda: self._create(deadline), left
            )
        except RequestTimeoutError as error:
            raise ServerStartTimeoutError(
                f"another server makes the same world and is not done after {left:.1f} s"
            ) from error

    def _create(self, deadline: float) -> None:
        self._check_not_cancelled()
        self._on_state(ServerState.CREATING)
        log = self.log
        process = self._spawn(create_command(self.config, self.files))
        # The end of the output may come a moment before that of the process.
        over = log.wait_for(
            lambda: log.has_ended or self._cancelled.is_set(), deadline - time.monotonic()
        ) and process.wait(deadline - time.monotonic())
        self._check_not_cancelled()
        if not over:
            limit = self.config.start_timeout
            raise ServerStartTimeoutError(
                with_tail(f"the map was not made within {limit:g} s", log.tail()),
                log_tail=log.tail(),
            )
        process.close()
        if process.poll() != 0 or not self.files.save.is_file():
            raise start_error(log.tail(), process.poll())
        self.process = None

    def _launch(self) -> None:
        self._check_not_cancelled()
        wanted = self.config.port
        self._leases.append(PortLease.of_tcp() if wanted is None else PortLease.exactly(wanted))
        self._leases.append(PortLease.of_udp())
        self.rcon_port, game_port = (lease.port for lease in self._leases)
        if self.config.has_udp:
            self._leases.append(PortLease.of_udp())
            self.udp_port = self._leases[-1].port
        self.password = secrets.token_urlsafe(PASSWORD_BYTES)
        command = start_command(
            self.config,
            self.files,
            game_port=game_port,
            rcon_port=self.rcon_port,
            udp_port=self.udp_port,
            password=self.password,
        )
        self._on_state(ServerState.STARTING)
        self.log.event("start", command=without_password(command))
        self._spawn(command)

    def _spawn(self, command: list[str]) -> ServerProcess:
        self.log.begin()

        def spawn() -> ServerProcess:
            process = ServerProcess(
                command,
                folder=self.files.folder,
                environment=self.config.process_environment(),
                on_line=self.log.line,
                output=self.files.output if self._is_detached else None,
                dies_with_owner=not self._is_detached,
            )
            # Here and not by who waits for it: Ctrl-C may have ended the waiting.
            self.process = process
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
        self._record = dataclasses.replace(
            self._record,
            pid=process.pid,
            token=start_token(process.pid) or "",
            command=self.config.command,
            version=str(self.version),
            rcon_host=HOST,
            rcon_port=self.rcon_port,
            rcon_password=self.password,
            udp_port=self.udp_port,
            game_speed=self.config.game_speed,
        )
        self._record.write()

    def _wait_until_ready(self, deadline: float) -> Hello:
        log, process = self.log, self.process
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
                hello = self._say_hello(deadline)
            except ServerRefusedError:
                time.sleep(CONNECT_PAUSE_SECONDS)
            except (ServerConnectionError, RequestTimeoutError) as error:
                what = f"its remote console fails ({error})"
                self.close_client()
                time.sleep(CONNECT_PAUSE_SECONDS)
            else:
                self._on_state(ServerState.READY)
                log.event("ready", hello=dataclasses.asdict(hello))
                return hello
        raise ServerStartTimeoutError(
            with_tail(
                f"the server runs but was not ready within {self.config.start_timeout:g} s: {what}",
                log.tail(),
            ),
            log_tail=log.tail(),
        )

    def _say_hello(self, deadline: float) -> Hello:
        left = max(0.001, deadline - time.monotonic())
        client = self.client(connect_timeout=min(CONNECT_SECONDS, left))
        hello = Hello.parse(client.command(f"{COMMAND} hello", timeout=left))
        hello.check_contract()
        if not hello.environments:
            # Until somebody wants it the game stands still, instead of running on for nobody. A
            # save that holds environments is left as it was.
            request = f"{COMMAND} configure {configuration(self.config.game_speed)}"
            body_of(client.command(request, timeout=left))
        return hello

    # --- Its life and end ------------------------------------------------------------------------

    def client(self, *, connect_timeout: float = CONNECT_SECONDS) -> RconClient:
        """Return the connection to its remote console, made when it is first wanted.

        Raises:
            ServerConnectionError: there is none.
        """
        if self._client is None:
            self._client = RconClient(
                HOST,
                self.rcon_port,
                self.password,
                connect_timeout=connect_timeout,
                request_timeout=self.config.request_timeout,
            )
        return self._client

    def close_client(self) -> None:
        """Close the connection; the next who wants it makes another."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def quit(self) -> None:
        """Ask it to end, politely and then less so, and wait; it may still run."""
        process, timeout = self.process, self.config.stop_timeout
        if process is None or process.poll() is not None:
            return
        # The reply may be lost with the connection; whether it worked shows in the process.
        with contextlib.suppress(FactorioFastError):
            self.client(connect_timeout=timeout).command("/quit", timeout=timeout)
        if process.wait(timeout):
            return
        logger.warning("%s: does not end after /quit; SIGTERM follows", self.name)
        process.terminate()
        if not process.wait(timeout):
            logger.warning("%s: does not end after SIGTERM; SIGKILL follows", self.name)

    def let_go(self) -> None:
        """Hold nothing of a server that goes on by itself: it has its ports, and writes no log."""
        for lease in self._leases:
            lease.give_back()
        self.log.close()

    def release(self) -> int | None:
        """Kill what still runs and give everything back.

        Returns:
            How the process ended, as `subprocess` counts.
        """
        self.close_client()
        exit_status = None
        if self.process is not None:
            self.process.kill()
            exit_status = self.process.poll()
        for lease in self._leases:
            lease.give_back()
        self.log.event("released", how=ended(exit_status))
        self.log.close()
        remove_folder(self.files.folder)
        self._record.forget()
        return exit_status

    def _check_not_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise ClosedError("the server was stopped while it started")
