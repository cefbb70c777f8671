"""The pool: lends clean servers, makes more, replaces lost ones, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import errors
from factorio_fast.servers import FactorioServer, FactorioServerPool, lease, records, release
from factorio_fast.servers.ports import PortLease
from server_rig import WAIT_SECONDS, fake_config, left_over, python, wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the servers, of this test alone."""
    monkeypatch.setenv("FACTORIO_FAST_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_servers_are_lent_cleaned_and_lent_again(tmp_path: Path, state: Path) -> None:
    with FactorioServerPool(2, config=fake_config(tmp_path)) as pool:
        pool.wait_ready()
        assert pool.metrics["idle"] == 2
        first = pool.get_server()
        second = pool.get_server()
        assert first is not second
        assert first.check().environments == (1, 2)
        pool.return_server(first)
        assert first.check().environments == ()
        assert pool.get_server() is first
        with pytest.raises(errors.InvalidValueError, match="has not lent"):
            pool.return_server(FactorioServer(fake_config(tmp_path)))
        assert pool.metrics == {
            "starting": 0,
            "idle": 0,
            "busy": 2,
            "cleaning": 0,
            "temporary": 0,
            "started": 2,
            "restarted": 0,
            "failed": 0,
            "lent": 3,
            "returned": 1,
        }
    with pytest.raises(errors.ClosedError):
        pool.get_server()
    pool.return_server(second)
    pool.close()
    assert left_over(state) == {}


def test_temporary_servers_are_made_when_all_are_busy_and_end_when_returned(
    tmp_path: Path, state: Path
) -> None:
    with FactorioServerPool(1, max_servers=2, config=fake_config(tmp_path)) as pool:
        kept, temporary = pool.get_server(), pool.get_server()
        assert pool.metrics["temporary"] == 1
        with pytest.raises(errors.ServerPoolExhaustedError, match="2 busy of at most 2"):
            pool.get_server(timeout=0.05)
        pool.return_server(temporary)
        assert not temporary.is_alive()
        assert pool.servers == (kept,)
    assert left_over(state) == {}


def test_server_that_comes_free_goes_to_who_waits(tmp_path: Path, state: Path) -> None:
    with FactorioServerPool(1, max_servers=1, config=fake_config(tmp_path)) as pool:
        server = pool.get_server()
        got = []
        waiter = threading.Thread(target=lambda: got.append(pool.get_server()))
        waiter.start()
        wait_until(lambda: pool._n_waiting == 1)
        pool.return_server(server)
        waiter.join(WAIT_SECONDS)
        assert got == [server]
    assert left_over(state) == {}


def test_servers_beyond_the_least_are_started_when_they_are_wanted(
    tmp_path: Path, state: Path
) -> None:
    with FactorioServerPool(3, min_servers=1, config=fake_config(tmp_path)) as pool:
        pool.wait_ready()
        assert len(pool.servers) == 1
        servers = [pool.get_server() for _ in range(3)]
        assert pool.metrics["temporary"] == 0
        for server in servers:
            pool.return_server(server)
        assert pool.metrics["idle"] == 3
    assert left_over(state) == {}


@pytest.mark.parametrize("is_lent", [True, False])
def test_killed_server_is_replaced(tmp_path: Path, state: Path, is_lent: bool) -> None:  # noqa: FBT001
    with FactorioServerPool(1, max_servers=1, config=fake_config(tmp_path)) as pool:
        pool.wait_ready()
        (server,) = pool.servers
        if is_lent:
            assert pool.get_server() is server
        before = server.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        if is_lent:
            pool.return_server(server)
        again = pool.get_server()
        assert again.check().environments == (1, 2)
        assert again.pid != before
        assert pool.metrics["restarted"] == 1
    assert left_over(state) == {}


def test_crash_is_tried_again_and_a_bad_mod_is_not(tmp_path: Path, state: Path) -> None:
    with FactorioServerPool(1, config=fake_config(tmp_path, "crash-once")) as pool:
        assert pool.get_server().is_alive()
    with FactorioServerPool(2, config=fake_config(tmp_path, "bad-mod")) as pool:
        with pytest.raises(errors.ServerModError):
            pool.wait_ready()
        with pytest.raises(errors.ServerModError):
            pool.get_server()
    with (
        FactorioServerPool(1, config=fake_config(tmp_path, "crash")) as pool,
        pytest.raises(errors.ServerCrashedError),
    ):
        pool.get_server()
    assert left_over(state) == {}


def test_closing_ends_servers_that_still_start(tmp_path: Path, state: Path) -> None:
    pool = FactorioServerPool(4, n_starting=4, config=fake_config(tmp_path, "silent")).start()
    wait_until(lambda: sum(record.rcon_port > 0 for record in records()) == 4)
    pool.close()
    assert left_over(state) == {}


def test_ctrl_c_during_the_start_of_eight_servers_leaves_nothing(
    tmp_path: Path, state: Path
) -> None:
    program = (
        "from pathlib import Path\n"
        "from server_rig import fake_config\n"
        "from factorio_fast.servers import FactorioServerPool\n"
        f"config = fake_config(Path({str(tmp_path)!r}), 'silent')\n"
        "with FactorioServerPool(8, n_starting=8, config=config) as pool:\n"
        "    pool.wait_ready()\n"
    )
    with python(program) as owner:
        wait_until(lambda: sum(record.rcon_port > 0 for record in records()) == 8)
        owner.send_signal(signal.SIGINT)
        _, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert owner.returncode == -signal.SIGINT
    assert shown.rstrip().endswith("KeyboardInterrupt")
    assert left_over(state) == {}


def test_exception_in_the_context_leaves_nothing(tmp_path: Path, state: Path) -> None:
    def train() -> None:
        with FactorioServerPool(2, config=fake_config(tmp_path, "stubborn")) as pool:
            pool.get_server()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train()
    assert left_over(state) == {}


def test_lease_is_of_a_pool_or_of_ones_own(tmp_path: Path, state: Path) -> None:
    own = lease(config=fake_config(tmp_path), game_speed=2)
    assert own.game_speed == 2
    release(own)
    assert not own.is_alive()
    with FactorioServerPool(1, config=fake_config(tmp_path)) as pool:
        lent = lease(pool=pool)
        release(lent, pool)
        assert lent.is_alive()
    assert left_over(state) == {}


def test_ports_are_never_leased_twice(tmp_path: Path, state: Path) -> None:
    leases = [PortLease.of_udp() for _ in range(50)]
    program = (
        "from factorio_fast.servers.ports import LOCKS\n"
        f"print([LOCKS.take(port) for port in {[lease.port for lease in leases]}])\n"
    )
    with python(program) as other:
        output, shown = other.communicate(timeout=WAIT_SECONDS)
    assert (output.strip(), shown) == (str([False] * 50), "")
    assert len({lease.port for lease in leases}) == 50
    for port_lease in leases:
        port_lease.give_back()
    with python(program) as other:
        output, _ = other.communicate(timeout=WAIT_SECONDS)
    assert output.strip() == str([True] * 50)
    assert tmp_path in state.parents


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_servers": 0}, "num_servers must be from 1 to 256, got 0"),
        ({"num_servers": 2, "min_servers": 3}, "min_servers must be from 0 to 2, got 3"),
        ({"num_servers": 2, "max_servers": 1}, "max_servers must be from 2 to 256, got 1"),
        ({"port": 27015}, "cannot share one port"),
        ({"speed": 3}, "a server has the settings executable, game_speed"),
        ({"game_speed": 0}, "game_speed must be from 0.01 to 1e+06, got 0"),
        ({"headless": False}, "headless must be True"),
    ],
)
def test_settings_outside_their_range_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InvalidValueError) as caught:
        FactorioServerPool(**settings)
    assert message in str(caught.value)
