"""Stable-Baselines3 and sb3-contrib take the environments as they are."""

from __future__ import annotations

import warnings

import gymnasium as gym
import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env

from env_tools import IDS
from factorio_fast import FastFactorioEnv
from factorio_fast.integrations.sb3 import FeaturesExtractor
from factorio_fast.integrations.sb3 import make_vec_env as make_fast_vec_env

N_STEPS = 50_000


@pytest.mark.parametrize("observation_type", ["compact", "full"])
@pytest.mark.parametrize("env_id", IDS)
def test_the_checker_of_sb3_advises_on_the_shape_of_entities_alone(
    env_id: str, observation_type: str
) -> None:
    env = FastFactorioEnv(IDS[env_id], observation_type=observation_type)  # type: ignore[arg-type]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env)
    # It advises flat vectors for SB3's own networks; `FeaturesExtractor` takes rows.
    assert [str(warning.message).split(" (")[0] for warning in caught] == [
        "Your observation entities has an unconventional shape"
    ]


@pytest.mark.parametrize("observation_type", ["compact", "full"])
@pytest.mark.parametrize("env_id", IDS)
def test_the_checker_of_sb3_finds_nothing_where_entities_are_flat(
    env_id: str, observation_type: str
) -> None:
    env = gym.make(env_id, observation_type=observation_type, disable_env_checker=True)
    space = env.observation_space
    assert isinstance(space, gym.spaces.Dict)
    flat = gym.spaces.Dict({**space, "entities": gym.spaces.flatten_space(space["entities"])})
    check_env(
        gym.wrappers.TransformObservation(
            env, lambda obs: {**obs, "entities": obs["entities"].reshape(-1)}, flat
        )
    )


def test_sb3_contrib_finds_the_65_booleans() -> None:
    vec = make_vec_env("FactorioFast/MovementBasic-v0", 3, seed=1)
    vec.reset()
    assert is_masking_supported(vec)
    masks = get_action_masks(vec)
    assert (masks.shape, masks.dtype) == ((3, 65), np.dtype(np.bool_))
    fast = make_fast_vec_env("movement_basic", 3)
    fast.seed(1)
    fast.reset()
    assert is_masking_supported(fast)
    assert np.array_equal(get_action_masks(fast), masks)
    vec.close()
    fast.close()


@pytest.mark.timeout(600)
def test_maskable_ppo_trains_on_the_registered_id() -> None:
    # One environment at a time: a second thread would only wait.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    env = gym.make("FactorioFast/MovementBasic-v0")
    model = MaskablePPO(
        "MultiInputPolicy",
        env,
        n_steps=2_000,
        batch_size=500,
        n_epochs=1,
        seed=0,
        device="cpu",
        policy_kwargs={"features_extractor_class": FeaturesExtractor},
    )
    before = [parameter.detach().clone() for parameter in model.policy.parameters()]
    model.learn(N_STEPS)
    assert model.num_timesteps == N_STEPS
    after = list(model.policy.parameters())
    assert all(torch.isfinite(parameter).all() for parameter in after)
    assert any(not torch.equal(a, b) for a, b in zip(after, before, strict=True))
    # What it chooses is legal.
    assert isinstance(env.unwrapped, FastFactorioEnv)
    obs, _ = env.reset(seed=1)
    for _ in range(50):
        action, _ = model.predict(obs, action_masks=env.unwrapped.action_masks())
        obs, _, terminated, truncated, info = env.step(action)
        assert info["rejected"].get("move") is None
        if terminated or truncated:
            break
    env.close()
