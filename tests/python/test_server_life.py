"""Servers that run: what they are asked, how they end, and what happens when someone dies."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from factorio_fast import errors
from factorio_fast.servers import FactorioServer, ServerState, end_orphans, records
from factorio_fast.servers import guard as guard_module
from factorio_fast.servers.process_table import start_token
from server_rig import (
    WAIT_SECONDS,
    fake_config,
    is_free,
    left_over,
    processes_of,
    python,
    wait_until,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the servers, of this test alone."""
    monkeypatch.setenv("FACTORIO_FAST_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_server_is_started_asked_cleaned_and_ended(tmp_path: Path, state: Path) -> None:
    server = FactorioServer(fake_config(tmp_path), game_speed=10)
    states = [server.state]
    with pytest.raises(errors.InvalidStateError, match="call start"):
        server.check()
    with server:
        states.append(server.state)
        assert server.start() is server
        hello = server.check()
        assert hello == server.hello
        assert hello.environments == (1, 2)
        server.reset_to_clean_state()
        assert server.check().environments == ()
        ports = [server.rcon_address[1], server.udp_port]
        assert [is_free(port) for port in ports[:1] if port] == [False]
    states.append(server.state)
    assert states == [ServerState.NEW, ServerState.READY, ServerState.CLOSED]
    lines = [line.split(maxsplit=1)[1] for line in server.log_tail()]
    assert lines[-3:] == [
        'configured {"udp_port":0,"speed":10,"fair_play":true}',
        "Quitting: remote-quit.",
        "Goodbye",
    ]
    assert is_free(ports[0] or 0)
    assert left_over(state) == {}
    server.close()


def test_environments_that_are_not_given_back_are_an_error(tmp_path: Path, state: Path) -> None:
    with (
        FactorioServer(fake_config(tmp_path, "keeps")) as server,
        pytest.raises(errors.ServerLostError, match=r"keeps environments .*\(1, 2\)"),
    ):
        server.reset_to_clean_state()
    assert left_over(state) == {}


def test_world_is_made_once_and_copied_after_that(tmp_path: Path, state: Path) -> None:
    for _ in range(3):
        with FactorioServer(fake_config(tmp_path)) as server:
            assert server.folder is not None
            assert (server.folder / "world.zip").read_bytes() == b"a world"
    assert (tmp_path / "created").read_text() == "1"
    save = tmp_path / "mine.zip"
    save.write_bytes(b"mine")
    with FactorioServer(fake_config(tmp_path, save_file=save)) as server:
        assert server.folder is not None
        assert (server.folder / "world.zip").read_bytes() == b"mine"
    assert (tmp_path / "created").read_text() == "1"
    assert left_over(state) == {}


def test_stop_goes_up_the_ladder_until_the_server_is_gone(
    tmp_path: Path, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "factorio_fast.servers"):
        server = FactorioServer(fake_config(tmp_path, "stubborn", stop_timeout=0.1)).start()
        server.stop()
    assert server.state is ServerState.STOPPED
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "does not end after /quit; SIGTERM follows",
        "does not end after SIGTERM; SIGKILL follows",
    ]
    assert left_over(state) == {}
    server.start()
    server.kill()
    assert left_over(state) == {}


def test_children_of_a_server_end_with_it(tmp_path: Path, state: Path) -> None:
    with FactorioServer(fake_config(tmp_path, "child")):
        wait_until((tmp_path / "child").exists)
        wait_until(lambda: (tmp_path / "child").read_text() != "")
        child = int((tmp_path / "child").read_text())
        assert start_token(child) is not None
    wait_until(lambda: start_token(child) is None)
    assert left_over(state) == {}


def test_killed_server_is_noticed_and_restarted_elsewhere(tmp_path: Path, state: Path) -> None:
    with FactorioServer(fake_config(tmp_path)) as server:
        before = server.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: not server.is_alive())
        assert server.state is ServerState.FAILED
        loss = server.loss()
        assert loss is not None
        assert loss.exit_status == -signal.SIGKILL
        assert str(loss).startswith("the server has ended (killed by SIGKILL); its last lines:")
        with pytest.raises(errors.ServerLostError, match="killed by SIGKILL"):
            server.check()
        server.restart()
        assert server.is_alive()
        assert server.n_starts == 2
        assert server.pid != before
        assert server.check().tick == 0
    assert left_over(state) == {}


def test_server_that_hangs_is_lost_though_it_runs(tmp_path: Path, state: Path) -> None:
    with FactorioServer(fake_config(tmp_path, "mute-later")) as server:
        with pytest.raises(errors.ServerLostError, match="runs but does not answer"):
            server.check(timeout=0.2)
        assert server.is_alive()
        assert server.loss() is None
    assert left_over(state) == {}


def test_log_holds_states_commands_and_lines_but_no_password(tmp_path: Path, state: Path) -> None:
    with FactorioServer(fake_config(tmp_path, log_folder=tmp_path / "logs"), name="a") as server:
        password = server.rcon_password
        path = server.log_path
    assert path == tmp_path / "logs" / "a.jsonl"
    assert password not in path.read_text("utf-8")
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {event["server"] for event in events} == {"a"}
    assert [event["now"] for event in events if event["kind"] == "state"] == [
        "creating",
        "starting",
        "ready",
        "stopping",
        "stopped",
        "closed",
    ]
    texts = [event["text"] for event in events if event["kind"] == "line"]
    assert texts[0] == "Factorio 2.0.77 (build 1, linux64, headless)"
    assert left_over(state) == {}


OWNER = """
import sys
from pathlib import Path
from server_rig import fake_config
from factorio_fast.servers import FactorioServer

server = FactorioServer(fake_config(Path(sys.argv[1] if len(sys.argv) > 1 else "{folder}"))).start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def test_servers_die_with_an_owner_that_is_killed(tmp_path: Path, state: Path) -> None:
    owner = python(f"import time\n{OWNER.format(folder=tmp_path)}time.sleep(600)")
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert processes_of(state) == [pid]
        owner.kill()
        owner.communicate()
    wait_until(lambda: processes_of(state) == [])
    # What it could not remove any more the next one removes.
    left = left_over(state)
    assert sorted(left) == ["folders", "records"]
    assert [record.pid for record in records()] == [pid]
    assert [record.pid for record in end_orphans()] == [pid]
    assert left_over(state) == {}


def test_orphans_are_killed_by_the_next_who_starts_a_server(tmp_path: Path, state: Path) -> None:
    program = OWNER.format(folder=tmp_path).replace(
        "server = ",
        "import factorio_fast.servers.process as process\n"
        "process.guard_command = lambda: []\n"  # As if the system could not tell the server.
        "server = ",
    )
    with python(f"{program}\nimport time; time.sleep(600)") as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
        owner.communicate()
    assert processes_of(state) == [pid]
    with FactorioServer(fake_config(tmp_path)) as server:
        assert processes_of(state) == [server.pid]
    assert left_over(state) == {}


def test_watching_guard_kills_the_server_when_its_owner_is_gone(tmp_path: Path) -> None:
    """The way of every Unix but Linux."""
    guard = Path(guard_module.__file__)
    marker = str(tmp_path / "marker")
    process = subprocess.Popen(  # noqa: S603 - ours
        [
            sys.executable,
            "-I",
            "-S",
            str(guard),
            "watch",
            "0",
            "/bin/sh",
            "-c",
            "exec sleep 600",
            marker,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(WAIT_SECONDS) == -signal.SIGKILL


def test_watching_guard_ends_with_its_server() -> None:
    guard = Path(guard_module.__file__)
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-I", "-S", str(guard), "watch", "0", "/bin/echo", "done"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"done\n"
        assert process.wait(WAIT_SECONDS) == 0


def test_ctrl_c_during_a_start_leaves_nothing(tmp_path: Path, state: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from server_rig import fake_config\n"
        "from factorio_fast.servers import FactorioServer\n"
        f"FactorioServer(fake_config(Path({str(tmp_path)!r}), 'silent')).start()\n"
    )
    with python(program) as owner:
        wait_until(lambda: any(record.pid and record.rcon_port for record in records()))
        owner.send_signal(signal.SIGINT)
        _, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert owner.returncode == -signal.SIGINT
    assert shown.rstrip().endswith("KeyboardInterrupt")
    assert left_over(state) == {}


def test_server_that_is_forgotten_ends_with_its_program(tmp_path: Path, state: Path) -> None:
    with python(OWNER.format(folder=tmp_path).replace("sys.stdin.read()", "")) as owner:
        output, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert (owner.returncode, shown) == (0, "")
    assert int(output) > 0
    assert left_over(state) == {}


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_forked_process_cannot_end_the_servers_of_its_parent(tmp_path: Path, state: Path) -> None:
    with FactorioServer(fake_config(tmp_path)) as server:
        child = os.fork()
        if child == 0:
            server.is_alive()
            server.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert server.check().environments == (1, 2)
    assert left_over(state) == {}


def test_detached_server_goes_on_and_can_be_attached(tmp_path: Path, state: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from server_rig import fake_config\n"
        "from factorio_fast.servers import FactorioServer\n"
        f"config = fake_config(Path({str(tmp_path)!r}))\n"
        "FactorioServer(config, name='mine', is_detached=True).start()\n"
    )
    with python(program) as owner:
        _, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert (owner.returncode, shown) == (0, "")
    assert end_orphans() == []
    with FactorioServer.attach("mine") as server:
        assert server.check().environments == (1, 2)
    again = FactorioServer.attach("mine")
    assert again.is_alive()
    again.stop()
    assert left_over(state) == {}
    with pytest.raises(errors.ServerLostError, match="no such server runs"):
        FactorioServer.attach("mine")
