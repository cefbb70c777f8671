"""What tests of servers share: configurations of the misbehaving program, and what is left over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast import contract
from factorio_fast.servers import ServerConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.servers import FactorioServer

FAKE = Path(__file__).with_name("fake_factorio.py")
HELLO = {
    "mod_version": "0.1.0",
    "game_version": "2.0.77",
    "contract_version": contract.VERSION,
    "contract_hash": contract.HASH,
    "has_udp": True,
    "sequence": 0,
    "tick": 0,
    "max_environments": 61,
}
WAIT_SECONDS = 40.0


def fake_config(folder: Path, modes: str = "", **settings: Any) -> ServerConfig:
    """Return the configuration of a server that misbehaves so; `folder` is for its notes."""
    environment = {"FAKE": modes, "FAKE_HELLO": json.dumps(HELLO), "FAKE_FOLDER": str(folder)}
    environment |= settings.pop("environment", {})
    settings = {
        "executable": (sys.executable, "-I", "-S", str(FAKE)),
        "start_timeout": WAIT_SECONDS,
        "stop_timeout": 5.0,
        **settings,
    }
    return ServerConfig(environment=environment, **settings)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for another process, and fail if what it should do does not happen."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def processes_of(folder: Path) -> list[int]:
    """Return the processes whose command line names something in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_bytes().rsplit(b") ", 1)[1][:1]
        except OSError:
            continue
        if state != b"Z" and any(str(folder).encode() in word for word in words):
            found.append(int(entry.name))
    return found


def left_over(state: Path) -> dict[str, list[str]]:
    """Return what servers whose files lie in `state` have left: processes, folders, records."""
    left = {
        "processes": [str(pid) for pid in processes_of(state)],
        "folders": names_in(state / "run"),
        "records": names_in(state / "servers"),
    }
    return {kind: names for kind, names in left.items() if names}


def names_in(folder: Path) -> list[str]:
    """Return what lies in a folder, if it is there."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def is_free(port: int) -> bool:
    """Return whether a server could listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def python(program: str, **environment: str) -> subprocess.Popen[str]:
    """Start another Python that imports this package, with the tests' folder on its path."""
    paths = [str(FAKE.parent), *sys.path]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}
    return subprocess.Popen(  # noqa: S603 - the tests' own programs
        [sys.executable, "-W", "ignore", "-c", program],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lua(server: FactorioServer, code: str) -> str:
    """Run Lua on the console and return what it returns, as text.

    The first console command of a save only warns, so a harmless one comes before.
    """
    while server.command('/sc rcon.print("ready")') != "ready\n":
        pass
    reply = server.command(f'/sc rcon.print("ran:" .. tostring(((function() {code} end)())))')
    assert reply.startswith("ran:"), f"the console does not run the Lua: {reply!r}"
    return reply.removeprefix("ran:").rstrip("\n")
