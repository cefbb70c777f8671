"""The adapters to Stable-Baselines3, on the toy environment."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from sb3_contrib import MaskablePPO
from stable_baselines3.common.vec_env import VecMonitor, VecTransposeImage

from factorio_fast.integrations.sb3 import FeaturesExtractor, Sb3VecEnv
from toy_envs import ToyEnvs


class SameStepEnvs(ToyEnvs):
    metadata: ClassVar[dict[str, Any]] = {"autoreset_mode": AutoresetMode.SAME_STEP}
    render_mode = None

    def action_masks(self) -> np.ndarray:
        return self.masks()


def make_vec_env(num_envs: int, **kwargs: Any) -> Sb3VecEnv:
    return Sb3VecEnv(SameStepEnvs(num_envs, **kwargs))


@pytest.mark.parametrize("normalize_images", [True, False])
def test_extractor_sees_the_same_map_with_channels_first_or_last(*, normalize_images: bool) -> None:
    envs = make_vec_env(4)
    transposed = VecTransposeImage(envs)
    torch.manual_seed(0)
    last = FeaturesExtractor(envs.observation_space, normalized_image=normalize_images)
    first = FeaturesExtractor(transposed.observation_space, normalized_image=normalize_images)
    first.load_state_dict(last.state_dict())
    obs = {key: np.array(value) for key, value in envs.reset().items()}
    obs["local_map"][:] = np.random.default_rng(0).integers(0, 256, obs["local_map"].shape)
    tensors = {key: torch.from_numpy(value).float() for key, value in obs.items()}
    if normalize_images:
        tensors["local_map"] /= 255.0
    moved = tensors | {"local_map": tensors["local_map"].permute(0, 3, 1, 2)}
    features = last(tensors)
    assert features.shape == (4, 128)
    torch.testing.assert_close(first(moved), features)
    records = np.array(envs.envs.records)
    records[:, 320:8512] = obs["local_map"].reshape(4, -1)
    torch.testing.assert_close(last.encoder(torch.from_numpy(records)).trunk, features)


def test_terminal_observation_and_time_limit_are_where_sb3_looks() -> None:
    envs = make_vec_env(8, max_steps=5)
    envs.seed(0)
    envs.reset()
    n_cut = 0
    for _ in range(12):
        obs, rewards, dones, infos = envs.step(np.zeros((8, 4), dtype=np.int64))
        assert rewards.dtype == np.float32
        assert set(obs) == {"action_mask", "entities", "local_map", "player_state"}
        for done, info in zip(dones, infos, strict=True):
            assert ("terminal_observation" in info) == done
            if done:
                n_cut += info["TimeLimit.truncated"]
                assert info["terminal_observation"]["player_state"].shape == (16,)
    assert n_cut == 16


def test_action_masks_are_rows_of_65() -> None:
    envs = make_vec_env(3)
    envs.reset()
    assert envs.has_attr("action_masks")
    masks = np.stack(envs.env_method("action_masks"))
    assert masks.shape == (3, 65)
    assert masks[:, 0].all()


def test_other_autoreset_modes_are_refused() -> None:
    class NextStepEnvs(SameStepEnvs):
        metadata: ClassVar[dict[str, Any]] = {"autoreset_mode": AutoresetMode.NEXT_STEP}

    with pytest.raises(ValueError, match="needs autoreset_mode SAME_STEP"):
        Sb3VecEnv(NextStepEnvs(1))


def test_maskable_ppo_learns_to_walk() -> None:
    envs = VecMonitor(make_vec_env(32, max_steps=24))
    model = MaskablePPO(
        "MultiInputPolicy",
        envs,
        n_steps=32,
        batch_size=512,
        n_epochs=2,
        learning_rate=1e-3,
        seed=0,
        device="cpu",
        policy_kwargs={"features_extractor_class": FeaturesExtractor},
    )
    model.learn(30_000)
    returns = [episode["r"] for episode in model.ep_info_buffer or []]
    assert float(np.mean(returns)) > 1.3
