from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from factorio_fast import FastFactorioEnv, ScenarioManager, contract
from factorio_fast.errors import UnknownNameError
from factorio_fast.scenarios import solver_for
from factorio_fast.scenarios.solvers.navigation import move_toward

if TYPE_CHECKING:
    from factorio_fast import Scenario
    from factorio_fast.scenarios import Solver

LAKES: dict[str, Any] = {
    "name": "lakes",
    "type": "movement_training",
    "map_generation": {"size": "small", "terrain": "lakes", "trees": "many", "rocks": "many"},
    "objectives": ["reach_waypoint"],
    "objective": {"reach_waypoint": {"min_distance": 40}},
    "episode_length": 120,
    "observation_frequency": 10,
}


def play(env: FastFactorioEnv, solver: Solver, seed: int) -> tuple[bool, int, list[list[int]]]:
    """Play an episode; returns whether it was solved, its steps and its actions."""
    obs, _ = env.reset(seed=seed)
    solver.reset()
    actions: list[list[int]] = []
    while True:
        # The solvers promise to read nothing but the observation.
        action = solver.act(obs, {})
        actions.append(action.tolist())
        obs, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            return bool(info["success"]), len(actions), actions


@pytest.mark.parametrize(
    ("name", "n_seeds", "max_steps"),
    [
        # Far less than the episodes' 3,000, 3,000, 4,500 and 1,800 steps: there is room to learn.
        ("movement_basic", 100, 150),
        ("mining_efficiency", 5, 1_500),
        ("construction_speed", 50, 100),
        ("base_optimization", 10, 120),
    ],
)
def test_scenarios_can_be_solved(name: str, n_seeds: int, max_steps: int) -> None:
    env, solver = FastFactorioEnv(name), solver_for(name)
    for seed in range(10_000, 10_000 + n_seeds):
        solved, steps, _ = play(env, solver, seed)
        assert solved, f"seed {seed}"
        assert steps <= max_steps, f"seed {seed}"


def test_lakes_and_woods_are_walked_round() -> None:
    scenario = ScenarioManager().register(LAKES)
    env, solver = FastFactorioEnv(scenario), solver_for(scenario)
    solved = [play(env, solver, seed)[0] for seed in range(30)]
    assert all(solved)


def test_solvers_forget_the_episode_before() -> None:
    for name in ("movement_basic", "construction_speed", "base_optimization"):
        env, solver = FastFactorioEnv(name), solver_for(name)
        first = play(env, solver, 5)
        play(env, solver, 6)
        assert play(env, solver, 5) == first


def test_other_settings_are_solved_too() -> None:
    settings = ScenarioManager().scenarios["mining_efficiency"]
    settings |= {
        "name": "coal",
        "objectives": ["mine_300_coal"],
        "objective": {},
        "map_generation": settings["map_generation"] | {"resources": {"coal": "normal"}},
    }
    scenario = ScenarioManager().register(settings)
    env, solver = FastFactorioEnv(scenario), solver_for(scenario)
    assert [play(env, solver, seed)[0] for seed in range(3)] == [True] * 3


def test_actions_have_the_shape_of_the_space() -> None:
    env, solver = FastFactorioEnv("movement_basic"), solver_for("movement_basic")
    obs, info = env.reset(seed=1)
    solver.reset()
    action = solver.act(obs, info)
    assert action.dtype == np.int64
    assert env.action_space.contains(action)


def test_a_base_left_alone_misses_its_target() -> None:
    env = FastFactorioEnv("base_optimization", max_episode_steps=60)
    progress = contract.PLAYER_STATE_NAMES.index("objective_progress")
    for seed in range(4):
        env.reset(seed=seed)
        truncated = False
        while not truncated:
            obs, _, terminated, truncated, _ = env.step(np.zeros(4, np.int64))
            assert not terminated
        # Three drills with furnaces make 45 a minute of the 120.
        assert obs["player_state"][progress] == pytest.approx(45 / 120, abs=0.02)


def test_without_a_script_there_is_no_solver() -> None:
    unsolved = cast("Scenario", SimpleNamespace(name="tea", objective="drink_tea", palette=[]))
    with pytest.raises(UnknownNameError, match="no script solves"):
        solver_for(unsolved)
    with pytest.raises(UnknownNameError, match="did you mean"):
        solver_for("movement_basics")


def test_moves_point_where_they_should() -> None:
    # North, east, south, west; then the diagonals; a slight slant is walked straight.
    assert [move_toward(*way) for way in [(0, -1), (1, 0), (0, 1), (-1, 0)]] == [1, 3, 5, 7]
    assert [move_toward(*way) for way in [(1, -1), (1, 1), (-1, 1), (-1, -1)]] == [2, 4, 6, 8]
    assert [move_toward(5, 1), move_toward(5, 3), move_toward(0, 0)] == [3, 4, 0]
