"""Servers with the simulated server as their executable: the same code as for the game."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import sys
import threading
import zlib
from typing import TYPE_CHECKING

import pytest

from factorio_fast import RconClient, errors, open_session
from factorio_fast.cli import main
from factorio_fast.servers import (
    SIMULATED_SERVER,
    FactorioServer,
    FactorioServerPool,
    ServerConfig,
    records,
)
from factorio_fast.servers.ports import PortLease
from server_rig import WAIT_SECONDS, left_over, python, wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")

CONFIG = ServerConfig(executable="sim-server")
MAP = {"seed": 1, "width": 32, "height": 32, "tile": "grass-1", "ops": [["c", 0, 0]]}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the servers, of this test alone."""
    monkeypatch.setenv("FACTORIO_FAST_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def set_up(server: FactorioServer) -> None:
    """Make the smallest environment on a server; the next request is number 2."""
    data = base64.b64encode(zlib.compress(json.dumps(MAP).encode())).decode("ascii")
    assert server.command(f"/gym put 1 1 1 {data}") == "ok\n"
    assert server.command("/gym reset 1 1 1 1").startswith("ok ")


def look_for_ever(server: FactorioServer) -> None:
    """Ask for what the step leads to, which is over only when the server is lost."""
    while True:
        server.command("/gym look 3 a 1")


def limited(kibibytes: int) -> tuple[str, ...]:
    """Return the simulated server's command with a limit on the size of its files."""
    blocks = 2 * kibibytes
    return ("/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *SIMULATED_SERVER)


def test_doctor_finds_nothing_wrong(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--no-udp"]):
        assert main(["doctor", "--factorio", "sim-server", *more]) == 0
        assert capsys.readouterr().out.endswith("\n9 passed, 0 failed\n")
    assert left_over(state) == {}


def test_server_is_cleaned_of_its_environments(state: Path) -> None:
    with FactorioServer(CONFIG) as server:
        set_up(server)
        assert server.check().environments == (1,)
        server.reset_to_clean_state()
        hello = server.check()
        assert (hello.environments, hello.sequence) == ((), 0)
        set_up(server)
    assert any(line.endswith("Goodbye") for line in server.log_tail())
    assert left_over(state) == {}


def test_scenario_is_loaded_looked_at_and_given_back(state: Path) -> None:
    with FactorioServer(CONFIG) as server:
        with pytest.raises(errors.InvalidStateError, match="call load_scenario first"):
            server.get_full_game_state()
        session = server.load_scenario("movement_basic", seed=3)
        embedded = open_session("movement_basic", seed=3)
        world, expected = server.get_full_game_state(), embedded.look()
        assert world.area == expected.area
        assert world.character.position == expected.character.position
        assert session.step([3, 0, 0, 0]) == embedded.step([3, 0, 0, 0])
        moved = server.get_full_game_state().character.position
        assert moved == embedded.look().character.position != world.character.position
        assert server.load_scenario("movement_basic", seed=4) is session
        assert server.check().environments == (1,)
        assert server.load_scenario("mining_efficiency") is not session
        assert server.check().environments == (1,)
        server.reset_to_clean_state()
        assert server.check().environments == ()
        with pytest.raises(errors.InvalidStateError, match="call load_scenario first"):
            server.get_full_game_state()
    assert left_over(state) == {}


def test_environments_survive_in_a_save(tmp_path: Path, state: Path) -> None:
    with FactorioServer(CONFIG) as server:
        set_up(server)
        assert server.folder is not None
        world = server.folder / "world.zip"
        server.command("/server-save")
        save = tmp_path / "kept.zip"
        save.write_bytes(world.read_bytes())
    with FactorioServer(CONFIG, save_file=save) as again:
        assert again.check().environments == (1,)
    assert left_over(state) == {}


def test_server_killed_in_mid_step_is_noticed_and_restarted(state: Path) -> None:
    with FactorioServer(CONFIG) as server:
        set_up(server)
        # Ten minutes of the game: it is not over when the signal comes.
        assert server.command("/gym step 2 36000 -").startswith("ok ")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(errors.ServerLostError, match="killed by SIGKILL"):
            look_for_ever(server)
        assert not server.is_alive()
        set_up(server.restart())
        assert server.check().environments == (1,)
    assert left_over(state) == {}


def test_stranger_on_every_leased_port_is_named_in_the_end(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        monkeypatch.setattr(PortLease, "of_tcp", lambda: PortLease(port))
        with pytest.raises(errors.ServerPortTakenError, match="already in use"):
            FactorioServer(CONFIG).start()
    assert left_over(state) == {}


def test_wrong_password_is_refused(state: Path) -> None:
    with FactorioServer(CONFIG) as server, pytest.raises(errors.ServerAuthenticationError):
        RconClient(*server.rcon_address, "wrong")
    assert left_over(state) == {}


def test_mod_that_does_not_load_is_named(tmp_path: Path, state: Path) -> None:
    mods = tmp_path / "mods"
    (mods / "broken").mkdir(parents=True)
    (mods / "broken" / "control.lua").write_text('error("on purpose")\n', "utf-8")
    info = {"name": "broken", "version": "1.0.0", "title": "Broken", "author": "a"}
    info |= {"factorio_version": "2.0"}
    (mods / "broken" / "info.json").write_text(json.dumps(info), "utf-8")
    with pytest.raises(errors.ServerModError, match="on purpose"):
        FactorioServer(CONFIG, mods_enabled=("broken",), mods_folder=mods).start()
    assert left_over(state) == {}


def test_disk_that_is_full_is_named(state: Path) -> None:
    with pytest.raises(errors.ServerDiskFullError):
        FactorioServer(CONFIG, executable=limited(0)).start()
    assert left_over(state) == {}


def test_server_that_freezes_is_replaced_by_the_pool(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factorio_fast.servers.pool.CHECK_SECONDS", 2.0)
    with FactorioServerPool(1, max_servers=1, config=CONFIG) as pool:
        pool.wait_ready()
        (server,) = pool.servers
        before = server.pid
        assert before is not None
        os.kill(before, signal.SIGSTOP)
        assert pool.get_server() is server
        assert server.pid != before
        assert pool.metrics["restarted"] == 1
    assert left_over(state) == {}


def test_server_that_crashes_at_a_tick_is_lost_with_its_last_lines(state: Path) -> None:
    with FactorioServer(CONFIG, extra_arguments=("--faults", "crash_at=50")) as server:
        set_up(server)
        assert server.command("/gym step 2 600 -").startswith("ok ")
        with pytest.raises(errors.ServerLostError) as caught:
            look_for_ever(server)
        assert caught.value.exit_status != 0
        assert caught.value.log_tail
    assert left_over(state) == {}


def test_pool_serves_many_threads(state: Path) -> None:
    failures: list[BaseException] = []
    with FactorioServerPool(2, max_servers=3, config=CONFIG) as pool:

        def work() -> None:
            try:
                for _ in range(3):
                    server = pool.get_server(timeout=WAIT_SECONDS)
                    try:
                        set_up(server)
                    finally:
                        pool.return_server(server)
            except BaseException as error:  # noqa: BLE001 - shown below
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_SECONDS)
        assert failures == []
        assert pool.metrics["lent"] == pool.metrics["returned"] == 18
        assert pool.metrics["failed"] == pool.metrics["restarted"] == 0
    assert left_over(state) == {}


def test_ctrl_c_during_the_start_of_eight_servers_leaves_nothing(state: Path) -> None:
    program = (
        "from factorio_fast.servers import FactorioServerPool\n"
        "with FactorioServerPool(8, n_starting=8, executable='sim-server') as pool:\n"
        "    while True:\n"
        "        pool.get_server()\n"
    )
    with python(program) as owner:
        wait_until(lambda: len(records()) >= 8)
        owner.send_signal(signal.SIGINT)
        _, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert owner.returncode == -signal.SIGINT
    assert shown.rstrip().endswith("KeyboardInterrupt")
    assert left_over(state) == {}


def test_four_servers_share_one_fresh_world(state: Path) -> None:
    with FactorioServerPool(4, config=CONFIG) as pool:
        pool.wait_ready()
        assert pool.metrics["idle"] == 4
        assert len(list((state / "worlds").iterdir())) == 1
    assert left_over(state) == {}
