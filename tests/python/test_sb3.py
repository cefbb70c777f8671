"""Stable-Baselines3 and sb3-contrib take the environments as they are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Iterator

N_STEPS = 50_000


@pytest.mark.parametrize("observation_type", ["compact", "full"])
@pytest.mark.parametrize("env_id", IDS)
def test_the_checker_of_sb3_only_advises_an_extractor(env_id: str, observation_type: str) -> None:
    env = FastFactorioEnv(IDS[env_id], observation_type=observation_type)  # type: ignore[arg-type]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env)
    # Maps smaller than its own network takes, and rows of numbers: what `FeaturesExtractor` is for.
    assert sorted(str(warning.message).split(". ")[0] for warning in caught) == [
        "The minimal resolution for an image is 36x36 for the default `CnnPolicy`",
        "Your observation entities has an unconventional shape (neither an image, nor a 1D vector)",
    ]


def test_sb3_contrib_finds_the_65_booleans() -> None:
    vec = make_vec_env("FactorioFast/MovementBasic-v0", 3, seed=1)
    vec.reset()
    assert is_masking_supported(vec)
    masks = get_action_masks(vec)
    assert masks.shape == (3, 65)
    assert masks.dtype == np.bool_
    fast = make_fast_vec_env("movement_basic", 3)
    fast.seed(1)
    fast.reset()
    assert is_masking_supported(fast)
    assert np.array_equal(get_action_masks(fast), masks)
    vec.close()
    fast.close()


@pytest.fixture
def _one_torch_thread() -> Iterator[None]:
    """Keep torch from waiting for its own threads on small batches."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_one_torch_thread")
def test_maskable_ppo_trains_on_the_registered_id() -> None:
    vec = make_vec_env("FactorioFast/MovementBasic-v0", 16, seed=0)
    model = MaskablePPO(
        "MultiInputPolicy",
        vec,
        n_steps=125,
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
    vec.close()
    # What it chooses is legal.
    env = FastFactorioEnv("movement_basic")
    obs, _ = env.reset(seed=1)
    for _ in range(50):
        action, _ = model.predict(obs, action_masks=env.action_masks())
        obs, _, terminated, truncated, info = env.step(action)
        assert "move" not in info["rejected"]
        if terminated or truncated:
            break
