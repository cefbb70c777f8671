"""What `doctor` finds out about a server, one question after the other, each with a remedy."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factorio_fast.errors import FactorioFastError, ServerStartError
from factorio_fast.servers.hello import COMMAND, body_of
from factorio_fast.servers.mods import install_mod, mod_files, mod_source
from factorio_fast.servers.ports import HOST, PortLease
from factorio_fast.servers.server import FactorioServer
from factorio_fast.servers.state_folder import STATE_VARIABLE, sub_folder
from factorio_fast.servers.version import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from factorio_fast.servers.config import ServerConfig
    from factorio_fast.servers.version import GameVersion

LEAST_FREE_BYTES: Final = 200_000_000
"""What a server of the game writes at most in a day of training, with room to spare."""
PROBE_TICKS: Final = 7
"""How far the game is stepped; no divisor of a second, so that a round number would be noticed."""
DATAGRAM_SECONDS: Final = 2.0
STEP_SECONDS: Final = 10.0
MAX_DATAGRAM_BYTES: Final = 65_536
SET_UP: Final = {"seed": 1, "width": 32, "height": 32, "tile": "grass-1", "ops": [["c", 0, 0]]}
"""The smallest environment: grass and a character."""


class ProbeError(Exception):
    """What a probe found wrong; the text is one line.

    Args:
        text: what is wrong.
        remedy: what to do about it.
    """

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


@dataclass(frozen=True)
class Finding:
    """What came of a probe."""

    name: str
    verdict: str
    """`pass`, `FAIL`, or `skip` where a probe before it failed."""
    text: str
    remedy: str = ""


class Probes:
    """The questions in their order; a server is started for the later ones and ended at the end.

    Args:
        config: of the server to ask about.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._stack = contextlib.ExitStack()
        self._version: GameVersion | None = None
        self._server: FactorioServer | None = None
        self._receiver: socket.socket | None = None

    def run(self) -> Iterator[Finding]:
        """Ask one question after the other."""
        probes: list[tuple[str, Callable[[], str], bool]] = [
            ("executable", self.executable, False),
            ("version", self.version, True),
            ("mod", self.mod, False),
            ("write access", self.write_access, False),
            ("ports", self.ports, False),
            ("start", self.start, True),
            ("hello", self.hello, True),
            ("stepping", self.stepping, True),
            ("udp", self.udp, True),
        ]
        has_failed = False
        with self._stack:
            for name, probe, needs_the_others in probes:
                if has_failed and needs_the_others:
                    yield Finding(name, "skip", "something before it failed")
                    continue
                try:
                    yield Finding(name, "pass", probe())
                except ProbeError as error:
                    has_failed = True
                    yield Finding(name, "FAIL", str(error), error.remedy)
                except (FactorioFastError, OSError) as error:
                    has_failed = True
                    yield Finding(name, "FAIL", str(error), remedy_of(error))

    def executable(self) -> str:
        """Is there an executable that may be run?"""
        kind = " (the simulated server)" if self._config.is_simulated else ""
        return " ".join(self._config.command) + kind

    def version(self) -> str:
        """Is it a version of the game that the mod runs on?"""
        self._version = version_of(self._config.command, self._config.process_environment())
        self._version.check()
        return str(self._version)

    def mod(self) -> str:
        """Are the mod's files here, and can they be laid out for that version?"""
        source = mod_source()
        line = "2.0" if self._version is None else self._version.line
        with tempfile.TemporaryDirectory() as folder:
            install_mod(Path(folder), line)
        return f"{sum(1 for _ in mod_files(source))} files for {line} from {source}"

    def write_access(self) -> str:
        """Can servers write where they are to?"""
        folder = self._config.folder or sub_folder("run")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(bytes(1_000_000))
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE_BYTES:
            raise ProbeError(
                f"only {free / 1e6:,.0f} MB are free in {folder}",
                f"free some, or set {STATE_VARIABLE} to a folder with more room",
            )
        return f"{folder}, {free / 1e9:,.1f} GB free"

    def ports(self) -> str:
        """Can ports of both kinds be leased?"""
        leases = [PortLease.of_tcp(), PortLease.of_udp()]
        for lease in leases:
            lease.give_back()
        return f"loopback ports such as {leases[0].port} (TCP) and {leases[1].port} (UDP)"

    def start(self) -> str:
        """Does a server start?"""
        begun = time.monotonic()
        self._server = self._stack.enter_context(FactorioServer(self._config))
        return f"ready after {time.monotonic() - begun:.1f} s"

    def hello(self) -> str:
        """Does the mod answer, with this package's contract?"""
        hello = self._started().check()
        return (
            f"mod {hello.mod_version}, contract {hello.contract_version} ({hello.contract_hash}), "
            f"game {hello.game_version}, up to {hello.max_environments} environments"
        )

    def stepping(self) -> str:
        """Does the game run exactly the ticks it is told to, and then stand still?"""
        self._set_up()
        before = self._started().check().tick
        target = self._step(2)
        if target != before + PROBE_TICKS:
            raise ProbeError(
                f"{PROBE_TICKS} ticks from tick {before} should end at {before + PROBE_TICKS}, "
                f"the mod says {target}",
                "no other mod may change the game's speed or pause it; start with mods_enabled "
                "as it is by default",
            )
        reached, _ = self._look(3)
        after = self._started().check().tick
        if (reached, after) != (target, target):
            raise ProbeError(
                f"the game should stand still at tick {target}; it was at {reached}, then {after}",
                "check that server-settings.json has auto_pause false and that no other mod "
                "unpauses the game",
            )
        return f"{PROBE_TICKS} ticks from {before}, and it stands still at {after}"

    def udp(self) -> str:
        """Does an observation arrive by UDP?"""
        if self._receiver is None:
            return "switched off by has_udp: observations come by RCON"
        self._step(4)
        _, way = self._look(5)
        remedy = (
            "a firewall may hold back loopback datagrams, and a container needs the network of "
            "its receiver; without UDP set has_udp=False and all goes by RCON, slower"
        )
        if way != "udp":
            raise ProbeError(f"the mod answers by {way!r} though it was given a port", remedy)
        try:
            payload, sender = self._receiver.recvfrom(MAX_DATAGRAM_BYTES)
        except TimeoutError:
            text = f"no datagram within {DATAGRAM_SECONDS:g} s"
            raise ProbeError(text, remedy) from None
        expected = (HOST, self._started().udp_port)
        if sender != expected:
            raise ProbeError(f"a datagram came from {sender}, not from {expected}", remedy)
        return f"a datagram of {len(payload)} bytes from port {sender[1]}"

    def _started(self) -> FactorioServer:
        if self._server is None:
            raise AssertionError("later probes are skipped where the server did not start")
        return self._server

    def _set_up(self) -> None:
        server = self._started()
        port = 0
        if server.udp_port is not None:
            self._receiver = self._stack.enter_context(
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            )
            self._receiver.bind((HOST, 0))
            self._receiver.settimeout(DATAGRAM_SECONDS)
            port = self._receiver.getsockname()[1]
        data = base64.b64encode(zlib.compress(json.dumps(SET_UP).encode())).decode("ascii")
        self._ask(f"configure {server.configuration(udp_port=port)}")
        self._ask(f"put 1 1 1 {data}")
        self._ask("reset 1 1 1 1")

    def _step(self, sequence: int) -> int:
        target, _, refusals = self._ask(f"step {sequence} {PROBE_TICKS} -").partition(" ")
        if refusals != "-":
            raise ProbeError(
                f"a step without actions was answered with refusals: {refusals!r}",
                "install the mod of this package again",
            )
        return int(target)

    def _look(self, sequence: int) -> tuple[int, str]:
        deadline = time.monotonic() + STEP_SECONDS
        while time.monotonic() < deadline:
            reply = self._started().command(f"{COMMAND} look {sequence} a 1").strip()
            if reply.startswith("wait"):
                continue
            tick, _, way = body_of(reply).partition(" ")
            # Of a frame by UDP that gets lost the mod would only hear by asking again.
            return int(tick), way.partition(" ")[0]
        raise ProbeError(
            f"the game did not run {PROBE_TICKS} ticks within {STEP_SECONDS:g} s",
            "check that server-settings.json has auto_pause false, and the load of the machine",
        )

    def _ask(self, request: str) -> str:
        return body_of(self._started().command(f"{COMMAND} {request}"))


def remedy_of(error: Exception) -> str:
    """Return what to do about an error of a probe."""
    name = type(error).__name__
    known = {
        "ServerExecutableError": "name the game's executable with --factorio PATH or FACTORIO_BIN: "
        "bin/x64/factorio of the headless package from factorio.com",
        "ServerVersionError": "download a supported version from factorio.com",
        "ServerModError": "install this package again; where another mod is named above, leave it "
        "out of mods_enabled",
        "ContractMismatchError": "run `factorio-fast install-mod`, and upgrade package and mod "
        "together",
        "ServerDiskFullError": f"free some room, or set {STATE_VARIABLE} to another folder",
        "ServerPortTakenError": "close other servers (`factorio-fast servers status`), then again",
        "ServerStartTimeoutError": "raise start_timeout if the machine is slow; the lines above "
        "say how far it came",
        "ServerCrashedError": "read the lines above; the game writes more to "
        "factorio-current.log in its own folder",
    }
    default = "see docs/real-server.md"
    if isinstance(error, ServerStartError | FactorioFastError):
        return known.get(name, default)
    return f"check the rights of the folder, or set {STATE_VARIABLE} to another"
