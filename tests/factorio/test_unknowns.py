"""What nobody has written down about the game: found out here, recorded, and held to bounds.

Each test puts what it finds into `facts`; where the mod or the client depends on the answer, it
asserts it too.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import errors
from server_rig import lua

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast.servers import FactorioServer

    Start = Callable[..., FactorioServer]

SAVE_SECONDS = 30.0


def test_first_console_command_of_a_save_is_answered_with_a_warning_or_nothing(
    start: Start, facts: dict[str, Any]
) -> None:
    server = start()
    first = server.command('/sc rcon.print("ran")')
    second = server.command('/sc rcon.print("ran")')
    facts["first_console_command"] = {"reply": first, "log": server.log_tail()[-3:]}
    assert first != "ran\n"
    assert second == "ran\n"


def test_error_in_a_commands_handler(start: Start, facts: dict[str, Any]) -> None:
    server = start()
    try:
        reply = server.command("/probe-fail", timeout=5)
    except errors.ServerLostError as error:
        reply = f"the server was lost: {error}"
    facts["error_in_handler"] = {"reply": reply, "server_lives": server.is_alive()}


@pytest.mark.parametrize("speed", [1, 10, 64, 1000])
@pytest.mark.parametrize("is_paused", [True, False])
def test_latency_of_a_command(
    start: Start,
    facts: dict[str, Any],
    speed: int,
    is_paused: bool,  # noqa: FBT001
) -> None:
    server = start()
    lua(server, f"game.speed = {speed} game.tick_paused = {str(is_paused).lower()}")
    seconds = []
    for _ in range(100):
        begun = time.perf_counter()
        server.command("/probe-echo a")
        seconds.append(time.perf_counter() - begun)
    facts.setdefault("latency_ms", {})[f"speed {speed}{' paused' if is_paused else ''}"] = {
        "p50": round(1000 * statistics.median(seconds), 3),
        "p99": round(1000 * sorted(seconds)[98], 3),
    }
    assert statistics.median(seconds) < 1.0


def test_commands_of_any_length_arrive_whole(start: Start, facts: dict[str, Any]) -> None:
    server = start(game_speed=64)
    found = {}
    for n_bytes in (100, 10_000, 100_000, 1_000_000):
        begun = time.perf_counter()
        length, tick = server.command(f"/probe-echo {'a' * n_bytes}", timeout=120).split()
        found[n_bytes] = {"seconds": round(time.perf_counter() - begun, 3), "tick": int(tick)}
        assert int(length) == n_bytes
    facts["long_commands"] = found


def test_several_commands_are_executed_in_one_tick(start: Start, facts: dict[str, Any]) -> None:
    server = start()
    lua(server, "game.tick_paused = false game.speed = 1")
    replies = server.pipeline([f"/probe-echo {'a' * n}" for n in range(1, 41)])
    ticks = [int(reply.split()[1]) for reply in replies]
    facts["commands_per_tick"] = {"commands": len(ticks), "ticks": max(ticks) - min(ticks) + 1}
    assert [int(reply.split()[0]) for reply in replies] == list(range(1, 41))


def test_largest_datagram(start: Start, facts: dict[str, Any]) -> None:
    server = start()
    lua(server, "game.tick_paused = true")
    arrived = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1.0)
        port = receiver.getsockname()[1]
        for n_bytes in (100, 3_900, 9_188, 9_189, 16_384, 32_768, 65_507, 65_508):
            reply = server.command(f"/probe-send {port} {n_bytes}")
            try:
                payload, sender = receiver.recvfrom(65_536)
            except TimeoutError:
                arrived[n_bytes] = f"{reply.strip()}, lost"
            else:
                arrived[n_bytes] = f"{reply.strip()}, arrived"
                assert len(payload) == n_bytes
                assert sender == ("127.0.0.1", server.udp_port)
    facts["datagrams_while_paused"] = arrived
    assert arrived[3_900] == "sent, arrived"


def test_sending_without_the_flag_raises(start: Start, facts: dict[str, Any]) -> None:
    server = start(has_udp=False)
    facts["send_without_flag"] = server.command("/probe-send 9 10").strip()
    assert not server.check().has_udp


def test_highest_speed_and_memory(start: Start, facts: dict[str, Any]) -> None:
    server = start()
    lua(server, "game.tick_paused = false game.speed = 100000")
    before, begun = server.check().tick, time.perf_counter()
    while time.perf_counter() - begun < 3.0:
        server.check()
    elapsed = time.perf_counter() - begun
    facts["speed"] = {
        "accepted": lua(server, "return game.speed"),
        "ticks_per_second": round((server.check().tick - before) / elapsed),
    }
    status = Path(f"/proc/{server.pid}/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        facts["memory"] = {"resident": lines["VmRSS"].strip(), "peak": lines["VmHWM"].strip()}


def test_what_an_orphan_character_does_after_a_save(
    start: Start, facts: dict[str, Any], tmp_path: Path
) -> None:
    server = start()
    lua(
        server,
        'local c = game.surfaces[1].create_entity{name="character", position={0, 0}, '
        'force="player"} c.walking_state = {walking=true, direction=defines.direction.east} '
        "pcall(function() c.picking_state = true end)",
    )
    assert server.folder is not None
    saved = server.folder / "write-data" / "saves" / "orphan.zip"
    lua(server, 'game.server_save("orphan")')
    wait_for_save(saved)
    save = shutil.copyfile(saved, tmp_path / "orphan.zip")
    server.kill()
    loaded = start(save_file=save)
    facts["orphan_after_load"] = lua(
        loaded,
        'local c = game.surfaces[1].find_entities_filtered{name="character"}[1] '
        'if not c then return "gone" end '
        "return serpent.line({c.walking_state, c.picking_state, c.mining_state, c.position})",
    )


def test_when_clearing_a_surface_takes_effect(start: Start, facts: dict[str, Any]) -> None:
    server = start()
    facts["surface_clear"] = {
        "at_once": lua(
            server,
            'local s = game.create_surface("probe", {width=32, height=32}) '
            "s.request_to_generate_chunks({0, 0}, 1) s.force_generate_chunk_requests() "
            's.create_entity{name="stone-furnace", position={0, 0}, force="player"} '
            's.clear() return s.count_entities_filtered{name="stone-furnace"}',
        ),
        "later": lua(
            server,
            'return game.surfaces["probe"].count_entities_filtered{name="stone-furnace"}',
        ),
    }


def test_auto_pause_and_a_paused_game_answer(start: Start, facts: dict[str, Any]) -> None:
    server = start(server_settings={"auto_pause": True})
    first = server.check().tick
    lua(server, "game.tick_paused = true game.ticks_to_run = 60")
    begun = time.perf_counter()
    while server.check().tick < first + 60 and time.perf_counter() - begun < 3.0:
        pass
    facts["auto_pause"] = {"ticks_run": server.check().tick - first}


def wait_for_save(path: Path) -> None:
    """Wait until a save is whole: Lua cannot tell, so the file is watched until it rests."""
    deadline = time.monotonic() + SAVE_SECONDS
    sizes = [-1]
    while len(sizes) < 5 or sizes[-1] != sizes[-5] or sizes[-1] <= 0:
        assert time.monotonic() < deadline, f"no save at {path}"
        time.sleep(0.1)
        sizes.append(path.stat().st_size if path.exists() else -1)
