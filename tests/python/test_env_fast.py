from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from env_tools import SCENARIOS, SHORT_WALK, assert_equal_obs, legal_action, random_actions
from factorio_fast import (
    CompactObservationExtractor,
    EmbeddedBackend,
    FastActionExecutor,
    FastFactorioEnv,
    contract,
    open_session,
)

INFO_KEYS = {
    "rejected",
    "reward_terms",
    "success",
    "objective_progress",
    "episode_steps",
    "tick",
}
STAY = np.zeros(4, np.int64)


@pytest.mark.parametrize("name", SCENARIOS)
def test_steps_give_the_five_of_gymnasium(name: str) -> None:
    env = FastFactorioEnv(name)
    rng = np.random.default_rng(0)
    obs, info = env.reset(seed=1)
    assert env.observation_space.contains(obs)
    assert set(info) == INFO_KEYS
    assert (info["episode_steps"], info["success"], info["rejected"]) == (0, False, {})
    for step in range(1, 51):
        obs, reward, terminated, truncated, info = env.step(legal_action(rng, env))
        assert env.observation_space.contains(obs)
        assert set(info) == INFO_KEYS
        assert info["episode_steps"] == step
        assert info["tick"] == step * env.scenario.ticks_per_step
        assert 0.0 <= info["objective_progress"] <= 1.0
        assert info["rejected"] == {}
        assert set(info["reward_terms"]) == set(env.scenario.reward)
        assert reward == pytest.approx(sum(info["reward_terms"].values()), abs=1e-12)
        if terminated or truncated:
            break


def test_every_observation_is_fresh() -> None:
    env = FastFactorioEnv(observation_type="full")
    kept = [env.reset(seed=1)[0]]
    copies = [{key: value.copy() for key, value in kept[0].items()}]
    rng = np.random.default_rng(0)
    for _ in range(30):
        obs, *_ = env.step(legal_action(rng, env))
        for earlier in kept:
            assert not any(np.shares_memory(obs[key], earlier[key]) for key in obs)
        kept.append(obs)
        copies.append({key: value.copy() for key, value in obs.items()})
    for obs, copy in zip(kept, copies, strict=True):
        assert_equal_obs(obs, copy)
    # The caller owns them: writing changes nothing in the environment.
    digest = env.digest()
    kept[-1]["local_map"][:] = 0
    kept[-1]["action_mask"][:] = False
    assert env.digest() == digest
    assert_equal_obs(env.obs_extractor.extract(), copies[-1])


def test_refusals_are_named_and_charged() -> None:
    env = FastFactorioEnv(SHORT_WALK)
    env.reset(seed=1)
    _, _, _, _, info = env.step(np.array([0, 3, 15, 31]))
    assert set(info["rejected"]) == {"interact"}
    assert info["rejected"]["interact"] in contract.REJECT_REASONS
    assert info["reward_terms"]["rejected"] == pytest.approx(-0.1)
    obs, _, _, _, info = env.step(STAY)
    assert info["rejected"] == {}
    assert info["reward_terms"]["rejected"] == 0.0
    assert obs["player_state"][contract.PLAYER_STATE_NAMES.index("rejected")] == 0.0


def test_sparse_rewards_are_success_alone() -> None:
    dense, sparse = (
        FastFactorioEnv(SHORT_WALK),
        FastFactorioEnv(SHORT_WALK, reward_shaping="sparse"),
    )
    rng = np.random.default_rng(0)
    n_successes = 0
    for seed in range(40):
        dense.reset(seed=seed)
        sparse.reset(seed=seed)
        direction = rng.integers(1, 9)
        while True:
            action = np.array([direction, 0, 0, 0])
            obs, paid, terminated, truncated, info = dense.step(action)
            same, reward, *ends, sparse_info = sparse.step(action)
            assert_equal_obs(same, obs)
            assert ends == [terminated, truncated]
            assert reward == float(info["success"])
            assert set(sparse_info["reward_terms"]) == set(info["reward_terms"])
            assert paid != reward
            if terminated or truncated:
                n_successes += terminated
                break
    assert 0 < n_successes < 40


def test_full_observations_add_inventory_and_goal() -> None:
    compact = FastFactorioEnv("construction_speed")
    full = FastFactorioEnv("construction_speed", observation_type="full")
    rng = np.random.default_rng(0)
    short, _ = compact.reset(seed=5)
    long, _ = full.reset(seed=5)
    counted = set()
    for _ in range(200):
        assert {"inventory", "goal"} < set(long)
        inventory, goal = long.pop("inventory"), long.pop("goal")
        assert inventory.shape == (32,)
        assert inventory.dtype == np.float32
        assert goal.shape == (16,)
        assert goal.dtype == np.float32
        counted.add(inventory.tobytes())
        assert_equal_obs(long, short)
        action = legal_action(rng, compact)
        short, _, terminated, truncated, _ = compact.step(action)
        long, *_ = full.step(action)
        if terminated or truncated:
            break
    assert len(counted) > 3


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({}, 30),
        ({"max_episode_steps": 7}, 7),
        ({"episode_length": 1.1}, 11),
        ({"episode_length": 0.1}, 1),
        ({"episode_length": 60, "max_episode_steps": 4}, 4),
        ({"max_episode_steps": np.int64(5)}, 5),
        ({"episode_length": 6}, 60),
    ],
)
def test_episodes_are_cut_off_when_time_is_up(settings: dict[str, Any], steps: int) -> None:
    env = FastFactorioEnv(SHORT_WALK, **settings)
    obs, _ = env.reset(seed=1)
    time_left = contract.PLAYER_STATE_NAMES.index("time_left")
    assert obs["player_state"][time_left] == 1.0
    ends = []
    for step in range(1, steps + 1):
        obs, _, terminated, truncated, info = env.step(STAY)
        assert not terminated
        assert not info["success"]
        assert obs["player_state"][time_left] == pytest.approx(1 - step / steps, abs=1e-6)
        ends.append(truncated)
    assert ends == [False] * (steps - 1) + [True]


def test_episodes_follow_one_another_by_the_seed() -> None:
    env, twin = FastFactorioEnv(), FastFactorioEnv()
    first, _ = env.reset(seed=3)
    second, _ = env.reset()
    third, _ = env.reset()
    assert len({obs["player_state"].tobytes() for obs in (first, second, third)}) == 3
    for wanted, seed in [(first, 3), (second, None), (third, None), (first, 3)]:
        assert_equal_obs(twin.reset(seed=seed)[0], wanted)
    assert_equal_obs(twin.reset(seed=np.int64(3))[0], first)  # type: ignore[arg-type]


def test_without_a_seed_episodes_differ() -> None:
    digests = set()
    for _ in range(5):
        env = FastFactorioEnv()
        env.reset()
        digests.add(env.digest())
    assert len(digests) == 5


@pytest.mark.parametrize("name", SCENARIOS)
def test_pictures_and_text_are_drawn(name: str) -> None:
    env = FastFactorioEnv(name, render_mode="rgb_array")
    env.reset(seed=1)
    digest = env.digest()
    frame = env.render()
    assert isinstance(frame, np.ndarray)
    assert frame.dtype == np.uint8
    assert (frame.ndim, frame.shape[2]) == (3, 3)
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 5
    again = env.render()
    assert isinstance(again, np.ndarray)
    assert np.array_equal(frame, again)
    env.step(np.array([3, 0, 0, 0]))
    moved = env.render()
    assert isinstance(moved, np.ndarray)
    assert moved.shape == frame.shape
    assert not np.array_equal(moved, frame)
    text_env = FastFactorioEnv(name, render_mode="ansi")
    text_env.reset(seed=1)
    text = text_env.render()
    assert isinstance(text, str)
    assert text.count("\n") >= contract.MAP_SIDE - 1
    assert text_env.digest() == digest


def test_the_pieces_work_alone() -> None:
    session = open_session("movement_basic", seed=1)
    extractor = CompactObservationExtractor(session, "full")
    executor = FastActionExecutor(session)
    env = FastFactorioEnv("movement_basic", observation_type="full")
    assert_equal_obs(extractor.extract(), env.reset(seed=1)[0])
    rng = np.random.default_rng(0)
    for action in random_actions(rng, 50):
        obs, reward, terminated, truncated, info = env.step(action)
        outcome = executor.execute(action.tolist())
        assert outcome.reward == reward
        assert (outcome.terminated, outcome.truncated) == (terminated, truncated)
        assert outcome.info == info
        assert_equal_obs(extractor.extract(), obs)


def test_a_backend_may_be_an_object() -> None:
    env, named = FastFactorioEnv(backend=EmbeddedBackend()), FastFactorioEnv()
    assert_equal_obs(env.reset(seed=1)[0], named.reset(seed=1)[0])
