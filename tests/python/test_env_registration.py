from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import factorio_fast
from env_tools import IDS, SHORT_WALK, assert_equal_obs
from factorio_fast import FactorioVectorEnv, FastFactorioEnv
from factorio_fast.envs import registration

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("observation_type", ["compact", "full"])
@pytest.mark.parametrize("env_id", IDS)
def test_gymnasiums_checker_finds_nothing(env_id: str, observation_type: str) -> None:
    env = gym.make(env_id, observation_type=observation_type, render_mode="rgb_array")
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("env_id", IDS)
def test_make_gives_the_scenario_of_the_id(env_id: str) -> None:
    env = gym.make(env_id)
    assert isinstance(env.unwrapped, FastFactorioEnv)
    assert env.unwrapped.scenario.name == IDS[env_id]
    obs, _ = env.reset(seed=1)
    assert env.observation_space.contains(obs)
    obs, reward, terminated, truncated, info = env.step(env.action_space.sample())
    assert env.observation_space.contains(obs)
    assert (type(reward), type(terminated), type(truncated), type(info)) == (
        float,
        bool,
        bool,
        dict,
    )
    env.close()


@pytest.mark.parametrize(("mode", "kind"), [("rgb_array", np.ndarray), ("ansi", str)])
def test_make_passes_the_render_mode_on(mode: str, kind: type) -> None:
    env = gym.make("FactorioFast/MovementBasic-v0", render_mode=mode)
    env.reset(seed=1)
    assert env.render_mode == mode
    assert isinstance(env.render(), kind)
    env.close()


def test_make_takes_scenarios_of_every_kind(tmp_path: Path) -> None:
    scenario = factorio_fast.ScenarioManager().register(SHORT_WALK)
    path = tmp_path / "short_walk.toml"
    path.write_text(scenario.source_text, encoding="utf-8")
    kinds: list[Any] = [scenario, SHORT_WALK, path, str(path)]
    for kind in kinds:
        env = gym.make("FactorioFast/MovementBasic-v0", scenario=kind)
        assert isinstance(env.unwrapped, FastFactorioEnv)
        assert env.unwrapped.scenario.name == "short_walk"
        assert env.unwrapped.scenario.max_steps == 30
        env.close()


def test_make_cuts_episodes_off_where_it_is_told() -> None:
    env = gym.make("FactorioFast/MovementBasic-v0", max_episode_steps=3)
    env.reset(seed=1)
    cuts = [env.step(np.zeros(4, np.int64))[3] for _ in range(3)]
    assert cuts == [False, False, True]
    env.close()


@pytest.mark.parametrize("env_id", IDS)
def test_make_vec_uses_the_worlds_in_rust(env_id: str) -> None:
    envs = gym.make_vec(env_id, num_envs=3, vectorization_mode="vector_entry_point")
    assert isinstance(envs, FactorioVectorEnv)
    assert (envs.num_envs, envs.scenario.name) == (3, IDS[env_id])
    obs, _ = envs.reset(seed=1)
    assert envs.observation_space.contains(obs)
    obs, *_ = envs.step(envs.action_space.sample())
    assert envs.observation_space.contains(obs)
    envs.close()


def test_make_vec_passes_settings_on() -> None:
    envs = gym.make_vec(
        "FactorioFast/MovementBasic-v0",
        num_envs=2,
        copy=False,
        autoreset_mode=AutoresetMode.DISABLED,
        render_mode="rgb_array",
        observation_type="full",
    )
    assert isinstance(envs, FactorioVectorEnv)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.DISABLED
    assert FactorioVectorEnv.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert envs.render_mode == "rgb_array"
    first, _ = envs.reset(seed=1)
    assert "goal" in first
    assert np.shares_memory(first["local_map"], envs.records)
    envs.close()


def test_make_vec_syncs_the_single_environment_too() -> None:
    sync = gym.make_vec("FactorioFast/MovementBasic-v0", num_envs=2, vectorization_mode="sync")
    own = gym.make_vec("FactorioFast/MovementBasic-v0", num_envs=2)
    assert not isinstance(sync, FactorioVectorEnv)
    assert isinstance(own, FactorioVectorEnv)
    assert_equal_obs(own.reset(seed=4)[0], sync.reset(seed=4)[0])
    sync.close()
    own.close()


def test_registering_twice_changes_nothing() -> None:
    before = {env_id: gym.registry[env_id] for env_id in IDS}
    registration.register_envs()
    assert {env_id: gym.registry[env_id] for env_id in IDS} == before
    assert IDS | {"FactorioFast/OpenPlay-v0": "open_play"} == registration.IDS


def test_importing_registers_in_a_fresh_process() -> None:
    program = (
        "import warnings; warnings.simplefilter('ignore'); import gymnasium, factorio_fast, sys; "
        "gymnasium.make('FactorioFast/MovementBasic-v0').reset(seed=1); "
        "print(sorted({'torch', 'matplotlib', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
