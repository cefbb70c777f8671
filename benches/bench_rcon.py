"""`RconClient` over loopback: one request against a raw socket, a pipeline against another client.

The servers are the scripted one of the tests and the simulated one, each in a process of its own;
all clients talk to the same.
`ratio` of a benchmark is its median time over that of the other side, both taken in turns.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from factorio_fast import RconClient
from rcon_rig import COMMAND, LOGIN, PASSWORD, packet
from sim_server_rig import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

RIG = Path(__file__).resolve().parents[1] / "tests" / "python" / "rcon_rig.py"
# `/echo` is a command of both servers: of the simulated one by a mod, so that Lua runs for each.
COMMANDS = [f"/echo {index}" for index in range(5_000)]
SERVERS = ["scripted", "simulated"]


@contextlib.contextmanager
def scripted_server() -> Iterator[int]:
    with subprocess.Popen(  # noqa: S603 - the repository's own script
        [sys.executable, str(RIG)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()


@contextlib.contextmanager
def simulated_server(path: Path) -> Iterator[int]:
    folder = Folder(path)
    folder.create()
    with folder.server() as server:
        with server.client() as client:
            client.unlock_console()
            client.command("/sc game.tick_paused = true")
        yield server.port


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if request.param == "scripted":
        with scripted_server() as port:
            yield port
    else:
        with simulated_server(tmp_path_factory.mktemp("server")) as port:
            yield port


@pytest.fixture
def client(port: int) -> Iterator[RconClient]:
    with RconClient("127.0.0.1", port, PASSWORD) as client:
        yield client


@pytest.fixture
def raw(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(packet(1, LOGIN, PASSWORD.encode()))
        raw.recv(4_096)
        yield raw


def bench_single_request(
    benchmark: BenchmarkFixture, client: RconClient, raw: socket.socket
) -> None:
    request = packet(2, COMMAND, b"/echo 1")

    def ask_raw() -> None:
        raw.sendall(request)
        raw.recv(4_096)

    benchmark.extra_info["ratio_to_raw_socket"] = ratio(
        lambda: client.command("/echo 1"), ask_raw, rounds=5_000
    )
    assert benchmark(client.command, "/echo 1") == "1\n"


def bench_pipeline(benchmark: BenchmarkFixture, client: RconClient, port: int) -> None:
    factorio_rcon = pytest.importorskip("factorio_rcon")
    keyed = dict(enumerate(COMMANDS))
    with factorio_rcon.RCONClient("127.0.0.1", port, PASSWORD) as other:
        benchmark.extra_info["ratio_to_factorio_rcon_py"] = ratio(
            lambda: client.pipeline(COMMANDS), lambda: other.send_commands(keyed), rounds=15
        )
    replies = benchmark(client.pipeline, COMMANDS)
    assert replies == [f"{index}\n" for index in range(len(COMMANDS))]


def ratio(ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int) -> float:
    """Return the median time of `ours` over that of `theirs`, both called in turns."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, taken in zip((ours, theirs), seconds, strict=True):
            begin = time.perf_counter()
            call()
            taken.append(time.perf_counter() - begin)
    return median(seconds[0]) / median(seconds[1])
