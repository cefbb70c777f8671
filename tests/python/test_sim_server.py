"""The simulated server as a process: its flags, its log, its wire, its end.

The clients are ours and PyPI's `factorio-rcon-py`, which knows nothing of this server.
"""

from __future__ import annotations

import asyncio
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import RconClient, errors
from sim_server_rig import MODS, PASSWORD, UDP_LINE, Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sim_server_rig import SimServer

factorio_rcon = pytest.importorskip("factorio_rcon")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.create()
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimServer]:
    """A server that tests only ask, with its console unlocked."""
    folder = Folder(tmp_path_factory.mktemp("shared"))
    folder.create()
    with folder.server() as server:
        with server.client() as client:
            client.unlock_console()
        yield server


@pytest.fixture
def other(shared: SimServer) -> Iterator[Any]:
    with factorio_rcon.RCONClient("127.0.0.1", shared.port, PASSWORD, timeout=60) as client:
        yield client


def test_another_client_is_answered(other: Any) -> None:
    assert other.send_command("/sc rcon.print('hello')") == "hello"
    assert other.send_command("/sc rcon.print(1) rcon.print('zwölf')") == "1\nzwölf"
    assert other.send_command("/sc local quiet = true") is None
    assert other.send_command(" ") is None
    assert other.send_command("/probe some words").endswith(": some words")
    assert other.send_command("/probe").endswith(": nil")


def test_another_client_calls_interfaces_of_the_mod(other: Any) -> None:
    assert other.send_command("/sc rcon.print(remote.call('probe', 'add', 2, 3))") == "5"
    failed = other.send_command("/sc remote.call('probe', 'fail')")
    assert failed.startswith(
        "Cannot execute command. Error: Error when running interface function probe.fail: "
        "__probe__/control.lua:17: on purpose"
    )
    absent = other.send_command("/sc remote.call('probe', 'absent')")
    assert absent.startswith("Cannot execute command. Error: No such function: ")


def test_another_client_gets_errors_as_replies(other: Any) -> None:
    runtime = other.send_command("/sc local x = nil; x.y = 1")
    assert runtime.startswith("Cannot execute command. Error: (command):1: attempt to index")
    syntax = other.send_command("/sc blah")
    assert syntax == ('Cannot execute command. Error: [string "blah"]:1: syntax error near <eof>')
    assert "Unknown command" in other.send_command("/no-such-command")


def test_another_client_takes_megabytes(other: Any) -> None:
    for size in (1 << 20, 16 << 20):
        reply = other.send_command(f"/big {size}")
        assert len(reply) == size - 1
    long = "y" * 1_000_000
    assert other.send_command(f"/sc rcon.print(#'{long}')") == "1000000"


def test_another_client_pipelines(other: Any) -> None:
    commands = {number: f"/sc rcon.print({number})" for number in range(2_000)}
    assert other.send_commands(commands) == {number: str(number) for number in commands}


def test_another_client_is_refused_with_a_wrong_password(shared: SimServer) -> None:
    with pytest.raises(factorio_rcon.InvalidPassword):
        factorio_rcon.RCONClient("127.0.0.1", shared.port, "guess", timeout=60)
    with pytest.raises(errors.ServerAuthenticationError):
        RconClient("127.0.0.1", shared.port, "guess")


def test_asynchronous_client_is_answered(shared: SimServer) -> None:
    async def talk() -> None:
        client = factorio_rcon.AsyncRCONClient("127.0.0.1", shared.port, PASSWORD)
        await client.connect()
        assert await client.send_command("/sc rcon.print('hello')") == "hello"
        assert await client.send_command(" ") is None
        assert len(await client.send_command(f"/big {1 << 20}")) == (1 << 20) - 1
        found = await client.send_commands({1: "/probe a", 2: "/sc error('x')"})
        assert found[1].endswith(": a")
        assert found[2] == "Cannot execute command. Error: (command):1: x"
        await client.close()
        with pytest.raises(factorio_rcon.InvalidPassword):
            await factorio_rcon.AsyncRCONClient("127.0.0.1", shared.port, "guess").connect()

    asyncio.run(talk())


def test_first_lua_command_of_a_save_is_not_executed(folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        assert client.command("/probe x").endswith(": x\n"), "commands of mods are not gated"
        assert client.command("/sc rcon.print(1)") == ""
        server.line(r"\[WARNING\] Using Lua console commands will disable achievements")
        assert client.command("/sc rcon.print(1)") == "1\n"
        server.process.terminate()
        assert server.wait()[0] == 0
    with folder.server() as server, server.client() as client:
        assert client.command("/sc rcon.print(1)") == "1\n", "the save remembers"


def test_gate_answers_the_warning_where_asked_for(folder: Folder) -> None:
    with folder.server("--sim-rcon-gate", "warning") as server, server.client() as client:
        assert client.command("/sc rcon.print(1)").startswith("Using Lua console commands")
        assert client.unlock_console() == 1


def test_log_has_the_lines_that_launchers_wait_for(folder: Folder) -> None:
    with folder.server() as server, server.client():
        server.process.send_signal(signal.SIGINT)
        status, output = server.wait()
    assert status == 0
    wanted = [
        r"^   \d\.\d{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d; Factorio 2\.0\.77 \(build \d+, ",
        r"\"--rcon-password\" \"<private>\"",
        r"Running in headless mode",
        r"Loading map .*/saves/test\.zip: \d+ bytes\.",
        r"Checksum for script __probe__/control\.lua: \d+",
        r"Script @__probe__/control\.lua:\d+: probe is loaded",
        r"Hosting game at IP ADDR:\(\{127\.0\.0\.1:\d+\}\)",
        r"changing state from\(CreatingGame\) to\(InGame\)",
        r"Starting RCON interface at IP ADDR:\(\{127\.0\.0\.1:\d+\}\)",
        r"New RCON connection from IP ADDR:\(\{127\.0\.0\.1:\d+\}\)",
        r"Received SIGINT, shutting down",
        r"Quitting: signal\.",
        r"changing state from\(InGame\) to\(DisconnectingScheduled\)",
        r"Saving map as .*/saves/test\.zip",
        r"Saving progress: 100\.000000%",
        r"changing state from\(DisconnectingScheduled\) to\(Disconnecting\)",
        r"changing state from\(Disconnected\) to\(Closed\)",
        r"^ +\d+\.\d{3} Goodbye$",
    ]
    at = 0
    for pattern in wanted:
        found = re.compile(pattern, re.MULTILINE).search(output, at)
        assert found, f"{pattern} is not in, or not after what is before it:\n{output}"
        at = found.end()
    assert (folder.write_data / "factorio-current.log").read_text(encoding="utf-8") == output
    previous = (folder.write_data / "factorio-previous.log").read_text(encoding="utf-8")
    assert "Creating new map" in previous


@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "/quit", "typed"])
def test_server_saves_and_ends_with_status_0(way: str, folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        client.unlock_console()
        client.command("/sc game.tick_paused = true")
        tick = client.command("/sc rcon.print(game.tick)")
        if way == "/quit":
            client.command("/quit")
        elif way == "typed":
            server.console("/quit")
        else:
            server.process.send_signal(getattr(signal, way))
        status, output = server.wait()
        assert (status, output.splitlines()[-1].split()[1:]) == (0, ["Goodbye"])
    with folder.server() as server, server.client() as client:
        assert client.command("/sc rcon.print(game.tick)") == tick


def test_ticks_stand_still_without_players_where_auto_pause_is_on(tmp_path: Path) -> None:
    folder = Folder(tmp_path, auto_pause=True)
    folder.create()
    with folder.server() as server, server.client() as client:
        client.unlock_console()
        first = client.command("/sc rcon.print(game.tick)")
        for _ in range(200):
            client.command(" ")
        assert client.command("/sc rcon.print(game.tick)") == first


def test_ticks_are_stepped_one_by_one_while_paused(folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        client.unlock_console()
        client.command("/sc game.tick_paused = true; game.speed = 1000")
        before = int(client.command("/sc rcon.print(game.tick)"))
        client.command("/sc game.ticks_to_run = 100")
        while client.command("/sc rcon.print(game.ticks_to_run)") != "0\n":
            pass
        assert int(client.command("/sc rcon.print(game.tick)")) == before + 100


def test_second_process_in_a_folder_is_refused(folder: Folder) -> None:
    with folder.server():
        second = folder.run("--create", "other")
        assert second.returncode == 1
        lock = folder.write_data / ".lock"
        assert f"Couldn't acquire exclusive lock for {lock}" in second.stdout


@pytest.mark.parametrize("flag", ["--port", "--rcon-bind"])
def test_taken_port_is_named_and_the_server_ends(flag: str, folder: Folder) -> None:
    kind = socket.SOCK_DGRAM if flag == "--port" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        address = ["--bind", f"127.0.0.1:{port}"]
        if flag == "--rcon-bind":
            address = ["--port", "0", flag, f"127.0.0.1:{port}", "--rcon-password", PASSWORD]
        done = folder.run("--start-server", "test", *address)
    assert done.returncode == 1
    assert "Host address is already in use." in done.stdout


def test_error_in_a_handler_ends_the_server(folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        client.unlock_console()
        client.command("/sc remote.call('probe', 'crash_next_tick')")
        status, output = server.wait()
    assert status == 1
    assert re.search(
        r"Error MainLoop\.cpp:\d+: Exception at tick \d+: The mod probe \(0\.1\.0\) caused a "
        r"non-recoverable error\.\nPlease report this error to the mod author\.\n\n"
        r"Error while running event probe::on_tick \(ID 0\)\n"
        r"__probe__/ticking\.lua:5: on purpose",
        output,
    )
    assert "changing state from(InGame) to(Failed)" in output


def test_mod_that_does_not_load_ends_the_server(folder: Folder, tmp_path: Path) -> None:
    mods = tmp_path / "broken"
    shutil.copytree(MODS, mods)
    control = mods / "probe" / "control.lua"
    control.write_text("error('at load')", encoding="utf-8")
    done = folder.run("--mod-directory", str(mods), "--create", "other")
    assert done.returncode == 1
    assert "__probe__/control.lua:1: at load" in done.stdout
    control.unlink()
    (mods / "probe" / "info.json").write_text("{}", encoding="utf-8")
    done = folder.run("--mod-directory", str(mods), "--create", "other")
    assert done.returncode == 1
    assert "Failed to load mod" in done.stdout


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits another process's files")
def test_save_that_finds_no_room_is_an_error(folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        client.unlock_console()
        # Random, so that it cannot be compressed into what is left.
        client.command("/sc for i = 1, 20000 do storage[i] = math.random() end")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (8_192, 8_192))
        server.process.terminate()
        status, output = server.wait()
    assert status == 1
    assert re.search(r"Error .*: Couldn't save .*/test\.zip: File too large", output)
    assert folder.save.exists(), "the save from before is still whole"
    assert not list(folder.save.parent.glob("*.tmp"))


def test_datagrams_come_from_the_port_of_the_flag(folder: Folder) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(60)
        to = receiver.getsockname()[1]
        with folder.server("--enable-lua-udp", "0") as server, server.client() as client:
            port = int(server.line(UDP_LINE).group(1))
            assert client.command(f"/send {to} 10") == ""
            found = [receiver.recvfrom(100) for _ in range(10)]
    assert found == [(f"datagram {n}".encode(), ("127.0.0.1", port)) for n in range(1, 11)]


def test_without_the_flag_datagrams_are_an_error(folder: Folder) -> None:
    with folder.server() as server, server.client() as client:
        assert client.command("/send 9 1").startswith("Cannot execute command. Error: ")


def test_datagram_that_comes_in_aborts_2_0_once_it_is_asked_for(folder: Folder) -> None:
    with folder.server("--enable-lua-udp", "0") as server, server.client() as client:
        assert client.command("/receive") == "", "nothing has come in, so nothing happens"
        port = int(server.line(UDP_LINE).group(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"in", ("127.0.0.1", port))
        asked_until(errors.ServerConnectionError, client, "/receive", timeout=60)
        status, output = server.wait()
    assert status == -signal.SIGABRT
    assert "Trying to add invalid input action to the closure" in output


def test_datagrams_that_come_in_are_events_in_2_1(tmp_path: Path) -> None:
    mods = tmp_path / "mods"
    shutil.copytree(MODS, mods)
    info = mods / "probe" / "info.json"
    text = info.read_text(encoding="utf-8")
    info.write_text(text.replace('"factorio_version": "2.0"', '"factorio_version": "2.1"'))
    folder = Folder(tmp_path)
    more = ("--mod-directory", str(mods), "--sim-game-version", "2.1.14")
    created = folder.run(*more, "--create", "test")
    assert created.returncode == 0, created.stdout
    with folder.server(*more, "--enable-lua-udp", "0") as server, server.client() as client:
        client.unlock_console()
        port = int(server.line(UDP_LINE).group(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"one", ("127.0.0.1", port))
            sender.sendto(b"two", ("127.0.0.1", port))
        question = "/sc __probe__ rcon.print(storage.received)"
        while client.command(question) != "onetwo\n":
            client.command("/receive")


def test_mods_of_2_0_are_refused_by_2_1(folder: Folder) -> None:
    done = folder.run("--sim-game-version", "2.1.14", "--create", "other")
    assert done.returncode == 1
    assert 'Failed to load mod "probe" 0.1.0: it is for Factorio 2.0' in done.stdout


def test_process_hangs_and_crashes_on_demand(folder: Folder) -> None:
    with folder.server("--faults", "crash_at=20") as server:
        assert server.wait()[0] == -signal.SIGABRT
    with folder.server("--faults", "freeze_at=20") as server, server.client() as client:
        asked_until(errors.RequestTimeoutError, client, " ", timeout=0.5)
        server.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.1)


def test_lost_connections_are_made_again(folder: Folder) -> None:
    faults = ("--faults", "disconnect_every=10,seed=3")
    with folder.server(*faults) as server, server.client() as client:
        answered = 0
        while answered < 100:
            try:
                assert client.command("/probe x").endswith(": x\n")
            except errors.ServerConnectionError:
                continue
            answered += 1
        assert client.metrics["losses"] >= 10


def test_flags_that_the_server_does_not_have_are_refused(folder: Folder) -> None:
    unknown = folder.run("--start-servr", "x")
    assert unknown.returncode == 1
    assert 'unrecognised option "--start-servr"; did you mean "--start-server"?' in unknown.stdout
    benchmark = folder.run("--benchmark", "x")
    assert "the simulated server does not have --benchmark" in benchmark.stdout


def test_saves_of_the_game_are_refused(folder: Folder) -> None:
    folder.save.write_bytes(b"PK\3\4 and more")
    done = folder.run("--start-server", "test", "--port", "0")
    assert done.returncode == 1
    assert "it is a save of the game itself, which the simulation cannot read" in done.stdout


@pytest.mark.parametrize(
    "start", [["factorio_fast.sim_server"], ["factorio_fast.cli", "sim-server"]]
)
def test_program_is_a_module_and_a_subcommand(start: list[str]) -> None:
    words = [sys.executable, "-W", "ignore", "-m", *start, "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.startswith("Version: 2.0.77 (build 0, ")


def test_starting_imports_neither_numpy_nor_gymnasium(folder: Folder) -> None:
    words = folder.arguments("--version")
    words[1:1] = ["-X", "importtime"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "signal" in imported
    assert not {name for name in imported if name.startswith(("numpy", "gymnasium", "typing"))}


def asked_until(error: type[Exception], client: RconClient, text: str, *, timeout: float) -> None:
    """Send a command again and again until it fails as it should."""

    def ask() -> None:
        while True:
            client.command(text, timeout=timeout)

    with pytest.raises(error):
        ask()
