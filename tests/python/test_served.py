"""Environments whose worlds live on simulated servers: the same as the embedded ones."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from factorio_fast import FactorioVectorEnv, FastFactorioEnv
from factorio_fast.cli import main
from factorio_fast.envs.parity import compare_episode, compare_many, draw_action
from factorio_fast.envs.served import FactorioBackend, LeasedFleet, SimServerBackend
from factorio_fast.envs.session import EmbeddedBackend
from factorio_fast.envs.steps import scenario_of
from factorio_fast.errors import InvalidStateError, ServerExecutableError
from factorio_fast.servers import ServerConfig
from factorio_fast.sim_server import command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from factorio_fast.envs.served import ServedSession

SCENARIOS = [
    "movement_basic",
    "mining_efficiency",
    "construction_speed",
    "base_optimization",
    "open_play",
]
FAULTS = "drop=0.05,duplicate=0.05,reorder=0.05,disconnect_every={every}"


@pytest.fixture(scope="module")
def fleet() -> Iterator[LeasedFleet]:
    """A server that the tests of this module share."""
    fleet = LeasedFleet(SimServerBackend(), 1)
    yield fleet
    fleet.close()


def served(fleet: LeasedFleet, scenario: str, **how: Any) -> ServedSession:
    """Open a session on the shared server."""
    backend = SimServerBackend(addresses=fleet.addresses())
    return backend.open(scenario_of(scenario), **how)


def assert_same(scenario: str, session: ServedSession, seeds: range, steps: int | None) -> None:
    embedded = EmbeddedBackend().open(scenario_of(scenario))
    for seed in seeds:
        _, difference = compare_episode(embedded, session, seed, steps)
        assert difference is None, f"{scenario}: {difference}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_episode_over_rcon_and_udp_is_the_embedded_one(fleet: LeasedFleet, scenario: str) -> None:
    with served(fleet, scenario) as session:
        assert_same(scenario, session, range(1), 60)
        metrics = session.transport_metrics
    assert metrics["frames"] > 60
    assert metrics["round_trip_p50_seconds"] > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_hundred_episodes_over_rcon_and_udp_are_the_embedded_ones(scenario: str) -> None:
    # Nothing ends an episode of open play but its time, which is ten hours.
    limit = 1_000 if scenario == "open_play" else None
    embedded = FactorioVectorEnv(scenario, num_envs=100, max_episode_steps=limit)
    on_servers = FactorioVectorEnv(
        scenario, num_envs=100, max_episode_steps=limit, backend="sim-server", servers=2
    )
    try:
        played, difference = compare_many(embedded, on_servers, 0)
    finally:
        on_servers.close()
    assert difference is None, f"{scenario}: {difference}"
    assert played > 0


def test_episodes_side_by_side_are_the_embedded_ones() -> None:
    embedded = FactorioVectorEnv("construction_speed", num_envs=6, max_episode_steps=25)
    on_server = FactorioVectorEnv(
        "construction_speed", num_envs=6, max_episode_steps=25, backend="sim-server", servers=1
    )
    other = FactorioVectorEnv("construction_speed", num_envs=6, max_episode_steps=24)
    try:
        assert compare_many(embedded, on_server, 3) == (25, None)
        _, difference = compare_many(embedded, other, 3)
        assert difference is not None
        assert any("player_state" in field for field in difference.fields)
    finally:
        on_server.close()


def test_session_of_a_server_does_what_an_embedded_one_does(fleet: LeasedFleet) -> None:
    embedded = EmbeddedBackend().open(scenario_of("open_play"))
    with served(fleet, "open_play") as session:
        for one in (embedded, session):
            one.reset(3)
        commands: list[tuple[Any, ...]] = [
            ("walk", "east"),
            ("craft", "iron-gear-wheel", 2),
            ("craft", "rocket-silo", 1),
            ("build", "stone-furnace", (3.0, 0.0), "north"),
        ]
        outcomes = [one.step_commands(commands) for one in (embedded, session)]
        assert outcomes[0] == outcomes[1]
        assert embedded.refusals() == session.refusals()
        assert session.refusals()[2] is not None
        for _ in range(5):
            assert embedded.step_commands([]) == session.step_commands([])
        assert embedded.character() == session.character()
        worlds = [one.look() for one in (embedded, session)]
        listed = [
            [(entity.unit_number, entity.name, entity.position) for entity in world.entities()]
            for world in worlds
        ]
        assert listed[0] == listed[1]
        assert embedded.find_path((6.0, 6.0)) == session.find_path((6.0, 6.0))
        for one in (embedded, session):
            one.set_goal({"waypoint": (9.0, 2.0), "radius": 1.0})
        records = [np.empty(8576, np.uint8) for _ in range(2)]
        embedded.observe(records[0])
        session.observe(records[1])
        assert np.array_equal(records[0], records[1])
        for refused in (session.snapshot, lambda: session.restore(b"")):
            with pytest.raises(InvalidStateError, match="embedded backend"):
                refused()


def test_environment_on_a_server_ends_the_server_that_it_started() -> None:
    env = FastFactorioEnv("movement_basic", backend="sim-server")
    obs, info = env.reset(seed=1)
    twin = FastFactorioEnv("movement_basic")
    expected, _ = twin.reset(seed=1)
    assert all(np.array_equal(obs[key], expected[key]) for key in expected)
    assert info["episode_steps"] == 0
    pid = env.session._fleet._servers[0].pid  # type: ignore[attr-defined]
    env.close()
    env.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_vector_environment_on_two_servers_has_the_embedded_arrays() -> None:
    settings: dict[str, Any] = {"num_envs": 5, "max_episode_steps": 6}
    embedded = FactorioVectorEnv("mining_efficiency", **settings)
    with_servers = FactorioVectorEnv(
        "mining_efficiency", backend="sim-server", servers=2, **settings
    )
    try:
        results: list[Any] = [env.reset(seed=11) for env in (embedded, with_servers)]
        embedded.action_space.seed(0)
        for _ in range(16):
            ours, theirs = results
            for key in ours[0]:
                assert np.array_equal(ours[0][key], theirs[0][key]), key
            for mine, other in zip(ours[1:-1], theirs[1:-1], strict=True):
                assert np.array_equal(mine, other)
            assert np.array_equal(embedded.action_masks(), with_servers.action_masks())
            actions = embedded.action_space.sample()
            results = [env.step(actions) for env in (embedded, with_servers)]
        assert "infrastructure" not in results[1][-1]
        assert len(with_servers.transport_metrics) == 2
        with pytest.raises(InvalidStateError, match="embedded"):
            with_servers.snapshot()
    finally:
        with_servers.close()


def trajectory(session: ServedSession, n_steps: int) -> list[tuple[bytes, float, bool]]:
    """Play episodes one after another; what each step shows and is worth."""
    rng = np.random.default_rng(5)
    seen = []
    seed = 0
    session.reset(seed)
    for _ in range(n_steps):
        if session.phase != "running":
            seed += 1
            session.reset(seed)
        reward, terminated, _ = session.step(draw_action(rng, session))
        record = np.empty(8576, np.uint8)
        session.observe(record)
        assert "infrastructure" not in session.info()
        seen.append((record.tobytes(), reward, terminated))
    return seen


def check_faults(n_steps: int, every: int) -> None:
    scenario = scenario_of("movement_basic")
    arguments = ("--faults", FAULTS.format(every=every))
    with SimServerBackend().open(scenario) as session:
        expected = trajectory(session, n_steps)
    with SimServerBackend(extra_arguments=arguments).open(scenario) as session:
        assert trajectory(session, n_steps) == expected
        metrics = session.transport_metrics
    assert metrics["lost"] > 0
    assert metrics["duplicated"] > 0
    assert metrics["reconnects"] > 0


def test_faults_of_the_wire_change_nothing() -> None:
    check_faults(400, 100)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_faults_of_the_wire_change_nothing_in_20_000_steps() -> None:
    check_faults(20_000, 1_000)


def test_killed_server_ends_the_episode_and_the_next_reset_goes_on() -> None:
    env = FastFactorioEnv("movement_basic", backend="sim-server")
    try:
        env.reset(seed=1)
        action = np.array([1, 0, 0, 0])
        env.step(action)
        fleet = env.session._fleet  # type: ignore[attr-defined]
        os.kill(fleet._servers[0].pid, signal.SIGKILL)
        _, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated) == (0.0, False, True)
        assert "connect" in info["infrastructure"]
        with pytest.raises(InvalidStateError):
            env.step(action)
        obs, info = env.reset(seed=2)
        assert "infrastructure" not in info
        expected, _ = FastFactorioEnv("movement_basic").reset(seed=2)
        assert all(np.array_equal(obs[key], expected[key]) for key in expected)
    finally:
        env.close()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_training_goes_on_when_one_of_two_servers_is_killed(mode: str) -> None:
    envs = FactorioVectorEnv(
        "movement_basic", num_envs=4, backend="sim-server", servers=2, autoreset_mode=mode
    )
    try:
        envs.reset(seed=1)
        actions = np.tile(np.array([1, 0, 0, 0]), (4, 1))
        envs.step(actions)
        fleet = envs._fleet
        assert isinstance(fleet, LeasedFleet)
        os.kill(fleet._servers[1].pid or 0, signal.SIGKILL)
        _, rewards, _, truncations, infos = envs.step(actions)
        assert truncations.tolist() == [False, False, True, True]
        assert rewards[2:].tolist() == [0.0, 0.0]
        assert infos["_infrastructure"].tolist() == [False, False, True, True]
        assert "connect" in infos["infrastructure"][2]
        _, _, _, truncations, infos = envs.step(actions)
        assert not truncations.any()
        n_begun = int(mode == "SameStep")
        assert infos["episode_steps"].tolist() == [3, 3, n_begun, n_begun]
        assert "infrastructure" not in infos
    finally:
        envs.close()


def test_game_that_is_not_installed_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FACTORIO_BIN", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerExecutableError, match="FACTORIO_BIN"):
        FastFactorioEnv("movement_basic", backend="factorio")


def test_recorded_session_is_played_again_without_a_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "session.jsonl"
    arguments = ["construction_speed", str(file), "--steps", "20", "--seed", "4"]
    assert main(["record", *arguments]) == 0
    assert main(["replay", str(file)]) == 0
    assert "21 observations are as recorded" in capsys.readouterr().out
    lines = file.read_text(encoding="utf-8").splitlines()
    summary = json.loads(lines[-1])
    summary["summary"]["digests"][7] = "0" * 16
    file.write_text("\n".join([*lines[:-1], json.dumps(summary)]) + "\n", encoding="utf-8")
    assert main(["replay", str(file)]) == 1
    assert main(["record", *arguments]) == 2


def test_parity_says_that_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parity", "movement_basic", "--seeds", "2", "--steps", "15", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert out == "embedded and sim-server: 2 episodes, 30 steps, no difference\n"


@pytest.mark.parametrize(
    "arguments", [("--sim-game-version", "2.1.14"), ("--sim-pairs-order", "shuffled:7")]
)
def test_line_of_the_game_and_order_of_pairs_make_no_difference(arguments: tuple[str, str]) -> None:
    backend = SimServerBackend(executable=(*command(), *arguments))
    with backend.open(scenario_of("mining_efficiency")) as session:
        assert_same("mining_efficiency", session, range(2), 100)


def test_executable_of_a_configuration_is_taken() -> None:
    config = ServerConfig(executable=(*command(), "--sim-game-version", "2.1.14"))
    with FactorioBackend(config=config).lease() as server:
        assert server.check().game_version == "2.1.14"


def test_simulated_server_with_arguments_is_known_as_one() -> None:
    assert ServerConfig(executable=(*command(), "--sim-game-version", "2.1.14")).is_simulated
    assert not ServerConfig(executable=("/bin/sh", "-c")).is_simulated
